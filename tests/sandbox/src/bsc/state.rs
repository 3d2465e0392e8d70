//! What the platform knows, made up from the seed, and what changes it.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::json::{Error, Sorts, bare_time, refused, refused_for, time};
use super::orders::{Order, Product};
use super::sms::{Sms, SmsStatus};
use crate::fleet::{Random, luhn};
use crate::rest::Answer;
use crate::time::Timestamp;

const DAY: i64 = 86_400;
/// Thousandths of a megabyte that a SIM comes with, and that a top-up adds.
const DATA_VOLUME: u64 = 500_000;
/// Thousandths of a message that a SIM comes with.
const SMS_VOLUME: u64 = 250_000;
/// How long a SIM lives.
const LIFE: i64 = 3652 * DAY;
/// For how many days before the start of the sandbox there is usage.
const HISTORY: i64 = 60;
/// SIMs of an order of the past.
const ORDER_SIZE: usize = 10;
/// Orders of the past, at most.
const ORDERS: usize = 12;

/// What a list of SIMs can be sorted by.
pub(super) const SIM_SORTS: Sorts<Sim> = &[
    ("imei", |a, b| a.imei.cmp(&b.imei)),
    ("ip_address", |a, b| a.ip_address.cmp(&b.ip_address)),
];

/// What a list of events can be sorted by.
pub(super) const EVENT_SORTS: Sorts<Event> = &[("timestamp", |a, b| a.time.cmp(&b.time))];

/// A SIM.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sim {
    /// The platform's own number for it.
    pub id: u64,
    /// ICCID without the check digit, 19 digits.
    pub iccid: String,
    /// IMSI.
    pub imsi: String,
    /// MSISDN.
    pub msisdn: String,
    /// IMEI of its device.
    pub imei: String,
    /// Whether it works in its device alone.
    pub imei_lock: bool,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was activated.
    pub activated: Timestamp,
    /// Its address.
    pub ip_address: Ipv4Addr,
    /// The customer's name for it.
    pub label: String,
    /// Data volume in thousandths of a megabyte.
    pub data: Quota,
    /// SMS in thousandths of a message.
    pub sms: Quota,
    events: Vec<Event>,
    /// Traffic by day, counted from 1970.
    usage: BTreeMap<i64, Traffic>,
}

/// What is left of a SIM's data volume or SMS, in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// What is left.
    pub left: u64,
    /// What there was in all.
    pub total: u64,
    /// What the last top-up added.
    pub added: u64,
    /// When it expires, and the SIM with it.
    pub expires: Timestamp,
    /// When its status changed last.
    pub changed: Timestamp,
}

impl Quota {
    fn new(total: u64, used: u64, activated: Timestamp) -> Self {
        Self {
            left: total.saturating_sub(used),
            total,
            added: total,
            expires: activated.plus(LIFE),
            changed: activated,
        }
    }

    fn take(&mut self, thousandths: u64) {
        let before = self.status();
        self.left = self.left.saturating_sub(thousandths);
        if self.status() != before {
            self.changed = Timestamp::now();
        }
    }

    fn add(&mut self, thousandths: u64) {
        self.left += thousandths;
        self.total += thousandths;
        self.added = thousandths;
        self.changed = Timestamp::now();
    }

    /// 0 more than a fifth is left, 1 less, 2 nothing.
    fn status(&self) -> u8 {
        match self.left {
            0 => 2,
            left if left * 5 < self.total => 1,
            _ => 0,
        }
    }

    fn status_json(&self) -> Value {
        match self.status() {
            0 => json!({ "id": 0, "description": "More than 20% available" }),
            1 => json!({
                "id": 1,
                "description": "Less than 20% available",
                "threshold_reached_date": time(self.changed),
            }),
            _ => json!({
                "id": 2,
                "description": "No volume available",
                "quota_exceeded_date": time(self.changed),
            }),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "volume": thousandths(self.left),
            "total_volume": thousandths(self.total),
            "expiry_date": bare_time(self.expires),
            "peak_throughput": 1_000_000,
            "last_volume_added": thousandths(self.added),
            "last_status_change_date": bare_time(self.changed),
            "threshold_percentage": 20,
        })
    }
}

/// Traffic of a day: data in thousandths of a megabyte, and messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Traffic {
    received: u64,
    sent: u64,
    messages_from: u64,
    messages_to: u64,
}

