//! Swagger 2.0 and OpenAPI 3.1, files that refer to files, and what documents in the field do.

use codegen::diag::Severity;
use codegen::openapi::model::{Content, SecurityKind, Statuses, Style};

use super::openapi::{Document, has, lacks};

// ------------------------------------------------------------------------------------- Swagger 2.0

/// As a generator writes it from annotations: minified names, guillemets, everything in JSON.
const SWAGGER: &str = r##"{"swagger":"2.0","info":{"title":"Orders","version":"1"},
"host":"api.example:8443","basePath":"/orders","schemes":["http","https"],
"consumes":["application/json"],"produces":["*/*"],
"securityDefinitions":{"JWT":{"type":"apiKey","name":"Authorization","in":"header"},
 "login":{"type":"oauth2","flow":"application","tokenUrl":"https://id.example/t","scopes":{"r":"Read"}}},
"security":[{"JWT":["global"]}],
"paths":{
 "/sims/{id}":{
  "parameters":[{"$ref":"#/parameters/Id"}],
  "get":{"operationId":"getSimUsingGET","parameters":[
    {"name":"status","in":"query","type":"array","items":{"type":"string","enum":["A","B"]},"collectionFormat":"multi"},
    {"name":"fields","in":"query","type":"array","items":{"type":"string"},"collectionFormat":"pipes"},
    {"name":"codes","in":"query","type":"array","items":{"type":"integer","format":"int32"}},
    {"name":"limit","in":"query","type":"integer","format":"int32","maximum":100,"required":true},
    {"name":"old","in":"query","type":"array","items":{"type":"string"},"collectionFormat":"tsv"}],
   "responses":{"200":{"description":"OK","headers":{"X-Total":{"type":"integer"}},
     "schema":{"$ref":"#/definitions/Page«Sim»","originalRef":"Page«Sim»"}},
    "404":{"$ref":"#/responses/Missing"}}},
  "put":{"operationId":"putSim","parameters":[
    {"in":"body","name":"sim","required":true,"schema":{"$ref":"#/definitions/Sim"}}],
   "responses":{"204":{"description":"done"}}}},
 "/files":{
  "post":{"operationId":"upload","consumes":["multipart/form-data"],"parameters":[
    {"in":"formData","name":"file","type":"file","required":true},
    {"in":"formData","name":"note","type":"string"}],"responses":{"200":{"description":"ok","schema":{"type":"file"}}}}},
 "/login":{
  "post":{"operationId":"login","consumes":["application/x-www-form-urlencoded"],"parameters":[
    {"in":"formData","name":"user","type":"string","required":true},
    {"in":"formData","name":"roles","type":"array","items":{"type":"string"},"collectionFormat":"csv"}],
   "responses":{"default":{"description":"ok"}}}}},
"parameters":{"Id":{"name":"id","in":"path","required":true,"type":"string","maxLength":20}},
"responses":{"Missing":{"description":"missing","schema":{"$ref":"#/definitions/Fault"}}},
"definitions":{
 "Page«Sim»":{"type":"object","properties":{"content":{"type":"array","items":{"$ref":"#/definitions/Sim"}}}},
 "Sim":{"type":"object","discriminator":"kind","required":["kind"],"properties":{"kind":{"type":"string"},
   "price":{"type":"number","format":"bigdecimal"},"owner":{"type":"string","x-nullable":true}}},
 "Fault":{"type":"object","properties":{"code":{"type":"integer","format":"int32"}}}}}"##;

#[test]
fn swagger_is_read_as_it_is() {
    let d = Document::new("swagger", "").file("main.yaml", SWAGGER);
    let contract = d.ok();
    assert_eq!(contract.base_path, "/orders");
    assert_eq!(contract.server, "https://api.example:8443/orders");
    let get = d.text("src/operations/get_sim_using_get.rs");
    for want in [
        "r.check_length(\"id\", v, 0, Some(20))?",
        "r.query(\"status\", Style::Form, true, v)?",
        "r.query(\"fields\", Style::PipeDelimited, false, v)?",
        "r.query(\"codes\", Style::Form, false, v)?",
        "r.query(\"old\", Style::Form, false, v)?",
        "pub limit: i32,",
        "pub x_total: Option<i64>,",
        "pub body: PageSim,",
        "404u16 => answer.fault::<",
    ] {
        has(&get, want);
    }
    has(&d.notes(), "the layout `tsv` is written as `csv`");
    let put = d.text("src/operations/put_sim.rs");
    has(&put, "r.json(\"application/json\", &self.body)?");
    has(&put, "pub body: Sim,");
    let upload = d.text("src/operations/upload.rs");
    has(&upload, "r.multipart(&self.body)?");
    has(&upload, "type Response = Body;");
    has(&d.text("src/types/upload_body.rs"), "pub file: File,");
    let login = d.text("src/operations/login.rs");
    has(
        &login,
        "r.form_with(&self.body, &[(\"roles\", Style::Form, false)])?",
    );
    let sim = d.text("src/types/sim.rs");
    has(&sim, "pub price: Option<Decimal>,");
    has(&sim, "pub owner: Option<Nullable<String>>,");
    has(
        &sim,
        "pub additional: std::collections::BTreeMap<String, Value>,",
    );
    let readme = d.text("README.md");
    has(
        &readme,
        "| `JWT` | a key in the header `Authorization` | `header(\"Authorization\", …)` |",
    );
    has(
        &readme,
        "| `login` | an OAuth 2.0 token; flow `clientCredentials`, tokens from <https://id.example/t>, \
         scopes `r` | `bearer(…)` |",
    );
}

