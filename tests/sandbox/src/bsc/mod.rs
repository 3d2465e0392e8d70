//! Telekom Business Smart Connect: orders, SIMs, quotas, SMS.

mod json;
mod operations;
mod orders;
mod sms;
mod state;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use self::json::{Error, refused, token_refused};
pub use self::orders::Order;
pub use self::sms::{Sms, SmsStatus};
use self::state::{News, State};
pub use self::state::{Quota, Sim};
use crate::fleet::Random;
use crate::lock;
use crate::rest::{
    Answer, Call, Callback, Callbacks, Gateway, Platform, Refusal, Route, TokenProblem,
};
use crate::time::Timestamp;

/// Number of the organisation that the portal user belongs to.
const ORGANISATION: u64 = 2001;
/// Number of the portal user.
const USER: u64 = 1001;
/// How often a customer who does not answer is called, and after which time again.
const TRIES: (u32, Duration) = (24, Duration::from_secs(3600));

/// The platform of Telekom Business Smart Connect, Management API v1.
///
/// Its operations in the journal and in rules are those of the service `telekom-bsc`.
///
/// ```no_run
/// # async fn demo(sandbox: &mno_sandbox::Sandbox) {
/// let bsc = sandbox.bsc();
/// bsc.set_callback_url(Some("http://127.0.0.1:8080/bsc".to_owned()));
/// // … a client logs in as `bsc.user()` with `bsc.password()` and sends a message …
/// bsc.finish_queued(); // which is delivered now, and reported to the URL
/// # }
/// ```
#[derive(Debug)]
pub struct Bsc {
    gateway: Gateway,
    user: String,
    password: String,
    state: Mutex<State>,
    random: Mutex<Random>,
    callbacks: Arc<Callbacks>,
    changed: Arc<Notify>,
}

impl Bsc {
    pub(crate) fn new(
        seed: u64,
        sims: usize,
        url: &str,
        callbacks: Arc<Callbacks>,
        changed: Arc<Notify>,
    ) -> Self {
        let mut random = Random::new(seed, u64::from_be_bytes(*b"bsc auth"));
        Self {
            gateway: Gateway::new(url, Self::BASE, Self::TOKEN_PATH, Duration::from_secs(3600)),
            user: "portal-user@customer.example".to_owned(),
            password: random.hex24(),
            state: Mutex::new(State::new(seed, sims)),
            random: Mutex::new(random),
            callbacks,
            changed,
        }
    }

