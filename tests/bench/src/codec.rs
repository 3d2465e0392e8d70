//! `codec`: decoding an answer of 1000 subscriptions, beside other XML decoders for Rust.
//!
//! All of them read the same bytes into types of the same shape: 36 texts, flags and numbers for each
//! subscription, and nested ones. Ours checks more (identifiers, dates, namespaces, the envelope);
//! the others are given texts for identifiers and dates.

mod peers;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mno_sdk::kite::inventory::{GetSubscriptions, GetSubscriptionsResponse};
use mno_sdk::runtime::soap::{Envelope, SoapOperation as _, decode_body};
use mno_sdk::runtime::xml::{Cursor, Document, Limits, NamespaceTable};

use crate::figures::{Figures, Target};

pub(crate) const SUBSCRIPTIONS: usize = 1000;
const ROUNDS: usize = 15;
const TYPES: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types";

pub(crate) fn run(figures: &mut Figures) -> Result<()> {
    let message = message();
    let envelope = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>{message}\
         </e:Body></e:Envelope>"
    );
    let size = envelope.len();
    figures.note(format!(
        "{SUBSCRIPTIONS} subscriptions in {:.1} MB: best of {ROUNDS} rounds",
        size as f64 / 1e6
    ));
    let ours = best(|| {
        let answer = decode(envelope.as_bytes())?;
        let readable = answer.subscription_data.ok().count();
        ensure!(readable == SUBSCRIPTIONS, "{readable} could be read");
        Ok(())
    })?;
    figures.add("mno-runtime", millis(ours), "ms", Target::None);
    let speed = size as f64 / 1e6 / ours.as_secs_f64();
    figures.add("mno-runtime: speed", speed, "MB/s", Target::None);
    // yaserde wants a prefix for each namespace: it gets the same elements in none.
    let plain = message.replacen(&format!(" xmlns=\"{TYPES}\""), "", 1);
    for (name, decode) in peers::ALL {
        let message = if name == "yaserde" { &plain } else { &message };
        let theirs = best(|| {
            let read = decode(message)?;
            ensure!(read == SUBSCRIPTIONS, "{name} read {read}");
            Ok(())
        })?;
        figures.add(name, millis(theirs), "ms", Target::None);
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        let figure = format!("{name}: time beside mno-runtime");
        figures.add(&figure, ratio, "x", Target::None);
    }
    Ok(())
}

fn decode(envelope: &[u8]) -> Result<GetSubscriptionsResponse> {
    let table = NamespaceTable::new(mno_kite_inventory_v12::ns::TABLE);
    let document = Document::new(envelope, None, Limits::default())?;
    let mut cursor = Cursor::new(&document, &table);
    let read = decode_body(
        &mut cursor,
        GetSubscriptions::decode_response,
        GetSubscriptions::decode_fault,
    )?;
    match read {
        Envelope::Message(message) => Ok(message),
        _ => anyhow::bail!("the message reads as a fault"),
    }
}

fn best(mut decode: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        decode()?;
        best = best.min(began.elapsed());
    }
    Ok(best)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The answer without its envelope, as the platform writes it.
fn message() -> String {
    let mut out = format!("<getSubscriptionsResponse xmlns=\"{TYPES}\">");
    for number in 0..SUBSCRIPTIONS {
        let texts = [
            ("subscriptionId", format!("sub-{number:010}")),
            ("icc", format!("8999{number:015}")),
            ("imsi", format!("00101{number:010}")),
            ("msisdn", format!("999{number:09}")),
            ("alias", format!("pump {number} &amp; valve")),
            ("customField1", "north".to_owned()),
            ("customField2", "Zähler 12".to_owned()),
            ("customField3", String::new()),
            ("customField4", "hall 4".to_owned()),
            ("simModel", "MODEL-4FF".to_owned()),
            ("simType", "LOCAL_RR".to_owned()),
        ];
        out.push_str("<subscriptionData>");
        for (name, text) in texts {
            element(&mut out, name, &text);
        }
        for name in ["gprsStatus", "ipStatus"] {
            out.push_str(&format!(
                "<{name}><status>1</status><lastConnStart>2031-03-04T05:00:00Z</lastConnStart>\
                 <lastConnStop>2031-03-03T22:10:00Z</lastConnStop></{name}>"
            ));
        }
        element(&mut out, "advancedSupervision", "true");
        for name in ["consumptionDaily", "consumptionMonthly"] {
            out.push_str(&format!("<{name}>"));
            for part in ["voice", "sms", "data"] {
                out.push_str(&format!(
                    "<{part}><limit>10737418240</limit><value>{number}</value>\
                     <thrReached>80</thrReached><enabled>true</enabled>\
                     <trafficCut>false</trafficCut></{part}>"
                ));
            }
            out.push_str(&format!("</{name}>"));
        }
        for (name, text) in [
            ("provisionDate", "2031-01-10T00:00:00Z"),
            ("shippingDate", "2031-01-12T00:00:00Z"),
            ("activationDate", "2031-02-03T04:05:06Z"),
            ("commercialGroup", "Pumps"),
            ("supervisionGroup", "north_hall"),
            ("imei", "00-100200-300401-2"),
            ("apn", "meters.example"),
            ("apn0", "meters.example"),
            ("apn1", "cameras.example"),
            ("staticIpAddress0", "192.0.2.10"),
            ("staticIpAddress1", "192.0.2.11"),
            ("orderNumber", "ORDER-31-0001"),
            ("masterId", "master-example"),
            ("masterName", "Example Master"),
            ("serviceProviderEnablerId", "provider-example-enabler"),
            ("serviceProviderEnablerName", "Example Enabler"),
            ("customerID", "customer-example"),
            ("customerName", "Example Customer"),
            ("lifeCycleStatus", "ACTIVE"),
            ("customerCurrency", "978"),
            ("operator", "00101"),
            ("country", "ES"),
        ] {
            element(&mut out, name, text);
        }
        out.push_str("</subscriptionData>");
    }
    out.push_str("</getSubscriptionsResponse>");
    out
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>{text}</{name}>"));
}
