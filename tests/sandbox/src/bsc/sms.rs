//! Short messages, to SIMs and from them.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::json::{Sorts, bare_time, time};
use super::state::Sim;
use super::{ORGANISATION, endpoint};
use crate::time::Timestamp;

/// What a list of messages can be sorted by.
pub(super) const SMS_SORTS: Sorts<Sms> = &[
    ("id", |a, b| a.id.cmp(&b.id)),
    ("submit_date", |a, b| a.submitted.cmp(&b.submitted)),
];

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsStatus {
    /// 1: its delivery is due.
    Pending,
    /// 3: kept, because the SIM may not be used at present.
    Buffered,
    /// 4: delivered.
    Delivered,
    /// 5: failed.
    Failed,
    /// 6: not delivered in time.
    Expired,
    /// 7: cancelled by the customer.
    Cancelled,
}

impl SmsStatus {
    /// Its number on the wire.
    #[must_use]
    pub fn id(self) -> u8 {
        match self {
            Self::Pending => 1,
            Self::Buffered => 3,
            Self::Delivered => 4,
            Self::Failed => 5,
            Self::Expired => 6,
            Self::Cancelled => 7,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Pending => "DELIVERY ATTEMPT PENDING",
            Self::Buffered => "BUFFERED",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELED",
        }
    }

    /// Whether it can change.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Buffered)
    }
}

/// A message to a SIM or from it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sms {
    /// Its number.
    pub id: u64,
    /// ICCID of the SIM.
    pub iccid: String,
    /// Whether the SIM sent it (MO); else it is to the SIM (MT).
    pub from_sim: bool,
    /// How far it is.
    pub status: SmsStatus,
    /// Its text.
    pub payload: String,
    /// Who it comes from.
    pub source_address: String,
    /// The number that it went to, if the SIM sent it.
    pub dest_address: Option<String>,
    /// Encoding of the text.
    pub dcs: i64,
    /// User data header.
    pub udh: Option<String>,
    /// Kind of the sender's address.
    pub source_address_type: i64,
    /// When it was handed in.
    pub submitted: Timestamp,
    /// Until when its delivery is tried.
    pub expires: Timestamp,
    /// When its status became final.
    pub ended: Option<Timestamp>,
    /// The same as `expires`, on tokio's clock.
    pub(super) expires_at: Instant,
}

impl Sms {
    pub(super) fn to_json(&self, sim: &Sim) -> Value {
        let (kind, direction) = if self.from_sim { (2, "MO") } else { (1, "MT") };
        let mut sms = json!({
            "id": self.id,
            "submit_date": time(self.submitted),
            "expiry_date": time(self.expires),
            "retry_count": "0",
            "source_address": self.source_address,
            "iccid": self.iccid,
            "msisdn": sim.msisdn,
            "imsi": sim.imsi,
            "dcs": self.dcs,
            "payload": self.payload,
            "status": { "id": self.status.id(), "description": self.status.word() },
            "sms_type": { "id": kind, "description": direction },
            "source_address_type": { "id": self.source_address_type },
        });
        if let Some(udh) = &self.udh {
            sms["udh"] = json!(udh);
        }
        if let Some(ended) = self.ended {
            sms["final_date"] = json!(time(ended));
            if self.status == SmsStatus::Delivered {
                sms["delivery_date"] = json!(time(ended));
                sms["last_delivery_attempt"] = json!(time(ended));
            }
        }
        sms
    }

    /// The callback that says what became of it.
    pub(super) fn report(&self, sim: &Sim) -> Value {
        json!({
            "status": { "status": self.status.word(), "id": self.status.id().to_string() },
            "endpoint": endpoint(sim),
            "submit_date": bare_time(self.submitted),
            "organisation": { "id": ORGANISATION.to_string() },
            "final_date": bare_time(self.ended.unwrap_or(self.submitted)),
            "id": self.id.to_string(),
        })
    }

    /// The callback that forwards it.
    pub(super) fn forward(&self, sim: &Sim) -> Value {
        json!({
            "multi_part_info": { "partno": 1, "total": 1, "identifier": self.id.to_string() },
            "payload": self.payload,
            "submit_date": bare_time(self.submitted),
            "dest_address": self.dest_address,
            "organisation": { "id": ORGANISATION.to_string() },
            "pid": "0",
            "id": self.id.to_string(),
            "endpoint": endpoint(sim),
            "source_address": self.source_address,
            "dcs": self.dcs.to_string(),
        })
    }
}
