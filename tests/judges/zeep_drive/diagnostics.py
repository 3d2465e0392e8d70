"""DiagnosticInventory, version 1."""

from inventory import OPERATIONS as INVENTORY
from judge import check

OPERATIONS = {
    "administrativeDiagnostic",
    "getDiagnosticResult",
    "gprsSyncDiagnostic",
    "gsmSyncDiagnostic",
    "ipDiagnostic",
}


def drive(judge):
    diagnostics = judge.service(
        "diagnosticinventory", 1, "DiagnosticInventory", "DiagnosticInventory", OPERATIONS
    )
    judge.begin("a SIM to examine")
    inventory = judge.service("inventory", 12, "Inventory", "Inventory", INVENTORY)
    filters = {"param": [{"name": "lifeCycleState", "value": ["INACTIVE_NEW"]}]}
    sim = inventory.getSubscriptions(maxBatchSize=1, searchParameters=filters)[0]

    judge.begin("administrativeDiagnostic")
    found = diagnostics.administrativeDiagnostic(icc=sim.icc)
    check(found.globalStatus is False, "a new SIM is in order: %r" % found)
    check(found.dataIssues, "no issue with data")
    check(found.radioAccessEnabledParam.radioAccessList, "no radio access")
    judge.ok(", ".join(found.dataIssues))

    for operation, result in (("gsmSyncDiagnostic", "GSM_DOWN"), ("gprsSyncDiagnostic", "GPRS_DOWN")):
        judge.begin(operation)
        answer = diagnostics[operation](imsi=sim.imsi)
        check(answer == result, "%r instead of %s" % (answer, result))
        judge.ok(answer)

    judge.begin("ipDiagnostic")
    transaction = diagnostics.ipDiagnostic(subscriptionId=sim.subscriptionId)
    check(transaction, "no id")
    judge.ok()

    judge.begin("getDiagnosticResult")
    answer = diagnostics.getDiagnosticResult(transactionId=transaction)
    check(answer is None, "a result at once: %r" % answer)
    answer = diagnostics.getDiagnosticResult(transactionId=transaction)
    check(answer == "IP_DOWN", "%r instead of IP_DOWN" % answer)
    judge.expect_fault(
        ("SVC", "1006"), lambda: diagnostics.getDiagnosticResult(transactionId="0")
    )
    judge.ok(answer)
