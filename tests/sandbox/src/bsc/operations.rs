//! The operations.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Bsc;
use super::json::{Error, cut, malformed, page, refused_for};
use super::orders::{ORDER_SORTS, Order, PRODUCTS, Product, TOP_UP};
use super::sms::{SMS_SORTS, Sms, SmsStatus};
use super::state::{EVENT_SORTS, SIM_SORTS, Sim, Update};
use crate::lock;
use crate::rest::{Answer, Call, Field, Problem, Route, Shape, may, need};
use crate::time::Timestamp;

pub(super) const ROUTES: &[Route<Bsc>] = &[
    Route::new("GET", "/v1/orders", "listOrders", Bsc::list_orders),
    Route::new("POST", "/v1/orders", "createOrder", Bsc::create_order),
    Route::new(
        "GET",
        "/v1/orders/{order_number}",
        "getOrder",
        Bsc::get_order,
    ),
    Route::new("GET", "/v1/products", "listProducts", Bsc::list_products),
    Route::new("GET", "/v1/sims", "listSims", Bsc::list_sims),
    Route::new("POST", "/v1/sims", "updateSims", Bsc::update_sims),
    Route::new("POST", "/v1/sims/topup", "topUpSims", Bsc::top_up_sims),
    Route::new("GET", "/v1/sims/{iccid}", "getSim", Bsc::get_sim),
    Route::new("PUT", "/v1/sims/{iccid}", "updateSim", Bsc::update_sim),
    Route::new(
        "GET",
        "/v1/sims/{iccid}/connectivity_info",
        "getConnectivityInfo",
        Bsc::get_connectivity_info,
    ),
    Route::new(
        "GET",
        "/v1/sims/{iccid}/events",
        "listEvents",
        Bsc::list_events,
    ),
    Route::new(
        "GET",
        "/v1/sims/{iccid}/quota/data",
        "getDataQuota",
        Bsc::get_data_quota,
    ),
    Route::new(
        "GET",
        "/v1/sims/{iccid}/quota/sms",
        "getSmsQuota",
        Bsc::get_sms_quota,
    ),
    Route::new("POST", "/v1/sims/{iccid}/reset", "resetSim", Bsc::reset_sim),
    Route::new("GET", "/v1/sims/{iccid}/sms", "listSms", Bsc::list_sms),
    Route::new("POST", "/v1/sims/{iccid}/sms", "sendSms", Bsc::send_sms),
    Route::new("GET", "/v1/sims/{iccid}/sms/{id}", "getSms", Bsc::get_sms),
    Route::new(
        "DELETE",
        "/v1/sims/{iccid}/sms/{id}",
        "cancelSms",
        Bsc::cancel_sms,
    ),
    Route::new(
        "POST",
        "/v1/sims/{iccid}/topup",
        "topUpSim",
        Bsc::top_up_sim,
    ),
    Route::new("GET", "/v1/sims/{iccid}/usage", "getUsage", Bsc::get_usage),
];

const ADDRESS: &[Field] = &[
    may("salutation", Shape::OneOf(&["1", "2"])),
    may("first_name", Shape::Text),
    may("last_name", Shape::Text),
    may("company", Shape::Text),
    may("street", Shape::Text),
    may("address_line2", Shape::Text),
    may("house_number", Shape::Text),
    may("zip", Shape::Text),
    may("city", Shape::Text),
    may("country", Shape::Text),
    may("phone", Shape::Text),
];
const ORDER: Shape = Shape::Object(&[
    need(
        "products",
        Shape::List(&Shape::Object(&[
            need("productId", Shape::Integer),
            need("quantity", Shape::Integer),
        ])),
    ),
    may("delivery_address", Shape::Object(ADDRESS)),
    may("billing_address", Shape::Object(ADDRESS)),
    may("customer_reference", Shape::Text),
]);
const UPDATE: Shape = Shape::Object(&[
    need("iccid", Shape::Text),
    may("label", Shape::Text),
    may("imei_lock", Shape::Flag),
    need("status", Shape::OneOf(&["Enabled", "Disabled"])),
]);
const MESSAGE: Shape = Shape::Object(&[
    may("source_address", Shape::Text),
    need("payload", Shape::Text),
    may("udh", Shape::Text),
    may("dcs", Shape::Integer),
    may(
        "source_address_type",
        Shape::Object(&[may("id", Shape::Integer)]),
    ),
    may("expiry_date", Shape::DateTime),
]);

