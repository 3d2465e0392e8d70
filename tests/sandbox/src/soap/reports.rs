//! `Reports`: orders, the list, links. Written from the contract by hand.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::{Listed, Order, parse_day};

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "Reports",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/reports/v1/types",
    operations: &[
        "createDownloadReport",
        "getDownloadReportList",
        "getDownloadReportLink",
        "deleteDownloadReport",
    ],
    read,
};

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let report = || {
        let fields = Fields::new(node, service.types, |n| n == "downloadReportId")?;
        fields.required("downloadReportId")
    };
    Ok(Box::new(match operation {
        "createDownloadReport" => Reports::Order(order(node, service.types)?),
        "getDownloadReportList" => {
            Fields::new(node, service.types, |_| false)?;
            Reports::List
        }
        "getDownloadReportLink" => Reports::Link(report()?),
        "deleteDownloadReport" => Reports::Delete(report()?),
        _ => return Err(Fault::unknown_operation()),
    }))
}

#[derive(Debug)]
enum Reports {
    Order(Order),
    List,
    Link(String),
    Delete(String),
}

impl Request for Reports {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let (reports, organisation) = (&cx.platform.reports, cx.organisation);
        match self {
            Self::Order(order) => {
                reports.create(organisation, order, cx.packing)?;
                cx.empty()
            }
            Self::List => cx.list(
                "downloadReports",
                // Some can be ordered over REST alone.
                reports
                    .list(organisation)
                    .into_iter()
                    .filter(|listed| params(&listed.report.order).is_some()),
                |xml, report| {
                    listed_report(xml, &report);
                },
            ),
            Self::Link(report) => {
                let links = reports.link(organisation, report, cx.packing)?;
                cx.answer(|xml| {
                    for link in &links {
                        xml.text("resultURL", link);
                    }
                })
            }
            Self::Delete(report) => {
                reports.delete(organisation, report)?;
                cx.empty()
            }
        }
    }
}

/// The parameters of a report, if the contract has it.
fn params(order: &Order) -> Option<&'static [Param]> {
    let mut kinds = KINDS.iter();
    let kind = kinds.find(|(report, _)| *report == order.report);
    kind.map(|(_, params)| *params)
}

/// `DownloadReportListType`.
fn listed_report(xml: &mut Xml, listed: &Listed) {
    let order = &listed.report.order;
    xml.text("downloadReportId", &listed.report.id);
    xml.time("created", listed.report.created);
    xml.time("expire", listed.expire);
    xml.time("modified", listed.modified);
    xml.text("status", listed.status);
    xml.group("params", |xml| {
        xml.group(order.report, |xml| {
            let known = params(order).unwrap_or_default();
            let given = order.params.iter();
            for (name, value) in given.filter(|(n, _)| known.iter().any(|(k, ..)| k == n)) {
                xml.text(name, value);
            }
        });
    });
    xml.time("remove", listed.remove);
}

/// What may stand in a parameter.
#[derive(Clone, Copy)]
enum Value {
    Text,
    Flag,
    /// `xs:date`
    Day,
    /// `xs:gYearMonth`
    Month,
    DayOrMonth,
    OneOf(&'static [&'static str]),
    /// At most so many characters.
    Short(usize),
    /// A number with or without a plus.
    Msisdn,
}

use Value::{Day, DayOrMonth, Flag, Month, Msisdn, OneOf, Short, Text};

