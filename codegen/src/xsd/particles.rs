//! Content models: groups expanded in place, names and types of local elements resolved.

use crate::model::{Builtin, Doc, ElementUse, Particle, ParticleKind, QName, TypeRef};

use super::components::{Component, Kind};
use super::docs;
use super::names::XSD;
use super::types::{Builder, MAX_DEPTH, MAX_NESTING};

impl<'a> Builder<'a, '_> {
    /// Reads a particle; `None` if it can never occur or is broken. `groups` are the groups that
    /// are being expanded around it.
    pub(super) fn particle(
        &mut self,
        component: Component<'a>,
        groups: &mut Vec<QName>,
    ) -> Option<Particle> {
        if !self.spend(component, 1) {
            return None;
        }
        let (min, max) = self.occurrence(component);
        if max == Some(0) {
            return None;
        }
        let kind = match component.elem.xsd_name() {
            "element" => ParticleKind::Element(Box::new(self.element_use(component)?)),
            "any" => ParticleKind::Any {
                namespace: component
                    .elem
                    .attribute("namespace")
                    .unwrap_or("##any")
                    .to_owned(),
            },
            "group" => self.group(component, groups)?,
            "sequence" | "choice" | "all" => self.model_group(component, groups, None)?,
            _ => return None,
        };
        Some(Particle { min, max, kind })
    }

    fn model_group(
        &mut self,
        component: Component<'a>,
        groups: &mut Vec<QName>,
        group: Option<QName>,
    ) -> Option<ParticleKind> {
        if self.nesting >= MAX_NESTING {
            let message = format!("content is nested more than {MAX_NESTING} deep");
            self.problems.unsupported(component.elem, message, None);
            return None;
        }
        self.nesting += 1;
        let name = component.elem.xsd_name();
        let mut parts = Vec::new();
        for child in component.children() {
            if matches!(
                child.elem.xsd_name(),
                "element" | "any" | "group" | "sequence" | "choice"
            ) {
                parts.extend(self.particle(child, groups));
            }
        }
        self.nesting -= 1;
        match name {
            "sequence" => Some(ParticleKind::Sequence(spliced(parts))),
            "choice" if parts.is_empty() => None,
            "choice" => Some(ParticleKind::Choice {
                group,
                arms: parts.into_iter().map(bare).collect(),
            }),
            "all" => Some(ParticleKind::All(parts)),
            _ => None,
        }
    }

    fn group(&mut self, component: Component<'a>, groups: &mut Vec<QName>) -> Option<ParticleKind> {
        let Some(text) = component.elem.attribute("ref") else {
            self.problems
                .broken(component.elem, "a group inside a type needs `ref`", None);
            return None;
        };
        let name = self
            .components
            .qname(component, "ref", text, self.problems)?;
        let (name, found) =
            self.components
                .resolve(component, "ref", Kind::Group, &name, self.problems)?;
        if groups.contains(&name) {
            let message = format!("group `{text}` contains itself");
            self.problems
                .broken_attribute(component.elem, "ref", message, None);
            return None;
        }
        if groups.len() >= MAX_DEPTH {
            let message = format!("groups are nested more than {MAX_DEPTH} deep");
            self.problems.unsupported(component.elem, message, None);
            return None;
        }
        let body = found
            .children()
            .find(|c| matches!(c.elem.xsd_name(), "sequence" | "choice" | "all"));
        let Some(body) = body else {
            self.problems
                .broken(found.elem, format!("group `{text}` is empty"), None);
            return None;
        };
        groups.push(name.clone());
        let kind = self.model_group(body, groups, Some(name));
        groups.pop();
        kind
    }

    fn occurrence(&mut self, component: Component<'a>) -> (u32, Option<u32>) {
        let mut number = |attribute: &str| -> Option<u32> {
            let text = component.elem.attribute(attribute)?.trim();
            let digits = text.strip_prefix('+').unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                let message = format!("`{text}` is not a value of `{attribute}`");
                self.problems
                    .broken_attribute(component.elem, attribute, message, None);
                return None;
            }
            // A bound beyond 2^32 bounds nothing that could ever be sent.
            Some(digits.parse().unwrap_or(u32::MAX))
        };
        let min = number("minOccurs").unwrap_or(1);
        let max = match component.elem.attribute("maxOccurs").map(str::trim) {
            Some("unbounded") => None,
            Some(_) => number("maxOccurs").or(Some(min.max(1))),
            None => Some(1),
        };
        if max.is_some_and(|max| max < min) {
            let attribute = if component.elem.attribute("maxOccurs").is_some() {
                "maxOccurs"
            } else {
                "minOccurs"
            };
            let message = "`maxOccurs` is less than `minOccurs`";
            self.problems
                .broken_attribute(component.elem, attribute, message, None);
        }
        (min, max)
    }

    fn element_use(&mut self, component: Component<'a>) -> Option<ElementUse> {
        let elem = component.elem;
        if let Some(local) = self.components.xsd_ref(component) {
            // A schema that is sent along (ASP.NET does), which is any XML to us.
            return Some(ElementUse {
                name: QName::new(XSD, local),
                ty: TypeRef::Builtin(Builtin::AnyType),
                nillable: false,
                default: None,
                fixed: None,
                doc: docs::of_component(elem),
                is_ref: false,
                location: elem.location(),
            });
        }
        let is_ref = elem.attribute("ref").is_some();
        let (name, definition) = if let Some(text) = elem.attribute("ref") {
            let name = self
                .components
                .qname(component, "ref", text, self.problems)?;
            self.components
                .resolve(component, "ref", Kind::Element, &name, self.problems)?
        } else {
            let Some(local) = elem.attribute("name").map(str::trim) else {
                self.problems
                    .broken(elem, "an element needs `name` or `ref`", None);
                return None;
            };
            if !super::names::is_local_name(local) {
                let message = format!("`{local}` is not a name");
                self.problems.broken_attribute(elem, "name", message, None);
                return None;
            }
            let unit = self.components.unit(component)?;
            let qualified = match elem.attribute("form") {
                Some(form) => form.trim() == "qualified",
                None => unit.elements_qualified,
            };
            let ns = if qualified { unit.ns.as_str() } else { "" };
            (QName::new(ns, local), component)
        };
        let mut doc = docs::of_component(elem);
        if is_ref && doc == Doc::default() {
            doc = docs::of_component(definition.elem);
        }
        let ty = self.element_type(definition);
        self.remember_default(definition, ty);
        Some(ElementUse {
            name,
            ty,
            nillable: definition.elem.flag("nillable"),
            default: definition.elem.attribute("default").map(str::to_owned),
            fixed: definition.elem.attribute("fixed").map(str::to_owned),
            doc,
            is_ref,
            location: elem.location(),
        })
    }

    /// The type of an element: named, inline, that of the head of its substitution group, or any.
    pub(super) fn element_type(&mut self, element: Component<'a>) -> TypeRef {
        let any = TypeRef::Builtin(Builtin::AnyType);
        let mut element = element;
        for _ in 0..MAX_DEPTH {
            if let Some(text) = element.elem.attribute("type") {
                return self.named_type(element, "type", text).unwrap_or(any);
            }
            if let Some(ty) = self.inline_type(element) {
                return ty;
            }
            let Some(heads) = element.elem.attribute("substitutionGroup") else {
                return any;
            };
            let Some(text) = heads.split_whitespace().next() else {
                return any;
            };
            let attribute = "substitutionGroup";
            let name = self
                .components
                .qname(element, attribute, text, self.problems);
            let Some(name) = name else { return any };
            let head =
                self.components
                    .resolve(element, attribute, Kind::Element, &name, self.problems);
            let Some((_, head)) = head else { return any };
            element = head;
        }
        self.problems
            .broken(element.elem, "substitution groups form a circle", None);
        any
    }
}

