//! Diagnostics v1: every operation's messages.

use mno_kite_diagnostic_inventory_v1::operations::{
    AdministrativeDiagnostic, GetDiagnosticResult, GprsSyncDiagnostic, GsmSyncDiagnostic,
    IpDiagnostic,
};
use mno_kite_diagnostic_inventory_v1::server::Request;
use mno_kite_diagnostic_inventory_v1::types::SimId;
use mno_kite_diagnostic_inventory_v1::{Client, ns};
use mno_runtime::soap::SoapOperation;
use mno_runtime::values::{Iccid, Imsi, Msisdn};
use mno_runtime::xml::NamespaceTable;

use super::tree::{assert_same, body};
use super::{Recorder, answer_with, envelope, message, message_text, run};

/// The request is written as in the file, and the file is read as the request.
#[track_caller]
fn written<O: SoapOperation + Clone>(request: &O, wrap: fn(Box<O>) -> Request) {
    let file = format!("diagnostic-inventory-v1/{}.request.xml", O::FACTS.operation);
    assert_same(
        &body(&envelope(request, ns::TABLE)),
        &body(&message_text(&file)),
    );
    let decoded = Request::decode(&message(&file)).unwrap().expect("known");
    assert_eq!(decoded, wrap(Box::new(request.clone())));
}

fn read<O: SoapOperation>(name: &str) -> O::Response {
    let file = message(&format!("diagnostic-inventory-v1/{name}.response.xml"));
    answer_with::<O>(&file, &NamespaceTable::new(ns::TABLE)).expect("decodes")
}

#[test]
fn requests() {
    let icc = Iccid::new("8999000000000001011").unwrap();
    let imsi = Imsi::new("001010000000101").unwrap();
    let msisdn = Msisdn::new("+999000000101").unwrap();
    let sub = SimId::SubscriptionId("sub-0000000101".into());
    written(
        &AdministrativeDiagnostic::new(icc),
        Request::AdministrativeDiagnostic,
    );
    written(&IpDiagnostic::new(imsi), Request::IpDiagnostic);
    written(&GsmSyncDiagnostic::new(msisdn), Request::GsmSyncDiagnostic);
    written(&GprsSyncDiagnostic::new(sub), Request::GprsSyncDiagnostic);
    let result = GetDiagnosticResult::new("0123456789abcdef01234567");
    written(&result, Request::GetDiagnosticResult);
}

#[test]
fn administrative() {
    let found = read::<AdministrativeDiagnostic>("administrativeDiagnostic");
    assert_eq!(found.global_status, Some(false));
    assert!(found.global_issues.is_empty() && found.voice_issues.is_empty());
    assert_eq!(
        (found.voice_status, found.data_status),
        (Some(true), Some(false))
    );
    assert_eq!(found.data_issues, ["PROVISION_HLR", "RADIO_ACCESS_ENABLED"]);
    // In order and with an issue, as in the vendor's own example.
    assert_eq!(found.sms_status, Some(true));
    assert_eq!(found.sms_issues, ["IMEI_LOCK"]);
    let radio = found.radio_access_enabled_param.unwrap();
    assert_eq!(radio.radio_access_list(), Some("2G, 3G, NB-IoT"));
}

#[test]
fn blank_is_not_set() {
    let found = read::<AdministrativeDiagnostic>("administrativeDiagnostic.blank");
    assert_eq!(
        (found.global_status, found.voice_status),
        (Some(true), None)
    );
    assert_eq!(found.global_issues, [""]);
    assert_eq!(found.radio_access_enabled_param, None);
}

#[test]
fn results() {
    let started = read::<IpDiagnostic>("ipDiagnostic").transaction_id;
    assert_eq!(started, "0123456789abcdef01234567");
    let ip = read::<GetDiagnosticResult>("getDiagnosticResult");
    assert_eq!(ip.result(), Some("IP_DOWN"));
    assert_eq!(
        read::<GetDiagnosticResult>("getDiagnosticResult.pending").result,
        None
    );
    assert_eq!(
        read::<GsmSyncDiagnostic>("gsmSyncDiagnostic").result(),
        Some("GSM_UP")
    );
    assert_eq!(
        read::<GprsSyncDiagnostic>("gprsSyncDiagnostic").result(),
        Some("GPRS_DOWN")
    );
}

#[test]
fn a_call() {
    let recorder = Recorder::xml(
        200,
        message("diagnostic-inventory-v1/ipDiagnostic.response.xml"),
    );
    let client = Client::new(recorder.transport());
    let request = IpDiagnostic::new(Imsi::new("001010000000101").unwrap());
    run(client.ip_diagnostic(&request)).unwrap();
    let call = recorder.call();
    let path = "/services/SOAP/GlobalM2M/DiagnosticInventory/v1/r12";
    assert_eq!(call.request.uri().path(), path);
    assert_eq!(call.request.headers()["SOAPAction"], "\"urn:ipDiagnostic\"");
}
