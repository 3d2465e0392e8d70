//! Types: what a reference is in Rust, and where a type's item goes.

use super::super::names::{Scope, field_name, pascal, type_name, variant_name};
use super::families::is_mixed;
use super::planner::Planner;
use super::scalar::xs_name;
use super::*;
use crate::model::{Builtin, EnumValue, SimpleType, TypeId, TypeKind, TypeRef};

/// So many types are planned inside one another; those below wait, however long a chain is.
const MAX_DEPTH: usize = 64;

impl<'a> Planner<'a> {
    /// Rust type of a reference, with the facets that apply to it and its wire name.
    pub(super) fn plan_ref(
        &mut self,
        ty: TypeRef,
        element: &str,
        location: &Location,
    ) -> Option<(Ty, Facets, String)> {
        let contract = self.plan.contract;
        let mut facets = Facets::default();
        let mut label = None;
        let mut current = ty;
        loop {
            match current {
                TypeRef::Builtin(builtin) => {
                    if builtin == Builtin::AnyType {
                        let label = label.unwrap_or_else(|| xs_name(builtin).to_owned());
                        return Some((Ty::Any, Facets::default(), label));
                    }
                    let Some(scalar) = Scalar::of(builtin) else {
                        self.problem(
                            location.clone(),
                            format!("`{element}` is of type {builtin:?}, which is not supported"),
                        );
                        return None;
                    };
                    narrow(&mut facets, &of_builtin(builtin));
                    if builtin == Builtin::Tokens {
                        // Its length is how many there are, and it is written as one text.
                        (facets.min_length, facets.max_length) = (None, None);
                    }
                    let mut out = Ty::Scalar(scalar);
                    if scalar == Scalar::String {
                        // An overlay knows elements by name alone, so it takes only what is left
                        // wholly open: the `state` of an address has a type of its own.
                        let overlay = || self.overlay(element).filter(|_| label.is_none());
                        if let Some(id) = self.plan.api.identifiers.get(element) {
                            out = Ty::Scalar(Scalar::identifier(*id));
                        } else if let Some(overlay) = overlay() {
                            out = overlay;
                        }
                    }
                    let label = label.unwrap_or_else(|| xs_name(builtin).to_owned());
                    return Some((out, facets, label));
                }
                TypeRef::Defined(id) => {
                    let def = contract.ty(id);
                    label.get_or_insert_with(|| def_label(&def.name));
                    match &def.kind {
                        TypeKind::Simple(SimpleType::Restriction { base, facets: own }) => {
                            narrow(&mut facets, own);
                            current = *base;
                        }
                        TypeKind::Simple(SimpleType::Union { members })
                            if values_of(contract, members).is_some() =>
                        {
                            let ty = self.plan_type(id)?;
                            return Some((ty, Facets::default(), label.unwrap_or_default()));
                        }
                        TypeKind::Simple(SimpleType::Union { .. }) => {
                            let label = label.unwrap_or_default();
                            return Some((Ty::Scalar(Scalar::String), facets, label));
                        }
                        TypeKind::Simple(SimpleType::List { item, .. }) => {
                            let (item, of_item, _) = self.plan_ref(*item, element, location)?;
                            let ty = Ty::List(Box::new(item), Box::new(of_item));
                            return Some((ty, facets, label.unwrap_or_default()));
                        }
                        TypeKind::Complex(complex) if is_mixed(complex) => {
                            let label = label.unwrap_or_default();
                            return Some((Ty::Any, Facets::default(), label));
                        }
                        TypeKind::Simple(SimpleType::Enumeration { .. }) | TypeKind::Complex(_) => {
                            let ty = if family(contract, id).is_some() {
                                self.plan_family(id)?
                            } else {
                                self.plan_type(id)?
                            };
                            return Some((ty, Facets::default(), label.unwrap_or_default()));
                        }
                    }
                }
            }
        }
    }

    pub(super) fn overlay(&self, element: &str) -> Option<Ty> {
        self.enums.get(element).cloned().or_else(|| {
            let external = self.plan.shared.iter().find_map(|s| s.enums.get(element))?;
            Some(Ty::External(external.clone()))
        })
    }

    /// Plans an enumeration or a complex type.
    pub(super) fn plan_type(&mut self, id: TypeId) -> Option<Ty> {
        if let Some(ty) = self.types.get(&id) {
            return Some(ty.clone());
        }
        let contract = self.plan.contract;
        let def = contract.ty(id);
        for shared in &self.plan.shared {
            if let Some(external) = shared.types.get(&def.name) {
                let ty = Ty::External(external.clone());
                self.types.insert(id, ty.clone());
                return Some(ty);
            }
        }
        let (wanted, module) = self.place(&def.name);
        let name = self.names.take(&wanted);
        let mut item = Item {
            name: name.clone(),
            module: module.clone(),
            wire: def_wire(&def.name),
            doc: def.doc.clone(),
            kind: ItemKind::Struct(StructPlan::default()),
            element: None,
            usage: self.usage_of(&def.name),
            location: def.location.clone(),
        };
        let values = match &def.kind {
            TypeKind::Simple(SimpleType::Enumeration { values, .. }) => Some(values.clone()),
            TypeKind::Simple(SimpleType::Union { members }) => values_of(contract, members),
            _ => None,
        };
        match (&def.kind, values) {
            (_, Some(values)) => {
                let mut variants = Scope::with(&["Unknown"]);
                let values = values
                    .iter()
                    .map(|v| {
                        let variant = variants.take(&variant_name(&v.value));
                        (variant, v.value.clone(), v.doc.text.clone())
                    })
                    .collect();
                item.kind = ItemKind::Enum(EnumPlan { values });
                let ty = Ty::Enum(self.reserve(item));
                self.types.insert(id, ty.clone());
                Some(ty)
            }
            (TypeKind::Complex(complex), None) => {
                let item = self.reserve(item);
                let ty = Ty::Struct(item);
                self.types.insert(id, ty.clone());
                if self.depth < MAX_DEPTH {
                    self.depth += 1;
                    let plan = self.plan_struct(complex, item, &name, &module, &def.location);
                    self.plan.items[item.0].kind = ItemKind::Struct(plan);
                    self.depth -= 1;
                } else {
                    self.later.push((id, item));
                }
                Some(ty)
            }
            (TypeKind::Simple(_), None) => None,
        }
    }

