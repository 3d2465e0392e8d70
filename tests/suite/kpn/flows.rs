//! What people do with KPN: subscribers, SIM cards, baskets, orders.

use futures_util::{StreamExt as _, TryStreamExt as _};
use mno_sandbox::kpn::Privilege;
use mno_sandbox::{Effect, Rule};
use mno_sdk::kpn::msm::{
    BillingPeriod, DeliveryAddressRequest, DeliveryCountry, ErrorCode, Gender, Language,
    ListBasketTemplates, ListContracts, ListMainProducts, ListServiceRequests, ListSubscribers,
    OrderStatus, ProductTreeItem, RequiredAction, SortOrder, SubscriberDetailsRequestParams,
    SubscriberSortBy, ThresholdType,
};
use mno_sdk::kpn::{
    Checkout, ContractColumn, Delivery, Filters, NewSim, PortIn, PortingDate, ProductColumn,
    SubscriberColumn, Tracked, error_code,
};
use mno_sdk::{ErrorKind, Kpn};

use super::*;

/// The orders of this sandbox are done soon.
fn quick(sandbox: &Sandbox) {
    sandbox.kpn().orders_after(Duration::from_millis(40));
}

async fn subscriber_ids(kpn: &Kpn, query: &ListSubscribers) -> Vec<i64> {
    let found = kpn.subscribers().search(query);
    found.map_ok(|s| s.id.unwrap()).try_collect().await.unwrap()
}

#[tokio::test]
async fn all_subscribers_come_however_long_a_window_is() {
    let (sandbox, kpn) = start().await;
    let known = sandbox.kpn().subscribers();
    assert_eq!(known.len(), 48);
    for (size, calls) in [(1000, 1), (100, 1), (48, 1), (20, 3), (7, 8)] {
        sandbox.journal().clear();
        let mut stream = kpn.subscribers().stream().with_page_size(size);
        assert_eq!(stream.total(), None);
        let mut ids = Vec::new();
        while let Some(subscriber) = stream.try_next().await.unwrap() {
            ids.push(subscriber.id.unwrap());
            assert_eq!(stream.total(), Some(48));
        }
        assert_eq!(ids, known);
        assert_eq!(
            sandbox.journal().count("listSubscribers"),
            calls,
            "by {size}"
        );
    }
}

