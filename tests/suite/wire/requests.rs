//! Every request: built in Rust it is what the hand wrote, and a server reads it back.

use mno_kite_common_v1::types::{NameValuePair, SearchParams};
use mno_kite_echo_v1::operations::Echo;
use mno_kite_inventory_v12::operations::{
    AuditSwapProfile, DownloadAndActivateProfile, GetLocationDetail, GetPresenceDetail,
    GetSendSmsResult, GetStatusDetail, GetStatusHistory, GetSubscriptionDetail, GetSubscriptions,
    GetTimeAndConsumption, ModifyTimeAndConsumption, NetworkReset, SendSms,
};
use mno_kite_inventory_v12::server::Request;
use mno_kite_inventory_v12::types::{SimId, SubscriptionIdentifier, TimeAndConsumptionVoucher};
use mno_kite_inventory_v12::{ns, server};
use mno_runtime::soap::SoapOperation;
use mno_runtime::values::{Iccid, Imsi, Msisdn};

use super::subscription::at;
use super::tree::{assert_same, body};
use super::{envelope, message, message_text};

pub(crate) fn icc(text: &str) -> SimId {
    Iccid::new(text).expect("an ICCID").into()
}

pub(crate) fn imsi(text: &str) -> SimId {
    Imsi::new(text).expect("an IMSI").into()
}

pub(crate) fn msisdn(text: &str) -> SimId {
    Msisdn::new(text).expect("an MSISDN").into()
}

/// The request is written as in the file, and the file is read as the request.
#[track_caller]
pub(crate) fn check<O>(name: &str, request: &O, wrap: fn(Box<O>) -> Request)
where
    O: SoapOperation + Clone,
{
    let file = format!("inventory-v12/{name}.request.xml");
    let theirs = message_text(&file);
    assert_same(&body(&envelope(request, ns::TABLE)), &body(&theirs));
    let decoded = Request::decode(&message(&file)).unwrap().expect("known");
    assert_eq!(decoded, wrap(Box::new(request.clone())));
    assert_eq!(decoded.operation(), O::FACTS.operation);
}

#[test]
fn get_subscriptions() {
    let filters = SearchParams::new([
        NameValuePair::new("lifeCycleState", ["ACTIVE".to_owned(), "TEST".to_owned()]),
        NameValuePair::new("customField_1", ["pump & valve <7>".to_owned()]),
    ]);
    let request = GetSubscriptions::new()
        .with_max_batch_size(1000)
        .with_start_index(2000)
        .with_search_parameters(filters);
    check("getSubscriptions", &request, Request::GetSubscriptions);
}

#[test]
fn get_subscription_detail() {
    let id = SimId::SubscriptionId("sub-0000000101".into());
    check(
        "getSubscriptionDetail",
        &GetSubscriptionDetail::new(id),
        Request::GetSubscriptionDetail,
    );
}

#[test]
fn get_presence_detail() {
    check(
        "getPresenceDetail",
        &GetPresenceDetail::new(msisdn("+999000000101")),
        Request::GetPresenceDetail,
    );
}

#[test]
fn get_location_detail() {
    // The file has two elements in its header, which a server skips.
    check(
        "getLocationDetail",
        &GetLocationDetail::new(imsi("001010000000101")),
        Request::GetLocationDetail,
    );
}

#[test]
fn get_status_detail() {
    check(
        "getStatusDetail",
        &GetStatusDetail::new(icc("8999000000000001011")),
        Request::GetStatusDetail,
    );
}

#[test]
fn get_status_history() {
    let request = GetStatusHistory::new(icc("8999000000000001011"))
        .with_start_date(at("2031-02-01T00:00:00Z"))
        .with_end_date(at("2031-02-28T23:59:59.999+01:00"));
    check("getStatusHistory", &request, Request::GetStatusHistory);
}

#[test]
fn get_time_and_consumption() {
    check(
        "getTimeAndConsumption",
        &GetTimeAndConsumption::new(icc("8999000000000001029")),
        Request::GetTimeAndConsumption,
    );
}

#[test]
fn modify_time_and_consumption() {
    let voucher = TimeAndConsumptionVoucher::new(true, 86_400, 5_368_709_120_i64);
    check(
        "modifyTimeAndConsumption",
        &ModifyTimeAndConsumption::new(msisdn("999000000101"), voucher),
        Request::ModifyTimeAndConsumption,
    );
}

#[test]
fn send_sms() {
    let to = [
        icc("8999000000000001011"),
        msisdn("+999000000102"),
        imsi("001010000000103"),
        SimId::SubscriptionId("sub-0000000104".into()),
    ];
    let text = "reboot; if (t > 3 && t < 9) then \"ñ€\"";
    let request = SendSms::new(to.map(SubscriptionIdentifier::new), text)
        .with_origin_msisdn(Msisdn::new("+999000000200").unwrap())
        .with_has_delivery_report(true);
    check("sendSMS", &request, Request::SendSms);
    let debug = format!("{request:?}");
    assert!(!debug.contains("reboot") && !debug.contains("999000000102"));
}

#[test]
fn get_send_sms_result() {
    check(
        "getSendSMSResult",
        &GetSendSmsResult::new("0123456789abcdef01234567"),
        Request::GetSendSmsResult,
    );
}

#[test]
fn download_and_activate_profile() {
    let id = icc("8999000000000001037");
    check(
        "downloadAndActivateProfile",
        &DownloadAndActivateProfile::new(id, "customer-example-two", "4711"),
        Request::DownloadAndActivateProfile,
    );
}

#[test]
fn audit_swap_profile() {
    check(
        "auditSwapProfile",
        &AuditSwapProfile::new(icc("8999000000000001037")),
        Request::AuditSwapProfile,
    );
}

#[test]
fn network_reset() {
    let request = NetworkReset::new(imsi("001010000000101"))
        .with_network2g3g(true)
        .with_network4g(false);
    check("networkReset", &request, Request::NetworkReset);
}

#[test]
fn echo() {
    use mno_kite_echo_v1::server::Request;
    let request = Echo::new("is anybody there?");
    let ours = envelope(&request, mno_kite_echo_v1::ns::TABLE);
    assert_same(
        &body(&ours),
        &body(&message_text("echo-v1/echo.request.xml")),
    );
    let decoded = Request::decode(&message("echo-v1/echo.request.xml")).unwrap();
    assert_eq!(decoded, Some(Request::Echo(Box::new(request))));
}

#[test]
fn server_takes_no_request_of_another_service() {
    let echo = message("echo-v1/echo.request.xml");
    assert_eq!(server::Request::decode(&echo).unwrap(), None);
    let answer = message("inventory-v12/sendSMS.response.xml");
    assert_eq!(server::Request::decode(&answer).unwrap(), None);
}
