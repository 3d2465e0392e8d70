//! `CommercialGroup`: groups made, read, changed and deleted. Fields after the REST binding where
//! the guide shows none.

use roxmltree::Node;

use super::fields::{Fields, text};
use super::service::{Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::{
    CommercialGroup, GroupChange, GroupLimit, ListsChange, PowerSaving, ServicePack, UNITS,
    billing_account_name,
};

/// Version 4.
pub(crate) const V4: Service = Service {
    segment: "CommercialGroup",
    version: "v4",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/commercialgroup/v4/types",
    operations: &[
        "createCommercialGroup",
        "getCommercialGroup",
        "getCommercialGroups",
        "deleteCommercialGroup",
        "updateCommercialGroup",
        "updateScreeningLists",
        "updateLpwaPowerSaving",
    ],
    read,
};

/// Version 2.
pub(crate) const V2: Service = Service {
    segment: "CommercialGroup",
    version: "v2",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/commercialgroup/v2/types",
    operations: &[
        "createCommercialGroup",
        "getCommercialGroup",
        "getCommercialGroups",
        "deleteCommercialGroup",
        "updateCommercialGroup",
        "updateScreeningLists",
    ],
    read,
};

/// Voice, messages, data, everything.
const LIMITS: [&str; 4] = ["limitVoice", "limitSms", "limitData", "limitTotal"];
const LISTS: [&str; 3] = ["whiteList", "blackList", "roamingList"];
const LISTS_NAI: [&str; 3] = ["whiteListNAI", "blackListNAI", "roamingListNAI"];
const TECHNOLOGIES: [&str; 2] = ["lte-m", "nb-iot"];

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let types = service.types;
    let with = |others: &[&str]| Fields::new(node, types, |n| n == "id" || others.contains(&n));
    let only_id = || with(&[])?.required("id");
    Ok(Box::new(match operation {
        "createCommercialGroup" => {
            let base = ["name", "description", "servicePackId", "billingAccountId"];
            let known = |n: &str| {
                let parts = [&base[..], &LIMITS, &LISTS, &LISTS_NAI];
                parts.iter().any(|part| part.contains(&n))
            };
            let fields = Fields::new(node, types, known)?;
            fields.required("name")?;
            fields.required("servicePackId")?;
            let mut change = change(&fields, types)?;
            change.lists = lists(&fields, types)?;
            Groups::Create(change)
        }
        "getCommercialGroup" => Groups::Get(only_id()?),
        "getCommercialGroups" => {
            Fields::new(node, types, |_| false)?;
            Groups::List
        }
        "deleteCommercialGroup" => Groups::Delete(only_id()?),
        "updateCommercialGroup" => {
            let known = [
                "name",
                "description",
                "servicePackId",
                "billingAccountId",
                "limitVoice",
                "limitSms",
                "limitData",
                "limitTotal",
                "endCustomer",
            ];
            let fields = with(&known)?;
            let id = fields.required("id")?;
            if !known.iter().any(|name| fields.has(name)) {
                return Err(Fault::missing("the parameter to be changed"));
            }
            let mut change = change(&fields, types)?;
            let end_customer = fields.text("endCustomer")?;
            change.end_customer = end_customer.map(|id| id.trim().to_owned());
            Groups::Update(id, change)
        }
        "updateScreeningLists" => {
            let all: Vec<_> = LISTS.into_iter().chain(LISTS_NAI).collect();
            let fields = with(&all)?;
            let id = fields.required("id")?;
            if !all.iter().any(|name| fields.has(name)) {
                return Err(Fault::missing("the list to be changed"));
            }
            Groups::Screen(id, lists(&fields, types)?)
        }
        "updateLpwaPowerSaving" => {
            let fields = with(&["lpwaPowerSaving"])?;
            let id = fields.required("id")?;
            let settings = fields.one("lpwaPowerSaving")?;
            let settings = settings.ok_or_else(|| Fault::missing("lpwaPowerSaving"))?;
            Groups::SavePower(id, power_saving(settings, types)?)
        }
        _ => return Err(Fault::unknown_operation()),
    }))
}

