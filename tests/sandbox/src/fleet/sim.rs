//! One SIM as the sandbox knows it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::lifecycle::{LifeCycle, State};
use crate::time::Timestamp;

/// Which identifier a caller used, and its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SimId {
    /// ICC, printed on the card.
    Icc(String),
    /// IMSI.
    Imsi(String),
    /// MSISDN; a leading `+` does not matter.
    Msisdn(String),
    /// The platform's own id.
    SubscriptionId(String),
}

impl SimId {
    /// An ICC.
    pub fn icc(value: impl Into<String>) -> Self {
        Self::Icc(value.into())
    }

    /// Wire name of the identifier's kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Icc(_) => "icc",
            Self::Imsi(_) => "imsi",
            Self::Msisdn(_) => "msisdn",
            Self::SubscriptionId(_) => "subscriptionId",
        }
    }

    /// The identifier itself.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Icc(v) | Self::Imsi(v) | Self::Msisdn(v) | Self::SubscriptionId(v) => v,
        }
    }
}

impl fmt::Display for SimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.value())
    }
}

/// An amount of money, or any other decimal with five places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Money(i64);

impl Money {
    /// So many hundred-thousandths.
    #[must_use]
    pub const fn from_e5(hundred_thousandths: i64) -> Self {
        Self(hundred_thousandths)
    }

    /// The amount in hundred-thousandths.
    #[must_use]
    pub const fn e5(self) -> i64 {
        self.0
    }
}

impl FromStr for Money {
    type Err = ();

    /// Reads an `xs:decimal` with at most five places.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if digits.len() < 1 + usize::from(digits.contains('.'))
            || places.len() > 5
            || !plain(whole)
            || !plain(places)
        {
            return Err(());
        }
        let number: i64 = format!("{whole}{places:0<5}").parse().map_err(|_| ())?;
        Ok(Self(sign * number))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:05}", abs / 100_000, abs % 100_000)
    }
}

/// State of a connection (`gprsStatus`, `ipStatus`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Status code, 0 to 9.
    pub status: u8,
    /// When the last session began.
    pub last_start: Option<Timestamp>,
    /// When the last session ended.
    pub last_stop: Option<Timestamp>,
}

/// Consumption of one service in one period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumption {
    /// Limit, in the service's unit (seconds, messages, bytes).
    pub limit: u64,
    /// Consumed so far.
    pub value: u64,
    /// Threshold reached, in percent.
    pub thr_reached: u64,
    /// Whether the limit is in force.
    pub enabled: bool,
    /// Whether traffic is cut at the limit.
    pub traffic_cut: Option<bool>,
}

/// Consumption of all services in one period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumptions {
    /// Voice, in seconds.
    pub voice: Consumption,
    /// Messages.
    pub sms: Consumption,
    /// Data, in bytes.
    pub data: Consumption,
}

/// Expense of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expense {
    /// Limit.
    pub limit: Money,
    /// Spent so far.
    pub value: Money,
    /// Threshold reached, in percent.
    pub thr_reached: Money,
    /// Whether the limit is in force.
    pub enabled: bool,
}

/// Expense of all services in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expenses {
    /// Voice beyond the fee.
    pub voice: Expense,
    /// Messages beyond the fee.
    pub sms: Expense,
    /// Data beyond the fee.
    pub data: Expense,
    /// Everything beyond the fee.
    pub total: Expense,
    /// The fee.
    pub fee: Money,
}

/// One of a SIM's ten APNs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApnSlot {
    /// Name; `None` when the slot is free.
    pub name: Option<String>,
    /// Static address.
    pub static_ip: Option<IpAddr>,
    /// Second static address.
    pub additional_static_ip: Option<IpAddr>,
}

/// Basic services, in the order of the contract's read type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it: service, direction, where")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "twelve switches are what the platform has"
)]
pub struct BasicServices {
    pub voice_originated_home: bool,
    pub voice_originated_roaming: bool,
    pub voice_originated_international: bool,
    pub voice_terminated_home: bool,
    pub voice_terminated_roaming: bool,
    pub sms_originated_home: bool,
    pub sms_originated_roaming: bool,
    pub sms_originated_international: bool,
    pub sms_terminated_home: bool,
    pub sms_terminated_roaming: bool,
    pub data_home: bool,
    pub data_roaming: bool,
}

