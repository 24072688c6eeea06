/* Role: opens and closes the store, makes its tables, finds its height, and explains each failure
 * in one clear sentence. Before: chain/chain.c opens. After: chain/store_file.c looks at the file,
 * chain/store_lock.c and chain/store_env.c take the locks and open LMDB, chain/store_meta.c
 * compares the network. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/store_open_internal.h"

enum {
	/* LMDB may leave the last pages unwritten when they became free again at once; a file that
	   lacks more than these was cut off, and reading past its end would kill the process. */
	PAGES_UNWRITTEN = 64,
	RETRIES = 30,
	RETRY_MS = 100,
};

const char *const store_table_names[STORE_TABLES] = {
	[TABLE_BLOCKS] = "blocks",
	[TABLE_HEADS] = "heads",
	[TABLE_HASHES] = "hashes",
	[TABLE_AUTHORS] = "authors",
	[TABLE_RANK] = "rank",
	[TABLE_DOMAINS] = "domains",
	[TABLE_BANS] = "bans",
	[TABLE_BANNED] = "banned",
	[TABLE_META] = "meta",
};

static enum err check_length(struct opening *o)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat file;
	mdb_filehandle_t fd;

	int rc = mdb_env_info(o->s->env, &info);
	if (!rc)
		rc = mdb_env_stat(o->s->env, &stat);
	if (!rc)
		rc = mdb_env_get_fd(o->s->env, &fd);
	if (!rc && fstat(fd, &file))
		rc = errno;
	if (rc)
		return store_say_lmdb(o, "look at", rc);
	uint64_t pages = (uint64_t)file.st_size / stat.ms_psize;
	if (pages + PAGES_UNWRITTEN < info.me_last_pgno)
		return store_say(o, ERR_CORRUPT,
			"%s: the file was cut off (%llu of %llu pages); restore a snapshot or "
			"delete it and sync again",
			o->file, (unsigned long long)pages, (unsigned long long)info.me_last_pgno);
	return ERR_OK;
}

/* Frees the reader slots of processes that crashed: LMDB would otherwise never reuse the pages that
 * they were reading. */
static void drop_dead_readers(struct store *s)
{
	int dead = 0;

	if (mdb_reader_check(s->env, &dead) == 0 && dead > 0)
		log_info("store: freed %d read slots of processes that are gone", dead);
}

/* Takes a reader slot once, to see that it works. LMDB marks a slot by a lock on the process
 * number, so a process with the same number, in another container, holds ours. A writer waits up to
 * 3 seconds, because commands that only read end soon. */
static enum err enter_readers(struct opening *o)
{
	const struct timespec pause = {0, RETRY_MS * 1000 * 1000};
	unsigned tries = o->set->read_only ? 1 : RETRIES;
	MDB_txn *txn;

	int rc = mdb_txn_begin(o->s->env, NULL, MDB_RDONLY, &txn);
	while ((rc == EAGAIN || rc == EACCES) && --tries > 0) {
		nanosleep(&pause, NULL);
		rc = mdb_txn_begin(o->s->env, NULL, MDB_RDONLY, &txn);
	}
	if (rc == EAGAIN || rc == EACCES)
		return store_say(o, ERR_BUSY,
			"%s: another alfisd with the same process number, %ld, reads it, in a "
			"container of its own; give both one PID namespace "
			"(--pid=container:NAME), or wait for its end",
			o->file, (long)getpid());
	if (rc)
		return store_say_lmdb(o, "begin reading", rc);
	mdb_txn_abort(txn);
	return ERR_OK;
}

/* Opens all tables. They are created in one transaction: if one is missing the file is damaged, and
 * if all are missing it belongs to another program. */
static enum err find_tables(struct opening *o, MDB_txn *txn)
{
	const char *missing = NULL;
	unsigned found = 0;

	for (unsigned i = 0; i < STORE_TABLES; i++) {
		int rc = mdb_dbi_open(txn, store_table_names[i], 0, &o->s->table[i]);
		if (rc && rc != MDB_NOTFOUND)
			return store_say_lmdb(o, "open a table of", rc);
		found += rc == 0;
		missing = rc ? store_table_names[i] : missing;
	}
	if (!found)
		return store_say(o, ERR_REFUSED, "%s: an LMDB file of another program", o->file);
	if (!missing)
		return ERR_OK;
	return store_say(o, ERR_CORRUPT,
		"%s: damaged: its table %s is missing; restore a snapshot or delete it and sync "
		"again",
		o->file, missing);
}

static enum err make_tables(struct opening *o, MDB_txn *txn)
{
	for (unsigned i = 0; i < STORE_TABLES; i++) {
		int rc = mdb_dbi_open(txn, store_table_names[i], MDB_CREATE, &o->s->table[i]);
		if (rc)
			return store_say_lmdb(o, "open a table of", rc);
	}
	return ERR_OK;
}

/* Opens or creates the tables. The caller must commit the transaction, because the handles are kept
 * only then. */
static enum err open_tables(struct opening *o, MDB_txn *txn)
{
	MDB_dbi root;
	MDB_stat stat;

	int rc = mdb_dbi_open(txn, NULL, 0, &root);
	if (!rc)
		rc = mdb_stat(txn, root, &stat);
	if (rc)
		return store_say_lmdb(o, "read", rc);
	if (stat.ms_entries > 0)
		return find_tables(o, txn);
	if (o->set->read_only)
		return store_say(o, ERR_NOT_FOUND, "%s: there is no chain yet", o->file);
	return make_tables(o, txn);
}

