//! Writes crates of REST APIs, in the shape of those of SOAP services.

mod checks;
mod codec;
mod crate_files;
mod operations;
pub(crate) mod pattern;
mod plan;
mod samples;
mod types;

use super::{Dependencies, Files};
use crate::config::Api;
use crate::diag::Problems;
use crate::openapi::model::RestContract;
use crate::openapi::shapes;
use plan::RestPlan;

/// Writes the crate of one contract.
///
/// # Errors
/// Everything that the generator cannot do with this contract.
pub(super) fn write(
    contract: &RestContract,
    api: &Api,
    dependencies: &Dependencies,
) -> Result<Files, Problems> {
    let shapes = shapes(contract)?;
    let plan = RestPlan::new(contract, api, &shapes)?;
    Ok(crate_files::write(&plan, dependencies))
}
