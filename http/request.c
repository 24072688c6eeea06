/* Parses the head of a request and checks its body (docs/http.md). Everything that two programs
 * could read in two ways is refused: a proxy in front of us and we could then disagree on where the
 * next request begins, and a client could hide a request from the proxy (request smuggling).
 * Before: http/http_conn.c has the bytes. After: request_line.c reads the first line,
 * request_headers.c the others, request_args.c query and form. */
#include "http/request_internal.h"

#include <string.h>

/* Reads a line without its CR LF or LF. False when its end has not come yet. */
static bool take_line(struct rd *r, struct slice *line)
{
	const uint8_t *end = r->left ? memchr(r->p, '\n', r->left) : NULL;

	if (!end)
		return false;
	*line = rd_bytes(r, (size_t)(end - r->p));
	rd_bytes(r, 1);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* ---- the body ---- */

bool http_may_have_body(struct http_request *q, uint64_t most)
{
	if (q->length && strcmp(q->method, "POST") != 0)
		return http_refuse(q, 400, "only a POST may have a body");
	if (q->length && q->other_body)
		return http_refuse(q, 415,
			"arguments belong into the query (?address=...) or into a form "
			"(application/x-www-form-urlencoded)");
	if (q->length > most)
		return http_refuse(q, 413, "the body is longer than limits.http_body_bytes");
	return true;
}

bool http_take_body(struct http_request *q, struct slice body)
{
	while (body.n && (body.p[body.n - 1] == '\n' || body.p[body.n - 1] == '\r'))
		body.n--;
	if (q->json) {
		q->json_body = body;
		return true;
	}
	q->body = body;
	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] <= ' ' || body.p[i] >= 0x7F)
			return http_refuse(q, 400, "the body is no form: address=...");
	return true;
}

/* The empty line has come: draws the conclusions that depend on several headers. */
static void end_head(struct http_request *q, size_t head)
{
	q->head = head;
	q->from_page = q->other_site && !q->navigates;
	q->keep = !q->says_close && (q->minor > 0 || q->says_keep);
}

/* A head that is not complete is parsed again from its beginning when more has come. It is at most
 * limits.admin_request_bytes long, so that costs little and needs no state between the calls. */
enum http_parsed http_parse(struct slice bytes, struct http_request *out)
{
	struct rd r = rd_of(bytes);
	struct slice line;

	*out = (struct http_request){.method = ""};
	if (!take_line(&r, &line))
		return HTTP_MORE;
	if (!http_request_line(line, out))
		return HTTP_BAD;
	while (take_line(&r, &line)) {
		if (!line.n) {
			end_head(out, bytes.n - r.left);
			return out->status ? HTTP_BAD : HTTP_DONE;
		}
		if (!http_request_header(line, out))
			return HTTP_BAD;
	}
	return HTTP_MORE;
}

void http_wipe_body(const struct http_request *q)
{
	const struct slice all[] = {q->body, q->json_body};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].n)
			explicit_bzero((void *)(uintptr_t)all[i].p, all[i].n);
}

bool http_is_head(const struct http_request *q)
{
	return strcmp(q->method, "HEAD") == 0;
}
