//! Parameters, bodies and answers of Swagger 2.0 in the shape that 3.0 gives them.
//!
//! References stay as they are: what they lead to is turned where it is used, so that pointers,
//! other files and places all mean what they meant.

use std::rc::Rc;

use super::yaml::{Key, Node, Place, Value};

/// Words of a parameter that are about its type.
const OF_TYPE: &[&str] = &[
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "nullable",
    "additionalProperties",
    "properties",
];

type Members = Vec<(Key, Rc<Node>)>;

fn map(place: &Place, members: Members) -> Rc<Node> {
    Rc::new(Node::new(place.clone(), Value::Map(members)))
}

fn text(place: &Place, value: &str) -> Rc<Node> {
    Rc::new(Node::new(place.clone(), Value::String(value.to_owned())))
}

fn flag(place: &Place, value: bool) -> Rc<Node> {
    Rc::new(Node::new(place.clone(), Value::Bool(value)))
}

fn key(place: &Place, name: &str) -> Key {
    Key {
        text: name.to_owned(),
        place: place.clone(),
    }
}

/// Whether a parameter is the body, or part of it.
pub(super) fn is_body(parameter: &Node) -> bool {
    matches!(parameter.string("in"), Some("body" | "formData"))
}

/// The type of a parameter, header or list item that says it beside everything else.
fn schema(node: &Rc<Node>, place: &Place) -> Rc<Node> {
    let mut members: Members = node
        .members()
        .iter()
        .filter(|(key, _)| {
            OF_TYPE.contains(&key.text.as_str())
                || key.text.starts_with("x-") && key.text != "x-example"
        })
        .cloned()
        .collect();
    // `type: ref` and the like of old generators: no type.
    members.retain(|(key, value)| key.text != "type" || value.str() != Some("ref"));
    map(place, members)
}

/// A parameter outside of the body.
pub(super) fn parameter(node: &Rc<Node>) -> Rc<Node> {
    if node.get("schema").is_some() || node.get("content").is_some() {
        return node.clone();
    }
    let place = &node.place;
    let (mut kept, _): (Members, Members) = node
        .members()
        .iter()
        .cloned()
        .partition(|(key, _)| !OF_TYPE.contains(&key.text.as_str()));
    kept.push((key(place, "schema"), schema(node, place)));
    let (style, explode) = layout(node, node.string("in") == Some("query"));
    if let Some(style) = style {
        kept.push((key(place, "style"), text(place, style)));
    }
    kept.push((key(place, "explode"), flag(place, explode)));
    map(place, kept)
}

/// `collectionFormat` as style and explode.
fn layout(node: &Node, query: bool) -> (Option<&'static str>, bool) {
    match node.string("collectionFormat") {
        Some("multi") => (None, true),
        Some("ssv") if query => (Some("spaceDelimited"), false),
        Some("pipes") if query => (Some("pipeDelimited"), false),
        _ => (None, false),
    }
}

/// A layout that 3.0 has no word for.
pub(super) fn odd_layout(node: &Node) -> Option<&str> {
    let format = node.string("collectionFormat")?;
    let query = node.string("in") == Some("query");
    match format {
        "csv" | "multi" => None,
        "ssv" | "pipes" if query => None,
        other => Some(other),
    }
}

/// Media types: the operation's, or the document's.
fn media_types(own: Option<&Rc<Node>>, general: Option<&Rc<Node>>) -> Vec<String> {
    own.or(general)
        .map_or(&[][..], |list| list.items())
        .iter()
        .filter_map(|t| t.str())
        .map(str::to_owned)
        .collect()
}

/// A parameter that is a second body, or a part beside a body, and what is wrong with it.
pub(super) fn second_body<'a>(
    parameters: &'a [Rc<Node>],
    op: &str,
) -> Option<(&'a Rc<Node>, String)> {
    let is = |p: &&Rc<Node>, place: &str| p.string("in") == Some(place);
    let body = parameters.iter().find(|p| is(p, "body"))?;
    let name = |p: &Node| p.string("name").unwrap_or_default().to_owned();
    let second = parameters
        .iter()
        .find(|p| !Rc::ptr_eq(p, body) && (is(p, "body") || is(p, "formData")))?;
    let (first, name) = (name(body), name(second));
    let message = if is(&second, "body") {
        format!("`{name}` is a second body of `{op}`, beside `{first}`: a request has one")
    } else {
        format!(
            "`{name}` is a part of a form, and `{op}` has the body `{first}`: it is one or other"
        )
    };
    Some((second, message))
}

