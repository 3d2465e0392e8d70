//! A client can be told at run time that a platform uses other namespaces than the contract.

use mno_kite_common_v1::types::{NameValuePair, SearchParams};
use mno_kite_inventory_v12::Client;
use mno_runtime::ErrorKind;
use mno_runtime::xml::NsId;
use mno_sdk::Kite;
use mno_sdk::kite::{Service, SubscriptionFilter};

use futures_util::StreamExt;

use super::*;
use crate::wire::tree::{Tree, body};
use crate::wire::{Recorder, run};

const V11: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v11/types";

fn old_page() -> String {
    page(&item("<ip>192.0.2.1</ip>")).replace(TYPES, V11)
}

fn client(recorder: &Recorder, table: NamespaceTable) -> Client {
    let endpoint = recorder.inventory().endpoint().clone();
    Client::from_endpoint(endpoint.with_namespaces(table))
}

fn request() -> GetSubscriptions {
    let filter = NameValuePair::new("icc", ["8".to_owned()]);
    GetSubscriptions::new().with_search_parameters(SearchParams::new([filter]))
}

#[test]
fn without_an_override_another_version_is_refused() {
    let recorder = Recorder::xml(200, old_page());
    let error = run(recorder.inventory().get_subscriptions(&request())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.path(), Some("getSubscriptionsResponse"));
}

#[test]
fn with_uri_reads_and_writes_another_version() {
    let recorder = Recorder::xml(200, old_page());
    let table = NamespaceTable::new(ns::TABLE).with_uri(ns::TYPES, V11);
    let got = run(client(&recorder, table).get_subscriptions(&request())).unwrap();
    assert_eq!(
        got.subscription_data.into_all().unwrap(),
        [with("<ip>192.0.2.1</ip>")]
    );
    let sent = String::from_utf8(recorder.call().request.body().to_vec()).unwrap();
    let sent = body(&sent);
    assert_eq!(
        (sent.ns.as_str(), sent.local.as_str()),
        (V11, "getSubscriptions")
    );
    // Only that namespace is another.
    assert_eq!(sent.find("param").unwrap().ns, COMMON);
    assert_eq!(sent.find("searchParameters").unwrap().ns, V11);
}

#[test]
fn with_uri_still_reads_the_contracts_own() {
    let recorder = Recorder::xml(200, page(&item("")));
    let table = NamespaceTable::new(ns::TABLE).with_uri(ns::TYPES, V11);
    let got = run(client(&recorder, table).get_subscriptions(&request())).unwrap();
    assert_eq!(got.subscription_data.ok().count(), 1);
}

#[test]
fn with_alias_reads_another_version_and_writes_the_contracts() {
    let recorder = Recorder::xml(200, old_page());
    let table = NamespaceTable::new(ns::TABLE).with_alias(ns::TYPES, V11);
    let got = run(client(&recorder, table).get_subscriptions(&request())).unwrap();
    assert_eq!(got.subscription_data.ok().count(), 1);
    let sent = String::from_utf8(recorder.call().request.body().to_vec()).unwrap();
    assert_eq!(body(&sent).ns, TYPES);
    assert!(!sent.contains(V11));
}

#[test]
fn last_uri_counts() {
    let table = NamespaceTable::new(ns::TABLE)
        .with_uri(ns::TYPES, "urn:first")
        .with_uri(ns::TYPES, "urn:second");
    let recorder = Recorder::xml(200, page(&item("")).replace(TYPES, "urn:first"));
    let got = run(client(&recorder, table).get_subscriptions(&request())).unwrap();
    assert_eq!(
        got.subscription_data.ok().count(),
        1,
        "the first is still read"
    );
    let sent = String::from_utf8(recorder.call().request.body().to_vec()).unwrap();
    assert_eq!(body(&sent).ns, "urn:second");
}

#[test]
fn envelope_can_be_aliased_too() {
    let recorder = Recorder::xml(200, page(&item("")).replace(SOAP, "urn:soap"));
    let table = NamespaceTable::new(ns::TABLE).with_alias(NsId::SOAP11, "urn:soap");
    let got = run(client(&recorder, table).get_subscriptions(&request())).unwrap();
    assert_eq!(got.subscription_data.ok().count(), 1);
}

#[test]
fn clients_do_not_share_their_override() {
    let recorder = Recorder::xml(200, page(""));
    let plain = recorder.inventory();
    let table = NamespaceTable::new(ns::TABLE).with_uri(ns::TYPES, V11);
    let other = client(&recorder, table);
    run(plain.get_subscriptions(&request())).unwrap();
    run(other.get_subscriptions(&request())).unwrap();
    let roots: Vec<String> = recorder
        .calls()
        .iter()
        .map(|c| Tree::parse(std::str::from_utf8(c.request.body()).unwrap()))
        .map(|t| t.find("getSubscriptions").unwrap().ns.clone())
        .collect();
    assert_eq!(roots, [TYPES, V11]);
}

