//! Commercial groups: every SIM is in one, and this is the list that there is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::customers::billing_account;
use super::{Platform, ServicePack};
use crate::fault::Fault;
use crate::fleet::{CUSTOMER_ID, Fleet, Money};
use crate::lock;

/// Groups that are there from the start: id, name, and whether the provider made it.
const FOUNDING: [(u32, &str, bool); 3] = [
    (10_101, "Sandbox Meters", true),
    (10_102, "Sandbox Trackers", false),
    (10_103, "Sandbox Lifts", false),
];
/// Longest time between two updates of the tracking area, in seconds.
const LONGEST_TAU: u64 = 4_294_967_295;

/// A commercial group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommercialGroup {
    /// Number that changes and filters need.
    pub id: u32,
    /// Name that answers of the inventory show.
    pub name: String,
    /// Description.
    pub description: String,
    /// Customer whose group it is.
    pub customer_id: String,
    /// Commercial plan of basic services.
    pub service_pack_id: String,
    /// Billing account.
    pub billing_account_id: String,
    /// End customer that the group is assigned to.
    pub end_customer: Option<String>,
    /// Whether the provider made the group.
    pub restricted: bool,
    /// Limits of expense: voice, messages, data, everything.
    pub limits: [Option<GroupLimit>; 4],
    /// Telephone numbers.
    pub screening: ScreeningLists,
    /// How devices save power.
    pub power_saving: Option<PowerSaving>,
}

/// A limit of expense.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupLimit {
    /// Whether it applies.
    pub enabled: bool,
    /// The limit.
    pub value: Option<Money>,
    /// Whether traffic stops at it.
    pub traffic_cut: Option<bool>,
}

/// White and black lists, as patterns or as patterns with a nature of address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScreeningLists {
    /// Numbers that may be called.
    pub white: Vec<String>,
    /// Numbers that may not be called.
    pub black: Vec<String>,
    /// Numbers while roaming.
    pub roaming: Vec<String>,
    /// The same three with the nature of address.
    pub with_nai: [Vec<(String, u32)>; 3],
}

/// How devices save power on NB-IoT and LTE-M. Times are in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PowerSaving {
    /// Whether the platform's settings prevail.
    pub kite_master: Option<bool>,
    /// Time between two updates of the tracking area, with the unit that it was given in.
    pub tau: Option<(u64, &'static str)>,
    /// Time for which a device can be reached, with its unit.
    pub active: Option<(u64, &'static str)>,
    /// Cycle, paging time window and radio technology.
    pub edrx: Vec<(u32, u32, &'static str)>,
}

/// Units of timers, with their seconds.
pub(crate) const UNITS: [(&str, u64); 3] = [("SECONDS", 1), ("MINUTES", 60), ("HOURS", 3600)];

/// Lists to be set: those that are given replace the ones that there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListsChange {
    pub(crate) plain: [Option<Vec<String>>; 3],
    pub(crate) with_nai: [Option<Vec<(String, u32)>>; 3],
}

impl ListsChange {
    fn apply(&self, lists: &mut ScreeningLists) -> Result<(), Fault> {
        let plain = self.plain.iter().any(Option::is_some);
        if plain && self.with_nai.iter().any(Option::is_some) {
            return Err(Fault::invalid_value(
                "lists with and without nature of address exclude each other",
            ));
        }
        let ScreeningLists {
            white,
            black,
            roaming,
            with_nai,
        } = lists;
        for (list, new) in [white, black, roaming].into_iter().zip(&self.plain) {
            if let Some(new) = new {
                list.clone_from(new);
            }
        }
        for (list, new) in with_nai.iter_mut().zip(&self.with_nai) {
            if let Some(new) = new {
                list.clone_from(new);
            }
        }
        Ok(())
    }
}

/// What a group is to be like; what is left out stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct GroupChange {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) service_pack_id: Option<String>,
    pub(crate) billing_account_id: Option<String>,
    pub(crate) limits: [Option<GroupLimit>; 4],
    /// Empty: none.
    pub(crate) end_customer: Option<String>,
    pub(crate) lists: ListsChange,
}

