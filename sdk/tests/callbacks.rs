//! Receivers of callbacks, in virtual time. The bodies are written by hand after the guides.
#![cfg(feature = "callbacks")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::error::Error as _;
use std::time::Duration;

use mno_sdk::callbacks::bsc::{self, DeliveryStatus, Sms};
use mno_sdk::callbacks::masstack::{self, ErrorCode, ResultCode};
use mno_sdk::callbacks::sms::{Content, DataCoding};
use mno_sdk::callbacks::{CallbackErrorKind, Events, Guard, Options};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::http::{Method, Request, Response, StatusCode, header};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
const SECRET: &str = "made-up-secret-0001";

/// As the guide prints it, in JSON.
const SMS: &str = r#"{
    "multi_part_info": {"partno": 1, "total": 1, "identifier": "3002"},
    "payload": "door open",
    "submit_date": "2026-05-04 08:15:30",
    "dest_address": "99901",
    "organisation": {"id": "2001"},
    "pid": "0",
    "id": "3002",
    "endpoint": {"id": "4001", "name": "8999000000000000001"},
    "source_address": "999000000000001",
    "dcs": "0"
}"#;

const REPORT: &str = r#"{
    "status": {"status": "DELIVERED", "id": "4"},
    "endpoint": {"id": "4001", "name": "8999000000000000001"},
    "submit_date": "2026-05-04 08:15:30",
    "organisation": {"id": "2001"},
    "final_date": "2026-05-04 08:15:34",
    "id": "3001"
}"#;

fn receiver() -> (bsc::Receiver, Events<bsc::Event>) {
    bsc::Receiver::new(Guard::open(), Options::default())
}

fn request(method: Method, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::builder().method(method).uri("/bsc");
    request.body(body.into()).unwrap()
}

fn post(body: impl Into<Bytes>) -> Request<Bytes> {
    request(Method::POST, body)
}

fn patch(body: impl Into<Bytes>) -> Request<Bytes> {
    request(Method::PATCH, body)
}

/// Sends a request while somebody takes events.
fn send(receiver: &bsc::Receiver, request: Request<Bytes>) -> JoinHandle<StatusCode> {
    let receiver = receiver.clone();
    tokio::spawn(async move { receiver.handle(request).await.status() })
}

async fn sms(events: &mut Events<bsc::Event>) -> Sms {
    match events.recv().await.unwrap() {
        bsc::Event::Sms(sms) => sms,
        other => panic!("{other:?}"),
    }
}

/// The event of a body that is taken at once.
async fn read(body: impl Into<Bytes>) -> Sms {
    let (receiver, mut events) = receiver();
    let sent = send(&receiver, post(body));
    let sms = sms(&mut events).await;
    assert_eq!(sent.await.unwrap(), 200);
    sms
}

/// Nothing comes for a while.
async fn is_quiet<E>(events: &mut Events<E>) -> bool {
    let waited = tokio::time::timeout(Duration::from_millis(1), events.recv());
    waited.await.is_err()
}

#[tokio::test(start_paused = true)]
async fn a_message_and_a_report_come_to_one_url() {
    let (receiver, mut events) = receiver();
    let sent = send(&receiver, post(SMS));
    let message = sms(&mut events).await;
    assert_eq!(sent.await.unwrap(), 200);
    assert_eq!(message.id, "3002");
    assert_eq!(message.endpoint.id.as_deref(), Some("4001"));
    assert_eq!(
        message.endpoint.iccid.as_ref().unwrap().as_str(),
        "8999000000000000001"
    );
    assert_eq!(message.source.as_ref().unwrap().as_str(), "999000000000001");
    assert_eq!(message.destination.as_deref(), Some("99901"));
    assert_eq!(message.organisation_id.as_deref(), Some("2001"));
    assert_eq!(
        message.submitted.unwrap().to_string(),
        "2026-05-04T08:15:30Z"
    );
    assert_eq!(
        (message.coding, message.protocol),
        (DataCoding::Gsm7, Some(0))
    );
    assert_eq!(message.content().text(), Some("door open"));
    assert!(message.is_whole());

    let sent = send(&receiver, patch(REPORT));
    let bsc::Event::DeliveryReport(report) = events.recv().await.unwrap() else {
        panic!("a report");
    };
    assert_eq!(sent.await.unwrap(), 200);
    assert_eq!(report.id, "3001");
    assert_eq!(report.status, DeliveryStatus::Delivered);
    assert!(report.status.is_final());
    assert_eq!(report.endpoint, message.endpoint);
    assert_eq!(
        report.submitted.unwrap().to_string(),
        "2026-05-04T08:15:30Z"
    );
    assert_eq!(report.finished.unwrap().to_string(), "2026-05-04T08:15:34Z");
}

