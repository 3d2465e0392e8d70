//! Prebills: listed, exported, downloaded.

use std::sync::Mutex;

use futures_util::TryStreamExt as _;
use mno_sandbox::{Effect, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::kite::{PrebillFilter, PrebillId, Service};
use mno_sdk::runtime::transport::{Body, Call, Response, TransportError};
use mno_sdk::runtime::values::Date;

use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_prebill_is_found_exported_and_downloaded() {
    let (sandbox, kite) = start(40).await;
    let prebills = kite.prebills();
    let january = PrebillFilter::new()
        .billing_account("0")
        .since(day("2025-01-01"))
        .until(day("2025-01-31"));
    let found: Vec<_> = prebills.search(january).try_collect().await.unwrap();
    let [prebill] = &found[..] else {
        panic!("{found:?}");
    };
    let sim = sandbox.fleet().at(0).unwrap();
    let info = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(prebill.billing_account_name, info.billing_account_name);
    assert_eq!(
        prebill.billing_period_end_date.as_deref(),
        Some("2025-01-31")
    );
    assert_eq!(prebill.tax.len(), 1);

    let id = PrebillId::from(prebill);
    let xml = prebills.download(&id, 1 << 20).await.unwrap();
    let xml = String::from_utf8(xml.to_vec()).unwrap();
    let doc = roxmltree::Document::parse(&xml).unwrap();
    assert_eq!(doc.root_element().attribute("id"), Some(id.as_str()));
    let total = doc.descendants().find(|n| n.has_tag_name("totalCharge"));
    let total = total.unwrap().text().map(str::to_owned);
    assert_eq!(total, prebill.total_charge.map(|t| t.to_string()));

    let journal = sandbox.journal().snapshot();
    let download = journal.last().unwrap();
    assert_eq!(download.operation, "download");
    assert!(!download.client_certificate, "another host is told nothing");
    let unknown = prebills.export(&PrebillId::new("nothing")).await;
    assert!(unknown.unwrap_err().is_not_found());
}

#[tokio::test]
async fn all_prebills_in_several_pages() {
    let (sandbox, kite) = start(5).await;
    let all = kite.prebills().stream().with_read_ahead(0);
    let all: Vec<_> = all.try_collect().await.unwrap();
    assert_eq!(all.len(), 24, "two accounts, twelve months");
    let ids: std::collections::BTreeSet<_> = all.iter().map(PrebillId::from).collect();
    assert_eq!(ids.len(), 24);
    assert_eq!(sandbox.journal().count("getPrebills"), 3);
    let some = kite.prebills().stream().with_page_size(4);
    let some = some.with_read_ahead(0);
    assert_eq!(some.try_collect::<Vec<_>>().await.unwrap(), all);
}

#[tokio::test]
async fn a_spent_link_is_answered_by_a_new_one_and_there_is_a_cap() {
    let (sandbox, kite) = start(5).await;
    let prebills = kite.prebills();
    let first = prebills.stream().try_next().await.unwrap().unwrap();
    let id = PrebillId::from(&first);
    let cut = Rule::on("download").times(1).then(Effect::CutMidBody);
    sandbox.control().add(cut);
    let xml = prebills.download(&id, 1 << 20).await.unwrap();
    assert!(xml.starts_with(b"<?xml"));
    assert_eq!(sandbox.journal().count("exportPrebill"), 2);
    assert_eq!(sandbox.journal().count("download"), 2);

    let error = prebills.download(&id, 100).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    let cut = Rule::on("download").then(Effect::CutMidBody);
    sandbox.control().add(cut);
    let error = prebills.download(&id, 1 << 20).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("fresh link"), "{error}");
}

/// An answer of `exportPrebill` with this link, for every call but downloads.
async fn linked(link: &'static str) -> (Result<usize, mno_sdk::Error>, usize) {
    let downloads = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&downloads);
    let double = move |call: Call| {
        let body = if call.facts.operation == "exportPrebill" {
            let types = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/prebill/v1/types";
            format!(
                "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
                 <t:exportPrebillResponse xmlns:t='{types}'><t:resultURL>{link}</t:resultURL>\
                 </t:exportPrebillResponse></e:Body></e:Envelope>"
            )
        } else {
            *counted.lock().unwrap() += 1;
            "<prebill/>".to_owned()
        };
        async move { Ok::<_, TransportError>(Response::new(Body::from(body))) }
    };
    let kite = Kite::builder().transport(Arc::new(double)).build().unwrap();
    let file = kite.prebills().download(&PrebillId::new("7"), 100).await;
    let count = *downloads.lock().unwrap();
    (file.map(|xml| xml.len()), count)
}

#[tokio::test]
async fn only_encrypted_links_are_followed() {
    let (file, downloads) = linked("https://files.example/prebill/7?token=secret").await;
    assert_eq!((file.unwrap(), downloads), (10, 1));
    for link in [
        "http://files.example/prebill?token=secret",
        "ftp://files.example/prebill?token=secret",
        "/prebill?token=secret",
        "not a link",
    ] {
        let (file, downloads) = linked(link).await;
        let error = file.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{link}");
        assert_eq!(downloads, 0, "{link}");
        assert!(
            !format!("{error} {error:?}").contains("secret"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_service_of_another_namespace_is_a_matter_of_the_builder() {
    let sandbox = sandbox(1).start().await.unwrap();
    let kite = builder(&sandbox)
        .wire_version(Service::Prebill, "v9", "v1")
        .build()
        .unwrap();
    let error = kite.prebills().stream().try_next().await.unwrap_err();
    let fault = error.to_string();
    assert!(
        fault.contains("1004"),
        "the sandbox has version 1 only: {fault}"
    );
}
