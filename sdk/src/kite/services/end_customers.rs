//! End customers: make them, read them, change them.

use std::fmt;

use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::{Error, Operation};

use crate::kite::Kite;
use crate::kite::end_customers::{
    ActivateEndCustomer, Client, CreateEndCustomer, DeactivateEndCustomer, DeleteEndCustomer,
    EndCustomer, EndCustomerSummary, GetEndCustomer, GetEndCustomers, ModifyEndCustomer,
};
use crate::kite::wire::client;
use crate::paging::{PageStream, unreadable};
use crate::policy::Organisation;

/// Id of an end customer: it begins with `aggregator-`.
///
/// Ids of customers (`customer-…`) and of service providers (`provider-…`) are plain text in the
/// same places of other services; this type keeps them out of calls about end customers.
///
/// ```
/// use mno_sdk::kite::{EndCustomerId, SubscriptionFilter};
///
/// let id = EndCustomerId::new("aggregator-5a9db0c5");
/// let theirs = SubscriptionFilter::new().end_customer(id.clone());
/// assert_eq!(id.as_str(), "aggregator-5a9db0c5");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndCustomerId(String);

impl EndCustomerId {
    /// The end customer of this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the platform writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndCustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&EndCustomerSummary> for EndCustomerId {
    fn from(listed: &EndCustomerSummary) -> Self {
        Self(listed.end_customer_id.clone())
    }
}

impl From<EndCustomerId> for String {
    fn from(id: EndCustomerId) -> Self {
        id.0
    }
}

/// The end customers of the organisation (guide 5.9): organisations to which it passes on SIMs.
///
/// Messages are the generated types of [`end_customers`](crate::kite::end_customers). An unknown
/// end customer is an error with [`is_not_found`](Error::is_not_found). Nothing is sent twice:
/// when the answer to a change is lost, the error says
/// [`is_outcome_unknown`](Error::is_outcome_unknown) and names the read that settles it.
///
/// A subscription group is assigned to an end customer by changing the group (guide 6.11).
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use futures_util::TryStreamExt;
/// use mno_sdk::kite::EndCustomerId;
/// use mno_sdk::kite::end_customers::Status;
///
/// let customers = kite.end_customers();
/// let mut all = customers.stream();
/// while let Some(listed) = all.try_next().await? {
///     if listed.status == Status::Inactive {
///         customers.activate(&EndCustomerId::from(&listed)).await?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct EndCustomers {
    client: Client,
    options: CallOptions,
    organisation: Organisation,
}

/// All end customers, as a stream.
pub type EndCustomerStream = PageStream<EndCustomerSummary>;

impl EndCustomers {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, EndCustomers, mno_kite_end_customers_v2),
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

    /// All end customers with id, name and status, in pages of 10 behind the scenes.
    ///
    /// Calls of the stream wait behind interactive ones; see [`PageStream`] for what happens at
    /// page ends and when end customers come and go.
    #[must_use]
    pub fn stream(&self) -> EndCustomerStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let facts = &GetEndCustomers::FACTS;
        let fetch = move |start: u32, size: u32| {
            let client = client.clone();
            let request = GetEndCustomers::new()
                .with_start_index(i32::try_from(start).unwrap_or(i32::MAX))
                .with_max_batch_size(i32::try_from(size).unwrap_or(i32::MAX));
            Box::pin(async move {
                let page = client.get_end_customers(&request).await?;
                let items = page.end_customer.into_iter();
                let items = items.map(|item| item.map_err(unreadable("an end customer", facts)));
                Ok(items.collect())
            }) as _
        };
        let max = facts.paging.map_or(10, |p| p.max_size);
        PageStream::new(
            facts,
            Box::new(fetch),
            |listed: &EndCustomerSummary| Some(listed.end_customer_id.clone()),
            max,
        )
        .with_limits_of(&self.organisation)
    }

    /// Addresses, contacts and settings of an end customer.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, id: &EndCustomerId) -> Result<EndCustomer, Error> {
        let request = GetEndCustomer::new(id.as_str());
        Ok(self.client.get_end_customer(&request).await?.0)
    }

    /// Makes an end customer and gives its id.
    ///
    /// Never sent twice. When the answer is lost, look for it by name in [`stream`](Self::stream)
    /// before calling this again: the platform takes the same one twice, as far as is known.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), Box<dyn std::error::Error>> {
    /// use mno_sdk::kite::end_customers::{Contact, EndCustomer, ShippingAddress};
    ///
    /// let address = ShippingAddress::builder()
    ///     .line1("Mill Lane 1")
    ///     .city("Ford")
    ///     .state("Meadowshire")
    ///     .country("GB")
    ///     .postal_code("ZZ1 1ZZ")
    ///     .build()?;
    /// let contact = Contact::builder()
    ///     .first_name("Ada")
    ///     .last_name("Weir")
    ///     .phone("999000000301")
    ///     .email("ada@meadow.example")
    ///     .mobile("999000000302")
    ///     .build()?;
    /// let pumps = EndCustomer::builder()
    ///     .name("Meadow Pumps")
    ///     .default_language("en")
    ///     .company_address(address.clone())
    ///     .primary_contact(contact)
    ///     .billing_address(address.clone())
    ///     .shipping_address(address)
    ///     .build()?;
    /// let id = kite.end_customers().create(pumps).await?;
    /// println!("{id}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn create(&self, end_customer: EndCustomer) -> Result<EndCustomerId, Error> {
        let request = CreateEndCustomer::from(end_customer);
        let answer = self.client.create_end_customer(&request).await?;
        Ok(EndCustomerId(answer.end_customer_id))
    }

    /// Changes an end customer; what is left out stays as it is.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::EndCustomerId;
    /// use mno_sdk::kite::end_customers::{ContactUpdate, ModifyEndCustomer};
    ///
    /// let id = EndCustomerId::new("aggregator-5a9db0c5");
    /// let contact = ContactUpdate::new().with_email("bert@meadow.example");
    /// let change = ModifyEndCustomer::new(id).with_primary_contact(contact);
    /// kite.end_customers().modify(&change).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn modify(&self, change: &ModifyEndCustomer) -> Result<(), Error> {
        self.client.modify_end_customer(change).await?;
        Ok(())
    }

    /// Puts an end customer into service.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn activate(&self, id: &EndCustomerId) -> Result<(), Error> {
        let request = ActivateEndCustomer::new(id.as_str());
        self.client.activate_end_customer(&request).await?;
        Ok(())
    }

    /// Takes an end customer out of service; what that means to its SIMs is not documented.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn deactivate(&self, id: &EndCustomerId) -> Result<(), Error> {
        let request = DeactivateEndCustomer::new(id.as_str());
        self.client.deactivate_end_customer(&request).await?;
        Ok(())
    }

    /// Deletes an end customer, for good.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn delete(&self, id: &EndCustomerId) -> Result<(), Error> {
        let request = DeleteEndCustomer::new(id.as_str());
        self.client.delete_end_customer(&request).await?;
        Ok(())
    }
}
