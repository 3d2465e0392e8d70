//! The one error of every call.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;

use crate::codec::place;
use crate::facts::OperationFacts;
use crate::mask::Masked;
use crate::transport::{Delivery, TransportError, TransportErrorKind, Unavailability};
use crate::unica::{Exception, Refusal};

/// Why a call failed: what was asked, where it went wrong, what the platform said, what to do.
///
/// `Display` and `Debug` never show personal data or secrets; [`fault_text`](Self::fault_text)
/// and [`fault`](Self::fault) hand out the platform's own words to those who ask.
///
/// # Troubleshooting
/// Ask the predicates, most specific first: [`is_rate_limited`](Self::is_rate_limited),
/// [`is_not_found`](Self::is_not_found), [`is_ip_denied`](Self::is_ip_denied),
/// [`is_forbidden`](Self::is_forbidden), [`is_outcome_unknown`](Self::is_outcome_unknown) and so
/// on; [`kind`](Self::kind) tells in which stage it failed.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    facts: Option<&'static OperationFacts>,
    status: Option<http::StatusCode>,
    message: String,
    path: Option<String>,
    position: Option<Position>,
    exception: Option<Exception>,
    refusal: Option<Refusal>,
    fault_code: Option<String>,
    fault_string: Option<String>,
    fault: Option<Box<dyn Any + Send + Sync>>,
    answer: Option<Answer>,
    unavailability: Option<Unavailability>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What is kept of a refusing answer.
struct Answer {
    headers: http::HeaderMap,
    body: bytes::Bytes,
}

/// So much of a body is kept, in bytes.
const KEPT: usize = 64 << 10;

/// The stage in which a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value is missing or wrong in what the caller passed; nothing was sent.
    InvalidRequest,
    /// The client is configured wrongly; nothing was sent.
    Configuration,
    /// No connection to the platform; nothing was sent.
    Connect,
    /// The TLS handshake failed; nothing was sent.
    Tls,
    /// The token endpoint refuses the credentials; nothing was sent.
    Unauthenticated,
    /// The token endpoint gives no access token at present, or the platform is in a maintenance
    /// window that is known in advance; nothing was sent.
    Unavailable,
    /// No permit came within the time that the caller allows; nothing was sent. A platform that
    /// keeps refusing for its rate limit is a [`Fault`](Self::Fault), or
    /// [`UnexpectedResponse`](Self::UnexpectedResponse) for want of one;
    /// [`Error::is_rate_limited`] is both.
    RateLimited,
    /// The time ran out before the request was sent, or on a call that may be repeated.
    Timeout,
    /// The connection broke on a call that may be repeated.
    Interrupted,
    /// A call that may not be repeated was sent, and no answer tells what became of it (none
    /// came, half of one, a gateway's page, an error of the server's own): it may or may not have
    /// been carried out. The message names the read that settles it. Also what a method that waits
    /// gives when its time is over: what was waited for may still come.
    OutcomeUnknown,
    /// The platform answered with a fault.
    Fault,
    /// The answer is not what the contract says (wrong status, an HTML page, nothing at all).
    UnexpectedResponse,
    /// The answer could not be decoded.
    Decode,
}

/// A place in a document: 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

