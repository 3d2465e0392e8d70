//! Customers v2 and billing accounts v1: requests as they are written, answers as they are read.

use mno_kite_billing_account_v1 as accounts;
use mno_kite_billing_account_v1::operations::{GetBillingAccount, GetBillingAccounts};
use mno_kite_common_v1::types::{
    BillingAccount, BillingAccountUpdate, Contact, ContactUpdate, DynamicAddressing,
    DynamicAddressingIp, ShippingAddress, ShippingAddressUpdate, StaticAddressing,
    StaticAddressingChoice, StaticAddressingIpv4, StaticAddressingIpv6, Status,
};
use mno_kite_customers_v2 as customers;
use mno_kite_customers_v2::operations::{
    GetCustomers, GetExpirationTime, GetVpnListCustomer, ModifyCustomer, ModifyCustomerResponse,
};
use mno_kite_customers_v2::types::{BillingCycleStart, Customer, Vpn};
use mno_runtime::soap::SoapOperation;
use mno_runtime::xml::{Namespace, NamespaceTable};

use super::tree::{assert_same, body};
use super::{answer_with, envelope, message, message_text};

const CUSTOMERS: (&str, &[Namespace]) = ("customers-v2", customers::ns::TABLE);
const ACCOUNTS: (&str, &[Namespace]) = ("billing-account-v1", accounts::ns::TABLE);

