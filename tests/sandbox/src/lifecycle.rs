//! Life cycle of a SIM: states, and which changes a customer may make.
//!
//! The graph is that of a plan with manual activation and a test phase:
//!
//! ```text
//! INACTIVE_NEW ──▶ TEST ──▶ ACTIVATION_PENDANT ──▶ ACTIVE ◀──▶ DEACTIVATED
//!       │            └────▶ ACTIVATION_READY ┄┄┄▶ ACTIVE     (┄ at first traffic, by itself)
//!       ├──▶ ACTIVATION_PENDANT
//!       └──▶ ACTIVATION_READY
//! every state ─(provider)▶ SUSPENDED ─(provider)▶ the state before, or RETIRED
//! ```

use std::fmt;
use std::str::FromStr;

use crate::time::Timestamp;

/// Life cycle state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Delivered, never used.
    InactiveNew,
    /// Being tested, at no cost up to a limit.
    Test,
    /// Activation has been ordered. (The platform's spelling.)
    ActivationPendant,
    /// Will become active with its first traffic.
    ActivationReady,
    /// In use.
    Active,
    /// Switched off by the customer.
    Deactivated,
    /// Switched off by the provider.
    Suspended,
    /// At its end.
    Retired,
}

impl State {
    /// Every state, in the order of a SIM's life.
    pub const ALL: [Self; 8] = [
        Self::InactiveNew,
        Self::Test,
        Self::ActivationPendant,
        Self::ActivationReady,
        Self::Active,
        Self::Deactivated,
        Self::Suspended,
        Self::Retired,
    ];

    /// The state's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InactiveNew => "INACTIVE_NEW",
            Self::Test => "TEST",
            Self::ActivationPendant => "ACTIVATION_PENDANT",
            Self::ActivationReady => "ACTIVATION_READY",
            Self::Active => "ACTIVE",
            Self::Deactivated => "DEACTIVATED",
            Self::Suspended => "SUSPENDED",
            Self::Retired => "RETIRED",
        }
    }

    /// States that a customer may set a SIM of this state to.
    #[must_use]
    pub const fn customer_may_set(self) -> &'static [Self] {
        match self {
            Self::InactiveNew => &[Self::Test, Self::ActivationPendant, Self::ActivationReady],
            Self::Test => &[Self::ActivationPendant, Self::ActivationReady],
            Self::ActivationPendant | Self::Deactivated => &[Self::Active],
            Self::Active => &[Self::Deactivated],
            Self::ActivationReady | Self::Suspended | Self::Retired => &[],
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    /// Reads the wire name, exactly.
    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == s)
            .ok_or(())
    }
}

/// One entry of a SIM's status history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusEntry {
    /// The state that it came into.
    pub state: State,
    /// Whether the platform did it by itself.
    pub automatic: bool,
    /// When.
    pub time: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Who did it.
    pub user: Option<String>,
}

/// Who wants a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor<'a> {
    /// A customer, by `modifySubscription`; the name of the organisation.
    Customer(&'a str),
    /// The service provider, who alone sets and leaves `SUSPENDED` and `RETIRED`.
    Provider,
    /// The platform itself: first traffic of a SIM that is ready for activation.
    Platform,
}

/// A transition that the life cycle does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTransition {
    /// The present state.
    pub from: State,
    /// The state asked for.
    pub to: State,
}

impl fmt::Display for NoTransition {
    /// The platform's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "There is not an available transition from {} to {} state",
            self.from, self.to
        )
    }
}

impl std::error::Error for NoTransition {}

/// A SIM's life so far: at least one entry, the last one is the present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeCycle {
    first: StatusEntry,
    later: Vec<StatusEntry>,
}

impl LifeCycle {
    /// A life that begins in this state.
    #[must_use]
    pub fn begin(state: State, time: Timestamp) -> Self {
        let reason = Some("Provision".to_owned());
        let first = StatusEntry {
            state,
            automatic: true,
            time,
            reason,
            user: None,
        };
        Self {
            first,
            later: Vec::new(),
        }
    }

    /// The present status.
    #[must_use]
    pub fn current(&self) -> &StatusEntry {
        self.later.last().unwrap_or(&self.first)
    }

