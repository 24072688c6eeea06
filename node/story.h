/* The story that the log tells: how a sync gets on, why the node does not advance, and that it
 * arrived. Each once, when it has lasted; what changes to and fro says nothing.
 * Before: node/dispatch.c in its tick, api/reason.c. After: the log. */
#ifndef NODE_STORY_H
#define NODE_STORY_H

#include <stdint.h>

#include "api/reason.h"

struct node;

struct story {
	uint64_t asked_ms;    /* when the node was asked for its reason */
	uint64_t next_ms;     /* when to look again */
	bool begun, told;     /* told: a line was written */
	enum reason said;     /* the last one told */
	uint64_t said_ms;     /* when; before the first line, when the story began */
	enum reason seen;     /* what is the case now, */
	uint64_t seen_ms;     /* and since when */
	uint64_t waits_ms;    /* since when a full block waits for signatures; 0 = none does */
	uint64_t rest_ms;     /* the last look that found no blocks being fetched */
	uint64_t rest_height; /* at the tip, or where the story began */
	bool syncing;         /* blocks are fetched since sync_ms, from sync_height on */
	uint64_t sync_ms, sync_height;
	uint64_t line_ms, line_height; /* the last line of progress */
};

/* What the node knows of itself at `now_ms` of the steady clock. */
struct story_view {
	enum reason reason;
	const char *text; /* of the reason */
	uint64_t height, best;
	size_t peers;
	uint64_t now_ms;
};

/* Writes the lines that are due. Returns after how many milliseconds it is to be called again at
 * the latest; more often does no harm. */
uint64_t story_look(struct story *s, const struct story_view *v);

/* The same for the node, which tells its service manager about a change, too. */
uint64_t story_tick(struct node *n);

#endif
