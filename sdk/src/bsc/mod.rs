//! Telekom Business Smart Connect.

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

/// The documented address (guide 3.1).
pub const PRODUCTION: &str = "https://api-business-portal-smart-connect.telekom.de";

/// Where tokens are had (guide 3.1).
const TOKEN_PATH: &str = "/management-api/oauth/token";

static TOKEN: OperationFacts = OperationFacts::new(
    "telekom-bsc",
    "createToken",
    Protocol::rest("POST", TOKEN_PATH),
)
.budget("telekom-bsc/token")
.max_runtime(Duration::from_secs(30))
.idempotency(Idempotency::Idempotent)
.evidence(Evidence::Documented);

/// The client of Telekom Business Smart Connect (Management API); cheap to clone.
///
/// ```no_run
/// use mno_sdk::TelekomBsc;
/// use mno_sdk::auth::ClientCredentials;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let password = std::env::var("BSC_PASSWORD")?;
/// let bsc = TelekomBsc::builder()
///     .credentials(ClientCredentials::new("made-up-portal-user", password))
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TelekomBsc(Arc<Connection>);

/// Sets up a [`TelekomBsc`] client.
pub type TelekomBscBuilder = ClientBuilder<TelekomBsc>;

impl Sealed for TelekomBsc {}

impl Platform for TelekomBsc {
    type Settings = TokenSettings<ClientCredentials>;
}

impl TelekomBscBuilder {
    /// Makes the client. It connects with the first call, and asks for an access token then.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](mno_runtime::ErrorKind::Configuration): there are no
    /// credentials, an empty one or a user name with a
    /// colon, the base URL or the token URL is not an https one, an extra root
    /// cannot be read.
    pub fn build(mut self) -> Result<TelekomBsc, Error> {
        let tokens = match self.settings.credentials.take() {
            None => None,
            Some(credentials) => {
                credentials.check_for_basic()?;
                Some(TokenCall {
                    facts: &TOKEN,
                    at: TokenPlace::Path(TOKEN_PATH),
                    owner: credentials.id().to_owned(),
                    grant: Grant::Basic(credentials),
                })
            }
        };
        let advice = "Business Smart Connect wants an access token, and there are no credentials: give \
                      them with credentials(ClientCredentials::new(portal_user, password))";
        let connection = connect(self, tokens, RateLimits::telekom_bsc(), advice)?;
        Ok(TelekomBsc(Arc::new(connection)))
    }
}

impl TelekomBsc {
    /// Begins a client: it needs [credentials](ClientBuilder::credentials), and nothing else.
    pub fn builder() -> TelekomBscBuilder {
        TelekomBscBuilder::new(PRODUCTION, TokenSettings::default())
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

impl fmt::Debug for TelekomBsc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelekomBsc")
            .field("organisation", &self.0.organisation)
            .finish_non_exhaustive()
    }
}
