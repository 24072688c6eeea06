/* The places of the clients, limits.max_admin_clients in all. A newcomer gets a free one, or that
 * of a client which has nothing to do. Before: the listeners (server.c, server_tcp.c). After:
 * http_conn.c.
 */
#include "base/mem.h"
#include "http/http_conn_internal.h"

enum { SLOW_MS = 1000 /* in which an honest client has sent its request */ };

/* It would be no loss to it: a client whose connection is closed between two requests opens
 * another one. */
static bool is_idle(const struct http_conn *c)
{
	return (c->phase == PHASE_AWAITS && c->requests) || c->phase == PHASE_LEAVES;
}

/* A stranger that has had time for a request and has sent none. */
static bool is_slow(const struct http_conn *c, uint64_t now)
{
	return c->door != DOOR_LOCAL && c->phase < PHASE_ANSWERS && now - c->since_ms >= SLOW_MS;
}

/* Who has to go first: strangers that are idle, then others that are, then the slow; 0 = nobody
 * has to. */
static unsigned rank(const struct http_conn *c, bool strangers, uint64_t now)
{
	if (strangers && c->door == DOOR_LOCAL)
		return 0;
	if (is_idle(c))
		return c->door != DOOR_LOCAL ? 3 : 2;
	return is_slow(c, now) ? 1 : 0;
}

/* The one that has waited longest, of the highest rank; NULL = there is none. */
static struct http_conn *least_useful(const struct http_conns *all, bool strangers, uint64_t now)
{
	struct http_conn *found = NULL;

	for (struct http_conn *c = all->first; c; c = c->next) {
		unsigned its = rank(c, strangers, now);
		unsigned most = found ? rank(found, strangers, now) : 0;
		if (its && (its > most || (its == most && c->since_ms <= found->since_ms)))
			found = c;
	}
	return found;
}

/* Strangers must not close the one door that is the owner's alone. */
static bool has_place(struct http_conns *all, enum http_door door, uint64_t now)
{
	struct bound *places = &all->s.limits->max_admin_clients;
	bool crowd =
		door != DOOR_LOCAL && all->by_tcp + http_places_kept(places->max) >= places->max;

	if (!crowd && bound_has(places, 1))
		return true;
	struct http_conn *goes = least_useful(all, crowd, now);
	if (!goes || !is_idle(goes))
		bound_hit(places);
	if (goes)
		http_conn_free(goes);
	return goes && bound_has(places, 1);
}

void http_conns_take(struct http_conns *all, evutil_socket_t fd, enum http_door door)
{
	struct limits *l = all->s.limits;
	struct http_conn *c = NULL;

	if (has_place(all, door, clock_mono(all->s.clock)))
		c = mem_alloc(sizeof *c);
	if (!c) {
		evutil_closesocket(fd);
		return;
	}
	bound_take(&l->max_admin_clients, 1);
	*c = (struct http_conn){.all = all,
		.next = all->first,
		.door = door,
		.body = {.total = &l->http_body_total_bytes}};
	all->first = c;
	all->by_tcp += door != DOOR_LOCAL;
	if (!http_conn_start(c, fd))
		http_conn_free(c);
}

void http_conns_renew(struct http_conns *all)
{
	struct http_conn *next;

	for (struct http_conn *c = all->first; c; c = next) {
		next = c->next;
		if (c->door == DOOR_LOCAL)
			continue;
		c->last = true;
		if (is_idle(c))
			http_conn_free(c);
	}
}

void http_conns_free(struct http_conns *all)
{
	while (all->first)
		http_conn_free(all->first);
}
