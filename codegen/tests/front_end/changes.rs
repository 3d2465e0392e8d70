//! Two contracts in, what differs out: changes that move the generated code or the wire.

use codegen::diff::Diff;
use codegen::inspect::Inspection;

use crate::openapi::Document;
use crate::support::{BOUND, Case, OPERATION, TNS, contract};

/// The changes, a line each: `major: kind place (side)`.
fn lines(old: &Inspection, new: &Inspection) -> Vec<String> {
    // As they are kept: what is not written down is not compared.
    let kept = |inspection: &Inspection| -> Inspection {
        serde_json::from_str(&inspection.to_json()).unwrap()
    };
    let diff = Diff::between(&kept(old), &kept(new));
    let first = |text: String| text.lines().next().unwrap().to_owned();
    diff.changes.iter().map(|c| first(c.to_string())).collect()
}

#[track_caller]
fn rest(name: &str, text: &str, from: &str, to: &str, wanted: &[&str]) {
    assert!(text.contains(from), "`{from}` is not in the document");
    let read = |name: String, text: &str| Inspection::of_rest(&Document::new(&name, text).ok());
    let old = read(format!("{name}-old"), text);
    let new = read(format!("{name}-new"), &text.replace(from, to));
    assert_eq!(lines(&old, &new), wanted, "{name}");
}

const REST: &str = r"openapi: 3.0.3
info: { title: T, version: '1' }
paths:
  /sims/{id}/docs/{doc}.pdf:
    get:
      operationId: find
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: doc, in: path, required: true, schema: { type: string } }
        - { name: tags, in: query, explode: false, schema: { type: array, items: { type: string } } }
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { $ref: '#/components/schemas/Event' } } }
    post:
      operationId: upload
      requestBody:
        content:
          multipart/form-data:
            schema: { type: object, properties: { meta: { type: string } } }
            encoding: { meta: { contentType: text/csv } }
      responses: { '204': { description: done } }
components:
  schemas:
    Event:
      oneOf: [{ $ref: '#/components/schemas/On' }, { $ref: '#/components/schemas/Off' }]
      discriminator:
        propertyName: what
        mapping: { on: '#/components/schemas/On', off: '#/components/schemas/Off' }
    On:
      type: object
      properties: { what: { type: string }, names: { type: array, items: { type: string } } }
      additionalProperties: false
    Off: { type: object, properties: { what: { type: string } } }
";

#[test]
fn of_openapi() {
    rest(
        "change-explode",
        REST,
        "explode: false",
        "explode: true",
        &["major: field-layout operation find parameter tags: not exploded -> usual (request)"],
    );
    rest(
        "change-mapping",
        REST,
        "{ on: '",
        "{ 'ON': '",
        &["major: discriminator-values type Event: `on` for On -> `ON` for On (answer)"],
    );
    rest(
        "change-open",
        REST,
        "additionalProperties: false",
        "additionalProperties: { type: integer }",
        &["minor: open-added type On: i64 (answer)"],
    );
    rest(
        "change-closed",
        &REST.replace("additionalProperties: false", "additionalProperties: true"),
        "additionalProperties: true",
        "additionalProperties: false",
        &["major: open-removed type On: was any (answer)"],
    );
    rest(
        "change-part",
        REST,
        "text/csv",
        "text/plain",
        &["major: part-changed operation upload input part meta: text/csv -> text/plain"],
    );
    rest(
        "change-null",
        REST,
        "items: { type: string } } }\n      additional",
        "items: { type: string, nullable: true } } }\n      additional",
        &["major: field-retyped type On names: string[] -> string?[] (answer)"],
    );
}

#[test]
fn paths_are_shown_whole_and_their_variables_are_parameters() {
    rest(
        "change-path",
        REST,
        "/sims/{id}/docs",
        "/cards/{id}/docs",
        &[
            "major: path-changed operation find: /sims/{id}/docs/{doc}.pdf -> \
             /cards/{id}/docs/{doc}.pdf",
            "major: path-changed operation upload: /sims/{id}/docs/{doc}.pdf -> \
             /cards/{id}/docs/{doc}.pdf",
        ],
    );
    let text = REST.replace("name: id, in", "name: id,  in");
    let renamed = text
        .replace("{id}", "{sim}")
        .replace("name: id, ", "name: sim, ");
    let read = |name: &str, text: &str| Inspection::of_rest(&Document::new(name, text).ok());
    let old = read("change-variable-old", &text);
    let new = lines(&old, &read("change-variable-new", &renamed));
    assert!(
        !new.is_empty() && new.iter().all(|line| !line.contains("path-changed")),
        "{new:?}"
    );
    assert!(
        new.contains(
            &"major: field-removed operation find parameter id: was 1..1 string (request)"
                .to_owned()
        ),
        "{new:?}"
    );
    // In each other's place they are another path.
    let swapped = text.replace("{id}/docs/{doc}", "{doc}/docs/{id}");
    let new = lines(&old, &read("change-swapped", &swapped));
    assert!(
        new.iter().all(|line| line.contains("path-changed")) && new.len() == 2,
        "{new:?}"
    );
}

