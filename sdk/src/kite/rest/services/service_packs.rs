//! Service packs: the commercial plans that there are, each in full.

use std::sync::Arc;

use mno_runtime::json::Items;
use mno_runtime::transport::{CallOptions, Priority, Transport};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::rest::service_packs::{
    Client, EnumeratedItem, EnumerationType, GetEnumerated, GetServicePack, GetServicePacks,
    ServicePack, ServicePackDetail,
};
use crate::paging::{PageStream, unreadable};

/// Neither default nor maximum of a page are documented: 10 is the smallest that any service of
/// the platform takes.
const PAGE: u32 = 10;

/// The service packs of the organisation over REST: its commercial plans of basic services.
///
/// The list is the one that SOAP has; a plan in full, with its life cycle, restrictions and
/// tariffs, is here alone. Money in it is a whole number, "cent × 1000": 100000 is 1.00 in the
/// plan's currency; a percentage of 10000 is 100 %.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use futures_util::TryStreamExt;
///
/// let plans = kite.rest().service_packs();
/// let mut all = plans.stream();
/// while let Some(plan) = all.try_next().await? {
///     let Some(id) = plan.id() else { continue };
///     let Some(plan) = plans.get(id).await? else { continue };
///     // Which changes of a SIM's life cycle this plan allows.
///     for state in plan.life_cycle.iter().flat_map(|cycle| cycle.status.ok()) {
///         println!("{:?}: {} ways on", state.status, state.transitions.len());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ServicePacks {
    client: Client,
    options: CallOptions,
}

/// Service packs, as a stream.
pub type ServicePackStream = PageStream<ServicePack>;

impl ServicePacks {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            client: Client::new(transport),
            options: CallOptions::default(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// All service packs, in pages of 10 behind the scenes: the largest page is not documented.
    ///
    /// Calls of the stream wait behind interactive ones; see [`PageStream`] for what happens at
    /// page ends.
    #[must_use]
    pub fn stream(&self) -> ServicePackStream {
        self.pages(None)
    }

    /// The service packs of one customer, by its id (`customer-…`), as a stream like
    /// [`stream`](Self::stream). Presumably of use to service providers.
    #[must_use]
    pub fn of_customer(&self, customer: impl Into<String>) -> ServicePackStream {
        self.pages(Some(customer.into()))
    }

    /// A service pack in full; `None` when the platform knows none of this id, or says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, id: impl Into<String>) -> Result<Option<ServicePackDetail>, Error> {
        match self.client.get_service_pack(&GetServicePack::new(id)).await {
            Ok(answer) => Ok(answer.data),
            Err(e) if e.kind() == ErrorKind::Fault && e.is_not_found() => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// What plans and reports refer to by number: zones, destinations, operators, charge codes;
    /// each item readable or not on its own.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn enumerated(
        &self,
        enumeration: EnumerationType,
    ) -> Result<Items<EnumeratedItem>, Error> {
        let request = GetEnumerated::new(enumeration);
        Ok(self.client.get_enumerated(&request).await?.data)
    }

    fn pages(&self, customer: Option<String>) -> ServicePackStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let facts = &GetServicePacks::FACTS;
        let parameters = customer.clone().map(|id| ("customer", id));
        let fetch = move |start: u32, size: u32| {
            let client = client.clone();
            let mut request = GetServicePacks::new()
                .with_start_index(start)
                .with_max_batch_size(size);
            request.customer.clone_from(&customer);
            Box::pin(async move {
                let page = client.get_service_packs(&request).await?;
                let items = page.service_packs.into_iter();
                let items = items.map(|item| item.map_err(unreadable("a service pack", facts)));
                Ok(items.collect())
            }) as _
        };
        PageStream::new(
            facts,
            Box::new(fetch),
            |pack: &ServicePack| pack.id().map(str::to_owned),
            PAGE,
        )
        .with_parameters(parameters)
    }
}
