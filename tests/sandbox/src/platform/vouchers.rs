//! Prepaid vouchers: what a SIM's service pack offers, and what was bought.

use std::sync::Mutex;

use tokio::time::Instant;

use super::{Platform, ServicePack};
use crate::fault::Fault;
use crate::fleet::{Money, Random, Sim, SimId};
use crate::lifecycle::State;
use crate::lock;
use crate::time::Timestamp;

const DAY: i64 = 86_400;
const MIB: u64 = 1 << 20;

/// The group of zones and the destination of every voucher: id and name.
pub(crate) const ZONE_GROUP: (&str, &str) = ("1", "Sandbox Zone");
pub(crate) const DESTINATION: (&str, &str) = ("10", "Sandbox Data");

/// A voucher that can be bought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Id of the service pack that it belongs to.
    pub(crate) pack: u32,
    pub(crate) recurrent: bool,
    /// Bytes.
    pub(crate) data: u64,
    pub(crate) validity: Validity,
    pub(crate) fee: Money,
    /// Active from its purchase on, else from the first traffic after it.
    pub(crate) immediate: bool,
}

/// How long a voucher is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    Days(u32),
    Months(u32),
}

impl Validity {
    /// A month has thirty days here.
    fn seconds(self) -> i64 {
        match self {
            Self::Days(days) => i64::from(days) * DAY,
            Self::Months(months) => i64::from(months) * 30 * DAY,
        }
    }
}

/// Every voucher. The third service pack has none: it is paid per use.
const OFFERS: [Offer; 5] = [
    Offer {
        id: "7001",
        name: "Sandbox 100 MiB",
        pack: 30_301,
        recurrent: false,
        data: 100 * MIB,
        validity: Validity::Days(30),
        fee: Money::from_e5(150_000),
        immediate: true,
    },
    Offer {
        id: "7002",
        name: "Sandbox 500 MiB from the first traffic",
        pack: 30_301,
        recurrent: false,
        data: 500 * MIB,
        validity: Validity::Months(3),
        fee: Money::from_e5(600_000),
        immediate: false,
    },
    Offer {
        id: "7003",
        name: "Sandbox 250 MiB a month",
        pack: 30_301,
        recurrent: true,
        data: 250 * MIB,
        validity: Validity::Months(1),
        fee: Money::from_e5(300_000),
        immediate: true,
    },
    Offer {
        id: "7004",
        name: "Sandbox 1 GiB a month",
        pack: 30_302,
        recurrent: true,
        data: 1024 * MIB,
        validity: Validity::Months(1),
        fee: Money::from_e5(900_000),
        immediate: true,
    },
    Offer {
        id: "7005",
        name: "Sandbox 50 MiB from the first traffic",
        pack: 30_302,
        recurrent: false,
        data: 50 * MIB,
        validity: Validity::Days(7),
        fee: Money::from_e5(75_000),
        immediate: false,
    },
];

/// What a purchase asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Purchase {
    pub(crate) voucher: String,
    pub(crate) expires: Option<Timestamp>,
    /// Earlier one-time vouchers stay valid as long as this one.
    pub(crate) extend: bool,
    pub(crate) renewal_day: Option<u32>,
    /// Bytes up to the first renewal.
    pub(crate) initial_data: Option<u64>,
}

/// When a voucher became active: by the calendar, and by the clock that tests can move.
#[derive(Debug, Clone, Copy)]
struct Start {
    time: Timestamp,
    at: Instant,
}

impl Start {
    fn now() -> Self {
        Self {
            time: Timestamp::now(),
            at: Instant::now(),
        }
    }

    /// Seconds since then.
    fn age(self) -> i64 {
        i64::try_from(self.at.elapsed().as_secs()).unwrap_or(i64::MAX / 2)
    }
}

/// A voucher that was bought.
#[derive(Debug, Clone)]
struct Bought {
    instance: String,
    subscription: String,
    offer: &'static Offer,
    purchased: Timestamp,
    extend: bool,
    initial_data: Option<u64>,
    start: Option<Start>,
    /// When it ends, unless it is renewed until then.
    expires: Option<Timestamp>,
    renewed: bool,
    /// Period that `used` belongs to, and bytes used in it.
    used: (i64, u64),
}

