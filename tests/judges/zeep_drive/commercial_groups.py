"""Commercial groups, versions 4 and 2: made, read, changed, deleted."""

from zeep import xsd

import end_customers
from judge import check

OPERATIONS = {
    "createCommercialGroup",
    "deleteCommercialGroup",
    "getCommercialGroup",
    "getCommercialGroups",
    "updateCommercialGroup",
    "updateScreeningLists",
}


def drive(judge):
    owners = judge.service(
        "endcustomer", 2, "EndCustomers", "EndCustomer", end_customers.OPERATIONS
    )
    owner = owners.createEndCustomer(
        name="Judged Gates",
        defaultLanguage="en",
        companyAddress=end_customers.ADDRESS,
        primaryContact=end_customers.CONTACT,
        billingAddress=end_customers.ADDRESS,
        shippingAddress=end_customers.ADDRESS,
    )
    drive_version(judge, 4, OPERATIONS | {"updateLpwaPowerSaving"}, owner)
    drive_version(judge, 2, OPERATIONS, owner)
    owners.deleteEndCustomer(endCustomerID=owner)


def groups_of(judge):
    """The groups that there are."""
    operations = OPERATIONS | {"updateLpwaPowerSaving"}
    groups = judge.service("commercialgroup", 4, "CommercialGroup", "CommercialGroup", operations)
    return groups.getCommercialGroups()


def drive_version(judge, version, operations, owner):
    groups = judge.service(
        "commercialgroup", version, "CommercialGroup", "CommercialGroup", operations
    )
    name = "zeep <&> v%d" % version

    judge.begin("createCommercialGroup v%d" % version)
    group = groups.createCommercialGroup(
        name=name,
        servicePackId="30301",
        billingAccountId="0",
        limitTotal={"enabled": True, "value": "12.5", "trafficCut": False},
        whiteList=["99901*", "99902*"],
    )
    check(group and group.isdigit(), "the id is %r" % group)
    judge.ok(group)

    judge.begin("getCommercialGroups v%d" % version)
    listed = groups.getCommercialGroups() or []
    check([g.name for g in listed if g.id == group] == [name], "the group is not in the list")
    judge.ok(len(listed))

    judge.begin("updateCommercialGroup v%d" % version)
    answer = groups.updateCommercialGroup(id=group, endCustomer=owner)
    check(answer is None, "the answer is not empty: %r" % answer)
    judge.ok()

    judge.begin("getCommercialGroup v%d" % version)
    found = groups.getCommercialGroup(id=group)
    check((found.id, found.name) == (group, name), "another group: %r" % found.name)
    check(found.endCustomer == owner, "the end customer is %r" % found.endCustomer)
    check(found.limitTotal.value == 12.5, "the limit is %r" % found.limitTotal)
    check(found.subscriberCount == 0 and found.restricted is False, "no fresh group")
    judge.ok()

    judge.begin("updateCommercialGroup v%d with an empty end customer (guide 6.11)" % version)
    groups.updateCommercialGroup(id=group, endCustomer="")
    found = groups.getCommercialGroup(id=group)
    check(not found.endCustomer, "the end customer is %r" % found.endCustomer)
    judge.ok()

    judge.begin("updateScreeningLists v%d" % version)
    answer = groups.updateScreeningLists(id=group, blackListNAI=[{"rule": "999*", "naiId": 4}])
    check(answer is None, "the answer is not empty: %r" % answer)
    judge.ok()

    if "updateLpwaPowerSaving" in operations:
        judge.begin("updateLpwaPowerSaving v%d" % version)
        edrx = {"edrxCycle": 2, "pagingTimeWindow": 3, "radioTechnology": "nb-iot"}
        settings = {
            "kiteMaster": True,
            "tauTimer": 2,
            "tauTimerUnit": "HOURS",
            "activeTimer": xsd.SkipValue,
            "activeTimerUnit": xsd.SkipValue,
            "edrx": [edrx],
        }
        groups.updateLpwaPowerSaving(id=group, lpwaPowerSaving=settings)
        found = groups.getCommercialGroup(id=group).lpwaPowerSaving
        check((found.tauTimer, found.tauTimerUnit) == (2, "HOURS"), "the timer is %r" % found)
        check(found.edrx[0].radioTechnology == "nb-iot", "eDRX is %r" % found.edrx)
        judge.ok()

    judge.begin("deleteCommercialGroup v%d" % version)
    answer = groups.deleteCommercialGroup(id=group)
    check(answer is None, "the answer is not empty: %r" % answer)
    judge.expect_fault(("SVC", "1006"), lambda: groups.getCommercialGroup(id=group))
    judge.ok()