/// Until when the delivery of a message is tried, unless the caller says so.
const PATIENCE: i64 = 86_400;
/// How far usage goes back.
const HALF_A_YEAR: i64 = 183;
const DAY: i64 = 86_400;

/// A body that has this form.
fn body(call: &Call<'_>, shape: &Shape) -> Result<Value, Answer> {
    let body = call.json().ok_or_else(|| {
        malformed(&Problem::Wrong(
            "body".to_owned(),
            "application/json".to_owned(),
        ))
    })?;
    shape.check(&body).map_err(|problem| malformed(&problem))?;
    Ok(body)
}

/// A refusal of one value for its form.
fn wrong(path: &str, expected: &str) -> Answer {
    malformed(&Problem::Wrong(path.to_owned(), expected.to_owned()))
}

/// A flag in the query.
fn flag(call: &Call<'_>, name: &str, default: bool) -> Result<bool, Answer> {
    match call.query(name) {
        None => Ok(default),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(refused_for(
            Error::BadQuery,
            &format!("{name} must be true or false"),
        )),
    }
}

/// A day in the query, counted from 1970.
fn day(call: &Call<'_>, name: &str) -> Result<Option<i64>, Answer> {
    let Some(text) = call.query(name) else {
        return Ok(None);
    };
    let is_day = Shape::Date.check(&json!(text)).is_ok();
    let time = Timestamp::parse(&format!("{text}T00:00:00Z")).filter(|_| is_day);
    let day = time.map(|t| t.unix().div_euclid(DAY));
    let problem = format!("{name} must be a day such as 2026-05-04");
    day.map(Some)
        .ok_or_else(|| refused_for(Error::BadQuery, &problem))
}

/// How a top-up is paid. A wrong one is the only thing with an error of status 400.
fn payment(call: &Call<'_>) -> Result<(), Answer> {
    let known = ["banktransfer", "creditcard", "monthlyinvoice", "boleto"];
    match call.query("payment_method") {
        Some(other) if !known.contains(&other) => {
            let body = json!({ "message": "The payment method is not known" });
            Err(Answer::json(400, &body).refused("400"))
        }
        _ => Ok(()),
    }
}

impl Bsc {
    fn list_orders(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let mut orders: Vec<_> = state.orders.iter().collect();
        orders.sort_by_key(|o| o.number);
        let write = |order: &Order| order.to_json(self.base_url());
        page(call, 10, ORDER_SORTS, orders, write)
    }

    fn create_order(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let body = body(call, &ORDER)?;
        let mut products = Vec::new();
        for wanted in body["products"].as_array().into_iter().flatten() {
            let product = wanted["productId"].as_u64().and_then(Product::find);
            let product =
                product.ok_or_else(|| refused_for(Error::NotFound, "There is no such product"))?;
            if product.id == TOP_UP {
                let message = "Top-ups are ordered for SIMs";
                return Err(refused_for(Error::InvalidReference, message));
            }
            let quantity = wanted["quantity"].as_u64().unwrap_or_default();
            if !(1..=product.most).contains(&quantity) {
                let expected = format!("a number from 1 to {}", product.most);
                return Err(wrong("quantity", &expected));
            }
            products.push((product.id, quantity));
        }
        if products.is_empty() {
            return Err(wrong("products", "a list that is not empty"));
        }
        let to = body.get("delivery_address").filter(|a| !a.is_null());
        let mut state = lock(&self.state);
        state.order_sims(products, to.cloned());
        self.changed.notify_one();
        Ok(if state.other_answers {
            Answer::json(200, &body)
        } else {
            Answer::empty(201)
        })
    }

