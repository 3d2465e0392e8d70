//! The platform's refusals, and how they look on the wire.
//!
//! The XML and JSON here are written by hand after the vendor's printed samples, not with the code
//! under test: they are an independent judge.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::lifecycle::NoTransition;

/// A refusal: category, number, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    category: Cow<'static, str>,
    id: u32,
    text: String,
    variables: Vec<String>,
    transaction_id: Option<String>,
}

impl Fault {
    /// A refusal of any category (`SVC`, `POL`, `SEC`, `SVR`) and number.
    pub fn new(category: impl Into<Cow<'static, str>>, id: u32, text: impl Into<String>) -> Self {
        Self {
            category: category.into(),
            id,
            text: text.into(),
            variables: Vec::new(),
            transaction_id: None,
        }
    }

    /// The same with a variable more.
    #[must_use]
    pub fn with_variable(mut self, variable: impl Into<String>) -> Self {
        self.variables.push(variable.into());
        self
    }

    /// The same with a `SOATransactionID`.
    #[must_use]
    pub fn with_transaction_id(mut self, id: impl Into<String>) -> Self {
        self.transaction_id = Some(id.into());
        self
    }

    /// `POL 1005`: too many calls in a second.
    #[must_use]
    pub fn rate_limited() -> Self {
        // The blank at the end stands in the vendor's sample.
        Self::new("POL", 1005, "Request Rate Per Period Control Not Pass ")
    }

    /// `SVC 1006`: there is no such thing.
    #[must_use]
    pub fn not_found(resource: &str) -> Self {
        Self::new("SVC", 1006, format!("Resource {resource} does not exist"))
            .with_variable(resource)
    }

    /// `SVC 1005`: there is no such user.
    #[must_use]
    pub fn no_user(username: &str) -> Self {
        Self::new("SVC", 1005, format!("User does not exist: {username}")).with_variable(username)
    }

    /// `SVC 1013`: the organisation has no right to the operation.
    #[must_use]
    pub fn forbidden(operation: &str) -> Self {
        Self::new(
            "SVC",
            1013,
            format!(
                "Operation is not allowed. Access to perform \"{operation}\" on a resource of \
                 type \"subscription\" has been denied for user with id \
                 \"5a9db0c50000000000000001\" and role \"admin-sandbox\""
            ),
        )
    }

    /// `SVC 1013`: the caller's address is not on the list.
    #[must_use]
    pub fn ip_denied(ip: IpAddr) -> Self {
        let text = format!("Operation is not allowed: Remote IP '{ip}' is not authorized");
        Self::new("SVC", 1013, text)
    }

    /// `SVC 1013`: a business rule stands against it.
    pub fn not_allowed(rule: impl fmt::Display) -> Self {
        Self::new("SVC", 1013, format!("Operation is not allowed: {rule}"))
    }

    /// `SVC 1000`: something is missing.
    #[must_use]
    pub fn missing(parameter: &str) -> Self {
        Self::new(
            "SVC",
            1000,
            format!("Missing mandatory parameter: {parameter}"),
        )
        .with_variable(parameter)
    }

    /// `SVC 1001`: nobody knows this parameter.
    #[must_use]
    pub fn unknown_parameter(parameter: &str) -> Self {
        Self::new("SVC", 1001, format!("Invalid parameter: {parameter}")).with_variable(parameter)
    }

    /// `SVC 1021`: a value is impossible.
    pub fn invalid_value(value: impl fmt::Display) -> Self {
        Self::new("SVC", 1021, format!("Invalid parameter value: {value}"))
    }

    /// `SVC 1021`: a value is none of those that there are.
    pub fn unsupported_value(value: impl fmt::Display, supported: impl fmt::Display) -> Self {
        let text = format!("Invalid parameter value: {value} Supported values are {supported}");
        Self::new("SVC", 1021, text)
    }

    /// `SVC 1021`: the life cycle has no such transition.
    #[must_use]
    pub fn no_transition(refused: NoTransition) -> Self {
        Self::invalid_value(refused)
    }

    /// `SVC 1003`: there is no such operation.
    #[must_use]
    pub fn unknown_operation() -> Self {
        Self::new("SVC", 1003, "Requested operation does not exist")
    }

    /// `SVC 1004`: this version is not served any more.
    #[must_use]
    pub fn retired_version(use_instead: &str) -> Self {
        let text = format!("Requested version of API is deprecated. Use {use_instead}");
        Self::new("SVC", 1004, text).with_variable(use_instead)
    }

    /// `SVC 1023`: not well-formed.
    #[must_use]
    pub fn not_well_formed() -> Self {
        Self::new("SVC", 1023, "Parser Error: content not well formed")
    }

