//! Lists as streams.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mno_runtime::facts::OperationFacts;
use mno_runtime::json::DecodeError;
use mno_runtime::transport::BoxFuture;
use mno_runtime::{Error, ErrorKind};

/// The items of a page, each on its own good or bad.
type Page<T> = Vec<Result<T, Error>>;

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
/// * A page is asked for when the one before is used up.
/// * A page shorter than asked for is the last; after a full one, the next is asked for, and an
///   empty one ends the list.
/// * A page longer than asked for is the whole list: that platform does not page. A full one with
///   nothing new in it is an error, and ends the stream instead of going round in circles.
/// * Positions shift while things are added: an item that comes twice is given once.
/// * An item that cannot be read is one error; the stream goes on after it.
/// * A page that cannot be fetched is an error and ends the stream;
///   [`next_index`](Self::next_index) is where another one can go on.
pub struct PageStream<T> {
    fetch: Fetch<T>,
    key: fn(&T) -> Option<String>,
    size: u32,
    next: u32,
    seen: HashSet<String>,
    buffer: VecDeque<Result<T, Error>>,
    pending: Option<Pending<T>>,
    ended: bool,
}

impl<T> PageStream<T> {
    pub(crate) fn new(fetch: Fetch<T>, key: fn(&T) -> Option<String>, size: u32) -> Self {
        Self {
            fetch,
            key,
            size,
            next: 0,
            seen: HashSet::new(),
            buffer: VecDeque::new(),
            pending: None,
            ended: false,
        }
    }

    /// Asks for pages of this size, at least 1 and at most what the platform allows, which is
    /// also the default.
    #[must_use]
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.size = size.clamp(1, self.size);
        self
    }

    /// Begins at this position instead of 0.
    #[must_use]
    pub fn with_start_index(mut self, index: u32) -> Self {
        self.next = index;
        self
    }

    /// Position of the next page, for a stream that goes on later.
    ///
    /// Items of earlier pages that have not been taken from the stream yet are not counted in:
    /// after an error everything before it has been given.
    #[must_use]
    pub fn next_index(&self) -> u32 {
        self.next
    }

    fn take_page(&mut self, page: Page<T>) {
        let count = u32::try_from(page.len()).unwrap_or(u32::MAX);
        self.next = self.next.saturating_add(count);
        self.ended = count != self.size;
        let buffered = self.buffer.len();
        for item in page {
            let is_new = match item.as_ref().ok().and_then(self.key) {
                Some(key) => self.seen.insert(key),
                None => true,
            };
            if is_new {
                self.buffer.push_back(item);
            }
        }
        if !self.ended && self.buffer.len() == buffered {
            self.ended = true;
            let message = "a whole page brought nothing new: the platform does not heed the \
                           position, or as much was put in front of it meanwhile; another stream \
                           can go on at next_index()";
            let error = Error::new(ErrorKind::UnexpectedResponse, message);
            self.buffer.push_back(Err(error));
        }
    }
}

// Nothing in it is pinned: futures are boxed.
impl<T> Unpin for PageStream<T> {}

impl<T> Stream for PageStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.buffer.pop_front() {
                return Poll::Ready(Some(item));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let (next, size) = (self.next, self.size);
            let mut pending = match self.pending.take() {
                Some(pending) => pending,
                None => (self.fetch)(next, size),
            };
            match pending.as_mut().poll(cx) {
                Poll::Pending => {
                    self.pending = Some(pending);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(page)) => self.take_page(page),
                Poll::Ready(Err(error)) => {
                    self.ended = true;
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
            .field("buffered", &self.buffer.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