#[tokio::test]
async fn a_service_of_the_sdk_can_have_other_versions_in_path_and_namespace() {
    let recorder = Recorder::xml(200, old_page());
    let kite = Kite::builder()
        .transport(recorder.transport())
        .wire_version(Service::Inventory, "v10", "v11")
        .build()
        .unwrap();
    let filter = SubscriptionFilter::new().lte_enabled(true);
    let mut sims = kite.inventory().search(filter).unwrap();
    assert!(sims.next().await.unwrap().is_ok());
    let call = recorder.call();
    let path = call.request.uri().path();
    assert_eq!(path, "/services/SOAP/GlobalM2M/Inventory/v10/r12");
    let sent = String::from_utf8(call.request.body().to_vec()).unwrap();
    assert_eq!(body(&sent).ns, V11);

    // Other services are left alone.
    let _ = kite.echo().send("hello").await;
    let call = recorder.calls().pop().unwrap();
    assert_eq!(
        call.request.uri().path(),
        "/services/SOAP/GlobalM2M/Echo/v1/r12"
    );
}

/// Path and namespace of a call that is made with the versions of the builder.
fn spoken<A>(
    service: Service,
    call: impl AsyncFnOnce(Kite) -> Result<A, mno_sdk::Error>,
) -> (String, String) {
    let recorder = Recorder::xml(200, "<nothing/>");
    let kite = Kite::builder()
        .transport(recorder.transport())
        .rate_limits(mno_sdk::RateLimits::unlimited())
        .retry(mno_sdk::Retry::NONE)
        .wire_version(service, "v77", "v88")
        .build()
        .unwrap();
    assert!(
        run(call(kite)).is_err(),
        "{service:?}: nothing is no answer"
    );
    let call = recorder.call();
    let sent = String::from_utf8(call.request.body().to_vec()).unwrap();
    (call.request.uri().path().to_owned(), body(&sent).ns)
}

/// A (path version, namespace version) pair for every service of the sdk.
#[test]
fn every_service_can_have_other_versions_in_path_and_namespace() {
    use mno_runtime::values::Iccid;
    use mno_sdk::kite::{CommercialGroupId, DiagnosticId, EndCustomerId, PrebillId};

    let icc = || Iccid::new("8999000000000000017").unwrap();
    let group = CommercialGroupId::new(7);
    let customer = EndCustomerId::new("aggregator-7");
    let prebill = PrebillId::new("7");
    let diagnostic = DiagnosticId::new("7");
    let seen = [
        spoken(Service::BillingAccount, async |k| {
            k.billing_accounts().list().await
        }),
        spoken(Service::CommercialGroup, async |k| {
            k.commercial_groups().remove_end_customer(group).await
        }),
        spoken(Service::Customers, async |k| k.customers().own().await),
        spoken(Service::DiagnosticInventory, async |k| {
            k.diagnostics().ip_result(&diagnostic).await
        }),
        spoken(Service::Echo, async |k| k.echo().send("hello").await),
        spoken(Service::EndCustomers, async |k| {
            k.end_customers().get(&customer).await
        }),
        spoken(Service::Inventory, async |k| {
            k.inventory().status(icc()).await
        }),
        spoken(Service::Prebill, async |k| {
            k.prebills().export(&prebill).await
        }),
        spoken(Service::Reports, async |k| k.reports().list().await),
        spoken(Service::ServicePacks, async |k| {
            k.service_packs().check_access().await
        }),
        spoken(Service::Simswap, async |k| {
            k.simswap().swap(icc(), icc()).await
        }),
        spoken(Service::SupplementaryServices, async |k| {
            k.supplementary_services().list().await
        }),
        spoken(Service::Users, async |k| k.users().block("ada").await),
        spoken(Service::Vouchers, async |k| {
            k.vouchers().active(icc()).await
        }),
    ];
    let expected = [
        ("BillingAccount", "billingaccount"),
        ("CommercialGroup", "commercialgroup"),
        ("Customers", "customer"),
        ("DiagnosticInventory", "diagnosticinventory"),
        ("Echo", "echo"),
        ("EndCustomers", "endcustomer"),
        ("Inventory", "inventory"),
        ("Prebill", "prebill"),
        ("Reports", "reports"),
        ("ServicePacks", "servicepack"),
        ("Simswap", "simswap"),
        ("SupplementaryServices", "supplementaryservices"),
        ("Users", "user"),
        ("Vouchers", "voucher"),
    ];
    let types = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m";
    for ((path, namespace), (segment, token)) in seen.iter().zip(expected) {
        assert_eq!(*path, format!("/services/SOAP/GlobalM2M/{segment}/v77/r12"));
        assert_eq!(*namespace, format!("{types}/{token}/v88/types"));
    }
}

/// Of nine services the name in the namespace is inferred too.
#[test]
fn a_whole_path_and_a_whole_namespace_can_be_given() {
    let recorder = Recorder::xml(200, "<nothing/>");
    let kite = Kite::builder()
        .transport(recorder.transport())
        .wire_version(Service::Customers, "/gateway/customers", "urn:customers:2")
        .build()
        .unwrap();
    assert!(run(kite.customers().own()).is_err());
    let call = recorder.call();
    assert_eq!(call.request.uri().path(), "/gateway/customers");
    let sent = String::from_utf8(call.request.body().to_vec()).unwrap();
    assert_eq!(body(&sent).ns, "urn:customers:2");
}