impl Bought {
    fn activate(&mut self) {
        if self.start.is_none() {
            let start = Start::now();
            self.start = Some(start);
            if !self.offer.recurrent && self.expires.is_none() {
                self.expires = Some(start.time.plus(self.offer.validity.seconds()));
            }
        }
    }

    /// Renewals so far.
    fn period(&self) -> i64 {
        let age = self.start.map_or(0, Start::age);
        if self.offer.recurrent {
            age / self.offer.validity.seconds()
        } else {
            0
        }
    }

    fn total(&self) -> u64 {
        match self.initial_data {
            Some(data) if self.period() == 0 => data,
            _ => self.offer.data,
        }
    }

    fn remaining(&self) -> u64 {
        let (period, used) = self.used;
        let used = if period == self.period() { used } else { 0 };
        self.total().saturating_sub(used)
    }

    /// End of the present period.
    fn period_ends(&self) -> Option<Timestamp> {
        let length = self.offer.validity.seconds();
        self.start
            .map(|start| start.time.plus((self.period() + 1) * length))
    }

    fn is_alive(&self) -> bool {
        let over = match (self.start, self.expires) {
            (Some(start), Some(end)) => start.time.plus(start.age()) >= end,
            _ => false,
        };
        !over && (self.offer.recurrent || self.remaining() > 0)
    }
}

/// A voucher as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActiveVoucher {
    pub(crate) instance: String,
    pub(crate) offer: &'static Offer,
    pub(crate) purchased: Timestamp,
    pub(crate) activated: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) extend: bool,
    pub(crate) total: u64,
    pub(crate) remaining: u64,
}

/// Every voucher that was bought.
#[derive(Debug)]
pub(crate) struct Vouchers(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    ids: Random,
    /// In the order of purchase, which is that of their use.
    bought: Vec<Bought>,
}

impl Vouchers {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(Inner {
            ids: Random::new(seed, u64::MAX - 2),
            bought: Vec::new(),
        }))
    }
}

impl Inner {
    /// The voucher of this id that the SIM has.
    fn own(&mut self, sim: &Sim, instance: &str) -> Result<&mut Bought, Fault> {
        let instance = instance.trim();
        self.bought
            .iter_mut()
            .find(|b| {
                b.instance == instance && b.subscription == sim.subscription_id && b.is_alive()
            })
            .ok_or_else(|| Fault::not_found(instance))
    }
}

impl Offer {
    /// What a service pack offers.
    pub(crate) fn of(pack: u32) -> impl Iterator<Item = &'static Self> {
        OFFERS.iter().filter(move |offer| offer.pack == pack)
    }
}

impl Platform {
    /// `getAvailableVoucher`: what the SIM's service pack offers.
    pub(crate) fn available_vouchers(
        &self,
        id: &SimId,
    ) -> Result<(ServicePack, Vec<&'static Offer>), Fault> {
        let pack = ServicePack::of(&*self.sim(id)?, &self.fleet);
        let offers = Offer::of(pack.id).collect();
        Ok((pack, offers))
    }

    /// `getActiveVouchers`: what the SIM has, those that wait for traffic among it.
    pub(crate) fn active_vouchers(&self, id: &SimId) -> Result<Vec<ActiveVoucher>, Fault> {
        let sim = self.sim(id)?;
        let inner = lock(&self.vouchers.0);
        let own = inner.bought.iter();
        let own = own.filter(|b| b.subscription == sim.subscription_id && b.is_alive());
        Ok(own
            .map(|b| ActiveVoucher {
                instance: b.instance.clone(),
                offer: b.offer,
                purchased: b.purchased,
                activated: b.start.map(|start| start.time),
                expires: if b.renewed {
                    b.expires.or(b.period_ends())
                } else {
                    b.expires
                },
                extend: b.extend,
                total: b.total(),
                remaining: b.remaining(),
            })
            .collect())
    }

