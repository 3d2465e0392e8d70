//! `tps`: permits of one process, as the platform counts them.

use anyhow::Result;

use crate::figures::{Figures, Target};
use crate::options::Options;
use crate::platform::Platform;

pub(crate) async fn run(options: &Options, figures: &mut Figures) -> Result<()> {
    let platform = Platform::start(&["--sims", "64"]).await?;
    let kite = platform.kite()?.build()?;
    let end = tokio::time::Instant::now() + options.length;
    let mut calls = 0_u32;
    while tokio::time::Instant::now() < end {
        kite.echo().send("hello").await?;
        calls += 1;
    }
    let arrivals = platform.journal().await?;
    let refused = arrivals.iter().filter(|a| a.outcome != "ok").count();
    figures.add("calls", f64::from(calls), "calls", Target::None);
    figures.add(
        "refused",
        f64::from(u32::try_from(refused)?),
        "calls",
        Target::AtMost(0.0),
    );
    Ok(())
}
