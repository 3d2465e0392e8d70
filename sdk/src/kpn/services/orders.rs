//! Orders and service requests: tracked, waited for, authorised, cancelled.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use mno_runtime::json::Items;
use mno_runtime::values::DateTime;
use mno_runtime::{Error, ErrorKind, Operation};

use super::{Placed, file, handle};
use crate::Wait;
use crate::kpn::msm::{
    AuthorizeOrder, AuthorizeRequest, CancelOrder, CancelServiceRequest, ChangeOrderPortingData,
    ChangePortingData, DownloadServiceRequestAttachment, GetOrder, GetServiceRequest, Hardware,
    ListOrderHardware, ListOrders, ListServiceRequests, Order, OrderDetails, OrderStatus,
    RequiredAction, ServiceRequest, ServiceRequestDetails,
};
use crate::kpn::windows::windows;
use crate::paging::PageStream;

/// Orders, as a stream.
pub type OrderStream = PageStream<Order>;

/// Service requests, as a stream.
pub type ServiceRequestStream = PageStream<ServiceRequest>;

/// Lists need statuses to be named; these are all that are documented.
const STATUSES: [OrderStatus; 10] = [
    OrderStatus::InProgress,
    OrderStatus::Unauthorized,
    OrderStatus::New,
    OrderStatus::Closed,
    OrderStatus::Canceled,
    OrderStatus::Rejected,
    OrderStatus::Draft,
    OrderStatus::ThirdParty,
    OrderStatus::HoldCustomer,
    OrderStatus::Waiting,
];

/// What track and trace has of an order, of either kind.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Tracked {
    /// Of a basket.
    Order(Box<OrderDetails>),
    /// A change of something that is there: a blocked SIM card, a person's data.
    ServiceRequest(Box<ServiceRequestDetails>),
}

impl Tracked {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> Option<&OrderStatus> {
        match self {
            Self::Order(order) => order.status.as_ref(),
            Self::ServiceRequest(request) => request.status.as_ref(),
        }
    }

    /// What somebody has to do before it goes on.
    #[must_use]
    pub fn required_action(&self) -> Option<&RequiredAction> {
        match self {
            Self::Order(order) => order.required_action.as_ref(),
            Self::ServiceRequest(request) => request.required_action.as_ref(),
        }
    }
}

/// When a number is to be ported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortingDate {
    /// As soon as possible.
    AsSoonAsPossible,
    /// On this date: within 90 days, and no holiday.
    On(DateTime),
}

handle! {
    /// Orders and service requests (`/track-and-trace`, `/order/authorize`).
    ///
    /// The platform has two lists of them. Which of the two an order is in is not documented for
    /// every operation, so [`track`](Self::track) and [`wait_for`](Self::wait_for) look in both.
    ///
    /// ```no_run
    /// # async fn example(kpn: mno_sdk::Kpn, contract: i64) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::Wait;
    ///
    /// let order = kpn.sims().block(contract, None).await?;
    /// if order.waits_for_authorization() {
    ///     kpn.orders().authorize(order.id).await?; // who may do this is a matter of privileges
    /// }
    /// let done = kpn.orders().wait_for(order.id, Wait::default()).await?;
    /// println!("{:?}", done.status());
    /// # Ok(()) }
    /// ```
    Orders
}

impl Orders {
    /// All orders of baskets, of every documented status; 100 at once behind the scenes.
    #[must_use]
    pub fn stream(&self) -> OrderStream {
        self.search(&ListOrders::new(STATUSES))
    }

    /// The orders of baskets that fit a query, in its order. Its window (`from`, `to`) is the
    /// stream's own.
    #[must_use]
    pub fn search(&self, query: &ListOrders) -> OrderStream {
        windows!(self.list_orders(query.clone()), ListOrders, "an order")
    }

    /// All service requests, of every documented status.
    #[must_use]
    pub fn service_requests(&self) -> ServiceRequestStream {
        self.search_service_requests(&ListServiceRequests::new(STATUSES))
    }

    /// The service requests that fit a query, in its order. Its window (`from`, `to`) is the
    /// stream's own.
    #[must_use]
    pub fn search_service_requests(&self, query: &ListServiceRequests) -> ServiceRequestStream {
        windows!(
            self.list_service_requests(query.clone()),
            ListServiceRequests,
            "a service request"
        )
    }

    /// An order of a basket.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) when there is none.
    pub async fn get(&self, id: i64) -> Result<OrderDetails, Error> {
        self.client.get_order(&GetOrder::new(id)).await
    }

    /// A service request.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_not_found`](Error::is_not_found) when there is none.
    pub async fn get_service_request(&self, id: i64) -> Result<ServiceRequestDetails, Error> {
        let request = GetServiceRequest::new(id);
        self.client.get_service_request(&request).await
    }