    /// `purchaseOneTimeVoucher` and `purchaseRecurrentVoucher`: gives the id of the purchase. Its
    /// price is added to the SIM's fees.
    pub(crate) fn purchase_voucher(
        &self,
        id: &SimId,
        recurrent: bool,
        purchase: &Purchase,
    ) -> Result<String, Fault> {
        let (_, offers) = self.available_vouchers(id)?;
        let wanted = purchase.voucher.trim();
        let offer = offers
            .into_iter()
            .find(|offer| offer.id == wanted)
            .ok_or_else(|| Fault::not_found(wanted))?;
        if offer.recurrent != recurrent {
            let kind = if offer.recurrent {
                "RECURRENT"
            } else {
                "ONE_TIME"
            };
            return Err(Fault::invalid_value(format!(
                "voucherId {wanted} is {kind}"
            )));
        }
        if let Some(expires) = purchase.expires {
            if !offer.immediate {
                return Err(Fault::not_allowed(
                    "expirationDate, as the voucher is not activated at once",
                ));
            }
            if expires <= Timestamp::now() {
                return Err(Fault::invalid_value(format!("expirationDate {expires}")));
            }
        }
        if let Some(day) = purchase.renewal_day
            && !(1..=31).contains(&day)
        {
            let value = format!("renewalDay {day}.");
            return Err(Fault::unsupported_value(value, "1 to 31"));
        }
        self.change(id, |sim| {
            if matches!(sim.state(), State::Suspended | State::Retired) {
                return Err(Fault::not_allowed(format_args!(
                    "the subscription is {}",
                    sim.state()
                )));
            }
            if let Some(expenses) = &mut sim.expenses {
                expenses.fee = Money::from_e5(expenses.fee.e5() + offer.fee.e5());
            }
            let mut inner = lock(&self.vouchers.0);
            let mut new = Bought {
                instance: uuid(&mut inner.ids),
                subscription: sim.subscription_id.clone(),
                offer,
                purchased: Timestamp::now(),
                extend: purchase.extend,
                initial_data: purchase.initial_data,
                start: None,
                expires: purchase.expires,
                renewed: recurrent,
                used: (0, 0),
            };
            if offer.immediate {
                new.activate();
            }
            if purchase.extend {
                let earlier = inner.bought.iter_mut().filter(|b| {
                    b.subscription == new.subscription && !b.offer.recurrent && b.is_alive()
                });
                for b in earlier.filter(|b| b.start.is_some()) {
                    b.expires = b.expires.max(new.expires);
                }
            }
            let instance = new.instance.clone();
            inner.bought.push(new);
            Ok(instance)
        })
    }

    /// `cancelVoucher`: only one-time vouchers that wait for traffic.
    pub(crate) fn cancel_voucher(&self, id: &SimId, instance: &str) -> Result<(), Fault> {
        let sim = self.sim(id)?;
        let mut inner = lock(&self.vouchers.0);
        let own = inner.own(&sim, instance)?;
        if own.offer.recurrent {
            return Err(Fault::not_allowed("the voucher is RECURRENT"));
        }
        if own.start.is_some() {
            return Err(Fault::not_allowed("the voucher is active already"));
        }
        let instance = own.instance.clone();
        inner.bought.retain(|b| b.instance != instance);
        Ok(())
    }

    /// `cancelRecurrentVoucherRenewal`: it stays until its period ends.
    pub(crate) fn cancel_renewal(&self, id: &SimId, instance: &str) -> Result<(), Fault> {
        let sim = self.sim(id)?;
        let mut inner = lock(&self.vouchers.0);
        let own = inner.own(&sim, instance)?;
        if !own.offer.recurrent {
            return Err(Fault::not_allowed("the voucher is ONE_TIME"));
        }
        if own.renewed {
            own.renewed = false;
            own.expires = own.expires.or(own.period_ends());
        }
        Ok(())
    }

    /// Data traffic of a SIM: it counts as consumption, activates what waits for it, and is taken
    /// from the vouchers in the order of their purchase.
    pub(crate) fn data_traffic(&self, id: &SimId, bytes: u64) -> Result<(), Fault> {
        self.change(id, |sim| {
            sim.daily.data.value += bytes;
            sim.monthly.data.value += bytes;
            let mut left = bytes;
            let mut inner = lock(&self.vouchers.0);
            let own = inner.bought.iter_mut();
            for b in own.filter(|b| b.subscription == sim.subscription_id && b.is_alive()) {
                b.activate();
                let (period, remaining) = (b.period(), b.remaining());
                let taken = left.min(remaining);
                b.used = (period, b.total() - remaining + taken);
                left -= taken;
            }
            Ok(())
        })
    }
}