impl Traffic {
    fn to_json(self, day: i64) -> Value {
        let euro = json!({ "id": 1, "symbol": "€", "code": "EUR" });
        let data = |value: u64| format!("{}.{:03}000", value / 1000, value % 1000);
        let messages = |value: u64| format!("{value}.000000");
        let noon = Timestamp::from_unix(day * DAY).to_string();
        json!({
            "date": noon.split('T').next(),
            "data": {
                "cost": "0.000000",
                "currency": euro,
                "traffic_type": { "description": "Data", "id": 5, "unit": "MB" },
                "volume": data(self.received + self.sent),
                "volume_rx": data(self.received),
                "volume_tx": data(self.sent),
            },
            // Directions are the platform's own here: what it received is what the SIM sent.
            "sms": {
                "cost": "0.000000",
                "currency": euro,
                "traffic_type": { "description": "SMS", "id": 6, "unit": "SMS" },
                "volume": messages(self.messages_from + self.messages_to),
                "volume_rx": messages(self.messages_from),
                "volume_tx": messages(self.messages_to),
            },
        })
    }
}

/// Something that happened to a SIM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    time: Timestamp,
    kind: &'static str,
    alert: bool,
}

impl Event {
    pub(super) fn to_json(&self, sim: &Sim) -> Value {
        json!({
            "timestamp": time(self.time),
            "event_type": self.kind,
            "iccid": sim.iccid,
            "imei": sim.imei,
            "imsi": sim.imsi,
            "country": "Sandboxia",
            "operator": "Sandbox Mobile",
            "mcc": "001",
            "mnc": "01",
            "alert": self.alert,
            "event_severity": if self.alert { "Warn" } else { "Info" },
        })
    }
}

/// What a SIM is to be.
#[derive(Debug, Clone)]
pub(super) struct Update {
    enabled: bool,
    label: Option<String>,
    imei_lock: bool,
}

impl Update {
    /// Reads one whose form is right.
    pub(super) fn read(value: &Value) -> Self {
        Self {
            enabled: value["status"] == "Enabled",
            label: value["label"].as_str().map(str::to_owned),
            imei_lock: value["imei_lock"].as_bool().unwrap_or_default(),
        }
    }
}

impl Sim {
    fn make(seed: u64, number: u64, now: Timestamp) -> Self {
        let mut r = Random::new(seed, number ^ u64::from_be_bytes(*b"bsc sims"));
        let activated = now.plus(-HISTORY * DAY - r.seconds(700 * DAY));
        let enabled = r.percent(80);
        let appetite = r.pick([400, 2000, 6000]);
        let today = now.unix().div_euclid(DAY);
        let days = if enabled { HISTORY } else { 0 };
        let usage: BTreeMap<_, _> = (1..=days)
            .map(|ago| {
                let traffic = Traffic {
                    received: r.below(appetite),
                    sent: r.below(appetite / 4),
                    ..Traffic::default()
                };
                (today - ago, traffic)
            })
            .collect();
        let used = usage.values().map(|t| t.received + t.sent).sum();
        let event = |time, kind| Event {
            time,
            kind,
            alert: false,
        };
        let mut events = vec![event(activated, "SIM activation")];
        if enabled {
            events.push(event(activated.plus(60), "Update location"));
            events.push(event(activated.plus(65), "Create PDP Context"));
        } else {
            events.push(event(activated.plus(DAY), "SIM suspension"));
        }
        let [.., c, d] = (number + 1).to_be_bytes();
        let imei = format!("99{:012}", 500_000_000_000 + number + 1);
        Self {
            id: 4001 + number,
            iccid: format!("8999{:015}", number + 1),
            imsi: format!("00101{:010}", 5_000_000_000 + number + 1),
            msisdn: format!("999{:012}", number + 1),
            imei: format!("{imei}{}", luhn(&imei)),
            imei_lock: r.percent(10),
            enabled,
            activated,
            ip_address: Ipv4Addr::new(10, 64, c, d),
            label: format!("site-{:03}", r.below(200)),
            data: Quota::new(DATA_VOLUME, used, activated),
            sms: Quota::new(SMS_VOLUME, 0, activated),
            events,
            usage,
        }
    }

