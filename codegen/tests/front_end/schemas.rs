//! Schemas: what becomes of each construct.

use codegen::model::{Builtin, Derivation, Doc, Evidence, QName, SimpleType, TypeRef};

use crate::support::{Case, TNS, complex, content, elements, named, reference, shown, simple, ty};

#[test]
fn forms_decide_the_namespace_of_local_elements() {
    let components = "<xs:element name='request'><xs:complexType><xs:sequence>\
        <xs:element name='a' type='xs:int'/>\
        <xs:element name='b' type='xs:int' form='unqualified'/>\
        <xs:element name='c' type='xs:int' form='qualified'/>\
        <xs:element ref='t:global'/>\
        </xs:sequence>\
        <xs:attribute name='x' type='xs:int'/>\
        <xs:attribute name='y' type='xs:int' form='qualified'/>\
        <xs:attribute ref='t:z'/>\
        </xs:complexType></xs:element>\
        <xs:element name='global' type='xs:date'/><xs:attribute name='z' type='xs:string'/>";
    let spaces = |contract: &codegen::model::Contract| -> Vec<bool> {
        let elements = elements(contract, "<request>");
        let elements = ["a", "b", "c", "global"].map(|n| elements[n].name.ns == TNS);
        let attributes = &complex(contract, "<request>").attributes;
        elements
            .into_iter()
            .chain(attributes.iter().map(|a| a.name.ns == TNS))
            .collect()
    };
    let qualified = Case::new("forms1").schema(components).ok();
    assert_eq!(
        spaces(&qualified),
        [true, false, true, true, false, true, true]
    );
    let unqualified = Case::new("forms2").schema_with("", components).ok();
    assert_eq!(
        spaces(&unqualified),
        [false, false, true, true, false, true, true]
    );
    let attributes = "attributeFormDefault='qualified'";
    let attributes = Case::new("forms3").schema_with(attributes, components).ok();
    assert_eq!(
        spaces(&attributes),
        [false, false, true, true, true, true, true]
    );
    assert!(elements(&qualified, "<request>")["global"].is_ref);
}

#[test]
fn chameleon_includes_take_over_the_namespace() {
    let shared = "<schema xmlns='http://www.w3.org/2001/XMLSchema' elementFormDefault='qualified'>\
        <complexType name='Shared'><sequence><element name='a' type='int'/>\
        <element name='b'><simpleType><restriction base='string'><maxLength value='3'/>\
        </restriction></simpleType></element></sequence></complexType></schema>";
    let prefixed = "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'>\
        <x:include schemaLocation='shared.xsd'/>\
        <x:element name='request' type='Shared'/></x:schema>";
    let contract = Case::new("chameleon")
        .file("dir/shared.xsd", shared)
        .file("dir/prefixed.xsd", prefixed)
        .schema("<xs:include schemaLocation='dir/prefixed.xsd'/>")
        .ok();
    assert_eq!(content(&contract, "Shared"), "(a, b)");
    assert_eq!(elements(&contract, "Shared")["a"].name, named("a"));
    let request = &contract.elements[&named("request")];
    assert_eq!(reference(&contract, request.ty), "Shared");
    assert_eq!(
        contract.sources,
        ["main.wsdl", "dir/prefixed.xsd", "dir/shared.xsd"]
    );
}

