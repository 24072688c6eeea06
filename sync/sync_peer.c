/* The table of ready peers. Before: node/dispatch.c adds and removes them. After: the sync engine,
 * the server of blocks and the announcer, each of which has its part of a record. */
#include <string.h>

#include "base/mem.h"
#include "sync/sync_peer.h"

void sync_peers_init(struct sync_peers *p, struct limits *l, uint64_t seed)
{
	p->limits = l;
	p->count = (struct bound){.name = "peers", .max = l->max_connections.max};
	map_init(&p->by_id, &p->count, sizeof(peer_id), sizeof(struct node_peer *), seed);
}

static void destroy(struct node_peer *np)
{
	fifo_clear(&np->sync.requests);
	fifo_clear(&np->serve.blocks);
	fifo_clear(&np->serve.waiting);
	fork_walk_free(np->sync.walk);
	mem_free(np);
}

/* The map holds pointers to the records, because it moves its values when it grows, while others
 * keep pointers to a record. The bounds are read anew for each peer: a reload may have changed
 * them. */
struct node_peer *sync_peers_add(struct sync_peers *p, peer_id id)
{
	p->count.max = p->limits->max_connections.max;
	struct node_peer **place = map_put(&p->by_id, &id, NULL);
	if (!place)
		return NULL;
	struct node_peer *np = mem_alloc(sizeof *np);
	if (!np) {
		map_delete(&p->by_id, &id);
		return NULL;
	}
	*place = np;
	np->id = id;
	np->host = &np->lone;
	np->sync.in_flight.max = p->limits->max_requests_per_peer.max;
	np->serve.blocks_bound.max = p->limits->max_served.max;
	np->serve.waiting_bound.max = p->limits->max_get_blocks.max;
	fifo_init(&np->sync.requests, &np->sync.in_flight, sizeof(struct request));
	fifo_init(&np->serve.blocks, &np->serve.blocks_bound, sizeof(struct served));
	fifo_init(&np->serve.waiting, &np->serve.waiting_bound, sizeof(uint64_t));
	return np;
}

struct node_peer *sync_peers_get(const struct sync_peers *p, peer_id id)
{
	struct node_peer **place = map_get(&p->by_id, &id);

	return place ? *place : NULL;
}

void sync_peers_remove(struct sync_peers *p, peer_id id)
{
	struct node_peer *np = sync_peers_get(p, id);

	if (!np)
		return;
	map_delete(&p->by_id, &id);
	destroy(np);
}

struct node_peer *sync_peers_next(const struct sync_peers *p, size_t *at)
{
	const void *key;
	void *value;

	if (!map_next(&p->by_id, at, &key, &value))
		return NULL;
	return *(struct node_peer **)value;
}

size_t sync_peers_count(const struct sync_peers *p)
{
	return p->by_id.count;
}

void sync_peers_clear(struct sync_peers *p)
{
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(p, &at));)
		destroy(np);
	map_clear(&p->by_id);
}
