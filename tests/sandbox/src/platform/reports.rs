//! Reports: ordered, made in the background, downloaded once by whoever has the link.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::csv;
use super::{Platform, SentSms};
use crate::fault::Fault;
use crate::fleet::Random;
use crate::lock;
use crate::time::Timestamp;

/// Most reports of an organisation that may be in the making at a time.
const MAX_OPEN: usize = 10;
const DAY: i64 = 86_400;
/// Time after which a report that is not finished is given up.
const EXPIRY: Duration = Duration::from_secs(86_400);

/// What was ordered: the report's element and its parameters, in the order of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) report: &'static str,
    /// Whether this kind of report has an `orgId`, and at which place.
    pub(crate) org_id_at: Option<usize>,
    pub(crate) params: Vec<(&'static str, String)>,
}

impl Order {
    /// A parameter as it was sent, without blanks around it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| value.trim())
    }

    /// A flag, false unless sent.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }

    /// The days from `start` to `end`, counted from 1970-01-01.
    pub(crate) fn days(&self) -> Option<(i64, i64)> {
        let day = |name| self.get(name).and_then(parse_day);
        Some((day("start")?, day("end")?))
    }

    /// The rules of the business.
    fn check(&self) -> Result<(), Fault> {
        if let Some((start, end)) = self.days() {
            if start > end {
                return Err(Fault::invalid_value("start is after end"));
            }
            if self.report == "consumption_daily" && end - start >= 31 {
                return Err(Fault::invalid_value(
                    "the range of days must be less than 31 days",
                ));
            }
        }
        if self.flag("showBillingAccount") && self.flag("showCommercialGroup") {
            return Err(Fault::invalid_value(
                "showBillingAccount and showCommercialGroup exclude each other",
            ));
        }
        Ok(())
    }

    /// For how many days the report is kept.
    fn kept_for(&self) -> u32 {
        match self.report {
            "sms_ao" => 7,
            "retired_subscriptions" | "subscription_detail_monthly" => 365,
            "customer_manufacturer_file" => 5 * 365,
            _ => 90,
        }
    }
}

/// Reads a day, with or without a zone, as days since 1970-01-01.
pub(crate) fn parse_day(text: &str) -> Option<i64> {
    let (date, zone) = text.split_at_checked(10)?;
    let time = Timestamp::parse(&format!("{date}T00:00:00"))?;
    let (year, month, day) = time.date();
    let real = format!("{year:04}-{month:02}-{day:02}") == date;
    let zone_is_one =
        zone.is_empty() || Timestamp::parse(&format!("{date}T00:00:00{zone}")).is_some();
    (real && zone_is_one).then(|| time.unix().div_euclid(DAY))
}

/// How the files of a report are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    /// Links per report.
    pub(crate) links: usize,
    /// CSVs behind a link.
    pub(crate) csvs: usize,
    /// Whether they are in a ZIP; without one there is one CSV behind a link.
    pub(crate) zip: bool,
    /// What links begin with.
    pub(crate) scheme: LinkScheme,
    /// After how long a monthly expense detail has a second report.
    pub(crate) second_after: Option<Duration>,
}

/// What links to reports begin with, and where they lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkScheme {
    /// `https://`, to the listener of downloads.
    #[default]
    Https,
    /// `http://`, to a listener without TLS.
    Http,
    /// `https://`, where the answer is a redirect to `http://`.
    HttpsToHttp,
}

impl Default for Packing {
    fn default() -> Self {
        Self {
            links: 1,
            csvs: 1,
            zip: true,
            scheme: LinkScheme::Https,
            second_after: None,
        }
    }
}

/// One ordered report.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) organisation: String,
    pub(crate) order: Arc<Order>,
    pub(crate) created: Timestamp,
    /// Since when it is listed and made.
    ordered: Instant,
    /// When it was finished ahead of time.
    forced: Option<Timestamp>,
}

/// A report as it is listed.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) report: Report,
    /// `active`, `finished` or `timeout`.
    pub(crate) status: &'static str,
    pub(crate) expire: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) remove: Timestamp,
}

/// What a token stands for.
#[derive(Debug, Clone)]
struct Ticket {
    report: Report,
    packing: Packing,
    /// Which of the links.
    link: usize,
}

/// A file as it is sent.
#[derive(Debug)]
pub(crate) struct Download {
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// What a token gives.
#[derive(Debug)]
pub(crate) enum Given {
    File(std::io::Result<Download>),
    /// The file is there; the token is good for it.
    Elsewhere(String),
}

/// Where reports are handed out: `https://…` and `http://…`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doors {
    pub(crate) https: String,
    pub(crate) http: String,
}

