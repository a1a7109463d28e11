#!/bin/sh
# Fails when api/openapi.yaml breaks what the last release (the newest tag v*) promised to its callers.
set -eu

version=v1.36.0
last=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null) || {
  echo "no release is tagged yet: there is no promise to break"
  exit 0
}
if command -v oasdiff >/dev/null; then
  set -- oasdiff
elif command -v go >/dev/null; then
  set -- env GOFLAGS=-mod=mod GOTOOLCHAIN=auto go run "github.com/oasdiff/oasdiff@$version"
else
  echo "make contract-diff needs oasdiff or Go: install one of them (brew install oasdiff, apt install golang)" >&2
  exit 1
fi
promised=$(mktemp)
trap 'rm -f "$promised"' EXIT
git show "$last:api/openapi.yaml" >"$promised"
echo "compared with $last:"
"$@" breaking --fail-on ERR "$promised" api/openapi.yaml
