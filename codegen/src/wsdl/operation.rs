//! Operations of the binding.

use std::collections::BTreeSet;

use crate::diag::Severity;
use crate::model::{Contract, Doc, Fault, Operation};
use crate::xsd::{self, Collector, Components, Elem, WSDL};

use super::binding::Binding;
use super::definitions::{Definitions, Part};
use super::message::{Direction, Payload};

const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";

/// Reads operations.
pub(super) struct Reader<'d, 'a> {
    pub(super) definitions: &'d Definitions<'a>,
    pub(super) components: &'d Components<'a>,
}

impl<'a> Reader<'_, 'a> {
    /// Reads all operations of a binding.
    pub(super) fn read_all(
        &self,
        binding: &Binding<'a>,
        contract: &mut Contract,
        problems: &mut Collector,
    ) {
        let mut names = BTreeSet::new();
        for elem in binding.elem.named(WSDL, "operation") {
            let Some(name) = elem.attribute("name").map(str::trim) else {
                problems.broken(elem, "an operation needs a name", None);
                continue;
            };
            if !names.insert(name) {
                let message = format!("operation `{name}`: overloading is not supported");
                problems.unsupported(elem, message, None);
                continue;
            }
            contract
                .operations
                .extend(self.operation(binding, elem, name, problems));
        }
    }

    fn operation(
        &self,
        binding: &Binding<'a>,
        elem: Elem<'a>,
        name: &'a str,
        problems: &mut Collector,
    ) -> Option<Operation> {
        let soap = elem.named(binding.namespace, "operation").next();
        if let Some(reason) = unsupported_style(binding, elem, soap) {
            let message = format!("operation `{name}`: {reason} is not supported");
            let help = "only document/literal is supported";
            problems.unsupported(elem, message, Some(help));
            return None;
        }
        let port_type = binding.port_type?;
        let abstract_operation = port_type
            .named(WSDL, "operation")
            .find(|o| o.attribute("name") == Some(name));
        let Some(abstract_operation) = abstract_operation else {
            // Happens in published contracts, and every other reader passes over it too.
            let message = format!(
                "operation `{name}` is left out: port type `{}` does not have it",
                port_type.attribute("name").unwrap_or_default()
            );
            problems.note(elem.diagnostic(Severity::Unsupported, message, None));
            return None;
        };
        let sides: Vec<Elem<'a>> = abstract_operation
            .children()
            .filter(|c| c.is(WSDL, "input") || c.is(WSDL, "output"))
            .collect();
        let input = sides.iter().copied().find(|c| c.is(WSDL, "input"));
        let output = sides.iter().copied().find(|c| c.is(WSDL, "output"));
        if input.is_some() && sides.first().is_some_and(|first| first.is(WSDL, "output")) {
            let message = format!("operation `{name}`: solicit-response is not supported");
            problems.unsupported(
                abstract_operation,
                message,
                Some("the input has to come first"),
            );
            return None;
        }
        if input.is_none() {
            // By the letter a notification from the server; in practice a request without content.
            let message = format!("operation `{name}` has no input, its request is empty");
            problems.note(abstract_operation.diagnostic(Severity::Unsupported, message, None));
        }
        let mut read = |side: Option<Elem<'a>>, local: &'static str| -> Payload {
            let Some(port_type) = side else {
                return Payload::default();
            };
            let direction = Direction {
                operation: name,
                port_type,
                binding: elem.named(WSDL, local).next(),
                soap: binding.namespace,
            };
            self.payload(&direction, problems)
        };
        let request = read(input, "input");
        let response = read(output, "output");
        let mut doc = xsd::of_wsdl(abstract_operation);
        if doc == Doc::default() {
            doc = xsd::of_wsdl(elem);
        }
        Some(Operation {
            name: name.to_owned(),
            doc,
            soap_action: soap
                .and_then(|s| s.attribute("soapAction"))
                .map(str::to_owned),
            input: request.body,
            output: response.body,
            faults: self.faults(name, abstract_operation, problems),
            input_headers: request.headers,
            output_headers: response.headers,
            location: elem.location(),
        })
    }

    fn faults(
        &self,
        operation: &str,
        abstract_operation: Elem<'a>,
        problems: &mut Collector,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        for fault in abstract_operation.named(WSDL, "fault") {
            let name = fault.attribute("name").unwrap_or_default();
            let found = self
                .definitions
                .resolve(fault, "message", Part::Message, problems);
            let Some((_, message)) = found else { continue };
            let parts: Vec<Elem<'a>> = message.named(WSDL, "part").collect();
            match parts.as_slice() {
                [part] if part.attribute("element").is_some() => {
                    let element = self.element(*part, problems);
                    faults.extend(element.map(|e| Fault {
                        name: name.to_owned(),
                        element: e,
                    }));
                }
                _ => {
                    let text = format!(
                        "operation `{operation}`: fault `{name}` is not one part with an element, \
                         which is not supported"
                    );
                    problems.unsupported(message, text, None);
                }
            }
        }
        faults
    }
}

/// Style and use of an operation, if they are not document/literal.
fn unsupported_style(
    binding: &Binding<'_>,
    operation: Elem<'_>,
    soap: Option<Elem<'_>>,
) -> Option<&'static str> {
    let style = soap
        .and_then(|s| s.attribute("style"))
        .or(binding.soap.attribute("style"));
    let is_rpc = style.is_some_and(|style| style.trim() == "rpc");
    let inside = || operation.node.descendants().filter(|n| n.is_element());
    let is_encoded = inside()
        .filter(|n| n.tag_name().namespace() == Some(binding.namespace))
        .filter(|n| matches!(n.tag_name().name(), "body" | "fault"))
        .any(|n| n.attribute("use") == Some("encoded"));
    let has_attachments = inside().any(|n| n.tag_name().namespace() == Some(MIME));
    match (is_rpc, is_encoded) {
        (true, true) => Some("rpc/encoded"),
        (true, false) => Some("rpc/literal"),
        (false, true) => Some("document/encoded"),
        (false, false) if has_attachments => Some("a MIME binding (attachments)"),
        (false, false) => None,
    }
}