    /// How far an order is, whichever list it is in; `None` when it is in neither.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn track(&self, id: i64) -> Result<Option<Tracked>, Error> {
        self.look(id, false).await
    }

    /// Looks in both lists, in one of them first.
    async fn look(&self, id: i64, orders_first: bool) -> Result<Option<Tracked>, Error> {
        for in_orders in [orders_first, !orders_first] {
            let found = if in_orders {
                let order = self.get(id).await;
                order.map(|order| Tracked::Order(Box::new(order)))
            } else {
                let request = self.get_service_request(id).await;
                request.map(|request| Tracked::ServiceRequest(Box::new(request)))
            };
            match found {
                Ok(tracked) => return Ok(Some(tracked)),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Waits until an order is done (`CLOSED`). An order with a wish date is not done before it.
    ///
    /// One that is in neither list is waited for too: it may not show at once.
    ///
    /// # Errors
    /// [`Error`] of every kind:
    /// * [`ErrorKind::Fault`] when the order was rejected or cancelled;
    /// * [`is_outcome_unknown`](Error::is_outcome_unknown) when the time of `wait` is over, and at
    ///   once when somebody has to do something first:
    ///   [`authorize`](Self::authorize) it, or [change](Self::change_porting) what the other
    ///   operator has refused. Wait again then.
    pub async fn wait_for(&self, id: i64, wait: Wait) -> Result<Tracked, Error> {
        let in_orders = AtomicBool::new(false);
        wait.until(&GetOrder::FACTS, async || {
            let tracked = self.look(id, in_orders.load(Ordering::Relaxed)).await?;
            let Some(tracked) = tracked else {
                return Ok(Err(format!("order {id} is not in track and trace")));
            };
            in_orders.store(matches!(tracked, Tracked::Order(_)), Ordering::Relaxed);
            let status = tracked
                .status()
                .map_or("without a status", OrderStatus::as_str);
            let failed = |kind, message| {
                let error = Error::new(kind, message).with_operation(&GetOrder::FACTS);
                Ok(Ok(Err(error)))
            };
            match (tracked.status(), tracked.required_action()) {
                (Some(OrderStatus::Closed), _) => Ok(Ok(Ok(tracked))),
                (Some(OrderStatus::Canceled | OrderStatus::Rejected), _) => failed(
                    ErrorKind::Fault,
                    format!("order {id} is {status}, and nothing comes of it any more"),
                ),
                (_, Some(action)) => failed(
                    ErrorKind::OutcomeUnknown,
                    format!(
                        "order {id} is {status} and wants an action, {}: it goes on after that",
                        action.as_str()
                    ),
                ),
                _ => Ok(Err(format!("order {id} is {status}"))),
            }
        })
        .await?
    }

    /// Authorises an order that somebody created who may not do so.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn authorize(&self, id: i64) -> Result<Placed, Error> {
        let body = AuthorizeRequest::new().with_order_id(id);
        let summary = self
            .client
            .authorize_order(&AuthorizeOrder::new(body))
            .await?;
        Placed::of(&AuthorizeOrder::FACTS, summary)
    }

    /// Cancels an order of a basket, as long as that is possible (its `cancelOrder`). It is
    /// cancelled some time after the answer.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn cancel(&self, id: i64, note: Option<&str>) -> Result<(), Error> {
        let mut request = CancelOrder::new(id);
        request.note = note.map(str::to_owned);
        self.client.cancel_order(&request).await
    }

    /// Cancels a service request, as long as that is possible (its `cancelOrder`). It is cancelled
    /// some time after the answer.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn cancel_service_request(&self, id: i64, note: Option<&str>) -> Result<(), Error> {
        let mut request = CancelServiceRequest::new(id);
        request.note = note.map(str::to_owned);
        self.client.cancel_service_request(&request).await
    }

    /// Changes when a number is ported and, if given, the number that the customer has with the
    /// other operator (at most 70 characters).
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn change_porting(
        &self,
        id: i64,
        date: PortingDate,
        customer_number: Option<&str>,
    ) -> Result<(), Error> {
        let mut body = match date {
            PortingDate::AsSoonAsPossible => ChangePortingData::new().with_asap(true),
            PortingDate::On(date) => ChangePortingData::new().with_new_wish_date(date),
        };
        body.customer_number = customer_number.map(str::to_owned);
        let request = ChangeOrderPortingData::new(id, body);
        self.client.change_order_porting_data(&request).await
    }

    /// The devices of an order.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn hardware(&self, id: i64) -> Result<Items<Hardware>, Error> {
        self.client
            .list_order_hardware(&ListOrderHardware::new(id))
            .await
    }

    /// A file of a service request (its `attachments`), of up to 64 MiB.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn attachment(&self, id: i64, attachment: i64) -> Result<Bytes, Error> {
        let request = DownloadServiceRequestAttachment::new(id, attachment);
        let body = self
            .client
            .download_service_request_attachment(&request)
            .await?;
        file(&DownloadServiceRequestAttachment::FACTS, body).await
    }
}
