/* Session keys and the encryption of frames (protocol.md 6.3, 6.4): X25519, then ChaCha20-Poly1305
 * with one key and one nonce for all frames of both sides. Because the protocol reuses the nonce,
 * this hides the content from a casual look only; it gives no secrecy (12.1).
 * Before: p2p/hello.c has keys and nonce, p2p/frame.c the length of a frame. After: p2p/wire.c. */
#ifndef P2P_SECURE_H
#define P2P_SECURE_H

#include "base/cursor.h"
#include "base/rng.h"

enum { SECURE_KEY = 32, SECURE_NONCE = 12, SECURE_TAG = 16 };

struct secure {
	uint8_t key[SECURE_KEY];     /* the X25519 shared secret itself, not a hash of it */
	uint8_t nonce[SECURE_NONCE]; /* chosen by the side that was dialled */
};

/* Initialises libsodium, which chooses its fastest code for this machine. Call it once, before the
 * other functions and before other threads start. False when libsodium cannot start. */
bool secure_init(void);

/* Makes a fresh pair of keys for one connection; or the public key of a secret one. The caller
 * wipes the secret when it is no longer needed. */
void secure_keypair(
	const struct rng *rng, uint8_t secret[SECURE_KEY], uint8_t public_key[SECURE_KEY]);
void secure_public(const uint8_t secret[SECURE_KEY], uint8_t public_key[SECURE_KEY]);

/* Computes the key of the session (6.3). False for a public key of low order, with which the shared
 * secret would be all zeros, so known to everybody: the caller closes the connection. */
bool secure_shared(const uint8_t secret[SECURE_KEY], const uint8_t peer_public[SECURE_KEY],
	uint8_t shared[SECURE_KEY]);

/* Encrypts a message and appends the whole frame (6.4): length, ciphertext, tag. False, with
 * nothing appended, when the message is empty, longer than a frame can carry, or does not fit.
 * `plain` must not overlap the writer's buffer. */
bool secure_seal(const struct secure *s, struct slice plain, struct wr *out);

/* Decrypts the body of a frame, n bytes, in place (6.4); *plain is part of `body`, without the tag.
 * False when the tag is wrong or missing; the content of `body` is then undefined. */
bool secure_open(const struct secure *s, uint8_t *body, size_t n, struct slice *plain);

#endif
