//! Prebills: one for each billing account and month, and their export.

use std::collections::HashMap;
use std::sync::Mutex;

use super::customers::ACCOUNTS;
use super::pages::Page;
use super::reports::Download;
use super::{Platform, parse_day};
use crate::fault::{Fault, escape};
use crate::fleet::{Money, Random};
use crate::lock;
use crate::time::Timestamp;

const DAY: i64 = 86_400;
/// Largest size of a page.
const MAX_BATCH: i64 = 10;
/// The year that there are prebills of.
const YEAR: i64 = 2025;
/// What a SIM costs in a month.
const FEE: i64 = 75_000;
/// What services as a whole cost in a month.
const GLOBAL: i64 = 1_250_000;
/// Tax in percent.
const TAX: i64 = 21;

/// Which prebills are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrebillFilter {
    pub(crate) account: Option<String>,
    /// Days since 1970-01-01, in which the billing period has to end.
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
}

/// A prebill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prebill {
    pub(crate) id: String,
    pub(crate) account: &'static str,
    pub(crate) account_name: &'static str,
    /// First and last day of the billing period, and the day that it was made on.
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) created: String,
    /// Bytes, seconds, messages.
    pub(crate) traffic: [u64; 3],
    pub(crate) subscriptions: Money,
    pub(crate) global: Money,
    pub(crate) net: Money,
    pub(crate) tax: Money,
    pub(crate) total: Money,
    last_day: i64,
}

impl Prebill {
    /// The exported file, whose layout is made up.
    fn xml(&self) -> String {
        let amount = |name: &str, money: Money| format!("  <{name}>{money}</{name}>\n");
        let [data, voice, sms] = self.traffic;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<prebill id=\"{}\">\n  \
             <billingAccount id=\"{}\">{}</billingAccount>\n  \
             <period start=\"{}\" end=\"{}\"/>\n  <currency>978</currency>\n  \
             <traffic data=\"{data}\" voice=\"{voice}\" sms=\"{sms}\"/>\n{}{}{}{}{}</prebill>\n",
            self.id,
            self.account,
            escape(self.account_name),
            self.start,
            self.end,
            amount("subscriptionsCharges", self.subscriptions),
            amount("serviceGlobalCharges", self.global),
            amount("totalNetCharge", self.net),
            amount("tax", self.tax),
            amount("totalCharge", self.total),
        )
    }
}

/// What prebills need to be remembered: links that were not used yet.
#[derive(Debug)]
pub(crate) struct Prebills {
    seed: u64,
    base: String,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    ids: Random,
    exported: HashMap<String, String>,
}

impl Prebills {
    /// Prebills that are exported to `base`.
    pub(super) fn new(seed: u64, base: &str) -> Self {
        Self {
            seed,
            base: base.to_owned(),
            inner: Mutex::new(Inner {
                ids: Random::new(seed, u64::MAX - 3),
                exported: HashMap::new(),
            }),
        }
    }
}

impl Platform {
    /// `getPrebills`, the oldest first.
    pub(crate) fn prebills(
        &self,
        filter: &PrebillFilter,
        start: Option<i64>,
        size: Option<i64>,
    ) -> Result<Vec<Prebill>, Fault> {
        let page = Page::new(("startIndex", start), size, MAX_BATCH)?;
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && from > to
        {
            return Err(Fault::invalid_value("startDate is after endDate"));
        }
        let fits = |p: &Prebill| {
            filter
                .account
                .as_deref()
                .is_none_or(|a| a.trim() == p.account)
                && filter.from.is_none_or(|from| p.last_day >= from)
                && filter.to.is_none_or(|to| p.last_day <= to)
        };
        Ok(page.of(self.all_prebills().iter().filter(|p| fits(p))))
    }

    /// `exportPrebill`: a new link every time.
    pub(crate) fn export_prebill(&self, id: &str) -> Result<String, Fault> {
        let id = id.trim();
        let known = self.all_prebills().into_iter().find(|p| p.id == id);
        let prebill = known.ok_or_else(|| Fault::not_found(id))?;
        let mut inner = lock(&self.prebills.inner);
        let token = format!("{}{}", inner.ids.hex24(), inner.ids.hex24());
        let link = format!("{}/api/download/{token}", self.prebills.base);
        inner.exported.insert(token, prebill.xml());
        Ok(link)
    }

    /// The exported prebill behind a token, once.
    pub(super) fn exported(&self, token: &str) -> Option<Download> {
        let xml = lock(&self.prebills.inner).exported.remove(token)?;
        Some(Download {
            content_type: "application/xml;charset=UTF-8",
            body: xml.into_bytes(),
        })
    }

