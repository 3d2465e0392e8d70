//! Short messages to SIMs, and what became of them.

use std::fmt;

use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::values::Iccid;
use mno_runtime::{Error, Operation};

use super::management::{
    CancelSms, Client, GetSms, ListSms, SendSms, Sms, SmsMessage, SmsStatusId,
};
use super::{TelekomBsc, page_of, path_iccid};
use crate::paging::PageStream;
use crate::wait::Wait;

/// Number of a message, in lists and in delivery reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmsId(i64);

impl SmsId {
    /// The message of this number.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for SmsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The messages of a SIM, as a stream.
pub type SmsStream = PageStream<Sms>;

/// Short messages (guide 4): sent to SIMs, looked up, cancelled.
///
/// What SIMs send, and what became of messages to them, the platform tells by itself: see the
/// feature `callbacks`.
///
/// **The platform does not give a message's number when it takes it.** It stands in
/// [`stream`](Self::stream) and in the delivery report.
///
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(bsc: mno_sdk::TelekomBsc, iccid: Iccid) -> Result<(), mno_sdk::Error> {
/// use futures_util::TryStreamExt;
/// use mno_sdk::bsc::management::SmsMessage;
///
/// let messages = bsc.messages();
/// let message = SmsMessage::new().with_payload("report").with_source_address("99901");
/// messages.send(&iccid, message).await?;
/// let all: Vec<_> = messages.stream(&iccid).try_collect().await?;
/// println!("{} messages so far", all.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Messages {
    client: Client,
    options: CallOptions,
}

impl Messages {
    pub(super) fn new(bsc: &TelekomBsc) -> Self {
        Self {
            client: Client::new(bsc.transport()),
            options: CallOptions::default(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// Hands in a message to a SIM (MT). Sent once.
    ///
    /// Without `dcs` the text is in GSM 7 bit. Whether the network shows `source_address` is not
    /// certain.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been taken: look at [`stream`](Self::stream) before sending it again.
    pub async fn send(&self, iccid: &Iccid, message: SmsMessage) -> Result<(), Error> {
        let request = SendSms::new(path_iccid(iccid), message);
        self.client.send_sms(&request).await
    }

    /// The messages to and from a SIM, in pages of 100 behind the scenes; in which order is not
    /// documented.
    #[must_use]
    pub fn stream(&self, iccid: &Iccid) -> SmsStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let iccid = path_iccid(iccid);
        let key = |sms: &Sms| sms.id.map(|id| id.to_string());
        let of = iccid.as_str().to_owned();
        super::stream(&ListSms::FACTS, key, &of, move |page, size| {
            let client = client.clone();
            let request = ListSms::new(iccid.clone());
            let request = request.with_page(page).with_page_size(size);
            Box::pin(async move {
                let answer = client.list_sms(&request).await?;
                let facts = &ListSms::FACTS;
                Ok(page_of(
                    answer.body,
                    answer.x_total_count,
                    "a message",
                    facts,
                ))
            })
        })
    }

    /// A message, with how far it is.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, iccid: &Iccid, id: SmsId) -> Result<Sms, Error> {
        let request = GetSms::new(path_iccid(iccid), id.0);
        self.client.get_sms(&request).await
    }

    /// Cancels a message that is not delivered yet.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn cancel(&self, iccid: &Iccid, id: SmsId) -> Result<(), Error> {
        let request = CancelSms::new(path_iccid(iccid), id.0);
        self.client.cancel_sms(&request).await?;
        Ok(())
    }

    /// Waits until a message has its end: delivered, failed, expired or cancelled.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time of
    /// `wait` is over, with how far the message is.
    pub async fn wait(&self, iccid: &Iccid, id: SmsId, wait: Wait) -> Result<Sms, Error> {
        wait.until(&GetSms::FACTS, async || {
            let sms = self.get(iccid, id).await?;
            Ok(match sms.status.as_ref().and_then(|s| s.id.as_ref()) {
                Some(status) if is_final(status) => Ok(sms),
                Some(status) => Err(format!("the message has status {status}")),
                None => Err("the message has no status".to_owned()),
            })
        })
        .await
    }
}

fn is_final(status: &SmsStatusId) -> bool {
    use SmsStatusId as S;
    matches!(status, S::Delivered | S::Failed | S::Expired | S::Cancelled)
}
