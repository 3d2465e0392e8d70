//! Who calls, where a platform wants access tokens.
//!
//! The builders of `Kpn`, `TelekomBsc` and `MasStack` take the credentials, and the policies do the
//! rest:
//!
//! * A token is asked for when the first call needs one, and kept. Callers that need it at the same
//!   time share one request, which goes on when one of them gives up.
//! * It is renewed between 10 and 20 % of its life, and at most 10 minutes, before its end, at a
//!   moment that differs from client to client. One caller waits for that, for at most 5 seconds;
//!   the others go on with the old token, and so does everybody while it lasts if no new one is to
//!   be had. There is no task in the background.
//! * An answer of 401 is followed by one new token, shared by all whom the old one failed, and one
//!   repetition of the call. That is safe for writes too: a platform looks at the token before it
//!   does anything. A second 401 is the caller's.
//!
//! Every request for a token takes a rate permit, as every other request does.

// Every platform uses a part of it.
#![cfg_attr(
    not(all(
        feature = "kpn-msm-v11",
        feature = "telekom-bsc-v1",
        feature = "masstack-partners-v3"
    )),
    allow(dead_code, unused_imports)
)]

mod cache;
#[cfg(feature = "auth")]
mod client;
#[cfg(feature = "auth")]
mod client_credentials;
#[cfg(feature = "auth")]
mod endpoint;
mod error;
mod secret;
#[cfg(feature = "auth")]
mod service_account;

use std::fmt;
use std::time::Duration;

use mno_runtime::transport::BoxFuture;

use secret::Secret;

pub(crate) use cache::{FAILURE_HOLDS, Token};
#[cfg(feature = "auth")]
pub(crate) use client::{Connection, TokenCall, TokenPlace, TokenSettings, configuration, connect};
#[cfg(feature = "auth")]
pub(crate) use endpoint::{Grant, TokenEndpoint};

pub use cache::Credential;
#[cfg(feature = "auth")]
pub use client_credentials::ClientCredentials;
pub use error::{TokenError, TokenErrorKind};
#[cfg(feature = "auth")]
pub use service_account::ServiceAccount;

/// Where access tokens come from; [`Credential`] keeps them.
///
/// Those of the platforms here are made by their builders. One of your own, for instance a vault
/// that hands out tokens, goes into a pipeline of your own with
/// [`Pipeline::with_credential`](crate::Pipeline::with_credential):
///
/// ```
/// use mno_sdk::auth::{AccessToken, Credential, TokenError, TokenSource};
/// use mno_sdk::runtime::transport::BoxFuture;
///
/// struct Vault;
///
/// impl TokenSource for Vault {
///     fn fetch(&self) -> BoxFuture<'static, Result<AccessToken, TokenError>> {
///         Box::pin(async { Ok(AccessToken::new("made-up-token", None)) })
///     }
/// }
///
/// let credential = Credential::new(Vault);
/// ```
pub trait TokenSource: Send + Sync {
    /// Asks for a new token, once. It has to come to an end by itself: callers with a deadline stop
    /// waiting for it, and others do not.
    fn fetch(&self) -> BoxFuture<'static, Result<AccessToken, TokenError>>;
}

/// A fresh access token. `Debug` does not show it; its bytes are overwritten on drop.
pub struct AccessToken {
    value: Secret,
    lifetime: Duration,
}

impl AccessToken {
    /// Lifetime of a token whose answer names none, 10 minutes. Should it live shorter, the first
    /// 401 renews it.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(10 * 60);
    /// The longest lifetime that is believed, a day: a token lives no longer here.
    pub const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

    /// A token as it goes behind `Bearer`, and how long it lives from now on, which is clamped to
    /// between a second and [`MAX_LIFETIME`](Self::MAX_LIFETIME); none is
    /// [`DEFAULT_LIFETIME`](Self::DEFAULT_LIFETIME).
    pub fn new(value: impl Into<String>, lifetime: Option<Duration>) -> Self {
        let lifetime = lifetime.unwrap_or(Self::DEFAULT_LIFETIME);
        Self {
            value: Secret::new(value),
            lifetime: lifetime.clamp(Duration::from_secs(1), Self::MAX_LIFETIME),
        }
    }

    /// How long it lives.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
