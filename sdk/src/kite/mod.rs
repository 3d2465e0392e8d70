//! Telefónica's Kite platform.

mod builder;
#[cfg(feature = "downloads")]
mod download;
#[cfg(any(feature = "kite-commercial-group-v4", feature = "kite-inventory-v12"))]
mod groups;
#[cfg(feature = "report-files")]
mod report_files;
#[cfg(any(
    feature = "kite-rest-echo-v1",
    feature = "kite-rest-inventory-v13",
    feature = "kite-rest-reports-v1",
    feature = "kite-rest-service-packs-v2"
))]
pub mod rest;
#[cfg(feature = "soap")]
mod services;
#[cfg(feature = "soap")]
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use mno_runtime::transport::Transport;

use crate::policy::Organisation;

#[cfg(feature = "waits")]
pub use crate::wait::Wait;
pub use builder::KiteBuilder;
#[cfg(any(feature = "kite-commercial-group-v4", feature = "kite-inventory-v12"))]
pub use groups::CommercialGroupId;
#[cfg(feature = "report-files")]
pub use report_files::{DailyConsumption, FileName, FleetRows, ReportFile, Row, Rows};
#[cfg(feature = "soap")]
#[allow(unused_imports, unreachable_pub)] // with older versions alone there are none
pub use services::*;
#[cfg(feature = "soap")]
pub use wire::Service;

/// Messages and types of the billing accounts (version 1).
#[cfg(feature = "kite-billing-account-v1")]
pub mod billing_accounts {
    pub use mno_kite_billing_account_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the commercial groups (version 4).
#[cfg(feature = "kite-commercial-group-v4")]
pub mod commercial_groups {
    pub use mno_kite_commercial_group_v4::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the commercial groups, version 2.
#[cfg(feature = "kite-commercial-group-v2")]
pub mod commercial_groups_v2 {
    pub use mno_kite_commercial_group_v2::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the customers (version 2).
#[cfg(feature = "kite-customers-v2")]
pub mod customers {
    pub use mno_kite_customers_v2::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the diagnostics (version 1).
#[cfg(feature = "kite-diagnostic-inventory-v1")]
pub mod diagnostics {
    pub use mno_kite_diagnostic_inventory_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the end customers (version 2).
#[cfg(feature = "kite-end-customers-v2")]
pub mod end_customers {
    pub use mno_kite_end_customers_v2::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the end customers (version 1).
#[cfg(feature = "kite-end-customers-v1")]
pub mod end_customers_v1 {
    pub use mno_kite_end_customers_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the inventory (version 12).
#[cfg(feature = "kite-inventory-v12")]
pub mod inventory {
    pub use mno_kite_inventory_v12::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the prebills (version 1).
#[cfg(feature = "kite-prebill-v1")]
pub mod prebills {
    pub use mno_kite_prebill_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the inventory, version 4.
#[cfg(feature = "kite-inventory-v4")]
pub mod inventory_v4 {
    pub use mno_kite_inventory_v4::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the inventory, version 5.
#[cfg(feature = "kite-inventory-v5")]
pub mod inventory_v5 {
    pub use mno_kite_inventory_v5::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the inventory, version 9.
#[cfg(feature = "kite-inventory-v9")]
pub mod inventory_v9 {
    pub use mno_kite_inventory_v9::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the reports (version 1).
#[cfg(feature = "kite-reports-v1")]
pub mod reports {
    pub use mno_kite_reports_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the SIM swap (version 1).
#[cfg(feature = "kite-simswap-v1")]
pub mod simswap {
    pub use mno_kite_simswap_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the supplementary services (version 2).
#[cfg(feature = "kite-supplementary-services-v2")]
pub mod supplementary_services {
    pub use mno_kite_supplementary_services_v2::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the users (version 3).
#[cfg(feature = "kite-users-v3")]
pub mod users {
    pub use mno_kite_users_v3::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the users (version 1).
#[cfg(feature = "kite-users-v1")]
pub mod users_v1 {
    pub use mno_kite_users_v1::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the service packs (version 2).
#[cfg(feature = "kite-service-packs-v2")]
pub mod service_packs {
    pub use mno_kite_service_packs_v2::{Client, faults::*, operations::*, types::*};
}

/// Messages and types of the vouchers (version 1).
#[cfg(feature = "kite-vouchers-v1")]
pub mod vouchers {
    pub use mno_kite_vouchers_v1::{Client, faults::*, operations::*, types::*};
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
    #[cfg(feature = "downloads")]
    downloads: download::Downloads,
    #[cfg(feature = "kite-reports-v1")]
    clock: crate::policy::WallClock,
    #[cfg(feature = "kite-reports-v1")]
    orders: Arc<services::Orders>,
}

impl Kite {
    /// Begins a client: it needs an [identity](KiteBuilder::identity), and nothing else.
    pub fn builder() -> KiteBuilder {
        KiteBuilder::new(PRODUCTION, builder::Settings::default())
    }

    /// The billing accounts of the organisation.
    #[cfg(feature = "kite-billing-account-v1")]
    #[must_use]
    pub fn billing_accounts(&self) -> BillingAccounts {
        BillingAccounts::new(self)
    }

