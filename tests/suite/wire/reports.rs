//! Reports v1: orders as they are written, the list of them as it is read.

use mno_kite_reports_v1::ns;
use mno_kite_reports_v1::operations::{
    CreateDownloadReport, GetDownloadReportLink, GetDownloadReportList,
};
use mno_kite_reports_v1::types::{
    ConsumptionDailyReport, DownloadReportStatus, Report, SmsDeliveryReport,
};
use mno_runtime::values::Date;
use mno_runtime::xml::NamespaceTable;

use super::tree::{assert_same, body};
use super::{answer_with, envelope, message, message_text};

#[track_caller]
fn written(report: impl Into<Report>, file: &str) {
    let request = CreateDownloadReport::from(mno_kite_reports_v1::types::ReportInfo::new(report));
    let theirs = message_text(&format!(
        "reports-v1/createDownloadReport.{file}.request.xml"
    ));
    assert_same(&body(&envelope(&request, ns::TABLE)), &body(&theirs));
}

#[test]
fn orders() {
    let day = |d| Date::new(2031, 2, d).unwrap();
    written(
        ConsumptionDailyReport::new(day(1), day(3)),
        "consumption_daily",
    );
    written(SmsDeliveryReport::new("0123456789abcdef01234567"), "sms_ao");
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
