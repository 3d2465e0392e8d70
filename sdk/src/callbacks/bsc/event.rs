use std::fmt;

use mno_runtime::json::UnknownValue;
use mno_runtime::values::{DateTime, Iccid, Msisdn};

use super::super::sms::{Concatenation, Content, DataCoding, from_hex};

/// What comes out of a [`Receiver`](super::Receiver)'s stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A SIM has sent a message.
    Sms(Sms),
    /// What became of a message to a SIM.
    DeliveryReport(DeliveryReport),
}

/// A message that a SIM has sent (guide 4.2). `Debug` shows neither text nor numbers.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sms {
    /// `id` of the message, or of its first part that is here; the one that the API's reads have.
    pub id: String,
    /// The SIM.
    pub endpoint: Endpoint,
    /// `organisation.id`: the customer's organisation.
    pub organisation_id: Option<String>,
    /// `source_address`: number of the SIM.
    pub source: Option<Msisdn>,
    /// `dest_address`: the number that the device sent it to. It may be any.
    pub destination: Option<String>,
    /// `submit_date`: when the device sent it, in UTC where no zone is said.
    pub submitted: Option<DateTime>,
    /// `dcs`: how it is coded; the GSM alphabet where nothing is said.
    pub coding: DataCoding,
    /// `pid`: protocol identifier of the message.
    pub protocol: Option<u8>,
    /// The parts that are here, in their order; a short message is one.
    pub parts: Vec<Part>,
    /// How many parts the message has; more than there are in [`parts`](Self::parts) when the
    /// others did not come in [time](crate::callbacks::Options::join_within).
    pub total_parts: u16,
}

/// A part of a message, as it came. `Debug` does not show the payload.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// `id` of the part.
    pub id: String,
    /// Which one of the message's parts it is, from 1.
    pub number: u16,
    /// `payload`, as it came.
    pub payload: String,
    /// `udh`: user data header in hexadecimal, if there was one.
    pub header: Option<String>,
}

impl Sms {
    /// Whether all its parts are here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.parts.len() >= usize::from(self.total_parts)
    }

    /// What it says: text for the codings GSM 7 bit and UCS-2, octets for 8 bit data.
    ///
    /// The guide shows payloads as plain text, for GSM 7 bit; how octets are written it does not
    /// say. [`Content::of_payload`] tells how it is read; for a gateway that writes everything in
    /// hexadecimal there is [`content_of_hex`](Self::content_of_hex).
    #[must_use]
    pub fn content(&self) -> Content {
        if self.coding == DataCoding::EightBit {
            // Each part is in hexadecimal or not for itself.
            let parts = self.parts.iter().map(|part| {
                match Content::of_payload(self.coding, &part.payload) {
                    Content::Data(data) => data,
                    Content::Text(text) => text.into_bytes(),
                }
            });
            return Content::Data(parts.collect::<Vec<_>>().concat());
        }
        // A character may begin in one part and end in the next.
        let payload: String = self
            .parts
            .iter()
            .map(|part| part.payload.as_str())
            .collect();
        Content::of_payload(self.coding, &payload)
    }

    /// What it says, if the payloads are user data in hexadecimal; `None` where one is not.
    #[must_use]
    pub fn content_of_hex(&self) -> Option<Content> {
        let parts = self.parts.iter().map(|part| from_hex(&part.payload));
        let data = parts.collect::<Option<Vec<_>>>()?.concat();
        Some(Content::of_user_data(self.coding, &data))
    }
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms")
            .field("id", &self.id)
            .field("endpoint", &self.endpoint)
            .field("organisation_id", &self.organisation_id)
            .field("submitted", &self.submitted)
            .field("coding", &self.coding)
            .field("protocol", &self.protocol)
            .field("parts", &self.parts)
            .field("total_parts", &self.total_parts)
            .finish_non_exhaustive()
    }
}

impl Part {
    /// Its place in the message, by the user data header.
    #[must_use]
    pub fn concatenation(&self) -> Option<Concatenation> {
        Concatenation::of_header(&from_hex(self.header.as_deref()?)?)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("id", &self.id)
            .field("number", &self.number)
            .field("characters", &self.payload.chars().count())
            .finish_non_exhaustive()
    }
}

/// A SIM, as callbacks name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Endpoint {
    /// `id`: a number inside the platform.
    pub id: Option<String>,
    /// `name`: the ICCID.
    pub iccid: Option<Iccid>,
}

/// What became of a message to a SIM (guide 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// `id` of the message; the one that the API's reads have.
    pub id: String,
    /// `status`: what became of it.
    pub status: DeliveryStatus,
    /// The SIM.
    pub endpoint: Endpoint,
    /// `organisation.id`: the customer's organisation.
    pub organisation_id: Option<String>,
    /// `submit_date`: when it was handed in, in UTC where no zone is said.
    pub submitted: Option<DateTime>,
    /// `final_date`: when its end was known, in UTC where no zone is said.
    pub finished: Option<DateTime>,
}

/// What became of a message: `status.id`, or `status.status` where there is no id that is known.
///
/// The guide shows 4, `DELIVERED`, alone; the others are those of the platform behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// 1: a delivery attempt is waited for.
    AttemptPending,
    /// 2: under way.
    Pending,
    /// 3: kept until the device can be reached.
    Buffered,
    /// 4: the device has it.
    Delivered,
    /// 5: it cannot be delivered.
    Failed,
    /// 6: it was not delivered in time.
    Expired,
    /// 7: it was called off.
    Cancelled,
    /// Something else: the status's text, or its id where there is none.
    Unknown(UnknownValue),
}

impl DeliveryStatus {
    pub(super) fn of(id: Option<&str>, text: Option<&str>) -> Option<Self> {
        let by_id = id.and_then(|id| match id.trim() {
            "1" => Some(Self::AttemptPending),
            "2" => Some(Self::Pending),
            "3" => Some(Self::Buffered),
            "4" => Some(Self::Delivered),
            "5" => Some(Self::Failed),
            "6" => Some(Self::Expired),
            "7" => Some(Self::Cancelled),
            _ => None,
        });
        let by_text = || match text?.trim().to_ascii_uppercase().as_str() {
            "DELIVERY ATTEMPT PENDING" => Some(Self::AttemptPending),
            "PENDING" | "IN PROGRESS" => Some(Self::Pending),
            "BUFFERED" => Some(Self::Buffered),
            "DELIVERED" => Some(Self::Delivered),
            "FAILED" => Some(Self::Failed),
            "EXPIRED" => Some(Self::Expired),
            "CANCELED" | "CANCELLED" => Some(Self::Cancelled),
            _ => None,
        };
        let unknown = || text.or(id).map(UnknownValue::from_wire).map(Self::Unknown);
        // An id that is not known may be a new one: its text is not to be trusted then.
        match id {
            Some(_) => by_id.or_else(unknown),
            None => by_text().or_else(unknown),
        }
    }

    /// Nothing more will become of the message.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::Failed | Self::Expired | Self::Cancelled
        )
    }
}
