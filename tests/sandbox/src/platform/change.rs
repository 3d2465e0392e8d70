//! Changes that `modifySubscription` can make: one group of them at a time.

use std::net::IpAddr;

use crate::fault::Fault;
use crate::fleet::{Consumption, Consumptions, Expense, Expenses, Fleet, Money, Sim};
use crate::lifecycle::{Actor, State};
use crate::time::Timestamp;

/// One group of changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    LifeCycle {
        state: String,
        force_retired: bool,
    },
    /// By id, which is a number.
    CommercialGroup(String),
    /// Empty: none.
    SupervisionGroup(String),
    Lte(bool),
    VoLte(bool),
    Qci(i32),
    Labels(Labels),
    Apns(Box<Apns>),
    Thresholds(Box<Thresholds>),
    BasicServices(BasicServicesChange),
    Supplementary(SupplementaryChange),
}

/// Texts of the customer's own; an empty one clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Labels {
    pub(crate) alias: Option<String>,
    pub(crate) custom_fields: [Option<String>; 4],
}

/// APNs and addresses, by slot. The name `-` deletes an APN with its addresses.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Apns {
    pub(crate) names: [Option<String>; 10],
    pub(crate) static_ips: [Option<String>; 10],
    pub(crate) additional_ips: [Option<String>; 10],
    pub(crate) default_apn: Option<String>,
    pub(crate) single_ip: SingleIp,
}

/// The one static address that a SIM had before each APN had its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SingleIp {
    pub(crate) address: Option<String>,
    /// Slot of its APN.
    pub(crate) index: Option<i32>,
}

/// Thresholds of one period.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Threshold {
    /// Enabled, limit, whether traffic is cut; for data, voice and SMS.
    pub(crate) data: (bool, Option<u64>, Option<bool>),
    pub(crate) voice: (bool, Option<u64>, Option<bool>),
    pub(crate) sms: (bool, Option<u64>, Option<bool>),
}

/// Limits of expense.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ExpenseLimits {
    /// Enabled and limit; for data, voice, SMS and everything.
    pub(crate) data: (bool, Option<Money>),
    pub(crate) voice: (bool, Option<Money>),
    pub(crate) sms: (bool, Option<Money>),
    pub(crate) total: (bool, Option<Money>),
}

/// All thresholds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Thresholds {
    pub(crate) daily: Option<Threshold>,
    pub(crate) monthly: Option<Threshold>,
    pub(crate) expense: Option<ExpenseLimits>,
}

/// Switches of the basic services; what is left out stays.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct BasicServicesChange {
    pub(crate) voice_mo_home: Option<bool>,
    pub(crate) voice_mo_international: Option<bool>,
    pub(crate) voice_mo_roaming: Option<bool>,
    pub(crate) voice_mt_home: Option<bool>,
    pub(crate) voice_mt_roaming: Option<bool>,
    pub(crate) sms_mo_home: Option<bool>,
    pub(crate) sms_mo_international: Option<bool>,
    pub(crate) sms_mo_roaming: Option<bool>,
    pub(crate) sms_mt_home: Option<bool>,
    pub(crate) sms_mt_roaming: Option<bool>,
    pub(crate) data_home: Option<bool>,
    pub(crate) data_roaming: Option<bool>,
}

/// Switches of the supplementary services; what is left out stays.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct SupplementaryChange {
    pub(crate) vpn: Option<bool>,
    pub(crate) advanced_supervision: Option<bool>,
    pub(crate) location: Option<bool>,
}

