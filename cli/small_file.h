/* Small files that a command reads whole and writes whole. A file is written under another name
 * next to its own, brought to disk and then renamed, so that it is the old one or the new one,
 * whatever happens. Before: cli/block.c and other commands. After: the file system. */
#ifndef CLI_SMALL_FILE_H
#define CLI_SMALL_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/cursor.h"

enum { SMALL_FILE_WHY = 256 };

/* Reads a file of at most `to->size` bytes; "-" is standard input. False with a reason, which goes
 * behind the file's name. */
bool small_file_read(const char *name, struct wr *to, char why[SMALL_FILE_WHY]);

/* Replaces the file, or makes it with this mode; "-" is standard output. A link is followed, and
 * what is no regular file is not replaced. False with a reason as above; the file is as it was. */
bool small_file_write(const char *name, struct slice bytes, mode_t mode, char why[SMALL_FILE_WHY]);

#endif
