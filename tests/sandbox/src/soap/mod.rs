//! The SOAP binding: from an HTTP request to an answer.

mod billing_accounts;
mod commercial_groups;
mod customers;
mod diagnostics;
pub(crate) mod download;
mod echo;
mod end_customers;
mod envelope;
mod fields;
mod inventory;
mod prebill;
mod reports;
mod service;
mod service_packs;
mod sim_id;
mod simswap;
mod supplementary_services;
mod users;
mod vouchers;
mod xml;

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use tokio::time::Instant;

use self::envelope::{NotUnderstood, Understood};
use self::service::Context;
use crate::fault::Fault;
use crate::inject::{Control, Effect, Verdict};
use crate::journal::{Entry, Journal, Outcome};
use crate::limits::Limits;
use crate::lock;
use crate::platform::Platform;
use crate::rest::Rest;

const XML: &str = "text/xml;charset=UTF-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html";

/// Everything that a sandbox consists of, but for the network.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) platform: Platform,
    pub(crate) journal: Journal,
    pub(crate) limits: Limits,
    pub(crate) control: Control,
    /// Held while a request gets its time of arrival, its permit and its number, so that these
    /// three have the same order.
    pub(crate) gate: Mutex<()>,
    /// The platforms other than Kite.
    pub(crate) rest: Rest,
}

/// Who is calling.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) organisation: String,
    pub(crate) address: SocketAddr,
}

/// Whether and where the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    No,
    BeforeAnswer,
    MidBody,
}

/// An answer and how it is to be sent.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    /// Headers besides that of the content type.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) delay: Duration,
    pub(crate) cut: Cut,
    /// Of a redirect.
    pub(crate) location: Option<String>,
    pub(crate) outcome: Outcome,
}

impl Reply {
    pub(crate) fn new(
        status: u16,
        content_type: &str,
        body: impl Into<Bytes>,
        outcome: Outcome,
    ) -> Self {
        Self {
            status,
            content_type: content_type.to_owned(),
            body: body.into(),
            headers: Vec::new(),
            delay: Duration::ZERO,
            cut: Cut::No,
            location: None,
            outcome,
        }
    }

    fn fault(fault: &Fault) -> Self {
        Self::new(500, XML, fault.to_soap(), Outcome::Fault(fault.code()))
    }

    pub(crate) fn http(status: StatusCode) -> Self {
        Self::new(status.as_u16(), HTML, html(status.as_u16()), Outcome::Http)
    }

    pub(crate) fn injected(mut self, what: impl Into<String>) -> Self {
        self.outcome = Outcome::Injected(what.into());
        self
    }

    fn cut(mut self, cut: Cut) -> Self {
        self.cut = cut;
        self
    }
}

/// A page as proxies send it.
pub(crate) fn html(status: u16) -> String {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|s| s.canonical_reason())
        .unwrap_or("");
    format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n\
         <center><h1>{status} {reason}</h1></center>\r\n<hr><center>sandbox gateway</center>\r\n\
         </body>\r\n</html>\r\n"
    )
}

/// Answers a request: who may, how often, what a test wants, and only then the platform itself.
pub(crate) fn handle(
    app: &App,
    peer: &Peer,
    method: &Method,
    (segment, version): (&str, &str),
    headers: &HeaderMap,
    body: &Bytes,
) -> Reply {
    let understood = envelope::service(segment, version).and_then(|service| {
        if method == Method::POST {
            envelope::understand(service, headers, body)
        } else {
            Err(NotUnderstood::Http(StatusCode::METHOD_NOT_ALLOWED))
        }
    });
    let (operation, sim) = match &understood {
        Ok(u) => (
            u.operation,
            u.request.as_ref().ok().and_then(|r| r.sim()).cloned(),
        ),
        Err(_) => ("", None),
    };
    let header = |name: header::HeaderName| {
        headers
            .get(name)
            .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
    };
    let denied = app.control.is_denied(&peer.organisation, peer.address.ip());
    let mut entry = Entry {
        sequence: 0,
        arrival: Instant::now().into_std(),
        wall: SystemTime::now(),
        organisation: peer.organisation.clone(),
        client_certificate: true,
        peer: peer.address,
        service: segment.to_owned(),
        version: version.to_owned(),
        operation: operation.to_owned(),
        soap_action: header(header::HeaderName::from_static("soapaction")),
        content_type: header(header::CONTENT_TYPE),
        sim,
        status: 0,
        outcome: Outcome::Pending,
        body: None,
    };
    let (admitted, sequence) = {
        let _gate = lock(&app.gate);
        entry.arrival = Instant::now().into_std();
        entry.wall = SystemTime::now();
        let budget = if operation.is_empty() { "?" } else { operation };
        let admitted = denied || app.limits.admit(&peer.organisation, budget, entry.arrival);
        (admitted, app.journal.begin(entry, body))
    };
    let reply = if denied {
        let fault = Fault::ip_denied(peer.address.ip());
        Reply::new(403, JSON, fault.to_json(), Outcome::Fault(fault.code()))
    } else if !admitted {
        Reply::fault(&Fault::rate_limited())
    } else {
        match understood {
            Err(NotUnderstood::Http(status)) => Reply::http(status),
            Err(NotUnderstood::Fault(fault)) => Reply::fault(&fault),
            Ok(understood) => obey(app, peer, &understood),
        }
    };
    app.journal
        .finish(sequence, reply.status, reply.outcome.clone(), body);
    reply
}

