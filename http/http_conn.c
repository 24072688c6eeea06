/* One client: it sends a request, gets an answer (http_reply.c), and may ask again. One deadline
 * for each exchange. The stop before is the listeners' (server.c), by http_conns.c. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "http/http_conn_internal.h"

static struct limits *limits_of(const struct http_conn *c)
{
	return c->all->s.limits;
}

static struct evbuffer *input_of(const struct http_conn *c)
{
	return bufferevent_get_input(c->bev);
}

void http_conn_drop_request(struct http_conn *c)
{
	http_body_free(&c->body);
	mem_free(c->request);
	c->request = NULL;
}

void http_conn_free(struct http_conn *c)
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
	http_conn_drop_request(c);
	mem_free(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	http_conn_free(ctx);
}

/* In place of the deadline before. */
static bool set_deadline(struct http_conn *c, const struct bound *time)
{
	struct timeval tv = {(time_t)(time->max / 1000), (suseconds_t)(time->max % 1000 * 1000)};

	c->since_ms = clock_mono(c->all->s.clock);
	return event_add(c->deadline, &tv) == 0;
}

/* ---- reading ---- */

/* Input never outgrows its bound. (The read mark of libevent would do the same, but crashes when
 * memory runs out while it is set.) */
static void bound_next_read(struct http_conn *c, uint64_t wanted)
{
	size_t most = (size_t)limits_of(c)->admin_request_bytes.max;
	size_t held = evbuffer_get_length(input_of(c));
	size_t room = most > held ? most - held : 1;

	bufferevent_set_max_single_read(c->bev, wanted < room ? (size_t)wanted : room);
}

/* The request goes out of the record first: an answer may end it. */
static void take_body(struct http_conn *c)
{
	struct http_request *q = c->request;
	struct http_body body = c->body;

	c->request = NULL;
	c->body = (struct http_body){.total = body.total};
	c->unread = false;
	if (http_take_body(q, http_body_bytes(&body)))
		http_reply(c, q);
	else
		http_reply_error(c, q->status, q->error);
	http_body_free(&body);
	mem_free(q);
}

static void read_body(struct http_conn *c)
{
	size_t whole = (size_t)c->request->length, left = whole - c->body.n;
	size_t here = evbuffer_get_length(input_of(c)), n = here < left ? here : left;
	enum err err = http_body_room(&c->body, n, whole);

	if (err != ERR_OK) {
		http_reply_refuse(c, 503,
			err == ERR_FULL ? "other requests take limits.http_body_total_bytes"
					: "out of memory");
		return;
	}
	if (n)
		evbuffer_remove(input_of(c), c->body.p + c->body.n, n);
	c->body.n += n;
	if (c->body.n == whole)
		take_body(c);
	else
		bound_next_read(c, whole - c->body.n);
}

/* The client may wait to hear that the body is wanted. */
static void await_body(struct http_conn *c, const struct http_request *q)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	c->request = mem_alloc(sizeof *q);
	if (!c->request) {
		http_reply_refuse(c, 503, "out of memory");
		return;
	}
	*c->request = *q;
	c->phase = PHASE_BODY;
	if (q->expects && evbuffer_get_length(input_of(c)) < q->length)
		bufferevent_write(c->bev, go_on, sizeof go_on - 1);
	read_body(c);
}

static void take_head(struct http_conn *c, struct http_request *q)
{
	struct limits *l = limits_of(c);

	c->requests++;
	if (c->requests > l->max_http_requests.peak)
		l->max_http_requests.peak = c->requests;
	c->keep = q->keep && !c->last && c->requests < l->max_http_requests.max;
	c->head = http_is_head(q);
	c->unread = q->length > 0;
	if (!q->length) {
		http_reply(c, q);
	} else if (http_reply_admits(c, q)) {
		if (q->length > l->http_body_bytes.max)
			bound_hit(&l->http_body_bytes);
		if (http_may_have_body(q, l->http_body_bytes.max))
			await_body(c, q);
		else
			http_reply_refuse(c, q->status, q->error);
	}
}

static void read_head(struct http_conn *c)
{
	size_t n = evbuffer_get_length(input_of(c));
	struct http_request q;

	uint8_t *p = n ? evbuffer_pullup(input_of(c), -1) : NULL;
	if (!p)
		return;
	/* The first request's time began when it connected. */
	if (c->phase == PHASE_AWAITS && c->requests &&
		!set_deadline(c, &limits_of(c)->admin_timeout)) {
		http_conn_free(c);
		return;
	}
	c->phase = PHASE_HEAD;
	enum http_parsed parsed = http_parse(slice_of(p, n), &q);
	c->minor = q.minor;
	if (parsed == HTTP_DONE) {
		evbuffer_drain(input_of(c), q.head);
		take_head(c, &q);
	} else if (parsed == HTTP_BAD)
		http_reply_refuse(c, q.status, q.error);
	else if (n >= limits_of(c)->admin_request_bytes.max)
		http_reply_refuse(c, 431, "the request is longer than limits.admin_request_bytes");
	else
		bound_next_read(c, UINT64_MAX);
}

/* ---- after an answer ---- */

/* Until it closes, or its time is over: a connection that is closed while bytes of its client wait
 * to be read is reset, and the client may never see its answer. */
static void drop_rest(struct http_conn *c)
{
	evbuffer_drain(input_of(c), evbuffer_get_length(input_of(c)));
	bound_next_read(c, UINT64_MAX);
}

static void leave(struct http_conn *c)
{
	c->phase = PHASE_LEAVES;
	if (shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0 ||
		bufferevent_enable(c->bev, EV_READ) != 0)
		http_conn_free(c);
	else
		drop_rest(c);
}

/* The next request may have come already. */
static void await_next(struct http_conn *c)
{
	c->phase = PHASE_AWAITS;
	if (!set_deadline(c, &limits_of(c)->http_idle_timeout) ||
		bufferevent_enable(c->bev, EV_READ) != 0) {
		http_conn_free(c);
		return;
	}
	bound_next_read(c, UINT64_MAX);
	read_head(c);
}

/* ---- events ---- */

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct http_conn *c = ctx;

	(void)bev;
	if (c->phase == PHASE_AWAITS || c->phase == PHASE_HEAD)
		read_head(c);
	else if (c->phase == PHASE_BODY)
		read_body(c);
	else if (c->phase == PHASE_LEAVES)
		drop_rest(c);
}

/* Also after "100 Continue". */
static void on_written(struct bufferevent *bev, void *ctx)
{
	struct http_conn *c = ctx;

	(void)bev;
	if (c->phase != PHASE_ANSWERS)
		return;
	if (c->keep && !c->last)
		await_next(c);
	else if (c->unread)
		leave(c);
	else
		http_conn_free(c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct http_conn *c = ctx;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		http_conn_free(c);
}

bool http_conn_start(struct http_conn *c, evutil_socket_t fd)
{
	c->bev = bufferevent_socket_new(c->all->s.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		evutil_closesocket(fd);
		return false;
	}
	c->deadline = evtimer_new(c->all->s.base, on_deadline, c);
	if (!c->deadline || !set_deadline(c, &limits_of(c)->admin_timeout))
		return false;
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bound_next_read(c, UINT64_MAX);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0;
}
