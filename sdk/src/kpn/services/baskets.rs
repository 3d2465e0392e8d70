//! Baskets: contracts are ordered and changed in steps.

use std::fmt;
use std::marker::PhantomData;

use mno_runtime::mask::Personal;
use mno_runtime::values::DateTime;
use mno_runtime::{Error, ErrorKind, Operation};

use super::{handle, invalid, there};
use crate::kpn::msm::{
    BasketChange, BasketSnapshot, ChangeBasket, CharacteristicAction, Client,
    DeliveryAddressRequest, GetBasket, GetContractOperations, ListBasketTemplates,
    ListMainProducts, MainProduct, ModifyTemplate, OrderBasket, OrderRequest, ProductAction,
    ProductActionType, SaveAsTemplateRequest, SaveBasketAsTemplate, Template,
};
use crate::kpn::windows::windows;
use crate::paging::PageStream;

/// Main products, as a stream.
pub type MainProductStream = PageStream<MainProduct>;

/// Templates for new contracts, as a stream.
pub type TemplateStream = PageStream<Template>;

/// State of a [`Basket`] with nothing to order in it yet.
#[derive(Debug)]
pub enum Fresh {}

/// State of a [`Basket`] that can be ordered.
#[derive(Debug)]
pub enum Filled {}

/// State of a [`Basket`] that changes a template.
#[derive(Debug)]
pub enum InTemplate {}

/// What a [`Basket`] can be in: [`Fresh`], [`Filled`], [`InTemplate`].
pub trait BasketState: sealed::Sealed {
    /// What it is in after a change.
    type Changed: BasketState;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Fresh {}
    impl Sealed for super::Filled {}
    impl Sealed for super::InTemplate {}
}

impl BasketState for Fresh {
    type Changed = Filled;
}

impl BasketState for Filled {
    type Changed = Filled;
}

impl BasketState for InTemplate {
    type Changed = Self;
}

/// An error, and the basket that is still there after it.
///
/// `?` makes an [`Error`] of it; [`into_parts`](Self::into_parts) gives the basket back, to go on
/// with.
pub struct Kept<B>(Box<(Error, Option<B>)>);

impl<B> Kept<B> {
    fn new(error: Error, basket: Option<B>) -> Self {
        Self(Box::new((error, basket)))
    }

    /// What went wrong.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.0
    }

    /// The error and the basket: `None` when it was ordered or may have been, so that there is
    /// nothing to go on with.
    ///
    /// After a change whose outcome is unknown, [`refresh`](Basket::refresh) tells what became of
    /// it.
    #[must_use]
    pub fn into_parts(self) -> (Error, Option<B>) {
        *self.0
    }
}

impl<B> From<Kept<B>> for Error {
    fn from(kept: Kept<B>) -> Self {
        kept.0.0
    }
}

impl<B> fmt::Debug for Kept<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("error", &self.0.0)
            .field("basket", &self.0.1.is_some())
            .finish()
    }
}

impl<B> fmt::Display for Kept<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

impl<B> std::error::Error for Kept<B> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.0.source()
    }
}

handle! {
    /// Baskets, through which contracts are ordered and changed (`/contracting/basket`).
    ///
    /// A basket is opened for something, changed, and ordered, in this order: an
    /// [open](BasketState) one cannot be ordered before anything is in it, and one that was ordered
    /// is gone.
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn, contract: i64) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::Wait;
    /// use mno_sdk::kpn::Checkout;
    ///
    /// let basket = kpn.baskets().change_contract(contract).await?;
    /// let basket = basket.put("10012", 1).await?; // the id of an item in content().product_tree
    /// println!("{:?}", basket.content().total_price);
    /// let order = basket.order(Checkout::new().with_reference("ticket 4711")).await?;
    /// kpn.orders().wait_for(order, Wait::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Nothing is ordered that nobody has put in:
    ///
    /// ```compile_fail
    /// # async fn example(kpn: mno_sdk::Kpn, subscriber: i64) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kpn::Checkout;
    ///
    /// let basket = kpn.baskets().new_contract(subscriber).await?;
    /// basket.order(Checkout::new()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// And nothing twice:
    ///
    /// ```compile_fail
    /// # async fn example(kpn: mno_sdk::Kpn, subscriber: i64) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kpn::Checkout;
    ///
    /// let basket = kpn.baskets().new_contract(subscriber).await?.put("10001", 1).await?;
    /// basket.order(Checkout::new()).await?;
    /// basket.order(Checkout::new()).await?;
    /// # Ok(()) }
    /// ```
    Baskets
}

