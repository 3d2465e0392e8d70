"""Supplementary services, version 2."""

from judge import check

OPERATIONS = {"getSupplementaryServiceDetail", "getSupplementaryServices"}


def drive(judge):
    services = judge.service(
        "supplementaryservices",
        2,
        "SupplementaryServices",
        "SupplementaryServices",
        OPERATIONS,
    )

    judge.begin("getSupplementaryServices")
    plans = services.getSupplementaryServices() or []
    check(plans and plans[0].id, "no plan with an id")
    judge.ok(len(plans))

    judge.begin("getSupplementaryServiceDetail")
    detail = services.getSupplementaryServiceDetail(id=plans[0].id)
    check(detail.name == plans[0].name, "the name is %r" % detail.name)
    check(detail.vpnService in ("ACTIVATED", "DEACTIVATED"), "vpnService is %r" % detail.vpnService)
    check(detail.tariffs.vpn.transitions.setup is not None, "no fee")
    judge.ok()

    judge.begin("getSupplementaryServiceDetail of one's own, and of an unknown plan")
    own = services.getSupplementaryServiceDetail()
    check(own.id == plans[0].id, "the id is %r" % own.id)
    judge.expect_fault(
        ("SVC", "1006"), lambda: services.getSupplementaryServiceDetail(id="nonsense")
    )
    judge.ok()
