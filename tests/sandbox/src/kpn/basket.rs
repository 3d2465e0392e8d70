//! Baskets, through which contracts are ordered and changed, and templates that fill them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::addresses::AddressData;
use super::catalogue::{self, Brand, Category, Choice, Product};
use super::clock::{DAY, Stamp};
use super::orders::{Effect, Kind, Order, Porting};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request, Search, Tongue};
use super::state::{Card, Contract, ContractState, State, Template, next};
use super::subscribers::has_form;

/// What a basket is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    New { subscriber: i64 },
    Change { contract: i64 },
    Combine { fixed: i64, mobile: i64 },
    Reopen { subscriber: i64, contract: i64 },
    Template { id: i64 },
}

/// A basket.
#[derive(Debug, Clone)]
pub(super) struct Basket {
    purpose: Purpose,
    content: Content,
    /// As it was when it was opened.
    opened: Content,
}

#[derive(Debug, Clone, Default)]
struct Content {
    choice: Choice,
    /// What was set, by name.
    set: BTreeMap<&'static str, String>,
    card: Option<Card>,
}

/// The characteristics there are, in the order in which they show.
const PORTING: &str = "porting";
const PHONE_NUMBER: &str = "phoneNumber";
const CUSTOMER_NUMBER: &str = "customerNumber";
const CUSTOMER_NAME: &str = "customerName";
const KEEP_SIM: &str = "keepExistingSimCard";
const NOTE: &str = "note";
const ESIM: &str = "eSim";
const ESIM_EMAIL: &str = "eSimEmail";
const ESIM_CODE: &str = "eSimConfirmationCode";

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::bad("BASKET_INVALID", message)
}

impl Content {
    fn is_on(&self, name: &str) -> bool {
        self.set.get(name).is_some_and(|value| value == "true")
    }

    fn value(&self, name: &'static str) -> Option<&String> {
        self.set.get(name).filter(|value| !value.is_empty())
    }

    /// The characteristics that can be set now: some only show when others are set.
    fn names(&self, purpose: &Purpose) -> Vec<&'static str> {
        let line = self
            .choice
            .mains()
            .iter()
            .any(|(p, _)| p.category.has_sim());
        if !line || !matches!(purpose, Purpose::New { .. }) {
            return Vec::new();
        }
        let mut names = vec![PORTING];
        if self.is_on(PORTING) {
            names.extend([PHONE_NUMBER, CUSTOMER_NUMBER, CUSTOMER_NAME, KEEP_SIM, NOTE]);
        }
        names.push(ESIM);
        if self.is_on(ESIM) {
            names.extend([ESIM_EMAIL, ESIM_CODE]);
        }
        names
    }
}

fn is_switch(name: &str) -> bool {
    matches!(name, PORTING | KEEP_SIM | ESIM)
}

pub(super) fn check_customer_number(text: &str) -> Result<(), Refusal> {
    let fits = text.chars().count() <= 70;
    fits.then_some(()).ok_or_else(|| {
        Refusal::bad(
            "INVALID_CUSTOMER_NUMBER",
            "customerNumber has more than 70 characters",
        )
    })
}

/// At most 90 days from today, and no holiday.
pub(super) fn check_porting_date(wish: Stamp, now: Stamp) -> Result<(), Refusal> {
    let today = now.midnight();
    // New Year, King's Day and Christmas stand for all of them.
    let holiday = matches!(wish.month_and_day(), (1, 1) | (4, 27) | (12, 25 | 26));
    if wish < today || wish.midnight() > today.plus(DAY * 90) || holiday {
        return Err(Refusal::bad(
            "INVALID_WISH_DATE",
            "A number is ported within 90 days from today, and not on a holiday",
        ));
    }
    Ok(())
}

