//! States that a customer may ask for, and waiting until one is there.

use mno_kite_inventory_v12::types::{
    Change, LifeCycleChange, LifeCycleStatus, SimId, StatusDetail,
};
use mno_runtime::{Error, Operation};

use super::Inventory;
use crate::kite::Wait;
use crate::kite::inventory::GetStatusDetail;

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

impl Inventory {
    /// Asks for a state of the life cycle and waits until the platform shows it.
    ///
    /// The change is sent once. When its answer is lost, looking on is what settles it, so that
    /// is not an error here: what counts is the state that is read.
    ///
    /// From INACTIVE_NEW to TEST or ACTIVATION_PENDANT the platform may take longer than for
    /// anything else, and how long is not documented (guide 4.3). An attempt has three minutes
    /// here; when they are over, the state is looked at as after any other lost answer. A call can
    /// be given more:
    ///
    /// ```no_run
    /// # use mno_sdk::runtime::values::Iccid;
    /// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
    /// use std::time::Duration;
    /// use mno_sdk::CallOptions;
    /// use mno_sdk::kite::{TargetState, Wait};
    ///
    /// let ten_minutes = Duration::from_secs(600);
    /// let patient = CallOptions::default().with_attempt_timeout(ten_minutes);
    /// let sims = kite.inventory().with_options(patient);
    /// let wait = Wait::default().with_limit(ten_minutes);
    /// sims.change_state(icc, TargetState::Test, wait).await?;
    /// # Ok(()) }
    /// ```
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
        wait.until(&GetStatusDetail::FACTS, async || {
            Ok(match self.status(id.clone()).await? {
                Some(status) if status.state == state => Ok(status),
                Some(status) => Err(format!("the SIM is {}, not {state}", status.state)),
                None => Err("the platform says nothing of the SIM's state".to_owned()),
            })
        })
        .await
    }
}
