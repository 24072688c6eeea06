/* A buffer for the body of a request while it comes in. A password may be in it, so it is
 * overwritten before its memory is given back. */
#ifndef HTTP_REQUEST_BODY_H
#define HTTP_REQUEST_BODY_H

#include "base/bound.h"
#include "base/err.h"
#include "base/slice.h"

struct http_body {
	/* limits.http_body_total_bytes: the sum of all `size`; borrowed. NULL: it is not counted,
	 * since the caller bounds it by the number of clients. */
	struct bound *total;
	uint8_t *p;     /* owned; NULL when size is 0 */
	size_t n, size; /* bytes that have come, bytes allocated */
};

/* Makes room for n more bytes at p + b->n; the caller writes them and adds n. `whole` is the length
 * that the client declared. It only ever lowers the allocation, which grows by doubling as bytes
 * come in (from 4 kB), so a client cannot make us allocate by declaring a length. ERR_FULL (the row
 * `total`), ERR_NOMEM: the buffer is unchanged. */
enum err http_body_room(struct http_body *b, size_t n, size_t whole);

/* The bytes that have come so far; borrowed until the next call for this buffer. */
struct slice http_body_bytes(const struct http_body *b);

/* Frees the buffer, and gives its bytes back to `total`. It may be used again. */
void http_body_free(struct http_body *b);

#endif
