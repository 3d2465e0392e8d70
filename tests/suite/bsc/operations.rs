//! Every operation of the generated client, over the wire.

use std::collections::BTreeSet;
use std::sync::Arc;

use mno_sdk::HttpsTransport;
use mno_sdk::bsc::management::*;
use mno_sdk::runtime::Decimal;
use mno_sdk::runtime::transport::{Call, Transport as _};
use mno_sdk::runtime::values::{Base64, Date, DateTime, Lexical as _};

use super::*;

/// What the contract has, but for the token, which has a test of its own.
const OPERATIONS: [&str; 20] = [
    "cancelSms",
    "createOrder",
    "getConnectivityInfo",
    "getDataQuota",
    "getOrder",
    "getSim",
    "getSms",
    "getSmsQuota",
    "getUsage",
    "listEvents",
    "listOrders",
    "listProducts",
    "listSims",
    "listSms",
    "resetSim",
    "sendSms",
    "topUpSim",
    "topUpSims",
    "updateSim",
    "updateSims",
];

fn time(seconds: i64) -> DateTime {
    DateTime::from_unix_seconds(seconds)
}

/// A number that stands in thousandths in the sandbox.
fn thousandths(value: u64) -> Option<Decimal> {
    Some(Decimal::new(i64::try_from(value).unwrap(), 3))
}

fn same_sim(read: &Sim, theirs: &Card) {
    assert_eq!(read.iccid, Some(iccid(theirs)));
    assert_eq!(read.iccid_with_luhn, theirs.iccid_with_luhn().parse().ok());
    assert_eq!(read.imsi, theirs.imsi.parse().ok());
    assert_eq!(read.current_imsi, theirs.imsi.parse().ok());
    assert_eq!(read.msisdn, theirs.msisdn.parse().ok());
    assert_eq!(read.imei, theirs.imei.parse().ok());
    assert_eq!(read.imei_lock, Some(theirs.imei_lock));
    let status = match theirs.enabled {
        true => SimStatus::Enabled,
        false => SimStatus::Disabled,
    };
    assert_eq!(read.status, Some(status));
    assert_eq!(read.label.as_ref(), Some(&theirs.label));
    assert_eq!(read.ip_address, Some(theirs.ip_address.to_string()));
    let activated = read.activation_date.as_ref().unwrap();
    assert_eq!(activated.unix_seconds(), theirs.activated.unix());
    assert_eq!(read.current_quota, thousandths(theirs.data.left));
    assert_eq!(read.current_quota_sms, thousandths(theirs.sms.left));
    assert!(read.quota_status.as_ref().unwrap().id.is_some());
}

#[tokio::test]
async fn every_operation_once() {
    let (sandbox, bsc) = start(20).await;
    let client = bsc.sims().raw().clone();
    sims(&sandbox, &client).await;
    usage(&sandbox, &client).await;
    messages(&sandbox, &client).await;
    orders(&sandbox, &client).await;

    let journal = sandbox.journal().snapshot();
    let called: BTreeSet<_> = journal.iter().map(|e| &*e.operation).collect();
    let expected: BTreeSet<_> = OPERATIONS.into_iter().chain(["token"]).collect();
    assert_eq!(called, expected);
    assert!(journal.iter().all(|e| e.status < 300), "{journal:?}");
}

#[tokio::test]
async fn the_operation_for_a_token() {
    let (sandbox, _) = start(1).await;
    let https = HttpsTransport::builder(sandbox.rest_url())
        .extra_root_pem(sandbox.pki().root_pem())
        .only_extra_roots(true)
        .build()
        .unwrap();
    let user = format!("{}:{}", sandbox.bsc().user(), sandbox.bsc().password());
    let mut basic = "Basic ".to_owned();
    Base64::from(user.into_bytes()).write(&mut basic);
    let https = Arc::new(https);
    let transport = move |mut call: Call| {
        let headers = call.request.headers_mut();
        headers.insert("authorization", basic.parse().unwrap());
        let https = Arc::clone(&https);
        async move { https.send(call).await }
    };
    let client = Client::new(Arc::new(transport));
    let form = TokenRequest::new(GrantType::ClientCredentials);
    let token = client.create_token(&CreateToken::new(form)).await.unwrap();
    assert_eq!(sandbox.bsc().gateway().tokens_issued(), 1);
    assert_eq!(token.token_type.as_deref(), Some("bearer"));
    assert_eq!(token.scope.as_deref(), Some("all"));
    assert!(token.expires_in > Some(0));
    assert!(token.user_id.is_some() && token.org_id.is_some());
    assert!(!format!("{token:?}").contains(&token.access_token));
    assert_eq!(sent(&sandbox, "token"), "grant_type=client_credentials");
}

