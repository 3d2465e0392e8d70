//! Writing is strict: the contract's order, few namespaces, and nothing that breaks the contract.

use mno_kite_common_v1::faults::{ClientException, ClientExceptionExceptionCategory as Category};
use mno_kite_common_v1::types::{NameValuePair, SearchParams};
use mno_kite_echo_v1::operations::Echo;
use mno_kite_inventory_v12::operations::{
    DownloadAndActivateProfile, GetStatusDetail, GetSubscriptions, ModifySubscription, SendSms,
};
use mno_kite_inventory_v12::types::{
    ApnChange, BasicServicesChange, Change, ConnectionStatus, LabelsChange, SimId,
    SupplementaryServicesChange, ThresholdsChange,
};
use mno_runtime::soap::{encode_envelope, encode_fault};
use mno_runtime::values::Iccid;
use mno_runtime::xml::{Element, EncodeError, Namespace};
use mno_runtime::{Error, ErrorKind};

use super::*;
use crate::wire::tree::{Tree, body};
use crate::wire::{Recorder, envelope as written, run};

const ECHO: &[Namespace] = mno_kite_echo_v1::ns::TABLE;

fn sim() -> SimId {
    Iccid::new("8999000000000001011").unwrap().into()
}

fn modify(change: impl Into<Change>) -> ModifySubscription {
    ModifySubscription::new(sim(), change)
}

#[track_caller]
fn refused<T: Element>(message: &T) -> EncodeError {
    encode_envelope(message, &NamespaceTable::new(ns::TABLE)).expect_err("refused")
}

#[test]
fn schema_order() {
    // Setters in any order; the contract's order on the wire.
    let change = ApnChange::new()
        .with_default_apn("d")
        .with_apn9("9")
        .with_apn0("0");
    let tree = body(&written(&modify(change), ns::TABLE));
    let names: Vec<_> = tree.children.iter().map(|c| c.local.as_str()).collect();
    assert_eq!(names, ["icc", "apn0", "apn9", "defaultApn"]);
    let request = GetSubscriptions::new()
        .with_start_index(1)
        .with_max_batch_size(2);
    let tree = body(&written(&request, ns::TABLE));
    let names: Vec<_> = tree.children.iter().map(|c| c.local.as_str()).collect();
    assert_eq!(names, ["maxBatchSize", "startIndex"]);
}

#[test]
fn namespaces_declared_once_and_only_those_used() {
    let text = written(&GetStatusDetail::new(sim()), ns::TABLE);
    assert_eq!(text.matches("xmlns").count(), 2, "{text}");
    assert!(
        !text.contains("xmlns:common") && !text.contains("xmlns:fault"),
        "{text}"
    );
    let filter = NameValuePair::new("icc", ["8".to_owned()]);
    let filters = SearchParams::new([filter.clone(), filter]);
    let text = written(
        &GetSubscriptions::new().with_search_parameters(filters),
        ns::TABLE,
    );
    assert_eq!(text.matches("xmlns").count(), 3, "{text}");
    assert_eq!(text.matches("xmlns:common=").count(), 1, "{text}");
    // All of them on the root.
    let root_end = text.find('>').unwrap();
    assert!(!text[root_end..].contains("xmlns"), "{text}");
}

#[test]
fn fewest_prefixes_and_no_white_space() {
    let text = written(&Echo::new("hello"), ECHO);
    let types = ECHO
        .iter()
        .find(|n| n.id == mno_kite_echo_v1::ns::TYPES)
        .unwrap();
    let (prefix, uri) = (types.prefix, types.uri);
    assert_eq!(
        text,
        format!(
            "<soap:Envelope xmlns:soap=\"{SOAP}\" xmlns:{prefix}=\"{uri}\"><soap:Body>\
             <{prefix}:echo><{prefix}:data>hello</{prefix}:data></{prefix}:echo></soap:Body></soap:Envelope>"
        )
    );
}

#[test]
fn escaping_of_text() {
    let alias = "& < > \" ' ]]> \t\n\r é 📶 \u{85}\u{2028}\u{7f}";
    let text = written(&modify(LabelsChange::new().with_alias(alias)), ns::TABLE);
    assert!(
        text.contains("&amp; &lt; &gt; \" ' ]]&gt; \t\n&#13; é"),
        "{text}"
    );
    let tree = body(&text);
    assert_eq!(
        tree.children[1].text, alias,
        "another parser reads it as it was"
    );
    let again = mno_kite_inventory_v12::server::Request::decode(text.as_bytes())
        .unwrap()
        .unwrap();
    let mno_kite_inventory_v12::server::Request::ModifySubscription(again) = again else {
        panic!("another request")
    };
    assert_eq!(*again, modify(LabelsChange::new().with_alias(alias)));
}

#[test]
fn escaping_of_attributes() {
    // Namespace declarations are the attributes that are written.
    let odd = "urn:a&b<c>\"d'e\tf";
    let table = NamespaceTable::new(ECHO).with_uri(mno_kite_echo_v1::ns::TYPES, odd);
    let bytes = encode_envelope(&Echo::new("x"), &table).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(
        text.contains("\"urn:a&amp;b&lt;c>&quot;d'e&#9;f\""),
        "{text}"
    );
    assert_eq!(body(text).ns, odd);
}

