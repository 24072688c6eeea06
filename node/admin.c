#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "node/admin.h"
#include "node/events.h"
#include "node/http.h"

enum { REST_MS = 1000, BACKLOG = 16 };

static const char JSON[] = "application/json";

struct client {
	struct admin *admin;
	struct client *next;
	struct bufferevent *bev;
	struct event *deadline; /* for the whole exchange, dribbling does not prolong it */
	bool trusted;           /* came over the Unix socket */
	bool answered;
};

struct admin {
	struct node *node;
	struct evconnlistener *local, *tcp;
	struct event *rest; /* listeners rest for a second when descriptors ran out */
	struct client *clients;
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
};

/* ---- clients ---- */

static void client_free(struct client *c)
{
	struct client **place = &c->admin->clients;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	bound_give(&c->admin->node->config->limits.max_admin_clients, 1);
	if (c->deadline)
		event_free(c->deadline);
	if (c->bev)
		bufferevent_free(c->bev);
	mem_free(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	client_free(ctx);
}

/* ---- answers ---- */

/* Half an answer is none: without memory for it the client is closed, and gone after the call. */
static void send_answer(struct client *c, int status, const char *type, struct slice body)
{
	uint8_t head[512];
	struct wr w = wr_of(head, sizeof head);

	http_head(&w, status, type, body.n);
	c->answered = true;
	bufferevent_disable(c->bev, EV_READ);
	if (bufferevent_write(c->bev, head, w.n) != 0 ||
		bufferevent_write(c->bev, body.p, body.n) != 0)
		client_free(c);
}

static void send_error(struct client *c, int status, const char *what)
{
	char text[256];
	int n = snprintf(text, sizeof text, "{\"error\":\"%s\"}\n", what);

	send_answer(c, status, JSON, slice_of(text, (size_t)n));
}

/* The connection changes hands; the client's record goes at the end of the turn. */
static void subscribe(struct client *c)
{
	if (events_subscribe(c->admin->node->events, c->bev) != ERR_OK) {
		send_error(c, 503, "limits.max_subscribers are there already");
		return;
	}
	c->bev = NULL;
	client_free(c);
}

static void run_route(struct client *c, const struct http_request *q, admin_fn fn)
{
	struct node *n = c->admin->node;
	size_t size = (size_t)n->config->limits.admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	struct admin_call call = {n, q, &w, JSON, false};
	int status = fn(&call);
	if (call.type == JSON)
		wr_u8(&w, '\n');

	if (call.stays)
		subscribe(c);
	else if (w.bad)
		send_error(c, 503, "the answer is longer than limits.admin_response_bytes");
	else
		send_answer(c, status, call.type, wr_done(&w));
	mem_free(space);
}

static bool names_loopback(const char *host)
{
	struct netaddr a;

	if (strncmp(host, "localhost", 9) == 0 && (!host[9] || host[9] == ':'))
		return true;
	return netaddr_parse_loose(slice_str(host), 80, &a) && netaddr_is_loopback(&a);
}

/* A browser can be tricked into asking a loopback address (DNS rebinding, foreign pages): it must
 * name the address itself and come from no page. */
static bool trusted_enough(const struct client *c, const struct http_request *q)
{
	return c->trusted || (!q->origin && strcmp(q->method, "GET") == 0 &&
				     (!q->host[0] || names_loopback(q->host)));
}

static void answer(struct client *c, const struct http_request *q)
{
	int status;
	admin_fn fn = admin_route(q->method, q->path, &status);

	if (!trusted_enough(c, q))
		send_error(c, 403, "only reading, and only by the loopback address");
	else if (fn)
		run_route(c, q, fn);
	else
		send_error(c, status,
			status == 405 ? "this path takes another method" : "there is no such path");
}

/* Input never outgrows its bound. (The read mark of libevent would do the same, but crashes when
 * memory runs out while it is set.) */
static void bound_next_read(struct client *c)
{
	size_t most = (size_t)c->admin->node->config->limits.admin_request_bytes.max;
	size_t held = evbuffer_get_length(bufferevent_get_input(c->bev));

	bufferevent_set_max_single_read(c->bev, most > held ? most - held : 1);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct client *c = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t n = evbuffer_get_length(in);
	struct http_request q;

	if (c->answered)
		return;
	uint8_t *p = evbuffer_pullup(in, -1);
	if (!p)
		return;
	switch (http_parse(slice_of(p, n), &q)) {
	case HTTP_MORE:
		if (n >= c->admin->node->config->limits.admin_request_bytes.max)
			send_error(c, 431, "the request is longer than limits.admin_request_bytes");
		else
			bound_next_read(c);
		break;
	case HTTP_BAD:
		send_error(c, 400, "not an HTTP request of this interface");
		break;
	case HTTP_DONE:
		answer(c, &q);
		break;
	}
}

/* All was written: done. */
static void on_written(struct bufferevent *bev, void *ctx)
{
	struct client *c = ctx;

	(void)bev;
	if (c->answered)
		client_free(c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct client *c = ctx;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		client_free(c);
}

/* ---- listeners ---- */

static bool client_start(struct client *c, evutil_socket_t fd)
{
	const struct limits *l = &c->admin->node->config->limits;
	struct timeval tv = {(time_t)(l->admin_timeout.max / 1000),
		(suseconds_t)(l->admin_timeout.max % 1000 * 1000)};

	c->bev = bufferevent_socket_new(c->admin->node->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		evutil_closesocket(fd);
		return false;
	}
	c->deadline = evtimer_new(c->admin->node->base, on_deadline, c);
	if (!c->deadline || event_add(c->deadline, &tv) != 0)
		return false;
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bound_next_read(c);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0;
}

static void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct admin *a = ctx;
	struct client *c;

	(void)sa;
	(void)len;
	if (!bound_take(&a->node->config->limits.max_admin_clients, 1)) {
		evutil_closesocket(fd);
		return;
	}
	c = mem_alloc(sizeof *c);
	if (!c) {
		bound_give(&a->node->config->limits.max_admin_clients, 1);
		evutil_closesocket(fd);
		return;
	}
	c->admin = a;
	c->trusted = l == a->local;
	c->next = a->clients;
	a->clients = c;
	if (!client_start(c, fd))
		client_free(c);
}

/* False when a listener did not come back for want of memory. */
static bool set_listening(struct admin *a, bool on)
{
	struct evconnlistener *both[] = {a->local, a->tcp};
	bool good = true;

	for (int i = 0; i < 2; i++)
		if (both[i] && (on ? evconnlistener_enable : evconnlistener_disable)(both[i]) != 0)
			good = false;
	return good;
}

static void on_rested(evutil_socket_t fd, short what, void *ctx)
{
	struct admin *a = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	(void)fd;
	(void)what;
	if (!set_listening(a, true))
		event_add(a->rest, &tv);
}

/* Out of descriptors: a listener that stays enabled would spin. */
static void on_accept_error(struct evconnlistener *l, void *ctx)
{
	struct admin *a = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	(void)l;
	log_warn_rarely("admin: cannot accept (%s), resting for a second", strerror(errno));
	if (event_add(a->rest, &tv) == 0)
		set_listening(a, false);
}

static struct evconnlistener *listen_on(struct admin *a, const struct sockaddr *sa, socklen_t len)
{
	struct evconnlistener *l = evconnlistener_new_bind(a->node->base, on_accept, a,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG, sa,
		(int)len);

	if (l)
		evconnlistener_set_error_cb(l, on_accept_error);
	return l;
}

static bool listen_local(struct admin *a, const struct config *c)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int n = c->admin_socket[0] == '/'
			? snprintf(a->path, sizeof a->path, "%s", c->admin_socket)
			: snprintf(a->path, sizeof a->path, "%s/%s", c->data_dir, c->admin_socket);

	if (n < 0 || (size_t)n >= sizeof a->path) {
		log_error("admin.socket: the path is longer than the %zu bytes of a Unix socket: "
			  "set a shorter absolute one",
			sizeof a->path - 1);
		a->path[0] = 0;
		return false;
	}
	memcpy(sa.sun_path, a->path, sizeof a->path);
	unlink(a->path); /* the store's lock is ours, so nobody listens on it any more */
	mode_t old = umask(0077);
	a->local = listen_on(a, (struct sockaddr *)&sa, sizeof sa);
	umask(old);
	if (!a->local)
		log_error("admin.socket: cannot listen on %s: %s", a->path, strerror(errno));
	return a->local != NULL;
}

