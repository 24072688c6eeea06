/* Allocates, counts what is allocated, and fails on demand in tests. Before: every part. After: the
 * C library; the audit at the end of main() reads the counters. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The size stands in front of each block; the union keeps what follows aligned for any type. */
union head {
	size_t size;
	max_align_t align;
};

static atomic_size_t bytes, blocks, peak;
static atomic_uint_fast64_t fail_in;

static int must_fail(void)
{
	uint_fast64_t n = atomic_load(&fail_in);

	while (n > 0)
		if (atomic_compare_exchange_weak(&fail_in, &n, n - 1))
			return n == 1;
	return 0;
}

static void count(size_t size)
{
	size_t now = atomic_fetch_add(&bytes, size) + size;
	size_t high = atomic_load(&peak);

	while (now > high && !atomic_compare_exchange_weak(&peak, &high, now))
		;
}

void *mem_alloc(size_t size)
{
	if (size > SIZE_MAX - sizeof(union head) || must_fail())
		return NULL;
	union head *h = calloc(1, sizeof *h + size);
	if (!h)
		return NULL;
	h->size = size;
	count(size);
	atomic_fetch_add(&blocks, 1);
	return h + 1;
}

void *mem_realloc(void *p, size_t size)
{
	if (!p)
		return mem_alloc(size);
	if (size > SIZE_MAX - sizeof(union head) || must_fail())
		return NULL;
	union head *before = (union head *)p - 1;
	size_t old = before->size;
	union head *h = realloc(before, sizeof *h + size);
	if (!h)
		return NULL;
	h->size = size;
	atomic_fetch_sub(&bytes, old);
	count(size);
	return h + 1;
}

void mem_free(void *p)
{
	if (!p)
		return;
	union head *h = (union head *)p - 1;
	atomic_fetch_sub(&bytes, h->size);
	atomic_fetch_sub(&blocks, 1);
	free(h);
}

size_t mem_bytes(void)
{
	return atomic_load(&bytes);
}

size_t mem_blocks(void)
{
	return atomic_load(&blocks);
}

size_t mem_peak(void)
{
	return atomic_load(&peak);
}

uint64_t mem_fail_nth(uint64_t n)
{
	return atomic_exchange(&fail_in, n);
}
