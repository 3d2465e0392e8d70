//! Vouchers, version 1: every operation over the wire.

use mno_kite_vouchers_v1::operations::{
    CancelRecurrentVoucherRenewal, CancelVoucher, GetActiveVouchers, GetAvailableVoucher,
    PurchaseOneTimeVoucher, PurchaseRecurrentVoucher,
};
use mno_kite_vouchers_v1::types::{SimId, ValidityUnit, VoucherKind};
use mno_kite_vouchers_v1::{Client, ns};
use mno_runtime::Operation;
use mno_runtime::facts::Idempotency;
use mno_runtime::values::{Iccid, Imsi, Msisdn};
use mno_runtime::xml::NamespaceTable;

use super::subscription::at;
use super::{Wire, answer_with, message};

const V1: Wire = Wire("vouchers-v1", "/services/SOAP/GlobalM2M/Vouchers/v1/r12");

const ONCE: &str = "5a5b5c5d-0000-4000-8000-000000000002";
const RECURRENT: &str = "5a5b5c5d-0000-4000-8000-000000000001";

fn icc() -> Iccid {
    Iccid::new("8999000000000001011").unwrap()
}

#[test]
fn available() {
    let answer = V1.exchange("getAvailableVoucher", async |transport| {
        let request = GetAvailableVoucher::new(Msisdn::new("+999000000101").unwrap());
        Client::new(transport).get_available_voucher(&request).await
    });
    let vouchers = answer.voucher_data.into_all().unwrap();
    let [once, recurrent] = &vouchers[..] else {
        panic!("{vouchers:?}");
    };
    assert_eq!(once.currency.as_deref(), Some("978"));
    assert_eq!(once.basic_service.as_deref(), Some("data"));
    assert_eq!(once.zone_group_id.as_deref(), Some("31"));
    assert_eq!(once.zone_group_name.as_deref(), Some("Meadow & Hills"));
    assert_eq!(once.destination_id.as_deref(), Some("41"));
    assert_eq!(once.destination_name.as_deref(), Some("Anywhere"));
    assert_eq!(once.service_pack_id.as_deref(), Some("5151"));
    assert_eq!(once.service_pack_name.as_deref(), Some("Pumps"));
    assert_eq!(once.voucher_id, "6161");
    assert_eq!(once.voucher_name.as_deref(), Some("Five gigabytes <once>"));
    assert_eq!(once.type_, VoucherKind::OneTime);
    assert_eq!(once.nominal_data, Some(5 << 30));
    assert_eq!(once.validity_period_type, Some(ValidityUnit::Days));
    assert_eq!(once.validity_period, Some(90));
    assert_eq!(once.threshold, Some(80.into()));
    assert_eq!(once.fee.unwrap().to_string(), "12.34567");
    assert_eq!(once.upfront_fee.unwrap().to_string(), "0.5");
    assert_eq!(once.static_priority, Some(2));
    assert_eq!(
        (&once.renewal_period, once.irreplaceable_recurrent_voucher),
        (&None, None)
    );
    assert_eq!(recurrent.type_, VoucherKind::Recurrent);
    assert_eq!(recurrent.validity_period_type, Some(ValidityUnit::Months));
    assert_eq!(recurrent.renewal_period.as_deref(), Some("monthly"));
    assert_eq!(recurrent.irreplaceable_recurrent_voucher, Some(true));
    assert_eq!(recurrent.currency, None);

    let none = message("vouchers-v1/getAvailableVoucher.empty.response.xml");
    let none = answer_with::<GetAvailableVoucher>(&none, &NamespaceTable::new(ns::TABLE));
    assert!(none.unwrap().voucher_data.is_empty());
}

