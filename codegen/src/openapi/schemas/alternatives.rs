//! Alternatives: `oneOf` and `anyOf`.

use std::rc::Rc;

use super::super::model::{Arm, Scalar, TypeExpr, TypeKind, Use};
use super::super::yaml::Node;
use super::{Parts, Schemas, is_annotation, named};
use crate::emit::names::{Scope, pascal};

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
        if let Some(d) = &discriminator {
            self.lost_tags(d, &out);
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
