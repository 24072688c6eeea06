/* Banned hosts (p2p/addr.h netaddr_host()) with the time at which each ban ends. Wall time, since
 * bans outlive the program. */
#ifndef P2P_BANS_H
#define P2P_BANS_H

#include "base/clock.h"
#include "base/cursor.h"
#include "base/map.h"
#include "p2p/addr.h"

struct bans {
	struct map map; /* host → struct ban_entry */
	const struct clock *clock;
};

enum { BANS_ENTRY_BYTES = 16 + 8 + 8, BANS_HEAD_BYTES = 5 };

void bans_init(struct bans *b, struct bound *row, const struct clock *clock, uint64_t seed);
void bans_clear(struct bans *b);

/* A longer ban that is there already stays. At the bound the one that ends first goes. */
void bans_add(struct bans *b, const struct netaddr *a, uint64_t seconds);
bool bans_remove(struct bans *b, const struct netaddr *a);
bool bans_has(struct bans *b, const struct netaddr *a);
size_t bans_count(const struct bans *b);
void bans_expire(struct bans *b); /* now and then */

/* Versioned; load checks like untrusted input and replaces nothing on failure. */
void bans_save(const struct bans *b, struct wr *w);
bool bans_load(struct bans *b, struct slice bytes);

#endif
