//! Subscription groups: made, filled, refused, deleted.

use futures_util::StreamExt as _;
use mno_sandbox::{Effect, Rule};
use mno_sdk::kite::commercial_groups::{
    CreateCommercialGroup, Edrx, EdrxTechnology, Limit, LpwaPowerSaving, ScreeningRule, TimerUnit,
    UpdateCommercialGroup, UpdateLpwaPowerSaving, UpdateScreeningLists,
};
use mno_sdk::kite::{CommercialGroupId, Service, SubscriptionFilter, commercial_groups_v2};
use mno_sdk::{ErrorKind, runtime::Decimal};

use super::*;

/// The plan of the sandbox's groups.
const PLAN: &str = "30301";

fn limit(value: &str) -> Limit {
    Limit::new(true).with_value(value.parse::<Decimal>().unwrap())
}

#[tokio::test]
async fn a_group_is_made_listed_filled_emptied_and_deleted() {
    let (sandbox, kite) = start(20).await;
    let groups = kite.commercial_groups();
    let wanted = CreateCommercialGroup::new("Pumps & valves", PLAN)
        .with_description("of the north")
        .with_billing_account_id("1")
        .with_limit_total(limit("12.5").with_traffic_cut(true));
    let id = groups.create(&wanted).await.unwrap().unwrap();
    let listed = groups.list().await.unwrap();
    let listed = listed.ok().find(|g| g.id == id.to_string()).unwrap();
    assert_eq!(listed.name, "Pumps & valves");
    assert_eq!(groups.find("Pumps & valves").await.unwrap(), Some(id));
    assert_eq!(groups.find("pumps").await.unwrap(), None);

    let sim = sandbox.fleet().at(3).unwrap();
    kite.inventory().modify(icc(&sim), id).await.unwrap();
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.commercial_group, "Pumps & valves");
    assert_eq!(read.billing_account_name(), Some("Sandbox Projects"));
    let filter = SubscriptionFilter::new().commercial_group(id);
    let in_it: Vec<_> = kite.inventory().search(filter).unwrap().collect().await;
    assert_eq!(in_it.len(), 1);
    let detail = groups.get(id).await.unwrap();
    assert_eq!(detail.subscriber_count, Some(1));
    assert_eq!(detail.service_pack_name(), Some("Sandbox Plan"));
    assert_eq!(detail.limit_total, wanted.limit_total);
    assert_eq!(
        (detail.restricted, detail.end_customer()),
        (Some(false), None)
    );

    let full = groups.delete(id).await.unwrap_err();
    assert!(full.is_business_refusal(), "{full}");
    let back = CommercialGroupId::new(sim.commercial_group.into());
    kite.inventory().modify(icc(&sim), back).await.unwrap();
    groups.delete(id).await.unwrap();
    assert!(groups.get(id).await.unwrap_err().is_not_found());
    let gone = kite.inventory().modify(icc(&sim), id).await.unwrap_err();
    assert!(gone.is_not_found(), "{gone}");
}

#[tokio::test]
async fn a_restricted_group_keeps_its_name_and_stays() {
    let (sandbox, kite) = start(3).await;
    let all = sandbox.commercial_groups().all();
    let restricted = all.iter().find(|g| g.restricted).unwrap();
    let id = CommercialGroupId::new(restricted.id.into());
    let groups = kite.commercial_groups();
    assert_eq!(groups.get(id).await.unwrap().restricted, Some(true));
    let rename = UpdateCommercialGroup::new(id).with_name("mine");
    for error in [
        groups.delete(id).await.unwrap_err(),
        groups.update(&rename).await.unwrap_err(),
    ] {
        assert!(error.is_business_refusal(), "{error}");
        let fault = error.fault::<mno_sdk::kite::commercial_groups::ClientException>();
        assert_eq!(fault.unwrap().exception_id, 1013);
    }
    let describe = UpdateCommercialGroup::new(id)
        .with_description("meters")
        .with_limit_sms(limit("3"));
    groups.update(&describe).await.unwrap();
    let read = groups.get(id).await.unwrap();
    assert_eq!(read.description(), Some("meters"));
    assert_eq!(read.limit_sms, describe.limit_sms);
    assert_eq!(read.name, restricted.name);
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_not_repeated() {
    let (sandbox, kite) = start(3).await;
    sandbox
        .control()
        .add(Rule::on("createCommercialGroup").then(Effect::CutAfter));
    let groups = kite.commercial_groups();
    let wanted = CreateCommercialGroup::new("Pumps", PLAN);
    let error = groups.create(&wanted).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("getCommercialGroups"), "{error}");
    assert_eq!(sandbox.journal().count("createCommercialGroup"), 1);
    assert!(groups.find("Pumps").await.unwrap().is_some());
}

#[tokio::test]
async fn names_that_are_not_unique_are_not_guessed_at() {
    let (_sandbox, kite) = start(1).await;
    let groups = kite.commercial_groups();
    for _ in 0..2 {
        let wanted = CreateCommercialGroup::new("Pumps", PLAN);
        groups.create(&wanted).await.unwrap();
    }
    let error = groups.find("Pumps").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("choose by id"), "{error}");
}

