//! Everything but an answer: faults in SOAP and JSON, and what is neither.

use mno_kite_common_v1::faults::{
    ClientException, ClientExceptionExceptionCategory as ClientCategory, ServerException,
    ServerExceptionExceptionCategory as ServerCategory,
};
use mno_kite_inventory_v12::operations::{GetSubscriptions, ModifySubscription};
use mno_kite_inventory_v12::types::LabelsChange;
use mno_runtime::ErrorKind;
use mno_runtime::error::Error;
use mno_runtime::unica::Refusal;
use std::error::Error as _;

use super::requests::icc;
use super::{Recorder, message, message_text, run};

/// What a read makes of an answer.
#[track_caller]
fn failed(recorder: &Recorder) -> Error {
    let error = run(recorder
        .inventory()
        .get_subscriptions(&GetSubscriptions::new()))
    .expect_err("not an answer");
    assert_eq!(recorder.calls().len(), 1, "sent once");
    assert_eq!(
        error.operation().map(|f| f.operation),
        Some("getSubscriptions")
    );
    // No text of an error holds a run of ten digits or an address.
    for text in chain(&error) {
        assert_clean(&text);
    }
    error
}

/// `Display` and `Debug` of the error and of all below it.
pub(crate) fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![
        error.to_string(),
        format!("{error:?}"),
        format!("{error:#?}"),
    ];
    // The transaction id is for the vendor's support, and no person's.
    let exception = format!("{:?}", error.exception());
    texts.push(exception.replace("00000000-0000-4000-8000-0000000000a1", ""));
    texts.push(format!("{:?}", error.refusal()));
    let mut below = error.source();
    while let Some(e) = below {
        texts.push(e.to_string());
        texts.push(format!("{e:?}"));
        below = e.source();
    }
    texts
}

#[track_caller]
pub(crate) fn assert_clean(text: &str) {
    let mut run = 0;
    for c in text.chars() {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        assert!(run < 10, "a run of ten digits in {text}");
    }
    assert!(!text.contains("198.51.100"), "an address in {text}");
}

fn xml(name: &str) -> Recorder {
    Recorder::xml(500, message(&format!("faults/{name}.xml")))
}

fn json(name: &str, status: u16) -> Recorder {
    let body = message(&format!("faults/{name}.json"));
    Recorder::new(status, "application/json", body)
}

type Predicate = fn(&Error) -> bool;

const PREDICATES: [(&str, Predicate); 11] = [
    ("rate_limited", Error::is_rate_limited),
    ("not_found", Error::is_not_found),
    ("forbidden", Error::is_forbidden),
    ("ip_denied", Error::is_ip_denied),
    ("business_refusal", Error::is_business_refusal),
    ("invalid_transition", Error::is_invalid_transition),
    ("unavailable", Error::is_unavailable),
    ("invalid_parameter", Error::is_invalid_parameter),
    ("timeout", Error::is_timeout),
    ("outcome_unknown", Error::is_outcome_unknown),
    ("connect", Error::is_connect),
];

/// Exactly these predicates hold.
#[track_caller]
pub(crate) fn assert_only(error: &Error, expected: &[&str]) {
    let held: Vec<&str> = PREDICATES
        .iter()
        .filter(|(_, holds)| holds(error))
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(held, expected, "{error}");
}

#[test]
fn pol_1005_is_rate_limited() {
    let error = failed(&xml("pol-1005"));
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.status().unwrap(), 500);
    assert_eq!(error.exception().unwrap().code(), "POL 1005");
    assert_eq!(error.fault_code(), Some("soap:Client"));
    assert_eq!(
        error.fault_text(),
        Some("Request Rate Per Period Control Not Pass "),
        "as sent, with its blank"
    );
    assert_only(&error, &["rate_limited"]);
    let fault = error.fault::<ClientException>().expect("typed");
    assert_eq!(fault.exception_category, ClientCategory::Pol);
    assert_eq!(fault.exception_id, 1005);
    assert!(error.fault::<ServerException>().is_none());
    assert!(
        error
            .to_string()
            .starts_with("kite getSubscriptions: the platform refused: POL 1005: Request Rate"),
        "{error}"
    );
}

#[test]
fn fault_on_http_200_is_a_fault() {
    let error = failed(&Recorder::xml(200, message("faults/pol-1005.xml")));
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.status().unwrap(), 200);
    assert_only(&error, &["rate_limited"]);
    assert!(error.fault::<ClientException>().is_some());
}

