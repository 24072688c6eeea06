/* The server side of HTTP without a node: clients are ends of socket pairs, and what a request asks
 * for is told back. Each answer ends with one line of JSON. */
#ifndef TESTS_UNIT_HTTP_RIG_H
#define TESTS_UNIT_HTTP_RIG_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/mem.h"
#include "http/http_conn_internal.h"
#include "tests/unit/main.h"

enum { WEB_CLIENTS = 10, WEB_HEARD = 200000, WEB_PATIENCE_MS = 60000 };

struct web_client {
	int fd;      /* -1: there is none */
	bool closed; /* by the server */
	size_t n;
	char heard[WEB_HEARD + 1]; /* all that was read */
};

struct web_rig {
	struct event_base *base;
	struct event *wake;
	struct limits limits;
	struct clock clock;
	uint64_t now; /* of that clock, milliseconds */
	struct http_conns conns;
	size_t blocks; /* of memory, before */
	unsigned asked, admitted;
	uint64_t later;    /* number of the last request for /later, */
	uint64_t waits_ms; /* which waits so long */
	char body[64];     /* the beginning of the last one */
	struct web_client clients[WEB_CLIENTS];
};

static inline uint64_t web_mono(void *ctx)
{
	return ((struct web_rig *)ctx)->now;
}

/* {"path":"/x","body":12}; /later is not answered; /again waits too, and tells what came; /long has
 * more behind it than a socket takes at once. */
static inline int web_route(void *ctx, struct http_call *c)
{
	struct web_rig *r = ctx;
	struct slice body = c->request->body;
	size_t more = strcmp(c->request->path, "/long") == 0 ? 120000 : 0;

	r->asked++;
	if (strcmp(c->request->path, "/later") == 0 ||
		(strcmp(c->request->path, "/again") == 0 && !c->came_status)) {
		r->later = c->number;
		c->waits_ms = r->waits_ms;
		c->again = c->request->path[1] == 'a';
	}
	if (c->came_status)
		wr_format(c->answer, "<p>%d %.*s %s</p>", c->came_status, (int)c->came.n - 2,
			(const char *)c->came.p, c->request->query);
	snprintf(r->body, sizeof r->body, "%.*s", (int)(body.n < 60 ? body.n : 60),
		body.n ? (const char *)body.p : "");
	wr_format(c->answer, "{\"path\":\"%s\",\"body\":%zu", c->request->path, body.n);
	while (more--)
		wr_u8(c->answer, ' ');
	wr_format(c->answer, "}\n");
	return 200;
}

static inline int web_admit(void *ctx, struct http_call *c)
{
	struct web_rig *r = ctx;

	r->admitted++;
	if (strcmp(c->request->path, "/nothing") != 0)
		return 200;
	wr_format(c->answer, "{\"error\":\"there is no such path\"}\n");
	return 404;
}

static inline void web_on_wake(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what, (void)ctx;
}

static inline void web_begin(struct web_rig *r)
{
	memset(r, 0, sizeof *r);
	r->blocks = mem_blocks();
	limits_default(&r->limits);
	r->clock = (struct clock){clock_system.wall, web_mono, r};
	r->waits_ms = 60000;
	r->base = event_base_new();
	r->wake = evtimer_new(r->base, web_on_wake, NULL);
	r->conns.s = (struct http_settings){.base = r->base,
		.clock = &r->clock,
		.limits = &r->limits,
		.route = web_route,
		.admit = web_admit,
		.ctx = r};
	for (int i = 0; i < WEB_CLIENTS; i++)
		r->clients[i].fd = -1;
}

/* Everybody is gone without a trace, whatever they were doing. */
static inline void web_end(struct web_rig *r)
{
	http_conns_free(&r->conns);
	for (int i = 0; i < WEB_CLIENTS; i++)
		if (r->clients[i].fd >= 0)
			close(r->clients[i].fd);
	event_free(r->wake);
	event_base_free(r->base);
	assert_int_equal(r->limits.max_admin_clients.used, 0);
	assert_int_equal(r->limits.http_body_total_bytes.used, 0);
	assert_int_equal(r->conns.by_tcp, 0);
	assert_int_equal(mem_blocks(), r->blocks);
}

