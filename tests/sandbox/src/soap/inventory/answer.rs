//! Answers of the inventory, in the order of the schema.

use std::net::IpAddr;

use super::request::Request;
use super::{End, StaticIps, Version, Versioned};
use crate::fault::Fault;
use crate::fleet::{
    Connection, Consumption, Consumptions, Expense, Expenses, Fleet, Location, Sim, SimId, SimKind,
};
use crate::platform::{FISCAL_NUMBER, ServicePack, billing_account_name};
use crate::soap::service::{self, Context};
use crate::soap::xml::Xml;

const PROVIDER: [(&str, &str); 6] = [
    ("masterId", "master-5a9db0"),
    ("masterName", "Sandbox Master"),
    ("serviceProviderEnablerId", "provider-5a9db1"),
    ("serviceProviderEnablerName", "Sandbox Enabler"),
    ("serviceProviderCommercialId", "provider-5a9db2"),
    ("serviceProviderCommercialName", "Sandbox Mobile"),
];

impl service::Request for Versioned {
    fn sim(&self) -> Option<&SimId> {
        match &self.request {
            Request::List { .. } | Request::SmsResult { .. } => None,
            Request::SendSms { to, .. } => to.first(),
            Request::Detail(id)
            | Request::Presence(id)
            | Request::Location(id)
            | Request::Status(id)
            | Request::Voucher(id)
            | Request::AuditProfile(id)
            | Request::History { id, .. }
            | Request::Modify { id, .. }
            | Request::SetVoucher { id, .. }
            | Request::DownloadProfile { id, .. }
            | Request::NetworkReset { id, .. } => Some(id),
        }
    }

    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let (platform, organisation, broken) = (cx.platform, cx.organisation, cx.broken);
        let first = broken == Some(0);
        let version = self.version;
        match &self.request {
            Request::List {
                size,
                start,
                filters,
            } => {
                let sims = platform.list(*size, *start, filters)?;
                cx.answer(|xml| {
                    for (at, sim) in sims.iter().enumerate() {
                        xml.item("subscriptionData", broken == Some(at), |xml| {
                            info(xml, version, sim, &platform.fleet);
                        });
                    }
                })
            }
            Request::Detail(id) => {
                let sim = platform.sim(id)?;
                cx.answer(|xml| {
                    xml.item("subscriptionDetailData", first, |xml| {
                        detail(xml, &sim, &platform.fleet);
                    });
                })
            }
            Request::Presence(id) => {
                let sim = platform.sim(id)?;
                cx.answer(|xml| {
                    xml.item("presenceDetailData", first, |xml| {
                        presence(xml, version, &sim)
                    })
                })
            }
            Request::Location(id) => {
                let sim = platform.sim(id)?;
                cx.answer(|xml| {
                    xml.item("locationDetailData", first, |xml| {
                        for (name, location) in [
                            ("manualLocation", &sim.manual_location),
                            ("automaticLocation", &sim.automatic_location),
                        ] {
                            let Some(location) = location else { continue };
                            xml.group(name, |xml| {
                                xml.time("timestamp", location.time);
                                coordinates(xml, location);
                                xml.some("postalCode", location.postal_code.as_deref());
                            });
                        }
                    });
                })
            }
            Request::Status(id) => {
                let sim = platform.sim(id)?;
                let status = sim.life.current();
                cx.answer(|xml| {
                    xml.item("statusDetailData", first, |xml| {
                        xml.text("state", status.state);
                        xml.text("automatic", status.automatic);
                        xml.some("changeReason", status.reason.as_deref());
                        xml.time("currentStatusDate", status.time);
                        xml.some("user", status.user.as_deref());
                    });
                })
            }
            Request::History { id, from, to } => {
                let history = platform.history(id, *from, *to)?;
                cx.answer(|xml| {
                    for (at, entry) in history.iter().enumerate() {
                        xml.item("statusHistoryData", broken == Some(at), |xml| {
                            xml.text("state", entry.state);
                            xml.text("automatic", entry.automatic);
                            xml.time("time", entry.time);
                            xml.some("reason", entry.reason.as_deref());
                            xml.some("user", entry.user.as_deref());
                        });
                    }
                })
            }
            Request::Modify { id, change } => {
                platform.modify(organisation, id, change)?;
                cx.empty()
            }
            Request::Voucher(id) => {
                let voucher = platform.sim(id)?.voucher;
                cx.answer(|xml| {
                    xml.group("timeAndConsumptionVoucher", |xml| {
                        xml.text("enabled", voucher.enabled);
                        xml.text("dataTime", voucher.data_time);
                        xml.text("dataConsumption", voucher.data_consumption);
                    });
                })
            }
            Request::SetVoucher { id, voucher } => {
                platform.set_voucher(id, *voucher)?;
                cx.empty()
            }
            Request::SendSms {
                to,
                text,
                origin,
                report,
            } => {
                let watcher = platform.send_sms(organisation, to, text, origin.clone(), *report)?;
                cx.answer(|xml| xml.text("watcherId", &watcher))
            }
            Request::SmsResult { watcher } => {
                let finished = platform.sms_finished(watcher)?;
                cx.answer(|xml| {
                    xml.group("result", |xml| {
                        xml.text("status", if finished { "finished" } else { "active" });
                    });
                })
            }
            Request::DownloadProfile {
                id,
                customer,
                group,
            } => {
                platform.download_profile(id, customer, group)?;
                cx.empty()
            }
            Request::AuditProfile(id) => {
                platform.audit_profile(id)?;
                cx.empty()
            }
            Request::NetworkReset {
                id,
                network_2g3g,
                network_4g,
            } => {
                platform.network_reset(id, *network_2g3g, *network_4g)?;
                cx.empty()
            }
        }
    }
}

