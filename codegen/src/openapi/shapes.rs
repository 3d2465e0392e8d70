//! The shapes of types, as `progenitor` makes them.
//!
//! The normalised types are written down again as an OpenAPI document of components alone, and
//! `progenitor` turns that into Rust. What it wrote is parsed with `syn` and taken apart: for every
//! struct its fields and their types, for every alternative its variants. Generated crates have
//! these shapes: what is an `Option`, what a list or map, where a type that holds itself needs a
//! `Box`. Names, documentation, codec and constructors are ours.
//!
//! Where its types are not those that the document says (it has been seen to merge contradictions
//! to an empty struct, and to leave out what it does not know), nothing is generated: see
//! [`Shape`]. This is the only file that names that crate.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value, json};
use syn::{Fields, GenericArgument, Item, PathArguments, Type};

use super::model::{RestContract, Scalar, TypeDef, TypeExpr, TypeId, TypeKind, Use};
use crate::diag::{Diagnostic, Problems, Severity};

/// A Rust type, as far as shapes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Option(Box<Shape>),
    List(Box<Shape>),
    Map(Box<Shape>),
    Boxed(Box<Shape>),
    Scalar(Scalar),
    Named(TypeId),
    Any,
}

impl Shape {
    /// The type without `Option` and `Box` around it, and whether a `Box` was there.
    pub(crate) fn inner(&self) -> (&Self, bool) {
        match self {
            Self::Option(inner) => inner.inner(),
            Self::Boxed(inner) => (inner.inner().0, true),
            _ => (self, false),
        }
    }
}

/// Shapes of all types, by type and index of the member or alternative.
#[derive(Debug, Default)]
pub(crate) struct Shapes(BTreeMap<(usize, usize), Shape>);

impl Shapes {
    /// A member of an object, or an alternative.
    pub(crate) fn member(&self, owner: TypeId, at: usize) -> Option<&Shape> {
        self.0.get(&(owner.0, at))
    }
}

/// Asks `progenitor` for the shapes of a contract's types.
///
/// # Errors
/// When it refuses, panics, or makes something else of a type than the document says.
pub(crate) fn shapes(contract: &RestContract) -> Result<Shapes, Problems> {
    if contract.types.is_empty() {
        return Ok(Shapes::default());
    }
    let document = document(contract);
    let tokens = match generate(document) {
        Ok(tokens) => tokens,
        Err(message) => return Err(whole(contract, message).into()),
    };
    let file: syn::File = match syn::parse2(tokens) {
        Ok(file) => file,
        Err(e) => {
            return Err(whole(contract, format!("what progenitor wrote is no Rust: {e}")).into());
        }
    };
    let found = survey(&file);
    let mut out = Shapes::default();
    let mut problems = Vec::new();
    for (id, def) in contract.types.iter().enumerate() {
        if let Err(message) = confirm(id, def, &found, &mut out) {
            problems.push(Diagnostic {
                severity: Severity::Unsupported,
                location: def.location.clone(),
                snippet: None,
                message: format!(
                    "`{}` is read in two ways, by us and by progenitor: {message}",
                    def.wire
                ),
                help: Some("say the same in other words with an overlay".to_owned()),
                tried: Box::default(),
            });
        }
    }
    if problems.is_empty() {
        Ok(out)
    } else {
        Err(Problems { list: problems })
    }
}

fn whole(contract: &RestContract, message: String) -> Diagnostic {
    let location = contract
        .types
        .first()
        .map(|t| t.location.clone())
        .unwrap_or_default();
    Diagnostic {
        severity: Severity::Unsupported,
        location,
        snippet: None,
        message: format!("the types of the document cannot be generated: {message}"),
        help: Some("a bug of the generator, not of the document".to_owned()),
        tried: Box::default(),
    }
}

/// Names that say nothing: `progenitor` makes words of names, and two may become one.
fn type_name(id: usize) -> String {
    format!("Type{id}")
}

fn member_name(at: usize) -> String {
    format!("m{at}")
}

