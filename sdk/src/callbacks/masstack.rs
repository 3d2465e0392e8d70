//! What MasStack sends: the result of an order, to one of the two URLs that the order names.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use mno_runtime::json::{Cursor, DecodeError, Limits, UnknownValue};
use sha2::{Digest as _, Sha256};

use super::inbox::{Inbox, Piece, Place};
use super::{CallbackError, CallbackErrorKind, Events, Guard, Options};

/// How deep the bodies may go; they go one deep.
const DEPTH: u32 = 16;
/// Header with the order's correlation id.
const CORRELATION_ID: &str = "Request-Correlation-Id";

/// What comes out of a [`Receiver`]'s stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An order was carried out: it came to the success URL.
    Success(Success),
    /// An order failed: it came to the error URL.
    Failure(Failure),
}

impl Event {
    /// `Request-Correlation-Id`: the one that the order was sent with ("workflow id"). Compare it
    /// with those of your orders.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Success(event) => event.correlation_id.as_deref(),
            Self::Failure(event) => event.correlation_id.as_deref(),
        }
    }
}

/// An order that was carried out: `barringCallbackDTO` or `serviceCallbackDTO`. `Debug` does not
/// show the service's id, which is a number of a subscriber's.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Success {
    /// The correlation id of the order, if the platform sent one.
    pub correlation_id: Option<String>,
    /// `codeResult` of a barring, `code` of a service.
    pub code: Option<ResultCode>,
    /// `titleResult` of a barring, `title` of a service: the same for people.
    pub title: Option<String>,
    /// `service_id`: the service that was created or changed; none for a barring.
    pub service_id: Option<String>,
}

impl fmt::Debug for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Success")
            .field("correlation_id", &self.correlation_id)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// An order that failed. The body is not documented: it is read as an error of the API, and each of
/// its members may be missing. `Debug` does not show title and service.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The correlation id of the order, if the platform sent one.
    pub correlation_id: Option<String>,
    /// What is wrong.
    pub code: Option<ErrorCode>,
    /// The same for people, with details: it may hold personal data.
    pub title: Option<String>,
    /// The service, if it is named.
    pub service_id: Option<String>,
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("correlation_id", &self.correlation_id)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

macro_rules! codes {
    ($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_docs])* $variant,)*
            /// A code that is not documented.
            Unknown(UnknownValue),
        }

        impl $name {
            fn of(text: &str) -> Self {
                match text.trim() {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(UnknownValue::from_wire(other)),
                }
            }
        }
    };
}

codes! {
    /// What an order came to.
    ResultCode {
        /// `OK`.
        Ok = "OK",
        /// `CREATED`.
        Created = "CREATED",
    }
}

codes! {
    /// Why an order failed; the codes are those of the API's errors.
    ErrorCode {
        /// `INVALID_MSISDN`.
        InvalidMsisdn = "INVALID_MSISDN",
        /// `BAD_REQUEST`.
        BadRequest = "BAD_REQUEST",
        /// `UNAUTHORIZED_REQUEST`.
        UnauthorizedRequest = "UNAUTHORIZED_REQUEST",
        /// `FORBIDDEN_RESOURCE`.
        ForbiddenResource = "FORBIDDEN_RESOURCE",
        /// `DUPLICATE_WORKFLOW_ID`: an order with this correlation id was taken before.
        DuplicateWorkflowId = "DUPLICATE_WORKFLOW_ID",
        /// `INTERNAL_SERVER_ERROR`.
        InternalServerError = "INTERNAL_SERVER_ERROR",
    }
}

/// Receives the results of orders; clones are the same receiver.
///
/// An order names two URLs, `callback_success_url` and `callback_error_url`. Which of them a
/// request came to is told by its path: it ends in `/success` or `/error`, the secret of
/// [`Guard::path`] behind it. [`urls`] puts them together.
///
/// A result that comes again, with the same correlation id and body, does not come out twice.
/// Without a correlation id repetitions cannot be told.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    guard: Guard,
    inbox: Inbox<Event>,
    nameless: AtomicU64,
}

/// Which URL it was.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Success,
    Error,
}

