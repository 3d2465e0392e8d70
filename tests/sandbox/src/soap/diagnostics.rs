//! `DiagnosticInventory`: what is wrong with a SIM's connection.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{self, Context, Service};
use super::sim_id::only_id;
use crate::fault::Fault;
use crate::fleet::SimId;
use crate::platform::{Administrative, Issues, Layer};
use crate::soap::xml::Xml;

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "DiagnosticInventory",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/diagnosticinventory/v1/types",
    operations: &[
        "administrativeDiagnostic",
        "ipDiagnostic",
        "getDiagnosticResult",
        "gsmSyncDiagnostic",
        "gprsSyncDiagnostic",
    ],
    read,
};

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn service::Request>, Fault> {
    let id = || only_id(node, service.types);
    Ok(Box::new(match operation {
        "administrativeDiagnostic" => Request::Administrative(id()?),
        "ipDiagnostic" => Request::Ip(id()?),
        "gsmSyncDiagnostic" => Request::Connection(id()?, Layer::Gsm),
        "gprsSyncDiagnostic" => Request::Connection(id()?, Layer::Gprs),
        _ => {
            let fields = Fields::new(node, service.types, |n| n == "transactionId")?;
            Request::Result(fields.required("transactionId")?)
        }
    }))
}

#[derive(Debug)]
enum Request {
    Administrative(SimId),
    Ip(SimId),
    Connection(SimId, Layer),
    Result(String),
}

impl service::Request for Request {
    fn sim(&self) -> Option<&SimId> {
        match self {
            Self::Administrative(id) | Self::Ip(id) | Self::Connection(id, _) => Some(id),
            Self::Result(_) => None,
        }
    }

    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let platform = cx.platform;
        match self {
            Self::Administrative(id) => {
                let found = platform.administrative(id)?;
                cx.answer(|xml| administrative(xml, &found))
            }
            Self::Ip(id) => {
                let id = platform.start_ip_diagnostic(id)?;
                cx.answer(|xml| xml.text("transactionId", &id))
            }
            Self::Connection(id, layer) => {
                let result = platform.connection(id, *layer)?;
                cx.answer(|xml| xml.text("result", result))
            }
            Self::Result(id) => {
                let result = platform.diagnostic_result(id)?;
                cx.answer(|xml| xml.some("result", result))
            }
        }
    }
}

fn administrative(xml: &mut Xml, found: &Administrative) {
    let all: [(&str, &Issues); 4] = [
        ("global", &found.global),
        ("voice", &found.voice),
        ("data", &found.data),
        ("sms", &found.sms),
    ];
    for (what, issues) in all {
        let in_order = match what {
            "global" => all.iter().all(|(_, issues)| issues.is_empty()),
            _ => issues.is_empty(),
        };
        xml.text(&format!("{what}Status"), in_order);
        for issue in issues {
            xml.text(&format!("{what}Issues"), issue);
        }
    }
    xml.group("radioAccessEnabledParam", |xml| {
        xml.text("radioAccessList", found.radio_access);
    });
}
