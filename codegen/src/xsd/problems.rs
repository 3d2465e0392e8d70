//! Collecting diagnostics, so that one run reports as many of them as it can.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Problems, Severity};

use super::tree::Elem;

/// More than this only scrolls the first ones out of sight.
const MAX: usize = 200;

/// The problems of one read, each once.
#[derive(Default)]
pub(crate) struct Collector {
    list: Vec<Diagnostic>,
    seen: BTreeSet<(String, String)>,
    /// What was passed over without harm.
    notes: Vec<Diagnostic>,
}

impl Collector {
    /// Adds a problem unless it was reported before.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.location.to_string(), diagnostic.message.clone());
        if self.list.len() < MAX && self.seen.insert(key) {
            self.list.push(diagnostic);
        }
    }

    /// Adds something that was passed over, and that keeps nobody from using the contract.
    pub(crate) fn note(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.location.to_string(), diagnostic.message.clone());
        if self.notes.len() < MAX && self.seen.insert(key) {
            self.notes.push(diagnostic);
        }
    }

    /// Something broken at an element.
    pub(crate) fn broken(&mut self, at: Elem<'_>, message: impl Into<String>, help: Option<&str>) {
        self.push(at.diagnostic(Severity::Broken, message, help));
    }

    /// Something unsupported at an element.
    pub(crate) fn unsupported(
        &mut self,
        at: Elem<'_>,
        message: impl Into<String>,
        help: Option<&str>,
    ) {
        self.push(at.diagnostic(Severity::Unsupported, message, help));
    }

    /// Something broken at the value of an element's attribute.
    pub(crate) fn broken_attribute(
        &mut self,
        at: Elem<'_>,
        attribute: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.push(at.attribute_diagnostic(Severity::Broken, attribute, message, help));
    }

    /// Whether anything was reported.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The notes, or the problems if there are any.
    pub(crate) fn finish(self) -> Result<Vec<Diagnostic>, Problems> {
        if self.list.is_empty() {
            Ok(self.notes)
        } else {
            Err(Problems { list: self.list })
        }
    }
}
