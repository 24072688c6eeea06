/* Role: writes the address book as bytes, and reads it back, checked like untrusted input. Part of
 * p2p/addrbook.h.
 * Before and after: p2p/p2p_admin.c passes the bytes to and from node/persist.c. */
#include "p2p/addrbook_internal.h"

enum {
	VERSION = 2, /* version 1 had no flag PRESENT */
	TRIED = 1,
	PRESENT = 2,
};

void addrbook_save(const struct addrbook *b, struct wr *w)
{
	const void *key;
	void *value;

	wr_u8(w, VERSION);
	wr_be(w, b->map.count, 4);
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		const struct addrbook_entry *e = value;
		wr_bytes(w, key, ADDRBOOK_KEY_BYTES);
		wr_be(w, (uint64_t)e->last_seen, 8);
		wr_be(w, (uint64_t)e->last_try, 8);
		wr_be(w, (uint64_t)e->last_success, 8);
		wr_u8(w, e->failures);
		wr_u8(w, (uint8_t)((e->tried ? TRIED : 0) | (e->present ? PRESENT : 0)));
		wr_bytes(w, e->source, NETGROUP_SIZE);
	}
}

/* A time in the future was written while the clock was ahead; it becomes the present. */
static int64_t read_time(struct rd *r, int64_t now)
{
	uint64_t t = rd_be64(r);

	if (t > INT64_MAX)
		rd_fail(r);
	return t > (uint64_t)now ? now : (int64_t)t;
}

/* One entry; r->bad when addrbook_save() cannot have written it. */
static void read_entry(struct rd *r, int64_t now, struct netaddr *a, struct addrbook_entry *e)
{
	*e = (struct addrbook_entry){0};
	struct slice key = rd_bytes(r, ADDRBOOK_KEY_BYTES);

	if (key.n)
		*a = addrbook_addr_of(key.p);
	e->last_seen = read_time(r, now);
	e->last_try = read_time(r, now);
	e->last_success = read_time(r, now);
	e->failures = rd_u8(r);
	uint8_t flags = rd_u8(r);
	e->tried = flags & TRIED;
	e->missed = flags & PRESENT;
	rd_copy(r, e->source, sizeof e->source);
	if (!r->bad &&
		(e->failures > ADDRBOOK_FAILURES_MAX || flags > (TRIED | PRESENT) || a->port == 0))
		rd_fail(r);
}

static bool may_load(struct rd r, uint64_t count, int64_t now)
{
	struct netaddr a;
	struct addrbook_entry e;

	if (r.left != count * ADDRBOOK_ENTRY_BYTES)
		return false;
	while (!r.bad && r.left)
		read_entry(&r, now, &a, &e);
	return rd_done(&r);
}

/* Adds the entries that are tried, or those that are not. No entry replaces another: if the book is
 * now smaller than the saved one, the first entries stay and the rest are left out. */
static void load_standing(struct addrbook *b, struct rd r, int64_t now, bool tried)
{
	struct netaddr a;
	struct addrbook_entry e;

	while (r.left) {
		read_entry(&r, now, &a, &e);
		if (e.tried != tried || addrbook_expired(b, &e) || addrbook_entry_of(b, &a) ||
			addrbook_group_is_full(b, addrbook_slot_of(b, &a)) ||
			!bound_has(b->map.bound, 1))
			continue;
		if (tried || !addrbook_source_is_full(b, e.source))
			addrbook_put(b, &a, &e);
	}
}

bool addrbook_load(struct addrbook *b, struct slice bytes)
{
	struct rd r = rd_of(bytes);
	uint8_t version = rd_u8(&r);
	uint64_t count = rd_be32(&r);
	int64_t now = clock_wall(b->clock);

	if (r.bad || (version != 1 && version != VERSION) || now < 0 || !may_load(r, count, now))
		return false;
	load_standing(b, r, now, true);
	load_standing(b, r, now, false);
	return true;
}
