/* Answers that come later than their route returns. The client keeps its place and has a deadline;
 * an answer finds it by the number of its request, so that one for a client that is gone finds
 * nobody. A route that makes a page of what comes has its request kept, and is called again.
 * Before: http_reply.c called the route. After: http_reply.c sends the answer. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <string.h>

#include "base/mem.h"
#include "http/http_conn_internal.h"

/* What has come of further requests stays in the input, up to its bound. Input is read on, because
 * that is how we see that the client is gone. */
void http_later_read(struct http_conn *c)
{
	size_t held = evbuffer_get_length(bufferevent_get_input(c->bev));

	if (held < c->all->s.limits->admin_request_bytes.max)
		http_conn_bound_next_read(c, UINT64_MAX);
	else
		bufferevent_disable(c->bev, EV_READ);
}

/* Copies a request with its body, whose bytes are counted like those that are read. ERR_FULL,
 * ERR_NOMEM. */
static enum err keep(struct http_conn *c, const struct http_request *q)
{
	struct slice body = q->json ? q->json_body : q->body;
	enum err err = http_body_room(&c->body, body.n, body.n);

	c->request = err == ERR_OK ? mem_alloc(sizeof *q) : NULL;
	if (!c->request) {
		http_conn_drop_request(c);
		return err == ERR_OK ? ERR_NOMEM : err;
	}
	*c->request = *q;
	if (body.n)
		memcpy(c->body.p, body.p, body.n);
	c->body.n = body.n;
	*(q->json ? &c->request->json_body : &c->request->body) = http_body_bytes(&c->body);
	return ERR_OK;
}

void http_later_begin(
	struct http_conn *c, uint64_t number, uint64_t waits_ms, const struct http_request *again)
{
	enum err err = again ? keep(c, again) : ERR_OK;

	if (err != ERR_OK) {
		http_reply_error(c, NULL, 503,
			err == ERR_FULL ? "other requests take limits.http_body_total_bytes"
					: "out of memory");
		return;
	}
	c->phase = PHASE_WAITS;
	c->number = number;
	if (http_conn_set_deadline(c, c->all->s.limits->admin_timeout.max + waits_ms))
		http_later_read(c);
	else
		http_conn_free(c);
}

/* Has time for the answer from now on; false when memory ran out, and `c` is gone. */
static bool end_waiting(struct http_conn *c)
{
	if (http_conn_set_deadline(c, c->all->s.limits->admin_timeout.max))
		return true;
	http_conn_free(c);
	return false;
}

static void give(struct http_conn *c, int status, struct slice body)
{
	if (c->request)
		http_reply_again(c, status, body);
	else
		http_reply_late(c, status, body);
}

void http_later_over(struct http_conn *c)
{
	static const char none[] = "{\"error\":\"the answer did not come in time\"}\n";

	if (end_waiting(c))
		give(c, 504, slice_str(none));
}

bool http_later_answer(struct http_conns *all, uint64_t number, int status, struct slice body)
{
	struct http_conn *c = all->first;

	while (c && (c->phase != PHASE_WAITS || c->number != number))
		c = c->next;
	if (c && end_waiting(c))
		give(c, status, body);
	return c != NULL;
}
