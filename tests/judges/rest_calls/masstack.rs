//! MasStack Partners.

use std::sync::Arc;

use anyhow::Result;
use mno_masstack_partners_v3::Client;
use mno_masstack_partners_v3::operations::*;
use mno_masstack_partners_v3::types::{UpdateMultisimService as Multisim, *};
use mno_sdk::runtime::transport::Transport;
use mno_sdk::runtime::values::{DateTime, Eid, Iccid};

use super::Run;

const DONE: &str = "https://partner.example/done";
const FAILED: &str = "https://partner.example/failed";
/// A line that the sandbox has.
const LINE: &str = "999000001";
/// An insurance that the sandbox has.
const POLICY: &str = "policy-0001";

pub(crate) async fn calls(run: &mut Run, transport: Arc<dyn Transport>) -> Result<()> {
    let masstack = mno_sdk::MasStack::builder()
        .transport(transport)
        .rate_limits(mno_sdk::RateLimits::unlimited())
        .build()?;
    let client = Client::new(masstack.transport());
    let at: DateTime = "2031-01-31T12:00:00Z".parse()?;
    let amount = || -> Result<Amount> {
        Ok(Amount::new().with_value_with_taxes("1.21".parse::<mno_sdk::runtime::Decimal>()?))
    };
    let (eid, iccid) = (
        Eid::new("89990000000000000000000000000001")?,
        Iccid::new("8999000000000000017")?,
    );

    let request = GetBarrings::new(ServiceType::Mobile, LINE);
    run.see("getBarrings", client.get_barrings(&request).await);
    let barring = BarringRequest::new(DONE, FAILED, true, BarringName::Roaming);
    let request = UpdateBarring::new(ServiceType::Mobile, LINE, barring);
    run.see("updateBarring", client.update_barring(&request).await);

    let movement = MovementRequest::builder()
        .type_(MovementType::RecurringCharge)
        .movement_datetime(at)
        .amount(amount()?)
        .external_movement_unique_id("judge-1")
        .billable(true)
        .build()?
        .with_concept_id("1")
        .with_description("judged");
    let request = CreateMovement::new(ServiceType::Mobile, LINE, movement);
    let movement = run.see("createMovement", client.create_movement(&request).await);
    let first = movement.map_or_else(String::new, |answer| answer.movement_id);
    let movement = MovementNonSubscribableRequest::builder()
        .type_(MovementType::RecurringCharge)
        .movement_datetime(at)
        .amount(amount()?)
        .external_movement_unique_id("judge-2")
        .transaction_type_id("1")
        .build()?;
    let request = CreateNonSubscribableMovement::new(ServiceType::Mobile, LINE, movement);
    let movement = client.create_non_subscribable_movement(&request).await;
    let movement = run.see("createNonSubscribableMovement", movement);
    let other = movement.map_or_else(String::new, |answer| answer.movement_id);
    let refund = RefundRequest::builder()
        .refund_datetime(at)
        .amount(amount()?)
        .external_refund_unique_id("judge-3")
        .billable(true)
        .movement_id(first)
        .build()?;
    let request = CreateRefund::new(ServiceType::Mobile, LINE, refund);
    run.see("createRefund", client.create_refund(&request).await);
    let refund = RefundNonSubscribableRequest::new(at, amount()?, "1", other);
    let request = CreateNonSubscribableRefund::new(ServiceType::Mobile, LINE, refund);
    let refund = client.create_non_subscribable_refund(&request).await;
    run.see("createNonSubscribableRefund", refund);

    let promotion = Promotion::new()
        .with_promotion_id("judged")
        .with_activation_date(at);
    let promotion = CreatePromotionRequest::new(promotion);
    let request = CreatePromotion::new(ServiceType::Mobile, LINE, promotion);
    let promotion = run.see("createPromotion", client.create_promotion(&request).await);
    let promotion = promotion.map_or_else(String::new, |answer| answer.promotion_id);
    let end = UpdatePromotionRequest::new(at);
    let request = UpdatePromotion::new(ServiceType::Mobile, LINE, promotion, end);
    run.see("updatePromotion", client.update_promotion(&request).await);

    let second = MultisimService::new(eid.clone(), iccid.clone());
    let service = CreateServiceRequest::new(DONE, FAILED, second);
    let request = CreateService::new(ServiceType::Multisim, service);
    run.see("createService", client.create_service(&request).await);
    let device = EsimDevice::new().with_eid(eid.clone());
    let device = UpdateServiceDeviceRequest::new(DONE, FAILED, DeviceCategory::ESim, device);
    let request = UpdateServiceDevice::new(ServiceType::Mobile, LINE, device);
    let device = client.update_service_device(&request).await;
    run.see("updateServiceDevice", device);
    let card = Multisim::new(eid, iccid);
    let request = mno_masstack_partners_v3::operations::UpdateMultisimService::new(
        ServiceType::Multisim,
        LINE,
        card,
    );
    let card = client.update_multisim_service(&request).await;
    run.see("updateMultisimService", card);
    let end = TerminateMovementRequest::new("judge-4", at);
    let request = TerminateDeviceInsurance::new(POLICY, end);
    let end = client.terminate_device_insurance(&request).await;
    run.see("terminateDeviceInsurance", end);
    Ok(())
}
