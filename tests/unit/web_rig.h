/* The server side of HTTP with a route of the test, in a folder of its own, and clients by hand. */
#ifndef TESTS_UNIT_WEB_RIG_H
#define TESTS_UNIT_WEB_RIG_H

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/event_stream.h"
#include "http/server.h"
#include "tests/unit/main.h"

enum { REPLY_MAX = 1 << 20, TURNS_MAX = 5000 };

struct web {
	struct event_base *base;
	struct config config;
	struct event_stream *stream;
	struct http_server *server;
	char dir[64];
	uint16_t port; /* of admin.listen on 127.0.0.1, admin.metrics_listen on 127.0.0.2 */

	/* What the route answers, */
	int status;
	size_t length; /* of so many 'x' */
	bool stays;
	const char *session; /* the token of who asks; NULL = none */
	/* and what it was asked */
	unsigned asked;
	enum http_right right;
	char path[256];

	/* What subscribers are told: so many times */
	unsigned greeted, beaten;

	char reply[REPLY_MAX];
	size_t reply_size;
};

static inline int web_route(void *ctx, struct http_call *c)
{
	struct web *w = ctx;

	w->asked++;
	w->right = c->right;
	snprintf(w->path, sizeof w->path, "%s", c->request->path);
	c->stays = w->stays;
	c->token = w->session ? w->session : c->token;
	c->type = w->stays ? "text/event-stream" : "text/plain";
	for (size_t i = 0; i < w->length; i++)
		wr_u8(c->answer, 'x');
	return w->status;
}

static inline void web_greet(void *ctx, struct wr *to)
{
	((struct web *)ctx)->greeted++;
	*to = event_begin("hello", to->p, to->size);
	wr_u8(to, '1');
	event_end(to);
}

static inline void web_beat(void *ctx)
{
	((struct web *)ctx)->beaten++;
}

static inline void web_turn(struct web *w)
{
	struct timeval ms = {0, 1000};

	event_base_loopexit(w->base, &ms);
	event_base_dispatch(w->base);
}

/* Until `done`; the test fails when that never comes. */
#define WEB_UNTIL(w, done)                                                                         \
	for (int turns_ = 0; !(done); turns_++) {                                                  \
		if (turns_ == TURNS_MAX)                                                           \
			fail_msg("never: %s", #done);                                              \
		web_turn(w);                                                                       \
	}

/* A port that is free now. */
static inline uint16_t web_free_port(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	close(fd);
	return ntohs(sa.sin_port);
}

/* `sets`: settings as on the command line, NULL at the end. */
static inline void web_begin(struct web *w, const char *const *sets)
{
	char dir[96], at[64], metrics[64];
	const char *all[16] = {dir, at, metrics};
	const char *const no_env[] = {NULL};
	size_t count = 3;

	memset(w, 0, sizeof *w);
	strcpy(w->dir, "/tmp/test_http_XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->port = web_free_port();
	snprintf(dir, sizeof dir, "node.data_dir=%s", w->dir);
	snprintf(at, sizeof at, "admin.listen=127.0.0.1:%u", w->port);
	snprintf(metrics, sizeof metrics, "admin.metrics_listen=127.0.0.2:%u", w->port);
	for (; sets && *sets; sets++)
		all[count++] = *sets;
	if (config_load("/dev/null", all, count, no_env, &w->config) != ERR_OK)
		fail_msg("%s", w->config.errors[0].text);
	w->base = event_base_new();
	w->status = 200;
	const struct event_stream_settings stream = {.base = w->base,
		.places = &w->config.limits.max_subscribers,
		.bytes = &w->config.limits.subscriber_bytes,
		.greet = web_greet,
		.beat = web_beat,
		.ctx = w};
	const struct http_settings s = {.base = w->base,
		.clock = &clock_system,
		.limits = &w->config.limits,
		.stream = w->stream = event_stream_new(&stream),
		.route = web_route,
		.ctx = w};
	int status = 0;
	w->server = http_server_start(&s, &w->config, &status);
	assert_non_null(w->server);
}

static inline void web_end(struct web *w)
{
	http_server_free(w->server);
	event_stream_free(w->stream);
	event_base_free(w->base);
	assert_int_equal(w->config.limits.max_admin_clients.used, 0);
	assert_int_equal(w->config.limits.max_subscribers.used, 0);
	assert_int_equal(rmdir(w->dir), 0); /* the socket is gone */
	assert_int_equal(mem_blocks(), 0);
}

/* ---- clients ---- */

static inline int web_local(struct web *w)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/admin.sock", w->dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	return fd;
}

static inline int web_tcp(struct web *w, const char *host)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(w->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, host, &sa.sin_addr);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	return fd;
}

static inline void web_send(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Takes what has come; true when the server has closed. */
static inline bool web_read(struct web *w, int fd)
{
	ssize_t n;

	while ((n = recv(fd, w->reply + w->reply_size, REPLY_MAX - 1 - w->reply_size,
			MSG_DONTWAIT)) > 0)
		w->reply_size += (size_t)n;
	w->reply[w->reply_size] = 0;
	return n == 0;
}

/* The status of the answer on a connection, which is closed then; 0 when there was none. */
static inline int web_answer(struct web *w, int fd)
{
	int status = 0;

	w->reply_size = 0;
	WEB_UNTIL(w, web_read(w, fd));
	close(fd);
	sscanf(w->reply, "HTTP/1.%*c %d", &status);
	return status;
}

static inline int web_ask(struct web *w, int fd, const char *request)
{
	web_send(fd, request);
	return web_answer(w, fd);
}

static inline bool web_says(const struct web *w, const char *text)
{
	return strstr(w->reply, text) != NULL;
}

#endif
