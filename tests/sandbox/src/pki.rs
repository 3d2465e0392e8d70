//! A made-up public key infrastructure: everything that mutual TLS needs, new for every sandbox.
//!
//! ```text
//! sandbox root CA ── sandbox intermediate CA ── server certificate (localhost, 127.0.0.1, ::1)
//! sandbox client CA ── client certificates, one organisation (O=…) each
//! an unknown CA ── the stranger's certificate, which the sandbox does not accept
//! ```

use std::fmt;
use std::io;
use std::sync::Arc;

use p12_keystore::{
    EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::failed;

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// First day on which the certificates of a sandbox are valid.
const NOT_BEFORE: (i32, u8, u8) = (2020, 1, 1);
/// Day on which they expire, unless said otherwise.
const NOT_AFTER: (i32, u8, u8) = (2049, 12, 31);

/// The certificates of one sandbox.
///
/// Cloning is cheap; clones share the authorities.
#[derive(Clone)]
pub struct Pki(Arc<Authorities>);

struct Authorities {
    root: Issuer,
    intermediate: Issuer,
    clients: Issuer,
    unknown: Issuer,
    server_chain: Vec<CertificateDer<'static>>,
    server_chain_pem: String,
    server_key: Vec<u8>,
    server_key_pem: String,
}

impl Pki {
    /// Makes authorities and a server certificate for `localhost`, `127.0.0.1` and `::1`.
    ///
    /// # Errors
    /// When keys cannot be made, for want of random numbers.
    pub fn new() -> io::Result<Self> {
        let root = authority("Sandbox Root CA", None)?;
        let intermediate = authority("Sandbox Intermediate CA", Some(&root))?;
        let clients = authority("Sandbox Client CA", None)?;
        let unknown = authority("Somebody Else's CA", None)?;

        let key = new_key()?;
        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let mut params = CertificateParams::new(names).map_err(failed)?;
        name(&mut params, "localhost", "Sandbox");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let server = params.signed_by(&key, &intermediate).map_err(failed)?;

        Ok(Self(Arc::new(Authorities {
            server_chain_pem: format!("{}{}", server.pem(), intermediate.pem()),
            server_chain: vec![server.into(), intermediate.der().clone()],
            server_key: key.serialize_der(),
            server_key_pem: key.serialize_pem(),
            root,
            intermediate,
            clients,
            unknown,
        })))
    }

    /// The root that a client must trust, as PEM.
    #[must_use]
    pub fn root_pem(&self) -> String {
        self.0.root.pem()
    }

    /// The intermediate that signed the server certificate, as PEM. The server sends it along.
    #[must_use]
    pub fn intermediate_pem(&self) -> String {
        self.0.intermediate.pem()
    }

    /// What the server sends: its certificate and the intermediate, as PEM.
    #[must_use]
    pub fn server_chain_pem(&self) -> &str {
        &self.0.server_chain_pem
    }

    /// The private key of the server certificate (PKCS#8), as PEM: with it and the
    /// [chain](Self::server_chain_pem), a receiver of callbacks on this machine can be one that the
    /// sandbox trusts.
    #[must_use]
    pub fn server_key_pem(&self) -> &str {
        &self.0.server_key_pem
    }

    /// The authority that client certificates come from, as PEM.
    #[must_use]
    pub fn client_ca_pem(&self) -> String {
        self.0.clients.pem()
    }

    /// A new client certificate of an organisation. Several certificates of one organisation
    /// share its rate limits.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn client(&self, organisation: &str) -> io::Result<ClientCredentials> {
        leaf(&self.0.clients, organisation, NOT_AFTER)
    }

    /// A client certificate that expired long ago.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn expired_client(&self, organisation: &str) -> io::Result<ClientCredentials> {
        leaf(&self.0.clients, organisation, (2021, 1, 1))
    }

    /// A client certificate that ends on this day (UTC): for tests of expiry warnings.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn client_until(
        &self,
        organisation: &str,
        (year, month, day): (i32, u8, u8),
    ) -> io::Result<ClientCredentials> {
        leaf(&self.0.clients, organisation, (year, month, day))
    }

    /// A client certificate from an authority that the sandbox does not know: its handshakes fail.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn stranger(&self) -> io::Result<ClientCredentials> {
        leaf(&self.0.unknown, "Stranger", NOT_AFTER)
    }

    pub(crate) fn server_chain(&self) -> Vec<CertificateDer<'static>> {
        self.0.server_chain.clone()
    }

    pub(crate) fn server_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.0.server_key.clone()).into()
    }

    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.0.root.der().clone()
    }

    pub(crate) fn client_ca(&self) -> CertificateDer<'static> {
        self.0.clients.der().clone()
    }
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pki").finish_non_exhaustive()
    }
}

/// A client certificate with its key, in every form in which customers have theirs.
///
/// The private key is made up for the sandbox and worth nothing elsewhere.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientCredentials {
    /// The organisation in the certificate's subject.
    pub organisation: String,
    /// The client's own certificate, as PEM.
    pub cert_pem: String,
    /// The client's certificate followed by the client CA, as PEM.
    pub chain_pem: String,
    /// The private key (PKCS#8), as PEM.
    pub key_pem: String,
    chain: Vec<Vec<u8>>,
    key: Vec<u8>,
}

