#!/bin/sh
# What leaks over days, in less time: build/probe with tens of thousands of failures, visits and
# addresses; then every stop under valgrind. usage: leaks.sh BUILD
set -e
for times in 10000 50000; do
	"$1/probe" retries $times
done
"$1/probe" churn 100000
VALGRIND=1 BUILD="$1" /usr/bin/python3 tests/program/run.py -v test_shutdown test_stop
