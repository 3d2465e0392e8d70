//! Client certificates, in every form in which they come.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::error::Error as _;
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{Leaf, Pki};
use mno_sdk::{Error, ErrorKind, Identity, IdentityError, IdentityErrorKind as Kind, Kite};
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};

const PASSWORD: &str = "grüß-Gott 1!";

/// What the platform's portal hands out, with the old encryption or the new one.
fn pfx(keys: &[(&Leaf, &[&Leaf])], extra: &Pki, legacy: bool) -> Vec<u8> {
    let mut store = KeyStore::new();
    for (index, (key, certificates)) in keys.iter().enumerate() {
        let leaves = certificates.iter().map(|leaf| leaf.certificate.der());
        let chain = leaves
            .chain([extra.intermediate.der(), extra.root.der()])
            .map(|der| Certificate::from_der(der).unwrap());
        let private = PrivateKey::from_der(&key.key.serialize_der()).unwrap();
        let id = format!("key {index}");
        let chain = PrivateKeyChain::new(id.as_str(), private, chain);
        store.add_entry(&id, KeyStoreEntry::PrivateKeyChain(chain));
    }
    let writer = store
        .writer(PASSWORD)
        .encryption_iterations(10)
        .mac_iterations(10);
    let writer = if legacy {
        writer
            .encryption_algorithm(EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc)
            .mac_algorithm(MacAlgorithm::HmacSha1)
    } else {
        writer
    };
    writer.write().unwrap()
}

#[track_caller]
fn refused(result: Result<Identity, IdentityError>, kind: Kind, words: &[&str]) -> IdentityError {
    let error = result.unwrap_err();
    println!("{error}");
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(
            error.to_string().contains(word),
            "{word:?} is missing in: {error}"
        );
    }
    error
}

#[test]
fn pkcs12_modern_and_legacy() {
    let pki = Pki::new("x");
    let leaf = pki.client("Example Ltd");
    for legacy in [false, true] {
        let file = pfx(&[(&leaf, &[&leaf])], &pki, legacy);
        let identity = Identity::from_pkcs12(&file, PASSWORD).unwrap();
        assert_eq!(identity.organisation(), Some("Example Ltd"));
        assert!(!identity.is_expired());
        // 2090-01-01
        let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(3_786_912_000);
        assert_eq!(identity.not_after(), expires);
        assert_eq!(identity.fingerprint_sha256().len(), 64);

        let debug = format!("{identity:?}");
        assert!(debug.contains(identity.fingerprint_sha256()));
        assert!(debug.contains("certificates: 3"), "{debug}");
        assert!(
            !debug.contains("Example") && !debug.contains("Jane"),
            "{debug}"
        );
    }
}

#[test]
fn pkcs12_with_the_wrong_password() {
    let pki = Pki::new("x");
    let leaf = pki.client("Example Ltd");
    for legacy in [false, true] {
        let file = pfx(&[(&leaf, &[&leaf])], &pki, legacy);
        for wrong in ["", "s3cret"] {
            let result = Identity::from_pkcs12(&file, wrong);
            let error = refused(result, Kind::WrongPassword, &["password", "check it"]);
            assert!(error.is_wrong_password());
            assert!(!error.to_string().contains("s3cret"));
        }
    }
}

#[test]
fn what_is_no_pkcs12() {
    let pki = Pki::new("x");
    let leaf = pki.client("Example Ltd");
    let file = pfx(&[(&leaf, &[&leaf])], &pki, false);
    for (bytes, words) in [
        (&b""[..], "empty"),
        (pki.pem(&leaf).as_bytes(), "Identity::from_pem"),
        (b"\n<!DOCTYPE html><html>", "login page"),
        (b"MIIKkAIBAzCCCk", "base64"),
        (b"hello", "check that the path is right"),
        (leaf.certificate.der(), "certificate or key alone"),
    ] {
        let result = Identity::from_pkcs12(bytes, PASSWORD);
        refused(result, Kind::NotPkcs12, &["not a PKCS#12 file", words]);
    }
    let cut = &file[..file.len() / 2];
    refused(
        Identity::from_pkcs12(cut, PASSWORD),
        Kind::Unreadable,
        &["download it again"],
    );
}

