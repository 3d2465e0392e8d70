//! MasStack Partners API (MasOrange).

mod barrings;
mod billing;
mod order;
mod promotions;
mod services;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::rest::Endpoint;
use mno_runtime::transport::Transport;
use mno_runtime::{Error, ErrorKind, Operation};

use crate::auth::{
    Connection, Grant, ServiceAccount, TokenCall, TokenPlace, TokenSettings, connect,
};
use crate::builder::sealed::Sealed;
use crate::builder::{ClientBuilder, Platform};
use crate::policy::{Organisation, RateLimits};

pub use barrings::Barrings;
pub use billing::Billing;
pub use order::{CorrelationId, ServiceId, Taken};
pub use promotions::Promotions;
pub use services::Services;

/// Messages and types of the Partners API (version 3).
///
/// The body of the operation [`UpdateMultisimService`](partners::UpdateMultisimService) has the
/// same name in the contract; here it is
/// [`UpdateMultisimServiceRequest`](partners::UpdateMultisimServiceRequest).
pub mod partners {
    pub use mno_masstack_partners_v3::operations::UpdateMultisimService;
    pub use mno_masstack_partners_v3::types::UpdateMultisimService as UpdateMultisimServiceRequest;
    pub use mno_masstack_partners_v3::{Client, faults::*, operations::*, types::*};
}

