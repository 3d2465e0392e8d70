//! Subscribers: people and things that contracts belong to.

use std::fmt;

use mno_runtime::mask::Personal;
use mno_runtime::values::DateTime;
use mno_runtime::{Error, Operation};

use super::contracts::ContractStream;
use super::{Placed, handle, invalid};
use crate::kpn::msm::{
    CreateSubscriber, CreateSubscriberRequestParams, DeleteSubscriber,
    DeleteSubscriberRequestParams, EditRolesRequest, EditSubscriberRoles, Gender, GetSubscriber,
    GetSubscriberOperations, Language, ListSubscriberContracts, ListSubscriberRoles,
    ListSubscribers, MoveSubscriber, MoveSubscriberRequestParams, Role, Subscriber,
    SubscriberDetails, SubscriberDetailsRequestParams, SubscriberOperationsAvailability,
    UpdateSubscriber, UpdateSubscriberRequestParams, UserAdditionalInfo,
};
use crate::kpn::windows::windows;
use crate::paging::PageStream;

/// Subscribers, as a stream.
pub type SubscriberStream = PageStream<Subscriber>;

/// Roles, as a stream.
pub type RoleStream = PageStream<Role>;

/// The whole data of a subscriber, read to be changed and sent back.
///
/// An update resets what it leaves out: to an empty text, `false` or nothing. So this value comes
/// from [`Subscribers::edit`] and from nowhere else, with everything that the platform has; what is
/// made `None` is what the update resets. Between reading and sending, what others change is lost:
/// the platform has no guard against that.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SubscriberEdit {
    /// First name, at most 100 characters. An update needs one.
    pub first_name: Option<String>,
    /// Prefix of the surname, such as "van der", at most 32 characters.
    pub surname_prefix: Option<String>,
    /// Surname, 1 to 100 characters. An update needs one.
    pub surname: Option<String>,
    /// Gender. An update needs one.
    pub gender: Option<Gender>,
    /// E-mail address.
    pub email: Option<String>,
    /// Mobile telephone number: `316XXXYYYZZ` or `06XXXYYYZZ`.
    pub mobile_number: Option<String>,
    /// Fixed telephone number: `31XXXYYYZZZ` or `0XXXYYYZZZ`.
    pub fixed_number: Option<String>,
    /// The customer's number for the employee, at most 100 characters.
    pub employee_number: Option<String>,
    /// Language that the person prefers.
    pub preferred_language: Option<Language>,
    /// Whether the person is a VIP.
    pub vip: Option<bool>,
    /// Free text, at most 4000 characters.
    pub comments: Option<String>,
    id: i64,
    user: bool,
    grip_user: bool,
    user_may_be_reset: bool,
}

impl SubscriberEdit {
    fn of(id: i64, read: SubscriberDetails) -> Self {
        Self {
            first_name: read.first_name,
            surname_prefix: read.surname_prefix,
            surname: read.surname,
            gender: read.gender,
            email: read.email,
            mobile_number: read.mobile_number,
            fixed_number: read.fixed_number,
            employee_number: read.employee_number,
            preferred_language: read.preferred_language,
            vip: read.vip,
            comments: read.comments,
            id,
            user: read.user.unwrap_or_default(),
            grip_user: read.grip_user.unwrap_or_default(),
            user_may_be_reset: false,
        }
    }

    /// The subscriber.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Whether the subscriber could log in (`user`) when it was read.
    #[must_use]
    pub fn is_user(&self) -> bool {
        self.user
    }

    /// Whether the subscriber was linked to an account of GRIP (`gripUser`) when it was read.
    #[must_use]
    pub fn is_grip_user(&self) -> bool {
        self.grip_user
    }

    /// Goes ahead although the subscriber is a user.
    ///
    /// The guide has `user` and `gripUser` among what an update resets, and the update has no field
    /// for them. Whether the subscriber can still log in after it is not documented; so an update of
    /// one who can is refused here unless it was said that this may be lost.
    #[must_use]
    pub fn even_if_user_is_reset(mut self) -> Self {
        self.user_may_be_reset = true;
        self
    }

