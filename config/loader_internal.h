/* Inside config/: the state of one loading, shared by the files that take the settings in. */
#ifndef CONFIG_LOADER_INTERNAL_H
#define CONFIG_LOADER_INTERNAL_H

#include "config/keys.h"
#include "config/toml.h"

enum { LOADER_GROUPS_MAX = 24 };

/* Keys without effect are told in one notice for each table. */
struct loader_group {
	char table[64];
	bool unknown;  /* else known, and without effect in this version */
	size_t notice; /* its place in struct config */
};

struct loader {
	struct config *out;        /* with the errors and notices so far */
	enum config_source source; /* that is being read */
	const char *home;          /* what "~/" stands for; NULL = unknown */
	struct loader_group groups[LOADER_GROUPS_MAX];
	size_t group_count;
};

/* One value as somebody wrote it; its list elements stand behind the entry. */
struct setting {
	const char *key;   /* dotted, as written */
	const char *label; /* the variable's name for SOURCE_ENV, else the key */
	const struct toml_entry *value;
};

/* A setting on its way to its key; `at` is the entry that is judged: the value or an element. */
struct target {
	struct loader *l;
	const struct setting *s;
	const struct toml_entry *at;
	enum config_key_id id;
	const struct config_key *key;
};

/* One setting from any source: known, accepted without effect, or an error. */
void loader_set(struct loader *l, const struct setting *s);

/* Text, lists of text and choices into their places: false after an error. config_text.c */
bool loader_set_text(const struct target *t, char *to);
bool loader_set_list(const struct target *t, struct config_list *list);
bool loader_set_choice(const struct target *t, char *to);
bool loader_wrong_kind(const struct target *t, const char *expected);

void loader_file(struct loader *l, const char *path, bool must_exist);
void loader_text(struct loader *l, const char *text, size_t size);
void loader_environment(struct loader *l, const char *const *env);
void loader_sets(struct loader *l, const char *const *sets, size_t count);

/* Fits what nobody set to what somebody set, and refuses settings that contradict each other. */
void loader_cross_check(struct loader *l);

/* The value of `low` must not be over that of `high`. */
struct loader_rule {
	enum config_key_id low, high;
	const char *why;
};
extern const struct loader_rule loader_rules[];
extern const size_t loader_rule_count;

/* Its part about a memory_budget that is smaller than the default. */
void loader_scale_to_budget(struct loader *l);

/* Its part about [admin]. */
void loader_check_admin(struct loader *l);

void loader_default(struct config *c);

/* "place: name: message" for a setting (its entry gives the line); both return false. */
bool loader_fail(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool loader_fail_plain(struct loader *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Where a setting stands: "node.toml:12:5", "environment ALFISD_X", "--set net.public". */
void loader_place(const struct loader *l, const struct setting *s, const struct toml_entry *at,
	char to[CONFIG_TEXT_MAX]);

/* A notice for the log: accepted, but not as the user may think. */
void loader_notice(struct loader *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same about a setting: "place: key: message". */
void loader_notice_at(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same about a key, wherever it was given. */
void loader_notice_key(struct loader *l, enum config_key_id key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A key without effect: in the one notice of its table. `known` NULL: a key that the reference's
 * file has and that nobody knows. */
void loader_without_effect(
	struct loader *l, const struct setting *s, const struct config_ignored *known);

#endif
