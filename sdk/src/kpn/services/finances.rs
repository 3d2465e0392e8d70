//! Invoices, and how long billing data are kept.

use bytes::Bytes;
use mno_runtime::values::{Base64, Lexical as _};
use mno_runtime::{Error, Operation};

use super::{Placed, file, handle};
use crate::kpn::msm::{
    BillingPeriod, ChangeBillingPeriod, ChangeBillingPeriodRequestParams, DownloadInvoice,
    GetBillingPeriodAvailability, Invoice, ListInvoices, OperationAvailability,
};
use crate::kpn::windows::windows;
use crate::paging::PageStream;

/// Invoices, as a stream.
pub type InvoiceStream = PageStream<Invoice>;

/// How a PDF file begins.
const PDF: &[u8] = b"%PDF-";

handle! {
    /// Invoices, and how long billing data are kept (`/finances`).
    ///
    /// A caller whose finances are blocked is refused with status 404 and `OPERATION_BLOCKED`, as
    /// if there were nothing: ask [`error_code`](crate::kpn::error_code).
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut invoices = kpn.finances().invoices();
    /// while let Some(invoice) = invoices.try_next().await? {
    ///     if let (Some(id), Some(number)) = (invoice.id, &invoice.number) {
    ///         std::fs::write(format!("{number}.pdf"), kpn.finances().download(id).await?)?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    Finances
}

impl Finances {
    /// All invoices, 100 at once behind the scenes.
    #[must_use]
    pub fn invoices(&self) -> InvoiceStream {
        self.search(&ListInvoices::new())
    }

    /// The invoices that fit a query, in its order. Its window (`from`, `to`) is the stream's own.
    #[must_use]
    pub fn search(&self, query: &ListInvoices) -> InvoiceStream {
        windows!(
            self.list_invoices(query.clone()),
            ListInvoices,
            "an invoice"
        )
    }

    /// The PDF file of an invoice, of up to 64 MiB.
    ///
    /// KPN's specification has text in base 64 for it; the file itself is expected, and such text
    /// is decoded should it come.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn download(&self, invoice: i64) -> Result<Bytes, Error> {
        let request = DownloadInvoice::new(invoice);
        let body = self.client.download_invoice(&request).await?;
        Ok(pdf(file(&DownloadInvoice::FACTS, body).await?))
    }

    /// Whether the time for which billing data are kept can be changed now.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn billing_period(&self) -> Result<OperationAvailability, Error> {
        let request = GetBillingPeriodAvailability::new();
        self.client.get_billing_period_availability(&request).await
    }

    /// Changes for how many months billing data are kept: 6 or 25.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn change_billing_period(
        &self,
        period: BillingPeriod,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body = ChangeBillingPeriodRequestParams::new().with_period(period);
        body.reference_number = reference.map(str::to_owned);
        let request = ChangeBillingPeriod::new(body);
        let summary = self.client.change_billing_period(&request).await?;
        Placed::of(&ChangeBillingPeriod::FACTS, summary)
    }
}

/// The file that was sent, or that is in the text that was sent.
fn pdf(sent: Bytes) -> Bytes {
    if sent.starts_with(PDF) {
        return sent;
    }
    let text = std::str::from_utf8(&sent).ok().map(str::trim);
    let text = text.map(|t| t.trim_matches('"'));
    let file = text.and_then(|text| Base64::parse(text).ok());
    match file.filter(|file| file.0.starts_with(PDF)) {
        Some(file) => file.0.into(),
        None => sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_handed_on_and_text_in_base_64_decoded() {
        for (sent, file) in [
            ("%PDF-1.4\n…", "%PDF-1.4\n…"),
            ("JVBERi0xLjQK", "%PDF-1.4\n"),
            ("\"JVBERi0xLjQK\"\n", "%PDF-1.4\n"),
            ("aGVsbG8=", "aGVsbG8="),
            ("", ""),
        ] {
            assert_eq!(pdf(Bytes::from_static(sent.as_bytes())), file.as_bytes());
        }
    }
}
