//! The commands as a person calls them: what they print, how they exit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn xtask(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(args)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(text).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// `specs/` and `generated/` in a folder of their own.
fn workspace() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("specs"), &dir.path().join("specs"));
    copy(&root().join("generated"), &dir.path().join("generated"));
    let path = dir.path().to_string_lossy().into_owned();
    (dir, path)
}

#[test]
fn regen_check_agrees_with_what_is_checked_in() {
    let output = xtask(&["regen", "--check"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("generated/kite-inventory-v12: up to date"));
}

#[test]
fn regen_check_shows_a_diff_and_fails_when_a_file_differs_is_missing_or_too_many() {
    let (dir, path) = workspace();
    let client = dir.path().join("generated/kite-echo-v1/src/client.rs");
    let edited = fs::read_to_string(&client)
        .unwrap()
        .replace("Calls the operations", "Edited");
    fs::write(&client, &edited).unwrap();
    fs::remove_file(dir.path().join("generated/kite-inventory-v12/src/ns.rs")).unwrap();
    fs::write(dir.path().join("generated/kite-common-v1/src/stray.rs"), "").unwrap();
    let output = xtask(&["regen", "--check", "--root", &path]);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("-/// Edited of"), "{printed}");
    assert!(printed.contains("+/// Calls the operations of"));
    assert!(printed.contains("generated/kite-echo-v1: DIFFERS (0 added, 1 changed, 0 removed)"));
    assert!(printed.contains("generated/kite-inventory-v12: DIFFERS (1 added,"));
    assert!(printed.contains("generated/kite-common-v1: DIFFERS (0 added, 0 changed, 1 removed)"));
    // It only looked.
    assert_eq!(fs::read_to_string(&client).unwrap(), edited);
    // Writing mends all of it.
    assert!(xtask(&["regen", "--root", &path]).status.success());
    assert!(
        xtask(&["regen", "--check", "--root", &path])
            .status
            .success()
    );
}

#[test]
fn two_runs_write_the_same_bytes() {
    let (dir, path) = workspace();
    fs::remove_dir_all(dir.path().join("generated")).unwrap();
    assert!(xtask(&["regen", "--root", &path]).status.success());
    let read = |name: &str| fs::read(dir.path().join("generated").join(name)).unwrap();
    for file in [
        "kite-inventory-v12/src/client.rs",
        "kite-common-v1/src/faults.rs",
        "telekom-bsc-v1/src/client.rs",
        "kpn-msm-v11/src/types/basket_change.rs",
    ] {
        assert_eq!(
            read(file),
            fs::read(root().join("generated").join(file)).unwrap()
        );
    }
    assert!(
        xtask(&["regen", "--check", "--root", &path])
            .status
            .success()
    );
}

#[test]
fn a_spec_edit_that_breaks_a_contract_names_the_place_and_writes_nothing() {
    let (dir, path) = workspace();
    let types = dir
        .path()
        .join("specs/wsdl/kite/UNICA_API_SOAP_Globalm2m_echo_types_v1_0.xsd");
    let broken = fs::read_to_string(&types)
        .unwrap()
        .replace("echo:EchoDataType", "echo:NoSuchType");
    fs::write(&types, broken).unwrap();
    let output = xtask(&["regen", "--root", &path]);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("NoSuchType"), "{printed}");
    assert!(
        printed.contains("UNICA_API_SOAP_Globalm2m_echo_types_v1_0.xsd:"),
        "{printed}"
    );
    fs::copy(
        root().join("specs/wsdl/kite/UNICA_API_SOAP_Globalm2m_echo_types_v1_0.xsd"),
        &types,
    )
    .unwrap();
    assert!(
        xtask(&["regen", "--check", "--root", &path])
            .status
            .success()
    );
}

