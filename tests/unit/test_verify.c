/* Signatures by the plain equation, and the checkers: facts of good and broken blocks, batches,
 * stopping in the middle, no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <semaphore.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/blakeout.h"
#include "chain/crypto.h"
#include "chain/verify.h"

/* ---- signatures ---- */

static void test_signature(void **state)
{
	uint8_t seed[32] = {1, 2, 3}, key[32], signature[64];
	struct slice message = slice_str("science is poetry of reality");
	(void)state;

	crypto_public(seed, key);
	crypto_sign_with(seed, message, signature);
	struct slice k = slice_of(key, 32), s = slice_of(signature, 64);
	assert_true(crypto_verify(k, message, s));
	assert_false(crypto_verify(k, slice_str("something else"), s));
	assert_false(crypto_verify(k, message, slice_of(signature, 63)));
	assert_false(crypto_verify(slice_of(key, 31), message, s));
	signature[40] ^= 1;
	assert_false(crypto_verify(k, message, s));
}

/* protocol.md 9.4: R may be of small order. R = neutral element, s = 0 is a signature under the
 * neutral element as key, for any message; libsodium refuses it. */
static void test_small_order(void **state)
{
	uint8_t neutral[32] = {1}, signature[64] = {1};
	(void)state;

	assert_true(
		crypto_verify(slice_of(neutral, 32), slice_str("any"), slice_of(signature, 64)));
	signature[32] = 1;
	assert_false(
		crypto_verify(slice_of(neutral, 32), slice_str("any"), slice_of(signature, 64)));
}

static void test_identity(void **state)
{
	uint8_t identity[32], confirmation[32], key[32];
	char text[65];
	(void)state;

	for (uint8_t i = 0; i < 32; i++)
		key[i] = i;
	crypto_identity(slice_str("example.ygg"), slice_of(key, 32), identity, confirmation);
	hex_upper(slice_of(identity, 32), text);
	assert_string_equal(
		text, "B74C0055FA7EF5BB4896C20732FD64517E3BBFDDABE6686EEFAE9E7A2C3F1A06");
	hex_upper(slice_of(confirmation, 32), text);
	assert_string_equal(
		text, "0EF1A3ECDFF766CAC5743517CDF0B7C02686D3F9B6872A65322EDCB6BC7D2621");
}

/* ---- the checkers ---- */

/* Self-made blocks: index tells them apart, the hash is true or not. */
struct made {
	struct block b;
	uint8_t hash[32], key[32], signature[64];
};

static void make_block(struct made *m, uint64_t index, bool true_hash, bool true_signature)
{
	uint8_t seed[32] = {9}, text[512], (*words)[32] = mem_alloc(65536 * 32);
	struct wr w = wr_of(text, sizeof text);

	crypto_public(seed, m->key);
	m->b = (struct block){.index = index, .version = 1, .timestamp = 5};
	m->b.pub_key = slice_of(m->key, 32);
	block_preimage(&m->b, PREIMAGE_HASH, &w);
	blakeout_scalar(wr_done(&w), m->hash, words);
	m->hash[31] ^= !true_hash;
	m->b.hash = slice_of(m->hash, 32);
	w = wr_of(text, sizeof text);
	block_preimage(&m->b, PREIMAGE_SIGNATURE, &w);
	crypto_sign_with(seed, wr_done(&w), m->signature);
	m->signature[5] ^= !true_signature;
	m->b.signature = slice_of(m->signature, 64);
	mem_free(words);
}

static void test_now(void **state)
{
	enum { N = 20 }; /* more than one batch, with strengths */
	static struct made made[N];
	const struct block *blocks[N];
	struct block_facts facts[N];
	bool strength[N];
	(void)state;

	for (int i = 0; i < N; i++) {
		make_block(&made[i], (uint64_t)i + 1, i != 3, i != 17);
		blocks[i] = &made[i].b;
		strength[i] = i % 2 == 0;
	}
	assert_int_equal(verify_now(blocks, facts, strength, N, 0), ERR_OK);
	for (int i = 0; i < N; i++) {
		assert_int_equal(facts[i].hash_ok, i != 3);
		assert_int_equal(facts[i].signature_ok, i != 3 && i != 17);
		assert_int_equal(facts[i].key_strength, i % 2 == 0 ? facts[0].key_strength : -1);
	}
	assert_true(facts[0].key_strength >= 0);
}

