//! Prebill, version 1: every operation over the wire.

use mno_kite_prebill_v1::operations::{ExportPrebill, GetPrebills};
use mno_kite_prebill_v1::{Client, ns};
use mno_runtime::xml::NamespaceTable;

use super::{Wire, answer_with, message, message_text};

const V1: Wire = Wire("prebill-v1", "/services/SOAP/GlobalM2M/Prebill/v1/r12");

#[test]
fn list() {
    let answer = V1.exchange("getPrebills", async |transport| {
        let request = GetPrebills::new()
            .with_billing_account_id("0")
            .with_start_date("2031-01-01")
            .with_end_date("2031-02-28")
            .with_start_index(20)
            .with_max_batch_size(10);
        Client::new(transport).get_prebills(&request).await
    });
    let prebills = answer.prebill.into_all().unwrap();
    let [full, partial] = &prebills[..] else {
        panic!("{prebills:?}");
    };
    let traffic = full.total_traffic_usage.as_ref().unwrap();
    let used = (traffic.data, traffic.voice, traffic.sms);
    assert_eq!(used, (Some(8 << 30), Some(3600), Some(42)));
    let customer = full.customer.as_ref().unwrap();
    assert_eq!(customer.type_.as_deref(), Some("customer"));
    assert_eq!(customer.currency_name.as_deref(), Some("Euro"));
    let address = customer.company_address.as_ref().unwrap();
    assert_eq!(
        (address.line1.as_str(), &address.line2),
        ("Mill Lane 1", &None)
    );
    assert_eq!(address.state, "Meadowshire");
    let account = customer.default_billing_account.as_ref().unwrap();
    assert_eq!(account.fiscal_number.as_deref(), Some("X0000000X"));
    let provider = full.service_provider.as_ref().unwrap();
    assert_eq!(provider.type_.as_deref(), Some("provider"));
    assert_eq!(provider.name.as_deref(), Some("example-mobile"));
    assert_eq!(provider.commercial_name.as_deref(), Some("Example Mobile"));
    assert_eq!(provider.brand.as_deref(), Some("Example"));
    assert_eq!(provider.fiscal_number.as_deref(), Some("X0000001X"));
    let address = provider.company_address.as_ref().unwrap();
    assert_eq!(address.line2.as_deref(), Some("Third floor"));
    assert_eq!(full.billing_account_name.as_deref(), Some("pumps & valves"));
    assert_eq!(full.creation_date.as_deref(), Some("2031-02-01"));
    assert_eq!(full.issued_date.as_deref(), Some("2031-02-02"));
    // A day or a time: neither is refused.
    let modified = full.last_modification_date.as_deref();
    assert_eq!(modified, Some("2031-02-02T03:04:05Z"));
    assert_eq!(full.prebill_id, "5a5b5c5d5e5f000000000040");
    assert_eq!(full.prebill_id_in_obcrm.as_deref(), Some("crm-prebill-7"));
    let customer = full.customer_id.as_deref();
    assert_eq!(customer, Some("customer-5a5b5c5d5e5f000000000050"));
    assert_eq!(full.customer_name.as_deref(), Some("Meadow & Sons"));
    assert_eq!(full.currency.as_deref(), Some("978"));
    assert_eq!(full.customer_id1obcrm.as_deref(), Some("crm-one"));
    assert_eq!(full.customer_id2obcrm.as_deref(), Some("crm-two"));
    assert_eq!(
        full.billing_period_start_date.as_deref(),
        Some("2031-01-01")
    );
    assert_eq!(full.billing_period_end_date.as_deref(), Some("2031-01-31"));
    assert_eq!(full.status.as_deref(), Some("published"));
    for (amount, expected) in [
        (full.service_global_charges, "12.50000"),
        (full.total_charge, "120.99999"),
        (full.subscriptions_charges, "87.50000"),
        (full.adjustment, "-0.00001"),
        (full.total_net_charge, "99.99999"),
        (full.pool_charges, "0"),
    ] {
        assert_eq!(amount.unwrap().to_string(), expected);
    }
    // What is in these is not known, so they are handed on as they are, text or elements.
    assert_eq!((full.discount.len(), full.tax.len()), (2, 1));
    assert!(full.discount[0].as_xml().contains("loyalty"));
    assert!(full.discount[1].as_xml().contains("1.00000"));
    assert_eq!(partial.prebill_id, "5a5b5c5d5e5f000000000041");
    assert_eq!((partial.total_charge, &partial.customer), (None, &None));
    let debug = format!("{full:?}");
    for secret in ["Mill Lane", "X0000000X", "& Sons", "loyalty", "crm-one"] {
        assert!(!debug.contains(secret), "{secret}: {debug}");
    }

    let none = message("prebill-v1/getPrebills.empty.response.xml");
    let none = answer_with::<GetPrebills>(&none, &NamespaceTable::new(ns::TABLE));
    assert!(none.unwrap().prebill.is_empty());
}

#[test]
fn a_prebill_that_cannot_be_read_does_not_hide_the_others() {
    let list = message_text("prebill-v1/getPrebills.response.xml");
    let list = list.replace("120.99999", "about 121");
    let list = answer_with::<GetPrebills>(list.as_bytes(), &NamespaceTable::new(ns::TABLE));
    let prebills = list.unwrap().prebill;
    assert_eq!((prebills.len(), prebills.errors().count()), (2, 1));
}

#[test]
fn export() {
    let answer = V1.exchange("exportPrebill", async |transport| {
        let request = ExportPrebill::new("5a5b5c5d5e5f000000000040");
        Client::new(transport).export_prebill(&request).await
    });
    let link = "https://kite.example:8010/api/download/mAdeUpT0ken_for-a.prebill";
    assert_eq!(answer.result_url, link);
    // A link is a secret: whoever has it may be able to read the prebill.
    assert!(!format!("{answer:?}").contains("http"));
}
