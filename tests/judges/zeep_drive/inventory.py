"""Inventory, version 12."""

import commercial_groups
from judge import check

OPERATIONS = {
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


def drive(judge):
    inventory = judge.service("inventory", 12, "Inventory", "Inventory", OPERATIONS)

    judge.begin("getSubscriptions")
    page = inventory.getSubscriptions(maxBatchSize=5) or []
    check(1 <= len(page) <= 5, "asked for 5 subscriptions, received %d" % len(page))
    icc = page[0].icc
    check(icc, "the first subscription has no icc")
    judge.ok(len(page))

    judge.begin("getStatusDetail")
    status = inventory.getStatusDetail(icc=icc)
    check(status is not None and status.state, "no state")
    check(
        status.state == page[0].lifeCycleStatus,
        "state %r, but listed as %r" % (status.state, page[0].lifeCycleStatus),
    )
    judge.ok()

    judge.begin("modifySubscription")
    alias = "judged <&> \u00f1"
    if page[0].alias == alias:  # so that a second run changes something too
        alias += " again"
    inventory.modifySubscription(icc=icc, alias=alias)
    judge.ok()

    judge.begin("getSubscriptions reads the change back")
    filters = {"param": [{"name": "icc", "value": [icc]}]}
    found = inventory.getSubscriptions(searchParameters=filters) or []
    check(len(found) == 1, "filtered by icc, received %d subscriptions" % len(found))
    check(found[0].icc == icc, "another icc than filtered by")
    check(found[0].alias == alias, "alias is %r, not %r" % (found[0].alias, alias))
    judge.ok()

    judge.begin("getStatusDetail of an unknown SIM is a fault")
    check(judge.unknown_icc != icc, "--unknown-icc is the icc of a listed subscription")
    judge.expect_fault(
        ("SVC", "1006"), lambda: inventory.getStatusDetail(icc=judge.unknown_icc)
    )
    judge.ok()

    drive_reads(judge, inventory, page[0])
    drive_euicc(judge, inventory)


def drive_reads(judge, inventory, sim):
    icc = sim.icc

    judge.begin("getSubscriptionDetail")
    detail = inventory.getSubscriptionDetail(imsi=sim.imsi)
    check(detail.icc == icc, "another SIM")
    judge.ok()

    judge.begin("getPresenceDetail, getLocationDetail, getStatusHistory")
    check(inventory.getPresenceDetail(icc=icc).level, "no level")
    inventory.getLocationDetail(icc=icc)
    history = inventory.getStatusHistory(icc=icc)
    check(history[-1].state == sim.lifeCycleStatus, "history ends with %r" % history[-1].state)
    judge.ok(len(history))

    judge.begin("modifyTimeAndConsumption, getTimeAndConsumption")
    voucher = {"enabled": True, "dataTime": 3600, "dataConsumption": 1 << 33}
    answer = inventory.modifyTimeAndConsumption(icc=icc, timeAndConsumptionVoucher=voucher)
    check(answer is None, "the answer is not empty: %r" % answer)
    left = inventory.getTimeAndConsumption(icc=icc)
    check((left.dataTime, left.dataConsumption) == (3600, 1 << 33), "the voucher is %r" % left)
    judge.ok()

    judge.begin("modifySubscription adds an APN with an address, and deletes both (guide 6.12)")
    address = {"ipv4": "192.0.2.112"}
    inventory.modifySubscription(icc=icc, apn5="judged.example", staticIpAddress5=address)
    filters = {"param": [{"name": "icc", "value": [icc]}]}
    found = inventory.getSubscriptions(searchParameters=filters)[0]
    shown = (found.apn5, found.staticIpAddress5)
    check(shown == ("judged.example", "192.0.2.112"), "it shows %r" % (shown,))
    inventory.modifySubscription(icc=icc, apn5="-")
    found = inventory.getSubscriptions(searchParameters=filters)[0]
    check(not found.apn5 and not found.staticIpAddress5, "it is still there")
    judge.ok()

    judge.begin("networkReset")
    answer = inventory.networkReset(icc=icc, network4g=True)
    check(answer is None, "the answer is not empty: %r" % answer)
    judge.ok()


def drive_euicc(judge, inventory):
    judge.begin("an eUICC")
    filters = {"param": [{"name": "subscriptionType", "value": ["EUICC"]}]}
    found = inventory.getSubscriptions(maxBatchSize=1, searchParameters=filters)
    check(found, "there is none")
    icc = found[0].icc
    judge.ok()

    groups = commercial_groups.groups_of(judge)
    judge.begin("auditSwapProfile, downloadAndActivateProfile")
    answer = inventory.auditSwapProfile(icc=icc)
    check(answer is None, "the answer is not empty: %r" % answer)
    inventory.downloadAndActivateProfile(
        icc=icc, targetCustomerId="customer-1", targetCommercialGroupId=groups[-1].id
    )
    filters = {"param": [{"name": "icc", "value": [icc]}]}
    after = inventory.getSubscriptions(searchParameters=filters)[0]
    check(after.swapStatus == "DOWNLOADING", "its swap is %r" % after.swapStatus)
    check(after.commercialGroup == groups[-1].name, "its group is %r" % after.commercialGroup)
    judge.ok()
