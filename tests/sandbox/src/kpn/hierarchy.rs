//! The customer's hierarchy: customer, debtors, cost centres, groups; subscribers are its leaves.

use serde::Deserialize;
use serde_json::{Value, json};

use super::clock::Stamp;
use super::orders::{Effect, Kind, Order};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request};
use super::state::{Group, GroupKind, Privilege, State, Subscriber, next};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Purpose {
    MoveContract,
    MoveGroup,
    AssignToHierarchy,
    CreateCostCenter,
    CreateCustomGroup,
    RemoveGroup,
}

impl Purpose {
    /// Whether it is about something that `contextId` or `contextIds` name.
    const fn has_context(self) -> bool {
        matches!(
            self,
            Self::MoveContract | Self::MoveGroup | Self::AssignToHierarchy
        )
    }
}

/// An item of the hierarchy.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Group(&'a Group),
    Subscriber(&'a Subscriber),
}

impl Item<'_> {
    fn id(&self) -> i64 {
        match self {
            Self::Group(g) => g.id,
            Self::Subscriber(s) => s.id,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Group(g) => g.name.clone(),
            Self::Subscriber(s) => s.called(),
        }
    }
}

/// Why an item cannot take part in something.
type Reason = &'static str;

impl State {
    fn item(&self, id: i64) -> Option<Item<'_>> {
        let subscriber = || self.subscribers.get(&id).map(Item::Subscriber);
        self.groups.get(&id).map(Item::Group).or_else(subscriber)
    }

    fn found(&self, id: i64) -> Result<Item<'_>, Refusal> {
        self.item(id).ok_or_else(|| {
            Refusal::missing(
                "VIRTUAL_HIERARCHY_ITEM_NOT_FOUND",
                format!("No item {id} in the hierarchy"),
            )
        })
    }

    /// The groups below a place, at any depth.
    fn groups_below(&self, place: i64) -> Vec<&Group> {
        let below =
            |g: &&Group| g.id != place && self.chain(g.id).iter().any(|above| above.id == place);
        self.groups.values().filter(below).collect()
    }

    /// An item as it is written.
    pub(super) fn item_json(&self, item: Item<'_>) -> Value {
        match item {
            Item::Group(g) => json!({
                "id": g.id,
                "name": g.name,
                "type": g.kind,
                "costCenterNumber": g.number,
                "email": null,
                "path": self.path(g.parent),
            }),
            Item::Subscriber(s) => json!({
                "id": s.id,
                "name": s.called(),
                "type": "SUBSCRIBER",
                "email": s.person.email,
                "employeeNumber": s.person.employee_number,
                "firstName": s.person.first_name,
                "lastName": s.person.surname,
                "prefix": s.person.prefix,
                "path": self.path(Some(s.parent)),
            }),
        }
    }

    pub(super) fn list_hierarchy(&self, request: &Request) -> Answered {
        let purpose: Option<Purpose> = request.choice("operationType")?;
        let contexts = self.contexts(request, purpose)?;
        let groups = request.flag("includeGroups", true)?;
        let pattern = request.text("pattern")?.map(str::to_lowercase);
        let mut items: Vec<Item<'_>> = Vec::new();
        if request.flag("includeCustomer", false)? {
            items.extend(self.item(self.customer));
        }
        match request.number("id")? {
            Some(id) => {
                self.found(id)?;
                let below = self.groups_below(id);
                // A search goes all the way down, else it is the next level.
                let deep = pattern.is_some();
                let next = |parent: i64| deep || parent == id;
                let of_groups = below.iter().filter(|g| g.parent.is_some_and(next));
                if groups {
                    items.extend(of_groups.map(|g| Item::Group(g)));
                }
                let inside = |s: &&Subscriber| {
                    s.parent == id || deep && below.iter().any(|g| g.id == s.parent)
                };
                items.extend(
                    self.subscribers
                        .values()
                        .filter(inside)
                        .map(Item::Subscriber),
                );
            }
            // The caller's companies, or whatever fits the purpose or the pattern.
            None => {
                let all = purpose.is_some() || pattern.is_some();
                let wanted = |g: &&Group| {
                    g.kind == GroupKind::Debtor || all && g.kind != GroupKind::Customer
                };
                if groups {
                    items.extend(self.groups.values().filter(wanted).map(Item::Group));
                }
                if !groups || pattern.is_some() || purpose == Some(Purpose::MoveContract) {
                    items.extend(self.subscribers.values().map(Item::Subscriber));
                }
            }
        }
        let fits = |name: String| {
            let name = name.to_lowercase();
            pattern.as_ref().is_none_or(|part| name.contains(part))
        };
        items.retain(|item| fits(item.name()));
        let row = |item: Item<'_>| {
            let mut row = self.item_json(item);
            if let Some(purpose) = purpose {
                let reason = self.objection(purpose, &contexts, item);
                row["operation"] = json!({
                    "blocked": reason.is_some(),
                    "reason": reason,
                    "blockingOrders": [],
                });
            }
            row
        };
        request.page(items.into_iter().map(row).collect())
    }

    /// What an operation is about, from `contextId` and `contextIds`.
    fn contexts(&self, request: &Request, purpose: Option<Purpose>) -> Result<Vec<i64>, Refusal> {
        let mut contexts: Vec<i64> = request.number("contextId")?.into_iter().collect();
        for text in request.all("contextIds") {
            let id = text.parse();
            contexts.push(id.map_err(|_| Refusal::invalid("contextIds has no whole number"))?);
        }
        let Some(purpose) = purpose.filter(|p| p.has_context()) else {
            return Ok(contexts);
        };
        if contexts.is_empty() {
            return Err(Refusal::bad(
                "MISSING_CONTEXT_ID",
                "contextId or contextIds is needed for this operationType",
            ));
        }
        for id in &contexts {
            let found = match purpose {
                Purpose::MoveContract => self.contracts.contains_key(id),
                _ => self.item(*id).is_some(),
            };
            if !found {
                return Err(Refusal::missing(
                    "CONTEXT_OBJECT_NOT_FOUND",
                    format!("There is no object {id}"),
                ));
            }
            let fixed = |g: &Group| matches!(g.kind, GroupKind::Customer | GroupKind::Debtor);
            if purpose == Purpose::MoveGroup && self.groups.get(id).is_some_and(fixed) {
                return Err(Refusal::impossible(format!("Item {id} can not be moved")));
            }
        }
        Ok(contexts)
    }

    /// Why an item cannot take part in an operation; nothing if it can.
    fn objection(&self, purpose: Purpose, contexts: &[i64], item: Item<'_>) -> Option<Reason> {
        let mut contexts = contexts.iter().copied();
        match (purpose, item) {
            (Purpose::MoveContract, _) => {
                contexts.find_map(|contract| self.cannot_hold(contract, item.id()))
            }
            (Purpose::MoveGroup, _) => contexts.find_map(|id| self.cannot_move(id, item.id())),
            (Purpose::AssignToHierarchy, Item::Subscriber(_)) => {
                Some("SUBSCRIBER_CANNOT_BE_ASSIGNED")
            }
            (Purpose::AssignToHierarchy, Item::Group(g)) => contexts.find_map(|id| {
                let subscriber = self.subscribers.get(&id)?;
                let has = subscriber.managed.contains(&g.id);
                has.then_some("GROUP_IS_ALREADY_ASSIGNED")
            }),
            (Purpose::CreateCostCenter, _) => self.cannot_have_cost_center(item).err(),
            (Purpose::CreateCustomGroup, _) => cannot_have_group(item).err(),
            (Purpose::RemoveGroup, Item::Group(g)) => self.cannot_be_removed(g).err(),
            (Purpose::RemoveGroup, Item::Subscriber(_)) => Some("WRONG_GROUP_TYPE"),
        }
    }

    /// Why a contract cannot belong to an item.
    pub(super) fn cannot_hold(&self, contract: i64, item: i64) -> Option<Reason> {
        let holder = self.contracts.get(&contract).map(|c| c.holder);
        if holder == Some(item) {
            return Some("CANNOT_MOVE_TO_OLD_PARENT");
        }
        let somebody = self.subscribers.contains_key(&item);
        (!somebody).then_some("FORBIDDEN_PARENT_FOR_PRODUCT")
    }

    /// Why an item cannot move below another one.
    pub(super) fn cannot_move(&self, moved: i64, to: i64) -> Option<Reason> {
        let (moved, to) = (self.item(moved)?, self.item(to)?);
        let Item::Group(to) = to else {
            return Some("GROUP_CANNOT_HAVE_CHILDREN");
        };
        let parent = match moved {
            Item::Group(g) => g.parent,
            Item::Subscriber(s) => Some(s.parent),
        };
        if parent == Some(to.id) {
            return Some("CANNOT_MOVE_TO_OLD_PARENT");
        }
        let debtor = |place: i64| self.debtor_of(place).map(|g| g.id);
        match moved {
            Item::Subscriber(_) => {
                (to.kind == GroupKind::Customer).then_some("REQUIRE_DEBTOR_IN_PATH")
            }
            Item::Group(g) => match g.kind {
                GroupKind::Debtor if to.kind == GroupKind::Debtor => {
                    Some("CANNOT_MOVE_DEBTOR_UNDER_DEBTOR")
                }
                GroupKind::Customer | GroupKind::Debtor | GroupKind::BusinessLocation => {
                    Some("WRONG_GROUP_TYPE")
                }
                _ if g.id == to.id || self.chain(to.id).iter().any(|a| a.id == g.id) => {
                    Some("CANNOT_MOVE_TO_MOVED_GROUP")
                }
                _ if to.kind == GroupKind::Customer => Some("REQUIRE_DEBTOR_IN_PATH"),
                _ if debtor(g.id) != debtor(to.id) => {
                    Some("CANNOT_MOVE_NON_SUBSCRIBER_BETWEEN_TWO_DEBTORS")
                }
                GroupKind::CostCenter => self.cannot_have_cost_center(Item::Group(to)).err(),
                GroupKind::CustomGroup => None,
            },
        }
    }

    /// The rules for the place of a cost centre.
    fn cannot_have_cost_center(&self, parent: Item<'_>) -> Result<(), Reason> {
        let Item::Group(parent) = parent else {
            return Err("WRONG_GROUP_TYPE");
        };
        let chain = self.chain(parent.id);
        if chain.iter().any(|g| g.kind == GroupKind::CostCenter) {
            return Err("ONLY_SINGLE_TYPE_ALLOWED_IN_PATH");
        }
        match self.debtor_of(parent.id) {
            Some(_) => Ok(()),
            None => Err("REQUIRE_DEBTOR_IN_PATH"),
        }
    }

    fn cannot_be_removed(&self, group: &Group) -> Result<(), Reason> {
        if !is_changeable(group) {
            return Err("WRONG_GROUP_TYPE");
        }
        let empty = self.groups.values().all(|g| g.parent != Some(group.id))
            && self.subscribers.values().all(|s| s.parent != group.id);
        empty.then_some(()).ok_or("FORBIDDEN_PATH_WHEN_REMOVING")
    }

    /// A name is unique among its neighbours, a cost centre's number below its debtor.
    fn check_unique(
        &self,
        parent: i64,
        own: Option<i64>,
        name: &str,
        number: Option<&str>,
    ) -> Result<(), Refusal> {
        let taken = |what: &str| {
            Err(Refusal::bad(
                "VALUE_NOT_UNIQUE",
                format!("The {what} is taken"),
            ))
        };
        let others = || self.groups.values().filter(|g| Some(g.id) != own);
        if others().any(|g| g.parent == Some(parent) && g.name == name) {
            return taken("name");
        }
        let debtor = self.debtor_of(parent).map(|g| g.id);
        let same = |g: &Group| {
            number.is_some()
                && g.number.as_deref() == number
                && self.debtor_of(g.id).map(|g| g.id) == debtor
        };
        if others().any(same) {
            return taken("number");
        }
        Ok(())
    }

    fn add_group(
        &mut self,
        parent: i64,
        kind: GroupKind,
        name: String,
        number: Option<String>,
    ) -> Answered {
        let id = next(&mut self.ids.group);
        let group = Group {
            id,
            parent: Some(parent),
            kind,
            name,
            number,
        };
        self.groups.insert(id, group);
        Ok(Answer::Json(json!({ "groupId": id })))
    }

    pub(super) fn create_cost_center(&mut self, request: &Request) -> Answered {
        let body: CreateCostCenter = request.body()?;
        let parent = self.found(value(body.group_id, "groupId")?)?;
        let name = text(body.name, "name")?;
        let number = text(body.cost_center_number, "costCenterNumber")?;
        self.cannot_have_cost_center(parent).map_err(wrong_place)?;
        let parent = parent.id();
        self.check_unique(parent, None, &name, Some(&number))?;
        self.add_group(parent, GroupKind::CostCenter, name, Some(number))
    }

    pub(super) fn create_virtual_group(&mut self, request: &Request) -> Answered {
        let body: CreateVirtualGroup = request.body()?;
        let parent = self.found(value(body.group_id, "groupId")?)?;
        let name = text(body.name, "name")?;
        cannot_have_group(parent).map_err(wrong_place)?;
        let parent = parent.id();
        self.check_unique(parent, None, &name, None)?;
        self.add_group(parent, GroupKind::CustomGroup, name, None)
    }

    fn changeable(&self, id: i64) -> Result<&Group, Refusal> {
        match self.found(id)? {
            Item::Group(group) if is_changeable(group) => Ok(group),
            _ => Err(wrong_place("WRONG_GROUP_TYPE")),
        }
    }

    pub(super) fn update_group(&mut self, request: &Request) -> Answered {
        let body: UpdateGroup = request.body()?;
        let group = self.changeable(request.id())?;
        let name = text(body.name, "name")?;
        let number = match group.kind {
            GroupKind::CostCenter => Some(text(body.cost_center_number, "costCenterNumber")?),
            _ if body.cost_center_number.is_some() => return Err(wrong_place("WRONG_GROUP_TYPE")),
            _ => None,
        };
        let (id, parent) = (group.id, group.parent.unwrap_or_default());
        self.check_unique(parent, Some(id), &name, number.as_deref())?;
        if let Some(group) = self.groups.get_mut(&id) {
            group.name = name;
            group.number = number;
        }
        Ok(Answer::Empty)
    }

    pub(super) fn remove_group(&mut self, request: &Request) -> Answered {
        let group = self.changeable(request.id())?;
        self.cannot_be_removed(group).map_err(wrong_place)?;
        let id = group.id;
        self.groups.remove(&id);
        self.templates.retain(|_, template| template.group != id);
        for subscriber in self.subscribers.values_mut() {
            subscriber.managed.remove(&id);
        }
        Ok(Answer::Empty)
    }

    /// Moving a custom group makes no order, so that it takes neither date nor reference; all else
    /// makes one.
    pub(super) fn move_groups(&mut self, request: &Request) -> Answered {
        let body: MoveGroups = request.body()?;
        let to = body.destination_group_id;
        self.found(to)?;
        if body.moved_group_ids.is_empty() {
            return Err(Refusal::invalid("movedGroupIds is empty"));
        }
        let mut at_once = Vec::new();
        let mut orders = Vec::new();
        for id in &body.moved_group_ids {
            let item = self.found(*id)?;
            if let Some(reason) = self.cannot_move(*id, to) {
                return Err(Refusal::because(reason));
            }
            match item {
                Item::Group(g) if g.kind == GroupKind::CustomGroup => at_once.push(g.id),
                Item::Group(g) => orders.push((g.name.clone(), Effect::MoveGroup(g.id, to))),
                Item::Subscriber(s) => {
                    orders.push((s.called(), Effect::MoveSubscriber(s.id, to)));
                }
            }
        }
        if !at_once.is_empty() && body.wish_date.is_some() {
            return Err(Refusal::bad(
                "WISH_DATE_NOT_SUPPORTED",
                "A custom group moves at once",
            ));
        }
        if !at_once.is_empty() && body.reference_number.is_some() {
            return Err(Refusal::bad(
                "REFERENCE_NUMBER_NOT_SUPPORTED",
                "Moving a custom group makes no order",
            ));
        }
        self.may_order()?;
        let mut placed = Vec::new();
        for (context, effect) in orders {
            let title = ("Move group", "Groep verplaatsen");
            let order = Order::new(Kind::ServiceRequest, "moveGroup", title, &context)
                .reference(body.reference_number.clone())
                .wish(body.wish_date)
                .effect(effect);
            let id = self.place(order)?;
            placed.push(json!({ "contextName": context, "id": id, "operation": "moveGroup" }));
        }
        for id in at_once {
            if let Some(group) = self.groups.get_mut(&id) {
                group.parent = Some(to);
            }
        }
        Ok(Answer::Json(json!({
            "orders": placed,
            "referenceNumber": body.reference_number,
        })))
    }

    pub(super) fn get_hierarchy_item(&self, request: &Request) -> Answered {
        let Item::Group(group) = self.found(request.id())? else {
            return Err(wrong_place("WRONG_GROUP_TYPE"));
        };
        let mut body = json!({ "name": group.name, "path": self.path(group.parent) });
        let founded = Stamp::day(2020, 1, 1);
        let address = json!({
            "partyName": group.name,
            "street": "Voorbeeldweg",
            "houseNumber": "1",
            "postalCode": "1234AB",
            "city": "Voorbeeldstad",
            "country": "NL",
        });
        match group.kind {
            GroupKind::Customer => {
                body["customer"] = json!({
                    "billingOwner": "Sandbox",
                    "billingRetentionPeriod": self.retention,
                    "ckrNumber": "SBX-CKR-1",
                    "krnNumber": "SBX-KRN-1",
                    "orderFrozen": self.frozen,
                    "orderFrozenFrom": null,
                    "orderFrozenTo": null,
                });
            }
            GroupKind::Debtor => {
                body["debtor"] = json!({
                    "activeFrom": founded,
                    "additionalInvoiceLayuot": "CSV",
                    "appleDepId": null,
                    "billingAddress": address,
                    "inviceFlag": true,
                    "invoiceDistribution": "EMAIL",
                    "invoiceLanguage": "NL",
                    "krnNumber": format!("SBX-KRN-{}", group.id),
                    "primaryAddress": address,
                    "primaryEmail": "invoices@customer.example",
                    "samsungKnoxId": null,
                });
            }
            GroupKind::CostCenter => body["costCenter"] = json!({ "number": group.number }),
            GroupKind::BusinessLocation => {
                body["businessLocation"] = json!({
                    "activeFrom": founded,
                    "activeTo": null,
                    "contactEmail": "depot@customer.example",
                    "contactName": "Robin Example",
                    "contactPhoneNumber": "99930000000",
                    "expectedNumberOfUsers": 5,
                    "externalAccountNumber": "SBX-1",
                    "primaryAddress": address,
                });
            }
            GroupKind::CustomGroup => {}
        }
        Ok(Answer::Json(body))
    }

    /// Whether something can be done, by privilege.
    fn allowed(&self, possible: bool) -> Value {
        let managing = self.may(Privilege::VirtualHierarchyManagement);
        let reason = match (managing, possible) {
            (false, _) => Some("NO_REQUIRED_PRIVILEGE"),
            (true, false) => Some("NO_ENTITIES_TO_USE"),
            (true, true) => None,
        };
        json!({ "enabled": reason.is_none(), "reason": reason })
    }

    pub(super) fn hierarchy_operations(&self, _: &Request) -> Answered {
        let any = self.groups.values().any(is_changeable);
        Ok(Answer::Json(json!({
            "create": self.allowed(true),
            "edit": self.allowed(any),
            "move": self.allowed(any),
            "remove": self.allowed(any),
            "view": { "enabled": true, "reason": null },
        })))
    }

    pub(super) fn hierarchy_item_operations(&self, request: &Request) -> Answered {
        let item = self.found(request.id())?;
        let (changeable, removable) = match item {
            Item::Group(g) => (is_changeable(g), self.cannot_be_removed(g).is_ok()),
            Item::Subscriber(_) => (false, false),
        };
        let person = match item {
            Item::Group(g) => g.kind != GroupKind::Customer,
            Item::Subscriber(_) => false,
        };
        Ok(Answer::Json(json!({
            "createCostCenter": self.allowed(self.cannot_have_cost_center(item).is_ok()),
            "createSubscriber": self.allowed(person),
            "createVirtualGroup": self.allowed(cannot_have_group(item).is_ok()),
            "move": self.allowed(changeable),
            "remove": self.allowed(removable),
            "update": self.allowed(changeable),
        })))
    }

    /// Items that a user manages.
    pub(super) fn list_managed(&self, request: &Request) -> Answered {
        let subscriber = self.subscriber(request.id())?;
        let items = subscriber.managed.iter().filter_map(|id| self.item(*id));
        Ok(Answer::Json(
            items.map(|item| self.item_json(item)).collect(),
        ))
    }

    pub(super) fn assign(&mut self, request: &Request) -> Answered {
        let ids = self.groups_to_manage(request)?;
        let subscriber = self.subscriber_mut(request.id())?;
        if subscriber.account.is_none() {
            return Err(Refusal::impossible("The subscriber is no user"));
        }
        if ids.iter().any(|id| subscriber.managed.contains(id)) {
            return Err(Refusal::because("GROUP_IS_ALREADY_ASSIGNED"));
        }
        subscriber.managed.extend(ids);
        Ok(Answer::Empty)
    }

    pub(super) fn unassign(&mut self, request: &Request) -> Answered {
        let ids = self.groups_to_manage(request)?;
        let subscriber = self.subscriber_mut(request.id())?;
        if !ids.iter().all(|id| subscriber.managed.contains(id)) {
            return Err(Refusal::impossible(
                "The subscriber does not manage all of them",
            ));
        }
        subscriber.managed.retain(|id| !ids.contains(id));
        Ok(Answer::Empty)
    }

    fn groups_to_manage(&self, request: &Request) -> Result<Vec<i64>, Refusal> {
        let ManagedGroups { group_ids } = request.body()?;
        self.subscriber(request.id())?;
        if group_ids.is_empty() {
            return Err(Refusal::invalid("groupIds is empty"));
        }
        for id in &group_ids {
            if let Item::Subscriber(_) = self.found(*id)? {
                return Err(Refusal::because("SUBSCRIBER_CANNOT_BE_ASSIGNED"));
            }
        }
        Ok(group_ids)
    }
}

