//! How long connections take to come about, for the jitter margin.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::policy::{Gate, WeakOrganisation};

/// Tells an organisation of a transport's connections; clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Handshakes(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// The one whose calls come first: a transport serves one organisation.
    organisation: OnceLock<WeakOrganisation>,
    has_connected: AtomicBool,
}

impl Handshakes {
    /// This organisation's calls go over the transport.
    pub(super) fn are_of(&self, gate: &Gate) {
        self.0.organisation.get_or_init(|| gate.organisation());
    }

    fn connected(&self, since: Instant) {
        // The first one looks up the name and the system's certificates, too.
        if !self.0.has_connected.swap(true, Ordering::Relaxed) {
            return;
        }
        let organisation = self.0.organisation.get();
        if let Some(organisation) = organisation.and_then(WeakOrganisation::upgrade) {
            organisation.connected(since.elapsed());
        }
    }
}

impl<S> Layer<S> for Handshakes {
    type Service = Timed<S>;

    fn layer(&self, connector: S) -> Timed<S> {
        Timed {
            connector,
            handshakes: self.clone(),
        }
    }
}

/// A connector whose connections are timed.
#[derive(Clone)]
pub(super) struct Timed<S> {
    connector: S,
    handshakes: Handshakes,
}

impl<S, Request> Service<Request> for Timed<S>
where
    S: Service<Request>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let since = Instant::now();
        let connects = self.connector.call(request);
        let handshakes = self.handshakes.clone();
        Box::pin(async move {
            let connection = connects.await?;
            handshakes.connected(since);
            Ok(connection)
        })
    }
}
