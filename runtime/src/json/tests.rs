//! The codec against hand-written JSON, and against `serde_json` as a second opinion.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use super::*;
use crate::Decimal;
use crate::values::{Date, DateTime, Eid, Iccid};

/// What a generated type looks like.
#[derive(Debug, PartialEq, Default)]
struct Sim {
    iccid: Option<Iccid>,
    volume: Option<Decimal>,
    count: Option<i64>,
    changed: Option<DateTime>,
    label: Option<String>,
    tags: Vec<String>,
}

impl Decode for Sim {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let mut out = Self::default();
        let mut tags: Option<Vec<String>> = None;
        c.begin_object()?;
        while let Some(name) = c.next_name()? {
            match &*name {
                "iccid" => c.put(&mut out.iccid)?,
                "volume" => c.put(&mut out.volume)?,
                "count" => c.put(&mut out.count)?,
                "changed" => c.put(&mut out.changed)?,
                "label" => c.put(&mut out.label)?,
                "tags" => c.put(&mut tags)?,
                _ => c.skip_unknown()?,
            }
        }
        out.tags = tags.unwrap_or_default();
        Ok(out)
    }
}

impl Encode for Sim {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.object(|w| {
            w.optional("iccid", &self.iccid)?;
            w.optional("volume", &self.volume)?;
            w.optional("count", &self.count)?;
            w.optional("changed", &self.changed)?;
            w.optional("label", &self.label)?;
            w.member("tags", &self.tags)
        })
    }
}

fn sim(text: &str) -> Result<Sim, DecodeError> {
    from_slice(text.as_bytes())
}

fn error(text: &str) -> DecodeError {
    sim(text).unwrap_err()
}

#[test]
fn identifiers_come_as_strings_or_whole_numbers_and_nothing_else() {
    let want = "8999000000000012349";
    for text in ["\"8999000000000012349\"", "8999000000000012349"] {
        let got = sim(&format!("{{\"iccid\": {text}}}")).unwrap();
        assert_eq!(got.iccid.unwrap(), want);
    }
    let eid: Eid = from_slice(b"89990000000000000000000000000017").unwrap();
    assert_eq!(
        eid, "89990000000000000000000000000017",
        "32 digits, every one kept"
    );
    for float in [
        "8.999e18",
        "8999000000000012349.0",
        "-8999000000000012349",
        "1E+31",
    ] {
        let e = error(&format!("{{\"iccid\":\n {float}}}"));
        assert_eq!(e.kind(), DecodeErrorKind::Value);
        assert_eq!(e.path(), "iccid");
        assert_eq!((e.position().line, e.position().column), (2, 2));
        assert!(!e.to_string().contains("8999"), "{e}");
    }
    for other in ["true", "[]", "{}"] {
        assert_eq!(
            error(&format!("{{\"iccid\": {other}}}")).kind(),
            DecodeErrorKind::Value
        );
    }
}

