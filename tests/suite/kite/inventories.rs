//! The older inventories: every operation of every version once, seen in the state of the sandbox.

use mno_sandbox::SimKind;
use mno_sdk::Error;
use mno_sdk::runtime::values::Imei;

use super::*;

/// The tests that all versions pass, for each of them.
macro_rules! versions {
    ($($module:ident: $client:ident, $version:literal;)*) => {$(
        mod $module {
            use mno_sdk::kite::$client::*;

            use super::*;

            fn filter(name: &str, value: &str) -> GetSubscriptions {
                let param = NameValuePair::new(name, [value.to_owned()]);
                GetSubscriptions::new().with_search_parameters(SearchParams::new([param]))
            }

            pub(super) async fn get(client: &Client, icc: &str) -> SubscriptionInfo {
                let page = client.get_subscriptions(&filter("icc", icc)).await.unwrap();
                let mut sims = page.subscription_data.into_all().unwrap();
                assert_eq!(sims.len(), 1);
                sims.remove(0)
            }

            pub(super) async fn modify(
                client: &Client,
                sim: &Sim,
                change: impl Into<Change>,
            ) -> Result<(), Error> {
                let request = ModifySubscription::new(icc(sim), change);
                client.modify_subscription(&request).await.map(|_| ())
            }

            #[tokio::test]
            async fn pages() {
                let (sandbox, kite) = start(15).await;
                let client = kite.$client();
                let first = client.get_subscriptions(&GetSubscriptions::new()).await.unwrap();
                assert_eq!(first.subscription_data.len(), 10, "the default");
                let rest = GetSubscriptions::new().with_start_index(10).with_max_batch_size(1000);
                let rest = client.get_subscriptions(&rest).await.unwrap();
                let rest = rest.subscription_data.into_all().unwrap();
                assert_eq!(rest.len(), 5);
                assert_eq!(rest[4].icc, icc(&sandbox.fleet().at(14).unwrap()));
                let entry = sandbox.journal().snapshot().remove(0);
                assert_eq!((entry.service.as_str(), entry.version.as_str()), ("Inventory", $version));
            }

            #[tokio::test]
            async fn reads() {
                let (sandbox, kite) = start(100).await;
                let client = kite.$client();
                let sim = sandbox.fleet().find(|s| s.ip.is_some()).unwrap();
                let found = get(&client, &sim.icc).await;
                assert_eq!(found.subscription_id(), Some(sim.subscription_id.as_str()));
                assert_eq!(found.imsi, Some(imsi(&sim)));
                assert_eq!(found.msisdn, Some(msisdn(&sim)));
                assert_eq!(found.alias(), Some(sim.alias.as_str()));
                assert_eq!(found.life_cycle_status, Some(LifeCycleStatus::Active));
                let monthly = found.consumption_monthly.as_ref().unwrap();
                assert_eq!(monthly.data.value, Some(sim.monthly.data.value));
                assert_eq!(found.lte_enabled, Some(sim.lte_enabled));
                assert!(found.basic_services.is_some() && found.suppl_services.is_some());

                let asked = GetSubscriptionDetail::new(imsi(&sim));
                #[allow(deprecated, reason = "announced as removed, and in this version")]
                let detail = client.get_subscription_detail(&asked).await.unwrap();
                let detail = detail.subscription_detail_data.unwrap();
                assert_eq!(detail.icc, icc(&sim));
                assert_eq!(detail.order_number(), Some(sim.order_number.as_str()));

                let asked = GetPresenceDetail::new(msisdn(&sim));
                let presence = client.get_presence_detail(&asked).await.unwrap();
                let presence = presence.presence_detail_data.unwrap();
                assert_eq!(presence.level(), Some(sim.presence.level));

                let asked = GetLocationDetail::new(icc(&sim));
                let location = client.get_location_detail(&asked).await.unwrap();
                let location = location.location_detail_data.unwrap();
                assert!(location.automatic_location.is_some());

                let id = SimId::SubscriptionId(sim.subscription_id.clone());
                let status = client.get_status_detail(&GetStatusDetail::new(id)).await.unwrap();
                let status = status.status_detail_data.unwrap();
                assert_eq!(status.state, Some(LifeCycleStatus::Active));

                let asked = GetStatusHistory::new(icc(&sim));
                let history = client.get_status_history(&asked).await.unwrap();
                let history = history.status_history_data.into_all().unwrap();
                assert_eq!(history.len(), sim.life.history().count());
                assert_eq!(history[0].state, Some(LifeCycleStatus::InactiveNew));
            }

            #[tokio::test]
            async fn both_forms_of_an_imei_find_the_sim() {
                let (sandbox, kite) = start(100).await;
                let client = kite.$client();
                let sim = sandbox.fleet().find(|s| s.imei.is_some()).unwrap();
                let imei = Imei::new(sim.imei.clone().unwrap()).unwrap();
                for form in [imei.dashed(), imei.digits()] {
                    let page = client.get_subscriptions(&filter("imei", &form)).await.unwrap();
                    let sims = page.subscription_data.into_all().unwrap();
                    assert_eq!(sims.len(), 1, "{form}");
                    assert_eq!(sims[0].imei.as_ref(), Some(&imei));
                }
            }

            #[tokio::test]
            async fn changes() {
                let (sandbox, kite) = start(100).await;
                let client = kite.$client();
                let sim = in_state(sandbox.fleet(), State::Active);
                let labels = LabelsChange::new().with_alias("pump <7>").with_custom_field4("x");
                modify(&client, &sim, labels).await.unwrap();
                modify(&client, &sim, Change::CommercialGroup("10103".into())).await.unwrap();
                modify(&client, &sim, Change::Lte(!sim.lte_enabled)).await.unwrap();
                let daily = ConsumptionThreshold::new(true, false, false).with_data_limit(5_000_u32);
                let thresholds = ThresholdsChange::new().with_daily_consumption_threshold(daily);
                modify(&client, &sim, thresholds).await.unwrap();
                modify(&client, &sim, LifeCycleStatus::Deactivated).await.unwrap();
                let found = get(&client, &sim.icc).await;
                assert_eq!((found.alias(), found.custom_field4()), (Some("pump <7>"), Some("x")));
                assert_eq!(found.commercial_group(), Some("Sandbox Lifts"));
                assert_eq!(found.lte_enabled, Some(!sim.lte_enabled));
                assert_eq!(found.consumption_daily.unwrap().data.limit, Some(5_000));
                assert_eq!(found.life_cycle_status, Some(LifeCycleStatus::Deactivated));
                let error = modify(&client, &sim, LifeCycleStatus::Test).await.unwrap_err();
                assert!(error.is_invalid_transition(), "{error}");
            }

            #[tokio::test]
            async fn a_voucher_is_written_and_read_back() {
                let (sandbox, kite) = start(10).await;
                let client = kite.$client();
                let sim = sandbox.fleet().at(3).unwrap();
                let voucher = TimeAndConsumptionVoucher::new(true, 7200, 1_i64 << 20);
                let request = ModifyTimeAndConsumption::new(icc(&sim), voucher.clone());
                client.modify_time_and_consumption(&request).await.unwrap();
                let request = GetTimeAndConsumption::new(icc(&sim));
                let answer = client.get_time_and_consumption(&request).await.unwrap();
                assert_eq!(answer.time_and_consumption_voucher, Some(voucher));
            }

            #[tokio::test]
            async fn a_message_is_sent_and_asked_about() {
                let (sandbox, kite) = start(10).await;
                let client = kite.$client();
                let ids = [icc(&sandbox.fleet().at(0).unwrap()), icc(&sandbox.fleet().at(1).unwrap())];
                let to = ids.map(|icc| SubscriptionIdentifier::new(SimId::from(icc)));
                let sms = SendSms::new(to, "reboot").with_has_delivery_report(true);
                let watcher = client.send_sms(&sms).await.unwrap().watcher_id;
                let sent = sandbox.sent_sms();
                assert_eq!((sent.len(), sent[0].destinations.len()), (1, 2));
                assert!(sent[0].delivery_report);
                let asked = GetSendSmsResult::new(watcher);
                for status in [SendSmsStatus::Active, SendSmsStatus::Finished] {
                    let answer = client.get_send_sms_result(&asked).await.unwrap();
                    assert_eq!(answer.result.unwrap().status, Some(status));
                }
            }
        }
    )*};
}

