//! An HTTP server of a customer's, for platforms to call.

use anyhow::Result;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

/// Serves a receiver's routes on this machine, until the program ends; gives the URL.
pub(crate) async fn serve(router: Router) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                let server = http1::Builder::new();
                // A connection that breaks is the platform's to repeat.
                let _ = server.serve_connection(TokioIo::new(tcp), service).await;
            });
        }
    });
    Ok(url)
}
