//! Rate permits: never more requests in a second than the platform allows.
//!
//! A platform counts requests per operation and per organisation, as they arrive. An
//! [`Organisation`] hands out permits accordingly, spaced evenly; clients of one organisation
//! share it.

mod lane;
mod margin;
#[cfg(feature = "redis")]
mod redis;
mod retry_after;
mod schedule;
mod stats;
mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::Priority;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

use schedule::{Class, Schedule, Step, Ticket};
use store::{Round, Store};

#[cfg(feature = "redis")]
pub use redis::RedisPermits;
pub(super) use retry_after::retry_after;
pub use stats::{BudgetStats, PermitSource, RateStats};
pub use store::WhenUnreachable;

/// How many requests per second are allowed, beyond what the operations' facts say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Requests per second of the whole organisation; `None` is no limit, and 0 counts as 1.
    pub organisation: Option<u32>,
    /// Requests per second by budget key (`kite/inventory/getSubscriptions`), in place of the
    /// operation's own; `None` is no limit.
    pub budgets: HashMap<String, Option<u32>>,
    /// How much requests may be delayed unevenly on their way, at least: N permits take a second
    /// and this much. Without it any jitter puts N + 1 requests into a second of the platform's.
    pub jitter: Duration,
    /// How wide that margin may become. It is widened while little is known of the way (30 ms in
    /// the first five seconds, or until it has connected a few times), as far as connections take
    /// unevenly long to come about, by how late this machine wakes up for permits more than now
    /// and then, and twofold with every refusal for rate, half of which is narrowed again each
    /// minute. No more than `jitter` means a margin that stays as it is. Of processes that share
    /// their permits the widest margin counts for all, whatever this says.
    pub max_jitter: Duration,
    /// Whether the operations' facts count.
    pub obey_facts: bool,
    /// When the platform names a time to wait (`Retry-After`, a quota that is used up) that is
    /// longer than this, calls fail at once with
    /// [`is_rate_limited`](mno_runtime::Error::is_rate_limited) instead of waiting; `None` waits
    /// as long as a call's deadline and `max_permit_wait` allow.
    pub max_freeze_wait: Option<Duration>,
}

impl RateLimits {
    /// The limits that Telefónica documents for the Kite platform: 14 per second for the
    /// organisation, and those of the operations.
    #[must_use]
    pub fn kite() -> Self {
        Self {
            organisation: Some(14),
            budgets: HashMap::new(),
            jitter: Duration::from_millis(9),
            max_jitter: Duration::from_millis(100),
            obey_facts: true,
            max_freeze_wait: None,
        }
    }

    /// None: KPN publishes no limits for Mobile Service Management. It answers 429 when a quota is
    /// used up, with the time at which the next one begins; that is waited for up to a minute.
    #[must_use]
    pub fn kpn() -> Self {
        Self::unpublished()
    }

    /// None: Telekom publishes no limits for Business Smart Connect. A 429 with `Retry-After` is
    /// waited for up to a minute.
    #[must_use]
    pub fn telekom_bsc() -> Self {
        Self::unpublished()
    }

    /// None: no limits are published for MasStack. A 429 with `Retry-After` is waited for up to a
    /// minute.
    #[must_use]
    pub fn masstack() -> Self {
        Self::unpublished()
    }

    fn unpublished() -> Self {
        Self {
            organisation: None,
            max_freeze_wait: Some(Duration::from_secs(60)),
            ..Self::kite()
        }
    }

    /// No limits at all: for test doubles, and for platforms that have others in front.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            organisation: None,
            obey_facts: false,
            ..Self::kite()
        }
    }

    /// Sets the organisation's limit.
    #[must_use]
    pub fn with_organisation(mut self, per_second: Option<u32>) -> Self {
        self.organisation = per_second;
        self
    }

    /// Sets a budget's limit, in place of the operation's own.
    #[must_use]
    pub fn with_budget(mut self, budget: impl Into<String>, per_second: Option<u32>) -> Self {
        self.budgets.insert(budget.into(), per_second);
        self
    }

    /// Sets the least jitter margin, 9 ms by default.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets how wide the jitter margin may become, 100 ms by default.
    #[must_use]
    pub fn with_max_jitter(mut self, jitter: Duration) -> Self {
        self.max_jitter = jitter;
        self
    }

    /// Sets the jitter margin to this, whatever is measured.
    #[must_use]
    pub fn with_fixed_jitter(self, jitter: Duration) -> Self {
        self.with_jitter(jitter).with_max_jitter(jitter)
    }

    /// Sets the longest wait that the platform may ask for.
    #[must_use]
    pub fn with_max_freeze_wait(mut self, wait: Option<Duration>) -> Self {
        self.max_freeze_wait = wait;
        self
    }
}

