//! XML compared by meaning.

use roxmltree::{Document, Node};
use serde_json::Value;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The first difference between two documents, if there is one: names with namespaces, attributes,
/// order and texts count; prefixes, white space between elements and the spelling of a number, a
/// truth value or an instant do not.
pub(super) fn difference(before: &str, after: &str) -> Result<Option<String>, String> {
    let parse = |text, what| Document::parse(text).map_err(|e| format!("{what}: {e}"));
    let before = parse(before, "the message is no XML")?;
    let after = parse(after, "what was written is no XML")?;
    Ok(between(before.root_element(), after.root_element()))
}

fn between(old: Node<'_, '_>, new: Node<'_, '_>) -> Option<String> {
    let name = old.tag_name().name();
    if old.tag_name() != new.tag_name() {
        let clark = |node: Node<'_, '_>| {
            let ns = node.tag_name().namespace().unwrap_or_default();
            format!("{{{ns}}}{}", node.tag_name().name())
        };
        return Some(format!("{} became {}", clark(old), clark(new)));
    }
    let (before, after) = (attributes(old), attributes(new));
    if before.len() != after.len() {
        return Some(format!("attributes of {name}: {before:?} became {after:?}"));
    }
    for (a, b) in before.iter().zip(&after) {
        if (&a.0, &a.1) != (&b.0, &b.1) || !same_value(&a.2, &b.2) {
            return Some(format!("attributes of {name}: {before:?} became {after:?}"));
        }
    }
    let (before, after) = (children(old), children(new));
    if before.len() != after.len() {
        let (before, after) = (before.len(), after.len());
        return Some(format!("{name} had {before} children, now {after}"));
    }
    let (was, is) = (text(old), text(new));
    let blank = |text: &str| text.trim().is_empty();
    let both_blank = !before.is_empty() && blank(&was) && blank(&is);
    if !both_blank && !same_value(&was, &is) {
        return Some(format!("{name}: {was:?} became {is:?}"));
    }
    before
        .into_iter()
        .zip(after)
        .find_map(|(old, new)| between(old, new))
}

fn children<'a, 'input>(node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
    node.children().filter(Node::is_element).collect()
}

fn text(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect()
}

/// Sorted, with the value of `xsi:type` as a qualified name; where schemas are does not count.
fn attributes(node: Node<'_, '_>) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    for attribute in node.attributes() {
        let ns = attribute.namespace().unwrap_or_default();
        let (name, mut value) = (attribute.name(), attribute.value().to_owned());
        if ns == XSI && name.contains("chemaLocation") {
            continue;
        }
        if ns == XSI && name == "type" {
            let (prefix, local) = match value.trim().split_once(':') {
                Some((prefix, local)) => (Some(prefix), local),
                None => (None, value.trim()),
            };
            let ns = node.lookup_namespace_uri(prefix).unwrap_or_default();
            value = format!("{{{ns}}}{local}");
        }
        out.push((ns.to_owned(), name.to_owned(), value));
    }
    out.sort();
    out
}

/// Are two texts the same value?
fn same_value(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let (old, new) = (old.trim(), new.trim());
    if old == new {
        return true;
    }
    if let (Some(old), Some(new)) = (decimal(old), decimal(new)) {
        return old == new;
    }
    let number = |text: &str| match text {
        "INF" | "+INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        _ => text.parse::<f64>().ok(),
    };
    if let (Some(old), Some(new)) = (number(old), number(new)) {
        #[allow(clippy::float_cmp)] // infinities, and what is exactly the same
        return old == new || (old - new).abs() <= f64::EPSILON * old.abs();
    }
    if let (Some(old), Some(new)) = (instant(old), instant(new)) {
        return old == new;
    }
    matches!(
        (old, new),
        ("1", "true") | ("0", "false") | ("true", "1") | ("false", "0")
    )
}

/// Sign, digits and decimals without what may be left out.
fn decimal(text: &str) -> Option<(bool, String, String)> {
    let (minus, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) || whole.len() + part.len() == 0 {
        return None;
    }
    let whole = whole.trim_start_matches('0').to_owned();
    let part = part.trim_end_matches('0').to_owned();
    let zero = whole.is_empty() && part.is_empty();
    Some((minus && !zero, whole, part))
}

