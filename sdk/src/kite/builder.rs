use std::sync::Arc;

use mno_runtime::transport::Transport;
use mno_runtime::{Error, ErrorKind};

#[cfg(feature = "soap")]
use super::wire::{Service, WireVersion, WireVersions};
use super::{Inner, Kite};
use crate::builder::sealed::Sealed;
use crate::builder::{ClientBuilder, Platform};
use crate::identity::Identity;
use crate::policy::{Organisation, Pipeline, RateLimits};
use crate::shared;

/// Sets up a [`Kite`] client.
pub type KiteBuilder = ClientBuilder<Kite>;

/// What only Kite's builder knows.
#[derive(Default)]
pub struct Settings {
    #[cfg(feature = "soap")]
    wire_versions: WireVersions,
}

impl Sealed for Kite {}

impl Platform for Kite {
    type Settings = Settings;
}

impl KiteBuilder {
    /// The client certificate: it tells the platform which organisation calls.
    pub fn identity(self, identity: Identity) -> Self {
        self.https(|https| https.identity(identity))
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
        self.settings.wire_versions.insert(service, version);
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
            settings,
        } = self;
        #[cfg(feature = "soap")]
        let Settings { wire_versions } = settings;
        #[cfg(not(feature = "soap"))]
        let Settings {} = settings;
        let certificate_expires = https.identity.as_ref().map(Identity::not_after);
        let organisation = match (organisation, &https.identity) {
            (Some(organisation), _) => organisation,
            (None, Some(identity)) => {
                let owner = identity
                    .organisation()
                    .unwrap_or(identity.fingerprint_sha256());
                shared::organisation(&https.base_url, owner, RateLimits::kite())
            }
            (None, None) => Organisation::new(RateLimits::kite()),
        };
        #[cfg(feature = "downloads")]
        let downloads = match &transport {
            Some(double) => super::download::Downloads::Double(double.clone()),
            None => super::download::Downloads::Https(https.clone()),
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
            #[cfg(feature = "downloads")]
            downloads,
        })))
    }
}
