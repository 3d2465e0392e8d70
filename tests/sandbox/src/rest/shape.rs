//! What a JSON body has to look like: a judge of requests, written from the documents by hand.

use std::fmt;

use serde_json::Value;

use crate::time::Timestamp;

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Text,
    Integer,
    Number,
    Flag,
    /// True or false, also as text.
    LooseFlag,
    /// `2026-05`.
    Month,
    /// `2026-05-04`.
    Date,
    /// A time in the form of RFC 3339.
    DateTime,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    List(&'static Shape),
    /// An object with any properties of this shape.
    Map(&'static Shape),
    Any,
    /// An object with these properties and no others.
    Object(&'static [Field]),
}

/// A property of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    required: bool,
    pub(crate) shape: Shape,
}

/// A property that has to be there.
pub(crate) const fn need(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        required: true,
        shape,
    }
}

/// A property that may be there.
pub(crate) const fn may(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        required: false,
        shape,
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A property is missing; its path.
    Missing(String),
    /// Nobody knows this property; its path.
    Unknown(String),
    /// A value is not what it has to be: its path, and what it has to be.
    Wrong(String, String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{path} is required"),
            Self::Unknown(path) => write!(f, "{path} is not known"),
            Self::Wrong(path, expected) => write!(f, "{path} must be {expected}"),
        }
    }
}

impl Shape {
    /// Says what is wrong with a value, if anything. `null` is a value like
    /// others, which none of the documents allows.
    pub(crate) fn check(&self, value: &Value) -> Result<(), Problem> {
        self.check_at(value, "")
    }

    fn check_at(&self, value: &Value, path: &str) -> Result<(), Problem> {
        let wrong = |expected: &str| {
            let path = if path.is_empty() { "body" } else { path };
            Err(Problem::Wrong(path.to_owned(), expected.to_owned()))
        };
        let text = value.as_str();
        match self {
            Self::Text if text.is_none() => wrong("text"),
            Self::Integer if !(value.is_i64() || value.is_u64()) => wrong("a whole number"),
            Self::Number if !value.is_number() => wrong("a number"),
            Self::Flag if !value.is_boolean() => wrong("true or false"),
            Self::LooseFlag if flag(value).is_none() => wrong("true or false"),
            Self::Month if !text.is_some_and(|t| is_date(&format!("{t}-01"))) => wrong("a month"),
            Self::Date if !text.is_some_and(is_date) => wrong("a date"),
            Self::DateTime if !text.is_some_and(is_time) => wrong("a date and time"),
            Self::OneOf(values) if !text.is_some_and(|t| values.contains(&t)) => {
                wrong(&format!("one of {}", values.join(", ")))
            }
            Self::List(item) => match value.as_array() {
                None => wrong("a list"),
                Some(items) => {
                    let mut items = items.iter().enumerate();
                    items.try_for_each(|(at, v)| item.check_at(v, &format!("{path}[{at}]")))
                }
            },
            Self::Map(item) => match value.as_object() {
                None => wrong("an object"),
                Some(object) => {
                    let mut entries = object.iter();
                    entries.try_for_each(|(name, v)| item.check_at(v, &below(path, name)))
                }
            },
            Self::Object(fields) => {
                let Some(object) = value.as_object() else {
                    return wrong("an object");
                };
                if let Some(name) = object.keys().find(|k| fields.iter().all(|f| f.name != *k)) {
                    return Err(Problem::Unknown(below(path, name)));
                }
                fields
                    .iter()
                    .try_for_each(|field| match object.get(field.name) {
                        Some(value) => field.shape.check_at(value, &below(path, field.name)),
                        None if field.required => Err(Problem::Missing(below(path, field.name))),
                        None => Ok(()),
                    })
            }
            _ => Ok(()),
        }
    }
}

/// Path of a property of what is at this path.
fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// A flag, which may come as text.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    let text = value.as_str().map(str::to_ascii_lowercase);
    match text.as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => value.as_bool(),
    }
}

/// Whether a text is a date such as `2026-05-04`.
fn is_date(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
}

/// Whether a text is a time as RFC 3339 has it, with its zone.
fn is_time(text: &str) -> bool {
    let zone = text.split_once('T').map_or("", |(_, clock)| clock);
    zone.contains(['Z', '+', '-']) && Timestamp::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLACE: &[Field] = &[need("city", Shape::Text), may("zip", Shape::Text)];
    const ORDER: Shape = Shape::Object(&[
        need("items", Shape::List(&Shape::Integer)),
        may("to", Shape::Object(PLACE)),
        may("until", Shape::DateTime),
        may("on", Shape::Date),
        may("in", Shape::Month),
        may("gift", Shape::LooseFlag),
        may("how", Shape::OneOf(&["fast", "slow"])),
    ]);

    #[test]
    fn what_is_wrong_and_where() {
        let problem = |value| ORDER.check(&value).map_err(|p| p.to_string()).err();
        let ok = json!({ "items": [1], "to": { "city": "X", "zip": "0" }, "on": "2026-05-04",
            "until": "2026-05-04T01:02:03.000Z", "how": "slow", "in": "2026-05", "gift": "TRUE" });
        assert_eq!(problem(ok), None);
        let wrong = [
            (json!([]), "body must be an object"),
            (json!({}), "items is required"),
            (
                json!({ "items": [1, 1.5] }),
                "items[1] must be a whole number",
            ),
            (json!({ "items": [], "to": {} }), "to.city is required"),
            (json!({ "items": [], "To": {} }), "To is not known"),
            (
                json!({ "items": [], "to": { "city": "X", "zip": null } }),
                "to.zip must be text",
            ),
            (
                json!({ "items": [], "until": "2026-05-04T01:02:03" }),
                "until must be a date and time",
            ),
            (
                json!({ "items": [], "on": "4.5.2026" }),
                "on must be a date",
            ),
            (
                json!({ "items": [], "how": "Fast" }),
                "how must be one of fast, slow",
            ),
        ];
        for (value, expected) in wrong {
            assert_eq!(problem(value).as_deref(), Some(expected));
        }
    }
}
