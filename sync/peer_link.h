/* What the node's engines need of the network, as functions: p2p in the program, a model in tests.
 */
#ifndef SYNC_PEER_LINK_H
#define SYNC_PEER_LINK_H

#include "p2p/p2p.h"

struct net {
	enum send_result (*send)(void *ctx, peer_id id, const struct message *m);
	uint64_t (*send_delay_ms)(void *ctx, peer_id id); /* as p2p_send_delay_ms() */
	bool (*info)(void *ctx, peer_id id, struct peer_info *out);
	void (*close)(void *ctx, peer_id id, enum close_reason why);
	void (*ban)(void *ctx, peer_id id, const char *what);
	void (*set_height)(void *ctx, peer_id id, uint64_t height);
	void (*note_rtt)(void *ctx, peer_id id, uint64_t ms);
	void (*credit)(void *ctx, peer_id id);
	void *ctx;
};

/* The real one. */
struct net net_of_p2p(struct p2p *p);

#endif
