//! Types whose values may be of types that are derived from them, told by `xsi:type`.

use super::super::names::{Scope, variant_name};
use super::planner::Planner;
use super::types::{def_label, def_wire};
use super::*;
use crate::model::{ComplexType, Content, TypeDef, TypeId, TypeKind};

/// The types that `xsi:type` can name in place of this one: those derived from it that have names
/// and are not abstract.
pub(crate) fn derived<'c>(
    contract: &'c Contract,
    complex: &'c ComplexType,
) -> impl Iterator<Item = (TypeId, &'c QName)> {
    complex.derived.iter().filter_map(|id| {
        let def = contract.ty(*id);
        match (&def.name, &def.kind) {
            (TypeName::Named(name), TypeKind::Complex(complex)) if !complex.is_abstract => {
                Some((*id, name))
            }
            _ => None,
        }
    })
}

/// Text and elements alternate in it.
pub(crate) fn is_mixed(complex: &ComplexType) -> bool {
    complex.mixed && !matches!(complex.content, Content::Simple(_))
}

/// The type, if it is one of several that an element can have.
pub(crate) fn family(contract: &Contract, id: TypeId) -> Option<&TypeDef> {
    let def = contract.ty(id);
    match &def.kind {
        TypeKind::Complex(complex) => {
            let has_others = derived(contract, complex).next().is_some();
            (complex.is_abstract || has_others).then_some(def)
        }
        TypeKind::Simple(_) => None,
    }
}

impl Planner<'_> {
    /// Plans the enumeration of a type and those derived from it.
    pub(super) fn plan_family(&mut self, id: TypeId) -> Option<Ty> {
        if let Some(ty) = self.families.get(&id) {
            return Some(ty.clone());
        }
        let contract = self.plan.contract;
        let def = contract.ty(id);
        let TypeKind::Complex(complex) = &def.kind else {
            return None;
        };
        let shared = &self.plan.shared;
        if let Some(external) = shared.iter().find_map(|s| s.families.get(&def.name)) {
            let ty = Ty::External(external.clone());
            self.families.insert(id, ty.clone());
            return Some(ty);
        }
        let (name, module, base) = if complex.is_abstract {
            let (wanted, module) = self.place(&def.name);
            (self.names.take(&wanted), module, None)
        } else {
            let base = self.plan_type(id)?;
            if let Some(ty) = self.families.get(&id) {
                // It holds values of itself.
                return Some(ty.clone());
            }
            let (name, module) = match &base {
                Ty::Struct(item) => {
                    let item = self.plan.item(*item);
                    (item.name.clone(), item.module.clone())
                }
                _ => self.place(&def.name),
            };
            (self.names.take(&format!("Any{name}")), module, Some(base))
        };
        let mut doc = def.doc.clone();
        if doc.text.is_empty() {
            doc.text = format!(
                "A `{}`, or of a type derived from it.",
                def_label(&def.name)
            );
        }
        let item = self.reserve(Item {
            name,
            module,
            wire: def_wire(&def.name),
            doc,
            kind: ItemKind::Family(FamilyPlan::default()),
            element: None,
            usage: self.usage_of(&def.name),
            location: def.location.clone(),
        });
        self.families.insert(id, Ty::Struct(item));
        let mut variants = Scope::with(&["Unknown"]);
        let mut plan = FamilyPlan::default();
        if let (Some(ty), TypeName::Named(name)) = (base, &def.name) {
            plan.kinds.push(FamilyKind {
                variant: variants.take(&variant_name(&name.local)),
                name: name.clone(),
                ty,
                is_base: true,
            });
        }
        for (id, name) in derived(contract, complex) {
            if matches!(&contract.ty(id).kind, TypeKind::Complex(c) if is_mixed(c)) {
                // Kept as XML, as all that is unknown.
                continue;
            }
            let Some(ty) = self.plan_type(id) else {
                continue;
            };
            plan.kinds.push(FamilyKind {
                variant: variants.take(&variant_name(&name.local)),
                name: name.clone(),
                ty,
                is_base: false,
            });
        }
        self.plan.items[item.0].kind = ItemKind::Family(plan);
        Some(Ty::Struct(item))
    }
}
