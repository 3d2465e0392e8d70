//! HTTP without TLS, which prism speaks and the sdk never would.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use http_body::Body as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use mno_sdk::runtime::http::Uri;
use mno_sdk::runtime::transport::{
    Body, BoxFuture, Call, Delivery, Response, Transport, TransportError, TransportErrorKind,
};
use tokio::net::TcpStream;

/// A transport to prism.
pub(crate) struct Plain {
    authority: String,
    /// What prism leaves away in front of the document's paths.
    base_path: &'static str,
    token: Option<String>,
    violations: Mutex<Vec<String>>,
}

impl Plain {
    pub(crate) fn new(url: &str, base_path: &'static str, token: Option<String>) -> Result<Self> {
        let uri: Uri = url.parse()?;
        let authority = uri.authority().context("the URL has no host")?;
        Ok(Self {
            authority: authority.to_string(),
            base_path,
            token,
            violations: Mutex::default(),
        })
    }

    /// What prism has found.
    pub(crate) fn violations(&self) -> Vec<String> {
        let violations = self.violations.lock();
        violations.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn violation(&self, call: &str, what: &str) {
        let violations = self.violations.lock();
        let mut violations = violations.unwrap_or_else(PoisonError::into_inner);
        violations.push(format!("{call}: {what}"));
    }

    async fn exchange(&self, call: Call) -> Result<Response> {
        let operation = call.facts.operation;
        let (mut parts, body) = call.request.into_parts();
        let target = parts.uri.to_string();
        let target = target.strip_prefix(self.base_path).unwrap_or(&target);
        parts.uri = target.parse()?;
        parts.headers.insert("host", self.authority.parse()?);
        // Without one prism asks for it; its mock takes any.
        let token = self.token.as_deref().unwrap_or("made-up");
        let bearer = format!("Bearer {token}");
        parts.headers.insert("authorization", bearer.parse()?);
        let body = String::from_utf8(body.to_vec())?;
        let request = hyper::Request::from_parts(parts, body);

        let stream = TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (parts, incoming) = sender.send_request(request).await?.into_parts();
        let mut incoming = pin!(incoming);
        let mut answer = Vec::new();
        while let Some(frame) = poll_fn(|cx| incoming.as_mut().poll_frame(cx)).await {
            if let Some(data) = frame?.data_ref() {
                answer.extend_from_slice(data);
            }
        }

        if let Some(found) = parts.headers.get("sl-violations") {
            self.violation(operation, found.to_str()?);
        }
        let text = String::from_utf8_lossy(&answer);
        if text.contains("stoplight.io/prism") {
            self.violation(operation, &text);
        }
        Ok(Response::from_parts(parts, Body::from(answer)))
    }
}

impl Transport for Plain {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async {
            self.exchange(call).await.map_err(|e| {
                let message = format!("{e:#}");
                TransportError::new(TransportErrorKind::Interrupted, Delivery::Unknown, message)
            })
        })
    }
}
