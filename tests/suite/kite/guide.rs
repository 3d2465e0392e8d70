//! The guide's rules and examples, as its chapters have them.

use std::time::Duration;

use mno_sandbox::{Effect, Rule};
use mno_sdk::CallOptions;
use mno_sdk::kite::inventory::{ApnChange, IpAddress, IpAddressChoice, LifeCycleStatus};
use mno_sdk::kite::reports::{ConsumptionDailyReport, SmsDeliveryReport};
use mno_sdk::kite::{CommercialGroupId, ReportOptions, Sms, TargetState, Wait};
use mno_sdk::runtime::values::{Date, DateTime};

use super::*;

/// Elements and texts that a body must have, in this order.
#[track_caller]
fn has(body: &[u8], parts: &[&str]) {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let mut rest = body.as_str();
    for part in parts {
        let (_, after) = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("{part} in {body}"));
        rest = after;
    }
}

async fn recorded(sims: usize) -> (Sandbox, Kite) {
    let sandbox = sandbox(sims).keep_bodies(true).start().await.unwrap();
    let kite = builder(&sandbox).build().unwrap();
    (sandbox, kite)
}

fn last_body(sandbox: &Sandbox, operation: &str) -> Vec<u8> {
    let entries = sandbox.journal().snapshot();
    let last = entries.iter().rfind(|e| e.operation == operation).unwrap();
    last.body.clone().unwrap().to_vec()
}

/// INACTIVE_NEW to TEST may take longer than the 70 seconds of everything else: an attempt has three
/// minutes, what takes longer is looked at, and a call can be given more. On a clock that stands still
/// but for those who wait for it.
#[tokio::test]
async fn chapter_4_3_a_change_that_takes_longer_than_anything_else() {
    let (sandbox, kite) = start(100).await;
    kite.echo().send("connected").await.unwrap();
    let sims = kite.inventory();
    let all = sandbox.fleet().all();
    let mut new = all.iter().filter(|sim| sim.state() == State::InactiveNew);
    let mut next = || icc(new.next().unwrap());
    let answer_after = |seconds| {
        sandbox.control().reset();
        let delay = Effect::Delay(Duration::from_secs(seconds));
        sandbox
            .control()
            .add(Rule::on("modifySubscription").then(delay));
    };
    tokio::time::pause();

    answer_after(120);
    let began = tokio::time::Instant::now();
    sims.modify(next(), TargetState::Test).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(120));

    // Beyond the maximum the answer is lost, and the state settles it.
    answer_after(240);
    let error = sims.modify(next(), TargetState::Test).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    let pendant = TargetState::ActivationPendant;
    let wait = Wait::default();
    let status = sims.change_state(next(), pendant, wait).await.unwrap();
    assert_eq!(status.state, LifeCycleStatus::ActivationPendant);

    // A maximum of this call's own.
    let patient = CallOptions::default().with_attempt_timeout(Duration::from_secs(300));
    let patient = sims.with_options(patient);
    patient.modify(next(), TargetState::Test).await.unwrap();
    assert_eq!(
        sandbox.journal().count("modifySubscription"),
        4,
        "each once"
    );
}

