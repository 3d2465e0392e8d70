//! PEM text.

use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};

use super::{Identity, IdentityError, IdentityErrorKind as Kind, SecretKey, material};

pub(super) fn read(pem: &[u8]) -> Result<Identity, IdentityError> {
    if !contains(pem, b"-----BEGIN ") {
        return Err(IdentityError::new(
            Kind::NotPem,
            "this is not PEM text (no \"-----BEGIN\"): a .pfx or .p12 file is read by \
             Identity::from_pkcs12",
        ));
    }
    // The parser skips sections that it does not know, encrypted keys among them: say so before
    // it looks as if there were no key.
    if contains(pem, b"BEGIN ENCRYPTED PRIVATE KEY") || contains(pem, b"Proc-Type: 4,ENCRYPTED") {
        return Err(IdentityError::new(
            Kind::EncryptedKey,
            "the private key is encrypted: decrypt it first (openssl pkey -in key.pem -out \
             plain.pem), or use the .pfx file with its password",
        ));
    }
    let mut keys = Vec::new();
    let mut certificates = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        let (kind, der) = section.map_err(|error| {
            IdentityError::new(
                Kind::Unreadable,
                format!("the PEM text is damaged ({error}): export or copy it again, whole"),
            )
        })?;
        let key: PrivateKeyDer<'static> = match kind {
            SectionKind::Certificate => {
                certificates.push(CertificateDer::from(der));
                continue;
            }
            SectionKind::PrivateKey => PrivatePkcs8KeyDer::from(der).into(),
            SectionKind::RsaPrivateKey => PrivatePkcs1KeyDer::from(der).into(),
            SectionKind::EcPrivateKey => PrivateSec1KeyDer::from(der).into(),
            _ => continue,
        };
        keys.push(SecretKey(key));
    }
    material::assemble(keys, certificates)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
