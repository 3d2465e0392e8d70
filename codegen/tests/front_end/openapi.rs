//! OpenAPI documents in, crates out: what each construct becomes, or how it is refused.

use std::fs;
use std::path::{Path, PathBuf};

use codegen::diag::{Problems, Severity};
use codegen::emit::{Dependencies, Files, rest_alone};
use codegen::openapi::model::RestContract;
use codegen::openapi::{is_openapi, read};

/// A directory of made-up files.
pub(crate) struct Document(PathBuf);

impl Document {
    /// `main.yaml` with this text; the name has to be unique among the tests.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("openapi")
            .join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let this = Self(dir);
        this.file("main.yaml", text)
    }

    /// A document with these paths and these components.
    pub(crate) fn with(name: &str, paths: &str, schemas: &str) -> Self {
        let indent = |text: &str, by: usize| {
            let lines = text.lines().map(|l| format!("{}{l}\n", " ".repeat(by)));
            lines.collect::<String>()
        };
        let mut text = "openapi: 3.0.3\ninfo: { title: Test, version: '1' }\n".to_owned();
        text.push_str("servers: [{ url: 'https://api.example/base/' }]\n");
        if paths.is_empty() {
            text.push_str("paths: {}\n");
        } else {
            text.push_str(&format!("paths:\n{}", indent(paths, 2)));
        }
        if !schemas.is_empty() {
            text.push_str(&format!("components:\n  schemas:\n{}", indent(schemas, 4)));
        }
        Self::new(name, &text)
    }

    /// One operation `ask`, a GET with this answer 200.
    pub(crate) fn answering(name: &str, answer: &str, schemas: &str) -> Self {
        let paths = format!(
            "/ask:\n  get:\n    operationId: ask\n    responses:\n      '200':\n        \
             description: ok\n        content: {{ application/json: {{ schema: {answer} }} }}"
        );
        Self::with(name, &paths, schemas)
    }

    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self) -> Result<RestContract, Problems> {
        read(&self.0.join("main.yaml"))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.join("main.yaml")
    }

    /// The main document, and a catalog of its directory.
    pub(crate) fn read_with(&self, url: &str, file: &str) -> Result<RestContract, Problems> {
        let catalog = [(url.to_owned(), self.0.join(file))].into();
        codegen::openapi::read_with(&self.0.join("main.yaml"), &catalog)
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> RestContract {
        self.read().unwrap_or_else(|e| panic!("{e}"))
    }

    /// The crate's files.
    #[track_caller]
    pub(crate) fn files(&self) -> Files {
        let runtime = "../runtime".to_owned();
        rest_alone(&self.ok(), "sample", &Dependencies::Alone { runtime })
            .unwrap_or_else(|e| panic!("{e}"))
    }

    /// Text of one file.
    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> String {
        let files = self.files();
        let names: Vec<&String> = files.keys().collect();
        files
            .get(path)
            .unwrap_or_else(|| panic!("{path} is not in {names:?}"))
            .clone()
    }

    #[track_caller]
    fn refused(&self, severity: Severity) -> String {
        let problems = match self.read() {
            Ok(_) => panic!("it was read"),
            Err(problems) => problems,
        };
        assert_eq!(problems.severity(), severity, "{problems}");
        for problem in &problems.list {
            assert!(problem.location.line > 0, "no place: {problem}");
        }
        problems.to_string()
    }

    #[track_caller]
    pub(crate) fn broken(&self) -> String {
        self.refused(Severity::Broken)
    }

    #[track_caller]
    pub(crate) fn unsupported(&self) -> String {
        self.refused(Severity::Unsupported)
    }

    pub(crate) fn notes(&self) -> String {
        let notes = self.ok().notes;
        notes
            .iter()
            .map(|n| format!("{}: {}\n", n.location, n.message))
            .collect()
    }
}

#[track_caller]
pub(crate) fn has(text: &str, part: &str) {
    let squeezed = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        squeezed(text).contains(&squeezed(part)),
        "`{part}` is not in:\n{text}"
    );
}

#[track_caller]
pub(crate) fn lacks(text: &str, part: &str) {
    assert!(!text.contains(part), "`{part}` is in:\n{text}");
}

// -------------------------------------------------------------------------------------------- YAML

#[test]
fn yaml_is_read_by_the_rules_of_1_2() {
    let d = Document::with(
        "yaml12",
        "",
        "Flag:\n  type: string\n  enum: [Y, N, yes, no, on, off, 1.10, null, ~]\n  nullable: true",
    );
    let text = d.text("src/types/flag.rs");
    for value in [
        "\"Y\"", "\"N\"", "\"yes\"", "\"no\"", "\"on\"", "\"off\"", "\"1.10\"",
    ] {
        has(&text, value);
    }
    lacks(&text, "\"null\"");
}

