//! Permits that several processes share: what they ask a server for, and what it answers.

use std::fmt;
use std::time::Duration;

use mno_runtime::transport::BoxFuture;
use tokio::time::Instant;

use super::schedule::Class;

/// What a process does while the server of shared permits cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum WhenUnreachable {
    /// Calls wait until it can be reached again, or until their deadline or `max_permit_wait`.
    /// The limit is never exceeded.
    Wait,
    /// Calls go on at this part of every limit, rounded down to whole calls a second: a quarter
    /// (`0.25`) for each of four processes. The parts of all processes should add up to no more
    /// than one. A part that leaves less than one call a second spaces the calls further apart,
    /// and those of two processes can then meet within a second. More than one is one; of nothing,
    /// or less, or what is no number, calls [wait](Self::Wait).
    Share(f64),
}

/// Heads ask again after this time at the latest: others may have given slots back.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// The server is not there; with what it or the network said.
#[derive(Debug)]
pub(super) struct Unreachable(pub(super) String);

/// A server of permits.
pub(super) trait Store: Send + Sync + fmt::Debug {
    /// Asks for permits for the heads of this process's queues.
    fn ask<'a>(&'a self, round: &'a Round) -> BoxFuture<'a, Result<Answer, Unreachable>>;
}

/// What one request to the server asks for.
#[derive(Debug)]
#[cfg_attr(not(any(feature = "redis", test)), allow(dead_code))]
pub(super) struct Round {
    /// The jitter margin that this process needs; the widest one of all is kept.
    pub(super) margin: Duration,
    /// Permits per second, if limited.
    pub(super) organisation: Option<u32>,
    pub(super) notes: Vec<Note>,
    pub(super) seats: Vec<Seat>,
}

/// The head of a queue.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(any(feature = "redis", test)), allow(dead_code))]
pub(super) struct Seat {
    pub(super) budget: &'static str,
    pub(super) class: Class,
    /// How many wait in that queue.
    pub(super) waiting: usize,
    /// Permits per second, if limited.
    pub(super) limit: Option<u32>,
    /// How long it lets others go before it.
    pub(super) patience: Duration,
}

/// What the server is told.
#[derive(Debug, Clone)]
#[cfg_attr(not(any(feature = "redis", test)), allow(dead_code))]
pub(super) enum Note {
    /// No permits for this long; without a budget, for the organisation.
    Freeze(Option<&'static str>, Duration),
    /// Nobody waits there any more.
    Leave(&'static str, Class),
    /// A permit that nobody wants any more.
    GiveBack(&'static str, String),
    /// A permit that could not be used in time; its call asks again.
    Forget(&'static str, String),
}

/// What the server says.
#[derive(Debug)]
pub(super) struct Answer {
    /// What the waits count from.
    pub(super) base: Instant,
    /// When the permits were given.
    pub(super) at: Instant,
    /// The widest margin that any process needed of late: the one in force.
    pub(super) margin: Duration,
    /// For how long the organisation is frozen.
    pub(super) frozen: Duration,
    /// One for each seat, in their order.
    pub(super) seats: Vec<SeatAnswer>,
}

/// What the server says to the head of a queue.
#[derive(Debug)]
pub(super) struct SeatAnswer {
    /// The permits it gives, by name: one for the head, one for the next, …
    pub(super) permits: Vec<String>,
    /// Until the next one may be due, for those who are left.
    pub(super) wait: Duration,
    /// For how long the budget is frozen.
    pub(super) frozen: Duration,
}
