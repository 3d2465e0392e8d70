//! Usage thresholds.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::{Answer, Answered, Request};
use super::state::{Contract, ContractState, Measure, Privilege, State, Threshold, next};

impl Measure {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::VoiceNationalMin => "VOICE_NATIONAL_MIN",
            Self::VoiceRoamingEur => "VOICE_ROAMING_EUR",
            Self::DataNationalMb => "DATA_NATIONAL_MB",
            Self::DataRoamingMb => "DATA_ROAMING_MB",
        }
    }
}

impl Threshold {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.measure,
            "dailyValue": self.daily,
        })
    }
}

/// Takes a contract that has ended off all thresholds.
pub(super) fn forget(state: &mut State, contract: i64) {
    for threshold in state.thresholds.values_mut() {
        threshold.contracts.remove(&contract);
    }
}

fn can_have_one(contract: &Contract) -> bool {
    contract.category.has_sim() && contract.state != ContractState::Closed
}

impl State {
    fn threshold(&self, id: i64) -> Result<&Threshold, Refusal> {
        self.thresholds.get(&id).ok_or_else(|| {
            Refusal::missing("THRESHOLD_NOT_FOUND", format!("There is no threshold {id}"))
        })
    }

    /// Whether a contract has another threshold of this type.
    fn has_another(&self, contract: i64, measure: Measure, own: i64) -> bool {
        let mut others = self.thresholds.values().filter(|t| t.id != own);
        others.any(|t| t.measure == measure && t.contracts.contains(&contract))
    }

    pub(super) fn list_thresholds(&self, _: &Request) -> Answered {
        let all = self.thresholds.values().map(Threshold::to_json);
        Ok(Answer::Json(all.collect()))
    }

    pub(super) fn threshold_availability(&self, _: &Request) -> Answered {
        let may = self.may(Privilege::ThresholdManagement);
        Ok(Answer::Json(
            json!({ "enabled": may, "visible": may, "blockingOrders": [] }),
        ))
    }

    pub(super) fn get_threshold(&self, request: &Request) -> Answered {
        let threshold = self.threshold(request.id())?;
        let free = threshold.contracts.is_empty();
        let may = json!({ "enabled": free, "blockingOrders": [] });
        Ok(Answer::Json(json!({
            "threshold": threshold.to_json(),
            "changeType": may,
            "delete": may,
        })))
    }

    fn check_name(&self, name: &str, own: Option<i64>) -> Result<(), Refusal> {
        let taken = self
            .thresholds
            .values()
            .any(|t| t.name == name && Some(t.id) != own);
        if taken {
            return Err(Refusal::bad("VALUE_NOT_UNIQUE", "The name is taken"));
        }
        Ok(())
    }

    pub(super) fn create_threshold(&mut self, request: &Request) -> Answered {
        let (name, measure, daily) = read(request)?;
        self.check_name(&name, None)?;
        let id = next(&mut self.ids.threshold);
        let threshold = Threshold {
            id,
            name,
            measure,
            daily,
            contracts: BTreeSet::new(),
        };
        self.thresholds.insert(id, threshold);
        Ok(Answer::Empty)
    }

    pub(super) fn update_threshold(&mut self, request: &Request) -> Answered {
        let (name, measure, daily) = read(request)?;
        let threshold = self.threshold(request.id())?;
        let id = threshold.id;
        self.check_name(&name, Some(id))?;
        if threshold.measure != measure && !threshold.contracts.is_empty() {
            let has = |c: &i64| self.has_another(*c, measure, id);
            return Err(if threshold.contracts.iter().any(has) {
                Refusal::bad(
                    "CONTRACTS_ALREADY_ASSIGNED_TO_GIVEN_TYPE",
                    "Contracts have a threshold of that type already",
                )
            } else {
                Refusal::bad(
                    "TYPE_CHANGE_NOT_ALLOWED",
                    "Contracts have this threshold, so its type stays",
                )
            });
        }
        if let Some(threshold) = self.thresholds.get_mut(&id) {
            (threshold.name, threshold.measure, threshold.daily) = (name, measure, daily);
        }
        Ok(Answer::Empty)
    }

    pub(super) fn remove_thresholds(&mut self, request: &Request) -> Answered {
        let RemoveThresholds { threshold_ids } = request.body()?;
        for id in &threshold_ids {
            if !self.threshold(*id)?.contracts.is_empty() {
                return Err(Refusal::missing(
                    "REMOVING_BLOCKED",
                    format!("Contracts have threshold {id}"),
                ));
            }
        }
        self.thresholds.retain(|id, _| !threshold_ids.contains(id));
        Ok(Answer::Empty)
    }

    pub(super) fn assign_threshold(&mut self, request: &Request) -> Answered {
        let Contracts { contracts_ids } = request.body()?;
        let threshold = self.threshold(request.id())?;
        for id in &contracts_ids {
            if !can_have_one(self.contract(*id)?) {
                return Err(Refusal::bad(
                    "NOT_VALID_PRODUCT_FOR_GIVEN_THRESHOLD",
                    format!("Contract {id} is no mobile one that is alive"),
                ));
            }
            if self.has_another(*id, threshold.measure, threshold.id) {
                return Err(Refusal::bad(
                    "CONTRACTS_ALREADY_ASSIGNED_TO_GIVEN_TYPE",
                    format!("Contract {id} has a threshold of this type"),
                ));
            }
        }
        if let Some(threshold) = self.thresholds.get_mut(&request.id()) {
            threshold.contracts.extend(contracts_ids);
        }
        Ok(Answer::Empty)
    }

    pub(super) fn unassign_threshold(&mut self, request: &Request) -> Answered {
        let Contracts { contracts_ids } = request.body()?;
        let threshold = self.threshold(request.id())?;
        if let Some(id) = contracts_ids
            .iter()
            .find(|id| !threshold.contracts.contains(id))
        {
            return Err(Refusal::missing(
                "CONTRACT_NOT_FOUND",
                format!("Contract {id} does not have this threshold"),
            ));
        }
        if let Some(threshold) = self.thresholds.get_mut(&request.id()) {
            threshold.contracts.retain(|id| !contracts_ids.contains(id));
        }
        Ok(Answer::Empty)
    }

    pub(super) fn threshold_contracts(&self, request: &Request) -> Answered {
        let threshold = self.threshold(request.id())?;
        self.contract_page(request, |c| threshold.contracts.contains(&c.id))
    }

    pub(super) fn contracts_to_assign(&self, request: &Request) -> Answered {
        let threshold = self.threshold(request.id())?;
        self.contract_page(request, |c| {
            can_have_one(c)
                && !threshold.contracts.contains(&c.id)
                && !self.has_another(c.id, threshold.measure, threshold.id)
        })
    }
}

fn read(request: &Request) -> Result<(String, Measure, f64), Refusal> {
    let body: ThresholdData = request.body()?;
    if body.name.trim().is_empty() {
        return Err(Refusal::invalid("name is empty"));
    }
    if !body.daily_value.is_finite() || body.daily_value < 0.0 {
        return Err(Refusal::invalid("dailyValue is negative"));
    }
    // 32 bits on the wire.
    if body.daily_value > f64::from(f32::MAX) {
        return Err(Refusal::invalid("dailyValue is out of range"));
    }
    Ok((body.name, body.measure, body.daily_value))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ThresholdData {
    daily_value: f64,
    name: String,
    #[serde(rename = "type")]
    measure: Measure,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RemoveThresholds {
    threshold_ids: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Contracts {
    contracts_ids: Vec<i64>,
}
