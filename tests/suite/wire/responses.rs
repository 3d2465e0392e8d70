//! Every other answer written by hand, decoded to typed values.

use mno_kite_common_v1::types::LifeCycleStatus;
use mno_kite_echo_v1::operations::Echo;
use mno_kite_inventory_v12::operations::{
    AuditSwapProfile, AuditSwapProfileResponse, DownloadAndActivateProfile,
    DownloadAndActivateProfileResponse, GetLocationDetail, GetPresenceDetail, GetSendSmsResult,
    GetStatusDetail, GetStatusHistory, GetSubscriptionDetail, GetTimeAndConsumption,
    ModifySubscription, ModifySubscriptionResponse, ModifyTimeAndConsumption,
    ModifyTimeAndConsumptionResponse, NetworkReset, NetworkResetResponse, SendSms,
};
use mno_kite_inventory_v12::types::{
    Coordinates, DetailedLocation, LocationDetail, PresenceDetail, SendSmsResult, SendSmsStatus,
    StatusDetail, StatusHistory, SubscriptionDetail, TimeAndConsumptionVoucher,
};
use mno_runtime::soap::SoapOperation;
use mno_runtime::values::{Iccid, Imei, Imsi, Msisdn};
use mno_runtime::xml::NamespaceTable;

use super::subscription::at;
use super::{answer, answer_with, message};

fn read<O: SoapOperation>(name: &str) -> O::Response {
    answer::<O>(&message(&format!("inventory-v12/{name}.response.xml"))).expect("decodes")
}

#[test]
fn get_subscription_detail() {
    let detail = read::<GetSubscriptionDetail>("getSubscriptionDetail")
        .subscription_detail_data
        .expect("a detail");
    let expected = SubscriptionDetail::builder()
        .subscription_id("sub-0000000101")
        .icc(Iccid::new("8999000000000001011").unwrap())
        .imsi(Imsi::new("001010000000101").unwrap())
        .msisdn(Msisdn::new("999000000101").unwrap())
        .alias("pump 7")
        .custom_field1("north")
        .custom_field2("")
        .custom_field3("")
        .custom_field4("hall 4")
        .sim_model("MODEL-4FF")
        .sim_type("LOCAL")
        .imei(Imei::new("00-100200-300401-2").unwrap())
        .provision_date(at("2031-01-10T00:00:00Z"))
        .shipping_date(at("2031-01-12T00:00:00Z"))
        .activation_date(at("2031-02-03T04:05:06Z"))
        .commercial_group("Pumps")
        .supervision_group("north_hall")
        .billing_account("0")
        .static_ip("192.0.2.10")
        .apn("meters.example")
        .static_apn_index(0)
        .apn0("meters.example")
        .apn1("cameras.example")
        .apn2("")
        .apn3("")
        .apn4("")
        .apn5("")
        .apn6("")
        .apn7("")
        .apn8("")
        .apn9("")
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
        .build()
        .unwrap();
    assert_eq!(detail, expected);
    assert_eq!(detail.apn1(), Some("cameras.example"));
    assert_eq!(detail.apn2(), None);
    assert_eq!(detail.custom_field2(), None);
    assert_eq!(detail.msisdn.unwrap().as_str(), "999000000101");
}

#[test]
fn get_presence_detail() {
    let detail = read::<GetPresenceDetail>("getPresenceDetail")
        .presence_detail_data
        .expect("a detail");
    let expected = PresenceDetail::new("IP reachability", "NOT_REGISTERED")
        .with_time_stamp(at("2031-03-04T05:06:07Z"))
        .with_ip("192.0.2.10")
        .with_apn("meters.example")
        .with_rat_type(8);
    assert_eq!(detail, expected);
}

#[test]
fn get_location_detail() {
    let detail = read::<GetLocationDetail>("getLocationDetail")
        .location_detail_data
        .expect("a detail");
    let manual = DetailedLocation::new(
        Coordinates::new()
            .with_latitude(12.5)
            .with_longitude(-45.25),
    )
    .with_timestamp(at("2031-01-15T08:00:00Z"))
    .with_postal_code("00000");
    let automatic =
        DetailedLocation::new(Coordinates::new().with_latitude(-12.5).with_longitude(0.0))
            .with_timestamp(at("2031-03-04T05:06:07.089+01:00"));
    let expected = LocationDetail::new()
        .with_manual_location(manual)
        .with_automatic_location(automatic);
    assert_eq!(detail, expected);
}