impl Change {
    /// Makes the change. After an error the SIM may be half changed: work on a copy.
    pub(crate) fn apply(
        &self,
        sim: &mut Sim,
        fleet: &Fleet,
        organisation: &str,
    ) -> Result<(), Fault> {
        match self {
            Self::LifeCycle {
                state,
                force_retired,
            } => {
                life_cycle(sim, state, *force_retired, organisation)?;
            }
            Self::CommercialGroup(id) => {
                let groups = fleet.commercial_groups();
                sim.commercial_group = groups.find("commercialGroup", id)?.id;
            }
            Self::SupervisionGroup(name) => {
                sim.supervision_group = (!name.is_empty()).then(|| name.clone());
            }
            Self::Lte(on) => sim.lte_enabled = *on,
            Self::VoLte(on) => sim.volte_enabled = *on,
            Self::Qci(qci @ 1..=9) => sim.qci = *qci,
            Self::Qci(qci) => {
                return Err(Fault::unsupported_value(format!("qci {qci}."), "1 to 9"));
            }
            Self::Labels(labels) => {
                set(&mut sim.alias, labels.alias.as_ref());
                for (field, new) in sim.custom_fields.iter_mut().zip(&labels.custom_fields) {
                    set(field, new.as_ref());
                }
            }
            Self::Apns(change) => apns(sim, change)?,
            Self::Thresholds(change) => thresholds(sim, change),
            Self::BasicServices(change) => basic_services(sim, change)?,
            Self::Supplementary(change) => {
                let services = &mut sim.suppl_services;
                set(&mut services.vpn, change.vpn.as_ref());
                set(
                    &mut services.advanced_supervision,
                    change.advanced_supervision.as_ref(),
                );
                set(&mut services.location, change.location.as_ref());
            }
        }
        Ok(())
    }
}

/// Sets what is given.
fn set<T: Clone>(field: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        field.clone_from(new);
    }
}

fn life_cycle(sim: &mut Sim, to: &str, force: bool, organisation: &str) -> Result<(), Fault> {
    // What `forceRetired` does for whom is not documented.
    if force {
        return Err(Fault::not_allowed(
            "forceRetired is reserved for the provider",
        ));
    }
    let Ok(to) = to.parse::<State>() else {
        let settable: Vec<_> = State::ALL.map(State::as_str)[..6].into();
        let value = format!("lifeCycleStatus {to}.");
        return Err(Fault::unsupported_value(value, settable.join(", ")));
    };
    go(sim, to, Actor::Customer(organisation))
}

/// Moves a SIM through its life cycle, with what that brings along.
pub(super) fn go(sim: &mut Sim, to: State, actor: Actor<'_>) -> Result<(), Fault> {
    let now = Timestamp::now();
    sim.life.go(to, actor, now).map_err(Fault::no_transition)?;
    match to {
        State::Active => sim.activation_date = sim.activation_date.or(Some(now)),
        State::Deactivated | State::Suspended | State::Retired => end_session(sim, now),
        _ => {}
    }
    Ok(())
}

fn end_session(sim: &mut Sim, now: Timestamp) {
    if sim.ip.take().is_some() {
        for connection in [&mut sim.gprs_status, &mut sim.ip_status] {
            connection.status = 2;
            connection.last_stop = Some(now);
        }
    }
}

fn apns(sim: &mut Sim, change: &Apns) -> Result<(), Fault> {
    for (at, slot) in sim.apns.iter_mut().enumerate() {
        match change.names[at].as_deref() {
            Some("-") => *slot = Default::default(),
            Some("") => return Err(Fault::invalid_value(format!("apn{at} is empty"))),
            Some(name) => slot.name = Some(name.to_owned()),
            None => {}
        }
        for (name, new, field) in [
            (
                "staticIpAddress",
                &change.static_ips[at],
                &mut slot.static_ip,
            ),
            (
                "additionalStaticIpAddress",
                &change.additional_ips[at],
                &mut slot.additional_static_ip,
            ),
        ] {
            let Some(new) = new else { continue };
            if slot.name.is_none() {
                let what = format!("{name}{at}, there is no apn{at}");
                return Err(Fault::invalid_value(what));
            }
            *field = Some(address(new)?);
        }
    }
    single_ip(sim, &change.single_ip)?;
    if let Some(name) = &change.default_apn {
        if !sim.apns.iter().any(|slot| slot.name.as_ref() == Some(name)) {
            return Err(Fault::invalid_value(format!(
                "defaultApn {name} is none of the APNs"
            )));
        }
        sim.default_apn = Some(name.clone());
    }
    let gone = |name: &String| !sim.apns.iter().any(|slot| slot.name.as_ref() == Some(name));
    if sim.default_apn.as_ref().is_some_and(gone) {
        sim.default_apn = None;
    }
    Ok(())
}

