/* Role: decides whom to dial next and when: configured peers, and peers of our own choice.
 * Before: p2p/exchange.c, p2p/addrbook.c and net/resolver.c supply addresses. After: the dial hook,
 * p2p/p2p_peers.c. */
#include <assert.h>
#include <event2/event.h>
#include <string.h>

#include "base/mem.h"
#include "p2p/dialer_internal.h"

enum {
	SPACING_MS = 200,  /* between two dials of our own choice */
	AT_ONCE_MS = 1000, /* instead, after one that failed at once: perhaps there is no network */
	CHECK_MS = 5000,   /* between searches while there is no place, or nobody to dial */
	IDLE_MS = 60000,
};

static_assert(sizeof(struct configured_peer) <= 1024, "as limits.def says of max_configured_peers");

static bool has_dial(const struct dialer *d)
{
	return d->s.hooks.dialling(d->s.hooks.ctx) < d->s.limits->max_dials.max;
}

static bool has_place(const struct dialer *d)
{
	return d->s.hooks.outbound(d->s.hooks.ctx) < d->s.limits->max_outbound.max;
}

static uint64_t due_of(const struct dialer *d, const struct configured_peer *cp)
{
	return configured_peer_due(cp, dialer_alone(d));
}

/* ---- configured peers ---- */

/* The link of the list that points to the configured peer named by `text`, or the link at the end
 * when it is not in the list. NULL when the text is malformed. */
static struct configured_peer **find(struct dialer *d, const char *text)
{
	struct configured_peer wanted = {.next = NULL}, **place = &d->configured;

	if (!configured_peer_parse(&wanted, text))
		return NULL;
	while (*place && !configured_peer_same(*place, &wanted))
		place = &(*place)->next;
	return place;
}

static void drop(struct dialer *d, struct configured_peer **place)
{
	struct configured_peer *cp = *place;

	*place = cp->next;
	bound_give(&d->s.limits->max_configured_peers, 1);
	mem_free(cp);
}

/* The peer is in the list already. If it was added for one dial and is now added for good, it
 * stays; anything else is ERR_EXISTS. */
static enum err add_again(struct configured_peer *cp, bool once)
{
	if (once || !cp->once)
		return ERR_EXISTS;
	cp->once = cp->over = false;
	return ERR_OK;
}

static enum err add(struct dialer *d, const char *peer, bool once)
{
	struct configured_peer **place = find(d, peer);

	if (!place)
		return ERR_MALFORMED;
	if (*place)
		return add_again(*place, once);
	if (!bound_take(&d->s.limits->max_configured_peers, 1))
		return ERR_FULL;
	struct configured_peer *cp = mem_alloc(sizeof *cp);
	if (!cp) {
		bound_give(&d->s.limits->max_configured_peers, 1);
		return ERR_NOMEM;
	}
	configured_peer_parse(cp, peer);
	cp->tag = ++d->last_tag;
	cp->once = once;
	*place = cp;
	dialer_wake(d);
	return ERR_OK;
}

enum err dialer_add(struct dialer *d, const char *peer)
{
	return add(d, peer, false);
}

enum err dialer_add_once(struct dialer *d, const char *peer)
{
	return add(d, peer, true);
}

static void drop_over(struct dialer *d)
{
	struct configured_peer **place = &d->configured;

	while (*place)
		if ((*place)->over)
			drop(d, place);
		else
			place = &(*place)->next;
}

enum err dialer_remove(struct dialer *d, const char *peer)
{
	struct configured_peer **place = find(d, peer);

	if (!place)
		return ERR_MALFORMED;
	if (!*place)
		return ERR_NOT_FOUND;
	drop(d, place);
	return ERR_OK;
}

bool dialer_address(struct dialer *d, const char *peer, struct netaddr *out)
{
	struct configured_peer **place = find(d, peer);

	if (!place || !*place || (*place)->state != CONFIGURED_PEER_BUSY)
		return false;
	*out = (*place)->dialled;
	return true;
}

/* Dials the peer's next resolved address that is not in use or refused, one in each attempt. When
 * none is left, waits and then resolves the name again. */
