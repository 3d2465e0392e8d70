//! Maintenance windows: what is sent in them, and when the rest leaves. In virtual time, with a
//! wall clock that follows it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(feature = "maintenance")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use mno_sdk::policy::{Hlr, WallClock};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{MaintenanceWindow, OperationFacts, Protocol};
use mno_sdk::runtime::http::{Request, StatusCode};
use mno_sdk::runtime::transport::{
    Body, Call, Delivery, Response, TransportError, TransportErrorKind,
};
use mno_sdk::{CallOptions, Error, Kite, KiteBuilder, OnUnavailable, Priority, RateLimits};
use tokio::time::Instant;

static WRITE: OperationFacts =
    OperationFacts::new("kite", "modifySubscription", Protocol::soap11("urn:modify"))
        .window(MaintenanceWindow::KiteHlr);

static OTHER: OperationFacts =
    OperationFacts::new("kite", "sendSMS", Protocol::soap11("urn:sendSMS"));

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// 2031-01-15, a Wednesday: the window is from 00:59 to 01:16 UTC in Madrid, from 06:59 to 07:16
/// in New York.
fn midnight() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_926_201_600)
}

type Seen = Arc<Mutex<Vec<Instant>>>;

/// A client whose clocks are so long after that midnight; its transport answers.
fn client(since: Duration, answer: fn(usize) -> Response) -> (KiteBuilder, Seen) {
    let begun = Instant::now();
    let clock = WallClock::new(move || midnight() + since + begun.elapsed());
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let transport = move |_call: Call| {
        let mut noted = noted.lock().unwrap();
        noted.push(Instant::now());
        let response = answer(noted.len() - 1);
        async move { Ok::<_, TransportError>(response) }
    };
    let kite = Kite::builder()
        .transport(Arc::new(transport))
        .rate_limits(RateLimits::unlimited())
        .wall_clock(clock)
        .hlr(Hlr::Spain);
    (kite, seen)
}

fn ok(_: usize) -> Response {
    Response::new(Body::from("<ok/>"))
}

fn unavailable() -> Response {
    let body = r#"{"ServerException": {"exceptionCategory": "SVR", "exceptionId": 1006,
        "text": "Service temporarily unavailable: backup"}}"#;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn call(facts: &'static OperationFacts) -> Call {
    let request = Request::post("/services").body(Bytes::from_static(b"<x/>"));
    Call::new(facts, request.unwrap())
}

fn waiting(facts: &'static OperationFacts) -> Call {
    call(facts).with_options(CallOptions::default().with_on_unavailable(OnUnavailable::Wait))
}

