//! Kite's REST calls: the same platform and the same budgets as over SOAP, in JSON.
//!
//! Which REST services there are is in the vendor's documents, and what is here are those that have
//! an OpenAPI document in this project.

mod echo;
mod inventory;
mod reports;
mod service_packs;

use std::time::SystemTime;

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::call::{Parameters, match_path};
use super::{Answer, Arrived, Call, Problem, Shape, finish, page};
use crate::fault::Fault;
use crate::fleet::SimId;
use crate::journal::{Entry, Outcome};
use crate::lock;
use crate::platform::{Packing, Platform};
use crate::soap::{App, Form, Reply, disturb_as, html};

/// What all paths begin with.
const BASE: &str = "/services/REST/GlobalM2M/";
/// Release of the platform, which the paths have after the version.
const RELEASE: &str = "r12";

/// Every service.
const SERVICES: [Service; 4] = [echo::V1, inventory::V13, reports::V1, service_packs::V2];

/// A version of a REST service.
pub(crate) struct Service {
    /// Segment of the URL.
    pub(crate) segment: &'static str,
    /// Version, as in the URL.
    pub(crate) version: &'static str,
    pub(crate) routes: &'static [Route],
}

/// An operation.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// Path behind the release, with parameters in braces.
    pub(crate) path: &'static str,
    /// Its name, as over SOAP if it is there too.
    pub(crate) operation: &'static str,
    /// Names that its query may have.
    query: &'static [&'static str],
    carry_out: fn(&Context<'_>) -> Result<Answer, Fault>,
}

/// What a call meets.
struct Context<'a> {
    platform: &'a Platform,
    /// Who calls.
    organisation: &'a str,
    /// What becomes of files that are linked to now.
    packing: Packing,
    /// Path of the request.
    path: &'a str,
    call: Call<'a>,
}

impl Context<'_> {
    /// A body that has this form.
    fn body(&self, shape: &Shape) -> Result<Value, Fault> {
        if self.call.media_type() != "application/json" {
            return Err(Fault::invalid_value("the Content-Type is not JSON"));
        }
        let body = serde_json::from_slice(self.call.body).map_err(|_| Fault::not_well_formed())?;
        shape.check(&body).map_err(|problem| faulty(&problem))?;
        Ok(body)
    }

    /// A number in the query.
    fn number(&self, name: &str) -> Result<Option<i64>, Fault> {
        let text = self.call.query(name);
        let read = |text: &str| {
            let value = text.trim().parse().ok();
            value.ok_or_else(|| Fault::invalid_value(format!("{name} {text}")))
        };
        text.map(read).transpose()
    }

    /// The SIM in the path.
    fn sim_id(&self) -> SimId {
        sim_id(self.call.path("simId"))
    }
}

/// What is wrong with a body.
fn faulty(problem: &Problem) -> Fault {
    match problem {
        Problem::Missing(path) => Fault::missing(path),
        Problem::Unknown(path) => Fault::unknown_parameter(path),
        Problem::Wrong(..) => Fault::invalid_value(problem),
    }
}

/// `icc:…`, `imsi:…`, `tel:…`, or a subscription's id.
fn sim_id(text: &str) -> SimId {
    match text.split_once(':') {
        Some(("icc", value)) => SimId::Icc(value.to_owned()),
        Some(("imsi", value)) => SimId::Imsi(value.to_owned()),
        Some(("tel", value)) => SimId::Msisdn(value.to_owned()),
        _ => SimId::SubscriptionId(text.to_owned()),
    }
}

