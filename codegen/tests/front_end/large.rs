//! Large contracts: files that a person can open, and chains of any length.

use std::fmt::Write as _;

use codegen::emit::{Dependencies, Files, alone};

use super::openapi::Document;
use super::support::Case;

/// The longest file of code. What lists everything has a line or two for each operation.
const LINES: usize = 3000;

#[track_caller]
fn no_file_is_long(files: &Files) {
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let lines = text.lines().count();
        assert!(lines <= LINES, "{path} has {lines} lines");
    }
}

/// In how many places of the files below a folder a text stands.
fn count(files: &Files, below: &str, text: &str) -> usize {
    let files = files.iter().filter(|(path, _)| path.starts_with(below));
    files.map(|(_, code)| code.matches(text).count()).sum()
}

/// A service with so many operations, every tenth of which has a fault of its own.
fn service(name: &str, operations: usize) -> Files {
    let (mut types, mut messages, mut port, mut binding) =
        (String::new(), String::new(), String::new(), String::new());
    for n in 0..operations {
        let _ = write!(
            types,
            "<xs:element name='ask{n}'><xs:complexType><xs:sequence>\
             <xs:element name='id' type='xs:string'/></xs:sequence></xs:complexType></xs:element>\
             <xs:element name='ask{n}Response'><xs:complexType><xs:sequence>\
             <xs:element name='at' type='xs:dateTime'/></xs:sequence></xs:complexType></xs:element>"
        );
        let _ = write!(
            messages,
            "<w:message name='In{n}'><w:part name='b' element='t:ask{n}'/></w:message>\
             <w:message name='Out{n}'><w:part name='b' element='t:ask{n}Response'/></w:message>"
        );
        let mut fault = String::new();
        if n % 10 == 0 {
            let _ = write!(
                types,
                "<xs:element name='Refused{n}'><xs:complexType><xs:sequence>\
                 <xs:element name='code' type='xs:int'/></xs:sequence></xs:complexType>\
                 </xs:element>"
            );
            let _ = write!(
                messages,
                "<w:message name='F{n}'><w:part name='f' element='t:Refused{n}'/></w:message>"
            );
            fault = format!("<w:fault name='f' message='t:F{n}'/>");
        }
        let _ = write!(
            port,
            "<w:operation name='ask{n}'><w:input message='t:In{n}'/>\
             <w:output message='t:Out{n}'/>{fault}</w:operation>"
        );
        let _ = write!(
            binding,
            "<w:operation name='ask{n}'><s:operation soapAction='ask{n}'/>\
             <w:input><s:body use='literal'/></w:input>\
             <w:output><s:body use='literal'/></w:output></w:operation>"
        );
    }
    let text = format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' \
         xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:test' \
         targetNamespace='urn:test'><w:types><xs:schema targetNamespace='urn:test' \
         elementFormDefault='qualified'>{types}</xs:schema></w:types>{messages}\
         <w:portType name='P'>{port}</w:portType><w:binding name='B' type='t:P'>\
         <s:binding transport='http://schemas.xmlsoap.org/soap/http'/>{binding}</w:binding>\
         <w:service name='S'><w:port name='p' binding='t:B'>\
         <s:address location='https://api.example/x'/></w:port></w:service></w:definitions>"
    );
    let contract = Case::new(name).file("main.wsdl", &text).ok();
    let runtime = "../runtime".to_owned();
    alone(&contract, "large", &Dependencies::Alone { runtime }).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_code_of_a_large_service_is_split() {
    let files = service("large_service", 450);
    no_file_is_long(&files);
    // Every operation has its row in every table once, whatever file it went to.
    for n in [0, 199, 200, 449] {
        let arm = format!("\"ask{n}\") =>");
        assert_eq!(count(&files, "src/server", &arm), 1, "{arm}");
        assert_eq!(count(&files, "src/wire_test", &arm), 1, "{arm}");
        let method = format!("pub async fn ask{n}(");
        assert_eq!(count(&files, "src/client", &method), 1, "{method}");
    }
    assert!(files.contains_key("src/server/requests3.rs"));
    assert!(files.contains_key("src/wire_test/messages5.rs"));
    assert!(files.contains_key("src/client/methods12.rs"));
    let fault = &files["src/faults/refused440.rs"];
    assert!(fault.contains("pub struct Refused440"), "{fault}");
    assert!(files["src/faults.rs"].contains("pub use self::refused440::*;"));
}

#[test]
fn the_code_of_a_small_service_is_not() {
    let files = service("small_service", 20);
    let folders = [
        "src/client/",
        "src/server/",
        "src/wire_test/",
        "src/faults/",
    ];
    for path in files.keys() {
        assert!(!folders.iter().any(|f| path.starts_with(f)), "{path}");
    }
}

#[test]
fn the_code_of_a_large_rest_api_is_split() {
    let (mut paths, mut schemas) = (String::new(), String::new());
    for n in 0..450 {
        let _ = write!(
            paths,
            "/ask{n}:\n  get:\n    operationId: ask{n}\n    responses:\n      '200':\n        \
             description: ok\n        content: {{ application/json: {{ schema: \
             {{ $ref: '#/components/schemas/Answer{n}' }} }} }}\n      '400':\n        \
             description: no\n        content: {{ application/json: {{ schema: \
             {{ $ref: '#/components/schemas/Refused{}' }} }} }}\n",
            n % 45
        );
        let _ = writeln!(
            schemas,
            "Answer{n}: {{ type: object, properties: {{ at: {{ type: string }} }} }}"
        );
    }
    for n in 0..45 {
        let _ = writeln!(
            schemas,
            "Refused{n}: {{ type: object, properties: {{ code: {{ type: integer }} }} }}"
        );
    }
    let files = Document::with("large", &paths, &schemas).files();
    no_file_is_long(&files);
    for n in [0, 199, 200, 449] {
        let method = format!("pub async fn ask{n}(");
        assert_eq!(count(&files, "src/client", &method), 1, "{method}");
        let arm = format!("\"Answer{n}\" =>");
        assert_eq!(count(&files, "src/wire_test", &arm), 1, "{arm}");
    }
    assert!(files.contains_key("src/client/methods12.rs"));
    assert!(files.contains_key("src/wire_test/values3.rs"));
    assert!(files.contains_key("src/faults/refused44.rs"));
}

#[test]
fn schemas_refer_to_one_another_in_chains_of_any_length() {
    let mut schemas = String::new();
    for n in 0..500 {
        // The last leads back to the first.
        let next = (n + 1) % 500;
        let _ = write!(
            schemas,
            "Link{n}:\n  type: object\n  required: [id]\n  properties:\n    id: \
             {{ type: string }}\n    next: {{ type: array, items: \
             {{ $ref: '#/components/schemas/Link{next}' }} }}\n"
        );
    }
    let answer = "{ $ref: '#/components/schemas/Link0' }";
    let files = Document::answering("chain", answer, &schemas).files();
    for n in 0..500 {
        let code = &files[&format!("src/types/link{n}.rs")];
        let next = format!("<Link{}>", (n + 1) % 500);
        assert!(code.contains("pub id: String"), "{code}");
        assert!(code.contains(&next), "{code}");
    }
    // So deep that the compiler has to be told.
    let lib = &files["src/lib.rs"];
    assert!(lib.contains("#![recursion_limit = \"2048\"]"), "{lib}");
}