impl Baskets {
    /// Opens a basket for a new contract of a subscriber.
    ///
    /// # Errors
    /// [`Error`] of every kind. A basket that was opened without anybody knowing does no harm: open
    /// another.
    pub async fn new_contract(&self, subscriber: i64) -> Result<Basket<Fresh>, Error> {
        let body = BasketChange::new().with_account_group_id(subscriber);
        self.open(body).await
    }

    /// Opens a basket to change a contract, if the platform lets it be changed now.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_business_refusal`](Error::is_business_refusal) when
    /// [`operations`](super::Contracts::operations) says that it cannot be changed: the message
    /// names the orders that stand in the way.
    pub async fn change_contract(&self, contract: i64) -> Result<Basket<Fresh>, Error> {
        let request = GetContractOperations::new(contract);
        let may = self.client.get_contract_operations(&request).await?;
        let modify = may.modify.unwrap_or_default();
        if modify.visible != Some(true) || modify.enabled != Some(true) {
            let orders = modify.blocking_orders.ok().filter_map(|order| order.id);
            let orders: Vec<_> = orders.map(|id| id.to_string()).collect();
            let message = match &orders[..] {
                [] => "the contract cannot be changed".to_owned(),
                orders => format!(
                    "the contract cannot be changed before orders {}",
                    orders.join(", ")
                ),
            };
            return Err(Error::new(ErrorKind::Fault, message)
                .with_operation(&GetContractOperations::FACTS)
                .with_refusal(mno_runtime::unica::Refusal::BusinessRule));
        }
        self.open(BasketChange::new().with_contract_id(contract))
            .await
    }

    /// Opens a basket to bring back what an order has ended (its `reactivate`).
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn reactivate(
        &self,
        subscriber: i64,
        termination_order: i64,
    ) -> Result<Basket<Filled>, Error> {
        let body = BasketChange::new()
            .with_account_group_id(subscriber)
            .with_order_id(termination_order);
        self.open(body).await
    }

    /// Opens a basket to make one contract of a fixed and a mobile one.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn combine(&self, fixed: i64, mobile: i64) -> Result<Basket<Filled>, Error> {
        let body = BasketChange::new()
            .with_fixed_contract_id(fixed)
            .with_mobile_contract_id(mobile);
        self.open(body).await
    }

    /// Opens a basket to change a template.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn template(&self, template: i64) -> Result<Basket<InTemplate>, Error> {
        let body = BasketChange::new().with_template_id_to_modify(template);
        self.open(body).await
    }

    async fn open<S>(&self, body: BasketChange) -> Result<Basket<S>, Error> {
        let answer = self.client.change_basket(&ChangeBasket::new(body)).await?;
        let session = there(&ChangeBasket::FACTS, answer.session_id, "sessionId")?;
        let content = read(&self.client, &session).await?;
        Ok(Basket {
            client: self.client.clone(),
            bulk: self.bulk(),
            session,
            content,
            state: PhantomData,
        })
    }
}

async fn read(client: &Client, session: &str) -> Result<BasketSnapshot, Error> {
    client
        .get_basket(&GetBasket::new().with_session_id(session))
        .await
}

