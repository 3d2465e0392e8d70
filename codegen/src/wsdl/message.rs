//! What a message carries: the parts of its body and its headers.

use std::collections::BTreeSet;

use crate::diag::Severity;
use crate::model::{Contract, Doc, Header, HeaderKind, Message, QName, Style, TypeRef};
use crate::xsd::{self, Collector, Elem, Kind, WSDL, XSD, builtin};

use super::definitions::Part;
use super::made::{self, MadePart};
use super::operation::Reader;

/// One direction of an operation: the binding's element and the port type's.
pub(super) struct Direction<'a> {
    /// Name of the operation, for messages.
    pub(super) operation: &'a str,
    /// `wsdl:input` or `wsdl:output` of the port type's operation; without one the body is empty.
    pub(super) port_type: Option<Elem<'a>>,
    /// The same of the binding's operation.
    pub(super) binding: Option<Elem<'a>>,
    /// The operation, where diagnostics point when there is nothing better.
    pub(super) at: Elem<'a>,
    /// Namespace of SOAP extension elements.
    pub(super) soap: &'static str,
    pub(super) style: Style,
    /// It is the answer.
    pub(super) is_output: bool,
}

/// Body and headers of one direction.
#[derive(Default)]
pub(super) struct Payload {
    pub(super) body: Option<Message>,
    pub(super) headers: Vec<Header>,
}

