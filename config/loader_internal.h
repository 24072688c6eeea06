/* The state while settings are loaded, shared by the loader's files. For config/ alone. */
#ifndef CONFIG_LOADER_INTERNAL_H
#define CONFIG_LOADER_INTERNAL_H

#include "config/keys.h"
#include "config/toml.h"

enum { LOADER_GROUPS_MAX = 24 };

/* All keys without effect of one table share one notice. This remembers which. */
struct loader_group {
	char table[64];
	bool unknown;  /* keys that nobody knows; else known ones without effect in this version */
	size_t notice; /* its index in out->notices */
};

struct loader {
	struct config *out;        /* the result, with the errors and notices so far; borrowed */
	enum config_source source; /* the source that is being read */
	const char *home;          /* $HOME, for "~/"; NULL = not set */
	struct loader_group groups[LOADER_GROUPS_MAX];
	size_t group_count;
};

/* One setting as a source gave it. The elements of a list follow in the array behind `value`. */
struct setting {
	const char *key;   /* path as written, such as "net.peers" */
	const char *label; /* what messages call it: the variable for SOURCE_ENV, else the key */
	const struct toml_entry *value;
};

/* A setting whose key was found. `at` is the entry that is being checked: the value, or an element
 * of a list. */
struct known_setting {
	struct loader *l;
	const struct setting *s;
	const struct toml_entry *at;
	enum config_key_id id;
	const struct config_key *key;
};

/* Stores one setting from any source. An unknown key or a wrong value becomes an error; a key
 * without effect a notice. */
void loader_set(struct loader *l, const struct setting *s);

/* config_text.c: check and store a text, a list of texts, or one of several words. False after
 * adding an error. */
bool loader_set_text(const struct known_setting *t, char *to);
bool loader_set_list(const struct known_setting *t, struct config_list *list);
bool loader_set_choice(const struct known_setting *t, char *to);
bool loader_wrong_kind(const struct known_setting *t, const char *expected);

/* Each reads one source and passes its settings to loader_set(). */
void loader_file(struct loader *l, const char *path, bool must_exist);
void loader_text(struct loader *l, const char *text, size_t size);
void loader_environment(struct loader *l, const char *const *env);
void loader_sets(struct loader *l, const char *const *sets, size_t count);

/* After all sources: adjusts defaults to settings that were changed, and adds errors for settings
 * that contradict each other. */
void loader_cross_check(struct loader *l);

/* A rule: the value of `low` must not exceed the value of `high`. */
struct loader_rule {
	enum config_key_id low, high;
	const char *why;
};
extern const struct loader_rule loader_rules[];
extern const size_t loader_rule_count;

/* The part of it about a memory_budget below the default (budget.c). */
void loader_scale_to_budget(struct loader *l);

/* The default of memory_budget is for a node without DNS and without keys: what this part needs,
 * which is on because of a setting, comes on top (budget.c). */
void loader_widen_budget(struct config *c, enum limit_part part, enum config_key_id because);

/* The part of it about keys: also decides whether there is any (owner_check.c). */
void loader_check_owner(struct loader *l);

/* The part of it about [admin] (admin_check.c). */
void loader_check_admin(struct loader *l);

/* The part of it about [webui]: also decides whether it is on (web_check.c). */
void loader_check_web(struct loader *l);

/* The part of it about [dns] (dns_check.c): also decides whether there is a DNS server at all
 * (limits.dns). */
void loader_check_dns(struct loader *l);

/* Sets everything to its default. */
void loader_default(struct config *c);

/* Adds an error "place: name: message" about a setting; the line comes from the entry `at`. The
 * second one adds the message as it is. Both return false. */
bool loader_fail(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool loader_fail_plain(struct loader *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes where a setting was given: "node.toml:12:5", "environment ALFISD_X", "--set net.public".
 */
void loader_place(const struct loader *l, const struct setting *s, const struct toml_entry *at,
	char to[CONFIG_TEXT_MAX]);

/* Adds a notice: something was accepted, but not as the user may expect. */
void loader_notice(struct loader *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds a notice about a setting: "place: key: message". */
void loader_notice_at(struct loader *l, const struct setting *s, const struct toml_entry *at,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Mentions a key without effect in the notice of its table. `known` NULL: an unknown key in the
 * reference node's file, which that node tolerates. */
void loader_without_effect(
	struct loader *l, const struct setting *s, const struct config_ignored *known);

#endif
