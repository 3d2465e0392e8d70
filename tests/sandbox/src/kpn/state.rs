//! One business customer: its hierarchy, people, contracts and SIM cards, and what it has ordered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::{Category, Choice};
use super::clock::{Clock, Stamp};
use super::orders::Order;
use super::refusal::Refusal;
use crate::fleet::Random;

/// What a user of KPN's portal may do. Every operation takes one of a few of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Privilege {
    /// `privileges_un-authorized_orders_creation`: orders that wait to be authorised.
    UnauthorizedOrdersCreation,
    /// `privileges_orders_authorization`.
    OrdersAuthorization,
    /// `privileges_orders_track_and_trace`.
    OrdersTrackAndTrace,
    /// `privileges_virtual_hierarchy_view`.
    VirtualHierarchyView,
    /// `privileges_virtual_hierarchy_management`.
    VirtualHierarchyManagement,
    /// `privileges_bulk_upload_data_of_end_user`.
    BulkUploadDataOfEndUser,
    /// `privileges_threshold_management`.
    ThresholdManagement,
    /// `privileges_financial_documents_view`.
    FinancialDocumentsView,
    /// `privileges_portfolio_and_profiles_management`.
    PortfolioAndProfilesManagement,
    /// `privileges_billing_retention_portlet`.
    BillingRetentionPortlet,
}

impl Privilege {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::UnauthorizedOrdersCreation,
        Self::OrdersAuthorization,
        Self::OrdersTrackAndTrace,
        Self::VirtualHierarchyView,
        Self::VirtualHierarchyManagement,
        Self::BulkUploadDataOfEndUser,
        Self::ThresholdManagement,
        Self::FinancialDocumentsView,
        Self::PortfolioAndProfilesManagement,
        Self::BillingRetentionPortlet,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnauthorizedOrdersCreation => "privileges_un-authorized_orders_creation",
            Self::OrdersAuthorization => "privileges_orders_authorization",
            Self::OrdersTrackAndTrace => "privileges_orders_track_and_trace",
            Self::VirtualHierarchyView => "privileges_virtual_hierarchy_view",
            Self::VirtualHierarchyManagement => "privileges_virtual_hierarchy_management",
            Self::BulkUploadDataOfEndUser => "privileges_bulk_upload_data_of_end_user",
            Self::ThresholdManagement => "privileges_threshold_management",
            Self::FinancialDocumentsView => "privileges_financial_documents_view",
            Self::PortfolioAndProfilesManagement => "privileges_portfolio_and_profiles_management",
            Self::BillingRetentionPortlet => "privileges_billing_retention_portlet",
        }
    }
}

/// Kind of a place in the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum GroupKind {
    Customer,
    Debtor,
    CostCenter,
    CustomGroup,
    BusinessLocation,
}

/// A place in the hierarchy that is not a person.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: i64,
    pub(super) parent: Option<i64>,
    pub(super) kind: GroupKind,
    pub(super) name: String,
    /// Number of a cost centre.
    pub(super) number: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Gender {
    Male,
    Female,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Language {
    En,
    Nl,
}

/// What an update replaces as a whole. The defaults are what is reset to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) first_name: String,
    pub(super) prefix: String,
    pub(super) surname: String,
    pub(super) gender: Gender,
    pub(super) email: Option<String>,
    pub(super) employee_number: String,
    pub(super) language: Option<Language>,
    pub(super) comments: String,
    pub(super) mobile: String,
    pub(super) fixed: Option<String>,
    pub(super) vip: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Subscriber {
    pub(super) id: i64,
    pub(super) parent: i64,
    pub(super) person: Person,
    /// The account of GRIP that makes it a user.
    pub(super) account: Option<i64>,
    pub(super) roles: BTreeSet<i64>,
    pub(super) managed: BTreeSet<i64>,
}

impl Subscriber {
    /// As KPN writes it: `Example, Alex`.
    pub(super) fn called(&self) -> String {
        format!("{}, {}", self.person.surname, self.person.first_name)
    }
}

/// An account in KPN's directory of users.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) first_name: &'static str,
    pub(super) surname: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContractState {
    Active,
    Closed,
    Ordered,
    Blocked,
}

impl ContractState {
    /// In lists.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Closed => "CLOSED",
            Self::Ordered => "ORDERED",
            Self::Blocked => "BLOCKED",
        }
    }

    /// In details.
    pub(super) const fn letter(self) -> &'static str {
        match self {
            Self::Active => "A",
            Self::Closed => "C",
            Self::Ordered => "O",
            Self::Blocked => "S",
        }
    }
}

