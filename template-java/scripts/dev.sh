#!/bin/sh
# Runs the service and starts it anew whenever a source file changed and the build went well.
# $1 is the command that builds, $2 the command that runs.
set -u
stamp=$(mktemp)
service=

stop() {
  if [ -n "$service" ]; then
    kill -TERM "$service" 2>/dev/null
    wait "$service"
    service=
  fi
}
trap 'stop; rm -f "$stamp"; exit 0' INT TERM

while :; do
  touch "$stamp"
  if sh -c "$1"; then
    stop
    sh -c "exec $2" &
    service=$!
  fi
  until [ -n "$(find src api pom.xml -newer "$stamp" -type f | head -n 1)" ]; do
    sleep 1
  done
done
