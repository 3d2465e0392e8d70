//! A customer's HTTP server, for platforms to call.

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use mno_sdk::callbacks::{bsc, masstack};
use tokio::net::TcpListener;

/// Serves each connection with a router, and gives the server's URL.
macro_rules! serve {
    ($receiver:expr) => {{
        let router = $receiver.router();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(router.clone());
                tokio::spawn(async move {
                    let server = http1::Builder::new();
                    let _ = server.serve_connection(TokioIo::new(tcp), service).await;
                });
            }
        });
        url
    }};
}

/// Serves messages and delivery reports of Business Smart Connect.
pub(crate) async fn bsc(receiver: &bsc::Receiver) -> String {
    serve!(receiver)
}

/// Serves results of MasStack's orders.
pub(crate) async fn masstack(receiver: &masstack::Receiver) -> String {
    serve!(receiver)
}
