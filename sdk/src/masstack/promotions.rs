//! Promotions of services.

use mno_runtime::Error;
use mno_runtime::transport::CallOptions;
use mno_runtime::values::DateTime;

use super::partners::{
    Client, CreatePromotion, CreatePromotionRequest, Promotion, UpdatePromotion,
    UpdatePromotionRequest,
};
use super::{CataloguePromotionId, CorrelationId, MasStack, PromotionId, ServiceId, Taken};

/// Promotions: given to a service, and ended.
///
/// What is given has an id in the operator's catalogue, a [`CataloguePromotionId`]; once given it has
/// another one, a [`PromotionId`]. Nothing reads them back.
///
/// ```no_run
/// # use mno_sdk::masstack::ServiceId;
/// # use mno_sdk::runtime::values::DateTime;
/// # async fn example(masstack: mno_sdk::MasStack, line: ServiceId, end: DateTime)
/// #     -> Result<(), mno_sdk::Error> {
/// use mno_sdk::masstack::{CataloguePromotionId, CorrelationId};
///
/// let summer = CataloguePromotionId::new("1001");
/// let promotions = masstack.promotions();
/// let id = CorrelationId::random()?;
/// if let Some(given) = promotions.give(&line, &summer, None, None, id).await?.now() {
///     let _ = promotions.end(&line, &given, end, CorrelationId::random()?).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Promotions {
    client: Client,
}

impl Promotions {
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

    /// Gives a service a promotion of the catalogue, from one time to another if they are given.
    ///
    /// # Errors
    /// [`Error`] of every kind; after [`is_outcome_unknown`](Error::is_outcome_unknown) send it
    /// again with the same correlation id.
    pub async fn give(
        &self,
        service: &ServiceId,
        promotion: &CataloguePromotionId,
        from: Option<DateTime>,
        until: Option<DateTime>,
        id: CorrelationId,
    ) -> Result<Taken<PromotionId>, Error> {
        let mut body = Promotion::new().with_promotion_id(promotion.as_str());
        body.activation_date = from;
        body.deactivation_date = until;
        let body = CreatePromotionRequest::new(body);
        let request = CreatePromotion::new(service.kind().clone(), service.as_str(), body)
            .with_request_correlation_id(id.to_string());
        let given = Taken::of(self.client.create_promotion(&request).await)?;
        Ok(given.map(|given| PromotionId::new(given.promotion_id)))
    }

    /// Sets when a promotion that was given ends. Method and path are inferred, and so is which of
    /// the two ids belongs in it: the first real call may prove them wrong.
    ///
    /// # Errors
    /// As for [`give`](Self::give).
    pub async fn end(
        &self,
        service: &ServiceId,
        promotion: &PromotionId,
        at: DateTime,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        let (kind, service) = (service.kind().clone(), service.as_str());
        let body = UpdatePromotionRequest::new(at);
        let request = UpdatePromotion::new(kind, service, promotion.as_str(), body)
            .with_request_correlation_id(id.to_string());
        Ok(Taken::of(self.client.update_promotion(&request).await)?.map(drop))
    }
}
