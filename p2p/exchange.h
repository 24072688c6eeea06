/* Peer exchange (protocol.md 5.8): which addresses of a Peers message are kept, and the bounded
 * queue of those that wait to be tried. */
#ifndef P2P_EXCHANGE_H
#define P2P_EXCHANGE_H

#include "base/fifo.h"
#include "net/addr.h"

enum { EXCHANGE_OWN_MAX = 4 };

struct exchange {
	struct fifo waiting; /* struct netaddr, the oldest goes at the bound */
	bool yggdrasil_only, allow_local;
	size_t own_count;
	struct netaddr own[EXCHANGE_OWN_MAX]; /* addresses of ourselves: never dialled */
	uint64_t taken, refused;
};

/* Nobody waits. `bound` (limits.max_new_peers) is borrowed; allow_local: addresses of private
 * networks may be learned, as on a devnet. */
void exchange_init(struct exchange *x, struct bound *bound, bool yggdrasil_only, bool allow_local);
void exchange_clear(struct exchange *x); /* frees the queue */

/* This address is our own. */
void exchange_note_own(struct exchange *x, const struct netaddr *a);
void exchange_forget_own(struct exchange *x, const struct netaddr *a); /* not any more */

/* May this address be dialled by our own choice, whoever named it? */
bool exchange_allows(const struct exchange *x, const struct netaddr *a);

/* One entry of a Peers message. False when it is refused: no literal address, not allowed, waiting
 * already, or `known` says that it is a peer or banned. *out is the address. At the bound the one
 * that has waited longest goes, and the log says so. */
bool exchange_take(struct exchange *x, struct slice text,
	bool (*known)(void *ctx, const struct netaddr *a), void *ctx, struct netaddr *out);

/* Takes out the one that waits longest. False when nobody does. */
bool exchange_next(struct exchange *x, struct netaddr *out);
size_t exchange_waiting(const struct exchange *x);

#endif