/// The rate budget of one organisation; clones share it.
///
/// By default the clients in a process whose certificates name the same organisation share one.
/// Share one on purpose where the certificates do not tell:
///
/// ```
/// use mno_sdk::{Organisation, RateLimits};
///
/// let organisation = Organisation::new(RateLimits::kite());
/// // Kite::builder().organisation(&organisation) for each of the clients …
/// // … and when the operator grants another limit:
/// organisation.set_budget("kite/inventory/getSubscriptions", Some(8));
/// ```
///
/// Permits are first come, first served within an operation and priority. Interactive calls go
/// before bulk ones, but not for ever: a bulk call that has been next for four turns goes first.
#[derive(Clone)]
pub struct Organisation(Arc<Shared>);

struct Shared {
    schedule: Mutex<Schedule>,
    /// Where permits come from that other processes draw on, too.
    store: Option<Box<dyn Store>>,
}

impl Organisation {
    /// A budget of its own.
    #[must_use]
    pub fn new(limits: RateLimits) -> Self {
        Self(Arc::new(Shared {
            schedule: Mutex::new(Schedule::new(limits, None)),
            store: None,
        }))
    }

    /// A budget that other processes, also on other machines, draw on as well: all that name the
    /// same organisation on the same Redis server. The limits are to be the same in each of them.
    ///
    /// ```no_run
    /// use mno_sdk::{Kite, Organisation, RateLimits, RedisPermits, WhenUnreachable};
    ///
    /// # fn main() -> Result<(), mno_sdk::Error> {
    /// let permits = RedisPermits::new("redis://permits.example/", "acme-devices")?
    ///     .when_unreachable(WhenUnreachable::Share(0.25));
    /// let organisation = Organisation::on_redis(RateLimits::kite(), permits);
    /// let builder = Kite::builder().organisation(&organisation);
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn on_redis(limits: RateLimits, permits: RedisPermits) -> Self {
        let (store, otherwise) = permits.into_store();
        Self::shared(limits, Box::new(store), otherwise)
    }

    #[cfg(any(feature = "redis", test))]
    fn shared(limits: RateLimits, store: Box<dyn Store>, otherwise: WhenUnreachable) -> Self {
        Self(Arc::new(Shared {
            schedule: Mutex::new(Schedule::new(limits, Some(otherwise))),
            store: Some(store),
        }))
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> RateLimits {
        self.lock().limits().clone()
    }

    /// Changes the organisation's limit, from the next permit on; `None` is no limit.
    pub fn set_organisation(&self, per_second: Option<u32>) {
        self.lock()
            .change(|limits| limits.organisation = per_second);
    }

    /// Changes a budget's limit, from the next permit on; `None` is no limit.
    pub fn set_budget(&self, budget: &str, per_second: Option<u32>) {
        self.lock().change(|limits| {
            limits.budgets.insert(budget.to_owned(), per_second);
        });
    }

    /// Changes the bounds of the jitter margin; equal ones fix it.
    pub fn set_jitter(&self, least: Duration, most: Duration) {
        self.lock().change(|limits| {
            limits.jitter = least;
            limits.max_jitter = most;
        });
    }

    /// Hands out no permit of that budget for this long.
    pub fn freeze(&self, budget: &'static str, duration: Duration) {
        self.lock().freeze(budget, later(Instant::now(), duration));
        self.ask();
    }

    /// Who waits, what was handed out and refused, how wide the margin is.
    ///
    /// ```
    /// # use mno_sdk::{Organisation, RateLimits};
    /// let organisation = Organisation::new(RateLimits::kite());
    /// for budget in organisation.stats().budgets {
    ///     println!("{}: {} waiting", budget.budget, budget.waiting_bulk);
    /// }
    /// ```
    #[must_use]
    pub fn stats(&self) -> RateStats {
        self.lock().stats(Instant::now())
    }

    pub(crate) fn downgrade(&self) -> WeakOrganisation {
        WeakOrganisation(Arc::downgrade(&self.0))
    }

    /// Waits for a permit until `limit`.
    pub(crate) async fn acquire(
        &self,
        facts: &OperationFacts,
        priority: Priority,
        limit: Option<Instant>,
    ) -> Result<Permit, NoPermit> {
        self.queue(facts, priority.into(), limit).await
    }

    /// Asks, for a request that is ready to leave, whether its permit of that time still holds,
    /// and waits for another one if not, before all who have had none.
    pub(crate) async fn renew(
        &self,
        facts: &OperationFacts,
        permit: Instant,
        limit: Instant,
    ) -> Result<Permit, NoPermit> {
        {
            let mut schedule = self.lock();
            if schedule.holds(facts.budget, permit, Instant::now()) {
                return Ok(Permit {
                    at: permit,
                    waited: Duration::ZERO,
                });
            }
            schedule.forget(facts.budget, permit);
        }
        self.queue(facts, Class::Again, Some(limit)).await
    }

    async fn queue(
        &self,
        facts: &OperationFacts,
        class: Class,
        limit: Option<Instant>,
    ) -> Result<Permit, NoPermit> {
        let started = Instant::now();
        let wakeup = Arc::new(Notify::new());
        let ticket = self
            .lock()
            .enter(facts, class, Arc::clone(&wakeup), started);
        // From here on, dropping this future gives the place in the queue back.
        let place = Place {
            organisation: self,
            ticket,
        };
        loop {
            self.ask();
            let now = Instant::now();
            let (wake, due, is_unreachable) = match self.lock().step(&place.ticket, now) {
                Step::Granted(at) => {
                    return Ok(Permit {
                        at,
                        waited: now - started,
                    });
                }
                Step::Wait {
                    wake,
                    due,
                    is_unreachable,
                } => (wake, due, is_unreachable),
            };
            let no = NoPermit {
                budget: facts.budget,
                wait: due.unwrap_or(now).saturating_duration_since(started),
                is_frozen: false,
                is_unreachable,
            };
            if let Some(frozen) = self.lock().frozen_for_too_long(facts.budget, now) {
                return Err(NoPermit {
                    wait: frozen,
                    is_frozen: true,
                    ..no
                });
            }
            let mut wake = wake;
            if let Some(limit) = limit {
                // No use in waiting for what will not come in time; those behind need not wait
                // for us to give up either. A server that was not asked yet may still have one.
                let is_over = limit <= now && (due.is_some() || is_unreachable);
                if is_over || due.is_some_and(|due| limit < due) {
                    return Err(no);
                }
                if limit > now {
                    wake = wake.min(limit);
                }
            }
            // Either ends the wait; the next step tells which.
            let _ = tokio::time::timeout_at(wake, wakeup.notified()).await;
        }
    }

    /// Asks the server of shared permits, if there is one and it is time to.
    ///
    /// In a task of its own: a caller who gives up must not take along what the server gives.
    fn ask(&self) {
        if self.0.store.is_none() {
            return;
        }
        let Some(round) = self.lock().round(Instant::now()) else {
            return;
        };
        let asking = Asking {
            organisation: self.clone(),
            is_answered: false,
        };
        // Without a runtime nobody waits for permits either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(asking.run(round));
        }
    }

