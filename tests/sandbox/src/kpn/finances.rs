//! Invoices, and how long billing data are kept.

use serde::Deserialize;
use serde_json::json;

use super::clock::{DAY, Stamp};
use super::orders::{Effect, Kind, Order};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request};
use super::state::{GroupKind, Invoice, Privilege, State};

/// Days until an invoice has to be paid.
const TERM: u32 = 14;

impl State {
    fn finances_open(&self) -> Result<(), Refusal> {
        if self.finances_blocked {
            return Err(blocked("The financial documents are blocked"));
        }
        Ok(())
    }

    fn debtor_name(&self, invoice: &Invoice) -> String {
        let debtor = self.groups.get(&invoice.debtor);
        debtor.map(|g| g.name.clone()).unwrap_or_default()
    }

    pub(super) fn list_invoices(&self, request: &Request) -> Answered {
        self.finances_open()?;
        let debtor = request.number("debtorId")?;
        if let Some(id) = debtor {
            let group = self.groups.get(&id);
            if group.is_none_or(|g| g.kind != GroupKind::Debtor) {
                return Err(Refusal::missing(
                    "DEBTOR_NOT_FOUND",
                    format!("There is no debtor {id}"),
                ));
            }
        }
        let day = |name| {
            let read = |text| {
                Stamp::parse_day(text)
                    .map(Stamp::midnight)
                    .ok_or_else(|| Refusal::invalid(format!("{name} is no date")))
            };
            request.text(name)?.map(read).transpose()
        };
        let (from, to) = (day("searchFrom")?, day("searchTo")?);
        let kind: Option<InvoiceType> = request.choice("type")?;
        let kind = kind.map(|k| json!(k));
        let pattern = request.text("pattern")?.unwrap_or_default().to_lowercase();
        let by: Option<InvoiceSort> = request.choice("sortBy")?;
        let fits = |i: &&Invoice| {
            debtor.is_none_or(|id| i.debtor == id)
                && from.is_none_or(|from| i.date >= from)
                && to.is_none_or(|to| i.date.midnight() <= to)
                && kind.as_ref().is_none_or(|k| k == i.kind)
                && format!("{} {}", i.number, self.debtor_name(i))
                    .to_lowercase()
                    .contains(&pattern)
        };
        let mut found: Vec<_> = self.invoices.values().filter(fits).collect();
        found.sort_by_cached_key(|i| {
            let text = match by {
                Some(InvoiceSort::DebtorName) => self.debtor_name(i),
                Some(InvoiceSort::Type) => i.kind.to_owned(),
                Some(InvoiceSort::Number) => i.number.clone(),
                _ => String::new(),
            };
            let number = match by {
                Some(InvoiceSort::Date | InvoiceSort::PayBeforeDate) => i.date.unix_ms(),
                Some(InvoiceSort::TotalAmount) => i.total,
                _ => 0,
            };
            (text, number, i.id)
        });
        if request.descending()? == Some(true) {
            found.reverse();
        }
        let row = |i: &Invoice| {
            json!({
                "id": i.id,
                "number": i.number,
                "type": i.kind,
                "debtorName": self.debtor_name(i),
                "date": i.date,
                "payBeforeDate": i.date.plus(DAY * TERM),
                "totalAmountToPayInCents": i.total,
            })
        };
        request.page(found.into_iter().map(row).collect())
    }

    pub(super) fn download_invoice(&self, request: &Request) -> Answered {
        self.finances_open()?;
        let invoice = self.invoices.get(&request.id()).ok_or_else(|| {
            Refusal::missing(
                "INVOICE_NOT_FOUND",
                format!("There is no invoice {}", request.id()),
            )
        })?;
        let cents = invoice.total;
        let sign = if cents < 0 { "-" } else { "" };
        let amount = format!("EUR {sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
        let lines = [invoice.number.clone(), self.debtor_name(invoice), amount];
        Ok(Answer::File {
            content_type: "application/pdf",
            name: format!("{}.pdf", invoice.number),
            body: pdf(&lines).into(),
        })
    }

    pub(super) fn billing_availability(&self, _: &Request) -> Answered {
        let blocking = self.blocking(is_retention);
        let may = self.may(Privilege::BillingRetentionPortlet);
        Ok(Answer::Json(json!({
            "visible": may,
            "enabled": may && blocking.is_empty() && !self.finances_blocked,
            "blockingOrders": blocking,
        })))
    }

    pub(super) fn change_billing_period(&mut self, request: &Request) -> Answered {
        let body: ChangePeriod = request.body()?;
        self.finances_open()?;
        if !self.blocking(is_retention).is_empty() {
            return Err(blocked("An order for this is open"));
        }
        let title = ("Billing data retention", "Bewaartermijn factuurgegevens");
        let period = match body.period {
            Period::Short => "6",
            Period::Long => "25",
        };
        let context = self.group(self.customer)?.name.clone();
        let order = Order::new(Kind::ServiceRequest, "changeBillingPeriod", title, context)
            .reference(body.reference_number)
            .effect(Effect::Retention(period));
        let id = self.place(order)?;
        self.summary(id)
    }
}

fn is_retention(order: &Order) -> bool {
    matches!(order.effect, Effect::Retention(_))
}

/// 404, although it is there.
fn blocked(message: &str) -> Refusal {
    Refusal::missing("OPERATION_BLOCKED", message)
}

/// A page with a few lines of plain text.
fn pdf(lines: &[String]) -> Vec<u8> {
    let plain = |line: &String| line.replace(['(', ')', '\\'], " ");
    let shown: String = lines
        .iter()
        .map(|line| format!("({}) Tj T*\n", plain(line)))
        .collect();
    let content = format!("BT /F1 12 Tf 72 760 Td 16 TL\n{shown}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = String::new();
    for (at, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = out.len();
    let count = objects.len() + 1;
    out.push_str(&format!(
        "xref\n0 {count}\n0000000000 65535 f \n{places}trailer\n<< /Size {count} /Root 1 0 R >>\n\
         startxref\n{start}\n%%EOF\n"
    ));
    out.into_bytes()
}

#[derive(Deserialize)]
enum Period {
    #[serde(rename = "6")]
    Short,
    #[serde(rename = "25")]
    Long,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangePeriod {
    period: Period,
    reference_number: Option<String>,
}

#[derive(Deserialize, serde::Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum InvoiceType {
    CreditNote,
    HardwareAdjustment,
    HardwareInvoice,
    HardwareInvoiceAdjustment,
    ServiceAdjustment,
    ServiceInvoice,
    ServiceInvoiceAdjustment,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum InvoiceSort {
    Number,
    DebtorName,
    Type,
    Date,
    PayBeforeDate,
    TotalAmount,
}
