/* The owner's keys in one list: those that the key process has told of, else those on disk, which
 * nobody has opened then. Nothing is copied. Pure.
 * Before: whatever asks about our keys. After: owner/keys_state.h, owner/key_table.h. */
#ifndef OWNER_OWN_KEYS_H
#define OWNER_OWN_KEYS_H

#include "owner/key_table.h"
#include "owner/keys_state.h"

enum { OWN_KEYS_MAX = 256 };

struct own_key {
	const char *name; /* borrowed, so the next two */
	const uint8_t *signing, *encryption;
	bool locked;
	/* The last blocks that its journal has; NULL when the key process has not told. Borrowed.
	 */
	const struct keys_signed *full, *empty;
};

/* Fills `to` and returns how many there are: OWN_KEYS_MAX at most. `s` may be NULL. */
unsigned own_keys_list(
	const struct key_table *t, const struct keys_state *s, struct own_key to[OWN_KEYS_MAX]);

/* Index of the newest block that its journal knows; 0 = none. */
uint64_t own_key_journal(const struct own_key *k);

#endif
