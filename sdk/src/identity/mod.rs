//! Who calls: a client certificate with its private key.
//!
//! The platform's portal hands out one `.pfx` file and a password:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mno_sdk::Identity;
//!
//! let password = std::env::var("KITE_PFX_PASSWORD")?;
//! let identity = Identity::from_pkcs12(&std::fs::read("organisation.pfx")?, &password)?;
//! println!("valid until {:?}", identity.not_after());
//! # Ok(()) }
//! ```

mod error;
mod material;
mod pem;
mod pkcs12;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroize as _;

pub use error::{IdentityError, IdentityErrorKind};

/// A client certificate, its chain and its private key; cheap to clone.
///
/// Decoded once and kept in memory; nothing is written to disk. The key's bytes are overwritten
/// when the last clone is dropped (the copies that decoders and the TLS library make of a key are
/// theirs). `Debug` shows the fingerprint and the expiry, and neither the subject nor the key.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    /// Leaf first.
    chain: Vec<CertificateDer<'static>>,
    key: SecretKey,
    not_after: SystemTime,
    organisation: Option<String>,
    fingerprint: String,
}

/// A private key whose bytes are overwritten on drop; `PrivateKeyDer` alone is not.
struct SecretKey(PrivateKeyDer<'static>);

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Identity {
    /// Reads a PKCS#12 file (`.pfx`, `.p12`), as the platform's portal hands it out.
    ///
    /// Modern files (AES) and old ones (RC2, 3DES) are read alike. Of several keys, the one with
    /// a certificate is taken.
    ///
    /// # Errors
    /// [`IdentityError`] says what is wrong and what to do.
    pub fn from_pkcs12(der: &[u8], password: &str) -> Result<Self, IdentityError> {
        pkcs12::read(der, password)
    }

    /// Reads PEM text: the certificate, its chain and the private key, in any order.
    ///
    /// Keys may be PKCS#8, PKCS#1 (RSA) or SEC1 (EC), and must not be encrypted. When key and
    /// certificates are in two files, pass one after the other in one slice.
    ///
    /// # Errors
    /// [`IdentityError`] says what is wrong and what to do.
    pub fn from_pem(pem: &[u8]) -> Result<Self, IdentityError> {
        pem::read(pem)
    }

    /// When the certificate expires.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.0.not_after
    }

    /// Whether the certificate has expired by this machine's clock.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.0.not_after < SystemTime::now()
    }

    /// SHA-256 of the certificate, in hexadecimal: tells certificates apart in logs.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> &str {
        &self.0.fingerprint
    }

    /// The organisation (`O`) in the certificate's subject. Certificates of one organisation
    /// share the platform's rate limits.
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        self.0.organisation.as_deref()
    }

    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.0.chain
    }

    pub(crate) fn key(&self) -> &PrivateKeyDer<'static> {
        &self.0.key.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("fingerprint_sha256", &self.0.fingerprint)
            .field("not_after", &self.0.not_after)
            .field("certificates", &self.0.chain.len())
            .finish_non_exhaustive()
    }
}
