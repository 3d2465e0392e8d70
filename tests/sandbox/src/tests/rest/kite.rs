//! Kite's REST calls, with a client certificate.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

const BASE: &str = "/services/REST/GlobalM2M";

async fn kite(limits: bool) -> (Sandbox, Rest) {
    let builder = Sandbox::builder().sims(40).seed(7).limits(limits);
    let sandbox = builder.start().await.unwrap();
    let credentials = sandbox.pki().client("Acme Devices").unwrap();
    let client = Rest {
        http: http(&sandbox, Some(&credentials)),
        base: format!("{}{BASE}", sandbox.base_url()),
        token: String::new(),
    };
    (sandbox, client)
}

/// A service of the sandbox and its document.
fn service(sandbox: &Sandbox, client: &Rest, path: &str) -> Rest {
    assert!(client.base.starts_with(&sandbox.base_url()));
    Rest {
        http: client.http.clone(),
        base: format!("{}/{path}/r12", client.base),
        token: String::new(),
    }
}

#[test]
fn every_operation_of_the_contracts_is_there() {
    for (folder, segment) in [
        ("kite-echo/v1", "Echo"),
        ("kite-inventory/v13", "Inventory"),
        ("kite-reports/v1", "Reports"),
        ("kite-service-packs/v2", "ServicePacks"),
    ] {
        let service = crate::rest::kite::service(segment).unwrap();
        assert!(folder.ends_with(service.version));
        let there: BTreeSet<_> = service
            .routes
            .iter()
            .map(|r| {
                (
                    r.method.to_owned(),
                    format!("/{}", r.path),
                    r.operation.to_owned(),
                )
            })
            .collect();
        assert_eq!(there, Contract::read(folder).operations());
    }
}

#[tokio::test]
async fn echo() {
    let (sandbox, client) = kite(false).await;
    let echo = service(&sandbox, &client, "Echo/v1");
    let contract = Contract::read("kite-echo/v1");
    let judged = Judged {
        sandbox: &sandbox,
        client: &echo,
        contract: &contract,
    };
    let answer = judged
        .call(200, "POST", "/echo", json!({ "data": "hello" }))
        .await;
    assert_eq!(answer.json(), json!({ "data": "hello" }));
    let code = |answer: &RestAnswer| {
        let fault = answer.json();
        let fault = fault.as_object().unwrap().values().next().unwrap().clone();
        format!("{} {}", fault["exceptionCategory"], fault["exceptionId"]).replace('"', "")
    };
    let wrong = [
        (400, json!({}), "SVC 1000"),
        (400, json!({ "data": "x", "more": 1 }), "SVC 1001"),
        (400, json!({ "data": "a text of more than 20" }), "SVC 1011"),
        (400, json!({ "data": 1 }), "SVC 1021"),
    ];
    for (status, body, expected) in wrong {
        let answer = judged.call(status, "POST", "/echo", body).await;
        assert_eq!(code(&answer), expected);
    }
    let answer = judged.client.call("GET", "/echo", &Value::Null).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    let old = service(&sandbox, &client, "Echo/v0");
    let answer = old.call("POST", "/echo", &json!({ "data": "x" })).await;
    assert_eq!((answer.status, code(&answer)), (400, "SVC 1004".to_owned()));
    assert_eq!(client.get("/Nothing/v1/r12/x").await.status, 404);

    sandbox.control().maintenance(true);
    let answer = judged
        .call(503, "POST", "/echo", json!({ "data": "x" }))
        .await;
    assert_eq!(code(&answer), "SVR 1006");
    sandbox.control().reset();
    sandbox.control().forbid("Acme Devices", "echo");
    judged
        .call(403, "POST", "/echo", json!({ "data": "x" }))
        .await;
    sandbox.control().reset();
    sandbox
        .control()
        .fail_next("echo", 1, Fault::rate_limited());
    let answer = judged
        .call(500, "POST", "/echo", json!({ "data": "x" }))
        .await;
    assert_eq!(code(&answer), "POL 1005");
    sandbox.control().deny_organisation("Acme Devices");
    judged
        .call(403, "POST", "/echo", json!({ "data": "x" }))
        .await;
}

