//! Reading is lenient where platforms differ from their contracts.

use mno_kite_common_v1::types::LifeCycleStatus;
use mno_kite_inventory_v12::operations::GetLocationDetail;
use mno_kite_inventory_v12::server::Request;
use mno_kite_inventory_v12::types::{Change, SimId, SubscriptionKind, SwapStatus};
use mno_runtime::values::{Iccid, Lexical};
use mno_runtime::xml::Limits;

use super::*;

/// The plain page that the others must equal.
fn plain() -> SubscriptionInfo {
    with("<ip>192.0.2.1</ip>")
}

fn prefixed(prefix: &str) -> String {
    let xml = item("<ip>192.0.2.1</ip>");
    let xml = xml
        .replace("</", "\u{1}")
        .replace('<', &format!("<{prefix}:"));
    xml.replace('\u{1}', &format!("</{prefix}:"))
}

#[test]
fn any_prefix() {
    for prefix in ["wstxns1", "_", "a-b.c", "ä", "soap", "xmlnsx"] {
        let body = format!(
            "<{prefix}:getSubscriptionsResponse xmlns:{prefix}='{TYPES}'>{}\
             </{prefix}:getSubscriptionsResponse>",
            prefixed(prefix)
        );
        assert_eq!(only(&envelope(&body)), plain(), "{prefix}");
    }
}

#[test]
fn prefix_redeclared_on_each_element() {
    let mut n = 0;
    let mut out = String::new();
    let mut open = Vec::new();
    let text = format!(
        "<getSubscriptionsResponse>{}</getSubscriptionsResponse>",
        item("<ip>192.0.2.1</ip>")
    );
    for part in text.split_inclusive('>') {
        let at = part.find('<').unwrap();
        let (before, tag) = part.split_at(at);
        out.push_str(before);
        if let Some(name) = tag.strip_prefix("</") {
            out.push_str(&format!("</{}:{name}", open.pop().unwrap()));
        } else {
            n += 1;
            let name = &tag[1..tag.len() - 1];
            out.push_str(&format!("<p{n}:{name} xmlns:p{n}='{TYPES}'>"));
            open.push(format!("p{n}"));
        }
    }
    assert_eq!(only(&envelope(&out)), plain());
}

#[test]
fn prefix_rebound() {
    // `a` is the types, inside of an unknown element something else, and then the types again.
    let inner = prefixed("a").replace(
        "<a:icc>",
        "<a:odd xmlns:a='urn:x'><a:icc>no</a:icc></a:odd><a:icc>",
    );
    let body = format!(
        "<a:getSubscriptionsResponse xmlns:a='{TYPES}'>{inner}</a:getSubscriptionsResponse>"
    );
    assert_eq!(only(&envelope(&body)), plain());
    // The prefix of the envelope is bound to the types inside.
    let body = format!(
        "<s:getSubscriptionsResponse xmlns:s='{TYPES}'>{}</s:getSubscriptionsResponse>",
        prefixed("s")
    );
    assert_eq!(only(&envelope(&body)), plain());
}

#[test]
fn default_namespace() {
    assert_eq!(only(&page(&item("<ip>192.0.2.1</ip>"))), plain());
    let all = page(&item("<ip>192.0.2.1</ip>"))
        .replace("<s:", "<")
        .replace("</s:", "</")
        .replace("xmlns:s=", "xmlns=");
    assert_eq!(only(&all), plain());
    // Undeclared again: no namespace, so not ours.
    let (page, skipped) = read(&page(&item("<ip xmlns=''>192.0.2.1</ip>"))).unwrap();
    assert_eq!(page.subscription_data.ok().next().unwrap().ip, None);
    assert_eq!(skipped, 1);
}

#[test]
fn two_prefixes_for_one_namespace() {
    let xml = page(&item("<b:ip xmlns:b='TYPES'>192.0.2.1</b:ip>").replace("TYPES", TYPES));
    assert_eq!(only(&xml), plain());
}

#[test]
fn order_differs() {
    let moved = required_but("icc", "");
    let xml = page(&format!(
        "<subscriptionData><ip>192.0.2.1</ip>{moved}<icc>8999000000000001011</icc></subscriptionData>"
    ));
    assert_eq!(only(&xml), plain());
}

#[track_caller]
fn skips(xml: &str, count: u64) {
    let (page, skipped) = read(xml).unwrap();
    assert_eq!(page.subscription_data.into_all().unwrap(), [plain()]);
    assert_eq!(skipped, count);
}

