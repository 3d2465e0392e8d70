//! MasStack Partners.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use super::*;
use crate::masstack::Masstack;

fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs()
}

/// Signs claims with the key of a service account's file.
fn assertion(file: &Value, header: &Value, claims: &Value) -> String {
    let pem = file["private_key"].as_str().unwrap();
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn good(file: &Value) -> (Value, Value) {
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": file["private_key_id"] });
    let claims = json!({
        "iss": file["client_email"],
        "aud": file["token_uri"],
        "iat": now(),
        "exp": now() + 3600,
    });
    (header, claims)
}

async fn exchange(http: &reqwest::Client, sandbox: &Sandbox, assertion: &str) -> RestAnswer {
    let request = http
        .post(sandbox.masstack().token_url())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}"
        ));
    finish(request).await.unwrap()
}

async fn masstack() -> (Sandbox, Rest) {
    let builder = Sandbox::builder().sims(20).seed(7);
    let sandbox = builder.start().await.unwrap();
    let http = http(&sandbox, None);
    let file = serde_json::from_str(&sandbox.masstack().service_account_json()).unwrap();
    let (header, claims) = good(&file);
    let answer = exchange(&http, &sandbox, &assertion(&file, &header, &claims)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 3600);
    let token = answer["access_token"].as_str().unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3);
    let base = sandbox.masstack().base_url().to_owned();
    (sandbox, Rest { http, base, token })
}