fn uuid(ids: &mut Random) -> String {
    let hex = ids.hex24() + &ids.hex24();
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::fleet::Fleet;
    use crate::platform::Reports;

    fn platform() -> Platform {
        let reports = Reports::new(7, Duration::ZERO, crate::platform::Doors::default());
        Platform::new(Fleet::new(100, 7), 7, reports)
    }

    /// An active SIM of the first service pack.
    fn sim(p: &Platform) -> Arc<Sim> {
        let fits = |s: &Sim| s.state() == State::Active && s.commercial_group == 10_101;
        p.fleet.find(|s| fits(s) && s.expenses.is_some()).unwrap()
    }

    fn buy(p: &Platform, sim: &Sim, voucher: &str) -> Result<String, String> {
        let purchase = Purchase {
            voucher: voucher.to_owned(),
            ..Purchase::default()
        };
        p.purchase_voucher(&sim.id(), voucher == "7003", &purchase)
            .map_err(|fault| fault.code())
    }

    fn remaining(p: &Platform, sim: &Sim) -> Vec<u64> {
        let active = p.active_vouchers(&sim.id()).unwrap();
        active.iter().map(|v| v.remaining / MIB).collect()
    }

    async fn days(days: u64) {
        tokio::time::advance(Duration::from_secs(days * 86_400)).await;
    }

    #[test]
    fn offers_are_those_of_the_service_pack() {
        let p = platform();
        for (group, ids) in [
            (10_101, &["7001", "7002", "7003"][..]),
            (10_102, &["7004", "7005"]),
            (10_103, &[]),
        ] {
            let sim = p.fleet.find(|s| s.commercial_group == group).unwrap();
            let (pack, offers) = p.available_vouchers(&sim.id()).unwrap();
            assert_eq!(pack.id, group + 20_200);
            let offered: Vec<_> = offers.iter().map(|o| o.id).collect();
            assert_eq!(offered, ids);
        }
        let nobody = SimId::icc("8999999999999999999");
        assert_eq!(
            p.available_vouchers(&nobody).unwrap_err().code(),
            "SVC 1006"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn traffic_is_taken_once_in_the_order_of_purchase() {
        let p = platform();
        let sim = sim(&p);
        buy(&p, &sim, "7003").unwrap();
        buy(&p, &sim, "7001").unwrap();
        assert_eq!(remaining(&p, &sim), [250, 100]);
        p.data_traffic(&sim.id(), 200 * MIB).unwrap();
        assert_eq!(remaining(&p, &sim), [50, 100]);
        p.data_traffic(&sim.id(), 60 * MIB).unwrap();
        assert_eq!(remaining(&p, &sim), [0, 90]);
        p.data_traffic(&sim.id(), 500 * MIB).unwrap();
        assert_eq!(
            remaining(&p, &sim),
            [0],
            "a one-time voucher ends with its volume"
        );
        let after = p.sim(&sim.id()).unwrap();
        let used = after.monthly.data.value - sim.monthly.data.value;
        assert_eq!(used, 760 * MIB);
        let fee = |sim: &Sim| sim.expenses.as_ref().unwrap().fee.e5();
        assert_eq!(fee(&after) - fee(&sim), 450_000, "each charged once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_recurrent_voucher_is_renewed_until_that_is_cancelled() {
        let p = platform();
        let sim = sim(&p);
        let instance = buy(&p, &sim, "7003").unwrap();
        p.data_traffic(&sim.id(), 200 * MIB).unwrap();
        days(30).await;
        assert_eq!(remaining(&p, &sim), [250]);
        p.cancel_renewal(&sim.id(), &instance).unwrap();
        p.cancel_renewal(&sim.id(), &instance).unwrap();
        days(29).await;
        assert_eq!(remaining(&p, &sim), [250]);
        let listed = p.active_vouchers(&sim.id()).unwrap().remove(0);
        let began = listed.activated.unwrap();
        assert_eq!(listed.expires, Some(began.plus(60 * DAY)));
        days(1).await;
        assert_eq!(remaining(&p, &sim), [0; 0]);
        let gone = p.cancel_renewal(&sim.id(), &instance).unwrap_err();
        assert_eq!(gone.code(), "SVC 1006");
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_waits_can_be_cancelled() {
        let p = platform();
        let sim = sim(&p);
        let cancel = |instance: &str| p.cancel_voucher(&sim.id(), instance).map_err(|f| f.code());
        let waiting = buy(&p, &sim, "7002").unwrap();
        let listed = p.active_vouchers(&sim.id()).unwrap().remove(0);
        assert_eq!((listed.activated, listed.expires), (None, None));
        let other = p.fleet.find(|s| s.icc != sim.icc).unwrap();
        assert!(p.cancel_voucher(&other.id(), &waiting).is_err());
        assert_eq!(cancel(&waiting), Ok(()));
        assert_eq!(cancel(&waiting), Err("SVC 1006".into()));
        assert_eq!(remaining(&p, &sim), [0; 0]);

        let used = buy(&p, &sim, "7002").unwrap();
        p.data_traffic(&sim.id(), MIB).unwrap();
        assert_eq!(cancel(&used), Err("SVC 1013".into()));
        days(89).await;
        assert_eq!(remaining(&p, &sim), [499]);
        days(1).await;
        assert_eq!(remaining(&p, &sim), [0; 0]);
        let recurrent = buy(&p, &sim, "7003").unwrap();
        assert_eq!(cancel(&recurrent), Err("SVC 1013".into()));
        let once = buy(&p, &sim, "7001").unwrap();
        let renewal = p.cancel_renewal(&sim.id(), &once).unwrap_err();
        assert_eq!(renewal.code(), "SVC 1013");
    }

    #[tokio::test(start_paused = true)]
    async fn an_extension_keeps_earlier_vouchers_alive() {
        let p = platform();
        let sim = sim(&p);
        buy(&p, &sim, "7001").unwrap();
        days(20).await;
        let expires = Timestamp::now().plus(300 * DAY);
        let purchase = Purchase {
            voucher: "7001".to_owned(),
            expires: Some(expires),
            extend: true,
            ..Purchase::default()
        };
        p.purchase_voucher(&sim.id(), false, &purchase).unwrap();
        days(100).await;
        assert_eq!(remaining(&p, &sim), [100, 100]);
    }

    #[test]
    fn purchases_that_are_refused() {
        let p = platform();
        let sim = sim(&p);
        let refused = |recurrent, purchase: Purchase| {
            let bought = p.purchase_voucher(&sim.id(), recurrent, &purchase);
            bought.unwrap_err().code()
        };
        let of = |voucher: &str| Purchase {
            voucher: voucher.to_owned(),
            ..Purchase::default()
        };
        assert_eq!(refused(true, of("7001")), "SVC 1021");
        assert_eq!(refused(true, of("7004")), "SVC 1006", "another pack's");
        let expires = Some(Timestamp::now().plus(DAY));
        assert_eq!(
            refused(
                false,
                Purchase {
                    expires,
                    ..of("7002")
                }
            ),
            "SVC 1013"
        );
        let expires = Some(Timestamp::from_unix(0));
        assert_eq!(
            refused(
                false,
                Purchase {
                    expires,
                    ..of("7001")
                }
            ),
            "SVC 1021"
        );
        let renewal_day = Some(32);
        assert_eq!(
            refused(
                true,
                Purchase {
                    renewal_day,
                    ..of("7003")
                }
            ),
            "SVC 1021"
        );
        let fits = |s: &Sim| s.commercial_group == 10_101 && s.state() == State::Suspended;
        let suspended = p.fleet.find(fits).unwrap();
        assert_eq!(buy(&p, &suspended, "7001"), Err("SVC 1013".into()));
        assert!(p.active_vouchers(&sim.id()).unwrap().is_empty());
        let after = p.sim(&suspended.id()).unwrap();
        assert_eq!(after.expenses, suspended.expenses, "nothing is charged");
    }
}
