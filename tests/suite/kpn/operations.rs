//! Every operation of the generated client, over the wire once at least.

use std::collections::{BTreeMap, BTreeSet};

use mno_sandbox::Outcome;
use mno_sandbox::kpn::Privilege;
use mno_sdk::kpn::msm::*;
use mno_sdk::runtime::Decimal;
use mno_sdk::runtime::json::Items;
use mno_sdk::runtime::rest::File;
use mno_sdk::runtime::values::DateTime;

use super::*;

/// Every item of a list, good.
fn all<T>(items: Items<T>) -> Vec<T> {
    items.into_all().unwrap()
}

fn en(text: &Option<LocalizedString>) -> &str {
    text.as_ref().unwrap().en.as_deref().unwrap()
}

/// Noon, some days from now.
fn in_days(days: u64) -> DateTime {
    let now = std::time::SystemTime::now();
    let then = now + Duration::from_secs(86_400 * days);
    DateTime::from_unix_seconds(DateTime::from(then).unix_seconds() / 86_400 * 86_400 + 43_200)
}

fn person(name: &str, number: &str) -> SubscriberDetailsRequestParams {
    SubscriberDetailsRequestParams::new(name, Gender::Female, "Weir")
        .with_employee_number(number)
        .with_mobile_number("99912345678")
}

fn address(city: &str) -> DeliveryAddressRequest {
    DeliveryAddressRequest::builder()
        .company_name("Meadow Pumps")
        .street("Molenlaan")
        .house_number("7")
        .postal_code("4321ZZ")
        .city(city)
        .country(DeliveryCountry::Nl)
        .build()
        .unwrap()
}

/// What the OpenAPI document has.
fn documented() -> BTreeSet<String> {
    let path = "../specs/openapi/kpn-msm/v11/openapi.yaml";
    let text = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("operationId: "));
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_operation_goes_over_the_wire() {
    let (sandbox, kpn) = start().await;
    let client = raw(&kpn);
    subscribers(&sandbox, &client).await;
    hierarchy(&sandbox, &client).await;
    finances(&sandbox, &client).await;
    addresses(&client).await;
    contracts(&sandbox, &client).await;
    thresholds(&sandbox, &client).await;
    sims(&sandbox, &client).await;
    ends(&sandbox, &client).await;
    baskets(&sandbox, &client).await;
    templates(&client).await;
    orders(&sandbox, &client).await;
    service_requests(&sandbox, &client).await;

    let calls = sandbox.journal().snapshot();
    let done = calls.iter().filter(|e| e.outcome == Outcome::Ok);
    let mut done: BTreeSet<_> = done.map(|e| e.operation.clone()).collect();
    assert!(done.remove("token"));
    let documented = documented();
    assert_eq!(documented.len(), 99);
    assert_eq!(done, documented);
    assert_eq!(sandbox.kpn().gateway().tokens_issued(), 1);
}

