//! Bindings beyond the plain one: contracts are generated, compiled, and called with messages that
//! were written by hand (`bindings/driver.rs`).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codegen::emit::{Dependencies, alone, rest_alone};
use codegen::openapi;
use codegen::wsdl::{Options, read};

/// Contracts under `bindings/`, each a crate of this name.
const CONTRACTS: [&str; 5] = [
    "rpc.wsdl",
    "ports.wsdl",
    "names.wsdl",
    "bounds.yaml",
    "values.yaml",
];

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // What has not changed keeps its time, so that nothing is compiled twice.
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return;
    }
    fs::write(path, text).unwrap();
}

#[test]
fn generated_clients_write_and_read_what_the_contracts_say() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace: PathBuf = here.parent().unwrap().to_path_buf();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bindings");
    let runtime = workspace.join("runtime").to_string_lossy().into_owned();
    let mut dependencies = String::new();
    for file in CONTRACTS {
        let spec = here.join("tests/bindings").join(file);
        let alone_in = Dependencies::Alone {
            runtime: runtime.clone(),
        };
        let (name, kind) = file.split_once('.').unwrap();
        let files = if kind == "wsdl" {
            let contract = read(&spec, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
            alone(&contract, name, &alone_in)
        } else {
            let contract = openapi::read(&spec).unwrap_or_else(|e| panic!("{e}"));
            rest_alone(&contract, name, &alone_in)
        };
        let files = files.unwrap_or_else(|e| panic!("{e}"));
        for (path, text) in &files {
            // In one workspace, for one lock file and one target folder.
            let text = text.replace("# It stands alone, wherever it is put.\n[workspace]\n", "");
            write(&out.join(name).join(path), &text);
        }
        dependencies.push_str(&format!("{name} = {{ path = \"{name}\" }}\n"));
    }
    let manifest = format!(
        "[package]\nname = \"driver\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [workspace]\nmembers = [\"*\"]\nexclude = [\"src\", \"target\"]\n\n\
         [dependencies]\n{dependencies}"
    );
    write(&out.join("Cargo.toml"), &manifest);
    let driver = fs::read_to_string(here.join("tests/bindings/driver.rs")).unwrap();
    write(&out.join("src/main.rs"), &driver);
    // The versions that the workspace was resolved to; nothing is asked of the network.
    if !out.join("Cargo.lock").exists() {
        fs::copy(workspace.join("Cargo.lock"), out.join("Cargo.lock")).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--manifest-path"])
        .arg(out.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", out.join("target"))
        .env("RUSTFLAGS", "-D warnings")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
