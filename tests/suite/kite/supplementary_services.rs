//! Supplementary services: the plan, and the SIMs that have its services.

use mno_sdk::kite::inventory::SupplementaryServicesChange;
use mno_sdk::kite::supplementary_services::{AnalyticsLevel, ServiceState};

use super::*;

#[tokio::test]
async fn a_plan_and_its_services() {
    let (sandbox, kite) = start(40).await;
    let services = kite.supplementary_services();
    let plans = services.list().await.unwrap().into_all().unwrap();
    assert_eq!(plans.len(), 1);
    let plan = &plans[0];
    assert_eq!(plan.customer_name(), Some(ORGANISATION));
    assert_eq!(plan.description(), None);
    assert_eq!(plan.subscription_count, Some(40));

    let id = plan.id().unwrap();
    let detail = services.detail(id).await.unwrap().unwrap();
    assert_eq!(detail.name, plan.name);
    assert_eq!(detail.vpn_service, Some(ServiceState::Activated));
    assert_eq!(detail.private_lte, Some(ServiceState::Deactivated));
    assert_eq!(detail.iot_data_ready, None);
    assert_eq!(detail.advanced_analytics, Some(AnalyticsLevel::Basic));
    let located = sandbox
        .fleet()
        .page(0, 40, |sim| sim.suppl_services.location);
    let located = u32::try_from(located.len()).unwrap();
    assert_eq!(detail.subscription_count_location, Some(located));
    let fees = detail.tariffs.unwrap().vpn.unwrap();
    let setup = fees.transitions.unwrap().setup.unwrap();
    assert_eq!(setup.to_string(), "5000000");
}

#[tokio::test]
async fn a_sim_with_a_service_counts() {
    let (sandbox, kite) = start(10).await;
    let services = kite.supplementary_services();
    let plan = services.list().await.unwrap().into_all().unwrap().remove(0);
    let id = plan.id.unwrap();
    let vpns = async || {
        let detail = services.detail(id.clone()).await.unwrap().unwrap();
        detail.subscription_count_vpn_service.unwrap()
    };
    let before = vpns().await;
    let sim = sandbox.fleet().find(|sim| !sim.suppl_services.vpn).unwrap();
    let change = SupplementaryServicesChange::new().with_vpn_enabled(true);
    kite.inventory().modify(icc(&sim), change).await.unwrap();
    assert_eq!(vpns().await, before + 1);
}

#[tokio::test]
async fn an_unknown_plan_is_not_found() {
    let (_sandbox, kite) = start(1).await;
    let error = kite
        .supplementary_services()
        .detail("nonsense")
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
}
