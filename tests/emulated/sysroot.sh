#!/bin/sh
# usage: tests/emulated/sysroot.sh ARCH FOLDER
#
# Unpacks Debian's libraries for another ARCH into FOLDER/sysroot. apt is given lists, a cache and
# an empty package database of its own in FOLDER/apt, so this machine's packages do not change.
set -eu
arch=$1
folder=$(realpath -m "$2")
[ -f "$folder/sysroot/complete" ] && exit 0

own=$folder/apt
mkdir -p "$own/lists/partial" "$own/archives/partial" "$own/etc/preferences.d" "$own/etc/apt.conf.d"
: >"$own/status"
# The cross compilers link with their release's C library: the libraries must be of that release.
# shellcheck disable=SC1091
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
	"http://deb.debian.org/debian $release main" >"$own/sources.list"
cat >"$own/apt.conf" <<EOF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
Dir::Etc "$own/etc";
Dir::Etc::SourceList "$own/sources.list";
Dir::Etc::SourceParts "-";
Dir::State "$own";
Dir::State::Status "$own/status";
Dir::Cache "$own";
Debug::NoLocking "true";
EOF
export APT_CONFIG="$own/apt.conf"
apt-get -qq update
apt-get -qq install --download-only -y libevent-dev liblmdb-dev libsodium-dev libssl-dev \
	libcbor-dev libtomlplusplus-dev libsqlite3-dev libc-ares-dev zlib1g-dev libnghttp2-dev libcmocka-dev \
	libstdc++6 libc-bin >/dev/null
for package in "$own"/archives/*.deb; do
	case ${package##*/} in
	libc6-dev_* | linux-libc-dev_*) ;; # the cross compiler has its own
	*) dpkg -x "$package" "$folder/sysroot" ;;
	esac
done
touch "$folder/sysroot/complete"
