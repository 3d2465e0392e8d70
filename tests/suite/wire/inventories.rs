//! Inventory v4, v5 and v9: every operation's messages, and what the versions have differently.
//!
//! The versions are crates with types of their own, so the tests that all of them pass are written
//! once and made for each.

use mno_kite_common_v1::types::{IpAddress, IpAddressChoice};
use mno_runtime::http::Method;
use mno_runtime::values::{Iccid, Imei, Imsi, Msisdn};
use mno_runtime::xml::NamespaceTable;

use super::subscription::{at, money};
use super::tree::{assert_same, body};
use super::{Recorder, answer_with, envelope, message, message_text, run};

fn icc() -> Iccid {
    Iccid::new("8999000000000001011").unwrap()
}

fn imsi() -> Imsi {
    Imsi::new("001010000000101").unwrap()
}

fn msisdn(text: &str) -> Msisdn {
    Msisdn::new(text).unwrap()
}

fn ipv4(text: &str) -> IpAddress {
    IpAddress::new(IpAddressChoice::Ipv4(text.to_owned()))
}

macro_rules! versions {
    ($($module:ident: $api:ident, $version:literal;)*) => {$(
        mod $module {
            use $api::operations::*;
            use $api::server::Request;
            use $api::types::*;
            use $api::{Client, ns};
            use mno_runtime::Operation;
            use mno_runtime::soap::SoapOperation;

            use super::*;

            const FOLDER: &str = concat!("inventory-", $version);

            /// The request is written as in the file, and the file is read as the request.
            #[track_caller]
            fn written<O: SoapOperation + Clone>(
                name: &str,
                request: &O,
                wrap: fn(Box<O>) -> Request,
            ) {
                let file = format!("{FOLDER}/{name}.request.xml");
                assert_same(&body(&envelope(request, ns::TABLE)), &body(&message_text(&file)));
                let decoded = Request::decode(&message(&file)).unwrap().expect("known");
                assert_eq!(decoded, wrap(Box::new(request.clone())));
            }

            #[track_caller]
            pub(super) fn changed(group: &str, id: impl Into<SimId>, change: impl Into<Change>) {
                let request = ModifySubscription::new(id, change);
                let name = format!("modifySubscription{group}");
                written(&name, &request, Request::ModifySubscription);
            }

            fn read<O: SoapOperation>(name: &str) -> O::Response {
                let file = message(&format!("{FOLDER}/{name}.response.xml"));
                answer_with::<O>(&file, &NamespaceTable::new(ns::TABLE)).expect("decodes")
            }

            #[test]
            fn requests() {
                let filters = SearchParams::new([
                    NameValuePair::new(
                        "lifeCycleState",
                        ["ACTIVE".to_owned(), "TEST".to_owned()],
                    ),
                    NameValuePair::new("customField_1", ["pump & valve <7>".to_owned()]),
                ]);
                let list = GetSubscriptions::new()
                    .with_max_batch_size(1000)
                    .with_start_index(2000)
                    .with_search_parameters(filters);
                written("getSubscriptions", &list, Request::GetSubscriptions);
                let sub = SimId::SubscriptionId("sub-0000000101".into());
                written(
                    "getSubscriptionDetail",
                    &GetSubscriptionDetail::new(sub),
                    Request::GetSubscriptionDetail,
                );
                written(
                    "getPresenceDetail",
                    &GetPresenceDetail::new(msisdn("+999000000101")),
                    Request::GetPresenceDetail,
                );
                written(
                    "getLocationDetail",
                    &GetLocationDetail::new(imsi()),
                    Request::GetLocationDetail,
                );
                written(
                    "getStatusDetail",
                    &GetStatusDetail::new(icc()),
                    Request::GetStatusDetail,
                );
                let history = GetStatusHistory::new(icc())
                    .with_start_date(at("2031-02-01T00:00:00Z"))
                    .with_end_date(at("2031-02-28T23:59:59.999+01:00"));
                written("getStatusHistory", &history, Request::GetStatusHistory);
                written(
                    "getTimeAndConsumption",
                    &GetTimeAndConsumption::new(Iccid::new("8999000000000001029").unwrap()),
                    Request::GetTimeAndConsumption,
                );
                let voucher = TimeAndConsumptionVoucher::new(true, 86_400, 5_368_709_120_i64);
                written(
                    "modifyTimeAndConsumption",
                    &ModifyTimeAndConsumption::new(msisdn("999000000101"), voucher),
                    Request::ModifyTimeAndConsumption,
                );
                let to: [SimId; 4] = [
                    icc().into(),
                    msisdn("+999000000102").into(),
                    Imsi::new("001010000000103").unwrap().into(),
                    SimId::SubscriptionId("sub-0000000104".into()),
                ];
                let text = "reboot; if (t > 3 && t < 9) then \"ñ€\"";
                let sms = SendSms::new(to.map(SubscriptionIdentifier::new), text)
                    .with_origin_msisdn(msisdn("+999000000200"))
                    .with_has_delivery_report(true);
                written("sendSMS", &sms, Request::SendSms);
                written(
                    "getSendSMSResult",
                    &GetSendSmsResult::new("0123456789abcdef01234567"),
                    Request::GetSendSmsResult,
                );
            }

            #[test]
            fn changes() {
                changed("", icc(), LabelsChange::new().with_alias("pump 7, north hall"));
                changed(".life-cycle", icc(), LifeCycleStatus::Deactivated);
                changed(".commercial-group", icc(), Change::CommercialGroup("4711".into()));
                changed(".lte", icc(), Change::Lte(true));
                let daily = ConsumptionThreshold::new(true, false, true)
                    .with_data_limit(1_048_576_u32)
                    .with_sms_limit(20_u32);
                let monthly = ConsumptionThreshold::new(true, true, false)
                    .with_data_limit(u32::MAX)
                    .with_voice_limit(3600_u32);
                let expense = ExpenseLimit::new(true, false, false, true)
                    .with_data_limit(money("12.50"))
                    .with_total_limit(money("20.00001"));
                let thresholds = ThresholdsChange::new()
                    .with_daily_consumption_threshold(daily)
                    .with_monthly_consumption_threshold(monthly)
                    .with_monthly_expense_limit(expense);
                changed(".thresholds", msisdn("+999000000101"), thresholds);
            }

            #[test]
            fn answers() {
                let empty = read::<GetSubscriptions>("getSubscriptions.empty");
                assert!(empty.subscription_data.is_empty());

                let detail = read::<GetSubscriptionDetail>("getSubscriptionDetail");
                let detail = detail.subscription_detail_data.unwrap();
                assert_eq!(detail.icc, icc());
                assert_eq!(detail.imsi, Some(imsi()));
                assert_eq!(detail.static_ip(), Some("192.0.2.10"));
                assert_eq!(detail.apn(), Some("meters.example"));
                assert_eq!(detail.static_apn_index, Some(0));
                assert_eq!(detail.apn1(), Some("cameras.example"));
                assert_eq!(detail.apn9(), None);
                assert_eq!(detail.shipping_date, Some(at("2031-01-12T00:00:00Z")));
                assert_eq!(detail.life_cycle_status, Some(LifeCycleStatus::Active));

                let presence = read::<GetPresenceDetail>("getPresenceDetail");
                let presence = presence.presence_detail_data.unwrap();
                assert_eq!(presence.level(), Some("IP reachability"));
                assert_eq!(presence.time_stamp, Some(at("2031-03-04T05:06:07Z")));
                assert_eq!(presence.cause(), Some("NOT_REGISTERED"));
                assert_eq!(presence.ip(), Some("192.0.2.10"));

                let location = read::<GetLocationDetail>("getLocationDetail");
                let location = location.location_detail_data.unwrap().manual_location.unwrap();
                assert_eq!(location.timestamp, Some(at("2031-01-15T08:00:00Z")));
                assert_eq!(location.coordinates.unwrap().latitude, Some(12.5));

                let status = read::<GetStatusDetail>("getStatusDetail");
                let status = status.status_detail_data.unwrap();
                assert_eq!(status.state, Some(LifeCycleStatus::Active));
                assert_eq!(status.automatic, Some(false));

                let history = read::<GetStatusHistory>("getStatusHistory");
                let history = history.status_history_data.into_all().unwrap();
                assert_eq!(history.len(), 3);
                assert_eq!(history[2].state, Some(LifeCycleStatus::Active));
                assert_eq!(history[2].reason(), Some("first traffic"));

                let voucher = read::<GetTimeAndConsumption>("getTimeAndConsumption");
                assert_eq!(
                    voucher.time_and_consumption_voucher,
                    Some(TimeAndConsumptionVoucher::new(true, 7200, 6_442_450_944_i64))
                );
                read::<ModifySubscription>("modifySubscription");
                read::<ModifyTimeAndConsumption>("modifyTimeAndConsumption");
                assert_eq!(read::<SendSms>("sendSMS").watcher_id, "0123456789abcdef01234567");
                let result = read::<GetSendSmsResult>("getSendSMSResult").result.unwrap();
                assert_eq!(result.status, Some(SendSmsStatus::Finished));
            }

            /// One page: a SIM with most fields, and one of which the platform tells next to
            /// nothing.
            pub(super) fn page() -> [SubscriptionInfo; 2] {
                let list = read::<GetSubscriptions>("getSubscriptions").subscription_data;
                list.into_all().unwrap().try_into().expect("two")
            }

            #[test]
            fn subscriptions() {
                let [sim, bare] = page();
                assert_eq!(sim.subscription_id(), Some("sub-0000000101"));
                assert_eq!(sim.imsi, Some(imsi()));
                assert_eq!(sim.custom_field2(), None);
                assert_eq!(sim.imei, Some(Imei::new("001002003004012").unwrap()));
                assert_eq!(sim.gprs_status.as_ref().unwrap().status, Some(1));
                // 6.7.1: limit, value, threshold, and nothing else before version 12.
                let Consumption { limit, value, thr_reached, .. } =
                    sim.consumption_monthly.as_ref().unwrap().voice;
                assert_eq!((limit, value, thr_reached), (Some(7200), Some(4031), Some(50)));
                let data = &sim.consumption_monthly.as_ref().unwrap().data;
                assert_eq!(data.limit, Some(10_737_418_240));
                assert_eq!(sim.expense_monthly, None);
                assert_eq!(sim.static_ip(), Some("192.0.2.10"));
                assert_eq!(sim.apn(), Some("meters.example"));
                assert_eq!(sim.apn1(), Some("cameras.example"));
                assert_eq!(sim.commercial_group(), Some("Pumps"));
                assert_eq!(sim.life_cycle_status, Some(LifeCycleStatus::Active));
                assert_eq!(sim.basic_services.as_ref().unwrap().data_home, Some(false));
                assert_eq!(sim.suppl_services.as_ref().unwrap().vpn, Some(true));
                assert_eq!(sim.lte_enabled, Some(true));
                // Nothing but the ICC is required.
                assert_eq!(bare.icc, Iccid::new("8999000000000001029").unwrap());
                assert_eq!(bare.life_cycle_status, None);
                assert_eq!(bare.static_ip(), None);
                assert_eq!(bare.consumption_daily, None);
            }

            #[test]
            fn calls_go_to_this_version() {
                let recorder = Recorder::xml(
                    200,
                    message(&format!("{FOLDER}/getSubscriptions.empty.response.xml")),
                );
                let client = Client::new(recorder.transport());
                run(client.get_subscriptions(&GetSubscriptions::new())).unwrap();
                let call = recorder.call();
                assert_eq!(call.request.method(), Method::POST);
                assert_eq!(
                    call.request.uri().path(),
                    concat!("/services/SOAP/GlobalM2M/Inventory/", $version, "/r12")
                );
                // The versions of an operation share its rate.
                assert_eq!(GetSubscriptions::FACTS.budget, "kite/inventory/getSubscriptions");
                assert_eq!(GetSubscriptions::FACTS.paging.unwrap().max_size, 1000);
                assert!(GetSubscriptionDetail::FACTS.deprecated.is_some());
            }
        }
    )*};
}