async fn subscribers(sandbox: &Sandbox, client: &Client) {
    let known = sandbox.kpn().subscribers();
    let request = ListSubscribers::new().with_from(1).with_to(4);
    let page = client.list_subscribers(&request).await.unwrap();
    assert_eq!(page.total, Some(i32::try_from(known.len()).unwrap()));
    let ids: Vec<_> = page.result.ok().map(|s| s.id.unwrap()).collect();
    assert_eq!(ids, known[1..4]);

    let request = CreateSubscriberRequestParams::new()
        .with_group_id(SALES)
        .with_reference_number("R-1")
        .with_subscriber(person("Ada", "E-9001"));
    let request = CreateSubscriber::new(request);
    let order = client.create_subscriber(&request).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("createSubscriber"));
    assert_eq!(order.context_name.as_deref(), Some("Weir, Ada"));
    assert_eq!(order.status, Some(OrderSummaryStatus::Initialized));
    assert_eq!(sandbox.kpn().subscribers().len(), known.len());
    sandbox.kpn().finish_orders();
    let ada = *sandbox.kpn().subscribers().last().unwrap();
    assert!(!known.contains(&ada));

    let read = client
        .get_subscriber(&GetSubscriber::new(ada))
        .await
        .unwrap();
    assert_eq!(read.first_name.as_deref(), Some("Ada"));
    assert_eq!(read.gender, Some(Gender::Female));
    assert_eq!(read.employee_number.as_deref(), Some("E-9001"));
    assert_eq!((read.user, read.vip), (Some(false), Some(false)));
    assert_eq!(read.location[1..3], ["Sandbox Noord BV", "Sales"]);
    assert_eq!(all(read.path).last().unwrap().id, Some(SALES));

    let request = UpdateSubscriberRequestParams::new()
        .with_subscriber(person("Ada", "E-9002").with_vip(true));
    let request = UpdateSubscriber::new(ada, request);
    let order = client.update_subscriber(&request).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("changeUserData"));
    sandbox.kpn().finish_orders();
    let request = MoveSubscriberRequestParams::new().with_destination_group_id(STORES);
    let order = client
        .move_subscriber(&MoveSubscriber::new(ada, request))
        .await
        .unwrap();
    assert_eq!(sandbox.kpn().order_status(order.id.unwrap()), Some("NEW"));
    sandbox.kpn().finish_orders();
    let read = client
        .get_subscriber(&GetSubscriber::new(ada))
        .await
        .unwrap();
    assert_eq!(read.employee_number.as_deref(), Some("E-9002"));
    assert_eq!(read.vip, Some(true));
    assert_eq!(all(read.path).last().unwrap().id, Some(STORES));

    let entities = client
        .list_grip_entities(&ListGripEntities::new())
        .await
        .unwrap();
    let entities = all(entities);
    assert_eq!(entities[0].user_name.as_deref(), Some("sandbox-6000002"));
    let entity = entities[0].id.unwrap();
    let request = LinkSubscriberToGripRequestParams::new()
        .with_subscriber_id(ada)
        .with_grip_entity_id(entity)
        .with_mobile_number("99912345678")
        .with_roles([5002]);
    let request = LinkSubscriberToGrip::new(request);
    let order = client.link_subscriber_to_grip(&request).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("linkSubscriberToGrip"));
    sandbox.kpn().finish_orders();
    let left = client
        .list_grip_entities(&ListGripEntities::new())
        .await
        .unwrap();
    assert_eq!(left.len(), entities.len() - 1);

    let roles = client.list_roles(&ListRoles::new()).await.unwrap();
    let names: Vec<_> = roles.result.ok().map(|r| r.name.clone().unwrap()).collect();
    assert_eq!(names, ["Administrator", "Orderer", "Authoriser", "Finance"]);
    let request = ListRolePrivileges::new(5004);
    let privileges = client.list_role_privileges(&request).await.unwrap();
    let expected = [
        "privileges_financial_documents_view",
        "privileges_billing_retention_portlet",
    ];
    assert_eq!(privileges, expected);
    let request = EditRolesRequest::new()
        .with_roles_to_add([5004])
        .with_roles_to_remove([5002]);
    let request = EditSubscriberRoles::new(ada, request);
    client.edit_subscriber_roles(&request).await.unwrap();
    let request = ListSubscriberRoles::new(ada);
    let roles = client.list_subscriber_roles(&request).await.unwrap();
    let has = roles.result.ok().filter(|r| r.selected == Some(true));
    assert_eq!(has.map(|r| r.id.unwrap()).collect::<Vec<_>>(), [5004]);

    let groups = ManagedGroupAssignmentParams::new().with_group_ids([SALES, PILOT]);
    let request = AssignManagedEntities::new(ada, groups);
    client.assign_managed_entities(&request).await.unwrap();
    let groups = ManagedGroupAssignmentParams::new().with_group_ids([SALES]);
    let request = UnassignManagedEntities::new(ada, groups);
    client.unassign_managed_entities(&request).await.unwrap();
    let request = ListManagedEntities::new(ada);
    let managed = all(client.list_managed_entities(&request).await.unwrap());
    assert_eq!(managed.len(), 1);
    assert_eq!(managed[0].name.as_deref(), Some("Pilot"));
    assert_eq!(managed[0].type_, Some(HierarchyItemType::CustomGroup));

    let may = |id| async move {
        let request = GetSubscriberOperations::new(id);
        let may = client.get_subscriber_operations(&request).await.unwrap();
        (
            may.removable.unwrap().enabled,
            may.roles_editable.unwrap().enabled,
        )
    };
    assert_eq!(may(ada).await, (Some(false), Some(true)));
    let alone = known[4]; // without contracts, in every sandbox
    assert_eq!(may(alone).await, (Some(true), Some(false)));
    let request = DeleteSubscriber::new(alone, DeleteSubscriberRequestParams::new());
    client.delete_subscriber(&request).await.unwrap();
    sandbox.kpn().finish_orders();
    assert!(!sandbox.kpn().subscribers().contains(&alone));

    let theirs = contract(sandbox, "MOBILE", "ACTIVE");
    let request = ListSubscriberContracts::new(theirs.subscriber);
    let page = client.list_subscriber_contracts(&request).await.unwrap();
    let listed: Vec<_> = page.result.ok().map(|c| c.id.unwrap()).collect();
    let held = sandbox.kpn().contracts().into_iter();
    let held: Vec<_> = held
        .filter(|c| c.subscriber == theirs.subscriber)
        .map(|c| c.id)
        .collect();
    assert_eq!(listed, held);
    let request = GetSubscriberContractsOverview::new(theirs.subscriber);
    let overview = client
        .get_subscriber_contracts_overview(&request)
        .await
        .unwrap();
    let mobile = &overview["MOBILE"];
    assert!(mobile.result.ok().any(|c| c.id == Some(theirs.id)));
}

