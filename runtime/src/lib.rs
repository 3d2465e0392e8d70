#![doc = include_str!("../README.md")]

mod codec;
pub mod error;
pub mod facts;
pub mod json;
#[cfg(any(feature = "soap", feature = "rest"))]
mod looks;
pub mod mask;
#[cfg(feature = "rest")]
pub mod rest;
#[cfg(feature = "soap")]
pub mod soap;
pub mod transport;
pub mod unica;
pub mod values;
#[cfg(feature = "soap")]
pub mod xml;

mod operation;
mod pattern;

pub use error::{Error, ErrorKind};
pub use operation::{BuildError, Operation};
pub use pattern::Pattern;

/// Decimal numbers (`xs:decimal`, money).
pub use rust_decimal::Decimal;
/// Bytes and HTTP types that appear in this crate's interface.
pub use {bytes, http};
