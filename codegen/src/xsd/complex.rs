//! Complex types: derivation, attributes, simple content.

use crate::model::{
    Attribute, Builtin, ComplexType, Content, Derivation, Particle, ParticleKind, QName, TypeRef,
};

use super::components::{Component, Kind};
use super::docs;
use super::particles::size;
use super::types::{Builder, MAX_DEPTH};

/// A complex type with nothing in it.
pub(super) fn empty() -> ComplexType {
    ComplexType {
        base: None,
        is_abstract: false,
        mixed: false,
        content: Content::Empty,
        attributes: Vec::new(),
        any_attribute: false,
        derived: Vec::new(),
    }
}

impl<'a> Builder<'a, '_> {
    /// Builds an `xs:complexType`.
    pub(super) fn complex(&mut self, component: Component<'a>, depth: usize) -> ComplexType {
        let mut out = empty();
        out.is_abstract = component.elem.flag("abstract");
        out.mixed = component.elem.flag("mixed");
        let body = ["simpleContent", "complexContent"]
            .into_iter()
            .find_map(|name| component.child(name).map(|c| (c, name == "simpleContent")));
        match body {
            Some((body, is_simple)) => self.derived(body, is_simple, depth, &mut out),
            None => {
                out.content = self.own_content(component);
                self.attributes(component, depth, &mut out);
            }
        }
        out
    }

    fn derived(
        &mut self,
        body: Component<'a>,
        is_simple: bool,
        depth: usize,
        out: &mut ComplexType,
    ) {
        if body.elem.attribute("mixed").is_some() {
            out.mixed = body.elem.flag("mixed");
        }
        let step = ["extension", "restriction"]
            .into_iter()
            .find_map(|name| body.child(name).map(|c| (c, name == "extension")));
        let Some((step, is_extension)) = step else {
            let message = format!(
                "`xs:{}` needs an extension or a restriction",
                body.elem.xsd_name()
            );
            self.problems.broken(body.elem, message, None);
            return;
        };
        let Some(text) = step.elem.attribute("base") else {
            let message = format!("`xs:{}` needs the attribute `base`", step.elem.xsd_name());
            self.problems.broken(step.elem, message, None);
            return;
        };
        let Some(base) = self.named_type(step, "base", text) else {
            return;
        };
        let parent = match base {
            TypeRef::Defined(id) if self.is_complex(id) => {
                if depth >= MAX_DEPTH {
                    let message =
                        format!("types derive from each other more than {MAX_DEPTH} deep");
                    self.problems.unsupported(step.elem, message, None);
                    return;
                }
                if !self.ensure(id, depth + 1) {
                    let message = format!("`{text}` derives from itself");
                    self.problems
                        .broken_attribute(step.elem, "base", message, None);
                    return;
                }
                let particles = match self.built(id).map(|c| &c.content) {
                    Some(Content::Particle(particle)) if is_extension => size(particle),
                    _ => 0,
                };
                if !self.spend(step, particles) {
                    return;
                }
                self.built(id).cloned()
            }
            _ => None,
        };
        let derivation = if is_extension {
            Derivation::Extension
        } else {
            Derivation::Restriction
        };
        let is_plain = base == TypeRef::Builtin(Builtin::AnyType);
        // Restricting `xs:anyType` is what every complex type without a base does.
        out.base = (!is_plain).then_some((derivation, base));
        if let Some(parent) = &parent {
            out.attributes.clone_from(&parent.attributes);
            out.any_attribute = is_extension && parent.any_attribute;
        }
        out.content = if is_simple {
            self.simple_content(step, base, parent.as_ref(), is_extension)
        } else {
            if !is_plain && parent.is_none() {
                let message =
                    format!("`{text}` is a simple type, but stands in `xs:complexContent`");
                let help = "use `xs:simpleContent`".to_owned();
                self.problems
                    .broken_attribute(step.elem, "base", message, Some(help));
            }
            if parent
                .as_ref()
                .is_some_and(|p| matches!(p.content, Content::Simple(_)))
            {
                let message =
                    format!("`{text}` has simple content, but stands in `xs:complexContent`");
                let help = "use `xs:simpleContent`".to_owned();
                self.problems
                    .broken_attribute(step.elem, "base", message, Some(help));
                return;
            }
            let own = self.own_content(step);
            match parent {
                Some(parent) if is_extension => {
                    out.mixed |= parent.mixed;
                    joined(parent.content, own)
                }
                _ => own,
            }
        };
        self.attributes(step, depth, out);
    }

    fn simple_content(
        &mut self,
        step: Component<'a>,
        base: TypeRef,
        parent: Option<&ComplexType>,
        is_extension: bool,
    ) -> Content {
        // A restriction that narrows the values has a simple type of its own.
        if !is_extension && let Some(id) = self.id_of(step) {
            return Content::Simple(TypeRef::Defined(id));
        }
        match parent {
            None if self.is_simple(base) => Content::Simple(base),
            Some(ComplexType {
                content: Content::Simple(value),
                ..
            }) => Content::Simple(*value),
            _ => {
                let message = "the base of a simple content has no simple content";
                self.problems
                    .broken_attribute(step.elem, "base", message, None);
                Content::Simple(TypeRef::Builtin(Builtin::AnySimpleType))
            }
        }
    }

    fn own_content(&mut self, component: Component<'a>) -> Content {
        let mut groups = Vec::new();
        let particle = component
            .children()
            .find(|c| matches!(c.elem.xsd_name(), "sequence" | "choice" | "all" | "group"))
            .and_then(|child| self.particle(child, &mut groups));
        match particle {
            None => Content::Empty,
            Some(Particle {
                kind: ParticleKind::Sequence(items),
                ..
            }) if items.is_empty() => Content::Empty,
            Some(particle) => Content::Particle(particle),
        }
    }

    /// Looks into groups that no type uses: what is wrong with them would go unnoticed.
    pub(super) fn check_groups(&mut self) {
        let components = self.components;
        for (name, group) in components.all(Kind::Group) {
            let mut groups = vec![name.clone()];
            for body in group.children() {
                self.particle(body, &mut groups);
            }
        }
        for (_, group) in components.all(Kind::AttributeGroup) {
            self.attributes(group, 0, &mut empty());
        }
    }

    fn attributes(&mut self, component: Component<'a>, depth: usize, out: &mut ComplexType) {
        for child in component.children() {
            match child.elem.xsd_name() {
                "attribute" => self.attribute(child, out),
                "anyAttribute" => out.any_attribute = true,
                "attributeGroup" => {
                    let Some(text) = child.elem.attribute("ref") else {
                        let message = "an attribute group inside a type needs `ref`";
                        self.problems.broken(child.elem, message, None);
                        continue;
                    };
                    let name = self.components.qname(child, "ref", text, self.problems);
                    let Some(name) = name else { continue };
                    if self.components.is_silent(&name) {
                        continue;
                    }
                    let group = self.components.resolve(
                        child,
                        "ref",
                        Kind::AttributeGroup,
                        &name,
                        self.problems,
                    );
                    let Some((_, group)) = group else { continue };
                    if depth >= MAX_DEPTH {
                        let message = format!(
                            "attribute group `{text}` refers to itself, or groups go more than \
                             {MAX_DEPTH} deep"
                        );
                        self.problems.broken(child.elem, message, None);
                    } else if self.spend(child, 1) {
                        self.attributes(group, depth + 1, out);
                    }
                }
                _ => {}
            }
        }
    }

    fn attribute(&mut self, elem: Component<'a>, out: &mut ComplexType) {
        let Some((name, definition)) = self.attribute_name(elem) else {
            return;
        };
        let usage = elem.elem.attribute("use").map(str::trim);
        let position = out.attributes.iter().position(|a| a.name == name);
        if usage == Some("prohibited") {
            if let Some(position) = position {
                out.attributes.remove(position);
            }
            return;
        }
        let ty = match (
            definition.elem.attribute("type"),
            self.inline_type(definition),
        ) {
            (Some(text), _) => self.named_simple_type(definition, "type", text),
            (None, Some(ty)) => ty,
            (None, None) => TypeRef::Builtin(Builtin::AnySimpleType),
        };
        self.remember_default(elem, ty);
        self.remember_default(definition, ty);
        let value = |name| {
            elem.elem
                .attribute(name)
                .or_else(|| definition.elem.attribute(name))
                .map(str::to_owned)
        };
        let mut doc = docs::of_component(elem.elem);
        if doc == crate::model::Doc::default() {
            doc = docs::of_component(definition.elem);
        }
        let attribute = Attribute {
            name,
            ty,
            required: usage == Some("required"),
            default: value("default"),
            fixed: value("fixed"),
            doc,
        };
        match position.and_then(|p| out.attributes.get_mut(p)) {
            Some(inherited) => *inherited = attribute,
            None => out.attributes.push(attribute),
        }
    }

    /// Name of an attribute and where it is defined: here, or globally.
    fn attribute_name(&mut self, elem: Component<'a>) -> Option<(QName, Component<'a>)> {
        if let Some(text) = elem.elem.attribute("ref") {
            let name = self.components.qname(elem, "ref", text, self.problems)?;
            if self.components.is_silent(&name) {
                return None;
            }
            return self
                .components
                .resolve(elem, "ref", Kind::Attribute, &name, self.problems);
        }
        let Some(local) = elem.elem.attribute("name").map(str::trim) else {
            self.problems
                .broken(elem.elem, "an attribute needs `name` or `ref`", None);
            return None;
        };
        let unit = self.components.unit(elem)?;
        let qualified = match elem.elem.attribute("form") {
            Some(form) => form.trim() == "qualified",
            None => unit.attributes_qualified,
        };
        let ns = if qualified { unit.ns.as_str() } else { "" };
        Some((QName::new(ns, local), elem))
    }
}

/// Base content followed by own content.
fn joined(base: Content, own: Content) -> Content {
    match (base, own) {
        (Content::Particle(base), Content::Particle(own)) => {
            let mut items = Vec::new();
            for particle in [base, own] {
                match particle {
                    Particle {
                        min: 1,
                        max: Some(1),
                        kind: ParticleKind::Sequence(inner),
                    } => {
                        items.extend(inner);
                    }
                    particle => items.push(particle),
                }
            }
            Content::Particle(Particle {
                min: 1,
                max: Some(1),
                kind: ParticleKind::Sequence(items),
            })
        }
        (base, Content::Empty) => base,
        (_, own) => own,
    }
}