impl State {
    /// The basket of a session.
    fn basket(&self, request: &Request) -> Result<(&str, &Basket), Refusal> {
        let session = request.needed("sessionId")?;
        let found = self.baskets.get_key_value(session);
        let (session, basket) =
            found.ok_or_else(|| invalid("There is no basket of this session"))?;
        Ok((session, basket))
    }

    /// The same for lists that tell without a basket too; a session must be one nevertheless.
    fn any_basket(&self, request: &Request) -> Result<(), Refusal> {
        match request.text("sessionId")? {
            Some(_) => self.basket(request).map(|_| ()),
            None => Ok(()),
        }
    }

    pub(super) fn change_basket(&mut self, request: &Request) -> Answered {
        let body: BasketChange = request.body()?;
        self.may_order()?;
        let session = match request.text("sessionId")? {
            None => {
                let basket = self.open(&body)?;
                let session = self.random.uuid();
                self.baskets.insert(session.clone(), basket);
                session
            }
            Some(_) => {
                let (session, basket) = self.basket(request)?;
                if body.opens() {
                    return Err(Refusal::invalid(
                        "With sessionId the body changes the basket, and opens none",
                    ));
                }
                // Nothing is kept unless all of it can be.
                let mut changed = basket.clone();
                let session = session.to_owned();
                self.edit(&mut changed, &body)?;
                self.baskets.insert(session.clone(), changed);
                session
            }
        };
        Ok(Answer::Json(json!({ "sessionId": session })))
    }

    fn open(&self, body: &BasketChange) -> Result<Basket, Refusal> {
        let mut purpose = None;
        let mut content = Content::default();
        let mut ways = 0;
        if let Some(id) = body.contract_id {
            let contract = self.modifiable(id)?;
            content.choice = contract.choice.clone();
            purpose = Some(Purpose::Change { contract: id });
            ways += 1;
        }
        if let Some(subscriber) = body.account_group_id {
            self.subscriber(subscriber)?;
            purpose = Some(match body.order_id {
                None => Purpose::New { subscriber },
                Some(order) => {
                    let contract = self.ended_by(order, subscriber)?;
                    content.choice = contract.choice.clone();
                    Purpose::Reopen {
                        subscriber,
                        contract: contract.id,
                    }
                }
            });
            ways += 1;
        } else if body.order_id.is_some() {
            return Err(Refusal::invalid("orderId goes with accountGroupId"));
        }
        match (body.fixed_contract_id, body.mobile_contract_id) {
            (Some(fixed), Some(mobile)) => {
                self.combinable(fixed, Category::Fixed)?;
                content.choice = self.combinable(mobile, Category::Mobile)?.choice.clone();
                purpose = Some(Purpose::Combine { fixed, mobile });
                ways += 1;
            }
            (None, None) => {}
            _ => {
                return Err(Refusal::invalid(
                    "fixedContractId and mobileContractId go together",
                ));
            }
        }
        if let Some(id) = body.template_id_to_modify {
            content.choice = self.template(id)?.choice.clone();
            purpose = Some(Purpose::Template { id });
            ways += 1;
        }
        let (Some(purpose), 1) = (purpose, ways) else {
            return Err(Refusal::invalid(
                "Without sessionId the body has to say in one way what the basket is for",
            ));
        };
        let mut basket = Basket {
            purpose,
            opened: content.clone(),
            content,
        };
        // Changes may come along with the opening.
        self.edit(&mut basket, body)?;
        Ok(basket)
    }

    /// The contract of a subscriber that an order has ended.
    fn ended_by(&self, order: i64, subscriber: i64) -> Result<&Contract, Refusal> {
        let order = self
            .orders
            .get(&order)
            .ok_or_else(|| Refusal::not_found(format!("There is no order {order}")))?;
        let contract = order
            .contracts
            .first()
            .and_then(|id| self.contracts.get(id));
        contract
            .filter(|c| c.holder == subscriber && self.can_be_reopened(order))
            .ok_or_else(|| Refusal::impossible("The order has ended nothing that can come back"))
    }

