//! Orders and service requests: how they come to be, how they advance, what they do when they are
//! finished, and how track and trace shows them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::{Brand, Choice, Price, SPARE_CARD, item_id, product};
use super::clock::{DAY, Stamp};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request, Search};
use super::state::{
    Attachment, Card, Contract, ContractState, Person, Privilege, State, Subscriber, next,
};
use super::thresholds;

/// Where an order is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Under the orders: what baskets make.
    Contracting,
    /// Under the service requests: what changes something that exists.
    ServiceRequest,
    /// Both under the service requests and under returned hardware.
    Return,
}

/// How far an order is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Waits for somebody to authorise it.
    Unauthorised,
    /// On its way since this time.
    Open(Stamp),
    /// The operator that a number comes from has refused; what it said.
    Held(String),
    /// Being cancelled since this time.
    Cancelling(Stamp),
    Closed,
    Cancelled,
    Rejected,
}

/// Statuses of track and trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    InProgress,
    Unauthorized,
    New,
    Closed,
    Canceled,
    Rejected,
    Draft,
    ThirdParty,
    HoldCustomer,
    Waiting,
}

impl Status {
    /// As the answer to an order has it.
    const fn in_summary(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Unauthorized => "WaitingForAuthorization",
            Self::New => "Initialized",
            Self::Closed => "Finished",
            Self::Canceled => "Canceled",
            Self::Rejected => "Rejected",
            Self::Draft => "Draft",
            Self::ThirdParty => "ExternalScheduled",
            Self::HoldCustomer => "Suspended",
            Self::Waiting => "Scheduled",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::New => "NEW",
            Self::Closed => "CLOSED",
            Self::Canceled => "CANCELED",
            Self::Rejected => "REJECTED",
            Self::Draft => "DRAFT",
            Self::ThirdParty => "THIRD_PARTY",
            Self::HoldCustomer => "HOLD_CUSTOMER",
            Self::Waiting => "WAITING",
        }
    }
}

/// What an order does when it is finished.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    Nothing,
    AddSubscriber(Box<Subscriber>),
    ReplacePerson(i64, Box<Person>),
    RemoveSubscriber(i64),
    MoveSubscriber(i64, i64),
    Link {
        subscriber: i64,
        account: i64,
        roles: Vec<i64>,
        managed: Vec<i64>,
        email: Option<String>,
        mobile: Option<String>,
        fixed: Option<String>,
    },
    MoveGroup(i64, i64),
    Block(i64),
    Unblock(i64),
    /// The card; none for an eSIM, whose profile is made then.
    ReplaceSim(i64, Option<Card>),
    MoveContract(i64, i64),
    End(i64),
    Reopen(i64),
    /// Contracts that are there as ordered ones, and the number that one of them gets.
    Activate {
        contracts: Vec<i64>,
        card: Option<Card>,
        number: Option<String>,
    },
    Change(i64, Choice),
    Combine {
        mobile: i64,
        fixed: i64,
    },
    Separate(i64),
    Retention(&'static str),
    GiveBack(Vec<i64>),
    Enrol(i64, Brand),
}

impl Effect {
    /// Whether it is seen as soon as the order is authorised, although the order goes on. New
    /// subscribers are known to take a while.
    const fn is_instant(&self) -> bool {
        matches!(self, Self::ReplacePerson(..))
    }
}

/// A port-in.
#[derive(Debug, Clone)]
pub(super) struct Porting {
    pub(super) number: String,
    pub(super) customer_number: String,
}

/// An order, of any kind.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) operation: &'static str,
    /// What it is called, in English and in Dutch.
    pub(super) title: (&'static str, &'static str),
    /// Who or what it is about.
    pub(super) context: String,
    pub(super) reference: Option<String>,
    pub(super) created: Stamp,
    pub(super) wish: Option<Stamp>,
    pub(super) stage: Stage,
    pub(super) finished: Option<Stamp>,
    pub(super) subscriber: Option<i64>,
    pub(super) contracts: Vec<i64>,
    pub(super) effect: Effect,
    applied: bool,
    authorised: bool,
    pub(super) choice: Choice,
    pub(super) price: Price,
    pub(super) address: Option<Value>,
    pub(super) porting: Option<Porting>,
    pub(super) esim: Option<(String, Option<String>)>,
    pub(super) card: Option<String>,
    /// The card that it brings.
    pub(super) new_card: Option<String>,
    pub(super) attachments: Vec<Attachment>,
    /// The order whose hardware goes back.
    pub(super) about: Option<i64>,
    /// Whether its devices were enrolled with Apple and with Samsung.
    pub(super) enrolled: (bool, bool),
}

impl Order {
    /// Of a kind and an operation; the rest is filled in by those who know it.
    pub(super) fn new(
        kind: Kind,
        operation: &'static str,
        title: (&'static str, &'static str),
        context: impl Into<String>,
    ) -> Self {
        Self {
            id: 0,
            kind,
            operation,
            title,
            context: context.into(),
            reference: None,
            created: Stamp::day(1970, 1, 1),
            wish: None,
            stage: Stage::Unauthorised,
            finished: None,
            subscriber: None,
            contracts: Vec::new(),
            effect: Effect::Nothing,
            applied: false,
            authorised: false,
            choice: Choice::default(),
            price: Price::default(),
            address: None,
            porting: None,
            esim: None,
            card: None,
            new_card: None,
            attachments: Vec::new(),
            about: None,
            enrolled: (false, false),
        }
    }

    pub(super) fn reference(mut self, reference: Option<String>) -> Self {
        self.reference = reference.filter(|text| !text.is_empty());
        self
    }

    pub(super) fn wish(mut self, wish: Option<Stamp>) -> Self {
        self.wish = wish;
        self
    }

    pub(super) fn subscriber(mut self, subscriber: i64) -> Self {
        self.subscriber = Some(subscriber);
        self
    }

    pub(super) fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// About a contract, and its subscriber.
    pub(super) fn contract(mut self, contract: &Contract) -> Self {
        self.contracts = vec![contract.id];
        self.subscriber = Some(contract.holder);
        self.card = contract.card.as_ref().map(|c| c.iccid.clone());
        self
    }

