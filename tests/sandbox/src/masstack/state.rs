//! What the platform knows: lines, policies, what is booked on them, and orders to be worked on.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::fleet::Random;
use crate::time::Timestamp;

/// What can be barred.
pub(super) const BARRINGS: &[&str] = &[
    "ROAMING",
    "INTERNATIONAL_DESTINATIONS",
    "OUTGOING_VOICE",
    "OUTGOING_SMS",
    "INCOMING_VOICE",
    "INCOMING_SMS",
    "INTERNET",
    "VOICE_PREMIUM_ENTERTAINMENT",
    "VOICE_PREMIUM_INFORMATION",
    "SMS_PREMIUM",
    "SUBSCRIPTION_PREMIUM",
];

/// Insurance policies.
const POLICIES: usize = 5;

/// A line, or a service that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// `mobile` for a line, else the kind it was created as; `deviceinsurance` for a policy.
    pub kind: String,
    /// Its id: nine digits for a line, `policy-0001` and so on for a policy.
    pub id: String,
    /// The operator's number of the subscription.
    pub subscription_id: u64,
    /// Codes of the barrings in force, in order.
    pub barrings: BTreeSet<String>,
    /// EID and ICCID of its device or second SIM, if they were ever set.
    pub device: Option<(String, String)>,
    /// When a policy ends, and why.
    pub end: Option<(String, String)>,
}

/// What was booked on a bill.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Booking {
    /// The platform's id of it.
    pub id: String,
    /// Id of the service.
    pub service_id: String,
    /// Of a refund the movement that is refunded.
    pub movement_id: Option<String>,
    /// Whether the service can be subscribed to.
    pub subscribable: bool,
    /// The request.
    pub request: Value,
}

/// A promotion of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Promotion {
    /// The platform's id of it.
    pub id: String,
    /// Id of the service.
    pub service_id: String,
    /// Id in the operator's catalogue.
    pub catalogue_id: Option<String>,
    /// Until when it holds, as it was sent.
    pub deactivation_date: Option<String>,
}

/// Something to be worked on.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// Correlation id of the call, or one of the platform's own.
    pub(super) workflow: String,
    /// URLs to call: for success, for failure.
    pub(super) urls: Option<(String, String)>,
    pub(super) service_id: String,
    pub(super) what: What,
}

/// What an order is for.
#[derive(Debug, Clone)]
pub(super) enum What {
    Bar {
        code: String,
        active: bool,
    },
    Create {
        kind: String,
        device: (String, String),
    },
    Move {
        device: (Option<String>, Option<String>),
    },
}

/// What a customer is told.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) operation: &'static str,
    pub(super) url: String,
    pub(super) workflow: String,
    pub(super) body: Value,
}

/// Everything that changes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) services: Vec<Service>,
    pub(super) movements: Vec<Booking>,
    pub(super) refunds: Vec<Booking>,
    pub(super) promotions: Vec<Promotion>,
    /// Correlation ids that were accepted.
    pub(super) seen: HashSet<String>,
    queue: Vec<(Instant, Order)>,
    pub(super) queued_for: Duration,
    /// How many orders are still to fail, and with which code.
    pub(super) failing: (u32, String),
    pub(super) random: Random,
}

impl State {
    pub(super) fn new(seed: u64, lines: usize) -> Self {
        let mut random = Random::new(seed, u64::from_be_bytes(*b"masstack"));
        let line = |number: usize, random: &mut Random| {
            let debt = random.percent(10).then(|| "DEBT_MOBILE_LP".to_owned());
            Service {
                barrings: debt.into_iter().collect(),
                ..Service::new("mobile", format!("999{number:06}"), number)
            }
        };
        let mut services: Vec<_> = (1..=lines).map(|n| line(n, &mut random)).collect();
        services.extend((1..=POLICIES).map(|n| {
            let number = 900_000 + n;
            Service::new("deviceinsurance", format!("policy-{n:04}"), number)
        }));
        Self {
            services,
            movements: Vec::new(),
            refunds: Vec::new(),
            promotions: Vec::new(),
            seen: HashSet::new(),
            queue: Vec::new(),
            queued_for: Duration::from_secs(2),
            failing: (0, String::new()),
            random,
        }
    }

