//! Simple types: restrictions, enumerations, lists, unions, and facets.

use crate::model::{Builtin, Content, EnumValue, Facets, SimpleType, TypeId, TypeRef};

use super::components::Component;
use super::docs;
use super::types::{Builder, MAX_DEPTH};

/// Facets that narrow the values of a type, as far as the model holds them.
pub(super) const FACETS: [&str; 11] = [
    "enumeration",
    "pattern",
    "length",
    "minLength",
    "maxLength",
    "minInclusive",
    "maxInclusive",
    "minExclusive",
    "maxExclusive",
    "totalDigits",
    "fractionDigits",
];

impl<'a> Builder<'a, '_> {
    /// Builds an `xs:simpleType`, or the value type of a narrowed simple content.
    pub(super) fn simple(&mut self, component: Component<'a>, depth: usize) -> SimpleType {
        if component.elem.xsd_name() == "restriction" {
            let base = match self.inline_type(component) {
                Some(base) => base,
                None => self.value_of_base(component, depth),
            };
            return self.restriction(component, base);
        }
        for child in component.children() {
            match child.elem.xsd_name() {
                "restriction" => {
                    let base = match child.elem.attribute("base") {
                        Some(text) => self.named_simple_type(child, "base", text),
                        None => self.required_inline(child, "base"),
                    };
                    return self.restriction(child, base);
                }
                "list" => {
                    let item = match child.elem.attribute("itemType") {
                        Some(text) => self.named_simple_type(child, "itemType", text),
                        None => self.required_inline(child, "itemType"),
                    };
                    return SimpleType::List {
                        item,
                        facets: Facets::default(),
                    };
                }
                "union" => return self.union(child),
                _ => {}
            }
        }
        let message = "a simple type needs a restriction, a list or a union";
        self.problems.broken(component.elem, message, None);
        plain(TypeRef::Builtin(Builtin::AnySimpleType))
    }

    fn required_inline(&mut self, at: Component<'a>, attribute: &str) -> TypeRef {
        if let Some(ty) = self.inline_type(at) {
            return ty;
        }
        let message = format!(
            "`xs:{}` needs the attribute `{attribute}` or a simple type inside",
            at.elem.xsd_name()
        );
        self.problems.broken(at.elem, message, None);
        TypeRef::Builtin(Builtin::AnySimpleType)
    }

    fn union(&mut self, union: Component<'a>) -> SimpleType {
        let mut members = Vec::new();
        for text in union
            .elem
            .attribute("memberTypes")
            .unwrap_or_default()
            .split_whitespace()
        {
            members.push(self.named_simple_type(union, "memberTypes", text));
        }
        for child in union
            .children()
            .filter(|c| c.elem.xsd_name() == "simpleType")
        {
            members.extend(self.id_of(child).map(TypeRef::Defined));
        }
        if members.is_empty() {
            self.problems
                .broken(union.elem, "a union needs member types", None);
        }
        SimpleType::Union { members }
    }

    fn restriction(&mut self, restriction: Component<'a>, base: TypeRef) -> SimpleType {
        let mut values = Vec::new();
        let mut facets = Facets::default();
        for child in restriction.children() {
            let name = child.elem.xsd_name();
            if !FACETS.contains(&name) {
                continue;
            }
            let Some(value) = child.elem.attribute("value") else {
                let message = format!("the facet `xs:{name}` needs a value");
                self.problems.broken(child.elem, message, None);
                continue;
            };
            let text = || Some(value.trim().to_owned());
            match name {
                "enumeration" => values.push(EnumValue {
                    value: value.to_owned(),
                    doc: docs::of_component(child.elem),
                }),
                "pattern" => facets.patterns.push(value.to_owned()),
                "minInclusive" => facets.min_inclusive = text(),
                "maxInclusive" => facets.max_inclusive = text(),
                "minExclusive" => facets.min_exclusive = text(),
                "maxExclusive" => facets.max_exclusive = text(),
                _ => match value.trim().parse::<u64>() {
                    Ok(number) => set_number(&mut facets, name, number),
                    Err(_) => {
                        let message = format!("`{value}` is not a value of the facet `xs:{name}`");
                        self.problems
                            .broken_attribute(child.elem, "value", message, None);
                    }
                },
            }
        }
        if values.is_empty() {
            SimpleType::Restriction { base, facets }
        } else {
            SimpleType::Enumeration { base, values }
        }
    }

    /// The type of the text of the complex type that a simple content restricts.
    fn value_of_base(&mut self, restriction: Component<'a>, depth: usize) -> TypeRef {
        let base = restriction.elem.attribute("base");
        match base.and_then(|text| self.named_type(restriction, "base", text)) {
            Some(TypeRef::Defined(id)) if self.is_complex(id) => {
                if depth < MAX_DEPTH
                    && self.ensure(id, depth + 1)
                    && let Some(Content::Simple(value)) = self.built(id).map(|c| &c.content)
                {
                    return *value;
                }
                // Whatever is wrong is reported where the complex type itself is built.
                TypeRef::Builtin(Builtin::AnySimpleType)
            }
            Some(ty) if self.is_simple(ty) => ty,
            _ => TypeRef::Builtin(Builtin::AnySimpleType),
        }
    }

    pub(super) fn is_complex(&self, id: TypeId) -> bool {
        !self.is_simple(TypeRef::Defined(id))
    }

    /// Reports simple types that are defined in terms of themselves.
    pub(super) fn check_simple_cycles(&mut self, kinds: &[Vec<TypeId>]) {
        // 0: not visited, 1: on the current path, 2: done.
        let mut marks = vec![0_u8; kinds.len()];
        for start in 0..kinds.len() {
            let mut stack = vec![(start, 0_usize)];
            while let Some((id, next)) = stack.pop() {
                let (Some(mark), Some(targets)) = (marks.get_mut(id), kinds.get(id)) else {
                    continue;
                };
                if next == 0 && *mark != 0 {
                    continue;
                }
                *mark = 1;
                match targets.get(next) {
                    None => *mark = 2,
                    Some(target) => {
                        stack.push((id, next + 1));
                        match marks.get(target.0) {
                            Some(0) => stack.push((target.0, 0)),
                            Some(1) => {
                                if let Some(slot) = self.slots.get(id) {
                                    let elem = slot.component.elem;
                                    let message = "a simple type is defined in terms of itself";
                                    self.problems.broken(elem, message, None);
                                }
                            }
                            _ => {}
                        }
                        if stack.len() > MAX_DEPTH
                            && let Some(slot) = self.slots.get(id)
                        {
                            let message = format!(
                                "simple types refer to each other more than {MAX_DEPTH} deep"
                            );
                            self.problems
                                .unsupported(slot.component.elem, message, None);
                            return;
                        }
                    }
                }
            }
        }
    }
}

fn set_number(facets: &mut Facets, name: &str, number: u64) {
    match name {
        "length" => {
            facets.min_length = Some(number);
            facets.max_length = Some(number);
        }
        "minLength" => facets.min_length = Some(number),
        "maxLength" => facets.max_length = Some(number),
        "totalDigits" => facets.total_digits = Some(number),
        _ => facets.fraction_digits = Some(number),
    }
}

fn plain(base: TypeRef) -> SimpleType {
    SimpleType::Restriction {
        base,
        facets: Facets::default(),
    }
}
