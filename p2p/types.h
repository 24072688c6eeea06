/* The small types that every file of p2p/ and its users share: a peer's number, why a connection
 * ended, what became of a message that was sent. */
#ifndef P2P_TYPES_H
#define P2P_TYPES_H

#include <stdint.h>

/* Names a connection, and with it a peer, to everybody above p2p/conn.h. Never 0, never used again:
 * a late answer for one that is gone finds nobody. */
typedef uint64_t peer_id;

/* Why a connection ended; one counter each. */
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
	CLOSE_OUTPUT,     /* would not read what it asked for */
	CLOSE_MISBEHAVED, /* the node said so (bad block, score) */
	CLOSE_OPERATOR,   /* removed or banned by hand */
	CLOSE_SHUTDOWN,
	CLOSE_REASONS
};

/* One or two words for logs and events, a constant. */
const char *close_reason_name(enum close_reason r);

/* What became of a message that was to be sent. */
enum send_result {
	SEND_OK,   /* queued as a whole */
	SEND_GONE, /* the peer is not there any more, or not ready */
	SEND_FULL, /* over the output bound: nothing was queued, try again after drained() */
};

#endif
