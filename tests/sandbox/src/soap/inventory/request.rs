//! Requests of the inventory.

use roxmltree::Node;

use super::Version;
use crate::fault::Fault;
use crate::fleet::{Money, SimId, Voucher};
use crate::platform::{
    Apns, BasicServicesChange, Change, ExpenseLimits, Filters, Labels, SingleIp,
    SupplementaryChange, Threshold, Thresholds,
};
use crate::soap::fields::{Fields, text};
use crate::soap::service::COMMON;
use crate::soap::sim_id::{self, IDS, id};
use crate::time::Timestamp;

/// A request that was understood.
#[derive(Debug)]
pub(super) enum Request {
    List {
        size: Option<i64>,
        start: Option<i64>,
        filters: Filters,
    },
    Detail(SimId),
    Presence(SimId),
    Location(SimId),
    Status(SimId),
    History {
        id: SimId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    },
    Modify {
        id: SimId,
        change: Change,
    },
    Voucher(SimId),
    SetVoucher {
        id: SimId,
        voucher: Voucher,
    },
    SendSms {
        to: Vec<SimId>,
        text: String,
        origin: Option<String>,
        report: bool,
    },
    SmsResult {
        watcher: String,
    },
    DownloadProfile {
        id: SimId,
        customer: String,
        group: String,
    },
    AuditProfile(SimId),
    NetworkReset {
        id: SimId,
        network_2g3g: Option<bool>,
        network_4g: Option<bool>,
    },
}

impl Request {
    /// Reads the request of an operation.
    pub(super) fn read(
        version: &Version,
        operation: &str,
        node: Node<'_, '_>,
    ) -> Result<Self, Fault> {
        let types = version.types;
        let only_id = |node| sim_id::only_id(node, types);
        let with_id = |node, others| sim_id::with_id(node, types, others);
        Ok(match operation {
            "getSubscriptions" => list(types, node)?,
            "getSubscriptionDetail" => Self::Detail(only_id(node)?),
            "getPresenceDetail" => Self::Presence(only_id(node)?),
            "getLocationDetail" => Self::Location(only_id(node)?),
            "getStatusDetail" => Self::Status(only_id(node)?),
            "getStatusHistory" => {
                let fields = with_id(node, &["startDate", "endDate"])?;
                Self::History {
                    id: id(&fields)?,
                    from: fields.time("startDate")?,
                    to: fields.time("endDate")?,
                }
            }
            "modifySubscription" => modify(version, node)?,
            "getTimeAndConsumption" => Self::Voucher(only_id(node)?),
            "modifyTimeAndConsumption" => {
                let fields = with_id(node, &["timeAndConsumptionVoucher"])?;
                Self::SetVoucher {
                    id: id(&fields)?,
                    voucher: voucher(types, &fields)?,
                }
            }
            "sendSMS" => send_sms(types, node)?,
            "getSendSMSResult" => {
                let fields = Fields::new(node, types, |n| n == "watcherId")?;
                Self::SmsResult {
                    watcher: fields.required("watcherId")?,
                }
            }
            "downloadAndActivateProfile" => {
                let fields = with_id(node, &["targetCustomerId", "targetCommercialGroupId"])?;
                Self::DownloadProfile {
                    id: id(&fields)?,
                    customer: fields.required("targetCustomerId")?,
                    group: fields.required("targetCommercialGroupId")?,
                }
            }
            "auditSwapProfile" => Self::AuditProfile(only_id(node)?),
            "networkReset" => {
                let fields = with_id(node, &["network2g3g", "network4g"])?;
                Self::NetworkReset {
                    id: id(&fields)?,
                    network_2g3g: fields.flag("network2g3g")?,
                    network_4g: fields.flag("network4g")?,
                }
            }
            _ => return Err(Fault::unknown_operation()),
        })
    }
}

fn list(types: &'static str, node: Node<'_, '_>) -> Result<Request, Fault> {
    let known = ["maxBatchSize", "startIndex", "searchParameters"];
    let fields = Fields::new(node, types, |n| known.contains(&n))?;
    let mut filters = Filters::default();
    if let Some(search) = fields.one("searchParameters")? {
        let search = Fields::new(search, COMMON, |n| n == "param")?;
        if !search.has("param") {
            return Err(Fault::missing("param"));
        }
        for param in search.all("param") {
            let param = Fields::new(param, COMMON, |n| n == "name" || n == "value")?;
            let values = param.all("value").map(text).collect::<Result<_, _>>()?;
            filters.add(&param.required("name")?, values)?;
        }
    }
    // `xs:int`
    let (size, start) = (
        fields.parsed::<i32>("maxBatchSize")?,
        fields.parsed::<i32>("startIndex")?,
    );
    Ok(Request::List {
        size: size.map(i64::from),
        start: start.map(i64::from),
        filters,
    })
}

