//! Who gets the next permit, and when.
//!
//! There is no task in the background. Every waiter sleeps until the time at which its turn may
//! come, and whoever wakes up first hands out all permits that are due, to whomever they are due.
//! So a waiter whose future is not polled holds nobody up.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::Priority;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{RateLimits, later};

/// First freeze after a refusal for rate; doubled with every further one.
const FIRST_FREEZE: Duration = Duration::from_secs(1);
/// Longest freeze that we choose by ourselves.
const LONGEST_FREEZE: Duration = Duration::from_secs(60);
/// Refusals of two operations this close together mean that the organisation is over its limit.
const TOGETHER: Duration = Duration::from_secs(1);
/// How many turns a bulk call lets interactive ones go before it.
const BULK_YIELDS: u32 = 4;

/// State of all queues of an organisation.
pub(super) struct Schedule {
    limits: RateLimits,
    organisation: Lane,
    budgets: BTreeMap<&'static str, Budget>,
    granted: HashMap<u64, Grant>,
    next_id: u64,
    last_refusal: Option<(Instant, &'static str)>,
}

/// A place in a queue.
#[derive(Debug)]
pub(super) struct Ticket {
    id: u64,
    budget: &'static str,
    class: Class,
}

/// The queues of a budget, in this order of rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Had a permit and could not leave in time: older than all others, and first.
    Again,
    Interactive,
    Bulk,
}

/// What a waiter is to do.
pub(super) enum Step {
    /// Send; the permit was given at this time.
    Granted(Instant),
    /// Come back at `wake`, or when notified; the permit is not to be had before `due`.
    Wait {
        /// When to look again.
        wake: Instant,
        /// When the turn comes, if nobody gives up and no other operation is in the way.
        due: Instant,
    },
}

/// Evenly spaced slots.
#[derive(Clone, Copy)]
struct Lane {
    spacing: Duration,
    /// The next slot, unless frozen.
    next: Instant,
    /// No slot before this.
    frozen: Instant,
    /// Who has the last slot.
    last: Option<u64>,
}

struct Budget {
    lane: Lane,
    /// The limit that the operation's facts name.
    from_facts: Option<u32>,
    /// One per [`Class`]; ids ascend.
    queues: [Queue; 3],
    refusals: u32,
    frozen_at: Option<Instant>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiter>,
    /// Since when its head has been its head.
    head_since: Option<Instant>,
}

struct Waiter {
    id: u64,
    wakeup: Arc<Notify>,
}

/// A permit that its waiter has not picked up yet, and what to restore if it never does.
struct Grant {
    at: Instant,
    before: (Instant, Instant),
}

impl Class {
    const ALL: [Self; 3] = [Self::Again, Self::Interactive, Self::Bulk];
}

impl From<Priority> for Class {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Bulk => Self::Bulk,
            _ => Self::Interactive,
        }
    }
}

impl Schedule {
    pub(super) fn new(limits: RateLimits) -> Self {
        let spacing = limits.spacing(limits.organisation);
        Self {
            organisation: Lane::new(spacing, Instant::now()),
            limits,
            budgets: BTreeMap::new(),
            granted: HashMap::new(),
            next_id: 0,
            last_refusal: None,
        }
    }

    pub(super) fn limits(&self) -> &RateLimits {
        &self.limits
    }

