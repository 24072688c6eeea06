/* Role: the queries of chain/view.h and the reads of chain/store.h, for the store's own thread and
 * for readers of other threads.
 * Before: chain/rules.c and its helpers, sync/serve.c, api/ and cli/ ask. After:
 * chain/store_reader.c. */
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/store_internal.h"

void view_begin(struct view *v)
{
	rows_begin(v->reader);
}

void view_end(struct view *v)
{
	rows_end(v->reader);
}

uint64_t view_height(const struct view *v)
{
	return reader_height(v->reader);
}

/* A row without its proper form means that the file is damaged. */
static bool check_row(struct store_reader *from, const struct rd *r)
{
	return rd_done(r) || reader_fail(from, ERR_CORRUPT, "read a row", "its form is wrong");
}

bool summary_read(struct store_reader *from, uint64_t index, struct block_summary *h)
{
	struct store_key key = key_number(index);
	struct slice value;

	if (!row_get(from, TABLE_HEADS, key_slice(&key), &value))
		return false;
	struct rd r = rd_of(value);
	h->index = index;
	h->timestamp = (int64_t)rd_be64(&r);
	h->nonce = rd_be64(&r);
	h->tail = rd_be64(&r);
	h->last_full = rd_be64(&r);
	h->full = rd_u8(&r) != 0;
	rd_copy(&r, h->hash, sizeof h->hash);
	rd_copy(&r, h->key, sizeof h->key);
	return check_row(from, &r);
}

bool view_summary(struct view *v, uint64_t index, struct block_summary *h)
{
	rows_begin(v->reader);
	bool found =
		index > 0 && index <= reader_height(v->reader) && summary_read(v->reader, index, h);
	rows_end(v->reader);
	return found;
}

/* Finds the latest row of the digest below an index; *index is that row's. */
static bool digest_below(struct store_reader *from, enum store_table t, const uint8_t digest[32],
	uint64_t below, struct slice *value, uint64_t *index)
{
	struct store_key key = key_digest(digest, below);
	struct row row;

	if (!row_below(from, t, key_slice(&key), &row))
		return false;
	struct rd r = rd_of(row.key);
	struct slice found = rd_bytes(&r, 32);
	*index = rd_be64(&r);
	*value = row.value;
	return check_row(from, &r) && slice_eq(found, slice_of(digest, 32));
}

/* The number of the author's blocks below an index, and the last full one of them (0 = none). */
static void author_sums(struct view *v, const uint8_t key[KEY_SIZE], uint64_t below,
	uint64_t *count, uint64_t *full)
{
	struct slice value;
	uint64_t index;

	*count = *full = 0;
	rows_begin(v->reader);
	if (digest_below(v->reader, TABLE_AUTHORS, key, below, &value, &index)) {
		struct rd r = rd_of(value);
		*count = rd_be64(&r);
		*full = rd_be64(&r);
		check_row(v->reader, &r);
	}
	rows_end(v->reader);
}

uint64_t view_count(struct view *v, const uint8_t key[KEY_SIZE], uint64_t below)
{
	uint64_t count, full;

	author_sums(v, key, below, &count, &full);
	return count;
}

bool view_last_full_of(
	struct view *v, uint64_t below, const uint8_t key[KEY_SIZE], struct block_summary *h)
{
	uint64_t count, full;

	author_sums(v, key, below, &count, &full);
	return view_summary(v, full, h);
}

bool view_last_full(struct view *v, uint64_t below, struct block_summary *h)
{
	uint64_t top = below == 0 ? 0 : below - 1;

	view_begin(v);
	/* Look no higher than the tip: `below` may be far above it. */
	uint64_t height = view_height(v);
	bool found = view_summary(v, top < height ? top : height, h) &&
		     (h->full || view_summary(v, h->last_full, h));
	view_end(v);
	return found;
}

/* The latest row of a digest below an index. */
static bool domain_below(
	struct view *v, const uint8_t digest[32], uint64_t below, struct domain_row *row)
{
	struct slice value;

	if (!digest_below(v->reader, TABLE_DOMAINS, digest, below, &value, &row->id))
		return false;
	struct rd r = rd_of(value);
	row->timestamp = (int64_t)rd_be64(&r);
	row->owned = r.left == KEY_SIZE;
	rd_copy(&r, row->owner, row->owned ? KEY_SIZE : 0);
	return check_row(v->reader, &r);
}

/* Nothing checks the length of an identity, so the table's key is its digest, which has one length.
 */
bool view_domain(struct view *v, struct slice identity, uint64_t below, struct domain_row *row)
{
	uint8_t digest[32];

	crypto_digest(identity, digest);
	rows_begin(v->reader);
	bool found = domain_below(v, digest, below, row);
	rows_end(v->reader);
	return found;
}

bool view_domain_next(struct view *v, uint8_t digest[32], struct domain_row *row)
{
	struct store_key at = key_digest(digest, UINT64_MAX);
	struct row first;

	rows_begin(v->reader);
	bool found = row_above(v->reader, TABLE_DOMAINS, key_slice(&at), &first);
	if (found) {
		struct rd r = rd_of(first.key);
		rd_copy(&r, digest, 32);
		found = domain_below(v, digest, UINT64_MAX, row);
	}
	rows_end(v->reader);
	return found;
}

/* The key begins with the complement of the number of blocks, so that walking upwards goes from the
 * author with most blocks to the one with fewest. */
