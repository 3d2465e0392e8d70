//! Filters of the inventory, with the platform's own spelling and its rules.

use std::fmt;
use std::net::IpAddr;

use mno_kite_inventory_v12::operations::GetSubscriptions;
use mno_kite_inventory_v12::types::{
    LifeCycleStatus, NameValuePair, SearchParams, SubscriptionKind, SwapStatus,
};
use mno_runtime::values::{Date, DateTime, Eid, Iccid, Imei, Imsi, Msisdn};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::CommercialGroupId;

/// Which SIMs [`search`](super::Inventory::search) lists: those that fit every filter set.
///
/// The platform spells its filters differently from the fields of a SIM (`lifeCycleState` and
/// `lifeCycleStatus`, `customField_1` and `customField1`, `staticIP` and `staticIpAddress0`), and
/// refuses an unknown name. The methods here know the spelling; what the platform asks of values
/// and combinations is checked before a call is made.
///
/// Names and rules are those of the vendor's REST documentation; that SOAP takes the same, and
/// that several filters narrow the list down together, is concluded from it.
///
/// ```
/// use mno_sdk::kite::SubscriptionFilter;
/// use mno_sdk::kite::inventory::LifeCycleStatus;
///
/// let idle = SubscriptionFilter::new()
///     .life_cycle_state(LifeCycleStatus::Active)
///     .custom_field(1, "pumps")
///     .stalled_days(30);
/// assert!(idle.check().is_ok());
///
/// // Stalled since when depends on the state it is stalled in.
/// let incomplete = SubscriptionFilter::new().stalled_days(30);
/// assert!(incomplete.check().unwrap_err().to_string().contains("lifeCycleState"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SubscriptionFilter {
    params: Vec<(String, String)>,
    problems: Vec<(String, String)>,
}

/// Why a SIM's device has been found to behave too lively (`outreachEventType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutreachEvent {
    /// Of a data pool.
    Pool,
    /// Of the SIM's data.
    Data,
    /// Overall.
    Overall,
}

/// A technology that a SIM may use, or has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Technology {
    /// GSM.
    G2,
    /// UMTS.
    G3,
    /// LTE.
    Lte,
    /// NB-IoT.
    NbIot,
    /// 5G.
    G5,
}

