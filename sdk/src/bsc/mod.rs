//! Telekom Business Smart Connect.

mod messages;
mod orders;
mod sims;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mno_runtime::Error;
use mno_runtime::facts::{Evidence, Idempotency, OperationFacts, Protocol};
use mno_runtime::json::Items;
use mno_runtime::transport::{BoxFuture, Transport};
use mno_runtime::values::Iccid;

use crate::auth::{
    ClientCredentials, Connection, Grant, TokenCall, TokenPlace, TokenSettings, connect,
};
use crate::builder::sealed::Sealed;
use crate::builder::{ClientBuilder, Platform};
use crate::paging::{Page, PageStream, unreadable};
use crate::policy::{Organisation, RateLimits};

pub use messages::{Messages, SmsId, SmsStream};
pub use orders::{OrderNumber, OrderStream, Orders};
pub use sims::{EventStream, SimChange, SimFilter, SimStream, Sims};

/// Messages and types of the Management API (version 1).
pub mod management {
    pub use mno_telekom_bsc_v1::{Client, faults::*, operations::*, types::*};
}

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

    /// The SIMs of the organisation.
    #[must_use]
    pub fn sims(&self) -> Sims {
        Sims::new(self)
    }

    /// Short messages to SIMs.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages::new(self)
    }

    /// Orders of SIMs and of top-ups, and products.
    #[must_use]
    pub fn orders(&self) -> Orders {
        Orders::new(self)
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

/// The form of an ICCID in paths, presumably: 19 digits without the check digit.
fn path_iccid(iccid: &Iccid) -> Iccid {
    let digits = iccid.digits();
    match digits.get(..19) {
        Some(without) if digits.len() == 20 && iccid.is_luhn_valid() => Iccid::from_wire(without),
        _ => iccid.clone(),
    }
}

/// What is asked for is a page, by its number from 1, of so many items.
fn stream<T>(
    facts: &'static OperationFacts,
    key: fn(&T) -> Option<String>,
    of: &str,
    fetch: impl Fn(i64, i64) -> BoxFuture<'static, Result<Page<T>, Error>> + Send + 'static,
) -> PageStream<T> {
    let fetch = move |start: u32, size: u32| {
        let page = start.checked_div(size).unwrap_or_default();
        fetch(i64::from(page) + 1, i64::from(size))
    };
    let max = facts.paging.map_or(10, |p| p.max_size);
    PageStream::new(facts, Box::new(fetch), key, max)
        .with_numbered_pages()
        .with_parameters([("of", of.to_owned())])
}

/// A page, with the total of a header that may be missing.
fn page_of<T>(
    items: Items<T>,
    total: Option<i64>,
    what: &str,
    facts: &'static OperationFacts,
) -> Page<T> {
    let items = items.into_iter();
    let items = items.map(|item| item.map_err(unreadable(what, facts)));
    Page {
        items: items.collect(),
        total: total.and_then(|total| u32::try_from(total).ok()),
    }
}
