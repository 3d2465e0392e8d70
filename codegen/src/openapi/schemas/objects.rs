//! Objects: members, `allOf`, discriminators without `oneOf`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::model::{Property, Scalar, TypeExpr, TypeId, TypeKind, Use};
use super::super::yaml::{Key, Node, Place, Value};
use super::{
    DEEP, DEPTH, Parts, Schemas, count, doc, is_annotation, is_constraint, merge_facets, named,
};
use crate::diag::Severity;
use crate::emit::names::pascal;
use crate::model::Facets;

impl Schemas {
    pub(super) fn object(&mut self, node: &Rc<Node>, hint: &str) -> Use {
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
                label: format!("map of {}", self.label_within(&value)),
                ty: TypeExpr::Map(Box::new(value)),
                facets: Facets {
                    min_length: count(node, "minProperties"),
                    max_length: count(node, "maxProperties"),
                    ..Facets::default()
                },
                ..Use::default()
            };
        }
        self.struct_of(node, hint)
    }

    pub(super) fn struct_of(&mut self, node: &Rc<Node>, hint: &str) -> Use {
        let id = self.allocate(node, hint, None);
        if self.depth > DEEP && self.reserved.contains_key(&node.place.key()) {
            self.waiting.push((id, node.clone()));
        } else {
            self.members_of(id, node, hint);
        }
        Use {
            label: "object".to_owned(),
            ..named(id)
        }
    }

    /// Reads the members of an object that has its type already.
    pub(super) fn members_of(&mut self, id: TypeId, node: &Rc<Node>, hint: &str) {
        let owner = self
            .def(id)
            .map_or_else(|| pascal(hint), |d| d.name.clone());
        let mut parts = Parts::default();
        self.collect(node, &owner, &mut parts, true);
        self.complete(id, node, parts);
    }

    pub(super) fn complete(&mut self, id: TypeId, node: &Node, mut parts: Parts) {
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
    pub(super) fn subtypes(&self, node: &Node) -> Option<Vec<String>> {
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
    pub(super) fn collect(&mut self, node: &Rc<Node>, owner: &str, parts: &mut Parts, top: bool) {
        if self.depth > DEPTH {
            self.broken(&node.place, "`allOf` that leads back to itself");
            return;
        }
        self.depth += 1;
        self.collecting.push(node.place.key());
        self.collect_here(node, owner, parts, top);
        self.collecting.pop();
        self.depth -= 1;
    }

    pub(super) fn collect_here(
        &mut self,
        node: &Rc<Node>,
        owner: &str,
        parts: &mut Parts,
        top: bool,
    ) {
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
                self.add(parts, property, &key.place, Some((schema, owner)));
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
            let lists_subtypes = !top
                && arms.items().iter().any(|arm| {
                    self.deref(arm)
                        .is_some_and(|(target, _)| self.collecting.contains(&target.place.key()))
                });
            if lists_subtypes {
                // They are theirs, not this one's.
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
                self.optional_parts(arm, owner, parts, false);
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
    ///
    /// `strict`: a member that two of them give two types is a problem.
    pub(super) fn optional_parts(
        &mut self,
        arm: &Rc<Node>,
        owner: &str,
        parts: &mut Parts,
        strict: bool,
    ) {
        let mut own = Parts::default();
        self.collect(arm, owner, &mut own, false);
        for (property, place) in own.properties {
            let before = self.problems.len();
            let schema = own.nodes.get(&property.name).map(|schema| (schema, owner));
            self.add(parts, property.clone(), &place, schema);
            if self.problems.len() > before && !strict {
                self.problems.truncate(before);
                let message = format!(
                    "`{}` has another type in each of several alternatives: any value",
                    property.name
                );
                self.note(&place, message);
                if let Some((present, _)) = parts
                    .properties
                    .iter_mut()
                    .find(|(p, _)| p.name == property.name)
                {
                    present.ty = Use {
                        label: "any value".to_owned(),
                        nullable: present.ty.nullable || property.ty.nullable,
                        ..Use::default()
                    };
                }
            }
        }
        parts.additional = parts.additional.take().or(own.additional);
    }

    /// Adds a member; `of` is its schema, and what an inline type of it is named after.
    pub(super) fn add(
        &mut self,
        parts: &mut Parts,
        property: Property,
        place: &Place,
        of: Option<(&Rc<Node>, &str)>,
    ) {
        let Some(at) = parts
            .properties
            .iter()
            .position(|(p, _)| p.name == property.name)
        else {
            if let Some((schema, _)) = of {
                parts.nodes.insert(property.name.clone(), schema.clone());
            }
            parts.properties.push((property, place.clone()));
            return;
        };
        let earlier = parts.properties[at].0.ty.clone();
        let both = match (of, parts.nodes.get(&property.name).cloned()) {
            (Some((later, owner)), Some(before)) if self.differ(&earlier, &property.ty) => {
                // Two objects: one that has what both have; of two lists, their items.
                let items = match (&earlier.ty, &property.ty.ty) {
                    (TypeExpr::List(_), TypeExpr::List(_)) => {
                        let of = |schemas: &mut Self, node: &Rc<Node>| {
                            schemas
                                .deref(node)
                                .and_then(|(n, _)| n.get("items").cloned())
                        };
                        of(self, &before).zip(of(self, later))
                    }
                    _ => None,
                };
                let is_list = items.is_some();
                let (before, later) = items.unwrap_or((before, later.clone()));
                let node = |word: &str, value: Value| {
                    let key = Key {
                        text: word.to_owned(),
                        place: place.clone(),
                    };
                    let value = Rc::new(Node::new(place.clone(), value));
                    Rc::new(Node::new(place.clone(), Value::Map(vec![(key, value)])))
                };
                let both = node("allOf", Value::List(vec![before, later]));
                let hint = format!("{owner}{}", pascal(&property.name));
                if is_list {
                    let item = self.struct_of(&both, &format!("{hint}Item"));
                    let key = Key {
                        text: "items".to_owned(),
                        place: place.clone(),
                    };
                    let list = Rc::new(Node::new(place.clone(), Value::Map(vec![(key, both)])));
                    parts.nodes.insert(property.name.clone(), list);
                    Some(Use {
                        ty: TypeExpr::List(Box::new(item)),
                        ..property.ty.clone()
                    })
                } else {
                    parts.nodes.insert(property.name.clone(), both.clone());
                    Some(self.struct_of(&both, &hint))
                }
            }
            _ => None,
        };
        let chosen = match both {
            Some(both) => Some(both),
            None => self.both(&earlier, &property.ty, place),
        };
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

    /// Two objects, neither of which has all members of the other.
    fn differ(&self, a: &Use, b: &Use) -> bool {
        if let (TypeExpr::List(a), TypeExpr::List(b)) = (&a.ty, &b.ty) {
            return self.differ(a, b);
        }
        let names = |of: &Use| match &of.ty {
            TypeExpr::Named(id) => match self.def(*id).map(|d| &d.kind) {
                Some(TypeKind::Object { properties, .. }) => {
                    Some(properties.iter().map(|p| p.name.clone()).collect())
                }
                _ => None,
            },
            _ => None,
        };
        let (a, b): (Option<BTreeSet<String>>, Option<BTreeSet<String>>) = (names(a), names(b));
        match (a, b) {
            (Some(a), Some(b)) if a != b && !b.is_empty() => !a.is_subset(&b),
            _ => false,
        }
    }

    /// Whether one of several is of this type, or a text where this is one.
    fn has_arm(&self, id: TypeId, ty: &TypeExpr) -> bool {
        let text = |ty: &TypeExpr| {
            matches!(
                ty,
                TypeExpr::Scalar(Scalar::String | Scalar::DateTime | Scalar::Date)
            )
        };
        match self.def(id).map(|d| &d.kind) {
            Some(TypeKind::OneOf { arms, .. }) => arms
                .iter()
                .any(|arm| arm.ty.ty == *ty || text(&arm.ty.ty) && text(ty)),
            _ => false,
        }
    }

    /// One type for a value that has to be of two.
    pub(super) fn both(&mut self, a: &Use, b: &Use, place: &Place) -> Option<Use> {
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
        // A string with a format.
        let is_formatted = |ty: &T| {
            let T::Scalar(scalar) = ty else { return false };
            matches!(
                scalar,
                Scalar::DateTime
                    | Scalar::Date
                    | Scalar::Base64
                    | Scalar::DecimalText
                    | Scalar::Digits
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
            (T::Scalar(Scalar::String), y) if is_formatted(y) => b.clone(),
            (x, T::Scalar(Scalar::String)) if is_formatted(x) => a.clone(),
            // Of several, the one that the other says too.
            (T::Named(x), y) if self.has_arm(*x, y) => b.clone(),
            (x, T::Named(y)) if self.has_arm(*y, x) => a.clone(),
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

    pub(super) fn all_of(&mut self, node: &Rc<Node>, all: &Rc<Node>, hint: &str) -> Use {
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

    pub(super) fn is_object(&mut self, node: &Rc<Node>, depth: usize) -> bool {
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
}
