//! MasStack Partners: barrings, billing, promotions, services of lines.

mod account;
mod operations;
mod state;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use self::account::Account;
pub use self::state::{Booking, Promotion, Service};
use self::state::{News, State};
use crate::fleet::{Random, SimId};
use crate::lock;
use crate::rest::{Answer, Call, Callback, Callbacks, Gateway, Platform, Refusal, Route};
use crate::time::Timestamp;

/// Grant type of an assertion.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The platform MasStack, Partners API v3.
///
/// Its operations in the journal and in rules are those of the service `masstack-partners`. What a
/// partner orders is answered with 202, worked on a little later, and told to the partner's URL,
/// which must be of this machine.
///
/// ```no_run
/// # async fn demo(sandbox: &mno_sandbox::Sandbox) {
/// let masstack = sandbox.masstack();
/// let file = masstack.service_account_json(); // what a partner is given
/// masstack.fail_next_orders(1, "INTERNAL_SERVER_ERROR");
/// // … a client logs in with the file and orders a barring …
/// masstack.finish_queued(); // which fails now: the error URL is called
/// # }
/// ```
#[derive(Debug)]
pub struct Masstack {
    gateway: Gateway,
    account: Account,
    state: Mutex<State>,
    callbacks: Arc<Callbacks>,
    changed: Arc<Notify>,
}

impl Masstack {
    pub(crate) fn new(
        seed: u64,
        lines: usize,
        url: &str,
        callbacks: Arc<Callbacks>,
        changed: Arc<Notify>,
    ) -> io::Result<Self> {
        let mut random = Random::new(seed, u64::from_be_bytes(*b"mas auth"));
        let hour = Duration::from_secs(3600);
        let gateway = Gateway::new(url, Self::BASE, Self::TOKEN_PATH, hour);
        let (key_id, client_id) = (random.hex24(), random.next());
        Ok(Self {
            account: Account::new(key_id, client_id, gateway.token_url())?,
            gateway,
            state: Mutex::new(State::new(seed, lines)),
            callbacks,
            changed,
        })
    }

    /// Its tokens and refusals for rate.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The URL that the paths of operations stand behind: `…/v3`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.gateway.base_url()
    }

    /// The URL at which tokens are to be had; the service account's file has it as `token_uri`.
    #[must_use]
    pub fn token_url(&self) -> &str {
        self.gateway.token_url()
    }

    /// The file of the service account that a partner is given, with its private key. The key is
    /// made up and the same in every sandbox.
    #[must_use]
    pub fn service_account_json(&self) -> String {
        format!("{:#}", self.account.file(false))
    }

    /// The same with a key that the platform does not know: it refuses what is signed with it.
    #[must_use]
    pub fn stranger_account_json(&self) -> String {
        format!("{:#}", self.account.file(true))
    }

    /// The account that tokens belong to: `client_email` of the file.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account.email
    }

    /// Lines, policies and services that were created.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        lock(&self.state).services.clone()
    }

    /// The line with this number of nine digits.
    #[must_use]
    pub fn line(&self, msisdn: &str) -> Option<Service> {
        lock(&self.state).service("mobile", msisdn).cloned()
    }

    /// Charges and discounts so far.
    #[must_use]
    pub fn movements(&self) -> Vec<Booking> {
        lock(&self.state).movements.clone()
    }

    /// Refunds so far.
    #[must_use]
    pub fn refunds(&self) -> Vec<Booking> {
        lock(&self.state).refunds.clone()
    }

    /// Promotions so far.
    #[must_use]
    pub fn promotions(&self) -> Vec<Promotion> {
        lock(&self.state).promotions.clone()
    }

    /// How long orders wait that are taken from now on, on tokio's clock (2 seconds by default).
    pub fn queue_for(&self, duration: Duration) {
        lock(&self.state).queued_for = duration;
    }

    /// Works on every order that waits.
    pub fn finish_queued(&self) {
        let news = lock(&self.state).settle(None);
        self.tell(news);
    }

    /// The next so many orders that are worked on fail: nothing changes, and the error URL is called
    /// with this code.
    pub fn fail_next_orders(&self, orders: u32, code: impl Into<String>) {
        lock(&self.state).failing = (orders, code.into());
    }

    /// Calls the partner.
    fn tell(&self, news: Vec<News>) {
        for news in news {
            self.callbacks.send(Callback {
                service: Self::SERVICE,
                operation: news.operation,
                method: Method::POST,
                url: news.url,
                headers: vec![(CORRELATION, news.workflow)],
                body: news.body.to_string(),
                // Whether the platform tries again is not known.
                tries: (1, Duration::ZERO),
            });
        }
    }
}

