//! What a call becomes when no answer comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mno_kite_inventory_v12::Client;
use mno_kite_inventory_v12::operations::{
    AuditSwapProfile, GetStatusDetail, ModifySubscription, ModifyTimeAndConsumption, NetworkReset,
    SendSms,
};
use mno_kite_inventory_v12::types::{
    LabelsChange, SimId, SubscriptionIdentifier, TimeAndConsumptionVoucher,
};
use mno_runtime::transport::{
    Body, Call, Delivery, Response, TransportError, TransportErrorKind as Kind,
};
use mno_runtime::values::Iccid;
use mno_runtime::{Error, ErrorKind};

use crate::wire::faults::{assert_clean, assert_only, chain};
use crate::wire::{Recorder, run};

const KINDS: [Kind; 8] = [
    Kind::Connect,
    Kind::Tls,
    Kind::Timeout,
    Kind::Interrupted,
    Kind::RateLimited,
    Kind::TooLarge,
    Kind::Request,
    Kind::Configuration,
];

fn sim() -> SimId {
    Iccid::new("8999000000000001011").unwrap().into()
}

/// A client whose transport always fails so, and how often it was asked.
fn failing(kind: Kind, delivery: Delivery) -> (Client, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let transport = move |_: Call| {
        counter.fetch_add(1, Ordering::Relaxed);
        async move {
            let below = std::io::Error::other("the wire is cut");
            Err(TransportError::new(kind, delivery, "no answer came").with_source(below))
        }
    };
    (Client::new(Arc::new(transport)), count)
}

#[track_caller]
fn read_fails(kind: Kind, delivery: Delivery) -> Error {
    let (client, count) = failing(kind, delivery);
    let error = run(client.get_status_detail(&GetStatusDetail::new(sim()))).unwrap_err();
    assert_eq!(count.load(Ordering::Relaxed), 1, "never a second send");
    check(&error, "getStatusDetail");
    error
}

#[track_caller]
fn write_fails(kind: Kind, delivery: Delivery) -> Error {
    let (client, count) = failing(kind, delivery);
    let change = LabelsChange::new().with_alias("x");
    let request = ModifySubscription::new(sim(), change);
    let error = run(client.modify_subscription(&request)).unwrap_err();
    assert_eq!(count.load(Ordering::Relaxed), 1, "never a second send");
    check(&error, "modifySubscription");
    error
}

#[track_caller]
fn check(error: &Error, operation: &str) {
    assert_eq!(error.operation().unwrap().operation, operation);
    assert_eq!(error.status(), None);
    assert!(error.to_string().contains("no answer came"), "{error}");
    let source = std::error::Error::source(error).expect("what is below");
    assert_eq!(source.to_string(), "the wire is cut");
    for text in chain(error) {
        assert_clean(&text);
    }
}

/// What a kind becomes when nothing was lost.
fn plain(kind: Kind) -> ErrorKind {
    match kind {
        Kind::Connect => ErrorKind::Connect,
        Kind::Tls => ErrorKind::Tls,
        Kind::Timeout => ErrorKind::Timeout,
        Kind::Interrupted => ErrorKind::Interrupted,
        Kind::RateLimited => ErrorKind::RateLimited,
        Kind::TooLarge => ErrorKind::UnexpectedResponse,
        Kind::Request => ErrorKind::InvalidRequest,
        Kind::Configuration => ErrorKind::Configuration,
        other => panic!("a new kind: {other:?}"),
    }
}

#[test]
fn a_read_keeps_its_kind_whether_delivered_or_not() {
    for kind in KINDS {
        for delivery in [Delivery::NotSent, Delivery::Unknown] {
            let error = read_fails(kind, delivery);
            assert_eq!(error.kind(), plain(kind), "{kind:?} {delivery:?}");
            assert!(!error.is_outcome_unknown());
            assert!(!error.to_string().contains("may or may not"));
        }
    }
}

