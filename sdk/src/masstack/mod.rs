//! MasStack Partners API (MasOrange).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mno_runtime::Error;
use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::transport::Transport;

use crate::auth::{
    Connection, Grant, ServiceAccount, TokenCall, TokenPlace, TokenSettings, connect,
};
use crate::builder::sealed::Sealed;
use crate::builder::{ClientBuilder, Platform};
use crate::policy::{Organisation, RateLimits};

/// The production address, concluded from the names of the operator's other APIs: the documents
/// show [`STAGING`] alone.
pub const PRODUCTION: &str = "https://partners.masstack.com";

/// The address of the staging environment. A service account is for one environment: its
/// `token_uri` tells which.
pub const STAGING: &str = "https://partners.sta.masstack.com";

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
pub struct MasStack(Arc<Connection>);

/// Sets up a [`MasStack`] client.
pub type MasStackBuilder = ClientBuilder<MasStack>;

impl Sealed for MasStack {}

impl Platform for MasStack {
    type Settings = TokenSettings<ServiceAccount>;
}

impl MasStackBuilder {
    /// Makes the client. It connects with the first call, and asks for an access token then.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](mno_runtime::ErrorKind::Configuration): there are no
    /// credentials, the base URL or the token URL is not an https one, an extra root
    /// cannot be read.
    pub fn build(mut self) -> Result<MasStack, Error> {
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
        Ok(MasStack(Arc::new(connection)))
    }
}

impl MasStack {
    /// Begins a client: it needs [credentials](ClientBuilder::credentials), and nothing else.
    pub fn builder() -> MasStackBuilder {
        MasStackBuilder::new(PRODUCTION, TokenSettings::default())
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

impl fmt::Debug for MasStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasStack")
            .field("organisation", &self.0.organisation)
            .finish_non_exhaustive()
    }
}
