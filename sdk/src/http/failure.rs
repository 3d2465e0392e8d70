//! What a failed exchange means, and what a person can do about it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use mno_runtime::transport::{Delivery, TransportError, TransportErrorKind as Kind};
use rustls::{AlertDescription as Alert, CertificateError, Error as TlsError};

/// Where the exchange was to take place, for messages.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) server: String,
    pub(super) connect_timeout: Duration,
    pub(super) has_identity: bool,
}

/// A request that got no answer.
pub(super) fn of_request(error: reqwest::Error, place: &Place) -> TransportError {
    // The URL may hold personal data in its query.
    let error = error.without_url();
    let server = &place.server;
    let make = |kind, delivery, message: String| TransportError::new(kind, delivery, message);

    let made = if let Some(tls) = &tls_error(&error) {
        // With TLS 1.3 a server refuses the client's certificate after the handshake, instead of
        // an answer. It has not looked at the request then.
        if error.is_connect() || refuses_certificate(tls) {
            let message = format!("TLS with {server} failed: {}", tls_advice(tls, place));
            make(Kind::Tls, Delivery::NotSent, message)
        } else {
            let message = format!("the TLS connection to {server} broke before the answer: {tls}");
            make(Kind::Interrupted, Delivery::Unknown, message)
        }
    } else if error.is_builder() {
        let message = "the request cannot be built: its path or a header is not valid".to_owned();
        make(Kind::Request, Delivery::NotSent, message)
    } else if error.is_connect() {
        let (kind, message) = of_connect(&error, place);
        make(kind, Delivery::NotSent, message)
    } else {
        // "Connection closed before the message completed" included: hyper says so too when the
        // server read the request and died over it.
        let hint = if is_torn(&error) && place.has_identity {
            "; if every call ends so, check that the client certificate is valid and allowed"
        } else {
            ""
        };
        let why = deepest(&error);
        let message =
            format!("the connection to {server} broke before the answer came ({why}){hint}");
        make(Kind::Interrupted, Delivery::Unknown, message)
    };
    made.with_source(error)
}

/// An answer whose body does not end.
pub(super) fn of_body(error: reqwest::Error, place: &Place) -> TransportError {
    let error = error.without_url();
    let message = format!(
        "the answer of {} broke off in its middle ({})",
        place.server,
        deepest(&error)
    );
    TransportError::new(Kind::Interrupted, Delivery::Unknown, message).with_source(error)
}

fn of_connect(error: &reqwest::Error, place: &Place) -> (Kind, String) {
    let server = &place.server;
    if error.is_dns() {
        let message = format!(
            "the name of {server} cannot be resolved: check the base URL and this machine's DNS"
        );
        return (Kind::Connect, message);
    }
    // Closed during the handshake: what the platform does with a wrong certificate.
    if is_torn(error) {
        let why = if place.has_identity {
            "as it does when the client certificate is not accepted: check that it is the right \
             one, has not expired and is still active in the portal"
        } else {
            "as it does when it wants a client certificate, and none is configured; a firewall or \
             proxy on the way may have done so, too"
        };
        let message = format!("{server} closed the connection during the TLS handshake, {why}");
        return (Kind::Tls, message);
    }
    if error.is_timeout() {
        let message = format!(
            "no connection to {server} within {:?}: check the base URL, and that firewalls and \
             proxies on the way let it through",
            place.connect_timeout
        );
        return (Kind::Connect, message);
    }
    let message = format!(
        "no connection to {server} ({}): check the base URL, and that firewalls and proxies on \
         the way let it through",
        deepest(error)
    );
    (Kind::Connect, message)
}

/// Alerts that a server sends about the client's certificate and nothing else.
const REFUSALS: [Alert; 11] = [
    Alert::CertificateRequired,
    Alert::NoCertificate,
    Alert::BadCertificate,
    Alert::UnsupportedCertificate,
    Alert::CertificateRevoked,
    Alert::CertificateExpired,
    Alert::CertificateUnknown,
    Alert::UnknownCA,
    Alert::AccessDenied,
    Alert::DecryptError,
    Alert::HandshakeFailure,
];

