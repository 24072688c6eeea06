/* Random numbers. Code that needs them gets a struct rng from its caller: the operating system's in
 * the program, a seeded one in tests. Secrets (session keys) must come from rng_system. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	void (*fill)(void *ctx, void *to, size_t n);
	void *ctx;
};

/* Writes n random bytes to `to`. It cannot fail. */
static inline void rng_fill(const struct rng *r, void *to, size_t n)
{
	r->fill(r->ctx, to, n);
}

/* A uniformly random number 0 … below − 1; `below` must not be 0. */
uint32_t rng_below(const struct rng *r, uint32_t below);

/* The operating system's generator, getrandom(2). Any thread may use it; it aborts when it fails.
 */
extern const struct rng rng_system;

/* A repeatable generator for tests and tools. *s must outlive the returned rng. */
struct rng_seeded {
	uint64_t state;
};
struct rng rng_from_seed(struct rng_seeded *s, uint64_t seed);

#endif