#[tokio::test]
async fn lists_are_sorted_and_filtered_by_the_platform() {
    let (sandbox, kpn) = start().await;
    let known = sandbox.kpn().subscribers();
    let query = ListSubscribers::new()
        .with_sort_by(SubscriberSortBy::EmployeeNumber)
        .with_order(SortOrder::Desc);
    let mut reversed = known.clone();
    reversed.reverse();
    assert_eq!(subscriber_ids(&kpn, &query).await, reversed);
    let filters = Filters::new()
        .any(SubscriberColumn::EmployeeNumber, ["E-1001", "E-1003"])
        .unwrap();
    let query = ListSubscribers::new().with_filters(filters);
    assert_eq!(subscriber_ids(&kpn, &query).await, [known[0], known[2]]);

    let mut blocked: Vec<_> = sandbox.kpn().contracts();
    blocked.retain(|c| c.state == "CLOSED");
    let filters = Filters::new()
        .any(ContractColumn::State, ["CLOSED"])
        .unwrap();
    let found = kpn
        .contracts()
        .search(&ListContracts::new().with_filters(filters));
    let found: Vec<_> = found.map_ok(|c| c.id.unwrap()).try_collect().await.unwrap();
    assert_eq!(found, blocked.iter().map(|c| c.id).collect::<Vec<_>>());

    for wrong in [&["a\"b"][..], &[" "], &[]] {
        let wrong = wrong.iter().copied();
        let error = Filters::new()
            .any(ProductColumn::ProductName, wrong)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.path(), Some("PRODUCT_NAME"));
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_had_ends_the_stream_and_another_goes_on() {
    let (sandbox, kpn) = start().await;
    let rule = Rule::on("listSubscribers").skip(1).times(3);
    sandbox.control().add(rule.then(Effect::CutBefore));
    let stream = kpn.subscribers().stream().with_page_size(20);
    let mut stream = stream.with_read_ahead(0);
    let mut good = 0;
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(_) => good += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((good, stream.next_index()), (20, 20));
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(stream.next().await.is_none());
    let rest = kpn
        .subscribers()
        .stream()
        .with_start_index(stream.next_index());
    assert_eq!(rest.count().await, 28);
}

#[tokio::test]
async fn a_subscriber_from_creation_to_deletion() {
    let (sandbox, kpn) = start().await;
    quick(&sandbox);
    let (subscribers, orders) = (kpn.subscribers(), kpn.orders());
    let ada = SubscriberDetailsRequestParams::new("Ada", Gender::Female, "Weir")
        .with_employee_number("A-1")
        .with_email("ada@meadow.example")
        .with_comments("knows pumps");
    let order = subscribers
        .create(SALES, ada, None, Some("T-1"))
        .await
        .unwrap();
    assert!(!order.waits_for_authorization());
    let done = orders.wait_for(order.id, soon()).await.unwrap();
    assert_eq!(done.status(), Some(&OrderStatus::Closed));

    let filters = Filters::new()
        .any(SubscriberColumn::EmployeeNumber, ["A-1"])
        .unwrap();
    let query = ListSubscribers::new().with_filters(filters);
    let id = subscriber_ids(&kpn, &query).await[0];
    let mut edit = subscribers.edit(id).await.unwrap();
    assert_eq!(
        (edit.id(), edit.is_user(), edit.is_grip_user()),
        (id, false, false)
    );
    edit.email = None; // reset
    edit.preferred_language = Some(Language::Nl);
    let order = subscribers.update(&edit, None).await.unwrap();
    orders.wait_for(order.id, soon()).await.unwrap();
    let read = subscribers.get(id).await.unwrap();
    assert_eq!(read.email, None);
    assert_eq!(read.preferred_language, Some(Language::Nl));
    assert_eq!(read.comments.as_deref(), Some("knows pumps"));
    assert_eq!(read.employee_number.as_deref(), Some("A-1"));

    let order = subscribers
        .move_to(id, PILOT, None, Some("T-2"))
        .await
        .unwrap();
    orders.wait_for(order.id, soon()).await.unwrap();
    let path = subscribers.get(id).await.unwrap().path.into_all().unwrap();
    assert_eq!(path.last().unwrap().name.as_deref(), Some("Pilot"));
    assert_eq!(subscribers.contracts(id).count().await, 0);
    let may = subscribers.operations(id).await.unwrap();
    assert_eq!(may.removable.unwrap().enabled, Some(true));
    let order = subscribers.delete(id, None).await.unwrap();
    orders.wait_for(order.id, soon()).await.unwrap();
    let error = subscribers.get(id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_user_is_not_updated_by_accident() {
    let (sandbox, kpn) = start().await;
    let caller = sandbox.kpn().subscribers()[0];
    let mut edit = kpn.subscribers().edit(caller).await.unwrap();
    assert!(edit.is_user() && edit.is_grip_user());
    edit.comments = Some("the boss".to_owned());
    let error = kpn.subscribers().update(&edit, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.path(), Some("user, gripUser"));
    assert!(
        error.to_string().contains("even_if_user_is_reset"),
        "{error}"
    );
    assert_eq!(sandbox.journal().count("updateSubscriber"), 0);
    let edit = edit.even_if_user_is_reset();
    kpn.subscribers().update(&edit, None).await.unwrap();
    let read = kpn.subscribers().get(caller).await.unwrap();
    assert_eq!(read.comments.as_deref(), Some("the boss"));
    assert!(!format!("{edit:?}").contains("boss"));
}

#[tokio::test]
async fn roles_of_a_user() {
    let (sandbox, kpn) = start().await;
    let caller = sandbox.kpn().subscribers()[0];
    kpn.subscribers()
        .change_roles(caller, [5002, 5003], [])
        .await
        .unwrap();
    kpn.subscribers()
        .change_roles(caller, [], [5003])
        .await
        .unwrap();
    let roles: Vec<_> = kpn.subscribers().roles(caller).try_collect().await.unwrap();
    let has: Vec<_> = roles
        .into_iter()
        .filter(|r| r.selected == Some(true))
        .collect();
    let names: Vec<_> = has.iter().map(|r| r.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Administrator", "Orderer"]);
}

#[tokio::test]
async fn a_sim_card_blocked_unblocked_and_replaced() {
    let (sandbox, kpn) = start().await;
    quick(&sandbox);
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    let (sims, orders, contracts) = (kpn.sims(), kpn.orders(), kpn.contracts());
    let order = sims.block(id, Some("stolen")).await.unwrap();
    let Tracked::ServiceRequest(done) = orders.wait_for(order.id, soon()).await.unwrap() else {
        panic!("a service request");
    };
    assert_eq!(done.customer_reference.as_deref(), Some("stolen"));
    assert_eq!(view(&sandbox, id).state, "BLOCKED");
    let order = sims.unblock(id, None).await.unwrap();
    // As a task of its own, too.
    let waiting = tokio::spawn(async move { kpn.orders().wait_for(order.id, soon()).await });
    waiting.await.unwrap().unwrap();
    assert_eq!(view(&sandbox, id).state, "ACTIVE");

    let card = sandbox.kpn().spare_sims()[0].clone();
    sims.validate(id, card.as_str()).await.unwrap();
    let error = sims.validate(id, "8999300000000000999").await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
    assert!(
        !error.to_string().contains("8999300000000000999"),
        "{error}"
    );
    let new = NewSim::Card(card.clone());
    let order = sims.replace(id, new, None, Some("T-3")).await.unwrap();
    orders.wait_for(order.id, soon()).await.unwrap();
    assert_eq!(view(&sandbox, id).iccid, Some(card.clone()));

    let esim = |email: &str| NewSim::Esim {
        email: email.to_owned(),
        confirmation_code: Some("1234".to_owned()),
    };
    let error = sims.replace(id, esim(" "), None, None).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::InvalidRequest, Some("email"))
    );
    assert_eq!(sandbox.journal().count("replaceSim"), 1);
    let order = sims
        .replace(id, esim("ada@meadow.example"), None, None)
        .await
        .unwrap();
    orders.wait_for(order.id, soon()).await.unwrap();
    let now = view(&sandbox, id).iccid.unwrap();
    assert_ne!(now, card);
    let read = contracts.get(id).await.unwrap();
    assert_eq!(read.uiccid.unwrap().as_str(), now);
}

#[tokio::test]
async fn what_ends_a_wait() {
    let (sandbox, kpn) = start().await;
    let platform = sandbox.kpn();
    let orders = kpn.orders();
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;

    // Its time.
    let order = kpn.sims().block(id, None).await.unwrap().id;
    let short = soon().with_limit(Duration::from_millis(50));
    let error = orders.wait_for(order, short).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("is NEW"), "{error}");
    // Somebody who cancels it.
    orders
        .cancel_service_request(order, Some("found it"))
        .await
        .unwrap();
    platform.finish_orders();
    let error = orders.wait_for(order, soon()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert!(error.to_string().contains("is CANCELED"), "{error}");
    // The platform, which rejects it.
    let order = kpn.sims().block(id, None).await.unwrap().id;
    assert!(platform.reject_order(order));
    let error = orders.wait_for(order, soon()).await.unwrap_err();
    assert!(error.to_string().contains("is REJECTED"), "{error}");
    // An action that is wanted.
    let all = Privilege::ALL;
    platform.privileges(
        all.into_iter()
            .filter(|p| *p != Privilege::OrdersAuthorization),
    );
    let order = kpn.sims().block(id, None).await.unwrap();
    assert!(order.waits_for_authorization());
    let error = orders.wait_for(order.id, soon()).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("AUTHORIZATION"), "{error}");
    let error = orders.authorize(order.id).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    platform.privileges(all);
    assert!(
        !orders
            .authorize(order.id)
            .await
            .unwrap()
            .waits_for_authorization()
    );
    platform.finish_orders();
    orders.wait_for(order.id, soon()).await.unwrap();
    assert_eq!(view(&sandbox, id).state, "BLOCKED");
    // An order that nobody knows.
    assert!(orders.track(17).await.unwrap().is_none());
    let error = orders.wait_for(17, short).await.unwrap_err();
    assert!(
        error.to_string().contains("not in track and trace"),
        "{error}"
    );
    // And what is not about the order at all.
    sandbox.control().add(
        Rule::on("getServiceRequest")
            .times(1)
            .then(Effect::Status(403)),
    );
    let error = orders.wait_for(order.id, soon()).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
}

#[tokio::test]
async fn lists_of_orders_name_their_statuses() {
    let (sandbox, kpn) = start().await;
    let platform = sandbox.kpn();
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    let first = kpn.sims().block(id, None).await.unwrap().id;
    platform.finish_orders();
    let second = kpn.sims().unblock(id, None).await.unwrap().id;
    let ids = |list: mno_sdk::kpn::ServiceRequestStream| async {
        let ids = list.map_ok(|r| r.id.unwrap()).try_collect::<Vec<_>>().await;
        ids.unwrap()
    };
    let orders = kpn.orders();
    assert_eq!(ids(orders.service_requests()).await, [second, first]);
    let closed = ListServiceRequests::new([OrderStatus::Closed]);
    assert_eq!(ids(orders.search_service_requests(&closed)).await, [first]);
    assert_eq!(orders.stream().count().await, 0);
    let read = orders.get_service_request(second).await.unwrap();
    assert_eq!(read.status, Some(OrderStatus::New));
    assert_eq!(read.required_action, None);
}

/// An item of a basket's tree, by its name, wherever it stands.
fn item<'a>(
    tree: impl IntoIterator<Item = &'a ProductTreeItem>,
    name: &str,
) -> Option<&'a ProductTreeItem> {
    tree.into_iter().find_map(|i| {
        let own = i.name.as_ref().and_then(|n| n.en.as_deref());
        if own == Some(name) {
            Some(i)
        } else {
            item(i.children.ok(), name)
        }
    })
}

