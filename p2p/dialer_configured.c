/* Role: the configured peers: the list of them, the look-up of a name, and the dial of one that is
 * due. Before: p2p/dialer.c has one that is due; p2p/p2p_book.c adds and removes. After:
 * net/resolver.c; the dial hook. */
#include <assert.h>

#include "base/mem.h"
#include "p2p/dialer_internal.h"

static_assert(sizeof(struct configured_peer) <= 1024, "as limits.def says of max_configured_peers");

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

void dialer_drop(struct dialer *d, struct configured_peer **place)
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

void dialer_drop_over(struct dialer *d)
{
	struct configured_peer **place = &d->configured;

	while (*place)
		if ((*place)->over)
			dialer_drop(d, place);
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
	dialer_drop(d, place);
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

void dialer_resolved(
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

uint64_t dialer_tend(struct dialer *d, struct configured_peer *cp)
{
	if (cp->at == cp->count)
		find_addresses(d, cp);
	if (cp->state == CONFIGURED_PEER_WAITING && dialer_due(d, cp) <= dialer_now(d) &&
		dialer_has_dial(d))
		dial_configured(d, cp);
	if (cp->state != CONFIGURED_PEER_WAITING)
		return DIALER_IDLE_MS;
	uint64_t now = dialer_now(d), due = dialer_due(d, cp);
	return due > now ? due - now : DIALER_CHECK_MS; /* no free dial; the end of one wakes us */
}
