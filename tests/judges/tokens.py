#!/usr/bin/env python3
"""Prints an access token of each REST platform of a sandbox, as `<platform> <base URL> <token>`.

    mno-sandbox --json > line; python3 tests/judges/tokens.py "$(cat line)"

Asks for them as the platforms' documents say: KPN with a form, Telekom with Basic authentication,
MasStack with an assertion that openssl signs.
"""

import base64
import json
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request


def post(context, url, form, headers=None):
    """POSTs a form and reads the access token of the answer."""
    data = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers=headers or {})
    with urllib.request.urlopen(request, context=context) as answer:
        return json.load(answer)["access_token"]


def kpn(context, it):
    form = {"client_id": it["client_id"], "client_secret": it["client_secret"]}
    return post(context, it["token_url"] + "?grant_type=client_credentials", form)


def bsc(context, it):
    basic = base64.b64encode(("%s:%s" % (it["user"], it["password"])).encode()).decode()
    form = {"grant_type": "client_credentials"}
    return post(context, it["token_url"], form, headers={"Authorization": "Basic " + basic})


def masstack(context, it):
    with open(it["service_account"], encoding="utf-8") as file:
        account = json.load(file)

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": account["private_key_id"]}
    claims = {"iss": account["client_email"], "aud": account["token_uri"], "iat": now, "exp": now + 600}
    signed = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    with tempfile.NamedTemporaryFile("w") as key:
        key.write(account["private_key"])
        key.flush()
        command = ["openssl", "dgst", "-sha256", "-sign", key.name]
        signature = subprocess.run(command, input=signed, stdout=subprocess.PIPE, check=True).stdout
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": (signed + b"." + part(signature)).decode(),
    }
    return post(context, account["token_uri"], form)


def main():
    sandbox = json.loads(sys.argv[1])
    context = ssl.create_default_context(cafile=sandbox["ca"])
    for name, ask in (("kpn", kpn), ("bsc", bsc), ("masstack", masstack)):
        print(name, sandbox[name]["base_url"], ask(context, sandbox[name]))


if __name__ == "__main__":
    main()
