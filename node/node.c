/* Starts, runs and stops the node. The parts are started in the order of one table and stopped in
 * the reverse order, also when a start fails half-way. Before: cli/run.c has judged settings and an
 * open log. After: the loop calls node/engines.c, api/routes.c and the others. */
#include <event2/event.h>
#include <stdio.h>

#include "base/log.h"
#include "chain/crypto.h"
#include "web/api_events.h"
#include "api/events.h"
#include "net/event_loop.h"
#include "node/node_api.h"
#include "node/node_web.h"
#include "node/service_manager.h"
#include "node/reload.h"
#include "node/start_check.h"
#include "sync/wrong_clock.h"

enum { STOP_POLL_MS = 20, WHILE_RUNNING_S = 3600 };

static void on_stop_poll(evutil_socket_t fd, short what, void *ctx);

/* ---- parts ---- */

static bool loop_start(struct node *n)
{
	n->base = event_loop_new();
	return n->base != NULL;
}

static void loop_stop(struct node *n)
{
	if (n->base)
		event_base_free(n->base);
	n->base = NULL;
}

/* Adds the timer of the stop at the start already: moving a timer that is added takes no memory, so
 * a stop cannot fail when memory ran out. */
static bool stop_poll_start(struct node *n)
{
	struct timeval later = {WHILE_RUNNING_S, 0};

	n->stop_poll = event_new(n->base, -1, EV_PERSIST, on_stop_poll, n);
	return n->stop_poll && event_add(n->stop_poll, &later) == 0;
}

static void stop_poll_stop(struct node *n)
{
	if (n->stop_poll)
		event_free(n->stop_poll);
	n->stop_poll = NULL;
}

static bool chain_start(struct node *n)
{
	struct chain_settings s = {.dir = n->config->data_dir,
		.params = &n->params,
		.limits = &n->config->limits,
		.clock = n->clock,
		.settles_later = true};
	struct chain_error e;

	if (!start_check_room(n))
		return false;
	n->chain = chain_open(&s, &e);
	if (!n->chain) {
		log_error("%s", e.text);
		n->status = node_store_status(e.err);
		return false;
	}
	if (!start_check(n))
		return false;
	wrong_clock_tick(&n->clock_wrong, n->chain, clock_wall(n->clock));
	return true;
}

static void chain_stop(struct node *n)
{
	if (!n->chain)
		return;
	enum err err = chain_close(n->chain);
	n->chain = NULL;
	if (err == ERR_OK)
		return;
	if (n->store_error) /* it was logged; the chain that owned its text is freed */
		n->store_error = "";
	else
		log_error("closing the store: %s", err_name(err));
	n->status = EXIT_STORE;
}

static bool events_begin(struct node *n)
{
	node_api_fill(n);
	n->events = n->api.events = events_start(&n->api, &n->config->limits, n->base);
	if (n->events)
		n->api.web = web_events_start(&n->api, &n->config->limits, n->base);
	return n->api.web != NULL;
}

static void events_end(struct node *n)
{
	web_events_free(n->api.web);
	n->api.web = NULL;
	events_free(n->events);
	n->events = NULL;
}

static bool names_start(struct node *n)
{
	n->names = NULL;
	return true;
}

