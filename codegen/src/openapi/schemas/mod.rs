//! From schemas to types: references resolved, `allOf` merged, everything inline named.

mod alternatives;
mod objects;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::document::Files;
use super::model::{Property, Scalar, TypeDef, TypeExpr, TypeId, TypeKind, Use};
use super::yaml::{Node, Place, Value};
use crate::diag::{Diagnostic, Severity};
use crate::emit::names::{Scope, pascal};
use crate::model::{Doc, Evidence, Facets};

/// Keywords that have a meaning here or that say nothing about the wire.
const KNOWN: &[&str] = &[
    "$ref",
    "title",
    "multipleOf",
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
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "items",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "default",
    "nullable",
    "discriminator",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "example",
    "examples",
    "deprecated",
];

/// Names that generated code has from elsewhere.
const RESERVED: &[&str] = &[
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Error",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

/// Deepest nesting of schemas in schemas.
const DEPTH: usize = 100;

/// Reads schemas.
pub(super) struct Schemas {
    pub(super) files: Files,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) notes: Vec<Diagnostic>,
    types: Vec<Option<TypeDef>>,
    names: Scope,
    /// Names that components have before anything inline gets one, by place.
    reserved: BTreeMap<Key, (String, String)>,
    /// Named types by the place of their schema.
    memo: BTreeMap<Key, Use>,
    /// References being followed, against those that lead to themselves.
    open: Vec<String>,
    /// Types that have to have all members of another: a member that `allOf` gives two types.
    supersets: Vec<(TypeId, TypeId, Place)>,
    depth: usize,
}

type Key = (String, u32, u32);

/// An object while its parts are put together.
#[derive(Default)]
struct Parts {
    properties: Vec<(Property, Place)>,
    required: BTreeSet<String>,
    /// Members that stand on one side of a call only: `required` does not hold for the other.
    one_sided: BTreeSet<String>,
    additional: Option<Box<Use>>,
}

impl Schemas {
    pub(super) fn new(files: Files) -> Self {
        Self {
            files,
            problems: Vec::new(),
            notes: Vec::new(),
            types: Vec::new(),
            names: Scope::with(&[]),
            reserved: BTreeMap::new(),
            memo: BTreeMap::new(),
            open: Vec::new(),
            supersets: Vec::new(),
            depth: 0,
        }
    }

    // ------------------------------------------------------------------------------- problems

    pub(super) fn broken(&mut self, place: &Place, message: impl Into<String>) {
        self.problems
            .push(place.diagnostic(Severity::Broken, message, None));
    }

    pub(super) fn unsupported(&mut self, place: &Place, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.problems
            .push(place.diagnostic(Severity::Unsupported, message, help));
    }

    pub(super) fn note(&mut self, place: &Place, message: impl Into<String>) {
        self.notes
            .push(place.diagnostic(Severity::Unsupported, message, None));
    }

    /// Follows a `$ref`, if the node is one, to something that is none.
    pub(super) fn deref(&mut self, node: &Rc<Node>) -> Option<(Rc<Node>, Option<String>)> {
        let mut node = node.clone();
        let mut name = None;
        for _ in 0..DEPTH {
            let Some(reference) = node.string("$ref").map(str::to_owned) else {
                return Some((node, name));
            };
            match self.files.resolve(&reference, &node.place) {
                Ok(target) => {
                    node = target.node;
                    name = Some(target.name);
                }
                Err(problem) => {
                    if !self
                        .problems
                        .iter()
                        .any(|p| p.location == problem.location && p.message == problem.message)
                    {
                        self.problems.push(problem);
                    }
                    return None;
                }
            }
        }
        self.broken(&node.place, "a reference that leads back to itself");
        None
    }

    // ------------------------------------------------------------------------------ components

    /// Names the components, and reads those that no operation reaches too: what is wrong in a
    /// document is said, used or not.
    pub(super) fn components(&mut self, components: Option<&Rc<Node>>) {
        let Some(schemas) = components.and_then(|c| c.get("schemas")).cloned() else {
            return;
        };
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for (key, node) in schemas.members() {
            if node.get("$ref").is_some() {
                continue;
            }
            let mut name = pascal(&key.text);
            if RESERVED.contains(&name.as_str()) {
                name.push_str("Type");
            }
            if let Some(other) = taken.insert(name.clone(), key.text.clone()) {
                self.unsupported(
                    &key.place,
                    format!("`{}` and `{other}` are both `{name}` in Rust", key.text),
                    "rename one of them with an overlay",
                );
                continue;
            }
            self.names.take(&name);
            self.reserved
                .insert(node.place.key(), (name, key.text.clone()));
        }
        for (key, node) in schemas.members() {
            self.schema(node, &key.text);
        }
    }