    /// The present state.
    #[must_use]
    pub fn state(&self) -> State {
        self.current().state
    }

    /// Everything so far, oldest first.
    pub fn history(&self) -> impl Iterator<Item = &StatusEntry> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// Goes to a state, if this actor may.
    ///
    /// # Errors
    /// [`NoTransition`] when the graph has no such edge for the actor; going to the present state
    /// is no edge either.
    pub fn go(&mut self, to: State, actor: Actor<'_>, time: Timestamp) -> Result<(), NoTransition> {
        let from = self.state();
        let allowed = match actor {
            Actor::Customer(_) => from.customer_may_set().contains(&to),
            Actor::Platform => from == State::ActivationReady && to == State::Active,
            Actor::Provider => match from {
                State::Retired => false,
                State::Suspended => to == State::Retired || Some(to) == self.before_suspension(),
                _ => to == State::Suspended,
            },
        };
        if !allowed {
            return Err(NoTransition { from, to });
        }
        self.push(to, actor, time);
        Ok(())
    }

    /// Goes to a state whatever the graph says: for made-up pasts.
    pub(crate) fn push(&mut self, state: State, actor: Actor<'_>, time: Timestamp) {
        let (automatic, reason, user) = match actor {
            Actor::Customer(user) => (false, "Change requested by API", Some(user.to_owned())),
            Actor::Provider => (false, "Change by the provider", Some("provider".to_owned())),
            Actor::Platform => (true, "First traffic", None),
        };
        let reason = Some(reason.to_owned());
        self.later.push(StatusEntry {
            state,
            automatic,
            time,
            reason,
            user,
        });
    }

    fn before_suspension(&self) -> Option<State> {
        let earlier = self
            .later
            .len()
            .checked_sub(2)
            .and_then(|at| self.later.get(at));
        Some(earlier.unwrap_or(&self.first).state)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    #[test]
    fn customers_never_suspend_or_retire() {
        for from in State::ALL {
            for to in [State::Suspended, State::Retired] {
                let mut life = LifeCycle::begin(from, NOW);
                let refused = life.go(to, Actor::Customer("Acme"), NOW).unwrap_err();
                assert_eq!(refused, NoTransition { from, to });
                assert_eq!(life.state(), from, "a refused transition changes nothing");
            }
        }
    }

    #[test]
    fn a_whole_life() {
        let mut life = LifeCycle::begin(State::InactiveNew, NOW);
        let acme = Actor::Customer("Acme");
        for to in [
            State::Test,
            State::ActivationPendant,
            State::Active,
            State::Deactivated,
        ] {
            life.go(to, acme, NOW).unwrap();
        }
        life.go(State::Suspended, Actor::Provider, NOW).unwrap();
        assert!(
            life.go(State::Active, Actor::Provider, NOW).is_err(),
            "only back, or retired"
        );
        life.go(State::Deactivated, Actor::Provider, NOW).unwrap();
        life.go(State::Suspended, Actor::Provider, NOW).unwrap();
        life.go(State::Retired, Actor::Provider, NOW).unwrap();
        assert!(life.go(State::Suspended, Actor::Provider, NOW).is_err());
        assert_eq!(life.history().count(), 9);
        assert_eq!(life.history().nth(1).unwrap().user.as_deref(), Some("Acme"));
    }

    #[test]
    fn ready_becomes_active_by_itself_only() {
        let mut life = LifeCycle::begin(State::ActivationReady, NOW);
        let refused = life
            .go(State::Active, Actor::Customer("Acme"), NOW)
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "There is not an available transition from ACTIVATION_READY to ACTIVE state"
        );
        life.go(State::Active, Actor::Platform, NOW).unwrap();
        assert!(life.current().automatic);
    }

    #[test]
    fn the_same_state_is_no_transition() {
        for state in State::ALL {
            let mut life = LifeCycle::begin(state, NOW);
            assert!(life.go(state, Actor::Customer("Acme"), NOW).is_err());
        }
    }

    #[test]
    fn names_round_trip() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("ACTIVATED".parse::<State>(), Err(()));
    }
}