fn id_of<'a>(tree: impl IntoIterator<Item = &'a ProductTreeItem>, name: &str) -> String {
    item(tree, name).unwrap().id.clone().unwrap()
}

#[tokio::test]
async fn a_contract_is_changed_through_a_basket() {
    let (sandbox, kpn) = start().await;
    quick(&sandbox);
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    let basket = kpn.baskets().change_contract(id).await.unwrap();
    let content = basket.content();
    let bundle = item(content.product_tree.ok(), "Bundle 5 GB").unwrap();
    assert_eq!(
        (bundle.selected, bundle.contracted),
        (Some(true), Some(true))
    );
    let monthly = |basket: &mno_sdk::kpn::Basket<mno_sdk::kpn::Filled>| {
        let price = basket.content().total_price.clone().unwrap();
        price.recurring.unwrap().monthly_fee_in_cents.unwrap()
    };
    let larger = id_of(content.product_tree.ok(), "Bundle 20 GB");
    let basket = basket.put(larger, 1).await.unwrap();
    // One bundle takes the place of the other, and the basket knows without being asked.
    let tree = &basket.content().product_tree;
    assert_eq!(
        item(tree.ok(), "Bundle 5 GB").unwrap().selected,
        Some(false)
    );
    assert_eq!(monthly(&basket), (1000 + 1250).into());
    let roaming = id_of(tree.ok(), "Data Roaming EU");
    let basket = basket.put(roaming.as_str(), 1).await.unwrap();
    let basket = basket.remove(roaming).await.unwrap();
    let order = basket
        .order(Checkout::new().with_reference("T-4"))
        .await
        .unwrap();
    let Tracked::Order(done) = kpn.orders().wait_for(order, soon()).await.unwrap() else {
        panic!("an order");
    };
    assert_eq!(done.customer_reference.as_deref(), Some("T-4"));
    let items = kpn.contracts().items(id).await.unwrap();
    let bundles = items.children.ok().next().unwrap();
    let name = bundles.children.ok().next().unwrap().name.clone().unwrap();
    assert_eq!(name.en.as_deref(), Some("Bundle 20 GB"));
}

