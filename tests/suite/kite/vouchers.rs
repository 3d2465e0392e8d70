//! Vouchers: offered, bought, used, cancelled.

use mno_sandbox::{Effect, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::kite::vouchers::{GetActiveVouchers, Voucher, VoucherKind};
use mno_sdk::kite::{OneTimeOptions, RecurrentOptions, VoucherId, VoucherInstanceId};
use mno_sdk::runtime::values::DateTime;

use super::*;

const MIB: u64 = 1 << 20;

/// An active SIM of which one voucher of this kind is on offer that is active at once, or waits.
async fn offered(
    sandbox: &Sandbox,
    kite: &Kite,
    kind: VoucherKind,
    waits: bool,
) -> (Arc<Sim>, Voucher) {
    let sims = sandbox.fleet().all();
    for sim in sims.into_iter().filter(|s| s.state() == State::Active) {
        let found = kite.vouchers().available(icc(&sim)).await.unwrap();
        for voucher in found.into_all().unwrap() {
            let name = voucher.voucher_name.clone().unwrap();
            if voucher.type_ == kind && name.contains("first traffic") == waits {
                return (sim, voucher);
            }
        }
    }
    panic!("no SIM has such an offer");
}

fn spent(sandbox: &Sandbox, sim: &Sim) -> i64 {
    let sim = sandbox.fleet().get(&sim.id()).unwrap();
    sim.expenses.as_ref().map_or(0, |e| e.fee.e5())
}

#[tokio::test]
async fn a_recurrent_voucher_is_bought_listed_used_and_its_renewal_cancelled() {
    let (sandbox, kite) = start(60).await;
    let (sim, voucher) = offered(&sandbox, &kite, VoucherKind::Recurrent, false).await;
    let vouchers = kite.vouchers();
    assert!(vouchers.active(icc(&sim)).await.unwrap().is_empty());

    let options = RecurrentOptions::default().with_renewal_day(3);
    let id = VoucherId::from(&voucher);
    let bought = vouchers.purchase_recurrent(icc(&sim), &id, options);
    let bought = bought.await.unwrap();
    sandbox.data_traffic(&sim.id(), 7 * MIB).unwrap();

    let active = vouchers.active(imsi(&sim)).await.unwrap();
    let active = active.into_all().unwrap();
    assert_eq!(active.len(), 1);
    assert_eq!(VoucherInstanceId::from(&active[0]), bought);
    assert_eq!(active[0].voucher_id.as_ref(), Some(&voucher.voucher_id));
    assert_eq!(active[0].service_pack_id, voucher.service_pack_id);
    assert_eq!(active[0].total, voucher.nominal_data);
    let left = voucher.nominal_data.unwrap() - 7 * MIB;
    assert_eq!(active[0].remaining, Some(left));
    let renewal = active[0].expiration_date;
    assert!(renewal.is_some() && active[0].activation_date_time.is_some());
    // The inventory shows the same SIM: its plan, and what it has used.
    let info = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(info.service_pack_id, voucher.service_pack_id);
    let used = info.consumption_monthly.data.value.unwrap();
    assert_eq!(used, sim.monthly.data.value + 7 * MIB);

    vouchers.cancel_renewal(icc(&sim), &bought).await.unwrap();
    let kept = vouchers.active(icc(&sim)).await.unwrap();
    let kept = kept.into_all().unwrap();
    assert_eq!(
        (kept[0].remaining, kept[0].expiration_date),
        (Some(left), renewal)
    );
    let error = vouchers.cancel(icc(&sim), &bought).await.unwrap_err();
    assert!(
        error.is_business_refusal(),
        "it is no one-time voucher: {error}"
    );
    assert_eq!(sandbox.journal().count("purchaseRecurrentVoucher"), 1);
}

#[tokio::test]
async fn a_one_time_voucher_is_bought_and_cancelled_while_it_waits() {
    let (sandbox, kite) = start(60).await;
    let (sim, voucher) = offered(&sandbox, &kite, VoucherKind::OneTime, true).await;
    let vouchers = kite.vouchers();
    let id = VoucherId::from(&voucher);
    let buy = || vouchers.purchase_one_time(icc(&sim), &id, OneTimeOptions::default());

    let bought = buy().await.unwrap();
    let active = vouchers.active(icc(&sim)).await.unwrap();
    let waiting = active.ok().next().unwrap();
    assert_eq!(
        (&waiting.activation_date_time, &waiting.expiration_date),
        (&None, &None)
    );
    vouchers.cancel(icc(&sim), &bought).await.unwrap();
    assert!(vouchers.active(icc(&sim)).await.unwrap().is_empty());
    let error = vouchers.cancel(icc(&sim), &bought).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");

    let bought = buy().await.unwrap();
    sandbox.data_traffic(&sim.id(), MIB).unwrap();
    let error = vouchers.cancel(icc(&sim), &bought).await.unwrap_err();
    assert!(error.is_business_refusal(), "it is active: {error}");
    let error = vouchers
        .cancel_renewal(icc(&sim), &bought)
        .await
        .unwrap_err();
    assert!(error.is_business_refusal(), "there is no renewal: {error}");
}

#[tokio::test]
async fn a_lost_answer_to_a_purchase_is_one_purchase() {
    for (effect, carried_out) in [
        (Effect::CutAfter, true),
        (Effect::CutMidBody, true),
        (Effect::Html(502), false),
        (Effect::CutBefore, false),
    ] {
        for kind in [VoucherKind::OneTime, VoucherKind::Recurrent] {
            let (sandbox, kite) = start(60).await;
            let (sim, voucher) = offered(&sandbox, &kite, kind.clone(), false).await;
            let before = spent(&sandbox, &sim);
            let vouchers = kite.vouchers();
            let id = VoucherId::from(&voucher);
            let operation = match kind {
                VoucherKind::OneTime => "purchaseOneTimeVoucher",
                _ => "purchaseRecurrentVoucher",
            };
            sandbox
                .control()
                .add(Rule::on(operation).then(effect.clone()));
            let bought = match kind {
                VoucherKind::OneTime => {
                    let options = OneTimeOptions::default();
                    vouchers.purchase_one_time(icc(&sim), &id, options).await
                }
                _ => {
                    let options = RecurrentOptions::default();
                    vouchers.purchase_recurrent(icc(&sim), &id, options).await
                }
            };
            let error = bought.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::OutcomeUnknown,
                "{effect:?}: {error}"
            );
            assert!(error.is_outcome_unknown());
            assert!(error.to_string().contains("getActiveVouchers"), "{error}");
            assert_eq!(sandbox.journal().count(operation), 1, "{effect:?}");
            // The read that the message names tells what became of it.
            let active = vouchers.active(icc(&sim)).await.unwrap();
            assert_eq!(active.len(), usize::from(carried_out), "{effect:?}");
            let paid = spent(&sandbox, &sim) > before;
            assert_eq!(paid, carried_out && sim.expenses.is_some());
        }
    }
}

