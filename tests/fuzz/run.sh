#!/bin/sh
# run.sh SECONDS TARGET…: builds each libFuzzer target with clang, address and undefined-behaviour
# checks, and runs it for that long on its corpus (build-fuzz/corpus/TARGET). Stops at a finding.
set -eu
seconds=$1
shift
cd "$(dirname "$0")/../.."
clang=$(command -v clang++-14 || command -v clang++)
clang_c=$(command -v clang-14 || command -v clang)
flags="-g -O1 -I. -D_GNU_SOURCE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
mkdir -p build-fuzz/obj
for source in base/*.c config/*.c chain/*.c p2p/*.c; do
	object=build-fuzz/obj/$(echo "$source" | tr / _).o
	[ "$object" -nt "$source" ] || "$clang_c" -std=c11 $flags -c -o "$object" "$source"
done
"$clang" -std=c++17 $flags -c -o build-fuzz/obj/config_toml.cc.o config/toml.cc
for target in "$@"; do
	"$clang_c" -std=c11 $flags -c -o "build-fuzz/$target.o" "tests/fuzz/$target.c"
	"$clang" -g -fsanitize=fuzzer,address,undefined -o "build-fuzz/$target" \
		"build-fuzz/$target.o" build-fuzz/obj/*.o -levent_core -llmdb -lsodium -lcrypto \
		-lcbor -lcares -lz -lm -pthread
	mkdir -p "build-fuzz/corpus/$target"
	echo "$target: $seconds s"
	"build-fuzz/$target" -max_total_time="$seconds" -print_final_stats=0 -verbosity=0 \
		"build-fuzz/corpus/$target"
done
