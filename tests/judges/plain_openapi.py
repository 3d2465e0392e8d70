#!/usr/bin/env python3
"""Writes an OpenAPI document as JSON, for readers that know OpenAPI 3.0.3 and nothing else.

    python tests/judges/plain_openapi.py specs/openapi/<api>/<version>/openapi.yaml OUT.json

What our documents say with extensions (specs/openapi/README.md) is said with what OpenAPI has:
`x-digits`, `x-lenient` and `x-one-or-many` as a choice of types. `nullable` beside an `allOf` of one
schema, which generators read as "or null", is written out: taken at its word, an `allOf` refuses null
if its schema does.
"""

import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Dates stay text, as in JSON."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

# Beside a schema, not part of it.
ABOUT = ("description", "example", "default", "readOnly", "writeOnly", "deprecated")


def choice(schema, *others):
    """The schema, or one of the others."""
    inner = dict(schema)
    out = {name: inner.pop(name) for name in ABOUT if name in inner}
    if inner.pop("nullable", False):
        others += ({"type": "string", "nullable": True, "enum": [None]},)
    out["anyOf"] = [inner, *others]
    return out


def plain(node):
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {str(name): plain(value) for name, value in node.items()}
    if node.pop("x-digits", None) is True:
        return choice(node, {"type": "integer"})
    if node.pop("x-lenient", None) is True:
        return choice(node, {"type": "string"})
    if node.pop("x-one-or-many", None) is True:
        return choice(node, node["items"])
    if node.get("nullable") is True and "allOf" in node:
        node.pop("type", None)
        return choice(node)
    return node


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = yaml.load(file, Loader)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(plain(document), file, indent=1)


if __name__ == "__main__":
    main()
