/* What the sync engine, the announcer and the server of blocks need of the network, as functions:
 * p2p/p2p.h in the program, a model in tests. Each does what p2p_NAME() does. */
#ifndef SYNC_PEER_LINK_H
#define SYNC_PEER_LINK_H

#include "p2p/p2p.h"

struct net {
	enum send_result (*send)(void *ctx, peer_id id, const struct message *m);
	uint64_t (*send_delay_ms)(void *ctx, peer_id id);
	bool (*info)(void *ctx, peer_id id, struct peer_info *out);
	void (*close)(void *ctx, peer_id id, enum close_reason why);
	void (*ban)(void *ctx, peer_id id, const char *what); /* p2p_ban_peer(), default time */
	void (*set_height)(void *ctx, peer_id id, uint64_t height);
	void (*note_rtt)(void *ctx, peer_id id, uint64_t ms);
	void (*credit)(void *ctx, peer_id id);
	void *ctx;
};

/* The functions of p2p. `p` is borrowed. */
struct net peer_link_of_p2p(struct p2p *p);

#endif
