//! The jitter margin, as wide as the way to the platform needs it.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Until something is known of the way, the margin is no less than this …
const UNKNOWN: Duration = Duration::from_millis(30);
/// … for this long after the first permit, or until so many handshakes have been seen.
const SETTLING: Duration = Duration::from_secs(5);
const KNOWN: usize = 5;
/// Time in which half of what a refusal has widened is narrowed again.
const HALF_LIFE: Duration = Duration::from_secs(60);
/// How many handshakes are remembered, and for how long.
const HANDSHAKES: usize = 32;
const MEMORY: Duration = Duration::from_secs(600);

/// How many wake-ups are remembered, and how many of them may be late without being the rule.
const WAKEUPS: usize = 64;
const STRAYS: usize = 2;
/// A timer's own tick.
const TICK: Duration = Duration::from_millis(3);

/// What N permits take beyond a second.
pub(super) struct Margin {
    least: Duration,
    most: Duration,
    /// First permit.
    since: Option<Instant>,
    /// By refusals: how much, and when that was.
    widened: Duration,
    widened_at: Instant,
    /// How long connections took to come about.
    handshakes: VecDeque<(Instant, Duration)>,
    /// What they make necessary.
    spread: Duration,
    /// How late the last permits were handed out: a machine that is that busy delays what it sends
    /// by as much.
    late: VecDeque<Duration>,
    /// What the processes that share the limit need, as far as is known.
    shared: Duration,
}

impl Margin {
    pub(super) fn new(least: Duration, most: Duration, now: Instant) -> Self {
        Self {
            least,
            most: most.max(least),
            since: None,
            widened: Duration::ZERO,
            widened_at: now,
            handshakes: VecDeque::new(),
            spread: Duration::ZERO,
            late: VecDeque::new(),
            shared: Duration::ZERO,
        }
    }

    /// Sets the bounds; what was learnt stays.
    pub(super) fn bound(&mut self, least: Duration, most: Duration) {
        self.least = least;
        self.most = most.max(least);
    }

    /// The margin at this time.
    pub(super) fn at(&self, now: Instant) -> Duration {
        self.own(now).max(self.shared)
    }

    /// The margin that what this process has seen makes necessary.
    pub(super) fn own(&self, now: Instant) -> Duration {
        let settling =
            self.handshakes.len() < KNOWN && self.since.is_none_or(|since| now < since + SETTLING);
        let unknown = if settling { UNKNOWN } else { Duration::ZERO };
        let busy = self.busy();
        (self.least + self.widened_by(now) + busy)
            .max(self.spread)
            .max(unknown)
            .min(self.most)
    }

    /// The widest margin of all processes that share the limit is this.
    pub(super) fn share(&mut self, widest: Duration) {
        self.shared = widest;
    }

    pub(super) fn permitted(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// A permit that somebody waited for was handed out so late.
    pub(super) fn woke_up(&mut self, late: Duration) {
        if self.late.len() == WAKEUPS {
            self.late.pop_front();
        }
        self.late
            .push_back(if late > TICK { late } else { Duration::ZERO });
    }

    /// The platform counted more calls in a second than were let go: twice as wide.
    pub(super) fn refused(&mut self, now: Instant) {
        let wider = (self.at(now) * 2).min(self.most);
        self.widened = wider.saturating_sub(self.least);
        self.widened_at = now;
    }

    /// A connection has come about in this time.
    pub(super) fn connected(&mut self, took: Duration, now: Instant) {
        self.handshakes.push_back((now, took));
        self.handshakes
            .retain(|(at, _)| now.saturating_duration_since(*at) < MEMORY);
        if self.handshakes.len() > HANDSHAKES {
            self.handshakes.pop_front();
        }
        let mut took: Vec<_> = self.handshakes.iter().map(|(_, took)| *took).collect();
        took.sort_unstable();
        // The slowest of eight is left out: a packet lost, a machine that was busy.
        let slowest = took.len().saturating_sub(1 + took.len() / 8);
        if let (Some(fastest), Some(slowest)) = (took.first(), took.get(slowest)) {
            // Few of them have not seen all that there is.
            let unseen = 4 * (*slowest - *fastest) / u32::try_from(took.len()).unwrap_or(u32::MAX);
            self.spread = *slowest - *fastest + unseen;
        }
    }

    /// How late permits are handed out, strays aside.
    fn busy(&self) -> Duration {
        // The latest ones, the least late of them first: every permit asks, so nothing is sorted.
        let mut latest = [Duration::ZERO; STRAYS + 1];
        for late in &self.late {
            if *late > latest[0] {
                latest[0] = *late;
                latest.sort_unstable();
            }
        }
        latest[0]
    }

    /// What of the widening is left.
    fn widened_by(&self, now: Instant) -> Duration {
        let halves =
            now.saturating_duration_since(self.widened_at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        let left = self.widened.mul_f64(0.5_f64.powf(halves));
        // What is less than a tick of the clock is nothing.
        if left < Duration::from_millis(1) {
            return Duration::ZERO;
        }
        left
    }
}
