//! What users do.

use futures_util::TryStreamExt as _;
use mno_sandbox::bsc::SmsStatus;
use mno_sandbox::{Effect, Rule};
use mno_sdk::bsc::management::{
    OrderRequest, OrderType, OrderedProduct, PaymentMethod, SimStatus, SmsMessage, SmsStatusId,
};
use mno_sdk::bsc::{OrderNumber, SimChange, SimFilter, SmsId};
use mno_sdk::{ErrorKind, runtime::Decimal};

use super::*;

#[tokio::test]
async fn all_sims_come_in_as_many_pages_as_it_takes() {
    let (sandbox, bsc) = start(205).await;
    let all: Vec<_> = bsc
        .sims()
        .stream(SimFilter::new())
        .try_collect()
        .await
        .unwrap();
    let iccids: Vec<_> = all.into_iter().map(|s| s.iccid.unwrap()).collect();
    let theirs: Vec<_> = sandbox.bsc().sims().iter().map(iccid).collect();
    assert_eq!(iccids, theirs);
    assert_eq!(sandbox.journal().count("listSims"), 3);

    // Pages are numbered, and a stream can begin in the middle of one.
    let mut some = bsc
        .sims()
        .stream(SimFilter::new())
        .with_page_size(50)
        .with_start_index(199);
    let first = some.try_next().await.unwrap().unwrap();
    assert_eq!(first.iccid.as_ref(), theirs.get(199));
    assert_eq!((some.total(), some.next_index()), (Some(205), 200));
    assert_eq!(some.try_collect::<Vec<_>>().await.unwrap().len(), 5);
    assert_eq!(sandbox.journal().count("listSims"), 5);
}

#[tokio::test]
async fn a_sim_is_found_by_its_device_and_by_its_address() {
    let (sandbox, bsc) = start(20).await;
    let wanted = sandbox.bsc().sims().remove(7);
    let imei = wanted.imei.parse().unwrap();
    let address = wanted.ip_address.into();
    for filter in [
        SimFilter::new().imei(imei),
        SimFilter::new().ip_address(address),
    ] {
        let found: Vec<_> = bsc.sims().stream(filter).try_collect().await.unwrap();
        let [found] = &found[..] else {
            panic!("{} SIMs", found.len());
        };
        assert_eq!(found.iccid, Some(iccid(&wanted)));
    }
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let (sandbox, bsc) = start(20).await;
    let before = sim(&sandbox, true);
    let sims = bsc.sims();
    let read = sims.get(&iccid(&before)).await.unwrap();
    let lock = SimChange::new().with_imei_lock(!before.imei_lock);
    sims.update(&read, &lock).await.unwrap();
    let after = now(&sandbox, &before);
    assert_eq!(after.imei_lock, !before.imei_lock);
    assert_eq!((after.enabled, &after.label), (true, &before.label));

    let read = sims.get(&iccid(&before)).await.unwrap();
    let off = SimChange::new().with_status(SimStatus::Disabled);
    sims.update(&read, &off.with_label("Gate 1")).await.unwrap();
    let after = now(&sandbox, &before);
    assert_eq!(after.imei_lock, !before.imei_lock);
    assert_eq!((after.enabled, &*after.label), (false, "Gate 1"));
}

#[tokio::test]
async fn many_sims_are_changed_later_and_waited_for() {
    let (sandbox, bsc) = start(20).await;
    let sims = bsc.sims();
    let all: Vec<_> = sims.stream(SimFilter::new()).try_collect().await.unwrap();
    let on: Vec<_> = all
        .iter()
        .filter(|s| s.status == Some(SimStatus::Enabled))
        .collect();
    assert!(on.len() > 2);
    let off = SimChange::new().with_status(SimStatus::Disabled);
    sims.update_many(on, &off).await.unwrap();
    let one = sim(&sandbox, true);
    let shortly = soon().with_limit(Duration::from_millis(10));
    let waited = sims
        .wait_for_status(&iccid(&one), &SimStatus::Disabled, shortly)
        .await;
    let error = waited.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("the SIM is Enabled"), "{error}");

    sandbox.bsc().finish_queued();
    let waited = sims
        .wait_for_status(&iccid(&one), &SimStatus::Disabled, soon())
        .await;
    assert_eq!(waited.unwrap().label.as_ref(), Some(&one.label));
    assert!(sandbox.bsc().sims().iter().all(|s| !s.enabled));

    let error = sims.update_many([], &off).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(sandbox.journal().count("updateSims"), 1);
}

