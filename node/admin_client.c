/* Clients of the admin interface: each sends one request, gets one answer (admin_routes.c) and is
 * closed, or becomes a subscriber (events.c). The stop before is the listeners' (admin.c). */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "node/admin.h"
#include "node/admin_client.h"
#include "node/events.h"
#include "node/http.h"
#include "node/page.h"

static const char *const types[] = {
	[ANSWER_JSON] = "application/json",
	[ANSWER_METRICS] = "text/plain; version=0.0.4; charset=utf-8",
	[ANSWER_PAGE] = "text/html; charset=utf-8",
	[ANSWER_EVENTS] = "text/event-stream",
};

/* An answer that is no page loads nothing and runs nothing. */
static const char NO_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

enum { IDLE_MS = 1000 /* in which an honest client has sent its request */ };

struct client {
	struct clients *all;
	struct client *next;
	struct bufferevent *bev;
	struct event *deadline; /* for the whole exchange, dribbling does not prolong it */
	enum admin_door door;   /* where it came in */
	uint64_t since_ms;      /* monotonic */
	bool answered;
	bool head; /* asked for the head of an answer alone */
	bool told_to_go_on;
};

static struct limits *limits_of(const struct client *c)
{
	return &c->all->node->config->limits;
}

static void client_free(struct client *c)
{
	struct client **place = &c->all->first;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	bound_give(&limits_of(c)->max_admin_clients, 1);
	c->all->by_tcp -= c->door != DOOR_LOCAL;
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

/* Half an answer is none: without memory for it the client is closed, and gone after the call.
 * `more`: further header lines. */
static void send_answer(
	struct client *c, int status, enum answer_type type, const char *more, struct slice body)
{
	uint8_t head[1024];
	struct wr w = wr_of(head, sizeof head);
	struct http_answer a = {
		status, types[type], type == ANSWER_PAGE ? page_policy : NO_POLICY, more, body.n};

	http_head(&w, &a);
	c->answered = true;
	bufferevent_disable(c->bev, EV_READ);
	if (bufferevent_write(c->bev, head, w.n) != 0 ||
		(!c->head && bufferevent_write(c->bev, body.p, body.n) != 0))
		client_free(c);
}

static void send_error(struct client *c, int status, const char *more, const char *what)
{
	uint8_t text[2 * HTTP_ERROR_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct json_wr j = {.w = &w};

	json_open(&j, NULL, '{');
	json_str(&j, "error", what);
	json_close(&j, '}');
	wr_u8(&w, '\n');
	send_answer(c, status, ANSWER_JSON, more, wr_done(&w));
}

/* The connection changes hands; the client's record goes at the end of the turn. */
static void subscribe(struct client *c)
{
	if (c->head) {
		send_answer(c, 200, ANSWER_EVENTS, "", slice_of(NULL, 0));
		return;
	}
	enum err err = events_subscribe(c->all->node->events, c->bev, c->door == DOOR_LOCAL);
	if (err != ERR_OK) {
		send_error(c, 503, "",
			err == ERR_FULL ? "limits.max_subscribers are there already"
					: "out of memory");
		return;
	}
	c->bev = NULL;
	client_free(c);
}

static void run_route(
	struct client *c, const struct http_request *q, const struct admin_route *route)
{
	size_t size = (size_t)limits_of(c)->admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	struct admin_call call = {c->all->node, q, &w, ANSWER_JSON, false};
	int status = route->fn(&call);
	if (call.type == ANSWER_JSON)
		wr_u8(&w, '\n');

	if (call.stays && c->door != DOOR_LOCAL && q->other_accept)
		send_error(c, 406, "",
			"a stream of events is for who asks with Accept: text/event-stream");
	else if (call.stays)
		subscribe(c);
	else if (w.bad)
		send_error(c, 503, "", "the answer is longer than limits.admin_response_bytes");
	else
		send_answer(c, status, call.type, "", wr_done(&w));
	mem_free(space);
}

/* `takes`: the method of that path, NULL when there is no such path. */
static void no_route(struct client *c, const char *takes)
{
	if (!takes)
		send_error(c, 404, "",
			"there is no such path: docs/api.md has the list, and what follows /block/, "
			"/domain/ and /key/");
	else if (strcmp(takes, "POST") == 0)
		send_error(c, 405, "Allow: POST\r\n", "this path takes a POST");
	else
		send_error(c, 405, "Allow: GET, HEAD\r\n", "this path is read with GET");
}

static void no_right(struct client *c)
{
	send_error(c, 403, "",
		c->door == DOOR_METRICS
			? "only /metrics and /health are here"
			: "only reading here: changes are asked for at the Unix socket admin.socket");
}

/* Browsers ask for a password when they see this. */
static const char ASK_FOR_TOKEN[] = "WWW-Authenticate: Basic realm=\"alfisd\"\r\n"
				    "WWW-Authenticate: Bearer realm=\"alfisd\"\r\n";

/* A wrong one, not the first question of a browser that has yet to ask its user. */
static void tell_of_token(const struct client *c, const struct http_request *q)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;
	char text[NETADDR_TEXT_MAX];
	struct netaddr from;

	if (q->auth != AUTH_NONE &&
		getpeername(bufferevent_getfd(c->bev), (struct sockaddr *)&ss, &n) == 0 &&
		netaddr_from_sockaddr((struct sockaddr *)&ss, &from))
		log_warn_rarely(
			"admin.listen: a wrong token from %s", netaddr_ip_text(&from, text));
}

static void answer(struct client *c, const struct http_request *q)
{
	char text[HTTP_ERROR_MAX];
	const char *takes, *error;
	const struct admin_route *route = admin_route(q, &takes);
	int status = admin_access_judge(&c->all->access, c->door, q, &error);

	c->head = http_is_head(q);
	if (status == 401)
		tell_of_token(c, q);
	if (status != 200)
		send_error(c, status, status == 401 ? ASK_FOR_TOKEN : "", error);
	else if (route && route->right > admin_access_right(c->door))
		no_right(c);
	else if (!route)
		no_route(c, takes);
	else if (!http_check_args(q, route->args, text))
		send_error(c, 400, "", text);
	else
		run_route(c, q, route);
}

/* Input never outgrows its bound. (The read mark of libevent would do the same, but crashes when
 * memory runs out while it is set.) */
static void bound_next_read(struct client *c)
{
	size_t most = (size_t)limits_of(c)->admin_request_bytes.max;
	size_t held = evbuffer_get_length(bufferevent_get_input(c->bev));

	bufferevent_set_max_single_read(c->bev, most > held ? most - held : 1);
}

/* The client may have told the length of its body and wait to hear that it is wanted. */
static void wait_for_more(struct client *c, bool asks)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (asks && !c->told_to_go_on)
		bufferevent_write(c->bev, go_on, sizeof go_on - 1);
	c->told_to_go_on |= asks;
	bound_next_read(c);
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
	enum http_parsed parsed = http_parse(slice_of(p, n), &q);
	if (parsed == HTTP_DONE)
		answer(c, &q);
	else if (parsed == HTTP_BAD)
		send_error(c, q.status, "", q.error);
	else if (n >= limits_of(c)->admin_request_bytes.max)
		send_error(c, 431, "", "the request is longer than limits.admin_request_bytes");
	else
		wait_for_more(c, parsed == HTTP_CONTINUE);
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

/* ---- beginning ---- */

static bool client_start(struct client *c, evutil_socket_t fd)
{
	const struct limits *l = limits_of(c);
	struct timeval tv = {(time_t)(l->admin_timeout.max / 1000),
		(suseconds_t)(l->admin_timeout.max % 1000 * 1000)};

	c->bev = bufferevent_socket_new(c->all->node->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		evutil_closesocket(fd);
		return false;
	}
	c->deadline = evtimer_new(c->all->node->base, on_deadline, c);
	if (!c->deadline || event_add(c->deadline, &tv) != 0)
		return false;
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bound_next_read(c);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0;
}

/* Somebody who has had time for a request and sent none, the oldest first. */
static struct client *idle_stranger(const struct clients *all, uint64_t now)
{
	struct client *found = NULL;

	for (struct client *c = all->first; c; c = c->next)
		if (c->door != DOOR_LOCAL && !c->answered && now - c->since_ms >= IDLE_MS)
			found = c;
	return found;
}

/* Strangers must not close the one door that is the owner's alone. */
static bool has_place(struct clients *all, enum admin_door door, uint64_t now)
{
	struct bound *places = &all->node->config->limits.max_admin_clients;
	uint64_t kept = admin_places_kept(places->max);

	if (door == DOOR_LOCAL || all->by_tcp + kept < places->max)
		return true;
	bound_hit(places);
	struct client *idle = idle_stranger(all, now);
	if (idle)
		client_free(idle);
	return idle != NULL;
}

void clients_take(struct clients *all, evutil_socket_t fd, enum admin_door door)
{
	struct bound *places = &all->node->config->limits.max_admin_clients;
	uint64_t now = clock_mono(all->node->clock);

	if (!has_place(all, door, now) || !bound_take(places, 1)) {
		evutil_closesocket(fd);
		return;
	}
	struct client *c = mem_alloc(sizeof *c);
	if (!c) {
		bound_give(places, 1);
		evutil_closesocket(fd);
		return;
	}
	*c = (struct client){.all = all, .next = all->first, .door = door, .since_ms = now};
	all->first = c;
	all->by_tcp += door != DOOR_LOCAL;
	if (!client_start(c, fd))
		client_free(c);
}

void clients_free(struct clients *all)
{
	while (all->first)
		client_free(all->first);
}