async fn sims(sandbox: &Sandbox, client: &Client) {
    let theirs = sandbox.bsc().sims();
    let request = ListSims::new()
        .with_page(2)
        .with_page_size(6)
        .with_sort("-imei");
    let page = client.list_sims(&request).await.unwrap();
    let totals = (page.x_total_count, page.x_total_pages);
    assert_eq!(totals, (Some(20), Some(4)));
    assert_eq!(
        (page.x_current_page, page.x_count_per_page),
        (Some(2), Some(6))
    );
    let read = page.body.into_all().unwrap();
    assert_eq!(read.len(), 6);
    // They were made with rising IMEIs.
    for (read, theirs) in read.iter().zip(theirs.iter().rev().skip(6)) {
        same_sim(read, theirs);
    }

    let target = sim(sandbox, true);
    let read = client.get_sim(&GetSim::new(iccid(&target))).await.unwrap();
    same_sim(&read, &target);

    let update = SimUpdate::new(iccid(&target), SimStatus::Disabled)
        .with_label("Gate 1")
        .with_imei_lock(true);
    let request = UpdateSim::new(iccid(&target), update.clone());
    client.update_sim(&request).await.unwrap();
    let changed = now(sandbox, &target);
    assert_eq!((changed.enabled, changed.imei_lock), (false, true));
    assert_eq!(changed.label, "Gate 1");

    let back = update.with_status(SimStatus::Enabled).with_label("Gate 2");
    client.update_sims(&UpdateSims::new([back])).await.unwrap();
    assert!(!now(sandbox, &target).enabled, "it is queued");
    sandbox.bsc().finish_queued();
    let changed = now(sandbox, &target);
    assert_eq!((changed.enabled, &*changed.label), (true, "Gate 2"));

    let request = GetConnectivityInfo::new(iccid(&target)).with_ussd(true);
    let info = client.get_connectivity_info(&request).await.unwrap();
    assert_eq!(info.ussd_info.unwrap().success, Some(true));
    let subscriber = info.subscriber_info.unwrap();
    assert_eq!(subscriber.state.as_deref(), Some("assumedIdle"));
    let cell = subscriber.location.unwrap().cell_global_id.unwrap();
    assert_eq!(
        (cell.mcc.as_deref(), cell.mnc.as_deref()),
        (Some("001"), Some("01"))
    );
    assert_eq!(cell.cid, Some(10_000 + target.id as i64));

    let request = ResetSim::new(iccid(&target));
    client.reset_sim(&request).await.unwrap();
    sandbox.bsc().finish_queued();
    let request = ListEvents::new(iccid(&target)).with_sort("-timestamp");
    let request = request.with_page_size(100);
    let answer = client.list_events(&request).await.unwrap();
    let total = answer.body.total_events;
    assert_eq!(total, answer.x_total_count);
    assert_eq!(answer.body.total_pages, Some(1));
    let events = answer.body.events.into_all().unwrap();
    assert_eq!(total, Some(events.len() as i64));
    assert!(events.iter().all(|e| e.imsi == target.imsi.parse().ok()));
    assert!(
        events
            .iter()
            .all(|e| e.alert.is_some() && e.timestamp.is_some())
    );
    let kinds: Vec<_> = events
        .iter()
        .filter_map(|e| e.event_type.as_deref())
        .collect();
    assert!(kinds.contains(&"SIM suspension"), "{kinds:?}");
}

