//! A subscription moves to another card.

use mno_kite_simswap_v1 as api;
use mno_runtime::Error;
use mno_runtime::transport::CallOptions;

use crate::kite::Kite;
use crate::kite::simswap::{Client, SimId, SubscriptionIdentifier, SwapSubscriptions};
use crate::kite::wire::client;

/// Exchange of the cards of two subscriptions (guide 5.13). **Mexico OB only.**
///
/// Its shape is inferred; the first real call may prove it wrong.
///
/// ```no_run
/// # use mno_sdk::runtime::values::{Iccid, Msisdn};
/// # async fn example(kite: mno_sdk::Kite, number: Msisdn, spare: Iccid) -> Result<(), mno_sdk::Error> {
/// // The device is broken: its number goes on with the card of the spare one.
/// kite.simswap().swap(number, spare).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Simswap {
    client: Client,
}

impl Simswap {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, Simswap, api),
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

    /// Exchanges ICC and IMSI of two subscriptions. MSISDN, history, consumption, expenses and
    /// billing stay with the subscription, and so come to the other card.
    ///
    /// Gives whether the platform says that it has done so; `None` when it says nothing, and the
    /// absence of an error is the message.
    ///
    /// Never sent twice: a second exchange undoes the first. When the answer is lost, the error
    /// says [`is_outcome_unknown`](Error::is_outcome_unknown); the `icc` that the inventory shows
    /// for either number tells what became of it.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) when there is no such SIM.
    pub async fn swap(
        &self,
        one: impl Into<SimId>,
        other: impl Into<SimId>,
    ) -> Result<Option<bool>, Error> {
        let other = SubscriptionIdentifier::new(other);
        let request = SwapSubscriptions::new(one, other);
        let answer = self.client.swap_subscriptions(&request).await?;
        Ok(answer.result)
    }
}
