//! Structs that would contain themselves get a `Box`.

use super::planner::Planner;
use super::*;

impl Planner<'_> {
    /// Puts a `Box` where structs would contain themselves.
    pub(super) fn box_cycles(&mut self) {
        let edges: Vec<Vec<usize>> = (0..self.plan.items.len())
            .map(|i| self.direct_parts(ItemId(i)).iter().map(|t| t.0).collect())
            .collect();
        let circle = circles(&edges);
        let mut boxed = Vec::new();
        for (i, parts) in edges.iter().enumerate() {
            for &part in parts {
                if circle[i] == circle[part] {
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

/// A number for each node, the same for nodes that reach each other (Kosaraju's algorithm).
fn circles(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut back = vec![Vec::new(); edges.len()];
    for (from, parts) in edges.iter().enumerate() {
        for &to in parts {
            back[to].push(from);
        }
    }
    // Nodes in the order in which they are done.
    let mut done = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    for start in 0..edges.len() {
        let mut stack = vec![(start, 0)];
        while let Some((node, next)) = stack.pop() {
            if next == 0 && std::mem::replace(&mut seen[node], true) {
                continue;
            }
            match edges[node].get(next) {
                Some(&part) => stack.extend([(node, next + 1), (part, 0)]),
                None => done.push(node),
            }
        }
    }
    let mut circle = vec![usize::MAX; edges.len()];
    for &root in done.iter().rev() {
        let mut todo = vec![root];
        while let Some(node) = todo.pop() {
            if circle[node] == usize::MAX {
                circle[node] = root;
                todo.extend(&back[node]);
            }
        }
    }
    circle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_one_circle_have_one_number() {
        // 0 -> 1 -> 2 -> 0, 2 -> 3 -> 3, 4 -> 0
        let circle = circles(&[vec![1], vec![2], vec![0, 3], vec![3], vec![0]]);
        assert_eq!(circle[0], circle[1]);
        assert_eq!(circle[1], circle[2]);
        assert_ne!(circle[2], circle[3]);
        assert_ne!(circle[4], circle[0]);
        assert!(circles(&[]).is_empty());
    }
}
