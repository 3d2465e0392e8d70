//! Commercial groups, versions 4 and 2: requests as they are written, answers as they are read.

use mno_kite_commercial_group_v2 as v2;
use mno_kite_commercial_group_v4::operations::{
    CreateCommercialGroup, CreateCommercialGroupResponse, DeleteCommercialGroup,
    DeleteCommercialGroupResponse, GetCommercialGroup, GetCommercialGroupResponse,
    GetCommercialGroups, UpdateCommercialGroup, UpdateCommercialGroupResponse,
    UpdateLpwaPowerSaving, UpdateLpwaPowerSavingResponse, UpdateScreeningLists,
    UpdateScreeningListsResponse,
};
use mno_kite_commercial_group_v4::server::Request;
use mno_kite_commercial_group_v4::types::{
    CommercialGroup, Edrx, EdrxTechnology, Limit, LpwaPowerSaving, ScreeningRule, TimerUnit,
};
use mno_kite_commercial_group_v4::{Client, ns};
use mno_runtime::Decimal;
use mno_runtime::soap::SoapOperation;
use mno_runtime::xml::NamespaceTable;

use super::tree::{assert_same, body};
use super::{Recorder, answer_with, envelope, message, message_text, run};

#[track_caller]
fn check<O>(name: &str, request: &O, wrap: fn(Box<O>) -> Request)
where
    O: SoapOperation + Clone,
{
    let file = format!("commercial-group-v4/{name}.request.xml");
    assert_same(
        &body(&envelope(request, ns::TABLE)),
        &body(&message_text(&file)),
    );
    let decoded = Request::decode(&message(&file)).unwrap().expect("known");
    assert_eq!(decoded, wrap(Box::new(request.clone())));
    assert_eq!(decoded.operation(), O::FACTS.operation);
}