impl ClientCredentials {
    /// PKCS#12 as made today: PBES2 with AES-256, MAC with SHA-256.
    ///
    /// # Errors
    /// When the container cannot be written.
    pub fn pfx_modern(&self, password: &str) -> io::Result<Vec<u8>> {
        self.pfx(
            password,
            EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
            MacAlgorithm::HmacSha256,
        )
    }

    /// PKCS#12 as the platform's portal makes it: PBE with SHA-1 and RC2-40, MAC with SHA-1, which
    /// OpenSSL 3 opens with `-legacy` only.
    ///
    /// # Errors
    /// When the container cannot be written.
    pub fn pfx_legacy(&self, password: &str) -> io::Result<Vec<u8>> {
        self.pfx(
            password,
            EncryptionAlgorithm::PbeWithShaAnd40BitRc4Cbc,
            MacAlgorithm::HmacSha1,
        )
    }

    /// PKCS#12 with the other legacy cipher: PBE with SHA-1 and three-key 3DES, MAC with SHA-1.
    ///
    /// # Errors
    /// When the container cannot be written.
    pub fn pfx_legacy_3des(&self, password: &str) -> io::Result<Vec<u8>> {
        self.pfx(
            password,
            EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc,
            MacAlgorithm::HmacSha1,
        )
    }

    fn pfx(
        &self,
        password: &str,
        cipher: EncryptionAlgorithm,
        mac: MacAlgorithm,
    ) -> io::Result<Vec<u8>> {
        let key = PrivateKey::from_der(&self.key).map_err(failed)?;
        let certs = self
            .chain
            .iter()
            .map(|der| p12_keystore::Certificate::from_der(der).map_err(failed))
            .collect::<io::Result<Vec<_>>>()?;
        let mut store = KeyStore::new();
        let chain = PrivateKeyChain::new("1", key, certs);
        store.add_entry(&self.organisation, KeyStoreEntry::PrivateKeyChain(chain));
        store
            .writer(password)
            .encryption_algorithm(cipher)
            .encryption_iterations(2048)
            .mac_algorithm(mac)
            .mac_iterations(2048)
            .write()
            .map_err(failed)
    }
}

impl fmt::Debug for ClientCredentials {
    /// Never shows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("organisation", &self.organisation)
            .finish_non_exhaustive()
    }
}

fn new_key() -> io::Result<KeyPair> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)
}

fn name(params: &mut CertificateParams, common_name: &str, organisation: &str) {
    let (y, m, d) = NOT_BEFORE;
    params.not_before = rcgen::date_time_ymd(y, m, d);
    let (y, m, d) = NOT_AFTER;
    params.not_after = rcgen::date_time_ymd(y, m, d);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, organisation);
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
}

fn authority(common_name: &str, issuer: Option<&Issuer>) -> io::Result<Issuer> {
    let mut params = CertificateParams::default();
    name(&mut params, common_name, "Sandbox");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = issuer.is_some();
    let key = new_key()?;
    match issuer {
        Some(issuer) => CertifiedIssuer::signed_by(params, key, issuer),
        None => CertifiedIssuer::self_signed(params, key),
    }
    .map_err(failed)
}

fn leaf(
    issuer: &Issuer,
    organisation: &str,
    (year, month, day): (i32, u8, u8),
) -> io::Result<ClientCredentials> {
    let key = new_key()?;
    let mut params = CertificateParams::default();
    name(
        &mut params,
        &format!("{organisation} API client"),
        organisation,
    );
    params.not_after = rcgen::date_time_ymd(year, month, day);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let cert = params.signed_by(&key, issuer).map_err(failed)?;
    Ok(ClientCredentials {
        organisation: organisation.to_owned(),
        cert_pem: cert.pem(),
        chain_pem: format!("{}{}", cert.pem(), issuer.pem()),
        key_pem: key.serialize_pem(),
        chain: vec![cert.der().to_vec(), issuer.der().to_vec()],
        key: key.serialize_der(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use p12_keystore::Pkcs12ImportPolicy;

    use super::*;

    #[test]
    fn containers_open_with_their_password_only() {
        let client = Pki::new().unwrap().client("Acme Devices").unwrap();
        for pfx in [
            client.pfx_modern("geheim").unwrap(),
            client.pfx_legacy("geheim").unwrap(),
            client.pfx_legacy_3des("geheim").unwrap(),
        ] {
            let store = KeyStore::from_pkcs12(&pfx, "geheim", Pkcs12ImportPolicy::Strict).unwrap();
            let (_, chain) = store.private_key_chain().unwrap();
            assert_eq!(chain.certs().len(), 2);
            assert_eq!(chain.key().as_der(), client.key);
            assert!(
                KeyStore::from_pkcs12(&pfx, "falsch", Pkcs12ImportPolicy::Strict).is_err(),
                "wrong password"
            );
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let client = Pki::new().unwrap().client("Acme Devices").unwrap();
        let shown = format!("{client:?}");
        assert!(
            shown.contains("Acme Devices") && !shown.contains("PRIVATE"),
            "{shown}"
        );
    }
}
