/* A SQLite file that nobody vouches for, opened for reading so that nothing beside it is made,
 * changed or waited for without end. For node/source_sqlite*.c alone. */
#ifndef CLI_SOURCE_SQLITE_H
#define CLI_SOURCE_SQLITE_H

#include "cli/source.h"

struct sqlite3;
struct sqlite3_stmt;

struct sqlite_file {
	struct sqlite3 *db;
	uint64_t steps;     /* of SQLite's machine since the last row */
	uint64_t steps_max; /* more than these are no honest file's */
	uint64_t began_ms;  /* the statement, or the work on its next row */
	uint64_t ms_max;
	unsigned waited_ms; /* for whoever has it locked */
	bool too_many;      /* steps_max or ms_max was reached */
};

/* Opens the file that s->in has open, and closes s->in. False with s->error. */
bool sqlite_file_open(struct source *s, struct sqlite_file *f);
void sqlite_file_close(struct sqlite_file *f);

/* NULL with s->error. */
struct sqlite3_stmt *sqlite_file_prepare(struct source *s, struct sqlite_file *f, const char *sql);

/* ERR_OK: a row. ERR_NOT_FOUND: no more. ERR_STOPPING, or another failure with s->error. */
enum err sqlite_file_step(struct source *s, struct sqlite_file *f, struct sqlite3_stmt *rows);

/* Runs what gives no rows. */
enum err sqlite_file_exec(struct source *s, struct sqlite_file *f, const char *sql);

#endif