#[test]
fn what_is_wrong_in_yaml_is_told_with_its_place() {
    let twice = "openapi: 3.0.3\ninfo: {}\npaths: {}\ninfo: { title: x }\n";
    let text = Document::new("twice", twice).broken();
    has(&text, "the key `info` stands twice, first in line 2");
    has(&text, "main.yaml:4:1");
    has(&text, "4 | info: { title: x }");
    // Where both say the same, or say it in an example, nothing is lost.
    let same = "openapi: 3.0.3\ninfo: {}\npaths: {}\ninfo: {}\n";
    has(&Document::new("same", same).notes(), "it counts once");
    let example = "openapi: 3.0.3\npaths: {}\ncomponents: { schemas: { A: { type: string, \
                   example: { a: 1, a: 2 } } } }\n";
    has(&Document::new("example", example).notes(), "it counts once");
    // Readers take braces that are not indented enough.
    let braces = "openapi: 3.0.3\npaths: {}\nx-a:\n  b: {\n    \"c\": \"1\"\n  }\n  d: 1\n";
    let notes = Document::new("braces", braces).notes();
    has(
        &notes,
        "main.yaml:6:3: a line inside braces or brackets is not indented enough",
    );
    has(
        &Document::new("torn", "openapi: [3.0.3\n").broken(),
        "not YAML",
    );
    has(
        &Document::new("two", "a: 1\n---\nb: 2\n").broken(),
        "second document",
    );
    // A document that is small and says much.
    let mut bomb = "openapi: 3.0.3\nx0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for n in 1..9 {
        let last = n - 1;
        let list = vec![format!("*a{last}"); 10].join(", ");
        bomb.push_str(&format!("x{n}: &a{n} [{list}]\n"));
    }
    has(
        &Document::new("bomb", &bomb).broken(),
        "those of aliases counted",
    );
    let deep = format!("openapi: {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(Document::new("deep", &deep).read().is_err());
}

#[test]
fn anchors_and_merge_keys_are_resolved() {
    let d = Document::with(
        "anchors",
        "",
        "A: &a\n  type: object\n  properties: { x: &s { type: string } }\n\
         B:\n  <<: *a\n  properties: { y: *s }",
    );
    has(&d.text("src/types/b.rs"), "pub y: Option<String>");
}

#[test]
fn json_is_read_too_pairs_of_surrogates_included() {
    let d = Document::new("json", "").file(
        "main.yaml",
        "{\"openapi\": \"3.0.0\", \"info\": {\"title\": \"T\", \"version\": \"1\",\n\t\
         \"description\": \"a\\/b \\ud83d\\ude00\"}, \"paths\": {}}",
    );
    assert_eq!(d.ok().doc.text, "a/b \u{1f600}");
}

#[test]
fn documents_are_told_from_other_contracts() {
    let d = Document::new("kinds", "openapi: 3.0.3\n").file("a.wsdl", "<definitions/>");
    assert!(is_openapi(&d.0.join("main.yaml")));
    assert!(!is_openapi(&d.0.join("a.wsdl")));
}

#[test]
fn other_versions_are_refused_by_name() {
    let text = Document::new("v4", "openapi: 4.0.0\npaths: {}\n").unsupported();
    has(&text, "OpenAPI 4.0.0");
    has(&text, "Swagger 2.0, OpenAPI 3.0 and 3.1 are read");
    let text = Document::new("v1", "swaggerVersion: '1.2'\napis: []\n").broken();
    has(&text, "Swagger 1.2");
    let d = Document::new("v32", "openapi: 3.2.0\npaths: {}\n");
    has(&d.notes(), "OpenAPI 3.2.0 is read as 3.1");
    has(
        &Document::new("none", "info: {}\n").broken(),
        "no OpenAPI document",
    );
}

// ---------------------------------------------------------------------------------- several answers

const TWO: &str = "/ask:\n  post:\n    operationId: ask\n    responses:\n";

#[test]
fn several_successes_become_an_enum() {
    let d = Document::with(
        "several",
        &format!(
            "{TWO}      '200': {{ description: a, content: {{ application/json: {{ schema: {{ type: \
             object, properties: {{ a: {{ type: string }} }} }} }} }} }}\n      '202': {{ description: \
             b, content: {{ application/zip: {{}} }} }}\n      '204': {{ description: c }}"
        ),
        "",
    );
    let text = d.text("src/operations/ask.rs");
    has(&text, "pub enum AskResponse {");
    has(&text, "Ok(AskResponseBody)");
    has(&text, "Accepted(Body)");
    has(&text, "NoContent,");
    has(
        &text,
        "fn streams(status: u16) -> bool { matches!(status, 202u16) }",
    );
    has(&text, "_ => Err(answer.undocumented())");
}

#[test]
fn two_inline_success_types_are_two_types() {
    let inline = |status: u16, member: &str| {
        format!(
            "      '{status}': {{ description: a, content: {{ application/json: {{ schema: {{ type: \
             object, properties: {{ {member}: {{ type: string }} }} }} }} }} }}\n"
        )
    };
    let d = Document::with(
        "inline",
        &format!("{TWO}{}{}", inline(200, "a"), inline(201, "b")),
        "",
    );
    let contract = d.ok();
    assert_eq!(contract.types.len(), 2);
    has(&d.notes(), "would be `AskResponseBody`, which is taken");
}