    /// Nobody's any more: nothing becomes of it.
    pub(super) fn is_over(&self) -> bool {
        matches!(
            self.stage,
            Stage::Closed | Stage::Cancelled | Stage::Rejected
        )
    }

    /// When it is finished, if nothing comes between.
    fn due(&self, takes: Duration) -> Option<Stamp> {
        match self.stage {
            Stage::Open(since) => {
                let done = since.plus(takes);
                Some(self.wish.map_or(done, |wish| wish.max(done)))
            }
            Stage::Cancelling(since) => Some(since.plus(takes / 2)),
            _ => None,
        }
    }

    /// How far it is, in the words of track and trace.
    pub(super) fn status(&self, now: Stamp, takes: Duration) -> Status {
        match &self.stage {
            Stage::Unauthorised => Status::Unauthorized,
            Stage::Open(since) if now < since.plus(takes / 2) => Status::New,
            Stage::Open(_) if self.wish.is_some_and(|wish| now < wish) => Status::Waiting,
            Stage::Open(_) | Stage::Cancelling(_) => Status::InProgress,
            Stage::Held(_) => Status::HoldCustomer,
            Stage::Closed => Status::Closed,
            Stage::Cancelled => Status::Canceled,
            Stage::Rejected => Status::Rejected,
        }
    }

    fn required_action(&self) -> Option<&'static str> {
        match self.stage {
            Stage::Unauthorised => Some("AUTHORIZATION"),
            Stage::Held(_) => Some("PORT_IN_DATA_CHANGE"),
            _ => None,
        }
    }

    pub(super) fn kpn_reference(&self) -> String {
        format!("SBX-{}", self.id % 1_000_000_000)
    }

    fn type_name(&self) -> Value {
        json!({ "en": self.title.0, "nl": self.title.1 })
    }
}

/// The caller, as orders name it.
fn caller() -> Value {
    json!({
        "id": 6_000_001,
        "accountName": "sandbox-api",
        "firstName": "Robin",
        "lastName": "Example",
        "prefix": "",
    })
}

fn short(on: bool) -> Value {
    json!({ "enabled": on, "visible": on })
}

fn long(on: bool) -> Value {
    json!({ "enabled": on, "visible": on, "blockingOrders": [] })
}

impl State {
    /// Whether orders can be placed at all.
    pub(super) fn may_order(&self) -> Result<(), Refusal> {
        if self.frozen {
            return Err(Refusal::forbidden(
                Some("ORDERING_IS_BLOCKED_FOR_CUSTOMER"),
                "Ordering is blocked for this customer",
            ));
        }
        Ok(())
    }

    /// Takes an order, and sets out with it if its caller may authorise.
    pub(super) fn place(&mut self, mut order: Order) -> Result<i64, Refusal> {
        self.may_order()?;
        let now = self.clock.now();
        if order.wish.is_some_and(|wish| wish < now.midnight()) {
            return Err(Refusal::bad(
                "INVALID_WISH_DATE",
                "The wish date is in the past",
            ));
        }
        let id = next(&mut self.ids.order);
        order.id = id;
        order.created = now;
        self.orders.insert(id, order);
        if self.may(Privilege::OrdersAuthorization) {
            self.set_out(id, now);
        }
        Ok(id)
    }

    fn set_out(&mut self, id: i64, now: Stamp) {
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        order.authorised = true;
        order.stage = Stage::Open(now);
        if order.effect.is_instant() {
            order.applied = true;
            let effect = order.effect.clone();
            self.apply(effect, now);
        }
    }

    /// Does what has become due, in its order.
    pub(super) fn advance(&mut self) {
        let now = self.clock.now();
        let due = |o: &Order| Some((o.due(self.orders_after)?, o.id));
        let mut ready: Vec<_> = self.orders.values().filter_map(due).collect();
        ready.retain(|(due, _)| *due <= now);
        ready.sort_unstable();
        for (due, id) in ready {
            self.complete(id, due);
        }
    }

    /// Finishes every order that is on its way, and every cancellation.
    pub(super) fn finish_all(&mut self) {
        let now = self.clock.now();
        let under_way = |o: &&Order| matches!(o.stage, Stage::Open(_) | Stage::Cancelling(_));
        let ids: Vec<_> = self
            .orders
            .values()
            .filter(under_way)
            .map(|o| o.id)
            .collect();
        for id in ids {
            self.complete(id, now);
        }
    }

    fn complete(&mut self, id: i64, at: Stamp) {
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        order.finished = Some(at);
        if matches!(order.stage, Stage::Cancelling(_)) {
            order.stage = Stage::Cancelled;
            self.give_up(id);
            return;
        }
        order.stage = Stage::Closed;
        if !std::mem::replace(&mut order.applied, true) {
            let effect = order.effect.clone();
            self.apply(effect, at);
        }
    }

    /// What an order had set aside is free again.
    fn give_up(&mut self, id: i64) {
        let Some(order) = self.orders.get(&id) else {
            return;
        };
        let now = self.clock.now();
        match order.effect.clone() {
            Effect::Activate {
                contracts, card, ..
            } => {
                for id in contracts {
                    if let Some(contract) = self.contracts.get_mut(&id) {
                        contract.state = ContractState::Closed;
                        contract.changed = now;
                    }
                }
                self.stock.extend(card.map(|c| (c.iccid.clone(), c)));
            }
            Effect::ReplaceSim(_, Some(card)) => {
                self.stock.insert(card.iccid.clone(), card);
            }
            _ => {}
        }
    }

    /// Rejects an order that is not over.
    pub(super) fn reject(&mut self, id: i64) -> bool {
        let now = self.clock.now();
        match self.orders.get_mut(&id) {
            Some(order) if !order.is_over() => {
                order.stage = Stage::Rejected;
                order.finished = Some(now);
                self.give_up(id);
                true
            }
            _ => false,
        }
    }

    /// The other operator refuses a port-in that is on its way.
    pub(super) fn hold(&mut self, id: i64, message: &str) -> bool {
        match self.orders.get_mut(&id) {
            Some(order) if order.porting.is_some() && matches!(order.stage, Stage::Open(_)) => {
                order.stage = Stage::Held(message.to_owned());
                true
            }
            _ => false,
        }
    }