fn is_changeable(group: &Group) -> bool {
    matches!(group.kind, GroupKind::CostCenter | GroupKind::CustomGroup)
}

fn cannot_have_group(parent: Item<'_>) -> Result<(), Reason> {
    match parent {
        Item::Group(g) if g.kind == GroupKind::Customer => Err("REQUIRE_DEBTOR_IN_PATH"),
        Item::Group(_) => Ok(()),
        Item::Subscriber(_) => Err("WRONG_GROUP_TYPE"),
    }
}

fn wrong_place(reason: Reason) -> Refusal {
    Refusal::bad(
        reason,
        "This is not possible at this place of the hierarchy",
    )
}

/// A value that is needed; groups have a code for that.
fn value<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::bad("VALUE_REQUIRED", format!("{name} is needed")))
}

fn text(text: Option<String>, name: &str) -> Result<String, Refusal> {
    value(text.filter(|t| !t.trim().is_empty()), name)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateCostCenter {
    cost_center_number: Option<String>,
    group_id: Option<i64>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateVirtualGroup {
    group_id: Option<i64>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateGroup {
    cost_center_number: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoveGroups {
    destination_group_id: i64,
    moved_group_ids: Vec<i64>,
    reference_number: Option<String>,
    wish_date: Option<Stamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ManagedGroups {
    group_ids: Vec<i64>,
}