#[test]
fn svc_1006_is_not_found() {
    let error = failed(&xml("svc-1006"));
    assert_only(&error, &["not_found"]);
    let exception = error.exception().unwrap();
    assert_eq!(exception.code(), "SVC 1006");
    assert_eq!(exception.variables, ["8999000000000009998"]);
    assert_eq!(
        exception.transaction_id.as_deref(),
        Some("00000000-0000-4000-8000-0000000000a1")
    );
    assert_eq!(
        error.fault_text(),
        Some("Resource 8999000000000009998 does not exist")
    );
    assert!(error.to_string().contains("Resource …9998 does not exist"));
    let fault = error.fault::<ClientException>().expect("typed");
    assert_eq!(fault.variables, ["8999000000000009998"]);
    assert_eq!(
        fault.soa_consumer_transaction_id.as_deref(),
        Some("00000000-0000-4000-8000-0000000000a2")
    );
}

#[test]
fn client_exception_in_the_common_namespace_is_typed_as_well() {
    let error = failed(&xml("client-exception-in-common-ns"));
    assert_only(&error, &["not_found"]);
    assert_eq!(error.exception().unwrap().code(), "SVC 1006");
    assert_eq!(error.fault::<ClientException>().unwrap().exception_id, 1006);
}

#[test]
fn svc_1013_permission_is_forbidden() {
    let error = failed(&xml("svc-1013-permission"));
    assert_only(&error, &["forbidden"]);
    assert_eq!(error.exception().unwrap().code(), "SVC 1013");
    assert_eq!(error.denied_ip(), None);
    let raw = error.fault_text().unwrap();
    assert!(raw.contains("00000000000000000000abcd"));
    assert!(!error.to_string().contains("0000000000"));
}

#[test]
fn svc_1013_ip_is_ip_denied_and_names_the_address() {
    let error = failed(&json("svc-1013-ip", 403));
    assert_only(&error, &["ip_denied"]);
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.status().unwrap(), 403);
    assert_eq!(error.denied_ip(), Some([198, 51, 100, 77].into()));
    assert_eq!(error.exception().unwrap().code(), "SVC 1013");
    assert!(error.fault_text().unwrap().contains("198.51.100.77"));
}

#[test]
fn svc_1013_of_any_other_text_is_a_business_refusal() {
    let body = message_text("faults/svc-1013-permission.xml");
    let start = body.find("Operation is not").unwrap();
    let end = body.find("</wstxns1:text>").unwrap();
    let body = format!(
        "{}Operation is not allowed: this service cannot be activated{}",
        &body[..start],
        &body[end..]
    );
    let error = failed(&Recorder::xml(500, body));
    assert_only(&error, &["business_refusal"]);
}

#[test]
fn svc_1021_transition_is_an_invalid_transition() {
    let error = failed(&xml("svc-1021-transition"));
    assert_only(&error, &["business_refusal", "invalid_transition"]);
    assert_eq!(error.refusal(), Some(&Refusal::InvalidTransition));
}

#[test]
fn svc_1021_is_an_invalid_parameter_with_field_errors() {
    let error = failed(&xml("svc-1021-field-errors"));
    assert_only(&error, &["invalid_parameter"]);
    let exception = error.exception().unwrap();
    let mut fields: Vec<_> = exception
        .field_errors()
        .into_iter()
        .map(|f| (f.field, f.rule, f.message))
        .collect();
    fields.sort();
    let expected = [
        ("alias", "maxLength", "must not be longer than 50 <chars>"),
        ("qci", "range", "must be between 1 and 9"),
        ("qci", "type", "must be a number"),
    ];
    let expected = expected.map(|(f, r, m)| (f.to_owned(), r.to_owned(), m.to_owned()));
    assert_eq!(fields, expected);
    assert_eq!(exception.variables, ["alias", "qci"]);
}

#[test]
fn svr_1006_is_unavailable() {
    let error = failed(&xml("svr-1006"));
    assert_only(&error, &["unavailable"]);
    assert_eq!(error.fault_code(), Some("soap:Server"));
    let fault = error.fault::<ServerException>().expect("typed");
    assert_eq!(fault.exception_category, ServerCategory::Svr);
    assert_eq!(fault.exception_id, 1006);
    assert!(error.fault::<ClientException>().is_none());
    assert_eq!(error.exception().unwrap().code(), "SVR 1006");
}

#[test]
fn json_on_a_soap_url_is_understood() {
    let error = failed(&json("pol-1005", 500));
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_only(&error, &["rate_limited"]);
    assert_eq!(error.exception().unwrap().code(), "POL 1005");

    let error = failed(&json("unwrapped", 404));
    assert_only(&error, &["not_found"]);
    assert!(error.fault_text().unwrap().contains("8999000000000009998"));

    let error = failed(&json("svc-1021-id-with-category", 400));
    assert_only(&error, &["invalid_parameter"]);
    assert_eq!(error.exception().unwrap().code(), "SVC 1021");
    assert_eq!(error.exception().unwrap().variables, ["qci"]);
    let fields = error.exception().unwrap().field_errors();
    assert_eq!(
        (fields[0].field.as_str(), fields[0].rule.as_str()),
        ("qci", "range")
    );
}

