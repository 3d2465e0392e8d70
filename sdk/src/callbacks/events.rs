use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::mpsc;

/// The events of a receiver, in the order in which they were read. It ends when the receiver and
/// its clones are gone.
///
/// Taking an event from it is what its request waits for.
pub struct Events<E> {
    channel: mpsc::Receiver<Handed<E>>,
}

/// An event on its way to the consumer.
pub(super) struct Handed<E> {
    pub(super) event: E,
    /// Tells its request that it is taken; `false` when that has gone away.
    pub(super) take: Box<dyn FnOnce() -> bool + Send>,
}

impl<E> Events<E> {
    pub(super) fn new(channel: mpsc::Receiver<Handed<E>>) -> Self {
        Self { channel }
    }

    /// Takes the next event; `None` when the receiver is gone.
    pub async fn recv(&mut self) -> Option<E> {
        std::future::poll_fn(|cx| self.poll_take(cx)).await
    }

    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<Option<E>> {
        loop {
            let Some(handed) = ready!(self.channel.poll_recv(cx)) else {
                return Poll::Ready(None);
            };
            if (handed.take)() {
                return Poll::Ready(Some(handed.event));
            }
        }
    }
}

// Nothing in it is pinned in place.
impl<E> Unpin for Events<E> {}

impl<E> Stream for Events<E> {
    type Item = E;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<E>> {
        self.poll_take(cx)
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
