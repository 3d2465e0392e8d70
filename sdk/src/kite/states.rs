//! States that a customer may ask for, and waiting until one is there.

use std::time::Duration;

use mno_kite_inventory_v12::types::{
    Change, LifeCycleChange, LifeCycleStatus, SimId, StatusDetail,
};
use mno_runtime::{Error, ErrorKind, Operation};

use super::Subscriptions;
use super::inventory::GetStatusDetail;

/// The states of the life cycle that a customer may ask for.
///
/// SUSPENDED and RETIRED are the provider's: they are not here, so that asking for them does not
/// compile.
///
/// ```compile_fail
/// use mno_sdk::kite::TargetState;
/// let state = TargetState::Suspended;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TargetState {
    /// `INACTIVE_NEW`.
    InactiveNew,
    /// `TEST`.
    Test,
    /// `ACTIVATION_PENDANT`.
    ActivationPendant,
    /// `ACTIVATION_READY`.
    ActivationReady,
    /// `ACTIVE`.
    Active,
    /// `DEACTIVATED`.
    Deactivated,
}

impl From<TargetState> for LifeCycleStatus {
    fn from(state: TargetState) -> Self {
        match state {
            TargetState::InactiveNew => Self::InactiveNew,
            TargetState::Test => Self::Test,
            TargetState::ActivationPendant => Self::ActivationPendant,
            TargetState::ActivationReady => Self::ActivationReady,
            TargetState::Active => Self::Active,
            TargetState::Deactivated => Self::Deactivated,
        }
    }
}

impl From<TargetState> for Change {
    fn from(state: TargetState) -> Self {
        LifeCycleChange::new(LifeCycleStatus::from(state)).into()
    }
}

/// How [`wait_for_state`](Subscriptions::wait_for_state) asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Time before the first look; it doubles up to [`longest_pause`](Self::longest_pause).
    pub first_pause: Duration,
    /// Longest time between two looks.
    pub longest_pause: Duration,
    /// Longest time altogether.
    pub limit: Duration,
}

impl Default for Wait {
    /// Looks after 1, 2, 4, … and then every 15 seconds, for up to 5 minutes: the change from
    /// INACTIVE_NEW to TEST or ACTIVATION_PENDANT may take longer than the usual 70 seconds
    /// (guide 4.3).
    fn default() -> Self {
        Self {
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15),
            limit: Duration::from_secs(300),
        }
    }
}

impl Wait {
    /// Sets the time before the first look.
    #[must_use]
    pub fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Sets the longest time between two looks.
    #[must_use]
    pub fn with_longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets the longest time altogether.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl Subscriptions {
    /// Asks for a state of the life cycle and waits until the platform shows it.
    ///
    /// The change is sent once. When its answer is lost, looking on is what settles it, so that
    /// is not an error here: what counts is the state that is read.
    ///
    /// # Errors
    /// [`Error`] of every kind: the refusal of the change
    /// ([`is_invalid_transition`](Error::is_invalid_transition)), or, when the time of `wait` is
    /// over, [`is_outcome_unknown`](Error::is_outcome_unknown) with the state that the SIM is in.
    pub async fn change_state(
        &self,
        id: impl Into<SimId>,
        state: TargetState,
        wait: Wait,
    ) -> Result<StatusDetail, Error> {
        let id = id.into();
        match self.modify(id.clone(), state).await {
            Err(error) if !error.is_outcome_unknown() => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.wait_for_state(id, state.into(), wait).await
    }

    /// Waits until the platform shows a state, by `getStatusDetail`.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time of
    /// `wait` is over, with the state that the SIM is in.
    pub async fn wait_for_state(
        &self,
        id: impl Into<SimId>,
        state: LifeCycleStatus,
        wait: Wait,
    ) -> Result<StatusDetail, Error> {
        let id = id.into();
        let end = tokio::time::Instant::now() + wait.limit;
        let mut pause = wait.first_pause;
        loop {
            let status = self.status(id.clone()).await?;
            let now = match status {
                Some(status) if status.state == state => return Ok(status),
                Some(status) => status.state.to_string(),
                None => "unknown".to_owned(),
            };
            if tokio::time::Instant::now() + pause > end {
                let message = format!(
                    "the state {state} has not come within {} s; it is {now}: look again later",
                    wait.limit.as_secs()
                );
                return Err(Error::new(ErrorKind::OutcomeUnknown, message)
                    .with_operation(&GetStatusDetail::FACTS));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(wait.longest_pause);
        }
    }
}