    fn edit(&self, basket: &mut Basket, body: &BasketChange) -> Result<(), Refusal> {
        if let Some(id) = &body.template_id {
            let template = id.parse().ok().and_then(|id| self.template(id).ok());
            let template = template.ok_or_else(|| invalid("There is no such template"))?;
            if !matches!(basket.purpose, Purpose::New { .. }) {
                return Err(invalid("A template is for a new contract"));
            }
            basket.content.choice = template.choice.clone();
        }
        for action in &body.product_actions {
            let product = catalogue::by_node(&action.product_id)
                .ok_or_else(|| invalid("There is no such product"))?;
            if !(1..=100).contains(&action.amount) {
                return Err(Refusal::invalid("amount is 1 to 100"));
            }
            let fresh = matches!(
                basket.purpose,
                Purpose::New { .. } | Purpose::Template { .. }
            );
            if product.is_main() && !fresh {
                return Err(invalid("The main product of a contract stays"));
            }
            let choice = &mut basket.content.choice;
            let done = match action.kind {
                ActionKind::Put => choice.put(product, action.amount),
                ActionKind::Remove => choice.remove(product),
            };
            done.map_err(invalid)?;
        }
        for action in &body.characteristic_actions {
            self.set(basket, action)?;
        }
        if let Some(number) = &body.sim_card_number {
            if !matches!(basket.purpose, Purpose::New { .. }) {
                return Err(invalid("A SIM card is for a new contract"));
            }
            basket.content.card = Some(self.spare_card(number)?);
        }
        Ok(())
    }

    fn set(&self, basket: &mut Basket, action: &CharacteristicAction) -> Result<(), Refusal> {
        let Basket {
            purpose, content, ..
        } = basket;
        let names = content.names(purpose);
        let found = names.into_iter().find(|name| *name == action.name);
        let name = found
            .ok_or_else(|| invalid(format!("There is no characteristic {} now", action.name)))?;
        let value = match &action.value {
            Some(Scalar::Text(text)) => text.clone(),
            Some(Scalar::Flag(flag)) => flag.to_string(),
            None => String::new(),
        };
        if is_switch(name) && value != "true" && value != "false" {
            return Err(invalid(format!("{name} is neither true nor false")));
        }
        let most = |code, len| {
            let fits = value.chars().count() <= len;
            fits.then_some(())
                .ok_or_else(|| Refusal::bad(code, format!("{name} has more than {len} characters")))
        };
        match name {
            PHONE_NUMBER => self.check_ported(&value)?,
            CUSTOMER_NUMBER => check_customer_number(&value)?,
            CUSTOMER_NAME => most("INVALID_CUSTOMER_NAME", 20)?,
            NOTE => most("INVALID_NOTE", 60)?,
            _ => {}
        }
        content.set.insert(name, value);
        Ok(())
    }

    /// The form of a number that comes from another operator. Numbers of the sandbox's own kind
    /// are taken too.
    fn check_ported(&self, number: &str) -> Result<(), Refusal> {
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        let start = ["316", "3197", "999"].iter().any(|s| number.starts_with(s));
        if !digits || !start {
            return Err(Refusal::bad(
                "INVALID_MSISDN_FORMAT_NOT_VALID",
                "phoneNumber is 316 or 3197 and digits",
            ));
        }
        if !has_form(number, &[("316", 8), ("3197", 9), ("999", 8)]) {
            return Err(Refusal::bad(
                "INVALID_MSISDN_LENGTH_FOR_THIS_PRODUCT",
                "phoneNumber has 8 digits behind 316, 9 behind 3197",
            ));
        }
        let porting = |o: &Order| o.porting.as_ref().is_some_and(|p| p.number == number);
        if self.is_in_use(number) || !self.blocking(porting).is_empty() {
            return Err(Refusal::bad(
                "INVALID_MSISDN_ALREADY_EXISTS_FOR_A_CUSTOMER",
                "The number is in use here",
            ));
        }
        Ok(())
    }

