//! An OpenAPI document.

use std::collections::BTreeMap;

use super::{Field, Inspection, Kind, Message, Operation, Type, facets, free};
use crate::openapi::model::{
    self, Content, ParameterPlace, RestContract, RestOperation, Scalar, Statuses, Style, TypeExpr,
    TypeKind, Use,
};

pub(super) fn inspect(contract: &RestContract) -> Inspection {
    let reader = Reader {
        contract,
        names: names(contract),
    };
    let mut out = Inspection {
        name: contract.title.clone(),
        protocol: "REST".to_owned(),
        version: contract.version.clone(),
        address: (!contract.server.is_empty()).then(|| contract.server.clone()),
        ..Inspection::default()
    };
    for operation in &contract.operations {
        let name = free(operation.name.clone(), |n| out.operations.contains_key(n));
        out.operations.insert(name, reader.operation(operation));
    }
    for (i, ty) in contract.types.iter().enumerate() {
        out.types.insert(reader.names[i].clone(), reader.ty(ty));
    }
    out
}

fn names(contract: &RestContract) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    let mut out = Vec::with_capacity(contract.types.len());
    for ty in &contract.types {
        let wire = if ty.wire.is_empty() {
            &ty.name
        } else {
            &ty.wire
        };
        let name = free(wire.clone(), |n| taken.contains(n));
        taken.insert(name.clone());
        out.push(name);
    }
    out
}

struct Reader<'a> {
    contract: &'a RestContract,
    names: Vec<String>,
}

/// `date-time`, `lenient-i64`: the model's names, spelt as formats are.
fn scalar(of: Scalar) -> String {
    let mut out = String::new();
    for c in format!("{of:?}").chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The document's word for a style.
fn style(of: Style) -> &'static str {
    match of {
        Style::Simple => "simple",
        Style::Label => "label",
        Style::Matrix => "matrix",
        Style::Form => "form",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::DeepObject => "deepObject",
        Style::Json => "JSON",
    }
}