static const struct part {
	const char *name;
	bool (*start)(struct node *n);
	void (*stop)(struct node *n); /* also after a start that failed half-way */
} parts[] = {
	{"event loop", loop_start, loop_stop},
	{"signals", node_signals_start, node_signals_stop},
	{"timer of the stop", stop_poll_start, stop_poll_stop},
	{"store", chain_start, chain_stop},
	{"network", node_net_create, node_net_free},
	{"engines", engines_start, engines_free},
	{"peers", node_net_open, node_net_close},
	{"events", events_begin, events_end},
	{"DNS server", node_dns_start, node_dns_stop},
	{"owner's keys", node_owner_start, node_owner_stop},
	{"owner's work", node_mine_start, node_mine_stop},
	{"names", names_start, node_names_stop},
	{"log-in", node_web_start, node_web_stop},
	{"admin", node_http_start, node_http_stop},
	{"service manager", service_manager_start, service_manager_stop},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

/* ---- stop ---- */

/* Ends the loop when no connection to a peer, no block at the checkers and no client of ours is
 * left. When the drain time is over, or the operator hurries, clients no longer count and the
 * connections are closed without their last output. */
static void on_stop_poll(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	const struct limits *l = &n->config->limits;

	(void)fd;
	(void)what;
	if (!n->stopping)
		return;
	sync_collect(n->sync);
	bool late = n->hurry || clock_mono(n->clock) >= n->stop_by_ms;
	if (p2p_connections(n->p2p) == 0 && sync_idle(n->sync) &&
		(late || (l->max_admin_clients.used == 0 && l->web_clients.used == 0 &&
				 l->max_subscribers.used == 0))) {
		event_base_loopbreak(n->base);
		return;
	}
	if (late)
		p2p_abort(n->p2p);
}

/* Logs how much is in use of each bound when the stop begins, so that a stop that hangs, or that
 * leaks, can be explained. */
static void log_held_bounds(const struct config *c)
{
	char text[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < LIMIT_ROWS && n < sizeof text; i++) {
		const struct bound *b = limits_bound_const(&c->limits, i);
		if (b->used)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %llu", n ? ", " : "",
				b->name, (unsigned long long)b->used);
	}
	log_debug("stopping with %s", n ? text : "nothing held");
}

/* Before all parts are started only n->stopping is set: the start sees that and ends. */
void node_stop(struct node *n)
{
	struct timeval soon = {0, STOP_POLL_MS * 1000};

	n->hurry = n->stopping;
	if (n->stopping)
		return;
	n->stopping = true;
	if (!n->running) {
		service_manager_stopping(n);
		return;
	}
	log_held_bounds(n->config);
	n->stop_by_ms = clock_mono(n->clock) + n->config->drain;
	service_manager_stopping(n);
	p2p_quiesce(n->p2p);
	sync_quiesce(n->sync);
	events_quiesce(n->events);
	web_events_quiesce(n->api.web);
	event_add(n->stop_poll, &soon);
}

/* After everything was freed no bound may count anything in use; one that does shows a leak. */
static bool bounds_are_empty(const struct config *c)
{
	bool empty = true;

	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(&c->limits, i);
		if (!b->used)
			continue;
		log_error("clean-up audit: %s still counts %llu", b->name,
			(unsigned long long)b->used);
		empty = false;
	}
	return empty;
}

static void unwind(struct node *n)
{
	while (n->rows_started > 0) {
		const struct part *p = &parts[--n->rows_started];
		log_debug("stopping: %s", p->name);
		p->stop(n);
	}
}

static bool start_all(struct node *n)
{
	for (size_t i = 0; i < PARTS; i++) {
		n->rows_started = i + 1;
		if (parts[i].start(n))
			continue;
		if (n->status == EXIT_DONE && !n->stopping) {
			log_error("start of the %s failed: out of memory or descriptors",
				parts[i].name);
			n->status = EXIT_TASK_FAILED;
		}
		return false;
	}
	return true;
}

static void run(struct node *n)
{
	char said[512];

	n->running = true;
	engines_look_at_history(n); /* so that the first who asks finds a point */
	log_info("ready");
	service_manager_ready(n);
	if (n->reload_asked)
		node_reload(n, said, sizeof said);
	event_base_dispatch(n->base);
}

int node_run(const struct node_again *again, struct config *config)
{
	struct node n = {.again = again,
		.config = config,
		.clock = &clock_system,
		.rng = &rng_system,
		.wake_fd = -1};

	if (!node_params(config, &n.params))
		return EXIT_USAGE;
	if (!crypto_init()) /* it logged why */
		return EXIT_TASK_FAILED;
	n.started_ms = clock_mono(n.clock);
	if (start_all(&n))
		run(&n);
	unwind(&n);
	limit_log_refresh(&config->limits);
	limit_log_tick(&n.limit_log, &config->limits, clock_mono(n.clock), true);
	bound_note(&config->limits.log_buffer_bytes, 0); /* the log outlives the node */
	if (!bounds_are_empty(config) && n.status == EXIT_DONE)
		n.status = EXIT_AUDIT;
	log_debug("stopped: freed %llu connections", (unsigned long long)n.freed);
	log_info("stopped");
	return n.status;
}
