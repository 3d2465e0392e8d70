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

use super::lane::{Lane, Pace};
use super::margin::Margin;
use super::stats::{BudgetStats, PermitSource, RateStats};
use super::store::{Answer, LOOK, Note, Round, Seat, Unreachable, WhenUnreachable};
use super::{RateLimits, later};

/// First freeze after a refusal for rate; doubled with every further one.
const FIRST_FREEZE: Duration = Duration::from_secs(1);
/// Longest freeze that we choose by ourselves.
const LONGEST_FREEZE: Duration = Duration::from_secs(60);
/// Refusals of two operations this close together mean that the organisation is over its limit.
const TOGETHER: Duration = Duration::from_secs(1);
/// How many permits of a server are remembered, should their calls come too late for them.
const RECENT: usize = 64;
/// How many turns a bulk call lets interactive ones go before it.
const BULK_YIELDS: u32 = 4;

/// State of all queues of an organisation.
pub(super) struct Schedule {
    limits: RateLimits,
    margin: Margin,
    organisation: Lane,
    budgets: BTreeMap<&'static str, Budget>,
    granted: HashMap<u64, Grant>,
    next_id: u64,
    last_refusal: Option<(Instant, &'static str)>,
    remote: Option<Remote>,
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
    /// Had a permit and could not leave in time: older than all others, and first. It has given
    /// its slot back, and needs room for one call, but no distance from others.
    Again,
    Interactive,
    Bulk,
}

/// What a waiter is to do.
pub(super) enum Step {
    /// Send; the permit was given at this time.
    Granted(Instant),
    /// Come back at `wake`, or when notified.
    Wait {
        /// When to look again.
        wake: Instant,
        /// When the turn comes, if nobody gives up and no other operation is in the way; `None` is
        /// not known yet.
        due: Option<Instant>,
        /// The server of shared permits is not there.
        is_unreachable: bool,
    },
}

struct Budget {
    lane: Lane,
    /// The limit that the operation's facts name.
    from_facts: Option<u32>,
    /// One per [`Class`]; ids ascend.
    queues: [Queue; 3],
    refusals: u32,
    frozen_at: Option<Instant>,
    counters: Counters,
}

/// What has been, for [`BudgetStats`].
#[derive(Default)]
struct Counters {
    permits: u64,
    waited: Duration,
    longest_wait: Duration,
    given_up: u64,
    refusals: u64,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiter>,
    /// Since when its head has been its head.
    head_since: Option<Instant>,
    /// When the server of shared permits may have one for it.
    asked: Option<Instant>,
}

struct Waiter {
    id: u64,
    since: Instant,
    wakeup: Arc<Notify>,
}

/// A permit that its waiter has not picked up yet, and what to restore if it never does.
struct Grant {
    at: Instant,
    since: Instant,
    before: Before,
}

enum Before {
    /// When the next slots were, of the organisation and of the budget.
    Here(Instant, Instant),
    /// The permit's name on the server.
    There(String),
}

/// Dealings with a server that several processes share.
struct Remote {
    when_unreachable: WhenUnreachable,
    /// Somebody is asking at present.
    is_asking: bool,
    /// When to ask again.
    next: Instant,
    /// Not to be asked before this: what was sent without it is to be a second ago.
    resume: Instant,
    /// What is to be told.
    notes: Vec<Note>,
    /// How often in a row it could not be reached.
    failures: u32,
    /// The last permits: when they were given, for what, and their names.
    recent: VecDeque<(Instant, &'static str, String)>,
}

impl Class {
    const ALL: [Self; 3] = [Self::Again, Self::Interactive, Self::Bulk];

