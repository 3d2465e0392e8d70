//! When requests really leave: over HTTPS, to servers on this machine that take their time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Pki, serve};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{Idempotency, OperationFacts, Protocol};
use mno_sdk::runtime::http::{HeaderMap, Request, Response, header};
use mno_sdk::runtime::transport::{
    Call, Delivery, Response as Answer, Transport as _, TransportError, TransportErrorKind as Kind,
};
use mno_sdk::{CallOptions, HttpsTransport, Kite, Organisation, RateLimits, Retry};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;

static READ: OperationFacts =
    OperationFacts::new("kite", "getStatusDetail", Protocol::soap11("urn:read"))
        .budget("kite/inventory/getStatusDetail")
        .tps(4)
        .idempotency(Idempotency::Safe);

static WRITE: OperationFacts = OperationFacts::new(
    "kite",
    "modifySubscription",
    Protocol::soap11("urn:modifySubscription"),
)
.budget("kite/inventory/modifySubscription")
.tps(4);

const MS: Duration = Duration::from_millis(1);
/// What a warm connection on a busy machine needs at most.
const JITTER: Duration = Duration::from_millis(100);
/// What a cold one takes.
const SLOW: Duration = Duration::from_millis(200);
/// Time between two permits.
const SPACING: Duration = Duration::from_millis(275);

/// A request as it arrived in full.
struct Arrival {
    at: Instant,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A server: how long it takes for what, and what has arrived.
#[derive(Clone, Default)]
struct Server {
    http2: bool,
    handshake: Duration,
    /// From the last byte of a request to the answer.
    thinks: Duration,
    /// So many requests are refused for their rate, and their connections closed.
    refuses: usize,
    /// Closes connections this long after the handshake.
    hangs_up: Option<Duration>,
    heads: Arc<Mutex<usize>>,
    seen: Arc<Mutex<Vec<Arrival>>>,
}

impl Server {
    fn slow(http2: bool) -> Self {
        Self {
            http2,
            handshake: SLOW,
            ..Self::default()
        }
    }

    /// Starts it; a client of this organisation.
    async fn start(&self, organisation: &Organisation) -> Kite {
        let pki = Pki::new("servers");
        let leaf = pki.server(&["localhost"]);
        let chain = vec![
            leaf.certificate.der().clone(),
            pki.intermediate.der().clone(),
        ];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let alpn: &[u8] = if self.http2 { b"h2" } else { b"http/1.1" };
        config.alpn_protocols = vec![alpn.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server = self.clone();
        let url = serve(move |socket| {
            let (server, acceptor) = (server.clone(), acceptor.clone());
            async move {
                sleep(server.handshake).await;
                let Ok(stream) = acceptor.accept(socket).await else {
                    return;
                };
                let life = server.hangs_up.unwrap_or(Duration::from_secs(60));
                let _ = tokio::time::timeout(life, server.connection(TokioIo::new(stream))).await;
            }
        })
        .await;
        let transport = HttpsTransport::builder(url)
            .extra_root_pem(pki.root.pem())
            .only_extra_roots(true)
            .build()
            .unwrap();
        Kite::builder()
            .transport(Arc::new(transport))
            .organisation(organisation)
            .build()
            .unwrap()
    }

    async fn connection<I>(&self, io: I)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let server = self.clone();
        let service = service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        let _ = if self.http2 {
            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(io, service)
                .await
        } else {
            hyper::server::conn::http1::Builder::new()
                .serve_connection(io, service)
                .await
        };
    }

    async fn answer(&self, request: hyper::Request<Incoming>) -> Response<String> {
        *self.heads.lock().unwrap() += 1;
        let (parts, mut incoming) = request.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
            match frame {
                Ok(frame) => body.extend_from_slice(frame.data_ref().unwrap()),
                Err(_) => return Response::default(),
            }
        }
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(Arrival {
                at: Instant::now(),
                headers: parts.headers,
                body,
            });
            seen.len()
        };
        sleep(self.thinks).await;
        if number > self.refuses {
            return Response::new("<ok/>".to_owned());
        }
        let refusal = r#"{"exceptionCategory": "POL", "exceptionId": "1005", "text": "no"}"#;
        let response = Response::builder()
            .status(429)
            .header(header::RETRY_AFTER, 1);
        let response = match self.http2 {
            true => response,
            false => response.header(header::CONNECTION, "close"),
        };
        response.body(refusal.to_owned()).unwrap()
    }

    fn arrivals(&self) -> Vec<Instant> {
        self.seen.lock().unwrap().iter().map(|a| a.at).collect()
    }
}

