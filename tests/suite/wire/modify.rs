//! `modifySubscription`: every group of changes.

use mno_kite_common_v1::types::{IpAddress, IpAddressChoice, LifeCycleStatus};
use mno_kite_inventory_v12::operations::ModifySubscription;
use mno_kite_inventory_v12::server::Request;
use mno_kite_inventory_v12::types::{
    ApnChange, BasicServicesChange, Change, ConsumptionThreshold, ExpenseLimit, LabelsChange,
    LifeCycleChange, SimId, SupplementaryServicesChange, ThresholdsChange,
};

use super::message;
use super::requests::{check, icc, imsi, msisdn};
use super::subscription::money;

#[track_caller]
fn group(name: &str, id: SimId, change: impl Into<Change>) {
    let file = match name {
        "" => "modifySubscription".to_owned(),
        name => format!("modifySubscription.{name}"),
    };
    check(
        &file,
        &ModifySubscription::new(id, change),
        Request::ModifySubscription,
    );
}

fn sim() -> SimId {
    icc("8999000000000001011")
}

fn v4(text: &str) -> IpAddress {
    IpAddress::new(IpAddressChoice::Ipv4(text.into()))
}

fn v6(text: &str) -> IpAddress {
    IpAddress::new(IpAddressChoice::Ipv6(text.into()))
}

#[test]
fn alias_alone() {
    let change = LabelsChange::new().with_alias("pump 7, north hall");
    group("", sim(), change);
}

#[test]
fn life_cycle() {
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated).with_force_retired(false);
    group("life-cycle", sim(), change);
}

#[test]
fn commercial_group() {
    group(
        "commercial-group",
        sim(),
        Change::CommercialGroup("4711".into()),
    );
}

#[test]
fn supervision_group() {
    group(
        "supervision-group",
        sim(),
        Change::SupervisionGroup("north_hall".into()),
    );
}

#[test]
fn lte() {
    group("lte", sim(), Change::Lte(true));
}

#[test]
fn qci() {
    group("qci", sim(), Change::Qci(9));
}

#[test]
fn volte() {
    group("volte", sim(), Change::VoLte(false));
}

#[test]
fn labels_with_a_cleared_one() {
    let change = LabelsChange::new()
        .with_alias("Zähler <12>")
        .with_custom_field1("north")
        .with_custom_field2("")
        .with_custom_field3("R&D")
        .with_custom_field4("  kept blanks  ");
    group(
        "labels",
        SimId::SubscriptionId("sub-0000000101".into()),
        change,
    );
}

fn apn_change() -> ApnChange {
    ApnChange::new()
        .with_apn0("meters.example")
        .with_apn1("-")
        .with_apn9("cameras.example")
        .with_static_ip_address0(v4("192.0.2.10"))
        .with_static_ip_address9(v6("2001:db8:0:9::a"))
        .with_additional_static_ip_address0(v6("2001:db8::a"))
        .with_default_apn("meters.example")
}

#[test]
fn apn_and_ip() {
    group("apn-ip", sim(), apn_change());
    let debug = format!("{:?}", apn_change());
    assert!(!debug.contains("192.0.2") && !debug.contains("2001:db8"));
}

#[test]
fn thresholds() {
    let daily = ConsumptionThreshold::new(true, false, true)
        .with_data_limit(1_048_576_u32)
        .with_data_traffic_cut(true)
        .with_sms_limit(20_u32)
        .with_sms_traffic_cut(false);
    let monthly = ConsumptionThreshold::new(true, true, false)
        .with_data_limit(u32::MAX)
        .with_voice_limit(3600_u32)
        .with_voice_traffic_cut(true);
    let expenses = ExpenseLimit::new(true, false, false, true)
        .with_data_limit(money("12.50"))
        .with_total_limit(money("20.00001"));
    let change = ThresholdsChange::new()
        .with_daily_consumption_threshold(daily)
        .with_monthly_consumption_threshold(monthly)
        .with_monthly_expense_limit(expenses);
    group("thresholds", msisdn("+999000000101"), change);
}

#[test]
fn basic_services() {
    let change = BasicServicesChange::new()
        .with_voice_mo_home_enabled(true)
        .with_voice_mo_international_enabled(false)
        .with_voice_mo_roaming_enabled(true)
        .with_voice_mt_home_enabled(true)
        .with_voice_mt_roaming_enabled(false)
        .with_sms_mo_home_enabled(true)
        .with_sms_mo_international_enabled(false)
        .with_sms_mo_roaming_enabled(true)
        .with_sms_mt_home_enabled(true)
        .with_sms_mt_roaming_enabled(false)
        .with_data_home_enabled(true)
        .with_data_roaming_enabled(true);
    group("basic-services", imsi("001010000000101"), change);
}

#[test]
fn supplementary_services() {
    let change = SupplementaryServicesChange::new()
        .with_vpn_enabled(true)
        .with_advanced_supervision_enabled(false)
        .with_location_enabled(true);
    group("supplementary-services", sim(), change);
}

#[test]
fn guide_order_is_read_although_out_of_order() {
    let body = message("inventory-v12/modifySubscription.guide-order.request.xml");
    let change = ApnChange::new()
        .with_apn0("meters.example")
        .with_static_ip_address0(v4("192.0.2.10"));
    let expected = ModifySubscription::new(sim(), change);
    assert_eq!(
        Request::decode(&body).unwrap(),
        Some(Request::ModifySubscription(Box::new(expected)))
    );
}
