//! One test for each trap of the interface, named after it.

use mno_sdk::ErrorKind;
use mno_sdk::callbacks::masstack::{Event, Receiver};
use mno_sdk::callbacks::{CallbackErrorKind, Guard, Options};
use mno_sdk::masstack::partners::*;
use mno_sdk::masstack::{CataloguePromotionId, PromotionId, RefundId, Taken};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::http::Request;
use mno_sdk::runtime::json::{from_slice, to_vec};

use super::wire::{exchange, line, message, named, read};
use super::*;

/// The event of a body that comes to the success URL.
async fn success(body: impl Into<Bytes>) -> Event {
    let (receiver, mut events) = Receiver::new(Guard::open(), Options::default());
    let request = Request::builder().method("POST").uri("/success");
    let request = request.body(body.into()).unwrap();
    let sent = tokio::spawn(async move { receiver.receive(request).await });
    let event = events.recv().await.unwrap();
    sent.await.unwrap().unwrap();
    event
}

#[test]
fn trap_1_iccids_and_eids_are_sent_as_text_and_read_as_text_or_whole_numbers_only() {
    let device = EsimDevice::new().with_iccid(iccid()).with_eid(eid());
    let json = String::from_utf8(to_vec(&device).unwrap()).unwrap();
    assert!(json.contains(&format!("\"{ICCID}\"")), "{json}");
    assert!(json.contains(&format!("\"{EID}\"")), "{json}");
    for digits in ["8999000000000000001", "89990000000000000014"] {
        let body = format!("{{\"iccid\": {digits}}}");
        let device: EsimDevice = from_slice(body.as_bytes()).unwrap();
        assert_eq!(device.iccid.unwrap().as_str(), digits);
    }
    let whole = format!("{{\"eid\": {EID}}}");
    let device: EsimDevice = from_slice(whole.as_bytes()).unwrap();
    assert_eq!(device.eid, Some(eid()));
    // What was once a double has lost its digits.
    for lost in ["8.9990e+31", "89990000000000000000.0", "8e31"] {
        let body = format!("{{\"eid\": {lost}}}");
        let error = from_slice::<EsimDevice>(body.as_bytes()).unwrap_err();
        assert_eq!(error.path(), "eid", "{error}");
    }
}

#[test]
fn trap_2_a_promotion_has_one_id_in_the_catalogue_and_another_once_it_is_given() {
    let (_, outcome) = exchange(201, &message("promotion.json"), async |masstack| {
        let summer = CataloguePromotionId::new("76");
        masstack
            .promotions()
            .give(&line(), &summer, None, None, named())
            .await
    });
    let given: PromotionId = outcome.unwrap().now().unwrap();
    let (request, _) = exchange(200, br#"{"code": "OK", "title": "ok"}"#, async |masstack| {
        let end = time("2026-07-01T00:00:00Z");
        masstack
            .promotions()
            .end(&line(), &given, end, named())
            .await
    });
    let path = format!("/v3/mobile/999000001/promotions/{given}");
    assert_eq!(request.uri().path(), path);
}

#[tokio::test]
async fn trap_3_the_id_of_a_service_may_be_a_number() {
    let Event::Success(event) = success(message("service-callback.json")).await else {
        panic!("a success");
    };
    assert_eq!(event.service_id.as_deref(), Some("600000000"));
    let callback: ServiceCallback = read("service-callback.json");
    assert_eq!(callback.service_id, "600000000");
}

