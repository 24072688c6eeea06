#!/bin/sh
# Every allocation of a sync of 200 blocks with a change of branch fails once.
# usage: memory.sh BUILD
LONG=1 "$1/test_sync_memory" && echo '1 passed, 0 failed' && exit
echo '0 passed, 1 failed'
exit 1
