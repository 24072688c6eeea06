/* Role: key pairs, the shared key, and the encryption of frames, by libsodium (protocol.md 6.3,
 * 6.4).
 * Before and after: p2p/key_exchange.c for keys, p2p/peer.c for frames. */
#include "p2p/secure.h"

#include <sodium.h>

#include "p2p/frame.h"

bool secure_init(void)
{
	return sodium_init() >= 0;
}

void secure_public(const uint8_t secret[SECURE_KEY], uint8_t public_key[SECURE_KEY])
{
	crypto_scalarmult_base(public_key, secret);
}

void secure_keypair(
	const struct rng *rng, uint8_t secret[SECURE_KEY], uint8_t public_key[SECURE_KEY])
{
	rng_fill(rng, secret, SECURE_KEY);
	secure_public(secret, public_key);
}

bool secure_shared(const uint8_t secret[SECURE_KEY], const uint8_t peer_public[SECURE_KEY],
	uint8_t shared[SECURE_KEY])
{
	return crypto_scalarmult(shared, secret, peer_public) == 0 &&
	       !sodium_is_zero(shared, SECURE_KEY);
}

bool secure_seal(const struct secure *s, struct slice plain, struct wr *out)
{
	size_t body = plain.n + SECURE_TAG;

	if (plain.n == 0 || plain.n > FRAME_BODY_MAX - SECURE_TAG || out->bad ||
		FRAME_HEAD + body > out->size - out->n)
		return false;
	uint8_t *to = out->p + out->n;
	frame_head(body, to);
	crypto_aead_chacha20poly1305_ietf_encrypt(
		to + FRAME_HEAD, NULL, plain.p, plain.n, NULL, 0, NULL, s->nonce, s->key);
	out->n += FRAME_HEAD + body;
	return true;
}

bool secure_open(const struct secure *s, uint8_t *body, size_t n, struct slice *plain)
{
	*plain = slice_of(NULL, 0);
	if (n < SECURE_TAG || crypto_aead_chacha20poly1305_ietf_decrypt(
				      body, NULL, NULL, body, n, NULL, 0, s->nonce, s->key) != 0)
		return false;
	*plain = slice_of(body, n - SECURE_TAG);
	return true;
}