    /// How long its head lets others go before it, where they come in turns as long as this.
    fn patience(self, turn: Duration) -> Duration {
        match self {
            Self::Bulk => turn * BULK_YIELDS,
            Self::Again | Self::Interactive => Duration::ZERO,
        }
    }
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
    pub(super) fn new(limits: RateLimits, shared: Option<WhenUnreachable>) -> Self {
        let now = Instant::now();
        let margin = Margin::new(limits.jitter, limits.max_jitter, now);
        let pace = Pace::new(limits.organisation, margin.at(now));
        Self {
            organisation: Lane::new(pace, now),
            limits,
            margin,
            budgets: BTreeMap::new(),
            granted: HashMap::new(),
            next_id: 0,
            last_refusal: None,
            remote: shared.map(|when_unreachable| Remote {
                when_unreachable,
                is_asking: false,
                next: now,
                resume: now,
                notes: Vec::new(),
                failures: 0,
                recent: VecDeque::new(),
            }),
        }
    }

    pub(super) fn limits(&self) -> &RateLimits {
        &self.limits
    }

    /// Changes the limits. A slot that was waited for at the old spacing is moved to the new one.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut RateLimits)) {
        change(&mut self.limits);
        self.margin
            .bound(self.limits.jitter, self.limits.max_jitter);
        let now = Instant::now();
        let keys: Vec<_> = self.budgets.keys().copied().collect();
        for key in keys {
            self.respace(key, now);
        }
        if let Some(remote) = &mut self.remote {
            remote.next = now;
        }
        self.wake_heads();
    }

    /// Brings the paces of the organisation and of a budget up to date.
    fn respace(&mut self, key: &str, now: Instant) {
        let margin = self.margin.at(now);
        let share = self.share();
        let pace = |limit| match share {
            Some(share) => Pace::part(limit, share, margin),
            None => Pace::new(limit, margin),
        };
        self.organisation.respace(pace(self.limits.organisation));
        if let Some(budget) = self.budgets.get_mut(key) {
            budget.lane.respace(pace(budget.limit(key, &self.limits)));
        }
    }

    /// The part of the limits that is this process's, while it is on its own.
    fn share(&self) -> Option<f64> {
        let remote = self.remote.as_ref().filter(|remote| remote.failures > 0)?;
        match remote.when_unreachable {
            // Not a number is not more than nothing.
            WhenUnreachable::Share(share) if share > 0.0 => Some(share.min(1.0)),
            WhenUnreachable::Share(_) | WhenUnreachable::Wait => None,
        }
    }

    /// Whether permits are given here, and not by a server.
    fn is_local(&self) -> bool {
        self.remote.is_none() || self.share().is_some()
    }

    /// Queues a waiter.
    pub(super) fn enter(
        &mut self,
        facts: &OperationFacts,
        class: Class,
        wakeup: Arc<Notify>,
        now: Instant,
    ) -> Ticket {
        let from_facts = facts.tps.filter(|_| self.limits.obey_facts);
        let budget = self
            .budgets
            .entry(facts.budget)
            .or_insert_with(|| Budget::new(now));
        budget.from_facts = from_facts;
        let id = self.next_id;
        self.next_id += 1;
        let queue = &mut budget.queues[class as usize];
        queue.waiting.push_back(Waiter {
            id,
            since: now,
            wakeup,
        });
        queue.head_since.get_or_insert(now);
        if let Some(remote) = &mut self.remote
            && queue.asked.is_none()
            && remote.failures == 0
        {
            remote.next = now;
        }
        self.respace(facts.budget, now);
        Ticket {
            id,
            budget: facts.budget,
            class,
        }
    }

