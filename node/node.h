/* The node: one loop thread that owns all state. This file ties the parts together; the parts are
 * started and stopped by the table in node.c. */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "config/config.h"
#include "api/api.h"
#include "node/loop_lag.h"
#include "node/persist.h"
#include "sync/announce.h"
#include "sync/serve.h"
#include "node/story.h"
#include "sync/sync.h"
#include "node/limit_log.h"

struct event;
struct event_base;
struct events;
struct http_server;

enum { NODE_SIGNALS = 5 };

/* What a reload does once more, as the command line did it at the start. */
struct node_again {
	const void *ctx;
	bool (*load)(const void *ctx, struct config *c); /* false: c->errors says why */
	bool (*set_up_log)(const void *ctx, const struct config *c);
};

struct node {
	const struct node_again *again; /* borrowed */
	struct config *config;          /* borrowed; its limits count what is used */
	struct chain_params params;
	const struct clock *clock;
	const struct rng *rng;
	uint64_t started_ms;

	struct event_base *base;
	struct event *signals[NODE_SIGNALS];
	struct event *tick;       /* sync and announce: the earlier of what both want */
	struct event *woken;      /* checked blocks wait */
	struct event *stop_poll;  /* while stopping: are we done? */
	struct event *manager;    /* beats for the service manager; NULL = there is none */
	enum reason managed;      /* the reason that it was told last */
	const char *manager_owed; /* what it must still be told; NULL = nothing */
	char manager_stop[64];
	int wake_fd;         /* eventfd that the checkers write to; −1 = none */
	uint64_t tick_at_ms; /* when `tick` fires */

	struct chain *chain;
	struct peers peers;
	struct sync *sync;
	struct serve serve;
	struct announcer announce;
	struct loop_lag loop_lag;
	struct limit_log limit_log;
	struct persist persist;
	struct story story;
	struct p2p *p2p;
	struct events *events;
	struct http_server *http;
	struct api api; /* what those two, the log and the service manager are shown */

	size_t rows_started;  /* of the table in node.c */
	bool running;         /* all parts are there */
	bool reload_asked;    /* before they were */
	bool stopping, hurry; /* hurry: a second signal came */
	uint64_t stop_by_ms;
	uint64_t freed;          /* connections, told at the end */
	int status;              /* exit status */
	bool clock_wrong;        /* it is behind the tip (sync/wrong_clock.h) */
	const char *store_error; /* NULL = the store is fine */
};

/* Runs until it is told to stop. Returns an exit status. */
int node_run(const struct node_again *again, struct config *config);

/* What p2p is to know of these settings; borrows them. */
void node_net_settings(struct node *n, const struct config *c, struct p2p_settings *out);

/* What happened to the loop until now, while a part that takes long is being started. */
void node_hear(struct node *n);

/* The same, and waits for it up to so many milliseconds. False when there is no memory. */
bool node_hear_within(struct node *n, uint64_t ms);

/* Begins the stop; a second call hurries it. */
void node_stop(struct node *n);

/* ---- setup.c ---- */

/* chain_params of the configuration: false for one that settings_usable() refuses. */
bool node_params(const struct config *c, struct chain_params *p);

/* Exit status for a store that could not be opened. */
int node_store_status(enum err err);

/* Threads that check proof of work. */
unsigned node_threads(const struct config *c);

/* ---- dispatch.c: what arrives from p2p goes to the engines ---- */
struct p2p_events dispatch_events(struct node *n);
bool dispatch_start(struct node *n);
void dispatch_free(struct node *n);
void dispatch_schedule(struct node *n, uint64_t in_ms); /* fire the tick no later than that */

#endif
