//! Contracts: reading them, and the orders that change them without a basket.

use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue::{Category, product};
use super::clock::{DAY, Stamp};
use super::orders::{Effect, Kind, Order};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request, Search, Tongue};
use super::state::{Card, Contract, ContractState, State};

const COLUMNS: [&str; 11] = [
    "FIRSTNAME",
    "LASTNAME",
    "SURNAME_PREFIX",
    "PRODUCT_NAME",
    "PRODUCT_CATEGORY",
    "MOBILE_NUMBER",
    "FIXED_NUMBER",
    "STATE",
    "EXTENSION",
    "SIM_CARD_NUMBER",
    "IMEI",
];
/// Days between asking for the end of a contract and the end.
const NOTICE: u32 = 30;
/// What ending before the earliest date costs, in euro cents.
const FEE: i64 = 2500;

/// What can be done with a contract, by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Block,
    Unblock,
    Replace,
    Move,
    PortOut,
    End,
    Modify,
    Combine,
    Separate,
}

impl Act {
    /// Whether it makes sense for a contract as it is.
    fn suits(self, contract: &Contract) -> bool {
        let alive = matches!(
            contract.state,
            ContractState::Active | ContractState::Blocked
        );
        let active = contract.state == ContractState::Active;
        let sim = contract.category.has_sim();
        match self {
            Self::Block => sim && active,
            Self::Unblock => sim && contract.state == ContractState::Blocked,
            Self::Replace => sim && alive,
            Self::PortOut => sim && active,
            Self::Move | Self::End => alive,
            Self::Modify => active && contract.category != Category::Hardware,
            Self::Combine => {
                active && matches!(contract.category, Category::Mobile | Category::Fixed)
            }
            Self::Separate => active && contract.category == Category::FixedMobile,
        }
    }
}