/// A number that comes from another operator.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortIn {
    /// The number: `316` and eight digits, or `3197` and nine (`phoneNumber`).
    pub phone_number: String,
    /// The number that the customer has with the other operator, at most 70 characters
    /// (`customerNumber`).
    pub customer_number: String,
    /// The customer's name there, at most 20 characters (`customerName`).
    pub customer_name: Option<String>,
    /// Whether the SIM card stays (`keepExistingSimCard`); not, by default.
    pub keep_sim: bool,
    /// A note of at most 60 characters (`note`).
    pub note: Option<String>,
}

impl PortIn {
    /// A number, and the number that the customer has with the other operator.
    pub fn new(phone_number: impl Into<String>, customer_number: impl Into<String>) -> Self {
        Self {
            phone_number: phone_number.into(),
            customer_number: customer_number.into(),
            customer_name: None,
            keep_sim: false,
            note: None,
        }
    }

    /// Sets the customer's name.
    #[must_use]
    pub fn with_customer_name(mut self, name: impl Into<String>) -> Self {
        self.customer_name = Some(name.into());
        self
    }

    /// Sets whether the SIM card stays.
    #[must_use]
    pub fn with_keep_sim(mut self, keep: bool) -> Self {
        self.keep_sim = keep;
        self
    }

    /// Sets the note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The characteristics, if none is too long.
    fn characteristics(&self) -> Result<Vec<(&'static str, String)>, Error> {
        let text = |name, text: &str, most: usize| {
            let length = text.chars().count();
            if (1..=most).contains(&length) {
                return Ok((name, text.to_owned()));
            }
            let message = format!("it has 1 to {most} characters, and not {length}");
            Err(invalid(&ChangeBasket::FACTS, name, message))
        };
        let mut all = vec![
            text("phoneNumber", &self.phone_number, 15)?,
            text("customerNumber", &self.customer_number, 70)?,
        ];
        if let Some(name) = &self.customer_name {
            all.push(text("customerName", name, 20)?);
        }
        all.push(("keepExistingSimCard", self.keep_sim.to_string()));
        if let Some(note) = &self.note {
            all.push(text("note", note, 60)?);
        }
        Ok(all)
    }
}

impl fmt::Debug for PortIn {
    /// Shows nothing of the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortIn")
            .field("customer", &Personal)
            .field("keep_sim", &self.keep_sim)
            .finish()
    }
}

/// Where an order is delivered.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Nowhere in particular: there is nothing to deliver, or the platform knows where.
    #[default]
    Unsaid,
    /// To a stored address, by its id (`addressId`).
    Stored(i64),
    /// To this address (`address`).
    To(Box<DeliveryAddressRequest>),
}

/// How a basket is ordered.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Checkout {
    /// A label of the caller's own (`referenceNumber`).
    pub reference: Option<String>,
    /// When it is wanted (`wishDate`); as soon as possible if left out. A number is ported within
    /// 90 days, and on no holiday.
    pub wish_date: Option<DateTime>,
    /// Where it is delivered.
    pub delivery: Delivery,
}

impl Checkout {
    /// As soon as possible, without a label.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the label.
    #[must_use]
    pub fn with_reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Sets when it is wanted.
    #[must_use]
    pub fn with_wish_date(mut self, date: DateTime) -> Self {
        self.wish_date = Some(date);
        self
    }

    /// Sets where it is delivered.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }
}

/// An open basket, and its content as it was after the last change.
///
/// A change takes the basket and gives it back changed; when it fails, the [error](Kept) has it.
/// After each the content is read again: choosing one thing can bring others to choose from.
pub struct Basket<S> {
    client: Client,
    bulk: Client,
    session: String,
    content: BasketSnapshot,
    state: PhantomData<S>,
}

impl<S: BasketState> Basket<S> {
    /// What is in it: products to choose from, with their prices, and characteristics.
    #[must_use]
    pub fn content(&self) -> &BasketSnapshot {
        &self.content
    }