#[test]
fn unknown_element_at_the_end() {
    skips(&page(&item("<ip>192.0.2.1</ip><imeiLock>35</imeiLock>")), 1);
    let xml = page(&format!("{}<total>1</total>", item("<ip>192.0.2.1</ip>")));
    skips(&xml, 1);
}

#[test]
fn unknown_element_in_the_middle() {
    let xml = page(&item("<ip>192.0.2.1</ip>"));
    skips(&xml.replace("<imsi>", "<new/><imsi>"), 1);
    skips(
        &xml.replace("<imsi>", "<new><icc>other</icc><x><icc/></x></new><imsi>"),
        1,
    );
}

#[test]
fn unknown_element_nested() {
    let xml = page(&item("<ip>192.0.2.1</ip>"));
    skips(
        &xml.replace("<thrReached>", "<unit>B</unit><thrReached>"),
        6,
    );
}

#[test]
fn unknown_element_of_a_foreign_namespace() {
    let xml = page(&item(
        "<z:ip xmlns:z='urn:z'>10.0.0.1</z:ip><ip>192.0.2.1</ip>",
    ));
    skips(&xml, 1);
    // A known namespace, but not the one that belongs here.
    let xml = page(&item(&format!(
        "<z:ip xmlns:z='{COMMON}'>10.0.0.1</z:ip><ip>192.0.2.1</ip>"
    )));
    skips(&xml, 1);
}

#[test]
fn unknown_element_in_a_choice() {
    let body = envelope(&format!(
        "<modifySubscription xmlns='{TYPES}' xmlns:c='{COMMON}'><newId>7</newId><icc>8999000000000001011</icc>\
         <staticIpAddress0><c:scope>x</c:scope><c:ipv4>192.0.2.1</c:ipv4></staticIpAddress0>\
         <newGroup/></modifySubscription>"
    ));
    let Some(Request::ModifySubscription(request)) = Request::decode(body.as_bytes()).unwrap()
    else {
        panic!("another request");
    };
    assert_eq!(
        request.id,
        SimId::Icc(Iccid::from_wire("8999000000000001011"))
    );
    let Change::Apn(change) = &request.change else {
        panic!("another group")
    };
    assert!(change.static_ip_address0.is_some());
    // In an answer the count is there to see.
    let document = Document::new(body.as_bytes(), None, Limits::default()).unwrap();
    let table = NamespaceTable::new(ns::TABLE);
    let mut cursor = Cursor::new(&document, &table);
    cursor.root().unwrap();
    cursor.next_child().unwrap();
    let tag = cursor.next_child().unwrap().unwrap();
    cursor
        .read::<mno_kite_inventory_v12::operations::ModifySubscription>(&tag)
        .unwrap();
    assert_eq!(cursor.skipped(), 3);
}

#[test]
fn unknown_attribute() {
    let xml = page(&item("<ip>192.0.2.1</ip>"))
        .replace("<icc>", "<icc checked='yes' x:y=\"a>b\" xmlns:x='urn:x'>")
        .replace("<subscriptionData>", "<subscriptionData\n\tid = '1' >")
        .replace(
            "<ip>",
            "<ip xsi:type='xsd:string' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>",
        );
    skips(&xml, 0);
}

#[test]
fn unknown_enumeration_value_is_kept_and_written_back() {
    let s = with("<swapStatus>TELEPORTING</swapStatus><subscriptionType>nUICC</subscriptionType>");
    let swap = s.swap_status.unwrap();
    assert!(matches!(swap, SwapStatus::Unknown(_)) && !swap.is_known());
    assert_eq!(swap.as_str(), "TELEPORTING");
    assert_ne!(swap, SwapStatus::Enabled);
    assert!(matches!(
        s.subscription_type,
        Some(SubscriptionKind::Unknown(_))
    ));
    let s = only(&page(&format!(
        "<subscriptionData>{}</subscriptionData>",
        required_but(
            "lifeCycleStatus",
            "<lifeCycleStatus>RESTORE &amp; co</lifeCycleStatus>"
        )
    )));
    assert_eq!(s.life_cycle_status.as_str(), "RESTORE & co");
    let body = format!(
        "<modifySubscription xmlns='{TYPES}'><icc>8</icc><lifeCycleStatus>NEW&lt;1&gt;</lifeCycleStatus></modifySubscription>"
    );
    let written = mno_kite_inventory_v12::reencode(body.as_bytes()).unwrap();
    let written = String::from_utf8(written).unwrap();
    assert!(
        written.contains(">NEW&lt;1&gt;</inv:lifeCycleStatus>"),
        "{written}"
    );
}

