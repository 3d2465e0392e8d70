//! Every method of the handles, its effect seen in a later read.

use std::time::{Duration, SystemTime};

use mno_sandbox::{SimKind, State};
use mno_sdk::ErrorKind;
use mno_sdk::kite::SubscriptionFilter;
use mno_sdk::kite::inventory::{
    DownloadAndActivateProfile, GetSubscriptions, LabelsChange, LifeCycleChange, LifeCycleStatus,
    NameValuePair, NetworkReset, SearchParams, SendSms, SendSmsStatus, SimId,
    SubscriptionIdentifier, SwapStatus, TimeAndConsumptionVoucher,
};
use mno_sdk::runtime::values::DateTime;

use super::*;

#[tokio::test]
async fn echo_brings_back_what_was_sent() {
    let (sandbox, kite) = start(1).await;
    assert_eq!(kite.echo().send("<a> & ü").await.unwrap(), "<a> & ü");
    let entry = sandbox.journal().snapshot().remove(0);
    assert_eq!(
        (entry.operation.as_str(), entry.service.as_str()),
        ("echo", "Echo")
    );
    assert_eq!(entry.organisation, ORGANISATION);
}

#[tokio::test]
async fn get_finds_a_sim_by_icc_imsi_and_msisdn() {
    let (sandbox, kite) = start(100).await;
    let sims = kite.inventory();
    let sim = sandbox.fleet().find(|sim| sim.ip.is_some()).unwrap();
    let ids: [SimId; 3] = [icc(&sim).into(), imsi(&sim).into(), msisdn(&sim).into()];
    for id in ids {
        let found = sims.get(id).await.unwrap().unwrap();
        assert_eq!(found.icc.as_str(), sim.icc);
        assert_eq!(found.imsi.as_str(), sim.imsi);
        assert_eq!(found.alias, sim.alias);
        assert_eq!(found.life_cycle_status.as_str(), sim.state().as_str());
        let ip = sim.ip.map(|ip| ip.to_string());
        assert_eq!(found.ip, ip);
        assert_eq!(
            found.consumption_monthly.data.value,
            Some(sim.monthly.data.value)
        );
    }
}

#[tokio::test]
async fn get_of_an_unknown_sim_is_none() {
    let (sandbox, kite) = start(10).await;
    assert!(kite.inventory().get(unknown_icc()).await.unwrap().is_none());
    assert_eq!(sandbox.journal().count("getSubscriptions"), 1);
}

#[tokio::test]
async fn get_refuses_a_subscription_id_which_detail_takes() {
    let (sandbox, kite) = start(10).await;
    let sim = sandbox.fleet().at(3).unwrap();
    let id = SimId::SubscriptionId(sim.subscription_id.clone());
    let error = kite.inventory().get(id.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("detail()"), "{error}");
    assert_eq!(sandbox.journal().snapshot().len(), 0, "nothing was sent");
    let detail = kite.inventory().detail(id).await.unwrap().unwrap();
    assert_eq!(detail.icc.as_str(), sim.icc);
}

#[tokio::test]
async fn reads_of_one_sim_tell_what_the_platform_knows() {
    let (sandbox, kite) = start(200).await;
    let sims = kite.inventory();
    let sim = sandbox
        .fleet()
        .find(|sim| sim.ip.is_some() && sim.manual_location.is_some())
        .unwrap();
    let id = icc(&sim);

    let detail = sims.detail(id.clone()).await.unwrap().unwrap();
    assert_eq!(detail.imsi.as_str(), sim.imsi);
    assert_eq!(detail.subscription_id, sim.subscription_id);

    let status = sims.status(id.clone()).await.unwrap().unwrap();
    assert_eq!(status.state, LifeCycleStatus::Active);
    let since = status.current_status_date.unwrap().unix_seconds();
    assert_eq!(since, sim.life.current().time.unix());

    let presence = sims.presence(id.clone()).await.unwrap().unwrap();
    assert_eq!(presence.level, sim.presence.level);
    assert_eq!(presence.ip, sim.ip.map(|ip| ip.to_string()));

    let location = sims.location(id).await.unwrap().unwrap();
    let (manual, known) = (
        location.manual_location.unwrap(),
        sim.manual_location.clone().unwrap(),
    );
    let read = manual.coordinates;
    assert_eq!(
        read.latitude.unwrap().to_string(),
        known.latitude.to_string()
    );
    assert_eq!(
        read.longitude.unwrap().to_string(),
        known.longitude.to_string()
    );
    assert_eq!(
        location.automatic_location.is_some(),
        sim.automatic_location.is_some()
    );
}

