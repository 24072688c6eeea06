/* Banned hosts (net/addr.h netaddr_host(); protocol.md 5.7) with the time at which each ban ends,
 * by the time that is kept over restarts (p2p/kept_time.h). */
#ifndef P2P_BANS_H
#define P2P_BANS_H

#include "base/clock.h"
#include "base/cursor.h"
#include "base/map.h"
#include "net/addr.h"

enum { BAN_WHYS = 24, BAN_WHY_MAX = 48 };

/* What a ban forbids; each scope includes those before it. Many hosts may share an address, so
 * misbehaviour of a host that dialled us is no reason to give up another one there that we chose
 * ourselves. */
enum ban_scope {
	BAN_INBOUND, /* inbound connections: for misbehaviour of one that dialled us */
	BAN_HOST,    /* also dials of our own choice: for misbehaviour of one that we chose */
	BAN_BY_HAND, /* also dials of configured peers: by command of the operator */
	BAN_SCOPES
};

struct bans {
	struct map map; /* host → struct ban_entry */
	const struct clock *clock;
	char whys[BAN_WHYS][BAN_WHY_MAX]; /* each reason once; the first is that of loaded bans */
};

enum { BANS_ENTRY_BYTES = 16 + 8 + 8 + 1, BANS_HEAD_BYTES = 5 };

/* Nobody is banned. `bound` (limits.max_bans) and `clock` (that of p2p/kept_time.h) are borrowed;
 * `seed` is a secret random number, so that no stranger can choose hosts that collide. */
void bans_init(struct bans *b, struct bound *bound, const struct clock *clock, uint64_t seed);
void bans_clear(struct bans *b); /* frees the entries */

/* Bans the host of `a` for so many seconds. An existing ban with a wider scope, or the same scope
 * and a later end, stays. When the table is full the ban that ends first is removed. If memory runs
 * out the host is not banned; that is harmless, because its connection was closed anyway. */
void bans_add(struct bans *b, const struct netaddr *a, uint64_t seconds, enum ban_scope scope);

/* Notes the reason of the host's ban for lists of bans; it is not saved. There is room for BAN_WHYS
 * different reasons; the last place stands for all further ones. */
void bans_explain(struct bans *b, const struct netaddr *a, const char *why);

struct ban_info {
	struct netaddr host; /* port 0; of IPv6 the first 64 bits */
	int64_t until;       /* wall time, seconds */
	uint64_t left;       /* seconds */
	const char *why;     /* borrowed until the bans change */
};

/* Walks all bans that are not over: start with *at = 0; false at the end. */
bool bans_next(struct bans *b, size_t *at, struct ban_info *out);

/* Ends the ban of this host, whatever its scope. False when there was none. */
bool bans_remove(struct bans *b, const struct netaddr *a);

/* Is there a ban of this scope or a wider one? */
bool bans_has(struct bans *b, const struct netaddr *a, enum ban_scope scope);

size_t bans_count(const struct bans *b);    /* those that are over count until bans_expire() */
void bans_move(struct bans *b, int64_t by); /* its clock was set by so many seconds */
void bans_expire(struct bans *b);           /* now and then: drops those that are over */

/* Versioned; load checks like untrusted input: false, and nothing is replaced, unless bans_save()
 * can have written it. */
void bans_save(const struct bans *b, struct wr *w);
bool bans_load(struct bans *b, struct slice bytes);

#endif
