//! KPN Mobile Service Management.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::kpn::{ContractView, ErrorShape, Kpn, PARAMETERS, Privilege};

const DEBTOR: i64 = 2_000_002;
const OTHER_DEBTOR: i64 = 2_000_003;
const COST_CENTER: i64 = 2_000_004;
const ALL_STATUSES: &str = "status=NEW&status=IN_PROGRESS&status=CLOSED&status=WAITING\
                            &status=UNAUTHORIZED&status=CANCELED&status=REJECTED\
                            &status=HOLD_CUSTOMER";

async fn token(http: &reqwest::Client, url: &str, form: String) -> RestAnswer {
    let request = http
        .post(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    finish(request).await.unwrap()
}

fn credentials(kpn: &Kpn) -> String {
    format!(
        "client_id={}&client_secret={}",
        kpn.client_id(),
        kpn.client_secret()
    )
}

fn documented(kpn: &Kpn) -> String {
    format!("{}?grant_type=client_credentials", kpn.token_url())
}

/// A sandbox whose orders wait to be finished, and a client with a token.
async fn kpn() -> (Sandbox, Rest) {
    let sandbox = Sandbox::builder().sims(1).seed(7).start().await.unwrap();
    sandbox.kpn().orders_after(Duration::from_secs(86_400));
    let http = http(&sandbox, None);
    let kpn = sandbox.kpn();
    let answer = token(&http, &documented(kpn), credentials(kpn)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let base = kpn.base_url().to_owned();
    (sandbox, Rest { http, base, token })
}

/// A contract of a category that is active.
fn contract(sandbox: &Sandbox, category: &str) -> ContractView {
    let mut all = sandbox.kpn().contracts().into_iter();
    all.find(|c| c.category == category && c.state == "ACTIVE")
        .unwrap()
}

fn state_of(sandbox: &Sandbox, id: i64) -> &'static str {
    let all = sandbox.kpn().contracts();
    all.iter().find(|c| c.id == id).unwrap().state
}

fn id_of(answer: &Value) -> i64 {
    answer["id"].as_i64().unwrap()
}

fn codes(answer: &RestAnswer) -> (u16, String) {
    let name = answer.json()["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer.status, name)
}

#[tokio::test]
async fn tokens() {
    let (sandbox, client) = kpn().await;
    let kpn = sandbox.kpn();
    let answer = token(&client.http, &documented(kpn), credentials(kpn))
        .await
        .json();
    for (name, value) in answer.as_object().unwrap() {
        assert!(value.is_string(), "{name} is {value}");
    }
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&json!("Bearer"), &json!("3599"))
    );
    // A published connector sends all of it in the form.
    let form = format!("grant_type=client_credentials&{}", credentials(kpn));
    assert_eq!(token(&client.http, kpn.token_url(), form).await.status, 200);
    let without = token(&client.http, kpn.token_url(), credentials(kpn)).await;
    assert_eq!(without.status, 400);

    let wrong = "client_id=nobody&client_secret=nothing".to_owned();
    let answer = token(&client.http, &documented(kpn), wrong.clone()).await;
    assert_eq!(
        (answer.status, &answer.json()["ErrorCode"]),
        (401, &json!("invalid_client"))
    );
    kpn.refuse_credentials_with_500(true);
    let answer = token(&client.http, &documented(kpn), wrong).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("invalid_client-invalid_client_id"));

    let fault = async |client: &Rest| {
        let answer = client.get("/contract/overview").await;
        let code = answer.json()["fault"]["detail"]["errorcode"].clone();
        (answer.status, code.as_str().unwrap_or_default().to_owned())
    };
    let invalid = "keymanagement.service.invalid_access_token";
    assert_eq!(fault(&client).await, (200, String::new()));
    kpn.gateway().revoke_tokens();
    assert_eq!(fault(&client).await, (401, invalid.to_owned()));
    kpn.gateway().tokens_live_for(Duration::ZERO);
    let short = token(&client.http, &documented(kpn), credentials(kpn))
        .await
        .json();
    let expired = Rest {
        token: short["access_token"].as_str().unwrap().to_owned(),
        ..client
    };
    assert_eq!(
        fault(&expired).await,
        (401, "oauth.v2.AccessTokenExpired".to_owned())
    );
    let missing = expired
        .http
        .get(format!("{}/contract/overview", expired.base));
    let missing = finish(missing).await.unwrap();
    assert_eq!(
        missing.json()["fault"]["detail"]["errorcode"],
        "oauth.v2.InvalidAccessToken"
    );
}

