/* Role: the table of known peer addresses: what happened when each was dialled, and which entry
 * makes room for a new one. Before: p2p/p2p_exchange.c adds the addresses that peers send. After:
 * p2p/addrbook_choose.c has the next one for p2p/dialer.c. */
#include <string.h>

#include "p2p/addrbook_internal.h"
#include "p2p/kept_time.h"

enum {
	GROUP_SHARE = 8,      /* one network group has at most 1/8 of the entries */
	SOURCE_SHARE = 4,     /* one source names at most 1/4 of them */
	SHARE_MIN = 16,       /* smallest share, for a small max_address_book */
	FAILURES_NEW = 3,     /* a new address is forgotten after so many */
	FAILURES_REFUSED = 4, /* a wait of 16 minutes: longer than the network's ban */
	NO_SLOT = ADDRBOOK_SLOTS,
};

struct key {
	uint8_t bytes[ADDRBOOK_KEY_BYTES];
};

static struct key key_of(const struct netaddr *a)
{
	struct key k = {0};
	struct wr w = wr_of(k.bytes, sizeof k.bytes);

	wr_bytes(&w, a->ip, sizeof a->ip);
	wr_be(&w, a->port, 2);
	return k;
}

struct netaddr addrbook_addr_of(const void *key)
{
	struct rd r = rd_of(slice_of(key, ADDRBOOK_KEY_BYTES));
	struct netaddr a;

	rd_copy(&r, a.ip, sizeof a.ip);
	a.port = rd_be16(&r);
	return a;
}

struct addrbook_entry *addrbook_entry_of(const struct addrbook *b, const struct netaddr *a)
{
	struct key k = key_of(a);

	return map_get(&b->map, &k);
}

void addrbook_init(struct addrbook *b, struct limits *l, const struct clock *clock,
	const struct rng *rng, uint64_t seed)
{
	*b = (struct addrbook){.limits = l, .clock = clock, .rng = rng};
	map_init(&b->map, &l->max_address_book, ADDRBOOK_KEY_BYTES, sizeof(struct addrbook_entry),
		seed);
}

void addrbook_clear(struct addrbook *b)
{
	map_clear(&b->map);
	memset(b->groups, 0, sizeof b->groups);
	memset(b->sources, 0, sizeof b->sources);
	b->tried = 0;
}

size_t addrbook_count(const struct addrbook *b)
{
	return b->map.count;
}

size_t addrbook_tried(const struct addrbook *b)
{
	return b->tried;
}

/* ---- shares ---- */

static unsigned slot_of_group(const struct addrbook *b, const uint8_t group[NETGROUP_SIZE])
{
	return (unsigned)(map_hash(b->map.seed, group, NETGROUP_SIZE) % ADDRBOOK_SLOTS);
}

unsigned addrbook_slot_of(const struct addrbook *b, const struct netaddr *a)
{
	uint8_t group[NETGROUP_SIZE];

	netaddr_group(a, group);
	return slot_of_group(b, group);
}

static void count_standing(struct addrbook *b, const struct addrbook_entry *e)
{
	if (e->tried)
		b->tried++;
	else
		b->sources[slot_of_group(b, e->source)]++;
}

static void uncount_standing(struct addrbook *b, const struct addrbook_entry *e)
{
	if (e->tried)
		b->tried--;
	else
		b->sources[slot_of_group(b, e->source)]--;
}

static void uncount(struct addrbook *b, const struct netaddr *a, const struct addrbook_entry *e)
{
	uncount_standing(b, e);
	b->groups[addrbook_slot_of(b, a)]--;
}

static void forget(struct addrbook *b, const struct netaddr *a)
{
	struct key k = key_of(a);
	const struct addrbook_entry *e = map_get(&b->map, &k);

	if (!e)
		return;
	uncount(b, a, e);
	map_delete(&b->map, &k);
}

static size_t share(const struct addrbook *b, unsigned part)
{
	size_t n = (size_t)b->limits->max_address_book.max / part;

	return n < SHARE_MIN ? SHARE_MIN : n;
}

bool addrbook_source_is_full(const struct addrbook *b, const uint8_t source[NETGROUP_SIZE])
{
	return b->sources[slot_of_group(b, source)] >= share(b, SOURCE_SHARE);
}

bool addrbook_group_is_full(const struct addrbook *b, unsigned slot)
{
	return b->groups[slot] >= share(b, GROUP_SHARE);
}

/* ---- age ---- */

bool addrbook_expired(const struct addrbook *b, const struct addrbook_entry *e)
{
	int64_t ttl = (int64_t)(b->limits->address_ttl.max / 1000);

	return clock_wall(b->clock) - e->last_seen > ttl;
}

void addrbook_move(struct addrbook *b, int64_t by)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct addrbook_entry *e = value;
		e->last_seen = kept_time_move(e->last_seen, by);
		e->last_try = kept_time_move(e->last_try, by);
		e->last_success = kept_time_move(e->last_success, by);
	}
}

/* A connected peer counts as seen now. A last_seen in the future is set to now: after the clock
 * jumped back, the entry would otherwise stay for longer than address_ttl. */
void addrbook_expire(struct addrbook *b)
{
	int64_t now = clock_wall(b->clock);
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct addrbook_entry *e = value;
		if (e->present || e->last_seen > now)
			e->last_seen = now;
		if (!addrbook_expired(b, e))
			continue;
		struct netaddr a = addrbook_addr_of(key);
		uncount(b, &a, e);
		map_delete_here(&b->map, &at);
	}
}

