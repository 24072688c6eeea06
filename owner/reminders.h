/* When the owner of a name is reminded: 60, 30, 7 and 1 days before its year is over, when it is
 * over, and when others may take it; by the true date (protocol.md 7.6), which is not always the
 * one that release 0.10 shows. And when the node renews it by itself. Pure. Before:
 * node/node_remind.c. After: owner/own_domains.h. */
#ifndef OWNER_REMINDERS_H
#define OWNER_REMINDERS_H

#include "owner/own_domains.h"

enum reminder_step {
	REMIND_NONE,
	REMIND_60_DAYS,
	REMIND_30_DAYS,
	REMIND_7_DAYS,
	REMIND_1_DAY,
	REMIND_EXPIRED, /* its owner alone may renew it */
	REMIND_FREE,    /* anybody may have it, since 30 days at most */
};

/* The last step that the name has come to. `now`: seconds. */
enum reminder_step reminder_step(const struct own_domain *d, int64_t now);

enum { REMINDER_KEY_MAX = 64 }; /* bytes of what tells one reminder from another */

/* What tells this reminder from all others: the name, its date and the step. Returns `to`'s part.
 */
struct slice reminder_key(
	const struct own_domain *d, enum reminder_step step, uint8_t to[REMINDER_KEY_MAX]);

enum { REMINDER_WORDS_MAX = 512 };

/* "example.ygg expires in 29 d 23 h, on 2026-12-30 02:53 UTC: `alfisd domain renew example.ygg`".
 * `name` empty: it cannot be read, and is told by its identity. `key`: the key's name. Returns
 * `to`. */
const char *reminder_words(const struct own_domain *d, enum reminder_step step, int64_t now,
	struct slice name, const char *key, char to[REMINDER_WORDS_MAX]);

/* Is it to be renewed, `before` seconds before its year is over? 0 = never. */
bool reminder_renews(const struct own_domain *d, int64_t now, uint64_t before);

#endif
