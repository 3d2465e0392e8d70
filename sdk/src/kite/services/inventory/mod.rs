//! SIMs: find them, read them, change them.

mod filter;
mod sms;
mod states;

pub use filter::{OutreachEvent, SubscriptionFilter, Technology, UsedTechnology};
pub use sms::{Sms, SmsBatch, SmsOutcome};
pub use states::TargetState;

use mno_runtime::soap::encode_envelope;
use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::values::DateTime;
use mno_runtime::xml::{Items, NamespaceTable};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::bulk::Bulk;
use crate::kite::Kite;
use crate::kite::inventory::{
    AuditSwapProfile, Change, Client, DownloadAndActivateProfile, GetLocationDetail,
    GetPresenceDetail, GetSendSmsResult, GetStatusDetail, GetStatusHistory, GetSubscriptionDetail,
    GetSubscriptions, GetTimeAndConsumption, LocationDetail, ModifySubscription,
    ModifyTimeAndConsumption, NetworkReset, PresenceDetail, SearchParams, SendSms, SendSmsResult,
    SimId, StatusDetail, StatusHistory, SubscriptionDetail, SubscriptionInfo,
    TimeAndConsumptionVoucher,
};
use crate::kite::wire::client;
use crate::paging::{PageStream, unreadable};
use crate::policy::Organisation;

/// The SIMs of the organisation (Kite's inventory service).
///
/// Answers hold the generated types of [`inventory`](crate::kite::inventory). Where the platform says
/// nothing ("no data") a method gives `None`; an unknown SIM is an error with
/// [`is_not_found`](Error::is_not_found).
///
/// # Present consumption (guide 6.7)
/// [`get`](Self::get) and [`stream`](Self::stream) bring it: `consumption_daily` and
/// `consumption_monthly`, with voice in seconds, data in bytes and a count of messages;
/// [`detail`](Self::detail) does not. For the whole fleet the daily report
/// (`Reports::run` with a `ConsumptionDailyReport`) takes a handful of calls, where a list takes
/// one for every 1000 SIMs.
///
/// # Fixed APNs (guide 6.12)
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::inventory::{ApnChange, IpAddress, IpAddressChoice};
///
/// let sims = kite.inventory();
/// // 6.12.1: adds an APN with a fixed address.
/// let address = IpAddress::new(IpAddressChoice::Ipv4("192.0.2.90".to_owned()));
/// let add = ApnChange::new().with_apn0("api.fleet.example").with_static_ip_address0(address);
/// sims.modify(icc.clone(), add).await?;
/// // 6.12.2: a dash deletes the APN, and its address with it.
/// sims.modify(icc, ApnChange::new().with_apn0("-")).await?;
/// # Ok(()) }
/// ```
///
/// # Another group (guide 6.13)
/// By the group's id, which is not its name: [`CommercialGroupId`](crate::kite::CommercialGroupId)
/// keeps them apart. `kite.commercial_groups().find(…)` has the id by the name.
///
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::CommercialGroupId;
///
/// kite.inventory().modify(icc, CommercialGroupId::new(61)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Inventory {
    client: Client,
    options: CallOptions,
    organisation: Organisation,
}

/// All SIMs that fit, as a stream.
pub type SubscriptionStream = PageStream<SubscriptionInfo>;

