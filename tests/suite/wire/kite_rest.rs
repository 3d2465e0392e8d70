//! Kite over REST: every operation over the wire, and what its documents disagree about.

use std::collections::BTreeMap;
use std::future::Future;

use mno_sdk::kite::rest::inventory::{
    BlockCause, BlockRequest, Client as InventoryClient, ConsumptionHistory,
};
use mno_sdk::kite::rest::reports::{
    ConsumptionDailyReport, DownloadReportStatus, InventoryExportColumn, InventoryExportReport,
    ReportOrder, SmsDeliveryReport,
};
use mno_sdk::kite::rest::service_packs::{
    EnumerationType, LifeCycleStatus, PublicationStatus, SteeringType, TariffType, VoucherType,
};
use mno_sdk::kite::rest::{SimId, inventory, service_packs};
use mno_sdk::runtime::values::{Date, Iccid, Imsi, Msisdn};
use mno_sdk::{Error, ErrorKind, Kite, RateLimits};
use serde_json::Value;

use super::{Recorder, message};

const JSON: &str = "application/json;charset=UTF-8";

fn kite(recorder: &Recorder) -> Kite {
    Kite::builder()
        .transport(recorder.transport())
        .rate_limits(RateLimits::unlimited())
        .build()
        .unwrap()
}

/// Runs a future with a clock: the policies look at it.
fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

/// An answer written by hand.
fn answering(name: &str) -> Recorder {
    Recorder::new(200, JSON, message(name))
}

