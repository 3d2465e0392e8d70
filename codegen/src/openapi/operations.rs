//! Paths: operations with their parameters, bodies and answers.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::model::{
    Body, Content, Encoding, Header, Parameter, ParameterPlace, Response, RestOperation, Scalar,
    Statuses, Style, TypeExpr, Use,
};
use super::schemas::{Schemas, doc};
use super::servers::Servers;
use super::yaml::Node;
use super::{Dialect, swagger};
use crate::emit::names::{pascal, snake};
use crate::model::Doc;

pub(super) const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Reads all operations.
pub(super) fn operations(
    schemas: &mut Schemas,
    root: &Rc<Node>,
    servers: &Servers,
) -> Vec<RestOperation> {
    let mut out = Vec::new();
    let mut names = Names::default();
    let Some(paths) = root.get("paths").cloned() else {
        // 3.1: a document may hold components or webhooks alone.
        if schemas.dialect != Dialect::OpenApi31
            || root.get("components").is_none() && root.get("webhooks").is_none()
        {
            schemas.broken(&root.place, "a document without `paths`");
        }
        return out;
    };
    for (path, item) in paths.members() {
        if path.text.starts_with("x-") {
            continue;
        }
        if !path.text.starts_with('/') {
            schemas.note(
                &path.place,
                format!(
                    "the path `{}` does not begin with `/`; it is read as if it did",
                    path.text
                ),
            );
        }
        let Some((item, _)) = schemas.deref(item) else {
            continue;
        };
        // OpenAPI 3.1: what stands beside a reference counts too; the target is what 3.0 has.
        for (key, node) in item.members() {
            let name = key.text.as_str();
            if METHODS.contains(&name) {
                let place = Asked {
                    root,
                    path: &path.text,
                    prefix: servers.prefix(&item, node),
                    method: name,
                    item: &item,
                };
                let op = operation(schemas, &place, node, &mut names);
                out.push(op);
            } else if !matches!(
                name,
                "parameters" | "servers" | "summary" | "description" | "$ref"
            ) && !name.starts_with("x-")
            {
                let message = format!("a path has no `{name}`; it is left out");
                schemas.note(&key.place, message);
            }
        }
    }
    out
}

/// Where an operation stands.
struct Asked<'a> {
    root: &'a Rc<Node>,
    path: &'a str,
    prefix: String,
    method: &'a str,
    item: &'a Node,
}

/// Names of operations, each once, by the names that Rust gives them.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn take(&mut self, schemas: &mut Schemas, node: &Node, method: &str, path: &str) -> String {
        let written = node.string("operationId").map(str::trim);
        let mut name = match written {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => {
                let name = synthetic(method, path);
                schemas.note(
                    &node.place,
                    format!("an operation without `operationId`: `{name}`"),
                );
                name
            }
        };
        if let Some(other) = self.0.get(&snake(&name)) {
            let mut own = synthetic(method, path);
            let mut n = 2;
            while self.0.contains_key(&snake(&own)) {
                own = format!("{}{n}", synthetic(method, path));
                n += 1;
            }
            schemas.note(
                &node.place,
                format!(
                    "the operations `{other}` and `{name}` would both be `{}` in Rust: the one of \
                     `{} {path}` is `{own}`; name it with an overlay",
                    snake(&name),
                    method.to_uppercase()
                ),
            );
            name = own;
        }
        self.0.insert(snake(&name), name.clone());
        name
    }
}

