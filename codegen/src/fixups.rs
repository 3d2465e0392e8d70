//! Fix-ups: mendings of a contract that is wrong, where the file has to stay as the vendor wrote it.
//!
//! They stand in `specs/apis.toml`, each with a name and a reason, and are applied between reading
//! and writing. One that changes nothing is an error: the vendor has mended the contract, or it
//! never was what the fix-up says.

use crate::config::{Api, Fixup, MaxOccurs};
use crate::diag::{Diagnostic, Location, Problems, Severity};
use crate::model::{
    Attribute, Content, Contract, ElementUse, Mended, Particle, ParticleKind, TypeKind, TypeName,
    TypeRef,
};
use crate::xsd;

/// Applies the fix-ups of an API to its contract, in order.
///
/// # Errors
/// Every fix-up that finds nothing to change.
pub(crate) fn apply(contract: &mut Contract, api: &Api) -> Result<(), Problems> {
    let mut problems = Vec::new();
    for fixup in &api.fixups {
        match apply_one(contract, fixup) {
            Ok(changes) => contract.mended.push(Mended {
                name: fixup.name.clone(),
                version: fixup.version,
                changes,
                reason: fixup.reason.clone(),
            }),
            Err(reason) => {
                let message = format!("`{}`: the fix-up `{}` {reason}", api.name, fixup.name);
                problems.push(Diagnostic::of_file(
                    Severity::Broken,
                    "specs/apis.toml",
                    message,
                ));
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problems { list: problems })
    }
}

/// What is changed, as words; or what is wrong with the fix-up.
fn apply_one(contract: &mut Contract, fixup: &Fixup) -> Result<Vec<String>, String> {
    if fixup.name.trim().is_empty() || fixup.reason.trim().is_empty() {
        return Err("needs a name and a reason".to_owned());
    }
    match (&fixup.field, &fixup.operation) {
        (Some(field), None) => field_changes(contract, fixup, field),
        (None, Some(operation)) => operation_changes(contract, fixup, operation),
        _ => Err("needs either `field` or `operation`".to_owned()),
    }
}

fn operation_changes(
    contract: &mut Contract,
    fixup: &Fixup,
    name: &str,
) -> Result<Vec<String>, String> {
    let asks_for_field = fixup.rename.is_some()
        || fixup.min.is_some()
        || fixup.max.is_some()
        || fixup.nillable.is_some()
        || fixup.ty.is_some();
    if asks_for_field {
        return Err("changes an operation with what is for fields".to_owned());
    }
    let found = contract.operations.iter().position(|op| op.name == name);
    let Some(at) = found else {
        return Err(format!("names the unknown operation `{name}`"));
    };
    match (&fixup.soap_action, fixup.drop) {
        (None, true) => {
            contract.operations.remove(at);
            Ok(vec![format!("operation `{name}` is left out")])
        }
        (Some(action), false) => {
            let operation = &mut contract.operations[at];
            if operation.soap_action.as_ref() == Some(action) {
                return Err(NOTHING.to_owned());
            }
            operation.soap_action = Some(action.clone());
            Ok(vec![format!("`SOAPAction` of `{name}` is `{action}`")])
        }
        _ => Err("needs either `soap_action` or `drop`".to_owned()),
    }
}

const NOTHING: &str = "changes nothing: the contract says so already";

/// A field of the contract, wherever it was copied to when derivations and groups were resolved.
enum Place {
    Element(Location),
    /// Attributes have no place of their own: those of one type and name.
    Attribute(usize, String),
}

fn field_changes(
    contract: &mut Contract,
    fixup: &Fixup,
    path: &str,
) -> Result<Vec<String>, String> {
    if fixup.soap_action.is_some() || fixup.drop {
        return Err("changes a field with what is for operations".to_owned());
    }
    let ty = match fixup.ty.as_deref() {
        None => None,
        Some(name) => {
            let builtin = xsd::builtin(name.strip_prefix("xs:").unwrap_or(name));
            let builtin = builtin.ok_or_else(|| format!("names the unknown type `{name}`"))?;
            Some(TypeRef::Builtin(builtin))
        }
    };
    match find(contract, path)? {
        Place::Element(location) => {
            let mut changes = Vec::new();
            for def in &mut contract.types {
                let TypeKind::Complex(complex) = &mut def.kind else {
                    continue;
                };
                if let Content::Particle(particle) = &mut complex.content {
                    change_particle(particle, &location, fixup, ty, &mut changes);
                }
            }
            finish(path, changes)
        }
        Place::Attribute(at, local) => {
            let mut changes = Vec::new();
            if let TypeKind::Complex(complex) = &mut contract.types[at].kind {
                let attributes = complex.attributes.iter_mut();
                for attribute in attributes.filter(|a| a.name.local == local) {
                    change_attribute(attribute, fixup, ty, &mut changes)?;
                }
            }
            finish(path, changes)
        }
    }
}

fn finish(path: &str, mut changes: Vec<String>) -> Result<Vec<String>, String> {
    changes.sort();
    changes.dedup();
    if changes.is_empty() {
        return Err(NOTHING.to_owned());
    }
    Ok(changes
        .into_iter()
        .map(|change| format!("`{path}` {change}"))
        .collect())
}

/// `SubscriptionInfoType/icc`: a type, or an element with a type of its own, then the field;
/// `Outer/inner/field` for a type without a name. `{namespace}Type/field` where a name stands in
/// several namespaces.
fn find(contract: &Contract, path: &str) -> Result<Place, String> {
    let split = match path.rfind('}') {
        Some(end) => path[end..].rfind('/').map(|at| end + at),
        None => path.rfind('/'),
    };
    let Some((owner, field)) = split.map(|at| (&path[..at], &path[at + 1..])) else {
        return Err(format!("has `{path}` for a field: say `Type/field`"));
    };
    let is_owner = |name: &TypeName| match name {
        TypeName::Named(name) | TypeName::OfElement(name) => {
            name.local == owner || name.to_string() == owner
        }
        TypeName::Local { path, .. } => path.join("/") == owner,
    };
    let mut found = Vec::new();
    for (at, def) in contract.types.iter().enumerate() {
        let TypeKind::Complex(complex) = &def.kind else {
            continue;
        };
        if !is_owner(&def.name) {
            continue;
        }
        if let Content::Particle(particle) = &complex.content {
            let uses = particle.elements().filter(|e| e.name.local == field);
            found.extend(uses.map(|e| Place::Element(e.location.clone())));
        }
        let attributes = complex.attributes.iter().filter(|a| a.name.local == field);
        found.extend(attributes.map(|a| Place::Attribute(at, a.name.local.clone())));
    }
    match found.len() {
        0 => Err(format!("names the unknown field `{path}`")),
        1 => found.pop().ok_or_else(|| NOTHING.to_owned()),
        n => Err(format!("names `{path}`, of which there are {n}")),
    }
}

fn change_particle(
    particle: &mut Particle,
    location: &Location,
    fixup: &Fixup,
    ty: Option<TypeRef>,
    changes: &mut Vec<String>,
) {
    let (min, max) = (&mut particle.min, &mut particle.max);
    match &mut particle.kind {
        ParticleKind::Element(element) if element.location == *location => {
            if let Some(wanted) = fixup.min
                && *min != wanted
            {
                *min = wanted;
                changes.push(format!("has a `minOccurs` of {wanted}"));
            }
            if let Some(wanted) = fixup.max {
                let wanted = match wanted {
                    MaxOccurs::Number(n) => Some(n),
                    MaxOccurs::Unbounded => None,
                };
                if *max != wanted {
                    *max = wanted;
                    let shown = wanted.map_or_else(|| "unbounded".to_owned(), |n| n.to_string());
                    changes.push(format!("has a `maxOccurs` of {shown}"));
                }
            }
            change_element(element, fixup, ty, changes);
        }
        ParticleKind::Sequence(inner)
        | ParticleKind::All(inner)
        | ParticleKind::Choice { arms: inner, .. } => {
            for particle in inner {
                change_particle(particle, location, fixup, ty, changes);
            }
        }
        _ => {}
    }
}

fn change_element(
    element: &mut ElementUse,
    fixup: &Fixup,
    ty: Option<TypeRef>,
    changes: &mut Vec<String>,
) {
    if let Some(name) = &fixup.rename
        && element.name.local != *name
    {
        element.name.local.clone_from(name);
        changes.push(format!("is called `{name}`"));
    }
    if let Some(nillable) = fixup.nillable
        && element.nillable != nillable
    {
        element.nillable = nillable;
        let can = if nillable { "can" } else { "cannot" };
        changes.push(format!("{can} be nil"));
    }
    if let (Some(ty), Some(name)) = (ty, &fixup.ty)
        && element.ty != ty
    {
        element.ty = ty;
        element.default = None;
        element.fixed = None;
        changes.push(format!("is an `xs:{}`", name.trim_start_matches("xs:")));
    }
}

fn change_attribute(
    attribute: &mut Attribute,
    fixup: &Fixup,
    ty: Option<TypeRef>,
    changes: &mut Vec<String>,
) -> Result<(), String> {
    if fixup.max.is_some() || fixup.nillable.is_some() || fixup.min.is_some_and(|min| min > 1) {
        return Err("is about an attribute, which is there once or not at all".to_owned());
    }
    if let Some(name) = &fixup.rename
        && attribute.name.local != *name
    {
        attribute.name.local.clone_from(name);
        changes.push(format!("is called `{name}`"));
    }
    if let Some(min) = fixup.min
        && attribute.required != (min == 1)
    {
        attribute.required = min == 1;
        let is = if min == 1 { "required" } else { "optional" };
        changes.push(format!("is {is}"));
    }
    if let (Some(ty), Some(name)) = (ty, &fixup.ty)
        && attribute.ty != ty
    {
        attribute.ty = ty;
        attribute.default = None;
        attribute.fixed = None;
        changes.push(format!("is an `xs:{}`", name.trim_start_matches("xs:")));
    }
    Ok(())
}
