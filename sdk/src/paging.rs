//! Lists as streams.

mod ahead;
mod checkpoint;
#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mno_runtime::facts::OperationFacts;
use mno_runtime::json::DecodeError;
use mno_runtime::transport::BoxFuture;
use mno_runtime::{Error, ErrorKind};

use ahead::{Ahead, Done, Flight};
use checkpoint::{Fingerprint, Key};

use crate::policy::Organisation;

pub use checkpoint::{Checkpoint, CheckpointError};

/// So many keys are remembered to know an item by that comes again.
const REMEMBERED: usize = 100_000;
/// So many of the last keys are in a checkpoint.
const ANCHORS: usize = 16;
/// So often in a row a list is read again from further in front without anything new.
const MOST_REJOINS: u32 = 40;

/// What a platform gives at once.
pub(crate) struct Page<T> {
    /// The items, each on its own good or bad.
    pub(crate) items: Vec<Result<T, Error>>,
    /// How many there are in all, if the platform says so.
    pub(crate) total: Option<u32>,
}

impl<T> FromIterator<Result<T, Error>> for Page<T> {
    /// A page of a platform that names no total.
    fn from_iter<I: IntoIterator<Item = Result<T, Error>>>(items: I) -> Self {
        Self {
            items: items.into_iter().collect(),
            total: None,
        }
    }
}

type Pending<T> = BoxFuture<'static, Result<Page<T>, Error>>;

/// Asks for the page at a position, with at most so many items.
pub(crate) type Fetch<T> = Box<dyn Fn(u32, u32) -> Pending<T> + Send>;

/// The error of an item that could not be read: `"a SIM"`.
pub(crate) fn unreadable(
    what: &str,
    facts: &'static OperationFacts,
) -> impl Fn(DecodeError) -> Error {
    move |error| {
        let message = format!("{what} could not be read: {}", error.message());
        Error::new(ErrorKind::Decode, message)
            .with_operation(facts)
            .with_path(error.path())
            .with_position(error.position())
    }
}

/// A list of the platform, page by page behind the scenes.
///
/// # Speed
/// Pages are asked for ahead, as many at a time as it takes to use up the permitted rate whatever
/// the platform's answers take, and handed out in order ([`with_read_ahead`](Self::with_read_ahead)
/// sets how many). The first page is asked for with the first item; more of them before it has
/// come only when it takes longer than a permit. Requests under way go on while the caller does
/// something else, and end with the stream. In memory are the pages that were read ahead, the one
/// that items are given from, and 16 bytes for each of the last 100,000 items.
///
/// # Ends
/// * Where the platform says how many there are ([`total`](Self::total)), pages are asked for until
///   so many have come, however long a page is; one with fewer items than are left, down to none,
///   never passes for the end of the list.
/// * Elsewhere a page shorter than asked for is the last. A page longer than asked for is the whole
///   list: that platform does not page.
/// * What was asked for beyond the end is given up: up to as many calls as were read ahead.
///
/// # Lists that change meanwhile
/// Positions shift while things are added and taken away, so pages overlap (by 0.5 %, one item at
/// least), and each has to join on to what was read before: it has to have an item that is known.
/// One that does not is asked for again from further in front, until it does.
///
/// *Guaranteed*, as long as the platform keeps the order of its items: an item that is there from
/// before the first page until after the last is given once. One that is added or taken away
/// meanwhile is given once, or not at all. Of an order that changes nothing can be guaranteed but
/// that nothing comes twice within 100,000 items.
///
/// *Not guaranteed* where a platform numbers its pages (Telekom's lists), since those cannot overlap:
/// there a page is read again when the [`total`](Self::total) has changed since the one before, and
/// a change that leaves the total as it was goes unseen. Nor in lists whose items have no key, nor in
/// pages of a single item.
///
/// # Errors
/// * An item that cannot be read is one error; the stream goes on after it.
/// * A page with nothing new in it, where more is to come, is an error, and ends the stream instead
///   of going round in circles.
/// * A page that cannot be fetched, after the retries of the [policies](crate::policy), is an error
///   and ends the stream; a [`checkpoint`](Self::checkpoint) is where another one can go on.
pub struct PageStream<T> {
    fetch: Fetch<T>,
    key: fn(&T) -> Option<String>,
    fingerprint: Fingerprint,
    size: u32,
    max_size: u32,
    numbered: bool,
    /// Whether items can be known again.
    keyed: bool,
    ahead: Ahead,
    /// Where the next request begins.
    ask: u32,
    /// Items before this are not wanted.
    origin: u32,
    /// Pages that were asked for, in the order of the list.
    flights: VecDeque<Flight<T>>,
    /// Whether a page has come.
    begun: bool,
    known: Known,
    /// Goes on after another stream: what it does not know may have been given by that one.
    resumed: bool,
    /// Has not found the place yet at which that one was.
    unjoined: bool,
    /// Key of the last item with one, and how many without have come since.
    last_key: Option<Key>,
    tail: u32,
    seek: Option<Seek>,
    rejoins: u32,
    next: u32,
    total: Option<u32>,
    buffer: VecDeque<Buffered<T>>,
    given: Given,
    ended: bool,
}