    /// Its session (`sessionId`), for calls of the generated client. Who has it has the basket.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.session
    }

    /// Reads the content again.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn refresh(&mut self) -> Result<&BasketSnapshot, Error> {
        self.content = read(&self.client, &self.session).await?;
        Ok(&self.content)
    }

    fn bulk(&self) -> Client {
        self.bulk.clone()
    }

    /// The main products that fit a query, for this basket. Its window (`from`, `to`) is the
    /// stream's own, and so is the session.
    #[must_use]
    pub fn main_products(&self, query: &ListMainProducts) -> MainProductStream {
        let query = query.clone().with_session_id(&self.session);
        windows!(
            self.list_main_products(query),
            ListMainProducts,
            "a main product"
        )
    }

    /// The templates that fit a query, for this basket. Its window (`from`, `to`) is the stream's
    /// own, and so is the session.
    #[must_use]
    pub fn templates(&self, query: &ListBasketTemplates) -> TemplateStream {
        let query = query.clone().with_session_id(&self.session);
        windows!(
            self.list_basket_templates(query),
            ListBasketTemplates,
            "a template"
        )
    }

    /// Puts a product in, 1 to 100 times: the `id` of a main product, or of an item of the
    /// content's `product_tree`.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket.
    pub async fn put(
        self,
        product: impl Into<String>,
        amount: i32,
    ) -> Result<Basket<S::Changed>, Kept<Self>> {
        let action = ProductAction::new()
            .with_type(ProductActionType::Put)
            .with_product_id(product)
            .with_amount(amount);
        self.change(BasketChange::new().with_product_actions([action]))
            .await
    }

    /// Takes a product out.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket.
    pub async fn remove(
        self,
        product: impl Into<String>,
    ) -> Result<Basket<S::Changed>, Kept<Self>> {
        let action = ProductAction::new()
            .with_type(ProductActionType::Remove)
            .with_product_id(product);
        self.change(BasketChange::new().with_product_actions([action]))
            .await
    }

    /// Sets a characteristic of the content's `characteristics`. Yes and no are the texts `true`
    /// and `false`.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket.
    pub async fn set(
        self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Basket<S::Changed>, Kept<Self>> {
        self.change(characteristics([(name.into(), value.into())]))
            .await
    }

    /// Makes changes of one's own choosing at once, in this order: products, characteristics.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket; [`ErrorKind::InvalidRequest`] for a change that
    /// says what a basket is for, which is said when it is opened.
    pub async fn change(mut self, change: BasketChange) -> Result<Basket<S::Changed>, Kept<Self>> {
        if let Some(name) = opens(&change) {
            let message = "a basket is opened for one thing, and this would open another: open it \
                           with Baskets";
            let error = invalid(&ChangeBasket::FACTS, name, message);
            return Err(Kept::new(error, Some(self)));
        }
        let request = ChangeBasket::new(change).with_session_id(&self.session);
        match self.client.change_basket(&request).await {
            // Every answer has a session, and calls after it are made with that.
            Ok(answer) => self.session = answer.session_id.unwrap_or(self.session),
            Err(error) => return Err(Kept::new(error, Some(self))),
        }
        match read(&self.client, &self.session).await {
            Ok(content) => Ok(Basket {
                client: self.client,
                bulk: self.bulk,
                session: self.session,
                content,
                state: PhantomData,
            }),
            Err(error) => Err(Kept::new(error, Some(self))),
        }
    }
}

impl Basket<Fresh> {
    /// Fills it from a template: the `id` of one of [`templates`](Self::templates).
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket.
    pub async fn use_template(
        self,
        template: impl Into<String>,
    ) -> Result<Basket<Filled>, Kept<Self>> {
        self.change(BasketChange::new().with_template_id(template))
            .await
    }
}

impl Basket<Filled> {
    /// Takes a SIM card that the customer has, by its short number.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket.
    pub async fn use_sim(self, number: impl Into<String>) -> Result<Self, Kept<Self>> {
        self.change(BasketChange::new().with_sim_card_number(number))
            .await
    }

