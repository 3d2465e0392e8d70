//! `Users`: what each request needs. Written from the contract by hand.

use roxmltree::Node;

use super::fields::{Fields, text};
use super::service::{COMMON, Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::{User, UserFields, UserFilters, org_id, roles};

/// Version 3.
pub(crate) const V3: Service = Service {
    segment: "Users",
    version: "v3",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/user/v3/types",
    operations: &[
        "createUser",
        "deleteUser",
        "modifyUser",
        "getUsers",
        "blockUser",
        "unblockUser",
        "getRoles",
        "resetPassword",
    ],
    read,
};

/// Version 1.
pub(crate) const V1: Service = Service {
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/user/v1/types",
    ..V3
};

const NAME: &str = "username";
const ORG: &str = "orgId";

/// Elements with one text, and whether a new user needs them.
const ELEMENTS: [(&str, bool); 10] = [
    (NAME, true),
    ("firstname", true),
    ("lastname", true),
    ("email", true),
    ("phone", false),
    ("language", true),
    ("country", true),
    ("timezone", true),
    ("monetaryInfo", false),
    ("mobilePhone", false),
];

/// The elements that a version knows.
fn elements(service: &Service) -> impl Iterator<Item = (&'static str, bool)> + use<> {
    let old = is_v1(service);
    ELEMENTS
        .into_iter()
        .filter(move |(name, _)| !(old && *name == "mobilePhone"))
}

/// What a version calls the roles.
fn role(service: &Service) -> &'static str {
    if is_v1(service) { "rol" } else { "roles" }
}

fn is_v1(service: &Service) -> bool {
    service.version == V1.version
}

#[derive(Debug)]
enum Users {
    Create {
        org_id: Option<String>,
        roles: Vec<String>,
        fields: UserFields,
    },
    Modify {
        username: String,
        roles: Vec<String>,
        changes: UserFields,
    },
    Delete(String),
    SetBlocked {
        username: String,
        blocked: bool,
    },
    ResetPassword(String),
    List {
        filters: UserFilters,
        index: Option<i64>,
        size: Option<i64>,
    },
    Roles {
        org_id: String,
    },
}

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let user = |others: &[&str]| {
        let known = |n: &str| {
            n == role(service)
                || others.contains(&n)
                || elements(service).any(|(element, _)| element == n)
        };
        Fields::new(node, service.types, known)
    };
    let only = |name: &str| Fields::new(node, service.types, |n| n == name)?.required(name);
    Ok(Box::new(match operation {
        "createUser" => {
            let fields = user(&[ORG])?;
            let roles = roles_of(&fields, service)?;
            let new = values(&fields, service, true)?;
            if roles.is_empty() {
                return Err(Fault::missing(role(service)));
            }
            Users::Create {
                org_id: fields.text(ORG)?,
                roles,
                fields: new,
            }
        }
        "modifyUser" => {
            let fields = user(&[])?;
            let mut changes = values(&fields, service, false)?;
            changes.retain(|(name, _)| *name != NAME);
            Users::Modify {
                username: fields.required(NAME)?,
                roles: roles_of(&fields, service)?,
                changes,
            }
        }
        "deleteUser" => Users::Delete(only(NAME)?),
        "blockUser" | "unblockUser" => Users::SetBlocked {
            username: only(NAME)?,
            blocked: operation == "blockUser",
        },
        "resetPassword" => Users::ResetPassword(only(NAME)?),
        "getUsers" => {
            let known = |n: &str| matches!(n, "searchParameters" | "index" | "maxBatchSize");
            let fields = Fields::new(node, service.types, known)?;
            Users::List {
                filters: filters(&fields)?,
                index: fields.parsed("index")?,
                size: fields.parsed("maxBatchSize")?,
            }
        }
        "getRoles" => Users::Roles { org_id: only(ORG)? },
        _ => return Err(Fault::unknown_operation()),
    }))
}

impl Request for Users {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let (all, organisation) = (&cx.platform.users, cx.organisation);
        // Of the caller, or of one of its end customers.
        let belongs = |id: &str| {
            let own = id == org_id(organisation);
            own || cx.platform.end_customers.get(organisation, id).is_ok()
        };
        match self {
            Self::Create {
                org_id: id,
                roles,
                fields,
            } => {
                let id = id.clone().unwrap_or_else(|| org_id(organisation));
                if !belongs(&id) {
                    return Err(Fault::not_found(&id));
                }
                all.create(organisation, id, roles.clone(), fields.clone())?;
            }
            Self::Modify {
                username,
                roles,
                changes,
            } => all.modify(organisation, username, roles.clone(), changes.clone())?,
            Self::Delete(username) => all.delete(organisation, username)?,
            Self::SetBlocked { username, blocked } => {
                all.set_blocked(organisation, username, *blocked)?;
            }
            Self::ResetPassword(username) => all.reset_password(organisation, username)?,
            Self::List {
                filters,
                index,
                size,
            } => {
                let page = all.list(organisation, filters, *index, *size)?;
                return cx.list("user", page, |xml, user| write(xml, &user, cx.service));
            }
            Self::Roles { org_id } => {
                if !belongs(org_id) {
                    return Err(Fault::not_found(org_id));
                }
                return cx.answer(|xml| roles().iter().for_each(|role| xml.text("role", role)));
            }
        }
        cx.empty()
    }
}

/// A user, in the order of the schema.
fn write(xml: &mut Xml, user: &User, service: &Service) {
    for name in [NAME, "firstname", "lastname", "email"] {
        xml.blank(name, user.get(name));
    }
    xml.text(ORG, &user.org_id);
    xml.some("phone", user.get("phone"));
    for one in &user.roles {
        xml.text(role(service), one);
    }
    for name in ["language", "country", "timezone"] {
        xml.blank(name, user.get(name));
    }
    xml.text("monetaryInfo", user.get("monetaryInfo").unwrap_or("false"));
    xml.text("status", user.status());
    if !is_v1(service) {
        xml.some("mobilePhone", user.get("mobilePhone"));
    }
}

/// The elements with one text that were sent.
fn values(fields: &Fields<'_, '_>, service: &Service, new: bool) -> Result<UserFields, Fault> {
    let mut out = UserFields::new();
    for (name, mandatory) in elements(service) {
        if new && mandatory {
            fields.required(name)?;
        }
        if name == "monetaryInfo" {
            fields.flag(name)?;
        }
        if let Some(text) = fields.text(name)? {
            out.push((name, text));
        }
    }
    Ok(out)
}

fn roles_of(fields: &Fields<'_, '_>, service: &Service) -> Result<Vec<String>, Fault> {
    let all: Result<Vec<_>, _> = fields.all(role(service)).map(text).collect();
    match all? {
        many if is_v1(service) && many.len() > 1 => Err(Fault::invalid_value("rol occurs twice")),
        all => Ok(all),
    }
}

fn filters(fields: &Fields<'_, '_>) -> Result<UserFilters, Fault> {
    let mut out = UserFilters::default();
    let Some(node) = fields.one("searchParameters")? else {
        return Ok(out);
    };
    let params = Fields::new(node, COMMON, |n| n == "param")?;
    for param in params.all("param") {
        let pair = Fields::new(param, COMMON, |n| matches!(n, "name" | "value"))?;
        let values: Result<Vec<_>, _> = pair.all("value").map(text).collect();
        let values = values?;
        if values.is_empty() {
            return Err(Fault::missing("value"));
        }
        out.add(&pair.required("name")?, values)?;
    }
    Ok(out)
}