/// Sets the only address, moves it to another APN, or both.
fn single_ip(sim: &mut Sim, change: &SingleIp) -> Result<(), Fault> {
    if *change == SingleIp::default() {
        return Ok(());
    }
    let present = sim
        .apns
        .iter()
        .enumerate()
        .find_map(|(at, slot)| Some((at, slot.static_ip?)));
    let at = match change.index {
        Some(index) => usize::try_from(index)
            .ok()
            .filter(|at| *at < sim.apns.len())
            .ok_or_else(|| {
                Fault::unsupported_value(format!("staticApnIndex {index}."), "0 to 9")
            })?,
        None => present
            .map(|(at, _)| at)
            .ok_or_else(|| Fault::missing("staticApnIndex"))?,
    };
    let ip = match &change.address {
        Some(text) => address(text)?,
        None => present
            .map(|(_, ip)| ip)
            .ok_or_else(|| Fault::missing("staticIp"))?,
    };
    if sim.apns[at].name.is_none() {
        let what = format!("staticApnIndex {at}, there is no apn{at}");
        return Err(Fault::invalid_value(what));
    }
    for slot in &mut sim.apns {
        slot.static_ip = None;
    }
    sim.apns[at].static_ip = Some(ip);
    Ok(())
}

fn address(text: &str) -> Result<IpAddr, Fault> {
    match text.parse() {
        Ok(IpAddr::V6(ip)) if ip.segments()[4..] == [0; 4] => Err(Fault::invalid_value(format!(
            "{text}, the last 64 bits of an IPv6 address must not be all zero"
        ))),
        Ok(ip) => Ok(ip),
        Err(_) => Err(Fault::invalid_value(format!("{text} is not an IP address"))),
    }
}

fn thresholds(sim: &mut Sim, change: &Thresholds) {
    for (period, new) in [
        (&mut sim.daily, &change.daily),
        (&mut sim.monthly, &change.monthly),
    ] {
        let Some(new) = new else { continue };
        let Consumptions { voice, sms, data } = period;
        for (one, (enabled, limit, cut)) in [(voice, new.voice), (sms, new.sms), (data, new.data)] {
            let Consumption {
                limit: l,
                enabled: e,
                traffic_cut,
                ..
            } = one;
            *e = enabled;
            set(l, limit.as_ref());
            *traffic_cut = cut.or(*traffic_cut);
        }
    }
    if let Some(new) = &change.expense {
        let Expenses {
            voice,
            sms,
            data,
            total,
            ..
        } = sim.expenses.get_or_insert_default();
        for (one, (enabled, limit)) in [
            (voice, new.voice),
            (sms, new.sms),
            (data, new.data),
            (total, new.total),
        ] {
            let Expense {
                limit: l,
                enabled: e,
                ..
            } = one;
            *e = enabled;
            set(l, limit.as_ref());
        }
    }
}

