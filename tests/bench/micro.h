/* Small measurements of single functions, for tests/bench/bench.py: one JSON object a line. */
#ifndef TESTS_BENCH_MICRO_H
#define TESTS_BENCH_MICRO_H

#include <stdbool.h>

double cpu_seconds(void); /* of this process */
double wall_seconds(void);

void micro_say(const char *name, double value, const char *unit);

void micro_hash(void);
void micro_frames(void);
void micro_dns(void);
void micro_mine(bool quick); /* quick: only the search, the lanes, one lane */
void micro_found(unsigned seed, unsigned count);

#endif
