//! Downloads of reports: no SOAP, no client certificate, just a token in the path.

use std::net::SocketAddr;
use std::time::SystemTime;

use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::time::Instant;

use super::{App, HTML, JSON, Reply, disturb, html};
use crate::fault::Fault;
use crate::journal::{DOWNLOAD, Entry, Outcome};
use crate::lock;
use crate::platform::Given;

/// What is answered to a token that is spent or was never there, as the guide prints it.
const SPENT: &str = r#"{"message":"Token does not exist or has expired","error":400}"#;

/// Answers a request to the download listener; `token` is `None` on any other path.
pub(crate) fn handle(
    app: &App,
    address: SocketAddr,
    client_certificate: bool,
    tls: bool,
    method: &Method,
    path: &str,
    token: Option<&str>,
) -> Reply {
    let sequence = {
        let _gate = lock(&app.gate);
        let entry = Entry {
            sequence: 0,
            arrival: Instant::now().into_std(),
            wall: SystemTime::now(),
            organisation: String::new(),
            client_certificate,
            peer: address,
            service: if token.is_some() { DOWNLOAD } else { path }.to_owned(),
            version: String::new(),
            operation: DOWNLOAD.to_owned(),
            soap_action: None,
            content_type: None,
            sim: None,
            status: 0,
            outcome: Outcome::Pending,
            body: None,
        };
        app.journal.begin(entry, &Bytes::new())
    };
    let reply = match token {
        None => Reply::http(StatusCode::NOT_FOUND),
        // A HEAD must not use the token up.
        Some(_) if method != Method::GET => Reply::http(StatusCode::METHOD_NOT_ALLOWED),
        Some(_) if app.control.is_maintenance() => {
            Reply::new(503, JSON, Fault::maintenance().to_json(), Outcome::Http)
                .injected("SVR 1006")
        }
        Some(token) => disturb(app, "", DOWNLOAD, &|_| file(app, token, tls)),
    };
    let (status, outcome) = (reply.status, reply.outcome.clone());
    app.journal.finish(sequence, status, outcome, &Bytes::new());
    reply
}

fn file(app: &App, token: &str, tls: bool) -> Reply {
    match app.platform.download(token, tls) {
        Some(Given::File(Ok(file))) => Reply::new(200, file.content_type, file.body, Outcome::Ok),
        Some(Given::File(Err(_))) => Reply::new(500, HTML, html(500), Outcome::Http),
        Some(Given::Elsewhere(location)) => {
            let mut reply = Reply::http(StatusCode::FOUND);
            reply.location = Some(location);
            reply
        }
        None => Reply::new(400, JSON, SPENT, Outcome::Http),
    }
}
