//! SIMs: read, changed, reset, topped up; what they used and what is left.

use std::fmt;
use std::net::IpAddr;

use mno_runtime::facts::OperationFacts;
use mno_runtime::json::Items;
use mno_runtime::mask::Personal;
use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::values::{Date, Iccid, Imei};
use mno_runtime::{Error, ErrorKind, Operation};

use super::management::{
    Client, ConnectivityInfo, GetConnectivityInfo, GetDataQuota, GetSim, GetSmsQuota, GetUsage,
    ListEvents, ListSims, PaymentMethod, Quota, ResetSim, Sim, SimEvent, SimStatus, SimUpdate,
    TopUpSim, TopUpSims, UpdateSim, UpdateSims, UsageDay,
};
use super::{OrderNumber, TelekomBsc, page_of, path_iccid};
use crate::paging::PageStream;
use crate::wait::Wait;

/// Which SIMs a list has; all of them by default.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimFilter {
    /// IMEI of the device.
    pub imei: Option<Imei>,
    /// Address of the SIM.
    pub ip_address: Option<IpAddr>,
}

impl SimFilter {
    /// All SIMs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only the SIM in the device with this IMEI.
    #[must_use]
    pub fn imei(mut self, imei: Imei) -> Self {
        self.imei = Some(imei);
        self
    }

    /// Only the SIM with this address.
    #[must_use]
    pub fn ip_address(mut self, address: IpAddr) -> Self {
        self.ip_address = Some(address);
        self
    }

    /// `property:value,…`.
    fn query(&self) -> Option<String> {
        let imei = self.imei.as_ref().map(|i| format!("imei:{}", i.digits()));
        let address = self.ip_address.map(|a| format!("ip_address:{a}"));
        let all: Vec<String> = [imei, address].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(","))
    }
}

impl fmt::Debug for SimFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimFilter")
            .field("imei", &self.imei)
            .field("ip_address", &self.ip_address.map(|_| Personal))
            .finish()
    }
}

/// What is to become of a SIM; the rest stays as it was read.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimChange {
    /// Whether it may be used.
    pub status: Option<SimStatus>,
    /// The customer's own name for it.
    pub label: Option<String>,
    /// Whether it works in its device alone.
    pub imei_lock: Option<bool>,
}

impl SimChange {
    /// No change.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether it may be used.
    #[must_use]
    pub fn with_status(mut self, status: SimStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the customer's own name for it.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets whether it works in its device alone.
    #[must_use]
    pub fn with_imei_lock(mut self, lock: bool) -> Self {
        self.imei_lock = Some(lock);
        self
    }

    /// Everything that a SIM is to be: what a call leaves out may be reset.
    fn of(&self, sim: &Sim, facts: &'static OperationFacts) -> Result<SimUpdate, Error> {
        let missing = |what: &str, then: &str| {
            let message = format!("the SIM as it was read has no {what}: {then}");
            Error::new(ErrorKind::InvalidRequest, message)
                .with_operation(facts)
                .with_path(what.to_owned())
        };
        let iccid = sim.iccid.clone().filter(|iccid| !iccid.is_blank());
        let iccid = iccid.ok_or_else(|| missing("iccid", "read it again with get"))?;
        let status = self.status.clone().or_else(|| sim.status.clone());
        let status = status.ok_or_else(|| missing("status", "say which it is to have"))?;
        let mut update = SimUpdate::new(iccid, status);
        update.label = self.label.clone().or_else(|| sim.label.clone());
        update.imei_lock = self.imei_lock.or(sim.imei_lock);
        Ok(update)
    }
}

impl fmt::Debug for SimChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimChange")
            .field("status", &self.status)
            .field("label", &self.label.as_ref().map(|_| Personal))
            .field("imei_lock", &self.imei_lock)
            .finish()
    }
}

/// A list of SIMs, as a stream.
pub type SimStream = PageStream<Sim>;

/// A SIM's events, as a stream.
pub type EventStream = PageStream<SimEvent>;

