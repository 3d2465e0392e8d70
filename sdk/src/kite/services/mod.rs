//! A handle for each service: what a user finds by typing a dot.

#[cfg(feature = "kite-billing-account-v1")]
mod billing_accounts;
#[cfg(feature = "kite-commercial-group-v4")]
mod commercial_groups;
#[cfg(feature = "kite-customers-v2")]
mod customers;
#[cfg(feature = "kite-echo-v1")]
mod echo;
#[cfg(feature = "kite-inventory-v12")]
mod inventory;
#[cfg(feature = "kite-reports-v1")]
mod reports;

#[cfg(feature = "kite-billing-account-v1")]
pub use billing_accounts::BillingAccounts;
#[cfg(feature = "kite-commercial-group-v4")]
pub use commercial_groups::CommercialGroups;
#[cfg(feature = "kite-customers-v2")]
pub use customers::Customers;
#[cfg(feature = "kite-echo-v1")]
pub use echo::Echo;
#[cfg(feature = "kite-inventory-v12")]
pub use inventory::{
    Inventory, OutreachEvent, Sms, SmsBatch, SmsOutcome, SubscriptionFilter, SubscriptionStream,
    TargetState, Technology,
};
#[cfg(feature = "kite-reports-v1")]
pub(crate) use reports::Downloads;
#[cfg(feature = "kite-reports-v1")]
pub use reports::{DailyConsumption, FileName, ReportFile, ReportOptions, Reports, Row, Rows};