versions! {
    v4: inventory_v4, "v4";
    v5: inventory_v5, "v5";
    v9: inventory_v9, "v9";
}

/// One static address, which moves from APN to APN by their number.
macro_rules! one_address {
    ($($test:ident: $module:ident, $client:ident;)*) => {$(
        #[tokio::test]
        async fn $test() {
            use mno_sdk::kite::$client::{ApnChange, IpAddress, IpAddressChoice};

            let (sandbox, kite) = start(100).await;
            let client = kite.$client();
            let plain = |s: &Sim| s.apns[0].static_ip.is_none();
            let sim = sandbox.fleet().find(plain).unwrap();
            assert_eq!($module::get(&client, &sim.icc).await.static_apn_index, Some(-1));
            let ip = IpAddress::new(IpAddressChoice::Ipv4("192.0.2.90".to_owned()));
            let add = ApnChange::new()
                .with_static_ip(ip)
                .with_static_apn_index(4)
                .with_apn4("lab.sandbox.example");
            $module::modify(&client, &sim, add).await.unwrap();
            let found = $module::get(&client, &sim.icc).await;
            assert_eq!(found.static_ip(), Some("192.0.2.90"));
            assert_eq!(found.static_apn_index, Some(4));
            assert_eq!(found.apn4(), Some("lab.sandbox.example"));
            let back = ApnChange::new().with_static_apn_index(0);
            $module::modify(&client, &sim, back).await.unwrap();
            let found = $module::get(&client, &sim.icc).await;
            assert_eq!((found.static_ip(), found.static_apn_index), (Some("192.0.2.90"), Some(0)));
            // Deleting the APN deletes its address.
            let delete = ApnChange::new().with_apn0("-");
            $module::modify(&client, &sim, delete).await.unwrap();
            let found = $module::get(&client, &sim.icc).await;
            assert_eq!((found.static_ip(), found.static_apn_index), (None, Some(-1)));
            assert_eq!(found.apn0(), None);
        }
    )*};
}

