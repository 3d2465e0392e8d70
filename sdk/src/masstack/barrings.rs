//! What a line may not do.

use mno_runtime::Error;
use mno_runtime::transport::CallOptions;

use super::partners::{
    BarringName, BarringRequest, BarringsDetailResponse, CallbackUrls, Client, GetBarrings,
    UpdateBarring,
};
use super::{CorrelationId, MasStack, ServiceId, Taken};

/// The barrings of a service.
///
/// Orders are carried out later: their result comes to one of the two URLs that they name, with the
/// order's correlation id. The feature `callbacks` has a receiver.
///
/// ```no_run
/// # use mno_sdk::runtime::values::Msisdn;
/// # async fn example(masstack: mno_sdk::MasStack, msisdn: Msisdn) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::masstack::partners::{BarringName, CallbackUrls};
/// use mno_sdk::masstack::{CorrelationId, ServiceId};
///
/// let line = ServiceId::mobile(&msisdn)?;
/// let urls = CallbackUrls::new(
///     "https://hooks.example/masstack/success/uHn3k9wQ2x7RbT5y",
///     "https://hooks.example/masstack/error/uHn3k9wQ2x7RbT5y",
/// );
/// let id = CorrelationId::random()?;
/// println!("order {id}"); // to be found again
/// let barrings = masstack.barrings();
/// let mut taken = barrings.bar(&line, BarringName::Roaming, &urls, id).await;
/// if taken.as_ref().is_err_and(mno_sdk::Error::is_outcome_unknown) {
///     taken = barrings.bar(&line, BarringName::Roaming, &urls, id).await; // the same id
/// }
/// println!("taken by the first call: {}", taken?.is_repetition());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Barrings {
    client: Client,
}

impl Barrings {
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

    /// The codes of the barrings in force. They are those of another catalogue than
    /// [`BarringName`], and an open list: `DEBT_MOBILE_LP`, for instance.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, service: &ServiceId) -> Result<BarringsDetailResponse, Error> {
        let request = GetBarrings::new(service.kind().clone(), service.as_str());
        self.client.get_barrings(&request).await
    }

    /// Orders that a service be barred.
    ///
    /// # Errors
    /// [`Error`] of every kind; after [`is_outcome_unknown`](Error::is_outcome_unknown) send it
    /// again with the same correlation id.
    pub async fn bar(
        &self,
        service: &ServiceId,
        barring: BarringName,
        callbacks: &CallbackUrls,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        self.set(service, barring, true, callbacks, id).await
    }

    /// Orders that a barring be lifted.
    ///
    /// # Errors
    /// As for [`bar`](Self::bar).
    pub async fn lift(
        &self,
        service: &ServiceId,
        barring: BarringName,
        callbacks: &CallbackUrls,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        self.set(service, barring, false, callbacks, id).await
    }

    async fn set(
        &self,
        service: &ServiceId,
        barring: BarringName,
        active: bool,
        callbacks: &CallbackUrls,
        id: CorrelationId,
    ) -> Result<Taken, Error> {
        let order = BarringRequest::new(
            callbacks.callback_success_url.as_str(),
            callbacks.callback_error_url.as_str(),
            active,
            barring,
        );
        let request = UpdateBarring::new(service.kind().clone(), service.as_str(), order)
            .with_request_correlation_id(id.to_string());
        Taken::of(self.client.update_barring(&request).await)
    }
}