#[test]
fn known_value_never_hides_in_unknown() {
    for known in LifeCycleStatus::ALL {
        assert!(LifeCycleStatus::parse(known.as_str()).unwrap().is_known());
    }
    assert!(
        !LifeCycleStatus::parse("active").unwrap().is_known(),
        "case counts"
    );
}

#[test]
fn empty_optional_string_stays_an_empty_string() {
    assert_eq!(with("<apn0/>").apn0.as_deref(), Some(""));
    assert_eq!(with("<apn0></apn0>").apn0.as_deref(), Some(""));
    assert_eq!(with("<apn0> </apn0>").apn0.as_deref(), Some(" "));
    assert_eq!(with("<apn0><!-- none --></apn0>").apn0.as_deref(), Some(""));
    assert_eq!(with("").apn0, None);
}

#[test]
fn empty_optional_int_is_absent() {
    assert_eq!(with("<qci/><ratType> \n </ratType>").qci, None);
    assert_eq!(with("<ratType> \n </ratType>").rat_type, None);
}

#[test]
fn empty_optional_bool_is_absent() {
    assert_eq!(with("<lteEnabled></lteEnabled>").lte_enabled, None);
}

#[test]
fn empty_optional_date_time_is_absent() {
    assert_eq!(with("<shippingDate/>").shipping_date, None);
    assert_eq!(with("<shippingDate>\t</shippingDate>").shipping_date, None);
}

#[test]
fn empty_optional_enum_is_absent() {
    assert_eq!(with("<swapStatus/>").swap_status, None);
    assert_eq!(
        with("<subscriptionType> </subscriptionType>").subscription_type,
        None
    );
}

#[test]
fn nil_is_absent() {
    const XSI: &str = "xmlns:x='http://www.w3.org/2001/XMLSchema-instance'";
    let nil = |name: &str| format!("<{name} {XSI} x:nil='true'/>");
    assert_eq!(with(&nil("qci")).qci, None);
    assert_eq!(with(&nil("apn0")).apn0, None, "not an empty string");
    assert_eq!(with(&nil("shippingDate")).shipping_date, None);
    assert_eq!(with(&nil("expenseMonthly")).expense_monthly, None);
    assert_eq!(with(&nil("eid")).eid, None);
    assert_eq!(with(&format!("<qci {XSI} x:nil='1'></qci>")).qci, None);
    assert_eq!(
        with(&format!("<apn0 {XSI} x:nil='false'/>"))
            .apn0
            .as_deref(),
        Some("")
    );
    // `nil` of another namespace is just an unknown attribute.
    assert_eq!(with("<apn0 nil='true'/>").apn0.as_deref(), Some(""));
    assert_eq!(
        with("<apn0 x:nil='true' xmlns:x='urn:x'/>").apn0.as_deref(),
        Some("")
    );
}

#[test]
fn nil_of_a_required_value() {
    const NIL: &str = "xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:nil='true'";
    let read = |element: &str| {
        let fields = required_but(element, &format!("<{element} {NIL}/>"));
        format!("<subscriptionData>{fields}</subscriptionData>")
    };
    assert_eq!(only(&page(&read("provisionDate"))).provision_date, None);
    let error = item_error(&read("gprsStatus"));
    assert!(
        error.path().ends_with("subscriptionData/gprsStatus"),
        "{error}"
    );
}

#[test]
fn white_space_around_int_enum_bool_and_date() {
    let s = with(
        "<qci>\n 9\t</qci><lteEnabled> true\r\n</lteEnabled><swapStatus>\n ENABLED </swapStatus>\
         <shippingDate> 2031-01-12T00:00:00Z </shippingDate><eid> 89999000123456789000000000001091\n</eid>",
    );
    assert_eq!(s.qci, Some(9));
    assert_eq!(s.lte_enabled, Some(true));
    assert_eq!(s.swap_status, Some(SwapStatus::Enabled));
    assert_eq!(s.shipping_date.unwrap().to_string(), "2031-01-12T00:00:00Z");
    assert_eq!(s.eid.unwrap().as_str(), "89999000123456789000000000001091");
}

