/* Reads the reference node's blockchain.db (protocol.md 11), also while that node uses it. It reads
 * a few rows at a time and locks nothing while they are checked. It reads only the table of blocks;
 * domains follow from the blocks. Before: cli/block_source.c. After:
 * cli/block_source_sqlite_open.c. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/txjson.h"
#include "cli/block_source_sqlite.h"

enum { ID, TIME, VERSION, DIFFICULTY, RANDOM, NONCE, TRANSACTION, PREV, HASH, KEY, SIGNATURE };

enum {
	PAGE = 256,            /* rows in one read transaction */
	PAGE_BYTES = 1 << 20,  /* bytes of their encodings, about */
	REMEMBERED = 2 * PAGE, /* hashes kept of the blocks delivered last */
	CHANGES_MAX = 100,     /* a real node replaces a block once a minute at most */
};

static const char query[] = "SELECT id, timestamp, version, difficulty, random, nonce, "
			    "\"transaction\", prev_block_hash, hash, pub_key, signature "
			    "FROM blocks WHERE id > ?1 ORDER BY id LIMIT ?2";

struct sqlite {
	struct sqlite_file file;
	sqlite3_stmt *rows, *hash;
	struct block_owned *page[PAGE]; /* read, not yet delivered: [first … count) */
	size_t first, count;
	/* how often another process replaced blocks meanwhile */
	unsigned changes;
	/* hashes of delivered blocks, at index % REMEMBERED */
	uint8_t given[REMEMBERED][HASH_SIZE];
	uint8_t space[BLOCK_MAX_ENCODED]; /* of the current row's transaction */
};

static enum err fail(struct block_source *s, const char *what)
{
	snprintf(s->error, sizeof s->error, "%.120s: %s", s->path, what);
	return ERR_MALFORMED;
}

/* The number of blocks, only to show progress: it may be wrong. */
static void guess_total(struct block_source *s, struct sqlite *q)
{
	sqlite3_stmt *max = sqlite_file_prepare(s, &q->file, "SELECT max(id) FROM blocks");
	int64_t n = 0;

	if (max && sqlite_file_step(s, &q->file, max) == ERR_OK)
		n = sqlite3_column_int64(max, 0);
	sqlite3_finalize(max);
	s->total = n > 0 ? (uint64_t)n : 0;
}

static bool sqlite_open(struct block_source *s)
{
	struct sqlite *q = mem_alloc(sizeof *q);

	s->state = q;
	if (!q) {
		fail(s, "out of memory");
		return false;
	}
	if (!sqlite_file_open(s, &q->file))
		return false;
	q->rows = sqlite_file_prepare(s, &q->file, query);
	q->hash =
		q->rows ? sqlite_file_prepare(s, &q->file, "SELECT hash FROM blocks WHERE id = ?1")
			: NULL;
	if (q->hash)
		guess_total(s, q);
	return q->hash && !s->error[0];
}

/* ---- one row ---- */

/* Bytes of a column, valid until the next row. A value of zeros only counts as absent (protocol.md
 * 2.1). */
static struct slice column(sqlite3_stmt *row, int i)
{
	const void *p = sqlite3_column_blob(row, i);
	struct slice v = slice_of(p, (size_t)sqlite3_column_bytes(row, i));

	return slice_zero(v) ? slice_of(NULL, 0) : v;
}

/* A transaction that does not parse counts as absent, as in the reference node; the block's hash
 * then does not match. */
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

static enum err damaged(struct block_source *s, uint64_t index, const char *how)
{
	char what[96];

	snprintf(what, sizeof what, "damaged: block %llu %s", (unsigned long long)index, how);
	return fail(s, what);
}

/* Copies the current row to *out; fails unless it is block `index`. */
static enum err take_row(
	struct block_source *s, struct sqlite *q, uint64_t index, struct block_owned **out)
{
	struct block b;

	read_row(q, &b);
	if (b.index != index)
		return damaged(s, index, "is missing");
	*out = NULL;
	if (block_encoded_bound(&b) <= 2 * BLOCK_MAX_ENCODED && !(*out = block_copy(&b)))
		return ERR_NOMEM;
	if (*out && (*out)->canonical.n <= BLOCK_MAX_ENCODED)
		return ERR_OK;
	mem_free(*out);
	*out = NULL;
	return damaged(s, index, "is longer than any block may be");
}

/* ---- a page of rows ---- */

