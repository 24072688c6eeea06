/* One client's connection: reads a request, has it answered (http_reply.c), waits for the next one.
 * Each exchange has one deadline, and so has each pause between two.
 * Before: http_conns.c gives it a place. After: http/request.c parses, http_reply.c answers,
 * http_later.c while it waits for its answer. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "http/http_conn_internal.h"

/* Password and path, with each byte written as %XX, and the names of the fields. */
enum { STRANGER_BODY_MAX = 2048 };

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

/* Passwords come to webui.listen: what libevent holds of the input is overwritten when it is freed,
 * wherever that is. Returns what is to be set again afterwards. */
static bool wipe_input(const struct http_conn *c)
{
	return mem_wipe_freed(c->door == DOOR_WEB);
}

/* The rest of the input is freed now, and not in a later turn of the loop. */
static void drop_input(struct http_conn *c)
{
	bool before = wipe_input(c);

	evbuffer_drain(input_of(c), evbuffer_get_length(input_of(c)));
	mem_wipe_freed(before);
}

void http_conn_free(struct http_conn *c)
{
	struct http_conn **place = &c->all->first;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	bound_give(http_conns_places(c->all, c->door), 1);
	c->all->by_tcp -= c->door == DOOR_READ || c->door == DOOR_METRICS;
	if (c->deadline)
		event_free(c->deadline);
	if (c->bev) {
		drop_input(c);
		bufferevent_free(c->bev);
	}
	http_conn_drop_request(c);
	mem_free(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct http_conn *c = ctx;

	(void)fd;
	(void)what;
	if (c->phase == PHASE_WAITS)
		http_later_over(c);
	else
		http_conn_free(c);
}

bool http_conn_set_deadline(struct http_conn *c, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	c->since_ms = clock_mono(c->all->s.clock);
	return event_add(c->deadline, &tv) == 0;
}

static bool set_deadline(struct http_conn *c, const struct bound *time)
{
	return http_conn_set_deadline(c, time->max);
}

/* ---- reading ---- */

/* libevent's read watermark would do the same, but crashes when memory runs out while it is set. */
void http_conn_bound_next_read(struct http_conn *c, uint64_t wanted)
{
	size_t most = (size_t)limits_of(c)->admin_request_bytes.max;
	size_t held = evbuffer_get_length(input_of(c));
	size_t room = most > held ? most - held : 1;

	bufferevent_set_max_single_read(c->bev, wanted < room ? (size_t)wanted : room);
}

/* The body is complete: answers the request. The request and the body are moved to locals first,
 * because answering may free `c`. */
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
		http_reply_error(c, q, q->status, q->error);
	http_body_free(&body);
	mem_free(q);
}

/* Moves what has come of the body from the input buffer to c->body. Only as much is read as the
 * body still needs; bytes after it belong to the next request and stay in the input. */
