//! What cannot be read is an error that says where, and never what was written there.

use mno_kite_inventory_v12::operations::{GetLocationDetail, GetStatusHistory};
use mno_kite_inventory_v12::server::Request;
use mno_runtime::xml::DecodeErrorKind;

use super::*;

#[track_caller]
fn broken(text: &str, kind: DecodeErrorKind) -> DecodeError {
    let error = read(text).expect_err("broken");
    assert_eq!(error.kind(), kind, "{error}");
    error
}

fn request(xml: &str) -> Result<Option<Request>, DecodeError> {
    let body = format!(
        "<modifySubscription xmlns='{TYPES}' xmlns:c='{COMMON}'>{xml}</modifySubscription>"
    );
    Request::decode(envelope(&body).as_bytes())
}

#[test]
fn root_in_a_wrong_namespace_is_named() {
    let text = page("").replace("v12/types", "v11/types");
    let error = broken(&text, DecodeErrorKind::Unexpected);
    assert_eq!(error.path(), "getSubscriptionsResponse");
    assert!(
        error
            .message()
            .contains("`getSubscriptionsResponse` is in another namespace"),
        "{error}"
    );
    assert!(
        error.message().contains("with_namespaces"),
        "tells the way out: {error}"
    );
    // No namespace at all.
    broken(
        &envelope("<getSubscriptionsResponse/>"),
        DecodeErrorKind::Unexpected,
    );
}

#[test]
fn envelope_in_a_wrong_namespace_is_named() {
    let text = page("").replace(SOAP, "urn:soap");
    let error = broken(&text, DecodeErrorKind::Unexpected);
    assert!(
        error
            .message()
            .contains("expected a SOAP envelope, found `Envelope`"),
        "{error}"
    );
}

#[test]
fn envelope_without_a_body() {
    let error = broken(
        &format!("<s:Envelope xmlns:s='{SOAP}'><s:Header/></s:Envelope>"),
        DecodeErrorKind::Missing,
    );
    assert_eq!(error.path(), "Envelope/Body");
}

#[test]
fn missing_required_element_is_named_with_its_path() {
    let error = item_error(&format!(
        "<subscriptionData>{}</subscriptionData>",
        required_but("imsi", "")
    ));
    assert_eq!(error.kind(), DecodeErrorKind::Missing);
    assert_eq!(
        error.path(),
        "getSubscriptionsResponse/subscriptionData/imsi"
    );
    assert_eq!(error.message(), "a required element is missing");
    // Deep inside.
    let fields = required_but("consumptionDaily", "<consumptionDaily></consumptionDaily>");
    let error = item_error(&format!("<subscriptionData>{fields}</subscriptionData>"));
    assert_eq!(
        error.path(),
        "getSubscriptionsResponse/subscriptionData/consumptionDaily/voice"
    );
    // What the platform leaves blank when it is not set may as well be absent.
    let fields = required_but("gprsStatus", "<gprsStatus><lastConnStart/></gprsStatus>");
    let (answer, _) = read(&page(&format!(
        "<subscriptionData>{fields}</subscriptionData>"
    )))
    .unwrap();
    assert_eq!(
        answer.subscription_data.into_all().unwrap()[0]
            .gprs_status
            .status,
        None
    );
}

#[test]
fn missing_required_element_outside_of_a_list_is_the_answers_error() {
    let text = envelope(&format!(
        "<getLocationDetailResponse xmlns='{TYPES}'><locationDetailData><manualLocation>\
         <timestamp/></manualLocation></locationDetailData></getLocationDetailResponse>"
    ));
    let error = read_as::<GetLocationDetail>(text.as_bytes(), None, Limits::default()).unwrap_err();
    assert_eq!(
        error.path(),
        "getLocationDetailResponse/locationDetailData/manualLocation/coordinates"
    );
}

