//! Paths: operations with their parameters, bodies and answers.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::model::{
    Body, Content, Header, Parameter, ParameterPlace, Response, RestOperation, Scalar, Statuses,
    Style, TypeExpr, Use,
};
use super::schemas::{Schemas, doc};
use super::yaml::{Node, Place};
use crate::emit::names::{pascal, snake};

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Reads all operations.
pub(super) fn operations(schemas: &mut Schemas, root: &Node) -> Vec<RestOperation> {
    let mut out = Vec::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let Some(paths) = root.get("paths").cloned() else {
        schemas.broken(&root.place, "a document without `paths`");
        return out;
    };
    let security = root.get("security").cloned();
    for (path, item) in paths.members() {
        if path.text.starts_with("x-") {
            continue;
        }
        if !path.text.starts_with('/') {
            schemas.broken(
                &path.place,
                format!("the path `{}` does not begin with `/`", path.text),
            );
        }
        let Some((item, _)) = schemas.deref(item) else {
            continue;
        };
        for (key, node) in item.members() {
            let name = key.text.as_str();
            if METHODS.contains(&name) {
                let op = operation(schemas, &path.text, name, &item, node, security.as_ref());
                let module = snake(&op.name);
                if let Some(other) = names.insert(module.clone(), op.name.clone()) {
                    schemas.unsupported(
                        &node.place,
                        format!(
                            "the operations `{other}` and `{}` are both `{module}` in Rust",
                            op.name
                        ),
                        "rename one of them with an overlay",
                    );
                }
                out.push(op);
            } else if !matches!(
                name,
                "parameters" | "servers" | "summary" | "description" | "$ref"
            ) && !name.starts_with("x-")
            {
                schemas.broken(&key.place, format!("a path has no `{name}`"));
            }
        }
    }
    out
}

fn operation(
    schemas: &mut Schemas,
    path: &str,
    method: &str,
    item: &Node,
    node: &Rc<Node>,
    security: Option<&Rc<Node>>,
) -> RestOperation {
    let name = match node.string("operationId") {
        Some(name) if !name.trim().is_empty() => name.trim().to_owned(),
        _ => {
            let name = synthetic(method, path);
            schemas.note(
                &node.place,
                format!("an operation without `operationId`: `{name}`"),
            );
            name
        }
    };
    for (key, _) in node.members() {
        match key.text.as_str() {
            "operationId" | "summary" | "description" | "tags" | "parameters" | "requestBody"
            | "responses" | "deprecated" | "security" | "externalDocs" => {}
            "callbacks" => {
                let message =
                    format!("`{name}` has callbacks; they are for a server, and not generated");
                schemas.note(&key.place, message);
            }
            "servers" => schemas.unsupported(
                &key.place,
                format!("`{name}` has servers of its own"),
                "all operations of a client share a base path; remove it with an overlay",
            ),
            other if other.starts_with("x-") => {}
            other => schemas.broken(&key.place, format!("an operation has no `{other}`")),
        }
    }
    let parameters = parameters(schemas, item, node, &name);
    check_template(schemas, &node.place, path, &parameters);
    let body = node
        .get("requestBody")
        .cloned()
        .and_then(|body| request_body(schemas, &body, &name));
    if let (Some(_), "get" | "head") = (&body, method) {
        schemas.unsupported(
            &node.place,
            format!(
                "`{name}` is a {} with a body, which servers and proxies drop",
                method.to_uppercase()
            ),
            "remove the body with an overlay",
        );
    }
    RestOperation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        doc: doc(node),
        parameters,
        body,
        responses: responses(schemas, node, &name),
        deprecated: node.is("deprecated"),
        security: scheme_names(node.get("security").or(security)),
        location: node.place.location(),
        name,
    }
}

/// `GET /v1/sims/{iccid}` to `getV1SimsIccid`.
fn synthetic(method: &str, path: &str) -> String {
    let mut out = method.to_owned();
    for part in path.split(['/', '{', '}']).filter(|part| !part.is_empty()) {
        out.push_str(&pascal(part));
    }
    out
}

fn scheme_names(security: Option<&Rc<Node>>) -> Vec<String> {
    let mut out = Vec::new();
    for requirement in security.map_or(&[][..], |s| s.items()) {
        let all: Vec<&str> = requirement
            .members()
            .iter()
            .map(|(k, _)| k.text.as_str())
            .collect();
        out.push(all.join(" and "));
    }
    out.retain(|name| !name.is_empty());
    out
}

