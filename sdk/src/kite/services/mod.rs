//! A handle for each service: what a user finds by typing a dot.

#[cfg(feature = "kite-echo-v1")]
mod echo;
#[cfg(feature = "kite-end-customers-v2")]
mod end_customers;
#[cfg(feature = "kite-inventory-v12")]
mod inventory;
#[cfg(feature = "kite-reports-v1")]
mod reports;
#[cfg(feature = "kite-supplementary-services-v2")]
mod supplementary_services;
#[cfg(feature = "kite-users-v3")]
mod users;

#[cfg(feature = "kite-echo-v1")]
pub use echo::Echo;
#[cfg(feature = "kite-end-customers-v2")]
pub use end_customers::{EndCustomerId, EndCustomerStream, EndCustomers};
#[cfg(feature = "kite-inventory-v12")]
pub use inventory::{
    Inventory, OutreachEvent, Sms, SmsBatch, SmsOutcome, SubscriptionFilter, SubscriptionStream,
    TargetState, Technology,
};
#[cfg(feature = "kite-reports-v1")]
pub(crate) use reports::Downloads;
#[cfg(feature = "kite-reports-v1")]
pub use reports::{DailyConsumption, FileName, ReportFile, ReportOptions, Reports, Row, Rows};
#[cfg(feature = "kite-supplementary-services-v2")]
pub use supplementary_services::SupplementaryServices;
#[cfg(feature = "kite-users-v3")]
pub use users::{UserFilter, UserStream, Users};