async fn hierarchy(sandbox: &Sandbox, client: &Client) {
    let page = client
        .list_hierarchy_items(&ListHierarchyItems::new())
        .await
        .unwrap();
    assert_eq!(page.total, Some(2));
    let names: Vec<_> = page.result.ok().map(|i| i.name.clone().unwrap()).collect();
    assert_eq!(names, ["Sandbox Noord BV", "Sandbox Zuid BV"]);
    let may = client
        .get_hierarchy_operations(&GetHierarchyOperations::new())
        .await
        .unwrap();
    assert_eq!(may.create.unwrap().enabled, Some(true));

    let request = CreateCostCenterRequestParams::new()
        .with_group_id(NORTH)
        .with_name("Pumps")
        .with_cost_center_number("700");
    let answer = client
        .create_cost_center(&CreateCostCenter::new(request))
        .await
        .unwrap();
    let pumps = answer.group_id.unwrap();
    let request = CreateVirtualGroupRequestParams::new()
        .with_group_id(NORTH)
        .with_name("Trial");
    let answer = client
        .create_virtual_group(&CreateVirtualGroup::new(request))
        .await
        .unwrap();
    let trial = answer.group_id.unwrap();
    assert_ne!(pumps, trial);

    let request = UpdateChildRequestParams::new()
        .with_name("Pumps and pipes")
        .with_cost_center_number("701");
    let request = UpdateHierarchyItem::new(pumps, request);
    client.update_hierarchy_item(&request).await.unwrap();
    let request = MoveGroupsParams::new()
        .with_destination_group_id(trial)
        .with_moved_group_ids([pumps])
        .with_reference_number("R-2");
    let moved = client.move_groups(&MoveGroups::new(request)).await.unwrap();
    assert_eq!(moved.reference_number.as_deref(), Some("R-2"));
    let orders = all(moved.orders);
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].context_name.as_deref(), Some("Pumps and pipes"));
    sandbox.kpn().finish_orders();
    let item = client
        .get_hierarchy_item(&GetHierarchyItem::new(pumps))
        .await
        .unwrap();
    assert_eq!(item.name.as_deref(), Some("Pumps and pipes"));
    assert_eq!(item.cost_center.unwrap().number.as_deref(), Some("701"));
    assert_eq!(all(item.path).last().unwrap().id, Some(trial));
    let item = client
        .get_hierarchy_item(&GetHierarchyItem::new(NORTH))
        .await
        .unwrap();
    let debtor = item.debtor.unwrap();
    // Misspelt on the wire.
    assert_eq!(debtor.additional_invoice_layuot, Some(InvoiceLayout::Csv));
    assert_eq!(debtor.invice_flag, Some(true));

    let may = |id| async move {
        let request = GetHierarchyItemOperations::new(id);
        let may = client
            .get_hierarchy_item_operations(&request)
            .await
            .unwrap();
        may.remove.unwrap()
    };
    let blocked = may(trial).await;
    assert_eq!(blocked.enabled, Some(false));
    assert_eq!(blocked.reason, Some(HierarchyDenialReason::NoEntitiesToUse));
    assert_eq!(may(pumps).await.enabled, Some(true));
    client
        .remove_hierarchy_item(&RemoveHierarchyItem::new(pumps))
        .await
        .unwrap();
    assert_eq!(may(trial).await.enabled, Some(true));
}

async fn finances(sandbox: &Sandbox, client: &Client) {
    let request = ListInvoices::new().with_type(InvoiceType::CreditNote);
    let page = client.list_invoices(&request).await.unwrap();
    assert_eq!(page.total, Some(3));
    let invoice = page.result.ok().next().unwrap();
    assert_eq!(invoice.number.as_deref(), Some("SBX-2025-00008"));
    assert_eq!(invoice.type_, Some(InvoiceType::CreditNote));
    assert_eq!(invoice.date.unwrap().month(), 4);
    let body = client
        .download_invoice(&DownloadInvoice::new(invoice.id.unwrap()))
        .await
        .unwrap();
    let pdf = body.collect(100_000).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-1.4"));
    assert!(String::from_utf8_lossy(&pdf).contains("SBX-2025-00008"));

    let request = GetBillingPeriodAvailability::new();
    let may = client
        .get_billing_period_availability(&request)
        .await
        .unwrap();
    assert_eq!((may.enabled, may.visible), (Some(true), Some(true)));
    let request = ChangeBillingPeriodRequestParams::new().with_period(BillingPeriod::N25);
    let request = ChangeBillingPeriod::new(request);
    let order = client.change_billing_period(&request).await.unwrap();
    let blocked = client
        .get_billing_period_availability(&GetBillingPeriodAvailability::new())
        .await
        .unwrap();
    assert_eq!(blocked.enabled, Some(false));
    assert_eq!(all(blocked.blocking_orders)[0].id, order.id);
    sandbox.kpn().finish_orders();
    let item = client
        .get_hierarchy_item(&GetHierarchyItem::new(CUSTOMER))
        .await
        .unwrap();
    let customer = item.customer.unwrap();
    assert_eq!(customer.billing_retention_period, Some(BillingPeriod::N25));
}

