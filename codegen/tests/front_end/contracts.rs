//! WSDL: operations, messages, imports, and what is refused.

use codegen::model::{Evidence, HeaderKind, QName, SoapVersion, Style};

use crate::support::{BOUND, Case, OPERATION, content, contract, elements, named};

const SCHEMA: &str = "<xs:schema targetNamespace='urn:test'>\
    <xs:element name='request' type='xs:string'/><xs:element name='response' type='xs:string'/>\
    <xs:element name='head' type='xs:string'/><xs:element name='oops' type='xs:string'/>\
    </xs:schema>";
const MESSAGES: &str = "<w:message name='In'><w:part name='body' element='t:request'/></w:message>\
    <w:message name='Out'><w:part name='body' element='t:response'/></w:message>";

fn case(name: &str, messages: &str, port_type: &str, binding: &str) -> Case {
    Case::new(name).file("main.wsdl", &contract(SCHEMA, messages, port_type, binding))
}

#[test]
fn the_plain_case() {
    let contract = case("plain", MESSAGES, OPERATION, BOUND).ok();
    assert_eq!(contract.name, "S");
    assert_eq!(contract.target_namespace, "urn:test");
    assert_eq!(contract.address.as_deref(), Some("https://example.org/s"));
    assert_eq!(contract.soap, SoapVersion::V11);
    assert_eq!(contract.sources, ["main.wsdl"]);
    assert!(contract.notes.is_empty());
    let [call] = contract.operations.as_slice() else {
        panic!("one operation")
    };
    assert_eq!(call.name, "call");
    assert_eq!(call.soap_action.as_deref(), Some("urn:call"));
    assert_eq!(call.input.as_ref().unwrap().element, named("request"));
    assert_eq!(call.output.as_ref().unwrap().element, named("response"));
    assert!(call.faults.is_empty() && call.input_headers.is_empty());
    assert!(call.location.line > 1 && call.location.file.ends_with("plain/main.wsdl"));
}

#[test]
fn documentation_and_evidence() {
    let documented = "<w:operation name='call'><w:documentation>\n   Calls.\n\n     Twice.\n\n   \
        Evidence: contract.\n  </w:documentation><w:input message='t:In'/></w:operation>";
    let contract = case("docs", MESSAGES, documented, BOUND).ok();
    let doc = &contract.operations[0].doc;
    assert_eq!(doc.text, "Calls.\n\n  Twice.");
    assert_eq!(doc.evidence, Some(Evidence::Contract));

    let bound = BOUND.replacen(
        "<s:operation",
        "<w:documentation>Of the binding.</w:documentation><s:operation",
        1,
    );
    let contract = case("docs2", MESSAGES, OPERATION, &bound).ok();
    assert_eq!(contract.operations[0].doc.text, "Of the binding.");
}

#[test]
fn one_way_operations_have_no_output() {
    let one_way = "<w:operation name='call'><w:input message='t:In'/></w:operation>";
    let contract = case("one_way", MESSAGES, one_way, BOUND).ok();
    assert!(contract.operations[0].output.is_none());
    assert!(contract.operations[0].input.is_some());
}

#[test]
fn empty_messages_have_no_body() {
    let messages = "<w:message name='In'/><w:message name='Out'>\
        <w:part name='body' element='t:response'/></w:message>";
    let contract = case("empty", messages, OPERATION, BOUND).ok();
    let input = contract.operations[0].input.as_ref().unwrap();
    assert!(input.is_bare && !contract.elements[&input.element].is_abstract);
    assert!(contract.operations[0].output.is_some());
}