    /// Hands out what is due, and tells this waiter what to do.
    pub(super) fn step(&mut self, ticket: &Ticket, now: Instant) -> Step {
        if self.is_local() {
            while self.grant(now) {}
        }
        if let Some(grant) = self.granted.remove(&ticket.id) {
            if let Some(budget) = self.budgets.get_mut(ticket.budget) {
                let waited = now.saturating_duration_since(grant.since);
                let counters = &mut budget.counters;
                counters.permits += 1;
                counters.waited += waited;
                counters.longest_wait = counters.longest_wait.max(waited);
            }
            return Step::Granted(grant.at);
        }
        let Some(budget) = self.budgets.get(ticket.budget) else {
            return Step::Wait {
                wake: now,
                due: Some(now),
                is_unreachable: false,
            };
        };
        let queue = &budget.queues[ticket.class as usize];
        let ahead = queue.position(ticket.id).unwrap_or_default();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        if let Some(remote) = self.remote.as_ref().filter(|_| !self.is_local()) {
            return self.step_remote(remote, budget, queue, ahead, now);
        }
        let slot = |n| match ticket.class {
            Class::Again => self.organisation.room().max(budget.lane.room()),
            _ => budget.lane.slot(n).max(self.organisation.slot(n)),
        };
        // One turn early: so the one ahead gets its permit in time even if nobody polls it.
        let early = Some(slot(ahead.saturating_sub(1))).filter(|early| *early > now);
        let due = slot(ahead);
        Step::Wait {
            wake: early.unwrap_or(due),
            due: Some(due),
            is_unreachable: false,
        }
    }

    /// What a waiter is to do whose permit comes from a server.
    fn step_remote(
        &self,
        remote: &Remote,
        budget: &Budget,
        queue: &Queue,
        ahead: u32,
        now: Instant,
    ) -> Step {
        let frozen = self.organisation.frozen.max(budget.lane.frozen);
        let is_frozen = frozen > now;
        let first = match queue.asked {
            Some(asked) => Some(asked.max(frozen)),
            None => is_frozen.then_some(frozen),
        };
        let spacing = budget.lane.spacing();
        let due = first.map(|first| first + spacing.saturating_mul(ahead));
        let wake = if ahead > 0 {
            let early = due.and_then(|due| due.checked_sub(spacing));
            // They look after the head, should nobody poll that.
            early.map_or(now + LOOK, |early| early.max(now + LOOK))
        } else if remote.is_asking {
            // Whoever asks notifies the heads; this is for one that could not.
            now + Duration::from_secs(1)
        } else {
            let next = if is_frozen { frozen } else { remote.next };
            let next = next.max(remote.resume);
            next.max(now + Duration::from_millis(1))
        };
        let is_unreachable = remote.failures > 0;
        Step::Wait {
            wake,
            due: due.filter(|_| !is_unreachable),
            is_unreachable,
        }
    }

    /// Takes a waiter out; a permit that it was given and did not use is taken back.
    pub(super) fn leave(&mut self, ticket: &Ticket, now: Instant) {
        let budget = self.budgets.get_mut(ticket.budget);
        if let Some(grant) = self.granted.remove(&ticket.id) {
            match grant.before {
                Before::Here(organisation, own) => {
                    self.organisation.give_back(ticket.id, organisation);
                    if let Some(budget) = budget {
                        budget.lane.give_back(ticket.id, own);
                        budget.counters.given_up += 1;
                    }
                }
                Before::There(permit) => {
                    if let Some(budget) = budget {
                        budget.counters.given_up += 1;
                    }
                    self.tell(Note::GiveBack(ticket.budget, permit));
                }
            }
            self.wake_heads();
            return;
        }
        let Some(budget) = budget else {
            return;
        };
        let queue = &mut budget.queues[ticket.class as usize];
        if let Some(index) = queue.position(ticket.id) {
            budget.counters.given_up += 1;
            queue.waiting.remove(index);
            if index == 0 {
                queue.advance(now);
            }
            if queue.waiting.is_empty() && queue.asked.take().is_some() {
                self.tell(Note::Leave(ticket.budget, ticket.class));
            }
        }
    }

    /// Notes what the server is to be told with the next round.
    fn tell(&mut self, note: Note) {
        // What is of no use any more once it is there again is not kept.
        if let Some(remote) = self.remote.as_mut().filter(|r| r.failures == 0) {
            remote.notes.push(note);
        }
    }

