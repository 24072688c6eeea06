/* Role: exchanges keys with the two hellos, over the bytes of one connection (protocol.md 6.1-6.3).
 * Before: p2p/conn.c has bytes. After: p2p/hello.c, p2p/secure.c, then p2p/peer.c with the
 * session's key. */
#include "p2p/key_exchange.h"

#include <sodium.h>

#include "p2p/hello.h"

bool key_exchange_begin(struct key_exchange *h, struct conn *c, const struct rng *rng)
{
	uint8_t public_key[HELLO_KEY], hello[HELLO_SENT_MAX];

	secure_keypair(rng, h->secret, public_key);
	size_t n = hello_client_build(rng, public_key, hello);
	return conn_write(c, hello, n) == SEND_OK;
}

static bool answer(struct key_exchange *h, struct conn *c, const struct rng *rng, uint8_t *nonce)
{
	uint8_t public_key[HELLO_KEY], hello[HELLO_SENT_MAX];

	secure_keypair(rng, h->secret, public_key);
	rng_fill(rng, nonce, HELLO_NONCE);
	size_t n = hello_server_build(rng, public_key, nonce, hello);
	return conn_write(c, hello, n) == SEND_OK;
}

enum key_exchange_result key_exchange_read(
	struct key_exchange *h, struct conn *c, const struct rng *rng, struct secure *session)
{
	uint8_t bytes[HELLO_SERVER_MAX], key[HELLO_KEY];
	size_t n = conn_input(c) < sizeof bytes ? conn_input(c) : sizeof bytes;
	bool good = true;

	conn_peek(c, bytes, n);
	struct slice arrived = slice_of(bytes, n);
	size_t size = c->outbound ? hello_server_parse(arrived, key, session->nonce)
				  : hello_client_parse(arrived, key);
	if (size == 0)
		return KEY_EXCHANGE_MORE;
	conn_take(c, bytes, size);
	if (!c->outbound)
		good = answer(h, c, rng, session->nonce);
	good = good && secure_shared(h->secret, key, session->key);
	sodium_memzero(h->secret, sizeof h->secret);
	return good ? KEY_EXCHANGE_DONE : KEY_EXCHANGE_BAD;
}
