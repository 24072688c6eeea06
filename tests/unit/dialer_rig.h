/* What the tests of dialling share: a dialer under a clock that is set by hand, whose connections
 * are only noted. */
#ifndef TESTS_DIALER_RIG_H
#define TESTS_DIALER_RIG_H

#include <event2/event.h>

#include "p2p/dialer.h"
#include "p2p/configured_peer.h"
#include "tests/unit/book_rig.h"

enum { DIALS = 4096 };

struct rig {
	struct hands h;
	struct limits l;
	struct event_base *base;
	struct addrbook book;
	struct exchange x;
	struct dialer *d;

	struct netaddr dialled[DIALS]; /* every dial, in order */
	uint64_t when[DIALS];
	bool configured[DIALS];
	bool over[DIALS]; /* failed or closed since */
	size_t dials, outbound, dialling, unresolved;
	bool company;           /* somebody dialled us */
	bool fail;              /* dials fail at once */
	bool blind;             /* the hook does not see what is connected */
	struct netaddr refused; /* port 0 = none */
	bool refused_to_all;    /* to configured peers, too */
	struct netaddr crowded; /* whose group has an outbound connection; port 0 = none */
};

static inline bool hook_dial(void *ctx, const struct netaddr *to, bool configured)
{
	struct rig *r = ctx;

	assert_true(r->dials < DIALS);
	r->when[r->dials] = r->h.mono;
	r->configured[r->dials] = configured;
	r->over[r->dials] = r->fail;
	r->dialled[r->dials++] = *to;
	if (r->fail)
		return false;
	r->outbound++;
	r->dialling++;
	assert_true(r->dialling <= r->l.max_dials.max);
	return true;
}

static inline bool hook_refuse(void *ctx, const struct netaddr *a, bool configured)
{
	const struct rig *r = ctx;
	bool connected = false;

	for (size_t i = 0; i < r->dials; i++)
		connected |= !r->blind && !r->over[i] && netaddr_eq(&r->dialled[i], a);
	return connected || (netaddr_eq(&r->refused, a) && (!configured || r->refused_to_all));
}

static inline bool hook_crowded(void *ctx, const struct netaddr *a)
{
	const struct rig *r = ctx;
	uint8_t g[NETGROUP_SIZE], h[NETGROUP_SIZE];

	netaddr_group(a, g);
	netaddr_group(&r->crowded, h);
	return r->crowded.port && memcmp(g, h, sizeof g) == 0;
}

static inline size_t hook_outbound(void *ctx)
{
	return ((struct rig *)ctx)->outbound;
}

static inline size_t hook_dialling(void *ctx)
{
	return ((struct rig *)ctx)->dialling;
}

static inline bool hook_alone(void *ctx)
{
	const struct rig *r = ctx;
	return !r->company && r->outbound == r->dialling;
}

static inline void hook_unresolved(void *ctx, const char *peer, const char *why)
{
	((struct rig *)ctx)->unresolved++;
	assert_true(peer[0] && why[0]);
}

static inline int begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	hands_init(&r->h);
	limits_default(&r->l);
	r->base = event_base_new();
	addrbook_init(&r->book, &r->l, &r->h.clock, &r->h.rng, 5);
	exchange_init(&r->x, &r->l.max_new_peers, false, false);
	r->d = dialer_start(&(struct dialer_settings){.base = r->base,
		.clock = &r->h.clock,
		.limits = &r->l,
		.book = &r->book,
		.exchange = &r->x,
		.hooks = {.dial = hook_dial,
			.refuse = hook_refuse,
			.crowded = hook_crowded,
			.outbound = hook_outbound,
			.dialling = hook_dialling,
			.alone = hook_alone,
			.unresolved = hook_unresolved,
			.ctx = r}});
	assert_non_null(r->d);
	*state = r;
	return 0;
}

static inline int end(void **state)
{
	struct rig *r = *state;

	dialer_quiesce(r->d);
	dialer_free(r->d);
	addrbook_clear(&r->book);
	exchange_clear(&r->x);
	assert_int_equal(r->l.max_configured_peers.used, 0);
	assert_int_equal(r->l.max_lookups.used, 0);
	assert_int_equal(mem_blocks(), 0);
	event_base_free(r->base);
	free(r);
	return 0;
}

/* Lets time go by, as the timer would: from tick to tick. Returns how many there were. */
static inline size_t run(struct rig *r, uint64_t ms)
{
	uint64_t until = r->h.mono + ms;
	size_t ticks = 0;

	for (;; ticks++) {
		uint64_t wait = dialer_tick(r->d);
		assert_true(wait <= 60000);
		wait = wait ? wait : 1;
		if (r->h.mono + wait > until)
			break;
		r->h.mono += wait;
		r->h.wall = 1700000000 + (int64_t)(r->h.mono / 1000);
	}
	r->h.mono = until;
	r->h.wall = 1700000000 + (int64_t)(until / 1000);
	return ticks;
}

static inline void ready(struct rig *r, struct netaddr a)
{
	r->dialling--;
	dialer_ready(r->d, &a);
}

static inline void over(struct rig *r, const struct netaddr *a)
{
	for (size_t i = 0; i < r->dials; i++)
		r->over[i] |= netaddr_eq(&r->dialled[i], a);
	r->outbound--;
}

/* Never was ready. */
static inline void failed(struct rig *r, struct netaddr a, enum dial_end how)
{
	r->dialling--;
	over(r, &a);
	dialer_ended(r->d, &a, how);
}

static inline void closed(struct rig *r, struct netaddr a)
{
	over(r, &a);
	dialer_ended(r->d, &a, DIAL_CLOSED);
}

static inline void heard(struct rig *r, struct netaddr a)
{
	struct netaddr source = addr("7.7.7.7:1");

	addrbook_heard(&r->book, &a, &source);
}

static inline bool nobody(void *ctx, const struct netaddr *a)
{
	(void)ctx;
	(void)a;
	return false;
}

/* As if a peer had named it. */
static inline void named(struct rig *r, struct netaddr a)
{
	char text[NETADDR_TEXT_MAX];
	struct netaddr out;

	if (exchange_take(&r->x, slice_str(netaddr_text(&a, text)), nobody, NULL, &out))
		heard(r, a);
	dialer_wake(r->d);
}

#endif
