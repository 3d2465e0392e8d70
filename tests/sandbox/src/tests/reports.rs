//! Reports, from the order to the spent link.

use std::io::{Cursor, Read};
use std::time::Duration;

use super::{Answer, Client, REPORTS, hand_written_requests, http};
use crate::*;

const TYPES: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/reports/v1/types";
const HEADER: &str = "Date;Service Provider;Customer;Fiscal Number;Commercial Group ID;Commercial \
                      Group Name;Billing Account ID;Billing Account Name;Subscription ID;Voice;SMS;\
                      Data";
const RANGE: &str = "<start>2026-01-30</start><end>2026-02-01</end>";

async fn call(client: &Client, operation: &str, inner: &str) -> Answer {
    let body = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <{operation} xmlns='{TYPES}'>{inner}</{operation}></e:Body></e:Envelope>"
    );
    client.post(REPORTS, operation, body).await.unwrap()
}

/// Orders a report.
async fn order(client: &Client, report: &str, inner: &str) -> String {
    let inner = format!("<{report}>{inner}</{report}>");
    call(client, "createDownloadReport", &inner).await.code()
}

/// Texts of all elements of a name in the list of reports.
async fn listed(client: &Client, name: &str) -> Vec<String> {
    let answer = call(client, "getDownloadReportList", "").await;
    assert_eq!(answer.code(), "ok");
    texts(&answer, name)
}

async fn links(client: &Client, id: &str) -> Result<Vec<String>, String> {
    let answer = by_id(client, "getDownloadReportLink", id).await;
    match answer.code().as_str() {
        "ok" => Ok(texts(&answer, "resultURL")),
        code => Err(code.to_owned()),
    }
}

async fn by_id(client: &Client, operation: &str, id: &str) -> Answer {
    let inner = format!("<downloadReportId>{id}</downloadReportId>");
    call(client, operation, &inner).await
}

fn texts(answer: &Answer, name: &str) -> Vec<String> {
    let doc = roxmltree::Document::parse(&answer.body).unwrap();
    let found = doc.descendants().filter(|n| n.has_tag_name((TYPES, name)));
    found
        .map(|n| n.text().unwrap_or_default().to_owned())
        .collect()
}

/// Orders a report, has it finished, and gives its links.
async fn finished(sandbox: &Sandbox, client: &Client, report: &str, inner: &str) -> Vec<String> {
    assert_eq!(order(client, report, inner).await, "ok");
    sandbox.finish_reports();
    let id = listed(client, "downloadReportId").await.pop().unwrap();
    links(client, &id).await.unwrap()
}

/// Answers to be checked with the schema.
pub(super) async fn list_and_link(client: &Client) -> Vec<Answer> {
    let list = call(client, "getDownloadReportList", "").await;
    let id = texts(&list, "downloadReportId").remove(0);
    let link = by_id(client, "getDownloadReportLink", &id).await;
    let deleted = by_id(client, "deleteDownloadReport", &id).await;
    vec![list, link, deleted]
}

async fn start(sims: usize) -> (Sandbox, Client) {
    let builder = Sandbox::builder().sims(sims).seed(7).limits(false);
    let sandbox = builder
        .reports_after(Duration::from_secs(3600))
        .start()
        .await
        .unwrap();
    let client = Client::new(&sandbox, "Acme Devices");
    (sandbox, client)
}

/// A GET without a client certificate: status, content type, body.
async fn get(sandbox: &Sandbox, url: &str) -> (u16, String, Vec<u8>) {
    let answer = http(sandbox, None).get(url).send().await.unwrap();
    let content_type = answer.headers()["content-type"].to_str().unwrap().into();
    let status = answer.status().as_u16();
    (status, content_type, answer.bytes().await.unwrap().into())
}

fn unzip(zip: Vec<u8>) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let name = file.name().unwrap().into_owned();
        files.push((name, text));
    }
    files
}

