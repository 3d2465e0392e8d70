//! How values stand in paths, queries, headers, cookies and forms.

use super::uri::{encoded, encoded_segment};
use crate::json::{Encode, EncodeError, Value, Writer, from_slice};

/// How a parameter's value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// Paths and headers: `a,b`.
    Simple,
    /// Paths: `.a.b`.
    Label,
    /// Paths: `;name=a;name=b`.
    Matrix,
    /// Queries and cookies: `name=a&name=b`.
    Form,
    /// Queries: `name=a%20b`.
    SpaceDelimited,
    /// Queries: `name=a|b`.
    PipeDelimited,
    /// Queries: `name[x]=a&name[y]=b`. Contracts leave open how objects in objects and lists are
    /// written: as `name[x][y]=a` and `name[x][0]=a`.
    DeepObject,
}

/// A parameter's value, taken apart.
#[derive(Debug)]
pub(super) enum Parts {
    One(String),
    Many(Vec<String>),
    Members(Vec<(String, String)>),
    /// Pairs of a deep object, encoded, without the parameter's name.
    Deep(Vec<(String, String)>),
}

/// Takes a value apart by way of its JSON.
pub(super) fn parts<T: Encode + ?Sized>(
    name: &str,
    value: &T,
    style: Style,
) -> Result<Parts, EncodeError> {
    let mut writer = Writer::new();
    value.encode(&mut writer).map_err(|e| {
        let dot = if e.path().is_empty() || e.path().starts_with('[') {
            ""
        } else {
            "."
        };
        EncodeError::new(format!("{name}{dot}{}", e.path()), e.reason().to_owned())
    })?;
    let written = writer.finish();
    let refuse = |reason: &str| EncodeError::new(name.to_owned(), reason.to_owned());
    let value: Value = from_slice(&written).map_err(|_| refuse("cannot be written as JSON"))?;
    if style == Style::DeepObject && matches!(value, Value::Array(_) | Value::Object(_)) {
        let mut out = Vec::new();
        deep("", &value, &mut out);
        return Ok(Parts::Deep(out));
    }
    let nested = || refuse("a list or object inside another cannot stand in a parameter");
    Ok(match value {
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.into_iter().map(text).collect();
            Parts::Many(items.ok_or_else(nested)?)
        }
        Value::Object(members) => {
            let members: Option<Vec<(String, String)>> = members
                .into_iter()
                .map(|(name, value)| Some((name, text(value)?)))
                .collect();
            Parts::Members(members.ok_or_else(nested)?)
        }
        scalar => Parts::One(text(scalar).ok_or_else(nested)?),
    })
}

/// `[x][y]` and the value there, for all values in it.
fn deep(key: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                deep(&format!("{key}%5B{at}%5D"), item, out);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                deep(&format!("{key}%5B{}%5D", encoded(name)), value, out);
            }
        }
        scalar => out.extend(text(scalar.clone()).map(|text| (key.to_owned(), encoded(&text)))),
    }
}

fn text(value: Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.into(),
        Value::String(text) => text,
        Value::Array(_) | Value::Object(_) => return None,
    })
}

impl Parts {
    /// One text for a path, encoded; `None` where the style does not belong in a path or nothing
    /// would be left.
    pub(super) fn in_path(&self, name: &str, style: Style, explode: bool) -> Option<String> {
        let name = encoded(name);
        let flat = |between: &str| self.flat(between, if explode { "=" } else { between });
        let out = match (style, self) {
            (Style::Simple, Self::One(text)) => encoded_segment(text),
            (_, Self::Deep(_)) => return None,
            (Style::Simple, _) => flat(","),
            (Style::Label, _) => format!(".{}", flat(if explode { "." } else { "," })),
            (Style::Matrix, Self::Many(items)) if explode => items
                .iter()
                .map(|item| format!(";{name}={}", encoded(item)))
                .collect(),
            (Style::Matrix, Self::Members(members)) if explode => members
                .iter()
                .map(|(key, value)| format!(";{}={}", encoded(key), encoded(value)))
                .collect(),
            (Style::Matrix, _) => format!(";{name}={}", flat(",")),
            _ => return None,
        };
        let empty = match self {
            Self::One(text) => text.is_empty(),
            Self::Many(items) => items.iter().all(String::is_empty),
            Self::Members(members) | Self::Deep(members) => members.is_empty(),
        };
        // A colon is itself in a path (RFC 3986, 3.3), and documents write it so: `icc:8999…`.
        (!empty).then(|| out.replace("%3A", ":"))
    }

    /// All parts in one text, encoded.
    fn flat(&self, between: &str, within: &str) -> String {
        match self {
            Self::One(text) => encoded(text),
            Self::Many(items) => {
                let items: Vec<String> = items.iter().map(|item| encoded(item)).collect();
                items.join(between)
            }
            Self::Members(members) | Self::Deep(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{}{within}{}", encoded(key), encoded(value)))
                    .collect();
                members.join(between)
            }
        }
    }

    /// Pairs of a query, encoded.
    pub(super) fn in_query(
        &self,
        name: &str,
        style: Style,
        explode: bool,
    ) -> Vec<(String, String)> {
        let key = encoded(name);
        match (self, style) {
            (Self::Deep(pairs), _) => pairs
                .iter()
                .map(|(member, value)| (format!("{key}{member}"), value.clone()))
                .collect(),
            (Self::Members(members), _) if explode => members
                .iter()
                .map(|(member, value)| (encoded(member), encoded(value)))
                .collect(),
            (Self::Many(items), _) if explode => items
                .iter()
                .map(|item| (key.clone(), encoded(item)))
                .collect(),
            (Self::Many(items), _) if items.is_empty() => Vec::new(),
            (_, style) => {
                let between = match style {
                    Style::SpaceDelimited => "%20",
                    Style::PipeDelimited => "%7C",
                    _ => ",",
                };
                vec![(key, self.flat(between, between))]
            }
        }
    }

    /// The text of a header: not encoded.
    pub(super) fn in_header(&self, explode: bool) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Many(items) => items.join(","),
            Self::Members(members) | Self::Deep(members) => {
                let within = if explode { "=" } else { "," };
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{key}{within}{value}"))
                    .collect();
                members.join(",")
            }
        }
    }
}
