//! The seam between typed calls and whatever carries them.
//!
//! A generated client holds an [`Arc<dyn Transport>`](Transport). `mno-sdk` puts a pipeline of
//! policies there, with an HTTPS client at the bottom; a test puts a closure there:
//!
//! ```
//! use mno_runtime::transport::{Body, Call, Response, Transport};
//!
//! fn takes(_: impl Transport) {}
//! takes(|_call: Call| async { Ok(Response::new(Body::from("<answer/>"))) });
//! ```

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::facts::OperationFacts;

/// A future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries one call to the platform and brings the answer.
///
/// Implemented by the policies of `mno-sdk`, by its HTTPS transport, by `Arc` of a transport and
/// by closures from [`Call`] to a future of a [`Response`].
pub trait Transport: Send + Sync {
    /// Sends the call once (policies: as often as they see fit) and returns the answer, whatever
    /// its status.
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Response, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Response, TransportError>> {
        (**self).send(call)
    }
}

impl<F, Fut> Transport for F
where
    F: Fn(Call) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Response, TransportError>> + Send + 'static,
{
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self(call))
    }
}

/// One call on its way: the request and what the policies need to know of it.
///
/// The request's URI is relative to the service's base URL (`/services/SOAP/…`); the bottom
/// transport adds scheme and authority.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// Facts of the operation.
    pub facts: &'static OperationFacts,
    /// The encoded request.
    pub request: http::Request<Bytes>,
    /// What the caller asked for.
    pub options: CallOptions,
}

impl Call {
    /// A call with default options.
    #[must_use]
    pub fn new(facts: &'static OperationFacts, request: http::Request<Bytes>) -> Self {
        Self {
            facts,
            request,
            options: CallOptions::default(),
        }
    }

    /// The same call with these options.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}

impl fmt::Debug for Call {
    /// Shows the operation and sizes; never the body, which holds personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.facts.operation)
            .field("body_bytes", &self.request.body().len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What a caller may ask for one call, beyond what the client does by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// Longest time for the whole call, waiting for a permit included.
    pub deadline: Option<Duration>,
    /// Longest time for one attempt, from the permit to the last byte of the answer.
    pub attempt_timeout: Option<Duration>,
    /// Longest time to wait for a permit; zero fails at once when none is free.
    pub max_permit_wait: Option<Duration>,
    /// Who goes first when permits are scarce.
    pub priority: Priority,
    /// What is sent again after a failure, in place of the client's own setting.
    pub retry: Option<Retry>,
    /// What happens while the platform is unavailable, in place of the client's own setting.
    pub on_unavailable: Option<OnUnavailable>,
}

impl CallOptions {
    /// Limits the whole call, waiting for permits included.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Limits one attempt.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Limits the wait for a permit.
    #[must_use]
    pub fn with_max_permit_wait(mut self, wait: Duration) -> Self {
        self.max_permit_wait = Some(wait);
        self
    }

    /// Sets who goes first.
    #[must_use]
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Sets what is sent again after a failure: [`Retry::NONE`] for nothing.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Sets what happens while the platform is unavailable.
    #[must_use]
    pub fn with_on_unavailable(mut self, what: OnUnavailable) -> Self {
        self.on_unavailable = Some(what);
        self
    }
}

/// How often a call that failed is sent again, and when.
///
/// *What* may be sent again is not a setting: reads, and what provably was not processed. Refusals
/// for rate and maintenance have settings of their own.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use mno_runtime::transport::{CallOptions, Retry};
///
/// let once = CallOptions::default().with_retry(Retry::NONE);
/// let stubborn = Retry::default()
///     .with_max_attempts(8)
///     .with_limit(Duration::from_secs(900));
/// # let _ = (once, stubborn);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// Most attempts, the first one included; 3 by default.
    pub max_attempts: u32,
    /// The pause before the second attempt is random, up to this: 250 ms by default. It doubles
    /// from attempt to attempt.
    pub first_pause: Duration,
    /// Longest pause, 10 s by default. A platform that asks for a longer one (`Retry-After`) gets
    /// it.
    pub longest_pause: Duration,
    /// No attempt begins later than this after the call began; 5 minutes by default.
    pub limit: Duration,
    /// Whether writes that are idempotent by their facts count as reads; no by default, for the
    /// second answer may differ (`deleteUser` finds no user any more), and a change that somebody
    /// else made in between is lost.
    pub idempotent_writes: bool,
}

impl Retry {
    /// Every call is sent once.
    pub const NONE: Self = Self {
        max_attempts: 1,
        ..Self::DEFAULT
    };

    const DEFAULT: Self = Self {
        max_attempts: 3,
        first_pause: Duration::from_millis(250),
        longest_pause: Duration::from_secs(10),
        limit: Duration::from_secs(300),
        idempotent_writes: false,
    };