    /// The ICCID with its check digit, 20 digits.
    #[must_use]
    pub fn iccid_with_luhn(&self) -> String {
        format!("{}{}", self.iccid, luhn(&self.iccid))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "iccid": self.iccid,
            "iccid_with_luhn": self.iccid_with_luhn(),
            "imsi": self.imsi,
            "current_imsi": self.imsi,
            "msisdn": self.msisdn,
            "imei": self.imei,
            "imei_lock": self.imei_lock,
            "status": if self.enabled { "Enabled" } else { "Disabled" },
            "activation_date": time(self.activated),
            "ip_address": self.ip_address.to_string(),
            "current_quota": thousandths(self.data.left),
            "quota_status": self.data.status_json(),
            "current_quota_SMS": thousandths(self.sms.left),
            "quota_status_SMS": self.sms.status_json(),
            "label": self.label,
        })
    }

    /// Its events, the oldest first.
    pub(super) fn events(&self) -> Vec<&Event> {
        self.events.iter().collect()
    }

    /// Usage by day, from one day to another.
    pub(super) fn usage_json(&self, from: i64, to: i64) -> Value {
        let days = self
            .usage
            .iter()
            .filter(|(day, _)| (from..=to).contains(*day));
        json!({ "stats": days.map(|(day, t)| t.to_json(*day)).collect::<Vec<_>>() })
    }

    fn happens(&mut self, kind: &'static str, alert: bool) {
        self.events.push(Event {
            time: Timestamp::now(),
            kind,
            alert,
        });
    }

    fn today(&mut self) -> &mut Traffic {
        let today = Timestamp::now().unix().div_euclid(DAY);
        self.usage.entry(today).or_default()
    }

    /// Whether its time is over.
    fn is_expired(&self) -> bool {
        self.data.expires <= Timestamp::now()
    }

    pub(super) fn expire(&mut self) {
        let yesterday = Timestamp::now().plus(-DAY);
        (self.data.expires, self.sms.expires) = (yesterday, yesterday);
    }

    pub(super) fn use_data(&mut self, received: u64, sent: u64) {
        self.data.take(received + sent);
        let today = self.today();
        today.received += received;
        today.sent += sent;
    }

    pub(super) fn top_up(&mut self) {
        self.data.add(DATA_VOLUME);
        self.happens("Quota top-up", false);
    }

    pub(super) fn change(&mut self, update: Update) {
        if self.enabled != update.enabled {
            let kind = if update.enabled {
                "SIM activation"
            } else {
                "SIM suspension"
            };
            self.happens(kind, false);
        }
        self.enabled = update.enabled;
        self.imei_lock = update.imei_lock;
        if let Some(label) = update.label {
            self.label = label;
        }
    }
}

/// A number of thousandths as a JSON number.
fn thousandths(value: u64) -> Value {
    if value.is_multiple_of(1000) {
        json!(value / 1000)
    } else {
        json!(value as f64 / 1000.0)
    }
}

/// Something that is done later.
#[derive(Debug)]
enum Job {
    Change(String, Update),
    Reset(String),
    Deliver(u64),
    Expire(u64),
    Complete(u64),
}

/// Something that a customer is told.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// What became of a message to a SIM.
    Report(Sms, Sim),
    /// A message that a SIM sent.
    Forward(Sms, Sim),
}

/// Everything that changes.
#[derive(Debug)]
pub(super) struct State {
    seed: u64,
    pub(super) sims: Vec<Sim>,
    index: HashMap<String, usize>,
    pub(super) orders: Vec<Order>,
    pub(super) messages: Vec<Sms>,
    queue: Vec<(Instant, Job)>,
    /// How long a job waits.
    pub(super) queued_for: Duration,
    /// What becomes of messages to SIMs that may be used.
    pub(super) messages_end_as: SmsStatus,
    /// Whether the other of two documented answers is given.
    pub(super) other_answers: bool,
    pub(super) callback_url: Option<String>,
}

impl State {
    pub(super) fn new(seed: u64, sims: usize) -> Self {
        let mut state = Self {
            seed,
            sims: Vec::new(),
            index: HashMap::new(),
            orders: Vec::new(),
            messages: Vec::new(),
            queue: Vec::new(),
            queued_for: Duration::from_secs(2),
            messages_end_as: SmsStatus::Delivered,
            other_answers: false,
            callback_url: None,
        };
        let iccids = state.make_sims(sims);
        for (at, iccids) in iccids.chunks(ORDER_SIZE).take(ORDERS).enumerate() {
            let first = state.sim(&iccids[0]).map(|sim| sim.activated);
            let date = first.unwrap_or(Timestamp::now()).plus(-30 * DAY);
            let kind = if at == 0 {
                "FIRST_ORDER"
            } else {
                "ADDITIONAL_ORDER"
            };
            let number = state.order(kind, vec![(1, 1)], iccids.to_vec());
            if let Some(order) = state.orders.iter_mut().find(|o| o.number == number) {
                order.date = date;
            }
        }
        state
    }

