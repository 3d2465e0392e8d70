//! What the platform refuses, as the sdk tells it, and what is sent again (hardly anything).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use mno_sandbox::{Effect, Fault, Rule, SimKind, State};
use mno_sdk::kite::inventory::{
    ClientException, LifeCycleChange, LifeCycleStatus, ServerException,
};
use mno_sdk::{Error, ErrorKind};

use super::*;

/// The predicates that hold, by name.
fn predicates(error: &Error) -> Vec<&'static str> {
    let all = [
        ("rate_limited", error.is_rate_limited()),
        ("not_found", error.is_not_found()),
        ("forbidden", error.is_forbidden()),
        ("ip_denied", error.is_ip_denied()),
        ("business_refusal", error.is_business_refusal()),
        ("invalid_transition", error.is_invalid_transition()),
        ("unavailable", error.is_unavailable()),
        ("invalid_parameter", error.is_invalid_parameter()),
        ("timeout", error.is_timeout()),
        ("outcome_unknown", error.is_outcome_unknown()),
        ("connect", error.is_connect()),
    ];
    all.iter()
        .filter(|(_, holds)| *holds)
        .map(|(name, _)| *name)
        .collect()
}

/// The error is a fault of this code, and these predicates hold and no others.
fn is_fault(error: &Error, code: &str, expected: &[&str]) {
    assert_eq!(error.kind(), ErrorKind::Fault, "{error}");
    assert_eq!(error.exception().unwrap().code(), code);
    assert_eq!(predicates(error), expected, "{error}");
    assert!(error.to_string().contains(code), "{error}");
}

#[tokio::test]
async fn svc_1006_is_not_found() {
    let (sandbox, kite) = start(5).await;
    let error = kite.inventory().status(unknown_icc()).await.unwrap_err();
    is_fault(&error, "SVC 1006", &["not_found"]);
    assert_eq!(error.status().unwrap().as_u16(), 500);
    let typed = error.fault::<ClientException>().unwrap();
    assert_eq!(typed.exception_id, 1006);
    let text = error.fault_text().unwrap();
    assert!(text.contains(unknown_icc().as_str()), "{text}");
    assert!(
        !error.to_string().contains(unknown_icc().as_str()),
        "{error}"
    );
    assert_eq!(sandbox.journal().count("getStatusDetail"), 1);
}

#[tokio::test]
async fn svc_1013_for_want_of_a_right_is_forbidden() {
    let (sandbox, kite) = start(5).await;
    sandbox.control().forbid(ORGANISATION, "getPresenceDetail");
    let sim = sandbox.fleet().at(0).unwrap();
    let error = kite.inventory().presence(icc(&sim)).await.unwrap_err();
    is_fault(&error, "SVC 1013", &["forbidden"]);
    assert_eq!(error.denied_ip(), None);
    assert_eq!(sandbox.journal().count("getPresenceDetail"), 1);
    kite.inventory().location(icc(&sim)).await.unwrap();
}