    /// What is to be asked of the server now, if anything; then [`answered_round`] or
    /// [`lost_round`] has to follow.
    ///
    /// [`answered_round`]: Self::answered_round
    /// [`lost_round`]: Self::lost_round
    pub(super) fn round(&mut self, now: Instant) -> Option<Round> {
        let remote = self.remote.as_ref()?;
        let is_due = remote.next.max(remote.resume) <= now;
        if remote.is_asking || !(is_due || remote.failures == 0 && !remote.notes.is_empty()) {
            return None;
        }
        let mut seats = Vec::new();
        // After a failure it is only asked whether it is there.
        if is_due && remote.failures == 0 && self.organisation.frozen <= now {
            let keys: Vec<_> = self.budgets.keys().copied().collect();
            for key in keys {
                self.respace(key, now);
            }
            let share = self.organisation.spacing();
            for (key, budget) in &self.budgets {
                if budget.lane.frozen > now {
                    continue;
                }
                for (class, queue) in Class::ALL.into_iter().zip(&budget.queues) {
                    if queue.waiting.is_empty() {
                        continue;
                    }
                    seats.push(Seat {
                        budget: key,
                        class,
                        waiting: queue.waiting.len(),
                        limit: budget.limit(key, &self.limits),
                        patience: class.patience(budget.lane.spacing().max(share)),
                    });
                }
            }
        }
        let remote = self.remote.as_mut()?;
        if is_due && !seats.is_empty() {
            let due = remote.next.max(remote.resume);
            self.margin.woke_up(now.saturating_duration_since(due));
        }
        if seats.is_empty() && remote.notes.is_empty() && remote.failures == 0 {
            return None;
        }
        remote.is_asking = true;
        Some(Round {
            margin: self.margin.own(now),
            organisation: self.limits.organisation,
            notes: std::mem::take(&mut remote.notes),
            seats,
        })
    }

    /// Deals out what the server has given.
    pub(super) fn answered_round(&mut self, round: &Round, answer: Answer, now: Instant) {
        let Some(remote) = &mut self.remote else {
            return;
        };
        remote.is_asking = false;
        if std::mem::take(&mut remote.failures) > 0 {
            tracing::info!("the server of shared rate permits is there again");
            // The server does not know what was sent meanwhile.
            let pause = match remote.when_unreachable {
                WhenUnreachable::Share(_) => Duration::from_secs(1) + self.margin.at(now),
                WhenUnreachable::Wait => Duration::ZERO,
            };
            remote.resume = now + pause;
            self.wake_heads();
            return;
        }
        self.margin.share(answer.margin);
        self.organisation.freeze(later(now, answer.frozen));
        for (seat, given) in round.seats.iter().zip(answer.seats) {
            let Some(budget) = self.budgets.get_mut(seat.budget) else {
                continue;
            };
            budget.lane.freeze(later(now, given.frozen));
            let queue = &mut budget.queues[seat.class as usize];
            for permit in given.permits {
                let Some(waiter) = queue.waiting.pop_front() else {
                    // All have left while the server was asked.
                    remote.notes.push(Note::GiveBack(seat.budget, permit));
                    continue;
                };
                self.margin.permitted(now);
                if remote.recent.len() == RECENT {
                    remote.recent.pop_front();
                }
                remote
                    .recent
                    .push_back((answer.at, seat.budget, permit.clone()));
                let grant = Grant {
                    at: answer.at,
                    since: waiter.since,
                    before: Before::There(permit),
                };
                self.granted.insert(waiter.id, grant);
                waiter.wakeup.notify_one();
            }
            queue.advance(now);
            queue.asked = Some(answer.base + given.wait).filter(|_| !queue.waiting.is_empty());
        }
        let mut next = now + LOOK;
        for budget in self.budgets.values() {
            let frozen = budget.lane.frozen.max(self.organisation.frozen);
            for queue in &budget.queues {
                if !queue.waiting.is_empty() {
                    next = next.min(queue.asked.unwrap_or(now).max(frozen));
                }
            }
        }
        remote.next = next;
        self.wake_heads();
    }

