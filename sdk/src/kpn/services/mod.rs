//! A handle for each group of operations: what a user finds by typing a dot.

mod baskets;
mod contracts;
mod finances;
mod hierarchy;
mod orders;
mod sims;
mod subscribers;
mod thresholds;

use bytes::Bytes;
use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::Body;
use mno_runtime::{Error, ErrorKind};

use super::msm::{OrderSummary, OrderSummaryStatus};

pub use baskets::{
    Basket, BasketState, Baskets, Checkout, Delivery, Filled, Fresh, InTemplate, Kept,
    MainProductStream, PortIn, TemplateStream,
};
pub use contracts::{ContractStream, Contracts};
pub use finances::{Finances, InvoiceStream};
pub use hierarchy::{Hierarchy, HierarchyStream};
pub use orders::{OrderStream, Orders, PortingDate, ServiceRequestStream, Tracked};
pub use sims::{NewSim, Sims};
pub use subscribers::{RoleStream, SubscriberEdit, SubscriberStream, Subscribers};
pub use thresholds::Thresholds;

/// A handle: the generated client, and what its calls are made with.
macro_rules! handle {
    ($(#[$doc:meta])+ $name:ident) => {
        $(#[$doc])+
        #[derive(Debug, Clone)]
        pub struct $name {
            client: $crate::kpn::msm::Client,
            #[allow(dead_code)] // for lists
            options: mno_runtime::transport::CallOptions,
        }

        impl $name {
            pub(crate) fn new(kpn: &$crate::kpn::Kpn) -> Self {
                Self {
                    client: $crate::kpn::msm::Client::new(kpn.transport()),
                    options: mno_runtime::transport::CallOptions::default(),
                }
            }

            /// The same handle with options (deadline, priority, longest wait for a permit) for
            /// every call from here on.
            #[must_use]
            pub fn with_options(&self, options: mno_runtime::transport::CallOptions) -> Self {
                Self {
                    client: self.client.with_options(options.clone()),
                    options,
                }
            }

            /// The generated client, for everything that this handle does not do. It is the same
            /// for all handles, and has every operation.
            #[must_use]
            pub fn raw(&self) -> &$crate::kpn::msm::Client {
                &self.client
            }

            /// A client for lists: their calls wait behind interactive ones.
            #[allow(dead_code)] // for lists
            fn bulk(&self) -> $crate::kpn::msm::Client {
                let options = self.options.clone();
                let bulk = mno_runtime::transport::Priority::Bulk;
                self.client.with_options(options.with_priority(bulk))
            }
        }
    };
}
use handle;

/// An order that the platform has taken, which is not to say that it is done: an order takes
/// seconds to days, and [`Orders::wait_for`] waits for it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Placed {
    /// What it is tracked by. The reference is not fit for that: it comes back with something
    /// appended.
    pub id: i64,
    /// The answer.
    pub summary: OrderSummary,
}

impl Placed {
    fn of(facts: &'static OperationFacts, summary: OrderSummary) -> Result<Self, Error> {
        let id = there(facts, summary.id, "id")?;
        Ok(Self { id, summary })
    }

    /// Whether somebody has to [authorise](Orders::authorize) it before anything happens: the
    /// caller has the privilege to create orders and no other.
    #[must_use]
    pub fn waits_for_authorization(&self) -> bool {
        self.summary.status == Some(OrderSummaryStatus::WaitingForAuthorization)
    }
}

/// A member that the answer to a write has to have.
fn there<T>(facts: &'static OperationFacts, value: Option<T>, name: &str) -> Result<T, Error> {
    value.ok_or_else(|| {
        let message = "it was carried out, and the answer lacks what it made: look for it, and do \
                       not send it again";
        Error::new(ErrorKind::UnexpectedResponse, message)
            .with_operation(facts)
            .with_path(name)
    })
}

/// Nothing was sent.
fn invalid(facts: &'static OperationFacts, path: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
        .with_operation(facts)
        .with_path(path)
}

/// Longest file that is read into memory.
const MAX_FILE: usize = 64 << 20;

/// Reads a file to its end.
async fn file(facts: &'static OperationFacts, body: Body) -> Result<Bytes, Error> {
    let read = body.collect(MAX_FILE).await;
    read.map_err(|e| Error::from_transport(facts, e))
}