/* Connects; what this client did before is forgotten. */
static inline struct web_client *web_come(struct web_rig *r, int n, enum http_door door)
{
	struct web_client *c = &r->clients[n];
	int pair[2];

	if (c->fd >= 0)
		close(c->fd);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	*c = (struct web_client){.fd = pair[0]};
	http_conns_take(&r->conns, pair[1], door);
	return c;
}

static inline void web_read(struct web_client *c)
{
	ssize_t n = c->fd >= 0 ? read(c->fd, c->heard + c->n, WEB_HEARD - c->n) : -1;

	assert_true(c->n < WEB_HEARD);
	c->closed |= n == 0 || (n < 0 && errno == ECONNRESET);
	c->n += n > 0 ? (size_t)n : 0;
	c->heard[c->n] = 0;
}

/* One turn of the loop, at most 1 ms, after which all have read. */
static inline void web_turn(struct web_rig *r)
{
	struct timeval tv = {0, 1000};

	evtimer_add(r->wake, &tv);
	event_base_loop(r->base, EVLOOP_ONCE);
	for (int i = 0; i < WEB_CLIENTS; i++)
		web_read(&r->clients[i]);
}

#define WEB_UNTIL(r, expr)                                                                         \
	do {                                                                                       \
		uint64_t end_ = clock_mono(&clock_system) + WEB_PATIENCE_MS;                       \
		while (!(expr)) {                                                                  \
			if (clock_mono(&clock_system) > end_)                                      \
				fail_msg("never: %s", #expr);                                      \
			web_turn(r);                                                               \
		}                                                                                  \
	} while (0)

/* Some turns, to see that nothing more happens. */
static inline void web_turns(struct web_rig *r)
{
	for (int i = 0; i < 10; i++)
		web_turn(r);
}

/* What the server takes of it, while it takes something. */
static inline void web_send(struct web_rig *r, struct web_client *c, const void *p, size_t n)
{
	uint64_t end = clock_mono(&clock_system) + WEB_PATIENCE_MS;
	const char *at = p;

	while (n && !c->closed && clock_mono(&clock_system) < end) {
		ssize_t sent = send(c->fd, at, n, MSG_NOSIGNAL);
		if (sent > 0) {
			at += sent;
			n -= (size_t)sent;
		} else if (sent < 0 && errno != EAGAIN) {
			return;
		}
		if (n)
			web_turn(r);
	}
}

static inline void web_say(struct web_rig *r, struct web_client *c, const char *text)
{
	web_send(r, c, text, strlen(text));
}

/* A form of so many bytes: "a=xxx…". */
static inline void web_say_form(struct web_rig *r, struct web_client *c, size_t n)
{
	char *text = malloc(n);

	memset(text, 'x', n);
	memcpy(text, "a=", 2);
	web_send(r, c, text, n);
	free(text);
}

/* How often the text is in what it heard. */
static inline size_t web_count(const struct web_client *c, const char *text)
{
	size_t n = 0;

	for (const char *at = c->heard; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Whole answers. */
static inline size_t web_answers(const struct web_client *c)
{
	return web_count(c, "}\n");
}

#define WEB_GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define WEB_POST(path, length)                                                                     \
	"POST " path " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " length "\r\n\r\n"

/* Asks and waits for the answer. */
static inline void web_ask(struct web_rig *r, struct web_client *c, const char *request)
{
	size_t before = web_answers(c);

	web_say(r, c, request);
	WEB_UNTIL(r, web_answers(c) > before);
}

/* Set-up and end of the group of tests. */
static struct web_rig *web; /* large */

static inline int web_setup(void **state)
{
	(void)state;
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	signal(SIGPIPE, SIG_IGN);
	web = malloc(sizeof *web);
	return web ? 0 : 1;
}

static inline int web_teardown(void **state)
{
	(void)state;
	free(web);
	return 0;
}

#endif
