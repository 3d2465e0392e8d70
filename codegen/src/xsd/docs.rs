//! Documentation: text of `xs:documentation` and `wsdl:documentation`.

use crate::model::{Doc, Evidence};

use super::names::{WSDL, XSD};
use super::tree::Elem;

/// Documentation of a schema component.
pub(crate) fn of_component(component: Elem<'_>) -> Doc {
    let texts = component
        .named(XSD, "annotation")
        .flat_map(|annotation| annotation.named(XSD, "documentation"))
        .map(text_of);
    doc(texts)
}

/// Documentation of a part of a WSDL.
pub(crate) fn of_wsdl(part: Elem<'_>) -> Doc {
    doc(part.named(WSDL, "documentation").map(text_of))
}

fn text_of(element: Elem<'_>) -> String {
    element
        .node
        .descendants()
        .filter(|n| n.is_text())
        .filter_map(|n| n.text())
        .collect()
}

fn doc(texts: impl Iterator<Item = String>) -> Doc {
    let texts: Vec<String> = texts
        .map(|t| normalized(&t))
        .filter(|t| !t.is_empty())
        .collect();
    let mut lines: Vec<&str> = texts
        .iter()
        .flat_map(|t| ["", t.as_str()])
        .skip(1)
        .collect();
    let joined = lines.join("\n");
    lines = joined.lines().collect();
    let evidence = lines.last().and_then(|line| match line.trim() {
        "Evidence: contract." => Some(Evidence::Contract),
        "Evidence: documented." => Some(Evidence::Documented),
        "Evidence: inferred." => Some(Evidence::Inferred),
        _ => None,
    });
    if evidence.is_some() {
        lines.pop();
        while lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
    }
    Doc {
        text: lines.join("\n"),
        evidence,
    }
}

/// Takes away surrounding blank lines, trailing blanks and the indentation that all lines share.
/// The first line usually stands right behind the tag, so its own indentation does not count.
fn normalized(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', "    ");
    let starts_inline = text
        .lines()
        .next()
        .is_some_and(|line| !line.trim().is_empty());
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = match lines.iter().position(|line| !line.is_empty()) {
        Some(first) => lines.get(first..).unwrap_or_default(),
        None => return String::new(),
    };
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let shared = lines
        .iter()
        .skip(usize::from(starts_inline))
        .filter(|line| !line.is_empty())
        .map(indent)
        .min()
        .unwrap_or(0);
    let mut out: Vec<&str> = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let cut = if index == 0 && starts_inline {
            indent(line)
        } else {
            shared
        };
        out.push(line.get(cut..).unwrap_or_default());
    }
    while out.last().is_some_and(|line| line.is_empty()) {
        out.pop();
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_indentation_goes_and_paragraphs_stay() {
        let text = "\n    One\n      more.\n\n    Two.\n  ";
        assert_eq!(normalized(text), "One\n  more.\n\nTwo.");
        assert_eq!(normalized("One\n    two"), "One\ntwo");
        assert_eq!(normalized("  \n "), "");
    }

    #[test]
    fn the_last_line_may_be_evidence() {
        let doc = doc(["Text.\n\n  Evidence: inferred.\n".to_owned()].into_iter());
        assert_eq!(
            doc,
            Doc {
                text: "Text.".into(),
                evidence: Some(Evidence::Inferred)
            }
        );
    }
}
