//! The REST platforms: what they share. Each is a folder of its own, which names its
//! [routes](Route) and says how its refusals look; here are the way of a call through a platform,
//! its tokens, and the calls that a platform makes at its customers.
//!
//! All are behind one listener that asks for no client certificate. The path tells whose call it is.
//! Kite's own REST calls, in [`kite`], are behind the listener of its SOAP services.

mod answer;
mod call;
mod callback;
mod gateway;
pub(crate) mod kite;
mod shape;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

pub(crate) use self::answer::Answer;
pub(crate) use self::call::Call;
use self::call::Parameters;
pub(crate) use self::callback::{Callback, Callbacks};
pub use self::callback::{Delivery, DeliveryOutcome};
pub use self::gateway::Gateway;
pub(crate) use self::gateway::TokenProblem;
pub(crate) use self::shape::{Field, Problem, Shape, flag, may, need};
use crate::bsc::Bsc;
use crate::fault::Fault;
use crate::fleet::SimId;
use crate::journal::{Entry, Outcome};
use crate::kpn::Kpn;
use crate::lock;
use crate::masstack::Masstack;
use crate::soap::{App, Form, Reply, disturb_as, html};

/// Operation of every call for a token.
pub(crate) const TOKEN: &str = "token";

/// The platforms behind the listener.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) bsc: Bsc,
    pub(crate) kpn: Kpn,
    pub(crate) masstack: Masstack,
    pub(crate) callbacks: Arc<Callbacks>,
    /// To be told whenever something else becomes due first.
    pub(crate) changed: Arc<Notify>,
}

impl Rest {
    /// `url` is that of the listener.
    pub(crate) fn new(seed: u64, sims: usize, url: &str, callbacks: Callbacks) -> io::Result<Self> {
        let callbacks = Arc::new(callbacks);
        let changed = Arc::new(Notify::new());
        let shared = || (Arc::clone(&callbacks), Arc::clone(&changed));
        let (bsc, masstack) = (shared(), shared());
        Ok(Self {
            bsc: Bsc::new(seed, sims, url, bsc.0, bsc.1),
            masstack: Masstack::new(seed, sims, url, masstack.0, masstack.1)?,
            kpn: Kpn::new(seed, url),
            callbacks,
            changed,
        })
    }

    /// Does what is due.
    fn settle(&self, now: Instant) {
        self.bsc.settle(now);
        self.kpn.settle(now);
        self.masstack.settle(now);
    }

    /// When something is due next.
    fn next_due(&self) -> Option<Instant> {
        let due = [self.bsc.next_due(), self.masstack.next_due()];
        due.into_iter().flatten().min()
    }
}

/// A platform with a REST API.
pub(crate) trait Platform: Sized + 'static {
    /// Its name in the journal and before the operation in rules.
    const SERVICE: &'static str;
    /// Version of the API, for the journal.
    const VERSION: &'static str;
    /// What the paths of its routes stand behind.
    const BASE: &'static str;
    /// Path at which tokens are to be had.
    const TOKEN_PATH: &'static str;
    /// Every operation.
    const ROUTES: &'static [Route<Self>];

    /// Its tokens and limits.
    fn gateway(&self) -> &Gateway;

    /// Answers a call for a token.
    fn token(&self, call: &Call<'_>) -> Result<Answer, Answer>;

    /// How it words a refusal that is not an operation's own.
    fn refuse(&self, refusal: &Refusal) -> Answer;

    /// The SIM that a call is about, for the journal.
    fn sim(call: &Call<'_>) -> Option<SimId> {
        call.parameter("iccid").map(SimId::icc)
    }

    /// Adds to an answer what all answers to a call have.
    fn dress(&self, _operation: &str, _call: &Call<'_>, answer: Answer) -> Answer {
        answer
    }

    /// Does what has become due, before each call and when [`next_due`](Self::next_due) says so.
    fn settle(&self, _now: Instant) {}

    /// When something is due next.
    fn next_due(&self) -> Option<Instant> {
        None
    }
}

