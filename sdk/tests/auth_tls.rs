//! Access tokens over HTTPS, from servers on this machine; a service account's assertion.
#![cfg(all(
    feature = "kpn-msm-v11",
    feature = "telekom-bsc-v1",
    feature = "masstack-partners-v3"
))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::convert::Infallible;
use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use common::{Pki, serve};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mno_sdk::auth::{ClientCredentials, ServiceAccount};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{OperationFacts, Protocol};
use mno_sdk::runtime::http::{HeaderMap, Request, Response, header};
use mno_sdk::runtime::json::Value;
use mno_sdk::runtime::transport::{Call, Transport as _, TransportErrorKind};
use mno_sdk::runtime::values::{Base64, Lexical as _};
use mno_sdk::{Kpn, MasStack, TelekomBsc};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

static WRITE: OperationFacts =
    OperationFacts::new("kpn", "moveContract", Protocol::rest("POST", "/order/move"));

const TOKEN: &str = r#"{"access_token": "made-up-token", "expires_in": 3600}"#;

/// A request as a server saw it.
struct Seen {
    target: String,
    headers: HeaderMap,
    body: String,
}

/// A server that answers everything in one way, and what it has seen.
#[derive(Clone)]
struct Server {
    status: u16,
    answer: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    fn new(status: u16, answer: &'static str) -> Self {
        Self {
            status,
            answer,
            seen: Arc::default(),
        }
    }

