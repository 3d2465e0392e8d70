"""End customers, versions 2 and 1: from creation to deletion."""

from judge import check

OPERATIONS = {
    "activateEndCustomer",
    "createEndCustomer",
    "deactivateEndCustomer",
    "deleteEndCustomer",
    "getEndCustomer",
    "getEndCustomers",
    "modifyEndCustomer",
}
ADDRESS = {
    "line1": "Mill Lane 1 <&> \u00f1",
    "city": "Ford",
    "state": "Meadowshire",
    "country": "GB",
    "postalCode": "ZZ1 1ZZ",
}
CONTACT = {
    "firstName": "Ada",
    "lastName": "Weir",
    "phone": "+999000000301",
    "email": "ada@meadow.example",
    "mobile": "999000000302",
}


def drive(judge):
    for version in (2, 1):
        drive_version(judge, version)


def drive_version(judge, version):
    customers = judge.service("endcustomer", version, "EndCustomers", "EndCustomer", OPERATIONS)

    def listed():
        """All end customers by id."""
        found = {}
        while True:
            page = customers.getEndCustomers(startIndex=len(found), maxBatchSize=10) or []
            check(len(page) <= 10, "asked for 10 end customers, received %d" % len(page))
            found.update((customer.endCustomerID, customer) for customer in page)
            if len(page) < 10:
                return found

    judge.begin("createEndCustomer v%d" % version)
    flow = {"authorizationFlowEnabled": True} if version == 2 else {}
    known = listed()
    made = customers.createEndCustomer(
        name="Judged Pumps",
        defaultLanguage="en",
        companyAddress=ADDRESS,
        primaryContact=CONTACT,
        billingAddress=ADDRESS,
        shippingAddress=ADDRESS,
        **flow
    )
    check(made and made not in known, "the id is %r" % made)
    judge.ok()

    judge.begin("getEndCustomer v%d" % version)
    read = customers.getEndCustomer(endCustomerID=made)
    check(read.name == "Judged Pumps", "the name is %r" % read.name)
    check(read.companyAddress.line1 == ADDRESS["line1"], "the street is another")
    check(read.primaryContact.email == CONTACT["email"], "the e-mail address is another")
    if version == 2:
        check(read.authorizationFlowEnabled is True, "the flow is off")
    judge.ok()

    judge.begin("modifyEndCustomer v%d" % version)
    customers.modifyEndCustomer(
        endCustomerID=made, sector="water", billingAddress={"city": "Weir"}
    )
    read = customers.getEndCustomer(endCustomerID=made)
    check(read.sector == "water", "the sector is %r" % read.sector)
    check(read.billingAddress.city == "Weir", "the town is %r" % read.billingAddress.city)
    check(read.billingAddress.line1 == ADDRESS["line1"], "the street is gone")
    judge.ok()

    judge.begin("deactivateEndCustomer, activateEndCustomer v%d" % version)
    check(listed()[made].status == "Active", "not active from the beginning")
    customers.deactivateEndCustomer(endCustomerID=made)
    check(listed()[made].status == "Inactive", "still active")
    customers.activateEndCustomer(endCustomerID=made)
    check(listed()[made].status == "Active", "still inactive")
    judge.ok()

    judge.begin("deleteEndCustomer v%d" % version)
    customers.deleteEndCustomer(endCustomerID=made)
    check(made not in listed(), "still in the list")
    judge.expect_fault(
        ("SVC", "1006"), lambda: customers.getEndCustomer(endCustomerID=made)
    )
    judge.ok()