bool view_rank_next(struct view *v, struct rank_cursor *w)
{
	struct store_key at = key_rank(w->total, w->key);
	struct row row;

	rows_begin(v->reader);
	bool found = row_above(v->reader, TABLE_RANK, key_slice(&at), &row);
	if (found) {
		struct rd r = rd_of(row.key);
		w->total = ~rd_be64(&r);
		rd_copy(&r, w->key, KEY_SIZE);
		found = check_row(v->reader, &r);
	}
	rows_end(v->reader);
	return found;
}

/* ---- bans ---- */

static bool place_of(struct store_reader *from, struct slice key, struct ban *b)
{
	struct rd r = rd_of(key);

	b->closing = rd_be64(&r);
	b->place = rd_be32(&r);
	return check_row(from, &r);
}

bool view_ban_of(struct view *v, const uint8_t key[KEY_SIZE], struct ban *b)
{
	struct slice value;

	rows_begin(v->reader);
	bool found = row_get(v->reader, TABLE_BANNED, slice_of(key, KEY_SIZE), &value) &&
		     place_of(v->reader, value, b);
	rows_end(v->reader);
	if (found)
		memcpy(b->key, key, KEY_SIZE);
	return found;
}

/* Moves *b to the ban before or after it in the list. */
static bool ban_step(struct view *v, struct ban *b,
	bool (*step)(struct store_reader *, enum store_table, struct slice, struct row *))
{
	struct store_key at = key_ban(b->closing, b->place);
	struct row row;

	rows_begin(v->reader);
	bool found = step(v->reader, TABLE_BANS, key_slice(&at), &row) &&
		     place_of(v->reader, row.key, b);
	if (found) {
		struct rd r = rd_of(row.value);
		rd_copy(&r, b->key, KEY_SIZE);
		found = check_row(v->reader, &r);
	}
	rows_end(v->reader);
	return found;
}

bool view_ban_before(struct view *v, struct ban *b)
{
	return ban_step(v, b, row_below);
}

bool view_ban_after(struct view *v, struct ban *b)
{
	return ban_step(v, b, row_above);
}

/* ---- whole blocks ---- */

enum err store_read(struct store *s, uint64_t index, uint8_t *to, size_t size, size_t *n)
{
	struct store_key key = key_number(index);
	struct slice value;
	enum err err = ERR_OK;

	rows_begin(&s->own);
	if (!row_get(&s->own, TABLE_BLOCKS, key_slice(&key), &value)) {
		err = s->err ? s->err : ERR_NOT_FOUND;
	} else {
		*n = value.n;
		if (value.n > size)
			err = ERR_TOO_BIG;
		else
			memcpy(to, value.p, value.n);
	}
	rows_end(&s->own);
	return err;
}

/* Reads and decodes a block. A block that does not decode does not make the reader fail here: that
 * is the caller's choice. ERR_NOT_FOUND also when the reader has failed. */
static enum err get_block(struct store_reader *from, uint64_t index, struct block_owned **out)
{
	struct store_key key = key_number(index);
	struct slice value;
	enum err err = ERR_NOT_FOUND;

	*out = NULL;
	rows_begin(from);
	if (row_get(from, TABLE_BLOCKS, key_slice(&key), &value)) {
		err = block_decode_owned(value, out);
		if (err != ERR_OK)
			*out = NULL;
		if (err != ERR_OK && err != ERR_NOMEM)
			err = ERR_CORRUPT;
	}
	rows_end(from);
	return err;
}

/* For callers that need the block: any error but its absence makes the reader fail. */
static struct block_owned *read_block(struct store_reader *from, uint64_t index)
{
	struct block_owned *o;
	enum err err = get_block(from, index, &o);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		reader_fail(from, err, "read a block", err_name(err));
	return o;
}

enum err store_get_block(struct store *s, uint64_t index, struct block_owned **out)
{
	enum err err = get_block(&s->own, index, out);

	return err == ERR_NOT_FOUND && s->err ? s->err : err;
}

struct block_owned *view_block(struct view *v, uint64_t index)
{
	return read_block(v->reader, index);
}

bool view_block_into(
	struct view *v, uint64_t index, struct block *b, uint8_t space[BLOCK_MAX_ENCODED])
{
	struct store_key key = key_number(index);
	struct slice value;

	rows_begin(v->reader);
	bool found = row_get(v->reader, TABLE_BLOCKS, key_slice(&key), &value);
	enum err err = found ? block_decode(value, b, space, BLOCK_MAX_ENCODED) : ERR_OK;
	if (err)
		found = reader_fail(v->reader, ERR_CORRUPT, "read a block", err_name(err));
	rows_end(v->reader);
	return found;
}

struct block_owned *store_block(struct store *s, uint64_t index)
{
	return read_block(&s->own, index);
}

uint64_t store_index_of(struct store *s, const uint8_t hash[HASH_SIZE])
{
	uint64_t index = 0;
	struct slice value;

	rows_begin(&s->own);
	if (row_get(&s->own, TABLE_HASHES, slice_of(hash, HASH_SIZE), &value)) {
		struct rd r = rd_of(value);
		index = rd_be64(&r);
		check_row(&s->own, &r);
	}
	rows_end(&s->own);
	return index;
}

bool store_table_rows(struct store *s, unsigned number, const char **name, uint64_t *rows)
{
	if (number >= STORE_TABLES)
		return false;
	*name = store_table_names[number];
	rows_begin(&s->own);
	*rows = rows_count(&s->own, (enum store_table)number);
	rows_end(&s->own);
	return true;
}