    /// Changes the limits. A slot that was waited for at the old spacing is moved to the new one.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut RateLimits)) {
        change(&mut self.limits);
        self.organisation
            .respace(self.limits.spacing(self.limits.organisation));
        for (key, budget) in &mut self.budgets {
            let limit = self
                .limits
                .budgets
                .get(*key)
                .copied()
                .unwrap_or(budget.from_facts);
            budget.lane.respace(self.limits.spacing(limit));
        }
        self.wake_heads();
    }

    /// Queues a waiter.
    pub(super) fn enter(
        &mut self,
        facts: &OperationFacts,
        class: Class,
        wakeup: Arc<Notify>,
        now: Instant,
    ) -> Ticket {
        let spacing = self.limits.spacing(self.limits.of(facts));
        let from_facts = facts.tps.filter(|_| self.limits.obey_facts);
        let budget = self
            .budgets
            .entry(facts.budget)
            .or_insert_with(|| Budget::new(now));
        budget.from_facts = from_facts;
        budget.lane.spacing = spacing;
        let id = self.next_id;
        self.next_id += 1;
        let queue = &mut budget.queues[class as usize];
        queue.waiting.push_back(Waiter { id, wakeup });
        queue.head_since.get_or_insert(now);
        Ticket {
            id,
            budget: facts.budget,
            class,
        }
    }

    /// Hands out what is due, and tells this waiter what to do.
    pub(super) fn step(&mut self, ticket: &Ticket, now: Instant) -> Step {
        while self.grant(now) {}
        if let Some(grant) = self.granted.remove(&ticket.id) {
            return Step::Granted(grant.at);
        }
        let Some(budget) = self.budgets.get(ticket.budget) else {
            return Step::Wait {
                wake: now,
                due: now,
            };
        };
        let ahead = budget.queues[ticket.class as usize]
            .position(ticket.id)
            .unwrap_or_default();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        let slot = |n| budget.lane.slot(n).max(self.organisation.slot(n));
        // One turn early: so the one ahead gets its permit in time even if nobody polls it.
        let early = Some(slot(ahead.saturating_sub(1))).filter(|early| *early > now);
        let due = slot(ahead);
        Step::Wait {
            wake: early.unwrap_or(due),
            due,
        }
    }

    /// Takes a waiter out; a permit that it was given and did not use is taken back.
    pub(super) fn leave(&mut self, ticket: &Ticket, now: Instant) {
        if let Some(grant) = self.granted.remove(&ticket.id) {
            let (organisation, own) = grant.before;
            self.organisation.give_back(ticket.id, organisation);
            if let Some(budget) = self.budgets.get_mut(ticket.budget) {
                budget.lane.give_back(ticket.id, own);
            }
            self.wake_heads();
            return;
        }
        let Some(budget) = self.budgets.get_mut(ticket.budget) else {
            return;
        };
        let queue = &mut budget.queues[ticket.class as usize];
        if let Some(index) = queue.position(ticket.id) {
            queue.waiting.remove(index);
            if index == 0 {
                queue.advance(now);
            }
        }
    }

    pub(super) fn freeze(&mut self, budget: &'static str, until: Instant) {
        let now = Instant::now();
        let budget = self
            .budgets
            .entry(budget)
            .or_insert_with(|| Budget::new(now));
        budget.lane.freeze(until);
    }

    /// How much longer nothing leaves, where that is longer than anybody is to wait.
    pub(super) fn frozen_for_too_long(&self, key: &'static str, now: Instant) -> Option<Duration> {
        let longest = self.limits.max_freeze_wait?;
        let own = self.budgets.get(key).map(|budget| budget.lane.frozen);
        let until = own.into_iter().fold(self.organisation.frozen, Instant::max);
        Some(until.saturating_duration_since(now)).filter(|wait| *wait > longest)
    }

    /// Whether a request with a permit of that time may leave now: it is not late, and nothing has
    /// been frozen since.
    pub(super) fn holds(&self, key: &'static str, permit: Instant, now: Instant) -> bool {
        let frozen = |lane: &Lane| lane.frozen > now;
        now.saturating_duration_since(permit) <= self.limits.jitter
            && !frozen(&self.organisation)
            && !self.budgets.get(key).is_some_and(|own| frozen(&own.lane))
    }

    pub(super) fn refused(
        &mut self,
        key: &'static str,
        permit: Instant,
        retry_after: Option<Duration>,
        now: Instant,
    ) -> Duration {
        let budget = self.budgets.entry(key).or_insert_with(|| Budget::new(now));
        // Calls that were under way when the freeze began tell nothing new.
        if budget.frozen_at.is_none_or(|since| permit >= since) {
            budget.refusals += 1;
            budget.frozen_at = Some(now);
        }
        let doubled = FIRST_FREEZE * 2_u32.saturating_pow(budget.refusals.saturating_sub(1).min(6));
        let freeze = doubled
            .min(LONGEST_FREEZE)
            .max(retry_after.unwrap_or_default());
        budget.lane.freeze(later(now, freeze));
        let together = self
            .last_refusal
            .is_some_and(|(at, other)| other != key && now.duration_since(at) <= TOGETHER);
        if together {
            self.organisation.freeze(later(now, freeze));
        }
        self.last_refusal = Some((now, key));
        freeze
    }

    pub(super) fn answered(&mut self, key: &'static str, permit: Instant) {
        if let Some(budget) = self.budgets.get_mut(key)
            && budget.frozen_at.is_none_or(|since| permit >= since)
        {
            budget.refusals = 0;
            budget.frozen_at = None;
        }
    }

    /// Gives one permit, if one is due.
    fn grant(&mut self, now: Instant) -> bool {
        if self.organisation.due() > now {
            return false;
        }
        let share = self.organisation.spacing;
        let best = self
            .budgets
            .values()
            .filter(|budget| budget.lane.due() <= now)
            .flat_map(|budget| {
                let turn = budget.lane.spacing.max(share);
                let queues = Class::ALL.into_iter().zip(&budget.queues);
                queues.filter_map(move |(class, queue)| {
                    let patience = match class {
                        Class::Bulk => turn * BULK_YIELDS,
                        Class::Again | Class::Interactive => Duration::ZERO,
                    };
                    let since = queue.head_since? + patience;
                    let id = queue.waiting.front()?.id;
                    Some((class != Class::Again, since, id, class))
                })
            })
            .min();
        let Some((_, _, id, class)) = best else {
            return false;
        };
        let Some(budget) = self.budgets.values_mut().find(|budget| {
            budget.queues[class as usize]
                .waiting
                .front()
                .is_some_and(|waiter| waiter.id == id)
        }) else {
            return false;
        };
        let queue = &mut budget.queues[class as usize];
        let Some(waiter) = queue.waiting.pop_front() else {
            return false;
        };
        queue.advance(now);
        let before = (self.organisation.next, budget.lane.next);
        self.organisation.take(id, now);
        budget.lane.take(id, now);
        self.granted.insert(id, Grant { at: now, before });
        waiter.wakeup.notify_one();
        true
    }

    fn wake_heads(&self) {
        for queue in self.budgets.values().flat_map(|budget| &budget.queues) {
            if let Some(head) = queue.waiting.front() {
                head.wakeup.notify_one();
            }
        }
    }
}

