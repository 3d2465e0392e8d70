#!/usr/bin/env bash
# Judges the sandbox with schemathesis, which makes requests up from the OpenAPI documents, valid ones
# and others, and holds the answers against them.
#
#   tests/judges/schemathesis.sh SCHEMATHESIS DOCUMENTS TOKENS BASE_URL CA CERTIFICATE KEY
#
# DOCUMENTS is the folder that tests/judges/plain_openapi.py wrote to, TOKENS has the lines that
# tests/judges/tokens.py printed; the rest is of the sandbox's `--json`, and for Kite. The sandbox must
# not limit rates. Exit status 1 on any violation.
set -euo pipefail

if [[ $# -ne 7 ]]; then
  echo "usage: $0 SCHEMATHESIS DOCUMENTS TOKENS BASE_URL CA CERTIFICATE KEY" >&2
  exit 1
fi
schemathesis=$1 documents=$2 tokens=$3 base_url=$4 ca=$5 certificate=$6 key=$7

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# Not asked: whether every request that fits the document is taken. A document cannot say which SIMs
# there are, that two fields exclude each other, or that a basket has to be opened first.
judge() { # judge DOCUMENT URL ARGUMENTS...
  local name=$1 url=$2
  shift 2
  local summary='=+ .* in [0-9.]+s =+$'
  if "$schemathesis" run "$documents/$name.json" --url "$url" --tls-verify "$ca" \
    --phases examples,fuzzing --max-examples 5 --generation-deterministic \
    --exclude-checks positive_data_acceptance --continue-on-failure --no-color \
    "$@" >"$work/log" 2>&1 </dev/null; then
    printf 'ok    %s: %s\n' "$name" "$(grep -A 1 '^Test cases:' "$work/log" | tail -n 1 | xargs)"
    return
  fi
  cat "$work/log"
  printf 'FAIL  %s: %s\n' "$name" "$(grep -E "$summary" "$work/log" || true)"
  failed=1
}

for service in echo:Echo/v1 inventory:Inventory/v13 reports:Reports/v1 service-packs:ServicePacks/v2; do
  url=$base_url/services/REST/GlobalM2M/${service#*:}/r12
  judge "kite-${service%%:*}" "$url" --request-cert "$certificate" --request-cert-key "$key"
done
while read -r platform url token; do
  case $platform in
    kpn) name=kpn-msm ;;
    bsc) name=telekom-bsc ;;
    masstack) name=masstack-partners ;;
    *) echo "$0: there is no document for $platform" >&2 && exit 1 ;;
  esac
  judge "$name" "$url" --header "Authorization: Bearer $token"
done <"$tokens"
[[ $failed -eq 0 ]]
