//! Trouble on demand: what a test can make the sandbox do.
//!
//! ```
//! # use std::time::Duration;
//! use mno_sandbox::{Control, Effect, Fault, Rule};
//!
//! # fn demo(control: &Control) {
//! // The next two changes are refused, the third one is carried out but its answer is lost.
//! control.add(Rule::on("modifySubscription").times(2).then(Effect::Fault(Fault::rate_limited())));
//! control.add(Rule::on("modifySubscription").skip(2).times(1).then(Effect::CutAfter));
//! control.add(Rule::always().then(Effect::Delay(Duration::from_millis(20))));
//! control.forbid("Acme Devices", "sendSMS");
//! # }
//! ```
//!
//! Downloads of reports are the operation `download`, of no organisation. Platforms other than Kite
//! have an account in place of the organisation, and operations that may be called alike: there
//! `telekom-bsc/getOrder` is an operation of one of them, and `getOrder` that of all. Calls for a
//! token are the operation `token`, of no account.
//!
//! Rules see a call after it has been counted (rate limits, journal) and in the order in which
//! they were added. Delays add up; of the other effects, the first that applies wins.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use crate::fault::Fault;
use crate::lock;
use crate::platform::{LinkScheme, Packing};

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Refused with this fault, as SOAP with HTTP 500; nothing is processed. Faults are Kite's:
    /// other platforms answer with their own error and status 500.
    Fault(Fault),
    /// Refused with this HTTP status and the platform's own words for it (Kite: an HTML page);
    /// nothing is processed.
    Status(u16),
    /// Refused with this fault as JSON, as the platform does with a wrong source address.
    JsonFault(Fault),
    /// Carried out, but answered with this fault: what retries must not trust.
    FaultAfter(Fault),
    /// An HTML page with this status, as a proxy sends it; nothing is processed.
    Html(u16),
    /// Any other answer; nothing is processed.
    Raw {
        /// HTTP status.
        status: u16,
        /// `Content-Type` header.
        content_type: String,
        /// Body.
        body: Vec<u8>,
    },
    /// Answered so much later. The call is counted and processed at once.
    Delay(Duration),
    /// The same, by a time between these two that is another one for every call.
    DelayBetween(Duration, Duration),
    /// The connection is cut; nothing is processed.
    CutBefore,
    /// Carried out, then the connection is cut: the answer is lost.
    CutAfter,
    /// Carried out, then the connection is cut in the middle of the answer's body.
    CutMidBody,
    /// The item at this index of the answer's list is broken: its first required date (the
    /// `provisionDate` of a subscription) is no date.
    BrokenItem(usize),
    /// After the answer a new SIM is put at the front of the list, so that offsets shift.
    InsertInFront,
    /// After the answer the first SIM is taken off the list.
    RemoveFront,
}

/// Which calls an effect applies to, and how often.
#[derive(Debug, Clone)]
#[must_use = "give the rule to `Control::add`"]
pub struct Rule {
    operation: Option<String>,
    organisation: Option<String>,
    skip: u32,
    times: Option<u32>,
    effect: Effect,
}

impl Rule {
    /// A rule for calls of one operation.
    pub fn on(operation: impl Into<String>) -> Self {
        Self {
            operation: Some(operation.into()),
            ..Self::always()
        }
    }

    /// A rule for calls of every operation.
    pub fn always() -> Self {
        Self {
            operation: None,
            organisation: None,
            skip: 0,
            times: None,
            effect: Effect::Delay(Duration::ZERO),
        }
    }

    /// Only for calls of this organisation.
    pub fn organisation(mut self, organisation: impl Into<String>) -> Self {
        self.organisation = Some(organisation.into());
        self
    }