    /// What the contract has already, if the basket changes one.
    fn contracted(&self, basket: &Basket) -> Option<&Choice> {
        let id = match &basket.purpose {
            Purpose::Change { contract } | Purpose::Reopen { contract, .. } => contract,
            Purpose::Combine { mobile, .. } => mobile,
            Purpose::New { .. } | Purpose::Template { .. } => return None,
        };
        self.contracts.get(id).map(|c| &c.choice)
    }

    fn trees(&self, basket: &Basket) -> Value {
        let contracted = self.contracted(basket);
        let choice = &basket.content.choice;
        let shown = |p: &&Product| contracted.is_none() || choice.amount(p.bs).is_some();
        let mains = catalogue::main_products().filter(shown);
        mains.map(|p| choice.tree(p, contracted)).collect()
    }

    fn characteristics(basket: &Basket) -> Value {
        let caption = |en: &str, nl: &str| json!({ "en": en, "nl": nl });
        let all = basket
            .content
            .names(&basket.purpose)
            .into_iter()
            .map(|name| {
                let switch = is_switch(name);
                let default = if switch { "false" } else { "" };
                let value = basket.content.set.get(name).map_or(default, |v| v.as_str());
                let possible = if switch {
                    json!([
                        { "value": "true", "caption": caption("Yes", "Ja") },
                        { "value": "false", "caption": caption("No", "Nee") },
                    ])
                } else {
                    json!([])
                };
                let body = json!({ "name": name, "value": value, "possibleValues": possible });
                (name.to_owned(), body)
            });
        Value::Object(all.collect())
    }

    pub(super) fn get_basket(&self, request: &Request) -> Answered {
        let (_, basket) = self.basket(request)?;
        let contracted = self.contracted(basket);
        let old = contracted.map(|c| c.price(Some(c))).unwrap_or_default();
        Ok(Answer::Json(json!({
            "productTree": self.trees(basket),
            "characteristics": Self::characteristics(basket),
            "oldPrice": old.to_json(),
            "totalPrice": basket.content.choice.price(contracted).to_json(),
        })))
    }

    pub(super) fn get_characteristics(&self, request: &Request) -> Answered {
        let (_, basket) = self.basket(request)?;
        Ok(Answer::Json(Self::characteristics(basket)))
    }

    pub(super) fn list_basket_products(&self, request: &Request) -> Answered {
        let (_, basket) = self.basket(request)?;
        Ok(Answer::Json(self.trees(basket)))
    }

    pub(super) fn reset_basket(&mut self, request: &Request) -> Answered {
        let (session, _) = self.basket(request)?;
        let session = session.to_owned();
        if let Some(basket) = self.baskets.get_mut(&session) {
            basket.content = basket.opened.clone();
        }
        Ok(Answer::Empty)
    }

    pub(super) fn list_main_products(&self, request: &Request) -> Answered {
        self.any_basket(request)?;
        let columns = [
            "PRODUCT_NAME",
            "PRICE_IN_CENTS",
            "PRIVATE_COPYING_LEVY_IN_CENTS",
        ];
        let search = Search::of(request, &columns)?;
        let category = request.text("category")?.map(str::to_lowercase);
        let by: Option<ProductSort> = request.choice("sortBy")?;
        let tongue: Tongue = request.tongue;
        let price = |p: &Product| {
            let price = Choice::of(p.bs).price(None);
            price.once() - price.levy + price.monthly
        };
        let texts = |p: &Product| {
            let [name, cents, levy] = columns;
            [
                (name, p.named(tongue).to_owned()),
                (cents, price(p).to_string()),
                (levy, p.levy.to_string()),
            ]
        };
        let in_category = |p: &Product| {
            category.as_ref().is_none_or(|wanted| {
                p.words.to_lowercase() == *wanted || p.category.name().to_lowercase() == *wanted
            })
        };
        let mut found: Vec<_> = catalogue::main_products()
            .filter(|p| in_category(p) && search.fits(&texts(p)))
            .collect();
        found.sort_by_key(|p| match by {
            None => (0, String::new()),
            Some(ProductSort::ProductName) => (0, p.named(tongue).to_lowercase()),
            Some(ProductSort::Category | ProductSort::FolderName) => (0, p.words.to_owned()),
            Some(ProductSort::PriceInCents) => (price(p), String::new()),
            Some(ProductSort::PrivateCopyingLevyInCents) => (p.levy, String::new()),
        });
        if request.descending()? == Some(true) {
            found.reverse();
        }
        let row = |p: &Product| {
            json!({
                "id": p.node(),
                "name": p.name(),
                "category": p.category,
                "subcategory": p.words,
                "priceInCents": price(p),
                "privateCopyingLevyInCents": p.levy,
            })
        };
        request.page(found.into_iter().map(row).collect())
    }

