//! One test for each trap of the interface, named after it.

use mno_sandbox::{Effect, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::bsc::management::*;
use mno_sdk::bsc::{SimChange, SmsId};
use mno_sdk::callbacks::bsc::{DeliveryStatus, Event, Receiver};
use mno_sdk::callbacks::{CallbackErrorKind, Events, Guard, Options};
use mno_sdk::runtime::Decimal;
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::http::{Method, Request};
use mno_sdk::runtime::json::from_slice;

use super::wire::{answered, client, message, read};
use super::*;
use crate::wire::{Recorder, run};

/// The event of a request to a receiver.
async fn event(method: Method, body: impl Into<Bytes>) -> Event {
    let (receiver, mut events): (_, Events<Event>) =
        Receiver::new(Guard::open(), Options::default());
    let request = Request::builder().method(method).uri("/bsc");
    let request = request.body(body.into()).unwrap();
    let sent = tokio::spawn(async move { receiver.receive(request).await });
    let event = events.recv().await.unwrap();
    sent.await.unwrap().unwrap();
    event
}

#[tokio::test]
async fn trap_1_the_delivery_report_is_a_patch() {
    let body = message("delivery-report.json");
    let event = event(Method::PATCH, body.clone()).await;
    assert!(matches!(event, Event::DeliveryReport(report) if report.id == "6206"));
    let (receiver, _events) = Receiver::new(Guard::open(), Options::default());
    let put = Request::builder().method(Method::PUT).uri("/bsc");
    let error = receiver
        .receive(put.body(body.into()).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.status(), 405);
}

#[tokio::test]
async fn trap_2_the_guides_pseudo_json_is_not_json_and_the_token_call_is_a_form() {
    let (receiver, _events) = Receiver::new(Guard::open(), Options::default());
    let body = message("delivery-report-pseudo.txt");
    let patch = Request::builder().method(Method::PATCH).uri("/bsc");
    let error = receiver
        .receive(patch.body(body.into()).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), CallbackErrorKind::Malformed);

    let (sandbox, bsc) = start(1).await;
    bsc.orders().products().await.unwrap();
    assert_eq!(sent(&sandbox, "token"), "grant_type=client_credentials");
    let calls = sandbox.journal().snapshot();
    let token = calls.iter().find(|e| e.operation == "token").unwrap();
    let form = "application/x-www-form-urlencoded";
    assert_eq!(token.content_type.as_deref(), Some(form));
}

#[tokio::test]
async fn trap_3_expires_in_counts_and_a_401_renews_the_token_once() {
    let token: Token = read("token.json");
    assert_eq!(token.expires_in, Some(3599));
    let (sandbox, bsc) = start(1).await;
    let gateway = sandbox.bsc().gateway();
    bsc.orders().products().await.unwrap();
    bsc.orders().products().await.unwrap();
    assert_eq!(gateway.tokens_issued(), 1);
    gateway.revoke_tokens();
    bsc.orders().products().await.unwrap();
    assert_eq!(gateway.tokens_issued(), 2);
    // A token that never works is not asked for again and again.
    let rule = Rule::on("telekom-bsc/listProducts");
    sandbox.control().add(rule.then(Effect::Status(401)));
    let error = bsc.orders().products().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(gateway.tokens_issued(), 3);
    assert_eq!(sandbox.journal().count("listProducts"), 6);
}

#[tokio::test]
async fn trap_4_numbers_are_text_in_callbacks_and_numbers_in_reads() {
    let text = message("delivery-report.json");
    let numbers = r#"{
        "status": {"status": "DELIVERED", "id": 4}, "organisation": {"id": 2001},
        "endpoint": {"id": 4001, "name": "8999000000000000001"},
        "submit_date": "2026-05-04 08:15:30", "final_date": "2026-05-04 08:15:34", "id": 6206
    }"#;
    let numbers = event(Method::PATCH, numbers).await;
    assert_eq!(event(Method::PATCH, text).await, numbers);
    let sms: Sms = read("sms.json");
    assert_eq!(sms.status.unwrap().id, Some(SmsStatusId::Delivered));
}

