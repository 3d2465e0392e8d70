//! Reports: ordered, waited for, downloaded, deleted.

mod availability;
mod order;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;

use mno_kite_reports_v1::Client;
use mno_kite_reports_v1::operations::{
    CreateDownloadReport, DeleteDownloadReport, GetDownloadReportLink, GetDownloadReportList,
};
use mno_kite_reports_v1::types::{
    ConsumptionDailyReport, DownloadReportList, DownloadReportStatus, Report,
    SubscriptionSnapshotDailyReport,
};
use mno_runtime::transport::CallOptions;
use mno_runtime::values::{Date, DateTime};
use mno_runtime::xml::Items;
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::download::{Downloads, PlainHttp};
use crate::kite::report_files::{self, FleetRows, ReportFile};
use crate::kite::wire::client;
use crate::kite::{Kite, Wait};
use crate::policy::WallClock;

pub(crate) use order::Orders;

/// Reports that may be open at a time (guide 6.5).
const MAX_OPEN: usize = 10;

/// The platform's asynchronous reports.
///
/// The platform's own way is roundabout: an order gives no id, the list has to be searched for it,
/// a link works once. [`run`](Self::run) goes all of it; the steps are there one by one, too, so
/// that a report can be taken up again by its id.
#[derive(Clone)]
pub struct Reports {
    client: Client,
    downloads: Downloads,
    clock: WallClock,
    orders: Arc<Orders>,
}

/// What [`Reports::fleet`] tells of every SIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FleetReport {
    /// What each SIM used, day by day (`consumption_daily`): less than 31 days.
    Consumption {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// How each SIM was on a day (`subscription_snapshot_daily`): from 2 to 30 days ago.
    Snapshot {
        /// The day.
        day: Date,
    },
}

/// How [`Reports::run`] goes about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReportOptions {
    /// The customer's today, whatever the clocks show. How far back a report goes counts from it.
    pub today: Option<Date>,
    /// The customer's time zone; see [`in_time_zone`](Self::in_time_zone).
    zone: TimeZone,
    /// Orders a report although the guide's table says that there is none.
    pub ignore_availability: bool,
    /// How to wait.
    pub wait: Wait,
    /// Most bytes of all files together, 512 MiB by default.
    pub max_bytes: usize,
    /// Leaves the report on the platform afterwards.
    pub keep: bool,
    /// Downloads links that begin with `http://`, too; see
    /// [`allow_plain_http_links`](Self::allow_plain_http_links).
    pub plain_http_links: bool,
    /// How long the second report of a monthly expense detail is looked for; see
    /// [`with_second_report_within`](Self::with_second_report_within).
    pub second_report_within: Duration,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            today: None,
            zone: TimeZone::UTC,
            ignore_availability: false,
            // (guide 6.5.1) About ten seconds before the first look.
            wait: Wait::default()
                .with_first_pause(Duration::from_secs(10))
                .with_longest_pause(Duration::from_secs(30))
                .with_limit(Duration::from_secs(3600)),
            max_bytes: 512 << 20,
            keep: false,
            plain_http_links: false,
            // (guide 6.5.1.4) After some ten seconds what goes on in the background is over.
            second_report_within: Duration::from_secs(10),
        }
    }
}

impl ReportOptions {
    /// Sets the customer's time zone, by its name in the time zone database: the day that is today
    /// there is the one that the guide's table counts from. UTC by default, which may be a day off
    /// around midnight.
    ///
    /// ```
    /// use mno_sdk::kite::ReportOptions;
    ///
    /// let options = ReportOptions::default().in_time_zone("America/Sao_Paulo")?;
    /// assert!(ReportOptions::default().in_time_zone("Europe/Nowhere").is_err());
    /// # Ok::<(), mno_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for a zone that the database does not have.
    pub fn in_time_zone(mut self, name: &str) -> Result<Self, Error> {
        self.zone = TimeZone::get(name).map_err(|e| {
            let message = format!(
                "{name:?} is no time zone of the database: it is a name like Europe/Madrid"
            );
            Error::new(ErrorKind::InvalidRequest, message)
                .with_operation(&CreateDownloadReport::FACTS)
                .with_source(e)
        })?;
        Ok(self)
    }

    /// Sets the customer's today, in place of what the client's clock
    /// ([`wall_clock`](crate::KiteBuilder::wall_clock)) shows in the
    /// [time zone](Self::in_time_zone).
    #[must_use]
    pub fn with_today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Orders even what the guide's table says there is none of.
    #[must_use]
    pub fn ignoring_availability(mut self) -> Self {
        self.ignore_availability = true;
        self
    }

