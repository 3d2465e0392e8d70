"""Vouchers, version 1: bought, listed, cancelled."""

import inventory
from judge import Wrong, check

OPERATIONS = {
    "cancelRecurrentVoucherRenewal",
    "cancelVoucher",
    "getActiveVouchers",
    "getAvailableVoucher",
    "purchaseOneTimeVoucher",
    "purchaseRecurrentVoucher",
}


def sim_with_offers(judge, vouchers):
    """An active SIM that both a one-time and a recurrent voucher are on offer for."""
    sims = judge.service("inventory", 12, "Inventory", "Inventory", inventory.OPERATIONS)
    filters = {"param": [{"name": "lifeCycleState", "value": ["ACTIVE"]}]}
    judge.begin("getAvailableVoucher")
    for sim in sims.getSubscriptions(maxBatchSize=100, searchParameters=filters) or []:
        offers = vouchers.getAvailableVoucher(icc=sim.icc) or []
        kinds = {offer.type for offer in offers}
        if kinds == {"ONE_TIME", "RECURRENT"}:
            check(all(o.servicePackId == sim.servicePackId for o in offers), "another plan's offer")
            return sim.icc, offers
    raise Wrong("no SIM has both kinds of voucher on offer")


def drive(judge):
    vouchers = judge.service("voucher", 1, "Vouchers", "Vouchers", OPERATIONS)
    icc, offers = sim_with_offers(judge, vouchers)
    judge.ok(len(offers))
    recurrent = next(offer for offer in offers if offer.type == "RECURRENT")

    judge.begin("purchaseRecurrentVoucher")
    before = vouchers.getActiveVouchers(icc=icc) or []
    instance = vouchers.purchaseRecurrentVoucher(icc=icc, voucherId=recurrent.voucherId)
    check(instance, "no voucherInstanceId")
    judge.ok()

    judge.begin("getActiveVouchers")
    active = vouchers.getActiveVouchers(icc=icc) or []
    check(len(active) == len(before) + 1, "%d vouchers after one purchase" % len(active))
    found = [v for v in active if v.voucherInstanceId == instance]
    check(len(found) == 1, "the purchase is not in the list")
    check(found[0].voucherId == recurrent.voucherId, "another voucher than bought")
    check(found[0].remaining == recurrent.nominalData, "%s bytes left" % found[0].remaining)
    judge.ok()

    judge.begin("cancelRecurrentVoucherRenewal")
    answer = vouchers.cancelRecurrentVoucherRenewal(icc=icc, voucherInstanceId=instance)
    check(answer is None, "the answer is not empty: %r" % answer)
    left = {v.voucherInstanceId for v in vouchers.getActiveVouchers(icc=icc) or []}
    check(instance in left, "the voucher is gone before it has ended")
    judge.ok()

    judge.begin("cancelVoucher does not cancel a recurrent voucher")
    judge.expect_fault(
        ("SVC", "1013"), lambda: vouchers.cancelVoucher(icc=icc, voucherInstanceId=instance)
    )
    judge.ok()

    judge.begin("purchaseOneTimeVoucher and cancelVoucher")
    for offer in offers:
        if offer.type != "ONE_TIME":
            continue
        instance = vouchers.purchaseOneTimeVoucher(icc=icc, voucherId=offer.voucherId)
        active = vouchers.getActiveVouchers(icc=icc) or []
        found = next(v for v in active if v.voucherInstanceId == instance)
        if found.activationDateTime is None:
            vouchers.cancelVoucher(icc=icc, voucherInstanceId=instance)
            active = vouchers.getActiveVouchers(icc=icc) or []
            left = {v.voucherInstanceId for v in active}
            check(instance not in left, "the voucher is still in the list")
            break
    else:
        raise Wrong("every one-time voucher was active at once")
    judge.ok()
