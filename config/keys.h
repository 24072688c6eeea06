/* The table of all keys of node.toml, made from options.def and limits.def, and functions to find a
 * key. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/config.h"

enum key_kind {
	KIND_STR,
	KIND_LIST,
	KIND_BOOL,
	KIND_U64,
	KIND_SIZE, /* bytes */
	KIND_TIME, /* milliseconds */
	KIND_ENUM,
};

struct config_key {
	const char *path; /* "node.data_dir", "limits.max_inbound" */
	enum key_kind kind;
	size_t offset;       /* of the value in struct config */
	const char *text;    /* default of STR and ENUM; of LIST, the items with '|' between */
	const char *choices; /* of ENUM, with '|' between */
	uint64_t def, min, max;
	const char *reason; /* one sentence for users: why it is there */
};

extern const struct config_key config_keys[CONFIG_KEYS];

/* Finds a key by its path. Rows of limits.def are also found as "net." + name; *as_net then becomes
 * true. Returns the index, or -1. */
int config_key_find(const char *path, bool *as_net);

/* Finds a key by its environment variable, such as ALFISD_NODE_DATA_DIR. Returns the index, or -1.
 */
int config_key_of_variable(const char *variable, bool *as_net);

/* Writes the name of the environment variable of a key; `to` has CONFIG_TEXT_MAX bytes. */
void config_variable(const char *path, char *to);

/* True when [path] is a table that may be in the file, even if it is empty. */
bool config_is_table(const char *path);

/* Tables and keys of the reference node's alfis.toml, and of later versions, that are accepted but
 * have no effect. */
struct config_ignored {
	const char *name; /* a table ("webui", with all its keys) or a key ("owner.sign") */
	bool table;
	const char *why; /* what this version lacks, for the notice */
};

/* The entry that the path is, or is inside of; NULL if there is none. Static. */
const struct config_ignored *config_ignored(const char *path);

/* True when the path is in a table that the reference node does not have. */
bool config_is_ours(const char *path);

/* True for a table or key of the reference node by which its file is known, and what is in them. */
bool config_is_theirs(const char *path);

/* Spells the key the way its last source did: "net.max_bans" if it was given under [net], else
 * "limits.max_bans". */
void config_written(const struct config *c, enum config_key_id key, char to[CONFIG_TEXT_MAX]);

/* True for a key whose value must never be shown. */
bool config_is_secret(const char *path);

/* Edit distance: how many letters to add, drop, change or swap with their neighbour to get from a
 * to b. SIZE_MAX when one of them is longer than 63 bytes. */
size_t config_distance(const char *a, const char *b);

/* Finds the known key that is most similar to an unknown one, to suggest it. False when none is
 * similar. */
bool config_nearest(const char *path, char to[CONFIG_TEXT_MAX]);

/* Writes a number in the form of the key's kind: "32 MB", "5 s", "1000". `to` has UNITS_TEXT_MAX
 * bytes (config/units.h). Returns `to`. */
const char *config_number_text(const struct config_key *key, uint64_t v, char *to);

/* Pointer to the value inside c, of the type of key->kind: char[], struct config_list, bool or
 * uint64_t. */
void *config_value(struct config *c, const struct config_key *key);
const void *config_value_const(const struct config *c, const struct config_key *key);

#endif