#[test]
fn get_status_detail() {
    let detail = read::<GetStatusDetail>("getStatusDetail")
        .status_detail_data
        .expect("a detail");
    let expected = StatusDetail::new(LifeCycleStatus::Active)
        .with_automatic(false)
        .with_change_reason("requested by the operator on duty")
        .with_current_status_date(at("2031-02-03T04:05:06Z"))
        .with_user("api.user@iot.example");
    assert_eq!(detail, expected);
    assert!(!format!("{detail:?}").contains("api.user"));
}

#[test]
fn get_status_history() {
    let history = read::<GetStatusHistory>("getStatusHistory").status_history_data;
    let history = history.into_all().unwrap();
    let expected = [
        StatusHistory::new(LifeCycleStatus::InactiveNew)
            .with_automatic(true)
            .with_time(at("2031-01-10T00:00:00Z")),
        StatusHistory::new(LifeCycleStatus::ActivationReady)
            .with_automatic(false)
            .with_time(at("2031-01-20T10:00:00+01:00"))
            .with_reason("")
            .with_user("api.user@iot.example"),
        StatusHistory::new(LifeCycleStatus::Active)
            .with_automatic(true)
            .with_time(at("2031-02-03T04:05:06.007Z"))
            .with_reason("first traffic"),
    ];
    assert_eq!(history, expected);
    assert_eq!(history[1].reason(), None);
    assert_eq!(history[2].reason(), Some("first traffic"));
}

#[test]
fn modify_subscription() {
    // `<x></x>`, where the others have `<x/>`.
    assert_eq!(
        read::<ModifySubscription>("modifySubscription"),
        ModifySubscriptionResponse::new()
    );
}

#[test]
fn get_time_and_consumption() {
    let voucher = read::<GetTimeAndConsumption>("getTimeAndConsumption")
        .time_and_consumption_voucher
        .expect("a voucher");
    assert_eq!(
        voucher,
        TimeAndConsumptionVoucher::new(true, 7200, 6_442_450_944_i64)
    );
}

#[test]
fn modify_time_and_consumption() {
    assert_eq!(
        read::<ModifyTimeAndConsumption>("modifyTimeAndConsumption"),
        ModifyTimeAndConsumptionResponse::new()
    );
}

#[test]
fn send_sms() {
    let watcher = read::<SendSms>("sendSMS").watcher_id;
    assert_eq!(watcher, "0123456789abcdef01234567");
}

#[test]
fn get_send_sms_result() {
    let result = read::<GetSendSmsResult>("getSendSMSResult").result;
    let expected = SendSmsResult::new(SendSmsStatus::Finished).with_message("4 of 4 sent");
    assert_eq!(result, Some(expected));
}

#[test]
fn download_and_activate_profile() {
    assert_eq!(
        read::<DownloadAndActivateProfile>("downloadAndActivateProfile"),
        DownloadAndActivateProfileResponse::new()
    );
}

#[test]
fn audit_swap_profile() {
    assert_eq!(
        read::<AuditSwapProfile>("auditSwapProfile"),
        AuditSwapProfileResponse::new()
    );
}

#[test]
fn network_reset() {
    assert_eq!(
        read::<NetworkReset>("networkReset"),
        NetworkResetResponse::new()
    );
}

#[test]
fn echo() {
    let table = NamespaceTable::new(mno_kite_echo_v1::ns::TABLE);
    let answer = answer_with::<Echo>(&message("echo-v1/echo.response.xml"), &table).unwrap();
    assert_eq!(answer.data, "is anybody there?");
}

#[test]
fn answers_without_data_are_no_error() {
    const TYPES: &str =
        "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types";
    let empty = |operation: &str| {
        format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
             <{operation}Response xmlns='{TYPES}'/></e:Body></e:Envelope>"
        )
    };
    macro_rules! none {
        ($operation:ty, $name:literal, $field:ident) => {
            assert!(
                answer::<$operation>(empty($name).as_bytes())
                    .expect($name)
                    .$field
                    .is_none()
            );
        };
    }
    none!(
        GetSubscriptionDetail,
        "getSubscriptionDetail",
        subscription_detail_data
    );
    none!(GetPresenceDetail, "getPresenceDetail", presence_detail_data);
    none!(GetLocationDetail, "getLocationDetail", location_detail_data);
    none!(GetStatusDetail, "getStatusDetail", status_detail_data);
    none!(
        GetTimeAndConsumption,
        "getTimeAndConsumption",
        time_and_consumption_voucher
    );
    none!(GetSendSmsResult, "getSendSMSResult", result);
    let history = answer::<GetStatusHistory>(empty("getStatusHistory").as_bytes()).unwrap();
    assert!(history.status_history_data.is_empty());
}