#[test]
fn json_is_understood_whatever_status_and_type_say() {
    let body = message("faults/pol-1005.json");
    for (status, content_type) in [(200, "text/xml"), (500, ""), (429, "text/plain")] {
        let error = failed(&Recorder::new(status, content_type, body.clone()));
        assert_only(&error, &["rate_limited"]);
    }
    let mut marked = b"\xef\xbb\xbf \n".to_vec();
    marked.extend(&body);
    let error = failed(&Recorder::new(500, "application/json", marked));
    assert_only(&error, &["rate_limited"]);
}

#[test]
fn exception_id_is_read_in_every_form() {
    for id in [
        "1006",
        "\"1006\"",
        "\"SVC 1006\"",
        "\"SVC1006\"",
        "\" 1006 \"",
    ] {
        let body = format!(
            r#"{{"ClientException": {{"exceptionCategory": "SVC", "exceptionId": {id}, "text": "no"}}}}"#
        );
        let error = failed(&Recorder::new(404, "application/json", body));
        assert_eq!(error.exception().unwrap().code(), "SVC 1006", "{id}");
    }
}

#[test]
fn json_without_an_exception_is_unexpected() {
    let error = failed(&Recorder::new(
        200,
        "application/json",
        r#"{"icc": "8999000000000009998"}"#,
    ));
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_only(&error, &[]);
    assert!(error.to_string().contains("JSON without an exception"));
}

#[test]
fn html_502_names_the_gateway() {
    let error = failed(&Recorder::new(
        502,
        "text/html",
        message("faults/bad-gateway.html"),
    ));
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_only(&error, &["unavailable"]);
    let text = error.to_string();
    assert!(text.contains("an HTML page"), "{text}");
    assert!(text.contains("titled \"502 Bad Gateway\""), "{text}");
    assert!(text.contains("proxy or gateway"), "{text}");
    assert!(text.contains("[HTTP 502]"), "{text}");
}

#[test]
fn html_title_is_masked() {
    let page = "<!DOCTYPE HTML><html><title>No SIM 8999000000000009998</title></html>";
    let error = failed(&Recorder::new(404, "text/html", page));
    assert!(error.to_string().contains("No SIM …9998"));
    assert_eq!(error.fault_text(), None);
}

#[test]
fn empty_200_says_so() {
    let error = failed(&Recorder::xml(200, ""));
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_only(&error, &[]);
    assert!(error.to_string().contains("got nothing"), "{error}");
    assert!(error.to_string().contains("check the base URL"), "{error}");
}

#[test]
fn empty_body_element_is_an_error() {
    let body =
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body/></s:Envelope>";
    let error = failed(&Recorder::xml(200, body));
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("empty body"), "{error}");
}

#[test]
fn text_is_unexpected() {
    let error = failed(&Recorder::new(
        503,
        "text/plain",
        "busy, ask +34600000000000",
    ));
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_only(&error, &["unavailable"]);
}

#[test]
fn torn_xml_is_a_decoding_error_with_a_position() {
    let whole = message_text("inventory-v12/getSubscriptions.response.xml");
    let torn = &whole[..whole.find("<wstxns1:msisdn>").unwrap() + 10];
    let error = failed(&Recorder::xml(200, torn));
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.position().map(|p| p.line), Some(8));
    assert!(
        error.path().unwrap().ends_with("subscriptionData"),
        "{error}"
    );
    assert_only(&error, &[]);
}

#[test]
fn torn_fault_keeps_the_exception() {
    let whole = message_text("faults/pol-1005.xml");
    for cut in [
        "</wstxns1:text>",
        "</fault:Client",
        "</detail>",
        "</soap:Body>",
    ] {
        let torn = &whole[..whole.find(cut).unwrap()];
        let error = failed(&Recorder::xml(500, torn));
        assert_eq!(error.kind(), ErrorKind::Fault, "{cut}");
        assert_only(&error, &["rate_limited"]);
    }
}

#[test]
fn wrong_root_is_named() {
    let error = failed(&Recorder::xml(
        200,
        "<answer icc='8999000000000009998'>8999000000000009998</answer>",
    ));
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error
            .to_string()
            .contains("expected a SOAP envelope, found `answer`"),
        "{error}"
    );
    let error = failed(&Recorder::xml(500, "<answer/>"));
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.source().is_some());
}

