"""Prebill, version 1: listed, exported, fetched."""

import xml.etree.ElementTree as ET

from judge import check


def drive(judge):
    prebill = judge.service("prebill", 1, "Prebill", "Prebill", {"exportPrebill", "getPrebills"})

    judge.begin("getPrebills")
    page = prebill.getPrebills(billingAccountID="0", startIndex=0, maxBatchSize=5) or []
    check(1 <= len(page) <= 5, "asked for 5 prebills, received %d" % len(page))
    check(all(p.prebillID for p in page), "a prebill has no id")
    after = prebill.getPrebills(billingAccountID="0", startIndex=5, maxBatchSize=5) or []
    ids = {p.prebillID for p in page}
    check(not ids & {p.prebillID for p in after}, "the second page repeats the first")
    judge.ok(len(page))

    judge.begin("exportPrebill")
    link = prebill.exportPrebill(prebillID=page[0].prebillID)
    check(link.startswith("https://"), "the link is not https")
    download = judge.anybody().get(link, timeout=judge.timeout)
    check(download.status_code == 200, "HTTP status %d" % download.status_code)
    root = ET.fromstring(download.content)
    check(root.get("id") == page[0].prebillID, "the XML is of another prebill")
    judge.ok()

    judge.begin("exportPrebill of an unknown prebill is a fault")
    judge.expect_fault(("SVC", "1006"), lambda: prebill.exportPrebill(prebillID="nothing"))
    judge.ok()
