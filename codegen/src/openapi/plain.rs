//! One way to say a thing: what Swagger 2.0 and OpenAPI 3.1 say in words of their own is said in
//! those of 3.0, everything at the place where it stood.
//!
//! | read | becomes |
//! |---|---|
//! | `type: [string, 'null']`, `type: 'null'`, a `null` among alternatives, `x-nullable` | `nullable` |
//! | `type: [string, integer]` | `oneOf`, each with the keywords that are about it |
//! | `const` | `enum` with one value |
//! | `contentEncoding: base64`, `contentMediaType` | `format: byte`, `format: binary` |
//! | `prefixItems` | `items` of any value |
//! | `patternProperties`, `unevaluatedProperties` | `additionalProperties` |
//! | `$ref` beside constraints (3.1) | `allOf` |
//! | `type: file` | `format: binary` |

use std::rc::Rc;

use super::yaml::{Key, Node, Place, Value};
use crate::diag::{Diagnostic, Severity};

/// Keywords that constrain a value, and have a meaning beside `$ref` in 3.1.
const CONSTRAINTS: &[&str] = &[
    "properties",
    "required",
    "allOf",
    "oneOf",
    "anyOf",
    "enum",
    "additionalProperties",
];
/// Keywords of one type.
const OF_STRINGS: &[&str] = &["format", "pattern", "minLength", "maxLength"];
const OF_NUMBERS: &[&str] = &[
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];
const OF_ARRAYS: &[&str] = &["items", "minItems", "maxItems", "uniqueItems"];
const OF_OBJECTS: &[&str] = &[
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
];

/// The tree in words of 3.0.
pub(super) fn plain(root: &Rc<Node>, notes: &mut Vec<Diagnostic>) -> Rc<Node> {
    let version = root.string("openapi").unwrap_or_default();
    let mut pass = Pass {
        // Files of parts have no version: those of 3.0 have nothing beside references.
        siblings: root.get("swagger").is_none() && !version.starts_with("3.0"),
        notes,
    };
    pass.node(root, false)
}

struct Pass<'n> {
    siblings: bool,
    notes: &'n mut Vec<Diagnostic>,
}

type Members = Vec<(Key, Rc<Node>)>;

