//! KPN Mobile Service Management: a business customer's hierarchy, subscribers, contracts and SIM
//! cards, and the orders that change them.
//!
//! Most writes make an order, and what it is about changes when the order is finished: two seconds
//! of tokio's time later, or when [`Kpn::finish_orders`] says so.

mod addresses;
mod basket;
mod bvm;
mod catalogue;
mod clock;
mod contracts;
mod finances;
mod hierarchy;
mod make;
mod orders;
mod refusal;
mod request;
mod routes;
mod state;
mod subscribers;
mod thresholds;

use std::sync::Mutex;
use std::time::Duration;

use http::header;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::clock::Stamp;
use self::refusal::Refusal as Refused;
use self::request::{Request, Tongue};
#[cfg(test)]
pub(crate) use self::routes::PARAMETERS;
pub use self::state::Privilege;
use self::state::State;
use crate::fleet::{Random, SimId};
use crate::lock;
use crate::rest::{Answer, Call, Gateway, Platform, Refusal, Route, TOKEN, TokenProblem};

/// Shape of the refusals of the service itself; which one the platform writes is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `{"transactionId": …, "status": …, "name": …, "message": …}`.
    #[default]
    Flat,
    /// The same in `{"error": …}`.
    Wrapped,
    /// `{"errors": ["…"]}`.
    Texts,
}

/// A contract, to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractView {
    /// Its number.
    pub id: i64,
    /// The subscriber who has it.
    pub subscriber: i64,
    /// `MOBILE`, `FIXED`, `HARDWARE`, …
    pub category: &'static str,
    /// `ACTIVE`, `BLOCKED`, `ORDERED`, `CLOSED`.
    pub state: &'static str,
    /// Its mobile number.
    pub mobile_number: Option<String>,
    /// Its SIM.
    pub iccid: Option<String>,
}

/// The platform of KPN Mobile Service Management, v11, and one business customer on it.
///
/// Its operations in the journal and in rules are those of the service `kpn-msm`.
#[derive(Debug)]
pub struct Kpn {
    gateway: Gateway,
    client_id: String,
    client_secret: String,
    state: Mutex<State>,
    door: Mutex<Door>,
}

/// What is set of the door.
#[derive(Debug)]
struct Door {
    random: Random,
    quota: Quota,
    entitled: bool,
    shape: ErrorShape,
    refuses_with_500: bool,
    sunset: Option<String>,
}

/// Calls in an interval that does not slide.
#[derive(Debug)]
struct Quota {
    limit: u64,
    interval: Duration,
    used: u64,
    since: Instant,
}

impl Quota {
    /// Begins a new interval if the last one is over.
    fn turn(&mut self, now: Instant) {
        let over = now.duration_since(self.since);
        if over >= self.interval {
            let whole = over.as_millis() / self.interval.as_millis().max(1);
            let whole = u32::try_from(whole).unwrap_or(u32::MAX);
            self.since += self.interval * whole;
            self.used = 0;
        }
    }

    fn left(&self, now: Instant) -> Duration {
        let gone = now.duration_since(self.since);
        self.interval.saturating_sub(gone)
    }
}

impl Kpn {
    pub(crate) fn new(seed: u64, url: &str) -> Self {
        let mut random = Random::new(seed, u64::from_be_bytes(*b"kpn auth"));
        Self {
            gateway: Gateway::new(url, Self::BASE, Self::TOKEN_PATH, Duration::from_secs(3599)),
            client_id: random.hex24(),
            client_secret: random.hex24(),
            state: Mutex::new(State::made_up(seed)),
            door: Mutex::new(Door {
                random,
                quota: Quota {
                    limit: 100_000,
                    interval: Duration::from_secs(60),
                    used: 0,
                    since: Instant::now(),
                },
                entitled: true,
                shape: ErrorShape::default(),
                refuses_with_500: false,
                sunset: None,
            }),
        }
    }

