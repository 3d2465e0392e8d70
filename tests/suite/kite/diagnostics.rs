//! Diagnostics: what stands in a SIM's way.

use std::time::Duration;

use mno_sandbox::Effect;
use mno_sandbox::Rule;
use mno_sdk::kite::diagnostics::SimId;
use mno_sdk::kite::{DiagnosticId, DiagnosticResult, Wait};

use super::*;

fn quick() -> Wait {
    Wait::default()
        .with_first_pause(Duration::from_millis(5))
        .with_longest_pause(Duration::from_millis(20))
        .with_limit(Duration::from_millis(200))
}

#[tokio::test]
async fn a_sim_in_use_is_in_order_and_a_new_one_is_not() {
    let (sandbox, kite) = start(50).await;
    let diagnostics = kite.diagnostics();
    let active = in_state(sandbox.fleet(), State::Active);
    let found = diagnostics.administrative(icc(&active)).await.unwrap();
    assert_eq!(found.global_status, Some(true));
    assert_eq!(found.sms_status, Some(true));
    assert!(found.global_issues.is_empty() && found.data_issues.is_empty());
    let radio = found.radio_access_enabled_param.unwrap();
    assert!(radio.radio_access_list().unwrap().starts_with("2G, 3G"));

    let new = in_state(sandbox.fleet(), State::InactiveNew);
    let id = SimId::SubscriptionId(new.subscription_id.clone());
    let found = diagnostics.administrative(id).await.unwrap();
    assert_eq!(found.global_status, Some(false));
    assert_eq!(found.voice_status, Some(false));
    assert_eq!(found.voice_issues, ["PROVISION_CORE"]);
}

#[tokio::test]
async fn gsm_and_gprs_are_answered_at_once() {
    let (sandbox, kite) = start(50).await;
    let diagnostics = kite.diagnostics();
    let connected = sandbox.fleet().find(|s| s.ip.is_some()).unwrap();
    let gsm = diagnostics.gsm(msisdn(&connected)).await.unwrap().unwrap();
    assert!(gsm.is_up() && gsm.as_str() == "GSM_UP");
    let gprs = diagnostics.gprs(imsi(&connected)).await.unwrap().unwrap();
    assert!(gprs.is_up() && gprs.as_str() == "GPRS_UP");
    let new = in_state(sandbox.fleet(), State::InactiveNew);
    let gsm = diagnostics.gsm(icc(&new)).await.unwrap().unwrap();
    assert!(gsm.is_down() && gsm.to_string() == "GSM_DOWN");
    let gprs = diagnostics.gprs(icc(&new)).await.unwrap().unwrap();
    assert!(gprs.is_down() && gprs.to_string() == "GPRS_DOWN");
}

#[tokio::test]
async fn an_ip_diagnostic_is_started_and_asked_about() {
    let (sandbox, kite) = start(50).await;
    let diagnostics = kite.diagnostics();
    let connected = sandbox.fleet().find(|s| s.ip.is_some()).unwrap();
    let started = diagnostics.start_ip(icc(&connected)).await.unwrap();
    // The id can be kept, and asked about by somebody else.
    let id = DiagnosticId::new(started.as_str());
    assert_eq!(id, started);
    assert_eq!(diagnostics.ip_result(&id).await.unwrap(), None, "pending");
    let result = diagnostics.ip_result(&id).await.unwrap();
    assert_eq!(result, Some(DiagnosticResult::new("IP_UP")));
    let unknown = DiagnosticId::new("000000000000000000000000");
    let error = diagnostics.ip_result(&unknown).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn the_waiter_asks_until_there_is_a_result() {
    let (sandbox, kite) = start(50).await;
    let new = in_state(sandbox.fleet(), State::InactiveNew);
    let result = kite.diagnostics().ip(icc(&new), quick()).await.unwrap();
    assert!(result.is_down(), "{result}");
    let journal = sandbox.journal();
    assert_eq!(journal.count("ipDiagnostic"), 1);
    assert_eq!(journal.count("getDiagnosticResult"), 2);
}

#[tokio::test]
async fn a_result_that_does_not_come_is_an_unknown_outcome_with_the_id() {
    let (sandbox, kite) = start(50).await;
    let types =
        "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/diagnosticinventory/v1/types";
    let pending = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <getDiagnosticResultResponse xmlns='{types}'><result> </result>\
         </getDiagnosticResultResponse></e:Body></e:Envelope>"
    );
    let effect = Effect::Raw {
        status: 200,
        content_type: "text/xml".to_owned(),
        body: pending.into(),
    };
    let rule = Rule::on("getDiagnosticResult").then(effect);
    sandbox.control().add(rule);
    let diagnostics = kite.diagnostics();
    let sim = sandbox.fleet().at(0).unwrap();
    let id = diagnostics.start_ip(icc(&sim)).await.unwrap();
    let error = diagnostics.wait_for_ip(&id, quick()).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains(id.as_str()), "{error}");
    assert!(sandbox.journal().count("getDiagnosticResult") > 2);
}

#[tokio::test]
async fn an_unknown_sim_is_not_found() {
    let (_sandbox, kite) = start(1).await;
    let diagnostics = kite.diagnostics();
    let errors = [
        diagnostics.administrative(unknown_icc()).await.err(),
        diagnostics.gsm(unknown_icc()).await.err(),
        diagnostics.gprs(unknown_icc()).await.err(),
        diagnostics.ip(unknown_icc(), quick()).await.err(),
    ];
    for error in errors {
        assert!(error.unwrap().is_not_found());
    }
}
