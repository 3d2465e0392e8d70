//! Many writes, each once.
//!
//! [`Bulk`] writes item by item, a few at a time, at the permitted rate, and tells what became of
//! each. With a [`Journal`] it can be stopped at any moment, by a crash too, and run again:
//!
//! ```no_run
//! # async fn example(kite: mno_sdk::Kite, sims: Vec<mno_sdk::runtime::values::Iccid>) -> Result<(), Box<dyn std::error::Error>> {
//! use futures_util::StreamExt;
//! use mno_sdk::bulk::{Journal, Outcome};
//! use mno_sdk::kite::inventory::{LifeCycleChange, LifeCycleStatus};
//!
//! let changes = sims.into_iter().map(|icc| {
//!     let change = LifeCycleChange::new(LifeCycleStatus::Active);
//!     (icc.into(), change.into())
//! });
//! let journal = Journal::open("activation.journal", "activation of lot 7")?;
//! let mut job = kite.inventory().bulk_modify(changes).with_journal(journal);
//! while let Some(written) = job.next().await {
//!     match written.outcome {
//!         Outcome::Done(()) | Outcome::DoneBefore => {}
//!         Outcome::Refused(error) => println!("refused: {error}"),
//!         Outcome::Unknown(error) => println!("look what became of it: {error}"),
//!         other => println!("{other:?}"),
//!     }
//! }
//! println!("{:?}", job.progress());
//! # Ok(()) }
//! ```
//!
//! | The journal says | A second run |
//! |---|---|
//! | nothing, or `unsent` | sends it |
//! | `done`, `refused` | does not send it: [`Outcome::DoneBefore`], [`Outcome::RefusedBefore`] |
//! | `sent`, and nothing after it | does not send it: [`Outcome::UnknownBefore`], unless a [read](Bulk::settled_by) settles it |

mod journal;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use mno_runtime::transport::BoxFuture;
use mno_runtime::{Error, ErrorKind};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::auth::TokenError;
use crate::policy::Departure;

use journal::State;
pub use journal::{Journal, JournalError, JournalErrorKind};

/// Writes at a time, unless told otherwise: enough for 2 a second that take up to 4 seconds each.
const CONCURRENCY: usize = 8;

type Id<I> = Box<dyn Fn(&I) -> Result<String, Error> + Send>;
type Write<I, T> = Arc<dyn Fn(&I) -> BoxFuture<'static, Result<T, Error>> + Send + Sync>;
type Settle<I> = Arc<dyn Fn(&I) -> BoxFuture<'static, Result<Settled, Error>> + Send + Sync>;

/// A bulk job: a stream of what became of its items, in the order in which they end.
///
/// Nothing is sent before the stream is asked for its first item. Writes under way go on while the
/// caller does something else. [`stop`](Self::stop) lets them end. Dropping the stream, or the
/// runtime, ends them where they are: what was sent by then is unknown to the next run; of the jobs
/// that this library makes, what waited for its permit is known to be unsent. The journal is free
/// again when the runtime has dropped the last write, a moment later. After a crash all that was
/// under way is unknown, what waited for its permit too; a read can [settle](Self::settled_by) it.
///
/// A reason that stands in the way of all items (no connection, no right, wrong credentials, the
/// platform stays unavailable, the journal cannot be written) ends the job after the writes under
/// way: the rest is not taken from the items, and left to the next run.
#[must_use = "a job does nothing until its stream is read"]
pub struct Bulk<I, T> {
    items: Box<dyn Iterator<Item = I> + Send>,
    id: Id<I>,
    write: Write<I, T>,
    /// Whether a write is a call of this library's and nothing else.
    is_one_call: bool,
    settle: Option<Settle<I>>,
    journal: Option<Arc<Mutex<Journal>>>,
    concurrency: usize,
    seen: HashSet<String>,
    tasks: JoinSet<Written<I, T>>,
    progress: Progress,
    /// No more items are taken.
    is_over: bool,
}

/// An item, and what became of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Written<I, T> {
    /// The item.
    pub item: I,
    /// What became of it.
    pub outcome: Outcome<T>,
}

/// What became of an item.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<T> {
    /// The platform has carried it out.
    Done(T),
    /// An earlier run did, or a read found out that it did.
    DoneBefore,
    /// The platform has refused it: the next run does not try it again.
    Refused(Error),
    /// An earlier run was told so, with this code; empty where there was none.
    RefusedBefore(String),
    /// It was sent, and no answer tells what became of it. It is never sent again by itself.
    Unknown(Error),
    /// An earlier run sent it, or was about to when it crashed, and nobody knows what became of it;
    /// with the error of the read that was to settle it, if that failed.
    UnknownBefore(Option<Error>),
    /// It was not sent, or certainly not processed: the next run tries it.
    NotSent(Error),
    /// Another item of this run has the same id; this one was left alone.
    Repeated,
}

