//! What the platform does: operations on the fleet, with the platform's refusals.
//!
//! Nothing here knows of XML or HTTP.

mod change;
mod commercial_groups;
mod csv;
mod customers;
mod diagnostics;
mod end_customers;
mod filter;
mod pages;
mod prebills;
mod reports;
mod service_packs;
mod supplementary;
mod users;
mod vouchers;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub(crate) use change::{
    Apns, BasicServicesChange, Change, ExpenseLimits, Labels, SingleIp, SupplementaryChange,
    Threshold, Thresholds,
};
pub use commercial_groups::{
    CommercialGroup, CommercialGroups, GroupLimit, PowerSaving, ScreeningLists,
};
pub(crate) use commercial_groups::{GroupChange, ListsChange, UNITS};
pub(crate) use csv::consumed;
pub use customers::{Addressing, Customer, Vpn};
pub(crate) use customers::{
    BillingAccount, CustomerChange, Customers, FISCAL_NUMBER, billing_account_name, own,
};
use diagnostics::Diagnostics;
pub(crate) use diagnostics::{Administrative, Issues, Layer};
pub(crate) use end_customers::{EndCustomerFields, EndCustomers, Field};
pub(crate) use filter::Filters;
pub use reports::LinkScheme;
pub(crate) use reports::{Doors, Given, Listed, Order, Packing, Reports, org_id, parse_day};
pub(crate) use supplementary::Plan;
pub(crate) use users::{User, UserFields, UserFilters, Users, roles};

use pages::Page;
pub(crate) use prebills::{Prebill, PrebillFilter, Prebills};
pub(crate) use service_packs::ServicePack;
pub(crate) use vouchers::{
    ActiveVoucher, DESTINATION, Offer, Purchase, Validity, Vouchers, ZONE_GROUP,
};

use crate::fault::Fault;
use crate::fleet::{Fleet, Random, Sim, SimId, SimKind, Voucher};
use crate::lifecycle::{Actor, StatusEntry};
use crate::lock;
use crate::time::Timestamp;

/// Largest size of a page.
const MAX_BATCH: i64 = 1000;
/// Most SIMs that one `sendSMS` may address.
const MAX_SMS_DESTINATIONS: usize = 1000;

/// A message that `sendSMS` has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentSms {
    /// The task's id: 24 hexadecimal digits.
    pub watcher_id: String,
    /// Organisation that sent it.
    pub organisation: String,
    /// ICCs of the addressed SIMs.
    pub destinations: Vec<String>,
    /// The text.
    pub text: String,
    /// Sender's number.
    pub origin_msisdn: Option<String>,
    /// Whether delivery reports were asked for.
    pub delivery_report: bool,
}

/// The platform's state.
#[derive(Debug)]
pub(crate) struct Platform {
    customers: Customers,
    pub(crate) fleet: Fleet,
    pub(crate) reports: Reports,
    diagnostics: Diagnostics,
    pub(crate) end_customers: EndCustomers,
    pub(crate) users: Users,
    seed: u64,
    prebills: Prebills,
    sms: Mutex<Sms>,
    vouchers: Vouchers,
}

#[derive(Debug)]
struct Sms {
    ids: Random,
    sent: Vec<SentSms>,
    /// How often each task was asked about.
    asked: HashMap<String, u32>,
}

impl Platform {
    pub(crate) fn new(fleet: Fleet, seed: u64, reports: Reports) -> Self {
        let ids = Random::new(seed, u64::MAX);
        let sms = Sms {
            ids,
            sent: Vec::new(),
            asked: HashMap::new(),
        };
        Self {
            customers: Customers::new(),
            fleet,
            prebills: Prebills::new(seed, reports.base()),
            reports,
            diagnostics: Diagnostics::new(seed),
            end_customers: EndCustomers::new(seed),
            users: Users::default(),
            seed,
            sms: Mutex::new(sms),
            vouchers: Vouchers::new(seed),
        }
    }

    /// `echo`.
    pub(crate) fn echo(data: &str) -> Result<String, Fault> {
        match data.chars().count() {
            0 => Err(Fault::missing("data")),
            1..=20 => Ok(data.to_owned()),
            _ => Err(Fault::new(
                "SVC",
                1011,
                "Invalid data length. Length should be less than 21",
            )),
        }
    }