    /// A connection to the platform has come about in this time.
    pub(crate) fn connected(&self, took: Duration) {
        self.lock().connected(took, Instant::now());
    }

    /// The platform refused a call for its rate, and says how long to wait, or not. Returns how
    /// long the budget is frozen.
    pub(crate) fn refused(
        &self,
        budget: &'static str,
        permit: Instant,
        retry_after: Option<Duration>,
    ) -> Duration {
        let frozen = self
            .lock()
            .refused(budget, permit, retry_after, Instant::now());
        self.ask();
        frozen
    }

    /// The platform processed a call.
    pub(crate) fn answered(&self, budget: &'static str, permit: Instant) {
        self.lock().answered(budget, permit);
    }

    fn lock(&self) -> MutexGuard<'_, Schedule> {
        // The schedule is consistent between statements: a panic elsewhere does not spoil it.
        self.0
            .schedule
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Organisation").field(&self.limits()).finish()
    }
}

/// An organisation that lives as long as its clients.
pub(crate) struct WeakOrganisation(Weak<Shared>);

impl WeakOrganisation {
    pub(crate) fn upgrade(&self) -> Option<Organisation> {
        self.0.upgrade().map(Organisation)
    }
}

/// A time that much later; `Duration::MAX` means never, and must not overflow.
pub(crate) fn later(time: Instant, duration: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    time + duration.min(NEVER)
}

/// Leave to send one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    /// When it was given.
    pub(crate) at: Instant,
    /// How long it took.
    pub(crate) waited: Duration,
}

/// No permit in the time allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoPermit {
    pub(crate) budget: &'static str,
    /// How long it would have taken, at least.
    pub(crate) wait: Duration,
    /// The platform named a time that is longer than the limits allow.
    pub(crate) is_frozen: bool,
    /// The server of shared permits was not there.
    pub(crate) is_unreachable: bool,
}

/// A place in the queue, given back when dropped.
struct Place<'a> {
    organisation: &'a Organisation,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.organisation.lock().leave(&self.ticket, Instant::now());
        self.organisation.ask();
    }
}

/// One who asks the server. However that ends, others can ask afterwards.
struct Asking {
    organisation: Organisation,
    is_answered: bool,
}

impl Asking {
    async fn run(mut self, mut round: Round) {
        let Some(store) = &self.organisation.0.store else {
            return;
        };
        loop {
            self.is_answered = false;
            let answer = store.ask(&round).await;
            let now = Instant::now();
            let mut schedule = self.organisation.lock();
            match answer {
                Ok(answer) => schedule.answered_round(&round, answer, now),
                Err(why) => schedule.lost_round(Some(&why), now),
            }
            self.is_answered = true;
            // What is to be told has nobody who waits for it.
            match schedule.round(now) {
                Some(next) => round = next,
                None => return,
            }
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.is_answered {
            self.organisation.lock().lost_round(None, Instant::now());
        }
    }
}