#[test]
fn bad_value_has_path_line_column_and_type_but_not_the_value() {
    let text = page(&item("\n  <!-- é --><qci>1234567890123</qci>"));
    let (page, _) = read(&text).unwrap();
    let error = page.subscription_data.errors().next().unwrap();
    assert_eq!(error.kind(), DecodeErrorKind::Value);
    assert_eq!(
        error.path(),
        "getSubscriptionsResponse/subscriptionData/qci"
    );
    assert_eq!((error.position().line, error.position().column), (2, 13));
    assert_eq!(
        error.message(),
        "not a valid xs:int (13 characters): out of range"
    );
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("1234567890"), "{text}");
        assert!(text.contains("line 2, column 13"), "{text}");
    }
}

#[test]
fn bad_values_of_every_type() {
    for (xml, kind) in [
        ("<qci>nine</qci>", "xs:int"),
        ("<qci>9.0</qci>", "xs:int"),
        ("<lteEnabled>yes</lteEnabled>", "xs:boolean"),
        (
            "<shippingDate>2031-13-01T00:00:00Z</shippingDate>",
            "xs:dateTime",
        ),
        ("<shippingDate>2031-01-01</shippingDate>", "xs:dateTime"),
        ("<lastTrafficDate>0</lastTrafficDate>", "xs:dateTime"),
    ] {
        let error = item_error(&item(xml));
        assert_eq!(error.kind(), DecodeErrorKind::Value, "{xml}");
        assert!(error.message().contains(kind), "{xml}: {error}");
    }
}

#[test]
fn element_inside_a_value() {
    let error = item_error(&item("<qci><x>1</x></qci>"));
    assert_eq!(error.kind(), DecodeErrorKind::Unexpected);
    assert_eq!(
        error.path(),
        "getSubscriptionsResponse/subscriptionData/qci/x"
    );
}

#[test]
fn truncated_document() {
    let whole = page(&item(
        "<apn0>a&amp;<![CDATA[b]]></apn0><!-- c --><ip xmlns:q='urn:q'>192.0.2.1</ip>",
    ));
    // The answer is complete once its last tag has come.
    let end =
        whole.find("</getSubscriptionsResponse>").unwrap() + "</getSubscriptionsResponse>".len();
    for cut in 0..end {
        if !whole.is_char_boundary(cut) {
            continue;
        }
        match read(&whole[..cut]) {
            Ok(_) => panic!("reads although cut at {cut}: {}", &whole[..cut]),
            Err(e) => assert_eq!(e.kind(), DecodeErrorKind::Malformed, "{cut}: {e}"),
        }
    }
    assert!(read(&whole[..end]).is_ok());
}

#[test]
fn mismatched_end_tag() {
    let text = page(&item("<apn0>a</apn1>"));
    broken(&text, DecodeErrorKind::Malformed);
    broken(
        &page(&item("<unknown><x></unknown></x>")),
        DecodeErrorKind::Malformed,
    );
    broken(&page(&item("</x>")), DecodeErrorKind::Malformed);
    // Same local name and namespace, but another prefix.
    let text = page(&item(&format!(
        "<p:ip xmlns:p='{TYPES}' xmlns:q='{TYPES}'>1</q:ip>"
    )));
    broken(&text, DecodeErrorKind::Malformed);
}

#[test]
fn undeclared_prefix() {
    let error = broken(&page(&item("<p:x/>")), DecodeErrorKind::Malformed);
    assert!(error.message().contains("prefix"), "{error}");
    broken(&page(&item("<x><p:y/></x>")), DecodeErrorKind::Malformed);
    // Declared on a sibling is not declared.
    broken(
        &page(&item("<p:x xmlns:p='urn:p'/><p:x/>")),
        DecodeErrorKind::Malformed,
    );
}

#[test]
fn broken_tags() {
    for xml in [
        "<x a></x>",
        "<x a=></x>",
        "<x a=b></x>",
        "<x a='b></x>",
        "<x a='1' b></x>",
    ] {
        assert!(read(&page(&item(xml))).is_err(), "{xml}");
    }
}

#[test]
fn text_before_the_root() {
    broken(&format!("x{}", page("")), DecodeErrorKind::Malformed);
    broken("", DecodeErrorKind::Malformed);
    broken("<!-- nothing -->", DecodeErrorKind::Malformed);
}