async fn addresses(client: &Client) {
    let named = |list: Items<DeliveryAddress>| {
        let cities = all(list).into_iter().map(|a| a.city.unwrap());
        cities.collect::<Vec<_>>()
    };
    let list = client.list_addresses(&ListAddresses::new()).await.unwrap();
    assert_eq!(named(list), ["Voorbeeldstad", "Proefdorp"]);
    let request = CreateCustomerAddress::new(address("Ford"));
    let ford = client.create_customer_address(&request).await.unwrap();
    assert_eq!(ford.postal_code.as_deref(), Some("4321ZZ"));
    let request = CreateUserAddress::new(address("Mill"));
    let mill = client.create_user_address(&request).await.unwrap();
    let request = EditAddress::new(ford.id.unwrap(), address("Weir"));
    client.edit_address(&request).await.unwrap();
    let list = client
        .list_customer_addresses(&ListCustomerAddresses::new())
        .await
        .unwrap();
    assert_eq!(named(list), ["Voorbeeldstad", "Weir"]);
    client
        .delete_address(&DeleteAddress::new(mill.id.unwrap()))
        .await
        .unwrap();
    let list = client
        .list_user_addresses(&ListUserAddresses::new())
        .await
        .unwrap();
    assert_eq!(named(list), ["Proefdorp"]);
}

async fn contracts(sandbox: &Sandbox, client: &Client) {
    let known = sandbox.kpn().contracts();
    let request = ListContracts::new()
        .with_content_language("en")
        .with_category(ContractCategory::Fixed)
        .with_sort_by(ContractSortBy::FixedNumber)
        .with_order(SortOrder::Desc);
    let page = client.list_contracts(&request).await.unwrap();
    let mut fixed: Vec<_> = known
        .iter()
        .filter(|c| c.category == "FIXED")
        .map(|c| c.id)
        .collect();
    fixed.reverse();
    let listed: Vec<_> = page.result.ok().map(|c| c.id.unwrap()).collect();
    assert_eq!(listed, fixed);

    let mobile = contract(sandbox, "MOBILE", "ACTIVE");
    let read = client
        .get_contract(&GetContract::new(mobile.id))
        .await
        .unwrap();
    assert_eq!(read.id, Some(mobile.id));
    assert_eq!(read.status, Some(ContractStatusLetter::A));
    assert_eq!(read.phone_number, mobile.mobile_number);
    assert_eq!(
        read.uiccid.unwrap().as_str(),
        mobile.iccid.as_deref().unwrap()
    );
    assert_eq!(read.tariff_plan.as_deref(), Some("Mobile Voice and Data"));
    let tree = client
        .get_contract_items(&GetContractItems::new(mobile.id))
        .await
        .unwrap();
    assert_eq!(tree.product_bs_id, Some(10_001));
    let below: Vec<_> = tree.children.ok().map(|i| en(&i.name).to_owned()).collect();
    assert_eq!(below, ["Data Bundle", "Voicemail"]);

    let request = ListFixedNumbersToCombine::new(mobile.id);
    let page = client
        .list_fixed_numbers_to_combine(&request)
        .await
        .unwrap();
    let mut active: Vec<_> = known
        .iter()
        .filter(|c| c.category == "FIXED" && c.state == "ACTIVE")
        .map(|c| c.id)
        .collect();
    let mut listed: Vec<_> = page.result.ok().map(|c| c.id.unwrap()).collect();
    active.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, active);
    let request = ListMobileNumbersToCombine::new(active[0]).with_to(1);
    let page = client
        .list_mobile_numbers_to_combine(&request)
        .await
        .unwrap();
    let first = page.result.ok().next().unwrap();
    let theirs = view(sandbox, first.id.unwrap());
    assert_eq!(
        (theirs.category, theirs.mobile_number),
        ("MOBILE", first.mobile_number.clone())
    );

    let overview = client
        .get_contract_overview(&GetContractOverview::new())
        .await
        .unwrap();
    let count = |category| known.iter().filter(|c| c.category == category).count();
    for category in ["MOBILE", "FIXED", "HARDWARE", "SOFTWARE"] {
        assert_eq!(
            overview[category],
            i64::try_from(count(category)).unwrap(),
            "{category}"
        );
    }
}

async fn thresholds(sandbox: &Sandbox, client: &Client) {
    let request = GetThresholdAvailability::new();
    let may = client.get_threshold_availability(&request).await.unwrap();
    assert_eq!(may.enabled, Some(true));
    let params = |name: &str, daily| {
        ThresholdRequestParams::new()
            .with_name(name)
            .with_type(ThresholdType::DataRoamingMb)
            .with_daily_value(daily)
    };
    let request = CreateThreshold::new(params("Away", Decimal::new(205, 1)));
    client.create_threshold(&request).await.unwrap();
    let list = || async {
        let list = client
            .list_thresholds(&ListThresholds::new())
            .await
            .unwrap();
        let rows = all(list).into_iter();
        rows.map(|t| (t.name.unwrap(), t.id.unwrap()))
            .collect::<BTreeMap<_, _>>()
    };
    let before = list().await;
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        ["Away", "Calls abroad", "Data at home"]
    );
    let away = before["Away"];

    let mobile = contract(sandbox, "MOBILE", "ACTIVE").id;
    let ids = AssignContractsToThresholdRequestParams::new().with_contracts_ids([mobile]);
    let request = AssignContractsToThreshold::new(away, ids);
    client
        .assign_contracts_to_threshold(&request)
        .await
        .unwrap();
    let page = client
        .list_threshold_contracts(&ListThresholdContracts::new(away))
        .await
        .unwrap();
    assert_eq!(all(page.result)[0].id, Some(mobile));
    let request = ListContractsToAssign::new(away).with_to(1000);
    let page = client.list_contracts_to_assign(&request).await.unwrap();
    let rest: Vec<_> = page.result.ok().map(|c| c.id.unwrap()).collect();
    assert!(!rest.is_empty() && !rest.contains(&mobile));
    let blocked = client
        .get_threshold(&GetThreshold::new(away))
        .await
        .unwrap();
    assert_eq!(blocked.delete.unwrap().enabled, Some(false));
    let ids = UnassignContractsFromThresholdRequestParams::new().with_contracts_ids([mobile]);
    let request = UnassignContractsFromThreshold::new(away, ids);
    client
        .unassign_contracts_from_threshold(&request)
        .await
        .unwrap();

    let request = UpdateThreshold::new(away, params("Abroad", 25.into()));
    client.update_threshold(&request).await.unwrap();
    let read = client
        .get_threshold(&GetThreshold::new(away))
        .await
        .unwrap();
    let threshold = read.threshold.unwrap();
    assert_eq!(threshold.name.as_deref(), Some("Abroad"));
    assert_eq!(threshold.daily_value, Some(25.into()));
    assert_eq!(threshold.type_, Some(ThresholdType::DataRoamingMb));
    let request = RemoveThresholdParams::new().with_threshold_ids([away]);
    client
        .remove_thresholds(&RemoveThresholds::new(request))
        .await
        .unwrap();
    assert_eq!(list().await.len(), 2);
}