    /// Plans what was too deep inside other types.
    pub(super) fn plan_later(&mut self) {
        while let Some((id, item)) = self.later.pop() {
            let def = self.plan.contract.ty(id);
            let TypeKind::Complex(complex) = &def.kind else {
                continue;
            };
            let Item { name, module, .. } = self.plan.item(item);
            let (name, module) = (name.clone(), module.clone());
            let plan = self.plan_struct(complex, item, &name, &module, &def.location);
            self.plan.items[item.0].kind = ItemKind::Struct(plan);
        }
    }

    /// Name and module of a type: named types have a file each, the anonymous ones inside them
    /// stand in the same file.
    pub(super) fn place(&mut self, name: &TypeName) -> (String, Vec<String>) {
        match name {
            TypeName::Named(q) => {
                let wanted = type_name(&q.local);
                let module = self.modules.take(&field_name(&wanted));
                (wanted, vec!["types".to_owned(), module])
            }
            TypeName::OfElement(q) => {
                let module = self.modules.take(&field_name(&q.local));
                (pascal(&q.local), vec!["types".to_owned(), module])
            }
            TypeName::Local { ns, path } => {
                let words: Vec<String> = path.iter().map(|step| type_name(step)).collect();
                let owner = path.first().cloned().unwrap_or_default();
                let module = self.module_of_owner(&QName::new(ns.clone(), owner));
                (words.concat(), module)
            }
        }
    }

    pub(super) fn module_of_owner(&mut self, owner: &QName) -> Vec<String> {
        let mut ids = self.owners.get(owner).into_iter().flatten();
        let found = ids.find_map(|id| self.types.get(id));
        match found {
            Some(Ty::Struct(item) | Ty::Enum(item)) => self.plan.item(*item).module.clone(),
            _ => vec![
                "types".to_owned(),
                self.modules.take(&field_name(&owner.local)),
            ],
        }
    }
}

/// The values of a union of nothing but enumerations, each once.
fn values_of(contract: &Contract, members: &[TypeRef]) -> Option<Vec<EnumValue>> {
    let mut out: Vec<EnumValue> = Vec::new();
    for member in members {
        let TypeRef::Defined(id) = member else {
            return None;
        };
        let values = match &contract.ty(*id).kind {
            TypeKind::Simple(SimpleType::Enumeration { values, .. }) => values.clone(),
            TypeKind::Simple(SimpleType::Union { members }) => values_of(contract, members)?,
            _ => return None,
        };
        for value in values {
            if !out.iter().any(|known| known.value == value.value) {
                out.push(value);
            }
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Bounds of XML Schema's own types that their Rust types do not have.
fn of_builtin(builtin: Builtin) -> Facets {
    let (min, max) = match builtin {
        Builtin::PositiveInteger => (Some("1"), None),
        Builtin::NonPositiveInteger => (None, Some("0")),
        Builtin::NegativeInteger => (None, Some("-1")),
        _ => (None, None),
    };
    Facets {
        min_inclusive: min.map(str::to_owned),
        max_inclusive: max.map(str::to_owned),
        ..Facets::default()
    }
}

/// Facets of a derivation step over those of the steps above it.
pub(super) fn narrow(facets: &mut Facets, base: &Facets) {
    facets.min_length = facets.min_length.max(base.min_length);
    facets.max_length = match (facets.max_length, base.max_length) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    // Of the patterns of one step any has to fit, of the steps all.
    if !base.patterns.is_empty() {
        facets.patterns.push(base.patterns.join("|"));
    }
    let least = |own: Option<u64>, base: Option<u64>| match (own, base) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    facets.total_digits = least(facets.total_digits, base.total_digits);
    facets.fraction_digits = least(facets.fraction_digits, base.fraction_digits);
    let keep = |own: &mut Option<String>, base: &Option<String>| {
        if own.is_none() {
            own.clone_from(base);
        }
    };
    keep(&mut facets.min_inclusive, &base.min_inclusive);
    keep(&mut facets.max_inclusive, &base.max_inclusive);
    keep(&mut facets.min_exclusive, &base.min_exclusive);
    keep(&mut facets.max_exclusive, &base.max_exclusive);
}

pub(super) fn def_label(name: &TypeName) -> String {
    match name {
        TypeName::Named(q) | TypeName::OfElement(q) => q.local.clone(),
        TypeName::Local { path, .. } => path.last().cloned().unwrap_or_default(),
    }
}

pub(super) fn def_wire(name: &TypeName) -> String {
    match name {
        TypeName::Named(q) | TypeName::OfElement(q) => q.to_string(),
        TypeName::Local { path, .. } => path.join("/"),
    }
}
