/* A secret, and any bytes: with its first byte odd as something sealed for it, else as a key file.
 * A file that is taken, written plainly, is taken as the same; opening reads and writes no byte too
 * many. */
#include "base/hex.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "chain/keyfile.h"
#include "tests/fuzz/fuzz.h"

enum { SECRET = 32, LONGEST = 8192 };

static size_t write_plainly(const struct key_pair *k, char *to, size_t size)
{
	char hex[4][2 * SECRET + 1];

	hex_upper(slice_of(k->signing_public, SECRET), hex[0]);
	hex_upper(slice_of(k->signing_secret, SECRET), hex[1]);
	hex_upper(slice_of(k->encryption_public, SECRET), hex[2]);
	hex_upper(slice_of(k->encryption_secret, SECRET), hex[3]);
	return (size_t)snprintf(to, size,
		"encrypted = false\n[signing]\npublic = \"%s\"\nsecret = \"%s\"\n"
		"[encryption]\npublic = \"%s\"\nsecret = \"%s\"\n",
		hex[0], hex[1], hex[2], hex[3]);
}

static void play_file(struct slice text)
{
	struct key_pair k, again;
	uint8_t derived[SECRET];
	char plain[1024];

	if (keyfile_parse(text, &k) != ERR_OK)
		return;
	crypto_public(k.signing_secret, derived);
	must(memcmp(derived, k.signing_public, SECRET) == 0);
	must(ecies_is_point(k.encryption_public));
	size_t n = write_plainly(&k, plain, sizeof plain);
	must(n < sizeof plain && keyfile_parse(slice_of(plain, n), &again) == ERR_OK);
	must(memcmp(&k, &again, sizeof k) == 0);
}

static void play_sealed(const uint8_t secret[SECRET], struct slice sealed)
{
	uint8_t *to = mem_alloc(sealed.n), key[SECRET];
	size_t n;

	ecies_public(secret, key);
	must(ecies_is_point(key));
	if (ecies_decrypt(secret, sealed, to, &n))
		must(n + ECIES_OVERHEAD == sealed.n);
	else
		must(n == 0);
	mem_free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(slice_of(data, size));
	uint8_t secret[SECRET];

	if (size > LONGEST || !crypto_init())
		return 0;
	rd_copy(&r, secret, sizeof secret);
	uint8_t *rest = own_copy(r.p, r.left);
	if (secret[0] & 1)
		play_sealed(secret, slice_of(rest, r.left));
	else
		play_file(slice_of(rest, r.left));
	mem_free(rest);
	must(mem_blocks() == 0);
	return 0;
}
