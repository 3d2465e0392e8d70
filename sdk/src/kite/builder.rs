use std::sync::Arc;
use std::time::Duration;

use mno_runtime::transport::Transport;
use mno_runtime::{Error, ErrorKind};

#[cfg(feature = "soap")]
use super::wire::{Service, WireVersion, WireVersions};
use super::{Inner, Kite, PRODUCTION, shared};
use crate::http::{HttpsBuilder, HttpsTransport};
use crate::identity::Identity;
use crate::policy::{Organisation, Pipeline, Policies, RateLimits};

/// Sets up a [`Kite`] client.
#[must_use = "a builder does nothing until build() is called"]
pub struct KiteBuilder {
    https: HttpsBuilder,
    policies: Policies,
    organisation: Option<Organisation>,
    transport: Option<Arc<dyn Transport>>,
    #[cfg(feature = "soap")]
    wire_versions: WireVersions,
}

impl KiteBuilder {
    pub(super) fn new() -> Self {
        Self {
            https: HttpsTransport::builder(PRODUCTION),
            policies: Policies::default(),
            organisation: None,
            transport: None,
            #[cfg(feature = "soap")]
            wire_versions: WireVersions::new(),
        }
    }

    fn https(mut self, change: impl FnOnce(HttpsBuilder) -> HttpsBuilder) -> Self {
        self.https = change(self.https);
        self
    }

    /// The client certificate: it tells the platform which organisation calls.
    pub fn identity(self, identity: Identity) -> Self {
        self.https(|https| https.identity(identity))
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

    /// Where the platform is, [`PRODUCTION`] by default: `https://host:port`, with a path prefix
    /// if need be.
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

    /// Rate limits for this client alone, in place of [`RateLimits::kite`].
    pub fn rate_limits(self, limits: RateLimits) -> Self {
        self.organisation(&Organisation::new(limits))
    }

    /// Draws on a rate budget that other clients draw on, too.
    ///
    /// By default clients of this process share one when their certificates name the same
    /// organisation and they have the same base URL.
    pub fn organisation(mut self, organisation: &Organisation) -> Self {
        self.organisation = Some(organisation.clone());
        self
    }

    /// Puts this transport at the bottom instead of HTTPS: a test double, or one of your own.
    /// Identity, roots, base URL and connect timeout are its own affair then; it is asked for the
    /// downloads of reports, too.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Speaks to a service under other versions than its contract's: one in the path, one in the
    /// namespace of the messages. The messages themselves stay those of the contract.
    ///
    /// For a platform that serves them so: the guide's own example of `updateCommercialGroup`
    /// posts to version 4 with the namespace of version 2. It goes for the service's handle; the
    /// clients of older versions take an [`Endpoint`](mno_runtime::soap::Endpoint) of their own.
    ///
    /// ```
    /// use mno_sdk::Kite;
    /// use mno_sdk::kite::Service;
    ///
    /// let builder = Kite::builder().wire_version(Service::CommercialGroup, "v4", "v2");
    /// ```
    #[cfg(feature = "soap")]
    pub fn wire_version(
        mut self,
        service: Service,
        path: impl Into<String>,
        namespace: impl Into<String>,
    ) -> Self {
        let version = WireVersion {
            path: path.into(),
            namespace: namespace.into(),
        };
        self.wire_versions.insert(service, version);
        self
    }

    /// Makes the client. It connects with the first call.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: there is no identity, the base URL is not an https one, an
    /// extra root cannot be read.
    pub fn build(self) -> Result<Kite, Error> {
        let Self {
            https,
            policies,
            organisation,
            transport,
            #[cfg(feature = "soap")]
            wire_versions,
        } = self;
        let certificate_expires = https.identity.as_ref().map(Identity::not_after);
        let organisation = match (organisation, &https.identity) {
            (Some(organisation), _) => organisation,
            (None, Some(identity)) => shared::organisation(&https.base_url, identity),
            (None, None) => Organisation::new(RateLimits::kite()),
        };
        #[cfg(feature = "kite-reports-v1")]
        let downloads = match &transport {
            Some(double) => super::services::Downloads::Double(double.clone()),
            None => super::services::Downloads::Https(https.clone()),
        };
        let below: Arc<dyn Transport> = match transport {
            Some(transport) => transport,
            None if https.identity.is_some() => Arc::new(https.build()?),
            None => {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    "Kite knows its callers by their client certificate, and there is none: give \
                     one with identity(Identity::from_pkcs12(…)?)",
                ));
            }
        };
        let transport = Arc::new(Pipeline::new(below, &organisation, policies));
        Ok(Kite(Arc::new(Inner {
            transport,
            organisation,
            certificate_expires,
            #[cfg(feature = "soap")]
            wire_versions,
            #[cfg(feature = "kite-reports-v1")]
            downloads,
        })))
    }
}

impl std::fmt::Debug for KiteBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KiteBuilder")
            .field("https", &self.https)
            .field("policies", &self.policies)
            .finish_non_exhaustive()
    }
}
