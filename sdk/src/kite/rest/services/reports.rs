//! Reports: ordered, listed, waited for, downloaded, deleted.

use std::fmt;
use std::sync::Arc;

use mno_runtime::json::Items;
use mno_runtime::transport::{CallOptions, Transport};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::Wait;
use crate::kite::download::Downloads;
use crate::kite::download::PlainHttp;
use crate::kite::report_files::{self, ReportFile};
use crate::kite::rest::reports::{
    Client, CreateDownloadReport, DeleteDownloadReport, DownloadReport, DownloadReportStatus,
    GetDownloadReportLink, GetDownloadReportList, ReportOrder,
};

/// Links without TLS are not followed here.
const PLAIN_HTTP: PlainHttp = PlainHttp::Refused(
    "kite.reports() can be allowed to download it in the clear; the report is still on the platform",
);

/// The platform's asynchronous reports over REST.
///
/// Some can be ordered here alone: the inventory export, alarms of supervision groups. For the
/// others [`Kite`](crate::Kite)`::reports` (SOAP) goes all of the way in one call.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::Wait;
/// use mno_sdk::kite::rest::reports::{InventoryExportReport, ReportOrder};
///
/// let reports = kite.rest().reports();
/// let order = ReportOrder::new().with_inventory_export(InventoryExportReport::new());
/// reports.create(order).await?;
/// // The order has no id: the list tells.
/// let list = reports.list().await?;
/// let exported = list.ok().filter(|r| r.params.iter().any(|p| p.inventory_export.is_some()));
/// if let Some(report) = exported.max_by_key(|r| r.created.map(|t| t.to_string())) {
///     let id = &report.download_report_id;
///     reports.wait(id, Wait::default()).await?;
///     for file in reports.download(id, 512 << 20).await? {
///         println!("{}: {} rows", file.name(), file.rows()?.count());
///     }
///     reports.delete(id).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Reports {
    client: Client,
    downloads: Downloads,
}

impl Reports {
    pub(crate) fn new(transport: Arc<dyn Transport>, downloads: Downloads) -> Self {
        Self {
            client: Client::new(transport),
            downloads,
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
            downloads: self.downloads.clone(),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// The reports of this certificate, each on its own readable or not.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn list(&self) -> Result<Items<DownloadReport>, Error> {
        let request = GetDownloadReportList::new();
        let answer = self.client.get_download_report_list(&request).await?;
        Ok(answer.download_reports)
    }

    /// Orders a report: exactly one of the order's fields is set.
    ///
    /// The platform gives no id. Look for the report in the [list](Self::list), by its parameters;
    /// ten reports may be open at a time.
    ///
    /// # Errors
    /// [`Error`] of every kind: [`ErrorKind::InvalidRequest`] when none or several reports are
    /// ordered at once, or a daily consumption by billing account and by group;
    /// [`is_outcome_unknown`](Error::is_outcome_unknown) when the answer is lost, and the list tells
    /// whether it was ordered.
    pub async fn create(&self, order: ReportOrder) -> Result<(), Error> {
        if let Some(daily) = &order.consumption_daily
            && daily.show_billing_account == Some(true)
            && daily.show_commercial_group == Some(true)
        {
            let message = "showBillingAccount excludes showCommercialGroup: the platform takes \
                           one of the two";
            return Err(Error::new(ErrorKind::InvalidRequest, message)
                .with_operation(&CreateDownloadReport::FACTS)
                .with_path("consumption_daily.showBillingAccount"));
        }
        let request = CreateDownloadReport::new(order);
        // Its Location is that of the list.
        self.client.create_download_report(&request).await?;
        Ok(())
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
                Some(Some(DownloadReportStatus::Finished)) => Ok(Ok(())),
                Some(Some(DownloadReportStatus::Timeout)) => {
                    let message =
                        format!("the platform gave up on the report {id}: order it again");
                    Err(Error::new(ErrorKind::UnexpectedResponse, message).with_operation(facts))
                }
                Some(Some(status)) => Ok(Err(format!("the report {id} is {status}"))),
                Some(None) => Ok(Err(format!("the report {id} has no status"))),
                None => Ok(Err(format!("the report {id} is not in the list"))),
            }
        })
        .await
    }

    /// Downloads the files of a finished report, at most so many bytes; each link is used once, and
    /// a link that proves spent is answered by a new one.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn download(&self, id: &str, max_bytes: usize) -> Result<Vec<ReportFile>, Error> {
        let asked = &GetDownloadReportLink::FACTS;
        let ask = || self.links(id);
        let files = report_files::fetch(&self.downloads, PLAIN_HTTP, max_bytes, asked, ask).await?;
        Ok(files.into_iter().map(|file| file.of(id)).collect())
    }

    /// Deletes a report, so that it is not open any more.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::UnexpectedResponse`] when the platform answers that it
    /// has not deleted it.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let request = DeleteDownloadReport::new(id);
        let answer = self.client.delete_download_report(&request).await?;
        if answer.data == Some(false) {
            let message = "the platform says that it has not deleted the report: look for it in \
                           the list";
            return Err(Error::new(ErrorKind::UnexpectedResponse, message)
                .with_operation(&DeleteDownloadReport::FACTS));
        }
        Ok(())
    }

    async fn links(&self, id: &str) -> Result<Vec<String>, Error> {
        let request = GetDownloadReportLink::new(id);
        let answer = self.client.get_download_report_link(&request).await?;
        Ok(answer.result_url)
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
