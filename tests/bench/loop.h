/* Between tests/bench/loop.c and the checkers that it brings with it. */
#ifndef TESTS_BENCH_LOOP_H
#define TESTS_BENCH_LOOP_H

#include "chain/verify.h"

/* Checks all that waits; sync_collect() finds it done. The caller takes all of it before the next
 * call. */
void checkers_work(void);

#endif
