//! What stands in reports. But for the daily consumption, whose header the vendor's guide prints,
//! no layout is known: headers and columns here are made up.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::reports::Report;
use super::{FISCAL_NUMBER, SentSms, billing_account_name};
use crate::fleet::{Fleet, Random, Sim, SimId};
use crate::lifecycle::State;
use crate::time::Timestamp;

const DAY: i64 = 86_400;
/// Header of the daily consumption (guide 6.7.2).
const CONSUMPTION_DAILY: [&str; 12] = [
    "Date",
    "Service Provider",
    "Customer",
    "Fiscal Number",
    "Commercial Group ID",
    "Commercial Group Name",
    "Billing Account ID",
    "Billing Account Name",
    "Subscription ID",
    "Voice",
    "SMS",
    "Data",
];
/// Made up.
const SMS: [&str; 5] = ["Date", "Watcher ID", "ICC", "MSISDN", "Status"];
/// Made up, for all others.
const OTHER: [&str; 4] = ["Date", "Customer", "Subscription ID", "ICC"];

/// Header and rows.
#[derive(Debug)]
pub(crate) struct Table {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

/// What a report holds.
pub(crate) fn table(fleet: &Fleet, report: &Report, sms: Option<&SentSms>) -> Table {
    match report.order.report {
        "consumption_daily" => consumption_daily(fleet, report),
        "sms_ao" => Table {
            header: &SMS,
            rows: sms.map_or_else(Vec::new, |sms| deliveries(fleet, report, sms)),
        },
        _ => {
            let date = day(report.created.unix().div_euclid(DAY));
            let row = |sim: &Sim| {
                vec![
                    date.clone(),
                    sim.customer_name.clone(),
                    sim.subscription_id.clone(),
                    sim.icc.clone(),
                ]
            };
            Table {
                header: &OTHER,
                rows: fleet.all().iter().map(|sim| row(sim)).collect(),
            }
        }
    }
}

/// A row per day and SIM; a row per day if the order wants no SIMs.
fn consumption_daily(fleet: &Fleet, report: &Report) -> Table {
    let order = &report.order;
    let per_sim = order.get("showSubscriptions").is_none() || order.flag("showSubscriptions");
    let (start, end) = order.days().unwrap_or((0, -1));
    let sims = fleet.all();
    let mut rows = Vec::new();
    for date in start..=end {
        let mut sum = [0_u64; 3];
        for sim in &sims {
            let consumed = consumed(sim, date);
            if !per_sim {
                for (sum, one) in sum.iter_mut().zip(consumed) {
                    *sum += one;
                }
                continue;
            }
            let mut group = [String::new(), String::new()];
            if order.flag("showCommercialGroup") {
                let id = sim.commercial_group;
                group = [id.to_string(), fleet.group_name(id)];
            }
            let id = &sim.subscription_id;
            let mut account = [String::new(), String::new()];
            if order.flag("showBillingAccount")
                && let Some(group) = fleet.commercial_groups().get(sim.commercial_group)
            {
                let id = group.billing_account_id.clone();
                account = [id.clone(), billing_account_name(&id).to_owned()];
            }
            let ids = [group, account];
            rows.push(consumption_row(date, sim, ids, id, consumed));
        }
        if let (false, Some(sim)) = (per_sim, sims.first()) {
            rows.push(consumption_row(date, sim, Default::default(), "", sum));
        }
    }
    Table {
        header: &CONSUMPTION_DAILY,
        rows,
    }
}

fn consumption_row(
    date: i64,
    sim: &Sim,
    [[group_id, group_name], [account_id, account_name]]: [[String; 2]; 2],
    subscription: &str,
    consumed: [u64; 3],
) -> Vec<String> {
    let mut row = vec![
        day(date),
        String::new(),
        sim.customer_name.clone(),
        FISCAL_NUMBER.to_owned(),
        group_id,
        group_name,
        account_id,
        account_name,
        subscription.to_owned(),
    ];
    row.extend(consumed.map(|n| n.to_string()));
    row
}

/// Seconds of voice, messages and bytes of a day: always the same, and nothing before the SIM was
/// active.
pub(crate) fn consumed(sim: &Sim, date: i64) -> [u64; 3] {
    let active = sim
        .activation_date
        .is_some_and(|t| t.unix().div_euclid(DAY) <= date);
    if !active {
        return [0; 3];
    }
    // Consumption stays with the subscription when it moves to another card.
    let seed = sim.subscription_id.bytes().fold(0_u64, |hash, b| {
        hash.wrapping_mul(31).wrapping_add(u64::from(b))
    });
    let mut random = Random::new(seed, date.unsigned_abs());
    [600, 20, 5 << 20].map(|bound| random.next() % bound)
}

fn deliveries(fleet: &Fleet, report: &Report, sms: &SentSms) -> Vec<Vec<String>> {
    if !sms.delivery_report {
        return Vec::new();
    }
    let row = |icc: &String| {
        let sim = fleet.get(&SimId::icc(icc));
        let reachable = sim
            .as_ref()
            .is_some_and(|s| matches!(s.state(), State::Active | State::Test));
        vec![
            day(report.created.unix().div_euclid(DAY)),
            sms.watcher_id.clone(),
            icc.clone(),
            sim.and_then(|s| s.msisdn.clone()).unwrap_or_default(),
            if reachable { "DELIVERED" } else { "EXPIRED" }.to_owned(),
        ]
    };
    sms.destinations.iter().map(row).collect()
}

/// `DD/MM/YYYY`.
fn day(date: i64) -> String {
    let (year, month, day) = Timestamp::from_unix(date * DAY).date();
    format!("{day:02}/{month:02}/{year:04}")
}

/// One of several parts of a table, each with the header.
pub(crate) fn write(table: &Table, part: usize, parts: usize) -> String {
    let (parts, len) = (parts.max(1), table.rows.len());
    let rows = table.rows.get(len * part / parts..len * (part + 1) / parts);
    let mut out = table.header.join(";");
    out.push('\n');
    for row in rows.unwrap_or_default() {
        for (at, field) in row.iter().enumerate() {
            if at > 0 {
                out.push(';');
            }
            if field.contains([';', '"', '\n', '\r']) {
                out.push('"');
                out.push_str(&field.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(field);
            }
        }
        out.push('\n');
    }
    out
}

/// `[type]_[organizationId]_[transactionId]_[period].csv`
pub(crate) fn file_name(report: &Report, part: usize, parts: usize) -> String {
    let order = &report.order;
    let own = super::reports::org_id(&report.organisation);
    let organisation = order.get("orgId").unwrap_or(&own);
    let transaction = match parts {
        0 | 1 => report.id.clone(),
        _ => format!("{}-{}", report.id, part + 1),
    };
    let digits = |text: &str| text.replace('-', "");
    let period = match (order.get("start"), order.get("end")) {
        (Some(start), Some(end)) => format!("{}-{}", digits(start), digits(end)),
        _ => {
            let created = report.created.to_string();
            let date = order.get("date").or(order.get("dateBillingCycleEnd"));
            digits(date.unwrap_or(&created[..10]))
        }
    };
    let name = format!("{}_{organisation}_{transaction}_{period}.csv", order.report);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.replace(|c| !plain(c), "-")
}

/// A ZIP of files.
pub(crate) fn zip(files: &[(String, String)]) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default())?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