    fn apply(&mut self, effect: Effect, at: Stamp) {
        match effect {
            Effect::Nothing => {}
            Effect::AddSubscriber(subscriber) => {
                self.subscribers.insert(subscriber.id, *subscriber);
            }
            Effect::ReplacePerson(id, person) => {
                if let Some(subscriber) = self.subscribers.get_mut(&id) {
                    subscriber.person = *person;
                }
            }
            Effect::RemoveSubscriber(id) => {
                self.subscribers.remove(&id);
            }
            Effect::MoveSubscriber(id, to) => {
                if let Some(subscriber) = self.subscribers.get_mut(&id) {
                    subscriber.parent = to;
                }
            }
            Effect::Link {
                subscriber,
                account,
                roles,
                managed,
                email,
                mobile,
                fixed,
            } => {
                if let Some(subscriber) = self.subscribers.get_mut(&subscriber) {
                    subscriber.account = Some(account);
                    subscriber.roles.extend(roles);
                    subscriber.managed.extend(managed);
                    let person = &mut subscriber.person;
                    person.email = email.or_else(|| person.email.take());
                    person.fixed = fixed.or_else(|| person.fixed.take());
                    if let Some(mobile) = mobile {
                        person.mobile = mobile;
                    }
                }
            }
            Effect::MoveGroup(id, to) => {
                if let Some(group) = self.groups.get_mut(&id) {
                    group.parent = Some(to);
                }
            }
            Effect::Block(id) => self.set_state(id, ContractState::Blocked, at),
            Effect::Unblock(id) => self.set_state(id, ContractState::Active, at),
            Effect::ReplaceSim(id, card) => {
                let card = card.unwrap_or_else(|| self.new_card());
                if let Some(contract) = self.contracts.get_mut(&id) {
                    contract.card = Some(card);
                    // The new card is not the one that was blocked.
                    contract.state = ContractState::Active;
                    contract.changed = at;
                }
            }
            Effect::MoveContract(id, to) => {
                if let Some(contract) = self.contracts.get_mut(&id) {
                    contract.holder = to;
                }
            }
            Effect::End(id) => {
                self.set_state(id, ContractState::Closed, at);
                thresholds::forget(self, id);
            }
            Effect::Reopen(id) => self.set_state(id, ContractState::Active, at),
            Effect::Activate {
                contracts,
                card,
                number,
            } => self.activate(&contracts, card, number, at),
            Effect::Change(id, choice) => {
                if let Some(contract) = self.contracts.get_mut(&id) {
                    if let Some((main, _)) = choice.mains().first() {
                        contract.product = main.bs;
                    }
                    contract.choice = choice;
                }
            }
            Effect::Combine { mobile, fixed } => {
                let number = self.contracts.get(&fixed).and_then(|c| c.fixed.clone());
                self.set_state(fixed, ContractState::Closed, at);
                if let Some(contract) = self.contracts.get_mut(&mobile) {
                    contract.category = super::catalogue::Category::FixedMobile;
                    contract.fixed = number;
                }
            }
            Effect::Separate(id) => self.separate(id, at),
            Effect::Retention(period) => self.retention = period,
            Effect::GiveBack(items) => {
                for contract in self.contracts.values_mut() {
                    let item = product(contract.product).map(|p| item_id(contract.id, p));
                    if item.is_some_and(|item| items.contains(&item)) {
                        contract.returned = true;
                    }
                }
            }
            Effect::Enrol(id, brand) => {
                if let Some(order) = self.orders.get_mut(&id) {
                    match brand {
                        Brand::Apple => order.enrolled.0 = true,
                        Brand::Samsung => order.enrolled.1 = true,
                    }
                }
            }
        }
    }

    fn set_state(&mut self, id: i64, state: ContractState, at: Stamp) {
        if let Some(contract) = self.contracts.get_mut(&id) {
            contract.state = state;
            contract.changed = at;
            contract.ended = (state == ContractState::Closed).then_some(at);
        }
    }

    fn activate(
        &mut self,
        contracts: &[i64],
        mut card: Option<Card>,
        mut number: Option<String>,
        at: Stamp,
    ) {
        for id in contracts {
            let Some(contract) = self.contracts.get(id) else {
                continue;
            };
            let (category, product, amount) =
                (contract.category, contract.product, contract.amount);
            if category.has_sim() {
                let card = card.take().unwrap_or_else(|| self.new_card());
                let number = number.take().unwrap_or_else(|| self.new_mobile());
                if let Some(contract) = self.contracts.get_mut(id) {
                    contract.card = Some(card);
                    contract.mobile = Some(number);
                }
            } else if category == super::catalogue::Category::Fixed {
                let fixed = self.new_fixed();
                if let Some(contract) = self.contracts.get_mut(id) {
                    contract.fixed = Some(fixed);
                }
            } else if product == SPARE_CARD {
                for _ in 0..amount {
                    let card = self.new_card();
                    self.stock.insert(card.iccid.clone(), card);
                }
            } else if category == super::catalogue::Category::Hardware {
                self.give_device(*id);
            }
            if let Some(contract) = self.contracts.get_mut(id) {
                contract.state = ContractState::Active;
                contract.activated = Some(at);
                contract.changed = at;
            }
        }
    }

    fn separate(&mut self, id: i64, at: Stamp) {
        let Some(contract) = self.contracts.get_mut(&id) else {
            return;
        };
        contract.category = super::catalogue::Category::Mobile;
        let fixed = Contract {
            id: next(&mut self.ids.contract),
            category: super::catalogue::Category::Fixed,
            product: super::catalogue::FIXED_LINE,
            choice: Choice::of(super::catalogue::FIXED_LINE),
            started: at,
            activated: Some(at),
            changed: at,
            mobile: None,
            card: None,
            fixed: contract.fixed.take(),
            ..contract.clone()
        };
        self.contracts.insert(fixed.id, fixed);
    }

