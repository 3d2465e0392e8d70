//! From the platform to the customer: the sandbox calls the sdk's receiver.

use mno_sandbox::DeliveryOutcome;
use mno_sandbox::bsc::SmsStatus;
use mno_sdk::bsc::management::SmsMessage;
use mno_sdk::callbacks::bsc::{DeliveryReport, DeliveryStatus, Event, Receiver, Sms};
use mno_sdk::callbacks::{Events, Guard, Options};

use super::*;
use crate::hooks;

const SECRET: &str = "made-up-secret-0001";

/// A receiver that the sandbox is told of.
async fn receive(sandbox: &Sandbox) -> Events<Event> {
    let (receiver, events) = Receiver::new(Guard::path(SECRET).unwrap(), Options::default());
    let url = hooks::bsc(&receiver).await;
    sandbox
        .bsc()
        .set_callback_url(Some(format!("{url}/{SECRET}")));
    events
}

async fn report(events: &mut Events<Event>) -> DeliveryReport {
    match events.recv().await.unwrap() {
        Event::DeliveryReport(report) => report,
        other => panic!("{other:?}"),
    }
}

async fn message(events: &mut Events<Event>) -> Sms {
    match events.recv().await.unwrap() {
        Event::Sms(sms) => sms,
        other => panic!("{other:?}"),
    }
}

/// Waits until the platform has so many answers.
async fn answered(sandbox: &Sandbox, deliveries: usize) {
    let look = async {
        while sandbox.deliveries().len() < deliveries {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_message_of_a_sims_arrives() {
    let (sandbox, _) = start(5).await;
    let mut events = receive(&sandbox).await;
    let sim = sim(&sandbox, true);
    let id = sandbox
        .bsc()
        .send_from_sim(&sim.iccid, "99901", "door open");
    let sms = message(&mut events).await;
    assert_eq!(sms.id, id.unwrap().to_string());
    assert_eq!(sms.endpoint.iccid.unwrap().as_str(), sim.iccid);
    assert_eq!(sms.endpoint.id, Some(sim.id.to_string()));
    assert_eq!(sms.source.unwrap().as_str(), sim.msisdn);
    assert_eq!(sms.destination.as_deref(), Some("99901"));
    let theirs = sandbox.bsc().messages().remove(0);
    assert_eq!(
        sms.submitted.as_ref().unwrap().unix_seconds(),
        theirs.submitted.unix()
    );
    answered(&sandbox, 1).await;
    let delivery = sandbox.deliveries().remove(0);
    assert_eq!((&*delivery.method, delivery.attempt), ("POST", 1));
    assert!(
        matches!(delivery.outcome, DeliveryOutcome::Answered(200)),
        "{delivery:?}"
    );
}

#[tokio::test]
async fn a_delivery_report_names_the_message_that_was_sent() {
    let (sandbox, bsc) = start(5).await;
    let mut events = receive(&sandbox).await;
    let sim = sim(&sandbox, true);
    for (end, expected) in [
        (SmsStatus::Delivered, DeliveryStatus::Delivered),
        (SmsStatus::Failed, DeliveryStatus::Failed),
    ] {
        sandbox.bsc().messages_end_as(end);
        let message = SmsMessage::new().with_payload("report");
        bsc.messages().send(&iccid(&sim), message).await.unwrap();
        sandbox.bsc().finish_queued();
        let report = report(&mut events).await;
        let theirs = sandbox.bsc().messages().pop().unwrap();
        assert_eq!(report.id, theirs.id.to_string());
        assert_eq!(report.status, expected);
        assert_eq!(report.endpoint.iccid.unwrap().as_str(), sim.iccid);
        let finished = report.finished.unwrap().unix_seconds();
        assert_eq!(finished, theirs.ended.unwrap().unix());
    }
}

#[tokio::test]
async fn a_stranger_without_the_secret_brings_nothing() {
    let (sandbox, _) = start(5).await;
    let (receiver, mut events) = Receiver::new(Guard::path(SECRET).unwrap(), Options::default());
    let url = hooks::bsc(&receiver).await;
    let sim = sim(&sandbox, true);
    sandbox
        .bsc()
        .set_callback_url(Some(format!("{url}/another-secret-0002")));
    sandbox.bsc().send_from_sim(&sim.iccid, "99901", "forged");
    answered(&sandbox, 1).await;
    let refused = sandbox.deliveries().remove(0);
    assert!(
        matches!(refused.outcome, DeliveryOutcome::Answered(status) if status >= 400),
        "{refused:?}"
    );
    sandbox
        .bsc()
        .set_callback_url(Some(format!("{url}/{SECRET}")));
    sandbox.bsc().send_from_sim(&sim.iccid, "99901", "true");
    assert_eq!(message(&mut events).await.content().text(), Some("true"));
}