#[test]
fn a_write_that_was_not_sent_keeps_its_kind() {
    for kind in KINDS {
        let error = write_fails(kind, Delivery::NotSent);
        assert_eq!(error.kind(), plain(kind), "{kind:?}");
        assert!(!error.is_outcome_unknown());
    }
}

#[test]
fn a_write_that_may_have_arrived_is_an_unknown_outcome() {
    for kind in [Kind::Timeout, Kind::Interrupted, Kind::TooLarge] {
        let error = write_fails(kind, Delivery::Unknown);
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{kind:?}");
        assert_only(&error, &["outcome_unknown"]);
        let text = error.to_string();
        assert!(
            text.contains("it may or may not have been carried out"),
            "{text}"
        );
        assert!(
            text.contains("ask getSubscriptions or getStatusDetail before"),
            "{text}"
        );
    }
    // These say themselves that nothing was carried out.
    for kind in [
        Kind::Connect,
        Kind::Tls,
        Kind::RateLimited,
        Kind::Configuration,
        Kind::Request,
    ] {
        let error = write_fails(kind, Delivery::Unknown);
        assert_eq!(error.kind(), plain(kind));
    }
}

#[test]
fn every_write_names_its_read() {
    let lost = || failing(Kind::Timeout, Delivery::Unknown).0;
    let voucher = TimeAndConsumptionVoucher::new(true, 1, 1);
    let request = ModifyTimeAndConsumption::new(sim(), voucher);
    let error = run(lost().modify_time_and_consumption(&request)).unwrap_err();
    assert!(
        error.to_string().contains("ask getTimeAndConsumption"),
        "{error}"
    );
    let error = run(lost().network_reset(&NetworkReset::new(sim()))).unwrap_err();
    assert!(
        error.to_string().contains("ask getPresenceDetail"),
        "{error}"
    );
    let error = run(lost().audit_swap_profile(&AuditSwapProfile::new(sim()))).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("ask getSubscriptions (swapStatus)"),
        "{error}"
    );
    // No read tells whether a short message went out.
    let request = SendSms::new([SubscriptionIdentifier::new(sim())], "x");
    let error = run(lost().send_sms(&request)).unwrap_err();
    assert!(error.is_outcome_unknown());
    assert!(
        error
            .to_string()
            .ends_with("may or may not have been carried out"),
        "{error}"
    );
}

#[test]
fn predicates_of_transport_errors() {
    for (kind, expected) in [
        (Kind::Connect, &["connect"][..]),
        (Kind::Tls, &["connect"]),
        (Kind::Timeout, &["timeout"]),
        (Kind::Interrupted, &[]),
        (Kind::RateLimited, &["rate_limited"]),
        (Kind::TooLarge, &[]),
        (Kind::Request, &[]),
        (Kind::Configuration, &[]),
    ] {
        assert_only(&read_fails(kind, Delivery::NotSent), expected);
    }
}

/// A transport whose answer breaks off in the middle.
fn torn(count: &Arc<AtomicUsize>) -> Client {
    let counter = count.clone();
    Client::new(Arc::new(move |_: Call| {
        counter.fetch_add(1, Ordering::Relaxed);
        let pieces = [
            Ok(mno_runtime::bytes::Bytes::from_static(b"<Envelope")),
            Err(TransportError::new(
                Kind::Interrupted,
                Delivery::Unknown,
                "the answer broke off",
            )),
        ];
        let response = Response::new(Body::from_stream(futures_util::stream::iter(pieces)));
        async move { Ok(response) }
    }))
}

