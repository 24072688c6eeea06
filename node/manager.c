/* Before: node/node.c starts it last. After: node/notify.c. */
#include "node/manager.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/notify.h"
#include "node/status.h"

enum { STATUS_MS = 30000, LEAST_MS = 10 };

/* Half the time after which the manager would think that we hang; without a watchdog, or with one
 * of another process, often enough for people. */
static uint64_t interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t ms = usec ? strtoull(usec, NULL, 10) / 2000 : 0;

	if (ms == 0 || ms > STATUS_MS || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return STATUS_MS;
	return ms > LEAST_MS ? ms : LEAST_MS;
}

/* `first` is a line of its own. */
static void tell_state(struct node *n, const char *first)
{
	struct chain_tip t;
	char reason[256], text[400];
	bool syncing;

	chain_get_tip(n->chain, &t);
	n->managed = status_reason(n, reason, sizeof reason, &syncing);
	snprintf(text, sizeof text, "%s\nSTATUS=height %llu: %s", first,
		(unsigned long long)t.height, reason);
	notify_systemd(text);
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	tell_state(ctx, "WATCHDOG=1");
}

void manager_ready(struct node *n)
{
	tell_state(n, "READY=1");
}

void manager_look(struct node *n, enum reason now)
{
	if (n->manager && now != n->managed)
		tell_state(n, "WATCHDOG=1");
}

bool manager_start(struct node *n)
{
	uint64_t ms = interval();
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	if (!getenv("NOTIFY_SOCKET"))
		return true;
	n->manager = event_new(n->base, -1, EV_PERSIST, on_beat, n);
	return n->manager && event_add(n->manager, &tv) == 0;
}

void manager_stop(struct node *n)
{
	if (n->manager)
		event_free(n->manager);
	n->manager = NULL;
}
