/* What the files of the key folder share. For owner/ alone. */
#ifndef OWNER_KEY_FOLDER_INTERNAL_H
#define OWNER_KEY_FOLDER_INTERNAL_H

#include "owner/key_folder.h"

enum { KEY_FILE_NAME_SIZE = KEY_NAME_MAX + 16 /* NAME.key, .NAME.key.part, NAME.99.key */ };

/* Writes the line for the user: `fmt`, with the folder's path and a slash in front. Returns `err`.
 */
enum err key_folder_say(char why[KEY_WHY_SIZE], enum err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives `from` in the folder `from_fd` the name `to` in `to_fd`, never over a file that is there:
 * 0, or an errno (EEXIST). */
int key_folder_move(int from_fd, const char *from, int to_fd, const char *to);

/* Writes the file `name` in the folder `dir` whole: by another name, synced, then renamed; with
 * `replace` over the one that is there. 0, or an errno (EEXIST). */
int key_folder_write(int dir, const char *name, struct slice bytes, bool replace);

#endif
