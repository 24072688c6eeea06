/* Runs the exchange of keys that opens a connection (protocol.md 6.1-6.3).
 * Before: p2p/conn.c. After: p2p/peer.c, with key and nonce of the session. */
#ifndef P2P_KEY_EXCHANGE_H
#define P2P_KEY_EXCHANGE_H

#include "p2p/conn.h"
#include "p2p/secure.h"

/* What the dialling side keeps between the two hellos: the secret key, fresh for each connection.
 */
struct key_exchange {
	uint8_t secret[SECURE_KEY];
};

enum key_exchange_result {
	KEY_EXCHANGE_MORE, /* the other side's hello is not complete */
	KEY_EXCHANGE_DONE, /* further input, if any, is the first frame */
	KEY_EXCHANGE_BAD,  /* a key of low order, or no room for our hello: the caller closes */
};

/* For an outbound connection: makes the keys and sends the client hello (6.1) in one write. False
 * when it cannot be sent: the caller closes. */
bool key_exchange_begin(struct key_exchange *h, struct conn *c, const struct rng *rng);

/* To be called whenever input has arrived. Once the other side's hello is complete, removes it from
 * the input, answers it if the connection is inbound (6.2), and writes key and nonce to *session.
 * Wipes the secret when the exchange is over. */
enum key_exchange_result key_exchange_read(
	struct key_exchange *h, struct conn *c, const struct rng *rng, struct secure *session);

#endif
