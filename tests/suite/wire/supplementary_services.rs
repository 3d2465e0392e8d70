//! Supplementary services, version 2: every operation over the wire.

use mno_kite_supplementary_services_v2 as v2;
use mno_kite_supplementary_services_v2::Client;
use mno_kite_supplementary_services_v2::operations::{
    GetSupplementaryServiceDetail, GetSupplementaryServices,
};
use mno_kite_supplementary_services_v2::types::{AnalyticsLevel, ServiceState};
use mno_runtime::xml::NamespaceTable;

use super::{Wire, answer_with, message};

const V2: Wire = Wire(
    "supplementary-services-v2",
    "/services/SOAP/GlobalM2M/SupplementaryServices/v2/r12",
);

#[test]
fn get_supplementary_services() {
    let request = GetSupplementaryServices::new();
    let answer = V2.exchange("getSupplementaryServices", async |transport| {
        let client = Client::new(transport);
        client.get_supplementary_services(&request).await
    });
    let plans = answer.service_data.into_all().unwrap();
    assert_eq!(plans.len(), 2);
    let plan = &plans[0];
    assert_eq!(plan.id(), Some("5a5b5c5d5e5f000000000030"));
    assert_eq!(plan.name(), Some("Services & more"));
    assert_eq!(plan.description(), None);
    assert_eq!(plan.published(), Some("PUBLISHED"));
    assert_eq!(plan.currency(), Some("978"));
    assert_eq!(plan.service_provider_id(), Some("provider-0Meadow7Mobile"));
    assert_eq!(plan.service_provider_name(), Some("Meadow Mobile"));
    assert_eq!(plan.customer_id(), Some("customer-0Meadow7Pumps"));
    assert_eq!(plan.customer_name(), Some("Meadow Pumps"));
    assert_eq!(plan.subscription_count, Some(120));
    assert!(!format!("{plan:?}").contains("Meadow Pumps"));
    // Version 2 may lack what the REST binding has.
    assert_eq!(plans[1].name, None);
}

#[test]
fn no_plan() {
    let empty = message("supplementary-services-v2/getSupplementaryServices.empty.response.xml");
    let table = NamespaceTable::new(v2::ns::TABLE);
    let answer = answer_with::<GetSupplementaryServices>(&empty, &table).unwrap();
    assert!(answer.service_data.is_empty());
}

fn fee(fee: Option<impl ToString>) -> Option<String> {
    fee.map(|fee| fee.to_string())
}

#[test]
fn get_supplementary_service_detail() {
    let request = GetSupplementaryServiceDetail::new().with_id("5a5b5c5d5e5f000000000030");
    let answer = V2.exchange("getSupplementaryServiceDetail", async |transport| {
        let client = Client::new(transport);
        client.get_supplementary_service_detail(&request).await
    });
    let detail = answer.service_data.unwrap();
    assert_eq!(detail.name(), Some("Services & more"));
    let (on, off) = (
        Some(ServiceState::Activated),
        Some(ServiceState::Deactivated),
    );
    assert_eq!(detail.self_management, on);
    assert_eq!(detail.self_management_level(), Some("ADVANCED"));
    assert_eq!(detail.vpn_service, off);
    assert_eq!(detail.application_originated_sms, on);
    assert_eq!(
        detail.application_originated_sms_msisdn(),
        Some("999000000900")
    );
    assert_eq!(detail.ready_for_multiple_sms_oa, Some(true));
    assert_eq!(detail.advanced_supervision, on);
    assert_eq!(detail.supervision_level(), Some("WITHOUT_KEEPALIVE"));
    assert_eq!(detail.location, on);
    assert_eq!(detail.dca, off);
    assert_eq!(detail.dca_sms_msisdn(), Some("999000000901"));
    assert_eq!(detail.dim, off);
    assert_eq!(detail.remote_sim_management, on);
    assert_eq!(detail.iot_data_ready, off);
    assert_eq!(detail.asset_control, off);
    assert_eq!(detail.private_lte, on);
    assert_eq!(detail.private_lte_mode(), Some("ACCESS_AND_CORE_NETWORK"));
    assert_eq!(detail.private_lte_backup, Some(false));
    assert_eq!(detail.private_lte_zone_code(), Some("zone 7"));
    assert_eq!(detail.advanced_analytics, Some(AnalyticsLevel::Basic));
    assert_eq!(detail.subscription_count_vpn_service, Some(1));
    assert_eq!(detail.subscription_count_advanced_supervision, Some(2));
    assert_eq!(detail.subscription_count_location, Some(3));
    assert_eq!(detail.subscription_count_dca, Some(4));
    assert_eq!(detail.subscription_count_dim, Some(5));

    let tariffs = detail.tariffs.unwrap();
    let customer = tariffs.self_management.unwrap().customer.unwrap();
    assert_eq!(fee(customer.setup).as_deref(), Some("7"));
    assert_eq!(fee(customer.monthly_active).as_deref(), Some("8"));
    assert_eq!(fee(customer.monthly_suspended).as_deref(), Some("9"));
    let vpn = tariffs.vpn.unwrap();
    let once = vpn.transitions.unwrap();
    assert_eq!(fee(once.setup).as_deref(), Some("5000000"));
    assert_eq!(fee(once.termination).as_deref(), Some("0"));
    assert_eq!(fee(once.suspension).as_deref(), Some("100000"));
    assert_eq!(fee(once.reactivation).as_deref(), Some("200000"));
    let monthly = vpn.subscription.unwrap().monthly_active;
    assert_eq!(fee(monthly).as_deref(), Some("10000"));
    assert!(vpn.customer.is_none());
    assert!(tariffs.location.unwrap().transitions.is_none());
    let volte = tariffs.volte.unwrap().transitions.unwrap();
    assert_eq!(fee(volte.setup).as_deref(), Some("600000"));
}

#[test]
fn get_supplementary_service_detail_of_ones_own() {
    let request = GetSupplementaryServiceDetail::new();
    V2.exchange("getSupplementaryServiceDetail.own", async |transport| {
        let client = Client::new(transport);
        client.get_supplementary_service_detail(&request).await
    });
}