fn voucher(types: &'static str, fields: &Fields<'_, '_>) -> Result<Voucher, Fault> {
    let name = "timeAndConsumptionVoucher";
    let node = fields.one(name)?.ok_or_else(|| Fault::missing(name))?;
    let known = ["enabled", "dataTime", "dataConsumption"];
    let fields = Fields::new(node, types, |n| known.contains(&n))?;
    let number = |name| fields.parsed(name)?.ok_or_else(|| Fault::missing(name));
    Ok(Voucher {
        enabled: fields.required_flag("enabled")?,
        data_time: number("dataTime")?,
        data_consumption: number("dataConsumption")?,
    })
}

fn send_sms(types: &'static str, node: Node<'_, '_>) -> Result<Request, Fault> {
    let known = [
        "destSubscriptions",
        "text",
        "originMsisdn",
        "hasDeliveryReport",
    ];
    let fields = Fields::new(node, types, |n| known.contains(&n))?;
    let to: Vec<_> = fields
        .all("destSubscriptions")
        .map(|node| sim_id::only_id(node, types))
        .collect::<Result<_, _>>()?;
    if to.is_empty() {
        return Err(Fault::missing("destSubscriptions"));
    }
    Ok(Request::SendSms {
        to,
        text: fields.text("text")?.ok_or_else(|| Fault::missing("text"))?,
        origin: fields.text("originMsisdn")?,
        report: fields.flag("hasDeliveryReport")?.unwrap_or(false),
    })
}

/// The groups of `modifySubscription`, of which a request has exactly one.
const GROUPS: [(&str, &[&str]); 10] = [
    ("lifeCycle", &["lifeCycleStatus", "forceRetired"]),
    ("commercialGroup", &["commercialGroup"]),
    ("supervisionGroup", &["supervisionGroup"]),
    ("lteEnabled", &["lteEnabled"]),
    ("qci", &["qci"]),
    ("voLteEnabled", &["voLteEnabled"]),
    (
        "labels",
        &[
            "alias",
            "customField1",
            "customField2",
            "customField3",
            "customField4",
        ],
    ),
    (
        "thresholds",
        &[
            "dailyConsumptionThreshold",
            "monthlyConsumptionThreshold",
            "monthlyExpenseLimit",
        ],
    ),
    (
        "basicServices",
        &[
            "voiceMOHomeEnabled",
            "voiceMOInternationalEnabled",
            "voiceMORoamingEnabled",
            "voiceMTHomeEnabled",
            "voiceMTRoamingEnabled",
            "smsMOHomeEnabled",
            "smsMOInternationalEnabled",
            "smsMORoamingEnabled",
            "smsMTHomeEnabled",
            "smsMTRoamingEnabled",
            "dataHomeEnabled",
            "dataRoamingEnabled",
        ],
    ),
    (
        "supplServices",
        &[
            "vpnEnabled",
            "advancedSupervisionEnabled",
            "locationEnabled",
        ],
    ),
];

/// The group that an element of `modifySubscription` belongs to, whatever the version.
pub(super) fn group_of(name: &str) -> Option<&'static str> {
    let numbered = |prefix: &str| {
        let rest = name.strip_prefix(prefix)?;
        (rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit()).then_some("apns")
    };
    if ["defaultApn", "staticIp", "staticApnIndex"].contains(&name) {
        return Some("apns");
    }
    ["apn", "staticIpAddress", "additionalStaticIpAddress"]
        .into_iter()
        .find_map(numbered)
        .or_else(|| {
            GROUPS
                .iter()
                .find(|(_, names)| names.contains(&name))
                .map(|(g, _)| *g)
        })
}