/// What creating and updating have in common.
fn change(fields: &Fields<'_, '_>, types: &'static str) -> Result<GroupChange, Fault> {
    let mut change = GroupChange {
        name: fields.text("name")?,
        description: fields.text("description")?,
        service_pack_id: fields.text("servicePackId")?,
        billing_account_id: fields.text("billingAccountId")?,
        ..GroupChange::default()
    };
    for (limit, name) in change.limits.iter_mut().zip(LIMITS) {
        let Some(node) = fields.one(name)? else {
            continue;
        };
        let known = ["enabled", "value", "trafficCut"];
        let fields = Fields::new(node, types, |n| known.contains(&n))?;
        *limit = Some(GroupLimit {
            enabled: fields.required_flag("enabled")?,
            value: fields.parsed("value")?,
            traffic_cut: fields.flag("trafficCut")?,
        });
    }
    Ok(change)
}

/// The lists that are given. One empty element is an empty list.
fn lists(fields: &Fields<'_, '_>, types: &'static str) -> Result<ListsChange, Fault> {
    let mut change = ListsChange::default();
    for (list, name) in change.plain.iter_mut().zip(LISTS) {
        if fields.has(name) {
            let all: Vec<_> = fields.all(name).map(text).collect::<Result<_, _>>()?;
            *list = Some(match &all[..] {
                [only] if only.trim().is_empty() => Vec::new(),
                _ => all,
            });
        }
        if list.iter().flatten().any(|rule| !is_pattern(rule)) {
            return Err(Fault::invalid_value(format!(
                "{name} has no number pattern"
            )));
        }
    }
    for (list, name) in change.with_nai.iter_mut().zip(LISTS_NAI) {
        for node in fields.all(name) {
            let fields = Fields::new(node, types, |n| n == "rule" || n == "naiId")?;
            let rule = fields.required("rule")?;
            if !is_pattern(&rule) {
                return Err(Fault::invalid_value(format!(
                    "{name} has no number pattern"
                )));
            }
            let nai = fields.parsed("naiId")?;
            let nai = nai.ok_or_else(|| Fault::missing("naiId"))?;
            list.get_or_insert_default().push((rule, nai));
        }
    }
    Ok(change)
}

/// Digits, perhaps with an asterisk at the end.
fn is_pattern(rule: &str) -> bool {
    let digits = rule.strip_suffix('*').unwrap_or(rule);
    !rule.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn power_saving(node: Node<'_, '_>, types: &'static str) -> Result<PowerSaving, Fault> {
    let known = [
        "kiteMaster",
        "tauTimer",
        "tauTimerUnit",
        "activeTimer",
        "activeTimerUnit",
        "edrx",
    ];
    let fields = Fields::new(node, types, |n| known.contains(&n))?;
    let timer = |name: &'static str, unit: &'static str| -> Result<_, Fault> {
        let Some(value) = fields.parsed::<u64>(name)? else {
            return Ok(None);
        };
        let given = fields.required(unit)?;
        let unit = one_of(unit, given.trim(), UNITS.iter().map(|(unit, _)| *unit))?;
        Ok(Some((value, unit)))
    };
    let edrx = |node| -> Result<_, Fault> {
        let known = ["edrxCycle", "pagingTimeWindow", "radioTechnology"];
        let fields = Fields::new(node, types, |n| known.contains(&n))?;
        let code = |name: &'static str| -> Result<u32, Fault> {
            match fields.parsed(name)? {
                None => Err(Fault::missing(name)),
                Some(code @ 0..=15) => Ok(code),
                Some(code) => Err(Fault::unsupported_value(
                    format_args!("{name} {code}."),
                    "0 to 15",
                )),
            }
        };
        let technology = fields.required("radioTechnology")?;
        let technology = one_of("radioTechnology", technology.trim(), TECHNOLOGIES)?;
        Ok((code("edrxCycle")?, code("pagingTimeWindow")?, technology))
    };
    Ok(PowerSaving {
        kite_master: fields.flag("kiteMaster")?,
        tau: timer("tauTimer", "tauTimerUnit")?,
        active: timer("activeTimer", "activeTimerUnit")?,
        edrx: fields.all("edrx").map(edrx).collect::<Result<_, _>>()?,
    })
}

