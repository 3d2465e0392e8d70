//! `Reports`, version 1: the same reports as over SOAP, some of them by other names.
//!
//! An order is kept as SOAP has it: `presence_daily` is `presence` with the period `daily`. Reports
//! and parameters that REST alone has are listed here and not over SOAP.

use serde_json::{Map, Value, json};

use super::{Answer, Context, Fault, Route, Service};
use crate::platform::{Listed, Order};
use crate::rest::{Field, Shape, flag, may, need};

pub(super) const V1: Service = Service {
    segment: "Reports",
    version: "v1",
    routes: &[
        Route {
            method: "POST",
            path: "report/downloadReport",
            operation: "createDownloadReport",
            query: &[],
            carry_out: create,
        },
        Route {
            method: "GET",
            path: "report/downloadReport",
            operation: "getDownloadReportList",
            query: &[],
            carry_out: list,
        },
        Route {
            method: "DELETE",
            path: "report/downloadReport/{downloadReportId}",
            operation: "deleteDownloadReport",
            query: &[],
            carry_out: delete,
        },
        Route {
            method: "GET",
            path: "report/downloadReport/{downloadReportId}/link",
            operation: "getDownloadReportLink",
            query: &[],
            carry_out: link,
        },
    ],
};

/// A report.
struct Kind {
    name: &'static str,
    /// Its name and its period over SOAP, if they are others.
    soap: Option<(&'static str, &'static str)>,
    params: &'static [Field],
}

const fn kind(name: &'static str, params: &'static [Field]) -> Kind {
    Kind {
        name,
        soap: None,
        params,
    }
}

const fn of_period(
    name: &'static str,
    report: &'static str,
    period: &'static str,
    params: &'static [Field],
) -> Kind {
    Kind {
        name,
        soap: Some((report, period)),
        params,
    }
}

const ORG: Field = may("orgId", Shape::Text);
const GROUP: Field = need("supervisionGroup", Shape::Text);
const ACCOUNT: Field = need("billingAccount", Shape::Text);
const DAY: Field = need("date", Shape::Date);
const MONTH: Field = need("date", Shape::Month);
const START: Field = need("start", Shape::Date);
const END: Field = need("end", Shape::Date);

/// A filter is any one property, whose name is that of a filter of the inventory.
const FILTERS: Field = may("filters", Shape::List(&Shape::Map(&Shape::Text)));
const COLUMNS: Field = may("columns", Shape::List(&Shape::Text));

const KINDS: [Kind; 30] = [
    of_period("presence_daily", "presence", "daily", &[ORG, GROUP, DAY]),
    of_period(
        "presence_monthly",
        "presence",
        "monthly",
        &[ORG, GROUP, MONTH],
    ),
    of_period("location_daily", "location", "daily", &[ORG, GROUP, DAY]),
    of_period(
        "location_monthly",
        "location",
        "monthly",
        &[ORG, GROUP, MONTH],
    ),
    kind("opened_sup_alarms_daily", &[GROUP, DAY]),
    kind("opened_sup_alarms_monthly", &[GROUP, MONTH]),
    kind("closed_sup_alarms_daily", &[GROUP, DAY]),
    kind("closed_sup_alarms_monthly", &[GROUP, MONTH]),
    kind("accumulated_summary_daily", &[ORG, GROUP, MONTH]),
    kind(
        "consumption_daily",
        &[
            ORG,
            may("showBillingAccount", Shape::LooseFlag),
            may("showCommercialGroup", Shape::LooseFlag),
            may("showSubscriptions", Shape::LooseFlag),
            START,
            END,
        ],
    ),
    kind("expense_detail_monthly", &[ORG, ACCOUNT, MONTH]),
    kind(
        "subscription_base_monthly",
        &[ORG, need("start", Shape::Month), need("end", Shape::Month)],
    ),
    kind(
        "expense_detail_daily",
        &[
            ORG,
            START,
            END,
            may("chargeCodes", Shape::List(&Shape::Text)),
        ],
    ),
    kind("consumption_detail_daily", &[ORG, START, END]),
    kind("subscription_snapshot_daily", &[ORG, DAY]),
    kind("sms_ao", &[need("watcherId", Shape::Text)]),
    kind("charges_aggregated", &[ORG, ACCOUNT, MONTH]),
    kind("api_transaction_activity_daily", &[DAY]),
    kind("network_registration_failure_daily", &[DAY, ORG]),
    kind("swap_activity", &[MONTH]),
    kind("retired_subscriptions", &[START, END]),
    kind(
        "subscription_detail_monthly",
        &[
            ORG,
            ACCOUNT,
            need("dateBillingCycleEnd", Shape::Date),
            may("msisdn", Shape::Text),
        ],
    ),
    kind("manufacturer_model_summary", &[ORG]),
    kind("changed_imei", &[ORG, DAY]),
    kind("user_list", &[]),
    kind("alarms_monthly", &[MONTH]),
    kind(
        "customer_manufacturer_file",
        &[need("orderId", Shape::Text)],
    ),
    kind("legacy_expense_detail_monthly", &[ACCOUNT, DAY]),
    kind("iot_partner_expense_detail_monthly", &[ACCOUNT, MONTH]),
    kind("inventory_export", &[FILTERS, COLUMNS]),
];

