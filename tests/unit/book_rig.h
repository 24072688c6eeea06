/* What the tests of addresses share: a clock that is set by hand, and addresses by number. */
#ifndef TESTS_BOOK_RIG_H
#define TESTS_BOOK_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rng.h"
#include "net/addr.h"

struct hands {
	int64_t wall;
	uint64_t mono;
	struct clock clock;
	struct rng_seeded seed;
	struct rng rng;
};

static inline int64_t hands_wall(void *ctx)
{
	return ((struct hands *)ctx)->wall;
}

static inline uint64_t hands_mono(void *ctx)
{
	return ((struct hands *)ctx)->mono;
}

static inline void hands_init(struct hands *h)
{
	h->wall = 1700000000;
	h->mono = 1000000;
	h->clock = (struct clock){hands_wall, hands_mono, h};
	h->rng = rng_from_seed(&h->seed, 7);
}

static inline struct netaddr addr(const char *text)
{
	struct netaddr a;

	if (!netaddr_parse(slice_str(text), &a))
		fail_msg("no address: %s", text);
	return a;
}

/* 20.x.y.z … 147.x.y.z: the number's upper half says the /16. */
static inline struct netaddr ipv4(uint32_t n, uint16_t port)
{
	struct netaddr a = {.port = port};

	a.ip[10] = a.ip[11] = 0xFF;
	a.ip[12] = (uint8_t)(20 + (n >> 24) % 128);
	a.ip[13] = (uint8_t)(n >> 16);
	a.ip[14] = (uint8_t)(n >> 8);
	a.ip[15] = (uint8_t)n;
	return a;
}

#endif
