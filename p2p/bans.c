#include <string.h>

#include "p2p/bans.h"

enum { VERSION = 1 };

struct ban_entry {
	int64_t until;    /* wall time, seconds */
	uint64_t seconds; /* its whole length */
};

void bans_init(struct bans *b, struct bound *row, const struct clock *clock, uint64_t seed)
{
	b->clock = clock;
	map_init(&b->map, row, 16, sizeof(struct ban_entry), seed);
}

void bans_clear(struct bans *b)
{
	map_clear(&b->map);
}

size_t bans_count(const struct bans *b)
{
	return b->map.count;
}

/* A clock that jumped back must not make a ban longer than it was given. */
static int64_t ends_in(const struct ban_entry *e, int64_t now)
{
	int64_t left = e->until - now;

	return left > (int64_t)e->seconds ? (int64_t)e->seconds : left;
}

/* Removes the entry that ends first, or all that are over; true when one went. */
static bool drop_first(struct bans *b, int64_t now, bool only_over)
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
	if (least == INT64_MAX || (only_over && least > 0))
		return false;
	return map_delete(&b->map, first);
}

void bans_expire(struct bans *b)
{
	while (drop_first(b, clock_wall(b->clock), true))
		;
}

static void put(struct bans *b, const uint8_t host[16], int64_t until, uint64_t seconds)
{
	struct ban_entry *e = map_get(&b->map, host);

	if (!e && !bound_has(b->map.bound, 1)) {
		bound_hit(b->map.bound);
		drop_first(b, clock_wall(b->clock), false);
	}
	if (!e)
		e = map_put(&b->map, host, NULL);
	if (e && until > e->until)
		*e = (struct ban_entry){until, seconds};
}

void bans_add(struct bans *b, const struct netaddr *a, uint64_t seconds)
{
	uint8_t host[16];

	if (seconds > INT32_MAX)
		seconds = INT32_MAX;
	netaddr_host(a, host);
	put(b, host, clock_wall(b->clock) + (int64_t)seconds, seconds);
}

bool bans_remove(struct bans *b, const struct netaddr *a)
{
	uint8_t host[16];

	netaddr_host(a, host);
	return map_delete(&b->map, host);
}

bool bans_has(struct bans *b, const struct netaddr *a)
{
	uint8_t host[16];

	netaddr_host(a, host);
	struct ban_entry *e = map_get(&b->map, host);
	if (!e)
		return false;
	if (ends_in(e, clock_wall(b->clock)) > 0)
		return true;
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
	}
}

bool bans_load(struct bans *b, struct slice bytes)
{
	struct rd r = rd_of(bytes);
	uint8_t version = rd_u8(&r);
	uint64_t count = rd_be32(&r);

	if (version != VERSION || r.left != count * BANS_ENTRY_BYTES)
		return false;
	for (; count > 0; count--) {
		uint8_t host[16];
		rd_copy(&r, host, sizeof host);
		int64_t until = (int64_t)rd_be64(&r);
		uint64_t seconds = rd_be64(&r);
		int64_t now = clock_wall(b->clock);
		if (seconds > INT32_MAX || until <= now)
			continue;
		if (until > now + (int64_t)seconds)
			until = now + (int64_t)seconds;
		put(b, host, until, seconds);
	}
	return true;
}