#[test]
fn what_is_wrong_in_swagger_is_told_at_its_own_place() {
    let text = SWAGGER.replace("#/definitions/Sim\"}}", "#/definitions/Simm\"}}");
    let d = Document::new("swagger-broken", "").file("main.yaml", &text);
    let text = d.broken();
    has(&text, "there is no `Simm`");
    has(&text, "main.yaml:");
}

#[test]
fn a_swagger_request_has_one_body() {
    let body = |name: &str| format!("{{ name: {name}, in: body, schema: {{ type: string }} }}");
    let part = "{ name: file, in: formData, type: file }";
    let document = |name: &str, first: &str, second: &str| {
        let text = format!(
            "swagger: '2.0'\ninfo: {{ title: T, version: '1' }}\npaths:\n  /p:\n    post:\n      \
             operationId: send\n      parameters:\n        - {first}\n        - {second}\n      \
             responses: {{ '204': {{ description: ok }} }}\n"
        );
        Document::new(name, &text)
    };
    let text = document("two-bodies", &body("a"), &body("b")).broken();
    has(&text, "`b` is a second body of `send`, beside `a`");
    has(&text, "main.yaml:9:");
    for (name, first, second) in [
        ("body-part", body("a"), part.to_owned()),
        ("part-body", part.to_owned(), body("a")),
    ] {
        let text = document(name, &first, &second).broken();
        has(
            &text,
            "`file` is a part of a form, and `send` has the body `a`",
        );
    }
}

// ------------------------------------------------------------------------------------- OpenAPI 3.1

/// A 3.1 document with these schemas.
fn modern(name: &str, schemas: &str) -> Document {
    let indented: String = schemas.lines().map(|l| format!("    {l}\n")).collect();
    let text = format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1', license: {{ name: MIT, identifier: MIT }} \
         }}\njsonSchemaDialect: https://spec.openapis.org/oas/3.1/dialect/base\nwebhooks: {{ hook: {{ \
         post: {{ responses: {{}} }} }} }}\ncomponents:\n  schemas:\n{indented}"
    );
    Document::new(name, &text)
}

#[test]
fn words_of_3_1_are_read() {
    let d = modern(
        "modern",
        "A:\n  type: object\n  required: [n]\n  properties:\n    n: { type: [string, 'null'] }\n    \
         k: { const: sim }\n    two: { type: [string, integer], maxLength: 5 }\n    r: { $ref: \
         '#/components/schemas/B', description: Mine., deprecated: true }\n    o: { anyOf: [{ $ref: \
         '#/components/schemas/B' }, { type: 'null' }] }\n    g: { type: integer, exclusiveMinimum: 0, \
         exclusiveMaximum: 9 }\n    b: { type: string, contentEncoding: base64, contentMediaType: \
         image/png }\n    t: { type: array, prefixItems: [{ type: string }, { type: integer }] }\n    \
         any: true\n    p: { type: object, patternProperties: { '^x': { type: integer } } }\n    \
         m: { enum: [1, a, null] }\n    w: { enum: [1, 2] }\n\
         B: { type: object, properties: { x: { type: string, examples: [a] } }, if: { required: [x] \
         }, unevaluatedProperties: false }\n\
         C: { $ref: '#/components/schemas/B', required: [x], properties: { y: { type: integer } } }\n\
         D: { $defs: { E: { type: object, properties: { z: { type: string } } } }, type: object, \
         properties: { e: { $ref: '#/components/schemas/D/$defs/E' } } }",
    );
    let text = d.text("src/types/a.rs");
    for want in [
        "pub n: Option<String>",
        "pub k: Option<Ak>",
        "pub two: Option<ATwo>",
        "pub o: Option<B>",
        "above 0 and below 9",
        "pub b: Option<Base64>",
        "pub t: Vec<Value>",
        "pub any: Option<Value>",
        "pub p: Option<std::collections::BTreeMap<String, i64>>",
        "pub m: Option<Value>",
        "one of `1`, `2`",
    ] {
        has(&text, want);
    }
    let two = d.text("src/types/a_two.rs");
    has(&two, "Text(String),");
    has(&two, "Number(i64),");
    let c = d.text("src/types/c.rs");
    has(&c, "pub x: String,");
    has(&c, "pub y: Option<i64>,");
    has(&d.text("src/types/d.rs"), "pub e: Option<E>");
    let notes = d.notes();
    has(
        &notes,
        "what the platform calls at the customer is not generated",
    );
    has(
        &notes,
        "a list whose items differ by place is one of any values",
    );
    has(&notes, "`if` is not checked");
    lacks(&notes, "no keyword");
}

