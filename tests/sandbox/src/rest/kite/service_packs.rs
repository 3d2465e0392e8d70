//! `ServicePacks`, version 2: the plans, in full too, and what they refer to.

use serde_json::{Value, json};

use super::{Answer, Context, Fault, Route, Service};
use crate::lifecycle::State;
use crate::platform::{DESTINATION, Offer, ServicePack, Validity, ZONE_GROUP};

pub(super) const V2: Service = Service {
    segment: "ServicePacks",
    version: "v2",
    routes: &[
        Route {
            method: "GET",
            path: "servicePack",
            operation: "getServicePacks",
            query: &["startIndex", "maxBatchSize", "customer"],
            carry_out: list,
        },
        Route {
            method: "GET",
            path: "servicePack/{servicePackId}",
            operation: "getServicePack",
            query: &[],
            carry_out: detail,
        },
        Route {
            method: "GET",
            path: "enumerated",
            operation: "getEnumerated",
            query: &["enumType"],
            carry_out: enumerated,
        },
    ],
};

const PROVIDER: &str = "provider-5a9db2";

fn list(cx: &Context<'_>) -> Result<Answer, Fault> {
    let (start, size) = (cx.number("startIndex")?, cx.number("maxBatchSize")?);
    let customer = cx.call.query("customer").map(str::trim);
    let packs = cx
        .platform
        .service_packs(cx.organisation, start, size, customer)?;
    let packs: Vec<_> = packs.iter().map(listed).collect();
    Ok(Answer::json(200, &json!({ "servicePacks": packs })))
}

/// What the list has of a plan.
fn listed(pack: &ServicePack) -> Value {
    json!({
        "id": pack.id.to_string(),
        "name": pack.name,
        "description": "",
        "published": published(pack),
        "currency": "978",
        "whiteList": [],
        "blackList": ["999900*"],
        "roamingList": [],
        "serviceProviderId": PROVIDER,
        "serviceProviderName": "Sandbox Mobile",
        "lifeCycleId": "30401",
        "lifeCycleName": "Manual activation with test",
        "listsLocked": false,
    })
}

fn published(pack: &ServicePack) -> &'static str {
    if pack.published {
        "PUBLISHED"
    } else {
        "PUBLISHED_PENDING"
    }
}

fn detail(cx: &Context<'_>) -> Result<Answer, Fault> {
    let pack = cx.platform.service_pack(cx.call.path("servicePackId"))?;
    let mut data = listed(&pack);
    let both = json!({ "home": true, "roaming": true });
    let everywhere = json!({ "home": true, "international": false, "roaming": true });
    let voice_or_sms = json!({ "mo": everywhere, "mt": both });
    let more = json!({
        "customers": [{
            "restricted": false,
            "customerId": crate::platform::org_id(cx.organisation),
            "customerName": cx.organisation,
        }],
        "maxSubscriptions": 100_000,
        "restrictionsId": "30501",
        "restrictionsName": "Sandbox restrictions",
        "restrictions": {
            "operator": ["99901", "99902"],
            "voice": voice_or_sms,
            "sms": voice_or_sms,
            "data": both,
        },
        "lifeCycle": life_cycle(),
        "tariffPlanServicesId": "30601",
        "tariffPlanServicesName": "Sandbox prices",
        "tariffPlanServices": prices(&pack),
        "tariffPlanLifeCycleId": "30701",
        "tariffPlanLifeCycleName": "Sandbox fees",
        "tariffPlanLifeCycle": {
            "status": [{ "status": "ACTIVE", "cost": 75_000 }],
            "transitions": [],
        },
        "lteEnabled": true,
        "hasCommercialGroup": true,
    });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    Ok(Answer::json(200, &json!({ "data": data })))
}