#[test]
fn pkcs12_with_several_keys() {
    let pki = Pki::new("x");
    let (a, b) = (pki.client("A"), pki.client("B"));
    // One key has no certificate: the other is meant.
    let file = pfx(&[(&a, &[]), (&b, &[&b])], &pki, false);
    assert_eq!(
        Identity::from_pkcs12(&file, PASSWORD)
            .unwrap()
            .organisation(),
        Some("B")
    );

    let file = pfx(&[(&a, &[&a]), (&b, &[&b])], &pki, false);
    refused(
        Identity::from_pkcs12(&file, PASSWORD),
        Kind::SeveralIdentities,
        &["export the one"],
    );

    let file = pfx(&[(&a, &[&b])], &pki, false);
    refused(
        Identity::from_pkcs12(&file, PASSWORD),
        Kind::KeyMismatch,
        &["belongs to the private"],
    );
}

#[test]
fn pem_in_any_order() {
    let pki = Pki::new("x");
    let leaf = pki.client("Example Ltd");
    let parts = [
        pki.root.pem(),
        leaf.certificate.pem(),
        leaf.key.serialize_pem(),
        pki.intermediate.pem(),
        leaf.certificate.pem(),
    ];
    let identity = Identity::from_pem(parts.concat().as_bytes()).unwrap();
    assert_eq!(identity.organisation(), Some("Example Ltd"));
    assert!(format!("{identity:?}").contains("certificates: 3"));
}

#[test]
fn pem_that_does_not_do() {
    let pki = Pki::new("x");
    let (leaf, other) = (pki.client("Example Ltd"), pki.client("Example Ltd"));
    let read = |text: &str| Identity::from_pem(text.as_bytes());
    let (key, certificate) = (leaf.key.serialize_pem(), leaf.certificate.pem());

    refused(read("hello"), Kind::NotPem, &["Identity::from_pkcs12"]);
    refused(read(&certificate), Kind::NoPrivateKey, &["with its key"]);
    refused(read(&key), Kind::NoCertificate, &["add the certificate"]);
    let pair = key.clone() + &other.certificate.pem();
    refused(read(&pair), Kind::KeyMismatch, &["issued for it"]);
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY") + &certificate;
    refused(
        read(&encrypted),
        Kind::EncryptedKey,
        &["openssl pkey", ".pfx"],
    );
    let damaged = certificate.replacen("MII", "M!!", 1);
    refused(
        read(&(key.clone() + &damaged)),
        Kind::Unreadable,
        &["damaged"],
    );
    let tampered = certificate.replacen("MII", "AAA", 1);
    refused(
        read(&(key + &tampered)),
        Kind::Unreadable,
        &["certificate inside cannot be read"],
    );
}

#[test]
fn an_identity_error_is_the_source_of_a_configuration_error() {
    let error = Error::from(Identity::from_pkcs12(b"", "").unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error
            .to_string()
            .contains("client certificate: not a PKCS#12 file"),
        "{error}"
    );
    assert!(error.source().unwrap().is::<IdentityError>());
}

/// Runs openssl; `None` where there is none, or where it lacks the legacy provider.
fn openssl(dir: &tempfile::TempDir, args: &str) -> Option<()> {
    let output = Command::new("openssl")
        .args(args.split(' '))
        .current_dir(dir.path())
        .output()
        .ok()?;
    output.status.success().then_some(())
}

