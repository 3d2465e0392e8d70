//! From bytes to text: encodings, marks, and what is refused before it can do harm.

use std::time::{Duration, Instant};

use mno_kite_inventory_v12::Client;
use mno_runtime::ErrorKind;
use mno_runtime::transport::Body;
use mno_runtime::transport::{Call, Response, TransportError};
use mno_runtime::xml::DecodeErrorKind;

use super::*;
use crate::wire::{Recorder, run};

const NAME: &str = "Zähler é";

fn sample(declaration: &str) -> String {
    format!(
        "{declaration}{}",
        page(&item(&format!("<apn0>{NAME}</apn0>")))
    )
}

#[track_caller]
fn reads(bytes: &[u8], charset: Option<&str>) {
    let (page, _) = read_bytes(bytes, charset, Limits::default()).expect("reads");
    let item = page.subscription_data.ok().next().expect("an item");
    assert_eq!(item.apn0.as_deref(), Some(NAME));
}

#[track_caller]
fn refuses(bytes: &[u8], charset: Option<&str>, kind: DecodeErrorKind) -> DecodeError {
    let error = read_bytes(bytes, charset, Limits::default()).expect_err("refused");
    assert_eq!(error.kind(), kind, "{error}");
    error
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).expect("Latin 1"))
        .collect()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn utf8_with_and_without_byte_order_mark() {
    let text = sample("");
    reads(text.as_bytes(), None);
    reads(format!("\u{feff}{text}").as_bytes(), None);
    let text = sample("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    reads(format!("\u{feff}{text}").as_bytes(), Some("utf-8"));
}

#[test]
fn byte_order_mark_beats_what_header_and_declaration_say() {
    let text = format!(
        "\u{feff}{}",
        sample("<?xml version='1.0' encoding='ISO-8859-1'?>")
    );
    reads(text.as_bytes(), Some("iso-8859-1"));
}

#[test]
fn two_byte_order_marks_are_malformed() {
    let text = format!("\u{feff}\u{feff}{}", sample(""));
    refuses(text.as_bytes(), None, DecodeErrorKind::Malformed);
}

#[test]
fn utf16_little_and_big_endian_with_mark() {
    let text = format!(
        "\u{feff}{}",
        sample("<?xml version=\"1.0\" encoding=\"UTF-16\"?>")
    );
    reads(&utf16(&text, u16::to_le_bytes), None);
    reads(&utf16(&text, u16::to_be_bytes), None);
}

#[test]
fn utf16_without_mark() {
    let text = sample("<?xml version=\"1.0\" encoding=\"UTF-16\"?>");
    reads(&utf16(&text, u16::to_le_bytes), None);
    reads(&utf16(&text, u16::to_be_bytes), None);
}

#[test]
fn utf16_reaches_the_decoder_of_a_client() {
    let text = format!("\u{feff}{}", sample(""));
    for bytes in [
        utf16(&text, u16::to_le_bytes),
        utf16(&text, u16::to_be_bytes),
    ] {
        let recorder = Recorder::new(200, "text/xml", bytes);
        let got = run(recorder
            .inventory()
            .get_subscriptions(&GetSubscriptions::new()))
        .unwrap();
        assert_eq!(
            got.subscription_data.ok().next().unwrap().apn0.as_deref(),
            Some(NAME)
        );
    }
}

#[test]
fn iso_8859_1_by_declaration() {
    reads(
        &latin1(&sample("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>")),
        None,
    );
    reads(
        &latin1(&sample("<?xml version='1.0' encoding = 'iso-8859-1' ?>")),
        None,
    );
}

#[test]
fn iso_8859_1_by_http_charset() {
    reads(&latin1(&sample("")), Some("ISO-8859-1"));
    for content_type in [
        "text/xml; charset=ISO-8859-1",
        "text/xml;charset=\"iso-8859-1\"; action=x",
        "TEXT/XML; Charset=Latin1",
    ] {
        let recorder = Recorder::new(200, content_type, latin1(&sample("")));
        let got = run(recorder
            .inventory()
            .get_subscriptions(&GetSubscriptions::new()))
        .unwrap();
        let item = got.subscription_data.ok().next().unwrap();
        assert_eq!(item.apn0.as_deref(), Some(NAME), "{content_type}");
    }
}

#[test]
fn http_charset_beats_the_declaration() {
    let text = sample("<?xml version='1.0' encoding='ISO-8859-1'?>");
    reads(text.as_bytes(), Some("utf-8"));
}

#[test]
fn unknown_encoding_is_refused() {
    let text = sample("<?xml version='1.0' encoding='x-klingon'?>");
    let error = refuses(text.as_bytes(), None, DecodeErrorKind::Refused);
    assert!(error.message().contains("encoding"));
}

#[test]
fn invalid_utf8_is_malformed() {
    let mut bytes = sample("").into_bytes();
    let at = bytes.iter().position(|b| *b == 0xc3).expect("an umlaut");
    bytes[at + 1] = b'(';
    refuses(&bytes, None, DecodeErrorKind::Malformed);
}

#[test]
fn doctype_is_refused() {
    for doctype in [
        "<!DOCTYPE Envelope>",
        "<!DOCTYPE s:Envelope SYSTEM 'http://198.51.100.1/x.dtd'>",
        "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
    ] {
        let error = refuses(sample(doctype).as_bytes(), None, DecodeErrorKind::Refused);
        assert!(error.message().contains("DOCTYPE"));
        let error = refuses(
            sample(&format!("<?xml version='1.0'?>\n<!-- -->\n{doctype}\n")).as_bytes(),
            None,
            DecodeErrorKind::Refused,
        );
        assert_eq!(error.position().line, 3);
    }
}

#[test]
fn doctype_is_an_unexpected_response_for_a_caller() {
    let recorder = Recorder::xml(200, sample("<!DOCTYPE x>"));
    let error = run(recorder
        .inventory()
        .get_subscriptions(&GetSubscriptions::new()))
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
}

#[test]
fn billion_laughs_are_refused_at_once() {
    let mut dtd = "<!DOCTYPE lolz [<!ENTITY a0 'lol'>".to_owned();
    for n in 1..30 {
        let before = format!("&a{};", n - 1).repeat(10);
        dtd.push_str(&format!("<!ENTITY a{n} '{before}'>"));
    }
    dtd.push_str("]>");
    let body = page(&item("<apn0>&a29;</apn0>"));
    let start = Instant::now();
    refuses(
        format!("{dtd}{body}").as_bytes(),
        None,
        DecodeErrorKind::Refused,
    );
    // Nor without a DOCTYPE.
    refuses(body.as_bytes(), None, DecodeErrorKind::Malformed);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn undefined_entity_is_malformed() {
    for entity in [
        "&nbsp;",
        "&a",
        "&;",
        "&#0;",
        "&#xFFFE;",
        "&#x110000;",
        "&#99999999999;",
        "&#xD800;",
    ] {
        refuses(
            page(&item(&format!("<apn0>{entity}</apn0>"))).as_bytes(),
            None,
            DecodeErrorKind::Malformed,
        );
    }
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    page(&item(&format!(
        "{}{}",
        open.repeat(depth),
        close.repeat(depth)
    )))
}

#[test]
fn depth_limit_of_unknown_elements() {
    let start = Instant::now();
    let text = nested("<x>", "</x>", 100_000);
    let error = refuses(text.as_bytes(), None, DecodeErrorKind::Refused);
    assert!(error.message().contains("128"), "{error}");
    // Torn in the depth of it, and in attributes of a header.
    let torn = &text[..text.len() / 2];
    refuses(torn.as_bytes(), None, DecodeErrorKind::Refused);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn depth_limit_can_be_moved() {
    // Envelope, Body, the answer and the item stand around it.
    let text = nested("<x>", "</x>", 124);
    assert!(read(&text).is_ok());
    assert!(read(&nested("<x>", "</x>", 125)).is_err());
    let limits = Limits::default().with_depth(200);
    assert!(read_bytes(nested("<x>", "</x>", 196).as_bytes(), None, limits).is_ok());
    let limits = Limits::default().with_depth(5);
    assert!(read_bytes(text.as_bytes(), None, limits).is_err());
}

#[test]
fn many_siblings_are_no_depth() {
    let (page, skipped) = read(&page(&item(&"<x/>".repeat(100_000)))).unwrap();
    assert_eq!(page.subscription_data.len(), 1);
    assert_eq!(skipped, 100_000);
}

#[test]
fn body_size_limit() {
    let text = page(&item(""));
    let limits = Limits::default().with_bytes(text.len());
    assert!(read_bytes(text.as_bytes(), None, limits).is_ok());
    let limits = limits.with_bytes(text.len() - 1);
    let error = read_bytes(text.as_bytes(), None, limits).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Refused);
}

#[test]
fn body_size_limit_of_a_client_stops_the_stream() {
    let endless = |_: Call| {
        let stream = futures_util::stream::repeat_with(|| {
            Ok::<_, TransportError>(mno_runtime::bytes::Bytes::from_static(&[b' '; 1000]))
        });
        let response = Response::new(Body::from_stream(stream));
        async move { Ok(response) }
    };
    let client = Client::new(std::sync::Arc::new(endless));
    let endpoint = client
        .endpoint()
        .clone()
        .with_limits(Limits::default().with_bytes(10_500));
    let client = Client::from_endpoint(endpoint);
    let error = run(client.get_subscriptions(&GetSubscriptions::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(
        error.to_string().contains("more than 10500 bytes"),
        "{error}"
    );
}

#[test]
fn body_is_read_from_pieces_of_one_byte() {
    let text = sample("");
    let split = move |_: Call| {
        let pieces: Vec<_> = text
            .bytes()
            .map(|b| Ok(mno_runtime::bytes::Bytes::copy_from_slice(&[b])))
            .collect();
        let response = Response::new(Body::from_stream(futures_util::stream::iter(pieces)));
        async move { Ok(response) }
    };
    let client = Client::new(std::sync::Arc::new(split));
    let got = run(client.get_subscriptions(&GetSubscriptions::new())).unwrap();
    assert_eq!(
        got.subscription_data.ok().next().unwrap().apn0.as_deref(),
        Some(NAME)
    );
}
