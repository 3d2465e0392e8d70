//! Reports, from the order to the rows.

use std::time::Duration;

use mno_sandbox::{Effect, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::kite::reports::{
    ConsumptionDailyReport, SmsDeliveryReport, SubscriptionSnapshotDailyReport, UserListReport,
};
use mno_sdk::kite::{ReportOptions, Sms, Wait};
use mno_sdk::runtime::values::{Date, DateTime};

use super::*;

async fn reporting(sims: usize) -> (Sandbox, Kite) {
    let builder = sandbox(sims).reports_after(Duration::from_millis(30));
    let sandbox = builder.start().await.unwrap();
    let kite = self::builder(&sandbox).build().unwrap();
    (sandbox, kite)
}

fn quick() -> ReportOptions {
    ReportOptions::default().with_wait(
        Wait::default()
            .with_first_pause(Duration::from_millis(10))
            .with_longest_pause(Duration::from_millis(20))
            .with_limit(Duration::from_secs(2)),
    )
}

/// The three days up to yesterday.
fn recent() -> ConsumptionDailyReport {
    let today = DateTime::from(std::time::SystemTime::now())
        .date()
        .unix_days();
    ConsumptionDailyReport::new(
        Date::from_unix_days(today - 3),
        Date::from_unix_days(today - 1),
    )
    .with_show_subscriptions(true)
}

#[tokio::test]
async fn a_report_goes_from_order_to_rows_and_is_deleted() {
    let (sandbox, kite) = reporting(20).await;
    let files = kite.reports().run(recent(), quick()).await.unwrap();
    assert_eq!(files.len(), 1);
    let parts = files[0].parts().unwrap();
    assert_eq!(parts.kind, "consumption_daily");
    let rows: Vec<_> = files[0]
        .daily_consumption()
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    assert!(rows.iter().all(|row| row.subscription_id.is_some()));
    let journal = sandbox.journal();
    assert_eq!(journal.count("createDownloadReport"), 1);
    assert_eq!(journal.count("download"), 1, "each link is used once");
    assert_eq!(journal.count("deleteDownloadReport"), 1);
    assert!(kite.reports().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn two_files_two_links_and_a_bare_csv() {
    for (links, csvs, zip, files) in [(2, 1, true, 2), (1, 2, true, 2), (1, 1, false, 1)] {
        let (sandbox, kite) = reporting(5).await;
        sandbox.control().report_links(links);
        sandbox.control().report_csvs(csvs);
        sandbox.control().report_zip(zip);
        let found = kite.reports().run(recent(), quick()).await.unwrap();
        assert_eq!(found.len(), files, "{links} links, {csvs} CSVs, zip {zip}");
        for file in &found {
            assert!(file.rows().unwrap().count() > 0);
        }
        assert_eq!(sandbox.journal().count("download"), links);
    }
}

#[tokio::test]
async fn a_link_that_a_lost_download_used_up_is_answered_by_a_new_one() {
    let (sandbox, kite) = reporting(5).await;
    sandbox
        .control()
        .add(Rule::on("download").times(1).then(Effect::CutAfter));
    let files = kite.reports().run(recent(), quick()).await.unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(sandbox.journal().count("getDownloadReportLink"), 2);
    assert_eq!(sandbox.journal().count("download"), 2);
}

#[tokio::test]
async fn what_the_table_has_not_is_not_ordered_unless_asked_for() {
    let (sandbox, kite) = reporting(5).await;
    let today = DateTime::from(std::time::SystemTime::now()).date();
    let yesterday = Date::from_unix_days(today.unix_days() - 1).to_string();
    let snapshot = || SubscriptionSnapshotDailyReport::new(yesterday.clone());
    let error = kite.reports().run(snapshot(), quick()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("6.5.3"), "{error}");
    assert!(sandbox.journal().snapshot().is_empty());
    // Somewhere it is two days later already; and whoever knows better is not held back.
    let later = quick().with_today(Date::from_unix_days(today.unix_days() + 1));
    kite.reports().run(snapshot(), later).await.unwrap();
    kite.reports()
        .run(snapshot(), quick().ignoring_availability())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_found_in_the_list_and_not_repeated() {
    let (sandbox, kite) = reporting(5).await;
    sandbox
        .control()
        .add(Rule::on("createDownloadReport").then(Effect::CutAfter));
    let ids = kite.reports().order(recent(), &quick()).await.unwrap();
    assert_eq!(ids.len(), 1);
    assert_eq!(sandbox.journal().count("createDownloadReport"), 1);
}

#[tokio::test]
async fn of_two_equal_orders_each_finds_its_own() {
    let (_sandbox, kite) = reporting(5).await;
    let first = kite.reports().order(recent(), &quick()).await.unwrap();
    let second = kite.reports().order(recent(), &quick()).await.unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
}

#[tokio::test]
async fn the_eleventh_open_report_is_not_ordered() {
    let builder = sandbox(5).reports_after(Duration::from_secs(3600));
    let sandbox = builder.start().await.unwrap();
    let kite = self::builder(&sandbox).build().unwrap();
    for _ in 0..10 {
        kite.reports()
            .order(UserListReport::new(), &quick())
            .await
            .unwrap();
    }
    let error = kite
        .reports()
        .order(UserListReport::new(), &quick())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("10 reports are open"), "{error}");
    assert_eq!(sandbox.journal().count("createDownloadReport"), 10);
}

#[tokio::test]
async fn a_report_is_taken_up_again_by_its_id() {
    let (sandbox, kite) = reporting(5).await;
    let ids = kite.reports().order(recent(), &quick()).await.unwrap();
    drop(kite);
    let again = builder(&sandbox).build().unwrap().reports();
    again.wait(&ids[0], quick().wait).await.unwrap();
    let files = again.download(&ids[0], 1 << 20).await.unwrap();
    assert_eq!(files.len(), 1);
    again.delete(&ids[0]).await.unwrap();
}

#[tokio::test]
async fn a_report_that_is_not_ready_in_time_can_be_waited_for_again() {
    let builder = sandbox(5).reports_after(Duration::from_secs(3600));
    let sandbox = builder.start().await.unwrap();
    let kite = self::builder(&sandbox).build().unwrap();
    let ids = kite.reports().order(recent(), &quick()).await.unwrap();
    let short = quick().wait.with_limit(Duration::from_millis(100));
    let error = kite.reports().wait(&ids[0], short).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(
        error.to_string().contains(&ids[0]),
        "the id to go on with: {error}"
    );
    sandbox.finish_reports();
    kite.reports().wait(&ids[0], short).await.unwrap();
}

#[tokio::test]
async fn a_report_larger_than_allowed_is_refused() {
    let (_sandbox, kite) = reporting(50).await;
    let error = kite
        .reports()
        .run(recent(), quick().with_max_bytes(600))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("more than 600 bytes"), "{error}");
}

/// Guide 6.6, from the message to the rows of its delivery report.
#[tokio::test]
async fn a_short_message_and_its_delivery_report() {
    let (sandbox, kite) = reporting(3).await;
    let sims: Vec<_> = sandbox
        .fleet()
        .all()
        .iter()
        .map(|sim| icc(sim).into())
        .collect();
    let sms = Sms::new("reboot").unwrap().with_delivery_report(true);
    let batches = kite.inventory().broadcast(sims, &sms).await;
    let watcher = batches[0].outcome.watcher_id().unwrap();
    kite.inventory()
        .wait_for_sms(watcher, quick().wait)
        .await
        .unwrap();
    let files = kite
        .reports()
        .run(SmsDeliveryReport::new(watcher), quick())
        .await
        .unwrap();
    assert_eq!(files[0].rows().unwrap().count(), 3);
}
