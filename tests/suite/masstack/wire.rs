//! Messages written by hand (`tests/wire/masstack`), against the generated types and the handles.

use mno_sdk::masstack::partners::*;
use mno_sdk::masstack::{CataloguePromotionId, CorrelationId, MovementId, ServiceId, Taken};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::http::Request;
use mno_sdk::runtime::json::{Decode, from_slice};
use mno_sdk::{Error, ErrorKind, MasStack};
use serde_json::Value;

use super::{amount, charge, eid, iccid, time};
use crate::wire::{Recorder, run};

const UUID: &str = "00000000-0000-4000-8000-00000000000f";

pub(super) fn message(name: &str) -> Vec<u8> {
    let path = format!("{}/wire/masstack/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What is read from a hand-written message.
pub(super) fn read<T: Decode>(name: &str) -> T {
    from_slice(&message(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub(super) fn line() -> ServiceId {
    ServiceId::mobile(&"+34999000001".parse().unwrap()).unwrap()
}

pub(super) fn named() -> CorrelationId {
    UUID.parse().unwrap()
}

/// What a call sends that is answered like this; each has the correlation id.
pub(super) fn exchange<T>(
    status: u16,
    answer: &[u8],
    call: impl AsyncFnOnce(MasStack) -> Result<T, Error>,
) -> (Request<Bytes>, Result<T, Error>) {
    let recorder = Recorder::new(status, "application/json", answer);
    let masstack = MasStack::builder().transport(recorder.transport());
    let outcome = run(call(masstack.build().unwrap()));
    let request = recorder.call().request;
    assert_eq!(request.headers()["request-correlation-id"], UUID);
    assert_eq!(request.headers()["content-type"], "application/json");
    (request, outcome)
}

#[track_caller]
pub(super) fn same(request: &Request<Bytes>, line: &str, name: &str) {
    let asked = format!("{} {}", request.method(), request.uri());
    assert_eq!(asked, line);
    let ours: Value = serde_json::from_slice(request.body()).unwrap();
    let theirs: Value = serde_json::from_slice(&message(name)).unwrap();
    assert_eq!(ours, theirs);
}

pub(super) fn urls() -> CallbackUrls {
    CallbackUrls::new(
        "https://hooks.example/masstack/success/made-up-secret-0001",
        "https://hooks.example/masstack/error/made-up-secret-0001",
    )
}

#[test]
fn a_barring() {
    let (request, outcome) = exchange(202, b"", async |masstack| {
        let barrings = masstack.barrings();
        barrings
            .bar(&line(), BarringName::Roaming, &urls(), named())
            .await
    });
    assert_eq!(outcome.unwrap(), Taken::Now(()));
    same(
        &request,
        "PATCH /v3/mobile/999000001/barrings",
        "barring.request.json",
    );
    let read: BarringsDetailResponse = read("barrings.json");
    assert_eq!(read.subscription_id, 9_007_199_254_740_993);
    assert_eq!(
        read.applied_barrings_mask_codes,
        ["DEBT_MOBILE_LP", "ROAMING"]
    );
}

#[test]
fn a_charge_and_a_refund() {
    let movement = charge("fee-0001")
        .with_type(MovementType::RecurringCharge)
        .with_period_start_datetime(time("2026-01-31T23:00:00Z"))
        .with_period_end_datetime(time("2026-02-28T23:00:00Z"))
        .with_external_invoice_id("invoice-0001")
        .with_concept_id("1001")
        .with_description("February");
    let (request, outcome) = exchange(201, &message("movement.json"), async |masstack| {
        masstack.billing().charge(&line(), movement, named()).await
    });
    let path = "POST /v3/mobile/999000001/billing/movements";
    same(&request, path, "movement.request.json");
    let booked = outcome.unwrap().now().unwrap();
    assert_eq!(booked.as_str(), "00000000-0000-4000-8000-000000000001");

    let refund = RefundNonSubscribableRequest::new(
        time("2026-02-03T10:00:00Z"),
        Amount::new().with_value_with_taxes(amount().value_with_taxes.unwrap()),
        "made-up-type",
        "5432167890",
    );
    let (request, outcome) = exchange(201, &message("refund.json"), async |masstack| {
        masstack
            .billing()
            .refund_non_subscribable(&line(), refund, named())
            .await
    });
    let path = "POST /v3/mobile/999000001/billing/refunds-non-subscribable-services";
    same(&request, path, "refund.request.json");
    let refunded = outcome.unwrap().now().unwrap();
    assert_eq!(refunded.as_str(), "00000000-0000-4000-8000-000000000002");
}

#[test]
fn a_promotion() {
    let summer = CataloguePromotionId::new("76");
    let from = Some(time("2026-02-01T00:00:00Z"));
    let (request, outcome) = exchange(201, &message("promotion.json"), async |masstack| {
        masstack
            .promotions()
            .give(&line(), &summer, from, None, named())
            .await
    });
    let path = "POST /v3/mobile/999000001/promotions";
    same(&request, path, "promotion.request.json");
    let given = outcome.unwrap().now().unwrap();
    assert_eq!(given.as_str(), "00000000-0000-4000-8000-000000000003");
}

#[test]
fn a_service_and_a_device() {
    let (success, error) = (urls().callback_success_url, urls().callback_error_url);
    let sim = MultisimService::new(eid(), iccid());
    let order = CreateServiceRequest::new(&*success, &*error, sim).with_service_id("999000001");
    let (request, _) = exchange(202, b"", async |masstack| {
        masstack
            .services()
            .create(ServiceType::Applewatch, order, named())
            .await
    });
    same(&request, "POST /v3/applewatch/", "service.request.json");

    let device = EsimDevice::new().with_iccid(iccid());
    let order = UpdateServiceDeviceRequest::new(success, error, DeviceCategory::ESim, device);
    let (request, _) = exchange(202, b"", async |masstack| {
        masstack
            .services()
            .change_device(&line(), order, named())
            .await
    });
    same(
        &request,
        "PATCH /v3/mobile/999000001/device",
        "device.request.json",
    );
}

#[test]
fn errors() {
    let (_, outcome) = exchange(400, &message("error-msisdn.json"), async |masstack| {
        masstack
            .billing()
            .charge(&line(), charge("fee-0001"), named())
            .await
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.fault_code(), Some("INVALID_MSISDN"));
    let fault = error.fault::<GenericErrorResponse>().unwrap();
    assert_eq!(fault.title, "The number is not valid");
    assert!(!error.is_outcome_unknown(), "{error}");
}

#[test]
fn a_path_that_is_only_inferred_can_be_set_right() {
    let recorder = Recorder::new(201, "application/json", message("refund.json"));
    let masstack = MasStack::builder()
        .transport(recorder.transport())
        .operation_path(
            "createRefund",
            "/{service_type}/billing/{service_id}/refund",
        )
        .build()
        .unwrap();
    let movement = MovementId::new("made-up-movement");
    let refund = super::refund(&movement, "refund-0001");
    let taken = run(masstack.billing().refund(&line(), refund, named())).unwrap();
    assert!(taken.now().is_some());
    let uri = recorder.call().request.uri().to_string();
    assert_eq!(uri, "/v3/mobile/billing/999000001/refund");

    // A misspelt name would be a path that is never used.
    let error = MasStack::builder()
        .transport(recorder.transport())
        .operation_path("createRefunds", "/")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("createRefunds"), "{error}");
}
