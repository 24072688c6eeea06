/* A block of ours that was found. See owner/found.h. */
#include "owner/found.h"

#include "base/mem.h"
#include "chain/crypto.h"

enum { VERSION = 1 };

static void take(uint8_t *to, size_t size, struct slice from)
{
	if (from.n == size)
		memcpy(to, from.p, size);
}

void found_of(const struct block *b, struct found *f)
{
	*f = (struct found){.is = true, .is_signed = b->signature.n > 0, .index = b->index};
	take(f->prev_hash, HASH_SIZE, b->prev_hash);
	take(f->hash, HASH_SIZE, b->hash);
	take(f->author, KEY_SIZE, b->pub_key);
}

enum found_place found_place(const struct found *f, const struct chain_tip *tip)
{
	if (f->index > tip->height + 1)
		return FOUND_LATER;
	return f->index == tip->height + 1 && memcmp(f->prev_hash, tip->hash, HASH_SIZE) == 0
		       ? FOUND_NEXT
		       : FOUND_OVER;
}

void found_encode(uint64_t id, const struct block *b, struct wr *w)
{
	uint8_t digest[32];

	wr_u8(w, VERSION);
	wr_be(w, id, 8);
	block_encode(b, w);
	if (w->bad)
		return;
	crypto_digest(wr_done(w), digest);
	wr_bytes(w, digest, sizeof digest);
}

enum err found_decode(struct slice bytes, uint64_t id, struct block_owned **out)
{
	struct rd r = rd_of(bytes);
	uint8_t digest[32];

	*out = NULL;
	if (bytes.n < 1 + 8 + sizeof digest)
		return ERR_MALFORMED;
	crypto_digest(slice_of(bytes.p, bytes.n - sizeof digest), digest);
	if (memcmp(digest, bytes.p + bytes.n - sizeof digest, sizeof digest) != 0 ||
		rd_u8(&r) != VERSION || rd_be64(&r) != id)
		return ERR_MALFORMED;
	enum err err = block_decode_owned(rd_bytes(&r, r.left - sizeof digest), out);
	if (err != ERR_OK)
		return err == ERR_NOMEM ? err : ERR_MALFORMED;
	const struct block *b = &(*out)->b;
	if (b->hash.n == HASH_SIZE && b->pub_key.n == KEY_SIZE && b->index > 0)
		return ERR_OK;
	mem_free(*out);
	*out = NULL;
	return ERR_MALFORMED;
}
