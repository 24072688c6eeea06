/* What the fuzz targets share. A target takes any bytes and aborts, with the place, where a promise
 * of the code under test is broken. libFuzzer calls it (make fuzz), or tests/fuzz/replay.c with
 * kept inputs (make check). */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/mem.h"
#include "config/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must_at(bool truth, const char *what, const char *file, int line)
{
	if (truth)
		return;
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, what);
	abort();
}
#define must(truth) must_at(truth, #truth, __FILE__, __LINE__)

/* The bytes in memory of exactly their length, so that a sanitizer sees a read beyond them. */
static inline uint8_t *own_copy(const void *data, size_t n)
{
	uint8_t *copy = mem_alloc(n);

	must(copy);
	if (n)
		memcpy(copy, data, n);
	return copy;
}

/* What all that input can fill may come to hold. */
static inline double worst_bytes(const struct limits *l)
{
	double sum = 0;

	for (size_t i = 0; i < LIMIT_ROWS; i++)
		sum += (double)limits_worst_bytes(l, i);
	return sum;
}

static inline void must_be_within(const struct limits *l)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(l, i);
		must(b->used <= b->max && b->used <= b->peak);
	}
}

static inline void must_be_unused(const struct limits *l)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		must(limits_bound_const(l, i)->used == 0);
}

#endif
