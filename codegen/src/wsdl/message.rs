//! What a message carries: its body element and its headers.

use std::collections::BTreeSet;

use crate::diag::Severity;
use crate::model::{Header, HeaderKind, Message, QName};
use crate::xsd::{Collector, Elem, Kind, WSDL, XSD, builtin};

use super::definitions::Part;
use super::operation::Reader;

/// One direction of an operation: the binding's element and the port type's.
pub(super) struct Direction<'a> {
    /// Name of the operation, for messages.
    pub(super) operation: &'a str,
    /// `wsdl:input` or `wsdl:output` of the port type's operation.
    pub(super) port_type: Elem<'a>,
    /// The same of the binding's operation.
    pub(super) binding: Option<Elem<'a>>,
    /// Namespace of SOAP extension elements.
    pub(super) soap: &'static str,
}

/// Body and headers of one direction.
#[derive(Default)]
pub(super) struct Payload {
    pub(super) body: Option<Message>,
    pub(super) headers: Vec<Header>,
}

impl<'a> Reader<'_, 'a> {
    /// Reads one direction of a document/literal operation.
    pub(super) fn payload(&self, direction: &Direction<'a>, problems: &mut Collector) -> Payload {
        let mut out = Payload::default();
        let found =
            self.definitions
                .resolve(direction.port_type, "message", Part::Message, problems);
        let Some((name, message)) = found else {
            return out;
        };

        let mut taken = BTreeSet::new();
        for header in self.extensions(direction, "header") {
            if let Some((of, entry)) = self.header(direction, header, problems) {
                if of == name {
                    taken.insert(entry.part.clone());
                }
                out.headers.push(entry);
            }
        }

        let chosen: Option<Vec<&str>> = self
            .extensions(direction, "body")
            .find_map(|body| body.attribute("parts"))
            .map(|parts| parts.split_whitespace().collect());
        if let Some(chosen) = &chosen {
            for part in chosen {
                if !message
                    .named(WSDL, "part")
                    .any(|p| p.attribute("name") == Some(part))
                {
                    let text = format!(
                        "operation `{}`: `soap:body` names the part `{part}`, which message {name} \
                         does not have",
                        direction.operation
                    );
                    problems.broken(message, text, None);
                }
            }
        }
        let body: Vec<Elem<'a>> = message
            .named(WSDL, "part")
            .filter(|part| {
                let part = part.attribute("name").unwrap_or_default();
                match &chosen {
                    Some(chosen) => chosen.contains(&part),
                    None => !taken.contains(part),
                }
            })
            .collect();
        match body.as_slice() {
            [] => {}
            [part] => out.body = self.body(direction, *part, problems),
            [_, second, ..] => {
                let text = format!(
                    "operation `{}`: a document/literal body of {} parts is not supported",
                    direction.operation,
                    body.len()
                );
                problems.unsupported(*second, text, Some("the body has to be one element"));
            }
        }
        out
    }

    /// SOAP extension elements of the binding's side.
    pub(super) fn extensions(
        &self,
        direction: &Direction<'a>,
        local: &'static str,
    ) -> impl Iterator<Item = Elem<'a>> + use<'a> {
        let soap = direction.soap;
        direction
            .binding
            .into_iter()
            .flat_map(move |binding| binding.named(soap, local))
    }

    fn body(
        &self,
        direction: &Direction<'a>,
        part: Elem<'a>,
        problems: &mut Collector,
    ) -> Option<Message> {
        let name = part.attribute("name").unwrap_or_default();
        if part.attribute("element").is_some() {
            let element = self.element(part, problems)?;
            return Some(Message { element });
        }
        if part.attribute("type").is_some() {
            let text = format!(
                "operation `{}`: document/literal with the part `{name}` of a type is not supported",
                direction.operation
            );
            let help = "give the part an element instead: element=\"…\"".to_owned();
            let diagnostic =
                part.attribute_diagnostic(Severity::Unsupported, "type", text, Some(help));
            problems.push(diagnostic);
        } else {
            let text = format!("the part `{name}` has neither `element` nor `type`");
            problems.broken(part, text, None);
        }
        None
    }

    fn header(
        &self,
        direction: &Direction<'a>,
        header: Elem<'a>,
        problems: &mut Collector,
    ) -> Option<(QName, Header)> {
        if header.attribute("use") == Some("encoded") {
            let text = format!(
                "operation `{}`: an encoded header is not supported",
                direction.operation
            );
            problems.unsupported(header, text, None);
            return None;
        }
        let name = self.definitions.name(header, "message", problems)?;
        let Some((name, message)) = self.definitions.find(header, Part::Message, &name) else {
            // Published contracts have such headers; the operation works without them.
            let text = format!(
                "operation `{}`: header of the unknown message {name} is left out",
                direction.operation
            );
            problems.note(header.attribute_diagnostic(
                Severity::Unsupported,
                "message",
                text,
                None,
            ));
            return None;
        };
        let wanted = header.attribute("part").unwrap_or_default().trim();
        let Some(part) = message
            .named(WSDL, "part")
            .find(|part| part.attribute("name") == Some(wanted))
        else {
            let text = format!("message {name} has no part `{wanted}`");
            problems.broken_attribute(header, "part", text, None);
            return None;
        };
        let kind = if part.attribute("element").is_some() {
            HeaderKind::Element(self.element(part, problems)?)
        } else {
            HeaderKind::Type(self.part_type(part, problems)?)
        };
        Some((
            name,
            Header {
                part: wanted.to_owned(),
                kind,
            },
        ))
    }

    /// The global element that a part names.
    pub(super) fn element(&self, part: Elem<'a>, problems: &mut Collector) -> Option<QName> {
        let name = self.definitions.name(part, "element", problems)?;
        if self.components.get(Kind::Element, &name).is_some() {
            return Some(name);
        }
        if self.components.may_be_in_lost_file(&name) {
            return None;
        }
        let help = self.components.why_unknown(Kind::Element, &name);
        problems.broken_attribute(
            part,
            "element",
            format!("unknown element {name}"),
            Some(help),
        );
        None
    }

    fn part_type(&self, part: Elem<'a>, problems: &mut Collector) -> Option<QName> {
        let name = self.definitions.name(part, "type", problems)?;
        let known = name.ns == XSD && builtin(&name.local).is_some()
            || self.components.get(Kind::Type, &name).is_some();
        if known {
            return Some(name);
        }
        let help = self.components.why_unknown(Kind::Type, &name);
        problems.broken_attribute(part, "type", format!("unknown type {name}"), Some(help));
        None
    }
}