#[track_caller]
fn written<O: SoapOperation>(
    (folder, table): (&str, &'static [Namespace]),
    name: &str,
    request: &O,
) {
    let theirs = message_text(&format!("{folder}/{name}.request.xml"));
    assert_same(&body(&envelope(request, table)), &body(&theirs));
}

fn read<O: SoapOperation>(
    (folder, table): (&str, &'static [Namespace]),
    name: &str,
) -> O::Response {
    let file = format!("{folder}/{name}.response.xml");
    answer_with::<O>(&message(&file), &NamespaceTable::new(table)).expect("decodes")
}

/// The account that three answers have.
fn account() -> BillingAccount {
    let address = ShippingAddress::builder()
        .line1("7 Meadow Lane")
        .line2("Back door")
        .city("Meadow")
        .state("North")
        .country("ZZ")
        .postal_code("00017")
        .build()
        .unwrap();
    let contact = Contact::builder()
        .first_name("Mary")
        .last_name("Meadow")
        .phone("+999000000301")
        .email("mary@meadow.example")
        .mobile("999000000302")
        .build()
        .unwrap();
    BillingAccount::new("default", "00000000T", "crm-17")
        .with_billing_account_id("0")
        .with_billable(true)
        .with_auto_prebill_issue(false)
        .with_address(address)
        .with_address_is_company_address(false)
        .with_contact(contact)
        .with_contact_is_primary_contact(false)
        .with_payment_method("TRANSFER")
        .with_payment_data("account 000017")
        .with_commercial_group(["26".to_owned(), "61".to_owned()])
        .with_subscriptions(1208_u32)
}

#[test]
fn get_customers() {
    written(CUSTOMERS, "getCustomers", &GetCustomers::new());
    let found = read::<GetCustomers>(CUSTOMERS, "getCustomers");
    let found = found.customer_data.into_all().unwrap().remove(0);
    let company = ShippingAddress::builder()
        .line1("1 Meadow Lane")
        .city("Meadow")
        .state("North")
        .country("ZZ")
        .postal_code("00017")
        .build()
        .unwrap();
    let contact = Contact::builder()
        .first_name("Max")
        .last_name("Meadow")
        .phone("999000000303")
        .email("max@meadow.example")
        .mobile("999000000304")
        .fax("999000000305")
        .build()
        .unwrap();
    let network = StaticAddressingIpv4::new("192.0.2.0", "255.255.255.0");
    let vpn = Vpn::new("meadow-fixed")
        .with_apns(["pumps.meadow.example".to_owned()])
        .with_static_addressing(StaticAddressing::new(StaticAddressingChoice::Ipv4(network)));
    let expected = Customer::new()
        .with_customer_id("customer-0Meadow7Pumps")
        .with_type("customer")
        .with_name("Meadow Waterworks")
        .with_description("")
        .with_status(Status::Active)
        .with_default_language("en")
        .with_billing_cycle_start(BillingCycleStart::new("18").with_timezone("Europe/Madrid"))
        .with_currency("978")
        .with_company_address(company)
        .with_primary_contact(contact)
        .with_primary_contact_address_is_company_address(true)
        .with_billing_contact_is_primary_contact(true)
        .with_shipping_address_is_company_address(true)
        .with_default_billing_account(account())
        .with_vpns([vpn])
        .with_time_and_consumption_voucher_is_enabled(false)
        .with_subscription_count(1208_u32)
        .with_parent_id("provider-0Example")
        .with_custom_field1("north");
    assert_eq!(found, expected);
    let debug = format!("{found:?}");
    for secret in [
        "Waterworks",
        "Meadow Lane",
        "Max",
        "999000000303",
        "000017",
        "00000000T",
    ] {
        assert!(!debug.contains(secret), "{secret} in {debug}");
    }
}

#[test]
fn modify_customer() {
    let lab = Vpn::new("meadow-lab")
        .with_apns([
            "lab.meadow.example".to_owned(),
            "test.meadow.example".to_owned(),
        ])
        .with_dynamic_addressing(DynamicAddressing::new(DynamicAddressingIp::Ipv6));
    // `email` is written before `phone` here, other than in what is read.
    let contact = ContactUpdate::new()
        .with_phone("999000000306")
        .with_email("hello@meadow.example");
    let request = ModifyCustomer::new()
        .with_customer_id("customer-0Meadow7Pumps")
        .with_description("Water, and what it needs")
        .with_company_address(ShippingAddressUpdate::new().with_city("Meadow-by-the-Sea"))
        .with_primary_contact(contact)
        .with_billing_contact_is_primary_contact(true)
        .with_default_billing_account(BillingAccountUpdate::new().with_payment_method("TRANSFER"))
        .with_vpns([lab])
        .with_custom_field2("");
    written(CUSTOMERS, "modifyCustomer", &request);
    let answer = read::<ModifyCustomer>(CUSTOMERS, "modifyCustomer");
    assert_eq!(answer, ModifyCustomerResponse::new());
}

#[test]
fn vpns_and_the_time_that_is_left() {
    let request = GetVpnListCustomer::new().with_customer_id("customer-0Meadow7Pumps");
    written(CUSTOMERS, "getVpnListCustomer", &request);
    let vpns = read::<GetVpnListCustomer>(CUSTOMERS, "getVpnListCustomer");
    let vpns = vpns.vpn.into_all().unwrap();
    let network = StaticAddressingIpv6::new("2001:db8::", "/64");
    let expected = [
        Vpn::new("meadow-fixed")
            .with_apns([
                "pumps.meadow.example".to_owned(),
                "gates.meadow.example".to_owned(),
            ])
            .with_static_addressing(StaticAddressing::new(StaticAddressingChoice::Ipv6(network))),
        Vpn::new("meadow-lab")
            .with_dynamic_addressing(DynamicAddressing::new(DynamicAddressingIp::Ipv4)),
    ];
    assert_eq!(vpns, expected);

    written(CUSTOMERS, "getExpirationTime", &GetExpirationTime::new());
    let left = read::<GetExpirationTime>(CUSTOMERS, "getExpirationTime");
    assert_eq!(left.expiration_time, Some(7_776_000));
}

#[test]
fn billing_accounts() {
    written(ACCOUNTS, "getBillingAccounts", &GetBillingAccounts::new());
    let all = read::<GetBillingAccounts>(ACCOUNTS, "getBillingAccounts");
    let all = all.billing_account.into_all().unwrap();
    let bare = BillingAccount::new("Projects", "", "")
        .with_billable(false)
        .with_subscriptions(0_u32);
    assert_eq!(all, [account(), bare]);
    assert_eq!(all[1].billing_account_id(), None);
    assert_eq!(all[1].fiscal_number(), None);

    let request = GetBillingAccount::new("0").with_customer_id("customer-0Meadow7Pumps");
    written(ACCOUNTS, "getBillingAccount", &request);
    let one = read::<GetBillingAccount>(ACCOUNTS, "getBillingAccount");
    assert_eq!(one.billing_account, Some(account()));
    let debug = format!("{:?}", account());
    for secret in ["00000000T", "000017", "Mary", "Meadow Lane"] {
        assert!(!debug.contains(secret), "{secret} in {debug}");
    }
}