    pub(super) fn list_categories(&self, request: &Request) -> Answered {
        self.any_basket(request)?;
        let mut words: Vec<_> = catalogue::main_products().map(|p| p.words).collect();
        words.dedup();
        Ok(Answer::Json(json!(words)))
    }

    pub(super) fn list_hardware_categories(&self, request: &Request) -> Answered {
        self.any_basket(request)?;
        let hardware = catalogue::main_products().filter(|p| p.category == Category::Hardware);
        let mut words: Vec<_> = hardware.map(|p| p.words).collect();
        words.dedup();
        Ok(Answer::Json(json!(words)))
    }

    /// The numbers that come next.
    pub(super) fn list_resources(&self, request: &Request) -> Answered {
        self.basket(request)?;
        let prefix = request.needed("prefix")?;
        let limit = match request.number("limit")? {
            None => 10,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|_| i32::try_from(limit).is_ok())
                .ok_or_else(|| Refusal::invalid("limit is out of range"))?,
        };
        let free = (1..=100_i64)
            .map(|ahead| self.ids.thing + ahead)
            .map(|id| (id, format!("9996{id:07}")));
        let resource = |(id, address)| json!({ "id": id, "address": address });
        let found = free.filter(|(_, number)| number.starts_with(prefix));
        Ok(Answer::Json(found.take(limit).map(resource).collect()))
    }

    /// What is wrong with the content, before anything is ordered or saved.
    fn check_content(&self, content: &Content) -> Result<(), Refusal> {
        if content.choice.mains().is_empty() {
            return Err(invalid("The basket is empty"));
        }
        if let Some(product) = content.choice.problem() {
            return Err(invalid(format!(
                "One product below {} is needed",
                product.en
            )));
        }
        Ok(())
    }

    /// Where to deliver: written out, a stored address, or that of the debtor.
    fn delivery(&self, body: &mut OrderRequest) -> Result<Value, Refusal> {
        match (body.address.take(), body.address_id) {
            (Some(_), Some(_)) => Err(Refusal::invalid("Either address or addressId")),
            (Some(address), None) => address.checked(),
            (None, Some(id)) => Ok(self.address(id)?.fields.clone()),
            (None, None) => Ok(Value::Null),
        }
    }

    pub(super) fn order_basket(&mut self, request: &Request) -> Answered {
        let mut body: OrderRequest = request.body()?;
        let (session, basket) = self.basket(request)?;
        let (session, basket) = (session.to_owned(), basket.clone());
        self.may_order()?;
        self.check_content(&basket.content)?;
        let address = self.delivery(&mut body)?;
        let id = match basket.purpose.clone() {
            Purpose::New { subscriber } => {
                self.order_new(subscriber, &basket.content, &body, &address)?
            }
            Purpose::Change { contract } => {
                let contract = self.modifiable(contract)?.clone();
                if basket.content.choice == contract.choice {
                    return Err(invalid("Nothing is changed"));
                }
                let title = ("Change contract", "Contract wijzigen");
                let effect = Effect::Change(contract.id, basket.content.choice.clone());
                let order = self.ready_made("modifyContract", title, contract.holder)?;
                let order = order.contract(&contract).effect(effect);
                self.place(body.finish(order, &basket.content, Some(&contract.choice)))?
            }
            Purpose::Combine { fixed, mobile } => {
                self.combinable(fixed, Category::Fixed)?;
                let contract = self.combinable(mobile, Category::Mobile)?.clone();
                let title = ("Combine fixed and mobile", "Vast en mobiel combineren");
                let order = self.ready_made("combineFixedMobile", title, contract.holder)?;
                let mut order = order
                    .contract(&contract)
                    .effect(Effect::Combine { mobile, fixed });
                order.contracts.push(fixed);
                self.place(body.finish(order, &basket.content, Some(&contract.choice)))?
            }
            Purpose::Reopen {
                subscriber,
                contract,
            } => {
                let contract = self.contract(contract)?.clone();
                let busy = !self
                    .blocking(|o| o.contracts.contains(&contract.id))
                    .is_empty();
                if contract.state != ContractState::Closed || busy {
                    return Err(invalid("The contract is being brought back already"));
                }
                let title = ("Reactivate contract", "Contract heractiveren");
                let order = self.ready_made("reactivateContract", title, subscriber)?;
                let order = order
                    .contract(&contract)
                    .effect(Effect::Reopen(contract.id));
                self.place(body.finish(order, &basket.content, Some(&contract.choice)))?
            }
            Purpose::Template { .. } => {
                return Err(invalid("A basket for a template is saved, not ordered"));
            }
        };
        self.baskets.remove(&session);
        Ok(Answer::Json(json!({ "orderId": id })))
    }

    /// An order for somebody.
    fn ready_made(
        &self,
        operation: &'static str,
        title: (&'static str, &'static str),
        subscriber: i64,
    ) -> Result<Order, Refusal> {
        let called = self.subscriber(subscriber)?.called();
        let order = Order::new(Kind::Contracting, operation, title, called);
        Ok(order.subscriber(subscriber))
    }

    /// Orders new contracts. They are there at once, as ordered ones.
    fn order_new(
        &mut self,
        subscriber: i64,
        content: &Content,
        body: &OrderRequest,
        address: &Value,
    ) -> Result<i64, Refusal> {
        let now = self.clock.now();
        let text = |name| content.value(name).cloned();
        let porting = if content.is_on(PORTING) {
            let needed = |name| {
                text(name).ok_or_else(|| invalid(format!("{name} is needed to port a number")))
            };
            let porting = Porting {
                number: needed(PHONE_NUMBER)?,
                customer_number: needed(CUSTOMER_NUMBER)?,
            };
            // It may have been ordered in another basket meanwhile.
            self.check_ported(&porting.number)?;
            if let Some(wish) = body.wish_date {
                check_porting_date(wish, now)?;
            }
            Some(porting)
        } else {
            None
        };
        let esim = if content.is_on(ESIM) {
            let email = text(ESIM_EMAIL).ok_or_else(|| invalid("eSimEmail is needed"))?;
            Some((email, text(ESIM_CODE)))
        } else {
            None
        };
        if esim.is_some() && content.card.is_some() {
            return Err(invalid("An eSIM needs no SIM card"));
        }
        let card = content.card.clone();
        if let Some(card) = &card {
            self.spare_card(&card.iccid)?;
        }
        let title = ("New contract", "Nieuw contract");
        let mut order = self.ready_made("newContract", title, subscriber)?;
        let mut contracts = Vec::new();
        // Each device is a contract of its own; licences and spare cards are counted.
        for (product, amount) in content.choice.mains() {
            let each = product.brand.is_some();
            for _ in 0..if each { amount } else { 1 } {
                let amount = if each { 1 } else { amount };
                let id = next(&mut self.ids.contract);
                contracts.push(ordered(id, subscriber, product, amount, content, now));
            }
        }
        let ids: Vec<_> = contracts.iter().map(|c| c.id).collect();
        order.contracts.clone_from(&ids);
        order.effect = Effect::Activate {
            contracts: ids,
            card: card.clone(),
            number: porting.as_ref().map(|p| p.number.clone()),
        };
        order.porting = porting;
        order.esim = esim;
        let mut order = body.finish(order, content, None);
        order.address = (!address.is_null()).then(|| address.clone());
        let id = self.place(order)?;
        self.contracts
            .extend(contracts.into_iter().map(|c| (c.id, c)));
        if let Some(card) = card {
            self.stock.remove(&card.iccid);
        }
        Ok(id)
    }

    fn template(&self, id: i64) -> Result<&Template, Refusal> {
        self.templates
            .get(&id)
            .ok_or_else(|| Refusal::not_found(format!("There is no template {id}")))
    }

    pub(super) fn list_basket_templates(&self, request: &Request) -> Answered {
        self.basket(request)?;
        // Contracts do not have this category, and nothing here does.
        let category: Option<Category> = match request.text("mainProductCategory")? {
            Some("CENTREX") => return request.page(Vec::new()),
            _ => request.choice("mainProductCategory")?,
        };
        let pattern = request.text("pattern")?.unwrap_or_default().to_lowercase();
        let row = |t: &Template| {
            let mains = t.choice.mains();
            let (main, _) = mains.first()?;
            let fits = category.is_none_or(|c| c == main.category)
                && t.name.to_lowercase().contains(&pattern);
            fits.then(|| {
                json!({
                    "id": t.id.to_string(),
                    "templateDefinitionId": t.id,
                    "name": t.name,
                    "customerLevel": t.group == self.customer,
                    "product": main.old_shape(),
                    "valid": problem(t).is_none(),
                    "reason": problem(t),
                })
            })
        };
        request.page(self.templates.values().filter_map(row).collect())
    }

    pub(super) fn list_templates(&self, request: &Request) -> Answered {
        let group = self.group(request.needed_number("groupId")?)?.id;
        let of_group = self.templates.values().filter(|t| t.group == group);
        let row = |t: &Template| {
            json!({
                "id": t.id,
                "name": t.name,
                "customerLevel": t.group == self.customer,
                "valid": problem(t).is_none(),
            })
        };
        Ok(Answer::Json(of_group.map(row).collect()))
    }

    pub(super) fn get_template(&self, request: &Request) -> Answered {
        let t = self.template(request.id())?;
        let mains = t.choice.mains();
        let items = mains.iter().map(|(p, _)| template_item(&t.choice, p));
        Ok(Answer::Json(json!({
            "id": t.id,
            "name": t.name,
            "customerLevel": t.group == self.customer,
            "valid": problem(t).is_none(),
            "items": items.collect::<Vec<_>>(),
            "locations": [self.path(Some(t.group))],
        })))
    }

    pub(super) fn delete_template(&mut self, request: &Request) -> Answered {
        let id = self.template(request.id())?.id;
        self.templates.remove(&id);
        Ok(Answer::Empty)
    }

    pub(super) fn save_as_template(&mut self, request: &Request) -> Answered {
        let body: SaveAsTemplate = request.body()?;
        let (_, basket) = self.basket(request)?;
        self.check_content(&basket.content)?;
        let choice = basket.content.choice.clone();
        self.group(body.group_id)?;
        if body.name.trim().is_empty() {
            return Err(Refusal::invalid("name is empty"));
        }
        let id = next(&mut self.ids.template);
        let template = Template {
            id,
            group: body.group_id,
            name: body.name,
            choice,
        };
        self.templates.insert(id, template);
        Ok(Answer::Json(json!({ "id": id })))
    }

    pub(super) fn modify_template(&mut self, request: &Request) -> Answered {
        request.number("spectatedUserId")?;
        let (session, basket) = self.basket(request)?;
        let Purpose::Template { id } = basket.purpose else {
            return Err(invalid("The basket was not opened to change a template"));
        };
        self.check_content(&basket.content)?;
        self.template(id)?;
        let (session, choice) = (session.to_owned(), basket.content.choice.clone());
        if let Some(template) = self.templates.get_mut(&id) {
            template.choice = choice;
        }
        self.baskets.remove(&session);
        Ok(Answer::Empty)
    }
}