    /// What is sent, if all is there that has to be.
    fn to_params(&self) -> Result<SubscriberDetailsRequestParams, Error> {
        let facts = &UpdateSubscriber::FACTS;
        if (self.user || self.grip_user) && !self.user_may_be_reset {
            let lost = match (self.user, self.grip_user) {
                (true, true) => "user, gripUser",
                (true, false) => "user",
                _ => "gripUser",
            };
            let message = format!(
                "the subscriber is a user ({lost}: true), which an update cannot carry and may \
                 reset: try it with one who may lose the login, and say even_if_user_is_reset()"
            );
            return Err(invalid(facts, lost, message));
        }
        fn needed<T>(value: Option<T>, name: &str) -> Result<T, Error> {
            let message = "the subscriber has none, and an update needs it";
            value.ok_or_else(|| invalid(&UpdateSubscriber::FACTS, name, message))
        }
        let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let mut params = SubscriberDetailsRequestParams::new(
            needed(text(&self.first_name), "subscriber.firstName")?,
            needed(self.gender.clone(), "subscriber.gender")?,
            needed(text(&self.surname), "subscriber.surname")?,
        );
        params.surname_prefix.clone_from(&self.surname_prefix);
        params.email.clone_from(&self.email);
        params.mobile_number.clone_from(&self.mobile_number);
        params.fixed_number.clone_from(&self.fixed_number);
        params.employee_number.clone_from(&self.employee_number);
        params
            .preferred_language
            .clone_from(&self.preferred_language);
        params.vip = self.vip;
        params.comments.clone_from(&self.comments);
        Ok(params)
    }
}

impl fmt::Debug for SubscriberEdit {
    /// Shows nothing of the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriberEdit")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("grip_user", &self.grip_user)
            .field("person", &Personal)
            .finish()
    }
}

handle! {
    /// The subscribers of the customer (`/hierarchy/subscribers`).
    ///
    /// Most changes make an order, and happen when it is done: see
    /// [`Orders::wait_for`](super::Orders::wait_for).
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::Wait;
    ///
    /// let subscribers = kpn.subscribers();
    /// let mut ada = subscribers.edit(1_000_017).await?; // all of it, to be sent back
    /// ada.email = Some("ada@meadow.example".into());
    /// let order = subscribers.update(&ada, Some("ticket 4711")).await?;
    /// kpn.orders().wait_for(order.id, Wait::default()).await?;
    /// # Ok(()) }
    /// ```
    Subscribers
}

