//! SIM swap: a subscription goes on with another card.

use mno_sandbox::{Effect, Rule};
use mno_sdk::kite::simswap::SimId;

use super::*;

#[tokio::test]
async fn the_number_moves_to_the_other_card_and_history_stays() {
    let (sandbox, kite) = start(100).await;
    let fleet = sandbox.fleet();
    let broken = fleet.find(|s| s.ip.is_some()).unwrap();
    let spare = in_state(fleet, State::InactiveNew);
    let done = kite.simswap().swap(msisdn(&broken), icc(&spare)).await;
    assert_eq!(done.unwrap(), Some(true));

    let inventory = kite.inventory();
    let found = inventory.get(msisdn(&broken)).await.unwrap().unwrap();
    assert_eq!(found.icc, icc(&spare), "the number has the spare card");
    assert_eq!(found.imsi, imsi(&spare));
    assert_eq!(found.subscription_id, broken.subscription_id);
    assert_eq!(found.alias, broken.alias);
    assert_eq!(found.life_cycle_status.as_str(), "ACTIVE");
    let consumed = broken.monthly.data.value;
    assert_eq!(found.consumption_monthly.data.value, Some(consumed));
    let history = inventory.status_history(icc(&spare), None, None).await;
    let history = history.unwrap().into_all().unwrap();
    assert_eq!(history.len(), broken.life.history().count());

    // The broken card belongs to the spare subscription now, by every identifier.
    let other = inventory.get(icc(&broken)).await.unwrap().unwrap();
    assert_eq!(other.imsi, imsi(&broken));
    assert_eq!(other.subscription_id, spare.subscription_id);
    assert_eq!(other.life_cycle_status.as_str(), "INACTIVE_NEW");
    let by_imsi = inventory.get(imsi(&broken)).await.unwrap().unwrap();
    assert_eq!(by_imsi.subscription_id, spare.subscription_id);
}

#[tokio::test]
async fn a_lost_answer_is_not_asked_for_again() {
    let (sandbox, kite) = start(100).await;
    let rule = Rule::on("swapSubscriptions").then(Effect::CutAfter);
    sandbox.control().add(rule);
    let fleet = sandbox.fleet();
    let broken = fleet.find(|s| s.msisdn.is_some()).unwrap();
    let spare = in_state(fleet, State::InactiveNew);
    let other = SimId::SubscriptionId(spare.subscription_id.clone());
    let error = kite.simswap().swap(icc(&broken), other).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("getSubscriptions"), "{error}");
    assert_eq!(sandbox.journal().count("swapSubscriptions"), 1);
    let found = kite.inventory().get(msisdn(&broken)).await.unwrap();
    assert_eq!(found.unwrap().icc, icc(&spare), "it was done, and once");
}

#[tokio::test]
async fn an_unknown_card_and_a_customer_elsewhere_are_refused() {
    let (sandbox, kite) = start(10).await;
    let sim = sandbox.fleet().at(0).unwrap();
    let simswap = kite.simswap();
    let error = simswap.swap(icc(&sim), unknown_icc()).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    // Not in Mexico: the operation is refused as any other without the right to it.
    let other = sandbox.fleet().at(1).unwrap();
    sandbox.control().forbid(ORGANISATION, "swapSubscriptions");
    let error = simswap.swap(icc(&sim), icc(&other)).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    assert_eq!(sandbox.fleet().at(0).unwrap(), sim);
}
