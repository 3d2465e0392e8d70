//! Whole calls through the client: what is sent, and what comes back.

use mno_kite_inventory_v12::Client;
use mno_kite_inventory_v12::operations::{GetSubscriptions, ModifySubscription, SendSms};
use mno_kite_inventory_v12::types::{LabelsChange, SubscriptionIdentifier};
use mno_runtime::http::Method;
use mno_runtime::soap::{Envelope, SoapOperation};
use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::{ErrorKind, Operation};

use super::requests::icc;
use super::subscription::page;
use super::tree::{assert_same, body};
use super::{Recorder, message, message_text, run};

fn sent_as(recorder: &Recorder, path: &str, action: &str) -> String {
    let call = recorder.call();
    assert_eq!(call.request.method(), Method::POST);
    assert_eq!(call.request.uri().to_string(), path);
    let headers = call.request.headers();
    assert_eq!(headers["SOAPAction"], format!("\"{action}\""));
    assert_eq!(headers["content-type"], "text/xml; charset=utf-8");
    assert_eq!(headers["accept"], "text/xml, application/json;q=0.5");
    assert_eq!(headers.len(), 3, "no header beyond these");
    String::from_utf8(call.request.body().to_vec()).expect("UTF-8")
}

#[test]
fn get_subscriptions() {
    let answer = message("inventory-v12/getSubscriptions.response.xml");
    let recorder = Recorder::xml(200, answer);
    let request = GetSubscriptions::new().with_max_batch_size(2);
    let got = run(recorder.inventory().get_subscriptions(&request)).unwrap();
    assert_eq!(got, page());
    let sent = sent_as(
        &recorder,
        "/services/SOAP/GlobalM2M/Inventory/v12/r12",
        "urn:getSubscriptions",
    );
    assert_eq!(body(&sent).find("maxBatchSize").unwrap().text, "2");
    assert_eq!(recorder.call().facts, &GetSubscriptions::FACTS);
}

#[test]
fn modify_subscription() {
    let recorder = Recorder::xml(
        200,
        message("inventory-v12/modifySubscription.response.xml"),
    );
    let change = LabelsChange::new().with_alias("pump 7, north hall");
    let request = ModifySubscription::new(icc("8999000000000001011"), change);
    run(recorder.inventory().modify_subscription(&request)).unwrap();
    let sent = sent_as(
        &recorder,
        "/services/SOAP/GlobalM2M/Inventory/v12/r12",
        "urn:modifySubscription",
    );
    let theirs = message_text("inventory-v12/modifySubscription.request.xml");
    assert_same(&body(&sent), &body(&theirs));
}

#[test]
fn send_sms() {
    let recorder = Recorder::xml(200, message("inventory-v12/sendSMS.response.xml"));
    let to = SubscriptionIdentifier::new(icc("8999000000000001011"));
    let request = SendSms::new([to], "reboot");
    let got = run(recorder.inventory().send_sms(&request)).unwrap();
    assert_eq!(got.watcher_id(), Some("0123456789abcdef01234567"));
    sent_as(
        &recorder,
        "/services/SOAP/GlobalM2M/Inventory/v12/r12",
        "urn:sendSMS",
    );
}

#[test]
fn echo() {
    use mno_kite_echo_v1::Client;
    use mno_kite_echo_v1::operations::Echo;
    let recorder = Recorder::xml(200, message("echo-v1/echo.response.xml"));
    let client = Client::new(recorder.transport());
    let got = run(client.echo(&Echo::new("is anybody there?"))).unwrap();
    assert_eq!(got.data, "is anybody there?");
    sent_as(
        &recorder,
        "/services/SOAP/GlobalM2M/Echo/v1/r12",
        "urn:echo",
    );
}

#[test]
fn answer_on_http_500_is_an_answer() {
    // The body decides; a gateway has been seen to answer 500 to a success.
    let answer = message("inventory-v12/getSubscriptions.empty.response.xml");
    let recorder = Recorder::xml(500, answer);
    let got = run(recorder
        .inventory()
        .get_subscriptions(&GetSubscriptions::new()));
    assert!(got.unwrap().subscription_data.is_empty());
}

#[test]
fn answer_needs_no_content_type() {
    let answer = message("inventory-v12/getSubscriptions.response.xml");
    let recorder = Recorder::new(200, "", answer);
    let got = run(recorder
        .inventory()
        .get_subscriptions(&GetSubscriptions::new()));
    assert_eq!(got.unwrap(), page());
}

#[test]
fn path_and_options_reach_the_transport() {
    let answer = message("inventory-v12/getSubscriptions.empty.response.xml");
    let recorder = Recorder::xml(200, answer);
    let client = recorder.inventory();
    let endpoint = client
        .endpoint()
        .clone()
        .with_path("/elsewhere/v12")
        .with_options(CallOptions::default().with_priority(Priority::Bulk));
    assert_eq!(endpoint.path(), "/elsewhere/v12");
    let client = Client::from_endpoint(endpoint);
    run(client.get_subscriptions(&GetSubscriptions::new())).unwrap();
    let call = recorder.call();
    assert_eq!(call.request.uri().path(), "/elsewhere/v12");
    assert_eq!(call.options.priority, Priority::Bulk);
}

#[test]
fn broken_path_is_a_configuration_error_and_nothing_is_sent() {
    let recorder = Recorder::xml(200, "");
    let endpoint = recorder.inventory().endpoint().clone();
    let client = Client::from_endpoint(endpoint.with_path("/with blank"));
    let error = run(client.get_subscriptions(&GetSubscriptions::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(recorder.calls().is_empty());
}

#[test]
fn call_shows_no_body_in_debug() {
    let recorder = Recorder::xml(
        200,
        message("inventory-v12/modifySubscription.response.xml"),
    );
    let change = LabelsChange::new().with_alias("secret name");
    let request = ModifySubscription::new(icc("8999000000000001011"), change);
    run(recorder.inventory().modify_subscription(&request)).unwrap();
    let debug = format!("{:?} {request:?}", recorder.call());
    assert!(!debug.contains("secret") && !debug.contains("899900000"));
}

/// Compile-time: generic code can be written over the operations.
#[test]
fn operations_are_usable_in_generic_code() {
    fn name<O: SoapOperation>() -> &'static str {
        O::FACTS.operation
    }
    assert_eq!(name::<SendSms>(), "sendSMS");
    let _: Option<Envelope<()>> = None;
}