#[track_caller]
fn soap(name: &str, schema: &str, from: &str, to: &str, wanted: &[&str]) {
    assert!(schema.contains(from), "`{from}` is not in the schema");
    let read =
        |name: String, schema: &str| Inspection::of_soap(&Case::new(&name).schema(schema).ok());
    let old = read(format!("{name}-old"), schema);
    let new = read(format!("{name}-new"), &schema.replace(from, to));
    assert_eq!(lines(&old, &new), wanted, "{name}");
}

const SCHEMA: &str = "<xs:element name='request'><xs:complexType><xs:sequence>\
     <xs:sequence maxOccurs='unbounded'><xs:element name='a' type='xs:string'/>\
     <xs:element name='b' type='xs:string'/></xs:sequence>\
     <xs:element ref='t:head'/><xs:element name='mixed' type='t:Mixed'/>\
     <xs:element name='open' type='t:Open'/></xs:sequence></xs:complexType></xs:element>\
     <xs:element name='head' type='xs:string'/>\
     <xs:element name='one' type='xs:string' substitutionGroup='t:head'/>\
     <xs:complexType name='Mixed' mixed='true'><xs:sequence>\
     <xs:element name='x' type='xs:string'/></xs:sequence></xs:complexType>\
     <xs:complexType name='Open'><xs:sequence><xs:element name='x' type='xs:string'/>\
     <xs:any namespace='##other' processContents='lax'/></xs:sequence>\
     <xs:anyAttribute/></xs:complexType>";

#[test]
fn of_schemas() {
    soap(
        "change-group",
        SCHEMA,
        "<xs:sequence maxOccurs='unbounded'><xs:element name='a' type='xs:string'/>\
         <xs:element name='b' type='xs:string'/>",
        "<xs:sequence><xs:element name='a' type='xs:string' maxOccurs='unbounded'/>\
         <xs:element name='b' type='xs:string' maxOccurs='unbounded'/>",
        &[
            "major: field-grouped type element request a: repeated together with others -> by \
             itself (request)",
            "major: field-grouped type element request b: repeated together with others -> by \
             itself (request)",
        ],
    );
    soap(
        "change-substitute",
        SCHEMA,
        "<xs:complexType name='Mixed'",
        "<xs:element name='two' type='xs:string' substitutionGroup='t:head'/>\
         <xs:complexType name='Mixed'",
        &["minor: alternatives-added type element request head: two (request)"],
    );
    soap(
        "change-mixed",
        SCHEMA,
        " mixed='true'",
        "",
        &["major: open-removed type Mixed: was mixed (request)"],
    );
    soap(
        "change-any",
        SCHEMA,
        "<xs:any namespace='##other' processContents='lax'/>",
        "",
        &["major: open-removed type Open: was any (request)"],
    );
}

#[test]
fn a_header_that_becomes_required_is_used_by_its_operation() {
    let schema = format!(
        "<xs:schema targetNamespace='{TNS}'><xs:element name='request' type='xs:string'/>\
         <xs:element name='response' type='xs:string'/><xs:element name='who' type='xs:string'/>\
         </xs:schema>"
    );
    let messages = "<w:message name='In'><w:part name='body' element='t:request'/></w:message>\
                    <w:message name='Out'><w:part name='body' element='t:response'/></w:message>\
                    <w:message name='Head'><w:part name='who' element='t:who'/></w:message>";
    let read = |name: &str, required: &str| {
        let input = "<w:input><s:body use='literal'/>";
        let header =
            format!("{input}<s:header message='t:Head' part='who' use='literal' {required}/>");
        let bound = BOUND.replacen(input, &header, 1);
        let text = contract(&schema, messages, OPERATION, &bound);
        Inspection::of_soap(&Case::new(name).file("main.wsdl", &text).ok())
    };
    let old = read("change-header-old", "");
    let new = read("change-header-new", "w:required='true'");
    assert_eq!(
        lines(&old, &new),
        ["major: field-made-mandatory type element callHeaders who: 0..1 -> 1..1 (request)"]
    );
}
