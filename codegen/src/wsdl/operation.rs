//! Operations of the bindings.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Severity;
use crate::model::{Contract, Doc, Fault, Operation, QName, Style};
use crate::xsd::{self, Collector, Components, Elem, WSDL};

use super::binding::Binding;
use super::definitions::{Definitions, Part};
use super::made::Types;
use super::message::{Direction, Payload};

const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";
const DIME: &str = "http://schemas.xmlsoap.org/ws/2002/04/dime/wsdl/";

/// Reads operations.
pub(super) struct Reader<'d, 'a> {
    pub(super) definitions: &'d Definitions<'a>,
    pub(super) components: &'d Components<'a>,
    pub(super) types: Types,
}

/// What operations are told apart by.
#[derive(Default)]
struct Known {
    /// Port type, name and number among those of one name: read by another binding already.
    read: BTreeSet<(QName, String, usize)>,
    /// Operations by all that makes their messages.
    equal: BTreeMap<String, usize>,
    names: BTreeSet<String>,
}

impl<'a> Reader<'_, 'a> {
    /// Reads the operations of all bindings; one that several bindings of a port type have is read
    /// once.
    pub(super) fn read_all(
        &self,
        bindings: &[Binding<'a>],
        contract: &mut Contract,
        problems: &mut Collector,
    ) {
        let mut known = Known::default();
        for binding in bindings {
            let port = contract.ports.len();
            let before = contract.operations.len();
            let mut shares = false;
            for (elem, name, number) in named_operations(binding, problems) {
                let port_type = binding.port_type.as_ref().map(|(name, _)| name.clone());
                let key = port_type.map(|port_type| (port_type, name.to_owned(), number));
                if key.is_some_and(|key| !known.read.insert(key)) {
                    continue;
                }
                let signature = self.signature(binding, elem, name, number);
                if let Some(same) = known.equal.get(&signature) {
                    contract.operations[*same].ports.push(port);
                    shares = true;
                    continue;
                }
                let read = self.operation(binding, (elem, name, number), contract, problems);
                let Some(mut operation) = read else { continue };
                operation.name = unique(name, binding, elem, &mut known.names, problems);
                operation.ports.push(port);
                known.equal.insert(signature, contract.operations.len());
                contract.operations.push(operation);
            }
            let has_any = shares || contract.operations.len() > before;
            // The first one counts even without operations: the contract is about it.
            if has_any || port == 0 {
                contract.ports.push(binding.port());
            }
        }
    }

    /// Everything that the messages of an operation are made from: equal for equal operations.
    fn signature(
        &self,
        binding: &Binding<'a>,
        elem: Elem<'a>,
        name: &str,
        number: usize,
    ) -> String {
        let mut out = format!("{name} {:?} {:?}", binding.version, style(binding, elem));
        let mut add = |elem: Elem<'a>, attribute: &str| {
            let qualified = elem.attribute(attribute).map(|text| {
                let (namespace, local) = xsd::split(elem.node, text).unwrap_or((None, text));
                format!("{namespace:?} {local}")
            });
            out.push_str(&format!("; {qualified:?}"));
        };
        if let Some(operation) = abstract_operation(binding, elem, name, number) {
            for side in operation
                .children()
                .filter(|side| !side.is(WSDL, "documentation"))
            {
                add(side, "message");
            }
        }
        let own = elem.node.descendants().filter(|n| n.is_element());
        for node in own.filter(|n| n.tag_name().namespace() == Some(binding.namespace)) {
            out.push_str(&format!("; {}", node.tag_name().name()));
            for attribute in node.attributes() {
                out.push_str(&format!(" {}={}", attribute.name(), attribute.value()));
            }
        }
        out
    }

    fn operation(
        &self,
        binding: &Binding<'a>,
        (elem, name, number): (Elem<'a>, &'a str, usize),
        contract: &mut Contract,
        problems: &mut Collector,
    ) -> Option<Operation> {
        let soap = elem.named(binding.namespace, "operation").next();
        let style = style(binding, elem);
        if let Some(reason) = unsupported_style(binding, elem, style) {
            let message = format!("operation `{name}`: {reason} is not supported");
            let help = "document/literal and rpc/literal are supported";
            problems.unsupported(elem, message, Some(help));
            return None;
        }
        let (_, port_type) = binding.port_type.as_ref()?;
        let Some(abstract_operation) = abstract_operation(binding, elem, name, number) else {
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
        let direction = |port_type, local: &'static str| Direction {
            operation: name,
            port_type,
            binding: elem.named(WSDL, local).next(),
            at: abstract_operation,
            soap: binding.namespace,
            style,
            is_output: local == "output",
        };
        let (to, from) = (direction(input, "input"), direction(output, "output"));
        let request = self.payload(&to, contract, problems);
        let response = match output {
            Some(_) => self.payload(&from, contract, problems),
            None => Payload::default(),
        };
        let input_block = self.block(&to, &request.headers, contract);
        let output_block = self.block(&from, &response.headers, contract);
        let mut doc = xsd::of_wsdl(abstract_operation);
        if doc == Doc::default() {
            doc = xsd::of_wsdl(elem);
        }
        Some(Operation {
            name: name.to_owned(),
            style,
            soap: binding.version,
            ports: Vec::new(),
            doc,
            soap_action: soap
                .and_then(|s| s.attribute("soapAction"))
                .map(str::to_owned),
            input: request.body,
            output: response.body,
            faults: self.faults(name, abstract_operation, problems),
            input_headers: request.headers,
            output_headers: response.headers,
            input_block,
            output_block,
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
            let Some(of) = self.definitions.name(fault, "message", problems) else {
                continue;
            };
            let Some((_, message)) = self.definitions.find(fault, Part::Message, &of) else {
                // Published contracts have such faults; the operation works without their types.
                let text = format!(
                    "operation `{operation}`: fault `{name}` is of the unknown message {of}, so \
                     its detail has no type"
                );
                let at = fault.attribute_diagnostic(Severity::Unsupported, "message", text, None);
                problems.note(at);
                continue;
            };
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
                    // It still is a fault, with code and text.
                    let text = format!(
                        "operation `{operation}`: fault `{name}` is not one part with an element, \
                         so its detail has no type"
                    );
                    problems.note(message.diagnostic(Severity::Unsupported, text, None));
                }
            }
        }
        faults
    }
}