async fn sims(sandbox: &Sandbox, client: &Client) {
    let id = contract(sandbox, "MOBILE", "ACTIVE").id;
    let request = GetContractOperations::new(id);
    let may = client.get_contract_operations(&request).await.unwrap();
    assert_eq!(may.contract_id, Some(id));
    assert_eq!(may.block_sim.unwrap().enabled, Some(true));
    assert_eq!(may.unblock_sim.unwrap().visible, Some(false));

    let request = BlockSim::new(BlockSimRequest::new().with_contract_id(id));
    let order = client.block_sim(&request).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("blockSim"));
    sandbox.kpn().finish_orders();
    assert_eq!(view(sandbox, id).state, "BLOCKED");
    let request = UnblockSim::new(UnblockSimRequest::new().with_contract_id(id));
    let order = client.unblock_sim(&request).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("unblockSim"));
    sandbox.kpn().finish_orders();
    assert_eq!(view(sandbox, id).state, "ACTIVE");

    let card = sandbox.kpn().spare_sims()[0].clone();
    let request = UiccidValidationData::new()
        .with_contract_id(id)
        .with_new_sim_card_number(&card);
    client
        .validate_new_sim(&ValidateNewSim::new(request))
        .await
        .unwrap();
    let request = ReplaceSimRequest::new()
        .with_contract_id(id)
        .with_new_sim_card_number(&card);
    let order = client.replace_sim(&ReplaceSim::new(request)).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("replaceSim"));
    sandbox.kpn().finish_orders();
    assert_eq!(view(sandbox, id).iccid, Some(card));
}

async fn ends(sandbox: &Sandbox, client: &Client) {
    let kpn = sandbox.kpn();
    let moved = contract(sandbox, "MOBILE", "ACTIVE");
    let to = kpn.subscribers()[1];
    let request = MoveContractRequest::new()
        .with_contract_id(moved.id)
        .with_destination_group_id(to)
        .with_reference_number("R-3");
    let order = client
        .move_contract(&MoveContract::new(request))
        .await
        .unwrap();
    assert_eq!(order.operation.as_deref(), Some("moveContract"));
    kpn.finish_orders();
    assert_eq!(view(sandbox, moved.id).subscriber, to);

    let request = GetEarliestTerminationDate::new(moved.id);
    let earliest = client
        .get_earliest_termination_date(&request)
        .await
        .unwrap();
    let fee = |date| async move {
        let request = GetTerminationFee::new(moved.id, date);
        let fee = client.get_termination_fee(&request).await.unwrap();
        fee.termination_fee_in_cents.unwrap()
    };
    assert_eq!(fee(earliest).await, 0);
    assert!(fee(in_days(1)).await > 0);
    // Somebody may only ask for it; somebody else authorises it.
    let all = Privilege::ALL;
    kpn.privileges(
        all.into_iter()
            .filter(|p| *p != Privilege::OrdersAuthorization),
    );
    let request = TerminateContractRequest::new().with_contract_id(moved.id);
    let order = client
        .terminate_contract(&TerminateContract::new(request))
        .await
        .unwrap();
    assert_eq!(
        order.status,
        Some(OrderSummaryStatus::WaitingForAuthorization)
    );
    kpn.finish_orders();
    assert_eq!(view(sandbox, moved.id).state, "ACTIVE");
    kpn.privileges(all);
    let request = AuthorizeRequest::new().with_order_id(order.id.unwrap());
    let order = client
        .authorize_order(&AuthorizeOrder::new(request))
        .await
        .unwrap();
    assert_eq!(order.status, Some(OrderSummaryStatus::Initialized));
    kpn.finish_orders();
    assert_eq!(view(sandbox, moved.id).state, "CLOSED");

    let leaving = contract(sandbox, "MOBILE", "ACTIVE");
    let request = PortingOutRequest::new()
        .with_contract_id(leaving.id)
        .with_wish_date(in_days(10));
    let order = client.port_out(&PortOut::new(request)).await.unwrap();
    assert_eq!(order.operation.as_deref(), Some("portingOut"));
    kpn.finish_orders();
    assert_eq!(view(sandbox, leaving.id).state, "CLOSED");

    let both = contract(sandbox, "FIXED_MOBILE", "ACTIVE");
    let request = SeparateFixedMobileRequest::new().with_contract_id(both.id);
    let request = SeparateFixedMobile::new(request);
    let order = client.separate_fixed_mobile(&request).await.unwrap();
    assert_eq!(kpn.order_status(order.order_id.unwrap()), Some("NEW"));
    kpn.finish_orders();
    assert_eq!(view(sandbox, both.id).category, "MOBILE");
}