#[test]
fn the_same_chameleon_in_two_namespaces_is_two_types() {
    let shared = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\
        <xs:complexType name='Shared'><xs:sequence/></xs:complexType></xs:schema>";
    let schemas = "<xs:schema targetNamespace='urn:test'><xs:include schemaLocation='s.xsd'/>\
        <xs:element name='request' type='t:Shared'/><xs:element name='response'/></xs:schema>\
        <xs:schema targetNamespace='urn:other'><xs:include schemaLocation='s.xsd'/></xs:schema>";
    let contract = Case::new("chameleon2")
        .file("s.xsd", shared)
        .wsdl(schemas)
        .ok();
    let names: Vec<_> = contract.types.iter().map(|ty| &ty.name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn cyclic_imports_and_includes_end() {
    let a = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:b='urn:b' \
        targetNamespace='urn:test'><xs:import namespace='urn:b' schemaLocation='../x/b.xsd'/>\
        <xs:include schemaLocation='a.xsd'/>\
        <xs:element name='request' type='b:B'/></xs:schema>";
    let b = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:a='urn:test' \
        targetNamespace='urn:b'><xs:import namespace='urn:test' schemaLocation='./a.xsd'/>\
        <xs:complexType name='B'><xs:sequence><xs:element ref='a:request' minOccurs='0'/>\
        </xs:sequence></xs:complexType></xs:schema>";
    let contract = Case::new("cyclic")
        .file("x/a.xsd", a)
        .file("x/b.xsd", b)
        .schema("<xs:include schemaLocation='x/a.xsd'/>")
        .ok();
    assert_eq!(content(&contract, "B"), "(request?)");
    assert_eq!(contract.sources.len(), 3, "{:?}", contract.sources);
}

#[test]
fn inline_schemas_see_each_other_without_an_import() {
    let schemas = "<xs:schema targetNamespace='urn:test' xmlns:o='urn:other'>\
        <xs:element name='request' type='o:T'/></xs:schema>\
        <xs:schema targetNamespace='urn:test'><xs:element name='response' type='t:U'/></xs:schema>\
        <xs:schema targetNamespace='urn:other'><xs:complexType name='T'/></xs:schema>\
        <xs:schema targetNamespace='urn:test'><xs:complexType name='U'/></xs:schema>";
    let contract = Case::new("inline").wsdl(schemas).ok();
    assert_eq!(contract.types.len(), 2);
    assert_eq!(content(&contract, "T"), "empty");
}

#[test]
fn extensions_are_flattened() {
    let contract = Case::new("extension")
        .schema(
            "<xs:complexType name='Base' abstract='true'><xs:sequence>\
             <xs:element name='a' type='xs:int'/></xs:sequence>\
             <xs:attribute name='x' type='xs:int' use='required'/></xs:complexType>\
             <xs:complexType name='Middle'><xs:complexContent><xs:extension base='t:Base'>\
             <xs:choice><xs:element name='b' type='xs:int'/><xs:element name='c' type='xs:int'/>\
             </xs:choice><xs:attribute name='y' type='xs:int'/>\
             </xs:extension></xs:complexContent></xs:complexType>\
             <xs:complexType name='Leaf'><xs:complexContent><xs:extension base='t:Middle'>\
             <xs:choice minOccurs='0' maxOccurs='unbounded'><xs:element name='d' type='xs:int'/>\
             <xs:element name='e' type='xs:int'/></xs:choice>\
             </xs:extension></xs:complexContent></xs:complexType>\
             <xs:element name='request' type='t:Leaf'/>",
        )
        .ok();
    assert_eq!(content(&contract, "Middle"), "(a, (b | c))");
    assert_eq!(content(&contract, "Leaf"), "(a, (b | c), (d | e)*)");
    let leaf = complex(&contract, "Leaf");
    let names: Vec<&str> = leaf
        .attributes
        .iter()
        .map(|a| a.name.local.as_str())
        .collect();
    assert_eq!(names, ["x", "y"]);
    let (derivation, base) = leaf.base.unwrap();
    assert_eq!(derivation, Derivation::Extension);
    assert_eq!(reference(&contract, base), "Middle");
    let derived = &complex(&contract, "Base").derived;
    let derived: Vec<_> = derived
        .iter()
        .map(|id| shown(&contract.ty(*id).name))
        .collect();
    assert_eq!(derived, ["Middle", "Leaf"]);
    assert!(complex(&contract, "Base").is_abstract && !leaf.is_abstract);
}

#[test]
fn restrictions_replace_content_and_keep_attributes() {
    let contract = Case::new("restriction")
        .schema(
            "<xs:complexType name='Base'><xs:sequence><xs:element name='a' type='xs:int'/>\
             <xs:element name='b' type='xs:int' minOccurs='0'/></xs:sequence>\
             <xs:attribute name='x' type='xs:int'/><xs:attribute name='y' type='xs:int'/>\
             <xs:anyAttribute/></xs:complexType>\
             <xs:complexType name='Less'><xs:complexContent><xs:restriction base='t:Base'>\
             <xs:sequence><xs:element name='a' type='xs:int'/></xs:sequence>\
             <xs:attribute name='x' use='prohibited'/></xs:restriction></xs:complexContent>\
             </xs:complexType><xs:element name='request' type='t:Less'/>",
        )
        .ok();
    assert_eq!(content(&contract, "Less"), "(a)");
    let less = complex(&contract, "Less");
    assert_eq!(less.attributes.len(), 1);
    assert_eq!(less.attributes[0].name.local, "y");
    assert!(!less.any_attribute && complex(&contract, "Base").any_attribute);
}

#[test]
fn content_models_keep_their_shape() {
    let contract = Case::new("models")
        .schema(
            "<xs:element name='request'><xs:complexType><xs:sequence>\
             <xs:element name='a' type='xs:int' maxOccurs='3'/>\
             <xs:choice minOccurs='0'><xs:element name='b' type='xs:int'/>\
             <xs:sequence><xs:element name='c' type='xs:int'/>\
             <xs:element name='d' type='xs:int' minOccurs='0' maxOccurs='unbounded'/></xs:sequence>\
             <xs:sequence><xs:element name='e' type='xs:int'/></xs:sequence>\
             <xs:sequence/></xs:choice>\
             <xs:sequence><xs:element name='f' type='xs:int'/><xs:element name='a' type='xs:int'/>\
             </xs:sequence>\
             <xs:sequence minOccurs='0'><xs:element name='g' type='xs:int'/></xs:sequence>\
             <xs:element name='never' type='xs:int' minOccurs='0' maxOccurs='0'/>\
             <xs:any namespace='##other' minOccurs='0' processContents='lax'/>\
             </xs:sequence></xs:complexType></xs:element>\
             <xs:complexType name='All'><xs:all minOccurs='0'><xs:element name='a' type='xs:int'/>\
             <xs:element name='b' type='xs:int' minOccurs='0'/></xs:all></xs:complexType>\
             <xs:complexType name='Mixed' mixed='true'><xs:sequence/></xs:complexType>",
        )
        .ok();
    assert_eq!(
        content(&contract, "<request>"),
        "(a{1,3}, (b | (c, d*) | e | ())?, f, a, g?, any ##other?)"
    );
    assert_eq!(content(&contract, "All"), "(a & b?)?");
    assert_eq!(content(&contract, "Mixed"), "empty");
    assert!(complex(&contract, "Mixed").mixed);
}

#[test]
fn groups_are_expanded_in_place() {
    let contract = Case::new("groups")
        .schema(
            "<xs:group name='Pick'><xs:choice><xs:element name='a' type='xs:int'/>\
             <xs:element name='b'><xs:complexType><xs:sequence>\
             <xs:element name='c' type='xs:int'/></xs:sequence></xs:complexType></xs:element>\
             </xs:choice></xs:group>\
             <xs:group name='Row'><xs:sequence><xs:element name='d' type='xs:int'/>\
             <xs:group ref='t:Pick' minOccurs='0'/></xs:sequence></xs:group>\
             <xs:attributeGroup name='More'><xs:attribute name='y' type='xs:int'/>\
             </xs:attributeGroup>\
             <xs:attributeGroup name='Attributes'><xs:attribute name='x' type='xs:int'/>\
             <xs:attributeGroup ref='t:More'/><xs:anyAttribute/></xs:attributeGroup>\
             <xs:complexType name='One'><xs:group ref='t:Pick'/>\
             <xs:attributeGroup ref='t:Attributes'/></xs:complexType>\
             <xs:complexType name='Two'><xs:sequence><xs:group ref='t:Row'/>\
             <xs:group ref='t:Row' maxOccurs='unbounded'/></xs:sequence></xs:complexType>\
             <xs:element name='request' type='t:Two'/>",
        )
        .ok();
    assert_eq!(content(&contract, "One"), "(Pick: a | b)");
    assert_eq!(
        content(&contract, "Two"),
        "(d, (Pick: a | b)?, (d, (Pick: a | b)?)+)"
    );
    let b = elements(&contract, "One")["b"].ty;
    assert_eq!(reference(&contract, b), "Pick/b");
    assert_eq!(b, elements(&contract, "Two")["b"].ty);
    assert_eq!(complex(&contract, "One").attributes.len(), 2);
    assert!(complex(&contract, "One").any_attribute);
}

#[test]
fn attributes() {
    let contract = Case::new("attributes")
        .schema(
            "<xs:attribute name='shared' type='xs:date' default='2020-01-01'/>\
             <xs:element name='request'><xs:complexType>\
             <xs:attribute name='a' type='xs:int' use='required'>\
             <xs:annotation><xs:documentation>The a.</xs:documentation></xs:annotation>\
             </xs:attribute>\
             <xs:attribute name='b' default='7'><xs:simpleType><xs:restriction base='xs:int'>\
             <xs:maxInclusive value='9'/></xs:restriction></xs:simpleType></xs:attribute>\
             <xs:attribute name='c' fixed='x'/><xs:attribute ref='t:shared'/>\
             <xs:attribute ref='xml:lang'/>\
             </xs:complexType></xs:element>",
        )
        .ok();
    let attributes = &complex(&contract, "<request>").attributes;
    let shown: Vec<_> = attributes
        .iter()
        .map(|a| {
            let ty = reference(&contract, a.ty);
            let value = a
                .default
                .as_ref()
                .or(a.fixed.as_ref())
                .map_or("", String::as_str);
            format!("{} {ty} {} {value}", a.name.local, a.required)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "a xs:Int true ",
            "b request/b false 7",
            "c xs:AnySimpleType false x",
            "shared xs:Date false 2020-01-01"
        ]
    );
    assert_eq!(attributes[0].doc.text, "The a.");
    assert_eq!(attributes[3].name, named("shared"));
}

#[test]
fn simple_content() {
    let contract = Case::new("simple_content")
        .schema(
            "<xs:complexType name='Price'><xs:simpleContent><xs:extension base='xs:decimal'>\
             <xs:attribute name='currency' type='xs:string'/></xs:extension></xs:simpleContent>\
             </xs:complexType>\
             <xs:complexType name='Rated'><xs:simpleContent><xs:extension base='t:Price'>\
             <xs:attribute name='rate' type='xs:float'/></xs:extension></xs:simpleContent>\
             </xs:complexType>\
             <xs:complexType name='Small'><xs:simpleContent><xs:restriction base='t:Rated'>\
             <xs:maxInclusive value='10'/><xs:attribute name='rate' use='prohibited'/>\
             </xs:restriction></xs:simpleContent></xs:complexType>\
             <xs:element name='request' type='t:Small'/>",
        )
        .ok();
    assert_eq!(content(&contract, "Price"), "text of xs:Decimal");
    assert_eq!(content(&contract, "Rated"), "text of xs:Decimal");
    assert_eq!(complex(&contract, "Rated").attributes.len(), 2);
    assert_eq!(content(&contract, "Small"), "text of Small/value");
    assert_eq!(complex(&contract, "Small").attributes.len(), 1);
    let SimpleType::Restriction { base, facets } = simple(&contract, "Small/value") else {
        panic!("a restriction")
    };
    assert_eq!(*base, TypeRef::Builtin(Builtin::Decimal));
    assert_eq!(facets.max_inclusive.as_deref(), Some("10"));
}

#[test]
fn nillable_default_and_fixed() {
    let contract = Case::new("values")
        .schema(
            "<xs:element name='g' type='xs:string' nillable='true' default='d'/>\
             <xs:element name='request' nillable='1'><xs:complexType><xs:sequence>\
             <xs:element name='a' type='xs:int' nillable='true'/>\
             <xs:element name='b' type='xs:int' default='5'/>\
             <xs:element name='c' type='xs:string' fixed=' c '/><xs:element ref='t:g'/>\
             <xs:element name='untyped'/></xs:sequence></xs:complexType></xs:element>",
        )
        .ok();
    let elements = elements(&contract, "<request>");
    assert!(elements["a"].nillable && !elements["b"].nillable && elements["g"].nillable);
    assert_eq!(elements["b"].default.as_deref(), Some("5"));
    assert_eq!(elements["c"].fixed.as_deref(), Some(" c "));
    assert_eq!(elements["g"].default.as_deref(), Some("d"));
    assert_eq!(elements["untyped"].ty, TypeRef::Builtin(Builtin::AnyType));
    assert!(contract.elements[&named("request")].nillable);
}

#[test]
fn simple_types_and_facets() {
    let contract = Case::new("facets")
        .schema(
            "<xs:simpleType name='Code'><xs:restriction base='xs:token'>\
             <xs:minLength value='1'/><xs:maxLength value='20'/>\
             <xs:pattern value='[0-9]*'/><xs:pattern value='[A-Z]*'/></xs:restriction>\
             </xs:simpleType>\
             <xs:simpleType name='Exact'><xs:restriction base='t:Code'><xs:length value='4'/>\
             </xs:restriction></xs:simpleType>\
             <xs:simpleType name='Number'><xs:restriction base='xs:decimal'>\
             <xs:minInclusive value='0'/><xs:maxExclusive value='10'/>\
             <xs:totalDigits value='3'/><xs:fractionDigits value='2'/></xs:restriction>\
             </xs:simpleType>\
             <xs:simpleType name='Codes'><xs:list itemType='t:Code'/></xs:simpleType>\
             <xs:simpleType name='Inline'><xs:list><xs:simpleType>\
             <xs:restriction base='xs:int'><xs:minInclusive value='1'/></xs:restriction>\
             </xs:simpleType></xs:list></xs:simpleType>\
             <xs:simpleType name='Either'><xs:union memberTypes='t:Code xs:int'><xs:simpleType>\
             <xs:restriction base='xs:string'><xs:enumeration value='none'/></xs:restriction>\
             </xs:simpleType></xs:union></xs:simpleType>\
             <xs:element name='request' type='t:Exact'/>",
        )
        .ok();
    let SimpleType::Restriction { base, facets } = simple(&contract, "Code") else {
        panic!()
    };
    assert_eq!(*base, TypeRef::Builtin(Builtin::Token));
    assert_eq!((facets.min_length, facets.max_length), (Some(1), Some(20)));
    assert_eq!(facets.patterns, ["[0-9]*", "[A-Z]*"]);
    let SimpleType::Restriction { base, facets } = simple(&contract, "Exact") else {
        panic!()
    };
    assert_eq!(reference(&contract, *base), "Code");
    assert_eq!((facets.min_length, facets.max_length), (Some(4), Some(4)));
    let SimpleType::Restriction { facets, .. } = simple(&contract, "Number") else {
        panic!()
    };
    assert_eq!(facets.min_inclusive.as_deref(), Some("0"));
    assert_eq!(facets.max_exclusive.as_deref(), Some("10"));
    assert_eq!(
        (facets.total_digits, facets.fraction_digits),
        (Some(3), Some(2))
    );
    let SimpleType::List { item, .. } = simple(&contract, "Codes") else {
        panic!()
    };
    assert_eq!(reference(&contract, *item), "Code");
    let SimpleType::List { item, .. } = simple(&contract, "Inline") else {
        panic!()
    };
    assert_eq!(reference(&contract, *item), "Inline/item");
    let SimpleType::Union { members } = simple(&contract, "Either") else {
        panic!()
    };
    let members: Vec<_> = members.iter().map(|m| reference(&contract, *m)).collect();
    assert_eq!(members, ["Code", "xs:Int", "Either/member1"]);
}

#[test]
fn enumerations_keep_order_and_documentation() {
    let contract = Case::new("enums")
        .schema(
            "<xs:simpleType name='State'><xs:annotation><xs:documentation>\n\
             \x20   State of a SIM.\n\n      Indented.\n\n    Evidence: documented.\n\
             </xs:documentation></xs:annotation><xs:restriction base='xs:string'>\
             <xs:enumeration value='z'><xs:annotation>\
             <xs:documentation>The last. Evidence: contract.</xs:documentation></xs:annotation>\
             </xs:enumeration>\
             <xs:enumeration value='a b'><xs:annotation><xs:documentation>First.\n\
             Evidence: inferred.</xs:documentation></xs:annotation></xs:enumeration>\
             <xs:enumeration value=''/></xs:restriction></xs:simpleType>\
             <xs:element name='request' type='t:State'/>",
        )
        .ok();
    let doc = &ty(&contract, "State").doc;
    assert_eq!(doc.text, "State of a SIM.\n\n  Indented.");
    assert_eq!(doc.evidence, Some(Evidence::Documented));
    let SimpleType::Enumeration { values, .. } = simple(&contract, "State") else {
        panic!()
    };
    let texts: Vec<&str> = values.iter().map(|v| v.value.as_str()).collect();
    assert_eq!(texts, ["z", "a b", ""]);
    assert_eq!(
        values[0].doc,
        Doc {
            text: "The last. Evidence: contract.".into(),
            evidence: None
        }
    );
    assert_eq!(
        values[1].doc,
        Doc {
            text: "First.".into(),
            evidence: Some(Evidence::Inferred)
        }
    );
}

#[test]
fn anonymous_types_are_named_by_their_path() {
    let inner = "<xs:complexType><xs:sequence><xs:element name='b'><xs:simpleType>\
        <xs:restriction base='xs:int'/></xs:simpleType></xs:element></xs:sequence>\
        </xs:complexType>";
    let contract = Case::new("anonymous")
        .schema(&format!(
            "<xs:complexType name='T'><xs:sequence><xs:element name='a'>{inner}</xs:element>\
             </xs:sequence></xs:complexType>\
             <xs:element name='request'><xs:annotation><xs:documentation>Asks.\
             </xs:documentation></xs:annotation><xs:complexType><xs:choice>\
             <xs:element name='a'>{inner}</xs:element><xs:sequence><xs:element name='a'>{inner}\
             </xs:element></xs:sequence></xs:choice></xs:complexType></xs:element>"
        ))
        .ok();
    let names: Vec<String> = contract.types.iter().map(|ty| shown(&ty.name)).collect();
    assert_eq!(
        names,
        [
            "T",
            "T/a",
            "T/a/b",
            "<request>",
            "request/a",
            "request/a/b",
            "request/a2",
            "request/a2/b"
        ]
    );
    assert_eq!(ty(&contract, "<request>").doc.text, "Asks.");
    assert_eq!(ty(&contract, "T").location.line, 2);
}

#[test]
fn substitution_groups_are_transitive() {
    let contract = Case::new("substitution")
        .schema(
            "<xs:element name='head' type='xs:string' abstract='true'/>\
             <xs:element name='middle' substitutionGroup='t:head' abstract='true'/>\
             <xs:element name='leaf' substitutionGroup='t:middle'/>\
             <xs:element name='other' type='xs:token' substitutionGroup='t:head'/>\
             <xs:element name='request'><xs:complexType><xs:sequence><xs:element ref='t:head'/>\
             </xs:sequence></xs:complexType></xs:element>",
        )
        .ok();
    let head = &contract.elements[&named("head")];
    assert!(head.is_abstract);
    assert_eq!(head.substitutes, [named("leaf"), named("other")]);
    assert_eq!(
        contract.elements[&named("leaf")].ty,
        TypeRef::Builtin(Builtin::String)
    );
}

#[test]
fn recursive_types_are_fine() {
    let contract = Case::new("recursive")
        .schema(
            "<xs:complexType name='Node'><xs:sequence>\
             <xs:element name='child' type='t:Node' minOccurs='0' maxOccurs='unbounded'/>\
             </xs:sequence></xs:complexType><xs:element name='request' type='t:Node'/>",
        )
        .ok();
    assert_eq!(content(&contract, "Node"), "(child*)");
}

#[test]
fn names_without_a_prefix() {
    // By the letter in no namespace; published contracts mean their own.
    let contract = Case::new("unprefixed")
        .schema("<xs:complexType name='T'/><xs:element name='request' type='T'/>")
        .ok();
    let request = &contract.elements[&named("request")];
    assert_eq!(reference(&contract, request.ty), "T");
    assert_eq!(contract.notes.len(), 1, "{:?}", contract.notes);

    let schemas = "<xs:schema><xs:element name='plain' type='T'/><xs:complexType name='T'>\
        <xs:sequence><xs:element name='a' type='xs:int'/></xs:sequence></xs:complexType>\
        </xs:schema><xs:schema targetNamespace='urn:test' elementFormDefault='qualified'>\
        <xs:import/><xs:element name='request'><xs:complexType><xs:sequence>\
        <xs:element ref='plain'/></xs:sequence></xs:complexType></xs:element>\
        <xs:element name='response'/></xs:schema>";
    let contract = Case::new("no_namespace").wsdl(schemas).ok();
    assert_eq!(
        elements(&contract, "<request>")["plain"].name,
        QName::new("", "plain")
    );
    assert_eq!(elements(&contract, "T")["a"].name.ns, "");
}

#[test]
fn every_builtin_type() {
    let names = "anyType anySimpleType string normalizedString token language Name NCName NMTOKEN \
        NMTOKENS ID IDREF IDREFS ENTITY ENTITIES anyURI QName NOTATION boolean byte unsignedByte \
        short unsignedShort int unsignedInt long unsignedLong integer nonNegativeInteger \
        positiveInteger nonPositiveInteger negativeInteger decimal float double dateTime date time \
        gYearMonth gYear gMonthDay gDay gMonth duration base64Binary hexBinary dateTimeStamp \
        dayTimeDuration yearMonthDuration anyAtomicType";
    let uses: String = names
        .split_whitespace()
        .map(|name| format!("<xs:element name='{name}' type='xs:{name}'/>"))
        .collect();
    let contract = Case::new("builtins")
        .schema(&format!(
            "<xs:element name='request'><xs:complexType><xs:sequence>{uses}</xs:sequence>\
             </xs:complexType></xs:element>"
        ))
        .ok();
    let elements = elements(&contract, "<request>");
    assert_eq!(elements.len(), 50);
    assert_eq!(elements["anyURI"].ty, TypeRef::Builtin(Builtin::Token));
    assert_eq!(elements["NMTOKENS"].ty, TypeRef::Builtin(Builtin::Tokens));
    assert_eq!(
        elements["dateTimeStamp"].ty,
        TypeRef::Builtin(Builtin::DateTime)
    );
}

#[test]
fn the_same_input_gives_the_same_model() {
    let components = "<xs:group name='G'><xs:choice><xs:element name='a' type='xs:int'/>\
        </xs:choice></xs:group><xs:element name='request'><xs:complexType><xs:sequence>\
        <xs:group ref='t:G'/></xs:sequence></xs:complexType></xs:element>";
    let case = Case::new("same").schema(components);
    let first = format!("{:?}", case.ok());
    assert!((0..5).all(|_| format!("{:?}", case.ok()) == first));
}
