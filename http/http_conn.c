/* Clients: each sends one request, gets one answer (settings.route) and is closed, or becomes a
 * subscriber (event_stream.c). The stop before is the listeners' (server.c). */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/http_conn_internal.h"
#include "http/event_stream.h"
#include "net/addr.h"

/* An answer that is no page loads nothing and runs nothing. */
static const char NO_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

enum { IDLE_MS = 1000 /* in which an honest client has sent its request */ };

struct http_conn {
	struct http_conns *all;
	struct http_conn *next;
	struct bufferevent *bev;
	struct event *deadline; /* for the whole exchange, dribbling does not prolong it */
	enum http_door door;    /* where it came in */
	uint64_t since_ms;      /* monotonic */
	bool answered;
	bool head; /* asked for the head of an answer alone */
	bool told_to_go_on;
};

static struct limits *limits_of(const struct http_conn *c)
{
	return c->all->s.limits;
}

static void http_conn_free(struct http_conn *c)
{
	struct http_conn **place = &c->all->first;

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
	http_conn_free(ctx);
}

/* ---- answers ---- */

/* Half an answer is none: without memory for it the client is closed, and gone after the call. */
static void send_answer(
	struct http_conn *c, int status, const struct http_call *call, struct slice body)
{
	uint8_t head[1024];
	struct wr w = wr_of(head, sizeof head);
	struct http_answer a = {status, call->type, call->policy, call->more, body.n};

	http_head(&w, &a);
	c->answered = true;
	bufferevent_disable(c->bev, EV_READ);
	if (bufferevent_write(c->bev, head, w.n) != 0 ||
		(!c->head && bufferevent_write(c->bev, body.p, body.n) != 0))
		http_conn_free(c);
}

