//! The slots of one limit.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How far apart the slots of a limit are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// Between two slots; zero without a limit.
    pub(super) spacing: Duration,
    /// No more slots than this …
    pub(super) count: u32,
    /// … in any time as long as this.
    pub(super) span: Duration,
    /// A slot that is taken late by no more than this does not move those after it.
    pub(super) slack: Duration,
}

impl Pace {
    /// More slots than this are kept apart by their spacing alone.
    const MOST: u32 = 100;

    /// N slots take a second and the jitter margin.
    pub(super) fn new(per_second: Option<u32>, margin: Duration) -> Self {
        let Some(limit) = per_second else {
            return Self {
                spacing: Duration::ZERO,
                count: 0,
                span: Duration::ZERO,
                slack: Duration::ZERO,
            };
        };
        // A limit of zero would mean never; one is the least that a platform can mean.
        let limit = limit.max(1);
        let spacing = (Duration::from_secs(1) + margin) / limit;
        let count = limit.min(Self::MOST);
        Self {
            spacing,
            count,
            span: spacing * count,
            slack: spacing / 2,
        }
    }

    /// A part of a limit, for one of several processes that cannot agree at present.
    pub(super) fn part(per_second: Option<u32>, share: f64, margin: Duration) -> Self {
        let Some(limit) = per_second else {
            return Self::new(None, margin);
        };
        let part = f64::from(limit.max(1)) * share;
        if part >= 1.0 {
            // Whole ones: parts of a slot would meet those of other processes.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Self::new(Some(part as u32), margin);
        }
        let whole = Self::new(Some(1), margin);
        let spacing = whole.spacing.div_f64(part.max(0.001));
        Self {
            spacing,
            span: spacing,
            ..whole
        }
    }
}

/// Slots one after another.
///
/// They are spaced evenly from where they were due, not from when they were taken: a clock that
/// wakes up a little late costs nothing then. That no time of the pace's span holds more than its
/// count is looked at apart from that.
pub(super) struct Lane {
    pace: Pace,
    /// The next slot if they are even, unless frozen.
    next: Instant,
    /// No slot before this.
    pub(super) frozen: Instant,
    /// Who has the last slot.
    last: Option<u64>,
    /// When the last slots were taken: one more than count.
    taken: VecDeque<Instant>,
}

impl Lane {
    pub(super) fn new(pace: Pace, now: Instant) -> Self {
        Self {
            pace,
            next: now,
            frozen: now,
            last: None,
            taken: VecDeque::new(),
        }
    }

    pub(super) fn spacing(&self) -> Duration {
        self.pace.spacing
    }

    pub(super) fn due(&self) -> Instant {
        self.next.max(self.room())
    }

    /// When there is room for one whose slot was given back: that one need not keep its distance
    /// from others, but no span may hold more than the count.
    pub(super) fn room(&self) -> Instant {
        self.full_until()
            .map_or(self.frozen, |full| full.max(self.frozen))
    }

    /// Takes the slot that is due, and returns when the next one was before.
    pub(super) fn take(&mut self, id: u64, now: Instant) -> Instant {
        let even = self.next.max(self.frozen);
        let late = now.saturating_duration_since(even);
        let from = if late <= self.pace.slack { even } else { now };
        self.note(id, now, from + self.pace.spacing)
    }

    /// Takes the room of a slot that was given back.
    pub(super) fn take_again(&mut self, id: u64, now: Instant) -> Instant {
        self.note(id, now, self.next)
    }

    fn note(&mut self, id: u64, now: Instant, next: Instant) -> Instant {
        let before = std::mem::replace(&mut self.next, next);
        self.last = Some(id);
        self.taken.push_back(now);
        let count = usize::try_from(self.pace.count).unwrap_or(usize::MAX);
        while self.taken.len() > count + 1 {
            self.taken.pop_front();
        }
        before
    }

    /// The end of the span that holds as many as it may.
    fn full_until(&self) -> Option<Instant> {
        let count = usize::try_from(self.pace.count).ok()?;
        let oldest = self.taken.len().checked_sub(count)?;
        Some(*self.taken.get(oldest)? + self.pace.span)
    }

    /// The slot that was taken at this time was not used.
    pub(super) fn forget(&mut self, taken: Instant) {
        if let Some(index) = self.taken.iter().rposition(|at| *at == taken) {
            self.taken.remove(index);
        }
    }

    /// Undoes a take, unless something has happened since.
    pub(super) fn give_back(&mut self, id: u64, before: Instant) {
        if self.last == Some(id) {
            self.next = before;
            self.last = None;
            self.taken.pop_back();
        }
    }

    pub(super) fn freeze(&mut self, until: Instant) {
        self.frozen = self.frozen.max(until);
    }

    /// Goes on at another pace. A slot that is waited for moves with it.
    pub(super) fn respace(&mut self, pace: Pace) {
        if pace == self.pace {
            return;
        }
        if let Some(last) = self.next.checked_sub(self.pace.spacing)
            && !self.taken.is_empty()
        {
            self.next = last + pace.spacing;
        }
        if pace.count != self.pace.count {
            // What was within the old limit says nothing of the new one.
            self.taken.clear();
        }
        self.pace = pace;
    }

    /// Forgets what was taken, and has no slot before this.
    pub(super) fn restart(&mut self, from: Instant) {
        self.next = self.next.max(from);
        self.last = None;
        self.taken.clear();
    }

    /// Time of the slot after this many others.
    pub(super) fn slot(&self, ahead: u32) -> Instant {
        self.due() + self.pace.spacing.saturating_mul(ahead)
    }
}
