/* Where `export` writes to: a regular file, made whole under no name and then put in its place, or
 * whatever else has the name (a pipe, a device, standard output), which is written through. */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { TARGET_PATH_MAX = 4096 };

struct target {
	const char *name; /* as the user wrote it; borrowed */
	FILE *f;          /* to write into; NULL = not open */
	bool through;     /* nothing is renamed, and nothing can be written twice */
	bool standard;    /* it is standard output: messages go elsewhere */
	int dir;          /* the folder of `path`; −1 = none */
	bool there;       /* a file is replaced; `old` tells of it */
	struct stat old;
	char path[TARGET_PATH_MAX]; /* of the file to be made; links are followed */
	char temporary[64];         /* in `dir`; "" = the file has no name yet */
	int helper;                 /* gives the name, see target_keep_rights(); −1 = none */
	pid_t helper_pid;
	char error[TARGET_PATH_MAX + 256];
};

/* False with t->error, and nothing was changed. `data_dir`: nothing in it is written to. */
bool target_open(struct target *t, const char *name, const char *data_dir);

/* For a process that is about to become another user: the file gets its name with the rights of
 * now. False with t->error. */
bool target_keep_rights(struct target *t);

/* Goes back to the beginning; not when t->through. */
bool target_rewind(struct target *t);

/* All that was written is on the disk under its name, or in the pipe. False with t->error. */
bool target_finish(struct target *t);

/* Leaves nothing behind; also after target_finish() or a failed target_open(). */
void target_close(struct target *t);

#endif
