/* The clocks. Code that needs the time gets a struct clock from its caller, so that tests can set
 * the time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	/* seconds since 1970, UTC: for consensus, logs and records on disk; may jump */
	int64_t (*wall)(void *ctx);
	uint64_t (*mono)(void *ctx); /* milliseconds, never goes back: for deadlines and rates */
	void *ctx;
};

/* The time of day: seconds since 1970, UTC. It may jump when the machine's clock is set. */
static inline int64_t clock_wall(const struct clock *c)
{
	return c->wall(c->ctx);
}

/* Milliseconds since some fixed moment. They never go back. */
static inline uint64_t clock_mono(const struct clock *c)
{
	return c->mono(c->ctx);
}

/* True when the time (seconds since 1970) is at most `seconds` before or after now. */
static inline bool clock_is_near(const struct clock *c, int64_t when, int64_t seconds)
{
	int64_t now = clock_wall(c);

	return when >= now - seconds && when <= now + seconds;
}

/* The operating system's clocks. */
extern const struct clock clock_system;

#endif