fn create(cx: &Context<'_>) -> Result<Answer, Fault> {
    let body = cx.body(&Shape::Map(&Shape::Map(&Shape::Any)))?;
    let mut given = body.as_object().into_iter().flatten();
    let Some((name, params)) = given.next() else {
        return Err(Fault::missing("the report"));
    };
    if given.next().is_some() {
        return Err(Fault::invalid_value("only one report is allowed"));
    }
    let kind = KINDS.iter().find(|k| k.name == name);
    let kind = kind.ok_or_else(|| Fault::unknown_parameter(name))?;
    Shape::Object(kind.params)
        .check(params)
        .map_err(|problem| super::faulty(&problem))?;
    cx.platform
        .reports
        .create(cx.organisation, &order(kind, params), cx.packing)?;
    // The collection: the platform does not say which report it is.
    let host = cx.call.header("host").unwrap_or_default();
    let location = format!("https://{host}{}", cx.path);
    Ok(Answer::empty(202).with("location", location))
}

/// An order as SOAP has it.
fn order(kind: &Kind, params: &Value) -> Order {
    let mut order = Order {
        report: kind.soap.map_or(kind.name, |(report, _)| report),
        org_id_at: kind.params.iter().position(|p| p.name == ORG.name),
        params: Vec::new(),
    };
    for field in kind.params {
        // The period stands before the date.
        if let (Some((_, period)), "date") = (kind.soap, field.name) {
            order.params.push(("period", period.to_owned()));
        }
        let value = &params[field.name];
        let text = match (&field.shape, value) {
            (_, Value::Null) => continue,
            (Shape::LooseFlag, value) => flag(value).unwrap_or_default().to_string(),
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        };
        order.params.push((field.name, text));
    }
    order
}

fn list(cx: &Context<'_>) -> Result<Answer, Fault> {
    let reports = cx.platform.reports.list(cx.organisation);
    let reports: Vec<_> = reports.iter().map(listed).collect();
    Ok(Answer::json(200, &json!({ "downloadReports": reports })))
}

fn listed(listed: &Listed) -> Value {
    let order = &listed.report.order;
    let period = order.get("period");
    let kind = KINDS.iter().find(|k| match k.soap {
        Some((report, of)) => report == order.report && Some(of) == period,
        None => k.name == order.report,
    });
    // What SOAP alone has is listed by its name there.
    let (name, fields) = kind.map_or((order.report, &[][..]), |k| (k.name, k.params));
    let mut params = Map::new();
    for (name, text) in &order.params {
        let field = fields.iter().find(|f| f.name == *name);
        let value = match field.map(|f| f.shape) {
            Some(Shape::LooseFlag) => json!(order.flag(name)),
            Some(Shape::List(_)) => serde_json::from_str(text).unwrap_or_default(),
            None if kind.is_some() => continue,
            _ => json!(text),
        };
        params.insert((*name).to_owned(), value);
    }
    json!({
        "downloadReportId": listed.report.id,
        "created": listed.report.created.to_string(),
        "expire": listed.expire.to_string(),
        "modified": listed.modified.to_string(),
        "status": listed.status,
        "params": { name: params },
        "remove": listed.remove.to_string(),
    })
}

fn link(cx: &Context<'_>) -> Result<Answer, Fault> {
    let id = cx.call.path("downloadReportId");
    let links = cx.platform.reports.link(cx.organisation, id, cx.packing)?;
    Ok(Answer::json(200, &json!({ "resultURL": links })))
}

fn delete(cx: &Context<'_>) -> Result<Answer, Fault> {
    let id = cx.call.path("downloadReportId");
    cx.platform.reports.delete(cx.organisation, id)?;
    Ok(Answer::json(200, &json!({ "data": true })))
}
