//! The policies over closures, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{Idempotency, OperationFacts, Protocol};
use mno_sdk::runtime::http::{Request, StatusCode, header};
use mno_sdk::runtime::transport::{
    Body, Call, Delivery, Response, Transport, TransportError, TransportErrorKind,
};
use mno_sdk::{CallOptions, Error, Kite, KiteBuilder, Organisation, RateLimits, Retry};
use tokio::time::Instant;

static READ: OperationFacts = OperationFacts::new(
    "kite",
    "getSubscriptions",
    Protocol::soap11("urn:getSubscriptions"),
)
.budget("kite/inventory/getSubscriptions")
.tps(4)
.max_runtime(Duration::from_secs(180))
.idempotency(Idempotency::Safe);

static WRITE: OperationFacts = OperationFacts::new(
    "kite",
    "modifySubscription",
    Protocol::soap11("urn:modifySubscription"),
)
.budget("kite/inventory/modifySubscription")
.tps(2)
.settled_by("getSubscriptionDetail");

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn fault(category: &str, id: u32, text: &str) -> Response {
    let body = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault>\
         <faultcode>e:Client</faultcode><faultstring>Client exception</faultstring><detail>\
         <f:ClientException xmlns:f=\"urn:f\" xmlns:c=\"urn:c\">\
         <c:exceptionCategory>{category}</c:exceptionCategory>\
         <c:exceptionId>{id}</c:exceptionId><c:text>{text}</c:text>\
         </f:ClientException></detail></e:Fault></e:Body></e:Envelope>"
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn too_fast() -> Response {
    fault("POL", 1005, "Request Rate Per Period Control Not Pass")
}

fn call(facts: &'static OperationFacts) -> Call {
    Call::new(
        facts,
        Request::post("/services")
            .body(Bytes::from_static(b"<x/>"))
            .unwrap(),
    )
}

fn with(facts: &'static OperationFacts, options: CallOptions) -> Call {
    call(facts).with_options(options)
}

/// Times at which the transport was called.
type Seen = Arc<Mutex<Vec<Instant>>>;

/// A client over a transport that is told how often it was called before.
fn client<F, Fut>(answer: F) -> (KiteBuilder, Seen)
where
    F: Fn(usize) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, TransportError>> + Send + 'static,
{
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let transport = move |_call: Call| {
        let mut noted = noted.lock().unwrap();
        noted.push(Instant::now());
        answer(noted.len() - 1)
    };
    (Kite::builder().transport(Arc::new(transport)), seen)
}

async fn send(builder: KiteBuilder, call: Call) -> Result<Response, TransportError> {
    builder.build().unwrap().transport().send(call).await
}

fn gaps(seen: &Seen) -> Vec<Duration> {
    seen.lock()
        .unwrap()
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_rate_is_repeated_after_a_second() {
    let (kite, seen) = client(|n| async move {
        Ok(if n == 0 {
            too_fast()
        } else {
            Response::new(Body::from("<ok/>"))
        })
    });
    let response = send(kite, call(&WRITE)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let gaps = gaps(&seen);
    assert!(
        gaps.len() == 1 && gaps[0] >= SECOND && gaps[0] < SECOND + 10 * MS,
        "{gaps:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_text_alone_marks_a_refusal_for_rate() {
    let (kite, seen) = client(|n| async move {
        Ok(match n {
            0 => fault("POL", 1, "Request rate per period control not pass."),
            _ => Response::new(Body::empty()),
        })
    });
    send(kite, call(&READ)).await.unwrap();
    assert_eq!(gaps(&seen).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_rate_may_come_as_json() {
    let (kite, seen) = client(|n| async move {
        let mut response = Response::new(Body::from(
            r#"{"ClientException": {"exceptionCategory": "POL", "exceptionId": "1005",
                "text": "Request Rate Per Period Control Not Pass"}}"#,
        ));
        if n == 0 {
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
        Ok(response)
    });
    send(kite, call(&READ)).await.unwrap();
    assert_eq!(gaps(&seen).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_refusal_is_handed_up_whole() {
    let (kite, seen) = client(|_| async { Ok(too_fast()) });
    let response = send(kite, call(&READ)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.into_body().collect(1 << 20).await.unwrap();
    assert_eq!(body, too_fast().into_body().collect(1 << 20).await.unwrap());
    let waited: Vec<_> = gaps(&seen).iter().map(Duration::as_secs).collect();
    assert_eq!(waited, [1, 2, 4, 8, 16], "six attempts, five repetitions");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_repetition() {
    let (kite, seen) = client(|_| async { Ok(too_fast()) });
    let started = Instant::now();
    let options = CallOptions::default().with_deadline(5 * SECOND);
    let response = send(kite, with(&READ, options)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        gaps(&seen).len(),
        2,
        "at 0, 1 and 3 seconds; 7 would be too late"
    );
    assert!(
        started.elapsed() < 4 * SECOND,
        "and nobody waits for what cannot come"
    );
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed() {
    let (kite, seen) = client(|n| async move {
        let mut response = Response::new(Body::empty());
        if n == 0 {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, 7.into());
        }
        Ok(response)
    });
    assert_eq!(
        send(kite, call(&WRITE)).await.unwrap().status(),
        StatusCode::OK
    );
    assert!(gaps(&seen)[0] >= 7 * SECOND && gaps(&seen)[0] < 8 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_429_without_a_time_is_the_callers() {
    let (kite, seen) = client(|_| async {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        Ok(response)
    });
    assert_eq!(
        send(kite, call(&READ)).await.unwrap().status(),
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_endless_retry_after_is_no_panic() {
    let (kite, _) = client(|_| async {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, u64::MAX.into());
        Ok(response)
    });
    let options = CallOptions::default().with_max_permit_wait(SECOND);
    let response = send(kite, with(&READ, options)).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_is_an_unknown_outcome() {
    let (kite, _) = client(|_| std::future::pending());
    let started = Instant::now();
    let error = send(kite, call(&WRITE)).await.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (TransportErrorKind::Timeout, Delivery::Unknown)
    );
    assert_eq!(
        started.elapsed().as_secs(),
        72,
        "the platform's 70 seconds and a margin"
    );
    let error = Error::from_transport(&WRITE, error);
    assert!(error.is_outcome_unknown());
    assert!(
        error.to_string().contains("ask getSubscriptionDetail"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_platforms_runtime_raises_the_clients_timeout_but_not_the_calls() {
    let (kite, _) = client(|_| std::future::pending());
    let kite = kite.attempt_timeout(10 * SECOND).retry(Retry::NONE);
    let kite = kite.build().unwrap();
    for (options, seconds) in [
        (CallOptions::default(), 182),
        (CallOptions::default().with_attempt_timeout(3 * SECOND), 3),
        (CallOptions::default().with_deadline(20 * SECOND), 20),
        (CallOptions::default().with_deadline(Duration::MAX), 182),
    ] {
        let started = Instant::now();
        kite.transport()
            .send(with(&READ, options))
            .await
            .unwrap_err();
        assert_eq!(started.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_late_too() {
    let (kite, _) = client(|_| async {
        let mut sent = false;
        let body = Body::from_stream(Stalls(std::mem::take(&mut sent)));
        Ok(Response::new(body))
    });
    let started = Instant::now();
    let response = send(kite.retry(Retry::NONE), call(&READ)).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    let error = response.into_body().collect(1000).await.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (TransportErrorKind::Timeout, Delivery::Unknown)
    );
    assert_eq!(started.elapsed().as_secs(), 182);
}

/// A body that sends a piece and then nothing.
struct Stalls(bool);

impl futures_core::Stream for Stalls {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        if std::mem::replace(&mut self.0, true) {
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(Some(Ok(Bytes::from_static(b"<list>"))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_refusal_reaches_the_caller_unharmed() {
    const PIECES: usize = 40;
    struct Pieces(usize);
    impl futures_core::Stream for Pieces {
        type Item = Result<Bytes, TransportError>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            self.0 += 1;
            let piece = vec![u8::try_from(self.0).unwrap(); 10_000];
            std::task::Poll::Ready((self.0 <= PIECES).then(|| Ok(piece.into())))
        }
    }
    let (kite, _) = client(|_| async {
        let mut response = Response::new(Body::from_stream(Pieces(0)));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        Ok(response)
    });
    let body = send(kite, call(&READ))
        .await
        .unwrap()
        .into_body()
        .collect(1 << 20)
        .await
        .unwrap();
    assert_eq!(body.len(), PIECES * 10_000);
    assert!(
        body.chunks(10_000)
            .zip(1..)
            .all(|(piece, n)| piece.iter().all(|byte| *byte == n))
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_never_shortens_a_write() {
    let (kite, seen) = client(|_| async { Ok(Response::new(Body::empty())) });
    let organisation = Organisation::new(RateLimits::kite());
    let kite = kite.organisation(&organisation).build().unwrap();
    organisation.freeze(WRITE.budget, 10 * SECOND);

    // 72 s for the attempt and 10 for the permit do not fit into 80.
    let options = CallOptions::default().with_deadline(80 * SECOND);
    let error = kite
        .transport()
        .send(with(&WRITE, options))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (TransportErrorKind::RateLimited, Delivery::NotSent)
    );
    assert!(
        error.message.contains("kite/inventory/modifySubscription"),
        "{error}"
    );
    assert!(error.message.contains("at least 10s"), "{error}");

    let options = CallOptions::default().with_deadline(30 * SECOND);
    let error = kite
        .transport()
        .send(with(&WRITE, options))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (TransportErrorKind::Configuration, Delivery::NotSent)
    );
    assert!(
        error
            .message
            .contains("set an attempt timeout for this call"),
        "{error}"
    );
    assert!(seen.lock().unwrap().is_empty());

    let options = CallOptions::default()
        .with_deadline(30 * SECOND)
        .with_attempt_timeout(15 * SECOND);
    kite.transport().send(with(&WRITE, options)).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_permit_is_an_error_of_its_own() {
    let (kite, _) = client(|_| async { Ok(Response::new(Body::empty())) });
    let limits = RateLimits::kite().with_fixed_jitter(Duration::from_millis(9));
    let kite = kite.rate_limits(limits).build().unwrap();
    kite.transport().send(call(&READ)).await.unwrap();
    let options = CallOptions::default().with_max_permit_wait(Duration::ZERO);
    let error = kite
        .transport()
        .send(with(&READ, options))
        .await
        .unwrap_err();
    let error = Error::from_transport(&READ, error);
    assert!(error.is_rate_limited());
    assert!(error.to_string().contains("at least 253ms"), "{error}");
}

#[test]
fn a_client_says_what_is_missing() {
    let error = Kite::builder().build().unwrap_err();
    assert!(
        error.to_string().contains("identity(Identity::from_pkcs12"),
        "{error}"
    );
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Kite>();
}
