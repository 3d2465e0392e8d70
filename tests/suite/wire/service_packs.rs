//! Service packs, version 2: the operation over the wire.

use mno_kite_service_packs_v2::operations::GetServicePacks;
use mno_kite_service_packs_v2::types::PublicationStatus;
use mno_kite_service_packs_v2::{Client, ns};
use mno_runtime::xml::NamespaceTable;

use super::{Wire, answer_with, message};

const V2: Wire = Wire(
    "service-packs-v2",
    "/services/SOAP/GlobalM2M/ServicePacks/v2/r12",
);

#[test]
fn list() {
    let answer = V2.exchange("getServicePacks", async |transport| {
        let request = GetServicePacks::new()
            .with_start_index(10)
            .with_max_batch_size(5)
            .with_customer("customer-5a5b5c5d5e5f000000000050");
        Client::new(transport).get_service_packs(&request).await
    });
    let packs = answer.service_packs.into_all().unwrap();
    let [full, tomorrow] = &packs[..] else {
        panic!("{packs:?}");
    };
    assert_eq!(
        (full.id.as_str(), full.name()),
        ("5151", Some("Pumps & valves"))
    );
    assert_eq!(full.description(), None, "blank");
    assert_eq!(full.published, Some(PublicationStatus::Published));
    assert_eq!(full.currency.as_deref(), Some("978"));
    assert_eq!(full.white_list, ["999100*", "999200*"]);
    assert_eq!(full.black_list, ["999900*"]);
    assert_eq!(full.roaming_list, ["999300000001"]);
    let provider = full.service_provider_id.as_deref();
    assert_eq!(provider, Some("provider-5a5b5c5d5e5f000000000060"));
    for (field, expected) in [
        (&full.service_provider_name, "Example Mobile"),
        (&full.restrictions_id, "71"),
        (&full.restrictions_name, "Home only"),
        (&full.life_cycle_id, "72"),
        (&full.life_cycle_name, "Manual"),
        (&full.tariff_plan_services_id, "73"),
        (&full.tariff_plan_services_name, "By volume"),
        (&full.tariff_plan_life_cycle_id, "74"),
        (&full.tariff_plan_life_cycle_name, "Free"),
    ] {
        assert_eq!(field.as_deref(), Some(expected));
    }
    assert_eq!(full.lists_locked, Some(false));
    let debug = format!("{full:?}");
    assert!(!debug.contains("999300000001") && debug.contains("Pumps"));
    // A status of tomorrow never reads as one of today.
    let published = tomorrow.published.as_ref().unwrap();
    assert!(matches!(published, PublicationStatus::Unknown(_)));
    assert_eq!(published.as_str(), "WITHDRAWN");
    assert_eq!((&tomorrow.name, tomorrow.white_list.len()), (&None, 0));

    let none = message("service-packs-v2/getServicePacks.empty.response.xml");
    let none = answer_with::<GetServicePacks>(&none, &NamespaceTable::new(ns::TABLE));
    assert!(none.unwrap().service_packs.is_empty());
}
