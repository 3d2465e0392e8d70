//! The sdk against the sandbox, over mutual TLS on this machine.
//!
//! Every test has a sandbox of its own, and its journal is the judge. When `MNO_RECORD_DIR` is set,
//! each sandbox writes the request bodies that it carried out into a folder of its own in there, for
//! `tests/judges/xmllint.sh`.

mod bulk;
mod commercial_groups;
mod customers;
mod diagnostics;
mod end_customers;
mod faults;
mod flows;
mod guide;
mod handles;
mod inventories;
mod paging;
mod prebills;
mod rates;
mod reports;
mod rest;
mod service_packs;
mod simswap;
mod supplementary_services;
mod tls;
mod tracing;
mod users;
mod vouchers;
mod writes;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mno_sandbox::{Fleet, Sandbox, SandboxBuilder, Sim, State};
use mno_sdk::runtime::values::{Iccid, Imsi, Msisdn};
use mno_sdk::{Identity, Kite, KiteBuilder, RateLimits};

/// The organisation that calls, unless a test says otherwise.
const ORGANISATION: &str = "Acme Devices";

/// What to start: no rate limits, recording if asked for.
fn sandbox(sims: usize) -> SandboxBuilder {
    recorded(Sandbox::builder().sims(sims).limits(false))
}

/// Records if asked for.
pub(crate) fn recorded(builder: SandboxBuilder) -> SandboxBuilder {
    match record_dir() {
        Some(dir) => builder.record_dir(dir),
        None => builder,
    }
}

/// A folder that no other sandbox of this run has: `<test>-<number>`.
fn record_dir() -> Option<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let root = std::env::var_os("MNO_RECORD_DIR")?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    // The harness names threads after tests. With one thread they are all "main".
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace("::", "-");
    let name = format!("{test}-{}-{number}", std::process::id());
    Some(PathBuf::from(root).join(name))
}

/// A client with a certificate of this organisation and the rate limits of its default.
fn limited(sandbox: &Sandbox, organisation: &str) -> KiteBuilder {
    let client = sandbox.pki().client(organisation).unwrap();
    let pem = client.chain_pem + &client.key_pem;
    Kite::builder()
        .identity(Identity::from_pem(pem.as_bytes()).unwrap())
        .extra_root_pem(sandbox.pki().root_pem())
        .only_extra_roots(true)
        .base_url(sandbox.base_url())
}

/// The same without rate limits, for tests of other things.
fn builder(sandbox: &Sandbox) -> KiteBuilder {
    limited(sandbox, ORGANISATION).rate_limits(RateLimits::unlimited())
}

/// A sandbox with so many SIMs, and a client; neither limits rates.
async fn start(sims: usize) -> (Sandbox, Kite) {
    let sandbox = sandbox(sims).start().await.unwrap();
    let kite = builder(&sandbox).build().unwrap();
    (sandbox, kite)
}

fn icc(sim: &Sim) -> Iccid {
    Iccid::new(sim.icc.clone()).unwrap()
}

fn imsi(sim: &Sim) -> Imsi {
    Imsi::new(sim.imsi.clone()).unwrap()
}

fn msisdn(sim: &Sim) -> Msisdn {
    Msisdn::new(sim.msisdn.clone().unwrap()).unwrap()
}

/// An ICC that no SIM has.
fn unknown_icc() -> Iccid {
    Iccid::new("8999999999999999999").unwrap()
}

/// The first SIM in this state.
fn in_state(fleet: &Fleet, state: State) -> Arc<Sim> {
    fleet.find(|sim| sim.state() == state).unwrap()
}