async fn usage(sandbox: &Sandbox, client: &Client) {
    let target = sim(sandbox, true);
    sandbox.bsc().use_data(&target.iccid, 435_787, 1);
    let now = now(sandbox, &target);
    let request = GetDataQuota::new(iccid(&target));
    let quota = client.get_data_quota(&request).await.unwrap();
    assert_eq!(quota.volume, thousandths(now.data.left));
    assert_eq!(quota.total_volume, thousandths(now.data.total));
    assert_eq!(quota.last_volume_added, thousandths(now.data.added));
    let expires = quota.expiry_date.unwrap().unix_seconds();
    assert_eq!(expires, now.data.expires.unix());
    assert_eq!(quota.threshold_percentage, Some(20));
    let request = GetSmsQuota::new(iccid(&target));
    let quota = client.get_sms_quota(&request).await.unwrap();
    assert_eq!(quota.volume, thousandths(now.sms.left));
    assert_eq!(quota.total_volume, thousandths(now.sms.total));

    let today = time(mno_sandbox::Timestamp::now().unix()).date();
    let request = GetUsage::new(iccid(&target));
    let all = client.get_usage(&request).await.unwrap();
    let all = all.stats.into_all().unwrap();
    let request = request.with_start_dt(today).with_end_dt(today);
    let one = client.get_usage(&request).await.unwrap();
    let [day] = &one.stats.into_all().unwrap()[..] else {
        panic!("one day");
    };
    assert!(all.len() > 1 && all.last() == Some(day));
    // The zone stands in our value alone.
    let date = Date::from_unix_days(today.unix_days()).to_string();
    assert_eq!(day.date, Some(date));
    let data = day.data.as_ref().unwrap();
    assert_eq!(data.volume, thousandths(435_788));
    assert_eq!(data.volume_rx, thousandths(435_787));
    assert_eq!(data.volume_tx, thousandths(1));
    assert_eq!(data.cost, Some(Decimal::ZERO));
    assert_eq!(data.currency.as_ref().unwrap().code.as_deref(), Some("EUR"));
    assert_eq!(
        data.traffic_type.as_ref().unwrap().unit.as_deref(),
        Some("MB")
    );
}

async fn messages(sandbox: &Sandbox, client: &Client) {
    let target = sim(sandbox, true);
    let message = SmsMessage::new()
        .with_payload("00DF")
        .with_source_address("99901")
        .with_dcs(DataCodingScheme::Binary)
        .with_udh("0003050201")
        .with_source_address_type(
            SourceAddressType::new().with_id(SourceAddressTypeId::Alphanumeric),
        );
    let request = SendSms::new(iccid(&target), message);
    client.send_sms(&request).await.unwrap();
    let theirs = sandbox.bsc().messages().remove(0);
    assert_eq!((&*theirs.payload, theirs.dcs), ("00DF", 4));
    assert_eq!(theirs.udh.as_deref(), Some("0003050201"));
    assert_eq!(theirs.source_address_type, 208);

    let id = i64::try_from(theirs.id).unwrap();
    let read = client
        .get_sms(&GetSms::new(iccid(&target), id))
        .await
        .unwrap();
    assert_eq!(read.id, Some(id));
    assert_eq!(read.iccid, Some(iccid(&target)));
    assert_eq!(read.msisdn, target.msisdn.parse().ok());
    assert_eq!(read.payload.as_deref(), Some("00DF"));
    assert_eq!(read.udh.as_deref(), Some("0003050201"));
    assert_eq!(read.dcs, Some(DataCodingScheme::Binary));
    assert_eq!(read.submit_date, Some(time(theirs.submitted.unix())));
    assert_eq!(read.expiry_date, Some(time(theirs.expires.unix())));
    let status = read.status.as_ref().unwrap();
    assert_eq!(status.id, Some(SmsStatusId::AttemptPending));
    let kind = read.sms_type.as_ref().unwrap();
    assert_eq!(kind.id, Some(SmsTypeId::ToSim));
    assert_eq!(kind.description, Some(SmsDirection::Mt));
    let sender = read.source_address_type.as_ref().unwrap();
    assert_eq!(sender.id, Some(SourceAddressTypeId::Alphanumeric));

    let request = ListSms::new(iccid(&target))
        .with_page(1)
        .with_page_size(100);
    let page = client.list_sms(&request).await.unwrap();
    assert_eq!(page.x_total_count, Some(1));
    assert_eq!(page.body.into_all().unwrap(), [read]);

    let answer = client.cancel_sms(&CancelSms::new(iccid(&target), id)).await;
    answer.unwrap();
    let theirs = sandbox.bsc().messages().remove(0);
    assert_eq!(theirs.status, mno_sandbox::bsc::SmsStatus::Cancelled);
}