#[test]
fn files_written_by_openssl() {
    let dir = tempfile::tempdir().unwrap();
    let pki = Pki::new("x");
    if openssl(&dir, "version").is_none() {
        println!("skipped: no openssl on this machine");
        return;
    }
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    let write = |name: &str, bytes: &str| std::fs::write(dir.path().join(name), bytes).unwrap();

    // An RSA key, which rcgen cannot make with ring.
    openssl(&dir, "req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.crt -days 9000 -subj /O=RSA/CN=x")
        .unwrap();
    openssl(&dir, "rsa -traditional -in rsa.key -out rsa1.key").unwrap();
    let leaf = pki.client("EC");
    write("ec.key", &leaf.key.serialize_pem());
    write("ec.crt", &leaf.certificate.pem());
    write(
        "chain.crt",
        &[pki.root.pem(), pki.intermediate.pem()].concat(),
    );
    openssl(&dir, "ec -in ec.key -out ec1.key").unwrap();

    for (key, certificate, organisation, begins) in [
        ("rsa.key", "rsa.crt", "RSA", "-----BEGIN PRIVATE KEY"),
        ("rsa1.key", "rsa.crt", "RSA", "-----BEGIN RSA PRIVATE KEY"),
        ("ec.key", "ec.crt", "EC", "-----BEGIN PRIVATE KEY"),
        ("ec1.key", "ec.crt", "EC", "-----BEGIN EC PRIVATE KEY"),
    ] {
        let key = read(key);
        assert!(key.starts_with(begins.as_bytes()));
        let identity = Identity::from_pem(&[key, read(certificate)].concat()).unwrap();
        assert_eq!(identity.organisation(), Some(organisation));
    }

    for (flags, legacy) in [
        ("", false),
        ("-legacy", true),
        ("-legacy -descert", true),
        (
            "-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha1",
            false,
        ),
        ("-nomac", false),
        ("-keypbe NONE -certpbe NONE", false),
    ] {
        for (name, organisation) in [("rsa", "RSA"), ("ec", "EC")] {
            let args = format!(
                "pkcs12 -export -inkey {name}.key -in {name}.crt -certfile chain.crt \
                 -out out.pfx -passout pass:geheim {flags}"
            );
            match openssl(&dir, args.trim()) {
                None if legacy => println!("skipped: this openssl cannot write {flags}"),
                None => panic!("openssl {args}"),
                Some(()) => {
                    let identity = Identity::from_pkcs12(&read("out.pfx"), "geheim").unwrap();
                    assert_eq!(identity.organisation(), Some(organisation), "{flags}");
                }
            }
        }
    }

    // Without a MAC a wrong password shows in the decryption only.
    openssl(
        &dir,
        "pkcs12 -export -inkey ec.key -in ec.crt -out out.pfx -passout pass:a -nomac",
    )
    .unwrap();
    refused(
        Identity::from_pkcs12(&read("out.pfx"), "b"),
        Kind::WrongPassword,
        &["password"],
    );

    openssl(
        &dir,
        "pkey -in ec.key -aes256 -passout pass:a -out locked.key",
    )
    .unwrap();
    let locked = [read("locked.key"), read("ec.crt")].concat();
    refused(
        Identity::from_pem(&locked),
        Kind::EncryptedKey,
        &["decrypt it first"],
    );
    openssl(
        &dir,
        "rsa -traditional -aes128 -passout pass:a -in rsa.key -out locked1.key",
    )
    .unwrap();
    let locked = [read("locked1.key"), read("rsa.crt")].concat();
    refused(
        Identity::from_pem(&locked),
        Kind::EncryptedKey,
        &["decrypt it first"],
    );
    openssl(
        &dir,
        "pkcs12 -export -nokeys -in ec.crt -out certs.pfx -passout pass:a",
    )
    .unwrap();
    refused(
        Identity::from_pkcs12(&read("certs.pfx"), "a"),
        Kind::NoPrivateKey,
        &["portal again"],
    );
    openssl(
        &dir,
        "pkcs12 -export -nocerts -inkey ec.key -out key.pfx -passout pass:a",
    )
    .unwrap();
    refused(
        Identity::from_pkcs12(&read("key.pfx"), "a"),
        Kind::NoCertificate,
        &["chain"],
    );
    openssl(
        &dir,
        "req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -days 90 -subj /O=W",
    )
    .unwrap();
    let weak = [read("weak.key"), read("weak.crt")].concat();
    refused(
        Identity::from_pem(&weak),
        Kind::UnsupportedKey,
        &["RSA from 2048 bits"],
    );
}

#[test]
fn clients_of_one_organisation_share_its_rate() {
    let pki = Pki::new("x");
    let identity = |organisation: &str| {
        Identity::from_pem(pki.pem(&pki.client(organisation)).as_bytes()).unwrap()
    };
    let kite = |organisation: &str, url: &str| {
        Kite::builder()
            .identity(identity(organisation))
            .base_url(url)
            .build()
            .unwrap()
    };
    let limit = |kite: &Kite| kite.organisation().limits().organisation;

    let first = kite("A", "https://host:1");
    first.organisation().set_organisation(Some(3));
    assert_eq!(
        limit(&kite("A", "https://host:1/")),
        Some(3),
        "another certificate of A"
    );
    assert_eq!(
        limit(&kite("A", "https://host:2")),
        Some(14),
        "another platform"
    );
    assert_eq!(
        limit(&kite("B", "https://host:1")),
        Some(14),
        "another organisation"
    );
    drop(first);
    assert_eq!(
        limit(&kite("A", "https://host:1")),
        Some(14),
        "it ends with its clients"
    );
}
