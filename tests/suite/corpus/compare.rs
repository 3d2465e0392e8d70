//! Are two documents the same in meaning?

use crate::wire::tree::Tree;

/// The first difference, if there is one: names with namespaces, attributes, order and texts
/// count; prefixes, white space between elements and the spelling of a number do not.
pub(super) fn difference(before: &str, after: &str) -> Option<String> {
    between(&Tree::parse(before), &Tree::parse(after))
}

fn between(old: &Tree, new: &Tree) -> Option<String> {
    let name = &old.local;
    if (&old.ns, name) != (&new.ns, &new.local) {
        return Some(format!(
            "{{{}}}{name} became {{{}}}{}",
            old.ns, new.ns, new.local
        ));
    }
    if old.attributes != new.attributes {
        return Some(format!("attributes of {name} differ"));
    }
    let (before, after) = (old.children.len(), new.children.len());
    if before != after {
        return Some(format!("{name} had {before} children, now {after}"));
    }
    if !same_value(&old.text, &new.text) {
        return Some(format!("{name}: {:?} became {:?}", old.text, new.text));
    }
    old.children
        .iter()
        .zip(&new.children)
        .find_map(|(old, new)| between(old, new))
}

pub(super) fn same_value(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let number = |text: &str| match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        _ => text.parse::<f64>().ok(),
    };
    if let (Some(old), Some(new)) = (number(old), number(new)) {
        return old == new || (old - new).abs() <= f64::EPSILON * old.abs();
    }
    let instant = |text: &str| text.parse::<mno_runtime::values::DateTime>().ok();
    match (instant(old), instant(new)) {
        (Some(old), Some(new)) => old == new,
        _ => matches!((old, new), ("1", "true") | ("0", "false")),
    }
}