#[test]
fn documented_errors_are_typed_and_do_not_get_in_each_others_way() {
    let error = |status: &str, name: &str| {
        format!(
            "      '{status}': {{ description: e, content: {{ application/problem+json: {{ schema: \
             {{ $ref: '#/components/schemas/{name}' }} }} }} }}\n"
        )
    };
    let d = Document::with(
        "errors",
        &format!(
            "{TWO}      '200': {{ description: a }}\n{}{}{}      '404': {{ description: empty }}",
            error("400", "A"),
            error("5XX", "A"),
            error("default", "B")
        ),
        "A: { type: object, properties: { x: { type: string } } }\n\
         B: { type: object, properties: { y: { type: string } } }",
    );
    let text = d.text("src/operations/ask.rs");
    has(&text, "400u16 | 500u16..=599u16 => answer.fault::<A>()");
    has(&text, "_ => answer.fault::<B>()");
    has(&text, "type Response = ();");
    let faults = d.text("src/faults.rs");
    has(&faults, "pub struct A {");
    has(&faults, "pub struct B {");
}

#[test]
fn a_default_answer_is_a_success_only_where_none_is_listed() {
    let d = Document::with(
        "default",
        &format!(
            "{TWO}      default: {{ description: a, content: {{ application/json: {{ schema: {{ \
             $ref: '#/components/schemas/A' }} }} }} }}"
        ),
        "A: { type: object, properties: { x: { type: string } } }",
    );
    has(&d.text("src/operations/ask.rs"), "type Response = A;");
}

#[test]
fn media_types_of_answers() {
    for (name, media, want) in [
        (
            "any",
            "'*/*': { schema: { $ref: '#/components/schemas/A' } }",
            "type Response = A;",
        ),
        (
            "hal",
            "application/hal+json: { schema: { $ref: '#/components/schemas/A' } }",
            "type Response = A;",
        ),
        ("noschema", "application/json: {}", "type Response = Value;"),
        (
            "csv",
            "text/csv: { schema: { type: string } }",
            "type Response = String;",
        ),
        (
            "pdf",
            "application/pdf: { schema: { type: string, format: binary } }",
            "type Response = Body;",
        ),
    ] {
        let d = Document::with(
            &format!("media-{name}"),
            &format!("{TWO}      '200': {{ description: a, content: {{ {media} }} }}"),
            "A: { type: object, properties: { x: { type: string } } }",
        );
        has(&d.text("src/operations/ask.rs"), want);
    }
}

#[test]
fn declared_headers_stand_beside_the_body() {
    let d = Document::with(
        "headers",
        &format!(
            "{TWO}      '200':\n        description: a\n        headers: {{ X-Total-Count: {{ schema: \
             {{ type: integer }} }} }}\n        content: {{ application/json: {{ schema: {{ type: \
             array, items: {{ $ref: '#/components/schemas/A' }} }} }} }}"
        ),
        "A: { type: object, properties: { x: { type: string } } }",
    );
    let text = d.text("src/operations/ask.rs");
    has(&text, "pub body: Items<A>,");
    has(&text, "pub x_total_count: Option<i64>,");
    has(&text, "x_total_count: answer.header(\"x-total-count\"),");
}

// ------------------------------------------------------------------------------------------ requests

fn body(name: &str, media: &str) -> Document {
    Document::with(
        &format!("body-{name}"),
        &format!(
            "/ask:\n  post:\n    operationId: ask\n    requestBody: {{ required: true, content: {{ \
             {media} }} }}\n    responses: {{ '204': {{ description: ok }} }}"
        ),
        "A: { type: object, required: [f], properties: { f: { type: string, format: binary }, n: { \
         type: integer } } }\nB: { type: object, properties: { l: { type: array, items: { type: \
         string } } } }",
    )
}

#[test]
fn bodies_of_requests() {
    let b = "{ schema: { $ref: '#/components/schemas/B' } }";
    for (name, media, want) in [
        (
            "json",
            format!("application/json: {b}"),
            "r.json(\"application/json\", &self.body)?",
        ),
        (
            "merge",
            format!("application/merge-patch+json: {b}"),
            "r.json(\"application/merge-patch+json\"",
        ),
        (
            "form",
            format!("application/x-www-form-urlencoded: {b}"),
            "r.form(&self.body)?",
        ),
        (
            "xml",
            "application/xml: {}".to_owned(),
            "r.text(\"application/xml\", &self.body)?",
        ),
        (
            "bytes",
            "application/octet-stream: {}".to_owned(),
            "r.bytes(\"application/octet-stream\"",
        ),
    ] {
        has(&body(name, &media).text("src/operations/ask.rs"), want);
    }
    let upload = body(
        "parts",
        "multipart/form-data: { schema: { $ref: '#/components/schemas/A' } }",
    );
    has(
        &upload.text("src/operations/ask.rs"),
        "r.multipart(&self.body)?",
    );
    let text = upload.text("src/types/a.rs");
    has(&text, "pub f: File,");
    has(&text, "impl Multipart for A");
    lacks(&text, "impl Decode");
    let two = body(
        "two",
        &format!("application/xml: {b}, application/json: {b}"),
    );
    has(
        &two.notes(),
        "is used as `application/json`; not as `application/xml`",
    );
}