fn one_of(
    name: &str,
    given: &str,
    all: impl IntoIterator<Item = &'static str> + Clone,
) -> Result<&'static str, Fault> {
    let found = all.clone().into_iter().find(|known| *known == given);
    found.ok_or_else(|| {
        let all: Vec<_> = all.into_iter().collect();
        Fault::unsupported_value(format_args!("{name} {given}."), all.join(", "))
    })
}

#[derive(Debug)]
enum Groups {
    Create(GroupChange),
    Get(String),
    List,
    Delete(String),
    Update(String, GroupChange),
    Screen(String, ListsChange),
    SavePower(String, PowerSaving),
}

impl Request for Groups {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let groups = cx.platform.fleet.commercial_groups();
        match self {
            Self::Create(wanted) => {
                let id = groups.create(wanted)?;
                return cx.answer(|xml| xml.text("id", id));
            }
            Self::Get(id) => {
                let group = groups.find("id", id)?;
                return cx.answer(|xml| detail(xml, &group, cx));
            }
            Self::List => {
                return cx.list("commercialGroup", groups.all(), |xml, group| {
                    xml.text("id", group.id);
                    xml.text("name", &group.name);
                    xml.text("description", &group.description);
                    xml.text("customerId", &group.customer_id);
                });
            }
            Self::Delete(id) => cx.platform.delete_group(id)?,
            Self::Update(id, change) => cx.platform.update_group(cx.organisation, id, change)?,
            Self::Screen(id, lists) => groups.screen(id, lists)?,
            Self::SavePower(id, settings) => groups.save_power(id, settings)?,
        }
        cx.empty()
    }
}

/// `CommercialGroupDetailType`.
fn detail(xml: &mut Xml, group: &CommercialGroup, cx: &Context<'_>) {
    xml.text("id", group.id);
    xml.text("name", &group.name);
    xml.text("description", &group.description);
    xml.text("customerId", &group.customer_id);
    xml.text("customerName", &cx.platform.customer().name);
    xml.blank("endCustomer", group.end_customer.as_deref());
    xml.text("servicePackId", &group.service_pack_id);
    let pack = ServicePack::find(&group.service_pack_id);
    xml.blank("servicePackName", pack.map(|pack| pack.name));
    xml.text("billingAccountId", &group.billing_account_id);
    xml.text(
        "billingAccountName",
        billing_account_name(&group.billing_account_id),
    );
    xml.text("restricted", group.restricted);
    xml.text("inputRestricted", false);
    xml.text("listsLocked", false);
    xml.text("imeiFilterEnabled", false);
    xml.text("dataPoolOverageBarring", false);
    xml.text("billingCycleStartDay", 1);
    for (limit, name) in group.limits.iter().zip(LIMITS) {
        let Some(limit) = limit else { continue };
        xml.group(name, |xml| {
            xml.text("enabled", limit.enabled);
            xml.some("value", limit.value);
            xml.some("trafficCut", limit.traffic_cut);
        });
    }
    xml.text("subscriberCount", cx.platform.fleet.count_in(group.id));
    let Some(settings) = &group.power_saving else {
        return;
    };
    if !cx.service.operations.contains(&"updateLpwaPowerSaving") {
        return;
    }
    xml.group("lpwaPowerSaving", |xml| {
        xml.some("kiteMaster", settings.kite_master);
        for (timer, name) in [(settings.tau, "tauTimer"), (settings.active, "activeTimer")] {
            xml.some(name, timer.map(|(value, _)| value));
            xml.some(&format!("{name}Unit"), timer.map(|(_, unit)| unit));
        }
        for (cycle, window, technology) in &settings.edrx {
            xml.group("edrx", |xml| {
                xml.text("edrxCycle", cycle);
                xml.text("pagingTimeWindow", window);
                xml.text("radioTechnology", technology);
            });
        }
    });
}