impl Subscribers {
    /// All subscribers, 100 at once behind the scenes; the operation itself gives 20 and says
    /// nothing of the rest but their number.
    ///
    /// Calls of the stream wait behind interactive ones.
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn) -> Result<(), mno_sdk::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut all = kpn.subscribers().stream();
    /// while let Some(subscriber) = all.try_next().await? {
    ///     println!("{:?} of {:?}", subscriber.id, all.total());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stream(&self) -> SubscriberStream {
        self.search(&ListSubscribers::new())
    }

    /// The subscribers that fit a query, in its order. Its window (`from`, `to`) is the stream's
    /// own; [`Filters`](crate::kpn::Filters) writes its filters.
    #[must_use]
    pub fn search(&self, query: &ListSubscribers) -> SubscriberStream {
        windows!(
            self.list_subscribers(query.clone()),
            ListSubscribers,
            "a subscriber"
        )
    }

    /// A subscriber with everything that is known of it.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) when there is none.
    pub async fn get(&self, id: i64) -> Result<SubscriberDetails, Error> {
        self.client.get_subscriber(&GetSubscriber::new(id)).await
    }

    /// Reads a subscriber, to change it: see [`SubscriberEdit`].
    ///
    /// # Errors
    /// As with [`get`](Self::get).
    pub async fn edit(&self, id: i64) -> Result<SubscriberEdit, Error> {
        Ok(SubscriberEdit::of(id, self.get(id).await?))
    }

    /// Sends a subscriber back as a whole. Sent once.
    ///
    /// `reference` is a label of the caller's own.
    ///
    /// # Errors
    /// [`Error`] of every kind. [`ErrorKind::InvalidRequest`](mno_runtime::ErrorKind) when the
    /// subscriber is a user and nobody said that this [may be
    /// lost](SubscriberEdit::even_if_user_is_reset), or first name, surname or gender is missing;
    /// nothing is sent then.
    pub async fn update(
        &self,
        subscriber: &SubscriberEdit,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body =
            UpdateSubscriberRequestParams::new().with_subscriber(subscriber.to_params()?);
        body.reference_number = reference.map(str::to_owned);
        let request = UpdateSubscriber::new(subscriber.id, body);
        let summary = self.client.update_subscriber(&request).await?;
        Placed::of(&UpdateSubscriber::FACTS, summary)
    }

    /// Makes a subscriber below a debtor or a cost centre. Sent once.
    ///
    /// The answer has no id: the subscriber shows in lists seconds to minutes later, so a second
    /// call meanwhile makes a second one. An employee number that nobody else has finds it.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been made: look for it before you send it again.
    pub async fn create(
        &self,
        group: i64,
        subscriber: SubscriberDetailsRequestParams,
        user: Option<UserAdditionalInfo>,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body = CreateSubscriberRequestParams::new()
            .with_group_id(group)
            .with_subscriber(subscriber);
        body.user_additional_info = user;
        body.reference_number = reference.map(str::to_owned);
        let request = CreateSubscriber::new(body);
        let summary = self.client.create_subscriber(&request).await?;
        Placed::of(&CreateSubscriber::FACTS, summary)
    }

    /// Deletes a subscriber, for good. [`operations`](Self::operations) tells whether it can be.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn delete(&self, id: i64, reference: Option<&str>) -> Result<Placed, Error> {
        let mut body = DeleteSubscriberRequestParams::new();
        body.reference_number = reference.map(str::to_owned);
        let request = DeleteSubscriber::new(id, body);
        let summary = self.client.delete_subscriber(&request).await?;
        Placed::of(&DeleteSubscriber::FACTS, summary)
    }

    /// Moves a subscriber below another group; at once without a date.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn move_to(
        &self,
        id: i64,
        group: i64,
        wish_date: Option<DateTime>,
        reference: Option<&str>,
    ) -> Result<Placed, Error> {
        let mut body = MoveSubscriberRequestParams::new().with_destination_group_id(group);
        body.wish_date = wish_date;
        body.reference_number = reference.map(str::to_owned);
        let request = MoveSubscriber::new(id, body);
        let summary = self.client.move_subscriber(&request).await?;
        Placed::of(&MoveSubscriber::FACTS, summary)
    }

    /// What can be done with a subscriber now.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn operations(&self, id: i64) -> Result<SubscriberOperationsAvailability, Error> {
        let request = GetSubscriberOperations::new(id);
        self.client.get_subscriber_operations(&request).await
    }

    /// The contracts of a subscriber.
    #[must_use]
    pub fn contracts(&self, id: i64) -> ContractStream {
        windows!(
            self.list_subscriber_contracts(ListSubscriberContracts::new(id)),
            ListSubscriberContracts,
            "a contract"
        )
    }

    /// The roles that a user can have; `selected` says which it has.
    #[must_use]
    pub fn roles(&self, id: i64) -> RoleStream {
        windows!(
            self.list_subscriber_roles(ListSubscriberRoles::new(id)),
            ListSubscriberRoles,
            "a role"
        )
    }

    /// Gives roles to a user, and takes others away; the rest stay.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn change_roles(
        &self,
        id: i64,
        add: impl IntoIterator<Item = i64>,
        remove: impl IntoIterator<Item = i64>,
    ) -> Result<(), Error> {
        let body = EditRolesRequest::new()
            .with_roles_to_add(add)
            .with_roles_to_remove(remove);
        let request = EditSubscriberRoles::new(id, body);
        self.client.edit_subscriber_roles(&request).await
    }
}
