//! The operations.

use serde_json::{Value, json};

use super::state::{self, BARRINGS, Booking, Order, Promotion, Service, State, What};
use super::{CORRELATION, Masstack, refused, text};
use crate::lock;
use crate::rest::{Answer, Call, Field, Problem, Route, Shape, may, need};

pub(super) const ROUTES: &[Route<Masstack>] = &[
    Route::new(
        "PATCH",
        "/{service_type}/{service_id}/barrings",
        "updateBarring",
        Masstack::update_barring,
    ),
    Route::new(
        "GET",
        "/{service_type}/{service_id}/barrings",
        "getBarrings",
        Masstack::get_barrings,
    ),
    Route::new(
        "POST",
        "/{service_type}/{service_id}/billing/movements",
        "createMovement",
        Masstack::create_movement,
    ),
    Route::new(
        "POST",
        "/{service_type}/{service_id}/billing/movements-non-subscribable-services",
        "createNonSubscribableMovement",
        Masstack::create_non_subscribable_movement,
    ),
    Route::new(
        "POST",
        "/{service_type}/{service_id}/billing/refunds",
        "createRefund",
        Masstack::create_refund,
    ),
    Route::new(
        "POST",
        "/{service_type}/{service_id}/billing/refunds-non-subscribable-services",
        "createNonSubscribableRefund",
        Masstack::create_non_subscribable_refund,
    ),
    Route::new(
        "POST",
        "/{service_type}/{service_id}/promotions",
        "createPromotion",
        Masstack::create_promotion,
    ),
    Route::new(
        "PATCH",
        "/{service_type}/{service_id}/promotions/{promotion_id}",
        "updatePromotion",
        Masstack::update_promotion,
    ),
    Route::new(
        "POST",
        "/{service_type}/",
        "createService",
        Masstack::create_service,
    ),
    Route::new(
        "PATCH",
        "/{service_type}/{service_id}",
        "updateMultisimService",
        Masstack::update_multisim_service,
    ),
    Route::new(
        "PATCH",
        "/{service_type}/{service_id}/device",
        "updateServiceDevice",
        Masstack::update_service_device,
    ),
    Route::new(
        "POST",
        "/deviceinsurance/{service_id}/terminate",
        "terminateDeviceInsurance",
        Masstack::terminate_device_insurance,
    ),
];

/// Kinds of services.
const KINDS: [&str; 7] = [
    "multisim",
    "security",
    "tv",
    "datasharing",
    "mobile",
    "applewatch",
    "deviceinsurance",
];

const SUCCESS_URL: Field = may("callback_success_url", Shape::Text);
const ERROR_URL: Field = may("callback_error_url", Shape::Text);

const BARRING: Shape = Shape::Object(&[
    need("active", Shape::Flag),
    need("barring_name", Shape::OneOf(BARRINGS)),
    SUCCESS_URL,
    ERROR_URL,
]);

const TAXES: &[&str] = &[
    "EXEMPTED",
    "IGIC",
    "IVA",
    "IPSI_CEUTA",
    "IPSI_MELILLA",
    "NOT_APPLY",
    "NOT_TAXED",
];
const AMOUNT: Shape = Shape::Object(&[
    may("value_with_taxes", Shape::Number),
    may("value_without_taxes", Shape::Number),
    may(
        "tax",
        Shape::Object(&[
            need("type", Shape::OneOf(TAXES)),
            need("percentage", Shape::Number),
        ]),
    ),
]);
const MOVEMENT_TYPE: Shape = Shape::OneOf(&[
    "RECURRING_CHARGE",
    "ONE_TIME_FEE",
    "INSTALLATION_FEE",
    "SUSPENSION_SERVICE_FEE",
    "UNRETURNED_EQUIPMENT_FEE",
    "DISCOUNT",
]);
const PERIOD_START: Field = may("period_start_datetime", Shape::DateTime);
const PERIOD_END: Field = may("period_end_datetime", Shape::DateTime);
const INVOICE: Field = may("external_invoice_id", Shape::Text);
const DESCRIPTION: Field = may("description", Shape::Text);

