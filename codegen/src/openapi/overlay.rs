//! `overlay.yaml` beside a document: named changes, each with its reason.
//!
//! ```yaml
//! - target: /components/schemas/Sim/properties/eid
//!   update: { type: string, x-digits: true }
//!   reason: The document says integer; an EID has 32 digits.
//! - target: /paths/~1v1~1old
//!   remove: true
//!   reason: Switched off.
//! ```
//!
//! `update` merges maps and replaces everything else. An entry that changes nothing is an error:
//! the document has moved on, and the reason may be gone.

use std::rc::Rc;

use super::yaml::{Node, Value};
use crate::diag::{Diagnostic, Severity};

/// Applies all entries, in order.
pub(super) fn apply(
    root: &Rc<Node>,
    overlay: &Node,
    notes: &mut Vec<Diagnostic>,
) -> Result<Rc<Node>, Vec<Diagnostic>> {
    let mut root = root.clone();
    let mut problems = Vec::new();
    let Value::List(entries) = &overlay.value else {
        let message = "an overlay is a list of changes";
        return Err(vec![overlay.place.diagnostic(
            Severity::Broken,
            message,
            None,
        )]);
    };
    for entry in entries {
        match change(&root, entry) {
            Ok(changed) => {
                root = changed;
                let target = entry.string("target").unwrap_or_default();
                let reason = entry.string("reason").unwrap_or_default().trim();
                let message = format!("the overlay changes `{target}`: {reason}");
                notes.push(entry.place.diagnostic(Severity::Unsupported, message, None));
            }
            Err(message) => {
                let help = "an entry is `target` (a JSON pointer), `update` or `remove: true`, \
                            and `reason`";
                problems.push(entry.place.diagnostic(
                    Severity::Broken,
                    message,
                    Some(help.to_owned()),
                ));
            }
        }
    }
    if problems.is_empty() {
        Ok(root)
    } else {
        Err(problems)
    }
}

fn change(root: &Rc<Node>, entry: &Node) -> Result<Rc<Node>, String> {
    for (key, _) in entry.members() {
        if !matches!(key.text.as_str(), "target" | "update" | "remove" | "reason") {
            return Err(format!("an overlay has no `{}`", key.text));
        }
    }
    let target = entry
        .string("target")
        .ok_or("an overlay's entry without a target")?;
    if entry
        .string("reason")
        .is_none_or(|reason| reason.trim().is_empty())
    {
        return Err("an overlay's entry without a reason".to_owned());
    }
    let parts: Vec<String> = target
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect();
    match (entry.get("update"), entry.is("remove")) {
        (Some(update), false) => {
            let changed = at(root, &parts, &|node| match node {
                Some(node) => {
                    let merged = merge(node, update);
                    if node.same(&merged) {
                        return Err("the update changes nothing".to_owned());
                    }
                    Ok(Some(merged))
                }
                // A new member of something that is there.
                None => Ok(Some(update.clone())),
            })?;
            changed.ok_or_else(|| "the update removes everything".to_owned())
        }
        (None, true) => {
            let changed = at(root, &parts, &|node| match node {
                Some(_) => Ok(None),
                None => Err("there is nothing to remove".to_owned()),
            })?;
            changed.ok_or_else(|| "the whole document cannot be removed".to_owned())
        }
        _ => Err("an overlay's entry needs `update` or `remove: true`".to_owned()),
    }
}

type Change<'a> = dyn Fn(Option<&Rc<Node>>) -> Result<Option<Rc<Node>>, String> + 'a;

fn at(node: &Rc<Node>, parts: &[String], change: &Change<'_>) -> Result<Option<Rc<Node>>, String> {
    let Some((part, rest)) = parts.split_first() else {
        return change(Some(node));
    };
    let missing = || format!("the target has no `{part}`");
    let value = match &node.value {
        Value::Map(members) => {
            let mut members = members.clone();
            match members.iter().position(|(key, _)| &key.text == part) {
                Some(i) => match at(&members[i].1, rest, change)? {
                    Some(changed) => members[i].1 = changed,
                    None => {
                        members.remove(i);
                    }
                },
                None if rest.is_empty() => {
                    let key = super::yaml::Key {
                        text: part.clone(),
                        place: node.place.clone(),
                    };
                    let added = change(None)?.ok_or_else(missing)?;
                    members.push((key, added));
                }
                None => return Err(missing()),
            }
            Value::Map(members)
        }
        Value::List(items) => {
            let mut items = items.clone();
            let i = part
                .parse::<usize>()
                .ok()
                .filter(|i| *i < items.len())
                .ok_or_else(missing)?;
            match at(&items[i], rest, change)? {
                Some(changed) => items[i] = changed,
                None => {
                    items.remove(i);
                }
            }
            Value::List(items)
        }
        _ => return Err(missing()),
    };
    Ok(Some(Rc::new(Node::new(node.place.clone(), value))))
}

fn merge(node: &Rc<Node>, update: &Rc<Node>) -> Rc<Node> {
    let (Value::Map(old), Value::Map(new)) = (&node.value, &update.value) else {
        return update.clone();
    };
    let mut members = old.clone();
    for (key, value) in new {
        match members.iter_mut().find(|(k, _)| k.text == key.text) {
            Some((_, present)) => *present = merge(present, value),
            None => members.push((key.clone(), value.clone())),
        }
    }
    Rc::new(Node::new(node.place.clone(), Value::Map(members)))
}
