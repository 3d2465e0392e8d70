//! `paging`: 100,000 SIMs take what the limit allows, whatever the platform's answers take.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;

use crate::figures::{Figures, Target};
use crate::platform::{Connection, Platform};

const SIMS: u32 = 100_000;
/// The largest page that the platform gives.
const PAGE: u32 = 1000;
/// The operation's limit.
const TPS: u32 = 4;
const LIST: &str = "getSubscriptions";

pub(crate) async fn run(figures: &mut Figures) -> Result<()> {
    for millis in [1000_u32, 200] {
        figures.note(format!(
            "{SIMS} SIMs in pages of {PAGE}, {TPS} calls a second, answers after {millis} ms"
        ));
        let after = format!("{millis}..{millis}");
        let sims = SIMS.to_string();
        let platform = Platform::start(&["--sims", &sims, "--answer-after", &after]).await?;
        let kite = Connection::of(&platform)?.kite()?.build()?;
        kite.echo().send("warm").await?;

        let began = Instant::now();
        let mut stream = kite.inventory().stream();
        let mut listed = std::collections::HashSet::new();
        while let Some(sim) = stream.try_next().await? {
            ensure!(listed.insert(sim.icc), "a SIM came twice");
        }
        let took = began.elapsed().as_secs_f64();
        ensure!(listed.len() == SIMS as usize, "{} SIMs came", listed.len());
        drop(stream);
        drop(kite);

        let journal = platform.journal().await?;
        let pages: Vec<_> = journal.iter().filter(|a| a.operation == LIST).collect();
        let refused = pages.iter().filter(|a| a.outcome != "ok").count();
        // With the least number of calls that the SIMs can come in.
        let calls = SIMS.div_ceil(PAGE);
        let floor = f64::from(calls - 1) / f64::from(TPS) + f64::from(millis) / 1000.0;
        let first = pages.first().context("no call arrived")?.at;
        let last = pages.last().context("no call arrived")?.at;
        let name = |figure: &str| format!("{millis} ms: {figure}");
        let add = |figures: &mut Figures, figure, value, unit, target| {
            figures.add(&name(figure), value, unit, target);
        };
        add(
            figures,
            "from the first request to the last SIM",
            took,
            "s",
            Target::None,
        );
        add(
            figures,
            "floor: (calls - 1) / TPS + latency",
            floor,
            "s",
            Target::None,
        );
        add(
            figures,
            "time over the floor",
            took / floor,
            "x",
            Target::AtMost(1.03),
        );
        let count = u32::try_from(pages.len())?;
        add(figures, "calls", f64::from(count), "", Target::None);
        add(
            figures,
            "refused",
            f64::from(u32::try_from(refused)?),
            "",
            Target::AtMost(0.0),
        );
        let rate = f64::from(count - 1) / (last - first);
        add(
            figures,
            "calls a second, on arrival",
            rate,
            "/s",
            Target::None,
        );
        if let Some(peak) = peak_memory() {
            add(
                figures,
                "peak memory of the client",
                peak,
                "MB",
                Target::None,
            );
        }
    }
    Ok(())
}

/// The most memory that this process has had, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