/// Seconds since 1970 (without an offset: as if it were UTC), the fraction's digits, and whether
/// there is an offset.
fn instant(text: &str) -> Option<(i64, String, bool)> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.rsplitn(3, '-');
    let day: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let year: i64 = parts.next()?.parse().ok()?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year.abs() > 999_999 {
        return None;
    }
    let (time, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, time.get(at..)),
        None => (time, None),
    };
    let minutes = match offset {
        None | Some("Z") => 0,
        Some(offset) => {
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let total = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if offset.starts_with('-') {
                -total
            } else {
                total
            }
        }
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.splitn(3, ':');
    let mut next = || parts.next()?.parse::<i64>().ok();
    let seconds = next()? * 3600 + next()? * 60 + next()?;
    // Days of the civil calendar, counted from March so that leap days come last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let fraction = fraction.trim_end_matches('0').to_owned();
    Some((
        days * 86_400 + seconds - minutes * 60,
        fraction,
        offset.is_some(),
    ))
}

/// The first of the values that a document does not hold, if there is one.
///
/// A member is a child or an attribute of that name, a list its children, `null` an absent or nil
/// one. Elements with a single child may be unwrapped, and answers with headers have both as
/// members.
pub(super) fn values(document: &str, values: &Value) -> Option<String> {
    let document = match Document::parse(document) {
        Ok(document) => document,
        Err(error) => return Some(error.to_string()),
    };
    let root = document.root_element();
    let found = unwrapped(root, values)?;
    match values.get("body") {
        Some(body) if unwrapped(root, body).is_none() => None,
        _ => Some(found),
    }
}

fn unwrapped(node: Node<'_, '_>, value: &Value) -> Option<String> {
    let found = holds(node, value)?;
    let inner = children(node);
    let differs = match (value, inner.as_slice()) {
        (Value::Array(items), _) if items.len() == inner.len() => {
            let mut pairs = items.iter().zip(&inner);
            let found = pairs.find_map(|(item, node)| unwrapped(*node, item));
            match (found, inner.as_slice()) {
                (Some(_), [only]) => unwrapped(*only, value),
                (found, _) => found,
            }
        }
        (_, [only]) => unwrapped(*only, value),
        (Value::Null, []) => None,
        (Value::Array(items), []) if items.is_empty() => None,
        _ => Some(String::new()),
    };
    differs.map(|_| found)
}

fn holds(node: Node<'_, '_>, value: &Value) -> Option<String> {
    let name = node.tag_name().name();
    match value {
        Value::Object(members) => members.iter().find_map(|(key, value)| {
            if key.starts_with('_') {
                // What has no name of its own: text, wildcards.
                return None;
            }
            let found: Vec<_> = children(node)
                .into_iter()
                .filter(|child| child.tag_name().name() == key)
                .collect();
            let attribute = node.attributes().find(|a| a.name() == key);
            match (value, found.as_slice()) {
                (Value::Null, _) if found.iter().all(|n| is_nil(*n)) => None,
                (Value::Array(items), nodes) if items.len() == nodes.len() => items
                    .iter()
                    .zip(nodes)
                    .find_map(|(item, node)| holds(*node, item)),
                (Value::Array(items), []) if items.is_empty() => None,
                (value, [only]) => holds(*only, value),
                (value, []) => match (attribute, scalar(value)) {
                    (Some(attribute), Some(text)) if same_value(attribute.value(), &text) => None,
                    _ => Some(format!("{name} has no {key}, but the values do")),
                },
                (_, nodes) => Some(format!("{name} has {} {key}", nodes.len())),
            }
        }),
        Value::Null => (!is_nil(node)).then(|| format!("{name} is there, its value is not")),
        Value::Array(_) => Some(format!("{name} is one, its values are a list")),
        value => {
            let is = text(node);
            let wanted = scalar(value).unwrap_or_default();
            let same = same_value(&is, &wanted) || children(node).len() == 1;
            (!same).then(|| format!("{name} is {is:?}, its value {wanted:?}"))
        }
    }
}

