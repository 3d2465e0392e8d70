//! What users do all day: find SIMs, move their state on, send short messages.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use mno_sandbox::{Effect, Rule, State};
use mno_sdk::ErrorKind;
use mno_sdk::kite::inventory::{
    Change, LifeCycleChange, LifeCycleStatus, SendSms, SendSmsStatus, SimId, SubscriptionIdentifier,
};
use mno_sdk::kite::{CommercialGroupId, Sms, SmsOutcome, SubscriptionFilter, TargetState, Wait};

use super::*;

fn quick() -> Wait {
    Wait::default()
        .with_first_pause(Duration::from_millis(5))
        .with_longest_pause(Duration::from_millis(20))
        .with_limit(Duration::from_millis(200))
}

#[tokio::test]
async fn a_filter_that_the_platform_would_refuse_is_never_sent() {
    let (sandbox, kite) = start(5).await;
    let day = || "2031-01-31".parse().unwrap();
    for (filter, path, reason) in [
        (
            SubscriptionFilter::new().stalled_days(30),
            "stalledDays",
            "lifeCycleState",
        ),
        (
            SubscriptionFilter::new().unused_days(366),
            "unusedDays",
            "from 1 to 365",
        ),
        (
            SubscriptionFilter::new().unused_days(0),
            "unusedDays",
            "from 1 to 365",
        ),
        (
            SubscriptionFilter::new().custom_field(5, "x"),
            "customField_5",
            "1 to 4",
        ),
        (SubscriptionFilter::new().alias(" "), "alias", "blank"),
        (
            SubscriptionFilter::new().alias("a").alias("b"),
            "alias",
            "twice",
        ),
        (
            SubscriptionFilter::new().changed_to(LifeCycleStatus::Active),
            "endState",
            "startLastStateChangeDate or endLastStateChangeDate",
        ),
        (
            SubscriptionFilter::new().vouchers('X', "consumption", 1),
            "pvBasicService",
            "V, D or S",
        ),
        (
            SubscriptionFilter::new().vouchers('D', "consumption", 4),
            "pvCriticality",
            "from 0 to 3",
        ),
    ] {
        let error = kite.inventory().search(filter).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.path(), Some(path));
        assert!(error.to_string().contains(reason), "{error}");
    }
    let complete = SubscriptionFilter::new()
        .changed_to(LifeCycleStatus::Active)
        .state_changed_since(day());
    assert!(kite.inventory().search(complete).is_ok());
    assert!(sandbox.journal().snapshot().is_empty());
}

#[tokio::test]
async fn filters_are_spelt_as_the_platform_wants_them() {
    let (sandbox, kite) = start(50).await;
    sandbox.journal().keep_bodies(true);
    let filter = SubscriptionFilter::new()
        .life_cycle_state(LifeCycleStatus::Active)
        .custom_field(1, "R&D")
        .commercial_group(CommercialGroupId::new(10_101));
    let none: Vec<_> = kite
        .inventory()
        .search(filter)
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert!(none.is_empty());
    let body = sandbox.journal().snapshot()[0].body.clone().unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    for part in ["lifeCycleState<", "customField_1<", ">R&amp;D<", ">10101<"] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[tokio::test]
async fn a_state_is_asked_for_and_waited_for() {
    let (sandbox, kite) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::InactiveNew);
    let sims = kite.inventory();
    let status = sims
        .change_state(icc(&sim), TargetState::Test, quick())
        .await
        .unwrap();
    assert_eq!(status.state, LifeCycleStatus::Test);
    assert_eq!(sandbox.journal().count("modifySubscription"), 1);
}

#[tokio::test]
async fn a_lost_answer_of_a_change_of_state_is_settled_by_looking() {
    let (sandbox, kite) = start(50).await;
    sandbox
        .control()
        .add(Rule::on("modifySubscription").then(Effect::CutAfter));
    let sim = in_state(sandbox.fleet(), State::Active);
    let sims = kite.inventory();
    let status = sims
        .change_state(icc(&sim), TargetState::Deactivated, quick())
        .await
        .unwrap();
    assert_eq!(status.state, LifeCycleStatus::Deactivated);
    assert_eq!(
        sandbox.journal().count("modifySubscription"),
        1,
        "sent once"
    );
}

#[tokio::test]
async fn a_state_that_does_not_come_is_an_unknown_outcome_with_the_present_one() {
    let (sandbox, kite) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let error = kite
        .inventory()
        .wait_for_state(icc(&sim), LifeCycleStatus::Deactivated, quick())
        .await
        .unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(
        error
            .to_string()
            .contains("the SIM is ACTIVE, not DEACTIVATED"),
        "{error}"
    );
    assert!(sandbox.journal().count("getStatusDetail") > 2);
}

#[tokio::test]
async fn a_refused_change_of_state_is_not_waited_for() {
    let (sandbox, kite) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let sims = kite.inventory();
    let error = sims
        .change_state(icc(&sim), TargetState::Test, quick())
        .await
        .unwrap_err();
    assert!(error.is_invalid_transition(), "{error}");
    assert_eq!(sandbox.journal().count("getStatusDetail"), 0);
}