#[test]
fn headers_are_taken_out_of_the_body() {
    let messages = "<w:message name='In'><w:part name='h' element='t:head'/>\
        <w:part name='body' element='t:request'/></w:message>\
        <w:message name='Out'><w:part name='body' element='t:response'/>\
        <w:part name='rest' element='t:head'/></w:message>\
        <w:message name='Other'><w:part name='p' type='xs:int'/></w:message>";
    let binding = "<w:operation name='call'><w:input>\
        <s:header message='t:In' part='h' use='literal'/><s:body use='literal'/></w:input>\
        <w:output><s:body parts='body' use='literal'/>\
        <s:header message='t:Other' part='p' use='literal'/></w:output></w:operation>";
    let contract = case("headers", messages, OPERATION, binding).ok();
    let call = &contract.operations[0];
    assert_eq!(call.soap_action, None);
    assert_eq!(call.input.as_ref().unwrap().element, named("request"));
    assert_eq!(call.output.as_ref().unwrap().element, named("response"));
    assert_eq!(call.input_headers[0].part, "h");
    assert!(matches!(&call.input_headers[0].kind, HeaderKind::Element(e) if *e == named("head")));
    let int = QName::new("http://www.w3.org/2001/XMLSchema", "int");
    assert!(matches!(&call.output_headers[0].kind, HeaderKind::Type(t) if *t == int));
}

#[test]
fn faults() {
    let messages = format!(
        "{MESSAGES}<w:message name='F'><w:part name='fault' element='t:oops'/></w:message>"
    );
    let operation = OPERATION.replace("</w:op", "<w:fault name='Oops' message='t:F'/></w:op");
    let contract = case("faults", &messages, &operation, BOUND).ok();
    let [fault] = contract.operations[0].faults.as_slice() else {
        panic!("one fault")
    };
    assert_eq!(
        (fault.name.as_str(), &fault.element),
        ("Oops", &named("oops"))
    );
}

#[test]
fn rpc_and_encoded_are_refused_by_name() {
    let rpc = |use_: &str| {
        "<w:operation name='call'><s:operation style='rpc'/><w:input><s:body use='USE'/></w:input>\
         <w:output><s:body use='USE'/></w:output></w:operation>"
            .replace("USE", use_)
    };
    let text = case("rpc1", MESSAGES, OPERATION, &rpc("encoded")).unsupported();
    assert!(
        text.contains("operation `call`: rpc/encoded is not supported"),
        "{text}"
    );
    assert!(text.contains("main.wsdl:"), "{text}");
    let encoded = BOUND.replace("literal", "encoded");
    let text = case("rpc3", MESSAGES, OPERATION, &encoded).unsupported();
    assert!(text.contains("document/encoded"), "{text}");
}

#[test]
fn rpc_literal_bodies_are_made_of_their_parts() {
    let messages = "<w:message name='In'><w:part name='icc' type='xs:string'/>\
        <w:part name='n' type='xs:int'/></w:message><w:message name='Out'/>";
    let binding = "<w:operation name='call'><s:operation style='rpc'/>\
        <w:input><s:body use='literal' namespace='urn:rpc'/></w:input>\
        <w:output><s:body use='literal' namespace='urn:rpc'/></w:output></w:operation>";
    let contract = case("rpc2", messages, OPERATION, binding).ok();
    let call = &contract.operations[0];
    assert_eq!(call.style, Style::Rpc);
    let input = call.input.as_ref().unwrap();
    assert_eq!(input.element, QName::new("urn:rpc", "call"));
    assert!(!input.is_bare);
    assert_eq!(content(&contract, "<call>"), "(icc, n)");
    let parts = elements(&contract, "<call>");
    assert!(parts.values().all(|part| part.name.ns.is_empty()));
    let output = call.output.as_ref().unwrap();
    assert_eq!(output.element, QName::new("urn:rpc", "callResponse"));
    assert_eq!(content(&contract, "<callResponse>"), "()");

    let taken = binding.replace("'urn:rpc'", "'urn:test'");
    let taken = taken.replace("'call'", "'request'");
    let operation = OPERATION.replace("'call'", "'request'");
    let text = case("rpc4", messages, &operation, &taken).unsupported();
    assert!(text.contains("its message is the element {urn:test}request"));
}

#[test]
fn bodies_of_several_parts_hold_one_element_after_the_other() {
    let several = MESSAGES.replace(
        "<w:message name='Out'>",
        "<w:message name='Out'><w:part name='x' element='t:head'/>",
    );
    let contract = case("parts1", &several, OPERATION, BOUND).ok();
    let output = contract.operations[0].output.as_ref().unwrap();
    assert!(output.is_bare);
    let made = format!("<{}>", output.element.local);
    assert_eq!(content(&contract, &made), "(head, response)");
    let typed = MESSAGES.replace("element='t:request'", "type='xs:string'");
    let text = case("parts2", &typed, OPERATION, BOUND).unsupported();
    assert!(
        text.contains("operation `call`: document/literal with the part `body`"),
        "{text}"
    );
}

