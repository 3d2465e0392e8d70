//! SIM swap v1: its one operation.

use mno_kite_simswap_v1::operations::SwapSubscriptions;
use mno_kite_simswap_v1::server::Request;
use mno_kite_simswap_v1::types::{SimId, SubscriptionIdentifier};
use mno_kite_simswap_v1::{Client, ns};
use mno_runtime::Operation;
use mno_runtime::facts::Idempotency;
use mno_runtime::values::{Iccid, Msisdn};
use mno_runtime::xml::NamespaceTable;

use super::tree::{assert_same, body};
use super::{Recorder, answer_with, envelope, message, message_text, run};

const REQUEST: &str = "simswap-v1/swapSubscriptions.request.xml";

fn request() -> SwapSubscriptions {
    let other: SimId = Iccid::new("8999000000000001029").unwrap().into();
    let one = Msisdn::new("+999000000101").unwrap();
    SwapSubscriptions::new(one, SubscriptionIdentifier::new(other))
}

#[test]
fn request_is_written_and_read() {
    let ours = envelope(&request(), ns::TABLE);
    assert_same(&body(&ours), &body(&message_text(REQUEST)));
    let decoded = Request::decode(&message(REQUEST)).unwrap();
    assert_eq!(
        decoded,
        Some(Request::SwapSubscriptions(Box::new(request())))
    );
}

#[test]
fn answers() {
    let table = NamespaceTable::new(ns::TABLE);
    for (name, result) in [
        ("swapSubscriptions", Some(true)),
        ("swapSubscriptions.empty", None),
    ] {
        let file = message(&format!("simswap-v1/{name}.response.xml"));
        let answer = answer_with::<SwapSubscriptions>(&file, &table).unwrap();
        assert_eq!(answer.result, result);
    }
}

#[test]
fn a_call() {
    let recorder = Recorder::xml(200, message("simswap-v1/swapSubscriptions.response.xml"));
    let client = Client::new(recorder.transport());
    run(client.swap_subscriptions(&request())).unwrap();
    let call = recorder.call();
    let path = "/services/SOAP/GlobalM2M/Simswap/v1/r12";
    assert_eq!(call.request.uri().path(), path);
    assert_eq!(
        call.request.headers()["SOAPAction"],
        "\"urn:swapSubscriptions\""
    );
}

#[test]
fn facts() {
    let facts = SwapSubscriptions::FACTS;
    assert_eq!(facts.idempotency, Idempotency::NotIdempotent);
    assert_eq!(facts.availability, Some("Mexico OB only"));
    assert_eq!(
        (facts.budget, facts.tps),
        ("kite/simswap/swapSubscriptions", Some(4))
    );
}
