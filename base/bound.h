/* A bound: what a row of config/limits.def is at run time. Every container and buffer that input
 * can fill holds a pointer to its bound and takes from it before it grows. */
#ifndef BASE_BOUND_H
#define BASE_BOUND_H

#include <stdbool.h>
#include <stdint.h>

struct bound {
	const char *name; /* the row's name, static */
	uint64_t max;     /* items, bytes or milliseconds, as the row says */
	uint64_t used;    /* now */
	uint64_t peak;    /* highest `used` so far */
	uint64_t hits;    /* times something was refused or thrown out because of it */
};

/* Takes n, or refuses and counts a hit. */
static inline bool bound_take(struct bound *b, uint64_t n)
{
	if (b->used > b->max || n > b->max - b->used) {
		b->hits++;
		return false;
	}
	b->used += n;
	if (b->used > b->peak)
		b->peak = b->used;
	return true;
}

/* Room for n, without taking it and without counting a hit. */
static inline bool bound_has(const struct bound *b, uint64_t n)
{
	return b->used <= b->max && n <= b->max - b->used;
}

static inline void bound_give(struct bound *b, uint64_t n)
{
	b->used = n > b->used ? 0 : b->used - n;
}

static inline void bound_hit(struct bound *b)
{
	b->hits++;
}

/* For rows whose use is one current value rather than a sum (largest of several, a length). */
static inline void bound_note(struct bound *b, uint64_t used)
{
	b->used = used;
	if (used > b->peak)
		b->peak = used;
}

#endif
