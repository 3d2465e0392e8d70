//! Whether, when and how often a failed attempt is followed by another one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mno_runtime::facts::{Idempotency, OperationFacts};
use mno_runtime::transport::{Delivery, Retry, TransportError, TransportErrorKind as Kind};
use tokio::time::Instant;

use super::permits::later;

/// How much is sent again beyond what was asked for, over all calls of a client.
///
/// Retries are for the odd failure. When much fails, sending it all again makes it worse: a client
/// may spend one retry for so many calls, and some more for times in which there are few calls.
/// With nothing left, failures go to the caller at once. It has nothing to do with the permitted
/// rate: every attempt waits for a permit. Refusals for rate, and waiting for the end of an
/// outage, do not draw on it: both have pauses of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryBudget {
    /// Retries per hundred calls, 10 by default. Up to 100 are saved up.
    pub percent: u32,
    /// Retries per minute that are there whatever the number of calls, 10 by default.
    pub per_minute: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            percent: 10,
            per_minute: 10,
        }
    }
}

impl RetryBudget {
    /// Sets the retries per hundred calls.
    #[must_use]
    pub fn with_percent(mut self, percent: u32) -> Self {
        self.percent = percent;
        self
    }

    /// Sets the retries per minute that are there in any case.
    #[must_use]
    pub fn with_per_minute(mut self, retries: u32) -> Self {
        self.per_minute = retries;
        self
    }
}

/// What is left of a [`RetryBudget`].
#[derive(Debug)]
pub(super) struct Budget {
    settings: RetryBudget,
    left: Mutex<Left>,
}

#[derive(Debug)]
struct Left {
    /// Earned by calls, in hundredths of a retry.
    earned: u64,
    /// Of what is there in any case, in sixty-thousandths of a retry.
    floor: u64,
    since: Instant,
}

/// One retry, in the units of [`Left::earned`].
const EARNED: u64 = 100;
/// One retry, in those of [`Left::floor`]: a millisecond at one retry per minute.
const FLOOR: u64 = 60_000;

impl Budget {
    pub(super) fn new(settings: RetryBudget) -> Self {
        let left = Left {
            earned: 0,
            floor: u64::from(settings.per_minute) * FLOOR,
            since: Instant::now(),
        };
        Self {
            settings,
            left: Mutex::new(left),
        }
    }

    /// A call was made.
    pub(super) fn earn(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.earned = (left.earned + u64::from(self.settings.percent)).min(100 * EARNED);
    }

    /// Takes a retry, if one is left.
    pub(super) fn spend(&self) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed = u64::try_from((now - left.since).as_millis()).unwrap_or(u64::MAX);
        left.since = now;
        let per_minute = u64::from(self.settings.per_minute);
        left.floor = per_minute
            .saturating_mul(passed)
            .saturating_add(left.floor)
            .min(per_minute * FLOOR);
        if left.floor >= FLOOR {
            left.floor -= FLOOR;
        } else if left.earned >= EARNED {
            left.earned -= EARNED;
        } else {
            return false;
        }
        true
    }
}

/// Why a call may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It provably never left this machine in full.
    Unsent,
    /// The operation reads only.
    Safe,
}

impl Reason {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unsent => "not sent",
            Self::Safe => "safe to repeat",
        }
    }
}

/// Whether a second time does no harm.
pub(super) fn is_safe(facts: &OperationFacts, retry: &Retry) -> bool {
    match facts.idempotency {
        Idempotency::Safe => true,
        Idempotency::Idempotent => retry.idempotent_writes,
        _ => false,
    }
}

/// Why a call without an answer may be sent again; `None` when it may not.
pub(super) fn of_error(
    facts: &OperationFacts,
    retry: &Retry,
    error: &TransportError,
) -> Option<Reason> {
    match (error.kind, error.delivery) {
        (Kind::Connect | Kind::Timeout | Kind::Interrupted, Delivery::NotSent) => {
            Some(Reason::Unsent)
        }
        (Kind::Timeout | Kind::Interrupted, Delivery::Unknown) if is_safe(facts, retry) => {
            Some(Reason::Safe)
        }
        // Certificates, credentials, configuration, size: the same will happen again. No permit in
        // time and a closed platform: their own waits are over.
        _ => None,
    }
}

/// The retries of one call.
pub(super) struct Retries<'a> {
    settings: Retry,
    budget: &'a Budget,
    /// No attempt begins after this.
    end: Instant,
    made: u32,
}

