#!/bin/sh
# usage: tests/emulated/run.sh ARCH [WORD]
#
# Builds for the Debian architecture ARCH in build-ARCH and runs the tests there; with WORD only the
# steps whose name contains it. s390x: 64 bits, big-endian; arm64: 64 bits, little-endian; armhf,
# mipsel: 32 bits, little-endian; i386: 32 bits, which a PC runs at full speed without an emulator.
set -eu
cd "$(dirname "$0")/../.."
arch=${1:?ARCH}
word=${2-}
build=build-$arch
root=$PWD/$build/sysroot
flags= more=
unset folder

case $arch in
s390x) triple=s390x-linux-gnu emulator="qemu-s390x -L $root" ;;
arm64) triple=aarch64-linux-gnu emulator="qemu-aarch64 -L $root" ;;
armhf) triple=arm-linux-gnueabihf emulator="qemu-arm -L $root" ;;
mipsel)
	triple=mipsel-linux-gnu emulator="qemu-mipsel -L $root"
	more=-latomic
	;;
i386)
	triple=i686-linux-gnu
	folder=i386-linux-gnu
	emulator="$root/lib/ld-linux.so.2 --library-path $root/lib/$folder:$root/usr/lib/$folder"
	flags=" -msse2 -mfpmath=sse"
	;;
*) echo "unknown ARCH $arch: s390x, arm64, armhf, mipsel or i386" >&2 && exit 2 ;;
esac
folder=${folder-$triple}

tools/packages.sh qemu-user "gcc-$triple" "g++-$triple"
tests/emulated/sysroot.sh "$arch" "$build"
targets="alfisd replay mkchain"
for source in tests/unit/test_*.c tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	case $name in
	*"$word"*) targets="$targets $name" ;;
	esac
done
# shellcheck disable=SC2046,SC2086
CPPFLAGS="-isystem $root/usr/include -isystem $root/usr/include/$folder" \
	LDFLAGS="-L$root/usr/lib/$folder -L$root/lib/$folder \
-Wl,-rpath-link=$root/usr/lib/$folder:$root/lib/$folder" \
	LDLIBS="$more" \
	make -s SAN= BUILD="$build" PACKAGES= PKG_CONFIG=false with=libnghttp2 \
	CC="$triple-gcc$flags" CXX="$triple-g++$flags" AR="$triple-ar" \
	$(printf "$build/%s " $targets)
python3 tests/emulated/run.py "$build" "$emulator" "$word"
