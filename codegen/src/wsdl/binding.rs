//! Choosing the SOAP binding.

use crate::model::{Contract, Doc, SoapVersion};
use crate::xsd::{self, Collector, Elem};

use super::definitions::{Definitions, Part};

const SOAP_11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP_12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
const HTTP: &str = "http://schemas.xmlsoap.org/wsdl/http/";

/// The binding that a contract is read through.
pub(super) struct Binding<'a> {
    /// The `wsdl:binding`.
    pub(super) elem: Elem<'a>,
    /// The `soap:binding` in it.
    pub(super) soap: Elem<'a>,
    /// Namespace of its SOAP extension elements.
    pub(super) namespace: &'static str,
    /// Its port type.
    pub(super) port_type: Option<Elem<'a>>,
    version: SoapVersion,
    port: Option<Elem<'a>>,
}

/// The first SOAP 1.1 binding, else the first SOAP 1.2 one: by the ports of the services, or among
/// all bindings if there is no port.
pub(super) fn select<'a>(
    definitions: &Definitions<'a>,
    problems: &mut Collector,
) -> Option<Binding<'a>> {
    let mut candidates: Vec<(Elem<'a>, Option<Elem<'a>>)> = Vec::new();
    let mut has_ports = false;
    let mut lost = false;
    for service in definitions.elements("service") {
        for port in service.named(xsd::WSDL, "port") {
            has_ports = true;
            match definitions.resolve(port, "binding", Part::Binding, problems) {
                Some((_, binding)) => candidates.push((binding, Some(port))),
                None => lost = true,
            }
        }
    }
    if !has_ports {
        candidates.extend(
            definitions
                .elements("binding")
                .map(|binding| (binding, None)),
        );
    }
    for (namespace, version) in [(SOAP_11, SoapVersion::V11), (SOAP_12, SoapVersion::V12)] {
        for (elem, port) in &candidates {
            let Some(soap) = elem.named(namespace, "binding").find(|soap| is_http(*soap)) else {
                continue;
            };
            let port_type = definitions.resolve(*elem, "type", Part::PortType, problems);
            let port_type = port_type.map(|(_, elem)| elem);
            return Some(Binding {
                elem: *elem,
                soap,
                namespace,
                port_type,
                version,
                port: *port,
            });
        }
    }
    if !lost {
        report_none(definitions, &candidates, problems);
    }
    None
}

fn report_none<'a>(
    definitions: &Definitions<'a>,
    candidates: &[(Elem<'a>, Option<Elem<'a>>)],
    problems: &mut Collector,
) {
    let Some(at) = candidates
        .first()
        .map(|(elem, _)| *elem)
        .or(definitions.roots.first().copied())
    else {
        return;
    };
    let others: Vec<String> = candidates
        .iter()
        .map(|(elem, _)| {
            let name = elem.attribute("name").unwrap_or_default();
            let kind = elem
                .children()
                .find(|c| c.node.tag_name().name() == "binding");
            let kind = match kind.and_then(|c| c.node.tag_name().namespace()) {
                Some(HTTP) => "HTTP",
                Some(SOAP_11 | SOAP_12) => "SOAP over a transport other than HTTP",
                _ => "of an unknown kind",
            };
            format!("`{name}` is {kind}")
        })
        .collect();
    let message = if others.is_empty() {
        "no SOAP binding: the contract has no binding at all".to_owned()
    } else {
        format!("no SOAP binding: {}", others.join(", "))
    };
    let help = "only SOAP 1.1 and SOAP 1.2 over HTTP are supported";
    problems.unsupported(at, message, Some(help));
}

fn is_http(soap: Elem<'_>) -> bool {
    // Contracts that leave the transport out, or make up one of their own, mean HTTP.
    !soap.attribute("transport").is_some_and(|t| {
        let t = t.to_ascii_lowercase();
        t.contains("jms") || t.contains("smtp")
    })
}

impl<'a> Binding<'a> {
    /// Enters what service and binding say into the contract.
    pub(super) fn fill(&self, definitions: &Definitions<'a>, contract: &mut Contract) {
        contract.soap = self.version;
        let service = self
            .port
            .and_then(|port| Some(port.with(port.node.parent_element()?)));
        if let Some(name) = service.and_then(|service| service.attribute("name")) {
            name.clone_into(&mut contract.name);
        }
        contract.address = self
            .port
            .and_then(|port| port.named(self.namespace, "address").next())
            .and_then(|address| address.attribute("location"))
            .map(str::to_owned);
        let places = [service, self.port_type, definitions.roots.first().copied()];
        let docs = places.into_iter().flatten().map(xsd::of_wsdl);
        contract.doc = docs
            .into_iter()
            .find(|doc| *doc != Doc::default())
            .unwrap_or_default();
    }
}
