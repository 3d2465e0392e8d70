//! Short messages to many SIMs.

use std::fmt;

use mno_kite_inventory_v12::types::{SendSmsResult, SendSmsStatus, SimId, SubscriptionIdentifier};
use mno_runtime::values::Msisdn;
use mno_runtime::{Error, ErrorKind, Operation};

use super::Inventory;
use crate::gsm;
use crate::kite::Wait;
use crate::kite::inventory::{GetSendSmsResult, SendSms};

/// Most SIMs that the platform takes in one call (guide 6.6).
const MAX_SIMS: usize = 1000;

/// A short message, checked before anything is sent.
///
/// ```
/// use mno_sdk::kite::Sms;
///
/// let sms = Sms::new("reboot & report <now>")?.with_delivery_report(true);
/// // A longer text travels in several parts, each charged; that is said, not assumed.
/// assert!(Sms::new("x".repeat(161)).is_err());
/// assert!(Sms::in_parts("x".repeat(161), 2).is_ok());
/// # Ok::<(), mno_sdk::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    text: String,
    origin: Option<Msisdn>,
    delivery_report: bool,
}

impl Sms {
    /// A text that fits into one message: 160 characters of the GSM alphabet (3GPP TS 23.038;
    /// `^{}\[]~|€` count twice), or 70 UTF-16 units when any other character is in it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the text is empty, too long, or holds a character that
    /// cannot be sent.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        Self::in_parts(text, 1)
    }

    /// A text that may take so many messages; each of several holds 153 characters of the GSM
    /// alphabet, or 67 UTF-16 units. How many the platform takes is not documented.
    ///
    /// # Errors
    /// Like [`new`](Self::new).
    pub fn in_parts(text: impl Into<String>, parts: usize) -> Result<Self, Error> {
        let text = text.into();
        if text.is_empty() {
            return Err(invalid("text", "the text is empty".to_owned()));
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\u{c}'))
        {
            let reason = "the text holds a control character, which a short message cannot carry";
            return Err(invalid("text", reason.to_owned()));
        }
        let needed = parts_of(&text);
        if needed > parts {
            let reason = format!("the text takes {needed} messages, {parts} allowed");
            return Err(invalid("text", reason));
        }
        Ok(Self {
            text,
            origin: None,
            delivery_report: false,
        })
    }

    /// Sends from this number.
    #[must_use]
    pub fn with_origin(mut self, origin: Msisdn) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Asks for the delivery report, which `Reports` has under the watcher id for a week.
    #[must_use]
    pub fn with_delivery_report(mut self, wanted: bool) -> Self {
        self.delivery_report = wanted;
        self
    }

    /// How many messages the text takes.
    #[must_use]
    pub fn parts(&self) -> usize {
        parts_of(&self.text)
    }

    fn request(&self, sims: &[SimId]) -> SendSms {
        let sims = sims.iter().cloned().map(SubscriptionIdentifier::new);
        let mut request = SendSms::new(sims, self.text.clone());
        request.origin_msisdn.clone_from(&self.origin);
        request.has_delivery_report = Some(self.delivery_report);
        request
    }
}

impl fmt::Debug for Sms {
    /// Shows the length: the text may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms")
            .field("characters", &self.text.chars().count())
            .field("parts", &self.parts())
            .field("delivery_report", &self.delivery_report)
            .finish_non_exhaustive()
    }
}

/// What became of one call of [`broadcast`](Inventory::broadcast).
#[derive(Debug)]
#[non_exhaustive]
pub struct SmsBatch {
    /// The SIMs of this call, up to 1000.
    pub sims: Vec<SimId>,
    /// What became of it.
    pub outcome: SmsOutcome,
}

/// What became of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub enum SmsOutcome {
    /// The platform has taken it: the watcher id, for
    /// [`wait_for_sms`](Inventory::wait_for_sms) and the delivery report.
    Accepted(String),
    /// The platform refused it, or its answer is lost
    /// ([`is_outcome_unknown`](Error::is_outcome_unknown): it may have been sent, and is not sent
    /// again).
    Failed(Error),
    /// Not tried, since what stood in the way of an earlier batch stands in its way too.
    NotSent,
}

impl SmsOutcome {
    /// The watcher id of an accepted batch.
    #[must_use]
    pub fn watcher_id(&self) -> Option<&str> {
        match self {
            Self::Accepted(id) => Some(id),
            _ => None,
        }
    }
}

