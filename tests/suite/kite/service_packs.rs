//! Service packs: listed over several pages, and the call to try a certificate with.

use futures_util::{StreamExt as _, TryStreamExt as _};
use mno_sdk::ErrorKind;
use mno_sdk::kite::service_packs::PublicationStatus;
use mno_sdk::runtime::transport::{Body, Call, Response, TransportError};

use super::*;

const LIST: &str = "getServicePacks";

#[tokio::test]
async fn service_packs_are_listed_over_several_pages() {
    let (sandbox, kite) = start(60).await;
    let packs = kite.service_packs();
    let all = packs.stream().with_read_ahead(0);
    let all: Vec<_> = all.try_collect().await.unwrap();
    assert_eq!(all.len(), 23);
    assert_eq!(sandbox.journal().count(LIST), 3);
    let pending = |p: &&_| **p == Some(PublicationStatus::PublishedPending);
    assert_eq!(all.iter().map(|p| &p.published).filter(pending).count(), 1);

    // Every SIM's plan is among them.
    let sims: Vec<_> = kite.inventory().stream().try_collect().await.unwrap();
    for sim in &sims {
        let id = sim.service_pack_id.as_deref().unwrap();
        let pack = all.iter().find(|p| p.id == id).unwrap();
        assert_eq!(pack.name(), sim.service_pack.as_deref());
    }

    let own: Vec<_> = packs
        .of_customer(&*sandbox.fleet().at(0).unwrap().customer_id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(own, all);
    let others: Vec<_> = packs.of_customer("customer-0").try_collect().await.unwrap();
    assert!(others.is_empty());
}

#[tokio::test]
async fn a_certificate_is_tried_with_one_call() {
    let (sandbox, kite) = start(1).await;
    kite.service_packs().check_access().await.unwrap();
    assert_eq!(sandbox.journal().count(LIST), 1);
    sandbox.control().forbid(ORGANISATION, LIST);
    let error = kite.service_packs().check_access().await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");

    let stranger = mno_sandbox::Sandbox::builder()
        .sims(0)
        .start()
        .await
        .unwrap();
    let other = stranger.pki().client(ORGANISATION).unwrap();
    let pem = other.chain_pem + &other.key_pem;
    let kite = builder(&sandbox)
        .identity(Identity::from_pem(pem.as_bytes()).unwrap())
        .build()
        .unwrap();
    let error = kite.service_packs().check_access().await.unwrap_err();
    assert!(error.fault_text().is_none(), "no fault: {error}");
    assert_eq!(sandbox.journal().count(LIST), 2);
}

/// A platform that knows no pages: so many service packs, whatever was asked for.
fn unpaged(count: usize) -> Kite {
    let double = move |_: Call| {
        let items: String = (0..count)
            .map(|n| format!("<t:servicePacks><t:id>{n}</t:id></t:servicePacks>"))
            .collect();
        let types = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/servicepack/v2/types";
        let body = format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
             <t:getServicePacksResponse xmlns:t='{types}'>{items}</t:getServicePacksResponse>\
             </e:Body></e:Envelope>"
        );
        async move { Ok::<_, TransportError>(Response::new(Body::from(body))) }
    };
    let builder = Kite::builder().transport(Arc::new(double));
    builder
        .rate_limits(RateLimits::unlimited())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_platform_without_pages_is_no_endless_list() {
    for count in [3, 12] {
        let all = unpaged(count).service_packs().stream();
        assert_eq!(all.try_collect::<Vec<_>>().await.unwrap().len(), count);
    }
    // As many as a page holds: whether there are more, nobody can tell.
    let mut all: Vec<_> = unpaged(10).service_packs().stream().collect().await;
    let error = all.pop().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("nothing new"), "{error}");
    assert_eq!(all.iter().filter(|item| item.is_ok()).count(), 10);
}
