/* Role: runs the owner's command. Before: node/node_say.c. After: owner/notify.h. */
#include "node/node_notify.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "node/node.h"

enum {
	LOOK_MS = 100,   /* between two looks whether it has ended */
	MOST_MS = 30000, /* that it may take */
	KIND_MAX = 16,   /* bytes, with the NUL */
	LINE_MAX_ = 600,
};

struct notice {
	char kind[KIND_MAX], line[LINE_MAX_];
};

static void look_soon(struct node_notify *o)
{
	struct timeval tv = {0, LOOK_MS * 1000};

	event_add(o->timer, &tv);
}

static void start_next(struct node *n)
{
	struct node_notify *o = &n->notify;
	struct notice next;

	while (!o->pid && fifo_pop(&o->waiting, &next)) {
		pid_t pid = notify_start(&o->command, next.kind, next.line);
		if (pid < 0) {
			log_warn("owner.notify: %s", strerror(errno));
			continue;
		}
		o->pid = pid;
		snprintf(o->running, sizeof o->running, "%s", o->command.word[0]);
		o->killed_at = clock_mono(n->clock) + MOST_MS;
		look_soon(o);
	}
}

/* It may hang where no signal reaches it, and so it is looked at again. */
static void end_late(struct node *n)
{
	struct node_notify *o = &n->notify;

	if (!o->killed && clock_mono(n->clock) >= o->killed_at) {
		o->killed = true;
		notify_kill(o->pid);
	}
	look_soon(o);
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	struct node_notify *o = &n->notify;
	char why[NOTIFY_WHY_MAX];

	(void)fd;
	(void)what;
	if (!o->pid)
		return;
	if (!notify_ended(o->pid, why)) {
		end_late(n);
		return;
	}
	if (o->killed)
		snprintf(why, sizeof why, "it took longer than %d s and was ended", MOST_MS / 1000);
	o->pid = 0;
	o->killed = false;
	if (why[0])
		log_warn("owner.notify: %s: %s", o->running, why);
	start_next(n);
}

static bool begin(struct node *n)
{
	struct node_notify *o = &n->notify;

	if (o->begun)
		return o->timer && o->command.count;
	o->begun = true;
	fifo_init(&o->waiting, &n->config->limits.max_notices, sizeof(struct notice));
	notify_split(n->config->owner_notify, &o->command); /* the settings were checked */
	o->timer = event_new(n->base, -1, 0, on_look, n);
	return o->timer && o->command.count;
}

void node_notify_reload(struct node *n)
{
	struct node_notify *o = &n->notify;

	if (!o->begun)
		return;
	notify_split(n->config->owner_notify, &o->command);
	if (!o->command.count)
		fifo_clear(&o->waiting);
}

void node_notify(struct node *n, const char *kind, const char *line)
{
	struct notice one;

	if (!begin(n))
		return;
	snprintf(one.kind, sizeof one.kind, "%s", kind);
	snprintf(one.line, sizeof one.line, "%s", line);
	if (fifo_push_evict(&n->notify.waiting, &one, NULL))
		log_warn("owner.notify: too much waits for it (limits.max_notices): the oldest was "
			 "left out");
	start_next(n);
}

void node_notify_end(struct node *n)
{
	struct node_notify *o = &n->notify;

	if (!o->begun)
		return;
	if (o->pid)
		notify_kill(o->pid);
	if (o->timer)
		event_free(o->timer);
	fifo_clear(&o->waiting);
	*o = (struct node_notify){.begun = false};
}