fn basic_services(sim: &mut Sim, change: &BasicServicesChange) -> Result<(), Fault> {
    let s = &mut sim.basic_services;
    set(&mut s.voice_originated_home, change.voice_mo_home.as_ref());
    set(
        &mut s.voice_originated_international,
        change.voice_mo_international.as_ref(),
    );
    set(
        &mut s.voice_originated_roaming,
        change.voice_mo_roaming.as_ref(),
    );
    set(&mut s.voice_terminated_home, change.voice_mt_home.as_ref());
    set(
        &mut s.voice_terminated_roaming,
        change.voice_mt_roaming.as_ref(),
    );
    set(&mut s.sms_originated_home, change.sms_mo_home.as_ref());
    set(
        &mut s.sms_originated_international,
        change.sms_mo_international.as_ref(),
    );
    set(
        &mut s.sms_originated_roaming,
        change.sms_mo_roaming.as_ref(),
    );
    set(&mut s.sms_terminated_home, change.sms_mt_home.as_ref());
    set(
        &mut s.sms_terminated_roaming,
        change.sms_mt_roaming.as_ref(),
    );
    set(&mut s.data_home, change.data_home.as_ref());
    set(&mut s.data_roaming, change.data_roaming.as_ref());
    for (service, home, roaming) in [
        (
            "voiceMO",
            s.voice_originated_home,
            s.voice_originated_roaming,
        ),
        (
            "voiceMT",
            s.voice_terminated_home,
            s.voice_terminated_roaming,
        ),
        ("smsMO", s.sms_originated_home, s.sms_originated_roaming),
        ("smsMT", s.sms_terminated_home, s.sms_terminated_roaming),
        ("data", s.data_home, s.data_roaming),
    ] {
        if roaming && !home {
            return Err(Fault::not_allowed(format!(
                "This service cannot be activated because {service}Home is not active"
            )));
        }
    }
    if s.voice_originated_roaming != s.sms_originated_roaming {
        return Err(Fault::not_allowed(
            "voiceMORoaming and smsMORoaming are linked services",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::platform::Platform;

    fn platform() -> Platform {
        let reports = crate::platform::Reports::new(
            7,
            std::time::Duration::ZERO,
            crate::platform::Doors::default(),
        );
        Platform::new(Fleet::new(300, 7), 7, reports)
    }

    fn in_state(p: &Platform, state: State) -> Sim {
        (*p.fleet.find(|s| s.state() == state).unwrap()).clone()
    }

    fn to(state: &str) -> Change {
        Change::LifeCycle {
            state: state.into(),
            force_retired: false,
        }
    }

    #[test]
    fn life_cycle_follows_the_graph() {
        let p = platform();
        let sim = in_state(&p, State::Active);
        let refused = p.modify("Acme", &sim.id(), &to("TEST")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "SVC 1021: Invalid parameter value: There is not an available transition from ACTIVE to \
             TEST state"
        );
        for state in ["SUSPENDED", "RETIRED", "ACTIVE", "ACTIVATED", "RESTORE"] {
            let refused = p.modify("Acme", &sim.id(), &to(state)).unwrap_err();
            assert_eq!(refused.code(), "SVC 1021", "{state}");
        }
        p.modify("Acme", &sim.id(), &to("DEACTIVATED")).unwrap();
        let after = p.sim(&sim.id()).unwrap();
        assert_eq!(after.state(), State::Deactivated);
        assert_eq!(after.life.current().user.as_deref(), Some("Acme"));
        assert_eq!(after.ip, None);
        let forced = Change::LifeCycle {
            state: "RETIRED".into(),
            force_retired: true,
        };
        assert_eq!(
            p.modify("Acme", &sim.id(), &forced).unwrap_err().code(),
            "SVC 1013"
        );
    }

    #[test]
    fn groups_go_by_id() {
        let p = platform();
        let id = p.fleet.at(0).unwrap().id();
        let group = |g: &str| p.modify("Acme", &id, &Change::CommercialGroup(g.into()));
        assert_eq!(group("Sandbox Lifts").unwrap_err().code(), "SVC 1021");
        assert_eq!(group("4711").unwrap_err().code(), "SVC 1006");
        group("10103").unwrap();
        assert_eq!(
            p.fleet.group_name(p.sim(&id).unwrap().commercial_group),
            "Sandbox Lifts"
        );
    }

    #[test]
    fn labels_left_out_stay_and_empty_ones_clear() {
        let p = platform();
        let before = p.fleet.at(0).unwrap();
        let mut labels = Labels::default();
        labels.custom_fields[0] = Some(String::new());
        labels.custom_fields[3] = Some("<4> & more".into());
        p.modify("Acme", &before.id(), &Change::Labels(labels))
            .unwrap();
        let after = p.sim(&before.id()).unwrap();
        assert_eq!(after.alias, before.alias);
        assert_eq!(after.custom_fields[0], "");
        assert_eq!(after.custom_fields[3], "<4> & more");
    }

    #[test]
    fn apns_come_and_go_with_their_addresses() {
        let p = platform();
        let id = p.fleet.at(0).unwrap().id();
        let apply = |change: Apns| p.modify("Acme", &id, &Change::Apns(Box::new(change)));
        let mut add = Apns::default();
        add.names[4] = Some("lab.sandbox.example".into());
        add.static_ips[4] = Some("192.0.2.44".into());
        add.default_apn = Some("lab.sandbox.example".into());
        apply(add).unwrap();
        let sim = p.sim(&id).unwrap();
        assert_eq!(sim.apns[4].static_ip, Some([192, 0, 2, 44].into()));
        let mut delete = Apns::default();
        delete.names[4] = Some("-".into());
        apply(delete).unwrap();
        let sim = p.sim(&id).unwrap();
        assert_eq!(
            (&sim.apns[4], &sim.default_apn),
            (&Default::default(), &None)
        );

        let mut alone = Apns::default();
        alone.static_ips[7] = Some("192.0.2.77".into());
        assert_eq!(apply(alone).unwrap_err().code(), "SVC 1021");
        for bad in ["2001:db8::", "192.0.2.256", ""] {
            let mut change = Apns::default();
            change.static_ips[0] = Some(bad.into());
            assert_eq!(apply(change).unwrap_err().code(), "SVC 1021", "{bad}");
        }
    }

    #[test]
    fn the_only_address_moves_with_its_index() {
        let p = platform();
        let plain = |s: &Sim| s.apns[1].name.is_some() && s.apns[0].static_ip.is_none();
        let id = p.fleet.find(plain).unwrap().id();
        let apply = |address: Option<&str>, index: Option<i32>| {
            let single_ip = SingleIp {
                address: address.map(str::to_owned),
                index,
            };
            let change = Apns {
                single_ip,
                ..Apns::default()
            };
            p.modify("Acme", &id, &Change::Apns(Box::new(change)))
        };
        let addresses = || {
            p.sim(&id)
                .unwrap()
                .apns
                .each_ref()
                .map(|slot| slot.static_ip)
        };
        let ip: IpAddr = [192, 0, 2, 7].into();
        assert_eq!(
            apply(Some("192.0.2.7"), None).unwrap_err().code(),
            "SVC 1000"
        );
        assert_eq!(apply(None, Some(0)).unwrap_err().code(), "SVC 1000");
        apply(Some("192.0.2.7"), Some(0)).unwrap();
        assert_eq!(addresses()[..2], [Some(ip), None]);
        apply(None, Some(1)).unwrap();
        assert_eq!(addresses()[..2], [None, Some(ip)]);
        for index in [-1, 9, 10] {
            assert_eq!(apply(None, Some(index)).unwrap_err().code(), "SVC 1021");
        }
        assert_eq!(addresses()[..2], [None, Some(ip)]);
    }

    #[test]
    fn a_refused_change_changes_nothing() {
        let p = platform();
        let before = p.fleet.at(0).unwrap();
        let mut change = Apns::default();
        change.names[0] = Some("-".into());
        change.static_ips[9] = Some("192.0.2.1".into());
        p.modify("Acme", &before.id(), &Change::Apns(Box::new(change)))
            .unwrap_err();
        assert_eq!(p.sim(&before.id()).unwrap(), before);
    }

    #[test]
    fn roaming_needs_home() {
        let p = platform();
        let sim = p.fleet.find(|s| s.basic_services.data_roaming).unwrap();
        let off = BasicServicesChange {
            data_home: Some(false),
            ..Default::default()
        };
        let refused = p
            .modify("Acme", &sim.id(), &Change::BasicServices(off))
            .unwrap_err();
        assert_eq!(refused.code(), "SVC 1013");
        let off = BasicServicesChange {
            data_roaming: Some(false),
            ..off
        };
        p.modify("Acme", &sim.id(), &Change::BasicServices(off))
            .unwrap();
        let unlinked = BasicServicesChange {
            sms_mo_roaming: Some(false),
            ..Default::default()
        };
        assert!(
            p.modify("Acme", &sim.id(), &Change::BasicServices(unlinked))
                .is_err()
        );
    }

    #[test]
    fn thresholds_are_read_back() {
        let p = platform();
        let id = p.fleet.at(0).unwrap().id();
        let daily = Threshold {
            data: (true, Some(5_000_000), Some(true)),
            ..Default::default()
        };
        let change = Thresholds {
            daily: Some(daily),
            ..Default::default()
        };
        p.modify("Acme", &id, &Change::Thresholds(Box::new(change)))
            .unwrap();
        let data = p.sim(&id).unwrap().daily.data.clone();
        assert_eq!(
            (data.limit, data.enabled, data.traffic_cut),
            (5_000_000, true, Some(true))
        );
    }
}
