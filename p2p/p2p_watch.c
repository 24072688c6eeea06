/* Role: acts when the machine has slept or its network has changed: asks every peer whether it is
 * still there, and dials waiting peers at once. Part of p2p/p2p.h.
 * Before: net/netwatch.c. After: p2p/keepalive.c, p2p/dialer.c. */
#include "base/log.h"
#include "net/netwatch.h"
#include "p2p/p2p_internal.h"

void p2p_network_changed(void *ctx, const char *what)
{
	struct p2p *p = ctx;

	log_info("%s: every peer is asked whether it is still there", what);
	for (struct conn *c = p->pool.all; c; c = c->next)
		if (conn_alive(c) && peer_of(c)->ready)
			peer_check(peer_of(c));
	p2p_listen_again(p);
	if (p->dialer)
		dialer_hurry(p->dialer);
	if (p->events.network_changed)
		p->events.network_changed(p->events.ctx);
}

bool p2p_watch_start(struct p2p *p, struct event_base *base)
{
	const struct netwatch_hooks hooks = {netwatch_asleep, p2p_network_changed, p};

	p->watch = netwatch_start(base, &hooks);
	if (!p->watch)
		log_error("cannot watch the network: out of memory");
	return p->watch != NULL;
}

void p2p_watch_stop(struct p2p *p)
{
	netwatch_free(p->watch);
	p->watch = NULL;
}