/// Does what a test wants of this call, if anything.
fn obey(app: &App, peer: &Peer, understood: &Understood) -> Reply {
    if app.control.is_maintenance() {
        return Reply::fault(&Fault::maintenance()).injected("SVR 1006");
    }
    disturb(app, &peer.organisation, understood.operation, &|broken| {
        process(app, peer, understood, broken)
    })
}

/// How refusals that a test wants look where a call came in.
pub(crate) trait Form {
    /// A refusal with this fault.
    fn fault(&self, fault: &Fault) -> Reply;

    /// A refusal with this HTTP status.
    fn status(&self, status: u16) -> Reply;
}

/// Refusals in SOAP.
struct Soap;

impl Form for Soap {
    fn fault(&self, fault: &Fault) -> Reply {
        Reply::fault(fault)
    }

    fn status(&self, status: u16) -> Reply {
        Reply::new(status, HTML, html(status), Outcome::Http)
    }
}

/// Processes a SOAP request as the rules want it.
fn disturb(
    app: &App,
    organisation: &str,
    operation: &str,
    process: &dyn Fn(Option<usize>) -> Reply,
) -> Reply {
    disturb_as(&Soap, app, organisation, operation, process)
}

/// Processes a request as the rules want it.
pub(crate) fn disturb_as(
    form: &dyn Form,
    app: &App,
    organisation: &str,
    operation: &str,
    process: &dyn Fn(Option<usize>) -> Reply,
) -> Reply {
    let Verdict { delay, effect } = app.control.judge(organisation, operation);
    let mut reply = match effect {
        None => process(None),
        Some(Effect::Fault(fault)) => form.fault(&fault).injected(fault.code()),
        Some(Effect::Status(status)) => form.status(status).injected(status.to_string()),
        Some(Effect::JsonFault(fault)) => {
            Reply::new(403, JSON, fault.to_json(), Outcome::Injected(fault.code()))
        }
        Some(Effect::FaultAfter(fault)) => {
            process(None);
            form.fault(&fault).injected(fault.code())
        }
        Some(Effect::Html(status)) => Reply::new(
            status,
            HTML,
            html(status),
            Outcome::Injected("html".to_owned()),
        ),
        Some(Effect::Raw {
            status,
            content_type,
            body,
        }) => Reply::new(
            status,
            &content_type,
            body,
            Outcome::Injected("raw".to_owned()),
        ),
        Some(Effect::CutBefore) => Reply::new(
            0,
            XML,
            Bytes::new(),
            Outcome::Injected("cut before".to_owned()),
        )
        .cut(Cut::BeforeAnswer),
        Some(Effect::CutAfter) => process(None).injected("cut after").cut(Cut::BeforeAnswer),
        Some(Effect::CutMidBody) => process(None).injected("cut mid body").cut(Cut::MidBody),
        Some(Effect::BrokenItem(at)) => process(Some(at)),
        Some(Effect::InsertInFront) => {
            let reply = process(None);
            app.platform.fleet.insert_in_front();
            reply
        }
        Some(Effect::RemoveFront) => {
            let reply = process(None);
            app.platform.fleet.remove_front();
            reply
        }
        // Delays are added up by the rules; a zero delay is all that can be left.
        Some(Effect::Delay(_) | Effect::DelayBetween(..)) => process(None),
    };
    reply.delay = delay;
    reply
}

/// The platform itself.
fn process(app: &App, peer: &Peer, understood: &Understood, broken: Option<usize>) -> Reply {
    let Understood {
        service,
        operation,
        request,
    } = understood;
    if app.control.is_forbidden(&peer.organisation, operation) {
        return Reply::fault(&Fault::forbidden(operation));
    }
    let answer = match request {
        Err(fault) => Err(fault.clone()),
        Ok(request) => request.carry_out(&Context {
            platform: &app.platform,
            organisation: &peer.organisation,
            service,
            operation,
            broken,
            packing: app.control.packing(),
        }),
    };
    match answer {
        Ok(xml) => Reply::new(200, XML, xml, Outcome::Ok),
        Err(fault) => Reply::fault(&fault),
    }
}

/// Reads a request as the sandbox does: of the service whose namespace is in it.
#[cfg(test)]
pub(crate) fn read_for_tests(body: &[u8]) -> Result<impl std::fmt::Debug, Fault> {
    let text = String::from_utf8_lossy(body);
    let service = service::SERVICES.iter().find(|s| text.contains(s.types));
    let service = service.ok_or_else(Fault::unknown_operation)?;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        http::HeaderValue::from_static("text/xml"),
    );
    match envelope::understand(service, &headers, body) {
        Ok(understood) => understood.request,
        Err(NotUnderstood::Fault(fault)) => Err(fault),
        Err(NotUnderstood::Http(status)) => Err(Fault::server_error(status.as_str())),
    }
}