    fn make_sims(&mut self, sims: usize) -> Vec<String> {
        let now = Timestamp::now();
        (0..sims)
            .map(|_| {
                let slot = self.sims.len();
                let sim = Sim::make(self.seed, slot as u64, now);
                let iccid = sim.iccid.clone();
                self.index.insert(iccid.clone(), slot);
                self.sims.push(sim);
                iccid
            })
            .collect()
    }

    fn slot(&self, iccid: &str) -> Option<usize> {
        let bare = iccid.get(..19)?;
        let slot = *self.index.get(bare)?;
        let whole = iccid == bare || self.sims[slot].iccid_with_luhn() == iccid;
        whole.then_some(slot)
    }

    /// The SIM with this ICCID, of 19 digits or with the check digit.
    pub(super) fn sim(&self, iccid: &str) -> Option<&Sim> {
        self.slot(iccid).and_then(|slot| self.sims.get(slot))
    }

    /// The same, to be changed.
    pub(super) fn sim_mut(&mut self, iccid: &str) -> Option<&mut Sim> {
        self.slot(iccid).and_then(|slot| self.sims.get_mut(slot))
    }

    /// The SIM that a call names.
    pub(super) fn known(&self, iccid: &str) -> Result<&Sim, Answer> {
        self.sim(iccid)
            .ok_or_else(|| refused_for(Error::NotFound, "There is no such SIM"))
    }

    /// The SIM that a call wants to change.
    pub(super) fn usable(&mut self, iccid: &str) -> Result<&mut Sim, Answer> {
        let sim = self.sim_mut(iccid);
        let sim = sim.ok_or_else(|| refused_for(Error::NotFound, "There is no such SIM"))?;
        if sim.is_expired() {
            return Err(refused_for(Error::NotAllowed, "The SIM has expired"));
        }
        Ok(sim)
    }

    /// The SIMs to which every `property:value` of a list applies.
    pub(super) fn filter(&self, q: &str) -> Result<Vec<&Sim>, Answer> {
        let mut sims: Vec<_> = self.sims.iter().collect();
        for condition in q.split(',').filter(|c| !c.is_empty()) {
            match condition.split_once(':') {
                Some(("imei", value)) => sims.retain(|s| s.imei == value),
                Some(("ip_address", value)) => sims.retain(|s| s.ip_address.to_string() == value),
                _ => return Err(refused(Error::BadQuery)),
            }
        }
        Ok(sims)
    }

    /// Puts an order down and gives its number.
    pub(super) fn order(
        &mut self,
        kind: &'static str,
        products: Vec<(u64, u64)>,
        sims: Vec<String>,
    ) -> u64 {
        let number = 1001 + self.orders.len() as u64;
        self.orders.push(Order {
            number,
            kind,
            status: "COMPLETED",
            date: Timestamp::now(),
            products,
            sims,
            shipping_address: None,
        });
        number
    }

    /// Puts an order of SIMs down, to be made later.
    pub(super) fn order_sims(&mut self, products: Vec<(u64, u64)>, to: Option<Value>) {
        let number = self.order("ADDITIONAL_ORDER", products, Vec::new());
        if let Some(order) = self.orders.last_mut() {
            order.status = "IN_PROGRESS";
            order.shipping_address = to;
        }
        self.later(Job::Complete(number));
    }

    fn later(&mut self, job: Job) {
        self.queue.push((Instant::now() + self.queued_for, job));
    }

    /// Changes a SIM later.
    pub(super) fn change_later(&mut self, iccid: String, update: Update) {
        self.later(Job::Change(iccid, update));
    }

    /// Resets a SIM later.
    pub(super) fn reset_later(&mut self, iccid: String) {
        self.later(Job::Reset(iccid));
    }

