//! The organisation that calls.

use std::time::Duration;

use mno_kite_customers_v2::Client;
use mno_kite_customers_v2::operations::{
    GetCustomers, GetExpirationTime, GetVpnListCustomer, ModifyCustomer,
};
use mno_kite_customers_v2::types::{Customer, Vpn};
use mno_runtime::transport::CallOptions;
use mno_runtime::xml::Items;
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::Kite;
use crate::kite::wire::client;

/// The organisation that calls, as a customer of the platform (guide 5.1).
///
/// All shapes of this service are inferred.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::customers::ModifyCustomer;
///
/// let customers = kite.customers();
/// if let Some(own) = customers.own().await? {
///     println!("{:?} SIMs", own.subscription_count);
/// }
/// customers.modify(&ModifyCustomer::new().with_custom_field1("north")).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Customers {
    client: Client,
}

impl Customers {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, Customers, mno_kite_customers_v2),
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

    /// The own organisation; `None` when the platform says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn own(&self) -> Result<Option<Customer>, Error> {
        let answer = self.client.get_customers(&GetCustomers::new()).await?;
        let own = answer.customer_data.into_iter().next().transpose();
        own.map_err(|error| {
            let message = format!("the organisation could not be read: {}", error.message());
            Error::new(ErrorKind::Decode, message)
                .with_operation(&GetCustomers::FACTS)
                .with_path(error.path())
                .with_position(error.position())
        })
    }

    /// Changes the own organisation; what is left out stays.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_unavailable`](Error::is_unavailable) during the backups of
    /// the HLR (guide 6.3).
    pub async fn modify(&self, change: &ModifyCustomer) -> Result<(), Error> {
        self.client.modify_customer(change).await?;
        Ok(())
    }

    /// The virtual private networks of the organisation, each on its own readable or not.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn vpns(&self) -> Result<Items<Vpn>, Error> {
        let request = GetVpnListCustomer::new();
        Ok(self.client.get_vpn_list_customer(&request).await?.vpn)
    }

    /// How long the testing period of the organisation still lasts, zero when it is over; `None`
    /// when the platform says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn expiration_time(&self) -> Result<Option<Duration>, Error> {
        let request = GetExpirationTime::new();
        let answer = self.client.get_expiration_time(&request).await?;
        let left = answer.expiration_time;
        Ok(left.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0))))
    }
}
