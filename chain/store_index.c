/* Role: computes the rows of all tables for a block, writes them with it and deletes them with it.
 * Before: chain/chain.c appends and truncates. After: chain/store.c. */
#include <assert.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/store_internal.h"

enum { HEAD_SIZE = 4 * 8 + 1 + HASH_SIZE + KEY_SIZE };

/* ---- append ---- */

static void put_encoding(struct store *s, const struct block_owned *o)
{
	struct store_key key = key_number(o->b.index);

	row_put(s, TABLE_BLOCKS, key_slice(&key), o->canonical);
}

static void put_summary(struct store *s, const struct block *b)
{
	struct store_key key = key_number(b->index);
	uint8_t bytes[HEAD_SIZE];
	struct wr w = wr_of(bytes, sizeof bytes);
	struct block_summary below = {0};

	if (!b->full)
		summary_read(&s->own, b->index - 1, &below);
	wr_be(&w, (uint64_t)b->timestamp, 8);
	wr_be(&w, b->nonce, 8);
	wr_be(&w, slice_tail(b->signature), 8);
	wr_be(&w, b->full ? b->index : below.last_full, 8);
	wr_u8(&w, b->full);
	wr_slice(&w, b->hash);
	wr_slice(&w, b->pub_key);
	assert(!w.bad && w.n == HEAD_SIZE);
	row_put(s, TABLE_HEADS, key_slice(&key), wr_done(&w));
}

static void put_hash(struct store *s, const struct block *b)
{
	struct store_key index = key_number(b->index);

	row_put(s, TABLE_HASHES, b->hash, key_slice(&index));
}

/* From the author's latest row below an index: the number of its blocks and its last full one; 0 =
 * none. */
static void author_below(
	struct store *s, const uint8_t *author, uint64_t index, uint64_t *total, uint64_t *full)
{
	struct store_key key = key_digest(author, index);
	struct row r;

	*total = *full = 0;
	if (!row_below(&s->own, TABLE_AUTHORS, key_slice(&key), &r) ||
		memcmp(r.key.p, author, KEY_SIZE) != 0)
		return;
	struct rd rd = rd_of(r.value);
	*total = rd_be64(&rd);
	*full = rd_be64(&rd);
}

static void put_rank(struct store *s, const uint8_t *author, uint64_t total)
{
	struct store_key key = key_rank(total, author);

	if (total)
		row_put(s, TABLE_RANK, key_slice(&key), slice_of(NULL, 0));
}

static void delete_rank(struct store *s, const uint8_t *author, uint64_t total)
{
	struct store_key key = key_rank(total, author);

	if (total)
		row_delete(s, TABLE_RANK, key_slice(&key));
}

static void put_author(struct store *s, const struct block *b)
{
	struct store_key key = key_digest(b->pub_key.p, b->index);
	uint64_t total, full;
	uint8_t bytes[16];
	struct wr w = wr_of(bytes, sizeof bytes);

	author_below(s, b->pub_key.p, b->index, &total, &full);
	wr_be(&w, total + 1, 8);
	wr_be(&w, b->full ? b->index : full, 8);
	row_put(s, TABLE_AUTHORS, key_slice(&key), wr_done(&w));
	delete_rank(s, b->pub_key.p, total);
	put_rank(s, b->pub_key.p, total + 1);
}

/* The key of a name's row. It holds a digest of the identity, because an identity can be longer
 * than a key may be. */
static struct store_key domain_key(const struct block *b)
{
	uint8_t digest[32];

	crypto_digest(b->tx.identity, digest);
	return key_digest(digest, b->index);
}

static void put_domain(struct store *s, const struct block *b)
{
	struct store_key key;
	uint8_t bytes[8 + KEY_SIZE];
	struct wr w = wr_of(bytes, sizeof bytes);
	/* A block that names no owner makes its author the owner (7.12). */
	struct slice owner = b->tx.signing.n ? b->tx.signing : b->pub_key;

	if (!block_is_domain(b))
		return;
	key = domain_key(b);
	wr_be(&w, (uint64_t)b->timestamp, 8);
	if (owner.n == KEY_SIZE)
		wr_slice(&w, owner);
	row_put(s, TABLE_DOMAINS, key_slice(&key), wr_done(&w));
}

