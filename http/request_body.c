/* A buffer that grows with what a client has really sent, not with what it announced.
 * Before: http_conn.c reads the bytes. After: request.c checks the complete body. */
#include "http/request_body.h"

#include "base/mem.h"

enum { FIRST_BYTES = 4096 /* most forms are shorter */ };

static void give(const struct http_body *b, size_t n)
{
	if (b->total)
		bound_give(b->total, n);
}

enum err http_body_room(struct http_body *b, size_t n, size_t whole)
{
	size_t need = b->n + n, size = b->size ? 2 * b->size : FIRST_BYTES;

	if (need <= b->size)
		return ERR_OK;
	size = size > whole ? whole : size;
	size = size < need ? need : size;
	if (b->total && !bound_take(b->total, size - b->size))
		return ERR_FULL;
	bool before = mem_wipe_freed(true); /* a password may be in it */
	uint8_t *p = mem_realloc(b->p, size);
	mem_wipe_freed(before);
	if (!p) {
		give(b, size - b->size);
		return ERR_NOMEM;
	}
	b->p = p;
	b->size = size;
	return ERR_OK;
}

struct slice http_body_bytes(const struct http_body *b)
{
	return slice_of(b->p, b->n);
}

void http_body_free(struct http_body *b)
{
	bool before = mem_wipe_freed(true);

	give(b, b->size);
	mem_free(b->p);
	mem_wipe_freed(before);
	*b = (struct http_body){.total = b->total};
}