impl Position {
    /// A position.
    #[must_use]
    pub const fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

impl Error {
    /// A new error; transports and generated code make them, callers receive them.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            facts: None,
            status: None,
            message: message.into(),
            path: None,
            position: None,
            exception: None,
            refusal: None,
            fault_code: None,
            fault_string: None,
            fault: None,
            answer: None,
            unavailability: None,
            source: None,
        }))
    }

    /// The error of a call that got no answer. A call that may not be repeated and may have been
    /// delivered becomes [`ErrorKind::OutcomeUnknown`].
    #[must_use]
    pub fn from_transport(facts: &'static OperationFacts, error: TransportError) -> Self {
        use TransportErrorKind as T;
        let lost = error.delivery == Delivery::Unknown && !facts.idempotency.is_repeatable();
        let kind = match error.kind {
            T::Timeout | T::Interrupted | T::TooLarge if lost => ErrorKind::OutcomeUnknown,
            T::Connect => ErrorKind::Connect,
            T::Tls => ErrorKind::Tls,
            T::Timeout => ErrorKind::Timeout,
            T::Interrupted => ErrorKind::Interrupted,
            T::RateLimited => ErrorKind::RateLimited,
            T::TooLarge => ErrorKind::UnexpectedResponse,
            T::Request => ErrorKind::InvalidRequest,
            T::Configuration => ErrorKind::Configuration,
            T::Unauthenticated => ErrorKind::Unauthenticated,
            T::Unavailable => ErrorKind::Unavailable,
        };
        let mut out = Self::new(kind, error.message).with_operation(facts);
        out.0.source = error.source;
        out.0.unavailability = error.unavailability;
        if kind == ErrorKind::OutcomeUnknown {
            out.say_how_to_settle(facts);
        }
        out
    }

    /// The error of a call that got an answer which does not tell whether it was carried out: a
    /// gateway's page, half a message, an error of the server's own. A call that may not be repeated
    /// becomes [`ErrorKind::OutcomeUnknown`]; one that may stays as it is.
    #[must_use]
    #[cfg(any(feature = "soap", feature = "rest"))]
    pub(crate) fn without_a_verdict(mut self, facts: &'static OperationFacts) -> Self {
        if !facts.idempotency.is_repeatable() {
            self.0.kind = ErrorKind::OutcomeUnknown;
            // Its advice would be another one.
            self.0.refusal = None;
            self.say_how_to_settle(facts);
        }
        self
    }

    fn say_how_to_settle(&mut self, facts: &'static OperationFacts) {
        let message = &mut self.0.message;
        message.push_str("; it may or may not have been carried out");
        if let Some(read) = facts.settled_by {
            message.push_str(": ask ");
            message.push_str(read);
            message.push_str(" before you send it again");
        }
    }

    /// Adds what the caller can do.
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        self.0.message.push_str("; ");
        self.0.message.push_str(advice);
        self
    }

    /// Names the operation.
    #[must_use]
    pub fn with_operation(mut self, facts: &'static OperationFacts) -> Self {
        self.0.facts = Some(facts);
        self
    }

    /// Adds the HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: http::StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the element path (`getSubscriptionsResponse/subscriptionData[3]/icc`).
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Adds the position in the answer.
    #[must_use]
    pub fn with_position(mut self, position: Position) -> Self {
        self.0.position = Some(position);
        self
    }

    /// Adds what a fault says of itself: its code and its words.
    #[must_use]
    pub fn with_fault_code(mut self, code: impl Into<String>, string: impl Into<String>) -> Self {
        self.0.fault_code = Some(code.into());
        self.0.fault_string = Some(string.into());
        self
    }

    /// Adds the platform's exception and its meaning.
    #[must_use]
    pub fn with_exception(mut self, exception: Exception) -> Self {
        if !exception.is_refusal() {
            self.0.message = "the platform met with an error of its own".to_owned();
        }
        self.0.refusal = Some(Refusal::of(&exception));
        self.0.exception = Some(exception);
        self
    }

    /// Adds the typed fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Box<dyn Any + Send + Sync>) -> Self {
        self.0.fault = Some(fault);
        self
    }

    /// Adds the answer's headers, without those that hold credentials, and the first 64 KiB of its
    /// body.
    #[must_use]
    pub fn with_answer(mut self, headers: &http::HeaderMap, body: &bytes::Bytes) -> Self {
        let mut headers = headers.clone();
        for name in [
            http::header::SET_COOKIE,
            http::header::AUTHORIZATION,
            http::header::PROXY_AUTHENTICATE,
            http::header::PROXY_AUTHORIZATION,
        ] {
            headers.remove(name);
        }
        self.0.answer = Some(Answer {
            headers,
            // A copy: a part of a large body must not keep the whole of it.
            body: bytes::Bytes::copy_from_slice(&body[..body.len().min(KEPT)]),
        });
        self
    }

    /// Adds the meaning of a refusal that came without an exception.
    #[must_use]
    pub fn with_refusal(mut self, refusal: Refusal) -> Self {
        self.0.refusal = Some(refusal);
        self
    }

    /// Adds how long the platform is unavailable.
    #[must_use]
    pub fn with_unavailability(mut self, unavailability: Unavailability) -> Self {
        self.0.unavailability = Some(unavailability);
        self
    }

    /// Adds the error below.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The stage in which it failed.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation's facts, where a call had begun.
    #[must_use]
    pub fn operation(&self) -> Option<&'static OperationFacts> {
        self.0.facts
    }

    /// HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> Option<http::StatusCode> {
        self.0.status
    }

    /// Path of the element or field at fault.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Where in the answer's text the element at fault begins.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// A header of the answer, if it is text: `retry-after`, a rate limit, a correlation id. Those
    /// of REST answers are kept, cookies and credentials left out.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.answer.as_ref()?.headers.get(name)?.to_str().ok()
    }

    /// How long the platform asks to wait: `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<std::time::Duration> {
        let seconds = self.header("retry-after")?.trim().parse().ok()?;
        Some(std::time::Duration::from_secs(seconds))
    }

    /// The first 64 KiB of a REST answer's body, as sent. It may hold personal data; do not log it.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.0.answer.as_ref().map(|answer| answer.body.as_ref())
    }

    /// The typed fault, if the platform sent one of the operation's declared faults.
    #[must_use]
    pub fn fault<T: 'static>(&self) -> Option<&T> {
        self.0.fault.as_deref()?.downcast_ref()
    }

    /// The platform's exception, if it sent one.
    #[must_use]
    pub fn exception(&self) -> Option<&Exception> {
        self.0.exception.as_ref()
    }

    /// The meaning of the platform's exception.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// SOAP's `faultcode`, or the code in a JSON error, as sent.
    #[must_use]
    pub fn fault_code(&self) -> Option<&str> {
        self.0.fault_code.as_deref()
    }

    /// The platform's words in full: the exception's text, else SOAP's `faultstring`. They may
    /// hold personal data; do not log them unmasked.
    #[must_use]
    pub fn fault_text(&self) -> Option<&str> {
        self.0
            .exception
            .as_ref()
            .map(|e| e.text.as_str())
            .or(self.0.fault_string.as_deref())
    }

    /// The limit of calls per second stood in the way: the platform said so, or the client waited
    /// for a permit as long as it may. *Do:* wait, lower the rate, look for other systems of the
    /// same organisation.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
            || matches!(self.0.refusal, Some(Refusal::RateLimited))
    }

    /// The SIM or other resource does not exist for this organisation. *Do:* check the identifier.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.refusal, Some(Refusal::NotFound))
    }

    /// This certificate has no right to the operation or resource. *Do:* ask the platform's
    /// administrator; repeating does not help. An [IP refusal](Self::is_ip_denied) is not meant.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self.0.refusal, Some(Refusal::Forbidden))
    }

    /// The platform refuses the address that the call came from; [`denied_ip`](Self::denied_ip)
    /// has it. *Do:* add the address to the certificate's subnets in the portal.
    #[must_use]
    pub fn is_ip_denied(&self) -> bool {
        matches!(self.0.refusal, Some(Refusal::IpDenied(_)))
    }

    /// The address that the platform refuses, as it sees it.
    #[must_use]
    pub fn denied_ip(&self) -> Option<IpAddr> {
        match self.0.refusal {
            Some(Refusal::IpDenied(ip)) => ip,
            _ => None,
        }
    }

    /// A business rule of the platform stands against the change. *Do:* read
    /// [`fault_text`](Self::fault_text).
    #[must_use]
    pub fn is_business_refusal(&self) -> bool {
        matches!(
            self.0.refusal,
            Some(Refusal::BusinessRule | Refusal::InvalidTransition)
        )
    }

    /// The life cycle has no such transition. *Do:* read the state first; SUSPENDED and RETIRED
    /// are set by the provider only.
    #[must_use]
    pub fn is_invalid_transition(&self) -> bool {
        matches!(self.0.refusal, Some(Refusal::InvalidTransition))
    }

    /// The platform does not know the caller: its token endpoint refuses the credentials, or it
    /// answered 401 twice, the second time to a fresh access token. *Do:* check the credentials,
    /// and that they have a right to this API; the source is the token endpoint's refusal, if it
    /// was that.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        self.0.kind == ErrorKind::Unauthenticated
            || self.0.status == Some(http::StatusCode::UNAUTHORIZED)
    }

    /// The platform is in a maintenance window or overloaded, or its token endpoint is. *Do:* try
    /// again later, not at once; [`unavailability`](Self::unavailability) may say when.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        // What is to be asked for first is not to be sent again later.
        !self.is_outcome_unknown()
            && (self.0.kind == ErrorKind::Unavailable
                || matches!(self.0.refusal, Some(Refusal::Unavailable))
                || self.0.exception.is_none()
                    && matches!(self.0.status.map(|s| s.as_u16()), Some(502..=504)))
    }

    /// The platform is in a maintenance window that is known in advance: the call was not sent for
    /// it, or refused in it. *Do:* try again after it;
    /// [`unavailability`](Self::unavailability) has its end.
    #[must_use]
    pub fn is_maintenance(&self) -> bool {
        self.0
            .unavailability
            .is_some_and(|unavailable| unavailable.is_planned)
    }

    /// How long the platform is unavailable, as far as the policies know: set where a maintenance
    /// window stood in the way, where the platform said "Service temporarily unavailable"
    /// (`SVR 1006`), and where it refused for its rate limit and named a time.
    #[must_use]
    pub fn unavailability(&self) -> Option<Unavailability> {
        self.0.unavailability
    }

    /// The platform refused a parameter. *Do:* see [`fault_text`](Self::fault_text) and
    /// [`Exception::field_errors`].
    #[must_use]
    pub fn is_invalid_parameter(&self) -> bool {
        matches!(self.0.refusal, Some(Refusal::InvalidParameter))
    }

    /// The time ran out, whether or not the call may have been carried out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The call may or may not have been carried out. *Do:* read the state before sending again;
    /// the message names the read.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.kind == ErrorKind::OutcomeUnknown
    }

    /// No connection, or the TLS handshake failed: the platform has not seen the call.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Connect | ErrorKind::Tls)
    }
}