static void wake(void *ctx)
{
	sem_post(ctx);
}

struct pool_test {
	sem_t woken;
	struct bound scratch, queue;
	struct verify_pool *pool;
};

static void pool_begin(struct pool_test *t, unsigned threads)
{
	*t = (struct pool_test){.scratch = {.name = "scratch", .max = 1 << 20},
		.queue = {.name = "queue", .max = 40}};
	sem_init(&t->woken, 0, 0);
	struct verify_settings s = {.threads = threads,
		.scratch_bytes = 1 << 20,
		.scratch = &t->scratch,
		.queue = &t->queue,
		.wake = wake,
		.ctx = &t->woken};
	t->pool = verify_start(&s);
	assert_non_null(t->pool);
}

static struct verify_job *take(struct pool_test *t)
{
	struct verify_job *job;

	while (!(job = verify_take(t->pool)))
		sem_wait(&t->woken);
	return job;
}

static void pool_end(struct pool_test *t)
{
	assert_int_equal(verify_pending(t->pool), 0);
	verify_stop(t->pool);
	assert_int_equal(t->queue.used, 0);
	assert_int_equal(t->scratch.used, 0);
	sem_destroy(&t->woken);
}

static void test_pool(void **state)
{
	enum { N = 40 };
	static struct made made[N];
	struct verify_job jobs[N], more = {.block = &made[0].b};
	struct pool_test t;
	(void)state;

	pool_begin(&t, 2);
	for (int i = 0; i < N; i++) {
		make_block(&made[i], (uint64_t)i + 1, i % 7 != 0, true);
		jobs[i] = (struct verify_job){.block = &made[i].b, .facts = {.key_strength = -1}};
		assert_int_equal(verify_submit(t.pool, &jobs[i]), ERR_OK);
	}
	assert_int_equal(verify_submit(t.pool, &more), ERR_FULL);
	for (int i = 0; i < N; i++) {
		struct verify_job *job = take(&t);
		assert_false(job->failed);
		assert_int_equal(job->facts.hash_ok, (job - jobs) % 7 != 0);
		assert_int_equal(job->facts.key_strength, -1);
	}
	assert_null(verify_take(t.pool));
	assert_true(t.scratch.used > 0);
	verify_idle(t.pool);
	verify_idle(t.pool); /* nothing was done since: the scratch goes */
	assert_int_equal(t.scratch.used, 0);
	pool_end(&t);
}

static void test_stop_in_the_middle(void **state)
{
	enum { N = 40 };
	static struct made made;
	struct verify_job jobs[N];
	struct pool_test t;
	unsigned failed = 0;
	(void)state;

	make_block(&made, 1, true, true);
	pool_begin(&t, 1);
	for (int i = 0; i < N; i++) {
		jobs[i] = (struct verify_job){.block = &made.b};
		assert_int_equal(verify_submit(t.pool, &jobs[i]), ERR_OK);
	}
	verify_quiesce(t.pool);
	assert_int_equal(verify_submit(t.pool, &jobs[0]), ERR_STOPPING);
	for (int i = 0; i < N; i++)
		failed += take(&t)->failed;
	assert_true(failed >= N - 2 * BLAKEOUT_LANES);
	pool_end(&t);
}

/* A job that could not be checked says so; it is no verdict on the block. */
static void test_out_of_memory(void **state)
{
	static struct made made;
	struct verify_job job;
	struct pool_test t;
	(void)state;

	make_block(&made, 1, true, true);
	pool_begin(&t, 1);
	for (uint64_t nth = 1; nth <= 3; nth++) {
		job = (struct verify_job){.block = &made.b};
		mem_fail_nth(nth);
		assert_int_equal(verify_submit(t.pool, &job), ERR_OK);
		assert_ptr_equal(take(&t), &job);
		assert_true(job.failed != job.facts.hash_ok);
		mem_fail_nth(0);
		verify_idle(t.pool);
		verify_idle(t.pool);
	}
	pool_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_small_order),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_stop_in_the_middle),
		cmocka_unit_test(test_out_of_memory),
	};
	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
