/* The network as a part of the node: what it is given of the settings, its start and its end.
 * Before: node/node.c; node/reload.c. After: p2p/p2p.c, which calls node/dispatch.c. */
#include <stdio.h>
#include <string.h>

#include "node/node.h"
#include "node/persist.h"

void node_net_settings(struct node *n, const struct config *c, struct p2p_settings *out)
{
	*out = (struct p2p_settings){.base = n->base,
		.clock = n->clock,
		.rng = n->rng,
		.limits = &n->config->limits,
		.listen = c->listen.ptr,
		.listen_count = c->listen.count,
		/* The network's own node runs on when it cannot have its port. With a settings file
		 * of that node, we do the same. */
		.listen_may_fail = c->reference && c->from[KEY_listen].source <= SOURCE_FILE,
		.peers = c->peers.ptr,
		.peer_count = c->peers.count,
		.bind = c->bind,
		.advertise = c->advertise,
		.is_public = c->is_public,
		.yggdrasil_only = c->yggdrasil_only,
		.allow_local = strcmp(c->network, "devnet") == 0,
		.events = dispatch_events(n)};
	snprintf(out->origin, sizeof out->origin, "%.64s", c->origin);
}

bool node_net_create(struct node *n)
{
	struct p2p_settings s;

	node_net_settings(n, n->config, &s);
	n->p2p = p2p_create(&s);
	if (n->p2p)
		persist_load(n->chain, n->p2p);
	else
		n->status = EXIT_TASK_FAILED;
	return n->p2p != NULL;
}

void node_net_free(struct node *n)
{
	if (n->p2p)
		n->freed = p2p_free(n->p2p);
	n->p2p = NULL;
}

bool node_net_open(struct node *n)
{
	struct p2p_settings s;

	node_net_settings(n, n->config, &s);
	if (p2p_open(n->p2p, &s))
		return true;
	n->status = EXIT_TASK_FAILED;
	return false;
}

void node_net_close(struct node *n)
{
	if (n->running && !n->store_error)
		persist_save(n->chain, n->p2p);
	p2p_disconnect(n->p2p);
}