impl From<crate::json::DecodeError> for Error {
    fn from(e: crate::json::DecodeError) -> Self {
        Self::new(ErrorKind::Decode, e.message().to_owned())
            .with_path(e.path())
            .with_position(e.position())
    }
}

impl From<crate::json::EncodeError> for Error {
    fn from(e: crate::json::EncodeError) -> Self {
        Self::new(ErrorKind::InvalidRequest, e.reason().to_owned()).with_path(e.path())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(facts) = inner.facts {
            write!(f, "{} {}: ", facts.platform, facts.operation)?;
        }
        f.write_str(&inner.message)?;
        if let Some(exception) = &inner.exception {
            write!(
                f,
                ": {}: {}",
                exception.code(),
                Masked(exception.text.trim())
            )?;
        } else if let Some(text) = &inner.fault_string {
            write!(f, ": {}", Masked(text.trim()))?;
        }
        if let Some(path) = &inner.path {
            write!(f, ", at {}", place(path))?;
        }
        if let Some(p) = inner.position {
            write!(f, " (line {}, column {})", p.line, p.column)?;
        }
        if let Some(status) = inner.status {
            write!(f, " [HTTP {}]", status.as_u16())?;
        }
        if let Some(refusal) = &inner.refusal {
            write!(f, "; {}", refusal.advice())?;
        }
        // A call that was not sent says so in its message.
        if let Some(unavailable) = inner.unavailability.filter(|_| inner.status.is_some()) {
            let until = crate::values::DateTime::from(unavailable.until);
            let whose = if unavailable.is_planned {
                "the maintenance window ends at"
            } else if self.is_rate_limited() {
                "it asks to wait until"
            } else {
                "no end is known; worth another look at"
            };
            write!(f, "; {whose} {until}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|e| e as &(dyn StdError + 'static))
    }
}