#[tokio::test]
async fn an_update_resets_what_is_left_out() {
    let (sandbox, client) = kpn().await;
    let id = sandbox.kpn().subscribers()[1];
    let path = format!("/hierarchy/subscribers/{id}");
    let before = client.get(&path).await.json();
    let whole = json!({
        "firstName": before["firstName"], "surname": before["surname"],
        "gender": before["gender"], "surnamePrefix": "van der", "email": "new@customer.example",
        "employeeNumber": before["employeeNumber"], "preferredLanguage": "EN",
        "comments": "moved", "mobileNumber": "99960000009", "fixedNumber": null, "vip": true,
    });
    let update = json!({ "referenceNumber": "R-1", "subscriber": whole });
    let order = client.call("PUT", &path, &update).await.json();
    assert_eq!(order["operation"], "changeUserData");
    assert_ne!(order["referenceNumber"], "R-1");
    let after = client.get(&path).await.json();
    for (name, value) in whole.as_object().unwrap() {
        assert_eq!(&after[name], value, "{name}");
    }

    let least = json!({ "firstName": "Bo", "surname": "Example", "gender": "OTHER" });
    let update = |subscriber: Value| json!({ "subscriber": subscriber });
    client
        .call("PUT", &path, &update(least.clone()))
        .await
        .json();
    let reset = client.get(&path).await.json();
    for (name, value) in [
        ("surnamePrefix", json!("")),
        ("employeeNumber", json!("")),
        ("comments", json!("")),
        ("mobileNumber", json!("")),
        ("fixedNumber", json!(null)),
        ("preferredLanguage", json!(null)),
        ("vip", json!(false)),
    ] {
        assert_eq!(reset[name], value, "{name}");
    }

    let mut misspelt = least.clone();
    misspelt["employeenumber"] = json!("E-1");
    let mut user = least.clone();
    user["user"] = json!(true);
    let mut phone = least.clone();
    phone["mobileNumber"] = json!("12");
    let mut long = least.clone();
    long["comments"] = json!("x".repeat(4001));
    let no_gender = json!({ "firstName": "Bo", "surname": "Example" });
    for wrong in [misspelt, user, phone, long, no_gender] {
        let answer = client.call("PUT", &path, &update(wrong.clone())).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    assert_eq!(client.get(&path).await.json(), reset);
    let unknown = client
        .call("PUT", "/hierarchy/subscribers/1", &update(least))
        .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn lists() {
    let (sandbox, client) = kpn().await;
    let total = sandbox.kpn().subscribers().len();
    let page = async |query: &str| {
        client
            .get(&format!("/hierarchy/subscribers{query}"))
            .await
            .json()
    };
    let first = page("").await;
    assert_eq!(first["total"], total);
    assert_eq!(first["result"].as_array().unwrap().len(), 20);
    let mut seen = Vec::new();
    for from in (0..total).step_by(20) {
        let rows = page(&format!("?from={from}&to={}", from + 20)).await;
        seen.extend(rows["result"].as_array().unwrap().iter().map(id_of));
    }
    assert_eq!(seen, sandbox.kpn().subscribers());
    let all = page(&format!("?from=0&to={total}&sortBy=LASTNAME&order=DESC")).await;
    let names: Vec<_> = all["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["lastName"].as_str())
        .collect();
    assert!(names.is_sorted_by(|a, b| a >= b));
    let employee = first["result"][3]["employeeNumber"].as_str().unwrap();
    let filtered = page(&format!("?filters=EMPLOYEE_NUMBER:%20%22{employee}%22")).await;
    assert_eq!(filtered["total"], 1);
    // The whole list of a subscriber's contracts, without a window.
    let mobile = contract(&sandbox, "MOBILE");
    let path = format!("/hierarchy/subscribers/{}/contracts", mobile.subscriber);
    assert_eq!(client.get(&path).await.json()["result"][0]["id"], mobile.id);

    for wrong in [
        "?from=2&to=1",
        "?sortBy=AGE",
        "?filters=NAME",
        "?unknown=1",
        "?from=0&from=0",
    ] {
        let answer = client.get(&format!("/hierarchy/subscribers{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    assert_eq!(client.get("/track-and-trace/orders").await.status, 400);
    assert_eq!(client.get("/hierarchy/subscribers/x").await.status, 400);
}

#[tokio::test]
async fn the_language_is_a_header_of_the_request() {
    let (_sandbox, client) = kpn().await;
    let found = async |language: &str, text: &str| {
        let path = format!("/contract/all?patterns={text}");
        let request = client.request("GET", &path, &Value::Null);
        let request = request.header("Content-Language", language);
        finish(request).await.unwrap().json()["total"]
            .as_i64()
            .unwrap()
    };
    assert!(found("nl", "Bellen").await > 0 && found("en", "Voice").await > 0);
    assert_eq!(
        (found("en", "Bellen").await, found("nl", "Voice").await),
        (0, 0)
    );
}

#[tokio::test]
async fn quota() {
    let (sandbox, client) = kpn().await;
    sandbox.kpn().quota(2, Duration::from_secs(3600));
    let first = client.get("/contract/overview").await;
    assert_eq!(first.header("quota-limit"), "2");
    assert_eq!(first.header("quota-interval"), "1");
    assert_eq!(first.header("quota-time-unit"), "hour");
    assert_eq!(first.header("quota-used"), "1");
    let reset: i64 = first.header("quota-reset-UTC").parse().unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!((0..=3_600_000).contains(&(reset - i64::try_from(now.as_millis()).unwrap())));
    assert_eq!(first.header("api-version"), "v11");
    client.get("/contract/overview").await;
    let spent = client.get("/contract/overview").await;
    assert_eq!((spent.status, spent.header("quota-used")), (429, "2"));
    assert_eq!(
        spent.json()["fault"]["detail"]["errorcode"],
        "policies.ratelimit.QuotaViolation"
    );
    sandbox.kpn().quota(100, Duration::from_secs(60));
    sandbox
        .kpn()
        .gateway()
        .too_many_requests(1, Duration::from_secs(5));
    let asked = client.get("/contract/overview").await;
    assert_eq!((asked.status, asked.header("quota-used")), (429, "100"));
    sandbox.kpn().sunset("Sat, 01 Jan 2028 00:00:00 GMT");
    let request = client.request("GET", "/contract/overview", &Value::Null);
    let answer = finish(request.header("api-version", "v10")).await.unwrap();
    assert_eq!((answer.status, answer.header("api-version")), (200, "v10"));
    assert_eq!(answer.header("sunset"), "Sat, 01 Jan 2028 00:00:00 GMT");
}

#[tokio::test]
async fn refusals() {
    let (sandbox, client) = kpn().await;
    let kpn = sandbox.kpn();
    kpn.privileges([Privilege::OrdersTrackAndTrace]);
    assert_eq!(client.get("/track-and-trace/overview").await.status, 200);
    assert_eq!(
        codes(&client.get("/hierarchy/subscribers").await),
        (403, String::new())
    );
    assert_eq!(
        codes(&client.get("/contract/thresholds").await),
        (403, "FORBIDDEN_FOR_USER".to_owned())
    );
    let available = client.get("/contract/thresholds/availability").await.json();
    assert_eq!(available["enabled"], false);
    kpn.privileges(Privilege::ALL);

    kpn.freeze_orders(true);
    let block = json!({ "contractId": contract(&sandbox, "MOBILE").id });
    let frozen = (403, "ORDERING_IS_BLOCKED_FOR_CUSTOMER".to_owned());
    assert_eq!(
        codes(&client.call("POST", "/order/block-sim", &block).await),
        frozen
    );
    kpn.freeze_orders(false);
    kpn.block_finances(true);
    let blocked = (404, "OPERATION_BLOCKED".to_owned());
    assert_eq!(codes(&client.get("/finances/invoices").await), blocked);
    kpn.block_finances(false);

    let flat = client.get("/contract/id/1").await.json();
    assert_eq!(
        (&flat["status"], &flat["name"]),
        (&json!("404"), &json!("CONTRACT_NOT_FOUND"))
    );
    kpn.error_shape(ErrorShape::Wrapped);
    let wrapped = client.get("/contract/id/1").await.json();
    assert_eq!(wrapped["error"]["name"], "CONTRACT_NOT_FOUND");
    kpn.error_shape(ErrorShape::Texts);
    let texts = client.get("/contract/id/1").await.json();
    assert!(texts["errors"][0].is_string());
    kpn.error_shape(ErrorShape::Flat);

    let nowhere = client.get("/nowhere").await;
    assert_eq!(nowhere.status, 404);
    assert!(
        nowhere.body.contains("ApplicationNotFound"),
        "{}",
        nowhere.body
    );
    sandbox.control().add(
        Rule::on("kpn-msm/getContract")
            .times(1)
            .then(Effect::Status(503)),
    );
    let unavailable = client.get("/contract/id/1").await;
    assert_eq!(
        (unavailable.status, &unavailable.json()["status"]),
        (503, &json!("503"))
    );
    kpn.entitled(false);
    let other = client.get("/contract/overview").await;
    assert_eq!(other.status, 401);
    assert!(other.json()["fault"].is_object());
    let entry = sandbox.journal().snapshot().pop().unwrap();
    assert_eq!(
        (entry.service.as_str(), entry.version.as_str()),
        ("kpn-msm", "v11")
    );
    assert_eq!(entry.operation, "getContractOverview");
}

#[tokio::test]
async fn orders_wait_to_be_authorised() {
    let (sandbox, client) = kpn().await;
    let kpn = sandbox.kpn();
    let mobile = contract(&sandbox, "MOBILE").id;
    kpn.privileges([Privilege::UnauthorizedOrdersCreation]);
    let block = json!({ "contractId": mobile });
    let order = client.call("POST", "/order/block-sim", &block).await.json();
    assert_eq!(order["status"], "WaitingForAuthorization");
    let authorise = json!({ "orderId": order["id"] });
    let refused = client.call("POST", "/order/authorize", &authorise).await;
    assert_eq!(refused.status, 403);
    kpn.finish_orders();
    assert_eq!(state_of(&sandbox, mobile), "ACTIVE");
    kpn.privileges(Privilege::ALL);
    let waiting = client
        .get(&format!("/track-and-trace/service-requests?{ALL_STATUSES}"))
        .await;
    assert_eq!(
        waiting.json()["result"][0]["requiredAction"],
        "AUTHORIZATION"
    );
    let order = client
        .call("POST", "/order/authorize", &authorise)
        .await
        .json();
    assert_eq!(order["status"], "Initialized");
    kpn.finish_orders();
    assert_eq!(state_of(&sandbox, mobile), "BLOCKED");
}

/// An upload as browsers and most libraries write it.
fn upload(client: &Rest, query: &str, file: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/contracting/bvm/order?{query}", client.base);
    let body = format!(
        "--b0undary\r\nContent-Disposition: form-data; name=\"subscriptionsFile\"; \
         filename=\"numbers.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--b0undary--\r\n"
    );
    let request = client.http.post(url).bearer_auth(&client.token);
    request
        .header("Content-Type", "multipart/form-data; boundary=b0undary")
        .body(body)
}

const BVM: &str = "companyName=Sandbox&companyNamePronunciation=sand-box&voiceLanguage=NL\
                   &voiceMailMessage=Hallo&customerReferenceNumber=R-7";

#[tokio::test]
async fn uploads_are_judged() {
    let (sandbox, client) = kpn().await;
    let number = contract(&sandbox, "MOBILE").mobile_number.unwrap();
    let send =
        async |query: &str, file: &str| codes(&finish(upload(&client, query, file)).await.unwrap());
    let header = "phoneNumber;kggNumber\n";
    for (rows, expected) in [
        (
            format!("phoneNumber,kggNumber\n{number},1"),
            "WRONG_COLUMN_SEPARATOR",
        ),
        (format!("{number};1"), "MISSING_HEADER_IN_FILE"),
        (
            format!("{header}{number};1\n{number};1"),
            "PHONE_NUMBERS_NOT_UNIQUE",
        ),
        (format!("{header}99911111111;1"), "SUBSCRIPTIONS_NOT_FOUND"),
        (String::new(), "INVALID_BVM_FILE"),
    ] {
        assert_eq!(send(BVM, &rows).await, (400, expected.to_owned()));
    }
    let good = format!("{header}{number};1\n");
    assert_eq!(send("companyName=Sandbox", &good).await.0, 400);
    assert_eq!(send(&BVM.replace("NL", "FR"), &good).await.0, 400);
    let large = "x".repeat(128 * 1024 + 1);
    assert_eq!(send(BVM, &large).await.0, 413);
    assert_eq!(send(BVM, &good).await, (200, String::new()));
}

#[tokio::test]
async fn a_port_in_can_be_held_and_go_on() {
    let (sandbox, client) = kpn().await;
    let kpn = sandbox.kpn();
    let subscriber = kpn.subscribers()[4];
    let open = json!({ "accountGroupId": subscriber, "templateId": "12001" });
    let session = client
        .call("POST", "/contracting/basket", &open)
        .await
        .json();
    let path = |tail: &str| {
        format!(
            "/contracting/basket{tail}?sessionId={}",
            session["sessionId"].as_str().unwrap()
        )
    };
    let set = async |name: &str, value: &str| {
        let action = json!({ "characteristicActions": [{ "name": name, "value": value }] });
        codes(&client.call("POST", &path(""), &action).await)
    };
    let refused = |code: &str| (400, code.to_owned());
    assert_eq!(
        set("phoneNumber", "31600000001").await,
        refused("BASKET_INVALID")
    );
    assert_eq!(set("porting", "true").await.0, 200);
    let shown = client.get(&path("/characteristics")).await.json();
    assert_eq!(shown["keepExistingSimCard"]["value"], "false");
    assert_eq!(
        set("phoneNumber", "0031600").await,
        refused("INVALID_MSISDN_FORMAT_NOT_VALID")
    );
    assert_eq!(
        set("phoneNumber", "3160000000").await,
        refused("INVALID_MSISDN_LENGTH_FOR_THIS_PRODUCT")
    );
    let taken = contract(&sandbox, "MOBILE").mobile_number.unwrap();
    assert_eq!(
        set("phoneNumber", &taken).await,
        refused("INVALID_MSISDN_ALREADY_EXISTS_FOR_A_CUSTOMER")
    );
    assert_eq!(set("phoneNumber", "99988888888").await.0, 200);
    assert_eq!(
        set("customerName", &"x".repeat(21)).await,
        refused("INVALID_CUSTOMER_NAME")
    );
    assert_eq!(
        set("customerNumber", &"x".repeat(71)).await,
        refused("INVALID_CUSTOMER_NUMBER")
    );
    assert_eq!(set("note", &"x".repeat(61)).await, refused("INVALID_NOTE"));
    let order = client
        .call("POST", &path("/order"), &json!({ "referenceNumber": "P" }))
        .await;
    assert_eq!(codes(&order), refused("BASKET_INVALID"));
    assert_eq!(set("customerNumber", "C-1").await.0, 200);
    let far = json!({ "wishDate": "2199-03-02T10:49:00.005Z" });
    let order = client.call("POST", &path("/order"), &far).await;
    assert_eq!(codes(&order), refused("INVALID_WISH_DATE"));
    let order = client
        .call("POST", &path("/order"), &json!({ "wishDate": null }))
        .await
        .json();
    let id = order["orderId"].as_i64().unwrap();
    // The basket is gone.
    assert_eq!(client.get(&path("")).await.status, 400);

    assert!(kpn.hold_port_in(id, "customer number unknown"));
    assert_eq!(kpn.order_status(id), Some("HOLD_CUSTOMER"));
    let details = client
        .get(&format!("/track-and-trace/orders/{id}"))
        .await
        .json();
    assert_eq!(details["requiredAction"], "PORT_IN_DATA_CHANGE");
    assert_eq!(details["portingMessage"], "customer number unknown");
    let change = format!("/track-and-trace/orders/{id}/porting-data");
    let both = json!({ "asap": true, "newWishDate": "2026-03-02T10:49:00Z" });
    for wrong in [both, json!({}), json!({ "asap": false })] {
        assert_eq!(client.call("POST", &change, &wrong).await.status, 400);
    }
    let better = json!({ "asap": true, "customerNumber": "C-2" });
    let done = client.call("POST", &change, &better).await;
    assert_eq!((done.status, done.body.as_str()), (200, ""));
    kpn.finish_orders();
    let details = client
        .get(&format!("/track-and-trace/orders/{id}"))
        .await
        .json();
    assert_eq!(
        (&details["status"], &details["portingCustomerNumber"]),
        (&json!("CLOSED"), &json!("C-2"))
    );
    let line = kpn
        .contracts()
        .into_iter()
        .find(|c| c.subscriber == subscriber)
        .unwrap();
    assert_eq!(line.mobile_number.as_deref(), Some("99988888888"));
}

#[test]
fn every_operation_of_the_document_is_there() {
    let contract = Contract::read("kpn-msm/v11");
    contract.is_served_by::<Kpn>();
    assert_eq!(contract.operations().len(), 99);
    for (operation, parameters) in PARAMETERS {
        let known: Vec<_> = parameters.iter().map(|p| (*p).to_owned()).collect();
        let mut documented = contract.query_of(operation);
        let mut known = known;
        documented.sort();
        known.sort();
        assert_eq!(known, documented, "{operation}");
    }
}

/// All operations, in stories, with every answer held against the document.
#[tokio::test]
async fn every_operation_keeps_to_the_document() {
    let (sandbox, client) = kpn().await;
    let contract = Contract::read("kpn-msm/v11");
    let judged = Judged {
        sandbox: &sandbox,
        client: &client,
        contract: &contract,
    };
    hierarchy(&judged).await;
    subscribers(&judged).await;
    addresses(&judged).await;
    sims(&judged).await;
    ends(&judged).await;
    thresholds(&judged).await;
    baskets(&judged).await;
    templates(&judged).await;
    hardware(&judged).await;
    fixed_and_mobile(&judged).await;
    finances(&judged).await;
    voicemail(&judged).await;
    tracking(&judged).await;
    judged.all_were_called(&[]);
}

async fn hierarchy(judged: &Judged<'_>) {
    let kpn = judged.sandbox.kpn();
    let companies = judged.get("/hierarchy/children").await;
    assert_eq!(
        (&companies["total"], &companies["result"][0]["type"]),
        (&json!(2), &json!("DEBTOR"))
    );
    let below = judged
        .get(&format!(
            "/hierarchy/children?id={DEBTOR}&includeCustomer=true&to=100"
        ))
        .await;
    assert_eq!(below["result"][0]["type"], "CUSTOMER");
    judged.get("/hierarchy/children/operations").await;
    for id in 2_000_001..=2_000_008 {
        judged.get(&format!("/hierarchy/children/{id}")).await;
        judged
            .get(&format!("/hierarchy/children/{id}/operations"))
            .await;
    }

    let create = json!({ "groupId": DEBTOR, "name": "Depot", "costCenterNumber": "900" });
    let path = "/hierarchy/children/cost-center";
    let made = judged.call(200, "POST", path, create.clone()).await.json();
    let made = made["groupId"].as_i64().unwrap();
    let again = judged.call(400, "POST", path, create).await;
    assert_eq!(again.json()["name"], "VALUE_NOT_UNIQUE");
    for (body, expected) in [
        (
            json!({ "groupId": made, "name": "A", "costCenterNumber": "1" }),
            "ONLY_SINGLE_TYPE_ALLOWED_IN_PATH",
        ),
        (
            json!({ "groupId": 2_000_001, "name": "A", "costCenterNumber": "1" }),
            "REQUIRE_DEBTOR_IN_PATH",
        ),
        (json!({ "groupId": DEBTOR, "name": "A" }), "VALUE_REQUIRED"),
    ] {
        let refused = judged.call(400, "POST", path, body).await;
        assert_eq!(refused.json()["name"], expected);
    }
    let unknown = json!({ "groupId": 1, "name": "A", "costCenterNumber": "1" });
    let refused = judged.call(404, "POST", path, unknown).await;
    assert_eq!(refused.json()["name"], "VIRTUAL_HIERARCHY_ITEM_NOT_FOUND");
    let item = format!("/hierarchy/children/{made}");
    let change = json!({ "name": "Depot 2", "costCenterNumber": "901" });
    judged.call(200, "POST", &item, change).await;
    assert_eq!(judged.get(&item).await["costCenter"]["number"], "901");

    let create = json!({ "groupId": made, "name": "Team" });
    let path = "/hierarchy/children/virtual-group";
    let team = judged.call(200, "POST", path, create).await.json();
    let team = team["groupId"].as_i64().unwrap();
    let full = judged
        .call(400, "POST", &format!("{item}/remove"), Value::Null)
        .await;
    assert_eq!(full.json()["name"], "FORBIDDEN_PATH_WHEN_REMOVING");

    // A custom group moves at once; a cost centre by an order.
    let path = "/hierarchy/children/move";
    let moved = |id: i64, to: i64| json!({ "movedGroupIds": [id], "destinationGroupId": to });
    let mut referenced = moved(team, COST_CENTER);
    referenced["referenceNumber"] = json!("R");
    let refused = judged.call(400, "POST", path, referenced).await;
    assert_eq!(refused.json()["name"], "REFERENCE_NUMBER_NOT_SUPPORTED");
    let refused = judged
        .call(400, "POST", path, moved(team, OTHER_DEBTOR))
        .await;
    assert_eq!(
        refused.json()["info"],
        "CANNOT_MOVE_NON_SUBSCRIBER_BETWEEN_TWO_DEBTORS"
    );
    let done = judged
        .call(200, "POST", path, moved(team, COST_CENTER))
        .await
        .json();
    assert_eq!(done["orders"], json!([]));
    let above = judged.get(&format!("/hierarchy/children/{team}")).await["path"].clone();
    assert_eq!(above[2]["id"], COST_CENTER);
    let group = json!({ "groupId": DEBTOR, "name": "Region" });
    let region = judged
        .call(200, "POST", "/hierarchy/children/virtual-group", group)
        .await
        .json();
    let region = region["groupId"].as_i64().unwrap();
    let done = judged
        .call(200, "POST", path, moved(made, region))
        .await
        .json();
    assert_eq!(done["orders"][0]["operation"], "moveGroup");
    let parent = async || {
        let path = judged.get(&item).await["path"].clone();
        path.as_array().unwrap().last().unwrap()["id"].clone()
    };
    assert_eq!(parent().await, DEBTOR);
    kpn.finish_orders();
    assert_eq!(parent().await, region);
    judged
        .call(200, "POST", &format!("{item}/remove"), Value::Null)
        .await;
    judged.call(404, "GET", &item, Value::Null).await;

    let refused = judged
        .call(
            400,
            "GET",
            "/hierarchy/children?operationType=MOVE_GROUP",
            Value::Null,
        )
        .await;
    assert_eq!(refused.json()["name"], "MISSING_CONTEXT_ID");
    let refused = "/hierarchy/children?operationType=MOVE_GROUP&contextId=1";
    let refused = judged.call(404, "GET", refused, Value::Null).await;
    assert_eq!(refused.json()["name"], "CONTEXT_OBJECT_NOT_FOUND");
    for purpose in ["CREATE_COST_CENTER", "CREATE_CUSTOM_GROUP", "REMOVE_GROUP"] {
        judged
            .get(&format!("/hierarchy/children?operationType={purpose}"))
            .await;
    }
    let path = format!(
        "/hierarchy/children?operationType=MOVE_GROUP&contextIds={COST_CENTER}&contextIds={team}"
    );
    let rows = judged.get(&path).await;
    assert!(rows["result"][0]["operation"]["blocked"].is_boolean());
}

async fn subscribers(judged: &Judged<'_>) {
    let kpn = judged.sandbox.kpn();
    let accounts = judged.get("/hierarchy/grip-entities").await;
    let account = accounts[0]["id"].as_i64().unwrap();
    let roles = judged.get("/hierarchy/subscribers/roles?sortBy=NAME").await;
    let role = roles["result"][0]["id"].as_i64().unwrap();
    let privileges = judged
        .get(&format!("/hierarchy/subscribers/roles/{role}/privileges"))
        .await;
    assert!(privileges[0].as_str().unwrap().starts_with("privileges_"));

    let create = json!({
        "groupId": COST_CENTER, "referenceNumber": "new",
        "subscriber": { "firstName": "Pat", "surname": "Fresh", "gender": "OTHER" },
    });
    let order = judged
        .call(200, "POST", "/hierarchy/subscribers", create)
        .await
        .json();
    let search = "/hierarchy/subscribers?patterns=Fresh";
    assert_eq!(judged.get(search).await["total"], 0);
    kpn.finish_orders();
    let found = judged.get(search).await;
    assert_eq!(found["total"], 1);
    assert_ne!(found["result"][0]["id"], order["id"]);
    let id = id_of(&found["result"][0]);
    let path = format!("/hierarchy/subscribers/{id}");
    let details = judged.get(&path).await;
    assert_eq!(
        details["location"].as_array().unwrap().last().unwrap(),
        "Fresh, Pat"
    );
    let update = json!({
        "subscriber": { "firstName": "Pat", "surname": "Old", "gender": "OTHER", "vip": true },
    });
    judged.call(200, "PUT", &path, update).await;
    assert_eq!(judged.get(&path).await["vip"], true);

    let to = json!({ "destinationGroupId": OTHER_DEBTOR });
    judged.call(200, "POST", &format!("{path}/move"), to).await;
    judged.get(&format!("{path}/operations")).await;
    kpn.finish_orders();
    assert_eq!(judged.get(&path).await["path"][1]["id"], OTHER_DEBTOR);

    let link = json!({ "subscriberId": id, "gripEntityId": account, "roles": [role] });
    let refused = judged
        .call(400, "POST", "/hierarchy/subscribers/link", link.clone())
        .await;
    assert_eq!(refused.json()["name"], "MOBILE_OR_FIXED_NUMBER_IS_REQUIRED");
    let with = |name: &str, value: Value| {
        let mut link = link.clone();
        link["mobileNumber"] = json!("99960000001");
        link[name] = value;
        link
    };
    for (body, expected) in [
        (with("roles", json!([1])), "ROLE_NOT_FOUND"),
        (with("gripEntityId", json!(1)), "GRIP_ENTITY_NOT_FOUND"),
        (
            with("subscriberId", json!(1)),
            "VIRTUAL_HIERARCHY_ITEM_NOT_FOUND",
        ),
    ] {
        let refused = judged
            .call(404, "POST", "/hierarchy/subscribers/link", body)
            .await;
        assert_eq!(refused.json()["name"], expected);
    }
    let good = with("email", json!("pat@customer.example"));
    judged
        .call(200, "POST", "/hierarchy/subscribers/link", good.clone())
        .await;
    kpn.finish_orders();
    let refused = judged
        .call(400, "POST", "/hierarchy/subscribers/link", good)
        .await;
    assert_eq!(refused.json()["name"], "SUBSCRIBER_IS_ALREADY_USER");
    assert_eq!(judged.get(&path).await["gripUser"], true);

    let selected = async || {
        let roles = judged
            .get(&format!("{path}/roles?sortBy=SELECTED&order=DESC"))
            .await;
        let rows = roles["result"].as_array().unwrap().clone();
        rows.iter()
            .filter(|r| r["selected"] == true)
            .map(id_of)
            .collect::<Vec<_>>()
    };
    assert_eq!(selected().await, [role]);
    let edit = json!({ "rolesToAdd": [5004], "rolesToRemove": [role] });
    judged
        .call(200, "POST", &format!("{path}/roles"), edit)
        .await;
    assert_eq!(selected().await, [5004]);

    let groups = json!({ "groupIds": [COST_CENTER] });
    let managed = format!("{path}/managed-entities");
    judged
        .call(
            200,
            "POST",
            &format!("{path}/assign-entities"),
            groups.clone(),
        )
        .await;
    assert_eq!(judged.get(&managed).await[0]["id"], COST_CENTER);
    let choose = format!("/hierarchy/children?operationType=ASSIGN_TO_HIERARCHY&contextId={id}");
    let rows = judged.get(&choose).await;
    let reasons = rows["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["operation"]["reason"]);
    assert!(reasons.clone().any(|r| r == "GROUP_IS_ALREADY_ASSIGNED"));
    judged
        .call(200, "POST", &format!("{path}/unassign-entities"), groups)
        .await;
    assert_eq!(judged.get(&managed).await, json!([]));

    let idle = kpn.subscribers()[4];
    let delete = json!({ "referenceNumber": "gone" });
    judged
        .call(
            200,
            "POST",
            &format!("/hierarchy/subscribers/{idle}/delete"),
            delete.clone(),
        )
        .await;
    kpn.finish_orders();
    judged
        .call(
            404,
            "GET",
            &format!("/hierarchy/subscribers/{idle}"),
            Value::Null,
        )
        .await;
    let busy = contract(judged.sandbox, "MOBILE").subscriber;
    judged
        .call(
            400,
            "POST",
            &format!("/hierarchy/subscribers/{busy}/delete"),
            delete,
        )
        .await;
    let overview = judged
        .get(&format!("/hierarchy/subscribers/{busy}/contracts/overview"))
        .await;
    assert_eq!(overview["MOBILE"]["total"], 1);
    let contracts = judged
        .get(&format!("/hierarchy/subscribers/{busy}/contracts"))
        .await;
    assert_eq!(contracts["total"], 1);
}

async fn addresses(judged: &Judged<'_>) {
    let address = |name: &str| {
        json!({
            "addressName": name, "companyName": "Sandbox", "street": "Voorbeeldweg",
            "houseNumber": "12a", "postalCode": "1234AB", "city": "Proefdorp", "country": "NL",
        })
    };
    for kind in ["customer", "user"] {
        let path = format!("/address/{kind}");
        let made = judged.call(200, "POST", &path, address("New")).await.json();
        let own = judged.get(&path).await;
        assert_eq!(own.as_array().unwrap().last().unwrap(), &made);
        let id = id_of(&made);
        judged
            .call(
                200,
                "POST",
                &format!("/address/{id}/edit"),
                address("Newer"),
            )
            .await;
        let all = judged.get("/address/all").await;
        let all = all.as_array().unwrap();
        assert!(
            all.iter()
                .any(|a| a["id"] == id && a["addressName"] == "Newer")
        );
        judged
            .call(200, "POST", &format!("/address/{id}/delete"), Value::Null)
            .await;
        judged
            .call(404, "POST", &format!("/address/{id}/delete"), Value::Null)
            .await;
    }
    for (name, value) in [
        ("postalCode", "1234 AB"),
        ("country", "DE"),
        ("street", ""),
        ("houseNumber", "123456"),
    ] {
        let mut wrong = address("Wrong");
        wrong[name] = json!(value);
        judged.call(400, "POST", "/address/user", wrong).await;
    }
}

async fn sims(judged: &Judged<'_>) {
    let (sandbox, kpn) = (judged.sandbox, judged.sandbox.kpn());
    let line = contract(sandbox, "MOBILE");
    let of = json!({ "contractId": line.id, "referenceNumber": "lost" });
    let possible = async |what: &str| {
        let path = format!("/order/operations?contractId={}", line.id);
        let may = judged.get(&path).await[what].clone();
        (may["visible"] == true, may["enabled"] == true)
    };
    let details = format!("/contract/id/{}", line.id);
    let before = judged.get(&details).await;
    assert!(before["pin"].is_string() && before["puk"].is_string());
    assert_eq!(possible("blockSim").await, (true, true));
    let order = judged
        .call(200, "POST", "/order/block-sim", of.clone())
        .await
        .json();
    assert_eq!(possible("blockSim").await, (true, false));
    judged
        .call(400, "POST", "/order/block-sim", of.clone())
        .await;
    kpn.finish_orders();
    let id = id_of(&order);
    let request = judged
        .get(&format!("/track-and-trace/service-requests/{id}"))
        .await;
    assert_eq!(
        (&request["status"], &request["sim"]),
        (&json!("CLOSED"), &json!(line.iccid))
    );
    assert_eq!(judged.get(&details).await["status"], "S");
    let blocked = judged
        .get("/contract/all?filters=STATE:%20%22BLOCKED%22&to=100")
        .await;
    let rows = blocked["result"].as_array().unwrap();
    assert!(rows.iter().any(|r| r["id"] == line.id));
    assert_eq!(possible("unblockSim").await, (true, true));
    judged.call(200, "POST", "/order/unblock-sim", of).await;
    kpn.finish_orders();
    assert_eq!(judged.get(&details).await["status"], "A");

    let card = kpn.spare_sims().remove(0);
    let check = |number: &str| json!({ "contractId": line.id, "newSimCardNumber": number });
    judged
        .call(200, "POST", "/order/replace-sim/validator", check(&card))
        .await;
    judged
        .call(
            400,
            "POST",
            "/order/replace-sim/validator",
            check("8999000000000000000"),
        )
        .await;
    judged
        .call(200, "POST", "/order/replace-sim", check(&card))
        .await;
    kpn.finish_orders();
    let after = judged.get(&details).await;
    assert_eq!(after["uiccid"], card.as_str());
    assert_ne!(after["puk"], before["puk"]);
    let mut esim = json!({ "contractId": line.id, "esim": true });
    judged
        .call(400, "POST", "/order/replace-sim", esim.clone())
        .await;
    esim["email"] = json!("line@customer.example");
    judged.call(200, "POST", "/order/replace-sim", esim).await;
    kpn.finish_orders();
    assert_ne!(judged.get(&details).await["uiccid"], card.as_str());

    let to = kpn.subscribers()[1];
    let choose = format!(
        "/hierarchy/children?operationType=MOVE_CONTRACT&contextId={}&to=100",
        line.id
    );
    let rows = judged.get(&choose).await;
    let row = rows["result"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["id"] == to)
        .unwrap();
    assert_eq!(row["operation"]["blocked"], false);
    let mut to_group = json!({ "contractId": line.id, "destinationGroupId": DEBTOR });
    let refused = judged
        .call(400, "POST", "/order/move", to_group.clone())
        .await;
    assert_eq!(refused.json()["info"], "FORBIDDEN_PARENT_FOR_PRODUCT");
    to_group["destinationGroupId"] = json!(to);
    let mut long = to_group.clone();
    long["referenceNumber"] = json!("x".repeat(26));
    judged.call(400, "POST", "/order/move", long).await;
    judged.call(200, "POST", "/order/move", to_group).await;
    kpn.finish_orders();
    let moved = kpn
        .contracts()
        .into_iter()
        .find(|c| c.id == line.id)
        .unwrap();
    assert_eq!(moved.subscriber, to);
    let items = judged.get(&format!("/contract/id/{}/items", line.id)).await;
    assert_ne!(items["contractId"], line.id);
    assert!(id_of(&items) > i64::from(i32::MAX));
    judged.get("/contract/overview").await;
}

async fn ends(judged: &Judged<'_>) {
    let (sandbox, kpn) = (judged.sandbox, judged.sandbox.kpn());
    let line = contract(sandbox, "MOBILE");
    let min = judged
        .get(&format!("/order/terminate/{}/min-date", line.id))
        .await;
    let fee = async |wish: &str| {
        let path = "/order/terminate/termination-fee";
        let path = format!("{path}?contractId={}&wishDate={wish}", line.id);
        judged.get(&path).await["terminationFeeInCents"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(fee(&min.as_str().unwrap().replace('+', "%2B")).await, 0);
    assert!(fee("2020-01-01T00:00:00Z").await > 0);
    let end = json!({ "contractId": line.id, "wishDate": min });
    let order = id_of(
        &judged
            .call(200, "POST", "/order/terminate", end)
            .await
            .json(),
    );
    kpn.finish_orders();
    assert_eq!(state_of(sandbox, line.id), "CLOSED");

    // And back again.
    let request = judged
        .get(&format!("/track-and-trace/service-requests/{order}"))
        .await;
    assert_eq!(request["reactivate"]["enabled"], true);
    let open = json!({ "accountGroupId": line.subscriber, "orderId": order });
    let session = judged
        .call(200, "POST", "/contracting/basket", open)
        .await
        .json();
    let session = session["sessionId"].as_str().unwrap();
    let path = format!("/contracting/basket/order?sessionId={session}");
    judged
        .call(200, "POST", &path, json!({ "referenceNumber": "back" }))
        .await;
    kpn.finish_orders();
    assert_eq!(state_of(sandbox, line.id), "ACTIVE");
    let out = json!({ "contractId": line.id });
    judged.call(200, "POST", "/order/porting-out", out).await;
    kpn.finish_orders();
    assert_eq!(state_of(sandbox, line.id), "CLOSED");
}

async fn thresholds(judged: &Judged<'_>) {
    let path = "/contract/thresholds";
    let data = |name: &str, kind: &str| json!({ "name": name, "dailyValue": 12.5, "type": kind });
    judged.get("/contract/thresholds/availability").await;
    judged
        .call(200, "POST", path, data("Mine", "DATA_ROAMING_MB"))
        .await;
    let refused = judged
        .call(400, "POST", path, data("Mine", "DATA_ROAMING_MB"))
        .await;
    assert_eq!(refused.json()["name"], "VALUE_NOT_UNIQUE");
    judged
        .call(200, "POST", path, data("Other", "DATA_ROAMING_MB"))
        .await;
    let all = judged.get(path).await;
    let named = |name: &str| {
        id_of(
            all.as_array()
                .unwrap()
                .iter()
                .find(|t| t["name"] == name)
                .unwrap(),
        )
    };
    let (mine, other) = (named("Mine"), named("Other"));
    let (mine_path, other_path) = (format!("{path}/{mine}"), format!("{path}/{other}"));
    let line = contract(judged.sandbox, "MOBILE").id;
    let fixed = contract(judged.sandbox, "FIXED").id;
    let free = async |of: &str| {
        judged
            .get(&format!("{of}/contracts-to-assign?to=100"))
            .await["total"]
            .clone()
    };
    let before = free(&other_path).await.as_i64().unwrap();
    let contracts = |id: i64| json!({ "contractsIds": [id] });
    judged
        .call(200, "POST", &format!("{mine_path}/assign"), contracts(line))
        .await;
    assert_eq!(
        judged.get(&format!("{mine_path}/contracts")).await["result"][0]["id"],
        line
    );
    assert_eq!(free(&other_path).await, before - 1);
    for (id, status, expected) in [
        (line, 400, "CONTRACTS_ALREADY_ASSIGNED_TO_GIVEN_TYPE"),
        (fixed, 400, "NOT_VALID_PRODUCT_FOR_GIVEN_THRESHOLD"),
        (1, 404, "CONTRACT_NOT_FOUND"),
    ] {
        let assign = format!("{other_path}/assign");
        let refused = judged.call(status, "POST", &assign, contracts(id)).await;
        assert_eq!(refused.json()["name"], expected);
    }
    let details = judged.get(&mine_path).await;
    assert_eq!(details["changeType"]["enabled"], false);
    let refused = judged
        .call(400, "POST", &mine_path, data("Mine", "VOICE_NATIONAL_MIN"))
        .await;
    assert_eq!(refused.json()["name"], "TYPE_CHANGE_NOT_ALLOWED");
    judged
        .call(200, "POST", &mine_path, data("Renamed", "DATA_ROAMING_MB"))
        .await;
    let remove = json!({ "thresholdIds": [mine, other] });
    let removal = format!("{path}/remove");
    let refused = judged.call(404, "POST", &removal, remove.clone()).await;
    assert_eq!(refused.json()["name"], "REMOVING_BLOCKED");
    judged
        .call(
            200,
            "POST",
            &format!("{mine_path}/unassign"),
            contracts(line),
        )
        .await;
    judged
        .call(
            404,
            "POST",
            &format!("{mine_path}/unassign"),
            contracts(line),
        )
        .await;
    judged.call(200, "POST", &removal, remove).await;
    let gone = judged.call(404, "GET", &mine_path, Value::Null).await;
    assert_eq!(gone.json()["name"], "THRESHOLD_NOT_FOUND");
}

/// Opens a basket, and gives what its paths need.
async fn open(judged: &Judged<'_>, body: Value) -> String {
    let answer = judged
        .call(200, "POST", "/contracting/basket", body)
        .await
        .json();
    answer["sessionId"].as_str().unwrap().to_owned()
}

fn put(node: &Value) -> Value {
    json!({ "productActions": [{ "productId": node, "type": "PUT" }] })
}

async fn baskets(judged: &Judged<'_>) {
    let kpn = judged.sandbox.kpn();
    let subscriber = kpn.subscribers()[1];
    let session = open(judged, json!({ "accountGroupId": subscriber })).await;
    let path = |tail: &str| format!("/contracting/basket{tail}?sessionId={session}");
    let empty = judged.call(400, "POST", &path("/order"), json!({})).await;
    assert_eq!(empty.json()["name"], "BASKET_INVALID");
    judged.get("/contracting/categories").await;
    let cards = judged
        .get("/contracting/basket/main-products?category=SIM%20CARDS")
        .await;
    assert_eq!(cards["total"], 1);
    let products = judged
        .get(&format!("{}&sortBy=PRICE_IN_CENTS", path("/main-products")))
        .await;
    let row = |name: &str| {
        let rows = products["result"].as_array().unwrap();
        rows.iter().find(|r| r["name"]["en"] == name).unwrap()["id"].clone()
    };
    judged
        .call(200, "POST", &path(""), put(&row("Mobile Voice and Data")))
        .await;
    let basket = judged.get(&path("")).await;
    assert_eq!(basket["characteristics"]["eSim"]["value"], "false");
    assert_eq!(basket["totalPrice"]["recurring"]["monthlyFeeInCents"], 1500);
    let tree = judged.get(&path("/products")).await;
    let line = &tree
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["selected"] == true)
        .unwrap();
    let larger = line["children"][0]["children"][1]["id"].clone();
    judged.call(200, "POST", &path(""), put(&larger)).await;
    judged.call(200, "POST", &path("/reset"), Value::Null).await;
    let reset = judged.get(&path("")).await;
    assert_eq!(reset["totalPrice"]["recurring"]["monthlyFeeInCents"], 0);
    let actions = json!({
        "productActions": [
            { "productId": row("Mobile Voice and Data"), "type": "PUT" },
            { "productId": larger, "type": "PUT", "amount": 1 },
            { "productId": row("Office Licence"), "type": "PUT", "amount": 3 },
        ],
        "characteristicActions": [
            { "name": "eSim", "value": "true" },
            { "name": "eSimEmail", "value": "line@customer.example" },
        ],
    });
    judged.call(200, "POST", &path(""), actions).await;
    judged.get(&path("/characteristics")).await;
    let numbers = judged
        .get(&format!("{}&prefix=9996&limit=3", path("/resources")))
        .await;
    assert_eq!(numbers.as_array().unwrap().len(), 3);
    let ordering = json!({ "referenceNumber": "new line", "addressId": 11001, "wishDate": null });
    let order = judged
        .call(200, "POST", &path("/order"), ordering)
        .await
        .json();
    let id = order["orderId"].as_i64().unwrap();

    let details = format!("/track-and-trace/orders/{id}");
    let placed = judged.get(&details).await;
    assert_eq!(
        (&placed["status"], &placed["eid"]),
        (&json!("NEW"), &Value::Null)
    );
    assert_eq!(placed["recurringCostInCents"], 2250 + 2700);
    assert_eq!(placed["deliveryAddress"]["city"], "Voorbeeldstad");
    let own = |state: &str| {
        let all = kpn.contracts();
        all.iter()
            .filter(|c| c.subscriber == subscriber && c.state == state)
            .count()
    };
    assert_eq!(own("ORDERED"), 2);
    let listed = judged
        .get("/track-and-trace/orders?status=NEW&patterns=new%20line")
        .await;
    assert_eq!(listed["result"][0]["id"], id);
    kpn.finish_orders();
    assert_eq!(judged.get(&details).await["status"], "CLOSED");
    let pretty = judged.get(&format!("{details}/pretty")).await;
    assert_eq!(pretty["items"]["New contract"].as_array().unwrap().len(), 2);
    assert_eq!(own("ORDERED"), 0);
    let made = kpn
        .contracts()
        .into_iter()
        .rfind(|c| c.category == "MOBILE")
        .unwrap();
    assert!(made.subscriber == subscriber && made.iccid.is_some());

    // Change it.
    let session = open(judged, json!({ "contractId": made.id })).await;
    let path = |tail: &str| format!("/contracting/basket{tail}?sessionId={session}");
    let tree = judged.get(&path("")).await["productTree"].clone();
    assert_eq!(
        (&tree[0]["contracted"], &tree[0]["disabled"]),
        (&json!(true), &json!(true))
    );
    let bundles = &tree[0]["children"][0];
    let smaller = bundles["children"][0]["id"].clone();
    let none = json!({ "productActions": [
        { "productId": bundles["children"][1]["id"], "type": "REMOVE" },
    ] });
    judged.call(200, "POST", &path(""), none).await;
    let lacking = judged.get(&path("")).await;
    assert!(lacking["productTree"][0]["children"][0]["error"].is_object());
    let invalid = judged.call(400, "POST", &path("/order"), json!({})).await;
    assert_eq!(invalid.json()["name"], "BASKET_INVALID");
    judged.call(200, "POST", &path(""), put(&smaller)).await;
    judged
        .call(
            200,
            "POST",
            &path("/order"),
            json!({ "referenceNumber": "less" }),
        )
        .await;
    kpn.finish_orders();
    let items = judged.get(&format!("/contract/id/{}/items", made.id)).await;
    assert_eq!(
        items["children"][0]["children"][0]["name"]["en"],
        "Bundle 5 GB"
    );

    // With a card from the stock, cancelled.
    let card = kpn.spare_sims().pop().unwrap();
    let session = open(
        judged,
        json!({
            "accountGroupId": subscriber, "templateId": "12001", "simCardNumber": card,
        }),
    )
    .await;
    let path = format!("/contracting/basket/order?sessionId={session}");
    let order = judged.call(200, "POST", &path, json!({})).await.json()["orderId"].clone();
    assert!(!kpn.spare_sims().contains(&card));
    let cancel = format!("/track-and-trace/orders/{order}/cancel?note=too%20many");
    judged.call(200, "POST", &cancel, Value::Null).await;
    let row = judged
        .get("/track-and-trace/orders?status=IN_PROGRESS")
        .await;
    assert_eq!(row["result"][0]["isBeingCanceled"], true);
    kpn.finish_orders();
    assert_eq!(kpn.order_status(order.as_i64().unwrap()), Some("CANCELED"));
    assert!(kpn.spare_sims().contains(&card));

    // A port-in whose date changes.
    let porting = |name: &str, value: &str| json!({ "name": name, "value": value });
    let session = open(
        judged,
        json!({
            "accountGroupId": subscriber, "templateId": "12001", "characteristicActions": [
                porting("porting", "true"), porting("phoneNumber", "99977777777"),
                porting("customerNumber", "C-9"),
            ],
        }),
    )
    .await;
    let path = format!("/contracting/basket/order?sessionId={session}");
    let order = judged.call(200, "POST", &path, json!({})).await.json()["orderId"].clone();
    let path = format!("/track-and-trace/orders/{order}/porting-data");
    judged
        .call(200, "POST", &path, json!({ "asap": true }))
        .await;
    assert!(kpn.reject_order(order.as_i64().unwrap()));
}

async fn templates(judged: &Judged<'_>) {
    let subscriber = judged.sandbox.kpn().subscribers()[1];
    let session = open(
        judged,
        json!({ "accountGroupId": subscriber, "templateId": "12002" }),
    )
    .await;
    let path = |tail: &str| format!("/contracting/basket{tail}?sessionId={session}");
    let save = json!({ "groupId": COST_CENTER, "name": "Mine" });
    let made = judged
        .call(200, "POST", &path("/save-as-template"), save)
        .await
        .json();
    let id = id_of(&made);
    let listed = judged
        .get(&format!(
            "{}&mainProductCategory=MOBILE",
            path("/templates")
        ))
        .await;
    let rows = listed["result"].as_array().unwrap();
    assert!(rows.iter().any(|t| t["templateDefinitionId"] == id));
    let of_group = judged
        .get(&format!("/contracting/templates?groupId={COST_CENTER}"))
        .await;
    assert_eq!(of_group.as_array().unwrap().len(), 2);
    let details = format!("/contracting/templates/{id}");
    let option = async || {
        let template = judged.get(&details).await;
        template["items"][0]["items"][0]["option"].clone()
    };
    assert_eq!(option().await, "AVAILABLE");
    let session = open(judged, json!({ "templateIdToModify": id })).await;
    let path = |tail: &str| format!("/contracting/basket{tail}?sessionId={session}");
    let tree = judged.get(&path("/products")).await;
    let line = tree
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["selected"] == true)
        .unwrap();
    judged
        .call(200, "POST", &path(""), put(&line["children"][0]["id"]))
        .await;
    judged.call(400, "POST", &path("/order"), json!({})).await;
    judged
        .call(200, "POST", &path("/modify-template"), Value::Null)
        .await;
    assert_eq!(option().await, "DEFAULT_SELECTED");
    judged
        .call(200, "POST", &format!("{details}/delete"), Value::Null)
        .await;
    judged.call(404, "GET", &details, Value::Null).await;
}

async fn hardware(judged: &Judged<'_>) {
    let kpn = judged.sandbox.kpn();
    let kinds = judged.get("/contracting/hardware/categories").await;
    assert_eq!(kinds[0], "Smartphones");
    let phones = judged
        .get("/contracting/basket/main-products?category=Smartphones")
        .await;
    let actions: Vec<_> = phones["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| json!({ "productId": p["id"], "type": "PUT", "amount": 2 }))
        .collect();
    let session = open(
        judged,
        json!({
            "accountGroupId": kpn.subscribers()[1], "productActions": actions,
        }),
    )
    .await;
    let path = format!("/contracting/basket/order?sessionId={session}");
    let address = json!({
        "companyName": "Sandbox", "street": "Voorbeeldweg", "houseNumber": "1",
        "postalCode": "1234AB", "city": "Proefdorp", "country": "NL",
    });
    let order = judged
        .call(200, "POST", &path, json!({ "address": address }))
        .await
        .json();
    let id = order["orderId"].as_i64().unwrap();
    let enrol = json!({ "orderId": id });
    judged
        .call(400, "POST", "/order/apple-dep", enrol.clone())
        .await;
    kpn.finish_orders();
    let devices = judged
        .get(&format!("/track-and-trace/orders/{id}/hardware"))
        .await;
    let devices = devices.as_array().unwrap();
    assert_eq!(devices.len(), 4);
    let details = judged.get(&format!("/track-and-trace/orders/{id}")).await;
    assert_eq!(details["appleDepEnrollment"]["enabled"], true);
    assert_eq!(
        details["items"][0]["imeiNumbers"].as_array().unwrap().len(),
        2
    );
    judged
        .call(200, "POST", "/order/apple-dep", enrol.clone())
        .await;
    judged
        .call(200, "POST", "/order/samsung-knox", enrol.clone())
        .await;
    kpn.finish_orders();
    judged.call(400, "POST", "/order/apple-dep", enrol).await;
    let details = judged.get(&format!("/track-and-trace/orders/{id}")).await;
    assert_eq!(details["registeredForAppleDep"], true);
    let item = id_of(&devices[0]["contractItem"]);
    let back = json!({
        "orderId": id, "hardwareToReturn": [item], "reason": "DEFECTIVE_ON_ARRIVAL",
        "remarks": "dark", "email": "returns@customer.example",
    });
    judged
        .call(200, "POST", "/order/return-hardware", back.clone())
        .await;
    kpn.finish_orders();
    let returned = judged
        .get("/track-and-trace/returned-hardware-service-requests?status=CLOSED")
        .await;
    assert_eq!(
        returned["result"][0]["returnedHardware"][0]["multiplicity"],
        1
    );
    let devices = judged
        .get(&format!("/track-and-trace/orders/{id}/hardware"))
        .await;
    assert_eq!(devices[0]["returned"], true);
    judged
        .call(400, "POST", "/order/return-hardware", back)
        .await;
}

async fn fixed_and_mobile(judged: &Judged<'_>) {
    let (sandbox, kpn) = (judged.sandbox, judged.sandbox.kpn());
    let (fixed, mobile) = (
        contract(sandbox, "FIXED").id,
        contract(sandbox, "MOBILE").id,
    );
    let rows = judged
        .get(&format!("/contract/id/{mobile}/vamo/fixed-numbers"))
        .await;
    assert_eq!(rows["result"][0]["id"], fixed);
    judged
        .get(&format!("/contract/id/{fixed}/vamo/mobile-numbers"))
        .await;
    let session = open(
        judged,
        json!({ "fixedContractId": fixed, "mobileContractId": mobile }),
    )
    .await;
    let path = format!("/contracting/basket/order?sessionId={session}");
    judged.call(200, "POST", &path, json!({})).await;
    kpn.finish_orders();
    assert_eq!(state_of(sandbox, fixed), "CLOSED");
    let details = judged.get(&format!("/contract/id/{mobile}")).await;
    assert!(details["fixedNumber"].is_string());
    let split = json!({ "contractId": mobile });
    judged
        .call(200, "POST", "/contracting/separate-fixed-mobile", split)
        .await;
    kpn.finish_orders();
    assert!(judged.get(&format!("/contract/id/{mobile}")).await["fixedNumber"].is_null());
    let made = kpn
        .contracts()
        .into_iter()
        .rfind(|c| c.category == "FIXED")
        .unwrap();
    let details = judged.get(&format!("/contract/id/{}", made.id)).await;
    assert!(details["fixedNumber"].is_string());
}

async fn finances(judged: &Judged<'_>) {
    let kpn = judged.sandbox.kpn();
    let path = format!(
        "/finances/invoices?debtorId={DEBTOR}&type=SERVICE_INVOICE&searchFrom=2025-03-01\
         &searchTo=2025-06-01&sortBy=TOTAL_AMOUNT&order=DESC"
    );
    let invoices = judged.get(&path).await;
    let rows = invoices["result"].as_array().unwrap();
    let amounts: Vec<_> = rows
        .iter()
        .map(|r| r["totalAmountToPayInCents"].as_i64().unwrap())
        .collect();
    assert!(amounts.len() > 1 && amounts.is_sorted_by(|a, b| a >= b));
    let unknown = judged
        .call(404, "GET", "/finances/invoices?debtorId=1", Value::Null)
        .await;
    assert_eq!(unknown.json()["name"], "DEBTOR_NOT_FOUND");
    let id = id_of(&rows[0]);
    let pdf = judged.client.get(&format!("/finances/invoices/{id}")).await;
    assert_eq!(
        (pdf.status, pdf.header("content-type")),
        (200, "application/pdf")
    );
    assert!(pdf.body.starts_with("%PDF-1.4") && pdf.body.ends_with("%%EOF\n"));
    let unknown = judged
        .call(404, "GET", "/finances/invoices/1", Value::Null)
        .await;
    assert_eq!(unknown.json()["name"], "INVOICE_NOT_FOUND");

    let period = json!({ "period": "25", "referenceNumber": "keep" });
    judged
        .call(200, "POST", "/finances/billing-period", period.clone())
        .await;
    let open = judged.get("/finances/billing-period/availability").await;
    assert_eq!(
        (
            &open["enabled"],
            open["blockingOrders"].as_array().unwrap().len()
        ),
        (&json!(false), 1)
    );
    let blocked = judged
        .call(404, "POST", "/finances/billing-period", period)
        .await;
    assert_eq!(blocked.json()["name"], "OPERATION_BLOCKED");
    kpn.finish_orders();
    let customer = judged.get("/hierarchy/children/2000001").await;
    assert_eq!(customer["customer"]["billingRetentionPeriod"], "25");
}

async fn voicemail(judged: &Judged<'_>) {
    let sandbox = judged.sandbox;
    judged.get("/contracting/bvm/availability").await;
    let number = contract(sandbox, "MOBILE").mobile_number.unwrap();
    let file = format!("phoneNumber;kggNumber\n{number};17");
    let request = upload(judged.client, BVM, &file);
    let order = judged.send(200, request, Value::Null).await.json();
    let id = id_of(&order);
    let path = format!("/track-and-trace/service-requests/{id}");
    let attachment = judged.get(&path).await["attachments"][0].clone();
    assert_eq!(attachment["fileName"], "numbers.csv");
    let attachments = format!("{path}/attachments");
    let download = judged
        .client
        .get(&format!("{attachments}/{}", attachment["id"]))
        .await;
    assert_eq!((download.status, download.body), (200, file));
    assert!(
        download.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("numbers.csv")
    );
    judged
        .call(404, "GET", &format!("{attachments}/1"), Value::Null)
        .await;
    judged
        .call(200, "POST", &format!("{path}/cancel"), Value::Null)
        .await;
    judged
        .call(400, "POST", &format!("{path}/cancel"), Value::Null)
        .await;
}

async fn tracking(judged: &Judged<'_>) {
    let sandbox = judged.sandbox;
    let counts = judged.get("/track-and-trace/overview").await;
    let orders = judged
        .get(&format!("/track-and-trace/orders?{ALL_STATUSES}&to=100"))
        .await;
    assert_eq!(counts["ORDERS"], orders["total"]);
    for sort in [
        "CREATION_DATE",
        "STATUS",
        "KPN_REFERENCE",
        "ORDERED_FOR",
        "CUSTOMER_REFERENCE",
    ] {
        judged
            .get(&format!(
                "/track-and-trace/orders?{ALL_STATUSES}&sortBy={sort}"
            ))
            .await;
    }
    let requests = judged
        .get(&format!(
            "/track-and-trace/service-requests?{ALL_STATUSES}&sortBy=TYPE&to=100"
        ))
        .await;
    assert_eq!(counts["SERVICE_REQUESTS"], requests["total"]);
    sandbox.kpn().finish_orders();
    sandbox
        .kpn()
        .privileges([Privilege::UnauthorizedOrdersCreation]);
    let block = json!({ "contractId": contract(sandbox, "MOBILE").id });
    let order = judged
        .call(200, "POST", "/order/block-sim", block)
        .await
        .json();
    sandbox.kpn().privileges(Privilege::ALL);
    let authorise = json!({ "orderId": order["id"] });
    judged
        .call(200, "POST", "/order/authorize", authorise)
        .await;
}