async fn orders(sandbox: &Sandbox, client: &Client) {
    let products = client.list_products(&ListProducts::new()).await.unwrap();
    let products = products.into_all().unwrap();
    let chip = products
        .iter()
        .find(|p| p.material.as_deref() == Some("MFF2"))
        .unwrap();
    assert_eq!((chip.min_quantity, chip.max_quantity), (Some(1), Some(5)));
    let charge = chip.one_time_charges.ok().next().unwrap();
    assert_eq!(charge.amount_net, Some(Decimal::new(1205, 1)));
    assert_eq!(charge.currency.as_deref(), Some("EUR"));

    let address = DeliveryAddress::new()
        .with_salutation(Salutation::Ms)
        .with_last_name("Weir")
        .with_street("Mill Lane")
        .with_house_number("1")
        .with_zip("00001")
        .with_city("Ford")
        .with_country("DE");
    let two = OrderedProduct::new()
        .with_product_id(chip.id.unwrap())
        .with_quantity(2);
    let order = OrderRequest::new([two])
        .with_delivery_address(address.clone())
        .with_customer_reference("PO-0001");
    let answer = client.create_order(&CreateOrder::new(order)).await.unwrap();
    assert_eq!(answer, CreateOrderResponse::Created);
    let theirs = sandbox.bsc().orders().pop().unwrap();
    assert_eq!(theirs.products, [(chip.id.unwrap() as u64, 2)]);

    let number = i64::try_from(theirs.number).unwrap();
    let read = client.get_order(&GetOrder::new(number)).await.unwrap();
    assert_eq!(read.order_number, Some(number));
    assert_eq!(read.order_type, Some(OrderType::AdditionalOrder));
    assert_eq!(read.order_status.as_deref(), Some(theirs.status));
    assert_eq!(read.order_date, Some(time(theirs.date.unix())));
    assert_eq!(read.invoice_amount, Some(Decimal::new(241, 0)));
    assert_eq!(read.currency.as_deref(), Some("EUR"));
    assert_eq!(read.shipping_address, Some(address));
    let product = read.products.ok().next().unwrap();
    assert_eq!((product.product_id, product.quantity), (chip.id, Some(2)));

    let request = ListOrders::new()
        .with_page_size(1)
        .with_sort("-order_number");
    let page = client.list_orders(&request).await.unwrap();
    assert_eq!(page.body.into_all().unwrap(), [read]);

    let target = sim(sandbox, true);
    let request = TopUpSim::new(iccid(&target));
    let request = request.with_payment_method(PaymentMethod::Creditcard);
    let answer = client.top_up_sim(&request).await.unwrap();
    let made = sandbox.bsc().orders().pop().unwrap();
    assert_eq!(made.kind, "TOPUP");
    let expected = format!("{}/v1/orders/{}", sandbox.bsc().base_url(), made.number);
    assert_eq!(answer.location, Some(expected));
    let before = now(sandbox, &target).data.total;
    let request = TopUpSims::new([target.iccid.clone()]);
    let answer = client.top_up_sims(&request).await.unwrap();
    assert!(answer.location.is_some());
    assert_eq!(sandbox.bsc().orders().pop().unwrap().kind, "BULK_TOPUP");
    assert!(now(sandbox, &target).data.total > before);
}
