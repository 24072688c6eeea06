/* A resolver on a loop, and a name server of our own on loopback. */
#ifndef TESTS_UNIT_RESOLVER_RIG_H
#define TESTS_UNIT_RESOLVER_RIG_H

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/resolver.h"
#include "tests/unit/book_rig.h"

enum { TAGS = 64, TIMEOUT_MS = 800, PATIENCE_MS = 60000 };

struct rig {
	struct event_base *base;
	struct bound row, timeout;
	struct resolver *r;
	size_t told, found[TAGS];
	const char *why[TAGS];
	uint64_t when[TAGS];
	struct netaddr first[TAGS], last[TAGS];
	bool inside;   /* of resolver_lookup() */
	bool ask_more; /* the receiver looks up again */
	int server;    /* our name server's socket, −1 = none */
	struct event *on_query, *on_late;
	uint64_t late_ms; /* only the first question is answered, and so much later, or by hand */
	uint8_t kept[512];
	size_t kept_size;
	struct sockaddr_in asker;
	char at[32];
	size_t queries;
};

static inline int begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	r->base = event_base_new();
	r->row = (struct bound){.name = "max_lookups", .max = 16};
	r->server = -1;
	*state = r;
	return 0;
}

static inline int end(void **state)
{
	struct rig *r = *state;

	resolver_free(r->r);
	assert_int_equal(r->row.used, 0);
	assert_int_equal(mem_blocks(), 0);
	if (r->on_query)
		event_free(r->on_query);
	if (r->on_late)
		event_free(r->on_late);
	if (r->server >= 0)
		close(r->server);
	event_base_free(r->base);
	free(r);
	return 0;
}

static inline void on_done(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	struct rig *r = ctx;

	assert_false(r->inside);
	assert_true(count <= RESOLVED_MAX);
	r->told++;
	r->found[tag] = count;
	r->why[tag] = why;
	r->when[tag] = clock_mono(&clock_system);
	if (count) {
		r->first[tag] = found[0];
		r->last[tag] = found[count - 1];
	} else {
		assert_true(why && why[0]);
	}
	if (r->ask_more && r->told < 20)
		assert_true(resolver_lookup(r->r, "localhost", 1, tag + 1));
}

static inline void start_for(struct rig *r, uint64_t timeout_ms, const char *servers)
{
	r->timeout = (struct bound){.name = "lookup_timeout", .max = timeout_ms};
	r->r = resolver_start(r->base, &r->row, &r->timeout, servers, on_done, r);
	assert_non_null(r->r);
}

static inline void start(struct rig *r, const char *servers)
{
	start_for(r, TIMEOUT_MS, servers);
}

static inline bool lookup(struct rig *r, const char *host, uint64_t tag)
{
	r->inside = true;
	bool begun = resolver_lookup(r->r, host, 4244, tag);
	r->inside = false;
	return begun;
}

/* Turns of the loop until so many were told; fails when that never comes. */
static inline void until_told(struct rig *r, size_t told)
{
	uint64_t end = clock_mono(&clock_system) + PATIENCE_MS;
	struct timeval tv = {0, 20000};

	while (r->told < told) {
		if (clock_mono(&clock_system) > end)
			fail_msg("%zu were told, not %zu", r->told, told);
		event_base_loopexit(r->base, &tv);
		event_base_loop(r->base, EVLOOP_ONCE);
	}
}

/* ---- a name server ---- */

/* Header, the question again, and for A (type 1) of every name: `answers` addresses 10.0.0.n,
 * each twice. */
static inline size_t answer(uint8_t *to, const uint8_t *query, size_t n, unsigned answers)
{
	bool is_a = n > 16 && query[n - 4] == 0 && query[n - 3] == 1;
	size_t at = n;

	memcpy(to, query, n);
	to[2] = 0x81, to[3] = 0x80;
	answers = is_a ? answers : 0;
	to[6] = 0, to[7] = (uint8_t)answers;
	memset(to + 8, 0, 4); /* no further sections */
	for (unsigned i = 0; i < answers; i++) {
		static const uint8_t head[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0};
		memcpy(to + at, head, sizeof head);
		to[at + sizeof head] = (uint8_t)(i / 2 + 1);
		at += sizeof head + 1;
	}
	return at;
}

static inline void on_late(evutil_socket_t fd, short what, void *ctx)
{
	struct rig *r = ctx;
	uint8_t reply[1024];

	(void)fd, (void)what;
	size_t all = answer(reply, r->kept, r->kept_size, 20);
	sendto(r->server, reply, all, 0, (struct sockaddr *)&r->asker, sizeof r->asker);
}

/* The first one for an IPv4 address; what is asked later is never answered. */
static inline void keep_query(
	struct rig *r, const uint8_t *query, size_t n, const struct sockaddr_in *from)
{
	struct timeval tv = {(time_t)(r->late_ms / 1000), (suseconds_t)(r->late_ms % 1000 * 1000)};

	if (r->kept_size)
		return;
	memcpy(r->kept, query, n);
	r->kept_size = n;
	r->asker = *from;
	r->on_late = event_new(r->base, -1, 0, on_late, r);
	event_add(r->on_late, &tv);
}

static inline void on_query(evutil_socket_t fd, short what, void *ctx)
{
	struct rig *r = ctx;
	uint8_t query[512], reply[1024];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &size);

	(void)what;
	if (n < 12)
		return;
	r->queries++;
	/* c-ares 1.18 adds no further section of its own unless told: the question ends the query
	 */
	query[10] = query[11] = 0;
	if (r->late_ms && query[n - 3] == 1) {
		keep_query(r, query, (size_t)n, &from);
		return;
	}
	size_t all = answer(reply, query, (size_t)n, 20);
	sendto(fd, reply, all, 0, (struct sockaddr *)&from, size);
}

/* The name server is gone, and the look-ups with it; another may come. */
static inline void close_server(struct rig *r)
{
	resolver_free(r->r);
	r->r = NULL;
	event_free(r->on_query);
	event_free(r->on_late);
	r->on_query = r->on_late = NULL;
	close(r->server);
	r->server = -1;
	r->told = r->queries = r->kept_size = 0;
}

/* A port of loopback that is ours; `serve`: it answers, else it is silent. */
static inline void open_server(struct rig *r, bool serve)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t size = sizeof in;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r->server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(r->server, (struct sockaddr *)&in, size), 0);
	assert_int_equal(getsockname(r->server, (struct sockaddr *)&in, &size), 0);
	snprintf(r->at, sizeof r->at, "127.0.0.1:%u", ntohs(in.sin_port));
	if (serve) {
		r->on_query = event_new(r->base, r->server, EV_READ | EV_PERSIST, on_query, r);
		event_add(r->on_query, NULL);
	}
}

#endif
