//! Subscribers, the users among them, and their roles.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::clock::Stamp;
use super::orders::{Effect, Kind, Order};
use super::refusal::Refusal;
use super::request::{Answer, Answered, Request, Search};
use super::state::{Gender, GroupKind, Language, Person, Privilege, State, Subscriber, next};

const COLUMNS: [&str; 7] = [
    "FIRSTNAME",
    "LASTNAME",
    "SURNAME_PREFIX",
    "CONTRACTS",
    "DEBTORNAME",
    "FIXED_NUMBER",
    "EMPLOYEE_NUMBER",
];

/// A role, and what it may do.
struct Role {
    id: i64,
    name: &'static str,
    privileges: &'static [Privilege],
}

const ROLES: [Role; 4] = [
    Role {
        id: 5001,
        name: "Administrator",
        privileges: &Privilege::ALL,
    },
    Role {
        id: 5002,
        name: "Orderer",
        privileges: &[
            Privilege::UnauthorizedOrdersCreation,
            Privilege::OrdersTrackAndTrace,
        ],
    },
    Role {
        id: 5003,
        name: "Authoriser",
        privileges: &[
            Privilege::OrdersAuthorization,
            Privilege::OrdersTrackAndTrace,
        ],
    },
    Role {
        id: 5004,
        name: "Finance",
        privileges: &[
            Privilege::FinancialDocumentsView,
            Privilege::BillingRetentionPortlet,
        ],
    },
];

