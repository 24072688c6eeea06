/* Takes a block that the node's owner made elsewhere. Before: api/routes.c. After: the hooks of
 * api/api.h; node/node_own_block.c has the answer. */
#include <stdio.h>

#include "api/routes.h"
#include "base/hex.h"
#include "base/mem.h"

enum { CHECK_MS = 20000 /* a block is checked within seconds on the slowest machines */ };

/* Decodes the argument. NULL with the answer written when it is no block. */
static struct block_owned *take_block(struct http_call *c, int *status)
{
	size_t size = c->request->body.n + 1, n;
	char *text = mem_alloc(size);
	struct block_owned *block = NULL;
	enum err err = ERR_MALFORMED;

	if (!text)
		err = ERR_NOMEM;
	else if (http_arg(c->request, "block", text, size) &&
		 hex_decode(slice_str(text), (uint8_t *)text, size, &n))
		err = block_decode_owned(slice_of(text, n), &block);
	mem_free(text);
	if (err == ERR_NOMEM)
		*status = api_error(c, 503, "out of memory");
	else if (err != ERR_OK)
		*status = api_error(c, 400, "the argument block is no block in hex");
	return block;
}

int post_block(const struct api *a, struct http_call *c)
{
	int status = 200;
	struct block_owned *block = take_block(c, &status);

	if (!block)
		return status;
	enum err err = a->hooks.submit(a->hooks.ctx, c->number, &block);
	if (err == ERR_FULL)
		return api_error(c, 503, "the node has too many blocks to check: try again");
	if (err != ERR_OK)
		return api_error(c, 503, err == ERR_NOMEM ? "out of memory" : "the node stops");
	c->waits_ms = CHECK_MS;
	return 200;
}
