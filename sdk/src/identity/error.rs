use std::error::Error as StdError;
use std::fmt;

use mno_runtime::{Error, ErrorKind};

/// Why a file holds no usable identity, and what to do about it.
///
/// It never shows the password, the key or the certificate's subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityError {
    kind: IdentityErrorKind,
    message: String,
}

/// What is wrong with an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityErrorKind {
    /// The password does not open the PKCS#12 file.
    WrongPassword,
    /// The bytes are not a PKCS#12 file.
    NotPkcs12,
    /// The bytes are not PEM text.
    NotPem,
    /// The file is cut off, damaged, or uses an encryption that cannot be read.
    Unreadable,
    /// There is no private key inside.
    NoPrivateKey,
    /// There is no certificate inside.
    NoCertificate,
    /// No certificate inside belongs to the key.
    KeyMismatch,
    /// Several keys inside have a certificate: it is not clear which one is meant.
    SeveralIdentities,
    /// The PEM key is protected by a password.
    EncryptedKey,
    /// The key's algorithm or size cannot be used.
    UnsupportedKey,
}

impl IdentityError {
    pub(crate) fn new(kind: IdentityErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> IdentityErrorKind {
        self.kind
    }

    /// The password does not open the file.
    #[must_use]
    pub fn is_wrong_password(&self) -> bool {
        self.kind == IdentityErrorKind::WrongPassword
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for IdentityError {}

impl From<IdentityError> for Error {
    /// A configuration error with the identity's error as its source.
    fn from(error: IdentityError) -> Self {
        Error::new(
            ErrorKind::Configuration,
            format!("client certificate: {error}"),
        )
        .with_source(error)
    }
}