/// An operation: where it is, and what it does.
pub(crate) struct Route<P> {
    pub(crate) method: &'static str,
    /// Path behind [`Platform::BASE`], with parameters in braces.
    pub(crate) path: &'static str,
    /// Its `operationId` in the OpenAPI document.
    pub(crate) operation: &'static str,
    /// Does it; the error is a refusal.
    pub(crate) carry_out: fn(&P, &Call<'_>) -> Result<Answer, Answer>,
}

impl<P> Route<P> {
    pub(crate) const fn new(
        method: &'static str,
        path: &'static str,
        operation: &'static str,
        carry_out: fn(&P, &Call<'_>) -> Result<Answer, Answer>,
    ) -> Self {
        Self {
            method,
            path,
            operation,
            carry_out,
        }
    }
}

/// Why a platform refuses a call before it looks at what it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is something wrong with the token.
    Token(TokenProblem),
    /// The account has no right to the operation.
    Forbidden,
    /// Too many calls; when to come back.
    TooManyRequests { retry_after: Duration },
    /// There is nothing at this path.
    NoSuchPath,
    /// There is something, but not for this method.
    NoSuchMethod,
    /// A test wants this status.
    Wanted(u16),
}

/// A request as it arrived.
pub(crate) struct Arrived<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
}

impl Arrived<'_> {
    fn is_for<P: Platform>(&self) -> bool {
        let below = self.path.strip_prefix(P::BASE);
        self.path == P::TOKEN_PATH || below.is_some_and(|rest| rest.starts_with('/'))
    }

    fn entry(&self, service: &str, version: &str) -> Entry {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        Entry {
            sequence: 0,
            arrival: Instant::now().into_std(),
            wall: SystemTime::now(),
            organisation: String::new(),
            client_certificate: false,
            peer: self.from,
            service: service.to_owned(),
            version: version.to_owned(),
            operation: String::new(),
            soap_action: None,
            content_type: content_type.map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()),
            sim: None,
            status: 0,
            outcome: Outcome::Pending,
            body: None,
        }
    }
}

/// Answers a request to the listener of the REST platforms.
pub(crate) fn handle(app: &App, arrived: &Arrived<'_>) -> Reply {
    app.rest.settle(Instant::now());
    if arrived.is_for::<Bsc>() {
        return answer(app, &app.rest.bsc, arrived);
    }
    if arrived.is_for::<Kpn>() {
        return answer(app, &app.rest.kpn, arrived);
    }
    if arrived.is_for::<Masstack>() {
        return answer(app, &app.rest.masstack, arrived);
    }
    // Nobody's path; the journal has it in the service's place.
    let entry = arrived.entry(arrived.path, "");
    let sequence = begin(app, entry, arrived.body);
    let reply = Reply::http(http::StatusCode::NOT_FOUND);
    finish(app, sequence, &reply, arrived.body);
    reply
}

/// Answers a call of a platform's: who may, how often, what a test wants, and only then the
/// operation.
fn answer<P: Platform>(app: &App, platform: &P, arrived: &Arrived<'_>) -> Reply {
    let found = find::<P>(arrived);
    let token = platform.gateway().account(arrived.headers);
    let operation = found.as_ref().map_or("", Found::operation);
    let account = match (&found, &token) {
        (Ok(Found::Route(..)), Ok(account)) => account.clone(),
        _ => String::new(),
    };
    let parameters = match &found {
        Ok(Found::Route(_, parameters)) => parameters.clone(),
        _ => Vec::new(),
    };
    let call = Call::new(account, parameters, arrived);
    let entry = Entry {
        organisation: call.account.clone(),
        operation: operation.to_owned(),
        sim: P::sim(&call),
        ..arrived.entry(P::SERVICE, P::VERSION)
    };
    let sequence = begin(app, entry, arrived.body);
    let reply = match &found {
        Err(NotFound { allow }) if allow.is_empty() => platform.refuse(&Refusal::NoSuchPath).into(),
        Err(NotFound { allow }) => {
            let refused = platform.refuse(&Refusal::NoSuchMethod);
            refused.with("allow", allow.join(", ")).into()
        }
        Ok(found) => {
            let process = || -> Result<Answer, Answer> {
                let refuse = |refusal| Err(platform.refuse(&refusal));
                if let (Found::Route(..), Err(problem)) = (found, &token) {
                    return refuse(Refusal::Token(*problem));
                }
                if let Some(retry_after) = platform.gateway().refuse_for_rate() {
                    return refuse(Refusal::TooManyRequests { retry_after });
                }
                if app.control.is_forbidden(&call.account, operation) {
                    return refuse(Refusal::Forbidden);
                }
                match found {
                    Found::Token => platform.token(&call),
                    Found::Route(route, _) => (route.carry_out)(platform, &call),
                }
            };
            let name = format!("{}/{operation}", P::SERVICE);
            let process = |_| {
                let answer = process().unwrap_or_else(|refused| refused);
                platform.dress(operation, &call, answer).into()
            };
            disturb_as(&Wording(platform), app, &call.account, &name, &process)
        }
    };
    finish(app, sequence, &reply, arrived.body);
    reply
}