// ------------------------------------------------------------------------------------------- files

#[test]
fn references_into_folders_and_back() {
    let paths = "/a/{id}: { $ref: 'paths/a.yaml' }";
    let d = Document::with("folders", paths, "Own: { type: object, properties: { o: {} } }")
        .file(
            "paths/a.yaml",
            "get:\n  operationId: ask\n  parameters: [{ $ref: '../common.yaml#/parameters/Id' }]\n  \
             responses:\n    '200': { $ref: '../common.yaml#/responses/Ok' }\n",
        )
        .file(
            "common.yaml",
            "parameters: { Id: { name: id, in: path, required: true, schema: { $ref: \
             './types/id type.yaml' } } }\nresponses:\n  Ok:\n    description: ok\n    headers: { X: { \
             $ref: '#/headers/X' } }\n    content: { application/json: { schema: { $ref: \
             'types/answer.yaml#/a~1b/c%20d' } } }\nheaders: { X: { schema: { type: integer } } }\n",
        )
        .file("types/id type.yaml", "type: string\nmaxLength: 4\n")
        .file(
            "types/answer.yaml",
            "a/b:\n  c d:\n    type: object\n    properties:\n      own: { $ref: \
             '../main.yaml#/components/schemas/Own' }\n      again: { $ref: '#/a~1b/c d' }\n      far: { \
             $ref: 'https://x.example/far.json#/far' }\n",
        )
        .file("far.json", "{\"far\": {\"type\": \"boolean\"}}");
    let contract = d
        .read_with("https://x.example/far.json", "far.json")
        .unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(contract.operations.len(), 1);
    let names: Vec<&str> = contract.types.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["Own", "CD"]);
    assert_eq!(contract.operations[0].responses[0].headers[0].name, "X");
    assert_eq!(contract.sources.len(), 6, "{:?}", contract.sources);
    has(
        &d.unsupported(),
        "`https://x.example/far.json#/far` is on the network",
    );
}

// ------------------------------------------------------------------------------ what is in the field

#[test]
fn discriminators_of_every_sort() {
    let d = Document::with(
        "discriminators",
        "",
        "Cat: { type: object, properties: { kind: { type: string, enum: [cat] } } }\n\
         Dog: { type: object, properties: { kind: { type: string } } }\n\
         Pet: { oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], \
         discriminator: { propertyName: kind, mapping: { hound: Dog, wolf: Wolf } } }\n\
         Any: { oneOf: [{ $ref: '#/components/schemas/Pet' }, { type: object, title: stone, \
         properties: { kind: { type: string } } }], discriminator: { propertyName: kind } }",
    );
    let text = d.text("src/types/pet.rs");
    has(&text, "Some(\"cat\") | Some(\"Cat\") => c.read::<Cat>()");
    has(&text, "Some(\"hound\") => c.read::<Dog>()");
    has(&d.notes(), "`wolf` means none of the alternatives");
    let text = d.text("src/types/any.rs");
    has(&text, "Some(\"cat\") | Some(\"Cat\") | Some(\"hound\")");
    has(&text, "Some(\"stone\")");
}

#[test]
fn names_that_rust_has_no_place_for() {
    let op = |id: &str| {
        format!("{{ operationId: '{id}', responses: {{ '204': {{ description: ok }} }} }}")
    };
    let paths = format!(
        "/1: {{ get: {} }}\n/2: {{ get: {} }}\n/3: {{ get: {} }}\n/4: {{ get: {} }}\n/5: {{ get: {} }}",
        op("new"),
        op("option"),
        op("größe.ändern"),
        op("$"),
        op("2fa"),
    );
    let d = Document::with(
        "odd-names",
        &paths,
        "längde: { type: object, properties: { größe: { type: string }, '': { type: string }, '²': { \
         type: string } } }\n$: { type: object, properties: { a: {} } }",
    );
    let client = d.text("src/client.rs");
    for want in [
        "pub async fn new_(",
        "pub async fn größe_ändern(",
        "pub async fn n2fa(",
    ] {
        has(&client, want);
    }
    has(
        &d.text("src/operations/option.rs"),
        "pub struct OptionRequest",
    );
    d.text("src/operations/gruf6udfe_ue4ndern.rs");
    let text = d.text("src/types/lue4ngde.rs");
    has(&text, "pub größe: Option<String>,");
    has(&text, "pub value: Option<String>,");
    has(&text, "pub value2: Option<String>,");
}