fn organisation() -> Organisation {
    Organisation::new(RateLimits::kite().with_jitter(JITTER))
}

fn call(facts: &'static OperationFacts, body: impl Into<Bytes>) -> Call {
    let request = Request::post("/services/SOAP/x").body(body.into()).unwrap();
    Call::new(facts, request)
}

async fn send(kite: &Kite, call: Call) -> Result<Answer, TransportError> {
    let answer = kite.transport().send(call).await?;
    let (parts, body) = answer.into_parts();
    let body = body.collect(1000).await?;
    Ok(Answer::from_parts(parts, body.into()))
}

#[tokio::test]
async fn a_body_arrives_unchanged_and_with_its_length() {
    // More than an HTTP/2 window, and than a TLS record.
    let long: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    for http2 in [false, true] {
        let server = Server {
            http2,
            ..Server::default()
        };
        let kite = server
            .start(&Organisation::new(RateLimits::unlimited()))
            .await;
        for body in [&b""[..], b"<x/>", &long] {
            let call = call(&READ, body.to_vec());
            assert_eq!(send(&kite, call).await.unwrap().status(), 200);
            let arrival = server.seen.lock().unwrap().pop().unwrap();
            assert!(arrival.body == body, "{} bytes", arrival.body.len());
            if !body.is_empty() {
                let length = &arrival.headers[header::CONTENT_LENGTH];
                assert_eq!(length, &body.len().to_string());
            }
            assert!(!arrival.headers.contains_key(header::TRANSFER_ENCODING));
        }
    }
}

