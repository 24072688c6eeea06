/* Small types that the files of p2p/ and its users share: the id of a peer, why a connection ended,
 * and the result of sending a message. */
#ifndef P2P_TYPES_H
#define P2P_TYPES_H

#include <stdint.h>

/* Identifies a connection, and with it a peer, everywhere above p2p/conn.h, where no pointer to a
 * peer is kept. Never 0 and never reused, so a late answer to a peer that is gone cannot reach
 * another one. */
typedef uint64_t peer_id;

/* Why a connection ended. Each reason has a counter. */
enum close_reason {
	CLOSE_NONE,
	CLOSE_PEER,      /* the other side closed or the socket failed */
	CLOSE_CONNECT,   /* could not connect */
	CLOSE_TIMEOUT,   /* a deadline of the phase passed */
	CLOSE_MALFORMED, /* hello, frame or message that does not parse or decrypt */
	CLOSE_VERSION,   /* release or chain version refused */
	CLOSE_ORIGIN,    /* another network */
	CLOSE_LOOP,      /* our own address */
	CLOSE_DUPLICATE, /* second connection with the same node */
	CLOSE_BANNED,
	CLOSE_LIMIT,      /* a cap on connections */
	CLOSE_EVICTED,    /* made room for another */
	CLOSE_OUTPUT,     /* did not read what it had requested */
	CLOSE_MISBEHAVED, /* broke a rule: a bad block, or too high a score */
	CLOSE_OPERATOR,   /* removed or banned by the operator */
	CLOSE_SHUTDOWN,   /* the node stops */
	CLOSE_REASONS
};

/* One or two words for logs and events; static. */
const char *close_reason_name(enum close_reason r);

/* The result of sending a message. */
enum send_result {
	SEND_OK,   /* queued as a whole */
	SEND_GONE, /* the peer is gone or not ready */
	SEND_FULL, /* an output bound is reached: nothing was queued; try again after drained() */
};

#endif
