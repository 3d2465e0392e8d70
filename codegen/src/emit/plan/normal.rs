//! Content models in the fewest particles that say the same.
//!
//! Schemas say one thing in many ways: a sequence of one element that repeats is that element,
//! repeated; a choice in a choice is one choice; an element written twice in a row occurs twice.
//! What is simple here becomes simple types and simple readers.

use std::collections::BTreeSet;

use crate::model::{Contract, ElementUse, Particle, ParticleKind, QName};

/// The content model, simplified; `None` when nothing can stand there. Where an element may be
/// substituted by others, there is a choice of them all, which goes by the element's name.
pub(super) fn normal(particle: &Particle, contract: &Contract) -> Option<Particle> {
    if particle.max == Some(0) {
        return None;
    }
    let (min, max) = (particle.min, particle.max);
    let kind = match &particle.kind {
        ParticleKind::Element(element) => match substitution(element, contract) {
            Some(arms) => return choice(min, max, &arms, Some(&head(element)), contract),
            None => ParticleKind::Element(element.clone()),
        },
        ParticleKind::Any { namespace } => ParticleKind::Any {
            namespace: namespace.clone(),
        },
        ParticleKind::Sequence(parts) => {
            let parts = sequence(parts, contract);
            return of_one(min, max, parts, ParticleKind::Sequence);
        }
        ParticleKind::All(parts) => {
            let parts = parts.iter().filter_map(|p| normal(p, contract)).collect();
            return of_one(min, max, parts, ParticleKind::All);
        }
        ParticleKind::Choice { group, arms } => {
            return choice(min, max, arms, group.as_ref(), contract);
        }
    };
    Some(Particle { min, max, kind })
}

/// The content can be read by position only: names tell not enough.
pub(super) fn is_ordered(particle: &Particle) -> bool {
    let mut names = BTreeSet::new();
    let twice = particle.elements().any(|e| !names.insert(&e.name));
    twice || wildcards(particle) > 1 || has_repeated_group(particle)
}

/// Two arms of a choice, or two parts of a sequence, that the same element can begin: a schema
/// must not have them, and no reader could tell them apart. The name of the element.
pub(super) fn ambiguous(particle: &Particle) -> Option<&QName> {
    match &particle.kind {
        ParticleKind::Element(_) | ParticleKind::Any { .. } => None,
        ParticleKind::Choice { arms, .. } => {
            let mut seen = BTreeSet::new();
            let twice = arms.iter().flat_map(first).find(|name| !seen.insert(*name));
            twice.or_else(|| arms.iter().find_map(ambiguous))
        }
        ParticleKind::Sequence(parts) | ParticleKind::All(parts) => {
            // What may still begin here, since everything before it can be left out or go on.
            let mut open: BTreeSet<&QName> = BTreeSet::new();
            for part in parts {
                let names = first(part);
                if let Some(name) = names.iter().find(|name| open.contains(*name)) {
                    return Some(name);
                }
                if !is_emptiable(part) {
                    open.clear();
                }
                if is_emptiable(part) || part.max != Some(1) {
                    open.extend(names);
                }
            }
            parts.iter().find_map(ambiguous)
        }
    }
}

/// Nothing at all is a content of it.
pub(super) fn is_emptiable(particle: &Particle) -> bool {
    particle.min == 0
        || match &particle.kind {
            ParticleKind::Element(_) | ParticleKind::Any { .. } => false,
            ParticleKind::Sequence(inner) | ParticleKind::All(inner) => {
                inner.iter().all(is_emptiable)
            }
            ParticleKind::Choice { arms, .. } => arms.iter().any(is_emptiable),
        }
}

/// One element, of a name or of any.
pub(super) fn is_single(particle: &Particle) -> bool {
    matches!(
        particle.kind,
        ParticleKind::Element(_) | ParticleKind::Any { .. }
    )
}

fn sequence(parts: &[Particle], contract: &Contract) -> Vec<Particle> {
    let mut out: Vec<Particle> = Vec::new();
    let mut add = |part: Particle| match out.last_mut() {
        Some(last) if is_same(last, &part) => {
            last.min = last.min.saturating_add(part.min);
            last.max = last.max.zip(part.max).and_then(|(a, b)| a.checked_add(b));
        }
        _ => out.push(part),
    };
    for part in parts.iter().filter_map(|p| normal(p, contract)) {
        match part {
            Particle {
                min: 1,
                max: Some(1),
                kind: ParticleKind::Sequence(inner),
            } => inner.into_iter().for_each(&mut add),
            part => add(part),
        }
    }
    out
}

