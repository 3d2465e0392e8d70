//! Rate permits: never more requests in a second than the platform allows.
//!
//! A platform counts requests per operation and per organisation, as they arrive. An
//! [`Organisation`] hands out permits accordingly, spaced evenly; clients of one organisation
//! share it.

mod schedule;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::Priority;
use tokio::sync::Notify;
use tokio::time::Instant;

use schedule::{Class, Schedule, Step, Ticket};

/// How many requests per second are allowed, beyond what the operations' facts say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Requests per second of the whole organisation; `None` is no limit.
    pub organisation: Option<u32>,
    /// Requests per second by budget key (`kite/inventory/getSubscriptions`), in place of the
    /// operation's own; `None` is no limit.
    pub budgets: HashMap<String, Option<u32>>,
    /// How much requests may be delayed unevenly on their way: N permits take a second and this
    /// much. Without it any jitter puts N + 1 requests into a second of the platform's.
    pub jitter: Duration,
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

    /// Sets the jitter margin.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the longest wait that the platform may ask for.
    #[must_use]
    pub fn with_max_freeze_wait(mut self, wait: Option<Duration>) -> Self {
        self.max_freeze_wait = wait;
        self
    }

    /// Time between two permits.
    fn spacing(&self, per_second: Option<u32>) -> Duration {
        match per_second {
            None => Duration::ZERO,
            // A limit of zero would mean never; one is the least that a platform can mean.
            Some(n) => (Duration::from_secs(1) + self.jitter) / n.max(1),
        }
    }

    fn of(&self, facts: &OperationFacts) -> Option<u32> {
        match self.budgets.get(facts.budget) {
            Some(set) => *set,
            None => facts.tps.filter(|_| self.obey_facts),
        }
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
pub struct Organisation(Arc<Mutex<Schedule>>);

impl Organisation {
    /// A budget of its own.
    #[must_use]
    pub fn new(limits: RateLimits) -> Self {
        Self(Arc::new(Mutex::new(Schedule::new(limits))))
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

    /// Hands out no permit of that budget for this long.
    pub fn freeze(&self, budget: &'static str, duration: Duration) {
        self.lock().freeze(budget, later(Instant::now(), duration));
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
        if self.lock().holds(facts.budget, permit, Instant::now()) {
            return Ok(Permit {
                at: permit,
                waited: Duration::ZERO,
            });
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
            let now = Instant::now();
            let (wake, due) = match self.lock().step(&place.ticket, now) {
                Step::Granted(at) => {
                    return Ok(Permit {
                        at,
                        waited: now - started,
                    });
                }
                Step::Wait { wake, due } => (wake, due),
            };
            if let Some(frozen) = self.lock().frozen_for_too_long(facts.budget, now) {
                return Err(NoPermit {
                    budget: facts.budget,
                    wait: frozen,
                    is_frozen: true,
                });
            }
            // No use in waiting for what will not come in time; those behind need not wait
            // for us to give up either.
            if limit.is_some_and(|limit| limit < due || limit <= now) {
                return Err(NoPermit {
                    budget: facts.budget,
                    wait: due - started,
                    is_frozen: false,
                });
            }
            // Either ends the wait; the next step tells which.
            let _ = tokio::time::timeout_at(wake, wakeup.notified()).await;
        }
    }

    /// The platform refused a call for its rate, and says how long to wait, or not. Returns how
    /// long the budget is frozen.
    pub(crate) fn refused(
        &self,
        budget: &'static str,
        permit: Instant,
        retry_after: Option<Duration>,
    ) -> Duration {
        self.lock()
            .refused(budget, permit, retry_after, Instant::now())
    }

    /// The platform processed a call.
    pub(crate) fn answered(&self, budget: &'static str, permit: Instant) {
        self.lock().answered(budget, permit);
    }

    fn lock(&self) -> MutexGuard<'_, Schedule> {
        // The schedule is consistent between statements: a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Organisation").field(&self.limits()).finish()
    }
}

/// An organisation that lives as long as its clients.
pub(crate) struct WeakOrganisation(Weak<Mutex<Schedule>>);

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
}

/// A place in the queue, given back when dropped.
struct Place<'a> {
    organisation: &'a Organisation,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.organisation.lock().leave(&self.ticket, Instant::now());
    }
}
