/* Starts, runs and stops the node. The parts are started in the order of one table and stopped in
 * the reverse order, also when a start fails half-way. Before: cli/run.c has judged settings and an
 * open log. After: the loop calls node/dispatch.c, api/routes.c and the others. */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "http/server.h"
#include "web/api_events.h"
#include "api/events.h"
#include "net/event_loop.h"
#include "node/node_api.h"
#include "node/node_web.h"
#include "node/persist.h"
#include "node/sd_notify.h"
#include "node/service_manager.h"
#include "node/reload.h"
#include "node/start_check.h"
#include "sync/wrong_clock.h"

enum { STOP_POLL_MS = 20, WHILE_RUNNING_S = 3600 };

static void on_stop_poll(evutil_socket_t fd, short what, void *ctx);

/* ---- parts ---- */

static void on_signal(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;

	(void)what;
	log_info("%s: %s", fd == SIGTERM ? "SIGTERM" : "SIGINT",
		n->stopping ? "hurrying" : "stopping");
	node_stop(n);
}

static void on_user_signal(evutil_socket_t fd, short what, void *ctx)
{
	(void)what;
	(void)ctx;
	log_info("%s is ignored; SIGHUP opens the log file again and reloads the settings",
		fd == SIGUSR1 ? "SIGUSR1" : "SIGUSR2");
}

static void on_hangup(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	char said[512];

	(void)fd;
	(void)what;
	if (!log_reopen())
		log_error("log.file: cannot append to %s: %s; lines go on to the old file",
			n->config->log_file, strerror(errno));
	n->reload_asked = !n->running;
	if (n->running)
		node_reload(n, said, sizeof said);
}

/* While parts are being started the loop has no other events than signals. */
void node_hear(struct node *n)
{
	event_base_loop(n->base, EVLOOP_NONBLOCK);
}

static void on_pause_over(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

bool node_hear_within(struct node *n, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
	struct event *over = event_new(n->base, -1, 0, on_pause_over, NULL);
	bool waits = over && event_add(over, &tv) == 0;

	if (waits)
		event_base_loop(n->base, EVLOOP_ONCE);
	if (over)
		event_free(over);
	return waits;
}

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

static bool signals_start(struct node *n)
{
	static const struct {
		int number;
		event_callback_fn fn;
	} rows[NODE_SIGNALS] = {{SIGTERM, on_signal}, {SIGINT, on_signal}, {SIGHUP, on_hangup},
		{SIGUSR1, on_user_signal}, {SIGUSR2, on_user_signal}};

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < NODE_SIGNALS; i++) {
		n->signals[i] = evsignal_new(n->base, rows[i].number, rows[i].fn, n);
		if (!n->signals[i] || event_add(n->signals[i], NULL) != 0)
			return false;
	}
	return stop_poll_start(n);
}

static void free_event(struct event **e)
{
	if (*e)
		event_free(*e);
	*e = NULL;
}

static void signals_stop(struct node *n)
{
	for (size_t i = 0; i < NODE_SIGNALS; i++)
		free_event(&n->signals[i]);
	free_event(&n->stop_poll);
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

void node_net_settings(struct node *n, const struct config *c, struct p2p_settings *out)
{
	*out = (struct p2p_settings){.base = n->base,
		.clock = n->clock,
		.rng = n->rng,
		.limits = &n->config->limits,
		.listen = c->listen.ptr,
		.listen_count = c->listen.count,
		/* The network's own node runs on when it cannot have its port. With a settings file
		 * of that node, we do the same. */
		.listen_may_fail = c->reference && c->from[KEY_listen].source <= SOURCE_FILE,
		.peers = c->peers.ptr,
		.peer_count = c->peers.count,
		.bind = c->bind,
		.advertise = c->advertise,
		.is_public = c->is_public,
		.yggdrasil_only = c->yggdrasil_only,
		.allow_local = strcmp(c->network, "devnet") == 0,
		.events = dispatch_events(n)};
	snprintf(out->origin, sizeof out->origin, "%.64s", c->origin);
}

/* The network is made before the engines, which use it, but connects to peers only in net_open(),
 * when the engines can take messages. */
static bool net_create(struct node *n)
{
	struct p2p_settings s;

	node_net_settings(n, n->config, &s);
	n->p2p = p2p_create(&s);
	if (n->p2p)
		persist_load(n->chain, n->p2p);
	else
		n->status = EXIT_TASK_FAILED;
	return n->p2p != NULL;
}

static void net_free(struct node *n)
{
	if (n->p2p)
		n->freed = p2p_free(n->p2p);
	n->p2p = NULL;
}

static bool net_open(struct node *n)
{
	struct p2p_settings s;

	node_net_settings(n, n->config, &s);
	if (p2p_open(n->p2p, &s))
		return true;
	n->status = EXIT_TASK_FAILED;
	return false;
}

/* Closes all connections while the engines still exist: they are told of each. */
static void net_close(struct node *n)
{
	if (n->running && !n->store_error)
		persist_save(n->chain, n->p2p);
	p2p_disconnect(n->p2p);
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
	{"signals", signals_start, signals_stop},
	{"store", chain_start, chain_stop},
	{"network", net_create, net_free},
	{"engines", dispatch_start, dispatch_free},
	{"peers", net_open, net_close},
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
	dispatch_look_at_history(n); /* so that the first who asks finds a point */
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