    /// The types, in the order in which they were first met.
    pub(super) fn finish(&mut self) -> Vec<TypeDef> {
        let types: Vec<TypeDef> = std::mem::take(&mut self.types)
            .into_iter()
            .flatten()
            .collect();
        for (later, earlier, place) in std::mem::take(&mut self.supersets) {
            let names = |id: TypeId| -> BTreeSet<String> {
                match types.get(id.0).map(|t| &t.kind) {
                    Some(TypeKind::Object { properties, .. }) => {
                        properties.iter().map(|p| p.name.clone()).collect()
                    }
                    _ => BTreeSet::new(),
                }
            };
            let lost: Vec<String> = names(earlier)
                .difference(&names(later))
                .map(|n| format!("`{n}`"))
                .collect();
            if !lost.is_empty() {
                let message = format!(
                    "`allOf` gives a member two types, and the later, `{}`, lacks {} of `{}`",
                    types[later.0].name,
                    lost.join(", "),
                    types[earlier.0].name
                );
                self.unsupported(&place, message, "give the member one type with an overlay");
            }
        }
        types
    }

    fn allocate(&mut self, node: &Node, hint: &str, stem: Option<&str>) -> TypeId {
        let key = node.place.key();
        let (name, wire) = match self.reserved.get(&key) {
            Some(named) => named.clone(),
            None => {
                let mut wanted = pascal(stem.unwrap_or(hint));
                if RESERVED.contains(&wanted.as_str()) {
                    wanted.push_str("Type");
                }
                let name = self.names.take(&wanted);
                if name != wanted {
                    let message =
                        format!("an unnamed type would be `{wanted}`, which is taken: `{name}`");
                    self.note(&node.place, message);
                }
                (name, hint.to_owned())
            }
        };
        let id = TypeId(self.types.len());
        self.types.push(Some(TypeDef {
            name,
            wire,
            doc: doc(node),
            // Replaced once it is read; it may refer to itself.
            kind: TypeKind::Object {
                properties: Vec::new(),
                additional: None,
                count: (None, None),
            },
            location: node.place.location(),
        }));
        self.memo.insert(key, named(id));
        id
    }

    fn define(&mut self, id: TypeId, kind: TypeKind) {
        if let Some(Some(def)) = self.types.get_mut(id.0) {
            def.kind = kind;
        }
    }

    fn def(&self, id: TypeId) -> Option<&TypeDef> {
        self.types.get(id.0).and_then(Option::as_ref)
    }

    // --------------------------------------------------------------------------------- schemas

    /// The type of a schema; `hint` names it if it has to have a name.
    pub(super) fn schema(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        if self.depth > DEPTH {
            self.unsupported(&node.place, format!("nested deeper than {DEPTH}"), "");
            return Use::default();
        }
        self.depth += 1;
        let out = match node.string("$ref") {
            Some(reference) => self.reference(node, reference),
            None => self.here(node, hint),
        };
        self.depth -= 1;
        out
    }

    fn reference(&mut self, node: &Rc<Node>, reference: &str) -> Use {
        for (key, _) in node.members() {
            let harmless = matches!(key.text.as_str(), "$ref" | "description" | "example")
                || key.text.starts_with("x-");
            if !harmless {
                let message = format!(
                    "`{}` beside `$ref` has no meaning and is left out",
                    key.text
                );
                self.note(&key.place, message);
            }
        }
        let target = match self.files.resolve(reference, &node.place) {
            Ok(target) => target,
            Err(problem) => {
                self.problems.push(problem);
                return Use::default();
            }
        };
        if let Some(known) = self.memo.get(&target.node.place.key()) {
            return self.spoken_of(known.clone(), node);
        }
        if self.open.contains(&target.id) {
            let message = format!("`{reference}` leads back to itself without an object between");
            self.unsupported(&node.place, message, "make one of the types an object");
            return Use::default();
        }
        self.open.push(target.id.clone());
        let out = self.schema(&target.node, &target.name);
        self.open.pop();
        self.spoken_of(out, node)
    }

