use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use mno_runtime::json::DecodeError;

/// Why a request was not taken. It holds nothing of the request's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackError {
    kind: CallbackErrorKind,
    allow: &'static str,
    body: Option<DecodeError>,
}

/// What is wrong with a request, or with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackErrorKind {
    /// The path lacks the secret, or names nothing here: 404.
    UnknownPath,
    /// The header with the secret is missing or wrong: 401.
    Unauthorized,
    /// Another method than the platform's: 405, with `Allow`.
    MethodNotAllowed,
    /// The body is longer than [`Options::max_body`](super::Options::max_body): 413.
    TooLarge,
    /// The body broke off, is not JSON, or not what the platform sends: 400.
    Malformed,
    /// Other parts of the message have not come in time: 503.
    Incomplete,
    /// The consumer has not taken the event in time: 503.
    NotTaken,
    /// There is no consumer any more: 503.
    Closed,
}

impl CallbackError {
    pub(super) fn new(kind: CallbackErrorKind) -> Self {
        Self {
            kind,
            allow: "",
            body: None,
        }
    }

    pub(super) fn method(allow: &'static str) -> Self {
        Self {
            allow,
            ..Self::new(CallbackErrorKind::MethodNotAllowed)
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> CallbackErrorKind {
        self.kind
    }

    /// The status that it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        use CallbackErrorKind as K;
        match self.kind {
            K::UnknownPath => StatusCode::NOT_FOUND,
            K::Unauthorized => StatusCode::UNAUTHORIZED,
            K::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            K::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            K::Malformed => StatusCode::BAD_REQUEST,
            K::Incomplete | K::NotTaken | K::Closed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer.
    pub(super) fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.to_string()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, text);
        if !self.allow.is_empty() {
            headers.insert(header::ALLOW, HeaderValue::from_static(self.allow));
        }
        response
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use CallbackErrorKind as K;
        f.write_str(match self.kind {
            K::UnknownPath => "nothing is received here",
            K::Unauthorized => "the secret is missing or wrong",
            K::MethodNotAllowed => return write!(f, "the methods here are {}", self.allow),
            K::TooLarge => "the body is too long",
            K::Malformed => match &self.body {
                Some(error) => return write!(f, "the body could not be read: {error}"),
                None => "the body broke off",
            },
            K::Incomplete => "other parts of the message are missing yet: send it again",
            K::NotTaken => "the event was not taken in time: send it again",
            K::Closed => "nobody takes events at the moment: send it again",
        })
    }
}

impl StdError for CallbackError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.body.as_ref().map(|error| error as _)
    }
}

impl From<DecodeError> for CallbackError {
    fn from(error: DecodeError) -> Self {
        Self {
            body: Some(error),
            ..Self::new(CallbackErrorKind::Malformed)
        }
    }
}
