//! What Kite's contracts do not use but others do: nillable values, attributes, lists in one text.

use mno_runtime::values::{Lexical, List};
use mno_runtime::xml::{
    Cursor, Decode, DecodeError, DecodeErrorKind, Document, Element, Encode, EncodeError, Limits,
    Namespace, NamespaceTable, Nillable, NsId, Tag, Writer,
};

use crate::wire::tree::Tree;

const X: NsId = NsId::generated(0);
const Y: NsId = NsId::generated(1);
static TABLE: &[Namespace] = &[
    Namespace::new(X, "urn:x", "x"),
    Namespace::new(Y, "urn:y", "y"),
];

/// A type as the generator would make it, with what the contracts at hand lack.
#[derive(Debug, Clone, PartialEq, Default)]
struct Thing {
    id: Option<u8>,
    lang: Option<String>,
    limit: Option<Nillable<i32>>,
    part: Option<Nillable<Box<Thing>>>,
    numbers: Option<List<i32>>,
}

impl Decode for Thing {
    fn decode(c: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, DecodeError> {
        let mut out = Self {
            id: c.attribute_value(tag, NsId::NONE, "id")?,
            lang: c.attribute(tag, NsId::XML, "lang")?.map(String::from),
            ..Self::default()
        };
        while let Some(tag) = c.next_child()? {
            match (tag.ns, tag.local) {
                (X, "limit") => c.put_nillable_value(&mut out.limit, &tag)?,
                (X, "part") => c.put_nillable(&mut out.part, &tag)?,
                (Y, "numbers") => c.put_optional_value(&mut out.numbers, &tag)?,
                _ => c.skip_unknown()?,
            }
        }
        Ok(out)
    }
}

impl Encode for Thing {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        if let Some(id) = &self.id {
            w.attribute(NsId::NONE, "id", id)?;
        }
        if let Some(lang) = &self.lang {
            w.attribute(NsId::XML, "lang", lang)?;
        }
        match &self.limit {
            Some(Nillable::Value(v)) => w.element_value(X, "limit", v)?,
            Some(Nillable::Nil) => w.nil_element(X, "limit")?,
            None => {}
        }
        match &self.part {
            Some(Nillable::Value(v)) => w.element(X, "part", v)?,
            Some(Nillable::Nil) => w.nil_element(X, "part")?,
            None => {}
        }
        match &self.numbers {
            Some(v) => w.element_value(Y, "numbers", v),
            None => Ok(()),
        }
    }
}

impl Element for Thing {
    const NS: NsId = X;
    const LOCAL: &'static str = "thing";
}

fn read(text: &str) -> Result<Thing, DecodeError> {
    let document = Document::new(text.as_bytes(), None, Limits::default())?;
    let table = NamespaceTable::new(TABLE);
    let mut cursor = Cursor::new(&document, &table);
    let tag = cursor.root()?;
    assert!(tag.is(X, "thing"));
    let thing = Thing::decode(&mut cursor, &tag)?;
    cursor.finish()?;
    Ok(thing)
}

fn write(thing: &Thing) -> String {
    let table = NamespaceTable::new(TABLE);
    let mut w = Writer::new(&table);
    w.element(X, "thing", thing).unwrap();
    w.finish()
}

const XSI: &str = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";

#[test]
fn nil_absent_and_value_are_three_things() {
    let absent = read("<thing xmlns='urn:x'/>").unwrap();
    assert_eq!(absent.limit, None);
    let nil = read(&format!(
        "<thing xmlns='urn:x' {XSI}><limit xsi:nil='true'/></thing>"
    ))
    .unwrap();
    assert_eq!(nil.limit, Some(Nillable::Nil));
    let zero = read("<thing xmlns='urn:x'><limit>0</limit></thing>").unwrap();
    assert_eq!(zero.limit, Some(Nillable::Value(0)));
    for thing in [absent, nil, zero] {
        assert_eq!(read(&write(&thing)).unwrap(), thing);
    }
}

#[test]
fn nil_complex_type_may_have_attributes_and_white_space() {
    let text = format!(
        "<thing xmlns='urn:x' {XSI}><part id='3' xsi:nil=' 1 '> \n</part><limit>4</limit></thing>"
    );
    let thing = read(&text).unwrap();
    assert_eq!(thing.part, Some(Nillable::Nil));
    assert_eq!(
        thing.limit,
        Some(Nillable::Value(4)),
        "reading goes on after it"
    );
}

