/* What `block sign` tests of a block before it asks a key: each fault, with the work done anew. */
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "chain/hash_scratch.h"
#include "cli/block_words.h"
#include "tests/unit/main.h"

#define DATA "{\"encrypted\":\"\",\"zone\":\"ygg\"}"

/* A whole block, with room for what its slices point to. */
static struct {
	struct block_words w;
	struct block b;
	struct chain_params params;
	uint8_t origin[HASH_SIZE], prev[HASH_SIZE], hash[HASH_SIZE];
	uint8_t signing[KEY_SIZE], encryption[KEY_SIZE], identity[HASH_SIZE],
		confirmation[HASH_SIZE];
	const char *data;
} t;

static void name_is(const char *name)
{
	crypto_identity(slice_str(name), slice_of(t.signing, KEY_SIZE), t.identity, t.confirmation);
	t.w.name_size = strlen(name);
	memcpy(t.w.name, name, t.w.name_size);
}

static void begin(void)
{
	static const uint8_t seed[32] = {1}, scalar[32] = {5};

	memset(&t, 0, sizeof t);
	t.params = params_mainnet;
	t.params.domain_difficulty = 0;
	t.params.has_origin = true;
	crypto_public(seed, t.signing);
	ecies_public(scalar, t.encryption);
	memcpy(t.w.pub.signing, t.signing, KEY_SIZE);
	memcpy(t.w.pub.encryption, t.encryption, KEY_SIZE);
	memset(t.prev, 7, HASH_SIZE);
	memset(t.origin, 9, HASH_SIZE);
	memcpy(t.params.origin, t.origin, HASH_SIZE);
	t.b = (struct block){.index = 2, .version = CHAIN_VERSION, .full = true};
	t.b.prev_hash = slice_of(t.prev, HASH_SIZE);
	t.b.pub_key = slice_of(t.signing, KEY_SIZE);
	t.b.hash = slice_of(t.hash, HASH_SIZE);
	t.b.tx = (struct transaction){.class_name = slice_str("domain"),
		.identity = slice_of(t.identity, HASH_SIZE),
		.confirmation = slice_of(t.confirmation, HASH_SIZE),
		.signing = slice_of(t.signing, KEY_SIZE),
		.encryption = slice_of(t.encryption, KEY_SIZE),
		.data = slice_str(DATA)};
	t.w.b = &t.b;
	t.w.params = &t.params;
	t.w.origin = t.origin;
	name_is("example.ygg");
}

static void work(void)
{
	static uint8_t preimage[PREIMAGE_MAX];
	size_t size = blakeout_scratch_size(1, 0);
	struct wr in = wr_of(preimage, sizeof preimage);
	uint8_t hash[1][BLAKEOUT_SIZE], *scratch = mem_alloc(size + 64);

	block_preimage(&t.b, PREIMAGE_HASH, &in);
	struct slice bytes = wr_done(&in);
	blakeout_lanes(&bytes, 1, hash, scratch + 64 - (uintptr_t)scratch % 64, size);
	memcpy(t.hash, hash[0], HASH_SIZE);
	mem_free(scratch);
}

/* The fault of the block as it is now, with its work; NULL = none. */
static void expect(const char *words)
{
	if (t.b.hash.n)
		work();
	const char *why = block_words_fault(&t.w);
	if (!words)
		assert_null(why);
	else if (!why || !strstr(why, words))
		fail_msg("\"%s\" has not \"%s\"", why ? why : "", words);
}

static void test_good(void **state)
{
	(void)state;
	begin();
	expect(NULL);
	t.w.name_size = 0; /* nobody here can read it */
	expect(NULL);
	begin();
	t.params.has_origin = false;
	t.origin[0] ^= 1;
	expect(NULL);
}

static void test_form(void **state)
{
	(void)state;
	begin();
	t.b.version++;
	expect("of another version");
	begin();
	t.b.index = 1;
	expect("no index, hash, author");
	begin();
	t.b.hash.n = 0;
	expect("no index, hash, author");
	begin();
	t.b.pub_key.n = 31;
	expect("no index, hash, author");
	begin();
	t.b.prev_hash.n = 0;
	expect("no index, hash, author");
	begin();
	t.b.full = false;
	expect("it has no name");
	begin();
	t.b.tx.class_name = slice_str("origin");
	expect("it has no name");
	begin();
	t.origin[31] ^= 1;
	expect("for another network");
}

static void test_owner(void **state)
{
	(void)state;
	begin();
	t.b.tx.identity.n = 0;
	expect("no identity or confirmation");
	begin();
	t.b.tx.confirmation.n = 16;
	expect("no identity or confirmation");
	begin();
	t.b.tx.signing.n = 0;
	expect("it has no owner");
	begin();
	t.b.tx.encryption.n = 0;
	expect("it has no owner");
	begin();
	memset(t.encryption, 0, KEY_SIZE);
	t.encryption[0] = 1; /* of small order */
	expect("keys are nobody's");
}

static void test_data(void **state)
{
	(void)state;
	begin();
	t.b.tx.data = slice_str("{");
	expect("cannot be read");
	begin();
	t.b.tx.data = slice_str(
		"{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[{\"type\":\"A\",\"domain\":"
		"\"@\",\"ttl\":60,\"addr\":\"1.2.3.4\"}]}");
	expect("an address that its zone does not allow");
}

static void test_work(void **state)
{
	(void)state;
	begin();
	t.b.difficulty = 200;
	expect("fewer zero bits");
	begin();
	t.params.domain_difficulty = 60;
	expect("less than this network ever asks for");
	begin();
	work();
	t.b.nonce++;
	const char *why = block_words_fault(&t.w);
	assert_non_null(why);
	assert_non_null(strstr(why, "not the one of its content"));
}

/* The name that the owner reads, and the one of the block. */
static void test_name(void **state)
{
	(void)state;
	begin();
	t.identity[5] ^= 1;
	expect("not the one that it is for");
	begin();
	t.confirmation[5] ^= 1;
	expect("not the one that it is for");
	begin();
	name_is("a--b.ygg");
	expect("none that the network allows");
	begin();
	name_is("example.nozone");
	expect("none that the network allows");
}

/* Encrypted for the key alone whose name it is. */
static void test_cipher(void **state)
{
	uint8_t cipher[BLOCK_WORDS_CIPHER];
	(void)state;

	begin();
	t.b.tx.data = slice_str("{\"encrypted\":\"0AFF\",\"zone\":\"ygg\"}");
	struct slice s = block_words_cipher(&t.w, cipher);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.p[1], 0xFF);
	t.w.pub.encryption[0] ^= 1;
	assert_int_equal(block_words_cipher(&t.w, cipher).n, 0);
	t.w.pub.encryption[0] ^= 1;
	t.b.tx.data = slice_str("{");
	assert_int_equal(block_words_cipher(&t.w, cipher).n, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_cipher),
	};

	choose_tests(argc, argv);
	return crypto_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
