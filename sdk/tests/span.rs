//! What a call leaves in the log, and what it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::sync::{Arc, Mutex};

use mno_sdk::Kite;
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{OperationFacts, Protocol};
use mno_sdk::runtime::http::{Request, StatusCode, header};
use mno_sdk::runtime::transport::{
    Body, Call, Delivery, Response, TransportError, TransportErrorKind,
};
use tracing_subscriber::fmt::format::FmtSpan;

static READ: OperationFacts = OperationFacts::new(
    "kite",
    "getSubscriptions",
    Protocol::soap11("urn:getSubscriptions"),
)
.budget("kite/inventory/getSubscriptions")
.tps(4);

static WRITE: OperationFacts = OperationFacts::new(
    "kite",
    "modifySubscription",
    Protocol::soap11("urn:modifySubscription"),
)
.budget("kite/inventory/modifySubscription");

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn one_span_per_call_without_personal_data() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let refused = Mutex::new(true);
    let transport = move |_: Call| {
        let first = std::mem::take(&mut *refused.lock().unwrap());
        async move {
            let mut response = Response::new(Body::from("<icc>8999000000000012345</icc>"));
            if first {
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                response.headers_mut().insert(header::RETRY_AFTER, 1.into());
            }
            Ok(response)
        }
    };
    let kite = Kite::builder()
        .transport(Arc::new(transport))
        .build()
        .unwrap();
    let request = Request::post("/sims/8999000000000012345?icc=8999000000000012345")
        .body(Bytes::from_static(b"<icc>8999000000000012345</icc>"))
        .unwrap();
    kite.transport()
        .send(Call::new(&READ, request))
        .await
        .unwrap();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let closed = text.lines().find(|line| line.contains("close")).unwrap();
    for field in [
        "mno.call",
        "platform=\"kite\"",
        "operation=\"getSubscriptions\"",
        "protocol=\"soap11\"",
        "attempts=2",
        "permit_wait_ms=100",
        "status=200",
        "outcome=\"answered\"",
    ] {
        assert!(closed.contains(field), "{field} is missing in: {closed}");
    }
    assert!(
        text.contains("WARN") && text.contains("refuses the call for its rate"),
        "{text}"
    );
    assert!(!text.contains("899900"), "personal data in the log: {text}");
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_write_says_that_nobody_knows() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    // A gateway's page, a connection that breaks, and nothing for a long time.
    let number = Mutex::new(0);
    let transport = move |_: Call| {
        let mut number = number.lock().unwrap();
        *number += 1;
        let number = *number;
        async move {
            match number {
                1 => {
                    let mut response = Response::new(Body::from("<html></html>"));
                    *response.status_mut() = StatusCode::BAD_GATEWAY;
                    Ok(response)
                }
                2 => {
                    let kind = TransportErrorKind::Interrupted;
                    Err(TransportError::new(kind, Delivery::Unknown, "cut"))
                }
                _ => std::future::pending().await,
            }
        }
    };
    let kite = Kite::builder()
        .transport(Arc::new(transport))
        .build()
        .unwrap();
    let transport = kite.transport();
    let call = || {
        let request = Request::post("/sims").body(Bytes::new()).unwrap();
        transport.send(Call::new(&WRITE, request))
    };
    let _ = call().await;
    let _ = call().await;
    let dropped = tokio::time::timeout(std::time::Duration::from_secs(1), call()).await;
    assert!(dropped.is_err());

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let closed: Vec<_> = text.lines().filter(|line| line.contains("close")).collect();
    let outcomes = ["outcome_unknown", "outcome_unknown", "dropped"];
    assert_eq!(closed.len(), outcomes.len(), "{text}");
    for (line, outcome) in closed.iter().zip(outcomes) {
        let field = format!("outcome=\"{outcome}\"");
        assert!(line.contains(&field), "{field} is missing in: {line}");
    }
}
