#!/usr/bin/env python3
"""Drives a Kite server with zeep, a SOAP client that shares no code with this project.

    zeep_drive.py --base-url https://127.0.0.1:PORT --ca ca.pem --cert client.pem --key client.key

Loads our WSDLs, calls the server over mutual TLS and judges the answers. Prints `ok <step>` for
each step; exit status 1 on the first failure. The server must know at least one subscription, and
must not know the ICC given by --unknown-icc. With --reports it must also make reports within 15
seconds and hand them out by HTTPS to clients without a certificate.
"""

import argparse
import datetime
import io
import sys
import time
import zipfile
from pathlib import Path

import requests
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

SPECS = Path(__file__).resolve().parents[2] / "specs" / "wsdl" / "kite"
SERVICES = "http://www.telefonica.com/wsdl/UNICA/SOAP/Globalm2m/%s/services"
COMMON = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1"
FAULTS = "http://www.telefonica.com/wsdl/UNICA/SOAP/common/v1/faults"
INVENTORY_OPERATIONS = {
    "auditSwapProfile",
    "downloadAndActivateProfile",
    "getLocationDetail",
    "getPresenceDetail",
    "getSendSMSResult",
    "getStatusDetail",
    "getStatusHistory",
    "getSubscriptionDetail",
    "getSubscriptions",
    "getTimeAndConsumption",
    "modifySubscription",
    "modifyTimeAndConsumption",
    "networkReset",
    "sendSMS",
}
REPORTS_OPERATIONS = {
    "createDownloadReport",
    "deleteDownloadReport",
    "getDownloadReportLink",
    "getDownloadReportList",
}
REPORT_WAIT = 15  # seconds that the server has to make a report
CSV_START = b"Date;"  # the only known header begins so
USED_UP = "Token does not exist or has expired"


class Wrong(Exception):
    """The server answered, but not what it should have."""


def check(condition, message):
    if not condition:
        raise Wrong(message)


def load(transport, wsdl, binding, expected):
    client = Client(str(SPECS / wsdl), transport=transport)
    found = set(client.wsdl.bindings[binding].all())
    check(found == expected, "%s has operations %s" % (wsdl, sorted(found)))
    return client


def local_name(element):
    return element.tag.rpartition("}")[2]


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


