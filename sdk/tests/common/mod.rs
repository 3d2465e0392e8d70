//! Certificate authorities and a small TLS server for the tests.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The year in which test certificates expire.
pub(crate) const EXPIRES: i32 = 2090;

/// A root, an intermediate, and what the intermediate signs.
pub(crate) struct Pki {
    pub(crate) root: Certificate,
    pub(crate) intermediate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
pub(crate) struct Leaf {
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

impl Pki {
    pub(crate) fn new(name: &str) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority(&format!("{name} root"));
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let key = KeyPair::generate().unwrap();
        let params = authority(&format!("{name} intermediate"));
        let intermediate = params.signed_by(&key, &root_issuer).unwrap();
        Self {
            root,
            intermediate,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn server(&self, names: &[&str]) -> Leaf {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    pub(crate) fn client(&self, organisation: &str) -> Leaf {
        self.client_until(organisation, EXPIRES)
    }

    pub(crate) fn client_until(&self, organisation: &str, year: i32) -> Leaf {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::OrganizationName, organisation);
        params
            .distinguished_name
            .push(DnType::CommonName, "Jane Doe");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.not_after = date_time_ymd(year, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Leaf {
        let key = KeyPair::generate().unwrap();
        Leaf {
            certificate: params.signed_by(&key, &self.issuer).unwrap(),
            key,
        }
    }

    /// Leaf, intermediate and root with the key, as PEM text.
    pub(crate) fn pem(&self, leaf: &Leaf) -> String {
        [
            leaf.key.serialize_pem(),
            leaf.certificate.pem(),
            self.intermediate.pem(),
            self.root.pem(),
        ]
        .concat()
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// How a test server behaves.
pub(crate) struct Server<'a> {
    pub(crate) version: &'static SupportedProtocolVersion,
    /// Who signs the server's certificate; the intermediate is sent along.
    pub(crate) pki: &'a Pki,
    pub(crate) names: &'a [&'a str],
    /// Whose root signs the clients' certificates.
    pub(crate) clients: Option<&'a Pki>,
    /// The bytes of every answer; none closes the connection after the request.
    pub(crate) answer: &'static [u8],
    /// Protocol that it offers above TLS.
    pub(crate) alpn: &'static [u8],
}

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<ok/>";

impl Server<'_> {
    /// Starts it; gives its base URL.
    pub(crate) async fn start(self) -> String {
        let leaf = self.pki.server(self.names);
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[self.version])
            .unwrap();
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(pki) => {
                let mut roots = RootCertStore::empty();
                roots.add(pki.root.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let chain: Vec<CertificateDer<'static>> = vec![
            leaf.certificate.der().clone(),
            self.pki.intermediate.der().clone(),
        ];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![self.alpn.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let answer = self.answer;
        serve(move |socket| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    return;
                };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }
}

/// Serves every connection with this; gives the base URL.
pub(crate) async fn serve<F, Fut>(handle: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(handle(socket));
        }
    });
    format!("https://localhost:{port}")
}