    /// What is said beside a reference about this use of the type.
    fn spoken_of(&self, mut out: Use, node: &Node) -> Use {
        let own = doc(node);
        if !own.text.is_empty() {
            out.doc.text = own.text;
        }
        out.doc.evidence = own.evidence.or(out.doc.evidence);
        out.personal |= node.is("x-personal");
        out
    }

    fn here(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        if let Some(known) = self.memo.get(&node.place.key()) {
            return known.clone();
        }
        if !matches!(node.value, Value::Map(_)) {
            self.broken(
                &node.place,
                format!("a schema is a map, this is {}", node.kind()),
            );
            return Use::default();
        }
        self.check_keywords(node);
        let mut out = self.type_of(node, hint);
        out.nullable |= node.is("nullable");
        out.personal |= node.is("x-personal");
        if let Some(default) = node.get("default") {
            out.default = default.text();
        }
        let own = doc(node);
        if !matches!(out.ty, TypeExpr::Named(_)) || node.get("allOf").is_some() {
            if !own.text.is_empty() {
                out.doc.text = own.text;
            }
            out.doc.evidence = own.evidence.or(out.doc.evidence);
        }
        merge_facets(&mut out.facets, facets(node));
        // A named type stands for itself wherever it is used; what is said of it stays with it.
        if self.memo.contains_key(&node.place.key()) {
            self.memo.insert(node.place.key(), out.clone());
        }
        out
    }

    fn check_keywords(&mut self, node: &Node) {
        for (key, _) in node.members() {
            let name = key.text.as_str();
            if name == "not" {
                self.unsupported(
                    &key.place,
                    "`not` cannot be said in a type",
                    "say what the value is with an overlay",
                );
            } else if matches!(name, "multipleOf" | "uniqueItems") {
                self.note(&key.place, format!("`{name}` is not checked"));
            } else if !KNOWN.contains(&name) && !name.starts_with("x-") {
                self.unsupported(
                    &key.place,
                    format!("`{name}` is no keyword of schemas in OpenAPI 3.0"),
                    "remove it with an overlay, or say the same with keywords of 3.0",
                );
            }
        }
    }

    fn type_of(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        let list = |name: &str| node.get(name).filter(|n| !n.items().is_empty()).cloned();
        let has_members = node
            .get("properties")
            .is_some_and(|p| !p.members().is_empty());
        if let Some(all) = list("allOf") {
            return self.all_of(node, &all, hint);
        }
        for (keyword, any) in [("oneOf", false), ("anyOf", true)] {
            let Some(arms) = list(keyword) else { continue };
            if arms.items().iter().all(|arm| is_constraint(arm)) {
                let message = format!(
                    "`{keyword}` only says what has to be there together, which is not checked"
                );
                self.note(&arms.place, message);
                continue;
            }
            if has_members {
                break;
            }
            return self.one_of(node, &arms, any, hint);
        }
        if let Some(values) = node.get("enum").cloned() {
            return self.enumeration(node, &values, hint);
        }
        let ty = match node.get("type") {
            None => None,
            Some(ty) => match ty.str() {
                Some(ty) => Some(ty.to_owned()),
                None => {
                    self.unsupported(
                        &ty.place,
                        format!("`type` is one word in OpenAPI 3.0, this is {}", ty.kind()),
                        "lists of types are OpenAPI 3.1; say `nullable: true` or `oneOf`",
                    );
                    None
                }
            },
        };
        match ty.as_deref() {
            Some("object") => self.object(node, hint),
            None if node.get("properties").is_some()
                || node.get("additionalProperties").is_some() =>
            {
                self.object(node, hint)
            }
            Some("array") => self.array(node, hint),
            None if node.get("items").is_some() => self.array(node, hint),
            Some(ty @ ("string" | "number" | "integer" | "boolean")) => self.scalar(node, ty),
            Some(other) => {
                self.broken(&node.place, format!("there is no type `{other}`"));
                Use::default()
            }
            None => Use {
                label: "any value".to_owned(),
                ..Use::default()
            },
        }
    }

