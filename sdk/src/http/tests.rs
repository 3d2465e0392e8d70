#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use mno_runtime::facts::{OperationFacts, Protocol};

use super::*;

static ECHO: OperationFacts = OperationFacts::new("kite", "echo", Protocol::soap11("urn:echo"));

#[tokio::test]
async fn a_call_cannot_name_another_server() {
    let transport = HttpsTransport::builder("https://localhost:1")
        .build()
        .unwrap();
    for uri in [
        "https://elsewhere.example/services",
        "elsewhere.example:443",
        "*",
    ] {
        let request = http::Request::post(uri).body(Bytes::new()).unwrap();
        let error = transport.send(Call::new(&ECHO, request)).await.unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Request);
        assert_eq!(error.delivery, Delivery::NotSent);
    }
}
