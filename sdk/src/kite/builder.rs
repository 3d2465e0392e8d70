use std::sync::Arc;

use mno_runtime::transport::Transport;
use mno_runtime::{Error, ErrorKind};

#[cfg(feature = "soap")]
use super::wire::{Service, WireVersion, WireVersions};
use super::{Inner, Kite};
use crate::builder::sealed::Sealed;
use crate::builder::{ClientBuilder, Platform};
use crate::identity::Identity;
#[cfg(feature = "maintenance")]
use crate::policy::Hlr;
use crate::policy::{Maintenance, Organisation, Pipeline, RateLimits, WallClock};
use crate::shared;

/// Sets up a [`Kite`] client.
pub type KiteBuilder = ClientBuilder<Kite>;

/// What only Kite's builder knows.
#[derive(Default)]
pub struct Settings {
    clock: WallClock,
    /// `None` where the caller says nothing.
    #[cfg(feature = "maintenance")]
    hlr: Option<Option<Hlr>>,
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

    /// The home location register that the organisation's SIMs are in: its maintenance windows are
    /// known in advance, and the operations that they close are not sent in them. `None`: none are
    /// known, and the platform has to say so itself.
    ///
    /// By default the one of Spain, where the client speaks to the documented address
    /// ([`PRODUCTION`](crate::kite::PRODUCTION)); none elsewhere.
    ///
    /// ```
    /// use mno_sdk::Kite;
    /// use mno_sdk::policy::Hlr;
    /// use mno_sdk::OnUnavailable;
    ///
    /// let builder = Kite::builder()
    ///     .hlr(Hlr::LatinAmerica)
    ///     .on_unavailable(OnUnavailable::Wait);
    /// ```
    #[cfg(feature = "maintenance")]
    pub fn hlr(mut self, hlr: impl Into<Option<Hlr>>) -> Self {
        self.settings.hlr = Some(hlr.into());
        self
    }

    /// Another clock than the machine's: maintenance windows go by it, and how far back a report can
    /// be ordered.
    pub fn wall_clock(mut self, clock: WallClock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Speaks to a service under other versions than its contract's: one in the path, one in the
    /// namespace of the messages. The messages themselves stay those of the contract.
    ///
    /// For a platform that serves them so: the guide's own example of `updateCommercialGroup`
    /// posts to version 4 with the namespace of version 2. It goes for the service's handle; the
    /// clients of older versions take an [`Endpoint`](mno_runtime::soap::Endpoint) of their own.
    ///
    /// A whole path (`/…`) or namespace (`http://…`) can stand in place of a version: of the
    /// services whose contracts are inferred the name in the namespace is, too.
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
        let maintenance = Maintenance {
            clock: settings.clock.clone(),
            #[cfg(feature = "maintenance")]
            hlr: settings.hlr.unwrap_or_else(|| {
                let is_production = transport.is_none()
                    && https.base_url.trim_end_matches('/') == super::PRODUCTION;
                is_production.then_some(Hlr::Spain)
            }),
        };
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
        let transport =
            Arc::new(Pipeline::new(below, &organisation, policies).with_maintenance(maintenance));
        Ok(Kite(Arc::new(Inner {
            transport,
            organisation,
            certificate_expires,
            #[cfg(feature = "soap")]
            wire_versions: settings.wire_versions,
            #[cfg(feature = "downloads")]
            downloads,
            #[cfg(feature = "kite-reports-v1")]
            clock: settings.clock,
            #[cfg(feature = "kite-reports-v1")]
            orders: Arc::default(),
        })))
    }
}
