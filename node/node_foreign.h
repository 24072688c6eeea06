/* Watches for blocks by our keys that were not made here. For the loop's thread. */
#ifndef NODE_NODE_FOREIGN_H
#define NODE_NODE_FOREIGN_H

#include "owner/own_blocks.h"

struct node;

struct node_foreign {
	struct own_blocks blocks;
	bool begun;       /* they were read from the store */
	uint64_t vouched; /* `sign on --after-restore`: blocks of ours up to this index are known to
			     the owner, whatever the journal has; 0 = it was not given */
};

/* This block is made here. */
void node_foreign_made(struct node *n, struct slice hash);

/* Looks at what is new in the chain, and says what it finds. */
void node_foreign_look(struct node *n);

/* The owner says that no other node has his keys: they may sign although the journal is older than
 * their blocks. */
void node_foreign_vouch(struct node *n);

/* Keeps what it knows. */
void node_foreign_end(struct node *n);

#endif
