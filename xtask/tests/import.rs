//! `cargo xtask import` and `diff`, with packages made here and a small workspace of our own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

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

/// A contract of version `version` with these operations; its types are in a file beside it.
fn wsdl(version: u32, operations: &[&str], types: &str) -> String {
    let mut messages = String::new();
    let mut port_type = String::new();
    let mut binding = String::new();
    for name in operations {
        messages.push_str(&format!(
            "<message name=\"{name}\"><part name=\"body\" element=\"t:question\"/></message>"
        ));
        port_type.push_str(&format!(
            "<operation name=\"{name}\"><input message=\"w:{name}\"/>\
             <output message=\"w:answer\"/></operation>"
        ));
        binding.push_str(&format!(
            "<operation name=\"{name}\"><soap:operation soapAction=\"urn:{name}\"/>\
             <input><soap:body use=\"literal\"/></input>\
             <output><soap:body use=\"literal\"/></output></operation>"
        ));
    }
    format!(
        r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:w="http://acme.example/echo/v{version}/services"
  xmlns:t="http://acme.example/echo/v{version}/types"
  targetNamespace="http://acme.example/echo/v{version}/services">
<types><xs:schema><xs:import namespace="http://acme.example/echo/v{version}/types"
  schemaLocation="{types}"/></xs:schema></types>
<message name="answer"><part name="body" element="t:answer"/></message>
{messages}
<portType name="Port">{port_type}</portType>
<binding name="Binding" type="w:Port">
<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>{binding}</binding>
<service name="EchoService"><port name="EchoPort" binding="w:Binding">
<soap:address location="https://acme.example/echo/v{version}"/></port></service>
</definitions>"#
    )
}

fn xsd(version: u32, length: u32) -> String {
    format!(
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="http://acme.example/echo/v{version}/types" elementFormDefault="qualified">
<xs:element name="question"><xs:complexType><xs:sequence>
  <xs:element name="what"><xs:simpleType><xs:restriction base="xs:string">
    <xs:maxLength value="{length}"/></xs:restriction></xs:simpleType></xs:element>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="answer"><xs:complexType><xs:sequence>
  <xs:element name="said" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>"#
    )
}

const APIS: &str = r#"# What no contract says.

[[api]]
name = "acme-echo-v1" # the first
title = "Acme: Echo, version 1 (SOAP)"
spec = "wsdl/acme/echo_v1.wsdl"
platform = "acme"
service = "echo"

# (guide 6.9) Two calls a second.
[api.operations.ask]
tps = 2
idempotency = "safe"

[api.operations.old]
tps = 1
"#;

/// A workspace with one API, generated.
fn workspace() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let acme = dir.path().join("specs/wsdl/acme");
    fs::create_dir_all(&acme).unwrap();
    fs::write(
        acme.join("echo_v1.wsdl"),
        wsdl(1, &["ask", "old"], "types_v1.xsd"),
    )
    .unwrap();
    fs::write(acme.join("types_v1.xsd"), xsd(1, 20)).unwrap();
    fs::write(dir.path().join("specs/apis.toml"), APIS).unwrap();
    let output = xtask(&["regen", "--root", dir.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output));
    dir
}

/// Every file below a folder.
fn snapshot(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                out.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    out
}

