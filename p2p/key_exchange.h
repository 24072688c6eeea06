/* The exchange of keys that opens a connection (protocol.md 6.1-6.3), done over its bytes.
 * Before: p2p/conn.c. After: p2p/peer.c, with the session's key and nonce. */
#ifndef P2P_KEY_EXCHANGE_H
#define P2P_KEY_EXCHANGE_H

#include "p2p/conn.h"
#include "p2p/secure.h"

/* What the dialling side keeps between the two hellos; a fresh pair for each connection. */
struct key_exchange {
	uint8_t secret[SECURE_KEY];
};

enum key_exchange_result {
	KEY_EXCHANGE_MORE, /* the other hello is not complete */
	KEY_EXCHANGE_DONE, /* bytes behind it, if any, are the first frame */
	KEY_EXCHANGE_BAD,  /* a key of low order, or no room for our hello: close */
};

/* Outbound: makes the keys and sends the client hello in one piece. False: close. */
bool key_exchange_begin(struct key_exchange *h, struct conn *c, const struct rng *rng);

/* Takes the other side's hello once it is complete in the input (in any number of pieces), answers
 * it when inbound, and writes key and nonce of *session. The secret is wiped when it is over. */
enum key_exchange_result key_exchange_read(
	struct key_exchange *h, struct conn *c, const struct rng *rng, struct secure *session);

#endif