impl Pass<'_> {
    /// `names`: the keys of a map are names of the document's own, not keywords.
    fn node(&mut self, node: &Rc<Node>, names: bool) -> Rc<Node> {
        match &node.value {
            Value::List(items) => {
                let mut changed = false;
                let new: Vec<_> = items.iter().map(|item| self.node(item, false)).collect();
                for (old, new) in items.iter().zip(&new) {
                    changed |= !Rc::ptr_eq(old, new);
                }
                if changed {
                    Rc::new(Node::new(node.place.clone(), Value::List(new)))
                } else {
                    node.clone()
                }
            }
            Value::Map(members) => {
                let mut changed = false;
                let mut out = Vec::with_capacity(members.len());
                for (key, child) in members {
                    let word = key.text.as_str();
                    let is_data = !names
                        && (matches!(word, "example" | "examples" | "enum" | "default" | "const")
                            || word.starts_with("x-") && word != "x-webhooks");
                    if is_data {
                        out.push((key.clone(), child.clone()));
                        continue;
                    }
                    let named = !names
                        && matches!(
                            word,
                            "properties"
                                | "patternProperties"
                                | "$defs"
                                | "definitions"
                                | "dependentSchemas"
                                | "schemas"
                                | "responses"
                                | "parameters"
                                | "headers"
                                | "requestBodies"
                        );
                    let new = self.node(child, named);
                    changed |= !Rc::ptr_eq(child, &new);
                    out.push((key.clone(), new));
                }
                if !names {
                    changed |= self.schema(&node.place, &mut out);
                }
                if changed {
                    Rc::new(Node::new(node.place.clone(), Value::Map(out)))
                } else {
                    node.clone()
                }
            }
            _ => node.clone(),
        }
    }

    fn note(&mut self, place: &Place, message: impl Into<String>) {
        self.notes
            .push(place.diagnostic(Severity::Unsupported, message, None));
    }

    /// Rewrites a map, if it is a schema that needs it; whether it was.
    fn schema(&mut self, place: &Place, members: &mut Members) -> bool {
        let mut changed = false;
        changed |= self.types(members);
        changed |= self.constant(members);
        changed |= self.alternatives(members);
        changed |= self.words(members);
        if self.siblings {
            changed |= siblings(place, members);
        }
        changed
    }

    /// `type` as a list, `null` as a type.
    fn types(&mut self, members: &mut Members) -> bool {
        let Some(at) = find(members, "type") else {
            return false;
        };
        let (key, node) = members[at].clone();
        match &node.value {
            Value::String(ty) if ty == "null" => {
                members.remove(at);
                set(members, &key, "nullable", Value::Bool(true));
                true
            }
            Value::String(ty) if ty == "file" => {
                members[at].1 = scalar(&node.place, "string");
                set(members, &key, "format", Value::String("binary".to_owned()));
                true
            }
            Value::String(ty) if ty == "any" => {
                members.remove(at);
                true
            }
            Value::List(items)
                if items
                    .iter()
                    .all(|item| item.str().is_some() || is_null(item)) =>
            {
                let mut types: Vec<&Rc<Node>> = Vec::new();
                let mut nullable = false;
                for item in items {
                    match item.str() {
                        None | Some("null") => nullable = true,
                        Some(_) => types.push(item),
                    }
                }
                if types.iter().any(|t| t.str() == Some("number")) {
                    types.retain(|t| t.str() != Some("integer"));
                }
                let is_said = ["enum", "const", "oneOf", "anyOf", "allOf"]
                    .iter()
                    .any(|word| find(members, word).is_some());
                match types.as_slice() {
                    [] => {
                        members.remove(at);
                    }
                    [one] => members[at].1 = (*one).clone(),
                    _ if is_said => {
                        members.remove(at);
                    }
                    several => {
                        let arms = several.iter().map(|ty| arm(ty, members)).collect();
                        members.retain(|(k, _)| !is_of_a_type(&k.text));
                        let arms = Rc::new(Node::new(node.place.clone(), Value::List(arms)));
                        let at = find(members, "type").unwrap_or_default();
                        let key = Key {
                            text: "oneOf".to_owned(),
                            place: key.place.clone(),
                        };
                        members[at] = (key, arms);
                    }
                }
                if nullable {
                    set(members, &key, "nullable", Value::Bool(true));
                }
                true
            }
            _ => false,
        }
    }

    fn constant(&mut self, members: &mut Members) -> bool {
        let Some(at) = find(members, "const") else {
            return false;
        };
        let (key, node) = members[at].clone();
        let ty = match &node.value {
            // A parameter of that name.
            Value::Map(_) if node.get("type").is_some() || node.get("$ref").is_some() => {
                return false;
            }
            Value::Map(_) | Value::List(_) => {
                members.remove(at);
                self.note(
                    &key.place,
                    "a `const` that is no simple value is not checked",
                );
                return true;
            }
            Value::Null => {
                members.remove(at);
                set(members, &key, "nullable", Value::Bool(true));
                return true;
            }
            Value::Bool(_) => "boolean",
            Value::Number(text) if text.contains(['.', 'e', 'E']) => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
        };
        let place = key.place.clone();
        if find(members, "enum").is_some() {
            members.remove(at);
        } else {
            let list = Rc::new(Node::new(node.place.clone(), Value::List(vec![node])));
            let word = Key {
                text: "enum".to_owned(),
                place,
            };
            members[at] = (word, list);
        }
        if find(members, "type").is_none() {
            set(members, &key, "type", Value::String(ty.to_owned()));
        }
        true
    }

    /// `null` among alternatives.
    fn alternatives(&mut self, members: &mut Members) -> bool {
        let mut nullable = None;
        for word in ["oneOf", "anyOf"] {
            let Some(at) = find(members, word) else {
                continue;
            };
            let (key, list) = members[at].clone();
            let only_null = |arm: &Rc<Node>| {
                let nothing_else = arm.members().iter().all(|(k, v)| match k.text.as_str() {
                    "enum" => v.items().iter().all(|v| is_null(v)),
                    "nullable" | "description" | "title" | "default" => true,
                    other => other.starts_with("x-"),
                });
                let all_null = arm
                    .get("enum")
                    .is_some_and(|e| !e.items().is_empty() && e.items().iter().all(|v| is_null(v)));
                nothing_else && (arm.is("nullable") || all_null)
            };
            let rest: Vec<Rc<Node>> = list
                .items()
                .iter()
                .filter(|arm| !only_null(arm))
                .cloned()
                .collect();
            if rest.len() == list.items().len() || rest.is_empty() {
                continue;
            }
            members[at].1 = Rc::new(Node::new(list.place.clone(), Value::List(rest)));
            nullable = Some(key);
        }
        let Some(key) = nullable else { return false };
        set(members, &key, "nullable", Value::Bool(true));
        true
    }

    /// Words that have another one in 3.0.
    fn words(&mut self, members: &mut Members) -> bool {
        let mut changed = false;
        if let Some(at) = find(members, "x-nullable")
            && members[at].1.bool() == Some(true)
        {
            let (key, _) = members.remove(at);
            set(members, &key, "nullable", Value::Bool(true));
            changed = true;
        }
        let is_string = text(members, "type") == Some("string");
        if is_string && find(members, "format").is_none() {
            let encoding = text(members, "contentEncoding");
            let media = text(members, "contentMediaType").unwrap_or_default();
            let is_text = media.starts_with("text/") || super::operations::is_json_type(media);
            let format = match encoding {
                Some("base64") => Some("byte"),
                Some(_) => None,
                None if media.is_empty() || is_text => None,
                None => Some("binary"),
            };
            let word =
                find(members, "contentEncoding").or_else(|| find(members, "contentMediaType"));
            if let (Some(format), Some(at)) = (format, word) {
                let key = members[at].0.clone();
                set(members, &key, "format", Value::String(format.to_owned()));
                changed = true;
            }
        }
        if let Some(at) = find(members, "prefixItems")
            && !members[at].1.items().is_empty()
        {
            let (key, list) = members.remove(at);
            members.retain(|(k, _)| k.text != "items");
            let any = Rc::new(Node::new(list.place.clone(), Value::Map(Vec::new())));
            members.push((named(&key, "items"), any));
            self.note(
                &key.place,
                "`prefixItems`: a list whose items differ by place is one of any values",
            );
            changed = true;
        }
        for word in ["patternProperties", "unevaluatedProperties"] {
            let Some(at) = find(members, word) else {
                continue;
            };
            let (key, node) = members[at].clone();
            if find(members, "additionalProperties").is_some() || node.members().is_empty() {
                continue;
            }
            let value = match (word, node.members()) {
                ("unevaluatedProperties", _) => node.clone(),
                (_, [(_, one)]) => one.clone(),
                _ => Rc::new(Node::new(node.place.clone(), Value::Bool(true))),
            };
            members[at] = (named(&key, "additionalProperties"), value);
            self.note(
                &key.place,
                format!("`{word}` is read as `additionalProperties`; names are not checked"),
            );
            changed = true;
        }
        changed
    }
}

