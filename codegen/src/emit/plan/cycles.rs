//! Structs that would contain themselves get a `Box`.

use std::collections::BTreeSet;

use super::planner::Planner;
use super::*;

impl Planner<'_> {
    /// Puts a `Box` where structs would contain themselves.
    pub(super) fn box_cycles(&mut self) {
        let edges: Vec<Vec<usize>> = (0..self.plan.items.len())
            .map(|i| self.direct_parts(ItemId(i)).iter().map(|t| t.0).collect())
            .collect();
        let reaches = |from: usize, to: usize| {
            let mut seen = BTreeSet::new();
            let mut todo = vec![from];
            while let Some(i) = todo.pop() {
                if i == to {
                    return true;
                }
                if seen.insert(i) {
                    todo.extend(&edges[i]);
                }
            }
            false
        };
        let mut boxed = Vec::new();
        for (i, parts) in edges.iter().enumerate() {
            for &part in parts {
                if reaches(part, i) {
                    boxed.push((i, part));
                }
            }
        }
        for (owner, part) in boxed {
            let set = |field: &mut Field| {
                if field.ty == Ty::Struct(ItemId(part)) {
                    field.boxed = true;
                }
            };
            match &mut self.plan.items[owner].kind {
                ItemKind::Struct(plan) => {
                    for member in &mut plan.members {
                        if let Member::Element(field) = member
                            && !matches!(field.occurs, Occurs::Many { .. })
                        {
                            set(field);
                        }
                    }
                }
                ItemKind::Choice(choice) => {
                    for arm in &mut choice.arms {
                        if let ArmKind::Element(field) = &mut arm.kind {
                            set(field);
                        }
                    }
                }
                // Every type of a family is boxed.
                ItemKind::Enum(_) | ItemKind::Family(_) | ItemKind::Newtype(_) => {}
            }
        }
    }

    /// Items that an item holds by value.
    pub(super) fn direct_parts(&self, id: ItemId) -> Vec<ItemId> {
        let by_value = |field: &Field| match (&field.ty, field.occurs) {
            (_, Occurs::Many { .. }) => None,
            (Ty::Struct(item), _) => Some(*item),
            _ => None,
        };
        match &self.plan.item(id).kind {
            ItemKind::Struct(plan) => plan
                .members
                .iter()
                .filter_map(|member| match member {
                    Member::Element(field) => by_value(field),
                    Member::Choice(choice) if !matches!(choice.occurs, Occurs::Many { .. }) => {
                        Some(choice.item)
                    }
                    _ => None,
                })
                .collect(),
            ItemKind::Choice(choice) => choice
                .arms
                .iter()
                .filter_map(|arm| match &arm.kind {
                    ArmKind::Element(field) => by_value(field),
                    ArmKind::Group { item, boxed } => (!boxed).then_some(*item),
                })
                .collect(),
            ItemKind::Newtype(field) => by_value(field).into_iter().collect(),
            ItemKind::Enum(_) | ItemKind::Family(_) => Vec::new(),
        }
    }
}
