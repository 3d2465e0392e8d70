//! `cargo xtask diff`: what differs between two contracts, or two folders of contracts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use codegen::diag::Problems;
use codegen::diff::{Diff, Level};
use codegen::import::Package;
use codegen::inspect::Inspection;
use codegen::wsdl::Options;
use lexopt::prelude::*;
use serde_json::json;

use crate::contract::{self, Contract};
use crate::report::{Report, Usage};

const USAGE: &str = "usage: cargo xtask diff <OLD> <NEW> [--catalog <JSON>] [--json]";

pub(crate) fn run(args: &[String], report: Report) -> anyhow::Result<ExitCode> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut catalog: Option<PathBuf> = None;
    let mut args = lexopt::Parser::from_args(args);
    while let Some(arg) = args.next()? {
        match arg {
            Long("json") => {}
            Long("catalog") => catalog = Some(args.value()?.into()),
            Value(path) if paths.len() < 2 => paths.push(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let [old, new] = paths.as_slice() else {
        return Err(Usage(USAGE.to_owned()).into());
    };
    let options = contract::options(catalog.as_deref())?;
    match (old.is_dir(), new.is_dir()) {
        (false, false) => {
            let both = inspect(old, &options).and_then(|a| Ok((a, inspect(new, &options)?)));
            match both {
                Ok((old, new)) => print(&new.name, &Diff::between(&old, &new), report),
                Err(problems) => return Ok(report.problems(&problems)),
            }
            Ok(ExitCode::SUCCESS)
        }
        (true, true) => folders(old, new, &options, report),
        _ => Err(Usage("compare two files or two folders".to_owned()).into()),
    }
}

fn inspect(path: &Path, options: &Options) -> Result<Inspection, Problems> {
    Ok(Contract::read(path, options)?.inspect())
}

/// Contracts of one name are compared; in folders of different versions the names differ by these.
fn folders(old: &Path, new: &Path, options: &Options, report: Report) -> anyhow::Result<ExitCode> {
    let contracts = |folder: &Path| -> anyhow::Result<BTreeSet<PathBuf>> {
        let package = Package::scan(folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        Ok(package.contracts.into_iter().collect())
    };
    let (before, after) = (contracts(old)?, contracts(new)?);
    if before.is_empty() && after.is_empty() {
        anyhow::bail!("neither folder has a WSDL with a service or an OpenAPI document");
    }
    let mut code = ExitCode::SUCCESS;
    let mut read = |path: &Path| match inspect(path, options) {
        Ok(inspection) => Some(inspection),
        Err(problems) => {
            code = report.problems(&problems);
            None
        }
    };
    let mut verdict: Option<Level> = None;
    let same: Vec<&PathBuf> = before.intersection(&after).collect();
    let mut gone: BTreeMap<PathBuf, Inspection> = BTreeMap::new();
    for path in before.difference(&after) {
        if let Some(inspection) = read(&old.join(path)) {
            gone.insert(path.clone(), inspection);
        }
    }
    for path in same {
        if let (Some(a), Some(b)) = (read(&old.join(path)), read(&new.join(path))) {
            let diff = Diff::between(&a, &b);
            verdict = verdict.max(diff.level());
            print(&path.display().to_string(), &diff, report);
        }
    }
    for path in after.difference(&before) {
        let Some(inspection) = read(&new.join(path)) else {
            continue;
        };
        // Under another name: the same service.
        let was = gone
            .iter()
            .find(|(_, old)| old.name == inspection.name && old.protocol == inspection.protocol)
            .map(|(path, _)| path.clone());
        let label = path.display().to_string();
        match was.and_then(|path| Some((path.clone(), gone.remove(&path)?))) {
            Some((was, old)) => {
                let diff = Diff::between(&old, &inspection);
                verdict = verdict.max(diff.level());
                print(&format!("{} -> {label}", was.display()), &diff, report);
            }
            None => {
                verdict = verdict.max(Some(Level::Minor));
                file(&label, "contract-added", Level::Minor, report);
            }
        }
    }
    for path in gone.keys() {
        verdict = verdict.max(Some(Level::Major));
        let label = path.display().to_string();
        file(&label, "contract-removed", Level::Major, report);
    }
    let text = verdict.map_or("no change".to_owned(), |level| format!("{level}"));
    report.line(
        format_args!("\nall in all: {text}"),
        || json!({"reason": "verdict", "contract": null, "level": verdict}),
    );
    Ok(code)
}

fn file(name: &str, kind: &str, level: Level, report: Report) {
    report.line(
        format_args!("{level}: {kind} {name}"),
        || json!({"reason": "change", "contract": name, "kind": kind, "level": level}),
    );
}

/// Every change, then the verdict.
pub(crate) fn print(contract: &str, diff: &Diff, report: Report) {
    for change in &diff.changes {
        report.line(change, || {
            let mut value = json!({"reason": "change", "contract": contract});
            if let (Some(object), Ok(serde_json::Value::Object(change))) =
                (value.as_object_mut(), serde_json::to_value(change))
            {
                object.extend(change);
            }
            value
        });
    }
    verdict(contract, diff, report);
}

/// The verdict alone.
pub(crate) fn verdict(contract: &str, diff: &Diff, report: Report) {
    report.line(format_args!("{contract}: {}", diff.summary()), || {
        json!({
            "reason": "verdict", "contract": contract, "level": diff.level(),
            "major": diff.count(Level::Major), "minor": diff.count(Level::Minor),
            "patch": diff.count(Level::Patch),
        })
    });
}
