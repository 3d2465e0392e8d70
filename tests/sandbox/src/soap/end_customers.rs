//! `EndCustomers`: what each request needs. Written from the contract by hand.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, M2M, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::{EndCustomerFields, Field};

/// Version 2.
pub(crate) const V2: Service = Service {
    segment: "EndCustomers",
    version: "v2",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/endcustomer/v2/types",
    operations: OPERATIONS,
    read,
};

/// Version 1.
pub(crate) const V1: Service = Service {
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/endcustomer/v1/types",
    ..V2
};

const OPERATIONS: &[&str] = &[
    "createEndCustomer",
    "getEndCustomers",
    "getEndCustomer",
    "modifyEndCustomer",
    "deleteEndCustomer",
    "deactivateEndCustomer",
    "activateEndCustomer",
];

/// What may stand in an element.
#[derive(Clone, Copy)]
enum Value {
    Text,
    Flag,
    /// A number from 1 to this.
    UpTo(i64),
    Group(&'static [Param]),
    /// Text that is not empty.
    NotEmpty,
    Email,
    /// A telephone number.
    E164,
}

use Value::{E164, Email, Flag, Group, NotEmpty, Text, UpTo};

/// An element: its name, whether it must be there, and what may stand in it.
type Param = (&'static str, bool, Value);

const ADDRESS: &[Param] = &[
    ("line1", true, NotEmpty),
    ("line2", false, NotEmpty),
    ("city", true, NotEmpty),
    ("state", true, NotEmpty),
    ("country", true, NotEmpty),
    ("postalCode", true, NotEmpty),
];

const CONTACT: &[Param] = &[
    ("firstName", true, NotEmpty),
    ("lastName", true, NotEmpty),
    ("phone", true, E164),
    ("email", true, Email),
    ("mobile", true, E164),
    ("fax", false, E164),
];

const ID: &str = "endCustomerID";
const STATUS: &str = "status";

/// An end customer, in the order of the schema; `status` is not among them.
const ELEMENTS: &[Param] = &[
    ("name", false, Text),
    ("defaultLanguage", true, Text),
    ("companyType", false, Text),
    ("sector", false, Text),
    ("companyAddress", true, Group(ADDRESS)),
    ("primaryContact", true, Group(CONTACT)),
    ("firstAdditionalContact", false, Group(CONTACT)),
    ("secondAdditionalContact", false, Group(CONTACT)),
    ("thirdAdditionalContact", false, Group(CONTACT)),
    ("fourthAdditionalContact", false, Group(CONTACT)),
    ("billingAddress", true, Group(ADDRESS)),
    ("shippingAddress", true, Group(ADDRESS)),
    ("customField1", false, Text),
    ("customField2", false, Text),
    ("customField3", false, Text),
    ("customField4", false, Text),
    ("authorizationFlowEnabled", false, Flag),
    ("authorizationFlowDelegated", false, Flag),
    ("authorizationFlowThresholdPercentageEnabled", false, Flag),
    ("authorizationFlowThresholdNominal", false, UpTo(999_999)),
    ("authorizationFlowThresholdPercentage", false, UpTo(100)),
];

/// Those that version 1 does not know begin so.
const SINCE_V2: &str = "authorizationFlow";

#[derive(Debug)]
enum EndCustomers {
    Create {
        active: bool,
        fields: EndCustomerFields,
    },
    List {
        start: Option<i64>,
        size: Option<i64>,
    },
    Get(String),
    Modify {
        id: String,
        changes: EndCustomerFields,
    },
    Delete(String),
    SetActive {
        id: String,
        active: bool,
    },
}

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let elements: Vec<Param> = elements(service).collect();
    let with = |others: &[&str]| {
        let known = |n: &str| others.contains(&n) || elements.iter().any(|(name, ..)| *name == n);
        Fields::new(node, service.types, known)
    };
    let only_id = || Fields::new(node, service.types, |n| n == ID)?.required(ID);
    Ok(Box::new(match operation {
        "createEndCustomer" => {
            let fields = with(&[STATUS])?;
            EndCustomers::Create {
                active: match fields.text(STATUS)?.as_deref().map(str::trim) {
                    None | Some("Active") => true,
                    Some("Inactive") => false,
                    Some(other) => {
                        let value = format!("{STATUS} {other}.");
                        return Err(Fault::unsupported_value(value, "Active, Inactive"));
                    }
                },
                fields: values(&fields, &elements, true)?,
            }
        }
        "getEndCustomers" => {
            let known = |n: &str| matches!(n, "startIndex" | "maxBatchSize");
            let fields = Fields::new(node, service.types, known)?;
            EndCustomers::List {
                start: fields.parsed("startIndex")?,
                size: fields.parsed("maxBatchSize")?,
            }
        }
        "getEndCustomer" => EndCustomers::Get(only_id()?),
        "modifyEndCustomer" => {
            let fields = with(&[ID])?;
            EndCustomers::Modify {
                id: fields.required(ID)?,
                changes: values(&fields, &elements, false)?,
            }
        }
        "deleteEndCustomer" => EndCustomers::Delete(only_id()?),
        "deactivateEndCustomer" | "activateEndCustomer" => EndCustomers::SetActive {
            id: only_id()?,
            active: operation == "activateEndCustomer",
        },
        _ => return Err(Fault::unknown_operation()),
    }))
}

impl Request for EndCustomers {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let (all, organisation) = (&cx.platform.end_customers, cx.organisation);
        match self {
            Self::Create { active, fields } => {
                let id = all.create(organisation, *active, fields.clone());
                cx.answer(|xml| xml.text(ID, id))
            }
            Self::List { start, size } => {
                let page = all.list(organisation, *start, *size)?;
                cx.list("endCustomer", page, |xml, customer| {
                    xml.text(ID, &customer.id);
                    xml.text("name", customer.name());
                    xml.text(STATUS, status(customer.active));
                })
            }
            Self::Get(id) => {
                let customer = all.get(organisation, id)?;
                cx.answer(|xml| {
                    // In the order of the schema: the status comes after the name.
                    let (name, others): (Vec<_>, Vec<_>) = customer
                        .fields
                        .iter()
                        .partition(|(name, _)| *name == "name");
                    name.into_iter().for_each(|field| write(xml, field));
                    xml.text(STATUS, status(customer.active));
                    let known = |(name, _): &&(&str, Field)| {
                        elements(cx.service).any(|(element, ..)| element == *name)
                    };
                    others
                        .into_iter()
                        .filter(known)
                        .for_each(|field| write(xml, field));
                })
            }
            Self::Modify { id, changes } => {
                let order: Vec<_> = ELEMENTS.iter().map(|(name, ..)| *name).collect();
                all.modify(organisation, id, &order, changes.clone())?;
                cx.empty()
            }
            Self::Delete(id) => {
                cx.platform.delete_end_customer(organisation, id)?;
                cx.empty()
            }
            Self::SetActive { id, active } => {
                all.set_active(organisation, id, *active)?;
                cx.empty()
            }
        }
    }
}