#[test]
fn duplicate_element() {
    let error = item_error(&item("<qci>1</qci><qci>2</qci>"));
    assert_eq!(error.kind(), DecodeErrorKind::Unexpected);
    assert_eq!(
        error.path(),
        "getSubscriptionsResponse/subscriptionData/qci[2]"
    );
    assert!(error.message().contains("twice"), "{error}");
    let error = item_error(&item("<icc>8999000000000001029</icc>"));
    assert!(error.path().ends_with("/icc"), "{error}");
    let error = item_error(&item("<supplServices/><supplServices/>"));
    assert!(error.kind() != DecodeErrorKind::Malformed, "{error}");
}

#[test]
fn two_arms_of_a_choice() {
    let error = request("<icc>8</icc><imsi>0</imsi><qci>1</qci>").unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Unexpected);
    assert_eq!(error.path(), "modifySubscription");
    assert!(
        error
            .message()
            .contains("more than one of icc, imsi, msisdn, subscriptionId"),
        "{error}"
    );
    let error = request("<icc>8</icc><qci>1</qci><alias>a</alias>").unwrap_err();
    assert!(
        error.message().contains("more than one of lifeCycleStatus"),
        "{error}"
    );
    let both =
        "<staticIpAddress0><c:ipv4>192.0.2.1</c:ipv4><c:ipv6>::1</c:ipv6></staticIpAddress0>";
    let error = request(&format!("<icc>8</icc>{both}")).unwrap_err();
    assert_eq!(error.path(), "modifySubscription/staticIpAddress0");
    assert!(
        error.message().contains("more than one of ipv4, ipv6"),
        "{error}"
    );
}

#[test]
fn no_arm_of_a_required_choice() {
    let error = request("<qci>1</qci>").unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Missing);
    assert_eq!(
        error.path(),
        "modifySubscription/(icc|imsi|msisdn|subscriptionId)"
    );
    let error = request("<icc>8</icc>").unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Missing);
    assert!(error.path().starts_with("modifySubscription/("), "{error}");
    let error = request("<icc>8</icc><staticIpAddress0/>").unwrap_err();
    assert_eq!(
        error.path(),
        "modifySubscription/staticIpAddress0/(ipv4|ipv6)"
    );
}

#[test]
fn arm_without_its_required_element() {
    let error = request("<icc>8</icc><forceRetired>true</forceRetired>").unwrap_err();
    assert_eq!(error.path(), "modifySubscription/lifeCycleStatus");
}

#[test]
fn ordinals_stand_in_the_path() {
    let entry = "<statusHistoryData><state>ACTIVE</state><automatic>1</automatic><time/></statusHistoryData>";
    let text = envelope(&format!(
        "<getStatusHistoryResponse xmlns='{TYPES}'>{entry}{entry}{}</getStatusHistoryResponse>",
        entry.replace(">1<", ">maybe<")
    ));
    let (history, _) =
        read_as::<GetStatusHistory>(text.as_bytes(), None, Limits::default()).unwrap();
    let entries = history.status_history_data;
    assert_eq!(entries.ok().count(), 2);
    assert_eq!(
        entries.errors().next().unwrap().path(),
        "getStatusHistoryResponse/statusHistoryData[3]/automatic"
    );
}

#[test]
fn content_after_the_root() {
    let echo = "<echo xmlns='http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types'><data>x</data></echo>";
    let again = |tail: &str| mno_kite_echo_v1::reencode(format!("{echo}{tail}").as_bytes());
    assert!(again("").is_ok());
    assert!(again(" \n<!-- bye --><?x y?>\n").is_ok());
    for tail in ["x", "<y/>", "&amp;", "<![CDATA[]]>", echo, "</echo>"] {
        let error = again(tail).expect_err(tail);
        assert_eq!(error.kind(), mno_runtime::ErrorKind::Decode, "{tail}");
    }
}

#[test]
fn message_that_is_none_of_the_service() {
    let error = mno_kite_inventory_v12::reencode(b"<getSubscriptions/>").unwrap_err();
    assert!(error.to_string().contains("`getSubscriptions`"), "{error}");
    let error = mno_kite_inventory_v12::reencode(b"<getSubscriptions xmlns='urn:x'/>").unwrap_err();
    assert!(error.to_string().contains("unknown namespace"), "{error}");
}
