/* Runs the command owner.notify for what the owner is told: one at a time, each for a while at
 * most. For the loop's thread. */
#ifndef NODE_NODE_NOTIFY_H
#define NODE_NODE_NOTIFY_H

#include "base/fifo.h"
#include "owner/notify.h"

struct event;
struct node;

struct node_notify {
	bool begun;
	struct notify_command command; /* no words: there is none */
	struct fifo waiting;           /* of struct notice */
	struct event *timer;
	pid_t pid;                        /* of the one that runs; 0 = none */
	char running[NOTIFY_COMMAND_MAX]; /* its path */
	bool killed;                      /* it had its time, and was ended */
	uint64_t killed_at;               /* when it has had its time; monotonic ms */
};

/* Has the command told of this, when those before it have ended. */
void node_notify(struct node *n, const char *kind, const char *line);

/* owner.notify is another one now: what waits is told by that. */
void node_notify_reload(struct node *n);

/* Ends the one that runs and forgets the others. */
void node_notify_end(struct node *n);

#endif