impl Reader<'_> {
    fn label(&self, of: &Use) -> String {
        match &of.ty {
            TypeExpr::Scalar(of) => scalar(*of),
            TypeExpr::Named(id) => self.names[id.0].clone(),
            TypeExpr::List(item) => format!("{}[]", self.within(item)),
            TypeExpr::Map(item) => format!("map<{}>", self.within(item)),
            TypeExpr::Any => "any".to_owned(),
        }
    }

    /// Of an item or a value, which may be null.
    fn within(&self, of: &Use) -> String {
        let mark = if of.nullable { "?" } else { "" };
        format!("{}{mark}", self.label(of))
    }

    /// Whether a value has parts to be laid out.
    fn has_parts(&self, of: &Use) -> bool {
        match &of.ty {
            TypeExpr::List(_) | TypeExpr::Map(_) => true,
            TypeExpr::Named(id) => !matches!(self.contract.types[id.0].kind, TypeKind::Enum { .. }),
            TypeExpr::Scalar(_) | TypeExpr::Any => false,
        }
    }

    /// How a parameter is laid out, unless it is as others of its place are.
    fn layout(&self, parameter: &model::Parameter) -> Option<String> {
        let usual = match parameter.place {
            ParameterPlace::Query | ParameterPlace::Cookie => Style::Form,
            ParameterPlace::Path | ParameterPlace::Header => Style::Simple,
        };
        let mut words = Vec::new();
        if parameter.style != usual {
            words.push(style(parameter.style));
        }
        let explodes = parameter.style == Style::Form;
        if parameter.explode != explodes && self.has_parts(&parameter.ty) {
            words.push(if parameter.explode {
                "exploded"
            } else {
                "not exploded"
            });
        }
        if parameter.reserved {
            words.push("reserved characters allowed");
        }
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Media types and styles of the members of a form or the parts of a body.
    fn parts(body: &model::Body) -> BTreeMap<String, String> {
        let part = |part: &model::Encoding| {
            let laid_out = part.style.map(|(of, explode)| {
                let word = if explode { "exploded" } else { "not exploded" };
                format!("{} {word}", style(of))
            });
            let words: Vec<String> = part.content_type.iter().cloned().chain(laid_out).collect();
            (!words.is_empty()).then(|| (part.name.clone(), words.join(", ")))
        };
        body.encoding.iter().filter_map(part).collect()
    }

    fn facets(of: &Use) -> BTreeMap<String, String> {
        let mut out = facets(&of.facets);
        if let TypeExpr::Map(_) = of.ty {
            for (of_list, name) in [
                ("minLength", "minProperties"),
                ("maxLength", "maxProperties"),
            ] {
                if let Some(value) = out.remove(of_list) {
                    out.insert(name.to_owned(), value);
                }
            }
        }
        if !of.values.is_empty() {
            out.insert("values".to_owned(), of.values.join(" | "));
        }
        if let TypeExpr::List(item) | TypeExpr::Map(item) = &of.ty {
            for (name, value) in Self::facets(item) {
                out.insert(format!("items.{name}"), value);
            }
        }
        out
    }

    fn field(&self, name: &str, of: &Use, required: bool) -> Field {
        Field {
            name: name.to_owned(),
            ty: self.label(of),
            min: u32::from(required),
            max: Some(1),
            nillable: of.nullable,
            default: of.default.clone(),
            facets: Self::facets(of),
            ..Field::default()
        }
    }

    fn content(&self, content: &Content) -> String {
        match content {
            Content::Json(of) | Content::Form(of) | Content::Multipart(of) => self.label(of),
            Content::Text => "text".to_owned(),
            Content::Binary => "binary".to_owned(),
        }
    }

    fn operation(&self, operation: &RestOperation) -> Operation {
        let parameter = |parameter: &model::Parameter| Field {
            place: Some(
                match parameter.place {
                    ParameterPlace::Path => "path",
                    ParameterPlace::Query => "query",
                    ParameterPlace::Header => "header",
                    ParameterPlace::Cookie => "cookie",
                }
                .to_owned(),
            ),
            layout: self.layout(parameter),
            ..self.field(&parameter.name, &parameter.ty, parameter.required)
        };
        let input = operation.body.as_ref().map(|body| Message {
            ty: Some(self.content(&body.content)),
            media_type: Some(body.media_type.clone()),
            optional: !body.required,
            parts: Self::parts(body),
            ..Message::default()
        });
        let responses = operation.responses.iter().map(|response| {
            let status = match response.statuses {
                Statuses::One(status) => status.to_string(),
                Statuses::Hundred(hundred) => format!("{hundred}XX"),
                Statuses::Default => "default".to_owned(),
            };
            let content = response.content.as_ref();
            let message = Message {
                ty: content.map(|(content, _)| self.content(content)),
                media_type: content.map(|(_, media_type)| media_type.clone()),
                headers: response.headers.iter().map(|h| h.name.clone()).collect(),
                ..Message::default()
            };
            (status, message)
        });
        Operation {
            method: Some(operation.method.clone()),
            path: Some(format!("{}{}", self.contract.base_path, operation.path)),
            parameters: operation.parameters.iter().map(parameter).collect(),
            input,
            responses: responses.collect(),
            deprecated: operation.deprecated,
            ..Operation::default()
        }
    }

    fn ty(&self, ty: &model::TypeDef) -> Type {
        match &ty.kind {
            TypeKind::Object {
                properties,
                additional,
                count,
            } => {
                let bounds = [("minProperties", count.0), ("maxProperties", count.1)];
                Type {
                    fields: properties
                        .iter()
                        .map(|p| self.field(&p.name, &p.ty, p.required))
                        .collect(),
                    open: additional.is_some(),
                    open_to: additional.iter().map(|of| self.within(of)).collect(),
                    facets: bounds
                        .into_iter()
                        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_string())))
                        .collect(),
                    ..Type::default()
                }
            }
            TypeKind::Enum {
                values, numeric, ..
            } => Type {
                kind: Kind::Enumeration,
                base: Some(if *numeric { "number" } else { "string" }.to_owned()),
                values: values.clone(),
                ..Type::default()
            },
            TypeKind::OneOf {
                arms,
                discriminator,
            } => Type {
                kind: Kind::Union,
                base: discriminator.clone(),
                members: arms.iter().map(|arm| self.label(&arm.ty)).collect(),
                tags: arms
                    .iter()
                    .flat_map(|arm| arm.tags.iter().map(|tag| (tag, &arm.ty)))
                    .map(|(tag, ty)| (tag.clone(), self.label(ty)))
                    .collect(),
                ..Type::default()
            },
        }
    }
}