    /// Sets how to wait.
    #[must_use]
    pub fn with_wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Sets the most bytes of all files together.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Leaves the report on the platform afterwards.
    #[must_use]
    pub fn keeping_it(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Whether links that begin with `http://` are downloaded, in the clear; they are refused by
    /// default.
    ///
    /// The guide has such a link, to a host of the portal (6.5.1.3). **Everybody on the way to that
    /// host can read the report** (personal data of the whole fleet) and change it, and whoever
    /// sees the link first can use it up. So allow this on a network that you trust, such as a
    /// line of the operator's own, and nowhere else.
    ///
    /// The client certificate is never shown to such a host, and no redirect is followed, be it
    /// from https to http or the other way. Links with `https://` are downloaded as ever.
    #[must_use]
    pub fn allow_plain_http_links(mut self, allow: bool) -> Self {
        self.plain_http_links = allow;
        self
    }

    /// Sets how long a monthly expense detail (`expense_detail_monthly`) is looked for a second
    /// time, once the first is in the list: 10 seconds by default, zero for not at all.
    ///
    /// One order may make two reports, with an id each, for users without the right to see money
    /// (history 8.2.0); when the second one comes is not documented. Within this time another
    /// order of the same report, made with the same certificate elsewhere, cannot be told from it.
    /// Orders of other reports never wait.
    #[must_use]
    pub fn with_second_report_within(mut self, time: Duration) -> Self {
        self.second_report_within = time;
        self
    }

    /// The customer's today at this time.
    fn today(&self, now: SystemTime) -> Date {
        let there = || {
            let there = jiff::Timestamp::try_from(now)
                .ok()?
                .to_zoned(self.zone.clone());
            let (month, day) = (
                u8::try_from(there.month()).ok()?,
                u8::try_from(there.day()).ok()?,
            );
            Date::new(there.year().into(), month, day).ok()
        };
        let of_utc = || DateTime::from(now).date();
        self.today.or_else(there).unwrap_or_else(of_utc)
    }
}

impl Reports {
    pub(crate) fn new(kite: &Kite, downloads: Downloads) -> Self {
        Self {
            client: client!(kite, Reports, mno_kite_reports_v1),
            downloads,
            clock: kite.0.clock.clone(),
            orders: Arc::clone(&kite.0.orders),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on. Downloads through a link are no calls of the service, and have none.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
            ..self.clone()
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// Orders a report, waits for it, downloads its files, and deletes it.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), Box<dyn std::error::Error>> {
    /// use mno_sdk::kite::ReportOptions;
    /// use mno_sdk::kite::reports::ConsumptionDailyReport;
    /// use mno_sdk::runtime::values::Date;
    ///
    /// let (start, end): (Date, Date) = ("2026-01-01".parse()?, "2026-01-30".parse()?);
    /// let report = ConsumptionDailyReport::new(start, end).with_show_subscriptions(true);
    /// for file in kite.reports().run(report, ReportOptions::default()).await? {
    ///     for row in file.daily_consumption()? {
    ///         let row = row?;
    ///         println!("{} {} bytes", row.date, row.data);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// A monthly expense detail may be two reports (see
    /// [`ReportOptions::with_second_report_within`]): [`ReportFile::report_id`] tells which one a
    /// file is of. A report that cannot be deleted afterwards stays until the platform removes it;
    /// that is no error here.
    ///
    /// # Errors
    /// [`Error`] of every kind: [`ErrorKind::InvalidRequest`] when the guide's table has no such
    /// report, or ten are open; [`is_outcome_unknown`](Error::is_outcome_unknown) when the order
    /// cannot be found again, or is not ready in time. Once the report is found, a message has its
    /// id for [`wait`](Self::wait), [`download`](Self::download) and [`delete`](Self::delete): it
    /// stays on the platform then.
    pub async fn run(
        &self,
        report: impl Into<Report>,
        options: ReportOptions,
    ) -> Result<Vec<ReportFile>, Error> {
        let ids = self.order(report, &options).await?;
        let mut files = Vec::new();
        for id in &ids {
            let room = options.max_bytes.saturating_sub(report_files::size(&files));
            let options = options.clone().with_max_bytes(room);
            let found = async {
                self.wait(id, options.wait).await?;
                self.download(id, &options).await
            };
            files.extend(found.await.map_err(|e| e.with_advice(&going_on(&ids)))?);
        }
        if !options.keep {
            for id in &ids {
                // Finished reports do not count as open, and the platform removes them in time: the
                // files are worth more than an error about that. The call's span has it.
                let _ = self.delete(id).await;
            }
        }
        Ok(files)
    }

    /// The whole fleet without paging: orders the report that has it, and gives its rows, each on
    /// its own readable or not.
    ///
    /// The guide recommends the daily consumption report over the inventory (6.7): it takes a
    /// handful of calls, where a list takes one for every 1000 SIMs. The report is in memory while
    /// its rows are read ([`ReportOptions::max_bytes`]).
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), Box<dyn std::error::Error>> {
    /// use mno_sdk::kite::{FleetReport, ReportOptions};
    ///
    /// let (from, to) = ("2026-01-01".parse()?, "2026-01-30".parse()?);
    /// let wanted = FleetReport::Consumption { from, to };
    /// for row in kite.reports().fleet(wanted, ReportOptions::default()).await? {
    ///     let row = row?;
    ///     println!("{:?}: {:?} bytes", row.get("Subscription ID"), row.get("Data"));
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind, as [`run`](Self::run).
    pub async fn fleet(
        &self,
        wanted: FleetReport,
        options: ReportOptions,
    ) -> Result<FleetRows, Error> {
        let report: Report = match wanted {
            FleetReport::Consumption { from, to } => {
                let report = ConsumptionDailyReport::new(from, to);
                report.with_show_subscriptions(true).into()
            }
            FleetReport::Snapshot { day } => {
                SubscriptionSnapshotDailyReport::new(day.to_string()).into()
            }
        };
        Ok(FleetRows::new(self.run(report, options).await?))
    }

    /// The reports of this certificate, each on its own readable or not.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn list(&self) -> Result<Items<DownloadReportList>, Error> {
        let request = GetDownloadReportList::new();
        let answer = self.client.get_download_report_list(&request).await?;
        Ok(answer.download_reports)
    }

    /// Waits until a report is ready.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time is
    /// over.
    pub async fn wait(&self, id: &str, wait: Wait) -> Result<(), Error> {
        let facts = &GetDownloadReportList::FACTS;
        tokio::time::sleep(wait.first_pause).await;
        wait.until(facts, async || {
            let list = self.list().await?;
            let found = list.ok().find(|r| r.download_report_id == id);
            match found.map(|r| &r.status) {
                Some(DownloadReportStatus::Finished) => Ok(Ok(())),
                Some(DownloadReportStatus::Timeout) => {
                    let message =
                        format!("the platform gave up on the report {id}: order it again");
                    Err(Error::new(ErrorKind::UnexpectedResponse, message).with_operation(facts))
                }
                Some(status) => Ok(Err(format!("the report {id} is {status}"))),
                None => Ok(Err(format!("the report {id} is not in the list"))),
            }
        })
        .await
    }

    /// Downloads the files of a finished report, each link once; a link that proves spent is
    /// answered by a new one. Of the options, [`max_bytes`](ReportOptions::max_bytes) and
    /// [`plain_http_links`](ReportOptions::plain_http_links) count.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn download(
        &self,
        id: &str,
        options: &ReportOptions,
    ) -> Result<Vec<ReportFile>, Error> {
        let plain_http = if options.plain_http_links {
            PlainHttp::Allowed
        } else {
            PlainHttp::Refused(
                "on a network that you trust, ReportOptions::allow_plain_http_links(true) \
                 downloads it in the clear; the report is still on the platform",
            )
        };
        let (cap, asked) = (options.max_bytes, &GetDownloadReportLink::FACTS);
        let ask = || self.links(id);
        let files = report_files::fetch(&self.downloads, plain_http, cap, asked, ask).await?;
        Ok(files.into_iter().map(|file| file.of(id)).collect())
    }

    /// Deletes a report, so that it is not open any more.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let request = DeleteDownloadReport::new(id);
        self.client.delete_download_report(&request).await?;
        Ok(())
    }

    async fn links(&self, id: &str) -> Result<Vec<String>, Error> {
        let request = GetDownloadReportLink::new(id);
        Ok(self
            .client
            .get_download_report_link(&request)
            .await?
            .result_url)
    }
}

/// What to do with a report that something has gone wrong with.
fn going_on(ids: &[String]) -> String {
    let ids = ids.join(" and ");
    format!(
        "the order is on the platform as {ids}: wait(), download() and delete() take it from there"
    )
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
