//! Telekom Business Smart Connect.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::bsc::{Bsc, SmsStatus};

async fn token(sandbox: &Sandbox, http: &reqwest::Client) -> RestAnswer {
    let bsc = sandbox.bsc();
    let request = http
        .post(bsc.token_url())
        .basic_auth(bsc.user(), Some(bsc.password()))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    finish(request).await.unwrap()
}

async fn client(sandbox: &Sandbox) -> Rest {
    let http = http(sandbox, None);
    let answer = token(sandbox, &http).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let base = sandbox.bsc().base_url().to_owned();
    Rest { http, base, token }
}

async fn bsc(sims: usize) -> (Sandbox, Rest) {
    let builder = Sandbox::builder().sims(sims).seed(7);
    let sandbox = builder.start().await.unwrap();
    let client = client(&sandbox).await;
    (sandbox, client)
}

fn contract() -> Contract {
    Contract::read("telekom-bsc/v1")
}

/// ICCIDs of a SIM that may be used and of one that may not.
fn two(sandbox: &Sandbox) -> (String, String) {
    let sims = sandbox.bsc().sims();
    let find = |enabled| sims.iter().find(|s| s.enabled == enabled).unwrap();
    (find(true).iccid.clone(), find(false).iccid.clone())
}

#[test]
fn every_operation_of_the_contract_is_there() {
    contract().is_served_by::<Bsc>();
}

#[tokio::test]
async fn tokens() {
    let (sandbox, client) = bsc(3).await;
    let answer = token(&sandbox, &client.http).await.json();
    contract().check_answer("createToken", 200, &answer);
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["expires_in"], 3600);

    let wrong = client
        .http
        .post(sandbox.bsc().token_url())
        .basic_auth(sandbox.bsc().user(), Some("wrong"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let answer = finish(wrong).await.unwrap();
    contract().check_answer("createToken", 400, &answer.json());
    assert_eq!(answer.json()["errorCode"], "BadCredentials");

    let refused = async |client: &Rest| {
        let answer = client.get("/v1/sims").await;
        contract().check_answer("listSims", answer.status, &answer.json());
        (answer.status, answer.json()["error_token"].clone())
    };
    assert_eq!(client.get("/v1/sims").await.status, 200);
    sandbox.bsc().gateway().revoke_tokens();
    assert_eq!(refused(&client).await, (401, json!("InvalidToken")));
    sandbox.bsc().gateway().tokens_live_for(Duration::ZERO);
    let short = token(&sandbox, &client.http).await.json();
    let expired = Rest {
        token: short["access_token"].as_str().unwrap().to_owned(),
        ..client
    };
    assert_eq!(refused(&expired).await, (401, json!("TokenExpired")));
    assert_eq!(sandbox.journal().count("telekom-bsc/token"), 4);
}

#[tokio::test]
async fn sims_by_pages() {
    let (sandbox, client) = bsc(23).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let answer = client.get(&format!("/v1/sims?page={page}")).await;
        assert_eq!(answer.header("x-total-count"), "23");
        assert_eq!(answer.header("x-total-pages"), "3");
        assert_eq!(answer.header("x-current-page"), page.to_string());
        let sims = answer.json();
        let iccids = sims.as_array().unwrap().iter().map(|s| s["iccid"].clone());
        seen.extend(iccids);
    }
    let expected: Vec<_> = sandbox.bsc().sims().into_iter().map(|s| s.iccid).collect();
    assert_eq!(seen, expected);
    let falling = client.get("/v1/sims?sort=-imei&pageSize=1").await.json();
    assert_eq!(falling[0]["iccid"], *expected[22]);
    let address = sandbox.bsc().sims()[4].ip_address;
    let one = client
        .get(&format!("/v1/sims?q=ip_address:{address}"))
        .await;
    assert_eq!(one.json()[0]["iccid"], *expected[4]);
    assert_eq!(client.get("/v1/sims?pageSize=101").await.status, 422);
    assert_eq!(client.get("/v1/sims?sort=label").await.status, 422);
    assert_eq!(client.get("/v1/sims/8999").await.status, 404);
    let all = sandbox.journal().snapshot();
    let entry = &all[all.len() - 3];
    assert_eq!(
        (entry.service.as_str(), entry.version.as_str()),
        ("telekom-bsc", "v1")
    );
    assert_eq!(entry.operation, "listSims");
    assert_eq!(entry.organisation, sandbox.bsc().user());
    assert_eq!(entry.outcome, Outcome::Fault("1301".into()));
    assert_eq!(all[all.len() - 1].sim, Some(SimId::icc("8999")));
}