#[test]
fn an_optional_body_is_optional() {
    let d = Document::with(
        "optional",
        "/ask:\n  post:\n    operationId: ask\n    requestBody: { content: { application/json: { \
         schema: { type: object } } } }\n    responses: { '204': { description: ok } }",
        "",
    );
    let text = d.text("src/operations/ask.rs");
    has(
        &text,
        "pub body: Option<std::collections::BTreeMap<String, Value>>",
    );
    has(&text, "if let Some(v) = &self.body");
}

#[test]
fn a_pattern_that_cannot_be_checked_is_said() {
    let d = Document::with(
        "patterns",
        "/ask:\n  get:\n    operationId: ask\n    parameters:\n    - { name: a, in: query, schema: { \
         type: string, pattern: '^(?!x)[a-z]+$' } }\n    - { name: b, in: query, schema: { type: \
         string, pattern: '^\\s+$' } }\n    responses: { '204': { description: ok } }",
        "",
    );
    let text = d.text("src/operations/ask.rs");
    has(
        &d.notes(),
        "the pattern `^(?!x)[a-z]+$` (`(?`) is not checked",
    );
    has(&text, "r.check_pattern(\"b\", v, &PATTERN)?");
    assert_eq!(text.matches("check_pattern").count(), 1, "{text}");
}

#[test]
fn parameters_of_every_place_and_style() {
    let list = "schema: { type: array, items: { type: string } }";
    let d = Document::with(
        "parameters",
        &format!(
            "/a:{{icc}}/{{ids}}.json:\n  get:\n    operationId: ask\n    parameters:\n    - {{ name: \
             icc, in: path, required: true, schema: {{ type: string, minLength: 1 }} }}\n    - {{ \
             name: ids, in: path, required: true, style: matrix, explode: true, {list} }}\n    - {{ \
             name: page, in: query, schema: {{ type: integer, minimum: 1, maximum: 9 }} }}\n    - {{ \
             name: many, in: query, explode: false, {list} }}\n    - {{ name: pipes, in: query, \
             style: pipeDelimited, {list} }}\n    - {{ name: deep, in: query, style: deepObject, \
             explode: true, schema: {{ $ref: '#/components/schemas/A' }} }}\n    - {{ name: where, \
             in: query, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/A' \
             }} }} }} }}\n    - {{ name: X-Ids, in: header, {list} }}\n    - {{ name: sid, in: \
             cookie, schema: {{ type: string }} }}\n    - {{ name: Authorization, in: header, \
             schema: {{ type: string }} }}\n    responses: {{ '204': {{ description: ok }} }}"
        ),
        "A: { type: object, properties: { x: { type: string } } }",
    );
    let text = d.text("src/operations/ask.rs");
    for want in [
        "r.path(\"icc\", Style::Simple, false, &self.icc)?",
        "r.check_length(\"icc\", v, 1, None)?",
        "r.path(\"ids\", Style::Matrix, true, &self.ids)?",
        "r.check_range(\"page\", v, Some(1), Some(9))?",
        "r.query(\"page\", Style::Form, true, v)?",
        "r.query(\"many\", Style::Form, false, v)?",
        "r.query(\"pipes\", Style::PipeDelimited, false, v)?",
        "r.query(\"deep\", Style::DeepObject, true, v)?",
        "r.query_json(\"where\", v)?",
        "r.header(\"X-Ids\", false, v)?",
        "r.cookie(\"sid\", true, v)?",
        "pub fn new(icc: impl Into<String>, ids: impl IntoIterator<Item = String>) -> Self",
    ] {
        has(&text, want);
    }
    lacks(&text, "authorization");
    has(
        &d.notes(),
        "the header `Authorization` is set by the client",
    );
}

#[test]
fn what_is_wrong_with_operations() {
    let op = |name: &str, path: &str, rest: &str| {
        let paths = format!(
            "{path}:\n  get:\n    operationId: ask\n{rest}    responses: {{ '204': {{ description: \
             ok }} }}"
        );
        Document::with(name, &paths, "")
    };
    let d = op("template", "/{id}", "");
    has(
        &d.notes(),
        "a parameter `id` that `ask` does not describe: a string",
    );
    has(&d.text("src/operations/ask.rs"), "pub id: String,");
    let extra =
        "    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]\n";
    has(
        &op("extra", "/x", extra).notes(),
        "the path parameter `id` is not in `/x`; it is left out",
    );
    let body = "    requestBody: { content: { application/json: { schema: {} } } }\n";
    has(&op("getbody", "/x", body).notes(), "GET with a body");
    let twice = "/a: { get: { operationId: getSim, responses: {} } }\n\
                 /b: { get: { operationId: get_sim, responses: {} } }\n\
                 /c: { get: { operationId: getSim, responses: {} } }";
    let d = Document::with("twice-op", twice, "");
    let names: Vec<String> = d.ok().operations.into_iter().map(|op| op.name).collect();
    assert_eq!(names, ["getSim", "getB", "getC"]);
    has(
        &d.notes(),
        "`getSim` and `get_sim` would both be `get_sim` in Rust: the one of `GET /b` is `getB`",
    );
    let nameless = "/v1/sims/{id}: { get: { parameters: [{ name: id, in: path, required: true, \
                    schema: { type: string } }], responses: { '204': { description: ok } } } }";
    let d = Document::with("nameless", nameless, "");
    has(&d.notes(), "`getV1SimsId`");
    d.text("src/operations/get_v1_sims_id.rs");
}

