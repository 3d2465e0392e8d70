"""Inventory, version 12."""

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
