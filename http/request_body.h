/* The body of a request while it comes in. */
#ifndef HTTP_REQUEST_BODY_H
#define HTTP_REQUEST_BODY_H

#include "base/bound.h"
#include "base/err.h"
#include "base/slice.h"

struct http_body {
	struct bound *total; /* limits.http_body_total_bytes: `size` of all of them */
	uint8_t *p;          /* owned */
	size_t n, size;      /* bytes that came, and that there is room for */
};

/* Makes room for n bytes more of a body that is to have `whole` bytes. What was told decides
 * nothing: it grows to twice what has come at most. ERR_FULL, ERR_NOMEM: it stays as it was. */
enum err http_body_room(struct http_body *b, size_t n, size_t whole);

/* What came so far; borrowed. */
struct slice http_body_bytes(const struct http_body *b);

/* Gives back what it took; it may be used again. */
void http_body_free(struct http_body *b);

#endif