    /// Orders that something has to wait for.
    pub(super) fn blocking(&self, fits: impl Fn(&Order) -> bool) -> Vec<Value> {
        let (now, takes) = (self.clock.now(), self.orders_after);
        let open = self.orders.values().filter(|o| !o.is_over() && fits(o));
        open.map(|o| {
            json!({
                "id": o.id,
                "kpnReference": o.kpn_reference(),
                "status": o.status(now, takes),
                "type": if o.kind == Kind::Contracting { "CONTRACTING" } else { "SERVICE_REQUEST" },
            })
        })
        .collect()
    }

    fn order(&self, id: i64, service_request: bool) -> Result<&Order, Refusal> {
        self.orders
            .get(&id)
            .filter(|o| (o.kind != Kind::Contracting) == service_request)
            .ok_or_else(|| Refusal::not_found(format!("There is no such order: {id}")))
    }

    /// The answer to an order.
    pub(super) fn summary(&self, id: i64) -> Answered {
        let order = self
            .orders
            .get(&id)
            .ok_or_else(|| Refusal::not_found(format!("There is no order {id}")))?;
        let status = order.status(self.clock.now(), self.orders_after);
        // Something is appended to the caller's reference, as on the platform.
        let reference = order.reference.as_ref();
        let reference = reference.map(|text| format!("{text} [S{:03}]", id % 1000));
        Ok(Answer::Json(json!({
            "contextName": order.context,
            "operation": order.operation,
            "status": status.in_summary(),
            "referenceNumber": reference,
            "id": id,
            "creationDate": order.created,
        })))
    }

    fn receiver(&self, order: &Order) -> Value {
        let Some(subscriber) = order.subscriber.and_then(|id| self.subscribers.get(&id)) else {
            return Value::Null;
        };
        let person = &subscriber.person;
        let debtor = self.debtor_of(subscriber.parent);
        json!({
            "id": subscriber.id,
            "accountName": order.context,
            "companyName": debtor.map(|g| g.name.clone()),
            "employeeNumber": person.employee_number,
            "firstName": person.first_name,
            "lastName": person.surname,
            "prefix": person.prefix,
        })
    }

    fn number_of(&self, order: &Order, of: impl Fn(&Contract) -> Option<String>) -> Option<String> {
        let contract = |id| self.contracts.get(id);
        order.contracts.iter().filter_map(contract).find_map(of)
    }

    fn msisdn(&self, order: &Order) -> Option<String> {
        let ported = order.porting.as_ref().map(|p| p.number.clone());
        ported.or_else(|| self.number_of(order, |c| c.mobile.clone()))
    }

    fn row(&self, order: &Order) -> Value {
        let status = order.status(self.clock.now(), self.orders_after);
        let mut row = json!({
            "id": order.id,
            "creationDate": order.created,
            "customerReference": order.reference,
            "finishDate": order.finished,
            "isBeingCanceled": matches!(order.stage, Stage::Cancelling(_)),
            "kpnReference": order.kpn_reference(),
            "msisdn": self.msisdn(order),
            "orderedBy": caller(),
            "orderedFor": self.receiver(order),
            "requiredAction": order.required_action(),
            "status": status,
            "type": order.type_name(),
        });
        if order.kind == Kind::Contracting {
            let items = order.contracts.iter().filter_map(|id| self.items(*id));
            row["contractItems"] = items.collect();
            row["portingMessage"] = json!(held(order));
        } else {
            row["fixedNumber"] = json!(self.number_of(order, |c| c.fixed.clone()));
        }
        row
    }

    fn items(&self, contract: i64) -> Option<Value> {
        let contract = self.contracts.get(&contract)?;
        Some(
            contract
                .choice
                .items(product(contract.product)?, contract.id),
        )
    }

    /// Orders of some kinds, by what the query says.
    fn listed(
        &self,
        request: &Request,
        kind: impl Fn(Kind) -> bool,
        key: impl Fn(&Order) -> String,
    ) -> Result<Vec<&Order>, Refusal> {
        let statuses: Vec<Status> = request.choices("status")?;
        if statuses.is_empty() {
            return Err(Refusal::invalid("status is missing in the query"));
        }
        // All orders here are the caller's own.
        request.flag("currentUserOrdersOnly", false)?;
        let search = Search::of(request, &[])?;
        let (now, takes) = (self.clock.now(), self.orders_after);
        let fits = |o: &&Order| {
            let texts = [
                ("", o.kpn_reference()),
                ("", o.reference.clone().unwrap_or_default()),
                ("", o.context.clone()),
                ("", self.msisdn(o).unwrap_or_default()),
                ("", o.title.0.to_owned()),
                ("", o.title.1.to_owned()),
            ];
            kind(o.kind) && statuses.contains(&o.status(now, takes)) && search.fits(&texts)
        };
        let mut found: Vec<_> = self.orders.values().filter(fits).collect();
        found.sort_by_key(|o| (key(o), o.id));
        // The youngest first, unless asked otherwise.
        let sorted = request.text("sortBy")?.is_some();
        if request.descending()?.unwrap_or(!sorted) {
            found.reverse();
        }
        if request.flag("withRequiredActionFirst", true)? {
            found.sort_by_key(|o| o.required_action().is_none());
        }
        Ok(found)
    }

    pub(super) fn list_orders(&self, request: &Request) -> Answered {
        let by: Option<OrderSort> = request.choice("sortBy")?;
        let found = self.listed(request, |k| k == Kind::Contracting, |o| self.key(o, by))?;
        request.page(found.into_iter().map(|o| self.row(o)).collect())
    }

    pub(super) fn list_service_requests(&self, request: &Request) -> Answered {
        let by: Option<RequestSort> = request.choice("sortBy")?;
        let tongue = request.tongue;
        let key = |o: &Order| match by {
            Some(RequestSort::Type) => o.titled(tongue).to_lowercase(),
            Some(RequestSort::RequestBy) => String::new(),
            Some(RequestSort::RequestFor) => self.key(o, Some(OrderSort::OrderedFor)),
            Some(RequestSort::Status) => self.key(o, Some(OrderSort::Status)),
            Some(RequestSort::KpnReference) => self.key(o, Some(OrderSort::KpnReference)),
            Some(RequestSort::CustomerReference) => self.key(o, Some(OrderSort::CustomerReference)),
            Some(RequestSort::CreationDate) | None => self.key(o, None),
        };
        let found = self.listed(request, |k| k != Kind::Contracting, key)?;
        request.page(found.into_iter().map(|o| self.row(o)).collect())
    }

