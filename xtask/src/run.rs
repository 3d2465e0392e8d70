//! Commands that other packages do: xtask itself depends on the generator alone, so that a broken
//! regeneration never keeps it from compiling.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::report::Report;

/// `cargo xtask demo`.
pub(crate) fn demo(args: &[String]) -> anyhow::Result<ExitCode> {
    println!("1. The generated crates match the contracts");
    let code = crate::regen::run(&["--check".to_owned()], Report::default())?;
    if code != ExitCode::SUCCESS {
        return Ok(code);
    }
    println!();
    package("mno-demo", args)
}

fn package(name: &str, args: &[String]) -> anyhow::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--package", name, "--"])
        .args(args)
        .current_dir(crate::regen::root()?)
        .status()
        .with_context(|| format!("cannot run cargo for {name}"))?;
    Ok(ExitCode::from(
        status
            .code()
            .and_then(|c| u8::try_from(c).ok())
            .unwrap_or(1),
    ))
}