#[test]
fn nil_is_written_with_its_namespace() {
    let text = write(&Thing {
        limit: Some(Nillable::Nil),
        ..Thing::default()
    });
    assert_eq!(
        text,
        "<x:thing xmlns:x=\"urn:x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <x:limit xsi:nil=\"true\"/></x:thing>"
    );
}

#[test]
fn attributes_are_read_by_namespace() {
    let text = "<q:thing xmlns:q='urn:x' q:id='9' id = \"7\" xml:lang='e&amp;n\n'/>";
    let thing = read(text).unwrap();
    assert_eq!(
        thing.id,
        Some(7),
        "an attribute without prefix is in no namespace"
    );
    assert_eq!(thing.lang.as_deref(), Some("e&n "));
}

#[test]
fn bad_attribute_value_is_named() {
    let error = read("<thing xmlns='urn:x' id='300'/>").unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Value);
    assert_eq!(error.path(), "thing/@id");
    assert!(!error.to_string().contains("300"));
}

#[test]
fn attributes_are_escaped() {
    let lang = "a\"b<c>&'\t\n\r";
    let thing = Thing {
        lang: Some(lang.into()),
        id: Some(1),
        ..Thing::default()
    };
    let text = write(&thing);
    assert!(
        text.contains("xml:lang=\"a&quot;b&lt;c>&amp;'&#9;&#10;&#13;\""),
        "{text}"
    );
    let tree = Tree::parse(&text);
    assert!(
        tree.attributes
            .iter()
            .any(|(_, name, value)| name == "lang" && value == lang)
    );
    assert_eq!(read(&text).unwrap(), thing);
}

#[test]
fn control_character_in_an_attribute_is_refused_with_the_path() {
    let table = NamespaceTable::new(TABLE);
    let mut w = Writer::new(&table);
    let thing = Thing {
        lang: Some("a\u{1}".into()),
        ..Thing::default()
    };
    let error = w.element(X, "thing", &thing).unwrap_err();
    assert_eq!(error.path(), "thing/@lang");
}

#[test]
fn prefix_of_xml_is_never_declared() {
    let text = write(&Thing {
        lang: Some("en".into()),
        ..Thing::default()
    });
    assert_eq!(text, "<x:thing xmlns:x=\"urn:x\" xml:lang=\"en\"/>");
}

#[test]
fn list_in_one_text() {
    let thing =
        read("<thing xmlns='urn:x'><n:numbers xmlns:n='urn:y'> 1\n 2  3 </n:numbers></thing>")
            .unwrap();
    assert_eq!(thing.numbers, Some(List(vec![1, 2, 3])));
    assert_eq!(thing.numbers.unwrap().to_text(), "1 2 3");
    let error =
        read("<thing xmlns='urn:x'><numbers xmlns='urn:y'>1 two</numbers></thing>").unwrap_err();
    assert_eq!(error.path(), "thing/numbers");
}

#[test]
fn recursion_is_bounded() {
    let text = format!("<thing xmlns='urn:x'>{}", "<part>".repeat(100_000));
    let error = read(&text).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Refused);
    let text = format!(
        "<thing xmlns='urn:x'>{}{}</thing>",
        "<part>".repeat(127),
        "</part>".repeat(127)
    );
    assert!(read(&text).is_ok());
}

#[test]
fn cursor_can_go_back_to_a_mark() {
    let text =
        "<thing xmlns='urn:x' xmlns:q='urn:y'><limit>4</limit><q:numbers>1</q:numbers></thing>";
    let document = Document::new(text.as_bytes(), None, Limits::default()).unwrap();
    let table = NamespaceTable::new(TABLE);
    let mut cursor = Cursor::new(&document, &table);
    let root = cursor.root().unwrap();
    let mark = cursor.mark();
    let first = Thing::decode(&mut cursor, &root).unwrap();
    cursor.rewind(mark);
    assert_eq!(Thing::decode(&mut cursor, &root).unwrap(), first);
    cursor.finish().unwrap();
}

#[test]
fn namespace_in_no_table_cannot_be_written() {
    let table = NamespaceTable::new(&[]);
    let mut w = Writer::new(&table);
    let error = w.begin(X, "thing").unwrap_err();
    assert!(error.reason().contains("in no table"), "{error}");
}
