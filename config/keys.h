/* All keys of node.toml as data: the rows of options.def and limits.def in one table. */
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
	size_t offset;       /* of its value in struct config */
	const char *text;    /* default of STR and ENUM; of LIST, items with '|' between */
	const char *choices; /* of ENUM, with '|' between */
	uint64_t def, min, max;
	const char *reason; /* one sentence of why */
};

extern const struct config_key config_keys[CONFIG_KEYS];

/* Index of the key that is written so, or -1. Rows of limits.def also answer to "net." + name;
 * *as_net says that this was done. */
int config_key_find(const char *path, bool *as_net);

/* Index of the key that this variable of the environment names: ALFISD_NODE_DATA_DIR; or -1. */
int config_key_of_variable(const char *variable, bool *as_net);

/* The variable of a key; `to` holds CONFIG_TEXT_MAX. */
void config_variable(const char *path, char *to);

/* May [path] stand in the file although no key is in it? */
bool config_is_table(const char *path);

/* Tables and keys of alfis.toml, and of later versions, that are taken without effect. */
struct config_ignored {
	const char *name; /* "dns": the table and all that is in it; "key_files": the key */
	bool table;
	bool reference;  /* the reference's own */
	const char *why; /* what this version lacks */
};

/* The one that `path` is, or is in; or NULL. */
const struct config_ignored *config_ignored(const char *path);

/* Is the path in a table that the reference does not have? */
bool config_is_ours(const char *path);

/* The path as it was written where the value came from: "net.max_bans" for a row of [limits] that
 * was given so. */
void config_written(const struct config *c, enum config_key_id key, char to[CONFIG_TEXT_MAX]);

/* Must the value of such a key never be shown? */
bool config_is_secret(const char *path);

/* Letters to add, drop, change or swap with their neighbour to get from a to b; SIZE_MAX when one
 * of them is too long for a name. */
size_t config_distance(const char *a, const char *b);

/* The known key nearest to an unknown one, to be offered: false when none is near. */
bool config_nearest(const char *path, char to[CONFIG_TEXT_MAX]);

/* "32 MB", "5 s", "1000", as the key's kind wants it; returns `to`. */
const char *config_number_text(const struct config_key *key, uint64_t v, char *to);

/* The value's place inside c. */
void *config_value(struct config *c, const struct config_key *key);
const void *config_value_const(const struct config *c, const struct config_key *key);

#endif