#[tokio::test]
async fn a_contract_with_an_open_order_is_not_opened() {
    let (sandbox, kpn) = start().await;
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    let order = kpn.sims().block(id, None).await.unwrap().id;
    let error = kpn.baskets().change_contract(id).await.unwrap_err();
    assert!(error.is_business_refusal(), "{error}");
    assert!(error.to_string().contains(&order.to_string()), "{error}");
    let hardware = contract(&sandbox, "HARDWARE", "ACTIVE").id;
    let error = kpn.baskets().change_contract(hardware).await.unwrap_err();
    assert!(error.is_business_refusal(), "{error}");
    assert_eq!(sandbox.journal().count("changeBasket"), 0);
}

#[tokio::test]
async fn a_new_line_from_a_template_on_a_card_of_the_customers() {
    let (sandbox, kpn) = start().await;
    quick(&sandbox);
    let platform = sandbox.kpn();
    let subscriber = platform.subscribers()[4];
    let card = platform.spare_sims()[3].clone();
    let basket = kpn.baskets().new_contract(subscriber).await.unwrap();
    let query = ListBasketTemplates::new().with_pattern("standard");
    let templates: Vec<_> = basket.templates(&query).try_collect().await.unwrap();
    let template = templates[0].id.clone().unwrap();
    let basket = basket.use_template(template).await.unwrap();
    let basket = basket.use_sim(&card[card.len() - 10..]).await.unwrap();
    let address = DeliveryAddressRequest::builder()
        .company_name("Meadow Pumps")
        .street("Molenlaan")
        .house_number("7")
        .postal_code("4321ZZ")
        .city("Ford")
        .country(DeliveryCountry::Nl)
        .build()
        .unwrap();
    let delivery = Delivery::To(Box::new(address));
    let order = basket
        .order(Checkout::new().with_delivery(delivery))
        .await
        .unwrap();
    let done = kpn.orders().wait_for(order, soon()).await.unwrap();
    let Tracked::Order(done) = done else {
        panic!("an order");
    };
    assert_eq!(done.delivery_address.unwrap().city.as_deref(), Some("Ford"));
    assert_eq!(done.sim.as_deref(), Some(card.as_str()));
    let theirs: Vec<_> = kpn
        .subscribers()
        .contracts(subscriber)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(theirs.len(), 1);
    assert_eq!(theirs[0].sim_card_number.as_deref(), Some(card.as_str()));
    assert!(!platform.spare_sims().contains(&card));
}

