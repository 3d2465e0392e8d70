//! Filters of `getSubscriptions`.

use crate::fault::Fault;
use crate::fleet::{Sim, SimKind};
use crate::lifecycle::State;

/// Filters: all must fit; of the values of one filter, one must.
#[derive(Debug, Default)]
pub(crate) struct Filters(Vec<(Name, Vec<String>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Icc,
    Imsi,
    Msisdn,
    State,
    CustomField(usize),
    Alias,
    CommercialGroup,
    SimType,
    SimModel,
    Imei,
    Ip,
    Apn,
    StaticIp,
    Eid,
    SubscriptionType,
    RatType,
    Country,
    Operator,
    LteEnabled,
    VoLteEnabled,
    SwapStatus,
}

impl Name {
    /// Reads the filter's name; mind that `lifeCycleStatus` and `customField1` are none.
    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "icc" => Self::Icc,
            "imsi" => Self::Imsi,
            "msisdn" => Self::Msisdn,
            "lifeCycleState" => Self::State,
            "customField_1" => Self::CustomField(0),
            "customField_2" => Self::CustomField(1),
            "customField_3" => Self::CustomField(2),
            "customField_4" => Self::CustomField(3),
            "alias" => Self::Alias,
            "commercialGroup" => Self::CommercialGroup,
            "simType" => Self::SimType,
            "simModel" => Self::SimModel,
            "imei" => Self::Imei,
            "ip" => Self::Ip,
            "apn" => Self::Apn,
            "staticIP" => Self::StaticIp,
            "eid" => Self::Eid,
            "subscriptionType" => Self::SubscriptionType,
            "ratType" => Self::RatType,
            "country" => Self::Country,
            "operator" => Self::Operator,
            "lteEnabled" => Self::LteEnabled,
            "voLteEnabled" => Self::VoLteEnabled,
            "swapStatus" => Self::SwapStatus,
            _ => return None,
        })
    }

    fn check(self, value: &str) -> Result<(), Fault> {
        match self {
            Self::State if value != "RESTORE" && value.parse::<State>().is_err() => {
                let all = State::ALL.map(State::as_str).join(", ");
                Err(Fault::unsupported_value(
                    format!("lifeCycleState {value}."),
                    all,
                ))
            }
            Self::CommercialGroup if value.parse::<u32>().is_err() => Err(Fault::invalid_value(
                format!("commercialGroup {value} is not an id"),
            )),
            Self::LteEnabled | Self::VoLteEnabled if value.parse::<bool>().is_err() => {
                Err(Fault::unsupported_value(value, "true, false"))
            }
            _ => Ok(()),
        }
    }

    fn fits(self, sim: &Sim, value: &str) -> bool {
        match self {
            Self::Icc => sim.icc == value,
            Self::Imsi => sim.imsi == value,
            Self::Msisdn => sim.msisdn.as_deref() == Some(value.strip_prefix('+').unwrap_or(value)),
            Self::State => sim.state().as_str() == value,
            Self::CustomField(at) => sim.custom_fields.get(at).is_some_and(|f| f == value),
            Self::Alias => sim.alias == value,
            Self::CommercialGroup => sim.commercial_group.to_string() == value,
            Self::SimType => sim.sim_type == value,
            Self::SimModel => sim.sim_model == value,
            // Dashed in answers, bare in filters: both are understood.
            Self::Imei => sim.imei.as_deref().is_some_and(|imei| {
                imei.bytes()
                    .filter(u8::is_ascii_digit)
                    .eq(value.bytes().filter(|b| *b != b'-'))
            }),
            Self::Ip => sim.ip.is_some_and(|ip| ip.to_string() == value),
            Self::Apn => sim
                .apns
                .iter()
                .any(|apn| apn.name.as_deref() == Some(value)),
            Self::StaticIp => sim
                .apns
                .iter()
                .any(|apn| apn.static_ip.is_some_and(|ip| ip.to_string() == value)),
            Self::Eid => sim.eid.as_deref() == Some(value),
            Self::SubscriptionType => {
                value
                    == if sim.kind == SimKind::Euicc {
                        "EUICC"
                    } else {
                        "UICC"
                    }
            }
            Self::RatType => sim.rat_type.is_some_and(|rat| rat.to_string() == value),
            Self::Country => sim.country == Some(value),
            Self::Operator => sim.operator == Some(value),
            Self::LteEnabled => sim.lte_enabled.to_string() == value,
            Self::VoLteEnabled => sim.volte_enabled.to_string() == value,
            Self::SwapStatus => sim.swap_status == Some(value),
        }
    }
}

