/* Answers with an error: as a page to a browser, which shows it to somebody who reads, as JSON to
 * everybody else. Before: http_conn.c and http_reply.c refuse a request. After: http_reply.c sends
 * it; settings.refused writes the page. */
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "http/http_conn_internal.h"

/* ---- as a page ---- */

static bool takes_page(const struct http_conn *c, const struct http_request *q)
{
	return q && q->html && c->door != DOOR_METRICS && c->all->s.refused;
}

/* Who is not allowed to ask, or whose head was not read to its end, learns nothing of the node. */
static bool is_stranger(const struct http_conn *c, const struct http_request *q)
{
	const char *error;

	return !q->head || http_access_judge(&c->all->access, c->door, q, &error) != 200;
}

/* False when nothing was sent. */
static bool send_page(struct http_conn *c, const struct http_request *q, int status,
	const char *more, const char *what)
{
	size_t size = (size_t)c->all->s.limits->admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	struct http_call call = http_reply_call(c, q, &w);

	if (is_stranger(c, q)) {
		call.right = RIGHT_NONE;
		call.token = "";
	}
	call.more = more;
	c->all->s.refused(c->all->s.ctx, &call, status, what);
	if (w.bad) {
		mem_free(space);
		return false;
	}
	http_reply_send(c, status, &call, wr_done(&w), space);
	return true;
}

/* ---- as JSON ---- */

static void send_json(struct http_conn *c, int status, const char *more, const char *what)
{
	struct http_call call = http_reply_call(c, NULL, NULL);
	uint8_t text[2 * HTTP_ERROR_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct json_wr j = {.w = &w};

	call.more = more;
	json_open(&j, NULL, '{');
	json_str(&j, "error", what);
	json_close(&j, '}');
	wr_u8(&w, '\n');
	http_reply_send(c, status, &call, wr_done(&w), NULL);
}

void http_error_send(struct http_conn *c, const struct http_request *q, int status,
	const char *more, const char *what)
{
	if (!takes_page(c, q) || !send_page(c, q, status, more, what))
		send_json(c, status, more, what);
}

bool http_error_as_page(struct http_conn *c, const struct http_call *call, int status)
{
	char what[2 * HTTP_ERROR_MAX], more[HTTP_TEXT_MAX];
	struct slice value;
	size_t n;

	if (status < 400 || strcmp(call->type, HTTP_JSON) != 0 || !takes_page(c, call->request) ||
		!json_find(wr_done(call->answer), "error", &value) ||
		!json_get_text(value, (uint8_t *)what, sizeof what - 1, &n))
		return false;
	what[n] = 0;
	snprintf(more, sizeof more, "%s", call->more);
	return send_page(c, call->request, status, more, what);
}

void http_reply_error(
	struct http_conn *c, const struct http_request *q, int status, const char *what)
{
	http_error_send(c, q, status, "", what);
}

/* `q` may be the one that is kept, so that is freed last. */
void http_reply_refuse(
	struct http_conn *c, const struct http_request *q, int status, const char *what)
{
	struct http_request *kept = c->request;

	c->request = NULL;
	c->keep = false;
	c->unread = true;
	http_conn_drop_request(c);
	http_error_send(c, q, status, "", what);
	mem_free(kept);
}
