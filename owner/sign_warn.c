/* Role: says which of our keys are in danger of a ban. Before: node/node_sign.c, api/sign.c. After:
 * owner/sign_look.c. */
#include "owner/sign_warn.h"

#include <stdio.h>

#include "owner/own_blocks.h"

struct list {
	struct sign_warning *to;
	unsigned n;
};

static void add(struct list *to, enum sign_warn_kind kind, unsigned key, uint64_t block)
{
	if (to->n < SIGN_WARNINGS_MAX)
		to->to[to->n++] = (struct sign_warning){.kind = kind, .key = key, .block = block};
}

static void add_due(struct list *to, const struct sign_warn_ask *a, const struct sign_look *l,
	const struct sign_key *k)
{
	unsigned key = (unsigned)k->ours;
	bool late = l->healed || (l->heal_from && a->now >= l->heal_from);

	if (a->keys[key].locked)
		add(to, SIGN_WARN_LOCKED, key, l->full);
	else if (!a->on)
		add(to, SIGN_WARN_OFF, key, l->full);
	if (late)
		add(to, SIGN_WARN_LATE, key, l->full);
}

/* Is its newest block one that the journal does not know? Nobody can say of a key before its
 * process has told. */
static void add_restored(
	struct list *to, struct view *v, const struct sign_warn_ask *a, unsigned key)
{
	uint64_t newest = a->keys[key].full ? own_newest(v, a->keys[key].signing) : 0;

	if (newest > own_key_journal(&a->keys[key]) && newest > a->vouched)
		add(to, SIGN_WARN_RESTORED, key, newest);
}

unsigned sign_warnings(struct view *v, const struct sign_warn_ask *a, const struct sign_look *l,
	const struct sign_misses *m, struct sign_warning to[SIGN_WARNINGS_MAX])
{
	struct list list = {to, 0};
	uint64_t banned;

	for (unsigned i = 0; i < a->n; i++)
		if ((banned = sign_banned(v, a->keys[i].signing)) != 0)
			add(&list, SIGN_WARN_BANNED, i, banned);
	for (unsigned i = 0; i < a->n; i++)
		add_restored(&list, v, a, i);
	for (unsigned i = 0; i < l->drawn; i++)
		if (sign_is_due(l, &l->draw[i]))
			add_due(&list, a, l, &l->draw[i]);
	for (unsigned i = 0; i < m->n; i++)
		if (!sign_banned(v, a->keys[m->miss[i].key].signing))
			add(&list, m->miss[i].healed ? SIGN_WARN_HEALED : SIGN_WARN_MISSED,
				m->miss[i].key, m->miss[i].full);
	return list.n;
}

const char *sign_warning_name(enum sign_warn_kind kind)
{
	static const char *const names[] = {
		[SIGN_WARN_LOCKED] = "locked",
		[SIGN_WARN_OFF] = "off",
		[SIGN_WARN_LATE] = "late",
		[SIGN_WARN_MISSED] = "missed",
		[SIGN_WARN_HEALED] = "healed",
		[SIGN_WARN_BANNED] = "banned",
		[SIGN_WARN_RESTORED] = "restored",
	};

	return names[kind];
}

/* What stands before and behind the block's number. */
static const struct {
	const char *before, *behind;
} texts[] = {
	[SIGN_WARN_LOCKED] = {"is drawn to sign block",
		", and is locked: `alfisd key unlock`; when others must sign in its place it is "
		"banned for ever"},
	[SIGN_WARN_OFF] = {"is drawn to sign block",
		", and signing is off: `alfisd sign on`; when others must sign in its place it is "
		"banned for ever"},
	[SIGN_WARN_LATE] = {"is drawn to sign block",
		" and has not; others may sign in its place now, and then the next full block bans "
		"it for ever, unless it signs before"},
	[SIGN_WARN_MISSED] = {"was drawn to sign block",
		" and did not; a key in whose place others must sign is banned for ever"},
	[SIGN_WARN_HEALED] = {"was drawn to sign block",
		", and others signed in its place; it is not banned this time, since there are few "
		"keys"},
	[SIGN_WARN_RESTORED] = {"has block",
		", which the journal of signatures here does not know (a restored backup, or another "
		"node has the key): of full blocks that need signatures it leaves the first one "
		"out, unless you say `alfisd sign on --after-restore`"},
	[SIGN_WARN_BANNED] = {"is banned from signing for ever since block",
		": it did not sign when it was drawn; its names are not touched"},
};

const char *sign_warning_words(
	const struct sign_warning *w, const char *name, char to[SIGN_WORDS_MAX])
{
	snprintf(to, SIGN_WORDS_MAX, "%s%s %s %llu%s", name ? "key " : "a key", name ? name : "",
		texts[w->kind].before, (unsigned long long)w->block, texts[w->kind].behind);
	return to;
}
