//! `cargo xtask bench`: figures that have to hold, measured in release builds.

mod generate;

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::report::Report;

/// `cargo xtask bench <name> [--json] [--seconds N]`.
pub(crate) fn run(args: &[String], report: Report) -> anyhow::Result<ExitCode> {
    // The generator is ours, and has to be fast as it is: nobody builds it for release.
    if let Some("generate") = args.first().map(String::as_str) {
        return generate::run(report);
    }
    let status = Command::new(build()?)
        .args(args)
        .status()
        .context("cannot run the benches")?;
    Ok(ExitCode::from(
        status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1),
    ))
}

/// Builds the benches and, beside them, the sandbox that they start.
fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--message-format", "json"])
        .args(["--package", "mno-sandbox", "--package", "mno-bench"])
        .current_dir(crate::regen::root()?)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !built.status.success() {
        bail!("the benches do not build");
    }
    built
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "mno-bench")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo does not say where the benches are")
}
