//! Messages written by hand (`tests/wire/bsc`), against the generated types and the handles.

use mno_sdk::bsc::management::*;
use mno_sdk::bsc::{OrderNumber, SimChange};
use mno_sdk::runtime::json::{Decode, from_slice};
use mno_sdk::runtime::values::DateTime;
use mno_sdk::runtime::{Decimal, http};
use mno_sdk::{Error, TelekomBsc};
use serde_json::Value;

use crate::wire::{Recorder, run};

pub(super) fn message(name: &str) -> Vec<u8> {
    let path = format!("{}/wire/bsc/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What is read from a hand-written message.
pub(super) fn read<T: Decode>(name: &str) -> T {
    from_slice(&message(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A client that gets one answer again and again.
pub(super) fn client(recorder: &Recorder) -> TelekomBsc {
    let builder = TelekomBsc::builder().transport(recorder.transport());
    builder.build().unwrap()
}

/// A client whose calls are all answered with this message.
pub(super) fn answered(name: &str) -> (Recorder, TelekomBsc) {
    let recorder = Recorder::new(200, "application/json", message(name));
    let bsc = client(&recorder);
    (recorder, bsc)
}

/// What a call sends when nothing but 201 comes back.
pub(super) fn sent(
    call: impl AsyncFnOnce(TelekomBsc) -> Result<(), Error>,
) -> http::Request<mno_sdk::runtime::bytes::Bytes> {
    let recorder = Recorder::new(201, "", "");
    run(call(client(&recorder))).unwrap();
    recorder.call().request
}

#[track_caller]
pub(super) fn same_json(body: &[u8], name: &str) {
    let ours: Value = serde_json::from_slice(body).unwrap();
    let theirs: Value = serde_json::from_slice(&message(name)).unwrap();
    assert_eq!(ours, theirs);
}

fn time(text: &str) -> Option<DateTime> {
    Some(text.parse().unwrap())
}

#[test]
fn a_sim() {
    let sim: Sim = read("sim.json");
    assert_eq!(sim.iccid.unwrap().as_str(), "8999000000000000001");
    assert_eq!(
        sim.iccid_with_luhn.unwrap().as_str(),
        "89990000000000000014"
    );
    assert_eq!(sim.imei.unwrap().as_str(), "0500000000000012");
    assert_eq!(sim.status, Some(SimStatus::Enabled));
    assert_eq!(sim.activation_date, time("2026-01-15T09:00:00Z"));
    assert_eq!(sim.current_quota, Some(Decimal::new(435_787_951, 6)));
    let quota = sim.quota_status.unwrap();
    assert_eq!(quota.id, Some(QuotaStatusId::Low));
    assert_eq!(quota.threshold_reached_date, time("2026-05-04T08:15:30Z"));
    assert_eq!(quota.quota_exceeded_date, None);
    assert_eq!(sim.current_quota_sms, Some(Decimal::new(250, 0)));
    let quota = sim.quota_status_sms.unwrap();
    assert_eq!(quota.id, Some(QuotaStatusId::Available));
}

#[test]
fn an_order_and_its_products() {
    let order: Order = read("order.json");
    assert_eq!(order.order_type, Some(OrderType::Topup));
    assert_eq!(order.invoice_amount, Some(Decimal::new(1005, 2)));
    let address = order.shipping_address.unwrap();
    assert_eq!(address.salutation, Some(Salutation::Ms));
    assert_eq!(address.zip.as_deref(), Some("00001"));
    let sim = order.sims.ok().next().unwrap();
    let link = sim.links.ok().next().unwrap();
    assert_eq!(link.rel.as_deref(), Some("self"));

    let (_, bsc) = answered("products.json");
    let products = run(bsc.orders().products()).unwrap().into_all().unwrap();
    let charges = products[0].one_time_charges.clone().into_all().unwrap();
    assert_eq!(charges[0].amount_net, Some(Decimal::new(1005, 2)));
    // One object in place of a list, as in 2019.
    let charges = products[0].recurring_charges.clone().into_all().unwrap();
    assert_eq!(charges[0].name.as_deref(), Some("Fee"));
}

#[test]
fn events_and_connectivity() {
    let events: EventCollection = read("events.json");
    assert_eq!(
        (events.total_events, events.total_pages),
        (Some(1), Some(1))
    );
    let event = events.events.ok().next().unwrap();
    assert_eq!(event.event_type.as_deref(), Some("Update location"));
    assert_eq!(event.mcc.as_deref(), Some("001"));
    assert_eq!(event.timestamp, time("2026-05-04T08:15:30Z"));
    let info: ConnectivityInfo = read("connectivity.json");
    let ussd = info.ussd_info.unwrap();
    assert_eq!(
        (ussd.success, ussd.error.as_deref()),
        (Some(false), Some("absentSubscriber"))
    );
    let cell = info
        .subscriber_info
        .unwrap()
        .location
        .unwrap()
        .cell_global_id;
    assert_eq!(cell.unwrap().lac, Some(100));
}

#[test]
fn what_is_sent_for_a_message() {
    let message = SmsMessage::new()
        .with_payload("report")
        .with_source_address("99901")
        .with_dcs(DataCodingScheme::Ucs2)
        .with_udh("0003050201");
    let iccid = "8999000000000000001".parse().unwrap();
    let request = sent(async |bsc| bsc.messages().send(&iccid, message).await);
    let path = "/management-api/v1/sims/8999000000000000001/sms";
    assert_eq!(
        (request.method().as_str(), request.uri().path()),
        ("POST", path)
    );
    assert_eq!(request.headers()["content-type"], "application/json");
    same_json(request.body(), "send-sms.request.json");
}

#[test]
fn what_is_sent_for_a_change() {
    let sim: Sim = read("sim.json");
    let off = SimChange::new().with_status(SimStatus::Disabled);
    let recorder = Recorder::new(200, "", "");
    run(client(&recorder).sims().update(&sim, &off)).unwrap();
    let request = recorder.call().request;
    let path = "/management-api/v1/sims/8999000000000000001";
    assert_eq!(
        (request.method().as_str(), request.uri().path()),
        ("PUT", path)
    );
    same_json(request.body(), "update-sim.request.json");
}

#[test]
fn what_is_sent_for_a_top_up_of_several() {
    let iccids = ["8999000000000000001", "8999000000000000002"].map(|i| i.parse().unwrap());
    let request = sent(async |bsc| {
        let payment = PaymentMethod::Monthlyinvoice;
        let order = bsc.sims().top_up_many(&iccids, payment).await?;
        assert_eq!(order, None::<OrderNumber>, "there was no Location");
        Ok(())
    });
    let path = "/management-api/v1/sims/topup?payment_method=monthlyinvoice";
    assert_eq!(request.uri().to_string(), path);
    same_json(request.body(), "top-up-sims.request.json");
}

#[test]
fn what_is_sent_for_an_order() {
    let address = DeliveryAddress::new()
        .with_salutation(Salutation::Mr)
        .with_last_name("Weir")
        .with_zip("00001");
    let two = OrderedProduct::new().with_product_id(1).with_quantity(2);
    let order = OrderRequest::new([two])
        .with_delivery_address(address)
        .with_customer_reference("PO-0001");
    let request = sent(async |bsc| bsc.orders().place(order).await);
    assert_eq!(request.uri(), "/management-api/v1/orders");
    same_json(request.body(), "place-order.request.json");
}

#[test]
fn errors_of_all_four_forms() {
    let iccid = "8999000000000000001".parse().unwrap();
    for (name, status, code, text) in [
        ("error-core.json", 422, "1400", "The body is not valid"),
        (
            "error-token.json",
            400,
            "BadCredentials",
            "The credentials are wrong",
        ),
        (
            "error-top-up.json",
            400,
            "",
            "The payment method is not known",
        ),
        (
            "error-oauth.json",
            401,
            "invalid_token",
            "The token has expired",
        ),
    ] {
        let recorder = Recorder::new(status, "application/json", message(name));
        let error = run(client(&recorder).sims().get(&iccid)).unwrap_err();
        assert_eq!(error.status().unwrap(), status, "{name}");
        assert_eq!(error.fault_text(), Some(text), "{name}");
        assert_eq!(error.fault_code().unwrap_or_default(), code, "{name}");
        assert_eq!(error.is_unauthenticated(), status == 401, "{name}");
    }
    let recorder = Recorder::new(422, "application/json", message("error-core.json"));
    let error = run(client(&recorder).sims().get(&iccid)).unwrap_err();
    let fault = error.fault::<ApiError>().unwrap();
    let detail = fault.errors.ok().next().unwrap();
    assert_eq!(detail.error_code, Some(1403));
}