    pub(super) fn list_returns(&self, request: &Request) -> Answered {
        let found = self.listed(request, |k| k == Kind::Return, |o| self.key(o, None))?;
        let (now, takes) = (self.clock.now(), self.orders_after);
        let row = |o: &Order| {
            let devices = match &o.effect {
                Effect::GiveBack(items) => self.devices(items),
                _ => Vec::new(),
            };
            let name = |c: &Contract| product(c.product).map(|p| p.en);
            let devices = devices.into_iter();
            json!({
                "id": o.id,
                "creationDate": o.created,
                "kpnReference": o.kpn_reference(),
                "parentOrderSymbol": o.about.and_then(|id| Some(self.orders.get(&id)?.kpn_reference())),
                "requestBy": caller(),
                "returnedHardware": devices
                    .map(|c| json!({ "multiplicity": c.amount, "product": name(c) }))
                    .collect::<Vec<_>>(),
                "status": o.status(now, takes),
            })
        };
        request.page(found.into_iter().map(row).collect())
    }

    /// Contracts of devices, by the ids of their items.
    pub(super) fn devices(&self, items: &[i64]) -> Vec<&Contract> {
        let is_one =
            |c: &&Contract| product(c.product).is_some_and(|p| items.contains(&item_id(c.id, p)));
        self.contracts.values().filter(is_one).collect()
    }

    fn key(&self, order: &Order, by: Option<OrderSort>) -> String {
        let status = || order.status(self.clock.now(), self.orders_after);
        match by {
            Some(OrderSort::Status) => status().name().to_owned(),
            Some(OrderSort::KpnReference) => order.kpn_reference(),
            Some(OrderSort::OrderedFor) => order.context.to_lowercase(),
            Some(OrderSort::CustomerReference) => order.reference.clone().unwrap_or_default(),
            Some(OrderSort::CreationDate) | None => order.created.to_string(),
        }
    }

    pub(super) fn overview(&self, _: &Request) -> Answered {
        let count = |kind: fn(&Order) -> bool| self.orders.values().filter(|o| kind(o)).count();
        Ok(Answer::Json(json!({
            "ORDERS": count(|o| o.kind == Kind::Contracting),
            "SERVICE_REQUESTS": count(|o| o.kind != Kind::Contracting),
            "RETURNED_HARDWARE_SERVICE_REQUESTS": count(|o| o.kind == Kind::Return),
        })))
    }

    fn can_be_cancelled(&self, order: &Order) -> bool {
        let status = order.status(self.clock.now(), self.orders_after);
        matches!(
            status,
            Status::Unauthorized | Status::New | Status::Waiting | Status::HoldCustomer
        ) && !matches!(order.stage, Stage::Cancelling(_))
            && !order.applied
    }

    fn can_change_porting(&self, order: &Order) -> bool {
        order.porting.is_some() && self.can_be_cancelled(order)
    }

    fn people(&self, order: &Order) -> Value {
        let mut approver = caller();
        approver["spectatedBy"] = Value::Null;
        json!({
            "orderedBy": caller(),
            "approvedBy": if order.authorised { approver } else { Value::Null },
            "receivedBy": self.receiver(order),
        })
    }

    fn has_brand(&self, order: &Order, brand: Brand) -> bool {
        let mains = order.choice.mains();
        mains.iter().any(|(p, _)| p.brand == Some(brand))
    }

    /// Whether the devices of a brand can be enrolled.
    fn can_enrol(&self, order: &Order, brand: Brand) -> bool {
        let done = match brand {
            Brand::Apple => order.enrolled.0,
            Brand::Samsung => order.enrolled.1,
        };
        order.stage == Stage::Closed && self.has_brand(order, brand) && !done
    }

    fn thresholds_of(&self, order: &Order, whole: bool) -> Value {
        let of_order = |contracts: &std::collections::BTreeSet<i64>| {
            order.contracts.iter().any(|id| contracts.contains(id))
        };
        let mut map = serde_json::Map::new();
        for threshold in self.thresholds.values() {
            if of_order(&threshold.contracts) {
                let value = if whole {
                    threshold.to_json()
                } else {
                    json!({ "id": threshold.id, "name": threshold.name })
                };
                map.insert(threshold.measure.name().to_owned(), value);
            }
        }
        Value::Object(map)
    }

    /// What the two forms of an order have in common. `may` writes whether something is possible.
    fn shared(&self, order: &Order, may: fn(bool) -> Value) -> Value {
        let (now, takes) = (self.clock.now(), self.orders_after);
        let status = order.status(now, takes);
        let (apple, samsung) = order.enrolled;
        let sim = self.number_of(order, |c| c.card.as_ref().map(|k| k.iccid.clone()));
        json!({
            "id": order.id,
            "status": status,
            "type": order.type_name(),
            "kpnReference": order.kpn_reference(),
            "customerReference": order.reference,
            "creationDate": order.created,
            "finishDate": order.finished,
            "wishDate": order.wish,
            "firstPossibleWishDate": now.midnight().plus(DAY),
            "requiredAction": order.required_action(),
            "cancelOrder": { "enabled": self.can_be_cancelled(order), "visible": !order.is_over() },
            "changePortingData": may(self.can_change_porting(order)),
            "changeWishDate": may(false),
            "returnHardware": may(self.can_be_returned(order)),
            "appleDepEnrollment": may(self.can_enrol(order, Brand::Apple)),
            "samsungKnoxEnrollment": may(self.can_enrol(order, Brand::Samsung)),
            "registeredForAppleDep": apple,
            "registeredForSamsungKnox": samsung,
            "appleDepId": apple.then_some("SBX-DEP-1"),
            "samsungKnoxId": samsung.then_some("SBX-KNOX-1"),
            "deliveryAddress": order.address,
            "invoiceAddress": null,
            "deliveryId": (order.stage == Stage::Closed && order.address.is_some())
                .then(|| format!("SBXD{}", order.id % 1_000_000)),
            "eSimEmail": order.esim.as_ref().map(|(email, _)| email),
            "eSimConfirmationCode": order.esim.as_ref().and_then(|(_, code)| code.as_ref()),
            "flexibleNumberPresentation": null,
            "msisdn": self.msisdn(order),
            "sim": sim,
            "oneTimeCostInCents": order.price.once(),
            "recurringCostInCents": order.price.monthly,
            "personsInvolved": self.people(order),
            "portingCustomerNumber": order.porting.as_ref().map(|p| &p.customer_number),
            "portingMessage": held(order),
        })
    }