#[tokio::test(start_paused = true)]
async fn a_closed_operation_fails_at_once_and_says_until_when() {
    let (kite, seen) = client(65 * MINUTE, ok);
    let kite = kite.build().unwrap();
    let error = kite.transport().send(call(&WRITE)).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Unavailable);
    assert_eq!(error.delivery, Delivery::NotSent);
    let error = Error::from_transport(&WRITE, error);
    assert!(error.is_maintenance() && error.is_unavailable());
    assert!(!error.is_outcome_unknown());
    let end = error.unavailability().unwrap().until;
    assert_eq!(end, midnight() + 76 * MINUTE);
    assert!(
        error.to_string().contains("until 2031-01-15T01:16:00"),
        "{error}"
    );
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn others_go_on_in_the_window_and_the_closed_one_before_and_after() {
    let (kite, seen) = client(65 * MINUTE, ok);
    let kite = kite.build().unwrap();
    kite.transport().send(call(&OTHER)).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
    for since in [58 * MINUTE, 76 * MINUTE] {
        let (kite, seen) = client(since, ok);
        let kite = kite.build().unwrap();
        kite.transport().send(call(&WRITE)).await.unwrap();
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_leaves_at_the_end_of_the_window() {
    let (kite, seen) = client(65 * MINUTE, ok);
    let kite = kite.build().unwrap();
    let begun = Instant::now();
    kite.transport().send(waiting(&WRITE)).await.unwrap();
    let left = seen.lock().unwrap()[0] - begun;
    assert!(
        left >= 11 * MINUTE && left < 11 * MINUTE + SECOND,
        "{left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn bulk_work_waits_and_somebody_who_waits_is_told() {
    for (priority, waits) in [(Priority::Bulk, true), (Priority::Interactive, false)] {
        let (kite, _) = client(65 * MINUTE, ok);
        let kite = kite.build().unwrap();
        let options = CallOptions::default().with_priority(priority);
        let call = call(&WRITE).with_options(options);
        let sent = kite.transport().send(call).await;
        assert_eq!(sent.is_ok(), waits, "{priority:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_an_end_that_is_too_late() {
    let (kite, seen) = client(65 * MINUTE, ok);
    let kite = kite.max_unavailable_wait(10 * MINUTE).build().unwrap();
    let begun = Instant::now();
    let error = kite.transport().send(waiting(&WRITE)).await.unwrap_err();
    assert!(error.unavailability.is_some());

    let (kite, _) = client(65 * MINUTE, ok);
    let kite = kite.deadline(10 * MINUTE).build().unwrap();
    let error = kite.transport().send(waiting(&WRITE)).await.unwrap_err();
    assert!(error.unavailability.is_some());
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_opens_while_a_call_waits_for_its_permit_holds_it_back() {
    let (kite, seen) = client(58 * MINUTE, ok);
    let slow = RateLimits::kite().with_organisation(None);
    let kite = kite.rate_limits(slow).build().unwrap();
    kite.organisation().freeze(WRITE.budget, 2 * MINUTE);
    let begun = Instant::now();
    kite.transport().send(waiting(&WRITE)).await.unwrap();
    let left = seen.lock().unwrap()[0] - begun;
    assert!(
        left >= 18 * MINUTE && left < 18 * MINUTE + SECOND,
        "{left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_the_window_is_waited_out_to_its_end() {
    // Three minutes before the window, the platform is closed already: no end is known then. At
    // the second look the window is open.
    let (kite, seen) = client(58 * MINUTE + 45 * SECOND, |n| match n {
        0 => unavailable(),
        _ => ok(n),
    });
    let kite = kite.build().unwrap();
    let begun = Instant::now();
    kite.transport().send(waiting(&WRITE)).await.unwrap();
    let seen = seen.lock().unwrap();
    let end = 17 * MINUTE + 15 * SECOND;
    let left = seen[1] - begun;
    assert!(left >= end && left < end + SECOND, "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_says_whether_the_outage_was_planned() {
    // Within the window, of an operation that it does not close by its facts: not planned.
    let (kite, _) = client(65 * MINUTE, |_| unavailable());
    let kite = kite.build().unwrap();
    let response = kite.transport().send(call(&OTHER)).await.unwrap();
    let found = response.extensions().get().copied();
    let found: mno_sdk::runtime::transport::Unavailability = found.unwrap();
    assert!(!found.is_planned && found.until > midnight() + 65 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn another_register_has_other_windows_and_none_has_none() {
    let (kite, _) = client(65 * MINUTE, ok);
    let kite = kite.hlr(Hlr::LatinAmerica).build().unwrap();
    kite.transport().send(call(&WRITE)).await.unwrap();

    let (kite, _) = client((6 * 60 + 59) * MINUTE, ok);
    let kite = kite.hlr(Hlr::LatinAmerica).build().unwrap();
    kite.transport().send(call(&WRITE)).await.unwrap_err();

    let (kite, _) = client(65 * MINUTE, ok);
    let kite = kite.hlr(None).build().unwrap();
    kite.transport().send(call(&WRITE)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_typed_call_has_the_reason() {
    use mno_sdk::kite::inventory::{LifeCycleChange, LifeCycleStatus};
    use mno_sdk::runtime::values::Iccid;

    let (kite, _) = client(65 * MINUTE, ok);
    let kite = kite.build().unwrap();
    let icc = Iccid::new("8999000000000000017").unwrap();
    let change = LifeCycleChange::new(LifeCycleStatus::Active);
    let error = kite
        .inventory()
        .modify(icc.clone(), change)
        .await
        .unwrap_err();
    assert!(error.is_maintenance() && error.is_unavailable(), "{error}");

    // Unplanned, and from the platform itself.
    let (kite, _) = client(0 * MINUTE, |_| unavailable());
    let kite = kite.build().unwrap();
    let error = kite.inventory().status(icc).await.unwrap_err();
    assert!(error.is_unavailable() && !error.is_maintenance(), "{error}");
    assert!(error.unavailability().is_some());
    assert!(error.to_string().contains("no end is known"), "{error}");
}