/* `more`: further header lines. */
static void send_error(struct http_conn *c, int status, const char *more, const char *what)
{
	const struct http_call call = {.type = HTTP_JSON, .policy = NO_POLICY, .more = more};
	uint8_t text[2 * HTTP_ERROR_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct json_wr j = {.w = &w};

	json_open(&j, NULL, '{');
	json_str(&j, "error", what);
	json_close(&j, '}');
	wr_u8(&w, '\n');
	send_answer(c, status, &call, wr_done(&w));
}

/* The connection changes hands; the client's record goes at the end of the turn. */
static void subscribe(struct http_conn *c, const struct http_call *call)
{
	if (c->head) {
		send_answer(c, 200, call, slice_of(NULL, 0));
		return;
	}
	enum err err = event_stream_take(c->all->s.stream, c->bev, c->door == DOOR_LOCAL);
	if (err != ERR_OK) {
		send_error(c, 503, "",
			err == ERR_FULL ? "limits.max_subscribers are there already"
					: "out of memory");
		return;
	}
	c->bev = NULL;
	http_conn_free(c);
}

static void run_route(struct http_conn *c, const struct http_request *q)
{
	size_t size = (size_t)limits_of(c)->admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	struct http_call call = {.request = q,
		.right = http_access_right(c->door),
		.answer = &w,
		.type = HTTP_JSON,
		.policy = NO_POLICY,
		.more = ""};
	int status = c->all->s.route(c->all->s.ctx, &call);

	if (call.stays && c->door != DOOR_LOCAL && q->other_accept)
		send_error(c, 406, "",
			"a stream of events is for who asks with Accept: text/event-stream");
	else if (call.stays)
		subscribe(c, &call);
	else if (w.bad)
		send_error(c, 503, "", "the answer is longer than limits.admin_response_bytes");
	else
		send_answer(c, status, &call, wr_done(&w));
	mem_free(space);
}

/* Browsers ask for a password when they see this. */
static const char ASK_FOR_TOKEN[] = "WWW-Authenticate: Basic realm=\"alfisd\"\r\n"
				    "WWW-Authenticate: Bearer realm=\"alfisd\"\r\n";

/* A wrong one, not the first question of a browser that has yet to ask its user. */
static void tell_of_token(const struct http_conn *c, const struct http_request *q)
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

static void answer(struct http_conn *c, const struct http_request *q)
{
	const char *error;
	int status = http_access_judge(&c->all->access, c->door, q, &error);

	c->head = http_is_head(q);
	if (status == 401)
		tell_of_token(c, q);
	if (status != 200)
		send_error(c, status, status == 401 ? ASK_FOR_TOKEN : "", error);
	else
		run_route(c, q);
}

/* Input never outgrows its bound. (The read mark of libevent would do the same, but crashes when
 * memory runs out while it is set.) */
static void bound_next_read(struct http_conn *c)
{
	size_t most = (size_t)limits_of(c)->admin_request_bytes.max;
	size_t held = evbuffer_get_length(bufferevent_get_input(c->bev));

	bufferevent_set_max_single_read(c->bev, most > held ? most - held : 1);
}

/* The client may have told the length of its body and wait to hear that it is wanted. */
static void wait_for_more(struct http_conn *c, bool asks)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (asks && !c->told_to_go_on)
		bufferevent_write(c->bev, go_on, sizeof go_on - 1);
	c->told_to_go_on |= asks;
	bound_next_read(c);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct http_conn *c = ctx;
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
	struct http_conn *c = ctx;

	(void)bev;
	if (c->answered)
		http_conn_free(c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct http_conn *c = ctx;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		http_conn_free(c);
}

/* ---- beginning ---- */

static bool http_conn_start(struct http_conn *c, evutil_socket_t fd)
{
	const struct limits *l = limits_of(c);
	struct timeval tv = {(time_t)(l->admin_timeout.max / 1000),
		(suseconds_t)(l->admin_timeout.max % 1000 * 1000)};

	c->bev = bufferevent_socket_new(c->all->s.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		evutil_closesocket(fd);
		return false;
	}
	c->deadline = evtimer_new(c->all->s.base, on_deadline, c);
	if (!c->deadline || event_add(c->deadline, &tv) != 0)
		return false;
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bound_next_read(c);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0;
}

/* Somebody who has had time for a request and sent none, the oldest first. */
static struct http_conn *idle_stranger(const struct http_conns *all, uint64_t now)
{
	struct http_conn *found = NULL;

	for (struct http_conn *c = all->first; c; c = c->next)
		if (c->door != DOOR_LOCAL && !c->answered && now - c->since_ms >= IDLE_MS)
			found = c;
	return found;
}

/* Strangers must not close the one door that is the owner's alone. */
static bool has_place(struct http_conns *all, enum http_door door, uint64_t now)
{
	struct bound *places = &all->s.limits->max_admin_clients;
	uint64_t kept = http_places_kept(places->max);

	if (door == DOOR_LOCAL || all->by_tcp + kept < places->max)
		return true;
	bound_hit(places);
	struct http_conn *idle = idle_stranger(all, now);
	if (idle)
		http_conn_free(idle);
	return idle != NULL;
}

void http_conns_take(struct http_conns *all, evutil_socket_t fd, enum http_door door)
{
	struct bound *places = &all->s.limits->max_admin_clients;
	uint64_t now = clock_mono(all->s.clock);

	if (!has_place(all, door, now) || !bound_take(places, 1)) {
		evutil_closesocket(fd);
		return;
	}
	struct http_conn *c = mem_alloc(sizeof *c);
	if (!c) {
		bound_give(places, 1);
		evutil_closesocket(fd);
		return;
	}
	*c = (struct http_conn){.all = all, .next = all->first, .door = door, .since_ms = now};
	all->first = c;
	all->by_tcp += door != DOOR_LOCAL;
	if (!http_conn_start(c, fd))
		http_conn_free(c);
}

void http_conns_free(struct http_conns *all)
{
	while (all->first)
		http_conn_free(all->first);
}
