/* Answers one request: checks whether the client may ask, calls settings.route(), and sends what it
 * wrote. Before: http_conn.c has read the request. After: http_conn.c when all is sent, or
 * event_stream.c when the client stays for events, http_later.c when its answer comes later. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "http/event_stream.h"
#include "http/http_conn_internal.h"
#include "net/addr.h"

/* The policy of answers that are not pages: a browser that shows one must load and run nothing. */
static const char NO_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

static void on_sent(const void *body, size_t n, void *space)
{
	(void)body;
	(void)n;
	mem_free(space);
}

/* Queues the body: a copy, or, with `space`, the block of memory that it is in. The copy of a large
 * answer would leave a hole in the heap, which the C library keeps. Takes `space` in every case.
 * False when memory runs out. */
static bool queue_body(struct http_conn *c, struct slice body, uint8_t *space)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	bool none = c->head || body.n == 0;

	if (!space)
		return none || evbuffer_add(out, body.p, body.n) == 0;
	if (!none && evbuffer_add_reference(out, body.p, body.n, on_sent, space) == 0)
		return true;
	mem_free(space);
	return none;
}

/* Queues head and body; `space` as in queue_body(). When memory runs out in between it frees the
 * client, because half an answer would mislead it. Input is not read while the answer is written,
 * so a client cannot make us buffer requests. */
void http_reply_send(struct http_conn *c, int status, const struct http_call *call,
	struct slice body, uint8_t *space)
{
	uint8_t head[1024 + HTTP_TEXT_MAX];
	struct wr w = wr_of(head, sizeof head);
	struct http_answer a = {
		.status = status,
		.type = call->type,
		.policy = call->policy,
		.cache = call->cache,
		.more = call->more,
		.length = body.n,
		.endless = call->stays,
		.minor = c->minor,
	};

	c->keep = a.keep = c->keep && !c->last && !a.endless;
	c->phase = PHASE_ANSWERS;
	http_head(&w, &a);
	bufferevent_disable(c->bev, EV_READ);
	bool sent = bufferevent_write(c->bev, head, w.n) == 0;
	if (!queue_body(c, body, space) || !sent)
		http_conn_free(c);
}

void http_reply_late(struct http_conn *c, int status, struct slice body)
{
	const struct http_call call = {
		.type = HTTP_JSON, .policy = NO_POLICY, .cache = HTTP_NO_STORE, .more = ""};

	http_reply_send(c, status, &call, body, NULL);
}

/* Hands the connection to the event stream and frees what is left of the client here, so that its
 * place among the clients becomes free. HEAD gets the headers only. */
static void subscribe(struct http_conn *c, const struct http_call *call)
{
	if (c->head) {
		http_reply_send(c, 200, call, slice_of(NULL, 0), NULL);
		return;
	}
	enum err err = event_stream_take(call->stream, c->bev, c->door == DOOR_LOCAL, call->token);
	if (err != ERR_OK) {
		http_reply_error(c, call->request, 503,
			err == ERR_FULL ? "limits.max_subscribers are there already"
					: "out of memory");
		return;
	}
	c->bev = NULL;
	http_conn_free(c);
}

/* ---- calling the route ---- */

/* The client of a proxy that is trusted is who the proxy says it is. */
static void look_behind_proxy(const struct http_access *a, struct http_call *call)
{
	const struct http_request *q = call->request;

	if (!http_access_is_proxy(a, &call->from))
		return;
	call->https = q->forwarded_https;
	if (q->forwarded_for[0])
		netaddr_parse_loose(slice_str(q->forwarded_for), 0, &call->from);
}

struct http_call http_reply_call(
	const struct http_conn *c, const struct http_request *q, struct wr *answer)
{
	const struct http_settings *s = &c->all->s;
	struct http_call call = {.request = q,
		.right = http_access_right(c->door),
		.door = c->door,
		.from = c->from,
		.token = "",
		.answer = answer,
		.stream = s->stream,
		.type = HTTP_JSON,
		.policy = NO_POLICY,
		.cache = HTTP_NO_STORE,
		.more = ""};

	if (q && c->door == DOOR_WEB)
		look_behind_proxy(&c->all->access, &call);
	if (q && c->door == DOOR_WEB && s->know)
		s->know(s->ctx, &call);
	return call;
}

