#!/bin/sh
# Fails with one sentence when there is no Go, or none that can build this service: need-go.sh MINIMUM TOOLCHAIN
set -eu

advice="this service is built with Go $2 (Go $1 or newer will do); get it from your package manager or from go.dev/dl"
if ! command -v go >/dev/null; then
  echo "Go is not installed: $advice" >&2
  exit 1
fi
found=$(go version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
if [ -z "$found" ]; then # also when go.mod's release cannot be fetched
  echo "Go cannot provide release $2 here, set GOTOOLCHAIN=local to build with the one installed: $advice" >&2
  exit 1
fi
if ! printf '%s\n' "$found" | awk -F. -v minimum="$1" '{ split(minimum, m, "."); exit !($1 > m[1] || ($1 == m[1] && $2 >= m[2])) }'; then
  echo "Go $found is too old: $advice" >&2
  exit 1
fi