def drive(arguments):
    session = requests.Session()
    session.trust_env = False  # neither proxies nor another set of roots from the environment
    session.verify = arguments.ca
    session.cert = (arguments.cert, arguments.key)
    transport = Transport(session=session, timeout=30, operation_timeout=arguments.timeout)
    base = arguments.base_url.rstrip("/")

    step = "load the WSDLs"
    try:
        echo_binding = "{%s}GlobalM2MEchoSOAPBinding" % (SERVICES % "echo/v1")
        inventory_binding = "{%s}GlobalM2MInventorySOAPBinding" % (SERVICES % "inventory/v12")
        echo_client = load(
            transport,
            "UNICA_API_SOAP_Globalm2m_echo_services_v1_0.wsdl",
            echo_binding,
            {"echo"},
        )
        inventory_client = load(
            transport,
            "UNICA_API_SOAP_Globalm2m_inventory_services_v12_0.wsdl",
            inventory_binding,
            INVENTORY_OPERATIONS,
        )
        if arguments.reports:
            reports_binding = "{%s}GlobalM2MReportsSOAPBinding" % (SERVICES % "reports/v1")
            reports_client = load(
                transport,
                "UNICA_API_SOAP_Globalm2m_reports_services_v1_0.wsdl",
                reports_binding,
                REPORTS_OPERATIONS,
            )
        echo = echo_client.create_service(
            echo_binding, base + "/services/SOAP/GlobalM2M/Echo/v1/r12"
        )
        inventory = inventory_client.create_service(
            inventory_binding, base + "/services/SOAP/GlobalM2M/Inventory/v12/r12"
        )
        print("ok " + step)

        step = "echo"
        text = "zeep <&> \u00f1"
        answer = echo.echo(data=text)
        check(answer == text, "sent %r, received %r" % (text, answer))
        print("ok " + step)

        step = "getSubscriptions"
        page = inventory.getSubscriptions(maxBatchSize=5) or []
        check(1 <= len(page) <= 5, "asked for 5 subscriptions, received %d" % len(page))
        icc = page[0].icc
        check(icc, "the first subscription has no icc")
        print("ok %s: %d" % (step, len(page)))

        step = "getStatusDetail"
        status = inventory.getStatusDetail(icc=icc)
        check(status is not None and status.state, "no state")
        check(
            status.state == page[0].lifeCycleStatus,
            "state %r, but listed as %r" % (status.state, page[0].lifeCycleStatus),
        )
        print("ok " + step)

        step = "modifySubscription"
        alias = "judged <&> \u00f1"
        if page[0].alias == alias:  # so that a second run changes something too
            alias += " again"
        inventory.modifySubscription(icc=icc, alias=alias)
        print("ok " + step)

        step = "getSubscriptions reads the change back"
        filters = {"param": [{"name": "icc", "value": [icc]}]}
        found = inventory.getSubscriptions(searchParameters=filters) or []
        check(len(found) == 1, "filtered by icc, received %d subscriptions" % len(found))
        check(found[0].icc == icc, "another icc than filtered by")
        check(found[0].alias == alias, "alias is %r, not %r" % (found[0].alias, alias))
        print("ok " + step)

        step = "getStatusDetail of an unknown SIM is a fault"
        check(arguments.unknown_icc != icc, "--unknown-icc is the icc of a listed subscription")
        try:
            inventory.getStatusDetail(icc=arguments.unknown_icc)
        except Fault as fault:
            check(fault.detail is not None, "the fault has no detail")
            exceptions = [e for e in fault.detail if local_name(e) == "ClientException"]
            check(len(exceptions) == 1, "no ClientException in the detail")
            check(
                exceptions[0].tag == "{%s}ClientException" % FAULTS,
                "ClientException is in another namespace: " + exceptions[0].tag,
            )
            values = {e.tag: e.text for e in exceptions[0]}
            category = values.get("{%s}exceptionCategory" % COMMON)
            number = values.get("{%s}exceptionId" % COMMON)
            check(
                (category, number) == ("SVC", "1006"),
                "the fault is %s %s, not SVC 1006" % (category, number),
            )
        else:
            raise Wrong("there was an answer instead of a fault")
        print("ok " + step)

        if not arguments.reports:
            return 0
        reports = reports_client.create_service(
            reports_binding, base + "/services/SOAP/GlobalM2M/Reports/v1/r12"
        )

        step = "createDownloadReport"
        today = datetime.datetime.now(datetime.timezone.utc).date()
        start, end = today - datetime.timedelta(days=3), today - datetime.timedelta(days=1)
        known = {other.downloadReportId for other in reports.getDownloadReportList() or []}
        answer = reports.createDownloadReport(consumption_daily={"start": start, "end": end})
        check(answer is None, "the answer is not empty: %r" % answer)
        print("ok " + step)

        step = "getDownloadReportList"
        report = poll_report(reports, start, end, known)
        check(report.downloadReportId, "the report has no id")
        check(
            report.created <= report.modified and report.created < report.remove,
            "the times of the report are in the wrong order",
        )
        print("ok " + step)

        step = "getDownloadReportLink"
        links = reports.getDownloadReportLink(downloadReportId=report.downloadReportId) or []
        check(links, "no link")
        check(all(link.startswith("https://") for link in links), "a link is not https")
        print("ok %s: %d" % (step, len(links)))

        step = "the link works without a client certificate"
        anybody = requests.Session()
        anybody.trust_env = False
        anybody.verify = arguments.ca
        download = anybody.get(links[0], timeout=arguments.timeout)
        check(download.status_code == 200, "HTTP status %d" % download.status_code)
        print("ok %s: %s" % (step, check_report(download.content)))

        step = "the link does not work twice"
        download = anybody.get(links[0], timeout=arguments.timeout)
        check(download.status_code == 400, "HTTP status %d" % download.status_code)
        check(USED_UP in download.text, "the body is %r" % download.text[:200])
        print("ok " + step)

        step = "deleteDownloadReport"
        answer = reports.deleteDownloadReport(downloadReportId=report.downloadReportId)
        check(answer is None, "the answer is not empty: %r" % answer)
        left = {other.downloadReportId for other in reports.getDownloadReportList() or []}
        check(report.downloadReportId not in left, "the report is still in the list")
        print("ok " + step)
    except Exception as error:  # any failure at all is a verdict
        print("FAIL %s: %s: %s" % (step, type(error).__name__, error), file=sys.stderr)
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", required=True, help="such as https://127.0.0.1:8010")
    parser.add_argument("--ca", required=True, help="PEM file that the server's certificate is verified with")
    parser.add_argument("--cert", required=True, help="PEM file with the client's certificate")
    parser.add_argument("--key", required=True, help="PEM file with the client's key")
    parser.add_argument("--unknown-icc", default="8999999999999999998", help="an ICC that the server does not know")
    parser.add_argument("--timeout", type=float, default=70, help="seconds that a call may take")
    parser.add_argument("--reports", action="store_true", help="try the reports service too")
    arguments = parser.parse_args()
    if not arguments.base_url.startswith("https://"):
        parser.error("--base-url must begin with https://")
    for name in ("ca", "cert", "key"):
        if not Path(getattr(arguments, name)).is_file():
            parser.error("--%s: no such file" % name)
    return drive(arguments)


if __name__ == "__main__":
    sys.exit(main())