/// What `SubscriptionInfoType` and `SubscriptionDetailType` begin with.
fn identity(xml: &mut Xml, sim: &Sim) {
    xml.text("subscriptionId", &sim.subscription_id);
    xml.text("icc", &sim.icc);
    xml.text("imsi", &sim.imsi);
    xml.some("msisdn", sim.msisdn.as_deref());
    xml.text("alias", &sim.alias);
    for (at, field) in sim.custom_fields.iter().enumerate() {
        xml.text(&format!("customField{}", at + 1), field);
    }
    xml.text("simModel", sim.sim_model);
    xml.text("simType", sim.sim_type);
}

fn owner(xml: &mut Xml, sim: &Sim) {
    xml.text("orderNumber", &sim.order_number);
    for (name, value) in PROVIDER {
        xml.text(name, value);
    }
    xml.text("customerID", &sim.customer_id);
    xml.text("customerName", &sim.customer_name);
    xml.text("lifeCycleStatus", sim.state());
}

/// `SubscriptionInfoType`.
fn info(xml: &mut Xml, version: &Version, sim: &Sim, fleet: &Fleet) {
    identity(xml, sim);
    connection(xml, "gprsStatus", &sim.gprs_status);
    connection(xml, "ipStatus", &sim.ip_status);
    xml.text(
        "advancedSupervision",
        sim.suppl_services.advanced_supervision,
    );
    consumptions(xml, version, "consumptionDaily", &sim.daily);
    consumptions(xml, version, "consumptionMonthly", &sim.monthly);
    if let Some(expenses) = &sim.expenses {
        xml.group("expenseMonthly", |xml| expense_period(xml, expenses));
    }
    xml.time("provisionDate", sim.provision_date);
    xml.time("shippingDate", sim.shipping_date);
    xml.some_time("activationDate", sim.activation_date);
    let group = fleet.commercial_groups().get(sim.commercial_group);
    let group = group.as_deref();
    xml.blank("commercialGroup", group.map(|g| &g.name));
    xml.blank("supervisionGroup", sim.supervision_group.as_deref());
    xml.some("imei", sim.imei.as_deref());
    if version.static_ips != StaticIps::TwoPerApn {
        xml.blank("staticIp", single_ip(sim).map(|(_, ip)| ip));
    }
    xml.text("apn", sim.session_apn());
    if version.static_ips == StaticIps::One {
        xml.text("staticApnIndex", single_index(sim));
    }
    apns(xml, sim);
    if version.static_ips != StaticIps::One {
        for (at, slot) in sim.apns.iter().enumerate() {
            xml.some(&format!("staticIpAddress{at}"), slot.static_ip);
        }
    }
    if version.static_ips == StaticIps::TwoPerApn {
        for (at, slot) in sim.apns.iter().enumerate() {
            xml.some(
                &format!("additionalStaticIpAddress{at}"),
                slot.additional_static_ip,
            );
        }
    }
    owner(xml, sim);
    xml.text("customerCurrency", "978");
    xml.blank("operator", sim.operator);
    xml.blank("country", sim.country);
    for (name, location) in [
        ("manualLocation", &sim.manual_location),
        ("automaticLocation", &sim.automatic_location),
    ] {
        if let Some(location) = location {
            xml.group(name, |xml| coordinates(xml, location));
        }
    }
    xml.some(
        "endCustomerId",
        group.and_then(|g| g.end_customer.as_deref()),
    );
    services(xml, sim);
    xml.blank("sgsnIP", sim.ip.map(|_| "198.51.100.10"));
    xml.blank("ggsnIP", sim.ip.map(|_| "198.51.100.20"));
    xml.text("commModuleManufacturer", "Sandbox Modules");
    xml.text("commModuleModel", "SBX-1");
    let account = group.map(|g| billing_account_name(&g.billing_account_id));
    xml.blank("billingAccountName", account);
    let pack = ServicePack::of(sim, fleet);
    xml.text("servicePack", pack.name);
    xml.text("servicePackId", pack.id);
    xml.blank("ip", sim.ip);
    xml.text("lteEnabled", sim.lte_enabled);
    if version.ends == End::Lte {
        return;
    }
    xml.some("eid", sim.eid.as_deref());
    xml.some("swapStatus", sim.swap_status);
    xml.text(
        "subscriptionType",
        if sim.kind == SimKind::Euicc {
            "EUICC"
        } else {
            "UICC"
        },
    );
    xml.some("ratType", sim.rat_type);
    xml.text("qci", sim.qci);
    xml.time("lastStateChangeDate", sim.life.current().time);
    xml.some_time("lastTrafficDate", sim.last_traffic_date);
    xml.text("billingAccountFiscalNumber", FISCAL_NUMBER);
    if version.ends == End::CustomerId {
        return;
    }
    let reasons = ["blockReason1", "blockReason2", "blockReason3"];
    for (reason, cause) in reasons.into_iter().zip(&sim.blocks) {
        xml.text(reason, cause);
    }
    xml.text("voLteEnabled", sim.volte_enabled);
    xml.blank("defaultApn", sim.default_apn.as_deref());
}

