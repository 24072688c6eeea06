/* The address book: known addresses with what became of them. "New" ones were only heard of,
 * "tried" ones answered us. No network group, and nobody who names addresses, can fill it. */
#ifndef P2P_ADDRBOOK_H
#define P2P_ADDRBOOK_H

#include "base/clock.h"
#include "base/cursor.h"
#include "base/map.h"
#include "base/rng.h"
#include "config/limits.h"
#include "p2p/addr.h"

struct book_entry {
	int64_t last_seen;    /* wall time in seconds, as the next two */
	int64_t last_try;     /* 0 = never */
	int64_t last_success; /* 0 = never */
	uint8_t failures;     /* since the last success */
	bool tried;
	uint8_t source[NETGROUP_SIZE]; /* group of the peer that named it */
};

struct addrbook {
	struct map map; /* address → struct book_entry */
	struct limits *limits;
	const struct clock *clock;
	const struct rng *rng;
};

enum {
	BOOK_KEY_BYTES = 18,
	BOOK_ENTRY_BYTES = BOOK_KEY_BYTES + 8 + 8 + 8 + 1 + 1 + NETGROUP_SIZE,
	BOOK_HEAD_BYTES = 5
};

void book_init(struct addrbook *b, struct limits *l, const struct clock *clock,
	const struct rng *rng, uint64_t seed);
void book_clear(struct addrbook *b);

/* A peer named it. Kept unless its group or the source has its share already. */
void book_heard(struct addrbook *b, const struct netaddr *a, const struct netaddr *source);

/* What became of a dial. */
void book_connected(struct addrbook *b, const struct netaddr *a);
void book_failed(struct addrbook *b, const struct netaddr *a);
void book_remove(struct addrbook *b, const struct netaddr *a);

/* One to dial: tried ones more often, failed ones ever later. `refuse` says which not to take. */
bool book_pick(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a), void *ctx,
	struct netaddr *out);

size_t book_count(const struct addrbook *b);
size_t book_tried(const struct addrbook *b);
void book_expire(struct addrbook *b); /* now and then: drops what nobody has seen for address_ttl */

/* Versioned; load checks like untrusted input. */
void book_save(const struct addrbook *b, struct wr *w);
bool book_load(struct addrbook *b, struct slice bytes);

#endif
