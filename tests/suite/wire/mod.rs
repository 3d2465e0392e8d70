//! Messages written by hand (`tests/wire`), against the generated types.

mod calls;
mod commercial_groups;
mod customers;
mod diagnostics;
mod end_customers;
mod evidence;
pub(crate) mod faults;
mod inventories;
mod kite_rest;
mod modify;
mod prebill;
mod reencode;
mod reports;
mod requests;
mod responses;
mod rest;
mod service_packs;
mod simswap;
mod subscription;
mod supplementary_services;
pub(crate) mod tree;
mod users;
mod vouchers;

use std::future::Future;
use std::sync::{Arc, Mutex};

use mno_kite_inventory_v12::Client;
use mno_kite_inventory_v12::ns;
use mno_runtime::Error;
use mno_runtime::http::StatusCode;
use mno_runtime::soap::{Envelope, SoapOperation, decode_body, encode_envelope};
use mno_runtime::transport::{Body, Call, Response, Transport, TransportError};
use mno_runtime::xml::{Cursor, DecodeError, Document, Limits, Namespace, NamespaceTable};

/// The hand-written file under `tests/wire/kite`, as bytes.
pub(crate) fn message(name: &str) -> Vec<u8> {
    let path = format!("{}/wire/kite/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The same, as text.
pub(crate) fn message_text(name: &str) -> String {
    String::from_utf8(message(name)).expect("messages are UTF-8")
}

/// Reads an answer of the operation `O` from an envelope, without a client.
pub(crate) fn answer<O: SoapOperation>(body: &[u8]) -> Result<O::Response, DecodeError> {
    answer_with::<O>(body, &NamespaceTable::new(ns::TABLE))
}

/// The same with a namespace table of one's own.
pub(crate) fn answer_with<O: SoapOperation>(
    body: &[u8],
    table: &NamespaceTable,
) -> Result<O::Response, DecodeError> {
    let document = Document::new(body, None, Limits::default())?;
    let mut cursor = Cursor::new(&document, table);
    match decode_body(&mut cursor, O::decode_response, O::decode_fault)? {
        Envelope::Message(message) => Ok(message),
        _ => panic!("expected a message, got a fault"),
    }
}

/// The envelope that a request is sent in.
pub(crate) fn envelope<O: SoapOperation>(request: &O, table: &'static [Namespace]) -> String {
    let bytes = encode_envelope(request, &NamespaceTable::new(table)).expect("encodes");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A transport that gives one answer again and again, and keeps the calls.
#[derive(Clone)]
pub(crate) struct Recorder {
    calls: Arc<Mutex<Vec<Call>>>,
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Recorder {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            calls: Arc::default(),
            status: StatusCode::from_u16(status).expect("a status"),
            content_type,
            body: body.into(),
        }
    }

    /// An XML answer.
    pub(crate) fn xml(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "text/xml; charset=utf-8", body)
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("not poisoned").clone()
    }

    /// The only call.
    pub(crate) fn call(&self) -> Call {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "sent exactly once");
        calls.remove(0)
    }

    /// A closure transport, which is what users write in their tests.
    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        let this = self.clone();
        Arc::new(move |call: Call| {
            this.calls.lock().expect("not poisoned").push(call);
            let mut response = Response::new(Body::from(this.body.clone()));
            *response.status_mut() = this.status;
            if !this.content_type.is_empty() {
                let value = this.content_type.parse().expect("a header value");
                response.headers_mut().insert("content-type", value);
            }
            async move { Ok::<_, TransportError>(response) }
        })
    }

    /// A client of the inventory on it.
    pub(crate) fn inventory(&self) -> Client {
        Client::new(self.transport())
    }
}

/// An API of which every operation goes over the wire once: folder of its messages, path.
pub(crate) struct Wire(pub(crate) &'static str, pub(crate) &'static str);

impl Wire {
    /// One call: it must send what the hand wrote to `<request>.request.xml`, where and as what the
    /// contract says. Gives what it reads in the operation's hand-written answer.
    #[track_caller]
    pub(crate) fn exchange<A>(
        &self,
        request: &str,
        call: impl AsyncFnOnce(Arc<dyn Transport>) -> Result<A, Error>,
    ) -> A {
        let Self(folder, path) = self;
        let operation = request.split('.').next().expect("a name");
        let recorder = Recorder::xml(200, message(&format!("{folder}/{operation}.response.xml")));
        let answer = run(call(recorder.transport())).unwrap_or_else(|e| panic!("{request}: {e}"));
        let sent = recorder.call().request;
        assert_eq!(sent.uri().to_string(), *path);
        assert_eq!(sent.headers()["SOAPAction"], format!("\"urn:{operation}\""));
        let ours = String::from_utf8(sent.body().to_vec()).expect("UTF-8");
        let theirs = message_text(&format!("{folder}/{request}.request.xml"));
        tree::assert_same(&tree::body(&ours), &tree::body(&theirs));
        answer
    }
}

/// Runs a future that waits for nothing.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
        .block_on(future)
}