#[test]
fn overloaded_operations_are_told_apart_by_their_inputs() {
    let side =
        |name: &str, xml: &str| xml.replacen("<w:input", &format!("<w:input name='{name}'"), 1);
    let messages = format!(
        "{MESSAGES}<w:message name='Other'><w:part name='b' element='t:head'/></w:message>"
    );
    let other = OPERATION.replace("t:In'", "t:Other'");
    // In the binding they stand the other way round.
    let port_type = format!("{}{}", side("one", OPERATION), side("two", &other));
    let binding = format!("{}{}", side("two", BOUND), side("one", BOUND));
    let contract = case("overload", &messages, &port_type, &binding).ok();
    let [first, second] = contract.operations.as_slice() else {
        panic!("two operations")
    };
    assert_eq!(first.name, "call");
    assert_eq!(first.input.as_ref().unwrap().element, named("head"));
    assert_eq!(second.name, "one");
    assert_eq!(second.input.as_ref().unwrap().element, named("request"));
}

#[test]
fn faults_without_a_message_are_left_out() {
    let operation = OPERATION.replace("</w:op", "<w:fault name='Oops' message='t:F'/></w:op");
    let contract = case("faults2", MESSAGES, &operation, BOUND).ok();
    assert!(contract.operations[0].faults.is_empty());
    let note = &contract.notes[0].message;
    assert!(note.contains("fault `Oops` is of the unknown message {urn:test}F"));
}

#[test]
fn operations_of_the_binding_alone_are_left_out() {
    let more = format!("{BOUND}{}", BOUND.replace("'call'", "'gone'"));
    let contract = case("gone", MESSAGES, OPERATION, &more).ok();
    assert_eq!(contract.operations.len(), 1);
    assert!(
        contract.notes[0].message.contains("`gone`"),
        "{:?}",
        contract.notes
    );
}

#[test]
fn unknown_names_are_broken_at_their_place() {
    for (name, from, to, expected) in [
        (
            "u1",
            "t:request'",
            "t:nothing'",
            "unknown element {urn:test}nothing",
        ),
        (
            "u2",
            "message='t:In'",
            "message='t:No'",
            "unknown message {urn:test}No",
        ),
        (
            "u3",
            "type='t:P'",
            "type='t:No'",
            "unknown port type {urn:test}No",
        ),
        (
            "u4",
            "binding='t:B'",
            "binding='t:No'",
            "unknown binding {urn:test}No",
        ),
        (
            "u5",
            "t:request'",
            "q:request'",
            "prefix `q` of `q:request` is not declared",
        ),
        ("u6", "'xs:string'", "'xs:strang'", "unknown type"),
        (
            "u7",
            "'xs:string'",
            "'y:string'",
            "prefix `y` of `y:string` is not declared",
        ),
    ] {
        let text = contract(SCHEMA, MESSAGES, OPERATION, BOUND).replace(from, to);
        assert!(text.contains(to));
        let problems = Case::new(name).file("main.wsdl", &text).broken();
        assert!(problems.contains(expected), "{problems}");
        assert!(problems.contains("main.wsdl:"), "{problems}");
    }
}

#[test]
fn several_problems_are_reported_at_once() {
    let text = contract(SCHEMA, MESSAGES, OPERATION, BOUND)
        .replace("'t:request'", "'t:no'")
        .replace("'t:response'", "'q:no'");
    let problems = Case::new("several")
        .file("main.wsdl", &text)
        .read()
        .unwrap_err();
    assert_eq!(problems.list.len(), 2, "{problems}");
}

#[test]
fn wsdl_imports_are_followed_even_in_circles() {
    let full = contract(SCHEMA, MESSAGES, OPERATION, BOUND);
    let full = full.replace(
        "<w:types>",
        "<w:import namespace='urn:test' location='../main.wsdl'/><w:types>",
    );
    let main = "<w:definitions name='Main' xmlns:w='http://schemas.xmlsoap.org/wsdl/' \
        targetNamespace='urn:main'><w:documentation>About it.</w:documentation>\
        <w:import namespace='urn:test' location='a/b/../full.wsdl'/></w:definitions>";
    let contract = Case::new("imports")
        .file("main.wsdl", main)
        .file("a/full.wsdl", &full)
        .ok();
    assert_eq!(contract.operations.len(), 1);
    assert_eq!(contract.target_namespace, "urn:main");
    assert_eq!(contract.doc.text, "About it.");
    assert_eq!(contract.sources, ["main.wsdl", "a/full.wsdl"]);
}

