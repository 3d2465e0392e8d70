//! From keys and certificates in any order to one identity.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Identity, IdentityError, IdentityErrorKind as Kind, Inner, SecretKey};

/// What a certificate says of itself, as far as it matters here.
struct Parsed {
    subject: Vec<u8>,
    issuer: Vec<u8>,
    public_key: Vec<u8>,
    not_after: SystemTime,
    organisation: Option<String>,
}

/// Finds the key that has a certificate and puts the chain in order.
pub(super) fn assemble(
    keys: Vec<SecretKey>,
    certificates: Vec<CertificateDer<'static>>,
) -> Result<Identity, IdentityError> {
    if keys.is_empty() {
        return Err(IdentityError::new(
            Kind::NoPrivateKey,
            "there is no private key inside, only certificates: export the certificate together \
             with its key, or download the .pfx file from the portal again",
        ));
    }
    if certificates.is_empty() {
        return Err(IdentityError::new(
            Kind::NoCertificate,
            "there is a private key but no certificate inside: add the certificate that the \
             portal issued for this key, and its chain",
        ));
    }
    let mut pool = Vec::with_capacity(certificates.len());
    for der in certificates {
        let parsed = parse(&der)?;
        if !pool.iter().any(|(other, _)| *other == der) {
            pool.push((der, parsed));
        }
    }
    let (key, leaf) = choose(keys, &pool)?;
    let chain = order(pool, leaf);
    let (leaf, parsed) = (&chain[0].0, &chain[0].1);

    let inner = Inner {
        not_after: parsed.not_after,
        organisation: parsed.organisation.clone(),
        fingerprint: hex(&Sha256::digest(leaf)),
        key,
        chain: chain.into_iter().map(|(der, _)| der).collect(),
    };
    let identity = Identity(Arc::new(inner));
    warn_of_expiry(&identity);
    Ok(identity)
}

/// Index of the leaf, and its key.
fn choose(
    keys: Vec<SecretKey>,
    pool: &[(CertificateDer<'static>, Parsed)],
) -> Result<(SecretKey, usize), IdentityError> {
    let mut chosen: Option<(SecretKey, usize)> = None;
    let mut unsupported = None;
    for key in keys {
        let signer = match any_supported_type(&key.0) {
            Ok(signer) => signer,
            Err(error) => {
                unsupported = Some(error);
                continue;
            }
        };
        let Some(public_key) = signer.public_key() else {
            continue;
        };
        // A renewed certificate may stand beside the old one for the same key: the newer counts.
        let leaf = pool
            .iter()
            .enumerate()
            .filter(|(_, (_, parsed))| parsed.public_key == public_key.as_ref())
            .max_by_key(|(_, (_, parsed))| parsed.not_after)
            .map(|(index, _)| index);
        match (leaf, &chosen) {
            (None, _) => {}
            // The same key twice is still one identity.
            (Some(leaf), Some((_, other))) if leaf == *other => {}
            (Some(_), Some(_)) => {
                return Err(IdentityError::new(
                    Kind::SeveralIdentities,
                    "several private keys inside have a certificate, and it is not clear which \
                     one is meant: export the one that belongs to this platform alone",
                ));
            }
            (Some(leaf), None) => chosen = Some((key, leaf)),
        }
    }
    match (chosen, unsupported) {
        (Some(chosen), _) => Ok(chosen),
        (None, Some(error)) => Err(IdentityError::new(
            Kind::UnsupportedKey,
            format!(
                "the private key cannot be used ({error}): RSA from 2048 bits, ECDSA on P-256 or \
                 P-384 and Ed25519 can"
            ),
        )),
        (None, None) => Err(IdentityError::new(
            Kind::KeyMismatch,
            "no certificate inside belongs to the private key: put together the key and the \
             certificate that was issued for it",
        )),
    }
}

/// The leaf, its issuer, the issuer's issuer … as far as they are there; the rest is left out.
fn order(
    mut pool: Vec<(CertificateDer<'static>, Parsed)>,
    leaf: usize,
) -> Vec<(CertificateDer<'static>, Parsed)> {
    let mut chain = vec![pool.swap_remove(leaf)];
    while let Some((_, last)) = chain.last() {
        if last.issuer == last.subject {
            break;
        }
        let Some(next) = pool
            .iter()
            .position(|(_, parsed)| parsed.subject == last.issuer)
        else {
            break;
        };
        chain.push(pool.swap_remove(next));
    }
    chain
}

fn parse(der: &CertificateDer<'_>) -> Result<Parsed, IdentityError> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| {
        IdentityError::new(
            Kind::Unreadable,
            "a certificate inside cannot be read: the file is damaged; download or export it again",
        )
    })?;
    let organisation = certificate
        .subject()
        .iter_organization()
        .find_map(|attribute| attribute.as_str().ok())
        .map(str::to_owned);
    let seconds = certificate.validity().not_after.timestamp();
    Ok(Parsed {
        subject: certificate.subject().as_raw().to_vec(),
        issuer: certificate.issuer().as_raw().to_vec(),
        public_key: certificate.public_key().raw.to_vec(),
        not_after: SystemTime::UNIX_EPOCH
            + Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
        organisation,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            // Writing to a string cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn warn_of_expiry(identity: &Identity) {
    const SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let fingerprint = identity.fingerprint_sha256();
    match identity.not_after().duration_since(SystemTime::now()) {
        Err(_) => tracing::warn!(
            fingerprint,
            "the client certificate has expired and the platform will refuse it: \
             issue a new one in the portal"
        ),
        Ok(left) if left < SOON => tracing::warn!(
            fingerprint,
            days_left = left.as_secs() / (24 * 60 * 60),
            "the client certificate expires soon: issue a new one in the portal"
        ),
        Ok(_) => {}
    }
}
