#!/bin/sh
# Fails when an update of this service from its template left a conflict behind.
set -eu

found=$(find . -name .git -prune -o -type f -name '*.rej' -print)
marked=$(grep -rIl --exclude-dir=.git --exclude-dir=bin -e '^<<<<<<< ' -e '^>>>>>>> ' . || true)
if [ -n "$found$marked" ]; then
  printf 'unresolved conflicts in:\n%s\n' "$found$marked" >&2
  exit 1
fi
