//! Transactions per second, counted on arrival.
//!
//! A call counts in two windows of one second that slide: that of its organisation and operation,
//! and that of its organisation. When either is full the call is refused with `POL 1005`. **A
//! refused call does not count**: it takes no room from the calls after it (the journal lists it
//! all the same). Whether the real platform counts refused calls is not documented.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::lock;

/// Length of the window.
const WINDOW: Duration = Duration::from_secs(1);

/// Calls per second that an organisation may make, all operations together.
pub const ORGANISATION_TPS: u32 = 14;

/// What the platform's guide says for an operation (6.9); `None`: only the organisation's limit.
#[must_use]
pub fn documented_tps(operation: &str) -> Option<u32> {
    match operation {
        "consumptionHistory" | "gprsHistory" => Some(1),
        "getSubscriptionDetail"
        | "modifySubscription"
        | "getTimeAndConsumption"
        | "modifyTimeAndConsumption"
        | "sendSMS"
        | "updateScreeningLists"
        | "createDownloadReport"
        | "administrativeDiagnostic"
        | "ipDiagnostic"
        | "gsmSyncDiagnostic"
        | "gprsSyncDiagnostic"
        | "getSupplementaryServices"
        | "getSupplementaryServiceDetail"
        | "cancelVoucher"
        | "cancelRecurrentVoucherRenewal" => Some(2),
        "echo"
        | "getSubscriptions"
        | "getPresenceDetail"
        | "getLocationDetail"
        | "getStatusDetail"
        | "getStatusHistory"
        | "getSendSMSResult"
        | "block"
        | "getDownloadReportList"
        | "getDownloadReportLink"
        | "deleteDownloadReport"
        | "getCustomers"
        | "modifyCustomer"
        | "getVpnListCustomer"
        | "getExpirationTime"
        | "getBillingAccount"
        | "getBillingAccounts"
        | "createCommercialGroup"
        | "getCommercialGroup"
        | "getCommercialGroups"
        | "deleteCommercialGroup"
        | "updateCommercialGroup"
        | "updateLpwaPowerSaving"
        | "getDiagnosticResult"
        | "swapSubscriptions"
        | "createEndCustomer"
        | "getEndCustomers"
        | "getEndCustomer"
        | "modifyEndCustomer"
        | "deleteEndCustomer"
        | "activateEndCustomer"
        | "deactivateEndCustomer"
        | "createUser"
        | "deleteUser"
        | "modifyUser"
        | "getUsers"
        | "blockUser"
        | "unblockUser"
        | "getRoles"
        | "resetPassword"
        | "getPrebills"
        | "exportPrebill"
        | "getServicePacks"
        | "getAvailableVoucher"
        | "getActiveVouchers"
        | "purchaseOneTimeVoucher" => Some(4),
        _ => None,
    }
}

/// The limits of a sandbox. They can be changed while it runs.
#[derive(Debug)]
pub struct Limits(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    enforced: bool,
    organisation: u32,
    overrides: HashMap<String, Option<u32>>,
    windows: HashMap<(String, String), VecDeque<Instant>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            enforced: true,
            organisation: ORGANISATION_TPS,
            overrides: HashMap::new(),
            windows: HashMap::new(),
        }))
    }
}

impl Limits {
    /// Sets an operation's calls per second; `None`: only the organisation's limit.
    pub fn set(&self, operation: impl Into<String>, tps: Option<u32>) {
        lock(&self.0).overrides.insert(operation.into(), tps);
    }

    /// Sets the calls per second of an organisation, all operations together.
    pub fn set_organisation(&self, tps: u32) {
        lock(&self.0).organisation = tps;
    }

    /// Switches all limits off or on.
    pub fn enforce(&self, on: bool) {
        lock(&self.0).enforced = on;
    }

    /// An operation's calls per second at present.
    #[must_use]
    pub fn tps(&self, operation: &str) -> Option<u32> {
        lock(&self.0).tps(operation)
    }

    /// Counts a call, or refuses it (`false`).
    pub(crate) fn admit(&self, organisation: &str, operation: &str, now: Instant) -> bool {
        let mut inner = lock(&self.0);
        if !inner.enforced {
            return true;
        }
        let of_operation = inner.tps(operation).unwrap_or(u32::MAX);
        let of_organisation = inner.organisation;
        let wanted = [(operation, of_operation), ("", of_organisation)];
        for (name, tps) in wanted {
            let window = inner.window(organisation, name);
            while window
                .front()
                .is_some_and(|t| now.duration_since(*t) >= WINDOW)
            {
                window.pop_front();
            }
            if window.len() >= usize::try_from(tps).unwrap_or(usize::MAX) {
                return false;
            }
        }
        for (name, _) in wanted {
            inner.window(organisation, name).push_back(now);
        }
        true
    }

    /// Forgets the calls so far.
    pub fn reset(&self) {
        lock(&self.0).windows.clear();
    }
}

impl Inner {
    fn tps(&self, operation: &str) -> Option<u32> {
        match self.overrides.get(operation) {
            Some(tps) => *tps,
            None => documented_tps(operation),
        }
    }

    /// The window of an operation; that of the organisation has the empty name.
    fn window(&mut self, organisation: &str, operation: &str) -> &mut VecDeque<Instant> {
        self.windows
            .entry((organisation.to_owned(), operation.to_owned()))
            .or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    #[test]
    fn the_window_slides() {
        let limits = Limits::default();
        let start = Instant::now();
        let admit = |ms| limits.admit("Acme", "modifySubscription", at(start, ms));
        assert!(admit(0));
        assert!(admit(900));
        assert!(!admit(950), "third within a second");
        assert!(admit(1000), "the first one has left the window");
        assert!(!admit(1001), "a fixed window would have let it in");
        assert!(admit(1900));
    }

    #[test]
    fn refused_calls_do_not_count() {
        let limits = Limits::default();
        let start = Instant::now();
        let admit = |ms| limits.admit("Acme", "sendSMS", at(start, ms));
        assert!(admit(0) && admit(1));
        for ms in 2..1000 {
            assert!(!admit(ms));
        }
        assert!(admit(1000));
    }

    #[test]
    fn organisations_have_fourteen_of_their_own() {
        let limits = Limits::default();
        let start = Instant::now();
        let admitted = (0..30).filter(|ms| limits.admit("A", "networkReset", at(start, *ms)));
        assert_eq!(admitted.count(), 14);
        assert!(
            !limits.admit("A", "echo", at(start, 40)),
            "the organisation's window is full"
        );
        assert!(limits.admit("B", "echo", at(start, 40)));
    }

    #[test]
    fn a_call_refused_by_the_organisation_takes_nothing_from_the_operation() {
        let limits = Limits::default();
        limits.set_organisation(1);
        let start = Instant::now();
        assert!(limits.admit("A", "networkReset", start));
        assert!(!limits.admit("A", "echo", at(start, 1)));
        limits.set_organisation(14);
        for ms in 2..6 {
            assert!(limits.admit("A", "echo", at(start, ms)));
        }
    }

    #[test]
    fn limits_can_be_overridden() {
        let limits = Limits::default();
        let start = Instant::now();
        limits.set("echo", Some(1));
        assert!(limits.admit("A", "echo", start));
        assert!(!limits.admit("A", "echo", start));
        limits.enforce(false);
        assert!(limits.admit("A", "echo", start));
    }
}
