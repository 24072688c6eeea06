/* Role: writes the compact form of a block, which is hashed and signed (protocol.md 4.4).
 * Before: chain/block.c decoded the block. After: chain/verify.c hashes this and checks the
 * signature. */
#include "base/hex.h"
#include "chain/block.h"

static void put_text(struct wr *w, struct slice text)
{
	wr_le(w, text.n, 8);
	wr_slice(w, text);
}

/* An empty or all-zero field is left out entirely, its length, too. */
static void put_bytes(struct wr *w, struct slice bytes)
{
	if (slice_zero(bytes))
		return;
	wr_le(w, 2 * (uint64_t)bytes.n, 8);
	hex_write(w, bytes);
}

static void put_tx(struct wr *w, const struct transaction *tx)
{
	wr_u8(w, 1);
	put_text(w, tx->class_name);
	put_bytes(w, tx->identity);
	put_bytes(w, tx->confirmation);
	put_bytes(w, tx->signing);
	put_bytes(w, tx->encryption);
	if (tx->data.n)
		put_text(w, tx->data);
}

void block_preimage(const struct block *b, enum preimage kind, struct wr *w)
{
	wr_le(w, b->index, 8);
	wr_le(w, (uint64_t)b->timestamp, 8);
	wr_le(w, b->version, 4);
	wr_le(w, b->difficulty, 4);
	wr_le(w, b->random, 4);
	wr_le(w, b->nonce, 8);
	if (kind != PREIMAGE_HASH)
		put_bytes(w, b->hash);
	put_bytes(w, b->prev_hash);
	put_bytes(w, b->pub_key);
	if (kind == PREIMAGE_FULL)
		put_bytes(w, b->signature);
	if (b->full)
		put_tx(w, &b->tx);
}

/* A preimage has hex where the encoding has hex, and longer lengths. */
size_t block_preimage_bound(const struct block *b)
{
	enum { LONGER = 256 };

	return block_encoded_bound(b) + LONGER;
}