/// Generates the filters that are a name and a text.
macro_rules! texts {
    ($($(#[$doc:meta])+ $method:ident = $name:literal;)+) => {
        $(
            $(#[$doc])+
            #[must_use]
            pub fn $method(self, value: impl Into<String>) -> Self {
                self.set($name, value.into())
            }
        )+
    };
}

/// Generates the filters that are a name and a day.
macro_rules! days {
    ($($(#[$doc:meta])+ $method:ident = $name:literal;)+) => {
        $(
            $(#[$doc])+
            #[must_use]
            pub fn $method(self, day: Date) -> Self {
                self.set($name, day.to_string())
            }
        )+
    };
}

impl SubscriptionFilter {
    /// Every SIM.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The SIM with this ICC (`icc`).
    #[must_use]
    pub fn icc(self, icc: &Iccid) -> Self {
        self.set("icc", icc.as_str())
    }

    /// The SIM with this IMSI (`imsi`).
    #[must_use]
    pub fn imsi(self, imsi: &Imsi) -> Self {
        self.set("imsi", imsi.as_str())
    }

    /// The SIM with this MSISDN (`msisdn`).
    #[must_use]
    pub fn msisdn(self, msisdn: &Msisdn) -> Self {
        self.set("msisdn", msisdn.as_str())
    }

    /// The eUICC with this EID (`eid`).
    #[must_use]
    pub fn eid(self, eid: &Eid) -> Self {
        self.set("eid", eid.as_str())
    }

    /// SIMs in this device (`imei`, bare digits).
    #[must_use]
    pub fn imei(self, imei: &Imei) -> Self {
        let digits = imei.digits().into_owned();
        self.set("imei", digits)
    }

    /// SIMs in this state (`lifeCycleState`). `RESTORE` exists as a filter only; use
    /// [`other`](Self::other) for it.
    #[must_use]
    pub fn life_cycle_state(self, state: LifeCycleStatus) -> Self {
        self.set("lifeCycleState", state.as_str())
    }

    /// SIMs of this group (`commercialGroup`): its numeric id, not its name.
    #[must_use]
    pub fn commercial_group(self, group: CommercialGroupId) -> Self {
        self.set("commercialGroup", group.to_string())
    }

    /// SIMs with this text in custom field 1, 2, 3 or 4 (`customField_1` …).
    #[must_use]
    pub fn custom_field(self, number: u8, value: impl Into<String>) -> Self {
        let name = format!("customField_{number}");
        if !(1..=4).contains(&number) {
            return self.problem(&name, "there are custom fields 1 to 4");
        }
        self.set(&name, value.into())
    }

    texts! {
        /// SIMs with this alias (`alias`).
        alias = "alias";
        /// SIMs of this billing account (`billingAccount`): `0` is the default one.
        billing_account = "billingAccount";
        /// SIMs of this end customer (`endCustomer`): its id begins with `aggregator-`.
        end_customer = "endCustomer";
        /// SIMs of this aggregator (`aggregator`).
        aggregator = "aggregator";
        /// SIMs of this kind (`simType`): `LOCAL`, `LOCAL_RR`, …
        sim_type = "simType";
        /// SIMs of this model (`simModel`).
        sim_model = "simModel";
        /// SIMs whose session uses this APN (`apn`).
        apn = "apn";
        /// SIMs that may use this APN (`enabledApn`).
        enabled_apn = "enabledApn";
        /// SIMs in this country (`country`), ISO 3166-1 alpha-2.
        country = "country";
        /// SIMs in the network of this operator (`operator`): MCC and MNC.
        operator = "operator";
        /// SIMs of this service pack (`servicePack`): its id.
        service_pack = "servicePack";
        /// SIMs at this postal code (`postalCode`); Spain only.
        postal_code = "postalCode";
        /// SIMs in this region (`region`); Vivo only.
        region = "region";
        /// SIMs locked to this IMEI (`imeiLock`); a wildcard may end it: `35*`.
        imei_lock = "imeiLock";
        /// Blocked SIMs, by reason (`blockReason`): `theft`, `user`, `fraud`, `decommission`,
        /// `none`, …; Vivo only.
        block_reason = "blockReason";
    }

    days! {
        /// SIMs provided on this day or later (`provisionDate`), GMT.
        provisioned_since = "provisionDate";
        /// SIMs shipped on this day or later (`shippingDate`), GMT.
        shipped_since = "shippingDate";
        /// SIMs activated on this day or later (`activationDate`), GMT.
        activated_since = "activationDate";
        /// SIMs whose group was changed on this day or later (`startLastCommercialGroupChangeDate`).
        group_changed_since = "startLastCommercialGroupChangeDate";
        /// SIMs whose group was changed on this day or before (`endLastCommercialGroupChangeDate`).
        group_changed_until = "endLastCommercialGroupChangeDate";
        /// SIMs whose service pack was changed on this day or later.
        service_pack_changed_since = "startLastServicePackChangeDate";
        /// SIMs whose service pack was changed on this day or before.
        service_pack_changed_until = "endLastServicePackChangeDate";
        /// SIMs whose state was changed on this day or later (`startLastStateChangeDate`).
        state_changed_since = "startLastStateChangeDate";
        /// SIMs whose state was changed on this day or before (`endLastStateChangeDate`).
        state_changed_until = "endLastStateChangeDate";
        /// SIMs whose last short message was on this day or later (`startSmsConsumptionDate`).
        sms_since = "startSmsConsumptionDate";
        /// SIMs whose last short message was on this day or before (`endSmsConsumptionDate`).
        sms_until = "endSmsConsumptionDate";
        /// SIMs whose last call was on this day or later (`startVoiceConsumptionDate`).
        voice_since = "startVoiceConsumptionDate";
        /// SIMs whose last call was on this day or before (`endVoiceConsumptionDate`).
        voice_until = "endVoiceConsumptionDate";
        /// SIMs whose last data session began on this day or later (`startGprsUpDate`).
        data_since = "startGprsUpDate";
        /// SIMs whose last data session began on this day or before (`endGprsUpDate`).
        data_until = "endGprsUpDate";
    }

    /// SIMs whose state was changed from this one (`startState`); needs
    /// [`state_changed_since`](Self::state_changed_since) or `…_until`.
    #[must_use]
    pub fn changed_from(self, state: LifeCycleStatus) -> Self {
        self.set("startState", state.as_str())
    }

    /// SIMs whose state was changed to this one (`endState`); needs
    /// [`state_changed_since`](Self::state_changed_since) or `…_until`.
    #[must_use]
    pub fn changed_to(self, state: LifeCycleStatus) -> Self {
        self.set("endState", state.as_str())
    }

    /// SIMs with this address in their session (`ip`).
    #[must_use]
    pub fn ip(self, address: IpAddr) -> Self {
        self.set("ip", address.to_string())
    }

    /// SIMs with this fixed address (`staticIP`).
    #[must_use]
    pub fn static_ip(self, address: IpAddr) -> Self {
        self.set("staticIP", address.to_string())
    }

    /// SIMs served by this SGSN (`sgsnIP`).
    #[must_use]
    pub fn sgsn_ip(self, address: IpAddr) -> Self {
        self.set("sgsnIP", address.to_string())
    }

    /// SIMs served by this GGSN (`ggsnIP`).
    #[must_use]
    pub fn ggsn_ip(self, address: IpAddr) -> Self {
        self.set("ggsnIP", address.to_string())
    }

    /// SIMs with a fixed address in this network (`subnet`, `subnetMask`).
    #[must_use]
    pub fn subnet(self, network: IpAddr, mask: impl Into<String>) -> Self {
        self.set("subnet", network.to_string())
            .set("subnetMask", mask.into())
    }

    /// SIMs that may use LTE, or may not (`lteEnabled`).
    #[must_use]
    pub fn lte_enabled(self, enabled: bool) -> Self {
        self.set("lteEnabled", enabled.to_string())
    }

    /// SIMs that may use voice over LTE, or may not (`voLteEnabled`).
    #[must_use]
    pub fn vo_lte_enabled(self, enabled: bool) -> Self {
        self.set("voLteEnabled", enabled.to_string())
    }

    /// SIMs locked to a device, or not (`imeiLockEnabled`).
    #[must_use]
    pub fn imei_lock_enabled(self, enabled: bool) -> Self {
        self.set("imeiLockEnabled", enabled.to_string())
    }

    /// SIMs with more than 150 connections in 24 hours (`aggressiveBehaviour`).
    #[must_use]
    pub fn aggressive_behaviour(self, aggressive: bool) -> Self {
        self.set("aggressiveBehaviour", aggressive.to_string())
    }

    /// SIMs that may use a technology, or may not (`tec2GEnabled` …).
    #[must_use]
    pub fn technology_enabled(self, technology: Technology, enabled: bool) -> Self {
        let name = match technology {
            Technology::G2 => "tec2GEnabled",
            Technology::G3 => "tec3GEnabled",
            Technology::Lte => "tecLteEnabled",
            Technology::NbIot => "tecNbIotEnabled",
            Technology::G5 => "tec5GEnabled",
        };
        self.set(name, enabled.to_string())
    }

    /// SIMs with this radio access (`ratType`, 3GPP TS 29.274 §8.17): 1 is 3G, 2 is 2G, 6 is 4G,
    /// 8 is NB-IoT, 9 is LTE-M, 10 is 5G; -1 is any other or none.
    #[must_use]
    pub fn rat_type(self, rat: i32) -> Self {
        self.set("ratType", rat.to_string())
    }

    /// SIMs of this quality-of-service class (`qci`).
    #[must_use]
    pub fn qci(self, qci: i32) -> Self {
        self.set("qci", qci.to_string())
    }

    /// eUICCs in this state of a profile swap (`swapStatus`).
    #[must_use]
    pub fn swap_status(self, status: SwapStatus) -> Self {
        self.set("swapStatus", status.as_str())
    }

    /// Plain SIMs, or eUICCs (`subscriptionType`).
    #[must_use]
    pub fn subscription_type(self, kind: SubscriptionKind) -> Self {
        self.set("subscriptionType", kind.as_str())
    }

    /// SIMs that will be suspended at this time (`suspensionNextDate`), with its offset.
    #[must_use]
    pub fn suspension_next(self, at: DateTime) -> Self {
        if at.offset_minutes().is_none() {
            return self.problem("suspensionNextDate", "the time needs an offset");
        }
        self.set("suspensionNextDate", at.to_string())
    }

    /// SIMs that have been in the state of [`life_cycle_state`](Self::life_cycle_state), which it
    /// needs, for at least so many days: 1 to 20000 (`stalledDays`).
    #[must_use]
    pub fn stalled_days(self, days: u32) -> Self {
        self.number("stalledDays", days, 1, 20_000)
    }

    /// SIMs without traffic for so many days: 1 to 365 (`unusedDays`).
    #[must_use]
    pub fn unused_days(self, days: u32) -> Self {
        self.number("unusedDays", days, 1, 365)
    }

    /// SIMs with an outreach event within so many days: 1 to 365 (`outreachEventDays`,
    /// `outreachEventType`).
    #[must_use]
    pub fn outreach_event(self, days: u32, event: OutreachEvent) -> Self {
        let event = match event {
            OutreachEvent::Pool => "pool",
            OutreachEvent::Data => "data",
            OutreachEvent::Overall => "overall",
        };
        self.number("outreachEventDays", days, 1, 365)
            .set("outreachEventType", event)
    }

    /// SIMs by the criticality of their vouchers: basic service `V`, `D` or `S`
    /// (`pvBasicService`), scope `voucherAvailability`, `consumption` or `remainingDays`
    /// (`pvScope`), criticality 0 to 3 (`pvCriticality`).
    #[must_use]
    pub fn vouchers(self, basic_service: char, scope: &str, criticality: u32) -> Self {
        let filter = if matches!(basic_service, 'V' | 'D' | 'S') {
            self
        } else {
            self.problem("pvBasicService", "it is V, D or S")
        };
        let known = ["voucherAvailability", "consumption", "remainingDays"];
        let filter = if known.contains(&scope) {
            filter
        } else {
            filter.problem(
                "pvScope",
                "it is voucherAvailability, consumption or remainingDays",
            )
        };
        filter
            .set("pvBasicService", basic_service.to_string())
            .set("pvScope", scope)
            .number("pvCriticality", criticality, 0, 3)
    }

    /// A filter that this type does not know, by the platform's name; nothing of it is checked.
    #[must_use]
    pub fn other(self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value.into())
    }

    /// Checks values and combinations.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] with the filter's name as its [path](Error::path).
    pub fn check(&self) -> Result<(), Error> {
        if let Some((name, reason)) = self.problems.first() {
            return Err(invalid(name, reason));
        }
        for (name, value) in &self.params {
            if value.trim().is_empty() {
                return Err(invalid(name, "it is blank"));
            }
            if self
                .params
                .iter()
                .filter(|(other, _)| other == name)
                .count()
                > 1
            {
                return Err(invalid(name, "it is set twice"));
            }
        }
        for (name, needs) in NEEDS {
            if self.has(name) && !needs.iter().any(|other| self.has(other)) {
                let reason = format!("it needs {} beside it", needs.join(" or "));
                return Err(invalid(name, &reason));
            }
        }
        Ok(())
    }

    /// The parameters of the request; `None` without any filter.
    pub(super) fn into_params(self) -> Result<Option<SearchParams>, Error> {
        self.check()?;
        let params: Vec<NameValuePair> = self
            .params
            .into_iter()
            .map(|(name, value)| NameValuePair::new(name, [value]))
            .collect();
        Ok((!params.is_empty()).then(|| SearchParams::new(params)))
    }

    fn has(&self, name: &str) -> bool {
        self.params.iter().any(|(other, _)| other == name)
    }

    fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.push((name.to_owned(), value.into()));
        self
    }

    fn number(self, name: &str, value: u32, min: u32, max: u32) -> Self {
        if (min..=max).contains(&value) {
            self.set(name, value.to_string())
        } else {
            self.problem(name, &format!("it is a number from {min} to {max}"))
        }
    }

    fn problem(mut self, name: &str, reason: &str) -> Self {
        self.problems.push((name.to_owned(), reason.to_owned()));
        self
    }
}

/// Filters that mean nothing without one of others.
const NEEDS: [(&str, &[&str]); 3] = [
    ("stalledDays", &["lifeCycleState"]),
    (
        "startState",
        &["startLastStateChangeDate", "endLastStateChangeDate"],
    ),
    (
        "endState",
        &["startLastStateChangeDate", "endLastStateChangeDate"],
    ),
];

fn invalid(name: &str, reason: &str) -> Error {
    Error::new(
        ErrorKind::InvalidRequest,
        format!("the filter {name} is wrong: {reason}"),
    )
    .with_operation(&GetSubscriptions::FACTS)
    .with_path(name)
}

impl fmt::Debug for SubscriptionFilter {
    /// Shows the filters' names: their values may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.params.iter().map(|(name, _)| name);
        f.write_str("SubscriptionFilter")?;
        f.debug_list().entries(names).finish()
    }
}
