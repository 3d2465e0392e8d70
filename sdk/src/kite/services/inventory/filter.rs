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

/// A technology that a SIM has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsedTechnology {
    /// 2G.
    G2,
    /// 3G.
    G3,
    /// 3.5G (HSPA).
    G35,
    /// 4G.
    G4,
    /// LTE; how it differs from 4G is not documented.
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

    /// SIMs of this end customer (`endCustomer`): its id begins with `aggregator-`.
    #[must_use]
    pub fn end_customer(self, id: impl Into<String>) -> Self {
        let id = id.into();
        if !id.starts_with("aggregator-") {
            return self.problem("endCustomer", "it is an id, which begins with aggregator-");
        }
        self.set("endCustomer", id)
    }

    /// SIMs in this country (`country`): two letters, as in ISO 3166-1 alpha-2.
    #[must_use]
    pub fn country(self, code: impl Into<String>) -> Self {
        let code = code.into();
        if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphabetic()) {
            return self.problem(
                "country",
                "it is a code of two letters (ISO 3166-1 alpha-2)",
            );
        }
        self.set("country", code.to_ascii_uppercase())
    }

    /// SIMs in the network of this operator (`operator`): MCC and MNC, five or six digits.
    #[must_use]
    pub fn operator(self, mcc_mnc: impl Into<String>) -> Self {
        let mcc_mnc = mcc_mnc.into();
        if !matches!(mcc_mnc.len(), 5 | 6) || !mcc_mnc.bytes().all(|b| b.is_ascii_digit()) {
            return self.problem("operator", "it is the MCC and the MNC: five or six digits");
        }
        self.set("operator", mcc_mnc)
    }

    texts! {
        /// SIMs with this alias (`alias`).
        alias = "alias";
        /// SIMs of this billing account (`billingAccount`): `0` is the default one.
        billing_account = "billingAccount";
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

    /// SIMs that have used a technology, or have not (`tec2GUsed` …).
    #[must_use]
    pub fn technology_used(self, technology: UsedTechnology, used: bool) -> Self {
        let name = match technology {
            UsedTechnology::G2 => "tec2GUsed",
            UsedTechnology::G3 => "tec3GUsed",
            UsedTechnology::G35 => "tec35GUsed",
            UsedTechnology::G4 => "tec4GUsed",
            UsedTechnology::Lte => "tecLteUsed",
            UsedTechnology::NbIot => "tecNbIotUsed",
            UsedTechnology::G5 => "tec5GUsed",
        };
        self.set(name, used.to_string())
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

    /// A filter that this type does not know, by the platform's name. Of the name it is checked that
    /// it is not that of a field whose filter is called otherwise; of the value, that there is one.
    #[must_use]
    pub fn other(self, name: &str, value: impl Into<String>) -> Self {
        match FIELDS.iter().find(|(field, _)| *field == name) {
            Some((_, filter)) => {
                let reason = format!("it is a field of a SIM; the filter is called {filter}");
                self.problem(name, &reason)
            }
            None => self.set(name, value.into()),
        }
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
        for (first, last) in RANGES {
            let day = |name| self.params.iter().find(|(other, _)| other == name);
            // Days are written so that their texts sort as they do.
            if let (Some((_, from)), Some((_, to))) = (day(first), day(last))
                && from > to
            {
                return Err(invalid(last, &format!("it is before {first}")));
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

/// First and last day of a range.
const RANGES: [(&str, &str); 6] = [
    (
        "startLastCommercialGroupChangeDate",
        "endLastCommercialGroupChangeDate",
    ),
    (
        "startLastServicePackChangeDate",
        "endLastServicePackChangeDate",
    ),
    ("startLastStateChangeDate", "endLastStateChangeDate"),
    ("startSmsConsumptionDate", "endSmsConsumptionDate"),
    ("startVoiceConsumptionDate", "endVoiceConsumptionDate"),
    ("startGprsUpDate", "endGprsUpDate"),
];

/// Fields of a SIM, and how their filters are called.
const FIELDS: [(&str, &str); 16] = [
    ("lifeCycleStatus", "lifeCycleState"),
    ("customField1", "customField_1"),
    ("customField2", "customField_2"),
    ("customField3", "customField_3"),
    ("customField4", "customField_4"),
    ("staticIp", "staticIP"),
    ("staticIpAddress0", "staticIP"),
    ("sgsnIp", "sgsnIP"),
    ("ggsnIp", "ggsnIP"),
    ("apn0", "enabledApn"),
    ("commercialGroupId", "commercialGroup"),
    ("servicePackId", "servicePack"),
    ("endCustomerId", "endCustomer"),
    ("endCustomerName", "endCustomer"),
    ("billingAccountName", "billingAccount"),
    ("blockReason1", "blockReason"),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The platform's names, copied from the vendor's list by hand.
    #[test]
    fn every_filter_has_the_platforms_name() {
        use SubscriptionFilter as F;
        let f = F::new;
        let text = "8999000000000000017";
        let (icc, imsi) = (
            Iccid::new(text).unwrap(),
            Imsi::new("001010000000101").unwrap(),
        );
        let msisdn = Msisdn::new("999000000101").unwrap();
        let eid = Eid::new("89999000000000000000000000000101").unwrap();
        let imei = Imei::new("00-100200-300401-2").unwrap();
        let ip: IpAddr = "192.0.2.7".parse().unwrap();
        let day: Date = "2031-02-03".parse().unwrap();
        let at: DateTime = "2031-02-03T04:05:06+01:00".parse().unwrap();
        let active = LifeCycleStatus::Active;
        let since = || f().state_changed_since(day);
        let used = F::technology_used;
        let enabled = F::technology_enabled;
        for (filter, expected) in [
            (f().icc(&icc), "icc=8999000000000000017"),
            (f().imsi(&imsi), "imsi=001010000000101"),
            (f().msisdn(&msisdn), "msisdn=999000000101"),
            (f().eid(&eid), "eid=89999000000000000000000000000101"),
            (f().imei(&imei), "imei=001002003004012"),
            (
                f().life_cycle_state(active.clone()),
                "lifeCycleState=ACTIVE",
            ),
            (
                f().commercial_group(CommercialGroupId::new(61)),
                "commercialGroup=61",
            ),
            (f().custom_field(1, "a"), "customField_1=a"),
            (f().custom_field(4, "a"), "customField_4=a"),
            (f().alias("a"), "alias=a"),
            (f().billing_account("0"), "billingAccount=0"),
            (f().end_customer("aggregator-7"), "endCustomer=aggregator-7"),
            (f().aggregator("a"), "aggregator=a"),
            (f().sim_type("LOCAL"), "simType=LOCAL"),
            (f().sim_model("a"), "simModel=a"),
            (f().apn("a.example"), "apn=a.example"),
            (f().enabled_apn("a.example"), "enabledApn=a.example"),
            (f().country("es"), "country=ES"),
            (f().operator("00101"), "operator=00101"),
            (f().service_pack("7"), "servicePack=7"),
            (f().postal_code("00000"), "postalCode=00000"),
            (f().region("a"), "region=a"),
            (f().imei_lock("35*"), "imeiLock=35*"),
            (f().block_reason("theft"), "blockReason=theft"),
            (f().provisioned_since(day), "provisionDate=2031-02-03"),
            (f().shipped_since(day), "shippingDate=2031-02-03"),
            (f().activated_since(day), "activationDate=2031-02-03"),
            (
                f().group_changed_since(day),
                "startLastCommercialGroupChangeDate=2031-02-03",
            ),
            (
                f().group_changed_until(day),
                "endLastCommercialGroupChangeDate=2031-02-03",
            ),
            (
                f().service_pack_changed_since(day),
                "startLastServicePackChangeDate=2031-02-03",
            ),
            (
                f().service_pack_changed_until(day),
                "endLastServicePackChangeDate=2031-02-03",
            ),
            (since(), "startLastStateChangeDate=2031-02-03"),
            (
                f().state_changed_until(day),
                "endLastStateChangeDate=2031-02-03",
            ),
            (
                since().changed_from(active.clone()),
                "startLastStateChangeDate=2031-02-03 startState=ACTIVE",
            ),
            (
                since().changed_to(active),
                "startLastStateChangeDate=2031-02-03 endState=ACTIVE",
            ),
            (f().sms_since(day), "startSmsConsumptionDate=2031-02-03"),
            (f().sms_until(day), "endSmsConsumptionDate=2031-02-03"),
            (f().voice_since(day), "startVoiceConsumptionDate=2031-02-03"),
            (f().voice_until(day), "endVoiceConsumptionDate=2031-02-03"),
            (f().data_since(day), "startGprsUpDate=2031-02-03"),
            (f().data_until(day), "endGprsUpDate=2031-02-03"),
            (f().ip(ip), "ip=192.0.2.7"),
            (f().static_ip(ip), "staticIP=192.0.2.7"),
            (f().sgsn_ip(ip), "sgsnIP=192.0.2.7"),
            (f().ggsn_ip(ip), "ggsnIP=192.0.2.7"),
            (f().subnet(ip, "/24"), "subnet=192.0.2.7 subnetMask=/24"),
            (f().lte_enabled(true), "lteEnabled=true"),
            (f().vo_lte_enabled(false), "voLteEnabled=false"),
            (f().imei_lock_enabled(true), "imeiLockEnabled=true"),
            (f().aggressive_behaviour(true), "aggressiveBehaviour=true"),
            (enabled(f(), Technology::G2, true), "tec2GEnabled=true"),
            (enabled(f(), Technology::G3, true), "tec3GEnabled=true"),
            (enabled(f(), Technology::Lte, true), "tecLteEnabled=true"),
            (
                enabled(f(), Technology::NbIot, true),
                "tecNbIotEnabled=true",
            ),
            (enabled(f(), Technology::G5, true), "tec5GEnabled=true"),
            (used(f(), UsedTechnology::G2, true), "tec2GUsed=true"),
            (used(f(), UsedTechnology::G3, true), "tec3GUsed=true"),
            (used(f(), UsedTechnology::G35, true), "tec35GUsed=true"),
            (used(f(), UsedTechnology::G4, true), "tec4GUsed=true"),
            (used(f(), UsedTechnology::Lte, true), "tecLteUsed=true"),
            (used(f(), UsedTechnology::NbIot, true), "tecNbIotUsed=true"),
            (used(f(), UsedTechnology::G5, false), "tec5GUsed=false"),
            (f().rat_type(-1), "ratType=-1"),
            (f().qci(9), "qci=9"),
            (f().swap_status(SwapStatus::Enabled), "swapStatus=ENABLED"),
            (
                f().subscription_type(SubscriptionKind::Euicc),
                "subscriptionType=EUICC",
            ),
            (
                f().suspension_next(at),
                "suspensionNextDate=2031-02-03T04:05:06+01:00",
            ),
            (
                f().life_cycle_state(LifeCycleStatus::Test)
                    .stalled_days(20_000),
                "lifeCycleState=TEST stalledDays=20000",
            ),
            (f().unused_days(1), "unusedDays=1"),
            (
                f().outreach_event(365, OutreachEvent::Pool),
                "outreachEventDays=365 outreachEventType=pool",
            ),
            (
                f().vouchers('D', "remainingDays", 3),
                "pvBasicService=D pvScope=remainingDays pvCriticality=3",
            ),
            (f().other("presence", "!ip"), "presence=!ip"),
        ] {
            let params = filter.into_params().unwrap().unwrap().param;
            let pairs = params
                .iter()
                .map(|p| format!("{}={}", p.name, p.value.join(",")));
            assert_eq!(pairs.collect::<Vec<_>>().join(" "), expected);
        }
        assert!(f().into_params().unwrap().is_none());
    }

    /// Values and co-requisites, each with the name of the filter that is wrong.
    #[test]
    fn what_the_platform_would_refuse_is_refused_here() {
        let f = SubscriptionFilter::new;
        let day = |text: &str| text.parse::<Date>().unwrap();
        let early = day("2031-02-02");
        let late = day("2031-02-03");
        let local: DateTime = "2031-02-03T04:05:06".parse().unwrap();
        for (filter, path, reason) in [
            (f().stalled_days(1), "stalledDays", "needs lifeCycleState"),
            (f().stalled_days(0), "stalledDays", "from 1 to 20000"),
            (f().stalled_days(20_001), "stalledDays", "from 1 to 20000"),
            (f().unused_days(366), "unusedDays", "from 1 to 365"),
            (
                f().changed_from(LifeCycleStatus::Test),
                "startState",
                "needs startLastStateChangeDate or endLastStateChangeDate",
            ),
            (
                f().outreach_event(366, OutreachEvent::Data),
                "outreachEventDays",
                "from 1 to 365",
            ),
            (
                f().vouchers('x', "consumption", 0),
                "pvBasicService",
                "V, D or S",
            ),
            (
                f().vouchers('V', "days", 0),
                "pvScope",
                "voucherAvailability",
            ),
            (
                f().vouchers('V', "consumption", 4),
                "pvCriticality",
                "from 0 to 3",
            ),
            (f().custom_field(0, "a"), "customField_0", "1 to 4"),
            (f().suspension_next(local), "suspensionNextDate", "offset"),
            (
                f().end_customer("Meadow"),
                "endCustomer",
                "begins with aggregator-",
            ),
            (f().country("Spain"), "country", "two letters"),
            (f().operator("Movistar"), "operator", "five or six digits"),
            (
                f().state_changed_since(late).state_changed_until(early),
                "endLastStateChangeDate",
                "before startLastStateChangeDate",
            ),
            (
                f().data_since(late).data_until(early),
                "endGprsUpDate",
                "before startGprsUpDate",
            ),
            (f().alias(" "), "alias", "blank"),
            (f().alias("a").alias("b"), "alias", "set twice"),
            // The slips that the two spellings invite.
            (
                f().other("lifeCycleStatus", "ACTIVE"),
                "lifeCycleStatus",
                "the filter is called lifeCycleState",
            ),
            (
                f().other("customField1", "a"),
                "customField1",
                "the filter is called customField_1",
            ),
            (
                f().other("staticIpAddress0", "192.0.2.7"),
                "staticIpAddress0",
                "the filter is called staticIP",
            ),
        ] {
            let error = filter.check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.path(), Some(path), "{error}");
            assert!(error.to_string().contains(reason), "{error}");
        }
        let day_alone = f().data_since(late).data_until(late);
        assert!(day_alone.check().is_ok());
    }
}
