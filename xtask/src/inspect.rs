//! `cargo xtask inspect`: what a contract says.

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;

use crate::contract::{self, Contract};
use crate::report::{Report, Usage, print};

pub(crate) fn run(args: &[String], report: Report) -> anyhow::Result<ExitCode> {
    let mut spec: Option<PathBuf> = None;
    let mut catalog: Option<PathBuf> = None;
    let mut args = lexopt::Parser::from_args(args);
    while let Some(arg) = args.next()? {
        match arg {
            Long("json") => {}
            Long("catalog") => catalog = Some(args.value()?.into()),
            Value(path) if spec.is_none() => spec = Some(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let spec = spec.ok_or_else(|| {
        Usage("usage: cargo xtask inspect <SPEC> [--json] [--catalog <JSON>]".to_owned())
    })?;
    let contract = match Contract::read(&spec, &contract::options(catalog.as_deref())?) {
        Ok(contract) => contract,
        Err(problems) => return Ok(report.problems(&problems)),
    };
    // The document is one; what there is to note does not belong into it.
    for note in contract.notes() {
        Report { json: false }.note(note);
    }
    let inspection = contract.inspect();
    let text = if report.json {
        inspection.to_json()
    } else {
        inspection.to_text()
    };
    print(&text.trim_end());
    Ok(ExitCode::SUCCESS)
}
