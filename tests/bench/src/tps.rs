//! `tps`: the permits of one process, as the platform counts them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use mno_sdk::kite::inventory::{LabelsChange, NetworkReset};
use mno_sdk::runtime::values::Iccid;
use mno_sdk::{CallOptions, Error, Kite, Priority};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::figures::{Figures, Target};
use crate::options::Options;
use crate::platform::{Arrival, Connection, Platform};

/// How many ask at the same time.
pub(crate) const TASKS: usize = 64;
/// The organisation's limit.
pub(crate) const ORGANISATION: u32 = 14;
/// Answers take this long after the call was counted, in milliseconds.
pub(crate) const ANSWERS: [&str; 2] = ["--answer-after", "50..1500"];
/// How much the network delays requests at most.
pub(crate) const JITTER: Duration = Duration::from_millis(20);

pub(crate) async fn run(options: &Options, figures: &mut Figures) -> Result<()> {
    figures.note("One operation at 4 a second, 64 tasks, answers after 50 to 1500 ms");
    let platform = Platform::start(&ANSWERS).await?;
    let load = Load::new(&Connection::of(&platform)?)?;
    load.saturate(Mix::One, options.length).await?;
    let counted = Counted::new(platform.journal().await?);
    counted.add(figures, "one operation", STATUS, 4, options.length, true);

    figures.note("Five operations at the organisation's 14 a second");
    let platform = Platform::start(&ANSWERS).await?;
    let load = Load::new(&Connection::of(&platform)?)?;
    load.saturate(Mix::Many, options.length).await?;
    let counted = Counted::new(platform.journal().await?);
    counted.add(figures, "mix", "", ORGANISATION, options.length, true);
    for (operation, limit) in LIMITS {
        let most = counted.most_in_a_second(operation);
        let figure = format!("mix: {operation} in any second");
        figures.add(&figure, most, "calls", Target::AtMost(f64::from(limit)));
    }

    figures.note("The same, with up to 20 ms of jitter on the way in");
    let platform = Platform::start(&ANSWERS).await?;
    let load = Load::new(&Connection::of(&platform)?.behind_jitter(JITTER).await?)?;
    load.saturate(Mix::Many, options.length).await?;
    let counted = Counted::new(platform.journal().await?);
    counted.add(figures, "jitter", "", ORGANISATION, options.length, false);
    let margin = load.kite.organisation().stats().jitter;
    figures.add(
        "jitter: margin at the end",
        millis(margin),
        "ms",
        Target::None,
    );

    figures.note("A saturated operation at 1 a second beside others");
    slow_neighbour(options.length / 2, figures).await?;

    figures.note("Lookups during a bulk sync by the same operation");
    beside_a_sync(options.length, figures).await?;

    figures.note("Order of service");
    order(figures).await
}

/// 4 a second.
pub(crate) const STATUS: &str = "getStatusDetail";
const LIMITS: [(&str, u32); 5] = [
    (STATUS, 4),
    ("getPresenceDetail", 4),
    ("getLocationDetail", 4),
    ("modifySubscription", 2),
    ("networkReset", ORGANISATION),
];

/// What the tasks call.
#[derive(Clone, Copy)]
pub(crate) enum Mix {
    /// One operation.
    One,
    /// Five of them; the organisation's limit is the one that counts.
    Many,
}

/// A client and the SIMs that it asks about.
#[derive(Clone)]
pub(crate) struct Load {
    kite: Kite,
    sims: Arc<Vec<Iccid>>,
    tasks: usize,
}

impl Load {
    pub(crate) fn new(connection: &Connection) -> Result<Self> {
        Self::with(connection.kite()?.build()?)
    }

    pub(crate) fn with(kite: Kite) -> Result<Self> {
        let sims = Connection::sims()?;
        Ok(Self {
            kite,
            sims: Arc::new(sims),
            tasks: TASKS,
        })
    }

    /// So many tasks, and the SIMs from this one on.
    pub(crate) fn of(self, first: usize, tasks: usize) -> Self {
        let sims = self.sims.iter().skip(first).take(tasks).cloned();
        Self {
            sims: Arc::new(sims.collect()),
            tasks,
            ..self
        }
    }

