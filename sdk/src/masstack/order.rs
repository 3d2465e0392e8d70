//! What all orders have: a correlation id, a service, and an answer to a repetition.

use std::fmt;
use std::str::FromStr;

use mno_runtime::facts::OperationFacts;
use mno_runtime::mask::Personal;
use mno_runtime::values::{DateTime, Msisdn};
use mno_runtime::{Error, ErrorKind};
use rustls::crypto::ring::default_provider;

use super::partners::{Amount, GenericErrorResponse, ServiceType};

/// Code of the refusal of a correlation id that came before.
const DUPLICATE: &str = "DUPLICATE_WORKFLOW_ID";

/// Names an order (`Request-Correlation-Id`): a UUID that comes back in the order's callback.
///
/// The platform takes no two calls with the same one. So make one for each order, write it down
/// before the order is sent, and **send it again with the same one** when the answer was lost: the
/// order is then carried out once, and [`Taken::Before`] says that the first call had arrived.
///
/// How long the platform remembers it is not documented. After a refusal that is not for the
/// repetition, take a new one: whether the old one counts as used is not documented either.
///
/// ```
/// use mno_sdk::masstack::CorrelationId;
///
/// # fn main() -> Result<(), mno_sdk::Error> {
/// let id = CorrelationId::random()?;
/// let written_down = id.to_string();
/// assert_eq!(written_down.parse::<CorrelationId>()?, id);
/// assert!("order 7".parse::<CorrelationId>().is_err());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrelationId([u8; 16]);

impl CorrelationId {
    /// A new one, of random bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the system has no random numbers.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 16];
        let filled = default_provider().secure_random.fill(&mut bytes);
        filled.map_err(|_| {
            let message = "there is no correlation id: the system gives no random numbers";
            Error::new(ErrorKind::Configuration, message)
        })?;
        // Version 4, variant of RFC 9562.
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Ok(Self(bytes))
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for CorrelationId {
    type Err = Error;

    /// Reads a UUID in its usual form, with hyphens.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 16];
        let groups = [8, 4, 4, 4, 12];
        let mut parts = text.split('-');
        let fits = groups.iter().all(|length| {
            let part = parts.next().unwrap_or_default();
            part.len() == *length && part.bytes().all(|b| b.is_ascii_hexdigit())
        });
        let digits = text.replace('-', "");
        if fits && parts.next().is_none() {
            for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
                let pair = std::str::from_utf8(pair).unwrap_or_default();
                *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
            }
            return Ok(Self(bytes));
        }
        let message = "a correlation id is a UUID such as 00000000-0000-4000-8000-000000000001";
        Err(Error::new(ErrorKind::InvalidRequest, message))
    }
}

/// How an order was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a repetition has no result: what became of the first call is not known here"]
pub enum Taken<T = ()> {
    /// By this call, with what it answered.
    Now(T),
    /// By an earlier call with the same correlation id (status 406, `DUPLICATE_WORKFLOW_ID`). What
    /// that one answered, the platform does not say again.
    Before,
}

impl<T> Taken<T> {
    /// What this call answered.
    #[must_use]
    pub fn now(self) -> Option<T> {
        match self {
            Self::Now(answer) => Some(answer),
            Self::Before => None,
        }
    }

    /// Whether an earlier call had arrived.
    #[must_use]
    pub fn is_repetition(&self) -> bool {
        matches!(self, Self::Before)
    }

    /// Understands the refusal of a repetition, and says what to do when the answer was lost.
    pub(super) fn of(answer: Result<T, Error>) -> Result<Self, Error> {
        let error = match answer {
            Ok(answer) => return Ok(Self::Now(answer)),
            Err(error) => error,
        };
        let code = error
            .fault::<GenericErrorResponse>()
            .map(|f| f.code.as_str());
        let is_duplicate = error.status().is_some_and(|status| status == 406);
        if is_duplicate && code == Some(DUPLICATE) {
            return Ok(Self::Before);
        }
        if error.is_outcome_unknown() {
            let advice = "with the same correlation id it can be sent again, and is taken once";
            return Err(error.with_advice(advice));
        }
        Err(error)
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Taken<U> {
        match self {
            Self::Now(answer) => Taken::Now(change(answer)),
            Self::Before => Taken::Before,
        }
    }
}

/// The service that a call is about: its kind and its id. `Debug` does not show the id.
///
/// ```
/// use mno_sdk::masstack::ServiceId;
/// use mno_sdk::masstack::partners::ServiceType;
/// use mno_sdk::runtime::values::Msisdn;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let line = ServiceId::mobile(&Msisdn::new("999000001")?)?;
/// assert_eq!(line, ServiceId::mobile(&Msisdn::new("+34999000001")?)?);
/// let policy = ServiceId::new(ServiceType::Deviceinsurance, "policy-0001");
/// assert!(ServiceId::mobile(&Msisdn::new("+49999000001")?).is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServiceId {
    kind: ServiceType,
    id: String,
}

impl ServiceId {
    /// A line. The platform names it by its number of nine digits; the prefix of Spain is taken off.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`]: it is not a number of nine digits, with or without 34.
    pub fn mobile(msisdn: &Msisdn) -> Result<Self, Error> {
        let digits = msisdn.digits();
        let national = match digits.len() {
            9 => Some(digits),
            11 => digits.strip_prefix("34"),
            _ => None,
        };
        let national = national.ok_or_else(|| {
            let message =
                "a line is named by its Spanish number of nine digits, with or without 34";
            Error::new(ErrorKind::InvalidRequest, message).with_path("service_id")
        })?;
        Ok(Self::new(ServiceType::Mobile, national))
    }

    /// A service of any kind: the number of a policy, the id of a subscription.
    #[must_use]
    pub fn new(kind: ServiceType, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &ServiceType {
        &self.kind
    }

    /// Its id, as paths have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceId")
            .field("kind", &self.kind)
            .field("id", &Personal)
            .finish()
    }
}

fn invalid(facts: &'static OperationFacts, path: &str, message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
        .with_operation(facts)
        .with_path(path.to_owned())
}

/// A period has a start and an end, or is left out; the end does not belong to it.
pub(super) fn check_period(
    start: Option<&DateTime>,
    end: Option<&DateTime>,
    facts: &'static OperationFacts,
) -> Result<(), Error> {
    let message = match (start, end) {
        (Some(start), Some(end)) if !start.cmp_instant(end).is_lt() => {
            "the period ends before it begins: the end does not belong to it"
        }
        (Some(_), None) | (None, Some(_)) => {
            "the period is half a one: give period_start_datetime and period_end_datetime, or neither"
        }
        _ => return Ok(()),
    };
    Err(invalid(facts, "period_end_datetime", message))
}

/// Every part of an amount is optional by itself.
pub(super) fn check_amount(amount: &Amount, facts: &'static OperationFacts) -> Result<(), Error> {
    if amount.value_with_taxes.is_some() || amount.value_without_taxes.is_some() {
        return Ok(());
    }
    let message = "the amount has no value: give it with taxes, without, or both";
    Err(invalid(facts, "amount", message))
}