fn check_template(schemas: &mut Schemas, place: &Place, path: &str, parameters: &[Parameter]) {
    let mut in_path = BTreeSet::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            schemas.broken(place, format!("`{{` without `}}` in `{path}`"));
            return;
        };
        in_path.insert(name.to_owned());
        rest = after;
    }
    let known: BTreeSet<String> = parameters
        .iter()
        .filter(|p| p.place == ParameterPlace::Path)
        .map(|p| p.name.clone())
        .collect();
    for name in in_path.difference(&known) {
        schemas.broken(
            place,
            format!("`{path}` has a parameter `{name}` that is not described"),
        );
    }
    for name in known.difference(&in_path) {
        schemas.broken(
            place,
            format!("the path parameter `{name}` is not in `{path}`"),
        );
    }
}

// -------------------------------------------------------------------------------------- parameters

fn parameters(schemas: &mut Schemas, item: &Node, node: &Node, op: &str) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = Vec::new();
    // Those of the operation stand above those of the path.
    for list in [item.get("parameters"), node.get("parameters")]
        .into_iter()
        .flatten()
    {
        for entry in list.items() {
            let Some((target, _)) = schemas.deref(entry) else {
                continue;
            };
            let Some(parameter) = parameter(schemas, &target, op) else {
                continue;
            };
            match out
                .iter_mut()
                .find(|p| p.name == parameter.name && p.place == parameter.place)
            {
                Some(present) => *present = parameter,
                None => out.push(parameter),
            }
        }
    }
    out
}

fn parameter(schemas: &mut Schemas, node: &Rc<Node>, op: &str) -> Option<Parameter> {
    let Some(name) = node.string("name").map(str::to_owned) else {
        schemas.broken(&node.place, "a parameter without a name");
        return None;
    };
    let place = match node.string("in") {
        Some("path") => ParameterPlace::Path,
        Some("query") => ParameterPlace::Query,
        Some("header") => ParameterPlace::Header,
        Some("cookie") => ParameterPlace::Cookie,
        _ => {
            schemas.broken(
                &node.place,
                format!("`{name}` stands in neither path, query, header nor cookie"),
            );
            return None;
        }
    };
    // OpenAPI 3.0: such descriptions are ignored; they are the client's own.
    if place == ParameterPlace::Header
        && ["accept", "content-type", "authorization"].contains(&name.to_lowercase().as_str())
    {
        schemas.note(
            &node.place,
            format!("the header `{name}` is set by the client, not by callers"),
        );
        return None;
    }
    if node.is("allowReserved") {
        schemas.note(
            &node.place,
            format!("`{name}` may hold reserved characters; they are percent-encoded all the same"),
        );
    }
    let hint = format!("{}{}", pascal(op), pascal(&name));
    let content = node
        .get("content")
        .and_then(|c| c.members().first())
        .cloned();
    let (ty, is_json) = match (node.get("schema").cloned(), content) {
        (Some(schema), _) => (schemas.schema(&schema, &hint), false),
        (None, Some((key, media))) => {
            if !is_json_type(&key.text) {
                schemas.unsupported(
                    &key.place,
                    format!("the parameter `{name}` is {}", key.text),
                    "describe it by a schema",
                );
            }
            let ty = match media.get("schema").cloned() {
                Some(schema) => schemas.schema(&schema, &hint),
                None => Use::default(),
            };
            (ty, true)
        }
        (None, None) => {
            schemas.broken(&node.place, format!("the parameter `{name}` has no schema"));
            return None;
        }
    };
    let default = match place {
        ParameterPlace::Query | ParameterPlace::Cookie => "form",
        ParameterPlace::Path | ParameterPlace::Header => "simple",
    };
    let word = node.string("style").unwrap_or(default);
    let style = match (word, place) {
        _ if is_json => Style::Json,
        ("simple", ParameterPlace::Path | ParameterPlace::Header) => Style::Simple,
        ("label", ParameterPlace::Path) => Style::Label,
        ("matrix", ParameterPlace::Path) => Style::Matrix,
        ("form", ParameterPlace::Query | ParameterPlace::Cookie) => Style::Form,
        ("spaceDelimited", ParameterPlace::Query) => Style::SpaceDelimited,
        ("pipeDelimited", ParameterPlace::Query) => Style::PipeDelimited,
        ("deepObject", ParameterPlace::Query) => Style::DeepObject,
        _ => {
            schemas.broken(
                &node.place,
                format!("`{name}` cannot have the style `{word}` there"),
            );
            Style::Simple
        }
    };
    if is_json && place != ParameterPlace::Query {
        schemas.unsupported(
            &node.place,
            format!("`{name}` is JSON outside the query"),
            "",
        );
    }
    if let TypeExpr::Scalar(Scalar::Binary) = ty.ty {
        schemas.unsupported(&node.place, format!("the parameter `{name}` is a file"), "");
    }
    let mut required = node.is("required");
    if place == ParameterPlace::Path && !required {
        schemas.note(
            &node.place,
            format!("the path parameter `{name}` is required all the same"),
        );
        required = true;
    }
    let mut text = doc(node);
    if text.text.is_empty() {
        text.text.clone_from(&ty.doc.text);
    }
    let mut ty = ty;
    ty.personal |= node.is("x-personal");
    Some(Parameter {
        explode: node
            .get("explode")
            .and_then(|n| n.bool())
            .unwrap_or(word == "form"),
        name,
        place,
        style,
        required,
        ty,
        doc: text,
    })
}

