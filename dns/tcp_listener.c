/* Role: who may connect by TCP, and the table of clients. Before: net/listener.c. After:
 * dns/tcp_client.c. */
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/tcp_internal.h"
#include "net/listener.h"

enum { IDLE_LEAST_MS = 200 };

static unsigned clients_of(const struct dns_tcp_listener *t, const uint8_t host[16])
{
	unsigned n = 0;

	for (const struct dns_tcp_client *c = t->first; c; c = c->next)
		n += memcmp(c->host, host, sizeof c->host) == 0;
	return n;
}

/* Clients that were idle for longer than is allowed now go at once. */
static void hurry_idle(struct dns_tcp_listener *t)
{
	for (struct dns_tcp_client *c = t->first; c; c = c->next)
		if (!c->begun && !c->waiting && !c->unsent)
			dns_tcp_client_arm(c);
}

void dns_tcp_give_bytes(struct dns_tcp_listener *t, size_t n)
{
	bound_give(&t->owner.limits->dns_tcp_send_total_bytes, n);
	if (n && t->paused)
		event_active(t->resume, EV_TIMEOUT, 0);
}

/* There is room for answers again, or for a long question. */
static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_tcp_listener *t = ctx;
	struct dns_tcp_client *next;

	(void)fd;
	(void)what;
	t->paused = t->starved = false;
	for (struct dns_tcp_client *c = t->first; c; c = next) {
		next = c->next;
		dns_tcp_client_read_on(c);
	}
}

static void on_accepted(void *ctx, int fd, const struct netaddr *from)
{
	struct dns_tcp_listener *t = ctx;
	struct limits *l = t->owner.limits;
	uint8_t host[16];

	netaddr_host(from, host);
	unsigned same = clients_of(t, host);
	bool fits = same < bound_read(&l->dns_tcp_per_address.max);
	if (!fits)
		bound_hit(&l->dns_tcp_per_address);
	if (!fits || !bound_take(&l->dns_tcp_clients, 1)) {
		dns_count(&t->owner.figures->drop[DNS_DROP_TCP_FULL]);
		close(fd);
		return;
	}
	bound_peak(&l->dns_tcp_per_address, same + 1);
	if (dns_tcp_client_new(t, fd, from, host) &&
		dns_tcp_idle_ms(t) < bound_read(&l->dns_tcp_idle.max))
		hurry_idle(t);
}

/* With half of the places free a client may stay for the whole time, with none for the least. */
uint64_t dns_tcp_idle_ms(const struct dns_tcp_listener *t)
{
	const struct limits *l = t->owner.limits;
	uint64_t whole = bound_read(&l->dns_tcp_idle.max),
		 most = bound_read(&l->dns_tcp_clients.max);
	uint64_t used = bound_read(&l->dns_tcp_clients.used);
	uint64_t free = used < most ? most - used : 0;
	uint64_t ms = free * 2 >= most ? whole : whole * free * 2 / most;

	return ms < IDLE_LEAST_MS ? IDLE_LEAST_MS : ms;
}

struct dns_tcp_listener *dns_tcp_listener_open(struct event_base *base,
	const struct listen_wish *wish, const struct dns_tcp_listener_owner *owner, char *why,
	size_t size)
{
	struct dns_tcp_listener *t = mem_alloc(sizeof *t);
	struct listener_owner us = {on_accepted, t};

	why[0] = 0;
	if (t) {
		t->owner = *owner;
		t->base = base;
		t->resume = event_new(base, -1, 0, on_resume, t);
		t->listener = t->resume ? listener_open(base, wish, &us, why, size) : NULL;
		if (t->listener)
			return t;
		if (t->resume)
			event_free(t->resume);
	}
	mem_free(t);
	return NULL;
}

void dns_tcp_listener_close(struct dns_tcp_listener *t)
{
	if (!t)
		return;
	while (t->first)
		dns_tcp_client_free(t->first);
	listener_close(t->listener);
	event_free(t->resume);
	mem_free(t);
}

void dns_tcp_listener_end(
	struct dns_tcp_listener *t, const struct dns_client *c, struct slice answer)
{
	for (struct dns_tcp_client *i = t->first; i; i = i->next)
		if (i->number == c->number) {
			dns_tcp_client_end(i, answer);
			return;
		}
	dns_count(&t->owner.figures->drop[DNS_DROP_CLIENT_GONE]);
}