/// Every report of every organisation.
#[derive(Debug)]
pub(crate) struct Reports {
    after: Duration,
    doors: Doors,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    ids: Random,
    /// In the order of creation.
    all: Vec<Report>,
    tickets: HashMap<String, Ticket>,
}

impl Reports {
    /// Reports that are ready after some time and are downloaded through these doors.
    pub(crate) fn new(seed: u64, after: Duration, doors: Doors) -> Self {
        Self {
            after,
            doors,
            inner: Mutex::new(Inner {
                ids: Random::new(seed, u64::MAX - 1),
                all: Vec::new(),
                tickets: HashMap::new(),
            }),
        }
    }

    /// Where links lead.
    pub(super) fn base(&self) -> &str {
        &self.doors.https
    }

    fn finished(&self, report: &Report) -> bool {
        let made = self.after < EXPIRY && report.ordered.elapsed() >= self.after;
        report.forced.is_some() || made
    }

    /// Whether it is being made.
    fn open(&self, report: &Report) -> bool {
        report.is_there() && !self.finished(report) && !report.expired()
    }

    /// `createDownloadReport`.
    pub(crate) fn create(
        &self,
        organisation: &str,
        order: &Order,
        packing: Packing,
    ) -> Result<(), Fault> {
        order.check()?;
        let mut inner = lock(&self.inner);
        let open = inner
            .all
            .iter()
            .filter(|r| r.organisation == organisation && self.open(r));
        if open.count() >= MAX_OPEN {
            return Err(Fault::not_allowed(format_args!(
                "{MAX_OPEN} reports are being made already"
            )));
        }
        let mut order = order.clone();
        // The list has the organisation even if the order had not.
        if let Some(at) = order.org_id_at
            && order.get("orgId").is_none()
        {
            let at = at.min(order.params.len());
            order.params.insert(at, ("orgId", org_id(organisation)));
        }
        let second = packing
            .second_after
            .filter(|_| order.report == "expense_detail_monthly");
        let order = Arc::new(order);
        for delay in [Some(Duration::ZERO), second].into_iter().flatten() {
            let report = Report {
                id: inner.ids.hex24(),
                organisation: organisation.to_owned(),
                order: Arc::clone(&order),
                created: Timestamp::now().plus(i64::try_from(delay.as_secs()).unwrap_or(DAY)),
                ordered: Instant::now() + delay,
                forced: None,
            };
            inner.all.push(report);
        }
        Ok(())
    }

    /// `getDownloadReportList`.
    pub(crate) fn list(&self, organisation: &str) -> Vec<Listed> {
        let inner = lock(&self.inner);
        let own = inner.all.iter();
        let own = own.filter(|r| r.organisation == organisation && r.is_there());
        own.map(|report| self.listed(report)).collect()
    }

    fn listed(&self, report: &Report) -> Listed {
        let finished = self.finished(report);
        let expire = report.created.plus(DAY);
        let modified = match report.forced {
            Some(forced) => forced.max(report.created),
            None if finished => {
                let whole = self.after.as_millis().div_ceil(1000);
                report.created.plus(i64::try_from(whole).unwrap_or(DAY))
            }
            None if report.expired() => expire,
            None => report.created,
        };
        Listed {
            status: match finished {
                true => "finished",
                false if report.expired() => "timeout",
                false => "active",
            },
            modified,
            expire,
            remove: report
                .created
                .plus(i64::from(report.order.kept_for()) * DAY),
            report: report.clone(),
        }
    }

    /// `getDownloadReportLink`: new links every time.
    pub(crate) fn link(
        &self,
        organisation: &str,
        id: &str,
        packing: Packing,
    ) -> Result<Vec<String>, Fault> {
        let mut inner = lock(&self.inner);
        let report = inner.own(organisation, id)?.clone();
        if !self.finished(&report) {
            return Err(Fault::not_allowed("the report is not finished"));
        }
        let mut links = Vec::new();
        for link in 0..packing.links.max(1) {
            let token = format!("{}{}", inner.ids.hex24(), inner.ids.hex24());
            let door = match packing.scheme {
                LinkScheme::Https | LinkScheme::HttpsToHttp => &self.doors.https,
                LinkScheme::Http => &self.doors.http,
            };
            links.push(format!("{door}/api/download/{token}"));
            let ticket = Ticket {
                report: report.clone(),
                packing,
                link,
            };
            inner.tickets.insert(token, ticket);
        }
        Ok(links)
    }

    /// `deleteDownloadReport`. Links to it work no longer.
    pub(crate) fn delete(&self, organisation: &str, id: &str) -> Result<(), Fault> {
        let mut inner = lock(&self.inner);
        let id = inner.own(organisation, id)?.id.clone();
        inner.all.retain(|r| r.id != id);
        inner.tickets.retain(|_, ticket| ticket.report.id != id);
        Ok(())
    }

