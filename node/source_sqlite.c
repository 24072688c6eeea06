/* Reading the reference node's blockchain.db (protocol.md 11), read-only, also while it is open by
 * the other program. Only the table of blocks is used; domains are built from the blocks. */
#include <sqlite3.h>
#include <stdio.h>

#include "base/mem.h"
#include "chain/txjson.h"
#include "node/source.h"

enum { ID, TIME, VERSION, DIFFICULTY, RANDOM, NONCE, TRANSACTION, PREV, HASH, KEY, SIGNATURE };

static const char query[] = "SELECT id, timestamp, version, difficulty, random, nonce, "
			    "\"transaction\", prev_block_hash, "
			    "hash, pub_key, signature FROM blocks ORDER BY id";

/* Bytes of a value or a row; a character of a transaction takes six of its JSON text at most. */
enum { ROW_MAX = 8 * BLOCK_MAX_ENCODED };

struct sqlite {
	sqlite3 *db;
	sqlite3_stmt *rows;
	uint8_t space[BLOCK_MAX_ENCODED]; /* of the transaction in work */
	uint8_t encoded[BLOCK_MAX_ENCODED];
};

static enum err fail(struct source *s, const char *what, const char *why)
{
	snprintf(s->error, sizeof s->error, "%.120s: %s: %.100s", s->path, what, why);
	return ERR_MALFORMED;
}

static void count_blocks(struct source *s, struct sqlite *q)
{
	sqlite3_stmt *count = NULL;

	if (sqlite3_prepare_v2(q->db, "SELECT count(*) FROM blocks", -1, &count, NULL) ==
			SQLITE_OK &&
		sqlite3_step(count) == SQLITE_ROW)
		s->total = (uint64_t)sqlite3_column_int64(count, 0);
	sqlite3_finalize(count);
}

static bool sqlite_open(struct source *s)
{
	struct sqlite *q = mem_alloc(sizeof *q);

	s->state = q;
	if (!q) {
		fail(s, "cannot read it", "out of memory");
		return false;
	}
	if (sqlite3_open_v2(s->path, &q->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		fail(s, "cannot open it", q->db ? sqlite3_errmsg(q->db) : "out of memory");
		return false;
	}
	sqlite3_busy_timeout(q->db, 5000);
	sqlite3_limit(q->db, SQLITE_LIMIT_LENGTH, ROW_MAX);
	if (sqlite3_prepare_v2(q->db, query, -1, &q->rows, NULL) != SQLITE_OK) {
		fail(s, "not the database of a node", sqlite3_errmsg(q->db));
		return false;
	}
	count_blocks(s, q);
	return true;
}

/* Bytes of a column; all zeros count as none (protocol.md 2.1). Valid until the next row. */
static struct slice column(sqlite3_stmt *row, int i)
{
	const void *p = sqlite3_column_blob(row, i);
	struct slice v = slice_of(p, (size_t)sqlite3_column_bytes(row, i));

	return slice_zero(v) ? slice_of(NULL, 0) : v;
}

/* A text that does not parse counts as no transaction, as in the reference; its block then fails
 * its hash. */
static void read_transaction(struct sqlite *q, struct block *b)
{
	struct slice text = column(q->rows, TRANSACTION);

	if (text.n)
		b->full = txjson_read(text, &b->tx, q->space, sizeof q->space);
}

static void read_row(struct sqlite *q, struct block *b)
{
	*b = (struct block){.index = (uint64_t)sqlite3_column_int64(q->rows, ID),
		.timestamp = sqlite3_column_int64(q->rows, TIME),
		.version = (uint32_t)sqlite3_column_int64(q->rows, VERSION),
		.difficulty = (uint32_t)sqlite3_column_int64(q->rows, DIFFICULTY),
		.random = (uint32_t)sqlite3_column_int64(q->rows, RANDOM),
		.nonce = (uint64_t)sqlite3_column_int64(q->rows, NONCE)};
	read_transaction(q, b);
	b->prev_hash = column(q->rows, PREV);
	b->hash = column(q->rows, HASH);
	b->pub_key = column(q->rows, KEY);
	b->signature = column(q->rows, SIGNATURE);
}

static bool fits(struct sqlite *q, const struct block *b)
{
	struct wr w = wr_of(q->encoded, sizeof q->encoded);

	block_encode(b, &w);
	return !w.bad;
}

static enum err damaged(struct source *s, const char *how)
{
	char what[64];

	snprintf(what, sizeof what, "block %llu %s", (unsigned long long)s->read + 1, how);
	return fail(s, "damaged", what);
}

static enum err sqlite_next(struct source *s, struct block_owned **out)
{
	struct sqlite *q = s->state;
	struct block b;

	switch (sqlite3_step(q->rows)) {
	case SQLITE_DONE:
		return ERR_NOT_FOUND;
	case SQLITE_ROW:
		break;
	default:
		return fail(s, "cannot read it", sqlite3_errmsg(q->db));
	}
	read_row(q, &b);
	if (b.index != s->read + 1)
		return damaged(s, "is missing");
	if (!fits(q, &b))
		return damaged(s, "is longer than any block may be");
	*out = block_copy(&b);
	return *out ? ERR_OK : ERR_NOMEM;
}

static void sqlite_close(struct source *s)
{
	struct sqlite *q = s->state;

	if (q) {
		sqlite3_finalize(q->rows);
		sqlite3_close(q->db);
	}
	mem_free(q);
	s->state = NULL;
}

const struct source_kind source_sqlite = {"database", sqlite_open, sqlite_next, sqlite_close};
