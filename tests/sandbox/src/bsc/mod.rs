//! Telekom Business Smart Connect: orders, SIMs, quotas, SMS.

mod json;
mod state;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Instant;

use self::json::{Error, page, refused, token_refused};
pub use self::state::{Quota, Sim};
use self::state::{SIM_SORTS, State};
use crate::fleet::Random;
use crate::lock;
use crate::rest::{Answer, Call, Callbacks, Gateway, Platform, Refusal, Route, TokenProblem};

/// Number of the organisation that the portal user belongs to.
const ORGANISATION: u64 = 2001;
/// Number of the portal user.
const USER: u64 = 1001;

/// The platform of Telekom Business Smart Connect, Management API v1.
///
/// Its operations in the journal and in rules are those of the service `telekom-bsc`.
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
}

impl Platform for Bsc {
    const SERVICE: &'static str = "telekom-bsc";
    const VERSION: &'static str = "v1";
    const BASE: &'static str = "/management-api";
    const TOKEN_PATH: &'static str = "/management-api/oauth/token";
    const ROUTES: &'static [Route<Self>] = &[
        Route {
            method: "GET",
            path: "/v1/sims",
            operation: "listSims",
            carry_out: Self::list_sims,
        },
        Route {
            method: "GET",
            path: "/v1/sims/{iccid}",
            operation: "getSim",
            carry_out: Self::get_sim,
        },
    ];

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

    fn settle(&self, _now: Instant) {}
}

/// The operations.
impl Bsc {
    fn list_sims(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let fits = state.filter(call.query("q").unwrap_or_default())?;
        page(call, 100, SIM_SORTS, fits, Sim::to_json)
    }

    fn get_sim(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state
            .sim(call.path("iccid"))
            .ok_or_else(|| refused(Error::NotFound))?;
        Ok(Answer::json(200, &sim.to_json()))
    }
}
