#!/bin/sh
# Every allocation of a sync of 200 blocks with a change of branch fails once, and every one of a
# reload of the settings. usage: memory.sh BUILD
if LONG=1 "$1/test_sync_memory" &&
	EVERY=1 BUILD="$1" /usr/bin/python3 tests/program/run.py -v test_faults.Reloading; then
	echo '2 passed, 0 failed' && exit
fi
echo '0 passed, 1 failed'
exit 1
