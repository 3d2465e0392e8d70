//! An item of a list that cannot be read is that item's error; the others are there.

use std::time::{Duration, Instant};

use mno_runtime::xml::DecodeErrorKind;

use super::*;

fn bad(element: &str, with: &str) -> String {
    format!(
        "<subscriptionData>{}</subscriptionData>",
        required_but(element, with)
    )
}

/// One bad item among good ones, in every place.
#[track_caller]
fn isolated(bad: &str, kind: DecodeErrorKind, path: &str) {
    for place in 0..4 {
        let mut all = vec![item(""); 3];
        all.insert(place, bad.to_owned());
        let (page, _) = read(&page(&all.concat())).expect("the page is good");
        let items = page.subscription_data;
        assert_eq!(items.len(), 4);
        assert_eq!(items.ok().count(), 3);
        assert!(items.ok().all(|i| *i == with("")));
        for (n, got) in items.iter().enumerate() {
            assert_eq!(got.is_err(), n == place, "item {n}, bad is {place}");
        }
        let error = items.errors().next().expect("bad");
        assert_eq!(error.kind(), kind, "{error}");
        let ordinal = if place == 0 {
            String::new()
        } else {
            format!("[{}]", place + 1)
        };
        assert_eq!(
            error.path(),
            format!("getSubscriptionsResponse/subscriptionData{ordinal}{path}")
        );
        assert_eq!(
            items.into_all().unwrap_err().path(),
            format!("getSubscriptionsResponse/subscriptionData{ordinal}{path}")
        );
    }
}

#[test]
fn bad_value() {
    let xml = bad("provisionDate", "<provisionDate>never</provisionDate>");
    isolated(&xml, DecodeErrorKind::Value, "/provisionDate");
}

#[test]
fn bad_value_nested_deep() {
    let xml = item("").replacen("<limit>1</limit>", "<limit>-1</limit>", 1);
    isolated(
        &xml,
        DecodeErrorKind::Value,
        "/consumptionDaily/voice/limit",
    );
}

#[test]
fn missing_required_child() {
    isolated(&bad("icc", ""), DecodeErrorKind::Missing, "/icc");
    isolated(
        "<subscriptionData/>",
        DecodeErrorKind::Missing,
        "/subscriptionId",
    );
    isolated(
        "<subscriptionData></subscriptionData>",
        DecodeErrorKind::Missing,
        "/subscriptionId",
    );
}

#[test]
fn missing_required_child_nested_deep() {
    let xml = item("");
    let begin = xml.find("<sms>").unwrap();
    let end = xml.find("</sms>").unwrap() + "</sms>".len();
    let xml = format!("{}{}", &xml[..begin], &xml[end..]);
    isolated(&xml, DecodeErrorKind::Missing, "/consumptionDaily/sms");
}

#[test]
fn duplicate_child() {
    isolated(
        &item("<qci>1</qci><qci>2</qci>"),
        DecodeErrorKind::Unexpected,
        "/qci[2]",
    );
}

#[test]
fn element_inside_a_value_and_more_after_it() {
    let xml = item("<apn0>a<b><c/><d>e</d></b>f</apn0><apn1>x</apn1>");
    isolated(&xml, DecodeErrorKind::Unexpected, "/apn0/b");
    let xml = item("<apn0><b/></apn0>");
    isolated(&xml, DecodeErrorKind::Unexpected, "/apn0/b");
}

#[test]
fn namespaces_of_a_bad_item_end_with_it() {
    let xml = "<q:subscriptionData xmlns:q='TYPES' xmlns='urn:other'><q:apn0><b xmlns:q='urn:q'/></q:apn0></q:subscriptionData>"
        .replace("TYPES", TYPES);
    isolated(&xml, DecodeErrorKind::Unexpected, "/apn0/b");
}

#[test]
fn all_items_bad() {
    let xml = page(&bad("icc", "").repeat(3));
    let (page, _) = read(&xml).unwrap();
    assert_eq!(page.subscription_data.errors().count(), 3);
    assert_eq!(page.subscription_data.ok().count(), 0);
}

#[test]
fn broken_document_inside_an_item_is_the_pages_error() {
    for xml in ["<apn0>&nope;</apn0>", "<p:x/>", "<apn0></apn1>"] {
        let error = read(&page(&format!("{}{}", item(""), item(xml)))).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::Malformed, "{xml}");
    }
}

#[test]
fn very_many_bad_items_take_no_quadratic_time() {
    // On one line and on many: the position of each is counted from the one before.
    for between in ["", "\n"] {
        let count = 30_000;
        let items =
            format!("<subscriptionData><icc>8</icc></subscriptionData>{between}").repeat(count);
        let start = Instant::now();
        let (page, _) = read(&page(&items)).unwrap();
        assert_eq!(page.subscription_data.errors().count(), count);
        let last = page.subscription_data.errors().last().unwrap();
        if between.is_empty() {
            assert_eq!(last.position().line, 1);
        } else {
            assert_eq!((last.position().line, last.position().column), (30_000, 31));
        }
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
    }
}