/// Generates an id.
macro_rules! id {
    ($(#[$doc:meta])+ $name:ident) => {
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id, as the platform writes it.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the platform writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// Id of a promotion in the operator's catalogue: what is given.
    ///
    /// What was given has an id of its own, a [`PromotionId`]; two types keep them apart.
    ///
    /// ```compile_fail
    /// use mno_sdk::masstack::{CataloguePromotionId, PromotionId};
    ///
    /// let given: PromotionId = CataloguePromotionId::new("1001");
    /// ```
    CataloguePromotionId
}

id! {
    /// Id of a promotion that a service was given.
    PromotionId
}

id! {
    /// Id of a charge or discount, as its answer has it: what a refund names. Its form is not known.
    MovementId
}

id! {
    /// Id of a refund, as its answer has it.
    RefundId
}

/// The production address, concluded from the names of the operator's other APIs: the documents
/// show [`STAGING`] alone.
pub const PRODUCTION: &str = "https://partners.masstack.com";

/// The address of the staging environment. A service account is for one environment: its
/// `token_uri` tells which.
pub const STAGING: &str = "https://partners.sta.masstack.com";

/// Names of all operations.
const OPERATIONS: [&str; 12] = [
    partners::CreateMovement::FACTS.operation,
    partners::CreateNonSubscribableMovement::FACTS.operation,
    partners::CreateNonSubscribableRefund::FACTS.operation,
    partners::CreatePromotion::FACTS.operation,
    partners::CreateRefund::FACTS.operation,
    partners::CreateService::FACTS.operation,
    partners::GetBarrings::FACTS.operation,
    partners::TerminateDeviceInsurance::FACTS.operation,
    partners::UpdateBarring::FACTS.operation,
    partners::UpdateMultisimService::FACTS.operation,
    partners::UpdatePromotion::FACTS.operation,
    partners::UpdateServiceDevice::FACTS.operation,
];

/// The path is the service account's.
static TOKEN: OperationFacts = OperationFacts::new(
    "masstack",
    "createToken",
    Protocol::rest("POST", "/oauth/token"),
)
.budget("masstack/token")
.max_runtime(Duration::from_secs(30))
.idempotency(Idempotency::Idempotent)
.evidence(Evidence::Documented);

/// The client of MasStack's Partners API; cheap to clone.
///
/// ```no_run
/// use mno_sdk::MasStack;
/// use mno_sdk::auth::ServiceAccount;
/// use mno_sdk::masstack::STAGING;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let account = ServiceAccount::from_json(&std::fs::read("service-account.json")?)?;
/// let masstack = MasStack::builder()
///     .credentials(account)
///     .base_url(STAGING)
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MasStack(Arc<Inner>);

struct Inner {
    connection: Connection,
    /// Paths of operations in place of the contract's.
    paths: BTreeMap<String, String>,
}

/// Sets up a [`MasStack`] client.
pub type MasStackBuilder = ClientBuilder<MasStack>;

impl Sealed for MasStack {}

impl Platform for MasStack {
    type Settings = TokenSettings<ServiceAccount>;
}

impl MasStackBuilder {
    /// Another path for one operation: no document shows those of the operations whose evidence is
    /// *inferred*. Parameters stand in braces, as in the operation's facts, and each has to be there.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let account = mno_sdk::auth::ServiceAccount::from_json(&std::fs::read("account.json")?)?;
    /// let masstack = mno_sdk::MasStack::builder()
    ///     .credentials(account)
    ///     .operation_path("createRefund", "/{service_type}/{service_id}/refunds")
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn operation_path(mut self, operation: impl Into<String>, path: impl Into<String>) -> Self {
        self.settings.paths.insert(operation.into(), path.into());
        self
    }

    /// Makes the client. It connects with the first call, and asks for an access token then.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: there are no credentials, the base URL or the token URL is not
    /// an https one, an extra root cannot be read, a path is given for an operation that there is
    /// not.
    pub fn build(mut self) -> Result<MasStack, Error> {
        let paths = std::mem::take(&mut self.settings.paths);
        if let Some(unknown) = paths
            .keys()
            .find(|name| !OPERATIONS.contains(&name.as_str()))
        {
            let message =
                format!("a path is given for the operation `{unknown}`, which there is not");
            return Err(Error::new(ErrorKind::Configuration, message)
                .with_advice(&format!("the operations are {}", OPERATIONS.join(", "))));
        }
        let credentials = self.settings.credentials.take();
        let tokens = credentials.map(|account| TokenCall {
            facts: &TOKEN,
            at: TokenPlace::Url(account.token_uri().to_owned()),
            owner: account.email().to_owned(),
            grant: Grant::Assertion(account),
        });
        let advice = "MasStack wants an access token, and there are no credentials: give them with \
                      credentials(ServiceAccount::from_json(…)?)";
        let connection = connect(self, tokens, RateLimits::masstack(), advice)?;
        Ok(MasStack(Arc::new(Inner { connection, paths })))
    }
}

impl MasStack {
    /// Begins a client: it needs [credentials](ClientBuilder::credentials), and nothing else.
    pub fn builder() -> MasStackBuilder {
        MasStackBuilder::new(PRODUCTION, TokenSettings::default())
    }

    /// What services may not do.
    #[must_use]
    pub fn barrings(&self) -> Barrings {
        Barrings::new(self)
    }

    /// Charges, discounts and refunds.
    #[must_use]
    pub fn billing(&self) -> Billing {
        Billing::new(self)
    }

    /// Promotions of services.
    #[must_use]
    pub fn promotions(&self) -> Promotions {
        Promotions::new(self)
    }

    /// Services, their devices and second SIMs.
    #[must_use]
    pub fn services(&self) -> Services {
        Services::new(self)
    }

    /// The policies with the HTTPS client below: what generated clients are built on.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0.connection.transport)
    }

    /// The generated client of every handle.
    fn client(&self) -> partners::Client {
        let mut endpoint = Endpoint::new(self.transport(), partners::Client::PATH);
        for (operation, path) in &self.0.paths {
            endpoint = endpoint.with_operation_path(operation, path);
        }
        partners::Client::from_endpoint(endpoint)
    }

    /// The rate budget that this client draws on.
    #[must_use]
    pub fn organisation(&self) -> &Organisation {
        &self.0.connection.organisation
    }
}

impl fmt::Debug for MasStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasStack")
            .field("organisation", &self.0.connection.organisation)
            .finish_non_exhaustive()
    }
}
