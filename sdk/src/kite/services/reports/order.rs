//! Ordering: the platform gives no id, so the list is compared before and after.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mno_kite_reports_v1::operations::CreateDownloadReport;
use mno_kite_reports_v1::types::{DownloadReportStatus, Report, ReportInfo};
use mno_runtime::{Error, ErrorKind, Operation};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{MAX_OPEN, ReportOptions, Reports, availability};
use crate::kite::Wait;

/// Time between two looks for the second report of an order.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// A report appears in the list soon after it was ordered.
fn appearing() -> Wait {
    Wait::default()
        .with_first_pause(Duration::from_millis(500))
        .with_longest_pause(Duration::from_secs(5))
        .with_limit(Duration::from_secs(60))
}

/// The orders that a client has under way. Of two equal ones the second waits for the first: the
/// reports of both look the same in the list, and who comes second has to know what was there.
#[derive(Default)]
pub(crate) struct Orders {
    under_way: Mutex<Vec<Report>>,
    over: Notify,
}

/// An order's turn; over when dropped.
struct Turn<'a> {
    orders: &'a Orders,
    report: Report,
}

impl Orders {
    /// Waits until no equal order is under way.
    async fn turn(&self, report: Report) -> Turn<'_> {
        let orders = self;
        let mut over = pin!(orders.over.notified());
        loop {
            over.as_mut().enable();
            if orders.begin(&report) {
                return Turn { orders, report };
            }
            over.as_mut().await;
            over.set(orders.over.notified());
        }
    }

    fn begin(&self, report: &Report) -> bool {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let free = !under_way.contains(report);
        if free {
            under_way.push(report.clone());
        }
        free
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let orders = self.orders;
        let mut under_way = orders
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|other| *other != self.report);
        drop(under_way);
        orders.over.notify_waiters();
    }
}

impl Reports {
    /// Orders a report and finds its id.
    ///
    /// A monthly expense detail may have two, for users without the right to see money (history
    /// 8.2.0): once the first is there, the second is looked for as long as
    /// [`ReportOptions::with_second_report_within`] says, 10 seconds by default.
    ///
    /// Sent once. When its answer is lost, the list tells whether it was carried out. Of two equal
    /// orders of a client (and its clones) the second waits until the first has its id.
    ///
    /// # Errors
    /// [`Error`] of every kind: [`ErrorKind::InvalidRequest`] when the guide's table has no such
    /// report (the reason is in the message), or ten are open already.
    pub async fn order(
        &self,
        report: impl Into<Report>,
        options: &ReportOptions,
    ) -> Result<Vec<String>, Error> {
        let facts = &CreateDownloadReport::FACTS;
        let report = report.into();
        if !options.ignore_availability {
            availability::check(&report, options.today(self.clock.now()))?;
        }
        let wanted = comparable(report.clone());
        let _turn = self.orders.turn(wanted.clone()).await;
        let list = self.list().await?;
        let known: BTreeSet<String> = list.ok().map(|r| r.download_report_id.clone()).collect();
        let is_open = |status: &DownloadReportStatus| {
            matches!(
                status,
                DownloadReportStatus::Active | DownloadReportStatus::Paused
            )
        };
        if list.ok().filter(|r| is_open(&r.status)).count() >= MAX_OPEN {
            let message =
                format!("{MAX_OPEN} reports are open already: wait for one, or delete it");
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_operation(facts));
        }
        let may_be_two = matches!(report, Report::ExpenseDetailMonthly(_));
        let request = CreateDownloadReport(ReportInfo::new(report));
        match self.raw().create_download_report(&request).await {
            Err(error) if !error.is_outcome_unknown() => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let found = async || {
            let list = self.list().await?;
            let new = list
                .ok()
                .filter(|r| !known.contains(&r.download_report_id))
                .filter(|r| comparable(r.params.report.clone()) == wanted);
            let ids: Vec<_> = new.map(|r| r.download_report_id.clone()).collect();
            Ok::<_, Error>(ids)
        };
        let mut ids = appearing()
            .until(facts, async || {
                let mut ids = found().await?;
                if !may_be_two {
                    // A second one is somebody else's, who ordered the same.
                    ids.truncate(1);
                }
                Ok(if ids.is_empty() {
                    Err("the order is not in the list".to_owned())
                } else {
                    Ok(ids)
                })
            })
            .await?;
        if may_be_two {
            let end = Instant::now() + options.second_report_within;
            while ids.len() < 2 && Instant::now() < end {
                let next = Instant::now() + SECOND_LOOK;
                tokio::time::sleep_until(next.min(end)).await;
                // The order is there: a list that fails now must not hide its id.
                match found().await {
                    Ok(now) if now.len() >= ids.len() => ids = now,
                    Ok(_) | Err(_) => {}
                }
            }
        }
        Ok(ids)
    }
}

/// A report without what the platform adds on its own: the organisation, and flags that are off.
fn comparable(mut report: Report) -> Report {
    macro_rules! drop_organisation {
        ($($variant:ident),+) => {
            match &mut report {
                $(Report::$variant(r) => r.org_id = None,)+
                _ => {}
            }
        };
    }
    drop_organisation!(
        Presence,
        Location,
        AccumulatedSummaryDaily,
        ConsumptionDaily,
        ExpenseDetailMonthly,
        SubscriptionBaseMonthly,
        ExpenseDetailDaily,
        ConsumptionDetailDaily,
        SubscriptionSnapshotDaily,
        ChargesAggregated,
        NetworkRegistrationFailureDaily,
        SubscriptionDetailMonthly,
        ManufacturerModelSummary,
        ChangedImei
    );
    if let Report::ConsumptionDaily(r) = &mut report {
        for flag in [
            &mut r.show_billing_account,
            &mut r.show_commercial_group,
            &mut r.show_subscriptions,
        ] {
            *flag = flag.filter(|on| *on);
        }
    }
    report
}