impl Filters {
    /// Adds a filter.
    ///
    /// # Errors
    /// `SVC 1001` for a name that is no filter (or one that the sandbox does not simulate),
    /// `SVC 1021` for an impossible value.
    pub(crate) fn add(&mut self, name: &str, values: Vec<String>) -> Result<(), Fault> {
        let known = Name::read(name).ok_or_else(|| Fault::unknown_parameter(name))?;
        if values.is_empty() {
            return Err(Fault::missing("value"));
        }
        for value in &values {
            known.check(value)?;
        }
        self.0.push((known, values));
        Ok(())
    }

    /// Whether a SIM fits.
    pub(crate) fn fit(&self, sim: &Sim) -> bool {
        self.0
            .iter()
            .all(|(name, values)| values.iter().any(|value| name.fits(sim, value)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fleet::Fleet;

    fn count(fleet: &Fleet, filters: &[(&str, &[&str])]) -> usize {
        let mut all = Filters::default();
        for (name, values) in filters {
            all.add(name, values.iter().map(ToString::to_string).collect())
                .unwrap();
        }
        fleet.page(0, usize::MAX, |sim| all.fit(sim)).len()
    }

    #[test]
    fn names_of_fields_are_no_filters() {
        for name in ["lifeCycleStatus", "customField1", "ICC", ""] {
            let refused = Filters::default().add(name, vec!["x".into()]).unwrap_err();
            assert_eq!(refused.code(), "SVC 1001", "{name}");
        }
    }

    #[test]
    fn values_or_and_filters_and() {
        let fleet = Fleet::new(500, 7);
        let active = count(&fleet, &[("lifeCycleState", &["ACTIVE"])]);
        let test = count(&fleet, &[("lifeCycleState", &["TEST"])]);
        assert!(active > 0 && test > 0);
        assert_eq!(
            count(&fleet, &[("lifeCycleState", &["ACTIVE", "TEST"])]),
            active + test
        );
        let both = [
            ("lifeCycleState", &["ACTIVE"][..]),
            ("lifeCycleState", &["TEST"]),
        ];
        assert_eq!(count(&fleet, &both), 0);
    }

    #[test]
    fn every_identifier_finds_its_sim() {
        let fleet = Fleet::new(200, 7);
        let sim = fleet
            .find(|s| s.imei.is_some() && s.msisdn.is_some() && s.ip.is_some())
            .unwrap();
        let imei = sim.imei.clone().unwrap();
        let ip = sim.ip.unwrap().to_string();
        for (name, value) in [
            ("icc", sim.icc.as_str()),
            ("imsi", &sim.imsi),
            ("msisdn", sim.msisdn.as_deref().unwrap()),
            ("alias", &sim.alias),
            ("imei", &imei),
            ("imei", &imei.replace('-', "")),
            ("ip", &ip),
        ] {
            assert_eq!(count(&fleet, &[(name, &[value])]), 1, "{name}={value}");
        }
    }

    #[test]
    fn impossible_values() {
        let mut filters = Filters::default();
        for (name, value) in [
            ("lifeCycleState", "ACTIVATED"),
            ("commercialGroup", "Sandbox Meters"),
        ] {
            let refused = filters.add(name, vec![value.into()]).unwrap_err();
            assert_eq!(refused.code(), "SVC 1021");
        }
    }
}
