//! What is sent again: a test for every row of the table in `policy`, in virtual time. Those about access
//! tokens are in `auth.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use mno_sdk::policy::RetryBudget;
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{Idempotency, OperationFacts, Protocol};
use mno_sdk::runtime::http::{Request, StatusCode, header};
use mno_sdk::runtime::transport::{
    Body, BoxFuture, Call, Delivery, Response, TransportError, TransportErrorKind as Kind,
};
use mno_sdk::{CallOptions, Error, Kite, KiteBuilder, OnUnavailable, RateLimits, Retry};
use tokio::time::Instant;

static READ: OperationFacts = OperationFacts::new("kite", "read", Protocol::soap11("urn:read"))
    .max_runtime(Duration::from_secs(180))
    .idempotency(Idempotency::Safe);

static IDEMPOTENT: OperationFacts =
    OperationFacts::new("kite", "delete", Protocol::soap11("urn:delete"))
        .idempotency(Idempotency::Idempotent);

static WRITE: OperationFacts =
    OperationFacts::new("kite", "write", Protocol::soap11("urn:write")).settled_by("read");

/// A write by a method that might pass for harmless.
static REST_WRITE: OperationFacts =
    OperationFacts::new("kite", "order", Protocol::rest("GET", "/orders/new"));

/// What each operation is given by an answer or an error: every transport below gives the same one
/// always.
type Answer = fn() -> BoxFuture<'static, Result<Response, TransportError>>;

const SECOND: Duration = Duration::from_secs(1);

fn error(kind: Kind, delivery: Delivery) -> BoxFuture<'static, Result<Response, TransportError>> {
    Box::pin(async move { Err(TransportError::new(kind, delivery, "made up")) })
}

fn status(status: u16) -> BoxFuture<'static, Result<Response, TransportError>> {
    answer(status, "<html><title>Bad Gateway</title></html>".to_owned())
}

fn answer(status: u16, body: String) -> BoxFuture<'static, Result<Response, TransportError>> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Box::pin(async move { Ok(response) })
}

fn fault(
    category: &str,
    id: u32,
    text: &str,
) -> BoxFuture<'static, Result<Response, TransportError>> {
    // Both protocols have exceptions as JSON.
    let body = format!(
        r#"{{"ServerException": {{"exceptionCategory": "{category}", "exceptionId": {id},
            "text": "{text}"}}}}"#
    );
    answer(500, body)
}

/// The beginning of an answer, and then the connection breaks.
struct Torn(u8);

impl Stream for Torn {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0 += 1;
        Poll::Ready(match self.0 {
            1 => Some(Ok(Bytes::from_static(b"<list>"))),
            2 => Some(Err(TransportError::new(
                Kind::Interrupted,
                Delivery::Unknown,
                "torn",
            ))),
            _ => None,
        })
    }
}

fn torn() -> BoxFuture<'static, Result<Response, TransportError>> {
    Box::pin(async { Ok(Response::new(Body::from_stream(Torn(0)))) })
}

type Seen = Arc<Mutex<Vec<Instant>>>;

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
    let kite = Kite::builder()
        .transport(Arc::new(transport))
        .rate_limits(RateLimits::unlimited());
    (kite, seen)
}

fn call(facts: &'static OperationFacts) -> Call {
    let request = Request::post("/services").body(Bytes::from_static(b"<x/>"));
    Call::new(facts, request.unwrap())
}

/// How often a call is sent that always meets the same.
async fn attempts(facts: &'static OperationFacts, options: &CallOptions, meets: Answer) -> usize {
    let (kite, seen) = client(move |_| meets());
    let kite = kite.build().unwrap();
    let call = call(facts).with_options(options.clone());
    if let Ok(response) = kite.transport().send(call).await {
        let _ = response.into_body().collect(1 << 20).await;
    }
    let seen = seen.lock().unwrap();
    seen.len()
}

/// Of a read, of an idempotent write, of another write, of another write over REST.
async fn row(meets: Answer) -> [usize; 4] {
    let mut row = [0; 4];
    for (count, facts) in row
        .iter_mut()
        .zip([&READ, &IDEMPOTENT, &WRITE, &REST_WRITE])
    {
        *count = attempts(facts, &CallOptions::default(), meets).await;
    }
    row
}

