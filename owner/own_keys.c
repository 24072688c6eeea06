/* Role: lists the owner's keys. Before: node/, api/. After: owner/key_table.h. */
#include "owner/own_keys.h"

#include "base/slice.h"

static bool is_known(const struct key_public *pub)
{
	return !slice_zero(slice_of(pub->signing, sizeof pub->signing));
}

static unsigned told(const struct keys_state *s, struct own_key to[OWN_KEYS_MAX])
{
	unsigned n = 0;

	for (size_t i = 0; i < s->count && n < OWN_KEYS_MAX; i++) {
		const struct keys_row *r = &s->rows[i];
		to[n++] = (struct own_key){.name = r->name,
			.signing = r->pub.signing,
			.encryption = r->pub.encryption,
			.locked = r->locked,
			.full = &r->full,
			.empty = &r->empty};
	}
	return n;
}

unsigned own_keys_list(
	const struct key_table *t, const struct keys_state *s, struct own_key to[OWN_KEYS_MAX])
{
	unsigned n = 0;

	if (s && s->running)
		return told(s, to);
	for (size_t i = 0; i < t->count && n < OWN_KEYS_MAX; i++) {
		const struct key_entry *e = &t->entry[i];
		if (!e->wrong[0] && is_known(&e->pub))
			to[n++] = (struct own_key){.name = e->name,
				.signing = e->pub.signing,
				.encryption = e->pub.encryption,
				.locked = true};
	}
	return n;
}

uint64_t own_key_journal(const struct own_key *k)
{
	uint64_t full = k->full ? k->full->index : 0, empty = k->empty ? k->empty->index : 0;

	return full > empty ? full : empty;
}
