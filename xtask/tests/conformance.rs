//! `cargo xtask conformance`, over a small folder of our own and over the corpus beside the
//! workspace, if there is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn conformance(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("conformance")
        .arg(folder)
        .args(more)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

fn case<'a>(lines: &'a [Value], file: &str) -> &'a Value {
    lines
        .iter()
        .find(|line| line["reason"] == "case" && line["file"] == file)
        .unwrap_or_else(|| panic!("no {file}"))
}

/// A contract with one operation, `ask`, whose request has a `question` of this type.
fn wsdl(style: &str, r#use: &str, ty: &str) -> String {
    format!(
        r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:sample"
             xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
             xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:sample">
  <types><xs:schema targetNamespace="urn:sample" elementFormDefault="qualified">
    <xs:element name="ask"><xs:complexType><xs:sequence>
      <xs:element name="question" type="{ty}"/>
      <xs:element name="times" type="xs:decimal" minOccurs="0" maxOccurs="2"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="answer" type="xs:string"/>
  </xs:schema></types>
  <message name="in"><part name="body" element="t:ask"/></message>
  <message name="out"><part name="body" element="t:answer"/></message>
  <portType name="Port"><operation name="ask">
    <input message="t:in"/><output message="t:out"/>
  </operation></portType>
  <binding name="Binding" type="t:Port">
    <soap:binding style="{style}" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="ask"><soap:operation soapAction="urn:ask"/>
      <input><soap:body use="{use}" namespace="urn:sample"/></input>
      <output><soap:body use="{use}" namespace="urn:sample"/></output>
    </operation>
  </binding>
  <service name="Service"><port name="SoapPort" binding="t:Binding">
    <soap:address location="https://soap.example/ask"/>
  </port></service>
</definitions>"#
    )
}

const ENVELOPE: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:t="urn:sample"><s:Body><t:ask><t:question>Señal &lt;1&gt;</t:question>
  <t:times>1.50</t:times></t:ask></s:Body></s:Envelope>"#;

const ORACLE: &str = r#"{"loads": true,
  "services": {"Service": {"SoapPort": {"soap": "Soap11Binding", "operations": {"ask": {
    "style": "document", "soapaction": "urn:ask", "faults": {},
    "input": {"element": "{urn:sample}ask"}, "output": {"element": "{urn:sample}answer"}}}}}},
  "elements": {"{urn:sample}ask": "{urn:sample}ask"},
  "types": {"{urn:sample}ask": {"attributes": [], "fields": [
    {"name": "{urn:sample}question", "min": 1, "max": 1},
    {"name": "{urn:sample}times", "min": 0, "max": MAX}]}}}"#;

#[test]
fn every_kind_of_row() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "good one (1).wsdl",
        &wsdl("document", "literal", "xs:string"),
    );
    write("encoded.wsdl", &wsdl("rpc", "encoded", "xs:string"));
    write("broken.wsdl", &wsdl("document", "literal", "t:NoSuchType"));
    write(
        "golden/index.json",
        r#"{"messages": [{"file": "ask.min.request.xml"}]}"#,
    );
    // No canonical body: it is cut out of the envelope.
    write("golden/ask.min.request.xml", ENVELOPE);
    write(
        "golden/ask.min.request.json",
        r#"{"question": "Señal <1>", "times": ["1.5"]}"#,
    );
    write("same.json", &ORACLE.replace("MAX", "2"));
    write("other.json", &ORACLE.replace("MAX", "\"unbounded\""));
    write(
        "cases.json",
        r#"[{"file": "good one (1).wsdl", "kind": "wsdl", "tier": "B", "votes": 5,
             "oracle": "same.json", "golden": "golden"},
            {"file": "encoded.wsdl", "tier": "D", "oracle": "absent.json"},
            {"file": "broken.wsdl", "kind": "wsdl", "tier": "X"},
            {"file": "notes.raml", "kind": "raml"}]"#,
    );
    let output = conformance(dir.path(), &["--json"]);
    let all = lines(&output);
    assert!(output.status.success(), "{all:?}");
    let good = case(&all, "good one (1).wsdl");
    assert_eq!(good["verdict"], "passed", "{good}");
    assert_eq!(good["golden"]["total"], 1, "{good}");
    assert_eq!(good["golden"]["values"], Value::Array(Vec::new()), "{good}");
    assert_eq!(
        good["oracle"]["differences"],
        Value::Array(Vec::new()),
        "{good}"
    );
    let encoded = case(&all, "encoded.wsdl");
    assert_eq!(encoded["verdict"], "refused", "{encoded}");
    let message = encoded["message"].as_str().unwrap();
    assert!(message.contains("encoded.wsdl:"), "{message}");
    assert_eq!(case(&all, "broken.wsdl")["verdict"], "passed");
    assert_eq!(case(&all, "notes.raml")["verdict"], "skipped");

    // A message that does not survive, an oracle that disagrees, a B that is broken.
    write(
        "golden/ask.min.request.xml",
        &ENVELOPE.replace("t:question", "t:query"),
    );
    write(
        "cases.json",
        r#"[{"file": "good one (1).wsdl", "kind": "wsdl", "tier": "B", "votes": 5,
             "oracle": "other.json", "golden": "golden"},
            {"file": "broken.wsdl", "kind": "wsdl", "tier": "B"}]"#,
    );
    let output = conformance(dir.path(), &["--json"]);
    let all = lines(&output);
    assert_eq!(output.status.code(), Some(1), "{all:?}");
    let good = case(&all, "good one (1).wsdl");
    assert_eq!(good["verdict"], "failed", "{good}");
    let difference = good["oracle"]["differences"][0].as_str().unwrap();
    assert!(difference.contains("times is 0..2 here"), "{difference}");
    assert_eq!(case(&all, "broken.wsdl")["verdict"], "failed");
}

#[test]
fn a_folder_without_cases_fails() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(conformance(dir.path(), &[]).status.code(), Some(1));
    fs::write(dir.path().join("cases.json"), "[]").unwrap();
    let output = conformance(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("no case was found"), "{text}");
    let output = conformance(dir.path(), &["--jobs", "none"]);
    assert_eq!(output.status.code(), Some(2));
}

/// The files are not part of this workspace; without them the test says so and passes.
#[test]
fn the_corpus_beside_the_workspace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let corpus = root.join("../shared/corpus");
    if !corpus.is_dir() {
        // Past the harness, which keeps what passing tests print to itself.
        let _ = writeln!(
            std::io::stdout(),
            "corpus: skipped, there is none beside the workspace"
        );
        return;
    }
    let all = lines(&conformance(&corpus, &["--json"]));
    let cases: Vec<&Value> = all.iter().filter(|line| line["reason"] == "case").collect();
    let mut golden = 0;
    for case in &cases {
        golden += case["golden"]["total"].as_u64().unwrap();
        assert_eq!(
            case["golden"]["failures"],
            Value::Array(Vec::new()),
            "{case}"
        );
        if case["tier"] != Value::Null {
            assert_ne!(case["verdict"], "failed", "{case}");
        }
        if case["tier"] == "B" {
            let differences = &case["oracle"]["differences"];
            assert_eq!(*differences, Value::Array(Vec::new()), "{case}");
        }
    }
    let is_compiled = |case: &&&Value| case["kind"] == "openapi" && case["compiled"] == true;
    let compiled = cases.iter().filter(is_compiled).count();
    assert!(golden >= 50, "only {golden} messages ran");
    // The others are Swagger 2.0, and one whose YAML is not YAML 1.2.
    assert!(compiled >= 16, "only {compiled} OpenAPI documents compile");
}
