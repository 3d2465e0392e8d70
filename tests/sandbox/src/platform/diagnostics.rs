//! Diagnostics: what is wrong with a SIM's connection.
//!
//! Only the names of some issues and results are known; which of them a SIM gets is made up.

use std::collections::HashMap;
use std::sync::Mutex;

use super::Platform;
use crate::fault::Fault;
use crate::fleet::{Random, Sim, SimId};
use crate::lifecycle::State;
use crate::lock;

/// What is wrong with one service.
pub(crate) type Issues = Vec<&'static str>;

/// What an administrative diagnostic finds; a service without issues is in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Administrative {
    /// Of every service.
    pub(crate) global: Issues,
    pub(crate) voice: Issues,
    pub(crate) data: Issues,
    pub(crate) sms: Issues,
    /// Technologies that the SIM may use.
    pub(crate) radio_access: &'static str,
}

/// A technology that is examined by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    Gsm,
    Gprs,
}

/// IP diagnostics that were started.
#[derive(Debug)]
pub(crate) struct Diagnostics(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    ids: Random,
    /// Result of each, and whether it was asked about before.
    started: HashMap<String, (&'static str, bool)>,
}

impl Diagnostics {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Inner {
            ids: Random::new(seed, u64::MAX - 1),
            started: HashMap::new(),
        }))
    }
}

impl Platform {
    /// `administrativeDiagnostic`.
    pub(crate) fn administrative(&self, id: &SimId) -> Result<Administrative, Fault> {
        Ok(administrative(&*self.sim(id)?))
    }

    /// `gsmSyncDiagnostic` and `gprsSyncDiagnostic`.
    pub(crate) fn connection(&self, id: &SimId, layer: Layer) -> Result<&'static str, Fault> {
        let sim = self.sim(id)?;
        Ok(match layer {
            Layer::Gsm if sim.presence.level == "NOT_REGISTERED" => "GSM_DOWN",
            Layer::Gsm => "GSM_UP",
            Layer::Gprs if sim.gprs_status.status == 1 => "GPRS_UP",
            Layer::Gprs => "GPRS_DOWN",
        })
    }

    /// `ipDiagnostic`: gives the diagnostic's id.
    pub(crate) fn start_ip_diagnostic(&self, id: &SimId) -> Result<String, Fault> {
        let sim = self.sim(id)?;
        let result = if sim.ip.is_some() { "IP_UP" } else { "IP_DOWN" };
        let mut inner = lock(&self.diagnostics.0);
        let id = inner.ids.hex24();
        inner.started.insert(id.clone(), (result, false));
        Ok(id)
    }

    /// `getDiagnosticResult`: there is none when first asked about.
    pub(crate) fn diagnostic_result(&self, id: &str) -> Result<Option<&'static str>, Fault> {
        let mut inner = lock(&self.diagnostics.0);
        let (result, asked) = inner
            .started
            .get_mut(id)
            .ok_or_else(|| Fault::not_found(id))?;
        Ok(std::mem::replace(asked, true).then_some(*result))
    }
}

fn administrative(sim: &Sim) -> Administrative {
    let radio_access = if sim.lte_enabled {
        "2G, 3G, LTE"
    } else {
        "2G, 3G"
    };
    let everywhere = match sim.state() {
        State::InactiveNew | State::Retired => Some("PROVISION_CORE"),
        State::Deactivated | State::Suspended => Some("PROVISION_HLR"),
        _ => None,
    };
    let basic = &sim.basic_services;
    let of = |on: bool| -> Issues {
        let off = (!on).then_some("PROVISION_HLR");
        everywhere.or(off).into_iter().collect()
    };
    Administrative {
        global: everywhere.into_iter().collect(),
        voice: of(basic.voice_originated_home && basic.voice_terminated_home),
        data: of(basic.data_home),
        sms: of(basic.sms_originated_home && basic.sms_terminated_home),
        radio_access,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;
    use crate::fleet::Fleet;
    use crate::platform::Reports;

    fn platform() -> Platform {
        let reports = Reports::new(7, Duration::ZERO, crate::platform::Doors::default());
        Platform::new(Fleet::new(300, 7), 7, reports)
    }

    fn id_of(p: &Platform, state: State) -> SimId {
        p.fleet.find(|s| s.state() == state).unwrap().id()
    }

    #[test]
    fn a_sim_in_use_is_in_order_until_a_service_is_switched_off() {
        let p = platform();
        let id = id_of(&p, State::Active);
        let found = p.administrative(&id).unwrap();
        assert!(found.global.is_empty() && found.voice.is_empty());
        assert!(found.data.is_empty() && found.sms.is_empty());
        p.fleet
            .update(&id, |sim| sim.basic_services.data_home = false);
        let found = p.administrative(&id).unwrap();
        assert_eq!(found.data, ["PROVISION_HLR"]);
        assert!(found.global.is_empty() && found.voice.is_empty());
    }

    #[test]
    fn a_sim_out_of_use_has_an_issue_everywhere() {
        let p = platform();
        for (state, issue) in [
            (State::InactiveNew, "PROVISION_CORE"),
            (State::Suspended, "PROVISION_HLR"),
        ] {
            let found = p.administrative(&id_of(&p, state)).unwrap();
            for issues in [found.global, found.voice, found.data, found.sms] {
                assert_eq!(issues, [issue]);
            }
        }
    }

    #[test]
    fn connections_are_those_of_the_inventory() {
        let p = platform();
        let up = p.fleet.find(|s| s.ip.is_some()).unwrap().id();
        let down = id_of(&p, State::InactiveNew);
        assert_eq!(p.connection(&up, Layer::Gsm).unwrap(), "GSM_UP");
        assert_eq!(p.connection(&up, Layer::Gprs).unwrap(), "GPRS_UP");
        assert_eq!(p.connection(&down, Layer::Gsm).unwrap(), "GSM_DOWN");
        assert_eq!(p.connection(&down, Layer::Gprs).unwrap(), "GPRS_DOWN");
    }

    #[test]
    fn an_ip_diagnostic_is_pending_first() {
        let p = platform();
        let up = p.fleet.find(|s| s.ip.is_some()).unwrap().id();
        let down = p.fleet.find(|s| s.ip.is_none()).unwrap().id();
        for (sim, result) in [(up, "IP_UP"), (down, "IP_DOWN")] {
            let id = p.start_ip_diagnostic(&sim).unwrap();
            assert_eq!(p.diagnostic_result(&id).unwrap(), None);
            assert_eq!(p.diagnostic_result(&id).unwrap(), Some(result));
            assert_eq!(p.diagnostic_result(&id).unwrap(), Some(result));
        }
        assert_eq!(p.diagnostic_result("0").unwrap_err().code(), "SVC 1006");
    }
}
