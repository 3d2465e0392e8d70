//! Types of several contracts as one, for the crates that they share.

use std::collections::BTreeMap;

use crate::model::{
    ComplexType, Content, Contract, Particle, ParticleKind, SimpleType, TypeDef, TypeId, TypeKind,
    TypeName, TypeRef,
};

/// Elements and types of all contracts, which agree on what they both have: the first contract
/// that has a name gives its definition.
/// Operations are left out.
pub(crate) fn merge(contracts: &[&Contract]) -> Contract {
    let mut out = Contract::default();
    let mut ids: BTreeMap<TypeName, TypeId> = BTreeMap::new();
    for contract in contracts {
        for def in &contract.types {
            if !ids.contains_key(&def.name) {
                ids.insert(def.name.clone(), TypeId(out.types.len()));
                out.types.push(def.clone());
            }
        }
    }
    // Definitions still refer to the types of the contract that they come from.
    let mut done = vec![false; out.types.len()];
    for contract in contracts {
        let map = |ty: TypeRef| match ty {
            TypeRef::Builtin(b) => TypeRef::Builtin(b),
            TypeRef::Defined(id) => match ids.get(&contract.ty(id).name) {
                Some(id) => TypeRef::Defined(*id),
                None => ty,
            },
        };
        for def in &contract.types {
            let Some(id) = ids.get(&def.name) else {
                continue;
            };
            if !std::mem::replace(&mut done[id.0], true) {
                retarget(&mut out.types[id.0], &map);
            }
        }
        for (name, element) in &contract.elements {
            out.elements.entry(name.clone()).or_insert_with(|| {
                let mut element = element.clone();
                element.ty = map(element.ty);
                element
            });
        }
        for source in &contract.sources {
            if !out.sources.contains(source) {
                out.sources.push(source.clone());
            }
        }
    }
    out
}

fn retarget(def: &mut TypeDef, map: &impl Fn(TypeRef) -> TypeRef) {
    match &mut def.kind {
        TypeKind::Simple(SimpleType::Restriction { base, .. })
        | TypeKind::Simple(SimpleType::Enumeration { base, .. }) => *base = map(*base),
        TypeKind::Simple(SimpleType::List { item, .. }) => *item = map(*item),
        TypeKind::Simple(SimpleType::Union { members }) => {
            members.iter_mut().for_each(|m| *m = map(*m));
        }
        TypeKind::Complex(ComplexType {
            base,
            content,
            attributes,
            derived,
            ..
        }) => {
            if let Some((_, base)) = base {
                *base = map(*base);
            }
            attributes.iter_mut().for_each(|a| a.ty = map(a.ty));
            for id in derived {
                if let TypeRef::Defined(new) = map(TypeRef::Defined(*id)) {
                    *id = new;
                }
            }
            match content {
                Content::Empty => {}
                Content::Simple(ty) => *ty = map(*ty),
                Content::Particle(particle) => retarget_particle(particle, map),
            }
        }
    }
}

fn retarget_particle(particle: &mut Particle, map: &impl Fn(TypeRef) -> TypeRef) {
    match &mut particle.kind {
        ParticleKind::Element(element) => element.ty = map(element.ty),
        ParticleKind::Sequence(inner)
        | ParticleKind::All(inner)
        | ParticleKind::Choice { arms: inner, .. } => {
            inner.iter_mut().for_each(|p| retarget_particle(p, map));
        }
        ParticleKind::Any { .. } => {}
    }
}
