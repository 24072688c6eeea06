/* Role: write transactions of LMDB, and writing and deleting rows in them. The first failure is
 * kept in the store; every later call then does nothing and returns it. Reading is in
 * chain/store_reader.c.
 * Before: chain/store_index.c and chain/store_meta.c say which rows. After: the disk. */
#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "chain/store_internal.h"

/* How many nested calls of this thread are inside the store. While it is not 0 we read memory that
 * is mapped from the file, so a crash then most likely means a damaged file. */
static _Thread_local volatile sig_atomic_t depth;

bool store_is_read_here(void)
{
	return depth > 0;
}

void store_enter(void)
{
	depth = depth + 1;
}

void store_leave(void)
{
	assert(depth > 0);
	depth = depth - 1;
}

enum err store_err_of(int rc)
{
	switch (rc) {
	case 0:
		return ERR_OK;
	case ENOMEM:
		return ERR_NOMEM;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INCOMPATIBLE:
	case MDB_NOTFOUND:
		return ERR_CORRUPT;
	default:
		return ERR_IO;
	}
}

const char *store_text_of(int rc)
{
	switch (rc) {
	case MDB_MAP_FULL:
		return "the store has reached store_map_bytes, raise limits.store_map_bytes";
	case ENOSPC:
		return "No space left on device (the disk is full)";
	case EDQUOT:
		return "the disk quota is used up";
	case EFBIG:
		return "the file may not become larger (ulimit -f, or the file system)";
	case EROFS:
		return "the file system is read-only";
	case EACCES:
	case EPERM:
		return "no permission, check the owner of the data directory";
	case ENODEV:
	case EOPNOTSUPP:
		return "the file system cannot map files into memory, use another data directory";
	case MDB_INVALID:
		return "this is not a store of alfisd, or its first pages are damaged";
	case MDB_VERSION_MISMATCH:
		return "written by an incompatible LMDB";
	default:
		return mdb_strerror(rc);
	}
}

bool store_fail(struct store *s, enum err err, const char *what, const char *why)
{
	if (s->err)
		return false;
	s->err = err;
	if (s->write)
		mdb_txn_abort(s->write);
	s->write = NULL;
	snprintf(s->why, sizeof s->why, "cannot %s: %s", what, why);
	if (!s->offline)
		log_error("store: %s", s->why);
	return false;
}

bool store_fail_lmdb(struct store *s, int rc, const char *what)
{
	return store_fail(s, store_err_of(rc), what, store_text_of(rc));
}

enum err store_error(const struct store *s)
{
	return s->err;
}

const char *store_why(const struct store *s)
{
	return s->why;
}

uint64_t store_height(const struct store *s)
{
	return s->height;
}

/* ---- transactions ---- */

bool rows_write(struct store *s)
{
	if (s->err)
		return false;
	if (s->write)
		return true;
	if (s->read_only)
		return store_fail(s, ERR_REFUSED, "write", "it was opened for reading only");
	assert(!s->own.live);
	store_enter();
	int rc = mdb_txn_begin(s->env, NULL, 0, &s->write);
	store_leave();
	return rc == 0 || store_fail_lmdb(s, rc, "begin writing");
}

/* Updates the gauge of limits.store_map_bytes: the pages of the file that were ever used. */
static void note_map(struct store *s)
{
	MDB_envinfo info;
	MDB_stat stat;

	store_enter();
	if (mdb_env_info(s->env, &info) == 0 && mdb_env_stat(s->env, &stat) == 0)
		bound_note(s->map_bytes, ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize);
	store_leave();
}

/* Counts the commit, after it is visible: readers of other threads look at the count to learn that
 * they are behind. */
static void committed(struct store *s)
{
	note_map(s);
	atomic_fetch_add_explicit(&s->commits, 1, memory_order_release);
}

