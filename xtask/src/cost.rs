//! `cargo xtask cost`: what each generated crate adds to a build.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use codegen::config::Apis;
use serde::Serialize;

#[derive(Serialize)]
struct Cost {
    feature: String,
    /// Seconds for `cargo build` of this crate, everything below it being there.
    debug_seconds: f64,
    release_seconds: f64,
    lines: usize,
    /// Bytes of the library in a release build: the most that it can add to a program.
    release_bytes: u64,
}

/// `cargo xtask cost [--json]`.
pub(crate) fn run(args: &[String]) -> anyhow::Result<std::process::ExitCode> {
    let json = match args {
        [] => false,
        [flag] if flag == "--json" => true,
        _ => bail!("cost takes --json and nothing else"),
    };
    let root = crate::regen::root()?;
    let text = std::fs::read_to_string(root.join("specs/apis.toml"))
        .context("cannot read specs/apis.toml")?;
    let apis = Apis::parse(&text)?;
    let mut costs = Vec::new();
    for release in [false, true] {
        // What all of them need is not theirs.
        let shared: Vec<String> = apis
            .shared
            .iter()
            .map(|s| format!("mno-{}", s.name))
            .collect();
        for package in std::iter::once("mno-runtime").chain(shared.iter().map(String::as_str)) {
            build(&root, package, release)?;
        }
    }
    for api in &apis.api {
        eprintln!("{}", api.name);
        let package = api.package();
        let library = format!("lib{}.rlib", package.replace('-', "_"));
        let library = root.join("target/cost/release").join(library);
        costs.push(Cost {
            feature: api.name.clone(),
            debug_seconds: build(&root, &package, false)?,
            release_seconds: build(&root, &package, true)?,
            lines: lines(&root.join("generated").join(&api.name).join("src"))?,
            release_bytes: std::fs::metadata(&library)
                .with_context(|| format!("cannot read {}", library.display()))?
                .len(),
        });
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&costs)?);
    } else {
        println!("| feature | lines | debug build | release build | release library |");
        println!("|---|---|---|---|---|");
        for cost in costs {
            #[allow(clippy::cast_precision_loss)] // megabytes with one decimal
            let megabytes = cost.release_bytes as f64 / 1e6;
            println!(
                "| `{}` | {} | {:.1} s | {:.1} s | {megabytes:.1} MB |",
                cost.feature, cost.lines, cost.debug_seconds, cost.release_seconds
            );
        }
    }
    Ok(std::process::ExitCode::SUCCESS)
}

/// Builds a package that is not built yet, in a target folder of this command's own.
fn build(root: &Path, package: &str, release: bool) -> anyhow::Result<f64> {
    let cargo = || {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(root)
            .env("CARGO_TARGET_DIR", root.join("target/cost"))
            .env("CARGO_INCREMENTAL", "0");
        cargo
    };
    let profile: &[&str] = if release { &["--release"] } else { &[] };
    let ok = cargo()
        .args(["clean", "--quiet", "--package", package])
        .args(profile)
        .stderr(Stdio::null())
        .status()?;
    if !ok.success() {
        bail!("cargo clean of {package} failed");
    }
    let start = Instant::now();
    let ok = cargo()
        .args(["build", "--quiet", "--package", package])
        .args(profile)
        .status()?;
    if !ok.success() {
        bail!("{package} does not build");
    }
    Ok(start.elapsed().as_secs_f64())
}

fn lines(folder: &Path) -> anyhow::Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).context("cannot read a crate's sources")? {
        let path = entry?.path();
        count += if path.is_dir() {
            lines(&path)?
        } else {
            std::fs::read_to_string(&path)?.lines().count()
        };
    }
    Ok(count)
}