    /// The server could not be asked, or nobody knows what it answered.
    pub(super) fn lost_round(&mut self, why: Option<&Unreachable>, now: Instant) {
        /// Between two questions whether it is there again.
        const LONGEST: Duration = Duration::from_secs(1);
        let margin = self.margin.at(now);
        let Some(remote) = &mut self.remote else {
            return;
        };
        remote.is_asking = false;
        let Some(Unreachable(why)) = why else {
            remote.next = now;
            self.wake_heads();
            return;
        };
        let is_news = remote.failures == 0;
        remote.failures += 1;
        remote.next =
            now + LONGEST.min(Duration::from_millis(25) * 2_u32.pow(remote.failures.min(6)));
        if is_news {
            tracing::warn!(
                why,
                otherwise = ?remote.when_unreachable,
                "the server of shared rate permits cannot be reached"
            );
            for queue in self.budgets.values_mut().flat_map(|b| &mut b.queues) {
                queue.asked = None;
            }
            // What others were given in this second is not known here.
            let from = now + Duration::from_secs(1) + margin;
            self.organisation.restart(from);
            for budget in self.budgets.values_mut() {
                budget.lane.restart(from);
            }
            let keys: Vec<_> = self.budgets.keys().copied().collect();
            for key in keys {
                self.respace(key, now);
            }
        }
        self.wake_heads();
    }

    /// A connection to the platform has come about in this time.
    pub(super) fn connected(&mut self, took: Duration, now: Instant) {
        self.margin.connected(took, now);
    }

    pub(super) fn stats(&self, now: Instant) -> RateStats {
        let left = |until: Instant| {
            Some(until.saturating_duration_since(now)).filter(|left| !left.is_zero())
        };
        let budgets = self.budgets.iter().map(|(key, budget)| {
            let waiting = |class| budget.queues[class as usize].waiting.len();
            BudgetStats {
                budget: key,
                per_second: budget.limit(key, &self.limits),
                waiting_interactive: waiting(Class::Interactive) + waiting(Class::Again),
                waiting_bulk: waiting(Class::Bulk),
                permits: budget.counters.permits,
                waited: budget.counters.waited,
                longest_wait: budget.counters.longest_wait,
                given_up: budget.counters.given_up,
                refusals: budget.counters.refusals,
                frozen: left(budget.lane.frozen),
            }
        });
        RateStats {
            jitter: self.margin.at(now),
            frozen: left(self.organisation.frozen),
            source: match &self.remote {
                None => PermitSource::Process,
                Some(remote) if remote.failures == 0 => PermitSource::Shared,
                Some(_) => PermitSource::Unreachable,
            },
            budgets: budgets.collect(),
        }
    }

    pub(super) fn freeze(&mut self, key: &'static str, until: Instant) {
        let now = Instant::now();
        let budget = self.budgets.entry(key).or_insert_with(|| Budget::new(now));
        budget.lane.freeze(until);
        self.tell(Note::Freeze(Some(key), until - now));
    }

    /// How much longer nothing leaves, where that is longer than anybody is to wait.
    pub(super) fn frozen_for_too_long(&self, key: &'static str, now: Instant) -> Option<Duration> {
        let longest = self.limits.max_freeze_wait?;
        let own = self.budgets.get(key).map(|budget| budget.lane.frozen);
        let until = own.into_iter().fold(self.organisation.frozen, Instant::max);
        Some(until.saturating_duration_since(now)).filter(|wait| *wait > longest)
    }

    /// Whether a request with a permit of that time may leave now: it is late by no more than a
    /// quarter of the margin, which leaves the rest for its way, and nothing has been frozen since.
    pub(super) fn holds(&self, key: &'static str, permit: Instant, now: Instant) -> bool {
        let frozen = |lane: &Lane| lane.frozen > now;
        now.saturating_duration_since(permit) <= self.margin.at(now) / 4
            && !frozen(&self.organisation)
            && !self.budgets.get(key).is_some_and(|own| frozen(&own.lane))
    }

    /// A permit of that time was not used: what it took is there for those who ask again.
    pub(super) fn forget(&mut self, key: &'static str, permit: Instant) {
        if self.is_local() {
            self.organisation.forget(permit);
            if let Some(budget) = self.budgets.get_mut(key) {
                budget.lane.forget(permit);
            }
            return;
        }
        let Some(remote) = &mut self.remote else {
            return;
        };
        let is_it = |(at, budget, _): &(Instant, &str, String)| *at == permit && *budget == key;
        if let Some(index) = remote.recent.iter().position(is_it)
            && let Some((_, _, name)) = remote.recent.remove(index)
        {
            remote.notes.push(Note::Forget(key, name));
        }
    }

