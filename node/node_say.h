/* Tells the owner what he must see to: in the log, and as an event. Each thing is told once, also
 * over restarts. For the loop's thread. */
#ifndef NODE_NODE_SAY_H
#define NODE_NODE_SAY_H

#include "owner/said.h"

struct node;

struct node_say {
	struct said said;
	bool begun;  /* `said` was read from the store */
	bool unkept; /* it has something that the store has not */
};

enum { NODE_SAY_KEY_MAX = 128 /* bytes of what tells one thing from another */ };

/* Where things are told from; static words. */
#define SAY_SIGNING "signing" /* a key is drawn and cannot sign, or has missed its turn */
#define SAY_FOREIGN "foreign" /* a block by a key of ours that was not made here */
#define SAY_EXPIRY  "expiry"  /* a name of ours expires, or others may take it */
#define SAY_RENEWAL "renewal" /* a name of ours is renewed by itself */

/* True when this thing, told from all others by `what`, was not told before; it counts as told from
 * now on. `lasting`: also after a restart. */
bool node_say_first(struct node *n, struct slice what, bool lasting);

/* Was it told before? */
bool node_say_before(struct node *n, struct slice what);

/* Tells it now; `line` is one line without its end. */
void node_say(struct node *n, const char *kind, const char *line);

/* Keeps what was told in the store, if anything was. */
void node_say_keep(struct node *n);
void node_say_end(struct node *n);

#endif