    /// The service of a kind with this id. What belongs to a line can be named by the line's id
    /// whatever the kind.
    pub(super) fn service(&self, kind: &str, id: &str) -> Option<&Service> {
        let mut all = self.services.iter();
        all.find(|s| s.id == id && s.fits(kind))
    }

    fn service_mut(&mut self, id: &str) -> Option<&mut Service> {
        self.services.iter_mut().find(|s| s.id == id)
    }

    /// Ends a policy; false if it had an end.
    pub(super) fn terminate(&mut self, id: &str, reason: &str, date: &str) -> bool {
        match self.service_mut(id) {
            Some(policy) if policy.end.is_none() => {
                policy.end = Some((reason.to_owned(), date.to_owned()));
                true
            }
            _ => false,
        }
    }

    /// Takes an order in.
    pub(super) fn order(&mut self, order: Order) {
        self.queue.push((Instant::now() + self.queued_for, order));
    }

    /// When the next order is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.queue.iter().map(|(due, _)| *due).min()
    }

    /// Works on the orders that are due by now; without a time, on all.
    pub(super) fn settle(&mut self, now: Option<Instant>) -> Vec<News> {
        let is_due = |(due, _): &mut (Instant, Order)| now.is_none_or(|now| *due <= now);
        let mut orders: Vec<_> = self.queue.extract_if(.., is_due).collect();
        orders.sort_by_key(|(due, _)| *due);
        orders
            .into_iter()
            .filter_map(|(_, o)| self.work(o))
            .collect()
    }

    fn work(&mut self, order: Order) -> Option<News> {
        let failure = match self.failing.0.checked_sub(1) {
            Some(left) => {
                self.failing.0 = left;
                Some(self.failing.1.clone())
            }
            None => self.carry_out(&order).err().map(str::to_owned),
        };
        let (success_url, error_url) = order.urls?;
        Some(match failure {
            Some(code) => News {
                operation: "receiveFailure",
                url: error_url,
                workflow: order.workflow,
                body: json!({ "code": code, "title": "The order failed" }),
            },
            None => {
                let (operation, body) = match order.what {
                    What::Bar { .. } => (
                        "receiveBarringSuccess",
                        json!({ "codeResult": "OK", "titleResult": "Barring changed" }),
                    ),
                    What::Create { .. } | What::Move { .. } => (
                        "receiveServiceSuccess",
                        json!({
                            "code": "OK",
                            "title": "Service changed",
                            "service_id": order.service_id,
                        }),
                    ),
                };
                News {
                    operation,
                    url: success_url,
                    workflow: order.workflow,
                    body,
                }
            }
        })
    }

    /// The error is a code.
    fn carry_out(&mut self, order: &Order) -> Result<(), &'static str> {
        if let What::Create { kind, device } = &order.what {
            let number = 800_000 + self.services.len();
            let mut service = Service::new(kind, order.service_id.clone(), number);
            service.device = Some(device.clone());
            self.services.push(service);
            return Ok(());
        }
        let service = self.service_mut(&order.service_id);
        let service = service.ok_or("INVALID_MSISDN")?;
        match &order.what {
            What::Bar { code, active: true } => {
                service.barrings.insert(code.clone());
            }
            What::Bar {
                code,
                active: false,
            } => {
                service.barrings.remove(code);
            }
            What::Move { device: (eid, icc) } => {
                let (old_eid, old_icc) = service.device.take().unwrap_or_default();
                let eid = eid.clone().unwrap_or(old_eid);
                service.device = Some((eid, icc.clone().unwrap_or(old_icc)));
            }
            What::Create { .. } => {}
        }
        Ok(())
    }
}

impl Service {
    fn new(kind: &str, id: String, number: usize) -> Self {
        Self {
            kind: kind.to_owned(),
            id,
            subscription_id: 5_000_000 + number as u64,
            barrings: BTreeSet::new(),
            device: None,
            end: None,
        }
    }

    fn fits(&self, kind: &str) -> bool {
        self.kind == kind || (self.kind == "mobile" && kind != "deviceinsurance")
    }
}

/// The code that the barring of this name has in the operator's catalogue; made up.
pub(super) fn code(name: &str) -> String {
    format!("{name}_MOBILE_LP")
}

/// Whether a text may be the id of a line: nine digits.
pub(super) fn is_msisdn(id: &str) -> bool {
    id.len() == 9 && id.bytes().all(|b| b.is_ascii_digit())
}

/// A time, to be compared.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(Timestamp::parse)
}
