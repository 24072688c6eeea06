#!/bin/sh
# usage: tests/emulated/run.sh ARCH [WORD]
#
# Builds for the Debian architecture ARCH in build-ARCH and runs the tests there; with WORD only the
# steps whose name contains it. s390x: 64 bits, big-endian; armhf, mipsel: 32 bits, little-endian;
# i386: 32 bits, which a PC runs at full speed without an emulator.
set -eu
cd "$(dirname "$0")/../.."
arch=${1:?ARCH}
word=${2-}
build=build-$arch
root=$PWD/$build/sysroot
flags= extra=
unset folder

case $arch in
s390x) triple=s390x-linux-gnu emulator="qemu-s390x -L $root" ;;
armhf) triple=arm-linux-gnueabihf emulator="qemu-arm -L $root" ;;
mipsel)
	triple=mipsel-linux-gnu emulator="qemu-mipsel -L $root"
	extra=-Wl,--push-state,--no-as-needed,-latomic,--pop-state
	;;
i386)
	triple=i686-linux-gnu
	folder=i386-linux-gnu
	emulator="$root/lib/ld-linux.so.2 --library-path $root/lib/$folder:$root/usr/lib/$folder"
	flags=" -msse2 -mfpmath=sse"
	;;
*) echo "unknown ARCH $arch: s390x, armhf, mipsel or i386" >&2 && exit 2 ;;
esac
folder=${folder-$triple}

tools/packages.sh qemu-user "gcc-$triple" "g++-$triple"
tests/emulated/sysroot.sh "$arch" "$build"
targets="alfisd replay mkchain"
for source in tests/unit/test_*.c tests/fuzz/fuzz_*.c; do
	targets="$targets $(basename "$source" .c)"
done
# shellcheck disable=SC2046,SC2086
CPPFLAGS="-isystem $root/usr/include -isystem $root/usr/include/$folder" \
	LDFLAGS="-L$root/usr/lib/$folder -L$root/lib/$folder \
-Wl,-rpath-link=$root/usr/lib/$folder:$root/lib/$folder $extra" \
	make -s SAN= BUILD="$build" PACKAGES= \
	CC="$triple-gcc$flags" CXX="$triple-g++$flags" AR="$triple-ar" \
	$(printf "$build/%s " $targets)
python3 tests/emulated/run.py "$build" "$emulator" "$word"