#[tokio::test]
async fn a_message_is_sent_found_and_delivered() {
    let (sandbox, bsc) = start(20).await;
    let sim = sim(&sandbox, true);
    let messages = bsc.messages();
    let message = SmsMessage::new()
        .with_payload("report")
        .with_source_address("99901");
    messages.send(&iccid(&sim), message).await.unwrap();
    let all: Vec<_> = messages.stream(&iccid(&sim)).try_collect().await.unwrap();
    let [listed] = &all[..] else {
        panic!("{} messages", all.len());
    };
    assert_eq!(listed.payload.as_deref(), Some("report"));
    assert_eq!(listed.source_address.as_deref(), Some("99901"));
    let id = SmsId::new(listed.id.unwrap());
    let shortly = soon().with_limit(Duration::from_millis(10));
    let error = messages.wait(&iccid(&sim), id, shortly).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");

    sandbox.bsc().finish_queued();
    let delivered = messages.wait(&iccid(&sim), id, soon()).await.unwrap();
    assert_eq!(delivered.status.unwrap().id, Some(SmsStatusId::Delivered));
    assert!(delivered.delivery_date.is_some());
}

#[tokio::test]
async fn a_message_that_waits_is_cancelled_and_one_that_arrived_is_not() {
    let (sandbox, bsc) = start(20).await;
    let sim = sim(&sandbox, true);
    let messages = bsc.messages();
    let message = || SmsMessage::new().with_payload("report");
    messages.send(&iccid(&sim), message()).await.unwrap();
    let id = SmsId::new(i64::try_from(sandbox.bsc().messages()[0].id).unwrap());
    messages.cancel(&iccid(&sim), id).await.unwrap();
    assert_eq!(sandbox.bsc().messages()[0].status, SmsStatus::Cancelled);
    let cancelled = messages.wait(&iccid(&sim), id, soon()).await.unwrap();
    assert_eq!(cancelled.status.unwrap().id, Some(SmsStatusId::Cancelled));
    let error = messages.cancel(&iccid(&sim), id).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 422);
    assert_eq!(error.fault_code(), Some("1406"));
    assert!(!error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn a_top_up_is_an_order_and_more_volume() {
    let (sandbox, bsc) = start(20).await;
    let sim = sim(&sandbox, true);
    let sims = bsc.sims();
    let before = sims.data_quota(&iccid(&sim)).await.unwrap();
    let number = sims
        .top_up(&iccid(&sim), PaymentMethod::Monthlyinvoice)
        .await;
    let number = number.unwrap().unwrap();
    let order = bsc.orders().get(number).await.unwrap();
    assert_eq!(order.order_type, Some(OrderType::Topup));
    let iccids: Vec<_> = order.sims.ok().map(|s| s.iccid.clone()).collect();
    assert_eq!(iccids, [Some(iccid(&sim))]);
    let after = sims.data_quota(&iccid(&sim)).await.unwrap();
    let added = after.last_volume_added.unwrap();
    assert!(added > Decimal::ZERO);
    assert_eq!(after.volume.unwrap(), before.volume.unwrap() + added);
    assert_eq!(
        after.volume.unwrap(),
        Decimal::new(now(&sandbox, &sim).data.left as i64, 3)
    );

    let both: Vec<_> = sandbox.bsc().sims()[..2].iter().map(iccid).collect();
    let number = sims
        .top_up_many(&both, PaymentMethod::Creditcard)
        .await
        .unwrap();
    let order = bsc.orders().get(number.unwrap()).await.unwrap();
    assert_eq!(order.order_type, Some(OrderType::BulkTopup));
    assert_eq!(order.sims.len(), 2);
    let error = sims
        .top_up_many([], PaymentMethod::Creditcard)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(sandbox.journal().count("topUpSims"), 1);
}

#[tokio::test]
async fn sims_are_ordered_and_the_orders_listed() {
    let (sandbox, bsc) = start(5).await;
    let orders = bsc.orders();
    let products = orders.products().await.unwrap();
    let product = products.ok().next().unwrap();
    let two = OrderedProduct::new()
        .with_product_id(product.id.unwrap())
        .with_quantity(2);
    let sims = sandbox.bsc().sims().len();
    for _ in 0..11 {
        orders
            .place(OrderRequest::new([two.clone()]))
            .await
            .unwrap();
    }
    let all: Vec<_> = orders.stream().try_collect().await.unwrap();
    let theirs = sandbox.bsc().orders();
    assert_eq!(all.len(), theirs.len());
    let last = all.last().unwrap();
    assert_eq!(
        last.order_number.unwrap() as u64,
        theirs.last().unwrap().number
    );
    assert_eq!(last.order_type, Some(OrderType::AdditionalOrder));
    let pages = all.len().div_ceil(10);
    assert_eq!(sandbox.journal().count("listOrders"), pages);

    sandbox.bsc().finish_queued();
    let order = orders
        .get(OrderNumber::new(last.order_number.unwrap()))
        .await
        .unwrap();
    let per_package = product.package_size.unwrap() as usize;
    assert_eq!(order.sims.len(), 2 * per_package);
    assert_eq!(sandbox.bsc().sims().len(), sims + 11 * 2 * per_package);
}

#[tokio::test]
async fn events_and_a_reset() {
    let (sandbox, bsc) = start(20).await;
    let sim = sim(&sandbox, true);
    let events = || bsc.sims().events(&iccid(&sim)).try_collect::<Vec<_>>();
    let before = events().await.unwrap();
    assert!(before.iter().all(|e| e.iccid == Some(iccid(&sim))));
    bsc.sims().reset(&iccid(&sim)).await.unwrap();
    assert_eq!(events().await.unwrap().len(), before.len(), "it is queued");
    sandbox.bsc().finish_queued();
    assert!(events().await.unwrap().len() > before.len());
}

#[tokio::test]
async fn refusals_say_what_they_are() {
    let (sandbox, bsc) = start(20).await;
    let error = bsc.sims().get(&unknown()).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.fault_code(), Some("1201"));
    assert!(!error.to_string().contains("8999"), "{error}");

    let sim = sim(&sandbox, true);
    sandbox.bsc().expire(&sim.iccid);
    let read = bsc.sims().get(&iccid(&sim)).await.unwrap();
    let error = bsc
        .sims()
        .update(&read, &SimChange::new())
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 422);
    assert!(!error.is_outcome_unknown(), "{error}");

    let rule = Rule::on("telekom-bsc/getSim").times(1);
    sandbox.control().add(rule.then(Effect::Status(403)));
    let error = bsc.sims().get(&iccid(&sim)).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
}

