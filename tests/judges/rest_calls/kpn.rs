//! KPN Mobile Service Management.

use std::sync::Arc;

use anyhow::{Context, Result};
use mno_kpn_msm_v11::operations::*;
use mno_kpn_msm_v11::types::*;
use mno_sdk::kpn::msm::Client;
use mno_sdk::runtime::transport::Transport;

use super::Run;

/// Calls, each by the name of its method.
macro_rules! see {
    ($run:ident, $client:ident, $($method:ident($request:expr)),+ $(,)?) => {
        $( $run.see(stringify!($method), $client.$method(&$request).await); )+
    };
}

pub(crate) async fn calls(run: &mut Run, transport: Arc<dyn Transport>) -> Result<()> {
    let kpn = mno_sdk::Kpn::builder()
        .transport(transport)
        .rate_limits(mno_sdk::RateLimits::unlimited())
        .build()?;
    let client = Client::new(kpn.transport());

    let contracts = client.list_contracts(&ListContracts::new()).await;
    let contracts = run
        .see("list_contracts", contracts)
        .context("no contracts")?;
    let contract = contracts
        .result
        .ok()
        .find_map(|c| c.id)
        .context("no contract")?;
    let subscribers = client.list_subscribers(&ListSubscribers::new()).await;
    let subscribers = run.see("list_subscribers", subscribers);
    let subscribers = subscribers.context("no subscribers")?;
    let subscriber = subscribers
        .result
        .ok()
        .find_map(|s| s.id)
        .context("no subscriber")?;
    let open = || [OrderStatus::InProgress];
    see!(
        run,
        client,
        get_contract(GetContract::new(contract)),
        get_contract_items(GetContractItems::new(contract)),
        get_contract_operations(GetContractOperations::new(contract)),
        get_contract_overview(GetContractOverview::new()),
        get_earliest_termination_date(GetEarliestTerminationDate::new(contract)),
        list_fixed_numbers_to_combine(ListFixedNumbersToCombine::new(contract)),
        get_subscriber(GetSubscriber::new(subscriber)),
        get_subscriber_operations(GetSubscriberOperations::new(subscriber)),
        list_subscriber_contracts(ListSubscriberContracts::new(subscriber)),
        get_subscriber_contracts_overview(GetSubscriberContractsOverview::new(subscriber)),
        list_subscriber_roles(ListSubscriberRoles::new(subscriber)),
        list_managed_entities(ListManagedEntities::new(subscriber)),
        list_roles(ListRoles::new()),
        list_hierarchy_items(ListHierarchyItems::new()),
        get_hierarchy_operations(GetHierarchyOperations::new()),
        list_orders(ListOrders::new(open())),
        list_service_requests(ListServiceRequests::new(open())),
        list_returned_hardware_requests(ListReturnedHardwareRequests::new(open())),
        get_track_and_trace_overview(GetTrackAndTraceOverview::new()),
        list_thresholds(ListThresholds::new()),
        get_threshold_availability(GetThresholdAvailability::new()),
        list_invoices(ListInvoices::new()),
        get_billing_period_availability(GetBillingPeriodAvailability::new()),
        list_addresses(ListAddresses::new()),
        list_customer_addresses(ListCustomerAddresses::new()),
        list_user_addresses(ListUserAddresses::new()),
        list_product_categories(ListProductCategories::new()),
        list_hardware_categories(ListHardwareCategories::new()),
        get_bvm_availability(GetBvmAvailability::new()),
    );

    let basket = run.see("new_contract", kpn.baskets().new_contract(subscriber).await);
    if let Some(basket) = basket {
        let id = basket.session_id();
        see!(
            run,
            client,
            get_basket(GetBasket::new().with_session_id(id)),
            get_basket_characteristics(GetBasketCharacteristics::new().with_session_id(id)),
            list_main_products(ListMainProducts::new().with_session_id(id)),
            list_basket_products(ListBasketProducts::new().with_session_id(id)),
            list_basket_templates(ListBasketTemplates::new().with_session_id(id)),
            reset_basket(ResetBasket::new().with_session_id(id)),
        );
    }

    let block = BlockSimRequest::new()
        .with_contract_id(contract)
        .with_reference_number("judge");
    let unblock = UnblockSimRequest::new()
        .with_contract_id(contract)
        .with_reference_number("judge");
    let threshold = ThresholdRequestParams::new()
        .with_name("judge")
        .with_type(ThresholdType::DataNationalMb)
        .with_daily_value("12.50".parse::<mno_sdk::runtime::Decimal>()?);
    let person = SubscriberDetailsRequestParams::new("Made-up", Gender::Other, "Judge");
    let update = UpdateSubscriberRequestParams::new()
        .with_subscriber(person)
        .with_reference_number("judge");
    let address = DeliveryAddressRequest::builder()
        .city("Voorbeeld")
        .company_name("Judge")
        .country(DeliveryCountry::Nl)
        .house_number("1")
        .postal_code("1234AB")
        .street("Voorbeeldstraat")
        .build()?;
    see!(
        run,
        client,
        block_sim(BlockSim::new(block)),
        unblock_sim(UnblockSim::new(unblock)),
        create_threshold(CreateThreshold::new(threshold)),
        update_subscriber(UpdateSubscriber::new(subscriber, update)),
        create_customer_address(CreateCustomerAddress::new(address)),
    );
    Ok(())
}
