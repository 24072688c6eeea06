/* A second event loop as a DNS server would be one: a thread, a reader of the store and settings of
 * its own, and two queues to the node's loop and back. */
#ifndef TESTS_UNIT_SECOND_LOOP_H
#define TESTS_UNIT_SECOND_LOOP_H

#include <event2/event.h>
#include <stdatomic.h>

#include "base/loop_queue.h"
#include "base/thread.h"
#include "chain/store_reader.h"
#include "config/limits.h"

/* What a reload gives to the second loop, which owns it from then on. */
struct settings {
	unsigned number;
	char name[16]; /* the one to look up */
};

enum command_kind { COMMAND_RELOAD, COMMAND_ASK };

struct command {
	enum command_kind kind;
	struct settings *fresh; /* of RELOAD; the item's */
};

enum reply_kind { REPLY_RELOADED, REPLY_ANSWER, REPLY_FAILED };

struct reply {
	enum reply_kind kind;
	unsigned number; /* of the settings */
	char *text;      /* of ANSWER and FAILED: from base/mem.h, the item's */
};

/* Shared by both loops. */
struct link {
	struct bound command_row, reply_row;
	struct loop_queue *commands, *replies;
	struct store *store;         /* for store_reader_open() alone */
	const struct limits *limits; /* the node's rows: numbers are read */
	atomic_uint looks;           /* how often the second loop looked at the chain */
};

struct second_loop {
	struct link *link;
	pthread_t thread;

	/* its thread's alone, until it was joined: */
	struct event_base *base;
	struct event *commanded, *work;
	struct store_reader *reader;
	struct settings *settings; /* NULL = none yet */
	uint64_t height;           /* when it looked last */
	unsigned reloads, unsent;
	const char *wrong; /* the first thing that must not be; NULL = nothing */
};

void link_start(struct link *l, struct store *s, const struct limits *limits);
void link_end(struct link *l); /* the second loop was joined */

bool second_loop_start(struct second_loop *d, struct link *l);

/* Closes its commands, waits for it. */
void second_loop_stop(struct second_loop *d);

void reply_drop(void *item);

#endif
