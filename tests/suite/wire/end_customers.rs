//! End customers, versions 2 and 1: every operation over the wire.

use mno_kite_common_v1::types::{
    Contact, ContactUpdate, ShippingAddress, ShippingAddressUpdate, Status,
};
use mno_kite_end_customers_v1 as v1;
use mno_kite_end_customers_v2 as v2;
use mno_runtime::xml::NamespaceTable;

use super::{Wire, answer_with, message};

const V2: Wire = Wire(
    "end-customers-v2",
    "/services/SOAP/GlobalM2M/EndCustomers/v2/r12",
);
const V1: Wire = Wire(
    "end-customers-v1",
    "/services/SOAP/GlobalM2M/EndCustomers/v1/r12",
);

const ID: &str = "aggregator-5a5b5c5d5e5f000000000020";

fn address(line1: &str, postal_code: &str) -> ShippingAddress {
    ShippingAddress::builder()
        .line1(line1)
        .city("Ford")
        .state("Meadowshire")
        .country("GB")
        .postal_code(postal_code)
        .build()
        .unwrap()
}

fn contact(first: &str, last: &str, phone: &str, mobile: &str) -> Contact {
    Contact::builder()
        .first_name(first)
        .last_name(last)
        .phone(phone)
        .email(format!("{}@meadow.example", first.to_lowercase()))
        .mobile(mobile)
        .build()
        .unwrap()
}

/// What both versions know of the end customer of the requests.
macro_rules! pumps {
    ($api:ident) => {
        $api::types::EndCustomer::builder()
            .name("Meadow & Sons <pumps>")
            .status(Status::Inactive)
            .default_language("en")
            .company_type("limited")
            .sector("water")
            .company_address(address("Mill Lane 1", "ZZ1 1ZZ").with_line2("Back door"))
            .primary_contact(
                contact("Ada", "Weir", "+999000000301", "999000000302").with_fax("999000000303"),
            )
            .first_additional_contact(contact("Bert", "One", "999000000311", "999000000312"))
            .second_additional_contact(contact("Cleo", "Two", "999000000321", "999000000322"))
            .third_additional_contact(contact("Dirk", "Three", "999000000331", "999000000332"))
            .fourth_additional_contact(contact("Enid", "Four", "999000000341", "999000000342"))
            .billing_address(address("Mill Lane 2", "ZZ1 2ZZ"))
            .shipping_address(address("Mill Lane 3", "ZZ1 3ZZ"))
            .custom_field1("one")
            .custom_field2("two")
            .custom_field3("three")
            .custom_field4("four")
            .build()
            .unwrap()
    };
}

/// What both versions know of the change of the requests.
macro_rules! change {
    ($api:ident) => {
        $api::operations::ModifyEndCustomer::new(ID)
            .with_name("Meadow Pumps")
            .with_default_language("es")
            .with_company_type("public")
            .with_sector("air")
            .with_company_address(
                ShippingAddressUpdate::new()
                    .with_line1("Mill Lane 4")
                    .with_line2("Front door")
                    .with_city("Weir")
                    .with_state("Fordshire")
                    .with_country("IE")
                    .with_postal_code("ZZ1 4ZZ"),
            )
            .with_primary_contact(
                ContactUpdate::new()
                    .with_first_name("Fay")
                    .with_last_name("Weir")
                    .with_email("fay@meadow.example")
                    .with_phone("999000000351")
                    .with_mobile("999000000352")
                    .with_fax("999000000353"),
            )
            .with_first_additional_contact(ContactUpdate::new().with_first_name("Bertha"))
            .with_second_additional_contact(ContactUpdate::new().with_last_name("Twain"))
            .with_third_additional_contact(ContactUpdate::new().with_email("dirk@weir.example"))
            .with_fourth_additional_contact(ContactUpdate::new().with_mobile("999000000343"))
            .with_billing_address(ShippingAddressUpdate::new().with_city("Weir"))
            .with_shipping_address(ShippingAddressUpdate::new().with_postal_code("ZZ1 5ZZ"))
            .with_custom_field1("")
            .with_custom_field2("deux")
            .with_custom_field3("trois")
            .with_custom_field4("quatre")
    };
}

/// What both versions read of the end customer of the answers.
macro_rules! read {
    ($customer:ident) => {
        assert_eq!($customer.name.as_deref(), Some("Meadow & Sons <pumps>"));
        assert_eq!($customer.status, Some(Status::Active));
        assert_eq!($customer.default_language, "en");
        assert_eq!($customer.company_type, None);
        assert_eq!($customer.sector.as_deref(), Some(""));
        // The state of an address is no state of a life cycle, whatever it is called.
        let home = address("Mill Lane 1", "ZZ1 1ZZ").with_state("ACTIVE");
        assert_eq!($customer.company_address, home);
        let ada = contact("Ada", "Weir", "+999000000301", "999000000302");
        assert_eq!($customer.primary_contact, ada);
        assert_eq!($customer.first_additional_contact, None);
        assert_eq!($customer.second_additional_contact, None);
        assert_eq!($customer.third_additional_contact, None);
        let enid = contact("Enid", "Four", "999000000341", "999000000342");
        let enid = enid.with_fax("999000000343");
        assert_eq!($customer.fourth_additional_contact, Some(enid));
        let bills = address("Mill Lane 2", "ZZ1 2ZZ").with_line2("c/o Weir");
        assert_eq!($customer.billing_address, bills);
        let cards = address("Mill Lane 3", "ZZ1 3ZZ");
        assert_eq!($customer.shipping_address, cards);
        assert_eq!($customer.custom_field1, None);
        assert_eq!($customer.custom_field3.as_deref(), Some("three"));
    };
}

