#!/bin/sh
# What leaks over days, in less time: build/probe with tens of thousands of failures, visits,
# addresses, clients and names; then every stop under valgrind. usage: leaks.sh BUILD
set -e
for times in 10000 50000; do
	for kinds in retries lookups clients; do
		"$1/probe" $kinds $times
	done
done
"$1/probe" lookups 200000 kept
"$1/probe" questions 1000
"$1/probe" churn 100000
VALGRIND=1 BUILD="$1" /usr/bin/python3 tests/program/run.py -v test_shutdown test_stop