    /// As many calls as the client lets through, for so long.
    pub(crate) async fn saturate(&self, mix: Mix, length: Duration) -> Result<()> {
        let end = Instant::now() + length;
        let mut tasks = JoinSet::new();
        for number in 0..self.tasks {
            let load = self.clone();
            tasks.spawn(async move {
                let kind = match mix {
                    Mix::One => 0,
                    Mix::Many => number % 5,
                };
                // A call that waits for its permit at the end is given up: it is not sent.
                match tokio::time::timeout_at(end, load.until_failure(kind, number)).await {
                    Ok(failure) => Err(failure),
                    Err(_) => Ok(()),
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended?.context("a call failed")?;
        }
        Ok(())
    }

    /// Has connections made, so that none of them is measured.
    async fn connect(&self) -> Result<()> {
        let mut calls = JoinSet::new();
        for _ in 0..8 {
            let kite = self.kite.clone();
            calls.spawn(async move { kite.echo().send("warm").await.map(drop) });
        }
        while let Some(ended) = calls.join_next().await {
            ended??;
        }
        Ok(())
    }

    async fn until_failure(&self, kind: usize, number: usize) -> Error {
        loop {
            if let Err(failure) = self.call(kind, number).await {
                return failure;
            }
        }
    }

    async fn call(&self, kind: usize, number: usize) -> Result<(), Error> {
        let sims = self.kite.inventory();
        let icc = self.sims[number % self.sims.len()].clone();
        match kind {
            0 => sims.status(icc).await.map(drop),
            1 => sims.presence(icc).await.map(drop),
            2 => sims.location(icc).await.map(drop),
            3 => {
                let labels = LabelsChange::new().with_alias("bench");
                sims.modify(icc, labels).await
            }
            _ => sims.network_reset(&NetworkReset::new(icc)).await.map(drop),
        }
    }
}

/// What the platform counted.
pub(crate) struct Counted {
    arrivals: Vec<Arrival>,
}

impl Counted {
    pub(crate) fn new(arrivals: Vec<Arrival>) -> Self {
        Self { arrivals }
    }

    fn times(&self, operation: &str) -> Vec<f64> {
        let of = self
            .arrivals
            .iter()
            .filter(|arrival| operation.is_empty() || arrival.operation == operation);
        of.map(|arrival| arrival.at).collect()
    }

    /// How many calls there were about these SIMs.
    pub(crate) fn calls_about(&self, sims: &[Iccid]) -> usize {
        let is_one = |arrival: &&Arrival| {
            let sim = arrival.sim.trim_start_matches("icc:");
            sims.iter().any(|icc| icc.as_str() == sim)
        };
        self.arrivals.iter().filter(is_one).count()
    }

    /// Calls that were refused for their rate.
    pub(crate) fn refused(&self) -> usize {
        let refused = self.arrivals.iter().filter(|a| a.outcome == "POL 1005");
        refused.count()
    }

    /// The most calls in any second that begins with one of them.
    pub(crate) fn most_in_a_second(&self, operation: &str) -> f64 {
        let times = self.times(operation);
        let most = (0..times.len())
            .map(|first| {
                let within = times[first..].iter();
                within.take_while(|at| **at - times[first] < 1.0).count()
            })
            .max();
        count(most.unwrap_or_default())
    }

    /// The figures of a saturated limit; the operation without a name is all of them.
    pub(crate) fn add(
        &self,
        figures: &mut Figures,
        name: &str,
        operation: &str,
        limit: u32,
        length: Duration,
        is_held_to_rate: bool,
    ) {
        let times = self.times(operation);
        let permitted = f64::from(limit) * length.as_secs_f64();
        let used = count(times.len()) / permitted * 100.0;
        let target = if is_held_to_rate {
            Target::AtLeast(98.0)
        } else {
            Target::None
        };
        let figure = |what| format!("{name}: {what}");
        figures.add(&figure("calls"), count(times.len()), "calls", Target::None);
        figures.add(&figure("of the permitted calls"), used, "%", target);
        let none = Target::AtMost(0.0);
        figures.add(&figure("refused"), count(self.refused()), "calls", none);
        let most = self.most_in_a_second(operation);
        let target = Target::AtMost(f64::from(limit));
        figures.add(&figure("most in any second"), most, "calls", target);
        if most > f64::from(limit) {
            let start = times[0];
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            for full in times.windows(limit + 1).filter(|w| w[limit] - w[0] < 1.0) {
                let at: Vec<_> = full.iter().map(|at| format!("{:.3}", at - start)).collect();
                figures.note(format_args!("too many: at {}", at.join(", ")));
            }
        }
    }
}

/// One call after another, each about a SIM of its own, so that the journal tells when it arrived.
struct Lookups {
    asked: Vec<(String, f64)>,
}

impl Lookups {
    /// Asks for the status of SIMs, from the last one down, in this rhythm.
    async fn run(load: &Load, rhythm: Duration, length: Duration) -> Result<Self> {
        let end = Instant::now() + length;
        let mut asked = Vec::new();
        let mut calls = JoinSet::new();
        for icc in load.sims.iter().skip(TASKS).cycle() {
            if Instant::now() >= end {
                break;
            }
            asked.push((format!("icc:{}", icc.as_str()), wall()));
            let (handle, icc) = (load.kite.inventory(), icc.clone());
            calls.spawn(async move { handle.status(icc).await.map(drop) });
            tokio::time::sleep(rhythm).await;
        }
        while let Some(ended) = calls.join_next().await {
            ended?.context("a lookup failed")?;
        }
        Ok(Self { asked })
    }

    /// How long each was on its way until it was counted, in milliseconds, the shortest first.
    fn waits(&self, counted: &Counted) -> Result<Vec<f64>> {
        let mut waits = Vec::new();
        for (sim, asked) in &self.asked {
            let arrived = counted
                .arrivals
                .iter()
                .find(|a| a.operation == STATUS && a.sim == *sim && a.wall >= *asked)
                .with_context(|| format!("the lookup of {sim} has not arrived"))?;
            waits.push((arrived.wall - asked) * 1000.0);
        }
        waits.sort_by(f64::total_cmp);
        Ok(waits)
    }
}

/// A saturated operation at one a second: others wait for the organisation's next slot at most.
async fn slow_neighbour(length: Duration, figures: &mut Figures) -> Result<()> {
    let platform = Platform::start(&ANSWERS).await?;
    let load = Load::new(&Connection::of(&platform)?)?;
    load.connect().await?;
    let budget = "kite/inventory/networkReset";
    load.kite.organisation().set_budget(budget, Some(1));
    let mut busy = JoinSet::new();
    for number in 0..TASKS {
        let load = load.clone();
        busy.spawn(async move { while load.call(4, number).await.is_ok() {} });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Less than its own limit: whatever it waits for is the other's doing.
    let lookups = Lookups::run(&load, Duration::from_millis(350), length).await?;
    drop(busy);
    let counted = Counted::new(platform.journal().await?);
    let waits = lookups.waits(&counted)?;
    let slot = 1000.0 / f64::from(ORGANISATION);
    let figure = |what| format!("beside a full operation: {what}");
    let longest = waits.last().copied().unwrap_or_default();
    figures.add(&figure("calls"), count(waits.len()), "calls", Target::None);
    figures.add(&figure("longest wait"), longest, "ms", Target::AtMost(slot));
    let most = counted.most_in_a_second("networkReset");
    let one = Target::AtMost(1.0);
    figures.add(&figure("the full one in any second"), most, "calls", one);
    Ok(())
}

/// Lookups beside a bulk sync by the same operation.
async fn beside_a_sync(length: Duration, figures: &mut Figures) -> Result<()> {
    let platform = Platform::start(&ANSWERS).await?;
    let load = Load::new(&Connection::of(&platform)?)?;
    load.connect().await?;
    let mut sync = JoinSet::new();
    for icc in load.sims.iter().take(TASKS) {
        let icc = icc.clone();
        let bulk = CallOptions::default().with_priority(Priority::Bulk);
        let handle = load.kite.inventory().with_options(bulk);
        sync.spawn(async move { while handle.status(icc.clone()).await.is_ok() {} });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Somebody at a screen.
    let lookups = Lookups::run(&load, Duration::from_millis(713), length).await?;
    drop(sync);
    let counted = Counted::new(platform.journal().await?);
    let waits = lookups.waits(&counted)?;
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    let figure = |what| format!("lookup during a bulk sync: {what}");
    figures.add(&figure("calls"), count(waits.len()), "calls", Target::None);
    figures.add(&figure("median wait"), at(50), "ms", Target::None);
    let two_slots = Target::AtMost(500.0);
    figures.add(&figure("wait, 99th percentile"), at(99), "ms", two_slots);
    let refused = count(counted.refused());
    figures.add(&figure("refused"), refused, "calls", Target::AtMost(0.0));
    Ok(())
}

/// Calls of one operation and priority arrive in the order in which they were made.
async fn order(figures: &mut Figures) -> Result<()> {
    const CALLS: usize = 48;
    let platform = Platform::start(&ANSWERS).await?;
    let load = Load::new(&Connection::of(&platform)?)?;
    load.connect().await?;
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let (load, gone) = (load.clone(), Arc::new(tokio::sync::Notify::new()));
        let asks = Arc::clone(&gone);
        calls.spawn(async move {
            let mut call = std::pin::pin!(load.call(0, number));
            // The first poll takes the place in the queue.
            tokio::select! {
                biased;
                done = call.as_mut() => done,
                () = async { asks.notify_one() } => call.await,
            }
        });
        gone.notified().await;
    }
    while let Some(ended) = calls.join_next().await {
        ended?.context("a call failed")?;
    }
    let counted = Counted::new(platform.journal().await?);
    let asked: Vec<_> = load.sims.iter().take(CALLS).collect();
    let arrived = counted.arrivals.iter().filter(|a| a.operation == STATUS);
    let wrong = arrived
        .zip(asked)
        .filter(|(arrival, icc)| arrival.sim != format!("icc:{}", icc.as_str()))
        .count();
    figures.add("order: calls", count(CALLS), "calls", Target::None);
    let none = Target::AtMost(0.0);
    figures.add("order: calls out of it", count(wrong), "calls", none);
    Ok(())
}

fn wall() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
