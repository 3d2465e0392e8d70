//! Subscription groups: made, read, changed, deleted.

use mno_kite_commercial_group_v4::Client;
use mno_kite_commercial_group_v4::operations::{
    CreateCommercialGroup, DeleteCommercialGroup, GetCommercialGroup, GetCommercialGroupResponse,
    GetCommercialGroups, UpdateCommercialGroup, UpdateLpwaPowerSaving, UpdateScreeningLists,
};
use mno_kite_commercial_group_v4::types::CommercialGroup;
use mno_runtime::transport::CallOptions;
use mno_runtime::xml::Items;
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::wire::client;
use crate::kite::{CommercialGroupId, Kite};

/// The subscription groups of the organisation (Kite's commercial group service, guide 5.5).
///
/// A group has a plan and a billing account, limits of expense and lists of telephone numbers;
/// every SIM is in one. An unknown group is an error with [`is_not_found`](Error::is_not_found).
/// The guide shows the list and the assignment to an end customer; the shapes of the other calls
/// are inferred, and say so field by field.
///
/// # A SIM into a group, by the group's name (guide 6.13)
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
/// if let Some(id) = kite.commercial_groups().find("Trackers").await? {
///     kite.inventory().modify(icc, id).await?;
/// }
/// # Ok(()) }
/// ```
///
/// # A group for an end customer, and no longer (guide 6.11)
/// ```no_run
/// # use mno_sdk::kite::CommercialGroupId;
/// # async fn example(kite: mno_sdk::Kite, id: CommercialGroupId) -> Result<(), mno_sdk::Error> {
/// let groups = kite.commercial_groups();
/// groups.assign_end_customer(id, "aggregator-0Meadow7Pumps").await?;
/// // The same request with an empty element.
/// groups.remove_end_customer(id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct CommercialGroups {
    client: Client,
}

