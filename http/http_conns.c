/* Gives each new client one of limits.max_admin_clients places. When all are taken, it closes a
 * client that is idle or slow to make room.
 * Before: the listeners (server.c, server_tcp.c). After: http_conn.c. */
#include <sys/socket.h>

#include "base/mem.h"
#include "http/http_conn_internal.h"

enum { SLOW_MS = 1000 /* an honest client has sent its request within this time */ };

/* True between two requests and after the last answer. Closing such a connection costs the client
 * nothing: for its next request it opens another one. */
static bool is_idle(const struct http_conn *c)
{
	return (c->phase == PHASE_AWAITS && c->requests) || c->phase == PHASE_LEAVES;
}

/* True for a client by TCP that has had time to send a whole request and has not. */
static bool is_slow(const struct http_conn *c, uint64_t now)
{
	return c->door != DOOR_LOCAL && c->phase < PHASE_ANSWERS && now - c->since_ms >= SLOW_MS;
}

/* How readily a client is closed to make room: 3 an idle one by TCP, 2 an idle one of the Unix
 * socket, 1 a slow one by TCP, 0 never. `strangers`: only clients by TCP may be closed. */
static unsigned rank(const struct http_conn *c, bool strangers, uint64_t now)
{
	if (strangers && c->door == DOOR_LOCAL)
		return 0;
	if (is_idle(c))
		return c->door != DOOR_LOCAL ? 3 : 2;
	return is_slow(c, now) ? 1 : 0;
}

/* The client to close: of those with the highest rank the one whose deadline was set first. NULL
 * when none may be closed. */
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

/* Makes sure that there is a place for one more client, closing another if necessary. Clients by
 * TCP must leave some places free: otherwise strangers could keep the owner from steering the node
 * through the Unix socket. When they have used up their share (`crowd`), a new one can only replace
 * another client by TCP. Closing an idle client loses nothing, so only the other cases count as a
 * hit of the limit. */
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

/* The address of a client by TCP; unset when it is gone already. */
static struct netaddr address_of(evutil_socket_t fd)
{
	struct netaddr from = {.ip = {0}};
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;

	if (getpeername(fd, (struct sockaddr *)&ss, &n) != 0 ||
		!netaddr_from_sockaddr((struct sockaddr *)&ss, &from))
		from = (struct netaddr){.ip = {0}};
	return from;
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
	if (door != DOOR_LOCAL)
		c->from = address_of(fd);
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
