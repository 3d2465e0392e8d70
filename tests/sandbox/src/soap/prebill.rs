//! `Prebill`: the list, and links to exported ones.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::{Prebill, PrebillFilter, org_id};

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "Prebill",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/prebill/v1/types",
    operations: &["getPrebills", "exportPrebill"],
    read,
};

const FILTERS: [&str; 5] = [
    "billingAccountID",
    "startDate",
    "endDate",
    "startIndex",
    "maxBatchSize",
];

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    Ok(Box::new(match operation {
        "getPrebills" => {
            let fields = Fields::new(node, service.types, |n| FILTERS.contains(&n))?;
            let day = |name| PrebillFilter::day(name, fields.text(name)?);
            PrebillRequest::List {
                filter: PrebillFilter {
                    account: fields.text("billingAccountID")?,
                    from: day("startDate")?,
                    to: day("endDate")?,
                },
                // `xs:int`
                start: fields.parsed::<i32>("startIndex")?.map(i64::from),
                size: fields.parsed::<i32>("maxBatchSize")?.map(i64::from),
            }
        }
        "exportPrebill" => {
            let fields = Fields::new(node, service.types, |n| n == "prebillID")?;
            PrebillRequest::Export(fields.required("prebillID")?)
        }
        _ => return Err(Fault::unknown_operation()),
    }))
}

#[derive(Debug)]
enum PrebillRequest {
    List {
        filter: PrebillFilter,
        start: Option<i64>,
        size: Option<i64>,
    },
    Export(String),
}

impl Request for PrebillRequest {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        match self {
            Self::List {
                filter,
                start,
                size,
            } => {
                let prebills = cx.platform.prebills(filter, *start, *size)?;
                cx.list("prebill", prebills, |xml, prebill| {
                    listed(xml, &prebill, cx.organisation);
                })
            }
            Self::Export(id) => {
                let link = cx.platform.export_prebill(id)?;
                cx.answer(|xml| xml.text("resultURL", link))
            }
        }
    }
}

/// `PrebillType`.
fn listed(xml: &mut Xml, prebill: &Prebill, organisation: &str) {
    let [data, voice, sms] = prebill.traffic;
    xml.group("totalTrafficUsage", |xml| {
        xml.text("data", data);
        xml.text("voice", voice);
        xml.text("sms", sms);
    });
    xml.text("serviceGlobalCharges", prebill.global);
    xml.group("customer", |xml| {
        xml.text("type", "customer");
        xml.group("defaultBillingAccount", |xml| {
            xml.text("fiscalNumber", "X0000000X");
        });
        xml.text("currencyName", "Euro");
    });
    xml.group("serviceProvider", |xml| {
        xml.text("type", "provider");
        xml.text("name", "provider-5a9db2");
        xml.text("commercialName", "Sandbox Mobile");
    });
    xml.text("billingAccountName", prebill.account_name);
    xml.text("creationDate", &prebill.created);
    xml.text("issuedDate", &prebill.created);
    xml.text("lastModificationDate", &prebill.created);
    xml.text("totalCharge", prebill.total);
    xml.text("prebillID", &prebill.id);
    xml.text("customerID", org_id(organisation));
    xml.text("customerName", organisation);
    xml.text("currency", "978");
    xml.text("billingPeriodStartDate", &prebill.start);
    xml.text("billingPeriodEndDate", &prebill.end);
    xml.text("subscriptionsCharges", prebill.subscriptions);
    xml.text("prebillIDinOBCRM", "");
    xml.text("adjustment", "0.00000");
    xml.group("tax", |xml| {
        xml.text("name", "VAT");
        xml.text("percentage", "21.00");
        xml.text("amount", prebill.tax);
    });
    xml.text("totalNetCharge", prebill.net);
    xml.text("poolCharges", "0.00000");
    xml.text("status", "published");
}