#[tokio::test]
async fn a_refused_step_leaves_the_basket_to_go_on_with() {
    let (sandbox, kpn) = start().await;
    let subscriber = sandbox.kpn().subscribers()[4];
    let basket = kpn.baskets().new_contract(subscriber).await.unwrap();
    let query = ListMainProducts::new().with_category("MOBILE");
    let products: Vec<_> = basket.main_products(&query).try_collect().await.unwrap();
    let line = products[0].id.clone().unwrap();

    let refused = basket.put("nothing", 1).await.unwrap_err();
    assert_eq!(error_code(refused.error()), Some(&ErrorCode::BasketInvalid));
    let (error, basket) = refused.into_parts();
    assert!(error.is_invalid_parameter(), "{error}");
    let (error, basket) = basket
        .unwrap()
        .put(line.as_str(), 101)
        .await
        .unwrap_err()
        .into_parts();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let basket = basket.unwrap().put(line, 1).await.unwrap();
    // What a basket is for is said once.
    let change = mno_sdk::kpn::msm::BasketChange::new().with_contract_id(17);
    let (error, basket) = basket.change(change).await.unwrap_err().into_parts();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::InvalidRequest, Some("contractId"))
    );

    // Too long for the platform, and for us.
    let long = PortIn::new("99977770002", "C-3").with_note("x".repeat(61));
    let calls = sandbox.journal().count("changeBasket");
    let (error, basket) = basket
        .unwrap()
        .port_in(&long)
        .await
        .unwrap_err()
        .into_parts();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::InvalidRequest, Some("note"))
    );
    assert_eq!(sandbox.journal().count("changeBasket"), calls);
    // A number that is somebody's here.
    let taken = contract(&sandbox, "MOBILE", "ACTIVE")
        .mobile_number
        .unwrap();
    let taken = PortIn::new(taken, "C-3");
    let (error, basket) = basket
        .unwrap()
        .port_in(&taken)
        .await
        .unwrap_err()
        .into_parts();
    let code = ErrorCode::InvalidMsisdnAlreadyExistsForACustomer;
    assert_eq!(error_code(&error), Some(&code));

    // Ordering is refused and tried again.
    sandbox.kpn().freeze_orders(true);
    let mut basket = basket.unwrap();
    let content = basket.refresh().await.unwrap();
    let porting = &content.characteristics.as_ref().unwrap()["porting"];
    assert_eq!(porting.value.as_deref(), Some("true"));
    let (error, basket) = basket
        .order(Checkout::new())
        .await
        .unwrap_err()
        .into_parts();
    let code = ErrorCode::OrderingIsBlockedForCustomer;
    assert_eq!(
        (error_code(&error), error.is_forbidden()),
        (Some(&code), true)
    );
    sandbox.kpn().freeze_orders(false);
    let basket = basket.unwrap().set("porting", "false").await.unwrap();
    basket.order(Checkout::new()).await.unwrap();
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_not_ordered_again() {
    let (sandbox, kpn) = start().await;
    let subscriber = sandbox.kpn().subscribers()[4];
    let basket = kpn.baskets().new_contract(subscriber).await.unwrap();
    let products: Vec<_> = basket
        .main_products(&ListMainProducts::new())
        .try_collect()
        .await
        .unwrap();
    let line = products[0].id.clone().unwrap();
    // A change that is lost: look, and go on.
    let rule = Rule::on("changeBasket").times(1);
    sandbox.control().add(rule.then(Effect::CutAfter));
    let (error, basket) = basket.put(line.as_str(), 1).await.unwrap_err().into_parts();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("getBasket"), "{error}");
    let mut basket = basket.unwrap();
    let tree = &basket.refresh().await.unwrap().product_tree;
    assert!(
        tree.ok()
            .any(|i| i.id.as_ref() == Some(&line) && i.selected == Some(true))
    );
    let basket = basket.put(line, 1).await.unwrap();

    sandbox
        .control()
        .add(Rule::on("orderBasket").then(Effect::CutAfter));
    let (error, basket) = basket
        .order(Checkout::new())
        .await
        .unwrap_err()
        .into_parts();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("listOrders"), "{error}");
    assert!(basket.is_none());
    assert_eq!(sandbox.journal().count("orderBasket"), 1);
    assert_eq!(kpn.orders().stream().count().await, 1);
}