#[test]
fn answer_that_breaks_off() {
    let count = Arc::new(AtomicUsize::new(0));
    let client = torn(&count);
    let error = run(client.get_status_detail(&GetStatusDetail::new(sim()))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    let request = ModifySubscription::new(sim(), LabelsChange::new().with_alias("x"));
    let error = run(client.modify_subscription(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(count.load(Ordering::Relaxed), 2, "one send each");
}

#[test]
fn bodies_that_say_refused_are_not_sent_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let fault = crate::wire::message("faults/pol-1005.xml");
    let client = Client::new(Arc::new(move |_: Call| {
        counter.fetch_add(1, Ordering::Relaxed);
        let response = Response::new(Body::from(fault.clone()));
        async move { Ok(response) }
    }));
    let error = run(client.get_status_detail(&GetStatusDetail::new(sim()))).unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(
        count.load(Ordering::Relaxed),
        1,
        "repeating is for policies"
    );
}

/// A write and a read that get the same answer.
fn both(status: u16, content_type: &'static str, body: &str) -> (Error, Error) {
    let recorder = Recorder::new(status, content_type, body);
    let client = recorder.inventory();
    let change = LabelsChange::new().with_alias("pump");
    let write = run(client.modify_subscription(&ModifySubscription::new(sim(), change)));
    let read = run(client.get_status_detail(&GetStatusDetail::new(sim())));
    assert_eq!(recorder.calls().len(), 2, "each was sent once");
    (write.unwrap_err(), read.unwrap_err())
}

#[test]
fn an_answer_that_does_not_tell_leaves_the_outcome_of_a_write_unknown() {
    let html = "<html><head><title>Bad gateway</title></head></html>";
    let torn = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><modi";
    for (status, content_type, body) in [
        (502, "text/html", html),
        (504, "text/html", html),
        (500, "text/html", ""),
        (200, "text/xml", ""),
        (200, "text/xml", torn),
        (200, "text/html", html),
    ] {
        let (write, read) = both(status, content_type, body);
        assert!(write.is_outcome_unknown(), "{status} {body}: {write}");
        let text = write.to_string();
        assert!(
            text.contains("getSubscriptions or getStatusDetail"),
            "{text}"
        );
        // Whoever tries again when the platform is away must not do so with this.
        assert!(!write.is_unavailable(), "{write}");
        assert!(!read.is_outcome_unknown(), "{read}");
        assert_eq!(read.is_unavailable(), status > 501, "{read}");
    }
}

#[test]
fn an_error_of_the_servers_own_does_not_tell() {
    for id in [1000, 1007] {
        let body = format!(
            r#"{{"ServerException":{{"exceptionCategory":"SVR","exceptionId":{id},"text":"Generic Server Error: made up"}}}}"#
        );
        let (write, read) = both(500, "application/json", &body);
        assert!(write.is_outcome_unknown(), "{write}");
        let text = write.to_string();
        assert!(text.contains(&format!("SVR {id}")), "{text}");
        assert!(!text.contains("refused"), "{text}");
        assert!(
            text.contains("getSubscriptions or getStatusDetail"),
            "{text}"
        );
        assert_eq!(write.exception().unwrap().id, id);
        assert_eq!(read.kind(), ErrorKind::Fault);
    }
    for (category, id) in [("SVR", 1003), ("SVC", 1021), ("POL", 1005)] {
        let body = format!(
            r#"{{"ClientException":{{"exceptionCategory":"{category}","exceptionId":{id},"text":"made up"}}}}"#
        );
        let (write, _) = both(500, "application/json", &body);
        assert_eq!(write.kind(), ErrorKind::Fault, "{write}");
    }
}

#[test]
fn an_answer_that_tells_settles_a_write() {
    // Refused before anything was done.
    for status in [401, 403, 404, 413, 415] {
        let (write, _) = both(status, "text/html", "<html></html>");
        assert!(!write.is_outcome_unknown(), "{write}");
        assert_eq!(write.kind(), ErrorKind::UnexpectedResponse);
    }
    // The platform's own word, whatever the status.
    let refusal = r#"{"ServerException":{"exceptionCategory":"SVR","exceptionId":1006,"text":"Service temporarily unavailable: backup"}}"#;
    let (write, _) = both(503, "application/json", refusal);
    assert!(
        !write.is_outcome_unknown() && write.is_unavailable(),
        "{write}"
    );
}
