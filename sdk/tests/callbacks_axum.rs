//! Receivers as routers of axum's, behind an HTTP server and a connection in memory.
#![cfg(feature = "callbacks-axum")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use axum::Router;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use mno_sdk::callbacks::{Guard, Options, bsc, masstack};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::sleep;

const SECRET: &str = "made-up-secret-0001";
const REPORT: &str = r#"{"id": "3001", "status": {"status": "DELIVERED", "id": "4"}}"#;

/// A connection to this application.
fn connect(app: &Router) -> DuplexStream {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let service = TowerToHyperService::new(app.clone());
    tokio::spawn(async move {
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(server), service)
            .await;
    });
    client
}

fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: hooks.example\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The answer to a request.
async fn send(app: &Router, text: String) -> String {
    let mut connection = connect(app);
    let _ = connection.write_all(text.as_bytes()).await;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(start_paused = true)]
async fn a_router_under_a_prefix() {
    let options = || Options::default().with_max_body(1_000);
    let (bsc, mut reports) = bsc::Receiver::new(Guard::path(SECRET).unwrap(), options());
    let (masstack, mut results) = masstack::Receiver::new(Guard::path(SECRET).unwrap(), options());
    let app = Router::new()
        .nest("/bsc", bsc.router())
        .nest("/masstack", masstack.router());

    let path = format!("/bsc/{SECRET}");
    let sent = tokio::spawn({
        let (app, request) = (app.clone(), request("PATCH", &path, REPORT));
        async move { send(&app, request).await }
    });
    sleep(Duration::from_secs(1)).await;
    assert!(!sent.is_finished());
    let bsc::Event::DeliveryReport(report) = reports.recv().await.unwrap() else {
        panic!("a report");
    };
    assert_eq!(report.id, "3001");
    assert!(sent.await.unwrap().starts_with("HTTP/1.1 200 OK\r\n"));

    let (_, error) = masstack::urls("/masstack", Some(SECRET));
    let sent = tokio::spawn({
        let (app, request) = (app.clone(), request("POST", &error, "{}"));
        async move { send(&app, request).await }
    });
    assert!(matches!(
        results.recv().await,
        Some(masstack::Event::Failure(_))
    ));
    assert!(sent.await.unwrap().starts_with("HTTP/1.1 200 OK\r\n"));

    let long = format!("\"{}\"", "x".repeat(1_000));
    for (method, path, body, status) in [
        ("POST", "/bsc", "{}", "404"),
        ("POST", "/bsc/", "{}", "404"),
        ("POST", "/bsc/made-up-secret-0002", "{}", "404"),
        ("GET", &path, "", "405"),
        ("POST", &path, "{", "400"),
        ("POST", &path, &long, "413"),
        // Nobody takes it.
        ("PATCH", &path, &REPORT.replace("3001", "3002"), "503"),
    ] {
        let answer = send(&app, request(method, path, body)).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{method} {path}: {answer}"
        );
        assert_eq!(
            status == "405",
            answer.contains("allow: POST, PATCH\r\n"),
            "{answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_without_the_secret_does_not_get_to_send_its_body() {
    let (bsc, _events) = bsc::Receiver::new(Guard::path(SECRET).unwrap(), Options::default());
    let app = Router::new().nest("/bsc", bsc.router());
    let mut connection = connect(&app);
    let head = "POST /bsc/x HTTP/1.1\r\nhost: hooks.example\r\ncontent-length: 1000000\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 404");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_hangs_up_takes_its_event_back() {
    let (bsc, mut events) = bsc::Receiver::new(Guard::path(SECRET).unwrap(), Options::default());
    let app = Router::new().nest("/bsc", bsc.router());
    let mut connection = connect(&app);
    let text = request("PATCH", &format!("/bsc/{SECRET}"), REPORT);
    connection.write_all(text.as_bytes()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    drop(connection);
    sleep(Duration::from_millis(1)).await;
    let waited = tokio::time::timeout(Duration::from_secs(1), events.recv());
    assert!(waited.await.is_err());
}