    fn scalar(&mut self, node: &Node, ty: &str) -> Use {
        let format = node.string("format").unwrap_or_default();
        let (lenient, digits) = (node.is("x-lenient"), node.is("x-digits"));
        let scalar = match (ty, format) {
            ("string", _) if node.is("x-lenient-date-time") => Scalar::DateTime,
            ("string", "date-time") => Scalar::DateTime,
            ("string", "date") => Scalar::Date,
            ("string", "byte") => Scalar::Base64,
            ("string", "binary") => Scalar::Binary,
            ("string", "decimal") => Scalar::DecimalText,
            ("string", _) if node.is("x-decimal") => Scalar::DecimalText,
            ("string", _) if digits => Scalar::Digits,
            ("string", _) if lenient => Scalar::LenientString,
            ("string", _) => Scalar::String,
            ("boolean", _) if lenient => Scalar::LenientBool,
            ("boolean", _) => Scalar::Bool,
            ("integer", "int32") if lenient => Scalar::LenientI32,
            ("integer", "int32") => Scalar::I32,
            ("integer", _) if lenient => Scalar::LenientI64,
            ("integer", _) => Scalar::I64,
            (_, "decimal") => Scalar::Decimal,
            _ if node.is("x-decimal") => Scalar::Decimal,
            _ if lenient => Scalar::LenientF64,
            _ => Scalar::F64,
        };
        const FORMATS: &[&str] = &[
            "",
            "date-time",
            "date",
            "byte",
            "binary",
            "decimal",
            "int32",
            "int64",
            "float",
            "double",
            "password",
            "uuid",
            "uri",
            "url",
            "email",
            "ipv4",
            "ipv6",
            "hostname",
            "time",
            "duration",
            "regex",
            "uri-reference",
            "uri-template",
            "idn-email",
            "idn-hostname",
            "iri",
            "json-pointer",
        ];
        if !FORMATS.contains(&format) {
            let message = format!("the format `{format}` is not known: a plain {ty}");
            self.note(&node.place, message);
        }
        let label = if format.is_empty() || matches!(scalar, Scalar::String) && format == "password"
        {
            ty.to_owned()
        } else {
            format!("{ty} ({format})")
        };
        Use {
            ty: TypeExpr::Scalar(scalar),
            label,
            personal: format == "password",
            ..Use::default()
        }
    }

    fn enumeration(&mut self, node: &Rc<Node>, values: &Node, hint: &str) -> Use {
        let mut texts = Vec::new();
        let mut all_strings = true;
        let mut nullable = false;
        for value in values.items() {
            match &value.value {
                Value::Null => nullable = true,
                Value::String(text) => texts.push(text.clone()),
                _ => {
                    all_strings = false;
                    texts.extend(value.text());
                }
            }
        }
        let ty = node.string("type");
        if texts.is_empty() {
            self.broken(&values.place, "an enumeration without values");
        }
        // `type: string` with `enum: [1, 2]`: YAML wrote the quotes away.
        let names: Vec<String> = node
            .get("x-enum-varnames")
            .map_or(&[][..], |n| n.items())
            .iter()
            .filter_map(|n| n.text())
            .collect();
        if !names.is_empty() && names.len() != texts.len() {
            self.broken(
                &node.place,
                "`x-enum-varnames` has not one name for each value",
            );
        }
        let is_text = ty == Some("string") || ty.is_none() && all_strings;
        // Numbers that say what they mean are an enumeration too.
        let numeric = ty == Some("integer") && !names.is_empty();
        if is_text || numeric {
            let before = texts.len();
            let mut seen = BTreeSet::new();
            texts.retain(|text| seen.insert(text.clone()));
            if texts.len() < before {
                self.note(&values.place, "a value that is listed twice counts once");
            }
            let id = self.allocate(node, hint, None);
            self.define(
                id,
                TypeKind::Enum {
                    values: texts,
                    names,
                    numeric,
                },
            );
            return Use {
                nullable,
                label: if numeric { "integer" } else { "string" }.to_owned(),
                ..named(id)
            };
        }
        let ty = ty.unwrap_or("number").to_owned();
        let mut out = match ty.as_str() {
            "integer" | "number" | "boolean" => self.scalar(node, &ty),
            other => {
                self.unsupported(&node.place, format!("an enumeration of type `{other}`"), "");
                Use::default()
            }
        };
        out.values = texts;
        out.nullable = nullable;
        out
    }