    fn get_order(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let number: Option<u64> = call.path("order_number").parse().ok();
        let order = state.orders.iter().find(|o| Some(o.number) == number);
        let order = order.ok_or_else(|| refused_for(Error::NotFound, "There is no such order"))?;
        Ok(Answer::json(200, &order.to_json(self.base_url())))
    }

    fn list_products(&self, _: &Call<'_>) -> Result<Answer, Answer> {
        let products = PRODUCTS.iter().map(Product::to_json).collect();
        Ok(Answer::json(200, &Value::Array(products)))
    }

    fn list_sims(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let fits = state.filter(call.query("q").unwrap_or_default())?;
        page(call, 100, SIM_SORTS, fits, Sim::to_json)
    }

    fn update_sims(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let body = body(call, &Shape::List(&UPDATE))?;
        let mut state = lock(&self.state);
        let mut updates = Vec::new();
        for update in body.as_array().into_iter().flatten() {
            let sim = state.usable(update["iccid"].as_str().unwrap_or_default())?;
            updates.push((sim.iccid.clone(), Update::read(update)));
        }
        for (iccid, update) in updates {
            state.change_later(iccid, update);
        }
        self.changed.notify_one();
        Ok(Answer::empty(201))
    }

    fn get_sim(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        Ok(Answer::json(200, &sim.to_json()))
    }

    fn update_sim(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let mut state = lock(&self.state);
        let sim = state.usable(call.path("iccid"))?;
        let body = body(call, &UPDATE)?;
        let given = body["iccid"].as_str().unwrap_or_default();
        if given != sim.iccid && given != sim.iccid_with_luhn() {
            let message = "The ICCID of the body is not that of the path";
            return Err(refused_for(Error::InvalidReference, message));
        }
        sim.change(Update::read(&body));
        let iccid = sim.iccid.clone();
        let news = state.release(&iccid);
        drop(state);
        self.tell(news);
        Ok(Answer::empty(200))
    }

    fn get_connectivity_info(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        let now = super::json::time(Timestamp::now());
        let mut info = json!({ "request_timestamp": now, "reply_timestamp": now });
        if flag(call, "subscriber", true)? {
            let mut subscriber = json!({
                "success": sim.enabled,
                "state": if sim.enabled { "assumedIdle" } else { "notProvidedFromVLR" },
            });
            if sim.enabled {
                subscriber["location"] = json!({
                    "current_location_retrieved": true,
                    "age_of_location": 0,
                    "cell_global_id": {
                        "cid": 10_000 + sim.id,
                        "lac": 100,
                        "mcc": "001",
                        "mnc": "01",
                    },
                });
            }
            info["subscriber_info"] = subscriber;
        }
        if flag(call, "ussd", false)? {
            info["ussd_info"] = match sim.enabled {
                true => json!({ "success": true }),
                false => json!({ "success": false, "error": "absentSubscriber" }),
            };
        }
        Ok(Answer::json(200, &info))
    }

    fn list_events(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        let (events, totals) = cut(call, 1000, EVENT_SORTS, sim.events())?;
        let events: Vec<_> = events.into_iter().map(|e| e.to_json(sim)).collect();
        let body = json!({
            "events": events,
            "totalEvents": totals.entries,
            "totalPages": totals.pages,
        });
        Ok(totals.head(Answer::json(200, &body)))
    }

    fn get_data_quota(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        Ok(Answer::json(200, &sim.data.to_json()))
    }

    fn get_sms_quota(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        Ok(Answer::json(200, &sim.sms.to_json()))
    }

    fn reset_sim(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let mut state = lock(&self.state);
        let iccid = state.usable(call.path("iccid"))?.iccid.clone();
        state.reset_later(iccid);
        self.changed.notify_one();
        Ok(Answer::empty(201))
    }

    fn list_sms(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        let messages = state.messages.iter();
        let messages = messages.filter(|m| m.iccid == sim.iccid).collect();
        page(call, 100, SMS_SORTS, messages, |m: &Sms| m.to_json(sim))
    }