/// Opens a basket for a new contract of a subscriber; gives its session.
async fn open(client: &Client, subscriber: i64) -> String {
    let change = BasketChange::new().with_account_group_id(subscriber);
    let answer = client
        .change_basket(&ChangeBasket::new(change))
        .await
        .unwrap();
    answer.session_id.unwrap()
}

async fn put(client: &Client, session: &str, product: &str) {
    let action = ProductAction::new()
        .with_type(ProductActionType::Put)
        .with_product_id(product);
    let change = BasketChange::new().with_product_actions([action]);
    let request = ChangeBasket::new(change).with_session_id(session);
    let answer = client.change_basket(&request).await.unwrap();
    assert_eq!(answer.session_id.as_deref(), Some(session));
}

/// The id of a main product.
async fn product(client: &Client, name: &str) -> String {
    let page = client
        .list_main_products(&ListMainProducts::new())
        .await
        .unwrap();
    let named = |p: &&MainProduct| match &p.name {
        Some(MainProductName::LocalizedString(text)) => text.en.as_deref() == Some(name),
        _ => false,
    };
    page.result.ok().find(named).unwrap().id.clone().unwrap()
}

async fn order(client: &Client, session: &str) -> i64 {
    let request = OrderRequest::new().with_reference_number("R-4");
    let request = OrderBasket::new(request).with_session_id(session);
    client
        .order_basket(&request)
        .await
        .unwrap()
        .order_id
        .unwrap()
}

async fn baskets(sandbox: &Sandbox, client: &Client) {
    let subscriber = sandbox.kpn().subscribers()[1];
    let session = open(client, subscriber).await;
    let line = product(client, "Mobile Data").await;
    put(client, &session, &line).await;
    let request = GetBasket::new().with_session_id(&session);
    let basket = client.get_basket(&request).await.unwrap();
    let once = basket
        .total_price
        .as_ref()
        .unwrap()
        .one_time
        .as_ref()
        .unwrap();
    assert_eq!(once.activation_fee_in_cents, Some(1500.into()));
    let monthly = basket
        .total_price
        .as_ref()
        .unwrap()
        .recurring
        .as_ref()
        .unwrap();
    assert_eq!(monthly.monthly_fee_in_cents, Some(700.into()));
    let request = GetBasketCharacteristics::new().with_session_id(&session);
    let characteristics = client.get_basket_characteristics(&request).await.unwrap();
    assert_eq!(
        characteristics.keys().collect::<Vec<_>>(),
        ["eSim", "porting"]
    );
    assert_eq!(characteristics["porting"].value.as_deref(), Some("false"));
    let request = ListBasketProducts::new().with_session_id(&session);
    let trees = all(client.list_basket_products(&request).await.unwrap());
    let tree = trees.iter().find(|t| t.id.as_ref() == Some(&line)).unwrap();
    assert_eq!(tree.selected, Some(true));
    let strategy = tree.children_selection_strategy.as_ref();
    assert_eq!(strategy, Some(&ChildrenSelectionStrategy::SelectMany));

    let request = ListBasketResources::new("9996")
        .with_session_id(&session)
        .with_limit(3);
    let numbers = all(client.list_basket_resources(&request).await.unwrap());
    assert_eq!(numbers.len(), 3);
    assert!(numbers[0].address.as_ref().unwrap().starts_with("9996"));
    let request = ResetBasket::new().with_session_id(&session);
    client.reset_basket(&request).await.unwrap();
    let request = GetBasket::new().with_session_id(&session);
    let basket = client.get_basket(&request).await.unwrap();
    assert!(basket.product_tree.ok().all(|t| t.selected == Some(false)));
    put(client, &session, &line).await;
    let id = order(client, &session).await;
    let new = sandbox.kpn().contracts().pop().unwrap();
    assert_eq!((new.subscriber, new.state), (subscriber, "ORDERED"));
    sandbox.kpn().finish_orders();
    assert_eq!(sandbox.kpn().order_status(id), Some("CLOSED"));
    assert_eq!(view(sandbox, new.id).state, "ACTIVE");

    let categories = client
        .list_product_categories(&ListProductCategories::new())
        .await
        .unwrap();
    assert!(categories.contains(&"Network Services".to_owned()));
    let request = ListHardwareCategories::new();
    let categories = client.list_hardware_categories(&request).await.unwrap();
    assert_eq!(categories, ["Smartphones", "SIM CARDS"]);
}

