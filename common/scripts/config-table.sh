#!/bin/sh
# Writes the table of keys that a program prints with --help between two markers of a file: config-table.sh FILE PROGRAM…
set -eu

file=$1
shift
table=$(mktemp)
trap 'rm -f "$table" "$table.new"' EXIT
"$@" --help | grep '^|' >"$table"
awk -v table="$table" '
  /^<!-- \/configuration/ { skipping = 0 }
  !skipping { print }
  /^<!-- configuration/ { while ((getline line < table) > 0) print line; skipping = 1 }
' "$file" >"$table.new"
cmp -s "$table.new" "$file" || cat "$table.new" >"$file"