#[tokio::test]
async fn status_history_is_cut_at_the_days_given() {
    let (sandbox, kite) = start(300).await;
    let sims = kite.inventory();
    let sim = in_state(sandbox.fleet(), State::Suspended);
    let known: Vec<_> = sim.life.history().cloned().collect();
    let all = sims.status_history(icc(&sim), None, None).await.unwrap();
    let states: Vec<_> = all.ok().map(|entry| entry.state.as_str()).collect();
    let expected: Vec<_> = known.iter().map(|entry| entry.state.as_str()).collect();
    assert_eq!(states, expected);

    let time = |n: usize| Some(DateTime::from_unix_seconds(known[n].time.unix()));
    let some = sims
        .status_history(icc(&sim), time(1), time(2))
        .await
        .unwrap();
    let states: Vec<_> = some.ok().map(|entry| entry.state.as_str()).collect();
    assert_eq!(states, expected[1..=2]);
}

#[tokio::test]
async fn a_change_of_the_life_cycle_is_seen_by_every_read() {
    let (sandbox, kite) = start(100).await;
    let sims = kite.inventory();
    let sim = in_state(sandbox.fleet(), State::Active);
    let change = LifeCycleChange::new(LifeCycleStatus::Deactivated);
    sims.modify(icc(&sim), change).await.unwrap();

    let deactivated = LifeCycleStatus::Deactivated;
    let status = sims.status(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(status.state, deactivated);
    let info = sims.get(imsi(&sim)).await.unwrap().unwrap();
    assert_eq!(info.life_cycle_status, deactivated);
    let detail = sims.detail(msisdn(&sim)).await.unwrap().unwrap();
    assert_eq!(detail.life_cycle_status, deactivated);
    let history = sims.status_history(icc(&sim), None, None).await.unwrap();
    assert!(history.ok().any(|entry| entry.state == deactivated));
    assert_eq!(sandbox.journal().count("modifySubscription"), 1);
}

#[tokio::test]
async fn a_label_left_out_stays_and_an_empty_one_is_cleared() {
    let (sandbox, kite) = start(10).await;
    let sims = kite.inventory();
    let sim = sandbox.fleet().at(0).unwrap();
    assert_ne!(sim.custom_fields[0], "");
    let change = LabelsChange::new().with_alias("<lift> & 7");
    sims.modify(icc(&sim), change).await.unwrap();
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.alias, "<lift> & 7");
    assert_eq!(read.custom_field1, sim.custom_fields[0]);

    let change = LabelsChange::new().with_custom_field1("");
    sims.modify(icc(&sim), change).await.unwrap();
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(
        (read.alias.as_str(), read.custom_field1.as_str()),
        ("<lift> & 7", "")
    );
    assert_eq!(read.custom_field1(), None);
}

#[tokio::test]
async fn a_voucher_is_read_back() {
    let (sandbox, kite) = start(3).await;
    let sims = kite.inventory();
    let sim = sandbox.fleet().at(1).unwrap();
    let before = sims.time_and_consumption(icc(&sim)).await.unwrap().unwrap();
    assert!(!before.enabled);
    let voucher = TimeAndConsumptionVoucher::new(true, 3600, 5_000_000_000_i64);
    sims.set_time_and_consumption(icc(&sim), voucher.clone())
        .await
        .unwrap();
    let after = sims.time_and_consumption(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(after, voucher);
}

#[tokio::test]
async fn a_message_reaches_its_sims_and_its_result_is_told() {
    let (sandbox, kite) = start(10).await;
    let sims = kite.inventory();
    let (a, b) = (
        sandbox.fleet().at(1).unwrap(),
        sandbox.fleet().at(2).unwrap(),
    );
    let to = [
        SubscriptionIdentifier::new(icc(&a)),
        SubscriptionIdentifier::new(imsi(&b)),
    ];
    let request = SendSms::new(to, "reboot & <wait>").with_has_delivery_report(true);
    let watcher = sims.send_sms(&request).await.unwrap();

    let sent = sandbox.sent_sms().remove(0);
    assert_eq!(sent.watcher_id, watcher);
    assert_eq!(sent.destinations, [a.icc.clone(), b.icc.clone()]);
    assert_eq!(sent.text, "reboot & <wait>");
    assert!(sent.delivery_report);

    let result = sims.sms_result(watcher.clone()).await.unwrap().unwrap();
    assert_eq!(result.status, SendSmsStatus::Active);
    let result = sims.sms_result(watcher).await.unwrap().unwrap();
    assert_eq!(result.status, SendSmsStatus::Finished);
}

#[tokio::test]
async fn a_network_reset_leaves_the_state_alone() {
    let (sandbox, kite) = start(100).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let request = NetworkReset::new(icc(&sim)).with_network4g(true);
    kite.inventory().network_reset(&request).await.unwrap();
    let after = sandbox.fleet().get(&sim.id()).unwrap();
    assert_eq!(after.network_resets, 1);
    let status = kite.inventory().status(icc(&sim)).await.unwrap();
    assert_eq!(status.unwrap().state, LifeCycleStatus::Active);
}

#[tokio::test]
async fn a_profile_is_downloaded_and_audited() {
    let (sandbox, kite) = start(100).await;
    let sims = kite.inventory();
    let sim = sandbox
        .fleet()
        .find(|sim| sim.kind == SimKind::Euicc)
        .unwrap();
    let (group, name) = sandbox
        .fleet()
        .groups()
        .iter()
        .find(|(group, _)| *group != sim.commercial_group)
        .cloned()
        .unwrap();
    let request = DownloadAndActivateProfile::new(icc(&sim), "customer-1", group.to_string());
    sims.download_and_activate_profile(&request).await.unwrap();
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.swap_status, Some(SwapStatus::Downloading));
    assert_eq!(read.commercial_group, name);

    sims.audit_swap_profile(icc(&sim)).await.unwrap();
    let after = sandbox.fleet().get(&sim.id()).unwrap();
    assert_eq!(after.profile_audits, 1);
}

