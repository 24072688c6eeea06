/* What is kept over restarts beside the chain: address book and bans. */
#ifndef NODE_PERSIST_H
#define NODE_PERSIST_H

#include "chain/chain.h"
#include "p2p/p2p.h"

/* When to keep them while the node runs, so that a crash loses little. */
struct persist {
	uint64_t changes; /* p2p_kept_changes() of what is kept */
	uint64_t wait_ms; /* between two times; 0 = none yet */
	uint64_t next_ms; /* monotonic */
};

void persist_load(struct chain *c, struct p2p *p);

/* Written with the next commit. */
void persist_save(struct chain *c, struct p2p *p);

/* Now and then: keeps what changed, soon after the start and less often later. True when that waits
 * for a commit. */
bool persist_tick(struct persist *k, struct chain *c, struct p2p *p, uint64_t now_ms);

#endif
