#![doc = include_str!("../README.md")]

pub mod auth;
#[cfg(feature = "telekom-bsc-v1")]
pub mod bsc;
mod builder;
pub mod bulk;
#[cfg(feature = "callbacks")]
pub mod callbacks;
#[cfg(any(feature = "kite-inventory-v12", feature = "callbacks"))]
mod gsm;
mod http;
pub mod identity;
pub mod kite;
#[cfg(feature = "kpn-msm-v11")]
pub mod kpn;
#[cfg(feature = "masstack-partners-v3")]
pub mod masstack;
#[cfg(feature = "lists")]
mod paging;
pub mod policy;
mod shared;
mod tls;
#[cfg(feature = "waits")]
mod wait;

pub use crate::builder::{ClientBuilder, Platform};
pub use crate::http::{HttpsBuilder, HttpsTransport};
#[cfg(feature = "telekom-bsc-v1")]
pub use bsc::{TelekomBsc, TelekomBscBuilder};
pub use identity::{Identity, IdentityError, IdentityErrorKind};
pub use kite::{Kite, KiteBuilder};
#[cfg(feature = "kpn-msm-v11")]
pub use kpn::{Kpn, KpnBuilder};
#[cfg(feature = "masstack-partners-v3")]
pub use masstack::{MasStack, MasStackBuilder};
#[cfg(feature = "lists")]
pub use paging::{Checkpoint, CheckpointError, PageStream};
#[cfg(feature = "redis")]
pub use policy::RedisPermits;
pub use policy::{
    BudgetStats, Organisation, PermitSource, Pipeline, Policies, RateLimits, RateStats,
    RetryBudget, WhenUnreachable,
};
#[cfg(feature = "waits")]
pub use wait::Wait;

/// What generated code and this crate share: errors, facts, the transport seam, value types.
pub use mno_runtime as runtime;
pub use mno_runtime::transport::{CallOptions, OnUnavailable, Priority, Retry};
pub use mno_runtime::{Error, ErrorKind};
