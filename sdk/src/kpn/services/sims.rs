//! SIM cards of contracts: blocked, unblocked, replaced.

use std::fmt;

use mno_runtime::mask::Personal;
use mno_runtime::values::DateTime;
use mno_runtime::{Error, Operation};

use super::{Placed, handle, invalid};
use crate::kpn::msm::{
    BlockSim, BlockSimRequest, ReplaceSim, ReplaceSimRequest, UiccidValidationData, UnblockSim,
    UnblockSimRequest, ValidateNewSim,
};

/// What comes in place of a SIM card.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewSim {
    /// A card that the customer has, by its number (`newSimCardNumber`).
    Card(String),
    /// An eSIM. The platform refuses one without an address.
    Esim {
        /// Where the activation code is sent (`email`).
        email: String,
        /// A code that the profile can be downloaded with only (`confirmationCode`).
        confirmation_code: Option<String>,
    },
}

impl fmt::Debug for NewSim {
    /// Shows which kind it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Card(_) => "Card",
            Self::Esim { .. } => "Esim",
        };
        f.debug_tuple(name).field(&Personal).finish()
    }
}

handle! {
    /// The SIM cards of contracts (`/order/block-sim` and the like).
    ///
    /// All of it makes orders, and happens when they are done.
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn, contract: i64) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::Wait;
    /// use mno_sdk::kpn::NewSim;
    ///
    /// let block = kpn.sims().block(contract, Some("stolen")).await?;
    /// kpn.orders().wait_for(block.id, Wait::default()).await?;
    ///
    /// let card = NewSim::Card("8999300000000000017".into());
    /// kpn.sims().replace(contract, card, None, None).await?;
    /// # Ok(()) }
    /// ```
    Sims
}

impl Sims {
    /// Blocks the SIM card of a contract. Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been ordered.
    pub async fn block(&self, contract: i64, reference: Option<&str>) -> Result<Placed, Error> {
        let mut body = BlockSimRequest::new().with_contract_id(contract);
        body.reference_number = reference.map(str::to_owned);
        let summary = self.client.block_sim(&BlockSim::new(body)).await?;
        Placed::of(&BlockSim::FACTS, summary)
    }

    /// Ends the blocking of the SIM card of a contract. Sent once.
    ///
    /// # Errors
    /// As with [`block`](Self::block).
    pub async fn unblock(&self, contract: i64, reference: Option<&str>) -> Result<Placed, Error> {
        let mut body = UnblockSimRequest::new().with_contract_id(contract);
        body.reference_number = reference.map(str::to_owned);
        let summary = self.client.unblock_sim(&UnblockSim::new(body)).await?;
        Placed::of(&UnblockSim::FACTS, summary)
    }

    /// Whether a card could replace that of a contract.
    ///
    /// # Errors
    /// [`Error`] of every kind; with [`is_invalid_parameter`](Error::is_invalid_parameter) it
    /// could not.
    pub async fn validate(&self, contract: i64, card: impl Into<String>) -> Result<(), Error> {
        let body = UiccidValidationData::new()
            .with_contract_id(contract)
            .with_new_sim_card_number(card);
        self.client
            .validate_new_sim(&ValidateNewSim::new(body))
            .await
    }

    /// Replaces the SIM card of a contract; as soon as possible without a date. Sent once.
    ///
    /// # Errors
    /// As with [`block`](Self::block); [`ErrorKind::InvalidRequest`](mno_runtime::ErrorKind) for an
    /// eSIM without an e-mail address.
    pub async fn replace(
        &self,
        contract: i64,
        new: NewSim,
        wish_date: Option<DateTime>,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let facts = &ReplaceSim::FACTS;
        let mut body = ReplaceSimRequest::new().with_contract_id(contract);
        match new {
            NewSim::Card(number) => {
                body.esim = Some(false);
                body.new_sim_card_number = Some(number);
            }
            NewSim::Esim { email, .. } if email.trim().is_empty() => {
                return Err(invalid(facts, "email", "an eSIM needs an e-mail address"));
            }
            NewSim::Esim {
                email,
                confirmation_code,
            } => {
                body.esim = Some(true);
                body.email = Some(email);
                body.confirmation_code = confirmation_code;
            }
        }
        body.wish_date = wish_date;
        body.reference_number = reference.map(str::to_owned);
        let summary = self.client.replace_sim(&ReplaceSim::new(body)).await?;
        Placed::of(facts, summary)
    }
}
