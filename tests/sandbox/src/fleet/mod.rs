//! The SIMs: thousands of them, made up from a seed, in memory.

mod make;
mod sim;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::platform::CommercialGroups;

pub(crate) use make::{CUSTOMER_ID, CUSTOMER_NAME, Random, luhn};
pub use sim::{
    ApnSlot, BasicServices, Connection, Consumption, Consumptions, Expense, Expenses, Location,
    Money, Presence, Sim, SimId, SimKind, SupplementaryServices, Voucher,
};

/// All SIMs of a sandbox. Every organisation sees all of them.
///
/// Cloning is cheap; clones are the same fleet.
#[derive(Clone)]
pub struct Fleet {
    /// Those of the group service.
    groups: CommercialGroups,
    seed: u64,
    inner: Arc<RwLock<Inner>>,
}

struct Inner {
    slots: Vec<Arc<Sim>>,
    /// Slots in the order of the list.
    order: VecDeque<usize>,
    index: HashMap<SimId, usize>,
    /// Name of the customer whose SIMs these are.
    customer_name: String,
}

impl Inner {
    fn add(&mut self, sim: Sim) -> usize {
        let slot = self.slots.len();
        self.index.insert(SimId::Icc(sim.icc.clone()), slot);
        self.index.insert(SimId::Imsi(sim.imsi.clone()), slot);
        self.index
            .insert(SimId::SubscriptionId(sim.subscription_id.clone()), slot);
        if let Some(msisdn) = &sim.msisdn {
            self.index.insert(SimId::Msisdn(msisdn.clone()), slot);
        }
        self.slots.push(Arc::new(sim));
        slot
    }

    fn slot(&self, id: &SimId) -> Option<usize> {
        match id {
            SimId::Msisdn(number) => {
                let plain = number.strip_prefix('+').unwrap_or(number).to_owned();
                self.index.get(&SimId::Msisdn(plain)).copied()
            }
            _ => self.index.get(id).copied(),
        }
    }
}

impl Fleet {
    /// Makes so many SIMs. The same seed gives the same SIMs, and a larger fleet begins with
    /// those of a smaller one.
    #[must_use]
    pub fn new(sims: usize, seed: u64) -> Self {
        let mut inner = Inner {
            slots: Vec::new(),
            order: VecDeque::new(),
            index: HashMap::new(),
            customer_name: CUSTOMER_NAME.to_owned(),
        };
        for number in 0..sims {
            let slot = inner.add(make::sim(seed, number as u64));
            inner.order.push_back(slot);
        }
        Self {
            groups: CommercialGroups::new(),
            seed,
            inner: Arc::new(RwLock::new(inner)),
        }
    }

    /// How many SIMs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().order.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The SIM with this identifier, as it is now.
    #[must_use]
    pub fn get(&self, id: &SimId) -> Option<Arc<Sim>> {
        let inner = self.read();
        inner
            .slot(id)
            .and_then(|slot| inner.slots.get(slot))
            .cloned()
    }

