/* A configured peer as a value: its text, its addresses, and when it is dialled next (protocol.md
 * 5.14: after a close we wait before the next dial). It uses no clock and no event loop; the caller
 * passes the time. */
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
	uint64_t tag; /* identifies its look-ups to the resolver */
	enum configured_peer_state state;
	uint64_t due_ms, backoff_ms; /* monotonic: the next attempt; the wait after it */
	uint64_t alone_due_ms;       /* the next attempt if no peer is connected then */
	struct netaddr found[RESOLVED_MAX];
	size_t count, at; /* count of `found`; index of the next one to dial */
	struct netaddr dialled;
	char error[CONFIGURED_PEER_ERROR_MAX]; /* why it is not connected; "" = nothing went wrong
					 since it was */
	uint32_t failures;                     /* since it was last connected */
	uint32_t faults;                       /* connections in a row that ended with a fault */
	bool rests;                            /* it waits even if the network changes */
	bool once, over; /* added for one connection only; that connection is over */
};

/* "host:port", "[v6]:port", or either without a port (ALFIS_PORT then), as net/addr.h reads them,
 * into a zeroed one. False for any other text, for port 0, and for one that is too long. */
bool configured_peer_parse(struct configured_peer *cp, const char *text);

/* Is it a plausible peer for somebody to add by hand? Not a word without a dot or a port, not a
 * name whose last label is a number (a mistyped address), and not an address that no other machine
 * has (0.0.0.0, multicast). */
bool configured_peer_plausible(const char *text);

/* The same host (letters in either case) and port. */
bool configured_peer_same(const struct configured_peer *a, const struct configured_peer *b);

/* An attempt has failed; `why` is copied and shown in lists of peers. */
void configured_peer_failed(struct configured_peer *cp, const char *why);

/* Keeps the addresses that may be dialled, RESOLVED_MAX at most; returns how many. */
size_t configured_peer_found(
	struct configured_peer *cp, const struct netaddr *found, size_t count, bool yggdrasil_only);

/* Waits for backoff_ms, less a random part of up to a quarter, and doubles it for the next time.
 * The random part keeps nodes that lost a peer together from coming back together. */
void configured_peer_back_off(struct configured_peer *cp, uint64_t now, const struct rng *rng);

/* When it is dialled again, in monotonic milliseconds. `alone`: no peer is connected, so the wait
 * is shorter. */
uint64_t configured_peer_due(const struct configured_peer *cp, bool alone);

/* It is connected: back-off starts from the beginning, and this address is tried first next
 * time. */
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

/* How a dial ended, and what else was known then. */
struct dial_ending {
	enum dial_end end;
	bool alone; /* no peer is connected: what looks like a ban may be our own network */
	bool local; /* a private network, where nobody waits for a ban to end */
};

/* A dial, or the connection that it made, has ended: decides when the peer is dialled next
 * (protocol.md 5.14). `now`: monotonic milliseconds. */
void configured_peer_ended(struct configured_peer *cp, uint64_t now, const struct dial_ending *how,
	const struct rng *rng);

/* Makes it due now, unless it rests (after a close, a fault or a refusal). */
void configured_peer_hurry(struct configured_peer *cp, uint64_t now);

#endif
