/* Reads the first line of a request, "GET /path?query HTTP/1.1". Before: request.c. */
#include "http/request_internal.h"

bool http_refuse(struct http_request *q, int status, const char *error)
{
	q->status = status;
	q->error = error;
	return false;
}

static bool is_text(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7F)
			return false;
	return true;
}

bool http_copy_text(char *to, size_t size, struct slice text)
{
	if (text.n >= size || !is_text(text))
		return false;
	if (text.n)
		memcpy(to, text.p, text.n);
	to[text.n] = 0;
	return true;
}

/* Nothing is wrong so far. */
static bool taken(struct http_request *q)
{
	q->status = 0;
	q->error = NULL;
	return true;
}

/* The rest of the head is read all the same: it tells whether a page can say so, and in what
 * language. */
static bool too_long(struct http_request *q, const char *error)
{
	http_refuse(q, 414, error);
	return true;
}

/* Reads "/path?query". Unprintable characters are refused with the reason that http_request_line()
 * has set, a part that is too long with its own. */
static bool take_target(struct slice target, struct http_request *q)
{
	const uint8_t *mark = memchr(target.p, '?', target.n);
	size_t path = mark ? (size_t)(mark - target.p) : target.n;

	size_t query = mark ? target.n - path - 1 : 0;

	if (path >= sizeof q->path)
		return is_text(target) && too_long(q, "the path is too long");
	if (!http_copy_text(q->path, sizeof q->path, slice_of(target.p, path)))
		return false;
	if (query >= sizeof q->query)
		return is_text(target) && too_long(q, "the query is too long");
	if (mark && !http_copy_text(q->query, sizeof q->query, slice_of(mark + 1, query)))
		return false;
	return taken(q);
}

/* Reads "HTTP/1.x". Any later minor version is treated as 1.1, as the standard asks. */
static bool take_version(struct slice text, struct http_request *q)
{
	if (text.n != 8 || memcmp(text.p, "HTTP/1.", 7) != 0 || text.p[7] < '0' || text.p[7] > '9')
		return false;
	q->minor = text.p[7] > '0';
	return true;
}

bool http_request_line(struct slice line, struct http_request *q)
{
	const uint8_t *first = line.n ? memchr(line.p, ' ', line.n) : NULL;

	http_refuse(q, 400, "this is no HTTP/1 request");
	if (!first || !http_copy_text(q->method, sizeof q->method,
			      slice_of(line.p, (size_t)(first - line.p))))
		return false;
	struct slice rest = slice_of(first + 1, line.n - (size_t)(first - line.p) - 1);
	const uint8_t *second = rest.n ? memchr(rest.p, ' ', rest.n) : NULL;
	if (!second || rest.p[0] != '/')
		return false;
	size_t target = (size_t)(second - rest.p);
	if (!take_version(slice_of(second + 1, rest.n - target - 1), q))
		return false;
	return take_target(slice_of(rest.p, target), q);
}
