//! Other projects' contracts, with messages that nobody here wrote: generated, compiled alone,
//! decoded and written again.
//!
//! The files are not part of this workspace; without them the test says so and passes.

mod compare;
mod instance;
mod pattern;
mod properties;
mod rest_properties;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use codegen::emit::{Dependencies, Files, alone};
use codegen::wsdl::{Options, read};

/// A case of the corpus.
struct Case {
    /// The contract, relative to the corpus.
    file: String,
    /// Folder of its messages, if it has any.
    golden: Option<String>,
}

/// Everything that has to generate (tier B), and one contract of tier C for its breadth.
fn cases(corpus: &Path) -> Vec<Case> {
    let text = fs::read_to_string(corpus.join("cases.json")).unwrap();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut out = Vec::new();
    for case in list.as_array().unwrap() {
        let string = |name: &str| case[name].as_str().map(str::to_owned);
        let (Some(file), Some("wsdl")) = (string("file"), case["kind"].as_str()) else {
            continue;
        };
        if case["tier"] == "B" || file.ends_with("/soap_import_main.wsdl") {
            out.push(Case {
                file,
                golden: string("golden"),
            });
        }
    }
    out
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn golden_messages_survive() {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        say("corpus: skipped, there is none beside the workspace");
        return;
    }
    let dir = root().join("target/corpus");
    fs::create_dir_all(&dir).unwrap();
    let mut crates = Vec::new();
    let mut messages = Vec::new();
    for (i, Case { file: spec, golden }) in cases(&corpus).iter().enumerate() {
        let name = format!("case{i}");
        let contract =
            read(&corpus.join(spec), &Options::default()).unwrap_or_else(|e| panic!("{spec}: {e}"));
        let runtime = root().join("runtime").to_string_lossy().into_owned();
        let files = alone(&contract, &name, &Dependencies::Alone { runtime })
            .unwrap_or_else(|e| panic!("{spec}: {e}"));
        write(&dir.join(&name), &files);
        fs::copy(
            root().join("Cargo.lock"),
            dir.join(&name).join("Cargo.lock"),
        )
        .unwrap();
        cargo(&dir.join(&name), &["check", "--all-features"]);
        crates.push(name);
        let Some(golden) = golden else { continue };
        let found = golden_bodies(&corpus.join(golden));
        assert!(!found.is_empty(), "{golden} has no messages");
        messages.extend(found.into_iter().map(|path| (i, path)));
    }
    let driver = driver(&dir, &crates);
    let mut failures = Vec::new();
    for (i, path) in &messages {
        let before = fs::read_to_string(path).unwrap();
        let output = Command::new(&driver)
            .arg(i.to_string())
            .arg(path)
            .output()
            .unwrap();
        let after = String::from_utf8(output.stdout).unwrap();
        let problem = if output.status.success() {
            compare::difference(&before, &after)
        } else {
            Some(String::from_utf8_lossy(&output.stderr).into_owned())
        };
        if let Some(problem) = problem {
            failures.push(format!("{}: {problem}", path.display()));
        }
    }
    say(&format!(
        "corpus: {} contracts generated and compiled alone, {} golden messages, {} failed",
        crates.len(),
        messages.len(),
        failures.len()
    ));
    assert!(messages.len() >= 50, "only {} messages ran", messages.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Prints past the harness, which keeps what passing tests print to itself.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn golden_bodies(dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".body.c14n"))
        .collect();
    out.sort();
    out
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

/// A program that rewrites a file with the crate of a number.
fn driver(dir: &Path, crates: &[String]) -> PathBuf {
    let mut files = Files::new();
    let mut manifest = "[package]\nname = \"driver\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                        [workspace]\n\n[dependencies]\n"
        .to_owned();
    let mut arms = String::new();
    for (i, name) in crates.iter().enumerate() {
        manifest.push_str(&format!(
            "{name} = {{ path = \"../{name}\", features = [\"wire-test\"] }}\n"
        ));
        arms.push_str(&format!("        \"{i}\" => {name}::reencode(&body),\n"));
    }
    files.insert("Cargo.toml".to_owned(), manifest);
    files.insert(
        "src/main.rs".to_owned(),
        format!(
            "use std::io::Write;\n\nfn main() {{\n    let args: Vec<String> = \
             std::env::args().collect();\n    let body = std::fs::read(&args[2]).unwrap();\n    \
             let out = match args[1].as_str() {{\n{arms}        _ => unreachable!(),\n    }};\n    \
             match out {{\n        Ok(out) => std::io::stdout().write_all(&out).unwrap(),\n        \
             Err(e) => {{\n            eprintln!(\"{{e}}\");\n            \
             std::process::exit(1);\n        }}\n    }}\n}}\n"
        ),
    );
    let driver = dir.join("driver");
    write(&driver, &files);
    fs::copy(root().join("Cargo.lock"), driver.join("Cargo.lock")).unwrap();
    cargo(&driver, &["build"]);
    dir.join("target/debug/driver")
}

/// Runs cargo in a crate of its own, without the network, with one target folder for all.
fn cargo(dir: &Path, args: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .args(["--offline", "--quiet", "--target-dir"])
        .arg(root().join("target/corpus/target"))
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
