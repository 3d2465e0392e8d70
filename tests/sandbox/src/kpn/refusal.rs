//! Refusals of the service itself; those of the gateway are elsewhere.

use serde_json::{Value, json};

/// Why the service refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The business error code, where one is documented.
    pub(super) name: Option<&'static str>,
    pub(super) message: String,
    pub(super) info: Option<&'static str>,
}

impl Refusal {
    /// 400 without a code: the request is not valid.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, None, message)
    }

    /// 400 with a documented code.
    pub(super) fn bad(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, Some(name), message)
    }

    /// 400 `OPERATION_NOT_POSSIBLE`.
    pub(super) fn impossible(message: impl Into<String>) -> Self {
        Self::bad("OPERATION_NOT_POSSIBLE", message)
    }

    /// 400 `OPERATION_NOT_POSSIBLE`, for one of the reasons that lists give beforehand.
    pub(super) fn because(reason: &'static str) -> Self {
        Self {
            info: Some(reason),
            ..Self::impossible("The operation is not possible")
        }
    }

    /// 403 with a documented code.
    pub(super) fn forbidden(name: Option<&'static str>, message: impl Into<String>) -> Self {
        Self::new(403, name, message)
    }

    /// 404 with a documented code.
    pub(super) fn missing(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(404, Some(name), message)
    }

    /// 404 without a code.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, None, message)
    }

    pub(super) fn new(status: u16, name: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
            info: None,
        }
    }

    /// What the journal calls it.
    pub(super) fn code(&self) -> String {
        self.name
            .map_or_else(|| self.status.to_string(), str::to_owned)
    }

    /// The flat shape of the service: everything is text, the status too. What has no value is
    /// left out.
    pub(super) fn to_json(&self, transaction_id: &str) -> Value {
        let mut body = json!({
            "transactionId": transaction_id,
            "status": self.status.to_string(),
            "message": self.message,
        });
        if let Some(name) = self.name {
            body["name"] = json!(name);
        }
        if let Some(info) = self.info {
            body["info"] = json!(info);
        }
        body
    }
}
