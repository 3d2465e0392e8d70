//! What the fixtures (`fixtures/`) become in Rust. That their messages survive is tested by the
//! suite, which compiles them.

use codegen::diag::Problems;
use codegen::emit::{Dependencies, Files, alone};

use crate::support::{Case, workspace};

fn generated(case: &Case) -> Result<Files, Problems> {
    let runtime = "../runtime".to_owned();
    alone(&case.ok(), "fixture", &Dependencies::Alone { runtime })
}

/// All source text of a fixture's crate.
#[track_caller]
fn fixture(name: &str) -> String {
    let folder = workspace().join("codegen/tests/front_end/fixtures");
    let service = std::fs::read_to_string(folder.join("service.wsdl")).unwrap();
    let mut case = Case::new(&format!("shapes_{name}"));
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        case = case.bytes(&file, &std::fs::read(&path).unwrap());
    }
    let service = service.replace("SCHEMA", name);
    let files = generated(&case.file("main.wsdl", &service)).unwrap();
    files.into_values().collect()
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}`");
    }
}

#[test]
fn what_names_do_not_tell_apart_is_read_by_position() {
    let text = fixture("ordered");
    has(
        &text,
        &[
            "pub note2: Option<String>,",
            "pub groups: Vec<Request2Group>,",
            "pub group: Option<Request2Group2>,",
            "pub choice: Vec<StepsChoice>,",
            "Send(SendStepsChoice),",
            "Open(bool),",
            "impl Part for StepsChoice",
            // Twice in a row, and repeated groups of one, are lists.
            "pub line: Vec<String>,",
            "pub tag: Vec<String>,",
            "pub row: Vec<i32>,",
        ],
    );
    // Lists alone need no position.
    let lines = text.split("for Lines {").nth(1).unwrap();
    assert!(!lines.split("impl").next().unwrap().contains("ordered"));
}

#[test]
fn derived_types_are_not_cut_to_their_base() {
    has(
        &fixture("derived"),
        &[
            "pub event: Event,",
            "pub enum Event {",
            "Attached(Box<Attached>),",
            "Unknown(AnyElement),",
            "pub party: Option<AnyParty>,",
            "w.type_name(ns::TYPES, \"Company\")?;",
            // Nothing that a message could name derives from it.
            "pub plainer: Plain,",
            // A message is of its own type.
            "c.only_type(tag, ns::TYPES, \"Result\")?;",
        ],
    );
    has(&fixture("roots"), &["pub Nillable<Decimal>,"]);
}

#[test]
fn substitutes_are_a_choice() {
    has(
        &fixture("substitution"),
        &[
            "pub shape_element: ShapeElement,",
            "pub comment_element: Vec<CommentElement>,",
            "Circle2(Circle),",
            "None(bool),",
        ],
    );
}

#[test]
fn what_is_open_is_kept_as_xml() {
    has(
        &fixture("wildcards"),
        &[
            "Any(AnyElement),",
            "pub any3: Vec<AnyElement>,",
            "pub schema: AnyElement,",
            "pub any_attributes: Vec<AnyAttribute>,",
        ],
    );
    has(
        &fixture("mixed"),
        &["pub subject: AnyElement,", "pub AnyElement,"],
    );
}

#[test]
fn defaults_and_fixed_values() {
    has(
        &fixture("defaults"),
        &[
            "c.value_or(\"7\")?",
            "version: \"1.0\".to_owned(),",
            "level: 3,",
            "kind: \"fixture\".to_owned(),",
            "only: true,",
        ],
    );
    has(
        &fixture("builtins"),
        &[
            "pub size_value: Size,",
            "pub size_or_number_value: String,",
            "List<Size>",
        ],
    );
}

#[test]
fn what_no_reader_can_tell_apart_is_refused() {
    let case = Case::new("shapes_ambiguous").schema(
        "<xs:element name='request'><xs:complexType><xs:choice>\
         <xs:sequence><xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int'/>\
         </xs:sequence><xs:sequence><xs:element name='a' type='xs:int'/>\
         <xs:element name='c' type='xs:int'/></xs:sequence></xs:choice></xs:complexType>\
         </xs:element>",
    );
    let problems = generated(&case).expect_err("refused").to_string();
    has(
        &problems,
        &["`a` can begin two parts of the content of `Request2`"],
    );
}
