//! The receivers as routers of axum's.

use std::future::poll_fn;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;
use bytes::{Bytes, BytesMut};
use http::Response;
use http::request::Parts;
use http_body::Body as _;

use super::{CallbackError, CallbackErrorKind, bsc, masstack};

impl bsc::Receiver {
    /// A router that hands everything to [`handle`](Self::handle), to be mounted wherever its URL
    /// is: `app.nest("/bsc", receiver.router())`.
    ///
    /// Bodies are read only of requests that may be posted.
    pub fn router(&self) -> Router {
        let receiver = self.clone();
        router(move |request| {
            let receiver = receiver.clone();
            async move {
                let limit = receiver.options().max_body;
                match read(request, limit, |head| receiver.admit(head)).await {
                    Ok(request) => receiver.handle(request).await,
                    Err(error) => super::answer("telekom-bsc", Err(error)),
                }
            }
        })
    }
}

impl masstack::Receiver {
    /// A router that hands everything to [`handle`](Self::handle), to be mounted wherever its URLs
    /// are: `app.nest("/masstack", receiver.router())`.
    ///
    /// Bodies are read only of requests that may be posted.
    pub fn router(&self) -> Router {
        let receiver = self.clone();
        router(move |request| {
            let receiver = receiver.clone();
            async move {
                let limit = receiver.options().max_body;
                match read(request, limit, |head| receiver.admit(head).map(drop)).await {
                    Ok(request) => receiver.handle(request).await,
                    Err(error) => super::answer("masstack", Err(error)),
                }
            }
        })
    }
}

/// Every path and every method: the receivers tell what is theirs.
fn router<F, Fut>(handle: F) -> Router
where
    F: Fn(Request) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Bytes>> + Send + 'static,
{
    let handle = any(move |request: Request| {
        let answer = handle(request);
        async move { answer.await.map(Body::from) }
    });
    Router::new()
        .route("/", handle.clone())
        .route("/{*path}", handle)
}

async fn read(
    request: Request,
    limit: usize,
    admit: impl FnOnce(&Parts) -> Result<(), CallbackError>,
) -> Result<http::Request<Bytes>, CallbackError> {
    let (head, mut body) = request.into_parts();
    admit(&head)?;
    let mut bytes = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| CallbackError::new(CallbackErrorKind::Malformed))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if bytes.len() + data.len() > limit {
            return Err(CallbackError::new(CallbackErrorKind::TooLarge));
        }
        bytes.extend_from_slice(data);
    }
    Ok(http::Request::from_parts(head, bytes.freeze()))
}
