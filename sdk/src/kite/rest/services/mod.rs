//! A handle for each service: what a user finds by typing a dot.

#[cfg(feature = "kite-rest-echo-v1")]
mod echo;
#[cfg(feature = "kite-rest-inventory-v13")]
mod inventory;
#[cfg(feature = "kite-rest-reports-v1")]
mod reports;
#[cfg(feature = "kite-rest-service-packs-v2")]
mod service_packs;

#[cfg(feature = "kite-rest-echo-v1")]
pub use echo::Echo;
#[cfg(feature = "kite-rest-inventory-v13")]
pub use inventory::{Inventory, SimId};
#[cfg(feature = "kite-rest-reports-v1")]
pub use reports::Reports;
#[cfg(feature = "kite-rest-service-packs-v2")]
pub use service_packs::{ServicePackStream, ServicePacks};
