/* Opens a SQLite file that may be in use by the reference node, or made to do harm. Runs no code
 * that the file contains, bounds memory and work, writes nothing. Before: cli/block_source.c.
 * After: cli/block_source_sqlite.c reads the rows. */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/input.h"
#include "cli/offline.h"
#include "cli/block_source_sqlite.h"

enum {
	/* Bytes of a value or a row. A byte of a transaction needs at most six in its JSON text. */
	ROW_MAX = 8 * BLOCK_MAX_ENCODED,
	SQL_MAX = 65536,
	HEAP_MAX = 32 << 20, /* all memory of SQLite, including its page cache (2 MB) */
	CHECK_EVERY = 1000,  /* steps between calls of on_progress() */
	/* Without an index SQLite scans the whole table for each page of rows, about ten steps a
	 * row. */
	STEPS_MAX = 200 * 1000 * 1000,
	/* Steps on long values take long, and so does a slow disk; hence a limit of time as well.
	 */
	WORK_MAX_MS = 5 * 60 * 1000,
	WAIT_MAX_MS = 5000, /* for another process to release its lock */
	WAIT_MS = 50,
	WAL_FORMAT = 2,
};

static bool fail(struct block_source *s, const char *what, const char *why)
{
	snprintf(s->error, sizeof s->error, "%.120s: %s%s%.100s", s->path, what, *why ? ": " : "",
		why);
	return false;
}

/* ---- bounds while a statement runs ---- */

/* SQLite calls this every CHECK_EVERY steps; not 0 = interrupt the statement. */
static int on_progress(void *ctx)
{
	struct sqlite_file *f = ctx;

	f->steps += CHECK_EVERY;
	f->too_many =
		f->steps > f->steps_max || clock_mono(&clock_system) - f->began_ms > f->ms_max;
	return f->too_many || offline_interrupted();
}

/* SQLite calls this while another process has the file locked. 0 = give up. */
static int on_busy(void *ctx, int count)
{
	struct sqlite_file *f = ctx;

	f->waited_ms = count == 0 ? 0 : f->waited_ms + WAIT_MS;
	if (offline_interrupted() || f->waited_ms >= WAIT_MAX_MS)
		return 0;
	sqlite3_sleep(WAIT_MS);
	return 1;
}

static void begin_work(struct sqlite_file *f)
{
	f->steps = 0;
	f->began_ms = clock_mono(&clock_system);
}

/* Bounds memory and work, and turns off what a hostile file could abuse. */
static void set_bounds(struct sqlite_file *f)
{
	static const struct {
		int what, most;
	} limits[] = {
		{SQLITE_LIMIT_LENGTH, ROW_MAX},
		{SQLITE_LIMIT_SQL_LENGTH, SQL_MAX},
		{SQLITE_LIMIT_EXPR_DEPTH, 50},
		{SQLITE_LIMIT_COMPOUND_SELECT, 4},
		{SQLITE_LIMIT_VDBE_OP, 25000},
		{SQLITE_LIMIT_FUNCTION_ARG, 8},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 10},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};
	static const int off[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
		SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION};

	sqlite3_hard_heap_limit64(HEAP_MAX);
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		sqlite3_limit(f->db, limits[i].what, limits[i].most);
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
		sqlite3_db_config(f->db, off[i], 0, NULL);
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* Leave another program's -wal file as it is when we close. */
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_busy_handler(f->db, on_busy, f);
	sqlite3_progress_handler(f->db, CHECK_EVERY, on_progress, f);
}

/* ---- SQLite's errors in words for users ---- */