#[test]
fn servers_of_paths_and_operations() {
    let get = |id: &str, more: &str| {
        format!(
            "{{ get: {{ operationId: {id}, {more}responses: {{ '204': {{ description: ok }} }} }} }}"
        )
    };
    let own = "servers: [{ url: 'https://files.example/base/v2' }], ";
    let paths = format!("/a: {}\n/b: {}", get("a", ""), get("b", own));
    let d = Document::with("op-servers", &paths, "");
    let contract = d.ok();
    assert_eq!(contract.base_path, "");
    let paths: Vec<&str> = contract
        .operations
        .iter()
        .map(|o| o.path.as_str())
        .collect();
    assert_eq!(paths, ["/base/a", "/base/v2/b"]);
    has(
        &d.notes(),
        "a host of its own, `https://files.example/base/v2`",
    );
}

#[test]
fn layouts_of_parameters_forms_and_parts() {
    let deep = "{ type: object, properties: { a: { type: object, properties: { b: { type: string } } } \
                } }";
    let paths = format!(
        "/ask:\n  post:\n    operationId: ask\n    parameters:\n    - {{ name: f, in: query, style: \
         deepObject, explode: true, schema: {deep} }}\n    - {{ name: u, in: query, allowReserved: \
         true, schema: {{ type: string }} }}\n    - {{ name: h, in: header, content: {{ \
         application/json: {{ schema: {deep} }} }} }}\n    - {{ name: c, in: cookie, content: {{ \
         application/json: {{ schema: {deep} }} }} }}\n    requestBody:\n      content:\n        \
         multipart/form-data:\n          schema: {{ type: object, properties: {{ meta: {deep}, img: {{ \
         type: string, format: binary }} }} }}\n          encoding: {{ img: {{ contentType: 'image/png, \
         image/jpeg' }}, meta: {{ contentType: application/json }} }}\n    responses: {{ '204': {{ \
         description: ok }} }}"
    );
    let d = Document::with("layouts", &paths, "");
    let text = d.text("src/operations/ask.rs");
    for want in [
        "r.query(\"f\", Style::DeepObject, true, v)?",
        "r.query_reserved(\"u\", Style::Form, true, v)?",
        "r.header_json(\"h\", v)?",
        "r.cookie_json(\"c\", v)?",
        "r.multipart_with(v, &[(\"img\", \"image/png\"), (\"meta\", \"application/json\")])?",
    ] {
        has(&text, want);
    }
    let contract = d.ok();
    let body = contract.operations[0].body.as_ref().unwrap();
    assert!(matches!(body.content, Content::Multipart(_)));
    assert_eq!(
        contract.operations[0].parameters[0].style,
        Style::DeepObject
    );
    assert_eq!(
        contract.operations[0].responses[0].statuses,
        Statuses::One(204)
    );
    assert!(
        contract
            .security
            .iter()
            .all(|s| matches!(s.kind, SecurityKind::Basic))
    );
}

#[test]
fn many_problems_are_told_in_one_run() {
    let d = Document::with(
        "many",
        "",
        "A: { type: text }\nB: { $ref: '#/nowhere' }\nC: { allOf: [{ type: string }, { type: integer \
         }] }\nD: 5",
    );
    let problems = codegen::openapi::read_with(&d.path(), &Default::default()).unwrap_err();
    assert_eq!(problems.list.len(), 4, "{problems}");
    assert_eq!(problems.severity(), Severity::Broken);
}

/// Damage done to whole documents is an error or none, and never a panic.
#[test]
fn damaged_documents_do_not_panic() {
    for cut in (0..SWAGGER.len()).step_by(97) {
        if !SWAGGER.is_char_boundary(cut) {
            continue;
        }
        let d = Document::new("damaged", "").file("main.yaml", &SWAGGER[..cut]);
        assert!(d.read_with("", "").is_err());
        for (from, to) in [("\"type\"", "\"$ref\""), ("{", "["), ("\"2.0\"", "\"3.1\"")] {
            let text = format!(
                "{}{}",
                &SWAGGER[..cut],
                SWAGGER[cut..].replacen(from, to, 1)
            );
            let d = Document::new("damaged", "").file("main.yaml", &text);
            let _ = d.read_with("", "");
        }
    }
}