#[test]
fn an_operation_that_no_contract_has_is_refused_in_apis_toml() {
    let (dir, path) = workspace();
    let apis = dir.path().join("specs/apis.toml");
    let text_before = fs::read_to_string(&apis).unwrap();
    fs::write(
        &apis,
        text_before.replace("[api.operations.echo]", "[api.operations.ecko]"),
    )
    .unwrap();
    let output = xtask(&["regen", "--check", "--root", &path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("`kite-echo-v1` has no operation `ecko`"),
        "{}",
        text(&output)
    );
}

fn generate(spec: &Path) -> (tempfile::TempDir, PathBuf, Output) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("crate");
    let output = xtask(&[
        "generate",
        &spec.to_string_lossy(),
        "--out",
        &out.to_string_lossy(),
        "--name",
        "sample",
    ]);
    (dir, out, output)
}

#[test]
fn generate_writes_a_crate_that_stands_alone() {
    let spec = "specs/wsdl/kite/UNICA_API_SOAP_Globalm2m_inventory_services_v12_0.wsdl";
    let (_dir, out, output) = generate(&root().join(spec));
    assert!(output.status.success(), "{}", text(&output));
    let manifest = fs::read_to_string(out.join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    assert!(manifest.contains("[workspace]"), "{manifest}");
    assert!(manifest.contains("name = \"sample\""), "{manifest}");
    // The same versions as the workspace's, so that nothing has to be fetched.
    fs::copy(root().join("Cargo.lock"), out.join("Cargo.lock")).unwrap();
    let check = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--quiet",
            "--all-features",
            "--target-dir",
        ])
        .arg(root().join("target/conformance/target"))
        .current_dir(&out)
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", text(&check));
}

