//! `BillingAccount`: what the customer is charged for. Made up after the REST binding and the
//! shared type.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::{BillingAccount, FISCAL_NUMBER};

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "BillingAccount",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/billingaccount/v1/types",
    operations: &["getBillingAccounts", "getBillingAccount"],
    read,
};

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let one = operation == "getBillingAccount";
    let known = |n: &str| n == "customerId" || one && n == "billingAccountId";
    let fields = Fields::new(node, service.types, known)?;
    Ok(Box::new(Accounts {
        customer: fields.text("customerId")?,
        account: one
            .then(|| fields.required("billingAccountId"))
            .transpose()?,
    }))
}

#[derive(Debug)]
struct Accounts {
    customer: Option<String>,
    /// Of all accounts, if there is none.
    account: Option<String>,
}

impl Request for Accounts {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let customer = self.customer.as_deref();
        let accounts = match &self.account {
            None => cx.platform.billing_accounts(customer)?,
            Some(id) => vec![cx.platform.billing_account(customer, id)?],
        };
        cx.list("billingAccount", accounts, |xml, found| {
            account(xml, &found)
        })
    }
}

/// `BillingAccountType`, whose namespace is a shared one.
pub(crate) fn account(xml: &mut Xml, account: &BillingAccount) {
    xml.shared(|xml| {
        xml.text("billingAccountName", account.name);
        xml.text("billingAccountId", account.id);
        xml.text("fiscalNumber", FISCAL_NUMBER);
        xml.text("billable", true);
        xml.text("autoPrebillIssue", true);
        xml.text("billAccIDinSPCRM", format_args!("crm-{}", account.id));
        xml.text("addressIsCompanyAddress", true);
        xml.text("contactIsPrimaryContact", true);
        xml.text("paymentMethod", &account.payment_method);
        for id in &account.groups {
            xml.text("commercialGroup", id);
        }
        xml.text("subscriptions", account.subscriptions);
    });
}
