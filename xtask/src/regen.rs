//! `cargo xtask regen`: `generated/` from `specs/`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use lexopt::prelude::*;

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
    let crates = match codegen::workspace::generate(&root) {
        Ok(crates) => crates,
        Err(problems) => return Ok(report.problems(&problems)),
    };
    let generated = root.join("generated");
    let mut differing = 0;
    for (name, wanted) in &crates {
        let dir = generated.join(name);
        let label = format!("generated/{name}");
        let difference = files::compare(&dir, &label, wanted)?;
        let lines: usize = wanted.values().map(|text| text.lines().count()).sum();
        if difference.is_none() {
            println!(
                "{label}: up to date ({} files, {lines} lines)",
                wanted.len()
            );
            continue;
        }
        differing += 1;
        let summary = format!(
            "{} added, {} changed, {} removed",
            difference.added, difference.changed, difference.removed
        );
        if check {
            for diff in &difference.diffs {
                print!("{diff}");
            }
            println!("{label}: DIFFERS ({summary})");
        } else {
            files::write(&dir, wanted)?;
            println!(
                "{label}: written ({summary}; {} files, {lines} lines)",
                wanted.len()
            );
        }
    }
    for stray in strays(&generated, &crates)? {
        differing += 1;
        let path = stray.display();
        if check {
            println!("{path}: DIFFERS (no entry in specs/apis.toml)");
        } else {
            println!("{path}: not in specs/apis.toml; remove it by hand if it is not wanted");
        }
    }
    if check && differing > 0 {
        println!(
            "\n{differing} of {} differ: run `cargo xtask regen`",
            crates.len()
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
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
