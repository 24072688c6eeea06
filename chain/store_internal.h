/* Shared by the files chain/store*.c: the tables, their keys, and the few operations on rows that
 * everything else is made of. */
#ifndef CHAIN_STORE_INTERNAL_H
#define CHAIN_STORE_INTERNAL_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/cursor.h"
#include "chain/store.h"

enum store_table {
	TABLE_BLOCKS,
	TABLE_HEADS,
	TABLE_HASHES,
	TABLE_AUTHORS,
	TABLE_RANK,
	TABLE_DOMAINS,
	TABLE_BANS,
	TABLE_BANNED,
	TABLE_META,
	STORE_TABLES
};

extern const char *const store_table_names[STORE_TABLES];

/* How much of a table the open group has changed: rows written or deleted, bytes of the new values.
 */
struct changes {
	size_t rows, bytes;
};

/* The state of one thread's reads. The store has a reader of its own, for its own thread: that one
 * sees the open group, and shares the store's failure and height. */
struct store_reader {
	struct store *store; /* other threads use only its first part */
	MDB_txn *txn;        /* kept and renewed; NULL = never needed yet */
	bool live;           /* `txn` holds a snapshot */
	unsigned scopes;     /* open ones */
	unsigned seen;       /* commits before the snapshot */
	/* not used by the store's own reader: */
	pthread_t thread;
	uint64_t height; /* of the snapshot */
	enum err err;    /* its first failure, which sticks */
	char why[160];   /* that failure in words */
};

struct store {
	/* For any thread: never changed while the store is open, or changed in one step. */
	MDB_env *env;
	unsigned table[STORE_TABLES];
	bool scratch;
	atomic_uint commits; /* moved when others may see what was committed */
	pthread_mutex_t readers_lock;
	struct bound *readers; /* borrowed; under readers_lock */
	unsigned reader_count; /* under readers_lock */

	/* For the store's thread alone. */
	MDB_txn *write; /* the open group, NULL = none */
	struct store_reader own;
	bool read_only, offline;
	bool settles_later, unsettled;
	enum err err;                         /* the failure that sticks */
	char why[160];                        /* its words */
	int lock_fd, data_fd;                 /* locked; −1 = none */
	uint64_t height;                      /* 0 = no blocks */
	struct bound *map_bytes;              /* borrowed */
	struct changes changed[STORE_TABLES]; /* by the open group */
};

/* A key of a row, made by the functions below. */
struct store_key {
	uint8_t bytes[48];
	size_t n;
};

/* The bytes of a key; borrowed from it. */
static inline struct slice key_slice(const struct store_key *k)
{
	return slice_of(k->bytes, k->n);
}

/* blocks, heads: an index. */
static inline struct store_key key_number(uint64_t number)
{
	struct store_key k;
	struct wr w = wr_of(k.bytes, sizeof k.bytes);
	wr_be(&w, number, 8);
	k.n = w.n;
	return k;
}

/* authors, domains: 32 bytes and an index. */
static inline struct store_key key_digest(const uint8_t digest[32], uint64_t index)
{
	struct store_key k;
	struct wr w = wr_of(k.bytes, sizeof k.bytes);
	wr_bytes(&w, digest, 32);
	wr_be(&w, index, 8);
	k.n = w.n;
	return k;
}

/* rank: the complement of an author's number of blocks, so that the greatest comes first. */
static inline struct store_key key_rank(uint64_t total, const uint8_t author[KEY_SIZE])
{
	struct store_key k;
	struct wr w = wr_of(k.bytes, sizeof k.bytes);
	wr_be(&w, ~total, 8);
	wr_bytes(&w, author, KEY_SIZE);
	k.n = w.n;
	return k;
}

/* bans: the block that closed the window, and the ban's place among those of this block. */
static inline struct store_key key_ban(uint64_t closing, uint32_t place)
{
	struct store_key k;
	struct wr w = wr_of(k.bytes, sizeof k.bytes);
	wr_be(&w, closing, 8);
	wr_be(&w, place, 4);
	k.n = w.n;
	return k;
}