/// The operations of a binding with their names, and their numbers among those of one name.
fn named_operations<'a>(
    binding: &Binding<'a>,
    problems: &mut Collector,
) -> Vec<(Elem<'a>, &'a str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for elem in binding.elem.named(WSDL, "operation") {
        let Some(name) = elem.attribute("name").map(str::trim) else {
            problems.broken(elem, "an operation needs a name", None);
            continue;
        };
        let number = counts.entry(name).or_default();
        out.push((elem, name, *number));
        *number += 1;
    }
    out
}

/// The port type's operation: of overloaded ones that whose input has the same name, else the one
/// in the same place.
fn abstract_operation<'a>(
    binding: &Binding<'a>,
    elem: Elem<'a>,
    name: &str,
    number: usize,
) -> Option<Elem<'a>> {
    let namesakes = binding.operations.get(name)?;
    let input = |o: Elem<'a>| o.named(WSDL, "input").next()?.attribute("name");
    let wanted = input(elem);
    let by_input = namesakes
        .iter()
        .find(|o| wanted.is_some() && input(**o) == wanted);
    by_input.or(namesakes.get(number)).copied()
}

/// A name that no other operation has: its own, that of its input, or with the port's.
fn unique(
    name: &str,
    binding: &Binding<'_>,
    elem: Elem<'_>,
    names: &mut BTreeSet<String>,
    problems: &mut Collector,
) -> String {
    if names.insert(name.to_owned()) {
        return name.to_owned();
    }
    let input = elem
        .named(WSDL, "input")
        .next()
        .and_then(|input| input.attribute("name"));
    let mut candidates: Vec<String> = input.map(str::to_owned).into_iter().collect();
    let port = binding.port().name;
    let port = port.strip_suffix("Port").unwrap_or(&port);
    candidates.push(format!("{name}{port}"));
    let free = candidates.into_iter().find(|c| names.insert(c.clone()));
    let own = free.unwrap_or_else(|| {
        let numbered = (2..).map(|n| format!("{name}{n}"));
        let free = numbered.into_iter().find(|c| names.insert(c.clone()));
        free.unwrap_or_default()
    });
    let message = format!("another operation is called `{name}` too; this one is `{own}` here");
    problems.note(elem.diagnostic(Severity::Unsupported, message, None));
    own
}

/// Style of an operation: its own, else the binding's.
fn style(binding: &Binding<'_>, operation: Elem<'_>) -> Style {
    let soap = operation.named(binding.namespace, "operation").next();
    let style = soap
        .and_then(|s| s.attribute("style"))
        .or(binding.soap.attribute("style"));
    match style.map(str::trim) {
        Some("rpc") => Style::Rpc,
        _ => Style::Document,
    }
}

/// What keeps an operation from being read.
fn unsupported_style(
    binding: &Binding<'_>,
    operation: Elem<'_>,
    style: Style,
) -> Option<&'static str> {
    let inside = || operation.node.descendants().filter(|n| n.is_element());
    let is_encoded = inside()
        .filter(|n| n.tag_name().namespace() == Some(binding.namespace))
        .filter(|n| matches!(n.tag_name().name(), "body" | "fault"))
        .any(|n| n.attribute("use") == Some("encoded"));
    let has = |namespace| inside().any(|n| n.tag_name().namespace() == Some(namespace));
    match style {
        Style::Rpc if is_encoded => Some("rpc/encoded"),
        Style::Document if is_encoded => Some("document/encoded"),
        _ if has(MIME) => Some("a MIME binding (attachments)"),
        _ if has(DIME) => Some("a DIME binding (attachments)"),
        _ => None,
    }
}
