#include <string.h>

#include "p2p/addrbook.h"

enum {
	VERSION = 1,
	GROUP_SHARE = 8,  /* a group gets at most an eighth of the book, */
	SOURCE_SHARE = 4, /* a source a quarter, */
	SHARE_MIN = 16,   /* and both this many at least */
	RETRY_S = 60,     /* doubled with each failure, */
	RETRY_MAX_S = 8 * 3600,
	FAILURES_MAX = 20,
	GROUP_SLOTS = 256,
};

struct key {
	uint8_t bytes[BOOK_KEY_BYTES];
};

static struct key key_of(const struct netaddr *a)
{
	struct key k;
	struct wr w = wr_of(k.bytes, sizeof k.bytes);

	wr_bytes(&w, a->ip, sizeof a->ip);
	wr_be(&w, a->port, 2);
	return k;
}

static struct netaddr addr_of(const void *key)
{
	struct rd r = rd_of(slice_of(key, BOOK_KEY_BYTES));
	struct netaddr a;

	rd_copy(&r, a.ip, sizeof a.ip);
	a.port = rd_be16(&r);
	return a;
}

void book_init(struct addrbook *b, struct limits *l, const struct clock *clock,
	const struct rng *rng, uint64_t seed)
{
	*b = (struct addrbook){.limits = l, .clock = clock, .rng = rng};
	map_init(&b->map, &l->max_address_book, BOOK_KEY_BYTES, sizeof(struct book_entry), seed);
}

void book_clear(struct addrbook *b)
{
	map_clear(&b->map);
}

size_t book_count(const struct addrbook *b)
{
	return b->map.count;
}

size_t book_tried(const struct addrbook *b)
{
	const void *key;
	void *value;
	size_t n = 0;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);)
		n += ((struct book_entry *)value)->tried;
	return n;
}

/* ---- room ---- */

static bool expired(const struct addrbook *b, const struct book_entry *e)
{
	int64_t ttl = (int64_t)(b->limits->address_ttl.max / 1000);

	return clock_wall(b->clock) - e->last_seen > ttl;
}

void book_expire(struct addrbook *b)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);)
		if (expired(b, value)) {
			struct key k;
			memcpy(&k, key, sizeof k);
			map_delete(&b->map, &k);
			at = 0; /* entries may have moved */
		}
}

/* Which of two is the less useful one: never tried, then more failures, then longer unseen. */
static bool less_useful(const struct book_entry *a, const struct book_entry *b)
{
	if (a->tried != b->tried)
		return !a->tried;
	if (a->failures != b->failures)
		return a->failures > b->failures;
	return a->last_seen < b->last_seen;
}

static unsigned group_slot(const struct addrbook *b, const uint8_t group[NETGROUP_SIZE])
{
	return (unsigned)(map_hash(b->map.seed, group, NETGROUP_SIZE) % GROUP_SLOTS);
}

/* What a newcomer meets. Groups are told apart by a slot of their hash: a collision only makes two
 * groups share one share. */
struct census {
	unsigned group[GROUP_SLOTS];
	unsigned fullest;    /* slot */
	size_t of_source;    /* new ones that this source named */
	struct key worst[2]; /* least useful of the newcomer's group and of the fullest one */
	const struct book_entry *worst_entry[2];
};

static void note_worst(struct census *c, int which, const void *key, const struct book_entry *e)
{
	if (c->worst_entry[which] && !less_useful(e, c->worst_entry[which]))
		return;
	c->worst_entry[which] = e;
	memcpy(&c->worst[which], key, sizeof c->worst[which]);
}

static void take_census(
	const struct addrbook *b, unsigned own, const uint8_t *source, struct census *c)
{
	uint8_t group[NETGROUP_SIZE];
	const void *key;
	void *value;

	*c = (struct census){.fullest = 0};
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		const struct book_entry *e = value;
		struct netaddr a = addr_of(key);
		netaddr_group(&a, group);
		unsigned slot = group_slot(b, group);
		c->group[slot]++;
		c->of_source += !e->tried && memcmp(e->source, source, NETGROUP_SIZE) == 0;
		if (slot == own)
			note_worst(c, 0, key, e);
	}
	for (unsigned i = 0; i < GROUP_SLOTS; i++)
		if (c->group[i] > c->group[c->fullest])
			c->fullest = i;
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct netaddr a = addr_of(key);
		netaddr_group(&a, group);
		if (group_slot(b, group) == c->fullest)
			note_worst(c, 1, key, value);
	}
}

static size_t share(const struct addrbook *b, unsigned part)
{
	size_t n = (size_t)b->limits->max_address_book.max / part;

	return n < SHARE_MIN ? SHARE_MIN : n;
}

/* Makes room for one more, or says no. */
static bool make_room(
	struct addrbook *b, const struct netaddr *a, const uint8_t *source, bool tried)
{
	uint8_t group[NETGROUP_SIZE];
	struct census c;