// ------------------------------------------------------------------------------------------ bodies

/// `application/json`, `…+json`, and "anything".
pub(super) fn is_json_type(media_type: &str) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    essence == "*/*"
        || essence == "application/json"
        || essence == "text/json"
        || essence.ends_with("+json")
}

fn is_text_type(media_type: &str) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    essence.starts_with("text/")
        || essence.ends_with("/xml")
        || essence.ends_with("+xml")
        || essence.ends_with("/csv")
        || essence.ends_with("/yaml")
}

/// The one of several media types that is used: JSON first.
fn chosen(schemas: &mut Schemas, content: &Node, of: &str) -> Option<(String, Rc<Node>)> {
    let rank = |media_type: &str| match media_type.split(';').next().unwrap_or_default().trim() {
        "application/json" => 0,
        t if is_json_type(t) => 1,
        "multipart/form-data" => 2,
        "application/x-www-form-urlencoded" => 3,
        t if is_text_type(t) => 5,
        _ => 4,
    };
    let mut all: Vec<(&str, &Rc<Node>)> = content
        .members()
        .iter()
        .map(|(key, node)| (key.text.as_str(), node))
        .collect();
    all.sort_by_key(|(media_type, _)| rank(media_type));
    let (first, rest) = all.split_first()?;
    if !rest.is_empty() {
        let others: Vec<String> = rest.iter().map(|(t, _)| format!("`{t}`")).collect();
        let message = format!(
            "{of} is used as `{}`; not as {}",
            first.0,
            others.join(", ")
        );
        schemas.note(&content.place, message);
    }
    Some((first.0.to_owned(), first.1.clone()))
}

fn content(schemas: &mut Schemas, media_type: &str, media: &Node, hint: &str) -> Content {
    let schema = media.get("schema").cloned();
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let read = |schemas: &mut Schemas| match &schema {
        Some(schema) => schemas.schema(schema, hint),
        None => {
            schemas.note(&media.place, "JSON without a schema: any value");
            Use {
                label: "any value".to_owned(),
                ..Use::default()
            }
        }
    };
    let is_binary = |schemas: &mut Schemas| {
        let schema = schema.as_ref()?;
        let (schema, _) = schemas.deref(schema)?;
        Some(schema.string("format") == Some("binary"))
    };
    if is_json_type(&essence) {
        if is_binary(schemas) == Some(true) {
            return Content::Binary;
        }
        return Content::Json(read(schemas));
    }
    match essence.as_str() {
        "application/x-www-form-urlencoded" | "multipart/form-data" => {
            let ty = read(schemas);
            for (name, encoding) in media.get("encoding").map_or(&[][..], |e| e.members()) {
                for (key, _) in encoding.members() {
                    let message = format!(
                        "the encoding of `{}` is not used: `{}`",
                        name.text, key.text
                    );
                    schemas.note(&key.place, message);
                }
            }
            if essence == "multipart/form-data" {
                Content::Multipart(ty)
            } else {
                Content::Form(ty)
            }
        }
        t if is_text_type(t) && is_binary(schemas) != Some(true) => Content::Text,
        _ => Content::Binary,
    }
}