    /// Its tokens and refusals for rate.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The URL that the paths of operations stand behind: `…/mobile/kpn/mobileservices`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.gateway.base_url()
    }

    /// The URL at which tokens are to be had, without the query.
    #[must_use]
    pub fn token_url(&self) -> &str {
        self.gateway.token_url()
    }

    /// The project's id, made up for this sandbox.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The project's secret, made up for this sandbox.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// What the caller may do from now on; everything by default. Who may not authorise orders
    /// makes such that wait for it.
    pub fn privileges(&self, privileges: impl IntoIterator<Item = Privilege>) {
        lock(&self.state).privileges = privileges.into_iter().collect();
    }

    /// Whether the project has this service; without it every call is refused with 401, though
    /// there are tokens.
    pub fn entitled(&self, on: bool) {
        lock(&self.door).entitled = on;
    }

    /// Refuses every order with 403 `ORDERING_IS_BLOCKED_FOR_CUSTOMER`.
    pub fn freeze_orders(&self, on: bool) {
        lock(&self.state).frozen = on;
    }

    /// Refuses calls about finances with 404 `OPERATION_BLOCKED`.
    pub fn block_finances(&self, on: bool) {
        lock(&self.state).finances_blocked = on;
    }

    /// How many calls are taken in an interval, which does not slide. By default 100,000 in a
    /// minute; the platform's numbers are not published.
    pub fn quota(&self, limit: u64, interval: Duration) {
        let quota = Quota {
            limit,
            interval: interval.max(Duration::from_secs(1)),
            used: 0,
            since: Instant::now(),
        };
        lock(&self.door).quota = quota;
    }

    /// Shape of refusals from now on.
    pub fn error_shape(&self, shape: ErrorShape) {
        lock(&self.door).shape = shape;
    }

    /// Refuses wrong credentials with 500, as the platform was seen to do, and not with the
    /// documented 401.
    pub fn refuse_credentials_with_500(&self, on: bool) {
        lock(&self.door).refuses_with_500 = on;
    }

    /// Announces the end of the version in the header `sunset` of every answer.
    pub fn sunset(&self, date: impl Into<String>) {
        lock(&self.door).sunset = Some(date.into());
    }

    /// How long orders take, on tokio's clock (2 seconds by default). They are new for the first
    /// half of it. An order with a wish date is not finished before that.
    pub fn orders_after(&self, duration: Duration) {
        self.settled(|state| state.orders_after = duration);
    }

    /// Finishes every order that is on its way, whatever its wish date, and every cancellation.
    pub fn finish_orders(&self) {
        self.settled(State::finish_all);
    }

    /// Rejects an order; false if there is none or it is over.
    pub fn reject_order(&self, id: i64) -> bool {
        self.settled(|state| state.reject(id))
    }

    /// Lets the other operator refuse a port-in, so that the order waits for new porting data;
    /// false if no port-in of this number is on its way.
    pub fn hold_port_in(&self, order: i64, message: &str) -> bool {
        self.settled(|state| state.hold(order, message))
    }

    /// The status of an order or service request, as track and trace has it.
    #[must_use]
    pub fn order_status(&self, id: i64) -> Option<&'static str> {
        self.settled(|state| {
            let (now, takes) = (state.clock.now(), state.orders_after);
            state.orders.get(&id).map(|o| o.status(now, takes).name())
        })
    }

    /// Every contract, in the order of their numbers.
    #[must_use]
    pub fn contracts(&self) -> Vec<ContractView> {
        self.settled(|state| {
            let view = |c: &state::Contract| ContractView {
                id: c.id,
                subscriber: c.holder,
                category: c.category.name(),
                state: c.state.word(),
                mobile_number: c.mobile.clone(),
                iccid: c.card.as_ref().map(|card| card.iccid.clone()),
            };
            state.contracts.values().map(view).collect()
        })
    }

    /// The numbers of all subscribers. The first is the caller.
    #[must_use]
    pub fn subscribers(&self) -> Vec<i64> {
        self.settled(|state| state.subscribers.keys().copied().collect())
    }

    /// ICCIDs of the SIM cards that no contract has.
    #[must_use]
    pub fn spare_sims(&self) -> Vec<String> {
        self.settled(|state| state.stock.keys().cloned().collect())
    }

    /// Looks at the state as it is now.
    fn settled<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.state);
        state.advance();
        look(&mut state)
    }

    /// Carries an operation out, if the caller may.
    fn carry_out(
        &self,
        call: &Call<'_>,
        operation: &routes::Operation,
        process: impl FnOnce(&mut State, &Request) -> request::Answered,
    ) -> Result<Answer, Answer> {
        self.pass_door()?;
        let answered = self.settled(|state| {
            operation.check(state, call)?;
            process(state, &read(call)?)
        });
        match answered {
            Ok(request::Answer::Json(body)) => Ok(Answer::json(200, &body)),
            Ok(request::Answer::Empty) => Ok(Answer::empty(200)),
            Ok(request::Answer::File {
                content_type,
                name,
                body,
            }) => {
                let name: String = name
                    .chars()
                    .filter(|c| c.is_ascii_graphic() && *c != '"' && *c != '\\')
                    .collect();
                let disposition = format!("attachment; filename=\"{name}\"");
                Ok(Answer::of(200, content_type, body).with("content-disposition", disposition))
            }
            Err(refused) => Err(self.word(&refused)),
        }
    }

    /// The gateway: quota and products.
    fn pass_door(&self) -> Result<(), Answer> {
        let now = Instant::now();
        let mut door = lock(&self.door);
        door.quota.turn(now);
        if door.quota.used >= door.quota.limit {
            return Err(quota_spent());
        }
        door.quota.used += 1;
        if !door.entitled {
            return Err(fault(
                401,
                "Invalid API call as no apiproduct match found",
                "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound",
            ));
        }
        Ok(())
    }

    /// A refusal of the service itself.
    fn word(&self, refused: &Refused) -> Answer {
        let mut door = lock(&self.door);
        let flat = refused.to_json(&door.random.uuid());
        let body = match door.shape {
            ErrorShape::Flat => flat,
            ErrorShape::Wrapped => json!({ "error": flat }),
            ErrorShape::Texts => json!({ "errors": [refused.message] }),
        };
        Answer::json(refused.status, &body).refused(refused.code())
    }

    /// The headers that tell how much of the quota is left.
    fn quota_headers(&self, answer: Answer, spent_for: Option<Duration>) -> Answer {
        let now = Instant::now();
        let mut door = lock(&self.door);
        door.quota.turn(now);
        let quota = &door.quota;
        let used = spent_for.map_or(quota.used, |_| quota.limit);
        let reset = spent_for.unwrap_or_else(|| quota.left(now));
        let reset = lock(&self.state).clock.now().plus(reset);
        let (interval, unit) = match quota.interval.as_secs() {
            seconds if seconds % 3600 == 0 => (seconds / 3600, "hour"),
            seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
            seconds => (seconds, "second"),
        };
        answer
            .with("quota-limit", quota.limit)
            .with("quota-interval", interval)
            .with("quota-time-unit", unit)
            .with("quota-used", used)
            .with("quota-reset-utc", reset.unix_ms())
    }
}

