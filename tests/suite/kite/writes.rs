//! Writes whose answer is lost: sent once, and the error says so.

use std::time::Duration;

use mno_sandbox::{Effect, Rule, Sim, State};
use mno_sdk::kite::inventory::{LifeCycleChange, LifeCycleStatus};
use mno_sdk::{CallOptions, Error, ErrorKind, Retry};

use super::*;

const MODIFY: &str = "modifySubscription";

/// Deactivates an active SIM while this happens, on a new connection or on one in use.
async fn deactivate(effect: Effect, warm: bool) -> (Sandbox, Kite, Arc<Sim>, Error) {
    let (sandbox, kite) = start(50).await;
    if warm {
        kite.echo().send("warm").await.unwrap();
    }
    sandbox.control().add(Rule::on(MODIFY).then(effect));
    let sim = in_state(sandbox.fleet(), State::Active);
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    let error = kite
        .inventory()
        .modify(icc(&sim), change)
        .await
        .unwrap_err();
    assert_eq!(sandbox.journal().count(MODIFY), 1, "it was sent once");
    (sandbox, kite, sim, error)
}

fn outcome_is_unknown(error: &Error) {
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let text = error.to_string();
    assert!(text.contains("may or may not"), "{text}");
    assert!(
        text.contains("getSubscriptions or getStatusDetail"),
        "{text}"
    );
}

async fn state(kite: &Kite, sim: &Sim) -> LifeCycleStatus {
    let status = kite.inventory().status(icc(sim)).await.unwrap();
    status.unwrap().state
}

#[tokio::test]
async fn a_write_cut_after_processing_is_an_unknown_outcome_and_in_effect() {
    for warm in [false, true] {
        for effect in [Effect::CutAfter, Effect::CutMidBody] {
            let (sandbox, kite, sim, error) = deactivate(effect, warm).await;
            outcome_is_unknown(&error);
            assert_eq!(state(&kite, &sim).await, LifeCycleStatus::Deactivated);
            assert_eq!(sandbox.journal().count(MODIFY), 1);
        }
    }
}

#[tokio::test]
async fn a_write_cut_before_processing_is_an_unknown_outcome_and_not_repeated() {
    for warm in [false, true] {
        let (sandbox, kite, sim, error) = deactivate(Effect::CutBefore, warm).await;
        outcome_is_unknown(&error);
        assert_eq!(state(&kite, &sim).await, LifeCycleStatus::Active);
        assert_eq!(sandbox.journal().count(MODIFY), 1);
    }
}

#[tokio::test]
async fn a_write_answered_late_is_an_unknown_outcome_and_in_effect() {
    let (sandbox, kite) = start(50).await;
    kite.echo().send("warm").await.unwrap();
    let delay = Effect::Delay(Duration::from_millis(300));
    sandbox.control().add(Rule::on(MODIFY).then(delay));
    let sim = in_state(sandbox.fleet(), State::Active);
    let options = CallOptions::default().with_attempt_timeout(Duration::from_millis(200));
    let hasty = kite.inventory().with_options(options);
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    let error = hasty.modify(icc(&sim), change).await.unwrap_err();
    outcome_is_unknown(&error);
    assert!(error.to_string().contains("200ms"), "{error}");
    assert_eq!(state(&kite, &sim).await, LifeCycleStatus::Deactivated);
    assert_eq!(sandbox.journal().count(MODIFY), 1);
}

#[tokio::test]
async fn a_read_answered_late_is_asked_again_and_then_a_timeout() {
    let (sandbox, kite) = start(5).await;
    kite.echo().send("warm").await.unwrap();
    let delay = Effect::Delay(Duration::from_millis(300));
    sandbox.control().add(Rule::always().then(delay));
    let sim = sandbox.fleet().at(0).unwrap();
    let options = CallOptions::default().with_attempt_timeout(Duration::from_millis(200));
    let once = kite
        .inventory()
        .with_options(options.clone().with_retry(Retry::NONE));
    let error = once.status(icc(&sim)).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_outcome_unknown(), "{error}");
    assert_eq!(sandbox.journal().count("getStatusDetail"), 1);

    let hasty = kite.inventory().with_options(options);
    let error = hasty.status(icc(&sim)).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("(attempt 3)"), "{error}");
    assert_eq!(sandbox.journal().count("getStatusDetail"), 4);
}

#[tokio::test]
async fn a_read_cut_is_asked_again_and_the_caller_sees_nothing() {
    for warm in [false, true] {
        for effect in [
            Effect::CutBefore,
            Effect::CutAfter,
            Effect::CutMidBody,
            Effect::Html(502),
            Effect::Status(503),
        ] {
            let (sandbox, kite) = start(20).await;
            if warm {
                kite.echo().send("warm").await.unwrap();
            }
            let cut = Rule::on("getSubscriptions").times(2).then(effect);
            sandbox.control().add(cut);
            let sim = sandbox.fleet().at(7).unwrap();
            let found = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
            assert_eq!(found.icc, icc(&sim));
            assert_eq!(sandbox.journal().count("getSubscriptions"), 3);
        }
    }
}

#[tokio::test]
async fn a_read_that_is_cut_for_ever_is_interrupted() {
    for effect in [Effect::CutBefore, Effect::CutAfter, Effect::CutMidBody] {
        let (sandbox, kite) = start(20).await;
        let cut = Rule::on("getSubscriptions").then(effect);
        sandbox.control().add(cut);
        let sim = sandbox.fleet().at(7).unwrap();
        let error = kite.inventory().get(icc(&sim)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert!(!error.is_outcome_unknown(), "{error}");
        assert_eq!(sandbox.journal().count("getSubscriptions"), 3);
    }
}

#[tokio::test]
async fn a_write_without_a_connection_was_not_sent() {
    let (sandbox, _) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    // A port that was free a moment ago, and has no listener now.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let kite = builder(&sandbox)
        .base_url(format!("https://{address}"))
        .build()
        .unwrap();
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    let error = kite
        .inventory()
        .modify(icc(&sim), change)
        .await
        .unwrap_err();
    assert!(error.is_connect() && !error.is_outcome_unknown(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("check the base URL"), "{error}");
}

#[tokio::test]
async fn a_write_with_less_time_than_an_attempt_is_not_begun() {
    let (sandbox, kite) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let options = CallOptions::default().with_deadline(Duration::from_secs(5));
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    let hasty = kite.inventory().with_options(options);
    let error = hasty.modify(icc(&sim), change).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(error.to_string().contains("deadline"), "{error}");
    assert_eq!(sandbox.journal().snapshot().len(), 0);
}

#[tokio::test]
async fn a_write_whose_caller_gives_up_is_sent_once_and_disturbs_nobody() {
    let (sandbox, kite) = start(50).await;
    kite.echo().send("warm").await.unwrap();
    let delay = Effect::Delay(Duration::from_millis(300));
    sandbox.control().add(Rule::on(MODIFY).then(delay));
    let sim = in_state(sandbox.fleet(), State::Active);
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    let sims = kite.inventory();
    let call = sims.modify(icc(&sim), change);
    let given_up = tokio::time::timeout(Duration::from_millis(200), call).await;
    assert!(given_up.is_err());
    assert_eq!(state(&kite, &sim).await, LifeCycleStatus::Deactivated);
    assert_eq!(sandbox.journal().count(MODIFY), 1);
}
