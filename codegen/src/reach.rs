//! Which types the operations of a contract reach, and from which side.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Content, Contract, ElementUse, HeaderKind, QName, SimpleType, TypeId, TypeKind, TypeName,
    TypeRef,
};

/// On which sides a type is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// A request holds it.
    pub(crate) request: bool,
    /// An answer or a fault holds it.
    pub(crate) response: bool,
}

/// What the operations reach.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Types, with the sides they are used on.
    pub(crate) types: BTreeMap<TypeName, Usage>,
    /// Root elements of messages and faults.
    pub(crate) roots: BTreeSet<QName>,
}

pub(crate) fn reach(contract: &Contract) -> Reach {
    let mut out = Reach::default();
    let mut request = BTreeSet::new();
    let mut response = BTreeSet::new();
    for op in &contract.operations {
        let headers = |list: &[crate::model::Header]| -> Vec<QName> {
            list.iter()
                .filter_map(|h| match &h.kind {
                    HeaderKind::Element(q) => Some(q.clone()),
                    HeaderKind::Type(_) => None,
                })
                .collect()
        };
        let inputs = op
            .input
            .iter()
            .map(|m| m.element.clone())
            .chain(headers(&op.input_headers))
            .chain(op.input_block.clone());
        let outputs = op
            .output
            .iter()
            .map(|m| m.element.clone())
            .chain(op.faults.iter().map(|f| f.element.clone()))
            .chain(headers(&op.output_headers))
            .chain(op.output_block.clone());
        for element in inputs {
            visit_element(contract, &element, &mut request);
        }
        for element in outputs {
            visit_element(contract, &element, &mut response);
        }
        // Faults are answers that servers write too, and no platform leaves their parts blank:
        // they count as both.
        for fault in &op.faults {
            visit_element(contract, &fault.element, &mut request);
        }
        out.roots.extend(op.input.iter().map(|m| m.element.clone()));
        out.roots
            .extend(op.output.iter().map(|m| m.element.clone()));
        out.roots
            .extend(op.faults.iter().map(|f| f.element.clone()));
        out.roots.extend(op.input_block.clone());
        out.roots.extend(op.output_block.clone());
    }
    for id in request.union(&response) {
        let usage = Usage {
            request: request.contains(id),
            response: response.contains(id),
        };
        out.types.insert(contract.ty(*id).name.clone(), usage);
    }
    out
}

fn visit_element(contract: &Contract, element: &QName, seen: &mut BTreeSet<TypeId>) {
    let Some(global) = contract.elements.get(element) else {
        return;
    };
    visit(contract, global.ty, seen);
    if let TypeRef::Defined(id) = global.ty
        && let TypeKind::Complex(complex) = &contract.ty(id).kind
        && complex.is_abstract
    {
        for id in &complex.derived {
            visit(contract, TypeRef::Defined(*id), seen);
        }
    }
}

/// Types of what may stand in place of an element: of derived types, and of its substitutes.
fn instead(contract: &Contract, element: &ElementUse) -> Vec<TypeRef> {
    let derived = |ty| match ty {
        TypeRef::Defined(id) => match &contract.ty(id).kind {
            TypeKind::Complex(complex) => complex.derived.clone(),
            TypeKind::Simple(_) => Vec::new(),
        },
        TypeRef::Builtin(_) => Vec::new(),
    };
    let global = contract
        .elements
        .get(&element.name)
        .filter(|_| element.is_ref);
    let substitutes = global
        .into_iter()
        .flat_map(|global| &global.substitutes)
        .filter_map(|name| contract.elements.get(name))
        .map(|substitute| substitute.ty);
    let mut out: Vec<TypeRef> = substitutes.collect();
    let own = std::iter::once(element.ty).chain(out.clone());
    let others: Vec<TypeRef> = own.flat_map(derived).map(TypeRef::Defined).collect();
    out.extend(others);
    out
}

fn visit(contract: &Contract, ty: TypeRef, seen: &mut BTreeSet<TypeId>) {
    let mut todo = vec![ty];
    while let Some(ty) = todo.pop() {
        let TypeRef::Defined(id) = ty else { continue };
        if !seen.insert(id) {
            continue;
        }
        match &contract.ty(id).kind {
            TypeKind::Simple(SimpleType::Restriction { base, .. })
            | TypeKind::Simple(SimpleType::Enumeration { base, .. }) => todo.push(*base),
            TypeKind::Simple(SimpleType::List { item, .. }) => todo.push(*item),
            TypeKind::Simple(SimpleType::Union { members }) => todo.extend(members),
            TypeKind::Complex(complex) => {
                todo.extend(complex.attributes.iter().map(|a| a.ty));
                match &complex.content {
                    Content::Empty => {}
                    Content::Simple(ty) => todo.push(*ty),
                    Content::Particle(particle) => {
                        for element in particle.elements() {
                            todo.push(element.ty);
                            todo.extend(instead(contract, element));
                        }
                    }
                }
            }
        }
    }
}
