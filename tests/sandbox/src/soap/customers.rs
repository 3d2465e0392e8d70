//! `Customers`: the customer whose SIMs these are. Made up after the REST binding and the shared
//! types.

use roxmltree::Node;

use super::billing_accounts::account;
use super::fields::{Fields, text};
use super::service::{Context, M2M, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::fleet::CUSTOMER_ID;
use crate::platform::{Addressing, Customer, CustomerChange, Platform, Vpn, own};

/// Version 2.
pub(crate) const V2: Service = Service {
    segment: "Customers",
    version: "v2",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/customer/v2/types",
    operations: &[
        "getCustomers",
        "modifyCustomer",
        "getVpnListCustomer",
        "getExpirationTime",
    ],
    read,
};

const CUSTOM: [&str; 4] = [
    "customField1",
    "customField2",
    "customField3",
    "customField4",
];
/// What `modifyCustomer` takes besides texts.
const STRUCTURES: [&str; 12] = [
    "companyAddress",
    "primaryContact",
    "primaryContactAddressIsCompanyAddress",
    "primaryContactAddress",
    "billingContactIsPrimaryContact",
    "billingContact",
    "billingContactAddressIsCompanyAddress",
    "billingContactAddress",
    "shippingAddressIsCompanyAddress",
    "shippingAddress",
    "defaultBillingAccount",
    "vpns",
];

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let types = service.types;
    let customer = || Fields::new(node, types, |n| n == "customerID")?.text("customerID");
    Ok(Box::new(match operation {
        "getCustomers" => {
            Fields::new(node, types, |_| false)?;
            Customers::Get
        }
        "modifyCustomer" => modify(node, types)?,
        "getVpnListCustomer" => Customers::Vpns(customer()?),
        "getExpirationTime" => Customers::ExpirationTime(customer()?),
        _ => return Err(Fault::unknown_operation()),
    }))
}

/// Of contact and address only what is read back is kept; flags and other addresses are only read.
fn modify(node: Node<'_, '_>, types: &'static str) -> Result<Customers, Fault> {
    let texts = ["customerID", "name", "description", "defaultLanguage"];
    let known = |n: &str| texts.contains(&n) || CUSTOM.contains(&n) || STRUCTURES.contains(&n);
    let fields = Fields::new(node, types, known)?;
    let change = CustomerChange {
        name: fields.text("name")?,
        description: fields.text("description")?,
        default_language: fields.text("defaultLanguage")?,
        custom_fields: [
            fields.text(CUSTOM[0])?,
            fields.text(CUSTOM[1])?,
            fields.text(CUSTOM[2])?,
            fields.text(CUSTOM[3])?,
        ],
        email: inner(&fields, "primaryContact", "email")?,
        city: inner(&fields, "companyAddress", "city")?,
        payment_method: inner(&fields, "defaultBillingAccount", "paymentMethod")?,
        vpns: fields
            .has("vpns")
            .then(|| fields.all("vpns").map(|node| vpn(node, types)).collect())
            .transpose()?,
    };
    Ok(Customers::Modify(
        fields.text("customerID")?,
        Box::new(change),
    ))
}

/// A text in an element of a shared type.
fn inner(fields: &Fields<'_, '_>, name: &str, child: &str) -> Result<Option<String>, Fault> {
    let Some(node) = fields.one(name)? else {
        return Ok(None);
    };
    Fields::new(node, M2M, |_| true)?.text(child)
}

fn vpn(node: Node<'_, '_>, types: &'static str) -> Result<Vpn, Fault> {
    let known = ["name", "apns", "staticAddressing", "dynamicAddressing"];
    let fields = Fields::new(node, types, |n| known.contains(&n))?;
    let fixed = |node| -> Result<_, Fault> {
        let versions = Fields::new(node, M2M, |n| n == "ipv4" || n == "ipv6")?;
        let (ipv6, node) = match (versions.one("ipv4")?, versions.one("ipv6")?) {
            (Some(node), None) => (false, node),
            (None, Some(node)) => (true, node),
            _ => return Err(Fault::invalid_value("staticAddressing")),
        };
        let network = Fields::new(node, M2M, |n| n == "network" || n == "mask")?;
        Ok(Addressing::Static {
            ipv6,
            network: network.required("network")?,
            mask: network.required("mask")?,
        })
    };
    let dynamic = |node| -> Result<_, Fault> {
        let fields = Fields::new(node, M2M, |n| n == "ipType")?;
        Ok(Addressing::Dynamic(fields.required("ipType")?))
    };
    let addressing = match (
        fields.one("staticAddressing")?,
        fields.one("dynamicAddressing")?,
    ) {
        (None, None) => None,
        (Some(node), None) => Some(fixed(node)?),
        (None, Some(node)) => Some(dynamic(node)?),
        (Some(_), Some(_)) => {
            return Err(Fault::invalid_value(
                "staticAddressing and dynamicAddressing exclude each other",
            ));
        }
    };
    let apns = fields.all("apns").map(text).collect::<Result<_, _>>()?;
    Ok(Vpn::new(fields.required("name")?, apns, addressing))
}

