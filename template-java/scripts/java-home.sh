#!/bin/sh
# Prints the home of a JDK of at least the major version $1, or says in one sentence how to get one.
set -u
wanted=$1

# The file "release" tells the version without starting a JVM.
fits() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${major:-0}" -ge "$wanted" ]
}

home_on_path() {
  java=$(command -v java) && dirname "$(dirname "$(readlink -f "$java")")"
}

path_home=$(home_on_path)
siblings=${path_home:+$(dirname "$path_home")}
mac_home=$(/usr/libexec/java_home -v "$wanted" 2>/dev/null)

for home in "${JAVA_HOME:-}" "$path_home" ${siblings:+"$siblings"/*} "$mac_home" \
  "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/*; do
  if fits "$home"; then
    printf '%s\n' "$home"
    exit 0
  fi
done
echo "JDK $wanted or newer is needed and was not found: install one (sdk install java, apt install temurin-$wanted-jdk, brew install openjdk) or point JAVA_HOME at it." >&2
exit 1
