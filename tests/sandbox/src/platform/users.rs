//! Users of the web portal.

use std::sync::Mutex;

use super::pages::Page;
use crate::fault::Fault;
use crate::lock;

/// Most users of a page.
const MAX_BATCH: i64 = 10;

/// The roles that there are; each also with `-smip` at its end.
const ROLES: [&str; 8] = [
    "admin",
    "billing",
    "finance",
    "supervision",
    "technical",
    "trialkit",
    "user",
    "user-management",
];

/// Every role.
pub(crate) fn roles() -> Vec<String> {
    let plain = ROLES.iter().map(|role| (*role).to_owned());
    plain
        .chain(ROLES.iter().map(|role| format!("{role}-smip")))
        .collect()
}

/// The elements of a user that were sent, but for the roles.
pub(crate) type UserFields = Vec<(&'static str, String)>;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// Whose certificate made it.
    organisation: String,
    /// Id of the organisation it belongs to.
    pub(crate) org_id: String,
    pub(crate) roles: Vec<String>,
    /// Whether the user has set a password.
    activated: bool,
    blocked: bool,
    fields: UserFields,
}

impl User {
    /// An element as it was sent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn status(&self) -> &'static str {
        match (self.blocked, self.activated) {
            (true, _) => "BLOCKED",
            (false, true) => "ACTIVE",
            (false, false) => "PENDING",
        }
    }
}

/// What `getUsers` may be narrowed down by.
#[derive(Debug, Default)]
pub(crate) struct UserFilters(Vec<(&'static str, Vec<String>)>);

impl UserFilters {
    /// Adds a filter.
    pub(crate) fn add(&mut self, name: &str, values: Vec<String>) -> Result<(), Fault> {
        let name = ["organization", "username", "email"]
            .into_iter()
            .find(|known| *known == name)
            .ok_or_else(|| Fault::unknown_parameter(name))?;
        self.0.push((name, values));
        Ok(())
    }

    fn fit(&self, user: &User) -> bool {
        self.0.iter().all(|(name, values)| {
            let value = match *name {
                "organization" => Some(user.org_id.as_str()),
                name => user.get(name),
            };
            values.iter().any(|wanted| value == Some(wanted.as_str()))
        })
    }
}

/// The users of all organisations, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Users(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: Vec<User>,
    /// Addresses to which a link to set a password went.
    mails: Vec<String>,
}

impl Users {
    /// `createUser`. The name must be new among all organisations.
    pub(crate) fn create(
        &self,
        organisation: &str,
        org_id: String,
        roles: Vec<String>,
        fields: UserFields,
    ) -> Result<(), Fault> {
        check_roles(&roles)?;
        let user = User {
            organisation: organisation.to_owned(),
            org_id,
            roles,
            activated: false,
            blocked: false,
            fields,
        };
        let mut inner = lock(&self.0);
        let name = user.get("username");
        if inner.all.iter().any(|other| other.get("username") == name) {
            return Err(Fault::not_allowed("the username is taken"));
        }
        inner.mail(&user);
        inner.all.push(user);
        Ok(())
    }

    /// `modifyUser`: what is not sent stays; roles that are sent replace those before.
    pub(crate) fn modify(
        &self,
        organisation: &str,
        username: &str,
        roles: Vec<String>,
        changes: UserFields,
    ) -> Result<(), Fault> {
        check_roles(&roles)?;
        self.change(organisation, username, |user| {
            for (name, value) in changes {
                match user.fields.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => *known = value,
                    None => user.fields.push((name, value)),
                }
            }
            if !roles.is_empty() {
                user.roles = roles;
            }
        })
    }

    /// `deleteUser`.
    pub(crate) fn delete(&self, organisation: &str, username: &str) -> Result<(), Fault> {
        let mut inner = lock(&self.0);
        inner.own(organisation, username)?;
        inner.all.retain(|u| u.get("username") != Some(username));
        Ok(())
    }

    /// `blockUser`, `unblockUser`.
    pub(crate) fn set_blocked(
        &self,
        organisation: &str,
        username: &str,
        blocked: bool,
    ) -> Result<(), Fault> {
        self.change(organisation, username, |user| user.blocked = blocked)
    }

    /// `resetPassword`.
    pub(crate) fn reset_password(&self, organisation: &str, username: &str) -> Result<(), Fault> {
        let mut inner = lock(&self.0);
        let user = inner.own(organisation, username)?.clone();
        inner.mail(&user);
        Ok(())
    }

    /// `getUsers`.
    pub(crate) fn list(
        &self,
        organisation: &str,
        filters: &UserFilters,
        index: Option<i64>,
        size: Option<i64>,
    ) -> Result<Vec<User>, Fault> {
        let page = Page::new(("index", index), size, MAX_BATCH)?;
        let inner = lock(&self.0);
        let own = inner
            .all
            .iter()
            .filter(|user| user.organisation == organisation && filters.fit(user));
        Ok(page.of(own))
    }

    /// The user follows the link of an e-mail and sets a password; false for an unknown one.
    pub(crate) fn set_password(&self, username: &str) -> bool {
        let mut inner = lock(&self.0);
        let user = inner
            .all
            .iter_mut()
            .find(|user| user.get("username") == Some(username));
        user.map(|user| user.activated = true).is_some()
    }

    /// E-mail addresses to which a link to set a password went, so far.
    pub(crate) fn mails(&self) -> Vec<String> {
        lock(&self.0).mails.clone()
    }

    fn change(
        &self,
        organisation: &str,
        username: &str,
        change: impl FnOnce(&mut User),
    ) -> Result<(), Fault> {
        lock(&self.0).own(organisation, username).map(change)
    }
}

