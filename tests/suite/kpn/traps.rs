//! Where KPN's interface is not what it seems: a test for each, named after it.

use futures_util::TryStreamExt as _;
use mno_sandbox::{Effect, Rule};
use mno_sdk::kpn::msm::{
    BasketChange, BlockSim, BlockSimRequest, ChangeBasket, DeleteAddress, DownloadInvoice, Gender,
    GetBasket, GetContract, GetContractItems, GetEarliestTerminationDate, GetOrder, GetThreshold,
    ListContracts, ListInvoices, ListMainProducts, ListOrders, ListRoles, ListSubscriberContracts,
    ListSubscribers, MainProductName, OrderStatus, OrderSummary, OrderSummaryStatus,
    SubscriberDetailsRequestParams, UpdateSubscriber, UpdateSubscriberRequestParams,
};
use mno_sdk::kpn::{Checkout, ContractColumn, Filters};
use mno_sdk::runtime::values::{Base64, Date, Lexical as _};
use mno_sdk::runtime::{Decimal, json};
use mno_sdk::{ErrorKind, Kpn};

use super::*;
use crate::wire::Recorder;

/// The hand-written file under `tests/wire/kpn-msm-v11`.
fn message(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/wire/kpn-msm-v11/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// A platform that gives this answer, and a client of it.
fn answers(body: impl Into<Vec<u8>>) -> (Recorder, Kpn) {
    let recorder = Recorder::new(200, "application/json", body);
    let kpn = Kpn::builder()
        .transport(recorder.transport())
        .rate_limits(RateLimits::unlimited())
        .build();
    (recorder, kpn.unwrap())
}

fn reads(name: &str) -> Client {
    raw(&answers(message(name)).1)
}

/// Where the only call went, behind the base path.
fn target(recorder: &Recorder) -> String {
    let uri = recorder.call().request.uri().to_string();
    uri.strip_prefix(Client::PATH).unwrap().to_owned()
}

#[tokio::test]
async fn trap_01_put_resets() {
    let (sandbox, kpn) = start().await;
    let id = sandbox.kpn().subscribers()[7];
    let before = kpn.subscribers().get(id).await.unwrap();
    assert!(before.email.is_some() && before.employee_number.is_some());
    // What the handle sends has everything.
    let mut edit = kpn.subscribers().edit(id).await.unwrap();
    edit.comments = Some("here".to_owned());
    kpn.subscribers().update(&edit, None).await.unwrap();
    let mut expected = before.clone().with_comments("here");
    expected.path = kpn.subscribers().get(id).await.unwrap().path;
    assert_eq!(kpn.subscribers().get(id).await.unwrap(), expected);
    // What leaves something out loses it.
    let person = SubscriberDetailsRequestParams::new("Ada", Gender::Female, "Weir");
    let body = UpdateSubscriberRequestParams::new().with_subscriber(person);
    raw(&kpn)
        .update_subscriber(&UpdateSubscriber::new(id, body))
        .await
        .unwrap();
    let after = kpn.subscribers().get(id).await.unwrap();
    assert_eq!(after.email, None);
    assert_eq!(after.employee_number.as_deref(), Some(""));
    assert_eq!(after.comments.as_deref(), Some(""));
    assert_eq!(after.vip, Some(false));
}

#[tokio::test]
async fn trap_02_the_required_set_differs() {
    // The guide wants a gender too, and this subscriber has none.
    let (recorder, kpn) = answers(message("getSubscriber.response"));
    let mut edit = kpn.subscribers().edit(2_419_028_783).await.unwrap();
    edit.email = Some("ada@meadow.example".to_owned());
    let error = kpn.subscribers().update(&edit, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.path(), Some("subscriber.gender"));
    edit.gender = Some(Gender::Other);
    edit.first_name = Some(" ".to_owned());
    let error = kpn.subscribers().update(&edit, None).await.unwrap_err();
    assert_eq!(error.path(), Some("subscriber.firstName"));
    assert_eq!(recorder.calls().len(), 1, "read, and nothing sent");
    edit.first_name = Some("Ada".to_owned());
    kpn.subscribers().update(&edit, None).await.unwrap();
    let body = recorder.calls()[1].request.body().clone();
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let expected = serde_json::json!({ "subscriber": {
        "firstName": "Ada", "surname": "Weir", "surnamePrefix": "", "gender": "OTHER",
        "email": "ada@meadow.example", "employeeNumber": "E-17", "preferredLanguage": "NL",
        "mobileNumber": "", "vip": false, "comments": "",
    } });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn trap_03_the_basket_is_changed_before_it_is_ordered() {
    let (sandbox, kpn) = start().await;
    let subscriber = sandbox.kpn().subscribers()[4];
    let basket = kpn.baskets().new_contract(subscriber).await.unwrap();
    assert_eq!(
        sent(&sandbox, "changeBasket"),
        serde_json::json!({ "accountGroupId": subscriber })
    );
    let products = basket.main_products(&ListMainProducts::new());
    let products: Vec<_> = products.try_collect().await.unwrap();
    let line = products[0].id.clone().unwrap();
    let basket = basket.put(line.as_str(), 1).await.unwrap();
    let put = serde_json::json!({ "type": "PUT", "productId": line, "amount": 1 });
    let change = serde_json::json!({ "productActions": [put] });
    assert_eq!(sent(&sandbox, "changeBasket"), change);
    basket
        .order(Checkout::new().with_reference("T-1"))
        .await
        .unwrap();
    assert_eq!(
        sent(&sandbox, "orderBasket"),
        serde_json::json!({ "referenceNumber": "T-1" })
    );
    let steps = ["changeBasket", "getBasket", "listMainProducts"];
    let steps = steps
        .into_iter()
        .chain(["changeBasket", "getBasket", "orderBasket"]);
    assert_eq!(arrived(&sandbox), steps.collect::<Vec<_>>());
}

#[tokio::test]
async fn trap_04_a_session_comes_with_the_first_answer_and_goes_with_all_else() {
    let (recorder, kpn) = answers(r#"{"sessionId": "a b"}"#);
    let change = BasketChange::new().with_contract_id(17);
    let client = raw(&kpn);
    let answer = client
        .change_basket(&ChangeBasket::new(change))
        .await
        .unwrap();
    assert_eq!(answer.session_id.as_deref(), Some("a b"));
    assert_eq!(target(&recorder), "/contracting/basket");
    let (recorder, kpn) = answers(message("getBasket.response"));
    let request = GetBasket::new().with_session_id("a b");
    raw(&kpn).get_basket(&request).await.unwrap();
    assert_eq!(target(&recorder), "/contracting/basket?sessionId=a%20b");
    // An answer without one is no basket.
    let error = answers("{}")
        .1
        .baskets()
        .new_contract(17)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(error.path(), Some("sessionId"));
}

#[tokio::test]
async fn trap_05_main_products_come_in_two_shapes() {
    let request = ListMainProducts::new();
    let client = reads("listMainProducts.guide.response");
    let page = client.list_main_products(&request).await.unwrap();
    let older = page.result.ok().next().unwrap();
    assert_eq!(
        older.name,
        Some(MainProductName::Text("Mobile Data".to_owned()))
    );
    assert_eq!(older.bs_id, Some(2_419_028_784));
    assert_eq!(older.one_time_price_in_cents, Some(1500));
    let client = reads("listMainProducts.response");
    let page = client.list_main_products(&request).await.unwrap();
    let newer = page.result.ok().next().unwrap();
    let Some(MainProductName::LocalizedString(name)) = &newer.name else {
        panic!("{newer:?}");
    };
    assert_eq!(name.nl.as_deref(), Some("Mobiel Internet"));
    assert_eq!(newer.price_in_cents, Some(Decimal::new(22_005, 1)));
}

#[tokio::test]
async fn trap_06_the_same_thing_has_different_names() {
    let (sandbox, kpn) = start().await;
    let mobile = contract(&sandbox, "MOBILE", "ACTIVE");
    let all = kpn
        .subscribers()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let listed = all
        .into_iter()
        .find(|s| s.id == Some(mobile.subscriber))
        .unwrap();
    let read = kpn.subscribers().get(mobile.subscriber).await.unwrap();
    let theirs = kpn.subscribers().contracts(mobile.subscriber);
    let theirs: Vec<_> = theirs.try_collect().await.unwrap();
    assert!(read.surname.as_ref().is_some_and(|name| !name.is_empty()));
    assert_eq!(
        (listed.prefix, listed.last_name),
        (read.surname_prefix.clone(), read.surname.clone())
    );
    let holder = (theirs[0].name_prefix.clone(), theirs[0].last_name.clone());
    assert_eq!(holder, (read.surname_prefix, read.surname));
}

#[tokio::test]
async fn trap_07_ids_are_longer_than_32_bits_and_may_be_others_than_asked_for() {
    let long = i64::from(i32::MAX) + 1;
    let client = reads("getContractItems.response");
    let items = client
        .get_contract_items(&GetContractItems::new(4_000_000_017_i64))
        .await
        .unwrap();
    assert_eq!(items.citem_bs_id, Some(2_419_028_783));
    assert_eq!(items.product_bs_id, Some(2_419_028_784));
    assert_eq!(items.tariff_plan_variant_bs_id, Some(2_419_028_785));
    assert_eq!(items.contract_id, Some(1_600_000_017));
    let (recorder, kpn) = answers("\"2026-06-30T22:00:00.000+00:00\"");
    kpn.contracts().earliest_termination(long).await.unwrap();
    assert_eq!(target(&recorder), "/order/terminate/2147483648/min-date");
    let (sandbox, kpn) = start().await;
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    assert!(id >= long);
    assert_ne!(
        kpn.contracts().items(id).await.unwrap().contract_id,
        Some(id)
    );
}

#[tokio::test]
async fn trap_08_an_eid_has_32_digits() {
    let client = reads("getOrder.response");
    let order = client
        .get_order(&GetOrder::new(7_000_000_017_i64))
        .await
        .unwrap();
    let digits = "89990000000000000000000000000123";
    assert_eq!(order.eid.as_ref().unwrap().as_str(), digits);
    assert!(!format!("{order:?}").contains(digits));
    // As the number that KPN's specification has it as.
    let text = String::from_utf8(message("getOrder.response")).unwrap();
    let number = text.replace(&format!("\"{digits}\""), digits);
    assert_ne!(number, text);
    let client = raw(&answers(number).1);
    let order = client
        .get_order(&GetOrder::new(7_000_000_017_i64))
        .await
        .unwrap();
    assert_eq!(order.eid.as_ref().unwrap().as_str(), digits);
    let written = String::from_utf8(json::to_vec(&order).unwrap()).unwrap();
    assert!(written.contains(&format!("\"{digits}\"")));
}

#[tokio::test]
async fn trap_09_dates_have_several_forms() {
    let client = reads("getOrder.response");
    let order = client
        .get_order(&GetOrder::new(7_000_000_017_i64))
        .await
        .unwrap();
    assert_eq!(
        order.creation_date.unwrap().unix_nanos(),
        1_772_017_263_100_000_000
    );
    assert_eq!(order.wish_date.unwrap().nanos(), 5_000_000);
    assert_eq!(order.finish_date, None);
    let (recorder, kpn) = answers(r#"{"result": [], "total": 0}"#);
    let query = ListInvoices::new()
        .with_search_from(Date::new(2026, 1, 2).unwrap())
        .with_search_to(Date::new(2026, 2, 3).unwrap());
    let none: Vec<_> = kpn.finances().search(&query).try_collect().await.unwrap();
    assert!(none.is_empty());
    let target = target(&recorder);
    assert!(
        target.contains("searchFrom=2026-01-02&searchTo=2026-02-03"),
        "{target}"
    );
    // A bare text.
    let (_, kpn) = answers("\"2026-06-30T22:00:00.000+00:00\"");
    let request = GetEarliestTerminationDate::new(3);
    let date = raw(&kpn)
        .get_earliest_termination_date(&request)
        .await
        .unwrap();
    assert_eq!((date.month(), date.hour()), (6, 22));
}

#[tokio::test]
async fn trap_10_statuses_are_spelt_in_two_ways_and_may_be_new() {
    let summary = |status: &str| -> OrderSummary {
        json::from_slice(format!("{{\"status\": \"{status}\"}}").as_bytes()).unwrap()
    };
    let known = [
        "Failed",
        "Aborted",
        "Finished",
        "Suspended",
        "InProgress",
        "Waiting",
        "Draft",
        "WaitingForAuthorization",
        "Authorized",
        "Restored",
        "Canceled",
        "Scheduled",
        "Initialized",
        "Rejected",
        "ExternalScheduled",
    ];
    for word in known {
        let status = summary(word).status.unwrap();
        assert!(status.is_known() && status.as_str() == word, "{word}");
    }
    for word in ["IN_PROGRESS", "Thawing"] {
        let status = summary(word).status.unwrap();
        assert!(!status.is_known() && status.as_str() == word, "{word}");
    }
    let known = [
        "IN_PROGRESS",
        "UNAUTHORIZED",
        "NEW",
        "CLOSED",
        "CANCELED",
        "REJECTED",
        "DRAFT",
        "THIRD_PARTY",
        "HOLD_CUSTOMER",
        "WAITING",
    ];
    for word in known.into_iter().chain(["InProgress"]) {
        let text = format!("\"{word}\"");
        let status: OrderStatus = json::from_slice(text.as_bytes()).unwrap();
        assert_eq!(
            (status.is_known(), status.as_str()),
            (word != "InProgress", word)
        );
    }
    // All that are documented are listed when nobody says which.
    let (recorder, kpn) = answers(r#"{"result": [], "total": 0}"#);
    kpn.orders().stream().try_collect::<Vec<_>>().await.unwrap();
    let target = target(&recorder);
    for word in known {
        assert!(target.contains(&format!("status={word}&")), "{target}");
    }
}

#[tokio::test]
async fn trap_11_a_reference_comes_back_changed() {
    let (sandbox, kpn) = start().await;
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    let order = kpn.sims().block(id, Some("1234568")).await.unwrap();
    let reference = order.summary.reference_number.clone().unwrap();
    assert!(reference.starts_with("1234568 ["), "{reference}");
    assert_eq!(order.summary.id, Some(order.id));
    assert!(kpn.orders().track(order.id).await.unwrap().is_some());
    // Without an id there is nothing to track, and no reason to order again.
    let (recorder, kpn) = answers(r#"{"referenceNumber": "1234568 [X]"}"#);
    let error = kpn.sims().block(id, Some("1234568")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("was carried out"), "{error}");
    assert_eq!(recorder.calls().len(), 1);
}

#[tokio::test]
async fn trap_12_success_is_an_order_and_no_write_is_repeated() {
    let (sandbox, kpn) = start().await;
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    let order = kpn.sims().block(id, None).await.unwrap();
    assert_eq!(order.summary.status, Some(OrderSummaryStatus::Initialized));
    assert_eq!(view(&sandbox, id).state, "ACTIVE");
    sandbox.kpn().finish_orders();
    assert_eq!(view(&sandbox, id).state, "BLOCKED");

    // A token that has gone: the call has not been carried out, and is made again with a new one.
    sandbox.kpn().gateway().revoke_tokens();
    let order = kpn.sims().unblock(id, None).await.unwrap();
    assert_eq!(sandbox.journal().count("unblockSim"), 2);
    assert_eq!(sandbox.kpn().gateway().tokens_issued(), 2);
    kpn.orders()
        .cancel_service_request(order.id, None)
        .await
        .unwrap();
    sandbox.kpn().finish_orders();
    // A project without the service: once more, and no more.
    sandbox.kpn().entitled(false);
    sandbox.journal().clear();
    let error = kpn.sims().unblock(id, None).await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(sandbox.journal().count("unblockSim"), 2);
    sandbox.kpn().entitled(true);

    for effect in [
        Effect::CutAfter,
        Effect::CutMidBody,
        Effect::Status(500),
        Effect::Html(502),
    ] {
        sandbox.journal().clear();
        sandbox
            .control()
            .add(Rule::on("replaceSim").times(1).then(effect.clone()));
        let card = mno_sdk::kpn::NewSim::Card(sandbox.kpn().spare_sims()[0].clone());
        let error = kpn.sims().replace(id, card, None, None).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{effect:?}: {error}");
        assert!(error.to_string().contains("listServiceRequests"), "{error}");
        assert_eq!(sandbox.journal().count("replaceSim"), 1, "{effect:?}");
        sandbox.kpn().finish_orders();
    }
}

#[tokio::test]
async fn trap_13_nineteen_writes_answer_with_nothing() {
    let nothing = Recorder::new(200, "", "");
    let kpn = Kpn::builder()
        .transport(nothing.transport())
        .rate_limits(RateLimits::unlimited())
        .build()
        .unwrap();
    kpn.orders().cancel(1, None).await.unwrap();
    kpn.orders().cancel_service_request(1, None).await.unwrap();
    kpn.thresholds().remove([1]).await.unwrap();
    kpn.thresholds().assign(1, [2]).await.unwrap();
    kpn.hierarchy().remove(1).await.unwrap();
    kpn.subscribers().change_roles(1, [2], []).await.unwrap();
    kpn.sims().validate(1, "8999300000000000017").await.unwrap();
    raw(&kpn)
        .delete_address(&DeleteAddress::new(1))
        .await
        .unwrap();
    assert_eq!(nothing.calls().len(), 8);
    // A type that the platform may claim for nothing, too.
    let nothing = Recorder::new(200, "application/json", "");
    let client = Client::new(nothing.transport());
    client.delete_address(&DeleteAddress::new(1)).await.unwrap();
    // But an order is no order without an answer.
    let request = BlockSim::new(BlockSimRequest::new().with_contract_id(1));
    let error = client.block_sim(&request).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn trap_14_prices_may_have_fractions() {
    let client = reads("getBasket.response");
    let basket = client
        .get_basket(&GetBasket::new().with_session_id("s"))
        .await
        .unwrap();
    let item = basket.product_tree.ok().next().unwrap();
    let price = item.price.as_ref().unwrap();
    let monthly = price.recurring.as_ref().unwrap().monthly_fee_in_cents;
    assert_eq!(monthly, Some(Decimal::new(70_025, 2)));
    let once = price.one_time.as_ref().unwrap();
    assert_eq!(once.activation_fee_in_cents, Some(1500.into()));
    let total = basket
        .total_price
        .as_ref()
        .unwrap()
        .recurring
        .as_ref()
        .unwrap();
    assert_eq!(total.monthly_fee_in_cents, Some(700.into()));
}

#[tokio::test]
async fn trap_15_an_invoice_is_a_file_or_text_in_base_64() {
    let pdf = b"%PDF-1.7\n\xff\x00binary".to_vec();
    let text = Base64(pdf.clone()).to_text();
    for (kind, body) in [
        ("application/pdf", pdf.clone()),
        ("", pdf.clone()),
        ("text/plain", text.clone().into_bytes()),
        ("application/json", format!("\"{text}\"").into_bytes()),
    ] {
        let recorder = Recorder::new(200, kind, body.clone());
        let kpn = Kpn::builder()
            .transport(recorder.transport())
            .rate_limits(RateLimits::unlimited())
            .build()
            .unwrap();
        assert_eq!(kpn.finances().download(9).await.unwrap(), pdf, "{kind}");
        // The generated client hands on what comes.
        let sent = raw(&kpn)
            .download_invoice(&DownloadInvoice::new(9))
            .await
            .unwrap();
        assert_eq!(sent.collect(1000).await.unwrap(), body);
    }
}

#[tokio::test]
async fn trap_16_pin_and_puk_are_not_shown() {
    let client = reads("getContract.response");
    let contract = client
        .get_contract(&GetContract::new(4_000_000_017_i64))
        .await
        .unwrap();
    assert_eq!(contract.pin.as_deref(), Some("7531"));
    assert_eq!(contract.puk.as_deref(), Some("86420975"));
    let shown = format!("{contract:?}");
    for secret in ["7531", "86420975", "99977770001", "8999300000000000017"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn trap_17_block_sim_has_a_hyphen() {
    let (recorder, kpn) = answers(message("updateSubscriber.response"));
    let order = kpn.sims().block(17, None).await.unwrap();
    assert_eq!(order.id, 7_654_321);
    assert_eq!(target(&recorder), "/order/block-sim");
    assert_eq!(
        recorder.call().request.body(),
        r#"{"contractId":17}"#.as_bytes()
    );
}

#[tokio::test]
async fn trap_18_literals_stand_beside_parameters() {
    let (sandbox, kpn) = start().await;
    let client = raw(&kpn);
    let id = sandbox.kpn().subscribers()[0];
    client.list_roles(&ListRoles::new()).await.unwrap();
    client
        .list_subscriber_contracts(&ListSubscriberContracts::new(id))
        .await
        .unwrap();
    kpn.subscribers().get(id).await.unwrap();
    client
        .get_threshold(&GetThreshold::new(9_001))
        .await
        .unwrap();
    client
        .get_threshold_availability(&mno_sdk::kpn::msm::GetThresholdAvailability::new())
        .await
        .unwrap();
    let operations = [
        "listRoles",
        "listSubscriberContracts",
        "getSubscriber",
        "getThreshold",
    ];
    let operations = operations.into_iter().chain(["getThresholdAvailability"]);
    assert_eq!(arrived(&sandbox), operations.collect::<Vec<_>>());
}

#[tokio::test]
async fn trap_19_categories_are_text_for_people() {
    let (_sandbox, kpn) = start().await;
    let basket = kpn.baskets().new_contract(1_000_005).await.unwrap();
    let query = ListMainProducts::new().with_category("SIM CARDS");
    let cards: Vec<_> = basket.main_products(&query).try_collect().await.unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].subcategory.as_deref(), Some("SIM CARDS"));
    let filters = Filters::new()
        .any(ContractColumn::ProductCategory, ["Network Services"])
        .unwrap();
    let query = ListContracts::new().with_filters(filters);
    let lines: Vec<_> = kpn.contracts().search(&query).try_collect().await.unwrap();
    assert!(!lines.is_empty());
    assert!(
        lines
            .iter()
            .all(|c| c.product_category.as_deref() == Some("Network Services"))
    );
    assert!(
        lines
            .iter()
            .all(|c| c.category.as_deref() != Some("Network Services"))
    );
}

/// Not on the list: a plain list ends after 20 without a word.
#[tokio::test]
async fn a_plain_list_is_not_the_whole_list() {
    let (_sandbox, kpn) = start().await;
    let page = raw(&kpn)
        .list_subscribers(&ListSubscribers::new())
        .await
        .unwrap();
    assert_eq!((page.result.len(), page.total), (20, Some(48)));
    let (_, kpn) = answers(r#"{"result": [], "total": null}"#);
    let query = ListOrders::new([OrderStatus::New]);
    assert!(
        kpn.orders()
            .search(&query)
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .is_empty()
    );
}
