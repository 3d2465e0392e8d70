//! Service packs: the commercial plans that there are, and which one a SIM has.

use super::pages::Page;
use super::{Platform, org_id};
use crate::fault::Fault;
use crate::fleet::{Fleet, Sim};

/// How many service packs there are: enough for several pages.
const COUNT: u32 = 23;
/// Id of the first.
const FIRST: u32 = 30_301;
/// Names of those that SIMs have, in the order of the commercial groups; the others have a number.
const NAMES: [&str; 3] = ["Sandbox Plan", "Sandbox Tracker Plan", "Sandbox Lift Plan"];
/// Largest size of a page.
const MAX_BATCH: i64 = 10;

/// A commercial plan of basic services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServicePack {
    pub(crate) id: u32,
    pub(crate) name: String,
    /// Handed out; else it will be at midnight.
    pub(crate) published: bool,
}

impl ServicePack {
    fn new(number: u32) -> Self {
        let known = usize::try_from(number).ok().and_then(|n| NAMES.get(n));
        Self {
            id: FIRST + number,
            name: known.map_or_else(
                || format!("Sandbox Plan {}", number + 1),
                |n| (*n).to_owned(),
            ),
            published: number + 1 < COUNT,
        }
    }

    /// The service pack of this id.
    pub(crate) fn find(id: &str) -> Option<Self> {
        let number = id.trim().parse::<u32>().ok()?.checked_sub(FIRST)?;
        (number < COUNT).then(|| Self::new(number))
    }

    /// Id of the service pack of a founding commercial group.
    pub(super) fn founding(group: usize) -> String {
        (FIRST + u32::try_from(group).unwrap_or_default()).to_string()
    }

    /// The service pack of a SIM: that of its commercial group.
    pub(crate) fn of(sim: &Sim, fleet: &Fleet) -> Self {
        let group = fleet.commercial_groups().get(sim.commercial_group);
        let pack = group.and_then(|group| Self::find(&group.service_pack_id));
        pack.unwrap_or_else(|| Self::new(0))
    }
}

impl Platform {
    /// `getServicePacks`: those of a customer, who has to be this one.
    pub(crate) fn service_packs(
        &self,
        organisation: &str,
        start: Option<i64>,
        size: Option<i64>,
        customer: Option<&str>,
    ) -> Result<Vec<ServicePack>, Fault> {
        let page = Page::new(("startIndex", start), size, MAX_BATCH)?;
        let own = |customer: &str| {
            customer == org_id(organisation)
                || self.fleet.find(|sim| sim.customer_id == customer).is_some()
        };
        let count = if customer.is_none_or(own) { COUNT } else { 0 };
        let all: Vec<_> = (0..count).map(ServicePack::new).collect();
        Ok(page.of(all.iter()))
    }
}

impl Platform {
    /// `getServicePack`, which is REST's alone.
    pub(crate) fn service_pack(&self, id: &str) -> Result<ServicePack, Fault> {
        let number = id.parse().ok().and_then(|id: u32| id.checked_sub(FIRST));
        let number = number.filter(|number| *number < COUNT);
        number
            .map(ServicePack::new)
            .ok_or_else(|| Fault::not_found(id))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::platform::Reports;

    #[test]
    fn pages_and_customers() {
        let reports = Reports::new(7, Duration::ZERO, crate::platform::Doors::default());
        let p = Platform::new(Fleet::new(30, 7), 7, reports);
        let page = |start, size| p.service_packs("Acme", start, size, None);
        assert_eq!(page(None, None).unwrap().len(), 10);
        let last = page(Some(20), Some(10)).unwrap();
        assert_eq!((last.len(), last[2].published), (3, false));
        assert!(page(Some(23), None).unwrap().is_empty());
        for size in [0, 11] {
            assert_eq!(page(None, Some(size)).unwrap_err().code(), "SVC 1021");
        }
        assert_eq!(page(Some(-1), None).unwrap_err().code(), "SVC 1021");
        let of = |customer| p.service_packs("Acme", None, None, Some(customer));
        assert_eq!(of("customer-Acme-5a9db0c5").unwrap().len(), 10);
        assert!(of("customer-other").unwrap().is_empty());
    }

    #[test]
    fn every_sim_has_one_by_its_group() {
        let fleet = Fleet::new(60, 7);
        let packs = fleet.all().into_iter().map(|sim| {
            let pack = ServicePack::of(&sim, &fleet);
            assert_eq!(pack.id - FIRST, sim.commercial_group - 10_101);
            pack.id
        });
        assert_eq!(packs.collect::<BTreeSet<_>>().len(), 3);
    }
}
