//! PKCS#12 files.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as P12Error;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::{Identity, IdentityError, IdentityErrorKind as Kind, SecretKey, material};

pub(super) fn read(der: &[u8], password: &str) -> Result<Identity, IdentityError> {
    if let Some(what) = something_else(der) {
        return Err(IdentityError::new(
            Kind::NotPkcs12,
            format!("not a PKCS#12 file: {what}"),
        ));
    }
    let archive = Pkcs12Archive::from_pkcs12(der, password).map_err(|error| refused(&error))?;
    // Keys and certificates are matched by public key, not by the bags' attributes, which many
    // tools set wrongly or not at all.
    let keys = archive
        .keys
        .iter()
        .map(|bag| SecretKey(PrivatePkcs8KeyDer::from(bag.key.as_der().to_vec()).into()))
        .collect();
    let certificates = archive
        .certs
        .iter()
        .map(|bag| CertificateDer::from(bag.cert.as_der().to_vec()))
        .collect();
    material::assemble(keys, certificates)
}

/// Tells what people pass by mistake.
fn something_else(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii_start();
    if text.is_empty() {
        Some("it is empty")
    } else if text.starts_with(b"-----BEGIN") {
        Some("it is PEM text, which Identity::from_pem reads")
    } else if text.starts_with(b"<") {
        Some("it is HTML or XML, probably a login page saved in its place: download it again")
    } else if text.starts_with(b"MI") {
        Some("it looks like base64 text: decode it first")
    } else if bytes.first() != Some(&0x30) {
        Some("it does not begin as one does; check that the path is right and the file is whole")
    } else if !is_pfx(bytes) {
        Some(
            "it is another binary file, such as a certificate or key alone; use the .pfx that \
             holds both",
        )
    } else {
        None
    }
}

/// A sequence that begins with version 3.
fn is_pfx(bytes: &[u8]) -> bool {
    let length_bytes = match bytes.get(1) {
        Some(&long) if long > 0x80 => usize::from(long & 0x7f),
        Some(_) => 0,
        None => return false,
    };
    bytes
        .get(2 + length_bytes..)
        .is_some_and(|rest| rest.starts_with(&[0x02, 0x01, 0x03]))
}

fn refused(error: &P12Error) -> IdentityError {
    match error {
        P12Error::MacError(_) => IdentityError::new(
            Kind::WrongPassword,
            "the password does not open this PKCS#12 file: check it (also for a trailing line \
             break), and that it belongs to this very file",
        ),
        // Without a MAC a wrong password shows as rubbish after decryption.
        P12Error::Pkcs5Error(_) | P12Error::UnpadError => IdentityError::new(
            Kind::WrongPassword,
            "the PKCS#12 file could not be decrypted: most likely the password is wrong",
        ),
        other => IdentityError::new(
            Kind::Unreadable,
            format!(
                "the PKCS#12 file cannot be read ({other}): it is damaged or protected in an \
                 unusual way; download it again, or write it anew with openssl pkcs12"
            ),
        ),
    }
}
