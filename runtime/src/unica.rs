//! UNICA exceptions: the fault vocabulary that Telefónica's platforms share.
//!
//! Kite answers a refused call with an exception of a category (`SVC`, `POL`, `SEC`, `SVR`), a
//! number and a text, in SOAP and in JSON alike. Several meanings share a number and are told
//! apart by the text, which [`Refusal::of`] does in one place.

use std::fmt;
use std::net::IpAddr;

use crate::json::Value;

/// An exception as the platform sent it.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Exception {
    /// `SVC` (service), `POL` (policy), `SEC` (security) or `SVR` (server).
    pub category: String,
    /// The number: `1006` in `SVC 1006`.
    pub id: u32,
    /// The text, as sent; may hold personal data.
    pub text: String,
    /// The text's variables, as sent; may hold personal data.
    pub variables: Vec<String>,
    /// `SOATransactionID`, which the vendor's support asks for.
    pub transaction_id: Option<String>,
}

impl Exception {
    /// An exception without variables.
    pub fn new(category: impl Into<String>, id: u32, text: impl Into<String>) -> Self {
        Self {
            category: category.into(),
            id,
            text: text.into(),
            ..Self::default()
        }
    }

    /// Finds an exception in a JSON body: `{"exceptionId": …, "exceptionCategory": …, "text": …}`,
    /// by itself or as the value of `ClientException` or `ServerException`.
    #[must_use]
    pub fn from_json(body: &[u8]) -> Option<Self> {
        let value: Value = crate::json::from_slice(body).ok()?;
        let inner = value
            .get("ClientException")
            .or_else(|| value.get("ServerException"))
            .filter(|inner| matches!(inner, Value::Object(_)))
            .unwrap_or(&value);
        let string = |name: &str| inner.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut out = Self::new(string("exceptionCategory"), 0, string("text"));
        let id = match inner.get("exceptionId")? {
            Value::Number(text) => text.parse().ok(),
            Value::String(text) => parse_id(text, &mut out.category),
            _ => None,
        };
        if let Some(list) = inner.get("variables").and_then(Value::as_array) {
            let texts = list.iter().filter_map(Value::as_str);
            out.variables = texts.map(str::to_owned).collect();
        }
        finish(out, id)
    }

    /// Whether it says that nothing was done. An error of the server's own, such as `SVR 1000` and
    /// `SVR 1007`, may have happened half-way; `SVR 1003` (not implemented), `SVR 1006` (unavailable)
    /// and what is not the server's are refusals.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !self.category.eq_ignore_ascii_case("SVR")
            || self.id == 1003
            || Refusal::of(self) != Refusal::Other
    }

    /// `SVC 1006`, for people.
    #[must_use]
    pub fn code(&self) -> String {
        format!("{} {:04}", self.category, self.id)
    }

    /// Errors of single fields, when the text carries the platform's machine part
    /// (`[JSON] {"field": {"rule": "message"}} [\JSON]`).
    #[must_use]
    pub fn field_errors(&self) -> Vec<FieldError> {
        let Some((_, rest)) = self.text.split_once("[JSON]") else {
            return Vec::new();
        };
        let Some((json, _)) = rest.split_once("[\\JSON]") else {
            return Vec::new();
        };
        let Ok(Value::Object(fields)) = Value::parse(json.trim()) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (field, rules) in fields {
            match rules {
                Value::Object(rules) => {
                    out.extend(rules.into_iter().map(|(rule, message)| FieldError {
                        field: field.clone(),
                        rule,
                        message: text_of(&message),
                    }));
                }
                other => out.push(FieldError {
                    field,
                    rule: String::new(),
                    message: text_of(&other),
                }),
            }
        }
        out
    }
}

/// An exception is one if it has a number and says anything at all.
pub(crate) fn finish(mut exception: Exception, id: Option<u32>) -> Option<Exception> {
    exception.id = id?;
    (!exception.category.is_empty() || !exception.text.is_empty()).then_some(exception)
}

/// `1013`, `"1013"` and `"SVC 1021"` all occur; `SVC1021` is how others write it.
pub(crate) fn parse_id(text: &str, category: &mut String) -> Option<u32> {
    let text = text.trim();
    if let Ok(id) = text.parse() {
        return Some(id);
    }
    let (prefix, number) = text.split_at(text.find(|c: char| !c.is_ascii_alphabetic())?);
    let number = number.trim_start_matches([' ', '-', ':']);
    let id = number.parse().ok()?;
    if category.is_empty() {
        prefix.clone_into(category);
    }
    Some(id)
}

/// A string's text, or the JSON of anything else.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => crate::json::to_vec(other)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default(),
    }
}

