//! Subscription groups: an id and a name that the platform shows under one element.

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "kite-inventory-v12")]
use mno_kite_inventory_v12::types::Change;

/// Numeric id of a subscription group ("commercial group"), as changes and filters need it.
///
/// Answers hold the group's *name* under the very same element (guide 6.13); the id comes from
/// the list of groups (`CommercialGroups::find`). Two types keep them apart: a name does not compile where an id is needed.
///
/// ```
/// # #[cfg(feature = "kite-inventory-v12")] {
/// use mno_sdk::kite::CommercialGroupId;
/// use mno_sdk::kite::inventory::Change;
///
/// let change: Change = CommercialGroupId::new(10102).into();
/// assert!("Trackers".parse::<CommercialGroupId>().is_err());
/// # }
/// ```
///
/// ```compile_fail
/// # use mno_sdk::kite::inventory::{Change, SubscriptionInfo};
/// # fn move_to(sim: &SubscriptionInfo) {
/// let change: Change = sim.commercial_group.clone().into(); // that is a name
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommercialGroupId(u64);

impl CommercialGroupId {
    /// The group of this id.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for CommercialGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CommercialGroupId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Self)
    }
}

impl From<CommercialGroupId> for String {
    /// As requests have it.
    fn from(id: CommercialGroupId) -> Self {
        id.to_string()
    }
}

#[cfg(feature = "kite-inventory-v12")]
impl From<CommercialGroupId> for Change {
    /// Moves a SIM to the group.
    fn from(id: CommercialGroupId) -> Self {
        Self::CommercialGroup(id.to_string())
    }
}
