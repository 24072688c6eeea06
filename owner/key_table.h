/* The keys that the node knows of, by what is on disk: the files of owner.keys and those of
 * key_files. What the key process knows of them is owner/keys_state.h. Bounded by limits.max_keys.
 */
#ifndef OWNER_KEY_TABLE_H
#define OWNER_KEY_TABLE_H

#include "base/bound.h"
#include "owner/key_folder.h"

struct key_entry {
	char name[KEY_NAME_MAX + 1];
	bool away;                /* on the machine of a signer (owner.signer), as its file */
	bool plain;               /* its secrets are in plain in a file of key_files */
	unsigned file;            /* plain: its place in key_files */
	bool asked;               /* the key process was given it, and has not answered */
	bool told;                /* the key process has answered */
	struct key_public pub;    /* zeros when the file could not be read, and of a plain one */
	char wrong[KEY_WHY_SIZE]; /* why it is left out, for the user; "" = it is not */
};

struct key_table {
	struct key_entry *entry; /* owned; NULL = none was made */
	size_t count;
	struct bound *bound; /* max_keys; borrowed */
};

/* Makes an empty table for as many keys as the bound has now. False without memory. */
bool key_table_init(struct key_table *t, struct bound *bound);
void key_table_free(struct key_table *t);

/* The key of this name; NULL = there is none. Valid until the table is changed. */
struct key_entry *key_table_find(const struct key_table *t, const char *name);

/* Adds a sealed key; NULL when the bound is reached. The name is a good one that no other has. */
struct key_entry *key_table_add(struct key_table *t, const char *name);

/* Adds a plain one: it is called as its file, without the ending, or as the whole file where
 * another key has that name already, or plainN. NULL when the bound is reached. */
struct key_entry *key_table_add_plain(struct key_table *t, const char *path, unsigned file);

/* Forgets a key. */
void key_table_remove(struct key_table *t, struct key_entry *e);

#endif
