//! A request's body that leaves when its gate lets it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::policy::{Closed, Hold};

/// One piece of known length. HTTP libraries ask for it once there is a connection, which makes the
/// first poll the moment at which the request leaves.
pub(super) struct GatedBody {
    /// Empty once handed over.
    bytes: Bytes,
    pass: Pin<Box<dyn Future<Output = Result<(), Closed>> + Send + Sync>>,
}

impl GatedBody {
    pub(super) fn new(bytes: Bytes, hold: Hold) -> Self {
        Self {
            bytes,
            pass: Box::pin(hold.pass()),
        }
    }
}

impl Body for GatedBody {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let passed = std::task::ready!(self.pass.as_mut().poll(cx));
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready(Some(passed.map(|()| Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