static const char *words_of(int code)
{
	switch (code) {
	case SQLITE_BUSY_RECOVERY:
	case SQLITE_READONLY_ROLLBACK:
	case SQLITE_READONLY_RECOVERY:
	case SQLITE_READONLY_CANTINIT:
		return "the program that wrote it ended in the middle; start and stop the Rust "
		       "node once";
	case SQLITE_CANTOPEN_DIRTYWAL:
		return "it cannot be read here; copy it with its -wal file";
	}
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return "in use by another program; stop the Rust node";
	case SQLITE_CORRUPT:
	case SQLITE_FORMAT:
	case SQLITE_NOTADB:
		return "the database is damaged";
	case SQLITE_TOOBIG:
		return "damaged: a value is longer than any block may be";
	case SQLITE_NOMEM:
		return "reading it takes more memory than a database of a node does";
	case SQLITE_INTERRUPT:
		return "reading it takes more work than a database of a node does";
	}
	return NULL;
}

static enum err fail_sqlite(struct block_source *s, struct sqlite_file *f, const char *what)
{
	int code = sqlite3_extended_errcode(f->db);
	const char *words = words_of(code);

	if (offline_interrupted())
		return ERR_STOPPING;
	if (words)
		fail(s, words, "");
	else
		fail(s, what, sqlite3_errmsg(f->db));
	return ERR_MALFORMED;
}

struct sqlite3_stmt *sqlite_file_prepare(
	struct block_source *s, struct sqlite_file *f, const char *sql)
{
	sqlite3_stmt *rows = NULL;

	begin_work(f);
	if (sqlite3_prepare_v2(f->db, sql, -1, &rows, NULL) != SQLITE_OK)
		fail_sqlite(s, f, "not the database of a node");
	return rows;
}

enum err sqlite_file_step(struct block_source *s, struct sqlite_file *f, struct sqlite3_stmt *rows)
{
	begin_work(f);
	int rc = sqlite3_step(rows);

	if (rc == SQLITE_ROW)
		return ERR_OK;
	return rc == SQLITE_DONE ? ERR_NOT_FOUND : fail_sqlite(s, f, "cannot read it");
}

