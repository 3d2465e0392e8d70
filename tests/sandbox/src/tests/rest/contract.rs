//! An OpenAPI document of this project as a judge of what goes over the wire, with a validator that
//! is not ours. Properties that a document does not name are wrong here, though readers have to
//! expect them.

use std::collections::{BTreeSet, HashSet};

use jsonschema::{Draft, Validator};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use crate::rest::Platform;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

pub(super) struct Contract {
    document: Value,
}

impl Contract {
    /// Reads `specs/openapi/<name>/openapi.yaml`.
    pub(super) fn read(name: &str) -> Self {
        let file = format!(
            "{}/../../specs/openapi/{name}/openapi.yaml",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(&file).unwrap();
        let mut document = json_of(&Yaml::load_from_str(&text).unwrap()[0]);
        let mut parts = HashSet::new();
        parts_of_others(&document, &mut parts);
        for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
            tighten(schema, !parts.contains(name));
        }
        for group in ["paths", "x-webhooks"] {
            if let Some(group) = document.get_mut(group) {
                tighten(group, true);
            }
        }
        Self { document }
    }

    /// Method, path and operation of everything in the document.
    pub(super) fn operations(&self) -> BTreeSet<(String, String, String)> {
        let mut all = BTreeSet::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for method in METHODS {
                if let Some(id) = item[method]["operationId"].as_str() {
                    all.insert((method.to_uppercase(), path.clone(), id.to_owned()));
                }
            }
        }
        all
    }

    /// Whether a platform of the sandbox has exactly the operations of the document; the path of its
    /// tokens is none of its routes.
    pub(super) fn is_served_by<P: Platform>(&self) {
        let token = P::TOKEN_PATH.strip_prefix(P::BASE);
        let wanted: BTreeSet<_> = self
            .operations()
            .into_iter()
            .filter(|(_, path, _)| Some(path.as_str()) != token)
            .collect();
        let there: BTreeSet<_> = P::ROUTES
            .iter()
            .map(|r| {
                (
                    r.method.to_owned(),
                    r.path.to_owned(),
                    r.operation.to_owned(),
                )
            })
            .collect();
        assert_eq!(wanted, there);
    }

    /// Names of the parameters that an operation takes in its query.
    pub(super) fn query_of(&self, id: &str) -> Vec<String> {
        let parameters = self.operation(id)["parameters"].as_array();
        let parameters = parameters.into_iter().flatten().map(|p| self.resolve(p));
        let in_query = parameters.filter(|p| p["in"] == "query");
        let name = |p: &Value| p["name"].as_str().unwrap().to_owned();
        in_query.map(name).collect()
    }

    /// The operation with this id, wherever it is.
    fn operation(&self, id: &str) -> &Value {
        fn find<'a>(value: &'a Value, id: &str) -> Option<&'a Value> {
            match value {
                Value::Object(object) if object.get("operationId") == Some(&json!(id)) => {
                    Some(value)
                }
                Value::Object(object) => object.values().find_map(|v| find(v, id)),
                _ => None,
            }
        }
        find(&self.document, id).unwrap_or_else(|| panic!("no operation {id}"))
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
            None => value,
        }
    }

    /// Checks the JSON body of a request.
    pub(super) fn check_request(&self, id: &str, body: &Value) {
        let request = self.resolve(&self.operation(id)["requestBody"]);
        let content = &request["content"]["application/json"];
        self.check(&format!("request of {id}"), &content["schema"], body);
    }

    /// Checks status and body of an answer.
    pub(super) fn check_answer(&self, id: &str, status: u16, body: &Value) {
        let responses = &self.operation(id)["responses"];
        let response = self.resolve(&responses[&status.to_string()]);
        let what = format!("{status} of {id}");
        assert!(response.is_object(), "{what} is not documented: {body}");
        let content = &response["content"];
        let content = ["application/json", "*/*"].map(|t| &content[t]);
        match content.into_iter().find(|c| c.is_object()) {
            Some(content) => self.check(&what, &content["schema"], body),
            None => assert!(body.is_null(), "{what} has no body: {body}"),
        }
    }

    fn check(&self, what: &str, schema: &Value, value: &Value) {
        let mut schema = json!({ "allOf": [schema] });
        schema["components"] = self.document["components"].clone();
        let validator: Validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .build(&schema)
            .unwrap();
        let errors: Vec<_> = validator
            .iter_errors(value)
            .map(|e| format!("{} at {}", e, e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
    }
}

/// Names of the schemas that others are made of, which must leave room for the rest.
fn parts_of_others(value: &Value, parts: &mut HashSet<String>) {
    match value {
        Value::Object(object) => {
            for part in object
                .get("allOf")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let name = part["$ref"].as_str().and_then(|r| r.rsplit('/').next());
                parts.extend(name.map(str::to_owned));
            }
            object.values().for_each(|v| parts_of_others(v, parts));
        }
        Value::Array(items) => items.iter().for_each(|v| parts_of_others(v, parts)),
        _ => {}
    }
}

/// Says in JSON Schema what OpenAPI 3.0 says otherwise (`nullable`), and forbids properties that
/// have no name, unless the schema is a part of another.
fn tighten(value: &mut Value, whole: bool) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object.iter_mut() {
                match inner {
                    Value::Array(parts) if name == "allOf" => {
                        parts.iter_mut().for_each(|p| tighten(p, false));
                    }
                    _ => tighten(inner, true),
                }
            }
            let is_schema = object.get("properties").is_some_and(Value::is_object);
            let is_open = object.contains_key("additionalProperties")
                || object.contains_key("allOf")
                || object.contains_key("oneOf");
            if is_schema && whole && !is_open {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            // What may also come in another type.
            let loose = |name: &str| object.get(name) == Some(&json!(true));
            let other = match (loose("x-digits"), loose("x-lenient")) {
                (true, _) => Some("integer"),
                (_, true) => Some("string"),
                _ => None,
            };
            if let Some(other) = other {
                let usual = object["type"].clone();
                object.insert("type".to_owned(), json!([usual, other]));
                object.remove("format");
            }
            if object.remove("nullable") == Some(json!(true)) {
                let schema = Value::Object(std::mem::take(object));
                object.insert("anyOf".to_owned(), json!([{ "type": "null" }, schema]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|v| tighten(v, whole)),
        _ => {}
    }
}

/// YAML as JSON.
fn json_of(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(flag)) => json!(flag),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            let name = |yaml: &Yaml<'_>| match json_of(yaml) {
                Value::String(name) => name,
                other => other.to_string(),
            };
            let entries = entries.iter().map(|(n, v)| (name(n), json_of(v)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        other => panic!("{other:?} in an OpenAPI document"),
    }
}
