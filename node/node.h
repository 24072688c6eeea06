/* The node: all its state, which the loop's thread owns. node.c has a table of the parts that are
 * started and stopped. Functions here are for the loop's thread. */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "config/config.h"
#include "api/api.h"
#include "api/history.h"
#include "node/loop_lag.h"
#include "node/node_dns.h"
#include "node/node_foreign.h"
#include "node/node_mine.h"
#include "node/node_names.h"
#include "node/node_notify.h"
#include "node/node_owner.h"
#include "node/node_remind.h"
#include "node/node_say.h"
#include "node/node_sign.h"
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
struct keys_relay;

enum { NODE_SIGNALS = 5 };

/* What a reload repeats in the same way as the command did it at the start. */
struct node_again {
	const void *ctx;
	bool (*load)(const void *ctx, struct config *c); /* false: c->errors says why */
	/* False when the log file cannot be opened. */
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
	struct event *tick;      /* the timer that sync, announce and story share */
	struct event *woken;     /* wake_fd is readable: checked blocks wait */
	struct event *stop_poll; /* while stopping: a timer that looks whether all is done */
	struct event *manager;   /* timer: tells the service manager our state; NULL = no manager */
	enum reason managed;     /* the reason that it was told last */
	const char *manager_owed; /* READY or STOPPING, which it has not taken yet; NULL = none */
	char manager_stop[64];    /* the text of STOPPING */
	int wake_fd;              /* eventfd that the checkers write to; −1 = none */
	uint64_t tick_at_ms;      /* when `tick` fires; monotonic */

	struct chain *chain;
	struct sync_peers peers;
	struct sync *sync;
	struct serve serve;
	struct announcer announce;
	struct loop_lag loop_lag;
	struct limit_log limit_log;
	struct persist persist;
	struct story story;
	struct history history;
	struct p2p *p2p;
	struct events *events;
	struct http_server *http;
	struct node_dns dns;
	struct node_owner owner;
	struct node_mine mine;
	struct name_list *names; /* lists that are being made */
	struct node_sign sign;
	struct node_say say;
	struct node_notify notify;
	struct node_remind remind;
	struct node_foreign foreign;
	bool is_signer; /* `alfisd signer`: nothing but the loop and the keys */
	int ready;      /* of such a one: gets a byte when all keys are loaded; −1 = no */
	struct keys_relay *relay; /* it serves a node on another machine; NULL = nobody */
	struct api api; /* what events, HTTP, the story and the service manager may see and do */

	size_t rows_started;     /* of the table in node.c */
	bool running;            /* all parts are started */
	bool reload_asked;       /* SIGHUP came before that; the reload follows then */
	bool stopping, hurry;    /* hurry: node_stop() was called a second time */
	uint64_t stop_by_ms;     /* when the drain time is over; monotonic */
	uint64_t freed;          /* connections over the whole life, for the log */
	int status;              /* exit status */
	bool clock_wrong;        /* the clock is certainly wrong (sync/wrong_clock.h) */
	const char *store_error; /* why the store failed; NULL = it did not */
};

/* Starts all parts, runs the loop until it is told to stop, and stops them. Borrows both. Returns
 * an exit status. */
int node_run(const struct node_again *again, struct config *config);

/* `alfisd signer`: nothing but the loop, the owner's keys, and a socket for a node on another
 * machine (owner/keys_relay.h); without `serves` not that either. Runs until SIGTERM or SIGINT, or
 * until `until`, −1 = none, can be read; when it is ready a byte goes to `ready`, −1 = none.
 * Returns an exit status. */
int node_signer_run(struct config *config, bool serves, int ready, int until);

/* Begins the stop; a second call ends the waiting for connections. */
void node_stop(struct node *n);

/* ---- node_net.c ---- */

/* Fills the settings of p2p from `c`; *out borrows from both. */
void node_net_settings(struct node *n, const struct config *c, struct p2p_settings *out);

/* Parts of the node (node.c). The network is made before the engines, which use it, but connects to
 * peers only in node_net_open(), when the engines can take messages. False, with n->status set,
 * when it cannot be had. */
bool node_net_create(struct node *n);
bool node_net_open(struct node *n);

/* Closes all connections while the engines still exist: they are told of each. */
void node_net_close(struct node *n);
void node_net_free(struct node *n);

/* ---- signals.c ---- */

/* Hears SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2, by events of n->base. False when memory or
 * descriptors ran out; node_signals_stop() follows in any case. */
bool node_signals_start(struct node *n);
void node_signals_stop(struct node *n);

/* Handles the signals that came until now. For parts that take long to start, which must then look
 * at n->stopping. */
void node_hear(struct node *n);

/* The same, but waits up to so many milliseconds for one. False when memory ran out. */
bool node_hear_within(struct node *n, uint64_t ms);

/* ---- setup.c ---- */

/* Fills *p from the settings; false for settings that settings_usable() refuses. */
bool node_params(const struct config *c, struct chain_params *p);

/* Exit status for a store that could not be opened. */
int node_store_status(enum err err);

/* How many threads check proof of work: node.verify_threads, else one for each processor. */
unsigned node_threads(const struct config *c);

/* ---- dispatch.c: what arrives from p2p goes to the engines ---- */

/* The callbacks that p2p calls. */
struct p2p_events dispatch_events(struct node *n);

/* ---- engines.c ---- */

/* Makes the engines and the timer; n->p2p and n->chain must exist. False when memory, descriptors
 * or threads cannot be had; engines_free() follows in any case. */
bool engines_start(struct node *n);
void engines_free(struct node *n);

/* Has the shared timer fire in `in_ms` milliseconds, or when it is due already if that is sooner.
 */
void engines_schedule(struct node *n, uint64_t in_ms);

/* To be called after what may have had blocks asked for. An idle node sleeps until a message comes;
 * one that waits for blocks must look for late answers. */
void engines_rearm_when_busy(struct node *n);

/* Takes a sample of the figures over time when one is due; also from the shared timer. */
void engines_look_at_history(struct node *n);

#endif
