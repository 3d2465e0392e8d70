//! `cargo xtask regen`: `generated/` from `specs/`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use codegen::diff::Diff;
use codegen::emit::{API, Files};
use codegen::inspect::Inspection;
use lexopt::prelude::*;
use serde_json::json;

use crate::files;
use crate::report::Report;

pub(crate) fn run(args: &[String], report: Report) -> anyhow::Result<ExitCode> {
    let mut check = false;
    let mut root = root()?;
    let mut args = lexopt::Parser::from_args(args);
    while let Some(arg) = args.next()? {
        match arg {
            Long("json") => {}
            Long("check") => check = true,
            Long("root") => root = PathBuf::from(args.value()?),
            other => return Err(other.unexpected().into()),
        }
    }
    crate::import::recover(&root, report)?;
    let crates = match codegen::workspace::generate(&root) {
        Ok(crates) => crates,
        Err(problems) => return Ok(report.problems(&problems)),
    };
    let generated = root.join("generated");
    let mut differing = 0;
    for (name, wanted) in &crates {
        differing += usize::from(one(&generated, name, wanted, check, report)?);
    }
    for stray in strays(&generated, &crates)? {
        differing += 1;
        let path = stray.display().to_string();
        let text = if check {
            format!("{path}: DIFFERS (no entry in specs/apis.toml)")
        } else {
            format!("{path}: not in specs/apis.toml; remove it by hand if it is not wanted")
        };
        report.line(text, || json!({"reason": "stray", "folder": path}));
    }
    if check && differing > 0 {
        report.say(format_args!(
            "\n{differing} of {} differ: run `cargo xtask regen`",
            crates.len()
        ));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares a crate with what it should be, and writes it unless that is only to be checked. Tells
/// whether it differed.
fn one(
    generated: &Path,
    name: &str,
    wanted: &Files,
    check: bool,
    report: Report,
) -> anyhow::Result<bool> {
    let dir = generated.join(name);
    let label = format!("generated/{name}");
    let difference = files::compare(&dir, &label, wanted)?;
    let lines: usize = wanted.values().map(|text| text.lines().count()).sum();
    let files = wanted.len();
    let state = match (difference.is_none(), check) {
        (true, _) => "up to date",
        (false, true) => "DIFFERS",
        (false, false) => "written",
    };
    let (added, changed, removed) = (difference.added, difference.changed, difference.removed);
    let summary = format!("{added} added, {changed} changed, {removed} removed");
    let diff = contract_diff(&dir, wanted);
    if check {
        for diff in &difference.diffs {
            report.say(diff.trim_end());
        }
    } else if !difference.is_none() {
        files::write(&dir, wanted)?;
    }
    let text = match (difference.is_none(), check) {
        (true, _) => format!("{label}: up to date ({files} files, {lines} lines)"),
        (false, true) => format!("{label}: DIFFERS ({summary})"),
        (false, false) => format!("{label}: written ({summary}; {files} files, {lines} lines)"),
    };
    report.line(text, || {
        json!({
            "reason": "crate", "name": name, "folder": label, "state": state.to_lowercase(),
            "added": added, "changed": changed, "removed": removed, "files": files,
            "lines": lines,
        })
    });
    if let Some(diff) = diff.filter(|diff| diff.level().is_some()) {
        crate::diff::print(name, &diff, report);
    }
    Ok(!difference.is_none())
}

/// What the contract says now and did not say when the crate was generated, if that is known.
pub(crate) fn contract_diff(dir: &Path, wanted: &Files) -> Option<Diff> {
    let old = std::fs::read_to_string(dir.join(API)).ok()?;
    let new = wanted.get(API)?;
    if old == *new {
        return None;
    }
    let old: Inspection = serde_json::from_str(&old).ok()?;
    let new: Inspection = serde_json::from_str(new).ok()?;
    Some(Diff::between(&old, &new))
}

/// Crates under `generated/` that nothing asks for.
fn strays<T>(
    generated: &Path,
    crates: &std::collections::BTreeMap<String, T>,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    if !generated.exists() {
        return Ok(out);
    }
    for entry in std::fs::read_dir(generated).context("cannot read generated/")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && !crates.contains_key(&name) {
            out.push(Path::new("generated").join(name));
        }
    }
    out.sort();
    Ok(out)
}

/// The workspace's root: where this package's folder stands.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("xtask has no folder above it")
}
