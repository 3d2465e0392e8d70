//! What the demo believes it has done, to be held against the platform's journal.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use mno_sandbox::Journal;

/// Calls by operation, expected refusals, limits.
#[derive(Default)]
pub(crate) struct Account {
    calls: BTreeMap<&'static str, usize>,
    refusals: Vec<&'static str>,
    limits: BTreeMap<&'static str, usize>,
}

impl Account {
    pub(crate) fn called(&mut self, operation: &'static str, times: usize) {
        *self.calls.entry(operation).or_default() += times;
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
        let total: usize = self.calls.values().sum();
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
            println!("\nThe platform's journal and the client agree.");
            Ok(())
        } else {
            bail!(
                "the platform's journal disagrees:\n  {}",
                problems.join("\n  ")
            )
        }
    }
}