/// The life cycle that all SIMs of the sandbox have.
fn life_cycle() -> Value {
    let to = |state: &State| {
        json!({
            "destinationStatus": state.as_str(),
            "manual": true,
            "automatic": false,
        })
    };
    let states = State::ALL.map(|state| {
        let mut transitions: Vec<_> = state.customer_may_set().iter().map(to).collect();
        if state == State::ActivationReady {
            transitions.push(json!({
                "destinationStatus": "ACTIVE",
                "manual": false,
                "automatic": true,
                "automaticInfo": {
                    "timerCause": false,
                    "firstUseCause": true,
                    "voucherCause": false,
                },
            }));
        }
        json!({ "status": state.as_str(), "transitions": transitions })
    });
    json!({
        "id": "30401",
        "name": "Manual activation with test",
        "published": "PUBLISHED",
        "status": states,
    })
}

/// Vouchers where the plan has some, else a price by use.
fn prices(pack: &ServicePack) -> Value {
    let vouchers: Vec<_> = Offer::of(pack.id).map(voucher).collect();
    let (zone_id, zone_name) = ZONE_GROUP;
    let by_use = json!({
        "type": "PAY_PER_USE",
        "tariffPayPerUse": { "chargeUnused": false, "pool": false, "t2S": 100, "q1": 1024 },
    });
    let data = match vouchers.is_empty() {
        true => by_use.clone(),
        false => json!({ "type": "VOUCHERS", "tariffVouchers": vouchers }),
    };
    let mut of_zone = data.clone();
    of_zone["zoneGroupId"] = json!(zone_id);
    of_zone["destinationId"] = json!(DESTINATION.0);
    json!({
        "zonePlanId": "30801",
        "zonePlan": {
            "id": "30801",
            "name": "Sandbox zones",
            "zoneGroups": [{ "id": zone_id, "name": zone_name, "zones": [], "isDeleted": false }],
            "published": "PUBLISHED",
        },
        "defaultOrigVoice": by_use,
        "defaultTermVoice": by_use,
        "defaultSms": by_use,
        "defaultData": data,
        "data": [of_zone],
    })
}

fn voucher(offer: &Offer) -> Value {
    let (duration, unit) = match offer.validity {
        Validity::Days(days) => (days, "DAYS"),
        Validity::Months(months) => (months, "MONTHS"),
    };
    json!({
        "id": offer.id,
        "name": offer.name,
        "type": if offer.recurrent { "RECURRENT" } else { "ONE_TIME" },
        "size": offer.data,
        "duration": { "duration": duration, "unit": unit },
        "fee": offer.fee.e5(),
        "published": "PUBLISHED",
        "available": true,
    })
}

fn enumerated(cx: &Context<'_>) -> Result<Answer, Fault> {
    let wanted = cx.call.query("enumType");
    let wanted = wanted.ok_or_else(|| Fault::missing("enumType"))?;
    let named = |number: u32, name: &str| {
        json!({
            "serviceProviderId": PROVIDER,
            "subId": number,
            "name": name,
            "description": format!("{name} of the sandbox"),
            "translation": [{ "language": "en", "translation": name }],
        })
    };
    let network = |number: u32, lte: bool| {
        json!({
            "id": number.to_string(),
            "description": format!("Sandbox network {number}"),
            "hasLte": lte,
            "isNoCamel": false,
            "translation": [],
        })
    };
    let code = |name: &str| json!({ "id": name });
    let data = match wanted {
        "serviceProviderZone" => vec![named(1, ZONE_GROUP.1), named(2, "Sandbox Rest")],
        "serviceProviderDestination" => vec![named(1, "Sandbox Home"), named(2, "Sandbox Abroad")],
        "serviceProviderDestinationData" => vec![named(10, DESTINATION.1)],
        "serviceProviderDestinationSms" => vec![named(20, "Sandbox Messages")],
        "RAID" => vec![network(99_901, true), network(99_902, false)],
        "chargeCodes" => [
            "SANDBOX_DATA(0)",
            "SANDBOX_SMS(1)",
            "VPN_TARIFF_MONTHLY_FEE(39)",
        ]
        .map(code)
        .into(),
        other => return Err(Fault::invalid_value(format!("enumType {other}"))),
    };
    Ok(Answer::json(200, &json!({ "data": data })))
}
