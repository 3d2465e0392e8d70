//! `getSubscriptions`, the widest answer: a subscription with every field, and a sparse one.

use mno_kite_common_v1::types::LifeCycleStatus;
use mno_kite_inventory_v12::operations::{GetSubscriptions, GetSubscriptionsResponse};
use mno_kite_inventory_v12::types::{
    BasicServices, ConnectionStatus, Consumption, ConsumptionPeriod, Coordinates, Expense,
    ExpensePeriod, SubscriptionInfo, SubscriptionKind, SubscriptionLocation, SupplementaryServices,
    SwapStatus,
};
use mno_kite_inventory_v12::{ns, server};
use mno_runtime::Decimal;
use mno_runtime::values::{DateTime, Eid, Iccid, Imei, Imsi, Msisdn};
use mno_runtime::xml::Items;

use super::tree::{assert_same, body};
use super::{answer, message, message_text};

pub(crate) fn at(text: &str) -> DateTime {
    text.parse().expect("a date and time")
}

pub(crate) fn money(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// The page of the hand-written answer.
pub(crate) fn page() -> GetSubscriptionsResponse {
    answer::<GetSubscriptions>(&message("inventory-v12/getSubscriptions.response.xml"))
        .expect("decodes")
}

fn item(n: usize) -> SubscriptionInfo {
    page()
        .into_items()
        .into_iter()
        .nth(n)
        .expect("there")
        .expect("good")
}

/// Spares the tests a field name.
trait IntoItems {
    fn into_items(self) -> Items<SubscriptionInfo>;
}

impl IntoItems for GetSubscriptionsResponse {
    fn into_items(self) -> Items<SubscriptionInfo> {
        self.subscription_data
    }
}

fn consumption(limit: u64, value: u64, reached: u128, enabled: bool, cut: bool) -> Consumption {
    Consumption::new()
        .with_limit(limit)
        .with_value(value)
        .with_thr_reached(reached)
        .with_enabled(enabled)
        .with_traffic_cut(cut)
}

fn expense(limit: &str, value: &str, reached: &str, enabled: bool) -> Expense {
    Expense::new()
        .with_limit(money(limit))
        .with_value(money(value))
        .with_thr_reached(money(reached))
        .with_enabled(enabled)
}

/// The first item of the hand-written page, built in Rust, with all of its 99 fields.
pub(crate) fn full() -> SubscriptionInfo {
    let daily = ConsumptionPeriod::new(
        consumption(600, 61, 0, true, false),
        consumption(20, 17, 80, true, true),
        consumption(0, 123_456, 0, false, false),
    );
    let monthly = ConsumptionPeriod::new(
        consumption(7200, 1830, 0, true, false),
        consumption(0, 93, 0, false, false),
        consumption(10_737_418_240, 10_737_418_241, 100, true, true),
    );
    let expenses = ExpensePeriod::new(
        expense("5.00000", "1.25000", "0", true),
        expense("0", "0.93001", "0", false),
        expense("12.50", "12.49999", "80.5", true),
        expense("20", "14.67999", "0", true),
    )
    .with_voice_fee(money("0.10"))
    .with_sms_fee(money("0.20"))
    .with_data_fee(money("0.30"))
    .with_total_fee(money("0.60"))
    .with_other(money("-0.05"))
    .with_total(money("15.22999"))
    .with_voice_group_warning(false)
    .with_sms_group_warning(false)
    .with_data_group_warning(true)
    .with_total_group_warning(false);
    SubscriptionInfo::builder()
        .subscription_id("sub-0000000101")
        .icc(Iccid::new("8999000000000001011").unwrap())
        .imsi(Imsi::new("001010000000101").unwrap())
        .msisdn(Msisdn::new("+999000000101").unwrap())
        .alias("pump 7 & valve <7>")
        .custom_field1("north")
        .custom_field2("Zähler 12")
        .custom_field3("a < b")
        .custom_field4("hall 4")
        .sim_model("MODEL-4FF")
        .sim_type("LOCAL_RR")
        .gprs_status(
            ConnectionStatus::new()
                .with_status(1)
                .with_last_conn_start(at("2031-03-04T05:00:00Z"))
                .with_last_conn_stop(at("2031-03-03T22:10:00Z")),
        )
        .ip_status(
            ConnectionStatus::new()
                .with_status(2)
                .with_last_conn_start(at("2031-03-04T05:00:01.250Z"))
                .with_last_conn_stop(at("2031-03-04T05:30:00+00:00")),
        )
        .advanced_supervision(true)
        .consumption_daily(daily)
        .consumption_monthly(monthly)
        .expense_monthly(expenses)
        .provision_date(at("2031-01-10T00:00:00Z"))
        .shipping_date(at("2031-01-12T00:00:00Z"))
        .activation_date(at("2031-02-03T04:05:06.007+01:00"))
        .commercial_group("Pumps")
        .supervision_group("north_hall")
        .imei(Imei::new("00-100200-300401-2").unwrap())
        .apn("meters.example")
        .apn0("meters.example")
        .apn1("cameras.example")
        .apn2("doors.example")
        .apn3("lifts.example")
        .apn4("lamps.example")
        .apn5("trams.example")
        .apn6("signs.example")
        .apn7("tills.example")
        .apn8("bikes.example")
        .apn9("spare.example")
        .static_ip_address0("192.0.2.10")
        .static_ip_address1("192.0.2.11")
        .static_ip_address2("192.0.2.12")
        .static_ip_address3("192.0.2.13")
        .static_ip_address4("192.0.2.14")
        .static_ip_address5("192.0.2.15")
        .static_ip_address6("192.0.2.16")
        .static_ip_address7("192.0.2.17")
        .static_ip_address8("192.0.2.18")
        .static_ip_address9("192.0.2.19")
        .additional_static_ip_address0("2001:db8::a")
        .additional_static_ip_address1("2001:db8:0:1::a")
        .additional_static_ip_address2("2001:db8:0:2::a")
        .additional_static_ip_address3("2001:db8:0:3::a")
        .additional_static_ip_address4("2001:db8:0:4::a")
        .additional_static_ip_address5("2001:db8:0:5::a")
        .additional_static_ip_address6("2001:db8:0:6::a")
        .additional_static_ip_address7("2001:db8:0:7::a")
        .additional_static_ip_address8("2001:db8:0:8::a")
        .additional_static_ip_address9("2001:db8:0:9::a")
        .order_number("ORDER-31-0001")
        .master_id("master-example")
        .master_name("Example Master")
        .service_provider_enabler_id("provider-example-enabler")
        .service_provider_enabler_name("Example Enabler")
        .service_provider_commercial_id("provider-example-commercial")
        .service_provider_commercial_name("Example Commercial")
        .customer_id("customer-example-one")
        .customer_name("Example Waterworks")
        .life_cycle_status(LifeCycleStatus::Active)
        .customer_currency("978")
        .operator("Example Mobile")
        .country("ES")
        .manual_location(SubscriptionLocation::new(
            Coordinates::new()
                .with_latitude(12.5)
                .with_longitude(-45.25),
        ))
        .automatic_location(SubscriptionLocation::new(
            Coordinates::new().with_latitude(-12.75).with_longitude(0.0),
        ))
        .end_customer_name("Example Town")
        .end_customer_id("aggregator-example-three")
        .basic_services(
            BasicServices::new()
                .with_voice_originated_home(true)
                .with_voice_originated_roaming(false)
                .with_voice_originated_international(true)
                .with_voice_terminated_home(false)
                .with_voice_terminated_roaming(true)
                .with_sms_originated_home(false)
                .with_sms_originated_roaming(true)
                .with_sms_originated_international(false)
                .with_sms_terminated_home(true)
                .with_sms_terminated_roaming(false)
                .with_data_home(true)
                .with_data_roaming(true),
        )
        .suppl_services(
            SupplementaryServices::new()
                .with_vpn(true)
                .with_advanced_supervision(true)
                .with_location(false)
                .with_dca(false)
                .with_dim(true),
        )
        .sgsn_ip("198.51.100.20")
        .ggsn_ip("198.51.100.21")
        .comm_module_manufacturer("Example Modules")
        .comm_module_model("EM-1")
        .imei_last_change(at("2031-02-10T11:12:13Z"))
        .billing_account_name("Default")
        .service_pack("Plan Thirty")
        .service_pack_id("30")
        .ip("192.0.2.10")
        .additional_ip("2001:db8::a")
        .lte_enabled(true)
        .eid(Eid::new("89999000123456789000000000001091").unwrap())
        .swap_status(SwapStatus::Enabled)
        .subscription_type(SubscriptionKind::Euicc)
        .rat_type(6)
        .qci(9)
        .last_state_change_date(at("2031-02-03T04:05:06Z"))
        .last_traffic_date(at("2031-03-04T05:06:07Z"))
        .billing_account_fiscal_number("X0000000X")
        .id1in_obcrm("CRM-0001")
        .block_reason1("user")
        .block_reason2("fraud_partial")
        .block_reason3("none")
        .suspension_next_date(at("2031-12-31T23:59:59Z"))
        .vo_lte_enabled(false)
        .default_apn("meters.example")
        .build()
        .expect("everything required is there")
}

#[test]
fn every_field_of_the_full_subscription_has_its_value() {
    let ours = full();
    let decoded = item(0);
    // Equality covers every field; the ones below are about types and exact forms.
    assert_eq!(decoded, ours);
    assert_eq!(decoded.icc.as_str(), "8999000000000001011");
    assert_eq!(decoded.eid.as_ref().unwrap().as_str().len(), 32);
    assert_eq!(decoded.imei.as_ref().unwrap().digits(), "001002003004012");
    let expenses = decoded.expense_monthly.as_ref().unwrap();
    assert_eq!(expenses.voice_over.limit.unwrap().to_string(), "5.00000");
    assert_eq!(expenses.data_over.limit.unwrap().to_string(), "12.50");
    let activation = decoded.activation_date.unwrap();
    assert_eq!(activation.offset_minutes(), Some(60));
    assert_eq!(activation.nanos(), 7_000_000);
    assert_eq!(
        decoded.consumption_monthly.data.value,
        Some(10_737_418_241),
        "more than 32 bits"
    );
}

#[test]
fn full_subscription_is_written_as_the_hand_wrote_it() {
    let answer = GetSubscriptionsResponse::new().with_subscription_data([full()]);
    let ours = body(std::str::from_utf8(&server::encode(&answer).unwrap()).unwrap());
    let mut theirs = body(&message_text("inventory-v12/getSubscriptions.response.xml"));
    theirs.children.truncate(1);
    // The only lexical choice that is not kept: +00:00 and Z are one zone.
    theirs.edit(&mut |t| {
        if t.text == "2031-03-04T05:30:00+00:00" {
            t.text = "2031-03-04T05:30:00Z".into();
        }
        if t.text == "2031-03-04T05:00:01.250Z" {
            t.text = "2031-03-04T05:00:01.25Z".into();
        }
    });
    assert_same(&ours, &theirs);
    assert_eq!(ours.children[0].children.len(), 99);
}

#[test]
fn sparse_subscription_keeps_blank_and_absent_apart() {
    let s = item(1);
    // Absent.
    assert_eq!(s.msisdn, None);
    assert_eq!(s.supervision_group, None);
    assert_eq!(s.expense_monthly, None);
    assert_eq!(s.eid, None);
    assert_eq!(s.lte_enabled, None);
    assert_eq!(s.activation_date, None);
    assert_eq!(s.static_ip_address2, None);
    assert_eq!(s.swap_status, None);
    assert_eq!(s.basic_services, None);
    assert_eq!(s.manual_location, None);
    // Blank texts stay texts.
    assert_eq!(s.alias, "");
    assert_eq!(s.custom_field4, "");
    assert_eq!(s.sim_model, "");
    assert_eq!(s.order_number, "");
    assert_eq!(s.apn, "");
    assert_eq!(s.apn0.as_deref(), Some(""));
    assert_eq!(s.apn9.as_deref(), Some(""));
    assert_eq!(s.static_ip_address1.as_deref(), Some(""));
    // Blank values that are no texts are none.
    assert_eq!(s.ip_status.status, Some(0));
    assert_eq!(s.ip_status.last_conn_start, None);
    assert_eq!(s.ip_status.last_conn_stop, None);
    assert_eq!(s.shipping_date, None, "optional dateTime");
    assert_eq!(s.consumption_daily.voice.traffic_cut, None);
    assert_eq!(s.consumption_daily.voice.enabled, Some(false));
    // Values.
    assert_eq!(s.sim_type, "LOCAL");
    assert_eq!(s.commercial_group, "Spare parts");
    assert_eq!(s.life_cycle_status, LifeCycleStatus::InactiveNew);
    assert_eq!(s.gprs_status, ConnectionStatus::new().with_status(0));
    assert_eq!(s.advanced_supervision, Some(false));
}

#[test]
fn blank_required_date_is_none_and_so_is_an_absent_one() {
    assert_eq!(item(1).provision_date, None);
    let mut without = message_text("inventory-v12/getSubscriptions.response.xml");
    assert!(without.contains("<wstxns1:provisionDate/>"));
    without = without.replace("<wstxns1:provisionDate/>", "");
    let page = answer::<GetSubscriptions>(without.as_bytes()).unwrap();
    let sims = page.subscription_data.into_all().unwrap();
    assert_eq!(sims[1].provision_date, None);
}

#[test]
fn both_forms_of_an_imei_are_read_and_written_with_dashes() {
    let dashed = message_text("inventory-v12/getSubscriptions.response.xml");
    let bare = dashed.replace("00-100200-300401-2", "001002003004012");
    assert_ne!(bare, dashed);
    let page = answer::<GetSubscriptions>(bare.as_bytes()).unwrap();
    let mut sims = page.subscription_data.into_all().unwrap();
    assert_eq!(sims[0].imei, full().imei, "the same number");
    assert_eq!(sims[0], full());
    let page = GetSubscriptionsResponse::new().with_subscription_data([sims.remove(0)]);
    let written = server::encode(&page).unwrap();
    let written = String::from_utf8(written.to_vec()).unwrap();
    assert!(written.contains("imei>00-100200-300401-2</"), "{written}");
}

#[test]
fn accessors_hide_blanks() {
    let s = item(1);
    assert!(s.imei.as_ref().is_some_and(Imei::is_blank), "kept");
    assert_eq!(s.imei(), None);
    assert_eq!(s.alias(), None);
    assert_eq!(s.custom_field1(), None);
    assert_eq!(s.sim_model(), None);
    assert_eq!(s.apn(), None);
    assert_eq!(s.apn0(), None);
    assert_eq!(s.static_ip_address0(), None);
    assert_eq!(s.msisdn(), None);
    assert_eq!(s.eid(), None);
    assert_eq!(s.commercial_group(), Some("Spare parts"));
    let s = item(0);
    assert_eq!(s.imei().map(Imei::as_str), Some("00-100200-300401-2"));
    assert_eq!(s.msisdn().map(Msisdn::as_str), Some("+999000000101"));
    assert_eq!(s.apn9(), Some("spare.example"));
    assert_eq!(s.alias(), Some("pump 7 & valve <7>"));
}

#[test]
fn empty_page_has_no_items() {
    let body = message("inventory-v12/getSubscriptions.empty.response.xml");
    let page = answer::<GetSubscriptions>(&body).unwrap();
    assert!(page.subscription_data.is_empty());
    assert_eq!(page, GetSubscriptionsResponse::new());
}

#[test]
fn builder_names_the_required_field_that_is_missing() {
    let error = SubscriptionInfo::builder()
        .subscription_id("sub-0000000101")
        .build()
        .unwrap_err();
    assert_eq!((error.type_name, error.field), ("SubscriptionInfo", "icc"));
}

#[test]
fn debug_output_shows_no_personal_data() {
    let text = format!("{:?}", page());
    for secret in [
        "8999000000000001011",
        "001010000000101",
        "999000000101",
        "89999000123456789000000000001091",
        "001002003004012",
        "00-100200-300401-2",
        "192.0.2.1",
        "198.51.100.2",
        "2001:db8",
        "X0000000X",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("LOCAL_RR") && text.contains("MODEL-4FF"));
}

#[test]
fn table_has_the_namespace_that_the_messages_use() {
    let types = ns::TABLE.iter().find(|n| n.id == ns::TYPES).unwrap();
    assert_eq!(
        body(&message_text("inventory-v12/getSubscriptions.response.xml")).ns,
        types.uri
    );
}
