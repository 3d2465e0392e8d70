//! Fix-ups of `specs/apis.toml`, from the configuration to the crate.

use std::fs;
use std::path::Path;

use codegen::emit::Files;
use codegen::workspace::generate;

const CONTRACT: &str = "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' \
    xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' xmlns:t='urn:test' \
    xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:test'><w:types>\
    <xs:schema targetNamespace='urn:test' elementFormDefault='qualified'>\
    <xs:complexType name='BaseType'><xs:sequence>\
    <xs:element name='colour' type='xs:int'/><xs:element name='size' type='xs:int'/>\
    </xs:sequence><xs:attribute name='lang' type='xs:string' use='required'/></xs:complexType>\
    <xs:complexType name='MoreType'><xs:complexContent><xs:extension base='t:BaseType'/>\
    </xs:complexContent></xs:complexType>\
    <xs:element name='get'><xs:complexType><xs:sequence>\
    <xs:element name='base' type='t:BaseType'/><xs:element name='more' type='t:MoreType'/>\
    </xs:sequence></xs:complexType></xs:element><xs:element name='got' type='xs:string'/>\
    <xs:element name='drop'><xs:complexType/></xs:element></xs:schema></w:types>\
    <w:message name='In'><w:part name='p' element='t:get'/></w:message>\
    <w:message name='Drop'><w:part name='p' element='t:drop'/></w:message>\
    <w:message name='Out'><w:part name='p' element='t:got'/></w:message>\
    <w:portType name='P'><w:operation name='get'><w:input message='t:In'/>\
    <w:output message='t:Out'/></w:operation><w:operation name='drop'>\
    <w:input message='t:Drop'/></w:operation></w:portType>\
    <w:binding name='B' type='t:P'><s:binding/>\
    <w:operation name='get'><s:operation soapAction='old'/><w:input><s:body use='literal'/>\
    </w:input><w:output><s:body use='literal'/></w:output></w:operation>\
    <w:operation name='drop'><w:input><s:body use='literal'/></w:input></w:operation></w:binding>\
    </w:definitions>";

/// Generates the contract with a fix-up of these lines.
fn mend(name: &str, fixups: &[&str]) -> Result<Files, String> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fixups")
        .join(name);
    fs::create_dir_all(root.join("specs")).unwrap();
    fs::write(root.join("specs/a.wsdl"), CONTRACT).unwrap();
    let mut text = "[[api]]\nname = 'a'\ntitle = 'A'\nspec = 'a.wsdl'\nplatform = 'p'\n\
                    service = 's'\n"
        .to_owned();
    for fixup in fixups {
        text.push_str(&format!(
            "[[api.fixups]]\nname = 'mended'\nreason = 'seen on the wire'\n{fixup}\n"
        ));
    }
    fs::write(root.join("specs/apis.toml"), text).unwrap();
    match generate(&root) {
        Ok(mut crates) => Ok(crates.remove("a").unwrap()),
        Err(problems) => Err(problems.to_string()),
    }
}

#[test]
fn fields_are_mended_wherever_they_are_inherited() {
    let fixups = [
        "field = 'BaseType/colour'\nrename = 'color'\ntype = 'string'",
        "field = 'BaseType/size'\nversion = 3\nmin = 0\nmax = 'unbounded'\nnillable = true",
        "field = 'BaseType/lang'\nmin = 0",
    ];
    let files = mend("fields", &fixups).unwrap();
    for name in ["base", "more"] {
        let text = &files[&format!("src/types/{name}.rs")];
        assert!(text.contains("pub color: String"), "{text}");
        assert!(text.contains("pub size: Vec<Nillable<i32>>"), "{text}");
    }
    assert!(files["src/types/base.rs"].contains("pub lang: Option<String>"));
    let readme = &files["README.md"];
    assert!(readme.contains("## Mended"), "{readme}");
    assert!(
        readme.contains(
            "* `mended`, version 1: `BaseType/colour` is an `xs:string`; `BaseType/colour` is \
             called `color`. Why: seen on the wire"
        ),
        "{readme}"
    );
    assert!(
        readme.contains("version 3: `BaseType/size` can be nil"),
        "{readme}"
    );
}

#[test]
fn operations_are_mended() {
    let fixups = [
        "operation = 'get'\nsoap_action = 'new'",
        "operation = 'drop'\ndrop = true",
    ];
    let files = mend("operations", &fixups).unwrap();
    assert!(files["src/operations/get.rs"].contains("Protocol::soap11(\"new\")"));
    assert!(
        !files.contains_key("src/operations/drop_.rs") && !files["README.md"].contains("`drop_`")
    );
}

#[test]
fn fixups_that_change_nothing_are_errors() {
    for (name, fixup, expected) in [
        ("n1", "field = 'BaseType/size'\nmin = 1", "changes nothing"),
        (
            "n2",
            "field = 'BaseType/none'\nmin = 0",
            "the unknown field `BaseType/none`",
        ),
        ("n3", "field = 'size'\nmin = 0", "say `Type/field`"),
        (
            "n4",
            "field = 'BaseType/size'\ntype = 'strang'",
            "the unknown type `strang`",
        ),
        (
            "n5",
            "operation = 'no'\ndrop = true",
            "the unknown operation `no`",
        ),
        (
            "n6",
            "operation = 'get'\nsoap_action = 'old'",
            "changes nothing",
        ),
        ("n7", "operation = 'get'\nmin = 0", "what is for fields"),
        ("n8", "operation = 'get'", "either `soap_action` or `drop`"),
        (
            "n9",
            "field = 'BaseType/size'\ndrop = true",
            "what is for operations",
        ),
        ("n10", "min = 0", "either `field` or `operation`"),
        (
            "n11",
            "field = 'BaseType/lang'\nmax = 2",
            "once or not at all",
        ),
        (
            "n12",
            "field = 'BaseType/size'\nmaximum = 2",
            "unknown field `maximum`",
        ),
    ] {
        let text = mend(name, &[fixup]).unwrap_err();
        assert!(text.contains(expected), "{name}: {text}");
        assert!(text.contains("specs/apis.toml"), "{text}");
    }
}