    /// Starts it; gives its base URL.
    async fn start(&self, pki: &Pki) -> String {
        let leaf = pki.server(&["localhost"]);
        let chain = vec![
            leaf.certificate.der().clone(),
            pki.intermediate.der().clone(),
        ];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server = self.clone();
        serve(move |socket| {
            let (server, acceptor) = (server.clone(), acceptor.clone());
            async move {
                let Ok(stream) = acceptor.accept(socket).await else {
                    return;
                };
                let service = service_fn(move |request| {
                    let server = server.clone();
                    async move { Ok::<_, Infallible>(server.answer(request).await) }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            }
        })
        .await
    }

    async fn answer(&self, request: hyper::Request<Incoming>) -> Response<String> {
        let (parts, mut incoming) = request.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
            body.extend_from_slice(frame.unwrap().data_ref().unwrap());
        }
        self.seen.lock().unwrap().push(Seen {
            target: parts.uri.to_string(),
            headers: parts.headers,
            body: String::from_utf8(body).unwrap(),
        });
        let response = Response::builder().status(self.status);
        response.body(self.answer.to_owned()).unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn call() -> Call {
    let request = Request::post("/order/move").body(Bytes::from_static(b"{}"));
    Call::new(&WRITE, request.unwrap())
}

fn credentials() -> ClientCredentials {
    ClientCredentials::new("made-up-client", "made-up-secret")
}

#[tokio::test]
async fn tokens_of_the_platform_itself_and_of_another_host() {
    let pki = Pki::new("servers");
    let platform = Server::new(200, TOKEN);
    let url = platform.start(&pki).await;
    let kpn = Kpn::builder()
        .credentials(credentials())
        .base_url(url.clone())
        .extra_root_pem(pki.root.pem());
    let response = kpn.build().unwrap().transport().send(call()).await;
    assert_eq!(response.unwrap().status(), 200);
    let [asked, called] = &platform.seen()[..] else {
        panic!("two requests");
    };
    assert_eq!(
        asked.target,
        "/oauth/grip/msm/accesstoken?grant_type=client_credentials"
    );
    assert_eq!(
        asked.body,
        "client_id=made-up-client&client_secret=made-up-secret"
    );
    assert_eq!(called.target, "/order/move");
    assert_eq!(
        called.headers[header::AUTHORIZATION],
        "Bearer made-up-token"
    );

    let tokens = Server::new(200, TOKEN);
    let bsc = TelekomBsc::builder()
        .credentials(credentials())
        .base_url(format!("{url}/behind/a/gateway"))
        .token_url(format!("{}/other/token", tokens.start(&pki).await))
        .extra_root_pem(pki.root.pem())
        .build()
        .unwrap();
    bsc.transport().send(call()).await.unwrap();
    let (asked, called) = (&tokens.seen()[0], &platform.seen()[0]);
    assert_eq!(asked.target, "/other/token");
    assert!(
        asked.headers[header::AUTHORIZATION]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
    assert_eq!(called.target, "/behind/a/gateway/order/move");
    assert_eq!(
        called.headers[header::AUTHORIZATION],
        "Bearer made-up-token"
    );
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_trusted_sees_no_secret() {
    let pki = Pki::new("servers");
    let stranger = Server::new(200, TOKEN);
    let kpn = Kpn::builder()
        .credentials(credentials())
        .base_url("https://localhost:1")
        .token_url(stranger.start(&Pki::new("strangers")).await)
        .extra_root_pem(pki.root.pem())
        .build()
        .unwrap();
    let error = kpn.transport().send(call()).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Tls);
    assert!(
        error.message.contains("not trusted") && error.message.contains("token endpoint"),
        "{error}"
    );
    assert!(stranger.seen().is_empty());
}

/// Runs openssl; `None` where there is none.
fn openssl(dir: &Path, args: &str) -> Option<String> {
    let output = Command::new("openssl")
        .args(args.split(' '))
        .current_dir(dir)
        .output()
        .ok()?;
    assert!(output.status.success(), "openssl {args}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A service account's file, as the operator hands it out.
fn file(key: &str, token_uri: &str) -> String {
    let key = key.replace('\n', "\\n");
    format!(
        r#"{{
            "type": "service_account",
            "project_id": "made-up-project",
            "private_key_id": "made-up-key",
            "private_key": "{key}",
            "client_email": "partner@accounts.example",
            "client_id": "1001",
            "auth_uri": "https://authn.example/auth",
            "token_uri": "{token_uri}"
        }}"#
    )
}

/// A part of a JSON web token.
fn part(text: &str) -> Vec<u8> {
    assert!(!text.contains(['+', '/', '=']), "{text}");
    let mut text = text.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    Base64::parse(&text).unwrap().0
}

#[tokio::test]
async fn a_service_account_signs_its_assertion() {
    let dir = tempfile::tempdir().unwrap();
    if openssl(dir.path(), "version").is_none() {
        println!("skipped: no openssl on this machine");
        return;
    }
    openssl(dir.path(), "genrsa -out rsa.key 2048");
    openssl(dir.path(), "rsa -in rsa.key -pubout -out rsa.pub");
    openssl(dir.path(), "rsa -in rsa.key -traditional -out rsa1.key");
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();

    let pki = Pki::new("servers");
    let (tokens, platform) = (Server::new(200, TOKEN), Server::new(202, ""));
    let token_uri = format!("{}/oauth/token", tokens.start(&pki).await);
    let url = platform.start(&pki).await;
    for (key, begins, scope) in [
        ("rsa.key", "-----BEGIN PRIVATE KEY", None),
        (
            "rsa1.key",
            "-----BEGIN RSA PRIVATE KEY",
            Some("barrings services"),
        ),
    ] {
        let key = read(key);
        assert!(key.starts_with(begins), "{key}");
        let mut account = ServiceAccount::from_json(file(&key, &token_uri).as_bytes()).unwrap();
        if let Some(scope) = scope {
            account = account.with_scope(scope);
        }
        let masstack = MasStack::builder()
            .credentials(account)
            .base_url(url.clone())
            .extra_root_pem(pki.root.pem())
            .build()
            .unwrap();
        let before = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let response = masstack.transport().send(call()).await.unwrap();
        assert_eq!(response.status(), 202);
        assert_eq!(
            platform.seen()[0].headers[header::AUTHORIZATION],
            "Bearer made-up-token"
        );

        let asked = tokens.seen().pop().unwrap();
        assert_eq!(asked.target, "/oauth/token");
        assert!(!asked.headers.contains_key(header::AUTHORIZATION));
        let assertion = asked
            .body
            .strip_prefix(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=",
            )
            .unwrap();
        let [header, claims, signature] = assertion.split('.').collect::<Vec<_>>()[..] else {
            panic!("three parts: {assertion}");
        };
        assert_eq!(
            part(header),
            br#"{"alg":"RS256","kid":"made-up-key","typ":"JWT"}"#
        );
        let claims_text = String::from_utf8(part(claims)).unwrap();
        let claims_value = Value::parse(&claims_text).unwrap();
        let text = |name: &str| claims_value.get(name).and_then(Value::as_str);
        let number = |name: &str| match claims_value.get(name) {
            Some(Value::Number(text)) => text.parse::<u64>().unwrap(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(text("iss"), Some("partner@accounts.example"));
        assert_eq!(text("aud"), Some(token_uri.as_str()));
        assert_eq!(text("scope"), scope);
        let (issued, ends) = (number("iat"), number("exp"));
        assert!((0..=5).contains(&(issued - before.unwrap().as_secs())));
        assert!(ends > issued && ends - issued <= 3_600);

        // Not by the library that signed.
        std::fs::write(dir.path().join("signed"), format!("{header}.{claims}")).unwrap();
        std::fs::write(dir.path().join("signature"), part(signature)).unwrap();
        let verified = openssl(
            dir.path(),
            "dgst -sha256 -verify rsa.pub -signature signature signed",
        );
        assert_eq!(verified.unwrap().trim(), "Verified OK");
    }

    // What is refused, and that it is not shown.
    let rsa = read("rsa.key");
    openssl(dir.path(), "genrsa -out small.key 1024");
    openssl(
        dir.path(),
        "ecparam -name prime256v1 -genkey -noout -out ec.key",
    );
    let good = file(&rsa, "https://authn.example/token");
    let refused = [
        ("not JSON".to_owned(), "not JSON"),
        ("[]".to_owned(), "not a JSON object"),
        (good.replace("private_key_id", "x"), "no private_key_id"),
        (good.replace("client_email", "x"), "no client_email"),
        (good.replace("\"private_key\"", "\"x\""), "no private_key"),
        (good.replace("token_uri", "x"), "no token_uri"),
        (good.replace("service_account", "user"), "another type"),
        (
            good.replace("https:", "http:"),
            "token_uri of the service account",
        ),
        (file("made up", "https://authn.example/"), "not PEM text"),
        (
            file(&read("small.key"), "https://authn.example/"),
            "2048 bits",
        ),
        (
            file(&read("ec.key"), "https://authn.example/"),
            "not an RSA key",
        ),
    ];
    for (file, words) in refused {
        let error = ServiceAccount::from_json(file.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
        let text = format!("{error:?}");
        assert!(
            !text.contains("PRIVATE") && !text.contains("partner@"),
            "{text}"
        );
    }
    let account = ServiceAccount::from_json(good.as_bytes()).unwrap();
    assert_eq!(
        format!("{account:?}"),
        "ServiceAccount { token_uri: \"https://authn.example/token\", .. }"
    );
}

#[tokio::test]
async fn a_refused_assertion_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    if openssl(dir.path(), "genrsa -out rsa.key 2048").is_none() {
        println!("skipped: no openssl on this machine");
        return;
    }
    let key = std::fs::read_to_string(dir.path().join("rsa.key")).unwrap();
    let pki = Pki::new("servers");
    let tokens = Server::new(
        400,
        r#"{"error":"invalid_grant","error_description":"partner@accounts.example is not active"}"#,
    );
    let token_uri = format!("{}/oauth/token", tokens.start(&pki).await);
    let masstack = MasStack::builder()
        .credentials(ServiceAccount::from_json(file(&key, &token_uri).as_bytes()).unwrap())
        .extra_root_pem(pki.root.pem())
        .build()
        .unwrap();
    let error = masstack.transport().send(call()).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Unauthenticated);
    let text = format!("{error} {error:?}");
    assert!(text.contains("invalid_grant: … is not active"), "{text}");
    assert!(text.contains("this machine's clock"), "{text}");
    assert!(!text.contains("partner@"), "{text}");
}