#[test]
fn white_space_around_decimal() {
    let over =
        "<limit> 1.50 </limit><value>\n2</value><thrReached>0 </thrReached><enabled> 1 </enabled>";
    let fees = [
        "voiceFee", "smsFee", "dataFee", "totalFee", "other", "total",
    ];
    let fees: String = fees.iter().map(|f| format!("<{f}> 0.10\n</{f}>")).collect();
    let flags = ["voice", "sms", "data", "total"];
    let flags: String = flags
        .iter()
        .map(|f| format!("<{f}GroupWarning> false </{f}GroupWarning>"))
        .collect();
    let overs: String = ["voice", "sms", "data", "total"]
        .iter()
        .map(|f| format!("<{f}Over>{over}</{f}Over>"))
        .collect();
    let s = with(&format!(
        "<expenseMonthly>{overs}{fees}{flags}</expenseMonthly>"
    ));
    let expenses = s.expense_monthly.unwrap();
    assert_eq!(expenses.voice_over.limit.unwrap().to_string(), "1.50");
    assert_eq!(expenses.total_over.value.unwrap().to_string(), "2");
    assert_eq!(expenses.total.unwrap().to_string(), "0.10");
    assert_eq!(expenses.data_group_warning, Some(false));
}

#[test]
fn white_space_kept_in_strings() {
    let s = with("<apn0>  a \n b\t</apn0><apn1>\n</apn1>");
    assert_eq!(s.apn0.as_deref(), Some("  a \n b\t"));
    assert_eq!(s.apn1.as_deref(), Some("\n"));
    assert_eq!(s.apn1(), None, "but the accessor sees a blank");
}

#[test]
fn line_ends_are_read_as_line_feeds() {
    let s =
        with("<apn0>a\r\nb\rc\n</apn0><apn1><![CDATA[a\r\nb]]></apn1><apn2>a&#13;&#10;b</apn2>");
    assert_eq!(s.apn0.as_deref(), Some("a\nb\nc\n"));
    assert_eq!(s.apn1.as_deref(), Some("a\nb"));
    assert_eq!(s.apn2.as_deref(), Some("a\r\nb"), "what is spelt out stays");
}

#[test]
fn pretty_printed() {
    let xml = page(&item("<ip>192.0.2.1</ip>")).replace("><", ">\r\n\t <");
    let xml = format!("<?xml version='1.0'?>\n{xml}\n");
    let (page, _) = read(&xml).unwrap();
    let s = page.subscription_data.into_all().unwrap().remove(0);
    assert_eq!(s, plain());
}

#[test]
fn cdata() {
    let s = with(
        "<apn0>a<![CDATA[<b>&amp;]]>c</apn0><apn1><![CDATA[]]></apn1><qci><![CDATA[ 9 ]]></qci>\
        <apn2><![CDATA[]]]]><![CDATA[>]]></apn2>",
    );
    assert_eq!(s.apn0.as_deref(), Some("a<b>&amp;c"));
    assert_eq!(s.apn1.as_deref(), Some(""));
    assert_eq!(s.qci, Some(9));
    assert_eq!(s.apn2.as_deref(), Some("]]>"));
}

#[test]
fn comment_and_pi_inside_text() {
    let s = with("<apn0>a<!-- <x> & -->b<?php x > y ?>c</apn0><qci>1<!---->2</qci>");
    assert_eq!(s.apn0.as_deref(), Some("abc"));
    assert_eq!(s.qci, Some(12));
}

#[test]
fn entities_and_character_references() {
    let s = with(
        "<apn0>&lt;&gt;&amp;&apos;&quot;</apn0><apn1>&#65;&#x42;&#x1F4F6;x</apn1><apn2>a&#x20;</apn2>",
    );
    assert_eq!(s.apn0.as_deref(), Some("<>&'\""));
    assert_eq!(s.apn1.as_deref(), Some("AB📶x"));
    assert_eq!(s.apn2.as_deref(), Some("a "));
}

#[test]
fn headers_before_the_body_are_skipped() {
    let xml = page(&item("<ip>192.0.2.1</ip>")).replace(
        "<s:Body>",
        "<s:Header><a:b xmlns:a='urn:a'><Body/></a:b></s:Header><!-- x --><s:Body>",
    );
    assert_eq!(only(&xml), plain());
}

#[test]
fn soap_12_envelope() {
    let xml =
        page(&item("<ip>192.0.2.1</ip>")).replace(SOAP, "http://www.w3.org/2003/05/soap-envelope");
    assert_eq!(only(&xml), plain());
}

#[test]
fn empty_choice_of_an_answer() {
    // An optional complex element that is there but empty.
    let xml = envelope(&format!(
        "<getLocationDetailResponse xmlns='{TYPES}'><locationDetailData/></getLocationDetailResponse>"
    ));
    let (answer, _) =
        read_as::<GetLocationDetail>(xml.as_bytes(), None, Limits::default()).unwrap();
    let detail = answer.location_detail_data.unwrap();
    assert_eq!(detail.manual_location, None);
}
