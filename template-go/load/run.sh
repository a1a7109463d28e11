#!/bin/sh
# Runs the load test of PROFILE against BASE_URL: `make load` in this folder. Nothing but BASE_URL is called.
set -eu

LOAD_PLAN=$(go tool objectives .. "$PROFILE")
K6_NO_USAGE_REPORT=true K6_AUTO_EXTENSION_RESOLUTION=false
export LOAD_PLAN K6_NO_USAGE_REPORT K6_AUTO_EXTENSION_RESOLUTION
k6() { exec go tool k6 run --quiet --address '' "$@"; }

# In a subshell with its own exit: what it says about itself is the sentence.
(k6 --log-output=none check.js) || exit 1

report=report/$PROFILE-$(date -u +%Y%m%dT%H%M%SZ).html
mkdir -p report
# The page of k6's dashboard; port -1: without the server.
K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_PERIOD=1s K6_WEB_DASHBOARD_EXPORT=$report
export K6_WEB_DASHBOARD K6_WEB_DASHBOARD_PORT K6_WEB_DASHBOARD_PERIOD K6_WEB_DASHBOARD_EXPORT
[ -z "${LOAD_BEGINS:-}" ] || echo now >"$LOAD_BEGINS" # for whoever waits, see scripts/profile.sh
# In the background, so that a signal to this shell alone reaches it, too.
k6 --log-format=raw load.js &
running=$!
trap 'kill -TERM $running 2>/dev/null || true; wait $running || true; exit 130' INT TERM
status=0
wait $running || status=$?
[ ! -f "$report" ] || echo "report: load/$report"
exit "$status"