async fn templates(client: &Client) {
    let request = ListTemplates::new(CUSTOMER);
    let overview = all(client.list_templates(&request).await.unwrap());
    assert_eq!(overview.len(), 1);
    assert_eq!(overview[0].name.as_deref(), Some("Standard line"));
    let id = overview[0].id.unwrap();

    let change = BasketChange::new().with_template_id_to_modify(id);
    let answer = client
        .change_basket(&ChangeBasket::new(change))
        .await
        .unwrap();
    let session = answer.session_id.unwrap();
    let request = ListBasketProducts::new().with_session_id(&session);
    let trees = all(client.list_basket_products(&request).await.unwrap());
    let main = trees.iter().find(|t| t.selected == Some(true)).unwrap();
    let roaming = main
        .children
        .ok()
        .find(|c| en(&c.name) == "Data Roaming EU")
        .unwrap();
    assert_eq!(roaming.selected, Some(false));
    put(client, &session, roaming.id.as_ref().unwrap()).await;
    let request = SaveAsTemplateRequest::new()
        .with_group_id(SALES)
        .with_name("Roaming line");
    let request = SaveBasketAsTemplate::new(request).with_session_id(&session);
    let saved = client
        .save_basket_as_template(&request)
        .await
        .unwrap()
        .id
        .unwrap();
    let request = ListBasketTemplates::new()
        .with_session_id(&session)
        .with_main_product_category(ProductCategory::Mobile)
        .with_pattern("roaming");
    let page = client.list_basket_templates(&request).await.unwrap();
    assert_eq!(page.total, Some(1));
    let listed = page.result.ok().next().unwrap();
    assert_eq!(listed.id, Some(saved.to_string()));
    let older = listed.product.as_ref().unwrap();
    assert_eq!(older.name.as_deref(), Some("Mobile Voice and Data"));
    let request = ModifyTemplate::new().with_session_id(&session);
    client.modify_template(&request).await.unwrap();

    let template = client.get_template(&GetTemplate::new(id)).await.unwrap();
    assert_eq!(
        (template.customer_level, template.valid),
        (Some(true), Some(true))
    );
    assert_eq!(
        template.locations[0].ok().next().unwrap().id,
        Some(CUSTOMER)
    );
    let items = all(template.items);
    let roaming = items[0]
        .items
        .ok()
        .find(|i| en(&i.product_name) == "Data Roaming EU")
        .unwrap();
    assert_eq!(roaming.option, Some(TemplateItemOption::DefaultSelected));
    client
        .delete_template(&DeleteTemplate::new(saved))
        .await
        .unwrap();
    let left = client
        .list_templates(&ListTemplates::new(SALES))
        .await
        .unwrap();
    assert!(left.ok().all(|t| t.id != Some(saved)));
}