/// The two URLs of an order, for a receiver that is reached at this one: with the secret of its
/// [`Guard::path`], if it has one.
///
/// ```
/// use mno_sdk::callbacks::masstack;
///
/// let (success, error) =
///     masstack::urls("https://hooks.example/masstack", Some("uHn3k9wQ2x7RbT5y"));
/// assert_eq!(success, "https://hooks.example/masstack/success/uHn3k9wQ2x7RbT5y");
/// assert_eq!(error, "https://hooks.example/masstack/error/uHn3k9wQ2x7RbT5y");
/// ```
#[must_use]
pub fn urls(base: &str, secret: Option<&str>) -> (String, String) {
    let base = base.trim_end_matches('/');
    let url = |outcome| match secret {
        Some(secret) => format!("{base}/{outcome}/{secret}"),
        None => format!("{base}/{outcome}"),
    };
    (url("success"), url("error"))
}

impl Receiver {
    /// A receiver, and the stream of what it receives.
    #[must_use]
    pub fn new(guard: Guard, options: Options) -> (Self, Events<Event>) {
        let (inbox, events) = Inbox::new(options);
        let inner = Inner {
            guard,
            inbox,
            nameless: AtomicU64::new(0),
        };
        (Self(Arc::new(inner)), events)
    }

    /// Takes a request and answers it: 200 once its event is with the consumer, else what
    /// [`CallbackError::status`] says.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        super::answer("masstack", self.receive(request).await)
    }

    /// Takes a request: returns once its event is with the consumer.
    ///
    /// # Errors
    /// [`CallbackError`] says what is wrong with the request, or that nobody takes the event. The
    /// platform is to be told.
    pub async fn receive(&self, request: Request<Bytes>) -> Result<(), CallbackError> {
        let (head, body) = request.into_parts();
        let outcome = self.admit(&head)?;
        if body.len() > self.options().max_body {
            return Err(CallbackError::new(CallbackErrorKind::TooLarge));
        }
        let correlation_id = head
            .headers
            .get(CORRELATION_ID)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
            .filter(|id| !id.is_empty());
        let event = read(outcome, &body, correlation_id)?;
        let place = match correlation_id {
            Some(id) => {
                let body: String = Sha256::digest(&body)
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect();
                Place::single(format!("{id}/{}/{body}", outcome as u8))
            }
            None => Place {
                id: String::new(),
                ..Place::single(self.0.nameless.fetch_add(1, Ordering::Relaxed).to_string())
            },
        };
        self.0.inbox.take(&place, event).await
    }

    /// Looks at a request before its body is read.
    pub(super) fn admit(&self, head: &Parts) -> Result<Outcome, CallbackError> {
        let path = self.0.guard.check(head)?;
        let outcome = match path.rsplit('/').next() {
            Some("success") => Outcome::Success,
            Some("error") => Outcome::Error,
            _ => return Err(CallbackError::new(CallbackErrorKind::UnknownPath)),
        };
        if head.method != Method::POST {
            return Err(CallbackError::method("POST"));
        }
        Ok(outcome)
    }

    pub(super) fn options(&self) -> &Options {
        self.0.inbox.options()
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("guard", &self.0.guard)
            .field("options", self.options())
            .finish_non_exhaustive()
    }
}

impl Piece for Event {
    type Event = Self;

    fn join(first: Self, _: Vec<Self>) -> Self {
        first
    }
}

/// Reads a body. An error's may be empty.
fn read(outcome: Outcome, body: &[u8], correlation_id: Option<&str>) -> Result<Event, DecodeError> {
    let (mut code, mut title, mut service_id) = (None, None, None);
    let is_empty = body.trim_ascii().is_empty() && matches!(outcome, Outcome::Error);
    if !is_empty {
        let mut c = Cursor::new(body, Limits::default().with_depth(DEPTH))?;
        c.begin_object()?;
        while let Some(name) = c.next_name()? {
            let text = |c: &mut Cursor<'_>| Ok(c.scalar()?.into_owned());
            match &*name {
                "code" | "codeResult" => c.put_with(&mut code, text)?,
                "title" | "titleResult" => c.put_with(&mut title, text)?,
                "service_id" => {
                    c.put_with(&mut service_id, |c| Ok(c.digits_text()?.into_owned()))?;
                }
                _ => c.skip_unknown()?,
            }
        }
        c.finish()?;
    }
    let correlation_id = correlation_id.map(str::to_owned);
    Ok(match outcome {
        Outcome::Success => Event::Success(Success {
            correlation_id,
            code: code.as_deref().map(ResultCode::of),
            title,
            service_id,
        }),
        Outcome::Error => Event::Failure(Failure {
            correlation_id,
            code: code.as_deref().map(ErrorCode::of),
            title,
            service_id,
        }),
    })
}
