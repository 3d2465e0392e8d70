//! The customer whose SIMs these are, and its billing accounts.

use std::sync::Mutex;

use super::Platform;
use crate::fault::Fault;
use crate::fleet::{CUSTOMER_ID, CUSTOMER_NAME};
use crate::lock;

/// Fiscal number of the customer: of nobody.
pub(crate) const FISCAL_NUMBER: &str = "00000000T";
/// Billing accounts: id and name. The first is the default one.
pub(super) const ACCOUNTS: [(&str, &str); 2] = [("0", "default"), ("1", "Sandbox Projects")];
/// How long the testing period of the customer still lasts, in seconds.
const TESTING_PERIOD: i64 = 30 * 86_400;

/// The name of a billing account.
pub(super) fn billing_account(id: &str) -> Result<&'static str, Fault> {
    let found = ACCOUNTS.iter().find(|(known, _)| *known == id.trim());
    found
        .map(|(_, name)| *name)
        .ok_or_else(|| Fault::not_found(id.trim()))
}

/// Name of a billing account, empty for an unknown one.
pub(crate) fn billing_account_name(id: &str) -> &'static str {
    billing_account(id).unwrap_or_default()
}

/// Where IP addresses of a network come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Addressing {
    /// Fixed ones, from the network with this address and mask.
    Static {
        /// Whether they are of version 6.
        ipv6: bool,
        /// Address of the network.
        network: String,
        /// Mask, or prefix length with a slash.
        mask: String,
    },
    /// New ones each time: `ipv4` or `ipv6`.
    Dynamic(String),
}

/// A virtual private network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vpn {
    /// Name.
    pub name: String,
    /// APNs that belong to it.
    pub apns: Vec<String>,
    /// Addresses.
    pub addressing: Option<Addressing>,
}

impl Vpn {
    pub(crate) fn new(name: String, apns: Vec<String>, addressing: Option<Addressing>) -> Self {
        Self {
            name,
            apns,
            addressing,
        }
    }
}

/// The customer, as far as it can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Customer {
    /// Name; SIMs show it, too.
    pub name: String,
    /// Description.
    pub description: String,
    /// Language.
    pub default_language: String,
    /// Free fields.
    pub custom_fields: [String; 4],
    /// E-mail address of the primary contact.
    pub email: String,
    /// Town of the company.
    pub city: String,
    /// Means of payment of the default billing account.
    pub payment_method: String,
    /// Virtual private networks.
    pub vpns: Vec<Vpn>,
}

/// Changes to the customer; what is left out stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomerChange {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) default_language: Option<String>,
    pub(crate) custom_fields: [Option<String>; 4],
    pub(crate) email: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) payment_method: Option<String>,
    pub(crate) vpns: Option<Vec<Vpn>>,
}

/// The only customer of a sandbox.
#[derive(Debug)]
pub(crate) struct Customers(Mutex<Customer>);

impl Customers {
    pub(crate) fn new() -> Self {
        let vpn = |name: &str, apn: &str, addressing| {
            Vpn::new(name.to_owned(), vec![apn.to_owned()], Some(addressing))
        };
        let fixed = Addressing::Static {
            ipv6: false,
            network: "192.0.2.0".to_owned(),
            mask: "255.255.255.0".to_owned(),
        };
        let dynamic = Addressing::Dynamic("ipv4".to_owned());
        Self(Mutex::new(Customer {
            name: CUSTOMER_NAME.to_owned(),
            description: String::new(),
            default_language: "en".to_owned(),
            custom_fields: Default::default(),
            email: "hello@sandbox.example".to_owned(),
            city: "Sandbox City".to_owned(),
            payment_method: String::new(),
            vpns: vec![
                vpn("sandbox-fixed", "fixed.sandbox.example", fixed),
                vpn("sandbox-lab", "lab.sandbox.example", dynamic),
            ],
        }))
    }
}

/// A billing account as it is now.
#[derive(Debug, Clone)]
pub(crate) struct BillingAccount {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) payment_method: String,
    /// Ids of the groups that it is charged for.
    pub(crate) groups: Vec<u32>,
    pub(crate) subscriptions: usize,
}

impl Platform {
    /// `getCustomers`, `getVpnListCustomer`: the customer.
    pub(crate) fn customer(&self) -> Customer {
        lock(&self.customers.0).clone()
    }

