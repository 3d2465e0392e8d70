//! The customer's hierarchy: debtors, cost centres, groups.

use mno_runtime::values::DateTime;
use mno_runtime::{Error, Operation};

use super::{handle, there};
use crate::kpn::msm::{
    BulkOrderSummary, CreateCostCenter, CreateCostCenterRequestParams, CreateVirtualGroup,
    CreateVirtualGroupRequestParams, GetHierarchyItem, GetHierarchyItemOperations,
    HierarchyItemDetails, HierarchyItemOperationsAvailability, ListHierarchyItems, MoveGroups,
    MoveGroupsParams, RemoveHierarchyItem, UpdateChildRequestParams, UpdateHierarchyItem,
    VirtualHierarchyItem,
};
use crate::kpn::windows::windows;
use crate::paging::PageStream;

/// Items of the hierarchy, as a stream.
pub type HierarchyStream = PageStream<VirtualHierarchyItem>;

handle! {
    /// The customer's hierarchy (`/hierarchy/children`): the customer, its debtors, below them cost
    /// centres, groups and business locations; subscribers are its leaves.
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn, debtor: i64) -> Result<(), mno_sdk::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let sales = kpn.hierarchy().create_cost_center(debtor, "Sales", "100").await?;
    /// let below: Vec<_> = kpn.hierarchy().below(debtor).try_collect().await?;
    /// assert!(below.iter().any(|item| item.id == Some(sales)));
    /// # Ok(()) }
    /// ```
    Hierarchy
}

impl Hierarchy {
    /// The top of the hierarchy: the debtors that the caller may see.
    #[must_use]
    pub fn top(&self) -> HierarchyStream {
        self.search(&ListHierarchyItems::new())
    }

    /// What is right below an item.
    #[must_use]
    pub fn below(&self, id: i64) -> HierarchyStream {
        self.search(&ListHierarchyItems::new().with_id(id))
    }

    /// The items that fit a query. Its window (`from`, `to`) is the stream's own.
    #[must_use]
    pub fn search(&self, query: &ListHierarchyItems) -> HierarchyStream {
        windows!(
            self.list_hierarchy_items(query.clone()),
            ListHierarchyItems,
            "an item of the hierarchy"
        )
    }

    /// An item with everything that is known of it.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, id: i64) -> Result<HierarchyItemDetails, Error> {
        self.client
            .get_hierarchy_item(&GetHierarchyItem::new(id))
            .await
    }

    /// What can be done with an item now.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn operations(&self, id: i64) -> Result<HierarchyItemOperationsAvailability, Error> {
        let request = GetHierarchyItemOperations::new(id);
        self.client.get_hierarchy_item_operations(&request).await
    }

    /// Makes a cost centre below an item; gives its id. Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn create_cost_center(
        &self,
        parent: i64,
        name: impl Into<String>,
        number: impl Into<String>,
    ) -> Result<i64, Error> {
        let body = CreateCostCenterRequestParams::new()
            .with_group_id(parent)
            .with_name(name)
            .with_cost_center_number(number);
        let answer = self
            .client
            .create_cost_center(&CreateCostCenter::new(body))
            .await?;
        there(&CreateCostCenter::FACTS, answer.group_id, "groupId")
    }

    /// Makes a group below an item; gives its id. Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn create_group(&self, parent: i64, name: impl Into<String>) -> Result<i64, Error> {
        let body = CreateVirtualGroupRequestParams::new()
            .with_group_id(parent)
            .with_name(name);
        let request = CreateVirtualGroup::new(body);
        let answer = self.client.create_virtual_group(&request).await?;
        there(&CreateVirtualGroup::FACTS, answer.group_id, "groupId")
    }

    /// Changes name and number of a cost centre, both at once.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn update_cost_center(
        &self,
        id: i64,
        name: impl Into<String>,
        number: impl Into<String>,
    ) -> Result<(), Error> {
        let body = UpdateChildRequestParams::new()
            .with_name(name)
            .with_cost_center_number(number);
        self.update(id, body).await
    }

    /// Changes the name of a group.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn rename_group(&self, id: i64, name: impl Into<String>) -> Result<(), Error> {
        self.update(id, UpdateChildRequestParams::new().with_name(name))
            .await
    }

    async fn update(&self, id: i64, body: UpdateChildRequestParams) -> Result<(), Error> {
        let request = UpdateHierarchyItem::new(id, body);
        self.client.update_hierarchy_item(&request).await
    }

    /// Removes a cost centre or a group with nothing below it, for good.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn remove(&self, id: i64) -> Result<(), Error> {
        let request = RemoveHierarchyItem::new(id);
        self.client.remove_hierarchy_item(&request).await
    }

    /// Moves groups below another one: an order for each. Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn move_groups(
        &self,
        groups: impl IntoIterator<Item = i64>,
        to: i64,
        wish_date: Option<DateTime>,
        reference: Option<&str>,
    ) -> Result<BulkOrderSummary, Error> {
        let mut body = MoveGroupsParams::new()
            .with_moved_group_ids(groups)
            .with_destination_group_id(to);
        body.wish_date = wish_date;
        body.reference_number = reference.map(str::to_owned);
        self.client.move_groups(&MoveGroups::new(body)).await
    }
}
