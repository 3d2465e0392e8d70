"""Reports, version 1: from the order to the download."""

import datetime
import io
import time
import zipfile

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


def poll_report(reports, start, end, known):
    """Waits for a finished report on the consumption of these days that is not among the known."""
    deadline = time.monotonic() + REPORT_WAIT
    while True:
        listed = reports.getDownloadReportList() or []
        found = []
        for report in listed:
            order = report.params.consumption_daily
            if order is None or report.downloadReportId in known:
                continue
            if (order.start, order.end) == (start, end):
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
    report = poll_report(reports, start, end, known)
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