    /// `SVR 1006`: maintenance.
    #[must_use]
    pub fn maintenance() -> Self {
        Self::new(
            "SVR",
            1006,
            "Service temporarily unavailable: system under maintenance",
        )
    }

    /// `SVR 1000`: an error of the platform itself.
    #[must_use]
    pub fn server_error(detail: &str) -> Self {
        Self::new("SVR", 1000, format!("Generic Server Error: {detail}"))
    }

    /// `POL 1005`, for people.
    #[must_use]
    pub fn code(&self) -> String {
        format!("{} {:04}", self.category, self.id)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is the platform's own fault (`ServerException`).
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.category == "SVR"
    }

    /// The fault as a SOAP 1.1 envelope, in the look of the guide's samples (6.9, 6.10.1).
    #[must_use]
    pub fn to_soap(&self) -> String {
        let (code, string, element) = if self.is_server() {
            ("soap:Server", "Server exception", "ServerException")
        } else {
            ("soap:Client", "Client exception", "ClientException")
        };
        let mut inner = String::new();
        let mut child = |name: &str, text: &str| {
            let text = escape(text);
            inner.push_str(&format!(
                "\n               <wstxns1:{name}>{text}</wstxns1:{name}>"
            ));
        };
        child("exceptionCategory", &self.category);
        child("exceptionId", &self.id.to_string());
        child("text", &self.text);
        for variable in &self.variables {
            child("variables", variable);
        }
        if let Some(id) = &self.transaction_id {
            child("SOATransactionID", id);
        }
        format!(
            r#"<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
   <soap:Body>
      <soap:Fault xmlns:fault="http://www.telefonica.com/wsdl/UNICA/SOAP/common/v1/faults">
         <faultcode>{code}</faultcode>
         <faultstring>{string}</faultstring>
         <detail>
            <fault:{element} xmlns:wstxns1="http://www.telefonica.com/schemas/UNICA/SOAP/common/v1">{inner}
            </fault:{element}>
         </detail>
      </soap:Fault>
   </soap:Body>
</soap:Envelope>"#
        )
    }

    /// The fault as JSON, in the look of the guide's sample 6.14: the number is a string there.
    #[must_use]
    pub fn to_json(&self) -> String {
        let element = if self.is_server() {
            "ServerException"
        } else {
            "ClientException"
        };
        let mut exception = serde_json::json!({
            "exceptionId": self.id.to_string(),
            "exceptionCategory": self.category,
            "text": self.text,
        });
        if !self.variables.is_empty() {
            exception["variables"] = serde_json::json!(self.variables);
        }
        format!("{:#}\n", serde_json::json!({ element: exception }))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.text.trim())
    }
}

impl std::error::Error for Fault {}

/// Text as it may stand between tags. What no XML document can hold becomes a question mark.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const COMMON: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1";
    const FAULTS: &str = "http://www.telefonica.com/wsdl/UNICA/SOAP/common/v1/faults";

    #[test]
    fn soap_fault_is_what_the_contract_says() {
        let fault = Fault::new("SVC", 1021, "Invalid parameter value: <a> & ]]>")
            .with_variable("<a>")
            .with_transaction_id("tx-1");
        let xml = fault.to_soap();
        let doc = roxmltree::Document::parse(&xml).unwrap();
        let find = |ns: &str, local: &str| {
            doc.descendants()
                .find(|n| n.has_tag_name((ns, local)))
                .unwrap()
        };
        let text = |local| find(COMMON, local).text().unwrap();
        let fault = doc
            .descendants()
            .find(|n| n.has_tag_name("faultcode"))
            .unwrap();
        assert_eq!(fault.text(), Some("soap:Client"));
        let children: Vec<_> = find(FAULTS, "ClientException")
            .children()
            .filter(roxmltree::Node::is_element)
            .map(|n| n.tag_name().name().to_owned())
            .collect();
        assert_eq!(
            children,
            [
                "exceptionCategory",
                "exceptionId",
                "text",
                "variables",
                "SOATransactionID"
            ]
        );
        assert_eq!(text("exceptionId"), "1021");
        assert_eq!(text("text"), "Invalid parameter value: <a> & ]]>");
    }

    #[test]
    fn server_faults_say_so() {
        let xml = Fault::maintenance().to_soap();
        assert!(xml.contains("<faultcode>soap:Server</faultcode>"), "{xml}");
        assert!(xml.contains("fault:ServerException"), "{xml}");
        assert_eq!(Fault::maintenance().code(), "SVR 1006");
    }

    #[test]
    fn json_has_the_number_as_a_string() {
        let json = Fault::ip_denied([192, 0, 2, 7].into()).to_json();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["ClientException"]["exceptionId"], "1013");
        let text = value["ClientException"]["text"].as_str().unwrap();
        assert!(text.contains("Remote IP '192.0.2.7'"), "{text}");
    }
}
