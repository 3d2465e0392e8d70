#!/usr/bin/env bash
# Judges our contracts and messages with libxml2, which shares no code with this project.
#
#   tests/judges/xmllint.sh [FOLDER]
#
# 1. Every file under specs/wsdl is well-formed; every XSD, and every schema inside a WSDL, loads.
# 2. Every hand-written request (tests/wire/<platform>/**/*.request.xml) is valid against
#    tests/judges/schemas/<platform>.xsd. A name ending in .guide-order.request.xml marks a message
#    that breaks the schema's order on purpose: there the schema must object.
# 3. Every *.xml of FOLDER and its subfolders, requests recorded by the test-suite (run it with
#    MNO_RECORD_DIR=FOLDER), is valid against schemas/kite.xsd.
#    A file holds a SOAP envelope or the bare child of its Body.
#
# Prints a count and a verdict per group. Exit status 1 on any failure, or if FOLDER has no such file.
# Needs xmllint and python3.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

if [[ $# -gt 1 ]]; then
  echo "usage: $0 [FOLDER]" >&2
  exit 1
fi
for tool in xmllint python3; do
  if ! command -v "$tool" >/dev/null; then
    echo "$0: $tool is not installed" >&2
    exit 1
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

verdict() { # verdict NAME COUNT OK
  if [[ $3 == true ]]; then
    printf 'ok    %5d  %s\n' "$2" "$1"
  else
    printf 'FAIL  %5d  %s\n' "$2" "$1"
    failed=1
  fi
}

# Writes the child of the SOAP Body of each FILE, with its namespaces, to a file of its own in FOLDER
# and prints that file's path. A file that cannot be read is reported, and the status is then 1.
bodies() { # bodies FOLDER FILE...
  python3 - "$@" <<'PYTHON'
import os, sys
import xml.etree.ElementTree as ET

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
folder, files = sys.argv[1], sys.argv[2:]
os.makedirs(folder)
status = 0
for number, path in enumerate(files):
    try:
        element = ET.parse(path).getroot()
        if element.tag == SOAP + "Envelope":
            children = element.findall(SOAP + "Body/*")
            if len(children) != 1:
                raise ValueError("the Body has %d children, not 1" % len(children))
            element = children[0]
    except (ET.ParseError, OSError, ValueError) as error:
        print("%s: %s" % (path, error), file=sys.stderr)
        status = 1
        continue
    element.tail = None
    target = os.path.join(folder, "%05d-%s" % (number, os.path.basename(path)))
    ET.ElementTree(element).write(target, encoding="utf-8", xml_declaration=True)
    print(target)
sys.exit(status)
PYTHON
}

# Validates bodies; complaints go to stderr, named after the body's file.
valid() { # valid SCHEMA FILE...
  local schema=$1
  shift
  xmllint --nonet --noout --schema "$schema" "$@" 2>"$work/complaints" && return 0
  grep -v ' validates$' "$work/complaints" >&2 || true
  return 1
}

requests_valid() { # requests_valid NAME SCHEMA FILE...
  local name=$1 schema=$2 folder ok=true
  shift 2
  folder=$(mktemp -u "$work/bodies.XXXXXX")
  bodies "$folder" "$@" >"$work/list" || ok=false
  mapfile -t extracted <"$work/list"
  if [[ ${#extracted[@]} -gt 0 ]]; then
    valid "$schema" "${extracted[@]}" || ok=false
  fi
  verdict "$name" "$#" "$ok"
}

requests_invalid() { # requests_invalid NAME SCHEMA FILE...
  local name=$1 schema=$2 folder ok=true body status
  shift 2
  folder=$(mktemp -u "$work/bodies.XXXXXX")
  bodies "$folder" "$@" >"$work/list" || ok=false
  while read -r body; do
    status=0
    xmllint --nonet --noout --schema "$schema" "$body" 2>"$work/complaints" || status=$?
    if [[ $status -ne 3 ]]; then
      echo "$body: expected to be invalid, xmllint answered $status" >&2
      ok=false
    fi
  done <"$work/list"
  verdict "$name" "$#" "$ok"
}

# xmllint tells a document that does not fit (3) from a schema that does not load (5).
schemas_load() { # schemas_load NAME FILE...
  local name=$1 ok=true file status
  shift
  for file in "$@"; do
    status=0
    xmllint --nonet --noout --schema "$file" "$work/probe.xml" 2>"$work/complaints" || status=$?
    if [[ $status -ne 0 && $status -ne 3 ]]; then
      cat "$work/complaints" >&2
      ok=false
    fi
  done
  verdict "$name" "$#" "$ok"
}

echo '<probe/>' >"$work/probe.xml"
mapfile -t contracts < <(find "$root/specs/wsdl" -type f \( -name '*.xsd' -o -name '*.wsdl' \) | sort)
mapfile -t xsds < <(find "$root/specs/wsdl" "$here/schemas" -type f -name '*.xsd' | sort)
mapfile -t wsdls < <(find "$root/specs/wsdl" -type f -name '*.wsdl' | sort)
if [[ ${#contracts[@]} -eq 0 || ${#xsds[@]} -eq 0 || ${#wsdls[@]} -eq 0 ]]; then
  echo "$0: no contracts under specs/wsdl" >&2
  exit 1
fi

ok=true
xmllint --nonet --noout "${contracts[@]}" || ok=false
verdict 'contracts are well-formed' "${#contracts[@]}" "$ok"

schemas_load 'XSDs load' "${xsds[@]}"

# A schema inside a WSDL is written out next to a copy of its neighbours, where its imports resolve.
cp -R "$root/specs/wsdl" "$work/wsdl"
mapfile -t copies < <(find "$work/wsdl" -type f -name '*.wsdl' | sort)
ok=true
python3 - "${copies[@]}" >"$work/list" <<'PYTHON' || ok=false
import sys
import xml.etree.ElementTree as ET

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
for path in sys.argv[1:]:
    scope = {}  # prefixes in values, such as type="common:X", need the declarations of the whole file
    for _, (prefix, uri) in ET.iterparse(path, events=["start-ns"]):
        if scope.setdefault(prefix, uri) != uri:
            sys.exit("%s: prefix %r means two things" % (path, prefix))
    for number, uri in enumerate(scope.values()):  # names get prefixes of their own, out of the way
        ET.register_namespace("judge%d" % number, uri)
    root = ET.parse(path).getroot()
    for number, schema in enumerate(root.findall(WSDL + "types/" + XS + "schema")):
        for prefix, uri in scope.items():
            schema.set("xmlns:" + prefix if prefix else "xmlns", uri)
        target = "%s.inline-%d.xsd" % (path, number)
        ET.ElementTree(schema).write(target, encoding="utf-8", xml_declaration=True)
        print(target)
PYTHON
mapfile -t inline <"$work/list"
if [[ ${#inline[@]} -eq 0 || $ok == false ]]; then
  verdict 'schemas inside WSDLs can be extracted' "${#wsdls[@]}" false
else
  schemas_load 'schemas inside WSDLs load' "${inline[@]}"
fi

for platform in "$root"/tests/wire/*/; do
  platform=$(basename "$platform")
  mapfile -t strict < <(find "$root/tests/wire/$platform" -type f -name '*.request.xml' ! -name '*.guide-order.request.xml' | sort)
  mapfile -t unordered < <(find "$root/tests/wire/$platform" -type f -name '*.guide-order.request.xml' | sort)
  count=$((${#strict[@]} + ${#unordered[@]}))
  if [[ $count -eq 0 ]]; then
    continue
  fi
  schema=$here/schemas/$platform.xsd
  if [[ ! -f $schema ]]; then
    verdict "hand-written requests of $platform: tests/judges/schemas/$platform.xsd is missing" "$count" false
    continue
  fi
  if [[ ${#strict[@]} -gt 0 ]]; then
    requests_valid "hand-written requests of $platform are valid" "$schema" "${strict[@]}"
  fi
  if [[ ${#unordered[@]} -gt 0 ]]; then
    requests_invalid "requests of $platform in the guide's order are refused" "$schema" "${unordered[@]}"
  fi
done

if [[ $# -eq 1 ]]; then
  recorded=()
  if [[ -d $1 ]]; then
    mapfile -t recorded < <(find "$1" -type f -name '*.xml' | sort)
  fi
  if [[ ${#recorded[@]} -eq 0 ]]; then
    verdict "recorded requests: no *.xml in $1" 0 false
  else
    requests_valid "recorded requests in $1 are valid" "$here/schemas/kite.xsd" "${recorded[@]}"
  fi
fi

exit "$failed"
