//! What a contract allows survives: made-up messages are read by the generated crate, written and
//! read again; values have to be equal, and what was written has to mean what was read.
//!
//! The contracts are the generator's own fixtures, and those of the corpus if it is there.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codegen::emit::{Dependencies, Files, alone};
use codegen::model::{Contract, QName};
use codegen::wsdl::{Options, read};
use roxmltree::{Document, Node};

use super::instance::Instance;
use super::{cargo, root, say, write};

/// Messages for each root element.
const COUNT: u64 = 40;

struct Case {
    /// For failures.
    spec: String,
    contract: Contract,
}

fn fixtures() -> Vec<Case> {
    let folder = root().join("codegen/tests/front_end/fixtures");
    let service = fs::read_to_string(folder.join("service.wsdl")).unwrap();
    let dir = root().join("target/properties/fixtures");
    fs::create_dir_all(&dir).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".xsd") else {
            continue;
        };
        fs::copy(&path, dir.join(&name)).unwrap();
        // Parts of others (`derived-other`) are no contracts of their own.
        if !stem.contains('-') {
            let text = service.replace("SCHEMA.xsd", &name);
            fs::write(dir.join(format!("{stem}.wsdl")), text).unwrap();
            names.push(stem.to_owned());
        }
    }
    names.sort();
    let case = |name: String| {
        let spec = dir.join(format!("{name}.wsdl"));
        let contract = read(&spec, &Options::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        Case {
            spec: name,
            contract,
        }
    };
    names.into_iter().map(case).collect()
}

/// Contracts of other projects that the generator takes.
fn corpus() -> Vec<Case> {
    let corpus = root().join("../shared/corpus");
    let Ok(text) = fs::read_to_string(corpus.join("cases.json")) else {
        return Vec::new();
    };
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut out = Vec::new();
    for case in list.as_array().unwrap() {
        let wanted = case["kind"] == "wsdl" && matches!(case["tier"].as_str(), Some("B" | "C"));
        let Some(file) = case["file"].as_str().filter(|_| wanted) else {
            continue;
        };
        if let Ok(contract) = read(&corpus.join(file), &Options::default())
            && !contract.operations.is_empty()
        {
            let spec = file.to_owned();
            out.push(Case { spec, contract });
        }
    }
    out
}

#[test]
fn made_up_messages_survive() {
    let dir = root().join("target/properties");
    let mut cases = fixtures();
    let own = cases.len();
    cases.extend(corpus());
    let mut messages = 0;
    for (i, case) in cases.iter().enumerate() {
        let name = format!("p{i}");
        let runtime = root().join("runtime").to_string_lossy().into_owned();
        let files = alone(&case.contract, &name, &Dependencies::Alone { runtime })
            .unwrap_or_else(|e| panic!("{}: {e}", case.spec));
        write(&dir.join(&name), &files);
        let folder = dir.join("messages").join(&name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let before = messages;
        for element in roots(&case.contract) {
            for seed in 0..COUNT {
                let document = Instance::new(&case.contract, seed).document(&element);
                let Some(document) = document else { continue };
                fs::write(
                    folder.join(format!("{}.{seed}.xml", element.local)),
                    document,
                )
                .unwrap();
                messages += 1;
            }
        }
        assert!(messages > before, "{}: no message", case.spec);
    }
    // What the documentation shows compiles, whatever a contract has.
    for i in 0..own {
        cargo(&dir.join(format!("p{i}")), &["test", "--doc"]);
    }
    let output = Command::new(driver(&dir, cases.len()))
        .arg(dir.join("messages"))
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let mut failures = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        for path in sorted(&dir.join(format!("messages/p{i}"))) {
            if path.extension().is_some_and(|e| e == "xml")
                && let Some(problem) = verdict(&path)
            {
                failures.push(format!("{} {}: {problem}", case.spec, path.display()));
            }
        }
    }
    say(&format!(
        "properties: {} contracts, {messages} made-up messages, {} failed",
        cases.len(),
        failures.len()
    ));
    let shown = failures.iter().take(20).fold(String::new(), |mut out, f| {
        let _ = writeln!(out, "{f}");
        out
    });
    assert!(failures.is_empty(), "{} failures:\n{shown}", failures.len());
}

/// Elements of messages and faults.
fn roots(contract: &Contract) -> Vec<QName> {
    let mut out = Vec::new();
    for operation in &contract.operations {
        let messages = operation.input.iter().chain(&operation.output);
        let elements = messages.map(|m| &m.element);
        for element in elements.chain(operation.faults.iter().map(|f| &f.element)) {
            if !out.contains(element) {
                out.push(element.clone());
            }
        }
    }
    out
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    out.sort();
    out
}

