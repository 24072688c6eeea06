/* Logs the progress of a sync, why the node does not advance, and that it has reached the tip. A
 * state is logged once, after it has lasted for some seconds, so that one that comes and goes does
 * not fill the log. Before: node/engines.c in its tick; api/reason.c knows the state. After: the
 * log. */
#ifndef NODE_STORY_H
#define NODE_STORY_H

#include <stdint.h>

#include "api/reason.h"

struct node;

struct story {
	uint64_t asked_ms; /* when status_reason() was called last; monotonic, as all times here */
	uint64_t next_ms;  /* when to look again */
	bool begun, told;  /* begun: there was a look; told: a line was logged */
	enum reason said;  /* the reason that was logged last */
	uint64_t said_ms;  /* when; before the first line, the time of the first look */
	enum reason seen;  /* the present reason, */
	uint64_t seen_ms;  /* and since when */
	uint64_t waits_ms; /* since when a full block waits for signatures; 0 = none does */
	uint64_t rest_ms;  /* the last look that found no download */
	uint64_t rest_height; /* our height when the tip was logged last, or at the first look */
	bool syncing;         /* a download goes on since sync_ms, from sync_height on */
	uint64_t sync_ms, sync_height;
	uint64_t line_ms, line_height; /* the last line of progress */
};

/* What the node knows of itself at the monotonic time `now_ms`. */
struct story_view {
	enum reason reason;
	const char *text;      /* of the reason; borrowed for the call */
	uint64_t height, best; /* ours, and sync_best_height() */
	size_t peers;
	uint64_t now_ms;
};

/* Logs the lines that are due. Returns the milliseconds after which it must be called again at the
 * latest; calling it sooner does no harm. */
uint64_t story_log(struct story *s, const struct story_view *v);

/* The same for the node: finds its reason, and also tells the service manager when that changed. */
uint64_t story_tick(struct node *n);

#endif