impl State {
    fn subscriber_columns(&self, s: &Subscriber) -> [(&'static str, String); 7] {
        let person = &s.person;
        let debtor = self.debtor_of(s.parent).map(|g| g.name.clone());
        let contracts: Vec<_> = self
            .contracts_of(s.id)
            .filter_map(|c| c.mobile.clone())
            .collect();
        let [first, last, prefix, count, debtor_name, fixed, number] = COLUMNS;
        [
            (first, person.first_name.clone()),
            (last, person.surname.clone()),
            (prefix, person.prefix.clone()),
            (count, contracts.join(" ")),
            (debtor_name, debtor.unwrap_or_default()),
            (fixed, person.fixed.clone().unwrap_or_default()),
            (number, person.employee_number.clone()),
        ]
    }

    pub(super) fn list_subscribers(&self, request: &Request) -> Answered {
        let search = Search::of(request, &COLUMNS)?;
        let users = request.flag("userOnly", false)?;
        let by: Option<SubscriberSort> = request.choice("sortBy")?;
        let fits = |s: &&Subscriber| {
            (!users || s.account.is_some()) && search.fits(&self.subscriber_columns(s))
        };
        let mut found: Vec<_> = self.subscribers.values().filter(fits).collect();
        found.sort_by_cached_key(|s| {
            let [first, last, _, _, debtor, fixed, number] = self.subscriber_columns(s);
            let key = match by {
                None => String::new(),
                Some(SubscriberSort::Firstname) => first.1,
                Some(SubscriberSort::Lastname) => last.1,
                Some(SubscriberSort::Debtorname) => debtor.1,
                Some(SubscriberSort::FixedNumber) => fixed.1,
                Some(SubscriberSort::EmployeeNumber) => number.1,
                Some(SubscriberSort::IsUser) => u8::from(s.account.is_some()).to_string(),
            };
            (key.to_lowercase(), s.id)
        });
        if request.descending()? == Some(true) {
            found.reverse();
        }
        let row = |s: &Subscriber| {
            let numbers = || self.contracts_of(s.id).filter_map(|c| c.mobile.clone());
            json!({
                "id": s.id,
                "firstName": s.person.first_name,
                "prefix": s.person.prefix,
                "lastName": s.person.surname,
                "path": self.path(Some(s.parent)),
                "contracts": {
                    "amount": self.contracts_of(s.id).count(),
                    "firstPhoneNumber": numbers().next(),
                },
                "fixedNumber": s.person.fixed,
                "employeeNumber": s.person.employee_number,
                "user": s.account.is_some(),
                "gripUser": s.account.is_some(),
            })
        };
        request.page(found.into_iter().map(row).collect())
    }

    pub(super) fn get_subscriber(&self, request: &Request) -> Answered {
        let s = self.subscriber(request.id())?;
        let person = &s.person;
        let names = self.chain(s.parent).into_iter().map(|g| g.name.clone());
        let location: Vec<_> = names.chain([s.called()]).collect();
        Ok(Answer::Json(json!({
            "id": s.id,
            "path": self.path(Some(s.parent)),
            "location": location,
            "firstName": person.first_name,
            "surnamePrefix": person.prefix,
            "surname": person.surname,
            "email": person.email,
            "vip": person.vip,
            "employeeNumber": person.employee_number,
            "gender": person.gender,
            "preferredLanguage": person.language,
            "comments": person.comments,
            "mobileNumber": person.mobile,
            "fixedNumber": person.fixed,
            "user": s.account.is_some(),
            "gripUser": s.account.is_some(),
        })))
    }

    /// Shows in lists only when the order is finished.
    pub(super) fn create_subscriber(&mut self, request: &Request) -> Answered {
        let body: CreateSubscriber = request.body()?;
        let group = self.group(body.group_id)?;
        if group.kind == GroupKind::Customer {
            return Err(Refusal::because("REQUIRE_DEBTOR_IN_PATH"));
        }
        let person = body.subscriber.checked()?;
        let info = body.user_additional_info.unwrap_or_default();
        if let Some(account) = info.grip_entity_id {
            self.free_account(account)?;
        }
        self.check_rights(&info.roles, &info.managed_entities)?;
        self.may_order()?;
        let subscriber = Subscriber {
            id: next(&mut self.ids.subscriber),
            parent: body.group_id,
            person,
            account: info.grip_entity_id,
            roles: info.roles.into_iter().collect(),
            managed: info.managed_entities.into_iter().collect(),
        };
        let title = ("Create subscriber", "Gebruiker aanmaken");
        let context = subscriber.called();
        let order = Order::new(Kind::ServiceRequest, "createSubscriber", title, context)
            .reference(body.reference_number)
            .subscriber(subscriber.id)
            .effect(Effect::AddSubscriber(Box::new(subscriber)));
        let id = self.place(order)?;
        self.summary(id)
    }

    /// Replaces everything: what is left out is reset.
    pub(super) fn update_subscriber(&mut self, request: &Request) -> Answered {
        let body: UpdateSubscriber = request.body()?;
        let subscriber = self.subscriber(request.id())?;
        let person = body.subscriber.checked()?;
        let title = ("Change user data", "Gebruikersgegevens wijzigen");
        let context = format!("{}, {}", person.surname, person.first_name);
        let order = Order::new(Kind::ServiceRequest, "changeUserData", title, context)
            .reference(body.reference_number)
            .subscriber(subscriber.id)
            .effect(Effect::ReplacePerson(subscriber.id, Box::new(person)));
        let id = self.place(order)?;
        self.summary(id)
    }

    pub(super) fn delete_subscriber(&mut self, request: &Request) -> Answered {
        let body: DeleteSubscriber = request.body()?;
        let subscriber = self.subscriber(request.id())?;
        let id = subscriber.id;
        if !self.removable(id) {
            return Err(Refusal::impossible(
                "The subscriber has contracts or an account, or orders are open",
            ));
        }
        let title = ("Delete subscriber", "Gebruiker verwijderen");
        let context = subscriber.called();
        let order = Order::new(Kind::ServiceRequest, "deleteSubscriber", title, context)
            .reference(body.reference_number)
            .subscriber(id)
            .effect(Effect::RemoveSubscriber(id));
        let id = self.place(order)?;
        self.summary(id)
    }

    pub(super) fn move_subscriber(&mut self, request: &Request) -> Answered {
        let body: MoveSubscriber = request.body()?;
        let subscriber = self.subscriber(request.id())?;
        let to = self.group(body.destination_group_id)?.id;
        if let Some(reason) = self.cannot_move(subscriber.id, to) {
            return Err(Refusal::because(reason));
        }
        let title = ("Move subscriber", "Gebruiker verplaatsen");
        let context = subscriber.called();
        let order = Order::new(Kind::ServiceRequest, "moveSubscriber", title, context)
            .reference(body.reference_number)
            .wish(body.wish_date)
            .subscriber(subscriber.id)
            .effect(Effect::MoveSubscriber(subscriber.id, to));
        let id = self.place(order)?;
        self.summary(id)
    }

    fn removable(&self, id: i64) -> bool {
        let user = self
            .subscribers
            .get(&id)
            .is_some_and(|s| s.account.is_some());
        !user
            && self.contracts_of(id).next().is_none()
            && self.blocking(|o| o.subscriber == Some(id)).is_empty()
    }

    pub(super) fn subscriber_operations(&self, request: &Request) -> Answered {
        let subscriber = self.subscriber(request.id())?;
        let id = subscriber.id;
        let blocking = self.blocking(|o| o.subscriber == Some(id));
        let may = |on: bool| json!({ "enabled": on, "blockingOrders": blocking });
        let managing = self.may(Privilege::VirtualHierarchyManagement);
        Ok(Answer::Json(json!({
            "editable": may(managing),
            "movable": may(managing),
            "removable": may(managing && self.removable(id)),
            "rolesEditable": may(managing && subscriber.account.is_some()),
        })))
    }

    /// Accounts that nobody is linked to.
    pub(super) fn list_accounts(&self, _: &Request) -> Answered {
        let free = self.accounts.values().filter(|a| !self.is_linked(a.id));
        let account = |a: &super::state::Account| {
            json!({
                "id": a.id,
                "userName": format!("sandbox-{}", a.id),
                "firstName": a.first_name,
                "surname": a.surname,
                "email": format!("{}@customer.example", a.first_name.to_lowercase()),
                "employeeNumber": null,
                "fixedNumber": null,
                "gender": "OTHER",
                "mobileNumber": null,
                "preferredLanguage": "NL",
            })
        };
        Ok(Answer::Json(free.map(account).collect()))
    }

    fn is_linked(&self, account: i64) -> bool {
        let ordered = |o: &super::orders::Order| match &o.effect {
            Effect::Link { account: a, .. } => *a == account && !o.is_over(),
            Effect::AddSubscriber(s) => s.account == Some(account) && !o.is_over(),
            _ => false,
        };
        self.subscribers
            .values()
            .any(|s| s.account == Some(account))
            || self.orders.values().any(ordered)
    }

    fn free_account(&self, id: i64) -> Result<(), Refusal> {
        if !self.accounts.contains_key(&id) || self.is_linked(id) {
            return Err(Refusal::missing(
                "GRIP_ENTITY_NOT_FOUND",
                format!("There is no free account {id}"),
            ));
        }
        Ok(())
    }

    fn check_rights(&self, roles: &[i64], managed: &[i64]) -> Result<(), Refusal> {
        for id in roles {
            role(*id)?;
        }
        for id in managed {
            self.group(*id)?;
        }
        Ok(())
    }

    pub(super) fn link_subscriber(&mut self, request: &Request) -> Answered {
        let body: LinkSubscriber = request.body()?;
        let subscriber = self.subscribers.get(&body.subscriber_id).ok_or_else(|| {
            Refusal::missing(
                "VIRTUAL_HIERARCHY_ITEM_NOT_FOUND",
                format!("There is no subscriber {}", body.subscriber_id),
            )
        })?;
        let mobile = phone("mobileNumber", body.mobile_number, is_mobile)?;
        let fixed = phone("fixedNumber", body.fixed_number, is_fixed)?;
        if mobile.is_none() && fixed.is_none() {
            return Err(Refusal::bad(
                "MOBILE_OR_FIXED_NUMBER_IS_REQUIRED",
                "mobileNumber or fixedNumber is needed",
            ));
        }
        let linking = |o: &Order| matches!(o.effect, Effect::Link { subscriber: s, .. } if s == body.subscriber_id);
        if subscriber.account.is_some() || !self.blocking(linking).is_empty() {
            return Err(Refusal::bad(
                "SUBSCRIBER_IS_ALREADY_USER",
                "The subscriber is a user already",
            ));
        }
        self.free_account(body.grip_entity_id)?;
        self.check_rights(&body.roles, &body.managed_entities)?;
        let title = ("Link to GRIP", "Koppelen aan GRIP");
        let context = subscriber.called();
        let order = Order::new(Kind::ServiceRequest, "linkSubscriberToGrip", title, context)
            .reference(body.reference_number)
            .subscriber(body.subscriber_id)
            .effect(Effect::Link {
                subscriber: body.subscriber_id,
                account: body.grip_entity_id,
                roles: body.roles,
                managed: body.managed_entities,
                email: email(body.email)?,
                mobile,
                fixed,
            });
        let id = self.place(order)?;
        self.summary(id)
    }

    pub(super) fn list_roles(&self, request: &Request) -> Answered {
        roles(request, &BTreeSet::new())
    }

    pub(super) fn list_subscriber_roles(&self, request: &Request) -> Answered {
        roles(request, &self.subscriber(request.id())?.roles)
    }

    pub(super) fn role_privileges(&self, request: &Request) -> Answered {
        let role = role(request.id())?;
        let names = role.privileges.iter().map(|p| Value::from(p.name()));
        Ok(Answer::Json(names.collect()))
    }

    pub(super) fn edit_roles(&mut self, request: &Request) -> Answered {
        let body: EditRoles = request.body()?;
        for id in body.roles_to_add.iter().chain(&body.roles_to_remove) {
            role(*id)?;
        }
        let subscriber = self.subscriber_mut(request.id())?;
        if subscriber.account.is_none() {
            return Err(Refusal::impossible("The subscriber is no user"));
        }
        subscriber.roles.extend(&body.roles_to_add);
        subscriber
            .roles
            .retain(|id| !body.roles_to_remove.contains(id));
        Ok(Answer::Empty)
    }
}

fn role(id: i64) -> Result<&'static Role, Refusal> {
    static ALL: [Role; 4] = ROLES;
    ALL.iter()
        .find(|r| r.id == id)
        .ok_or_else(|| Refusal::missing("ROLE_NOT_FOUND", format!("There is no role {id}")))
}