#[tokio::test]
async fn a_number_from_another_operator() {
    let (sandbox, kpn) = start().await;
    let platform = sandbox.kpn();
    let basket = kpn
        .baskets()
        .new_contract(platform.subscribers()[4])
        .await
        .unwrap();
    let query = ListMainProducts::new().with_category("MOBILE");
    let products: Vec<_> = basket.main_products(&query).try_collect().await.unwrap();
    let basket = basket
        .put(products[0].id.clone().unwrap(), 1)
        .await
        .unwrap();
    let basket = basket
        .use_esim("ada@meadow.example", Some("4711"))
        .await
        .unwrap();
    let number = PortIn::new("99977770003", "C-4")
        .with_customer_name("Meadow Pumps")
        .with_keep_sim(false)
        .with_note("before noon");
    let basket = basket.port_in(&number).await.unwrap();
    let set = basket.content().characteristics.clone().unwrap();
    let value = |name: &str| set[name].value.clone().unwrap();
    assert_eq!(value("phoneNumber"), "99977770003");
    assert_eq!(value("keepExistingSimCard"), "false");
    assert_eq!(value("eSimConfirmationCode"), "4711");
    assert!(!format!("{number:?} {basket:?}").contains("99977770003"));
    let order = basket.order(Checkout::new()).await.unwrap();

    assert!(platform.hold_port_in(order, "unknown customer number"));
    let error = kpn.orders().wait_for(order, soon()).await.unwrap_err();
    assert!(error.to_string().contains("PORT_IN_DATA_CHANGE"), "{error}");
    let held = kpn.orders().track(order).await.unwrap().unwrap();
    assert_eq!(
        held.required_action(),
        Some(&RequiredAction::PortInDataChange)
    );
    let asap = PortingDate::AsSoonAsPossible;
    kpn.orders()
        .change_porting(order, asap, Some("C-5"))
        .await
        .unwrap();
    platform.finish_orders();
    let Tracked::Order(done) = kpn.orders().wait_for(order, soon()).await.unwrap() else {
        panic!("an order");
    };
    assert_eq!(done.porting_customer_number.as_deref(), Some("C-5"));
    assert_eq!(done.msisdn.unwrap().as_str(), "99977770003");
    assert_eq!(done.e_sim_email.as_deref(), Some("ada@meadow.example"));
    assert!(!format!("{:?}", kpn.orders().get(order).await.unwrap()).contains("meadow"));
}

#[tokio::test]
async fn fixed_and_mobile_combined_and_what_was_ended_brought_back() {
    let (sandbox, kpn) = start().await;
    let platform = sandbox.kpn();
    let fixed = contract(&sandbox, "FIXED", "ACTIVE").id;
    let mobile = contract(&sandbox, "MOBILE", "ACTIVE");
    let basket = kpn.baskets().combine(fixed, mobile.id).await.unwrap();
    basket.order(Checkout::new()).await.unwrap();
    platform.finish_orders();
    assert_eq!(view(&sandbox, mobile.id).category, "FIXED_MOBILE");

    let contracts = kpn.contracts();
    let date = contracts.earliest_termination(mobile.id).await.unwrap();
    let fee = contracts.termination_fee(mobile.id, date).await.unwrap();
    assert_eq!(fee.termination_fee_in_cents, Some(0));
    let ended = contracts.terminate(mobile.id, None, None).await.unwrap().id;
    platform.finish_orders();
    assert_eq!(view(&sandbox, mobile.id).state, "CLOSED");
    let request = kpn.orders().get_service_request(ended).await.unwrap();
    assert_eq!(request.reactivate.unwrap().enabled, Some(true));
    let basket = kpn
        .baskets()
        .reactivate(mobile.subscriber, ended)
        .await
        .unwrap();
    basket.order(Checkout::new()).await.unwrap();
    platform.finish_orders();
    assert_eq!(view(&sandbox, mobile.id).state, "ACTIVE");

    let to = platform.subscribers()[4];
    let error = contracts
        .move_to(mobile.id, to, None, Some(&"x".repeat(26)))
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidRequest);
    contracts
        .move_to(mobile.id, to, None, Some("T-5"))
        .await
        .unwrap();
    platform.finish_orders();
    assert_eq!(view(&sandbox, mobile.id).subscriber, to);
    contracts.port_out(mobile.id, None, None).await.unwrap();
    platform.finish_orders();
    assert_eq!(view(&sandbox, mobile.id).state, "CLOSED");
}

