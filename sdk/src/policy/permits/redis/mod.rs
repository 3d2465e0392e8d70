//! Permits on a Redis server, for all processes of an organisation.
//!
//! One script, `permits.lua`, does what a [`Schedule`](super::schedule::Schedule) does within a
//! process: it knows the heads of all processes' queues and the slots of all limits, by the
//! server's clock, and gives what is due to whom it is due. Nothing is pushed: a head is told when
//! to ask again.

#[cfg(test)]
mod tests;

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mno_runtime::transport::BoxFuture;
use mno_runtime::{Error, ErrorKind};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Script};
use tokio::time::Instant;

use super::store::{Answer, LOOK, Note, Round, SeatAnswer, Store, Unreachable, WhenUnreachable};

/// Keys are kept for this long after the last call, or a freeze.
const KEEP: Duration = Duration::from_secs(3600);
/// Where the processes of an organisation share their permits: a name on a Redis server.
///
/// Redis 5 and newer, and what speaks like it (Valkey). Two keys for each organisation hold what is
/// needed, `mno:permits:{<organisation>}:seats` and `…:lanes`, and expire an hour after the last
/// call; nothing of a call itself is in them but its operation. A permit costs one or two requests.
///
/// * The server's clock counts: those of the processes need not agree.
/// * Each process asks for the heads of its queues alone. Within an operation and priority,
///   processes take turns, and each serves its own callers in the order in which they came.
/// * A caller who gives up gives the slot back. A process that is killed loses at most the slot it
///   has just been given; after half a second nobody waits for it.
/// * A freeze after a refusal for rate is a freeze for all, and the widest jitter margin that any
///   process needed in the last seconds is everybody's.
#[derive(Clone)]
pub struct RedisPermits {
    client: Client,
    organisation: String,
    when_unreachable: WhenUnreachable,
    timeout: Duration,
}

impl RedisPermits {
    /// Permits on this server (`redis://host:port`, `rediss://` for TLS, `redis+unix:///path`; with
    /// user, password and database if need be) for the organisation of this name. All processes
    /// that call for the organisation name the same.
    ///
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the URL cannot be read.
    pub fn new(url: &str, organisation: &str) -> Result<Self, Error> {
        let client = Client::open(url).map_err(|_| {
            // The URL may hold a password.
            Error::new(
                ErrorKind::Configuration,
                "this is no URL of a Redis server: it is to be redis://host:port, rediss:// for \
                 TLS, or redis+unix:///path",
            )
        })?;
        Ok(Self {
            client,
            organisation: organisation.to_owned(),
            when_unreachable: WhenUnreachable::Wait,
            timeout: Duration::from_millis(500),
        })
    }

    /// What to do while the server cannot be reached; by default calls wait.
    #[must_use]
    pub fn when_unreachable(mut self, otherwise: WhenUnreachable) -> Self {
        self.when_unreachable = otherwise;
        self
    }

    /// After what time without an answer the server counts as unreachable, half a second by
    /// default. It is asked again all the time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(super) fn into_store(self) -> (RedisStore, WhenUnreachable) {
        let when_unreachable = self.when_unreachable;
        (RedisStore::new(self), when_unreachable)
    }
}

impl fmt::Debug for RedisPermits {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisPermits")
            .field("organisation", &self.organisation)
            .field("when_unreachable", &self.when_unreachable)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A process's dealings with the server.
pub(super) struct RedisStore {
    permits: RedisPermits,
    script: Script,
    /// What no other process is called.
    process: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// The time that a question takes at least.
    trip: Option<Duration>,
}

impl RedisStore {
    fn new(permits: RedisPermits) -> Self {
        let random = || RandomState::new().hash_one(std::process::id());
        Self {
            permits,
            script: Script::new(include_str!("permits.lua")),
            process: format!("{:016x}{:016x}", random(), random()),
            state: Mutex::default(),
        }
    }

    async fn connection(&self) -> Result<MultiplexedConnection, Unreachable> {
        let known = self.lock().connection.clone();
        if let Some(connection) = known {
            return Ok(connection);
        }
        let timeout = Some(self.permits.timeout);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(timeout)
            .set_response_timeout(timeout);
        let connection = self
            .permits
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(unreachable)?;
        self.lock().connection = Some(connection.clone());
        Ok(connection)
    }

