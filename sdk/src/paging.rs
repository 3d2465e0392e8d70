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
/// * A page is asked for when the one before is used up.
/// * Where the platform says how many there are ([`total`](Self::total)), pages are asked for until
///   so many have come, however long a page is; one with fewer items than are left, down to none,
///   never passes for the end of the list.
/// * Elsewhere a page shorter than asked for is the last; after a full one, the next is asked for,
///   and an empty one ends the list. A page longer than asked for is the whole list: that platform
///   does not page.
/// * A page with nothing new in it, where more is to come, is an error, and ends the stream instead
///   of going round in circles.
/// * Positions shift while things are added: an item that comes twice is given once.
/// * An item that cannot be read is one error; the stream goes on after it.
/// * A page that cannot be fetched is an error and ends the stream;
///   [`next_index`](Self::next_index) is where another one can go on.
pub struct PageStream<T> {
    fetch: Fetch<T>,
    key: fn(&T) -> Option<String>,
    size: u32,
    max_size: u32,
    numbered: bool,
    next: u32,
    total: Option<u32>,
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
            max_size: size,
            numbered: false,
            next: 0,
            total: None,
            seen: HashSet::new(),
            buffer: VecDeque::new(),
            pending: None,
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

    /// Asks for pages of this size, at least 1 and at most what the platform allows. By default
    /// they are as long as that, or of 100 where no limit is known.
    #[must_use]
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.size = size.clamp(1, self.max_size);
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

    /// How many items there are in all, as the last page said; `None` before the first, and where
    /// the platform does not say.
    #[must_use]
    pub fn total(&self) -> Option<u32> {
        self.total
    }

    /// Where the page begins that has the next item.
    fn page_start(&self) -> u32 {
        match self.numbered {
            true => self.next - self.next % self.size,
            false => self.next,
        }
    }

    fn take_page(&mut self, page: Page<T>) {
        let count = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        let start = self.page_start();
        let skipped = (self.next - start) as usize;
        self.next = start.saturating_add(count).max(self.next);
        self.total = page.total;
        self.ended = match page.total {
            Some(total) => self.next >= total,
            None => count != self.size,
        };
        if self.numbered && !self.ended && start == 0 && count > 0 {
            // A shorter page with more behind it: that is how long the platform's pages are.
            self.size = count.min(self.size);
        }
        let buffered = self.buffer.len();
        for item in page.items.into_iter().skip(skipped) {
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
            let message = "a page brought nothing new, and it is not the last: the platform does \
                           not heed the position, or as much was put in front of it meanwhile; \
                           another stream can go on at next_index()";
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
            let (start, size) = (self.page_start(), self.size);
            let mut pending = match self.pending.take() {
                Some(pending) => pending,
                None => (self.fetch)(start, size),
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
            .field("total", &self.total)
            .field("buffered", &self.buffer.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use futures_util::StreamExt as _;

    use super::*;

    /// Windows that were asked for.
    type Asked = Arc<Mutex<Vec<(u32, u32)>>>;

    /// A list that gives at most `longest` numbers at once, and says that there are `total`.
    fn list(numbers: u32, longest: u32, total: Option<u32>) -> (PageStream<u32>, Asked) {
        let asked = Asked::default();
        let log = Arc::clone(&asked);
        let fetch = move |from: u32, size: u32| {
            log.lock().unwrap().push((from, size));
            let end = from.saturating_add(size.min(longest)).min(numbers);
            let items = (from..end).map(Ok).collect();
            Box::pin(async move { Ok(Page { items, total }) }) as _
        };
        let stream = PageStream::new(Box::new(fetch), |n: &u32| Some(n.to_string()), 100);
        (stream, asked)
    }

    async fn collect(stream: PageStream<u32>) -> (Vec<u32>, Option<Error>) {
        let mut good = Vec::new();
        let mut bad = None;
        for item in stream.collect::<Vec<_>>().await {
            match item {
                Ok(number) => good.push(number),
                Err(error) => bad = Some(error),
            }
        }
        (good, bad)
    }

    #[tokio::test]
    async fn a_total_is_reached_in_as_many_pages_as_it_takes_and_no_more() {
        for (numbers, longest, calls) in [(0, 100, 1), (100, 100, 1), (101, 100, 2), (250, 40, 7)] {
            let (stream, asked) = list(numbers, longest, Some(numbers));
            let (good, bad) = collect(stream).await;
            assert!(bad.is_none(), "{bad:?}");
            assert_eq!(good, (0..numbers).collect::<Vec<_>>());
            assert_eq!(asked.lock().unwrap().len(), calls, "{numbers} by {longest}");
        }
    }

    #[tokio::test]
    async fn a_list_that_stops_before_its_total_is_an_error_and_not_the_end() {
        let (stream, _) = list(30, 100, Some(40));
        let (good, bad) = collect(stream).await;
        assert_eq!(good.len(), 30);
        assert_eq!(bad.unwrap().kind(), ErrorKind::UnexpectedResponse);
    }

    #[tokio::test]
    async fn a_total_counts_from_where_the_stream_begins() {
        let (stream, asked) = list(30, 100, Some(30));
        let mut stream = stream.with_start_index(25).with_page_size(3);
        assert_eq!(stream.total(), None);
        assert_eq!(stream.next().await.unwrap().unwrap(), 25);
        assert_eq!((stream.total(), stream.next_index()), (Some(30), 28));
        assert_eq!(stream.count().await, 4);
        assert_eq!(*asked.lock().unwrap(), [(25, 3), (28, 3)]);
    }

    #[tokio::test]
    async fn numbered_pages_are_asked_for_whole() {
        let (stream, asked) = list(30, 100, None);
        let stream = stream.with_numbered_pages().with_page_size(10);
        let (good, bad) = collect(stream.with_start_index(13)).await;
        assert!(bad.is_none(), "{bad:?}");
        assert_eq!(good, (13..30).collect::<Vec<_>>());
        // The last page was full, and nothing says that it is the last.
        assert_eq!(*asked.lock().unwrap(), [(10, 10), (20, 10), (30, 10)]);
    }

    #[tokio::test]
    async fn numbered_pages_are_as_long_as_the_platform_makes_them() {
        let (stream, asked) = list(25, 10, Some(25));
        let (good, bad) = collect(stream.with_numbered_pages()).await;
        assert!(bad.is_none(), "{bad:?}");
        assert_eq!(good, (0..25).collect::<Vec<_>>());
        assert_eq!(*asked.lock().unwrap(), [(0, 100), (10, 10), (20, 10)]);
    }

    #[test]
    fn pages_are_as_long_as_allowed() {
        let size = |stream: PageStream<u32>| stream.with_page_size(1000).size;
        assert_eq!(size(list(0, 1, None).0), 100);
        assert_eq!(size(list(0, 1, None).0.with_max_page_size(u32::MAX)), 1000);
    }
}