#[tokio::test]
async fn from_the_order_to_the_spent_link() {
    let (sandbox, client) = start(4).await;
    let other = Client::new(&sandbox, "Somebody Else");
    let inner = format!("<showCommercialGroup>true</showCommercialGroup>{RANGE}");
    let inner = format!("<consumption_daily>{inner}</consumption_daily>");
    let ordered = call(&client, "createDownloadReport", &inner).await;
    assert_eq!(ordered.code(), "ok");
    assert!(ordered.body.contains("Response xmlns") && ordered.body.contains("/></soap:Body>"));

    let list = call(&client, "getDownloadReportList", "").await;
    assert_eq!(texts(&list, "status"), ["active"]);
    assert_eq!(texts(&list, "orgId"), ["customer-Acme-Devices-5a9db0c5"]);
    assert_eq!(texts(&list, "showCommercialGroup"), ["true"]);
    assert_eq!(texts(&list, "start"), ["2026-01-30"]);
    let id = texts(&list, "downloadReportId").remove(0);
    let time = |name| Timestamp::parse(&texts(&list, name)[0]).unwrap();
    assert_eq!(time("expire"), time("created").plus(86_400));
    assert_eq!(time("remove"), time("created").plus(90 * 86_400));
    assert_eq!(time("modified"), time("created"));
    assert_eq!(links(&client, &id).await, Err("SVC 1013".into()));

    sandbox.finish_reports();
    assert_eq!(listed(&client, "status").await, ["finished"]);
    assert!(listed(&other, "status").await.is_empty());
    assert_eq!(links(&other, &id).await, Err("SVC 1006".into()));
    assert_eq!(links(&client, "0").await, Err("SVC 1006".into()));

    let found = links(&client, &id).await.unwrap();
    let again = links(&client, &id).await.unwrap();
    assert_eq!((found.len(), again.len()), (1, 1));
    assert_ne!(found, again);
    assert!(found[0].starts_with(&format!("{}/api/download/", sandbox.download_url())));
    let head = http(&sandbox, None).head(&found[0]).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["allow"]),
        (405, &"GET".parse().unwrap())
    );

    let (status, content_type, zip) = get(&sandbox, &found[0]).await;
    assert_eq!((status, content_type.as_str()), (200, "application/zip"));
    let files = unzip(zip);
    let [(name, csv)] = &files[..] else {
        panic!("{files:?}")
    };
    assert_eq!(
        *name,
        format!("consumption_daily_customer-Acme-Devices-5a9db0c5_{id}_20260130-20260201.csv")
    );
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], HEADER);
    assert_eq!(lines.len(), 1 + 3 * 4);
    let sim = sandbox.fleet().at(0).unwrap();
    let group = sandbox.fleet().group_name(sim.commercial_group);
    let row: Vec<_> = lines[5].split(';').collect();
    assert_eq!(row.len(), 12);
    assert_eq!((row[0], row[2]), ("31/01/2026", sim.customer_name.as_str()));
    assert_eq!(
        (row[5], row[6], row[8]),
        (group.as_str(), "", sim.subscription_id.as_str())
    );

    let (status, content_type, spent) = get(&sandbox, &found[0]).await;
    assert_eq!((status, content_type.as_str()), (400, "application/json"));
    let message = r#"{"message":"Token does not exist or has expired","error":400}"#;
    assert_eq!(spent, message.as_bytes());
    let unknown = format!("{}/api/download/x", sandbox.download_url());
    assert_eq!(get(&sandbox, &unknown).await.0, 400);
    let elsewhere = format!("{}{REPORTS}", sandbox.download_url());
    assert_eq!(get(&sandbox, &elsewhere).await.0, 404);

    let deleted = by_id(&client, "deleteDownloadReport", &id).await;
    assert_eq!(deleted.code(), "ok");
    assert!(listed(&client, "status").await.is_empty());
    assert_eq!(links(&client, &id).await, Err("SVC 1006".into()));
    assert_eq!(
        get(&sandbox, &again[0]).await.0,
        400,
        "deleted with its report"
    );
}

#[tokio::test]
async fn links_whose_time_is_over_are_spent() {
    let (sandbox, client) = start(1).await;
    let found = finished(&sandbox, &client, "user_list", "").await;
    sandbox.expire_links();
    let (status, _, spent) = get(&sandbox, &found[0]).await;
    let spent = String::from_utf8(spent).unwrap();
    assert_eq!(status, 400);
    assert!(
        spent.contains("Token does not exist or has expired"),
        "{spent}"
    );
    // The report is still there.
    let id = listed(&client, "downloadReportId").await.remove(0);
    let again = links(&client, &id).await.unwrap();
    assert_eq!(get(&sandbox, &again[0]).await.0, 200);
}