/// Number of particles in a particle.
pub(super) fn size(particle: &Particle) -> usize {
    let children = match &particle.kind {
        ParticleKind::Sequence(parts) | ParticleKind::All(parts) => parts,
        ParticleKind::Choice { arms, .. } => arms,
        ParticleKind::Element(_) | ParticleKind::Any { .. } => return 1,
    };
    1 + children.iter().map(size).sum::<usize>()
}

/// Sequences that occur exactly once inside a sequence are part of it.
fn spliced(parts: Vec<Particle>) -> Vec<Particle> {
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        match bare(part) {
            Particle {
                min: 1,
                max: Some(1),
                kind: ParticleKind::Sequence(inner),
            } => {
                out.extend(inner);
            }
            part => out.push(part),
        }
    }
    out
}

/// A sequence of one is that one thing, if one of the two occurs exactly once.
fn bare(particle: Particle) -> Particle {
    let Particle { min, max, kind } = particle;
    match kind {
        ParticleKind::Sequence(mut parts) if parts.len() == 1 => match parts.pop() {
            Some(only) if (min, max) == (1, Some(1)) => only,
            Some(only) if (only.min, only.max) == (1, Some(1)) => Particle {
                min,
                max,
                kind: only.kind,
            },
            only => Particle {
                min,
                max,
                kind: ParticleKind::Sequence(only.into_iter().collect()),
            },
        },
        kind => Particle { min, max, kind },
    }
}
