/* Role: the table of banned hosts: until when, why, and which connections the ban forbids
 * (protocol.md 5.7).
 * Before: p2p/p2p_book.c adds bans and asks before a dial; p2p/p2p_peers.c asks before it accepts.
 * After: nothing, it is a table. */
#include <stdio.h>
#include <string.h>

#include "p2p/bans.h"
#include "p2p/kept_time.h"

enum {
	VERSION = 2, /* version 1 has no scopes */
	ENTRY_BYTES_1 = BANS_ENTRY_BYTES - 1,
};

struct ban_entry {
	int64_t until;    /* wall time, seconds */
	uint32_t seconds; /* length of the whole ban */
	uint16_t why;     /* index into bans.whys */
	uint16_t scope;   /* enum ban_scope */
};

void bans_init(struct bans *b, struct bound *bound, const struct clock *clock, uint64_t seed)
{
	b->clock = clock;
	memset(b->whys, 0, sizeof b->whys);
	strcpy(b->whys[0], "from before the last start");
	map_init(&b->map, bound, 16, sizeof(struct ban_entry), seed);
}

void bans_clear(struct bans *b)
{
	map_clear(&b->map);
}

size_t bans_count(const struct bans *b)
{
	return b->map.count;
}

/* Seconds that are left; ≤ 0 = expired. If the clock jumped back, more would be left than the whole
 * length: the end is moved back for good, so that no ban becomes longer than it was given. */
static int64_t ends_in(struct ban_entry *e, int64_t now)
{
	int64_t whole = (int64_t)e->seconds;

	if (e->until - now > whole)
		e->until = now + whole;
	return e->until - now;
}

static void drop_first(struct bans *b, int64_t now)
{
	uint8_t first[16];
	int64_t least = INT64_MAX;
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);)
		if (ends_in(value, now) < least) {
			least = ends_in(value, now);
			memcpy(first, key, sizeof first);
		}
	if (least != INT64_MAX)
		map_delete(&b->map, first);
}

void bans_move(struct bans *b, int64_t by)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct ban_entry *e = value;
		e->until = kept_time_move(e->until, by);
	}
}

void bans_expire(struct bans *b)
{
	int64_t now = clock_wall(b->clock);
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);)
		if (ends_in(value, now) <= 0)
			map_delete_here(&b->map, &at);
}

/* While the old ban lasts, a wider scope replaces a narrower one, never the reverse. Within one
 * scope the ban that ends later stays. */
static bool replaces(struct ban_entry *e, int64_t until, enum ban_scope scope, int64_t now)
{
	int64_t left = ends_in(e, now);

	if (left > 0 && scope != e->scope)
		return scope > e->scope;
	return until - now > left;
}

static void put(struct bans *b, const uint8_t host[16], int64_t until, uint64_t seconds,
	enum ban_scope scope)
{
	struct ban_entry *e = map_get(&b->map, host);
	int64_t now = clock_wall(b->clock);

	if (!e && !bound_has(b->map.bound, 1)) {
		bound_hit(b->map.bound);
		drop_first(b, now);
	}
	if (!e)
		e = map_put(&b->map, host, NULL);
	if (e && replaces(e, until, scope, now))
		*e = (struct ban_entry){until, (uint32_t)seconds, 0, (uint16_t)scope};
}

void bans_add(struct bans *b, const struct netaddr *a, uint64_t seconds, enum ban_scope scope)
{
	uint8_t host[16];

	if (seconds > INT32_MAX)
		seconds = INT32_MAX;
	netaddr_host(a, host);
	put(b, host, clock_wall(b->clock) + (int64_t)seconds, seconds, scope);
}

/* The index of this reason in bans.whys, added if it is new. When the table is full, the last place
 * stands for all other reasons. */
static uint16_t why_of(struct bans *b, const char *why)
{
	char text[BAN_WHY_MAX];
	uint16_t i = 1;

	snprintf(text, sizeof text, "%s", why);
	while (i + 1 < BAN_WHYS && b->whys[i][0] && strcmp(b->whys[i], text) != 0)
		i++;
	if (!b->whys[i][0])
		memcpy(b->whys[i], text, sizeof text);
	return i;
}

void bans_explain(struct bans *b, const struct netaddr *a, const char *why)
{
	uint8_t host[16];

	netaddr_host(a, host);
	struct ban_entry *e = map_get(&b->map, host);
	if (e && !e->why) /* else the entry is an older, longer ban with its own reason */
		e->why = why_of(b, why);
}

bool bans_next(struct bans *b, size_t *at, struct ban_info *out)
{
	int64_t now = clock_wall(b->clock);
	const void *key;
	void *value;

	while (map_next(&b->map, at, &key, &value)) {
		struct ban_entry *e = value;
		int64_t left = ends_in(e, now);
		if (left <= 0)
			continue;
		*out = (struct ban_info){.until = e->until, .left = (uint64_t)left};
		memcpy(out->host.ip, key, sizeof out->host.ip);
		out->why = b->whys[e->why];
		return true;
	}
	return false;
}

bool bans_remove(struct bans *b, const struct netaddr *a)
{
	uint8_t host[16];

	netaddr_host(a, host);
	return map_delete(&b->map, host);
}

bool bans_has(struct bans *b, const struct netaddr *a, enum ban_scope scope)
{
	uint8_t host[16];

	netaddr_host(a, host);
	struct ban_entry *e = map_get(&b->map, host);
	if (!e)
		return false;
	if (ends_in(e, clock_wall(b->clock)) > 0)
		return e->scope >= scope;
	map_delete(&b->map, host);
	return false;
}

void bans_save(const struct bans *b, struct wr *w)
{
	const void *key;
	void *value;

	wr_u8(w, VERSION);
	wr_be(w, b->map.count, 4);
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		const struct ban_entry *e = value;
		wr_bytes(w, key, 16);
		wr_be(w, (uint64_t)e->until, 8);
		wr_be(w, e->seconds, 8);
		wr_u8(w, (uint8_t)e->scope);
	}
}

static void load_entry(struct bans *b, struct rd *r, uint8_t version, int64_t now)
{
	uint8_t host[16];

	rd_copy(r, host, sizeof host);
	uint64_t until = rd_be64(r), seconds = rd_be64(r), last = (uint64_t)now + seconds;
	uint8_t scope = version == 1 ? BAN_HOST : rd_u8(r);

	if (until > last)
		until = last;
	if (until > (uint64_t)now)
		put(b, host, (int64_t)until, seconds, scope);
}

/* Checks everything before the first entry is loaded. bans_add() cuts bans at INT32_MAX seconds, so
 * a longer one cannot come from bans_save(). */
static bool may_load(struct rd r, uint64_t count, uint8_t version)
{
	for (; count > 0 && !r.bad; count--) {
		rd_bytes(&r, ENTRY_BYTES_1 - 8);
		if (rd_be64(&r) > INT32_MAX)
			return false;
		if (version != 1 && rd_u8(&r) >= BAN_SCOPES)
			return false;
	}
	return rd_done(&r);
}

bool bans_load(struct bans *b, struct slice bytes)
{
	struct rd r = rd_of(bytes);
	uint8_t version = rd_u8(&r);
	uint64_t count = rd_be32(&r);
	int64_t now = clock_wall(b->clock);

	if (r.bad || (version != 1 && version != VERSION) || now < 0 ||
		!may_load(r, count, version))
		return false;
	for (; count > 0; count--)
		load_entry(b, &r, version, now);
	return true;
}
