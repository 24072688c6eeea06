#!/bin/sh
# Three analysers over the whole program; nothing may be found. What is left out, and why:
#
# gcc -fanalyzer follows calls within one file and does not know that a slice, cursor or queue with
# something in it points somewhere: null pointers and values without a beginning are left to clang's
# analyser, valgrind and the sanitizers, which do.
# clang-tidy:
#   insecureAPI     asks for memcpy_s and the like, which this C library does not have
#   valist          sees va_start() as unknown from the second file of a run on
#   branch-clone    two rules with one consequence stay two lines
#   macro-parentheses, implicit-widening, narrowing   expressions of the tables; products of small
#                   constants
#   easily-swappable, reserved-identifier   matters of taste
# cppcheck: nothing.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# web/asset.c includes what the build has made of web/style.css and web/script.js.
files=$(find base net config domain chain mine owner p2p sync dns http api web node cli -name "*.c" | sort)
flags="-std=c11 -I. -Ibuild/gen -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64"

echo "gcc -fanalyzer"
for file in $files; do
	gcc $flags -O1 -Wall -Werror -fanalyzer -Wno-analyzer-null-argument \
		-Wno-analyzer-null-dereference -Wno-analyzer-use-of-uninitialized-value \
		-c -o "$out/object" "$file"
done

echo "clang-tidy"
clang-tidy-14 --quiet --warnings-as-errors='*' --checks='-*,clang-analyzer-*,bugprone-*,misc-no-recursion,-clang-analyzer-security.insecureAPI.*,-clang-analyzer-valist.Uninitialized,-bugprone-branch-clone,-bugprone-macro-parentheses,-bugprone-implicit-widening-of-multiplication-result,-bugprone-narrowing-conversions,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier' \
	$files -- $flags >"$out/tidy" 2>&1 || { grep -A4 'error:' "$out/tidy"; exit 1; }

echo "cppcheck"
cppcheck --std=c11 --enable=warning,portability,performance --quiet --error-exitcode=1 \
	-I. -Ibuild/gen -D_GNU_SOURCE --suppress=missingIncludeSystem $files
echo "nothing found"
