//! The call that gets a token, in each platform's form.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use mno_runtime::facts::OperationFacts;
use mno_runtime::json::{self, Value};
use mno_runtime::mask::Masked;
use mno_runtime::transport::{BoxFuture, Call, CallOptions, Transport};
use mno_runtime::values::{Base64, Lexical as _};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    AccessToken, ClientCredentials, Secret, ServiceAccount, TokenError, TokenErrorKind as Kind,
    TokenSource,
};

/// Longest time for a token, waiting for a permit and repetitions after a 429 included.
const DEADLINE: Duration = Duration::from_secs(60);
/// Longest answer.
const LIMIT: usize = 256 * 1024;
/// How much of what the endpoint says is shown, in characters.
const WORDS: usize = 200;

/// What is shown to the token endpoint, and how.
pub(crate) enum Grant {
    /// Grant type in the query, id and secret in the form (KPN's API store).
    Form(ClientCredentials),
    /// Name and password as HTTP Basic, grant type in the form (BSC guide 3.1).
    Basic(ClientCredentials),
    /// A signed assertion in the form (RFC 7523; MasStack).
    Assertion(ServiceAccount),
}

/// Asks a token endpoint.
pub(crate) struct TokenEndpoint(Arc<Inner>);

struct Inner {
    /// With the policies around it, and without a credential.
    transport: Arc<dyn Transport>,
    facts: &'static OperationFacts,
    /// Path and query on the transport's host.
    target: String,
    /// Host and path, for messages.
    place: String,
    grant: Grant,
}

impl TokenEndpoint {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        facts: &'static OperationFacts,
        host: &str,
        target: String,
        grant: Grant,
    ) -> Self {
        let path = target.split('?').next().unwrap_or_default();
        Self(Arc::new(Inner {
            place: format!("{host}{path}"),
            transport,
            facts,
            target,
            grant,
        }))
    }
}

impl TokenSource for TokenEndpoint {
    fn fetch(&self) -> BoxFuture<'static, Result<AccessToken, TokenError>> {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.fetch().await })
    }
}

impl Inner {
    async fn fetch(&self) -> Result<AccessToken, TokenError> {
        let (request, secrets) = self.request()?;
        let options = CallOptions::default().with_deadline(DEADLINE);
        let call = Call::new(self.facts, request).with_options(options);
        let no_answer = |error| TokenError::no_answer(&self.place, error);
        let response = self.transport.send(call).await.map_err(no_answer)?;
        let status = response.status();
        let body = response
            .into_body()
            .collect(LIMIT)
            .await
            .map_err(no_answer)?;
        if !status.is_success() {
            return Err(self.refusal(status, &body, &secrets));
        }
        token(&body).ok_or_else(|| {
            let message = format!(
                "the token endpoint {} answered {} with something that holds no access token: \
                 check the token URL, and whether a proxy answered in its place",
                self.place,
                status.as_u16()
            );
            TokenError::new(Kind::Unexpected, message).with_status(status)
        })
    }

