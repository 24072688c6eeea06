/* What is kept over restarts beside the chain: address book and bans. */
#ifndef NODE_KEEP_H
#define NODE_KEEP_H

#include "chain/chain.h"
#include "p2p/p2p.h"

void keep_load(struct chain *c, struct p2p *p);

/* Written with the next commit. */
void keep_save(struct chain *c, struct p2p *p);

#endif
