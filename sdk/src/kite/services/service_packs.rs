//! Service packs: the commercial plans that there are.

use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::{Error, Operation};

use crate::kite::Kite;
use crate::kite::service_packs::{Client, GetServicePacks, ServicePack};
use crate::kite::wire::client;
use crate::paging::{PageStream, unreadable};
use crate::policy::Organisation;

/// The service packs of the organisation (guide 5.6): its commercial plans of basic services,
/// which subscription groups are made with.
///
/// Answers hold the generated types of [`service_packs`](crate::kite::service_packs). The shape of
/// the messages is inferred: the first real call may prove it wrong.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use futures_util::TryStreamExt;
///
/// let mut packs = kite.service_packs().stream();
/// while let Some(pack) = packs.try_next().await? {
///     println!("{} {}", pack.id, pack.name().unwrap_or("without a name"));
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ServicePacks {
    client: Client,
    options: CallOptions,
    organisation: Organisation,
}

/// Service packs, as a stream.
pub type ServicePackStream = PageStream<ServicePack>;

impl ServicePacks {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, ServicePacks, mno_kite_service_packs_v2),
            options: CallOptions::default(),
            organisation: kite.organisation().clone(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
            organisation: self.organisation.clone(),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// All service packs, in pages of 10 behind the scenes: the largest page is not documented,
    /// and this is the smallest that any service of the platform takes.
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

    /// Does the certificate work? Asks for one service pack: a read that every organisation may
    /// make, and what the vendor's guide tries a certificate with (4.3.1).
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) {
    /// match kite.service_packs().check_access().await {
    ///     Ok(()) => println!("the platform knows this certificate"),
    ///     Err(e) if e.is_ip_denied() => println!("not from this address: {e}"),
    ///     Err(e) => println!("{e}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind. A certificate that the platform does not know ends in the
    /// handshake, and so does none at all: that is a
    /// [`Connect`](mno_runtime::ErrorKind::Connect) or
    /// [`Tls`](mno_runtime::ErrorKind::Tls) error, not a fault.
    pub async fn check_access(&self) -> Result<(), Error> {
        let request = GetServicePacks::new().with_max_batch_size(1);
        self.client.get_service_packs(&request).await?;
        Ok(())
    }

    fn pages(&self, customer: Option<String>) -> ServicePackStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let facts = &GetServicePacks::FACTS;
        let parameters = customer.clone().map(|id| ("customer", id));
        let fetch = move |start: u32, size: u32| {
            let client = client.clone();
            let mut request = GetServicePacks::new()
                .with_start_index(i32::try_from(start).unwrap_or(i32::MAX))
                .with_max_batch_size(i32::try_from(size).unwrap_or(i32::MAX));
            request.customer.clone_from(&customer);
            Box::pin(async move {
                let page = client.get_service_packs(&request).await?;
                let items = page.service_packs.into_iter();
                let items = items.map(|item| item.map_err(unreadable("a service pack", facts)));
                Ok(items.collect())
            }) as _
        };
        let max = facts.paging.map_or(10, |p| p.max_size);
        PageStream::new(
            facts,
            Box::new(fetch),
            |pack: &ServicePack| Some(pack.id.clone()),
            max,
        )
        .with_limits_of(&self.organisation)
        .with_parameters(parameters)
    }
}