#[tokio::test(start_paused = true)]
async fn soap_and_rest_share_their_budgets() {
    let (sandbox, client) = kite(true).await;
    sandbox.limits().set("echo", Some(2));
    let soap = super::super::Client::new(&sandbox, "Acme Devices");
    let rest = service(&sandbox, &client, "Echo/v1");
    let arrivals: Vec<_> = {
        for _ in 0..2 {
            soap.echo("x").await;
            rest.call("POST", "/echo", &json!({ "data": "x" })).await;
        }
        sandbox.journal().snapshot()
    };
    let refused = arrivals
        .iter()
        .filter(|e| e.outcome.code() == Some("POL 1005"));
    let (refused, most) = (refused.count(), sandbox.journal().max_in_any_second("echo"));
    assert_eq!(refused, most.saturating_sub(2), "{arrivals:?}");
    assert_eq!(arrivals.iter().filter(|e| e.service == "Echo").count(), 4);
}

#[tokio::test]
async fn plans() {
    let (sandbox, client) = kite(false).await;
    let plans = service(&sandbox, &client, "ServicePacks/v2");
    let contract = Contract::read("kite-service-packs/v2");
    let judged = Judged {
        sandbox: &sandbox,
        client: &plans,
        contract: &contract,
    };
    let mut seen = Vec::new();
    loop {
        let path = format!("/servicePack?startIndex={}&maxBatchSize=10", seen.len());
        let page = judged.get(&path).await["servicePacks"]
            .as_array()
            .unwrap()
            .clone();
        let full = page.len() == 10;
        seen.extend(page);
        if !full {
            break;
        }
    }
    assert_eq!(seen.len(), 23);
    for plan in seen.iter().take(3) {
        let id = plan["id"].as_str().unwrap();
        let detail = judged.get(&format!("/servicePack/{id}")).await;
        assert_eq!(detail["data"]["name"], plan["name"]);
        assert_eq!(
            detail["data"]["lifeCycle"]["status"]
                .as_array()
                .unwrap()
                .len(),
            8
        );
    }
    for kind in [
        "serviceProviderZone",
        "serviceProviderDestination",
        "serviceProviderDestinationData",
        "serviceProviderDestinationSms",
        "RAID",
        "chargeCodes",
    ] {
        judged.get(&format!("/enumerated?enumType={kind}")).await;
    }
    sandbox.control().loose_json(true);
    let raid = judged.get("/enumerated?enumType=RAID").await;
    assert_eq!(
        (&raid["data"][0]["id"], &raid["data"][0]["hasLte"]),
        (&json!(99_901), &json!("true"))
    );
    let id = seen[0]["id"].as_str().unwrap();
    let detail = judged.get(&format!("/servicePack/{id}")).await;
    assert_eq!(detail["data"]["maxSubscriptions"], "100000");
    sandbox.control().loose_json(false);
    for (status, path) in [
        (404, "/servicePack/1"),
        (400, "/servicePack?maxBatchSize=0"),
        (400, "/servicePack?startIndex=x"),
        (400, "/servicePack?size=1"),
        (400, "/enumerated"),
        (400, "/enumerated?enumType=other"),
    ] {
        judged.call(status, "GET", path, Value::Null).await;
    }
    judged.all_were_called(&[]);
}

