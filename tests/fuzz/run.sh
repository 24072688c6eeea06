#!/bin/sh
# run.sh SECONDS BUILD TARGET…: runs each libFuzzer target of that build folder for so long, on its
# kept inputs (tests/fuzz/corpus, tests/fuzz/regress) and on what earlier runs found
# (BUILD/corpus/TARGET). Stops at a finding, whose input then lies in BUILD/findings.
set -eu
seconds=$1
build=$2
shift 2
cd "$(dirname "$0")"
here=$PWD
cd ../..
mkdir -p "$build/findings"
for target in "$@"; do
	name=${target#fuzz_}
	found=$build/corpus/$name
	mkdir -p "$found"
	set --
	[ ! -f "$here/$name.dict" ] || set -- "-dict=$here/$name.dict"
	for kept in "$here/corpus/$name" "$here/regress/$name"; do
		[ ! -d "$kept" ] || set -- "$@" "$kept"
	done
	echo "$target: $seconds s"
	"$build/$target" -max_total_time="$seconds" -print_final_stats=1 -verbosity=0 -timeout=30 \
		-rss_limit_mb=2048 -artifact_prefix="$build/findings/$name-" "$found" "$@"
done