    /// Lets so many calls pass first.
    pub fn skip(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    /// For so many calls only; without this, for ever.
    pub fn times(mut self, calls: u32) -> Self {
        self.times = Some(calls);
        self
    }

    /// What happens.
    pub fn then(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    fn fits(&self, organisation: &str, operation: &str) -> bool {
        self.times != Some(0)
            && self.operation.as_deref().is_none_or(|o| {
                let plain = operation.rsplit_once('/').map(|(_, plain)| plain);
                o == operation || plain == Some(o)
            })
            && self
                .organisation
                .as_deref()
                .is_none_or(|o| o == organisation)
    }
}

/// Controls of a running sandbox.
#[derive(Debug, Default)]
pub struct Control(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<Rule>,
    maintenance: bool,
    denied_ips: HashSet<IpAddr>,
    denied_organisations: HashSet<String>,
    forbidden: HashSet<(String, String)>,
    packing: Packing,
    loose_json: bool,
    random: Random,
}

/// Numbers that are different at every call and the same at every run (SplitMix64).
#[derive(Debug, Default)]
struct Random(u64);

impl Random {
    /// A time between these two.
    fn between(&mut self, from: Duration, to: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^= number >> 31;
        let share =
            f64::from(u32::try_from(number >> 32).unwrap_or_default()) / f64::from(u32::MAX);
        from + to.saturating_sub(from).mul_f64(share)
    }
}

/// What the rules want of one call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) delay: Duration,
    pub(crate) effect: Option<Effect>,
}

impl Control {
    /// Adds a rule.
    pub fn add(&self, rule: Rule) {
        lock(&self.0).rules.push(rule);
    }

    /// The next so many calls of an operation are refused with this fault.
    pub fn fail_next(&self, operation: impl Into<String>, calls: u32, fault: Fault) {
        self.add(Rule::on(operation).times(calls).then(Effect::Fault(fault)));
    }

    /// The maintenance window: while it is on, every call is refused with `SVR 1006`.
    pub fn maintenance(&self, on: bool) {
        lock(&self.0).maintenance = on;
    }

    /// Refuses calls from an address, in JSON as the platform does.
    pub fn deny_ip(&self, ip: IpAddr) {
        lock(&self.0).denied_ips.insert(ip);
    }

    /// Refuses calls of an organisation for their source address.
    pub fn deny_organisation(&self, organisation: impl Into<String>) {
        lock(&self.0)
            .denied_organisations
            .insert(organisation.into());
    }

    /// Takes the right to an operation from an organisation.
    pub fn forbid(&self, organisation: impl Into<String>, operation: impl Into<String>) {
        lock(&self.0)
            .forbidden
            .insert((organisation.into(), operation.into()));
    }

    /// How many links a report has (1 by default), each to its share of the rows.
    pub fn report_links(&self, links: usize) {
        lock(&self.0).packing.links = links.max(1);
    }

    /// How many CSVs a report's ZIP holds (1 by default).
    pub fn report_csvs(&self, csvs: usize) {
        lock(&self.0).packing.csvs = csvs.max(1);
    }

    /// Whether reports are CSVs in a ZIP (the default) or bare CSVs.
    pub fn report_zip(&self, on: bool) {
        lock(&self.0).packing.zip = on;
    }

    /// Whether Kite writes JSON as loosely as it was seen to (no by default): numbers and flags as
    /// text, and ids that are digits as numbers.
    pub fn loose_json(&self, on: bool) {
        lock(&self.0).loose_json = on;
    }

    /// Whether Kite's JSON is loose.
    pub(crate) fn is_json_loose(&self) -> bool {
        lock(&self.0).loose_json
    }

    /// What links to reports begin with (`https://` by default).
    pub fn report_link_scheme(&self, scheme: LinkScheme) {
        lock(&self.0).packing.scheme = scheme;
    }

    /// Gives orders of a monthly expense detail a second report, as users without the right to see
    /// money get it; it appears so much later. `None`, the default: there is one report.
    pub fn second_expense_report(&self, after: Option<Duration>) {
        lock(&self.0).packing.second_after = after;
    }

    /// What becomes of reports that are linked to now.
    pub(crate) fn packing(&self) -> Packing {
        lock(&self.0).packing
    }

    /// Removes all rules, refusals and the maintenance window, and makes and packs reports as by
    /// default.
    pub fn reset(&self) {
        *lock(&self.0) = Inner::default();
    }

    /// Whether calls of this origin are refused for their address.
    pub(crate) fn is_denied(&self, organisation: &str, ip: IpAddr) -> bool {
        let inner = lock(&self.0);
        inner.denied_ips.contains(&ip) || inner.denied_organisations.contains(organisation)
    }