fn roles(request: &Request, selected: &BTreeSet<i64>) -> Answered {
    let pattern = request.text("pattern")?.unwrap_or_default().to_lowercase();
    let by: Option<RoleSort> = request.choice("sortBy")?;
    let mut found: Vec<_> = ROLES
        .iter()
        .filter(|r| r.name.to_lowercase().contains(&pattern))
        .map(|r| (r.id, r.name, selected.contains(&r.id)))
        .collect();
    match by {
        None => {}
        Some(RoleSort::Name) => found.sort_by_key(|(_, name, _)| *name),
        Some(RoleSort::Selected) => found.sort_by_key(|(_, name, has)| (*has, *name)),
    }
    if request.descending()? == Some(true) {
        found.reverse();
    }
    let row = |(id, name, has)| json!({ "id": id, "name": name, "selected": has });
    request.page(found.into_iter().map(row).collect())
}

/// `316` or `06` and eight digits; the sandbox's own numbers begin with `999` and have as many.
pub(super) fn is_mobile(number: &str) -> bool {
    has_form(number, &[("316", 8), ("06", 8), ("999", 8)])
}

/// `31` or `0` and nine digits; the sandbox's own numbers as above.
fn is_fixed(number: &str) -> bool {
    has_form(number, &[("31", 9), ("0", 9), ("999", 8)])
}