#[tokio::test]
async fn screening_lists_are_replaced_and_cleared() {
    let (sandbox, kite) = start(1).await;
    let id = CommercialGroupId::new(10_102);
    let groups = kite.commercial_groups();
    let now = || {
        sandbox
            .commercial_groups()
            .get(10_102)
            .unwrap()
            .screening
            .clone()
    };
    let lists = UpdateScreeningLists::new(id)
        .with_white_list(["99901*".to_owned()])
        .with_black_list(["999*".to_owned(), "99802".to_owned()]);
    groups.update_screening_lists(&lists).await.unwrap();
    assert_eq!(
        (now().white, now().black.len()),
        (vec!["99901*".to_owned()], 2)
    );
    let clear = UpdateScreeningLists::new(id).with_black_list([String::new()]);
    groups.update_screening_lists(&clear).await.unwrap();
    assert_eq!((now().white.len(), now().black.len()), (1, 0));

    let nai = || vec![ScreeningRule::new("999*", 4_u32)];
    let with_nai = UpdateScreeningLists::new(id).with_roaming_list_nai(nai());
    groups.update_screening_lists(&with_nai).await.unwrap();
    assert_eq!(now().with_nai[2], [("999*".to_owned(), 4)]);
    let both = lists.with_white_list_nai(nai());
    let error = groups.update_screening_lists(&both).await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
}

#[tokio::test]
async fn power_saving_is_set_and_read_back() {
    let (_sandbox, kite) = start(1).await;
    let id = CommercialGroupId::new(10_103);
    let groups = kite.commercial_groups();
    let settings = LpwaPowerSaving::new()
        .with_kite_master(true)
        .with_tau_timer(12_u64)
        .with_tau_timer_unit(TimerUnit::Hours)
        .with_active_timer(90_u64)
        .with_active_timer_unit(TimerUnit::Seconds)
        .with_edrx([Edrx::new(15_u32, 0_u32, EdrxTechnology::NbIot)]);
    let request = UpdateLpwaPowerSaving::new(id, settings.clone());
    groups.update_lpwa_power_saving(&request).await.unwrap();
    let read = groups.get(id).await.unwrap();
    assert_eq!(read.lpwa_power_saving, Some(settings.clone()));
    let short = settings
        .with_tau_timer(59_u64)
        .with_tau_timer_unit(TimerUnit::Minutes);
    let request = UpdateLpwaPowerSaving::new(id, short);
    let error = groups.update_lpwa_power_saving(&request).await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
    let codes = LpwaPowerSaving::new().with_edrx([Edrx::new(16_u32, 0_u32, EdrxTechnology::LteM)]);
    let request = UpdateLpwaPowerSaving::new(id, codes);
    let error = groups.update_lpwa_power_saving(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "not sent: {error}");
}

#[tokio::test]
async fn version_2_goes_all_the_way_too() {
    use commercial_groups_v2::{
        CreateCommercialGroup, DeleteCommercialGroup, GetCommercialGroup, GetCommercialGroups,
        UpdateCommercialGroup, UpdateScreeningLists,
    };
    let (sandbox, kite) = start(1).await;
    let client = kite.commercial_groups_v2();
    let wanted = CreateCommercialGroup::new("Gates", PLAN);
    let id = client
        .create_commercial_group(&wanted)
        .await
        .unwrap()
        .id
        .unwrap();
    let gates = super::end_customers::pumps("Meadow Gates");
    let owner = kite.end_customers().create(gates).await.unwrap();
    let assign = UpdateCommercialGroup::new(id.clone()).with_end_customer(owner.as_str());
    client.update_commercial_group(&assign).await.unwrap();
    let lists = UpdateScreeningLists::new(id.clone()).with_white_list(["999*".to_owned()]);
    client.update_screening_lists(&lists).await.unwrap();
    let all = client
        .get_commercial_groups(&GetCommercialGroups::new())
        .await
        .unwrap();
    assert_eq!(all.commercial_group.len(), 4);
    let one = GetCommercialGroup::new(id.clone());
    let read = client.get_commercial_group(&one).await.unwrap();
    assert_eq!(read.end_customer(), Some(owner.as_str()));
    let group = sandbox
        .commercial_groups()
        .get(id.parse().unwrap())
        .unwrap();
    assert_eq!(group.screening.white, ["999*"]);
    let delete = DeleteCommercialGroup::new(id);
    client.delete_commercial_group(&delete).await.unwrap();
    assert_eq!(sandbox.commercial_groups().all().len(), 3);
}

/// The guide's own example of 6.11: the path of version 4 with the namespace of version 2. The
/// sandbox does not take it; a platform that does can be spoken to.
#[tokio::test]
async fn path_and_namespace_can_be_of_two_versions() {
    let sandbox = sandbox(1).keep_bodies(true).start().await.unwrap();
    let kite = builder(&sandbox)
        .wire_version(Service::CommercialGroup, "v4", "v2")
        .build()
        .unwrap();
    let id = CommercialGroupId::new(10_102);
    let error = kite.commercial_groups().remove_end_customer(id).await;
    assert!(error.is_err());
    let entry = sandbox.journal().snapshot().remove(0);
    assert_eq!(
        (entry.service.as_str(), entry.version.as_str()),
        ("CommercialGroup", "v4")
    );
    let body = String::from_utf8(entry.body.unwrap().to_vec()).unwrap();
    assert!(body.contains("/commercialgroup/v2/types"), "{body}");
}
