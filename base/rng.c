/* The kernel's random numbers, and a seeded generator for tests. Before: node/node.c passes
 * rng_system to what needs it. After: the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/rng.h"

static void system_fill(void *ctx, void *to, size_t n)
{
	uint8_t *p = to;

	(void)ctx;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno != EINTR)
			abort(); /* without random numbers nothing can be done safely */
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
}

const struct rng rng_system = {system_fill, NULL};

/* The generator splitmix64. */
static void seeded_fill(void *ctx, void *to, size_t n)
{
	struct rng_seeded *s = ctx;
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++) {
		uint64_t z = s->state += 0x9E3779B97F4A7C15u;
		z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
		z = (z ^ z >> 27) * 0x94D049BB133111EBu;
		p[i] = (uint8_t)((z ^ z >> 31) >> 24);
	}
}

struct rng rng_from_seed(struct rng_seeded *s, uint64_t seed)
{
	s->state = seed;
	return (struct rng){seeded_fill, s};
}

/* Numbers from `limit` on are drawn again, because they would make small results more likely. */
uint32_t rng_below(const struct rng *r, uint32_t below)
{
	uint32_t limit = UINT32_MAX - UINT32_MAX % below, v;

	do
		rng_fill(r, &v, sizeof v);
	while (v >= limit);
	return v % below;
}