	netaddr_group(a, group);
	unsigned own = group_slot(b, group);
	take_census(b, own, source, &c);
	if (!tried && c.of_source >= share(b, SOURCE_SHARE))
		return false;
	if (c.group[own] >= share(b, GROUP_SHARE)) {
		if (c.worst_entry[0]->tried && !tried)
			return false;
		return map_delete(&b->map, &c.worst[0]);
	}
	if (bound_has(b->map.bound, 1))
		return true;
	bound_hit(b->map.bound);
	book_expire(b);
	return bound_has(b->map.bound, 1) || map_delete(&b->map, &c.worst[1]);
}

static struct book_entry *add(
	struct addrbook *b, const struct netaddr *a, const uint8_t *source, bool tried)
{
	struct key k = key_of(a);
	struct book_entry *e = map_get(&b->map, &k);

	if (e)
		return e;
	if (!make_room(b, a, source, tried))
		return NULL;
	e = map_put(&b->map, &k, NULL);
	if (e) {
		e->last_seen = clock_wall(b->clock);
		memcpy(e->source, source, NETGROUP_SIZE);
	}
	return e;
}

/* ---- what is heard and tried ---- */

void book_heard(struct addrbook *b, const struct netaddr *a, const struct netaddr *source)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(source, group);
	struct book_entry *e = add(b, a, group, false);
	if (e && !e->failures)
		e->last_seen = clock_wall(b->clock);
}

void book_connected(struct addrbook *b, const struct netaddr *a)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(a, group);
	struct book_entry *e = add(b, a, group, true);
	if (!e)
		return;
	e->tried = true;
	e->failures = 0;
	e->last_seen = e->last_success = e->last_try = clock_wall(b->clock);
}

void book_failed(struct addrbook *b, const struct netaddr *a)
{
	struct key k = key_of(a);
	struct book_entry *e = map_get(&b->map, &k);

	if (!e)
		return;
	e->last_try = clock_wall(b->clock);
	if (e->failures < FAILURES_MAX)
		e->failures++;
	if (!e->tried && e->failures >= 3)
		map_delete(&b->map, &k);
}

void book_remove(struct addrbook *b, const struct netaddr *a)
{
	struct key k = key_of(a);

	map_delete(&b->map, &k);
}

/* ---- choosing ---- */

static unsigned weight(const struct addrbook *b, const struct book_entry *e)
{
	int64_t wait = RETRY_S, now = clock_wall(b->clock);

	for (unsigned i = 0; i < e->failures && wait < RETRY_MAX_S; i++)
		wait *= 2;
	if (e->last_try && now >= e->last_try && now - e->last_try < wait)
		return 0;
	unsigned w = e->tried ? 48 : 16;
	return e->failures < 5 ? w >> e->failures : 1;
}

bool book_pick(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a), void *ctx,
	struct netaddr *out)
{
	uint32_t total = 0;
	const void *key;
	void *value;

	/* One pass: each candidate replaces the choice with the probability of its share so far. */
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct netaddr a = addr_of(key);
		unsigned w = weight(b, value);
		if (!w || expired(b, value) || refuse(ctx, &a))
			continue;
		total += w;
		if (rng_below(b->rng, total) < w)
			*out = a;
	}
	return total > 0;
}

/* ---- kept over restarts ---- */

void book_save(const struct addrbook *b, struct wr *w)
{
	const void *key;
	void *value;

	wr_u8(w, VERSION);
	wr_be(w, b->map.count, 4);
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		const struct book_entry *e = value;
		wr_bytes(w, key, BOOK_KEY_BYTES);
		wr_be(w, (uint64_t)e->last_seen, 8);
		wr_be(w, (uint64_t)e->last_try, 8);
		wr_be(w, (uint64_t)e->last_success, 8);
		wr_u8(w, e->failures);
		wr_u8(w, e->tried);
		wr_bytes(w, e->source, NETGROUP_SIZE);
	}
}

static int64_t not_later(uint64_t t, int64_t now)
{
	return t > (uint64_t)now ? now : (int64_t)t;
}

static void load_entry(struct addrbook *b, struct rd *r, int64_t now)
{
	struct book_entry read;
	uint8_t key[BOOK_KEY_BYTES];

	rd_copy(r, key, sizeof key);
	read.last_seen = not_later(rd_be64(r), now);
	read.last_try = not_later(rd_be64(r), now);
	read.last_success = not_later(rd_be64(r), now);
	read.failures = rd_u8(r);
	read.tried = rd_u8(r) != 0;
	rd_copy(r, read.source, sizeof read.source);
	struct netaddr a = addr_of(key);
	if (read.failures > FAILURES_MAX || a.port == 0 || expired(b, &read))
		return;
	struct book_entry *e = add(b, &a, read.source, read.tried);
	if (e)
		*e = read;
}

bool book_load(struct addrbook *b, struct slice bytes)
{
	struct rd r = rd_of(bytes);
	uint8_t version = rd_u8(&r);
	uint64_t count = rd_be32(&r);
	int64_t now = clock_wall(b->clock);

	if (version != VERSION || r.left != count * BOOK_ENTRY_BYTES || now < 0)
		return false;
	for (; count > 0; count--)
		load_entry(b, &r, now);
	return true;
}
