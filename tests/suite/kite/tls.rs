//! Certificates and trust: what works, and what the error says to do when it does not.

use mno_sandbox::ClientCredentials;
use mno_sdk::{Error, ErrorKind, HttpsTransport, IdentityErrorKind};

use super::tracing::Recorder;
use super::*;

const PASSWORD: &str = "portal Passw0rd ü";

fn pem(client: &ClientCredentials) -> Identity {
    let pem = format!("{}{}", client.chain_pem, client.key_pem);
    Identity::from_pem(pem.as_bytes()).unwrap()
}

/// A client that trusts the system's roots only, which do not know the sandbox.
fn with_identity(sandbox: &Sandbox, identity: Identity) -> KiteBuilder {
    Kite::builder()
        .identity(identity)
        .base_url(sandbox.base_url())
        .rate_limits(RateLimits::unlimited())
}

/// A call fails before it is sent, and the error says all of this.
async fn not_sent(sandbox: &Sandbox, kite: Kite, words: &[&str]) -> Error {
    let error = kite.echo().send("hello").await.unwrap_err();
    assert!(error.is_connect(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(!error.is_outcome_unknown(), "{error}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert_eq!(sandbox.journal().snapshot().len(), 0, "nothing was sent");
    error
}

/// A call is served.
async fn served(sandbox: &Sandbox, kite: Kite) {
    assert_eq!(kite.echo().send("hello").await.unwrap(), "hello");
    let entry = sandbox.journal().snapshot().pop().unwrap();
    assert_eq!(entry.organisation, ORGANISATION);
}

#[tokio::test]
async fn without_a_client_certificate_there_is_no_client() {
    let error = Kite::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("identity("), "{error}");
}

#[tokio::test]
async fn without_a_client_certificate_the_handshake_fails() {
    for tls13 in [false, true] {
        let sandbox = sandbox(0).tls13(tls13).start().await.unwrap();
        let https = HttpsTransport::builder(sandbox.base_url())
            .extra_root_pem(sandbox.pki().root_pem())
            .build()
            .unwrap();
        let kite = Kite::builder().transport(Arc::new(https)).build().unwrap();
        not_sent(
            &sandbox,
            kite,
            &["client certificate", "none is configured"],
        )
        .await;
        assert_eq!(sandbox.journal().failed_handshakes(), 1);
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    for tls13 in [false, true] {
        let sandbox = sandbox(0).tls13(tls13).start().await.unwrap();
        let stranger = pem(&sandbox.pki().stranger().unwrap());
        let kite = with_identity(&sandbox, stranger)
            .extra_root_pem(sandbox.pki().root_pem())
            .build()
            .unwrap();
        let words = [
            "refuses the client certificate",
            "check that it is for this platform",
        ];
        not_sent(&sandbox, kite, &words).await;
        assert_eq!(sandbox.journal().failed_handshakes(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_not_trusted_is_not_called() {
    let sandbox = sandbox(0).start().await.unwrap();
    let client = pem(&sandbox.pki().client(ORGANISATION).unwrap());
    let kite = with_identity(&sandbox, client).build().unwrap();
    not_sent(
        &sandbox,
        kite,
        &["the server is not trusted", "extra_root_pem"],
    )
    .await;
    assert_eq!(sandbox.journal().connections(), 0);
}

#[tokio::test]
async fn a_root_of_the_right_name_and_another_key_is_no_trust() {
    let sandbox = sandbox(0).start().await.unwrap();
    let other = mno_sandbox::Pki::new().unwrap();
    let client = pem(&sandbox.pki().client(ORGANISATION).unwrap());
    let kite = with_identity(&sandbox, client)
        .extra_root_pem(other.root_pem())
        .only_extra_roots(true)
        .build()
        .unwrap();
    not_sent(
        &sandbox,
        kite,
        &["the server is not trusted", "extra_root_pem"],
    )
    .await;
}

#[tokio::test]
async fn an_intermediate_alone_is_enough_of_an_anchor() {
    for only in [false, true] {
        let sandbox = sandbox(0).start().await.unwrap();
        let client = pem(&sandbox.pki().client(ORGANISATION).unwrap());
        let kite = with_identity(&sandbox, client)
            .extra_root_pem(sandbox.pki().intermediate_pem())
            .only_extra_roots(only)
            .build()
            .unwrap();
        served(&sandbox, kite).await;
    }
}

#[tokio::test]
async fn every_form_of_a_client_certificate_is_accepted() {
    let sandbox = sandbox(0).start().await.unwrap();
    let client = sandbox.pki().client(ORGANISATION).unwrap();
    let open = |pfx: Vec<u8>| Identity::from_pkcs12(&pfx, PASSWORD).unwrap();
    let key_first = format!("{}{}", client.key_pem, client.cert_pem);
    let forms = [
        open(client.pfx_legacy(PASSWORD).unwrap()),
        open(client.pfx_legacy_3des(PASSWORD).unwrap()),
        open(client.pfx_modern(PASSWORD).unwrap()),
        pem(&client),
        Identity::from_pem(key_first.as_bytes()).unwrap(),
    ];
    let fingerprint = forms[0].fingerprint_sha256().to_owned();
    for (number, identity) in forms.into_iter().enumerate() {
        assert_eq!(identity.fingerprint_sha256(), fingerprint);
        let kite = with_identity(&sandbox, identity)
            .extra_root_pem(sandbox.pki().root_pem())
            .only_extra_roots(true)
            .build()
            .unwrap();
        served(&sandbox, kite).await;
        assert_eq!(sandbox.journal().count("echo"), number + 1);
    }
}

#[tokio::test]
async fn a_wrong_password_says_so() {
    let client = mno_sandbox::Pki::new()
        .unwrap()
        .client(ORGANISATION)
        .unwrap();
    for pfx in [
        client.pfx_legacy(PASSWORD).unwrap(),
        client.pfx_legacy_3des(PASSWORD).unwrap(),
        client.pfx_modern(PASSWORD).unwrap(),
    ] {
        let error = Identity::from_pkcs12(&pfx, "another secret").unwrap_err();
        assert!(error.is_wrong_password(), "{error}");
        let error = Error::from(error);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = error.to_string();
        assert!(text.contains("password"), "{text}");
        assert!(!text.contains("another secret"), "{text}");
    }
}

#[test]
fn garbage_instead_of_a_pfx_says_what_is_expected() {
    for garbage in [&b""[..], b"no certificate at all", &[0x30; 400]] {
        let error = Identity::from_pkcs12(garbage, PASSWORD).unwrap_err();
        assert_ne!(error.kind(), IdentityErrorKind::WrongPassword, "{error}");
        let text = Error::from(error).to_string();
        assert!(text.contains("PKCS#12") || text.contains(".pfx"), "{text}");
    }
}

#[tokio::test]
async fn an_expired_certificate_warns_before_the_platform_refuses_it() {
    let sandbox = sandbox(0).start().await.unwrap();
    let (recorder, guard) = Recorder::install();
    let expired = pem(&sandbox.pki().expired_client(ORGANISATION).unwrap());
    drop(guard);
    let log = recorder.text();
    assert!(log.contains("WARN"), "{log}");
    assert!(
        log.contains("has expired") && log.contains("portal"),
        "{log}"
    );
    assert!(expired.is_expired());
    let kite = with_identity(&sandbox, expired)
        .extra_root_pem(sandbox.pki().root_pem())
        .build()
        .unwrap();
    not_sent(&sandbox, kite, &["it has expired", "portal"]).await;
    assert_eq!(sandbox.journal().failed_handshakes(), 1);
}

#[tokio::test]
async fn a_base_url_without_encryption_is_refused() {
    let sandbox = sandbox(0).start().await.unwrap();
    let url = sandbox.base_url().replace("https://", "http://");
    let error = builder(&sandbox).base_url(url).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("https://"), "{error}");
    assert_eq!(sandbox.journal().connections(), 0);
    assert_eq!(sandbox.journal().failed_handshakes(), 0);
}