enum err store_append(struct store *s, const struct block_owned *o)
{
	const struct block *b = &o->b;

	assert(b->hash.n == HASH_SIZE && b->pub_key.n == KEY_SIZE);
	if (!rows_write(s))
		return s->err;
	/* The caller took the index from the row of the last block; another height means damage. */
	if (b->index != s->height + 1) {
		store_fail(s, ERR_CORRUPT, "append a block", "the last one says another height");
		return s->err;
	}
	put_encoding(s, o);
	put_summary(s, b);
	put_hash(s, b);
	put_author(s, b);
	put_domain(s, b);
	if (!s->err)
		s->height = b->index;
	return s->err;
}

enum err store_add_ban(struct store *s, const struct ban *b)
{
	struct store_key place = key_ban(b->closing, b->place);

	assert(s->err || b->closing == s->height);
	row_put(s, TABLE_BANS, key_slice(&place), slice_of(b->key, KEY_SIZE));
	row_put(s, TABLE_BANNED, slice_of(b->key, KEY_SIZE), key_slice(&place));
	return s->err;
}

static void delete_domain(struct store *s, const struct block *b)
{
	if (!block_is_domain(b))
		return;
	struct store_key key = domain_key(b);
	row_delete(s, TABLE_DOMAINS, key_slice(&key));
}

enum err store_exchange(struct store *s, const struct block_owned *o)
{
	const struct block *b = &o->b;
	struct block_owned *old = store_block(s, b->index);

	if (!old || !slice_eq(old->b.hash, b->hash) || !slice_eq(old->b.signature, b->signature)) {
		mem_free(old);
		return s->err ? s->err : ERR_REFUSED;
	}
	if (rows_write(s)) {
		delete_domain(s, &old->b);
		put_encoding(s, o);
		put_domain(s, b);
	}
	mem_free(old);
	return s->err;
}

/* ---- truncate ---- */

static void delete_author(struct store *s, const struct block *b)
{
	struct store_key key = key_digest(b->pub_key.p, b->index);
	uint64_t total, full;

	author_below(s, b->pub_key.p, b->index, &total, &full);
	row_delete(s, TABLE_AUTHORS, key_slice(&key));
	delete_rank(s, b->pub_key.p, total + 1);
	put_rank(s, b->pub_key.p, total);
}

/* Deletes the bans of one closing block, whose places are 0, 1, … without a gap. */
static void delete_bans(struct store *s, uint64_t closing)
{
	uint8_t author[KEY_SIZE];
	struct slice value;

	for (uint32_t i = 0;; i++) {
		struct store_key place = key_ban(closing, i);
		if (!row_get(&s->own, TABLE_BANS, key_slice(&place), &value))
			return;
		struct rd r = rd_of(value);
		rd_copy(&r, author, KEY_SIZE);
		row_delete(s, TABLE_BANNED, slice_of(author, KEY_SIZE));
		row_delete(s, TABLE_BANS, key_slice(&place));
	}
}

static void delete_top(struct store *s)
{
	struct store_key index = key_number(s->height);
	struct block_owned *o = store_block(s, s->height);

	if (!o || o->b.pub_key.n != KEY_SIZE) {
		store_fail(s, ERR_CORRUPT, "truncate", "a block is missing or does not decode");
		mem_free(o);
		return;
	}
	delete_domain(s, &o->b);
	delete_bans(s, s->height);
	delete_author(s, &o->b);
	row_delete(s, TABLE_HASHES, o->b.hash);
	row_delete(s, TABLE_HEADS, key_slice(&index));
	row_delete(s, TABLE_BLOCKS, key_slice(&index));
	if (!s->err)
		s->height--;
	mem_free(o);
}

enum err store_truncate(struct store *s, uint64_t from)
{
	assert(from > 0);
	if (!rows_write(s))
		return s->err;
	while (!s->err && s->height >= from)
		delete_top(s);
	return s->err;
}
