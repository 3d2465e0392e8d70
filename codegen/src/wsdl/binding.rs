//! Choosing the SOAP bindings.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::model::{Contract, Doc, Port, QName, SoapVersion};
use crate::xsd::{self, Collector, Elem};

use super::definitions::{Definitions, Part};

const SOAP_11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP_12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
const HTTP: &str = "http://schemas.xmlsoap.org/wsdl/http/";

/// A binding that operations are read through, with the port that it is reached at.
pub(super) struct Binding<'a> {
    /// The `wsdl:binding`.
    pub(super) elem: Elem<'a>,
    /// The `soap:binding` in it.
    pub(super) soap: Elem<'a>,
    /// Namespace of its SOAP extension elements.
    pub(super) namespace: &'static str,
    /// Its port type.
    pub(super) port_type: Option<(QName, Elem<'a>)>,
    /// The operations of that by name.
    pub(super) operations: BTreeMap<&'a str, Vec<Elem<'a>>>,
    /// SOAP version.
    pub(super) version: SoapVersion,
    port: Option<Elem<'a>>,
}

/// The SOAP bindings: those of SOAP 1.1 first, then those of SOAP 1.2, by the ports of the
/// services, or all bindings if there is no port.
pub(super) fn select<'a>(
    definitions: &Definitions<'a>,
    problems: &mut Collector,
) -> Vec<Binding<'a>> {
    let mut candidates: Vec<(Elem<'a>, Option<Elem<'a>>)> = Vec::new();
    let mut has_ports = false;
    for service in definitions.elements("service") {
        for port in service.named(xsd::WSDL, "port") {
            has_ports = true;
            let binding = definitions.resolve(port, "binding", Part::Binding, problems);
            candidates.extend(binding.map(|(_, binding)| (binding, Some(port))));
        }
    }
    if !has_ports {
        candidates.extend(
            definitions
                .elements("binding")
                .map(|binding| (binding, None)),
        );
    }
    let mut out = Vec::new();
    for (namespace, version) in [(SOAP_11, SoapVersion::V11), (SOAP_12, SoapVersion::V12)] {
        for (elem, port) in &candidates {
            let Some(soap) = elem.named(namespace, "binding").find(|soap| is_http(*soap)) else {
                continue;
            };
            let port_type = definitions.resolve(*elem, "type", Part::PortType, problems);
            let mut operations: BTreeMap<&str, Vec<Elem<'a>>> = BTreeMap::new();
            let all = port_type
                .iter()
                .flat_map(|(_, elem)| elem.named(xsd::WSDL, "operation"));
            for operation in all {
                if let Some(name) = operation.attribute("name") {
                    operations.entry(name.trim()).or_default().push(operation);
                }
            }
            out.push(Binding {
                elem: *elem,
                soap,
                namespace,
                port_type,
                operations,
                version,
                port: *port,
            });
        }
    }
    note_others(&candidates, out.is_empty(), problems);
    if let (true, Some(root)) = (candidates.is_empty(), definitions.roots.first()) {
        let message = "the contract has no binding: the crate has no operations";
        problems.note(root.diagnostic(Severity::Unsupported, message, None));
    }
    out
}

/// Notes what is not called by SOAP over HTTP: its operations are left out.
fn note_others(
    candidates: &[(Elem<'_>, Option<Elem<'_>>)],
    is_all: bool,
    problems: &mut Collector,
) {
    for (elem, port) in candidates {
        let inner = elem
            .children()
            .find(|c| c.node.tag_name().name() == "binding");
        let is_ours = inner.is_some_and(|inner| {
            let namespace = inner.node.tag_name().namespace();
            matches!(namespace, Some(SOAP_11 | SOAP_12)) && is_http(inner)
        });
        if is_ours {
            continue;
        }
        let kind = match inner.and_then(|inner| inner.node.tag_name().namespace()) {
            Some(HTTP) => "HTTP without SOAP",
            Some(SOAP_11 | SOAP_12) => "SOAP over a transport other than HTTP",
            _ => "of an unknown kind",
        };
        let name = elem.attribute("name").unwrap_or_default();
        let what = if is_all {
            "its operations are left out, and no other binding is SOAP over HTTP: the crate has no \
             operations"
        } else {
            "its operations are left out"
        };
        let message = format!("binding `{name}` is {kind}: {what}");
        let at = port.unwrap_or(*elem);
        problems.note(at.diagnostic(Severity::Unsupported, message, None));
    }
}

fn is_http(soap: Elem<'_>) -> bool {
    // Contracts that leave the transport out, or make up one of their own, mean HTTP.
    !soap.attribute("transport").is_some_and(|t| {
        let t = t.to_ascii_lowercase();
        t.contains("jms") || t.contains("smtp")
    })
}

impl<'a> Binding<'a> {
    fn service(&self) -> Option<Elem<'a>> {
        let port = self.port?;
        Some(port.with(port.node.parent_element()?))
    }

    /// What the port says; the empty port if there is none.
    pub(super) fn port(&self) -> Port {
        let name = |elem: Option<Elem<'a>>| {
            elem.and_then(|elem| elem.attribute("name"))
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let address = self
            .port
            .and_then(|port| port.named(self.namespace, "address").next())
            .and_then(|address| address.attribute("location"))
            .map(|location| location.trim().to_owned());
        let port_type = self.port_type.as_ref().map(|(_, elem)| *elem);
        Port {
            name: name(self.port),
            service: name(self.service()),
            address: address.filter(|address| !address.is_empty()),
            soap: self.version,
            doc: first_doc([self.port, port_type]),
        }
    }

    /// Enters what the service says, of the binding that the contract is read through first.
    pub(super) fn fill(&self, definitions: &Definitions<'a>, contract: &mut Contract) {
        contract.soap = self.version;
        let service = self.service();
        if let Some(name) = service.and_then(|service| service.attribute("name")) {
            name.clone_into(&mut contract.name);
        }
        contract.address = self.port().address;
        let port_type = self.port_type.as_ref().map(|(_, elem)| *elem);
        contract.doc = first_doc([service, port_type, definitions.roots.first().copied()]);
    }
}

fn first_doc<'a>(places: impl IntoIterator<Item = Option<Elem<'a>>>) -> Doc {
    let docs = places.into_iter().flatten().map(xsd::of_wsdl);
    docs.into_iter()
        .find(|doc| *doc != Doc::default())
        .unwrap_or_default()
}