fn modify(version: &Version, node: Node<'_, '_>) -> Result<Request, Fault> {
    let fields = Fields::new(node, version.types, |n| {
        IDS.contains(&n) || version.group_of(n).is_some()
    })?;
    let id = id(&fields)?;
    let mut group = None;
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        match (group, version.group_of(name)) {
            (_, None) => {}
            (None, of) => group = of,
            (Some(first), Some(of)) if first == of => {}
            (Some(_), Some(_)) => {
                let what = format!("{name} cannot be changed together with the other parameters");
                return Err(Fault::invalid_value(what));
            }
        }
    }
    let f = &fields;
    let change = match group {
        Some("lifeCycle") => Change::LifeCycle {
            state: f.required("lifeCycleStatus")?,
            force_retired: f.flag("forceRetired")?.unwrap_or(false),
        },
        Some("commercialGroup") => Change::CommercialGroup(f.required("commercialGroup")?),
        Some("supervisionGroup") => {
            Change::SupervisionGroup(f.text("supervisionGroup")?.unwrap_or_default())
        }
        Some("lteEnabled") => Change::Lte(f.required_flag("lteEnabled")?),
        Some("voLteEnabled") => Change::VoLte(f.required_flag("voLteEnabled")?),
        Some("qci") => Change::Qci(f.parsed("qci")?.ok_or_else(|| Fault::missing("qci"))?),
        Some("labels") => Change::Labels(Labels {
            alias: f.text("alias")?,
            custom_fields: [
                f.text("customField1")?,
                f.text("customField2")?,
                f.text("customField3")?,
                f.text("customField4")?,
            ],
        }),
        Some("apns") => Change::Apns(Box::new(apns(f)?)),
        Some("thresholds") => Change::Thresholds(Box::new(Thresholds {
            daily: f
                .one("dailyConsumptionThreshold")?
                .map(|node| threshold(version, node))
                .transpose()?,
            monthly: f
                .one("monthlyConsumptionThreshold")?
                .map(|node| threshold(version, node))
                .transpose()?,
            expense: f
                .one("monthlyExpenseLimit")?
                .map(|node| expense(version.types, node))
                .transpose()?,
        })),
        Some("basicServices") => Change::BasicServices(BasicServicesChange {
            voice_mo_home: f.flag("voiceMOHomeEnabled")?,
            voice_mo_international: f.flag("voiceMOInternationalEnabled")?,
            voice_mo_roaming: f.flag("voiceMORoamingEnabled")?,
            voice_mt_home: f.flag("voiceMTHomeEnabled")?,
            voice_mt_roaming: f.flag("voiceMTRoamingEnabled")?,
            sms_mo_home: f.flag("smsMOHomeEnabled")?,
            sms_mo_international: f.flag("smsMOInternationalEnabled")?,
            sms_mo_roaming: f.flag("smsMORoamingEnabled")?,
            sms_mt_home: f.flag("smsMTHomeEnabled")?,
            sms_mt_roaming: f.flag("smsMTRoamingEnabled")?,
            data_home: f.flag("dataHomeEnabled")?,
            data_roaming: f.flag("dataRoamingEnabled")?,
        }),
        Some("supplServices") => Change::Supplementary(SupplementaryChange {
            vpn: f.flag("vpnEnabled")?,
            advanced_supervision: f.flag("advancedSupervisionEnabled")?,
            location: f.flag("locationEnabled")?,
        }),
        _ => return Err(Fault::missing("the parameter to be changed")),
    };
    Ok(Request::Modify { id, change })
}

fn apns(fields: &Fields<'_, '_>) -> Result<Apns, Fault> {
    let address = |name: &str| -> Result<Option<String>, Fault> {
        let Some(node) = fields.one(name)? else {
            return Ok(None);
        };
        let wrapper = Fields::new(node, COMMON, |n| n == "ipv4" || n == "ipv6")?;
        match (wrapper.text("ipv4")?, wrapper.text("ipv6")?) {
            (Some(ip), None) | (None, Some(ip)) => Ok(Some(ip)),
            (None, None) => Err(Fault::missing("ipv4 or ipv6")),
            (Some(_), Some(_)) => Err(Fault::invalid_value("both ipv4 and ipv6")),
        }
    };
    let mut apns = Apns {
        default_apn: fields.text("defaultApn")?,
        single_ip: SingleIp {
            address: address("staticIp")?,
            index: fields.parsed("staticApnIndex")?,
        },
        ..Apns::default()
    };
    for slot in 0..10 {
        apns.names[slot] = fields.text(&format!("apn{slot}"))?;
        apns.static_ips[slot] = address(&format!("staticIpAddress{slot}"))?;
        apns.additional_ips[slot] = address(&format!("additionalStaticIpAddress{slot}"))?;
    }
    Ok(apns)
}

fn threshold(version: &Version, node: Node<'_, '_>) -> Result<Threshold, Fault> {
    let fields = Fields::new(node, version.types, |name| {
        ["data", "voice", "sms"]
            .iter()
            .any(|service| match name.strip_prefix(service) {
                Some("Enabled" | "Limit") => true,
                Some("TrafficCut") => version.traffic_cut,
                _ => false,
            })
    })?;
    let one = |service: &str| -> Result<_, Fault> {
        Ok((
            fields.required_flag(&format!("{service}Enabled"))?,
            // `xs:unsignedInt`
            fields
                .parsed::<u32>(&format!("{service}Limit"))?
                .map(u64::from),
            fields.flag(&format!("{service}TrafficCut"))?,
        ))
    };
    Ok(Threshold {
        data: one("data")?,
        voice: one("voice")?,
        sms: one("sms")?,
    })
}

