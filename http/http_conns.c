/* Gives each new client one of limits.max_admin_clients places, or one of limits.web_clients at
 * webui.listen. When all are taken, it closes a client that is idle or slow to make room, or one of
 * a crowded network.
 * Before: the listeners (server.c, server_tcp.c). After: http_conn.c. */
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "http/http_conn_internal.h"

enum {
	SLOW_MS = 1000,   /* an honest client has sent its request within this time */
	NETWORK_SIZE = 8, /* of netaddr_network() */
};

struct bound *http_conns_places(const struct http_conns *all, enum http_door door)
{
	return door == DOOR_WEB ? &all->s.limits->web_clients : &all->s.limits->max_admin_clients;
}

/* True between two requests and after the last answer. Closing such a connection costs the client
 * nothing: for its next request it opens another one. */
static bool is_idle(const struct http_conn *c)
{
	return (c->phase == PHASE_AWAITS && c->requests) || c->phase == PHASE_LEAVES;
}

/* True while the request of a client by TCP is not complete. */
static bool is_unheard(const struct http_conn *c)
{
	return c->door != DOOR_LOCAL && c->phase < PHASE_ANSWERS;
}

/* True for a client by TCP that has had time to send a whole request and has not. */
static bool is_slow(const struct http_conn *c, uint64_t now)
{
	return is_unheard(c) && now - c->since_ms >= SLOW_MS;
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
static struct http_conn *least_useful(
	const struct http_conns *all, const struct bound *places, bool strangers, uint64_t now)
{
	struct http_conn *found = NULL;

	for (struct http_conn *c = all->first; c; c = c->next) {
		unsigned its = rank(c, strangers, now);
		unsigned most = found ? rank(found, strangers, now) : 0;
		if (http_conns_places(all, c->door) != places)
			continue;
		if (its && (its > most || (its == most && c->since_ms <= found->since_ms)))
			found = c;
	}
	return found;
}

/* ---- crowded networks, at webui.listen ---- */

static uint64_t count_of(const struct http_conns *all, const uint8_t network[NETWORK_SIZE])
{
	uint8_t its[NETWORK_SIZE];
	uint64_t n = 0;

	for (const struct http_conn *c = all->first; c; c = c->next) {
		netaddr_network(&c->from, its);
		n += c->door == DOOR_WEB && memcmp(its, network, NETWORK_SIZE) == 0;
	}
	return n;
}

/* Is `c` to go before `other`? Who has not said what they want goes before who has not read the
 * answer, then who has kept us waiting for longer. */
static bool goes_before(const struct http_conn *c, const struct http_conn *other)
{
	if (!other || is_unheard(c) != is_unheard(other))
		return !other || is_unheard(c);
	return c->since_ms <= other->since_ms;
}

/* Of the network with the most places, if that has at least two more than the newcomer's, a client
 * that keeps us waiting: for its request, else until it has read its answer. NULL when there is
 * none. */
static struct http_conn *of_a_crowd(const struct http_conns *all, const struct netaddr *newcomer)
{
	struct http_conn *found = NULL;
	uint8_t network[NETWORK_SIZE];

	netaddr_network(newcomer, network);
	uint64_t most = count_of(all, network) + 2;
	for (struct http_conn *c = all->first; c; c = c->next) {
		bool waits = is_unheard(c) || c->phase == PHASE_ANSWERS;
		netaddr_network(&c->from, network);
		uint64_t n = c->door == DOOR_WEB && waits ? count_of(all, network) : 0;
		if (n > most || (n == most && goes_before(c, found))) {
			most = n;
			found = c;
		}
	}
	return found;
}

/* ---- who logged in before, at webui.listen ---- */

static bool is_known(const struct http_conns *all, const struct netaddr *from)
{
	return all->s.knows && all->s.knows(all->s.ctx, from);
}

/* The stranger who goes for somebody who is known: who keeps us waiting for a request for longest,
 * else who came last of those that wait for an answer. NULL when there is none. */
static struct http_conn *a_stranger(const struct http_conns *all)
{
	struct http_conn *unheard = NULL, *waits = NULL;

	for (struct http_conn *c = all->first; c; c = c->next) {
		if (c->door != DOOR_WEB || is_known(all, &c->from))
			continue;
		if (is_unheard(c) && (!unheard || c->since_ms <= unheard->since_ms))
			unheard = c;
		if (!waits && c->phase >= PHASE_ANSWERS)
			waits = c;
	}
	return unheard ? unheard : waits;
}

/* ---- a place for a newcomer ---- */

/* Makes sure that there is a place for one more client, closing another if necessary. Clients by
 * TCP must leave some places free: otherwise strangers could keep the owner from steering the node
 * through the Unix socket. When they have used up their share (`crowd`), a new one can only replace
 * another client by TCP. Closing an idle client loses nothing, so only the other cases count as a
 * hit of the limit. */
static bool has_place(struct http_conns *all, enum http_door door, const struct netaddr *from)
{
	struct bound *places = http_conns_places(all, door);
	uint64_t now = clock_mono(all->s.clock);
	bool crowd = (door == DOOR_READ || door == DOOR_METRICS) &&
		     all->by_tcp + http_places_kept(places->max) >= places->max;

	if (!crowd && bound_has(places, 1))
		return true;
	struct http_conn *goes = least_useful(all, places, crowd, now);
	if (door == DOOR_WEB && (!goes || !is_idle(goes))) {
		struct http_conn *other = of_a_crowd(all, from);
		goes = other ? other : goes;
		if (!goes && is_known(all, from))
			goes = a_stranger(all);
	}
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
	struct bound *places = http_conns_places(all, door);
	struct netaddr from = {.ip = {0}};
	struct http_conn *c = NULL;

	if (door != DOOR_LOCAL)
		from = address_of(fd);
	if (has_place(all, door, &from))
		c = mem_alloc(sizeof *c);
	if (!c) {
		evutil_closesocket(fd);
		return;
	}
	bound_take(places, 1);
	*c = (struct http_conn){.all = all,
		.next = all->first,
		.door = door,
		.from = from,
		.body = {.total = &all->s.limits->http_body_total_bytes}};
	all->first = c;
	all->by_tcp += door == DOOR_READ || door == DOOR_METRICS;
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
