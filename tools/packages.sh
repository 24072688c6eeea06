#!/bin/sh
# Makes sure that Debian's packages are there: installs what is missing when it may (root, or sudo
# that asks nothing), else names the one line that does. Elsewhere than on Debian it says nothing:
# the compiler will.
# usage: packages.sh [PACKAGE]…
set -eu
[ $# != 0 ] && command -v dpkg-query >/dev/null || exit 0
there=$(dpkg-query -W -f=' ${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)
missing=
for package in "$@"; do
	case $there in
	*" installed:$package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0
as=
if [ "$(id -u)" != 0 ]; then
	if ! sudo -n true 2>/dev/null; then
		echo "missing packages; please run: sudo apt-get install -y$missing" >&2
		exit 1
	fi
	as="sudo -n"
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$as apt-get update -qq && $as apt-get install -y -qq --no-install-recommends $missing >/dev/null
