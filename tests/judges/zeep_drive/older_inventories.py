"""Inventory, versions 4, 5 and 9."""

from judge import check

OPERATIONS = {
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
    "sendSMS",
}


def drive(judge):
    for version in (4, 5, 9):
        inventory = judge.service("inventory", version, "Inventory", "Inventory", OPERATIONS)
        drive_version(judge, version, inventory)


def drive_version(judge, version, inventory):
    def begin(step):
        judge.begin("v%d %s" % (version, step))

    begin("getSubscriptions")
    page = inventory.getSubscriptions(maxBatchSize=3, startIndex=version)
    check(len(page) == 3, "asked for 3 subscriptions, received %d" % len(page))
    icc = page[0].icc
    check(page[0].consumptionMonthly.data.value is not None, "no consumption")
    judge.ok(icc)

    begin("getSubscriptionDetail")
    detail = inventory.getSubscriptionDetail(imsi=page[0].imsi)
    check(detail.icc == icc, "another SIM")
    judge.ok()

    begin("getPresenceDetail, getLocationDetail, getStatusDetail, getStatusHistory")
    check(inventory.getPresenceDetail(icc=icc).level, "no level")
    inventory.getLocationDetail(icc=icc)
    state = inventory.getStatusDetail(icc=icc).state
    check(state == page[0].lifeCycleStatus, "state %r" % state)
    history = inventory.getStatusHistory(icc=icc)
    check(history[-1].state == state, "history ends with %r" % history[-1].state)
    judge.ok(state)

    begin("modifySubscription")
    address = {"ipv4": "192.0.2.%d" % version}
    if version < 9:
        inventory.modifySubscription(icc=icc, staticIp=address, staticApnIndex=0)
    else:
        inventory.modifySubscription(icc=icc, staticIpAddress0=address)
    filters = {"param": [{"name": "icc", "value": [icc]}]}
    found = inventory.getSubscriptions(searchParameters=filters)[0]
    check(found.staticIp == address["ipv4"], "the address is %r" % found.staticIp)
    if version < 9:
        check(found.staticApnIndex == 0, "the index is %r" % found.staticApnIndex)
    else:
        check(found.staticIpAddress0 == address["ipv4"], "not at its APN")
    judge.ok()

    begin("modifyTimeAndConsumption, getTimeAndConsumption")
    voucher = {"enabled": True, "dataTime": 3600, "dataConsumption": 1 << 33}
    inventory.modifyTimeAndConsumption(icc=icc, timeAndConsumptionVoucher=voucher)
    left = inventory.getTimeAndConsumption(icc=icc)
    check(left.dataConsumption == 1 << 33, "the voucher is %r" % left)
    judge.ok()

    begin("sendSMS, getSendSMSResult")
    watcher = inventory.sendSMS(destSubscriptions=[{"icc": icc}], text="<&> \u00f1")
    check(watcher, "no watcherId")
    check(inventory.getSendSMSResult(watcherId=watcher).status, "no status")
    judge.ok()
