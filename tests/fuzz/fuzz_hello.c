/* Any bytes as a hello of either side, one byte more at a time: complete exactly when it was
 * announced, and then the end of it is the key and the nonce. */
#include "p2p/hello.h"
#include "tests/fuzz/fuzz.h"

/* The first n bytes in memory of their own, so that a read beyond them is noticed. */
static void play(const uint8_t *data, size_t n)
{
	uint8_t key[HELLO_KEY], nonce[HELLO_NONCE], *arrived = mem_alloc(n);
	size_t client = 0, server = 0;

	if (n) {
		memcpy(arrived, data, n);
		client = hello_client_size(data[0]);
		server = hello_server_size(data[0]);
	}
	size_t got = hello_client_parse(slice_of(arrived, n), key);
	must(got == (client <= n ? client : 0) && client <= HELLO_CLIENT_MAX);
	must(!got || memcmp(key, data + got - HELLO_KEY, HELLO_KEY) == 0);
	got = hello_server_parse(slice_of(arrived, n), key, nonce);
	must(got == (server <= n ? server : 0) && server <= HELLO_SERVER_MAX);
	must(!got || memcmp(nonce, data + got - HELLO_NONCE, HELLO_NONCE) == 0);
	must(!got || memcmp(key, data + got - HELLO_NONCE - HELLO_KEY, HELLO_KEY) == 0);
	mem_free(arrived);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t n = 0; n <= size && n <= HELLO_SERVER_MAX + 2; n++)
		play(data, n);
	must(mem_blocks() == 0);
	return 0;
}
