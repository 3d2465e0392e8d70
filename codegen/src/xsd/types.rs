//! Gives every type of the schemas a place in the model and fills it.
//!
//! Types are allocated first, by namespace and document order, so that ids do not depend on who
//! refers to whom; then each is built, bases before the types derived from them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Builtin, ComplexType, Doc, QName, TypeDef, TypeId, TypeKind, TypeName, TypeRef,
};

use super::components::{Component, Components, Kind};
use super::defaults::Given;
use super::docs;
use super::names::{XSD, builtin};
use super::problems::Collector;
use super::simple::FACETS;
use super::tree::Elem;

/// Bounds recursion over bases and groups (nesting of elements is bounded when files are read).
pub(super) const MAX_DEPTH: usize = 128;
/// Bounds the nesting of particles once groups are expanded: groups of deep content multiply.
pub(super) const MAX_NESTING: usize = 300;
/// Bounds what expanding groups and bases in place can grow to.
const MAX_PARTICLES: usize = 500_000;

/// A type before it is built.
pub(super) struct Slot<'a> {
    /// The defining element: `xs:simpleType`, `xs:complexType`, or the `xs:restriction` of a
    /// simple content that narrows its base by facets.
    pub(super) component: Component<'a>,
    name: TypeName,
    state: State,
}

enum State {
    Waiting,
    /// Being built; a reference to it as a base means a cycle.
    Active,
    Done(Box<TypeKind>),
}

/// Builds the types of the model.
pub(super) struct Builder<'a, 'p> {
    pub(super) components: &'a Components<'a>,
    pub(super) problems: &'p mut Collector,
    pub(super) slots: Vec<Slot<'a>>,
    ids: BTreeMap<(usize, usize, usize), TypeId>,
    names: BTreeSet<TypeName>,
    /// How deep the particle that is being read stands in others.
    pub(super) nesting: usize,
    /// Particles that may still be made; `None` once that was exceeded, and reported.
    budget: Option<usize>,
    /// Defaults and fixed values that are still to be checked.
    pub(super) defaults: Vec<Given<'a>>,
}

impl<'a, 'p> Builder<'a, 'p> {
    /// Allocates all types.
    pub(super) fn new(components: &'a Components<'a>, problems: &'p mut Collector) -> Self {
        let mut builder = Self {
            components,
            problems,
            slots: Vec::new(),
            ids: BTreeMap::new(),
            names: BTreeSet::new(),
            nesting: 0,
            budget: Some(MAX_PARTICLES),
            defaults: Vec::new(),
        };
        for (unit, schema) in components.units.iter().enumerate() {
            for elem in schema.schema.children() {
                builder.allocate_global(Component { unit, elem });
            }
        }
        builder
    }

    fn allocate_global(&mut self, component: Component<'a>) {
        let Some(name) = component.elem.attribute("name").map(str::trim) else {
            return;
        };
        if !self.components.is_first(component) {
            return;
        }
        let ns = self.components.namespace(component);
        let qname = QName::new(ns.clone(), name);
        let mut path = vec![name.to_owned()];
        match component.elem.xsd_name() {
            "simpleType" | "complexType" => {
                self.allocate(component, TypeName::Named(qname));
                self.allocate_inside(component, &ns, &mut path);
            }
            "element" => {
                for child in component.children() {
                    if is_type(child.elem) {
                        self.allocate(child, TypeName::OfElement(qname.clone()));
                        self.allocate_inside(child, &ns, &mut path);
                    }
                }
            }
            "attribute" => {
                for child in component.children().filter(|c| is_type(c.elem)) {
                    self.allocate_local(child, &ns, &path);
                    self.allocate_inside(child, &ns, &mut path);
                }
            }
            "group" | "attributeGroup" => self.allocate_inside(component, &ns, &mut path),
            _ => {}
        }
    }

