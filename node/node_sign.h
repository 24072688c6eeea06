/* Looks after signing: which of our keys are in danger of a ban. For the loop's thread. */
#ifndef NODE_NODE_SIGN_H
#define NODE_NODE_SIGN_H

#include "owner/sign_warn.h"

struct node;

struct node_sign {
	unsigned n; /* warnings, by the last look; none while the node is not at the tip */
	struct sign_warning list[SIGN_WARNINGS_MAX];
	uint8_t tip[HASH_SIZE]; /* when it looked last */
	int64_t looked;         /* seconds */
	unsigned keys, locked;  /* then */
	bool on;
	uint64_t vouched;
};

/* Looks again when the tip, our keys or the switch changed, and once a minute. */
void node_sign_look(struct node *n);

#endif