/// `SubscriptionDetailType`.
fn detail(xml: &mut Xml, sim: &Sim, fleet: &Fleet) {
    identity(xml, sim);
    xml.some("imei", sim.imei.as_deref());
    xml.time("provisionDate", sim.provision_date);
    xml.time("shippingDate", sim.shipping_date);
    xml.some_time("activationDate", sim.activation_date);
    let group = fleet.commercial_groups().get(sim.commercial_group);
    let group = group.as_deref();
    xml.blank("commercialGroup", group.map(|g| &g.name));
    xml.blank("supervisionGroup", sim.supervision_group.as_deref());
    xml.blank("billingAccount", group.map(|g| &g.billing_account_id));
    xml.blank("staticIp", single_ip(sim).map(|(_, ip)| ip));
    xml.text("apn", sim.session_apn());
    xml.text("staticApnIndex", single_index(sim));
    apns(xml, sim);
    owner(xml, sim);
}

/// The static address of the time when there was one, and the number of its APN: of several, the
/// first.
fn single_ip(sim: &Sim) -> Option<(usize, IpAddr)> {
    sim.apns
        .iter()
        .enumerate()
        .find_map(|(at, slot)| Some((at, slot.static_ip?)))
}

fn single_index(sim: &Sim) -> String {
    single_ip(sim).map_or_else(|| "-1".to_owned(), |(at, _)| at.to_string())
}