static void dial_configured(struct dialer *d, struct configured_peer *cp)
{
	for (; cp->at < cp->count; cp->at++) {
		const struct netaddr *a = &cp->found[cp->at];
		if (dialer_busy_with(d, a) || d->s.hooks.refuse(d->s.hooks.ctx, a, true))
			continue;
		cp->dialled = *a;
		cp->at++;
		cp->state = CONFIGURED_PEER_BUSY;
		if (!d->s.hooks.dial(d->s.hooks.ctx, &cp->dialled, true))
			configured_peer_back_off(cp, dialer_now(d), d->s.book->rng);
		return;
	}
	cp->count = cp->at = 0; /* resolve the name again next time */
	if (!cp->error[0])
		configured_peer_failed(cp, "banned here, or connected already");
	configured_peer_back_off(cp, dialer_now(d), d->s.book->rng);
}

static void take_found(struct dialer *d, struct configured_peer *cp, const struct netaddr *found,
	size_t count, const char *why)
{
	if (configured_peer_found(cp, found, count, d->s.exchange->yggdrasil_only)) {
		cp->state = CONFIGURED_PEER_WAITING; /* it is due: the next dialer_tick() dials */
		return;
	}
	if (count)
		why = "not in the Yggdrasil network";
	configured_peer_failed(cp, why);
	d->s.hooks.unresolved(d->s.hooks.ctx, cp->text, why);
	configured_peer_back_off(cp, dialer_now(d), d->s.book->rng);
}

/* The look-up timed out, the peer waits for its next attempt, and now the answer came after all:
 * dial at once. */
static void take_late(
	struct dialer *d, struct configured_peer *cp, const struct netaddr *found, size_t count)
{
	if (configured_peer_found(cp, found, count, d->s.exchange->yggdrasil_only))
		configured_peer_hurry(cp, dialer_now(d));
}

static void on_resolved(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	struct dialer *d = ctx;
	struct configured_peer *cp = d->configured;

	while (cp && cp->tag != tag)
		cp = cp->next;
	if (!cp || d->stopping)
		return;
	if (cp->state == CONFIGURED_PEER_RESOLVING)
		take_found(d, cp, found, count, why);
	else if (cp->state == CONFIGURED_PEER_WAITING && cp->at == cp->count)
		take_late(d, cp, found, count);
	dialer_wake(d);
}

static void find_addresses(struct dialer *d, struct configured_peer *cp)
{
	struct netaddr a;

	if (netaddr_parse_loose(slice_str(cp->host), cp->port, &a)) {
		take_found(d, cp, &a, 1, "");
		return;
	}
	cp->state = CONFIGURED_PEER_RESOLVING;
	if (!resolver_lookup(d->resolver, cp->host, cp->port, cp->tag))
		configured_peer_back_off(cp, dialer_now(d), d->s.book->rng);
}

/* Takes the next step with a configured peer that is due: resolves its name or dials. Returns in
 * how many milliseconds it wants to be called again. */
static uint64_t tend(struct dialer *d, struct configured_peer *cp)
{
	if (cp->at == cp->count)
		find_addresses(d, cp);
	if (cp->state == CONFIGURED_PEER_WAITING && due_of(d, cp) <= dialer_now(d) && has_dial(d))
		dial_configured(d, cp);
	if (cp->state != CONFIGURED_PEER_WAITING)
		return IDLE_MS;
	uint64_t now = dialer_now(d), due = due_of(d, cp);
	return due > now ? due - now : CHECK_MS; /* no free dial; the end of one wakes us */
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

	if (!has_place(d) || !has_dial(d) || !choose(d, &a))
		return CHECK_MS;
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
		d->spaced_ms = wait == CHECK_MS ? now : d->pick_ms;
	}
	return d->pick_ms - now;
}

uint64_t dialer_tick(struct dialer *d)
{
	uint64_t next = IDLE_MS;

	drop_over(d);
	for (struct configured_peer *cp = d->configured; cp; cp = cp->next) {
		if (cp->state != CONFIGURED_PEER_WAITING)
			continue;
		uint64_t now = dialer_now(d), due = due_of(d, cp);
		uint64_t wait = due > now ? due - now : tend(d, cp);
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
		.wait_ms = due_of(d, cp) > now ? due_of(d, cp) - now : 0,
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
	d->resolver = resolver_start(
		s->base, &s->limits->max_lookups, &s->limits->lookup_timeout, NULL, on_resolved, d);
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
		drop(d, &d->configured);
	resolver_free(d->resolver);
	if (d->timer)
		event_free(d->timer);
	mem_free(d);
}