/// Simple values are types that it is told to take from elsewhere.
fn scalar_name(scalar: Scalar) -> String {
    format!("Scalar{scalar:?}")
}

const ALL: [Scalar; 17] = [
    Scalar::String,
    Scalar::Digits,
    Scalar::LenientString,
    Scalar::Bool,
    Scalar::LenientBool,
    Scalar::I32,
    Scalar::I64,
    Scalar::LenientI32,
    Scalar::LenientI64,
    Scalar::F64,
    Scalar::LenientF64,
    Scalar::Decimal,
    Scalar::DecimalText,
    Scalar::DateTime,
    Scalar::Date,
    Scalar::Base64,
    Scalar::Binary,
];

/// The types as a document of components alone.
fn document(contract: &RestContract) -> Value {
    let mut schemas = Map::new();
    for scalar in ALL {
        schemas.insert(scalar_name(scalar), json!({ "type": "string" }));
    }
    for (id, def) in contract.types.iter().enumerate() {
        let schema = match &def.kind {
            TypeKind::Object { properties, .. } => {
                let mut members = Map::new();
                let mut required = Vec::new();
                for (at, property) in properties.iter().enumerate() {
                    members.insert(member_name(at), schema(&property.ty));
                    if property.required {
                        required.push(member_name(at));
                    }
                }
                let mut out = json!({ "type": "object", "properties": members });
                if !required.is_empty() {
                    out["required"] = json!(required);
                }
                out
            }
            TypeKind::Enum { values, .. } => {
                let values: Vec<String> = (0..values.len()).map(|n| format!("V{n}")).collect();
                json!({ "type": "string", "enum": values })
            }
            // Alternatives are a struct of what they hold: only that matters here.
            TypeKind::OneOf { arms, .. } => {
                let members: Map<String, Value> = arms
                    .iter()
                    .enumerate()
                    .map(|(at, arm)| (member_name(at), schema(&arm.ty)))
                    .collect();
                json!({ "type": "object", "properties": members })
            }
        };
        schemas.insert(type_name(id), schema);
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "types", "version": "1" },
        "paths": {},
        "components": { "schemas": schemas },
    })
}

fn schema(ty: &Use) -> Value {
    let reference = |name: String| json!({ "$ref": format!("#/components/schemas/{name}") });
    match &ty.ty {
        TypeExpr::Scalar(scalar) => reference(scalar_name(*scalar)),
        TypeExpr::Named(id) => reference(type_name(id.0)),
        TypeExpr::List(item) => json!({ "type": "array", "items": schema(item) }),
        TypeExpr::Map(value) => {
            json!({ "type": "object", "additionalProperties": schema(value) })
        }
        TypeExpr::Any => json!({}),
    }
}

fn generate(document: Value) -> Result<proc_macro2::TokenStream, String> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(document).map_err(|e| e.to_string())?;
    let mut settings = progenitor::GenerationSettings::new();
    for scalar in ALL {
        let name = scalar_name(scalar);
        let path = format!("scalar::{name}");
        settings.with_replacement(name, path, std::iter::empty());
    }
    // Much of what it does not take is an assertion.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        progenitor::Generator::new(&settings).generate_tokens(&spec)
    }));
    match outcome {
        Ok(Ok(tokens)) => Ok(tokens),
        Ok(Err(e)) => Err(e.to_string()),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Err(text.unwrap_or_else(|| "progenitor panicked".to_owned()))
        }
    }
}

/// Fields of all structs of `pub mod types`.
fn survey(file: &syn::File) -> Found {
    let mut out = Found::default();
    let types = file.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref().map(|(_, i)| i),
        _ => None,
    });
    for item in types.into_iter().flatten() {
        match item {
            Item::Struct(item) => {
                let mut fields = BTreeMap::new();
                if let Fields::Named(named) = &item.fields {
                    for field in &named.named {
                        if let (Some(ident), Some(shape)) = (&field.ident, shape(&field.ty)) {
                            fields.insert(ident.to_string(), shape);
                        }
                    }
                }
                out.structs.insert(item.ident.to_string(), fields);
            }
            Item::Enum(item) => {
                out.enums
                    .insert(item.ident.to_string(), item.variants.len());
            }
            _ => {}
        }
    }
    out
}

