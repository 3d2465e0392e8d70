//! A handle for each service: what a user finds by typing a dot.

#[cfg(feature = "kite-billing-account-v1")]
mod billing_accounts;
#[cfg(feature = "kite-commercial-group-v4")]
mod commercial_groups;
#[cfg(feature = "kite-customers-v2")]
mod customers;
#[cfg(feature = "kite-diagnostic-inventory-v1")]
mod diagnostics;
#[cfg(feature = "kite-echo-v1")]
mod echo;
#[cfg(feature = "kite-end-customers-v2")]
mod end_customers;
#[cfg(feature = "kite-inventory-v12")]
mod inventory;
#[cfg(feature = "kite-prebill-v1")]
mod prebills;
#[cfg(feature = "kite-reports-v1")]
mod reports;
#[cfg(feature = "kite-service-packs-v2")]
mod service_packs;
#[cfg(feature = "kite-simswap-v1")]
mod simswap;
#[cfg(feature = "kite-supplementary-services-v2")]
mod supplementary_services;
#[cfg(feature = "kite-users-v3")]
mod users;
#[cfg(feature = "kite-vouchers-v1")]
mod vouchers;

#[cfg(feature = "kite-billing-account-v1")]
pub use billing_accounts::BillingAccounts;
#[cfg(feature = "kite-commercial-group-v4")]
pub use commercial_groups::CommercialGroups;
#[cfg(feature = "kite-customers-v2")]
pub use customers::Customers;
#[cfg(feature = "kite-diagnostic-inventory-v1")]
pub use diagnostics::{DiagnosticId, DiagnosticResult, Diagnostics};
#[cfg(feature = "kite-echo-v1")]
pub use echo::Echo;
#[cfg(feature = "kite-end-customers-v2")]
pub use end_customers::{EndCustomerId, EndCustomerStream, EndCustomers};
#[cfg(feature = "kite-inventory-v12")]
pub use inventory::{
    Inventory, OutreachEvent, Sms, SmsBatch, SmsOutcome, SubscriptionFilter, SubscriptionStream,
    TargetState, Technology, UsedTechnology,
};
#[cfg(feature = "kite-prebill-v1")]
pub use prebills::{PrebillFilter, PrebillId, PrebillStream, Prebills};
#[cfg(feature = "kite-reports-v1")]
pub(super) use reports::Orders;
#[cfg(feature = "kite-reports-v1")]
pub use reports::{FleetReport, ReportOptions, Reports};
#[cfg(feature = "kite-service-packs-v2")]
pub use service_packs::{ServicePackStream, ServicePacks};
#[cfg(feature = "kite-simswap-v1")]
pub use simswap::Simswap;
#[cfg(feature = "kite-supplementary-services-v2")]
pub use supplementary_services::SupplementaryServices;
#[cfg(feature = "kite-users-v3")]
pub use users::{UserFilter, UserStream, Users};
#[cfg(feature = "kite-vouchers-v1")]
pub use vouchers::{OneTimeOptions, RecurrentOptions, VoucherId, VoucherInstanceId, Vouchers};

// One type, by whichever way it can be had.
#[cfg(feature = "kite-inventory-v12")]
use mno_kite_inventory_v12::types::SearchParams;
#[cfg(all(feature = "kite-users-v3", not(feature = "kite-inventory-v12")))]
use mno_kite_users_v3::types::SearchParams;

/// What a filter asks for, for checkpoints.
#[cfg(any(feature = "kite-inventory-v12", feature = "kite-users-v3"))]
fn parameters(filters: Option<&SearchParams>) -> Vec<(String, String)> {
    let filters = filters.into_iter().flat_map(|filters| &filters.param);
    filters
        .flat_map(|filter| {
            let values = filter.value.iter();
            values.map(|value| (filter.name.clone(), value.clone()))
        })
        .collect()
}