    fn array(&mut self, node: &Node, hint: &str) -> Use {
        let item = match node.get("items").cloned() {
            Some(items) => self.schema(&items, &format!("{}Item", pascal(hint))),
            None => {
                self.note(&node.place, "an array without `items`: of any value");
                Use::default()
            }
        };
        if item.ty == TypeExpr::Scalar(Scalar::Binary) {
            // Parts of a body; anything else is found where it is used.
            self.note(&node.place, "a list of files can only be sent in parts");
        }
        Use {
            label: format!("array of {}", self.label(&item)),
            one_or_many: node.is("x-one-or-many"),
            personal: item.personal,
            ty: TypeExpr::List(Box::new(item)),
            ..Use::default()
        }
    }

    fn label(&self, item: &Use) -> String {
        match &item.ty {
            TypeExpr::Named(id) => self.def(*id).map_or_else(String::new, |d| d.wire.clone()),
            _ => item.label.clone(),
        }
    }
}

pub(super) fn named(id: TypeId) -> Use {
    Use {
        ty: TypeExpr::Named(id),
        ..Use::default()
    }
}

/// It says nothing about the type.
fn is_annotation(node: &Node) -> bool {
    node.get("$ref").is_none()
        && node.members().iter().all(|(key, _)| {
            matches!(
                key.text.as_str(),
                "description"
                    | "title"
                    | "example"
                    | "default"
                    | "externalDocs"
                    | "nullable"
                    | "deprecated"
            ) || key.text.starts_with("x-")
        })
}

/// It only says what has to be there.
fn is_constraint(node: &Node) -> bool {
    node.get("required").is_some()
        && node.members().iter().all(|(key, _)| {
            matches!(
                key.text.as_str(),
                "required" | "description" | "title" | "type"
            ) || key.text.starts_with("x-")
        })
}

/// Summary, description and evidence of anything.
pub(super) fn doc(node: &Node) -> Doc {
    let mut text = String::new();
    let summary = node.string("summary").unwrap_or_default().trim();
    let description = node.string("description").unwrap_or_default().trim();
    text.push_str(summary);
    if !summary.is_empty() && !summary.ends_with(['.', '!', '?', ':']) {
        text.push('.');
    }
    if !description.is_empty() && description != summary {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(description);
    }
    let evidence = match node.string("x-evidence") {
        Some("contract") => Some(Evidence::Contract),
        Some("documented") => Some(Evidence::Documented),
        Some("inferred") => Some(Evidence::Inferred),
        _ => None,
    };
    Doc { text, evidence }
}

fn count(node: &Node, name: &str) -> Option<u64> {
    node.get(name)?.text()?.parse().ok()
}

fn facets(node: &Node) -> Facets {
    let text = |name: &str| node.get(name).and_then(|n| n.text());
    let count = |name: &str| count(node, name);
    let (minimum, maximum) = (text("minimum"), text("maximum"));
    let (exclusive_min, exclusive_max) = (node.is("exclusiveMinimum"), node.is("exclusiveMaximum"));
    Facets {
        min_length: count("minLength").or_else(|| count("minItems")),
        max_length: count("maxLength").or_else(|| count("maxItems")),
        patterns: text("pattern").into_iter().collect(),
        min_inclusive: minimum.clone().filter(|_| !exclusive_min),
        max_inclusive: maximum.clone().filter(|_| !exclusive_max),
        min_exclusive: minimum.filter(|_| exclusive_min),
        max_exclusive: maximum.filter(|_| exclusive_max),
        total_digits: None,
        fraction_digits: None,
    }
}

fn merge_facets(into: &mut Facets, from: Facets) {
    into.min_length = from.min_length.or(into.min_length);
    into.max_length = from.max_length.or(into.max_length);
    if !from.patterns.is_empty() {
        into.patterns = from.patterns;
    }
    into.min_inclusive = from.min_inclusive.or(into.min_inclusive.take());
    into.max_inclusive = from.max_inclusive.or(into.max_inclusive.take());
    into.min_exclusive = from.min_exclusive.or(into.min_exclusive.take());
    into.max_exclusive = from.max_exclusive.or(into.max_exclusive.take());
}