enum err store_commit(struct store *s)
{
	if (s->err || !s->write)
		return s->err;
	assert(s->own.scopes == 0);
	/* mdb_txn_commit() frees the handle, whatever its result */
	MDB_txn *txn = s->write;
	s->write = NULL;
	memset(s->changed, 0, sizeof s->changed);
	store_enter();
	int rc = mdb_txn_commit(txn);
	store_leave();
	if (rc == MDB_MAP_FULL)
		bound_hit(s->map_bytes);
	if (rc)
		store_fail_write(s, rc, "commit");
	else if (!s->scratch && store_is_deleted(s)) /* its contents end with the process */
		store_fail(s, ERR_IO, "commit", "its file was deleted while it was in use");
	else
		committed(s);
	s->unsettled = s->settles_later && !s->err;
	return s->err;
}

enum err store_settle(struct store *s)
{
	if (s->err)
		return s->err;
	if (!s->unsettled)
		return ERR_OK;
	s->unsettled = false;
	store_enter();
	int rc = mdb_env_sync(s->env, 0); /* 0 skips this with no_sync; 1 would force it */
	store_leave();
	if (rc)
		store_fail_write(s, rc, "commit");
	return s->err;
}

bool store_unsettled(const struct store *s)
{
	return s->unsettled;
}

/* ---- rows ---- */

/* An upper bound of the pages that a table's changes have touched. A changed row is in a leaf,
 * which may have been split in two; a value too long for a leaf has pages of its own. There are
 * never more changed pages than pages. */
static size_t changed_pages(const struct changes *c, const MDB_stat *t)
{
	size_t most = 2 * c->rows + c->bytes / t->ms_psize + t->ms_branch_pages;
	size_t all = t->ms_branch_pages + t->ms_leaf_pages + t->ms_overflow_pages;

	return most < all ? most : all;
}

size_t store_group_bytes(struct store *s)
{
	enum { OWN_PAGES = 8, IDS_A_PAGE = 256 }; /* LMDB's own: roots, list of freed pages */
	size_t pages = 0;
	MDB_stat stat = {0};

	for (int t = 0; t < STORE_TABLES && s->write; t++)
		if (s->changed[t].rows && mdb_stat(s->write, s->table[t], &stat) == 0)
			pages += changed_pages(&s->changed[t], &stat);
	return pages ? (pages + pages / IDS_A_PAGE + OWN_PAGES) * stat.ms_psize : 0;
}

/* Estimates the bytes that a commit would write now; *fresh are the bytes of the rows themselves.
 * Rows of blocks and heads are written in order and fill one page after the other. The rows of
 * other tables lie at random places, so each costs a page, until all pages of the table are
 * written. */
size_t store_group_writes(struct store *s, size_t *fresh)
{
	enum { ROW = 48 }; /* bytes of a row's key and head */
	size_t pages = 0;
	MDB_stat stat = {0};

	*fresh = 0;
	for (int t = 0; t < STORE_TABLES && s->write; t++) {
		const struct changes *c = &s->changed[t];
		if (!c->rows || mdb_stat(s->write, s->table[t], &stat) != 0)
			continue;
		size_t bytes = c->bytes + c->rows * ROW, anywhere = stat.ms_leaf_pages;
		if (t == TABLE_BLOCKS || t == TABLE_HEADS)
			anywhere = bytes / stat.ms_psize + 1;
		pages += (c->rows < anywhere ? c->rows : anywhere) + stat.ms_depth;
		*fresh += bytes;
	}
	return pages * stat.ms_psize;
}

void row_put(struct store *s, enum store_table t, struct slice key, struct slice value)
{
	MDB_val k = val_of(key), v = val_of(value);

	if (!rows_write(s))
		return;
	s->changed[t].rows++;
	s->changed[t].bytes += value.n;
	store_enter();
	int rc = mdb_put(s->write, s->table[t], &k, &v, 0);
	store_leave();
	if (rc == MDB_MAP_FULL)
		bound_hit(s->map_bytes);
	if (rc)
		store_fail_lmdb(s, rc, "write a row");
}

void row_delete(struct store *s, enum store_table t, struct slice key)
{
	MDB_val k = val_of(key);

	if (!rows_write(s))
		return;
	s->changed[t].rows++;
	store_enter();
	int rc = mdb_del(s->write, s->table[t], &k, NULL);
	store_leave();
	if (rc == MDB_NOTFOUND)
		store_fail(s, ERR_CORRUPT, "delete a row", "an index does not match the blocks");
	else if (rc)
		store_fail_lmdb(s, rc, "delete a row");
}