// --------------------------------------------------------------------------------------------- types

#[test]
fn numbers_decimals_and_identifiers() {
    let d = Document::answering(
        "scalars",
        "{ $ref: '#/components/schemas/A' }",
        "A:\n  type: object\n  properties:\n    f: { type: number, format: float }\n    d: { type: \
         number, x-decimal: true }\n    t: { type: string, format: decimal }\n    g: { type: string, \
         x-digits: true }\n    n: { type: integer, format: int32 }\n    l: { type: integer, \
         x-lenient: true }\n    w: { type: string, format: date-time }\n    s: { type: string, \
         x-lenient-date-time: true }\n    b: { type: string, format: byte }\n    p: { type: string, \
         x-personal: true }",
    );
    let text = d.text("src/types/a.rs");
    for want in [
        "pub f: Option<f64>",
        "pub d: Option<Decimal>",
        "pub t: Option<Decimal>",
        "pub g: Option<String>",
        "pub n: Option<i32>",
        "pub l: Option<i64>",
        "pub w: Option<DateTime>",
        "pub s: Option<DateTime>",
        "pub b: Option<Base64>",
        "c.digits_text().map(|text| text.into_owned())",
        "\"l\" => c.put_lenient(&mut l)?",
        "w.text(v);",
        ".field(\"p\", &self.p.as_ref().map(|_| Personal))",
    ] {
        has(&text, want);
    }
    lacks(&text, "f32");
}

#[test]
fn null_and_absent_are_two_things_in_requests_only() {
    let schemas = "A:\n  type: object\n  required: [r]\n  properties:\n    r: { type: string, \
                   nullable: true }\n    o: { type: string, nullable: true }\n    l: { type: array, \
                   items: { type: string } }";
    let answer = Document::answering("null-answer", "{ $ref: '#/components/schemas/A' }", schemas);
    let text = answer.text("src/types/a.rs");
    has(&text, "pub r: Option<String>");
    has(&text, "pub o: Option<String>");
    has(&text, "pub l: Vec<String>");
    let request = Document::with(
        "null-request",
        "/ask: { post: { operationId: ask, requestBody: { content: { application/json: { schema: { \
         $ref: '#/components/schemas/A' } } } }, responses: { '204': { description: ok } } } }",
        schemas,
    );
    let text = request.text("src/types/a.rs");
    has(&text, "pub r: Nullable<String>");
    has(&text, "pub o: Option<Nullable<String>>");
    has(&text, "pub l: Option<Vec<String>>");
}

#[test]
fn enumerations_are_open_whatever_their_values() {
    let d = Document::with(
        "enums",
        "",
        "S: { type: string, enum: ['', ' ', a, A, 1st, self, 'a-b', 'a b'] }\n\
         N: { type: integer, enum: [0, 1], x-enum-varnames: [None, Some] }\n\
         M: { type: object, properties: { n: { type: integer, enum: [4, 8] } } }\n\
         O: { oneOf: [{ type: string, enum: [x] }, { type: string }] }\n\
         P: { anyOf: [{ type: string, enum: [x] }, { type: string }] }",
    );
    let text = d.text("src/types/s.rs");
    for want in [
        "Blank,",
        "Blank2,",
        "A,",
        "A2,",
        "N1st,",
        "SelfValue,",
        "AB,",
        "AB2,",
        "Unknown(",
    ] {
        has(&text, want);
    }
    has(
        &d.text("src/types/n.rs"),
        "w.number_or_string(self.as_str())",
    );
    has(&d.text("src/types/m.rs"), "one of `4`, `8`");
    has(&d.text("src/types/o.rs"), "pub enum O {");
    has(&d.text("src/types/p.rs"), "X,");
}

