//! From the platform to the partner: the sandbox calls the sdk's receiver.

use mno_sandbox::DeliveryOutcome;
use mno_sdk::callbacks::masstack::{self, ErrorCode, Event, Receiver, ResultCode};
use mno_sdk::callbacks::{Events, Guard, Options};
use mno_sdk::masstack::partners::{BarringName, CreateServiceRequest, MultisimService};

use super::*;
use crate::hooks;

const SECRET: &str = "made-up-secret-0001";

/// A receiver, and the URLs for orders.
async fn receive() -> (Events<Event>, CallbackUrls) {
    let (receiver, events) = Receiver::new(Guard::path(SECRET).unwrap(), Options::default());
    let base = hooks::masstack(&receiver).await;
    let (success, error) = masstack::urls(&base, Some(SECRET));
    (events, CallbackUrls::new(success, error))
}

#[tokio::test]
async fn the_success_of_a_barring_has_the_orders_correlation_id() {
    let (sandbox, masstack) = start(20).await;
    let (mut events, urls) = receive().await;
    let line = line(&sandbox);
    let id = id();
    let barred = masstack.barrings();
    let barred = barred
        .bar(&mobile(&line), BarringName::Roaming, &urls, id)
        .await;
    assert!(barred.unwrap().now().is_some());
    sandbox.masstack().finish_queued();
    let event = events.recv().await.unwrap();
    assert_eq!(event.correlation_id(), Some(&*id.to_string()));
    let Event::Success(success) = event else {
        panic!("{event:?}");
    };
    assert_eq!(success.code, Some(ResultCode::Ok));
    assert_eq!(success.service_id, None);
    assert_eq!(now(&sandbox, &line).barrings.len(), 1);
}

#[tokio::test]
async fn the_failure_of_an_order_comes_to_the_other_url() {
    let (sandbox, masstack) = start(20).await;
    let (mut events, urls) = receive().await;
    let line = line(&sandbox);
    sandbox
        .masstack()
        .fail_next_orders(1, "INTERNAL_SERVER_ERROR");
    let id = id();
    let barred = masstack.barrings();
    let barred = barred
        .bar(&mobile(&line), BarringName::Roaming, &urls, id)
        .await;
    assert!(barred.unwrap().now().is_some());
    sandbox.masstack().finish_queued();
    let event = events.recv().await.unwrap();
    assert_eq!(event.correlation_id(), Some(&*id.to_string()));
    let Event::Failure(failure) = event else {
        panic!("{event:?}");
    };
    assert_eq!(failure.code, Some(ErrorCode::InternalServerError));
    assert!(now(&sandbox, &line).barrings.is_empty());

    // Whether there is such a line, only the event tells.
    let nobody = ServiceId::mobile(&"999999999".parse().unwrap()).unwrap();
    let barred = masstack.barrings();
    let id = CorrelationId::random().unwrap();
    let barred = barred.bar(&nobody, BarringName::Roaming, &urls, id).await;
    assert!(barred.unwrap().now().is_some());
    sandbox.masstack().finish_queued();
    let event = events.recv().await.unwrap();
    assert!(
        matches!(&event, Event::Failure(f) if f.code == Some(ErrorCode::InvalidMsisdn)),
        "{event:?}"
    );
}

#[tokio::test]
async fn the_success_of_a_service_names_it() {
    let (sandbox, masstack) = start(20).await;
    let (mut events, urls) = receive().await;
    let sim = MultisimService::new(eid(), iccid());
    let (success, error) = (urls.callback_success_url, urls.callback_error_url);
    let order = CreateServiceRequest::new(success, error, sim).with_service_id("999700001");
    let id = id();
    let created = masstack
        .services()
        .create(ServiceType::Applewatch, order, id)
        .await;
    assert!(created.unwrap().now().is_some());
    sandbox.masstack().finish_queued();
    let Event::Success(success) = events.recv().await.unwrap() else {
        panic!("a success");
    };
    assert_eq!(success.correlation_id, Some(id.to_string()));
    assert_eq!(success.service_id.as_deref(), Some("999700001"));
    let look = async {
        while sandbox.deliveries().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look)
        .await
        .unwrap();
    let delivery = sandbox.deliveries().remove(0);
    assert_eq!(delivery.outcome, DeliveryOutcome::Answered(200));
    assert_eq!(delivery.method, "POST");
}
