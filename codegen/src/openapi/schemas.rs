//! From schemas to types: references resolved, `allOf` merged, everything inline named.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::document::Files;
use super::model::{Arm, Property, Scalar, TypeDef, TypeExpr, TypeId, TypeKind, Use};
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

    // --------------------------------------------------------------------------------- objects

    fn object(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        let members = node.get("properties").map_or(0, |p| p.members().len());
        let subtypes = self.subtypes(node);
        if members == 0 && subtypes.is_none() {
            let value = match node.get("additionalProperties").cloned() {
                Some(schema) if !schema.members().is_empty() => {
                    self.schema(&schema, &format!("{}Value", pascal(hint)))
                }
                _ => Use {
                    label: "any value".to_owned(),
                    ..Use::default()
                },
            };
            return Use {
                label: format!("map of {}", self.label(&value)),
                ty: TypeExpr::Map(Box::new(value)),
                ..Use::default()
            };
        }
        self.struct_of(node, hint)
    }

    fn struct_of(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        let id = self.allocate(node, hint, None);
        let owner = self
            .def(id)
            .map_or_else(|| pascal(hint), |d| d.name.clone());
        let mut parts = Parts::default();
        self.collect(node, &owner, &mut parts, true);
        self.complete(id, node, parts);
        Use {
            label: "object".to_owned(),
            ..named(id)
        }
    }

    fn complete(&mut self, id: TypeId, node: &Node, mut parts: Parts) {
        for name in parts.required.difference(&parts.one_sided) {
            match parts.properties.iter_mut().find(|(p, _)| &p.name == name) {
                Some((property, _)) => property.required = true,
                None => {
                    let message = format!("`{name}` is required, but there is no such property");
                    self.notes
                        .push(node.place.diagnostic(Severity::Unsupported, message, None));
                }
            }
        }
        let properties = parts
            .properties
            .into_iter()
            .map(|(property, _)| property)
            .collect();
        self.define(
            id,
            TypeKind::Object {
                properties,
                additional: parts.additional,
                count: (count(node, "minProperties"), count(node, "maxProperties")),
            },
        );
    }

    /// Names of the subtypes that a discriminator without `oneOf` speaks of.
    fn subtypes(&self, node: &Node) -> Option<Vec<String>> {
        let discriminator = node.get("discriminator")?;
        let mapping = discriminator.get("mapping");
        Some(mapping.map_or_else(Vec::new, |m| {
            m.members()
                .iter()
                .map(|(key, _)| key.text.clone())
                .collect()
        }))
    }

    /// Adds the members of a schema and of everything that its `allOf` names.
    fn collect(&mut self, node: &Rc<Node>, owner: &str, parts: &mut Parts, top: bool) {
        if self.depth > DEPTH {
            self.broken(&node.place, "`allOf` that leads back to itself");
            return;
        }
        self.depth += 1;
        self.collect_here(node, owner, parts, top);
        self.depth -= 1;
    }

    fn collect_here(&mut self, node: &Rc<Node>, owner: &str, parts: &mut Parts, top: bool) {
        if node.get("$ref").is_some() {
            let Some((target, name)) = self.deref(node) else {
                return;
            };
            let owner = match self.reserved.get(&target.place.key()) {
                Some((rust, _)) => rust.clone(),
                None => name.map_or_else(|| owner.to_owned(), |n| pascal(&n)),
            };
            return self.collect(&target, &owner, parts, false);
        }
        self.check_keywords(node);
        if let Some(all) = node.get("allOf").cloned() {
            for part in all.items() {
                self.collect(part, owner, parts, false);
            }
        }
        if let Some(properties) = node.get("properties").cloned() {
            for (key, schema) in properties.members() {
                let ty = self.schema(schema, &format!("{owner}{}", pascal(&key.text)));
                let mut property = Property {
                    name: key.text.clone(),
                    required: false,
                    doc: ty.doc.clone(),
                    ty,
                };
                if schema.is("readOnly") || schema.is("writeOnly") {
                    let side = if schema.is("readOnly") {
                        "answers"
                    } else {
                        "requests"
                    };
                    let text = &mut property.doc.text;
                    if !text.is_empty() {
                        text.push_str("\n\n");
                    }
                    text.push_str(&format!("In {side} only."));
                    parts.one_sided.insert(key.text.clone());
                }
                if schema.is("deprecated") {
                    let text = &mut property.doc.text;
                    if !text.is_empty() {
                        text.push_str("\n\n");
                    }
                    text.push_str("Deprecated.");
                }
                self.add(parts, property, &key.place);
            }
        }
        if let Some(required) = node.get("required") {
            let names = required
                .items()
                .iter()
                .filter_map(|n| n.str().map(str::to_owned));
            parts.required.extend(names);
        }
        match node.get("additionalProperties").cloned() {
            Some(schema) if !schema.members().is_empty() => {
                let ty = self.schema(&schema, &format!("{owner}Value"));
                parts.additional = Some(Box::new(ty));
            }
            Some(flag) if flag.bool() == Some(true) || matches!(&flag.value, Value::Map(_)) => {
                parts.additional = Some(Box::default());
            }
            _ => {}
        }
        for keyword in ["oneOf", "anyOf"] {
            let Some(arms) = node.get(keyword).cloned() else {
                continue;
            };
            if arms.items().iter().all(|arm| is_constraint(arm)) {
                continue;
            }
            if !top {
                // A base that lists its own subtypes: they are theirs, not this one's.
                self.note(
                    &arms.place,
                    format!("`{keyword}` of a base is not part of what extends it"),
                );
                continue;
            }
            self.note(
                &arms.place,
                format!(
                    "the alternatives of `{keyword}` beside properties are all optional members"
                ),
            );
            for arm in arms.items() {
                self.optional_parts(arm, owner, parts);
            }
        }
        if top
            && node.get("oneOf").is_none()
            && let Some(subtypes) = self.subtypes(node)
            && parts.additional.is_none()
        {
            let message = if subtypes.is_empty() {
                "a discriminator without a mapping: what subtypes add is kept as it comes"
                    .to_owned()
            } else {
                format!(
                    "a discriminator without `oneOf`: what the subtypes {} add is kept as it comes",
                    subtypes.join(", ")
                )
            };
            self.note(&node.place, message);
            parts.additional = Some(Box::default());
        }
    }

    /// Members of an alternative, none of which has to be there.
    fn optional_parts(&mut self, arm: &Rc<Node>, owner: &str, parts: &mut Parts) {
        let mut own = Parts::default();
        self.collect(arm, owner, &mut own, false);
        for (property, place) in own.properties {
            self.add(parts, property, &place);
        }
        parts.additional = parts.additional.take().or(own.additional);
    }

    fn add(&mut self, parts: &mut Parts, property: Property, place: &Place) {
        let Some(at) = parts
            .properties
            .iter()
            .position(|(p, _)| p.name == property.name)
        else {
            parts.properties.push((property, place.clone()));
            return;
        };
        let earlier = parts.properties[at].0.ty.clone();
        let chosen = self.both(&earlier, &property.ty, place);
        let Some(mut chosen) = chosen else {
            self.unsupported(
                place,
                format!(
                    "`{}` is {} in one part of the object and {} in another",
                    property.name,
                    self.label(&earlier),
                    self.label(&property.ty)
                ),
                "give the member one type with an overlay",
            );
            return;
        };
        chosen.nullable = earlier.nullable && property.ty.nullable;
        chosen.personal = earlier.personal || property.ty.personal;
        let present = &mut parts.properties[at].0;
        present.ty = chosen;
        if !property.doc.text.is_empty() {
            present.doc = property.doc;
        }
    }

    /// One type for a value that has to be of two.
    fn both(&mut self, a: &Use, b: &Use, place: &Place) -> Option<Use> {
        use TypeExpr as T;
        if a.ty == b.ty {
            let mut out = b.clone();
            let own = std::mem::take(&mut out.facets);
            out.facets = a.facets.clone();
            merge_facets(&mut out.facets, own);
            return Some(out);
        }
        let kind = |ty: &T| match ty {
            T::Named(id) => self.def(*id).map(|d| &d.kind),
            _ => None,
        };
        let is_string = |ty: &T| {
            matches!(
                ty,
                T::Scalar(Scalar::String | Scalar::LenientString | Scalar::Digits)
            )
        };
        Some(match (&a.ty, &b.ty) {
            (T::Any, _) => b.clone(),
            (_, T::Any) => a.clone(),
            (x, T::Named(_))
                if is_string(x) && matches!(kind(&b.ty), Some(TypeKind::Enum { .. })) =>
            {
                b.clone()
            }
            (T::Named(_), y)
                if is_string(y) && matches!(kind(&a.ty), Some(TypeKind::Enum { .. })) =>
            {
                a.clone()
            }
            (
                T::Scalar(Scalar::String),
                T::Scalar(
                    Scalar::DateTime
                    | Scalar::Date
                    | Scalar::Base64
                    | Scalar::DecimalText
                    | Scalar::Digits,
                ),
            ) => b.clone(),
            (T::Scalar(Scalar::I32), T::Scalar(Scalar::I64)) => b.clone(),
            (T::Scalar(Scalar::I64), T::Scalar(Scalar::I32)) => a.clone(),
            (T::Scalar(Scalar::I32 | Scalar::I64 | Scalar::Decimal), T::Scalar(Scalar::F64)) => {
                Use {
                    values: b.values.clone(),
                    ..a.clone()
                }
            }
            (T::Scalar(Scalar::F64), T::Scalar(Scalar::I32 | Scalar::I64 | Scalar::Decimal)) => {
                b.clone()
            }
            (T::Map(value), T::Named(_)) if value.ty == T::Any => b.clone(),
            (T::Named(_), T::Map(value)) if value.ty == T::Any => a.clone(),
            (T::Named(x), T::Named(y)) => match (kind(&a.ty), kind(&b.ty)) {
                (Some(TypeKind::Enum { .. }), Some(TypeKind::Enum { .. })) => {
                    self.note(
                        place,
                        "the narrower of two enumerations counts; others are kept as unknown",
                    );
                    b.clone()
                }
                (Some(TypeKind::Object { .. }), Some(TypeKind::Object { .. })) => {
                    self.supersets.push((*y, *x, place.clone()));
                    b.clone()
                }
                _ => return None,
            },
            (T::List(x), T::List(y)) => {
                let item = self.both(x, y, place)?;
                Use {
                    ty: T::List(Box::new(item)),
                    ..b.clone()
                }
            }
            _ => return None,
        })
    }

    fn all_of(&mut self, node: &Rc<Node>, all: &Rc<Node>, hint: &str) -> Use {
        let own = [
            "properties",
            "additionalProperties",
            "oneOf",
            "anyOf",
            "discriminator",
            "enum",
        ]
        .iter()
        .any(|name| node.get(name).is_some());
        let telling: Vec<Rc<Node>> = all
            .items()
            .iter()
            .filter(|part| !is_annotation(part))
            .cloned()
            .collect();
        if let ([part], false) = (telling.as_slice(), own) {
            let narrowed = node.get("required").is_some();
            if !narrowed {
                let mut out = self.schema(part, hint);
                // The words beside it are about this use of the type.
                out.doc = doc(node);
                return out;
            }
        }
        if telling.iter().any(|part| self.is_object(part, 0)) || own && node.get("enum").is_none() {
            return self.struct_of(node, hint);
        }
        let mut out: Option<Use> = None;
        for part in &telling {
            let ty = self.schema(part, hint);
            out = match out {
                None => Some(ty),
                Some(before) => match self.both(&before, &ty, &part.place) {
                    Some(both) => Some(both),
                    None => {
                        let message =
                            format!("`allOf` of {} and {}", self.label(&before), self.label(&ty));
                        let help = "no value is both; give it one type with an overlay";
                        self.unsupported(&part.place, message, help);
                        Some(before)
                    }
                },
            };
        }
        out.unwrap_or_default()
    }

    fn is_object(&mut self, node: &Rc<Node>, depth: usize) -> bool {
        if depth > DEPTH {
            return false;
        }
        let Some((node, _)) = self.deref(node) else {
            return false;
        };
        node.string("type") == Some("object")
            || node.get("properties").is_some()
            || node.get("allOf").cloned().is_some_and(|all| {
                all.items()
                    .iter()
                    .any(|part| self.is_object(part, depth + 1))
            })
    }

    // ---------------------------------------------------------------------------- alternatives

    fn one_of(&mut self, node: &Rc<Node>, list: &Rc<Node>, any: bool, hint: &str) -> Use {
        let keyword = if any { "anyOf" } else { "oneOf" };
        let arms: Vec<Rc<Node>> = list
            .items()
            .iter()
            .filter(|arm| !is_annotation(arm))
            .cloned()
            .collect();
        if let [arm] = arms.as_slice() {
            return self.schema(arm, hint);
        }
        let discriminator = node.get("discriminator").cloned();
        let all_objects = arms.iter().all(|arm| self.is_object(arm, 0));
        if any && all_objects && discriminator.is_none() {
            if let Some(merged) = self.merged(node, &arms, hint) {
                self.note(
                    &list.place,
                    "the alternatives of `anyOf` are one object with every member optional",
                );
                return merged;
            }
            self.note(
                &list.place,
                "the alternatives of `anyOf` contradict each other: one of them is read",
            );
        }
        let mut uses: Vec<(Use, Rc<Node>)> = Vec::new();
        // A type of its own first: alternatives may lead back to it.
        let strings = self.all_strings(&arms);
        let id = if strings {
            None
        } else {
            Some(self.allocate(node, hint, None))
        };
        for (i, arm) in arms.iter().enumerate() {
            let title = arm.string("title").map(pascal);
            let name = title.unwrap_or_else(|| format!("{}Variant{}", pascal(hint), i + 1));
            let ty = self.schema(arm, &name);
            if uses.iter().any(|(u, _)| u.ty == ty.ty) {
                self.note(
                    &arm.place,
                    format!("an alternative of `{keyword}` that stands twice counts once"),
                );
                continue;
            }
            uses.push((ty, arm.clone()));
        }
        let Some(id) = id else {
            return self.strings(node, &uses, hint);
        };
        let nullable = uses.iter().any(|(u, _)| u.nullable);
        let mut scope = Scope::with(&["Unknown"]);
        let mut out = Vec::new();
        for (ty, arm) in uses {
            let wanted = match &ty.ty {
                TypeExpr::Named(id) => self.def(*id).map_or_else(String::new, |d| d.name.clone()),
                TypeExpr::Scalar(Scalar::Bool | Scalar::LenientBool) => "Flag".to_owned(),
                TypeExpr::Scalar(
                    Scalar::I32
                    | Scalar::I64
                    | Scalar::F64
                    | Scalar::Decimal
                    | Scalar::LenientI32
                    | Scalar::LenientI64
                    | Scalar::LenientF64,
                ) => "Number".to_owned(),
                TypeExpr::Scalar(_) => "Text".to_owned(),
                TypeExpr::List(_) => "List".to_owned(),
                TypeExpr::Map(_) => "Map".to_owned(),
                TypeExpr::Any => "Value".to_owned(),
            };
            let tags = discriminator
                .as_ref()
                .map_or_else(Vec::new, |d| self.tags(d, &arm));
            out.push(Arm {
                name: scope.take(&wanted),
                ty,
                tags,
            });
        }
        let member = discriminator.as_ref().and_then(|d| {
            d.str()
                .or_else(|| d.string("propertyName"))
                .map(str::to_owned)
        });
        if let (Some(d), None) = (&discriminator, &member) {
            self.broken(&d.place, "a discriminator without `propertyName`");
        }
        if member.is_none() && !any {
            self.note(
                &list.place,
                format!(
                    "`{keyword}` without a discriminator: the alternative that fits best is read"
                ),
            );
        }
        self.define(
            id,
            TypeKind::OneOf {
                arms: out,
                discriminator: member,
            },
        );
        Use {
            nullable,
            label: "object".to_owned(),
            ..named(id)
        }
    }

    /// Values of the discriminator that mean an alternative.
    fn tags(&mut self, discriminator: &Node, arm: &Rc<Node>) -> Vec<String> {
        let Some(reference) = arm.string("$ref").map(str::to_owned) else {
            self.unsupported(
                &arm.place,
                "an alternative with a discriminator that is no reference",
                "put it among the components",
            );
            return Vec::new();
        };
        let Ok(own) = self.files.resolve(&reference, &arm.place) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mapping = discriminator.get("mapping").cloned();
        for (key, target) in mapping.iter().flat_map(|m| m.members()) {
            let Some(text) = target.str() else { continue };
            let named = text == own.name;
            let referred = self
                .files
                .resolve(text, &target.place)
                .is_ok_and(|t| t.id == own.id && text.contains('#'));
            if named || referred {
                out.push(key.text.clone());
            }
        }
        if out.is_empty() {
            out.push(own.name);
        }
        out
    }

    fn merged(&mut self, node: &Rc<Node>, arms: &[Rc<Node>], hint: &str) -> Option<Use> {
        let before = (self.problems.len(), self.notes.len(), self.types.len());
        let (names, memo) = (self.names.clone(), self.memo.clone());
        let id = self.allocate(node, hint, None);
        let owner = self
            .def(id)
            .map_or_else(|| pascal(hint), |d| d.name.clone());
        let mut parts = Parts::default();
        for arm in arms {
            self.optional_parts(arm, &owner, &mut parts);
        }
        if self.problems.len() > before.0 {
            // They contradict each other: as if it had not been tried.
            self.problems.truncate(before.0);
            self.notes.truncate(before.1);
            self.types.truncate(before.2);
            (self.names, self.memo) = (names, memo);
            return None;
        }
        parts.required.clear();
        self.complete(id, node, parts);
        Some(Use {
            label: "object".to_owned(),
            ..named(id)
        })
    }

    fn all_strings(&mut self, arms: &[Rc<Node>]) -> bool {
        arms.iter().all(|arm| {
            self.deref(arm).is_some_and(|(node, _)| {
                node.string("type") == Some("string")
                    || node.get("type").is_none()
                        && node
                            .get("enum")
                            .is_some_and(|e| e.items().iter().all(|v| v.str().is_some()))
            })
        })
    }

    /// One type for alternatives that are all texts.
    fn strings(&mut self, node: &Rc<Node>, uses: &[(Use, Rc<Node>)], hint: &str) -> Use {
        let mut values: Vec<String> = Vec::new();
        for (ty, _) in uses {
            if let TypeExpr::Named(id) = &ty.ty
                && let Some(TypeKind::Enum { values: own, .. }) =
                    self.def(*id).map(|d| d.kind.clone())
            {
                values.extend(
                    own.into_iter()
                        .filter(|v| !values.contains(v))
                        .collect::<Vec<_>>(),
                );
            }
        }
        let nullable = uses.iter().any(|(u, _)| u.nullable);
        if values.is_empty() {
            return Use {
                ty: TypeExpr::Scalar(Scalar::String),
                label: "string".to_owned(),
                nullable,
                ..Use::default()
            };
        }
        self.note(
            &node.place,
            "alternatives that are all texts: one open enumeration",
        );
        let id = self.allocate(node, hint, None);
        self.define(
            id,
            TypeKind::Enum {
                values,
                names: Vec::new(),
                numeric: false,
            },
        );
        Use {
            nullable,
            label: "string".to_owned(),
            ..named(id)
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
