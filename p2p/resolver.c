/* Role: c-ares tells which sockets it wants watched and by when it wants to be called; this file
 * joins that to the loop. Results are kept until the next turn, so that no caller is called back
 * from inside its own call. Before: p2p/dialer.c asks. After: p2p/dialer.c dials. */
#include <ares.h>
#include <event2/event.h>
#include <netdb.h>
#include <string.h>

#include "base/mem.h"
#include "p2p/resolver.h"

enum {
	SOCKETS_MAX = 32,
	TRIES = 2,
	FIRST_TRY =
		8, /* part of the whole time; the second try lasts twice as long, for each server */
};

struct lookup {
	struct resolver *r;
	struct lookup *next;
	struct event *deadline;
	uint64_t tag;
	uint16_t port;
	bool answered; /* c-ares has called back and knows it no more */
	bool told;     /* the time was over: nobody waits for the answer */
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
	bool failed; /* a look-up did: perhaps other servers are configured by now */
	struct timeval timeout;
	const char *servers;   /* NULL = the system's */
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
	l->answered = true;
	l->why = l->count                 ? ""
		 : status == ARES_SUCCESS ? "it has no address"
					  : ares_strerror(status);
	l->r->failed |= l->count == 0;
	if (!l->r->stopping)
		event_active(l->r->deliver, EV_TIMEOUT, 0);
}

static void free_lookup(struct lookup *l)
{
	if (l->deadline)
		event_free(l->deadline);
	mem_free(l);
}

static void tell(struct lookup *l)
{
	bool late = !l->answered;

	l->told = true;
	l->r->done(l->r->ctx, l->tag, l->found, l->count, late ? "no answer in time" : l->why);
}

/* Takes the answered ones off first: who is told may ask again. */
static void on_deliver(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *r = ctx;
	struct lookup *ready = NULL, *l;

	(void)fd;
	(void)what;
	for (struct lookup **place = &r->lookups; *place;) {
		l = *place;
		if (!l->answered) {
			place = &l->next;
			continue;
		}
		*place = l->next;
		l->next = ready;
		ready = l;
	}
	while (ready) {
		l = ready;
		ready = l->next;
		bound_give(r->row, 1);
		if (!l->told)
			tell(l);
		free_lookup(l);
	}
}

static bool somebody_waits(const struct resolver *r)
{
	const struct lookup *l = r->lookups;

	while (l && l->told)
		l = l->next;
	return l != NULL;
}

/* c-ares cannot give up one look-up, only all of them. */
static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct lookup *l = ctx;
	struct resolver *r = l->r;

	(void)fd;
	(void)what;
	if (l->answered)
		return;
	tell(l);
	if (!somebody_waits(r))
		ares_cancel(r->channel);
}

/* ---- life ---- */

static bool open_channel(struct resolver *r)
{
	int ms = (int)(r->timeout.tv_sec * 1000 + r->timeout.tv_usec / 1000);
	/* What does not fit a datagram has more addresses than are wanted. */
	struct ares_options o = {
		.flags = ARES_FLAG_IGNTC, .timeout = ms / FIRST_TRY, .tries = TRIES};

	o.sock_state_cb = watch;
	o.sock_state_cb_data = r;
	if (ares_init_options(&r->channel, &o,
		    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
			    ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
		return false;
	r->has_channel = true;
	return !r->servers || ares_set_servers_ports_csv(r->channel, r->servers) == ARES_SUCCESS;
}

static void close_channel(struct resolver *r)
{
	if (r->has_channel)
		ares_destroy(r->channel); /* calls back for each look-up */
	r->has_channel = false;
}

/* A router knows its name servers only some time after its start: c-ares reads them once, when the
 * channel is opened. */
static bool refresh_channel(struct resolver *r)
{
	if (r->lookups || (r->has_channel && !r->failed))
		return r->has_channel;
	close_channel(r);
	r->failed = !open_channel(r);
	return !r->failed;
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
	r->servers = servers;
	r->timeout.tv_sec = (time_t)(timeout_ms / 1000);
	r->timeout.tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000);
	r->timer = event_new(base, -1, 0, on_timer, r);
	r->deliver = event_new(base, -1, 0, on_deliver, r);
	if (r->timer && r->deliver && open_channel(r))
		return r;
	resolver_free(r);
	return NULL;
}

static struct lookup *new_lookup(struct resolver *r, uint16_t port, uint64_t tag)
{
	struct lookup *l = mem_alloc(sizeof *l);

	if (!l)
		return NULL;
	*l = (struct lookup){.r = r, .tag = tag, .port = port};
	l->deadline = event_new(r->base, -1, 0, on_deadline, l);
	if (l->deadline && event_add(l->deadline, &r->timeout) == 0)
		return l;
	free_lookup(l);
	return NULL;
}

bool resolver_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

	if (r->stopping || !refresh_channel(r) || !bound_take(r->row, 1))
		return false;
	struct lookup *l = new_lookup(r, port, tag);
	if (!l) {
		bound_give(r->row, 1);
		return false;
	}
	l->next = r->lookups;
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
	close_channel(r);
	while (r->lookups) {
		struct lookup *l = r->lookups;
		r->lookups = l->next;
		bound_give(r->row, 1);
		free_lookup(l);
	}
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
