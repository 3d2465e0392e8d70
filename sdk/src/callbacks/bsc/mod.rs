//! What Telekom Business Smart Connect sends: messages of SIMs with POST (guide 4.2), reports on
//! messages to SIMs with PATCH (guide 4.1), both to the same URL.

mod event;
mod read;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};

use super::inbox::Inbox;
use super::{CallbackError, CallbackErrorKind, Events, Guard, Options};

pub use event::{DeliveryReport, DeliveryStatus, Endpoint, Event, Part, Sms};

const METHODS: &str = "POST, PATCH";

/// Receives messages and delivery reports; clones are the same receiver.
///
/// Telekom's customer portal is told one URL. POST and PATCH come to it; many servers do not route
/// the latter unless told to.
///
/// * Ids may be strings or whole numbers, dates may have a zone or not (then they are UTC).
/// * The parts of a long message come one by one. They are held back, unanswered, until the last is
///   there, and come out as one [`Sms`]. Parts that have to wait longer than
///   [`Options::hand_over_within`] are answered with 503 and kept: when they come again, or the
///   missing ones come, the message is whole. [`Options::join_within`] bounds that.
/// * A message or report that comes again has the id of the first time, and does not come out
///   twice. Reports of one message with different statuses are different ones.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    guard: Guard,
    inbox: Inbox<read::Piece>,
}

impl Receiver {
    /// A receiver, and the stream of what it receives.
    #[must_use]
    pub fn new(guard: Guard, options: Options) -> (Self, Events<Event>) {
        let (inbox, events) = Inbox::new(options);
        (Self(Arc::new(Inner { guard, inbox })), events)
    }

    /// Takes a request and answers it: 200 once its event is with the consumer, else what
    /// [`CallbackError::status`] says.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        super::answer("telekom-bsc", self.receive(request).await)
    }

    /// Takes a request: returns once its event is with the consumer.
    ///
    /// # Errors
    /// [`CallbackError`] says what is wrong with the request, or that nobody takes the event. The
    /// platform is to be told, so that it sends the event again.
    pub async fn receive(&self, request: Request<Bytes>) -> Result<(), CallbackError> {
        let (head, body) = request.into_parts();
        self.admit(&head)?;
        if body.len() > self.options().max_body {
            return Err(CallbackError::new(CallbackErrorKind::TooLarge));
        }
        let (place, piece) = if head.method == Method::PATCH {
            read::report(&body)?
        } else {
            read::sms(&body)?
        };
        self.0.inbox.take(&place, piece).await
    }

    /// Looks at a request before its body is read.
    pub(super) fn admit(&self, head: &Parts) -> Result<(), CallbackError> {
        self.0.guard.check(head)?;
        match head.method {
            Method::POST | Method::PATCH => Ok(()),
            _ => Err(CallbackError::method(METHODS)),
        }
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
