//! The network: mutual TLS, HTTP/1.1, and connections that can be cut.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::failed;
use crate::pki::Pki;
use crate::soap::{self, App, Cut, Peer, Reply};

/// Longest request body that is read.
const MAX_BODY: usize = 4 << 20;
/// TLS as the platform speaks it: client certificates of the sandbox's own CA, 1.2 only unless
/// asked otherwise.
pub(crate) fn tls(pki: &Pki, tls13: bool) -> io::Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(pki.client_ca()).map_err(failed)?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(failed)?;
    let versions: &[&SupportedProtocolVersion] = if tls13 {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    } else {
        &[&rustls::version::TLS12]
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(failed)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(pki.server_chain(), pki.server_key())
        .map_err(failed)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Paths of the sandbox.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/services/SOAP/GlobalM2M/{service}/{version}/r12",
            axum::routing::any(call),
        )
        .fallback(elsewhere)
        .with_state(app)
}

async fn call(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Path((service, version)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(&app, &peer, (&service, &version), request).await
}

/// No service is there; the journal has the path in the service's place.
async fn elsewhere(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    answer(&app, &peer, (&path, ""), request).await
}

async fn answer(app: &App, peer: &Peer, service: (&str, &str), request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    // Nothing in there waits: a client that gives up cannot stop what it has asked for.
    let reply = soap::handle(app, peer, &parts.method, service, &parts.headers, &body);
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    response(reply)
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Marks a response after which the connection is cut, before anything of it is sent.
#[derive(Clone)]
struct CutNow;

fn response(reply: Reply) -> Response {
    let Reply {
        status,
        content_type,
        body,
        cut,
        ..
    } = reply;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain(status);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    match cut {
        Cut::No => *response.body_mut() = Body::from(body),
        Cut::BeforeAnswer => {
            response.extensions_mut().insert(CutNow);
        }
        Cut::MidBody => {
            // The length of the whole is announced, half of it is sent.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            *response.body_mut() = half(&body);
        }
    }
    response
}

/// The first half of a body, then an error, on which hyper closes the connection. The pause lets
/// hyper flush what it has before it learns of the error.
fn half(body: &Bytes) -> Body {
    let first = body.slice(..body.len() / 2);
    let pieces = futures_util::stream::unfold(Some(first), |first| async move {
        match first {
            Some(first) => Some((Ok(first), None)),
            None => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Some((Err(io::Error::other("cut")), None))
            }
        }
    });
    Body::from_stream(pieces)
}

/// Accepts connections until the sender of `stop` is gone.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    app: Arc<App>,
    mut stop: watch::Receiver<()>,
) {
    let router = router(Arc::clone(&app));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        // Errors of a single connection, or too many open files: the next one may be better.
        let Ok((tcp, address)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (tls, app, router, stop) =
            (tls.clone(), Arc::clone(&app), router.clone(), stop.clone());
        tokio::spawn(async move {
            match handshake(tls, tcp).await {
                Ok((stream, organisation)) => {
                    app.journal.handshake(true);
                    let peer = Peer {
                        organisation,
                        address,
                    };
                    connection(stream, router.layer(Extension(peer)), stop).await;
                }
                Err(_) => app.journal.handshake(false),
            }
        });
    }
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

async fn handshake(tls: TlsAcceptor, tcp: TcpStream) -> io::Result<(Stream, String)> {
    tcp.set_nodelay(true)?;
    let stream = tls.accept(tcp).await?;
    let (_, session) = stream.get_ref();
    let certificate = session
        .peer_certificates()
        .and_then(|chain| chain.first())
        .ok_or_else(|| io::Error::other("no client certificate"))?;
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(failed)?;
    let organisation = certificate
        .subject()
        .iter_organization()
        .find_map(|o| o.as_str().ok())
        .ok_or_else(|| io::Error::other("no organisation in the client certificate"))?
        .to_owned();
    Ok((stream, organisation))
}

/// Serves one connection. It is finished gracefully when the sandbox stops.
async fn connection(stream: Stream, router: Router, mut stop: watch::Receiver<()>) {
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |request| {
        let answer = hyper::service::Service::call(&service, request);
        async move {
            let response: Result<Response, Infallible> = answer.await;
            match response {
                Ok(response) if response.extensions().get::<CutNow>().is_some() => {
                    Err(io::Error::from(io::ErrorKind::ConnectionAborted))
                }
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut served = std::pin::pin!(served);
    tokio::select! {
        _ = served.as_mut() => return,
        _ = stop.changed() => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}