static void read_body(struct http_conn *c)
{
	size_t whole = (size_t)c->request->length, left = whole - c->body.n;
	size_t here = evbuffer_get_length(input_of(c)), n = here < left ? here : left;
	enum err err = http_body_room(&c->body, n, whole);

	if (err != ERR_OK) {
		http_reply_refuse(c, c->request, 503,
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
		http_conn_bound_next_read(c, whole - c->body.n);
}

/* Starts to read the body. A client that sent "Expect: 100-continue" waits for our go-ahead, unless
 * the body is here already. */
static void await_body(struct http_conn *c, const struct http_request *q)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	c->request = mem_alloc(sizeof *q);
	if (!c->request) {
		http_reply_refuse(c, q, 503, "out of memory");
		return;
	}
	*c->request = *q;
	c->phase = PHASE_BODY;
	if (q->expects && evbuffer_get_length(input_of(c)) < q->length)
		bufferevent_write(c->bev, go_on, sizeof go_on - 1);
	read_body(c);
}

/* The path takes a body from this client: reads it, unless it is too long. What strangers send can
 * only be a log-in. It is short, and not counted with the others' bodies, so that strangers cannot
 * take what all of them have together. */
static void take_announced(struct http_conn *c, struct http_request *q)
{
	struct limits *l = limits_of(c);

	c->body.total = c->stranger ? NULL : &l->http_body_total_bytes;
	if (q->length > l->http_body_bytes.max)
		bound_hit(&l->http_body_bytes);
	if (!http_may_have_body(q, l->http_body_bytes.max))
		http_reply_refuse(c, q, q->status, q->error);
	else if (c->stranger && q->length > STRANGER_BODY_MAX)
		http_reply_refuse(c, q, 413, "this is longer than any log-in: log in first");
	else
		await_body(c, q);
}

/* The head is complete: answers the request, or reads its body first if it may have one. Until the
 * body is read `unread` is set, so that a refusal can still be delivered. */
static void take_head(struct http_conn *c, struct http_request *q)
{
	struct limits *l = limits_of(c);

	c->requests++;
	if (c->requests > l->max_http_requests.peak)
		l->max_http_requests.peak = c->requests;
	c->keep = q->keep && !c->last && c->requests < l->max_http_requests.max;
	c->head = http_is_head(q);
	c->unread = q->length > 0;
	if (!q->length)
		http_reply(c, q);
	else if (http_reply_admits(c, q))
		take_announced(c, q);
}

/* Parses what has come of a head. The first byte of a later request replaces the deadline of the
 * pause by that of an exchange. */
static void read_head(struct http_conn *c)
{
	size_t n = evbuffer_get_length(input_of(c));
	struct http_request q;

	uint8_t *p = n ? evbuffer_pullup(input_of(c), -1) : NULL;
	if (!p)
		return;
	/* The time of the first request began when the client connected. */
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
		http_reply_refuse(c, &q, q.status, q.error);
	else if (n >= limits_of(c)->admin_request_bytes.max)
		http_reply_refuse(
			c, &q, 431, "the request is longer than limits.admin_request_bytes");
	else
		http_conn_bound_next_read(c, UINT64_MAX);
}

/* ---- after an answer ---- */

/* Discards input until the client closes or its deadline passes. If we closed while input is
 * unread, the kernel would send a reset, and the client might never see our answer. */
static void drop_rest(struct http_conn *c)
{
	drop_input(c);
	http_conn_bound_next_read(c, UINT64_MAX);
}

/* Closes our sending side, so that the client sees the end of the answer, and keeps reading. */
static void leave(struct http_conn *c)
{
	c->phase = PHASE_LEAVES;
	if (shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0 ||
		bufferevent_enable(c->bev, EV_READ) != 0)
		http_conn_free(c);
	else
		drop_rest(c);
}

/* Waits for the next request on a kept connection. It may be in the input buffer already, because a
 * client may send several requests without waiting for answers (pipelining). */
static void await_next(struct http_conn *c)
{
	c->phase = PHASE_AWAITS;
	if (!set_deadline(c, &limits_of(c)->http_idle_timeout) ||
		bufferevent_enable(c->bev, EV_READ) != 0) {
		http_conn_free(c);
		return;
	}
	http_conn_bound_next_read(c, UINT64_MAX);
	read_head(c);
}

/* ---- events ---- */

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct http_conn *c = ctx;
	bool before = wipe_input(c);

	(void)bev;
	if (c->phase == PHASE_AWAITS || c->phase == PHASE_HEAD)
		read_head(c);
	else if (c->phase == PHASE_BODY)
		read_body(c);
	else if (c->phase == PHASE_WAITS)
		http_later_read(c);
	else if (c->phase == PHASE_LEAVES)
		drop_rest(c);
	mem_wipe_freed(before);
}

/* The output buffer is empty. That happens after "100 Continue" too, when there is nothing to do:
 * the phase is then still PHASE_BODY. */
static void on_written(struct bufferevent *bev, void *ctx)
{
	struct http_conn *c = ctx;
	bool before = wipe_input(c); /* a request may have come behind the one that was answered */

	(void)bev;
	if (c->phase != PHASE_ANSWERS)
		; /* of "100 Continue" */
	else if (c->keep && !c->last)
		await_next(c);
	else if (c->unread)
		leave(c);
	else
		http_conn_free(c);
	mem_wipe_freed(before);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct http_conn *c = ctx;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		http_conn_free(c);
}

/* The first deadline begins at once: a client that connects and sends nothing must free its place.
 */
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
	http_conn_bound_next_read(c, UINT64_MAX);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0;
}
