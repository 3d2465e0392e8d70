//! Our TLS configuration: who we are, and whom we trust.
//!
//! The server is always verified. There is no switch against it: a server that is not trusted
//! becomes trusted by naming its certificate authority.

use std::sync::Arc;

use mno_runtime::{Error, ErrorKind};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme, version,
};
use rustls_platform_verifier::Verifier as PlatformVerifier;

use crate::identity::Identity;

/// Whom to trust.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Certificate authorities besides the platform's.
    pub(crate) extra: Vec<CertificateDer<'static>>,
    /// Whether the platform's own are left out.
    pub(crate) only_extra: bool,
}

impl Trust {
    /// Adds every certificate of a PEM text.
    pub(crate) fn add_pem(&mut self, pem: &[u8]) -> Result<(), Error> {
        let before = self.extra.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.extra.push(certificate.map_err(|error| {
                configuration(format!("an extra root is not readable PEM ({error})"))
            })?);
        }
        if self.extra.len() == before {
            return Err(configuration(
                "an extra root holds no certificate: pass PEM text with a \"-----BEGIN \
                 CERTIFICATE-----\", or use extra_root_der for a .cer or .der file",
            ));
        }
        Ok(())
    }
}

fn configuration(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// Builds the configuration of every connection.
pub(crate) fn client_config(
    identity: Option<&Identity>,
    trust: &Trust,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .map_err(|error| configuration("TLS 1.2 and 1.3 are not available").with_source(error))?
        .dangerous() // rustls' name for a verifier that is not its own; ours delegates to two
        .with_custom_certificate_verifier(verifier(trust, &provider)?);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            // By reference: the key's bytes are not copied once more.
            let key = ring::sign::any_supported_type(identity.key()).map_err(|error| {
                configuration("the private key cannot be used for TLS").with_source(error)
            })?;
            let certified = CertifiedKey::new(identity.chain().to_vec(), key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let extra = match trust.extra.as_slice() {
        [] if trust.only_extra => {
            return Err(configuration(
                "only_extra_roots is set, but there is no extra root: nothing would be trusted",
            ));
        }
        [] => None,
        certificates => Some(extra_verifier(certificates, provider)?),
    };
    if trust.only_extra
        && let Some(extra) = extra
    {
        return Ok(extra);
    }
    match (PlatformVerifier::new(Arc::clone(provider)), extra) {
        (Ok(platform), Some(extra)) => Ok(Arc::new(EitherVerifier { extra, platform })),
        (Ok(platform), None) => Ok(Arc::new(platform)),
        // A container without root certificates works as long as it is told whom to trust.
        (Err(error), Some(extra)) => {
            tracing::debug!(%error, "no root certificates of the system: the extra roots alone");
            Ok(extra)
        }
        (Err(error), None) => Err(configuration(
            "this machine has no trusted root certificates: install them (package \
             ca-certificates), or name the platform's certificate authority with extra_root_pem",
        )
        .with_source(error)),
    }
}

fn extra_verifier(
    certificates: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone()).map_err(|error| {
            configuration(
                "an extra root cannot be read: pass the certificate of a certificate authority",
            )
            .with_source(error)
        })?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| configuration("the extra roots cannot be used").with_source(error))
}

/// Trusts what either the extra roots or the platform trust.
///
/// The platform's verifier takes extra roots too, but not on every platform, and elsewhere not an
/// intermediate alone. For webpki every certificate that it is given is an anchor.
#[derive(Debug)]
struct EitherVerifier {
    extra: Arc<WebPkiServerVerifier>,
    platform: PlatformVerifier,
}

impl ServerCertVerifier for EitherVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let by_extra = match self.extra.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ) {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        self.platform
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            // Whoever knows the issuer has more to say about what is wrong.
            .map_err(|by_platform| match by_platform {
                TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => by_extra,
                other => other,
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.extra
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.extra
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.extra.supported_verify_schemes()
    }
}
