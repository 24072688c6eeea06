/* Tells the service manager what the node does, and that it is alive. Before: node/node.c starts it
 * last. After: node/sd_notify.c sends. */
#include "node/service_manager.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/socket_activation.h"
#include "base/log.h"
#include "node/sd_notify.h"
#include "api/status.h"

enum {
	STATUS_MS = 30000,     /* between two messages, at most, */
	LEAST_MS = 10,         /* and at least */
	AGAIN_MS = 1000,       /* until the next attempt when the manager's socket was full */
	STOP_LONGER_MS = 60000 /* what a stop may take besides node.drain */
};

/* Milliseconds between two messages: half the time of the manager's watchdog. Without a watchdog,
 * or with one that watches another process, often enough for people who read the status. */
static uint64_t interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t ms = usec ? strtoull(usec, NULL, 10) / 2000 : 0;

	if (ms == 0 || ms > STATUS_MS || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return STATUS_MS;
	return ms > LEAST_MS ? ms : LEAST_MS;
}

static void put_state(struct node *n, char *to, size_t size)
{
	struct chain_tip t;
	char reason[256];
	bool syncing;

	if (n->stopping) {
		snprintf(to, size, "stopping");
		return;
	}
	chain_get_tip(n->chain, &t);
	n->managed = status_reason(&n->api, reason, sizeof reason, &syncing);
	snprintf(to, size, "height %llu: %s", (unsigned long long)t.height, reason);
}

/* Sends the state, with READY or STOPPING until the manager has taken that once. */
static void tell(struct node *n)
{
	char state[320], text[512];

	put_state(n, state, sizeof state);
	snprintf(text, sizeof text, "%s\nSTATUS=%s",
		n->manager_owed ? n->manager_owed : "WATCHDOG=1", state);
	bool taken = sd_notify_send(text);
	if (taken)
		n->manager_owed = NULL;
	uint64_t ms = interval();
	if (!taken && ms > AGAIN_MS)
		ms = AGAIN_MS;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
	if (n->manager)
		event_add(n->manager, &tv);
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	tell(ctx);
}

/* Warns of inherited sockets that we do not use. The manager listens there, so clients connect, but
 * nobody accepts them and they wait for ever. */
static void say_unused_sockets(void)
{
	char at[SOCKET_ACTIVATION_TEXT_MAX];

	for (size_t i = 0; socket_activation_unused(i, at); i++)
		log_warn("the service manager passed a socket at %s, which is none of net.listen, "
			 "admin.socket, admin.listen, admin.metrics_listen and dns.listen: nothing "
			 "will answer there",
			at);
}

void service_manager_ready(struct node *n)
{
	n->manager_owed = "READY=1";
	tell(n);
}

void service_manager_stopping(struct node *n)
{
	snprintf(n->manager_stop, sizeof n->manager_stop, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu000",
		(unsigned long long)n->config->drain + STOP_LONGER_MS);
	n->manager_owed = n->manager_stop;
	tell(n);
}

void service_manager_tell(struct node *n, enum reason now)
{
	if (n->manager && now != n->managed)
		tell(n);
}

bool service_manager_start(struct node *n)
{
	say_unused_sockets(); /* all listeners have been opened by now */
	if (!sd_notify_is_wanted())
		return true;
	n->manager = event_new(n->base, -1, 0, on_beat, n);
	return n->manager != NULL;
}

void service_manager_stop(struct node *n)
{
	if (n->manager)
		event_free(n->manager);
	n->manager = NULL;
}