/* Reads a page of rows. An error in a later row is dropped here: it comes again when all rows
 * before it were delivered. */
static enum err read_rows(struct block_source *s, struct sqlite *q)
{
	size_t bytes = 0;
	enum err err = ERR_OK;

	sqlite3_bind_int64(q->rows, 1, (int64_t)s->read);
	sqlite3_bind_int(q->rows, 2, PAGE);
	for (q->first = q->count = 0; q->count < PAGE && bytes < PAGE_BYTES; q->count++) {
		err = sqlite_file_step(s, &q->file, q->rows);
		if (err == ERR_OK)
			err = take_row(s, q, s->read + q->count + 1, &q->page[q->count]);
		if (err != ERR_OK)
			break;
		bytes += q->page[q->count]->canonical.n;
	}
	sqlite3_reset(q->rows);
	if (q->count == 0 || err == ERR_STOPPING)
		return err;
	s->error[0] = 0;
	return ERR_OK;
}

/* Cut or padded to HASH_SIZE. It is only compared here; the chain refuses a block whose hash has
 * another length. */
static void copy_hash(uint8_t to[HASH_SIZE], struct slice hash)
{
	memset(to, 0, HASH_SIZE);
	if (hash.n > 0)
		memcpy(to, hash.p, hash.n < HASH_SIZE ? hash.n : HASH_SIZE);
}

/* Compares block `index` in the file with the one delivered. ERR_OK: the same. ERR_EXISTS: another
 * one, or none. */
static enum err compare(struct block_source *s, struct sqlite *q, uint64_t index)
{
	uint8_t now[HASH_SIZE];

	sqlite3_bind_int64(q->hash, 1, (int64_t)index);
	enum err err = sqlite_file_step(s, &q->file, q->hash);
	if (err == ERR_OK) {
		copy_hash(now, column(q->hash, 0));
		err = memcmp(now, q->given[index % REMEMBERED], HASH_SIZE) == 0 ? ERR_OK
										: ERR_EXISTS;
	} else if (err == ERR_NOT_FOUND) {
		err = ERR_EXISTS;
	}
	sqlite3_reset(q->hash);
	return err;
}

/* The reference node may have replaced blocks that we delivered. Goes back to the last one that is
 * still the same. */
static enum err go_back(struct block_source *s, struct sqlite *q)
{
	uint64_t read = s->read, oldest = read > REMEMBERED ? read - REMEMBERED : 0, i = read;
	enum err err = ERR_EXISTS;

	while (i > oldest && (err = compare(s, q, i)) == ERR_EXISTS)
		i--;
	if (err != ERR_OK && err != ERR_EXISTS)
		return err;
	if (i == read)
		return ERR_OK;
	if (++q->changes > CHANGES_MAX || (err == ERR_EXISTS && oldest > 0))
		return fail(s, "it was changed while it was read; repeat the command");
	log_warn("%s: changed while it was read: going on from block %llu", s->path,
		(unsigned long long)i + 1);
	s->read = i;
	return ERR_OK;
}

/* Reads a page in one transaction, so that all its rows are from the same state of the file. */
static enum err read_page(struct block_source *s, struct sqlite *q)
{
	enum err err = sqlite_file_exec(s, &q->file, "BEGIN");

	if (err != ERR_OK)
		return err;
	err = go_back(s, q);
	if (err == ERR_OK)
		err = read_rows(s, q);
	sqlite3_exec(q->file.db, "COMMIT", NULL, NULL, NULL);
	return err;
}

static enum err sqlite_next(struct block_source *s, struct block_owned **out)
{
	struct sqlite *q = s->state;
	enum err err = ERR_OK;

	if (q->first == q->count)
		err = read_page(s, q);
	if (err != ERR_OK)
		return err;
	*out = q->page[q->first++];
	copy_hash(q->given[(*out)->b.index % REMEMBERED], (*out)->b.hash);
	return ERR_OK;
}

static void sqlite_close(struct block_source *s)
{
	struct sqlite *q = s->state;

	if (q) {
		while (q->first < q->count)
			mem_free(q->page[q->first++]);
		sqlite3_finalize(q->rows);
		sqlite3_finalize(q->hash);
		sqlite_file_close(&q->file);
	}
	mem_free(q);
	s->state = NULL;
}

const struct block_source_kind block_source_sqlite = {
	"database", sqlite_open, sqlite_next, sqlite_close};
