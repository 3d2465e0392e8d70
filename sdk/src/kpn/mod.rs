//! KPN Mobile Service Management.

mod services;
mod windows;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mno_runtime::Error;
use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::transport::Transport;

use crate::auth::{
    ClientCredentials, Connection, Grant, TokenCall, TokenPlace, TokenSettings, connect,
};
use crate::builder::sealed::Sealed;
use crate::builder::{ClientBuilder, Platform};
use crate::policy::{Organisation, RateLimits};

pub use services::*;
pub use windows::{ContractColumn, FilterColumn, Filters, ProductColumn, SubscriberColumn};

/// Messages and types of Mobile Service Management (version 11).
pub mod msm {
    pub use mno_kpn_msm_v11::{Client, faults::*, operations::*, types::*};
}

/// The documented address, of the test environment and of production: the account decides which.
pub const PRODUCTION: &str = "https://api-prd.kpn.com";

/// Where tokens are had: not where the rest of KPN's APIs have theirs.
const TOKEN_PATH: &str = "/oauth/grip/msm/accesstoken";

static TOKEN: OperationFacts =
    OperationFacts::new("kpn", "createToken", Protocol::rest("POST", TOKEN_PATH))
        .budget("kpn/token")
        .max_runtime(Duration::from_secs(30))
        .idempotency(Idempotency::Idempotent)
        .evidence(Evidence::Documented);

/// The client of KPN Mobile Service Management; cheap to clone.
///
/// One set of credentials belongs to one business customer of KPN's. A token is handed out also to
/// a project that lacks this API; its calls then end in 401 or 403.
///
/// ```no_run
/// use mno_sdk::Kpn;
/// use mno_sdk::auth::ClientCredentials;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secret = std::env::var("KPN_CLIENT_SECRET")?;
/// let kpn = Kpn::builder()
///     .credentials(ClientCredentials::new("made-up-client-id", secret))
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Kpn(Arc<Connection>);

/// Sets up a [`Kpn`] client.
pub type KpnBuilder = ClientBuilder<Kpn>;

impl Sealed for Kpn {}

impl Platform for Kpn {
    type Settings = TokenSettings<ClientCredentials>;
}

impl KpnBuilder {
    /// Makes the client. It connects with the first call, and asks for an access token then.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](mno_runtime::ErrorKind::Configuration): there are no
    /// credentials or an empty one, the base URL or the token URL is not an https one, an extra root
    /// cannot be read.
    pub fn build(mut self) -> Result<Kpn, Error> {
        let tokens = match self.settings.credentials.take() {
            None => None,
            Some(credentials) => {
                credentials.check()?;
                Some(TokenCall {
                    facts: &TOKEN,
                    at: TokenPlace::Path(TOKEN_PATH),
                    owner: credentials.id().to_owned(),
                    grant: Grant::Form(credentials),
                })
            }
        };
        let advice = "KPN wants an access token, and there are no credentials: give them with \
                      credentials(ClientCredentials::new(client_id, client_secret))";
        let connection = connect(self, tokens, RateLimits::kpn(), advice)?;
        Ok(Kpn(Arc::new(connection)))
    }
}

impl Kpn {
    /// Begins a client: it needs [credentials](ClientBuilder::credentials), and nothing else.
    pub fn builder() -> KpnBuilder {
        KpnBuilder::new(PRODUCTION, TokenSettings::default())
    }

    /// The subscribers of the customer.
    #[must_use]
    pub fn subscribers(&self) -> Subscribers {
        Subscribers::new(self)
    }

    /// The contracts of the subscribers.
    #[must_use]
    pub fn contracts(&self) -> Contracts {
        Contracts::new(self)
    }

    /// SIM cards of contracts: blocked, unblocked, replaced.
    #[must_use]
    pub fn sims(&self) -> Sims {
        Sims::new(self)
    }

    /// Baskets, through which contracts are ordered and changed.
    #[must_use]
    pub fn baskets(&self) -> Baskets {
        Baskets::new(self)
    }

    /// Orders and service requests: tracked, waited for, authorised, cancelled.
    #[must_use]
    pub fn orders(&self) -> Orders {
        Orders::new(self)
    }

    /// Thresholds: how much a contract may use in a day.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        Thresholds::new(self)
    }

    /// The customer's hierarchy: debtors, cost centres, groups.
    #[must_use]
    pub fn hierarchy(&self) -> Hierarchy {
        Hierarchy::new(self)
    }

    /// Invoices, and how long billing data are kept.
    #[must_use]
    pub fn finances(&self) -> Finances {
        Finances::new(self)
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
}

/// The platform's code for why it refused a call, in whichever of its shapes it wrote it; `None`
/// when it named none.
///
/// Read it before [`is_not_found`](Error::is_not_found): some refusals of another nature come with
/// status 404.
///
/// ```no_run
/// # async fn example(kpn: mno_sdk::Kpn) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kpn::error_code;
/// use mno_sdk::kpn::msm::ErrorCode;
///
/// match kpn.thresholds().remove([9_001]).await {
///     Err(e) if error_code(&e) == Some(&ErrorCode::RemovingBlocked) => println!("in use"),
///     Err(e) if e.is_not_found() => println!("gone already"),
///     other => other?,
/// }
/// # Ok(()) }
/// ```
#[must_use]
pub fn error_code(error: &Error) -> Option<&msm::ErrorCode> {
    let refused: &msm::ErrorResponse = error.fault()?;
    let wrapped = || refused.error.as_ref()?.name.as_ref();
    refused.name.as_ref().or_else(wrapped)
}

impl fmt::Debug for Kpn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kpn")
            .field("organisation", &self.0.organisation)
            .finish_non_exhaustive()
    }
}
