/* Blocks that own what their slices point to, in one allocation, and the sizes that follow from the
 * content alone. Before: chain/block.c decodes. After: whoever keeps a block: queues and caches. */
#include "base/mem.h"
#include "chain/block.h"

enum {
	SLICES = 10,
	/* All keys, heads and numbers of a full block take less. */
	ENCODING_OVERHEAD = 320,
};

static void slices_of(struct block *b, struct slice *parts[SLICES])
{
	struct slice *all[SLICES] = {&b->hash, &b->prev_hash, &b->pub_key, &b->signature,
		&b->tx.class_name, &b->tx.identity, &b->tx.confirmation, &b->tx.signing,
		&b->tx.encryption, &b->tx.data};

	memcpy(parts, all, sizeof all);
}

static size_t content_size(const struct block *b)
{
	struct block copy = *b;
	struct slice *parts[SLICES];
	size_t n = 0;

	slices_of(&copy, parts);
	for (int i = 0; i < SLICES; i++)
		n += parts[i]->n;
	return n;
}

struct block_owned *block_copy(const struct block *b)
{
	size_t content = content_size(b);
	struct block_owned *o = mem_alloc(sizeof *o + content);
	struct slice *parts[SLICES];

	if (!o)
		return NULL;
	o->b = *b;
	o->size = sizeof *o + content;
	struct wr w = wr_of(o->space, content);
	slices_of(&o->b, parts);
	for (int i = 0; i < SLICES; i++) {
		wr_slice(&w, *parts[i]);
		*parts[i] = slice_of(parts[i]->n ? w.p + w.n - parts[i]->n : NULL, parts[i]->n);
	}
	return o;
}

/* Decoded into a passing buffer first: the copy takes half of the encoding's length, and it may
 * wait in memory for long. */
enum err block_decode_owned(struct slice cbor, struct block_owned **out)
{
	struct block b;

	*out = NULL;
	if (cbor.n > BLOCK_MAX_ENCODED)
		return ERR_TOO_BIG;
	uint8_t *space = mem_alloc(cbor.n);
	if (!space)
		return ERR_NOMEM;
	enum err e = block_decode(cbor, &b, space, cbor.n);
	if (e == ERR_OK && !(*out = block_copy(&b)))
		e = ERR_NOMEM;
	mem_free(space);
	return e;
}

size_t block_encoded_bound(const struct block *b)
{
	return ENCODING_OVERHEAD + 2 * content_size(b);
}
