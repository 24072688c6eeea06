/* Session keys and sealing (protocol.md 6.3, 6.4): X25519, then ChaCha20-Poly1305 with one key and
 * one nonce for everything. By the protocol's design that is obfuscation, not secrecy (12.1).
 * Before: p2p/hello.c carried keys and nonce, p2p/frame.c cut the frame. After: p2p/wire.c. */
#ifndef P2P_SECURE_H
#define P2P_SECURE_H

#include "base/cursor.h"
#include "base/rng.h"

enum { SECURE_KEY = 32, SECURE_NONCE = 12, SECURE_TAG = 16 };

struct secure {
	uint8_t key[SECURE_KEY];     /* the X25519 shared secret, as it is */
	uint8_t nonce[SECURE_NONCE]; /* the server's choice */
};

/* Call once before the rest, on one thread; lets libsodium choose its fastest code. False when it
 * cannot start. */
bool secure_init(void);

/* A fresh pair of keys for one connection; its public half alone. The caller wipes the secret. */
void secure_keypair(
	const struct rng *rng, uint8_t secret[SECURE_KEY], uint8_t public_key[SECURE_KEY]);
void secure_public(const uint8_t secret[SECURE_KEY], uint8_t public_key[SECURE_KEY]);

/* The key of the session (6.3). False for keys of low order, whose shared secret would be all
 * zeros: close. */
bool secure_shared(const uint8_t secret[SECURE_KEY], const uint8_t peer_public[SECURE_KEY],
	uint8_t shared[SECURE_KEY]);

/* Appends the whole frame of this message: length, ciphertext, tag. False, with nothing written,
 * when the message is empty or longer than a frame carries, or when it does not fit. `plain` must
 * not overlap the writer's buffer. */
bool secure_seal(const struct secure *s, struct slice plain, struct wr *out);

/* Opens the n bytes of a frame's body in place (6.4); *plain borrows them. False when the tag is
 * wrong: the content of `body` is undefined then. */
bool secure_open(const struct secure *s, uint8_t *body, size_t n, struct slice *plain);

#endif
