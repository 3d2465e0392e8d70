//! Every operation of the generated client, over the wire.

use std::collections::BTreeSet;

use mno_sdk::masstack::partners::*;

use super::*;

/// What the contract has, but for the token, which every call needs.
const OPERATIONS: [&str; 12] = [
    "createMovement",
    "createNonSubscribableMovement",
    "createNonSubscribableRefund",
    "createPromotion",
    "createRefund",
    "createService",
    "getBarrings",
    "terminateDeviceInsurance",
    "updateBarring",
    "updateMultisimService",
    "updatePromotion",
    "updateServiceDevice",
];

#[tokio::test]
async fn every_operation_once() {
    let (sandbox, masstack) = start(20).await;
    let client = masstack.billing().raw().clone();
    let line = line(&sandbox);
    barrings(&sandbox, &client, &line).await;
    billing(&sandbox, &client, &line.id).await;
    promotions(&sandbox, &client, &line.id).await;
    services(&sandbox, &client, &line).await;

    let journal = sandbox.journal().snapshot();
    let called: BTreeSet<_> = journal.iter().map(|e| &*e.operation).collect();
    let expected: BTreeSet<_> = OPERATIONS.into_iter().chain(["token"]).collect();
    assert_eq!(called, expected);
    assert!(journal.iter().all(|e| e.status < 300), "{journal:?}");
}

async fn barrings(sandbox: &Sandbox, client: &Client, line: &Service) {
    let urls = urls();
    let (success, error) = (urls.callback_success_url, urls.callback_error_url);
    let order = BarringRequest::new(success, error, true, BarringName::SmsPremium);
    let request = UpdateBarring::new(ServiceType::Mobile, line.id.as_str(), order);
    client.update_barring(&request).await.unwrap();
    sandbox.masstack().finish_queued();
    let theirs = now(sandbox, line);
    assert_eq!(theirs.barrings.len(), 1);
    let request = GetBarrings::new(ServiceType::Mobile, line.id.as_str());
    let read = client.get_barrings(&request).await.unwrap();
    assert_eq!(read.subscription_id, theirs.subscription_id as i64);
    let codes: Vec<_> = theirs.barrings.into_iter().collect();
    assert_eq!(read.applied_barrings_mask_codes, codes);
}

async fn billing(sandbox: &Sandbox, client: &Client, line: &str) {
    let charge = charge("fee-0001")
        .with_period_start_datetime(time("2026-01-31T23:00:00Z"))
        .with_period_end_datetime(time("2026-02-28T23:00:00Z"))
        .with_concept_id("1001");
    let request = CreateMovement::new(ServiceType::Mobile, line, charge);
    let booked = client.create_movement(&request).await.unwrap();
    let theirs = sandbox.masstack().movements().pop().unwrap();
    assert_eq!(
        (&booked.movement_id, &*booked.code),
        (&theirs.id, "CREATED")
    );
    assert!(theirs.subscribable && theirs.service_id == line);
    let amount = &theirs.request["amount"];
    assert_eq!(amount["value_with_taxes"].to_string(), "12.1");
    assert_eq!(amount["tax"]["percentage"].to_string(), "21");
    assert_eq!(theirs.request["type"], "ONE_TIME_FEE");

    let request = CreateRefund::new(
        ServiceType::Mobile,
        line,
        refund(&MovementId::new(booked.movement_id), "refund-0001"),
    );
    let refunded = client.create_refund(&request).await.unwrap();
    let theirs = sandbox.masstack().refunds().pop().unwrap();
    assert_eq!(
        (&refunded.refund_id, &*refunded.code),
        (&theirs.id, "CREATED")
    );

    let charge = MovementNonSubscribableRequest::builder()
        .type_(MovementType::Discount)
        .movement_datetime(time("2026-02-03T10:00:00Z"))
        .amount(super::amount())
        .external_movement_unique_id("fee-0002")
        .transaction_type_id("made-up-type")
        .build()
        .unwrap();
    let request = CreateNonSubscribableMovement::new(ServiceType::Mobile, line, charge);
    let booked = client
        .create_non_subscribable_movement(&request)
        .await
        .unwrap();
    let theirs = sandbox.masstack().movements().pop().unwrap();
    assert_eq!(booked.movement_id, theirs.id);
    assert!(!theirs.subscribable);
    assert_eq!(theirs.request["transaction_type_id"], "made-up-type");

    let refund = RefundNonSubscribableRequest::new(
        time("2026-02-04T10:00:00Z"),
        super::amount(),
        "made-up-type",
        booked.movement_id,
    );
    let request = CreateNonSubscribableRefund::new(ServiceType::Mobile, line, refund);
    let refunded = client
        .create_non_subscribable_refund(&request)
        .await
        .unwrap();
    let theirs = sandbox.masstack().refunds().pop().unwrap();
    assert_eq!(refunded.refund_id, theirs.id);
    assert!(!theirs.subscribable);
}

