//! What callers identify themselves with, where no policy of the transport does it for them.

use std::fmt;

use http::{HeaderName, HeaderValue, header};

use super::request::RequestWriter;
use super::uri::encoded;
use crate::values::{Base64, Lexical};

/// A credential that a client adds to every call: a key, a token, a password.
///
/// Contracts name what they want under "security schemes"; generated crates list theirs in their
/// README. A transport that gets and renews tokens by itself (`mno-sdk`) needs none of this.
///
/// `Debug` shows where it stands, never what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Authorization { scheme: String, text: String },
    Header { name: String, value: String },
    Query { name: String, value: String },
    Cookie { name: String, value: String },
}

impl Credential {
    /// User name and password (RFC 7617): `Authorization: Basic …`.
    #[must_use]
    pub fn basic(user: &str, password: &str) -> Self {
        let mut text = String::new();
        Base64(format!("{user}:{password}").into_bytes()).write(&mut text);
        Self::authorization("Basic", text)
    }

    /// A token (RFC 6750): `Authorization: Bearer …`; of OAuth 2.0 and OpenID Connect too.
    #[must_use]
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::authorization("Bearer", token)
    }

    /// Another scheme of the `Authorization` header.
    #[must_use]
    pub fn authorization(scheme: impl Into<String>, text: impl Into<String>) -> Self {
        Self(Kind::Authorization {
            scheme: scheme.into(),
            text: text.into(),
        })
    }

    /// A key in a header.
    #[must_use]
    pub fn header(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self(Kind::Header {
            name: name.into(),
            value: value.into(),
        })
    }

    /// A key in the query. It is part of the URL then, which proxies log.
    #[must_use]
    pub fn query(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self(Kind::Query {
            name: name.into(),
            value: value.into(),
        })
    }

    /// A key in a cookie.
    #[must_use]
    pub fn cookie(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self(Kind::Cookie {
            name: name.into(),
            value: value.into(),
        })
    }

    /// Adds it to a request; what is wrong with it, otherwise.
    pub(super) fn apply(&self, request: &mut RequestWriter) -> Result<(), String> {
        let mut set = |name: HeaderName, text: &str| {
            let mut value = HeaderValue::try_from(text)
                .map_err(|_| "a credential that cannot stand in a header".to_owned())?;
            value.set_sensitive(true);
            request.set_header(name, value);
            Ok(())
        };
        match &self.0 {
            Kind::Authorization { scheme, text } => {
                set(header::AUTHORIZATION, &format!("{scheme} {text}"))
            }
            Kind::Header { name, value } => {
                let name = HeaderName::try_from(name.as_str())
                    .map_err(|_| format!("a credential in `{name}`, which is no header's name"))?;
                set(name, value)
            }
            Kind::Query { name, value } => {
                request.push_query(encoded(name), encoded(value));
                Ok(())
            }
            Kind::Cookie { name, value } => {
                request.push_cookie(&encoded(name), &encoded(value));
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Authorization { scheme, .. } => write!(f, "Credential({scheme} …)"),
            Kind::Header { name, .. } => write!(f, "Credential(header {name}: …)"),
            Kind::Query { name, .. } => write!(f, "Credential(query {name}=…)"),
            Kind::Cookie { name, .. } => write!(f, "Credential(cookie {name}=…)"),
        }
    }
}
