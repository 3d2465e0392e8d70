"""Users, versions 3 and 1: from creation to deletion."""

from judge import check

OPERATIONS = {
    "blockUser",
    "createUser",
    "deleteUser",
    "getRoles",
    "getUsers",
    "modifyUser",
    "resetPassword",
    "unblockUser",
}
NAME = "judged.user"


def drive(judge):
    for version in (3, 1):
        drive_version(judge, version)


def drive_version(judge, version):
    users = judge.service("user", version, "Users", "User", OPERATIONS)
    role = "roles" if version == 3 else "rol"

    def found():
        filters = {"param": [{"name": "username", "value": [NAME]}]}
        page = users.getUsers(searchParameters=filters, index=0, maxBatchSize=10) or []
        check(len(page) == 1, "filtered by name, received %d users" % len(page))
        return page[0]

    judge.begin("createUser v%d" % version)
    users.createUser(
        username=NAME,
        firstname="Ada",
        lastname="Weir <&> \u00f1",
        email="ada@meadow.example",
        language="en",
        country="GB",
        timezone="Europe/London",
        **{role: ["technical"] if version == 3 else "technical"}
    )
    user = found()
    check(user.lastname == "Weir <&> \u00f1", "the last name is %r" % user.lastname)
    check(user[role] == ["technical"], "the roles are %r" % user[role])
    check(user.status == "PENDING", "the status is %r" % user.status)
    judge.ok()

    judge.begin("getRoles v%d" % version)
    roles = users.getRoles(orgId=user.orgId) or []
    check("technical" in roles, "the roles are %r" % roles)
    judge.ok(len(roles))

    judge.begin("blockUser, unblockUser v%d" % version)
    users.blockUser(username=NAME)
    check(found().status == "BLOCKED", "not blocked")
    users.unblockUser(username=NAME)
    check(found().status == "PENDING", "still blocked")
    judge.ok()

    judge.begin("modifyUser v%d" % version)
    users.modifyUser(username=NAME, language="es", monetaryInfo=True)
    user = found()
    check(user.language == "es" and user.monetaryInfo is True, "the change is not there")
    check(user.firstname == "Ada" and user[role] == ["technical"], "more was changed")
    judge.ok()

    judge.begin("resetPassword v%d" % version)
    answer = users.resetPassword(username=NAME)
    check(answer is None, "the answer is not empty: %r" % answer)
    judge.ok()

    judge.begin("deleteUser v%d" % version)
    users.deleteUser(username=NAME)
    judge.expect_fault(("SVC", "1005"), lambda: users.deleteUser(username=NAME))
    judge.ok()