/// The header that names a call, and comes back in callbacks.
const CORRELATION: &str = "request-correlation-id";

/// A refusal.
fn refused(status: u16, code: &str, title: &str) -> Answer {
    Answer::json(status, &json!({ "code": code, "title": title })).refused(code)
}

impl Platform for Masstack {
    const SERVICE: &'static str = "masstack-partners";
    const VERSION: &'static str = "v3";
    const BASE: &'static str = "/v3";
    const TOKEN_PATH: &'static str = "/oauth/token";
    const ROUTES: &'static [Route<Self>] = operations::ROUTES;

    fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    fn token(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let refused = |error: &str, description: &str| {
            let body = json!({ "error": error, "error_description": description });
            Answer::json(400, &body).refused(error)
        };
        let Some(form) = call.form() else {
            return Err(refused("invalid_request", "The body is not a form"));
        };
        if form.get("grant_type") != Some(GRANT) {
            let description = "The grant type is not that of a JWT";
            return Err(refused("unsupported_grant_type", description));
        }
        let Some(assertion) = form.get("assertion") else {
            return Err(refused("invalid_request", "There is no assertion"));
        };
        if let Err(problem) = self.account.check(assertion) {
            return Err(refused("invalid_grant", problem));
        }
        let mut state = lock(&self.state);
        let now = Timestamp::now().unix();
        let claims = json!({ "sub": self.account.email, "iat": now, "jti": state.random.uuid() });
        let signature = format!("{}{}", state.random.hex24(), state.random.hex24());
        let token = account::token(&claims, &signature);
        let lifetime = self.gateway.issue(&token, &self.account.email);
        Ok(Answer::json(
            200,
            &json!({
                "access_token": token,
                "expires_in": lifetime.as_secs(),
                "token_type": "Bearer",
            }),
        ))
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        match refusal {
            Refusal::Token(problem) => {
                let title = format!("The token is {problem:?}").to_lowercase();
                refused(401, "UNAUTHORIZED_REQUEST", &title)
            }
            Refusal::Forbidden => refused(403, "FORBIDDEN_RESOURCE", "The account may not do this"),
            Refusal::TooManyRequests { retry_after } => {
                refused(429, "TOO_MANY_REQUESTS", "Too many calls")
                    .with("retry-after", retry_after.as_secs())
            }
            Refusal::NoSuchPath => crate::rest::page(404),
            Refusal::NoSuchMethod => crate::rest::page(405),
            Refusal::Wanted(status) => {
                let code = match status {
                    400 => "BAD_REQUEST",
                    401 => "UNAUTHORIZED_REQUEST",
                    403 => "FORBIDDEN_RESOURCE",
                    404 => "INVALID_MSISDN",
                    406 => "DUPLICATE_WORKFLOW_ID",
                    429 => "TOO_MANY_REQUESTS",
                    _ => "INTERNAL_SERVER_ERROR",
                };
                refused(*status, code, "The sandbox was asked to refuse")
            }
        }
    }

    /// Of a line; other services have no number.
    fn sim(call: &Call<'_>) -> Option<SimId> {
        let id = call.parameter("service_id");
        id.filter(|id| state::is_msisdn(id))
            .map(|id| SimId::Msisdn(id.to_owned()))
    }

    fn settle(&self, now: Instant) {
        let news = lock(&self.state).settle(Some(now));
        self.tell(news);
    }

    fn next_due(&self) -> Option<Instant> {
        lock(&self.state).next_due()
    }
}

/// A text in a body whose form is right.
fn text(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned)
}