#[test]
fn generate_exits_with_1_for_broken_and_3_for_unsupported_input() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.wsdl");
    fs::write(&broken, "<definitions").unwrap();
    let (_out, path, output) = generate(&broken);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(!path.exists(), "half a crate is left");

    let encoded = dir.path().join("encoded.wsdl");
    fs::write(&encoded, RPC_ENCODED).unwrap();
    let (_out, path, output) = generate(&encoded);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(3), "{printed}");
    assert!(
        printed.contains("encoded") && printed.contains("`ask`"),
        "{printed}"
    );
    assert!(!path.exists(), "half a crate is left");

    let (_out, _, output) = generate(&dir.path().join("absent.wsdl"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn generate_takes_openapi_by_looking_at_the_document() {
    let dir = tempfile::tempdir().unwrap();
    let spec = root().join("specs/openapi/masstack-partners/v3/openapi.yaml");
    let (_out, out, output) = generate(&spec);
    assert!(output.status.success(), "{}", text(&output));
    let manifest = fs::read_to_string(out.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("features = [\"rest\"]"), "{manifest}");
    // Nothing is changed in silence.
    assert!(
        text(&output).contains("note: openapi.yaml:"),
        "{}",
        text(&output)
    );
    let client = fs::read_to_string(out.join("src/client.rs")).unwrap();
    assert!(client.contains("pub async fn update_barring("));

    let json = dir.path().join("api.json");
    fs::write(&json, r#"{"openapi": "3.0.3", "info": {}, "paths": {}}"#).unwrap();
    let (_out, _, output) = generate(&json);
    assert!(output.status.success(), "{}", text(&output));

    let swagger = dir.path().join("swagger.json");
    fs::write(&swagger, r#"{"swagger": "2.0", "paths": {}}"#).unwrap();
    let (_out, _, output) = generate(&swagger);
    assert!(output.status.success(), "{}", text(&output));

    let older = dir.path().join("older.json");
    fs::write(&older, r#"{"swagger": "1.2", "apis": []}"#).unwrap();
    let (_out, path, output) = generate(&older);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(3), "{printed}");
    assert!(printed.contains("older.json:1:13"), "{printed}");
    assert!(!path.exists(), "half a crate is left");

    let twice = dir.path().join("twice.yaml");
    fs::write(&twice, "openapi: 3.0.3\npaths: {}\npaths: {/sims: {}}\n").unwrap();
    let (_out, _, output) = generate(&twice);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("the key `paths` stands twice"));
}

#[test]
fn generate_does_not_touch_a_folder_with_other_files() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let spec = root().join("specs/wsdl/kite/UNICA_API_SOAP_Globalm2m_echo_services_v1_0.wsdl");
    let out = dir.path().to_string_lossy().into_owned();
    let output = xtask(&[
        "generate",
        &spec.to_string_lossy(),
        "--out",
        &out,
        "--name",
        "sample",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("name an empty folder"),
        "{}",
        text(&output)
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// What `coverage` says of a journal of a sandbox.
fn coverage(journal: &Path, lines: &[String]) -> (Option<i32>, String) {
    let sandbox = journal.join("test-1");
    fs::create_dir_all(&sandbox).unwrap();
    fs::write(sandbox.join("journal.jsonl"), lines.join("\n")).unwrap();
    let journal = journal.to_str().unwrap();
    let output = xtask(&["coverage", "--journal", journal]);
    (output.status.code(), text(&output))
}

#[test]
fn coverage_ticks_from_the_journal_and_exits_with_1_for_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let echo = |outcome: &str| {
        format!(
            r#"{{"service":"Echo","version":"v1","operation":"echo","soapAction":"urn:echo","outcome":"{outcome}"}}"#
        )
    };
    let (code, printed) = coverage(dir.path(), &[echo("ok")]);
    assert_eq!(code, Some(1), "{printed}");

    // A journal in which everything was carried out, from the list itself.
    let output = xtask(&[
        "coverage",
        "--json",
        "--journal",
        dir.path().to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let of = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    let all: Vec<String> = rows
        .iter()
        .map(|row| {
            let api = of(row, "api");
            let operation = match of(row, "operation").as_str() {
                "createToken" => "token".to_owned(),
                name => name.to_owned(),
            };
            let soap = api.starts_with("kite-") && !api.starts_with("kite-rest-");
            serde_json::json!({
                "service": of(row, "service"),
                "version": api.rsplit('-').next().unwrap(),
                "operation": operation,
                "soapAction": soap.then(|| format!("urn:{operation}")),
                "outcome": "ok",
            })
            .to_string()
        })
        .collect();
    let (code, printed) = coverage(dir.path(), &all);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("0 with a gap"), "{printed}");
    for evidence in ["contract-backed", "documented", "inferred"] {
        assert!(printed.contains(evidence), "counted apart: {printed}");
    }

    // One that was understood and refused is no test of it; one that never came is neither.
    let is_echo = |line: &&String| line.contains(r#""Echo""#) && line.contains("urn:echo");
    let mut refused: Vec<String> = all.iter().filter(|l| !is_echo(l)).cloned().collect();
    let (code, printed) = coverage(dir.path(), &refused);
    assert_eq!(code, Some(1));
    assert!(printed.contains("1 with a gap"), "{printed}");
    let ticks = |printed: &str| {
        let mut lines = printed
            .lines()
            .skip_while(|l| !l.starts_with("Echo (kite-echo-v1)"));
        let line = lines
            .find(|l| l.trim_start().starts_with("echo "))
            .unwrap()
            .to_owned();
        line.chars()
            .filter(|c| matches!(c, '✓' | '·'))
            .collect::<String>()
    };
    assert_eq!(ticks(&printed), "✓✓✓··");
    refused.push(echo("SVC 1013"));
    let (code, printed) = coverage(dir.path(), &refused);
    assert_eq!((code, ticks(&printed).as_str()), (Some(1), "✓✓✓✓·"));
}

#[test]
fn an_unknown_command_shows_the_help() {
    let output = xtask(&["regenerate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("cargo xtask <command>"));
}

const RPC_ENCODED: &str = r#"<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
             xmlns:t="urn:sample" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:sample">
  <message name="askRequest"><part name="what" type="xs:string"/></message>
  <message name="askResponse"><part name="answer" type="xs:string"/></message>
  <portType name="Port">
    <operation name="ask"><input message="t:askRequest"/><output message="t:askResponse"/></operation>
  </portType>
  <binding name="Binding" type="t:Port">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="ask">
      <soap:operation soapAction="urn:ask"/>
      <input><soap:body use="encoded" namespace="urn:sample" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/></input>
      <output><soap:body use="encoded" namespace="urn:sample" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/></output>
    </operation>
  </binding>
  <service name="Service">
    <port name="Port" binding="t:Binding"><soap:address location="http://sample.example/ask"/></port>
  </service>
</definitions>
"#;
