//! A customer's server, which is called.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::Sandbox;

/// What arrived.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Value,
}

pub(super) struct Receiver {
    pub(super) url: String,
    arrivals: mpsc::UnboundedReceiver<Received>,
    answers: Arc<Mutex<Vec<u16>>>,
}

type Shared = (mpsc::UnboundedSender<Received>, Arc<Mutex<Vec<u16>>>);

impl Receiver {
    /// A receiver; with a sandbox it is one with TLS that the sandbox trusts.
    pub(super) async fn start(tls: Option<&Sandbox>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let tls = tls.map(acceptor);
        let (sender, arrivals) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new()
            .fallback(take)
            .with_state((sender, Arc::clone(&answers)));
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(router.clone());
                let tls = tls.clone();
                tokio::spawn(async move {
                    let server = http1::Builder::new();
                    let _ = match tls {
                        None => server.serve_connection(TokioIo::new(tcp), service).await,
                        Some(tls) => {
                            let stream = TokioIo::new(tls.accept(tcp).await.unwrap());
                            server.serve_connection(stream, service).await
                        }
                    };
                });
            }
        });
        Self {
            url,
            arrivals,
            answers,
        }
    }

    /// Answers the next call with this status.
    pub(super) fn answer_next(&self, status: u16) {
        self.answers.lock().unwrap().push(status);
    }

    /// The next call, as soon as it is there.
    pub(super) async fn next(&mut self) -> Received {
        self.arrivals.recv().await.unwrap()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }
}

fn acceptor(sandbox: &Sandbox) -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(sandbox.pki().server_chain_pem().as_bytes());
    let key = PrivateKeyDer::from_pem_slice(sandbox.pki().server_key_pem().as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.collect::<Result<_, _>>().unwrap(), key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn take(State((sender, answers)): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let received = Received {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap(),
    };
    sender.send(received).unwrap();
    let mut response = Response::new(Body::empty());
    let status = answers.lock().unwrap().pop().unwrap_or(204);
    *response.status_mut() = status.try_into().unwrap();
    response
}
