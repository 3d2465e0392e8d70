//! What the platform knows: SIMs, made up from the seed.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::json::{Error, Sorts, bare_time, refused, time};
use crate::fleet::{Random, luhn};
use crate::rest::Answer;
use crate::time::Timestamp;

const DAY: i64 = 86_400;
/// Thousandths of a megabyte that a SIM comes with, and that a top-up adds.
pub(super) const DATA_VOLUME: u64 = 500_000;
/// Thousandths of a message that a SIM comes with.
const SMS_VOLUME: u64 = 250_000;
/// How long a SIM lives.
const LIFE: i64 = 3652 * DAY;
/// For how many days before the start of the sandbox there is usage.
pub(super) const HISTORY: i64 = 60;

/// What a list of SIMs can be sorted by.
pub(super) const SIM_SORTS: Sorts<Sim> = &[
    ("imei", |a, b| a.imei.cmp(&b.imei)),
    ("ip_address", |a, b| a.ip_address.cmp(&b.ip_address)),
];

/// A SIM.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sim {
    /// ICCID without the check digit, 19 digits.
    pub iccid: String,
    /// IMSI.
    pub imsi: String,
    /// MSISDN.
    pub msisdn: String,
    /// IMEI of its device.
    pub imei: String,
    /// Whether it works in its device alone.
    pub imei_lock: bool,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was activated.
    pub activated: Timestamp,
    /// Its address.
    pub ip_address: Ipv4Addr,
    /// The customer's name for it.
    pub label: String,
    /// Data volume in thousandths of a megabyte.
    pub data: Quota,
    /// SMS in thousandths of a message.
    pub sms: Quota,
}

/// What is left of a SIM's data volume or SMS, in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// What is left.
    pub left: u64,
    /// What there was in all.
    pub total: u64,
    /// What the last top-up added.
    pub added: u64,
    /// When it expires, and the SIM with it.
    pub expires: Timestamp,
    /// When its status changed last.
    pub changed: Timestamp,
}

impl Quota {
    fn new(total: u64, used: u64, activated: Timestamp) -> Self {
        Self {
            left: total.saturating_sub(used),
            total,
            added: total,
            expires: activated.plus(LIFE),
            changed: activated,
        }
    }

    /// 0 more than a fifth is left, 1 less, 2 nothing.
    fn status(&self) -> u8 {
        match self.left {
            0 => 2,
            left if left * 5 < self.total => 1,
            _ => 0,
        }
    }

    fn status_json(&self) -> Value {
        let (id, description) = match self.status() {
            0 => (0, "More than 20% available"),
            1 => (1, "Less than 20% available"),
            _ => (2, "No volume available"),
        };
        json!({ "id": id, "description": description })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "volume": thousandths(self.left),
            "total_volume": thousandths(self.total),
            "expiry_date": bare_time(self.expires),
            "peak_throughput": 1_000_000,
            "last_volume_added": thousandths(self.added),
            "last_status_change_date": bare_time(self.changed),
            "threshold_percentage": 20,
        })
    }
}

impl Sim {
    fn make(seed: u64, number: u64, today: Timestamp) -> Self {
        let mut r = Random::new(seed, number ^ u64::from_be_bytes(*b"bsc sims"));
        let activated = today.plus(-HISTORY * DAY - r.seconds(700 * DAY));
        let enabled = r.percent(80);
        let used = if enabled { r.below(DATA_VOLUME) } else { 0 };
        let [.., c, d] = (number + 1).to_be_bytes();
        let imei = format!("99{:012}", 500_000_000_000 + number + 1);
        Self {
            iccid: format!("8999{:015}", number + 1),
            imsi: format!("00101{:010}", 5_000_000_000 + number + 1),
            msisdn: format!("999{:012}", number + 1),
            imei: format!("{imei}{}", luhn(&imei)),
            imei_lock: r.percent(10),
            enabled,
            activated,
            ip_address: Ipv4Addr::new(10, 64, c, d),
            label: format!("site-{:03}", r.below(200)),
            data: Quota::new(DATA_VOLUME, used, activated),
            sms: Quota::new(SMS_VOLUME, 0, activated),
        }
    }

    /// The ICCID with its check digit, 20 digits.
    #[must_use]
    pub fn iccid_with_luhn(&self) -> String {
        format!("{}{}", self.iccid, luhn(&self.iccid))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "iccid": self.iccid,
            "iccid_with_luhn": self.iccid_with_luhn(),
            "imsi": self.imsi,
            "current_imsi": self.imsi,
            "msisdn": self.msisdn,
            "imei": self.imei,
            "imei_lock": self.imei_lock,
            "status": if self.enabled { "Enabled" } else { "Disabled" },
            "activation_date": time(self.activated),
            "ip_address": self.ip_address.to_string(),
            "current_quota": thousandths(self.data.left),
            "quota_status": self.data.status_json(),
            "current_quota_SMS": thousandths(self.sms.left),
            "quota_status_SMS": self.sms.status_json(),
            "label": self.label,
        })
    }
}

/// A number of thousandths as a JSON number.
fn thousandths(value: u64) -> Value {
    if value.is_multiple_of(1000) {
        json!(value / 1000)
    } else {
        json!(value as f64 / 1000.0)
    }
}

/// Everything that changes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) sims: Vec<Sim>,
}

impl State {
    pub(super) fn new(seed: u64, sims: usize) -> Self {
        let today = Timestamp::now();
        Self {
            sims: (0..sims)
                .map(|n| Sim::make(seed, n as u64, today))
                .collect(),
        }
    }

    /// The SIM with this ICCID, of 19 digits or with the check digit.
    pub(super) fn sim(&self, iccid: &str) -> Option<&Sim> {
        let mut sims = self.sims.iter();
        sims.find(|s| s.iccid == iccid || s.iccid_with_luhn() == iccid)
    }

    /// The SIMs to which every `property:value` of a list applies.
    pub(super) fn filter(&self, q: &str) -> Result<Vec<&Sim>, Answer> {
        let mut sims: Vec<_> = self.sims.iter().collect();
        for condition in q.split(',').filter(|c| !c.is_empty()) {
            match condition.split_once(':') {
                Some(("imei", value)) => sims.retain(|s| s.imei == value),
                Some(("ip_address", value)) => sims.retain(|s| s.ip_address.to_string() == value),
                _ => return Err(refused(Error::BadQuery)),
            }
        }
        Ok(sims)
    }
}
