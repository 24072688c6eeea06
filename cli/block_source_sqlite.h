/* Opens a SQLite file that may be hostile or in use by the reference node. Reads only: makes and
 * changes no file beside it, and bounds memory, work and waiting. For cli/block_source_sqlite*.c
 * alone.
 */
#ifndef CLI_BLOCK_SOURCE_SQLITE_H
#define CLI_BLOCK_SOURCE_SQLITE_H

#include "cli/block_source.h"

struct sqlite3;
struct sqlite3_stmt;

struct sqlite_file {
	struct sqlite3 *db;
	uint64_t steps;     /* of SQLite's virtual machine since the last row */
	uint64_t steps_max; /* more than any honest file needs */
	uint64_t began_ms;  /* when the statement, or the work on its next row, began */
	uint64_t ms_max;
	unsigned waited_ms; /* for another process to release its lock */
	bool too_many;      /* steps_max or ms_max was reached */
};

/* Opens with SQLite the file that s->in has open, and closes s->in. False with s->error; call
 * sqlite_file_close() either way. */
bool sqlite_file_open(struct block_source *s, struct sqlite_file *f);
void sqlite_file_close(struct sqlite_file *f);

/* Compiles a statement, which the caller frees with sqlite3_finalize(). NULL with s->error. */
struct sqlite3_stmt *sqlite_file_prepare(
	struct block_source *s, struct sqlite_file *f, const char *sql);

/* Fetches the next row. ERR_OK: there is one. ERR_NOT_FOUND: there are no more. ERR_STOPPING: a
 * signal came. Any other error is described in s->error. */
enum err sqlite_file_step(struct block_source *s, struct sqlite_file *f, struct sqlite3_stmt *rows);

/* Runs statements that return no rows; errors as above. */
enum err sqlite_file_exec(struct block_source *s, struct sqlite_file *f, const char *sql);

#endif
