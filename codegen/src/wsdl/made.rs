//! Elements that are in no schema: what the parts of a message come to.

use std::collections::BTreeMap;

use crate::diag::Location;
use crate::model::{
    ComplexType, Content, Contract, Doc, ElementUse, GlobalElement, Particle, ParticleKind, QName,
    TypeDef, TypeId, TypeKind, TypeName, TypeRef,
};

/// One part of a message: what stands in the element that is made.
pub(super) struct MadePart {
    /// Name on the wire: that of the element, or an unqualified one.
    pub(super) name: QName,
    pub(super) ty: TypeRef,
    pub(super) nillable: bool,
    /// It names a global element.
    pub(super) is_ref: bool,
    pub(super) required: bool,
    pub(super) doc: Doc,
    pub(super) location: Location,
}

/// Types by name, for parts that name one.
pub(super) struct Types(BTreeMap<QName, TypeId>);

impl Types {
    pub(super) fn of(contract: &Contract) -> Self {
        let named = contract.types.iter().enumerate();
        let named = named.filter_map(|(at, def)| match &def.name {
            TypeName::Named(name) => Some((name.clone(), TypeId(at))),
            _ => None,
        });
        Self(named.collect())
    }

    pub(super) fn get(&self, name: &QName) -> Option<TypeRef> {
        self.0.get(name).copied().map(TypeRef::Defined)
    }
}

/// Adds an element whose content is a sequence of the parts; `None` if there is one of this name.
pub(super) fn element(
    contract: &mut Contract,
    name: QName,
    parts: Vec<MadePart>,
    doc: Doc,
    location: &Location,
) -> Option<QName> {
    // Anonymous types are called after their elements, so none can have the name either.
    if contract.elements.contains_key(&name) {
        return None;
    }
    let particle = |kind, required: bool| Particle {
        min: u32::from(required),
        max: Some(1),
        kind,
    };
    let uses = parts.into_iter().map(|part| {
        let required = part.required;
        let element = ElementUse {
            name: part.name,
            ty: part.ty,
            nillable: part.nillable,
            default: None,
            fixed: None,
            doc: part.doc,
            is_ref: part.is_ref,
            location: part.location,
        };
        particle(ParticleKind::Element(Box::new(element)), required)
    });
    let content = ParticleKind::Sequence(uses.collect());
    contract.types.push(TypeDef {
        name: TypeName::OfElement(name.clone()),
        doc: Doc::default(),
        kind: TypeKind::Complex(ComplexType {
            base: None,
            is_abstract: false,
            mixed: false,
            content: Content::Particle(particle(content, true)),
            attributes: Vec::new(),
            any_attribute: false,
            derived: Vec::new(),
        }),
        location: location.clone(),
    });
    contract.elements.insert(
        name.clone(),
        GlobalElement {
            name: name.clone(),
            ty: TypeRef::Defined(TypeId(contract.types.len() - 1)),
            nillable: false,
            is_abstract: false,
            substitutes: Vec::new(),
            doc,
            location: location.clone(),
        },
    );
    Some(name)
}

/// The same under a name that nobody has, in no namespace: the element is never on the wire.
pub(super) fn block(
    contract: &mut Contract,
    wanted: &str,
    parts: Vec<MadePart>,
    doc: Doc,
    location: &Location,
) -> Option<QName> {
    let mut name = QName::new("", wanted);
    while contract.elements.contains_key(&name) {
        name.local.push('_');
    }
    element(contract, name, parts, doc, location)
}