#[tokio::test]
async fn a_cold_connection_gives_its_slot_back_and_leaves_when_it_is_there() {
    for http2 in [false, true] {
        let server = Server::slow(http2);
        let kite = server.start(&organisation()).await;
        let started = Instant::now();
        for _ in 0..6 {
            send(&kite, call(&READ, "<x/>")).await.unwrap();
        }
        let seen: Vec<_> = server.arrivals().iter().map(|at| *at - started).collect();
        println!("{seen:?}");
        // Not before the connection is there, and not much after; those behind it have the slots
        // that they would have had.
        assert!(seen[0] >= 200 * MS && seen[0] < SPACING, "{http2} {seen:?}");
        for (number, at) in (1..).zip(&seen[1..4]) {
            let slot = SPACING * number;
            assert!(*at >= slot && *at < slot + SPACING / 2, "{http2} {seen:?}");
        }
        // What came late does not make five in a second.
        for five in seen.windows(5) {
            assert!(
                five[4] - five[0] > Duration::from_secs(1),
                "{http2} {seen:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_slow_handshake_keeps_order_and_rate() {
    for http2 in [false, true] {
        let server = Server::slow(http2);
        let kite = server.start(&organisation()).await;
        let calls = (0..6).map(|n| send(&kite, call(&READ, format!("{n}"))));
        for result in futures_util::future::join_all(calls).await {
            result.unwrap();
        }
        let bodies: Vec<_> = {
            let seen = server.seen.lock().unwrap();
            seen.iter().map(|a| a.body[0] - b'0').collect()
        };
        let seen = server.arrivals();
        assert_eq!(bodies, [0, 1, 2, 3, 4, 5]);
        for five in seen.windows(5) {
            assert!(five[4] - five[0] >= Duration::from_secs(1), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn the_attempts_time_begins_when_the_request_leaves() {
    let server = Server {
        thinks: 300 * MS,
        ..Server::slow(false)
    };
    let kite = server.start(&organisation()).await;
    let started = Instant::now();
    let options = CallOptions::default().with_attempt_timeout(450 * MS);
    let answer = send(&kite, call(&WRITE, "<x/>").with_options(options)).await;
    assert_eq!(answer.unwrap().status(), 200);
    assert!(started.elapsed() > 500 * MS, "{:?}", started.elapsed());
}

/// A write that meets a frozen budget once it has its connection.
async fn frozen_under_way(server: &Server, options: CallOptions) -> Result<Answer, TransportError> {
    let organisation = organisation();
    let kite = server.start(&organisation).await;
    let freeze = async {
        sleep(SLOW / 2).await;
        organisation.freeze(WRITE.budget, 700 * MS);
    };
    let call = call(&WRITE, "<x/>").with_options(options);
    let (result, ()) = tokio::join!(send(&kite, call), freeze);
    // Had anything been left behind, it would leave now.
    sleep(1000 * MS).await;
    result
}

#[tokio::test]
async fn a_write_that_cannot_leave_in_time_is_not_sent() {
    for http2 in [false, true] {
        let server = Server::slow(http2);
        let short = CallOptions::default().with_attempt_timeout(400 * MS);
        let deadline = short.clone().with_deadline(500 * MS);
        for options in [short, deadline] {
            let error = frozen_under_way(&server, options).await.unwrap_err();
            println!("{error}");
            assert_eq!(
                (error.kind, error.delivery),
                (Kind::RateLimited, Delivery::NotSent)
            );
            assert!(error.message.contains(WRITE.budget), "{error}");
            assert!(error.message.contains("was not sent"), "{error}");
        }
        assert!(server.arrivals().is_empty());
    }
}

#[tokio::test]
async fn a_write_that_is_still_connecting_is_not_sent() {
    let server = Server {
        handshake: Duration::from_secs(60),
        ..Server::default()
    };
    let options = CallOptions::default().with_attempt_timeout(100 * MS);
    let error = frozen_under_way(&server, options).await.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (Kind::Timeout, Delivery::NotSent)
    );
    assert!(error.message.contains("was not sent"), "{error}");
}

#[tokio::test]
async fn a_write_without_an_answer_may_have_been_processed() {
    for http2 in [false, true] {
        let server = Server {
            thinks: Duration::from_secs(60),
            ..Server::slow(http2)
        };
        let kite = server.start(&organisation()).await;
        let options = CallOptions::default().with_attempt_timeout(500 * MS);
        let call = call(&WRITE, "<x/>").with_options(options);
        let error = send(&kite, call).await.unwrap_err();
        assert_eq!(
            (error.kind, error.delivery),
            (Kind::Timeout, Delivery::Unknown)
        );
        assert_eq!(server.arrivals().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_body_left_has_sent_nothing() {
    for http2 in [false, true] {
        let server = Server {
            hangs_up: Some(200 * MS),
            ..Server::slow(http2)
        };
        let once = CallOptions::default().with_retry(Retry::NONE);
        let result = frozen_under_way(&server, once).await;
        let error = result.unwrap_err();
        println!("{error}");
        assert_eq!(
            (error.kind, error.delivery),
            (Kind::Interrupted, Delivery::NotSent)
        );
        assert!(server.arrivals().is_empty());
        println!("heads seen: {}", server.heads.lock().unwrap());
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_before_it_left_is_not_sent() {
    for http2 in [false, true] {
        let server = Server::slow(http2);
        let organisation = organisation();
        let kite = server.start(&organisation).await;
        // Connected after 200 ms.
        let call = send(&kite, call(&WRITE, "<x/>"));
        tokio::time::timeout(150 * MS, call).await.unwrap_err();
        sleep(300 * MS).await;
        assert!(server.arrivals().is_empty());
    }
}

#[tokio::test]
async fn every_repetition_has_a_gate_of_its_own() {
    let server = Server {
        refuses: 1,
        ..Server::slow(false)
    };
    let kite = server.start(&organisation()).await;
    let started = Instant::now();
    let answer = send(&kite, call(&WRITE, "<x/>")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen: Vec<_> = server.arrivals().iter().map(|at| *at - started).collect();
    assert_eq!(seen.len(), 2);
    // When the connection is there; a second for the refusal, and the time of the next handshake.
    assert!(seen[0] >= 200 * MS, "{seen:?}");
    let pause = seen[1] - seen[0];
    assert!(pause >= Duration::from_millis(1200), "{seen:?}");
    let bodies = server.seen.lock().unwrap();
    assert!(bodies.iter().all(|arrival| arrival.body == b"<x/>"));
}

#[tokio::test]
async fn what_another_transport_does_is_not_known() {
    let transport = HttpsTransport::builder("https://localhost:1")
        .build()
        .unwrap();
    // It falls back to another way, which does not ask the gate.
    let transport = move |call: Call| {
        let transport = transport.clone();
        async move {
            transport.send(call).await.unwrap_err();
            std::future::pending().await
        }
    };
    let kite = Kite::builder()
        .transport(Arc::new(transport))
        .organisation(&organisation())
        .build()
        .unwrap();
    let options = CallOptions::default().with_attempt_timeout(200 * MS);
    let call = call(&WRITE, "<x/>").with_options(options);
    let error = send(&kite, call).await.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (Kind::Timeout, Delivery::Unknown)
    );
}