#[test]
fn a_missing_file_is_named_with_everything_tried() {
    let text = Case::new("missing1")
        .schema(
            "<xs:import namespace='urn:x' schemaLocation='no/such.xsd'/>\
                 <xs:element name='request' xmlns:x='urn:x' type='x:T'/>",
        )
        .broken();
    assert!(
        text.contains("cannot find `no/such.xsd`, which this xs:import names"),
        "{text}"
    );
    assert!(text.contains("missing1/no/such.xsd`"), "{text}");
    assert!(text.contains("main.wsdl:2:"), "{text}");
    assert!(
        !text.contains("unknown type"),
        "only the cause, not what follows: {text}"
    );

    let text = Case::new("directory")
        .file("xsd/inside.xsd", "")
        .schema("<xs:include schemaLocation='xsd'/><xs:element name='request'/>")
        .broken();
    assert!(
        text.contains("cannot read `xsd`, which this xs:include names: it is a directory"),
        "{text}"
    );

    let text = Case::new("missing2")
        .schema(
            "<xs:include schemaLocation='http://example.org/x.xsd'/><xs:element name='request'/>",
        )
        .broken();
    assert!(
        text.contains("tried: catalog key `http://example.org/x.xsd`"),
        "{text}"
    );

    let import = "<w:import namespace='urn:x' location='http://example.org/x.wsdl'/><w:types>";
    let text = contract(SCHEMA, MESSAGES, OPERATION, BOUND).replace("<w:types>", import);
    let text = Case::new("missing3").file("main.wsdl", &text).broken();
    assert!(text.contains("which this wsdl:import names"), "{text}");
}

#[test]
fn absolute_imports_come_from_the_catalog() {
    let other = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:x'>\
        <xs:include schemaLocation='more/x2.xsd'/></xs:schema>";
    let more = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:x'>\
        <xs:complexType name='T'/></xs:schema>";
    let schema = "<xs:import namespace='urn:x' schemaLocation='http://example.org/s/x.xsd'/>\
        <xs:element name='request' xmlns:x='urn:x' type='x:T'/>";
    let case = Case::new("catalog")
        .file("local/x.xsd", other)
        .file("elsewhere.xsd", more);
    let case = case
        .schema(schema)
        .catalog("http://example.org/s/x.xsd", "local/x.xsd")
        .catalog("http://example.org/s/more/x2.xsd", "elsewhere.xsd");
    assert_eq!(
        case.ok().sources,
        ["main.wsdl", "local/x.xsd", "elsewhere.xsd"]
    );
}

#[test]
fn absolute_imports_that_nothing_needs_are_dropped() {
    let import = "<xs:import namespace='http://schemas.xmlsoap.org/soap/encoding/' \
        schemaLocation='http://schemas.xmlsoap.org/soap/encoding/'/>\
        <xs:import namespace='http://www.w3.org/XML/1998/namespace' \
        schemaLocation='http://www.w3.org/2001/xml.xsd'/>";
    let quiet = format!(
        "{import}<xs:element name='request'><xs:complexType \
         xmlns:e='http://schemas.xmlsoap.org/soap/encoding/'><xs:attribute ref='e:arrayType'/>\
         <xs:attribute ref='xml:lang'/></xs:complexType></xs:element>"
    );
    assert!(Case::new("dropped1").schema(&quiet).ok().notes.is_empty());

    let needed = "<xs:import namespace='urn:x' schemaLocation='http://example.org/x.xsd'/>\
        <xs:element name='request' xmlns:x='urn:x' type='x:T'/>";
    let text = Case::new("dropped2").schema(needed).broken();
    assert!(text.contains("unknown type {urn:x}T"), "{text}");
    assert!(
        text.contains("imported from `http://example.org/x.xsd` at "),
        "{text}"
    );
}

