//! What the organisation is charged for.

use mno_kite_billing_account_v1::Client;
use mno_kite_billing_account_v1::operations::{GetBillingAccount, GetBillingAccounts};
use mno_kite_billing_account_v1::types::BillingAccount;
use mno_runtime::Error;
use mno_runtime::transport::CallOptions;
use mno_runtime::xml::Items;

use crate::kite::Kite;
use crate::kite::wire::client;

/// The billing accounts of the organisation (guide 5.4).
///
/// The type of an account is known from the contract; the messages around it are inferred.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
/// for account in kite.billing_accounts().list().await?.ok() {
///     println!("{:?}: {:?} SIMs", account.billing_account_id(), account.subscriptions);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct BillingAccounts {
    client: Client,
}

impl BillingAccounts {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, BillingAccount, mno_kite_billing_account_v1),
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

    /// All accounts, each on its own readable or not. The list has no pages.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn list(&self) -> Result<Items<BillingAccount>, Error> {
        let request = GetBillingAccounts::new();
        let answer = self.client.get_billing_accounts(&request).await?;
        Ok(answer.billing_account)
    }

    /// One account, by its id (`0` is the default one); `None` when the platform says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) for an unknown account.
    pub async fn get(&self, id: impl Into<String>) -> Result<Option<BillingAccount>, Error> {
        let request = GetBillingAccount::new(id);
        let answer = self.client.get_billing_account(&request).await?;
        Ok(answer.billing_account)
    }
}