/// `$ref` beside constraints.
fn siblings(place: &Place, members: &mut Members) -> bool {
    let Some(at) = find(members, "$ref") else {
        return false;
    };
    let is_constrained = members
        .iter()
        .any(|(key, _)| CONSTRAINTS.contains(&key.text.as_str()));
    if members[at].1.str().is_none() || !is_constrained {
        return false;
    }
    let (key, target) = members.remove(at);
    // Types are known by their places: each of the two parts has one of its own.
    let same = |a: &Place, b: &Place| a.line == b.line && a.column == b.column;
    let rest_at = match members.iter().find(|(k, _)| !same(&k.place, place)) {
        _ if !same(&key.place, place) => key.place.clone(),
        Some((other, _)) => other.place.clone(),
        None => return false,
    };
    let reference = Rc::new(Node::new(
        target.place.clone(),
        Value::Map(vec![(key.clone(), target)]),
    ));
    let (own, outer): (Members, Members) =
        std::mem::take(members).into_iter().partition(|(k, _)| {
            CONSTRAINTS.contains(&k.text.as_str()) || is_of_a_type(&k.text) || k.text == "type"
        });
    let rest = Rc::new(Node::new(rest_at.clone(), Value::Map(own)));
    let parts = Rc::new(Node::new(rest_at, Value::List(vec![reference, rest])));
    *members = outer;
    members.push((named(&key, "allOf"), parts));
    true
}

fn find(members: &Members, word: &str) -> Option<usize> {
    members.iter().position(|(key, _)| key.text == word)
}

fn text<'m>(members: &'m Members, word: &str) -> Option<&'m str> {
    members[find(members, word)?].1.str()
}

fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

fn named(key: &Key, word: &str) -> Key {
    Key {
        text: word.to_owned(),
        place: key.place.clone(),
    }
}

fn scalar(place: &Place, text: &str) -> Rc<Node> {
    Rc::new(Node::new(place.clone(), Value::String(text.to_owned())))
}

/// Sets a member, where `key` stood.
fn set(members: &mut Members, key: &Key, word: &str, value: Value) {
    let node = Rc::new(Node::new(key.place.clone(), value));
    match find(members, word) {
        Some(at) => members[at].1 = node,
        None => members.push((named(key, word), node)),
    }
}

fn is_of_a_type(word: &str) -> bool {
    [OF_STRINGS, OF_NUMBERS, OF_ARRAYS, OF_OBJECTS]
        .iter()
        .any(|list| list.contains(&word))
}

/// One of several types with the keywords that are about it.
fn arm(ty: &Rc<Node>, members: &Members) -> Rc<Node> {
    let words = match ty.str() {
        Some("string") => OF_STRINGS,
        Some("number" | "integer") => OF_NUMBERS,
        Some("array") => OF_ARRAYS,
        Some("object") => OF_OBJECTS,
        _ => &[],
    };
    let key = Key {
        text: "type".to_owned(),
        place: ty.place.clone(),
    };
    let mut out = vec![(key, ty.clone())];
    out.extend(
        members
            .iter()
            .filter(|(k, _)| words.contains(&k.text.as_str()))
            .cloned(),
    );
    Rc::new(Node::new(ty.place.clone(), Value::Map(out)))
}
