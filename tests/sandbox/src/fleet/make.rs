//! Makes SIMs up: the same seed and number give the same SIM.

use std::net::{IpAddr, Ipv4Addr};

use super::sim::{
    ApnSlot, BasicServices, Connection, Consumption, Consumptions, Expense, Expenses, Location,
    Money, Presence, Sim, SimKind, SupplementaryServices, Voucher,
};
use crate::lifecycle::{Actor, LifeCycle, State};
use crate::platform::CommercialGroups;
use crate::time::Timestamp;

/// Id of the customer whose SIMs these are.
pub(crate) const CUSTOMER_ID: &str = "customer-5a9db0c5701e4";
/// Its name, until it is changed.
pub(crate) const CUSTOMER_NAME: &str = "Sandbox Customer";

/// Day on which the first SIM was provisioned.
const EPOCH: Timestamp = Timestamp::from_civil(2024, 1, 8, 8, 0, 0);
const DAY: i64 = 86_400;

const MODELS: [&str; 3] = ["Plug-in M2M", "MFF2 Industrial", "4FF Consumer"];
const TYPES: [&str; 3] = ["LOCAL", "LOCAL_RR", "TE_O2DE"];
const PLACES: [(&str, &str, f32, f32); 5] = [
    ("ES", "99901", 40.4168, -3.7038),
    ("DE", "99902", 48.1374, 11.5755),
    ("FR", "99903", 48.8566, 2.3522),
    ("BR", "99904", -23.5505, -46.6333),
    ("MX", "99905", 19.4326, -99.1332),
];
const APNS: [&str; 3] = [
    "iot.sandbox.example",
    "vpn.sandbox.example",
    "meters.sandbox.example",
];

/// A small generator of pseudo-random numbers (splitmix64), so that fleets never change with a
/// dependency's version.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut mixed = Self(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        mixed.next();
        mixed
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        let at = usize::try_from(self.below(N as u64)).unwrap_or_default();
        of[at % N]
    }

    pub(crate) fn seconds(&mut self, bound: i64) -> i64 {
        i64::try_from(self.below(bound.unsigned_abs())).unwrap_or_default()
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | (b >> 50),
            b & 0xffff_ffff_ffff,
        )
    }

    /// Twenty-four hexadecimal digits.
    pub(crate) fn hex24(&mut self) -> String {
        format!("{:016x}{:08x}", self.next(), self.next() >> 32)
    }
}