    fn send_sms(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let mut state = lock(&self.state);
        let sim = state.usable(call.path("iccid"))?;
        let body = body(call, &MESSAGE)?;
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let dcs = body["dcs"].as_i64().unwrap_or_default();
        if ![0, 4, 8].contains(&dcs) {
            return Err(wrong("dcs", "0, 4 or 8"));
        }
        let kind = body["source_address_type"]["id"].as_i64().unwrap_or(145);
        if ![145, 161, 208].contains(&kind) {
            return Err(wrong("source_address_type.id", "145, 161 or 208"));
        }
        let now = Timestamp::now();
        let wanted = body["expiry_date"].as_str().and_then(Timestamp::parse);
        let expires = wanted.unwrap_or(now.plus(PATIENCE));
        let Some(left @ 1..) = u64::try_from(expires.unix() - now.unix()).ok() else {
            return Err(wrong("expiry_date", "in the future"));
        };
        if sim.sms.left < 1000 {
            return Err(refused_for(Error::NotAllowed, "The SIM has no SMS left"));
        }
        let sms = Sms {
            id: 0,
            iccid: sim.iccid.clone(),
            from_sim: false,
            status: SmsStatus::Pending,
            payload: text("payload").unwrap_or_default(),
            source_address: text("source_address").unwrap_or_else(|| sim.msisdn.clone()),
            dest_address: None,
            dcs,
            udh: text("udh"),
            source_address_type: kind,
            submitted: now,
            expires,
            ended: None,
            // No SIM lives longer than ten years.
            expires_at: Instant::now() + Duration::from_secs(left.min(400_000_000)),
        };
        state.submit(sms);
        self.changed.notify_one();
        Ok(Answer::empty(201))
    }

    fn get_sms(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        let sms = state.message(&sim.iccid, call.path("id"));
        let sms = sms.ok_or_else(|| refused_for(Error::NotFound, "There is no such message"))?;
        Ok(Answer::json(200, &sms.to_json(sim)))
    }

    /// The contract has no status 404 here.
    fn cancel_sms(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let mut state = lock(&self.state);
        let sms = state.message(call.path("iccid"), call.path("id"));
        let sms = sms.map(|m| (m.id, m.from_sim));
        let Some((id, false)) = sms else {
            let message = "There is no such message";
            return Err(refused_for(Error::InvalidReference, message));
        };
        if state.end(id, SmsStatus::Cancelled).is_none() {
            return Err(refused_for(Error::NotAllowed, "The message has its end"));
        }
        Ok(Answer::empty(if state.other_answers { 200 } else { 204 }))
    }

    fn top_up_sim(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        payment(call)?;
        let mut state = lock(&self.state);
        let sim = state.usable(call.path("iccid"))?;
        sim.top_up();
        let iccid = sim.iccid.clone();
        let order = state.order("TOPUP", vec![(TOP_UP, 1)], vec![iccid]);
        Ok(self.ordered(order))
    }

    fn top_up_sims(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        payment(call)?;
        let body = body(call, &Shape::List(&Shape::Text))?;
        let mut state = lock(&self.state);
        let mut iccids = Vec::new();
        for iccid in body.as_array().into_iter().flatten() {
            let sim = state.usable(iccid.as_str().unwrap_or_default())?;
            iccids.push(sim.iccid.clone());
        }
        if iccids.is_empty() {
            return Err(wrong("body", "a list that is not empty"));
        }
        for iccid in &iccids {
            state.usable(iccid)?.top_up();
        }
        let products = vec![(TOP_UP, iccids.len() as u64)];
        let order = state.order("BULK_TOPUP", products, iccids);
        Ok(self.ordered(order))
    }

    fn ordered(&self, order: u64) -> Answer {
        let location = format!("{}/v1/orders/{order}", self.base_url());
        Answer::empty(201).with("location", location)
    }

    fn get_usage(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let state = lock(&self.state);
        let sim = state.known(call.path("iccid"))?;
        let today = Timestamp::now().unix().div_euclid(DAY);
        let oldest = today - HALF_A_YEAR;
        let from = day(call, "start_dt")?.unwrap_or(oldest).max(oldest);
        let to = day(call, "end_dt")?.unwrap_or(today);
        Ok(Answer::json(200, &sim.usage_json(from, to)))
    }
}
