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

/* Each row by name, in the order of the table: KEY_data_dir, KEY_limit_max_inbound. */
enum config_key_id {
#define OPTION_STR(field, path, def, reason)            KEY_##field,
#define OPTION_LIST(field, path, def, reason)           KEY_##field,
#define OPTION_BOOL(field, path, def, reason)           KEY_##field,
#define OPTION_U64(field, path, def, min, max, reason)  KEY_##field,
#define OPTION_SIZE(field, path, def, min, max, reason) KEY_##field,
#define OPTION_TIME(field, path, def, min, max, reason) KEY_##field,
#define OPTION_ENUM(field, path, def, choices, reason)  KEY_##field,
#include "config/options.def"
	KEY_OPTIONS, /* how many; the rows of limits.def follow */
	KEY_BEFORE_LIMITS = KEY_OPTIONS - 1,
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason) KEY_limit_##name,
#include "config/limits.def"
#undef LIMIT
	CONFIG_KEYS
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

/* Names that alfis.toml has and that are taken without effect: what this node lacks, or NULL. */
const char *config_key_ignored(const char *path);

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
