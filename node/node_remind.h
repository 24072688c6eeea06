/* Looks after the names of our keys: reminds of dates, and renews by itself where that is wanted.
 * The chain is walked a part at a time, once an hour. For the loop's thread. */
#ifndef NODE_NODE_REMIND_H
#define NODE_NODE_REMIND_H

#include "owner/reminders.h"

struct node;
struct remind_walk;

struct node_remind {
	struct remind_walk *walk; /* NULL = none is under way */
	int64_t walked;           /* when the last one ended; seconds, 0 = never */
	unsigned keys, locked;    /* then */
	uint64_t names, expired;  /* of our keys, by the last walk; those that are free are none */
	int64_t next_expiry;      /* the nearest date of one that is alive; seconds, 0 = none */
	uint64_t job;             /* the last renewal that was begun here; 0 = none */
};

/* Goes on with the walk, or begins one when it is time. True when it wants to be called again
 * soon. */
bool node_remind_look(struct node *n);
void node_remind_end(struct node *n);

#endif