/// The SIMs of the organisation (guide 2.2): read, changed, reset, topped up; what they used and
/// what is left.
///
/// Messages are the generated types of [`management`](super::management). An unknown SIM is an
/// error with [`is_not_found`](Error::is_not_found); one whose time is over is refused with
/// status 422 when it is to be changed. Nothing is sent twice: when the answer to a change is lost,
/// the error says [`is_outcome_unknown`](Error::is_outcome_unknown) and names the read that settles
/// it.
///
/// Paths hold the 19 digits of an ICCID without its check digit; from one of 20 digits with a right
/// check digit it is taken off.
///
/// ```no_run
/// # async fn example(bsc: mno_sdk::TelekomBsc) -> Result<(), mno_sdk::Error> {
/// use futures_util::TryStreamExt;
/// use mno_sdk::bsc::management::SimStatus;
/// use mno_sdk::bsc::{SimChange, SimFilter};
///
/// let sims = bsc.sims();
/// let off = SimChange::new().with_status(SimStatus::Disabled);
/// let mut all = sims.stream(SimFilter::new());
/// while let Some(sim) = all.try_next().await? {
///     if sim.label.as_deref() == Some("Gate 1") {
///         sims.update(&sim, &off).await?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Sims {
    client: Client,
    options: CallOptions,
}

impl Sims {
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

    /// The SIMs that a filter lets through, in pages of 100 behind the scenes.
    ///
    /// Calls of the stream wait behind interactive ones; see [`PageStream`] for what happens at
    /// page ends and when SIMs come and go.
    #[must_use]
    pub fn stream(&self, filter: SimFilter) -> SimStream {
        let client = self.bulk();
        let q = filter.query();
        let of = q.clone().unwrap_or_default();
        super::stream(&ListSims::FACTS, key_of, &of, move |page, size| {
            let client = client.clone();
            let mut request = ListSims::new().with_page(page).with_page_size(size);
            request.q.clone_from(&q);
            Box::pin(async move {
                let answer = client.list_sims(&request).await?;
                let facts = &ListSims::FACTS;
                Ok(page_of(answer.body, answer.x_total_count, "a SIM", facts))
            })
        })
    }

