#![doc = include_str!("../README.md")]

mod http;
pub mod identity;
pub mod kite;
#[cfg(feature = "lists")]
mod paging;
pub mod policy;
mod tls;

pub use crate::http::{HttpsBuilder, HttpsTransport};
pub use identity::{Identity, IdentityError, IdentityErrorKind};
pub use kite::{Kite, KiteBuilder};
#[cfg(feature = "lists")]
pub use paging::PageStream;
pub use policy::{Organisation, Pipeline, Policies, RateLimits};

/// What generated code and this crate share: errors, facts, the transport seam, value types.
pub use mno_runtime as runtime;
pub use mno_runtime::transport::{CallOptions, Priority};
pub use mno_runtime::{Error, ErrorKind};