#[test]
fn active() {
    let answer = V1.exchange("getActiveVouchers", async |transport| {
        let request = GetActiveVouchers::new(Imsi::new("001010000000101").unwrap())
            .with_zone_group_id("31")
            .with_destination_id("41");
        Client::new(transport).get_active_vouchers(&request).await
    });
    let vouchers = answer.active_voucher_data.into_all().unwrap();
    let [recurrent, once] = &vouchers[..] else {
        panic!("{vouchers:?}");
    };
    assert_eq!(recurrent.voucher_instance_id, RECURRENT);
    assert_eq!(recurrent.voucher_id.as_deref(), Some("6262"));
    assert_eq!(
        recurrent.voucher_name.as_deref(),
        Some("A megabyte a month")
    );
    assert_eq!(recurrent.type_, VoucherKind::Recurrent);
    assert_eq!(recurrent.expiration_date, Some(at("2031-03-05T04:05:06Z")));
    assert_eq!(recurrent.zone_group_id.as_deref(), Some("31"));
    assert_eq!(recurrent.zone_group_name.as_deref(), Some("Meadow & Hills"));
    assert_eq!(recurrent.destination_id.as_deref(), Some("41"));
    assert_eq!(recurrent.destination_name.as_deref(), Some("Anywhere"));
    assert_eq!(recurrent.service_pack_id.as_deref(), Some("5151"));
    assert_eq!(recurrent.service_pack_name.as_deref(), Some("Pumps"));
    assert_eq!(recurrent.extend_previous_one_time_vouchers, Some(false));
    assert_eq!(
        (recurrent.remaining, recurrent.total),
        (Some(1_048_575), Some(1_048_576))
    );
    assert_eq!(
        recurrent.purchase_date_time,
        Some(at("2031-02-03T04:05:06Z"))
    );
    assert_eq!(
        recurrent.activation_date_time,
        Some(at("2031-02-03T04:05:07Z"))
    );
    assert_eq!(recurrent.cost.unwrap().to_string(), "1.00000");
    assert_eq!(recurrent.upfront_fee.unwrap().to_string(), "0.00000");
    assert_eq!(recurrent.priority_order, Some(1));
    assert_eq!(once.voucher_instance_id, ONCE);
    assert_eq!(once.remaining, once.total);
    // It waits: neither active nor about to expire.
    assert_eq!(
        (&once.activation_date_time, &once.expiration_date),
        (&None, &None)
    );
}

#[test]
fn purchases() {
    let bought = V1.exchange("purchaseOneTimeVoucher", async |transport| {
        let request = PurchaseOneTimeVoucher::new(icc(), "6161")
            .with_expiration_date(at("2031-12-31T23:59:59Z"))
            .with_extend_previous_one_time_vouchers(true);
        Client::new(transport)
            .purchase_one_time_voucher(&request)
            .await
    });
    assert_eq!(bought.voucher_instance_id, ONCE);
    V1.exchange("purchaseOneTimeVoucher.minimal", async |transport| {
        let id = SimId::SubscriptionId("sub-0000000101".to_owned());
        let request = PurchaseOneTimeVoucher::new(id, "6161");
        Client::new(transport)
            .purchase_one_time_voucher(&request)
            .await
    });
    let bought = V1.exchange("purchaseRecurrentVoucher", async |transport| {
        let request = PurchaseRecurrentVoucher::new(icc(), "6262")
            .with_expiration_date(at("2032-02-03T00:00:00Z"))
            .with_renewal_day(28_u32)
            .with_initial_data(524_288_u64);
        Client::new(transport)
            .purchase_recurrent_voucher(&request)
            .await
    });
    assert_eq!(bought.voucher_instance_id, RECURRENT);
    for facts in [
        PurchaseOneTimeVoucher::FACTS,
        PurchaseRecurrentVoucher::FACTS,
    ] {
        assert_eq!(facts.idempotency, Idempotency::NotIdempotent);
        assert_eq!(facts.settled_by, Some("getActiveVouchers"));
    }
    // (guide 6.9) has no row for it.
    assert_eq!(PurchaseRecurrentVoucher::FACTS.tps, None);
}

#[test]
fn cancellations() {
    V1.exchange("cancelVoucher", async |transport| {
        let request = CancelVoucher::new(icc(), ONCE);
        Client::new(transport).cancel_voucher(&request).await
    });
    V1.exchange("cancelRecurrentVoucherRenewal", async |transport| {
        let request = CancelRecurrentVoucherRenewal::new(icc(), RECURRENT);
        let client = Client::new(transport);
        client.cancel_recurrent_voucher_renewal(&request).await
    });
}
