//! Services: created, moved to other devices, ended.

use mno_runtime::Error;
use mno_runtime::transport::CallOptions;
use mno_runtime::values::DateTime;

use super::partners::{
    Client, CreateService, CreateServiceRequest, ServiceType, TerminateDeviceInsurance,
    TerminateMovementRequest, TerminateSuccessResponse, UpdateMultisimService,
    UpdateMultisimServiceRequest, UpdateServiceDevice, UpdateServiceDeviceRequest,
};
use super::{CorrelationId, MasStack, ServiceId, Taken};

/// Services with a second SIM, the devices behind services, and insurances.
///
/// Orders are carried out later: their result comes to one of the two URLs that they name, with the
/// order's correlation id. The feature `callbacks` has a receiver.
///
/// ICCIDs and EIDs are sent as text, with all their digits; the samples of the contract have numbers.
///
/// ```no_run
/// # use mno_sdk::runtime::values::{Eid, Iccid};
/// # async fn example(masstack: mno_sdk::MasStack, eid: Eid, iccid: Iccid)
/// #     -> Result<(), mno_sdk::Error> {
/// use mno_sdk::masstack::CorrelationId;
/// use mno_sdk::masstack::partners::{CreateServiceRequest, MultisimService, ServiceType};
///
/// let watch = MultisimService::new(eid, iccid);
/// let order = CreateServiceRequest::new(
///     "https://hooks.example/masstack/success/uHn3k9wQ2x7RbT5y",
///     "https://hooks.example/masstack/error/uHn3k9wQ2x7RbT5y",
///     watch,
/// );
/// let order = order.with_service_id("999000001");
/// let id = CorrelationId::random()?;
/// let _ = masstack.services().create(ServiceType::Applewatch, order, id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Services {
    client: Client,
}

impl Services {
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

    /// Orders a service with a second SIM.
    ///
    /// # Errors
    /// [`Error`] of every kind; after [`is_outcome_unknown`](Error::is_outcome_unknown) send it
    /// again with the same correlation id.
    pub async fn create(
        &self,
        kind: ServiceType,
        order: CreateServiceRequest,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        let request = CreateService::new(kind, order).with_request_correlation_id(id.to_string());
        Taken::of(self.client.create_service(&request).await)
    }

    /// Orders that a service move to another device or eSIM. Method and path are inferred: the first
    /// real call may prove them wrong.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    pub async fn change_device(
        &self,
        service: &ServiceId,
        order: UpdateServiceDeviceRequest,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        let request = UpdateServiceDevice::new(service.kind().clone(), service.as_str(), order)
            .with_request_correlation_id(id.to_string());
        Taken::of(self.client.update_service_device(&request).await)
    }

    /// Orders that the second SIM of a service be another one. Method and path are inferred: the
    /// first real call may prove them wrong. Whether there is a callback is not known.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    pub async fn change_second_sim(
        &self,
        service: &ServiceId,
        sim: UpdateMultisimServiceRequest,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        let request = UpdateMultisimService::new(service.kind().clone(), service.as_str(), sim)
            .with_request_correlation_id(id.to_string());
        Taken::of(self.client.update_multisim_service(&request).await)
    }

    /// Ends the insurance of a device, for good: `policy` is its number, or the id of its
    /// subscription. The known reason is `SUBSCRIBER_RESIGNATION`.
    ///
    /// That a correlation id keeps this call from being carried out twice is not documented.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn end_insurance(
        &self,
        policy: &str,
        reason: &str,
        at: DateTime,
    ) -> Result<TerminateSuccessResponse, Error> {
        let body = TerminateMovementRequest::new(reason, at);
        let request = TerminateDeviceInsurance::new(policy, body);
        self.client.terminate_device_insurance(&request).await
    }
}
