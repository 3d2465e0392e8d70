//! The HTTPS transport against servers on this machine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{Leaf, OK, Pki, Server, serve};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{OperationFacts, Protocol};
use mno_sdk::runtime::http::{Method, Request};
use mno_sdk::runtime::transport::{
    Call, Delivery, Response, Transport as _, TransportError, TransportErrorKind as Kind,
};
use mno_sdk::{ErrorKind, HttpsTransport, Identity, Kite, KiteBuilder, RateLimits};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

static WRITE: OperationFacts = OperationFacts::new(
    "kite",
    "modifySubscription",
    Protocol::soap11("urn:modifySubscription"),
);

const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// One authority for the server and one for its clients, as it is with Kite.
struct World {
    servers: Pki,
    clients: Pki,
    client: Leaf,
}

impl World {
    fn new() -> Self {
        let clients = Pki::new("clients");
        let client = clients.client("Example Ltd");
        Self {
            servers: Pki::new("servers"),
            clients,
            client,
        }
    }

    fn server(&self, version: &'static SupportedProtocolVersion) -> Server<'_> {
        Server {
            version,
            pki: &self.servers,
            names: &["localhost"],
            clients: Some(&self.clients),
            answer: OK,
            alpn: b"http/1.1",
        }
    }

    fn identity(&self) -> Identity {
        Identity::from_pem(self.clients.pem(&self.client).as_bytes()).unwrap()
    }

    fn kite(&self, url: String) -> KiteBuilder {
        Kite::builder()
            .base_url(url)
            .identity(self.identity())
            .extra_root_pem(self.servers.root.pem())
            .rate_limits(RateLimits::unlimited())
    }
}

fn call() -> Call {
    let request = Request::post("/services/SOAP/x")
        .body(Bytes::from_static(b"<x/>"))
        .unwrap();
    Call::new(&WRITE, request)
}

async fn send(kite: KiteBuilder) -> Result<Response, TransportError> {
    kite.build().unwrap().transport().send(call()).await
}

async fn fails(kite: KiteBuilder) -> TransportError {
    let error = send(kite).await.unwrap_err();
    println!("{:?}/{:?}: {error}", error.kind, error.delivery);
    error
}

#[track_caller]
fn assert_not_sent(error: &TransportError, kind: Kind, words: &[&str]) {
    assert_eq!(
        (error.kind, error.delivery),
        (kind, Delivery::NotSent),
        "{error}"
    );
    for word in words {
        assert!(
            error.message.contains(word),
            "{word:?} is missing in: {error}"
        );
    }
}

#[tokio::test]
async fn a_client_with_its_certificate_is_served() {
    let world = World::new();
    for version in BOTH {
        let url = world.server(version).start().await;
        let response = send(world.kite(url)).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.into_body().collect(100).await.unwrap(), "<ok/>");
    }
}