impl Lane {
    fn new(spacing: Duration, now: Instant) -> Self {
        Self {
            spacing,
            next: now,
            frozen: now,
            last: None,
        }
    }

    fn due(&self) -> Instant {
        self.next.max(self.frozen)
    }

    fn take(&mut self, id: u64, now: Instant) {
        self.next = now + self.spacing;
        self.last = Some(id);
    }

    /// Undoes a take, unless something has happened since.
    fn give_back(&mut self, id: u64, before: Instant) {
        if self.last == Some(id) {
            self.next = before;
            self.last = None;
        }
    }

    fn freeze(&mut self, until: Instant) {
        self.frozen = self.frozen.max(until);
    }

    fn respace(&mut self, spacing: Duration) {
        if let Some(last) = self.next.checked_sub(self.spacing) {
            self.next = last + spacing;
        }
        self.spacing = spacing;
        self.last = None;
    }

    /// Time of the slot after this many others.
    fn slot(&self, ahead: u32) -> Instant {
        self.due() + self.spacing.saturating_mul(ahead)
    }
}

impl Budget {
    fn new(now: Instant) -> Self {
        Self {
            lane: Lane::new(Duration::ZERO, now),
            from_facts: None,
            queues: Default::default(),
            refusals: 0,
            frozen_at: None,
        }
    }
}

impl Queue {
    /// Ids ascend within a queue.
    fn position(&self, id: u64) -> Option<usize> {
        self.waiting
            .binary_search_by_key(&id, |waiter| waiter.id)
            .ok()
    }

    /// There is a new head, or none.
    fn advance(&mut self, now: Instant) {
        self.head_since = self.waiting.front().map(|_| now);
        if let Some(head) = self.waiting.front() {
            head.wakeup.notify_one();
        }
    }
}
