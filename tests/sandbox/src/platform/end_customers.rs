//! End customers: organisations to which a customer passes on subscriptions.

use std::sync::Mutex;

use super::pages::Page;
use crate::fault::Fault;
use crate::fleet::Random;
use crate::lock;

/// Most end customers of a page.
const MAX_BATCH: i64 = 10;

/// What an element of an end customer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    Text(String),
    /// An address or a contact: its elements in the order of the schema.
    Group(Vec<(&'static str, String)>),
}

/// The elements of an end customer that were sent, in the order of the schema.
pub(crate) type EndCustomerFields = Vec<(&'static str, Field)>;

/// An end customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EndCustomer {
    pub(crate) id: String,
    organisation: String,
    pub(crate) active: bool,
    pub(crate) fields: EndCustomerFields,
}

impl EndCustomer {
    /// Its name, blank without one.
    pub(crate) fn name(&self) -> &str {
        match self.fields.iter().find(|(name, _)| *name == "name") {
            Some((_, Field::Text(name))) => name,
            _ => "",
        }
    }
}

/// The end customers of all organisations, in the order in which they were made.
#[derive(Debug)]
pub(crate) struct EndCustomers(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    ids: Random,
    all: Vec<EndCustomer>,
}

impl EndCustomers {
    pub(crate) fn new(seed: u64) -> Self {
        // A stream of its own: those of messages and reports are others.
        let ids = Random::new(seed, u64::MAX - 3);
        Self(Mutex::new(Inner {
            ids,
            all: Vec::new(),
        }))
    }

    /// `createEndCustomer`: gives the id.
    pub(crate) fn create(
        &self,
        organisation: &str,
        active: bool,
        fields: EndCustomerFields,
    ) -> String {
        let mut inner = lock(&self.0);
        let id = format!("aggregator-{}", inner.ids.hex24());
        inner.all.push(EndCustomer {
            id: id.clone(),
            organisation: organisation.to_owned(),
            active,
            fields,
        });
        id
    }

    /// `getEndCustomers`.
    pub(crate) fn list(
        &self,
        organisation: &str,
        start: Option<i64>,
        size: Option<i64>,
    ) -> Result<Vec<EndCustomer>, Fault> {
        let page = Page::new(("startIndex", start), size, MAX_BATCH)?;
        let inner = lock(&self.0);
        let own = inner.all.iter().filter(|c| c.organisation == organisation);
        Ok(page.of(own))
    }

    /// `getEndCustomer`.
    pub(crate) fn get(&self, organisation: &str, id: &str) -> Result<EndCustomer, Fault> {
        lock(&self.0).own(organisation, id).cloned()
    }

    /// `modifyEndCustomer`: what is not sent stays, within addresses and contacts too.
    pub(crate) fn modify(
        &self,
        organisation: &str,
        id: &str,
        order: &[&'static str],
        changes: EndCustomerFields,
    ) -> Result<(), Fault> {
        let mut inner = lock(&self.0);
        let fields = &mut inner.own(organisation, id)?.fields;
        for (name, change) in changes {
            let known = fields.iter_mut().find(|(known, _)| *known == name);
            match (known, change) {
                (Some((_, Field::Group(known))), Field::Group(change)) => {
                    for (name, value) in change {
                        match known.iter_mut().find(|(known, _)| *known == name) {
                            Some((_, known)) => *known = value,
                            None => known.push((name, value)),
                        }
                    }
                }
                (Some((_, known)), change) => *known = change,
                (None, change) => fields.push((name, change)),
            }
        }
        fields.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
        Ok(())
    }

    /// `activateEndCustomer`, `deactivateEndCustomer`.
    pub(crate) fn set_active(
        &self,
        organisation: &str,
        id: &str,
        active: bool,
    ) -> Result<(), Fault> {
        lock(&self.0).own(organisation, id)?.active = active;
        Ok(())
    }

    /// `deleteEndCustomer`.
    pub(crate) fn delete(&self, organisation: &str, id: &str) -> Result<(), Fault> {
        let mut inner = lock(&self.0);
        inner.own(organisation, id)?;
        inner.all.retain(|c| c.id != id);
        Ok(())
    }
}

impl Inner {
    fn own(&mut self, organisation: &str, id: &str) -> Result<&mut EndCustomer, Fault> {
        self.all
            .iter_mut()
            .find(|c| c.id == id && c.organisation == organisation)
            .ok_or_else(|| Fault::not_found(id))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ORDER: [&str; 3] = ["name", "sector", "companyAddress"];

    fn text(value: &str) -> Field {
        Field::Text(value.to_owned())
    }

    fn make(customers: &EndCustomers, name: &str) -> String {
        customers.create("Acme", true, vec![("name", text(name))])
    }

    #[test]
    fn end_customers_belong_to_who_made_them() {
        let customers = EndCustomers::new(7);
        let id = make(&customers, "Meadow Pumps");
        assert!(id.starts_with("aggregator-"), "{id}");
        assert_ne!(make(&customers, "Meadow Pumps"), id);
        assert_eq!(customers.get("Acme", &id).unwrap().name(), "Meadow Pumps");
        assert_eq!(customers.get("Other", &id).unwrap_err().code(), "SVC 1006");
        assert!(customers.list("Other", None, None).unwrap().is_empty());
        customers.delete("Acme", &id).unwrap();
        assert_eq!(
            customers.delete("Acme", &id).unwrap_err().code(),
            "SVC 1006"
        );
        assert_eq!(customers.list("Acme", None, None).unwrap().len(), 1);
    }

    #[test]
    fn what_is_left_out_stays() {
        let customers = EndCustomers::new(7);
        let address = |line: &str, city: &str| {
            Field::Group(vec![("line1", line.to_owned()), ("city", city.to_owned())])
        };
        let fields = vec![
            ("name", text("Meadow Pumps")),
            ("companyAddress", address("Mill Lane 1", "Ford")),
        ];
        let id = customers.create("Acme", true, fields);
        let changes = vec![
            (
                "companyAddress",
                Field::Group(vec![("city", "Weir".to_owned())]),
            ),
            ("sector", text("water")),
        ];
        customers.modify("Acme", &id, &ORDER, changes).unwrap();
        let expected = vec![
            ("name", text("Meadow Pumps")),
            ("sector", text("water")),
            ("companyAddress", address("Mill Lane 1", "Weir")),
        ];
        assert_eq!(customers.get("Acme", &id).unwrap().fields, expected);
    }

    #[test]
    fn pages() {
        let customers = EndCustomers::new(7);
        for number in 0..12 {
            make(&customers, &number.to_string());
        }
        let names = |start, size| {
            let page = customers.list("Acme", start, size).unwrap();
            page.iter().map(|c| c.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(None, None).len(), 10);
        assert_eq!(names(Some(9), Some(2)), ["9", "10"]);
        assert_eq!(names(Some(10), Some(10)), ["10", "11"]);
        let error = customers.list("Acme", None, Some(11)).unwrap_err();
        assert_eq!(error.code(), "SVC 1021");
    }
}