/// From the message to the rows of its delivery report, message by message as the guide prints them.
#[tokio::test]
async fn chapter_6_6_flow_of_sms_with_delivery_report() {
    let sandbox = sandbox(30)
        .keep_bodies(true)
        .reports_after(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let kite = builder(&sandbox).build().unwrap();
    let quick = Wait::default().with_first_pause(Duration::from_millis(5));
    // 6.6.1
    let (active, new) = (
        in_state(sandbox.fleet(), State::Active),
        in_state(sandbox.fleet(), State::InactiveNew),
    );
    let sms = Sms::new("hello & <world>")
        .unwrap()
        .with_delivery_report(true);
    let to = [icc(&active).into(), icc(&new).into()];
    let batches = kite.inventory().broadcast(to, &sms).await;
    let watcher = batches[0].outcome.watcher_id().unwrap();
    has(
        &last_body(&sandbox, "sendSMS"),
        &[
            "destSubscriptions>",
            &format!("icc>{}<", active.icc),
            &format!("icc>{}<", new.icc),
            "text>hello &amp; &lt;world&gt;<",
            "hasDeliveryReport>true<",
        ],
    );
    kite.inventory().wait_for_sms(watcher, quick).await.unwrap();
    // 6.6.2 to 6.6.5
    let options = ReportOptions::default().with_wait(quick);
    let report = SmsDeliveryReport::new(watcher);
    let files = kite.reports().run(report, options).await.unwrap();
    has(
        &last_body(&sandbox, "createDownloadReport"),
        &["sms_ao>", &format!("watcherId>{watcher}<")],
    );
    let rows: Vec<_> = files[0].rows().unwrap().map(Result::unwrap).collect();
    let column = |name| {
        rows.iter()
            .map(|row| row.get(name).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(column("Watcher ID"), [watcher, watcher]);
    assert_eq!(column("ICC"), [active.icc.as_str(), &new.icc]);
    assert_eq!(column("Status"), ["DELIVERED", "EXPIRED"]);
    let calls = sandbox.journal().snapshot();
    let steps = [
        ("createDownloadReport", true),
        ("getDownloadReportLink", true),
        ("download", false),
        ("deleteDownloadReport", true),
    ];
    let seen = calls
        .iter()
        .filter(|e| steps.iter().any(|(o, _)| *o == e.operation));
    let seen = seen.map(|e| (e.operation.as_str(), e.client_certificate));
    assert_eq!(
        seen.collect::<Vec<_>>(),
        steps,
        "and no certificate for the download"
    );
}

/// The inventory tells it of a SIM, the daily report of all: seconds, messages and bytes.
#[tokio::test]
async fn chapter_6_7_obtain_the_current_consumption() {
    let sandbox = sandbox(30)
        .keep_bodies(true)
        .reports_after(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let kite = builder(&sandbox).build().unwrap();
    // 6.7.1
    let used = |sim: &Sim| sim.monthly.voice.value > 0 && sim.monthly.data.value > 0;
    let sim = sandbox.fleet().find(used).unwrap();
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    has(
        &last_body(&sandbox, "getSubscriptions"),
        &["name>icc<", &format!("value>{}<", sim.icc)],
    );
    for (read, known) in [
        (&read.consumption_daily, &sim.daily),
        (&read.consumption_monthly, &sim.monthly),
    ] {
        assert_eq!(read.voice.value, Some(known.voice.value), "seconds");
        assert_eq!(read.sms.value, Some(known.sms.value));
        assert_eq!(read.data.value, Some(known.data.value), "bytes");
    }
    // 6.7.2
    let today = DateTime::from(std::time::SystemTime::now()).date();
    let day = |back| Date::from_unix_days(today.unix_days() - back);
    let report = ConsumptionDailyReport::new(day(30), day(1)).with_show_subscriptions(true);
    let quick = Wait::default().with_first_pause(Duration::from_millis(5));
    let options = ReportOptions::default().with_wait(quick);
    let files = kite.reports().run(report, options).await.unwrap();
    has(
        &last_body(&sandbox, "createDownloadReport"),
        &[
            "consumption_daily>",
            "showSubscriptions>true<",
            "start>",
            "end>",
        ],
    );
    let rows = files[0].daily_consumption().unwrap().map(Result::unwrap);
    let of_sim: Vec<_> = rows
        .filter(|row| row.subscription_id.as_deref() == Some(&*sim.subscription_id))
        .collect();
    assert_eq!(of_sim.len(), 30, "a row for each day");
    assert_eq!((of_sim[0].date, of_sim[29].date), (day(30), day(1)));
    assert!(of_sim.iter().any(|row| row.data > 0));
}

/// A group is assigned to an end customer; the same request with an empty element removes it.
#[tokio::test]
async fn chapter_6_11_delete_the_commercial_group_assignation_to_an_end_customer() {
    let (sandbox, kite) = recorded(30).await;
    let groups = kite.commercial_groups();
    let id = groups.find("Sandbox Trackers").await.unwrap().unwrap();
    let pumps = super::end_customers::pumps("Meadow & Sons");
    let owner = kite.end_customers().create(pumps).await.unwrap();
    groups.assign_end_customer(id, owner.clone()).await.unwrap();
    assert_eq!(
        groups.get(id).await.unwrap().end_customer(),
        Some(owner.as_str())
    );
    let in_it = |sim: &Sim| u64::from(sim.commercial_group) == id.get();
    let sim = sandbox.fleet().find(in_it).unwrap();
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.end_customer_id(), Some(owner.as_str()));
    // Somebody's end customer cannot be deleted from under a group.
    let kept = kite.end_customers().delete(&owner).await.unwrap_err();
    assert!(kept.is_business_refusal(), "{kept}");

    groups.remove_end_customer(id).await.unwrap();
    let sent = String::from_utf8(last_body(&sandbox, "updateCommercialGroup")).unwrap();
    let document = roxmltree::Document::parse(&sent).unwrap();
    let update = document
        .descendants()
        .find(|n| n.tag_name().name() == "updateCommercialGroup")
        .unwrap();
    let sent: Vec<_> = update
        .children()
        .filter(|n| n.is_element())
        .map(|n| (n.tag_name().name(), n.text().unwrap_or_default()))
        .collect();
    assert_eq!(sent, [("id", id.to_string().as_str()), ("endCustomer", "")]);
    assert_eq!(groups.get(id).await.unwrap().end_customer(), None);
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.end_customer_id(), None);

    // By mistake nothing is removed.
    groups.assign_end_customer(id, owner).await.unwrap();
    let blank = groups.assign_end_customer(id, " ").await.unwrap_err();
    assert_eq!(blank.kind(), mno_sdk::ErrorKind::InvalidRequest);
    assert_eq!(sandbox.journal().count("updateCommercialGroup"), 3);
    let unknown = groups.assign_end_customer(id, "aggregator-7").await;
    assert!(unknown.unwrap_err().is_not_found());
}

/// An APN with a fixed address comes, and goes with its address.
#[tokio::test]
async fn chapter_6_12_static_apn() {
    let (sandbox, kite) = recorded(30).await;
    let sims = kite.inventory();
    let sim = sandbox.fleet().find(|s| s.apns[4].name.is_none()).unwrap();
    // 6.12.1
    let address = IpAddress::new(IpAddressChoice::Ipv4("192.0.2.90".to_owned()));
    let add = ApnChange::new()
        .with_apn4("api.fleet.example")
        .with_static_ip_address4(address);
    sims.modify(icc(&sim), add).await.unwrap();
    has(
        &last_body(&sandbox, "modifySubscription"),
        &[
            "icc>",
            "apn4>api.fleet.example<",
            "staticIpAddress4>",
            "ipv4>192.0.2.90<",
        ],
    );
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.apn4(), Some("api.fleet.example"));
    assert_eq!(read.static_ip_address4(), Some("192.0.2.90"));
    // 6.12.2
    let remove = ApnChange::new().with_apn4("-");
    sims.modify(icc(&sim), remove).await.unwrap();
    has(&last_body(&sandbox, "modifySubscription"), &["apn4>-<"]);
    let read = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!((read.apn4(), read.static_ip_address4()), (None, None));
}

/// The id comes from the list, by the name; the SIM then shows the name.
#[tokio::test]
async fn chapter_6_13_change_the_commercial_group_of_the_subscription() {
    let (sandbox, kite) = recorded(30).await;
    // 6.13.1
    let groups = kite.commercial_groups();
    let id: CommercialGroupId = groups.find("Sandbox Lifts").await.unwrap().unwrap();
    has(
        &last_body(&sandbox, "getCommercialGroups"),
        &["getCommercialGroups", "/>"],
    );
    // 6.13.2
    let elsewhere = |sim: &Sim| u64::from(sim.commercial_group) != id.get();
    let sim = sandbox.fleet().find(elsewhere).unwrap();
    kite.inventory().modify(icc(&sim), id).await.unwrap();
    has(
        &last_body(&sandbox, "modifySubscription"),
        &[sim.icc.as_str(), &format!("commercialGroup>{id}<")],
    );
    let read = kite.inventory().get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(read.commercial_group, "Sandbox Lifts");
}
