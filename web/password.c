/* Hashes and compares passwords. Before: web/login.c, and the command web-password. After:
 * libsodium. */
#include "web/password.h"

#include <sodium.h>
#include <string.h>

/* The least that is recommended for argon2id, in the form that takes least memory: the right
 * password must be found among others that wait, and the node is small. */
enum { MEMORY = 7 * 1024 * 1024, PASSES = 5, COMPARED = 256 };

_Static_assert(crypto_pwhash_STRBYTES == PASSWORD_HASH_MAX, "room for a hash");

bool password_is_of(const char *password, const char *hash)
{
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool password_is(const char *password, const char *wanted)
{
	char a[COMPARED] = {0}, b[COMPARED] = {0};

	strncpy(a, password, COMPARED - 1);
	strncpy(b, wanted, COMPARED - 1);
	bool same = sodium_memcmp(a, b, COMPARED) == 0;
	sodium_memzero(a, sizeof a);
	sodium_memzero(b, sizeof b);
	return same;
}

bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX])
{
	return crypto_pwhash_str_alg(hash, password, strlen(password), PASSES, MEMORY,
		       crypto_pwhash_ALG_ARGON2ID13) == 0;
}