impl State {
    fn contract_columns(&self, c: &Contract, tongue: Tongue) -> [(&'static str, String); 11] {
        let holder = self.subscribers.get(&c.holder).map(|s| &s.person);
        let product = product(c.product);
        let texts = [
            holder.map(|p| p.first_name.clone()),
            holder.map(|p| p.surname.clone()),
            holder.map(|p| p.prefix.clone()),
            product.map(|p| p.named(tongue).to_owned()),
            product.map(|p| p.words.to_owned()),
            c.mobile.clone(),
            c.fixed.clone(),
            Some(c.state.word().to_owned()),
            None,
            c.card.as_ref().map(|card| card.iccid.clone()),
            c.imei.clone(),
        ];
        let mut texts = texts.into_iter();
        COLUMNS.map(|name| (name, texts.next().flatten().unwrap_or_default()))
    }

    fn contract_row(&self, c: &Contract) -> Value {
        let holder = self.subscribers.get(&c.holder).map(|s| &s.person);
        let product = product(c.product);
        json!({
            "id": c.id,
            "firstName": holder.map(|p| &p.first_name),
            "namePrefix": holder.map(|p| &p.prefix),
            "lastName": holder.map(|p| &p.surname),
            "mobileNumber": c.mobile,
            "fixedNumber": c.fixed,
            "product": product.map(super::catalogue::Product::name),
            "productCategory": product.map(|p| p.words),
            "state": c.state.word(),
            "simCardNumber": c.card.as_ref().map(|card| &card.iccid),
            "extension": null,
            "sipAccount": null,
            "imei": c.imei,
            "category": c.category.name(),
        })
    }

    /// Contracts that fit the query and the condition, sorted.
    fn search_contracts(
        &self,
        request: &Request,
        fits: impl Fn(&Contract) -> bool,
    ) -> Result<Vec<&Contract>, Refusal> {
        let search = Search::of(request, &COLUMNS)?;
        let category: Option<Category> = request.choice("category")?;
        let by: Option<ContractSort> = request.choice("sortBy")?;
        let tongue = request.tongue;
        let wanted = |c: &&Contract| {
            category.is_none_or(|wanted| c.category == wanted)
                && fits(c)
                && search.fits(&self.contract_columns(c, tongue))
        };
        let mut found: Vec<_> = self.contracts.values().filter(wanted).collect();
        found.sort_by_cached_key(|c| {
            let column = |name: &str| {
                let columns = self.contract_columns(c, tongue);
                let found = columns.into_iter().find(|(key, _)| *key == name);
                found
                    .map(|(_, text)| text.to_lowercase())
                    .unwrap_or_default()
            };
            let key = match by {
                None | Some(ContractSort::SipAccountName) => String::new(),
                Some(ContractSort::Category) => c.category.name().to_owned(),
                Some(ContractSort::Firstname) => column("FIRSTNAME"),
                Some(ContractSort::Lastname) => column("LASTNAME"),
                Some(ContractSort::SurnamePrefix) => column("SURNAME_PREFIX"),
                Some(ContractSort::ProductName) => column("PRODUCT_NAME"),
                Some(ContractSort::ProductCategory) => column("PRODUCT_CATEGORY"),
                Some(ContractSort::MobileNumber) => column("MOBILE_NUMBER"),
                Some(ContractSort::FixedNumber) => column("FIXED_NUMBER"),
                Some(ContractSort::State) => column("STATE"),
                Some(ContractSort::SimCardNumber) => column("SIM_CARD_NUMBER"),
                Some(ContractSort::Extension) => column("EXTENSION"),
            };
            (key, c.id)
        });
        if request.descending()? == Some(true) {
            found.reverse();
        }
        Ok(found)
    }

    /// A window of the contracts that fit.
    pub(super) fn contract_page(
        &self,
        request: &Request,
        fits: impl Fn(&Contract) -> bool,
    ) -> Answered {
        let found = self.search_contracts(request, fits)?;
        request.page(found.into_iter().map(|c| self.contract_row(c)).collect())
    }

    pub(super) fn list_contracts(&self, request: &Request) -> Answered {
        self.contract_page(request, |_| true)
    }

    pub(super) fn list_subscriber_contracts(&self, request: &Request) -> Answered {
        let subscriber = self.subscriber(request.id())?;
        let mut rows: Vec<_> = self
            .contracts_of(subscriber.id)
            .map(|c| self.contract_row(c))
            .collect();
        if request.descending()? == Some(true) {
            rows.reverse();
        }
        request.open_page(rows)
    }

    pub(super) fn subscriber_contracts_overview(&self, request: &Request) -> Answered {
        let subscriber = self.subscriber(request.id())?;
        let mut pages = serde_json::Map::new();
        for category in Category::ALL {
            let of = self
                .contracts_of(subscriber.id)
                .filter(|c| c.category == category);
            let rows: Vec<_> = of.map(|c| self.contract_row(c)).collect();
            if !rows.is_empty() {
                let page = json!({ "total": rows.len(), "result": rows });
                pages.insert(category.name().to_owned(), page);
            }
        }
        Ok(Answer::Json(Value::Object(pages)))
    }

    pub(super) fn contract_overview(&self, _: &Request) -> Answered {
        let count = |category| {
            self.contracts
                .values()
                .filter(|c| c.category == category)
                .count()
        };
        let counts = Category::ALL.map(|c| (c.name().to_owned(), json!(count(c))));
        Ok(Answer::Json(Value::Object(counts.into_iter().collect())))
    }

    pub(super) fn get_contract(&self, request: &Request) -> Answered {
        let c = self.contract(request.id())?;
        let product = product(c.product);
        let holder = self.subscribers.get(&c.holder);
        let card = |get: fn(&Card) -> &String| c.card.as_ref().map(get);
        Ok(Answer::Json(json!({
            "id": c.id,
            "name": product.map(super::catalogue::Product::name),
            "status": c.state.letter(),
            "startDate": c.started,
            "activationDate": c.activated,
            "endDate": c.ended,
            "lastStatusChangeDate": c.changed,
            "phoneNumber": c.mobile,
            "fixedNumber": c.fixed,
            "simCardNumber": card(|k| &k.iccid),
            "uiccid": card(|k| &k.iccid),
            "pin": card(|k| &k.pin),
            "puk": card(|k| &k.puk),
            "imei": c.imei,
            "multiplicity": c.amount,
            "individualBundle": c.category.has_sim(),
            "tariffPlan": product.map(|p| p.en),
            "hierarchyPath": self.path(holder.map(|s| s.parent)),
            "flexibleNumberPresentation": c.fixed.as_ref().map(|fixed| json!({
                "defaultNumber": fixed,
                "fixedNumbers": [{ "description": "FIXED_NUMBER", "number": fixed }],
                "mobileNumberPresentation": c.mobile.is_some(),
            })),
            "enterpriseId": null,
            "enterpriseName": null,
            "extension": null,
            "fixedMobilePbxId": null,
            "fixedMobilePbxName": null,
            "pbxName": null,
            "sipAccount": null,
            "userGroupId": null,
            "userGroupName": null,
            "userId": null,
            "userPrincipalName": null,
        })))
    }

    pub(super) fn get_contract_items(&self, request: &Request) -> Answered {
        let c = self.contract(request.id())?;
        let product = product(c.product).map(|p| c.choice.items(p, c.id));
        Ok(Answer::Json(product.unwrap_or_default()))
    }

    /// Contracts with a fixed number for a mobile one.
    pub(super) fn fixed_to_combine(&self, request: &Request) -> Answered {
        let rows = self.to_combine(request, Category::Mobile, Category::Fixed)?;
        request.open_page(rows)
    }

    /// Contracts with a mobile number for a fixed one.
    pub(super) fn mobile_to_combine(&self, request: &Request) -> Answered {
        let rows = self.to_combine(request, Category::Fixed, Category::Mobile)?;
        request.page(rows)
    }

    fn to_combine(
        &self,
        request: &Request,
        own: Category,
        other: Category,
    ) -> Result<Vec<Value>, Refusal> {
        if self.contract(request.id())?.category != own {
            return Err(Refusal::impossible("The contract can not be combined"));
        }
        let found = self.search_contracts(request, |c| {
            c.category == other && c.state == ContractState::Active
        })?;
        let row = |c: &Contract| {
            let holder = self.subscribers.get(&c.holder).map(|s| &s.person);
            let blocking = self.blocking(|o| o.contracts.contains(&c.id));
            json!({
                "id": c.id,
                "firstName": holder.map(|p| &p.first_name),
                "namePrefix": holder.map(|p| &p.prefix),
                "lastName": holder.map(|p| &p.surname),
                "mobileNumber": c.mobile,
                "fixedNumber": c.fixed,
                "operation": {
                    "blocked": !blocking.is_empty(),
                    "blockingOrders": blocking,
                    "reason": null,
                },
            })
        };
        Ok(found.into_iter().map(row).collect())
    }

    pub(super) fn contract_operations(&self, request: &Request) -> Answered {
        let contract = self.contract(request.needed_number("contractId")?)?;
        let blocking = self.blocking(|o| o.contracts.contains(&contract.id));
        let may = |act: Act| {
            let visible = act.suits(contract);
            json!({
                "visible": visible,
                "enabled": visible && blocking.is_empty() && !self.frozen,
                "blockingOrders": blocking,
            })
        };
        Ok(Answer::Json(json!({
            "contractId": contract.id,
            "blockSim": may(Act::Block),
            "unblockSim": may(Act::Unblock),
            "replaceSim": may(Act::Replace),
            "move": may(Act::Move),
            "portOut": may(Act::PortOut),
            "terminate": may(Act::End),
            "modify": may(Act::Modify),
            "combineFixedMobile": may(Act::Combine),
            "separateFixedMobile": may(Act::Separate),
        })))
    }

    /// The contract, if it can be done.
    fn ready(&self, id: i64, act: Act) -> Result<&Contract, Refusal> {
        let contract = self.contract(id)?;
        if !act.suits(contract) {
            return Err(Refusal::impossible(format!(
                "This is not possible with a contract that is {} and {}",
                contract.category.name(),
                contract.state.word()
            )));
        }
        if !self.blocking(|o| o.contracts.contains(&id)).is_empty() {
            return Err(Refusal::impossible("An order for this contract is open"));
        }
        Ok(contract)
    }

    /// A contract that a basket may change.
    pub(super) fn modifiable(&self, id: i64) -> Result<&Contract, Refusal> {
        self.ready(id, Act::Modify)
    }

    /// A contract that may be combined, of this category.
    pub(super) fn combinable(&self, id: i64, category: Category) -> Result<&Contract, Refusal> {
        let contract = self.ready(id, Act::Combine)?;
        if contract.category != category {
            return Err(Refusal::impossible(format!(
                "Contract {id} is not {}",
                category.name()
            )));
        }
        Ok(contract)
    }

    /// Places an order of one contract.
    fn order_for(
        &mut self,
        contract: &Contract,
        (operation, en, nl): (&'static str, &'static str, &'static str),
        reference: Option<String>,
        wish: Option<Stamp>,
        effect: Effect,
    ) -> Result<i64, Refusal> {
        let called = self.subscribers.get(&contract.holder).map(|s| s.called());
        let order = Order::new(
            Kind::ServiceRequest,
            operation,
            (en, nl),
            called.unwrap_or_default(),
        )
        .contract(contract)
        .reference(reference)
        .wish(wish)
        .effect(effect);
        self.place(order)
    }

    pub(super) fn block_sim(&mut self, request: &Request) -> Answered {
        let body: Simple = request.body()?;
        let contract = self.ready(body.contract_id, Act::Block)?.clone();
        let what = ("blockSim", "Block SIM card", "Simkaart blokkeren");
        let effect = Effect::Block(contract.id);
        let id = self.order_for(&contract, what, body.reference_number, None, effect)?;
        self.summary(id)
    }

    pub(super) fn unblock_sim(&mut self, request: &Request) -> Answered {
        let body: Simple = request.body()?;
        let contract = self.ready(body.contract_id, Act::Unblock)?.clone();
        let what = ("unblockSim", "Unblock SIM card", "Simkaart deblokkeren");
        let effect = Effect::Unblock(contract.id);
        let id = self.order_for(&contract, what, body.reference_number, None, effect)?;
        self.summary(id)
    }

    /// A spare card by its number, whole or the last digits of it.
    pub(super) fn spare_card(&self, number: &str) -> Result<Card, Refusal> {
        let digits = number.len() >= 8 && number.bytes().all(|b| b.is_ascii_digit());
        let mut fitting = self
            .stock
            .values()
            .filter(|c| digits && c.iccid.ends_with(number));
        match (fitting.next(), fitting.next()) {
            (Some(card), None) => Ok(card.clone()),
            _ => Err(Refusal::invalid(
                "There is no spare SIM card of this number",
            )),
        }
    }

    pub(super) fn validate_new_sim(&self, request: &Request) -> Answered {
        let body: NewSim = request.body()?;
        if !self.contract(body.contract_id)?.category.has_sim() {
            return Err(Refusal::impossible("The contract has no SIM"));
        }
        self.spare_card(&body.new_sim_card_number)?;
        Ok(Answer::Empty)
    }

    /// The card is taken out of the stock when it is ordered. An eSIM's profile is made when the
    /// order is finished.
    pub(super) fn replace_sim(&mut self, request: &Request) -> Answered {
        let body: ReplaceSim = request.body()?;
        let contract = self.ready(body.contract_id, Act::Replace)?.clone();
        let esim = body.esim.unwrap_or_default();
        let email = body.email.filter(|e| !e.is_empty());
        let number = body.new_sim_card_number.filter(|n| !n.is_empty());
        let card = match (esim, number) {
            (true, Some(_)) => {
                return Err(Refusal::invalid(
                    "newSimCardNumber does not go with esim: true",
                ));
            }
            (true, None) if email.is_none() => {
                return Err(Refusal::invalid("email is needed with esim: true"));
            }
            (true, None) => None,
            (false, Some(number)) => Some(self.spare_card(&number)?),
            (false, None) => {
                return Err(Refusal::invalid("newSimCardNumber or esim: true is needed"));
            }
        };
        let called = self.subscriber(contract.holder)?.called();
        let title = ("Replace SIM card", "Simkaart vervangen");
        let mut order = Order::new(Kind::ServiceRequest, "replaceSim", title, called)
            .contract(&contract)
            .reference(body.reference_number)
            .wish(body.wish_date)
            .effect(Effect::ReplaceSim(contract.id, card.clone()));
        order.new_card = card.as_ref().map(|c| c.iccid.clone());
        order.esim = email.filter(|_| esim).map(|e| (e, body.confirmation_code));
        let id = self.place(order)?;
        if let Some(card) = card {
            self.stock.remove(&card.iccid);
        }
        self.summary(id)
    }

    pub(super) fn move_contract(&mut self, request: &Request) -> Answered {
        let body: MoveContract = request.body()?;
        let contract = self.ready(body.contract_id, Act::Move)?.clone();
        let reference = body.reference_number;
        if reference.as_ref().is_some_and(|r| r.chars().count() > 25) {
            return Err(Refusal::invalid(
                "referenceNumber has more than 25 characters",
            ));
        }
        let to = body.destination_group_id;
        if !self.subscribers.contains_key(&to) {
            self.group(to)?;
        }
        if let Some(reason) = self.cannot_hold(contract.id, to) {
            return Err(Refusal::because(reason));
        }
        let what = ("moveContract", "Move contract", "Contract verplaatsen");
        let effect = Effect::MoveContract(contract.id, to);
        let id = self.order_for(&contract, what, reference, body.wish_date, effect)?;
        self.summary(id)
    }

    pub(super) fn port_out(&mut self, request: &Request) -> Answered {
        let body: Dated = request.body()?;
        let contract = self.ready(body.contract_id, Act::PortOut)?.clone();
        let what = ("portingOut", "Port number out", "Nummer uitporteren");
        let effect = Effect::End(contract.id);
        let (reference, wish) = (body.reference_number, body.wish_date);
        let id = self.order_for(&contract, what, reference, wish, effect)?;
        self.summary(id)
    }

    pub(super) fn terminate(&mut self, request: &Request) -> Answered {
        let body: Dated = request.body()?;
        let contract = self.ready(body.contract_id, Act::End)?.clone();
        let what = ("terminateContract", "End contract", "Contract opzeggen");
        let effect = Effect::End(contract.id);
        let (reference, wish) = (body.reference_number, body.wish_date);
        let id = self.order_for(&contract, what, reference, wish, effect)?;
        self.summary(id)
    }

    fn earliest_end(&self) -> Stamp {
        self.clock.now().midnight().plus(DAY * NOTICE)
    }

    /// Ending before the earliest date costs something.
    pub(super) fn termination_fee(&self, request: &Request) -> Answered {
        self.contract(request.needed_number("contractId")?)?;
        let wish = Stamp::parse(request.needed("wishDate")?);
        let wish = wish.ok_or_else(|| Refusal::invalid("wishDate is not a date with time"))?;
        let early = wish < self.earliest_end();
        let fee = if early { FEE } else { 0 };
        Ok(Answer::Json(json!({ "terminationFeeInCents": fee })))
    }

    pub(super) fn earliest_termination(&self, request: &Request) -> Answered {
        self.contract(request.id())?;
        Ok(Answer::Json(json!(self.earliest_end())))
    }

    pub(super) fn separate_fixed_mobile(&mut self, request: &Request) -> Answered {
        let body: Simple = request.body()?;
        let contract = self.ready(body.contract_id, Act::Separate)?.clone();
        let called = self.subscriber(contract.holder)?.called();
        let title = ("Separate fixed and mobile", "Vast en mobiel scheiden");
        let order = Order::new(Kind::Contracting, "separateFixedMobile", title, called)
            .contract(&contract)
            .reference(body.reference_number)
            .effect(Effect::Separate(contract.id));
        let id = self.place(order)?;
        Ok(Answer::Json(json!({ "orderId": id })))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Simple {
    contract_id: i64,
    reference_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dated {
    contract_id: i64,
    reference_number: Option<String>,
    wish_date: Option<Stamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSim {
    contract_id: i64,
    new_sim_card_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReplaceSim {
    confirmation_code: Option<String>,
    contract_id: i64,
    email: Option<String>,
    esim: Option<bool>,
    new_sim_card_number: Option<String>,
    reference_number: Option<String>,
    wish_date: Option<Stamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoveContract {
    contract_id: i64,
    destination_group_id: i64,
    #[serde(rename = "moveAddonBundles")]
    _move_addon_bundles: Option<bool>,
    reference_number: Option<String>,
    wish_date: Option<Stamp>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ContractSort {
    Firstname,
    Lastname,
    SurnamePrefix,
    ProductName,
    ProductCategory,
    MobileNumber,
    FixedNumber,
    State,
    SimCardNumber,
    Extension,
    SipAccountName,
    Category,
}
