/* Role: seals secrets by a passphrase and opens them: argon2id, then XChaCha20-Poly1305.
 * Before: owner/keys_job.c. After: libsodium; the text is owner/key_file.c's. */
#include <sodium.h>

#include "chain/crypto.h"
#include "owner/keys.h"

enum {
	KIB = 1024,
	PASSES_MEASURED = 3, /* what libsodium asks for at least differs; this all versions take */
	PASSES_ENOUGH = 400,
	STACK = 8192,            /* bytes; deeper than what has a secret in its hands */
	MEMORY_TWO = 19 * KIB,   /* KiB from which two passes are allowed, */
	MEMORY_THREE = 12 * KIB, /* three, and five below */
};

_Static_assert(
	sizeof(struct key_secrets) + crypto_aead_xchacha20poly1305_ietf_ABYTES == KEY_SEALED_SIZE &&
		crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == KEY_NONCE_SIZE &&
		crypto_pwhash_SALTBYTES == KEY_SALT_SIZE,
	"sizes of a sealed file");

void *key_memory_new(size_t size)
{
	void *p = sodium_malloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

void key_memory_free(void *p)
{
	sodium_free(p);
}

void key_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void key_wipe_stack(void)
{
	sodium_stackzero(STACK);
}

enum err seal_key_derive(struct slice passphrase, struct seal_key *out)
{
	int bad = crypto_pwhash(out->key, sizeof out->key, (const char *)passphrase.p, passphrase.n,
		out->salt, out->cost.passes, (size_t)out->cost.memory * KIB,
		crypto_pwhash_ALG_ARGON2ID13);

	return bad ? ERR_NOMEM : ERR_OK;
}

enum err seal_key_new(
	struct slice passphrase, struct key_cost cost, const struct rng *rng, struct seal_key *out)
{
	rng_fill(rng, out->salt, sizeof out->salt);
	out->cost = cost;
	return seal_key_derive(passphrase, out);
}

static uint32_t least_passes(uint32_t memory)
{
	return memory >= MEMORY_TWO ? 2 : memory >= MEMORY_THREE ? 3 : 5;
}

enum err key_cost_measure(
	uint32_t memory, unsigned ms, const struct clock *clock, struct key_cost *out)
{
	struct seal_key k = {.cost = {memory, PASSES_MEASURED}};
	uint64_t began = clock_mono(clock), least = least_passes(memory);
	enum err err = seal_key_derive(slice_str("as long as any"), &k);
	uint64_t took = clock_mono(clock) - began;
	uint64_t passes = (uint64_t)PASSES_MEASURED * ms / (took ? took : 1);

	if (passes > PASSES_ENOUGH)
		passes = PASSES_ENOUGH;
	*out = (struct key_cost){memory, (uint32_t)(passes > least ? passes : least)};
	return err;
}

/* What the seal is bound to. */
static struct slice bound_to(const struct key_file *f, uint8_t space[KEY_FILE_MAX])
{
	struct wr w = wr_of(space, KEY_FILE_MAX);

	key_file_encode_public(f, &w);
	return wr_done(&w);
}

void key_seal(const struct key_public *pub, const struct key_secrets *secrets,
	const struct seal_key *by, const struct rng *rng, struct key_file *out)
{
	uint8_t space[KEY_FILE_MAX];

	*out = (struct key_file){.pub = *pub, .cost = by->cost};
	memcpy(out->salt, by->salt, sizeof out->salt);
	rng_fill(rng, out->nonce, sizeof out->nonce);
	struct slice public_lines = bound_to(out, space);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out->sealed, NULL, (const uint8_t *)secrets,
		sizeof *secrets, public_lines.p, public_lines.n, NULL, out->nonce, by->key);
}

bool key_unseal(const struct key_file *f, const struct seal_key *by, struct key_secrets *out)
{
	uint8_t space[KEY_FILE_MAX], derived[sizeof f->pub.signing];
	struct slice public_lines = bound_to(f, space);

	if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)out, NULL, NULL, f->sealed,
		    sizeof f->sealed, public_lines.p, public_lines.n, f->nonce, by->key) != 0) {
		key_wipe(out, sizeof *out);
		return false;
	}
	crypto_public(out->signing, derived);
	return memcmp(derived, f->pub.signing, sizeof derived) == 0;
}

enum keys_said key_open(const struct key_file *f, struct slice passphrase, struct key_secrets *out)
{
	struct seal_key *k = key_memory_new(sizeof *k);
	enum keys_said said = KEYS_NO_MEMORY;

	if (!k)
		return said;
	k->cost = f->cost;
	memcpy(k->salt, f->salt, sizeof k->salt);
	if (seal_key_derive(passphrase, k) == ERR_OK)
		said = key_unseal(f, k, out) ? KEYS_DONE : KEYS_WRONG_PASSPHRASE;
	key_memory_free(k);
	return said;
}
