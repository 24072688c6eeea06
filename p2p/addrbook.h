/* The address book: known addresses with what became of them. "New" ones were only heard of,
 * "tried" ones answered us. No network group, and nobody who names addresses, can fill it, and what
 * is only heard of never displaces what is tried (protocol.md 12.2). */
#ifndef P2P_ADDRBOOK_H
#define P2P_ADDRBOOK_H

#include "base/clock.h"
#include "base/cursor.h"
#include "base/map.h"
#include "base/rng.h"
#include "config/limits.h"
#include "net/addr.h"

struct book_entry {
	int64_t last_seen;    /* by p2p/kept_time.h in seconds, as the next two */
	int64_t last_try;     /* 0 = never */
	int64_t last_success; /* 0 = never */
	uint8_t failures;     /* since the last success */
	bool tried;
	bool present; /* connected now */
	bool missed;  /* was connected when the book was kept, and has not been dialled since */
	bool guessed; /* it dialled us, and nobody has said that it listens there */
	uint8_t source[NETGROUP_SIZE]; /* group of the peer that named it */
};

enum {
	BOOK_KEY_BYTES = 18,
	BOOK_ENTRY_BYTES = BOOK_KEY_BYTES + 8 + 8 + 8 + 1 + 1 + NETGROUP_SIZE,
	BOOK_HEAD_BYTES = 5,
	BOOK_SLOTS = 256,
};

struct addrbook {
	struct map map; /* address → struct book_entry */
	struct limits *limits;
	const struct clock *clock;
	const struct rng *rng;
	/* How many of the entries are of one network group, and how many new ones one source named;
	 * by a hash of the group, so that a collision only makes two share one share. */
	uint32_t groups[BOOK_SLOTS], sources[BOOK_SLOTS];
	size_t tried;
};

/* An empty book. Everything that is handed in is borrowed; `clock` is that of p2p/kept_time.h,
 * `seed` a secret random number, so that no stranger can choose addresses that collide. */
void book_init(struct addrbook *b, struct limits *l, const struct clock *clock,
	const struct rng *rng, uint64_t seed);
void book_clear(struct addrbook *b); /* frees the entries */

/* A peer named it: `source` is the address of that peer. Kept unless its group or the source has
 * its share already, or memory runs out: an address more or less is no harm. */
void book_heard(struct addrbook *b, const struct netaddr *a, const struct netaddr *source);

/* It answered: from now on it is a tried one. */
void book_connected(struct addrbook *b, const struct netaddr *a);

/* A connection with it has ended: it rests for a minute. */
void book_closed(struct addrbook *b, const struct netaddr *a);

/* It could not be reached. A failure that `counts` doubles its rest, and a new one is forgotten
 * after three; one that does not (we may be offline ourselves) lets it rest for a minute. */
void book_failed(struct addrbook *b, const struct netaddr *a, bool counts);

/* It was reached and is of no use to us: it rests for 16 minutes or more. */
void book_refused(struct addrbook *b, const struct netaddr *a);

/* By hand, or because nobody is there. Harmless when it is unknown. */
void book_remove(struct addrbook *b, const struct netaddr *a);

/* Did it answer when it was dialled last, and nothing was wrong with it? */
bool book_is_good(const struct addrbook *b, const struct netaddr *a);

/* ---- addrbook_session.c ---- */

/* It is connected, from now on or no longer. One that dialled us may be unknown: then it is kept,
 * like one that was heard of, for as long as it stays. */
void book_met(struct addrbook *b, const struct netaddr *a);
void book_left(struct addrbook *b, const struct netaddr *a);
bool book_is_present(const struct addrbook *b, const struct netaddr *a);

/* One that was connected when the book was kept, each once; as book_pick() else. */
bool book_pick_missed(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a),
	void *ctx, struct netaddr *out);

/* Is it known, and too early to dial it again? */
bool book_rests(const struct addrbook *b, const struct netaddr *a);

/* One to dial: a tried one or a new one with the same chance, failed ones ever later. `refuse` says
 * which not to take. False when there is none. */
bool book_pick(struct addrbook *b, bool (*refuse)(void *ctx, const struct netaddr *a), void *ctx,
	struct netaddr *out);

/* Walks the book: start with *at = 0; false at the end. *rest: seconds before which it is not
 * dialled again. */
bool book_next(const struct addrbook *b, size_t *at, struct netaddr *a, struct book_entry *e,
	uint64_t *rest);

size_t book_count(const struct addrbook *b); /* entries, tried ones included */
size_t book_tried(const struct addrbook *b);
void book_move(struct addrbook *b, int64_t by); /* its clock was set by so many seconds */
void book_expire(struct addrbook *b); /* now and then: drops what nobody has seen for address_ttl */

/* Versioned; load checks like untrusted input: false, and nothing is taken, unless all of it could
 * have been written by book_save(). What has expired or finds no room is left out. book_save() sets
 * the error of the writer when it has less room than p2p_book_bound(). */
void book_save(const struct addrbook *b, struct wr *w);
bool book_load(struct addrbook *b, struct slice bytes);

#endif
