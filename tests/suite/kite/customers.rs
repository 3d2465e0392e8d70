//! The organisation that calls, and its billing accounts.

use std::time::Duration;

use mno_sandbox::Addressing;
use mno_sdk::kite::CommercialGroupId;
use mno_sdk::kite::commercial_groups::UpdateCommercialGroup;
use mno_sdk::kite::customers::{
    BillingAccountUpdate, ContactUpdate, DynamicAddressing, DynamicAddressingIp, ModifyCustomer,
    ShippingAddressUpdate, Status, Vpn,
};

use super::*;

#[tokio::test]
async fn the_own_organisation_is_the_one_on_its_sims() {
    let (sandbox, kite) = start(7).await;
    let own = kite.customers().own().await.unwrap().unwrap();
    let sim = kite
        .inventory()
        .get(icc(&sandbox.fleet().at(0).unwrap()))
        .await;
    let sim = sim.unwrap().unwrap();
    assert_eq!(own.customer_id, sim.customer_id);
    assert_eq!(own.name, sim.customer_name);
    assert_eq!(
        (own.subscription_count, own.status),
        (Some(7), Some(Status::Active))
    );
    let accounts = own.billing_accounts;
    let default = own.default_billing_account.unwrap();
    assert_eq!(default, accounts[0]);
    assert_eq!(default.subscriptions, Some(7));
    let contact = own.primary_contact.unwrap();
    assert_eq!(contact.email, "hello@sandbox.example");
}

#[tokio::test]
async fn changes_are_read_back_and_the_rest_stays() {
    let (sandbox, kite) = start(3).await;
    let customers = kite.customers();
    let change = ModifyCustomer::new()
        .with_name("Sandbox Waterworks")
        .with_company_address(ShippingAddressUpdate::new().with_city("Port Sand"))
        .with_primary_contact(ContactUpdate::new().with_email("sea@sandbox.example"))
        .with_default_billing_account(BillingAccountUpdate::new().with_payment_method("TRANSFER"))
        .with_custom_field3("blue & green");
    customers.modify(&change).await.unwrap();
    let own = customers.own().await.unwrap().unwrap();
    assert_eq!(own.name(), Some("Sandbox Waterworks"));
    assert_eq!(own.company_address.unwrap().city, "Port Sand");
    assert_eq!(own.primary_contact.unwrap().email, "sea@sandbox.example");
    assert_eq!(own.custom_field3.as_deref(), Some("blue & green"));
    assert_eq!(own.default_language.as_deref(), Some("en"));
    let account = kite.billing_accounts().get("0").await.unwrap().unwrap();
    assert_eq!(account.payment_method(), Some("TRANSFER"));
    let sim = sandbox.fleet().at(2).unwrap();
    assert_eq!(sim.customer_name, "Sandbox Waterworks");

    let other = ModifyCustomer::new().with_customer_id("customer-1");
    assert!(customers.modify(&other).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn networks_and_the_testing_period() {
    let (sandbox, kite) = start(1).await;
    let customers = kite.customers();
    let before = customers.vpns().await.unwrap().into_all().unwrap();
    assert_eq!(before.len(), 2);
    assert!(before[0].static_addressing.is_some());
    assert!(before[1].dynamic_addressing.is_some());
    let lab = Vpn::new("lab-6")
        .with_apns(["six.sandbox.example".to_owned()])
        .with_dynamic_addressing(DynamicAddressing::new(DynamicAddressingIp::Ipv6));
    let change = ModifyCustomer::new().with_vpns([before[0].clone(), lab.clone()]);
    customers.modify(&change).await.unwrap();
    let after = customers.vpns().await.unwrap().into_all().unwrap();
    assert_eq!(after, [before[0].clone(), lab]);
    let known = sandbox.customer().vpns;
    assert_eq!(
        known[1].addressing,
        Some(Addressing::Dynamic("ipv6".to_owned()))
    );

    let left = customers.expiration_time().await.unwrap();
    assert_eq!(left, Some(Duration::from_secs(30 * 86_400)));
}

#[tokio::test]
async fn billing_accounts_know_their_groups_and_sims() {
    let (sandbox, kite) = start(40).await;
    let all = kite
        .billing_accounts()
        .list()
        .await
        .unwrap()
        .into_all()
        .unwrap();
    let ids: Vec<_> = all.iter().map(|a| a.billing_account_id()).collect();
    assert_eq!(ids, [Some("0"), Some("1")]);
    assert_eq!(
        (all[0].subscriptions, all[1].subscriptions),
        (Some(40), Some(0))
    );
    let group = CommercialGroupId::new(10_103);
    let change = UpdateCommercialGroup::new(group).with_billing_account_id("1");
    kite.commercial_groups().update(&change).await.unwrap();
    let account = kite.billing_accounts().get("1").await.unwrap().unwrap();
    assert_eq!(account.commercial_group, ["10103"]);
    let fleet = sandbox.fleet().all();
    let there = fleet.iter().filter(|sim| sim.commercial_group == 10_103);
    assert_eq!(account.subscriptions, u32::try_from(there.count()).ok());
    let unknown = kite.billing_accounts().get("17").await.unwrap_err();
    assert!(unknown.is_not_found(), "{unknown}");
    let nowhere = UpdateCommercialGroup::new(group).with_billing_account_id("17");
    let refused = kite.commercial_groups().update(&nowhere).await.unwrap_err();
    assert!(refused.is_not_found(), "{refused}");
}
