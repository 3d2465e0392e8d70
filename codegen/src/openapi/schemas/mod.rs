//! From schemas to types: references resolved, `allOf` merged, everything inline named.

mod alternatives;
mod objects;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::Dialect;
use super::document::Files;
use super::model::{Property, Scalar, TypeDef, TypeExpr, TypeId, TypeKind, Use};
use super::yaml::{Node, Place, Value};
use crate::diag::{Diagnostic, Severity};
use crate::emit::names::{RESERVED, Scope, pascal};
use crate::emit::rest::pattern::translate;
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
    "not",
    // 3.1 and JSON Schema: what says nothing about the wire, or what is read elsewhere.
    "$id",
    "$schema",
    "$comment",
    "$anchor",
    "$dynamicAnchor",
    "$vocabulary",
    "$defs",
    "definitions",
    "id",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "patternProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "additionalItems",
];

/// What is said of [`UNCHECKED`].
pub(super) const UNCHECKED_WORDS: &str = " is not checked";

/// Those of them that would have to be checked.
const UNCHECKED: &[&str] = &[
    "not",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "contains",
    "propertyNames",
];

/// Deepest nesting of schemas in schemas.
const DEPTH: usize = 100;

/// From this depth on objects with names of their own wait until what is above them is read:
/// large documents refer from one to the next in chains of any length.
const DEEP: usize = DEPTH / 2;

/// Reads schemas.
pub(super) struct Schemas {
    pub(super) files: Files,
    pub(super) dialect: Dialect,
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
    /// Objects whose members are being collected.
    collecting: Vec<Key>,
    /// Types that have to have all members of another: a member that `allOf` gives two types.
    supersets: Vec<(TypeId, TypeId, Place)>,
    depth: usize,
    /// Objects that are known by name, and whose members are still to be read.
    waiting: Vec<(TypeId, Rc<Node>)>,
}

type Key = (Arc<str>, u32, u32);

/// An object while its parts are put together.
#[derive(Default)]
struct Parts {
    properties: Vec<(Property, Place)>,
    /// Schemas of the members.
    nodes: BTreeMap<String, Rc<Node>>,
    required: BTreeSet<String>,
    /// Members that stand on one side of a call only: `required` does not hold for the other.
    one_sided: BTreeSet<String>,
    additional: Option<Box<Use>>,
}