#[test]
fn names_that_meet_in_rust() {
    // An inline type that would be called like a component.
    let d = Document::with(
        "clash",
        "",
        "Sms: { type: object, properties: { status: { type: object, properties: { a: { type: string \
         } } } } }\nSmsStatus: { type: object, properties: { b: { type: string } } }",
    );
    has(
        &d.text("src/types/sms.rs"),
        "pub status: Option<SmsStatus2>",
    );
    has(&d.notes(), "would be `SmsStatus`, which is taken");
    // Members that are equal in snake case.
    let d = Document::with(
        "members",
        "",
        "A: { type: object, properties: { iso-code: { type: string }, iso_code: { type: string }, \
         isoCode: { type: string }, type: { type: string }, c: { type: string }, name: { type: \
         string } } }",
    );
    let text = d.text("src/types/a.rs");
    has(&text, "pub iso_code: Option<String>");
    has(&text, "pub iso_code2: Option<String>");
    has(&text, "pub iso_code3: Option<String>");
    has(&text, "pub type_: Option<String>");
    // Names of the prelude.
    let d = Document::with(
        "prelude",
        "",
        "Option: { type: object, properties: { a: {} } }",
    );
    has(&d.text("src/types/option_type.rs"), "pub struct OptionType");
    // A constructor of its own name, and two variants that no name without a number tells apart.
    let d = Document::with(
        "new",
        "/new: { get: { operationId: new, responses: { '204': { description: ok } } } }",
        "New: { type: object, properties: { who: { type: string, enum: [Self, self] } } }",
    );
    has(&d.text("src/operations/new.rs"), "pub struct NewRequest");
    has(&d.text("src/types/new_type.rs"), "pub struct NewType");
    has(&d.text("src/types/new_type_who.rs"), "SelfValue2,");
    let d = Document::with(
        "components",
        "",
        "Sim_Card: { type: object, properties: { a: {} } }\nSimCard: { type: object, properties: { \
         b: {} } }",
    );
    has(
        &d.notes(),
        "`Sim_Card` and `SimCard` would both be `SimCard` in Rust: `Sim_Card` is `SimCard2`",
    );
    has(&d.text("src/types/sim_card.rs"), "pub b: Option<Value>");
    has(&d.text("src/types/sim_card2.rs"), "pub a: Option<Value>");
}

#[test]
fn all_of_is_merged_and_contradictions_are_refused() {
    let base = "Base: { type: object, required: [a], properties: { a: { type: string }, s: { type: \
                string } } }\n";
    let d = Document::with(
        "allof",
        "",
        &format!(
            "{base}Both:\n  allOf:\n  - $ref: '#/components/schemas/Base'\n  - {{ type: object, \
             required: [s], properties: {{ s: {{ type: string, enum: [x] }}, b: {{ type: integer }} \
             }} }}"
        ),
    );
    let text = d.text("src/types/both.rs");
    has(&text, "pub a: String,");
    has(&text, "pub s: BothS,");
    has(&text, "pub b: Option<i64>,");
    let d = Document::with(
        "allof-conflict",
        "",
        &format!(
            "{base}Both:\n  allOf:\n  - $ref: '#/components/schemas/Base'\n  - {{ properties: {{ a: \
             {{ type: boolean }} }} }}"
        ),
    );
    let text = d.unsupported();
    has(
        &text,
        "`a` is string in one part of the object and boolean in another",
    );
    let scalars = "A: { allOf: [{ type: string }, { type: integer }] }";
    has(
        &Document::with("allof-scalars", "", scalars).unsupported(),
        "`allOf` of string and integer",
    );
    // A member that two parts give an object each has the members of both.
    let merged = "A: { type: object, properties: { c: { $ref: '#/components/schemas/C' }, l: { type: \
                  array, items: { $ref: '#/components/schemas/C' } } } }\n\
                  C: { type: object, properties: { x: {} } }\n\
                  D: { type: object, properties: { y: {} } }\n\
                  B: { allOf: [{ $ref: '#/components/schemas/A' }, { properties: { c: { $ref: \
                  '#/components/schemas/D' }, l: { type: array, items: { $ref: \
                  '#/components/schemas/D' } } } }] }";
    let d = Document::with("allof-merged", "", merged);
    has(&d.text("src/types/b.rs"), "pub c: Option<Bc>");
    has(&d.text("src/types/bc.rs"), "pub x: Option<Value>");
    has(&d.text("src/types/bc.rs"), "pub y: Option<Value>");
    has(&d.text("src/types/b.rs"), "Vec<BlItem>");
}

#[test]
fn alternatives() {
    let objects = "A: { type: object, required: [k], properties: { k: { type: string }, a: {} } }\n\
                   B: { type: object, properties: { k: { type: string }, b: {} } }\n";
    let refs = "[{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }]";
    let d = Document::with(
        "oneof",
        "",
        &format!(
            "{objects}T: {{ oneOf: {refs}, discriminator: {{ propertyName: k, mapping: {{ one: \
             '#/components/schemas/A' }} }} }}\nU: {{ oneOf: {refs} }}\nV: {{ anyOf: {refs} }}\n\
             W: {{ oneOf: [{{ type: string }}, {{ type: integer }}, {{ type: array, items: {{ type: \
             string }} }}] }}"
        ),
    );
    let text = d.text("src/types/t.rs");
    has(&text, "c.peek_member(\"k\")?");
    has(&text, "Some(\"one\") => c.read::<A>().map(Self::A)");
    has(&text, "Some(\"B\") => c.read::<B>().map(Self::B)");
    has(&text, "_ => c.read().map(Self::Unknown)");
    has(
        &d.text("src/types/u.rs"),
        "c.best(&[|c| c.read::<A>().map(Self::A), |c| c.read::<B>().map(Self::B)])",
    );
    let text = d.text("src/types/v.rs");
    has(&text, "pub k: Option<String>,");
    has(&text, "pub a: Option<Value>,");
    has(&text, "pub b: Option<Value>,");
    let text = d.text("src/types/w.rs");
    has(&text, "Text(String),");
    has(&text, "Number(i64),");
    has(&text, "List(Vec<String>),");
    let base = "A: { type: object, discriminator: { propertyName: k, mapping: { b: \
                '#/components/schemas/B' } }, properties: { k: { type: string } } }\n\
                B: { allOf: [{ $ref: '#/components/schemas/A' }, { properties: { x: { type: string } } }] }";
    let d = Document::with("base", "", base);
    has(
        &d.text("src/types/a.rs"),
        "pub additional: std::collections::BTreeMap<String, Value>",
    );
    lacks(&d.text("src/types/b.rs"), "additional");
    has(&d.notes(), "what the subtypes b add is kept as it comes");
}

