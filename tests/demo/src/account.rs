//! What the demo believes it has done, to be held against the platforms' journal.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use mno_sandbox::Journal;

/// Calls by operation, expected refusals, limits.
#[derive(Default)]
pub(crate) struct Account {
    calls: BTreeMap<&'static str, usize>,
    /// Called as often as waiting took.
    some: BTreeSet<&'static str>,
    refusals: Vec<&'static str>,
    limits: BTreeMap<&'static str, usize>,
}

impl Account {
    pub(crate) fn called(&mut self, operation: &'static str, times: usize) {
        *self.calls.entry(operation).or_default() += times;
    }

    pub(crate) fn called_some(&mut self, operation: &'static str) {
        self.some.insert(operation);
    }

    /// A report went all the way.
    pub(crate) fn reported(&mut self) {
        for operation in [
            "createDownloadReport",
            "getDownloadReportLink",
            "download",
            "deleteDownloadReport",
        ] {
            self.called(operation, 1);
        }
        self.called_some("getDownloadReportList");
    }

    pub(crate) fn refused(&mut self, code: &'static str) {
        self.refusals.push(code);
    }

    pub(crate) fn limit(&mut self, operation: &'static str, per_second: usize) {
        self.limits.insert(operation, per_second);
    }

    /// Prints both sides and fails where they disagree.
    pub(crate) fn compare(&self, journal: &Journal) -> Result<()> {
        let entries = journal.snapshot();
        let mut problems = Vec::new();
        println!("   {:>5} {:>5}  operation", "sent", "seen");
        for (operation, sent) in &self.calls {
            let seen = journal.count(operation);
            println!("   {sent:>5} {seen:>5}  {operation}");
            if seen != *sent {
                problems.push(format!("{operation}: {sent} sent, {seen} seen"));
            }
        }
        let mut total: usize = self.calls.values().sum();
        for operation in &self.some {
            let seen = journal.count(operation);
            println!("   {:>5} {seen:>5}  {operation}", "some");
            if seen == 0 {
                problems.push(format!("{operation}: called, not seen"));
            }
            total += seen;
        }
        if entries.len() != total {
            problems.push(format!("{total} calls sent, {} seen", entries.len()));
        }
        let faults: Vec<&str> = entries.iter().filter_map(|e| e.outcome.code()).collect();
        println!("   faults: {}", faults.join(", "));
        if faults != self.refusals {
            problems.push(format!(
                "expected the faults {:?}, seen {faults:?}",
                self.refusals
            ));
        }
        for (operation, limit) in &self.limits {
            let most = journal.max_in_any_second(operation);
            println!("   at most {most} {operation} in any second, {limit} allowed");
            if most > *limit {
                problems.push(format!("{operation}: {most} in a second, {limit} allowed"));
            }
        }
        if problems.is_empty() {
            println!("\nThe platforms' journal and the client agree.");
            Ok(())
        } else {
            bail!(
                "the platforms' journal disagrees:\n  {}",
                problems.join("\n  ")
            )
        }
    }
}