impl Schemas {
    pub(super) fn new(files: Files, dialect: Dialect) -> Self {
        Self {
            files,
            dialect,
            problems: Vec::new(),
            notes: Vec::new(),
            types: Vec::new(),
            names: Scope::with(&[]),
            reserved: BTreeMap::new(),
            memo: BTreeMap::new(),
            open: Vec::new(),
            collecting: Vec::new(),
            supersets: Vec::new(),
            depth: 0,
            waiting: Vec::new(),
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
    pub(super) fn components(&mut self, root: &Node) {
        let list = match self.dialect {
            Dialect::Swagger2 => root.get("definitions"),
            _ => root.get("components").and_then(|c| c.get("schemas")),
        };
        let Some(schemas) = list.cloned() else {
            return;
        };
        let wanted = |text: &str| {
            let mut name = pascal(text);
            if RESERVED.contains(&name.as_str()) {
                name.push_str("Type");
            }
            name
        };
        let named: Vec<_> = schemas
            .members()
            .iter()
            .filter(|(_, node)| node.get("$ref").is_none() || node.members().len() > 1)
            .map(|(key, node)| (key, node, wanted(&key.text)))
            .collect();
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        // Those that are named as Rust would name them keep their names.
        for as_written in [true, false] {
            for (key, node, wanted) in &named {
                if (wanted == &key.text) != as_written {
                    continue;
                }
                let builds = |name: &str| {
                    let stem = name.strip_suffix("Builder").unwrap_or_default();
                    named.iter().any(|(_, _, other)| other == stem)
                };
                let base = if builds(wanted) {
                    format!("{wanted}Type")
                } else {
                    wanted.clone()
                };
                let name = self.names.take(&base);
                if let Some(other) = taken.get(&base) {
                    let message = format!(
                        "`{}` and `{other}` would both be `{base}` in Rust: `{}` is `{name}`; \
                         rename one of them with an overlay",
                        key.text, key.text
                    );
                    self.note(&key.place, message);
                }
                taken.insert(name.clone(), key.text.clone());
                self.reserved
                    .insert(node.place.key(), (name, key.text.clone()));
            }
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
        while self.depth == 0
            && let Some((id, node)) = self.waiting.pop()
        {
            self.members_of(id, &node, hint);
        }
        out
    }

    fn reference(&mut self, node: &Rc<Node>, reference: &str) -> Use {
        for (key, _) in node.members() {
            let word = key.text.as_str();
            let harmless = matches!(
                word,
                "$ref" | "description" | "summary" | "example" | "examples" | "nullable"
            ) || word.starts_with("x-");
            // Old generators repeat the name.
            let harmless = harmless || matches!(word, "originalRef" | "refType");
            let annotation = self.dialect == Dialect::OpenApi31
                && matches!(
                    word,
                    "title" | "default" | "deprecated" | "readOnly" | "writeOnly" | "$comment"
                );
            if !harmless && !annotation {
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
        if let Some(what) = no_schema(reference) {
            let help = "refer to a schema; of a response or a body, to that of its `content`";
            let message = format!("`{reference}` is {what}, and no schema");
            self.problems.push(node.place.diagnostic(
                Severity::Broken,
                message,
                Some(help.to_owned()),
            ));
            return Use::default();
        }
        if let Some(known) = self.memo.get(&target.node.place.key()) {
            return self.spoken_of(known.clone(), node);
        }
        if self.open.contains(&target.id) {
            let message = format!(
                "`{reference}` leads back to itself without an object between: any value from \
                 here on"
            );
            self.note(&node.place, message);
            return Use {
                label: "any value".to_owned(),
                ..Use::default()
            };
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
        // No meaning there in 3.0, but what is meant is plain, and `null` would be an error.
        out.nullable |= node.is("nullable");
        if let Some(default) = node.get("default").and_then(|d| d.text()) {
            out.default = Some(default);
        }
        out
    }

    fn here(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        if let Some(known) = self.memo.get(&node.place.key()) {
            return known.clone();
        }
        // 3.1: anything, or nothing. Nothing at all in YAML is a schema that was never written.
        if matches!(node.value, Value::Bool(_) | Value::Null) {
            if matches!(node.value, Value::Null) {
                self.note(&node.place, "a schema without a word: any value");
            }
            return Use {
                label: "any value".to_owned(),
                ..Use::default()
            };
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
        self.contradictions(node);
        out.nullable |= node.is("nullable");
        out.personal |= node.is("x-personal");
        if let Some(default) = node.get("default") {
            out.default = default.text();
        }
        // 3.1 has several.
        let examples = node.get("examples").and_then(|all| all.items().first());
        if let Some(example) = node.get("example").or(examples) {
            out.example = example.text();
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

    /// Bounds that no value keeps.
    fn contradictions(&mut self, node: &Node) {
        let number = |name: &str| node.get(name)?.text()?.parse::<f64>().ok();
        for (low, high) in [
            ("minimum", "maximum"),
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
            ("minProperties", "maxProperties"),
        ] {
            if let (Some(min), Some(max)) = (number(low), number(high))
                && min > max
            {
                let message = format!("`{low}` is above `{high}`: no value is both");
                self.unsupported(&node.place, message, "mend one of them with an overlay");
            }
        }
    }

    fn check_keywords(&mut self, node: &Node) {
        for (key, value) in node.members() {
            let name = key.text.as_str();
            if KNOWN.contains(&name) || name.starts_with("x-") {
                if UNCHECKED.contains(&name) {
                    self.note(&key.place, format!("`{name}`{UNCHECKED_WORDS}"));
                }
                if name == "pattern"
                    && let Some(pattern) = value.str()
                    && let Err(why) = translate(pattern)
                {
                    let message = format!("the pattern `{pattern}` ({why}){UNCHECKED_WORDS}");
                    self.note(&key.place, message);
                }
            } else if name == "$dynamicRef" {
                let help = "refer to the schema by `$ref`, with an overlay";
                self.unsupported(&key.place, "`$dynamicRef` is not followed", help);
            } else {
                let message = format!("`{name}` is no keyword of schemas; it is left out");
                self.note(&key.place, message);
            }
        }
    }

    /// Whether a form can be made of it: an object or a map.
    pub(super) fn is_members(&self, ty: &Use) -> bool {
        match &ty.ty {
            TypeExpr::Map(_) => true,
            TypeExpr::Named(id) => {
                matches!(
                    self.def(*id).map(|d| &d.kind),
                    Some(TypeKind::Object { .. })
                )
            }
            _ => false,
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
                    let message =
                        format!("`type` is a word or a list of words, this is {}", ty.kind());
                    self.broken(&ty.place, message);
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
            ("string", "decimal" | "bigdecimal") => Scalar::DecimalText,
            ("string", _) if node.is("x-decimal") => Scalar::DecimalText,
            ("string", _) if digits => Scalar::Digits,
            ("string", _) if lenient => Scalar::LenientString,
            ("string", _) => Scalar::String,
            ("boolean", _) if lenient => Scalar::LenientBool,
            ("boolean", _) => Scalar::Bool,
            ("integer", "int8" | "int16" | "int32" | "uint8" | "uint16") if lenient => {
                Scalar::LenientI32
            }
            ("integer", "int8" | "int16" | "int32" | "uint8" | "uint16") => Scalar::I32,
            ("integer", _) if lenient => Scalar::LenientI64,
            ("integer", _) => Scalar::I64,
            (_, "decimal" | "bigdecimal") => Scalar::Decimal,
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
            "bigdecimal",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
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
            "iri-reference",
            "json-pointer",
            "relative-json-pointer",
            "char",
            "html",
            "media-range",
            "base64url",
            "commonmark",
            "mac",
        ];
        if !FORMATS.contains(&format) {
            let message = format!("the format `{format}` is not known: a plain {ty}");
            self.note(&node.place, message);
        }
        self.wide(node, scalar);
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

    /// Says where a whole number may be larger than what it is read as.
    fn wide(&mut self, node: &Node, scalar: Scalar) {
        let (bits, least, most) = match scalar {
            Scalar::I32 | Scalar::LenientI32 => (32, f64::from(i32::MIN), f64::from(i32::MAX)),
            // 2^63, which is one more than there is, and as near as it can be said.
            Scalar::I64 | Scalar::LenientI64 => (
                64,
                -9_223_372_036_854_775_808.0,
                9_223_372_036_854_775_808.0,
            ),
            _ => return,
        };
        for name in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
            let Some(bound) = node.get(name) else {
                continue;
            };
            let beyond = |n: f64| n < least || n > most;
            if bound
                .text()
                .and_then(|text| text.parse().ok())
                .is_some_and(beyond)
            {
                let message = format!(
                    "`{name}` goes beyond a whole number of {bits} bits, which is what is read; \
                     `type: number` and `format: decimal`, with an overlay, take more"
                );
                self.note(&bound.place.clone(), message);
            }
        }
    }

    fn enumeration(&mut self, node: &Rc<Node>, values: &Node, hint: &str) -> Use {
        let mut texts = Vec::new();
        let mut all_strings = true;
        let mut all_whole = true;
        let mut all_numbers = true;
        let mut all_flags = true;
        let mut nullable = false;
        for value in values.items() {
            match &value.value {
                Value::Null => nullable = true,
                Value::List(_) | Value::Map(_) => all_strings = false,
                other => texts.extend({
                    all_strings &= matches!(other, Value::String(_));
                    all_flags &= matches!(other, Value::Bool(_));
                    all_numbers &= matches!(other, Value::Number(_));
                    all_whole &=
                        matches!(other, Value::Number(text) if text.parse::<i64>().is_ok());
                    value.text()
                }),
            }
        }
        let ty = node.string("type");
        if texts.is_empty() || matches!(ty, Some("array" | "object")) {
            if !nullable {
                let message = "an enumeration without simple values: any value of its type";
                self.note(&values.place, message);
            }
            let mut out = match ty {
                Some("array") => self.array(node, hint),
                Some("object") => self.object(node, hint),
                Some(ty @ ("string" | "number" | "integer" | "boolean")) => self.scalar(node, ty),
                _ => Use {
                    label: "any value".to_owned(),
                    ..Use::default()
                },
            };
            out.nullable |= nullable;
            return out;
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
        let ty = match ty {
            None if all_strings => Some("string"),
            None if all_whole => Some("integer"),
            None if all_numbers => Some("number"),
            None if all_flags => Some("boolean"),
            ty => ty,
        };
        let Some(ty) = ty else {
            let message = "an enumeration of several types: any value";
            self.note(&values.place, message);
            return Use {
                label: "any value".to_owned(),
                values: texts,
                nullable,
                ..Use::default()
            };
        };
        let is_text = ty == "string";
        // Numbers that say what they mean are an enumeration too.
        let numeric = ty == "integer" && !names.is_empty();
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
        let mut out = match ty {
            "integer" | "number" | "boolean" => self.scalar(node, ty),
            other => {
                self.broken(&node.place, format!("there is no type `{other}`"));
                Use::default()
            }
        };
        let is_value = |text: &String| match ty {
            "integer" | "number" => text.trim().parse::<f64>().is_ok(),
            _ => matches!(text.trim(), "true" | "false"),
        };
        if let Some(other) = texts.iter().find(|text| !is_value(text)) {
            let message = format!(
                "`{other}` is no {ty}, which the enumeration is of: such a value cannot be read"
            );
            self.note(&values.place, message);
        }
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
            label: format!("array of {}", self.label_within(&item)),
            one_or_many: node.is("x-one-or-many"),
            personal: item.personal,
            ty: TypeExpr::List(Box::new(item)),
            ..Use::default()
        }
    }

    /// Of an item of a list or a value of a map.
    fn label_within(&self, item: &Use) -> String {
        let or_null = if item.nullable { " or null" } else { "" };
        format!("{}{or_null}", self.label(item))
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

/// What a reference leads to, where that is a component of another kind.
fn no_schema(reference: &str) -> Option<&'static str> {
    let (_, pointer) = reference.split_once("#/")?;
    let parts: Vec<&str> = pointer.split('/').collect();
    let kind = match parts.as_slice() {
        ["components", kind, _] | [kind @ ("responses" | "parameters"), _] => kind,
        _ => return None,
    };
    Some(match *kind {
        "responses" => "a response",
        "parameters" => "a parameter",
        "requestBodies" => "a body",
        "headers" => "a header",
        "examples" => "an example",
        "links" => "a link",
        "callbacks" => "a callback",
        "securitySchemes" => "a security scheme",
        "pathItems" => "a path",
        _ => return None,
    })
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
                    | "examples"
                    | "readOnly"
                    | "writeOnly"
                    | "$comment"
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
    let (mut minimum, mut maximum) = (text("minimum"), text("maximum"));
    let (mut exclusive_min, mut exclusive_max) =
        (node.is("exclusiveMinimum"), node.is("exclusiveMaximum"));
    // 3.1: a bound of its own.
    let bound = |name: &str| match node.get(name).map(|n| &n.value) {
        Some(Value::Number(text)) => Some(text.clone()),
        _ => None,
    };
    if let Some(bound) = bound("exclusiveMinimum") {
        (minimum, exclusive_min) = (Some(bound), true);
    }
    if let Some(bound) = bound("exclusiveMaximum") {
        (maximum, exclusive_max) = (Some(bound), true);
    }
    Facets {
        min_length: count("minLength").or_else(|| count("minItems")),
        max_length: count("maxLength").or_else(|| count("maxItems")),
        patterns: text("pattern").into_iter().collect(),
        min_inclusive: minimum.clone().filter(|_| !exclusive_min),
        max_inclusive: maximum.clone().filter(|_| !exclusive_max),
        min_exclusive: minimum.filter(|_| exclusive_min),
        max_exclusive: maximum.filter(|_| exclusive_max),
        multiple_of: text("multipleOf"),
        unique_items: node.is("uniqueItems"),
        ..Facets::default()
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
    into.multiple_of = from.multiple_of.or(into.multiple_of.take());
    into.unique_items |= from.unique_items;
}
