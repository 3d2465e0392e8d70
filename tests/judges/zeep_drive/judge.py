"""What the drives share: a judge that loads our WSDLs, calls the server and counts the steps."""

import time
from pathlib import Path

import requests
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

SPECS = Path(__file__).resolve().parents[3] / "specs" / "wsdl" / "kite"
SERVICES = "http://www.telefonica.com/wsdl/UNICA/SOAP/Globalm2m/%s/services"
COMMON = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1"
FAULTS = "http://www.telefonica.com/wsdl/UNICA/SOAP/common/v1/faults"


class Wrong(Exception):
    """The server answered, but not what it should have."""


def check(condition, message):
    if not condition:
        raise Wrong(message)


def local_name(element):
    return element.tag.rpartition("}")[2]


class Paced(Transport):
    """Stays within the platform's limits: 2 calls per second of an operation, 14 of all."""

    PAUSES = {"operation": 0.55, "all": 0.08}  # seconds

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.free = {}  # when the next call may leave

    def post(self, address, message, headers):
        names = {headers.get("SOAPAction"): "operation", "": "all"}
        free = max(self.free.get(name, 0) for name in names)
        time.sleep(max(0, free - time.monotonic()))
        for name, pause in names.items():
            self.free[name] = time.monotonic() + self.PAUSES[pause]
        return super().post(address, message, headers)


class Judge:
    """A server over mutual TLS, and the step that is being tried."""

    def __init__(self, arguments):
        self.timeout = arguments.timeout
        self.ca = arguments.ca
        self.unknown_icc = arguments.unknown_icc
        self.base = arguments.base_url.rstrip("/")
        session = requests.Session()
        session.trust_env = False  # neither proxies nor another set of roots from the environment
        session.verify = arguments.ca
        session.cert = (arguments.cert, arguments.key)
        self.transport = Paced(
            session=session, timeout=30, operation_timeout=arguments.timeout
        )
        self.step = "start"

    def begin(self, step):
        self.step = step

    def ok(self, detail=None):
        print("ok " + self.step + (": %s" % detail if detail is not None else ""), flush=True)

    def service(self, token, version, segment, name, operations):
        """A service by its WSDL: `service("user", 3, "Users", "User", {...})`."""
        self.begin("load %s v%d" % (segment, version))
        wsdl = "UNICA_API_SOAP_Globalm2m_%s_services_v%d_0.wsdl" % (token, version)
        namespace = SERVICES % ("%s/v%d" % (token, version))
        binding = "{%s}GlobalM2M%sSOAPBinding" % (namespace, name)
        client = Client(str(SPECS / wsdl), transport=self.transport)
        found = set(client.wsdl.bindings[binding].all())
        check(found == set(operations), "%s has operations %s" % (wsdl, sorted(found)))
        address = "%s/services/SOAP/GlobalM2M/%s/v%d/r12" % (self.base, segment, version)
        self.ok()
        return client.create_service(binding, address)

    def anybody(self):
        """A session without a client certificate."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.ca
        return session

    def expect_fault(self, expected, call):
        """The call must end with this `ClientException`: `("SVC", "1006")`."""
        try:
            call()
        except Fault as fault:
            check(fault.detail is not None, "the fault has no detail")
            exceptions = [e for e in fault.detail if local_name(e) == "ClientException"]
            check(len(exceptions) == 1, "no ClientException in the detail")
            check(
                exceptions[0].tag == "{%s}ClientException" % FAULTS,
                "ClientException is in another namespace: " + exceptions[0].tag,
            )
            values = {e.tag: e.text for e in exceptions[0]}
            category = values.get("{%s}exceptionCategory" % COMMON)
            number = values.get("{%s}exceptionId" % COMMON)
            check(
                (category, number) == expected,
                "the fault is %s %s, not %s %s" % (category, number, *expected),
            )
        else:
            raise Wrong("there was an answer instead of a fault")
