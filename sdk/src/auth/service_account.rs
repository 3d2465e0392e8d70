use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mno_runtime::json::{self, Value};
use mno_runtime::values::{Base64, Lexical as _};
use mno_runtime::{Error, ErrorKind};
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::SigningKey;
use zeroize::{Zeroize as _, Zeroizing};

use super::{TokenError, TokenErrorKind};

/// How long an assertion is good for; the platform allows an hour.
const ASSERTION_LIVES: Duration = Duration::from_secs(10 * 60);

/// A service account of MasStack's, from the JSON file that the operator hands out.
///
/// Access tokens are asked for with an assertion: a JSON web token that says who asks, signed with
/// the account's RSA key (RS256). The key never leaves this machine; the text that it was read
/// from is overwritten. `Debug` shows where tokens come from, and nothing else.
///
/// ```no_run
/// use mno_sdk::MasStack;
/// use mno_sdk::auth::ServiceAccount;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let account = ServiceAccount::from_json(&std::fs::read("service-account.json")?)?;
/// let masstack = MasStack::builder().credentials(account).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ServiceAccount(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    key: Arc<dyn SigningKey>,
    key_id: String,
    email: String,
    token_uri: String,
    scope: Option<String>,
}

impl ServiceAccount {
    /// Reads the operator's file. Used are `private_key` (PEM, RSA from 2048 bits),
    /// `private_key_id`, `client_email` and `token_uri`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the file is not JSON, a member is missing or of no use, or
    /// `token_uri` is not an https URL.
    pub fn from_json(file: &[u8]) -> Result<Self, Error> {
        let Value::Object(mut members) = json::from_slice(file).map_err(|error| {
            configuration("is not JSON: pass the file as the operator gave it").with_source(error)
        })?
        else {
            return Err(configuration(
                "is not a JSON object: pass the file as the operator gave it",
            ));
        };
        let mut take = |name: &str| match members.remove(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
            _ => Err(configuration(&format!("has no {name}"))),
        };
        let pem = Zeroizing::new(take("private_key")?);
        if take("type").is_ok_and(|kind| kind != "service_account") {
            return Err(configuration(
                "is of another type than \"service_account\": ask the operator for the file of a \
                 service account",
            ));
        }
        let account = Inner {
            key: signing_key(&pem)?,
            key_id: take("private_key_id")?,
            email: take("client_email")?,
            token_uri: take("token_uri")?,
            scope: None,
        };
        crate::http::split_https_url(&account.token_uri, "token_uri of the service account")?;
        Ok(Self(Arc::new(account)))
    }

    /// Asks for tokens with these rights, separated by spaces; by default for none in particular.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).scope = Some(scope.into());
        self
    }

    /// Where its tokens come from.
    #[must_use]
    pub fn token_uri(&self) -> &str {
        &self.0.token_uri
    }

    pub(crate) fn email(&self) -> &str {
        &self.0.email
    }

    /// A signed assertion (RFC 7523) from now on.
    pub(super) fn assertion(&self, now: SystemTime) -> Result<Zeroizing<String>, TokenError> {
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let text = |text: &str| Value::String(text.to_owned());
        let seconds = |time: Duration| Value::Number(time.as_secs().to_string().into());
        let header = object([
            ("alg", text("RS256")),
            ("typ", text("JWT")),
            ("kid", text(&self.0.key_id)),
        ])?;
        let mut claims = vec![
            ("iss", text(&self.0.email)),
            ("aud", text(&self.0.token_uri)),
            ("iat", seconds(now)),
            ("exp", seconds(now + ASSERTION_LIVES)),
        ];
        if let Some(scope) = &self.0.scope {
            claims.push(("scope", text(scope)));
        }
        let claims = object(claims)?;
        let mut jwt = Zeroizing::new(format!("{}.{}", base64_url(header), base64_url(claims)));
        let signature = self
            .0
            .key
            .choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
            .and_then(|signer| signer.sign(jwt.as_bytes()).ok())
            .ok_or_else(|| {
                let message = "the service account's key cannot sign";
                TokenError::new(TokenErrorKind::Configuration, message)
            })?;
        jwt.push('.');
        jwt.push_str(&base64_url(signature));
        Ok(jwt)
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("token_uri", &self.0.token_uri)
            .finish_non_exhaustive()
    }
}

fn configuration(what: &str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("the service account's file {what}"),
    )
}

fn signing_key(pem: &str) -> Result<Arc<dyn SigningKey>, Error> {
    let mut der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
        configuration("has a private_key that is not PEM text with an unencrypted private key")
    })?;
    let key = any_supported_type(&der);
    der.zeroize();
    let key = key.map_err(|error| {
        configuration("has a private_key that cannot be used: RSA from 2048 bits can")
            .with_source(error)
    })?;
    if key
        .choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
        .is_none()
    {
        return Err(configuration(
            "has a private_key that is not an RSA key, and assertions are signed with RS256",
        ));
    }
    Ok(key)
}

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Result<Vec<u8>, TokenError> {
    let members = members.into_iter().map(|(name, v)| (name.to_owned(), v));
    json::to_vec(&Value::Object(members.collect())).map_err(|error| {
        let message = format!("the assertion cannot be written: {error}");
        TokenError::new(TokenErrorKind::Configuration, message)
    })
}

/// Base 64 as in URLs, without padding (RFC 7515, 2).
fn base64_url(bytes: Vec<u8>) -> String {
    let mut text = Base64(bytes).to_text().replace('+', "-").replace('/', "_");
    text.truncate(text.trim_end_matches('=').len());
    text
}