#[tokio::test]
async fn every_operation_answers_by_the_contract() {
    let (sandbox, client) = bsc(40).await;
    let contract = contract();
    let judged = Judged {
        sandbox: &sandbox,
        client: &client,
        contract: &contract,
    };
    let (sim, idle) = two(&sandbox);
    let at = |rest: &str| format!("/v1/sims/{sim}{rest}");
    let null = || Value::Null;

    judged.get("/v1/products").await;
    let orders = judged.get("/v1/orders?sort=-order_number").await;
    assert_eq!(orders.as_array().unwrap().len(), 4);
    let order = json!({
        "products": [{ "productId": 1, "quantity": 2 }],
        "delivery_address": { "salutation": "2", "city": "Sandboxville" },
    });
    judged.call(201, "POST", "/v1/orders", order).await;
    assert_eq!(
        judged.get("/v1/orders/1005").await["order_status"],
        "IN_PROGRESS"
    );
    sandbox.bsc().finish_queued();
    let order = judged.get("/v1/orders/1005").await;
    assert_eq!(order["order_status"], "COMPLETED");
    assert_eq!(order["sims"].as_array().unwrap().len(), 20);
    judged
        .get(&format!(
            "/v1/sims/{}",
            order["sims"][19]["iccid"].as_str().unwrap()
        ))
        .await;

    judged.get("/v1/sims?pageSize=100").await;
    let off = json!({ "iccid": sim, "status": "Disabled", "label": "Gate", "imei_lock": true });
    judged.call(200, "PUT", &at(""), off).await;
    let read = judged.get(&at("")).await;
    assert_eq!(
        (&read["status"], &read["label"]),
        (&json!("Disabled"), &json!("Gate"))
    );
    let on = json!([
        { "iccid": sim, "status": "Enabled" },
        { "iccid": idle, "status": "Enabled" },
    ]);
    judged.call(201, "POST", "/v1/sims", on).await;
    assert_eq!(
        judged.get(&at("")).await["status"],
        "Disabled",
        "queued only"
    );
    sandbox.bsc().finish_queued();
    assert_eq!(judged.get(&at("")).await["status"], "Enabled");

    judged.get(&at("/connectivity_info?ussd=true")).await;
    let before = judged.get(&at("/events")).await["totalEvents"].clone();
    judged.call(201, "POST", &at("/reset"), null()).await;
    sandbox.bsc().finish_queued();
    let after = judged.get(&at("/events?pageSize=2&page=2")).await;
    assert_eq!(after["events"].as_array().unwrap().len(), 2);
    assert_eq!(
        after["totalEvents"].as_u64().unwrap(),
        before.as_u64().unwrap() + 3
    );

    let before = judged.get(&at("/quota/data")).await;
    let topped = judged
        .call(201, "POST", &at("/topup?payment_method=creditcard"), null())
        .await;
    let number = topped
        .header("location")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let order = judged.get(&format!("/v1/orders/{number}")).await;
    assert_eq!(
        (&order["order_type"], &order["sims"][0]["iccid"]),
        (&json!("TOPUP"), &json!(sim))
    );
    let after = judged.get(&at("/quota/data")).await;
    let volume = |quota: &Value| quota["volume"].as_f64().unwrap();
    assert!((volume(&after) - volume(&before) - 500.0).abs() < 1e-9);
    judged
        .call(201, "POST", "/v1/sims/topup", json!([sim, idle]))
        .await;
    assert_eq!(judged.get(&at("/quota/data")).await["total_volume"], 1500);

    let sms = json!({ "payload": "open", "source_address": "999000000000009", "dcs": 0 });
    judged.call(201, "POST", &at("/sms"), sms.clone()).await;
    judged.call(201, "POST", &at("/sms"), sms).await;
    judged.call(204, "DELETE", &at("/sms/3002"), null()).await;
    judged.call(422, "DELETE", &at("/sms/3002"), null()).await;
    sandbox.bsc().finish_queued();
    assert_eq!(judged.get(&at("/sms/3001")).await["status"]["id"], 4);
    let list = judged.get(&at("/sms?sort=-id")).await;
    assert_eq!(list[0]["status"]["id"], 7);
    assert_eq!(judged.get(&at("/quota/sms")).await["volume"], 248);
    let usage = judged.get(&at("/usage")).await;
    let today = usage["stats"].as_array().unwrap().last().unwrap();
    assert_eq!(today["sms"]["volume_tx"], "2.000000");
    let day = today["date"].as_str().unwrap();
    let usage = judged
        .get(&at(&format!("/usage?start_dt={day}&end_dt={day}")))
        .await;
    assert_eq!(usage["stats"].as_array().unwrap().len(), 1);

    judged.all_were_called(&["createToken"]);
}

