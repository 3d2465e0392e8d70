//! Whether a call has left, for whoever gives up on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

tokio::task_local! {
    static DEPARTURE: Departure;
}

/// Whether anything of the calls within a future may have left; clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Departure(Arc<AtomicBool>);

impl Departure {
    /// Watches the calls that this future makes itself, not those of tasks that it spawns.
    pub(crate) async fn watch<F: Future>(&self, calls: F) -> F::Output {
        DEPARTURE.scope(self.clone(), calls).await
    }

    /// Until the first permit nothing can have left.
    pub(crate) fn may_have_been(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The request of a call is handed to the transport.
pub(super) fn now() {
    // Most calls have nobody who watches.
    let _ = DEPARTURE.try_with(|departure| departure.0.store(true, Ordering::Release));
}
