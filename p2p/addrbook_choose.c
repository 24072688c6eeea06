/* Role: which address of the book is dialled next, and how long each rests after an attempt.
 * Before: p2p/dialer.c has a free place. After: p2p/addrbook.c notes what became of the dial. */
#include "p2p/addrbook_internal.h"

enum {
	RETRY_S = 60, /* wait before the next dial; doubles with each failure */
	RETRY_MAX_S = 8 * 3600,
};

/* Seconds until the address may be dialled again; 0 = now. The wait after the last attempt doubles
 * with each failure, up to RETRY_MAX_S. */
static int64_t rest_of(const struct addrbook *b, const struct addrbook_entry *e)
{
	int64_t wait = RETRY_S, now = clock_wall(b->clock);

	for (unsigned i = 0; i < e->failures && wait < RETRY_MAX_S; i++)
		wait *= 2;
	if (wait > RETRY_MAX_S)
		wait = RETRY_MAX_S;
	if (!e->last_try || now < e->last_try || now - e->last_try >= wait)
		return 0;
	return wait - (now - e->last_try);
}

static bool rests(const struct addrbook *b, const struct addrbook_entry *e)
{
	return rest_of(b, e) > 0;
}

bool addrbook_rests(const struct addrbook *b, const struct netaddr *a)
{
	const struct addrbook_entry *e = addrbook_entry_of(b, a);

	return e && rests(b, e);
}

bool addrbook_next(const struct addrbook *b, size_t *at, struct netaddr *a,
	struct addrbook_entry *e, uint64_t *rest)
{
	const void *key;
	void *value;

	if (!map_next(&b->map, at, &key, &value))
		return false;
	*a = addrbook_addr_of(key);
	*e = *(const struct addrbook_entry *)value;
	*rest = (uint64_t)rest_of(b, e);
	return true;
}

static uint32_t weight(const struct addrbook_entry *e)
{
	return e->failures < 5 ? 16u >> e->failures : 1;
}

bool addrbook_pick(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a),
	void *ctx, struct netaddr *out)
{
	uint32_t total[2] = {0}; /* sum of weights: [0] new addresses, [1] tried ones */
	struct netaddr choice[2];
	const void *key;
	void *value;

	/* Weighted choice in one pass: each candidate replaces the earlier choice with probability
	 * weight / total so far. New and tried addresses are drawn separately, and a coin decides
	 * between the two: however many new addresses peers send us, they get only half of the
	 * dials. */
	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		const struct addrbook_entry *e = value;
		struct netaddr a = addrbook_addr_of(key);
		if (rests(b, e) || addrbook_expired(b, e) || refuse(ctx, &a))
			continue;
		total[e->tried] += weight(e);
		if (rng_below(b->rng, total[e->tried]) < weight(e))
			choice[e->tried] = a;
	}
	bool tried = !total[0] || (total[1] && rng_below(b->rng, 2));
	if (total[tried])
		*out = choice[tried];
	return total[tried] > 0;
}