/// Whether a number has one of these beginnings and so many digits behind it.
pub(super) fn has_form(number: &str, forms: &[(&str, usize)]) -> bool {
    forms.iter().any(|(start, len)| {
        let rest = number.strip_prefix(start);
        rest.is_some_and(|r| r.len() == *len && r.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn phone(
    name: &str,
    number: Option<String>,
    fits: fn(&str) -> bool,
) -> Result<Option<String>, Refusal> {
    match number.filter(|n| !n.is_empty()) {
        Some(number) if !fits(&number) => Err(Refusal::invalid(format!(
            "{name} is not a telephone number of the right form"
        ))),
        number => Ok(number),
    }
}

fn email(address: Option<String>) -> Result<Option<String>, Refusal> {
    let good = |a: &str| {
        let parts = a.split_once('@');
        parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    };
    match address.filter(|a| !a.is_empty()) {
        Some(address) if !good(&address) => Err(Refusal::invalid("email is no e-mail address")),
        address => Ok(address),
    }
}

/// The whole data of a subscriber.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PersonData {
    first_name: String,
    surname: String,
    gender: Gender,
    surname_prefix: Option<String>,
    comments: Option<String>,
    email: Option<String>,
    employee_number: Option<String>,
    fixed_number: Option<String>,
    mobile_number: Option<String>,
    preferred_language: Option<Language>,
    vip: Option<bool>,
}

impl PersonData {
    fn checked(self) -> Result<Person, Refusal> {
        let limited = |name: &str, text: String, most: usize| {
            if text.chars().count() > most {
                return Err(Refusal::invalid(format!(
                    "{name} has more than {most} characters"
                )));
            }
            Ok(text)
        };
        if self.surname.is_empty() {
            return Err(Refusal::invalid("surname is empty"));
        }
        Ok(Person {
            first_name: limited("firstName", self.first_name, 100)?,
            prefix: limited("surnamePrefix", self.surname_prefix.unwrap_or_default(), 32)?,
            surname: limited("surname", self.surname, 100)?,
            gender: self.gender,
            email: email(self.email)?,
            employee_number: limited(
                "employeeNumber",
                self.employee_number.unwrap_or_default(),
                100,
            )?,
            language: self.preferred_language,
            comments: limited("comments", self.comments.unwrap_or_default(), 4000)?,
            mobile: phone("mobileNumber", self.mobile_number, is_mobile)?.unwrap_or_default(),
            fixed: phone("fixedNumber", self.fixed_number, is_fixed)?,
            vip: self.vip.unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateSubscriber {
    group_id: i64,
    reference_number: Option<String>,
    subscriber: PersonData,
    user_additional_info: Option<UserInfo>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct UserInfo {
    grip_entity_id: Option<i64>,
    managed_entities: Vec<i64>,
    roles: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateSubscriber {
    reference_number: Option<String>,
    subscriber: PersonData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeleteSubscriber {
    reference_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoveSubscriber {
    destination_group_id: i64,
    reference_number: Option<String>,
    wish_date: Option<Stamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LinkSubscriber {
    email: Option<String>,
    fixed_number: Option<String>,
    grip_entity_id: i64,
    #[serde(default)]
    managed_entities: Vec<i64>,
    mobile_number: Option<String>,
    reference_number: Option<String>,
    #[serde(default)]
    roles: Vec<i64>,
    subscriber_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EditRoles {
    #[serde(default)]
    roles_to_add: Vec<i64>,
    #[serde(default)]
    roles_to_remove: Vec<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SubscriberSort {
    Firstname,
    Lastname,
    Debtorname,
    FixedNumber,
    EmployeeNumber,
    IsUser,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum RoleSort {
    Name,
    Selected,
}