/* Gives the route a buffer of limits.admin_response_bytes for the answer. Without memory for it the
 * route writes into a buffer of 0 bytes, which fails like an answer that is too long. Programs that
 * do not know event streams, such as a crawler, would hold a subscriber's place for nothing: by
 * TCP the stream is only for clients whose Accept header allows it. */
static void run_route(
	struct http_conn *c, const struct http_request *q, int came_status, struct slice came)
{
	size_t size = (size_t)c->all->s.limits->admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	struct http_call call = http_reply_call(c, q, &w);

	call.number = ++c->all->calls;
	call.came_status = came_status;
	call.came = came;
	int status = c->all->s.route(c->all->s.ctx, &call);

	if (call.stays && c->door != DOOR_LOCAL && q->other_accept)
		http_reply_error(c, q, 406,
			"a stream of events is for who asks with Accept: text/event-stream");
	else if (call.stays)
		subscribe(c, &call);
	else if (call.waits_ms)
		http_later_begin(c, call.number, call.waits_ms, call.again ? q : NULL);
	else if (w.bad) {
		mem_free(space);
		space = NULL;
		http_reply_error(
			c, q, 503, "the answer is longer than limits.admin_response_bytes");
	} else if (!http_error_as_page(c, &call, status)) {
		http_reply_send(c, status, &call, wr_done(&w), space);
		space = NULL;
	}
	mem_free(space);
}

/* The request and the body are moved to locals first, because answering may free `c`, or keep the
 * request once more. */
void http_reply_again(struct http_conn *c, int status, struct slice came)
{
	struct http_request *q = c->request;
	struct http_body body = c->body;

	c->request = NULL;
	c->body = (struct http_body){.total = body.total};
	run_route(c, q, status, came);
	http_body_free(&body);
	mem_free(q);
}

/* ---- who may ask ---- */

/* Makes a browser ask its user for a password. */
static const char ASK_FOR_TOKEN[] = "WWW-Authenticate: Basic realm=\"alfisd\"\r\n"
				    "WWW-Authenticate: Bearer realm=\"alfisd\"\r\n";

/* Logs the address of a client that sent a wrong token. A request without any is not logged: a
 * browser sends one before it asks its user for the password. */
static void tell_of_token(const struct http_conn *c, const struct http_request *q)
{
	char text[NETADDR_TEXT_MAX];

	if (q->auth != AUTH_NONE)
		log_warn_rarely(
			"admin.listen: a wrong token from %s", netaddr_ip_text(&c->from, text));
}

/* False when the client may not ask; the refusal was sent, and `c` may be gone. */
static bool may_ask(struct http_conn *c, const struct http_request *q)
{
	const char *error;
	int status = http_access_judge(&c->all->access, c->door, q, &error);

	if (status == 401)
		tell_of_token(c, q);
	if (status != 200)
		http_error_send(c, q, status, status == 401 ? ASK_FOR_TOKEN : "", error);
	return status == 200;
}

void http_reply(struct http_conn *c, const struct http_request *q)
{
	if (may_ask(c, q))
		run_route(c, q, 0, slice_of(NULL, 0));
}

bool http_reply_admits(struct http_conn *c, const struct http_request *q)
{
	uint8_t text[2 * HTTP_ERROR_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct http_call call = http_reply_call(c, q, &w);

	bool keep = c->keep;

	c->stranger = call.right == RIGHT_NONE;
	c->keep = false; /* a refused client may send the body anyway, so close after the refusal */
	if (!may_ask(c, q))
		return false;
	int status = c->all->s.admit(c->all->s.ctx, &call);
	if (status != 200) {
		if (!http_error_as_page(c, &call, status))
			http_reply_send(c, status, &call, wr_done(&w), NULL);
		return false;
	}
	if (q->json && c->door != DOOR_WEB) {
		http_reply_refuse(c, q, 415,
			"arguments belong into the query (?address=...) or into a form "
			"(application/x-www-form-urlencoded)");
		return false;
	}
	c->keep = keep;
	return true;
}