#[test]
fn trap_4_the_id_of_a_movement_is_any_text() {
    let booked: MovementSuccessResponse = read("movement.json");
    assert_eq!(booked.movement_id.len(), 36);
    let refund = refund(&MovementId::new("5432167890"), "refund-0001");
    let json = String::from_utf8(to_vec(&refund).unwrap()).unwrap();
    assert!(json.contains(r#""movement_id":"5432167890""#), "{json}");
}

#[tokio::test]
async fn trap_5_names_are_written_in_three_ways() {
    let Event::Success(event) = success(message("barring-callback.json")).await else {
        panic!("a success");
    };
    assert_eq!(event.title.as_deref(), Some("Barring changed"));
    let callback: BarringCallback = read("barring-callback.json");
    assert_eq!(callback.code_result, "OK");
    let barrings: BarringsDetailResponse = read("barrings.json");
    assert_eq!(barrings.applied_barrings_mask_codes.len(), 2);
    assert_eq!(DeviceCategory::ESim.as_str(), "eSIM");
    assert_eq!(DeviceCategory::Sim.as_str(), "SIM");
}

#[tokio::test]
async fn trap_6_orders_have_the_urls_that_the_tables_lack() {
    let (sandbox, masstack) = start(20).await;
    let line = line_of(&sandbox);
    let taken = masstack.barrings();
    let taken = taken.bar(&line, BarringName::Internet, &urls(), id()).await;
    assert!(taken.unwrap().now().is_some());
    let nowhere = CallbackUrls::new("", "");
    let refused = masstack.barrings();
    let refused = refused
        .bar(&line, BarringName::Internet, &nowhere, id())
        .await;
    assert_eq!(
        refused.unwrap_err().fault_code(),
        Some("MISSING CALLBACK URL")
    );
}

#[tokio::test]
async fn trap_7_an_amount_has_a_value() {
    let (sandbox, masstack) = start(20).await;
    let line = line_of(&sandbox);
    let billing = masstack.billing();
    let nothing = charge("fee-0001").with_amount(Amount::new());
    let error = billing.charge(&line, nothing, id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.path(), Some("amount"));
    assert_eq!(sandbox.journal().count("createMovement"), 0);
    let with_taxes = Amount::new().with_value_with_taxes(Decimal::from(10));
    let one = charge("fee-0001").with_amount(with_taxes);
    assert!(
        billing
            .charge(&line, one, id())
            .await
            .unwrap()
            .now()
            .is_some()
    );
    let all = charge("fee-0002");
    assert!(
        billing
            .charge(&line, all, id())
            .await
            .unwrap()
            .now()
            .is_some()
    );
    let sent = sandbox.masstack().movements().pop().unwrap().request;
    assert_eq!(sent["amount"]["value_without_taxes"].to_string(), "10");
    assert_eq!(sent["amount"]["tax"]["type"], "IVA");
}

#[test]
fn trap_8_money_is_exact_and_a_json_number() {
    for text in ["10", "10.0", "1e1"] {
        let body = format!("{{\"value_with_taxes\": {text}}}");
        let amount: Amount = from_slice(body.as_bytes()).unwrap();
        assert_eq!(amount.value_with_taxes, Some(Decimal::from(10)), "{text}");
    }
    // As a double it would be 0.1000000000000000055.
    let tenth = Amount::new().with_value_with_taxes(Decimal::new(1, 1));
    assert_eq!(to_vec(&tenth).unwrap(), br#"{"value_with_taxes":0.1}"#);
}

#[test]
fn trap_9_times_are_utc_with_up_to_nine_digits() {
    let body = br#"{"activation_date": "2026-02-28T22:59:59.999999999Z"}"#;
    let promotion: Promotion = from_slice(body).unwrap();
    let time = promotion.activation_date.unwrap();
    assert_eq!(
        (time.nanos(), time.unix_seconds()),
        (999_999_999, 1_772_319_599)
    );
    assert_eq!(time.to_string(), "2026-02-28T22:59:59.999999999Z");
}

#[test]
fn trap_10_status_406_means_that_it_was_taken_before() {
    let charge = || charge("fee-0001");
    let (_, outcome) = exchange(406, &message("error-duplicate.json"), async |masstack| {
        masstack.billing().charge(&line(), charge(), named()).await
    });
    assert_eq!(outcome.unwrap(), Taken::Before);
    // A gateway that cannot answer in this media type is something else.
    let page = b"<html><title>406 Not Acceptable</title></html>";
    let (_, outcome) = exchange(406, page, async |masstack| {
        masstack.billing().charge(&line(), charge(), named()).await
    });
    assert_eq!(outcome.unwrap_err().status().unwrap(), 406);
}

#[tokio::test]
async fn trap_11_the_samples_pseudo_json_is_not_json() {
    let (receiver, _events) = Receiver::new(Guard::open(), Options::default());
    let request = Request::builder().method("POST").uri("/success");
    let request = request.body(message("callback-pseudo.txt").into()).unwrap();
    let error = receiver.receive(request).await.unwrap_err();
    assert_eq!(error.kind(), CallbackErrorKind::Malformed);
}

#[tokio::test]
async fn trap_12_a_period_has_both_ends_or_none() {
    let (sandbox, masstack) = start(20).await;
    let line = line_of(&sandbox);
    let (start, end) = (time("2026-01-31T23:00:00Z"), time("2026-02-28T23:00:00Z"));
    let billing = masstack.billing();
    for (from, until, fits) in [
        (Some(start), None, false),
        (None, Some(end), false),
        (Some(end), Some(start), false),
        (Some(start), Some(start), false),
        (Some(start), Some(end), true),
        (None, None, true),
    ] {
        let unique = |kind: &str| format!("{kind}-{from:?}-{until:?}");
        let mut one = charge(&unique("fee"));
        (one.period_start_datetime, one.period_end_datetime) = (from, until);
        let mut other = MovementNonSubscribableRequest::builder()
            .type_(MovementType::OneTimeFee)
            .movement_datetime(start)
            .amount(amount())
            .external_movement_unique_id(unique("other"))
            .transaction_type_id("made-up-type")
            .build()
            .unwrap();
        (other.period_start_datetime, other.period_end_datetime) = (from, until);
        let one = billing.charge(&line, one, id()).await;
        let other = billing.charge_non_subscribable(&line, other, id()).await;
        for outcome in [one, other] {
            match outcome {
                Ok(booked) => assert!(fits && !booked.is_repetition()),
                Err(error) => {
                    assert!(!fits, "{error}");
                    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
                    assert_eq!(error.path(), Some("period_end_datetime"));
                }
            }
        }
    }
    assert_eq!(sandbox.journal().count("createMovement"), 2);
    assert_eq!(sandbox.journal().count("createNonSubscribableMovement"), 2);

    let mut half = refund(&MovementId::new("1"), "refund-0001");
    half.period_start_datetime = Some(start);
    let error = billing.refund(&line, half, id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let mut half = RefundNonSubscribableRequest::new(start, amount(), "made-up-type", "1");
    half.period_end_datetime = Some(end);
    let error = billing
        .refund_non_subscribable(&line, half, id())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(sandbox.masstack().refunds().len(), 0);
}

#[tokio::test]
async fn trap_13_one_refund_needs_an_id_of_the_partners_and_the_other_does_not() {
    let missing = RefundRequest::builder()
        .refund_datetime(time("2026-02-04T10:00:00Z"))
        .amount(amount())
        .billable(true)
        .movement_id("1")
        .build();
    let error = missing.unwrap_err().to_string();
    assert!(error.contains("external_refund_unique_id"), "{error}");

    let (sandbox, masstack) = start(20).await;
    let line = line_of(&sandbox);
    let billing = masstack.billing();
    let charge = MovementNonSubscribableRequest::builder()
        .type_(MovementType::OneTimeFee)
        .movement_datetime(time("2026-02-03T10:00:00Z"))
        .amount(amount())
        .external_movement_unique_id("fee-0001")
        .transaction_type_id("made-up-type")
        .build()
        .unwrap();
    let booked = billing
        .charge_non_subscribable(&line, charge, id())
        .await
        .unwrap();
    let at = time("2026-02-04T10:00:00Z");
    let movement = booked.now().unwrap();
    let refund = RefundNonSubscribableRequest::new(at, amount(), "made-up-type", movement);
    let refunded = billing
        .refund_non_subscribable(&line, refund, id())
        .await
        .unwrap();
    let theirs = sandbox.masstack().refunds().pop().unwrap();
    assert_eq!(refunded, Taken::Now(RefundId::new(theirs.id)));
    assert!(theirs.request.get("external_refund_unique_id").is_none());
}

fn line_of(sandbox: &Sandbox) -> ServiceId {
    mobile(&super::line(sandbox))
}
