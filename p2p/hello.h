/* The two hellos that open a connection (protocol.md 6.1, 6.2): random padding and a public key,
 * from the server also the session nonce. Pure.
 * Before: p2p/conn.c brought the bytes. After: p2p/secure.c makes the session of them. */
#ifndef P2P_HELLO_H
#define P2P_HELLO_H

#include "base/rng.h"
#include "base/slice.h"

enum {
	HELLO_KEY = 32,
	HELLO_NONCE = 12,
	/* Whole hellos that we send, as long as the reference's. */
	HELLO_SENT_MIN = 64,
	HELLO_SENT_MAX = 254,
	/* The longest ones that are accepted. */
	HELLO_CLIENT_MAX = 1 + 255 + HELLO_KEY,
	HELLO_SERVER_MAX = 1 + 255 + HELLO_KEY + HELLO_NONCE,
};

/* Each writes a whole hello of random length; returns its bytes, HELLO_SENT_MIN … HELLO_SENT_MAX.
 */
size_t hello_client_build(
	const struct rng *rng, const uint8_t public_key[HELLO_KEY], uint8_t to[HELLO_SENT_MAX]);
size_t hello_server_build(const struct rng *rng, const uint8_t public_key[HELLO_KEY],
	const uint8_t nonce[HELLO_NONCE], uint8_t to[HELLO_SENT_MAX]);

/* Bytes of the whole hello that begins with this byte. */
size_t hello_client_size(uint8_t first);
size_t hello_server_size(uint8_t first);

/* What has arrived so far: bytes of the hello at its start once it is complete, 0 while more is
 * needed (then nothing is written). No byte string is malformed; whether the key is any good is
 * for secure_shared() to say. Bytes behind the hello belong to the first frame. */
size_t hello_client_parse(struct slice arrived, uint8_t public_key[HELLO_KEY]);
size_t hello_server_parse(
	struct slice arrived, uint8_t public_key[HELLO_KEY], uint8_t nonce[HELLO_NONCE]);

#endif
