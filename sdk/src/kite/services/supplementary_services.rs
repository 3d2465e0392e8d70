//! Supplementary services: which there are, and what they cost.

use mno_kite_supplementary_services_v2 as api;
use mno_runtime::Error;
use mno_runtime::transport::CallOptions;
use mno_runtime::xml::Items;

use crate::kite::Kite;
use crate::kite::supplementary_services::{
    Client, GetSupplementaryServiceDetail, GetSupplementaryServices, SupplementaryServiceDetail,
    SupplementaryServicePlan,
};
use crate::kite::wire::client;

/// The supplementary services of the organisation (guide 5.11), such as private networks, location
/// and advanced supervision.
///
/// Answers hold the generated types of
/// [`supplementary_services`](crate::kite::supplementary_services). Their shape is inferred from
/// the REST binding, so expect fields to be absent. Which SIM has which of the services is the
/// inventory's affair.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// let services = kite.supplementary_services();
/// for plan in services.list().await?.ok() {
///     let Some(id) = &plan.id else { continue };
///     if let Some(detail) = services.detail(id).await? {
///         println!("{:?}: VPN is {:?}", plan.name, detail.vpn_service);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SupplementaryServices {
    client: Client,
}

impl SupplementaryServices {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, SupplementaryServices, api),
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

    /// The organisation's plans of supplementary services, each on its own readable or not.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn list(&self) -> Result<Items<SupplementaryServicePlan>, Error> {
        let request = GetSupplementaryServices::new();
        let answer = self.client.get_supplementary_services(&request).await?;
        Ok(answer.service_data)
    }

    /// Services and fees of a plan, by its id from [`list`](Self::list); `None` when the platform
    /// says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) for an unknown plan.
    pub async fn detail(
        &self,
        id: impl Into<String>,
    ) -> Result<Option<SupplementaryServiceDetail>, Error> {
        let request = GetSupplementaryServiceDetail::new().with_id(id);
        let answer = self
            .client
            .get_supplementary_service_detail(&request)
            .await?;
        Ok(answer.service_data)
    }
}