#[derive(Default)]
struct Found {
    structs: BTreeMap<String, BTreeMap<String, Shape>>,
    enums: BTreeMap<String, usize>,
}

fn shape(ty: &Type) -> Option<Shape> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let first = path.path.segments.first()?.ident.to_string();
    let name = last.ident.to_string();
    let arguments: Vec<&Type> = match &last.arguments {
        PathArguments::AngleBracketed(list) => list
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let inner = |at: usize| arguments.get(at).and_then(|ty| shape(ty)).map(Box::new);
    Some(match (name.as_str(), arguments.len()) {
        ("Option", 1) => Shape::Option(inner(0)?),
        // Where a cycle goes through what may be absent, the box is around the option there.
        ("Box", 1) => match *inner(0)? {
            Shape::Option(value) => Shape::Option(Box::new(Shape::Boxed(value))),
            value => Shape::Boxed(Box::new(value)),
        },
        ("Vec", 1) => Shape::List(inner(0)?),
        ("HashMap", 2) => Shape::Map(inner(1)?),
        // A map of any values.
        ("Map", 2) if first == "serde_json" || path.path.leading_colon.is_some() => {
            Shape::Map(Box::new(Shape::Any))
        }
        ("Value", 0) => Shape::Any,
        _ if first == "scalar" => Shape::Scalar(
            ALL.into_iter()
                .find(|scalar| scalar_name(*scalar) == name)?,
        ),
        _ => Shape::Named(TypeId(name.strip_prefix("Type")?.parse().ok()?)),
    })
}

/// Whether what was found is what the document says; then it counts.
fn confirm(id: usize, def: &TypeDef, found: &Found, out: &mut Shapes) -> Result<(), String> {
    let name = type_name(id);
    let uses: Vec<(&Use, bool)> = match &def.kind {
        TypeKind::Enum { values, .. } => {
            return match found.enums.get(&name) {
                Some(count) if *count == values.len() => Ok(()),
                _ => Err("it is no enumeration there".to_owned()),
            };
        }
        TypeKind::Object { properties, .. } => {
            properties.iter().map(|p| (&p.ty, p.required)).collect()
        }
        TypeKind::OneOf { arms, .. } => arms.iter().map(|a| (&a.ty, false)).collect(),
    };
    let fields = found.structs.get(&name).ok_or("it is no struct there")?;
    if fields.len() != uses.len() {
        return Err(format!(
            "it has {} members there, and {} here",
            fields.len(),
            uses.len()
        ));
    }
    for (at, (ty, required)) in uses.into_iter().enumerate() {
        let shape = fields
            .get(&member_name(at))
            .ok_or("a member is missing there")?;
        let optional = matches!(shape, Shape::Option(_));
        let (bare, _) = shape.inner();
        // Lists and maps that may be left out are empty there.
        let bare_container = matches!(bare, Shape::List(_) | Shape::Map(_) | Shape::Any);
        if !agrees(bare, ty) || optional == required && !bare_container {
            return Err(format!("member {} has another type there", at + 1));
        }
        out.0.insert((id, at), shape.clone());
    }
    Ok(())
}

fn agrees(shape: &Shape, ty: &Use) -> bool {
    match (shape, &ty.ty) {
        (Shape::Boxed(inner), _) => agrees(inner, ty),
        (Shape::Scalar(a), TypeExpr::Scalar(b)) => a == b,
        (Shape::Named(a), TypeExpr::Named(b)) => a == b,
        (Shape::List(item), TypeExpr::List(ty)) | (Shape::Map(item), TypeExpr::Map(ty)) => {
            agrees(item, ty)
        }
        (Shape::Any, TypeExpr::Any) => true,
        _ => false,
    }
}