fn read<O: SoapOperation>(name: &str) -> O::Response {
    let file = format!("commercial-group-v4/{name}.response.xml");
    answer_with::<O>(&message(&file), &NamespaceTable::new(ns::TABLE)).expect("decodes")
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn wanted() -> CreateCommercialGroup {
    CreateCommercialGroup::new("Pumps & valves", "30301")
        .with_description("Everything that moves water")
        .with_billing_account_id("1")
        .with_limit_sms(Limit::new(false))
        .with_limit_total(
            Limit::new(true)
                .with_value(money("12.5"))
                .with_traffic_cut(true),
        )
        .with_white_list(["99901*".to_owned(), "999020000001".to_owned()])
        .with_black_list(["999*".to_owned()])
}

#[test]
fn create() {
    check(
        "createCommercialGroup",
        &wanted(),
        Request::CreateCommercialGroup,
    );
    let answer = read::<CreateCommercialGroup>("createCommercialGroup");
    assert_eq!(
        answer,
        CreateCommercialGroupResponse::new().with_id("10104")
    );
    let debug = format!("{:?}", wanted());
    assert!(!debug.contains("999020000001"), "a whole number: {debug}");
    assert!(debug.contains("Pumps"), "a group is nobody: {debug}");
}

#[test]
fn delete() {
    let request = DeleteCommercialGroup::new("10104");
    check(
        "deleteCommercialGroup",
        &request,
        Request::DeleteCommercialGroup,
    );
    let answer = read::<DeleteCommercialGroup>("deleteCommercialGroup");
    assert_eq!(answer, DeleteCommercialGroupResponse::new());
}

#[test]
fn list() {
    check(
        "getCommercialGroups",
        &GetCommercialGroups::new(),
        Request::GetCommercialGroups,
    );
    let groups = read::<GetCommercialGroups>("getCommercialGroups");
    let groups = groups.commercial_group.into_all().unwrap();
    let own = "customer-0Meadow7Pumps";
    let expected = [
        CommercialGroup::new("26", "Meadow pumps")
            .with_description("pumps of the meadow")
            .with_customer_id(own),
        CommercialGroup::new("61", "Meadow gates")
            .with_description("")
            .with_customer_id(own),
    ];
    assert_eq!(groups, expected);
    assert_eq!(groups[1].description(), None);
    let empty = read::<GetCommercialGroups>("getCommercialGroups.empty");
    assert!(empty.commercial_group.is_empty());
}

#[test]
fn get() {
    let request = GetCommercialGroup::new("26");
    check("getCommercialGroup", &request, Request::GetCommercialGroup);
    let group = read::<GetCommercialGroup>("getCommercialGroup");
    let power = LpwaPowerSaving::new()
        .with_kite_master(true)
        .with_tau_timer(4_294_967_295_u64)
        .with_tau_timer_unit(TimerUnit::Seconds)
        .with_edrx([Edrx::new(15_u32, 0_u32, EdrxTechnology::LteM)]);
    let data = Limit::new(true)
        .with_value(money("1.00001"))
        .with_traffic_cut(false);
    let expected = GetCommercialGroupResponse::new("26", "Meadow pumps")
        .with_description("pumps of the meadow")
        .with_customer_id("customer-0Meadow7Pumps")
        .with_customer_name("Meadow Waterworks")
        .with_end_customer("aggregator-0Meadow7North")
        .with_service_pack_id("30301")
        .with_service_pack_name("Meadow Plan")
        .with_billing_account_id("0")
        .with_billing_account_name("default")
        .with_restricted(false)
        .with_input_restricted(false)
        .with_lists_locked(true)
        .with_imei_filter_enabled(false)
        .with_data_pool_overage_barring(true)
        .with_billing_cycle_start_day(18_u32)
        .with_limit_voice(Limit::new(false))
        .with_limit_data(data)
        .with_subscriber_count(412_u32)
        .with_lpwa_power_saving(power);
    assert_eq!(group, expected);
}

#[test]
fn update() {
    let limit = Limit::new(true).with_value(money("7"));
    let request = UpdateCommercialGroup::new("26")
        .with_name("Meadow pumps, north")
        .with_billing_account_id("1")
        .with_limit_data(limit);
    check(
        "updateCommercialGroup",
        &request,
        Request::UpdateCommercialGroup,
    );
    let answer = read::<UpdateCommercialGroup>("updateCommercialGroup");
    assert_eq!(answer, UpdateCommercialGroupResponse::new());
}

/// Guide 6.11: an element that is empty, and not one that is left out.
#[test]
fn an_empty_end_customer_is_written_and_read_as_such() {
    let assign = UpdateCommercialGroup::new("26").with_end_customer("aggregator-0Meadow7North");
    check(
        "updateCommercialGroup.assign-end-customer",
        &assign,
        Request::UpdateCommercialGroup,
    );
    let remove = UpdateCommercialGroup::new("26").with_end_customer("");
    check(
        "updateCommercialGroup.remove-end-customer",
        &remove,
        Request::UpdateCommercialGroup,
    );
    let neither = UpdateCommercialGroup::new("26");
    assert!(!envelope(&neither, ns::TABLE).contains("endCustomer"));
}

#[test]
fn screening_lists() {
    let plain = UpdateScreeningLists::new("26")
        .with_white_list(["99901*".to_owned()])
        .with_black_list(["99902*".to_owned(), "99903*".to_owned()])
        .with_roaming_list([String::new()]);
    check(
        "updateScreeningLists",
        &plain,
        Request::UpdateScreeningLists,
    );
    let nai = UpdateScreeningLists::new("26")
        .with_white_list_nai([ScreeningRule::new("99901*", 4_u32)])
        .with_roaming_list_nai([ScreeningRule::new("999*", 4_u32)]);
    check(
        "updateScreeningLists.nai",
        &nai,
        Request::UpdateScreeningLists,
    );
    let answer = read::<UpdateScreeningLists>("updateScreeningLists");
    assert_eq!(answer, UpdateScreeningListsResponse::new());
}

#[test]
fn power_saving() {
    let settings = LpwaPowerSaving::new()
        .with_kite_master(false)
        .with_tau_timer(12_u64)
        .with_tau_timer_unit(TimerUnit::Hours)
        .with_active_timer(90_u64)
        .with_active_timer_unit(TimerUnit::Minutes)
        .with_edrx([
            Edrx::new(2_u32, 3_u32, EdrxTechnology::LteM),
            Edrx::new(15_u32, 0_u32, EdrxTechnology::NbIot),
        ]);
    let request = UpdateLpwaPowerSaving::new("26", settings);
    check(
        "updateLpwaPowerSaving",
        &request,
        Request::UpdateLpwaPowerSaving,
    );
    let answer = read::<UpdateLpwaPowerSaving>("updateLpwaPowerSaving");
    assert_eq!(answer, UpdateLpwaPowerSavingResponse::new());
}

/// Version 2 differs in its namespace and its path, and by the settings of power.
#[test]
fn version_2() {
    use v2::operations as o;
    use v2::types::{Limit, ScreeningRule};

    fn written<O: SoapOperation>(name: &str, request: &O) {
        let theirs = message_text(&format!("commercial-group-v2/{name}.request.xml"));
        assert_same(&body(&envelope(request, v2::ns::TABLE)), &body(&theirs));
    }
    fn read<O: SoapOperation>(name: &str) -> O::Response {
        let file = format!("commercial-group-v2/{name}.response.xml");
        answer_with::<O>(&message(&file), &NamespaceTable::new(v2::ns::TABLE)).expect("decodes")
    }
    let total = Limit::new(true)
        .with_value(money("12.5"))
        .with_traffic_cut(true);
    let create = o::CreateCommercialGroup::new("Pumps & valves", "30301")
        .with_description("Everything that moves water")
        .with_billing_account_id("1")
        .with_limit_sms(Limit::new(false))
        .with_limit_total(total)
        .with_white_list(["99901*".to_owned(), "999020000001".to_owned()])
        .with_black_list(["999*".to_owned()]);
    written("createCommercialGroup", &create);
    written(
        "deleteCommercialGroup",
        &o::DeleteCommercialGroup::new("10104"),
    );
    written("getCommercialGroups", &o::GetCommercialGroups::new());
    written("getCommercialGroup", &o::GetCommercialGroup::new("26"));
    let update = || o::UpdateCommercialGroup::new("26");
    let limit = Limit::new(true).with_value(money("7"));
    written(
        "updateCommercialGroup",
        &update()
            .with_name("Meadow pumps, north")
            .with_billing_account_id("1")
            .with_limit_data(limit),
    );
    written(
        "updateCommercialGroup.assign-end-customer",
        &update().with_end_customer("aggregator-0Meadow7North"),
    );
    written(
        "updateCommercialGroup.remove-end-customer",
        &update().with_end_customer(""),
    );
    let lists = || o::UpdateScreeningLists::new("26");
    let plain = lists()
        .with_white_list(["99901*".to_owned()])
        .with_black_list(["99902*".to_owned(), "99903*".to_owned()])
        .with_roaming_list([String::new()]);
    written("updateScreeningLists", &plain);
    let nai = lists()
        .with_white_list_nai([ScreeningRule::new("99901*", 4_u32)])
        .with_roaming_list_nai([ScreeningRule::new("999*", 4_u32)]);
    written("updateScreeningLists.nai", &nai);

    let created = read::<o::CreateCommercialGroup>("createCommercialGroup");
    assert_eq!(created.id(), Some("10104"));
    let groups = read::<o::GetCommercialGroups>("getCommercialGroups");
    let groups = groups.commercial_group.into_all().unwrap();
    assert_eq!(
        (groups[0].id.as_str(), groups[1].name.as_str()),
        ("26", "Meadow gates")
    );
    let group = read::<o::GetCommercialGroup>("getCommercialGroup");
    assert_eq!(group.end_customer(), Some("aggregator-0Meadow7North"));
    assert_eq!(
        (group.subscriber_count, group.lists_locked),
        (Some(412), Some(true))
    );
    read::<o::UpdateCommercialGroup>("updateCommercialGroup");
    read::<o::UpdateScreeningLists>("updateScreeningLists");
    read::<o::DeleteCommercialGroup>("deleteCommercialGroup");
}

/// What goes out: path, action, and the budget that both versions share.
#[test]
fn both_versions_have_a_path_and_share_a_budget() {
    let empty = message("commercial-group-v4/getCommercialGroups.empty.response.xml");
    let recorder = Recorder::xml(200, empty);
    let client = Client::new(recorder.transport());
    run(client.get_commercial_groups(&GetCommercialGroups::new())).unwrap();
    let call = recorder.call();
    assert_eq!(
        call.request.uri().path(),
        "/services/SOAP/GlobalM2M/CommercialGroup/v4/r12"
    );
    let action = call.request.headers()["soapaction"].to_str().unwrap();
    assert_eq!(action, "\"urn:getCommercialGroups\"");

    let empty = message("commercial-group-v2/getCommercialGroups.empty.response.xml");
    let recorder = Recorder::xml(200, empty);
    let client = v2::Client::new(recorder.transport());
    run(client.get_commercial_groups(&v2::operations::GetCommercialGroups::new())).unwrap();
    let old = recorder.call();
    assert_eq!(
        old.request.uri().path(),
        "/services/SOAP/GlobalM2M/CommercialGroup/v2/r12"
    );
    assert_eq!(old.facts.budget, call.facts.budget);
}
