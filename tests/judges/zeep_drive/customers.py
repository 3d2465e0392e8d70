"""Customers, version 2, and billing accounts, version 1."""

from judge import check


def drive(judge):
    customers = judge.service(
        "customer",
        2,
        "Customers",
        "Customer",
        {"getCustomers", "modifyCustomer", "getVpnListCustomer", "getExpirationTime"},
    )

    judge.begin("getCustomers")
    found = customers.getCustomers()
    check(len(found) == 1, "%d customers" % len(found))
    own = found[0]
    check(own.customerID.startswith("customer-"), "the id is %r" % own.customerID)
    check(own.status == "Active" and own.primaryContact.email, "the customer is %r" % own.status)
    judge.ok(own.subscriptionCount)

    judge.begin("modifyCustomer")
    description = "zeep <&> \u00f1"
    answer = customers.modifyCustomer(
        customerID=own.customerID,
        description=description,
        primaryContact={"email": "zeep@sandbox.example"},
    )
    check(answer is None, "the answer is not empty: %r" % answer)
    again = customers.getCustomers()[0]
    check(again.description == description, "the description is %r" % again.description)
    check(again.primaryContact.email == "zeep@sandbox.example", "the contact has not changed")
    check(again.name == own.name, "the name has changed")
    judge.ok()

    judge.begin("getVpnListCustomer")
    vpns = customers.getVpnListCustomer()
    check(vpns and vpns[0].name and vpns[0].apns, "no network")
    check(vpns[0].staticAddressing.ipv4.network, "no fixed addresses")
    check(vpns[1].dynamicAddressing.ipType in ("ipv4", "ipv6"), "no dynamic addresses")
    judge.ok(len(vpns))

    judge.begin("getExpirationTime")
    left = customers.getExpirationTime()
    check(left > 0, "%r seconds" % left)
    judge.ok(left)

    accounts = judge.service(
        "billingaccount",
        1,
        "BillingAccount",
        "BillingAccount",
        {"getBillingAccounts", "getBillingAccount"},
    )

    judge.begin("getBillingAccounts")
    listed = accounts.getBillingAccounts()
    check(listed and listed[0].billingAccountId == "0", "no default account")
    check(listed[0].commercialGroup, "the default account has no group")
    judge.ok(len(listed))

    judge.begin("getBillingAccount")
    one = accounts.getBillingAccount(billingAccountId="0")
    check(one.subscriptions == listed[0].subscriptions, "another account")
    judge.expect_fault(("SVC", "1006"), lambda: accounts.getBillingAccount(billingAccountId="17"))
    judge.ok(one.subscriptions)