    /// The request, and what must not be shown of an answer to it.
    fn request(&self) -> Result<(Request<Bytes>, Vec<Secret>), TokenError> {
        let mut target = self.target.clone();
        let mut basic = None;
        let (form, secrets) = match &self.grant {
            Grant::Form(credentials) => {
                if !target.contains("grant_type=") {
                    target.push(if target.contains('?') { '&' } else { '?' });
                    target.push_str("grant_type=client_credentials");
                }
                let form = [
                    ("client_id", credentials.id()),
                    ("client_secret", credentials.secret()),
                ];
                let secrets = [credentials.id(), credentials.secret()].map(Secret::new);
                (form_body(&form), secrets.to_vec())
            }
            Grant::Basic(credentials) => {
                let (name, password) = (credentials.id(), credentials.secret());
                let mut plain = Base64(format!("{name}:{password}").into_bytes());
                let pair = Secret::new(plain.to_text());
                plain.0.zeroize();
                let mut value = HeaderValue::try_from(format!("Basic {}", pair.expose()))
                    .map_err(|_| self.cannot_be_made())?;
                value.set_sensitive(true);
                basic = Some(value);
                let form = [("grant_type", "client_credentials")];
                let secrets = vec![Secret::new(name), Secret::new(password), pair];
                (form_body(&form), secrets)
            }
            Grant::Assertion(account) => {
                let assertion = account.assertion(SystemTime::now())?;
                let form = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", assertion.as_str()),
                ];
                let secrets = [assertion.as_str(), account.email()].map(Secret::new);
                (form_body(&form), secrets.to_vec())
            }
        };
        let mut request = Request::post(target)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(Bytes::from_owner(form))
            .map_err(|_| self.cannot_be_made())?;
        if let Some(basic) = basic {
            request.headers_mut().insert(header::AUTHORIZATION, basic);
        }
        Ok((request, secrets))
    }

    fn cannot_be_made(&self) -> TokenError {
        let message = format!(
            "the request to the token endpoint {} is not valid",
            self.place
        );
        TokenError::new(Kind::Configuration, message)
    }

    fn refusal(&self, status: StatusCode, body: &[u8], secrets: &[Secret]) -> TokenError {
        let said = words(body, secrets);
        let code = status.as_u16();
        // KPN's answers 500 to a client that it does not know.
        let knows_not = code >= 500 && contains(body, b"invalid_client");
        let (kind, what, advice) = match code {
            400 | 401 | 403 => (Kind::Refused, "refuses the credentials", self.advice()),
            _ if knows_not => (Kind::Refused, "refuses the credentials", self.advice()),
            300..=399 => (
                Kind::Unexpected,
                "sends to another address, which is not followed",
                "check the token URL",
            ),
            404 | 405 => (
                Kind::Unexpected,
                "does not answer to this",
                "check the token URL",
            ),
            429 => (
                Kind::Unavailable,
                "hands out no more tokens for now",
                "try again later, and look for other systems that use the same credentials",
            ),
            _ => (
                Kind::Unavailable,
                "has a fault of its own",
                "try again later, not at once",
            ),
        };
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        let message = format!(
            "the token endpoint {} {what}{said} [HTTP {code}]; {advice}",
            self.place
        );
        TokenError::new(kind, message).with_status(status)
    }

    fn advice(&self) -> &'static str {
        match self.grant {
            Grant::Form(_) => {
                "check client id and client secret, and that they belong to a project with this API"
            }
            Grant::Basic(_) => {
                "check name and password, and that the user's role in the portal allows the API"
            }
            Grant::Assertion(_) => {
                "check that the service account is for this environment and still active, and \
                 this machine's clock"
            }
        }
    }
}

/// Reads the token out of an answer: numbers may be text, as all of KPN's are.
fn token(body: &[u8]) -> Option<AccessToken> {
    let Ok(Value::Object(mut members)) = json::from_slice(body) else {
        return None;
    };
    let Some(Value::String(token)) = members.remove("access_token") else {
        return None;
    };
    let token = Secret::new(token);
    if token.expose().trim().is_empty() {
        return None;
    }
    let seconds = match members.get("expires_in") {
        Some(Value::Number(text)) => text.parse::<f64>().ok(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let lifetime = seconds
        .filter(|seconds| seconds.is_finite())
        .map(|seconds| {
            let longest = AccessToken::MAX_LIFETIME.as_secs_f64();
            Duration::from_secs_f64(seconds.clamp(0.0, longest))
        });
    Some(AccessToken::new(token.expose().trim(), lifetime))
}

/// What an error body says, without secrets and masked.
fn words(body: &[u8], secrets: &[Secret]) -> Option<String> {
    const NAMES: [&str; 13] = [
        "error",
        "ErrorCode",
        "errorCode",
        "error_token",
        "code",
        "errorcode",
        "name",
        "error_description",
        "Error",
        "message",
        "faultstring",
        "title",
        "info",
    ];
    let value: Value = json::from_slice(body).ok()?;
    let inner = ["fault", "error"]
        .into_iter()
        .filter_map(|name| value.get(name))
        .find(|inner| matches!(inner, Value::Object(_)))
        .unwrap_or(&value);
    let mut said = String::new();
    for name in NAMES {
        let text = match inner.get(name) {
            Some(Value::String(text)) => text.trim(),
            Some(Value::Number(text)) => text,
            _ => continue,
        };
        if !text.is_empty() {
            let colon = if said.is_empty() { "" } else { ": " };
            let _ = write!(said, "{colon}{text}");
        }
    }
    // The longest first: a shorter one may be a part of it.
    let mut secrets: Vec<&str> = secrets.iter().map(Secret::expose).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "…");
    }
    let said: String = Masked(&said)
        .to_string()
        .chars()
        .filter(|c| !c.is_control())
        .take(WORDS)
        .collect();
    (!said.is_empty()).then_some(said)
}

fn contains(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}

/// A form, in bytes that are overwritten once they have been sent.
fn form_body(fields: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let longest = fields.iter().map(|(n, v)| n.len() + 3 * v.len() + 2).sum();
    // It never grows: no copy is left behind.
    let mut out = Zeroizing::new(Vec::with_capacity(longest));
    for (name, value) in fields {
        if !out.is_empty() {
            out.push(b'&');
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(byte);
            } else {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
                out.extend_from_slice(&[b'%', HEX[high], HEX[low]]);
            }
        }
    }
    out
}
