//! The other platforms, each with what its customers do every day.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::TryStreamExt;
use mno_sandbox::Sandbox;
use mno_sdk::auth::{ClientCredentials, ServiceAccount};
use mno_sdk::bsc::SimFilter;
use mno_sdk::bsc::management::{SimStatus, SmsMessage};
use mno_sdk::callbacks::{self, Events, Guard, Options};
use mno_sdk::kpn::msm::ContractState;
use mno_sdk::masstack::partners::{BarringName, CallbackUrls};
use mno_sdk::masstack::{CorrelationId, ServiceId};
use mno_sdk::{Kpn, MasStack, TelekomBsc, Wait};

use crate::account::Account;
use crate::hooks;

/// What somebody who posts to the callback receivers has to know.
const SECRET: &str = "made-up-demo-secret";

/// Subscribers; a SIM card blocked, its order followed to the end.
pub(crate) async fn kpn(sandbox: &Sandbox, account: &mut Account) -> Result<()> {
    let platform = sandbox.kpn();
    let credentials = ClientCredentials::new(platform.client_id(), platform.client_secret());
    let kpn = Kpn::builder()
        .credentials(credentials)
        .extra_root_pem(sandbox.pki().root_pem())
        .base_url(sandbox.rest_url())
        .build()?;
    let subscribers: Vec<_> = kpn.subscribers().stream().try_collect().await?;
    account.called("token", 1);
    account.called("listSubscribers", 1);
    println!(
        "   {} subscribers, with one access token",
        subscribers.len()
    );

    let contracts: Vec<_> = kpn.contracts().stream().try_collect().await?;
    account.called("listContracts", 1);
    let active = contracts
        .iter()
        .find(|c| c.state == Some(ContractState::Active) && c.sim_card_number.is_some());
    let contract = active.and_then(|c| c.id).context("no contract is active")?;
    let placed = kpn.sims().block(contract, Some("demo")).await?;
    account.called("blockSim", 1);
    let done = kpn.orders().wait_for(placed.id, quickly()).await?;
    account.called_some("getServiceRequest");
    let status = done.status().context("the order has no status")?;
    println!(
        "   SIM card of contract {contract} blocked: order {} is {status}",
        placed.id
    );

    let contracts: Vec<_> = kpn.contracts().stream().try_collect().await?;
    account.called("listContracts", 1);
    let now = contracts.iter().find(|c| c.id == Some(contract));
    let state = now.and_then(|c| c.state.clone()).context("it is gone")?;
    ensure!(state == ContractState::Blocked, "the contract is {state}");
    println!("   read again: {state}");
    Ok(())
}

/// A message to a SIM, and the delivery report that the platform posts to us.
pub(crate) async fn bsc(sandbox: &Sandbox, account: &mut Account) -> Result<()> {
    let platform = sandbox.bsc();
    let bsc = TelekomBsc::builder()
        .credentials(ClientCredentials::new(platform.user(), platform.password()))
        .extra_root_pem(sandbox.pki().root_pem())
        .base_url(sandbox.rest_url())
        .build()?;
    let (receiver, mut events) =
        callbacks::bsc::Receiver::new(Guard::path(SECRET)?, Options::default());
    let url = hooks::serve(receiver.router()).await?;
    platform.set_callback_url(Some(format!("{url}/{SECRET}")));

    // One SIM is wanted, and no page ahead of it.
    let mut sims = bsc.sims().stream(SimFilter::new()).with_read_ahead(0);
    let sim = loop {
        let sim = sims.try_next().await?.context("no SIM is enabled")?;
        if sim.status == Some(SimStatus::Enabled) {
            break sim;
        }
    };
    account.called("token", 1);
    account.called("listSims", 1);
    let iccid = sim.iccid.context("a SIM without ICCID")?;
    let quota = bsc.sims().data_quota(&iccid).await?;
    account.called("getDataQuota", 1);
    let (left, of) = (quota.volume, quota.total_volume);
    let (left, of) = (left.context("no quota")?, of.context("no quota")?);
    println!("   SIM {}: {left} of {of} MB left", iccid.as_str());

    let message = SmsMessage::new().with_payload("reboot");
    bsc.messages().send(&iccid, message).await?;
    account.called("sendSms", 1);
    println!("   a message to it; its delivery report is awaited");
    let callbacks::bsc::Event::DeliveryReport(report) = next(&mut events).await? else {
        bail!("the platform posted something else than a delivery report");
    };
    ensure!(
        report.endpoint.iccid.as_ref().map(|i| i.as_str()) == Some(iccid.as_str()),
        "the report is that of another SIM"
    );
    println!("   message {}: {:?}", report.id, report.status);
    Ok(())
}

/// A barring, and the result that the platform posts to us.
pub(crate) async fn masstack(sandbox: &Sandbox, account: &mut Account) -> Result<()> {
    let platform = sandbox.masstack();
    let file = platform.service_account_json();
    let masstack = MasStack::builder()
        .credentials(ServiceAccount::from_json(file.as_bytes())?)
        .extra_root_pem(sandbox.pki().root_pem())
        .base_url(sandbox.rest_url())
        .build()?;
    let (receiver, mut events) =
        callbacks::masstack::Receiver::new(Guard::path(SECRET)?, Options::default());
    let url = hooks::serve(receiver.router()).await?;
    let (success, error) = callbacks::masstack::urls(&url, Some(SECRET));
    let urls = CallbackUrls::new(success, error);

    let lines = platform.services();
    let line = lines
        .iter()
        .find(|s| s.kind == "mobile" && s.barrings.is_empty())
        .context("every line is barred")?;
    let service = ServiceId::mobile(&line.id.parse()?)?;
    let order = CorrelationId::random()?;
    let barrings = masstack.barrings();
    let taken = barrings
        .bar(&service, BarringName::Roaming, &urls, order)
        .await?;
    ensure!(
        !taken.is_repetition(),
        "the platform knows the order already"
    );
    account.called("token", 1);
    account.called("updateBarring", 1);
    println!("   line {}: a barring of roaming is ordered", line.id);
    let event = next(&mut events).await?;
    ensure!(
        event.correlation_id() == Some(&*order.to_string()),
        "the result is that of another order"
    );
    let callbacks::masstack::Event::Success(_) = event else {
        bail!("the platform has not carried it out: {event:?}");
    };
    let read = barrings.get(&service).await?;
    account.called("getBarrings", 1);
    let codes = read.applied_barrings_mask_codes;
    ensure!(!codes.is_empty(), "nothing is barred");
    println!("   carried out; in force: {}", codes.join(", "));
    Ok(())
}

/// The local platforms take two seconds for what they do later.
fn quickly() -> Wait {
    Wait::default()
        .with_first_pause(Duration::from_millis(500))
        .with_limit(Duration::from_secs(30))
}

/// The next event, which must come soon.
async fn next<E>(events: &mut Events<E>) -> Result<E> {
    let event = tokio::time::timeout(Duration::from_secs(20), events.recv()).await;
    event
        .context("the platform has not called within 20 seconds")?
        .context("the receiver is gone")
}
