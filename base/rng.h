/* Randomness is injected like time: the program uses the operating system's, tests a seeded one.
 * A good-quality secret (session keys) must come from rng_system. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	void (*fill)(void *ctx, void *to, size_t n);
	void *ctx;
};

static inline void rng_fill(const struct rng *r, void *to, size_t n)
{
	r->fill(r->ctx, to, n);
}

/* Uniform in 0 … below − 1; `below` must not be 0. */
uint32_t rng_below(const struct rng *r, uint32_t below);

/* getrandom(2). */
extern const struct rng rng_system;

/* A repeatable generator for tests and tools; keep the state alive as long as the rng. */
struct rng_seeded {
	uint64_t state;
};
struct rng rng_from_seed(struct rng_seeded *s, uint64_t seed);

#endif
