//! The XML codec that generated types are written on.
//!
//! [`Cursor`] reads, [`Writer`] writes; generated types implement [`Decode`] and [`Encode`] over
//! them. Reading is lenient where platforms differ from their contracts: any prefix, unknown
//! elements skipped and counted, unknown enumeration values kept. Writing is strict: schema order,
//! every namespace declared once, errors name the path of the value.

mod any;
mod cursor;
mod document;
mod facets;
mod namespace;
mod ordered;
mod text;
mod writer;

pub use any::{AnyAttribute, AnyElement};
pub use cursor::{Cursor, Item, Mark, Tag};
pub use document::Document;
pub use facets::{Bound, Bounded};
pub use namespace::{Namespace, NamespaceTable, NsId};
pub use ordered::{Ordered, Part};
pub use writer::Writer;

#[doc(hidden)]
pub use crate::codec::BAD_ITEM;
pub use crate::codec::{DecodeError, DecodeErrorKind, EncodeError, Items, Limits, UnknownValue};

/// Reads itself from an element whose start tag was just read.
pub trait Decode: Sized {
    /// Reads content up to and including the end tag.
    ///
    /// # Errors
    /// When the content is not what the contract says, with path and position.
    fn decode(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, DecodeError>;
}

/// Writes itself into an element whose start tag was just begun.
pub trait Encode {
    /// Writes attributes, then content; the caller ends the element.
    ///
    /// # Errors
    /// When a value is missing or breaks the contract, with its path.
    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError>;
}

impl<T: Decode> Decode for Box<T> {
    fn decode(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, DecodeError> {
        T::decode(cursor, tag).map(Box::new)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        (**self).encode(writer)
    }
}

/// A type that is the root of a message.
pub trait Element: Decode + Encode {
    /// Namespace of the element.
    const NS: NsId;
    /// Local name of the element.
    const LOCAL: &'static str;
}

/// A value that the contract allows to be nil (`xsi:nil="true"`), which is not the same as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Nillable<T> {
    /// `xsi:nil="true"`.
    #[default]
    Nil,
    /// A value.
    Value(T),
}

impl<T> Nillable<T> {
    /// The value, if it is not nil.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Nil => None,
            Self::Value(v) => Some(v),
        }
    }

    /// The value by move, if it is not nil.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Nil => None,
            Self::Value(v) => Some(v),
        }
    }
}

impl<T> From<T> for Nillable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
