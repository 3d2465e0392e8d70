use std::fmt;

use http::HeaderName;
use http::request::Parts;
use mno_runtime::{Error, ErrorKind};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{CallbackError, CallbackErrorKind};

/// What a caller must know.
///
/// The secret is compared in constant time; only its hash is kept.
#[derive(Clone)]
pub struct Guard(Kind);

#[derive(Clone)]
enum Kind {
    Nothing,
    Path(Hash),
    Header(HeaderName, Hash),
}

/// SHA-256: of one length, and of no use to whoever sees it.
type Hash = [u8; 32];

impl Guard {
    /// The last segment of the URL's path is this secret; a slash behind it does not count.
    ///
    /// ```
    /// use mno_sdk::callbacks::Guard;
    ///
    /// // POST https://hooks.example/bsc/uHn3k9wQ2x7RbT5y
    /// let guard = Guard::path("uHn3k9wQ2x7RbT5y")?;
    /// assert!(Guard::path("short").is_err());
    /// # Ok::<(), mno_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when it has less than 16 characters, or others than letters,
    /// digits, `-`, `.`, `_` and `~`.
    pub fn path(secret: &str) -> Result<Self, Error> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        check(secret, allowed)?;
        Ok(Self(Kind::Path(hash(secret.as_bytes()))))
    }

    /// A header's value is this secret, for instance `authorization` and `Bearer …`: for a proxy or
    /// gateway on the way that adds it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when it has less than 16 characters, or others than visible
    /// ones of ASCII and spaces.
    pub fn header(name: HeaderName, secret: &str) -> Result<Self, Error> {
        check(secret, |byte| (b' '..=b'~').contains(&byte))?;
        Ok(Self(Kind::Header(name, hash(secret.as_bytes()))))
    }

    /// Anybody may post: only behind something that looks after it.
    #[must_use]
    pub fn open() -> Self {
        Self(Kind::Nothing)
    }

    /// Lets a request pass; what of its path is not the secret.
    pub(super) fn check<'a>(&self, head: &'a Parts) -> Result<&'a str, CallbackError> {
        let path = head.uri.path();
        let path = path.strip_suffix('/').unwrap_or(path);
        match &self.0 {
            Kind::Nothing => Ok(path),
            Kind::Path(secret) => match path.rsplit_once('/') {
                Some((rest, last)) if is(secret, last.as_bytes()) => Ok(rest),
                _ => Err(CallbackError::new(CallbackErrorKind::UnknownPath)),
            },
            Kind::Header(name, secret) => match head.headers.get(name) {
                Some(value) if is(secret, value.as_bytes()) => Ok(path),
                _ => Err(CallbackError::new(CallbackErrorKind::Unauthorized)),
            },
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Nothing => f.write_str("Guard(open)"),
            Kind::Path(_) => f.write_str("Guard(path)"),
            Kind::Header(name, _) => write!(f, "Guard(header {name})"),
        }
    }
}

fn check(secret: &str, allowed: impl Fn(u8) -> bool) -> Result<(), Error> {
    let refused = |why| {
        let message = format!("the secret of a callback receiver {why}");
        Err(Error::new(ErrorKind::Configuration, message))
    };
    if secret.len() < 16 {
        return refused("has less than 16 characters: it could be guessed");
    }
    if !secret.bytes().all(allowed) {
        return refused("has characters that cannot stand where it is looked for");
    }
    Ok(())
}

fn hash(text: &[u8]) -> Hash {
    Sha256::digest(text).into()
}

fn is(secret: &Hash, text: &[u8]) -> bool {
    hash(text).ct_eq(secret).into()
}