#[test]
fn soap_11_comes_before_soap_12_and_others_are_ignored() {
    let full = contract(SCHEMA, MESSAGES, OPERATION, BOUND);
    let soap_12 = full.replace("wsdl/soap/'", "wsdl/soap12/'");
    let read = Case::new("soap12").file("main.wsdl", &soap_12).ok();
    assert_eq!(read.soap, SoapVersion::V12);
    assert_eq!(read.address.as_deref(), Some("https://example.org/s"));

    let both = full.replace(
        "<w:service name='S'>",
        "<w:binding name='B2' type='t:P' xmlns:z='http://schemas.xmlsoap.org/wsdl/soap12/'>\
             <z:binding transport='http://schemas.xmlsoap.org/soap/http'/></w:binding>\
             <w:binding name='B3' type='t:P' xmlns:h='http://schemas.xmlsoap.org/wsdl/http/'>\
             <h:binding verb='GET'/></w:binding>\
             <w:service name='S'><w:port name='P3' binding='t:B3'/>\
             <w:port name='P2' binding='t:B2'/>",
    );
    let read = Case::new("soap_both").file("main.wsdl", &both).ok();
    assert_eq!((read.soap, read.operations.len()), (SoapVersion::V11, 1));
    let [note] = read.notes.as_slice() else {
        panic!("{:?}", read.notes)
    };
    assert!(note.message.contains("binding `B3` is HTTP without SOAP"));
    assert_eq!(read.ports.len(), 1);

    let http = full.replace("wsdl/soap/'", "wsdl/http/'");
    let read = Case::new("http").file("main.wsdl", &http).ok();
    assert!(read.operations.is_empty());
    let note = &read.notes[0].message;
    assert!(note.contains("`B` is HTTP without SOAP"), "{note}");
    assert!(note.contains("the crate has no operations"), "{note}");
}

#[test]
fn policies_are_left_out_with_a_note() {
    let policy = "<p:Policy xmlns:p='http://www.w3.org/ns/ws-policy'/>\
        <a:UsingAddressing xmlns:a='http://www.w3.org/2006/05/addressing/wsdl' w:required='true'/>";
    let text = contract(SCHEMA, MESSAGES, OPERATION, BOUND);
    let text = text.replace("<w:types>", &format!("{policy}<w:types>"));
    let notes = Case::new("policy").file("main.wsdl", &text).ok().notes;
    let [policy, required] = notes.as_slice() else {
        panic!("{notes:?}")
    };
    assert!(policy.message.contains("policies (WS-Policy) are left out"));
    assert!(required.message.contains("`UsingAddressing`"));
}

#[test]
fn without_a_service_the_bindings_count() {
    let full = contract(SCHEMA, MESSAGES, OPERATION, BOUND);
    let start = full.find("<w:service").unwrap();
    let end = full.find("</w:service>").unwrap() + "</w:service>".len();
    let mut text = full;
    text.replace_range(start..end, "");
    let read = Case::new("no_service").file("main.wsdl", &text).ok();
    assert_eq!(read.operations.len(), 1);
    assert_eq!((read.name.as_str(), read.address), ("main", None));
}

#[test]
fn schemas_without_a_namespace_may_only_import() {
    let other = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' \
        targetNamespace='urn:test'><xs:element name='request' type='xs:string'/>\
        <xs:element name='response' type='xs:string'/></xs:schema>";
    let schema = "<xs:schema><xs:import namespace='urn:test' schemaLocation='o.xsd'/></xs:schema>";
    let contract = Case::new("only_imports")
        .file("o.xsd", other)
        .wsdl(schema)
        .ok();
    assert_eq!(contract.elements.len(), 2);
}

#[test]
fn diagnostics_show_file_line_column_and_text() {
    let full = contract(SCHEMA, MESSAGES, OPERATION, BOUND);
    let text = full.replace("t:In'/>", "t:Inn'/>");
    let problems = Case::new("shown")
        .file("main.wsdl", &text)
        .read()
        .unwrap_err();
    let problem = &problems.list[0];
    assert_eq!(problem.location.line, 4);
    let snippet = problem.snippet.as_ref().unwrap();
    let column = problem.location.column as usize - 1;
    assert!(snippet[column..].starts_with("t:Inn"), "{problems}");
}
