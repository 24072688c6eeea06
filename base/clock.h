/* Time is injected: everything that asks for it takes a struct clock, and tests own theirs. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t (*wall)(void *ctx);  /* UTC, seconds since 1970 (consensus, logs, kept records) */
	uint64_t (*mono)(void *ctx); /* milliseconds, never goes back (deadlines, rates) */
	void *ctx;
};

static inline int64_t clock_wall(const struct clock *c)
{
	return c->wall(c->ctx);
}

static inline uint64_t clock_mono(const struct clock *c)
{
	return c->mono(c->ctx);
}

/* Is that time, in seconds since 1970, no more than `seconds` from now, before or after? */
static inline bool clock_is_near(const struct clock *c, int64_t when, int64_t seconds)
{
	int64_t now = clock_wall(c);

	return when >= now - seconds && when <= now + seconds;
}

/* The operating system's clocks. */
extern const struct clock clock_system;

#endif
