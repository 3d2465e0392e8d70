//! Alternatives: `oneOf` and `anyOf`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::model::{Arm, Scalar, TypeExpr, TypeKind, Use};
use super::super::yaml::Node;
use super::{Parts, Schemas, is_annotation, named};
use crate::emit::names::{Scope, pascal};

/// What an alternative requires, and the texts that it lists for its members.
#[derive(Default)]
struct Parted {
    required: BTreeSet<String>,
    listed: BTreeMap<String, Vec<String>>,
}

impl Schemas {
    pub(super) fn one_of(
        &mut self,
        node: &Rc<Node>,
        list: &Rc<Node>,
        any: bool,
        hint: &str,
    ) -> Use {
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
        let told = match &discriminator {
            None if all_objects => self.told_apart(&uses),
            _ => None,
        };
        let mut scope = Scope::with(&["Unknown"]);
        let mut out = Vec::new();
        for (at, (ty, arm)) in uses.into_iter().enumerate() {
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
            let tags = match (&discriminator, &told) {
                (Some(d), _) => self.tags(d, &arm),
                (None, Some((_, tags))) => tags[at].clone(),
                (None, None) => Vec::new(),
            };
            out.push(Arm {
                name: scope.take(&wanted),
                ty,
                tags,
            });
        }
        let member = match &discriminator {
            Some(d) => d.str().or_else(|| d.string("propertyName")),
            None => told.as_ref().map(|(member, _)| member.as_str()),
        };
        let member = member.map(str::to_owned);
        if let (Some(d), None) = (&discriminator, &member) {
            self.broken(&d.place, "a discriminator without `propertyName`");
        }
        if let Some(d) = &discriminator {
            self.lost_tags(d, &out);
        }
        if let Some((member, _)) = &told {
            self.note(
                &list.place,
                format!("`{keyword}` without a discriminator: `{member}` tells which it is"),
            );
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

    /// A member that does the work of a discriminator, and its values for each alternative: all
    /// of them require it, and no two of them list the same text for it.
    fn told_apart(&mut self, uses: &[(Use, Rc<Node>)]) -> Option<(String, Vec<Vec<String>>)> {
        let arms: Vec<Parted> = uses
            .iter()
            .map(|(_, arm)| {
                let mut out = Parted::default();
                self.parted(arm, 0, &mut out);
                out
            })
            .collect();
        let (first, rest) = arms.split_first()?;
        let apart = |member: &str| {
            let mut seen = BTreeSet::new();
            let lists = arms.iter().map(|arm| {
                let values = arm.listed.get(member)?;
                let alone = values.iter().all(|value| seen.insert(value.clone()));
                (alone && arm.required.contains(member)).then(|| values.clone())
            });
            lists.collect::<Option<Vec<Vec<String>>>>()
        };
        if rest.is_empty() {
            return None;
        }
        let found = first.listed.keys().find_map(|m| Some((m, apart(m)?)));
        found.map(|(member, tags)| (member.clone(), tags))
    }

    /// What an object requires and lists texts for, in itself or its parts.
    fn parted(&mut self, node: &Rc<Node>, depth: usize, out: &mut Parted) {
        let Some((node, _)) = self.deref(node) else {
            return;
        };
        if depth > 5 {
            return;
        }
        let required = node.get("required").map_or(&[][..], |r| r.items());
        out.required
            .extend(required.iter().filter_map(|n| n.str().map(str::to_owned)));
        for (key, schema) in node.get("properties").map_or(&[][..], |p| p.members()) {
            let Some((schema, _)) = self.deref(schema) else {
                continue;
            };
            let values = schema.get("enum").map_or(&[][..], |e| e.items());
            let texts: Option<Vec<String>> =
                values.iter().map(|v| v.str().map(str::to_owned)).collect();
            if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
                out.listed.insert(key.text.clone(), texts);
            }
        }
        if let Some(all) = node.get("allOf").cloned() {
            for part in all.items() {
                self.parted(part, depth + 1, out);
            }
        }
    }

    /// Values of the discriminator that mean an alternative.
    pub(super) fn tags(&mut self, discriminator: &Node, arm: &Rc<Node>) -> Vec<String> {
        let mut out = Vec::new();
        let own = match arm.string("$ref").map(str::to_owned) {
            Some(reference) => match self.files.resolve(&reference, &arm.place) {
                Ok(own) => Some(own),
                Err(_) => return out,
            },
            None => None,
        };
        if let Some(own) = &own {
            let mapping = discriminator.get("mapping").cloned();
            for (key, target) in mapping.iter().flat_map(|m| m.members()) {
                let Some(text) = target.str() else { continue };
                let is_path = text.contains(['#', '/', '.']);
                let referred = is_path
                    && self
                        .files
                        .resolve(text, &target.place)
                        .is_ok_and(|t| t.id == own.id);
                if text == own.name || referred {
                    out.push(key.text.clone());
                }
            }
        }
        if !out.is_empty() {
            return out;
        }
        // What its own member says of itself, then its name.
        if let Some(member) = discriminator.str().or(discriminator.string("propertyName")) {
            self.values_of(arm, member, 0, &mut out);
        }
        match own {
            Some(own) if !out.contains(&own.name) => out.push(own.name),
            None if out.is_empty() => {
                let title = arm.string("title").map(str::to_owned);
                if title.is_none() {
                    self.note(
                        &arm.place,
                        "nothing tells by the discriminator that this alternative is meant: it is \
                         kept as unknown",
                    );
                }
                out.extend(title);
            }
            _ => {}
        }
        out
    }

    /// Values that an object lists for a member, in itself, its parts or its alternatives.
    fn values_of(&mut self, node: &Rc<Node>, member: &str, depth: usize, out: &mut Vec<String>) {
        let Some((node, _)) = self.deref(node) else {
            return;
        };
        if depth > 5 {
            return;
        }
        let own = node.get("properties").and_then(|p| p.get(member)).cloned();
        if let Some((schema, _)) = own.and_then(|own| self.deref(&own)) {
            // A list of all subtypes tells nothing.
            if let Some([value]) = schema.get("enum").map(|e| e.items()) {
                out.extend(value.text().filter(|text| !out.contains(text)));
            }
        }
        if let Some(all) = node.get("allOf").cloned() {
            for part in all.items() {
                self.values_of(part, member, depth + 1, out);
            }
        }
        // A union inside of a union: its tags are those of its alternatives.
        for keyword in ["oneOf", "anyOf"] {
            let Some(arms) = node.get(keyword).cloned() else {
                continue;
            };
            let inner = node.get("discriminator").cloned();
            let same = inner
                .as_ref()
                .is_some_and(|d| d.str().or(d.string("propertyName")) == Some(member));
            for arm in arms.items() {
                match &inner {
                    Some(inner) if same => {
                        let tags = self.tags(inner, arm);
                        out.extend(
                            tags.into_iter()
                                .filter(|t| !out.contains(t))
                                .collect::<Vec<_>>(),
                        );
                    }
                    _ => self.values_of(arm, member, depth + 1, out),
                }
            }
        }
    }

    /// Values of a discriminator's mapping that lead to none of the alternatives.
    fn lost_tags(&mut self, discriminator: &Node, arms: &[Arm]) {
        let Some(mapping) = discriminator.get("mapping").cloned() else {
            return;
        };
        for (key, _) in mapping.members() {
            if !arms.iter().any(|arm| arm.tags.contains(&key.text)) {
                let message = format!(
                    "`{}` means none of the alternatives: such values are kept as unknown",
                    key.text
                );
                self.note(&key.place, message);
            }
        }
    }

    pub(super) fn merged(&mut self, node: &Rc<Node>, arms: &[Rc<Node>], hint: &str) -> Option<Use> {
        let before = (self.problems.len(), self.notes.len(), self.types.len());
        let (supersets, waiting) = (self.supersets.len(), self.waiting.len());
        let (names, memo) = (self.names.clone(), self.memo.clone());
        let id = self.allocate(node, hint, None);
        let owner = self
            .def(id)
            .map_or_else(|| pascal(hint), |d| d.name.clone());
        let mut parts = Parts::default();
        for arm in arms {
            self.optional_parts(arm, &owner, &mut parts, true);
        }
        if self.problems.len() > before.0 {
            // They contradict each other: as if it had not been tried.
            self.problems.truncate(before.0);
            self.notes.truncate(before.1);
            self.types.truncate(before.2);
            self.supersets.truncate(supersets);
            self.waiting.truncate(waiting);
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

    pub(super) fn all_strings(&mut self, arms: &[Rc<Node>]) -> bool {
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
    pub(super) fn strings(&mut self, node: &Rc<Node>, uses: &[(Use, Rc<Node>)], hint: &str) -> Use {
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