impl GroupChange {
    fn check(&self) -> Result<(), Fault> {
        if self
            .name
            .as_ref()
            .is_some_and(|name| name.trim().is_empty())
        {
            return Err(Fault::missing("name"));
        }
        if let Some(id) = &self.service_pack_id {
            ServicePack::find(id).ok_or_else(|| Fault::not_found(id.trim()))?;
        }
        if let Some(id) = &self.billing_account_id {
            billing_account(id)?;
        }
        Ok(())
    }

    fn apply(&self, group: &mut CommercialGroup) -> Result<(), Fault> {
        self.lists.apply(&mut group.screening)?;
        for (field, new) in [
            (&mut group.name, &self.name),
            (&mut group.description, &self.description),
            (&mut group.service_pack_id, &self.service_pack_id),
            (&mut group.billing_account_id, &self.billing_account_id),
        ] {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        for (limit, new) in group.limits.iter_mut().zip(&self.limits) {
            if new.is_some() {
                limit.clone_from(new);
            }
        }
        if let Some(id) = &self.end_customer {
            group.end_customer = (!id.is_empty()).then(|| id.clone());
        }
        Ok(())
    }
}

/// All commercial groups of a sandbox. Every organisation sees all of them.
///
/// Cloning is cheap; clones are the same list.
#[derive(Debug, Clone)]
pub struct CommercialGroups(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    groups: BTreeMap<u32, Arc<CommercialGroup>>,
    /// An id is not used again.
    next: u32,
}

impl CommercialGroups {
    /// The groups that there are from the start.
    pub(crate) fn new() -> Self {
        let group = |(at, (id, name, restricted)): (usize, (u32, &str, bool))| {
            let group = CommercialGroup {
                restricted,
                service_pack_id: ServicePack::founding(at),
                ..fresh(id, name)
            };
            (id, Arc::new(group))
        };
        Self(Arc::new(Mutex::new(Inner {
            groups: FOUNDING.into_iter().enumerate().map(group).collect(),
            next: 10_104,
        })))
    }

    /// Ids of the groups that SIMs are in from the start.
    pub(crate) fn founding() -> [u32; 3] {
        FOUNDING.map(|(id, ..)| id)
    }

    /// Every group, by id.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<CommercialGroup>> {
        lock(&self.0).groups.values().cloned().collect()
    }

    /// The group with this id.
    #[must_use]
    pub fn get(&self, id: u32) -> Option<Arc<CommercialGroup>> {
        lock(&self.0).groups.get(&id).cloned()
    }

    /// The group that a request names. A name is not an id.
    pub(crate) fn find(&self, parameter: &str, id: &str) -> Result<Arc<CommercialGroup>, Fault> {
        let number = number(parameter, id)?;
        self.get(number).ok_or_else(|| Fault::not_found(id.trim()))
    }

    /// `createCommercialGroup`: gives the id.
    pub(crate) fn create(&self, wanted: &GroupChange) -> Result<u32, Fault> {
        wanted.check()?;
        let mut inner = lock(&self.0);
        let id = inner.next;
        let mut group = fresh(id, "");
        wanted.apply(&mut group)?;
        inner.next += 1;
        inner.groups.insert(id, Arc::new(group));
        Ok(id)
    }

    /// `updateCommercialGroup`, but for the end customer's existence.
    pub(super) fn update(&self, id: &str, change: &GroupChange) -> Result<(), Fault> {
        change.check()?;
        self.change(id, |group| {
            let fixed = [
                &change.name,
                &change.service_pack_id,
                &change.billing_account_id,
            ];
            if group.restricted && fixed.iter().any(|new| new.is_some()) {
                return Err(restricted(group.id));
            }
            change.apply(group)
        })
    }

    /// `updateScreeningLists`.
    pub(crate) fn screen(&self, id: &str, lists: &ListsChange) -> Result<(), Fault> {
        self.change(id, |group| lists.apply(&mut group.screening))
    }