    /// A SIM: identifiers, status, label, address, and what is left of its quotas.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, iccid: &Iccid) -> Result<Sim, Error> {
        let request = GetSim::new(path_iccid(iccid));
        self.client.get_sim(&request).await
    }

    /// Changes a SIM at once (`PUT`).
    ///
    /// The call holds everything that can be changed, and what is left out of it may be reset. So
    /// it is put together from the SIM as it was read last: what somebody else changed since then is
    /// undone.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the SIM was read without ICCID or status; [`Error`] of
    /// every other kind.
    pub async fn update(&self, sim: &Sim, change: &SimChange) -> Result<(), Error> {
        let update = change.of(sim, &UpdateSim::FACTS)?;
        let request = UpdateSim::new(path_iccid(&update.iccid), update);
        self.client.update_sim(&request).await
    }

    /// Queues the same change of several SIMs (`POST`); [`wait_for_status`](Self::wait_for_status)
    /// tells when it is made. Each SIM is sent whole, as with [`update`](Self::update).
    ///
    /// How many SIMs one call takes is not documented.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when there is no SIM, or one was read without ICCID or status;
    /// [`Error`] of every other kind.
    pub async fn update_many<'a>(
        &self,
        sims: impl IntoIterator<Item = &'a Sim>,
        change: &SimChange,
    ) -> Result<(), Error> {
        let facts = &UpdateSims::FACTS;
        let updates = sims.into_iter().map(|sim| change.of(sim, facts));
        let updates: Vec<SimUpdate> = updates.collect::<Result<_, _>>()?;
        not_empty(updates.len(), facts)?;
        self.client.update_sims(&UpdateSims::new(updates)).await
    }

    /// Waits until a SIM has a status, and gives the SIM.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time of
    /// `wait` is over, with the status that it has.
    pub async fn wait_for_status(
        &self,
        iccid: &Iccid,
        status: &SimStatus,
        wait: Wait,
    ) -> Result<Sim, Error> {
        wait.until(&GetSim::FACTS, async || {
            let sim = self.get(iccid).await?;
            if sim.status.as_ref() == Some(status) {
                return Ok(Ok(sim));
            }
            Ok(Err(match &sim.status {
                Some(other) => format!("the SIM is {other}"),
                None => "the SIM has no status".to_owned(),
            }))
        })
        .await
    }

    /// Queues a reset of a SIM's connection; events tell when it was made.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn reset(&self, iccid: &Iccid) -> Result<(), Error> {
        let request = ResetSim::new(path_iccid(iccid));
        self.client.reset_sim(&request).await
    }

    /// Whether and where the network knows a SIM; presumably on 2G and 3G alone.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn connectivity(&self, iccid: &Iccid) -> Result<ConnectivityInfo, Error> {
        let request = GetConnectivityInfo::new(path_iccid(iccid));
        self.client.get_connectivity_info(&request).await
    }

    /// A SIM's diagnostic events, in pages of 1000 behind the scenes; in which order is not
    /// documented.
    ///
    /// Events have no number: one that comes in while the stream runs can make another come twice.
    #[must_use]
    pub fn events(&self, iccid: &Iccid) -> EventStream {
        let client = self.bulk();
        let iccid = path_iccid(iccid);
        let of = iccid.as_str().to_owned();
        super::stream(&ListEvents::FACTS, no_key, &of, move |page, size| {
            let client = client.clone();
            let request = ListEvents::new(iccid.clone());
            let request = request.with_page(page).with_page_size(size);
            Box::pin(async move {
                let answer = client.list_events(&request).await?;
                // The totals are in the body as well as in headers.
                let total = answer.body.total_events.or(answer.x_total_count);
                let facts = &ListEvents::FACTS;
                Ok(page_of(answer.body.events, total, "an event", facts))
            })
        })
    }

    /// What a SIM used day by day, each day on its own readable or not; 6 months at most, and all of
    /// them without a range. The range is closed.
    ///
    /// Volumes and costs are exact decimals, in the unit and currency that stand with them. For data
    /// `rx` is what the SIM received; for SMS `rx` is what it *sent*.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn usage(
        &self,
        iccid: &Iccid,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<Items<UsageDay>, Error> {
        let mut request = GetUsage::new(path_iccid(iccid));
        request.start_dt = from;
        request.end_dt = to;
        Ok(self.client.get_usage(&request).await?.stats)
    }

    /// What is left of a SIM's data volume, in megabytes.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn data_quota(&self, iccid: &Iccid) -> Result<Quota, Error> {
        let request = GetDataQuota::new(path_iccid(iccid));
        self.client.get_data_quota(&request).await
    }

    /// How many SMS a SIM has left.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn sms_quota(&self, iccid: &Iccid) -> Result<Quota, Error> {
        let request = GetSmsQuota::new(path_iccid(iccid));
        self.client.get_sms_quota(&request).await
    }

    /// Orders a top-up of a SIM's quota and gives the order's number, if the platform names it.
    /// Spends money. Sent once.
    ///
    /// ```no_run
    /// # use mno_sdk::runtime::values::Iccid;
    /// # async fn example(bsc: mno_sdk::TelekomBsc, iccid: Iccid) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::bsc::management::PaymentMethod;
    ///
    /// match bsc.sims().top_up(&iccid, PaymentMethod::Monthlyinvoice).await {
    ///     Ok(order) => println!("ordered: {order:?}"),
    ///     Err(e) if e.is_outcome_unknown() => {
    ///         let quota = bsc.sims().data_quota(&iccid).await?;
    ///         println!("{e}: there were added {:?} last", quota.last_volume_added);
    ///     }
    ///     Err(e) => return Err(e),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been ordered: look at the orders or the quota before ordering again.
    pub async fn top_up(
        &self,
        iccid: &Iccid,
        payment: PaymentMethod,
    ) -> Result<Option<OrderNumber>, Error> {
        let request = TopUpSim::new(path_iccid(iccid)).with_payment_method(payment);
        let answer = self.client.top_up_sim(&request).await?;
        Ok(answer.location.as_deref().and_then(OrderNumber::at))
    }

    /// Orders a top-up of each of several SIMs, in one order. Spends money. Sent once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when there is no SIM. [`Error`] of every other kind;
    /// [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have been ordered: look at the
    /// orders or the quotas before ordering again.
    pub async fn top_up_many<'a>(
        &self,
        iccids: impl IntoIterator<Item = &'a Iccid>,
        payment: PaymentMethod,
    ) -> Result<Option<OrderNumber>, Error> {
        let iccids = iccids
            .into_iter()
            .map(|iccid| path_iccid(iccid).as_str().to_owned());
        let iccids: Vec<String> = iccids.collect();
        not_empty(iccids.len(), &TopUpSims::FACTS)?;
        let request = TopUpSims::new(iccids).with_payment_method(payment);
        let answer = self.client.top_up_sims(&request).await?;
        Ok(answer.location.as_deref().and_then(OrderNumber::at))
    }

    fn bulk(&self) -> Client {
        let options = self.options.clone().with_priority(Priority::Bulk);
        self.client.with_options(options)
    }
}

fn key_of(sim: &Sim) -> Option<String> {
    sim.iccid.as_ref().map(|iccid| iccid.as_str().to_owned())
}

fn no_key(_: &SimEvent) -> Option<String> {
    None
}

fn not_empty(count: usize, facts: &'static OperationFacts) -> Result<(), Error> {
    if count > 0 {
        return Ok(());
    }
    let error = Error::new(ErrorKind::InvalidRequest, "there is no SIM in the list");
    Err(error.with_operation(facts))
}