/// What a read says of an item whose outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settled {
    /// It was carried out.
    Done,
    /// It was not, and will not be any more: it is sent.
    NotDone,
    /// The read cannot tell.
    Unknown,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many items there are, if the iterator knew.
    pub total: Option<usize>,
    /// Carried out in this run.
    pub done: usize,
    /// Known to be carried out or refused from an earlier run, or there twice.
    pub skipped: usize,
    /// Refused in this run.
    pub refused: usize,
    /// Outcome unknown, from this run or an earlier one.
    pub unknown: usize,
    /// Not sent, for the next run.
    pub not_sent: usize,
    /// On their way.
    pub under_way: usize,
}

impl<I, T> Bulk<I, T>
where
    I: Send + 'static,
    T: Send + 'static,
{
    /// A job of these items.
    ///
    /// `id` names an item in the journal, the same in each run: no two items of a job may share
    /// one, and it should not be personal data, for it is stored. `write` sends one item, with the
    /// retries of the [policies](crate::policy) and no others.
    ///
    /// ```no_run
    /// # fn example(kite: mno_sdk::Kite, resets: Vec<(u32, mno_sdk::kite::inventory::NetworkReset)>) {
    /// use mno_sdk::bulk::Bulk;
    /// use mno_sdk::kite::inventory::NetworkReset;
    ///
    /// let sims = kite.inventory();
    /// let job = Bulk::new(
    ///     resets,
    ///     |(ticket, _): &(u32, NetworkReset)| ticket.to_string(),
    ///     move |(_, reset): &(u32, NetworkReset)| {
    ///         let (sims, reset) = (sims.clone(), reset.clone());
    ///         async move { sims.network_reset(&reset).await }
    ///     },
    /// );
    /// # let _ = job;
    /// # }
    /// ```
    pub fn new<F, Fut>(
        items: impl IntoIterator<Item = I, IntoIter: Send + 'static>,
        id: impl Fn(&I) -> String + Send + 'static,
        write: F,
    ) -> Self
    where
        F: Fn(&I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Self {
            // What else it does is not known.
            is_one_call: false,
            ..Self::of_calls(items, move |item| Ok(id(item)), write)
        }
    }

    /// The same, where a write is one call of this library's, and an item may have no id since it
    /// cannot be written at all.
    pub(crate) fn of_calls<F, Fut>(
        items: impl IntoIterator<Item = I, IntoIter: Send + 'static>,
        id: impl Fn(&I) -> Result<String, Error> + Send + 'static,
        write: F,
    ) -> Self
    where
        F: Fn(&I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let items = items.into_iter();
        let total = match items.size_hint() {
            (least, Some(most)) if least == most => Some(most),
            _ => None,
        };
        Self {
            items: Box::new(items),
            id: Box::new(id),
            write: Arc::new(move |item| Box::pin(write(item))),
            is_one_call: true,
            settle: None,
            journal: None,
            concurrency: CONCURRENCY,
            seen: HashSet::new(),
            tasks: JoinSet::new(),
            progress: Progress {
                total,
                ..Progress::default()
            },
            is_over: false,
        }
    }

    /// Keeps a journal, and goes on where it ends.
    pub fn with_journal(mut self, journal: Journal) -> Self {
        self.journal = Some(Arc::new(Mutex::new(journal)));
        self
    }

    /// So many writes at a time, at least 1; 8 by default. More do not leave faster than the
    /// permitted rate. After a crash, so many items at most are of unknown outcome, sent or not.
    pub fn with_concurrency(mut self, writes: usize) -> Self {
        self.concurrency = writes.max(1);
        self
    }

    /// Asks this read about items that were sent and of which nobody knows the outcome: those of an
    /// earlier run, and those whose answer is lost in this one.
    ///
    /// [`Settled::NotDone`] has an item of an earlier run sent again. In the run that lost the answer
    /// it does not: the platform may still be at it.
    pub fn settled_by<F, Fut>(mut self, settle: F) -> Self
    where
        F: Fn(&I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Settled, Error>> + Send + 'static,
    {
        self.settle = Some(Arc::new(move |item| Box::pin(settle(item))));
        self
    }

    /// Takes no more items; the stream ends when the writes under way have.
    pub fn stop(&mut self) {
        self.is_over = true;
    }

    /// How far the job is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            under_way: self.tasks.len(),
            ..self.progress
        }
    }

    /// Begins the next item; what became of it, if that is known at once.
    fn begin(&mut self, item: I) -> Option<Written<I, T>> {
        let ended = |item, outcome| Some(Written { item, outcome });
        let id = match (self.id)(&item) {
            Ok(id) => id,
            Err(error) => return ended(item, Outcome::NotSent(error)),
        };
        if !self.seen.insert(id.clone()) {
            return ended(item, Outcome::Repeated);
        }
        let state = self.journal.as_ref().and_then(|journal| {
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.state(&id)
        });
        let was_sent = match state {
            Some(State::Done) => return ended(item, Outcome::DoneBefore),
            Some(State::Refused(code)) => return ended(item, Outcome::RefusedBefore(code)),
            Some(State::Sent) if self.settle.is_none() => {
                return ended(item, Outcome::UnknownBefore(None));
            }
            Some(State::Sent) => true,
            Some(State::Unsent) | None => false,
        };
        let course = Course {
            id,
            write: Arc::clone(&self.write),
            is_one_call: self.is_one_call,
            settle: self.settle.clone(),
            journal: self.journal.clone(),
        };
        let task = course.run(item, was_sent);
        self.tasks.spawn(task.in_current_span());
        None
    }

    /// Counts what became of an item, and sees whether it is of use to go on.
    fn count(&mut self, written: &Written<I, T>) {
        let progress = &mut self.progress;
        match &written.outcome {
            Outcome::Done(_) => progress.done += 1,
            Outcome::DoneBefore | Outcome::RefusedBefore(_) | Outcome::Repeated => {
                progress.skipped += 1;
            }
            Outcome::Refused(_) => progress.refused += 1,
            Outcome::Unknown(_) | Outcome::UnknownBefore(_) => progress.unknown += 1,
            Outcome::NotSent(error) => {
                progress.not_sent += 1;
                if stands_in_the_way_of_all(error) && !self.is_over {
                    self.is_over = true;
                    tracing::warn!("the bulk job ends early: {error}");
                }
            }
        }
    }
}