    /// `updateLpwaPowerSaving`.
    pub(crate) fn save_power(&self, id: &str, settings: &PowerSaving) -> Result<(), Fault> {
        let seconds = |timer: Option<(u64, &str)>| {
            let (value, unit) = timer?;
            let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
            Some(value.saturating_mul(*seconds))
        };
        let (tau, active) = (seconds(settings.tau), seconds(settings.active));
        if tau.is_some_and(|tau| !(3600..=LONGEST_TAU).contains(&tau)) {
            return Err(Fault::unsupported_value(
                "tauTimer.",
                format_args!("60 minutes to {LONGEST_TAU} seconds"),
            ));
        }
        if let (Some(tau), Some(active)) = (tau, active)
            && active > tau
        {
            return Err(Fault::invalid_value("activeTimer is longer than tauTimer"));
        }
        self.change(id, |group| {
            group.power_saving = Some(settings.clone());
            Ok(())
        })
    }

    /// Changes a copy and keeps it if that succeeds.
    fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut CommercialGroup) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let number = number("id", id)?;
        let mut inner = lock(&self.0);
        let group = inner
            .groups
            .get_mut(&number)
            .ok_or_else(|| Fault::not_found(id.trim()))?;
        let mut copy = CommercialGroup::clone(group);
        change(&mut copy)?;
        *group = Arc::new(copy);
        Ok(())
    }

    fn delete(&self, id: &str, sims_in: impl FnOnce(u32) -> usize) -> Result<(), Fault> {
        let group = self.find("id", id)?;
        if group.restricted {
            return Err(restricted(group.id));
        }
        let sims = sims_in(group.id);
        if sims > 0 {
            return Err(Fault::not_allowed(format_args!(
                "the commercial group {} has {sims} subscriptions",
                group.id
            )));
        }
        lock(&self.0).groups.remove(&group.id);
        Ok(())
    }
}

impl Platform {
    /// `updateCommercialGroup`. The end customer has to be one of the caller's.
    pub(crate) fn update_group(
        &self,
        organisation: &str,
        id: &str,
        change: &GroupChange,
    ) -> Result<(), Fault> {
        if let Some(end_customer) = change.end_customer.as_deref().filter(|id| !id.is_empty()) {
            self.end_customers.get(organisation, end_customer)?;
        }
        self.fleet.commercial_groups().update(id, change)
    }

    /// `deleteEndCustomer`: not while a group is assigned to it.
    pub(crate) fn delete_end_customer(&self, organisation: &str, id: &str) -> Result<(), Fault> {
        self.end_customers.get(organisation, id)?;
        let groups = self.fleet.commercial_groups().all();
        if let Some(group) = groups
            .iter()
            .find(|g| g.end_customer.as_deref() == Some(id))
        {
            return Err(Fault::not_allowed(format_args!(
                "the commercial group {} is assigned to the end customer",
                group.id
            )));
        }
        self.end_customers.delete(organisation, id)
    }

    /// `deleteCommercialGroup`. No SIM can be moved meanwhile.
    pub(crate) fn delete_group(&self, id: &str) -> Result<(), Fault> {
        self.fleet.frozen(|sims| {
            let sims_in = |group| sims.filter(|sim| sim.commercial_group == group).count();
            self.fleet.commercial_groups().delete(id, sims_in)
        })
    }
}

impl Fleet {
    /// How many SIMs are in a group.
    pub(crate) fn count_in(&self, group: u32) -> usize {
        self.frozen(|sims| sims.filter(|sim| sim.commercial_group == group).count())
    }
}

fn fresh(id: u32, name: &str) -> CommercialGroup {
    CommercialGroup {
        id,
        name: name.to_owned(),
        description: String::new(),
        customer_id: CUSTOMER_ID.to_owned(),
        service_pack_id: ServicePack::founding(0),
        billing_account_id: "0".to_owned(),
        end_customer: None,
        restricted: false,
        limits: Default::default(),
        screening: ScreeningLists::default(),
        power_saving: None,
    }
}

fn number(parameter: &str, id: &str) -> Result<u32, Fault> {
    id.trim()
        .parse()
        .map_err(|_| Fault::invalid_value(format!("{parameter} {id} is not a group's id")))
}