#[tokio::test]
async fn downloads_ask_for_no_certificate_and_are_in_the_journal() {
    let (sandbox, client) = start(1).await;
    let found = finished(&sandbox, &client, "user_list", "").await;
    let credentials = sandbox.pki().client("Acme Devices").unwrap();
    let connections = sandbox.journal().connections();
    // A client that would show its certificate if it were asked.
    let eager = http(&sandbox, Some(&credentials));
    let answer = eager.get(&found[0]).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let journal = sandbox.journal().snapshot();
    let (download, calls) = journal.split_last().unwrap();
    assert!(calls.iter().all(|e| e.client_certificate));
    assert_eq!(
        (download.service.as_str(), download.operation.as_str()),
        ("download", "download")
    );
    assert!(!download.client_certificate);
    assert_eq!((download.status, &download.outcome), (200, &Outcome::Ok));
    assert_eq!(sandbox.journal().connections(), connections);
    assert!(download.to_json().contains("\"clientCertificate\":false"));
}

#[tokio::test]
async fn how_reports_are_packed() {
    let (sandbox, client) = start(5).await;
    let control = sandbox.control();
    control.report_links(2);
    control.report_csvs(2);
    let found = finished(&sandbox, &client, "consumption_daily", RANGE).await;
    assert_eq!(found.len(), 2);
    let mut rows = 0;
    for link in &found {
        let files = unzip(get(&sandbox, link).await.2);
        assert_eq!(files.len(), 2);
        assert_ne!(files[0].0, files[1].0);
        for (_, csv) in files {
            assert_eq!(csv.lines().next(), Some(HEADER));
            rows += csv.lines().count() - 1;
        }
    }
    assert_eq!(rows, 15);

    control.reset();
    control.report_zip(false);
    let inner = format!("<showSubscriptions>false</showSubscriptions>{RANGE}");
    let found = finished(&sandbox, &client, "consumption_daily", &inner).await;
    let (status, content_type, csv) = get(&sandbox, &found[0]).await;
    assert_eq!(
        (status, content_type.as_str()),
        (200, "text/csv;charset=UTF-8")
    );
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!(csv.lines().count(), 4, "a line per day: {csv}");
}

#[tokio::test]
async fn deliveries_of_messages() {
    let (sandbox, client) = start(9).await;
    sandbox.control().report_zip(false);
    let sims = sandbox.fleet().all();
    let to = |sim: &Sim| {
        format!(
            "<destSubscriptions><icc>{}</icc></destSubscriptions>",
            sim.icc
        )
    };
    let to: String = sims[..3].iter().map(|sim| to(sim)).collect();
    let sms = format!("{to}<text>hello</text><hasDeliveryReport>true</hasDeliveryReport>");
    let watcher = client.call("sendSMS", &sms).await.one("watcherId");
    let inner = format!("<watcherId>{watcher}\n</watcherId>");
    let found = finished(&sandbox, &client, "sms_ao", &inner).await;
    let csv = String::from_utf8(get(&sandbox, &found[0]).await.2).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], "Date;Watcher ID;ICC;MSISDN;Status");
    assert_eq!(lines.len(), 4);
    for (line, sim) in lines[1..].iter().zip(&sims) {
        assert!(line.contains(&format!(";{watcher};{};", sim.icc)), "{line}");
    }
    let stranger = Client::new(&sandbox, "Somebody Else");
    let found = finished(&sandbox, &stranger, "sms_ao", &inner).await;
    let csv = String::from_utf8(get(&sandbox, &found[0]).await.2).unwrap();
    assert_eq!(csv.lines().count(), 1, "it is not theirs: {csv}");
}

#[tokio::test]
async fn what_is_refused() {
    let (sandbox, client) = start(1).await;
    let daily = async |inner: &str| order(&client, "consumption_daily", inner).await;
    let both = "<showBillingAccount>true</showBillingAccount>\
                <showCommercialGroup>1</showCommercialGroup>";
    assert_eq!(daily(&format!("{both}{RANGE}")).await, "SVC 1021");
    let one = both.replace('1', "0");
    assert_eq!(daily(&format!("{one}{RANGE}")).await, "ok");
    assert_eq!(daily("<start>2026-01-01</start>").await, "SVC 1000");
    assert_eq!(daily("<start>2026-01-01</start><end/>").await, "SVC 1000");
    assert_eq!(
        daily("<start>2026-01-01</start><end>2026-02-01</end>").await,
        "SVC 1021"
    );
    assert_eq!(
        daily("<start>2026-01-01</start><end>2026-01-32</end>").await,
        "SVC 1021"
    );
    assert_eq!(daily(&format!("{RANGE}<date/>")).await, "SVC 1001");
    assert_eq!(order(&client, "weather_daily", RANGE).await, "SVC 1001");
    assert_eq!(
        order(
            &client,
            "kpi_monthly",
            "<groupBy>all</groupBy><start>2026-01</start><end>2026-02</end>"
        )
        .await,
        "SVC 1021"
    );
    let create = async |inner: &str| call(&client, "createDownloadReport", inner).await.code();
    assert_eq!(create("").await, "SVC 1000");
    assert_eq!(create("<user_list/><sms_ao/>").await, "SVC 1021");
    assert_eq!(create("<user_list/><user_list/>").await, "SVC 1021");
    let missing = call(&client, "getDownloadReportLink", "").await;
    assert_eq!(missing.code(), "SVC 1000");

    for _ in 1..10 {
        assert_eq!(order(&client, "user_list", "").await, "ok");
    }
    assert_eq!(order(&client, "user_list", "").await, "SVC 1013");
    sandbox.finish_reports();
    assert_eq!(order(&client, "user_list", "").await, "ok");
    assert_eq!(listed(&client, "status").await.len(), 11);
}