one_address! {
    one_address_in_v4: v4, inventory_v4;
    one_address_in_v5: v5, inventory_v5;
}

#[tokio::test]
async fn an_address_for_each_apn_in_v9() {
    use mno_sdk::kite::inventory_v9::{ApnChange, IpAddress, IpAddressChoice, SwapStatus};

    let (sandbox, kite) = start(100).await;
    let client = kite.inventory_v9();
    let wanted = |s: &Sim| s.kind == SimKind::Euicc && s.apns[0].static_ip.is_none();
    let sim = sandbox.fleet().find(wanted).unwrap();
    let ip = |text: &str| IpAddress::new(IpAddressChoice::Ipv4(text.to_owned()));
    // (guide 6.12.1)
    let add = ApnChange::new()
        .with_apn0("api.fleet.example")
        .with_apn1("lab.fleet.example")
        .with_static_ip_address0(ip("192.0.2.90"))
        .with_static_ip_address1(ip("192.0.2.91"));
    v9::modify(&client, &sim, add).await.unwrap();
    let found = v9::get(&client, &sim.icc).await;
    assert_eq!(found.static_ip_address0(), Some("192.0.2.90"));
    assert_eq!(found.static_ip_address1(), Some("192.0.2.91"));
    assert_eq!(found.static_ip(), Some("192.0.2.90"), "still printed");
    assert_eq!(found.swap_status, Some(SwapStatus::Enabled));
    assert_eq!(found.qci, Some(sim.qci));
    // (guide 6.12.2)
    let delete = ApnChange::new().with_apn0("-");
    v9::modify(&client, &sim, delete).await.unwrap();
    let found = v9::get(&client, &sim.icc).await;
    assert_eq!((found.apn0(), found.static_ip_address0()), (None, None));
    assert_eq!(found.static_ip_address1(), Some("192.0.2.91"));
}

#[tokio::test]
async fn a_change_in_one_version_shows_in_the_others() {
    use mno_sdk::kite::inventory_v5::{ApnChange, IpAddress, IpAddressChoice, LabelsChange};

    let (sandbox, kite) = start(20).await;
    let sim = sandbox.fleet().at(0).unwrap();
    let client = kite.inventory_v5();
    let labels = LabelsChange::new().with_alias("from v5");
    v5::modify(&client, &sim, labels).await.unwrap();
    let ip = IpAddress::new(IpAddressChoice::Ipv4("192.0.2.5".to_owned()));
    let apn = ApnChange::new().with_static_ip(ip).with_static_apn_index(0);
    v5::modify(&client, &sim, apn).await.unwrap();
    let newest = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(newest.alias(), Some("from v5"));
    assert_eq!(newest.static_ip_address0(), Some("192.0.2.5"));
    let v9 = v9::get(&kite.inventory_v9(), &sim.icc).await;
    assert_eq!(v9.static_ip_address0(), Some("192.0.2.5"));
}

#[tokio::test]
async fn the_handle_takes_both_forms_of_an_imei() {
    use futures_util::TryStreamExt as _;
    use mno_sdk::kite::SubscriptionFilter;

    let (sandbox, kite) = start(100).await;
    sandbox.journal().keep_bodies(true);
    let sim = sandbox.fleet().find(|s| s.imei.is_some()).unwrap();
    let dashed = sim.imei.clone().unwrap();
    let bare = dashed.replace('-', "");
    for form in [&dashed, &bare] {
        let filter = SubscriptionFilter::new().imei(&Imei::new(form.clone()).unwrap());
        let sims = kite.inventory().search(filter).unwrap();
        let sims: Vec<_> = sims.try_collect().await.unwrap();
        assert_eq!(sims.len(), 1);
        assert_eq!(sims[0].imei, Imei::new(form.clone()).ok());
    }
    for entry in sandbox.journal().snapshot() {
        let body = String::from_utf8(entry.body.unwrap().to_vec()).unwrap();
        assert!(body.contains(&format!(">{bare}<")), "normalised: {body}");
    }
}
