#!/usr/bin/env python3
"""Drives a Kite server with zeep, a SOAP client that shares no code with this project.

    python tests/judges/zeep_drive --base-url https://127.0.0.1:PORT --ca ca.pem --cert client.pem --key client.key

Loads our WSDLs, calls the server over mutual TLS and judges the answers, a service after the other.
Prints `ok <step>` for each step; exit status 1 on the first failure. The server must know at least
one subscription, and must not know the ICC given by --unknown-icc. It must make reports within 15
seconds and hand them out by HTTPS to clients without a certificate.
"""

import argparse
import sys
from pathlib import Path

import commercial_groups
import customers
import diagnostics
import echo
import end_customers
import inventory
import prebill
import older_inventories
import reports
import simswap
import supplementary_services
import users
import service_packs
import vouchers
from judge import Judge

# In this order; each is a file beside this one with a function `drive(judge)`.
DRIVES = [
    commercial_groups,
    customers,
    echo,
    end_customers,
    inventory,
    prebill,
    older_inventories,
    diagnostics,
    reports,
    simswap,
    supplementary_services,
    users,
    service_packs,
    vouchers,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", required=True, help="such as https://127.0.0.1:8010")
    parser.add_argument("--ca", required=True, help="PEM file that the server's certificate is verified with")
    parser.add_argument("--cert", required=True, help="PEM file with the client's certificate")
    parser.add_argument("--key", required=True, help="PEM file with the client's key")
    parser.add_argument("--unknown-icc", default="8999999999999999998", help="an ICC that the server does not know")
    parser.add_argument("--timeout", type=float, default=70, help="seconds that a call may take")
    parser.add_argument("--only", action="append", help="only this service (may be given again)")
    arguments = parser.parse_args()
    if not arguments.base_url.startswith("https://"):
        parser.error("--base-url must begin with https://")
    for name in ("ca", "cert", "key"):
        if not Path(getattr(arguments, name)).is_file():
            parser.error("--%s: no such file" % name)
    known = [drive.__name__ for drive in DRIVES]
    for name in arguments.only or []:
        if name not in known:
            parser.error("--only: one of " + ", ".join(known))
    judge = Judge(arguments)
    for drive in DRIVES:
        if arguments.only and drive.__name__ not in arguments.only:
            continue
        try:
            drive.drive(judge)
        except Exception as error:  # any failure at all is a verdict
            place = "%s: %s" % (drive.__name__, judge.step)
            print("FAIL %s: %s: %s" % (place, type(error).__name__, error), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