#[test]
fn a_member_whose_values_are_apart_is_a_discriminator() {
    let arm = |required: &str, values: &str| {
        format!(
            "{{ type: object, required: [{required}], properties: {{ id: {{ type: integer }}, op: \
             {{ type: string, enum: [{values}] }} }} }}"
        )
    };
    let union = |name: &str, arms: &[String]| {
        let d = Document::with(name, "", &format!("T: {{ oneOf: [{}] }}", arms.join(", ")));
        (d.text("src/types/t.rs"), d.notes())
    };
    let (text, notes) = union("apart", &[arm("id, op", "start, go"), arm("op", "stop")]);
    has(&text, "c.peek_member(\"op\")?");
    has(&text, "Some(\"start\") | Some(\"go\") => ");
    has(&notes, "`op` tells which it is");
    // A value in both, or a member that may be missing, tells nothing.
    for (name, second) in [
        ("both", arm("op", "stop, go")),
        ("missing", arm("id", "stop")),
    ] {
        let (text, notes) = union(name, &[arm("op", "start, go"), second]);
        has(&text, "best(");
        has(&notes, "the alternative that fits best is read");
    }
}

#[test]
fn what_a_schema_cannot_be_is_said() {
    let d = Document::answering("no-schema", "{ $ref: '#/components/responses/R' }", "A: {}");
    let path = d.path();
    let text = fs::read_to_string(&path).unwrap()
        + "  responses:\n    R: { description: r, content: { application/json: { schema: {} } } }\n";
    fs::write(path, text).unwrap();
    let text = d.broken();
    has(
        &text,
        "`#/components/responses/R` is a response, and no schema",
    );
    has(&text, "that of its `content`");
    let d = Document::with(
        "odd-values",
        "",
        "A: { type: object, properties: { n: { type: number, enum: [1, a] }, f: { type: boolean, \
         enum: [yes] }, b: { type: integer, maximum: 99999999999999999999 }, c: { type: integer, \
         format: int32, minimum: -2147483649 }, ok: { type: integer, enum: [1, '2'], maximum: \
         9223372036854775807 } } }",
    );
    let notes = d.notes();
    has(&notes, "`a` is no number, which the enumeration is of");
    has(&notes, "`yes` is no boolean, which the enumeration is of");
    has(&notes, "`maximum` goes beyond a whole number of 64 bits");
    has(&notes, "`minimum` goes beyond a whole number of 32 bits");
    assert_eq!(notes.lines().count(), 4, "{notes}");
}

#[test]
fn the_main_document_is_the_source_whatever_its_files_are_called() {
    let d = Document::answering("source", "{ $ref: 'defs.yaml#/A' }", "").file(
        "defs.yaml",
        "A: { type: object, properties: { x: { type: string } } }",
    );
    assert_eq!(d.ok().sources, ["main.yaml", "defs.yaml"]);
    has(&d.text("README.md"), "main.yaml");
}

#[test]
fn maps_open_objects_and_recursion() {
    let d = Document::with(
        "maps",
        "",
        "M: { type: object, properties: { m: { type: object, additionalProperties: { type: integer } \
         }, f: { type: object } } }\nE: { type: object, additionalProperties: { type: string }, \
         properties: { a: {} } }\nC: { type: object, additionalProperties: false, properties: { a: {} \
         } }\nR: { type: object, required: [l], properties: { r: { $ref: '#/components/schemas/R' }, \
         l: { type: array, items: { $ref: '#/components/schemas/R' } } } }\nONE: { type: object, \
         minProperties: 1, maxProperties: 1, properties: { a: {}, b: {} } }",
    );
    let text = d.text("src/types/m.rs");
    has(
        &text,
        "pub m: Option<std::collections::BTreeMap<String, i64>>",
    );
    has(
        &text,
        "pub f: Option<std::collections::BTreeMap<String, Value>>",
    );
    has(
        &d.text("src/types/e.rs"),
        "pub additional: std::collections::BTreeMap<String, String>",
    );
    has(&d.text("src/types/c.rs"), "_ => c.skip_unknown()?");
    let text = d.text("src/types/r.rs");
    has(&text, "pub r: Option<Box<R>>");
    has(&text, "pub l: Vec<R>");
    has(
        &d.text("src/types/one.rs"),
        "exactly one of its fields is set",
    );
    let text = Document::with(
        "loop",
        "",
        "A: { type: array, items: { $ref: '#/components/schemas/A' } }",
    )
    .notes();
    has(&text, "leads back to itself without an object between");
}