#[tokio::test]
async fn templates_are_changed_and_kept() {
    let (_sandbox, kpn) = start().await;
    let baskets = kpn.baskets();
    let basket = baskets.template(12_002).await.unwrap();
    let address = id_of(basket.content().product_tree.ok(), "Fixed IP Address");
    basket.put(address, 1).await.unwrap().save().await.unwrap();

    let basket = baskets.new_contract(1_000_005).await.unwrap();
    let basket = basket.use_template("12002").await.unwrap();
    let tree = &basket.content().product_tree;
    assert_eq!(
        item(tree.ok(), "Fixed IP Address").unwrap().selected,
        Some(true)
    );
    let kept = basket
        .save_as_template(NORTH, "With address")
        .await
        .unwrap();
    let query = ListBasketTemplates::new();
    let templates: Vec<_> = basket.templates(&query).try_collect().await.unwrap();
    assert!(
        templates
            .iter()
            .any(|t| t.template_definition_id == Some(kept))
    );
    basket.order(Checkout::new()).await.unwrap();
}

#[tokio::test]
async fn thresholds_given_and_taken() {
    let (sandbox, kpn) = start().await;
    let thresholds = kpn.thresholds();
    let id = contract(&sandbox, "MOBILE", "ACTIVE").id;
    thresholds
        .create("Abroad", ThresholdType::DataRoamingMb, 50.into())
        .await
        .unwrap();
    let all = thresholds.list().await.unwrap().into_all().unwrap();
    let made = all
        .iter()
        .find(|t| t.name.as_deref() == Some("Abroad"))
        .unwrap()
        .id
        .unwrap();
    let before = thresholds.assignable(made).count().await;
    thresholds.assign(made, [id]).await.unwrap();
    assert_eq!(thresholds.assignable(made).count().await, before - 1);
    let has: Vec<_> = thresholds.contracts(made).try_collect().await.unwrap();
    assert_eq!(has[0].id, Some(id));

    // 404, and it is there all the same.
    let error = thresholds.remove([made]).await.unwrap_err();
    assert_eq!(error_code(&error), Some(&ErrorCode::RemovingBlocked));
    assert!(error.is_not_found(), "{error}");
    thresholds.unassign(made, [id]).await.unwrap();
    let kind = ThresholdType::VoiceNationalMin;
    thresholds
        .update(made, "Minutes", kind.clone(), 30.into())
        .await
        .unwrap();
    let read = thresholds.get(made).await.unwrap().threshold.unwrap();
    assert_eq!(
        (read.name.as_deref(), read.type_),
        (Some("Minutes"), Some(kind))
    );
    thresholds.remove([made]).await.unwrap();
    let error = thresholds.get(made).await.unwrap_err();
    assert_eq!(error_code(&error), Some(&ErrorCode::ThresholdNotFound));
}