#[tokio::test]
async fn trap_5_the_word_of_a_status_is_called_status_in_reports_and_description_in_reads() {
    let report: DeliveryReport = read("delivery-report.json");
    assert_eq!(report.status.unwrap().status.as_deref(), Some("DELIVERED"));
    let sms: Sms = read("sms.json");
    assert_eq!(
        sms.status.unwrap().description.as_deref(),
        Some("DELIVERED")
    );
    let Event::DeliveryReport(report) = event(Method::PATCH, message("delivery-report.json")).await
    else {
        panic!("a report");
    };
    assert_eq!(report.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn trap_6_the_endpoints_name_is_the_iccid_and_its_id_is_not() {
    let Event::Sms(sms) = event(Method::POST, message("forwarded-sms.json")).await else {
        panic!("a message");
    };
    assert_eq!(sms.endpoint.iccid.unwrap().as_str(), "8999000000000000001");
    assert_eq!(sms.endpoint.id.as_deref(), Some("4001"));
}

#[tokio::test]
async fn trap_7_times_come_in_three_forms() {
    let sms: Sms = read("sms.json");
    let Event::Sms(event) = event(Method::POST, message("forwarded-sms.json")).await else {
        panic!("a message");
    };
    let quota: Quota = read("quota.json");
    for (time, expected) in [
        (sms.submit_date, "2026-05-04T08:15:30Z"),
        (sms.delivery_date, "2026-05-04T08:15:34Z"),
        (event.submitted, "2026-05-04T08:15:30Z"),
        // Of these no zone is stated.
        (sms.expiry_date, "2026-05-05T08:15:30"),
        (quota.expiry_date, "2029-08-09T00:00:00"),
    ] {
        assert_eq!(time.unwrap().to_string(), expected);
    }
}

#[tokio::test]
async fn trap_8_identifiers_keep_their_zeros_and_paths_have_19_digits() {
    let sim: Sim = read("sim.json");
    assert_eq!(sim.imsi.unwrap().as_str(), "001010000000001");
    assert_eq!(sim.imei.unwrap().as_str(), "0500000000000012");
    for (given, path) in [
        ("8999000000000000001", "8999000000000000001"),
        ("89990000000000000014", "8999000000000000001"),
        // A wrong check digit is none.
        ("89990000000000000017", "89990000000000000017"),
    ] {
        let (recorder, bsc) = answered("sim.json");
        bsc.sims().get(&given.parse().unwrap()).await.unwrap();
        let expected = format!("/management-api/v1/sims/{path}");
        assert_eq!(recorder.call().request.uri(), expected.as_str());
    }
    let (sandbox, bsc) = start(3).await;
    let theirs = sandbox.bsc().sims().remove(1);
    let long = theirs.iccid_with_luhn().parse().unwrap();
    assert_eq!(
        bsc.sims().get(&long).await.unwrap().iccid,
        Some(iccid(&theirs))
    );
}

#[test]
fn trap_9_usage_and_amounts_are_decimals_in_text() {
    let usage: DailyUsage = read("usage.json");
    let days = usage.stats.into_all().unwrap();
    let data = days[0].data.as_ref().unwrap();
    assert_eq!(data.volume, Some(Decimal::new(435_787_951, 6)));
    assert_eq!(
        data.volume,
        Some(data.volume_rx.unwrap() + data.volume_tx.unwrap())
    );
    assert_eq!(data.cost, Some(Decimal::ZERO));
    let order: Order = read("order.json");
    assert_eq!(order.invoice_amount, Some(Decimal::new(1005, 2)));
    // Quotas are numbers, whole ones or not.
    let quota: Quota = read("quota.json");
    assert_eq!(quota.volume, Some(Decimal::new(435_787_951, 6)));
    assert_eq!(quota.last_volume_added, Some(Decimal::new(500, 0)));
}

#[tokio::test]
async fn trap_10_rx_of_sms_is_what_the_sim_sent() {
    let (sandbox, bsc) = start(20).await;
    let target = sim(&sandbox, true);
    for _ in 0..2 {
        sandbox
            .bsc()
            .send_from_sim(&target.iccid, "99901", "door open");
    }
    let message = SmsMessage::new().with_payload("report");
    bsc.messages().send(&iccid(&target), message).await.unwrap();
    sandbox.bsc().finish_queued();
    sandbox.bsc().use_data(&target.iccid, 5000, 1000);
    let days = bsc.sims().usage(&iccid(&target), None, None).await.unwrap();
    let today = days.into_all().unwrap().pop().unwrap();
    let (sms, data) = (today.sms.unwrap(), today.data.unwrap());
    assert_eq!(sms.volume_rx, Some(Decimal::from(2)), "from the SIM");
    assert_eq!(sms.volume_tx, Some(Decimal::from(1)), "to the SIM");
    assert_eq!(data.volume_rx, Some(Decimal::from(5)), "to the SIM");
    assert_eq!(data.volume_tx, Some(Decimal::from(1)), "from the SIM");
}

#[tokio::test]
async fn trap_11_numbers_of_messages_are_longer_than_32_bits() {
    let (recorder, bsc) = answered("sms.json");
    let iccid = "8999000000000000001".parse().unwrap();
    let sms = bsc
        .messages()
        .get(&iccid, SmsId::new(6_000_000_001))
        .await
        .unwrap();
    assert_eq!(sms.id, Some(6_000_000_001));
    let uri = recorder.call().request.uri().to_string();
    assert!(uri.ends_with("/sms/6000000001"), "{uri}");
}

#[tokio::test]
async fn trap_12_a_change_holds_all_there_is_to_change() {
    let (sandbox, bsc) = start(5).await;
    let before = sandbox.bsc().sims().remove(0);
    let read = bsc.sims().get(&iccid(&before)).await.unwrap();
    bsc.sims().update(&read, &SimChange::new()).await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&sent(&sandbox, "updateSim")).unwrap();
    let status = if before.enabled {
        "Enabled"
    } else {
        "Disabled"
    };
    let expected = serde_json::json!({
        "iccid": before.iccid,
        "label": before.label,
        "imei_lock": before.imei_lock,
        "status": status,
    });
    assert_eq!(body, expected);
    // Without a status there is nothing to send.
    let error = bsc
        .sims()
        .update(&Sim::new().with_iccid(iccid(&before)), &SimChange::new())
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.path(), Some("status"));
    assert_eq!(sandbox.journal().count("updateSim"), 1);
}

