/* Role: decides whom to dial next and when: configured peers, and peers of our own choice.
 * Before: p2p/exchange.c, p2p/addrbook.c and net/resolver.c supply addresses. After: the dial hook,
 * p2p/p2p_peers.c. */
#include <event2/event.h>

#include "base/mem.h"
#include "p2p/dialer_internal.h"

enum {
	SPACING_MS = 200,  /* between two dials of our own choice */
	AT_ONCE_MS = 1000, /* instead, after one that failed at once: perhaps there is no network */
};

bool dialer_has_dial(const struct dialer *d)
{
	return d->s.hooks.dialling(d->s.hooks.ctx) < d->s.limits->max_dials.max;
}

static bool has_place(const struct dialer *d)
{
	return d->s.hooks.outbound(d->s.hooks.ctx) < d->s.limits->max_outbound.max;
}

/* ---- our own choice ---- */

static bool refuse(void *ctx, const struct netaddr *a)
{
	struct dialer *d = ctx;

	return !exchange_allows(d->s.exchange, a) || dialer_busy_with(d, a) ||
	       addrbook_is_present(d->s.book, a) || d->s.hooks.refuse(d->s.hooks.ctx, a, false);
}

static bool refuse_crowded(void *ctx, const struct netaddr *a)
{
	struct dialer *d = ctx;

	return d->s.hooks.crowded(d->s.hooks.ctx, a) || refuse(d, a);
}

/* Chooses an address: first peers of the last session, then new ones from peer exchange, then the
 * address book. Addresses in a network group to which we have an outbound connection come last,
 * even those of the last session: one network that dialled us from many addresses must not take the
 * places of others. An address of exchange that is skipped here is not lost: the book has it,
 * too. */
static bool choose(struct dialer *d, struct netaddr *out)
{
	if (addrbook_pick_missed(d->s.book, refuse_crowded, d, out))
		return true;
	while (exchange_next(d->s.exchange, out))
		if (!refuse_crowded(d, out) && !addrbook_rests(d->s.book, out))
			return true;
	return addrbook_pick(d->s.book, refuse_crowded, d, out) ||
	       addrbook_pick_missed(d->s.book, refuse, d, out) ||
	       addrbook_pick(d->s.book, refuse, d, out);
}

/* Dials one address, if there is a place. Returns in how many milliseconds to try again. */
static uint64_t dial_one(struct dialer *d)
{
	struct netaddr a;

	if (!has_place(d) || !dialer_has_dial(d) || !choose(d, &a))
		return DIALER_CHECK_MS;
	if (d->s.hooks.dial(d->s.hooks.ctx, &a, false))
		return SPACING_MS;
	addrbook_failed(d->s.book, &a, dialer_online(d));
	return AT_ONCE_MS;
}

/* ---- the timer ---- */

/* Sets the timer. It is persistent, so it is always pending, and moving it needs no memory. */
static bool arm(struct dialer *d, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	return event_add(d->timer, &tv) == 0;
}

static uint64_t look_around(struct dialer *d)
{
	uint64_t now = dialer_now(d), wait;

	if (d->pick_ms < d->spaced_ms)
		d->pick_ms = d->spaced_ms;
	if (d->pick_ms <= now) {
		wait = dial_one(d);
		d->pick_ms = now + wait;
		d->spaced_ms = wait == DIALER_CHECK_MS ? now : d->pick_ms;
	}
	return d->pick_ms - now;
}

uint64_t dialer_tick(struct dialer *d)
{
	uint64_t next = DIALER_IDLE_MS;

	dialer_drop_over(d);
	for (struct configured_peer *cp = d->configured; cp; cp = cp->next) {
		if (cp->state != CONFIGURED_PEER_WAITING)
			continue;
		uint64_t now = dialer_now(d), due = dialer_due(d, cp);
		uint64_t wait = due > now ? due - now : dialer_tend(d, cp);
		next = wait < next ? wait : next;
	}
	uint64_t wait = look_around(d);
	return wait < next ? wait : next;
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct dialer *d = ctx;

	(void)fd;
	(void)what;
	uint64_t wait = dialer_tick(d);
	arm(d, wait ? wait : 1);
}

void dialer_hurry(struct dialer *d)
{
	if (d->stopping)
		return;
	resolver_ask_anew(d->resolver);
	for (struct configured_peer *cp = d->configured; cp; cp = cp->next)
		configured_peer_hurry(cp, dialer_now(d));
	dialer_wake(d);
}

void dialer_wake(struct dialer *d)
{
	if (d->stopping)
		return;
	d->pick_ms = 0;
	arm(d, 1);
}

/* ---- who reads ---- */

bool dialer_peer(struct dialer *d, size_t i, struct dialer_peer *out)
{
	const struct configured_peer *cp = d->configured;
	uint64_t now = dialer_now(d);

	while (cp && i-- > 0)
		cp = cp->next;
	if (!cp)
		return false;
	*out = (struct dialer_peer){.text = cp->text,
		.error = cp->error,
		.resolving = cp->state == CONFIGURED_PEER_RESOLVING,
		.busy = cp->state == CONFIGURED_PEER_BUSY,
		.dialled = cp->dialled,
		.wait_ms = dialer_due(d, cp) > now ? dialer_due(d, cp) - now : 0,
		.failures = cp->failures};
	return true;
}

/* ---- life ---- */

struct dialer *dialer_start(const struct dialer_settings *s)
{
	struct dialer *d = mem_alloc(sizeof *d);

	if (!d)
		return NULL;
	d->s = *s;
	d->timer = event_new(s->base, -1, EV_PERSIST, on_timer, d);
	d->resolver = resolver_start(s->base, &s->limits->max_lookups, &s->limits->lookup_timeout,
		NULL, dialer_resolved, d);
	if (!d->timer || !d->resolver || !arm(d, 1)) {
		dialer_free(d);
		return NULL;
	}
	return d;
}

void dialer_quiesce(struct dialer *d)
{
	if (!d)
		return;
	d->stopping = true;
	event_del(d->timer);
	resolver_free(d->resolver);
	d->resolver = NULL;
}

void dialer_free(struct dialer *d)
{
	if (!d)
		return;
	d->stopping = true;
	while (d->configured)
		dialer_drop(d, &d->configured);
	resolver_free(d->resolver);
	if (d->timer)
		event_free(d->timer);
	mem_free(d);
}