#[tokio::test]
async fn svc_1013_as_json_for_an_address_is_ip_denied_and_tells_the_address() {
    let (sandbox, kite) = start(5).await;
    sandbox.control().deny_organisation(ORGANISATION);
    let error = kite.echo().send("hello").await.unwrap_err();
    is_fault(&error, "SVC 1013", &["ip_denied"]);
    assert_eq!(error.denied_ip(), Some(IpAddr::from(Ipv4Addr::LOCALHOST)));
    assert_eq!(error.status().unwrap().as_u16(), 403);
    assert!(error.to_string().contains("subnets"), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    assert_eq!(sandbox.journal().snapshot().len(), 1);
}

#[tokio::test]
async fn svc_1013_of_a_rule_is_a_business_refusal() {
    let (sandbox, kite) = start(100).await;
    let card = sandbox
        .fleet()
        .find(|sim| sim.kind == SimKind::Uicc)
        .unwrap();
    let audit = kite.inventory().audit_swap_profile(icc(&card)).await;
    is_fault(&audit.unwrap_err(), "SVC 1013", &["business_refusal"]);
    assert_eq!(sandbox.journal().count("auditSwapProfile"), 1);
}

#[tokio::test]
async fn svc_1021_of_the_life_cycle_is_an_invalid_transition() {
    let (sandbox, kite) = start(300).await;
    let sim = in_state(sandbox.fleet(), State::Retired);
    let change = LifeCycleChange::new(LifeCycleStatus::Active);
    let error = kite
        .inventory()
        .modify(icc(&sim), change)
        .await
        .unwrap_err();
    is_fault(
        &error,
        "SVC 1021",
        &["business_refusal", "invalid_transition"],
    );
    let text = error.to_string();
    assert!(text.contains("from RETIRED to ACTIVE"), "{text}");
    assert_eq!(sandbox.journal().count("modifySubscription"), 1);
    let after = kite.inventory().status(icc(&sim)).await.unwrap();
    assert_eq!(after.unwrap().state, LifeCycleStatus::Retired);
}

#[tokio::test]
async fn svc_1021_of_a_parameter_is_an_invalid_parameter() {
    let (sandbox, kite) = start(1).await;
    sandbox
        .control()
        .fail_next("echo", 1, Fault::invalid_value("data"));
    let error = kite.echo().send("x").await.unwrap_err();
    is_fault(&error, "SVC 1021", &["invalid_parameter"]);
}

#[tokio::test]
async fn svr_1006_is_unavailable_and_not_repeated_at_once() {
    let (sandbox, kite) = start(100).await;
    sandbox.control().maintenance(true);
    let sim = in_state(sandbox.fleet(), State::Active);
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    let sims = kite.inventory();
    let write = sims.modify(icc(&sim), change).await.unwrap_err();
    let read = sims.status(icc(&sim)).await.unwrap_err();
    for error in [write, read] {
        is_fault(&error, "SVR 1006", &["unavailable"]);
        assert!(error.fault::<ServerException>().is_some());
        let unavailable = error.unavailability().unwrap();
        assert!(!unavailable.is_planned && unavailable.until > std::time::SystemTime::now());
    }
    assert_eq!(sandbox.journal().snapshot().len(), 2);

    sandbox.control().maintenance(false);
    let status = sims.status(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(status.state, LifeCycleStatus::Active);
}

#[tokio::test]
async fn an_html_502_is_unavailable_and_repeated_for_reads() {
    let (sandbox, kite) = start(1).await;
    sandbox
        .control()
        .add(Rule::always().then(Effect::Html(502)));
    let error = kite.echo().send("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    assert_eq!(predicates(&error), ["unavailable"], "{error}");
    assert_eq!(error.status().unwrap().as_u16(), 502);
    assert!(error.exception().is_none());
    assert_eq!(sandbox.journal().count("echo"), 3);
}

#[tokio::test]
async fn pol_1005_alone_is_repeated_after_a_second_and_the_caller_sees_nothing() {
    let (sandbox, kite) = start(100).await;
    sandbox
        .control()
        .fail_next("modifySubscription", 1, Fault::rate_limited());
    let sim = in_state(sandbox.fleet(), State::Active);
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    kite.inventory().modify(icc(&sim), change).await.unwrap();
    let status = kite.inventory().status(icc(&sim)).await.unwrap();
    assert_eq!(status.unwrap().state, LifeCycleStatus::Deactivated);

    let entries = sandbox.journal().snapshot();
    let attempts: Vec<_> = entries
        .iter()
        .filter(|entry| entry.operation == "modifySubscription")
        .collect();
    assert_eq!(attempts.len(), 2);
    let pause = attempts[1].arrival - attempts[0].arrival;
    assert!(pause >= Duration::from_secs(1), "{pause:?}");
}

#[tokio::test]
async fn pol_1005_that_does_not_end_reaches_the_caller() {
    let sandbox = sandbox(1).start().await.unwrap();
    let kite = builder(&sandbox).max_rate_retries(0).build().unwrap();
    sandbox
        .control()
        .fail_next("echo", 9, Fault::rate_limited());
    let error = kite.echo().send("x").await.unwrap_err();
    is_fault(&error, "POL 1005", &["rate_limited"]);
    assert_eq!(sandbox.journal().count("echo"), 1);
}
