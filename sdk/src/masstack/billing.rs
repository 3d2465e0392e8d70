//! Charges, discounts and refunds.

use mno_runtime::transport::CallOptions;
use mno_runtime::{Error, Operation};

use super::order::{check_amount, check_period};
use super::partners::{
    Client, CreateMovement, CreateNonSubscribableMovement, CreateNonSubscribableRefund,
    CreateRefund, MovementNonSubscribableRequest, MovementRequest, RefundNonSubscribableRequest,
    RefundRequest,
};
use super::{CorrelationId, MasStack, MovementId, RefundId, ServiceId, Taken};

/// Charges and discounts ("movements") on a service's bill, and their refunds. They are answered at
/// once.
///
/// **Nothing reads them back.** So keep what they answer; and when an answer is lost, send the same
/// order again with the same correlation id. [`Taken::Before`] then says that it was booked, though
/// not under which id.
///
/// A period is given by its start and its end, or not at all; one alone is refused before it is
/// sent. The end does not belong to the period. Money is exact: amounts are decimals.
///
/// ```no_run
/// # use mno_sdk::masstack::ServiceId;
/// # async fn example(masstack: mno_sdk::MasStack, line: ServiceId)
/// #     -> Result<(), Box<dyn std::error::Error>> {
/// use mno_sdk::masstack::CorrelationId;
/// use mno_sdk::masstack::partners::{
///     Amount, MovementNonSubscribableRequest, MovementType, Tax, TaxType,
/// };
///
/// let charge = MovementNonSubscribableRequest::builder()
///     .type_(MovementType::OneTimeFee)
///     .movement_datetime("2026-02-03T10:00:00Z".parse::<mno_sdk::runtime::values::DateTime>()?)
///     .amount(
///         Amount::new()
///             .with_value_with_taxes(mno_sdk::runtime::Decimal::new(1210, 2))
///             .with_value_without_taxes(10)
///             .with_tax(Tax::new(TaxType::Iva, 21)),
///     )
///     .external_movement_unique_id("fee-0001")
///     .transaction_type_id("made-up-type")
///     .build()?;
/// let id = CorrelationId::random()?;
/// let booked = masstack.billing().charge_non_subscribable(&line, charge, id).await?;
/// println!("{:?}", booked.now());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Billing {
    client: Client,
}

impl Billing {
    pub(super) fn new(masstack: &MasStack) -> Self {
        Self {
            client: masstack.client(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// Books a charge or discount on a subscription. The path is inferred: the first real call may
    /// prove it wrong.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](mno_runtime::ErrorKind::InvalidRequest) when the period is half
    /// a one or the amount has no value. [`Error`] of every other kind; after
    /// [`is_outcome_unknown`](Error::is_outcome_unknown) send it again with the same correlation
    /// id.
    pub async fn charge(
        &self,
        service: &ServiceId,
        movement: MovementRequest,
        id: CorrelationId,
    ) -> Result<Taken<MovementId>, Error> {
        let facts = &CreateMovement::FACTS;
        let (start, end) = (
            &movement.period_start_datetime,
            &movement.period_end_datetime,
        );
        check_period(start.as_ref(), end.as_ref(), facts)?;
        check_amount(&movement.amount, facts)?;
        let request = CreateMovement::new(service.kind().clone(), service.as_str(), movement)
            .with_request_correlation_id(id.to_string());
        let booked = Taken::of(self.client.create_movement(&request).await)?;
        Ok(booked.map(|booked| MovementId::new(booked.movement_id)))
    }

    /// Books a charge or discount for something that cannot be subscribed to.
    ///
    /// # Errors
    /// As for [`charge`](Self::charge).
    pub async fn charge_non_subscribable(
        &self,
        service: &ServiceId,
        movement: MovementNonSubscribableRequest,
        id: CorrelationId,
    ) -> Result<Taken<MovementId>, Error> {
        let facts = &CreateNonSubscribableMovement::FACTS;
        let (start, end) = (
            &movement.period_start_datetime,
            &movement.period_end_datetime,
        );
        check_period(start.as_ref(), end.as_ref(), facts)?;
        check_amount(&movement.amount, facts)?;
        let (kind, service) = (service.kind().clone(), service.as_str());
        let request = CreateNonSubscribableMovement::new(kind, service, movement)
            .with_request_correlation_id(id.to_string());
        let answer = self.client.create_non_subscribable_movement(&request).await;
        Ok(Taken::of(answer)?.map(|booked| MovementId::new(booked.movement_id)))
    }

    /// Refunds a movement on a subscription. The path is inferred: the first real call may prove it
    /// wrong.
    ///
    /// # Errors
    /// As for [`charge`](Self::charge).
    pub async fn refund(
        &self,
        service: &ServiceId,
        refund: RefundRequest,
        id: CorrelationId,
    ) -> Result<Taken<RefundId>, Error> {
        let facts = &CreateRefund::FACTS;
        let (start, end) = (&refund.period_start_datetime, &refund.period_end_datetime);
        check_period(start.as_ref(), end.as_ref(), facts)?;
        check_amount(&refund.amount, facts)?;
        let request = CreateRefund::new(service.kind().clone(), service.as_str(), refund)
            .with_request_correlation_id(id.to_string());
        let booked = Taken::of(self.client.create_refund(&request).await)?;
        Ok(booked.map(|booked| RefundId::new(booked.refund_id)))
    }

    /// Refunds a movement for something that cannot be subscribed to. The path is inferred: the
    /// first real call may prove it wrong.
    ///
    /// # Errors
    /// As for [`charge`](Self::charge).
    pub async fn refund_non_subscribable(
        &self,
        service: &ServiceId,
        refund: RefundNonSubscribableRequest,
        id: CorrelationId,
    ) -> Result<Taken<RefundId>, Error> {
        let facts = &CreateNonSubscribableRefund::FACTS;
        let (start, end) = (&refund.period_start_datetime, &refund.period_end_datetime);
        check_period(start.as_ref(), end.as_ref(), facts)?;
        check_amount(&refund.amount, facts)?;
        let (kind, service) = (service.kind().clone(), service.as_str());
        let request = CreateNonSubscribableRefund::new(kind, service, refund)
            .with_request_correlation_id(id.to_string());
        let answer = self.client.create_non_subscribable_refund(&request).await;
        Ok(Taken::of(answer)?.map(|booked| RefundId::new(booked.refund_id)))
    }
}