static bool listen_tcp(struct admin *a, const char *text)
{
	struct sockaddr_storage ss;
	struct netaddr addr;

	if (!netaddr_parse(slice_str(text), &addr) || !netaddr_is_loopback(&addr)) {
		log_error("admin.listen: %s is not a loopback address with a port, such as "
			  "127.0.0.1:4245",
			text);
		return false;
	}
	socklen_t len = netaddr_to_sockaddr(&addr, &ss);
	a->tcp = listen_on(a, (struct sockaddr *)&ss, len);
	if (!a->tcp)
		log_error("admin.listen: cannot listen on %s: %s", text, strerror(errno));
	return a->tcp != NULL;
}

static bool open_listeners(struct admin *a, const struct config *c)
{
	return (!c->admin_socket[0] || listen_local(a, c)) &&
	       (!c->admin_listen[0] || listen_tcp(a, c->admin_listen));
}

static void close_listeners(struct admin *a)
{
	if (a->local) {
		evconnlistener_free(a->local);
		unlink(a->path);
	}
	if (a->tcp)
		evconnlistener_free(a->tcp);
	a->local = a->tcp = NULL;
}

struct admin *admin_start(struct node *n)
{
	struct admin *a = mem_alloc(sizeof *a);

	if (a) {
		a->node = n;
		a->rest = evtimer_new(n->base, on_rested, a);
	}
	if (!a || !a->rest)
		log_error("admin: cannot begin: out of memory");
	else if (open_listeners(a, n->config))
		return a;
	admin_free(a);
	return NULL;
}

bool admin_reload(struct admin *a, const struct config *old, const struct config *fresh)
{
	if (strcmp(old->admin_socket, fresh->admin_socket) == 0 &&
		strcmp(old->admin_listen, fresh->admin_listen) == 0)
		return true;
	close_listeners(a);
	if (open_listeners(a, fresh))
		return true;
	close_listeners(a);
	open_listeners(a, old);
	return false;
}

size_t admin_clients(const struct admin *a)
{
	return (size_t)a->node->config->limits.max_admin_clients.used;
}

void admin_free(struct admin *a)
{
	if (!a)
		return;
	while (a->clients)
		client_free(a->clients);
	close_listeners(a);
	if (a->rest)
		event_free(a->rest);
	mem_free(a);
}