impl<'a> Retries<'a> {
    /// For one call, which earns its part of the budget by it.
    pub(super) fn new(settings: Retry, budget: &'a Budget, last_start: Option<Instant>) -> Self {
        let end = later(Instant::now(), settings.limit);
        budget.earn();
        Self {
            settings,
            budget,
            end: last_start.map_or(end, |last| last.min(end)),
            made: 0,
        }
    }

    pub(super) fn settings(&self) -> &Retry {
        &self.settings
    }

    /// Whether there could be another attempt.
    pub(super) fn are_left(&self) -> bool {
        self.made + 1 < self.settings.max_attempts
    }

    /// The pause before another attempt, if there is to be one. It is random, anything up to a
    /// bound that doubles ("full jitter"): clients that failed together do not come back together.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let pause = self.pause(asked)?;
        if !self.budget.spend() {
            tracing::warn!("the retry budget is used up: too many calls fail");
            return None;
        }
        self.made += 1;
        Some(pause)
    }

    /// The same for what all callers ask for together: that costs the budget nothing.
    pub(super) fn next_together(&mut self, asked: Duration) -> Option<Duration> {
        let pause = self.pause(Some(asked))?;
        self.made += 1;
        Some(pause)
    }

    fn pause(&self, asked: Option<Duration>) -> Option<Duration> {
        if !self.are_left() {
            return None;
        }
        let doubled = 1_u32.checked_shl(self.made).unwrap_or(u32::MAX);
        let bound = self.settings.first_pause.saturating_mul(doubled);
        let pause = random_up_to(bound.min(self.settings.longest_pause));
        let pause = asked.map_or(pause, |asked| asked.saturating_add(pause));
        (later(Instant::now(), pause) <= self.end).then_some(pause)
    }
}

/// Anything from nothing to this.
pub(super) fn random_up_to(bound: Duration) -> Duration {
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(fastrand::u64(0..=nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_budget_is_a_tenth_of_the_calls_and_a_floor() {
        let budget = Budget::new(RetryBudget::default());
        let spent = |budget: &Budget| (0..1000).take_while(|_| budget.spend()).count();
        assert_eq!(spent(&budget), 10, "the floor is there at once");
        (0..500).for_each(|_| budget.earn());
        assert_eq!(spent(&budget), 50);
        tokio::time::advance(30 * SECOND).await;
        assert_eq!(spent(&budget), 5, "ten per minute");
        tokio::time::advance(3600 * SECOND).await;
        (0..100_000).for_each(|_| budget.earn());
        assert_eq!(spent(&budget), 110, "no more than this is saved up");
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_of_nothing_allows_nothing() {
        let none = RetryBudget::default().with_percent(0).with_per_minute(0);
        let budget = Budget::new(none);
        tokio::time::advance(3600 * SECOND).await;
        (0..100).for_each(|_| budget.earn());
        assert!(!budget.spend());
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_are_random_up_to_a_bound_that_doubles() {
        let budget = Budget::new(RetryBudget::default().with_per_minute(100_000));
        let settings = Retry::default()
            .with_max_attempts(6)
            .with_first_pause(SECOND)
            .with_longest_pause(4 * SECOND);
        let mut longest = [Duration::ZERO; 5];
        let mut shortest = [Duration::MAX; 5];
        for _ in 0..1000 {
            let mut retries = Retries::new(settings, &budget, None);
            for n in 0..5 {
                let Some(pause) = retries.next(None) else {
                    unreachable!("five retries");
                };
                longest[n] = longest[n].max(pause);
                shortest[n] = shortest[n].min(pause);
            }
            assert_eq!(retries.next(None), None, "six attempts");
        }
        for (n, bound) in [1, 2, 4, 4, 4].into_iter().enumerate() {
            let bound = bound * SECOND;
            assert!(longest[n] <= bound && longest[n] > bound.mul_f64(0.9));
            assert!(shortest[n] < bound.mul_f64(0.1), "{:?}", shortest[n]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_attempt_begins_after_the_limit_and_nothing_is_spent_for_it() {
        let budget = Budget::new(RetryBudget::default().with_per_minute(1).with_percent(0));
        let settings = Retry::default().with_limit(5 * SECOND);
        let mut retries = Retries::new(settings, &budget, None);
        tokio::time::advance(6 * SECOND).await;
        assert_eq!(retries.next(None), None);
        assert!(budget.spend(), "it was not spent");

        let mut retries = Retries::new(settings, &budget, None);
        assert_eq!(retries.next(Some(6 * SECOND)), None, "what is asked for");
    }
}
