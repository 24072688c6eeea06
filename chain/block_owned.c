/* Role: makes blocks that own, in one allocation, their canonical encoding and all that their
 * slices point to; and computes the sizes of encodings.
 * Before: chain/block.c decodes and encodes. After: whoever keeps a block: sync/, chain/verify.c,
 * chain/store.c. */
#include <assert.h>

#include "base/mem.h"
#include "chain/block.h"

enum {
	BYTES = 8, /* fields that are written as hex in the encoding */
	/* More than all keys, CBOR heads and numbers of a full block take. */
	ENCODING_OVERHEAD = 320,
};

static void bytes_of(struct block *b, struct slice *parts[BYTES])
{
	struct slice *all[BYTES] = {&b->hash, &b->prev_hash, &b->pub_key, &b->signature,
		&b->tx.identity, &b->tx.confirmation, &b->tx.signing, &b->tx.encryption};

	memcpy(parts, all, sizeof all);
}

static size_t bytes_size(const struct block *b)
{
	struct block copy = *b;
	struct slice *parts[BYTES];
	size_t n = 0;

	bytes_of(&copy, parts);
	for (int i = 0; i < BYTES; i++)
		n += parts[i]->n;
	return n;
}

/* A slice of the buffer `from`, moved to the same place in the copy at `to`. */
static struct slice moved(struct slice part, struct slice from, const uint8_t *to)
{
	return slice_of(part.n ? to + (part.p - from.p) : NULL, part.n);
}

/* Copies the encoding and the decoded fields into one allocation. Texts can be long and stand
 * unchanged in the encoding, so the block's slices point there; only the hex fields are stored a
 * second time. */
static struct block_owned *own(
	const struct block *b, struct slice canonical, const struct transaction *texts)
{
	size_t content = canonical.n + bytes_size(b);
	struct block_owned *o = mem_alloc(sizeof *o + content);
	struct slice *parts[BYTES];

	if (!o)
		return NULL;
	o->b = *b;
	o->size = sizeof *o + content;
	struct wr w = wr_of(o->space, content);
	wr_slice(&w, canonical);
	o->canonical = wr_done(&w);
	o->b.tx.class_name = moved(texts->class_name, canonical, o->space);
	o->b.tx.data = moved(texts->data, canonical, o->space);
	bytes_of(&o->b, parts);
	for (int i = 0; i < BYTES; i++) {
		wr_slice(&w, *parts[i]);
		*parts[i] = slice_of(parts[i]->n ? w.p + w.n - parts[i]->n : NULL, parts[i]->n);
	}
	return o;
}

/* `space` is large enough for the encoding: block_encoded_bound(b) bytes, or the size of the
 * encoding that b was decoded from. */
static struct block_owned *encode_and_own(const struct block *b, uint8_t *space, size_t size)
{
	struct wr w = wr_of(space, size);
	struct transaction texts;

	block_encode_texts(b, &w, &texts);
	assert(!w.bad);
	return own(b, wr_done(&w), &texts);
}

struct block_owned *block_copy(const struct block *b)
{
	size_t size = block_encoded_bound(b);
	uint8_t *space = mem_alloc(size);
	struct block_owned *o = space ? encode_and_own(b, space, size) : NULL;

	mem_free(space);
	return o;
}

/* Decodes and encodes in a temporary buffer first, so that the block that stays, perhaps for long,
 * has no unused bytes. The canonical encoding is never longer than the one that was received, so
 * cbor.n bytes are enough for it. */
enum err block_decode_owned(struct slice cbor, struct block_owned **out)
{
	struct block b;

	*out = NULL;
	if (cbor.n > BLOCK_MAX_ENCODED)
		return ERR_TOO_BIG;
	uint8_t *space = mem_alloc(2 * cbor.n);
	if (!space)
		return ERR_NOMEM;
	enum err e = block_decode(cbor, &b, space, cbor.n);
	if (e == ERR_OK && !(*out = encode_and_own(&b, space + cbor.n, cbor.n)))
		e = ERR_NOMEM;
	mem_free(space);
	return e;
}

size_t block_encoded_bound(const struct block *b)
{
	return ENCODING_OVERHEAD + 2 * bytes_size(b) + b->tx.class_name.n + b->tx.data.n;
}