#[tokio::test]
async fn a_refusal_for_rate_is_waited_out() {
    let (sandbox, bsc) = start(5).await;
    let first = iccid(&sandbox.bsc().sims()[0]);
    bsc.orders().products().await.unwrap();
    sandbox.bsc().gateway().too_many_requests(1, Duration::ZERO);
    let payload = SmsMessage::new().with_payload("once");
    bsc.messages().send(&first, payload).await.unwrap();
    assert_eq!(sandbox.bsc().messages().len(), 1);
    assert_eq!(sandbox.journal().count("sendSms"), 2);
}

fn is_send(_: impl Send) {}

#[tokio::test]
async fn calls_can_be_tasks_of_their_own() {
    let (_, bsc) = start(1).await;
    let (sims, messages, iccid) = (bsc.sims(), bsc.messages(), unknown());
    let (read, change) = (mno_sdk::bsc::management::Sim::new(), SimChange::new());
    is_send(sims.wait_for_status(&iccid, &SimStatus::Enabled, soon()));
    is_send(sims.update_many([&read], &change));
    is_send(sims.top_up_many([&iccid], PaymentMethod::Banktransfer));
    is_send(sims.events(&iccid));
    is_send(messages.wait(&iccid, SmsId::new(1), soon()));
}

#[tokio::test]
async fn personal_data_is_not_shown() {
    let (sandbox, bsc) = start(5).await;
    let sim = sandbox.bsc().sims().remove(0);
    let read = bsc.sims().get(&iccid(&sim)).await.unwrap();
    let change = SimChange::new().with_label("Ada's gate");
    let filter = SimFilter::new().ip_address(sim.ip_address.into());
    let shown = format!("{read:?} {change:?} {filter:?} {bsc:?}");
    for secret in [
        &*sim.iccid,
        &sim.imsi,
        &sim.msisdn,
        &sim.imei,
        "Ada",
        &sim.ip_address.to_string(),
        sandbox.bsc().password(),
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