    /// Anonymous types inside a type or group; `path` is that of the enclosing named thing.
    fn allocate_inside(&mut self, outer: Component<'a>, ns: &str, path: &mut Vec<String>) {
        let in_simple_content = outer.elem.xsd_name() == "simpleContent";
        let mut members = 0_usize;
        for child in outer.children() {
            let name = child.elem.xsd_name();
            // Types without a wire name of their own are told apart by their role.
            let role = match name {
                "annotation" => continue,
                "element" | "attribute" => match child.elem.attribute("name") {
                    Some(name) => name.trim().to_owned(),
                    None => continue,
                },
                "simpleType" => {
                    members += 1;
                    match outer.elem.xsd_name() {
                        "list" => "item".to_owned(),
                        "union" => format!("member{members}"),
                        _ => "base".to_owned(),
                    }
                }
                "restriction" if in_simple_content && narrows(child.elem) => "value".to_owned(),
                _ => {
                    self.allocate_inside(child, ns, path);
                    continue;
                }
            };
            let is_use = matches!(name, "element" | "attribute");
            let inline = child.children().find(|c| is_type(c.elem));
            let Some(defined) = (if is_use { inline } else { Some(child) }) else {
                continue;
            };
            path.push(role);
            let last = self.allocate_local(defined, ns, path);
            if let Some(role) = path.last_mut() {
                *role = last;
            }
            self.allocate_inside(defined, ns, path);
            path.pop();
        }
    }

    /// Allocates an anonymous type. Two of one path are told apart by a number at its end; returns
    /// that end.
    fn allocate_local(&mut self, component: Component<'a>, ns: &str, path: &[String]) -> String {
        let (role, outer) = path
            .split_last()
            .map(|(r, o)| (r.as_str(), o))
            .unwrap_or_default();
        let mut last = role.to_owned();
        let mut number = 1_usize;
        loop {
            let path = outer.iter().chain([&last]).cloned().collect();
            let name = TypeName::Local {
                ns: ns.to_owned(),
                path,
            };
            if self.names.insert(name.clone()) {
                self.allocate(component, name);
                return last;
            }
            number += 1;
            last = format!("{role}{number}");
        }
    }

    fn allocate(&mut self, component: Component<'a>, name: TypeName) {
        self.ids.insert(key(component), TypeId(self.slots.len()));
        self.slots.push(Slot {
            component,
            name,
            state: State::Waiting,
        });
    }

    /// The id of a defining element.
    pub(super) fn id_of(&self, component: Component<'_>) -> Option<TypeId> {
        self.ids.get(&key(component)).copied()
    }

    /// Takes from the budget for particles; false when it is used up.
    pub(super) fn spend(&mut self, at: Component<'a>, particles: usize) -> bool {
        let Some(budget) = self.budget else {
            return false;
        };
        self.budget = budget.checked_sub(particles);
        if self.budget.is_none() {
            self.problems.unsupported(
                at.elem,
                format!("content models expand to more than {MAX_PARTICLES} particles"),
                Some("groups or bases that refer to each other several times multiply"),
            );
        }
        self.budget.is_some()
    }

    /// Reads an attribute that names a type.
    pub(super) fn named_type(
        &mut self,
        at: Component<'a>,
        attribute: &'static str,
        text: &'a str,
    ) -> Option<TypeRef> {
        let name = self.components.qname(at, attribute, text, self.problems)?;
        if name.ns == XSD
            && let Some(builtin) = builtin(&name.local)
        {
            return Some(TypeRef::Builtin(builtin));
        }
        let (_, found) =
            self.components
                .resolve(at, attribute, Kind::Type, &name, self.problems)?;
        self.id_of(found).map(TypeRef::Defined)
    }

    /// Whether a type is a simple type.
    pub(super) fn is_simple(&self, ty: TypeRef) -> bool {
        match ty {
            TypeRef::Builtin(builtin) => builtin != Builtin::AnyType,
            TypeRef::Defined(id) => self
                .slots
                .get(id.0)
                .is_some_and(|slot| slot.component.elem.xsd_name() != "complexType"),
        }
    }

    /// Reads an attribute that must name a simple type; anything else counts as a string.
    pub(super) fn named_simple_type(
        &mut self,
        at: Component<'a>,
        attribute: &'static str,
        text: &'a str,
    ) -> TypeRef {
        match self.named_type(at, attribute, text) {
            Some(ty) if self.is_simple(ty) => ty,
            Some(_) => {
                let message = format!("`{text}` is not a simple type");
                self.problems
                    .broken_attribute(at.elem, attribute, message, None);
                TypeRef::Builtin(Builtin::AnySimpleType)
            }
            None => TypeRef::Builtin(Builtin::AnySimpleType),
        }
    }

    /// The type of an anonymous `xs:simpleType` or `xs:complexType` child, if there is one.
    pub(super) fn inline_type(&mut self, at: Component<'a>) -> Option<TypeRef> {
        let inline = at.children().find(|child| is_type(child.elem))?;
        self.id_of(inline).map(TypeRef::Defined)
    }