/// A SIM card, or an eSIM's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) iccid: String,
    pub(super) pin: String,
    pub(super) puk: String,
}

#[derive(Debug, Clone)]
pub(super) struct Contract {
    pub(super) id: i64,
    /// The subscriber.
    pub(super) holder: i64,
    pub(super) category: Category,
    /// The main product.
    pub(super) product: i64,
    pub(super) choice: Choice,
    pub(super) amount: i64,
    pub(super) state: ContractState,
    pub(super) started: Stamp,
    pub(super) activated: Option<Stamp>,
    pub(super) ended: Option<Stamp>,
    pub(super) changed: Stamp,
    pub(super) mobile: Option<String>,
    pub(super) fixed: Option<String>,
    pub(super) card: Option<Card>,
    /// Of the device, if it is one.
    pub(super) imei: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) returned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Measure {
    VoiceNationalMin,
    VoiceRoamingEur,
    DataNationalMb,
    DataRoamingMb,
}

#[derive(Debug, Clone)]
pub(super) struct Threshold {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) measure: Measure,
    pub(super) daily: f64,
    pub(super) contracts: BTreeSet<i64>,
}

/// A stored delivery address; its fields as they are on the wire.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) of_customer: bool,
    pub(super) fields: Value,
}

#[derive(Debug, Clone)]
pub(super) struct Invoice {
    pub(super) id: i64,
    pub(super) debtor: i64,
    pub(super) number: String,
    pub(super) kind: &'static str,
    pub(super) date: Stamp,
    pub(super) total: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) id: i64,
    pub(super) group: i64,
    pub(super) name: String,
    pub(super) choice: Choice,
}

/// A file kept with a service request.
#[derive(Debug, Clone)]
pub(super) struct Attachment {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) body: Bytes,
}

/// Last number given out, by kind. Orders and contracts need more than 32 bits.
#[derive(Debug)]
pub(super) struct Ids {
    pub(super) subscriber: i64,
    pub(super) group: i64,
    pub(super) contract: i64,
    pub(super) order: i64,
    pub(super) threshold: i64,
    pub(super) address: i64,
    pub(super) template: i64,
    pub(super) attachment: i64,
    /// Of SIM cards, devices and telephone numbers.
    pub(super) thing: i64,
}

/// The next number of a kind.
pub(super) fn next(last: &mut i64) -> i64 {
    *last += 1;
    *last
}

/// Everything about the customer.
#[derive(Debug)]
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) ids: Ids,
    pub(super) customer: i64,
    pub(super) groups: BTreeMap<i64, Group>,
    pub(super) subscribers: BTreeMap<i64, Subscriber>,
    pub(super) accounts: BTreeMap<i64, Account>,
    pub(super) contracts: BTreeMap<i64, Contract>,
    pub(super) orders: BTreeMap<i64, Order>,
    pub(super) baskets: BTreeMap<String, super::basket::Basket>,
    pub(super) templates: BTreeMap<i64, Template>,
    pub(super) thresholds: BTreeMap<i64, Threshold>,
    pub(super) addresses: BTreeMap<i64, Address>,
    pub(super) invoices: BTreeMap<i64, Invoice>,
    /// Spare SIM cards.
    pub(super) stock: BTreeMap<String, Card>,
    /// Months that billing data are kept: `6` or `25`.
    pub(super) retention: &'static str,
    /// How long an order takes.
    pub(super) orders_after: Duration,
    pub(super) privileges: BTreeSet<Privilege>,
    pub(super) frozen: bool,
    pub(super) finances_blocked: bool,
}

