use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use mno_runtime::transport::{Delivery, TransportError, TransportErrorKind};

/// Why there is no access token. It is the [source](std::error::Error::source) of the call's
/// [`Error`](mno_runtime::Error):
///
/// ```
/// use std::error::Error as _;
///
/// use mno_sdk::Error;
/// use mno_sdk::auth::TokenError;
///
/// fn why(error: &Error) -> Option<&TokenError> {
///     error.source()?.downcast_ref()
/// }
/// ```
///
/// It never shows credentials or tokens; what the endpoint said is masked.
#[derive(Debug, Clone)]
pub struct TokenError {
    kind: TokenErrorKind,
    message: String,
    status: Option<StatusCode>,
    /// What lies below, for callers that share the request.
    source: Option<Arc<TransportError>>,
}

/// What went wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenErrorKind {
    /// The token endpoint refuses the credentials. *Do:* check them.
    Refused,
    /// The token endpoint has a fault of its own. *Do:* try again later.
    Unavailable,
    /// What answered is no token endpoint, or its answer holds no token. *Do:* check the token URL,
    /// and for proxies on the way.
    Unexpected,
    /// No answer came; [`transport_kind`](TokenError::transport_kind) tells why.
    NoAnswer,
    /// The request cannot be made from these credentials.
    Configuration,
}

impl TokenError {
    /// An error of a [`TokenSource`](super::TokenSource); the message never holds credentials.
    pub fn new(kind: TokenErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            source: None,
        }
    }

    #[cfg(feature = "auth")]
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    #[cfg(feature = "auth")]
    pub(super) fn no_answer(place: &str, error: TransportError) -> Self {
        let message = format!("no answer of the token endpoint {place}: {}", error.message);
        Self {
            source: Some(Arc::new(error)),
            ..Self::new(TokenErrorKind::NoAnswer, message)
        }
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> TokenErrorKind {
        self.kind
    }

    /// The token endpoint refuses the credentials.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.kind == TokenErrorKind::Refused
    }

    /// HTTP status of the token endpoint's answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Whether asking again soon may help. What was not sent was sent again already, and what took
    /// too long would again.
    pub(crate) fn may_pass(&self) -> bool {
        match (self.kind, self.source.as_deref()) {
            (TokenErrorKind::Unavailable, _) => true,
            (TokenErrorKind::NoAnswer, Some(error)) => {
                error.kind == TransportErrorKind::Interrupted && error.delivery == Delivery::Unknown
            }
            _ => false,
        }
    }

    fn is_of_another_place(&self) -> bool {
        self.status
            .is_some_and(|status| status.is_redirection() || status.is_client_error())
    }

    /// Why no answer came.
    #[must_use]
    pub fn transport_kind(&self) -> Option<TransportErrorKind> {
        self.source.as_ref().map(|error| error.kind)
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for TokenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|error| error as &(dyn StdError + 'static))
    }
}

impl From<TokenError> for TransportError {
    /// The error of a call that was not sent for want of a token.
    fn from(error: TokenError) -> Self {
        let kind = match error.kind {
            TokenErrorKind::Refused => TransportErrorKind::Unauthenticated,
            // Another page, or nothing, is where the endpoint is looked for.
            TokenErrorKind::Unexpected if error.is_of_another_place() => {
                TransportErrorKind::Configuration
            }
            TokenErrorKind::Unavailable | TokenErrorKind::Unexpected => {
                TransportErrorKind::Unavailable
            }
            TokenErrorKind::NoAnswer => error
                .transport_kind()
                .unwrap_or(TransportErrorKind::Unavailable),
            TokenErrorKind::Configuration => TransportErrorKind::Configuration,
        };
        let message = format!("not sent, for there is no access token: {error}");
        Self::new(kind, Delivery::NotSent, message).with_source(error)
    }
}