enum err sqlite_file_exec(struct block_source *s, struct sqlite_file *f, const char *sql)
{
	begin_work(f);
	if (sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return ERR_OK;
	return fail_sqlite(s, f, "cannot read it");
}

/* ---- opening ---- */

/* Finds the absolute path of the open file with links resolved: SQLite needs a path, and takes some
 * relative names for special ones. Fails for a pipe or a deleted file, which have no path. */
static bool find_path(struct block_source *s, char path[PATH_MAX])
{
	struct stat ours, named;
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", input_fd(s->in));
	if (!realpath(self, path) && !realpath(s->path, path))
		path[0] = 0;
	if (path[0] && fstat(input_fd(s->in), &ours) == 0 && stat(path, &named) == 0 &&
		ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
		return true;
	return fail(s, "a blockchain.db has to be a file with a name", "");
}

static off_t size_beside(const char *path, const char *suffix)
{
	char beside[PATH_MAX + 8];
	struct stat s;

	snprintf(beside, sizeof beside, "%s%s", path, suffix);
	return stat(beside, &s) == 0 ? s.st_size : -1;
}

/* True when the -shm file, the index of the -wal file, is an ordinary file. SQLite writes to it,
 * and a link could lead to any file. */
static bool has_index(const char *path)
{
	char beside[PATH_MAX + 8];
	struct stat s;

	snprintf(beside, sizeof beside, "%s-shm", path);
	return lstat(beside, &s) == 0 && S_ISREG(s.st_mode) && s.st_nlink == 1;
}

/* True when the database keeps its changes in a -wal file. The -wal file decides before the header,
 * as in SQLite: the header may be an older copy. */
static bool is_wal(const struct block_source *s, const char *path)
{
	uint8_t format[2] = {0};

	if (size_beside(path, "-wal") > 0)
		return true;
	return pread(input_fd(s->in), format, sizeof format, 18) == sizeof format &&
	       (format[0] == WAL_FORMAT || format[1] == WAL_FORMAT);
}

/* Writes the path as a URI with immutable=1, which cannot be set in another way. False when it does
 * not fit. */
static bool to_uri(const char *path, char *uri, size_t size)
{
	struct wr w = wr_of(uri, size);

	wr_bytes(&w, "file:", 5);
	for (; *path; path++) {
		char c[4];
		int n = snprintf(c, sizeof c, strchr("%?#", *path) ? "%%%02X" : "%c", *path);
		wr_bytes(&w, c, (size_t)n);
	}
	wr_bytes(&w, "?immutable=1", sizeof "?immutable=1");
	return !w.bad;
}

/* For a -wal file without a -shm file: SQLite would create the -shm file beside it. In exclusive
 * mode it keeps that index in memory. */
static bool open_alone(struct sqlite_file *f, const char *path)
{
	return sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READONLY, "unix-none") == SQLITE_OK &&
	       sqlite3_exec(f->db, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK;
}

static bool open_path(struct sqlite_file *f, const char *path, bool wal)
{
	char uri[PATH_MAX + 1024]; /* an escaped character takes three bytes */

	/* Without a -wal file the database was closed cleanly, and everything is in the file
	 * itself. */
	if (wal && size_beside(path, "-wal") <= 0 && to_uri(path, uri, sizeof uri))
		return sqlite3_open_v2(uri, &f->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) ==
		       SQLITE_OK;
	if (wal && !has_index(path))
		return open_alone(f, path);
	return sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
}

/* Accepts only an ordinary table "blocks". Views, virtual tables and generated columns run
 * expressions that the file's author wrote. */
static bool is_plain_table(struct block_source *s, struct sqlite_file *f)
{
	enum { HIDDEN = 6 };
	sqlite3_stmt *rows = sqlite_file_prepare(s, f,
		"SELECT 1 FROM sqlite_master WHERE lower(name) = 'blocks' AND type = 'table' AND "
		"rootpage > 1");
	enum err err = rows ? sqlite_file_step(s, f, rows) : ERR_MALFORMED;

	sqlite3_finalize(rows);
	if (err == ERR_NOT_FOUND)
		return fail(s, "not the database of a node: it has no table \"blocks\"", "");
	rows = err == ERR_OK ? sqlite_file_prepare(s, f, "PRAGMA table_xinfo(blocks)") : NULL;
	if (!rows)
		return false;
	bool plain = true;
	while ((err = sqlite_file_step(s, f, rows)) == ERR_OK)
		plain = plain && sqlite3_column_int(rows, HIDDEN) == 0;
	sqlite3_finalize(rows);
	if (err == ERR_NOT_FOUND && !plain)
		fail(s, "not the database of a node: its table \"blocks\" computes columns", "");
	return err == ERR_NOT_FOUND && plain;
}

bool sqlite_file_open(struct block_source *s, struct sqlite_file *f)
{
	char path[PATH_MAX];

	*f = (struct sqlite_file){.steps_max = STEPS_MAX, .ms_max = WORK_MAX_MS};
	if (input_is_packed(s->in))
		return fail(s, "a packed blockchain.db; unpack it first", "");
	if (!input_is_file(s->in))
		return fail(s, "a blockchain.db cannot come from a pipe; name the file", "");
	if (!find_path(s, path))
		return false;
	bool wal = is_wal(s, path);
	/* POSIX locks on a file are lost when any descriptor of it is closed: close ours before
	 * SQLite locks it. */
	input_close(s->in);
	s->in = NULL;
	if (!open_path(f, path, wal)) {
		if (f->db)
			fail_sqlite(s, f, "cannot open it");
		else
			fail(s, "out of memory", "");
		return false;
	}
	set_bounds(f);
	return sqlite_file_exec(s, f,
		       "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; "
		       "PRAGMA query_only=ON") == ERR_OK &&
	       is_plain_table(s, f);
}

void sqlite_file_close(struct sqlite_file *f)
{
	sqlite3_close(f->db);
	f->db = NULL;
}
