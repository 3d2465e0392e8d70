//! What the clients of all platforms are set up with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mno_runtime::transport::{OnUnavailable, Retry, Transport};

use crate::http::{HttpsBuilder, HttpsTransport};
use crate::policy::{Organisation, Policies, RateLimits, RetryBudget};

/// A platform that has a client here: [`Kite`](crate::Kite) and, by their features, `Kpn`,
/// `TelekomBsc` and `MasStack`.
pub trait Platform: sealed::Sealed {
    /// What only this platform's builder knows.
    #[doc(hidden)]
    type Settings;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// Sets up a client of a platform; [`KiteBuilder`](crate::KiteBuilder) and the others are names
/// for it.
#[must_use = "a builder does nothing until build() is called"]
pub struct ClientBuilder<P: Platform> {
    pub(crate) https: HttpsBuilder,
    pub(crate) policies: Policies,
    pub(crate) organisation: Option<Organisation>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) settings: P::Settings,
}

impl<P: Platform> ClientBuilder<P> {
    pub(crate) fn new(base_url: &str, settings: P::Settings) -> Self {
        Self {
            https: HttpsTransport::builder(base_url),
            policies: Policies::default(),
            organisation: None,
            transport: None,
            settings,
        }
    }

    pub(crate) fn https(mut self, change: impl FnOnce(HttpsBuilder) -> HttpsBuilder) -> Self {
        self.https = change(self.https);
        self
    }

    /// Trusts the certificate authorities in this PEM text, besides those of the system.
    ///
    /// An intermediate alone is enough. Needed where the system does not know, or no longer
    /// trusts, the authority of the platform's certificate.
    pub fn extra_root_pem(self, pem: impl Into<Vec<u8>>) -> Self {
        self.https(|https| https.extra_root_pem(pem))
    }

    /// Trusts this certificate authority (a `.cer` or `.der` file), besides those of the system.
    pub fn extra_root_der(self, der: impl Into<Vec<u8>>) -> Self {
        self.https(|https| https.extra_root_der(der))
    }

    /// Trusts the extra roots alone, and not those of the system.
    pub fn only_extra_roots(self, only: bool) -> Self {
        self.https(|https| https.only_extra_roots(only))
    }

    /// Where the platform is, by default its `PRODUCTION`: `https://host:port`, with a path prefix
    /// if a gateway of your own has one. The API's own path is added to it (`PATH` of the generated
    /// client, `/mobile/kpn/mobileservices` of KPN's) and does not belong here.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.https.base_url = url.into();
        self
    }

    /// Longest time for a connection to come about, 10 seconds by default.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.https(|https| https.connect_timeout(timeout))
    }

    /// Longest time for one attempt; see [`Policies::attempt_timeout`].
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.policies.attempt_timeout = Some(timeout);
        self
    }

    /// Longest time for a whole call, waiting for permits included; see [`Policies::deadline`].
    ///
    /// A write with less time than one attempt may take is refused before it is sent.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.policies.deadline = Some(deadline);
        self
    }

    /// How often a call is sent again that the platform refused for its rate, 5 times by default.
    pub fn max_rate_retries(mut self, retries: u32) -> Self {
        self.policies.max_rate_retries = retries;
        self
    }

    /// How often a call is sent again that failed, and may be; see
    /// [`policy`](crate::policy#what-is-sent-again). [`Retry::NONE`] is for never.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.policies.retry = retry;
        self
    }

    /// How much is sent again over all calls, a tenth of them by default; see [`RetryBudget`].
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.policies.retry_budget = budget;
        self
    }

    /// What calls do while the platform is unavailable. By default bulk work waits, and interactive
    /// calls fail at once.
    pub fn on_unavailable(mut self, what: OnUnavailable) -> Self {
        self.policies.on_unavailable = Some(what);
        self
    }

    /// Longest time for which one call waits until the platform is available, 2 hours by default.
    pub fn max_unavailable_wait(mut self, wait: Duration) -> Self {
        self.policies.max_unavailable_wait = wait;
        self
    }

    /// Rate limits for this client alone, in place of what [`RateLimits`] has for the platform.
    pub fn rate_limits(self, limits: RateLimits) -> Self {
        self.organisation(&Organisation::new(limits))
    }

    /// Draws on a rate budget that other clients draw on, too.
    ///
    /// By default clients of this process share one when they have the same base URL and belong to
    /// the same organisation: their certificates name the same one (Kite), or they have the same
    /// credentials.
    pub fn organisation(mut self, organisation: &Organisation) -> Self {
        self.organisation = Some(organisation.clone());
        self
    }

    /// Puts this transport at the bottom instead of HTTPS: a test double, or one of your own.
    /// Certificates, roots, URLs and the connect timeout are its own affair then. It is asked for
    /// everything that the client needs: the downloads of Kite's reports and prebills and, where there
    /// are credentials, access tokens (operation `createToken`), too.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }
}

impl<P: Platform> fmt::Debug for ClientBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("https", &self.https)
            .field("policies", &self.policies)
            .finish_non_exhaustive()
    }
}