fn apns(xml: &mut Xml, sim: &Sim) {
    for (at, slot) in sim.apns.iter().enumerate() {
        xml.blank(&format!("apn{at}"), slot.name.as_deref());
    }
}

fn presence(xml: &mut Xml, version: &Version, sim: &Sim) {
    xml.text("level", sim.presence.level);
    xml.time("timeStamp", sim.presence.time);
    xml.text("cause", sim.presence.cause);
    xml.some("ip", sim.ip);
    xml.some("apn", sim.ip.map(|_| sim.session_apn()));
    if version.ends != End::Lte {
        xml.some("ratType", sim.rat_type);
    }
}

fn coordinates(xml: &mut Xml, location: &Location) {
    xml.group("coordinates", |xml| {
        xml.text("latitude", location.latitude);
        xml.text("longitude", location.longitude);
    });
}

fn connection(xml: &mut Xml, name: &str, connection: &Connection) {
    xml.group(name, |xml| {
        xml.text("status", connection.status);
        xml.some_time("lastConnStart", connection.last_start);
        xml.some_time("lastConnStop", connection.last_stop);
    });
}

fn consumptions(xml: &mut Xml, version: &Version, name: &str, period: &Consumptions) {
    let one = |xml: &mut Xml, name: &str, c: &Consumption| {
        xml.group(name, |xml| {
            xml.text("limit", c.limit);
            xml.text("value", c.value);
            xml.text("thrReached", c.thr_reached);
            if version.traffic_cut {
                xml.text("enabled", c.enabled);
                xml.some("trafficCut", c.traffic_cut);
            }
        });
    };
    xml.group(name, |xml| {
        one(xml, "voice", &period.voice);
        one(xml, "sms", &period.sms);
        one(xml, "data", &period.data);
    });
}

fn expense_period(xml: &mut Xml, e: &Expenses) {
    let one = |xml: &mut Xml, name: &str, e: &Expense| {
        xml.group(name, |xml| {
            xml.text("limit", e.limit);
            xml.text("value", e.value);
            xml.text("thrReached", e.thr_reached);
            xml.text("enabled", e.enabled);
        });
    };
    one(xml, "voiceOver", &e.voice);
    one(xml, "smsOver", &e.sms);
    one(xml, "dataOver", &e.data);
    one(xml, "totalOver", &e.total);
    for name in ["voiceFee", "smsFee", "dataFee"] {
        xml.text(name, "0.00000");
    }
    xml.text("totalFee", e.fee);
    xml.text("other", "0.00000");
    xml.text(
        "total",
        crate::fleet::Money::from_e5(e.fee.e5() + e.total.value.e5()),
    );
    for name in [
        "voiceGroupWarning",
        "smsGroupWarning",
        "dataGroupWarning",
        "totalGroupWarning",
    ] {
        xml.text(name, false);
    }
}

fn services(xml: &mut Xml, sim: &Sim) {
    let b = &sim.basic_services;
    xml.group("basicServices", |xml| {
        for (name, on) in [
            ("voiceOriginatedHome", b.voice_originated_home),
            ("voiceOriginatedRoaming", b.voice_originated_roaming),
            (
                "voiceOriginatedInternational",
                b.voice_originated_international,
            ),
            ("voiceTerminatedHome", b.voice_terminated_home),
            ("voiceTerminatedRoaming", b.voice_terminated_roaming),
            ("smsOriginatedHome", b.sms_originated_home),
            ("smsOriginatedRoaming", b.sms_originated_roaming),
            ("smsOriginatedInternational", b.sms_originated_international),
            ("smsTerminatedHome", b.sms_terminated_home),
            ("smsTerminatedRoaming", b.sms_terminated_roaming),
            ("dataHome", b.data_home),
            ("dataRoaming", b.data_roaming),
        ] {
            xml.text(name, on);
        }
    });
    let s = &sim.suppl_services;
    xml.group("supplServices", |xml| {
        for (name, on) in [
            ("vpn", s.vpn),
            ("advancedSupervision", s.advanced_supervision),
            ("location", s.location),
            ("dca", s.dca),
            ("dim", s.dim),
        ] {
            xml.text(name, on);
        }
    });
}