/// What a customer may set is what [`TargetState`] has; the rest is refused whoever asks for it.
#[tokio::test]
async fn suspended_and_retired_are_the_providers_to_set() {
    let (sandbox, kite) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    for state in [LifeCycleStatus::Suspended, LifeCycleStatus::Retired] {
        let change = LifeCycleChange::new(state);
        let error = kite
            .inventory()
            .modify(icc(&sim), change)
            .await
            .unwrap_err();
        assert!(error.is_invalid_transition(), "{error}");
    }
    let force = LifeCycleChange::new(LifeCycleStatus::Retired).with_force_retired(true);
    let error = kite.inventory().modify(icc(&sim), force).await.unwrap_err();
    assert!(error.is_business_refusal(), "{error}");
    assert_eq!(
        sandbox.fleet().get(&sim.id()).unwrap().state(),
        State::Active
    );
}

#[tokio::test]
async fn a_sim_moves_to_a_group_by_its_id_and_shows_its_name() {
    let (sandbox, kite) = start(50).await;
    let (id, name) = sandbox.fleet().groups()[1].clone();
    let sim = sandbox
        .fleet()
        .find(|s| s.state() == State::Active)
        .unwrap();
    let change: Change = CommercialGroupId::new(id.into()).into();
    kite.inventory().modify(icc(&sim), change).await.unwrap();
    let sim = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(sim.commercial_group, name);
}

fn everyone(sandbox: &Sandbox) -> Vec<SimId> {
    sandbox
        .fleet()
        .all()
        .iter()
        .map(|sim| icc(sim).into())
        .collect()
}

#[tokio::test]
async fn a_broadcast_to_2500_sims_is_three_calls_each_with_its_watcher() {
    let (sandbox, kite) = start(2500).await;
    let sms = Sms::new("reboot & <report>")
        .unwrap()
        .with_delivery_report(true);
    let batches = kite.inventory().broadcast(everyone(&sandbox), &sms).await;
    let sizes: Vec<_> = batches.iter().map(|b| b.sims.len()).collect();
    assert_eq!(sizes, [1000, 1000, 500]);
    let sent = sandbox.sent_sms();
    assert_eq!(sent.len(), 3);
    let mut reached: Vec<String> = Vec::new();
    for (batch, sent) in batches.iter().zip(&sent) {
        assert_eq!(batch.outcome.watcher_id(), Some(sent.watcher_id.as_str()));
        assert_eq!(sent.text, "reboot & <report>");
        assert!(sent.delivery_report);
        reached.extend(sent.destinations.iter().cloned());
    }
    reached.sort();
    reached.dedup();
    assert_eq!(reached.len(), 2500, "every SIM once");
    let watcher = batches[0].outcome.watcher_id().unwrap();
    let result = kite
        .inventory()
        .wait_for_sms(watcher, quick())
        .await
        .unwrap();
    assert_eq!(result.status, SendSmsStatus::Finished);
}

#[tokio::test]
async fn more_sims_than_a_call_takes_are_refused_before_it_is_made() {
    let (sandbox, kite) = start(1).await;
    let sim = icc(&sandbox.fleet().at(0).unwrap());
    let to = |count| std::iter::repeat_n(SubscriptionIdentifier::new(sim.clone()), count);
    let error = kite
        .inventory()
        .send_sms(&SendSms::new(to(1001), "reboot"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("broadcast()"), "{error}");
    assert!(sandbox.journal().snapshot().is_empty());
    let most = SendSms::new(to(1000), "reboot");
    kite.inventory().send_sms(&most).await.unwrap();
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_not_sent_again_and_the_others_go_on() {
    let (sandbox, kite) = start(2500).await;
    sandbox
        .control()
        .add(Rule::on("sendSMS").skip(1).times(1).then(Effect::CutAfter));
    let sms = Sms::new("reboot").unwrap();
    let batches = kite.inventory().broadcast(everyone(&sandbox), &sms).await;
    assert!(matches!(batches[0].outcome, SmsOutcome::Accepted(_)));
    assert!(matches!(&batches[1].outcome, SmsOutcome::Failed(e) if e.is_outcome_unknown()));
    assert!(matches!(batches[2].outcome, SmsOutcome::Accepted(_)));
    assert_eq!(sandbox.journal().count("sendSMS"), 3);
    assert_eq!(
        sandbox.sent_sms().len(),
        3,
        "the lost one was carried out, once"
    );
}

#[tokio::test]
async fn what_stands_in_the_way_of_all_stops_the_broadcast() {
    let (sandbox, kite) = start(2500).await;
    sandbox.control().maintenance(true);
    let sms = Sms::new("reboot").unwrap();
    let batches = kite.inventory().broadcast(everyone(&sandbox), &sms).await;
    assert!(matches!(&batches[0].outcome, SmsOutcome::Failed(e) if e.is_unavailable()));
    assert!(matches!(batches[1].outcome, SmsOutcome::NotSent));
    assert!(matches!(batches[2].outcome, SmsOutcome::NotSent));
    assert_eq!(sandbox.journal().count("sendSMS"), 1);
}
