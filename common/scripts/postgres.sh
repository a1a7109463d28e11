#!/bin/sh
# Runs a PostgreSQL of one's own on loopback, without a container engine, until it is signalled:
#   postgres.sh -D FOLDER [-p PORT] [-d NAME] [-w PASSWORD] [-i]
# FOLDER holds its data and is made when it is missing; PORT is 5432 unless given, 0 for a free one; NAME is the database and
# its owner. The line "postgresql://NAME@127.0.0.1:PORT/NAME" on standard output says that it is ready. With -i the data is
# for a test: nothing is written through to the disk. As root it runs under the user of the data, or else `postgres` or
# `nobody`, since PostgreSQL refuses root. The owner is a superuser only with -i, for tests make databases.
set -eu

fail() {
  echo "postgres.sh: $1" >&2
  exit 2
}

folder='' port=5432 name={{ service_name }} password='' for_tests=''
while getopts D:p:d:w:i option; do
  case $option in
    D) folder=$OPTARG ;;
    p) port=$OPTARG ;;
    d) name=$OPTARG ;;
    w) password=$OPTARG ;;
    i) for_tests=yes ;;
    *) fail "usage: postgres.sh -D FOLDER [-p PORT] [-d NAME] [-w PASSWORD] [-i]" ;;
  esac
done
[ -n "$folder" ] || fail "say where the data shall be: -D FOLDER"

# The folder of all its programs: what is on the PATH may be a link to one of them.
bin=$(command -v postgres || true)
[ -z "$bin" ] || bin=$(readlink -f "$bin" 2>/dev/null || echo "$bin")
bin=${bin%/postgres}
if [ ! -x "$bin/psql" ]; then
  bin=$(find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/postgresql* /usr/local/opt/postgresql* -maxdepth 3 -name postgres 2>/dev/null | sort -V | tail -n 1)
  bin=${bin%/postgres}
fi
[ -n "$bin" ] && [ -x "$bin/initdb" ] && [ -x "$bin/psql" ] ||
  fail "PostgreSQL is not installed; get version 15 or newer from your system's packages (Debian: postgresql, macOS: brew install postgresql), or put its programs on the PATH"
version=$("$bin/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
[ "$version" -ge 15 ] || fail "PostgreSQL $version is too old; get version 15 or newer"

as=''
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --"
  command -v setpriv >/dev/null || fail "PostgreSQL refuses to run as root; run this as another user"
fi

case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
mkdir -p "$folder" || fail "$folder cannot be made"
[ -z "$as" ] || chown "$user" "$folder"
chmod 700 "$folder"
cd /
# shellcheck disable=SC2086
$as test -w "$folder" || fail "the user $user, who runs PostgreSQL instead of root, cannot reach $folder: name another folder with -D"
# A path of a socket may have about 100 characters, so it stands in a short folder of its own.
sockets=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")
[ -z "$as" ] || chown "$user" "$sockets"
server=''
leave() {
  [ -z "$server" ] || { kill -INT "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$sockets"
}
trap leave EXIT
trap 'exit 0' INT TERM

# $as is several words, or none.
# shellcheck disable=SC2086
run() { $as env -i PATH="$bin:$PATH" LC_ALL=C "$@"; }
# In the background a shell stands between, which would keep signals from the server: it becomes the server.
# shellcheck disable=SC2086
become() { exec $as env -i PATH="$bin:$PATH" LC_ALL=C "$@"; }

if [ ! -e "$folder/PG_VERSION" ]; then
  run "$bin/initdb" -D "$folder" -U postgres -A trust -E UTF8 --no-locale -N >/dev/null || fail "initdb failed in $folder"
  [ -z "$password" ] || cat >"$folder/pg_hba.conf" <<EOF
local all postgres trust
host all all 127.0.0.1/32 scram-sha-256
EOF
fi

fast=''
[ -z "$for_tests" ] || fast='-c fsync=off -c synchronous_commit=off -c full_page_writes=off'
sql() { run "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$sockets" -U postgres "$@"; }

tries=0
while :; do
  chosen=$port
  [ "$port" != 0 ] || chosen=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
  # shellcheck disable=SC2086
  become "$bin/postgres" -D "$folder" -p "$chosen" -h 127.0.0.1 -k "$sockets" -c log_min_messages=fatal $fast >"$sockets/log" 2>&1 &
  server=$!
  ready=''
  for _ in $(seq 300); do
    sql -p "$chosen" -c 'SELECT 1' >/dev/null 2>&1 && ready=yes && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  [ -z "$ready" ] || break
  tries=$((tries + 1))
  [ "$port" = 0 ] && [ "$tries" -lt 5 ] && continue # somebody else took that port
  fail "PostgreSQL does not start on port $chosen with the data of $folder: $(tail -n 1 "$sockets/log")"
done

role=LOGIN
[ -z "$for_tests" ] || role='LOGIN SUPERUSER'
exists=$(echo "SELECT 1 FROM pg_roles WHERE rolname = :'name'" | sql -p "$chosen" -v name="$name" -f -)
[ -n "$exists" ] || echo "CREATE ROLE :\"name\" $role" | sql -p "$chosen" -v name="$name" -f -
[ -z "$password" ] || echo "ALTER ROLE :\"name\" PASSWORD :'password'" | sql -p "$chosen" -v name="$name" -v password="$password" -f -
exists=$(echo "SELECT 1 FROM pg_database WHERE datname = :'name'" | sql -p "$chosen" -v name="$name" -f -)
[ -n "$exists" ] || echo "CREATE DATABASE :\"name\" OWNER :\"name\"" | sql -p "$chosen" -v name="$name" -f -

echo "postgresql://$name@127.0.0.1:$chosen/$name"
wait "$server" || fail "PostgreSQL ended: $(tail -n 1 "$sockets/log")"