impl fmt::Debug for Exception {
    /// Shows the code and the masked text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exception")
            .field("code", &self.code())
            .field("text", &crate::mask::Masked(self.text.trim()))
            .field("transaction_id", &self.transaction_id)
            .finish_non_exhaustive()
    }
}

/// One field that the platform refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Wire name of the field.
    pub field: String,
    /// The rule that it breaks.
    pub rule: String,
    /// The platform's words.
    pub message: String,
}

/// What an exception means.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// `POL 1005`, or its text under another number: too many calls per second.
    RateLimited,
    /// `SVC 1006`, `SVC 1005`: the SIM or other resource does not exist.
    NotFound,
    /// `SVC 1013`, "Remote IP … is not authorized": the caller's address is not on the
    /// organisation's list.
    IpDenied(Option<IpAddr>),
    /// `SVC 1013`, "Access to perform …", and `POL 1000`: this certificate may not do that.
    Forbidden,
    /// `SVC 1013` with any other text: a business rule stands against it.
    BusinessRule,
    /// `SVC 1021`, "There is not an available transition …".
    InvalidTransition,
    /// `SVR 1006`: maintenance or overload; nothing was processed.
    Unavailable,
    /// A parameter is missing, unknown or has an impossible value.
    InvalidParameter,
    /// `SVC 1004`: this version of the API is not served any more.
    VersionRetired,
    /// Any other exception of the platform.
    Other,
}

impl Refusal {
    /// Reads the meaning from category, number and text.
    #[must_use]
    pub fn of(exception: &Exception) -> Self {
        let text = exception.text.trim().to_ascii_lowercase();
        // One client has seen the rate refusal under POL 0001: the text decides as well.
        if text.starts_with("request rate per period control") {
            return Self::RateLimited;
        }
        match (exception.category.as_str(), exception.id) {
            ("POL", 1005) => Self::RateLimited,
            ("POL", 1000..=1003) => Self::Forbidden,
            ("SVC", 1005 | 1006) => Self::NotFound,
            ("SVC", 1013) if text.contains("remote ip") => Self::IpDenied(address_in(&text)),
            ("SVC", 1013) if text.contains("access to perform") => Self::Forbidden,
            ("SVC", 1013) => Self::BusinessRule,
            ("SVC", 1021) if text.contains("transition") => Self::InvalidTransition,
            ("SVC", 2 | 3 | 1000 | 1001 | 1011 | 1012 | 1020 | 1021 | 1023) => {
                Self::InvalidParameter
            }
            ("SVC", 1004) => Self::VersionRetired,
            ("SVR", 1006) => Self::Unavailable,
            _ if text.starts_with("service temporarily unavailable") => Self::Unavailable,
            _ => Self::Other,
        }
    }

    /// Reads the meaning from the status of a REST answer, where no exception says more.
    #[must_use]
    pub fn of_status(status: http::StatusCode) -> Option<Self> {
        Some(match status.as_u16() {
            400 | 422 => Self::InvalidParameter,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::RateLimited,
            503 => Self::Unavailable,
            _ => return None,
        })
    }

    /// What a person can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::RateLimited => {
                "too many calls per second: wait at least a second, and look for other systems of \
                 the organisation that use the same limit"
            }
            Self::NotFound => {
                "check the identifier, and that what it names belongs to this organisation"
            }
            Self::IpDenied(_) => {
                "add this machine's address to the subnets of the certificate in the portal"
            }
            Self::Forbidden => "these credentials have no right to this operation",
            Self::BusinessRule => "a rule of the platform stands against this change; see the text",
            Self::InvalidTransition => {
                "the life cycle of this SIM's commercial plan has no such transition; read its \
                 state first"
            }
            Self::Unavailable => {
                "the platform is in a maintenance window or overloaded: try again later, not at \
                 once"
            }
            Self::InvalidParameter => {
                "a parameter is missing or wrong, or a rule of the platform stands against it; see \
                 the text"
            }
            Self::VersionRetired => "use a newer version of this API",
            Self::Other => "see the text",
        }
    }
}

impl fmt::Debug for Refusal {
    /// Shows the name; not the address, which is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RateLimited => "RateLimited",
            Self::NotFound => "NotFound",
            Self::IpDenied(Some(_)) => "IpDenied(…)",
            Self::IpDenied(None) => "IpDenied",
            Self::Forbidden => "Forbidden",
            Self::BusinessRule => "BusinessRule",
            Self::InvalidTransition => "InvalidTransition",
            Self::Unavailable => "Unavailable",
            Self::InvalidParameter => "InvalidParameter",
            Self::VersionRetired => "VersionRetired",
            Self::Other => "Other",
        })
    }
}

/// The first thing in a text that parses as an IP address.
fn address_in(text: &str) -> Option<IpAddr> {
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
        .filter(|word| word.contains(['.', ':']))
        .find_map(|word| word.trim_matches('.').parse().ok())
}