#[tokio::test]
async fn two_orders_a_second() {
    assert_eq!(documented_tps("createDownloadReport"), Some(2));
    let sandbox = Sandbox::builder().sims(1).start().await.unwrap();
    let client = Client::new(&sandbox, "Acme Devices");
    tokio::time::pause();
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(order(&client, "user_list", "").await);
    }
    assert_eq!(codes, ["ok", "ok", "POL 1005"]);
    for _ in 0..4 {
        assert_eq!(listed(&client, "status").await, ["active"; 2]);
    }
    let fifth = call(&client, "getDownloadReportList", "").await;
    assert_eq!(fifth.code(), "POL 1005");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(listed(&client, "status").await, ["finished"; 2]);
}

#[tokio::test]
async fn trouble_with_downloads() {
    let (sandbox, client) = start(50).await;
    let found = finished(&sandbox, &client, "consumption_daily", RANGE).await;
    let rule = |effect| Rule::on("download").times(1).then(effect);
    sandbox.control().add(rule(Effect::Html(503)));
    assert_eq!(get(&sandbox, &found[0]).await.0, 503);
    sandbox.control().add(rule(Effect::CutMidBody));
    let answer = http(&sandbox, None).get(&found[0]).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap_err();
    let journal = sandbox.journal().snapshot();
    let last = journal.last().unwrap();
    assert_eq!(last.outcome, Outcome::Injected("cut mid body".into()));
    assert_eq!(get(&sandbox, &found[0]).await.0, 400, "used up");
}

#[tokio::test]
async fn hand_written_orders_are_accepted() {
    let (sandbox, client) = start(3).await;
    let mut seen = 0;
    for (name, path, body) in hand_written_requests() {
        if path != REPORTS {
            continue;
        }
        seen += 1;
        let operation = name.split('.').next().unwrap();
        let answer = client.post(path, operation, body.clone()).await.unwrap();
        if operation == "createDownloadReport" || operation == "getDownloadReportList" {
            assert_eq!(answer.code(), "ok", "{name}: {}", answer.body);
        } else {
            assert_eq!(answer.code(), "SVC 1006", "{name}: of a made-up id");
            continue;
        }
        if operation == "createDownloadReport" {
            // What was sent is what is listed, and every kind can be downloaded.
            let list = call(&client, "getDownloadReportList", "").await;
            let sent = roxmltree::Document::parse(&body).unwrap();
            let leaves = sent.descendants().filter(|n| n.is_element());
            for leaf in leaves.filter(|n| n.first_element_child().is_none()) {
                if let (Some(text), (TYPES, name)) = (
                    leaf.text(),
                    (
                        leaf.tag_name().namespace().unwrap_or_default(),
                        leaf.tag_name().name(),
                    ),
                ) {
                    assert!(
                        texts(&list, name).contains(&text.to_owned()),
                        "{name} {text}"
                    );
                }
            }
            sandbox.finish_reports();
            let id = listed(&client, "downloadReportId").await.pop().unwrap();
            let link = links(&client, &id).await.unwrap().remove(0);
            let files = unzip(get(&sandbox, &link).await.2);
            assert!(files[0].1.starts_with("Date;"), "{files:?}");
            assert_eq!(
                by_id(&client, "deleteDownloadReport", &id).await.code(),
                "ok"
            );
        }
    }
    assert!(seen > 25, "tests/wire/kite/reports-v1 has moved");
}