/// One item on its way.
struct Course<I, T> {
    id: String,
    write: Write<I, T>,
    is_one_call: bool,
    settle: Option<Settle<I>>,
    journal: Option<Arc<Mutex<Journal>>>,
}

impl<I, T> Course<I, T> {
    async fn run(self, item: I, was_sent: bool) -> Written<I, T> {
        // Futures are made before they are waited for: an item need not be `Sync`.
        let settled = was_sent.then(|| self.settled(&item));
        if let Some(settled) = settled {
            let before = match settled.await {
                Ok(Settled::Done) => Some(match self.note(State::Done).await {
                    Ok(()) => Outcome::DoneBefore,
                    Err(error) => Outcome::UnknownBefore(Some(error)),
                }),
                Ok(Settled::NotDone) => None,
                Ok(Settled::Unknown) => Some(Outcome::UnknownBefore(None)),
                Err(error) => Some(Outcome::UnknownBefore(Some(error))),
            };
            if let Some(outcome) = before {
                return Written { item, outcome };
            }
        }
        // On the disk before anything leaves.
        if let Err(error) = self.note(State::Sent).await {
            let outcome = Outcome::NotSent(error);
            return Written { item, outcome };
        }
        let write = (self.write)(&item);
        let mut dropped = Dropped {
            course: self.is_one_call.then_some(&self),
            departure: Departure::default(),
        };
        let written = dropped.departure.watch(write).await;
        dropped.course = None;
        let (state, outcome) = match written {
            Ok(answer) => (Some(State::Done), Outcome::Done(answer)),
            Err(error) => match fate(&error) {
                Fate::NotProcessed => (Some(State::Unsent), Outcome::NotSent(error)),
                Fate::Refused => (Some(State::Refused(code(&error))), Outcome::Refused(error)),
                Fate::Unknown => {
                    let settled = self.settled(&item);
                    match settled.await {
                        Ok(Settled::Done) => (Some(State::Done), Outcome::DoneBefore),
                        _ => (None, Outcome::Unknown(error)),
                    }
                }
            },
        };
        if let Some(state) = state
            && let Err(error) = self.note(state).await
        {
            // This run knows the outcome; the next one will ask.
            tracing::error!("an outcome is not in the journal: {error}");
        }
        Written { item, outcome }
    }

    fn settled(&self, item: &I) -> BoxFuture<'static, Result<Settled, Error>> {
        match &self.settle {
            Some(settle) => settle(item),
            None => Box::pin(async { Ok(Settled::Unknown) }),
        }
    }

    async fn note(&self, state: State) -> Result<(), Error> {
        let Some(journal) = &self.journal else {
            return Ok(());
        };
        let (journal, id) = (Arc::clone(journal), self.id.clone());
        let written = tokio::task::spawn_blocking(move || {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.note(&id, state)
        });
        match written.await {
            Ok(written) => Ok(written?),
            Err(error) => {
                let message = "the runtime shut down before the journal was written";
                Err(Error::new(ErrorKind::Configuration, message).with_source(error))
            }
        }
    }
}