const MOVEMENT: Shape = Shape::Object(&[
    need("type", MOVEMENT_TYPE),
    need("movement_datetime", Shape::DateTime),
    PERIOD_START,
    PERIOD_END,
    need("amount", AMOUNT),
    INVOICE,
    need("external_movement_unique_id", Shape::Text),
    need("billable", Shape::Flag),
    may("concept_id", Shape::Text),
    DESCRIPTION,
]);
const NON_SUBSCRIBABLE_MOVEMENT: Shape = Shape::Object(&[
    need("type", MOVEMENT_TYPE),
    need("movement_datetime", Shape::DateTime),
    PERIOD_START,
    PERIOD_END,
    need("amount", AMOUNT),
    INVOICE,
    need("external_movement_unique_id", Shape::Text),
    need("transaction_type_id", Shape::Text),
    DESCRIPTION,
]);
const REFUND: Shape = Shape::Object(&[
    need("refund_datetime", Shape::DateTime),
    PERIOD_START,
    PERIOD_END,
    need("amount", AMOUNT),
    INVOICE,
    need("external_refund_unique_id", Shape::Text),
    need("billable", Shape::Flag),
    need("movement_id", Shape::Text),
    DESCRIPTION,
]);
const NON_SUBSCRIBABLE_REFUND: Shape = Shape::Object(&[
    need("refund_datetime", Shape::DateTime),
    PERIOD_START,
    PERIOD_END,
    need("amount", AMOUNT),
    INVOICE,
    may("external_refund_unique_id", Shape::Text),
    need("transaction_type_id", Shape::Text),
    need("movement_id", Shape::Text),
    DESCRIPTION,
]);

const PROMOTION: Shape = Shape::Object(&[need(
    "promotion",
    Shape::Object(&[
        may("promotion_id", Shape::Text),
        may("activation_date", Shape::DateTime),
        may("deactivation_date", Shape::DateTime),
    ]),
)]);
const PROMOTION_END: Shape = Shape::Object(&[need("deactivation_date", Shape::DateTime)]);

const SERVICE: Shape = Shape::Object(&[
    may("service_id", Shape::Text),
    need(
        "service_details",
        Shape::Object(&[
            need("secondary_eid", Shape::Text),
            need("secondary_iccid", Shape::Text),
        ]),
    ),
    SUCCESS_URL,
    ERROR_URL,
]);
const MULTISIM: Shape = Shape::Object(&[
    need("new_secondary_eid", Shape::Text),
    need("new_secondary_iccid", Shape::Text),
]);
const CATEGORIES: &[&str] = &[
    "STB",
    "SMARTWATCH",
    "TABLET",
    "ROUTER",
    "PBX",
    "SMARTPHONE",
    "WIFI_EXTENDER",
    "OTHER",
    "SIM",
    "eSIM",
];
const DEVICE: Shape = Shape::Object(&[
    need("category", Shape::OneOf(CATEGORIES)),
    need(
        "new_service_device_details",
        Shape::Object(&[may("iccid", Shape::Text), may("eid", Shape::Text)]),
    ),
    SUCCESS_URL,
    ERROR_URL,
]);
const TERMINATION: Shape = Shape::Object(&[
    need("reason", Shape::Text),
    need("deactivation_date", Shape::DateTime),
]);

fn bad_request(title: impl ToString) -> Answer {
    refused(400, "BAD_REQUEST", &title.to_string())
}

/// A body that has this form.
fn body(call: &Call<'_>, shape: &Shape) -> Result<Value, Answer> {
    let problem = || Problem::Wrong("body".to_owned(), "application/json".to_owned());
    let body = call.json().ok_or_else(|| bad_request(problem()))?;
    shape.check(&body).map_err(bad_request)?;
    Ok(body)
}

/// The two URLs of an order.
fn urls(body: &Value) -> Result<Option<(String, String)>, Answer> {
    let url = |name: &str| text(body, name).filter(|url| !url.is_empty());
    match (url("callback_success_url"), url("callback_error_url")) {
        (Some(success), Some(error)) => Ok(Some((success, error))),
        _ => Err(refused(
            400,
            "MISSING CALLBACK URL",
            "Both callback URLs are required",
        )),
    }
}

fn digits(value: &Value, name: &str, lengths: &[usize]) -> Result<Option<String>, Answer> {
    let Some(digits) = text(value, name) else {
        return Ok(None);
    };
    let all = digits.bytes().all(|b| b.is_ascii_digit());
    if all && lengths.contains(&digits.len()) {
        Ok(Some(digits))
    } else {
        Err(bad_request(format!("{name} must be {lengths:?} digits")))
    }
}

/// EID and ICCID under these names.
fn device(
    value: &Value,
    eid: &str,
    iccid: &str,
) -> Result<(Option<String>, Option<String>), Answer> {
    Ok((digits(value, eid, &[32])?, digits(value, iccid, &[19, 20])?))
}

