/* Role: read transactions and look-ups of rows, for the store's own thread, which also sees the
 * uncommitted group, and for readers of other threads. A reader's transaction is created once and
 * renewed for each scope; between scopes it holds no pages.
 * Before: chain/store_view.c and chain/store_index.c say which rows. After: the memory map. */
#include "chain/store_reader.h"

#include <assert.h>
#include <lmdb.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/store_internal.h"

static bool is_own(const struct store_reader *r)
{
	return r == &r->store->own;
}

struct store_reader *store_own_reader(struct store *s)
{
	return &s->own;
}

/* The store's own reader shares the store's failure; each other reader has its own. */
enum err store_reader_error(const struct store_reader *r)
{
	return is_own(r) ? r->store->err : r->err;
}

const char *store_reader_why(const struct store_reader *r)
{
	return is_own(r) ? r->store->why : r->why;
}

bool reader_fail(struct store_reader *r, enum err err, const char *what, const char *why)
{
	if (is_own(r))
		return store_fail(r->store, err, what, why);
	if (r->err)
		return false;
	r->err = err;
	snprintf(r->why, sizeof r->why, "cannot %s: %s", what, why);
	log_error("store: %s", r->why);
	return false;
}

static bool fail_lmdb(struct store_reader *r, int rc, const char *what)
{
	return reader_fail(r, store_err_of(rc), what, store_text_of(rc));
}

/* ---- scopes ---- */

/* Begins to read. The count of commits is read first: a commit in between may then be visible
 * already, but the reader only believes that it is behind, which is harmless. */
static void start(struct store_reader *r)
{
	struct store *s = r->store;

	r->seen = atomic_load_explicit(&s->commits, memory_order_acquire);
	int rc = r->txn ? mdb_txn_renew(r->txn) : mdb_txn_begin(s->env, NULL, MDB_RDONLY, &r->txn);
	if (rc) {
		fail_lmdb(r, rc, "begin reading");
		return;
	}
	r->live = true;
	if (!is_own(r))
		r->height = rows_count(r, TABLE_BLOCKS);
}

void rows_begin(struct store_reader *r)
{
	bool in_group = is_own(r) && r->store->write;

	assert(is_own(r) || pthread_equal(pthread_self(), r->thread));
	store_enter();
	if (r->scopes++ == 0 && !in_group && !store_reader_error(r))
		start(r);
}

void rows_end(struct store_reader *r)
{
	assert(r->scopes > 0);
	if (--r->scopes == 0 && r->live) {
		mdb_txn_reset(r->txn);
		r->live = false;
	}
	store_leave();
}

uint64_t reader_height(const struct store_reader *r)
{
	return is_own(r) ? r->store->height : r->height;
}

bool store_reader_is_behind(const struct store_reader *r)
{
	return atomic_load_explicit(&r->store->commits, memory_order_acquire) != r->seen;
}

uint64_t store_commits(const struct store *s)
{
	return atomic_load_explicit(&s->commits, memory_order_acquire);
}

/* ---- rows ---- */

static MDB_txn *reading(const struct store_reader *r)
{
	if (store_reader_error(r))
		return NULL;
	if (is_own(r) && r->store->write)
		return r->store->write;
	assert(r->live);
	return r->txn;
}

bool row_get(struct store_reader *r, enum store_table t, struct slice key, struct slice *value)
{
	MDB_txn *txn = reading(r);
	MDB_val k = val_of(key), v;

	if (!txn)
		return false;
	store_enter();
	int rc = mdb_get(txn, r->store->table[t], &k, &v);
	store_leave();
	if (rc == 0)
		*value = slice_of_val(v);
	else if (rc != MDB_NOTFOUND)
		fail_lmdb(r, rc, "read a row");
	return rc == 0;
}