enum err store_open_content(struct opening *o)
{
	struct store *s = o->s;
	MDB_txn *txn;

	int rc = mdb_txn_begin(s->env, NULL, o->set->read_only ? MDB_RDONLY : 0, &txn);
	if (rc)
		return store_say_lmdb(o, "begin reading", rc);
	enum err err = open_tables(o, txn);
	if (err) {
		mdb_txn_abort(txn);
		return err;
	}
	if (!o->set->read_only) {
		/* One transaction: a new file gets its tables and its format and network together
		 * or not at all. */
		s->write = txn;
		err = meta_check(s, o->set->params, o->set->dir, o->text, o->size);
		if (err)
			return err;
		return store_commit(s)
			       ? store_say(o, s->err, "%s: cannot write: %s", o->file, s->why)
			       : ERR_OK;
	}
	rc = mdb_txn_commit(txn);
	if (rc)
		return store_say_lmdb(o, "open the tables of", rc);
	rows_begin(&s->own);
	err = meta_check(s, o->set->params, o->set->dir, o->text, o->size);
	rows_end(&s->own);
	return err;
}

/* Reads the height, which is the greatest index of a block. A missing block or index row shows
 * because the tables then have different counts of rows. */
static enum err find_height(struct opening *o)
{
	struct store *s = o->s;
	struct store_key end = key_number(UINT64_MAX);
	struct row r;

	rows_begin(&s->own);
	if (row_below(&s->own, TABLE_BLOCKS, key_slice(&end), &r)) {
		struct rd rd = rd_of(r.key);
		s->height = rd_be64(&rd);
	}
	bool whole = rows_count(&s->own, TABLE_BLOCKS) == s->height &&
		     rows_count(&s->own, TABLE_HEADS) == s->height &&
		     rows_count(&s->own, TABLE_HASHES) == s->height &&
		     rows_count(&s->own, TABLE_AUTHORS) == s->height;
	rows_end(&s->own);
	if (s->err)
		return store_say(o, s->err,
			"%s: cannot read: damaged, or the disk failed; restore a snapshot or delete it and sync again",
			o->file);
	if (!whole)
		return store_say(o, ERR_CORRUPT,
			"%s: blocks or their indexes are missing; restore a snapshot or delete it "
			"and sync again",
			o->file);
	return ERR_OK;
}

static void discard(struct store *s)
{
	if (s->write)
		mdb_txn_abort(s->write);
	if (s->own.txn)
		mdb_txn_abort(s->own.txn);
	if (s->env)
		mdb_env_close(s->env);
	if (s->data_fd >= 0)
		close(s->data_fd);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	bound_note(s->map_bytes, 0);
	pthread_mutex_destroy(&s->readers_lock);
	mem_free(s);
}

static enum err open_all(struct opening *o)
{
	const struct store_settings *set = o->set;
	bool locks = !set->read_only || set->alone;
	enum err err = store_file_look(o);

	if (!err && locks)
		err = store_open_lock(o);
	if (!err)
		err = store_file_create(o);
	if (!err && locks)
		err = store_lock_data(o);
	if (!err && o->s->data_fd >= 0)
		err = store_check_pages(o);
	if (!err)
		err = store_open_env(o);
	if (!err && set->scratch)
		store_file_hide(o);
	if (!err)
		err = check_length(o);
	if (!err)
		err = enter_readers(o);
	if (!err)
		drop_dead_readers(o->s);
	if (!err)
		err = store_open_content(o);
	return err ? err : find_height(o);
}

enum err store_open(const struct store_settings *set, struct store **out, char *text, size_t size)
{
	struct opening o = {.set = set, .text = text, .size = size};

	*out = NULL;
	text[0] = 0;
	if (!store_file_name(&o, STORE_FILE))
		return store_say(&o, ERR_USAGE, "the name of the data directory is too long");
	o.s = mem_alloc(sizeof *o.s);
	if (!o.s)
		return store_say(&o, ERR_NOMEM, "%s: out of memory", o.file);
	o.s->lock_fd = o.s->data_fd = -1;
	o.s->map_bytes = set->map_bytes;
	o.s->own.store = o.s;
	o.s->readers = set->readers;
	pthread_mutex_init(&o.s->readers_lock, NULL);
	o.s->read_only = set->read_only;
	o.s->scratch = set->scratch;
	o.s->offline = set->offline;
	o.s->settles_later = set->settles_later;
	store_enter();
	enum err err = open_all(&o);
	if (err)
		discard(o.s);
	else
		*out = o.s;
	store_leave();
	return err;
}

/* Are readers of other threads still open? Closing would unmap the memory that they read. */
static bool refuse_while_read(struct store *s)
{
	unsigned readers = store_readers_open(s);

	if (readers)
		log_error("store: cannot close: readers of other threads are still open: %u",
			readers);
	return readers > 0;
}

enum err store_close(struct store *s)
{
	assert(s->own.scopes == 0);
	enum err err = s->scratch ? s->err : store_commit(s);
	if (!err)
		err = store_settle(s);
	if (refuse_while_read(s))
		return ERR_BUSY;
	store_enter();
	discard(s);
	store_leave();
	return err;
}
