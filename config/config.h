/* Settings: defaults < file < environment < command line, checked, with the place of every error.
 * Rows of options.def become fields here, rows of limits.def become struct limits. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/err.h"
#include "base/log.h"
#include "config/limits.h"

#ifndef SYSCONFDIR /* of the installation, told by the build */
#define SYSCONFDIR "/etc"
#endif
#define CONFIG_SYSTEM_FILE SYSCONFDIR "/alfisd/node.toml"

enum {
	CONFIG_LIST_MAX = 32,
	CONFIG_LONG_LIST_MAX = 1024, /* as many as limits.max_configured_peers can be */
	CONFIG_TEXT_MAX = 256,
	CONFIG_PARAMS_MAX = 32,
	CONFIG_NOTICES_MAX = 64,
	CONFIG_ERRORS_MAX = 32,
};

/* Each row by name, in the order of the tables: KEY_data_dir, KEY_limit_max_inbound. */
enum config_key_id {
#define OPTION_STR(field, path, def, reason)            KEY_##field,
#define OPTION_LIST(field, path, def, reason)           KEY_##field,
#define OPTION_LONG_LIST(field, path, def, reason)      KEY_##field,
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

/* Texts, in room that struct config has for them. */
struct config_list {
	char (*item)[CONFIG_TEXT_MAX];
	const char **ptr; /* the same, for those who want char ** */
	size_t count, max;
};

enum config_source {
	SOURCE_DEFAULT,
	SOURCE_FILE,
	SOURCE_ENV,
	SOURCE_SET,
	SOURCE_TIED, /* a default that follows another setting */
};

/* Where a value came from. */
struct config_origin {
	enum config_source source;
	bool as_net; /* a row of [limits], written as net.<row> */
	bool wrong;  /* there is an error about it, and the value stands for nothing */
	uint32_t line, column;
	enum config_key_id because; /* SOURCE_TIED: follows this one */
};

/* One line for the user: what, where, what would be right. */
struct config_error {
	char text[512];
};

/* A number of [chain.params], kept with its place because only chain/ knows the names. */
struct config_param {
	char name[48];
	uint64_t value;
	char place[CONFIG_TEXT_MAX]; /* "node.toml:12:5", for errors */
};

struct config {
	char file[CONFIG_TEXT_MAX]; /* read from; "" = defaults only */
	size_t file_keys;           /* settings in it */
	bool unread;                /* it could not be read, or is no TOML */
	bool reference; /* it is the reference's own: what that puts up with is no error */
#define OPTION_STR(field, path, def, reason)            char field[CONFIG_TEXT_MAX];
#define OPTION_LIST(field, path, def, reason)           struct config_list field;
#define OPTION_LONG_LIST(field, path, def, reason)      struct config_list field;
#define OPTION_BOOL(field, path, def, reason)           bool field;
#define OPTION_U64(field, path, def, min, max, reason)  uint64_t field;
#define OPTION_SIZE(field, path, def, min, max, reason) uint64_t field; /* bytes */
#define OPTION_TIME(field, path, def, min, max, reason) uint64_t field; /* milliseconds */
#define OPTION_ENUM(field, path, def, choices, reason)  char field[16];
#include "config/options.def"
	struct limits limits;
	struct config_origin from[CONFIG_KEYS];
	struct config_param params[CONFIG_PARAMS_MAX];
	size_t param_count;
	char notices[CONFIG_NOTICES_MAX][CONFIG_TEXT_MAX]; /* accepted, but not as one may think */
	size_t notice_count;
	struct config_error errors[CONFIG_ERRORS_MAX];
	size_t error_count; /* all of them; what is over CONFIG_ERRORS_MAX has no text */
	/* The lists' items stand last, where nothing touches the pages that nobody needs. */
#define OPTION_LIST(field, path, def, reason)      const char *field##_ptr[CONFIG_LIST_MAX];
#define OPTION_LONG_LIST(field, path, def, reason) const char *field##_ptr[CONFIG_LONG_LIST_MAX];
#include "config/options.def"
	struct config_room {
#define OPTION_LIST(field, path, def, reason) char field[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
#define OPTION_LONG_LIST(field, path, def, reason)                                                 \
	char field[CONFIG_LONG_LIST_MAX][CONFIG_TEXT_MAX];
#include "config/options.def"
	} room;
};

/* `file` NULL: node.toml in the working directory, else CONFIG_SYSTEM_FILE, else defaults; a named
 * file must exist. `sets`: "table.key=value" strings of the command line, value in TOML or bare
 * text. `env`: the environment (environ), ALFISD_TABLE_KEY variables are taken. ERR_USAGE with
 * out->errors filled: all of them, in the order of the file, then of the environment, then of the
 * command line. Checks ranges and cross rules, not the memory sum. A bound that stands at its
 * default follows one that was changed where the two are tied (fewer connections: fewer of them
 * inbound); a notice says so. `out` was zeroed when it was made.
 */
enum err config_load(const char *file, const char *const *sets, size_t set_count,
	const char *const *env, struct config *out);

/* One more error, for what only other parts can judge; one line. */
void config_fault(struct config *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same about a setting, with the place where it was given; false. */
bool config_fault_key(struct config *c, enum config_key_id key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Are these settings right, whatever is wrong with others? */
bool config_usable(const struct config *c, const enum config_key_id *keys, size_t count);

/* *total: the worst case of all rows in bytes. When it is over memory_budget ERR_TOO_BIG comes back
 * and *e names the largest rows with their share. */
enum err config_check_memory(const struct config *c, uint64_t *total, struct config_error *e);

#endif