fn expense(types: &'static str, node: Node<'_, '_>) -> Result<ExpenseLimits, Fault> {
    let fields = Fields::new(node, types, |name| {
        ["data", "voice", "sms", "total"]
            .iter()
            .any(|service| matches!(name.strip_prefix(service), Some("Enabled" | "Limit")))
    })?;
    let one = |service: &str| -> Result<_, Fault> {
        Ok((
            fields.required_flag(&format!("{service}Enabled"))?,
            fields.parsed::<Money>(&format!("{service}Limit"))?,
        ))
    };
    Ok(ExpenseLimits {
        data: one("data")?,
        voice: one("voice")?,
        sms: one("sms")?,
        total: one("total")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    /// Reads `inner` as the content of an inventory operation; `c:` is the common namespace.
    fn read(operation: &str, inner: &str) -> Result<Request, Fault> {
        read_as(&Version::V12, operation, inner)
    }

    fn read_as(version: &Version, operation: &str, inner: &str) -> Result<Request, Fault> {
        let types = version.types;
        let xml = format!("<{operation} xmlns='{types}' xmlns:c='{COMMON}'>{inner}</{operation}>");
        let doc = roxmltree::Document::parse(&xml).unwrap();
        Request::read(version, operation, doc.root_element())
    }

    fn code(operation: &str, inner: &str) -> String {
        read(operation, inner).unwrap_err().code()
    }

    #[test]
    fn one_identifier_is_wanted() {
        assert_eq!(code("getStatusDetail", ""), "SVC 1000");
        assert_eq!(code("getStatusDetail", "<icc/>"), "SVC 1000");
        assert_eq!(
            code("getStatusDetail", "<icc>1</icc><imsi>2</imsi>"),
            "SVC 1021"
        );
        assert_eq!(
            code("getStatusDetail", "<icc>1</icc><icc>1</icc>"),
            "SVC 1021"
        );
        assert_eq!(code("getStatusDetail", "<imsi>12a</imsi>"), "SVC 1021");
        assert_eq!(code("getStatusDetail", "<iccid>1</iccid>"), "SVC 1001");
        assert_eq!(code("getStatusDetail", "<icc xmlns=''>1</icc>"), "SVC 1001");
        let Request::Status(id) = read("getStatusDetail", "<msisdn>+999</msisdn>").unwrap() else {
            panic!("not a status");
        };
        assert_eq!(id, SimId::Msisdn("+999".into()));
    }

    #[test]
    fn filters_are_in_the_common_namespace() {
        let right = "<searchParameters><c:param><c:name>icc</c:name><c:value>1</c:value>\
                     <c:value>2</c:value></c:param></searchParameters>";
        assert!(read("getSubscriptions", right).is_ok());
        let wrong = right.replace("c:", "");
        assert_eq!(code("getSubscriptions", &wrong), "SVC 1001");
        let unknown = right.replace("icc", "lifeCycleStatus");
        assert_eq!(code("getSubscriptions", &unknown), "SVC 1001");
        assert_eq!(code("getSubscriptions", "<searchParameters/>"), "SVC 1000");
        assert_eq!(
            code("getSubscriptions", "<maxBatchSize>ten</maxBatchSize>"),
            "SVC 1021"
        );
    }

    #[test]
    fn one_group_of_changes() {
        let icc = "<icc>1</icc>";
        let modify = |inner: &str| read("modifySubscription", &format!("{icc}{inner}"));
        let Request::Modify { change, .. } =
            modify("<alias>a&amp;b</alias><customField4/>").unwrap()
        else {
            panic!("not a change");
        };
        let Change::Labels(labels) = change else {
            panic!("{change:?}")
        };
        assert_eq!(labels.alias.as_deref(), Some("a&b"));
        assert_eq!(labels.custom_fields[3].as_deref(), Some(""));
        assert_eq!(labels.custom_fields[0], None);
        let mixed = "<alias>a</alias><lifeCycleStatus>ACTIVE</lifeCycleStatus>";
        assert_eq!(modify(mixed).unwrap_err().code(), "SVC 1021");
        assert_eq!(modify("").unwrap_err().code(), "SVC 1000");
        assert_eq!(modify("<apn10>x</apn10>").unwrap_err().code(), "SVC 1001");
        assert_eq!(
            modify("<forceRetired>true</forceRetired>")
                .unwrap_err()
                .code(),
            "SVC 1000"
        );
    }

    #[test]
    fn addresses_are_wrapped() {
        let apn = |inner: &str| {
            read(
                "modifySubscription",
                &format!("<icc>1</icc><apn0>a</apn0>{inner}"),
            )
        };
        assert!(apn("<staticIpAddress0><c:ipv4>192.0.2.1</c:ipv4></staticIpAddress0>").is_ok());
        let bare = apn("<staticIpAddress0>192.0.2.1</staticIpAddress0>");
        assert_eq!(bare.unwrap_err().code(), "SVC 1021");
        let wrong = apn("<staticIpAddress0><ipv4>192.0.2.1</ipv4></staticIpAddress0>");
        assert_eq!(wrong.unwrap_err().code(), "SVC 1001");
    }

    #[test]
    fn thresholds() {
        let inner = "<icc>1</icc><monthlyExpenseLimit><dataEnabled>1</dataEnabled>\
                     <dataLimit>12.5</dataLimit><voiceEnabled>false</voiceEnabled>\
                     <smsEnabled>false</smsEnabled><totalEnabled>false</totalEnabled>\
                     </monthlyExpenseLimit>";
        let Request::Modify {
            change: Change::Thresholds(t),
            ..
        } = read("modifySubscription", inner).unwrap()
        else {
            panic!("not thresholds");
        };
        assert_eq!(
            t.expense.unwrap().data,
            (true, Some(Money::from_e5(1_250_000)))
        );
        let broken = inner.replace("<smsEnabled>false</smsEnabled>", "");
        assert_eq!(code("modifySubscription", &broken), "SVC 1000");
    }

    #[test]
    fn messages() {
        let one = "<destSubscriptions><icc>1</icc></destSubscriptions>";
        let both = format!("{one}<destSubscriptions><imsi>2</imsi></destSubscriptions>");
        let read = read("sendSMS", &format!("{both}<text>hi</text>")).unwrap();
        let Request::SendSms {
            to, report: false, ..
        } = read
        else {
            panic!("{read:?}")
        };
        assert_eq!(to.len(), 2);
        assert_eq!(code("sendSMS", one), "SVC 1000");
        assert_eq!(code("sendSMS", "<text>hi</text>"), "SVC 1000");
    }

    #[test]
    fn versions_take_what_they_have() {
        let threshold = |inner: &str| {
            format!(
                "<dailyConsumptionThreshold><dataEnabled>1</dataEnabled>{inner}\
                 <voiceEnabled>0</voiceEnabled><smsEnabled>0</smsEnabled>\
                 </dailyConsumptionThreshold>"
            )
        };
        let address = |name: &str| format!("<{name}><c:ipv4>192.0.2.1</c:ipv4></{name}>");
        for (inner, [v4, v5, v9, v12]) in [
            ("<alias>a</alias>".to_owned(), [true; 4]),
            ("<lteEnabled>1</lteEnabled>".to_owned(), [true; 4]),
            ("<apn7>a</apn7>".to_owned(), [true; 4]),
            (threshold(""), [true; 4]),
            (address("staticIp"), [true, true, false, false]),
            (
                "<staticApnIndex>0</staticApnIndex>".to_owned(),
                [true, true, false, false],
            ),
            (address("staticIpAddress0"), [false, false, true, true]),
            (
                address("additionalStaticIpAddress0"),
                [false, false, false, true],
            ),
            (
                "<defaultApn>a</defaultApn>".to_owned(),
                [false, false, false, true],
            ),
            ("<qci>9</qci>".to_owned(), [false, false, false, true]),
            (
                "<voLteEnabled>1</voLteEnabled>".to_owned(),
                [false, false, false, true],
            ),
            (
                "<dataHomeEnabled>1</dataHomeEnabled>".to_owned(),
                [false, false, false, true],
            ),
            (
                "<vpnEnabled>1</vpnEnabled>".to_owned(),
                [false, false, false, true],
            ),
            (
                threshold("<dataTrafficCut>1</dataTrafficCut>"),
                [false, false, false, true],
            ),
        ] {
            let inner = format!("<icc>1</icc>{inner}");
            for (version, taken) in [
                (&Version::V4, v4),
                (&Version::V5, v5),
                (&Version::V9, v9),
                (&Version::V12, v12),
            ] {
                match read_as(version, "modifySubscription", &inner) {
                    Ok(_) => assert!(taken, "{inner} in {version:?}"),
                    Err(fault) => {
                        assert!(!taken, "{inner} in {version:?}");
                        assert_eq!(fault.code(), "SVC 1001");
                    }
                }
            }
        }
    }
}
