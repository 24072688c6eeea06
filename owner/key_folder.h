/* The folder of the owner's keys, owner.keys: one file NAME.key for each, the folder for its user
 * alone (0700), as the files (0600). Every file is whole or not there: it is written by another
 * name, synced, and then gets its own, never over another key. Nothing here knows what is in a
 * file.
 *
 * Functions that fail return an error and write one line for the user to `why`, which has
 * KEY_WHY_SIZE bytes. They wait for the disk. */
#ifndef OWNER_KEY_FOLDER_H
#define OWNER_KEY_FOLDER_H

#include "base/err.h"
#include "base/slice.h"
#include "owner/key_file.h"

enum {
	KEY_WHY_SIZE = 512,
	KEY_PATH_SIZE = 600, /* of the path of a file in the folder */
};

struct key_folder {
	int fd; /* of the folder; −1 = it is not open */
	char path[512];
};

/* Opens the folder; with `make` it is made when it is missing. ERR_NOT_FOUND when it is not there;
 * ERR_REFUSED when it is no folder (a link is none), another user's, or others may look into it. */
enum err key_folder_open(struct key_folder *f, const char *path, bool make, char why[KEY_WHY_SIZE]);

/* Closes it; does nothing when it is not open. */
void key_folder_close(struct key_folder *f);

/* Lists the names of the keys, in order, `most` at most. Returns how many there are in all; −1 when
 * the folder cannot be read (`why`). */
int key_folder_list(const struct key_folder *f, char (*names)[KEY_NAME_MAX + 1], size_t most,
	char why[KEY_WHY_SIZE]);

/* Reads the file of a key, *n bytes. ERR_NOT_FOUND; ERR_IO; ERR_REFUSED when others may read it, it
 * is another user's, a link, or longer than a key. */
enum err key_folder_load(const struct key_folder *f, const char *name,
	uint8_t bytes[KEY_FILE_MAX + 1], size_t *n, char why[KEY_WHY_SIZE]);

/* Names of keys are good ones below (key_name_is_valid()). */

/* Writes a new key: ERR_EXISTS when there is one of this name, ERR_IO when the disk did not take
 * it. */
enum err key_folder_add(
	const struct key_folder *f, const char *name, struct slice bytes, char why[KEY_WHY_SIZE]);

/* Writes a key that is there anew: its old file stays until the new one is whole. ERR_NOT_FOUND,
 * ERR_IO. */
enum err key_folder_replace(
	const struct key_folder *f, const char *name, struct slice bytes, char why[KEY_WHY_SIZE]);

/* Gives a key another name: ERR_NOT_FOUND, ERR_EXISTS, ERR_IO. */
enum err key_folder_rename(
	const struct key_folder *f, const char *from, const char *to, char why[KEY_WHY_SIZE]);

/* Moves a key's file into the folder "removed" within this one, and writes its path to `where`.
 * ERR_NOT_FOUND, ERR_IO. */
enum err key_folder_remove(const struct key_folder *f, const char *name, char where[KEY_PATH_SIZE],
	char why[KEY_WHY_SIZE]);

/* Writes a file of secrets to `path`, mode 0600, never over one that is there: ERR_EXISTS, ERR_IO.
 * For exports, whose folder may be anybody's. */
enum err key_folder_export(const char *path, struct slice bytes, char why[KEY_WHY_SIZE]);

#endif
