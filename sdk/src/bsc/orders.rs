//! Orders of SIMs and of top-ups.

use std::fmt;

use mno_runtime::json::Items;
use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::{Error, Operation};

use super::management::{
    Client, CreateOrder, GetOrder, ListOrders, ListProducts, Order, OrderRequest, Product,
};
use super::{TelekomBsc, page_of};
use crate::paging::PageStream;

/// Number of an order.
///
/// Numbers of products are plain numbers; this type keeps them out of calls about orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNumber(i64);

impl OrderNumber {
    /// The order of this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The order that a `Location` names: `…/v1/orders/1001`.
    pub(super) fn at(location: &str) -> Option<Self> {
        let path = location.split(['?', '#']).next()?;
        let (before, number) = path.trim_end_matches('/').rsplit_once('/')?;
        before.ends_with("/orders").then_some(())?;
        number.parse().ok().map(Self)
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The orders of the organisation, as a stream.
pub type OrderStream = PageStream<Order>;

/// Orders and products (guide 2.2). Orders of top-ups stand here as well.
///
/// **Orders cost money and are never sent twice.** When the answer to one is lost, the error says
/// [`is_outcome_unknown`](Error::is_outcome_unknown): look at [`stream`](Self::stream) before
/// ordering again.
///
/// ```no_run
/// # async fn example(bsc: mno_sdk::TelekomBsc) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::bsc::management::{OrderRequest, OrderedProduct};
///
/// let orders = bsc.orders();
/// for product in orders.products().await?.ok() {
///     println!("{:?}: {:?}", product.id, product.product);
/// }
/// let two = OrderedProduct::new().with_product_id(1).with_quantity(2);
/// orders.place(OrderRequest::new([two]).with_customer_reference("PO-0001")).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Orders {
    client: Client,
    options: CallOptions,
}

impl Orders {
    pub(super) fn new(bsc: &TelekomBsc) -> Self {
        Self {
            client: Client::new(bsc.transport()),
            options: CallOptions::default(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// All orders by their numbers, in pages of 10 behind the scenes.
    #[must_use]
    pub fn stream(&self) -> OrderStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let key = |order: &Order| order.order_number.map(|number| number.to_string());
        super::stream(&ListOrders::FACTS, key, "", move |page, size| {
            let client = client.clone();
            let request = ListOrders::new().with_page(page).with_page_size(size);
            Box::pin(async move {
                let answer = client.list_orders(&request).await?;
                let facts = &ListOrders::FACTS;
                Ok(page_of(
                    answer.body,
                    answer.x_total_count,
                    "an order",
                    facts,
                ))
            })
        })
    }

    /// An order: status, invoice, products, SIMs.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, number: OrderNumber) -> Result<Order, Error> {
        self.client.get_order(&GetOrder::new(number.0)).await
    }

    /// What can be ordered, each product on its own readable or not.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn products(&self) -> Result<Items<Product>, Error> {
        self.client.list_products(&ListProducts::new()).await
    }

    /// Orders products. Spends money. Sent once. The platform does not give the order's number.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been ordered: look at [`stream`](Self::stream) before ordering again.
    pub async fn place(&self, order: OrderRequest) -> Result<(), Error> {
        self.client.create_order(&CreateOrder::new(order)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_names_an_order() {
        let number = |location: &str| OrderNumber::at(location).map(OrderNumber::get);
        let absolute = "https://bsc.example/management-api/v1/orders/1001";
        assert_eq!(number(absolute), Some(1001));
        assert_eq!(
            number("/management-api/v1/orders/1001/?lang=de"),
            Some(1001)
        );
        assert_eq!(number("https://bsc.example/v1/sims/1001"), None);
        assert_eq!(number("https://bsc.example/v1/orders/"), None);
        assert_eq!(number(""), None);
    }
}