/// The elements that a version knows.
fn elements(service: &Service) -> impl Iterator<Item = Param> + use<> {
    let old = service.version == V1.version;
    ELEMENTS
        .iter()
        .copied()
        .filter(move |(name, ..)| !(old && name.starts_with(SINCE_V2)))
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

fn write(xml: &mut Xml, (name, field): &(&'static str, Field)) {
    match field {
        Field::Text(text) => xml.text(name, text),
        Field::Group(fields) => xml.group(name, |xml| {
            xml.shared(|xml| {
                for (name, text) in fields {
                    xml.text(name, text);
                }
            });
        }),
    }
}

/// The elements that were sent. Those that must be there must be in something new only.
fn values(
    fields: &Fields<'_, '_>,
    elements: &[Param],
    new: bool,
) -> Result<EndCustomerFields, Fault> {
    let mut out = EndCustomerFields::new();
    for (name, mandatory, value) in elements.iter().copied() {
        let Some(node) = fields.one(name)? else {
            if new && mandatory {
                return Err(Fault::missing(name));
            }
            continue;
        };
        let Group(children) = value else {
            let text = super::fields::text(node)?;
            check(name, value, &text)?;
            out.push((name, Field::Text(text)));
            continue;
        };
        let inner = Fields::new(node, M2M, |n| children.iter().any(|(c, ..)| *c == n))?;
        let mut group = Vec::new();
        for (name, mandatory, value) in children.iter().copied() {
            match inner.text(name)? {
                Some(text) => {
                    check(name, value, &text)?;
                    group.push((name, text));
                }
                None if new && mandatory => return Err(Fault::missing(name)),
                None => {}
            }
        }
        out.push((name, Field::Group(group)));
    }
    Ok(out)
}

fn check(name: &str, value: Value, text: &str) -> Result<(), Fault> {
    let fits = match value {
        Text | Group(_) => true,
        NotEmpty => !text.is_empty(),
        Flag => matches!(text.trim(), "true" | "false" | "1" | "0"),
        UpTo(most) => text
            .trim()
            .parse()
            .is_ok_and(|number: i64| (1..=most).contains(&number)),
        Email => text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.split_once('.').is_some_and(|(_, tld)| !tld.is_empty())
        }),
        E164 => {
            let digits = text.strip_prefix('+').unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        }
    };
    if fits {
        Ok(())
    } else {
        Err(Fault::invalid_value(format!("{name} {text}")))
    }
}
