//! The service account: the file that a partner is given, and the assertions signed with its key.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{self, KeyPair as _};
use serde_json::{Value, json};

use crate::failed;

/// The account's private key (PKCS#8). It is made up, in every sandbox the same, because making an
/// RSA key takes long; it is worth nothing elsewhere.
const KEY: &[u8] = include_bytes!("service-account.der");
/// A key of the same kind that the platform does not know.
const STRANGER: &[u8] = include_bytes!("stranger.der");

/// Longest time between `iat` and `exp`, in seconds.
const LONGEST: i64 = 3600;
/// By how much clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// A service account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) email: String,
    key_id: String,
    client_id: String,
    token_url: String,
    public_key: Vec<u8>,
}

impl Account {
    pub(super) fn new(key_id: String, client_id: u64, token_url: &str) -> io::Result<Self> {
        let pair = signature::RsaKeyPair::from_pkcs8(KEY).map_err(|e| failed(e.to_string()))?;
        Ok(Self {
            email: "partner@sandbox-project.example".to_owned(),
            key_id,
            client_id: client_id.to_string(),
            token_url: token_url.to_owned(),
            public_key: pair.public_key().as_ref().to_vec(),
        })
    }

    /// The file, with the account's key or with a stranger's.
    pub(super) fn file(&self, strange: bool) -> Value {
        json!({
            "type": "service_account",
            "project_id": "sandbox-project",
            "private_key_id": self.key_id,
            "private_key": pem(if strange { STRANGER } else { KEY }),
            "client_email": self.email,
            "client_id": self.client_id,
            "auth_uri": self.token_url.replace("/token", "/authorize"),
            "token_uri": self.token_url,
        })
    }

    /// Says what is wrong with an assertion, if anything.
    pub(super) fn check(&self, assertion: &str) -> Result<(), &'static str> {
        let (signed, signature) = assertion.rsplit_once('.').ok_or("not a JWT")?;
        let (header, claims) = signed.split_once('.').ok_or("not a JWT")?;
        let (header, claims) = (part(header)?, part(claims)?);
        if header["alg"] != "RS256" {
            return Err("alg is not RS256");
        }
        if header["kid"] != *self.key_id {
            return Err("kid is not a key of the account");
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "not a JWT")?;
        let algorithm = &signature::RSA_PKCS1_2048_8192_SHA256;
        signature::UnparsedPublicKey::new(algorithm, &self.public_key)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| "the signature is not that of the account")?;
        if claims["iss"] != *self.email {
            return Err("iss is not the account");
        }
        if claims["aud"] != *self.token_url {
            return Err("aud is not the token URL");
        }
        let time = |name: &str| claims[name].as_i64();
        let (Some(issued), Some(expires)) = (time("iat"), time("exp")) else {
            return Err("iat or exp is missing");
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX));
        if issued > now + LEEWAY {
            Err("iat is in the future")
        } else if expires <= now {
            Err("exp is in the past")
        } else if expires - issued > LONGEST {
            Err("exp is more than an hour after iat")
        } else {
            Ok(())
        }
    }
}

/// A part of a JWT.
fn part(text: &str) -> Result<Value, &'static str> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| "not a JWT")?;
    serde_json::from_slice(&json).map_err(|_| "not a JWT")
}

/// A token in the form of a JWT; nobody but the platform is to look into it, so the signature is
/// just any text.
pub(super) fn token(claims: &Value, signature: &str) -> String {
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = json!({ "alg": "RS256", "typ": "JWT" }).to_string();
    let claims = claims.to_string();
    format!(
        "{}.{}.{}",
        encode(header),
        encode(claims),
        encode(signature.to_owned())
    )
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem + "-----END PRIVATE KEY-----\n"
}