#[tokio::test]
async fn the_other_of_two_answers() {
    let (sandbox, client) = bsc(20).await;
    let contract = contract();
    let judged = Judged {
        sandbox: &sandbox,
        client: &client,
        contract: &contract,
    };
    sandbox.bsc().other_answers(true);
    let order = json!({ "products": [{ "productId": 2, "quantity": 1 }] });
    let answer = judged.call(200, "POST", "/v1/orders", order.clone()).await;
    assert_eq!(answer.json(), order);
    let sms = format!("/v1/sims/{}/sms", two(&sandbox).0);
    judged
        .call(201, "POST", &sms, json!({ "payload": "x" }))
        .await;
    judged
        .call(200, "DELETE", &format!("{sms}/3001"), Value::Null)
        .await;
}

#[tokio::test]
async fn refusals_are_those_of_the_contract() {
    let (sandbox, client) = bsc(20).await;
    let contract = contract();
    let judged = Judged {
        sandbox: &sandbox,
        client: &client,
        contract: &contract,
    };
    let (sim, _) = two(&sandbox);
    let at = |rest: &str| format!("/v1/sims/{sim}{rest}");
    let wrong = [
        (
            404,
            "POST",
            "/v1/orders".to_owned(),
            json!({ "products": [{ "productId": 9, "quantity": 1 }] }),
        ),
        (
            422,
            "POST",
            "/v1/orders".to_owned(),
            json!({ "products": [{ "productId": 1, "quantity": 9 }] }),
        ),
        (
            422,
            "POST",
            "/v1/orders".to_owned(),
            json!({ "products": [{ "productId": 3, "quantity": 1 }] }),
        ),
        (422, "GET", "/v1/orders?pageSize=11".to_owned(), Value::Null),
        (404, "GET", "/v1/orders/9999".to_owned(), Value::Null),
        (
            404,
            "POST",
            "/v1/sims".to_owned(),
            json!([{ "iccid": "8999", "status": "Enabled" }]),
        ),
        (
            422,
            "POST",
            "/v1/sims".to_owned(),
            json!([{ "iccid": sim, "status": "enabled" }]),
        ),
        (
            422,
            "PUT",
            at(""),
            json!({ "iccid": "8999", "status": "Enabled" }),
        ),
        (422, "PUT", at(""), json!({ "status": "Enabled" })),
        (
            422,
            "PUT",
            at(""),
            json!({ "iccid": sim, "status": "Enabled", "name": "x" }),
        ),
        (400, "POST", at("/topup?payment_method=cash"), Value::Null),
        (422, "POST", "/v1/sims/topup".to_owned(), json!([])),
        (
            404,
            "POST",
            "/v1/sims/topup".to_owned(),
            json!([sim, "8999"]),
        ),
        (422, "POST", at("/sms"), json!({})),
        (422, "POST", at("/sms"), json!({ "payload": "x", "dcs": 1 })),
        (
            422,
            "POST",
            at("/sms"),
            json!({ "payload": "x", "expiry_date": "2020-01-01T00:00:00Z" }),
        ),
        (404, "GET", at("/sms/1"), Value::Null),
        (422, "GET", at("/usage?start_dt=yesterday"), Value::Null),
        (422, "GET", at("/connectivity_info?ussd=1"), Value::Null),
    ];
    for (status, method, path, body) in wrong {
        judged.call(status, method, &path, body).await;
    }
    assert_eq!(
        judged.get(&at("/quota/data")).await["total_volume"],
        500,
        "nothing was done"
    );
    assert!(sandbox.bsc().expire(&sim));
    judged.call(422, "POST", &at("/topup"), Value::Null).await;
    sandbox.control().forbid(sandbox.bsc().user(), "listSims");
    judged.call(403, "GET", "/v1/sims", Value::Null).await;
    sandbox
        .bsc()
        .gateway()
        .too_many_requests(1, Duration::from_secs(3));
    let answer = judged.call(429, "GET", "/v1/orders", Value::Null).await;
    assert_eq!(answer.header("retry-after"), "3");
    judged.get("/v1/orders").await;
    assert_eq!(
        client.call("PATCH", "/v1/sims", &Value::Null).await.status,
        405
    );
    assert_eq!(client.get("/v2/sims").await.status, 404);
}