/// What is wrong with the answer to a message, if anything.
fn verdict(path: &Path) -> Option<String> {
    let before = fs::read_to_string(path).unwrap();
    if let Ok(error) = fs::read_to_string(path.with_extension("err")) {
        return Some(error);
    }
    let after = fs::read_to_string(path.with_extension("out")).unwrap();
    let (old, new) = (
        Document::parse(&before).unwrap(),
        Document::parse(&after).unwrap(),
    );
    difference(old.root_element(), new.root_element())
}

/// The first difference in meaning: prefixes and the spelling of numbers mean nothing.
fn difference(old: Node<'_, '_>, new: Node<'_, '_>) -> Option<String> {
    let name = old.tag_name();
    if name != new.tag_name() {
        return Some(format!("{name:?} became {:?}", new.tag_name()));
    }
    let attributes = |node: Node<'_, '_>| {
        let mut out: Vec<(String, String, String)> = node
            .attributes()
            .map(|a| {
                let value = match (a.name(), a.value().split_once(':')) {
                    ("type", Some((prefix, local))) => {
                        format!("{:?}{local}", node.lookup_namespace_uri(Some(prefix)))
                    }
                    _ => a.value().to_owned(),
                };
                let ns = a.namespace().unwrap_or_default().to_owned();
                (ns, a.name().to_owned(), value)
            })
            .collect();
        out.sort();
        out
    };
    let (before, after) = (attributes(old), attributes(new));
    let same = before.len() == after.len()
        && before
            .iter()
            .zip(&after)
            .all(|(a, b)| (&a.0, &a.1) == (&b.0, &b.1) && super::compare::same_value(&a.2, &b.2));
    if !same {
        return Some(format!(
            "{}: attributes {before:?} became {after:?}",
            name.name()
        ));
    }
    let parts = |node: Node<'_, '_>| -> Vec<(String, Option<roxmltree::NodeId>)> {
        let mut out: Vec<(String, Option<roxmltree::NodeId>)> = Vec::new();
        for child in node.children() {
            match (child.is_element(), child.text()) {
                (true, _) => out.push((String::new(), Some(child.id()))),
                (false, Some(text)) if child.is_text() => match out.last_mut() {
                    Some((last, None)) => last.push_str(text),
                    _ => out.push((text.to_owned(), None)),
                },
                _ => {}
            }
        }
        out
    };
    let (before, after) = (parts(old), parts(new));
    if before.len() != after.len() {
        let (before, after) = (before.len(), after.len());
        return Some(format!("{}: {before} parts became {after}", name.name()));
    }
    before
        .iter()
        .zip(&after)
        .find_map(|(a, b)| match (a.1, b.1) {
            (Some(a), Some(b)) => {
                difference(old.document().get_node(a)?, new.document().get_node(b)?)
            }
            (None, None) if super::compare::same_value(&a.0, &b.0) => None,
            _ => Some(format!("{}: {:?} became {:?}", name.name(), a.0, b.0)),
        })
}

/// A program that answers every message of a folder per crate.
fn driver(dir: &Path, crates: usize) -> PathBuf {
    let mut manifest =
        "[package]\nname = \"properties\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                        [workspace]\n\n[dependencies]\n"
            .to_owned();
    let mut arms = String::new();
    for i in 0..crates {
        let _ = writeln!(
            manifest,
            "p{i} = {{ path = \"../p{i}\", features = [\"wire-test\"] }}"
        );
        let _ = writeln!(
            arms,
            "    answer(&dir.join(\"p{i}\"), |body| p{i}::reencode(body).map_err(|e| e.to_string()));"
        );
    }
    let main = format!(
        "use std::path::{{Path, PathBuf}};\n\n\
         fn answer(dir: &Path, reencode: impl Fn(&[u8]) -> Result<Vec<u8>, String>) {{\n    \
         for entry in std::fs::read_dir(dir).unwrap() {{\n        \
         let path = entry.unwrap().path();\n        \
         let body = std::fs::read(&path).unwrap();\n        \
         match reencode(&body) {{\n            \
         Ok(out) => std::fs::write(path.with_extension(\"out\"), out).unwrap(),\n            \
         Err(e) => std::fs::write(path.with_extension(\"err\"), e).unwrap(),\n        \
         }}\n    }}\n}}\n\n\
         fn main() {{\n    let dir = PathBuf::from(std::env::args().nth(1).unwrap());\n{arms}}}\n"
    );
    let mut files = Files::new();
    files.insert("Cargo.toml".to_owned(), manifest);
    files.insert("src/main.rs".to_owned(), main);
    let driver = dir.join("driver");
    write(&driver, &files);
    fs::copy(root().join("Cargo.lock"), driver.join("Cargo.lock")).unwrap();
    cargo(&driver, &["build"]);
    root().join("target/properties/target/debug/properties")
}