#[tokio::test]
async fn reports_are_those_of_soap() {
    let (sandbox, client) = kite(false).await;
    let reports = service(&sandbox, &client, "Reports/v1");
    let contract = Contract::read("kite-reports/v1");
    let judged = Judged {
        sandbox: &sandbox,
        client: &reports,
        contract: &contract,
    };
    let path = "/report/downloadReport";
    let orders = [
        json!({ "presence_daily": { "supervisionGroup": "g", "date": "2026-05-04" } }),
        json!({ "consumption_daily": {
            "start": "2026-05-04", "end": "2026-05-04", "showSubscriptions": "true",
        } }),
        json!({ "expense_detail_daily": {
            "start": "2026-05-04", "end": "2026-05-05", "chargeCodes": ["SANDBOX_DATA(0)"],
        } }),
        json!({ "inventory_export": {
            "columns": ["icc", "imsi"], "filters": [{ "lifeCycleState": "ACTIVE" }],
        } }),
        json!({ "user_list": {} }),
    ];
    for order in &orders {
        let answer = judged.call(202, "POST", path, order.clone()).await;
        assert_eq!(answer.header("location"), format!("{}{path}", reports.base));
    }
    for wrong in [
        json!({}),
        json!({ "presence": { "supervisionGroup": "g", "date": "2026-05-04" } }),
        json!({ "presence_daily": { "supervisionGroup": "g", "date": "2026-05" } }),
        json!({ "presence_daily": { "date": "2026-05-04" } }),
        json!({ "user_list": {}, "alarms_monthly": { "date": "2026-05" } }),
        json!({ "consumption_daily": { "start": "2026-05-04", "end": "2026-06-05" } }),
    ] {
        judged.call(400, "POST", path, wrong).await;
    }
    sandbox.finish_reports();
    let list = judged.get(path).await["downloadReports"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(list.len(), orders.len());
    for (listed, order) in list.iter().zip(&orders) {
        assert_eq!(listed["status"], "finished");
        let (name, params) = order.as_object().unwrap().iter().next().unwrap();
        for (param, value) in params.as_object().unwrap() {
            let expected = match param.as_str() {
                "showSubscriptions" => &json!(true),
                _ => value,
            };
            assert_eq!(&listed["params"][name][param], expected, "{name}");
        }
    }
    let soap = super::super::Client::new(&sandbox, "Acme Devices");
    let over_soap = soap
        .post(
            super::super::REPORTS,
            "getDownloadReportList",
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
             <getDownloadReportList xmlns='http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/\
             reports/v1/types'/></e:Body></e:Envelope>"
                .to_owned(),
        )
        .await
        .unwrap();
    let count = |what: &str| over_soap.body.matches(what).count();
    assert_eq!(count("<wstxns1:downloadReportId>"), 4, "{}", over_soap.body);
    assert_eq!(
        count("<wstxns1:period>daily</wstxns1:period>"),
        1,
        "{}",
        over_soap.body
    );
    assert_eq!(
        count("inventory_export") + count("chargeCodes"),
        0,
        "{}",
        over_soap.body
    );

    let id = list[1]["downloadReportId"].as_str().unwrap();
    let links = judged.get(&format!("{path}/{id}/link")).await;
    let url = links["resultURL"][0].as_str().unwrap().to_owned();
    let file = http(&sandbox, None).get(url).send().await.unwrap();
    assert_eq!(file.status(), 200);
    let gone = judged
        .call(200, "DELETE", &format!("{path}/{id}"), Value::Null)
        .await;
    assert_eq!(gone.json(), json!({ "data": true }));
    judged
        .call(404, "DELETE", &format!("{path}/{id}"), Value::Null)
        .await;
    judged
        .call(404, "GET", &format!("{path}/{id}/link"), Value::Null)
        .await;
    judged.all_were_called(&[]);
}

#[tokio::test]
async fn blocks_and_histories() {
    let (sandbox, client) = kite(false).await;
    let inventory = service(&sandbox, &client, "Inventory/v13");
    let contract = Contract::read("kite-inventory/v13");
    let judged = Judged {
        sandbox: &sandbox,
        client: &inventory,
        contract: &contract,
    };
    let sim = sandbox
        .fleet()
        .find(|s| s.state() == State::Active)
        .unwrap();
    let ids = [
        format!("icc:{}", sim.icc),
        format!("imsi:{}", sim.imsi),
        format!("tel:{}", sim.msisdn.as_ref().unwrap()),
        sim.subscription_id.clone(),
    ];
    for id in &ids {
        let path = format!("/sim/{id}/block");
        let on = json!({ "block": true, "block_cause": "user" });
        judged.call(200, "PUT", &path, on).await;
        let blocked = sandbox.fleet().get(&sim.id()).unwrap();
        assert_eq!(blocked.blocks, ["user"]);
        judged
            .call(200, "PUT", &path, json!({ "block": "false" }))
            .await;
        assert!(sandbox.fleet().get(&sim.id()).unwrap().blocks.is_empty());
    }
    let bare = format!("/sim/{}/block", sim.icc);
    judged
        .call(
            200,
            "PUT",
            &bare,
            json!({ "block": true, "block_cause": "decommission" }),
        )
        .await;
    let soap = super::super::Client::new(&sandbox, "Acme Devices");
    let read = soap
        .call("getSubscriptions", "<maxBatchSize>1000</maxBatchSize>")
        .await;
    assert_eq!(read.all("blockReason1"), ["decommission"]);

    let days = "startDate=2026-01-01&endDate=2026-02-15";
    let path = format!("/sim/{}/consumptionHistory?{days}", ids[0]);
    let daily = judged.get(&path).await["consumptionHistoryData"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(daily.len(), 46);
    let monthly = judged.get(&format!("{path}&monthly=true")).await;
    let monthly = monthly["consumptionHistoryData"].as_array().unwrap();
    let dates: Vec<_> = monthly
        .iter()
        .map(|m| m["date"].as_str().unwrap())
        .collect();
    assert_eq!(dates, ["2026-01-01", "2026-02-01"]);
    let data = |entries: &[Value]| {
        entries
            .iter()
            .map(|e| e["data"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(data(&daily), data(monthly));
    let path = format!("/sim/{}/gprsHistory?{days}", ids[1]);
    let sessions = judged.get(&path).await["gprsHistoryData"]
        .as_array()
        .unwrap()
        .clone();
    let carried: u64 = sessions
        .iter()
        .map(|s| s["sentBytes"].as_u64().unwrap() + s["receivedBytes"].as_u64().unwrap())
        .sum();
    assert_eq!(carried, data(&daily));
    sandbox.control().loose_json(true);
    let loose = judged
        .get(&format!("/sim/{}/gprsHistory?{days}", ids[2]))
        .await;
    let sent = &loose["gprsHistoryData"][0]["sentBytes"];
    assert_eq!(sent.as_str().unwrap(), sessions[0]["sentBytes"].to_string());
    sandbox.control().loose_json(false);
    judged.get(&format!("/sim/{}/gprsHistory", ids[2])).await;

    let wrong = [
        (
            404,
            "GET",
            "/sim/icc:8999/gprsHistory".to_owned(),
            Value::Null,
        ),
        (
            404,
            "PUT",
            "/sim/8999/block".to_owned(),
            json!({ "block": true, "block_cause": "user" }),
        ),
        (400, "PUT", bare.clone(), json!({ "block": true })),
        (
            400,
            "PUT",
            bare.clone(),
            json!({ "block": true, "block_cause": "other" }),
        ),
        (
            400,
            "PUT",
            bare,
            json!({ "block": true, "blockCause": "user" }),
        ),
        (400, "GET", format!("{path}&monthly=true"), Value::Null),
        (
            400,
            "GET",
            format!("/sim/{}/gprsHistory?startDate=1.5.2026", ids[0]),
            Value::Null,
        ),
    ];
    for (status, method, path, body) in wrong {
        judged.call(status, method, &path, body).await;
    }
    let entries = sandbox.journal().snapshot();
    let blocked = entries.iter().find(|e| e.operation == "block").unwrap();
    assert_eq!(
        (blocked.service.as_str(), blocked.version.as_str()),
        ("Inventory", "v13")
    );
    assert_eq!(blocked.sim, Some(sim.id()));
    judged.all_were_called(&[]);
}

#[tokio::test]
async fn bodies_are_recorded_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let builder = Sandbox::builder().sims(5).record_dir(dir.path());
    let sandbox = builder.start().await.unwrap();
    let credentials = sandbox.pki().client("Acme Devices").unwrap();
    let client = Rest {
        http: http(&sandbox, Some(&credentials)),
        base: format!("{}{BASE}", sandbox.base_url()),
        token: String::new(),
    };
    client.get("/ServicePacks/v2/r12/servicePack").await;
    client
        .call("POST", "/Echo/v1/r12/echo", &json!({ "data": "x" }))
        .await;
    let names: BTreeSet<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = ["00002-echo.json".to_owned(), JOURNAL_FILE.to_owned()];
    assert_eq!(names, expected.into());
}