fn refuses_certificate(error: &TlsError) -> bool {
    matches!(error, TlsError::AlertReceived(alert) if REFUSALS.contains(alert))
}

/// The TLS library's error in the chain. The HTTP/2 library keeps its text only, which is still
/// proof if it is, word for word, what the TLS library says of an alert.
fn tls_error(error: &reqwest::Error) -> Option<TlsError> {
    find::<TlsError>(error).cloned().or_else(|| {
        let text = deepest(error);
        REFUSALS
            .map(TlsError::AlertReceived)
            .into_iter()
            .find(|alert| alert.to_string() == text)
    })
}

fn tls_advice(error: &TlsError, place: &Place) -> String {
    match error {
        TlsError::InvalidCertificate(why) => server_advice(why),
        TlsError::AlertReceived(alert) => alert_advice(*alert, place),
        TlsError::PeerIncompatible(why) => format!(
            "the server has no protocol version or cipher suite in common with this client \
             ({why:?}); TLS 1.2 with ECDHE and AES-GCM or ChaCha20 is the least"
        ),
        TlsError::InvalidMessage(_) => {
            "the server does not speak TLS on this port: check host and port of the base URL"
                .to_owned()
        }
        other => other.to_string(),
    }
}

fn server_advice(error: &CertificateError) -> String {
    use CertificateError as C;
    match error {
        C::UnknownIssuer => {
            "the server is not trusted: no trusted root signed its certificate. Add the \
             certificate of its authority with extra_root_pem (an intermediate is enough), or \
             check whether a proxy on the way replaces certificates"
                .to_owned()
        }
        // Also what comes of a root that was made anew under its old name.
        C::BadSignature => {
            "the server is not trusted: its certificate was not signed with the key of the \
             authority that it names. If that authority has a new certificate, replace the one \
             given with extra_root_pem; else check whether a proxy on the way replaces \
             certificates"
                .to_owned()
        }
        C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => {
            "the server's certificate is not valid at this time: check this machine's clock; if \
             it is right, the operator has to renew the certificate"
                .to_owned()
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            "the server's certificate is for another name: check the host in the base URL"
                .to_owned()
        }
        C::Other(_) => {
            "the server is not trusted: its certificate cannot be verified. Add the certificate \
             of its authority with extra_root_pem (an intermediate is enough)"
                .to_owned()
        }
        other => format!("the server's certificate is not acceptable ({other})"),
    }
}

fn alert_advice(alert: Alert, place: &Place) -> String {
    let what = match alert {
        Alert::ProtocolVersion => {
            return "the server accepts neither TLS 1.2 nor TLS 1.3".to_owned();
        }
        _ if !place.has_identity => {
            return format!(
                "the server asks for a client certificate and none is configured: give one with \
                 identity(…) (alert {alert:?})"
            );
        }
        Alert::CertificateExpired => "it has expired: issue a new one in the portal",
        Alert::CertificateRevoked => "it has been revoked: issue a new one in the portal",
        Alert::UnknownCA => {
            "the server does not know its issuer: check that it is for this platform, and that \
             the file holds the whole chain"
        }
        Alert::HandshakeFailure => {
            "or there is no cipher suite in common: check that the certificate is the one for \
             this platform"
        }
        Alert::InternalError => "or the server has a fault of its own: try again later",
        _ => {
            "check that it is the one for this platform, has not expired and is still active in \
             the portal"
        }
    };
    format!("the server refuses the client certificate (alert {alert:?}); {what}")
}

/// The connection was closed by the other side.
fn is_torn(error: &reqwest::Error) -> bool {
    find::<io::Error>(error).is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        )
    })
}

/// The last error of that type in the chain of sources.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error)
        .filter_map(|error| error.downcast_ref::<T>())
        .last()
}

/// Words of the innermost error: the outer ones only say that something failed.
fn deepest(error: &(dyn StdError + 'static)) -> String {
    chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// An error and what is below it. An [`io::Error`] hides the error that it wraps behind
/// `get_ref`: its `source` is already the one below that.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}