/// Whether a period has both ends or none, in order.
fn check_period(body: &Value) -> Result<(), Answer> {
    let end = |name: &str| state::time(&body[name]);
    match (end("period_start_datetime"), end("period_end_datetime")) {
        (None, None) => Ok(()),
        (Some(start), Some(end)) if start < end => Ok(()),
        _ => Err(bad_request("A period needs a start and an end after it")),
    }
}

/// The service that a call is about, if there is one.
fn known<'a>(state: &'a State, call: &Call<'_>) -> Option<&'a Service> {
    state.service(call.path("service_type"), call.path("service_id"))
}

/// The same where an unknown one is a 404.
fn needed<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Service, Answer> {
    let unknown = || refused(404, "INVALID_MSISDN", "There is no such service");
    known(state, call).ok_or_else(unknown)
}

impl Masstack {
    /// What all operations but the youngest have in common: the kind of the service, and the
    /// correlation id, of which none may come twice. Only what is accepted counts.
    fn once(
        &self,
        call: &Call<'_>,
        carry_out: impl FnOnce(&mut State, &str) -> Result<Answer, Answer>,
    ) -> Result<Answer, Answer> {
        if !KINDS.contains(&call.path("service_type")) {
            return Err(bad_request("The service type is not known"));
        }
        let mut state = lock(&self.state);
        let id = match call.header(CORRELATION) {
            None => state.random.uuid(),
            Some(id) if !is_uuid(id) => {
                return Err(bad_request("Request-Correlation-Id must be a UUID"));
            }
            Some(id) if state.seen.contains(&id.to_ascii_lowercase()) => {
                let title = "A call with this correlation id was made before";
                return Err(refused(406, "DUPLICATE_WORKFLOW_ID", title));
            }
            Some(id) => id.to_owned(),
        };
        let answer = carry_out(&mut state, &id)?;
        state.seen.insert(id.to_ascii_lowercase());
        self.changed.notify_one();
        Ok(answer)
    }

