#!/bin/sh
# Runs the load test against BASE_URL with the limits of PROFILE. Nothing but BASE_URL is called.
set -eu

case $PROFILE in
  smoke | steady) ;;
  *) echo "PROFILE must be smoke or steady, not $PROFILE" >&2; exit 2 ;;
esac
K6_NO_USAGE_REPORT=true K6_AUTO_EXTENSION_RESOLUTION=false
export K6_NO_USAGE_REPORT K6_AUTO_EXTENSION_RESOLUTION
if ! go tool k6 run --quiet --log-output=none --no-summary ready.js >/dev/null 2>&1; then
  echo "no ready service at $BASE_URL: start one with make run, or name it with BASE_URL=" >&2
  exit 1
fi
exec go tool k6 run --quiet load.js