fn begin(app: &App, mut entry: Entry, body: &Bytes) -> u64 {
    let _gate = lock(&app.gate);
    entry.arrival = Instant::now().into_std();
    entry.wall = SystemTime::now();
    app.journal.begin(entry, body)
}

fn finish(app: &App, sequence: u64, reply: &Reply, body: &Bytes) {
    let (status, outcome) = (reply.status, reply.outcome.clone());
    app.journal.finish(sequence, status, outcome, body);
}

/// What a test wants, in the words of a platform.
struct Wording<'a, P>(&'a P);

impl<P: Platform> Form for Wording<'_, P> {
    /// Faults are Kite's; elsewhere they are a failure of the server.
    fn fault(&self, _: &Fault) -> Reply {
        self.0.refuse(&Refusal::Wanted(500)).into()
    }

    fn status(&self, status: u16) -> Reply {
        self.0.refuse(&Refusal::Wanted(status)).into()
    }
}

/// A path leads nowhere, or takes only these methods.
struct NotFound {
    allow: Vec<&'static str>,
}

/// What a path leads to.
enum Found<P: 'static> {
    Token,
    /// An operation, and the parameters in the path.
    Route(&'static Route<P>, Parameters),
}

impl<P> Found<P> {
    fn operation(&self) -> &'static str {
        match self {
            Self::Token => TOKEN,
            Self::Route(route, _) => route.operation,
        }
    }
}

/// Finds the operation of a request. Of several that fit, the one with a literal segment in the
/// first place where they differ is it: `/sims/topup` before `/sims/{iccid}`.
fn find<P: Platform>(arrived: &Arrived<'_>) -> Result<Found<P>, NotFound> {
    if arrived.path == P::TOKEN_PATH {
        return match arrived.method {
            &Method::POST => Ok(Found::Token),
            _ => Err(NotFound {
                allow: vec!["POST"],
            }),
        };
    }
    let path = arrived.path.strip_prefix(P::BASE).unwrap_or_default();
    let mut allow = Vec::new();
    let mut best: Option<(Vec<bool>, Found<P>)> = None;
    for route in P::ROUTES {
        let Some(parameters) = call::match_path(route.path, path) else {
            continue;
        };
        if route.method != arrived.method.as_str() {
            allow.push(route.method);
            continue;
        }
        let literal: Vec<_> = route.path.split('/').map(|s| !s.starts_with('{')).collect();
        if best.as_ref().is_none_or(|(other, _)| *other < literal) {
            best = Some((literal, Found::Route(route, parameters)));
        }
    }
    best.map(|(_, found)| found).ok_or(NotFound { allow })
}

/// Does what is due when it is due, until the sandbox stops.
pub(crate) async fn keep_time(app: Arc<App>, mut stop: watch::Receiver<()>) {
    loop {
        let changed = app.rest.changed.notified();
        let due = app.rest.next_due();
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = wait => app.rest.settle(Instant::now()),
            () = changed => {}
            _ = stop.changed() => return,
        }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        let outcome = match answer.code {
            Some(code) => Outcome::Fault(code),
            None if answer.status < 400 => Outcome::Ok,
            None => Outcome::Http,
        };
        let mut reply = Self::new(answer.status, answer.content_type, answer.body, outcome);
        reply.headers = answer.headers;
        reply
    }
}

/// A page as a gateway sends it.
pub(crate) fn page(status: u16) -> Answer {
    Answer::of(status, "text/html", html(status))
}
