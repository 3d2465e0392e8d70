//! What a platform answers.

use bytes::Bytes;
use serde_json::Value;

/// An answer, or a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Empty if there is no body.
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// Of a refusal what it is called in the journal.
    pub(crate) code: Option<String>,
}

impl Answer {
    /// An answer with this body.
    pub(crate) fn of(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.into(),
            code: None,
        }
    }

    /// An answer in JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json", body.to_string())
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self::of(status, "", Bytes::new())
    }

    /// The same with a header more.
    pub(crate) fn with(mut self, header: &'static str, value: impl ToString) -> Self {
        self.headers.push((header, value.to_string()));
        self
    }

    /// The same as a refusal of this name.
    pub(crate) fn refused(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}
