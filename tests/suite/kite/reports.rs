//! Reports, from the order to the rows.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use mno_sandbox::{Effect, LinkScheme, Rule};
use mno_sdk::ErrorKind;
use mno_sdk::kite::reports::{
    ChangedImeiReport, ConsumptionDailyReport, ExpenseDetailMonthlyReport, SmsDeliveryReport,
    SubscriptionSnapshotDailyReport, UserListReport,
};
use mno_sdk::kite::{FleetReport, ReportOptions, Sms, Wait};
use mno_sdk::policy::WallClock;
use mno_sdk::runtime::transport::{Body, Call, Response, TransportError};
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
async fn the_files_are_not_lost_with_the_deletion() {
    let (sandbox, kite) = reporting(5).await;
    sandbox.control().add(
        Rule::on("deleteDownloadReport")
            .times(1)
            .then(Effect::CutAfter),
    );
    let files = kite.reports().run(recent(), quick()).await.unwrap();
    assert_eq!(files.len(), 1);
    sandbox
        .control()
        .forbid(ORGANISATION, "deleteDownloadReport");
    let files = kite.reports().run(recent(), quick()).await.unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(kite.reports().list().await.unwrap().len(), 1, "it stays");
    let kept = quick().keeping_it();
    kite.reports().run(recent(), kept).await.unwrap();
    assert_eq!(sandbox.journal().count("deleteDownloadReport"), 2);
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

/// Guide 6.5.1.4, with the platform's own words: a link that it calls spent is not tried again.
#[tokio::test]
async fn a_spent_link_is_answered_by_a_new_one_and_never_used_again() {
    for (spent, expected) in [
        (1, Ok(1)),
        (9, Err("a fresh link could not be used either")),
    ] {
        let followed = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&followed);
        let asked = Mutex::new(0);
        let double = move |call: Call| {
            let mut status = 200;
            let body = if call.facts.operation == "getDownloadReportLink" {
                let mut asked = asked.lock().unwrap();
                *asked += 1;
                let types =
                    "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/reports/v1/types";
                format!(
                    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
                     <t:getDownloadReportLinkResponse xmlns:t='{types}'>\
                     <t:resultURL>https://files.example/download/{asked}</t:resultURL>\
                     </t:getDownloadReportLinkResponse></e:Body></e:Envelope>"
                )
            } else {
                let mut seen = seen.lock().unwrap();
                seen.push(call.request.uri().to_string());
                if seen.len() <= spent {
                    status = 400;
                    r#"{"message":"Token does not exist or has expired","error":400}"#.to_owned()
                } else {
                    "A;B\n1;2\n".to_owned()
                }
            };
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status.try_into().unwrap();
            async move { Ok::<_, TransportError>(response) }
        };
        let kite = Kite::builder().transport(Arc::new(double)).build().unwrap();
        let files = kite.reports().download("7", &quick()).await;
        match (files, expected) {
            (Ok(files), Ok(count)) => assert_eq!(files.len(), count),
            (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
            (files, expected) => panic!("{files:?} is not {expected:?}"),
        }
        assert_eq!(*followed.lock().unwrap(), ["/download/1", "/download/2"]);
    }
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

/// Guide 6.5.3 counts from the customer's today, which around midnight is not that of UTC.
#[tokio::test]
async fn today_is_that_of_the_customers_time_zone_by_the_clients_clock() {
    let sandbox = sandbox(1)
        .reports_after(Duration::ZERO)
        .start()
        .await
        .unwrap();
    // 2031-02-01T23:30:00Z
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_927_755_000);
    let kite = builder(&sandbox)
        .wall_clock(WallClock::new(move || then))
        .build()
        .unwrap();
    let reports = kite.reports();
    let order = async |day: &str, options: ReportOptions| {
        reports.order(ChangedImeiReport::new(day), &options).await
    };
    let madrid = || quick().in_time_zone("Europe/Madrid").unwrap();
    let new_york = || quick().in_time_zone("America/New_York").unwrap();
    for (day, options, today) in [
        ("2031-02-02", quick(), Some("2031-02-01")),
        ("2031-02-02", new_york(), Some("2031-02-01")),
        ("2031-02-02", madrid(), None),
        ("2031-01-02", quick(), None),
        ("2031-01-02", madrid(), Some("2031-02-02")),
        (
            "2031-02-02",
            quick().with_today("2031-02-03".parse().unwrap()),
            None,
        ),
    ] {
        match (order(day, options).await, today) {
            (Ok(_), None) => {}
            (Err(error), Some(today)) => {
                let text = error.to_string();
                assert!(text.contains(&format!("today is {today}")), "{text}");
                assert!(text.contains("6.5.3"), "{text}");
            }
            (order, _) => panic!("{day}: {order:?}"),
        }
    }
    let error = quick().in_time_zone("Europe/Nowhere").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

/// Guide 6.5.1.4. The clock stands still but for those who wait for it.
#[tokio::test]
async fn nobody_looks_whether_a_report_is_ready_for_ten_seconds() {
    let (sandbox, kite) = reporting(1).await;
    kite.echo().send("connected").await.unwrap();
    tokio::time::pause();
    let options = ReportOptions::default();
    kite.reports()
        .run(UserListReport::new(), options)
        .await
        .unwrap();
    let calls = sandbox.journal().snapshot();
    let at = |operation: &str, nth| {
        let mut calls = calls.iter().filter(|e| e.operation == operation);
        calls.nth(nth).unwrap().arrival
    };
    // The list before the order, the list that has its id, and then the look at its state.
    let found = at("getDownloadReportList", 1);
    assert!(found >= at("createDownloadReport", 0));
    assert!(at("getDownloadReportList", 2) - found >= Duration::from_secs(10));
}

#[tokio::test]
async fn a_report_that_the_platform_gives_up_on_is_not_waited_for() {
    let day = Duration::from_secs(86_400);
    let sandbox = sandbox(1).reports_after(7 * day).start().await.unwrap();
    let kite = self::builder(&sandbox).build().unwrap();
    let ids = kite
        .reports()
        .order(UserListReport::new(), &quick())
        .await
        .unwrap();
    tokio::time::pause();
    tokio::time::advance(day).await;
    let error = kite
        .reports()
        .wait(&ids[0], quick().wait)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("gave up") && text.contains(&ids[0]), "{text}");
    assert!(!error.is_outcome_unknown(), "{text}");
}

#[tokio::test]
async fn equal_orders_at_the_same_time_do_not_take_each_others_reports() {
    let (sandbox, kite) = reporting(5).await;
    let again = kite.clone();
    let (first, second, third) = (kite.reports(), again.reports(), kite.reports());
    let files = tokio::try_join!(
        first.run(recent(), quick()),
        second.run(recent(), quick()),
        third.run(UserListReport::new(), quick()),
    );
    let (first, second, third) = files.unwrap();
    assert_eq!((first.len(), second.len(), third.len()), (1, 1, 1));
    assert_ne!(first[0].report_id(), second[0].report_id());
    assert_eq!(sandbox.journal().count("createDownloadReport"), 3);
    assert_eq!(sandbox.journal().count("deleteDownloadReport"), 3);
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
    let files = again.download(&ids[0], &quick()).await.unwrap();
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
async fn a_report_larger_than_allowed_is_refused_and_can_be_taken_up_by_its_id() {
    let (sandbox, kite) = reporting(50).await;
    let error = kite
        .reports()
        .run(recent(), quick().with_max_bytes(600))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("more than 600 bytes"), "{error}");
    let left = kite.reports().list().await.unwrap();
    let id = left.ok().next().unwrap().download_report_id.clone();
    assert!(error.to_string().contains(&id), "{error}");
    let files = kite.reports().download(&id, &quick()).await.unwrap();
    assert_eq!(files.len(), 1);
    kite.reports().delete(&id).await.unwrap();
    assert_eq!(sandbox.journal().count("createDownloadReport"), 1);
}

#[tokio::test]
async fn the_cap_is_that_of_all_files_together() {
    let (sandbox, kite) = reporting(50).await;
    sandbox.control().report_links(2);
    for zip in [false, true] {
        sandbox.control().report_zip(zip);
        let files = kite.reports().run(recent(), quick()).await.unwrap();
        assert_eq!(files.len(), 2);
        let all: usize = files.iter().map(|file| file.as_bytes().len()).sum();
        let run = async |cap| {
            let capped = quick().with_max_bytes(cap);
            kite.reports().run(recent(), capped).await
        };
        assert_eq!(run(all).await.unwrap().len(), 2);
        let error = run(all - 1).await.unwrap_err();
        assert!(error.to_string().contains("bytes"), "{error}");
    }
}

#[tokio::test]
async fn plain_http_links_are_refused_unless_allowed() {
    let (sandbox, kite) = reporting(5).await;
    sandbox.control().report_link_scheme(LinkScheme::Http);
    let error = kite.reports().run(recent(), quick()).await.unwrap_err();
    assert!(
        error.to_string().contains("allow_plain_http_links"),
        "{error}"
    );
    assert_eq!(sandbox.journal().count("download"), 0);
    let list = kite.reports().list().await.unwrap();
    assert_eq!(list.len(), 1, "the report is still there");

    let allowed = quick().allow_plain_http_links(true);
    let files = kite.reports().run(recent(), allowed.clone()).await.unwrap();
    assert!(files[0].daily_consumption().unwrap().count() > 0);
    let entries = sandbox.journal().snapshot();
    let download = entries.iter().rfind(|e| e.operation == "download").unwrap();
    assert!(!download.client_certificate);
    // The links of every day are downloaded as ever.
    sandbox.control().report_link_scheme(LinkScheme::Https);
    kite.reports().run(recent(), allowed).await.unwrap();
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_not_followed_even_if_http_is_allowed() {
    let (sandbox, kite) = reporting(5).await;
    sandbox
        .control()
        .report_link_scheme(LinkScheme::HttpsToHttp);
    let allowed = quick().allow_plain_http_links(true);
    let error = kite.reports().run(recent(), allowed).await.unwrap_err();
    assert_eq!(error.status().map(|s| s.as_u16()), Some(302), "{error}");
    assert!(error.to_string().contains("not followed"), "{error}");
    assert_eq!(sandbox.journal().count("download"), 1);
}

/// A listener that is not the sandbox's sees what is sent in the clear: the path, and nothing of
/// the certificate or the calls.
#[tokio::test]
async fn what_is_sent_in_the_clear_is_a_bare_get() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let (sandbox, kite) = reporting(1).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = format!(
        "http://{}/download/mAdeUpT0ken?part=1&amp;of=1",
        listener.local_addr().unwrap()
    );
    let server = tokio::spawn(async move {
        let mut seen = Vec::new();
        for answer in [
            "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n",
        ] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            seen.push(String::from_utf8(head).unwrap().to_ascii_lowercase());
            let body = if answer.contains("200") {
                "A;B\n1;2\n\n"
            } else {
                ""
            };
            let answer = format!("{answer}connection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
        seen
    });
    let body = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <t:getDownloadReportLinkResponse xmlns:t='http://www.telefonica.com/schemas/UNICA/SOAP/\
         Globalm2m/reports/v1/types'><t:resultURL>{link}</t:resultURL>\
         </t:getDownloadReportLinkResponse></e:Body></e:Envelope>"
    );
    let raw = Effect::Raw {
        status: 200,
        content_type: "text/xml".to_owned(),
        body: body.into_bytes(),
    };
    sandbox
        .control()
        .add(Rule::on("getDownloadReportLink").then(raw));
    let options = quick().allow_plain_http_links(true);
    let reports = kite.reports();
    let moved = reports.download("1", &options).await.unwrap_err();
    assert!(moved.to_string().contains("not followed"), "{moved}");
    let files = reports.download("1", &options).await.unwrap();
    assert_eq!(files[0].rows().unwrap().count(), 1);
    assert_eq!(files[0].report_id(), "1");
    for head in server.await.unwrap() {
        assert!(
            head.starts_with("get /download/madeupt0ken?part=1&of=1 http/1.1\r\n"),
            "{head}"
        );
        for word in ["authorization", "cookie", "soapaction", "acme"] {
            assert!(!head.contains(word), "{word} in {head}");
        }
    }
}

/// Last month's expense detail, which may be two reports.
fn expenses() -> ExpenseDetailMonthlyReport {
    let today = DateTime::from(std::time::SystemTime::now()).date();
    let last = Date::from_unix_days(today.unix_days() - 31).to_string();
    ExpenseDetailMonthlyReport::new("0", last[..7].to_owned())
}

/// History 8.2.0. The clock stands still but for those who wait for it.
#[tokio::test]
async fn the_second_report_of_an_expense_detail_is_waited_for() {
    let (sandbox, kite) = reporting(3).await;
    kite.echo().send("connected").await.unwrap();
    let late = |seconds| {
        let after = Some(Duration::from_secs(seconds));
        sandbox.control().second_expense_report(after);
    };
    tokio::time::pause();
    let wait = || {
        let wait = Wait::default().with_limit(Duration::from_secs(600));
        ReportOptions::default().with_wait(wait)
    };
    late(7);
    let began = tokio::time::Instant::now();
    let files = kite.reports().run(expenses(), wait()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(7));
    assert_eq!(files.len(), 2);
    assert_ne!(files[0].report_id(), files[1].report_id());
    assert_eq!(sandbox.journal().count("createDownloadReport"), 1);
    assert_eq!(sandbox.journal().count("deleteDownloadReport"), 2);
    assert!(kite.reports().list().await.unwrap().is_empty());

    // Later than is looked for by default; then long enough.
    late(60);
    let ids = kite.reports().order(expenses(), &wait()).await.unwrap();
    assert_eq!(ids.len(), 1);
    tokio::time::advance(Duration::from_secs(60)).await;
    let longer = wait().with_second_report_within(Duration::from_secs(90));
    let ids = kite.reports().order(expenses(), &longer).await.unwrap();
    assert_eq!(ids.len(), 2);

    // There is none: the time is over, and the one that there is is whole.
    sandbox.control().second_expense_report(None);
    let began = tokio::time::Instant::now();
    let ids = kite.reports().order(expenses(), &wait()).await.unwrap();
    assert_eq!(ids.len(), 1);
    assert!(began.elapsed() >= Duration::from_secs(10));
    // Zero, or another report: nobody waits.
    let not_at_all = wait().with_second_report_within(Duration::ZERO);
    let began = tokio::time::Instant::now();
    let ids = kite.reports().order(expenses(), &not_at_all).await.unwrap();
    assert_eq!(ids.len(), 1);
    assert!(began.elapsed() < Duration::from_secs(1));
    let began = tokio::time::Instant::now();
    let ids = kite.reports().order(recent(), &wait()).await.unwrap();
    assert_eq!(ids.len(), 1);
    assert!(began.elapsed() < Duration::from_secs(1));
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

#[tokio::test]
async fn the_whole_fleet_is_a_report_and_not_a_list() {
    let (sandbox, kite) = reporting(20).await;
    let today = DateTime::from(std::time::SystemTime::now()).date();
    let day = |back| Date::from_unix_days(today.unix_days() - back);
    let wanted = FleetReport::Consumption {
        from: day(3),
        to: day(1),
    };
    sandbox.control().report_csvs(2);
    let rows = kite.reports().fleet(wanted, quick()).await.unwrap();
    let ids: std::collections::HashSet<_> = rows
        .map(|row| row.unwrap().get("Subscription ID").unwrap())
        .collect();
    assert_eq!(ids.len(), 20, "every SIM, from both files");
    let wanted = FleetReport::Snapshot { day: day(3) };
    let rows = kite.reports().fleet(wanted, quick()).await.unwrap();
    assert_eq!(rows.filter(Result::is_ok).count(), 20);
    assert_eq!(sandbox.journal().count("getSubscriptions"), 0);
}
