/* Just enough HTTP/1.0 for the admin interface: one request, one answer, then close. Pure. */
#ifndef NODE_HTTP_H
#define NODE_HTTP_H

#include "base/cursor.h"

struct http_request {
	char method[8];  /* "GET", "POST" */
	char path[256];  /* without the query */
	char query[256]; /* behind '?', or "" */
	char host[128];  /* Host header, or "" */
	bool origin;     /* an Origin header is there: a browser page asks */
};

enum http_parsed { HTTP_MORE, HTTP_BAD, HTTP_DONE };

/* Judges what has arrived so far. Bodies are not used by any request and are refused. */
enum http_parsed http_parse(struct slice bytes, struct http_request *out);

/* The value of a key of the query, with %XX decoded. False when it is absent, malformed or too
 * long. */
bool http_query(const struct http_request *q, const char *key, char *to, size_t size);

/* Status line and headers for a body of `length` bytes. */
void http_head(struct wr *w, int status, const char *type, size_t length);

#endif