async fn orders(sandbox: &Sandbox, client: &Client) {
    let kpn = sandbox.kpn();
    let subscriber = kpn.subscribers()[1];
    // Devices: enrolled, and sent back.
    let session = open(client, subscriber).await;
    for phone in ["Sample Phone A", "Sample Phone S"] {
        let phone = product(client, phone).await;
        put(client, &session, &phone).await;
    }
    let phones = order(client, &session).await;
    let read = client.get_order(&GetOrder::new(phones)).await.unwrap();
    assert_eq!(read.status, Some(OrderStatus::New));
    assert_eq!(read.customer_reference.as_deref(), Some("R-4"));
    assert_eq!(read.context_account_id, Some(subscriber));
    assert_eq!(read.one_time_cost_in_cents, Some(60_000 + 45_000 + 2 * 630));
    assert_eq!(read.items.len(), 2);
    kpn.finish_orders();
    let hardware = all(client
        .list_order_hardware(&ListOrderHardware::new(phones))
        .await
        .unwrap());
    assert_eq!(hardware.len(), 2);
    let apple = hardware.iter().find(|h| h.apple == Some(true)).unwrap();
    assert!(apple.imei.is_some() && apple.serial_number.is_some());
    let enrolment = HardwareEnrollmentRequest::new().with_order_id(phones);
    let request = EnrolInAppleDep::new(enrolment.clone());
    let enrolled = client.enrol_in_apple_dep(&request).await.unwrap();
    assert_eq!(enrolled.operation.as_deref(), Some("appleDepEnrollment"));
    let request = EnrolInSamsungKnox::new(enrolment);
    let enrolled = client.enrol_in_samsung_knox(&request).await.unwrap();
    assert_eq!(enrolled.operation.as_deref(), Some("samsungKnoxEnrollment"));
    let device = apple.contract_item.as_ref().unwrap().id.unwrap();
    let request = ReturnHardwareRequest::new()
        .with_order_id(phones)
        .with_hardware_to_return([device])
        .with_reason(ReturnReason::WrongDelivery);
    let back = client
        .return_hardware(&ReturnHardware::new(request))
        .await
        .unwrap();
    kpn.finish_orders();
    let request = GetPrettyOrder::new(phones);
    let pretty = client.get_pretty_order(&request).await.unwrap();
    assert_eq!(pretty.registered_for_apple_dep, Some(true));
    assert_eq!(pretty.registered_for_samsung_knox, Some(true));
    let lines = &pretty.items.unwrap()["New contract"];
    assert_eq!(lines.len(), 2);
    let request = ListReturnedHardwareRequests::new([OrderStatus::Closed]);
    let page = client
        .list_returned_hardware_requests(&request)
        .await
        .unwrap();
    let row = page.result.ok().next().unwrap();
    assert_eq!((page.total, row.id), (Some(1), back.id));
    let returned = row.returned_hardware.ok().next().unwrap();
    assert_eq!(returned.product.as_deref(), Some("Sample Phone A"));

    // A number from another operator, whose refusal is answered, and a change of mind.
    let session = open(client, subscriber).await;
    let line = product(client, "Mobile Data").await;
    put(client, &session, &line).await;
    for (name, value) in [
        ("porting", "true"),
        ("phoneNumber", "99977770001"),
        ("customerNumber", "C-1"),
    ] {
        let action = CharacteristicAction::new()
            .with_name(name)
            .with_value(value);
        let change = BasketChange::new().with_characteristic_actions([action]);
        let request = ChangeBasket::new(change).with_session_id(&session);
        client.change_basket(&request).await.unwrap();
    }
    let ported = order(client, &session).await;
    assert!(kpn.hold_port_in(ported, "The customer number is not known"));
    let request = ListOrders::new([OrderStatus::HoldCustomer, OrderStatus::Closed])
        .with_sort_by(OrderSortBy::CreationDate)
        .with_patterns(["99977770001".to_owned()]);
    let page = client.list_orders(&request).await.unwrap();
    assert_eq!(page.total, Some(1));
    let row = page.result.ok().next().unwrap();
    assert_eq!(row.id, Some(ported));
    assert_eq!(row.required_action, Some(RequiredAction::PortInDataChange));
    assert_eq!(
        row.porting_message.as_deref(),
        Some("The customer number is not known")
    );
    let change = ChangePortingData::new()
        .with_asap(true)
        .with_customer_number("C-2");
    let request = ChangeOrderPortingData::new(ported, change);
    client.change_order_porting_data(&request).await.unwrap();
    let read = client.get_order(&GetOrder::new(ported)).await.unwrap();
    assert_eq!(read.porting_customer_number.as_deref(), Some("C-2"));
    assert_eq!(read.status, Some(OrderStatus::New));
    let request = CancelOrder::new(ported).with_note("changed our minds");
    client.cancel_order(&request).await.unwrap();
    kpn.finish_orders();
    assert_eq!(kpn.order_status(ported), Some("CANCELED"));
}

async fn service_requests(sandbox: &Sandbox, client: &Client) {
    let kpn = sandbox.kpn();
    let may = client
        .get_bvm_availability(&GetBvmAvailability::new())
        .await
        .unwrap();
    assert_eq!(may.enabled, Some(true));
    let number = contract(sandbox, "MOBILE", "ACTIVE").mobile_number.unwrap();
    let file = format!("phoneNumber;kggNumber\r\n{number};17\r\n");
    let upload = File::new(file.clone())
        .with_name("lines.csv")
        .with_content_type("text/csv");
    let request = OrderBvm::builder()
        .company_name("Meadow & Pumps")
        .company_name_pronunciation("meh-doh")
        .voice_language(Language::Nl)
        .voice_mail_message("Later")
        .body(BvmOrderForm::new(upload))
        .build()
        .unwrap();
    let bvm = client.order_bvm(&request).await.unwrap();
    assert_eq!(bvm.context_name.as_deref(), Some("Meadow & Pumps"));
    let id = bvm.id.unwrap();
    let read = client
        .get_service_request(&GetServiceRequest::new(id))
        .await
        .unwrap();
    assert_eq!(read.status, Some(OrderStatus::New));
    assert_eq!(en(&read.type_), "Business voicemail");
    let attachment = read.attachments.ok().next().unwrap();
    assert_eq!(attachment.file_name.as_deref(), Some("lines.csv"));
    let request = DownloadServiceRequestAttachment::new(id, attachment.id.unwrap());
    let body = client
        .download_service_request_attachment(&request)
        .await
        .unwrap();
    assert_eq!(body.collect(1000).await.unwrap(), file.as_bytes());

    let request = CancelServiceRequest::new(id);
    client.cancel_service_request(&request).await.unwrap();
    let request = ListServiceRequests::new([OrderStatus::InProgress]).with_content_language("en");
    let page = client.list_service_requests(&request).await.unwrap();
    let row = page.result.ok().next().unwrap();
    assert_eq!((row.id, row.is_being_canceled), (Some(id), Some(true)));
    kpn.finish_orders();
    assert_eq!(kpn.order_status(id), Some("CANCELED"));

    let request = GetTrackAndTraceOverview::new();
    let overview = client.get_track_and_trace_overview(&request).await.unwrap();
    assert_eq!(overview["RETURNED_HARDWARE_SERVICE_REQUESTS"], 1);
    assert_eq!(overview["ORDERS"], 4);
}