    /// Finishes every report.
    pub(crate) fn finish_all(&self) {
        let now = Timestamp::now();
        for report in &mut lock(&self.inner).all {
            if self.open(report) {
                report.forced = Some(now);
            }
        }
    }

    /// Ends the time of every link that has been given so far.
    pub(crate) fn expire_links(&self) {
        lock(&self.inner).tickets.clear();
    }
}

impl Report {
    /// Whether it has been made known, and not been removed since.
    fn is_there(&self) -> bool {
        let kept = Duration::from_secs(86_400) * self.order.kept_for();
        self.ordered <= Instant::now() && self.ordered.elapsed() < kept
    }

    /// Whether its time is over, unless it was finished before.
    fn expired(&self) -> bool {
        self.ordered.elapsed() >= EXPIRY
    }
}

impl Inner {
    fn own(&self, organisation: &str, id: &str) -> Result<&Report, Fault> {
        let id = id.trim();
        let own = |r: &&Report| r.organisation == organisation && r.id == id && r.is_there();
        self.all
            .iter()
            .find(own)
            .ok_or_else(|| Fault::not_found(id))
    }
}

impl Platform {
    /// The file behind a token, once. A redirect does not use the token up.
    pub(crate) fn download(&self, token: &str, tls: bool) -> Option<Given> {
        if let Some(exported) = self.exported(token) {
            return Some(Given::File(Ok(exported)));
        }
        let mut inner = lock(&self.reports.inner);
        let ticket = inner.tickets.get(token).filter(|t| t.report.is_there());
        let scheme = ticket?.packing.scheme;
        if tls && scheme == LinkScheme::HttpsToHttp {
            let door = &self.reports.doors.http;
            return Some(Given::Elsewhere(format!("{door}/api/download/{token}")));
        }
        let ticket = inner.tickets.remove(token)?;
        drop(inner);
        Some(Given::File(self.pack(&ticket)))
    }

    fn pack(&self, ticket: &Ticket) -> std::io::Result<Download> {
        let Ticket {
            report,
            packing,
            link,
        } = ticket;
        let sms = report.order.get("watcherId").and_then(|id| self.sms(id));
        let sms = sms.filter(|sms| sms.organisation == report.organisation);
        let table = csv::table(&self.fleet, report, sms.as_ref());
        let csvs = if packing.zip { packing.csvs.max(1) } else { 1 };
        let parts = packing.links.max(1) * csvs;
        let part = |at| csv::write(&table, at, parts);
        if !packing.zip {
            return Ok(Download {
                content_type: "text/csv;charset=UTF-8",
                body: part(*link).into_bytes(),
            });
        }
        let files = (link * csvs..(link + 1) * csvs)
            .map(|at| (csv::file_name(report, at, parts), part(at)))
            .collect::<Vec<_>>();
        Ok(Download {
            content_type: "application/zip",
            body: csv::zip(&files)?,
        })
    }

    fn sms(&self, watcher_id: &str) -> Option<SentSms> {
        let sms = lock(&self.sms);
        sms.sent
            .iter()
            .find(|s| s.watcher_id == watcher_id)
            .cloned()
    }
}

