//! The guide's examples (chapter 6), as its chapters have them.

use mno_sdk::kite::CommercialGroupId;
use mno_sdk::kite::inventory::{ApnChange, IpAddress, IpAddressChoice};

use super::*;

/// Elements and texts that a body must have, in this order.
#[track_caller]
fn has(body: &[u8], parts: &[&str]) {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let mut rest = body.as_str();
    for part in parts {
        let (_, after) = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("{part} in {body}"));
        rest = after;
    }
}

async fn recorded(sims: usize) -> (Sandbox, Kite) {
    let sandbox = sandbox(sims).keep_bodies(true).start().await.unwrap();
    let kite = builder(&sandbox).build().unwrap();
    (sandbox, kite)
}

fn last_body(sandbox: &Sandbox, operation: &str) -> Vec<u8> {
    let entries = sandbox.journal().snapshot();
    let last = entries.iter().rfind(|e| e.operation == operation).unwrap();
    last.body.clone().unwrap().to_vec()
}

/// A group is assigned to an end customer; the same request with an empty element removes it.
#[tokio::test]
async fn chapter_6_11_delete_the_commercial_group_assignation_to_an_end_customer() {
    let (sandbox, kite) = recorded(30).await;
    let groups = kite.commercial_groups();
    let id = groups.find("Sandbox Trackers").await.unwrap().unwrap();
    let pumps = super::end_customers::pumps("Meadow & Sons");
    let owner = kite.end_customers().create(pumps).await.unwrap();
    groups.assign_end_customer(id, owner.clone()).await.unwrap();
    assert_eq!(
        groups.get(id).await.unwrap().end_customer(),
        Some(owner.as_str())
    );
    let in_it = |sim: &Sim| u64::from(sim.commercial_group) == id.get();
    let sim = sandbox.fleet().find(in_it).unwrap();
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.end_customer_id(), Some(owner.as_str()));
    // Somebody's end customer cannot be deleted from under a group.
    let kept = kite.end_customers().delete(&owner).await.unwrap_err();
    assert!(kept.is_business_refusal(), "{kept}");

    groups.remove_end_customer(id).await.unwrap();
    let sent = String::from_utf8(last_body(&sandbox, "updateCommercialGroup")).unwrap();
    let document = roxmltree::Document::parse(&sent).unwrap();
    let update = document
        .descendants()
        .find(|n| n.tag_name().name() == "updateCommercialGroup")
        .unwrap();
    let sent: Vec<_> = update
        .children()
        .filter(|n| n.is_element())
        .map(|n| (n.tag_name().name(), n.text().unwrap_or_default()))
        .collect();
    assert_eq!(sent, [("id", id.to_string().as_str()), ("endCustomer", "")]);
    assert_eq!(groups.get(id).await.unwrap().end_customer(), None);
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.end_customer_id(), None);

    // By mistake nothing is removed.
    groups.assign_end_customer(id, owner).await.unwrap();
    let blank = groups.assign_end_customer(id, " ").await.unwrap_err();
    assert_eq!(blank.kind(), mno_sdk::ErrorKind::InvalidRequest);
    assert_eq!(sandbox.journal().count("updateCommercialGroup"), 3);
    let unknown = groups.assign_end_customer(id, "aggregator-7").await;
    assert!(unknown.unwrap_err().is_not_found());
}

/// An APN with a fixed address comes, and goes with its address.
#[tokio::test]
async fn chapter_6_12_static_apn() {
    let (sandbox, kite) = recorded(30).await;
    let sims = kite.inventory();
    let sim = sandbox.fleet().find(|s| s.apns[4].name.is_none()).unwrap();
    // 6.12.1
    let address = IpAddress::new(IpAddressChoice::Ipv4("192.0.2.90".to_owned()));
    let add = ApnChange::new()
        .with_apn4("api.fleet.example")
        .with_static_ip_address4(address);
    sims.modify(icc(&sim), add).await.unwrap();
    has(
        &last_body(&sandbox, "modifySubscription"),
        &[
            "icc>",
            "apn4>api.fleet.example<",
            "staticIpAddress4>",
            "ipv4>192.0.2.90<",
        ],
    );
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.apn4(), Some("api.fleet.example"));
    assert_eq!(read.static_ip_address4(), Some("192.0.2.90"));
    // 6.12.2
    let remove = ApnChange::new().with_apn4("-");
    sims.modify(icc(&sim), remove).await.unwrap();
    has(&last_body(&sandbox, "modifySubscription"), &["apn4>-<"]);
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!((read.apn4(), read.static_ip_address4()), (None, None));
}

/// The id comes from the list, by the name; the SIM then shows the name.
#[tokio::test]
async fn chapter_6_13_change_the_commercial_group_of_the_subscription() {
    let (sandbox, kite) = recorded(30).await;
    // 6.13.1
    let groups = kite.commercial_groups();
    let id: CommercialGroupId = groups.find("Sandbox Lifts").await.unwrap().unwrap();
    has(
        &last_body(&sandbox, "getCommercialGroups"),
        &["getCommercialGroups", "/>"],
    );
    // 6.13.2
    let elsewhere = |sim: &Sim| u64::from(sim.commercial_group) != id.get();
    let sim = sandbox.fleet().find(elsewhere).unwrap();
    kite.inventory().modify(icc(&sim), id).await.unwrap();
    has(
        &last_body(&sandbox, "modifySubscription"),
        &[sim.icc.as_str(), &format!("commercialGroup>{id}<")],
    );
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.commercial_group, "Sandbox Lifts");
}
