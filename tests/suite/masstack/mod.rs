//! The sdk against the sandbox's MasStack, over TLS on this machine.
//!
//! Every test has a sandbox of its own, and its journal is the judge, as with Kite.

mod callbacks;
mod flows;
mod operations;
mod traps;
mod wire;

use std::time::Duration;

use mno_sandbox::Sandbox;
use mno_sandbox::masstack::Service;
use mno_sdk::auth::ServiceAccount;
use mno_sdk::masstack::partners::{
    Amount, CallbackUrls, MovementRequest, MovementType, RefundRequest, ServiceType, Tax, TaxType,
};
use mno_sdk::masstack::{CorrelationId, MovementId, ServiceId};
use mno_sdk::runtime::Decimal;
use mno_sdk::runtime::values::{DateTime, Eid, Iccid};
use mno_sdk::{MasStack, RateLimits};

use crate::kite::recorded;

/// Ids that no sandbox has.
const EID: &str = "89990000000000000000000000000001";
const ICCID: &str = "8999000000000000001";

/// A sandbox with so many lines in which no order is worked on by itself, and a client without rate
/// limits.
async fn start(lines: usize) -> (Sandbox, MasStack) {
    let builder = Sandbox::builder().sims(lines).keep_bodies(true);
    let sandbox = recorded(builder).start().await.unwrap();
    let platform = sandbox.masstack();
    platform.queue_for(Duration::from_secs(86_400));
    let account = platform.service_account_json();
    let masstack = MasStack::builder()
        .credentials(ServiceAccount::from_json(account.as_bytes()).unwrap())
        .extra_root_pem(sandbox.pki().root_pem())
        .only_extra_roots(true)
        .base_url(sandbox.rest_url())
        .rate_limits(RateLimits::unlimited())
        .build()
        .unwrap();
    (sandbox, masstack)
}

/// The first line without barrings.
fn line(sandbox: &Sandbox) -> Service {
    let all = sandbox.masstack().services();
    let fits = |s: &Service| s.kind == "mobile" && s.barrings.is_empty();
    all.into_iter().find(fits).unwrap()
}

fn mobile(line: &Service) -> ServiceId {
    ServiceId::mobile(&line.id.parse().unwrap()).unwrap()
}

/// The line as it is now.
fn now(sandbox: &Sandbox, line: &Service) -> Service {
    sandbox.masstack().line(&line.id).unwrap()
}

fn id() -> CorrelationId {
    CorrelationId::random().unwrap()
}

fn time(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn eid() -> Eid {
    EID.parse().unwrap()
}

fn iccid() -> Iccid {
    ICCID.parse().unwrap()
}

/// URLs that nobody listens at.
fn urls() -> CallbackUrls {
    CallbackUrls::new("http://127.0.0.1:1/success", "http://127.0.0.1:1/error")
}

fn amount() -> Amount {
    Amount::new()
        .with_value_with_taxes(Decimal::new(121, 1))
        .with_value_without_taxes(Decimal::from(10))
        .with_tax(Tax::new(TaxType::Iva, Decimal::from(21)))
}

/// A charge with an id of the partner's.
fn charge(external: &str) -> MovementRequest {
    MovementRequest::builder()
        .type_(MovementType::OneTimeFee)
        .movement_datetime(time("2026-02-03T10:00:00Z"))
        .amount(amount())
        .external_movement_unique_id(external)
        .billable(true)
        .build()
        .unwrap()
}

fn refund(movement: &MovementId, external: &str) -> RefundRequest {
    RefundRequest::builder()
        .refund_datetime(time("2026-02-04T10:00:00Z"))
        .amount(amount())
        .external_refund_unique_id(external)
        .billable(true)
        .movement_id(movement.as_str())
        .build()
        .unwrap()
}

fn policy() -> ServiceId {
    ServiceId::new(ServiceType::Deviceinsurance, "policy-0001")
}