impl State {
    /// Whether the caller has a privilege.
    pub(super) fn may(&self, privilege: Privilege) -> bool {
        self.privileges.contains(&privilege)
    }

    pub(super) fn group(&self, id: i64) -> Result<&Group, Refusal> {
        self.groups.get(&id).ok_or_else(|| {
            Refusal::missing(
                "VIRTUAL_HIERARCHY_ITEM_NOT_FOUND",
                format!("No item {id} in the hierarchy"),
            )
        })
    }

    pub(super) fn subscriber(&self, id: i64) -> Result<&Subscriber, Refusal> {
        self.subscribers.get(&id).ok_or_else(|| no_subscriber(id))
    }

    pub(super) fn subscriber_mut(&mut self, id: i64) -> Result<&mut Subscriber, Refusal> {
        self.subscribers
            .get_mut(&id)
            .ok_or_else(|| no_subscriber(id))
    }

    pub(super) fn contract(&self, id: i64) -> Result<&Contract, Refusal> {
        self.contracts.get(&id).ok_or_else(|| {
            Refusal::missing("CONTRACT_NOT_FOUND", format!("There is no contract {id}"))
        })
    }

    /// Contracts of a subscriber, those that have ended included.
    pub(super) fn contracts_of(&self, subscriber: i64) -> impl Iterator<Item = &Contract> {
        self.contracts
            .values()
            .filter(move |c| c.holder == subscriber)
    }

    /// The groups above a place, from the customer down, the place itself last.
    pub(super) fn chain(&self, from: i64) -> Vec<&Group> {
        let mut chain = Vec::new();
        let mut at = self.groups.get(&from);
        while let Some(group) = at {
            chain.push(group);
            at = group.parent.and_then(|parent| self.groups.get(&parent));
        }
        chain.reverse();
        chain
    }

    /// The debtor that a place belongs to.
    pub(super) fn debtor_of(&self, place: i64) -> Option<&Group> {
        let chain = self.chain(place);
        chain.into_iter().find(|g| g.kind == GroupKind::Debtor)
    }

    /// A path as it is written.
    pub(super) fn path(&self, from: Option<i64>) -> Value {
        let chain = from.map(|id| self.chain(id)).unwrap_or_default();
        let item =
            |g: &&Group| json!({ "id": g.id, "name": g.name, "type": g.kind, "email": null });
        chain.iter().map(item).collect()
    }

    /// Makes a new card up.
    pub(super) fn new_card(&mut self) -> Card {
        let number = next(&mut self.ids.thing);
        let mut digits = |len: usize| {
            let digits = format!("{:020}", self.random.next());
            digits[digits.len() - len..].to_owned()
        };
        Card {
            pin: digits(4),
            puk: digits(8),
            iccid: super::make::iccid(number),
        }
    }

    /// The next free mobile number.
    pub(super) fn new_mobile(&mut self) -> String {
        format!("9996{:07}", next(&mut self.ids.thing))
    }

    /// The next free fixed number.
    pub(super) fn new_fixed(&mut self) -> String {
        format!("9993{:07}", next(&mut self.ids.thing))
    }

    /// Whether a contract has this number.
    pub(super) fn is_in_use(&self, number: &str) -> bool {
        self.contracts.values().any(|c| {
            c.state != ContractState::Closed
                && [&c.mobile, &c.fixed]
                    .into_iter()
                    .any(|n| n.as_deref() == Some(number))
        })
    }
}

fn no_subscriber(id: i64) -> Refusal {
    Refusal::not_found(format!("There is no subscriber {id}"))
}
