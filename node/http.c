#include <stdio.h>
#include <strings.h>

#include "base/hex.h"
#include "node/http.h"

static bool copy_text(char *to, size_t size, const uint8_t *p, size_t n)
{
	if (n >= size)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] >= 0x7F)
			return false;
	memcpy(to, p, n);
	to[n] = 0;
	return true;
}

/* The line up to CR LF or LF, or false when it is not complete. */
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

/* "GET /path?query HTTP/1.1" */
static bool request_line(struct slice line, struct http_request *out)
{
	const uint8_t *first = line.n ? memchr(line.p, ' ', line.n) : NULL;

	if (!first)
		return false;
	size_t method = (size_t)(first - line.p);
	struct slice rest = slice_of(first + 1, line.n - method - 1);
	const uint8_t *second = rest.n ? memchr(rest.p, ' ', rest.n) : NULL;
	if (!second || rest.p[0] != '/')
		return false;
	size_t target = (size_t)(second - rest.p);
	if (rest.n < target + 8 || memcmp(second + 1, "HTTP/1.", 7) != 0)
		return false;
	const uint8_t *mark = memchr(rest.p, '?', target);
	size_t path = mark ? (size_t)(mark - rest.p) : target;
	return copy_text(out->method, sizeof out->method, line.p, method) &&
	       copy_text(out->path, sizeof out->path, rest.p, path) &&
	       (!mark || copy_text(out->query, sizeof out->query, mark + 1, target - path - 1));
}

static bool header_is(struct slice line, const char *name)
{
	size_t n = strlen(name);

	return line.n > n && line.p[n] == ':' && strncasecmp((const char *)line.p, name, n) == 0;
}

static bool header(struct slice line, struct http_request *out)
{
	if (header_is(line, "Transfer-Encoding"))
		return false;
	if (header_is(line, "Content-Length"))
		for (size_t i = sizeof "Content-Length"; i < line.n; i++)
			if (line.p[i] != ' ' && line.p[i] != '0')
				return false;
	if (header_is(line, "Origin"))
		out->origin = true;
	if (header_is(line, "Host")) {
		size_t from = sizeof "Host";
		while (from < line.n && line.p[from] == ' ')
			from++;
		return copy_text(out->host, sizeof out->host, line.p + from, line.n - from);
	}
	return true;
}

enum http_parsed http_parse(struct slice bytes, struct http_request *out)
{
	struct rd r = rd_of(bytes);
	struct slice line;

	*out = (struct http_request){.method = ""};
	if (!take_line(&r, &line))
		return HTTP_MORE;
	if (!request_line(line, out))
		return HTTP_BAD;
	while (take_line(&r, &line)) {
		if (!line.n)
			return HTTP_DONE;
		if (!header(line, out))
			return HTTP_BAD;
	}
	return HTTP_MORE;
}

static bool take_char(struct rd *r, char *c)
{
	*c = (char)rd_u8(r);
	if (*c != '%')
		return *c != 0;
	struct slice digits = rd_bytes(r, 2);
	uint8_t byte = 0;
	size_t n;
	bool good = digits.n == 2 && hex_decode(digits, &byte, 1, &n) && byte >= 0x20;
	*c = (char)byte;
	return good;
}

bool http_query(const struct http_request *q, const char *key, char *to, size_t size)
{
	const char *at = q->query;
	size_t n = strlen(key), used = 0;

	while (strncmp(at, key, n) != 0 || at[n] != '=') {
		at = strchr(at, '&');
		if (!at)
			return false;
		at++;
	}
	struct rd r = rd_of(slice_of(at + n + 1, strcspn(at + n + 1, "&")));
	while (r.left) {
		if (used + 1 >= size || !take_char(&r, &to[used++]))
			return false;
	}
	to[used] = 0;
	return used > 0;
}

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	}
	return "Internal Server Error";
}

void http_head(struct wr *w, int status, const char *type, size_t length)
{
	char text[256];
	int n = snprintf(text, sizeof text,
		"HTTP/1.0 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n",
		status, reason(status), type, length);

	wr_bytes(w, text, (size_t)n);
}
