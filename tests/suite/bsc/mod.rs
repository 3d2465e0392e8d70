//! The sdk against the sandbox's Business Smart Connect, over TLS on this machine.
//!
//! Every test has a sandbox of its own, and its journal is the judge, as with Kite.

mod callbacks;
mod flows;
mod operations;
mod traps;
mod wire;

use std::time::Duration;

use mno_sandbox::Sandbox;
use mno_sandbox::bsc::Sim as Card;
use mno_sdk::auth::ClientCredentials;
use mno_sdk::runtime::values::Iccid;
use mno_sdk::{RateLimits, TelekomBsc, Wait};

use crate::kite::recorded;

/// A sandbox with so many SIMs in which nothing that is queued is done by itself, and a client
/// without rate limits.
async fn start(sims: usize) -> (Sandbox, TelekomBsc) {
    let builder = Sandbox::builder().sims(sims).keep_bodies(true);
    let sandbox = recorded(builder).start().await.unwrap();
    let platform = sandbox.bsc();
    platform.queue_for(Duration::from_secs(86_400));
    let bsc = TelekomBsc::builder()
        .credentials(ClientCredentials::new(platform.user(), platform.password()))
        .extra_root_pem(sandbox.pki().root_pem())
        .only_extra_roots(true)
        .base_url(sandbox.rest_url())
        .rate_limits(RateLimits::unlimited())
        .build()
        .unwrap();
    (sandbox, bsc)
}

/// The first SIM that may be used, or may not.
fn sim(sandbox: &Sandbox, enabled: bool) -> Card {
    let all = sandbox.bsc().sims();
    all.into_iter().find(|s| s.enabled == enabled).unwrap()
}

fn iccid(sim: &Card) -> Iccid {
    Iccid::new(sim.iccid.clone()).unwrap()
}

/// The SIM as it is now.
fn now(sandbox: &Sandbox, sim: &Card) -> Card {
    sandbox.bsc().sim(&sim.iccid).unwrap()
}

/// An ICCID that no SIM has.
fn unknown() -> Iccid {
    Iccid::new("8999999999999999999").unwrap()
}

/// Looks often, and not for long.
fn soon() -> Wait {
    Wait::default()
        .with_first_pause(Duration::from_millis(5))
        .with_longest_pause(Duration::from_millis(20))
        .with_limit(Duration::from_secs(20))
}

/// The body of the last call of an operation.
fn sent(sandbox: &Sandbox, operation: &str) -> String {
    let calls = sandbox.journal().snapshot();
    let last = calls.into_iter().rev().find(|e| e.operation == operation);
    String::from_utf8(last.unwrap().body.unwrap().to_vec()).unwrap()
}
