//! Which elements of XML Schema may stand in which: a schema that breaks this is refused, since
//! whatever was meant would silently be lost.

use super::problems::Collector;
use super::tree::Elem;

const PARTICLES: &[&str] = &["group", "all", "choice", "sequence"];
const ATTRIBUTES: &[&str] = &["attribute", "attributeGroup", "anyAttribute", "assert"];
const FACETS: &[&str] = &[
    "enumeration",
    "pattern",
    "length",
    "minLength",
    "maxLength",
    "minInclusive",
    "maxInclusive",
    "minExclusive",
    "maxExclusive",
    "totalDigits",
    "fractionDigits",
    "whiteSpace",
    "assertion",
    "explicitTimezone",
];

/// Constraints between values.
const IDENTITY: &[&str] = &["unique", "key", "keyref"];

/// Constructs that change what an instance looks like and that the model cannot hold.
const UNSUPPORTED: &[&str] = &[
    "redefine",
    "override",
    "alternative",
    "openContent",
    "defaultOpenContent",
];

/// Elements of which there may be one at most in their parent.
const SINGLE: &[&[&str]] = &[
    PARTICLES,
    &["simpleContent", "complexContent"],
    &["list", "union", "restriction", "extension"],
    &["simpleType", "complexType"],
    &["anyAttribute"],
];

/// Checks a schema and everything in it.
pub(crate) fn check(schema: Elem<'_>, problems: &mut Collector) {
    check_within(schema, "", problems);
}

fn check_within(elem: Elem<'_>, grandparent: &str, problems: &mut Collector) {
    let parent = elem.xsd_name();
    check_pairs(elem, problems);
    check_values(elem, problems);
    for child in elem.children() {
        let name = child.xsd_name();
        if UNSUPPORTED.contains(&name) {
            problems.unsupported(child, format!("`xs:{name}` is not supported"), None);
        } else if name == "annotation" || IDENTITY.contains(&name) && parent == "element" {
            // Neither says anything about the shape of a message.
        } else if allowed(parent, grandparent, name) {
            check_within(child, parent, problems);
        } else {
            let shown = child.node.tag_name().name();
            let shown = if name.is_empty() {
                shown.to_owned()
            } else {
                format!("xs:{shown}")
            };
            problems.broken(
                child,
                format!("`{shown}` may not stand directly in `xs:{parent}`"),
                None,
            );
        }
    }
}

/// Reports attributes whose value is none of those that they can have.
fn check_values(elem: Elem<'_>, problems: &mut Collector) {
    for attribute in elem.node.attributes().filter(|a| a.namespace().is_none()) {
        let values: &[&str] = match attribute.name() {
            "nillable" | "abstract" | "mixed" => &["true", "false", "1", "0"],
            "form" | "elementFormDefault" | "attributeFormDefault" => &["qualified", "unqualified"],
            "use" => &["optional", "required", "prohibited"],
            _ => continue,
        };
        let value = attribute.value();
        if !values.contains(&value.trim()) {
            let message = format!("`{value}` is not a value of `{}`", attribute.name());
            let help = format!("one of: {}", values.join(", "));
            problems.broken_attribute(elem, attribute.name(), message, Some(help));
        }
    }
}

/// Reports children that exclude each other, or that exclude an attribute.
fn check_pairs(elem: Elem<'_>, problems: &mut Collector) {
    let parent = elem.xsd_name();
    // Only in these do the lists of `SINGLE` mean alternatives.
    let alternatives = !matches!(parent, "schema" | "sequence" | "choice" | "all" | "union");
    let mut seen = Vec::new();
    for child in elem.children() {
        let name = child.xsd_name();
        let Some(list) = SINGLE.iter().position(|list| list.contains(&name)) else {
            continue;
        };
        if alternatives && seen.contains(&list) {
            let message = format!("a second `xs:{name}` or its like in `xs:{parent}`");
            problems.broken(child, message, None);
        }
        seen.push(list);
        let inside = |attribute: &str| {
            matches!(name, "simpleType" | "complexType") && elem.attribute(attribute).is_some()
        };
        let attribute = ["type", "ref", "base", "itemType"]
            .into_iter()
            .find(|a| inside(a));
        // A simple content may restrict a base and give the values another type all the same.
        if let Some(attribute) = attribute.filter(|a| (parent, *a) != ("restriction", "base")) {
            let message = format!("`xs:{parent}` has both the attribute `{attribute}` and a type");
            problems.broken(child, message, None);
        }
        let has_content = matches!(name, "simpleContent" | "complexContent");
        if has_content
            && let Some(other) = elem.children().find(|other| {
                !matches!(
                    other.xsd_name(),
                    "annotation" | "simpleContent" | "complexContent"
                )
            })
        {
            let message = format!("nothing may stand beside `xs:{name}`");
            problems.broken(other, message, None);
        }
    }
}

fn allowed(parent: &str, grandparent: &str, child: &str) -> bool {
    let one_of = |lists: &[&[&str]]| lists.iter().any(|list| list.contains(&child));
    match parent {
        "schema" => one_of(&[&[
            "include",
            "import",
            "simpleType",
            "complexType",
            "group",
            "attributeGroup",
            "element",
            "attribute",
            "notation",
        ]]),
        "element" => one_of(&[&["simpleType", "complexType"]]),
        "complexType" => one_of(&[&["simpleContent", "complexContent"], PARTICLES, ATTRIBUTES]),
        "simpleContent" | "complexContent" => one_of(&[&["restriction", "extension"]]),
        "extension" if grandparent == "simpleContent" => one_of(&[ATTRIBUTES]),
        "extension" => one_of(&[PARTICLES, ATTRIBUTES]),
        "restriction" => match grandparent {
            "simpleContent" => one_of(&[&["simpleType"], ATTRIBUTES, FACETS]),
            "complexContent" => one_of(&[PARTICLES, ATTRIBUTES]),
            _ => one_of(&[&["simpleType"], FACETS]),
        },
        "sequence" | "choice" => one_of(&[&["element", "group", "choice", "sequence", "any"]]),
        "all" => one_of(&[&["element", "any", "group"]]),
        "group" => one_of(&[&["all", "choice", "sequence"]]),
        "attributeGroup" => one_of(&[&["attribute", "attributeGroup", "anyAttribute"]]),
        "attribute" | "list" | "union" => child == "simpleType",
        "simpleType" => one_of(&[&["restriction", "list", "union"]]),
        _ => false,
    }
}
