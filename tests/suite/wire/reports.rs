//! Reports v1: orders as they are written, the list of them as it is read.

use mno_kite_reports_v1::operations::{
    CreateDownloadReport, DeleteDownloadReport, GetDownloadReportLink, GetDownloadReportList,
};
use mno_kite_reports_v1::types::*;
use mno_kite_reports_v1::{Client, ns};
use mno_runtime::values::{Date, Msisdn, YearMonth};
use mno_runtime::xml::NamespaceTable;

use super::{Wire, answer_with, message, message_text};

const V1: Wire = Wire("reports-v1", "/services/SOAP/GlobalM2M/Reports/v1/r12");

/// The order is sent as the hand wrote it; its answer is empty.
#[track_caller]
fn ordered(file: &str, report: impl Into<Report>) {
    let request = CreateDownloadReport::from(ReportInfo::new(report));
    let name = match file {
        "" => "createDownloadReport".to_owned(),
        file => format!("createDownloadReport.{file}"),
    };
    V1.exchange(&name, async |transport| {
        Client::new(transport)
            .create_download_report(&request)
            .await
    });
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn month(text: &str) -> YearMonth {
    text.parse().unwrap()
}

const OWN: &str = "customer-0Meadow7Pumps";

/// Every report of the contract.
#[test]
fn orders() {
    let (from, to) = (day("2031-02-01"), day("2031-02-03"));
    let flags = ConsumptionDailyReport::new(day("2031-01-05"), to)
        .with_org_id(OWN)
        .with_show_billing_account(false)
        .with_show_commercial_group(true)
        .with_show_subscriptions(true);
    ordered("", flags);
    ordered("consumption_daily", ConsumptionDailyReport::new(from, to));
    let presence = PresenceReport::new("north hall", ReportPeriod::Daily, "2031-02-03");
    ordered("presence", presence);
    let location = LocationReport::new("R&D <fleet>", ReportPeriod::Monthly, "2031-01");
    ordered("location", location.with_org_id(OWN));
    ordered(
        "accumulated_summary_daily",
        AccumulatedSummaryDailyReport::new("north hall", month("2031-01")),
    );
    ordered(
        "expense_detail_monthly",
        ExpenseDetailMonthlyReport::new("meadow pumps", "2030-12"),
    );
    let base = SubscriptionBaseMonthlyReport::new(month("2030-10"), month("2031-01"));
    ordered("subscription_base_monthly", base.with_org_id(OWN));
    ordered(
        "kpi_monthly",
        KpiMonthlyReport::new(KpiGrouping::CompanyType, "2030-11", "2031-01"),
    );
    ordered(
        "expense_detail_daily",
        ExpenseDetailDailyReport::new(day("2031-01-20"), to),
    );
    let detail = ConsumptionDetailDailyReport::new(to, to);
    ordered(
        "consumption_detail_daily",
        detail.with_org_id("aggregator-5Hill2Lifts"),
    );
    ordered(
        "subscription_snapshot_daily",
        SubscriptionSnapshotDailyReport::new("2031-02-01"),
    );
    ordered("sms_ao", SmsDeliveryReport::new("0123456789abcdef01234567"));
    let charges = ChargesAggregatedReport::new("Zähler, Süd", "2031-01");
    ordered("charges_aggregated", charges.with_org_id(OWN));
    ordered(
        "api_transaction_activity_daily",
        ApiTransactionActivityDailyReport::new("2031-02-03"),
    );
    let failures = NetworkRegistrationFailureDailyReport::new("2031-02-02");
    ordered(
        "network_registration_failure_daily",
        failures.with_org_id(OWN),
    );
    ordered("swap_activity", SwapActivityReport::new("2031-02"));
    ordered(
        "retired_subscriptions",
        RetiredSubscriptionsReport::new(day("2011-01-01"), day("2012-12-31")),
    );
    let cycle = SubscriptionDetailMonthlyReport::new("meadow pumps", day("2031-01-31"))
        .with_org_id(OWN)
        .with_msisdn(Msisdn::new("+999000000102").unwrap());
    ordered("subscription_detail_monthly", cycle);
    ordered(
        "manufacturer_model_summary",
        ManufacturerModelSummaryReport::new(),
    );
    ordered("changed_imei", ChangedImeiReport::new("2031-02-03"));
    ordered("user_list", UserListReport::new());
    let lot = ManufacturerFileReport::new()
        .with_start(day("2031-01-01"))
        .with_end(day("2031-01-31"))
        .with_order("lot 7/A");
    ordered("manufacturer_file", lot);
    ordered("alarms_monthly", AlarmsMonthlyReport::new("2031-01"));
    ordered(
        "swap_first_use_monthly",
        SwapFirstUseMonthlyReport::new("2031-01"),
    );
    ordered(
        "customer_manufacturer_file",
        CustomerManufacturerFileReport::new("ord-000042"),
    );
}

#[test]
fn the_other_three() {
    let list = V1.exchange("getDownloadReportList", async |transport| {
        let request = GetDownloadReportList::new();
        Client::new(transport)
            .get_download_report_list(&request)
            .await
    });
    let id = list
        .download_reports
        .ok()
        .next()
        .unwrap()
        .download_report_id
        .clone();
    let links = V1.exchange("getDownloadReportLink", async |transport| {
        let request = GetDownloadReportLink::new(id.clone());
        Client::new(transport)
            .get_download_report_link(&request)
            .await
    });
    assert_eq!(links.result_url.len(), 1);
    V1.exchange("deleteDownloadReport", async |transport| {
        let request = DeleteDownloadReport::new(id);
        Client::new(transport)
            .delete_download_report(&request)
            .await
    });
}

#[test]
fn list_in_all_statuses() {
    let table = NamespaceTable::new(ns::TABLE);
    let list = message("reports-v1/getDownloadReportList.response.xml");
    let list = answer_with::<GetDownloadReportList>(&list, &table).unwrap();
    let reports = list.download_reports.into_all().unwrap();
    assert_eq!(reports.len(), 8);
    let first = &reports[0];
    assert_eq!(first.download_report_id, "5a5b5c5d5e5f000000000010");
    assert_eq!(first.status, DownloadReportStatus::Finished);
    let Report::ConsumptionDaily(params) = &first.params.report else {
        panic!("{:?}", first.params);
    };
    assert_eq!(params.end.to_string(), "2031-02-03");
    for status in DownloadReportStatus::ALL {
        assert!(reports.iter().any(|r| r.status == status), "{status}");
    }
}

#[test]
fn a_report_of_tomorrow_does_not_hide_the_others() {
    let table = NamespaceTable::new(ns::TABLE);
    let list = message_text("reports-v1/getDownloadReportList.response.xml");
    let list = list.replacen("consumption_daily>", "consumption_hourly>", 2);
    let list = answer_with::<GetDownloadReportList>(list.as_bytes(), &table).unwrap();
    assert_eq!(list.download_reports.len(), 8);
    assert_eq!(list.download_reports.errors().count(), 1);
}

#[test]
fn links() {
    let table = NamespaceTable::new(ns::TABLE);
    let two = message("reports-v1/getDownloadReportLink.two.response.xml");
    let links = answer_with::<GetDownloadReportLink>(&two, &table).unwrap();
    assert_eq!(links.result_url.len(), 2);
    // A link is a secret: whoever has it can fetch the report.
    assert!(!format!("{links:?}").contains("http"));
}
