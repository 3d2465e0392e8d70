//! What users do.

use mno_sandbox::{Effect, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::masstack::partners::{BarringName, CreateServiceRequest, MultisimService};
use mno_sdk::masstack::{CataloguePromotionId, Taken};

use super::*;

#[tokio::test]
async fn a_line_is_barred_and_released() {
    let (sandbox, masstack) = start(20).await;
    let line = line(&sandbox);
    let barrings = masstack.barrings();
    let service = mobile(&line);
    let (roaming, urls) = (BarringName::Roaming, urls());
    let barred = barrings.bar(&service, roaming.clone(), &urls, id()).await;
    assert_eq!(barred.unwrap(), Taken::Now(()));
    let read = barrings.get(&mobile(&line)).await.unwrap();
    assert!(
        read.applied_barrings_mask_codes.is_empty(),
        "the order waits"
    );
    sandbox.masstack().finish_queued();
    let read = barrings.get(&mobile(&line)).await.unwrap();
    let theirs: Vec<_> = now(&sandbox, &line).barrings.into_iter().collect();
    assert_eq!(read.applied_barrings_mask_codes, theirs);
    assert_eq!(theirs.len(), 1);
    let lifted = barrings.lift(&service, roaming, &urls, id()).await;
    assert_eq!(lifted.unwrap(), Taken::Now(()));
    sandbox.masstack().finish_queued();
    assert!(now(&sandbox, &line).barrings.is_empty());
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_sent_again_with_its_correlation_id_and_taken_once() {
    let (sandbox, masstack) = start(20).await;
    let line = line(&sandbox);
    let rule = Rule::on("masstack-partners/createMovement").times(1);
    sandbox.control().add(rule.then(Effect::CutAfter));
    let billing = masstack.billing();
    let id = id();
    let error = billing
        .charge(&mobile(&line), charge("fee-0001"), id)
        .await
        .unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(
        error.to_string().contains("with the same correlation id"),
        "{error}"
    );
    assert_eq!(
        sandbox.journal().count("createMovement"),
        1,
        "not repeated for the user"
    );

    let again = billing
        .charge(&mobile(&line), charge("fee-0001"), id)
        .await
        .unwrap();
    assert!(again.is_repetition());
    assert_eq!(again.now(), None);
    assert_eq!(sandbox.masstack().movements().len(), 1);

    // One that never arrived is booked by the second call.
    let rule = Rule::on("masstack-partners/createMovement").times(1);
    sandbox.control().add(rule.then(Effect::CutBefore));
    let id = CorrelationId::random().unwrap();
    let error = billing
        .charge(&mobile(&line), charge("fee-0002"), id)
        .await
        .unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    let again = billing
        .charge(&mobile(&line), charge("fee-0002"), id)
        .await
        .unwrap();
    let booked = sandbox.masstack().movements().pop().unwrap();
    assert_eq!(again, Taken::Now(MovementId::new(booked.id)));
}

#[tokio::test]
async fn a_charge_is_refunded_by_the_id_that_it_was_given() {
    let (sandbox, masstack) = start(20).await;
    let line = line(&sandbox);
    let billing = masstack.billing();
    let booked = billing
        .charge(&mobile(&line), charge("fee-0001"), id())
        .await
        .unwrap();
    let movement = booked.now().unwrap();
    let refund = refund(&movement, "refund-0001");
    let refunded = billing.refund(&mobile(&line), refund, id()).await.unwrap();
    let theirs = sandbox.masstack().refunds().pop().unwrap();
    assert_eq!(refunded.now().unwrap().as_str(), theirs.id);
    assert_eq!(theirs.movement_id.as_deref(), Some(movement.as_str()));
}

#[tokio::test]
async fn a_promotion_is_given_and_ended() {
    let (sandbox, masstack) = start(20).await;
    let line = line(&sandbox);
    let promotions = masstack.promotions();
    let summer = CataloguePromotionId::new("76");
    let until = Some(time("2026-09-01T00:00:00Z"));
    let given = promotions
        .give(&mobile(&line), &summer, None, until, id())
        .await;
    let given = given.unwrap().now().unwrap();
    let theirs = sandbox.masstack().promotions().pop().unwrap();
    assert_eq!(
        (given.as_str(), theirs.catalogue_id.as_deref()),
        (&*theirs.id, Some("76"))
    );
    let end = time("2026-07-01T00:00:00Z");
    let ended = promotions
        .end(&mobile(&line), &given, end, id())
        .await
        .unwrap();
    assert_eq!(ended, Taken::Now(()));
    let theirs = sandbox.masstack().promotions().pop().unwrap();
    assert_eq!(
        theirs.deactivation_date.as_deref(),
        Some("2026-07-01T00:00:00Z")
    );
}

#[tokio::test]
async fn a_service_is_created_once_however_often_it_is_ordered() {
    let (sandbox, masstack) = start(20).await;
    let services = sandbox.masstack().services().len();
    let id = id();
    let order = || {
        let sim = MultisimService::new(eid(), iccid());
        let urls = urls();
        CreateServiceRequest::new(urls.callback_success_url, urls.callback_error_url, sim)
    };
    for expected in [Taken::Now(()), Taken::Before, Taken::Before] {
        let taken = masstack
            .services()
            .create(ServiceType::Applewatch, order(), id)
            .await;
        assert_eq!(taken.unwrap(), expected);
    }
    sandbox.masstack().finish_queued();
    let all = sandbox.masstack().services();
    assert_eq!(all.len(), services + 1);
    let device = all.last().unwrap().device.clone();
    assert_eq!(device, Some((EID.to_owned(), ICCID.to_owned())));
}

#[tokio::test]
async fn an_insurance_ends_once() {
    let (sandbox, masstack) = start(1).await;
    let services = masstack.services();
    let at = || time("2026-03-01T00:00:00Z");
    let policy = policy();
    let reason = "SUBSCRIBER_RESIGNATION";
    let answer = services
        .end_insurance(policy.as_str(), reason, at())
        .await
        .unwrap();
    assert_eq!(answer.code.as_deref(), Some("OK"));
    let all = sandbox.masstack().services();
    let theirs = all.into_iter().find(|s| s.id == policy.as_str()).unwrap();
    let expected = (reason.to_owned(), "2026-03-01T00:00:00Z".to_owned());
    assert_eq!(theirs.end, Some(expected));
    let error = services
        .end_insurance(policy.as_str(), reason, at())
        .await
        .unwrap_err();
    assert_eq!(error.fault_code(), Some("BAD_REQUEST"));
}

#[tokio::test]
async fn refusals_say_what_they_are() {
    let (sandbox, masstack) = start(20).await;
    let nobody = ServiceId::mobile(&"999999999".parse().unwrap()).unwrap();
    let error = masstack.barrings().get(&nobody).await.unwrap_err();
    assert_eq!(error.fault_code(), Some("INVALID_MSISDN"));
    let charged = masstack
        .billing()
        .charge(&nobody, charge("fee-0001"), id())
        .await;
    let error = charged.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(!error.to_string().contains("999999999"), "{error}");

    let line = line(&sandbox);
    let rule = Rule::on("masstack-partners/getBarrings").times(1);
    sandbox.control().add(rule.then(Effect::Status(403)));
    let error = masstack.barrings().get(&mobile(&line)).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
}

#[tokio::test]
async fn a_service_account_that_is_not_known_gets_no_token() {
    let (sandbox, _) = start(1).await;
    let account = sandbox.masstack().stranger_account_json();
    let stranger = MasStack::builder()
        .credentials(ServiceAccount::from_json(account.as_bytes()).unwrap())
        .extra_root_pem(sandbox.pki().root_pem())
        .only_extra_roots(true)
        .base_url(sandbox.rest_url())
        .build()
        .unwrap();
    let error = stranger.barrings().get(&policy()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(sandbox.journal().count("getBarrings"), 0);
}

#[tokio::test]
async fn a_refusal_for_rate_is_waited_out_with_the_same_correlation_id() {
    let (sandbox, masstack) = start(20).await;
    let line = line(&sandbox);
    masstack.barrings().get(&mobile(&line)).await.unwrap();
    sandbox
        .masstack()
        .gateway()
        .too_many_requests(2, Duration::ZERO);
    let booked = masstack
        .billing()
        .charge(&mobile(&line), charge("fee-0001"), id())
        .await;
    assert!(booked.unwrap().now().is_some());
    assert_eq!(sandbox.journal().count("createMovement"), 3);
    assert_eq!(sandbox.masstack().movements().len(), 1);
}

#[test]
fn correlation_ids_are_uuids_and_each_is_another() {
    let (one, other) = (id(), id());
    assert_ne!(one, other);
    let text = one.to_string();
    assert_eq!((text.len(), &text[14..15]), (36, "4"));
    assert!("89ab".contains(&text[19..20]), "{text}");
    assert_eq!(text.to_uppercase().parse::<CorrelationId>().unwrap(), one);
    for wrong in [
        "",
        "order 7",
        "00000000000040008000000000000001",
        "00000000-0000-4000-8000-00000000000g",
        "00000000-0000-4000-8000-000000000001-",
        "0000000-00000-4000-8000-000000000001",
    ] {
        let error = wrong.parse::<CorrelationId>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{wrong}");
    }
}

#[test]
fn personal_data_is_not_shown() {
    let line = ServiceId::mobile(&"999000001".parse().unwrap()).unwrap();
    let shown = format!("{line:?}");
    assert!(!shown.contains("999000001"), "{shown}");
    assert!(shown.contains("Mobile"), "{shown}");
}