#[tokio::test]
async fn an_intermediate_alone_is_enough_of_a_root() {
    let world = World::new();
    for only_extra in [false, true] {
        for version in BOTH {
            let url = world.server(version).start().await;
            let kite = Kite::builder()
                .base_url(url)
                .identity(world.identity())
                .extra_root_der(world.servers.intermediate.der().to_vec())
                .only_extra_roots(only_extra)
                .rate_limits(RateLimits::unlimited());
            assert_eq!(send(kite).await.unwrap().status(), 200);
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted() {
    let world = World::new();
    let others = Pki::new("others");
    for version in BOTH {
        let url = world.server(version).start().await;
        let kite = || {
            Kite::builder()
                .base_url(url.clone())
                .identity(world.identity())
        };
        for kite in [
            kite().extra_root_pem(others.root.pem()),
            kite()
                .extra_root_pem(others.root.pem())
                .only_extra_roots(true),
        ] {
            let error = fails(kite).await;
            assert_not_sent(
                &error,
                Kind::Tls,
                &["not trusted", "extra_root_pem", "localhost:"],
            );
        }
    }
}

#[tokio::test]
async fn a_server_with_another_name() {
    let world = World::new();
    let server = Server {
        names: &["kite.example"],
        ..world.server(&TLS13)
    };
    let error = fails(world.kite(server.start().await)).await;
    assert_not_sent(&error, Kind::Tls, &["another name", "base URL"]);
}

#[tokio::test]
async fn a_client_of_another_authority() {
    let world = World::new();
    let strangers = Pki::new("strangers");
    let stranger = strangers.client("Example Ltd");
    for version in BOTH {
        let url = world.server(version).start().await;
        let identity = Identity::from_pem(strangers.pem(&stranger).as_bytes()).unwrap();
        let error = fails(world.kite(url).identity(identity)).await;
        assert_not_sent(
            &error,
            Kind::Tls,
            &[
                "refuses the client certificate",
                "UnknownCA",
                "does not know its issuer",
            ],
        );
    }
}

#[tokio::test]
async fn a_client_without_a_certificate() {
    let world = World::new();
    for (version, alpn) in [(&TLS12, "http/1.1"), (&TLS13, "http/1.1"), (&TLS13, "h2")] {
        let server = Server {
            alpn: alpn.as_bytes(),
            ..world.server(version)
        };
        let transport = HttpsTransport::builder(server.start().await)
            .extra_root_pem(world.servers.root.pem())
            .build()
            .unwrap();
        let error = transport.send(call()).await.unwrap_err();
        println!("{version:?} {alpn}: {error}");
        assert_not_sent(
            &error,
            Kind::Tls,
            &[
                "asks for a client certificate and none is configured",
                "identity(…)",
            ],
        );
    }
}

/// Over HTTP/2 the alert comes as text only.
#[tokio::test]
async fn a_client_of_another_authority_over_http2() {
    let world = World::new();
    let strangers = Pki::new("strangers");
    let stranger = strangers.client("Example Ltd");
    let url = Server {
        alpn: b"h2",
        ..world.server(&TLS13)
    }
    .start()
    .await;
    let identity = Identity::from_pem(strangers.pem(&stranger).as_bytes()).unwrap();
    let error = fails(world.kite(url).identity(identity)).await;
    assert_not_sent(
        &error,
        Kind::Tls,
        &["refuses the client certificate", "UnknownCA"],
    );
}

#[tokio::test]
async fn an_expired_client() {
    let world = World::new();
    let expired = world.clients.client_until("Example Ltd", 2001);
    for version in BOTH {
        let url = world.server(version).start().await;
        let identity = Identity::from_pem(world.clients.pem(&expired).as_bytes()).unwrap();
        assert!(identity.is_expired());
        let error = fails(world.kite(url).identity(identity)).await;
        assert_not_sent(
            &error,
            Kind::Tls,
            &["has expired", "issue a new one in the portal"],
        );
    }
}

#[tokio::test]
async fn a_server_that_closes_during_the_handshake() {
    let url = serve(|mut socket| async move {
        let mut hello = [0; 4096];
        let _ = socket.read(&mut hello).await;
    })
    .await;
    let error = fails(World::new().kite(url)).await;
    assert_not_sent(
        &error,
        Kind::Tls,
        &[
            "closed the connection during the TLS handshake",
            "still active in the portal",
        ],
    );
}

#[tokio::test]
async fn a_server_without_tls() {
    let url = serve(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let mut hello = [0; 4096];
        let _ = socket.read(&mut hello).await;
    })
    .await;
    let error = fails(World::new().kite(url)).await;
    assert_not_sent(&error, Kind::Tls, &["does not speak TLS on this port"]);
}

#[tokio::test]
async fn a_handshake_that_never_ends() {
    let url = serve(|socket| async move {
        let _open = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let kite = World::new()
        .kite(url)
        .connect_timeout(Duration::from_millis(50));
    let error = fails(kite).await;
    assert_not_sent(
        &error,
        Kind::Connect,
        &["no connection", "within 50ms", "firewalls"],
    );
}

#[tokio::test]
async fn nobody_listens() {
    // Bound and dropped: nothing else gets the port so soon.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = fails(World::new().kite(url)).await;
    assert_not_sent(
        &error,
        Kind::Connect,
        &["Connection refused", "check the base URL"],
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let kite = World::new().kite("https://kite.invalid:8010".to_owned());
    // Some resolvers take their time to say no.
    let error = fails(kite.connect_timeout(Duration::from_secs(60))).await;
    assert_not_sent(
        &error,
        Kind::Connect,
        &["cannot be resolved", "kite.invalid:8010"],
    );
}

#[tokio::test]
async fn a_connection_torn_after_the_request() {
    let world = World::new();
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\nconte"] {
        let url = Server {
            answer,
            ..world.server(&TLS13)
        }
        .start()
        .await;
        let error = fails(world.kite(url)).await;
        assert_eq!(
            (error.kind, error.delivery),
            (Kind::Interrupted, Delivery::Unknown)
        );
        assert!(error.message.contains("before the answer came"), "{error}");
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<half";
    let url = Server {
        answer,
        ..world.server(&TLS13)
    }
    .start()
    .await;
    let body = send(world.kite(url)).await.unwrap().into_body();
    let error = body.collect(1000).await.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery),
        (Kind::Interrupted, Delivery::Unknown)
    );
    assert!(error.message.contains("broke off in its middle"), "{error}");
}

#[test]
fn wrong_settings_are_refused_before_anything_is_sent() {
    let world = World::new();
    for (url, words) in [
        ("http://localhost:1", "does not begin with https://"),
        ("http://127.0.0.1:1", "does not begin with https://"),
        (
            "kiteplatform-api.telefonica.com",
            "does not begin with https://",
        ),
        ("/services", "names no host"),
        ("https://me:secret@host", "holds a user name"),
        ("https://host/?a=b", "query"),
        ("https://ho st", "cannot be parsed"),
    ] {
        let kite = world.kite(url.to_owned());
        assert!(!format!("{kite:?}").contains("secret"));
        let error = kite.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = error.to_string();
        assert!(
            text.contains(words) && text.contains("https://host:8010"),
            "{text}"
        );
        assert!(!text.contains("secret"));
    }
    let kite = || Kite::builder().identity(world.identity());
    for (kite, words) in [
        (kite().only_extra_roots(true), "nothing would be trusted"),
        (kite().extra_root_pem("hello"), "BEGIN CERTIFICATE"),
        (
            kite().extra_root_der(b"hello".to_vec()),
            "an extra root cannot be read",
        ),
    ] {
        let error = kite.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// Runs tests of this file with another environment, which cannot be changed in this process.
fn with_environment(variables: &[(&str, &str)], tests: &[&str]) {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(tests)
        .arg("--exact")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains(&format!("{} passed", tests.len())), "{text}");
}

/// Where no certificates are.
const NOWHERE: &str = "/nonexistent";

#[test]
fn a_machine_without_roots_works_with_extra_ones() {
    with_environment(
        &[("SSL_CERT_FILE", NOWHERE), ("SSL_CERT_DIR", NOWHERE)],
        &[
            "a_client_with_its_certificate_is_served",
            "an_intermediate_alone_is_enough_of_a_root",
            "in_an_environment_without_roots",
        ],
    );
}

#[test]
fn in_an_environment_without_roots() {
    if std::env::var("SSL_CERT_FILE").as_deref() != Ok(NOWHERE) {
        println!("skipped: a_machine_without_roots_works_with_extra_ones runs it");
        return;
    }
    let error = Kite::builder()
        .identity(World::new().identity())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = error.to_string();
    assert!(
        text.contains("ca-certificates") && text.contains("extra_root_pem"),
        "{text}"
    );
}

#[test]
fn a_server_on_this_machine_is_not_asked_for_through_a_proxy() {
    with_environment(
        &[
            ("HTTPS_PROXY", "http://127.0.0.1:9"),
            ("ALL_PROXY", "http://127.0.0.1:9"),
        ],
        &["a_client_with_its_certificate_is_served"],
    );
}

/// The same with another implementation on the other side, whose alerts differ.
#[tokio::test]
async fn openssl_refuses_clients() {
    let world = World::new();
    let strangers = Pki::new("strangers");
    let stranger = Identity::from_pem(strangers.pem(&strangers.client("X")).as_bytes()).unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let Some(server) = OpensslServer::start(&world, version) else {
            println!("skipped: no openssl on this machine");
            return;
        };
        // It answers nothing but GET.
        let mut get = call();
        *get.request.method_mut() = Method::GET;
        let kite = world.kite(server.url.clone()).build().unwrap();
        assert_eq!(kite.transport().send(get).await.unwrap().status(), 200);

        let error = fails(world.kite(server.url.clone()).identity(stranger.clone())).await;
        assert_not_sent(
            &error,
            Kind::Tls,
            &["refuses the client certificate", "UnknownCA"],
        );

        let transport = HttpsTransport::builder(server.url.clone())
            .extra_root_pem(world.servers.root.pem())
            .build()
            .unwrap();
        let error = transport.send(call()).await.unwrap_err();
        println!("{version}: {error}");
        assert_not_sent(&error, Kind::Tls, &["asks for a client certificate"]);
    }
}

struct OpensslServer {
    url: String,
    process: std::process::Child,
    /// Closed, it would end the process.
    _output: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    _dir: tempfile::TempDir,
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl OpensslServer {
    fn start(world: &World, version: &str) -> Option<Self> {
        use std::io::{BufRead as _, BufReader};
        use std::process::{Command, Stdio};

        let dir = tempfile::tempdir().unwrap();
        let leaf = world.servers.server(&["localhost"]);
        for (name, text) in [
            ("server.key", leaf.key.serialize_pem()),
            ("server.crt", leaf.certificate.pem()),
            ("chain.crt", world.servers.intermediate.pem()),
            ("clients.crt", world.clients.root.pem()),
        ] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let mut process = Command::new("openssl")
            .args(["s_server", "-www", version, "-accept", &port.to_string()])
            .args([
                "-cert",
                "server.crt",
                "-key",
                "server.key",
                "-cert_chain",
                "chain.crt",
            ])
            .args([
                "-CAfile",
                "clients.crt",
                "-Verify",
                "3",
                "-verify_return_error",
            ])
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.starts_with("ACCEPT"));
        let url = format!("https://localhost:{port}");
        let server = Self {
            url,
            process,
            _output: lines,
            _dir: dir,
        };
        ready.then_some(server)
    }
}
