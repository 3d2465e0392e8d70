//! Kite's services over REST, in JSON.
//!
//! Over SOAP nothing has changed since 2023; what has come since then is here alone, and so are a
//! few operations that were never in SOAP: a SIM's consumption day by day, its data sessions, a
//! commercial plan in full.

mod services;

use std::sync::Arc;

use mno_runtime::transport::Transport;

use super::Kite;

pub use services::*;

/// Messages and types of the echo (version 1).
#[cfg(feature = "kite-rest-echo-v1")]
pub mod echo {
    pub use mno_kite_rest_echo_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the inventory (version 13).
///
/// `ConsumptionHistory` is the operation; what it reads of a day or of a billing cycle has the
/// same name in the contract and is [`ConsumptionHistoryEntry`](inventory::ConsumptionHistoryEntry) here.
#[cfg(feature = "kite-rest-inventory-v13")]
pub mod inventory {
    pub use mno_kite_rest_inventory_v13::operations::{Block, ConsumptionHistory, GprsHistory};
    pub use mno_kite_rest_inventory_v13::types::{
        BlockCause, BlockRequest, ConsumptionHistory as ConsumptionHistoryEntry,
        ConsumptionHistoryResponse, GprsHistoryResponse, GprsSession, Sgsn, SgsnOperator,
    };
    pub use mno_kite_rest_inventory_v13::{Client, faults::*};
}

/// Messages and types of the reports (version 1).
#[cfg(feature = "kite-rest-reports-v1")]
pub mod reports {
    pub use mno_kite_rest_reports_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the service packs (version 2).
#[cfg(feature = "kite-rest-service-packs-v2")]
pub mod service_packs {
    pub use mno_kite_rest_service_packs_v2::{Client, faults::*, operations::*, types::*};
}

/// Kite's services over REST: [`Kite::rest`].
///
/// They are called with the client's certificate, and draw on its rate budget: an operation that is
/// there over SOAP as well has one budget for both (whether the platform counts so is not stated;
/// the opposite would be the worse mistake).
///
/// Another version than the contract's is a matter of the path:
///
/// ```no_run
/// # #[cfg(feature = "kite-rest-inventory-v13")] {
/// # fn example(kite: mno_sdk::Kite) {
/// use mno_sdk::kite::rest::inventory::Client;
/// use mno_sdk::runtime::rest::Endpoint;
///
/// let path = "/services/REST/GlobalM2M/Inventory/v14/r12";
/// let inventory = Client::from_endpoint(Endpoint::new(kite.transport(), path));
/// # } }
/// ```
#[derive(Debug, Clone)]
pub struct KiteRest {
    kite: Kite,
}

impl KiteRest {
    pub(super) fn new(kite: &Kite) -> Self {
        Self { kite: kite.clone() }
    }

    fn transport(&self) -> Arc<dyn Transport> {
        self.kite.transport()
    }

    /// Is the platform there?
    #[cfg(feature = "kite-rest-echo-v1")]
    #[must_use]
    pub fn echo(&self) -> Echo {
        Echo::new(self.transport())
    }

    /// What SIMs consumed and when they were online; blocks.
    #[cfg(feature = "kite-rest-inventory-v13")]
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        Inventory::new(self.transport())
    }

    /// Reports, some of which cannot be ordered over SOAP.
    #[cfg(feature = "kite-rest-reports-v1")]
    #[must_use]
    pub fn reports(&self) -> Reports {
        Reports::new(self.transport(), self.kite.0.downloads.clone())
    }

    /// The commercial plans, in full: life cycle, restrictions, tariffs.
    #[cfg(feature = "kite-rest-service-packs-v2")]
    #[must_use]
    pub fn service_packs(&self) -> ServicePacks {
        ServicePacks::new(self.transport())
    }
}
