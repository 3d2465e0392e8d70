//! The JSON codec that generated types are written on.
//!
//! [`Cursor`] reads, [`Writer`] writes; generated types implement [`Decode`] and [`Encode`] over
//! them, as those of SOAP crates do over `xml`. Numbers are read from their digits, so that
//! decimals and long identifiers keep every one; errors hold path, position and type, never the
//! value; unknown members are skipped and counted. A name that occurs twice is an error.
//!
//! ```
//! use mno_runtime::json::{self, Value};
//! use mno_runtime::values::Iccid;
//!
//! let iccids: Vec<Iccid> = json::from_slice(br#"["8999000000000012349", 8999000000000012349]"#)?;
//! assert_eq!(iccids[0], iccids[1]);
//! let error = json::from_slice::<Vec<Iccid>>(b"[8.999e18]").unwrap_err();
//! assert_eq!(error.path(), "[0]");
//! # Ok::<(), mno_runtime::json::DecodeError>(())
//! ```

pub(crate) mod checks;
mod cursor;
mod scalars;
mod value;
mod writer;

#[doc(hidden)]
pub use crate::codec::BAD_ITEM;
pub use crate::codec::{DecodeError, DecodeErrorKind, EncodeError, Items, Limits, UnknownValue};
pub use cursor::{Cursor, Kind, Mark};
pub use value::Value;
pub use writer::Writer;

/// Reads itself from a JSON value.
pub trait Decode: Sized {
    /// Whether an empty string is a value of it; where it is not, a blank optional member reads
    /// as absent.
    const KEEPS_BLANK: bool = true;

    /// Reads one value.
    ///
    /// # Errors
    /// When the value is not what the contract says, with path and position.
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError>;
}

/// Writes itself as a JSON value.
pub trait Encode {
    /// Writes one value.
    ///
    /// # Errors
    /// When a value is missing or breaks the contract, with its path.
    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError>;
}

impl<T: Decode> Decode for Box<T> {
    const KEEPS_BLANK: bool = T::KEEPS_BLANK;

    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        T::decode(cursor).map(Box::new)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        (**self).encode(writer)
    }
}

/// A value that the contract allows to be `null`, which is not the same as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Nullable<T> {
    /// `null`.
    #[default]
    Null,
    /// A value.
    Value(T),
}

impl<T> Nullable<T> {
    /// The value, if it is not null.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Null => None,
            Self::Value(v) => Some(v),
        }
    }

    /// The value by move, if it is not null.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Null => None,
            Self::Value(v) => Some(v),
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Decode> Decode for Nullable<T> {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        if cursor.take_null()? {
            return Ok(Self::Null);
        }
        T::decode(cursor).map(Self::Value)
    }
}

impl<T: Encode> Encode for Nullable<T> {
    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        match self {
            Self::Null => writer.null(),
            Self::Value(value) => value.encode(writer)?,
        }
        Ok(())
    }
}

/// Reads a whole document, with default limits.
///
/// # Errors
/// When it is not JSON or not a `T`.
pub fn from_slice<T: Decode>(bytes: &[u8]) -> Result<T, DecodeError> {
    from_slice_within(bytes, Limits::default())
}

/// Reads a whole document.
///
/// # Errors
/// When it is not JSON, not a `T`, or beyond the limits.
pub fn from_slice_within<T: Decode>(bytes: &[u8], limits: Limits) -> Result<T, DecodeError> {
    let mut cursor = Cursor::new(bytes, limits)?;
    let value = T::decode(&mut cursor)?;
    cursor.finish()?;
    Ok(value)
}

/// Writes a value as a document.
///
/// # Errors
/// When a value is missing or breaks the contract, with its path.
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::new();
    value.encode(&mut writer)?;
    Ok(writer.finish())
}

#[cfg(test)]
mod tests;