#[tokio::test(start_paused = true)]
async fn forbidden_an_answer_is_the_end() {
    let answers: [Answer; 6] = [
        || answer(200, "<ok/>".to_owned()),
        || fault("SVC", 1006, "Resource x does not exist"),
        || fault("SVC", 1021, "There is not an available transition"),
        || fault("SVR", 1000, "Generic Server Error"),
        || status(404),
        || status(500),
    ];
    for (number, meets) in answers.into_iter().enumerate() {
        assert_eq!(row(meets).await, [1; 4], "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn forbidden_what_would_happen_again() {
    let errors: [Answer; 5] = [
        || error(Kind::Tls, Delivery::NotSent),
        || error(Kind::Request, Delivery::NotSent),
        || error(Kind::Configuration, Delivery::NotSent),
        || error(Kind::Unauthenticated, Delivery::NotSent),
        || error(Kind::TooLarge, Delivery::Unknown),
    ];
    for (number, meets) in errors.into_iter().enumerate() {
        assert_eq!(row(meets).await, [1; 4], "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn unsent_anything_is_sent_again() {
    let errors: [Answer; 3] = [
        || error(Kind::Connect, Delivery::NotSent),
        || error(Kind::Interrupted, Delivery::NotSent),
        || error(Kind::Timeout, Delivery::NotSent),
    ];
    for (number, meets) in errors.into_iter().enumerate() {
        assert_eq!(row(meets).await, [3; 4], "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn safe_reads_alone_are_sent_again() {
    let failures: [Answer; 7] = [
        || error(Kind::Interrupted, Delivery::Unknown),
        || error(Kind::Timeout, Delivery::Unknown),
        torn,
        || status(502),
        || status(503),
        || status(504),
        || fault("SVR", 1007, "Server error in processing, retry is allowed"),
    ];
    for (number, meets) in failures.into_iter().enumerate() {
        assert_eq!(row(meets).await, [3, 1, 1, 1], "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn idempotent_writes_are_sent_again_if_asked_for_and_others_never() {
    let options = CallOptions::default().with_retry(Retry::default().with_idempotent_writes(true));
    let lost: Answer = || error(Kind::Interrupted, Delivery::Unknown);
    assert_eq!(attempts(&IDEMPOTENT, &options, lost).await, 3);
    assert_eq!(attempts(&IDEMPOTENT, &options, torn).await, 3);
    assert_eq!(attempts(&WRITE, &options, lost).await, 1);
    assert_eq!(attempts(&REST_WRITE, &options, lost).await, 1);
}

#[tokio::test(start_paused = true)]
async fn told_refusals_for_rate_are_sent_again_whatever_it_is() {
    let meets: Answer = || fault("POL", 1005, "Request Rate Per Period Control Not Pass");
    assert_eq!(row(meets).await, [6; 4]);
    // They have a setting of their own.
    let once = CallOptions::default().with_retry(Retry::NONE);
    assert_eq!(attempts(&WRITE, &once, meets).await, 6);
}

#[tokio::test(start_paused = true)]
async fn told_unavailable_is_the_callers_or_waited_for() {
    let ids: [Answer; 2] = [
        || fault("SVR", 1006, "Service temporarily unavailable: backup"),
        || fault("SVR", 1, "Service temporarily unavailable: backup"),
    ];
    for meets in ids {
        assert_eq!(row(meets).await, [1; 4], "somebody waits for it");
    }
    let wait = CallOptions::default().with_on_unavailable(OnUnavailable::Wait);
    for facts in [&READ, &WRITE] {
        let (kite, seen) = client(move |n| match n {
            0..3 => fault("SVR", 1006, "Service temporarily unavailable: backup"),
            _ => answer(200, "<ok/>".to_owned()),
        });
        let kite = kite.build().unwrap();
        let call = call(facts).with_options(wait.clone());
        let response = kite.transport().send(call).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let seen = seen.lock().unwrap();
        for (gap, bound) in seen.windows(2).zip([30, 60, 120]) {
            let gap = (gap[1] - gap[0]).as_secs_f64();
            assert!(
                (bound as f64 / 2.0..=bound as f64).contains(&gap),
                "{gap} of {bound}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_an_outage_ends_with_the_time_that_is_set() {
    let (kite, seen) = client(|_| fault("SVR", 1006, "Service temporarily unavailable: x"));
    let kite = kite
        .on_unavailable(OnUnavailable::Wait)
        .max_unavailable_wait(100 * SECOND)
        .build()
        .unwrap();
    let started = Instant::now();
    let response = kite.transport().send(call(&READ)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(started.elapsed() <= 100 * SECOND);
    assert!(seen.lock().unwrap().len() >= 2);

    let options = CallOptions::default().with_deadline(10 * SECOND);
    let before = Instant::now();
    let call = call(&READ).with_options(options);
    kite.transport().send(call).await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO, "no use in waiting");
}

#[tokio::test(start_paused = true)]
async fn a_401_without_credentials_is_an_answer() {
    assert_eq!(row(|| status(401)).await, [1; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_sent_is_an_unknown_outcome_that_names_the_read() {
    let (kite, seen) = client(|_| error(Kind::Interrupted, Delivery::Unknown));
    let kite = kite.build().unwrap();
    let error = kite.transport().send(call(&WRITE)).await.unwrap_err();
    let error = Error::from_transport(&WRITE, error);
    assert!(error.is_outcome_unknown());
    assert!(error.to_string().contains("ask read"), "{error}");
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_comes_at_last_is_handed_up_and_says_how_often() {
    let (kite, _) = client(|n| match n {
        0 => error(Kind::Connect, Delivery::NotSent),
        1 => torn(),
        _ => answer(200, "<ok/>".to_owned()),
    });
    let kite = kite.build().unwrap();
    let response = kite.transport().send(call(&READ)).await.unwrap();
    let body = response.into_body().collect(100).await.unwrap();
    assert_eq!(body, "<ok/>");

    let (kite, _) = client(|_| error(Kind::Connect, Delivery::NotSent));
    let kite = kite.build().unwrap();
    let error = kite.transport().send(call(&READ)).await.unwrap_err();
    assert_eq!(error.to_string(), "made up (attempt 3)");
}

#[tokio::test(start_paused = true)]
async fn a_call_or_a_client_can_do_without() {
    let lost: Answer = || error(Kind::Interrupted, Delivery::Unknown);
    let once = CallOptions::default().with_retry(Retry::NONE);
    assert_eq!(attempts(&READ, &once, lost).await, 1);
    let five = CallOptions::default().with_retry(Retry::default().with_max_attempts(5));
    assert_eq!(attempts(&READ, &five, lost).await, 5);

    let (kite, seen) = client(move |_| lost());
    let kite = kite.retry(Retry::NONE).build().unwrap();
    kite.transport().send(call(&READ)).await.unwrap_err();
    assert_eq!(seen.lock().unwrap().len(), 1);
    kite.transport()
        .send(call(&READ).with_options(five))
        .await
        .unwrap_err();
    assert_eq!(seen.lock().unwrap().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_budget_ends_the_repetition_of_a_client_and_not_its_calls() {
    let (kite, seen) = client(|_| error(Kind::Interrupted, Delivery::Unknown));
    let budget = RetryBudget::default().with_percent(10).with_per_minute(5);
    let kite = kite.retry_budget(budget).build().unwrap();
    for _ in 0..100 {
        kite.transport().send(call(&READ)).await.unwrap_err();
    }
    let sent = seen.lock().unwrap().len();
    // 100 calls earn 10; the floor gives 5 at once, and what little time the pauses took.
    assert!((114..=117).contains(&sent), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn the_time_for_retries_and_the_deadline_end_the_repetition() {
    let slow: Answer = || {
        Box::pin(async {
            tokio::time::sleep(100 * SECOND).await;
            Err(TransportError::new(
                Kind::Interrupted,
                Delivery::Unknown,
                "late",
            ))
        })
    };
    let many = Retry::default().with_max_attempts(100);
    let options = CallOptions::default().with_retry(many.with_limit(250 * SECOND));
    assert_eq!(
        attempts(&READ, &options, slow).await,
        3,
        "at 0, 100 and 200 s"
    );
    let options = CallOptions::default()
        .with_retry(many)
        .with_deadline(150 * SECOND);
    assert_eq!(attempts(&READ, &options, slow).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_names_a_time_is_given_it() {
    let (kite, seen) = client(|n| {
        let mut response = Response::new(Body::from("<ok/>"));
        if n == 0 {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.headers_mut().insert(header::RETRY_AFTER, 7.into());
        }
        async move { Ok(response) }
    });
    let kite = kite.build().unwrap();
    kite.transport().send(call(&READ)).await.unwrap();
    let seen = seen.lock().unwrap();
    let gap = seen[1] - seen[0];
    assert!(gap >= 7 * SECOND && gap < 8 * SECOND, "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn a_file_is_not_kept_in_memory_to_see_whether_it_is_whole() {
    let (kite, seen) = client(|_| {
        let mut response = Response::new(Body::from_stream(Torn(0)));
        let kind = header::HeaderValue::from_static("application/pdf");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        async move { Ok(response) }
    });
    let kite = kite.build().unwrap();
    let response = kite.transport().send(call(&READ)).await.unwrap();
    let error = response.into_body().collect(1000).await.unwrap_err();
    assert_eq!(error.kind, Kind::Interrupted);
    assert_eq!(seen.lock().unwrap().len(), 1);
}