/// An item that waits to be taken.
struct Buffered<T> {
    item: Result<T, Error>,
    key: Option<Key>,
    /// Position of the item after it; `None` for an error of the stream's own.
    after: Option<u32>,
}

/// What has been taken from the stream.
#[derive(Debug, Default)]
struct Given {
    position: u32,
    anchors: VecDeque<Key>,
    tail: u32,
}

/// Looking for the place at which a page joins on.
#[derive(Debug, Clone, Copy)]
enum Seek {
    /// Further in front than `from`, by `step`.
    Back { from: u32, step: u32 },
    /// From `from` on, as there was nothing in front of it.
    Forward,
}

/// The last keys.
#[derive(Default)]
struct Known {
    set: HashSet<Key>,
    order: VecDeque<Key>,
}

impl Known {
    /// Whether it is new; it is known from now on.
    fn insert(&mut self, key: Key) -> bool {
        if !self.set.insert(key) {
            return false;
        }
        self.order.push_back(key);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        true
    }
}

impl<T> PageStream<T> {
    pub(crate) fn new(
        facts: &'static OperationFacts,
        fetch: Fetch<T>,
        key: fn(&T) -> Option<String>,
        size: u32,
    ) -> Self {
        Self {
            fetch,
            key,
            fingerprint: Fingerprint::of(facts),
            size,
            max_size: size,
            numbered: false,
            keyed: true,
            ahead: Ahead::automatic(facts),
            ask: 0,
            origin: 0,
            flights: VecDeque::new(),
            begun: false,
            known: Known::default(),
            resumed: false,
            unjoined: false,
            last_key: None,
            tail: 0,
            seek: None,
            rejoins: 0,
            next: 0,
            total: None,
            buffer: VecDeque::new(),
            given: Given::default(),
            ended: false,
        }
    }

    /// Lets pages be longer than the default, for a platform that is not known to limit them.
    #[allow(dead_code)] // not every platform's
    pub(crate) fn with_max_page_size(mut self, size: u32) -> Self {
        self.max_size = size.max(self.size);
        self
    }

    /// For a platform that numbers its pages: only whole ones are asked for, so that every position
    /// divided by the size is a page's number, counted from 0.
    #[allow(dead_code)] // not every platform's
    pub(crate) fn with_numbered_pages(mut self) -> Self {
        self.numbered = true;
        self
    }

    /// What else is asked for: a checkpoint of another list does not fit.
    #[allow(dead_code)] // not every list has parameters
    pub(crate) fn with_parameters<N: AsRef<str>>(
        mut self,
        parameters: impl IntoIterator<Item = (N, String)>,
    ) -> Self {
        for (name, value) in parameters {
            self.fingerprint.add(name.as_ref(), &value);
        }
        self
    }

    /// Reads as far ahead as the limits of this organisation let it.
    #[allow(dead_code)] // not every platform's
    pub(crate) fn with_limits_of(mut self, organisation: &Organisation) -> Self {
        self.ahead.organisation = Some(organisation.clone());
        self
    }

