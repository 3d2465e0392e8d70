//! SIMs: what SOAP does not tell of them.

use std::fmt;
use std::sync::Arc;

use mno_runtime::facts::OperationFacts;
use mno_runtime::json::Items;
use mno_runtime::transport::{CallOptions, Transport};
use mno_runtime::values::{Date, Iccid, Imsi, Msisdn};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::rest::inventory::{
    Block, BlockRequest, Client, ConsumptionHistory, ConsumptionHistoryEntry, GprsHistory,
    GprsSession,
};

/// Which SIM, as it stands in a path: `icc:…`, `imsi:…`, `tel:…`, or a bare subscription id.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SimId {
    /// ICC (ICCID) of the SIM.
    Icc(Iccid),
    /// IMSI of the SIM.
    Imsi(Imsi),
    /// MSISDN of the SIM; `tel:` on the wire.
    Msisdn(Msisdn),
    /// The platform's own id of the subscription.
    SubscriptionId(String),
}

impl SimId {
    /// The segment of the path, before it is encoded.
    fn segment(&self) -> String {
        match self {
            Self::Icc(icc) => format!("icc:{}", icc.as_str()),
            Self::Imsi(imsi) => format!("imsi:{}", imsi.as_str()),
            Self::Msisdn(msisdn) => format!("tel:{}", msisdn.as_str()),
            Self::SubscriptionId(id) => id.clone(),
        }
    }
}

impl fmt::Debug for SimId {
    /// Shows which kind of id it is; the id itself is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Icc(_) => "Icc(…)",
            Self::Imsi(_) => "Imsi(…)",
            Self::Msisdn(_) => "Msisdn(…)",
            Self::SubscriptionId(_) => "SubscriptionId(…)",
        })
    }
}

impl From<Iccid> for SimId {
    fn from(value: Iccid) -> Self {
        Self::Icc(value)
    }
}

impl From<Imsi> for SimId {
    fn from(value: Imsi) -> Self {
        Self::Imsi(value)
    }
}

impl From<Msisdn> for SimId {
    fn from(value: Msisdn) -> Self {
        Self::Msisdn(value)
    }
}

/// The SIMs of the organisation over REST: histories and blocks, which SOAP does not have.
///
/// For everything else there is [`Kite`](crate::Kite)`::inventory` (SOAP). Histories may be asked
/// for once a second; for the whole fleet the daily consumption report takes a handful of calls.
///
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), Box<dyn std::error::Error>> {
/// let sims = kite.rest().inventory();
/// let days = sims.consumption_history(icc, "2031-01-01".parse()?, "2031-01-31".parse()?);
/// for day in days.await?.ok() {
///     println!("{:?}: {} bytes", day.date, day.data.unwrap_or(0));
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Inventory {
    client: Client,
}

impl Inventory {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            client: Client::new(transport),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// What a SIM consumed on each day from `start` to `end` (GMT): seconds of voice, bytes of
    /// data, a count of messages. How long a range may be is not documented.
    ///
    /// # Errors
    /// [`Error`] of every kind: [`ErrorKind::InvalidRequest`] when the end is before the start.
    pub async fn consumption_history(
        &self,
        sim: impl Into<SimId>,
        start: Date,
        end: Date,
    ) -> Result<Items<ConsumptionHistoryEntry>, Error> {
        self.consumption(sim.into(), start, end, false).await
    }

    /// The same for each billing cycle.
    ///
    /// # Errors
    /// As those of [`consumption_history`](Self::consumption_history).
    pub async fn consumption_history_by_cycle(
        &self,
        sim: impl Into<SimId>,
        start: Date,
        end: Date,
    ) -> Result<Items<ConsumptionHistoryEntry>, Error> {
        self.consumption(sim.into(), start, end, true).await
    }

    /// A SIM's data sessions from `start` to `end` (days, GMT): when, how much, by which network
    /// and technology. How long a range may be is not documented.
    ///
    /// # Errors
    /// [`Error`] of every kind: [`ErrorKind::InvalidRequest`] when the end is before the start.
    pub async fn gprs_history(
        &self,
        sim: impl Into<SimId>,
        start: Date,
        end: Date,
    ) -> Result<Items<GprsSession>, Error> {
        in_order(start, end, &GprsHistory::FACTS)?;
        let request = GprsHistory::new(sim.into().segment())
            .with_start_date(start)
            .with_end_date(end);
        Ok(self.client.gprs_history(&request).await?.gprs_history_data)
    }

    /// Blocks a SIM, or ends the block; for customers of the provider Vivo only.
    ///
    /// ```no_run
    /// # use mno_sdk::runtime::values::Iccid;
    /// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::rest::inventory::{BlockCause, BlockRequest};
    ///
    /// let block = BlockRequest::new(true).with_block_cause(BlockCause::User);
    /// kite.rest().inventory().block(icc, block).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the answer
    /// is lost, and the SIM's `blockReason` tells.
    pub async fn block(&self, sim: impl Into<SimId>, request: BlockRequest) -> Result<(), Error> {
        let request = Block::new(sim.into().segment(), request);
        self.client.block(&request).await
    }

    async fn consumption(
        &self,
        sim: SimId,
        start: Date,
        end: Date,
        by_cycle: bool,
    ) -> Result<Items<ConsumptionHistoryEntry>, Error> {
        in_order(start, end, &ConsumptionHistory::FACTS)?;
        let request = ConsumptionHistory::new(sim.segment())
            .with_start_date(start)
            .with_end_date(end)
            .with_monthly(by_cycle);
        let answer = self.client.consumption_history(&request).await?;
        Ok(answer.consumption_history_data)
    }
}

fn in_order(start: Date, end: Date, facts: &'static OperationFacts) -> Result<(), Error> {
    if end.unix_days() < start.unix_days() {
        let message = "the end is before the start";
        return Err(Error::new(ErrorKind::InvalidRequest, message)
            .with_operation(facts)
            .with_path("endDate"));
    }
    Ok(())
}