/// The body that parameters speak of.
pub(super) fn request_body(
    root: &Node,
    operation: &Node,
    parameters: &[Rc<Node>],
) -> Option<Rc<Node>> {
    let consumes = media_types(operation.get("consumes"), root.get("consumes"));
    if let Some(body) = parameters.iter().find(|p| p.string("in") == Some("body")) {
        let place = &body.place;
        let consumes = if consumes.is_empty() {
            vec!["application/json".to_owned()]
        } else {
            consumes
        };
        let media = match body.get("schema") {
            Some(schema) => map(place, vec![(key(place, "schema"), schema.clone())]),
            None => map(place, vec![(key(place, "schema"), schema(body, place))]),
        };
        let content = consumes
            .iter()
            .map(|t| (key(place, t), media.clone()))
            .collect();
        let mut members = vec![(key(place, "content"), map(place, content))];
        members.extend(
            body.members()
                .iter()
                .filter(|(key, _)| matches!(key.text.as_str(), "required" | "description"))
                .cloned(),
        );
        return Some(map(place, members));
    }
    let fields: Vec<&Rc<Node>> = parameters
        .iter()
        .filter(|p| p.string("in") == Some("formData"))
        .collect();
    if fields.is_empty() {
        return None;
    }
    let place = &operation.place;
    let is_file = |node: &Node| node.string("format") == Some("binary");
    let has_file = fields.iter().any(|f| is_file(f));
    let says = |media: &str| consumes.iter().any(|t| t.starts_with(media));
    let media_type = if has_file || says("multipart/") {
        "multipart/form-data"
    } else {
        "application/x-www-form-urlencoded"
    };
    let mut properties = Members::new();
    let mut required = Vec::new();
    let mut encoding = Members::new();
    for field in fields {
        let place = &field.place;
        let Some(name) = field.string("name") else {
            continue;
        };
        let mut own = schema(field, place).members().to_vec();
        own.extend(
            field
                .members()
                .iter()
                .filter(|(key, _)| key.text == "description")
                .cloned(),
        );
        properties.push((key(place, name), map(place, own)));
        if field.is("required") {
            required.push(text(place, name));
        }
        if field.string("type") == Some("array") {
            let (_, explode) = layout(field, true);
            let members = vec![
                (key(place, "style"), text(place, "form")),
                (key(place, "explode"), flag(place, explode)),
            ];
            encoding.push((key(place, name), map(place, members)));
        }
    }
    let is_required = !required.is_empty();
    let schema = map(
        place,
        vec![
            (key(place, "type"), text(place, "object")),
            (key(place, "properties"), map(place, properties)),
            (
                key(place, "required"),
                Rc::new(Node::new(place.clone(), Value::List(required))),
            ),
        ],
    );
    let mut media = vec![(key(place, "schema"), schema)];
    if !encoding.is_empty() && media_type != "multipart/form-data" {
        media.push((key(place, "encoding"), map(place, encoding)));
    }
    let content = map(place, vec![(key(place, media_type), map(place, media))]);
    Some(map(
        place,
        vec![
            (key(place, "content"), content),
            (key(place, "required"), flag(place, is_required)),
        ],
    ))
}

/// An answer.
pub(super) fn response(root: &Node, operation: &Node, node: &Rc<Node>) -> Rc<Node> {
    let place = &node.place;
    let mut members: Members = node
        .members()
        .iter()
        .filter(|(key, _)| !matches!(key.text.as_str(), "schema" | "examples" | "headers"))
        .cloned()
        .collect();
    if let Some(schema) = node.get("schema") {
        let mut produces = media_types(operation.get("produces"), root.get("produces"));
        if produces.is_empty() {
            produces.push("application/json".to_owned());
        }
        let media = map(place, vec![(key(place, "schema"), schema.clone())]);
        let content = produces
            .iter()
            .map(|t| (key(place, t), media.clone()))
            .collect();
        members.push((key(place, "content"), map(place, content)));
    }
    if let Some(headers) = node.get("headers") {
        let turned = headers
            .members()
            .iter()
            .map(|(name, header)| {
                let of_type = (key(&header.place, "schema"), schema(header, &header.place));
                let mut kept: Members = header
                    .members()
                    .iter()
                    .filter(|(key, _)| key.text == "description")
                    .cloned()
                    .collect();
                kept.push(of_type);
                (name.clone(), map(&header.place, kept))
            })
            .collect();
        members.push((key(place, "headers"), map(&headers.place, turned)));
    }
    map(place, members)
}