    /// `modifyCustomer`.
    pub(crate) fn modify_customer(
        &self,
        id: Option<&str>,
        change: &CustomerChange,
    ) -> Result<(), Fault> {
        own(id)?;
        if change.name.as_ref().is_some_and(|n| n.trim().is_empty()) {
            return Err(Fault::missing("name"));
        }
        let mut customer = lock(&self.customers.0);
        let customer = &mut *customer;
        for (field, new) in [
            (&mut customer.name, &change.name),
            (&mut customer.description, &change.description),
            (&mut customer.default_language, &change.default_language),
            (&mut customer.email, &change.email),
            (&mut customer.city, &change.city),
            (&mut customer.payment_method, &change.payment_method),
        ] {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        for (field, new) in customer.custom_fields.iter_mut().zip(&change.custom_fields) {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        if let Some(vpns) = &change.vpns {
            customer.vpns.clone_from(vpns);
        }
        if let Some(name) = &change.name {
            self.fleet.rename_customer(name);
        }
        Ok(())
    }

    /// `getExpirationTime`.
    pub(crate) fn expiration_time(id: Option<&str>) -> Result<i64, Fault> {
        own(id).map(|()| TESTING_PERIOD)
    }

    /// `getBillingAccounts`.
    pub(crate) fn billing_accounts(&self, id: Option<&str>) -> Result<Vec<BillingAccount>, Fault> {
        own(id)?;
        Ok(ACCOUNTS
            .iter()
            .map(|account| self.account(account))
            .collect())
    }

    /// `getBillingAccount`.
    pub(crate) fn billing_account(
        &self,
        customer: Option<&str>,
        id: &str,
    ) -> Result<BillingAccount, Fault> {
        own(customer)?;
        let account = ACCOUNTS.iter().find(|(known, _)| *known == id.trim());
        account
            .map(|account| self.account(account))
            .ok_or_else(|| Fault::not_found(id.trim()))
    }

    fn account(&self, (id, name): &(&'static str, &'static str)) -> BillingAccount {
        let groups = self.fleet.commercial_groups().all();
        let groups = groups.iter().filter(|g| g.billing_account_id == *id);
        let groups: Vec<_> = groups.map(|g| g.id).collect();
        BillingAccount {
            id,
            name,
            payment_method: if *id == "0" {
                lock(&self.customers.0).payment_method.clone()
            } else {
                String::new()
            },
            subscriptions: groups.iter().map(|g| self.fleet.count_in(*g)).sum(),
            groups,
        }
    }
}

/// Whether a request is about the customer that there is.
pub(crate) fn own(id: Option<&str>) -> Result<(), Fault> {
    match id.map(str::trim) {
        None | Some(CUSTOMER_ID) => Ok(()),
        Some("") => Err(Fault::missing("customerID")),
        Some(other) => Err(Fault::not_found(other)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fleet::Fleet;
    use crate::platform::{Change, GroupChange, Reports};

    fn platform() -> Platform {
        let reports = Reports::new(
            7,
            std::time::Duration::ZERO,
            crate::platform::Doors::default(),
        );
        Platform::new(Fleet::new(30, 7), 7, reports)
    }

    #[test]
    fn the_name_of_the_customer_is_on_its_sims() {
        let p = platform();
        let change = CustomerChange {
            name: Some("Sandbox Waterworks".into()),
            ..Default::default()
        };
        let other = p.modify_customer(Some("customer-1"), &change).unwrap_err();
        assert_eq!(other.code(), "SVC 1006");
        p.modify_customer(None, &change).unwrap();
        assert_eq!(p.customer().name, "Sandbox Waterworks");
        let all = p.fleet.all();
        assert!(all.iter().all(|s| s.customer_name == "Sandbox Waterworks"));
        assert_eq!(
            p.fleet.insert_in_front().customer_name,
            "Sandbox Waterworks"
        );
    }

    #[test]
    fn accounts_have_the_groups_that_name_them() {
        let p = platform();
        let of = |id: &str| p.billing_account(None, id).unwrap();
        assert_eq!((of("0").groups.len(), of("0").subscriptions), (3, 30));
        let change = GroupChange {
            billing_account_id: Some("1".into()),
            ..Default::default()
        };
        p.fleet
            .commercial_groups()
            .update("10102", &change)
            .unwrap();
        assert_eq!(of("1").groups, [10_102]);
        let before = of("1").subscriptions;
        let sim = p.fleet.find(|s| s.commercial_group != 10_102).unwrap();
        p.modify("Acme", &sim.id(), &Change::CommercialGroup("10102".into()))
            .unwrap();
        assert_eq!(of("1").subscriptions, before + 1);
        assert_eq!(p.billing_account(None, "2").unwrap_err().code(), "SVC 1006");
    }
}
