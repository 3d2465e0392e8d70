//! End customers: made, changed, taken out of service, deleted.

use futures_util::TryStreamExt as _;
use mno_sandbox::{Effect, Rule};
use mno_sdk::kite::end_customers::{
    Contact, ContactUpdate, EndCustomer, ModifyEndCustomer, ShippingAddress, ShippingAddressUpdate,
    Status,
};
use mno_sdk::kite::{EndCustomerId, end_customers_v1 as v1};

use super::*;

fn address(city: &str) -> ShippingAddress {
    ShippingAddress::builder()
        .line1("Mill Lane 1 & 2")
        .city(city)
        .state("Meadowshire")
        .country("GB")
        .postal_code("ZZ1 1ZZ")
        .build()
        .unwrap()
}

fn contact() -> Contact {
    Contact::builder()
        .first_name("Ada")
        .last_name("Weir")
        .phone("+999000000301")
        .email("ada@meadow.example")
        .mobile("999000000302")
        .build()
        .unwrap()
}

pub(super) fn pumps(name: &str) -> EndCustomer {
    EndCustomer::builder()
        .name(name)
        .default_language("en")
        .company_address(address("Ford"))
        .primary_contact(contact())
        .billing_address(address("Ford"))
        .shipping_address(address("Weir"))
        .authorization_flow_enabled(true)
        .build()
        .unwrap()
}

async fn listed(kite: &Kite) -> Vec<(EndCustomerId, String, Status)> {
    let all = kite.end_customers().stream().with_read_ahead(0);
    all.map_ok(|c| (EndCustomerId::from(&c), c.name, c.status))
        .try_collect()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_end_customer_from_creation_to_deletion() {
    let (sandbox, kite) = start(1).await;
    let customers = kite.end_customers();
    let id = customers.create(pumps("Meadow & Sons")).await.unwrap();
    assert!(id.as_str().starts_with("aggregator-"), "{id}");
    let read = customers.get(&id).await.unwrap();
    assert_eq!(read, pumps("Meadow & Sons").with_status(Status::Active));

    customers.deactivate(&id).await.unwrap();
    let all = listed(&kite).await;
    let expected = (id.clone(), "Meadow & Sons".to_owned(), Status::Inactive);
    assert_eq!(all, [expected]);
    customers.activate(&id).await.unwrap();
    assert_eq!(listed(&kite).await[0].2, Status::Active);

    let change = ModifyEndCustomer::new(id.clone())
        .with_name("Meadow Pumps")
        .with_sector("water")
        .with_primary_contact(ContactUpdate::new().with_email("bert@meadow.example"))
        .with_billing_address(ShippingAddressUpdate::new().with_city("Weir"))
        .with_authorization_flow_threshold_nominal(500);
    customers.modify(&change).await.unwrap();
    let expected = pumps("Meadow Pumps")
        .with_status(Status::Active)
        .with_sector("water")
        .with_primary_contact(contact().with_email("bert@meadow.example"))
        .with_billing_address(address("Weir"))
        .with_authorization_flow_threshold_nominal(500);
    assert_eq!(customers.get(&id).await.unwrap(), expected);

    customers.delete(&id).await.unwrap();
    assert!(listed(&kite).await.is_empty());
    let error = customers.get(&id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(sandbox.journal().count("createEndCustomer"), 1);
}

#[tokio::test]
async fn the_list_comes_in_pages_of_ten() {
    let (sandbox, kite) = start(1).await;
    let mut made = Vec::new();
    for number in 0..21 {
        let pumps = pumps(&format!("Pumps {number}"));
        made.push(kite.end_customers().create(pumps).await.unwrap());
    }
    let ids: Vec<_> = listed(&kite).await.into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, made);
    assert_eq!(sandbox.journal().count("getEndCustomers"), 3);

    let small = kite.end_customers().stream().with_page_size(100);
    let small = small.with_read_ahead(0);
    assert_eq!(small.try_collect::<Vec<_>>().await.unwrap().len(), 21);
    assert_eq!(
        sandbox.journal().count("getEndCustomers"),
        6,
        "no page is larger than the platform allows"
    );
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_in_the_list_and_not_repeated() {
    let (sandbox, kite) = start(1).await;
    sandbox
        .control()
        .add(Rule::on("createEndCustomer").then(Effect::CutAfter));
    let error = kite
        .end_customers()
        .create(pumps("Meadow Pumps"))
        .await
        .unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("getEndCustomers"), "{error}");
    assert!(!error.to_string().contains("Meadow"), "{error}");
    assert_eq!(sandbox.journal().count("createEndCustomer"), 1);
    let all = listed(&kite).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].1, "Meadow Pumps");
}

#[tokio::test]
async fn what_the_platform_would_refuse_is_not_sent() {
    let (sandbox, kite) = start(1).await;
    let customers = kite.end_customers();
    let wrong = pumps("x").with_authorization_flow_threshold_percentage(101);
    let error = customers.create(wrong).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("authorizationFlowThresholdPercentage"),
        "{text}"
    );
    assert!(sandbox.journal().snapshot().is_empty());
}

#[tokio::test]
async fn end_customers_of_other_organisations_do_not_exist() {
    let (sandbox, kite) = start(1).await;
    let id = kite.end_customers().create(pumps("x")).await.unwrap();
    let other = limited(&sandbox, "Other Devices").build().unwrap();
    let error = other.end_customers().delete(&id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(listed(&other).await.is_empty());
    assert_eq!(listed(&kite).await.len(), 1);
}

#[tokio::test]
async fn version_1_has_every_operation_and_the_same_end_customers() {
    let (sandbox, kite) = start(1).await;
    let old = kite.end_customers_v1();
    let pumps = v1::EndCustomer::builder()
        .name("Meadow Pumps")
        .default_language("en")
        .company_address(address("Ford"))
        .primary_contact(contact())
        .billing_address(address("Ford"))
        .shipping_address(address("Weir"))
        .build()
        .unwrap();
    let request = v1::CreateEndCustomer::from(pumps.clone());
    let made = old.create_end_customer(&request).await.unwrap();
    let id = made.end_customer_id;

    let page = v1::GetEndCustomers::new();
    let page = old.get_end_customers(&page).await.unwrap();
    let page = page.end_customer.into_all().unwrap();
    assert_eq!((page.len(), &page[0].end_customer_id), (1, &id));

    let change = v1::ModifyEndCustomer::new(id.clone()).with_sector("water");
    old.modify_end_customer(&change).await.unwrap();
    let request = v1::DeactivateEndCustomer::new(id.clone());
    old.deactivate_end_customer(&request).await.unwrap();
    let request = v1::GetEndCustomer::new(id.clone());
    let read = old.get_end_customer(&request).await.unwrap().0;
    let expected = pumps.with_sector("water").with_status(Status::Inactive);
    assert_eq!(read, expected);

    let request = v1::ActivateEndCustomer::new(id.clone());
    old.activate_end_customer(&request).await.unwrap();
    assert_eq!(listed(&kite).await[0].2, Status::Active);
    let request = v1::DeleteEndCustomer::new(id);
    old.delete_end_customer(&request).await.unwrap();
    assert!(listed(&kite).await.is_empty());
    let versions: Vec<_> = sandbox.journal().snapshot();
    assert_eq!(versions.iter().filter(|e| e.version == "v1").count(), 7);
}
