#!/usr/bin/env bash
# Judges client and sandbox with prism, which knows neither: it reads the OpenAPI documents only.
#
#   tests/judges/prism.sh PRISM REST_CALLS DOCUMENTS CA TOKENS
#
# 1. As a mock it holds each request of our client against the document, and answers as that says.
# 2. As a proxy between our client and the sandbox it holds requests and answers against it.
#
# PRISM and REST_CALLS are the programs (the latter is `cargo build -p mno-tests --example rest_calls`),
# DOCUMENTS the folder that tests/judges/plain_openapi.py wrote to, CA the sandbox's root, TOKENS the
# lines that tests/judges/tokens.py printed. Exit status 1 on any violation.
set -euo pipefail

if [[ $# -ne 5 ]]; then
  echo "usage: $0 PRISM REST_CALLS DOCUMENTS CA TOKENS" >&2
  exit 1
fi
prism=$1 calls=$2 documents=$3 ca=$4 tokens=$5
export NODE_EXTRA_CA_CERTS=$ca

work=$(mktemp -d)
pids=()
finish() {
  if [[ ${#pids[@]} -gt 0 ]]; then
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

document() { # document PLATFORM
  case $1 in
    kpn) echo "$documents/kpn-msm.json" ;;
    bsc) echo "$documents/telekom-bsc.json" ;;
    masstack) echo "$documents/masstack-partners.json" ;;
    *) echo "$0: there is no document for $1" >&2 && return 1 ;;
  esac
}

start() { # start NAME ARGUMENTS...: `prism ARGUMENTS… --errors` on a free port
  local name=$1
  shift
  free_port >"$work/$name.port"
  "$prism" "$@" --errors --port "$(cat "$work/$name.port")" >"$work/$name.log" 2>&1 &
  pids+=($!)
}

ready() { # ready NAME
  local second
  for ((second = 0; second < 90; second++)); do
    if grep -q 'Prism is listening' "$work/$1.log"; then
      return
    fi
    sleep 1
  done
  cat "$work/$1.log" >&2
  echo "$0: prism did not start for $1" >&2
  return 1
}

# All of them start at once: each takes its time.
while read -r platform url _; do
  file=$(document "$platform")
  start "mock-$platform" mock "$file"
  start "proxy-$platform" proxy "$file" "$url"
done <"$tokens"

failed=0
while read -r platform _ token; do
  for kind in mock proxy; do
    ready "$kind-$platform"
    echo "prism as $kind, $platform"
    arguments=("$platform" "http://127.0.0.1:$(cat "$work/$kind-$platform.port")")
    if [[ $kind == proxy ]]; then
      arguments+=("$token")
    fi
    "$calls" "${arguments[@]}" </dev/null || failed=1
  done
done <"$tokens"
[[ $failed -eq 0 ]]
