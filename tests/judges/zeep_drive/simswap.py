"""Simswap, version 1."""

from inventory import OPERATIONS as INVENTORY
from judge import check


def drive(judge):
    simswap = judge.service("simswap", 1, "Simswap", "Simswap", {"swapSubscriptions"})
    judge.begin("two SIMs to swap")
    inventory = judge.service("inventory", 12, "Inventory", "Inventory", INVENTORY)
    one, other = inventory.getSubscriptions(maxBatchSize=2)

    judge.begin("swapSubscriptions")
    done = simswap.swapSubscriptions(icc=one.icc, targetSubscription={"imsi": other.imsi})
    check(done is True, "the answer is %r" % done)
    judge.ok()

    judge.begin("getSubscriptions shows the other card")
    after = inventory.getSubscriptions(maxBatchSize=2)
    check(
        [(sim.subscriptionId, sim.icc, sim.imsi, sim.msisdn) for sim in after]
        == [
            (one.subscriptionId, other.icc, other.imsi, one.msisdn),
            (other.subscriptionId, one.icc, one.imsi, other.msisdn),
        ],
        "the cards are not swapped",
    )
    judge.ok()

    judge.begin("swapSubscriptions of an unknown SIM is a fault")
    judge.expect_fault(
        ("SVC", "1006"),
        lambda: simswap.swapSubscriptions(
            icc=judge.unknown_icc, targetSubscription={"icc": one.icc}
        ),
    )
    judge.ok()
