//! The permit, looked at once more when the request really leaves.
//!
//! A permit is given before the transport below is asked. Where that has to connect first, the
//! request leaves a handshake later, and would arrive in the midst of those behind it, which go
//! over connections that are there. So the pipeline puts a [`Gate`] into the request's extensions,
//! and the transport holds the body back until [`Hold::pass`] lets it go.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mno_runtime::facts::OperationFacts;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::permits::{NoPermit, Organisation, Permit, WeakOrganisation};

/// Where one attempt's request leaves; clones are the same gate.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Inner>);

struct Inner {
    organisation: Organisation,
    facts: &'static OperationFacts,
    permit: Instant,
    /// No other permit after this.
    limit: Instant,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    waited: Duration,
}

/// What has become of the request's body.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// Nobody holds it back; whether it has been sent is not known here.
    Unknown,
    /// Held back by the one who is told so by this.
    Held(Arc<Notify>),
    /// Handed over, with the permit of this time.
    Left(Instant),
    /// Held back for ever: there was no other permit in time.
    NoPermit(NoPermit),
    /// The attempt is over; nothing leaves any more.
    Closed,
}

/// The body is not to be sent any more.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the attempt ended before the request's body was sent")
    }
}

impl std::error::Error for Closed {}

impl Gate {
    pub(super) fn new(
        organisation: &Organisation,
        facts: &'static OperationFacts,
        permit: Permit,
        limit: Instant,
    ) -> Self {
        Self(Arc::new(Inner {
            organisation: organisation.clone(),
            facts,
            permit: permit.at,
            limit,
            state: Mutex::new(State {
                stage: Stage::Unknown,
                waited: Duration::ZERO,
            }),
        }))
    }

    /// Whose permit it is.
    pub(crate) fn organisation(&self) -> WeakOrganisation {
        self.0.organisation.downgrade()
    }

    /// Promises that no byte of the body goes anywhere before [`Hold::pass`] has said so.
    pub(crate) fn hold(&self) -> Hold {
        let wakeup = Arc::new(Notify::new());
        let mut state = self.lock();
        if let Stage::Unknown | Stage::Held(_) = state.stage {
            state.stage = Stage::Held(Arc::clone(&wakeup));
        }
        drop(state);
        Hold {
            gate: self.clone(),
            wakeup,
        }
    }

    /// Lets nothing pass any more, and tells how it was before.
    pub(super) fn close(&self) -> Stage {
        let mut state = self.lock();
        let before = state.stage.clone();
        match &before {
            Stage::Held(wakeup) => {
                wakeup.notify_one();
                state.stage = Stage::Closed;
            }
            Stage::Unknown => state.stage = Stage::Closed,
            Stage::Left(_) | Stage::NoPermit(_) | Stage::Closed => {}
        }
        before
    }

    /// Time of the permit that counts.
    pub(super) fn permit(&self) -> Instant {
        match self.lock().stage {
            Stage::Left(at) => at,
            _ => self.0.permit,
        }
    }

    /// How long the body waited for another permit.
    pub(super) fn waited(&self) -> Duration {
        self.lock().waited
    }

    /// Why the body could not leave in time.
    pub(super) fn no_permit(&self) -> Option<NoPermit> {
        match self.lock().stage {
            Stage::NoPermit(no) => Some(no),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that is held back; clones are for the same body.
#[derive(Clone)]
pub(crate) struct Hold {
    gate: Gate,
    wakeup: Arc<Notify>,
}

impl Hold {
    /// Waits until the body may leave. Once this returns `Ok`, the body counts as sent.
    pub(crate) async fn pass(self) -> Result<(), Closed> {
        let Inner {
            organisation,
            facts,
            permit,
            limit,
            ..
        } = &*self.gate.0;
        let permit = tokio::select! {
            biased;
            () = self.wakeup.notified() => return Err(Closed),
            permit = organisation.renew(facts, *permit, *limit) => permit,
        };
        let mut state = self.gate.lock();
        let may = self.is_held(&state) || matches!(state.stage, Stage::Left(_));
        match permit {
            Ok(permit) if may => {
                state.stage = Stage::Left(permit.at);
                state.waited += permit.waited;
                Ok(())
            }
            Err(no) if self.is_held(&state) => {
                state.stage = Stage::NoPermit(no);
                Err(Closed)
            }
            _ => Err(Closed),
        }
    }

    /// Gives up on the body; tells whether it is certain that it was not and will not be sent.
    pub(crate) fn withdraw(&self) -> bool {
        let mut state = self.gate.lock();
        if self.is_held(&state) {
            self.wakeup.notify_one();
            state.stage = Stage::Unknown;
            return true;
        }
        matches!(state.stage, Stage::NoPermit(_))
    }

    fn is_held(&self, state: &State) -> bool {
        matches!(&state.stage, Stage::Held(by) if Arc::ptr_eq(by, &self.wakeup))
    }
}

/// Closes the gate when the attempt is over, one way or another: the connection may outlive it.
pub(super) struct Attempt(pub(super) Option<Gate>);

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(gate) = &self.0 {
            gate.close();
        }
    }
}