#[test]
fn answer_of_another_operation_is_named() {
    let error = failed(&Recorder::xml(
        200,
        message("inventory-v12/sendSMS.response.xml"),
    ));
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("expected `getSubscriptionsResponse`, found `sendSMSResponse`"),
        "{text}"
    );
}

#[test]
fn fault_without_detail_has_its_string_masked() {
    let body = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>\
        <faultcode>s:Server</faultcode><faultstring>no 8999000000000009998 here</faultstring>\
        </s:Fault></s:Body></s:Envelope>";
    let error = failed(&Recorder::xml(500, body));
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.fault_code(), Some("s:Server"));
    assert_eq!(error.fault_text(), Some("no 8999000000000009998 here"));
    assert!(error.to_string().contains("no …9998 here"), "{error}");
    assert!(error.exception().is_none());
}

#[test]
fn broken_detail_still_gives_the_exception() {
    // The typed fault has a required child that is missing; the exception needs only its number.
    let body = message_text("faults/svc-1006.xml");
    let start = body.find("<wstxns1:text>").unwrap();
    let end = body.find("</wstxns1:text>").unwrap() + "</wstxns1:text>".len();
    let body = format!("{}{}", &body[..start], &body[end..]);
    let error = failed(&Recorder::xml(500, body));
    assert_only(&error, &["not_found"]);
    assert!(error.fault::<ClientException>().is_none());
    assert!(
        error
            .source()
            .unwrap()
            .to_string()
            .contains("required element is missing")
    );
}

#[test]
fn unknown_detail_is_passed_over() {
    let body = message_text("faults/svc-1006.xml").replace(
        "<detail>",
        "<detail><x xmlns='urn:x'><ClientException/></x>",
    );
    let error = failed(&Recorder::xml(500, body));
    assert_only(&error, &["not_found"]);
    assert!(error.fault::<ClientException>().is_some());
}

#[test]
fn soap_12_fault_is_read() {
    let body = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><s:Fault>\
        <s:Code><s:Value>s:Sender</s:Value></s:Code>\
        <s:Reason><s:Text xml:lang='en'>Client exception</s:Text></s:Reason>\
        <s:Detail><ClientException xmlns='http://www.telefonica.com/schemas/UNICA/SOAP/common/v1'>\
        <exceptionCategory>SVC</exceptionCategory><exceptionId>1006</exceptionId><text>gone</text>\
        </ClientException></s:Detail></s:Fault></s:Body></s:Envelope>";
    let error = failed(&Recorder::xml(500, body));
    assert_eq!(error.fault_code(), Some("s:Sender"));
    assert_only(&error, &["not_found"]);
    assert!(error.fault::<ClientException>().is_some());
}

#[test]
fn every_fault_text_is_there_for_those_who_ask() {
    for name in [
        "pol-1005",
        "svc-1006",
        "client-exception-in-common-ns",
        "svc-1013-permission",
        "svc-1021-field-errors",
        "svc-1021-transition",
        "svr-1006",
    ] {
        let error = failed(&xml(name));
        let body = super::tree::Tree::parse(&message_text(&format!("faults/{name}.xml")));
        let text = &body.find("text").expect("a text").text;
        assert_eq!(error.fault_text(), Some(text.as_str()), "{name}");
        let exception = error.exception().unwrap();
        assert_eq!(Some(&Refusal::of(exception)), error.refusal());
        assert!(
            error
                .to_string()
                .contains(error.refusal().unwrap().advice())
        );
    }
}

#[test]
fn a_refused_write_is_a_fault_too() {
    let recorder = xml("svc-1021-field-errors");
    let change = LabelsChange::new().with_alias("x");
    let request = ModifySubscription::new(icc("8999000000000001011"), change);
    let error = run(recorder.inventory().modify_subscription(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.operation().unwrap().operation, "modifySubscription");
    assert_only(&error, &["invalid_parameter"]);
}

#[test]
fn masking_finds_addresses_beside_other_signs() {
    for text in [
        "198.51.100.7:443 refused",
        "from ip:198.51.100.7",
        "198.51.100.7-198.51.100.9",
        "(198.51.100.7)",
        "http://198.51.100.7:8080/x",
        "[2001:db8::a]:443",
        "ip:2001:db8::a, no",
        "fe80::1%eth0",
    ] {
        let body = format!(r#"{{"exceptionCategory":"SVC","exceptionId":1013,"text":"{text}"}}"#);
        let shown = failed(&Recorder::new(403, "application/json", body)).to_string();
        for secret in ["198.51", "2001:db8", "fe80"] {
            assert!(!shown.contains(secret), "{text} shown as {shown}");
        }
    }
}
