/* Counts what the C library's allocator gives out. Before: all parts, libevent and libcrypto.
 * After: calloc(3), realloc(3), free(3). */
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Precedes each block with its size; the union keeps the block aligned for any type. */
union head {
	size_t size;
	max_align_t align;
};

struct account {
	atomic_size_t bytes, blocks, peak;
};

enum { LARGE = 131072 }; /* bytes */

static struct account ours, libraries;
static _Thread_local size_t taken_here; /* of the libraries' */
static atomic_uint_fast64_t fail_in;
static _Thread_local union head *spares[MEM_SPARES];
static _Thread_local size_t spare_count;
static _Thread_local bool wipes;

/* Counts down for mem_fail_nth(); true when this request must fail. */
static int must_fail(void)
{
	uint_fast64_t n = atomic_load(&fail_in);

	while (n > 0)
		if (atomic_compare_exchange_weak(&fail_in, &n, n - 1))
			return n == 1;
	return 0;
}

/* Adds `size` bytes to the account and raises its peak. */
static void count(struct account *a, size_t size)
{
	size_t now = atomic_fetch_add(&a->bytes, size) + size;
	size_t high = atomic_load(&a->peak);

	while (now > high && !atomic_compare_exchange_weak(&a->peak, &high, now))
		;
}

static void *book(struct account *a, union head *h, size_t size)
{
	h->size = size;
	count(a, size);
	atomic_fetch_add(&a->blocks, 1);
	return h + 1;
}

/* Zeroed or not. */
static void *take(struct account *a, size_t size, bool zero)
{
	if (size > SIZE_MAX - sizeof(union head))
		return NULL;
	union head *h = zero ? calloc(1, sizeof *h + size) : malloc(sizeof *h + size);
	return h ? book(a, h, size) : NULL;
}

/* One of ours that cannot be had otherwise. */
static void *take_spare(size_t size)
{
	if (spare_count == 0 || size > MEM_SPARE_SIZE)
		return NULL;
	union head *h = spares[--spare_count];
	memset(h, 0, sizeof *h + size);
	return book(&ours, h, size);
}

static void *resize(struct account *a, void *p, size_t size)
{
	if (size > SIZE_MAX - sizeof(union head))
		return NULL;
	union head *before = (union head *)p - 1;
	size_t old = before->size;
	union head *h = realloc(before, sizeof *h + size);
	if (!h)
		return NULL;
	h->size = size;
	atomic_fetch_sub(&a->bytes, old);
	count(a, size);
	return h + 1;
}

static void give(struct account *a, void *p)
{
	union head *h = (union head *)p - 1;

	atomic_fetch_sub(&a->bytes, h->size);
	atomic_fetch_sub(&a->blocks, 1);
	free(h);
}

/* ---- the program's own memory ---- */

/* glibc takes such blocks from the system one by one, until one of them is freed: from then on it
 * keeps all up to that size, and twice as many bytes at the end of its heap. The scratch of the
 * hash at the start would stay for good. A limit that is set stays as it is. */
void mem_begin(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

void *mem_alloc(size_t size)
{
	void *p = must_fail() ? NULL : take(&ours, size, true);

	return p ? p : take_spare(size);
}

void *mem_alloc_unset(size_t size)
{
	return must_fail() ? NULL : take(&ours, size, false);
}

/* The C library could move the bytes and leave them where they were. */
static void *move(void *p, size_t size)
{
	size_t old = mem_size(p);
	void *to = mem_alloc_unset(size);

	if (!to)
		return NULL;
	memcpy(to, p, old < size ? old : size);
	mem_free(p);
	return to;
}

void *mem_realloc(void *p, size_t size)
{
	if (!p)
		return mem_alloc(size);
	if (wipes)
		return move(p, size);
	return must_fail() ? NULL : resize(&ours, p, size);
}

void mem_free(void *p)
{
	if (p && wipes)
		explicit_bzero(p, mem_size(p));
	if (p)
		give(&ours, p);
}

bool mem_wipe_freed(bool on)
{
	bool before = wipes;

	wipes = on;
	return before;
}

bool mem_spare_begin(void)
{
	while (spare_count < MEM_SPARES) {
		union head *h = must_fail() ? NULL : malloc(sizeof *h + MEM_SPARE_SIZE);
		if (!h) {
			mem_spare_end();
			return false;
		}
		spares[spare_count++] = h;
	}
	return true;
}

void mem_spare_end(void)
{
	while (spare_count)
		free(spares[--spare_count]);
}

size_t mem_usable(void *p)
{
	return malloc_usable_size((union head *)p - 1) + sizeof(size_t);
}

size_t mem_size(const void *p)
{
	return ((const union head *)p - 1)->size;
}

size_t mem_bytes(void)
{
	return atomic_load(&ours.bytes);
}

size_t mem_blocks(void)
{
	return atomic_load(&ours.blocks);
}

size_t mem_peak(void)
{
	return atomic_load(&ours.peak);
}

uint64_t mem_fail_nth(uint64_t n)
{
	return atomic_exchange(&fail_in, n);
}

/* ---- memory of libraries ---- */

static size_t size_of(void *p)
{
	return p ? ((union head *)p - 1)->size : 0;
}

void *mem_library_alloc(size_t size)
{
	void *p = take(&libraries, size, true);

	taken_here += size_of(p);
	return p;
}

void *mem_library_realloc(void *p, size_t size)
{
	size_t before = size_of(p);
	void *fresh = p ? resize(&libraries, p, size) : take(&libraries, size, true);

	if (fresh)
		taken_here += size - before;
	return fresh;
}

void mem_library_free(void *p)
{
	taken_here -= size_of(p);
	if (p)
		give(&libraries, p);
}

size_t mem_library_bytes(void)
{
	return atomic_load(&libraries.bytes);
}

size_t mem_library_blocks(void)
{
	return atomic_load(&libraries.blocks);
}

size_t mem_library_taken(void)
{
	return taken_here;
}
