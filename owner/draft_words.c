/* Role: says why a request for a name is refused, and what its block costs: one line each.
 * Before: commands and paths that change names. After: base/human.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/hex.h"
#include "base/human.h"
#include "owner/draft.h"

enum { KEY_SHOWN = 4, /* bytes of a key */ NAME_SHOWN = 100, ZONES_MAX = 128 };

/* The beginning of a key, as people compare them. */
static const char *short_key(const uint8_t key[KEY_SIZE], char to[2 * KEY_SHOWN + 4])
{
	hex_upper(slice_of(key, KEY_SHOWN), to);
	memcpy(to + 2 * KEY_SHOWN, "…", sizeof "…");
	return to;
}

const char *draft_why_name(enum draft_why why)
{
	static const char *const names[DRAFT_WHYS] = {
		[DRAFT_FINE] = "fine",
		[DRAFT_MALFORMED] = "malformed",
		[DRAFT_NO_KEY] = "no_key",
		[DRAFT_WAITING] = "waiting",
		[DRAFT_MANY_RECORDS] = "many_records",
		[DRAFT_CLEARNET] = "clearnet",
		[DRAFT_LONG] = "long_record",
		[DRAFT_OWNER_KEYS] = "owner_keys",
		[DRAFT_NAME] = "name",
		[DRAFT_ZONE] = "zone",
		[DRAFT_NEXT] = "next_block",
		[DRAFT_TAKEN] = "taken",
		[DRAFT_COOLDOWN] = "cooldown",
		[DRAFT_BIG] = "big",
		[DRAFT_LABELS] = "labels",
		[DRAFT_LONG_LABEL] = "long_label",
		[DRAFT_OTHER_ZONE] = "other_zone",
		[DRAFT_LOST_OWNER] = "lost_owner",
		[DRAFT_OVERTAKEN] = "overtaken",
	};

	return names[why];
}

const char *draft_reason_name(enum draft_reason reason)
{
	static const char *const names[] = {
		[DRAFT_PRICE_NEW] = "new",
		[DRAFT_PRICE_OLD] = "old",
		[DRAFT_PRICE_LOW] = "low",
		[DRAFT_PRICE_WEEKS] = "weeks",
		[DRAFT_PRICE_RENEWAL] = "renewal",
	};

	return names[reason];
}

static const char not_ascii[] =
	"names are ASCII: letters a to z, digits and hyphens (names that begin with xn-- cannot be "
	"had, either)";

static const char *name_words(const struct draft *d, enum name_fault fault)
{
	static const char *const words[] = {
		[NAME_FINE] = "is longer than 255 bytes, or is no text",
		[NAME_NOT_ASCII] = not_ascii,
		[NAME_CHARACTER] = "names have letters, digits and hyphens alone",
		[NAME_DOTS] = "has two dots in a row, or a hyphen alone between them",
		[NAME_HYPHENS] = "has two hyphens in a row, or a dot alone between them",
		[NAME_EDGE] = "begins or ends with a dot or a hyphen",
		[NAME_DIGITS] = "names of digits alone have three of them at least",
	};

	return words[d->fits ? fault : NAME_FINE];
}

static const char *all_zones(char to[ZONES_MAX])
{
	struct wr w = wr_of(to, ZONES_MAX);

	for (const char *z = zone_next(NULL); z; z = zone_next(z))
		wr_format(&w, "%s%s", w.n ? ", " : "", z);
	return to;
}

static int say_taken(const struct draft_refusal *f, char *to, size_t size)
{
	char key[2 * KEY_SHOWN + 4], date[HUMAN_MAX];

	return snprintf(to, size, "taken by %s, free after %s%s",
		f->owned ? short_key(f->owner, key) : "a key that nobody has",
		human_date(f->until, date),
		f->expired ? "; it has expired, and until then its owner alone may renew it" : "");
}

static int say_cooldown(const struct draft *d, const struct draft_refusal *f, char *to, size_t size)
{
	char key[2 * KEY_SHOWN + 4], left[HUMAN_MAX], date[HUMAN_MAX];

	return snprintf(to, size, "key %s may mine a new name in %s (at %s)",
		d->author_name[0] ? d->author_name : short_key(d->author, key),
		human_duration((uint64_t)(f->until > d->now ? f->until - d->now : 0), left),
		human_date(f->until, date));
}

static int say_clearnet(const struct draft_refusal *f, char *to, size_t size)
{
	if (strcmp(f->record_type, "A") == 0)
		return snprintf(
			to, size, "A records are not allowed in this zone (record %u)", f->record);
	return snprintf(to, size,
		"record %u: %s records of this zone have addresses of 200::/7 alone", f->record,
		f->record_type);
}

static const char two_parts[] = "a name is a word and a zone, such as example.ygg";

static int say_labels(const struct draft *d, const struct draft_refusal *f, char *to, size_t size)
{
	struct slice name = d->name;
	size_t at = name.n;
	unsigned dots = 0;

	if (f->count < 2)
		return snprintf(to, size, "%s", two_parts);
	while (at > 0 && (dots += name.p[at - 1] == '.') < 2)
		at--;
	return snprintf(to, size,
		"names of %" PRIu64 " parts are never resolved; mine %.*s, and give it records for "
		"%.*s",
		f->count, (int)(name.n - at), (const char *)name.p + at, (int)(at ? at - 1 : 0),
		(const char *)name.p);
}