/* Moves to the last key < `key`. Like step_above() it first finds the first key ≥ `key`. */
static int step_below(MDB_cursor *c, MDB_val *k, MDB_val *v)
{
	int rc = mdb_cursor_get(c, k, v, MDB_SET_RANGE);
	return mdb_cursor_get(c, k, v, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

static int step_above(MDB_cursor *c, MDB_val *k, MDB_val *v)
{
	MDB_val asked = *k;
	int rc = mdb_cursor_get(c, k, v, MDB_SET_RANGE);

	if (rc == 0 && k->mv_size == asked.mv_size &&
		memcmp(k->mv_data, asked.mv_data, asked.mv_size) == 0)
		rc = mdb_cursor_get(c, k, v, MDB_NEXT);
	return rc;
}

/* A found row stands where it was looked for. In a damaged tree it may not, and who walks from row
 * to row would walk in a circle. */
static bool is_beyond(MDB_txn *txn, MDB_dbi table, const MDB_val *found, struct slice key,
	int (*step)(MDB_cursor *, MDB_val *, MDB_val *))
{
	MDB_val asked = val_of(key);
	int order = mdb_cmp(txn, table, found, &asked);

	return step == step_below ? order < 0 : order > 0;
}

static bool seek(struct store_reader *r, enum store_table t, struct slice key, struct row *row,
	int (*step)(MDB_cursor *, MDB_val *, MDB_val *))
{
	MDB_txn *txn = reading(r);
	MDB_cursor *c;
	MDB_val k = val_of(key), v = {0, NULL};

	if (!txn)
		return false;
	int rc = mdb_cursor_open(txn, r->store->table[t], &c);
	if (rc)
		return fail_lmdb(r, rc, "open a cursor");
	store_enter();
	rc = step(c, &k, &v);
	if (rc == 0 && !is_beyond(txn, r->store->table[t], &k, key, step))
		rc = MDB_CORRUPTED;
	mdb_cursor_close(c);
	store_leave();
	if (rc == 0)
		*row = (struct row){slice_of_val(k), slice_of_val(v)};
	else if (rc != MDB_NOTFOUND)
		fail_lmdb(r, rc, "look up a row");
	return rc == 0;
}

bool row_below(struct store_reader *r, enum store_table t, struct slice key, struct row *row)
{
	return seek(r, t, key, row, step_below);
}

bool row_above(struct store_reader *r, enum store_table t, struct slice key, struct row *row)
{
	return seek(r, t, key, row, step_above);
}

uint64_t rows_count(struct store_reader *r, enum store_table t)
{
	MDB_txn *txn = reading(r);
	MDB_stat stat;

	if (!txn)
		return 0;
	int rc = mdb_stat(txn, r->store->table[t], &stat);
	if (rc)
		fail_lmdb(r, rc, "count rows");
	return rc ? 0 : stat.ms_entries;
}

/* ---- readers of other threads ---- */

static enum err refuse(enum err err, char *text, size_t size, const char *why)
{
	snprintf(text, size, "cannot read the store on another thread: %s", why);
	return err;
}

/* Counts one more reader. A scratch store has no table of readers, so its writer would reuse pages
 * that are being read. */
static enum err take_place(struct store *s, char *text, size_t size)
{
	if (s->scratch)
		return refuse(ERR_REFUSED, text, size, "it is a scratch one");
	pthread_mutex_lock(&s->readers_lock);
	bool taken = bound_take(s->readers, 1);
	s->reader_count += taken;
	pthread_mutex_unlock(&s->readers_lock);
	return taken ? ERR_OK
		     : refuse(ERR_FULL, text, size,
			       "there are limits.max_store_readers of them, raise it");
}

static void give_place(struct store *s)
{
	pthread_mutex_lock(&s->readers_lock);
	bound_give(s->readers, 1);
	s->reader_count--;
	pthread_mutex_unlock(&s->readers_lock);
}

unsigned store_readers_open(struct store *s)
{
	pthread_mutex_lock(&s->readers_lock);
	unsigned count = s->reader_count;
	pthread_mutex_unlock(&s->readers_lock);
	return count;
}

enum err store_reader_open(struct store *s, struct store_reader **out, char *text, size_t size)
{
	enum err err = take_place(s, text, size);
	struct store_reader *r = err ? NULL : mem_alloc(sizeof *r);

	*out = NULL;
	if (err)
		return err;
	if (!r) {
		give_place(s);
		return refuse(ERR_NOMEM, text, size, "out of memory");
	}
	r->store = s;
	r->thread = pthread_self();
	rows_begin(r); /* takes a slot in LMDB's table and keeps it */
	rows_end(r);
	err = r->err;
	if (err) {
		refuse(err, text, size, r->why);
		store_reader_close(r);
		return err;
	}
	*out = r;
	return ERR_OK;
}

void store_reader_close(struct store_reader *r)
{
	if (!r)
		return;
	assert(r->scopes == 0 && pthread_equal(pthread_self(), r->thread));
	if (r->txn)
		mdb_txn_abort(r->txn);
	give_place(r->store);
	mem_free(r);
}