    /// Sets the most attempts, the first one included.
    #[must_use]
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the longest that the first pause may be.
    #[must_use]
    pub const fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Sets the longest that any pause may be.
    #[must_use]
    pub const fn with_longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets after what time no attempt begins any more.
    #[must_use]
    pub const fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets whether idempotent writes count as reads.
    #[must_use]
    pub const fn with_idempotent_writes(mut self, on: bool) -> Self {
        self.idempotent_writes = on;
        self
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a call does while the platform is unavailable: in a maintenance window that is known in
/// advance, or when it says so itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnUnavailable {
    /// It fails at once; the error says until when
    /// ([`Error::unavailability`](crate::Error::unavailability)).
    Fail,
    /// It waits for the end of the window, or for a while where the end is not known, as long as
    /// its deadline and the client allow.
    Wait,
}

/// How long the platform is unavailable, as far as is known.
///
/// The policies put one into the extensions of an answer that says so, and into the error of a
/// call that was not sent for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unavailability {
    /// When to try again: the end of the maintenance window, or a while from now.
    pub until: SystemTime,
    /// Whether it is a maintenance window that is known in advance.
    pub is_planned: bool,
}

impl Unavailability {
    /// Unavailable until then.
    #[must_use]
    pub const fn new(until: SystemTime, is_planned: bool) -> Self {
        Self { until, is_planned }
    }
}

/// Order in which waiting calls get permits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Priority {
    /// Mass work: lists of the whole fleet, bulk changes.
    Bulk,
    /// Somebody waits for the answer.
    #[default]
    Interactive,
}

/// The platform's answer.
pub type Response = http::Response<Body>;

/// Body of an answer: a stream of bytes.
///
/// Small answers are [collected](Self::collect) under a cap before they are decoded.
pub struct Body(BodyKind);

enum BodyKind {
    Full(Option<Bytes>),
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>),
}

impl Body {
    /// A body without bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self(BodyKind::Full(None))
    }

    /// A body that arrives piece by piece.
    pub fn from_stream<S>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    {
        Self(BodyKind::Stream(Box::pin(stream)))
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// The transport's error when the body is torn, and [`TransportErrorKind::TooLarge`] when it
    /// has more than `limit` bytes.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let mut buffer = match &mut self.0 {
            BodyKind::Full(bytes) => {
                let bytes = bytes.take().unwrap_or_default();
                return if bytes.len() > limit {
                    Err(too_large(limit))
                } else {
                    Ok(bytes)
                };
            }
            BodyKind::Stream(_) => BytesMut::new(),
        };
        while let Some(chunk) = std::future::poll_fn(|cx| Pin::new(&mut self).poll_next(cx)).await {
            let chunk = chunk?;
            if buffer.len() + chunk.len() > limit {
                return Err(too_large(limit));
            }
            buffer.extend_from_slice(&chunk);
        }
        Ok(buffer.freeze())
    }
}

fn too_large(limit: usize) -> TransportError {
    TransportError::new(
        TransportErrorKind::TooLarge,
        Delivery::Unknown,
        format!("the answer has more than {limit} bytes"),
    )
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            BodyKind::Full(bytes) => Poll::Ready(bytes.take().map(Ok)),
            BodyKind::Stream(stream) => stream.as_mut().poll_next(cx),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodyKind::Full(b) => write!(f, "Body({} bytes)", b.as_ref().map_or(0, Bytes::len)),
            BodyKind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(BodyKind::Full((!bytes.is_empty()).then_some(bytes)))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

/// Why no answer came.
///
/// The message is made by the transport and never holds bodies, credentials or query strings.
#[derive(Debug)]
#[non_exhaustive]
pub struct TransportError {
    /// What failed.
    pub kind: TransportErrorKind,
    /// Whether the platform may have seen the request.
    pub delivery: Delivery,
    /// What happened and what to do about it, fit for a person.
    pub message: String,
    /// How long the platform is unavailable, if that is why.
    pub unavailability: Option<Unavailability>,
    /// The error below, if there is one.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error without a source.
    pub fn new(kind: TransportErrorKind, delivery: Delivery, message: impl Into<String>) -> Self {
        Self {
            kind,
            delivery,
            message: message.into(),
            unavailability: None,
            source: None,
        }
    }

    /// Says how long the platform is unavailable.
    #[must_use]
    pub fn with_unavailability(mut self, unavailability: Unavailability) -> Self {
        self.unavailability = Some(unavailability);
        self
    }

    /// Adds the error below.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|e| e as &(dyn StdError + 'static))
    }
}

/// What failed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name resolution, refused, unreachable.
    Connect,
    /// The TLS handshake failed: server not trusted, client certificate refused or missing.
    Tls,
    /// The time for one attempt, or for the whole call, ran out.
    Timeout,
    /// The connection broke while request or answer was under way.
    Interrupted,
    /// No permit within the time that the caller allows, or the platform keeps refusing for rate.
    RateLimited,
    /// The answer is larger than allowed.
    TooLarge,
    /// The request could not be built (a URL that cannot be parsed, a forbidden header).
    Request,
    /// The client is configured wrongly.
    Configuration,
    /// The token endpoint refuses the credentials: there is no access token to call with.
    Unauthenticated,
    /// The token endpoint gives no access token at present, or something that is none; or the
    /// platform is in a maintenance window.
    Unavailable,
}

/// Whether the platform may have seen a request that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// It provably never left this machine in full.
    NotSent,
    /// It may have been processed.
    Unknown,
}