fn choice(
    mut min: u32,
    mut max: Option<u32>,
    arms: &[Particle],
    group: Option<&QName>,
    contract: &Contract,
) -> Option<Particle> {
    let repeats = max != Some(1);
    let mut out: Vec<Particle> = Vec::new();
    for arm in arms {
        let Some(arm) = normal(arm, contract) else {
            // An arm without anything: the choice may be left out.
            min = 0;
            continue;
        };
        let inner = match arm {
            Particle {
                min: own,
                max: often,
                kind: ParticleKind::Choice { arms, .. },
            } if often == Some(1) || max.is_none() => {
                min = min.min(own);
                arms
            }
            arm => vec![arm],
        };
        for mut arm in inner {
            if repeats && is_single(&arm) && (arm.min, arm.max) != (1, Some(1)) {
                // Taking the arm again says the same.
                min = min.min(arm.min);
                max = if arm.max == Some(1) { max } else { None };
                (arm.min, arm.max) = (1, Some(1));
            }
            if !out.iter().any(|other| is_same(other, &arm)) {
                out.push(arm);
            }
        }
    }
    of_one(min, max, out, |arms| ParticleKind::Choice {
        group: group.cloned(),
        arms,
    })
}

/// A group of one is that one, with the occurrences of both.
fn of_one(
    min: u32,
    max: Option<u32>,
    mut parts: Vec<Particle>,
    kind: impl FnOnce(Vec<Particle>) -> ParticleKind,
) -> Option<Particle> {
    if parts.len() > 1 {
        let kind = kind(parts);
        return Some(Particle { min, max, kind });
    }
    parts.pop().map(|only| Particle {
        min: min.saturating_mul(only.min),
        max: max.zip(only.max).and_then(|(a, b)| a.checked_mul(b)),
        kind: only.kind,
    })
}

/// The elements that may stand where this one is referred to, if there are others.
fn substitution(element: &ElementUse, contract: &Contract) -> Option<Vec<Particle>> {
    let head = contract
        .elements
        .get(&element.name)
        .filter(|head| element.is_ref && (head.is_abstract || !head.substitutes.is_empty()))?;
    let own = (!head.is_abstract).then(|| ElementUse {
        is_ref: false,
        ..element.clone()
    });
    let others = head
        .substitutes
        .iter()
        .filter_map(|name| contract.elements.get(name))
        .map(|global| ElementUse {
            name: global.name.clone(),
            ty: global.ty,
            nillable: global.nillable,
            default: None,
            fixed: None,
            doc: global.doc.clone(),
            // Resolved: a substitute's own substitutes stand beside it.
            is_ref: false,
            location: global.location.clone(),
        });
    let arms = own.into_iter().chain(others).map(|element| Particle {
        min: 1,
        max: Some(1),
        kind: ParticleKind::Element(Box::new(element)),
    });
    Some(arms.collect())
}

/// Name of the choice of an element and its substitutes.
fn head(element: &ElementUse) -> QName {
    let QName { ns, local } = &element.name;
    QName::new(ns.clone(), format!("{local}-element"))
}

/// Occurrences of the same thing.
fn is_same(a: &Particle, b: &Particle) -> bool {
    match (&a.kind, &b.kind) {
        (ParticleKind::Element(a), ParticleKind::Element(b)) => {
            (&a.name, a.ty, a.nillable) == (&b.name, b.ty, b.nillable)
                && (&a.default, &a.fixed) == (&b.default, &b.fixed)
        }
        (ParticleKind::Any { namespace: a }, ParticleKind::Any { namespace: b }) => a == b,
        _ => false,
    }
}

fn wildcards(particle: &Particle) -> usize {
    match &particle.kind {
        ParticleKind::Any { .. } => 1,
        ParticleKind::Element(_) => 0,
        ParticleKind::Sequence(parts)
        | ParticleKind::All(parts)
        | ParticleKind::Choice { arms: parts, .. } => parts.iter().map(wildcards).sum(),
    }
}

fn has_repeated_group(particle: &Particle) -> bool {
    let repeats = particle.max != Some(1);
    match &particle.kind {
        ParticleKind::Element(_) | ParticleKind::Any { .. } => false,
        ParticleKind::Sequence(parts) | ParticleKind::All(parts) => {
            repeats || parts.iter().any(has_repeated_group)
        }
        ParticleKind::Choice { arms, .. } => {
            repeats && !arms.iter().all(is_single) || arms.iter().any(has_repeated_group)
        }
    }
}

/// Names of the elements that can begin it.
fn first(particle: &Particle) -> Vec<&QName> {
    match &particle.kind {
        ParticleKind::Element(element) => vec![&element.name],
        ParticleKind::Any { .. } => Vec::new(),
        ParticleKind::Choice { arms, .. } => arms.iter().flat_map(first).collect(),
        ParticleKind::All(parts) => parts.iter().flat_map(first).collect(),
        ParticleKind::Sequence(parts) => {
            let mut out = Vec::new();
            for part in parts {
                out.extend(first(part));
                if !is_emptiable(part) {
                    break;
                }
            }
            out
        }
    }
}