    /// Takes an eSIM, whose activation code is sent to this address; with a confirmation code, the
    /// profile can be downloaded with that only.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket.
    pub async fn use_esim(
        self,
        email: impl Into<String>,
        confirmation_code: Option<&str>,
    ) -> Result<Self, Kept<Self>> {
        // The others show only when this one is set.
        let basket = self
            .set("eSim", "true")
            .await?
            .set("eSimEmail", email)
            .await?;
        match confirmation_code {
            Some(code) => basket.set("eSimConfirmationCode", code).await,
            None => Ok(basket),
        }
    }

    /// Takes a number over from another operator.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket; [`ErrorKind::InvalidRequest`] when something is
    /// missing or too long.
    pub async fn port_in(self, number: &PortIn) -> Result<Self, Kept<Self>> {
        let all = match number.characteristics() {
            Ok(all) => all,
            Err(error) => return Err(Kept::new(error, Some(self))),
        };
        // The others show only when this one is set.
        let basket = self.set("porting", "true").await?;
        let all = all
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        basket.change(characteristics(all)).await
    }

    /// Orders what is in it; gives the order's id. Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket if nothing was ordered: a refusal can be mended. It
    /// is not there when the outcome is unknown ([`is_outcome_unknown`](Error::is_outcome_unknown)):
    /// look for the order first.
    pub async fn order(self, checkout: Checkout) -> Result<i64, Kept<Self>> {
        let mut body = OrderRequest::new();
        body.reference_number = checkout.reference;
        body.wish_date = checkout.wish_date.map(Into::into);
        match checkout.delivery {
            Delivery::Unsaid => {}
            Delivery::Stored(id) => body.address_id = Some(id),
            Delivery::To(address) => body.address = Some(*address),
        }
        let request = OrderBasket::new(body).with_session_id(&self.session);
        match self.client.order_basket(&request).await {
            Ok(answer) => there(&OrderBasket::FACTS, answer.order_id, "orderId")
                .map_err(|error| Kept::new(error, None)),
            Err(error) if error.is_outcome_unknown() => Err(Kept::new(error, None)),
            Err(error) => Err(Kept::new(error, Some(self))),
        }
    }

    /// Keeps what is in it as a template of a group; gives the template's id. The basket is still
    /// there to be ordered.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn save_as_template(
        &self,
        group: i64,
        name: impl Into<String>,
    ) -> Result<i64, Error> {
        let body = SaveAsTemplateRequest::new()
            .with_group_id(group)
            .with_name(name);
        let request = SaveBasketAsTemplate::new(body).with_session_id(&self.session);
        let answer = self.client.save_basket_as_template(&request).await?;
        there(&SaveBasketAsTemplate::FACTS, answer.id, "id")
    }
}

impl Basket<InTemplate> {
    /// Changes the template to what is in the basket.
    ///
    /// # Errors
    /// [`Error`] of every kind, with the basket if the template is as it was.
    pub async fn save(self) -> Result<(), Kept<Self>> {
        let request = ModifyTemplate::new().with_session_id(&self.session);
        match self.client.modify_template(&request).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_outcome_unknown() => Err(Kept::new(error, None)),
            Err(error) => Err(Kept::new(error, Some(self))),
        }
    }
}

impl<S> fmt::Debug for Basket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basket")
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// What in a change would open a basket.
fn opens(change: &BasketChange) -> Option<&'static str> {
    let fields = [
        ("accountGroupId", change.account_group_id.is_some()),
        ("contractId", change.contract_id.is_some()),
        ("fixedContractId", change.fixed_contract_id.is_some()),
        ("mobileContractId", change.mobile_contract_id.is_some()),
        ("orderId", change.order_id.is_some()),
        ("templateIdToModify", change.template_id_to_modify.is_some()),
    ];
    fields
        .into_iter()
        .find(|(_, set)| *set)
        .map(|(name, _)| name)
}

fn characteristics(all: impl IntoIterator<Item = (String, String)>) -> BasketChange {
    let action = |(name, value)| {
        CharacteristicAction::new()
            .with_name(name)
            .with_value(value)
    };
    BasketChange::new().with_characteristic_actions(all.into_iter().map(action))
}
