/* Peer exchange (protocol.md 5.8): which addresses of a Peers message we accept, and a bounded
 * queue of accepted ones that wait to be dialled. */
#ifndef P2P_EXCHANGE_H
#define P2P_EXCHANGE_H

#include "base/fifo.h"
#include "net/addr.h"

enum { EXCHANGE_OWN_MAX = 4 };

struct exchange {
	struct fifo waiting; /* of struct netaddr; at the bound the oldest is dropped */
	bool yggdrasil_only, allow_local;
	size_t own_count;                     /* how many were ever noted */
	struct netaddr own[EXCHANGE_OWN_MAX]; /* the last of our own addresses: never dialled */
	uint64_t taken, refused;              /* counters, ever growing */
};

/* Makes an empty queue. `bound` (limits.max_new_peers) is borrowed. yggdrasil_only: addresses of
 * other networks are refused. allow_local: loopback and private addresses are accepted, as a test
 * network needs. */
void exchange_init(struct exchange *x, struct bound *bound, bool yggdrasil_only, bool allow_local);
void exchange_clear(struct exchange *x); /* frees the queue */

/* Note that this address is our own, or that it no longer is. */
void exchange_note_own(struct exchange *x, const struct netaddr *a);
void exchange_forget_own(struct exchange *x, const struct netaddr *a);

/* True when we may dial this address of our own choice, whatever its source: not our own, routable,
 * no privileged port. Configured peers are not judged by this. */
bool exchange_allows(const struct exchange *x, const struct netaddr *a);

/* Queues one entry of a Peers message and writes its address to *out. False when it is refused: not
 * a literal address, not allowed, queued already, or `known` returns true (a peer, or banned). At
 * the bound, the address that has waited longest is dropped and a line is logged. */
bool exchange_take(struct exchange *x, struct slice text,
	bool (*known)(void *ctx, const struct netaddr *a), void *ctx, struct netaddr *out);

/* Removes the address that has waited longest and writes it to *out. False when none waits. */
bool exchange_next(struct exchange *x, struct netaddr *out);
size_t exchange_waiting(const struct exchange *x); /* the length of the queue */

#endif