fn is_nil(node: Node<'_, '_>) -> bool {
    let nil = node.attribute((XSI, "nil"));
    nil.is_some_and(|nil| matches!(nil.trim(), "true" | "1"))
        || (text(node).trim().is_empty() && children(node).is_empty())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The first element of an envelope's body, or of a fault's detail, as a document of its own.
pub(super) fn body(envelope: &str) -> Option<String> {
    let document = Document::parse(envelope).ok()?;
    let child = |node: Node<'_, '_>, name: &str| {
        let found = children(node);
        let found = found.into_iter().find(|n| n.tag_name().name() == name);
        found.map(|node| node.id())
    };
    let body = document.get_node(child(document.root_element(), "Body")?)?;
    let mut first = children(body).into_iter().next()?;
    if first.tag_name().name() == "Fault" {
        let detail = child(first, "detail").or_else(|| child(first, "Detail"))?;
        first = children(document.get_node(detail)?).into_iter().next()?;
    }
    let inside = envelope.get(first.range())?;
    let name_end = inside.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
    let tag = inside.get(..inside.find('>')?)?;
    let mut declarations = String::new();
    for namespace in first.namespaces() {
        let name = match namespace.name() {
            Some("xml") => continue,
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        if !tag.contains(&format!("{name}=")) {
            declarations.push_str(&format!(" {name}=\"{}\"", namespace.uri()));
        }
    }
    let (head, rest) = inside.split_at(name_end);
    Some(format!("{head}{declarations}{rest}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn same(old: &str, new: &str) -> bool {
        difference(old, new).unwrap().is_none()
    }

    #[test]
    fn meaning_counts_and_spelling_does_not() {
        assert!(same(
            "<a xmlns='u'>\n <b>1.50</b></a>",
            "<p:a xmlns:p='u'><p:b>1.5</p:b></p:a>"
        ));
        assert!(same(
            "<a>2031-01-01T00:30:00+01:00</a>",
            "<a>2030-12-31T23:30:00Z</a>"
        ));
        assert!(same("<a x='1'/>", "<a x='true'></a>"));
        assert!(!same("<a>1</a>", "<a>2</a>"));
        assert!(!same("<a><b/><c/></a>", "<a><c/><b/></a>"));
        assert!(!same("<a xmlns='u'/>", "<a xmlns='v'/>"));
        assert!(!same(
            "<a>90071992547409931</a>",
            "<a>90071992547409930</a>"
        ));
        assert!(!same(
            "<a>2031-01-01T00:30:00</a>",
            "<a>2031-01-01T00:30:00Z</a>"
        ));
        assert!(difference("<a", "<a/>").is_err());
    }

    #[test]
    fn the_type_of_an_instance_is_a_name_and_not_a_text() {
        let xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
        let old = format!("<a {xsi} xmlns:p='u' xsi:type='p:T'/>");
        assert!(same(
            &old,
            &format!("<a {xsi} xmlns:q='u' xsi:type='q:T'/>")
        ));
        assert!(!same(
            &old,
            &format!("<a {xsi} xmlns:q='v' xsi:type='q:T'/>")
        ));
    }

    #[test]
    fn values_are_looked_for_by_name() {
        let document = "<r><a>1</a><b>x</b><b>y</b><c>true</c></r>";
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let wanted = r#"{"a": 1, "b": ["x", "y"], "c": true, "d": null}"#;
        assert_eq!(values(document, &json(wanted)), None);
        assert!(values(document, &json(r#"{"a": 2}"#)).is_some());
        assert!(values(document, &json(r#"{"b": ["x"]}"#)).is_some());
        assert_eq!(values("<r><a>5</a></r>", &json("5")), None);
    }

    #[test]
    fn a_body_is_cut_out_with_its_namespaces() {
        let envelope = "<s:Envelope xmlns:s='soap' xmlns:n='u'><s:Body><n:a><n:b/></n:a></s:Body>\
                        </s:Envelope>";
        let body = body(envelope).unwrap();
        assert!(
            same(&body, "<a xmlns='u'><b/></a>"),
            "{body} is not the body"
        );
        let fault = "<s:Envelope xmlns:s='soap'><s:Body><s:Fault><detail><f>1</f></detail>\
                     </s:Fault></s:Body></s:Envelope>";
        assert!(super::body(fault).unwrap().starts_with("<f"));
    }
}