versions! {
    v4: mno_kite_inventory_v4, "v4";
    v5: mno_kite_inventory_v5, "v5";
    v9: mno_kite_inventory_v9, "v9";
}

/// Before version 8: one static address, and the number of its APN.
macro_rules! one_address {
    ($($test:ident: $module:ident, $api:ident;)*) => {$(
        #[test]
        fn $test() {
            let change = $api::types::ApnChange::new()
                .with_static_ip(ipv4("192.0.2.10"))
                .with_static_apn_index(9)
                .with_apn0("meters.example")
                .with_apn1("-")
                .with_apn9("cameras.example");
            $module::changed(".apn-ip", icc(), change);
            let [sim, _] = $module::page();
            assert_eq!(sim.static_apn_index, Some(1));
        }
    )*};
}

one_address! {
    one_address_in_v4: v4, mno_kite_inventory_v4;
    one_address_in_v5: v5, mno_kite_inventory_v5;
}

#[test]
fn an_address_for_each_apn_in_v9() {
    use mno_kite_inventory_v9::types::{ApnChange, SubscriptionKind, SwapStatus};

    // The examples of the guide (6.12.1, 6.12.2): here the address comes before its APN.
    let add = ApnChange::new()
        .with_apn0("api.fleet.example")
        .with_static_ip_address0(ipv4("192.0.2.90"));
    v9::changed(".apn-ip", icc(), add);
    v9::changed(".remove-apn", icc(), ApnChange::new().with_apn0("-"));
    let [sim, bare] = v9::page();
    assert_eq!(sim.static_ip_address0(), Some("192.0.2.10"));
    assert_eq!(sim.static_ip_address1(), Some("192.0.2.11"));
    assert_eq!(sim.static_ip_address9(), None);
    assert_eq!(sim.static_apn_index, None);
    assert_eq!(sim.swap_status, Some(SwapStatus::Downloading));
    assert_eq!(sim.subscription_type, Some(SubscriptionKind::Euicc));
    assert_eq!((sim.rat_type, sim.qci), (Some(8), Some(9)));
    assert_eq!(sim.id1in_obcrm(), Some("CRM-0001"));
    assert_eq!(bare.static_ip_address0(), None);
}