#[tokio::test]
async fn the_hierarchy_from_the_top() {
    let (sandbox, kpn) = start().await;
    let hierarchy = kpn.hierarchy();
    let top: Vec<_> = hierarchy.top().try_collect().await.unwrap();
    let names: Vec<_> = top.iter().map(|i| i.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Sandbox Noord BV", "Sandbox Zuid BV"]);
    let pumps = hierarchy
        .create_cost_center(NORTH, "Pumps", "700")
        .await
        .unwrap();
    let trial = hierarchy.create_group(NORTH, "Trial").await.unwrap();
    hierarchy
        .update_cost_center(pumps, "Pipes", "701")
        .await
        .unwrap();
    hierarchy.rename_group(trial, "Trials").await.unwrap();
    let moved = hierarchy
        .move_groups([pumps], trial, None, Some("T-6"))
        .await
        .unwrap();
    let order = moved.orders.ok().next().unwrap().id.unwrap();
    sandbox.kpn().finish_orders();
    kpn.orders().wait_for(order, soon()).await.unwrap();
    let below: Vec<_> = hierarchy.below(trial).try_collect().await.unwrap();
    assert_eq!(below.len(), 1);
    assert_eq!(below[0].cost_center_number.as_deref(), Some("701"));
    let item = hierarchy.get(trial).await.unwrap();
    assert_eq!(item.name.as_deref(), Some("Trials"));
    let may = hierarchy.operations(trial).await.unwrap();
    assert_eq!(may.remove.unwrap().enabled, Some(false));
    let error = hierarchy.remove(trial).await.unwrap_err();
    assert_eq!(
        error_code(&error),
        Some(&ErrorCode::ForbiddenPathWhenRemoving)
    );
    hierarchy.remove(pumps).await.unwrap();
    hierarchy.remove(trial).await.unwrap();
    let error = hierarchy.get(trial).await.unwrap_err();
    assert_eq!(
        error_code(&error),
        Some(&ErrorCode::VirtualHierarchyItemNotFound)
    );
}

#[tokio::test]
async fn invoices_and_their_files() {
    let (sandbox, kpn) = start().await;
    let finances = kpn.finances();
    let invoices: Vec<_> = finances.invoices().try_collect().await.unwrap();
    assert_eq!(invoices.len(), 24); // more than the platform gives unasked
    let (id, number) = (
        invoices[20].id.unwrap(),
        invoices[20].number.clone().unwrap(),
    );
    let pdf = finances.download(id).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert!(String::from_utf8_lossy(&pdf).contains(&number));
    let error = finances.download(17).await.unwrap_err();
    assert_eq!(error_code(&error), Some(&ErrorCode::InvoiceNotFound));
    assert_eq!(finances.billing_period().await.unwrap().enabled, Some(true));
    finances
        .change_billing_period(BillingPeriod::N25, Some("T-7"))
        .await
        .unwrap();
    assert_eq!(sent(&sandbox, "changeBillingPeriod")["period"], "25");

    sandbox.kpn().block_finances(true);
    let error = finances.download(id).await.unwrap_err();
    assert_eq!(error_code(&error), Some(&ErrorCode::OperationBlocked));
    // In each of the shapes that the platform may write it in.
    sandbox
        .kpn()
        .error_shape(mno_sandbox::kpn::ErrorShape::Wrapped);
    let error = finances.download(id).await.unwrap_err();
    assert_eq!(error_code(&error), Some(&ErrorCode::OperationBlocked));
    sandbox
        .kpn()
        .error_shape(mno_sandbox::kpn::ErrorShape::Texts);
    let error = finances.download(id).await.unwrap_err();
    assert_eq!(error_code(&error), None);
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn devices_and_files_of_orders() {
    let (sandbox, kpn) = start().await;
    let basket = kpn
        .baskets()
        .new_contract(sandbox.kpn().subscribers()[4])
        .await
        .unwrap();
    let query = ListMainProducts::new().with_category("Smartphones");
    let phones: Vec<_> = basket.main_products(&query).try_collect().await.unwrap();
    let basket = basket.put(phones[0].id.clone().unwrap(), 2).await.unwrap();
    let order = basket
        .order(Checkout::new().with_delivery(Delivery::Stored(11_001)))
        .await
        .unwrap();
    sandbox.kpn().finish_orders();
    let devices = kpn
        .orders()
        .hardware(order)
        .await
        .unwrap()
        .into_all()
        .unwrap();
    assert_eq!(devices.len(), 2);
    let read = kpn.orders().get(order).await.unwrap();
    let city = read.delivery_address.unwrap().city;
    assert_eq!(city.as_deref(), Some("Voorbeeldstad"));
    let error = kpn.orders().attachment(order, 1).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let error = kpn.orders().cancel(order, None).await.unwrap_err();
    assert_eq!(error_code(&error), Some(&ErrorCode::OperationNotPossible));
}

#[tokio::test]
async fn a_spent_quota_is_waited_for() {
    let (sandbox, kpn) = start().await;
    kpn.finances().billing_period().await.unwrap(); // has a token
    sandbox.journal().clear();
    let gateway = sandbox.kpn().gateway();
    gateway.too_many_requests(1, Duration::from_millis(1500));
    let may = kpn.finances().billing_period().await.unwrap();
    assert_eq!(may.enabled, Some(true));
    // `quota-reset-UTC` said when to come back.
    let calls = sandbox.journal().snapshot();
    assert_eq!(
        calls.iter().map(|e| e.status).collect::<Vec<_>>(),
        [429, 200]
    );
    let waited = calls[1].arrival - calls[0].arrival;
    assert!(waited >= Duration::from_millis(1400), "{waited:?}");
}