#[derive(Debug)]
enum Customers {
    Get,
    Modify(Option<String>, Box<CustomerChange>),
    Vpns(Option<String>),
    ExpirationTime(Option<String>),
}

impl Request for Customers {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        match self {
            Self::Get => cx.list("customerData", [cx.platform.customer()], |xml, found| {
                customer(xml, &found, cx.platform);
            }),
            Self::Modify(id, change) => {
                cx.platform.modify_customer(id.as_deref(), change)?;
                cx.empty()
            }
            Self::Vpns(id) => {
                own(id.as_deref())?;
                let vpns = cx.platform.customer().vpns;
                cx.list("vpn", vpns, |xml, vpn| write_vpn(xml, &vpn))
            }
            Self::ExpirationTime(id) => {
                let left = Platform::expiration_time(id.as_deref())?;
                cx.answer(|xml| xml.text("expirationTime", left))
            }
        }
    }
}

/// `CustomerType`.
fn customer(xml: &mut Xml, customer: &Customer, platform: &Platform) {
    xml.text("customerID", CUSTOMER_ID);
    xml.text("type", "customer");
    xml.text("name", &customer.name);
    xml.text("description", &customer.description);
    xml.text("status", "Active");
    xml.text("defaultLanguage", &customer.default_language);
    xml.group("billingCycleStart", |xml| {
        xml.text("dayOfMonth", 1);
        xml.text("timezone", "Europe/Madrid");
    });
    xml.text("currency", "978");
    xml.group("companyAddress", |xml| {
        xml.shared(|xml| {
            xml.text("line1", "1 Sandbox Street");
            xml.text("city", &customer.city);
            xml.text("state", "Nowhere");
            xml.text("country", "ZZ");
            xml.text("postalCode", "00000");
        });
    });
    xml.group("primaryContact", |xml| {
        xml.shared(|xml| {
            xml.text("firstName", "Sandy");
            xml.text("lastName", "Box");
            xml.text("phone", "999000000001");
            xml.text("email", &customer.email);
            xml.text("mobile", "999000000002");
        });
    });
    xml.text("primaryContactAddressIsCompanyAddress", true);
    xml.text("billingContactIsPrimaryContact", true);
    xml.text("shippingAddressIsCompanyAddress", true);
    let accounts = platform.billing_accounts(None).unwrap_or_default();
    if let Some(default) = accounts.first() {
        xml.group("defaultBillingAccount", |xml| account(xml, default));
    }
    for other in &accounts {
        xml.group("billingAccounts", |xml| account(xml, other));
    }
    for vpn in &customer.vpns {
        xml.group("vpns", |xml| write_vpn(xml, vpn));
    }
    xml.text("timeAndConsumptionVoucherIsEnabled", true);
    xml.text("subscriptionCount", platform.fleet.len());
    xml.text("imeiFilterEnabled", false);
    for (name, value) in CUSTOM.iter().zip(&customer.custom_fields) {
        xml.text(name, value);
    }
}

fn write_vpn(xml: &mut Xml, vpn: &Vpn) {
    xml.text("name", &vpn.name);
    for apn in &vpn.apns {
        xml.text("apns", apn);
    }
    match &vpn.addressing {
        None => {}
        Some(Addressing::Static {
            ipv6,
            network,
            mask,
        }) => xml.group("staticAddressing", |xml| {
            xml.shared(|xml| {
                xml.group(if *ipv6 { "ipv6" } else { "ipv4" }, |xml| {
                    xml.text("network", network);
                    xml.text("mask", mask);
                });
            });
        }),
        Some(Addressing::Dynamic(ip_type)) => xml.group("dynamicAddressing", |xml| {
            xml.shared(|xml| xml.text("ipType", ip_type));
        }),
    }
}
