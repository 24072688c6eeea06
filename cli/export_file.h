/* Where `export` writes to. A regular file is written without a name (or under a temporary one) and
 * renamed into place when it is complete, so nobody ever sees half a snapshot. Anything else that
 * has the name (a pipe, a device, standard output) is written to directly. */
#ifndef CLI_EXPORT_FILE_H
#define CLI_EXPORT_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { EXPORT_PATH_MAX = 4096 };

struct export_file {
	const char *name; /* as the user wrote it; borrowed */
	FILE *f;          /* the caller writes into it; NULL = not open */
	bool through;     /* written to directly: no rename, no second try */
	bool standard;    /* it is standard output, so messages go to standard error */
	int dir;          /* descriptor of the folder of `path`; −1 = none */
	bool there;       /* a file with this name exists and is replaced; `old` describes it */
	struct stat old;
	char path[EXPORT_PATH_MAX]; /* of the file to be made, with links resolved */
	char temporary[64];         /* its name in `dir` so far; "" = it has none yet */
	int helper; /* socket to the process of export_file_keep_rights(); −1 = none */
	pid_t helper_pid;
	char error[EXPORT_PATH_MAX + 256];
};

/* Checks the name and opens the target. Refuses to write into `data_dir`, or over a database.
 * `name` must outlive *t. False with t->error; nothing was changed. Call export_file_close() either
 * way.
 */
bool export_file_open(struct export_file *t, const char *name, const char *data_dir);

/* Called before this process gives up root's rights: starts a process that keeps them and renames
 * the file in the end. False with t->error. */
bool export_file_keep_rights(struct export_file *t);

/* Empties the file to write it again. Not allowed when t->through. */
bool export_file_rewind(struct export_file *t);

/* Puts all that was written on the disk, under its name, or into the pipe, and closes t->f. False
 * with t->error. */
bool export_file_finish(struct export_file *t);

/* Closes everything and removes what has not got its name. Also after export_file_finish() or a
 * failed export_file_open(). */
void export_file_close(struct export_file *t);

#endif