/// SIM number `number` of a fleet of this seed.
pub(crate) fn sim(seed: u64, number: u64) -> Sim {
    let mut r = Random::new(seed, number);
    let state = state(&mut r);
    let provision = EPOCH.plus(r.seconds(600 * DAY));
    let shipping = provision.plus(DAY + r.seconds(20 * DAY));
    let mut life = LifeCycle::begin(State::InactiveNew, provision);
    let mut activation = None;
    let mut at = shipping;
    for step in past(state) {
        at = at.plus(DAY + r.seconds(30 * DAY));
        let by = if *step == State::Suspended || *step == State::Retired {
            Actor::Provider
        } else {
            Actor::Customer("portal")
        };
        life.push(*step, by, at);
        if *step == State::Active && activation.is_none() {
            activation = Some(at);
        }
    }
    let (country, operator, latitude, longitude) = r.pick(PLACES);
    let euicc = r.percent(15);
    let in_session = state == State::Active && r.percent(60);
    let used = activation.is_some();
    let last_traffic = used.then(|| at.plus(r.seconds(3 * DAY)));
    let apn = r.pick(APNS);
    let mut apns: [ApnSlot; 10] = Default::default();
    apns[0].name = Some(apn.to_owned());
    if r.percent(20) {
        apns[0].static_ip = Some(private(200, number));
    }
    if r.percent(10) {
        apns[1].name = Some("backup.sandbox.example".to_owned());
    }
    let group = r.pick(CommercialGroups::founding());
    let roaming = r.percent(50);
    let jitter = |r: &mut Random| f32::from(u8::try_from(r.below(200)).unwrap_or_default()) / 1e3;
    Sim {
        subscription_id: format!("sub-{:010}", number + 1),
        icc: icc(number),
        imsi: format!("00101{:010}", number + 1),
        // SIMs that were never active may have no number yet.
        msisdn: (used || r.percent(70)).then(|| format!("999{:09}", number + 1)),
        eid: euicc.then(|| format!("8999{:028}", number + 1)),
        kind: if euicc { SimKind::Euicc } else { SimKind::Uicc },
        alias: format!("sandbox-{:06}", number + 1),
        custom_fields: [
            format!("site-{:03}", r.below(200)),
            if r.percent(30) {
                "pilot".to_owned()
            } else {
                String::new()
            },
            String::new(),
            String::new(),
        ],
        sim_model: r.pick(MODELS),
        sim_type: r.pick(TYPES),
        gprs_status: connection(&mut r, in_session, last_traffic),
        ip_status: connection(&mut r, in_session, last_traffic),
        daily: consumptions(&mut r, used, 1),
        monthly: consumptions(&mut r, used, 30),
        expenses: r.percent(80).then(|| expenses(&mut r, used)),
        provision_date: provision,
        shipping_date: shipping,
        activation_date: activation,
        commercial_group: group,
        supervision_group: r.percent(25).then(|| "sandbox_watch".to_owned()),
        imei: used.then(|| imei(number)),
        apns,
        default_apn: Some(apn.to_owned()),
        order_number: format!("SBX-{:05}", number / 500 + 1),
        customer_id: CUSTOMER_ID.to_owned(),
        customer_name: CUSTOMER_NAME.to_owned(),
        life,
        operator: used.then_some(operator),
        country: used.then_some(country),
        manual_location: r.percent(10).then_some(Location {
            time: shipping,
            latitude,
            longitude,
            postal_code: None,
        }),
        automatic_location: last_traffic.map(|time| Location {
            time,
            latitude: latitude + jitter(&mut r),
            longitude: longitude + jitter(&mut r),
            postal_code: Some(format!("99{:03}", r.below(1000))),
        }),
        basic_services: BasicServices {
            voice_originated_home: true,
            voice_originated_roaming: roaming,
            voice_originated_international: false,
            voice_terminated_home: true,
            voice_terminated_roaming: roaming,
            sms_originated_home: true,
            sms_originated_roaming: roaming,
            sms_originated_international: false,
            sms_terminated_home: true,
            sms_terminated_roaming: roaming,
            data_home: true,
            data_roaming: roaming,
        },
        suppl_services: SupplementaryServices {
            advanced_supervision: r.percent(40),
            location: used,
            ..SupplementaryServices::default()
        },
        ip: in_session.then(|| private(10, number)),
        lte_enabled: r.percent(75),
        volte_enabled: r.percent(10),
        swap_status: euicc.then_some("ENABLED"),
        rat_type: used.then(|| r.pick([1, 2, 6, 8, 9])),
        qci: r.pick([8, 9]),
        last_traffic_date: last_traffic,
        presence: presence(in_session, used, at),
        voucher: Voucher {
            enabled: false,
            data_time: 0,
            data_consumption: 0,
        },
        blocks: Vec::new(),
        network_resets: 0,
        profile_audits: 0,
    }
}

/// `8999`, fourteen digits, and the check digit: nineteen digits that belong to nobody.
fn icc(number: u64) -> String {
    let body = format!("8999{:014}", number + 1);
    let check = luhn(&body);
    format!("{body}{check}")
}

fn imei(number: u64) -> String {
    let body = format!("99{:012}", number + 1);
    let check = luhn(&body);
    format!("{}-{}-{}-{check}", &body[..2], &body[2..8], &body[8..])
}

/// Check digit of a row of digits.
pub(crate) fn luhn(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match (at % 2, digit * 2) {
                (0, doubled) if doubled > 9 => doubled - 9,
                (0, doubled) => doubled,
                _ => digit,
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

fn private(second: u8, number: u64) -> IpAddr {
    let [.., c, d] = (number + 1).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, second, c, d))
}