    /// The SIM at this position of the list.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Arc<Sim>> {
        let inner = self.read();
        inner
            .order
            .get(position)
            .and_then(|slot| inner.slots.get(*slot))
            .cloned()
    }

    /// Every SIM, in the order of the list.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Sim>> {
        self.page(0, usize::MAX, |_| true)
    }

    /// The first SIM of the list that fits: `fleet.find(|sim| sim.state() == State::Active)`.
    pub fn find(&self, fits: impl Fn(&Sim) -> bool) -> Option<Arc<Sim>> {
        self.page(0, 1, fits).pop()
    }

    /// At most `size` SIMs that fit, after the first `skip` of those that fit.
    pub fn page(&self, skip: usize, size: usize, fits: impl Fn(&Sim) -> bool) -> Vec<Arc<Sim>> {
        let inner = self.read();
        let sims = inner.order.iter().filter_map(|slot| inner.slots.get(*slot));
        sims.filter(|sim| fits(sim))
            .skip(skip)
            .take(size)
            .cloned()
            .collect()
    }

    /// Changes a SIM behind the platform's back; `None` when there is no such SIM. Identifiers
    /// must stay as they are.
    pub fn update<T>(&self, id: &SimId, change: impl FnOnce(&mut Sim) -> T) -> Option<T> {
        let mut inner = self.write();
        let slot = inner.slot(id)?;
        inner
            .slots
            .get_mut(slot)
            .map(|sim| change(Arc::make_mut(sim)))
    }

    /// Exchanges ICC and IMSI of two subscriptions; `false` when there is no such pair.
    pub(crate) fn swap_cards(&self, one: &SimId, other: &SimId) -> bool {
        let mut inner = self.write();
        let (Some(a), Some(b)) = (inner.slot(one), inner.slot(other)) else {
            return false;
        };
        let Ok([first, second]) = inner.slots.get_disjoint_mut([a, b]) else {
            return false;
        };
        let (first, second) = (Arc::make_mut(first), Arc::make_mut(second));
        std::mem::swap(&mut first.icc, &mut second.icc);
        std::mem::swap(&mut first.imsi, &mut second.imsi);
        let cards = [
            (SimId::Icc(first.icc.clone()), a),
            (SimId::Imsi(first.imsi.clone()), a),
            (SimId::Icc(second.icc.clone()), b),
            (SimId::Imsi(second.imsi.clone()), b),
        ];
        inner.index.extend(cards);
        true
    }

    /// Makes one more SIM and puts it at the front of the list: what a client that pages by offset
    /// must survive.
    pub fn insert_in_front(&self) -> Arc<Sim> {
        let mut inner = self.write();
        let mut made = make::sim(self.seed, inner.slots.len() as u64);
        made.customer_name.clone_from(&inner.customer_name);
        if self.groups.get(made.commercial_group).is_none() {
            // Its group has been deleted; the first one cannot be.
            [made.commercial_group, ..] = CommercialGroups::founding();
        }
        let copy = Arc::new(made.clone());
        let slot = inner.add(made);
        inner.order.push_front(slot);
        copy
    }

    /// Takes the SIM at the front off the list; its identifiers still find it.
    pub fn remove_front(&self) -> Option<Arc<Sim>> {
        let mut inner = self.write();
        let slot = inner.order.pop_front()?;
        inner.slots.get(slot).cloned()
    }

    /// The commercial groups that the SIMs are in.
    #[must_use]
    pub fn commercial_groups(&self) -> &CommercialGroups {
        &self.groups
    }

    /// Commercial groups: id and name.
    #[must_use]
    pub fn groups(&self) -> Vec<(u32, String)> {
        let all = self.groups.all();
        all.iter().map(|g| (g.id, g.name.clone())).collect()
    }

    /// Name of a commercial group, empty for an unknown one.
    #[must_use]
    pub fn group_name(&self, id: u32) -> String {
        let group = self.groups.get(id);
        group.map_or_else(String::new, |group| group.name.clone())
    }

    /// Looks at every SIM while none can change.
    pub(crate) fn frozen<T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &Sim>) -> T) -> T {
        let inner = self.read();
        let sims = inner.order.iter().filter_map(|slot| inner.slots.get(*slot));
        look(&mut sims.map(|sim| &**sim))
    }

    /// Gives every SIM of the customer, those to come included, another name of their owner.
    pub(crate) fn rename_customer(&self, name: &str) {
        let mut inner = self.write();
        name.clone_into(&mut inner.customer_name);
        let own = |sim: &&mut Arc<Sim>| sim.customer_id == CUSTOMER_ID;
        for sim in inner.slots.iter_mut().filter(own) {
            name.clone_into(&mut Arc::make_mut(sim).customer_name);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("sims", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;
    use crate::lifecycle::State;

    #[test]
    fn identifiers_are_unique_and_find_their_sim() {
        let fleet = Fleet::new(3000, 7);
        let all = fleet.all();
        let iccs: HashSet<_> = all.iter().map(|s| s.icc.clone()).collect();
        assert_eq!(iccs.len(), 3000);
        for sim in all.iter().step_by(211) {
            let ids = [
                SimId::Icc(sim.icc.clone()),
                SimId::Imsi(sim.imsi.clone()),
                SimId::SubscriptionId(sim.subscription_id.clone()),
            ];
            for id in ids {
                assert_eq!(fleet.get(&id).unwrap().icc, sim.icc);
            }
            if let Some(msisdn) = &sim.msisdn {
                let id = SimId::Msisdn(format!("+{msisdn}"));
                assert_eq!(fleet.get(&id).unwrap().icc, sim.icc);
            }
        }
        for state in State::ALL {
            assert!(fleet.find(|s| s.state() == state).is_some(), "{state}");
        }
    }

    #[test]
    fn a_larger_fleet_begins_like_a_smaller_one() {
        let (small, large) = (Fleet::new(10, 3), Fleet::new(20, 3));
        assert_eq!(small.all(), large.all()[..10]);
    }

    #[test]
    fn inserting_shifts_positions() {
        let fleet = Fleet::new(5, 1);
        let first = fleet.at(0).unwrap();
        let new = fleet.insert_in_front();
        assert_eq!(fleet.len(), 6);
        assert_eq!(fleet.at(0).unwrap().icc, new.icc);
        assert_eq!(fleet.at(1).unwrap().icc, first.icc);
        assert_eq!(fleet.remove_front().unwrap().icc, new.icc);
        assert_eq!(fleet.at(0).unwrap().icc, first.icc);
    }

    #[test]
    fn writes_do_not_touch_what_was_read_before() {
        let fleet = Fleet::new(2, 1);
        let before = fleet.at(0).unwrap();
        fleet
            .update(&before.id(), |sim| sim.alias = "changed".into())
            .unwrap();
        assert_ne!(before.alias, "changed");
        assert_eq!(fleet.get(&before.id()).unwrap().alias, "changed");
    }
}