    /// The subscription groups of the organisation.
    #[cfg(feature = "kite-commercial-group-v4")]
    #[must_use]
    pub fn commercial_groups(&self) -> CommercialGroups {
        CommercialGroups::new(self)
    }

    /// The generated client of the commercial groups' version 2.
    #[cfg(feature = "kite-commercial-group-v2")]
    #[must_use]
    pub fn commercial_groups_v2(&self) -> mno_kite_commercial_group_v2::Client {
        commercial_groups_v2::Client::new(self.transport())
    }

    /// The organisation that calls.
    #[cfg(feature = "kite-customers-v2")]
    #[must_use]
    pub fn customers(&self) -> Customers {
        Customers::new(self)
    }

    /// What is wrong with a SIM's connection?
    #[cfg(feature = "kite-diagnostic-inventory-v1")]
    #[must_use]
    pub fn diagnostics(&self) -> Diagnostics {
        Diagnostics::new(self)
    }

    /// Is the platform there?
    #[cfg(feature = "kite-echo-v1")]
    #[must_use]
    pub fn echo(&self) -> Echo {
        Echo::new(self)
    }

    /// The end customers: organisations to which SIMs are passed on.
    #[cfg(feature = "kite-end-customers-v2")]
    #[must_use]
    pub fn end_customers(&self) -> EndCustomers {
        EndCustomers::new(self)
    }

    /// The generated client of version 1 of the end customers, the shape of which is inferred.
    #[cfg(feature = "kite-end-customers-v1")]
    #[must_use]
    pub fn end_customers_v1(&self) -> mno_kite_end_customers_v1::Client {
        end_customers_v1::Client::new(self.transport())
    }

    /// The SIMs of the organisation.
    #[cfg(feature = "kite-inventory-v12")]
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        Inventory::new(self)
    }

    /// What the billing accounts were charged for, cycle by cycle.
    #[cfg(feature = "kite-prebill-v1")]
    #[must_use]
    pub fn prebills(&self) -> Prebills {
        Prebills::new(self, self.0.downloads.clone())
    }

    /// The inventory's version 4, as its generated client; from before Kite 3.3.0 (2017).
    #[cfg(feature = "kite-inventory-v4")]
    #[must_use]
    pub fn inventory_v4(&self) -> mno_kite_inventory_v4::Client {
        inventory_v4::Client::new(self.transport())
    }

    /// The inventory's version 5, as its generated client; of Kite 3.3.0 (2017).
    #[cfg(feature = "kite-inventory-v5")]
    #[must_use]
    pub fn inventory_v5(&self) -> mno_kite_inventory_v5::Client {
        inventory_v5::Client::new(self.transport())
    }

    /// The inventory's version 9, as its generated client; of Kite 5.2.0 (2019).
    #[cfg(feature = "kite-inventory-v9")]
    #[must_use]
    pub fn inventory_v9(&self) -> mno_kite_inventory_v9::Client {
        inventory_v9::Client::new(self.transport())
    }

    /// Reports: ordered, waited for, downloaded.
    #[cfg(feature = "kite-reports-v1")]
    #[must_use]
    pub fn reports(&self) -> Reports {
        Reports::new(self, self.0.downloads.clone())
    }

    /// The services that are called over REST, with the same certificate and rate budget.
    #[cfg(any(
        feature = "kite-rest-echo-v1",
        feature = "kite-rest-inventory-v13",
        feature = "kite-rest-reports-v1",
        feature = "kite-rest-service-packs-v2"
    ))]
    #[must_use]
    pub fn rest(&self) -> rest::KiteRest {
        rest::KiteRest::new(self)
    }

    /// A subscription moves to another card; Mexico OB only.
    #[cfg(feature = "kite-simswap-v1")]
    #[must_use]
    pub fn simswap(&self) -> Simswap {
        Simswap::new(self)
    }

    /// The supplementary services: which there are, and what they cost.
    #[cfg(feature = "kite-supplementary-services-v2")]
    #[must_use]
    pub fn supplementary_services(&self) -> SupplementaryServices {
        SupplementaryServices::new(self)
    }

    /// The user accounts of the web portal.
    #[cfg(feature = "kite-users-v3")]
    #[must_use]
    pub fn users(&self) -> Users {
        Users::new(self)
    }

    /// The generated client of version 1 of the users, the shape of which is inferred.
    #[cfg(feature = "kite-users-v1")]
    #[must_use]
    pub fn users_v1(&self) -> mno_kite_users_v1::Client {
        users_v1::Client::new(self.transport())
    }

    /// The commercial plans that subscription groups can have.
    #[cfg(feature = "kite-service-packs-v2")]
    #[must_use]
    pub fn service_packs(&self) -> ServicePacks {
        ServicePacks::new(self)
    }

    /// Prepaid vouchers of SIMs: offered, bought, cancelled.
    #[cfg(feature = "kite-vouchers-v1")]
    #[must_use]
    pub fn vouchers(&self) -> Vouchers {
        Vouchers::new(self)
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
