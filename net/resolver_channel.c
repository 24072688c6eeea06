/* Role: connects c-ares with the event loop: watches the sockets that it names, and sets a timer
 * for its time-outs.
 * Before: net/resolver.c asks. After: c-ares, which calls net/resolver.c back. */
#include <event2/event.h>
#include <sys/stat.h>

#include "net/resolver_channel.h"

static const char system_servers[] = "/etc/resolv.conf"; /* read by c-ares */

void resolver_channel_arm(struct channel *c)
{
	struct timeval tv, *next = ares_timeout(c->ares, NULL, &tv);

	if (next)
		event_add(c->timer, next);
	else
		event_del(c->timer);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct channel *c = ctx;

	(void)fd;
	(void)what;
	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	resolver_channel_arm(c);
}

static void on_socket(evutil_socket_t fd, short what, void *ctx)
{
	struct channel *c = ctx;

	ares_process_fd(c->ares, what & EV_READ ? fd : ARES_SOCKET_BAD,
		what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	resolver_channel_arm(c);
}

static struct channel_socket *place_of(struct channel *c, ares_socket_t fd)
{
	struct channel_socket *free_place = NULL;

	for (int i = 0; i < CHANNEL_SOCKETS_MAX; i++) {
		if (c->sockets[i].event && c->sockets[i].fd == fd)
			return &c->sockets[i];
		if (!c->sockets[i].event && !free_place)
			free_place = &c->sockets[i];
	}
	return free_place;
}

/* Callback of c-ares: watch this socket, or stop watching it. If the table is full the socket is
 * not watched, and its query ends by time-out. */
static void watch(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = ctx;
	struct channel_socket *w = place_of(c, fd);
	short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));

	if (!w)
		return;
	if (w->event)
		event_free(w->event);
	w->event = NULL;
	w->fd = fd;
	if (!readable && !writable)
		return;
	w->event = event_new(c->base, fd, what, on_socket, c);
	if (w->event)
		event_add(w->event, NULL);
}

/* ---- the servers ---- */

static struct channel_stamp stamp_of(const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		return (struct channel_stamp){.inode = 0};
	return (struct channel_stamp){s.st_ino, s.st_size, s.st_mtim};
}

static bool same_stamp(const struct channel_stamp *a, const struct channel_stamp *b)
{
	return a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

bool resolver_channel_is_stale(const struct channel *c)
{
	struct channel_stamp now = stamp_of(system_servers);

	return !c->open || (!c->servers && !same_stamp(&now, &c->read));
}

/* ---- life ---- */

bool resolver_channel_init(struct channel *c, struct event_base *base, const char *servers)
{
	c->base = base;
	c->servers = servers;
	c->timer = event_new(base, -1, 0, on_timer, c);
	return c->timer != NULL;
}

void resolver_channel_close(struct channel *c)
{
	if (c->open)
		ares_destroy(c->ares);
	c->open = false;
}

bool resolver_channel_open(struct channel *c, uint64_t first_try_ms, int tries)
{
	static char hosts_then_servers[] = "fb"; /* /etc/hosts, then DNS; not by nsswitch.conf */
	/* IGNTC: accept a truncated answer and do not ask again over TCP; it has more addresses
	 * than we need anyway. */
	struct ares_options o = {.flags = ARES_FLAG_IGNTC,
		.timeout = (int)first_try_ms,
		.tries = tries,
		.lookups = hosts_then_servers};

	o.sock_state_cb = watch;
	o.sock_state_cb_data = c;
	c->read = stamp_of(system_servers);
	if (ares_init_options(&c->ares, &o,
		    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
			    ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
		return false;
	c->open = true;
	if (c->servers && ares_set_servers_ports_csv(c->ares, c->servers) != ARES_SUCCESS)
		resolver_channel_close(c);
	return c->open;
}

void resolver_channel_free(struct channel *c)
{
	resolver_channel_close(c);
	for (int i = 0; i < CHANNEL_SOCKETS_MAX; i++)
		if (c->sockets[i].event)
			event_free(c->sockets[i].event);
	if (c->timer)
		event_free(c->timer);
}
