/* What signals do: stop the node, or have it open its log file again and read its settings. Before:
 * node/node.c; the loop, and parts that take long to start. After: node/node.c node_stop(),
 * node/reload.c. */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "node/node.h"
#include "node/reload.h"

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

bool node_signals_start(struct node *n)
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
	return true;
}

void node_signals_stop(struct node *n)
{
	for (size_t i = 0; i < NODE_SIGNALS; i++) {
		if (n->signals[i])
			event_free(n->signals[i]);
		n->signals[i] = NULL;
	}
}
