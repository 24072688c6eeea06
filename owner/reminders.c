/* Role: decides when the owner of a name is reminded, and says so. Before: node/node_remind.c.
 * After: base/human.h. */
#include "owner/reminders.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/human.h"

enum { DAY = 86400, FREE_TOLD = 30 * DAY, IDENTITY_SHOWN = 8 };

/* `seconds` before the year is over; dates of strangers may be any number. */
static bool within(const struct own_domain *d, int64_t now, uint64_t seconds)
{
	return d->until >= now && (uint64_t)d->until - (uint64_t)now <= seconds;
}

enum reminder_step reminder_step(const struct own_domain *d, int64_t now)
{
	static const struct {
		unsigned days;
		enum reminder_step step;
	} steps[] = {
		{1, REMIND_1_DAY}, {7, REMIND_7_DAYS}, {30, REMIND_30_DAYS}, {60, REMIND_60_DAYS}};

	if (d->state == DOMAIN_EXPIRED)
		return REMIND_EXPIRED;
	if (d->state == DOMAIN_FREE)
		return now >= d->free_from && (uint64_t)now - (uint64_t)d->free_from <= FREE_TOLD
			       ? REMIND_FREE
			       : REMIND_NONE;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (within(d, now, (uint64_t)steps[i].days * DAY))
			return steps[i].step;
	return REMIND_NONE;
}

struct slice reminder_key(
	const struct own_domain *d, enum reminder_step step, uint8_t to[REMINDER_KEY_MAX])
{
	struct wr w = wr_of(to, REMINDER_KEY_MAX);
	size_t n = d->identity.n < 32 ? d->identity.n : 32;

	wr_format(&w, "remind %d ", (int)step);
	wr_be(&w, (uint64_t)d->until, 8);
	wr_bytes(&w, d->identity.p, n);
	return wr_done(&w);
}

/* "example.ygg", or "a name of key main (identity 01020304…)". */
static void put_name(struct wr *w, const struct own_domain *d, struct slice name, const char *key)
{
	char identity[2 * IDENTITY_SHOWN + 1];
	size_t n = d->identity.n < IDENTITY_SHOWN ? d->identity.n : IDENTITY_SHOWN;

	if (name.n) {
		wr_slice(w, name);
		return;
	}
	hex_upper(slice_of(d->identity.p, n), identity);
	wr_format(w, "a name of key %s (identity %s…)", key, identity);
}

static void put_renew(struct wr *w, struct slice name)
{
	if (name.n)
		wr_format(w, ": `alfisd domain renew %.*s`", (int)name.n, (const char *)name.p);
	else
		wr_format(w, ": `alfisd key unlock`, then `alfisd domain list` and `domain renew`");
}

const char *reminder_words(const struct own_domain *d, enum reminder_step step, int64_t now,
	struct slice name, const char *key, char to[REMINDER_WORDS_MAX])
{
	struct wr w = wr_of(to, REMINDER_WORDS_MAX - 1);
	char left[HUMAN_MAX], date[HUMAN_MAX], last[HUMAN_MAX];

	memset(to, 0, REMINDER_WORDS_MAX);
	human_duration(d->until > now ? (uint64_t)d->until - (uint64_t)now : 0, left);
	human_date(d->until, date);
	human_date(d->free_from, last);
	put_name(&w, d, name, key);
	if (step == REMIND_FREE) {
		wr_format(&w, " has expired, and since %s anybody may take it", last);
	} else if (step == REMIND_EXPIRED) {
		wr_format(&w, " expired on %s; until %s its owner alone may renew it", date, last);
		put_renew(&w, name);
	} else {
		wr_format(&w, " expires in %s, on %s", left, date);
		put_renew(&w, name);
	}
	return to;
}

bool reminder_renews(const struct own_domain *d, int64_t now, uint64_t before)
{
	if (!before || d->state == DOMAIN_FREE)
		return false;
	return d->state == DOMAIN_EXPIRED || within(d, now, before);
}
