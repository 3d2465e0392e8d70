//! Pages that are asked for before they are needed.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mno_runtime::facts::OperationFacts;
use mno_runtime::{Error, ErrorKind};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep};
use tracing::Instrument as _;

use super::{Page, Pending};
use crate::policy::Organisation;

/// Most pages that are read ahead.
const MOST: u32 = 32;
/// Most pages that are read ahead where no limit is known.
const UNLIMITED: u32 = 4;

/// A page that was asked for, in a task of its own: it comes while the caller does something else.
pub(super) struct Flight<T> {
    pub(super) start: u32,
    pub(super) size: u32,
    task: JoinHandle<Done<T>>,
}

/// A page that came.
pub(super) struct Done<T> {
    pub(super) page: Result<Page<T>, Error>,
    pub(super) began: Instant,
    pub(super) ended: Instant,
}

impl<T: Send + 'static> Flight<T> {
    pub(super) fn new(start: u32, size: u32, page: Pending<T>) -> Self {
        let task = async move {
            let began = Instant::now();
            let page = page.await;
            let ended = Instant::now();
            Done { page, began, ended }
        };
        Self {
            start,
            size,
            task: tokio::spawn(task.in_current_span()),
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Done<T>> {
        let done = ready!(Pin::new(&mut self.task).poll(cx));
        Poll::Ready(done.unwrap_or_else(|error| {
            if error.is_panic() {
                std::panic::resume_unwind(error.into_panic());
            }
            let message = "the runtime shut down while a page was asked for";
            let now = Instant::now();
            Done {
                page: Err(Error::new(ErrorKind::Interrupted, message).with_source(error)),
                began: now,
                ended: now,
            }
        }))
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How many pages are asked for at a time.
pub(super) struct Ahead {
    facts: &'static OperationFacts,
    /// Whose limits count, if not those of the facts.
    pub(super) organisation: Option<Organisation>,
    /// What the caller wants.
    fixed: Option<u32>,
    /// How many it takes to use up the limit.
    depth: u32,
    /// Before the first page has come: how many more were allowed by time.
    early: u32,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the caller has had to wait for the page that comes next.
    stalled: bool,
    last: Option<Instant>,
    /// Average time between two pages, in seconds.
    gap: f64,
}

impl Ahead {
    pub(super) fn automatic(facts: &'static OperationFacts) -> Self {
        Self {
            facts,
            organisation: None,
            fixed: None,
            depth: 0,
            early: 0,
            timer: None,
            stalled: false,
            last: None,
            gap: 0.0,
        }
    }

    pub(super) fn set(&mut self, pages: u32) {
        self.fixed = Some(pages.min(MOST));
    }

    /// Most pages under way and waiting.
    pub(super) fn most(&self, begun: bool) -> usize {
        let most = match self.fixed {
            Some(fixed) => fixed,
            None if begun => self.depth,
            None => 1 + self.early,
        };
        most as usize
    }

    /// Seconds between two calls that the limits allow.
    fn spacing(&self) -> Option<f64> {
        let Some(organisation) = &self.organisation else {
            return Some(1.0 / f64::from(self.facts.tps?.max(1)));
        };
        let limits = organisation.limits();
        let own = match limits.budgets.get(self.facts.budget) {
            Some(set) => *set,
            None => self.facts.tps.filter(|_| limits.obey_facts),
        };
        let per_second = [own, limits.organisation].into_iter().flatten().min()?;
        Some((1.0 + limits.jitter.as_secs_f64()) / f64::from(per_second.max(1)))
    }

    /// The caller waits.
    pub(super) fn stall(&mut self) {
        self.stalled = true;
    }

    /// Whether it is time for another page before the first one has come: a platform that takes
    /// longer than a permit would leave the limit unused.
    pub(super) fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.fixed.is_some() || self.early >= MOST {
            return Poll::Pending;
        }
        let timer = match &mut self.timer {
            Some(timer) => timer,
            None => {
                let Some(spacing) = self.spacing() else {
                    return Poll::Pending;
                };
                let sleep = tokio::time::sleep(Duration::from_secs_f64(spacing));
                self.timer.insert(Box::pin(sleep))
            }
        };
        ready!(timer.as_mut().poll(cx));
        self.timer = None;
        self.early += 1;
        Poll::Ready(())
    }

    /// A page came that was asked for then. It takes as many pages at a time as there are permits
    /// while one of them is on its way.
    pub(super) fn came(&mut self, began: Instant, at: Instant) {
        self.timer = None;
        let spacing = self.spacing();
        let stalled = std::mem::take(&mut self.stalled);
        let last = self.last.replace(at);
        let (Some(spacing), Some(last)) = (spacing, last) else {
            // The first one waited for nobody else's permits. Without a limit there are more with
            // every page: who wants no more than a few items has not asked for much.
            let taken = (at - began).as_secs_f64();
            self.depth = match spacing {
                Some(spacing) => (count(taken / spacing) + 1).clamp(1, MOST),
                None => (self.depth + 1).min(UNLIMITED),
            };
            self.gap = spacing.unwrap_or_default();
            return;
        };
        if !stalled {
            return;
        }
        let gap = at.saturating_duration_since(last).as_secs_f64();
        self.gap += (gap - self.gap) / 4.0;
        if self.gap > 1.15 * spacing && self.depth < MOST {
            // They come more slowly than the limit allows: not enough are under way.
            self.depth += 1;
            self.gap = spacing;
        }
    }
}

/// The next whole number.
fn count(number: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // It saturates, and none is negative.
    let count = number.ceil() as u32;
    count
}
