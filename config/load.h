/* Inside config/: the state of one loading, shared by the files that take the settings in. */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/keys.h"
#include "config/toml.h"

enum source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_ENV, SOURCE_SET };

/* Where a value came from, for messages. */
struct origin {
	enum source source;
	bool as_net; /* a row of [limits], written as net.<row> */
	uint32_t line, column;
};

struct loader {
	struct config *out;
	struct config_error *e; /* filled by the first error */
	enum source source;     /* that is being read */
	struct origin given[CONFIG_KEYS];
};

/* One value as somebody wrote it; its list elements stand behind the entry. */
struct setting {
	const char *key;   /* dotted, as written */
	const char *label; /* the variable's name for SOURCE_ENV, else the key */
	const struct toml_entry *value;
};

/* All return false after filling l->e. */

/* One setting from any source: known, accepted without effect, or an error. */
bool loader_set(struct loader *l, const struct setting *s);

bool loader_file(struct loader *l, const char *path, bool must_exist);
bool loader_text(struct loader *l, const char *text, size_t size);
bool loader_environment(struct loader *l, const char *const *env);
bool loader_sets(struct loader *l, const char *const *sets, size_t count);

/* Fits what nobody set to what somebody set, and refuses settings that contradict each other. */
bool loader_cross_check(struct loader *l);

void loader_default(struct config *c);

/* "place: name: message" for a setting (its entry gives the line), or for a key that was given. */
bool loader_fail(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool loader_fail_key(struct loader *l, enum config_key_id key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool loader_fail_plain(struct loader *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Where a setting stands: "node.toml:12:5", "environment ALFISD_X", "--set net.public". */
void loader_place(const struct loader *l, const struct setting *s, const struct toml_entry *at,
	char to[CONFIG_TEXT_MAX]);

/* A notice for the log: accepted, but not as the user may think. */
void loader_notice(struct loader *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