#[tokio::test]
async fn trap_13_a_cancellation_has_two_answers_and_201_means_queued() {
    let iccid = "8999000000000000001".parse().unwrap();
    for status in [200, 204] {
        let recorder = Recorder::new(status, "", "");
        let messages = client(&recorder).messages();
        messages.cancel(&iccid, SmsId::new(1)).await.unwrap();
        assert_eq!(recorder.call().request.method(), "DELETE");
    }
    let (sandbox, bsc) = start(20).await;
    sandbox.bsc().other_answers(true);
    let target = sim(&sandbox, true);
    let message = SmsMessage::new().with_payload("report");
    bsc.messages()
        .send(&super::iccid(&target), message)
        .await
        .unwrap();
    let id = i64::try_from(sandbox.bsc().messages()[0].id).unwrap();
    let messages = bsc.messages();
    let cancelled = messages
        .cancel(&super::iccid(&target), SmsId::new(id))
        .await;
    cancelled.unwrap();
    let read = bsc.sims().get(&super::iccid(&target)).await.unwrap();
    let off = SimChange::new().with_status(SimStatus::Disabled);
    bsc.sims().update_many([&read], &off).await.unwrap();
    assert!(now(&sandbox, &target).enabled);
    sandbox.bsc().finish_queued();
    assert!(!now(&sandbox, &target).enabled);
}

#[tokio::test]
async fn trap_14_names_are_written_in_three_ways() {
    // `productId` in an order, `product_id` in its answer, `id` of a product.
    let (sandbox, bsc) = start(1).await;
    let products = bsc.orders().products().await.unwrap().into_all().unwrap();
    let id = products[0].id.unwrap();
    let one = OrderedProduct::new().with_product_id(id).with_quantity(1);
    bsc.orders().place(OrderRequest::new([one])).await.unwrap();
    let body = sent(&sandbox, "createOrder");
    assert!(body.contains("\"productId\""), "{body}");
    let order: Order = read("order.json");
    assert_eq!(order.products.ok().next().unwrap().product_id, Some(3));
    let events: EventCollection = read("events.json");
    assert_eq!(events.total_events, Some(1));
    let sim: Sim = read("sim.json");
    assert_eq!(sim.current_quota_sms, Some(Decimal::from(250)));
}

#[tokio::test]
async fn trap_15_what_spends_money_is_sent_once() {
    let (sandbox, bsc) = start(20).await;
    let target = sim(&sandbox, true);
    let orders = sandbox.bsc().orders().len();
    for operation in ["topUpSim", "topUpSims", "createOrder"] {
        let rule = Rule::on(format!("telekom-bsc/{operation}"));
        sandbox.control().add(rule.then(Effect::CutAfter));
    }
    let payment = PaymentMethod::Monthlyinvoice;
    let first = bsc
        .sims()
        .top_up(&iccid(&target), payment.clone())
        .await
        .unwrap_err();
    let all = [iccid(&target)];
    let second = bsc.sims().top_up_many(&all, payment).await.unwrap_err();
    let one = OrderedProduct::new().with_product_id(1).with_quantity(1);
    let third = bsc
        .orders()
        .place(OrderRequest::new([one]))
        .await
        .unwrap_err();
    for (error, read) in [
        (first, "listOrders or getDataQuota"),
        (second, "listOrders or getDataQuota"),
        (third, "listOrders"),
    ] {
        assert!(error.is_outcome_unknown(), "{error}");
        assert!(error.to_string().contains(read), "{error}");
    }
    assert_eq!(sandbox.bsc().orders().len(), orders + 3);
    for operation in ["topUpSim", "topUpSims", "createOrder"] {
        assert_eq!(sandbox.journal().count(operation), 1, "{operation}");
    }
}

#[test]
fn trap_16_the_salutation_is_a_digit_in_text() {
    let address: DeliveryAddress = from_slice(br#"{"salutation": "1"}"#).unwrap();
    assert_eq!(address.salutation, Some(Salutation::Mr));
    let order: Order = read("order.json");
    assert_eq!(
        order.shipping_address.unwrap().salutation,
        Some(Salutation::Ms)
    );
    assert_eq!(Salutation::Ms.as_str(), "2");
}

#[test]
fn trap_17_members_may_be_missing_and_new_ones_come() {
    let (_, bsc) = answered("sim-2019.json");
    let sim = run(bsc.sims().get(&"8999000000000000001".parse().unwrap())).unwrap();
    assert_eq!(sim.status, Some(SimStatus::Disabled));
    assert_eq!(
        sim.activation_date.unwrap().to_string(),
        "2019-08-09T09:00:00Z"
    );
    assert_eq!(
        (sim.iccid_with_luhn, sim.imei, sim.quota_status),
        (None, None, None)
    );
}
