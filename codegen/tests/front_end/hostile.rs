//! Inputs that are meant to do harm, or are no contracts at all.

use std::fmt::Write as _;

use codegen::wsdl::{Options, read};

use crate::support::{BOUND, Case, OPERATION, contract};

#[test]
fn no_contract_at_all() {
    for (name, text) in [
        ("n1", ""),
        ("n2", "nothing"),
        ("n3", "<a/>"),
        ("n4", "<a>"),
        ("n5", "<w:definitions/>"),
        (
            "n6",
            "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'",
        ),
        ("n7", "<?xml version='1.0'?>"),
        ("n8", "\u{0}\u{1}"),
    ] {
        Case::new(name).file("main.wsdl", text).broken();
    }
    Case::new("n9")
        .bytes("main.wsdl", &[0xFF, 0xFE, 0x00])
        .broken();
    Case::new("n10")
        .bytes("main.wsdl", &[b'<', 0x80, 0xFF])
        .broken();
    Case::new("n11").broken();
    Case::new("n12").file("main.wsdl/inside", "").broken();
    assert!(read(std::path::Path::new(""), &Options::default()).is_err());
    let text = "<description xmlns='http://www.w3.org/ns/wsdl'/>";
    let text = Case::new("n13").file("main.wsdl", text).unsupported();
    assert!(text.contains("WSDL 2.0"), "{text}");
    let empty = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>";
    let text = Case::new("n14").file("main.wsdl", empty).unsupported();
    assert!(text.contains("no SOAP binding"), "{text}");
}

#[test]
fn doctypes_are_refused() {
    let text = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>";
    let text = Case::new("doctype").file("main.wsdl", text).broken();
    assert!(text.contains("DOCTYPE"), "{text}");
    assert!(text.contains("main.wsdl:1:1"), "{text}");
}