    fn all_prebills(&self) -> Vec<Prebill> {
        let sims = self.fleet.all();
        let mut all = Vec::new();
        for month in 1..=12 {
            let next = Timestamp::from_civil(YEAR + month / 12, month % 12 + 1, 1, 0, 0, 0);
            let in_use = sims
                .iter()
                .filter(|sim| sim.activation_date.is_some_and(|at| at < next))
                .count();
            for (account, (id, name)) in (0u64..).zip(ACCOUNTS) {
                let sims = if account == 0 { in_use } else { 0 };
                let month = u64::try_from(month).unwrap_or_default();
                let mut r = Random::new(self.prebills.seed, (1 << 40) + account * 100 + month);
                let sims = u64::try_from(sims).unwrap_or_default();
                let subscriptions = i64::try_from(sims).unwrap_or_default() * FEE;
                let net = subscriptions + GLOBAL;
                let tax = net * TAX / 100;
                all.push(Prebill {
                    id: r.hex24(),
                    account: id,
                    account_name: name,
                    start: format!("{YEAR}-{month:02}-01"),
                    end: day(next.plus(-DAY)),
                    created: day(next),
                    traffic: [
                        sims * (r.next() % (1 << 24)),
                        sims * (r.next() % 600),
                        sims * (r.next() % 20),
                    ],
                    subscriptions: Money::from_e5(subscriptions),
                    global: Money::from_e5(GLOBAL),
                    net: Money::from_e5(net),
                    tax: Money::from_e5(tax),
                    total: Money::from_e5(net + tax),
                    last_day: next.unix().div_euclid(DAY) - 1,
                });
            }
        }
        all
    }
}

impl PrebillFilter {
    /// Reads a limit: a day, or a point in time.
    pub(crate) fn day(name: &str, text: Option<String>) -> Result<Option<i64>, Fault> {
        let Some(text) = text else {
            return Ok(None);
        };
        let text = text.trim();
        let time = || Timestamp::parse(text).map(|time| time.unix().div_euclid(DAY));
        match parse_day(text).or_else(time) {
            Some(day) => Ok(Some(day)),
            None => Err(Fault::invalid_value(format!("{name} {text}"))),
        }
    }
}

fn day(time: Timestamp) -> String {
    let (year, month, day) = time.date();
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;
    use crate::fleet::Fleet;
    use crate::platform::Reports;

    fn platform() -> Platform {
        let doors = crate::platform::Doors {
            https: "https://there".to_owned(),
            ..Default::default()
        };
        let reports = Reports::new(7, Duration::ZERO, doors);
        Platform::new(Fleet::new(60, 7), 7, reports)
    }

    #[test]
    fn one_per_account_and_month() {
        let p = platform();
        let all = p.all_prebills();
        assert_eq!(all, p.all_prebills());
        let ids: HashSet<_> = all.iter().map(|p| &p.id).collect();
        assert_eq!((all.len(), ids.len()), (24, 24));
        assert_eq!(
            (all[0].start.as_str(), all[0].end.as_str()),
            ("2025-01-01", "2025-01-31")
        );
        assert_eq!(
            (all[2].end.as_str(), all[23].end.as_str()),
            ("2025-02-28", "2025-12-31")
        );
        assert_eq!(all[23].created, "2026-01-01");
        let january = Timestamp::from_civil(2025, 2, 1, 0, 0, 0);
        let used = p.fleet.all();
        let used = used
            .iter()
            .filter(|s| s.activation_date.is_some_and(|at| at < january));
        let fees = i64::try_from(used.count()).unwrap() * FEE;
        assert_eq!(all[0].subscriptions.e5(), fees);
        assert_eq!(
            all[1].subscriptions.e5(),
            0,
            "its SIMs are the default account's"
        );
        for p in &all {
            assert_eq!(p.net.e5() + p.tax.e5(), p.total.e5());
            assert_eq!(p.subscriptions.e5() + p.global.e5(), p.net.e5());
        }
    }

    #[test]
    fn filters_and_pages() {
        let p = platform();
        let list = |account: Option<&str>, from: Option<&str>, to: Option<&str>| {
            let day = |text: Option<&str>| PrebillFilter::day("x", text.map(str::to_owned));
            let filter = PrebillFilter {
                account: account.map(str::to_owned),
                from: day(from).unwrap(),
                to: day(to).unwrap(),
            };
            p.prebills(&filter, None, None)
                .map_err(|fault| fault.code())
        };
        assert_eq!(list(None, None, None).unwrap().len(), 10);
        let june = list(None, Some("2025-06-30"), Some("2025-06-30T10:00:00Z")).unwrap();
        assert_eq!(june.len(), 2);
        assert_eq!(list(Some("0"), Some("2025-11-01"), None).unwrap().len(), 2);
        assert!(list(Some("9"), None, None).unwrap().is_empty());
        let reversed = list(None, Some("2025-06-02"), Some("2025-06-01"));
        assert_eq!(reversed, Err("SVC 1021".into()));
        assert!(PrebillFilter::day("x", Some("June".into())).is_err());
        let last = p.prebills(&PrebillFilter::default(), Some(20), Some(10));
        assert_eq!(last.unwrap().len(), 4);
    }

    #[test]
    fn a_link_works_once() {
        let p = platform();
        let prebill = p.all_prebills().remove(0);
        let link = p.export_prebill(&prebill.id).unwrap();
        assert_ne!(link, p.export_prebill(&prebill.id).unwrap());
        let token = link.strip_prefix("https://there/api/download/").unwrap();
        let file = p.exported(token).unwrap();
        let text = String::from_utf8(file.body).unwrap();
        let doc = roxmltree::Document::parse(&text).unwrap();
        assert_eq!(
            doc.root_element().attribute("id"),
            Some(prebill.id.as_str())
        );
        let total = doc.descendants().find(|n| n.has_tag_name("totalCharge"));
        assert_eq!(
            total.unwrap().text(),
            Some(prebill.total.to_string().as_str())
        );
        assert!(p.download(token, true).is_none());
        assert_eq!(p.export_prebill("0").unwrap_err().code(), "SVC 1006");
    }
}
