/* Role: marks the addresses that are connected. The mark is saved, so that after a restart or a
 * crash the node dials its last peers first. Part of p2p/addrbook.h.
 * Before: p2p/p2p_book.c, p2p/addrbook_file.c. After: p2p/dialer.c. */
#include "p2p/addrbook_internal.h"

void addrbook_met(struct addrbook *b, const struct netaddr *a)
{
	struct addrbook_entry *e = addrbook_entry_of(b, a);

	if (!e) {
		addrbook_heard(b, a, a);
		e = addrbook_entry_of(b, a);
		if (!e)
			return; /* no room, or out of memory */
		e->guessed = true;
	}
	e->present = true;
	e->missed = false;
}

void addrbook_left(struct addrbook *b, const struct netaddr *a)
{
	struct addrbook_entry *e = addrbook_entry_of(b, a);

	if (e && e->guessed)
		addrbook_remove(b, a);
	else if (e)
		e->present = false;
}

bool addrbook_is_present(const struct addrbook *b, const struct netaddr *a)
{
	const struct addrbook_entry *e = addrbook_entry_of(b, a);

	return e && e->present;
}

bool addrbook_pick_missed(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a),
	void *ctx, struct netaddr *out)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct addrbook_entry *e = value;
		*out = addrbook_addr_of(key);
		if (!e->missed || (e->failures && addrbook_rests(b, out)) || refuse(ctx, out))
			continue;
		e->missed = false;
		return true;
	}
	return false;
}
