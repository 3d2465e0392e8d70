//! Bodies that have been looked into, and bodies under a time limit.

use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use mno_runtime::transport::{Body, Response, TransportError};
use tokio::time::{Instant, Sleep};

/// Reads up to about `limit` bytes, and puts the body together again, errors included.
pub(super) async fn peek(mut body: Body, limit: usize) -> (Bytes, Body) {
    let mut seen = BytesMut::new();
    let mut chunks = VecDeque::new();
    let mut rest = None;
    loop {
        if seen.len() >= limit {
            rest = Some(body);
            break;
        }
        match std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
            None => break,
            Some(Ok(chunk)) => {
                let room = chunk.len().min(limit - seen.len());
                seen.extend_from_slice(&chunk[..room]);
                chunks.push_back(Ok(chunk));
            }
            Some(Err(error)) => {
                chunks.push_back(Err(error));
                break;
            }
        }
    }
    (seen.freeze(), Body::from_stream(Chained { chunks, rest }))
}

/// How much of an answer is kept in memory to see that it is whole; the longest page of SIMs has
/// some 5 MB.
const WHOLE: usize = 32 << 20;

/// Reads a message to its end, so that one that breaks off can be asked for again. What is too long
/// for that, and what is no message (a file), goes to the caller as it comes.
pub(super) async fn whole(response: Response) -> Result<Response, TransportError> {
    let is_message = |value: &http::HeaderValue| {
        let value = value.as_bytes().to_ascii_lowercase();
        let has = |word: &[u8]| value.windows(word.len()).any(|part| part == word);
        has(b"xml") || has(b"json")
    };
    if !response.headers().get(CONTENT_TYPE).is_none_or(is_message) {
        return Ok(response);
    }
    let (parts, mut body) = response.into_parts();
    let mut chunks = VecDeque::new();
    let mut length = 0;
    let mut rest = None;
    loop {
        if length >= WHOLE {
            rest = Some(body);
            break;
        }
        match std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
            None => break,
            Some(chunk) => {
                let chunk = chunk?;
                length += chunk.len();
                chunks.push_back(Ok(chunk));
            }
        }
    }
    let body = match (chunks.len(), &rest) {
        (1, None) => chunks.pop_front().transpose()?.unwrap_or_default().into(),
        _ => Body::from_stream(Chained { chunks, rest }),
    };
    Ok(Response::from_parts(parts, body))
}

struct Chained {
    chunks: VecDeque<Result<Bytes, TransportError>>,
    rest: Option<Body>,
}

impl Stream for Chained {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(chunk));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_next(cx),
            None => Poll::Ready(None),
        }
    }
}

/// Ends a body with an error when it has not arrived in time.
pub(super) fn limited(
    body: Body,
    until: Instant,
    late: impl Fn() -> TransportError + Send + 'static,
) -> Body {
    let sleep = Box::pin(tokio::time::sleep_until(until));
    Body::from_stream(Limited {
        body: Some(body),
        sleep,
        late,
    })
}

struct Limited<F> {
    /// `None` once it has ended or was late: the connection is given up then.
    body: Option<Body>,
    sleep: Pin<Box<Sleep>>,
    late: F,
}

// Nothing in it is pinned in place.
impl<F> Unpin for Limited<F> {}

impl<F: Fn() -> TransportError> Stream for Limited<F> {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_next(cx) {
            Poll::Ready(Some(Ok(chunk))) => return Poll::Ready(Some(Ok(chunk))),
            Poll::Ready(end) => {
                self.body = None;
                return Poll::Ready(end);
            }
            Poll::Pending => {}
        }
        match self.sleep.as_mut().poll(cx) {
            Poll::Ready(()) => {
                self.body = None;
                Poll::Ready(Some(Err((self.late)())))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
