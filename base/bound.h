/* A bound: a row of config/limits.def at run time. Every container and buffer that input can fill
 * has a pointer to its bound, and takes from it before it grows.
 *
 * Threads: a row belongs to one thread, or to the holder of the lock that its user names. Only that
 * thread may call the functions that change it, so they need no atomic read-modify-write. Any
 * thread may read the numbers to show them: each is whole, but two of them need not fit together.
 */
#ifndef BASE_BOUND_H
#define BASE_BOUND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bound {
	const char *name;      /* the row's name; static */
	_Atomic uint64_t max;  /* items, bytes or milliseconds, as the row says */
	_Atomic uint64_t used; /* in use now */
	_Atomic uint64_t peak; /* highest `used` so far */
	_Atomic uint64_t hits; /* how often something was refused or removed because of it */
};

/* ---- one number ---- */

/* Reads one number of a row. Any thread may. */
static inline uint64_t bound_read(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* Sets one number of a row; for the row's own thread. A reload also sets `max` with it. */
static inline void bound_write(_Atomic uint64_t *number, uint64_t value)
{
	atomic_store_explicit(number, value, memory_order_relaxed);
}

/* ---- for the row's own thread ---- */

/* Counts that something was refused or removed because of this bound. */
static inline void bound_hit(struct bound *b)
{
	bound_write(&b->hits, bound_read(&b->hits) + 1);
}

/* Notes a peak, for rows that bound the largest of many counts and so have no single value in use.
 */
static inline void bound_peak(struct bound *b, uint64_t used)
{
	if (used > bound_read(&b->peak))
		bound_write(&b->peak, used);
}

/* Sets the value in use, for rows that bound one current value (a length, the largest of several)
 * rather than a sum. */
static inline void bound_note(struct bound *b, uint64_t used)
{
	bound_write(&b->used, used);
	bound_peak(b, used);
}

/* True when n more would fit. Takes nothing and counts no hit. */
static inline bool bound_has(const struct bound *b, uint64_t n)
{
	uint64_t used = bound_read(&b->used), max = bound_read(&b->max);

	return used <= max && n <= max - used;
}

/* Takes n and returns true; or returns false and counts a hit. */
static inline bool bound_take(struct bound *b, uint64_t n)
{
	if (!bound_has(b, n)) {
		bound_hit(b);
		return false;
	}
	bound_note(b, bound_read(&b->used) + n);
	return true;
}

/* Gives n back. */
static inline void bound_give(struct bound *b, uint64_t n)
{
	uint64_t used = bound_read(&b->used);

	bound_write(&b->used, n > used ? 0 : used - n);
}

#endif
