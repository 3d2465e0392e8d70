//! Any JSON value, for what a contract leaves open.

use std::collections::BTreeMap;

use super::{Cursor, Decode, DecodeError, Encode, EncodeError, Kind, Writer};

/// Any JSON value, kept as it came: numbers keep their text.
///
/// `Debug` shows the kind alone: what a contract leaves open may be personal data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as text.
    Number(Box<str>),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        super::from_slice(text.as_bytes())
    }

    /// A member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(…)",
            Self::Number(_) => "Number(…)",
            Self::String(_) => "String(…)",
            Self::Array(items) => return write!(f, "Array({} items)", items.len()),
            Self::Object(members) => return write!(f, "Object({} members)", members.len()),
        })
    }
}

impl Decode for Value {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        Ok(match c.peek()? {
            Kind::Null => {
                c.take_null()?;
                Self::Null
            }
            Kind::Bool => Self::Bool(c.bool()?),
            Kind::Number => Self::Number(c.number()?.into()),
            Kind::String => Self::String(c.string()?.into_owned()),
            Kind::Array => Self::Array(c.array(Self::decode)?),
            Kind::Object => Self::Object(BTreeMap::decode(c)?),
        })
    }
}

impl Encode for Value {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        match self {
            Self::Null => w.null(),
            Self::Bool(value) => w.bool(*value),
            Self::Number(text) => w.number(text),
            Self::String(text) => w.string(text),
            Self::Array(items) => w.array(items, |w, item| item.encode(w))?,
            Self::Object(members) => members.encode(w)?,
        }
        Ok(())
    }
}