/// Reads what all operations take.
fn read(call: &Call<'_>) -> Result<Request, Refused> {
    let number = |text: &str| {
        text.parse()
            .map_err(|_| Refused::invalid("The id in the path is not a whole number"))
    };
    Ok(Request {
        path: call.parameters().map(number).collect::<Result<_, _>>()?,
        query: call.whole_query().to_vec(),
        tongue: Tongue::of(call.header(header::CONTENT_LANGUAGE.as_str())),
        content_type: call
            .header(header::CONTENT_TYPE.as_str())
            .unwrap_or_default()
            .to_owned(),
        body: call.body.clone(),
    })
}

/// A refusal of the gateway.
fn fault(status: u16, text: &str, code: &str) -> Answer {
    let body = json!({ "fault": { "faultstring": text, "detail": { "errorcode": code } } });
    Answer::json(status, &body).refused(code)
}

fn quota_spent() -> Answer {
    fault(
        429,
        "Rate limit quota violation. Quota limit exceeded.",
        "policies.ratelimit.QuotaViolation",
    )
}

/// A refusal of the token endpoint.
fn token_refused(status: u16, code: &str, text: &str) -> Answer {
    Answer::json(status, &json!({ "ErrorCode": code, "Error": text })).refused(code)
}

impl Platform for Kpn {
    const SERVICE: &'static str = "kpn-msm";
    const VERSION: &'static str = "v11";
    const BASE: &'static str = "/mobile/kpn/mobileservices";
    const TOKEN_PATH: &'static str = "/oauth/grip/msm/accesstoken";
    const ROUTES: &'static [Route<Self>] = routes::ROUTES;

    fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// `grant_type` is taken from the query, as documented, and from the form. Every scalar of the
    /// answer is text.
    fn token(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let Some(form) = call.form() else {
            let text = "The body must be application/x-www-form-urlencoded";
            return Err(token_refused(400, "invalid_request", text));
        };
        let grant = call.query("grant_type").or_else(|| form.get("grant_type"));
        if grant != Some("client_credentials") {
            let text = "Required param : grant_type";
            return Err(token_refused(400, "invalid_request", text));
        }
        let given = (form.get("client_id"), form.get("client_secret"));
        let mut door = lock(&self.door);
        if given != (Some(&self.client_id), Some(&self.client_secret)) {
            let text = "ClientId is Invalid";
            return Err(if door.refuses_with_500 {
                token_refused(500, "invalid_client-invalid_client_id", text)
            } else {
                token_refused(401, "invalid_client", text)
            });
        }
        let token = door.random.hex24();
        let lifetime = self.gateway.issue(&token, &self.client_id);
        let issued: Stamp = lock(&self.state).clock.now();
        let body = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": lifetime.as_secs().to_string(),
            "issued_at": issued.unix_ms().to_string(),
            "refresh_token_expires_in": "0",
            "refresh_count": "0",
            "scope": "",
            "status": "approved",
            "client_id": self.client_id,
            "application_name": "sandbox-project",
            "developer_email": "developer@customer.example",
            "organization_name": "kpn",
            "api_product_list": "[Mobile Service Management Sandbox]",
        });
        Ok(Answer::json(200, &body))
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        match refusal {
            Refusal::Token(TokenProblem::Missing) => {
                fault(401, "Invalid access token", "oauth.v2.InvalidAccessToken")
            }
            Refusal::Token(TokenProblem::Expired) => {
                fault(401, "Access Token expired", "oauth.v2.AccessTokenExpired")
            }
            Refusal::Token(TokenProblem::Unknown | TokenProblem::Revoked) => fault(
                401,
                "Invalid Access Token",
                "keymanagement.service.invalid_access_token",
            ),
            Refusal::Forbidden => self.word(&Refused::forbidden(None, "You may not do this")),
            Refusal::TooManyRequests { retry_after } => {
                self.quota_headers(quota_spent(), Some(*retry_after))
            }
            Refusal::NoSuchPath => fault(
                404,
                "Unable to identify proxy for this path",
                "messaging.adaptors.http.flow.ApplicationNotFound",
            ),
            Refusal::NoSuchMethod => self.word(&Refused::new(405, None, "Method not allowed")),
            Refusal::Wanted(401) => self.refuse(&Refusal::Token(TokenProblem::Unknown)),
            Refusal::Wanted(429) => self.quota_headers(quota_spent(), None),
            Refusal::Wanted(status) => self.word(&Refused::new(
                *status,
                None,
                "The sandbox was asked for this",
            )),
        }
    }

    /// The new card of orders that bring one.
    fn sim(call: &Call<'_>) -> Option<SimId> {
        let body = call.json()?;
        let number = ["newSimCardNumber", "simCardNumber"].map(|name| body.get(name));
        let number = number.into_iter().flatten().find_map(Value::as_str)?;
        Some(SimId::icc(number))
    }

    fn dress(&self, operation: &str, call: &Call<'_>, answer: Answer) -> Answer {
        if operation == TOKEN {
            return answer;
        }
        let version = call.header("api-version").unwrap_or(Self::VERSION);
        let mut answer = answer.with("api-version", version);
        if let Some(sunset) = &lock(&self.door).sunset {
            answer = answer.with("sunset", sunset);
        }
        if answer
            .headers
            .iter()
            .any(|(name, _)| *name == "quota-limit")
        {
            return answer;
        }
        self.quota_headers(answer, None)
    }

    fn settle(&self, _now: Instant) {
        lock(&self.state).advance();
    }
}
