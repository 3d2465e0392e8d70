//! Reports: ordered, listed, linked to, deleted.

use std::sync::Arc;

use mno_runtime::json::Items;
use mno_runtime::transport::{CallOptions, Transport};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::rest::reports::{
    Client, CreateDownloadReport, DeleteDownloadReport, DownloadReport, GetDownloadReportLink,
    GetDownloadReportList, ReportOrder,
};

/// The platform's asynchronous reports over REST.
///
/// Some can be ordered here alone: the inventory export, alarms of supervision groups. The list is
/// that of the certificate, whichever way a report was ordered, so a report of this handle can be
/// waited for and downloaded with that of [`Kite`](crate::Kite)`::reports` (SOAP), by its id.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::rest::reports::{DownloadReportStatus, InventoryExportReport, ReportOrder};
///
/// let reports = kite.rest().reports();
/// let order = ReportOrder::new().with_inventory_export(InventoryExportReport::new());
/// reports.create(order).await?;
/// // Ten seconds later: the order has no id, the list tells.
/// for report in reports.list().await?.ok() {
///     let exported = report.params.as_ref().is_some_and(|p| p.inventory_export.is_some());
///     if exported && report.status == Some(DownloadReportStatus::Finished) {
///         let links = reports.links(&*report.download_report_id).await?;
///         println!("{} files", links.len());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Reports {
    client: Client,
}

impl Reports {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            client: Client::new(transport),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
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
    /// The platform gives no id. Look for the report in the [list](Self::list) after about ten
    /// seconds, by its parameters; ten reports may be open at a time.
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

    /// Where the files of a finished report are. Each link works once, with a plain GET without the
    /// client certificate; whoever has it can read the report.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn links(&self, id: impl Into<String>) -> Result<Vec<String>, Error> {
        let request = GetDownloadReportLink::new(id);
        let answer = self.client.get_download_report_link(&request).await?;
        Ok(answer.result_url)
    }

    /// Deletes a report, so that it is not open any more.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::UnexpectedResponse`] when the platform answers that it
    /// has not deleted it.
    pub async fn delete(&self, id: impl Into<String>) -> Result<(), Error> {
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
}
