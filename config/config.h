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
	CONFIG_TEXT_MAX = 256,
	CONFIG_PARAMS_MAX = 32,
	CONFIG_NOTICES_MAX = 64
};

struct config_list {
	char item[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
	const char *ptr[CONFIG_LIST_MAX]; /* the same, for those who want char ** */
	size_t count;
};

/* A number of [chain.params], kept with its place because only chain/ knows the names. */
struct config_param {
	char name[48];
	uint64_t value;
	char place[CONFIG_TEXT_MAX]; /* "node.toml:12:5", for errors */
};

struct config {
	char file[CONFIG_TEXT_MAX]; /* read from; "" = defaults only */
#define OPTION_STR(field, path, def, reason)            char field[CONFIG_TEXT_MAX];
#define OPTION_LIST(field, path, def, reason)           struct config_list field;
#define OPTION_BOOL(field, path, def, reason)           bool field;
#define OPTION_U64(field, path, def, min, max, reason)  uint64_t field;
#define OPTION_SIZE(field, path, def, min, max, reason) uint64_t field; /* bytes */
#define OPTION_TIME(field, path, def, min, max, reason) uint64_t field; /* milliseconds */
#define OPTION_ENUM(field, path, def, choices, reason)  char field[16];
#include "config/options.def"
	struct limits limits;
	struct config_param params[CONFIG_PARAMS_MAX];
	size_t param_count;
	char notices[CONFIG_NOTICES_MAX]
		    [CONFIG_TEXT_MAX]; /* keys accepted without effect, one each */
	size_t notice_count;
};

/* One line for the user: what, where, what would be right. */
struct config_error {
	char text[512];
};

/* `file` NULL: node.toml in the working directory, else CONFIG_SYSTEM_FILE, else defaults; a named
 * file must exist. `sets`: "table.key=value" strings of the command line, value in TOML or bare
 * text. `env`: the environment (environ), ALFISD_TABLE_KEY variables are taken. ERR_USAGE with *e
 * filled on the first error. Checks ranges and cross rules, not the memory sum. A bound that stands
 * at its default follows one that was changed where the two are tied (fewer connections: fewer of
 * them inbound); a notice says so.
 */
enum err config_load(const char *file, const char *const *sets, size_t set_count,
	const char *const *env, struct config *out, struct config_error *e);

/* *total: the worst case of all rows in bytes. When it is over memory_budget ERR_TOO_BIG comes back
 * and *e names the largest rows with their share. */
enum err config_check_memory(const struct config *c, uint64_t *total, struct config_error *e);

#endif
