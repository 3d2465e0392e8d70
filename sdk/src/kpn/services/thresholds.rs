//! Thresholds: how much a contract may use in a day.

use mno_runtime::Decimal;
use mno_runtime::Error;
use mno_runtime::json::Items;

use super::contracts::ContractStream;
use super::handle;
use crate::kpn::msm::{
    AssignContractsToThreshold, AssignContractsToThresholdRequestParams, CreateThreshold,
    GetThreshold, ListContractsToAssign, ListThresholdContracts, ListThresholds,
    RemoveThresholdParams, RemoveThresholds, Threshold, ThresholdDetails, ThresholdRequestParams,
    ThresholdType, UnassignContractsFromThreshold, UnassignContractsFromThresholdRequestParams,
    UpdateThreshold,
};
use crate::kpn::windows::windows;

handle! {
    /// The thresholds of the customer (`/contract/thresholds`).
    ///
    /// A value is in minutes, euro or megabytes a day, as its type says. A contract has at most one
    /// threshold of a type.
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn, contract: i64) -> Result<(), Box<dyn std::error::Error>> {
    /// use mno_sdk::kpn::msm::ThresholdType;
    ///
    /// let thresholds = kpn.thresholds();
    /// thresholds.create("Abroad", ThresholdType::DataRoamingMb, 50.into()).await?;
    /// // The answer has no id; names are unique.
    /// let all = thresholds.list().await?.into_all()?;
    /// let made = all.iter().find(|t| t.name.as_deref() == Some("Abroad"));
    /// if let Some(id) = made.and_then(|t| t.id) {
    ///     thresholds.assign(id, [contract]).await?;
    /// }
    /// # Ok(()) }
    /// ```
    Thresholds
}

impl Thresholds {
    /// All thresholds; this list has no pages.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn list(&self) -> Result<Items<Threshold>, Error> {
        self.client.list_thresholds(&ListThresholds::new()).await
    }

    /// A threshold, and whether its type can be changed and it can be removed.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, id: i64) -> Result<ThresholdDetails, Error> {
        self.client.get_threshold(&GetThreshold::new(id)).await
    }

    /// Makes a threshold. The answer is empty; the name, which nothing else may have, finds it in
    /// the [list](Self::list).
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn create(
        &self,
        name: impl Into<String>,
        kind: ThresholdType,
        daily_value: Decimal,
    ) -> Result<(), Error> {
        let body = params(name, kind, daily_value);
        self.client
            .create_threshold(&CreateThreshold::new(body))
            .await
    }

    /// Changes a threshold, as a whole.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn update(
        &self,
        id: i64,
        name: impl Into<String>,
        kind: ThresholdType,
        daily_value: Decimal,
    ) -> Result<(), Error> {
        let request = UpdateThreshold::new(id, params(name, kind, daily_value));
        self.client.update_threshold(&request).await
    }

    /// Removes thresholds that no contract has.
    ///
    /// # Errors
    /// [`Error`] of every kind. A threshold that a contract has is refused with status 404 and
    /// [`REMOVING_BLOCKED`](crate::kpn::msm::ErrorCode::RemovingBlocked), although it is there: ask
    /// [`error_code`](crate::kpn::error_code).
    pub async fn remove(&self, ids: impl IntoIterator<Item = i64>) -> Result<(), Error> {
        let body = RemoveThresholdParams::new().with_threshold_ids(ids);
        self.client
            .remove_thresholds(&RemoveThresholds::new(body))
            .await
    }

    /// Gives a threshold to contracts.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn assign(
        &self,
        id: i64,
        contracts: impl IntoIterator<Item = i64>,
    ) -> Result<(), Error> {
        let body = AssignContractsToThresholdRequestParams::new().with_contracts_ids(contracts);
        let request = AssignContractsToThreshold::new(id, body);
        self.client.assign_contracts_to_threshold(&request).await
    }

    /// Takes a threshold from contracts.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn unassign(
        &self,
        id: i64,
        contracts: impl IntoIterator<Item = i64>,
    ) -> Result<(), Error> {
        let body = UnassignContractsFromThresholdRequestParams::new().with_contracts_ids(contracts);
        let request = UnassignContractsFromThreshold::new(id, body);
        self.client
            .unassign_contracts_from_threshold(&request)
            .await
    }

    /// The contracts that have a threshold.
    #[must_use]
    pub fn contracts(&self, id: i64) -> ContractStream {
        windows!(
            self.list_threshold_contracts(ListThresholdContracts::new(id)),
            ListThresholdContracts,
            "a contract"
        )
    }

    /// The contracts that a threshold can be given to.
    #[must_use]
    pub fn assignable(&self, id: i64) -> ContractStream {
        windows!(
            self.list_contracts_to_assign(ListContractsToAssign::new(id)),
            ListContractsToAssign,
            "a contract"
        )
    }
}

fn params(
    name: impl Into<String>,
    kind: ThresholdType,
    daily_value: Decimal,
) -> ThresholdRequestParams {
    ThresholdRequestParams::new()
        .with_name(name)
        .with_type(kind)
        .with_daily_value(daily_value)
}