/// A contract that was ordered.
fn ordered(
    id: i64,
    holder: i64,
    product: &'static Product,
    amount: i64,
    content: &Content,
    now: Stamp,
) -> Contract {
    Contract {
        id,
        holder,
        category: product.category,
        product: product.bs,
        choice: content.choice.only(product),
        amount,
        state: ContractState::Ordered,
        started: now,
        activated: None,
        ended: None,
        changed: now,
        mobile: None,
        fixed: None,
        card: None,
        imei: None,
        serial: None,
        returned: false,
    }
}

/// Why a template cannot be used: devices change too often.
fn problem(template: &Template) -> Option<&'static str> {
    let device = |p: &Product| matches!(p.brand, Some(Brand::Apple | Brand::Samsung));
    let mains = template.choice.mains();
    if mains.iter().any(|(p, _)| device(p)) {
        return Some("HARDWARE_IN_TEMPLATE");
    }
    template
        .choice
        .problem()
        .map(|_| "INVALID_PRODUCT_CONFIGURATION")
}

fn template_item(choice: &Choice, product: &Product) -> Value {
    let option = match choice.amount(product.bs) {
        Some(_) if product.is_main() => "REQUIRED",
        Some(_) => "DEFAULT_SELECTED",
        None => "AVAILABLE",
    };
    let below = product.children().map(|c| template_item(choice, c));
    json!({
        "productName": product.name(),
        "option": option,
        "items": below.collect::<Vec<_>>(),
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct BasketChange {
    account_group_id: Option<i64>,
    characteristic_actions: Vec<CharacteristicAction>,
    contract_id: Option<i64>,
    fixed_contract_id: Option<i64>,
    mobile_contract_id: Option<i64>,
    order_id: Option<i64>,
    product_actions: Vec<ProductAction>,
    sim_card_number: Option<String>,
    template_id: Option<String>,
    template_id_to_modify: Option<i64>,
}

impl BasketChange {
    fn opens(&self) -> bool {
        self.account_group_id.is_some()
            || self.contract_id.is_some()
            || self.fixed_contract_id.is_some()
            || self.mobile_contract_id.is_some()
            || self.order_id.is_some()
            || self.template_id_to_modify.is_some()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CharacteristicAction {
    name: String,
    value: Option<Scalar>,
}

/// Text by the contract; a published script sends a flag.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Flag(bool),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProductAction {
    #[serde(default = "one")]
    amount: i64,
    product_id: String,
    #[serde(rename = "type")]
    kind: ActionKind,
}

const fn one() -> i64 {
    1
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ActionKind {
    Put,
    Remove,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderRequest {
    address: Option<AddressData>,
    address_id: Option<i64>,
    reference_number: Option<String>,
    wish_date: Option<Stamp>,
}

impl OrderRequest {
    /// What all orders of baskets have in common.
    fn finish(&self, order: Order, content: &Content, contracted: Option<&Choice>) -> Order {
        let mut order = order
            .reference(self.reference_number.clone())
            .wish(self.wish_date);
        order.choice = content.choice.clone();
        order.price = content.choice.price(contracted);
        order
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SaveAsTemplate {
    group_id: i64,
    name: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ProductSort {
    ProductName,
    Category,
    FolderName,
    PriceInCents,
    PrivateCopyingLevyInCents,
}