#[test]
fn what_cannot_be_said_is_refused_by_name_and_place() {
    for (name, schema, want) in [
        ("not", "{ not: { type: string } }", "`not` is not checked"),
        (
            "keyword",
            "{ type: string, patern: x }",
            "`patern` is no keyword of schemas; it is left out",
        ),
    ] {
        let d = Document::with(name, "", &format!("A: {schema}"));
        has(&d.notes(), want);
    }
    has(
        &Document::with("bounds", "", "A: { type: integer, minimum: 2, maximum: 1 }").unsupported(),
        "`minimum` is above `maximum`: no value is both",
    );
    for (name, schema, want) in [
        ("type", "{ type: text }", "there is no type `text`"),
        (
            "nowhere",
            "{ $ref: '#/components/schemas/None' }",
            "there is no `None`",
        ),
        ("scalar", "17", "a schema is a map, this is a number"),
    ] {
        has(
            &Document::with(name, "", &format!("A: {schema}")).broken(),
            want,
        );
    }
    let text =
        Document::with("network", "", "A: { $ref: 'https://x.example/a.yaml#/A' }").unsupported();
    has(&text, "on the network, which is never asked");
    has(&text, "--catalog");
    // A bad pattern and a default of the wrong type are words for people.
    let d = Document::with(
        "harmless",
        "",
        "A: { type: object, properties: { p: { type: string, pattern: '(' }, d: { type: integer, \
         default: x } } }",
    );
    has(&d.text("src/types/a.rs"), "pattern `(`");
}

#[test]
fn references_into_other_files() {
    let d = Document::with(
        "files",
        "",
        "A: { $ref: 'common.yaml#/components/schemas/B' }",
    )
    .file(
        "common.yaml",
        "components: { schemas: { B: { type: object, properties: { c: { $ref: \
         '#/components/schemas/C' } } }, C: { type: string, enum: [x] } } }",
    );
    has(&d.text("src/types/b.rs"), "pub c: Option<C>");
    assert_eq!(d.ok().sources, ["main.yaml", "common.yaml"]);
}

// ------------------------------------------------------------------------------------------ overlays

#[test]
fn an_overlay_changes_what_it_names_and_says_why() {
    let schemas =
        "A: { type: object, properties: { eid: { type: integer }, old: { type: string } } }";
    let overlay = "- target: /components/schemas/A/properties/eid\n  update: { type: string, \
                   x-digits: true }\n  reason: An EID has 32 digits.\n- target: \
                   /components/schemas/A/properties/old\n  remove: true\n  reason: Gone.\n- target: \
                   /components/schemas/A/properties/new\n  update: { type: boolean }\n  reason: New.\n";
    let d = Document::with("overlay", "", schemas).file("overlay.yaml", overlay);
    let text = d.text("src/types/a.rs");
    has(&text, "pub eid: Option<String>");
    has(&text, "pub new: Option<bool>");
    lacks(&text, "old");
    has(
        &d.notes(),
        "the overlay changes `/components/schemas/A/properties/eid`: An EID has 32 digits.",
    );
    for (name, entry, want) in [
        (
            "o1",
            "{ target: /components/schemas/B, remove: true, reason: x }",
            "nothing to remove",
        ),
        (
            "o2",
            "{ target: /components/schemas/A, update: { type: object }, reason: x }",
            "changes nothing",
        ),
        (
            "o3",
            "{ target: /nowhere/at/all, update: {}, reason: x }",
            "the target has no `nowhere`",
        ),
        (
            "o4",
            "{ target: /components/schemas/A, remove: true }",
            "without a reason",
        ),
        (
            "o5",
            "{ target: /components/schemas/A, reason: x }",
            "`update` or `remove: true`",
        ),
    ] {
        let d = Document::with(name, "", schemas).file("overlay.yaml", &format!("- {entry}\n"));
        let text = d.broken();
        has(&text, want);
        has(&text, "overlay.yaml:1:3");
    }
}

// ------------------------------------------------------------------------------------------- the lot

#[test]
fn the_same_input_gives_the_same_bytes() {
    let root = super::support::workspace();
    let spec = root.join("specs/openapi/telekom-bsc/v1/openapi.yaml");
    let files = || {
        let runtime = "runtime".to_owned();
        rest_alone(
            &read(&spec).unwrap(),
            "bsc",
            &Dependencies::Alone { runtime },
        )
        .unwrap()
    };
    let first = files();
    assert!(first.len() > 50);
    assert_eq!(first, files());
    // A crate of a REST API is laid out as one of a SOAP service.
    for path in [
        "Cargo.toml",
        "README.md",
        "rustfmt.toml",
        "src/lib.rs",
        "src/client.rs",
        "src/faults.rs",
    ] {
        assert!(first.contains_key(path), "{path}");
    }
    assert!(first["Cargo.toml"].contains("features = [\"rest\"]"));
    for (path, text) in &first {
        assert!(!text.contains("compile_error!"), "{path}:\n{text}");
    }
}
