//! Are two documents the same in meaning?

use roxmltree::{Document, Node};

/// The first difference, if there is one: names with namespaces, attributes, order and texts
/// count; prefixes, white space between elements and the spelling of a number do not.
pub(super) fn difference(before: &str, after: &str) -> Option<String> {
    let (before, after) = match (Document::parse(before), Document::parse(after)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => return Some(format!("not XML: {before:?} {after:?}")),
    };
    node(before.root_element(), after.root_element())
}

fn node(before: Node<'_, '_>, after: Node<'_, '_>) -> Option<String> {
    let name = before.tag_name().name();
    if before.tag_name() != after.tag_name() {
        return Some(format!(
            "{:?} became {:?}",
            before.tag_name(),
            after.tag_name()
        ));
    }
    let attributes = |n: Node<'_, '_>| {
        let mut list: Vec<(String, String, String)> = n
            .attributes()
            .map(|a| {
                let ns = a.namespace().unwrap_or_default().to_owned();
                (ns, a.name().to_owned(), a.value().to_owned())
            })
            .collect();
        list.sort();
        list
    };
    if attributes(before) != attributes(after) {
        return Some(format!("attributes of {name} differ"));
    }
    let children = |n: Node<'_, '_>| -> Vec<_> {
        n.children()
            .filter(Node::is_element)
            .map(|c| c.id())
            .collect()
    };
    let (old, new) = (children(before), children(after));
    if old.len() != new.len() {
        return Some(format!(
            "{name} had {} children, now {}",
            old.len(),
            new.len()
        ));
    }
    if old.is_empty() {
        let (old, new) = (text(before), text(after));
        return (!same_value(&old, &new)).then(|| format!("{name}: {old:?} became {new:?}"));
    }
    old.into_iter().zip(new).find_map(|(old, new)| {
        node(
            before.document().get_node(old)?,
            after.document().get_node(new)?,
        )
    })
}

fn text(node: Node<'_, '_>) -> String {
    node.children().filter_map(|c| c.text()).collect()
}

fn same_value(old: &str, new: &str) -> bool {
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