fn operation(
    schemas: &mut Schemas,
    asked: &Asked<'_>,
    node: &Rc<Node>,
    names: &mut Names,
) -> RestOperation {
    let (method, path) = (asked.method, asked.path);
    let name = names.take(schemas, node, method, path);
    let is_swagger = schemas.dialect == Dialect::Swagger2;
    for (key, _) in node.members() {
        match key.text.as_str() {
            "operationId" | "summary" | "description" | "tags" | "parameters" | "requestBody"
            | "responses" | "deprecated" | "security" | "externalDocs" | "servers" => {}
            "consumes" | "produces" | "schemes" if is_swagger => {}
            "callbacks" => {
                let message =
                    format!("`{name}` has callbacks; they are for a server, and not generated");
                schemas.note(&key.place, message);
            }
            other if other.starts_with("x-") => {}
            other => {
                let message = format!("an operation has no `{other}`; it is left out");
                schemas.note(&key.place, message);
            }
        }
    }
    let (parameters, bodies) = parameters(schemas, asked.item, node, &name, path);
    let body = if is_swagger {
        if let Some((second, message)) = swagger::second_body(&bodies, &name) {
            schemas.broken(&second.place, message);
        }
        swagger::request_body(asked.root, node, &bodies)
    } else {
        node.get("requestBody").cloned()
    };
    let body = body.and_then(|body| request_body(schemas, &body, &name));
    if let (Some(_), "get" | "head") = (&body, method) {
        schemas.note(
            &node.place,
            format!(
                "`{name}` is a {} with a body, which some servers and proxies drop; it is sent",
                method.to_uppercase()
            ),
        );
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    RestOperation {
        method: method.to_uppercase(),
        path: format!("{}{slash}{path}", asked.prefix),
        doc: doc(node),
        parameters,
        body,
        responses: responses(schemas, asked, node, &name),
        deprecated: node.is("deprecated"),
        security: scheme_names(node.get("security").or(asked.root.get("security"))),
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

/// Parameters in the order of the document, and those that are in the path's template too but not
/// described.
fn check_template(
    schemas: &mut Schemas,
    node: &Node,
    path: &str,
    parameters: &mut Vec<Parameter>,
    op: &str,
) {
    let place = &node.place;
    let mut in_path: Vec<String> = Vec::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            schemas.broken(place, format!("`{{` without `}}` in `{path}`"));
            return;
        };
        in_path.push(name.to_owned());
        rest = after;
    }
    let is_path = |p: &Parameter| p.place == ParameterPlace::Path;
    for name in &in_path {
        if parameters.iter().any(|p| is_path(p) && &p.name == name) {
            continue;
        }
        schemas.note(
            place,
            format!("`{path}` has a parameter `{name}` that `{op}` does not describe: a string"),
        );
        parameters.push(Parameter {
            name: name.clone(),
            place: ParameterPlace::Path,
            style: Style::Simple,
            explode: false,
            reserved: false,
            required: true,
            ty: Use {
                ty: TypeExpr::Scalar(Scalar::String),
                label: "string".to_owned(),
                ..Use::default()
            },
            doc: Doc::default(),
        });
    }
    parameters.retain(|p| {
        let known = !is_path(p) || in_path.contains(&p.name);
        if !known {
            let message = format!(
                "the path parameter `{}` is not in `{path}`; it is left out",
                p.name
            );
            schemas.note(place, message);
        }
        known
    });
}

// -------------------------------------------------------------------------------------- parameters

/// Parameters, and those of Swagger 2.0 that are the body.
fn parameters(
    schemas: &mut Schemas,
    item: &Node,
    node: &Node,
    op: &str,
    path: &str,
) -> (Vec<Parameter>, Vec<Rc<Node>>) {
    let mut out: Vec<Parameter> = Vec::new();
    let mut bodies: Vec<Rc<Node>> = Vec::new();
    let is_swagger = schemas.dialect == Dialect::Swagger2;
    // Those of the operation stand above those of the path.
    for list in [item.get("parameters"), node.get("parameters")]
        .into_iter()
        .flatten()
    {
        for entry in list.items() {
            let Some((mut target, _)) = schemas.deref(entry) else {
                continue;
            };
            if is_swagger {
                if let Some(layout) = swagger::odd_layout(&target) {
                    let message = format!("the layout `{layout}` is written as `csv`");
                    schemas.note(&target.place, message);
                }
                if swagger::is_body(&target) {
                    let same = |p: &Rc<Node>| {
                        p.string("in") == target.string("in")
                            && p.string("name") == target.string("name")
                    };
                    bodies.retain(|p| !same(p));
                    bodies.push(target);
                    continue;
                }
                target = swagger::parameter(&target);
            }
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
    check_template(schemas, node, path, &mut out, op);
    (out, bodies)
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
    let hint = format!("{}{}", pascal(op), pascal(&name));
    let content = node
        .get("content")
        .and_then(|c| c.members().first())
        .cloned();
    let (mut ty, is_json) = match (node.get("schema").cloned(), content) {
        (Some(schema), _) => (schemas.schema(&schema, &hint), false),
        (None, Some((key, media))) => {
            let is_json = is_json_type(&key.text);
            let ty = match media.get("schema").cloned() {
                Some(schema) if is_json => schemas.schema(&schema, &hint),
                None if is_json => Use::default(),
                _ => {
                    if !is_text_type(&key.text) || key.text.ends_with("xml") {
                        let message =
                            format!("the parameter `{name}` is {}: its text is taken", key.text);
                        schemas.note(&key.place, message);
                    }
                    Use {
                        ty: TypeExpr::Scalar(Scalar::String),
                        label: key.text.clone(),
                        ..Use::default()
                    }
                }
            };
            (ty, is_json)
        }
        (None, None) => {
            schemas.broken(&node.place, format!("the parameter `{name}` has no schema"));
            return None;
        }
    };
    if let Some(example) = node.get("example").and_then(|e| e.text()) {
        ty.example = Some(example);
    }
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
            let message =
                format!("`{name}` cannot have the style `{word}` there: `{default}` is used");
            schemas.note(&node.place, message);
            match place {
                ParameterPlace::Query | ParameterPlace::Cookie => Style::Form,
                ParameterPlace::Path | ParameterPlace::Header => Style::Simple,
            }
        }
    };
    if let TypeExpr::Scalar(Scalar::Binary) = ty.ty {
        let message = format!("the parameter `{name}` is a file: a text is taken");
        schemas.note(&node.place, message);
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
    ty.personal |= node.is("x-personal");
    Some(Parameter {
        explode: node
            .get("explode")
            .and_then(|n| n.bool())
            .unwrap_or(word == "form"),
        reserved: node.is("allowReserved"),
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
    essence.starts_with("text/") && essence != "text/event-stream"
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
            if essence == "multipart/form-data" {
                Content::Multipart(ty)
            } else {
                Content::Form(ty)
            }
        }
        t if is_text_type(t) && is_binary(schemas) != Some(true) => {
            // Types of what is not read are named all the same, as in JSON.
            if t.ends_with("xml") && schema.is_some() {
                let message = format!("{media_type} is taken as text; its type is not read");
                schemas.note(&media.place, message);
            }
            Content::Text
        }
        _ => Content::Binary,
    }
}

fn request_body(schemas: &mut Schemas, node: &Rc<Node>, op: &str) -> Option<Body> {
    let (node, name) = schemas.deref(node)?;
    let Some(list) = node.get("content").cloned() else {
        let message = format!("the body of `{op}` has no `content`; it is left out");
        schemas.note(&node.place, message);
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
    let content = match content {
        Content::Form(ty) | Content::Multipart(ty) if !schemas.is_members(&ty) => {
            let message = format!("the form of `{op}` is no object: its bytes are taken");
            schemas.note(&media.place, message);
            Content::Binary
        }
        other => other,
    };
    let encoding = match &content {
        Content::Form(_) | Content::Multipart(_) => encoding(schemas, &media),
        _ => Vec::new(),
    };
    Some(Body {
        required: node.is("required"),
        content,
        media_type,
        encoding,
        doc: doc(&node),
    })
}

fn encoding(schemas: &mut Schemas, media: &Node) -> Vec<Encoding> {
    let mut out = Vec::new();
    for (name, node) in media.get("encoding").map_or(&[][..], |e| e.members()) {
        let style = match node.string("style") {
            Some("spaceDelimited") => Some(Style::SpaceDelimited),
            Some("pipeDelimited") => Some(Style::PipeDelimited),
            Some("deepObject") => Some(Style::DeepObject),
            Some(_) => Some(Style::Form),
            None => node.get("explode").map(|_| Style::Form),
        };
        let style = style.map(|style| {
            let default = style == Style::Form;
            let explode = node.get("explode").and_then(|n| n.bool());
            (style, explode.unwrap_or(default))
        });
        for (key, _) in node.members() {
            if matches!(key.text.as_str(), "headers" | "allowReserved") {
                let message = format!("`{}` of the part `{}` is not written", key.text, name.text);
                schemas.note(&key.place, message);
            }
        }
        out.push(Encoding {
            name: name.text.clone(),
            style,
            content_type: node.string("contentType").map(str::to_owned),
        });
    }
    out
}

// ---------------------------------------------------------------------------------------- answers

fn responses(schemas: &mut Schemas, asked: &Asked<'_>, node: &Node, op: &str) -> Vec<Response> {
    let mut out = Vec::new();
    let Some(list) = node.get("responses").cloned() else {
        let message = format!("`{op}` has no `responses`: a success has no body");
        schemas.note(&node.place, message);
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
                    let message = format!("`{}` is no status; the answer is left out", key.text);
                    schemas.note(&key.place, message);
                    continue;
                }
            },
        };
        let Some((mut response, name)) = schemas.deref(response) else {
            continue;
        };
        if schemas.dialect == Dialect::Swagger2 {
            response = swagger::response(asked.root, node, &response);
        }
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
                let content = match content {
                    Content::Form(_) | Content::Multipart(_) => {
                        let message = format!("an answer of `{op}` as {media_type}: its bytes");
                        schemas.note(&response.place, message);
                        Content::Binary
                    }
                    other => other,
                };
                (content, media_type)
            }),
            None => None,
        };
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
