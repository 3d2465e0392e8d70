//! What an organisation's permits are at.

use std::time::Duration;

/// A look at an organisation's permits; counters only grow.
///
/// For a metrics system, ask for one from time to time and export the fields that matter: which
/// system that is, is yours to choose. What one call waited stands in its span, as
/// `permit_wait_ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateStats {
    /// The jitter margin in force.
    pub jitter: Duration,
    /// For how long the whole organisation is frozen.
    pub frozen: Option<Duration>,
    /// Where the permits come from at present.
    pub source: PermitSource,
    /// One for each budget that was used, in the order of their keys.
    pub budgets: Vec<BudgetStats>,
}

/// Where permits come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermitSource {
    /// This process alone.
    Process,
    /// A server that several processes share.
    Shared,
    /// That server cannot be reached.
    Unreachable,
}

/// A look at one budget's permits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetStats {
    /// The budget's key: `kite/inventory/getSubscriptions`.
    pub budget: &'static str,
    /// Requests per second; `None` is no limit of its own.
    pub per_second: Option<u32>,
    /// Interactive calls that wait for a permit now.
    pub waiting_interactive: usize,
    /// Bulk calls that wait for a permit now.
    pub waiting_bulk: usize,
    /// Permits handed out.
    pub permits: u64,
    /// What all of them were waited for, together.
    pub waited: Duration,
    /// What one of them was waited for at most.
    pub longest_wait: Duration,
    /// Calls that ended without a permit: given up by the caller, or for want of time.
    pub given_up: u64,
    /// Refusals for rate by the platform.
    pub refusals: u64,
    /// For how long the budget is frozen.
    pub frozen: Option<Duration>,
}
