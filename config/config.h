/* The settings of the program. Sources: defaults < file < environment < command line; each
 * overrides those before it. Every error is reported with its place. The rows of options.def become
 * fields of struct config, the rows of limits.def struct limits. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/err.h"
#include "base/log.h"
#include "config/limits.h"

#ifndef SYSCONFDIR /* where the installation keeps its settings; set by the build */
#define SYSCONFDIR "/etc"
#endif
#define CONFIG_SYSTEM_FILE SYSCONFDIR "/alfisd/node.toml"

#define CONFIG_KEY_SUFFIX ".key" /* of the files in owner.keys */

enum {
	CONFIG_LIST_MAX = 32,
	CONFIG_LONG_LIST_MAX = 1024, /* as many as limits.max_configured_peers can be */
	CONFIG_TEXT_MAX = 256,
	CONFIG_PARAMS_MAX = 32,
	CONFIG_NOTICES_MAX = 64,
	CONFIG_ERRORS_MAX = 32,
};

/* An id for each setting, in the order of the tables: KEY_data_dir, KEY_limit_max_inbound. */
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
	KEY_OPTIONS, /* number of options; the rows of limits.def follow */
	KEY_BEFORE_LIMITS = KEY_OPTIONS - 1,
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason) KEY_limit_##name,
#include "config/limits.def"
#undef LIMIT
	CONFIG_KEYS
};

/* A list of texts. They are stored in struct config itself. */
struct config_list {
	char (*item)[CONFIG_TEXT_MAX];
	const char **ptr; /* pointers to the same texts, for functions that want char ** */
	size_t count, max;
};

enum config_source {
	SOURCE_DEFAULT,
	SOURCE_FILE,
	SOURCE_ENV,
	SOURCE_SET,
	SOURCE_TIED, /* nobody set it; it was derived from another setting */
};

/* Where a value came from. */
struct config_origin {
	enum config_source source;
	bool as_net; /* a row of [limits] that was given as net.<row> */
	bool wrong;  /* there is an error about it: do not use the value */
	uint32_t line, column;
	enum config_key_id because; /* SOURCE_TIED: the setting it was derived from */
};

/* One line for the user: where the error is, what is wrong, and what would be right. */
struct config_error {
	char text[512];
};

/* A number of [chain.params]. It is kept with its name and place, because only chain/ knows the
 * valid names. */
struct config_param {
	char name[48];
	uint64_t value;
	char place[CONFIG_TEXT_MAX]; /* "node.toml:12:5", for errors */
};

struct config {
	char file[CONFIG_TEXT_MAX]; /* the file that was read; "" = none */
	size_t file_keys;           /* number of settings in it */
	bool unread;                /* it could not be read, or is not TOML */
	/* it is the reference node's alfis.toml: what that node tolerates is no error */
	bool reference;
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
	/* about settings that were accepted, but not as the user may expect */
	char notices[CONFIG_NOTICES_MAX][CONFIG_TEXT_MAX];
	size_t notice_count;
	struct config_error errors[CONFIG_ERRORS_MAX];
	size_t error_count; /* all errors; only the first CONFIG_ERRORS_MAX have a text */
	/* The texts of the lists come last, so that the kernel never has to provide the pages of
	 * unused ones. */
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

/* Loads the settings from all sources into *out, which must be zeroed memory.
 * `file` NULL: node.toml in the working directory, else CONFIG_SYSTEM_FILE, else defaults only; a
 * file that is named must exist. `sets`: strings "table.key=value" of the command line, the value
 * in TOML or as bare text. `env`: the environment (environ); variables ALFISD_TABLE_KEY are used.
 * Checks ranges, and settings against each other, but not the memory sum: see
 * config_check_memory(). A limit at its default is adjusted when a changed one demands it (fewer
 * connections: fewer of them inbound), and a notice says so.
 * Returns ERR_OK, or ERR_USAGE with all errors in out->errors, in the order of the file, then of
 * the environment, then of the command line. */
enum err config_load(const char *file, const char *const *sets, size_t set_count,
	const char *const *env, struct config *out);

/* Reads the cost of a hash of webui.password_hash: KiB of memory, and passes. False when the text
 * is no such hash. */
bool config_web_cost(const char *hash, unsigned *memory, unsigned *passes);

/* The path of owner.signer; NULL when the keys are on this machine. */
const char *config_signer(const struct config *c);

/* Adds an error, for parts that check more than config/ can. The text is one line without "\n". */
void config_fault(struct config *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds an error about a setting, beginning with the place where it was given, and marks the setting
 * as wrong. Returns false. */
bool config_fault_key(struct config *c, enum config_key_id key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds a notice about a setting, with the place where it was given: it was accepted, but not as the
 * user may expect. */
void config_notice_key(struct config *c, enum config_key_id key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* True when these settings have no error, whatever is wrong with others. */
bool config_usable(const struct config *c, const enum config_key_id *keys, size_t count);

/* Sums the worst case of all limits to *total bytes. ERR_TOO_BIG when it exceeds memory_budget: *e
 * then names the largest rows with their shares. */
enum err config_check_memory(const struct config *c, uint64_t *total, struct config_error *e);

#endif