    /// Takes a message in; `sms` has no number yet.
    pub(super) fn submit(&mut self, mut sms: Sms) -> Option<News> {
        sms.id = 3001 + self.messages.len() as u64;
        let sim = self.sim_mut(&sms.iccid)?;
        sim.sms.take(1000);
        let today = sim.today();
        if sms.from_sim {
            today.messages_from += 1;
            let news = News::Forward(sms.clone(), sim.clone());
            self.messages.push(sms);
            return Some(news);
        }
        today.messages_to += 1;
        self.later(Job::Deliver(sms.id));
        self.queue.push((sms.expires_at, Job::Expire(sms.id)));
        self.messages.push(sms);
        None
    }

    /// A message of a SIM's.
    pub(super) fn message(&self, iccid: &str, id: &str) -> Option<&Sms> {
        let id: u64 = id.parse().ok()?;
        let iccid = &self.sim(iccid)?.iccid;
        let mut all = self.messages.iter();
        all.find(|m| m.id == id && m.iccid == *iccid)
    }

    /// Gives a message its end; false if it had one.
    pub(super) fn end(&mut self, id: u64, status: SmsStatus) -> Option<News> {
        let mut all = self.messages.iter_mut();
        let sms = all.find(|m| m.id == id && m.status.is_open())?;
        sms.status = status;
        sms.ended = Some(Timestamp::now());
        let sms = sms.clone();
        let sim = self.sim(&sms.iccid)?.clone();
        Some(News::Report(sms, sim))
    }

    /// When the next job is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.queue.iter().map(|(due, _)| *due).min()
    }

    /// Does the jobs that are due by now, in their order; without a time, all but the expiry of
    /// messages.
    pub(super) fn settle(&mut self, now: Option<Instant>) -> Vec<News> {
        let is_due = |(due, job): &mut (Instant, Job)| match now {
            Some(now) => *due <= now,
            None => !matches!(job, Job::Expire(_)),
        };
        let mut jobs: Vec<_> = self.queue.extract_if(.., is_due).collect();
        jobs.sort_by_key(|(due, _)| *due);
        jobs.into_iter()
            .flat_map(|(_, job)| self.work(job))
            .collect()
    }

    fn work(&mut self, job: Job) -> Vec<News> {
        match job {
            Job::Change(iccid, update) => {
                if let Some(sim) = self.sim_mut(&iccid) {
                    sim.change(update);
                }
                self.release(&iccid)
            }
            Job::Reset(iccid) => {
                if let Some(sim) = self.sim_mut(&iccid) {
                    sim.happens("Delete PDP Context", true);
                    sim.happens("Update location", false);
                    sim.happens("Create PDP Context", false);
                }
                Vec::new()
            }
            Job::Deliver(id) => {
                let usable = self.messages.iter().find(|m| m.id == id);
                let usable = usable
                    .and_then(|m| self.sim(&m.iccid))
                    .is_some_and(|s| s.enabled);
                if usable {
                    return self.end(id, self.messages_end_as).into_iter().collect();
                }
                let mut all = self.messages.iter_mut();
                if let Some(sms) = all.find(|m| m.id == id && m.status.is_open()) {
                    sms.status = SmsStatus::Buffered;
                }
                Vec::new()
            }
            Job::Expire(id) => self.end(id, SmsStatus::Expired).into_iter().collect(),
            Job::Complete(number) => {
                let Some(at) = self.orders.iter().position(|o| o.number == number) else {
                    return Vec::new();
                };
                let packages = self.orders[at].products.iter();
                let sims = packages
                    .filter_map(|(id, n)| {
                        Some(Product::find(*id)?.sims * usize::try_from(*n).ok()?)
                    })
                    .sum();
                self.orders[at].sims = self.make_sims(sims);
                self.orders[at].status = "COMPLETED";
                Vec::new()
            }
        }
    }

    /// Delivers what was kept for a SIM, if it may be used again.
    pub(super) fn release(&mut self, iccid: &str) -> Vec<News> {
        if !self.sim(iccid).is_some_and(|s| s.enabled) {
            return Vec::new();
        }
        let kept = self.messages.iter();
        let kept = kept.filter(|m| m.iccid == iccid && m.status == SmsStatus::Buffered);
        let kept: Vec<_> = kept.map(|m| m.id).collect();
        let end = self.messages_end_as;
        kept.into_iter()
            .filter_map(|id| self.end(id, end))
            .collect()
    }
}
