/* A configured peer as a value: how it is written, where it was found, and when it is tried next
 * (protocol.md 5.14: closes are followed by rests). Knows no clock and no loop. */
#ifndef P2P_CONFIGURED_PEER_H
#define P2P_CONFIGURED_PEER_H

#include "base/rng.h"
#include "net/resolver.h"

enum {
	CONFIGURED_PEER_TEXT_MAX = 256,
	CONFIGURED_PEER_ERROR_MAX = 96,
};

enum configured_peer_state {
	CONFIGURED_PEER_WAITING,
	CONFIGURED_PEER_RESOLVING,
	CONFIGURED_PEER_BUSY /* dialled or connected */
};

struct configured_peer {
	struct configured_peer *next;
	char text[CONFIGURED_PEER_TEXT_MAX]; /* as configured */
	char host[CONFIGURED_PEER_TEXT_MAX];
	uint16_t port;
	uint64_t tag; /* names it to the resolver */
	enum configured_peer_state state;
	uint64_t due_ms, backoff_ms; /* monotonic; when to try again, and the wait after that */
	uint64_t alone_due_ms;       /* when to try again while nobody is connected */
	struct netaddr found[RESOLVED_MAX];
	size_t count, at; /* of `found`; the next one to dial */
	struct netaddr dialled;
	char error[CONFIGURED_PEER_ERROR_MAX]; /* why it is not connected; "" = nothing went wrong
					 since it was */
	uint32_t failures;                     /* since it was connected last */
	uint32_t faults;                       /* connections that ended with one, in a row */
	bool rests;                            /* it is another network's, or only just closed */
	bool once, over; /* to be connected with one time; that time has passed */
};

/* "host:port", "[v6]:port", or either without a port (ALFIS_PORT then), as net/addr.h reads them,
 * into a zeroed one. False for any other text, for port 0, and for one that is too long. */
bool configured_peer_parse(struct configured_peer *cp, const char *text);

/* Can it be what somebody means who adds a peer by hand? Not a word without a dot or a port, nor a
 * name that ends in a number and so is a mistyped address, nor an address of nobody (0.0.0.0,
 * multicast). */
bool configured_peer_plausible(const char *text);

/* The same host (letters in either case) and port. */
bool configured_peer_same(const struct configured_peer *a, const struct configured_peer *b);

/* An attempt has failed; `why` is copied, for whoever lists the peers. */
void configured_peer_failed(struct configured_peer *cp, const char *why);

/* Takes the addresses that may be dialled, RESOLVED_MAX at most; returns how many. */
size_t configured_peer_found(
	struct configured_peer *cp, const struct netaddr *found, size_t count, bool yggdrasil_only);

/* Waits for as long as it was said last time, less up to a quarter, and twice as long the next
 * time. The quarter is chance, so that nodes which lost a peer together do not come back together.
 */
void configured_peer_back_off(struct configured_peer *cp, uint64_t now, const struct rng *rng);

/* When it is to be tried again, in monotonic milliseconds; `alone`: no peer is connected, so that
 * this one is needed. */
uint64_t configured_peer_due(const struct configured_peer *cp, bool alone);

/* It answered: back-off begins anew, with this address first. */
void configured_peer_ready(struct configured_peer *cp);

enum dial_end {
	DIAL_FAILED,  /* could not be reached */
	DIAL_DROPPED, /* reached, and over before it was ready */
	DIAL_SHUT,    /* closed by it without a byte: it has banned us or is full (5.14), or a login
			 page of our own network answers for everybody */
	DIAL_CLOSED,  /* was ready */
	DIAL_REFUSED, /* another network or too old: not for ten minutes, like the next one */
	DIAL_FAULT,   /* it broke a rule: likewise, a configured one for ever longer */
	DIAL_SELF,    /* our own address */
};

/* How a dial ended, and what was known by then. */
struct dial_ending {
	enum dial_end end;
	bool alone; /* nobody is connected: what looks like a ban may be our own network */
	bool local; /* on a private network nobody is made to wait for a ban to end */
};

void configured_peer_ended(struct configured_peer *cp, uint64_t now, const struct dial_ending *how,
	const struct rng *rng);

/* It is due now, unless it has to rest. */
void configured_peer_hurry(struct configured_peer *cp, uint64_t now);

#endif
