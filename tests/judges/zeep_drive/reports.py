"""Reports, version 1: from the order to the download, and the delivery report of a message."""

import datetime
import io
import time
import zipfile

import inventory
from judge import check

OPERATIONS = {
    "createDownloadReport",
    "deleteDownloadReport",
    "getDownloadReportLink",
    "getDownloadReportList",
}
REPORT_WAIT = 15  # seconds that the server has to make a report
CSV_START = b"Date;"  # the only known header begins so
USED_UP = "Token does not exist or has expired"


def poll_report(reports, wanted, known):
    """Waits for a finished report that is not among the known and whose parameters are wanted."""
    deadline = time.monotonic() + REPORT_WAIT
    while True:
        listed = reports.getDownloadReportList() or []
        found = []
        for report in listed:
            if report.downloadReportId not in known and wanted(report.params):
                found.append(report)
        check(len(found) <= 1, "one order, but %d reports" % len(found))
        if found and found[0].status == "finished":
            return found[0]
        status = found[0].status if found else "not in the list"
        check(status in ("active", "paused", "not in the list"), "the report is %s" % status)
        check(time.monotonic() < deadline, "after %d seconds still %s" % (REPORT_WAIT, status))
        time.sleep(1)


def check_csv(content, name):
    text = content.removeprefix(b"\xef\xbb\xbf")
    check(text.startswith(CSV_START), "%s begins with %r" % (name, text[:40]))


def check_report(content):
    """A ZIP with CSV files in it, or bare CSV."""
    if not content.startswith(b"PK\x03\x04"):
        check_csv(content, "the body")
        return "CSV"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        check(archive.testzip() is None, "the ZIP is damaged")
        names = archive.namelist()
        check(names, "the ZIP is empty")
        for name in names:
            check(name.endswith(".csv"), "the ZIP holds %s" % name)
            check_csv(archive.read(name), name)
    return "ZIP of %d CSV" % len(names)


def drive(judge):
    reports = judge.service("reports", 1, "Reports", "Reports", OPERATIONS)

    judge.begin("createDownloadReport")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    start, end = today - datetime.timedelta(days=3), today - datetime.timedelta(days=1)
    known = {other.downloadReportId for other in reports.getDownloadReportList() or []}
    answer = reports.createDownloadReport(consumption_daily={"start": start, "end": end})
    check(answer is None, "the answer is not empty: %r" % answer)
    judge.ok()

    judge.begin("getDownloadReportList")

    def wanted(params):
        order = params.consumption_daily
        return order is not None and (order.start, order.end) == (start, end)

    report = poll_report(reports, wanted, known)
    check(report.downloadReportId, "the report has no id")
    check(
        report.created <= report.modified and report.created < report.remove,
        "the times of the report are in the wrong order",
    )
    judge.ok()

    judge.begin("getDownloadReportLink")
    links = reports.getDownloadReportLink(downloadReportId=report.downloadReportId) or []
    check(links, "no link")
    check(all(link.startswith("https://") for link in links), "a link is not https")
    judge.ok(len(links))

    judge.begin("the link works without a client certificate")
    anybody = judge.anybody()
    download = anybody.get(links[0], timeout=judge.timeout)
    check(download.status_code == 200, "HTTP status %d" % download.status_code)
    judge.ok(check_report(download.content))

    judge.begin("the link does not work twice")
    download = anybody.get(links[0], timeout=judge.timeout)
    check(download.status_code == 400, "HTTP status %d" % download.status_code)
    check(USED_UP in download.text, "the body is %r" % download.text[:200])
    judge.ok()

    judge.begin("deleteDownloadReport")
    answer = reports.deleteDownloadReport(downloadReportId=report.downloadReportId)
    check(answer is None, "the answer is not empty: %r" % answer)
    left = {other.downloadReportId for other in reports.getDownloadReportList() or []}
    check(report.downloadReportId not in left, "the report is still in the list")
    judge.ok()

    drive_delivery_report(judge, reports)


def drive_delivery_report(judge, reports):
    """The flow of guide 6.6."""
    sims = judge.service("inventory", 12, "Inventory", "Inventory", inventory.OPERATIONS)

    judge.begin("sendSMS")
    page = sims.getSubscriptions(maxBatchSize=3)
    destinations = [{"icc": sim.icc} for sim in page]
    watcher = sims.sendSMS(
        destSubscriptions=destinations, text="judged <&> \u00f1", hasDeliveryReport=True
    )
    check(watcher, "no watcher id")
    judge.ok()

    judge.begin("getSendSMSResult")
    deadline = time.monotonic() + REPORT_WAIT
    while True:
        result = sims.getSendSMSResult(watcherId=watcher)
        if result is not None and result.status == "finished":
            break
        check(result is None or result.status in ("active", "paused"), "it is %r" % result)
        check(time.monotonic() < deadline, "not finished after %d seconds" % REPORT_WAIT)
        time.sleep(0.5)
    judge.ok()

    judge.begin("the delivery report: sms_ao")
    known = {other.downloadReportId for other in reports.getDownloadReportList() or []}
    reports.createDownloadReport(sms_ao={"watcherId": watcher})

    def wanted(params):
        return params.sms_ao is not None and params.sms_ao.watcherId == watcher

    report = poll_report(reports, wanted, known)
    link = reports.getDownloadReportLink(downloadReportId=report.downloadReportId)[0]
    content = judge.anybody().get(link, timeout=judge.timeout).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    for sim in page:
        check(sim.icc in text, "a SIM has no row in the delivery report")
    reports.deleteDownloadReport(downloadReportId=report.downloadReportId)
    judge.ok(len(page))