fn request_body(schemas: &mut Schemas, node: &Rc<Node>, op: &str) -> Option<Body> {
    let (node, name) = schemas.deref(node)?;
    let Some(list) = node.get("content").cloned() else {
        schemas.broken(&node.place, "a request body without `content`");
        return None;
    };
    let (media_type, media) = chosen(schemas, &list, &format!("the body of `{op}`"))?;
    let hint = name.map_or_else(|| format!("{}Body", pascal(op)), |n| pascal(&n));
    let content = content(schemas, &media_type, &media, &hint);
    let media_type = if media_type.contains('*') {
        match content {
            Content::Json(_) => "application/json".to_owned(),
            _ => "application/octet-stream".to_owned(),
        }
    } else {
        media_type
    };
    if let Content::Form(ty) | Content::Multipart(ty) = &content
        && matches!(
            ty.ty,
            TypeExpr::Scalar(_) | TypeExpr::List(_) | TypeExpr::Any
        )
    {
        schemas.unsupported(&media.place, format!("the form of `{op}` is no object"), "");
    }
    Some(Body {
        required: node.is("required"),
        content,
        media_type,
        doc: doc(&node),
    })
}

// ---------------------------------------------------------------------------------------- answers

fn responses(schemas: &mut Schemas, node: &Node, op: &str) -> Vec<Response> {
    let mut out = Vec::new();
    let Some(list) = node.get("responses").cloned() else {
        schemas.broken(&node.place, format!("`{op}` has no `responses`"));
        return out;
    };
    for (key, response) in list.members() {
        if key.text.starts_with("x-") {
            continue;
        }
        let statuses = match key.text.as_bytes() {
            b"default" => Statuses::Default,
            [hundred @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => {
                Statuses::Hundred(u16::from(hundred - b'0'))
            }
            _ => match key.text.parse::<u16>() {
                Ok(status @ 100..=599) => Statuses::One(status),
                _ => {
                    schemas.broken(&key.place, format!("`{}` is no status", key.text));
                    continue;
                }
            },
        };
        let Some((response, name)) = schemas.deref(response) else {
            continue;
        };
        let hint = name.map_or_else(
            || format!("{}{}", pascal(op), label(statuses)),
            |n| pascal(&n),
        );
        let body = match response.get("content").cloned() {
            Some(list) => chosen(
                schemas,
                &list,
                &format!("the answer {} of `{op}`", key.text),
            )
            .map(|(media_type, media)| {
                let content = content(schemas, &media_type, &media, &hint);
                (content, media_type)
            }),
            None => None,
        };
        if let Some((Content::Form(_) | Content::Multipart(_), media_type)) = &body {
            schemas.unsupported(
                &response.place,
                format!("an answer of `{op}` as {media_type}"),
                "",
            );
        }
        let headers = headers(schemas, &response, &hint);
        for name in ["links"] {
            if let Some(links) = response.get(name) {
                let place = links.place.clone();
                schemas.note(&place, "links between operations are not generated");
            }
        }
        out.push(Response {
            statuses,
            content: body,
            headers,
            doc: doc(&response),
        });
    }
    out
}

fn label(statuses: Statuses) -> String {
    match statuses {
        Statuses::One(status) if (200..300).contains(&status) => "ResponseBody".to_owned(),
        Statuses::One(status) => format!("Error{status}"),
        Statuses::Hundred(2) => "ResponseBody".to_owned(),
        Statuses::Hundred(hundred) => format!("Error{hundred}xx"),
        Statuses::Default => "Error".to_owned(),
    }
}

fn headers(schemas: &mut Schemas, response: &Node, hint: &str) -> Vec<Header> {
    let mut out = Vec::new();
    for (key, node) in response
        .get("headers")
        .cloned()
        .iter()
        .flat_map(|h| h.members())
    {
        if key.text.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let Some((header, _)) = schemas.deref(node) else {
            continue;
        };
        let ty = match header.get("schema").cloned() {
            Some(schema) => schemas.schema(&schema, &format!("{hint}{}", pascal(&key.text))),
            None => Use {
                ty: TypeExpr::Scalar(Scalar::String),
                label: "string".to_owned(),
                ..Use::default()
            },
        };
        if !matches!(ty.ty, TypeExpr::Scalar(_) | TypeExpr::Named(_)) {
            let message = format!("the header `{}` is no simple value: its text", key.text);
            schemas.note(&header.place, message);
        }
        let mut text = doc(&header);
        if text.text.is_empty() {
            text.text.clone_from(&ty.doc.text);
        }
        out.push(Header {
            name: key.text.clone(),
            ty,
            doc: text,
        });
    }
    out
}