impl Inner {
    fn own(&mut self, organisation: &str, username: &str) -> Result<&mut User, Fault> {
        self.all
            .iter_mut()
            .find(|u| u.get("username") == Some(username) && u.organisation == organisation)
            .ok_or_else(|| Fault::no_user(username))
    }

    fn mail(&mut self, user: &User) {
        let to = user.get("email").unwrap_or_default().to_owned();
        self.mails.push(to);
    }
}

fn check_roles(given: &[String]) -> Result<(), Fault> {
    let known = roles();
    match given.iter().find(|role| !known.contains(role)) {
        Some(role) => {
            let value = format!("role {role}.");
            Err(Fault::unsupported_value(value, known.join(", ")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn make(users: &Users, name: &str) -> Result<(), Fault> {
        let fields = vec![
            ("username", name.to_owned()),
            ("email", format!("{name}@acme.example")),
        ];
        let roles = vec!["technical".to_owned()];
        users.create("Acme", "customer-1".to_owned(), roles, fields)
    }

    fn status(users: &Users, name: &str) -> &'static str {
        let mut filters = UserFilters::default();
        filters.add("username", vec![name.to_owned()]).unwrap();
        users.list("Acme", &filters, None, None).unwrap()[0].status()
    }

    #[test]
    fn a_name_is_taken_once() {
        let users = Users::default();
        make(&users, "ada").unwrap();
        assert_eq!(make(&users, "ada").unwrap_err().code(), "SVC 1013");
        users.delete("Acme", "ada").unwrap();
        make(&users, "ada").unwrap();
        assert_eq!(users.mails(), ["ada@acme.example"; 2]);
    }

    #[test]
    fn blocking_ends_in_the_state_before() {
        let users = Users::default();
        make(&users, "ada").unwrap();
        assert_eq!(status(&users, "ada"), "PENDING");
        users.set_blocked("Acme", "ada", true).unwrap();
        assert_eq!(status(&users, "ada"), "BLOCKED");
        users.set_blocked("Acme", "ada", false).unwrap();
        assert_eq!(status(&users, "ada"), "PENDING");
        assert!(users.set_password("ada"));
        assert_eq!(status(&users, "ada"), "ACTIVE");
        assert!(!users.set_password("eve"));
    }

    #[test]
    fn users_of_others_do_not_exist() {
        let users = Users::default();
        make(&users, "ada").unwrap();
        let refused = [
            users.set_blocked("Other", "ada", true),
            users.reset_password("Other", "ada"),
            users.delete("Other", "ada"),
            users.modify("Other", "ada", Vec::new(), Vec::new()),
            users.delete("Acme", "eve"),
        ];
        for refused in refused {
            assert_eq!(refused.unwrap_err().code(), "SVC 1005");
        }
        let all = UserFilters::default();
        assert!(users.list("Other", &all, None, None).unwrap().is_empty());
    }

    #[test]
    fn roles_are_known_and_replaced() {
        let users = Users::default();
        make(&users, "ada").unwrap();
        let change = |roles: &[&str]| {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            users.modify("Acme", "ada", roles, Vec::new())
        };
        assert_eq!(change(&["emperor"]).unwrap_err().code(), "SVC 1021");
        change(&["billing", "user-smip"]).unwrap();
        change(&[]).unwrap();
        let all = UserFilters::default();
        let user = users.list("Acme", &all, None, None).unwrap().remove(0);
        assert_eq!(user.roles, ["billing", "user-smip"]);
    }

    #[test]
    fn filters_narrow_down_together() {
        let users = Users::default();
        for number in 0..12 {
            make(&users, &format!("user{number}")).unwrap();
        }
        let mut filters = UserFilters::default();
        let both = vec!["user3".to_owned(), "user4".to_owned()];
        filters.add("username", both).unwrap();
        let count =
            |filters: &UserFilters, index| users.list("Acme", filters, index, None).unwrap().len();
        assert_eq!(count(&filters, None), 2);
        let mail = vec!["user4@acme.example".to_owned()];
        filters.add("email", mail).unwrap();
        assert_eq!(count(&filters, None), 1);
        assert_eq!(count(&UserFilters::default(), Some(10)), 2);
        let error = filters.add("userName", Vec::new()).unwrap_err();
        assert_eq!(error.code(), "SVC 1001");
    }
}