/// Supplementary services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the platform's names")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "five switches are what the platform has"
)]
pub struct SupplementaryServices {
    pub vpn: bool,
    pub advanced_supervision: bool,
    pub location: bool,
    pub dca: bool,
    pub dim: bool,
}

/// Where a SIM is.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// When it was there.
    pub time: Timestamp,
    /// Latitude in degrees.
    pub latitude: f32,
    /// Longitude in degrees.
    pub longitude: f32,
    /// Postal code.
    pub postal_code: Option<String>,
}

/// How far a SIM can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// `GPRS`, `GSM`, `IP reachability`, `NOT_REGISTERED`, `unknown`.
    pub level: &'static str,
    /// When this was found.
    pub time: Timestamp,
    /// Why it is so.
    pub cause: &'static str,
}

/// A voucher of time and consumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Voucher {
    /// Whether it is in force.
    pub enabled: bool,
    /// Seconds left.
    pub data_time: i64,
    /// Bytes left.
    pub data_consumption: i64,
}

/// Card or embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimKind {
    /// A card with one profile.
    Uicc,
    /// An eUICC, whose profile can be changed.
    Euicc,
}

/// One made-up SIM.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "fields carry the names of the contract")]
pub struct Sim {
    pub subscription_id: String,
    pub icc: String,
    pub imsi: String,
    pub msisdn: Option<String>,
    pub eid: Option<String>,
    pub kind: SimKind,
    pub alias: String,
    pub custom_fields: [String; 4],
    pub sim_model: &'static str,
    pub sim_type: &'static str,
    pub gprs_status: Connection,
    pub ip_status: Connection,
    pub daily: Consumptions,
    pub monthly: Consumptions,
    pub expenses: Option<Expenses>,
    pub provision_date: Timestamp,
    pub shipping_date: Timestamp,
    pub activation_date: Option<Timestamp>,
    /// Id of the commercial group; [`Fleet::group_name`](super::Fleet::group_name) has its name.
    pub commercial_group: u32,
    pub supervision_group: Option<String>,
    pub imei: Option<String>,
    pub apns: [ApnSlot; 10],
    pub default_apn: Option<String>,
    pub order_number: String,
    pub customer_id: String,
    pub customer_name: String,
    /// State and history.
    pub life: LifeCycle,
    pub operator: Option<&'static str>,
    pub country: Option<&'static str>,
    pub manual_location: Option<Location>,
    pub automatic_location: Option<Location>,
    pub basic_services: BasicServices,
    pub suppl_services: SupplementaryServices,
    pub ip: Option<IpAddr>,
    pub lte_enabled: bool,
    pub volte_enabled: bool,
    pub swap_status: Option<&'static str>,
    pub rat_type: Option<i32>,
    pub qci: i32,
    pub last_traffic_date: Option<Timestamp>,
    pub presence: Presence,
    pub voucher: Voucher,
    /// Causes of the blocks in force, at most three.
    pub blocks: Vec<String>,
    /// How often `networkReset` was carried out.
    pub network_resets: u32,
    /// How often `auditSwapProfile` was carried out.
    pub profile_audits: u32,
}

impl Sim {
    /// The present life cycle state.
    #[must_use]
    pub fn state(&self) -> State {
        self.life.state()
    }

    /// APN of the present session; empty without one.
    #[must_use]
    pub fn session_apn(&self) -> &str {
        match self.ip {
            Some(_) => self.default_apn.as_deref().unwrap_or_default(),
            None => "",
        }
    }

    /// The ICC as an identifier.
    #[must_use]
    pub fn id(&self) -> SimId {
        SimId::Icc(self.icc.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn money() {
        for (text, e5) in [
            ("0", 0),
            ("3.93549", 393_549),
            ("-0.5", -50_000),
            ("+7.", 700_000),
        ] {
            assert_eq!(text.parse(), Ok(Money::from_e5(e5)), "{text}");
        }
        for bad in ["", ".", "-", "1e3", "0.123456", "1,5", "--1"] {
            assert_eq!(bad.parse::<Money>(), Err(()), "{bad}");
        }
        assert_eq!(Money::from_e5(-50_001).to_string(), "-0.50001");
    }
}
