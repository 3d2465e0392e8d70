//! Plans of supplementary services. Each organisation has one.

use super::{Platform, org_id};
use crate::fault::Fault;
use crate::fleet::{Random, Sim};

/// The plan of an organisation, with the SIMs counted that have its services now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) id: String,
    pub(crate) customer_id: String,
    pub(crate) customer_name: String,
    pub(crate) subscriptions: usize,
    pub(crate) vpn: usize,
    pub(crate) advanced_supervision: usize,
    pub(crate) location: usize,
    pub(crate) dca: usize,
    pub(crate) dim: usize,
}

impl Platform {
    /// `getSupplementaryServices`, `getSupplementaryServiceDetail`: the plan of an organisation,
    /// which has to be that of the id if there is one.
    pub(crate) fn plan(&self, organisation: &str, id: Option<&str>) -> Result<Plan, Fault> {
        let sims = self.fleet.all();
        let count = |has: fn(&Sim) -> bool| sims.iter().filter(|sim| has(sim)).count();
        let bytes = organisation.bytes().map(u64::from);
        let own = bytes.fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte));
        let plan = Plan {
            id: Random::new(self.seed, own).hex24(),
            customer_id: org_id(organisation),
            customer_name: organisation.to_owned(),
            subscriptions: sims.len(),
            vpn: count(|sim| sim.suppl_services.vpn),
            advanced_supervision: count(|sim| sim.suppl_services.advanced_supervision),
            location: count(|sim| sim.suppl_services.location),
            dca: count(|sim| sim.suppl_services.dca),
            dim: count(|sim| sim.suppl_services.dim),
        };
        match id {
            Some(id) if id != plan.id => Err(Fault::not_found(id)),
            _ => Ok(plan),
        }
    }
}