/* ---- room ---- */

/* Ranks an entry for removal; the largest value goes first. Expired entries before others, then new
 * before tried, then those of the group with most entries, then those with most failures. The
 * shifts keep the four criteria in separate bits. */
static uint64_t burden(const struct addrbook *b, const struct addrbook_entry *e, unsigned slot)
{
	return (uint64_t)addrbook_expired(b, e) << 41 | (uint64_t)!e->tried << 40 |
	       (uint64_t)b->groups[slot] << 8 | e->failures;
}

/* The entry to remove: of the group in slot `only`, or of the whole book (NO_SLOT). Among equals it
 * is the one not seen for longest. Writes its address to *who; NULL when there is no entry. */
static const struct addrbook_entry *find_victim(
	const struct addrbook *b, unsigned only, struct netaddr *who)
{
	const struct addrbook_entry *worst = NULL;
	uint64_t most = 0;
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		const struct addrbook_entry *e = value;
		struct netaddr a = addrbook_addr_of(key);
		unsigned slot = addrbook_slot_of(b, &a);
		if (only != NO_SLOT && slot != only)
			continue;
		uint64_t n = burden(b, e, slot);
		if (!worst || n > most || (n == most && e->last_seen < worst->last_seen)) {
			worst = e;
			most = n;
			*who = a;
		}
	}
	return worst;
}

/* Makes room for one entry of the group in `slot`, by removing another if necessary. A full group
 * replaces one of its own. False: only a tried entry could go, and the new one is not tried. */
static bool make_room(struct addrbook *b, unsigned slot, bool tried)
{
	struct netaddr who;
	bool crowded = addrbook_group_is_full(b, slot);

	if (!crowded && bound_has(b->map.bound, 1))
		return true;
	if (!crowded)
		bound_hit(b->map.bound);
	const struct addrbook_entry *worst = find_victim(b, crowded ? slot : NO_SLOT, &who);
	if (!worst || (worst->tried && !tried && !addrbook_expired(b, worst)))
		return false;
	forget(b, &who);
	return true;
}

/* The caller has made room for the entry. If memory runs out nothing is added. */
void addrbook_put(struct addrbook *b, const struct netaddr *a, const struct addrbook_entry *read)
{
	struct key k = key_of(a);
	struct addrbook_entry *e = map_put(&b->map, &k, NULL);

	if (!e)
		return;
	*e = *read;
	b->groups[addrbook_slot_of(b, a)]++;
	count_standing(b, e);
}

/* ---- what is heard and tried ---- */

void addrbook_heard(struct addrbook *b, const struct netaddr *a, const struct netaddr *source)
{
	struct addrbook_entry *known = addrbook_entry_of(b, a);
	struct addrbook_entry fresh = {.last_seen = clock_wall(b->clock)};

	netaddr_group(source, fresh.source);
	if (known)
		known->guessed = false;
	if (known && !known->failures)
		known->last_seen = fresh.last_seen;
	if (!known && !addrbook_source_is_full(b, fresh.source) &&
		make_room(b, addrbook_slot_of(b, a), false))
		addrbook_put(b, a, &fresh);
}

void addrbook_connected(struct addrbook *b, const struct netaddr *a)
{
	int64_t now = clock_wall(b->clock);
	struct addrbook_entry *known = addrbook_entry_of(b, a);
	struct addrbook_entry fresh = {
		.last_seen = now, .last_try = now, .last_success = now, .tried = true};

	netaddr_group(a, fresh.source);
	if (known) {
		uncount_standing(b, known);
		fresh.present = known->present;
		*known = fresh;
		count_standing(b, known);
	} else if (make_room(b, addrbook_slot_of(b, a), true)) {
		addrbook_put(b, a, &fresh);
	}
}

void addrbook_closed(struct addrbook *b, const struct netaddr *a)
{
	struct addrbook_entry *e = addrbook_entry_of(b, a);

	if (e)
		e->last_try = clock_wall(b->clock);
}

void addrbook_failed(struct addrbook *b, const struct netaddr *a, bool counts)
{
	struct addrbook_entry *e = addrbook_entry_of(b, a);

	if (!e)
		return;
	e->last_try = clock_wall(b->clock);
	if (counts && e->failures < ADDRBOOK_FAILURES_MAX)
		e->failures++;
	if (!e->tried && e->failures >= FAILURES_NEW)
		forget(b, a);
}

void addrbook_refused(struct addrbook *b, const struct netaddr *a)
{
	struct addrbook_entry *e = addrbook_entry_of(b, a);

	if (!e)
		return;
	e->last_try = clock_wall(b->clock);
	if (e->failures < FAILURES_REFUSED)
		e->failures = FAILURES_REFUSED;
	else if (e->failures < ADDRBOOK_FAILURES_MAX)
		e->failures++;
}

void addrbook_remove(struct addrbook *b, const struct netaddr *a)
{
	forget(b, a);
}

bool addrbook_is_good(const struct addrbook *b, const struct netaddr *a)
{
	const struct addrbook_entry *e = addrbook_entry_of(b, a);

	return e && e->tried && !e->failures;
}

/* ---- choosing ---- */