/// Operations that are alike in both versions.
macro_rules! alike {
    ($module:ident, $api:ident, $wire:expr) => {
        mod $module {
            use super::*;
            use $api::Client;
            use $api::operations::*;

            #[test]
            fn get_end_customers() {
                let request = GetEndCustomers::new()
                    .with_start_index(20)
                    .with_max_batch_size(10);
                let page = $wire.exchange("getEndCustomers", async |transport| {
                    Client::new(transport).get_end_customers(&request).await
                });
                let page = page.end_customer.into_all().unwrap();
                assert_eq!(page.len(), 2);
                assert_eq!(page[0].end_customer_id, ID);
                assert_eq!(page[0].name, "Meadow & Sons <pumps>");
                assert_eq!(page[0].status, Status::Active);
                assert_eq!(page[1].name(), None);
                assert_eq!(page[1].status, Status::Inactive);
                assert!(!format!("{page:?}").contains("Meadow"));
            }

            #[test]
            fn no_end_customer() {
                let empty = message(&format!("{}/getEndCustomers.empty.response.xml", $wire.0));
                let table = NamespaceTable::new($api::ns::TABLE);
                let page = answer_with::<GetEndCustomers>(&empty, &table).unwrap();
                assert!(page.end_customer.is_empty());
            }

            #[test]
            fn delete_end_customer() {
                let request = DeleteEndCustomer::new(ID);
                $wire.exchange("deleteEndCustomer", async |transport| {
                    Client::new(transport).delete_end_customer(&request).await
                });
            }

            #[test]
            fn deactivate_end_customer() {
                let request = DeactivateEndCustomer::new(ID);
                $wire.exchange("deactivateEndCustomer", async |transport| {
                    let client = Client::new(transport);
                    client.deactivate_end_customer(&request).await
                });
            }

            #[test]
            fn activate_end_customer() {
                let request = ActivateEndCustomer::new(ID);
                $wire.exchange("activateEndCustomer", async |transport| {
                    Client::new(transport).activate_end_customer(&request).await
                });
            }
        }
    };
}

alike!(alike_v2, v2, V2);
alike!(alike_v1, v1, V1);

#[test]
fn create_end_customer() {
    let pumps = pumps!(v2)
        .with_authorization_flow_enabled(true)
        .with_authorization_flow_delegated(false)
        .with_authorization_flow_threshold_percentage_enabled(true)
        .with_authorization_flow_threshold_nominal(999_999)
        .with_authorization_flow_threshold_percentage(100);
    let request = v2::operations::CreateEndCustomer::from(pumps);
    let made = V2.exchange("createEndCustomer", async |transport| {
        let client = v2::Client::new(transport);
        client.create_end_customer(&request).await
    });
    assert_eq!(made.end_customer_id, ID);
    let debug = format!("{request:?}");
    for personal in ["Meadow &", "Ada", "Weir", "@", "999000", "Mill", "ZZ1"] {
        assert!(!debug.contains(personal), "{personal} in {debug}");
    }
}

#[test]
fn create_end_customer_v1() {
    let request = v1::operations::CreateEndCustomer::from(pumps!(v1));
    let made = V1.exchange("createEndCustomer", async |transport| {
        let client = v1::Client::new(transport);
        client.create_end_customer(&request).await
    });
    assert_eq!(made.end_customer_id, ID);
}

#[test]
fn get_end_customer() {
    let request = v2::operations::GetEndCustomer::new(ID);
    let answer = V2.exchange("getEndCustomer", async |transport| {
        v2::Client::new(transport).get_end_customer(&request).await
    });
    let customer = answer.0;
    read!(customer);
    assert_eq!(customer.authorization_flow_enabled, Some(true));
    assert_eq!(customer.authorization_flow_delegated, Some(false));
    assert_eq!(
        customer.authorization_flow_threshold_percentage_enabled,
        Some(false)
    );
    assert_eq!(customer.authorization_flow_threshold_nominal, Some(500));
    assert_eq!(customer.authorization_flow_threshold_percentage, Some(5));
}

#[test]
fn get_end_customer_v1() {
    let request = v1::operations::GetEndCustomer::new(ID);
    let answer = V1.exchange("getEndCustomer", async |transport| {
        v1::Client::new(transport).get_end_customer(&request).await
    });
    let customer = answer.0;
    read!(customer);
}

#[test]
fn modify_end_customer() {
    let request = change!(v2)
        .with_authorization_flow_enabled(false)
        .with_authorization_flow_delegated(true)
        .with_authorization_flow_threshold_percentage_enabled(false)
        .with_authorization_flow_threshold_nominal(1)
        .with_authorization_flow_threshold_percentage(1);
    V2.exchange("modifyEndCustomer", async |transport| {
        let client = v2::Client::new(transport);
        client.modify_end_customer(&request).await
    });
}

#[test]
fn modify_end_customer_v1() {
    let request = change!(v1);
    V1.exchange("modifyEndCustomer", async |transport| {
        let client = v1::Client::new(transport);
        client.modify_end_customer(&request).await
    });
}