fn contract() -> Contract {
    Contract::read("masstack-partners/v3")
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A barring with callbacks to this server.
fn barring(receiver: &Receiver, active: bool) -> Value {
    json!({
        "active": active,
        "barring_name": "ROAMING",
        "callback_success_url": format!("{}/success", receiver.url),
        "callback_error_url": format!("{}/error", receiver.url),
    })
}

#[test]
fn every_operation_of_the_contract_is_there() {
    contract().is_served_by::<Masstack>();
}

#[tokio::test]
async fn assertions_are_verified() {
    let (sandbox, client) = masstack().await;
    let file: Value = serde_json::from_str(&sandbox.masstack().service_account_json()).unwrap();
    let refused = async |assertion: String| {
        let answer = exchange(&client.http, &sandbox, &assertion).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error"], "invalid_grant");
        answer.json()["error_description"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let with = |header: &[(&str, Value)], claims: &[(&str, Value)]| {
        let (mut h, mut c) = good(&file);
        header.iter().for_each(|(n, v)| h[n] = v.clone());
        claims.iter().for_each(|(n, v)| c[n] = v.clone());
        assertion(&file, &h, &c)
    };
    let stranger: Value =
        serde_json::from_str(&sandbox.masstack().stranger_account_json()).unwrap();
    let (header, claims) = good(&stranger);
    let forged = assertion(&stranger, &header, &claims);
    assert!(refused(forged).await.contains("signature"));
    let hour_ago = now() - 3600;
    let wrong = [
        (with(&[("alg", json!("HS256"))], &[]), "alg"),
        (with(&[("kid", json!("other"))], &[]), "kid"),
        (with(&[], &[("iss", json!("other"))]), "iss"),
        (
            with(&[], &[("aud", json!("https://elsewhere.example"))]),
            "aud",
        ),
        (with(&[], &[("exp", json!(now() + 7200))]), "hour"),
        (
            with(
                &[],
                &[("exp", json!(hour_ago)), ("iat", json!(hour_ago - 60))],
            ),
            "past",
        ),
        (with(&[], &[("iat", json!(now() + 600))]), "future"),
        ("a.b".to_owned(), "JWT"),
    ];
    for (assertion, expected) in wrong {
        let description = refused(assertion).await;
        assert!(description.contains(expected), "{description}: {expected}");
    }
    let answer = finish(
        client
            .http
            .post(sandbox.masstack().token_url())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials"),
    );
    assert_eq!(
        answer.await.unwrap().json()["error"],
        "unsupported_grant_type"
    );
    sandbox.masstack().gateway().revoke_tokens();
    let answer = client.get("/mobile/999000001/barrings").await;
    assert_eq!(
        (answer.status, answer.json()["code"].clone()),
        (401, json!("UNAUTHORIZED_REQUEST"))
    );
}

#[tokio::test]
async fn every_operation_answers_by_the_contract() {
    let (sandbox, client) = masstack().await;
    let contract = contract();
    let judged = Judged {
        sandbox: &sandbox,
        client: &client,
        contract: &contract,
    };
    let mut receiver = Receiver::start(None).await;
    let line = "/mobile/999000001";
    let at = |rest: &str| format!("{line}{rest}");

    judged
        .call(202, "PATCH", &at("/barrings"), barring(&receiver, true))
        .await;
    let before = judged.get(&at("/barrings")).await;
    sandbox.masstack().finish_queued();
    let event = receiver.next().await;
    contract.check_request("receiveBarringSuccess", &event.body);
    let after = judged.get(&at("/barrings")).await;
    assert_eq!(before["subscriptionId"], after["subscriptionId"]);
    let codes = |read: &Value| read["appliedBarringsMaskCodes"].as_array().unwrap().clone();
    assert!(
        !codes(&before).contains(&json!("ROAMING_MOBILE_LP")),
        "taken only"
    );
    assert!(codes(&after).contains(&json!("ROAMING_MOBILE_LP")));
    judged
        .call(202, "PATCH", &at("/barrings"), barring(&receiver, false))
        .await;
    sandbox.masstack().finish_queued();
    receiver.next().await;
    assert_eq!(codes(&judged.get(&at("/barrings")).await), codes(&before));

    let amount = json!({
        "value_with_taxes": 24.2,
        "value_without_taxes": 20,
        "tax": { "type": "IVA", "percentage": 21 },
    });
    let time = "2026-05-04T08:15:30Z";
    let movement = json!({
        "type": "ONE_TIME_FEE", "movement_datetime": time, "amount": amount,
        "external_movement_unique_id": "partner-1", "billable": true,
    });
    let booked = judged
        .call(201, "POST", &at("/billing/movements"), movement.clone())
        .await
        .json();
    judged
        .call(400, "POST", &at("/billing/movements"), movement)
        .await;
    let refund = json!({
        "refund_datetime": time, "amount": amount, "external_refund_unique_id": "partner-2",
        "billable": true, "movement_id": booked["movement_id"],
    });
    judged
        .call(201, "POST", &at("/billing/refunds"), refund.clone())
        .await;
    judged
        .call(404, "POST", "/mobile/999000002/billing/refunds", refund)
        .await;
    let movement = json!({
        "type": "DISCOUNT", "movement_datetime": time, "amount": amount,
        "period_start_datetime": "2026-04-30T22:00:00Z",
        "period_end_datetime": "2026-05-31T22:00:00Z",
        "external_movement_unique_id": "partner-3", "transaction_type_id": "9000000001",
    });
    let path = at("/billing/movements-non-subscribable-services");
    let booked = judged
        .call(201, "POST", &path, movement.clone())
        .await
        .json();
    let mut half = movement;
    half["external_movement_unique_id"] = json!("partner-4");
    half["period_end_datetime"] = Value::Null;
    half.as_object_mut().unwrap().retain(|_, v| !v.is_null());
    judged.call(400, "POST", &path, half).await;
    let refund = json!({
        "refund_datetime": time, "amount": amount, "transaction_type_id": "9000000001",
        "movement_id": booked["movement_id"],
    });
    let path = at("/billing/refunds-non-subscribable-services");
    judged.call(201, "POST", &path, refund).await;
    assert_eq!(sandbox.masstack().movements().len(), 2);
    assert_eq!(sandbox.masstack().refunds().len(), 2);

    let promotion = json!({ "promotion": { "promotion_id": "901", "activation_date": time } });
    let made = judged
        .call(201, "POST", &at("/promotions"), promotion)
        .await
        .json();
    let path = at(&format!(
        "/promotions/{}",
        made["promotion_id"].as_str().unwrap()
    ));
    let end = json!({ "deactivation_date": time });
    judged.call(200, "PATCH", &path, end.clone()).await;
    judged.call(404, "PATCH", &at("/promotions/901"), end).await;
    let promotion = &sandbox.masstack().promotions()[0];
    assert_eq!(promotion.deactivation_date.as_deref(), Some(time));

    let (eid, iccid) = (format!("8999{:028}", 1), format!("8999{:015}", 1));
    let service = json!({
        "service_details": { "secondary_eid": eid, "secondary_iccid": iccid },
        "callback_success_url": format!("{}/success", receiver.url),
        "callback_error_url": format!("{}/error", receiver.url),
    });
    judged.call(202, "POST", "/applewatch/", service).await;
    sandbox.masstack().finish_queued();
    let event = receiver.next().await;
    contract.check_request("receiveServiceSuccess", &event.body);
    let id = event.body["service_id"].as_str().unwrap().to_owned();
    let new =
        json!({ "new_secondary_eid": format!("8999{:028}", 2), "new_secondary_iccid": iccid });
    judged
        .call(202, "PATCH", &format!("/applewatch/{id}"), new)
        .await;
    let device = json!({
        "category": "eSIM",
        "new_service_device_details": { "iccid": format!("8999{:015}", 3) },
        "callback_success_url": format!("{}/success", receiver.url),
        "callback_error_url": format!("{}/error", receiver.url),
    });
    judged
        .call(202, "PATCH", &format!("/applewatch/{id}/device"), device)
        .await;
    sandbox.masstack().finish_queued();
    receiver.next().await;
    let service = sandbox
        .masstack()
        .services()
        .into_iter()
        .find(|s| s.id == id);
    let expected = (format!("8999{:028}", 2), format!("8999{:015}", 3));
    assert_eq!(service.unwrap().device, Some(expected));

    let end = json!({ "reason": "SUBSCRIBER_RESIGNATION", "deactivation_date": time });
    let path = "/deviceinsurance/policy-0001/terminate";
    judged.call(200, "POST", path, end.clone()).await;
    judged.call(400, "POST", path, end.clone()).await;
    judged
        .call(404, "POST", "/deviceinsurance/policy-9/terminate", end)
        .await;
    judged.all_were_called(&[]);
}

#[tokio::test]
async fn events_have_the_correlation_id_of_their_order() {
    for tls in [false, true] {
        let (sandbox, client) = masstack().await;
        let contract = contract();
        let mut receiver = Receiver::start(tls.then_some(&sandbox)).await;
        let order = async |line: &str, number: u32| {
            let path = format!("/mobile/{line}/barrings");
            let body = barring(&receiver, true);
            let request = client.request("PATCH", &path, &body);
            let request = request.header("Request-Correlation-Id", uuid(number));
            finish(request).await.unwrap()
        };
        assert_eq!(order("999000002", 1).await.status, 202);
        let again = order("999000002", 1).await;
        contract.check_answer("updateBarring", 406, &again.json());
        assert_eq!(again.json()["code"], "DUPLICATE_WORKFLOW_ID");
        assert_eq!(
            order("999999999", 2).await.status,
            202,
            "only the event tells"
        );
        let wrong = order("123", 3).await;
        assert_eq!(
            (wrong.status, &wrong.json()["code"]),
            (400, &json!("INVALID_MSISDN"))
        );
        assert_eq!(
            order("999000003", 3).await.status,
            202,
            "refused, so not used up"
        );
        sandbox.masstack().finish_queued();
        sandbox
            .masstack()
            .fail_next_orders(1, "INTERNAL_SERVER_ERROR");
        assert_eq!(order("999000004", 4).await.status, 202);
        sandbox.masstack().finish_queued();
        let mut events = Vec::new();
        for _ in 0..4 {
            let event = receiver.next().await;
            assert_eq!(event.method, "POST");
            let id = event.headers["request-correlation-id"].to_str().unwrap();
            events.push((id.to_owned(), event.path, event.body));
        }
        events.sort_by(|a, b| a.0.cmp(&b.0));
        let paths: Vec<_> = events.iter().map(|e| e.1.as_str()).collect();
        assert_eq!(paths, ["/success", "/error", "/success", "/error"]);
        let ids: Vec<_> = events.iter().map(|e| e.0.clone()).collect();
        assert_eq!(ids, [1, 2, 3, 4].map(uuid));
        contract.check_request("receiveFailure", &events[1].2);
        assert_eq!(events[1].2["code"], "INVALID_MSISDN");
        assert_eq!(events[3].2["code"], "INTERNAL_SERVER_ERROR");
        let failed = sandbox.masstack().line("999000004").unwrap();
        assert!(!failed.barrings.contains("ROAMING_MOBILE_LP"));
    }
}

#[tokio::test]
async fn refusals_are_those_of_the_contract() {
    let (sandbox, client) = masstack().await;
    let contract = contract();
    let judged = Judged {
        sandbox: &sandbox,
        client: &client,
        contract: &contract,
    };
    let no_url = json!({ "active": true, "barring_name": "ROAMING" });
    let answer = judged
        .call(400, "PATCH", "/mobile/999000001/barrings", no_url)
        .await;
    assert_eq!(answer.json()["code"], "MISSING CALLBACK URL");
    let url = "http://127.0.0.1:1/x";
    let with = |name: &str, value: Value| {
        let mut body = json!({
            "active": true, "barring_name": "INTERNET",
            "callback_success_url": url, "callback_error_url": url,
        });
        body[name] = value;
        body
    };
    let digits = json!({
        "service_details": { "secondary_eid": "8.9e31", "secondary_iccid": "8999" },
        "callback_success_url": url, "callback_error_url": url,
    });
    let numbers = json!({
        "service_details": { "secondary_eid": 8.9e31, "secondary_iccid": 8_999_000_000_000_000_001_u64 },
        "callback_success_url": url, "callback_error_url": url,
    });
    let wrong = [
        (
            "PATCH",
            "/mobile/999000001/barrings",
            with("barring_name", json!("INTERNAT")),
        ),
        (
            "PATCH",
            "/mobile/999000001/barrings",
            with("active", json!("true")),
        ),
        (
            "PATCH",
            "/mobile/999000001/barrings",
            with("reason", json!("x")),
        ),
        (
            "PATCH",
            "/phone/999000001/barrings",
            with("active", json!(false)),
        ),
        ("GET", "/mobile/999999999/barrings", Value::Null),
        ("POST", "/multisim/", digits),
        ("POST", "/multisim/", numbers),
    ];
    for (method, path, body) in wrong {
        judged.call(400, method, path, body).await;
    }
    let account = sandbox.masstack().account().to_owned();
    sandbox.control().forbid(account, "getBarrings");
    judged
        .call(403, "GET", "/mobile/999000001/barrings", Value::Null)
        .await;
    sandbox
        .control()
        .fail_next("createPromotion", 1, Fault::maintenance());
    let promotion = json!({ "promotion": {} });
    judged
        .call(500, "POST", "/mobile/999000001/promotions", promotion)
        .await;
    sandbox
        .masstack()
        .gateway()
        .too_many_requests(1, Duration::from_secs(2));
    let answer = client.get("/mobile/999000001/barrings").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
    let entry = sandbox.journal().snapshot().pop().unwrap();
    assert_eq!(
        (entry.service.as_str(), entry.version.as_str()),
        ("masstack-partners", "v3")
    );
    assert_eq!(entry.sim, Some(SimId::Msisdn("999000001".into())));
}

#[tokio::test(start_paused = true)]
async fn orders_take_their_time() {
    let (sandbox, client) = masstack().await;
    let mut receiver = Receiver::start(None).await;
    sandbox.masstack().queue_for(Duration::from_secs(90));
    let sent = tokio::time::Instant::now();
    let path = "/mobile/999000001/barrings";
    let answer = client.call("PATCH", path, &barring(&receiver, true)).await;
    assert_eq!(answer.status, 202);
    receiver.next().await;
    assert!(sent.elapsed() >= Duration::from_secs(90));
}