impl<'a> Reader<'_, 'a> {
    /// Reads one direction of an operation.
    pub(super) fn payload(
        &self,
        direction: &Direction<'a>,
        contract: &mut Contract,
        problems: &mut Collector,
    ) -> Payload {
        let mut out = Payload::default();
        let Some(side) = direction.port_type else {
            out.body = self.empty(direction, contract);
            return out;
        };
        let found = self
            .definitions
            .resolve(side, "message", Part::Message, problems);
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
            if let Some(fault) = header.named(direction.soap, "headerfault").next() {
                let text = format!(
                    "operation `{}`: header faults come as faults without a type",
                    direction.operation
                );
                problems.note(fault.diagnostic(Severity::Unsupported, text, None));
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
        let doc = xsd::of_wsdl(message);
        out.body = match (direction.style, body.as_slice()) {
            (Style::Rpc, parts) => self.rpc(direction, parts, doc, contract, problems),
            (Style::Document, []) => self.empty(direction, contract),
            (Style::Document, [part]) => self.body(direction, *part, problems),
            (Style::Document, parts) => self.parts(direction, parts, doc, contract, problems),
        };
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

    /// A request without content has a type too, an answer has none.
    fn empty(&self, direction: &Direction<'a>, contract: &mut Contract) -> Option<Message> {
        if direction.is_output {
            return None;
        }
        let location = direction.at.location();
        let name = direction.operation;
        let element = made::block(contract, name, Vec::new(), Doc::default(), &location)?;
        Some(Message {
            element,
            is_bare: true,
        })
    }

    fn body(
        &self,
        direction: &Direction<'a>,
        part: Elem<'a>,
        problems: &mut Collector,
    ) -> Option<Message> {
        let element = self.element_of(direction, part, problems)?;
        Some(Message {
            element,
            is_bare: false,
        })
    }

    /// The element of a part of a document/literal body.
    fn element_of(
        &self,
        direction: &Direction<'a>,
        part: Elem<'a>,
        problems: &mut Collector,
    ) -> Option<QName> {
        if part.attribute("element").is_some() {
            return self.element(part, problems);
        }
        let name = part.attribute("name").unwrap_or_default();
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

    /// A document/literal body of several parts: their elements, one after the other.
    fn parts(
        &self,
        direction: &Direction<'a>,
        parts: &[Elem<'a>],
        doc: Doc,
        contract: &mut Contract,
        problems: &mut Collector,
    ) -> Option<Message> {
        let mut made = Vec::new();
        for part in parts {
            let element = self.element_of(direction, *part, problems);
            made.extend(element.and_then(|element| made_of(contract, &element, true)));
        }
        if made.len() < parts.len() {
            // Said already.
            return None;
        }
        let suffix = if direction.is_output { "Response" } else { "" };
        let wanted = format!("{}{suffix}", direction.operation);
        let location = direction.at.location();
        let element = made::block(contract, &wanted, made, doc, &location)?;
        Some(Message {
            element,
            is_bare: true,
        })
    }

    /// An rpc/literal body: an element called after the operation, with an unqualified child for
    /// each part.
    fn rpc(
        &self,
        direction: &Direction<'a>,
        parts: &[Elem<'a>],
        doc: Doc,
        contract: &mut Contract,
        problems: &mut Collector,
    ) -> Option<Message> {
        let mut made = Vec::new();
        for part in parts {
            made.extend(self.rpc_part(direction, *part, contract, problems));
        }
        if made.len() < parts.len() {
            return None;
        }
        let namespace = self
            .extensions(direction, "body")
            .find_map(|body| body.attribute("namespace"))
            .map(|namespace| namespace.trim().to_owned());
        let namespace = namespace.unwrap_or_else(|| {
            let namespace = self.definitions.target_namespace();
            let text = format!(
                "operation `{}`: `soap:body` has no namespace, so its element is in the target \
                 namespace {namespace}",
                direction.operation
            );
            let at = direction.binding.unwrap_or(direction.at);
            problems.note(at.diagnostic(Severity::Unsupported, text, None));
            namespace
        });
        let suffix = if direction.is_output { "Response" } else { "" };
        let name = QName::new(namespace, format!("{}{suffix}", direction.operation));
        let location = direction.at.location();
        let made = made::element(contract, name.clone(), made, doc, &location);
        if made.is_none() {
            let text = format!(
                "operation `{}`: its message is the element {name}, which another message or a \
                 schema has already",
                direction.operation
            );
            let help = "rpc/literal operations of one namespace need names of their own";
            problems.unsupported(direction.at, text, Some(help));
        }
        made.map(|element| Message {
            element,
            is_bare: false,
        })
    }

    fn rpc_part(
        &self,
        direction: &Direction<'a>,
        part: Elem<'a>,
        contract: &Contract,
        problems: &mut Collector,
    ) -> Option<MadePart> {
        let name = part.attribute("name").unwrap_or_default().trim();
        if part.attribute("element").is_some() {
            // Not what rpc/literal is about, but written, and read in this way by others.
            let text = format!(
                "operation `{}`: the part `{name}` has an element where rpc/literal wants a type; \
                 the element itself is taken",
                direction.operation
            );
            problems.note(part.diagnostic(Severity::Unsupported, text, None));
            let element = self.element(part, problems)?;
            return made_of(contract, &element, true);
        }
        let type_name = self.part_type(part, problems)?;
        let ty = match self.types.get(&type_name) {
            Some(ty) => ty,
            None => TypeRef::Builtin(builtin(&type_name.local)?),
        };
        Some(MadePart {
            name: QName::new("", name),
            ty,
            nillable: false,
            is_ref: false,
            required: true,
            doc: xsd::of_wsdl(part),
            location: part.location(),
        })
    }

    /// The header blocks that can be written or read, as one element that is made up.
    pub(super) fn block(
        &self,
        direction: &Direction<'a>,
        headers: &[Header],
        contract: &mut Contract,
    ) -> Option<QName> {
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for header in headers {
            if let HeaderKind::Element(element) = &header.kind
                && seen.insert(element)
            {
                let required = header.required && !direction.is_output;
                parts.extend(made_of(contract, element, required));
            }
        }
        if parts.is_empty() {
            return None;
        }
        let (side, name) = match direction.is_output {
            true => ("answer", format!("{}ResponseHeaders", direction.operation)),
            false => ("request", format!("{}Headers", direction.operation)),
        };
        let doc = Doc {
            text: format!("Header blocks of the {side} of `{}`.", direction.operation),
            evidence: None,
        };
        made::block(contract, &name, parts, doc, &direction.at.location())
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
            let text = format!(
                "operation `{}`: the header part `{wanted}` has a type where a literal header \
                 wants an element; it is never written",
                direction.operation
            );
            problems.note(header.diagnostic(Severity::Unsupported, text, None));
            HeaderKind::Type(self.part_type(part, problems)?)
        };
        Some((
            name,
            Header {
                part: wanted.to_owned(),
                kind,
                required: is_required(header),
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

/// A part that is a global element.
fn made_of(contract: &Contract, element: &QName, required: bool) -> Option<MadePart> {
    let global = contract.elements.get(element)?;
    Some(MadePart {
        name: element.clone(),
        ty: global.ty,
        nillable: global.nillable,
        is_ref: true,
        required,
        doc: global.doc.clone(),
        location: global.location.clone(),
    })
}

/// `wsdl:required="true"`.
fn is_required(elem: Elem<'_>) -> bool {
    let value = elem.node.attribute((WSDL, "required"));
    value.is_some_and(|value| matches!(value.trim(), "true" | "1"))
}
