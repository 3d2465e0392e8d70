//! Telefónica's Kite platform.

mod builder;
#[cfg(feature = "kite-inventory-v12")]
mod groups;
#[cfg(feature = "soap")]
mod services;
#[cfg(feature = "waits")]
mod wait;
#[cfg(feature = "soap")]
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use mno_runtime::transport::Transport;

use crate::policy::Organisation;

pub use builder::KiteBuilder;
#[cfg(feature = "kite-inventory-v12")]
pub use groups::CommercialGroupId;
#[cfg(feature = "soap")]
pub use services::*;
#[cfg(feature = "waits")]
pub use wait::Wait;
#[cfg(feature = "soap")]
pub use wire::Service;

/// Messages and types of the inventory (version 12).
#[cfg(feature = "kite-inventory-v12")]
pub mod inventory {
    pub use mno_kite_inventory_v12::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the reports (version 1).
#[cfg(feature = "kite-reports-v1")]
pub mod reports {
    pub use mno_kite_reports_v1::{Client, faults::*, operations::*, types::*};
}

/// The documented production address.
pub const PRODUCTION: &str = "https://kiteplatform-api.telefonica.com:8010";

/// A client of the Kite platform; cheap to clone, and meant to be made once and shared.
#[derive(Clone)]
pub struct Kite(Arc<Inner>);

struct Inner {
    transport: Arc<dyn Transport>,
    organisation: Organisation,
    certificate_expires: Option<SystemTime>,
    #[cfg(feature = "soap")]
    wire_versions: wire::WireVersions,
    #[cfg(feature = "kite-reports-v1")]
    downloads: services::Downloads,
}

impl Kite {
    /// Begins a client: it needs an [identity](KiteBuilder::identity), and nothing else.
    pub fn builder() -> KiteBuilder {
        KiteBuilder::new(PRODUCTION, builder::Settings::default())
    }

    /// Is the platform there?
    #[cfg(feature = "kite-echo-v1")]
    #[must_use]
    pub fn echo(&self) -> Echo {
        Echo::new(self)
    }

    /// The SIMs of the organisation.
    #[cfg(feature = "kite-inventory-v12")]
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        Inventory::new(self)
    }

    /// Reports: ordered, waited for, downloaded.
    #[cfg(feature = "kite-reports-v1")]
    #[must_use]
    pub fn reports(&self) -> Reports {
        Reports::new(self, self.0.downloads.clone())
    }

    /// The policies with the HTTPS client below: what generated clients are built on.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0.transport)
    }

    /// The rate budget that this client draws on.
    #[must_use]
    pub fn organisation(&self) -> &Organisation {
        &self.0.organisation
    }

    /// When the client certificate expires; `None` without one.
    #[must_use]
    pub fn certificate_expires(&self) -> Option<SystemTime> {
        self.0.certificate_expires
    }
}

impl fmt::Debug for Kite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kite")
            .field("organisation", &self.0.organisation)
            .field("certificate_expires", &self.0.certificate_expires)
            .finish_non_exhaustive()
    }
}