    /// Asks for pages of this size, at least 1 and at most what the platform allows. By default
    /// they are as long as that, or of 100 where no limit is known.
    #[must_use]
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.size = size.clamp(1, self.max_size);
        self
    }

    /// Reads so many pages ahead of the one that items are given from, 32 at most. With 0, a page is
    /// asked for when the one before is used up.
    ///
    /// By default as many as the permitted rate needs, which is found out from what answers take;
    /// where no limit is known, one more with every page, up to 4.
    #[must_use]
    pub fn with_read_ahead(mut self, pages: u32) -> Self {
        self.ahead.set(pages);
        self
    }

    /// Begins at this position instead of 0.
    #[must_use]
    pub fn with_start_index(mut self, index: u32) -> Self {
        self.next = index;
        self.ask = index;
        self.origin = index;
        self.given.position = index;
        self
    }

    /// Goes on where another stream of the same list was, in this process or in one before it.
    ///
    /// What was given before the checkpoint is not given again, and nothing behind it is left out,
    /// however positions have shifted since, as long as one of the last 16 items before it is still
    /// there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the checkpoint is of another list or another filter. When
    /// none of the items that it remembers is in the list any more, the stream's first item is an
    /// error.
    pub fn resume(mut self, checkpoint: &Checkpoint) -> Result<Self, Error> {
        if checkpoint.fingerprint != self.fingerprint.finish() {
            let message = "the checkpoint is of another list, or of one with another filter; begin \
                           this one anew";
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_path("checkpoint"));
        }
        let anchors = &checkpoint.anchors;
        let back = u32::try_from(anchors.len()).unwrap_or(0).min(self.size - 1);
        self.next = checkpoint.position;
        self.ask = checkpoint.position.saturating_sub(back);
        self.origin = match anchors.is_empty() {
            true => checkpoint.position,
            false => 0,
        };
        self.unjoined = !anchors.is_empty();
        // With all of them remembered, it is as if this stream had given them itself.
        self.resumed = checkpoint.position as usize > anchors.len() && self.unjoined;
        for anchor in anchors {
            self.known.insert(*anchor);
        }
        self.last_key = anchors.last().copied();
        self.tail = checkpoint.tail;
        self.given = Given {
            position: checkpoint.position,
            anchors: anchors.iter().copied().collect(),
            tail: checkpoint.tail,
        };
        Ok(self)
    }

    /// Where the stream is: after the items that have been taken from it. Its text (`Display`,
    /// `FromStr`) can be kept, and another stream of the same list can [go on](Self::resume) there.
    ///
    /// Keep it once you are done with the items before it; what you do with items after it is done
    /// again after a crash.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            fingerprint: self.fingerprint.finish(),
            position: self.given.position,
            tail: self.given.tail,
            anchors: self.given.anchors.iter().copied().collect(),
        }
    }

    /// Position after the last page that has been taken up.
    ///
    /// Items of that page that have not been taken from the stream yet are not counted in: after an
    /// error everything before it has been given. A [`checkpoint`](Self::checkpoint) is more exact,
    /// and holds when positions shift.
    #[must_use]
    pub fn next_index(&self) -> u32 {
        self.next
    }

    /// How many items there are in all, as the last page said; `None` before the first, and where
    /// the platform does not say.
    #[must_use]
    pub fn total(&self) -> Option<u32> {
        self.total
    }

    /// By how many items a page overlaps the one before.
    fn overlap(&self) -> u32 {
        if self.numbered || !self.keyed {
            return 0;
        }
        (self.size / 200).max(1).min(self.size - 1)
    }

    /// Where a page begins that has the item at this position.
    fn page_start(&self, position: u32) -> u32 {
        match self.numbered {
            true => position - position % self.size,
            false => position,
        }
    }

    /// Where the page after the one that ends before `end` begins.
    fn after(&self, end: u32) -> u32 {
        match self.numbered {
            true => self.page_start(end),
            false => end.saturating_sub(self.overlap()),
        }
    }

    fn take_page(&mut self, page: Page<T>, start: u32, asked: u32) {
        let count = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        let end = start.saturating_add(count);
        let is_first = !std::mem::replace(&mut self.begun, true);
        if is_first {
            let mut readable = page.items.iter().flatten().peekable();
            self.keyed =
                readable.peek().is_none() || readable.any(|item| (self.key)(item).is_some());
            if !self.keyed && self.resumed {
                return self.fail("the items of this list cannot be known again");
            }
        }
        let keys: Vec<Option<Key>> = page
            .items
            .iter()
            .map(|item| (self.key)(item.as_ref().ok()?))
            .map(|key| Some(self.fingerprint.key(&key?)))
            .collect();
        let is_known = |key: &Option<Key>| key.is_some_and(|key| self.known.set.contains(&key));
        let last_known = keys.iter().rposition(is_known);

        let shifts = match (self.total, page.total) {
            // Pages that are numbered tell of a change by this alone.
            (Some(before), Some(now)) => self.numbered && self.keyed && before != now && start > 0,
            _ => false,
        };
        self.total = page.total;
        let checks = self.overlap() > 0 || self.unjoined;
        let joins = last_known.is_some()
            || self.known.set.is_empty()
            || !checks
            || start == 0 && !self.resumed;
        if !joins || shifts {
            let is_last = page.total.map_or(count < asked, |total| end >= total);
            return self.rejoin(start, count, is_last);
        }
        let rejoins = self.seek.take().is_some() || self.unjoined;
        self.unjoined = false;

        let behind = last_known.map_or(0, |last| last + 1);
        let follows = last_known.is_some_and(|last| keys[last] == self.last_key);
        // Items without a key that came after the last one with one have been given.
        let mut skip = if follows { self.tail } else { 0 };
        let knows_nothing = self.known.set.is_empty();
        let mut is_new = false;
        for (index, (item, key)) in page.items.into_iter().zip(keys).enumerate() {
            let position = start.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
            let wanted = match key {
                Some(key) => {
                    if index >= behind {
                        skip = 0;
                    }
                    // In front of what another stream gave last is what it gave before.
                    let is_ours = index >= behind || !self.resumed;
                    is_ours && position >= self.origin && self.known.insert(key)
                }
                None if knows_nothing => position >= self.next.max(self.origin),
                None if skip > 0 && index >= behind => {
                    skip -= 1;
                    false
                }
                None => index >= behind && position >= self.origin,
            };
            if !wanted {
                continue;
            }
            is_new = true;
            match key {
                Some(_) => (self.last_key, self.tail) = (key, 0),
                None => self.tail += 1,
            }
            self.buffer.push_back(Buffered {
                item,
                key,
                after: Some(position.saturating_add(1)),
            });
        }
        // It counts for the first page alone: after that positions shift.
        self.origin = 0;
        self.next = match is_first {
            true => end.max(self.next),
            false => end,
        };
        self.ended = match page.total {
            Some(total) => self.next >= total,
            None => count != asked,
        };
        if is_new {
            if !rejoins {
                self.rejoins = 0;
            }
        } else if !self.ended && !rejoins && self.rejoins == 0 {
            return self.fail(
                "a page brought nothing new, and it is not the last: the platform does not heed \
                 the position, or as much was put in front of it meanwhile; another stream can go \
                 on at next_index()",
            );
        } else if !self.ended {
            self.rejoins += 1;
            if self.rejoins > MOST_REJOINS {
                return self.fail_to_join();
            }
        }
        if self.ended {
            self.flights.clear();
            return;
        }
        if self.numbered && count > asked {
            return self.fail(
                "a numbered page is longer than asked for, so that nobody knows what the next one \
                 begins with; ask for pages of another size",
            );
        }
        if count > 0 && count < asked {
            // A shorter page with more behind it: that is how long the platform's pages are.
            // Numbered ones can be shortened at the beginning only, where no number changes.
            if !self.numbered || start == 0 {
                self.size = count.min(self.size);
            }
        }
        let expected = self.after(self.next);
        if self
            .flights
            .front()
            .is_none_or(|next| next.start != expected)
        {
            self.flights.clear();
            self.ask = expected;
        }
    }

    /// Asks for the list from further in front: a page does not join on.
    fn rejoin(&mut self, start: u32, count: u32, is_last: bool) {
        self.flights.clear();
        // Looking for a checkpoint's place ends by itself, at the list's ends.
        self.rejoins += u32::from(!self.unjoined);
        if self.rejoins > MOST_REJOINS {
            return self.fail_to_join();
        }
        let (seek, ask) = match self.seek {
            None => {
                let step = match self.numbered {
                    true => self.size,
                    false => (self.size / 2).max(1),
                };
                (Seek::Back { from: start, step }, start.saturating_sub(step))
            }
            // Only after a checkpoint is the beginning of the list no place to join on: look behind.
            Some(Seek::Back { from, .. }) if start == 0 => (Seek::Forward, from),
            Some(Seek::Back { from, step }) => {
                // All that was given is known, so wherever a page begins in it, it joins on; of what
                // was given before a checkpoint little is known, and must not be stepped over.
                let step = match self.unjoined {
                    true => step.saturating_add((self.size / 2).max(1)),
                    false => step.saturating_mul(2),
                };
                (Seek::Back { from, step }, from.saturating_sub(step))
            }
            Some(Seek::Forward) if is_last => {
                return self.fail(
                    "none of the items that the checkpoint remembers is in the list any more: \
                     begin it anew",
                );
            }
            Some(Seek::Forward) => (Seek::Forward, start.saturating_add(count.max(1))),
        };
        tracing::debug!(
            position = start,
            again_from = ask,
            "the list has shifted: a page is asked for again"
        );
        self.seek = Some(seek);
        self.ask = ask;
    }

    fn fail_to_join(&mut self) {
        self.fail(
            "the list changes faster than it can be read, or comes in another order each time: its \
             pages do not join on to one another",
        );
    }

    fn fail(&mut self, message: &str) {
        self.ended = true;
        self.flights.clear();
        let error = Error::new(ErrorKind::UnexpectedResponse, message);
        self.buffer.push_back(Buffered {
            item: Err(error),
            key: None,
            after: None,
        });
    }

    /// Notes that an item is the caller's now.
    fn give(&mut self, buffered: Buffered<T>) -> Result<T, Error> {
        let Buffered { item, key, after } = buffered;
        let Some(after) = after else {
            return item;
        };
        self.given.position = after;
        match key {
            Some(key) => {
                self.given.anchors.push_back(key);
                self.given.tail = 0;
                if self.given.anchors.len() > ANCHORS {
                    self.given.anchors.pop_front();
                }
            }
            None => self.given.tail += 1,
        }
        item
    }
}

