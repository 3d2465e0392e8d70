//! The bottom of every client: HTTPS.

mod body;
mod builder;
mod connect;
mod failure;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::Uri;
use mno_runtime::transport::{
    Body, BoxFuture, Call, Delivery, Response, Transport, TransportError, TransportErrorKind,
};

use body::GatedBody;
use connect::Handshakes;
use failure::Place;

use crate::policy::{Gate, Hold};

pub use builder::HttpsBuilder;
#[cfg(feature = "auth")]
pub(crate) use builder::split_https_url;

/// Sends every call once, over HTTPS, and repeats nothing.
///
/// * The server is always verified; the client's certificate is shown to it.
/// * Redirects are not followed: a request with personal data goes where it was meant to go.
/// * The proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used, except for a base URL on
///   this machine.
/// * Connections are kept and shared; HTTP/2 where the server offers it; gzip is accepted.
///
/// It applies no limit of its own but the connect timeout: the policies above do.
#[derive(Clone)]
pub struct HttpsTransport {
    client: reqwest::Client,
    /// Scheme, authority and path prefix, without a slash at the end.
    base: String,
    place: Place,
    handshakes: Handshakes,
}

impl HttpsTransport {
    /// Sets up a transport to this base URL: `https://host:port`, with a path prefix if need be.
    pub fn builder(base_url: impl Into<String>) -> HttpsBuilder {
        HttpsBuilder::new(base_url.into())
    }

    async fn exchange(&self, call: Call) -> Result<Response, TransportError> {
        let (mut parts, body) = call.request.into_parts();
        let target = relative(&parts.uri)?;
        let url = format!("{}{target}", self.base);
        let gate = parts.extensions.remove();
        if let Some(gate) = &gate {
            self.handshakes.are_of(gate);
        }
        // Without a body there is nothing to hold back.
        let gate = gate.filter(|_| !body.is_empty());
        let mut held = Held(gate.as_ref().map(Gate::hold));
        let body = match &held.0 {
            Some(hold) => reqwest::Body::wrap(GatedBody::new(body, hold.clone())),
            None => body.into(),
        };
        let answer = self
            .client
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .map_err(|error| {
                let mut error = failure::of_request(error, &self.place);
                if held.0.as_ref().is_some_and(Hold::withdraw) {
                    // The server may have seen the head, which asks for nothing.
                    error.delivery = Delivery::NotSent;
                }
                error
            })?;
        held.0 = None;

        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        response.headers_mut().clone_from(answer.headers());
        let chunks = Box::pin(answer.bytes_stream());
        *response.body_mut() = Body::from_stream(Chunks {
            chunks,
            place: self.place.clone(),
        });
        Ok(response)
    }
}

impl Transport for HttpsTransport {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.exchange(call))
    }
}

impl fmt::Debug for HttpsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsTransport")
            .field("server", &self.place.server)
            .finish_non_exhaustive()
    }
}

/// Withdraws the body of a request that is given up.
struct Held(Option<Hold>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(hold) = &self.0 {
            hold.withdraw();
        }
    }
}

/// The path and query of a call. An absolute URI would show the certificate to somebody else.
fn relative(uri: &Uri) -> Result<&str, TransportError> {
    match uri.path_and_query() {
        Some(target) if uri.authority().is_none() && target.as_str().starts_with('/') => {
            Ok(target.as_str())
        }
        _ => Err(TransportError::new(
            TransportErrorKind::Request,
            Delivery::NotSent,
            "the request's URI must be a path: the base URL is set on the client",
        )),
    }
}

/// The answer's body, with the transport's errors.
struct Chunks {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, reqwest::Error>> + Send>>,
    place: Place,
}

impl Stream for Chunks {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = self.chunks.as_mut().poll_next(cx);
        chunk.map(|chunk| {
            chunk.map(|chunk| chunk.map_err(|error| failure::of_body(error, &self.place)))
        })
    }
}