#[test]
fn web_pages_are_called_so() {
    for (name, page) in [
        (
            "page1",
            "<!DOCTYPE html>\n<html><head><meta charset=utf-8></head></html>",
        ),
        (
            "page2",
            "<?xml version='1.0'?><!-- a --><!doctype HTML PUBLIC 'x' 'y'><html/>",
        ),
        (
            "page3",
            "<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        ),
        ("page4", "\n<HTML><br></HTML>"),
    ] {
        let text = Case::new(name).file("main.wsdl", page).broken();
        assert!(text.contains("a web page, not a contract"), "{text}");
        assert!(!text.contains("DOCTYPE,"), "{text}");
    }
}

#[test]
fn files_that_end_too_early_are_shown_at_their_end() {
    let full = contract("", "", "", "");
    let (start, _) = full.split_once("</w:types>").unwrap();
    for (name, text) in [("torn1", start), ("torn2", &full[..full.len() - 3])] {
        let place = format!("main.wsdl:{}:", text.lines().count());
        let text = Case::new(name).file("main.wsdl", text).broken();
        assert!(text.contains("the file ends before"), "{text}");
        assert!(text.contains(&place), "{place} {text}");
        assert!(!text.contains(":1:1"), "{text}");
    }
}

#[test]
fn defaults_are_values_of_their_types() {
    let with = |name: &str, ty: &str, value: &str| {
        Case::new(&format!("default-{name}")).schema(&format!(
            "<xs:simpleType name='Few'><xs:restriction base='xs:short'>\
             <xs:maxInclusive value='9'/></xs:restriction></xs:simpleType>\
             <xs:element name='request'><xs:complexType><xs:sequence>\n\
             <xs:element name='a' type='{ty}' default='{value}'/></xs:sequence>\
             <xs:attribute name='b' type='{ty}' fixed='{value}'/>\
             </xs:complexType></xs:element>"
        ))
    };
    for (n, (ty, value, words)) in [
        ("xs:short", "one", "a whole number from -32768 to 32767"),
        ("xs:short", "40000", "a whole number from -32768 to 32767"),
        ("t:Few", "", "a whole number from -32768 to 32767"),
        ("xs:positiveInteger", "0", "a whole number of at least 1"),
        ("xs:boolean", "yes", "`true` or `false`"),
        ("xs:decimal", "1,5", "a decimal number"),
        ("xs:decimal", ".", "a decimal number"),
        ("xs:double", "inf", "a number"),
    ]
    .iter()
    .enumerate()
    {
        let text = with(&format!("bad{n}"), ty, value).broken();
        let default = format!("the default value `{value}` is not of its type: that is {words}");
        assert!(text.contains(&default), "{text}");
        assert!(text.contains("the fixed value"), "{text}");
        assert!(text.contains("main.wsdl:3:"), "{text}");
    }
    for (n, (ty, value)) in [
        ("xs:short", " +7 "),
        ("t:Few", "-1"),
        (
            "xs:integer",
            "123456789012345678901234567890123456789012345",
        ),
        ("xs:boolean", "0"),
        ("xs:decimal", "-.5"),
        ("xs:float", "1.5E3"),
        ("xs:double", "-INF"),
        ("xs:string", "one"),
    ]
    .iter()
    .enumerate()
    {
        with(&format!("good{n}"), ty, value).ok();
    }
}

#[test]
fn malformed_files_are_shown_where_they_break() {
    let full = contract("", "", "", "").replace("</w:types>", "\n  </w:typos>");
    let text = Case::new("malformed").file("main.wsdl", &full).broken();
    assert!(text.contains("not well-formed XML"), "{text}");
    assert!(text.contains("main.wsdl:3:"), "{text}");
}

#[test]
fn other_encodings() {
    let full = contract("", "", "", "");
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain(full.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    Case::new("utf16").bytes("main.wsdl", &wide).ok();
    Case::new("bom")
        .file("main.wsdl", &format!("\u{FEFF}{full}"))
        .ok();
    let mut latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><!-- \xE9 -->".to_vec();
    latin.extend(full.bytes());
    Case::new("latin").bytes("main.wsdl", &latin).ok();
}

#[test]
fn deep_nesting_is_bounded() {
    let open = "<xs:sequence>".repeat(100_000);
    let close = "</xs:sequence>".repeat(100_000);
    let text = Case::new("deep1")
        .schema(&format!(
            "<xs:complexType name='T'>{open}{close}</xs:complexType>"
        ))
        .broken();
    assert!(text.contains("nested more than"), "{text}");
    // Just within the bound.
    let open = "<xs:sequence>".repeat(240);
    let close = "</xs:sequence>".repeat(240);
    let request = "<xs:element name='request' type='t:T'/>";
    let types = format!("<xs:complexType name='T'>{open}{close}</xs:complexType>{request}");
    Case::new("deep2").schema(&types).ok();
}

#[test]
fn long_chains_are_bounded() {
    let mut types = String::from("<xs:complexType name='T0'/><xs:element name='request'/>");
    for i in 1..20_000 {
        let _ = write!(
            types,
            "<xs:complexType name='T{i}'><xs:complexContent><xs:extension base='t:T{}'/>\
             </xs:complexContent></xs:complexType>",
            20_000 - i
        );
    }
    // Half of the chain runs forward, half backward, and they meet.
    let result = Case::new("chain1").schema(&types).read();
    assert!(result.is_err());

    let mut groups = String::from("<xs:element name='request'/>");
    for i in 0..20_000 {
        let _ = write!(
            groups,
            "<xs:group name='G{i}'><xs:sequence><xs:group ref='t:G{}'/></xs:sequence></xs:group>",
            i + 1
        );
    }
    groups.push_str("<xs:group name='G20000'><xs:choice/></xs:group>");
    groups.push_str("<xs:complexType name='T'><xs:group ref='t:G0'/></xs:complexType>");
    let text = Case::new("chain2").schema(&groups).unsupported();
    assert!(text.contains("groups are nested more than"), "{text}");

    let mut simple = String::from("<xs:element name='request' type='t:S0'/>");
    for i in 0..5_000 {
        let _ = write!(
            simple,
            "<xs:simpleType name='S{i}'><xs:restriction base='t:S{}'/></xs:simpleType>",
            i + 1
        );
    }
    simple.push_str("<xs:simpleType name='S5000'><xs:restriction base='xs:int'/></xs:simpleType>");
    let text = Case::new("chain3").schema(&simple).unsupported();
    assert!(text.contains("simple types refer to each other"), "{text}");
}

#[test]
fn long_chains_of_elements_are_fine() {
    let mut types = String::from("<xs:element name='request' type='t:T0'/>");
    for i in 0..2_000 {
        let _ = write!(
            types,
            "<xs:complexType name='T{i}'><xs:sequence><xs:element name='e' type='t:T{}'/>\
             </xs:sequence></xs:complexType>",
            i + 1
        );
    }
    types.push_str("<xs:complexType name='T2000'/>");
    assert_eq!(Case::new("elements").schema(&types).ok().types.len(), 2001);
}

#[test]
fn groups_do_not_explode() {
    let mut groups = String::from("<xs:element name='request'/>");
    for i in 0..40 {
        let next = i + 1;
        let _ = write!(
            groups,
            "<xs:group name='G{i}'><xs:sequence><xs:group ref='t:G{next}'/>\
             <xs:group ref='t:G{next}'/></xs:sequence></xs:group>\
             <xs:attributeGroup name='A{i}'><xs:attributeGroup ref='t:A{next}'/>\
             <xs:attributeGroup ref='t:A{next}'/></xs:attributeGroup>"
        );
    }
    groups.push_str(
        "<xs:group name='G40'><xs:sequence><xs:element name='e'/></xs:sequence></xs:group>\
         <xs:attributeGroup name='A40'/>\
         <xs:complexType name='T'><xs:group ref='t:G0'/></xs:complexType>\
         <xs:complexType name='U'><xs:attributeGroup ref='t:A0'/></xs:complexType>",
    );
    let text = Case::new("explode").schema(&groups).unsupported();
    assert!(text.contains("expand to more than"), "{text}");
}

#[test]
fn deep_groups_in_deep_groups_are_bounded() {
    let open = "<xs:choice><xs:element name='e'/>".repeat(100);
    let close = "</xs:choice>".repeat(100);
    let mut groups = String::from("<xs:element name='request' type='t:T'/>");
    for i in 0..100 {
        let next = i + 1;
        let _ = write!(
            groups,
            "<xs:group name='G{i}'>{open}<xs:group ref='t:G{next}'/>{close}</xs:group>"
        );
    }
    groups.push_str(
        "<xs:group name='G100'><xs:sequence/></xs:group>\
         <xs:complexType name='T'><xs:group ref='t:G0'/></xs:complexType>",
    );
    let text = Case::new("deep_groups").schema(&groups).unsupported();
    assert!(text.contains("content is nested more than"), "{text}");
}

#[test]
fn circles_are_broken() {
    for (name, components) in [
        (
            "c1",
            "<xs:group name='G'><xs:sequence><xs:group ref='t:G'/></xs:sequence></xs:group>\
             <xs:complexType name='T'><xs:group ref='t:G'/></xs:complexType>",
        ),
        (
            "c2",
            "<xs:complexType name='T'><xs:complexContent><xs:extension base='t:U'/>\
             </xs:complexContent></xs:complexType><xs:complexType name='U'><xs:complexContent>\
             <xs:extension base='t:T'/></xs:complexContent></xs:complexType>",
        ),
        (
            "c3",
            "<xs:simpleType name='S'><xs:restriction base='t:R'/></xs:simpleType>\
             <xs:simpleType name='R'><xs:union memberTypes='xs:int t:S'/></xs:simpleType>",
        ),
        (
            "c4",
            "<xs:attributeGroup name='A'><xs:attributeGroup ref='t:A'/></xs:attributeGroup>\
             <xs:complexType name='T'><xs:attributeGroup ref='t:A'/></xs:complexType>",
        ),
        (
            "c5",
            "<xs:element name='a' substitutionGroup='t:b'/>\
             <xs:element name='b' substitutionGroup='t:a'/>",
        ),
        (
            "c6",
            "<xs:simpleType name='S'><xs:list itemType='t:S'/></xs:simpleType>",
        ),
    ] {
        let components = format!("{components}<xs:element name='request'/>");
        Case::new(name).schema(&components).broken();
    }
}

#[test]
fn invalid_schemas_are_broken() {
    for (name, components) in [
        ("i1", "<xs:element name='a'><xs:sequence/></xs:element>"),
        ("i2", "<xs:complexType/>"),
        ("i3", "<xs:simpleType name='S'/>"),
        (
            "i4",
            "<xs:complexType name='T'><xs:element name='a'/></xs:complexType>",
        ),
        (
            "i5",
            "<xs:simpleType name='S'><xs:restriction/></xs:simpleType>",
        ),
        (
            "i6",
            "<xs:complexType name='T'><xs:complexContent/></xs:complexType>",
        ),
        (
            "i7",
            "<xs:complexType name='T'><xs:complexContent><xs:extension/></xs:complexContent>\
             </xs:complexType>",
        ),
        (
            "i8",
            "<xs:complexType name='T'><xs:complexContent><xs:extension base='xs:int'/>\
             </xs:complexContent></xs:complexType>",
        ),
        (
            "i9",
            "<xs:complexType name='U'/><xs:complexType name='T'><xs:simpleContent>\
             <xs:extension base='t:U'/></xs:simpleContent></xs:complexType>",
        ),
        ("i10", "<xs:element name='a b'/>"),
        ("i11", "<xs:element/>"),
        (
            "i12",
            "<xs:complexType name='T'><xs:sequence><xs:element name='a' minOccurs='x'/>\
             </xs:sequence></xs:complexType>",
        ),
        (
            "i13",
            "<xs:complexType name='T'><xs:sequence><xs:element name='a' minOccurs='2'/>\
             </xs:sequence></xs:complexType>",
        ),
        (
            "i14",
            "<xs:simpleType name='S'><xs:restriction base='xs:string'><xs:maxLength value='x'/>\
             </xs:restriction></xs:simpleType>",
        ),
        (
            "i15",
            "<xs:complexType name='T'/><xs:complexType name='T'><xs:all/></xs:complexType>",
        ),
        (
            "i16",
            "<xs:complexType name='T'><xs:attribute name='a' type='t:T'/></xs:complexType>",
        ),
        (
            "i17",
            "<xs:complexType name='T'><xs:sequence><xs:element/></xs:sequence></xs:complexType>",
        ),
        (
            "i18",
            "<xs:complexType name='T'><xs:group/></xs:complexType>",
        ),
        ("i19", "<xs:nonsense/>"),
        ("i20", "<xs:element name='a' type=':'/>"),
        ("i21", "<xs:element name='a' type=''/>"),
    ] {
        let components = format!("{components}<xs:element name='request'/>");
        let text = Case::new(name).schema(&components).broken();
        assert!(text.contains("main.wsdl:"), "{name}: {text}");
    }
    for (name, components) in [
        ("r1", "<xs:redefine schemaLocation='x.xsd'/>"),
        (
            "r2",
            "<xs:defaultOpenContent><xs:any/></xs:defaultOpenContent>",
        ),
    ] {
        let components = format!("{components}<xs:element name='request'/>");
        let text = Case::new(name).schema(&components).unsupported();
        assert!(text.contains("is not supported"), "{name}: {text}");
    }
}

/// Cuts, duplicates and swaps pieces of a contract: whatever comes of it, there is no panic.
#[test]
fn damaged_contracts_do_not_panic() {
    let components = "<xs:group name='G'><xs:choice><xs:element name='a' type='xs:int'/>\
        <xs:sequence><xs:element ref='t:response'/><xs:any/></xs:sequence></xs:choice></xs:group>\
        <xs:simpleType name='S'><xs:restriction base='xs:string'><xs:enumeration value='x'/>\
        </xs:restriction></xs:simpleType>\
        <xs:complexType name='B'><xs:sequence><xs:group ref='t:G'/></xs:sequence>\
        <xs:attribute name='x' type='t:S'/></xs:complexType>\
        <xs:complexType name='V'><xs:simpleContent><xs:extension base='t:S'>\
        <xs:attribute name='y' type='xs:int'/></xs:extension></xs:simpleContent></xs:complexType>\
        <xs:element name='request'><xs:complexType><xs:complexContent><xs:extension base='t:B'>\
        <xs:sequence><xs:element name='v' type='t:V' nillable='true'/></xs:sequence>\
        </xs:extension></xs:complexContent></xs:complexType></xs:element>\
        <xs:element name='response' type='t:S' substitutionGroup='t:head'/>\
        <xs:element name='head' type='t:S' abstract='true'/>";
    let schema = format!("<xs:schema targetNamespace='urn:test'>{components}</xs:schema>");
    let messages = "<w:message name='In'><w:part name='b' element='t:request'/></w:message>\
        <w:message name='Out'><w:part name='b' element='t:response'/></w:message>";
    let whole = contract(&schema, messages, OPERATION, BOUND);
    let case = Case::new("whole").file("main.wsdl", &whole);
    case.ok();

    let pieces: Vec<&str> = whole.split_inclusive('>').collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let values = [
        "t:B",
        "t:S",
        "t:V",
        "t:G",
        "xs:int",
        "xs:anyType",
        "t:head",
        "t:request",
        "x",
        "",
    ];
    // More by hand: FRONT_END_ROUNDS=100000 cargo test -p codegen damaged
    let rounds = std::env::var("FRONT_END_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok());
    let rounds: usize = rounds.unwrap_or(600);
    let mut outcomes = [0_usize; 2];
    let mut case = Case::new("damaged");
    for _ in 0..rounds {
        let mut damaged: Vec<String> = pieces.iter().map(|p| (*p).to_owned()).collect();
        for _ in 0..=random(2) {
            let (a, b) = (random(damaged.len()), random(damaged.len()));
            match random(4) {
                0 => drop(damaged.remove(a)),
                1 => damaged.swap(a, b),
                2 => damaged.insert(a, damaged[b].clone()),
                _ => {
                    // Another value for one of the attributes.
                    let parts: Vec<&str> = damaged[a].split('\'').collect();
                    if parts.len() > 2 {
                        let which = 1 + 2 * random((parts.len() - 1) / 2);
                        let value = values[random(values.len())];
                        let mut parts: Vec<String> =
                            parts.iter().map(|p| (*p).to_owned()).collect();
                        parts[which] = value.to_owned();
                        damaged[a] = parts.join("'");
                    }
                }
            }
        }
        case = case.file("main.wsdl", &damaged.concat());
        match case.read() {
            Ok(_) => outcomes[0] += 1,
            Err(problems) => {
                outcomes[1] += 1;
                let internal = problems
                    .list
                    .iter()
                    .any(|d| d.message.contains("bug of the"));
                assert!(!internal, "{}\n{problems}", damaged.concat());
                if std::env::var_os("FRONT_END_SHOW").is_some() {
                    for d in problems
                        .list
                        .iter()
                        .filter(|d| d.message.contains("beyond"))
                    {
                        println!("{}\n{}", d.message, damaged.concat());
                    }
                }
                let beyond = problems.list.iter().any(|d| d.message.contains("two ways"));
                assert!(!beyond, "{}\n{problems}", damaged.concat());
            }
        }
    }
    println!(
        "damaged contracts: {} read, {} refused",
        outcomes[0], outcomes[1]
    );
}
