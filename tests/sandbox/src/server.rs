//! The network: mutual TLS for services; TLS without client certificates, or none at all, for
//! downloads; TLS for the platforms other than Kite; HTTP/1.1, and connections that can be cut.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::failed;
use crate::pki::Pki;
use crate::rest::{self, Arrived};
use crate::soap::{self, App, Cut, Peer, Reply};

/// Longest request body that is read.
const MAX_BODY: usize = 4 << 20;

/// What a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// SOAP, with client certificates.
    Services,
    /// Reports, for whoever has the link.
    Downloads,
    /// REST platforms, with tokens.
    Rest,
}

/// TLS as the platform speaks it: client certificates of the sandbox's own CA but for downloads,
/// 1.2 only unless asked otherwise.
pub(crate) fn tls(pki: &Pki, door: Door, tls13: bool) -> io::Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match door {
        Door::Services => {
            let mut roots = RootCertStore::empty();
            roots.add(pki.client_ca()).map_err(failed)?;
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(failed)?
        }
        Door::Downloads | Door::Rest => WebPkiClientVerifier::no_client_auth(),
    };
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

/// Paths of a listener.
fn router(door: Door, app: Arc<App>) -> Router {
    match door {
        Door::Services => services(app),
        Door::Downloads => downloads(app),
        Door::Rest => Router::new().fallback(rest_call).with_state(app),
    }
}

fn downloads(app: Arc<App>) -> Router {
    Router::new()
        .route("/api/download/{token}", axum::routing::any(download))
        .fallback(nothing_to_download)
        .with_state(app)
}

fn services(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/services/SOAP/GlobalM2M/{service}/{version}/r12",
            axum::routing::any(call),
        )
        .route(
            "/services/REST/GlobalM2M/{*path}",
            axum::routing::any(kite_rest),
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

async fn download(
    State(app): State<Arc<App>>,
    Extension(from): Extension<Anybody>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    hand_out(app, from, request, Some(token)).await
}

async fn nothing_to_download(
    State(app): State<Arc<App>>,
    Extension(from): Extension<Anybody>,
    request: Request,
) -> Response {
    hand_out(app, from, request, None).await
}

/// Packing a large report takes a while, so it is done elsewhere.
async fn hand_out(
    app: Arc<App>,
    from: Anybody,
    request: Request,
    token: Option<String>,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let packed = tokio::task::spawn_blocking(move || {
        let Anybody {
            address,
            certificate,
            tls,
        } = from;
        let token = token.as_deref();
        soap::download::handle(&app, address, certificate, tls, &method, &path, token)
    });
    let Ok(reply) = packed.await else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    };
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    let mut response = response(reply);
    if let Some(allow) = response.headers_mut().get_mut(header::ALLOW) {
        *allow = HeaderValue::from_static("GET");
    }
    response
}

async fn kite_rest(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let organisation = peer.organisation;
    answer_rest(peer.address, request, |arrived| {
        rest::kite::handle(&app, &organisation, arrived)
    })
    .await
}

/// Who is calling a REST platform.
#[derive(Debug, Clone, Copy)]
struct Caller(SocketAddr);

async fn rest_call(
    State(app): State<Arc<App>>,
    Extension(Caller(from)): Extension<Caller>,
    request: Request,
) -> Response {
    answer_rest(from, request, |arrived| rest::handle(&app, arrived)).await
}

async fn answer_rest(
    from: SocketAddr,
    request: Request,
    handle: impl FnOnce(&Arrived<'_>) -> Reply,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let arrived = Arrived {
        from,
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
    };
    // Nothing in there waits: a client that gives up cannot stop what it has asked for.
    let reply = handle(&arrived);
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    response(reply)
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
        headers: others,
        cut,
        location,
        ..
    } = reply;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain(status);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&content_type)
        && !value.is_empty()
    {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(Ok(value)) = location.map(HeaderValue::try_from) {
        headers.insert(header::LOCATION, value);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    for (name, value) in others {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
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

/// Accepts connections until the sender of `stop` is gone; without TLS if there is no acceptor.
pub(crate) async fn serve(
    door: Door,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Arc<App>,
    mut stop: watch::Receiver<()>,
) {
    let router = router(door, Arc::clone(&app));
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
            let Some(tls) = tls else {
                let anybody = Anybody {
                    address,
                    certificate: false,
                    tls: false,
                };
                return connection(tcp, router.layer(Extension(anybody)), stop).await;
            };
            let shaken = handshake(tls, tcp).await.and_then(|stream| {
                let router = match door {
                    Door::Services => {
                        let organisation = organisation(&stream)?;
                        app.journal.connected();
                        router.layer(Extension(Peer {
                            organisation,
                            address,
                        }))
                    }
                    Door::Rest => {
                        app.journal.connected();
                        router.layer(Extension(Caller(address)))
                    }
                    Door::Downloads => router.layer(Extension(Anybody {
                        address,
                        certificate: stream.get_ref().1.peer_certificates().is_some(),
                        tls: true,
                    })),
                };
                Ok((stream, router))
            });
            match shaken {
                Ok((stream, router)) => connection(stream, router, stop).await,
                Err(_) => app.journal.handshake_failed(),
            }
        });
    }
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

/// Who is downloading.
#[derive(Debug, Clone, Copy)]
struct Anybody {
    address: SocketAddr,
    /// Whether there is a client certificate; none was asked for.
    certificate: bool,
    /// Whether the connection is encrypted.
    tls: bool,
}

async fn handshake(tls: TlsAcceptor, tcp: TcpStream) -> io::Result<Stream> {
    tcp.set_nodelay(true)?;
    tls.accept(tcp).await
}

/// The organisation in the client certificate.
fn organisation(stream: &Stream) -> io::Result<String> {
    let (_, session) = stream.get_ref();
    let certificate = session
        .peer_certificates()
        .and_then(|chain| chain.first())
        .ok_or_else(|| io::Error::other("no client certificate"))?;
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(failed)?;
    certificate
        .subject()
        .iter_organization()
        .find_map(|o| o.as_str().ok())
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("no organisation in the client certificate"))
}

/// Serves one connection. It is finished gracefully when the sandbox stops.
async fn connection<S>(stream: S, router: Router, mut stop: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
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