/* Those that have no numbers. */
static const char *plain_words(enum draft_why why)
{
	static const char *const words[DRAFT_WHYS] = {
		[DRAFT_FINE] = "may be mined",
		[DRAFT_MALFORMED] = "the records are no domain data that the network can read",
		[DRAFT_NO_KEY] = "no key is held that could be the author",
		[DRAFT_OWNER_KEYS] = "the new owner's keys are two public keys of 64 hex digits "
				     "each; these are none",
		[DRAFT_LONG_LABEL] = "a part of a name has 63 characters at most",
		[DRAFT_OTHER_ZONE] = "the data is for another zone than the name's",
		[DRAFT_LOST_OWNER] = "nobody can have the new owner's key, so that the name would "
				     "be lost",
	};

	return words[why];
}

/* Those of the chain and the data. */
static int say_one(const struct draft *d, const struct draft_refusal *f, char *to, size_t size)
{
	char zones[ZONES_MAX];
	struct slice zone = name_zone(d->name);

	switch (f->why) {
	case DRAFT_WAITING:
		return snprintf(to, size,
			"block %" PRIu64 ", the last one with a name, has not its signatures yet",
			f->block);
	case DRAFT_MANY_RECORDS:
		return snprintf(
			to, size, "%" PRIu64 " records: %d are allowed", f->count, MAX_RECORDS);
	case DRAFT_CLEARNET:
		return say_clearnet(f, to, size);
	case DRAFT_LONG:
		return snprintf(to, size,
			"record %u (%s) has %" PRIu64 " bytes: %d are allowed in this zone",
			f->record, f->record_type, f->count, MAX_DATA_LEN);
	case DRAFT_NAME:
		return snprintf(to, size, "%s", name_words(d, f->fault));
	case DRAFT_ZONE:
		if (!zone.n)
			return snprintf(to, size, "%s", two_parts);
		return snprintf(to, size, "there is no zone %.*s; there are %s",
			(int)(zone.n < NAME_SHOWN ? zone.n : NAME_SHOWN), (const char *)zone.p,
			all_zones(zones));
	case DRAFT_NEXT:
		return snprintf(to, size,
			"it is this key's since block %" PRIu64
			", the last one, and may be changed as soon as there is another block",
			f->block);
	case DRAFT_TAKEN:
	case DRAFT_OVERTAKEN:
		return say_taken(f, to, size);
	case DRAFT_COOLDOWN:
		return say_cooldown(d, f, to, size);
	case DRAFT_BIG:
		return snprintf(to, size,
			"its block has more than %d bytes, which no message carries",
			DRAFT_BLOCK_MAX);
	case DRAFT_LABELS:
		return say_labels(d, f, to, size);
	default:
		return snprintf(to, size, "%s", plain_words(f->why));
	}
}

const char *draft_say(
	const struct draft *d, const struct draft_refusal *f, char to[DRAFT_WORDS_MAX])
{
	size_t shown = d->name.n < NAME_SHOWN ? d->name.n : NAME_SHOWN;
	int n = snprintf(to, DRAFT_WORDS_MAX, "%.*s%s: ", (int)shown, (const char *)d->name.p,
		shown < d->name.n ? "…" : "");

	if (d->name.n == 0)
		n = 0;
	say_one(d, f, to + n, DRAFT_WORDS_MAX - (size_t)n);
	return to;
}

const char *draft_say_why(
	const struct draft *d, const struct draft_refusal *f, char to[DRAFT_WORDS_MAX])
{
	say_one(d, f, to, DRAFT_WORDS_MAX);
	return to;
}

static const char *seconds(double s, char to[HUMAN_MAX])
{
	return human_duration(s < 1e15 ? (uint64_t)(s + 0.5) : (uint64_t)1e15, to);
}

const char *draft_say_time(uint64_t difficulty, double rate, char to[DRAFT_WORDS_MAX])
{
	double hashes = draft_mean_hashes(difficulty);
	char mean[HUMAN_MAX], half[HUMAN_MAX], most[HUMAN_MAX], speed[HUMAN_MAX];

	if (rate <= 0) {
		snprintf(to, DRAFT_WORDS_MAX, "%s hashes on average",
			human_count(
				hashes < 1e18 ? (uint64_t)(hashes + 0.5) : (uint64_t)1e18, mean));
		return to;
	}
	struct draft_time t = draft_time(difficulty, rate);
	snprintf(to, DRAFT_WORDS_MAX,
		"%s on average at %s: half of all searches end within %s, nine of ten within %s",
		seconds(t.mean, mean), human_rate(rate, "hashes", speed), seconds(t.half, half),
		seconds(t.most, most));
	return to;
}

const char *draft_say_price(const struct draft_price *p, char to[DRAFT_WORDS_MAX])
{
	static const char *const words[] = {
		[DRAFT_PRICE_NEW] = "a new name",
		[DRAFT_PRICE_OLD] = "last changed more than a year ago: as a new name",
		[DRAFT_PRICE_LOW] =
			"a change, one bit less than a new name while the chain is short",
		[DRAFT_PRICE_RENEWAL] = "a renewal that release 0.10 counts as one",
	};
	int n = snprintf(to, DRAFT_WORDS_MAX, "difficulty %" PRIu64 ": ", p->difficulty);
	size_t left = DRAFT_WORDS_MAX - (size_t)n;

	if (p->reason != DRAFT_PRICE_WEEKS)
		snprintf(to + n, left, "%s", words[p->reason]);
	else if (p->weeks < 7)
		snprintf(to + n, left, "a change %u week%s after the last one", p->weeks,
			p->weeks == 1 ? "" : "s");
	else
		snprintf(to + n, left, "a change seven weeks or more after the last one");
	return to;
}