    /// Its tokens and refusals for rate.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The URL that the paths of operations stand behind: `…/management-api`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.gateway.base_url()
    }

    /// The URL at which tokens are to be had.
    #[must_use]
    pub fn token_url(&self) -> &str {
        self.gateway.token_url()
    }

    /// Name of the portal user who may use the API.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The portal user's password, made up for this sandbox.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Every SIM, in the order of the list.
    #[must_use]
    pub fn sims(&self) -> Vec<Sim> {
        lock(&self.state).sims.clone()
    }

    /// The SIM with this ICCID, of 19 digits or with the check digit.
    #[must_use]
    pub fn sim(&self, iccid: &str) -> Option<Sim> {
        lock(&self.state).sim(iccid).cloned()
    }

    /// Every order, the oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        lock(&self.state).orders.clone()
    }

    /// Every message to a SIM or from one, the oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Sms> {
        lock(&self.state).messages.clone()
    }

    /// Where delivery reports (PATCH) and messages from SIMs (POST) go; nowhere by default. The URL
    /// must be of this machine; with `https` the receiver has a certificate of the sandbox's
    /// [PKI](crate::Pki::server_key_pem). What is not taken is sent again every hour of tokio's
    /// clock, for a day.
    pub fn set_callback_url(&self, url: Option<String>) {
        lock(&self.state).callback_url = url;
    }

    /// How long queued things wait that are asked for from now on, on tokio's clock (2 seconds by
    /// default): delivery of messages, changes of several SIMs, resets, orders of SIMs.
    pub fn queue_for(&self, duration: Duration) {
        lock(&self.state).queued_for = duration;
    }

    /// Does everything that is queued.
    pub fn finish_queued(&self) {
        let news = lock(&self.state).settle(None);
        self.tell(news);
    }

    /// What becomes of messages to SIMs that may be used ([`SmsStatus::Delivered`] by default).
    pub fn messages_end_as(&self, status: SmsStatus) {
        lock(&self.state).messages_end_as = status;
    }

    /// Where two answers are documented, gives the other one: 200 with the request in place of 201
    /// for an order, 200 in place of 204 for a message that is cancelled.
    pub fn other_answers(&self, on: bool) {
        lock(&self.state).other_answers = on;
    }

    /// A SIM receives and sends so much data, in thousandths of a megabyte, which its quota and its
    /// usage show; false when there is no such SIM.
    pub fn use_data(&self, iccid: &str, received: u64, sent: u64) -> bool {
        let mut state = lock(&self.state);
        let sim = state.sim_mut(iccid);
        sim.map(|sim| sim.use_data(received, sent)).is_some()
    }

    /// A SIM's time is over: whoever wants to change it gets status 422; false when there is no
    /// such SIM.
    pub fn expire(&self, iccid: &str) -> bool {
        let mut state = lock(&self.state);
        state.sim_mut(iccid).map(Sim::expire).is_some()
    }

    /// A SIM sends a message, which is forwarded to the callback URL; its number, or `None` when
    /// there is no such SIM.
    pub fn send_from_sim(&self, iccid: &str, dest_address: &str, payload: &str) -> Option<u64> {
        let mut state = lock(&self.state);
        let sim = state.sim(iccid)?;
        let now = Timestamp::now();
        let sms = Sms {
            id: 0,
            iccid: sim.iccid.clone(),
            from_sim: true,
            status: SmsStatus::Delivered,
            payload: payload.to_owned(),
            source_address: sim.msisdn.clone(),
            dest_address: Some(dest_address.to_owned()),
            dcs: 0,
            udh: None,
            source_address_type: 145,
            submitted: now,
            expires: now,
            ended: Some(now),
            expires_at: Instant::now(),
        };
        let news = state.submit(sms);
        let id = state.messages.last().map(|m| m.id);
        drop(state);
        self.tell(news);
        id
    }

    /// Calls the customer.
    fn tell(&self, news: impl IntoIterator<Item = News>) {
        let Some(url) = lock(&self.state).callback_url.clone() else {
            return;
        };
        for news in news {
            let (operation, method, body) = match news {
                News::Report(sms, sim) => {
                    ("receiveDeliveryReport", Method::PATCH, sms.report(&sim))
                }
                News::Forward(sms, sim) => ("receiveSms", Method::POST, sms.forward(&sim)),
            };
            self.callbacks.send(Callback {
                service: Self::SERVICE,
                operation,
                method,
                url: url.clone(),
                headers: Vec::new(),
                body: body.to_string(),
                tries: TRIES,
            });
        }
    }
}

/// The SIM as callbacks have it.
fn endpoint(sim: &Sim) -> Value {
    json!({ "id": sim.id.to_string(), "name": sim.iccid })
}

impl Platform for Bsc {
    const SERVICE: &'static str = "telekom-bsc";
    const VERSION: &'static str = "v1";
    const BASE: &'static str = "/management-api";
    const TOKEN_PATH: &'static str = "/management-api/oauth/token";
    const ROUTES: &'static [Route<Self>] = operations::ROUTES;

    fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    fn token(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let Some(form) = call.form() else {
            return Err(token_refused("UnsupportedContentTypeError"));
        };
        if form.get("grant_type") != Some("client_credentials") {
            return Err(token_refused("BodyValidationError"));
        }
        let Some((user, password)) = call.basic() else {
            return Err(token_refused("AuthValidationError"));
        };
        if (user, password) != (self.user.clone(), self.password.clone()) {
            return Err(token_refused("BadCredentials"));
        }
        let mut random = lock(&self.random);
        let token = random.uuid();
        let lifetime = self.gateway.issue(&token, &self.user);
        Ok(Answer::json(
            200,
            &json!({
                "access_token": token,
                "token_type": "bearer",
                "expires_in": lifetime.as_secs(),
                "scope": "all",
                "appToken": random.hex24(),
                "userId": USER,
                "orgId": ORGANISATION,
            }),
        ))
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        match refusal {
            Refusal::Token(TokenProblem::Expired) => refused(Error::TokenExpired),
            Refusal::Token(_) => refused(Error::InvalidToken),
            Refusal::Forbidden => refused(Error::Forbidden),
            Refusal::TooManyRequests { retry_after } => {
                refused(Error::TooManyRequests).with("retry-after", retry_after.as_secs())
            }
            Refusal::NoSuchPath => refused(Error::NotFound),
            Refusal::NoSuchMethod => crate::rest::page(405),
            Refusal::Wanted(status) => json::wanted(*status),
        }
    }

    fn settle(&self, now: Instant) {
        let news = lock(&self.state).settle(Some(now));
        self.tell(news);
    }

    fn next_due(&self) -> Option<Instant> {
        lock(&self.state).next_due()
    }
}