/// The platform's id of an organisation, made up from its name.
pub(crate) fn org_id(organisation: &str) -> String {
    let plain: String = organisation
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("customer-{plain}-5a9db0c5")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn order(report: &'static str, params: &[(&'static str, &str)]) -> Order {
        let params = params.iter().map(|(n, v)| (*n, (*v).to_owned()));
        Order {
            report,
            org_id_at: (report == "consumption_daily").then_some(0),
            params: params.collect(),
        }
    }

    fn reports() -> Reports {
        Reports::new(7, Duration::from_secs(2), Doors::default())
    }

    #[test]
    fn days() {
        assert_eq!(parse_day("1970-01-02"), Some(1));
        assert_eq!(parse_day("2000-02-29Z"), Some(11_016));
        assert_eq!(parse_day("2000-02-29+05:30"), Some(11_016));
        for bad in [
            "",
            "2001-02-29",
            "2001-02",
            "2001-2-003",
            "2001-02-03T",
            "2001-02-03x",
        ] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ranges() {
        let reports = reports();
        let create = |report, start, end| {
            let order = order(report, &[("start", start), ("end", end)]);
            match reports.create("A", &order, Packing::default()) {
                Ok(()) => "ok".to_owned(),
                Err(fault) => fault.code(),
            }
        };
        let daily = |start, end| create("consumption_daily", start, end);
        assert_eq!(daily("2026-01-01", "2026-01-31"), "ok");
        assert_eq!(daily("2026-01-01", "2026-02-01"), "SVC 1021");
        assert_eq!(daily("2026-01-02", "2026-01-01"), "SVC 1021");
        let retired = create("retired_subscriptions", "2011-01-01", "2012-12-31");
        assert_eq!(retired, "ok");
    }

    #[tokio::test(start_paused = true)]
    async fn reports_take_their_time() {
        let reports = reports();
        reports
            .create("A", &order("user_list", &[]), Packing::default())
            .unwrap();
        let listed = reports.list("A").remove(0);
        assert_eq!(listed.status, "active");
        assert_eq!(listed.modified, listed.report.created);
        let id = listed.report.id.as_str();
        let link = || reports.link("A", id, Packing::default());
        assert_eq!(link().unwrap_err().code(), "SVC 1013");
        tokio::time::advance(Duration::from_millis(1999)).await;
        assert_eq!(reports.list("A")[0].status, "active");
        tokio::time::advance(Duration::from_millis(1)).await;
        let listed = reports.list("A").remove(0);
        assert_eq!(listed.status, "finished");
        assert_eq!(listed.modified, listed.report.created.plus(2));
        assert_ne!(link().unwrap(), link().unwrap());
        let other = reports.link("B", id, Packing::default());
        assert_eq!(other.unwrap_err().code(), "SVC 1006");
        assert_eq!(reports.delete("B", id).unwrap_err().code(), "SVC 1006");
        reports.delete("A", id).unwrap();
        assert_eq!(reports.delete("A", id).unwrap_err().code(), "SVC 1006");
    }

    #[tokio::test(start_paused = true)]
    async fn their_time_is_over_one_day() {
        let days = |days| Duration::from_secs(86_400) * days;
        let slow = Reports::new(7, days(2), Doors::default());
        let user_list = order("user_list", &[]);
        for _ in 0..10 {
            slow.create("A", &user_list, Packing::default()).unwrap();
        }
        assert!(slow.create("A", &user_list, Packing::default()).is_err());
        tokio::time::advance(days(1)).await;
        let listed = slow.list("A").remove(0);
        assert_eq!((listed.status, listed.modified), ("timeout", listed.expire));
        slow.finish_all();
        assert_eq!(slow.list("A")[0].status, "timeout", "given up for good");
        let link = slow.link("A", &listed.report.id, Packing::default());
        assert_eq!(link.unwrap_err().code(), "SVC 1013");
        // It is not open any more.
        slow.create("A", &user_list, Packing::default()).unwrap();

        let reports = reports();
        let message = order("sms_ao", &[("watcherId", "1")]);
        reports.create("A", &message, Packing::default()).unwrap();
        tokio::time::advance(days(6)).await;
        let listed = reports.list("A").remove(0);
        assert_eq!(listed.status, "finished");
        let id = listed.report.id.as_str();
        reports.link("A", id, Packing::default()).unwrap();
        tokio::time::advance(days(1)).await;
        assert!(reports.list("A").is_empty(), "removed after a week");
        let gone = reports.link("A", id, Packing::default()).unwrap_err();
        assert_eq!(gone.code(), "SVC 1006");
    }

    #[tokio::test(start_paused = true)]
    async fn ten_at_a_time() {
        let reports = reports();
        let user_list = order("user_list", &[]);
        for _ in 0..10 {
            reports.create("A", &user_list, Packing::default()).unwrap();
        }
        assert_eq!(
            reports
                .create("A", &user_list, Packing::default())
                .unwrap_err()
                .code(),
            "SVC 1013"
        );
        reports.create("B", &user_list, Packing::default()).unwrap();
        let first = reports.list("A").remove(0).report.id;
        reports.delete("A", &first).unwrap();
        reports.create("A", &user_list, Packing::default()).unwrap();
        assert!(reports.create("A", &user_list, Packing::default()).is_err());
        reports.finish_all();
        reports.create("A", &user_list, Packing::default()).unwrap();
        assert_eq!(reports.list("A").len(), 11);
    }

    #[tokio::test(start_paused = true)]
    async fn the_list_has_the_organisation() {
        let reports = reports();
        let range = [("start", "2026-01-01"), ("end", "2026-01-02")];
        let sent = order("consumption_daily", &range);
        reports
            .create("Acme Devices", &sent, Packing::default())
            .unwrap();
        let listed = reports.list("Acme Devices").remove(0).report.order;
        assert_eq!(listed.params.len(), 3);
        assert_eq!(
            listed.params[0],
            ("orgId", "customer-Acme-Devices-5a9db0c5".to_owned())
        );
        assert_eq!(listed.params[1..], sent.params);
    }
}