fn restricted(id: u32) -> Fault {
    Fault::not_allowed(format_args!("the commercial group {id} is restricted"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fleet::SimId;
    use crate::platform::{Change, Reports};

    fn platform() -> Platform {
        let reports = Reports::new(
            7,
            std::time::Duration::ZERO,
            crate::platform::Doors::default(),
        );
        Platform::new(Fleet::new(30, 7), 7, reports)
    }

    fn named(name: &str) -> GroupChange {
        GroupChange {
            name: Some(name.into()),
            ..Default::default()
        }
    }

    #[test]
    fn a_group_comes_and_goes_and_its_id_is_not_used_again() {
        let p = platform();
        let groups = p.fleet.commercial_groups();
        let id = groups.create(&named("Pumps")).unwrap();
        assert_eq!(p.fleet.group_name(id), "Pumps");
        let sim: SimId = p.fleet.at(0).unwrap().id();
        let to = |id: u32| Change::CommercialGroup(id.to_string());
        p.modify("Acme", &sim, &to(id)).unwrap();
        let full = p.delete_group(&id.to_string()).unwrap_err();
        assert!(full.to_string().contains("1 subscriptions"), "{full}");
        p.modify("Acme", &sim, &to(10_102)).unwrap();
        p.delete_group(&id.to_string()).unwrap();
        assert_eq!(
            p.modify("Acme", &sim, &to(id)).unwrap_err().code(),
            "SVC 1006"
        );
        assert_eq!(groups.create(&named("Pumps")).unwrap(), id + 1);
    }

    #[test]
    fn restricted_groups_keep_name_plan_and_account() {
        let p = platform();
        let groups = p.fleet.commercial_groups();
        assert_eq!(p.delete_group("10101").unwrap_err().code(), "SVC 1013");
        let refused = groups.update("10101", &named("Mine")).unwrap_err();
        assert_eq!(refused.code(), "SVC 1013");
        let described = GroupChange {
            description: Some("meters of the north".into()),
            ..Default::default()
        };
        groups.update("10101", &described).unwrap();
        assert_eq!(
            groups.get(10_101).unwrap().description,
            "meters of the north"
        );
    }

    #[test]
    fn an_end_customer_is_assigned_and_removed() {
        let p = platform();
        let groups = p.fleet.commercial_groups();
        let assign = |id: &str| {
            let change = GroupChange {
                end_customer: Some(id.into()),
                ..Default::default()
            };
            p.update_group("Acme", "10102", &change)
        };
        let now = || groups.get(10_102).unwrap().end_customer.clone();
        assert_eq!(assign("customer-1").unwrap_err().code(), "SVC 1006");
        let id = p.end_customers.create("Acme", true, Vec::new());
        assign(&id).unwrap();
        assert_eq!(now(), Some(id.clone()));
        let kept = p.delete_end_customer("Acme", &id).unwrap_err();
        assert_eq!(kept.code(), "SVC 1013");
        groups.update("10102", &named("Trackers")).unwrap();
        assert!(now().is_some(), "left out, it stays");
        assign("").unwrap();
        assert_eq!(now(), None);
        p.delete_end_customer("Acme", &id).unwrap();
    }

    #[test]
    fn lists_are_replaced_one_by_one() {
        let groups = platform().fleet.commercial_groups().clone();
        let mut lists = ListsChange::default();
        lists.plain[0] = Some(vec!["99901*".into()]);
        lists.plain[1] = Some(vec!["999*".into()]);
        groups.screen("10102", &lists).unwrap();
        lists.plain[0] = Some(Vec::new());
        lists.plain[1] = None;
        groups.screen("10102", &lists).unwrap();
        let now = groups.get(10_102).unwrap().screening.clone();
        assert_eq!((now.white.len(), now.black.len()), (0, 1));
        lists.with_nai[2] = Some(vec![("999*".into(), 4)]);
        let both = groups.screen("10102", &lists).unwrap_err();
        assert_eq!(both.code(), "SVC 1021");
    }

    #[test]
    fn timers_have_their_bounds() {
        let groups = platform().fleet.commercial_groups().clone();
        let set = |tau, active| {
            let settings = PowerSaving {
                tau: Some(tau),
                active: Some(active),
                ..Default::default()
            };
            groups.save_power("10103", &settings).map_err(|f| f.code())
        };
        assert_eq!(set((1, "HOURS"), (3600, "SECONDS")), Ok(()));
        for (tau, active) in [
            ((59, "MINUTES"), (1, "SECONDS")),
            ((4_294_967_296, "SECONDS"), (1, "SECONDS")),
            ((1, "HOURS"), (61, "MINUTES")),
        ] {
            assert_eq!(set(tau, active), Err("SVC 1021".to_owned()));
        }
    }
}
