/* Role: builds and parses the two hellos that exchange keys (protocol.md 6.1, 6.2).
 * Before and after: p2p/key_exchange.c. */
#include "p2p/hello.h"

#include <string.h>

enum {
	GARBAGE_MASK = 0x0a,
	CLIENT_FIXED = 1 + HELLO_KEY,
	SERVER_FIXED = CLIENT_FIXED + HELLO_NONCE
};

/* Writes the first byte and the random padding ("garbage") of a hello whose other parts take
 * `fixed` bytes. Returns the offset at which the key goes. */
static size_t build_garbage(const struct rng *rng, size_t fixed, uint8_t *to)
{
	size_t total = HELLO_SENT_MIN + rng_below(rng, HELLO_SENT_MAX - HELLO_SENT_MIN + 1);
	size_t garbage = total - fixed;

	to[0] = (uint8_t)(garbage ^ GARBAGE_MASK);
	rng_fill(rng, to + 1, garbage);
	return 1 + garbage;
}

size_t hello_client_build(
	const struct rng *rng, const uint8_t public_key[HELLO_KEY], uint8_t to[HELLO_SENT_MAX])
{
	size_t n = build_garbage(rng, CLIENT_FIXED, to);

	memcpy(to + n, public_key, HELLO_KEY);
	return n + HELLO_KEY;
}

size_t hello_server_build(const struct rng *rng, const uint8_t public_key[HELLO_KEY],
	const uint8_t nonce[HELLO_NONCE], uint8_t to[HELLO_SENT_MAX])
{
	size_t n = build_garbage(rng, SERVER_FIXED, to);

	memcpy(to + n, public_key, HELLO_KEY);
	memcpy(to + n + HELLO_KEY, nonce, HELLO_NONCE);
	return n + HELLO_KEY + HELLO_NONCE;
}

size_t hello_client_size(uint8_t first)
{
	return CLIENT_FIXED + (size_t)(first ^ GARBAGE_MASK);
}

size_t hello_server_size(uint8_t first)
{
	return SERVER_FIXED + (size_t)(first ^ GARBAGE_MASK);
}

size_t hello_client_parse(struct slice arrived, uint8_t public_key[HELLO_KEY])
{
	if (arrived.n == 0 || arrived.n < hello_client_size(arrived.p[0]))
		return 0;
	size_t size = hello_client_size(arrived.p[0]);
	memcpy(public_key, arrived.p + size - HELLO_KEY, HELLO_KEY);
	return size;
}

size_t hello_server_parse(
	struct slice arrived, uint8_t public_key[HELLO_KEY], uint8_t nonce[HELLO_NONCE])
{
	if (arrived.n == 0 || arrived.n < hello_server_size(arrived.p[0]))
		return 0;
	size_t size = hello_server_size(arrived.p[0]);
	memcpy(public_key, arrived.p + size - HELLO_NONCE - HELLO_KEY, HELLO_KEY);
	memcpy(nonce, arrived.p + size - HELLO_NONCE, HELLO_NONCE);
	return size;
}
