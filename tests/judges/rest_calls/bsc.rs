//! Telekom Business Smart Connect.

use std::sync::Arc;

use anyhow::{Context, Result};
use mno_sdk::runtime::transport::Transport;
use mno_telekom_bsc_v1::Client;
use mno_telekom_bsc_v1::operations::*;
use mno_telekom_bsc_v1::types::*;

use super::Run;

pub(crate) async fn calls(run: &mut Run, transport: Arc<dyn Transport>) -> Result<()> {
    let bsc = mno_sdk::TelekomBsc::builder()
        .transport(transport)
        .rate_limits(mno_sdk::RateLimits::unlimited())
        .build()?;
    let client = Client::new(bsc.transport());

    let list = run.see("listSims", client.list_sims(&ListSims::new()).await);
    let list = list.context("no list of SIMs")?;
    let sim = list.body.ok().next().context("there are no SIMs")?;
    let iccid = sim.iccid.clone().context("a SIM without ICCID")?;
    run.see("getSim", client.get_sim(&GetSim::new(iccid.clone())).await);
    let update = SimUpdate::new(iccid.clone(), SimStatus::Enabled).with_label("judged");
    let request = UpdateSim::new(iccid.clone(), update.clone());
    run.see("updateSim", client.update_sim(&request).await);
    let request = UpdateSims::new([update]);
    run.see("updateSims", client.update_sims(&request).await);
    let request = GetConnectivityInfo::new(iccid.clone());
    run.see(
        "getConnectivityInfo",
        client.get_connectivity_info(&request).await,
    );
    let request = ListEvents::new(iccid.clone());
    run.see("listEvents", client.list_events(&request).await);
    let request = GetDataQuota::new(iccid.clone());
    run.see("getDataQuota", client.get_data_quota(&request).await);
    let request = GetSmsQuota::new(iccid.clone());
    run.see("getSmsQuota", client.get_sms_quota(&request).await);
    let request = GetUsage::new(iccid.clone());
    run.see("getUsage", client.get_usage(&request).await);
    let request = TopUpSim::new(iccid.clone());
    run.see("topUpSim", client.top_up_sim(&request).await);
    let request = TopUpSims::new([iccid.as_str().to_owned()]);
    run.see("topUpSims", client.top_up_sims(&request).await);
    let message = SmsMessage::new()
        .with_source_address("12345")
        .with_payload("hello");
    let request = SendSms::new(iccid.clone(), message);
    run.see("sendSms", client.send_sms(&request).await);
    let request = ListSms::new(iccid.clone());
    let messages = run.see("listSms", client.list_sms(&request).await);
    let message = messages.and_then(|list| list.body.ok().find_map(|sms| sms.id));
    if let Some(id) = message {
        let request = GetSms::new(iccid.clone(), id);
        run.see("getSms", client.get_sms(&request).await);
        let request = CancelSms::new(iccid.clone(), id);
        run.see("cancelSms", client.cancel_sms(&request).await);
    }
    let request = ResetSim::new(iccid);
    run.see("resetSim", client.reset_sim(&request).await);

    let products = run.see(
        "listProducts",
        client.list_products(&ListProducts::new()).await,
    );
    let product = products.and_then(|list| list.ok().find_map(|product| product.id));
    let ordered = OrderedProduct::new()
        .with_product_id(product.unwrap_or(1))
        .with_quantity(2);
    let request = CreateOrder::new(OrderRequest::new([ordered]));
    run.see("createOrder", client.create_order(&request).await);
    let orders = run.see("listOrders", client.list_orders(&ListOrders::new()).await);
    let order = orders.and_then(|list| list.body.ok().find_map(|order| order.order_number));
    let request = GetOrder::new(order.unwrap_or(1));
    run.see("getOrder", client.get_order(&request).await);
    Ok(())
}