    fn update_barring(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, id| {
            let body = body(call, &BARRING)?;
            let urls = urls(&body)?;
            let service_id = call.path("service_id");
            if call.path("service_type") == "mobile" && !state::is_msisdn(service_id) {
                let title = "A line has a number of nine digits";
                return Err(refused(400, "INVALID_MSISDN", title));
            }
            // Whether there is such a line, only the event tells.
            state.order(Order {
                workflow: id.to_owned(),
                urls,
                service_id: service_id.to_owned(),
                what: What::Bar {
                    code: state::code(body["barring_name"].as_str().unwrap_or_default()),
                    active: body["active"] == true,
                },
            });
            Ok(Answer::empty(202))
        })
    }

    fn get_barrings(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, _| {
            let unknown = || refused(400, "INVALID_MSISDN", "There is no such service");
            let service = known(state, call).ok_or_else(unknown)?;
            let body = json!({
                "subscriptionId": service.subscription_id,
                "appliedBarringsMaskCodes": service.barrings,
            });
            Ok(Answer::json(200, &body))
        })
    }

    fn create_movement(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.movement(call, &MOVEMENT, true)
    }

    fn create_non_subscribable_movement(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.movement(call, &NON_SUBSCRIBABLE_MOVEMENT, false)
    }

    fn movement(
        &self,
        call: &Call<'_>,
        shape: &Shape,
        subscribable: bool,
    ) -> Result<Answer, Answer> {
        self.once(call, |state, _| {
            let body = body(call, shape)?;
            let service_id = needed(state, call)?.id.clone();
            check_period(&body)?;
            let name = "external_movement_unique_id";
            if state
                .movements
                .iter()
                .any(|m| m.request[name] == body[name])
            {
                return Err(bad_request(format!("{name} is not unique")));
            }
            let id = state.random.uuid();
            state.movements.push(Booking {
                id: id.clone(),
                service_id,
                movement_id: None,
                subscribable,
                request: body,
            });
            let body = json!({ "code": "CREATED", "title": "Movement created", "movement_id": id });
            Ok(Answer::json(201, &body))
        })
    }

    fn create_refund(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.refund(call, &REFUND, true)
    }

    fn create_non_subscribable_refund(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.refund(call, &NON_SUBSCRIBABLE_REFUND, false)
    }

    fn refund(&self, call: &Call<'_>, shape: &Shape, subscribable: bool) -> Result<Answer, Answer> {
        self.once(call, |state, _| {
            let body = body(call, shape)?;
            let service_id = needed(state, call)?.id.clone();
            check_period(&body)?;
            let movement_id = text(&body, "movement_id").unwrap_or_default();
            let fits = |m: &Booking| {
                m.id == movement_id && m.service_id == service_id && m.subscribable == subscribable
            };
            if !state.movements.iter().any(fits) {
                return Err(refused(404, "BAD_REQUEST", "There is no such movement"));
            }
            let name = "external_refund_unique_id";
            let given = body[name].is_string();
            if given && state.refunds.iter().any(|r| r.request[name] == body[name]) {
                return Err(bad_request(format!("{name} is not unique")));
            }
            let id = state.random.uuid();
            state.refunds.push(Booking {
                id: id.clone(),
                service_id,
                movement_id: Some(movement_id),
                subscribable,
                request: body,
            });
            let body = json!({ "code": "CREATED", "title": "Refund created", "refund_id": id });
            Ok(Answer::json(201, &body))
        })
    }

    fn create_promotion(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, _| {
            let body = body(call, &PROMOTION)?;
            let service_id = needed(state, call)?.id.clone();
            let wanted = &body["promotion"];
            let id = state.random.uuid();
            state.promotions.push(Promotion {
                id: id.clone(),
                service_id,
                catalogue_id: text(wanted, "promotion_id"),
                deactivation_date: text(wanted, "deactivation_date"),
            });
            let body =
                json!({ "code": "CREATED", "title": "Promotion created", "promotion_id": id });
            Ok(Answer::json(201, &body))
        })
    }

    fn update_promotion(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, _| {
            let body = body(call, &PROMOTION_END)?;
            let service_id = needed(state, call)?.id.clone();
            let id = call.path("promotion_id");
            let mut all = state.promotions.iter_mut();
            let Some(promotion) = all.find(|p| p.id == id && p.service_id == service_id) else {
                return Err(refused(404, "BAD_REQUEST", "There is no such promotion"));
            };
            promotion.deactivation_date = text(&body, "deactivation_date");
            let body = json!({ "code": "OK", "title": "Promotion changed" });
            Ok(Answer::json(200, &body))
        })
    }

    fn create_service(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, id| {
            let body = body(call, &SERVICE)?;
            let urls = urls(&body)?;
            let details = &body["service_details"];
            let (eid, iccid) = device(details, "secondary_eid", "secondary_iccid")?;
            let next = format!("999{:06}", 800_001 + state.services.len());
            state.order(Order {
                workflow: id.to_owned(),
                urls,
                service_id: text(&body, "service_id").unwrap_or(next),
                what: What::Create {
                    kind: call.path("service_type").to_owned(),
                    device: (eid.unwrap_or_default(), iccid.unwrap_or_default()),
                },
            });
            Ok(Answer::empty(202))
        })
    }

    fn update_multisim_service(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, id| {
            let body = body(call, &MULTISIM)?;
            let device = device(&body, "new_secondary_eid", "new_secondary_iccid")?;
            let unknown = || refused(400, "INVALID_MSISDN", "There is no such service");
            let service_id = known(state, call).ok_or_else(unknown)?.id.clone();
            state.order(Order {
                workflow: id.to_owned(),
                urls: None,
                service_id,
                what: What::Move { device },
            });
            Ok(Answer::empty(202))
        })
    }

    fn update_service_device(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        self.once(call, |state, id| {
            let body = body(call, &DEVICE)?;
            let urls = urls(&body)?;
            let device = device(&body["new_service_device_details"], "eid", "iccid")?;
            state.order(Order {
                workflow: id.to_owned(),
                urls,
                service_id: call.path("service_id").to_owned(),
                what: What::Move { device },
            });
            Ok(Answer::empty(202))
        })
    }

    /// Its document has neither duplicates nor kinds.
    fn terminate_device_insurance(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let body = body(call, &TERMINATION)?;
        let id = call.path("service_id");
        let mut state = lock(&self.state);
        if state.service("deviceinsurance", id).is_none() {
            return Err(refused(404, "BAD_REQUEST", "There is no such policy"));
        }
        let (reason, date) = (text(&body, "reason"), text(&body, "deactivation_date"));
        if !state.terminate(id, &reason.unwrap_or_default(), &date.unwrap_or_default()) {
            return Err(bad_request("The policy has its end"));
        }
        Ok(Answer::json(
            200,
            &json!({ "code": "OK", "title": "Policy ended" }),
        ))
    }
}

/// Whether a text is a UUID.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    digits && groups == [8, 4, 4, 4, 12]
}