/// A parameter: its name, whether it must be there, and what may stand in it.
type Param = (&'static str, bool, Value);

const ORG: Param = ("orgId", false, Text);
const GROUP: Param = ("supervisionGroup", true, Text);
const PERIOD: Param = ("period", true, OneOf(&["daily", "monthly"]));
const DATE: Param = ("date", true, DayOrMonth);
const ACCOUNT: Param = ("billingAccount", true, Text);
const START: Param = ("start", true, Day);
const END: Param = ("end", true, Day);

/// Every report with its parameters, in the order of the schema.
const KINDS: [(&str, &[Param]); 24] = [
    ("presence", &[ORG, GROUP, PERIOD, DATE]),
    ("location", &[ORG, GROUP, PERIOD, DATE]),
    (
        "accumulated_summary_daily",
        &[ORG, GROUP, ("date", true, Month)],
    ),
    (
        "consumption_daily",
        &[
            ORG,
            ("showBillingAccount", false, Flag),
            ("showCommercialGroup", false, Flag),
            ("showSubscriptions", false, Flag),
            START,
            END,
        ],
    ),
    ("expense_detail_monthly", &[ORG, ACCOUNT, DATE]),
    (
        "subscription_base_monthly",
        &[ORG, ("start", true, Month), ("end", true, Month)],
    ),
    (
        "kpi_monthly",
        &[
            ("groupBy", true, OneOf(&["none", "sector", "companyType"])),
            ("start", true, DayOrMonth),
            ("end", true, DayOrMonth),
        ],
    ),
    ("expense_detail_daily", &[ORG, START, END]),
    ("consumption_detail_daily", &[ORG, START, END]),
    ("subscription_snapshot_daily", &[ORG, DATE]),
    ("sms_ao", &[("watcherId", true, Text)]),
    ("charges_aggregated", &[ORG, ACCOUNT, DATE]),
    ("api_transaction_activity_daily", &[DATE]),
    ("network_registration_failure_daily", &[DATE, ORG]),
    ("swap_activity", &[DATE]),
    ("retired_subscriptions", &[START, END]),
    (
        "subscription_detail_monthly",
        &[
            ORG,
            ACCOUNT,
            ("dateBillingCycleEnd", true, Day),
            ("msisdn", false, Msisdn),
        ],
    ),
    ("manufacturer_model_summary", &[ORG]),
    ("changed_imei", &[ORG, DATE]),
    ("user_list", &[]),
    (
        "manufacturer_file",
        &[
            ("start", false, Day),
            ("end", false, Day),
            ("order", false, Short(30)),
        ],
    ),
    ("alarms_monthly", &[DATE]),
    ("swap_first_use_monthly", &[DATE]),
    ("customer_manufacturer_file", &[("orderId", true, Text)]),
];

/// Reads an order: one report element with its parameters.
fn order(node: Node<'_, '_>, types: &'static str) -> Result<Order, Fault> {
    let known = |name: &str| KINDS.iter().any(|(report, _)| *report == name);
    let fields = Fields::new(node, types, known)?;
    let mut given = KINDS.iter().filter(|(report, _)| fields.has(report));
    let Some((report, params)) = given.next() else {
        return Err(Fault::missing("the report's element"));
    };
    if given.next().is_some() {
        return Err(Fault::invalid_value("only one report is allowed"));
    }
    let Some(node) = fields.one(report)? else {
        return Err(Fault::missing(report));
    };
    let fields = Fields::new(node, types, |name| {
        params.iter().any(|(param, ..)| *param == name)
    })?;
    let mut order = Order {
        report,
        org_id_at: params.iter().position(|(name, ..)| *name == ORG.0),
        params: Vec::new(),
    };
    for (name, mandatory, value) in *params {
        if *mandatory {
            fields.required(name)?;
        }
        if let Some(text) = fields.text(name)? {
            check(name, *value, text.trim())?;
            order.params.push((name, text));
        }
    }
    Ok(order)
}

fn check(name: &str, value: Value, text: &str) -> Result<(), Fault> {
    let month = || text.len() == 7 && parse_day(&format!("{text}-01")).is_some();
    let fits = match value {
        Text => true,
        Flag => matches!(text, "true" | "false" | "1" | "0"),
        Day => parse_day(text).is_some(),
        Month => month(),
        DayOrMonth => month() || parse_day(text).is_some(),
        OneOf(all) if !all.contains(&text) => {
            let value = format!("{name} {text}.");
            return Err(Fault::unsupported_value(value, all.join(", ")));
        }
        OneOf(_) => true,
        Short(most) => text.chars().count() <= most,
        Msisdn => {
            let digits = text.strip_prefix('+').unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        }
    };
    if fits {
        Ok(())
    } else {
        Err(Fault::invalid_value(format!("{name} {text}")))
    }
}