/* A row; both slices point into the map until the scope ends or something is written. */
struct row {
	struct slice key, value;
};

/* Converts a slice for LMDB. */
static inline MDB_val val_of(struct slice s)
{
	/* LMDB never writes through the values that it is given, but its struct is not const. */
	union {
		const void *from;
		void *to;
	} p = {.from = s.p};
	return (MDB_val){s.n, p.to};
}

/* Converts what LMDB returned; borrowed from its map, as struct row is. */
static inline struct slice slice_of_val(MDB_val v)
{
	return slice_of(v.mv_data, v.mv_size);
}

/* ---- store_reader.c: of the reader's thread ---- */

/* Begin and end a scope: all reads inside it see the same state of the store. Scopes may be nested.
 * Every read must be inside one, unless a group is open. */
void rows_begin(struct store_reader *r);
void rows_end(struct store_reader *r);

/* Looks a row up by its exact key; *value is borrowed as in struct row. False when there is none,
 * or when the reader has failed. The same holds for the other functions on rows. */
bool row_get(struct store_reader *r, enum store_table t, struct slice key, struct slice *value);

/* The row with the greatest key < `key`, and the one with the smallest key > `key`. */
bool row_below(struct store_reader *r, enum store_table t, struct slice key, struct row *row);
bool row_above(struct store_reader *r, enum store_table t, struct slice key, struct row *row);
uint64_t rows_count(struct store_reader *r, enum store_table t); /* 0 after a failure */

/* The height of the chain as this reader sees it. */
uint64_t reader_height(const struct store_reader *r);

/* Makes the reader fail for good (with the store, if it is the store's own), unless it has before,
 * and logs why. Returns false. */
bool reader_fail(struct store_reader *r, enum err err, const char *what, const char *why);

/* The number of open readers of other threads. Any thread may call it. */
unsigned store_readers_open(struct store *s);

/* ---- store.c: of the store's thread ---- */

/* Opens the group if none is open. False when that fails, or the store has failed before. */
bool rows_write(struct store *s);

/* Write or delete a row in the open group, which they open if necessary. Failures stick in the
 * store: a caller checks store_error() once at the end. Deleting a row that is not there is one,
 * because then an index contradicts the blocks. */
void row_put(struct store *s, enum store_table t, struct slice key, struct slice value);
void row_delete(struct store *s, enum store_table t, struct slice key);

/* To be called before and after code that touches the mapped file, so that a signal handler can
 * tell (store_is_read_here()). May be nested. */
void store_enter(void);
void store_leave(void);

/* Makes the store fail for good, unless it has failed before: aborts the open group and logs
 * "cannot WHAT: WHY". Returns false. The second takes the reason from a result of LMDB. */
bool store_fail(struct store *s, enum err err, const char *what, const char *why);
bool store_fail_lmdb(struct store *s, int rc, const char *what);

/* The error and the words for the user that stand for a result of LMDB, an MDB_ code or an errno.
 * The text is static. */
enum err store_err_of(int rc);
const char *store_text_of(int rc);

/* ---- store_disk.c ---- */

/* Finds out why a write failed when LMDB only says EIO, by writing itself. Returns an errno, or
 * `rc` when it finds nothing. */
int store_write_error(struct store *s, int rc);

/* store_fail() for a failed write; tells how much space is free when that is the cause. */
void store_fail_write(struct store *s, int rc, const char *what);

/* True when the store's file has no name any more, so that what is written ends with the process.
 */
bool store_is_deleted(struct store *s);

/* store_view.c: the query behind view_summary(), without a scope of its own. */
bool summary_read(struct store_reader *r, uint64_t index, struct block_summary *h);

/* store_meta.c: compares a used store with the settings or marks a new one, in the open group. */
enum err meta_check(
	struct store *s, const struct chain_params *p, const char *dir, char *text, size_t size);

#endif
