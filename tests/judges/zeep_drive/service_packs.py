"""Service packs, version 2: page by page."""

from judge import check

SIZE = 10


def drive(judge):
    packs = judge.service("servicepack", 2, "ServicePacks", "ServicePacks", {"getServicePacks"})

    judge.begin("getServicePacks")
    found = []
    while True:
        page = packs.getServicePacks(startIndex=len(found), maxBatchSize=SIZE) or []
        found += [pack.id for pack in page]
        if len(page) < SIZE:
            break
    check(found, "there are no service packs")
    check(len(set(found)) == len(found), "a service pack is listed twice")
    judge.ok(len(found))