fn zip(path: &Path, files: &[(&str, &str)]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

fn import(root: &Path, package: &Path, more: &[&str]) -> Output {
    let root = root.to_str().unwrap();
    let mut args = vec!["import", package.to_str().unwrap(), "--root", root];
    args.extend(more);
    xtask(&args)
}

#[test]
fn a_further_version_takes_the_facts_over_and_keeps_what_is_there() {
    let dir = workspace();
    let before = snapshot(dir.path());
    let outside = tempfile::tempdir().unwrap();
    let package = outside.path().join("delivery 2031.zip");
    let wsdl = wsdl(2, &["ask", "tell"], "../schemas (final)/t.xsd");
    zip(
        &package,
        &[
            ("delivery/read me.txt", "Dear customer,"),
            ("delivery/soap/Echo Service.wsdl", &wsdl),
            ("delivery/schemas (final)/t.xsd", &xsd(2, 20)),
            ("delivery/schemas (final)/t_old.xsd", &xsd(9, 1)),
            ("__MACOSX/delivery/._t.xsd", "\0"),
        ],
    );
    // Without a word nothing is written where nobody can be asked.
    let output = import(dir.path(), &package, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("--yes"), "{}", text(&output));
    let output = import(dir.path(), &package, &["--dry-run"]);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(snapshot(dir.path()), before);

    let output = import(dir.path(), &package, &["--yes"]);
    let printed = text(&output);
    assert!(output.status.success(), "{printed}");
    for part in [
        "acme-echo-v2: is a further version of acme-echo-v1",
        "no facts in specs/apis.toml for: tell",
        "added: wsdl/acme/soap/Echo Service.wsdl",
        "not used: read me.txt",
        "not used: t_old.xsd",
        "operation-removed operation old",
        "operation-added operation tell",
        "cargo check -p mno-acme-echo-v2",
    ] {
        assert!(printed.contains(part), "no `{part}` in {printed}");
    }
    let apis = fs::read_to_string(dir.path().join("specs/apis.toml")).unwrap();
    let added = "\n[[api]]\nname = \"acme-echo-v2\"\nlike = \"acme-echo-v1\"\n\
                 title = \"Acme: Echo, version 2 (SOAP)\"\n\
                 spec = \"wsdl/acme/soap/Echo Service.wsdl\"\n";
    assert_eq!(apis, format!("{APIS}{added}"));
    let root = dir.path().to_str().unwrap();
    let check = xtask(&["regen", "--check", "--root", root]);
    assert!(check.status.success(), "{}", text(&check));
    let operation = dir
        .path()
        .join("generated/acme-echo-v2/src/operations/ask.rs");
    let operation = fs::read_to_string(operation).unwrap();
    assert!(operation.contains(".tps(2)"), "the permitted rate is lost");
    // Nothing is left beside it.
    let names = fs::read_dir(dir.path()).unwrap();
    assert_eq!(names.count(), 2);

    let again = import(dir.path(), &package, &["--yes"]);
    assert!(text(&again).contains("nothing to do"), "{}", text(&again));
}

#[test]
fn what_is_there_is_replaced_only_when_asked() {
    let dir = workspace();
    let before = snapshot(dir.path());
    let package = tempfile::tempdir().unwrap();
    fs::write(
        package.path().join("Echo.wsdl"),
        wsdl(1, &["ask"], "types_v1.xsd"),
    )
    .unwrap();
    fs::write(package.path().join("types_v1.xsd"), xsd(1, 10)).unwrap();
    let output = import(dir.path(), package.path(), &["--yes"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("say --replace"), "{}", text(&output));
    assert_eq!(snapshot(dir.path()), before);

    let output = import(
        dir.path(),
        package.path(),
        &["--yes", "--replace", "--json"],
    );
    assert!(output.status.success(), "{}", text(&output));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["operation-removed", "facet-narrowed"]);
    let verdict = lines.iter().find(|l| l["reason"] == "verdict").unwrap();
    assert_eq!(verdict["level"], "major");
    let api = lines.iter().find(|l| l["reason"] == "api").unwrap();
    assert_eq!(api["action"], "replace");
    assert_eq!(api["facts_dropped"][0], "old");

    let apis = fs::read_to_string(dir.path().join("specs/apis.toml")).unwrap();
    let expected = APIS
        .replace("echo_v1.wsdl", "Echo.wsdl")
        .replace("\n[api.operations.old]\ntps = 1\n", "");
    assert_eq!(apis, expected);
    // What nothing refers to any more is gone.
    assert!(!dir.path().join("specs/wsdl/acme/echo_v1.wsdl").exists());
}

#[test]
fn what_cannot_be_used_leaves_everything_as_it_was() {
    let dir = workspace();
    let before = snapshot(dir.path());
    let outside = tempfile::tempdir().unwrap();
    let package = outside.path().join("package.zip");
    let good = wsdl(2, &["ask"], "t.xsd");
    let refused = |files: &[(&str, &str)], code: i32, part: &str| {
        zip(&package, files);
        let output = import(dir.path(), &package, &["--yes", "--replace"]);
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(code), "{printed}");
        assert!(printed.contains(part), "no `{part}` in {printed}");
        assert_eq!(snapshot(dir.path()), before, "{part}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "{part}");
    };
    refused(&[("../evil.wsdl", &good)], 1, "leaves the package's folder");
    refused(
        &[("/tmp/evil.wsdl", &good)],
        1,
        "leaves the package's folder",
    );
    refused(
        &[("a\\..\\..\\evil.wsdl", &good)],
        1,
        "leaves the package's folder",
    );
    refused(&[("readme.txt", "hello")], 1, "readme.txt");
    // A missing schema, one that is not there, one that is not for us.
    refused(&[("e.wsdl", &good)], 1, "t.xsd");
    let broken = xsd(2, 20).replace("xs:string", "xs:strong");
    refused(&[("e.wsdl", &good), ("t.xsd", &broken)], 1, "strong");
    let encoded = good.replace("use=\"literal\"", "use=\"encoded\"");
    refused(
        &[("e.wsdl", &encoded), ("t.xsd", &xsd(2, 20))],
        3,
        "encoded",
    );
    // It refers to a file that is not in it.
    let secret = outside.path().join("secret.xsd");
    fs::write(&secret, xsd(2, 20)).unwrap();
    let reaching = wsdl(2, &["ask"], secret.to_str().unwrap());
    zip(&package, &[("e.wsdl", &reaching)]);
    let output = import(dir.path(), &package, &["--yes"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert_eq!(snapshot(dir.path()), before);
}

#[cfg(unix)]
#[test]
fn what_an_interrupted_import_put_aside_is_put_back_and_named() {
    let dir = workspace();
    let (root, before) = (dir.path(), snapshot(dir.path()));
    // Between its two renames: nothing in the place of specs/ and of a crate.
    let left = root.join(".import-k1ll3d");
    fs::create_dir_all(left.join("old/generated")).unwrap();
    fs::rename(root.join("specs"), left.join("old/specs")).unwrap();
    let of_crate = "generated/acme-echo-v1";
    fs::rename(root.join(of_crate), left.join("old").join(of_crate)).unwrap();
    fs::create_dir_all(left.join("package")).unwrap();
    fs::write(left.join("package/leak.wsdl"), "of the vendor").unwrap();

    let output = xtask(&["regen", "--check", "--root", root.to_str().unwrap()]);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("specs was missing"), "{said}");
    assert!(said.contains(&format!("{of_crate} was missing")), "{said}");
    // The rest may be of an import that is running: it is named, again and again.
    assert!(
        said.contains(".import-k1ll3d is left of an import"),
        "{said}"
    );
    for (path, bytes) in &before {
        assert_eq!(&fs::read(path).unwrap(), bytes, "{}", path.display());
    }
    let package = root.join("echo.wsdl");
    fs::write(&package, wsdl(1, &["ask"], "specs/wsdl/acme/types_v1.xsd")).unwrap();
    let said = text(&import(root, &package, &["--json", "--dry-run"]));
    let warning = said.lines().next().unwrap();
    let warning: Value = serde_json::from_str(warning).unwrap();
    assert_eq!(warning["severity"], "warning", "{said}");
    assert!(left.join("package/leak.wsdl").exists());
}

#[test]
fn links_are_refused() {
    let dir = workspace();
    let package = tempfile::tempdir().unwrap();
    let types = dir.path().join("specs/wsdl/acme/types_v1.xsd");
    fs::write(package.path().join("e.wsdl"), wsdl(2, &["ask"], "t.xsd")).unwrap();
    std::os::unix::fs::symlink(types, package.path().join("t.xsd")).unwrap();
    let output = import(dir.path(), package.path(), &["--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("is a link"), "{}", text(&output));

    let archive = package.path().join("links.zip");
    let mut writer = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    writer
        .add_symlink("t.xsd", "/etc/hostname", options)
        .unwrap();
    writer.finish().unwrap();
    let output = import(dir.path(), &archive, &["--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("is a link"), "{}", text(&output));
}

#[test]
fn several_services_openapi_and_a_catalog() {
    let dir = workspace();
    let outside = tempfile::tempdir().unwrap();
    let package = outside.path().join("beta.zip");
    let order = wsdl(1, &["ask"], "https://beta.example/t.xsd")
        .replace("acme.example/echo", "beta.example/order")
        .replace("EchoService", "OrderService");
    let openapi = r#"{"openapi": "3.0.3", "info": {"title": "Beta SIM API", "version": "3.1.4"},
        "paths": {"/sims/{id}": {"get": {"operationId": "getSim",
          "parameters": [{"name": "id", "in": "path", "required": true,
                          "schema": {"type": "string"}}],
          "responses": {"204": {"description": "there"}}}}}}"#;
    zip(&package, &[("order.wsdl", &order), ("api-docs", openapi)]);
    let catalog = outside.path().join("catalog.json");
    fs::write(&catalog, r#"{"https://beta.example/t.xsd": "local/t.xsd"}"#).unwrap();
    fs::create_dir(outside.path().join("local")).unwrap();
    let types = xsd(1, 5).replace("acme.example/echo", "beta.example/order");
    fs::write(outside.path().join("local/t.xsd"), types).unwrap();
    let more = ["--yes", "--catalog", catalog.to_str().unwrap()];
    let output = import(dir.path(), &package, &more);
    assert!(output.status.success(), "{}", text(&output));
    let apis = fs::read_to_string(dir.path().join("specs/apis.toml")).unwrap();
    for part in [
        "name = \"beta-order-v1\"",
        "name = \"beta-sim-v3\"",
        "spec = \"openapi/beta-sim/v3/openapi.json\"",
        "\"https://beta.example/t.xsd\" = \"wsdl/beta/imported/t.xsd\"",
    ] {
        assert!(apis.contains(part), "no `{part}` in {apis}");
    }
    let root = dir.path().to_str().unwrap();
    let check = xtask(&["regen", "--check", "--root", root]);
    assert!(check.status.success(), "{}", text(&check));
}

/// What a Spring service gives at `/v2/api-docs`.
#[test]
fn a_swagger_document_by_itself() {
    let dir = workspace();
    let outside = tempfile::tempdir().unwrap();
    let document = outside.path().join("api-docs");
    let swagger = r##"{"swagger": "2.0", "info": {"title": "Gamma Card API", "version": "1.7"},
        "host": "gamma.example", "basePath": "/gamma", "schemes": ["https"],
        "consumes": ["application/json"], "produces": ["application/json"],
        "securityDefinitions": {"key": {"type": "apiKey", "name": "X-Key", "in": "header"}},
        "security": [{"key": []}],
        "paths": {"/cards/{icc}": {"put": {"operationId": "changeCard", "parameters": [
            {"name": "icc", "in": "path", "required": true, "type": "string"},
            {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"},
             "collectionFormat": "multi"},
            {"name": "card", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Card"}}],
          "responses": {"200": {"description": "done", "schema": {"$ref": "#/definitions/Card"}}}}}},
        "definitions": {"Card": {"type": "object", "required": ["icc"], "properties": {
            "icc": {"type": "string"}, "limit": {"type": "integer", "format": "int64"}}}}}"##;
    fs::write(&document, swagger).unwrap();
    let output = import(dir.path(), &document, &["--yes"]);
    assert!(output.status.success(), "{}", text(&output));
    let root = dir.path().to_str().unwrap();
    let check = xtask(&["regen", "--check", "--root", root]);
    assert!(check.status.success(), "{}", text(&check));
    let generated = |file: &str| {
        let file = format!("generated/gamma-card-v1/src/{file}");
        fs::read_to_string(dir.path().join(&file)).unwrap_or_else(|e| panic!("{file}: {e}"))
    };
    assert!(generated("types/card.rs").contains("pub limit: Option<i64>"));
    let operation = generated("operations/change_card.rs");
    assert!(operation.contains("PUT /cards/{icc}"), "{operation}");
    assert!(
        generated("client.rs").contains("\"/gamma\""),
        "{}",
        generated("client.rs")
    );
}

#[test]
fn a_regeneration_says_what_changed_in_the_contract() {
    let dir = workspace();
    let root = dir.path().to_str().unwrap();
    let types = dir.path().join("specs/wsdl/acme/types_v1.xsd");
    fs::write(&types, xsd(1, 30)).unwrap();
    let output = xtask(&["regen", "--root", root]);
    let printed = text(&output);
    assert!(printed.contains("facet-widened"), "{printed}");
    assert!(
        printed.contains("maxLength: 20 -> 30 (request)"),
        "{printed}"
    );
    assert!(
        printed.contains("the next version is a minor one"),
        "{printed}"
    );
    let again = text(&xtask(&["regen", "--root", root]));
    assert!(!again.contains("facet-widened"), "{again}");
}

#[test]
fn files_and_folders_are_compared() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let old = write("old/e_v1.wsdl", &wsdl(1, &["ask"], "t.xsd"));
    write("old/t.xsd", &xsd(1, 20));
    let new = write("new/e_v2.wsdl", &wsdl(2, &["ask", "tell"], "t.xsd"));
    write("new/t.xsd", &xsd(2, 20));
    let output = xtask(&["diff", &old, &new]);
    let printed = text(&output);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("namespace-changed"), "{printed}");
    assert!(
        printed.contains("minor: operation-added operation tell"),
        "{printed}"
    );
    // The types are the same but for the version in their namespace.
    assert!(!printed.contains("type-removed"), "{printed}");
    let folder = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let output = xtask(&["diff", &folder("old"), &folder("new"), "--json"]);
    assert!(output.status.success(), "{}", text(&output));
    let last = text(&output);
    let last: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    assert_eq!(last["level"], "major");
    let output = xtask(&["diff", &old, &folder("new")]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let broken = write("broken.wsdl", "<definitions");
    let output = xtask(&["diff", &old, &broken, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let line: Value = serde_json::from_str(text(&output).lines().next().unwrap()).unwrap();
    assert_eq!(line["severity"], "broken", "{line}");
    assert!(line["line"].is_u64() && line["file"].is_string(), "{line}");
}

/// Types that two versions share, as version `version` of the package has them.
fn shared_wsdl(version: u32, limit: &str) -> String {
    let types = format!(
        r#"<xs:schema targetNamespace="http://acme.example/common" elementFormDefault="qualified">
  <xs:complexType name="Limit"><xs:sequence>
    <xs:element name="value" type="{limit}"/></xs:sequence></xs:complexType></xs:schema>
<xs:schema targetNamespace="http://acme.example/meter/v{version}/types"
    elementFormDefault="qualified">
  <xs:import namespace="http://acme.example/common"/>
  <xs:element name="question" type="c:Limit"/><xs:element name="answer" type="c:Limit"/>
</xs:schema>"#
    );
    let wsdl = wsdl(version, &["ask"], "");
    let (start, end) = (
        wsdl.find("<xs:schema>").unwrap(),
        wsdl.find("</types>").unwrap(),
    );
    format!("{}{types}{}", &wsdl[..start], &wsdl[end..])
        .replace("acme.example/echo", "acme.example/meter")
        .replace("EchoService", "MeterService")
        .replace(
            "xmlns:w=",
            "xmlns:c=\"http://acme.example/common\" xmlns:w=",
        )
}

#[test]
fn shared_types_that_differ_stay_apart() {
    let dir = workspace();
    let specs = dir.path().join("specs");
    let apis = format!(
        "{APIS}\n[[shared]]\nname = \"acme-common\"\ntitle = \"Shared\"\n\
         [shared.namespaces]\n\"http://acme.example/common\" = \"common\"\n\
         \n[[api]]\nname = \"acme-meter-v1\"\ntitle = \"Acme: Meter, version 1 (SOAP)\"\n\
         spec = \"wsdl/acme/meter_v1.wsdl\"\nplatform = \"acme\"\nservice = \"meter\"\n\
         shared = [\"acme-common\"]\n"
    );
    fs::write(specs.join("apis.toml"), &apis).unwrap();
    fs::write(
        specs.join("wsdl/acme/meter_v1.wsdl"),
        shared_wsdl(1, "xs:int"),
    )
    .unwrap();
    let root = dir.path().to_str().unwrap();
    let output = xtask(&["regen", "--root", root]);
    assert!(output.status.success(), "{}", text(&output));

    // A version that means the same by them shares them, too …
    let outside = tempfile::tempdir().unwrap();
    let package = outside.path().join("meter.wsdl");
    fs::write(&package, shared_wsdl(2, "xs:int")).unwrap();
    let printed = text(&import(dir.path(), &package, &["--dry-run"]));
    assert!(
        printed.contains("further version of acme-meter-v1"),
        "{printed}"
    );
    assert!(!printed.contains("of its own"), "{printed}");
    // … and one that does not has its own.
    fs::write(&package, shared_wsdl(2, "xs:long")).unwrap();
    let output = import(dir.path(), &package, &["--yes"]);
    let printed = text(&output);
    assert!(output.status.success(), "{printed}");
    let said = "has types of its own instead of those of acme-common, which differ in: \
                {http://acme.example/common}Limit";
    assert!(printed.contains(said), "{printed}");
    let apis = fs::read_to_string(specs.join("apis.toml")).unwrap();
    assert!(apis.contains("\nshared = []\n"), "{apis}");
    let types = |krate: &str| {
        let file = format!("generated/{krate}/src/types/limit.rs");
        fs::read_to_string(dir.path().join(file)).unwrap()
    };
    assert!(types("acme-common").contains("pub value: i32"));
    assert!(types("acme-meter-v2").contains("pub value: i64"));

    // Said by hand, it is refused: one of the two would be read wrongly.
    fs::write(
        specs.join("apis.toml"),
        apis.replace("\nshared = []\n", "\n"),
    )
    .unwrap();
    let output = xtask(&["regen", "--root", root]);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    let said = "`acme-meter-v1` and `acme-meter-v2` share the types of `acme-common`, and differ \
                in {http://acme.example/common}Limit";
    assert!(printed.contains(said), "{printed}");
}