#[test]
fn decimals_keep_every_digit() {
    for (text, want) in [
        ("0.1", "0.1"),
        ("1234567.89", "1234567.89"),
        ("1234567890123.456789", "1234567890123.456789"),
        ("10", "10"),
        ("10.0", "10.0"),
        ("\"435.787951\"", "435.787951"),
        ("1e3", "1000"),
    ] {
        let got = sim(&format!("{{\"volume\": {text}}}"))
            .unwrap()
            .volume
            .unwrap();
        assert_eq!(got.to_string(), want, "{text}");
    }
    let back = to_vec(&Sim {
        volume: Some(Decimal::new(1_000_001, 4)),
        ..Sim::default()
    });
    assert_eq!(back.unwrap(), br#"{"volume":100.0001,"tags":[]}"#);
}

#[test]
fn whole_numbers_may_be_written_with_a_point() {
    for text in ["7", "7.0", "7.000", "0.7e1", "70e-1"] {
        assert_eq!(
            sim(&format!("{{\"count\": {text}}}")).unwrap().count,
            Some(7),
            "{text}"
        );
    }
    assert!(error("{\"count\": 7.5}").message().contains("fraction"));
    assert!(
        error("{\"count\": 99999999999999999999}")
            .message()
            .contains("out of range")
    );
    assert!(
        sim("{\"count\": \"7\"}").is_err(),
        "only lenient members read texts"
    );
    let lenient = |text: &str| {
        let mut c = Cursor::new(text.as_bytes(), Limits::default()).unwrap();
        c.lenient::<i64>()
    };
    assert_eq!(lenient("\"7\"").unwrap(), 7);
    assert_eq!(lenient("7").unwrap(), 7);
    assert!(
        lenient("\"seven\"")
            .unwrap_err()
            .message()
            .contains("5 characters")
    );
}

#[test]
fn times_are_read_in_all_forms_that_platforms_write() {
    for text in [
        "2018-08-17T16:46:48Z",
        "2018-08-17T16:46:48+00:00",
        "2018-08-17T16:46:48.000+0000",
        "2018-08-17T18:46:48+0200",
        "2018-08-17T16:46:48.000000000Z",
        "2018-08-17 16:46:48",
        " 2018-08-17 16:46:48Z ",
    ] {
        let got = sim(&format!("{{\"changed\": \"{text}\"}}"))
            .unwrap()
            .changed
            .unwrap();
        assert_eq!(got.unix_seconds(), 1_534_524_408, "{text}");
    }
    assert!(
        error("{\"changed\": \"17.08.2018\"}")
            .message()
            .contains("10 characters")
    );
    assert!(from_slice::<Date>(b"\"2018-02-30\"").is_err());
    // A zone stands in XML's dates alone.
    let zoned: Date = "2018-02-28+01:00".parse().unwrap();
    assert_eq!(to_vec(&zoned).unwrap(), b"\"2018-02-28\"");
}

#[test]
fn absent_null_and_blank() {
    let nothing = sim("{\"iccid\":null,\"count\":null,\"changed\":\" \",\"tags\":null}").unwrap();
    assert_eq!(nothing, Sim::default());
    // A blank text is a text.
    assert_eq!(sim("{\"label\":\"\"}").unwrap().label.unwrap(), "");
    let both: Vec<Nullable<i64>> = from_slice(b"[1, null]").unwrap();
    assert_eq!(both, [Nullable::Value(1), Nullable::Null]);
    assert_eq!(to_vec(&both).unwrap(), b"[1,null]");
}

#[test]
fn unknown_members_are_skipped_and_counted() {
    let text = br#"{"a": {"b": [1, {"c": "}"}, "\"]"], "d": null}, "label": "x", "e": -1.5e-3}"#;
    let mut c = Cursor::new(text, Limits::default()).unwrap();
    assert_eq!(c.read::<Sim>().unwrap().label.unwrap(), "x");
    c.finish().unwrap();
    assert_eq!(c.unknown(), 2);
}

#[test]
fn errors_name_path_position_and_type_and_never_the_value() {
    let e = from_slice::<BTreeMap<String, Vec<Sim>>>(
        b"{\"8999000000000012349\": [{}, {\n  \"label\": {\"secret\": 1}}]}",
    )
    .unwrap_err();
    assert_eq!(e.path(), "[\u{2026}][1].label");
    assert_eq!((e.position().line, e.position().column), (2, 12));
    assert_eq!(e.message(), "expected a string, found an object");
    assert!(!e.to_string().contains("8999") && !e.to_string().contains("secret"));
    let e = error("{\"label\": \"a\", \"label\": \"b\"}");
    assert_eq!((e.kind(), e.path()), (DecodeErrorKind::Unexpected, "label"));
}

#[test]
fn a_bad_item_is_that_items_error() {
    let items: Items<Sim> =
        from_slice(br#"[{"count":1},{"count":"x","label":["deep"]},{"count":3}]"#).unwrap();
    let counts: Vec<_> = items.ok().map(|s| s.count).collect();
    assert_eq!(counts, [Some(1), Some(3)]);
    assert_eq!(items.errors().next().unwrap().path(), "[1].count");
    assert!(
        to_vec(&items)
            .unwrap_err()
            .reason()
            .contains("could not be read")
    );
    // A torn document is no matter of an item.
    let torn = from_slice::<Items<Sim>>(br#"[{"count":1},{"coun"#).unwrap_err();
    assert_eq!(torn.kind(), DecodeErrorKind::Malformed);
}

#[test]
fn torn_documents_deep_ones_and_large_ones_are_refused() {
    let whole =
        br#"[{"iccid":"8999000000000012349","tags":["\u00e9\ud83d\ude00",true,1.5e-3]},null]"#;
    for cut in 0..whole.len() {
        let e = from_slice::<Value>(&whole[..cut]).unwrap_err();
        assert_eq!(e.kind(), DecodeErrorKind::Malformed, "{cut}");
    }
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(from_slice::<Value>(deep(128).as_bytes()).is_ok());
    let e = from_slice::<Value>(deep(129).as_bytes()).unwrap_err();
    assert_eq!(e.kind(), DecodeErrorKind::Refused);
    // Skipping does not recurse, and is bounded all the same.
    assert!(sim(&format!("{{\"x\":{}}}", deep(100_000))).is_err());
    let limits = Limits::default().with_bytes(10);
    let e = from_slice_within::<Value>(b"\"12345678901\"", limits).unwrap_err();
    assert_eq!(e.kind(), DecodeErrorKind::Refused);
    for not_utf8 in [&b"\"\xff\""[..], b"\xfe\xff\0{\0}"] {
        assert!(from_slice::<Value>(not_utf8).is_err());
    }
    assert!(
        from_slice::<Value>(b"\xef\xbb\xbf{}").is_ok(),
        "a byte order mark"
    );
}

#[test]
fn the_best_of_several_types_is_the_one_that_knows_most_members() {
    #[derive(Debug, PartialEq)]
    enum Either {
        Sim(Sim),
        Text(String),
        Map(BTreeMap<String, i64>),
    }
    let read = |text: &str| {
        let mut c = Cursor::new(text.as_bytes(), Limits::default()).unwrap();
        let got = c.best(&[
            |c| c.read().map(Either::Sim),
            |c| c.read().map(Either::Text),
            |c| c.read().map(Either::Map),
        ]);
        c.finish().ok().and(got.unwrap())
    };
    assert_eq!(read("\"x\""), Some(Either::Text("x".to_owned())));
    assert!(matches!(read("{\"count\": 1}"), Some(Either::Sim(_))));
    assert!(matches!(read("{\"other\": 1}"), Some(Either::Map(_))));
    assert_eq!(read("[]"), None);
}

#[test]
fn writing_escapes_and_names_the_place_of_an_error() {
    let value = Value::String("a\"\\\u{8}\n\u{1f}é\u{1f600}".to_owned());
    let written = to_vec(&value).unwrap();
    let theirs: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(theirs.as_str().unwrap(), "a\"\\\u{8}\n\u{1f}é\u{1f600}");
    let map = BTreeMap::from([("8999000000000012349".to_owned(), vec![1.0, f64::NAN])]);
    let e = to_vec(&map).unwrap_err();
    assert_eq!(e.path(), "[\u{2026}][1]");
}

/// What both readers must agree on: documents of RFC 8259's grammar and near misses of it.
#[test]
fn serde_json_agrees_on_what_is_json() {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"\"",
        "\"a\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"\t\"",
        "0",
        "-0",
        "01",
        "1.",
        ".5",
        "-",
        "1e5",
        "1E+",
        "1.5e-3",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "\n",
        "'a'",
        "//",
        "+1",
        "NaN",
        "\u{a0}",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % n as u64).unwrap()
    };
    let mut accepted = 0;
    for round in 0..200_000 {
        let text = if round % 2 == 0 {
            let length = 1 + next(7);
            (0..length).map(|_| pieces[next(pieces.len())]).collect()
        } else {
            sentence(&mut next, 0)
        };
        let ours = from_slice::<Value>(text.as_bytes());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // Ours refuses a name that stands twice, theirs takes the last; theirs refuses numbers
        // beyond a double, ours keeps their text.
        let twice = ours.as_ref().is_err_and(|e| e.message().contains("twice"));
        let beyond = theirs
            .as_ref()
            .is_err_and(|e| e.to_string().contains("out of range"));
        let agree = ours.is_ok() == theirs.is_ok();
        assert!(agree || twice || beyond, "{text:?}: {ours:?} {theirs:?}");
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            accepted += 1;
            let again: serde_json::Value = serde_json::from_slice(&to_vec(&ours).unwrap()).unwrap();
            assert_eq!(again, theirs, "{text:?}");
        }
    }
    assert!(accepted > 50_000, "only {accepted} were JSON");
}

#[test]
fn an_error_at_the_root_says_where_it_is() {
    let w = Writer::new();
    let error = w.error("", "0 members, at least 1 needed");
    let text = "0 members, at least 1 needed, at the document";
    assert_eq!(error.to_string(), text);
    assert!(crate::Error::from(error).to_string().ends_with(text));
    let error = w.error("name", "too long");
    assert_eq!(error.to_string(), "too long, at name");
}

/// A random document.
fn sentence(next: &mut impl FnMut(usize) -> usize, depth: usize) -> String {
    let kinds = if depth > 4 { 5 } else { 7 };
    match next(kinds) {
        0 => "null".to_owned(),
        1 => "true".to_owned(),
        2 => format!("{}", next(1_000_000)),
        3 => format!("-{}.{}e{}", next(100), next(1000), next(20)),
        4 => format!("\"{}\"", ["", "a\\n", "\\u0041", "é", " \\\" "][next(5)]),
        5 => {
            let items: Vec<String> = (0..next(4)).map(|_| sentence(next, depth + 1)).collect();
            format!("[{}]", items.join(" , "))
        }
        _ => {
            let members: Vec<String> = (0..next(4))
                .map(|n| format!("\"k{n}\" : {}", sentence(next, depth + 1)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}
