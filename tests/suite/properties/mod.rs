//! Values that nobody chose: whatever a contract allows is written, read back, and equal.
//!
//! The contracts are the generator's fixtures, ours, and other projects' where those lie beside the
//! workspace; what else is asked of these, `cargo xtask conformance` has.

mod compare;
mod instance;
mod pattern;
mod rest;
mod wsdl;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use codegen::emit::Files;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Prints past the harness, which keeps what passing tests print to itself.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn write(dir: &Path, files: &Files) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Unchanged files keep their time, and cargo its work.
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(&path, text).unwrap();
        }
    }
}

/// Runs cargo in a crate of its own, without the network, with one target folder for all.
fn cargo(dir: &Path, args: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .args(["--offline", "--quiet", "--target-dir"])
        .arg(root().join("target/properties/target"))
        .current_dir(dir)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "cargo {args:?} in {}: {text}",
        dir.display()
    );
    // Generated code compiles without a warning.
    assert!(
        !text.contains("warning"),
        "cargo {args:?} in {}: {text}",
        dir.display()
    );
}