    fn can_be_returned(&self, order: &Order) -> bool {
        let devices = order
            .contracts
            .iter()
            .filter_map(|id| self.contracts.get(id));
        order.stage == Stage::Closed && devices.filter(|c| c.imei.is_some()).any(|c| !c.returned)
    }

    pub(super) fn get_order(&self, request: &Request) -> Answered {
        let order = self.order(request.id(), false)?;
        let mut body = self.shared(order, short);
        body["attributes"] = json!({});
        body["contextAccountId"] = json!(order.subscriber);
        body["contextCustomerId"] = json!(self.customer);
        body["startDate"] = json!(order.created);
        body["eid"] = Value::Null;
        body["thresholds"] = self.thresholds_of(order, false);
        body["items"] = self.lines(order, true);
        Ok(Answer::Json(body))
    }

    pub(super) fn get_pretty_order(&self, request: &Request) -> Answered {
        let order = self.order(request.id(), false)?;
        let mut body = self.shared(order, long);
        body["thresholds"] = self.thresholds_of(order, true);
        let lines = self.lines(order, false);
        body["items"] = json!({ order.title.0: lines });
        Ok(Answer::Json(body))
    }

    /// The lines of an order. Those for people have no numbers and no lines below them.
    fn lines(&self, order: &Order, whole: bool) -> Value {
        let status = order.status(self.clock.now(), self.orders_after).name();
        let contracts = || {
            order
                .contracts
                .iter()
                .filter_map(|id| self.contracts.get(id))
        };
        let line = |product: &'static super::catalogue::Product, amount: i64| {
            let of = |get: fn(&Contract) -> Option<String>| {
                let of_product = contracts().filter(|c| c.product == product.bs);
                of_product.filter_map(get).collect::<Vec<_>>()
            };
            let mut line = json!({
                "name": product.name(),
                "multiplicity": amount,
                "oneTimePriceInCents": product.once * amount,
                "privateCopyingLevyInCents": product.levy * amount,
                "expectedDeliveryDate": order.wish.map(|wish| wish.to_string()),
                "imeiNumbers": of(|c| c.imei.clone()),
                "mobileNumbers": of(|c| c.mobile.clone()),
                "serialNumbers": of(|c| c.serial.clone()),
                "status": status,
            });
            if whole {
                line["id"] = json!(format!("{}-{}", order.id, product.bs));
                line["productName"] = json!(product.en);
                let below = product.children();
                let chosen = below.filter(|c| order.choice.amount(c.bs).is_some());
                line["children"] = chosen
                    .map(|c| {
                        json!({
                            "id": format!("{}-{}", order.id, c.bs),
                            "name": c.name(),
                            "productName": c.en,
                            "multiplicity": 1,
                            "oneTimePriceInCents": 0,
                            "privateCopyingLevyInCents": 0,
                            "expectedDeliveryDate": null,
                            "imeiNumbers": [],
                            "mobileNumbers": [],
                            "serialNumbers": [],
                            "status": status,
                            "children": [],
                        })
                    })
                    .collect();
            }
            line
        };
        let mains = order.choice.mains().into_iter();
        mains
            .map(|(product, amount)| line(product, amount))
            .collect()
    }

    pub(super) fn list_order_hardware(&self, request: &Request) -> Answered {
        let order = self.order(request.id(), false)?;
        let devices = order
            .contracts
            .iter()
            .filter_map(|id| self.contracts.get(id));
        let hardware = devices.filter(|c| c.imei.is_some()).filter_map(|c| {
            let product = product(c.product)?;
            Some(json!({
                "apple": product.brand == Some(Brand::Apple),
                "samsung": product.brand == Some(Brand::Samsung),
                "contractItem": c.choice.items(product, c.id),
                "imei": c.imei,
                "serialNumber": c.serial,
                "product": product.old_shape(),
                "returned": c.returned,
            }))
        });
        Ok(Answer::Json(hardware.collect()))
    }

    pub(super) fn get_service_request(&self, request: &Request) -> Answered {
        let order = self.order(request.id(), true)?;
        let status = order.status(self.clock.now(), self.orders_after);
        let attachment = |a: &Attachment| json!({ "id": a.id, "fileName": a.name });
        let devices = match &order.effect {
            Effect::GiveBack(items) => self.devices(items),
            _ => Vec::new(),
        };
        let device = |c: &Contract| {
            let product = product(c.product);
            json!({
                "imeiNumber": c.imei,
                "serialNumber": c.serial,
                "name": product.map(super::catalogue::Product::name),
                "priceInCents": product.map(|p| p.once),
            })
        };
        let switched = match order.effect {
            Effect::Block(_) => Some(("ON", "OFF")),
            Effect::Unblock(_) => Some(("OFF", "ON")),
            _ => None,
        };
        let switched = switched.map(|(old, new)| {
            json!({
                "name": { "en": "SIM card", "nl": "Simkaart" },
                "oldState": old,
                "newState": new,
                "children": [],
            })
        });
        Ok(Answer::Json(json!({
            "id": order.id,
            "status": status,
            "type": order.type_name(),
            "kpnReference": order.kpn_reference(),
            "customerReference": order.reference,
            "creationDate": order.created,
            "finishDate": order.finished,
            "expectedDate": order.due(self.orders_after),
            "wishDate": order.wish,
            "requiredAction": order.required_action(),
            "cancelOrder": { "enabled": self.can_be_cancelled(order), "visible": !order.is_over() },
            "reactivate": long(self.can_be_reopened(order)),
            "attachments": order.attachments.iter().map(attachment).collect::<Vec<_>>(),
            "attributes": {},
            "flexibleNumberPresentation": null,
            "hardwareItems": devices.into_iter().map(device).collect::<Vec<_>>(),
            "invoiceAddress": null,
            "modifiedItems": switched.into_iter().collect::<Vec<_>>(),
            "sim": order.card,
            "newSim": order.new_card,
            "personsInvolved": self.people(order),
            "thresholds": self.thresholds_of(order, true),
            "totalPriceInCents": order.price.once(),
        })))
    }

    /// Whether a basket can bring back what an order has ended.
    pub(super) fn can_be_reopened(&self, order: &Order) -> bool {
        let Effect::End(contract) = order.effect else {
            return false;
        };
        let closed = |c: &Contract| c.state == ContractState::Closed;
        order.stage == Stage::Closed && self.contracts.get(&contract).is_some_and(closed)
    }

    pub(super) fn download_attachment(&self, request: &Request) -> Answered {
        let order = self.order(request.id(), true)?;
        let wanted = request.path.get(1).copied().unwrap_or_default();
        let found = order.attachments.iter().find(|a| a.id == wanted);
        let found = found.ok_or_else(|| Refusal::not_found("There is no such attachment"))?;
        Ok(Answer::File {
            content_type: "application/octet-stream",
            name: found.name.clone(),
            body: found.body.clone(),
        })
    }

    pub(super) fn cancel_order(&mut self, request: &Request) -> Answered {
        self.cancel(request, false)
    }

    pub(super) fn cancel_service_request(&mut self, request: &Request) -> Answered {
        self.cancel(request, true)
    }

    fn cancel(&mut self, request: &Request, service_request: bool) -> Answered {
        let order = self.order(request.id(), service_request)?;
        request.text("note")?;
        if !self.can_be_cancelled(order) {
            return Err(Refusal::impossible(
                "The order can not be cancelled any more",
            ));
        }
        let (id, now) = (order.id, self.clock.now());
        if let Some(order) = self.orders.get_mut(&id) {
            order.stage = Stage::Cancelling(now);
        }
        Ok(Answer::Empty)
    }

    pub(super) fn change_porting(&mut self, request: &Request) -> Answered {
        let change: ChangePorting = request.body()?;
        let order = self.order(request.id(), false)?;
        if !self.can_change_porting(order) {
            return Err(Refusal::impossible("The port-in can not be changed"));
        }
        let asap = change.asap == Some(true);
        if asap == change.new_wish_date.is_some() {
            return Err(Refusal::invalid(
                "Either newWishDate or asap: true is needed, not both",
            ));
        }
        let now = self.clock.now();
        if let Some(wish) = change.new_wish_date {
            super::basket::check_porting_date(wish, now)?;
        }
        if let Some(number) = &change.customer_number {
            super::basket::check_customer_number(number)?;
        }
        let id = order.id;
        if let Some(order) = self.orders.get_mut(&id) {
            order.wish = change.new_wish_date;
            if let (Some(porting), Some(number)) = (&mut order.porting, change.customer_number) {
                porting.customer_number = number;
            }
            if matches!(order.stage, Stage::Held(_)) {
                order.stage = Stage::Open(now);
            }
        }
        Ok(Answer::Empty)
    }

    pub(super) fn authorize(&mut self, request: &Request) -> Answered {
        let Authorize { order_id } = request.body()?;
        self.may_order()?;
        let order = self
            .orders
            .get(&order_id)
            .ok_or_else(|| Refusal::not_found(format!("There is no order {order_id}")))?;
        if order.stage != Stage::Unauthorised {
            return Err(Refusal::impossible(
                "The order does not wait to be authorised",
            ));
        }
        self.set_out(order_id, self.clock.now());
        self.summary(order_id)
    }

    pub(super) fn enrol_in_apple_dep(&mut self, request: &Request) -> Answered {
        self.enrol(request, Brand::Apple)
    }

    pub(super) fn enrol_in_samsung_knox(&mut self, request: &Request) -> Answered {
        self.enrol(request, Brand::Samsung)
    }

    /// Enrols the devices of an order.
    fn enrol(&mut self, request: &Request, brand: Brand) -> Answered {
        let Enrolment {
            order_id,
            reference_number,
        } = request.body()?;
        let order = self.order(order_id, false)?;
        if !self.can_enrol(order, brand) {
            return Err(Refusal::impossible("The order has no devices to enrol"));
        }
        let (operation, title) = match brand {
            Brand::Apple => ("appleDepEnrollment", ("Apple DEP", "Apple DEP")),
            Brand::Samsung => ("samsungKnoxEnrollment", ("Samsung Knox", "Samsung Knox")),
        };
        let mut new = Order::new(Kind::ServiceRequest, operation, title, &order.context)
            .reference(reference_number)
            .effect(Effect::Enrol(order_id, brand));
        new.about = Some(order_id);
        let id = self.place(new)?;
        self.summary(id)
    }

    pub(super) fn return_hardware(&mut self, request: &Request) -> Answered {
        let body: ReturnHardware = request.body()?;
        let order = self.order(body.order_id, false)?;
        if body.hardware_to_return.is_empty() {
            return Err(Refusal::invalid("hardwareToReturn is empty"));
        }
        let devices = self.devices(&body.hardware_to_return);
        let of_order = devices
            .iter()
            .filter(|c| order.contracts.contains(&c.id) && c.imei.is_some() && !c.returned);
        if of_order.count() != body.hardware_to_return.len() || !self.can_be_returned(order) {
            return Err(Refusal::impossible(
                "This is no hardware of the order to return",
            ));
        }
        let title = ("Return hardware", "Hardware retourneren");
        let mut new = Order::new(Kind::Return, "returnHardware", title, &order.context)
            .reference(body.reference_number)
            .effect(Effect::GiveBack(body.hardware_to_return));
        new.subscriber = order.subscriber;
        new.about = Some(body.order_id);
        let id = self.place(new)?;
        self.summary(id)
    }
}