    /// `getSubscriptions`.
    pub(crate) fn list(
        &self,
        size: Option<i64>,
        start: Option<i64>,
        filters: &Filters,
    ) -> Result<Vec<Arc<Sim>>, Fault> {
        let Page { skip, take } = Page::new(("startIndex", start), size, MAX_BATCH)?;
        Ok(self.fleet.page(skip, take, |sim| filters.fit(sim)))
    }

    /// The SIM that an operation is about.
    pub(crate) fn sim(&self, id: &SimId) -> Result<Arc<Sim>, Fault> {
        self.fleet.get(id).ok_or_else(|| unknown(id))
    }

    /// `getStatusHistory`: what began in the time asked for.
    pub(crate) fn history(
        &self,
        id: &SimId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<StatusEntry>, Fault> {
        let sim = self.sim(id)?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Fault::invalid_value("startDate is after endDate"));
        }
        let fits = |e: &&StatusEntry| {
            from.is_none_or(|from| e.time >= from) && to.is_none_or(|to| e.time <= to)
        };
        Ok(sim.life.history().filter(fits).cloned().collect())
    }

    /// `modifySubscription`: all of the change or nothing of it.
    pub(crate) fn modify(
        &self,
        organisation: &str,
        id: &SimId,
        change: &Change,
    ) -> Result<(), Fault> {
        self.change(id, |sim| change.apply(sim, &self.fleet, organisation))
    }

    /// `modifyTimeAndConsumption`.
    pub(crate) fn set_voucher(&self, id: &SimId, voucher: Voucher) -> Result<(), Fault> {
        if voucher.data_time < 0 || voucher.data_consumption < 0 {
            return Err(Fault::invalid_value(
                "timeAndConsumptionVoucher must not be negative",
            ));
        }
        self.change(id, |sim| {
            sim.voucher = voucher;
            Ok(())
        })
    }

    /// `networkReset`: makes the network look the SIM up anew; its state stays as it is.
    pub(crate) fn network_reset(
        &self,
        id: &SimId,
        network_2g3g: Option<bool>,
        network_4g: Option<bool>,
    ) -> Result<(), Fault> {
        if (network_2g3g, network_4g) == (Some(false), Some(false)) {
            return Err(Fault::invalid_value(
                "network2g3g and network4g are both false",
            ));
        }
        self.change(id, |sim| {
            sim.network_resets += 1;
            Ok(())
        })
    }

    /// `downloadAndActivateProfile`.
    pub(crate) fn download_profile(
        &self,
        id: &SimId,
        customer: &str,
        group: &str,
    ) -> Result<(), Fault> {
        self.change(id, |sim| {
            let groups = self.fleet.commercial_groups();
            let group = groups.find("targetCommercialGroupId", group)?;
            euicc(sim)?;
            sim.commercial_group = group.id;
            customer.clone_into(&mut sim.customer_id);
            sim.swap_status = Some("DOWNLOADING");
            Ok(())
        })
    }

    /// `auditSwapProfile`.
    pub(crate) fn audit_profile(&self, id: &SimId) -> Result<(), Fault> {
        self.change(id, |sim| {
            euicc(sim)?;
            sim.profile_audits += 1;
            Ok(())
        })
    }

    /// `block`: sets or ends a block. Blocks of the same cause are one; ending one without a cause
    /// ends them all.
    pub(crate) fn block(&self, id: &SimId, cause: Option<&str>, on: bool) -> Result<(), Fault> {
        self.change(id, |sim| {
            match (cause, on) {
                (Some(cause), true) if !sim.blocks.iter().any(|b| b == cause) => {
                    sim.blocks.push(cause.to_owned());
                }
                (Some(_), true) => {}
                (None, true) => return Err(Fault::missing("block_cause")),
                (Some(cause), false) => sim.blocks.retain(|b| b != cause),
                (None, false) => sim.blocks.clear(),
            }
            Ok(())
        })
    }

    /// `swapSubscriptions`: exchanges the cards of two subscriptions.
    pub(crate) fn swap(&self, one: &SimId, other: &SimId) -> Result<(), Fault> {
        let (first, second) = (self.sim(one)?, self.sim(other)?);
        if first.subscription_id == second.subscription_id {
            return Err(Fault::invalid_value("both are the same subscription"));
        }
        // By what stays with a subscription, whatever else swaps cards meanwhile.
        let [first, second] =
            [first, second].map(|sim| SimId::SubscriptionId(sim.subscription_id.clone()));
        match self.fleet.swap_cards(&first, &second) {
            true => Ok(()),
            false => Err(unknown(one)),
        }
    }

    /// `sendSMS`: gives the task's id.
    pub(crate) fn send_sms(
        &self,
        organisation: &str,
        destinations: &[SimId],
        text: &str,
        origin_msisdn: Option<String>,
        delivery_report: bool,
    ) -> Result<String, Fault> {
        if destinations.len() > MAX_SMS_DESTINATIONS {
            return Err(Fault::invalid_value(format!(
                "{} destSubscriptions, no more than {MAX_SMS_DESTINATIONS} are allowed",
                destinations.len()
            )));
        }
        if text.is_empty() {
            return Err(Fault::missing("text"));
        }
        let destinations = destinations
            .iter()
            .map(|id| self.sim(id).map(|sim| sim.icc.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        let mut sms = lock(&self.sms);
        let watcher_id = sms.ids.hex24();
        sms.sent.push(SentSms {
            watcher_id: watcher_id.clone(),
            organisation: organisation.to_owned(),
            destinations,
            text: text.to_owned(),
            origin_msisdn,
            delivery_report,
        });
        sms.asked.insert(watcher_id.clone(), 0);
        Ok(watcher_id)
    }

    /// `getSendSMSResult`: whether the task is finished. It is not when first asked about.
    pub(crate) fn sms_finished(&self, watcher_id: &str) -> Result<bool, Fault> {
        let mut sms = lock(&self.sms);
        let asked = sms
            .asked
            .get_mut(watcher_id)
            .ok_or_else(|| Fault::not_found(watcher_id))?;
        *asked += 1;
        Ok(*asked > 1)
    }

    /// Messages so far.
    pub(crate) fn sent_sms(&self) -> Vec<SentSms> {
        lock(&self.sms).sent.clone()
    }

    /// Moves a SIM through its life cycle on somebody's behalf.
    pub(crate) fn transition(
        &self,
        id: &SimId,
        to: crate::lifecycle::State,
        actor: Actor<'_>,
    ) -> Result<(), Fault> {
        self.change(id, |sim| change::go(sim, to, actor))
    }

    /// Changes a copy and keeps it if that succeeds.
    fn change<T>(
        &self,
        id: &SimId,
        change: impl FnOnce(&mut Sim) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let changed = self.fleet.update(id, |sim| {
            let mut copy = sim.clone();
            let answer = change(&mut copy)?;
            *sim = copy;
            Ok(answer)
        });
        changed.unwrap_or_else(|| Err(unknown(id)))
    }
}

fn unknown(id: &SimId) -> Fault {
    Fault::not_found(id.value())
}

fn euicc(sim: &Sim) -> Result<(), Fault> {
    match sim.kind {
        SimKind::Euicc => Ok(()),
        SimKind::Uicc => Err(Fault::not_allowed("the subscription is not an EUICC")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;
    use crate::lifecycle::State;

    fn platform() -> Platform {
        let reports = Reports::new(7, Duration::ZERO, crate::platform::Doors::default());
        Platform::new(Fleet::new(300, 7), 7, reports)
    }

    fn all() -> Filters {
        Filters::default()
    }

    #[test]
    fn pages() {
        let p = platform();
        assert_eq!(p.list(None, None, &all()).unwrap().len(), 10);
        assert_eq!(p.list(Some(1000), Some(295), &all()).unwrap().len(), 5);
        assert_eq!(p.list(Some(1000), Some(300), &all()).unwrap().len(), 0);
        for size in [0, -1, 1001] {
            assert_eq!(
                p.list(Some(size), None, &all()).unwrap_err().code(),
                "SVC 1021"
            );
        }
        assert_eq!(
            p.list(None, Some(-1), &all()).unwrap_err().code(),
            "SVC 1021"
        );
    }

    #[test]
    fn unknown_sims() {
        let p = platform();
        let id = SimId::icc("8999999999999999999");
        assert_eq!(p.sim(&id).unwrap_err().code(), "SVC 1006");
        assert_eq!(
            p.network_reset(&id, None, None).unwrap_err().code(),
            "SVC 1006"
        );
    }

    #[test]
    fn a_reset_leaves_the_state_alone() {
        let p = platform();
        let before = p.fleet.at(0).unwrap();
        p.network_reset(&before.id(), Some(true), None).unwrap();
        let after = p.sim(&before.id()).unwrap();
        assert_eq!((after.network_resets, &after.life), (1, &before.life));
    }

    #[test]
    fn vouchers_are_read_back() {
        let p = platform();
        let id = p.fleet.at(3).unwrap().id();
        let voucher = Voucher {
            enabled: true,
            data_time: 3600,
            data_consumption: 1 << 20,
        };
        p.set_voucher(&id, voucher).unwrap();
        assert_eq!(p.sim(&id).unwrap().voucher, voucher);
        assert!(
            p.set_voucher(
                &id,
                Voucher {
                    data_time: -1,
                    ..voucher
                }
            )
            .is_err()
        );
        assert_eq!(p.sim(&id).unwrap().voucher, voucher);
    }

    #[test]
    fn messages() {
        let p = platform();
        let to = [p.fleet.at(0).unwrap().id()];
        let watcher = p.send_sms("Acme", &to, "reboot", None, true).unwrap();
        assert!(watcher.len() == 24 && watcher.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(!p.sms_finished(&watcher).unwrap());
        assert!(p.sms_finished(&watcher).unwrap());
        assert_eq!(p.sms_finished("0").unwrap_err().code(), "SVC 1006");
        let many = vec![to[0].clone(); 1001];
        assert_eq!(
            p.send_sms("Acme", &many, "x", None, false)
                .unwrap_err()
                .code(),
            "SVC 1021"
        );
        assert_eq!(p.sent_sms().len(), 1);
    }

    #[test]
    fn a_swap_moves_the_card_and_nothing_else() {
        let p = platform();
        let broken = p.fleet.find(|s| s.msisdn.is_some()).unwrap();
        let spare = p.fleet.find(|s| s.state() == State::InactiveNew).unwrap();
        let number = SimId::Msisdn(broken.msisdn.clone().unwrap());
        p.swap(&number, &spare.id()).unwrap();
        let mut expected = Sim::clone(&broken);
        expected.icc.clone_from(&spare.icc);
        expected.imsi.clone_from(&spare.imsi);
        // The subscription is the same, by its own identifiers and by those of its new card.
        let subscription = SimId::SubscriptionId(broken.subscription_id.clone());
        for id in [
            &number,
            &subscription,
            &spare.id(),
            &SimId::Imsi(spare.imsi.clone()),
        ] {
            assert_eq!(*p.sim(id).unwrap(), expected);
        }
        let other = p.sim(&broken.id()).unwrap();
        assert_eq!(other.subscription_id, spare.subscription_id);
        assert_eq!(other.imsi, broken.imsi);
        assert_eq!(p.swap(&number, &number).unwrap_err().code(), "SVC 1021");
        let nobody = SimId::icc("8999999999999999999");
        assert_eq!(p.swap(&number, &nobody).unwrap_err().code(), "SVC 1006");
        p.swap(&number, &subscription).unwrap_err();
        p.swap(&subscription, &other.id()).unwrap();
        assert_eq!(p.sim(&number).unwrap(), broken);
    }

    #[test]
    fn profiles_are_for_euicc_only() {
        let p = platform();
        let card = p.fleet.find(|s| s.kind == SimKind::Uicc).unwrap().id();
        let embedded = p.fleet.find(|s| s.kind == SimKind::Euicc).unwrap().id();
        assert_eq!(p.audit_profile(&card).unwrap_err().code(), "SVC 1013");
        p.audit_profile(&embedded).unwrap();
        assert!(
            p.download_profile(&embedded, "customer-1", "nonsense")
                .is_err()
        );
        p.download_profile(&embedded, "customer-1", "10102")
            .unwrap();
        assert_eq!(p.sim(&embedded).unwrap().swap_status, Some("DOWNLOADING"));
    }

    #[test]
    fn history_by_time() {
        let p = platform();
        let sim = p.fleet.find(|s| s.state() == State::Retired).unwrap();
        let all = p.history(&sim.id(), None, None).unwrap();
        assert_eq!(all.len(), 5);
        let from = all[2].time;
        let some = p.history(&sim.id(), Some(from), Some(all[3].time)).unwrap();
        assert_eq!(some, all[2..4]);
        assert!(
            p.history(&sim.id(), Some(from), Some(from.plus(-1)))
                .is_err()
        );
    }
}