impl Inventory {
    /// Sends a short message to any number of SIMs, 1000 in a call.
    ///
    /// Nothing is sent twice: a batch whose answer is lost stays as it is, and the next one goes
    /// on. A batch is not tried after one that failed for a reason they share (no connection, no
    /// right, maintenance); the answer says so for each.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite, sims: Vec<mno_sdk::kite::inventory::SimId>) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::{Sms, SmsOutcome, Wait};
    ///
    /// let sms = Sms::new("reboot")?.with_delivery_report(true);
    /// for batch in kite.inventory().broadcast(sims, &sms).await {
    ///     match batch.outcome {
    ///         SmsOutcome::Accepted(watcher) => {
    ///             kite.inventory().wait_for_sms(&watcher, Wait::default()).await?;
    ///         }
    ///         other => println!("{} SIMs: {other:?}", batch.sims.len()),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn broadcast(
        &self,
        sims: impl IntoIterator<Item = SimId>,
        sms: &Sms,
    ) -> Vec<SmsBatch> {
        let sims: Vec<SimId> = sims.into_iter().collect();
        let mut out = Vec::new();
        let mut stopped = false;
        for batch in sims.chunks(MAX_SIMS) {
            let outcome = if stopped {
                SmsOutcome::NotSent
            } else {
                match self.send_sms(&sms.request(batch)).await {
                    Ok(watcher_id) => SmsOutcome::Accepted(watcher_id),
                    Err(error) => {
                        stopped = stands_in_the_way_of_all(&error);
                        SmsOutcome::Failed(error)
                    }
                }
            };
            out.push(SmsBatch {
                sims: batch.to_vec(),
                outcome,
            });
        }
        out
    }

    /// Waits until the platform has finished sending (`getSendSMSResult`); what reached whom is in
    /// the delivery report.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time of
    /// `wait` is over, with the state that the sending is in.
    pub async fn wait_for_sms(&self, watcher_id: &str, wait: Wait) -> Result<SendSmsResult, Error> {
        let facts = &GetSendSmsResult::FACTS;
        wait.until(facts, async || {
            Ok(match self.sms_result(watcher_id).await? {
                Some(result) if result.status == SendSmsStatus::Finished => Ok(result),
                Some(result) => Err(format!("the sending is {}", result.status)),
                None => Err("the platform says nothing of it yet".to_owned()),
            })
        })
        .await
    }
}

/// Whether the platform takes so many SIMs in a call.
pub(super) fn check_size(request: &SendSms) -> Result<(), Error> {
    let sims = request.dest_subscriptions.len();
    if sims > MAX_SIMS {
        let reason = format!(
            "{sims} SIMs in a call, and the platform takes {MAX_SIMS}: broadcast() splits them"
        );
        return Err(invalid("destSubscriptions", reason));
    }
    Ok(())
}

/// The next batch would meet the same.
fn stands_in_the_way_of_all(error: &Error) -> bool {
    error.is_connect()
        || error.is_forbidden()
        || error.is_ip_denied()
        || error.is_unavailable()
        || error.is_rate_limited()
        || matches!(
            error.kind(),
            ErrorKind::Configuration | ErrorKind::InvalidRequest
        )
}

fn invalid(path: &str, reason: String) -> Error {
    Error::new(ErrorKind::InvalidRequest, reason)
        .with_operation(&SendSms::FACTS)
        .with_path(path)
}

fn parts_of(text: &str) -> usize {
    let septets = text.chars().try_fold(0, |sum, c| {
        if gsm::TABLE.contains(c) {
            Some(sum + 1)
        } else if gsm::EXTENSION.iter().any(|(_, other)| *other == c) {
            Some(sum + 2)
        } else {
            None
        }
    });
    let (units, single, several) = match septets {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if units <= single {
        1
    } else {
        units.div_ceil(several)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn parts_are_counted_in_the_alphabet_that_the_text_needs() {
        for (text, parts) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("я".repeat(70), 1),
            ("я".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
        ] {
            assert_eq!(
                parts_of(&text),
                parts,
                "{} characters",
                text.chars().count()
            );
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_the_reason() {
        for (text, reason) in [
            (String::new(), "empty"),
            ("a\u{0}b".to_owned(), "control character"),
            ("a\u{1b}b".to_owned(), "control character"),
            ("a".repeat(161), "takes 2 messages, 1 allowed"),
        ] {
            let error = Sms::new(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.path(), Some("text"));
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