/// Answers a call to one of the services: who may, how often, what a test wants, and only then the
/// platform itself.
pub(crate) fn handle(app: &App, organisation: &str, arrived: &Arrived<'_>) -> Reply {
    let (service, found) = find(arrived.path, arrived.method);
    let (route, parameters) = match found {
        Ok((route, parameters)) => (Ok(route), parameters),
        Err(refused) => (Err(refused), Vec::new()),
    };
    let call = Call::new(organisation.to_owned(), parameters, arrived);
    let operation = route.as_ref().map_or("", |route| route.operation);
    let (segment, version) = service.map_or((arrived.path, ""), |s| (s.segment, s.version));
    let entry = Entry {
        organisation: organisation.to_owned(),
        client_certificate: true,
        operation: operation.to_owned(),
        sim: call.parameter("simId").map(sim_id),
        ..arrived.entry(segment, version)
    };
    let denied = app.control.is_denied(organisation, arrived.from.ip());
    let budget = if operation.is_empty() { "?" } else { operation };
    let (admitted, sequence) = {
        let _gate = lock(&app.gate);
        let arrival = Instant::now().into_std();
        let entry = Entry {
            arrival,
            wall: SystemTime::now(),
            ..entry
        };
        let admitted = denied || app.limits.admit(organisation, budget, arrival);
        (admitted, app.journal.begin(entry, arrived.body))
    };
    let reply = if denied {
        refused(&Fault::ip_denied(arrived.from.ip()))
    } else if !admitted {
        refused(&Fault::rate_limited())
    } else {
        match route {
            Err(refused) => refused.into(),
            Ok(_) if app.control.is_maintenance() => {
                refused(&Fault::maintenance()).injected("SVR 1006")
            }
            Ok(route) => {
                let cx = Context {
                    platform: &app.platform,
                    organisation,
                    packing: app.control.packing(),
                    path: arrived.path,
                    call,
                };
                disturb_as(&Json, app, organisation, operation, &|_| {
                    if app.control.is_forbidden(organisation, operation) {
                        return refused(&Fault::forbidden(operation));
                    }
                    match cx.call.unknown_query(route.query) {
                        Some(name) => refused(&Fault::unknown_parameter(name)),
                        None => match (route.carry_out)(&cx) {
                            Ok(answer) if app.control.is_json_loose() => loose(answer).into(),
                            Ok(answer) => answer.into(),
                            Err(fault) => refused(&fault),
                        },
                    }
                })
            }
        }
    };
    finish(app, sequence, &reply, arrived.body);
    reply
}

/// The service with this segment of the URL.
pub(crate) fn service(segment: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|s| s.segment == segment)
}

/// Finds the operation of a request, and the service if there is one.
fn find(path: &str, method: &Method) -> (Option<&'static Service>, Result<Found, Answer>) {
    let mut segments = path.strip_prefix(BASE).unwrap_or_default().splitn(4, '/');
    let mut next = || segments.next().unwrap_or_default();
    let (segment, version, release, rest) = (next(), next(), next(), next());
    let Some(service) = service(segment).filter(|_| release == RELEASE) else {
        return (None, Err(page(404)));
    };
    if service.version != version {
        let retired = Fault::retired_version(service.version);
        return (Some(service), Err(json(400, &retired)));
    }
    let mut allow = Vec::new();
    for route in service.routes {
        if let Some(parameters) = match_path(route.path, rest) {
            if route.method == method.as_str() {
                return (Some(service), Ok((route, parameters)));
            }
            allow.push(route.method);
        }
    }
    let fault = Fault::unknown_operation();
    let refused = match allow.is_empty() {
        true => json(404, &fault),
        false => json(405, &fault).with("allow", allow.join(", ")),
    };
    (Some(service), Err(refused))
}

type Found = (&'static Route, Parameters);

/// A fault with this HTTP status.
fn json(status: u16, fault: &Fault) -> Answer {
    Answer::of(status, "application/json", fault.to_json()).refused(fault.code())
}

/// A refusal with the HTTP status that belongs to it. That of `POL 1005` is not documented; here it
/// is the one that SOAP has.
fn refused(fault: &Fault) -> Reply {
    let code = fault.code();
    let status = match code.as_str() {
        "SVC 1005" | "SVC 1006" => 404,
        "SVC 1009" | "SVC 1013" => 403,
        "POL 1005" => 500,
        "SVR 1003" => 501,
        "SVR 1006" => 503,
        _ if code.starts_with("POL") => 403,
        _ if code.starts_with("SEC") => 401,
        _ if code.starts_with("SVR") => 500,
        _ => 400,
    };
    json(status, fault).into()
}

/// The same answer in loosely typed JSON.
fn loose(answer: Answer) -> Answer {
    fn loosen(name: &str, value: &mut Value) {
        match value {
            Value::Bool(_) | Value::Number(_) => *value = Value::String(value.to_string()),
            Value::String(text) if name == "id" => {
                if let Ok(number) = text.parse::<u64>() {
                    *value = number.into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| loosen("", item)),
            Value::Object(object) => object.iter_mut().for_each(|(n, v)| loosen(n, v)),
            _ => {}
        }
    }
    match serde_json::from_slice(&answer.body) {
        Ok(mut body) => {
            loosen("", &mut body);
            Answer {
                body: body.to_string().into(),
                ..answer
            }
        }
        Err(_) => answer,
    }
}

/// Refusals in JSON.
struct Json;

impl Form for Json {
    fn fault(&self, fault: &Fault) -> Reply {
        refused(fault)
    }

    fn status(&self, status: u16) -> Reply {
        Reply::new(status, "text/html", html(status), Outcome::Http)
    }
}
