/* The two hellos that open a connection (protocol.md 6.1, 6.2): random padding and a public key,
 * from the server also the nonce of the session. Pure.
 * Before: p2p/conn.c received the bytes. After: p2p/secure.c computes the session key from them. */
#ifndef P2P_HELLO_H
#define P2P_HELLO_H

#include "base/rng.h"
#include "base/slice.h"

enum {
	HELLO_KEY = 32,
	HELLO_NONCE = 12,
	/* Lengths of the hellos that we send; the same as the reference node's. */
	HELLO_SENT_MIN = 64,
	HELLO_SENT_MAX = 254,
	/* Lengths of the longest hellos that can arrive. */
	HELLO_CLIENT_MAX = 1 + 255 + HELLO_KEY,
	HELLO_SERVER_MAX = 1 + 255 + HELLO_KEY + HELLO_NONCE,
};

/* Each writes a whole hello with random padding of random length. Returns the length in bytes,
 * HELLO_SENT_MIN … HELLO_SENT_MAX. */
size_t hello_client_build(
	const struct rng *rng, const uint8_t public_key[HELLO_KEY], uint8_t to[HELLO_SENT_MAX]);
size_t hello_server_build(const struct rng *rng, const uint8_t public_key[HELLO_KEY],
	const uint8_t nonce[HELLO_NONCE], uint8_t to[HELLO_SENT_MAX]);

/* The length in bytes of the whole hello that begins with this byte, which encodes the padding's.
 */
size_t hello_client_size(uint8_t first);
size_t hello_server_size(uint8_t first);

/* Each reads a hello from all bytes that have arrived so far. Returns its length once it is
 * complete; 0, with nothing written, while more is needed. Bytes after it belong to the first
 * frame. Every byte sequence is a valid hello: secure_shared() finds out whether the key is usable.
 */
size_t hello_client_parse(struct slice arrived, uint8_t public_key[HELLO_KEY]);
size_t hello_server_parse(
	struct slice arrived, uint8_t public_key[HELLO_KEY], uint8_t nonce[HELLO_NONCE]);

#endif