    /// Whether an organisation has no right to an operation.
    pub(crate) fn is_forbidden(&self, organisation: &str, operation: &str) -> bool {
        let wanted = (organisation.to_owned(), operation.to_owned());
        lock(&self.0).forbidden.contains(&wanted)
    }

    /// Whether the maintenance window is on.
    pub(crate) fn is_maintenance(&self) -> bool {
        lock(&self.0).maintenance
    }

    /// Asks the rules about a call, and counts it for them.
    pub(crate) fn judge(&self, organisation: &str, operation: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let inner = &mut *lock(&self.0);
        for rule in &mut inner.rules {
            if !rule.fits(organisation, operation) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            match (&rule.effect, &verdict.effect) {
                (Effect::Delay(delay), _) => verdict.delay += *delay,
                (Effect::DelayBetween(from, to), _) => {
                    verdict.delay += inner.random.between(*from, *to);
                }
                (effect, None) => verdict.effect = Some(effect.clone()),
                // Another rule has decided this call; this one waits for the next.
                (_, Some(_)) => continue,
            }
            if let Some(times) = &mut rule.times {
                *times -= 1;
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULT: fn() -> Fault = Fault::rate_limited;

    #[test]
    fn rules_run_out() {
        let control = Control::default();
        control.fail_next("echo", 2, FAULT());
        assert_eq!(control.judge("A", "sendSMS"), Verdict::default());
        for _ in 0..2 {
            assert_eq!(
                control.judge("A", "echo").effect,
                Some(Effect::Fault(FAULT()))
            );
        }
        assert_eq!(control.judge("A", "echo"), Verdict::default());
    }

    #[test]
    fn skipping_and_delays() {
        let control = Control::default();
        let ms = Duration::from_millis;
        control.add(Rule::always().then(Effect::Delay(ms(5))));
        control.add(
            Rule::on("echo")
                .organisation("A")
                .skip(1)
                .times(1)
                .then(Effect::CutAfter),
        );
        control.add(Rule::on("echo").then(Effect::Delay(ms(2))));
        assert_eq!(
            control.judge("B", "echo"),
            Verdict {
                delay: ms(7),
                effect: None
            }
        );
        assert_eq!(control.judge("A", "echo").effect, None);
        let cut = Verdict {
            delay: ms(7),
            effect: Some(Effect::CutAfter),
        };
        assert_eq!(control.judge("A", "echo"), cut);
        assert_eq!(control.judge("A", "echo").effect, None);
    }

    #[test]
    fn delays_of_a_range_differ_and_stay_in_it() {
        let control = Control::default();
        let ms = Duration::from_millis;
        control.add(Rule::always().then(Effect::DelayBetween(ms(50), ms(1500))));
        let delays: Vec<_> = (0..1000)
            .map(|_| control.judge("A", "echo").delay)
            .collect();
        assert!(delays.iter().all(|d| *d >= ms(50) && *d <= ms(1500)));
        assert!(delays.iter().any(|d| *d < ms(120)));
        assert!(delays.iter().any(|d| *d > ms(1430)));
    }

    #[test]
    fn of_two_effects_the_second_waits() {
        let control = Control::default();
        control.add(Rule::on("echo").times(1).then(Effect::CutBefore));
        control.add(Rule::on("echo").times(1).then(Effect::CutAfter));
        assert_eq!(control.judge("A", "echo").effect, Some(Effect::CutBefore));
        assert_eq!(control.judge("A", "echo").effect, Some(Effect::CutAfter));
        assert_eq!(control.judge("A", "echo").effect, None);
    }

    #[test]
    fn refusals_can_be_taken_back() {
        let control = Control::default();
        let here: IpAddr = [127, 0, 0, 1].into();
        control.deny_organisation("A");
        control.forbid("B", "sendSMS");
        control.maintenance(true);
        assert!(control.is_denied("A", here) && !control.is_denied("B", here));
        assert!(control.is_forbidden("B", "sendSMS") && !control.is_forbidden("B", "echo"));
        control.reset();
        assert!(!control.is_denied("A", here) && !control.is_maintenance());
    }
}
