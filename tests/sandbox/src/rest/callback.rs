//! What platforms call at their customers.
//!
//! Only addresses of this machine are called: the sandbox must never knock at a stranger's door.
//! No time limit is set, because tests that pause tokio's clock would run into it at once.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

use crate::pki::Pki;
use crate::{failed, lock};

/// A call to be made at a customer.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    /// Whose it is.
    pub(crate) service: &'static str,
    /// Its `operationId` in the OpenAPI document.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// How often it is tried, and how long after a failure.
    pub(crate) tries: (u32, Duration),
}

/// What became of an attempt to call a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// The receiver answered with this status.
    Answered(u16),
    /// There was no answer; why.
    Failed(String),
}

/// An attempt to call a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Whose call it is: `telekom-bsc`, `masstack-partners`.
    pub service: &'static str,
    /// `operationId` of the call in the platform's OpenAPI document.
    pub operation: &'static str,
    /// From 1; a call that is not taken may be tried again.
    pub attempt: u32,
    /// `POST` or `PATCH`.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// What was sent.
    pub body: String,
    /// What became of it.
    pub outcome: DeliveryOutcome,
}

/// Makes calls at customers.
#[derive(Debug)]
pub(crate) struct Callbacks {
    runtime: Handle,
    roots: Arc<ClientConfig>,
    stopped: watch::Receiver<()>,
    log: Mutex<Vec<Delivery>>,
}

impl Callbacks {
    /// Trusts the sandbox's own root; needs a tokio runtime.
    pub(crate) fn new(pki: &Pki, stopped: watch::Receiver<()>) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(pki.root()).map_err(failed)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            runtime: Handle::current(),
            roots: Arc::new(config),
            stopped,
            log: Mutex::default(),
        })
    }

    /// Every attempt so far.
    pub(crate) fn log(&self) -> Vec<Delivery> {
        lock(&self.log).clone()
    }

    /// Makes a call, in the background.
    pub(crate) fn send(self: &Arc<Self>, callback: Callback) {
        let this = Arc::clone(self);
        let mut stopped = self.stopped.clone();
        self.runtime.spawn(async move {
            tokio::select! {
                () = this.deliver(&callback) => {}
                _ = stopped.changed() => {}
            }
        });
    }

    async fn deliver(&self, callback: &Callback) {
        let (tries, pause) = callback.tries;
        for attempt in 1..=tries {
            let outcome = match self.attempt(callback).await {
                Ok(status) => DeliveryOutcome::Answered(status),
                Err(error) => DeliveryOutcome::Failed(error.to_string()),
            };
            let taken = matches!(outcome, DeliveryOutcome::Answered(200..300));
            lock(&self.log).push(Delivery {
                service: callback.service,
                operation: callback.operation,
                attempt,
                method: callback.method.to_string(),
                url: callback.url.clone(),
                body: callback.body.clone(),
                outcome,
            });
            if taken || attempt == tries {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, callback: &Callback) -> io::Result<u16> {
        let uri: Uri = callback.url.parse().map_err(failed)?;
        let authority = uri
            .authority()
            .ok_or_else(|| failed("no host in the URL"))?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        if !here {
            return Err(failed("not an address of this machine"));
        }
        let tls = uri.scheme_str() == Some("https");
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let mut request = Request::builder()
            .method(callback.method.clone())
            .uri(uri.path_and_query().map_or("/", |p| p.as_str()))
            .header(header::HOST, authority.as_str())
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in &callback.headers {
            request = request.header(*name, value);
        }
        let body = axum::body::Body::from(Bytes::from(callback.body.clone()));
        let request = request.body(body).map_err(failed)?;
        let tcp = TcpStream::connect((host.as_str(), port)).await?;
        let response = if tls {
            let name = ServerName::try_from(host).map_err(failed)?;
            let tls = TlsConnector::from(Arc::clone(&self.roots));
            exchange(tls.connect(name, tcp).await?, request).await?
        } else {
            exchange(tcp, request).await?
        };
        Ok(response.status().as_u16())
    }
}

/// Sends a request over a connection of its own.
async fn exchange<S>(
    stream: S,
    request: Request<axum::body::Body>,
) -> io::Result<http::Response<Incoming>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(stream);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(failed)?;
    // It ends with the sender.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(failed)
}
