//! Holds the model against what `xsd-parser` makes of the same schemas.
//!
//! Both read the schemas on their own. `xsd-parser` resolves names, flattens derivations and
//! expands groups, but its result cannot be the model itself: it merges elements that occur twice
//! in a group and the choices of a base and its extension, has no defaults, and numbers what has
//! no name. What both must agree on is compared, type by type, so that a schema that one of them
//! misreads is refused, and never turned into wrong code.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Severity};
use crate::model::{
    ComplexType, Content, Derivation, Particle, ParticleKind, SimpleType, TypeDef, TypeKind,
    TypeName, TypeRef,
};

use super::canonical;
use super::components::Components;
use super::interpreted::{Reading, Target, interpret};
use super::problems::Collector;

/// Compares the model with the reading of `xsd-parser`, unless problems are known already: it
/// would only repeat them, without a place.
pub(crate) fn confirm<'a>(
    components: &'a Components<'a>,
    types: &[TypeDef],
    problems: &mut Collector,
) {
    let Some(first) = components.units.first().filter(|_| problems.is_empty()) else {
        return;
    };
    let readings = match interpret(canonical::documents(components)) {
        Ok(readings) => readings,
        Err(reason) => {
            // One opinion is less than two, but no reason to refuse a contract.
            let message = format!("the schemas had no second reader: {reason}");
            let severity = Severity::Unsupported;
            problems.note(first.schema.diagnostic(severity, message, None));
            return;
        }
    };
    for ty in types {
        // A type that is missing there was not reachable for it; it has no opinion.
        let Some(reading) = readings.get(&ty.name) else {
            continue;
        };
        if let Some(difference) = difference(types, &ty.kind, reading) {
            problems.push(Diagnostic {
                severity: Severity::Unsupported,
                location: ty.location.clone(),
                snippet: None,
                message: format!("{} is read in two ways: {difference}", shown(&ty.name)),
                help: Some("please report this contract".to_owned()),
                tried: Box::default(),
            });
        }
    }
}

fn shown(name: &TypeName) -> String {
    match name {
        TypeName::Named(name) => format!("type {name}"),
        TypeName::OfElement(name) => format!("the type of element {name}"),
        TypeName::Local { ns, path } => format!("type {{{ns}}}{}", path.join("/")),
    }
}

fn difference(types: &[TypeDef], kind: &TypeKind, reading: &Reading) -> Option<String> {
    match (kind, reading) {
        (
            TypeKind::Complex(complex),
            Reading::Complex {
                elements,
                attributes,
                base,
            },
        ) => different_elements(types, complex, elements)
            .or_else(|| different_attributes(complex, attributes))
            .or_else(|| {
                let own = complex.base.map(|(_, base)| target(types, base));
                let differs = own.is_some() && own.as_ref() != base.as_ref();
                differs.then(|| format!("its base is {own:?} or {base:?}"))
            }),
        (TypeKind::Simple(SimpleType::Enumeration { values, .. }), Reading::Enumeration(other)) => {
            let own: BTreeSet<&str> = values.iter().map(|v| v.value.trim()).collect();
            let other: BTreeSet<&str> = other.iter().map(String::as_str).collect();
            (own != other).then(|| format!("its values are {own:?} or {other:?}"))
        }
        (TypeKind::Simple(SimpleType::Union { members }), Reading::Union(count)) => {
            let own = members.len();
            (own != *count).then(|| format!("it is a union of {own} or {count} types"))
        }
        (TypeKind::Simple(_), Reading::Complex { .. }) => Some("simple or complex".to_owned()),
        (TypeKind::Complex(_), Reading::Enumeration(_) | Reading::Union(_)) => {
            Some("complex or simple".to_owned())
        }
        _ => None,
    }
}

fn different_elements(
    types: &[TypeDef],
    complex: &ComplexType,
    other: &BTreeMap<String, BTreeSet<Target>>,
) -> Option<String> {
    let mut own: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    if let Content::Particle(particle) = &complex.content {
        collect(types, particle, &mut own);
    }
    let is_restriction = matches!(complex.base, Some((Derivation::Restriction, _)));
    if let Some(name) = own.keys().find(|name| !other.contains_key(*name)) {
        return Some(format!("with or without the element `{name}`"));
    }
    // Restrictions may drop elements, which `xsd-parser` does not follow in every case.
    if !is_restriction && let Some(name) = other.keys().find(|name| !own.contains_key(*name)) {
        return Some(format!("without or with the element `{name}`"));
    }
    own.iter().find_map(|(name, targets)| {
        // Elements of one name are merged there, so only single ones can be compared.
        let ([target], Some(other)) = (targets.as_slice(), other.get(name)) else {
            return None;
        };
        let unknown = *target == Target::Anonymous || other.contains(&Target::Anonymous);
        (!unknown && !other.contains(target))
            .then(|| format!("the type of element `{name}` is {target:?} or {other:?}"))
    })
}

fn different_attributes(complex: &ComplexType, other: &BTreeMap<String, bool>) -> Option<String> {
    let own: BTreeMap<&str, bool> = complex
        .attributes
        .iter()
        .map(|a| (a.name.local.as_str(), a.required))
        .collect();
    let other: BTreeMap<&str, bool> = other.iter().map(|(n, r)| (n.as_str(), *r)).collect();
    (own != other).then(|| format!("its attributes are {own:?} or {other:?} (name: required)"))
}

fn collect(types: &[TypeDef], particle: &Particle, out: &mut BTreeMap<String, Vec<Target>>) {
    match &particle.kind {
        ParticleKind::Element(element) => {
            let target = if element.is_ref {
                Target::Element(element.name.clone())
            } else {
                target(types, element.ty)
            };
            out.entry(element.name.local.clone())
                .or_default()
                .push(target);
        }
        ParticleKind::Sequence(parts)
        | ParticleKind::All(parts)
        | ParticleKind::Choice { arms: parts, .. } => {
            for part in parts {
                collect(types, part, out);
            }
        }
        ParticleKind::Any { .. } => {}
    }
}

fn target(types: &[TypeDef], ty: TypeRef) -> Target {
    match ty {
        TypeRef::Builtin(builtin) => Target::Builtin(format!("{builtin:?}")),
        TypeRef::Defined(id) => match types.get(id.0).map(|ty| &ty.name) {
            Some(TypeName::Named(name)) => Target::Type(name.clone()),
            _ => Target::Anonymous,
        },
    }
}
