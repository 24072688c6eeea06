/* The address book: known addresses of peers, with the results of dialling them. "New" addresses
 * were only named by peers, "tried" ones have answered us. The share of each network group, and of
 * each peer that names addresses, is limited; and a new address never displaces a tried one
 * (protocol.md 12.2). */
#ifndef P2P_ADDRBOOK_H
#define P2P_ADDRBOOK_H

#include "base/clock.h"
#include "base/cursor.h"
#include "base/map.h"
#include "base/rng.h"
#include "config/limits.h"
#include "net/addr.h"

struct addrbook_entry {
	int64_t last_seen;    /* seconds, by the clock of p2p/kept_time.h; so are the next two */
	int64_t last_try;     /* 0 = never */
	int64_t last_success; /* 0 = never */
	uint8_t failures;     /* since the last success */
	bool tried;
	bool present; /* connected now */
	bool missed;  /* was connected when the book was saved, and has not been dialled since */
	bool guessed; /* it dialled us, and no peer has named this address as one that listens */
	uint8_t source[NETGROUP_SIZE]; /* group of the peer that named it */
};

enum {
	ADDRBOOK_KEY_BYTES = 18,
	ADDRBOOK_ENTRY_BYTES = ADDRBOOK_KEY_BYTES + 8 + 8 + 8 + 1 + 1 + NETGROUP_SIZE,
	ADDRBOOK_HEAD_BYTES = 5,
	ADDRBOOK_SLOTS = 256,
};

struct addrbook {
	struct map map; /* address → struct addrbook_entry */
	struct limits *limits;
	const struct clock *clock;
	const struct rng *rng;
	/* Entries of each network group, and new entries named by each source, counted by a hash of
	 * the group. If two groups collide they only share one share. */
	uint32_t groups[ADDRBOOK_SLOTS], sources[ADDRBOOK_SLOTS];
	size_t tried;
};

/* Makes an empty book. All that is passed is borrowed. `clock` is that of p2p/kept_time.h. `seed`
 * is a secret random number, so that nobody can choose addresses that collide. */
void addrbook_init(struct addrbook *b, struct limits *l, const struct clock *clock,
	const struct rng *rng, uint64_t seed);
void addrbook_clear(struct addrbook *b); /* frees the entries */

/* A peer at the address `source` named the address. It is added unless its group or the source has
 * its share already, or memory runs out: one address more or less does not matter. */
void addrbook_heard(struct addrbook *b, const struct netaddr *a, const struct netaddr *source);

/* A dial succeeded: the address is a tried one from now on. */
void addrbook_connected(struct addrbook *b, const struct netaddr *a);

/* A connection with it has ended: it is not dialled for a minute. */
void addrbook_closed(struct addrbook *b, const struct netaddr *a);

/* A dial failed. If the failure `counts`, it doubles the wait before the next dial, and a new
 * address is removed after three. Otherwise (we may be offline ourselves) the address only waits
 * for a minute. */
void addrbook_failed(struct addrbook *b, const struct netaddr *a, bool counts);

/* It was reached and is of no use to us: it is not dialled for 16 minutes or more. */
void addrbook_refused(struct addrbook *b, const struct netaddr *a);

/* Removes the address: the operator said so, or it is our own. Harmless when it is unknown. */
void addrbook_remove(struct addrbook *b, const struct netaddr *a);

/* Did it answer when it was dialled last, and nothing was wrong with it? */
bool addrbook_is_good(const struct addrbook *b, const struct netaddr *a);

/* ---- addrbook_session.c ---- */

/* Marks it as connected, or no longer. An unknown address of a peer that dialled us is added as a
 * new one, and removed when it leaves. */
void addrbook_met(struct addrbook *b, const struct netaddr *a);
void addrbook_left(struct addrbook *b, const struct netaddr *a);
bool addrbook_is_present(const struct addrbook *b, const struct netaddr *a);

/* Like addrbook_pick(), but among the addresses that were connected when the book was saved; each
 * is returned once. */
bool addrbook_pick_missed(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a),
	void *ctx, struct netaddr *out);

/* Is it known, and too early to dial it again? */
bool addrbook_rests(const struct addrbook *b, const struct netaddr *a);

/* Chooses an address to dial: a tried or a new one with equal chance, and those that failed less
 * often. `refuse` excludes addresses. False when there is none. */
bool addrbook_pick(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a),
	void *ctx, struct netaddr *out);

/* Walks the book: start with *at = 0; false at the end. *rest: seconds before which it is not
 * dialled again. */
bool addrbook_next(const struct addrbook *b, size_t *at, struct netaddr *a,
	struct addrbook_entry *e, uint64_t *rest);

size_t addrbook_count(const struct addrbook *b);    /* entries, tried ones included */
size_t addrbook_tried(const struct addrbook *b);    /* tried entries */
void addrbook_move(struct addrbook *b, int64_t by); /* its clock was set by so many seconds */
void addrbook_expire(struct addrbook *b); /* now and then: removes what is unseen for address_ttl */

/* Versioned; load checks like untrusted input: false, and nothing is taken, unless all of it could
 * have been written by addrbook_save(). What has expired or finds no room is left out.
 * addrbook_save() sets the error of the writer when it has less room than p2p_book_bound(). */
void addrbook_save(const struct addrbook *b, struct wr *w);
bool addrbook_load(struct addrbook *b, struct slice bytes);

#endif
