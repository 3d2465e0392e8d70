//! The main jobs of the sdk, shown against the local platforms, and checked against their journal.

mod account;
mod hooks;
mod others;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use account::Account;
use anyhow::{Context, Result, bail, ensure};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use indicatif::{ProgressBar, ProgressStyle};
use mno_sandbox::Sandbox;
use mno_sdk::kite::inventory::{
    ClientException, LifeCycleChange, LifeCycleStatus, SubscriptionInfo,
};
use mno_sdk::kite::reports::{ConsumptionDailyReport, SmsDeliveryReport};
use mno_sdk::kite::{ReportOptions, Sms, Wait};
use mno_sdk::runtime::values::{Date, DateTime};
use mno_sdk::{Identity, Kite};

const SIMS: usize = 5000;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let mut account = Account::default();
    heading(2, "A local Kite platform, mutual TLS demanded");
    let sandbox = Sandbox::builder().sims(SIMS).start().await?;
    println!("   {} with {SIMS} made-up SIMs", sandbox.base_url());

    heading(
        3,
        "A client from the portal's .pfx file (its old encryption)",
    );
    let pfx = sandbox
        .pki()
        .client("Demo Fleet")?
        .pfx_legacy("demo password")?;
    let kite = Kite::builder()
        .identity(Identity::from_pkcs12(&pfx, "demo password")?)
        .extra_root_pem(sandbox.pki().root_pem())
        .base_url(sandbox.base_url())
        .build()?;
    if let Some(expires) = kite.certificate_expires() {
        let days = expires
            .duration_since(std::time::SystemTime::now())?
            .as_secs()
            / 86_400;
        println!("   the certificate is good for {days} more days");
    }

    heading(4, "Echo");
    let data = kite.echo().send("hello").await?;
    account.called("echo", 1);
    ensure!(data == "hello", "the echo came back changed");
    println!("   the platform answers: {data}");

    heading(5, "The whole fleet, 1000 SIMs a call");
    let fleet = list(&kite, &mut account).await?;

    heading(6, "One SIM");
    let sim = fleet
        .iter()
        .find(|s| s.life_cycle_status == LifeCycleStatus::Active && s.ip().is_some())
        .context("no SIM is active")?;
    let sim = kite
        .inventory()
        .get(sim.icc.clone())
        .await?
        .context("the SIM is gone")?;
    account.called("getSubscriptions", 1);
    println!("   ICC {}, {}", sim.icc.as_str(), sim.life_cycle_status);
    println!(
        "   group {}, address {}",
        sim.commercial_group,
        sim.ip().unwrap_or("none")
    );
    let data = &sim.consumption_monthly.data;
    let (used, limit) = (data.value.unwrap_or(0), data.limit.unwrap_or(0));
    println!("   {used} of {limit} bytes used this month");

    heading(7, "A change of its life cycle, confirmed by a read");
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    kite.inventory().modify(sim.icc.clone(), change).await?;
    account.called("modifySubscription", 1);
    let status = kite.inventory().status(sim.icc.clone()).await?;
    account.called("getStatusDetail", 1);
    let status = status.context("no status")?;
    ensure!(
        status.state == LifeCycleStatus::Deactivated,
        "the state is {}",
        status.state
    );
    println!("   {} -> {}", sim.life_cycle_status, status.state);

    heading(8, "A change that the platform refuses");
    let change = LifeCycleChange::new(LifeCycleStatus::Test);
    let Err(error) = kite.inventory().modify(sim.icc.clone(), change).await else {
        bail!("the platform allowed a transition that it must refuse");
    };
    account.called("modifySubscription", 1);
    account.refused("SVC 1021");
    ensure!(
        error.is_invalid_transition(),
        "another error than expected: {error}"
    );
    println!("   {error}");
    if let Some(fault) = error.fault::<ClientException>() {
        println!(
            "   typed: category {}, id {}",
            fault.exception_category, fault.exception_id
        );
    }

    heading(9, "24 reads at once, 4 a second allowed");
    burst(&kite, &fleet, &mut account).await?;

    heading(10, "A short message to 2500 SIMs, and its delivery report");
    short_message(&kite, &fleet, &mut account).await?;

    heading(
        11,
        "Yesterday's consumption of the whole fleet, as a report",
    );
    report(&kite, &mut account).await?;

    heading(12, "KPN: a SIM card is blocked");
    others::kpn(&sandbox, &mut account).await?;

    heading(
        13,
        "Telekom Business Smart Connect: a message and its report",
    );
    others::bsc(&sandbox, &mut account).await?;

    heading(14, "MasStack: a barring and its result");
    others::masstack(&sandbox, &mut account).await?;

    heading(15, "What the platforms have seen");
    account.compare(sandbox.journal())
}