    /// Builds a type unless it is built already. False means that it is being built right now, or
    /// that its bases go too deep.
    pub(super) fn ensure(&mut self, id: TypeId, depth: usize) -> bool {
        let Some(slot) = self.slots.get_mut(id.0) else {
            return false;
        };
        match slot.state {
            State::Done(_) => return true,
            State::Active => return false,
            State::Waiting => slot.state = State::Active,
        }
        let component = slot.component;
        let kind = if component.elem.xsd_name() == "complexType" {
            TypeKind::Complex(self.complex(component, depth))
        } else {
            TypeKind::Simple(self.simple(component, depth))
        };
        if let Some(slot) = self.slots.get_mut(id.0) {
            slot.state = State::Done(Box::new(kind));
        }
        true
    }

    /// A complex type that was built before.
    pub(super) fn built(&self, id: TypeId) -> Option<&ComplexType> {
        match self.kind(id)? {
            TypeKind::Complex(complex) => Some(complex),
            TypeKind::Simple(_) => None,
        }
    }

    /// A type that was built before.
    pub(super) fn kind(&self, id: TypeId) -> Option<&TypeKind> {
        match &self.slots.get(id.0)?.state {
            State::Done(kind) => Some(kind),
            State::Waiting | State::Active => None,
        }
    }

    /// For each type, the types that it is made of if it is simple.
    pub(super) fn simple_references(&self) -> Vec<Vec<TypeId>> {
        let parts = |slot: &Slot<'_>| match &slot.state {
            State::Done(kind) => super::parts(kind),
            State::Waiting | State::Active => Vec::new(),
        };
        self.slots.iter().map(parts).collect()
    }

    /// Builds everything.
    pub(super) fn build_all(&mut self) {
        for id in 0..self.slots.len() {
            self.ensure(TypeId(id), 0);
        }
    }

    /// The finished types.
    pub(super) fn finish(self) -> Vec<TypeDef> {
        let mut types: Vec<TypeDef> = self
            .slots
            .into_iter()
            .map(|slot| TypeDef {
                doc: own_doc(slot.component.elem, &slot.name),
                location: slot.component.elem.location(),
                name: slot.name,
                kind: match slot.state {
                    State::Done(kind) => *kind,
                    State::Waiting | State::Active => TypeKind::Complex(super::complex::empty()),
                },
            })
            .collect();
        fill_derived(&mut types);
        types
    }
}

/// Enters every complex type at all its bases.
fn fill_derived(types: &mut [TypeDef]) {
    let bases: Vec<Option<TypeId>> = types
        .iter()
        .map(|ty| match &ty.kind {
            TypeKind::Complex(ComplexType {
                base: Some((_, TypeRef::Defined(id))),
                ..
            }) => Some(*id),
            _ => None,
        })
        .collect();
    for id in 0..types.len() {
        let mut seen = BTreeSet::from([id]);
        let mut base = bases.get(id).copied().flatten();
        while let Some(TypeId(index)) = base {
            if !seen.insert(index) {
                break;
            }
            if let Some(TypeKind::Complex(complex)) = types.get_mut(index).map(|t| &mut t.kind) {
                complex.derived.push(TypeId(id));
            }
            base = bases.get(index).copied().flatten();
        }
    }
}

/// Documentation of a type; that of an anonymous one is its element's or attribute's.
fn own_doc(elem: Elem<'_>, name: &TypeName) -> Doc {
    let doc = docs::of_component(elem);
    let owner = elem.node.parent_element().map(|parent| elem.with(parent));
    match (name, owner) {
        (TypeName::OfElement(_) | TypeName::Local { .. }, Some(owner)) if doc == Doc::default() => {
            docs::of_component(owner)
        }
        _ => doc,
    }
}

/// Identity of a component: unit, file, offset.
fn key(component: Component<'_>) -> (usize, usize, usize) {
    (component.unit, component.elem.file, component.elem.offset())
}

fn is_type(elem: Elem<'_>) -> bool {
    matches!(elem.xsd_name(), "simpleType" | "complexType")
}

/// Whether a restriction of simple content narrows the values, and so needs a type of its own.
fn narrows(restriction: Elem<'_>) -> bool {
    restriction
        .children()
        .any(|c| c.xsd_name() == "simpleType" || FACETS.contains(&c.xsd_name()))
}