impl Inventory {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, Inventory, mno_kite_inventory_v12),
            options: CallOptions::default(),
            organisation: kite.organisation().clone(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
            organisation: self.organisation.clone(),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// All SIMs, in pages of 1000 behind the scenes.
    ///
    /// Calls of the stream wait behind interactive ones. A SIM that cannot be read is one error
    /// in the stream; see [`PageStream`] for what happens at page ends and when SIMs come and go.
    ///
    /// ```no_run
    /// # use mno_sdk::Kite;
    /// # async fn example(kite: Kite) -> Result<(), mno_sdk::Error> {
    /// use futures_util::StreamExt;
    ///
    /// let mut sims = kite.inventory().stream();
    /// while let Some(sim) = sims.next().await {
    ///     let sim = sim?;
    ///     println!("{} {}", sim.life_cycle_status, sim.commercial_group);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stream(&self) -> SubscriptionStream {
        self.pages(None)
    }

    /// The SIMs that fit a filter, as a stream like [`stream`](Self::stream).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when a value or a combination of the filter is not what the
    /// platform takes; nothing is sent then.
    pub fn search(&self, filter: SubscriptionFilter) -> Result<SubscriptionStream, Error> {
        Ok(self.pages(filter.into_params()?))
    }

    fn pages(&self, filters: Option<SearchParams>) -> SubscriptionStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let max = GetSubscriptions::FACTS.paging.map_or(10, |p| p.max_size);
        let parameters = super::parameters(filters.as_ref());
        let fetch = move |start: u32, size: u32| {
            let client = client.clone();
            let mut request = GetSubscriptions::new()
                .with_start_index(i32::try_from(start).unwrap_or(i32::MAX))
                .with_max_batch_size(i32::try_from(size).unwrap_or(i32::MAX));
            request.search_parameters.clone_from(&filters);
            Box::pin(async move {
                let page = client.get_subscriptions(&request).await?;
                let items = page.subscription_data.into_iter();
                Ok(items
                    .map(|item| item.map_err(unreadable("a SIM", &GetSubscriptions::FACTS)))
                    .collect())
            }) as _
        };
        // The ICC is the card: it stays while everything else of a subscription may change.
        PageStream::new(
            &GetSubscriptions::FACTS,
            Box::new(fetch),
            |sim: &SubscriptionInfo| Some(sim.icc.as_str().to_owned()),
            max,
        )
        .with_limits_of(&self.organisation)
        .with_parameters(parameters)
    }

    /// Everything the inventory knows of one SIM, consumption included; `None` when the
    /// organisation has no such SIM.
    ///
    /// # Errors
    /// [`Error`] of every kind. [`SimId::SubscriptionId`] is refused: the platform has no such
    /// filter; [`detail`](Self::detail) takes it.
    pub async fn get(&self, id: impl Into<SimId>) -> Result<Option<SubscriptionInfo>, Error> {
        let filter = SubscriptionFilter::new();
        let filter = match id.into() {
            SimId::Icc(icc) => filter.icc(&icc),
            SimId::Imsi(imsi) => filter.imsi(&imsi),
            SimId::Msisdn(msisdn) => filter.msisdn(&msisdn),
            _ => {
                let message = "the platform finds SIMs by icc, imsi or msisdn; detail() takes a \
                               subscriptionId";
                return Err(Error::new(ErrorKind::InvalidRequest, message)
                    .with_operation(&GetSubscriptions::FACTS)
                    .with_path("id"));
            }
        };
        let mut request = GetSubscriptions::new().with_max_batch_size(1);
        request.search_parameters = filter.into_params()?;
        let page = self.client.get_subscriptions(&request).await?;
        let first = page.subscription_data.into_iter().next();
        first
            .transpose()
            .map_err(unreadable("a SIM", &GetSubscriptions::FACTS))
    }

    /// Master data of one SIM; [`get`](Self::get) tells more. It is here for ids of subscriptions,
    /// which [`get`](Self::get) cannot look for.
    ///
    /// The operation was announced as removed in Kite 4.1.0, and still is in version 12's contract
    /// and in the guide's table of limits (6.9).
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn detail(&self, id: impl Into<SimId>) -> Result<Option<SubscriptionDetail>, Error> {
        let request = GetSubscriptionDetail::new(id);
        #[allow(deprecated, reason = "nothing else takes the id of a subscription")]
        let answer = self.client.get_subscription_detail(&request).await?;
        Ok(answer.subscription_detail_data)
    }

    /// State of the life cycle, since when and why.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn status(&self, id: impl Into<SimId>) -> Result<Option<StatusDetail>, Error> {
        let answer = self
            .client
            .get_status_detail(&GetStatusDetail::new(id))
            .await?;
        Ok(answer.status_detail_data)
    }

    /// States that the SIM has had, between two days if given; each on its own good or bad.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn status_history(
        &self,
        id: impl Into<SimId>,
        from: Option<DateTime>,
        to: Option<DateTime>,
    ) -> Result<Items<StatusHistory>, Error> {
        let mut request = GetStatusHistory::new(id);
        request.start_date = from;
        request.end_date = to;
        let answer = self.client.get_status_history(&request).await?;
        Ok(answer.status_history_data)
    }

    /// Whether and how the SIM is in the network.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn presence(&self, id: impl Into<SimId>) -> Result<Option<PresenceDetail>, Error> {
        let answer = self
            .client
            .get_presence_detail(&GetPresenceDetail::new(id))
            .await?;
        Ok(answer.presence_detail_data)
    }

    /// Where the SIM is, as entered by hand and as found by the network.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn location(&self, id: impl Into<SimId>) -> Result<Option<LocationDetail>, Error> {
        let answer = self
            .client
            .get_location_detail(&GetLocationDetail::new(id))
            .await?;
        Ok(answer.location_detail_data)
    }

    /// Changes one group of a SIM's settings.
    ///
    /// Never sent twice: when the answer is lost, the error says
    /// [`is_outcome_unknown`](Error::is_outcome_unknown), and [`get`](Self::get) or
    /// [`status`](Self::status) tells what became of it. On a SIM without MSISDN, success does
    /// not mean that the change is in effect yet.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), Box<dyn std::error::Error>> {
    /// use mno_sdk::kite::inventory::{LifeCycleChange, LifeCycleStatus};
    /// use mno_sdk::runtime::values::Iccid;
    ///
    /// let icc = Iccid::new("8999000000000000017")?;
    /// kite.inventory().modify(icc, LifeCycleChange::new(LifeCycleStatus::Active)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The platform takes one group of fields in a call, and so does the compiler:
    ///
    /// ```
    /// # use mno_sdk::kite::inventory::{ApnChange, Change, LabelsChange};
    /// let labels: Change = LabelsChange::new().with_alias("pump 7").into();
    /// let apn: Change = ApnChange::new().with_apn0("fleet.example").into();
    /// ```
    ///
    /// A label and an APN in one change do not compile:
    ///
    /// ```compile_fail
    /// # use mno_sdk::kite::inventory::{ApnChange, Change, LabelsChange};
    /// let mixed: Change = LabelsChange::new().with_alias("pump 7").with_apn0("fleet.example").into();
    /// ```
    ///
    /// Nor do two changes, or two SIMs, in one request:
    ///
    /// ```compile_fail
    /// # use mno_sdk::kite::inventory::{Change, ModifySubscription, SimId};
    /// # use mno_sdk::runtime::values::{Iccid, Imsi};
    /// # fn mix(icc: Iccid, imsi: Imsi) {
    /// ModifySubscription::new((SimId::Icc(icc), SimId::Imsi(imsi)), Change::Lte(true));
    /// # }
    /// ```
    ///
    /// ```compile_fail
    /// # use mno_sdk::kite::inventory::{Change, ModifySubscription, SimId};
    /// # use mno_sdk::runtime::values::Iccid;
    /// # fn mix(icc: Iccid) {
    /// ModifySubscription::new(SimId::Icc(icc), (Change::Lte(true), Change::VoLte(true)));
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_invalid_transition`](Error::is_invalid_transition) when the
    /// life cycle of the SIM's plan does not allow it.
    pub async fn modify(
        &self,
        id: impl Into<SimId>,
        change: impl Into<Change>,
    ) -> Result<(), Error> {
        let request = ModifySubscription::new(id, change);
        self.client.modify_subscription(&request).await?;
        Ok(())
    }

    /// Changes many SIMs: a job that tells what became of each, and writes nothing twice, over
    /// restarts too if it has a journal. See [`bulk`](crate::bulk).
    ///
    /// Its calls wait behind interactive ones, and for maintenance windows to pass. An item is known
    /// by a hash of its request: the same change of the same SIM is one item, another change another.
    pub fn bulk_modify(
        &self,
        changes: impl IntoIterator<Item = (SimId, Change), IntoIter: Send + 'static>,
    ) -> Bulk<(SimId, Change), ()> {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let request =
            |(id, change): &(SimId, Change)| ModifySubscription::new(id.clone(), change.clone());
        let id = move |item: &(SimId, Change)| {
            let table = NamespaceTable::new(mno_kite_inventory_v12::ns::TABLE);
            let written = encode_envelope(&request(item), &table).map_err(|e| {
                let message = format!("the request is not valid: {}", e.reason());
                Error::new(ErrorKind::InvalidRequest, message)
                    .with_operation(&ModifySubscription::FACTS)
                    .with_path(e.path())
            })?;
            Ok(crate::bulk::hash(&written))
        };
        Bulk::of_calls(changes, id, move |item| {
            let (client, request) = (client.clone(), request(item));
            async move { client.modify_subscription(&request).await.map(drop) }
        })
    }

    /// What is left of the time and data of the voucher for tests.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn time_and_consumption(
        &self,
        id: impl Into<SimId>,
    ) -> Result<Option<TimeAndConsumptionVoucher>, Error> {
        let request = GetTimeAndConsumption::new(id);
        let answer = self.client.get_time_and_consumption(&request).await?;
        Ok(answer.time_and_consumption_voucher)
    }

    /// Sets the time and data of the voucher for tests.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn set_time_and_consumption(
        &self,
        id: impl Into<SimId>,
        voucher: TimeAndConsumptionVoucher,
    ) -> Result<(), Error> {
        let request = ModifyTimeAndConsumption::new(id, voucher);
        self.client.modify_time_and_consumption(&request).await?;
        Ok(())
    }

    /// Sends a short message to up to 1000 SIMs; the answer is the id to ask for the
    /// [result](Self::sms_result) with. [`broadcast`](Self::broadcast) takes any number of them.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::InvalidRequest`] for more than 1000 SIMs.
    pub async fn send_sms(&self, request: &SendSms) -> Result<String, Error> {
        sms::check_size(request)?;
        Ok(self.client.send_sms(request).await?.watcher_id)
    }

    /// How far the sending of a short message is.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn sms_result(
        &self,
        watcher_id: impl Into<String>,
    ) -> Result<Option<SendSmsResult>, Error> {
        let request = GetSendSmsResult::new(watcher_id);
        Ok(self.client.get_send_sms_result(&request).await?.result)
    }

    /// Has the network forget where the SIM is, so that its device registers anew. The state of
    /// the life cycle stays as it is.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn network_reset(&self, request: &NetworkReset) -> Result<(), Error> {
        self.client.network_reset(request).await?;
        Ok(())
    }

    /// Downloads and activates the profile of another customer's commercial group on an eUICC.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn download_and_activate_profile(
        &self,
        request: &DownloadAndActivateProfile,
    ) -> Result<(), Error> {
        self.client.download_and_activate_profile(request).await?;
        Ok(())
    }

    /// Has the platform compare what it knows of an eUICC's profiles with the card.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn audit_swap_profile(&self, id: impl Into<SimId>) -> Result<(), Error> {
        let request = AuditSwapProfile::new(id);
        self.client.audit_swap_profile(&request).await?;
        Ok(())
    }
}