impl Order {
    fn titled(&self, tongue: super::request::Tongue) -> &'static str {
        match tongue {
            super::request::Tongue::English => self.title.0,
            super::request::Tongue::Dutch => self.title.1,
        }
    }
}

fn held(order: &Order) -> Option<&str> {
    match &order.stage {
        Stage::Held(message) => Some(message),
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OrderSort {
    CreationDate,
    Status,
    KpnReference,
    OrderedFor,
    CustomerReference,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum RequestSort {
    CreationDate,
    Status,
    KpnReference,
    RequestBy,
    RequestFor,
    Type,
    CustomerReference,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangePorting {
    asap: Option<bool>,
    customer_number: Option<String>,
    new_wish_date: Option<Stamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Authorize {
    order_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Enrolment {
    order_id: i64,
    reference_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReturnReason {
    WrongDelivery,
    DefectiveOnArrival,
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReturnHardware {
    order_id: i64,
    hardware_to_return: Vec<i64>,
    #[serde(rename = "email")]
    _email: Option<String>,
    #[serde(rename = "reason")]
    _reason: Option<ReturnReason>,
    #[serde(rename = "remarks")]
    _remarks: Option<String>,
    reference_number: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use bytes::Bytes;

    use super::*;
    use crate::kpn::catalogue::Category;

    const SECOND: Duration = Duration::from_secs(1);

    fn body(value: &Value) -> Request {
        Request {
            content_type: "application/json".to_owned(),
            body: Bytes::from(value.to_string()),
            ..Request::default()
        }
    }

    fn at(id: i64) -> Request {
        Request {
            path: vec![id],
            ..Request::default()
        }
    }

    fn json_of(answer: Answered) -> Value {
        match answer.unwrap() {
            Answer::Json(body) => body,
            other => panic!("{other:?}"),
        }
    }

    fn mobile(state: &State) -> i64 {
        let is = |c: &&Contract| c.category == Category::Mobile && c.state == ContractState::Active;
        state.contracts.values().find(is).unwrap().id
    }

    fn status(state: &mut State, id: i64) -> String {
        state.advance();
        let body = json_of(state.get_service_request(&at(id)));
        body["status"].as_str().unwrap().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn an_order_takes_its_time() {
        let mut state = State::made_up(7);
        let contract = mobile(&state);
        let block = body(&json!({ "contractId": contract, "referenceNumber": "R" }));
        let summary = json_of(state.block_sim(&block));
        let id = summary["id"].as_i64().unwrap();
        assert!(id > i64::from(i32::MAX));
        assert_eq!(summary["status"], "Initialized");
        assert_ne!(summary["referenceNumber"], "R");
        // Another order has to wait.
        assert_eq!(
            state.block_sim(&block).unwrap_err().name,
            Some("OPERATION_NOT_POSSIBLE")
        );
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push((
                status(&mut state, id),
                state.contracts[&contract].state.word(),
            ));
            tokio::time::advance(SECOND / 2).await;
        }
        seen.push((
            status(&mut state, id),
            state.contracts[&contract].state.word(),
        ));
        let expected = [
            ("NEW", "ACTIVE"),
            ("NEW", "ACTIVE"),
            ("IN_PROGRESS", "ACTIVE"),
            ("IN_PROGRESS", "ACTIVE"),
            ("CLOSED", "BLOCKED"),
        ];
        assert_eq!(seen, expected.map(|(s, c)| (s.to_owned(), c)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wish_date_is_waited_for() {
        let mut state = State::made_up(7);
        let contract = mobile(&state);
        let wish = state.clock.now().plus(DAY * 3);
        let end = json!({ "contractId": contract, "wishDate": wish });
        let id = json_of(state.terminate(&body(&end)))["id"]
            .as_i64()
            .unwrap();
        tokio::time::advance(DAY).await;
        assert_eq!(status(&mut state, id), "WAITING");
        tokio::time::advance(DAY * 2).await;
        assert_eq!(status(&mut state, id), "CLOSED");
        let ended = state.contracts[&contract].clone();
        assert_eq!(
            (ended.state, ended.ended),
            (ContractState::Closed, Some(wish))
        );
        let past = json!({ "contractId": mobile(&state), "wishDate": Stamp::day(2020, 1, 1) });
        let refused = state.terminate(&body(&past)).unwrap_err();
        assert_eq!(refused.name, Some("INVALID_WISH_DATE"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_cancelled_gives_its_card_back() {
        let mut state = State::made_up(7);
        let (contract, card) = (mobile(&state), state.stock.keys().next().unwrap().clone());
        let order = json!({ "contractId": contract, "newSimCardNumber": card });
        let id = json_of(state.replace_sim(&body(&order)))["id"]
            .as_i64()
            .unwrap();
        assert!(!state.stock.contains_key(&card));
        state.cancel_service_request(&at(id)).unwrap();
        assert_eq!(status(&mut state, id), "IN_PROGRESS");
        assert!(state.cancel_service_request(&at(id)).is_err());
        tokio::time::advance(SECOND).await;
        assert_eq!(status(&mut state, id), "CANCELED");
        assert!(state.stock.contains_key(&card));
        assert_ne!(
            state.contracts[&contract].card.as_ref().unwrap().iccid,
            card
        );
        // Too late for the next one: it is under way.
        let id = json_of(state.replace_sim(&body(&order)))["id"]
            .as_i64()
            .unwrap();
        tokio::time::advance(SECOND).await;
        assert!(state.cancel_service_request(&at(id)).is_err());
        tokio::time::advance(SECOND).await;
        assert_eq!(status(&mut state, id), "CLOSED");
        assert_eq!(
            state.contracts[&contract].card.as_ref().unwrap().iccid,
            card
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_happens_before_it_is_authorised() {
        let mut state = State::made_up(7);
        state.privileges.remove(&Privilege::OrdersAuthorization);
        let contract = mobile(&state);
        let block = body(&json!({ "contractId": contract }));
        let summary = json_of(state.block_sim(&block));
        assert_eq!(summary["status"], "WaitingForAuthorization");
        let id = summary["id"].as_i64().unwrap();
        tokio::time::advance(DAY).await;
        assert_eq!(status(&mut state, id), "UNAUTHORIZED");
        let authorise = body(&json!({ "orderId": id }));
        assert_eq!(
            json_of(state.authorize(&authorise))["status"],
            "Initialized"
        );
        assert!(state.authorize(&authorise).is_err());
        tokio::time::advance(SECOND * 2).await;
        assert_eq!(status(&mut state, id), "CLOSED");
    }
}