impl CommercialGroups {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, CommercialGroup, mno_kite_commercial_group_v4),
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

    /// All groups, each on its own readable or not. The list has no pages.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn list(&self) -> Result<Items<CommercialGroup>, Error> {
        let request = GetCommercialGroups::new();
        let answer = self.client.get_commercial_groups(&request).await?;
        Ok(answer.commercial_group)
    }

    /// The id of the group with this name (guide 6.13.1), letter for letter; `None` without one.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::UnexpectedResponse`] when several groups have the
    /// name: take the id from [`list`](Self::list) then.
    pub async fn find(&self, name: &str) -> Result<Option<CommercialGroupId>, Error> {
        let facts = &GetCommercialGroups::FACTS;
        let list = self.list().await?;
        let mut found = list.ok().filter(|group| group.name == name);
        match (found.next(), found.next()) {
            (Some(group), None) => id_of(&group.id)
                .map(Some)
                .map_err(|e| e.with_operation(facts)),
            (Some(_), Some(_)) => {
                let message = format!("several groups are called {name:?}: choose by id");
                Err(Error::new(ErrorKind::UnexpectedResponse, message).with_operation(facts))
            }
            (None, _) => match list.errors().next() {
                None => Ok(None),
                Some(error) => {
                    let message = format!(
                        "none of the readable groups is called {name:?}, and one cannot be read: {}",
                        error.message()
                    );
                    Err(Error::new(ErrorKind::Decode, message)
                        .with_operation(facts)
                        .with_path(error.path())
                        .with_position(error.position()))
                }
            },
        }
    }

    /// A group with its settings.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, id: CommercialGroupId) -> Result<GetCommercialGroupResponse, Error> {
        let request = GetCommercialGroup::new(id);
        self.client.get_commercial_group(&request).await
    }

    /// Makes a group, and gives its id if the answer tells it (that it does is inferred); else
    /// [`find`](Self::find) has it by its name.
    ///
    /// Never sent twice: when the answer is lost, the error says
    /// [`is_outcome_unknown`](Error::is_outcome_unknown), and [`list`](Self::list) tells whether
    /// the group is there.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::commercial_groups::CreateCommercialGroup;
    ///
    /// let plan = "30301"; // one of getServicePacks
    /// let group = CreateCommercialGroup::new("Trackers", plan).with_billing_account_id("0");
    /// let id = kite.commercial_groups().create(&group).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_business_refusal`](Error::is_business_refusal) for a plan that is
    /// restricted.
    pub async fn create(
        &self,
        group: &CreateCommercialGroup,
    ) -> Result<Option<CommercialGroupId>, Error> {
        let answer = self.client.create_commercial_group(group).await?;
        // A group was made: an id that cannot be read must not look as if there were none.
        Ok(answer.id().and_then(|id| id_of(id).ok()))
    }

    /// Changes a group; what is left out stays.
    ///
    /// ```no_run
    /// # use mno_sdk::kite::CommercialGroupId;
    /// # async fn example(kite: mno_sdk::Kite, id: CommercialGroupId) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::commercial_groups::UpdateCommercialGroup;
    ///
    /// let change = UpdateCommercialGroup::new(id).with_description("trackers of the north");
    /// kite.commercial_groups().update(&change).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_business_refusal`](Error::is_business_refusal) for name, plan and billing
    /// account of a restricted group, which the provider made.
    pub async fn update(&self, change: &UpdateCommercialGroup) -> Result<(), Error> {
        self.client.update_commercial_group(change).await?;
        Ok(())
    }

    /// Assigns a group to an end customer, by the id of the end customer (`aggregator-…`; an
    /// `EndCustomerId`, or its text).
    ///
    /// # Errors
    /// [`Error`] of every kind; [`ErrorKind::InvalidRequest`] for a blank id, which would remove
    /// the assignment: [`remove_end_customer`](Self::remove_end_customer) does that.
    pub async fn assign_end_customer(
        &self,
        id: CommercialGroupId,
        end_customer: impl Into<String>,
    ) -> Result<(), Error> {
        let end_customer = end_customer.into();
        if end_customer.trim().is_empty() {
            let message = "a blank end customer removes the assignment of the group: that is \
                           remove_end_customer()";
            return Err(Error::new(ErrorKind::InvalidRequest, message)
                .with_operation(&UpdateCommercialGroup::FACTS)
                .with_path("endCustomer"));
        }
        let change = UpdateCommercialGroup::new(id).with_end_customer(end_customer);
        self.update(&change).await
    }

    /// Takes a group back from its end customer (guide 6.11).
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn remove_end_customer(&self, id: CommercialGroupId) -> Result<(), Error> {
        let change = UpdateCommercialGroup::new(id).with_end_customer("");
        self.update(&change).await
    }

    /// Sets the telephone numbers that the SIMs of a group may and may not call.
    ///
    /// ```no_run
    /// # use mno_sdk::kite::CommercialGroupId;
    /// # async fn example(kite: mno_sdk::Kite, id: CommercialGroupId) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::commercial_groups::UpdateScreeningLists;
    ///
    /// let lists = UpdateScreeningLists::new(id).with_white_list(["99912*".to_owned()]);
    /// kite.commercial_groups().update_screening_lists(&lists).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn update_screening_lists(&self, lists: &UpdateScreeningLists) -> Result<(), Error> {
        self.client.update_screening_lists(lists).await?;
        Ok(())
    }

    /// Sets how the devices of a group save power on NB-IoT and LTE-M. The operation may exist in
    /// the REST binding alone.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn update_lpwa_power_saving(
        &self,
        settings: &UpdateLpwaPowerSaving,
    ) -> Result<(), Error> {
        self.client.update_lpwa_power_saving(settings).await?;
        Ok(())
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_business_refusal`](Error::is_business_refusal) for a restricted group,
    /// which the provider made.
    pub async fn delete(&self, id: CommercialGroupId) -> Result<(), Error> {
        let request = DeleteCommercialGroup::new(id);
        self.client.delete_commercial_group(&request).await?;
        Ok(())
    }
}

fn id_of(text: &str) -> Result<CommercialGroupId, Error> {
    text.parse().map_err(|e| {
        let message = "the id of the group is not a number";
        Error::new(ErrorKind::UnexpectedResponse, message).with_source(e)
    })
}
