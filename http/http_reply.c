/* Answering one request: may this client ask, what does settings.route() say, and out with it.
 * Before: http_conn.c has the request. After: http_conn.c again when all is written, or
 * event_stream.c when the client stays for events. */
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/event_stream.h"
#include "http/http_conn_internal.h"
#include "net/addr.h"

/* An answer that is no page loads nothing and runs nothing. */
static const char NO_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

/* Half an answer is none: without memory for it the client is closed, and gone after the call. */
static void send_answer(
	struct http_conn *c, int status, const struct http_call *call, struct slice body)
{
	uint8_t head[1024];
	struct wr w = wr_of(head, sizeof head);
	struct http_answer a = {
		.status = status,
		.type = call->type,
		.policy = call->policy,
		.more = call->more,
		.length = body.n,
		.endless = call->stays,
		.minor = c->minor,
	};

	c->keep = a.keep = c->keep && !c->last && !a.endless;
	c->phase = PHASE_ANSWERS;
	http_head(&w, &a);
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

void http_reply_error(struct http_conn *c, int status, const char *what)
{
	send_error(c, status, "", what);
}

void http_reply_refuse(struct http_conn *c, int status, const char *what)
{
	c->keep = false;
	c->unread = true;
	http_conn_drop_request(c);
	send_error(c, status, "", what);
}

/* The connection changes hands. */
static void subscribe(struct http_conn *c, const struct http_call *call)
{
	if (c->head) {
		send_answer(c, 200, call, slice_of(NULL, 0));
		return;
	}
	enum err err = event_stream_take(c->all->s.stream, c->bev, c->door == DOOR_LOCAL);
	if (err != ERR_OK) {
		http_reply_error(c, 503,
			err == ERR_FULL ? "limits.max_subscribers are there already"
					: "out of memory");
		return;
	}
	c->bev = NULL;
	http_conn_free(c);
}

/* ---- asking for an answer ---- */

static struct http_call call_of(
	const struct http_conn *c, const struct http_request *q, struct wr *answer)
{
	return (struct http_call){.request = q,
		.right = http_access_right(c->door),
		.answer = answer,
		.type = HTTP_JSON,
		.policy = NO_POLICY,
		.more = ""};
}

static void run_route(struct http_conn *c, const struct http_request *q)
{
	size_t size = (size_t)c->all->s.limits->admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	struct http_call call = call_of(c, q, &w);
	int status = c->all->s.route(c->all->s.ctx, &call);

	if (call.stays && c->door != DOOR_LOCAL && q->other_accept)
		http_reply_error(c, 406,
			"a stream of events is for who asks with Accept: text/event-stream");
	else if (call.stays)
		subscribe(c, &call);
	else if (w.bad)
		http_reply_error(c, 503, "the answer is longer than limits.admin_response_bytes");
	else
		send_answer(c, status, &call, wr_done(&w));
	mem_free(space);
}

/* ---- who asks ---- */

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

/* False when that was the answer. */
static bool may_ask(struct http_conn *c, const struct http_request *q)
{
	const char *error;
	int status = http_access_judge(&c->all->access, c->door, q, &error);

	if (status == 401)
		tell_of_token(c, q);
	if (status != 200)
		send_error(c, status, status == 401 ? ASK_FOR_TOKEN : "", error);
	return status == 200;
}

void http_reply(struct http_conn *c, const struct http_request *q)
{
	if (may_ask(c, q))
		run_route(c, q);
}

bool http_reply_admits(struct http_conn *c, const struct http_request *q)
{
	uint8_t text[2 * HTTP_ERROR_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct http_call call = call_of(c, q, &w);

	bool keep = c->keep;

	c->keep = false; /* who is refused may send the body all the same */
	if (!may_ask(c, q))
		return false;
	int status = c->all->s.admit(c->all->s.ctx, &call);
	if (status != 200) {
		send_answer(c, status, &call, wr_done(&w));
		return false;
	}
	c->keep = keep;
	return true;
}