#[tokio::test]
async fn a_search_gives_the_sims_that_fit_and_no_others() {
    use futures_util::TryStreamExt as _;

    let (sandbox, kite) = start(300).await;
    let fitting: Vec<_> = sandbox
        .fleet()
        .page(0, 300, |sim| sim.state() == State::Test && sim.lte_enabled)
        .iter()
        .map(|sim| sim.icc.clone())
        .collect();
    assert!((1..300).contains(&fitting.len()));
    let filter = SubscriptionFilter::new()
        .life_cycle_state(LifeCycleStatus::Test)
        .lte_enabled(true);
    let found: Vec<_> = kite
        .inventory()
        .search(filter)
        .unwrap()
        .map_ok(|sim| sim.icc.as_str().to_owned())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found, fitting);

    // By the name of the field instead of the filter.
    let wrong = NameValuePair::new("lifeCycleStatus", vec!["TEST".to_owned()]);
    let request = GetSubscriptions::new().with_search_parameters(SearchParams::new(vec![wrong]));
    let raw = kite.inventory().raw().clone();
    let error = raw.get_subscriptions(&request).await.unwrap_err();
    assert!(error.is_invalid_parameter(), "{error}");
}

#[tokio::test]
async fn the_raw_client_shares_the_connection() {
    let (sandbox, kite) = start(5).await;
    kite.echo().send("hello").await.unwrap();
    let request = GetSubscriptions::new().with_start_index(3);
    let page = kite
        .inventory()
        .raw()
        .get_subscriptions(&request)
        .await
        .unwrap();
    assert_eq!(page.subscription_data.len(), 2);
    assert_eq!(sandbox.journal().connections(), 1);
}

#[tokio::test]
async fn a_client_knows_when_its_certificate_expires() {
    let sandbox = sandbox(0).start().await.unwrap();
    let client = sandbox
        .pki()
        .client_until(ORGANISATION, (2040, 1, 2))
        .unwrap();
    let pem = client.chain_pem + &client.key_pem;
    let kite = builder(&sandbox)
        .identity(Identity::from_pem(pem.as_bytes()).unwrap())
        .build()
        .unwrap();
    // 2040-01-02T00:00:00Z
    let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(2_209_075_200);
    assert_eq!(kite.certificate_expires(), Some(expected));
    assert_eq!(kite.echo().send("still good").await.unwrap(), "still good");
}

/// It is made, and not begun.
fn is_send(_: impl Send) {}

#[tokio::test]
async fn what_waits_can_be_a_task_of_its_own() {
    use mno_sdk::kite::reports::UserListReport;
    use mno_sdk::kite::{ReportOptions, TargetState, Wait};

    let (sandbox, kite) = start(1).await;
    let (sims, reports, wait) = (kite.inventory(), kite.reports(), Wait::default());
    let id = unknown_icc();
    is_send(sims.change_state(id.clone(), TargetState::Active, wait));
    is_send(sims.wait_for_state(id.clone(), LifeCycleStatus::Active, wait));
    is_send(sims.wait_for_sms("7", wait));
    is_send(kite.diagnostics().ip(id, wait));
    is_send(reports.wait("7", wait));
    is_send(reports.run(UserListReport::new(), ReportOptions::default()));
    assert!(sandbox.journal().snapshot().is_empty());
}