    pub(super) fn refused(
        &mut self,
        key: &'static str,
        permit: Instant,
        retry_after: Option<Duration>,
        now: Instant,
    ) -> Duration {
        let budget = self.budgets.entry(key).or_insert_with(|| Budget::new(now));
        budget.counters.refusals += 1;
        // Calls that were under way when the freeze began tell nothing new.
        if budget.frozen_at.is_none_or(|since| permit >= since) {
            budget.refusals += 1;
            budget.frozen_at = Some(now);
            self.margin.refused(now);
        }
        let doubled = FIRST_FREEZE * 2_u32.saturating_pow(budget.refusals.saturating_sub(1).min(6));
        let freeze = doubled
            .min(LONGEST_FREEZE)
            .max(retry_after.unwrap_or_default());
        budget.lane.freeze(later(now, freeze));
        self.tell(Note::Freeze(Some(key), freeze));
        let together = self
            .last_refusal
            .is_some_and(|(at, other)| other != key && now.duration_since(at) <= TOGETHER);
        if together {
            self.organisation.freeze(later(now, freeze));
            self.tell(Note::Freeze(None, freeze));
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
        let share = self.organisation.spacing();
        let (slot, room) = (self.organisation.due(), self.organisation.room());
        let best = self
            .budgets
            .values()
            .flat_map(|budget| {
                let turn = budget.lane.spacing().max(share);
                let queues = Class::ALL.into_iter().zip(&budget.queues);
                queues.filter_map(move |(class, queue)| {
                    let since = queue.head_since? + class.patience(turn);
                    let ready = match class {
                        Class::Again => room.max(budget.lane.room()),
                        Class::Interactive | Class::Bulk => slot.max(budget.lane.due()),
                    };
                    if ready > now {
                        return None;
                    }
                    let id = queue.waiting.front()?.id;
                    Some((class != Class::Again, since, id, class))
                })
            })
            .min();
        let Some((_, _, id, class)) = best else {
            return false;
        };
        let Some((key, budget)) = self.budgets.iter_mut().find(|(_, budget)| {
            budget.queues[class as usize]
                .waiting
                .front()
                .is_some_and(|waiter| waiter.id == id)
        }) else {
            return false;
        };
        let key = *key;
        let queue = &mut budget.queues[class as usize];
        let Some(waiter) = queue.waiting.pop_front() else {
            return false;
        };
        queue.advance(now);
        let (whole, own) = (&self.organisation, &budget.lane);
        let ready = match class {
            Class::Again => whole.room().max(own.room()),
            Class::Interactive | Class::Bulk => whole.due().max(own.due()),
        };
        let late = now.saturating_duration_since(ready.max(waiter.since));
        self.margin.woke_up(late);
        let take = match class {
            Class::Again => Lane::take_again,
            Class::Interactive | Class::Bulk => Lane::take,
        };
        let before = Before::Here(
            take(&mut self.organisation, id, now),
            take(&mut budget.lane, id, now),
        );
        let grant = Grant {
            at: now,
            since: waiter.since,
            before,
        };
        self.granted.insert(id, grant);
        waiter.wakeup.notify_one();
        self.margin.permitted(now);
        self.respace(key, now);
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

impl Budget {
    /// Its limit, `None` is none.
    fn limit(&self, key: &str, limits: &RateLimits) -> Option<u32> {
        let set = limits.budgets.get(key).copied();
        set.unwrap_or(self.from_facts)
    }

    fn new(now: Instant) -> Self {
        Self {
            lane: Lane::new(Pace::new(None, Duration::ZERO), now),
            from_facts: None,
            queues: Default::default(),
            refusals: 0,
            frozen_at: None,
            counters: Counters::default(),
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