fn state(r: &mut Random) -> State {
    match r.below(100) {
        0..50 => State::Active,
        50..65 => State::InactiveNew,
        65..73 => State::Test,
        73..80 => State::ActivationReady,
        80..85 => State::ActivationPendant,
        85..94 => State::Deactivated,
        94..98 => State::Suspended,
        _ => State::Retired,
    }
}

/// The way from `INACTIVE_NEW` to a state.
fn past(state: State) -> &'static [State] {
    use State::{
        ActivationPendant, ActivationReady, Active, Deactivated, InactiveNew, Retired, Suspended,
        Test,
    };
    match state {
        InactiveNew => &[],
        Test => &[Test],
        ActivationPendant => &[Test, ActivationPendant],
        ActivationReady => &[ActivationReady],
        Active => &[ActivationPendant, Active],
        Deactivated => &[ActivationPendant, Active, Deactivated],
        Suspended => &[ActivationPendant, Active, Suspended],
        Retired => &[ActivationPendant, Active, Suspended, Retired],
    }
}

fn connection(r: &mut Random, in_session: bool, last: Option<Timestamp>) -> Connection {
    Connection {
        status: match (in_session, last) {
            (true, _) => 1,
            (false, Some(_)) => 2,
            (false, None) => 0,
        },
        last_start: last,
        last_stop: match in_session {
            true => last.map(|t| t.plus(-r.seconds(DAY))),
            false => last.map(|t| t.plus(r.seconds(DAY))),
        },
    }
}

fn consumptions(r: &mut Random, used: bool, days: u64) -> Consumptions {
    let mut one = |limit: u64, typical: u64| {
        let value = if used { r.below(typical * days + 1) } else { 0 };
        let limit = limit * days;
        let thr_reached = match value * 100 / limit.max(1) {
            100.. => 100,
            80..100 => 80,
            50..80 => 50,
            _ => 0,
        };
        Consumption {
            limit,
            value,
            thr_reached,
            enabled: true,
            traffic_cut: Some(false),
        }
    };
    Consumptions {
        voice: one(600, 60),
        sms: one(20, 5),
        data: one(50 << 20, 20 << 20),
    }
}

fn expenses(r: &mut Random, used: bool) -> Expenses {
    let mut one = |bound: u64| Expense {
        limit: Money::from_e5(1_000_000),
        value: Money::from_e5(if used {
            i64::try_from(r.below(bound)).unwrap_or_default()
        } else {
            0
        }),
        thr_reached: Money::default(),
        enabled: false,
    };
    let (voice, sms, data) = (one(20_000), one(20_000), one(300_000));
    let sum = voice.value.e5() + sms.value.e5() + data.value.e5();
    let total = Expense {
        value: Money::from_e5(sum),
        ..one(1)
    };
    Expenses {
        voice,
        sms,
        data,
        total,
        fee: Money::from_e5(if used { 75_000 } else { 0 }),
    }
}

fn presence(in_session: bool, used: bool, time: Timestamp) -> Presence {
    match (in_session, used) {
        (true, _) => Presence {
            level: "IP reachability",
            time,
            cause: "ACCOUNTING_RADIUS_START",
        },
        (false, true) => Presence {
            level: "GSM",
            time,
            cause: "ACCOUNTING_RADIUS_STOP",
        },
        (false, false) => Presence {
            level: "NOT_REGISTERED",
            time,
            cause: "NOT_REGISTERED",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert_eq!(luhn("7992739871"), 3);
        for number in [0, 1, 4999, 123_456] {
            let icc = icc(number);
            assert_eq!(icc.len(), 19);
            assert!(icc.starts_with("8999"));
            assert_eq!(luhn(&icc[..18]).to_string(), icc[18..]);
        }
        assert_eq!(imei(0), "99-000000-000001-0");
    }

    #[test]
    fn same_seed_same_sim() {
        for number in 0..50 {
            assert_eq!(sim(7, number), sim(7, number));
        }
        let differ = (0..50).filter(|n| sim(7, *n) != sim(8, *n)).count();
        assert!(differ > 40, "{differ}");
    }
}