/// A call was sent so, with the body of the file or with none.
#[track_caller]
fn assert_sent(recorder: &Recorder, method: &str, path: &str, body: Option<&str>) {
    let sent = recorder.call().request;
    assert_eq!(sent.method().as_str(), method);
    let below = "/services/REST/GlobalM2M/";
    assert_eq!(sent.uri().to_string(), format!("{below}{path}"));
    assert_eq!(sent.headers()["accept"], "application/json");
    match body {
        None => assert!(sent.body().is_empty()),
        Some(name) => {
            let sent_as = sent.headers()["content-type"].to_str().unwrap();
            assert!(sent_as.starts_with("application/json"), "{sent_as}");
            let ours: Value = serde_json::from_slice(sent.body()).unwrap();
            let theirs: Value = serde_json::from_slice(&message(name)).unwrap();
            assert_eq!(ours, theirs);
        }
    }
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn icc() -> Iccid {
    Iccid::new("8999000000000000019").unwrap()
}

#[test]
fn echo() {
    let recorder = answering("rest-echo-v1/echo.response.json");
    let answer = run(kite(&recorder).rest().echo().send("hello")).unwrap();
    assert_eq!(answer, "hello");
    let body = Some("rest-echo-v1/echo.request.json");
    assert_sent(&recorder, "POST", "Echo/v1/r12/echo", body);

    let recorder = answering("rest-echo-v1/echo.response.json");
    for text in ["", "twenty-one characters"] {
        let error = run(kite(&recorder).rest().echo().send(text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.path(), Some("data"));
    }
    assert!(recorder.calls().is_empty(), "nothing was sent");
}

#[test]
fn service_packs_list() {
    let recorder = answering("rest-service-packs-v2/getServicePacks.response.json");
    let request = service_packs::GetServicePacks::new()
        .with_start_index(10)
        .with_max_batch_size(5)
        .with_customer("customer-5a5b5c5d5e5f000000000050");
    let plans = kite(&recorder).rest().service_packs();
    let answer = run(plans.raw().get_service_packs(&request)).unwrap();
    let query = "startIndex=10&maxBatchSize=5&customer=customer-5a5b5c5d5e5f000000000050";
    let path = format!("ServicePacks/v2/r12/servicePack?{query}");
    assert_sent(&recorder, "GET", &path, None);
    let packs = answer.service_packs.into_all().unwrap();
    let [full, sparse] = &packs[..] else {
        panic!("{packs:?}");
    };
    assert_eq!(
        (full.id(), full.name()),
        (Some("5151"), Some("Pumps & valves"))
    );
    assert_eq!(full.description(), None, "blank");
    assert_eq!(full.published, Some(PublicationStatus::Published));
    assert_eq!(full.white_list, ["999100*", "999200*"]);
    assert_eq!(full.restrictions_id(), Some("71"), "a number on the wire");
    assert_eq!(full.lists_locked, Some(false), "a text on the wire");
    assert_eq!((sparse.id(), sparse.name()), (Some("5152"), None));
    assert_eq!(sparse.lists_locked, None, "blank");
    // A status of tomorrow never reads as one of today.
    let published = sparse.published.as_ref().unwrap();
    assert!(!published.is_known() && published.as_str() == "WITHDRAWN");
}

#[test]
fn a_service_pack_in_full() {
    let recorder = answering("rest-service-packs-v2/getServicePack.response.json");
    let plan = run(kite(&recorder).rest().service_packs().get("5151"))
        .unwrap()
        .unwrap();
    assert_sent(
        &recorder,
        "GET",
        "ServicePacks/v2/r12/servicePack/5151",
        None,
    );
    assert_eq!(plan.published, Some(PublicationStatus::PublishedPending));
    assert_eq!(plan.max_subscriptions, Some(25_000));
    assert_eq!(plan.has_commercial_group, Some(true), "TRUE on the wire");
    let customer = plan.customers.ok().next().unwrap();
    assert_eq!(customer.restricted, Some(true));
    let discount = plan.discounts.ok().next().unwrap();
    let percent = (discount.data, discount.sms, discount.voice);
    assert_eq!(percent, (Some(1250), Some(10_000), Some(0)));

    let cycle = plan.life_cycle.unwrap().status.into_all().unwrap();
    assert_eq!(cycle[0].timer, Some(31_536_000));
    let ways = cycle[0].transitions.ok().collect::<Vec<_>>();
    let to = |n: usize| ways[n].destination_status.clone();
    assert_eq!(to(0), Some(LifeCycleStatus::ActivationPendant));
    assert_eq!(to(1), Some(LifeCycleStatus::Suspended));
    let by_timer = ways[1].automatic_info.as_ref().unwrap().timer_cause;
    assert_eq!(by_timer, Some(true));
    let test = cycle[1].transitions.ok().next().unwrap();
    let info = test.automatic_info.as_ref().unwrap();
    let vouchers = &info.voucher_cause_info.as_ref().unwrap().voucher;
    assert_eq!(
        vouchers[..],
        [VoucherType::DataHome, VoucherType::SmsRoaming]
    );

    let restrictions = plan.restrictions.unwrap();
    assert_eq!(restrictions.operator, ["112", "113"], "number and text");
    let steering = restrictions.steering.unwrap();
    assert_eq!(steering.steering_type, Some(SteeringType::Both));
    let created = steering.created.unwrap().to_system_time().unwrap();
    let modified = steering.modified.unwrap().to_system_time().unwrap();
    assert!(created < modified, "with and without milliseconds");
    let voice = restrictions.voice.unwrap().mo.unwrap();
    assert_eq!(voice.roaming, Some(false));

    let tariffs = plan.tariff_plan_services.unwrap();
    let by_use = tariffs.default_data.unwrap();
    assert_eq!(by_use.type_, Some(TariffType::PayPerUse));
    let prices = by_use.tariff_pay_per_use.unwrap();
    assert_eq!((prices.t2q, prices.q1), (Some(4500), Some(1_048_576)));
    assert_eq!((prices.pool, prices.n2_free), (Some(true), None));
    let data = tariffs.data.ok().next().unwrap();
    let voucher = data.tariff_vouchers.ok().next().unwrap();
    assert_eq!(voucher.fee, Some(100_000));
    let costs = plan.tariff_plan_life_cycle.unwrap();
    assert_eq!(costs.status.ok().next().unwrap().cost, Some(25_000));
    assert_eq!(costs.transitions.ok().next().unwrap().cost, Some(0));
}

#[test]
fn an_unknown_service_pack_is_none() {
    let fault = message("rest-faults/wrapped-text.json");
    let recorder = Recorder::new(404, JSON, fault);
    let plan = run(kite(&recorder).rest().service_packs().get("1")).unwrap();
    assert_eq!(plan, None);
    // A path that is not there is no answer about a plan.
    let recorder = Recorder::new(404, "text/html", "<html><title>Not here</title></html>");
    let error = run(kite(&recorder).rest().service_packs().get("1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
}

#[test]
fn enumerations() {
    for (of, name, file) in [
        (
            EnumerationType::ServiceProviderZone,
            "serviceProviderZone",
            "zones",
        ),
        (EnumerationType::Raid, "RAID", "operators"),
        (EnumerationType::ChargeCodes, "chargeCodes", "chargeCodes"),
    ] {
        let file = format!("rest-service-packs-v2/getEnumerated.{file}.response.json");
        let recorder = answering(&file);
        let items = run(kite(&recorder)
            .rest()
            .service_packs()
            .enumerated(of.clone()))
        .unwrap();
        let path = format!("ServicePacks/v2/r12/enumerated?enumType={name}");
        assert_sent(&recorder, "GET", &path, None);
        let items = items.into_all().unwrap();
        let [item] = &items[..] else {
            panic!("{items:?}");
        };
        match of {
            EnumerationType::ServiceProviderZone => {
                assert_eq!((item.sub_id, item.name()), (Some(12), Some("Zone 12")));
                assert_eq!(item.description(), None, "a blank");
                let spanish = item.translation.ok().next().unwrap();
                assert_eq!(spanish.language(), Some("es"));
            }
            EnumerationType::Raid => {
                assert_eq!((item.id(), item.has_lte), (Some("112"), Some(true)));
            }
            _ => assert_eq!(item.id(), Some("EXAMPLE_MONTHLY_FEE(39)")),
        }
    }
}

#[test]
fn a_report_is_ordered() {
    let daily = ConsumptionDailyReport::new(date("2031-01-01"), date("2031-01-30"))
        .with_show_subscriptions(true);
    let filter = BTreeMap::from([("lifeCycleState".to_owned(), "ACTIVE".to_owned())]);
    let export = InventoryExportReport::new()
        .with_filters([filter])
        .with_columns([
            InventoryExportColumn::Icc,
            InventoryExportColumn::LifeCycleStatus,
            InventoryExportColumn::ConsumptionDataConsumptionMonth,
        ]);
    for (order, file) in [
        (
            ReportOrder::new().with_consumption_daily(daily),
            "consumption",
        ),
        (ReportOrder::new().with_inventory_export(export), "export"),
    ] {
        let recorder = Recorder::new(202, "", "");
        run(kite(&recorder).rest().reports().create(order)).unwrap();
        let body = format!("rest-reports-v1/createDownloadReport.{file}.request.json");
        let path = "Reports/v1/r12/report/downloadReport";
        assert_sent(&recorder, "POST", path, Some(&body));
    }
}

#[test]
fn an_order_of_none_or_of_two_reports_is_not_sent() {
    let both = || {
        ReportOrder::new()
            .with_sms_ao(SmsDeliveryReport::new("1"))
            .with_user_list(BTreeMap::new())
    };
    let exclusive = ConsumptionDailyReport::new(date("2031-01-01"), date("2031-01-02"))
        .with_show_billing_account(true)
        .with_show_commercial_group(true);
    let recorder = Recorder::new(202, "", "");
    for order in [
        ReportOrder::new(),
        both(),
        ReportOrder::new().with_consumption_daily(exclusive),
    ] {
        let error = run(kite(&recorder).rest().reports().create(order)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    assert!(recorder.calls().is_empty());
}

#[test]
fn reports_are_listed() {
    let recorder = answering("rest-reports-v1/getDownloadReportList.response.json");
    let list = run(kite(&recorder).rest().reports().list()).unwrap();
    assert_sent(
        &recorder,
        "GET",
        "Reports/v1/r12/report/downloadReport",
        None,
    );
    let reports: Vec<_> = list.ok().collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0].status, Some(DownloadReportStatus::Finished));
    let params = reports[0].params.as_ref().unwrap();
    let daily = params.consumption_daily.as_ref().unwrap();
    assert_eq!(daily.show_subscriptions, Some(true), "a text on the wire");
    assert_eq!(daily.end, date("2031-01-30"));
    // Ordered over SOAP, where the report has another name, and of a status of tomorrow.
    let status = reports[1].status.as_ref().unwrap();
    assert!(!status.is_known());
    assert_eq!(reports[1].params, Some(ReportOrder::new()));
    // One without an id is that one's error.
    let bad: Vec<_> = list.errors().collect();
    assert_eq!((list.len(), bad.len()), (3, 1));
    assert!(bad[0].path().contains("[2]"), "{}", bad[0].path());
}

#[test]
fn links_and_deletion() {
    let id = "5a5b5c5d5e5f000000000071";
    let recorder = answering("rest-reports-v1/getDownloadReportLink.response.json");
    let request = mno_sdk::kite::rest::reports::GetDownloadReportLink::new(id);
    let reports = kite(&recorder).rest().reports();
    let answer = run(reports.raw().get_download_report_link(&request)).unwrap();
    let links = answer.result_url;
    let path = format!("Reports/v1/r12/report/downloadReport/{id}");
    assert_sent(&recorder, "GET", &format!("{path}/link"), None);
    assert_eq!(links.len(), 2);
    assert!(links[0].starts_with("https://downloads.example/"));

    let recorder = answering("rest-reports-v1/deleteDownloadReport.response.json");
    run(kite(&recorder).rest().reports().delete(id)).unwrap();
    assert_sent(&recorder, "DELETE", &path, None);
    let recorder = Recorder::new(200, JSON, r#"{"data": "false"}"#);
    let error = run(kite(&recorder).rest().reports().delete(id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
}

/// In paths `tel:` is an MSISDN, and a subscription id stands by itself.
#[test]
fn sims_stand_in_paths_as_the_documents_write_them() {
    for (sim, segment) in [
        (SimId::from(icc()), "icc:8999000000000000019"),
        (
            Imsi::new("001010000000001").unwrap().into(),
            "imsi:001010000000001",
        ),
        (
            Msisdn::new("999000000001").unwrap().into(),
            "tel:999000000001",
        ),
        (SimId::SubscriptionId("4a/1".to_owned()), "4a%2F1"),
    ] {
        let recorder = Recorder::new(200, "", "");
        let shown = format!("{sim:?}");
        assert!(shown.ends_with("(…)"), "{shown}");
        let block = BlockRequest::new(true).with_block_cause(BlockCause::User);
        run(kite(&recorder).rest().inventory().block(sim, block)).unwrap();
        let path = format!("Inventory/v13/r12/sim/{segment}/block");
        let body = Some("rest-inventory-v13/block.request.json");
        assert_sent(&recorder, "PUT", &path, body);
    }
    // Whatever the answer's body is: it is not documented.
    for (status, body) in [(200, r#"{"data": true}"#), (204, "")] {
        let recorder = Recorder::new(status, JSON, body);
        let inventory = kite(&recorder).rest().inventory();
        run(inventory.block(icc(), BlockRequest::new(false))).unwrap();
        let body = Some("rest-inventory-v13/unblock.request.json");
        let path = "Inventory/v13/r12/sim/icc:8999000000000000019/block";
        assert_sent(&recorder, "PUT", path, body);
    }
}

/// "Numbers and booleans in REST": numbers as text are numbers, blank ones are not set.
#[test]
fn consumption_as_numbers_as_texts_and_blank() {
    let (start, end) = (date("2031-01-01"), date("2031-01-04"));
    let recorder = answering("rest-inventory-v13/consumptionHistory.response.json");
    let inventory = kite(&recorder).rest().inventory();
    let days = run(inventory.consumption_history(icc(), start, end)).unwrap();
    let path = "Inventory/v13/r12/sim/icc:8999000000000000019/consumptionHistory?\
                startDate=2031-01-01&endDate=2031-01-04&monthly=false";
    assert_sent(&recorder, "GET", path, None);
    let read: Vec<_> = days.ok().map(|d| (d.voice, d.sms, d.data)).collect();
    // The third number has more digits than a double holds.
    let text = (Some(0), Some(25), Some(9_007_199_254_740_993));
    let number = (Some(61), Some(2), Some(1_048_576));
    assert_eq!(read, [number, text, (None, None, None)]);
    // What cannot be read is that day's error, with its place and without its value.
    let bad = days.errors().next().unwrap();
    assert_eq!(bad.path(), "consumptionHistoryData[3].voice");
    assert!(!bad.to_string().contains("much"));

    let recorder = answering("rest-inventory-v13/consumptionHistory.response.json");
    let inventory = kite(&recorder).rest().inventory();
    run(inventory.consumption_history_by_cycle(icc(), start, end)).unwrap();
    let path = path.replace("monthly=false", "monthly=true");
    assert_sent(&recorder, "GET", &path, None);

    let recorder = answering("rest-inventory-v13/consumptionHistory.response.json");
    let inventory = kite(&recorder).rest().inventory();
    let error = run(inventory.consumption_history(icc(), end, start)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(recorder.calls().is_empty());
    // The filter is optional in the contract.
    let request = ConsumptionHistory::new("icc:8999000000000000019");
    run(InventoryClient::new(recorder.transport()).consumption_history(&request)).unwrap();
    let path = "Inventory/v13/r12/sim/icc:8999000000000000019/consumptionHistory";
    assert_sent(&recorder, "GET", path, None);
}

#[test]
fn data_sessions() {
    let recorder = answering("rest-inventory-v13/gprsHistory.response.json");
    let inventory = kite(&recorder).rest().inventory();
    let range = (date("2031-01-01"), date("2031-01-02"));
    let sessions = run(inventory.gprs_history(icc(), range.0, range.1)).unwrap();
    let path = "Inventory/v13/r12/sim/icc:8999000000000000019/gprsHistory?\
                startDate=2031-01-01&endDate=2031-01-02";
    assert_sent(&recorder, "GET", path, None);
    let session = sessions.into_all().unwrap().remove(0);
    assert_eq!(
        (session.sent_bytes, session.received_bytes),
        (Some(512), Some(1024))
    );
    assert_eq!(
        (session.rat_type_start, session.rat_type_end),
        (Some(9), Some(8))
    );
    assert_eq!(session.session_id(), Some("4711"), "a number on the wire");
    assert_eq!(session.cgi(), None, "blank");
    let times = [
        session.start_timestamp.unwrap(),
        session.end_timestamp.unwrap(),
    ];
    let [start, end] = times.map(|t| t.to_system_time().unwrap());
    assert_eq!(end.duration_since(start).unwrap().as_secs(), 600);
    let debug = format!("{session:?}");
    assert!(
        !debug.contains("192.0.2.10") && debug.contains("fleet.example"),
        "{debug}"
    );
}

/// A call that is refused with a file's fault.
fn refused(status: u16, fault: &str) -> Error {
    let recorder = Recorder::new(status, JSON, message(&format!("rest-faults/{fault}.json")));
    let inventory = kite(&recorder).rest().inventory();
    let range = (date("2031-01-01"), date("2031-01-02"));
    let error = run(inventory.gprs_history(icc(), range.0, range.1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault, "{fault}: {error}");
    error
}

/// "`exceptionId` appears as int `1013`, string `"1013"`, and string `"SVC 1021"`"; with wrapper and
/// without.
#[test]
fn exception_ids_of_every_form() {
    for (status, fault, code, wrapped) in [
        (403, "wrapped-number", "SVC 1013", true),
        (404, "wrapped-text", "SVC 1006", true),
        (400, "wrapped-with-category", "SVC 1021", true),
        (400, "bare", "SVC 1021", false),
        (403, "ip", "SVC 1013", false),
        (503, "server", "SVR 1006", true),
    ] {
        let error = refused(status, fault);
        assert_eq!(error.exception().unwrap().code(), code, "{fault}");
        assert_eq!(error.status().unwrap(), status);
        let typed = error.fault::<inventory::ErrorResponse>().unwrap();
        let inner = (&typed.client_exception, &typed.server_exception);
        assert_eq!(inner.0.is_some() || inner.1.is_some(), wrapped, "{fault}");
        assert_eq!(typed.exception_id().is_some(), !wrapped, "{fault}");
        let debug = format!("{error} {error:?} {typed:?}");
        assert!(!debug.contains("8999000000000000019"), "{debug}");
    }
}

/// Several meanings share a number and are told apart by the text.
#[test]
fn refusals_over_rest_mean_what_they_mean_over_soap() {
    assert!(refused(403, "wrapped-number").is_forbidden());
    assert!(refused(404, "wrapped-text").is_not_found());
    assert!(refused(503, "server").is_unavailable());
    let ip = refused(403, "ip");
    assert!(ip.is_ip_denied());
    assert_eq!(ip.denied_ip().unwrap().to_string(), "192.0.2.77");
    // "REST statuses: 403 (1013; but sometimes 400)": the number says what it is.
    assert!(refused(400, "wrapped-number").is_forbidden());
    assert!(refused(500, "server").is_unavailable());

    let fields = refused(400, "wrapped-with-category");
    assert!(fields.is_invalid_parameter());
    let [field] = &fields.exception().unwrap().field_errors()[..] else {
        panic!("{fields}");
    };
    assert_eq!((&*field.field, &*field.rule), ("startDate", "format"));
}