    async fn exchange(&self, round: &Round) -> Result<Answer, Unreachable> {
        let mut connection = self.connection().await?;
        let (seats, lanes) = self.keys();
        let mut call = self.script.key(seats);
        call.key(lanes)
            .arg(&self.process)
            .arg(millis(KEEP))
            .arg(micros(LOOK))
            .arg(micros(round.margin))
            .arg(limit(round.organisation))
            .arg(round.notes.len());
        for note in &round.notes {
            match note {
                Note::Freeze(budget, time) => call
                    .arg("freeze")
                    .arg(budget.unwrap_or_default())
                    .arg(micros(*time)),
                Note::Leave(budget, class) => call.arg("leave").arg(*budget).arg(*class as u8),
                Note::GiveBack(budget, permit) => call.arg("back").arg(*budget).arg(permit),
                Note::Forget(budget, permit) => call.arg("forget").arg(*budget).arg(permit),
            };
        }
        for seat in &round.seats {
            call.arg(seat.budget)
                .arg(seat.class as u8)
                .arg(seat.waiting)
                .arg(micros(seat.patience))
                .arg(limit(seat.limit));
        }
        let asked = Instant::now();
        let answer: redis::Value = call
            .invoke_async(&mut connection)
            .await
            .map_err(unreachable)?;
        let now = Instant::now();
        // What this took longer than usual may have been the way back: the permit counts from
        // when the server may have given it.
        let took = now - asked;
        let trip = {
            let mut state = self.lock();
            let trip = state.trip.map_or(took, |trip| took.min(trip + trip / 64));
            state.trip = Some(trip);
            trip
        };
        // The next question is to be there when it is due.
        let base = now.checked_sub(trip).unwrap_or(now);
        read(&answer, base, asked + trip)
            .ok_or_else(|| Unreachable("the script answered something else".to_owned()))
    }

    fn keys(&self) -> (String, String) {
        // The braces keep both on one node of a cluster.
        let prefix = format!("mno:permits:{{{}}}", self.permits.organisation);
        (format!("{prefix}:seats"), format!("{prefix}:lanes"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for RedisStore {
    fn ask<'a>(&'a self, round: &'a Round) -> BoxFuture<'a, Result<Answer, Unreachable>> {
        Box::pin(async move {
            let time = self.permits.timeout;
            let answer = match tokio::time::timeout(time, self.exchange(round)).await {
                Ok(answer) => answer,
                Err(_) => Err(Unreachable(format!("no answer within {time:?}"))),
            };
            if answer.is_err() {
                self.lock().connection = None;
            }
            answer
        })
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.permits.fmt(f)
    }
}

/// What went wrong, by its kind: messages may repeat what was sent.
fn unreachable(error: redis::RedisError) -> Unreachable {
    let code = error.code().unwrap_or_default();
    Unreachable(format!("{:?} {code}", error.kind()).trim_end().to_owned())
}

/// The script's answer.
fn read(answer: &redis::Value, base: Instant, at: Instant) -> Option<Answer> {
    let [margin, frozen, seats @ ..] = list(answer)? else {
        return None;
    };
    let seats = seats.iter().map(|seat| {
        let [permits, wait, frozen] = list(seat)? else {
            return None;
        };
        Some(SeatAnswer {
            permits: list(permits)?.iter().map(text).collect::<Option<_>>()?,
            wait: time(wait)?,
            frozen: time(frozen)?,
        })
    });
    Some(Answer {
        base,
        at,
        margin: time(margin)?,
        frozen: time(frozen)?,
        seats: seats.collect::<Option<_>>()?,
    })
}

fn list(value: &redis::Value) -> Option<&[redis::Value]> {
    match value {
        redis::Value::Array(items) => Some(items),
        _ => None,
    }
}

fn text(value: &redis::Value) -> Option<String> {
    match value {
        redis::Value::BulkString(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        redis::Value::SimpleString(text) => Some(text.to_string()),
        _ => None,
    }
}

fn time(value: &redis::Value) -> Option<Duration> {
    text(value)?.parse().ok().map(Duration::from_micros)
}

/// A limit, as the script reads it: zero is none, and never a limit.
fn limit(per_second: Option<u32>) -> u32 {
    per_second.map_or(0, |limit| limit.max(1))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