#[tokio::test]
async fn what_a_purchase_can_say_and_what_is_refused() {
    let (sandbox, kite) = start(60).await;
    let (sim, voucher) = offered(&sandbox, &kite, VoucherKind::OneTime, false).await;
    let vouchers = kite.vouchers();
    let id = VoucherId::from(&voucher);
    let now = DateTime::from(std::time::SystemTime::now());
    let year = DateTime::from_unix_seconds(now.unix_seconds() + 365 * 86_400);
    let buy = |options| vouchers.purchase_one_time(icc(&sim), &id, options);
    buy(OneTimeOptions::default()).await.unwrap();
    let options = OneTimeOptions::default()
        .with_expires(year)
        .with_extend_previous(true);
    buy(options).await.unwrap();
    let active = vouchers
        .active(icc(&sim))
        .await
        .unwrap()
        .into_all()
        .unwrap();
    assert!(active.iter().all(|v| v.expiration_date == Some(year)));
    let extends: Vec<_> = active
        .iter()
        .map(|v| v.extend_previous_one_time_vouchers)
        .collect();
    assert_eq!(extends, [Some(false), Some(true)]);

    let past = OneTimeOptions::default().with_expires(DateTime::from_unix_seconds(0));
    let error = buy(past).await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
    let recurrent = RecurrentOptions::default();
    let wrong_kind = vouchers.purchase_recurrent(icc(&sim), &id, recurrent.clone());
    let error = wrong_kind.await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
    let nothing = VoucherId::new("4711");
    let unknown = vouchers.purchase_recurrent(icc(&sim), &nothing, recurrent);
    assert!(unknown.await.unwrap_err().is_not_found());
    let nobody = vouchers.available(unknown_icc()).await.unwrap_err();
    assert!(nobody.is_not_found());

    // Nothing is sent without an id.
    let blank = VoucherInstanceId::new("");
    let error = vouchers.cancel(icc(&sim), &blank).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(sandbox.journal().count("cancelVoucher"), 0);

    // The filters, by the generated client.
    for (zone, found) in [("1", 2), ("2", 0)] {
        let request = GetActiveVouchers::new(icc(&sim)).with_zone_group_id(zone);
        let answer = vouchers.raw().get_active_vouchers(&request).await.unwrap();
        assert_eq!(answer.active_voucher_data.len(), found);
    }
}
