#!/bin/sh
# Runs a command with a PostgreSQL of its own, which nobody else uses and which is gone afterwards: with-postgres.sh COMMAND...
# The command finds it by TEST_SERVER_URL.
set -eu

folder=$(mktemp -d)
server=''
leave() {
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

chmod 755 "$folder" # the server may run under another user
"$(dirname "$0")/postgres.sh" -D "$folder/data" -p 0 -d tests -i >"$folder/url" &
server=$!
until [ -s "$folder/url" ]; do
  kill -0 "$server" 2>/dev/null || exit 1 # it has said why
  sleep 0.1
done
TEST_SERVER_URL=$(cat "$folder/url") "$@"