impl<T: Send + 'static> PageStream<T> {
    /// Asks for as many pages as there may be under way.
    fn top_up(&mut self) {
        let most = match self.seek {
            // Where to go on depends on what comes.
            Some(_) => 1,
            None => self.ahead.most(self.begun),
        };
        let least = usize::from(self.buffer.is_empty());
        while self.flights.len() < most.max(least) {
            let is_beyond = self.total.is_some_and(|total| self.ask >= total);
            if is_beyond && !self.flights.is_empty() {
                break;
            }
            if is_beyond && !self.buffer.is_empty() {
                break;
            }
            let start = self.page_start(self.ask);
            let flight = Flight::new(start, self.size, (self.fetch)(start, self.size));
            self.flights.push_back(flight);
            let next = match self.numbered {
                true => start.saturating_add(self.size),
                false => start.saturating_add(self.size - self.overlap()),
            };
            if next == start {
                break;
            }
            self.ask = next;
        }
    }
}

// Nothing in it is pinned: futures are boxed.
impl<T> Unpin for PageStream<T> {}

impl<T: Send + 'static> Stream for PageStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(buffered) = this.buffer.pop_front() {
                return Poll::Ready(Some(this.give(buffered)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            this.top_up();
            let Some(flight) = this.flights.front_mut() else {
                // Unreachable: with an empty buffer at least one page is asked for.
                return Poll::Ready(None);
            };
            let Poll::Ready(done) = flight.poll(cx) else {
                this.ahead.stall();
                // Before the first page, time alone lets another one be asked for.
                if !this.begun && this.ahead.poll_more(cx).is_ready() {
                    continue;
                }
                return Poll::Pending;
            };
            let Done {
                page,
                began,
                ended: at,
            } = done;
            let (start, asked) = (flight.start, flight.size);
            this.flights.pop_front();
            match page {
                Ok(page) => {
                    this.ahead.came(began, at);
                    this.take_page(page, start, asked);
                    if !this.ended && !this.buffer.is_empty() {
                        this.top_up();
                    }
                }
                Err(error) => {
                    this.ended = true;
                    this.flights.clear();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("page_size", &self.size)
            .field("next_index", &self.next)
            .field("total", &self.total)
            .field("buffered", &self.buffer.len())
            .field("under_way", &self.flights.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