#[tokio::test(start_paused = true)]
async fn numbers_dates_and_unknown_members() {
    // Numbers as numbers, RFC 3339, and a member that the guide does not have.
    let numbers = r#"{
        "smsforwarderId": "00000000-0000-4000-8000-000000000001",
        "multi_part_info": {"partno": "1", "total": "1", "identifier": 3002},
        "payload": "door open", "submit_date": "2026-05-04T08:15:30.000+0000",
        "dest_address": 99901, "organisation": {"id": 2001}, "pid": 0, "id": 3002,
        "endpoint": {"id": 4001, "name": 8999000000000000001}, "source_address": 999000000000001,
        "dcs": 0
    }"#;
    let (one, other) = (read(SMS).await, read(numbers).await);
    assert_eq!(
        one.submitted.unwrap().unix_seconds(),
        other.submitted.unwrap().unix_seconds()
    );
    assert_eq!((one.id, one.endpoint), (other.id, other.endpoint));
    assert_eq!(
        (one.source, one.destination),
        (other.source, other.destination)
    );

    // An older form of the date, and next to nothing else.
    let bare = read(r#"{"id": "1", "submit_date": {}, "dcs": "?", "multi_part_info": {}}"#).await;
    assert_eq!((bare.submitted, bare.coding), (None, DataCoding::Gsm7));
    assert_eq!(bare.content().text(), Some(""));
    // A message is not refused for its date.
    assert_eq!(
        read(r#"{"id": "1", "submit_date": "yesterday"}"#)
            .await
            .submitted,
        None
    );
    // Parts that make no sense are messages.
    for info in [
        r#"{"partno": 3, "total": 2, "identifier": "1"}"#,
        r#"{"partno": 0, "total": 2, "identifier": "1"}"#,
        r#"{"partno": 1, "total": 70000, "identifier": "1"}"#,
        r#"{"partno": 1, "total": 2}"#,
        "null",
    ] {
        let body = format!(r#"{{"id": "1", "payload": "x", "multi_part_info": {info}}}"#);
        assert!(read(body).await.is_whole(), "{info}");
    }
}

#[tokio::test(start_paused = true)]
async fn payloads_are_decoded_by_their_coding() {
    let body = |dcs: u8, payload: &str| {
        format!(r#"{{"id": "1", "dcs": "{dcs}", "payload": "{payload}"}}"#)
    };
    let content = async |dcs, payload| read(body(dcs, payload)).await.content();
    assert_eq!(content(0, "5 € [ok]").await.text(), Some("5 € [ok]"));
    assert_eq!(content(0, r"a\u0000b\u001be").await.text(), Some("a@b€"));
    assert_eq!(content(8, "дверь").await.text(), Some("дверь"));
    assert_eq!(
        content(4, "00ff10").await.data(),
        Some(&[0x00, 0xff, 0x10][..])
    );

    let hex = async |dcs, payload| read(body(dcs, payload)).await.content_of_hex();
    let text = |text: &str| Some(Content::Text(text.to_owned()));
    assert_eq!(hex(0, "E8329BFD06").await, text("hello"));
    assert_eq!(hex(0, "68656C6C6F1B65").await, text("hello€"));
    assert_eq!(hex(8, "0414D83DDE00").await, text("Д😀"));
    assert_eq!(hex(8, "not hexadecimal").await, None);
}

#[tokio::test(start_paused = true)]
async fn statuses_are_known_by_their_ids() {
    for (status, expected) in [
        (r#"{"status": "DELIVERED", "id": "4"}"#, "Delivered"),
        (r#"{"status": "whatever", "id": 4}"#, "Delivered"),
        (r#"{"id": 5}"#, "Failed"),
        (r#"{"description": "EXPIRED"}"#, "Expired"),
        (r#"{"status": "BUFFERED"}"#, "Buffered"),
        // A new id under an old name is not what it was.
        (
            r#"{"status": "DELIVERED", "id": "44"}"#,
            "Unknown(\"DELIVERED\")",
        ),
        (r#"{"id": "44"}"#, "Unknown(\"44\")"),
    ] {
        let (receiver, mut events) = receiver();
        let sent = send(
            &receiver,
            patch(format!(r#"{{"id": 1, "status": {status}}}"#)),
        );
        let bsc::Event::DeliveryReport(report) = events.recv().await.unwrap() else {
            panic!("a report");
        };
        assert_eq!(sent.await.unwrap(), 200);
        assert_eq!(format!("{:?}", report.status), expected, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn bad_bodies_are_said_so() {
    let (receiver, _events) = receiver();
    for (request, place) in [
        // As the guide prints it, which is not JSON.
        (post("{'id': '3002', 'payload': 'x'}"), "line 1"),
        (post("{\"id\": \"3002\" // comment\n}"), "line 1"),
        (post(""), "line 1"),
        (post("[]"), "an object"),
        (post(r#"{"payload": "no id"}"#), "at id"),
        (post(r#"{"id": "  "}"#), "at id"),
        (post(r#"{"id": 1e3}"#), "at id"),
        // Digits were lost: no identifier is made of what is left.
        (
            post(r#"{"id": 1, "endpoint": {"name": 8.999e18}}"#),
            "at endpoint.name",
        ),
        (post(r#"{"id": 1, "id": 2}"#), "twice"),
        (post(r#"{"id": 1} {}"#), "line 1"),
        (patch(r#"{"id": 1}"#), "at status"),
        (patch(r#"{"id": 1, "status": {}}"#), "at status"),
        (patch(r#"{"id": 1, "status": "4"}"#), "an object"),
        (post(b"{\"id\": \"\xff\"}".to_vec()), "line 1"),
        (post("[".repeat(100_000)[..60_000].to_owned()), "line 1"),
    ] {
        let error = receiver.receive(request.clone()).await.unwrap_err();
        assert_eq!(error.kind(), CallbackErrorKind::Malformed, "{error}");
        assert!(error.to_string().contains(place), "{place}: {error}");
        assert!(
            error.source().is_some() && !error.to_string().contains("3002"),
            "{error}"
        );
        let response = receiver.handle(request).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.body(), &error.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn other_methods_and_long_bodies() {
    let (receiver, _events) = receiver();
    for method in [
        Method::GET,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::HEAD,
    ] {
        let response = receiver.handle(request(method, SMS)).await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[header::ALLOW], "POST, PATCH");
    }
    let response = receiver.handle(post(vec![b' '; 64 * 1024 + 1])).await;
    assert_eq!(response.status(), 413);
}

#[tokio::test(start_paused = true)]
async fn no_answer_before_the_event_is_taken() {
    let (receiver, mut events) = receiver();
    let sent = send(&receiver, post(SMS));
    sleep(4 * SECOND).await;
    assert!(!sent.is_finished());
    sms(&mut events).await;
    assert_eq!(sent.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_late_consumer_gets_the_event_when_it_comes_again() {
    let (receiver, mut events) = receiver();
    let started = Instant::now();
    let response = receiver.handle(post(SMS)).await;
    assert_eq!(
        (response.status().as_u16(), started.elapsed()),
        (503, 5 * SECOND)
    );
    assert!(is_quiet(&mut events).await, "it was taken back");
    let sent = send(&receiver, post(SMS));
    sms(&mut events).await;
    assert_eq!(sent.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_given_up_takes_its_event_back() {
    let (receiver, mut events) = receiver();
    let sent = send(&receiver, post(SMS));
    sleep(SECOND).await;
    sent.abort();
    assert!(sent.await.unwrap_err().is_cancelled());
    assert!(is_quiet(&mut events).await);
}

#[tokio::test(start_paused = true)]
async fn a_full_buffer_holds_requests_back() {
    let options = Options::default().with_buffer(2);
    let (receiver, mut events) = bsc::Receiver::new(Guard::open(), options);
    let sent: Vec<_> = (0..5)
        .map(|n| send(&receiver, post(format!(r#"{{"id": {n}}}"#))))
        .collect();
    sleep(SECOND).await;
    for n in 0..5 {
        assert_eq!(sms(&mut events).await.id, n.to_string());
    }
    for sent in sent {
        assert_eq!(sent.await.unwrap(), 200);
    }
    // And when nobody comes, no more than the buffer is kept, of what is not wanted any more.
    let sent: Vec<_> = (10..20)
        .map(|n| send(&receiver, post(format!(r#"{{"id": {n}}}"#))))
        .collect();
    for sent in sent {
        assert_eq!(sent.await.unwrap(), 503);
    }
    assert!(is_quiet(&mut events).await);
}

#[tokio::test(start_paused = true)]
async fn without_a_consumer_nothing_is_taken() {
    let (receiver, events) = receiver();
    let sent = send(&receiver, post(SMS));
    sleep(SECOND).await;
    drop(events);
    assert_eq!(sent.await.unwrap(), 503);
    let error = receiver.receive(post(SMS)).await.unwrap_err();
    assert_eq!(error.kind(), CallbackErrorKind::Closed);
    assert_eq!(error.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn the_stream_ends_with_the_receiver() {
    use futures_util::StreamExt as _;
    let (receiver, mut events) = receiver();
    let sent = send(&receiver, post(SMS));
    assert!(events.next().await.is_some());
    sent.await.unwrap();
    drop(receiver);
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn repetitions_do_not_come_out_twice() {
    let (receiver, mut events) = receiver();
    for _ in 0..3 {
        let sent = send(&receiver, post(SMS));
        if events.recv().await.is_some() {
            assert_eq!(sent.await.unwrap(), 200);
        }
        // The 200 was lost: it comes again, as a string or as a number.
        for body in [SMS.to_owned(), SMS.replace("\"3002\"", "3002")] {
            assert_eq!(receiver.handle(post(body)).await.status(), 200);
        }
        assert!(is_quiet(&mut events).await);
        // After a day it is forgotten.
        sleep(Duration::from_secs(24 * 60 * 60 + 1)).await;
    }

    // A report has the id of its message, and there may be several of one.
    for (status, comes_out) in [(3, true), (3, false), (4, true), (4, false)] {
        let body = format!(r#"{{"id": "3002", "status": {{"id": {status}}}}}"#);
        let sent = send(&receiver, patch(body));
        assert_eq!(is_quiet(&mut events).await, !comes_out, "{status}");
        assert_eq!(sent.await.unwrap(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_repetition_waits_for_the_first() {
    let (receiver, mut events) = receiver();
    let first = send(&receiver, post(SMS));
    sleep(SECOND).await;
    let second = send(&receiver, post(SMS));
    sleep(SECOND).await;
    sms(&mut events).await;
    assert_eq!(
        (first.await.unwrap(), second.await.unwrap()),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    assert!(is_quiet(&mut events).await);

    // And takes its place.
    let body = r#"{"id": 7}"#;
    let first = send(&receiver, post(body));
    sleep(SECOND).await;
    let second = send(&receiver, post(body));
    sleep(SECOND).await;
    first.abort();
    sleep(SECOND).await;
    assert_eq!(sms(&mut events).await.id, "7");
    assert_eq!(second.await.unwrap(), 200);
    assert!(is_quiet(&mut events).await);
}

#[tokio::test(start_paused = true)]
async fn the_memory_is_bounded() {
    let options = Options::default().with_memory(2, Duration::from_secs(60));
    let (receiver, mut events) = bsc::Receiver::new(Guard::open(), options);
    for id in [1, 2, 3] {
        let sent = send(&receiver, post(format!(r#"{{"id": {id}}}"#)));
        sms(&mut events).await;
        assert_eq!(sent.await.unwrap(), 200);
    }
    for (id, is_known) in [(3, true), (2, true), (1, false)] {
        let sent = send(&receiver, post(format!(r#"{{"id": {id}}}"#)));
        assert_eq!(is_quiet(&mut events).await, is_known, "{id}");
        assert_eq!(sent.await.unwrap(), 200);
    }
}

/// A part of a message of a SIM's.
fn part(id: u32, number: u16, total: u16, identifier: &str, payload: &str) -> Request<Bytes> {
    post(format!(
        r#"{{"id": "{id}", "payload": "{payload}", "dcs": "0",
            "multi_part_info": {{"partno": {number}, "total": {total}, "identifier": "{identifier}"}},
            "endpoint": {{"id": "4001", "name": "8999000000000000001"}}}}"#
    ))
}

#[tokio::test(start_paused = true)]
async fn parts_are_joined_in_their_order() {
    let (receiver, mut events) = receiver();
    let second = send(&receiver, part(12, 2, 3, "77", "is "));
    sleep(SECOND).await;
    let third = send(&receiver, part(13, 3, 3, "77", "open"));
    sleep(SECOND).await;
    // Another message of the same SIM.
    let other = send(&receiver, part(20, 1, 2, "78", "x"));
    sleep(SECOND).await;
    assert!(!second.is_finished() && !third.is_finished());
    assert!(is_quiet(&mut events).await);
    let first = send(&receiver, part(11, 1, 3, "77", "door "));
    let message = sms(&mut events).await;
    assert_eq!(message.id, "11");
    assert_eq!(message.content().text(), Some("door is open"));
    assert!(message.is_whole());
    let ids: Vec<_> = message.parts.iter().map(|part| part.id.as_str()).collect();
    assert_eq!(ids, ["11", "12", "13"]);
    for sent in [first, second, third] {
        assert_eq!(sent.await.unwrap(), 200);
    }
    assert_eq!(other.await.unwrap(), 503);
    // All of its parts are known.
    assert_eq!(
        receiver.handle(part(12, 2, 3, "77", "is ")).await.status(),
        200
    );
    assert!(is_quiet(&mut events).await);
}

#[tokio::test(start_paused = true)]
async fn parts_that_came_too_early_are_kept() {
    let (receiver, mut events) = receiver();
    let error = receiver.receive(part(11, 1, 2, "77", "door ")).await;
    assert_eq!(error.unwrap_err().kind(), CallbackErrorKind::Incomplete);
    sleep(60 * SECOND).await;
    let last = send(&receiver, part(12, 2, 2, "77", "open"));
    assert_eq!(sms(&mut events).await.content().text(), Some("door open"));
    assert_eq!(last.await.unwrap(), 200);
    // The first part comes again, as it was not answered with 2xx.
    let again = receiver.handle(part(11, 1, 2, "77", "door ")).await;
    assert_eq!(again.status(), 200);
    assert!(is_quiet(&mut events).await);
}

#[tokio::test(start_paused = true)]
async fn a_whole_message_that_nobody_took_comes_with_any_of_its_parts() {
    let (receiver, mut events) = receiver();
    let sent = [
        send(&receiver, part(11, 1, 2, "77", "door ")),
        send(&receiver, part(12, 2, 2, "77", "open")),
    ];
    for sent in sent {
        assert_eq!(sent.await.unwrap(), 503);
    }
    assert!(is_quiet(&mut events).await);
    let again = send(&receiver, part(12, 2, 2, "77", "open"));
    assert_eq!(sms(&mut events).await.content().text(), Some("door open"));
    assert_eq!(again.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_other_parts_do_not_come_comes_out_as_it_is() {
    let (receiver, mut events) = receiver();
    // A platform that sends the next part after the first was taken, and asks again every minute.
    for _ in 0..5 {
        let answer = receiver.handle(part(11, 1, 2, "77", "door ")).await;
        assert_eq!(answer.status(), 503);
        sleep(55 * SECOND).await;
    }
    let sent = send(&receiver, part(11, 1, 2, "77", "door "));
    let message = sms(&mut events).await;
    assert_eq!(sent.await.unwrap(), 200);
    assert_eq!((message.parts.len(), message.total_parts), (1, 2));
    assert!(!message.is_whole());
    // What is late comes out by itself in the same way.
    let answer = receiver.handle(part(12, 2, 2, "77", "open")).await;
    assert_eq!(answer.status(), 503);
    sleep(300 * SECOND).await;
    let sent = send(&receiver, part(12, 2, 2, "77", "open"));
    assert_eq!(sms(&mut events).await.parts[0].number, 2);
    assert_eq!(sent.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn joining_can_be_short_or_turned_off() {
    let options = Options::default().with_join_within(2 * SECOND);
    let (receiver, mut events) = bsc::Receiver::new(Guard::open(), options);
    let started = Instant::now();
    let sent = send(&receiver, part(11, 1, 2, "77", "door "));
    assert!(!sms(&mut events).await.is_whole());
    assert_eq!(started.elapsed(), 2 * SECOND);
    assert_eq!(sent.await.unwrap(), 200);

    let options = Options::default().with_join_within(Duration::ZERO);
    let (receiver, mut events) = bsc::Receiver::new(Guard::open(), options);
    for number in [1, 2] {
        let sent = send(&receiver, part(number.into(), number, 2, "77", "x"));
        assert_eq!(sms(&mut events).await.parts[0].number, number);
        assert_eq!(sent.await.unwrap(), 200);
    }
    assert_eq!(started.elapsed(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn parts_are_known_by_their_header_too() {
    let (receiver, mut events) = receiver();
    // 3GPP TS 23.040, 9.2.3.24.1: reference 0xcc, two parts; UCS-2, a character torn in two.
    let body = |id, header, payload| {
        let body = format!(
            r#"{{"id": {id}, "dcs": 8, "udh": "{header}", "payload": "{payload}",
                "source_address": 999000000000001}}"#
        );
        post(body)
    };
    let first = send(&receiver, body(1, "050003CC0201", "0041D83D"));
    let second = send(&receiver, body(2, "050003CC0202", "DE000042"));
    let message = sms(&mut events).await;
    assert_eq!(message.content_of_hex().unwrap().text(), Some("A😀B"));
    assert_eq!(message.parts[1].concatenation().unwrap().reference, 0xcc);
    assert_eq!(first.await.unwrap(), 200);
    assert_eq!(second.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_reference_that_is_used_again_is_another_message() {
    let (receiver, mut events) = receiver();
    assert_eq!(
        receiver.handle(part(11, 1, 2, "77", "old ")).await.status(),
        503
    );
    let first = send(&receiver, part(21, 1, 2, "77", "new "));
    let second = send(&receiver, part(22, 2, 2, "77", "text"));
    assert_eq!(sms(&mut events).await.content().text(), Some("new text"));
    assert_eq!(first.await.unwrap(), 200);
    assert_eq!(second.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn unfinished_messages_are_bounded_and_the_oldest_goes_first() {
    let options = Options::default()
        .with_max_parts(3)
        .with_hand_over_within(Duration::from_millis(10));
    let (receiver, mut events) = bsc::Receiver::new(Guard::open(), options);
    for n in 0..4 {
        let answer = receiver
            .handle(part(n, 1, 2, &format!("m{n}"), "first "))
            .await;
        assert_eq!(answer.status(), 503);
    }
    // The oldest was forgotten, which its second part shows; the newest was not.
    let answer = receiver.handle(part(10, 2, 2, "m0", "second")).await;
    assert_eq!(answer.status(), 503);
    let sent = send(&receiver, part(13, 2, 2, "m3", "second"));
    assert_eq!(
        sms(&mut events).await.content().text(),
        Some("first second")
    );
    assert_eq!(sent.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn only_who_knows_the_secret_may_post() {
    let to = |path: &str| {
        let request = Request::post(path).body(Bytes::from_static(SMS.as_bytes()));
        request.unwrap()
    };
    let guard = Guard::path(SECRET).unwrap();
    let (receiver, mut events) = bsc::Receiver::new(guard, Options::default());
    for path in [
        "/",
        "/bsc",
        "/bsc/",
        "/bsc/made-up-secret-0002",
        "/bsc/made-up-secret-000",
        "/bsc/made-up-secret-0001/more",
        "/bsc?made-up-secret-0001",
        "/bsc/MADE-UP-SECRET-0001",
    ] {
        let error = receiver.receive(to(path)).await.unwrap_err();
        assert_eq!(error.kind(), CallbackErrorKind::UnknownPath, "{path}");
        assert_eq!(error.status(), 404);
    }
    for path in [
        "/bsc/made-up-secret-0001",
        "/made-up-secret-0001/",
        "/a/b/made-up-secret-0001?c",
    ] {
        let sent = send(&receiver, to(path));
        if path.starts_with("/bsc") {
            sms(&mut events).await;
        }
        assert_eq!(sent.await.unwrap(), 200, "{path}");
    }

    let guard = Guard::header(header::AUTHORIZATION, "Bearer made-up-secret-0001").unwrap();
    let (receiver, mut events) = bsc::Receiver::new(guard, Options::default());
    let with = |value: &str| {
        let mut request = to("/anywhere");
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, value.parse().unwrap());
        request
    };
    for request in [to("/anywhere"), with(SECRET), with("Bearer x")] {
        assert_eq!(receiver.handle(request).await.status(), 401);
    }
    let sent = send(&receiver, with("Bearer made-up-secret-0001"));
    sms(&mut events).await;
    assert_eq!(sent.await.unwrap(), 200);

    for secret in [
        "",
        "short",
        "has a space in its middle",
        "slashes/are/no/good/here",
    ] {
        let error = Guard::path(secret).unwrap_err();
        assert!(!error.to_string().contains("slashes"), "{error}");
    }
    assert!(Guard::header(header::AUTHORIZATION, "line\nline\nline\nline").is_err());
}

#[tokio::test(start_paused = true)]
async fn debug_shows_no_personal_data() {
    let message = read(SMS).await;
    let guard = Guard::path(SECRET).unwrap();
    let (receiver, events) = bsc::Receiver::new(guard, Options::default());
    let text = format!(
        "{message:?} {:?} {:?} {receiver:?} {events:?}",
        message.parts,
        message.content()
    );
    for hidden in [
        "door",
        "999000000000001",
        "99901",
        "8999000000000000001",
        SECRET,
    ] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

// ------------------------------------------------------------------------------------ MasStack

fn order(path: &str, correlation_id: Option<&str>, body: impl Into<Bytes>) -> Request<Bytes> {
    let mut request = Request::post(path);
    if let Some(id) = correlation_id {
        request = request.header("Request-Correlation-Id", id);
    }
    request.body(body.into()).unwrap()
}

const WORKFLOW: &str = "00000000-0000-4000-8000-000000000004";

async fn result(request: Request<Bytes>) -> masstack::Event {
    let guard = Guard::path(SECRET).unwrap();
    let (receiver, mut events) = masstack::Receiver::new(guard, Options::default());
    let sent = tokio::spawn(async move { receiver.handle(request).await.status() });
    let event = events.recv().await;
    assert_eq!(sent.await.unwrap(), 200);
    event.unwrap()
}

#[tokio::test(start_paused = true)]
async fn results_of_orders() {
    let (success, error) = masstack::urls("https://hooks.example/masstack/", Some(SECRET));
    let barring = result(order(
        &success,
        Some(WORKFLOW),
        r#"{"codeResult": "OK", "titleResult": "Made-up title"}"#,
    ))
    .await;
    assert_eq!(barring.correlation_id(), Some(WORKFLOW));
    let masstack::Event::Success(barring) = barring else {
        panic!("{barring:?}");
    };
    assert_eq!(barring.code, Some(ResultCode::Ok));
    assert_eq!(barring.title.as_deref(), Some("Made-up title"));
    assert_eq!(barring.service_id, None);

    // The id of a service is a string in the table and a number in the sample.
    for id in ["\"999000001\"", "999000001"] {
        let body = format!(r#"{{"code": "CREATED", "title": "x", "service_id": {id}}}"#);
        let masstack::Event::Success(service) = result(order(&success, None, body)).await else {
            panic!("a success");
        };
        assert_eq!(service.code, Some(ResultCode::Created));
        assert_eq!(service.service_id.as_deref(), Some("999000001"));
        assert!(!format!("{service:?}").contains("999000001"));
    }

    for (body, code) in [
        (
            r#"{"code": "INVALID_MSISDN", "title": "x"}"#,
            Some(ErrorCode::InvalidMsisdn),
        ),
        (
            r#"{"codeResult": "DUPLICATE_WORKFLOW_ID"}"#,
            Some(ErrorCode::DuplicateWorkflowId),
        ),
        ("{}", None),
        ("", None),
    ] {
        let masstack::Event::Failure(failure) = result(order(&error, Some(WORKFLOW), body)).await
        else {
            panic!("a failure");
        };
        assert_eq!(failure.code, code);
        assert_eq!(failure.correlation_id.as_deref(), Some(WORKFLOW));
    }
    let new = result(order(&error, None, r#"{"code": "NEW_CODE"}"#)).await;
    let masstack::Event::Failure(masstack::Failure {
        code: Some(ErrorCode::Unknown(code)),
        ..
    }) = new
    else {
        panic!("{new:?}");
    };
    assert_eq!(code.as_str(), "NEW_CODE");
}

#[tokio::test(start_paused = true)]
async fn results_that_are_none() {
    let guard = Guard::path(SECRET).unwrap();
    let (receiver, _events) = masstack::Receiver::new(guard, Options::default());
    for (path, status) in [
        ("/masstack/success", 404),
        ("/masstack/made-up-secret-0001", 404),
        ("/masstack/other/made-up-secret-0001", 404),
        ("/made-up-secret-0001", 404),
    ] {
        let response = receiver.handle(order(path, None, "{}")).await;
        assert_eq!(response.status(), status, "{path}");
    }
    let success = format!("/success/{SECRET}");
    for body in ["", "null", "{'code': 'OK'}", r#"{"service_id": 9.99e8}"#] {
        let response = receiver.handle(order(&success, None, body)).await;
        assert_eq!(response.status(), 400, "{body}");
    }
    let mut get = order(&success, None, "{}");
    *get.method_mut() = Method::PATCH;
    let response = receiver.handle(get).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()[header::ALLOW], "POST");
}

#[tokio::test(start_paused = true)]
async fn results_come_out_once_by_correlation_id() {
    let (receiver, mut events) = masstack::Receiver::new(Guard::open(), Options::default());
    for (path, id, body, comes_out) in [
        ("/success", Some("a"), "{}", true),
        ("/success", Some("a"), "{}", false),
        ("/error", Some("a"), "{}", true),
        ("/success", Some("b"), "{}", true),
        // Of two bodies under one id it cannot be told that they are the same.
        ("/success", Some("b"), r#"{"code": "OK"}"#, true),
        ("/success", None, "{}", true),
        ("/success", None, "{}", true),
    ] {
        let sent = tokio::spawn({
            let (receiver, request) = (receiver.clone(), order(path, id, body));
            async move { receiver.handle(request).await.status() }
        });
        assert_eq!(
            is_quiet(&mut events).await,
            !comes_out,
            "{path} {id:?} {body}"
        );
        assert_eq!(sent.await.unwrap(), 200);
    }
}

// ----------------------------------------------------------------------------------- any bytes

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A body with some damage.
fn damaged(random: &mut Random, body: &str) -> Vec<u8> {
    const BYTES: &[u8] = b"{}[]\":,'\\ 0123456789.eE+-truefalsnl\x00\x1b\x80\xc3\xff";
    let mut body = body.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(body.len().max(1));
        match random.below(5) {
            0 => body.truncate(at),
            1 if at < body.len() => body[at] = BYTES[random.below(BYTES.len())],
            2 => body.insert(at.min(body.len()), BYTES[random.below(BYTES.len())]),
            3 if at < body.len() => {
                body.remove(at);
            }
            _ => {
                let piece = body[..at.min(body.len())].to_vec();
                body.extend(piece);
            }
        }
    }
    body
}

#[tokio::test(start_paused = true)]
async fn every_request_has_an_answer() {
    let (bsc, mut events) = receiver();
    let (masstack, mut results) = masstack::Receiver::new(Guard::open(), Options::default());
    let consumer = tokio::spawn(async move {
        let mut taken = 0;
        while let Some(event) = events.recv().await {
            // Looking at it does not panic either.
            if let bsc::Event::Sms(sms) = &event {
                let _ = (sms.content(), sms.content_of_hex());
                let _: Vec<_> = sms.parts.iter().map(|part| part.concatenation()).collect();
            }
            assert!(!format!("{event:?}").is_empty());
            taken += 1;
        }
        taken
    });
    let results = tokio::spawn(async move {
        let mut taken = 0;
        while results.recv().await.is_some() {
            taken += 1;
        }
        taken
    });
    let long = SMS
        .replace("\"total\": 1", "\"total\": 3")
        .replace("\"dcs\": \"0\"", "\"dcs\": 8, \"udh\": \"050003cc0201\"");
    let barring = r#"{"code": "OK", "title": "x", "service_id": 999000001}"#;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut taken, mut seen) = (0, std::collections::BTreeMap::new());
    for n in 0..20_000 {
        let template = [SMS, REPORT, &long, barring][random.below(4)];
        let id = format!("\"{n}\"");
        let template = template.replace("\"3002\"", &id).replace("\"3001\"", &id);
        let body = match random.below(8) {
            0 => template.into_bytes(),
            1 => (0..random.below(64))
                .map(|_| random.below(256) as u8)
                .collect(),
            _ => damaged(&mut random, &template),
        };
        let method = [Method::POST, Method::PATCH, Method::PUT][random.below(3)].clone();
        let path = ["/success", "/error", "/"][random.below(3)];
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Bytes::from(body)).unwrap();
        let response: Response<Bytes> = match random.below(2) {
            0 => bsc.handle(request).await,
            _ => masstack.handle(request).await,
        };
        let status = response.status().as_u16();
        taken += usize::from(status == 200);
        *seen.entry(status).or_insert(0) += 1;
    }
    drop((bsc, masstack));
    let came_out = consumer.await.unwrap() + results.await.unwrap();
    println!("{seen:?}, {came_out} events");
    assert_eq!(
        seen.keys().copied().collect::<Vec<_>>(),
        [200, 400, 404, 405, 503]
    );
    assert_eq!(
        came_out, taken,
        "every 200 is an event, and every event a 200"
    );
}
