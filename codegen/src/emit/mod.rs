//! Writes crates: files by path, the same for the same input.

mod checks;
mod codec;
mod crate_files;
mod docs;
mod facts;
mod family;
pub(crate) mod names;
mod operations;
mod ordered;
pub(crate) mod pattern;
mod plan;
mod record;
pub(crate) mod rest;
mod sheets;
mod shorten;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Api, Shared};
use crate::diag::Problems;
use crate::inspect::Inspection;
use crate::merge::merge;
use crate::model::{Contract, QName, TypeName};
use crate::openapi::model::RestContract;
use crate::reach::{Reach, Usage, reach};
use plan::{Input, Plan, SharedNames};

/// Files of a crate by path from its root.
pub type Files = BTreeMap<String, String>;

/// The file of a crate that holds what its contract says: [`Inspection::to_json`]. The next
/// regeneration is compared with it.
pub const API: &str = "api.json";

/// How a crate names the ones it depends on.
#[derive(Debug, Clone)]
pub enum Dependencies {
    /// `mno-runtime.workspace = true`.
    Workspace,
    /// A crate that stands alone.
    Alone {
        /// Path of the runtime.
        runtime: String,
    },
}

/// A contract with what is known beyond it.
#[derive(Debug)]
pub struct ApiInput<'a> {
    /// What is known beyond the contract.
    pub api: &'a Api,
    /// The contract.
    pub contract: &'a Contract,
}

/// Writes all crates of a workspace: the shared ones, then one per API.
///
/// # Errors
/// Everything that the generator cannot do with these contracts.
pub fn workspace(
    shared: &[Shared],
    apis: &[ApiInput<'_>],
) -> Result<BTreeMap<String, Files>, Problems> {
    let mut out = BTreeMap::new();
    let mut problems = Vec::new();
    let reaches: Vec<Reach> = apis.iter().map(|a| reach(a.contract)).collect();
    let mut names: BTreeMap<&str, SharedNames> = BTreeMap::new();
    // Namespaces are numbered over all shared crates, then over each API's own.
    let mut numbered = 0;
    for shared in shared {
        let users: Vec<usize> = (0..apis.len())
            .filter(|i| apis[*i].api.shared.contains(&shared.name))
            .collect();
        let contracts: Vec<&Contract> = users.iter().map(|i| apis[*i].contract).collect();
        let merged = merge(&contracts);
        let mut usage: BTreeMap<TypeName, Usage> = BTreeMap::new();
        let mut roots: BTreeSet<QName> = BTreeSet::new();
        for i in &users {
            for (name, used) in &reaches[*i].types {
                let entry = usage.entry(name.clone()).or_default();
                entry.request |= used.request;
                entry.response |= used.response;
            }
            roots.extend(
                reaches[*i]
                    .roots
                    .iter()
                    .filter(|q| shared.namespaces.contains_key(&q.ns))
                    .cloned(),
            );
        }
        // Shared types carry no facts of one API but blanks, which all users must agree on.
        let mut api = Api::unknown(&shared.name);
        api.title.clone_from(&shared.title);
        api.blank_is_absent =
            !users.is_empty() && users.iter().all(|i| apis[*i].api.blank_is_absent);
        for i in &users {
            api.identifiers.extend(apis[*i].api.identifiers.clone());
            api.personal.extend(apis[*i].api.personal.clone());
            api.not_personal.extend(apis[*i].api.not_personal.clone());
        }
        let input = Input {
            contract: &merged,
            api: &api,
            shared: Vec::new(),
            only: Some(&shared.namespaces),
            enums: &shared.enums,
            usage: &usage,
            roots: &roots,
        };
        match Plan::new(input) {
            Ok(plan) => {
                let krate = crate_ident(&shared.name);
                let table = crate_files::Namespaces::shared(shared, numbered);
                numbered += table.len();
                names.insert(&shared.name, plan.exports(&krate, &shared.enums));
                let files = crate_files::write(&plan, &table, &Dependencies::Workspace, &[]);
                out.insert(shared.name.clone(), files);
            }
            Err(p) => problems.extend(p.list),
        }
    }
    for (input, reach) in apis.iter().zip(&reaches) {
        let uses: Vec<&Shared> = shared
            .iter()
            .filter(|s| input.api.shared.contains(&s.name))
            .collect();
        let exports: Vec<SharedNames> = uses
            .iter()
            .filter_map(|s| names.get(s.name.as_str()))
            .cloned()
            .collect();
        let plan = Plan::new(Input {
            contract: input.contract,
            api: input.api,
            shared: exports,
            only: None,
            enums: &[],
            usage: &reach.types,
            roots: &reach.roots,
        });
        match plan {
            Ok(plan) => {
                let table =
                    crate_files::Namespaces::api(input.contract, input.api, &uses, numbered);
                let mut files = crate_files::write(&plan, &table, &Dependencies::Workspace, &uses);
                let inspection = Inspection::of_soap(input.contract);
                files.insert(API.to_owned(), inspection.to_json());
                out.insert(input.api.name.clone(), files);
            }
            Err(p) => problems.extend(p.list),
        }
    }
    if problems.is_empty() {
        Ok(out)
    } else {
        Err(Problems { list: problems })
    }
}

/// Writes a crate of this name for one contract, which stands alone, everything inlined.
///
/// # Errors
/// Everything that the generator cannot do with this contract.
pub fn alone(
    contract: &Contract,
    name: &str,
    dependencies: &Dependencies,
) -> Result<Files, Problems> {
    let mut api = Api::unknown(name);
    api.package = Some(name.to_owned());
    let reach = reach(contract);
    let plan = Plan::new(Input {
        contract,
        api: &api,
        shared: Vec::new(),
        only: None,
        enums: &[],
        usage: &reach.types,
        roots: &reach.roots,
    })?;
    let table = crate_files::Namespaces::api(contract, &api, &[], 0);
    let mut files = crate_files::write(&plan, &table, dependencies, &[]);
    let inspection = Inspection::of_soap(contract);
    files.insert(API.to_owned(), inspection.to_json());
    Ok(files)
}

/// Writes the crate of a REST API.
///
/// # Errors
/// Everything that the generator cannot do with this contract.
pub fn rest_crate(
    contract: &RestContract,
    api: &Api,
    dependencies: &Dependencies,
) -> Result<Files, Problems> {
    let mut files = rest::write(contract, api, dependencies)?;
    let inspection = Inspection::of_rest(contract);
    files.insert(API.to_owned(), inspection.to_json());
    Ok(files)
}

/// Writes a crate of this name for one contract of a REST API, which stands alone.
///
/// # Errors
/// Everything that the generator cannot do with this contract.
pub fn rest_alone(
    contract: &RestContract,
    name: &str,
    dependencies: &Dependencies,
) -> Result<Files, Problems> {
    let mut api = Api::unknown(name);
    api.package = Some(name.to_owned());
    rest_crate(contract, &api, dependencies)
}

pub(crate) fn crate_ident(name: &str) -> String {
    format!("mno_{}", name.replace('-', "_"))
}

pub(crate) fn evidence_name(evidence: crate::model::Evidence) -> &'static str {
    match evidence {
        crate::model::Evidence::Contract => "contract",
        crate::model::Evidence::Documented => "documented",
        crate::model::Evidence::Inferred => "inferred",
    }
}