async fn promotions(sandbox: &Sandbox, client: &Client, line: &str) {
    let promotion = Promotion::new()
        .with_promotion_id("76")
        .with_activation_date(time("2026-06-01T00:00:00Z"));
    let body = CreatePromotionRequest::new(promotion);
    let request = CreatePromotion::new(ServiceType::Mobile, line, body);
    let given = client.create_promotion(&request).await.unwrap();
    let theirs = sandbox.masstack().promotions().pop().unwrap();
    assert_eq!(given.promotion_id, theirs.id);
    assert_eq!(theirs.catalogue_id.as_deref(), Some("76"));

    let end = UpdatePromotionRequest::new(time("2026-07-01T00:00:00Z"));
    let request = UpdatePromotion::new(ServiceType::Mobile, line, given.promotion_id, end);
    let ended = client.update_promotion(&request).await.unwrap();
    assert_eq!(ended.code, "OK");
    let theirs = sandbox.masstack().promotions().pop().unwrap();
    assert_eq!(
        theirs.deactivation_date.as_deref(),
        Some("2026-07-01T00:00:00Z")
    );
}

async fn services(sandbox: &Sandbox, client: &Client, line: &Service) {
    let CallbackUrls {
        callback_success_url: success,
        callback_error_url: error,
        ..
    } = urls();
    let sim = MultisimService::new(eid(), iccid());
    let order = CreateServiceRequest::new(&*success, &*error, sim);
    let request = CreateService::new(ServiceType::Multisim, order);
    client.create_service(&request).await.unwrap();
    sandbox.masstack().finish_queued();
    let created = sandbox.masstack().services().pop().unwrap();
    assert_eq!(created.kind, "multisim");
    assert_eq!(created.device, Some((EID.to_owned(), ICCID.to_owned())));

    let other = "8999000000000000002";
    let sim = UpdateMultisimServiceRequest::new(eid(), other.parse::<Iccid>().unwrap());
    let request = UpdateMultisimService::new(ServiceType::Multisim, created.id, sim);
    client.update_multisim_service(&request).await.unwrap();
    sandbox.masstack().finish_queued();
    let moved = sandbox.masstack().services().pop().unwrap();
    assert_eq!(moved.device, Some((EID.to_owned(), other.to_owned())));

    let device = EsimDevice::new().with_iccid(iccid()).with_eid(eid());
    let order = UpdateServiceDeviceRequest::new(success, error, DeviceCategory::ESim, device);
    let request = UpdateServiceDevice::new(ServiceType::Mobile, line.id.as_str(), order);
    client.update_service_device(&request).await.unwrap();
    sandbox.masstack().finish_queued();
    let moved = now(sandbox, line).device;
    assert_eq!(moved, Some((EID.to_owned(), ICCID.to_owned())));

    let end = TerminateMovementRequest::new("SUBSCRIBER_RESIGNATION", time("2026-03-01T00:00:00Z"));
    let request = TerminateDeviceInsurance::new("policy-0001", end);
    let ended = client.terminate_device_insurance(&request).await.unwrap();
    assert_eq!(ended.code.as_deref(), Some("OK"));
    let all = sandbox.masstack().services();
    let policy = all.iter().find(|s| s.id == "policy-0001").unwrap();
    assert_eq!(policy.end.as_ref().unwrap().0, "SUBSCRIBER_RESIGNATION");
}
