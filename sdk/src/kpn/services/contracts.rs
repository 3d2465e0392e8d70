//! Contracts: lines, devices, licences.

use mno_runtime::values::DateTime;
use mno_runtime::{Error, Operation};

use super::{Placed, handle};
use crate::kpn::msm::{
    Contract, ContractDetails, ContractItem, GetContract, GetContractItems, GetContractOperations,
    GetEarliestTerminationDate, GetTerminationFee, ListContracts, MoveContract,
    MoveContractRequest, OperationsAvailability, PortOut, PortingOutRequest, TerminateContract,
    TerminateContractRequest, TerminationFee,
};
use crate::kpn::windows::windows;
use crate::paging::PageStream;

/// Contracts, as a stream.
pub type ContractStream = PageStream<Contract>;

handle! {
    /// The contracts of the customer's subscribers (`/contract`, `/order`).
    ///
    /// What is in a contract is changed through a [basket](super::Baskets), its SIM card by
    /// [`Sims`](super::Sims).
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn, contract: i64) -> Result<(), mno_sdk::Error> {
    /// let contracts = kpn.contracts();
    /// let may = contracts.operations(contract).await?;
    /// if may.terminate.and_then(|t| t.enabled) == Some(true) {
    ///     let date = contracts.earliest_termination(contract).await?;
    ///     contracts.terminate(contract, Some(date), Some("ticket 4711")).await?;
    /// }
    /// # Ok(()) }
    /// ```
    Contracts
}

impl Contracts {
    /// All contracts, 100 at once behind the scenes. Calls of the stream wait behind interactive
    /// ones.
    #[must_use]
    pub fn stream(&self) -> ContractStream {
        self.search(&ListContracts::new())
    }

    /// The contracts that fit a query, in its order. Its window (`from`, `to`) is the stream's own;
    /// [`Filters`](crate::kpn::Filters) writes its filters.
    #[must_use]
    pub fn search(&self, query: &ListContracts) -> ContractStream {
        windows!(
            self.list_contracts(query.clone()),
            ListContracts,
            "a contract"
        )
    }

    /// A contract with everything that is known of it, PIN and PUK of its SIM card too; `Debug`
    /// shows neither.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) when there is none.
    pub async fn get(&self, id: i64) -> Result<ContractDetails, Error> {
        self.client.get_contract(&GetContract::new(id)).await
    }

    /// What is in a contract, as a tree. Its `contractId` may be another number than the one asked
    /// for: the guide's own example has it so.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn items(&self, id: i64) -> Result<ContractItem, Error> {
        self.client
            .get_contract_items(&GetContractItems::new(id))
            .await
    }

    /// What can be done with a contract now, and which orders stand in the way.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn operations(&self, id: i64) -> Result<OperationsAvailability, Error> {
        let request = GetContractOperations::new(id);
        self.client.get_contract_operations(&request).await
    }

    /// Moves a contract to another subscriber; at once without a date.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::InvalidRequest`](mno_runtime::ErrorKind) when the
    /// reference has more than 25 characters.
    pub async fn move_to(
        &self,
        id: i64,
        subscriber: i64,
        wish_date: Option<DateTime>,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body = MoveContractRequest::new()
            .with_contract_id(id)
            .with_destination_group_id(subscriber);
        body.wish_date = wish_date;
        body.reference_number = reference.map(str::to_owned);
        let summary = self.client.move_contract(&MoveContract::new(body)).await?;
        Placed::of(&MoveContract::FACTS, summary)
    }

    /// Ends a contract. [`earliest_termination`](Self::earliest_termination) has the first date
    /// that costs nothing, presumably; [`termination_fee`](Self::termination_fee) what an earlier
    /// one costs.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn terminate(
        &self,
        id: i64,
        wish_date: Option<DateTime>,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body = TerminateContractRequest::new().with_contract_id(id);
        body.wish_date = wish_date;
        body.reference_number = reference.map(str::to_owned);
        let request = TerminateContract::new(body);
        let summary = self.client.terminate_contract(&request).await?;
        Placed::of(&TerminateContract::FACTS, summary)
    }

    /// The earliest date on which a contract can end.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn earliest_termination(&self, id: i64) -> Result<DateTime, Error> {
        let request = GetEarliestTerminationDate::new(id);
        self.client.get_earliest_termination_date(&request).await
    }

    /// What it costs to end a contract on a date, in euro cents.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn termination_fee(
        &self,
        id: i64,
        wish_date: DateTime,
    ) -> Result<TerminationFee, Error> {
        let request = GetTerminationFee::new(id, wish_date);
        self.client.get_termination_fee(&request).await
    }

    /// Lets a number go to another operator, which ends the contract.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn port_out(
        &self,
        id: i64,
        wish_date: Option<DateTime>,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body = PortingOutRequest::new().with_contract_id(id);
        body.wish_date = wish_date;
        body.reference_number = reference.map(str::to_owned);
        let summary = self.client.port_out(&PortOut::new(body)).await?;
        Placed::of(&PortOut::FACTS, summary)
    }
}