/// Lists the fleet and counts its states.
async fn list(kite: &Kite, account: &mut Account) -> Result<Vec<SubscriptionInfo>> {
    let bar = bar(SIMS)?;
    let begin = Instant::now();
    let mut fleet = Vec::new();
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    // Without pages that are asked for ahead and then not needed: every call is accounted for.
    let mut stream = kite.inventory().stream().with_read_ahead(0);
    while let Some(sim) = stream.next().await {
        let sim = sim?;
        *states.entry(sim.life_cycle_status.to_string()).or_default() += 1;
        fleet.push(sim);
        bar.inc(1);
    }
    bar.finish_and_clear();
    ensure!(fleet.len() == SIMS, "{} SIMs listed of {SIMS}", fleet.len());
    // Pages of 1000 overlap by five; a full last page is followed by an empty one.
    let calls = SIMS / 995 + 1;
    account.called("getSubscriptions", calls);
    println!(
        "   {} SIMs in {calls} calls, {:.1} s",
        fleet.len(),
        begin.elapsed().as_secs_f64()
    );
    for (state, count) in states {
        println!("   {count:>6}  {state}");
    }
    Ok(fleet)
}

/// 1000 SIMs a call; who got it is in a report.
async fn short_message(
    kite: &Kite,
    fleet: &[SubscriptionInfo],
    account: &mut Account,
) -> Result<()> {
    let sms = Sms::new("reboot")?.with_delivery_report(true);
    let sims = fleet.iter().take(2500).map(|sim| sim.icc.clone().into());
    let batches = kite.inventory().broadcast(sims, &sms).await;
    account.called("sendSMS", batches.len());
    for batch in &batches {
        let watcher = batch
            .outcome
            .watcher_id()
            .context("a batch was not taken")?;
        println!("   {:>5} SIMs, watcher {watcher}", batch.sims.len());
    }
    let watcher = batches[0].outcome.watcher_id().context("no watcher")?;
    kite.inventory()
        .wait_for_sms(watcher, quickly().wait)
        .await?;
    let files = kite
        .reports()
        .run(SmsDeliveryReport::new(watcher), quickly())
        .await?;
    let rows = files[0].rows()?.count();
    println!("   {rows} rows in the delivery report of the first");
    account.reported();
    account.called_some("getSendSMSResult");
    Ok(())
}

/// Ordered, waited for, downloaded by a link that works once, deleted.
async fn report(kite: &Kite, account: &mut Account) -> Result<()> {
    let today = DateTime::from(std::time::SystemTime::now())
        .date()
        .unix_days();
    let yesterday = Date::from_unix_days(today - 1);
    let report = ConsumptionDailyReport::new(yesterday, yesterday).with_show_subscriptions(true);
    let files = kite.reports().run(report, quickly()).await?;
    let mut bytes = 0;
    let mut rows = 0_usize;
    for row in files[0].daily_consumption()? {
        bytes += row?.data;
        rows += 1;
    }
    println!("   {rows} SIMs, {bytes} bytes on {yesterday}, in one report");
    account.reported();
    Ok(())
}

/// The local platform makes reports in two seconds; the real one is asked after ten.
fn quickly() -> ReportOptions {
    let wait = Wait::default().with_first_pause(Duration::from_secs(1));
    ReportOptions::default().with_wait(wait)
}

/// More reads than the limit allows at once; the sdk spreads them.
async fn burst(kite: &Kite, fleet: &[SubscriptionInfo], account: &mut Account) -> Result<()> {
    const READS: usize = 24;
    let bar = bar(READS)?;
    let begin = Instant::now();
    let mut reads: FuturesUnordered<_> = fleet
        .iter()
        .take(READS)
        .map(|sim| {
            let subscriptions = kite.inventory();
            let icc = sim.icc.clone();
            async move { subscriptions.status(icc).await }
        })
        .collect();
    while let Some(status) = reads.next().await {
        status?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    account.called("getStatusDetail", READS);
    account.limit("getStatusDetail", 4);
    println!(
        "   {READS} answers in {:.1} s, none refused",
        begin.elapsed().as_secs_f64()
    );
    Ok(())
}

fn heading(number: u32, text: &str) {
    println!("{}{number}. {text}", if number > 2 { "\n" } else { "" });
}

/// A progress bar on a terminal, nothing elsewhere.
fn bar(length: usize) -> Result<ProgressBar> {
    if !std::io::stdout().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let bar = ProgressBar::new(u64::try_from(length)?);
    let style = ProgressStyle::with_template("   {bar:40} {pos}/{len}  {elapsed}, {eta} left")?;
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    Ok(bar)
}
