/* Role: checks the addresses that peers send and queues the acceptable ones for dialling.
 * Before: p2p/p2p_book.c passes the entries of a Peers message. After: p2p/dialer.c takes them from
 * the queue. */
#include "base/log.h"
#include "p2p/exchange.h"

/* Lower ports belong to other services (SSH, mail, …). A peer must not make us connect to them. */
enum { PORT_LEAST = 1024 };

void exchange_init(struct exchange *x, struct bound *bound, bool yggdrasil_only, bool allow_local)
{
	*x = (struct exchange){.yggdrasil_only = yggdrasil_only, .allow_local = allow_local};
	fifo_init(&x->waiting, bound, sizeof(struct netaddr));
}

void exchange_clear(struct exchange *x)
{
	fifo_clear(&x->waiting);
}

size_t exchange_waiting(const struct exchange *x)
{
	return x->waiting.count;
}

/* Remembers the last EXCHANGE_OWN_MAX of our own addresses. */
void exchange_note_own(struct exchange *x, const struct netaddr *a)
{
	x->own[x->own_count++ % EXCHANGE_OWN_MAX] = *a;
}

void exchange_forget_own(struct exchange *x, const struct netaddr *a)
{
	for (size_t i = 0; i < EXCHANGE_OWN_MAX; i++)
		if (netaddr_eq(a, &x->own[i]))
			x->own[i] = (struct netaddr){0};
}

static bool is_own(const struct exchange *x, const struct netaddr *a)
{
	for (size_t i = 0; i < x->own_count && i < EXCHANGE_OWN_MAX; i++)
		if (netaddr_eq(a, &x->own[i]))
			return true;
	return false;
}

bool exchange_allows(const struct exchange *x, const struct netaddr *a)
{
	if (a->port == 0 || is_own(x, a))
		return false;
	if (x->yggdrasil_only && !netaddr_is_yggdrasil(a))
		return false;
	return x->allow_local || (a->port >= PORT_LEAST && netaddr_is_routable(a));
}

/* The network counts one peer for each IP. On a private network (allow_local) several peers share
 * an IP and differ by port. */
static bool same(const struct exchange *x, const struct netaddr *a, const struct netaddr *b)
{
	return x->allow_local ? netaddr_eq(a, b) : netaddr_same_ip(a, b);
}

static bool waits(const struct exchange *x, const struct netaddr *a)
{
	for (size_t i = 0; i < x->waiting.count; i++)
		if (same(x, fifo_at(&x->waiting, i), a))
			return true;
	return false;
}

bool exchange_take(struct exchange *x, struct slice text,
	bool (*known)(void *ctx, const struct netaddr *a), void *ctx, struct netaddr *out)
{
	if (!netaddr_parse(text, out) || !exchange_allows(x, out) || known(ctx, out) ||
		waits(x, out)) {
		x->refused++;
		return false;
	}
	x->taken++;
	if (fifo_push_evict(&x->waiting, out, NULL))
		log_info("peers: limits.max_new_peers reached, the oldest waiting address went");
	return true;
}

bool exchange_next(struct exchange *x, struct netaddr *out)
{
	return fifo_pop(&x->waiting, out);
}
