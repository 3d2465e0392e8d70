//! The sdk against the sandbox's KPN, over TLS on this machine.
//!
//! Every test has a sandbox of its own, and its journal is the judge, as with Kite.

mod flows;
mod operations;
mod traps;

use std::time::Duration;

use mno_sandbox::Sandbox;
use mno_sandbox::kpn::ContractView;
use mno_sdk::auth::ClientCredentials;
use mno_sdk::kpn::msm::Client;
use mno_sdk::{Kpn, KpnBuilder, RateLimits, Wait};

use crate::kite::recorded;

/// Ids of groups that every sandbox has.
const CUSTOMER: i64 = 2_000_001;
const NORTH: i64 = 2_000_002;
const SALES: i64 = 2_000_004;
const STORES: i64 = 2_000_006;
const PILOT: i64 = 2_000_007;

/// A client of a sandbox with the rate limits of its default.
fn limited(sandbox: &Sandbox) -> KpnBuilder {
    let kpn = sandbox.kpn();
    Kpn::builder()
        .credentials(ClientCredentials::new(kpn.client_id(), kpn.client_secret()))
        .extra_root_pem(sandbox.pki().root_pem())
        .only_extra_roots(true)
        .base_url(sandbox.rest_url())
}

/// A sandbox in which no order finishes by itself, and a client without rate limits.
async fn start() -> (Sandbox, Kpn) {
    let builder = Sandbox::builder().sims(1).keep_bodies(true);
    let sandbox = recorded(builder).start().await.unwrap();
    sandbox.kpn().orders_after(Duration::from_secs(86_400));
    let builder = limited(&sandbox).rate_limits(RateLimits::unlimited());
    (sandbox, builder.build().unwrap())
}

fn raw(kpn: &Kpn) -> Client {
    kpn.contracts().raw().clone()
}

/// Looks often, and not for long.
fn soon() -> Wait {
    Wait::default()
        .with_first_pause(Duration::from_millis(5))
        .with_longest_pause(Duration::from_millis(20))
        .with_limit(Duration::from_secs(20))
}

/// The first contract of a category and a state.
fn contract(sandbox: &Sandbox, category: &str, state: &str) -> ContractView {
    let all = sandbox.kpn().contracts();
    let fits = |c: &ContractView| c.category == category && c.state == state;
    all.into_iter().find(fits).unwrap()
}

fn view(sandbox: &Sandbox, id: i64) -> ContractView {
    let all = sandbox.kpn().contracts();
    all.into_iter().find(|c| c.id == id).unwrap()
}

/// The body of the last call of an operation, as JSON.
fn sent(sandbox: &Sandbox, operation: &str) -> serde_json::Value {
    let calls = sandbox.journal().snapshot();
    let last = calls.into_iter().rev().find(|e| e.operation == operation);
    serde_json::from_slice(&last.unwrap().body.unwrap()).unwrap()
}

/// Operations in the order in which they arrived, calls for tokens left out.
fn arrived(sandbox: &Sandbox) -> Vec<String> {
    let calls = sandbox.journal().snapshot().into_iter();
    let operations = calls.map(|e| e.operation);
    operations.filter(|name| name != "token").collect()
}