/// Notes that an item was not sent, if its task is dropped before it was.
struct Dropped<'a, I, T> {
    /// `None` once there is an outcome.
    course: Option<&'a Course<I, T>>,
    departure: Departure,
}

impl<I, T> Drop for Dropped<'_, I, T> {
    fn drop(&mut self) {
        let course = self.course.filter(|_| !self.departure.may_have_been());
        if let Some(course) = course
            && let Some(journal) = &course.journal
        {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = journal.note(&course.id, State::Unsent) {
                // The next run takes it for sent.
                tracing::warn!("an item that was not sent is not in the journal: {error}");
            }
        }
    }
}

enum Fate {
    NotProcessed,
    Refused,
    Unknown,
}

/// What an error says of a write.
fn fate(error: &Error) -> Fate {
    let is_repeatable = error
        .operation()
        .is_some_and(|facts| facts.idempotency.is_repeatable());
    match error.kind() {
        ErrorKind::InvalidRequest
        | ErrorKind::Configuration
        | ErrorKind::Connect
        | ErrorKind::Tls
        | ErrorKind::Unauthenticated
        | ErrorKind::Unavailable
        | ErrorKind::RateLimited => Fate::NotProcessed,
        // Of an operation that is not repeatable these say that it was not sent.
        ErrorKind::Timeout | ErrorKind::Interrupted if !is_repeatable => Fate::NotProcessed,
        // The platform's own word that it has not looked at it.
        ErrorKind::Fault if has_a_cause_of_all(error) => Fate::NotProcessed,
        ErrorKind::Fault => Fate::Refused,
        _ if has_a_cause_of_all(error) && !is_gateways(error) => Fate::NotProcessed,
        ErrorKind::UnexpectedResponse if !is_gateways(error) && error.status().is_some() => {
            Fate::Refused
        }
        _ => Fate::Unknown,
    }
}

/// Whether a 5xx came without an exception of the platform's.
fn is_gateways(error: &Error) -> bool {
    error.exception().is_none()
        && error
            .status()
            .is_none_or(|status| !status.is_client_error())
}

/// Refused for who asks or when, and not for what.
fn has_a_cause_of_all(error: &Error) -> bool {
    error.is_rate_limited()
        || error.is_unavailable()
        || error.is_unauthenticated()
        || error.is_forbidden()
        || error.is_ip_denied()
}

/// The next item would meet the same.
fn stands_in_the_way_of_all(error: &Error) -> bool {
    error.kind() == ErrorKind::Configuration
        || error.is_connect()
        || has_a_cause_of_all(error)
        || std::error::Error::source(error).is_some_and(|source| source.is::<TokenError>())
}

/// What a refusal is called in the journal.
fn code(error: &Error) -> String {
    if let Some(exception) = error.exception() {
        return exception.code();
    }
    let status = error.status();
    status.map_or_else(String::new, |status| format!("HTTP {}", status.as_u16()))
}

/// An id that does not show what it is made of.
#[allow(dead_code)] // not every platform's
pub(crate) fn hash(request: &[u8]) -> String {
    use std::fmt::Write as _;

    use sha2::{Digest as _, Sha256};

    let mut id = String::with_capacity(32);
    for byte in &Sha256::digest(request)[..16] {
        // Writing to a string does not fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

// Nothing in it is pinned: futures are tasks.
impl<I, T> Unpin for Bulk<I, T> {}

impl<I, T> Stream for Bulk<I, T>
where
    I: Send + 'static,
    T: Send + 'static,
{
    type Item = Written<I, T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.is_over && this.tasks.len() < this.concurrency {
            let Some(item) = this.items.next() else {
                this.is_over = true;
                break;
            };
            if let Some(written) = this.begin(item) {
                this.count(&written);
                return Poll::Ready(Some(written));
            }
        }
        match this.tasks.poll_join_next(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(Ok(written))) => {
                this.count(&written);
                Poll::Ready(Some(written))
            }
            Poll::Ready(Some(Err(error))) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down.
                Err(_) => Poll::Ready(None),
            },
        }
    }
}

impl<I, T> fmt::Debug for Bulk<I, T> {
    /// Shows how far it is: items may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk")
            .field("progress", &self.progress)
            .field("under_way", &self.tasks.len())
            .finish_non_exhaustive()
    }
}
