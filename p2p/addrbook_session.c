/* Role: marks the addresses that are connected. The mark is saved, so that after a restart or a
 * crash the node dials its last peers first. Part of p2p/addrbook.h.
 * Before: p2p/p2p_book.c, p2p/addrbook_file.c. After: p2p/dialer.c. */
#include "p2p/addrbook_internal.h"

void book_met(struct addrbook *b, const struct netaddr *a)
{
	struct book_entry *e = book_entry_of(b, a);

	if (!e) {
		book_heard(b, a, a);
		e = book_entry_of(b, a);
		if (!e)
			return; /* no room, or out of memory */
		e->guessed = true;
	}
	e->present = true;
	e->missed = false;
}

void book_left(struct addrbook *b, const struct netaddr *a)
{
	struct book_entry *e = book_entry_of(b, a);

	if (e && e->guessed)
		book_remove(b, a);
	else if (e)
		e->present = false;
}

bool book_is_present(const struct addrbook *b, const struct netaddr *a)
{
	const struct book_entry *e = book_entry_of(b, a);

	return e && e->present;
}

bool book_pick_missed(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a),
	void *ctx, struct netaddr *out)
{
	const void *key;
	void *value;

	for (size_t at = 0; map_next(&b->map, &at, &key, &value);) {
		struct book_entry *e = value;
		*out = book_addr_of(key);
		if (!e->missed || (e->failures && book_rests(b, out)) || refuse(ctx, out))
			continue;
		e->missed = false;
		return true;
	}
	return false;
}
