//! `cargo xtask bench generate`: what the crates of large contracts cost to write.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use crate::process::{self, End};
use crate::report::Report;

/// Seconds and megabytes that a large contract may take on two processors.
const SECONDS: f64 = 10.0;
const MEGABYTES: f64 = 1000.0;
/// What takes longer is ended.
const LONGEST: Duration = Duration::from_secs(300);

pub(super) fn run(report: Report) -> anyhow::Result<ExitCode> {
    let dir = tempfile::tempdir().context("cannot make a folder")?;
    let contracts = [
        ("WSDL, 3,000 operations", "operations.wsdl", wsdl(3000, 100)),
        ("WSDL, 2,000 types", "types.wsdl", wsdl(80, 2000)),
        (
            "OpenAPI, 3,000 operations",
            "operations.json",
            openapi(3000, 100),
        ),
        ("OpenAPI, 2,000 schemas", "types.json", openapi(80, 2000)),
    ];
    let mut all_hold = true;
    for (name, file, text) in contracts {
        let spec = dir.path().join(file);
        std::fs::write(&spec, text).context("cannot write a contract")?;
        let (seconds, megabytes) = generate(&spec, &dir.path().join(format!("{file}.d")))?;
        for (value, unit, most) in [(seconds, "s", SECONDS), (megabytes, "MB", MEGABYTES)] {
            let holds = value <= most;
            all_hold &= holds;
            let mark = if holds { "ok  " } else { "NOT " };
            let line = format!("{mark}{name:<32} {value:>8.1} {unit:<4} at most {most}");
            report.line(line, || {
                let target = format!("at most {most}");
                json!({"figure": name, "value": value, "unit": unit, "target": target, "holds": holds})
            });
        }
    }
    Ok(if all_hold {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Generates in a process of its own: seconds, and the most memory that it had.
fn generate(spec: &Path, out: &Path) -> anyhow::Result<(f64, f64)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("generate").arg(spec).arg("--out").arg(out);
    command.args(["--name", "large"]);
    let finished = process::run(command, LONGEST, &spec.with_extension("log"))
        .context("cannot start the generator")?;
    match finished.end {
        End::Exited(status) if status.success() => {}
        _ => bail!("{} is not generated: {}", spec.display(), finished.stderr),
    }
    let megabytes = u32::try_from(finished.megabytes)?;
    Ok((finished.seconds, f64::from(megabytes)))
}

/// Members of a type, one of which leads to another type, made of their names and types.
fn members<T>(n: usize, types: usize, member: impl Fn(&str, &str) -> T) -> Vec<T> {
    let kinds = ["string", "int", "dateTime", "boolean", "decimal"];
    let names = ["id", "label", "created", "enabled", "amount", "comment"];
    let plain = names.iter().enumerate();
    let mut out: Vec<T> = plain
        .map(|(at, name)| member(name, kinds[(n + at) % kinds.len()]))
        .collect();
    // Far away, so that chains are long.
    out.push(member("next", &format!("Item{}", (n * 7 + 3) % types)));
    out
}

/// A service with so many operations and types.
fn wsdl(operations: usize, types: usize) -> String {
    let each = types.div_ceil(operations);
    let element = |name: &str, kind: &str| {
        let prefix = if kind.starts_with("Item") { "t" } else { "xs" };
        format!(
            "<xs:element name='{name}' type='{prefix}:{kind}' minOccurs='0'><xs:annotation>\
             <xs:documentation>The {name}, as the platform keeps it.</xs:documentation>\
             </xs:annotation></xs:element>"
        )
    };
    let (mut schema, mut messages, mut port, mut binding) =
        (String::new(), String::new(), String::new(), String::new());
    for n in 0..types {
        let members = members(n, types, element).concat();
        let _ = writeln!(
            schema,
            "<xs:complexType name='Item{n}'><xs:sequence>{members}</xs:sequence></xs:complexType>"
        );
    }
    for n in 0..operations {
        let asked = element("item", &format!("Item{}", n * each % types));
        let own = members(n, types, element).concat();
        let _ = writeln!(
            schema,
            "<xs:element name='ask{n}'><xs:complexType><xs:sequence>{own}</xs:sequence>\
             </xs:complexType></xs:element><xs:element name='ask{n}Response'><xs:complexType>\
             <xs:sequence>{asked}</xs:sequence></xs:complexType></xs:element>"
        );
        let _ = writeln!(
            messages,
            "<w:message name='In{n}'><w:part name='b' element='t:ask{n}'/></w:message>\
             <w:message name='Out{n}'><w:part name='b' element='t:ask{n}Response'/></w:message>"
        );
        let _ = writeln!(
            port,
            "<w:operation name='ask{n}'><w:documentation>Asks for what item {n} has.\
             </w:documentation><w:input message='t:In{n}'/><w:output message='t:Out{n}'/>\
             </w:operation>"
        );
        let _ = writeln!(
            binding,
            "<w:operation name='ask{n}'><s:operation soapAction='ask{n}'/><w:input>\
             <s:body use='literal'/></w:input><w:output><s:body use='literal'/></w:output>\
             </w:operation>"
        );
    }
    format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' \
         xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:large' \
         targetNamespace='urn:large'><w:types><xs:schema targetNamespace='urn:large' \
         elementFormDefault='qualified'>{schema}</xs:schema></w:types>{messages}\
         <w:portType name='P'>{port}</w:portType><w:binding name='B' type='t:P'>\
         <s:binding transport='http://schemas.xmlsoap.org/soap/http'/>{binding}</w:binding>\
         <w:service name='S'><w:port name='p' binding='t:B'>\
         <s:address location='https://api.example/large'/></w:port></w:service></w:definitions>"
    )
}

/// An API with so many operations and schemas.
fn openapi(operations: usize, types: usize) -> String {
    let each = types.div_ceil(operations);
    let reference = |n: usize| json!({"$ref": format!("#/components/schemas/Item{}", n % types)});
    let schemas = (0..types).map(|n| {
        let properties: Map<String, Value> = members(n, types, |name, kind| {
            let schema = match kind {
                "int" => json!({"type": "integer"}),
                "dateTime" => json!({"type": "string", "format": "date-time"}),
                "boolean" => json!({"type": "boolean"}),
                "decimal" => json!({"type": "number"}),
                "string" => json!({"type": "string", "description": "What is shown."}),
                item => json!({"$ref": format!("#/components/schemas/{item}")}),
            };
            (name.to_owned(), schema)
        })
        .into_iter()
        .collect();
        let schema = json!({"type": "object", "description": "An item.", "properties": properties});
        (format!("Item{n}"), schema)
    });
    let paths = (0..operations).map(|n| {
        let answer = json!({"type": "array", "items": reference(n * each)});
        let operation = json!({
            "operationId": format!("ask{n}"),
            "summary": format!("Asks for what item {n} has"),
            "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
            "requestBody": {"content": {"application/json": {"schema": reference(n)}}},
            "responses": {"200": {
                "description": "What there is.",
                "content": {"application/json": {"schema": answer}},
            }},
        });
        (format!("/items{n}"), json!({ "post": operation }))
    });
    let (paths, schemas): (Map<String, Value>, Map<String, Value>) =
        (paths.collect(), schemas.collect());
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "servers": [{"url": "https://api.example/large"}],
        "paths": paths,
        "components": {"schemas": schemas},
    });
    document.to_string()
}