#[tokio::test]
async fn trouble_on_demand() {
    let (sandbox, client) = bsc(2).await;
    let rule = |operation: &str| Rule::on(operation).times(1);
    sandbox
        .control()
        .add(rule("telekom-bsc/listSims").then(Effect::Status(503)));
    sandbox
        .control()
        .add(rule("kpn-msm/listSims").then(Effect::Status(500)));
    assert_eq!(client.get("/v1/sims").await.status, 503);
    assert_eq!(client.get("/v1/sims").await.status, 200);
    sandbox
        .control()
        .add(rule("listSims").then(Effect::Html(502)));
    let page = client.get("/v1/sims").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (502, "text/html")
    );
    sandbox
        .control()
        .add(rule("topUpSim").then(Effect::CutAfter));
    let iccid = sandbox.bsc().sims()[0].iccid.clone();
    let lost = client.request("POST", &format!("/v1/sims/{iccid}/topup"), &Value::Null);
    assert!(finish(lost).await.is_err());
    assert_eq!(sandbox.bsc().sim(&iccid).unwrap().data.added, 500_000);
    assert_eq!(
        sandbox.bsc().orders().last().unwrap().kind,
        "TOPUP",
        "carried out"
    );
}

#[tokio::test]
async fn messages_are_delivered_reported_and_forwarded() {
    for tls in [false, true] {
        let (sandbox, client) = bsc(20).await;
        let contract = contract();
        let mut receiver = Receiver::start(tls.then_some(&sandbox)).await;
        let url = format!("{}/bsc/callback", receiver.url);
        sandbox.bsc().set_callback_url(Some(url));
        let (sim, idle) = two(&sandbox);
        let send = async |iccid: &str| {
            let path = format!("/v1/sims/{iccid}/sms");
            client
                .call("POST", &path, &json!({ "payload": "open" }))
                .await
        };

        assert_eq!(send(&sim).await.status, 201);
        sandbox.bsc().finish_queued();
        let report = receiver.next().await;
        contract.check_request("receiveDeliveryReport", &report.body);
        assert_eq!(
            (report.method.as_str(), report.path.as_str()),
            ("PATCH", "/bsc/callback")
        );
        assert_eq!(report.headers["content-type"], "application/json");
        assert_eq!(report.body["id"], "3001");
        assert_eq!(
            report.body["status"],
            json!({ "status": "DELIVERED", "id": "4" })
        );
        assert_eq!(report.body["endpoint"]["name"], *sim);

        // Kept for a SIM that may not be used, until it may.
        send(&idle).await;
        sandbox.bsc().finish_queued();
        assert_eq!(sandbox.bsc().messages()[1].status, SmsStatus::Buffered);
        assert!(receiver.is_empty());
        sandbox.bsc().messages_end_as(SmsStatus::Failed);
        let on = json!({ "iccid": idle, "status": "Enabled" });
        client.call("PUT", &format!("/v1/sims/{idle}"), &on).await;
        assert_eq!(receiver.next().await.body["status"]["id"], "5");

        let id = sandbox
            .bsc()
            .send_from_sim(&sim, "99901", "door open")
            .unwrap();
        let forwarded = receiver.next().await;
        contract.check_request("receiveSms", &forwarded.body);
        assert_eq!(forwarded.method, "POST");
        assert_eq!(forwarded.body["id"], id.to_string());
        assert_eq!(forwarded.body["payload"], "door open");
        let read = client.get(&format!("/v1/sims/{sim}/sms/{id}")).await.json();
        assert_eq!(read["sms_type"], json!({ "id": 2, "description": "MO" }));
        let taken = sandbox.deliveries();
        assert_eq!(taken.len(), 3);
        assert!(
            taken
                .iter()
                .all(|d| d.outcome == DeliveryOutcome::Answered(204))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn messages_take_their_time() {
    let builder = Sandbox::builder().sims(20).seed(7);
    let sandbox = builder.start().await.unwrap();
    let days = Duration::from_secs(7 * 86_400);
    sandbox.bsc().gateway().tokens_live_for(days);
    let client = client(&sandbox).await;
    let mut receiver = Receiver::start(None).await;
    let (sim, idle) = two(&sandbox);
    sandbox.bsc().set_callback_url(Some(receiver.url.clone()));
    sandbox.bsc().queue_for(Duration::from_secs(60));
    receiver.answer_next(500);
    let sent = tokio::time::Instant::now();
    let path = format!("/v1/sims/{sim}/sms");
    client
        .call("POST", &path, &json!({ "payload": "open" }))
        .await;
    let first = receiver.next().await;
    assert!(sent.elapsed() >= Duration::from_secs(60));
    let second = receiver.next().await;
    assert_eq!(first.body, second.body, "refused, so it comes again");
    assert!(sent.elapsed() >= Duration::from_secs(3600));
    client
        .call(
            "POST",
            &format!("/v1/sims/{idle}/sms"),
            &json!({ "payload": "open" }),
        )
        .await;
    assert_eq!(
        receiver.next().await.body["status"]["id"],
        "6",
        "after a day"
    );
}

#[tokio::test]
async fn nobody_elsewhere_is_called() {
    let (sandbox, _) = bsc(2).await;
    let url = "https://customer.example/callback".to_owned();
    sandbox.bsc().set_callback_url(Some(url));
    let iccid = sandbox.bsc().sims()[0].iccid.clone();
    sandbox.bsc().send_from_sim(&iccid, "99901", "x").unwrap();
    let failed = loop {
        tokio::task::yield_now().await;
        if let Some(delivery) = sandbox.deliveries().pop() {
            break delivery;
        }
    };
    let why = "not an address of this machine".to_owned();
    assert_eq!(failed.outcome, DeliveryOutcome::Failed(why));
}

#[tokio::test]
async fn data_is_used_up() {
    let (sandbox, client) = bsc(20).await;
    let (sim, _) = two(&sandbox);
    assert!(sandbox.bsc().use_data(&sim, 600_000, 1_250));
    let read = client.get(&format!("/v1/sims/{sim}")).await.json();
    assert_eq!(read["current_quota"], 0);
    assert_eq!(read["quota_status"]["id"], 2);
    let usage = client.get(&format!("/v1/sims/{sim}/usage")).await.json();
    let today = usage["stats"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(today["data"]["volume_rx"], "600.000000");
    assert_eq!(today["data"]["volume"], "601.250000");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_sims() {
    let (one, _) = bsc(5).await;
    let (other, _) = bsc(5).await;
    let labels = |s: &Sandbox| -> Vec<_> { s.bsc().sims().into_iter().map(|s| s.label).collect() };
    assert_eq!(labels(&one), labels(&other));
    assert_eq!(one.bsc().password(), other.bsc().password());
}