#[test]
fn control_characters_are_refused_with_the_path() {
    for c in [
        '\0', '\u{1}', '\u{8}', '\u{b}', '\u{1b}', '\u{1f}', '\u{fffe}', '\u{ffff}',
    ] {
        let change = LabelsChange::new().with_custom_field2(format!("secret{c}text"));
        let error = refused(&modify(change));
        assert_eq!(error.path(), "modifySubscription/customField2", "{c:?}");
        assert!(error.reason().contains("character that XML cannot carry"));
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

#[test]
fn carriage_return_survives() {
    let text = written(&Echo::new("a\r\nb\rc"), ECHO);
    assert!(text.contains("a&#13;\nb&#13;c"), "{text}");
    assert_eq!(body(&text).children[0].text, "a\r\nb\rc");
}

#[test]
fn empty_string_is_written_and_absent_is_not() {
    let text = written(&modify(LabelsChange::new().with_alias("")), ns::TABLE);
    assert!(text.contains("<inv:alias/>"), "{text}");
    assert!(!text.contains("customField"), "{text}");
}

#[test]
fn required_but_empty_arm_is_refused() {
    let changes: [Change; 5] = [
        LabelsChange::new().into(),
        ApnChange::new().into(),
        ThresholdsChange::new().into(),
        BasicServicesChange::new().into(),
        SupplementaryServicesChange::new().into(),
    ];
    for change in changes {
        let error = refused(&modify(change));
        assert_eq!(error.path(), "modifySubscription");
        assert!(error.reason().contains("is empty"), "{error}");
    }
}

#[test]
fn length_facets_are_refused_with_the_path() {
    let refused = |data: &str| {
        encode_envelope(&Echo::new(data), &NamespaceTable::new(ECHO)).expect_err("refused")
    };
    let error = refused("");
    assert_eq!(error.path(), "echo/data");
    assert_eq!(
        error.reason(),
        "the text has 0 characters, allowed are 1 to 20"
    );
    let error = refused("012345678901234567890");
    assert_eq!(
        error.reason(),
        "the text has 21 characters, allowed are 1 to 20"
    );
    assert!(!error.to_string().contains("0123456789"));
    // Characters, not bytes.
    assert!(encode_envelope(&Echo::new("é".repeat(20)), &NamespaceTable::new(ECHO)).is_ok());
}

#[test]
fn length_facet_without_an_upper_bound() {
    let error = refused(&DownloadAndActivateProfile::new(sim(), "", "4711"));
    assert_eq!(error.path(), "downloadAndActivateProfile/targetCustomerId");
    assert_eq!(
        error.reason(),
        "the text has 0 characters, allowed are 1 or more"
    );
    let error = refused(&DownloadAndActivateProfile::new(sim(), "customer-x", ""));
    assert_eq!(
        error.path(),
        "downloadAndActivateProfile/targetCommercialGroupId"
    );
}

#[test]
fn range_facets_are_refused_with_the_path() {
    let mut subscription = with("");
    for bad in [-1, 10] {
        subscription.gprs_status = ConnectionStatus::new().with_status(bad);
        let page = GetSubscriptionsResponse::new().with_subscription_data([subscription.clone()]);
        let error = refused(&page);
        assert_eq!(
            error.path(),
            "getSubscriptionsResponse/subscriptionData/gprsStatus/status"
        );
        assert_eq!(
            error.reason(),
            "the number is out of range, allowed are 0 to 9"
        );
    }
    let table = NamespaceTable::new(ns::TABLE);
    let fault = ClientException::new(Category::Svc, 10_000, "no");
    let error = encode_fault("Client", "no", &fault, &table).expect_err("refused");
    assert_eq!(error.path(), "detail/ClientException/exceptionId");
}

#[test]
fn count_facets_are_refused_with_the_path() {
    let error = refused(&SendSms::new([], "x"));
    assert_eq!(error.path(), "sendSMS/destSubscriptions");
    assert_eq!(error.reason(), "there are 0, allowed are 1 or more");
    let none = SearchParams::new([NameValuePair::new("icc", [])]);
    let error = refused(&GetSubscriptions::new().with_search_parameters(none));
    assert_eq!(
        error.path(),
        "getSubscriptions/searchParameters/param/value"
    );
}

#[test]
fn refused_request_is_never_sent() {
    let recorder = Recorder::xml(200, "");
    let request = modify(LabelsChange::new());
    let error: Error = run(recorder.inventory().modify_subscription(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.path(), Some("modifySubscription"));
    assert_eq!(error.operation().unwrap().operation, "modifySubscription");
    assert!(recorder.calls().is_empty());
}

#[test]
fn fault_of_a_server_is_read_by_a_client() {
    let fault = ClientException::new(Category::Svc, 1006, "Resource 8 does <not> exist")
        .with_variables(["8".to_owned()]);
    let table = NamespaceTable::new(ns::TABLE);
    let bytes = encode_fault("Client", "Client exception", &fault, &table).unwrap();
    let tree = Tree::parse(std::str::from_utf8(&bytes).unwrap());
    let parts = &tree.find("Fault").unwrap().children;
    assert!(
        parts.iter().all(|p| p.ns.is_empty()),
        "Fault's children are in no namespace"
    );
    let error = run(Recorder::xml(500, bytes.to_vec())
        .inventory()
        .get_subscriptions(&GetSubscriptions::new()))
    .unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.fault_code(), Some("soap:Client"));
    assert_eq!(error.fault::<ClientException>(), Some(&fault));
}

#[test]
fn what_is_written_is_well_formed_for_another_parser() {
    for text in [
        "",
        "]]>",
        "<![CDATA[",
        "&#x0;",
        "--",
        "<?x?>",
        "\u{feff}",
        "é\u{301}",
    ] {
        let written = written(&modify(LabelsChange::new().with_alias(text)), ns::TABLE);
        assert_eq!(body(&written).children[1].text, text);
    }
}
