//! `Inventory`, version 13: what the SOAP service lacks.

use serde_json::{Value, json};

use super::{Answer, Context, Fault, Route, Service, sim_id};
use crate::fleet::{Random, Sim, SimId};
use crate::platform::{consumed, parse_day};
use crate::rest::{Shape, flag, may, need};
use crate::time::Timestamp;

pub(super) const V13: Service = Service {
    segment: "Inventory",
    version: "v13",
    routes: &[
        Route {
            method: "PUT",
            path: "sim/{simId}/block",
            operation: "block",
            query: &[],
            carry_out: block,
        },
        Route {
            method: "GET",
            path: "sim/{simId}/consumptionHistory",
            operation: "consumptionHistory",
            query: &["startDate", "endDate", "monthly"],
            carry_out: consumption_history,
        },
        Route {
            method: "GET",
            path: "sim/{simId}/gprsHistory",
            operation: "gprsHistory",
            query: &["startDate", "endDate"],
            carry_out: gprs_history,
        },
    ],
};

const DAY: i64 = 86_400;
/// Days before the last one, if no first one is asked for.
const USUAL: i64 = 30;
/// Most days of a range.
const LONGEST: i64 = 366;

const BLOCK: Shape = Shape::Object(&[
    need("block", Shape::LooseFlag),
    may("block_cause", Shape::OneOf(&["user", "decommission"])),
]);

/// This operation alone takes `msisdn:`, and an ICC without anything before it.
fn block(cx: &Context<'_>) -> Result<Answer, Fault> {
    let body = cx.body(&BLOCK)?;
    let text = cx.call.path("simId");
    let id = match text.strip_prefix("msisdn:") {
        Some(number) => SimId::Msisdn(number.to_owned()),
        None if text.bytes().all(|b| b.is_ascii_digit()) => SimId::icc(text),
        None => sim_id(text),
    };
    let on = flag(&body["block"]).unwrap_or_default();
    cx.platform.block(&id, body["block_cause"].as_str(), on)?;
    Ok(Answer::empty(200))
}

/// The days of a query, counted from 1970.
fn days(cx: &Context<'_>) -> Result<std::ops::RangeInclusive<i64>, Fault> {
    let day = |name: &str| {
        let text = cx.call.query(name);
        let read = |text: &str| {
            parse_day(text).ok_or_else(|| Fault::invalid_value(format!("{name} {text}")))
        };
        text.map(read).transpose()
    };
    let today = Timestamp::now().unix().div_euclid(DAY);
    let last = day("endDate")?.unwrap_or(today);
    let first = day("startDate")?.unwrap_or(last - USUAL);
    if first > last {
        return Err(Fault::invalid_value("startDate is after endDate"));
    }
    if last - first > LONGEST {
        let rule = format!("the range must be of at most {LONGEST} days");
        return Err(Fault::invalid_value(rule));
    }
    Ok(first..=last.min(today))
}

/// A day as the platform writes it.
fn date(day: i64) -> String {
    let (year, month, day) = Timestamp::from_unix(day * DAY).date();
    format!("{year:04}-{month:02}-{day:02}")
}

/// The same consumption as in the daily report.
fn consumption_history(cx: &Context<'_>) -> Result<Answer, Fault> {
    let sim = cx.platform.sim(&cx.sim_id())?;
    let monthly = match cx.call.query("monthly") {
        None => false,
        Some(text) => {
            let wrong = || Fault::invalid_value(format!("monthly {text}"));
            flag(&json!(text)).ok_or_else(wrong)?
        }
    };
    let mut periods: Vec<(String, [u64; 3])> = Vec::new();
    for day in days(cx)? {
        let mut begins = date(day);
        if monthly {
            begins.replace_range(8.., "01");
        }
        let of_day = consumed(&sim, day);
        match periods.last_mut().filter(|(date, _)| *date == begins) {
            Some((_, sum)) => {
                for (sum, one) in sum.iter_mut().zip(of_day) {
                    *sum += one;
                }
            }
            None => periods.push((begins, of_day)),
        }
    }
    let entry = |(date, [voice, sms, data]): (String, [u64; 3])| json!({ "date": date, "voice": voice, "sms": sms, "data": data });
    let history: Vec<_> = periods.into_iter().map(entry).collect();
    let body = json!({ "consumptionHistoryData": history });
    Ok(Answer::json(200, &body))
}

/// A session a day, with the data of the day's consumption.
fn gprs_history(cx: &Context<'_>) -> Result<Answer, Fault> {
    let sim = cx.platform.sim(&cx.sim_id())?;
    let sessions: Vec<_> = days(cx)?.filter_map(|day| session(&sim, day)).collect();
    Ok(Answer::json(200, &json!({ "gprsHistoryData": sessions })))
}

fn session(sim: &Sim, day: i64) -> Option<Value> {
    let [_, _, data] = consumed(sim, day);
    if data == 0 {
        return None;
    }
    let mut random = Random::new(data, day.unsigned_abs());
    let start = Timestamp::from_unix(day * DAY).plus(random.seconds(20 * 3600));
    let end = start.plus(60 + random.seconds(3 * 3600));
    let sent = data / 4;
    Some(json!({
        "ip": sim.ip.map_or_else(|| "10.200.0.1".to_owned(), |ip| ip.to_string()),
        "sentBytes": sent,
        "receivedBytes": data - sent,
        "sentPackages": sent.div_ceil(1400),
        "receivedPackages": (data - sent).div_ceil(1400),
        "startTimestamp": start.to_string(),
        "endTimestamp": end.to_string(),
        "apn": sim.default_apn.as_deref().unwrap_or_default(),
        "ggsnIp": "192.0.2.2",
        "sgsn": {
            "ip": "192.0.2.3",
            "operator": {
                "company": "Sandbox Mobile",
                "countryCode": sim.country.unwrap_or_default(),
            },
        },
        "cgi": format!("001-01-100-{}", 10_000 + random.below(100)),
        "ratTypeStart": sim.rat_type.unwrap_or(255),
        "ratTypeEnd": sim.rat_type.unwrap_or(255),
        "sessionId": random.hex24(),
    }))
}
