/* c-ares tells which sockets it wants watched and by when it wants to be called; this file joins
 * that to the loop. Results are kept until the next turn, so that no caller is called back from
 * inside its own call. Before: p2p/dialer.c asks. After: p2p/dialer.c dials. */
#include <ares.h>
#include <event2/event.h>
#include <netdb.h>
#include <string.h>

#include "base/mem.h"
#include "p2p/resolver.h"

enum { SOCKETS_MAX = 32 };

struct lookup {
	struct resolver *r;
	struct lookup *next;
	uint64_t tag;
	uint16_t port;
	bool done;
	const char *why;
	size_t count;
	struct netaddr found[RESOLVED_MAX];
};

struct watched {
	ares_socket_t fd;
	struct event *event; /* NULL = this place is free */
};

struct resolver {
	struct event_base *base;
	struct bound *row;
	ares_channel channel;
	bool has_channel, stopping;
	struct event *timer;   /* when c-ares wants to be called */
	struct event *deliver; /* finished look-ups wait */
	struct watched sockets[SOCKETS_MAX];
	struct lookup *lookups;
	resolved_fn *done;
	void *ctx;
};

/* ---- the loop's side ---- */

static void arm_timer(struct resolver *r)
{
	struct timeval tv, *next = ares_timeout(r->channel, NULL, &tv);

	if (next)
		event_add(r->timer, next);
	else
		event_del(r->timer);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *r = ctx;

	(void)fd;
	(void)what;
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm_timer(r);
}

static void on_socket(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *r = ctx;

	ares_process_fd(r->channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
		what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	arm_timer(r);
}

static struct watched *place_of(struct resolver *r, ares_socket_t fd)
{
	struct watched *free_place = NULL;

	for (int i = 0; i < SOCKETS_MAX; i++) {
		if (r->sockets[i].event && r->sockets[i].fd == fd)
			return &r->sockets[i];
		if (!r->sockets[i].event && !free_place)
			free_place = &r->sockets[i];
	}
	return free_place;
}

/* c-ares: watch this socket, or forget it. One that finds no place is left to its time-out. */
static void watch(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = ctx;
	struct watched *w = place_of(r, fd);
	short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));

	if (!w)
		return;
	if (w->event)
		event_free(w->event);
	w->event = NULL;
	w->fd = fd;
	if (!readable && !writable)
		return;
	w->event = event_new(r->base, fd, what, on_socket, r);
	if (w->event)
		event_add(w->event, NULL);
}

/* ---- results ---- */

static void take_addresses(struct lookup *l, const struct ares_addrinfo *all)
{
	for (const struct ares_addrinfo_node *n = all ? all->nodes : NULL; n; n = n->ai_next) {
		struct netaddr a;
		bool known = false;
		if (l->count == RESOLVED_MAX || !netaddr_from_sockaddr(n->ai_addr, &a))
			continue;
		a.port = l->port;
		for (size_t i = 0; i < l->count; i++)
			known |= netaddr_eq(&a, &l->found[i]);
		if (!known)
			l->found[l->count++] = a;
	}
}

static void on_answer(void *ctx, int status, int timeouts, struct ares_addrinfo *all)
{
	struct lookup *l = ctx;

	(void)timeouts;
	take_addresses(l, all);
	ares_freeaddrinfo(all);
	l->done = true;
	l->why = l->count                 ? ""
		 : status == ARES_SUCCESS ? "it has no address"
					  : ares_strerror(status);
	if (!l->r->stopping)
		event_active(l->r->deliver, EV_TIMEOUT, 0);
}

static void forget(struct lookup **place)
{
	struct lookup *l = *place;

	*place = l->next;
	bound_give(l->r->row, 1);
	mem_free(l);
}

static void on_deliver(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *r = ctx;
	struct lookup **place = &r->lookups;

	(void)fd;
	(void)what;
	while (*place) {
		struct lookup *l = *place;
		if (!l->done) {
			place = &l->next;
			continue;
		}
		struct lookup copy = *l;
		forget(place);
		r->done(r->ctx, copy.tag, copy.found, copy.count, copy.why);
		place = &r->lookups; /* the receiver may have asked again */
	}
}

/* ---- life ---- */

static bool open_channel(struct resolver *r, uint64_t timeout_ms, const char *servers)
{
	struct ares_options o = {.timeout = (int)(timeout_ms / 2), .tries = 2};

	o.sock_state_cb = watch;
	o.sock_state_cb_data = r;
	if (ares_init_options(&r->channel, &o,
		    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
		return false;
	r->has_channel = true;
	return !servers || ares_set_servers_ports_csv(r->channel, servers) == ARES_SUCCESS;
}

struct resolver *resolver_start(struct event_base *base, struct bound *lookups, uint64_t timeout_ms,
	const char *servers, resolved_fn *done, void *ctx)
{
	struct resolver *r;

	if (ares_library_init_mem(ARES_LIB_INIT_ALL, mem_alloc, mem_free, mem_realloc) !=
		ARES_SUCCESS)
		return NULL;
	r = mem_alloc(sizeof *r);
	if (!r) {
		ares_library_cleanup();
		return NULL;
	}
	*r = (struct resolver){.base = base, .row = lookups, .done = done, .ctx = ctx};
	r->timer = event_new(base, -1, 0, on_timer, r);
	r->deliver = event_new(base, -1, 0, on_deliver, r);
	if (r->timer && r->deliver && open_channel(r, timeout_ms, servers))
		return r;
	resolver_free(r);
	return NULL;
}

bool resolver_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct lookup *l;

	if (r->stopping || !bound_take(r->row, 1))
		return false;
	l = mem_alloc(sizeof *l);
	if (!l) {
		bound_give(r->row, 1);
		return false;
	}
	*l = (struct lookup){.r = r, .next = r->lookups, .tag = tag, .port = port};
	r->lookups = l;
	ares_getaddrinfo(r->channel, host, NULL, &hints, on_answer, l);
	arm_timer(r);
	return true;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	r->stopping = true;
	if (r->has_channel)
		ares_destroy(r->channel); /* calls back for each look-up, which marks it done */
	while (r->lookups)
		forget(&r->lookups);
	for (int i = 0; i < SOCKETS_MAX; i++)
		if (r->sockets[i].event)
			event_free(r->sockets[i].event);
	if (r->timer)
		event_free(r->timer);
	if (r->deliver)
		event_free(r->deliver);
	mem_free(r);
	ares_library_cleanup();
}
